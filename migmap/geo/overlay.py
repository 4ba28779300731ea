"""Hazard classes and population (or ground) on one common grid, tile by tile.

Grids are described in the index coordinates of the base raster, which is the population raster if there
is one, else the hazard: u counts its columns, v its rows.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyproj

from migmap.api import Finding, RasterData
from migmap.kernels.cells import pick, spread

from .classes import Classes
from .crs import same_crs
from .ground import cell_area_m2
from .hazardcells import Coder, fresh_cells
from .population import read_people
from .tiles import TILE_CELLS, Tile, block_shape, cut, tiles_of

# Grid lines nearer than this, in cells, are one line: what rounding makes of the same line in two files.
SAME_LINE = 1e-6
_MOST_SUBCELLS = 64
# Between systems: pieces of a hazard cell along one side, from the least to as many as this many pieces
# in all allow. Reading four million of them takes some seconds.
_LEAST_IN_HAZARD_CELL = 2
_MOST_IN_HAZARD_CELL = 16
_PIECES = 4_000_000


@dataclass(frozen=True, slots=True)
class Notes:
    """What was odd in a tile: population cells without data and below zero; hazard cells holding
    undeclared no-data marks, and which."""

    missing: int = 0
    negative: int = 0
    marked: int = 0
    marks: frozenset[float] = frozenset()


@dataclass(frozen=True, slots=True, eq=False)
class TileData:
    """One tile on its grid. xe, ye: rising grid lines in base index coordinates. codes: uint8 [rows,
    columns], the class, or k for unknown. weights: float32 or float64, people or m2 in each cell."""

    xe: np.ndarray
    ye: np.ndarray
    codes: np.ndarray
    weights: np.ndarray
    notes: Notes


class Overlay(ABC):
    """Base of the ways to bring two rasters together. Read from several threads at once."""

    rasters: list[RasterData]
    tiles: list[Tile]
    findings: tuple[Finding, ...] = ()

    @abstractmethod
    def read(self, datasets: Sequence[Any], tile: Tile) -> TileData:
        """One of `tiles`; `datasets` are the open `rasters`."""


def plan(
    hazard: RasterData | None, classes: Classes, people: RasterData | None, per_m2: float | None
) -> Overlay:
    """The cheapest exact way to bring the rasters together; see the classes below."""
    if people is None:
        assert hazard is not None
        return _Ground(hazard, Coder(hazard, classes))
    if hazard is None:
        return _People(people, per_m2)
    coder = Coder(hazard, classes)
    if not same_crs(hazard.crs, people.crs):
        return _Sampled(people, per_m2, hazard, coder)
    if on_same_grid(hazard, people):
        return _SameGrid(people, per_m2, hazard, coder)
    return _Refined(people, per_m2, hazard, coder)


def on_same_grid(one: RasterData, other: RasterData) -> bool:
    """True when two rasters of one CRS have the same cells."""
    if (one.width, one.height) != (other.width, other.height):
        return False
    a, _, c, _, e, f = one.transform
    a2, _, c2, _, e2, f2 = other.transform
    first = abs(c - c2) < SAME_LINE * abs(a) and abs(f - f2) < SAME_LINE * abs(e)
    right, right2 = c + a * one.width, c2 + a2 * other.width
    bottom, bottom2 = f + e * one.height, f2 + e2 * other.height
    return first and abs(right - right2) < SAME_LINE * abs(a) and abs(bottom - bottom2) < SAME_LINE * abs(e)


class _Ground(Overlay):
    """Ground in m2 by hazard class on the hazard's own grid."""

    def __init__(self, hazard: RasterData, coder: Coder) -> None:
        self._coder = coder
        self.rasters = [hazard]
        self.tiles = tiles_of(hazard)

    def read(self, datasets: Sequence[Any], tile: Tile) -> TileData:
        codes, marked, marks = self._coder.read(datasets[0], tile)
        weights = cell_area_m2(self.rasters[0], *tile)
        return TileData(*lines_of(tile), codes, weights, Notes(0, 0, marked, marks))


