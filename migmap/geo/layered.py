"""Several hazards and population (or ground) on one common grid, tile by tile.

The base grid is the population raster, or for ground the first hazard. With `refine` it is cut along the
grid lines of every hazard, so that each piece lies in one cell of each; without, a base cell takes the
class of each hazard at its centre. What lies beyond the base grid is no part of it, and where a hazard does
not reach it is unknown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from migmap.api import Finding, RasterData
from migmap.kernels.cells import spread

from .classes import Classes
from .crs import same_crs
from .ground import cell_area_m2, piece_area_m2
from .hazardcells import EVERY_CELL, Coder, Fresh, fresh_cells
from .jointcells import Coded, alone, joined, nowhere
from .overlay import SAME_LINE, Between, on_same_grid, people_in
from .tiles import TILE_CELLS, Tile, block_shape, checkpoint, cut


@dataclass(frozen=True, slots=True)
class Marked:
    """Cells of one hazard holding undeclared no-data marks in a tile, and which marks."""

    hazard: int
    count: int
    marks: frozenset[float]


@dataclass(frozen=True, slots=True, eq=False)
class LayeredTile:
    """One tile on its grid. xe, ye: rising grid lines in base index coordinates. groups: combinations of
    classes, every hazard in one of them; none without hazards. weights: float32 or float64, people or m2
    in each piece. missing, negative: population cells without data and below zero."""

    xe: np.ndarray
    ye: np.ndarray
    groups: list[Coded]
    weights: np.ndarray
    missing: int
    negative: int
    marked: tuple[Marked, ...]


@dataclass(eq=False)
class _Lattice:
    """Hazards on one grid, and where its cells lie on the common grid.

    rows, cols: int64, of each row and column of pieces the row and column of the lattice, -1 outside it.
    The lattice is the hazards' own grid, or in another CRS base cells cut into `pieces` (down, across)
    from base row and column `first` on.
    """

    raster: RasterData
    between: Between | None
    hazards: list[int] = field(default_factory=list)
    pieces: tuple[int, int] = (1, 1)
    first: tuple[int, int] = (0, 0)
    rows: np.ndarray = field(default_factory=lambda: np.empty(0, np.int64))
    cols: np.ndarray = field(default_factory=lambda: np.empty(0, np.int64))


@dataclass(frozen=True, slots=True)
class _Axis:
    """Lines offset + step * j for j from 0 to count along one axis of the base grid, in base cells."""

    offset: float
    step: float
    count: int


class Layered:
    """See the top of this file. Read from several threads at once."""

    def __init__(
        self,
        hazards: Sequence[RasterData],
        classes: Sequence[Classes],
        people: RasterData | None,
        per_m2: float | None,
        *,
        refine: bool,
    ) -> None:
        self._people = people is not None
        self._per_m2 = per_m2
        self._base = people if people is not None else hazards[0]
        self._coders = [Coder(hazard, listed) for hazard, listed in zip(hazards, classes, strict=True)]
        self.rasters = [people, *hazards] if people is not None else list(hazards)
        self.findings: list[tuple[Finding, ...]] = [() for _ in hazards]
        self._lattices = self._placed(hazards, refine)
        axes = [self._axes(lattice, refine) for lattice in self._lattices]
        self._ye, self._base_row, rows = _common(self._base.height, [way[0] for way in axes], refine)
        self._xe, self._base_col, cols = _common(self._base.width, [way[1] for way in axes], refine)
        for lattice, row, col in zip(self._lattices, rows, cols, strict=True):
            lattice.rows, lattice.cols = row, col
        self._whole = len(self._ye) == self._base.height + 1 and len(self._xe) == self._base.width + 1
        self.tiles = self._cut(refine)

    def _placed(self, hazards: Sequence[RasterData], refine: bool) -> list[_Lattice]:
        """Hazards by grid."""
        lattices: list[_Lattice] = []
        cells, what = f"cell of {self._base.name}", "m²"
        if self._people:
            cells, what = "population cell", "people"
        for number, hazard in enumerate(hazards):
            apart = not same_crs(hazard.crs, self._base.crs)
            between = Between(self._base, hazard) if apart else None
            if between is not None:
                self.findings[number] = (between.finding(cells, what, whole=not refine),)
            for lattice in lattices:
                if same_crs(hazard.crs, lattice.raster.crs) and on_same_grid(hazard, lattice.raster):
                    break
            else:
                lattice = _Lattice(hazard, between)
                lattices.append(lattice)
            lattice.hazards.append(number)
        return lattices

    def _axes(self, lattice: _Lattice, refine: bool) -> tuple[_Axis, _Axis]:
        """Where the lattice's lines lie along rows and columns of the base grid."""
        base, raster, between = self._base, lattice.raster, lattice.between
        if between is None:
            a, _, c, _, e, f = base.transform
            ha, _, hc, _, he, hf = raster.transform
            return _Axis((hf - f) / e, he / e, raster.height), _Axis((hc - c) / a, ha / a, raster.width)
        west, north, east, south = between.reach
        down, across = lattice.pieces = (between.down, between.across) if refine else (1, 1)
        ends = (north, south, base.height), (west, east, base.width)
        (top, bottom), (left, right) = (
            (int(np.floor(max(low, 0.0))), int(np.ceil(min(high, float(count))))) for low, high, count in ends
        )
        lattice.first = top, left
        return (
            _Axis(top, 1.0 / down, max(0, bottom - top) * down),
            _Axis(left, 1.0 / across, max(0, right - left) * across),
        )

    def _cut(self, refine: bool) -> list[Tile]:
        """Tiles of whole blocks of the coarsest-stored raster, so that neither pieces nor hazard cells in
        one of them are too many."""
        base = self._base
        rows, cols = len(self._ye) - 1, len(self._xe) - 1
        block, cells = block_shape(base), TILE_CELLS
        tall, wide = float(block[0]), float(block[1])
        for lattice in self._lattices:
            if lattice.between is None:
                a, _, _, _, e, _ = lattice.raster.transform
                height, width = abs(e / base.transform[4]), abs(a / base.transform[0])
                block = block_shape(lattice.raster)
                tall, wide = max(tall, block[0] * height), max(wide, block[1] * width)
            else:
                height, width = lattice.between.hazard_cell
            if not refine:
                cells = min(cells, int(TILE_CELLS * min(1.0, height) * min(1.0, width)))
        tall, wide = tall * rows / base.height, wide * cols / base.width
        return cut(rows, cols, (max(1, round(tall)), max(1, round(wide))), max(1, cells))

    def read(self, datasets: Sequence[Any], tile: Tile) -> LayeredTile:
        """One of `tiles`; `datasets` are the open `rasters`."""
        top, bottom, left, right = tile
        xe, ye = self._xe[left : right + 1], self._ye[top : bottom + 1]
        missing = negative = 0
        if self._people:
            rows, cols = self._base_row[top:bottom], self._base_col[left:right]
            base = (int(rows[0]), int(rows[-1]) + 1, int(cols[0]), int(cols[-1]) + 1)
            # A base cell cut by the tile's upper or left side was counted by the tile before.
            fresh = (int(ye[0] > base[0]), int(xe[0] > base[2]))
            weights, missing, negative = people_in(self._base, datasets[0], base, self._per_m2, fresh)
            if not self._whole:
                people, weights = weights, np.empty((bottom - top, right - left))
                spread(people, rows - base[0], cols - base[2], np.diff(ye), np.diff(xe), weights)
        elif self._whole:
            weights = cell_area_m2(self._base, *tile)
        else:
            weights = piece_area_m2(self._base, ye, xe)
        marked: list[Marked] = []
        groups: list[Coded] = []
        for lattice in self._lattices:
            for group in self._pieces(lattice, datasets, tile, marked):
                groups = joined(groups, group)
        return LayeredTile(xe, ye, groups, weights, missing, negative, tuple(marked))

    def _pieces(
        self, lattice: _Lattice, datasets: Sequence[Any], tile: Tile, marked: list[Marked]
    ) -> list[Coded]:
        """The hazards of one grid on the pieces of a tile."""
        top, bottom, left, right = tile
        rows, cols = lattice.rows[top:bottom], lattice.cols[left:right]
        down, across = _span(rows), _span(cols)
        if down is None or across is None:
            return [self._nowhere((len(rows), len(cols)), lattice)]
        part = (*down, *across)
        if lattice.between is None:
            fresh = fresh_cells(lattice.rows, lattice.cols, tile)
            found = self._coded(lattice, datasets, part, fresh, marked)
        else:
            found = self._between(lattice, datasets, part, marked)
        if np.array_equal(rows, np.arange(*down)) and np.array_equal(cols, np.arange(*across)):
            return found
        rows, cols = np.where(rows < 0, -1, rows - part[0]), np.where(cols < 0, -1, cols - part[2])
        return [group.picked(rows, cols, self._lost(group.hazards)) for group in found]

    def _between(
        self, lattice: _Lattice, datasets: Sequence[Any], part: Tile, marked: list[Marked]
    ) -> list[Coded]:
        """The hazards of one grid in another CRS, read at the middle of the pieces of its lattice."""
        assert lattice.between is not None
        v = lattice.first[0] + (np.arange(part[0], part[1]) + 0.5) / lattice.pieces[0]
        u = lattice.first[1] + (np.arange(part[2], part[3]) + 0.5) / lattice.pieces[1]
        row, col = lattice.between.hazard_cells(v, u)
        inside = row >= 0
        if not inside.any():
            return [self._nowhere(row.shape, lattice)]
        top, left = int(row[inside].min()), int(col[inside].min())
        window = (top, int(row[inside].max()) + 1, left, int(col[inside].max()) + 1)
        # cells at the tile's sides may be counted with the next one, too
        found = self._coded(lattice, datasets, window, EVERY_CELL, marked)
        row, col = np.where(inside, row - top, -1), np.where(inside, col - left, -1)
        return [group.taken(row, col, self._lost(group.hazards)) for group in found]

    def _coded(
        self, lattice: _Lattice, datasets: Sequence[Any], window: Tile, fresh: Fresh, marked: list[Marked]
    ) -> list[Coded]:
        """The hazards of one grid on their own cells."""
        groups: list[Coded] = []
        for hazard in lattice.hazards:
            checkpoint()
            coder = self._coders[hazard]
            codes, count, marks = coder.read(datasets[hazard + self._people], window, fresh)
            if count:
                marked.append(Marked(hazard, count, marks))
            groups = joined(groups, alone(codes, hazard, coder.unknown + 1))
        return groups

    def _lost(self, hazards: Sequence[int]) -> list[int]:
        return [self._coders[hazard].unknown for hazard in hazards]

    def _nowhere(self, shape: tuple[int, ...], lattice: _Lattice) -> Coded:
        """All hazards of one grid unknown."""
        return nowhere(shape, tuple(lattice.hazards), self._lost(lattice.hazards))


