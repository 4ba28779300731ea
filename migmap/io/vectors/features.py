"""Features through GDAL, with what GDAL hides: shapes it drops, bends or mends in silence."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import pyogrio
import pyogrio.raw
import pyproj
import shapely

from migmap.api import Finding, Problem, RowsAside

from ..gdalwords import in_plain_words
from ..intake import some_rows
from ..wording import counted
from . import geojson, kml
from .encoding import texts_are_utf8
from .jsonscan import records_of
from .layers import Layer, chosen, what_it_should_be
from .shapefile import deleted_rows
from .sources import Ready
from .surfaces import flattened

# From so many rows on a GeoPackage is read as Arrow tables, which saves a tenth. FlatGeobuf never is: a null
# geometry brings that reader of GDAL 3.12 down.
_ARROW_ROWS = 20_000
JSON_ENDINGS = frozenset({"geojson", "json", "js", "geojsonl", "geojsons", "ndjson", "jsonl", "seq"})
_KML_AUDIT_BYTES = 100_000_000
_MAX_TAGS = 60
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


@dataclass(slots=True, eq=False)
class Features:
    """Rows of a layer. frame: attributes. geometry: object array, None where there is no shape. numbers:
    int64, rows as a person sees them."""

    frame: pd.DataFrame
    geometry: np.ndarray
    numbers: np.ndarray
    findings: list[Finding] = field(default_factory=list)
    aside: tuple[RowsAside, ...] = ()


def features_of(ready: Ready, layer: Layer, limit: int | None = None) -> Features:
    """The rows of a layer, or the first `limit`. Problem where GDAL cannot read it."""
    findings: list[Finding] = []
    with in_plain_words(ready.place.title, what_it_should_be(ready.place.ending)):
        try:
            frame = _read(ready, layer, limit, ready.encoding, findings)
        except UnicodeDecodeError:
            frame = _read(ready, layer, limit, "CP1252", findings)
            findings.append(
                Finding(
                    "encoding-guessed",
                    "info",
                    f"The text of {ready.place.called} is not the UTF-8 it claims to be; read as "
                    "Windows-1252.",
                )
            )
        if layer.driver == "MapInfo File" and texts_are_utf8(frame):
            frame = _read(ready, layer, limit, "UTF-8", [])
    if isinstance(frame, geopandas.GeoDataFrame):
        geometry = np.asarray(frame.geometry.array, dtype=object)
        attributes = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    else:
        geometry = np.full(len(frame), None, dtype=object)
        attributes = frame
    attributes = _with_truth_values(attributes, layer)
    found = Features(attributes, geometry, np.arange(1, len(attributes) + 1, dtype=np.int64), findings)
    if layer.driver in ("LIBKML", "KML"):
        found.frame = _without_kml_defaults(found.frame)
    if layer.driver == "OSM":
        found.frame = _with_tags(found.frame)
    return found


def _with_truth_values(frame: pd.DataFrame, layer: Layer) -> pd.DataFrame:
    """Columns of true and false with blanks arrive as 1, 0 and NaN: three things again."""
    declared = zip(layer.info["fields"], layer.info["dtypes"], strict=True)
    names = [name for name, dtype in declared if str(dtype) == "bool" and name in frame.columns]
    changed = {name: frame[name].astype("boolean") for name in names if frame[name].dtype != bool}
    return frame.assign(**changed) if changed else frame


def _read(
    ready: Ready, layer: Layer, limit: int | None, encoding: str | None, findings: list[Finding]
) -> pd.DataFrame:
    options: dict[str, Any] = {"layer": layer.name, "max_features": limit, "encoding": encoding}
    arrow = (
        layer.driver == "GPKG"
        and limit is None
        and layer.info["features"] >= _ARROW_ROWS
        and all(str(dtype).startswith(("int", "float", "object")) for dtype in layer.info["dtypes"])
    )
    try:
        return pyogrio.read_dataframe(ready.source, use_arrow=arrow, **options)
    except shapely.errors.GEOSException:
        frame = pyogrio.read_dataframe(ready.source, on_invalid="fix", **options)
    # GEOS refuses shapes GDAL lets pass (open rings, rings of two points, surfaces): say which.
    raw = pyogrio.raw.read(ready.source, columns=[], **options)[2]
    there = np.array([shape is not None for shape in raw], dtype=bool)
    strict = shapely.from_wkb(raw, on_invalid="ignore")
    shapes = np.asarray(frame.geometry.array, dtype=object)
    lost = there & shapely.is_missing(shapes)
    grounds = {index: flattened(raw[index]) for index in np.flatnonzero(lost).tolist()}
    flat = [index for index, ground in grounds.items() if ground is not None]
    if flat:
        shapes = shapes.copy()
        for index in flat:
            shapes[index] = grounds[index]
        frame = frame.set_geometry(geopandas.GeoSeries(shapes, index=frame.index, crs=frame.crs))
        lost[flat] = False
        findings.append(
            Finding(
                "surface-flattened",
                "info",
                f"{counted(len(flat), 'shape is a surface', 'shapes are surfaces')} in space (multipatch); "
                f"the ground {'it covers' if len(flat) == 1 else 'they cover'} is used.",
                count=len(flat),
                rows=some_rows(i + 1 for i in flat),
            )
        )
    closed = there & shapely.is_missing(strict) & ~shapely.is_missing(shapes)
    closed[flat] = False
    if closed.any():
        findings.append(rings_closed(ready.place.called, (np.flatnonzero(closed) + 1).tolist()))
    if lost.any():
        findings.append(unreadable((np.flatnonzero(lost) + 1).tolist()))
    return frame


def rings_closed(called: str, rows: Sequence[int]) -> Finding:
    return Finding(
        "ring-closed",
        "info",
        f"{called}: {counted(len(rows), 'polygon')} whose outline does not end where it begins, or has "
        "too few corners; closed by a straight line.",
        count=len(rows),
        rows=some_rows(rows),
    )


def unreadable(rows: Sequence[int]) -> Finding:
    return Finding(
        "geometry-unreadable",
        "warning",
        f"{counted(len(rows), 'shape is', 'shapes are')} broken beyond reading; "
        f"{'its row has' if len(rows) == 1 else 'their rows have'} no position.",
        count=len(rows),
        rows=some_rows(rows),
    )


def _without_kml_defaults(frame: pd.DataFrame) -> pd.DataFrame:
    unset = [
        name
        for name, defaults in _KML_DEFAULTS.items()
        if name in frame.columns and frame[name].dropna().isin(defaults).all()
    ]
    return frame.drop(columns=unset)


_TAG = re.compile(r'"((?:[^"\\]|\\.)*)"=>"((?:[^"\\]|\\.)*)"')


def _with_tags(frame: pd.DataFrame) -> pd.DataFrame:
    """OpenStreetMap's `other_tags` as columns of their own, the commonest 60; the column itself stays."""
    if "other_tags" not in frame.columns:
        return frame
    tags = [dict(_TAG.findall(text)) if isinstance(text, str) else {} for text in frame["other_tags"]]
    counts = Counter(key for each in tags for key in each)
    names = [key for key, _ in counts.most_common() if key not in frame.columns][:_MAX_TAGS]
    added = {name: [each.get(name) for each in tags] for name in names}
    return pd.concat([frame, pd.DataFrame(added, index=frame.index, columns=names)], axis=1)


