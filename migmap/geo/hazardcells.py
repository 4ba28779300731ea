"""Cells of a hazard raster as codes of classes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from migmap.api import Problem, Progress, RasterData
from migmap.io.rasters.raster import valid_cells
from migmap.kernels.cells import classify, look_up

from .classes import Classes
from .nodata import BEYOND_MEASURE, is_stand_in, stand_ins
from .tiles import Tile, over_tiles, read_mask, read_values, tiles_of

_TABLES = ("uint8", "int8", "uint16", "int16")
"""Types of cells with so few possible values that the code of each is worked out beforehand."""

_MARK = 255
"""In a table: a mark of no data that was not declared."""

_UNFIT = 254
"""In a table: a value that is none of strict classes."""


Fresh = tuple[slice, slice]
"""Rows and columns of a tile that no tile before it held."""

EVERY_CELL: Fresh = (slice(None), slice(None))


def fresh_cells(rows: np.ndarray, cols: np.ndarray, tile: Tile) -> Fresh:
    """Of the cells of a grid that the pieces top:bottom and left:right of `tile` lie in, those that the tile
    before did not meet. rows, cols: int64, of all pieces the row and column there, rising or falling, -1
    outside the grid."""
    top, bottom, left, right = tile
    return _fresh(rows, top, bottom), _fresh(cols, left, right)


def _fresh(cells: np.ndarray, start: int, stop: int) -> slice:
    shared = start > 0 and cells[start] >= 0 and cells[start - 1] == cells[start]
    if not shared:
        return slice(None)
    known = cells[start:stop]
    falling = known[known >= 0].min() < cells[start]
    return slice(None, -1) if falling else slice(1, None)


class Unfit(Problem):
    """A hazard holds a value that fits none of its strict classes; counts the cells read so far alone, see
    `count_unfit`."""

    def __init__(self, raster: RasterData, classes: Classes, value: float, count: int) -> None:
        said = classes.unfit(raster, value, count)
        super().__init__(said.title, detail=said.detail, fix=said.fix)
        self.raster, self.classes = raster, classes


def count_unfit(raster: RasterData, classes: Classes, progress: Progress) -> Problem:
    """The Problem of a raster with values that fit no class, counted over all of its cells."""
    coder = Coder(raster, classes)

    def look(datasets: Sequence[Any], tile: Tile) -> tuple[int, float]:
        return coder.misfits(datasets[0], tile)

    count, value = 0, np.nan
    text = f"Counting the cells of {raster.name} that fit no class"
    for found, example in over_tiles([raster], tiles_of(raster), look, progress, text):
        value = example if found and not count else value
        count += found
    return classes.unfit(raster, float(value), count)


class Coder:
    """Reads hazard cells as class codes, uint8; k where the class is unknown."""

    def __init__(self, raster: RasterData, classes: Classes) -> None:
        if len(classes) >= _UNFIT:
            raise ValueError(f"{len(classes)} classes; {_UNFIT - 1} is the most")
        self.raster = raster
        self.unknown = len(classes)
        self._strict = classes.strict and classes.values is not None
        self._classes = classes
        self._marks = stand_ins(raster.nodata)
        self._listed = np.array(classes.values or (), dtype=np.float64)
        self._nothing_listed = classes.values is not None and not classes.values

    @cached_property
    def _table(self) -> np.ndarray | None:
        """Code of every value an 8- or 16-bit cell can hold; _MARK for undeclared marks of no data."""
        if self.raster.dtype not in _TABLES:
            return None
        dtype = np.dtype(self.raster.dtype)
        ends = np.iinfo(dtype)
        values = np.arange(ends.min, ends.max + 1).astype(dtype)
        codes = self._classes.codes(values)
        table = np.where(codes < 0, _UNFIT if self._strict else self.unknown, codes).astype(np.uint8)
        if dtype.kind == "i":
            table[np.isin(values, self._marks)] = _MARK
        if self.raster.nodata is not None:
            table[values == self.raster.nodata] = self.unknown
        # indexed by the bits of the value read as unsigned
        order = np.argsort(values.view(f"u{dtype.itemsize}"), kind="stable")
        return np.asarray(table[order])

    def read(
        self, dataset: Any, tile: Tile, fresh: Fresh = EVERY_CELL
    ) -> tuple[np.ndarray, int, frozenset[float]]:
        """(codes, cells holding undeclared marks of no data, those marks) of a tile. Only cells in the rows
        and columns `fresh` of the tile are counted: others were, with another tile. Unfit where a valid value
        is none of strict classes."""
        values, codes, marked, marks = self._read(dataset, tile, fresh)
        if self._strict:
            count, value = self._misfits(values, codes)
            if count:
                raise Unfit(self.raster, self._classes, value, count)
        return codes, marked, marks

    def misfits(self, dataset: Any, tile: Tile) -> tuple[int, float]:
        """(cells of a tile whose valid value is none of strict classes, one such value or NaN)."""
        values, codes, _, _ = self._read(dataset, tile, EVERY_CELL)
        return self._misfits(values, codes)

    def _misfits(self, values: np.ndarray, codes: np.ndarray) -> tuple[int, float]:
        hits = codes == _UNFIT
        count = int(hits.sum())
        return count, float(values.flat[int(np.argmax(hits))]) if count else np.nan

    def _read(
        self, dataset: Any, tile: Tile, fresh: Fresh
    ) -> tuple[np.ndarray, np.ndarray, int, frozenset[float]]:
        """(values, codes, cells holding undeclared marks, those marks); with strict classes the code of a
        value that fits none is _UNFIT."""
        values = read_values(self.raster, dataset, tile)
        codes = np.empty(values.shape, dtype=np.uint8)
        table, marked = self._table, 0
        if table is not None:
            look_up(values.view(f"u{values.dtype.itemsize}"), table, codes)
            if values.dtype.kind == "i":
                hits = codes == _MARK
                marked = int(hits.sum())
        else:
            marked = self._classify(values, codes)
            if marked:
                hits = (codes == self.unknown) & valid_cells(values, self.raster.nodata)
                signed = values.astype(np.float64) if values.dtype.kind == "u" else values
                hits &= is_stand_in(signed, self._marks)
        marks: frozenset[float] = frozenset()
        if marked:
            # one of them is enough for the message
            marks = frozenset({float(values.flat[int(np.argmax(hits))])})
            codes[hits] = self.unknown
            marked = int(hits[fresh].sum())
        if self._strict and table is None:
            lost = codes == self.unknown
            lost &= valid_cells(values, self.raster.nodata)
            lost &= ~is_stand_in(values, self._marks)
            codes[lost] = _UNFIT
        mask = read_mask(self.raster, dataset, tile)
        if mask is not None:
            codes[~mask] = self.unknown
        return values, codes, marked, marks

    def _classify(self, values: np.ndarray, codes: np.ndarray) -> int:
        if self._nothing_listed:
            codes[:] = self.unknown
            return 0
        if values.dtype not in (np.float32, np.float64, np.int32):
            values = values.astype(np.float64)
        nodata = self.raster.nodata
        has_nodata = nodata is not None and not np.isnan(nodata)
        with np.errstate(over="ignore"):
            # the declared value is a double; a float32 cell holds it rounded
            mark = (
                np.float64(np.float32(nodata) if values.dtype == np.float32 else nodata)
                if has_nodata
                else 0.0
            )
        count: int = classify(
            values,
            self._classes.effective_edges,
            self._listed,
            has_nodata,
            mark,
            self._marks,
            BEYOND_MEASURE,
            self.unknown,
            codes,
        )
        return count
