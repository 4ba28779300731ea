"""Between which classes a position may lie: within half a cell, and within how well it is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyproj
import shapely

from migmap.api import Finding, Progress, RasterData, no_progress, part
from migmap.kernels.discs import LENGTH2, outlines

from .classes import Classes
from .crs import WGS84, moved
from .discs import Cover, classes_in, ranks_of
from .ground import refuse_rotated
from .localmetric import discs_around, spots
from .regions import HazardPolygons, Regions
from .repair import meeting_pairs, split_into_groups
from .sampling import grid_positions

# A hair less, so that the middle of a cell reaches no neighbour by rounding.
HALF_CELL = 0.5 - 1e-9

_CORNERS = 64
_TURN = 5_000
_CORNERS_A_TURN = 20_000
_LOOKING = "Looking up the hazard around each position"
_HAIR_M = 0.01


@dataclass(frozen=True, slots=True, eq=False)
class ClassRange:
    """Between which classes each of n positions may lie.

    lowest, highest: int64 [n], ranks of known classes, -1 where none is known. unknown: bool [n], whether the
    class may also be unknown.
    """

    lowest: np.ndarray
    highest: np.ndarray
    unknown: np.ndarray
    findings: tuple[Finding, ...] = ()

    @property
    def may_change(self) -> np.ndarray:
        """bool [n]: the class is not the same everywhere within reach."""
        return np.asarray((self.lowest != self.highest) | (self.unknown & (self.highest >= 0)))


def class_range(
    raster: RasterData,
    classes: Classes,
    place: np.ndarray,
    points: np.ndarray,
    *,
    crs: pyproj.CRS = WGS84,
    accuracy_m: float | np.ndarray | None = None,
    progress: Progress = no_progress,
) -> ClassRange:
    """The classes of all cells that reach nearer than half a cell to a position, sideways and up or down,
    and of those any part of which lies within `accuracy_m` of it.

    So a position that is off by less than half a cell, or by less than its accuracy, has a class of this
    range, or none that is known where `unknown` says so.

    place: int64 [k + 1], rank of each class code; the last is that of unknown. points: float64 [n, 2] in
    `crs`; NaN is unknown. accuracy_m: metres on the ground, float or float64 [n], NaN where it is not stated
    (`localmetric.discs_around` says how exact its circle is). Rotated rasters are fine without it; with it
    they are a Problem.
    """
    places = moved(np.asarray(points, dtype=np.float64).reshape(-1, 2), crs, raster.crs)
    if accuracy_m is None:
        discs, earth = spots(*grid_positions(raster, places))
    else:
        refuse_rotated(raster)
        stated = np.asarray(accuracy_m, dtype=np.float64)
        radius = np.where(np.isnan(stated), 0.0, stated)
        discs, earth = discs_around(places, radius, raster.crs, raster.transform)
    cover = Cover.of(raster, discs, earth, "touch", HALF_CELL, part(progress, 0.0, 0.2))
    found = classes_in(raster, classes, place, cover, part(progress, 0.2, 1.0))
    return ClassRange(found.lowest, found.highest, found.unknown, found.findings)


def polygon_range(
    hazard: HazardPolygons,
    place: np.ndarray,
    points: np.ndarray,
    *,
    crs: pyproj.CRS = WGS84,
    accuracy_m: float | np.ndarray | None = None,
    progress: Progress = no_progress,
) -> ClassRange:
    """The classes of the hazard polygons within `accuracy_m` of each position, rank 0 (not exposed) where
    that reaches beyond all of them.

    place: int64 [k + 1], rank of each class of the hazard; the last is that of unknown. points, accuracy_m:
    as in `class_range`; without an accuracy only the position itself counts, a border being inside. Where
    polygons overlap, the place has the class of highest rank, as everywhere. The circle is a polygon of 64
    corners around it, so that it reaches at most 0.13 % too far and never less than `accuracy_m`.
    """
    places = moved(np.asarray(points, dtype=np.float64).reshape(-1, 2), crs, hazard.crs)
    ranks = np.append(ranks_of(place), 0)  # index -1, outside all polygons, is not exposed
    progress(0.0, "Looking up the hazard at each position")
    own = ranks[hazard.at(places)]
    lost = ~np.isfinite(places).all(axis=1)
    own[lost] = -1
    lowest, highest, unknown = own.copy(), own.copy(), own < 0
    if accuracy_m is None:
        return ClassRange(lowest, highest, unknown)
    stated = np.broadcast_to(np.asarray(accuracy_m, dtype=np.float64), (len(places),))
    discs, earth = discs_around(places, stated, hazard.crs)
    there = np.flatnonzero(discs[:, LENGTH2] > 0)
    if not len(there):
        return ClassRange(lowest, highest, unknown)
    ground = _Ground(hazard.regions(hazard.crs, progress=part(progress, 0.1, 0.3)), ranks)
    lowest[lowest < 0] = len(ranks)
    for start in range(0, len(there), _TURN):
        done = 0.3 + 0.7 * start / len(there)
        step = part(progress, done, min(done + 0.7 * _TURN / len(there), 1.0))
        step(0.0, _LOOKING)
        some = there[start : start + _TURN]
        ring = np.empty((len(some), _CORNERS + 1, 2))
        outlines(some, discs, earth, _CORNERS, 1.0 / np.cos(np.pi / _CORNERS), ring)
        ground.widen(shapely.polygons(ring), some, lowest, highest, unknown, step)
    lowest[highest < 0] = -1
    return ClassRange(lowest, highest, unknown)


class _Ground:
    """Regions of one class each, looked up by many small shapes."""

    def __init__(self, regions: Regions, ranks: np.ndarray) -> None:
        self._shapes = regions.shapes
        self._ranks = ranks[regions.codes]
        self._hair = _HAIR_M if regions.crs.is_projected else _HAIR_M / 111_000.0
        shapely.prepare(self._shapes)
        turn = np.cumsum(shapely.get_num_coordinates(self._shapes)) // _CORNERS_A_TURN
        ends = (np.flatnonzero(np.diff(turn, append=-1)) + 1).tolist()
        self._turns = list(zip([0, *ends[:-1]], ends, strict=True))

    def _found(
        self, tree: shapely.STRtree, predicate: str, progress: Progress
    ) -> tuple[np.ndarray, np.ndarray]:
        """(region, shape) of every pair, a few regions at a time, so that a cancel need not wait."""
        none = np.empty(0, dtype=np.int64)
        regions, shapes = [none], [none]
        for first, last in self._turns:
            progress(first / len(self._shapes), _LOOKING)
            region, shape = tree.query(self._shapes[first:last], predicate=predicate)
            regions.append(region + first)
            shapes.append(shape)
        return np.concatenate(regions), np.concatenate(shapes)

    def widen(
        self,
        shapes: np.ndarray,
        rows: np.ndarray,
        lowest: np.ndarray,
        highest: np.ndarray,
        unknown: np.ndarray,
        progress: Progress,
    ) -> None:
        """Widen the ranges of `rows` by what their shapes meet."""
        tree = shapely.STRtree(shapes)
        region, shape = self._found(tree, "intersects", part(progress, 0.0, 0.5))
        rank = self._ranks[region]
        known = rank >= 0
        np.minimum.at(lowest, rows[shape[known]], rank[known])
        np.maximum.at(highest, rows[shape[known]], rank[known])
        unknown[rows[shape[~known]]] = True
        inside = np.zeros(len(shapes), dtype=bool)
        inside[self._found(tree, "covers", part(progress, 0.5, 1.0))[1]] = True
        # what lies in several regions may still lie in all of them together
        across = ~inside & (np.bincount(shape, minlength=len(shapes)) > 1)
        if across.any():
            joined = self._joined(np.unique(region[across[shape]]), progress)
            inside[tree.query(joined, predicate="covers")[1]] = True
        beyond = rows[~inside]
        lowest[beyond] = 0
        highest[beyond] = np.maximum(highest[beyond], 0)

    def _joined(self, some: np.ndarray, progress: Progress) -> np.ndarray:
        """Those of some regions (int64) that meet each other, united; holes as thin as a hair, which
        rounding leaves along shared borders, filled."""
        regions = self._shapes[some]
        a, b = meeting_pairs(regions)
        _, groups = split_into_groups(len(regions), a, b)
        united = []
        for group in groups:
            progress(1.0, _LOOKING)
            united.append(shapely.union_all(regions[group]))
        if not united:
            return np.empty(0, dtype=object)
        polygons = shapely.get_parts(np.array(united, dtype=object))
        rings, owner = shapely.get_rings(polygons, return_index=True)
        is_hole = np.diff(owner, prepend=-1) == 0
        areas = shapely.area(shapely.polygons(rings))
        hair = is_hole & (areas < self._hair * shapely.length(rings))
        if hair.any():
            kept, belongs = rings[~hair], owner[~hair]
            shells = np.split(kept, np.flatnonzero(np.diff(belongs)) + 1)
            polygons = np.array([shapely.Polygon(one[0], list(one[1:])) for one in shells], dtype=object)
        shapely.prepare(polygons)
        return np.asarray(polygons)
