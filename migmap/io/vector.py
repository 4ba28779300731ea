"""Feature files through GDAL: probed by their header, read whole, with what GDAL hides said aloud."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import pyogrio
import pyogrio.raw
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

from .columns import dtype_word, samples_of
from .encoding import texts_are_utf8
from .gdalwords import in_plain_words, known_crs
from .intake import Incoming, crs_stated, meta_of_frame, some_rows, taken_in, without_blanks, without_personal
from .meta import geojson_member, merged, tagged, with_sidecar
from .numbers import numbers_from_text
from .place import Place
from .raster import STATE_IT, crs_text
from .topojson import is_topology, read_topology
from .wording import counted

_PROBE_ROWS = 1_000
_HIDDEN_LAYERS = frozenset(["layer_styles", "qgis_projects"])
# What the KML driver adds to every placemark, with the values that mean "not set".
_KML_DEFAULTS: dict[str, tuple[object, ...]] = {
    "id": (),
    "timestamp": (),
    "begin": (),
    "end": (),
    "altitudeMode": (),
    "tessellate": (-1, 0),
    "extrude": (-1, 0),
    "visibility": (-1, 1),
    "drawOrder": (),
    "icon": (),
    "snippet": (),
    "description": (),
}
_GPX_ORDER = ("waypoints", "tracks", "routes")
_WHAT = {
    "shp": "a shapefile",
    "gpkg": "a GeoPackage",
    "geojson": "GeoJSON",
    "json": "GeoJSON",
    "kml": "KML",
    "kmz": "KMZ",
    "fgb": "FlatGeobuf",
    "gpx": "GPX",
    "topojson": "TopoJSON",
    "gdb": "a File Geodatabase",
}


@dataclass(frozen=True, slots=True)
class _Layer:
    """One layer of a file, as its header shows it. names: all layers that can be asked for. unread: others
    that hold features too, where one was taken without being named."""

    name: str
    info: dict[str, Any]
    names: tuple[str, ...]
    unread: tuple[str, ...] = ()

    @property
    def driver(self) -> str:
        return str(self.info["driver"])

    @property
    def crs(self) -> pyproj.CRS | None:
        text = self.info["crs"]
        if not text:
            return None
        try:
            found = pyproj.CRS.from_user_input(text)
        except pyproj.exceptions.CRSError:
            return None
        # A local grid without tie to the earth is as good as none.
        return None if found.is_engineering else found


def read_vector(
    place: Place,
    reading: Reading = AS_FOUND,
    progress: Progress = no_progress,
    limit: int | None = None,
) -> VectorData:
    """All features of one layer; with `limit`, the first ones. What is checked: see `read`."""
    progress(0.0, f"Reading {place.path.name}")
    if is_topology(place):
        return taken_in(_topology(place), reading)
    layer = _chosen(place, strict=True)
    frame, geometry, findings = _features(place, layer, limit)
    if layer.unread:
        named = ", ".join(f"“{name}”" for name in layer.unread)
        findings.append(
            Finding(
                "layers-not-read", "info", f"“{layer.name}” was read; {place.path.name} also holds {named}."
            )
        )
    progress(0.8, f"Checking {place.path.name}")
    meta, notes = _meta(place, layer)
    incoming = Incoming(
        frame=frame,
        geometry=geometry,
        crs=layer.crs,
        row_numbers=np.arange(1, len(frame) + 1, dtype=np.int64),
        name=_name(place, layer),
        source=Source(str(place.path), place.reference.part, layer.driver),
        title=place.title,
        called=place.called,
        path=place.path,
        findings=(*findings, *notes),
        meta=meta,
    )
    data = taken_in(incoming, reading)
    progress(1.0, f"Read {place.path.name}")
    return data


def probe_vector(place: Place, reading: Reading = AS_FOUND) -> Probe:
    """What the header and the first 1,000 features say."""
    if is_topology(place):
        return _probe_topology(place, reading.crs)
    layer = _chosen(place, strict=False)
    frame, geometry, findings = _features(place, layer, limit=_PROBE_ROWS)
    geometry, _ = without_blanks(geometry)
    kept, personal = without_personal(frame)
    kept, converted = numbers_from_text(kept, np.arange(1, len(kept) + 1))
    meta, notes = _meta(place, layer)
    meta, more = with_sidecar(meta_of_frame(meta, frame), place.path)
    found = [*findings, *_several(place, layer), *personal, *converted, *notes, *more]
    count = int(layer.info["features"])
    if count == 0:
        found.append(Finding("empty-layer", "error", f"{place.called} has no rows.", count=0))
    word = geometry_word(layer.info["geometry_type"])
    if word == "mixed":
        word = _seen_geometry(geometry)
    crs = layer.crs or (known_crs(reading.crs) if reading.crs and word != "none" else None)
    if crs is None and word != "none":
        found.append(_no_crs(place))
    elif crs is not None and layer.crs is None:
        found.append(crs_stated(place.called, crs))
    return Probe(
        source=Source(str(place.path), place.reference.part, layer.driver),
        name=_name(place, layer),
        driver=layer.driver,
        geometry=word,
        layers=place.others or layer.names,
        crs=crs_text(crs),
        rows=count if count >= 0 else None,
        columns=_columns(kept),
        bounds=_bounds(place, layer, word),
        meta=meta,
        findings=tuple(found),
    )


def _no_crs(place: Place) -> Finding:
    return Finding("no-crs", "warning", f"{place.called} has no coordinate reference system; {STATE_IT}.")


def _topology(place: Place) -> Incoming:
    """A TopoJSON layer, ready to be taken in."""
    topology = read_topology(place)
    findings: list[Finding] = []
    if topology.broken:
        rows = [index + 1 for index in topology.broken]
        findings.append(_unreadable(rows))
    meta, notes = Meta(), tuple[Finding, ...]()
    if place.member is None:
        meta, notes = merged(Meta(), geojson_member(place.path), place.path.name)
    return Incoming(
        frame=topology.frame,
        geometry=topology.geometry,
        crs=pyproj.CRS.from_epsg(4326) if topology.lonlat else None,
        row_numbers=np.arange(1, len(topology.frame) + 1, dtype=np.int64),
        name=topology.name if topology.names else place.member.name if place.member else place.reference.name,
        source=Source(str(place.path), place.reference.part, "TopoJSON"),
        title=place.title,
        called=place.called,
        path=place.path,
        findings=(*findings, *notes),
        meta=meta,
    )


def _probe_topology(place: Place, stated_crs: str | None) -> Probe:
    """TopoJSON has no header worth the name: it is read whole."""
    incoming = _topology(place)
    geometry, _ = without_blanks(incoming.geometry)
    kept, personal = without_personal(incoming.frame)
    kept, converted = numbers_from_text(kept, incoming.row_numbers)
    meta, more = with_sidecar(meta_of_frame(incoming.meta, kept), place.path)
    placed = not shapely.is_missing(geometry).all()
    crs = incoming.crs or (known_crs(stated_crs) if stated_crs and placed else None)
    if crs is None and placed:
        more = (*more, _no_crs(place))
    return Probe(
        source=incoming.source,
        name=incoming.name,
        driver="TopoJSON",
        geometry=_seen_geometry(geometry) if placed else "none",
        layers=place.others,
        crs=crs_text(crs),
        rows=len(kept),
        columns=_columns(kept),
        bounds=_box(shapely.total_bounds(geometry)) if placed else None,
        meta=meta,
        findings=(*incoming.findings, *personal, *converted, *more),
    )


def _columns(frame: pd.DataFrame) -> tuple[ColumnInfo, ...]:
    return tuple(ColumnInfo(str(c), dtype_word(frame[c]), samples_of(frame[c])) for c in frame.columns)


def _several(place: Place, layer: _Layer) -> tuple[Finding, ...]:
    """Said when nobody chose among several layers."""
    names = place.others or layer.names
    if len(names) < 2 or place.reference.part is not None:
        return ()
    shown = place.member.name if place.others and place.member else layer.name
    message = f"{place.path.name} holds {len(names)} layers; this describes “{shown}”. Name one with ::LAYER."
    return (Finding("several-layers", "info", message, count=len(names)),)


def _unreadable(rows: Sequence[int]) -> Finding:
    return Finding(
        "geometry-unreadable",
        "warning",
        f"{counted(len(rows), 'shape is', 'shapes are')} broken beyond reading; "
        f"{'its row has' if len(rows) == 1 else 'their rows have'} no position.",
        count=len(rows),
        rows=some_rows(rows),
    )


def geometry_word(gdal_type: str | None) -> str:
    """GDAL's geometry type in the probe's words."""
    text = (gdal_type or "").lower()
    if not text or text == "none":
        return "none"
    for word, name in (("point", "point"), ("line", "line"), ("curve", "line"), ("polygon", "polygon")):
        if word in text:
            return "polygon" if "curvepolygon" in text else name
    return "polygon" if any(w in text for w in ("surface", "tin", "triangle")) else "mixed"


def _bounds(place: Place, layer: _Layer, word: str) -> tuple[float, float, float, float] | None:
    """The header's box; where blank positions written as 0,0 would stretch it, that of the others."""
    box = _box(layer.info["total_bounds"])
    if box is None or word != "point" or not (box[0] <= 0 <= box[2] and box[1] <= 0 <= box[3]):
        return box
    if not _small(place):
        return box
    with in_plain_words(place.title, _WHAT.get(place.ending, "a feature file")):
        west, south, east, north = pyogrio.read_bounds(place.gdal_path, layer=layer.name)[1]
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


