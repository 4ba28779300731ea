"""Feature files: probed by their header, read whole, with what their formats hide said aloud."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pyogrio
import pyproj
import shapely

from migmap.api import (
    AS_FOUND,
    ColumnInfo,
    Finding,
    Meta,
    Probe,
    Problem,
    Progress,
    Reading,
    Source,
    VectorData,
    no_progress,
)

from ..columns import dtype_word, samples_of
from ..coordinates.positions import find_positions
from ..crsguess import no_crs_finding
from ..crsnames import crs_text
from ..gdalwords import in_plain_words, known_crs
from ..intake import Incoming, crs_stated, meta_of_frame, plain_values, taken_in, without_blanks
from ..meta import geojson_member, merged, stated_by, tagged, with_sidecar
from ..place import Place
from ..values.celltypes import values_from_text
from ..values.personal import without_personal
from . import geojson, kml
from .features import (
    JSON_ENDINGS,
    Features,
    audited,
    features_of,
    mended,
    mixed_shapes,
    torn_apart,
    unreadable,
)
from .layers import COUNTED_BYTES, Layer, chosen, geometry_word, what_it_should_be
from .parquet import Table, is_parquet, read_parquet
from .sources import Ready, made_ready
from .topojson import Head as TopologyHead
from .topojson import head_of as topology_head
from .topojson import is_topology, read_topology

_PROBE_ROWS = 1_000
_HEAD_BYTES = 2 << 20
_LONLAT = pyproj.CRS.from_epsg(4326)


def read_vector(
    place: Place,
    reading: Reading = AS_FOUND,
    progress: Progress = no_progress,
    limit: int | None = None,
) -> VectorData:
    """All features of one layer; with `limit`, the first ones. See `migmap.io.read.read` for what is
    checked."""
    progress(0.0, f"Reading {place.path.name}")
    if is_topology(place):
        return taken_in(_topology(place), reading)
    if is_parquet(place):
        return taken_in(_parquet(place, reading, limit)[0], reading)
    short = limit is not None
    with made_ready(place) as ready:
        if limit is not None:
            ready, _, limit = _head(ready, limit)
        try:
            layer = chosen(ready, strict=True)
            found = features_of(ready, layer, limit)
        except Problem as problem:
            ready, layer, said = mended(ready, problem, strict=True)
            found = features_of(ready, layer, limit)
            found.findings += said
        progress(0.6, f"Checking {place.path.name}")
        if not short:
            found = audited(ready, layer, found)
    if len(found.frame) == 0 and layer.driver in ("LIBKML", "KML"):
        kml.refuse_links_only(place)
    findings = [*ready.findings, *found.findings]
    if layer.unread or ready.rasters:
        findings.append(_not_read(place, layer, ready))
    crs, said_of_crs = _crs(place, layer, found.geometry)
    geometry, torn = torn_apart(place.called, crs, found.geometry, found.numbers)
    mixed = mixed_shapes(place.called, geometry)
    findings += [*said_of_crs, *(f for f in (torn, mixed, _curves(place, layer)) if f is not None)]
    progress(0.8, f"Checking {place.path.name}")
    meta, notes = _meta(place, layer)
    incoming = Incoming(
        frame=found.frame,
        geometry=geometry,
        crs=crs,
        row_numbers=found.numbers,
        name=_name(place, layer),
        source=Source(str(place.path), place.reference.part, layer.driver),
        title=place.title,
        called=place.called,
        path=place.path,
        findings=(*findings, *notes),
        meta=meta,
        aside=found.aside,
    )
    if geometry_word(layer.info["geometry_type"]) == "none" and shapely.is_missing(geometry).all():
        incoming = _located(incoming, reading)
    data = taken_in(incoming, reading)
    progress(1.0, f"Read {place.path.name}")
    return data


def probe_vector(place: Place, reading: Reading = AS_FOUND) -> Probe:
    """What the header and the first 1,000 features say."""
    if is_topology(place):
        return _probe_topology(place, reading.crs)
    if is_parquet(place):
        incoming, total = _parquet(place, reading, _PROBE_ROWS)
        return _probe_incoming(place, incoming, total, reading.crs)
    with made_ready(place) as ready:
        head, count, limit = _head(ready, _PROBE_ROWS)
        try:
            layer = chosen(head, strict=False)
            found = features_of(head, layer, limit)
        except Problem as problem:
            head, layer, said = mended(ready, problem, strict=False)
            found = features_of(head, layer, _PROBE_ROWS)
            found.findings += said
            count = int(layer.info["features"])
        in_file = layer if head.source is ready.source else None
    return _probe(place, ready, layer, found, count, in_file, reading)


def _probe(
    place: Place,
    ready: Ready,
    layer: Layer,
    found: Features,
    count: int | None,
    in_file: Layer | None,
    reading: Reading,
) -> Probe:
    """in_file: the layer where the header of the whole file was seen, None where only its first features
    were."""
    geometry, _ = without_blanks(found.geometry)
    numbers = np.arange(1, len(found.frame) + 1)
    kept, personal = without_personal(found.frame, reading)
    kept, converted = values_from_text(kept, numbers, reading)
    meta, notes = _meta(place, layer)
    meta, more = with_sidecar(meta_of_frame(meta, found.frame), place.path)
    crs, said_of_crs = _crs(place, layer, found.geometry)
    findings = [*ready.findings, *found.findings, *_several(place, layer), *personal, *converted]
    findings += [*notes, *more, *said_of_crs]
    if in_file is not None and count is None:
        count = int(layer.info["features"])
    if count == 0:
        findings.append(Finding("empty-layer", "error", f"{place.called} has no rows.", count=0))
    word = geometry_word(layer.info["geometry_type"])
    if word == "mixed":
        word = _seen_geometry(geometry)
    if word == "none":
        crs = None
    elif crs is None and reading.crs:
        crs = known_crs(reading.crs)
        findings.append(crs_stated(place.called, crs))
    elif crs is None:
        findings.append(no_crs_finding(place.called, _extent(geometry), found.frame))
    bounds = _bounds(ready, layer, word) if in_file is not None else None
    if in_file is None and count is not None and count == len(found.frame):
        bounds = _extent(geometry)
    return Probe(
        source=Source(str(place.path), place.reference.part, layer.driver),
        name=_name(place, layer),
        driver=layer.driver,
        geometry=word,
        layers=place.others or layer.names,
        only=_only(place, layer),
        crs=crs_text(crs),
        rows=count if count is not None and count >= 0 else None,
        columns=_columns(kept),
        bounds=bounds,
        stated=_stated(place, layer),
        meta=meta,
        findings=tuple(findings),
    )


def _head(ready: Ready, most: int) -> tuple[Ready, int | None, int | None]:
    """(what to read the first rows from, rows of the file where counting was part of it, how many rows to
    read): the file itself, or its first features where its format has no header and opening means reading
    it all."""
    place = ready.place
    if place.ending in JSON_ENDINGS:
        head = geojson.head_of(place, most, place.size)
        if head is None:
            return ready, None, most
        # GDAL complains of odd geometries only when it is told to stop early.
        if head.count is not None and head.count <= head.shown and place.size <= _HEAD_BYTES:
            return ready, head.count, None
        return ready.instead(head.text), head.count, None
    if place.ending in ("kml", "kmz") and place.size > _HEAD_BYTES and place.layer is None:
        text = kml.head_of(place, most, _HEAD_BYTES)
        if text is not None:
            return ready.instead(text), kml.count_of(place) if place.size <= COUNTED_BYTES else None, most
    if place.ending == "gml" and place.size > _HEAD_BYTES:
        text = kml.head_of(place, most, _HEAD_BYTES)
        if text is not None:
            return ready.instead(text), None, most
    return ready, None, most


def _curves(place: Place, layer: Layer) -> Finding | None:
    """Said of a layer declared to hold arcs: GDAL gives them as short straight lines."""
    if "curve" not in str(layer.info["geometry_type"]).lower().replace(" ", ""):
        return None
    said = f"{place.called} holds curves; each was read as short straight lines close to it."
    return Finding("curves-straightened", "info", said)


def _not_read(place: Place, layer: Layer, ready: Ready) -> Finding:
    named = ", ".join(f"“{name}”" for name in (*layer.unread, *ready.rasters))
    return Finding(
        "layers-not-read", "info", f"“{layer.name}” was read; {place.path.name} also holds {named}."
    )


def _crs(place: Place, layer: Layer, geometry: np.ndarray) -> tuple[pyproj.CRS | None, tuple[Finding, ...]]:
    """The CRS of a layer. GDAL takes every GeoJSON without one it understands for longitude and latitude."""
    if layer.driver not in ("GeoJSON", "GeoJSONSeq"):
        return layer.crs, ()
    own = geojson.own_crs(place, place.size)
    if own is not None:
        crs, why = own
        # "crs": null is the old way to say nothing; numbers that fit degrees are degrees then.
        if crs is None and not (why.endswith("null)") and _mostly_degrees(geometry)):
            return None, (Finding("crs-unreadable", "warning", f"{place.called} {why}."),)
        same = layer.crs is not None and (
            crs is None
            or crs.equals(layer.crs, ignore_axis_order=True)
            or (crs.is_geographic and layer.crs.is_geographic and "WGS 84" in crs.name)
        )
        return layer.crs if same else crs, ()
    if _mostly_degrees(geometry):
        return layer.crs, ()
    said = (
        f"{place.called} names no coordinate reference system, and its coordinates are no longitudes and "
        "latitudes."
    )
    return None, (Finding("crs-unreadable", "warning", said),)


def _mostly_degrees(geometry: np.ndarray) -> bool:
    """True unless more than half of the shapes lie far beyond any longitude and latitude."""
    box = shapely.bounds(geometry)
    box = box[np.isfinite(box).all(axis=1)]
    beyond = (np.abs(box) > 400).any(axis=1)
    return not len(box) or float(beyond.mean()) <= 0.5


def _located(incoming: Incoming, reading: Reading) -> Incoming:
    """A table of features without shapes, placed by its columns of coordinates where it has such."""
    cells = plain_values(incoming.frame)
    found = find_positions(cells, {}, incoming.row_numbers, reading, incoming.called)
    return replace(
        incoming,
        frame=found.cells,
        geometry=found.geometry,
        crs=found.crs,
        located=found.located,
        examined=True,
        findings=(*incoming.findings, *found.findings),
    )


def _parquet(place: Place, reading: Reading, limit: int | None) -> tuple[Incoming, int]:
    """(a Parquet file ready to be taken in, rows in the whole file)."""
    table: Table = read_parquet(place, limit)
    numbers = np.arange(1, len(table.frame) + 1, dtype=np.int64)
    geometry = table.geometry
    incoming = Incoming(
        frame=table.frame,
        geometry=np.full(len(table.frame), None, dtype=object) if geometry is None else geometry,
        crs=table.crs,
        row_numbers=numbers,
        name=place.member.name if place.member else place.reference.name,
        source=Source(str(place.path), place.reference.part, "Parquet"),
        title=place.title,
        called=place.called,
        path=place.path,
        findings=(unreadable([i + 1 for i in table.unreadable]),) if table.unreadable else (),
    )
    return (incoming if geometry is not None else _located(incoming, reading)), table.total


def _topology(place: Place) -> Incoming:
    """A TopoJSON layer, ready to be taken in."""
    topology = read_topology(place)
    findings: list[Finding] = []
    if topology.broken:
        findings.append(unreadable([index + 1 for index in topology.broken]))
    meta, notes = Meta(), tuple[Finding, ...]()
    if place.member is None:
        meta, notes = merged(Meta(), geojson_member(place.path), place.path.name)
    return Incoming(
        frame=topology.frame,
        geometry=topology.geometry,
        crs=_LONLAT if topology.lonlat else None,
        row_numbers=np.arange(1, len(topology.frame) + 1, dtype=np.int64),
        only=topology.name,
        name=topology.name if topology.names else place.member.name if place.member else place.reference.name,
        source=Source(str(place.path), place.reference.part, "TopoJSON"),
        title=place.title,
        called=place.called,
        path=place.path,
        findings=(*findings, *notes),
        meta=meta,
    )


def _probe_topology(place: Place, stated_crs: str | None) -> Probe:
    """TopoJSON has no header worth the name: a small one is read whole."""
    head = topology_head(place, _PROBE_ROWS)
    if head is not None:
        return _probe_topology_head(place, head, stated_crs)
    incoming = _topology(place)
    return _probe_incoming(place, incoming, len(incoming.frame), stated_crs)


def _probe_topology_head(place: Place, head: TopologyHead, stated_crs: str | None) -> Probe:
    numbers = np.arange(1, len(head.frame) + 1)
    kept, personal = without_personal(head.frame)
    kept, converted = values_from_text(kept, numbers)
    member = geojson_member(place.path) if place.member is None else {}
    meta, notes = merged(Meta(), member, place.path.name)
    meta, more = with_sidecar(meta_of_frame(meta, kept), place.path)
    words = {geometry_word(kind) for kind in head.kinds}
    findings = [*personal, *converted, *notes, *more]
    crs = _LONLAT if head.lonlat else known_crs(stated_crs) if stated_crs else None
    if crs is None:
        findings.append(no_crs_finding(place.called))
    name = place.member.name if place.member else place.reference.name
    return Probe(
        source=Source(str(place.path), place.reference.part, "TopoJSON"),
        name=head.name if head.names else name,
        driver="TopoJSON",
        geometry=words.pop() if len(words) == 1 else "mixed",
        layers=place.others or head.names,
        only="" if place.member else head.name,
        crs=crs_text(crs),
        rows=head.count,
        columns=_columns(kept),
        stated=stated_by(place.path, member),
        meta=meta,
        findings=tuple(findings),
    )


def _probe_incoming(place: Place, incoming: Incoming, total: int, stated_crs: str | None) -> Probe:
    geometry, _ = without_blanks(incoming.geometry)
    kept, personal = without_personal(incoming.frame)
    kept, converted = values_from_text(kept, incoming.row_numbers)
    meta, more = with_sidecar(meta_of_frame(incoming.meta, kept), place.path)
    placed = not shapely.is_missing(geometry).all()
    crs = incoming.crs if placed else None
    if crs is None and placed:
        if stated_crs:
            crs = known_crs(stated_crs)
            more = (*more, crs_stated(place.called, crs))
        else:
            box = _extent(geometry)
            more = (*more, no_crs_finding(place.called, box, incoming.frame))
    whole = total == len(incoming.frame)
    return Probe(
        source=incoming.source,
        name=incoming.name,
        driver=incoming.source.driver,
        geometry=_seen_geometry(geometry) if placed else "none",
        layers=place.others,
        only="" if place.member else incoming.only,
        crs=crs_text(crs),
        rows=total,
        columns=_columns(kept),
        bounds=_extent(geometry) if placed and whole else None,
        stated=stated_by(place.path, geojson_member(place.path) if place.member is None else {}),
        meta=meta,
        findings=(*incoming.findings, *personal, *converted, *more),
    )


def _columns(frame: pd.DataFrame) -> tuple[ColumnInfo, ...]:
    return tuple(ColumnInfo(str(c), dtype_word(frame[c]), samples_of(frame[c])) for c in frame.columns)


def _several(place: Place, layer: Layer) -> tuple[Finding, ...]:
    """Said when nobody chose among several layers."""
    names = place.others or layer.names
    if len(names) < 2 or place.reference.part is not None:
        return ()
    shown = place.member.name if place.others and place.member else layer.name
    message = f"{place.path.name} holds {len(names)} layers; this describes “{shown}”. Name one with ::LAYER."
    return (Finding("several-layers", "info", message, count=len(names)),)


def _bounds(ready: Ready, layer: Layer, word: str) -> tuple[float, float, float, float] | None:
    """The header's box; where blank positions written as 0,0 would stretch it, that of the others."""
    place = ready.place
    box = _box(layer.info["total_bounds"])
    if box is None or word != "point" or not (box[0] <= 0 <= box[2] and box[1] <= 0 <= box[3]):
        return box
    if place.size > COUNTED_BYTES:
        return box
    with in_plain_words(place.title, what_it_should_be(place.ending)):
        west, south, east, north = pyogrio.read_bounds(ready.source, layer=layer.name)[1]
    placed = np.isfinite(west) & ~((west == 0) & (south == 0) & (east == 0) & (north == 0))
    if not placed.any():
        return None
    corners = (west[placed].min(), south[placed].min(), east[placed].max(), north[placed].max())
    return _box(corners)


