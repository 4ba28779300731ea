"""Which layer of a file is meant, and what its header says."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pyogrio
import pyogrio.raw
import pyproj

from migmap.api import Problem

from ..gdalwords import in_plain_words
from .sources import Ready

COUNTED_BYTES = 50_000_000
# To count one layer of OpenStreetMap data all of it is gone through: every layer of a small extract is
# counted, of a larger one the layer that is meant, ways while the places of their nodes are found in time.
_COUNTED_OSM_BYTES = 1_000_000
_COUNTED_WAYS_BYTES = 20_000_000
_HIDDEN_LAYERS = frozenset(["layer_styles", "qgis_projects"])
_GPX_ORDER = ("waypoints", "tracks", "routes")
# To count the five layers of a GPX file GDAL goes through all of it five times: a second for 10 MB.
_COUNTED_GPX_BYTES = 2_000_000
_WHAT = {
    "shp": "a shapefile",
    "dbf": "a dBASE table",
    "gpkg": "a GeoPackage",
    "geojson": "GeoJSON",
    "json": "GeoJSON",
    "geojsonl": "newline-delimited GeoJSON",
    "ndjson": "newline-delimited GeoJSON",
    "kml": "KML",
    "kmz": "KMZ",
    "fgb": "FlatGeobuf",
    "gpx": "GPX",
    "topojson": "TopoJSON",
    "gdb": "a File Geodatabase",
    "gml": "GML",
    "dxf": "DXF",
    "tab": "a MapInfo table",
    "mif": "a MapInfo interchange file",
    "osm": "OpenStreetMap data",
    "pbf": "OpenStreetMap data",
    "sqlite": "an SQLite database",
}


def what_it_should_be(ending: str) -> str:
    return _WHAT.get(ending, "a feature file")


@dataclass(frozen=True, slots=True)
class Layer:
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


def chosen(ready: Ready, *, strict: bool) -> Layer:
    """The layer the reference names, or the only one that holds features. Without `strict`, the first."""
    return _counted(ready, _chosen(ready, strict))


def _counted(ready: Ready, layer: Layer) -> Layer:
    place = ready.place
    most = COUNTED_BYTES if layer.name == "points" else _COUNTED_WAYS_BYTES
    if place.ending not in ("osm", "pbf") or layer.info["features"] >= 0 or place.size > most:
        return layer
    # Asked in SQL, the driver leaves what belongs to other layers unbuilt.
    sql = f'SELECT COUNT(*) AS n FROM "{layer.name}"'
    with in_plain_words(place.title, what_it_should_be(place.ending)):
        found = pyogrio.raw.read(ready.source, sql=sql)[3]
    return replace(layer, info={**layer.info, "features": int(found[0][0])})


def _chosen(ready: Ready, strict: bool) -> Layer:
    place = ready.place
    what = what_it_should_be(place.ending)
    with in_plain_words(place.title, what):
        listed = [(str(name), kind) for name, kind in pyogrio.list_layers(ready.source)]
    names = [name for name, _ in listed if name not in _HIDDEN_LAYERS]
    if not names:
        raise Problem(
            f"{place.title} holds no layers with rows."
            if not ready.rasters
            else f"{place.title} holds only pictures: {', '.join(ready.rasters[:6])}.",
            fix="Check that the right file was exported.",
        )
    wanted = ready.layer
    if wanted is not None and wanted not in names:
        raise Problem(
            f"{place.path} has no layer “{wanted}”.",
            detail="Its layers are " + ", ".join(names[:20]) + (", ..." if len(names) > 20 else "") + ".",
            fix=f"Name one: {place.path}::{names[0]}.",
        )
    with in_plain_words(place.title, what):
        if wanted is not None or len(names) == 1:
            name = wanted or names[0]
            return _header(ready, name, names, _gpx_counts(ready).get(name))
        counts = _gpx_counts(ready)
        layers = [_header(ready, name, names, counts.get(name)) for name in names[:100]]
    full = [layer for layer in layers if layer.info["features"] != 0]
    if layers[0].driver == "GPX":
        full.sort(key=lambda lay: _GPX_ORDER.index(lay.name) if lay.name in _GPX_ORDER else 9)
        first, *rest = full or layers
        return replace(first, unread=tuple(layer.name for layer in rest if layer in full))
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


def _gpx_counts(ready: Ready) -> dict[str, int]:
    """Layer of a long GPX file -> features, by its tags; nothing for any other file."""
    place = ready.place
    if place.ending != "gpx" or place.member is not None or place.path.is_dir():
        return {}
    if not _COUNTED_GPX_BYTES < place.size <= COUNTED_BYTES:
        return {}
    data = place.path.read_bytes()
    route_points, track_points = data.count(b"<rtept"), data.count(b"<trkpt")
    found = {
        "waypoints": data.count(b"<wpt"),
        "routes": data.count(b"<rte") - route_points,
        "tracks": data.count(b"<trk") - data.count(b"<trkseg") - track_points,
        "route_points": route_points,
        "track_points": track_points,
    }
    # Tags with a prefix, or in letters of two bytes, are left to GDAL.
    return found if any(found.values()) else {}


def _header(ready: Ready, name: str, names: list[str], count: int | None = None) -> Layer:
    """count: features, where they are known already."""
    try:
        info = pyogrio.read_info(
            ready.source,
            layer=name,
            force_feature_count=count is None
            and ready.place.size
            <= (_COUNTED_OSM_BYTES if ready.place.ending in ("osm", "pbf") else COUNTED_BYTES),
        )
    except UnboundLocalError as error:
        # pyogrio 0.13 trips over its own feet where PROJ cannot write the CRS down again.
        raise Problem(
            f"{ready.place.title} states a coordinate reference system that cannot be understood.",
            fix="Put its .prj file right, or remove it and state the CRS with --crs EPSG:n.",
        ) from error
    if count is not None:
        info["features"] = count
    return Layer(name, info, tuple(names) if len(names) > 1 else ())


def geometry_word(gdal_type: str | None) -> str:
    """GDAL's geometry type in the probe's words."""
    text = (gdal_type or "").lower()
    if not text or text == "none":
        return "none"
    for word, name in (("point", "point"), ("line", "line"), ("curve", "line"), ("polygon", "polygon")):
        if word in text:
            return "polygon" if "curvepolygon" in text else name
    return "polygon" if any(w in text for w in ("surface", "tin", "triangle")) else "mixed"
