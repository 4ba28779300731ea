"""Where lines meet the cells of a raster or the borders of polygons, and what each piece then lies in."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pyproj
import shapely

from migmap.api import Finding, Progress, RasterData, part
from migmap.kernels.lines import binned, border_cuts, grid_cuts

from .classes import Classes
from .crs import moved
from .edges import Course, Edges, course_in
from .hazardcells import count_unfit
from .nodata import is_stand_in, stand_ins, undeclared
from .regions import HazardPolygons
from .rings import rings_of
from .tiles import Tile, over_tiles, read_cells, tiles_of

# How far a line may lie from its true course after a change of CRS: in cells of a raster, and in metres
# where polygons have borders.
_BORDER_CELLS = 1e-5
_BORDER_M = 1e-3
_BORDER_DEGREES = 1e-8

# A line nearer than this to a grid line, in cells, runs along it.
_SAME_LINE = 1e-6

# What rounding makes of one place, in units in the last place of the largest coordinate.
_ROUNDING = 8 * np.finfo(np.float64).eps

_MOST_BINS = 1 << 22
_POINTS = 10_000

Cuts = tuple[np.ndarray, np.ndarray]
"""Edge (int64 [c]) and s of places where edges are cut."""


class GridCuts:
    """Lines on a raster: cut at every grid line they cross, each piece in the class of its cell.

    A piece along a grid line belongs to the cell of the higher row or column.
    """

    def __init__(self, raster: RasterData, classes: Classes) -> None:
        self.raster = raster
        self._classes = classes
        self._marks = stand_ins(raster.nodata)
        self._seen: set[float] = set()
        self._marked = 0

    def pieces_of(self, edges: Edges, crs: pyproj.CRS) -> np.ndarray:
        """About how many pieces each edge will be cut into, float64 [e]."""
        start = self._index(moved(np.column_stack([edges.x0, edges.y0]), crs, self.raster.crs))
        stop = self._index(moved(np.column_stack([edges.x1, edges.y1]), crs, self.raster.crs))
        most = np.array([self.raster.width, self.raster.height], dtype=np.float64)
        with np.errstate(invalid="ignore"):
            crossed = np.abs(np.clip(stop, 0, most) - np.clip(start, 0, most)).sum(axis=1)
        return np.asarray(np.nan_to_num(crossed))

    def course(self, edges: Edges, crs: pyproj.CRS) -> Course:
        """The edges in columns and rows of the raster."""
        a, b, _, d, e, _ = self.raster.transform
        cell = math.sqrt(abs(a * e - b * d))
        course = course_in(edges, crs, self.raster.crs, _BORDER_CELLS * cell)
        start = self._index(np.column_stack([course.x0, course.y0])).T.copy()
        stop = self._index(np.column_stack([course.x1, course.y1])).T.copy()
        return Course(course.first, start[0], start[1], stop[0], stop[1])

    def _index(self, points: np.ndarray) -> np.ndarray:
        a, b, c, d, e, f = self.raster.transform
        x, y = points[:, 0] - c, points[:, 1] - f
        turn = a * e - b * d
        index = np.column_stack([(e * x - b * y) / turn, (a * y - d * x) / turn])
        whole = np.round(index)
        with np.errstate(invalid="ignore"):
            return np.asarray(np.where(np.abs(index - whole) < _SAME_LINE, whole, index))

    def cuts(self, course: Course) -> tuple[Cuts, None]:
        """Where the edges meet grid lines."""
        sub, share = grid_cuts(
            course.x0, course.y0, course.x1, course.y1, self.raster.width, self.raster.height
        )
        return course.along(sub, share), None

    def codes(
        self, course: Course, edge: np.ndarray, middle: np.ndarray, runs: None, progress: Progress
    ) -> np.ndarray:
        """int64 [m]: class of each piece by its middle (s); k where it is unknown."""
        raster = self.raster
        k = len(self._classes)
        out = np.full(len(edge), k, dtype=np.int64)
        u, v = course.at(edge, middle)
        with np.errstate(invalid="ignore"):
            col, row = np.floor(u), np.floor(v)
            known = np.flatnonzero((col >= 0) & (col < raster.width) & (row >= 0) & (row < raster.height))
        if not len(known):
            return out
        rows, cols = row[known].astype(np.int64), col[known].astype(np.int64)
        number = (np.searchsorted(self._tops, rows, side="right") - 1) * len(self._lefts)
        number += np.searchsorted(self._lefts, cols, side="right") - 1
        order = np.argsort(number, kind="stable")
        groups = np.split(order, np.flatnonzero(np.diff(number[order])) + 1)

        def read(
            datasets: Sequence[Any], group: np.ndarray
        ) -> tuple[np.ndarray, np.ndarray, np.ndarray, bool]:
            top, left = int(rows[group].min()), int(cols[group].min())
            tile: Tile = (top, int(rows[group].max()) + 1, left, int(cols[group].max()) + 1)
            values, valid = read_cells(raster, datasets[0], tile)
            picked = np.ascontiguousarray(values[rows[group] - top, cols[group] - left])
            good = valid[rows[group] - top, cols[group] - left]
            marked = good & is_stand_in(picked.reshape(1, -1), self._marks)[0]
            good &= ~marked
            codes = self._classes.codes(picked, good)
            fits = not self._classes.misfits(picked, good).any()
            return group, codes, picked[marked].astype(np.float64), fits

        for group, codes, marked, fits in over_tiles([raster], groups, read, progress, self.text):
            if not fits:
                raise count_unfit(raster, self._classes, part(progress, 1.0, 1.0))
            out[known[group]] = np.where(codes < 0, k, codes)
            self._seen.update(np.unique(marked).tolist())
            self._marked += len(marked)
        return out

    @property
    def text(self) -> str:
        return f"Reading {self.raster.name} along the lines"

    @cached_property
    def _tops(self) -> np.ndarray:
        return np.unique([tile[0] for tile in self._tiles])

    @cached_property
    def _lefts(self) -> np.ndarray:
        return np.unique([tile[2] for tile in self._tiles])

    @cached_property
    def _tiles(self) -> list[Tile]:
        return tiles_of(self.raster)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was odd under the lines read so far."""
        if not self._marked:
            return ()
        what = (
            "piece of a line lies on a cell that holds",
            "pieces of lines lie on cells that hold",
        )
        return (undeclared(self.raster, self._seen, self._marked, what),)


