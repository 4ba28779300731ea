"""What a raster holds around positions: cells, values and classes within a radius on the ground."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pyproj

from migmap.api import Finding, Progress, RasterData, no_progress, part
from migmap.kernels.coverage import add_zones, ring_frames
from migmap.kernels.discs import (
    HIGH,
    LENGTH2,
    LOW,
    U,
    V,
    boxes,
    by_tile,
    count_cells,
    fold_ranks,
    fold_values,
    outlines,
)

from .classes import Classes
from .crs import WGS84, moved
from .ground import cell_area_m2, refuse_rotated
from .hazardcells import Coder, Unfit, count_unfit
from .localmetric import discs_around, spots
from .nodata import BEYOND_MEASURE, stand_ins, undeclared
from .tiles import Tile, over_tiles, read_mask, read_values, tiles_of

Rule = Literal["touch", "centre"]

CORNERS = 96
"""Of the polygon that stands for a disc where its share of a cell counts."""

_NATIVE = ("uint8", "int16", "float32", "float64")
"""Types of cells that the kernels take as they are; others become float64 first."""

_TURN = 50_000
_MOST_MEMBERS = 20_000
_MOST_CELLS = 10_000_000
_LEAST_CELLS = 1e-3
_MARKED = ("disc holds cells of", "discs hold cells of")


@dataclass(frozen=True, slots=True, eq=False)
class DiscStats:
    """What the cells of each of n discs hold.

    cells: int64 [n], cells with data. unknown: int64 [n], cells without, or outside the raster; 1 for a
    disc that is nowhere. minimum, maximum, mean: float64 [n] over the cells with data, each cell counting
    the same; NaN without any.
    """

    cells: np.ndarray
    unknown: np.ndarray
    minimum: np.ndarray
    maximum: np.ndarray
    mean: np.ndarray
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class DiscClasses:
    """The classes of the ground in each of n discs.

    lowest, highest: int64 [n], ranks among the cells whose class is known, -1 without any. unknown: bool
    [n], whether a cell of the disc has no known class or lies outside the raster. shares: float64
    [n, k + 1], share of the disc's ground by class code, the last for unknown; None unless asked for.
    """

    lowest: np.ndarray
    highest: np.ndarray
    unknown: np.ndarray
    shares: np.ndarray | None = None
    findings: tuple[Finding, ...] = ()


def disc_stats(
    raster: RasterData,
    points: np.ndarray,
    radius_m: float | np.ndarray,
    *,
    crs: pyproj.CRS = WGS84,
    rule: Rule = "touch",
    progress: Progress = no_progress,
) -> DiscStats:
    """Minimum, maximum and mean of the cells within `radius_m` of each position.

    points: float64 [n, 2], x and y in `crs`. radius_m: metres on the ground, float or float64 [n]; how near
    the outline is to the geodesic circle is said at `localmetric.discs_around`. rule: "touch" for cells
    any part of which lies in the disc, and always the cell that holds the point; "centre" for cells whose
    centre lies in it, which in a disc smaller than a cell may be none. NaN positions and radii are
    nowhere: unknown. A raster ends at its sides, also where longitudes meet. Each part of the file is read
    once, and only where discs are. Problem for rotated rasters and radii below 0 or above 1,000 km.
    """
    refuse_rotated(raster)
    places = moved(np.asarray(points, dtype=np.float64).reshape(-1, 2), crs, raster.crs)
    discs, earth = discs_around(places, radius_m, raster.crs, raster.transform)
    cover = Cover.of(raster, discs, earth, rule, 0.0, part(progress, 0.0, 0.2))
    count = len(discs)
    cells, total = np.zeros(count, dtype=np.int64), np.zeros(count)
    inside = np.zeros(count, dtype=np.int64)
    least, most = np.full(count, np.inf), np.full(count, -np.inf)
    marked = np.zeros(count, dtype=bool)
    marks: set[float] = set()
    step = _Values(raster, cover)
    text = f"Reading {raster.name}"
    for members, found, mark in over_tiles([raster], cover.pieces, step, part(progress, 0.2, 1.0), text):
        inside[members] += found[:, 0].astype(np.int64)
        cells[members] += found[:, 1].astype(np.int64)
        least[members] = np.minimum(least[members], found[:, 2])
        most[members] = np.maximum(most[members], found[:, 3])
        total[members] += found[:, 4]
        marked[members] |= found[:, 5] > 0
        if not np.isnan(mark):
            marks.add(mark)
    unknown = cover.beyond(inside) + inside - cells
    unknown[cover.nowhere] = 1
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = total / cells
    none = cells == 0
    least[none] = most[none] = np.nan
    findings = (undeclared(raster, marks, int(marked.sum()), _MARKED),) if marked.any() else ()
    return DiscStats(cells, unknown, least, most, mean, findings)


def disc_classes(
    raster: RasterData,
    classes: Classes,
    place: np.ndarray,
    points: np.ndarray,
    radius_m: float | np.ndarray,
    *,
    crs: pyproj.CRS = WGS84,
    rule: Rule = "touch",
    shares: bool = False,
    progress: Progress = no_progress,
) -> DiscClasses:
    """Lowest and highest class within `radius_m` of each position; points, radius and rule as in
    `disc_stats`.

    place: int64 [k + 1], the rank of each class code; the last is that of unknown, and a class of the same
    rank is unknown, too. shares: also the share of each disc's ground by class, whatever the rule, by
    exact coverage of a polygon of 96 corners and the area of an ellipse, that leaves the disc's true
    outline by at most 0.1 % of the radius; cells weigh by their ground area. A disc less than a
    thousandth of a row high has the class of its centre. Shares of a disc add up to 1. Problem as in
    `disc_stats`, and where strict classes do not list a value the raster holds there.
    """
    refuse_rotated(raster)
    places = moved(np.asarray(points, dtype=np.float64).reshape(-1, 2), crs, raster.crs)
    discs, earth = discs_around(places, radius_m, raster.crs, raster.transform)
    cover = Cover.of(raster, discs, earth, rule, 0.0, part(progress, 0.0, 0.2))
    found = classes_in(raster, classes, place, cover, part(progress, 0.2, 0.6 if shares else 1.0))
    if not shares:
        return found
    cover = Cover.of(raster, discs, earth, "touch", 0.0, part(progress, 0.6, 0.65))
    table = _shares(raster, classes, cover, part(progress, 0.65, 0.9))
    # what is too small to measure has the class of its centre
    tiny = np.flatnonzero(discs[:, HIGH] - discs[:, LOW] < _LEAST_CELLS)
    if len(tiny):
        spot = Cover.of(raster, *spots(discs[tiny, U], discs[tiny, V]), "touch", 0.0)
        codes = np.arange(len(classes) + 1)
        code = classes_in(raster, classes, codes, spot, part(progress, 0.9, 1.0)).lowest
        table[tiny] = 0.0
        table[tiny, np.where(code < 0, len(classes), code)] = 1.0
    return DiscClasses(found.lowest, found.highest, found.unknown, table, found.findings)


@dataclass(frozen=True, eq=False)
class Cover:
    """Which cells of a raster n discs cover.

    discs, earth: see `migmap.kernels.discs`. margin: half-width, in cells, of the square around each
    centre whose cells belong to its disc, too; below 0 for none. box: int64 [n, 4], first row, row after the
    last, first column, column after the last of cells that may be reached.
    """

    raster: RasterData
    discs: np.ndarray
    earth: np.ndarray
    touch: bool
    margin: float
    box: np.ndarray

    @classmethod
    def of(
        cls,
        raster: RasterData,
        discs: np.ndarray,
        earth: np.ndarray,
        rule: Rule,
        margin: float,
        progress: Progress = no_progress,
    ) -> Cover:
        touch = rule == "touch"
        margin = margin if touch else -1.0
        box = np.empty((len(discs), 4), dtype=np.int64)
        for start in range(0, len(discs), _TURN):
            progress(start / len(discs), "Laying discs over the raster")
            boxes(discs[start : start + _TURN], earth, touch, margin, box[start : start + _TURN])
        return cls(raster, discs, earth, touch, margin, box)

    @property
    def nowhere(self) -> np.ndarray:
        """bool [n]: no position, or none on this Earth."""
        return ~(self.discs[:, LENGTH2] >= 0)

    @cached_property
    def leaves(self) -> np.ndarray:
        """int64: discs that may reach beyond the raster."""
        box, raster = self.box, self.raster
        out = (box[:, 0] < 0) | (box[:, 1] > raster.height) | (box[:, 2] < 0) | (box[:, 3] > raster.width)
        return np.flatnonzero(out)

    def beyond(self, inside: np.ndarray) -> np.ndarray:
        """int64 [n]: cells of each disc outside the raster, when `inside` [n] of it are within."""
        found = np.zeros(len(self.discs), dtype=np.int64)
        for start in range(0, len(self.leaves), _TURN):
            some = self.leaves[start : start + _TURN]
            cells = np.empty(len(some), dtype=np.int64)
            count_cells(some, self.discs, self.earth, self.touch, self.margin, cells)
            found[some] = cells - inside[some]
        return found

    @cached_property
    def pieces(self) -> list[tuple[Tile, np.ndarray]]:
        """(window to read, discs that meet it), a window for each tile with discs, or several where
        they are many or large."""
        tiles = tiles_of(self.raster)
        tops = np.unique(np.array([tile[0] for tile in tiles], dtype=np.int64))
        lefts = np.unique(np.array([tile[2] for tile in tiles], dtype=np.int64))
        offset, members = by_tile(self.box, self.raster.height, self.raster.width, tops, lefts)
        # the tiles come row by row, as `by_tile` numbers them
        return [
            piece
            for number in np.flatnonzero(np.diff(offset))
            for piece in self._in_tile(tiles[number], members[offset[number] : offset[number + 1]])
        ]

    def _in_tile(self, tile: Tile, members: np.ndarray) -> Iterator[tuple[Tile, np.ndarray]]:
        box = self.box[members]
        top, bottom = np.maximum(box[:, 0], tile[0]), np.minimum(box[:, 1], tile[1])
        left, right = np.maximum(box[:, 2], tile[2]), np.minimum(box[:, 3], tile[3])
        work = np.cumsum((bottom - top) * (right - left))
        turn = np.maximum(work // _MOST_CELLS, np.arange(len(members)) // _MOST_MEMBERS)
        for some in np.split(np.arange(len(members)), np.flatnonzero(np.diff(turn)) + 1):
            window = (top[some].min(), bottom[some].max(), left[some].min(), right[some].max())
            yield (int(window[0]), int(window[1]), int(window[2]), int(window[3])), members[some]


def classes_in(
    raster: RasterData, classes: Classes, place: np.ndarray, cover: Cover, progress: Progress = no_progress
) -> DiscClasses:
    """Lowest and highest rank of the cells of a cover, see `disc_classes`. Problem where strict classes do
    not list what the raster holds there."""
    step = _Ranks(cover, Coder(raster, classes), ranks_of(place))
    inside, known = np.zeros((2, len(cover.discs)), dtype=np.int64)
    lowest, highest = np.full(len(known), 1 << 62, dtype=np.int64), np.full(len(known), -1, dtype=np.int64)
    marks: set[float] = set()
    marked = 0
    text = f"Reading {raster.name}"
    try:
        for members, found, count, seen in over_tiles([raster], cover.pieces, step, progress, text):
            inside[members] += found[:, 0]
            known[members] += found[:, 1]
            lowest[members] = np.minimum(lowest[members], found[:, 2])
            highest[members] = np.maximum(highest[members], found[:, 3])
            marked += count
            marks |= seen
    except Unfit:
        raise count_unfit(raster, classes, progress) from None
    lowest[known == 0] = -1
    unknown = (known < inside) | (cover.beyond(inside) > 0) | cover.nowhere
    findings = (undeclared(raster, marks, marked),) if marked else ()
    return DiscClasses(lowest, highest, unknown, findings=findings)


def ranks_of(place: np.ndarray) -> np.ndarray:
    """int64 [k + 1]: `place` with -1 for every code that is unknown."""
    ranks = np.array(place, dtype=np.int64)
    ranks[ranks == ranks[-1]] = -1
    return ranks


@dataclass(frozen=True, eq=False)
class _Values:
    """Values of the discs in one piece."""

    raster: RasterData
    cover: Cover

    @cached_property
    def _marks(self) -> np.ndarray:
        return stand_ins(self.raster.nodata) if np.dtype(self.raster.dtype).kind != "u" else np.empty(0)

    def __call__(
        self, datasets: Sequence[Any], piece: tuple[Tile, np.ndarray]
    ) -> tuple[np.ndarray, np.ndarray, float]:
        tile, members = piece
        values = read_values(self.raster, datasets[0], tile)
        nodata = np.nan if self.raster.nodata is None else float(self.raster.nodata)
        if values.dtype.kind == "f":
            with np.errstate(over="ignore"):
                # the declared value is a double; a float32 cell holds it rounded
                nodata = float(values.dtype.type(nodata))
        mask = read_mask(self.raster, datasets[0], tile)
        if values.dtype.name not in _NATIVE or mask is not None:
            values = values.astype(np.float64)
        if mask is not None:
            values[~mask] = np.nan
        cover = self.cover
        out = np.empty((len(members), 6))
        mark = fold_values(
            members,
            cover.discs,
            cover.earth,
            cover.touch,
            cover.margin,
            values,
            tile[0],
            tile[2],
            nodata,
            self._marks,
            BEYOND_MEASURE,
            out,
        )
        return members, out, mark


@dataclass(frozen=True, eq=False)
class _Ranks:
    """Ranks of the discs in one piece."""

    cover: Cover
    coder: Coder
    ranks: np.ndarray

    def __call__(
        self, datasets: Sequence[Any], piece: tuple[Tile, np.ndarray]
    ) -> tuple[np.ndarray, np.ndarray, int, frozenset[float]]:
        tile, members = piece
        codes, marked, marks = self.coder.read(datasets[0], tile)
        cover = self.cover
        out = np.empty((len(members), 4), dtype=np.int64)
        fold_ranks(
            members,
            cover.discs,
            cover.earth,
            cover.touch,
            cover.margin,
            codes,
            tile[0],
            tile[2],
            self.ranks,
            out,
        )
        return members, out, marked, marks


def _shares(raster: RasterData, classes: Classes, cover: Cover, progress: Progress) -> np.ndarray:
    """float64 [n, k + 1], see `disc_classes`."""
    count, columns = len(cover.discs), len(classes) + 1
    coder = Coder(raster, classes)
    scale = float(np.sqrt(2.0 * np.pi / (CORNERS * np.sin(2.0 * np.pi / CORNERS))))

    def work(datasets: Sequence[Any], piece: tuple[Tile, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        tile, members = piece
        top, bottom, left, right = tile
        codes = coder.read(datasets[0], tile)[0]
        weights = cell_area_m2(raster, top, bottom, left, right)
        ring = np.empty((len(members), CORNERS + 1, 2))
        outlines(members, cover.discs, cover.earth, CORNERS, scale, ring)
        x, y = np.ascontiguousarray(ring[:, :, 0]).ravel(), np.ascontiguousarray(ring[:, :, 1]).ravel()
        rings = np.arange(len(members) + 1, dtype=np.int64)
        sign, box = ring_frames(x, y, rings * (CORNERS + 1), np.zeros(len(members), dtype=np.bool_))
        out = np.zeros((len(members), columns))
        columns_at, rows_at = np.arange(left, right + 1.0), np.arange(top, bottom + 1.0)
        add_zones(
            rings[:-1],
            x,
            y,
            rings * (CORNERS + 1),
            rings,
            sign,
            box,
            columns_at,
            rows_at,
            codes,
            weights,
            out,
        )
        return members, out

    table = np.zeros((count, columns))
    for members, found in over_tiles([raster], cover.pieces, work, progress, f"Reading {raster.name}"):
        table[members] += found
    whole = table.sum(axis=1)
    # what leaves the raster is measured by the ground of the whole disc: on a sphere pi times the square of
    # the straight line to its edge
    leaves = cover.leaves
    length2 = cover.discs[leaves, LENGTH2]
    if not cover.earth.size:
        length2 = length2 * (1.0 - length2 / (12.0 * _EARTH_M**2))
    table[leaves, -1] += np.maximum(np.pi * length2 - whole[leaves], 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        table /= table.sum(axis=1, keepdims=True)
    nothing = ~np.isfinite(table[:, -1])
    table[nothing] = 0.0
    table[nothing, -1] = 1.0
    return table


_EARTH_M = 6_371_008.8