def audited(ready: Ready, layer: Layer, found: Features) -> Features:
    """The rows of a whole layer with what its format's driver left out put right, or said."""
    if layer.driver == "ESRI Shapefile" and ready.shapefile is not None:
        return _shapefile_rows(ready, found)
    if layer.driver in ("GeoJSON", "GeoJSONSeq", "ESRIJSON", "JSONFG"):
        return _json_rows(ready, layer, found)
    if layer.driver in ("LIBKML", "KML") and (
        ready.place.size <= _KML_AUDIT_BYTES or shapely.is_missing(found.geometry).any()
    ):
        return _kml_rows(ready, layer, found)
    return found


def _shapefile_rows(ready: Ready, found: Features) -> Features:
    facts = ready.shapefile
    assert facts is not None
    if not facts.has_table:
        # GDAL makes up a column for a file without any.
        found.frame = found.frame.drop(columns=[c for c in found.frame.columns if c == "FID"])
        return found
    records, rows = facts.records or 0, facts.table_rows
    deleted = deleted_rows(ready.place) if len(found.frame) < max(records, rows) else ()
    if deleted:
        kept = np.setdiff1d(np.arange(1, max(records, rows) + 1), np.array(deleted))
        if len(kept) == len(found.frame):
            found.numbers = kept.astype(np.int64)
        found.findings.append(
            Finding(
                "rows-deleted",
                "info",
                f"{ready.place.called}: {counted(len(deleted), 'row is', 'rows are')} marked as deleted in "
                "its table and not read.",
                count=len(deleted),
                rows=some_rows(deleted),
            )
        )
    if records != rows:
        low, high = min(records, rows), max(records, rows)
        spare = np.arange(low + 1, high + 1, dtype=np.int64)
        reason = "a shape without a row in the table" if records > rows else "a row without a shape"
        blank = pd.DataFrame(index=range(len(spare)), columns=found.frame.columns)
        if len(found.frame) + len(deleted) == low:
            found.aside += (RowsAside("shapefile-parts-differ", reason, blank, spare),)
        found.findings.append(
            Finding(
                "shapefile-parts-differ",
                "warning",
                f"{ready.place.called}: the .shp has {counted(records, 'shape')} and the .dbf "
                f"{counted(rows, 'row')}: some parts are of another version of the file, and shapes may "
                "stand beside the wrong names. What is in one part only is set aside.",
                count=abs(records - rows),
                rows=some_rows(spare),
            )
        )
    return found