def _seen_geometry(geometry: np.ndarray) -> str:
    kinds = {_DIMENSION[d] for d in np.unique(shapely.get_dimensions(geometry)) if d >= 0}
    collections = (shapely.get_type_id(geometry) == shapely.GeometryType.GEOMETRYCOLLECTION).any()
    if not kinds:
        return "mixed"
    return "mixed" if len(kinds) > 1 or collections else kinds.pop()


_DIMENSION = {0: "point", 1: "line", 2: "polygon"}


def _chosen(place: Place, *, strict: bool) -> _Layer:
    """The layer the reference names, or the only one that holds features. Without `strict`, the first."""
    what = _WHAT.get(place.ending, "a feature file")
    with in_plain_words(place.title, what):
        listed = [(str(name), kind) for name, kind in pyogrio.list_layers(place.gdal_path)]
    names = [name for name, _ in listed if name not in _HIDDEN_LAYERS]
    if not names:
        raise Problem(f"{place.title} holds no layers.", fix="Check that the right file was exported.")
    wanted = place.layer
    if wanted is not None and wanted not in names:
        raise Problem(
            f"{place.path} has no layer “{wanted}”.",
            detail="Its layers are " + ", ".join(names[:20]) + (", ..." if len(names) > 20 else "") + ".",
            fix=f"Name one: {place.path}::{names[0]}.",
        )
    with in_plain_words(place.title, what):
        if wanted is not None or len(names) == 1:
            return _header(place, wanted or names[0], names)
        layers = [_header(place, name, names) for name in names[:100]]
    full = [layer for layer in layers if layer.info["features"] != 0]
    if layers[0].driver == "GPX":
        full.sort(key=lambda lay: _GPX_ORDER.index(lay.name) if lay.name in _GPX_ORDER else 9)
        chosen, *rest = full or layers
        return replace(chosen, unread=tuple(layer.name for layer in rest if layer in full))
    if len(full) > 1:
        # Tables beside the one layer with shapes do not make it ambiguous.
        shaped = [layer for layer in full if geometry_word(layer.info["geometry_type"]) != "none"]
        if len(shaped) == 1:
            others = tuple(layer.name for layer in full if layer is not shaped[0])
            full = [replace(shaped[0], unread=others)]
    if len(full) == 1 or not strict:
        return (full or layers)[0]
    if not full:
        raise Problem(f"{place.title} is empty: none of its layers has rows.", fix="Export it again.")
    options = [layer.name for layer in full]
    raise Problem(
        f"{place.path} holds {len(full)} layers.",
        detail="They are " + ", ".join(options[:20]) + (", ..." if len(options) > 20 else "") + ".",
        fix=f"Name one: {place.path}::{options[0]}.",
    )