def _span(cells: np.ndarray) -> tuple[int, int] | None:
    """First and after the last of the cells that are not -1."""
    known = cells[cells >= 0]
    return (int(known.min()), int(known.max()) + 1) if len(known) else None


def _common(
    count: int, axes: Sequence[_Axis], refine: bool
) -> tuple[np.ndarray, np.ndarray, list[np.ndarray]]:
    """Lines of the common grid along one axis, and of each piece the base cell and for each of `axes` the
    cell there, -1 outside it."""
    edges = np.arange(count + 1, dtype=np.float64)
    for axis in axes if refine else ():
        lines = axis.offset + axis.step * np.arange(axis.count + 1)
        whole = np.round(lines)
        lines = np.where(np.abs(lines - whole) < SAME_LINE, whole, lines)
        lines = lines[(lines > 0) & (lines < count)]
        # lines of two hazards that only rounding keeps apart are one, too
        after = np.searchsorted(edges, lines)
        apart = np.minimum(edges[after] - lines, lines - edges[after - 1])
        edges = np.union1d(edges, lines[apart >= SAME_LINE])
    middle = 0.5 * (edges[:-1] + edges[1:])
    base = np.minimum(np.floor(middle), count - 1).astype(np.int64)
    cells = []
    for axis in axes:
        place = (middle - axis.offset) / axis.step
        if not refine:
            # a centre on a line, as far as rounding lets one tell, is on it
            whole = np.round(place)
            place = np.where(np.abs(place - whole) < SAME_LINE, whole, place)
        inside = (place >= 0) & (place < axis.count)
        cells.append(np.where(inside, np.floor(place), -1).astype(np.int64))
    return edges, base, cells
