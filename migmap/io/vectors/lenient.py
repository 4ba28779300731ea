"""Shapes out of coordinates that are nested, written or closed wrongly, where it is clear what was meant."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import shapely

_DEPTH = {
    "point": 0,
    "multipoint": 1,
    "linestring": 1,
    "multilinestring": 2,
    "polygon": 2,
    "multipolygon": 3,
}
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_X = ("lon", "lng", "long", "longitude", "x")
_Y = ("lat", "latitude", "y")
_MAX_DEPTH = 40


class Unreadable(ValueError):
    """The coordinates say nothing that could be a shape."""


def shape_of(value: Any) -> shapely.Geometry | None:
    """The shape a GeoJSON geometry means, also where its coordinates are nested one level too few or too
    many, are text, or are keyed ({"lon": 1, "lat": 2}); None where it says that there is none.

    Raises Unreadable where something is written that cannot be understood.
    """
    if value is None or value == {} or value == "":
        return None
    if isinstance(value, str):
        return _from_text(value)
    if not isinstance(value, Mapping):
        raise Unreadable("geometry is no object")
    kind = str(value.get("type") or "").strip().lower()
    if kind == "feature":
        return shape_of(value.get("geometry"))
    if kind == "geometrycollection":
        inside = [shape_of(one) for one in value.get("geometries") or ()]
        return shapely.GeometryCollection([one for one in inside if one is not None])
    coordinates = value.get("coordinates")
    if not kind and coordinates is None:
        pair = _keyed(value)
        if pair is None:
            raise Unreadable("neither type nor coordinates")
        return shapely.Point(pair)
    if kind and kind not in _DEPTH:
        raise Unreadable(f"unknown type {kind[:30]}")
    if coordinates is None or coordinates == [] or coordinates == "":
        return None
    nested = _positions(coordinates, 0)
    if nested is None:
        return None
    return _built(kind, nested)


def line_of(positions: list[tuple[float, ...]], closed: bool = False) -> shapely.Geometry:
    """A line or, closed, a ring's polygon of positions. Raises Unreadable for too few of them."""
    return _polygon([positions]) if closed else _line(positions)


def _from_text(text: str) -> shapely.Geometry | None:
    text = text.strip()
    try:
        if text.startswith("{"):
            return shape_of(json.loads(text))
        if re.match(r"(SRID=\d+;)?\s*(MULTI|GEOMETRYC|POINT|LINE|POLYGON)", text, re.IGNORECASE):
            with np.errstate(over="ignore", invalid="ignore"):
                return shapely.from_wkt(text.split(";")[-1])
    except (ValueError, RecursionError, shapely.errors.ShapelyError) as error:
        raise Unreadable("text that is no shape") from error
    raise Unreadable("text that is no shape")


def _keyed(value: Mapping[Any, Any]) -> tuple[float, float] | None:
    lower = {str(k).strip().lower(): v for k, v in value.items()}
    x = next((lower[k] for k in _X if k in lower), None)
    y = next((lower[k] for k in _Y if k in lower), None)
    if x is None or y is None:
        return None
    return _number(x), _number(y)


def _number(value: Any) -> float:
    if isinstance(value, bool) or value is None:
        raise Unreadable("no number")
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise Unreadable("no number") from error


def _positions(value: Any, depth: int) -> Any:
    """Nested lists with positions (tuples of 2 numbers) as leaves; None where all is blank."""
    if depth > _MAX_DEPTH:
        raise Unreadable("nested too deeply")
    if isinstance(value, Mapping):
        pair = _keyed(value)
        if pair is None:
            raise Unreadable("an object among coordinates")
        return pair
    if isinstance(value, str):
        return _positions(_listed(value), depth + 1)
    if not isinstance(value, list | tuple):
        raise Unreadable("coordinates are no list")
    if not value:
        return None
    if all(_is_plain(v) for v in value):
        if all(v is None for v in value):
            return None
        numbers = [_number(v) for v in value]
        if any(not math.isfinite(n) for n in numbers[:2]):
            if all(math.isnan(n) for n in numbers[:2]):
                return None
            raise Unreadable("no number")
        if len(numbers) in (2, 3, 4) and depth < 2:
            # Four numbers at the top of a line are two positions; at the top of a point, x y z m.
            return tuple(numbers[:2]) if len(numbers) < 4 else _flat(numbers)
        if len(numbers) in (2, 3, 4):
            return tuple(numbers[:2])
        if len(numbers) > 4 and len(numbers) % 2 == 0:
            return _flat(numbers)
        raise Unreadable(f"a position of {len(numbers)} number" + ("s" if len(numbers) != 1 else ""))
    inside = [_positions(v, depth + 1) for v in value]
    inside = [v for v in inside if v is not None]
    return inside or None