def _header(place: Place, name: str, names: list[str]) -> _Layer:
    try:
        info = pyogrio.read_info(place.gdal_path, layer=name, force_feature_count=_small(place))
    except UnboundLocalError as error:
        # pyogrio 0.13 trips over its own feet where PROJ cannot write the CRS down again.
        raise Problem(
            f"{place.title} states a coordinate reference system that cannot be understood.",
            fix="Put its .prj file right, or remove it and state the CRS with --crs EPSG:n.",
        ) from error
    return _Layer(name, info, tuple(names) if len(names) > 1 else ())


def _small(place: Place) -> bool:
    """Counting rows may mean reading the file: only up to 50 MB."""
    size = place.member.size if place.member else place.path.stat().st_size
    return size <= 50_000_000


def _features(
    place: Place, layer: _Layer, limit: int | None = None
) -> tuple[pd.DataFrame, np.ndarray, list[Finding]]:
    """(attributes, geometries, findings)."""
    findings: list[Finding] = []
    with in_plain_words(place.title, _WHAT.get(place.ending, "a feature file")):
        try:
            frame = _read(place, layer, limit, None, findings)
        except UnicodeDecodeError:
            frame = _read(place, layer, limit, "CP1252", findings)
            findings.append(
                Finding(
                    "encoding-guessed",
                    "info",
                    f"The text of {place.called} is not the UTF-8 it claims to be; read as Windows-1252.",
                )
            )
        if layer.driver == "ESRI Shapefile" and texts_are_utf8(frame):
            findings.append(
                Finding(
                    "encoding-mended",
                    "info",
                    f"{place.called} does not say, or says wrongly, that its text is UTF-8; read as UTF-8.",
                )
            )
            frame = _read(place, layer, limit, "UTF-8", [])
    if isinstance(frame, geopandas.GeoDataFrame):
        geometry = np.asarray(frame.geometry.array, dtype=object)
        attributes = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    else:
        geometry = np.full(len(frame), None, dtype=object)
        attributes = frame
    if layer.driver in ("LIBKML", "KML"):
        attributes = _without_kml_defaults(attributes)
    return attributes, geometry, findings


