"""Several hazards of polygons over each other: ground in pieces that share none, one combination each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyproj
import shapely

from migmap.api import Progress, no_progress, part

from .regions import HazardPolygons, Regions
from .repair import only_polygons

if TYPE_CHECKING:
    from migmap.api import Extent

# Shapes, and vertices, between two calls of progress.
_LOT = 16
_VERTICES = 2048

# Thinner than this many units in the last place of the coordinates is what rounding leaves along borders.
_ROUNDING = 64 * np.finfo(np.float64).eps


@dataclass(frozen=True, slots=True, eq=False)
class JointRegions:
    """regions: polygons that share no ground, whose `codes` index `combos`; together the ground of all
    hazards. combos: int16 [c, H], each once, in rising order: the class of each hazard there. Of hazard h
    with k classes, k is unknown (a polygon without class) and k + 1 lies outside all its polygons."""

    regions: Regions
    combos: np.ndarray


def joint_regions(
    hazards: Sequence[HazardPolygons],
    crs: pyproj.CRS,
    extent: Extent | None = None,
    progress: Progress = no_progress,
) -> JointRegions:
    """The ground of all hazards (at least one), by combination of their classes, in `crs`.

    extent: as for `HazardPolygons.regions`. Each hazard is cut along the borders of the next. Slivers
    thinner than rounding are dropped, so that the areas of a hazard's class in all combinations add
    up to that of the class alone (1e-9).
    """
    shapes = np.empty(0, dtype=object)
    combos = np.empty((0, 0), dtype=np.int16)
    for number, hazard in enumerate(hazards):
        step = part(progress, number / len(hazards), (number + 1) / len(hazards))
        own = hazard.regions(crs, extent, part(step, 0.0, 0.2))
        codes = own.codes.astype(np.int16)[:, None]
        nowhere = np.array([[len(other.labels) + 1 for other in hazards[:number]]], dtype=np.int16)
        beyond = np.full((len(combos), 1), len(hazard.labels) + 1, dtype=np.int16)
        both, a, b, rest_a, left_a, rest_b, left_b = _overlaid(shapes, own.shapes, part(step, 0.2, 1.0))
        combos = np.concatenate(
            [
                np.hstack([combos[a], codes[b]]),
                np.hstack([combos[left_a], beyond[left_a]]),
                np.hstack([np.repeat(nowhere, len(left_b), axis=0), codes[left_b]]),
            ]
        )
        shapes = np.concatenate([both, rest_a, rest_b])
    found, code = np.unique(combos, axis=0, return_inverse=True)
    return JointRegions(Regions(shapes, code.reshape(-1).astype(np.int64), len(found), crs), found)


_Overlay = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def _overlaid(one: np.ndarray, other: np.ndarray, progress: Progress) -> _Overlay:
    """Two sets of polygons, each sharing no ground within itself: (ground of both, which of `one`, which of
    `other`; ground of `one` alone, which; ground of `other` alone, which)."""
    a, b = _meeting(one, other, part(progress, 0.0, 0.2))
    both: list[shapely.Geometry] = []
    at: list[int] = []
    for start in range(0, len(a), _LOT):
        progress(0.2 + 0.4 * start / len(a), "laying hazards over each other")
        lot = slice(start, start + _LOT)
        for i, shape in enumerate(shapely.intersection(one[a[lot]], other[b[lot]]), start):
            for piece in _solid(shape):
                both.append(piece)
                at.append(i)
    pair = np.array(at, dtype=np.int64)
    rest_a, left_a = _without(one, a, other, b, part(progress, 0.6, 0.8))
    rest_b, left_b = _without(other, b, one, a, part(progress, 0.8, 1.0))
    return _array(both), a[pair], b[pair], rest_a, left_a, rest_b, left_b


def _meeting(one: np.ndarray, other: np.ndarray, progress: Progress) -> tuple[np.ndarray, np.ndarray]:
    """Pairs (of `one`, of `other`) that share at least a point, sorted.

    Of each pair the one with more vertices is prepared: thousands of small polygons in the holes of a large
    one are then found in a fraction of the time.
    """
    progress(0.0, "laying hazards over each other")
    a, b = shapely.STRtree(other).query(one)
    larger = shapely.get_num_coordinates(one)[a] >= shapely.get_num_coordinates(other)[b]
    met = np.zeros(len(a), dtype=bool)
    for sign, (large, small) in ((True, (one[a], other[b])), (False, (other[b], one[a]))):
        pairs = np.flatnonzero(larger == sign)
        for start in range(0, len(pairs), 256):
            progress(start / len(pairs), "laying hazards over each other")
            lot = pairs[start : start + 256]
            shapely.prepare(large[lot])
            met[lot] = shapely.intersects(large[lot], small[lot])
    order = np.lexsort((b[met], a[met]))
    return a[met][order].astype(np.int64), b[met][order].astype(np.int64)


def _without(
    shapes: np.ndarray, of: np.ndarray, others: np.ndarray, by: np.ndarray, progress: Progress
) -> tuple[np.ndarray, np.ndarray]:
    """(what is left of the shapes without the others they meet, which shape each piece is of)."""
    order = np.argsort(of, kind="stable")
    first = np.searchsorted(of[order], np.arange(len(shapes) + 1))
    vertices = shapely.get_num_coordinates(others)
    found: list[shapely.Geometry] = []
    at: list[int] = []
    for i in range(len(shapes)):
        met = by[order[first[i] : first[i + 1]]]
        if not len(met):
            found.append(shapes[i])
            at.append(i)
            continue
        left = shapes[i]
        lots = np.cumsum(vertices[met]) // _VERTICES
        for lot in np.split(met, np.flatnonzero(np.diff(lots)) + 1):
            progress(i / len(shapes), "laying hazards over each other")
            left = shapely.difference(
                left, others[lot[0]] if len(lot) == 1 else shapely.union_all(others[lot])
            )
        for piece in _solid(left):
            found.append(piece)
            at.append(i)
    return _array(found), np.array(at, dtype=np.int64)


def _solid(shape: shapely.Geometry) -> np.ndarray:
    """The single polygons of an overlay without what rounding leaves: those thinner than its error."""
    polygons = only_polygons(shape)
    if polygons is None:
        return np.empty(0, dtype=object)
    pieces = shapely.get_parts(polygons)
    reach = np.abs(shapely.bounds(pieces)).max(axis=1)
    thick: np.ndarray = pieces[shapely.area(pieces) > _ROUNDING * reach * shapely.length(pieces)]
    return thick


def _array(found: list[shapely.Geometry]) -> np.ndarray:
    shapes = np.empty(len(found), dtype=object)
    shapes[:] = found
    return shapes