def _json_rows(ready: Ready, layer: Layer, found: Features) -> Features:
    place = ready.place
    if layer.driver == "GeoJSONSeq":
        bad = geojson.unreadable_lines(place, len(found.frame))
        if bad:
            found.findings.append(_bad_lines(place.called, bad))
            blank = pd.DataFrame(index=range(len(bad)), columns=found.frame.columns)
            numbers = np.array(bad, dtype=np.int64)
            found.aside += (RowsAside("lines-unreadable", "no feature in the line", blank, numbers),)
    elif ready.source == place.gdal_path:
        found = _left_out(ready, found)
    records = records_of(place)
    gone = shapely.is_missing(found.geometry) | shapely.is_empty(found.geometry)
    if not gone.any() or len(found.frame) + sum(len(one.row_numbers) for one in found.aside) != len(records):
        return found
    index_of = {int(number) - 1: row for row, number in enumerate(found.numbers)}
    shapes, broken = geojson.recovered(place, records, (found.numbers[gone] - 1).tolist())
    return _put_back(
        place.called,
        found,
        {index_of[index]: shape for index, shape in shapes.items()},
        [index_of[index] for index in broken],
    )


def _left_out(ready: Ready, found: Features) -> Features:
    """Rows that GDAL passed over because they forget to say that they are features."""
    place = ready.place
    if len(records_of(place)) <= len(found.frame) or place.size > geojson.MAX_FEATURE_BYTES:
        return found
    written = geojson.rewritten(place)
    if written is None:
        return found
    again = ready.instead(written.text)
    whole = features_of(again, chosen(again, strict=False))
    broken = [number for number, _ in written.broken]
    numbers = np.setdiff1d(np.arange(1, len(whole.frame) + len(broken) + 1), np.array(broken, dtype=np.int64))
    whole.numbers = numbers.astype(np.int64)
    if broken:
        blank = pd.DataFrame(index=range(len(broken)), columns=whole.frame.columns)
        aside = RowsAside("features-unreadable", "no feature", blank, np.array(broken, dtype=np.int64))
        whole.aside += (aside,)
        whole.findings.append(
            Finding(
                "features-unreadable",
                "error",
                f"{place.called}: {counted(len(broken), 'entry is', 'entries are')} no GeoJSON feature and "
                "set aside.",
                count=len(broken),
                rows=some_rows(broken),
            )
        )
    return whole


def _bad_lines(called: str, lines: list[int]) -> Finding:
    return Finding(
        "lines-unreadable",
        "error",
        f"{called}: {counted(len(lines), 'line is', 'lines are')} no GeoJSON feature (cut short or damaged) "
        "and set aside.",
        count=len(lines),
        rows=some_rows(lines),
    )


def _put_back(
    called: str, found: Features, shapes: dict[int, shapely.Geometry], broken: Sequence[int]
) -> Features:
    if shapes:
        found.geometry = found.geometry.copy()
        for index, shape in shapes.items():
            found.geometry[index] = shape
        rows = found.numbers[sorted(shapes)].tolist()
        found.findings.append(geojson.recovery_finding(called, rows))
    # What the file itself says is more exact than what GEOS refused.
    found.findings = [f for f in found.findings if f.code != "geometry-unreadable"]
    if len(broken):
        found.findings.append(unreadable(found.numbers[sorted(broken)].tolist()))
    return found