class _People(Overlay):
    """People, without a hazard: one column."""

    def __init__(self, people: RasterData, per_m2: float | None) -> None:
        self._per_m2 = per_m2
        self.rasters = [people]
        self.tiles = tiles_of(people)

    def read(self, datasets: Sequence[Any], tile: Tile) -> TileData:
        weights, missing, negative = people_in(self.rasters[0], datasets[0], tile, self._per_m2)
        codes = np.zeros(weights.shape, dtype=np.uint8)
        return TileData(*lines_of(tile), codes, weights, Notes(missing, negative))


class _SameGrid(Overlay):
    """Both rasters on one grid: cell by cell."""

    def __init__(self, people: RasterData, per_m2: float | None, hazard: RasterData, coder: Coder) -> None:
        self._per_m2 = per_m2
        self._coder = coder
        self.rasters = [people, hazard]
        self.tiles = tiles_of(people)

    def read(self, datasets: Sequence[Any], tile: Tile) -> TileData:
        weights, missing, negative = people_in(self.rasters[0], datasets[0], tile, self._per_m2)
        codes, marked, marks = self._coder.read(datasets[1], tile)
        return TileData(*lines_of(tile), codes, weights, Notes(missing, negative, marked, marks))


class _Refined(Overlay):
    """Two grids of one CRS, cut along each other's lines: every piece lies in one cell of each."""

    def __init__(self, people: RasterData, per_m2: float | None, hazard: RasterData, coder: Coder) -> None:
        self._per_m2 = per_m2
        self._coder = coder
        self.rasters = [people, hazard]
        a, _, c, _, e, f = people.transform
        ha, _, hc, _, he, hf = hazard.transform
        self._xe, self._base_col, self._hazard_col = _refined(
            people.width, (hc - c) / a, ha / a, hazard.width
        )
        self._ye, self._base_row, self._hazard_row = _refined(
            people.height, (hf - f) / e, he / e, hazard.height
        )
        rows, cols = len(self._ye) - 1, len(self._xe) - 1
        # whole blocks of the coarser-stored raster, in refined cells
        block, other = block_shape(people), block_shape(hazard)
        tall = max(block[0], other[0] * abs(he / e)) * rows / people.height
        wide = max(block[1], other[1] * abs(ha / a)) * cols / people.width
        self.tiles = cut(rows, cols, (max(1, round(tall)), max(1, round(wide))))

    def read(self, datasets: Sequence[Any], tile: Tile) -> TileData:
        top, bottom, left, right = tile
        xe, ye = self._xe[left : right + 1], self._ye[top : bottom + 1]
        rows, cols = self._base_row[top:bottom], self._base_col[left:right]
        base = (int(rows[0]), int(rows[-1]) + 1, int(cols[0]), int(cols[-1]) + 1)
        # A base cell cut by the tile's upper or left side was counted by the tile before.
        fresh = (int(ye[0] > base[0]), int(xe[0] > base[2]))
        people, missing, negative = people_in(self.rasters[0], datasets[0], base, self._per_m2, fresh)
        weights = np.empty((bottom - top, right - left))
        spread(people, rows - base[0], cols - base[2], np.diff(ye), np.diff(xe), weights)
        codes = np.full(weights.shape, self._coder.unknown, dtype=np.uint8)
        rows, cols = self._hazard_row[top:bottom], self._hazard_col[left:right]
        known_rows, known_cols = rows[rows >= 0], cols[cols >= 0]
        if not len(known_rows) or not len(known_cols):
            return TileData(xe, ye, codes, weights, Notes(missing, negative))
        part = (
            int(known_rows.min()),
            int(known_rows.max()) + 1,
            int(known_cols.min()),
            int(known_cols.max()) + 1,
        )
        new = fresh_cells(self._hazard_row, self._hazard_col, tile)
        found, marked, marks = self._coder.read(datasets[1], part, new)
        pick(
            found,
            np.where(rows < 0, -1, rows - part[0]),
            np.where(cols < 0, -1, cols - part[2]),
            self._coder.unknown,
            codes,
        )
        return TileData(xe, ye, codes, weights, Notes(missing, negative, marked, marks))