class _Flat(list[Any]):
    """Positions that stood in one flat list."""


def _flat(numbers: list[float]) -> Any:
    return _Flat(zip(numbers[::2], numbers[1::2], strict=True))


def _is_plain(value: Any) -> bool:
    if value is None or isinstance(value, int | float):
        return True
    return isinstance(value, str) and _NUMBER.fullmatch(value.strip()) is not None


def _listed(text: str) -> Any:
    """Coordinates in one text: JSON, or positions divided by blanks or semicolons."""
    text = text.strip()
    if text.startswith(("[", "{")):
        try:
            return json.loads(text)
        except (ValueError, RecursionError) as error:
            raise Unreadable("text that is no list") from error
    groups = [g for g in re.split(r";|\s+(?=\S+,)", text) if g.strip()]
    found = [[float(n) for n in _NUMBER.findall(group)] for group in groups]
    found = [numbers for numbers in found if numbers]
    if not found:
        raise Unreadable("text without numbers")
    return found[0] if len(found) == 1 else found


def _levels(nested: Any) -> int:
    """0 for a position, 1 for a list of positions, ..."""
    if isinstance(nested, tuple):
        return 0
    return 1 + max((_levels(one) for one in nested), default=0)


def _built(kind: str, nested: Any) -> shapely.Geometry:
    depth = _levels(nested)
    while isinstance(nested, list) and len(nested) == 1 and depth > (_DEPTH.get(kind, 3) if kind else 3):
        nested, depth = nested[0], depth - 1
    if kind == "point" and isinstance(nested, _Flat):
        nested, depth = nested[0], 0
    if not kind:
        kind = {0: "point", 1: "linestring", 2: "polygon"}.get(depth, "multipolygon")
    if kind in ("point", "multipoint"):
        points = list(_leaves(nested))
        return shapely.Point(points[0]) if len(points) == 1 else shapely.MultiPoint(points)
    if kind in ("linestring", "multilinestring"):
        lines = [_line(line) for line in _at_level(nested, depth, 1)]
        return lines[0] if len(lines) == 1 and kind == "linestring" else shapely.MultiLineString(lines)
    if depth <= 1:
        return _polygon([nested])
    if depth == 2 and kind == "polygon":
        return _polygon(nested)
    if depth == 2:
        return _rings_to_polygons(nested)
    polygons = [_polygon(rings) for rings in _at_level(nested, depth, 2)]
    return polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)


def _leaves(nested: Any) -> Iterable[tuple[float, float]]:
    if isinstance(nested, tuple):
        yield nested
        return
    for one in nested:
        yield from _leaves(one)


def _at_level(nested: Any, depth: int, wanted: int) -> list[Any]:
    """The lists that stand `wanted` levels above positions."""
    if depth <= wanted:
        return [nested]
    return [found for one in nested for found in _at_level(one, _levels(one), wanted)]


def _line(positions: Any) -> shapely.LineString:
    if isinstance(positions, tuple) or len(positions) < 2:
        raise Unreadable("a line of one position")
    return shapely.LineString(positions)


def _ring(positions: Any) -> list[tuple[float, float]]:
    if isinstance(positions, tuple) or any(not isinstance(one, tuple) for one in positions):
        raise Unreadable("a ring that is none")
    ring = list(positions)
    if len(set(ring)) < 3:
        raise Unreadable("a ring of fewer than three positions")
    return ring if ring[0] == ring[-1] else [*ring, ring[0]]


def _polygon(rings: Any) -> shapely.Polygon:
    closed = [_ring(ring) for ring in rings]
    return shapely.Polygon(closed[0], closed[1:])


def _rings_to_polygons(rings: Any) -> shapely.Geometry:
    """Rings of which nobody says which polygon they belong to: those inside of the first are its holes."""
    alone = [_polygon([ring]) for ring in rings]
    if len(alone) > 1 and all(shapely.contains_properly(alone[0], one) for one in alone[1:]):
        return _polygon(rings)
    return alone[0] if len(alone) == 1 else shapely.MultiPolygon(alone)