def _box(bounds: Any) -> tuple[float, float, float, float] | None:
    if bounds is None or not np.isfinite(bounds).all():
        return None
    west, south, east, north = (float(b) for b in bounds)
    return west, south, east, north


def _extent(geometry: np.ndarray) -> tuple[float, float, float, float] | None:
    return _box(shapely.total_bounds(geometry)) if len(geometry) else None


def _seen_geometry(geometry: np.ndarray) -> str:
    kinds = {_DIMENSION[d] for d in np.unique(shapely.get_dimensions(geometry)) if d >= 0}
    collections = (shapely.get_type_id(geometry) == shapely.GeometryType.GEOMETRYCOLLECTION).any()
    if not kinds:
        return "mixed"
    return "mixed" if len(kinds) > 1 or collections else kinds.pop()


_DIMENSION = {0: "point", 1: "line", 2: "polygon"}


def _meta(place: Place, layer: Layer) -> tuple[Meta, tuple[Finding, ...]]:
    if layer.driver in ("GeoJSON", "GeoJSONSeq") and place.member is None:
        return merged(Meta(), geojson_member(place.path), place.path.name)
    return tagged(Meta(), _tags(layer), place.path.name)


def _tags(layer: Layer) -> dict[str, str]:
    return {**(layer.info.get("dataset_metadata") or {}), **(layer.info.get("layer_metadata") or {})}


def _stated(place: Place, layer: Layer) -> dict[str, Any]:
    if layer.driver in ("GeoJSON", "GeoJSONSeq") and place.member is None:
        return stated_by(place.path, geojson_member(place.path))
    return stated_by(place.path, {}, _tags(layer))


def _only(place: Place, layer: Layer) -> str:
    """The name the one layer is asked for by; "" where it is the file's."""
    if place.member is not None:
        return ""
    # A shapefile that was put right elsewhere bears a name of ours there.
    return place.path.stem if place.ending == "shp" else layer.name


def _name(place: Place, layer: Layer) -> str:
    if layer.names:
        return layer.name
    return place.member.name if place.member else place.reference.name