@dataclass(frozen=True, slots=True, eq=False)
class Runs:
    """Where edges run along a border: edge int64 [r], from s to s, of which polygon (int64)."""

    edge: np.ndarray
    start: np.ndarray
    stop: np.ndarray
    polygon: np.ndarray

    def holding(self, edge: np.ndarray, middle: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Which pieces run along the border of which polygon: (piece, polygon), each pair once, rising."""
        order = np.argsort(edge, kind="stable")
        low = np.searchsorted(edge[order], self.edge, side="left")
        high = np.searchsorted(edge[order], self.edge, side="right")
        count = high - low
        run = np.repeat(np.arange(len(self.edge)), count)
        place = np.arange(len(run)) - np.repeat(np.cumsum(count) - count, count) + low[run]
        piece = order[place]
        on = (middle[piece] >= self.start[run]) & (middle[piece] <= self.stop[run])
        pairs = np.unique(np.column_stack([piece[on], self.polygon[run[on]]]), axis=0)
        return pairs[:, 0], pairs[:, 1]


class BorderCuts:
    """Lines and polygons: cut wherever they meet a border.

    polygons: object [p], valid, in `crs`; lines are moved there, so that borders stay as they are. Only what
    lies within `reach` (west, south, east, north) is looked at.
    """

    def __init__(
        self, polygons: np.ndarray, crs: pyproj.CRS, reach: tuple[float, float, float, float]
    ) -> None:
        self.polygons = polygons
        self.crs = crs
        self._reach = reach

    def course(self, edges: Edges, crs: pyproj.CRS) -> Course:
        unit = self.crs.axis_info[0].unit_conversion_factor if self.crs.axis_info else 1.0
        return course_in(
            edges, crs, self.crs, _BORDER_DEGREES if self.crs.is_geographic else _BORDER_M / unit
        )

    def cuts(self, course: Course) -> tuple[Cuts, Runs]:
        """Where the edges meet borders, and where they run along one."""
        borders = self._borders
        if borders is None or not len(course.x0):
            none = np.zeros(0, dtype=np.int64)
            return (none, np.zeros(0)), Runs(none, np.zeros(0), np.zeros(0), none)
        largest = np.nanmax(np.abs([course.x0, course.y0, course.x1, course.y1]), initial=borders.largest)
        sub, share, run_sub, start, stop, segment = border_cuts(
            course.x0,
            course.y0,
            course.x1,
            course.y1,
            borders.cx,
            borders.cy,
            borders.dx,
            borders.dy,
            borders.frame,
            borders.nx,
            borders.ny,
            borders.bin_start,
            borders.bin_items,
            float(largest) * _ROUNDING,
        )
        edge, begin = course.along(run_sub, start)
        _, end = course.along(run_sub, stop)
        return course.along(sub, share), Runs(edge, begin, end, borders.polygon[segment])

    def at(
        self,
        predicate: Literal["intersects", "contains_properly"],
        x: np.ndarray,
        y: np.ndarray,
        which: np.ndarray,
        progress: Progress,
    ) -> tuple[np.ndarray, np.ndarray]:
        """(piece, polygon) for the pieces `which`, by their middles x, y [m]."""
        pieces, polygons = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
        for start in range(0, len(which), _POINTS):
            progress(start / len(which), "looking up where lines lie")
            some = which[start : start + _POINTS]
            near = self._near(x[some], y[some])
            tree = shapely.STRtree(shapely.points(x[some], y[some]))
            polygon, point = tree.query(self.polygons[near], predicate=predicate)
            pieces.append(some[point])
            polygons.append(near[polygon])
        return np.concatenate(pieces), np.concatenate(polygons)

    def _near(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        box = self._boxes
        near = np.flatnonzero(
            (box[:, 0] <= x.max()) & (box[:, 2] >= x.min()) & (box[:, 1] <= y.max()) & (box[:, 3] >= y.min())
        )
        # kept by the polygons, so that the next lot of pieces finds them prepared
        shapely.prepare(self.polygons[near])
        return near

    @cached_property
    def _boxes(self) -> np.ndarray:
        return np.asarray(shapely.bounds(self.polygons)).reshape(-1, 4)

    @cached_property
    def _borders(self) -> _Borders | None:
        west, south, east, north = self._reach
        box = self._boxes
        met = (box[:, 0] <= east) & (box[:, 2] >= west) & (box[:, 1] <= north) & (box[:, 3] >= south)
        which = np.flatnonzero(met)
        rings = rings_of(self.polygons[which])
        last = np.zeros(len(rings.x), dtype=bool)
        last[rings.ring_offset[1:] - 1] = True
        start = np.flatnonzero(~last)
        cx, cy, dx, dy = rings.x[start], rings.y[start], rings.x[start + 1], rings.y[start + 1]
        kept = (np.minimum(cx, dx) <= east) & (np.maximum(cx, dx) >= west)
        kept &= (np.minimum(cy, dy) <= north) & (np.maximum(cy, dy) >= south)
        kept &= (cx != dx) | (cy != dy)
        if not kept.any():
            return None
        # The same direction from whichever side, so that two neighbours' border is met in one place.
        turned = (cx > dx) | ((cx == dx) & (cy > dy))
        cx, dx = np.where(turned, dx, cx)[kept], np.where(turned, cx, dx)[kept]
        cy, dy = np.where(turned, dy, cy)[kept], np.where(turned, cy, dy)[kept]
        ring = np.repeat(np.arange(len(rings.ring_offset) - 1), np.diff(rings.ring_offset))[start][kept]
        shape = np.repeat(np.arange(rings.shapes), np.diff(rings.shape_offset))[ring]
        side = int(np.clip(math.sqrt(len(cx) / 2), 1, math.isqrt(_MOST_BINS)))
        west, south = float(min(cx.min(), dx.min())), float(min(cy.min(), dy.min()))
        wide = max(float(max(cx.max(), dx.max())) - west, 1e-9)
        tall = max(float(max(cy.max(), dy.max())) - south, 1e-9)
        frame = np.array([west, south, wide / side, tall / side])
        bin_start, bin_items = binned(cx, cy, dx, dy, frame, side, side)
        largest = float(np.abs([cx, cy, dx, dy]).max())
        return _Borders(
            cx, cy, dx, dy, which[shape].astype(np.int64), frame, side, side, bin_start, bin_items, largest
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Borders:
    """Border segments c-d with their polygon, sorted into bins."""

    cx: np.ndarray
    cy: np.ndarray
    dx: np.ndarray
    dy: np.ndarray
    polygon: np.ndarray
    frame: np.ndarray
    nx: int
    ny: int
    bin_start: np.ndarray
    bin_items: np.ndarray
    largest: float


class HazardCuts(BorderCuts):
    """Lines and hazard polygons: each piece in one class."""

    def __init__(self, hazard: HazardPolygons, reach: tuple[float, float, float, float]) -> None:
        super().__init__(hazard.parts, hazard.crs, reach)
        self._hazard = hazard

    findings: tuple[Finding, ...] = ()

    def codes(
        self, course: Course, edge: np.ndarray, middle: np.ndarray, runs: Runs, progress: Progress
    ) -> np.ndarray:
        """int64 [m]: class of each piece; k where it has none, k + 1 outside all polygons. A border counts
        as inside, and where classes meet the highest rank wins."""
        x, y = course.at(edge, middle)
        there = np.isfinite(x) & np.isfinite(y)
        piece, polygon = self.at("intersects", x, y, np.flatnonzero(there), progress)
        along, border = runs.holding(edge, middle)
        rank, codes = self._hazard.rank, self._hazard.codes
        k = len(self._hazard.labels)
        best = np.full(len(edge), -1, dtype=np.int64)
        np.maximum.at(best, piece, rank[codes[polygon]])
        np.maximum.at(best, along, rank[codes[border]])
        out = np.where(best >= 0, np.argsort(rank)[best], k + 1)
        out[~there] = k
        return out


class AreaCuts(BorderCuts):
    """Lines and areas: each piece in a fixed set of areas."""

    def members(
        self, course: Course, edge: np.ndarray, middle: np.ndarray, runs: Runs, progress: Progress
    ) -> tuple[np.ndarray, np.ndarray]:
        """(piece, area), sorted by piece, then area. A piece along a border, inside no area, belongs to the
        first of those areas in file order, only."""
        x, y = course.at(edge, middle)
        there = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
        piece, area = self.at("contains_properly", x, y, there, part(progress, 0.0, 0.5))
        along, border = runs.holding(edge, middle)
        # rounding can put the middle of a piece along a border to one side of it
        count = len(self.polygons)
        clear = ~np.isin(piece * count + area, along * count + border)
        piece, area = piece[clear], area[clear]
        inside = np.zeros(len(edge), dtype=bool)
        inside[piece] = True
        on, rim = self.at("intersects", x, y, there[~inside[there]], part(progress, 0.5, 1.0))
        on, rim = np.concatenate([on, along]), np.concatenate([rim, border])
        alone = ~inside[on]
        on, rim = on[alone], rim[alone]
        order = np.lexsort((rim, on))
        on, first = np.unique(on[order], return_index=True)
        piece, area = np.concatenate([piece, on]), np.concatenate([area, rim[order][first]])
        order = np.lexsort((area, piece))
        return piece[order], area[order]