def _refined(
    count: int, offset: float, step: float, others: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Lines of the common refinement along one axis, and of each piece the base cell and the other
    grid's cell (-1 outside it). The other grid's line j lies at offset + step * j in base cells."""
    lines = offset + step * np.arange(others + 1)
    whole = np.round(lines)
    lines = np.where(np.abs(lines - whole) < SAME_LINE, whole, lines)
    own = np.arange(count + 1, dtype=np.float64)
    edges = np.union1d(own, lines[(lines > 0) & (lines < count)])
    middle = 0.5 * (edges[:-1] + edges[1:])
    base = np.minimum(np.floor(middle), count - 1).astype(np.int64)
    place = (middle - offset) / step
    other = np.where((place >= 0) & (place < others), np.floor(place), -1).astype(np.int64)
    return edges, base, other


class Between:
    """The way from cells of a base grid to cells of a hazard in another CRS.

    down, across: pieces a base cell is cut into, each at most half a hazard cell, down to a sixteenth where
    the two rasters meet in few cells. reach: box around the hazard in columns and rows of the base grid; all
    there is where the hazard's borders cannot be expressed in the other CRS. hazard_cell: height and width
    of the smallest hazard cell looked at, in base cells.
    """

    def __init__(self, base: RasterData, hazard: RasterData) -> None:
        self._base, self._hazard = base, hazard
        self._to_hazard = pyproj.Transformer.from_crs(base.crs, hazard.crs, always_xy=True)
        self.reach = self._hazard_box()
        self.hazard_cell: tuple[float, float] = (1.0, 1.0)
        self.down, self.across = self._subcells()

    def finding(self, cells: str, what: str, *, whole: bool = False) -> Finding:
        """That `what` by class is approximate. cells: what cells of the base grid are called. whole: they
        are not cut."""
        base, hazard = self._base, self._hazard
        read = f"the hazard was read at the middle of each {cells}"
        if not whole:
            read = (
                f"each {cells} was cut into {self.across} x {self.down} pieces and the hazard read at the "
                "middle of each"
            )
        return Finding(
            "grids-differ-crs",
            "warning",
            f"{base.name} is in {base.crs.name}, {hazard.name} in {hazard.crs.name}: {read}, so {what} by "
            "class are approximate; their sum is not affected.",
        )

    def _hazard_box(self) -> tuple[float, float, float, float]:
        base, hazard = self._base, self._hazard
        back = pyproj.Transformer.from_crs(hazard.crs, base.crs, always_xy=True)
        box = hazard.extent
        bounds = back.transform_bounds(box.west, box.south, box.east, box.north, densify_pts=101)
        a, _, c, _, e, f = base.transform
        u = sorted((x - c) / a for x in (bounds[0], bounds[2]))
        v = sorted((y - f) / e for y in (bounds[1], bounds[3]))
        # over the antimeridian the box turns inside out
        if not np.isfinite([*u, *v]).all() or bounds[0] > bounds[2]:
            return -np.inf, -np.inf, np.inf, np.inf
        return u[0] - 1, v[0] - 1, u[1] + 1, v[1] + 1

    def _subcells(self) -> tuple[int, int]:
        """Pieces of a base cell (down, across), from the size of hazard cells around it."""
        base, hazard = self._base, self._hazard
        back = pyproj.Transformer.from_crs(hazard.crs, base.crs, always_xy=True)
        a, _, c, _, e, f = hazard.transform
        at = np.linspace(0.1, 0.9, 5)
        col, row = (grid.ravel() for grid in np.meshgrid(at * hazard.width, at * hazard.height))

        def place(along_cols: np.ndarray, along_rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            x, y = back.transform(c + a * along_cols, f + e * along_rows)
            pa, _, pc, _, pe, pf = base.transform
            return (x - pc) / pa, (y - pf) / pe

        u, v = place(col, row)
        u_right, v_right = place(col + 1, row)
        u_down, v_down = place(col, row + 1)
        wide = np.maximum(np.abs(u_right - u), np.abs(u_down - u))
        tall = np.maximum(np.abs(v_right - v), np.abs(v_down - v))
        wide, tall = wide[np.isfinite(wide)], tall[np.isfinite(tall)]
        if not len(wide) or not len(tall):
            return 1, 1
        self.hazard_cell = float(tall.min()), float(wide.min())
        west, south, east, north = self.reach
        cells = max(0.0, min(east, base.width) - max(west, 0.0))
        cells *= max(0.0, min(north, base.height) - max(south, 0.0))
        for pieces in range(_MOST_IN_HAZARD_CELL, _LEAST_IN_HAZARD_CELL - 1, -1):
            down, across = (
                int(np.clip(np.ceil(pieces / side.min()), 1, _MOST_SUBCELLS)) for side in (tall, wide)
            )
            if cells * down * across <= _PIECES:
                break
        return down, across

    def hazard_cells(self, v: np.ndarray, u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Hazard row and column under each point of a lattice, -1 where there is none."""
        base, hazard = self._base, self._hazard
        a, _, c, _, e, f = base.transform
        x, y = self._to_hazard.transform(*np.meshgrid(c + a * u, f + e * v))
        a, _, c, _, e, f = hazard.transform
        with np.errstate(invalid="ignore"):
            col, row = np.floor((x - c) / a), np.floor((y - f) / e)
            inside = (col >= 0) & (col < hazard.width) & (row >= 0) & (row < hazard.height)
        return (
            np.where(inside, row, -1).astype(np.int64),
            np.where(inside, col, -1).astype(np.int64),
        )


class _Sampled(Overlay):
    """Rasters in different CRSs: population cells are cut into pieces and the hazard is read at the middle
    of each."""

    def __init__(self, people: RasterData, per_m2: float | None, hazard: RasterData, coder: Coder) -> None:
        self._per_m2 = per_m2
        self._coder = coder
        self.rasters = [people, hazard]
        self._between = Between(people, hazard)
        self.tiles = cut(
            people.height,
            people.width,
            block_shape(people),
            max(1, TILE_CELLS // (self._between.down * self._between.across)),
        )
        self.findings = (self._between.finding("population cell", "people"),)

    def read(self, datasets: Sequence[Any], tile: Tile) -> TileData:
        top, bottom, left, right = tile
        down, across = self._between.down, self._between.across
        people, missing, negative = people_in(self.rasters[0], datasets[0], tile, self._per_m2)
        west, south, east, north = self._between.reach
        if right <= west or left >= east or bottom <= south or top >= north:
            codes = np.full(people.shape, self._coder.unknown, dtype=np.uint8)
            return TileData(*lines_of(tile), codes, people, Notes(missing, negative))
        xe = left + np.arange((right - left) * across + 1) / across
        ye = top + np.arange((bottom - top) * down + 1) / down
        rows = np.repeat(np.arange(bottom - top), down)
        cols = np.repeat(np.arange(right - left), across)
        weights = np.empty((len(rows), len(cols)))
        spread(people, rows, cols, np.full(len(rows), 1.0 / down), np.full(len(cols), 1.0 / across), weights)
        row, col = self._between.hazard_cells(0.5 * (ye[:-1] + ye[1:]), 0.5 * (xe[:-1] + xe[1:]))
        codes = np.full(weights.shape, self._coder.unknown, dtype=np.uint8)
        inside = row >= 0
        if not inside.any():
            return TileData(xe, ye, codes, weights, Notes(missing, negative))
        row, col = row[inside], col[inside]
        part = (int(row.min()), int(row.max()) + 1, int(col.min()), int(col.max()) + 1)
        found, marked, marks = self._coder.read(datasets[1], part)
        codes[inside] = found[row - part[0], col - part[2]]
        return TileData(xe, ye, codes, weights, Notes(missing, negative, marked, marks))


def lines_of(tile: Tile) -> tuple[np.ndarray, np.ndarray]:
    top, bottom, left, right = tile
    return np.arange(left, right + 1, dtype=np.float64), np.arange(top, bottom + 1, dtype=np.float64)


def people_in(
    raster: RasterData,
    dataset: Any,
    tile: Tile,
    per_m2: float | None,
    fresh: tuple[int, int] = (0, 0),
) -> tuple[np.ndarray, int, int]:
    """(people in each cell of a tile, cells without data, cells below zero). Rows and columns before
    `fresh` are not counted: they were in another tile."""
    people = read_people(raster, dataset, tile, fresh)
    if per_m2 is None:
        return people.values, people.missing, people.negative
    area = cell_area_m2(raster, *tile)
    area *= people.values
    area /= per_m2
    return area, people.missing, people.negative