def _read(
    place: Place, layer: _Layer, limit: int | None, encoding: str | None, findings: list[Finding]
) -> pd.DataFrame:
    options: dict[str, Any] = {"layer": layer.name, "max_features": limit, "encoding": encoding}
    try:
        return pyogrio.read_dataframe(place.gdal_path, **options)
    except shapely.errors.GEOSException:
        frame = pyogrio.read_dataframe(place.gdal_path, on_invalid="fix", **options)
    # GEOS refuses shapes GDAL lets pass (rings of two points, numbers that are none): say which.
    raw = pyogrio.raw.read(place.gdal_path, columns=[], **options)[2]
    there = np.array([shape is not None for shape in raw], dtype=bool)
    lost = there & frame.geometry.isna().to_numpy()
    if lost.any():
        findings.append(_unreadable((np.flatnonzero(lost) + 1).tolist()))
    return frame


def _without_kml_defaults(frame: pd.DataFrame) -> pd.DataFrame:
    unset = [
        name
        for name, defaults in _KML_DEFAULTS.items()
        if name in frame.columns and frame[name].dropna().isin(defaults).all()
    ]
    return frame.drop(columns=unset)


def _meta(place: Place, layer: _Layer) -> tuple[Meta, tuple[Finding, ...]]:
    if layer.driver == "GeoJSON" and place.member is None:
        return merged(Meta(), geojson_member(place.path), place.path.name)
    tags = {**(layer.info.get("dataset_metadata") or {}), **(layer.info.get("layer_metadata") or {})}
    return tagged(Meta(), tags, place.path.name)


def _name(place: Place, layer: _Layer) -> str:
    if layer.names:
        return layer.name
    return place.member.name if place.member else place.reference.name
