"""TopoJSON, read by ourselves: GDAL gives some of its layers as features without shapes and never says
which CRS they are in.

Format: the TopoJSON 1.0 specification. Arcs are lists of positions, delta-encoded when the topology has a
`transform`; a negative arc index ~i means arc i backwards.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely

from migmap.api import Problem

from ..archive import member_bytes
from ..place import Place
from .jsonscan import opened

MAX_BYTES = 500_000_000
HEAD_FROM_BYTES = 4_000_000
COUNTED_BYTES = 50_000_000
_WINDOW = 4 << 20
_FIRST = re.compile(r'"objects"\s*:\s*\{\s*("(?:[^"\\]|\\.)*")\s*:\s*\{')
_GEOMETRIES = re.compile(r'"geometries"\s*:\s*\[')
_PLACE = re.compile(rb'"(?:bbox|translate)"\s*:\s*\[\s*(-?[\d.eE+]+)\s*,\s*(-?[\d.eE+]+)')
_ARC = re.compile(rb'"arcs"\s*:\s*\[\s*\[\s*\[\s*(-?[\d.eE+]+)\s*,\s*(-?[\d.eE+]+)')


@dataclass(frozen=True, slots=True, eq=False)
class Topology:
    """One object of a topology. lonlat: all coordinates lie in the range of longitude and latitude, in
    which TopoJSON is written by convention. broken: indices of features whose shape cannot be built."""

    name: str
    names: tuple[str, ...]
    frame: pd.DataFrame
    geometry: np.ndarray
    lonlat: bool
    broken: tuple[int, ...]


def is_topology(place: Place) -> bool:
    """True for .topojson and for .json files that begin as one."""
    if place.ending == "topojson":
        return True
    if place.ending != "json" or place.member is not None:
        return False
    with open(place.path, "rb") as stream:
        head = stream.read(4096)
    return b'"Topology"' in head and b'"FeatureCollection"' not in head


def read_topology(place: Place) -> Topology:
    """The object the place names, or the only one. Problem: no topology, several objects."""
    whole = _document(place)
    objects: dict[str, Any] = {str(k): v for k, v in whole["objects"].items()}
    if not objects:
        raise Problem(f"{place.title} holds no layers.", fix="Export it again.")
    wanted = place.layer
    if wanted is None and len(objects) == 1:
        wanted = next(iter(objects))
    if wanted is None or wanted not in objects:
        listed = ", ".join(list(objects)[:12])
        raise Problem(
            f"{place.path} holds {len(objects)} layers."
            if wanted is None
            else f"{place.path} has no layer “{wanted}”.",
            detail=f"They are {listed}.",
            fix=f"Name one: {place.path}::{next(iter(objects))}.",
        )
    arcs = _arcs(place, whole)
    features = _features(objects[wanted])
    shapes = np.full(len(features), None, dtype=object)
    broken: list[int] = []
    for index, feature in enumerate(features):
        try:
            shapes[index] = _shape(feature, arcs, whole.get("transform"))
        except (ValueError, KeyError, IndexError, TypeError, shapely.errors.GEOSException):
            broken.append(index)
    rows = [_properties(feature) for feature in features]
    frame = pd.DataFrame(rows, index=range(len(features)))
    ids = [f.get("id") for f in features]
    if any(i is not None for i in ids) and "id" not in frame.columns:
        frame.insert(0, "id", ids)
    west, south, east, north = shapely.total_bounds(shapes)
    lonlat = not np.isfinite(west) or (-180 <= west <= east <= 180 and -90 <= south <= north <= 90)
    names = tuple(objects) if len(objects) > 1 else ()
    return Topology(wanted, names, frame, shapes, bool(lonlat), tuple(broken))


def _document(place: Place) -> dict[str, Any]:
    size = place.member.size if place.member else place.path.stat().st_size
    if size > MAX_BYTES:
        raise Problem(
            f"{place.title} is {size / 1e6:,.0f} MB; the limit for TopoJSON is {MAX_BYTES / 1e6:,.0f} MB.",
            fix="Convert it to GeoPackage.",
        )
    data = member_bytes(place.path, place.member) if place.member else place.path.read_bytes()
    try:
        whole = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise _not_topology(place, str(error)) from error
    if not isinstance(whole, dict) or not isinstance(whole.get("objects"), dict):
        raise _not_topology(place, "It has no “objects”.")
    return whole


def _not_topology(place: Place, detail: str) -> Problem:
    return Problem(f"{place.title} is not readable TopoJSON.", detail=detail, fix="Export it again.")


def _arcs(place: Place, whole: dict[str, Any]) -> list[np.ndarray]:
    """float64 [n, 2] each."""
    try:
        arcs = [
            np.array([p[:2] for p in arc], dtype=np.float64).reshape(-1, 2) for arc in whole.get("arcs") or ()
        ]
        transform = whole.get("transform")
        if transform:
            scale, shift = np.array(transform["scale"][:2]), np.array(transform["translate"][:2])
            arcs = [np.cumsum(arc, axis=0) * scale + shift for arc in arcs]
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise _not_topology(place, f"Its arcs are broken: {error}.") from error
    return arcs


def _features(thing: Any) -> list[dict[str, Any]]:
    if isinstance(thing, dict) and thing.get("type") == "GeometryCollection":
        return [g for g in thing.get("geometries") or () if isinstance(g, dict)]
    return [thing] if isinstance(thing, dict) else []


def _properties(feature: dict[str, Any]) -> dict[str, Any]:
    found = feature.get("properties")
    return found if isinstance(found, dict) else {}


def _shape(thing: dict[str, Any], arcs: list[np.ndarray], transform: Any) -> shapely.Geometry | None:
    """The geometry of one object; None for a null one."""
    kind, parts = thing.get("type"), thing.get("arcs")
    if kind is None:
        return None
    if kind == "Point":
        return shapely.Point(_position(thing["coordinates"], transform))
    if kind == "MultiPoint":
        return shapely.MultiPoint([_position(p, transform) for p in thing["coordinates"]])
    if kind == "LineString":
        return shapely.LineString(_line(parts, arcs))
    if kind == "MultiLineString":
        return shapely.MultiLineString([_line(part, arcs) for part in parts or ()])
    if kind == "Polygon":
        return _polygon(parts, arcs)
    if kind == "MultiPolygon":
        return shapely.MultiPolygon([_polygon(part, arcs) for part in parts or ()])
    if kind == "GeometryCollection":
        inside = [_shape(one, arcs, transform) for one in thing.get("geometries") or ()]
        return shapely.GeometryCollection([one for one in inside if one is not None])
    raise ValueError(f"unknown type {kind}")


def _position(position: Any, transform: Any) -> tuple[float, float]:
    x, y = float(position[0]), float(position[1])
    if transform:
        x = x * transform["scale"][0] + transform["translate"][0]
        y = y * transform["scale"][1] + transform["translate"][1]
    return x, y


def _line(indices: Any, arcs: list[np.ndarray]) -> np.ndarray:
    """The arcs joined; where two meet the shared position stands once."""
    pieces: list[np.ndarray] = []
    for index in indices:
        arc = arcs[index] if index >= 0 else arcs[~index][::-1]
        pieces.append(arc[1:] if pieces else arc)
    return np.concatenate(pieces)


def _polygon(rings: Any, arcs: list[np.ndarray]) -> shapely.Polygon:
    lines = [_line(ring, arcs) for ring in rings]
    return shapely.Polygon(lines[0], lines[1:]) if lines else shapely.Polygon()


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """The first features of a long topology, without their shapes. kinds: their types. count: features of
    the object, None where it was not read to its end."""

    name: str
    names: tuple[str, ...]
    frame: pd.DataFrame
    kinds: tuple[str, ...]
    count: int | None
    lonlat: bool


def head_of(place: Place, most: int) -> Head | None:
    """What the objects of a topology above 4 MB say, its arcs unread; None for a small one, one that names an
    object, and where nothing can be told without reading it whole."""
    size = place.size
    if size <= HEAD_FROM_BYTES or place.layer is not None:
        return None
    with opened(place) as stream:
        data = stream.read(_WINDOW)
        start = data[:_WINDOW]
        at = data.find(b'"objects"')
        while at < 0:
            more = stream.read(_WINDOW)
            if not more:
                return None
            data = data[-16:] + more
            at = data.find(b'"objects"')
        text = (data[at:] + stream.read(COUNTED_BYTES if size <= COUNTED_BYTES else _WINDOW)).decode(
            "utf-8", "ignore"
        )
    first = _FIRST.match(text)
    if first is None:
        return None
    name = str(json.loads(first[1]))
    lonlat = _begins_in_degrees(start)
    if size <= COUNTED_BYTES:
        try:
            objects, _ = json.JSONDecoder().raw_decode(text, text.index("{"))
        except (ValueError, RecursionError):
            return None
        features = _features(objects[name])
        names = tuple(str(key) for key in objects) if len(objects) > 1 else ()
        return _head(name, names, features[:most], len(features), lonlat)
    found = _GEOMETRIES.search(text, first.end())
    if found is None:
        return None
    features, spot = [], found.end()
    decoder = json.JSONDecoder()
    while len(features) < most:
        spot = next((i for i in range(spot, min(spot + 200, len(text))) if text[i] not in " ,\r\n\t"), -1)
        if spot < 0 or text[spot] != "{":
            break
        try:
            value, spot = decoder.raw_decode(text, spot)
        except (ValueError, RecursionError):
            break
        features.append(value)
    return _head(name, (), features, None, lonlat) if features else None


def _head(
    name: str, names: tuple[str, ...], features: list[dict[str, Any]], count: int | None, lonlat: bool
) -> Head:
    frame = pd.DataFrame([_properties(feature) for feature in features], index=range(len(features)))
    ids = [feature.get("id") for feature in features]
    if any(each is not None for each in ids) and "id" not in frame.columns:
        frame.insert(0, "id", ids)
    kinds = tuple(sorted({str(feature["type"]) for feature in features if feature.get("type")}))
    return Head(name, names, frame, kinds, count, lonlat)


def _begins_in_degrees(start: bytes) -> bool:
    """By its box or origin, else by its first position; True where none is near its beginning."""
    found = _PLACE.search(start) or _ARC.search(start)
    if found is None:
        return True
    try:
        x, y = float(found[1]), float(found[2])
    except ValueError:
        return True
    return -180 <= x <= 180 and -90 <= y <= 90