def _kml_rows(ready: Ready, layer: Layer, found: Features) -> Features:
    document = kml.document_of(ready.as_read)
    if document.links:
        found.findings.append(kml.links_finding(ready.place.called, document.links))
    names = list(found.frame["Name"]) if "Name" in found.frame.columns else [None] * len(found.frame)
    placemarks = kml.matching(document, layer.name, names)
    if placemarks is None:
        return found
    missing = shapely.is_missing(found.geometry) | shapely.is_empty(found.geometry)
    put = {
        index: one.shape
        for index, one in enumerate(placemarks)
        if one.shape is not None and not one.fault and (missing[index] or one.odd)
    }
    faults = [index for index, one in enumerate(placemarks) if one.fault]
    if faults:
        found.geometry = found.geometry.copy()
        found.geometry[faults] = None
    return _put_back(ready.place.called, found, put, faults)


def mended(ready: Ready, problem: Problem, *, strict: bool) -> tuple[Ready, Layer, list[Finding]]:
    """A file GDAL refuses, written again by ourselves where its faults are those of its frame only; else
    `problem`, or one that names the fault better."""
    place = ready.place
    if place.layer is None and place.ending in JSON_ENDINGS and place.size <= geojson.MAX_FEATURE_BYTES:
        return _json_again(ready, problem, strict)
    if place.ending in ("kml", "kmz") and not problem.title.endswith("layers."):
        document, said = kml.plain_text(place)
        if document is not None and said is not None:
            again = ready.instead(document)
            return again, chosen(again, strict=strict), [said]
        bare = kml.as_placemark(place)
        if bare is not None:
            again = ready.instead(bare)
            return again, chosen(again, strict=strict), []
        # Ours names line and column of what is wrong.
        kml.document_of(place)
    raise problem


def _json_again(ready: Ready, problem: Problem, strict: bool) -> tuple[Ready, Layer, list[Finding]]:
    place = ready.place
    written = geojson.rewritten(place)
    if written is None:
        raise problem
    if written.broken:
        number, why = written.broken[0]
        more = f" {len(written.broken) - 1:,} more are." if written.broken[1:] else ""
        raise Problem(
            f"{place.title} cannot be read as GeoJSON: its feature {number:,} is damaged.",
            detail=f"{why[:1].upper()}{why[1:]}.{more}",
            fix="Export it again, or mend that feature in a text editor.",
        ) from problem
    again = ready.instead(written.text)
    said = Finding(
        "format-mended",
        "warning",
        f"{place.called} is not GeoJSON by the letter ({_why(problem)}); its features were read all the "
        "same.",
    )
    return again, chosen(again, strict=strict), [said]


def _why(problem: Problem) -> str:
    text = problem.detail.rstrip(".")
    if not text or "recognized" in text:
        return "no FeatureCollection"
    return text[:120]


def mixed_shapes(called: str, geometry: np.ndarray) -> Finding | None:
    """Said where points, lines and polygons stand in one layer."""
    dimensions = Counter(shapely.get_dimensions(geometry).tolist())
    words = [
        counted(dimensions[d], name)
        for d, name in ((0, "point"), (1, "line"), (2, "polygon"))
        if dimensions[d]
    ]
    if len(words) < 2:
        return None
    listed = " and ".join([", ".join(words[:-1]), words[-1]])
    return Finding("mixed-shapes", "info", f"{called} holds {listed} in one layer; all are kept.")


def torn_apart(
    called: str, crs: pyproj.CRS | None, geometry: np.ndarray, numbers: np.ndarray
) -> tuple[np.ndarray, Finding | None]:
    """Lines and polygons of longitudes and latitudes of which some corners lie on no globe and others do:
    they lose their shape, and their rows are named. Layers that lie wholly elsewhere are another fault."""
    if crs is None or not crs.is_geographic:
        return geometry, None
    box = shapely.bounds(geometry)
    with np.errstate(invalid="ignore"):
        beyond = (box[:, 0] < -361) | (box[:, 2] > 361) | (box[:, 1] < -90.0001) | (box[:, 3] > 90.0001)
        within = (box[:, 1] <= 90) & (box[:, 3] >= -90) & (box[:, 0] <= 361) & (box[:, 2] >= -361)
    bad = beyond & within & (shapely.get_dimensions(geometry) > 0)
    if not bad.any():
        return geometry, None
    rows = numbers[bad].tolist()
    geometry = geometry.copy()
    geometry[bad] = None
    return geometry, Finding(
        "position-out-of-range",
        "warning",
        f"{called}: {counted(len(rows), 'shape has a corner', 'shapes have corners')} beyond 90 degrees of "
        f"latitude; {'its row has' if len(rows) == 1 else 'their rows have'} no position.",
        count=len(rows),
        rows=some_rows(rows),
    )
