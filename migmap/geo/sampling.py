"""The value of a raster under positions."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyproj

from migmap.api import Finding, Progress, RasterData, no_progress
from migmap.io.rasters.nodata import BEYOND_MEASURE, stand_ins, undeclared_marks
from migmap.io.rasters.raster import valid_cells

from .crs import WGS84, moved
from .tiles import Tile, over_tiles, read_mask, read_values, tiles_of


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """values: float64 [n], NaN where unknown. findings: what was odd under the positions."""

    values: np.ndarray
    findings: tuple[Finding, ...] = ()


def grid_positions(raster: RasterData, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(u, v) of positions (float64 [n, 2] in the raster's CRS): columns and rows from the first corner of
    the raster, so that a position lies in the cell of their whole parts. Rotated rasters are fine."""
    a, b, c, d, e, f = raster.transform
    x, y = points[:, 0] - c, points[:, 1] - f
    if not raster.is_rotated:
        return x / a, y / e
    turn = a * e - b * d
    return (e * x - b * y) / turn, (a * y - d * x) / turn


def values_at(raster: RasterData, lonlat: np.ndarray, progress: Progress = no_progress) -> np.ndarray:
    """Value of the cell that contains each position, float64 [n]; see `sample_at`."""
    return sample_at(raster, lonlat, progress).values


def sample_at(
    raster: RasterData,
    positions: np.ndarray,
    progress: Progress = no_progress,
    *,
    crs: pyproj.CRS = WGS84,
) -> Sample:
    """Value of the cell that contains each position, and what was odd.

    positions: float64 [n, 2], x and y in `crs`, by default WGS84 longitude and latitude. Cells are
    half-open: a position on the line between two cells belongs to the one with the higher row or column;
    give positions in the raster's own system where they may lie on such lines, since moving them there
    and back takes them off by a hair. NaN for no data (declared or
    not, see geo/nodata.py), outside the raster, and for NaN positions. Each part of the file is read
    once. Rotated rasters are fine.
    """
    out = np.full(len(positions), np.nan)
    points = moved(np.asarray(positions, dtype=np.float64).reshape(-1, 2), crs, raster.crs)
    u, v = grid_positions(raster, points)
    with np.errstate(invalid="ignore"):
        known = np.flatnonzero((u >= 0) & (u < raster.width) & (v >= 0) & (v < raster.height))
    if not len(known):
        return Sample(out)
    rows, cols = v[known].astype(np.int64), u[known].astype(np.int64)
    number = _tile_numbers(raster, rows, cols)
    order = np.argsort(number, kind="stable")
    known, rows, cols = known[order], rows[order], cols[order]
    ends = [0, *(np.flatnonzero(np.diff(number[order])) + 1).tolist(), len(known)]

    def read(datasets: Sequence[Any], group: slice) -> tuple[slice, np.ndarray, np.ndarray | None]:
        row, col = rows[group], cols[group]
        top, left = int(row.min()), int(col.min())
        tile: Tile = (top, int(row.max()) + 1, left, int(col.max()) + 1)
        at = row - top, col - left
        mask = read_mask(raster, datasets[0], tile)
        return group, read_values(raster, datasets[0], tile)[at], None if mask is None else mask[at]

    groups = [slice(start, stop) for start, stop in itertools.pairwise(ends)]
    cells = np.empty(len(known), dtype=raster.dtype)
    valid = np.ones(len(known), dtype=bool)
    for group, values, shown in over_tiles([raster], groups, read, progress, f"Reading {raster.name}"):
        cells[group] = values
        if shown is not None:
            valid[group] = shown
    valid &= valid_cells(cells, raster.nodata)
    marked = valid & _is_mark(cells, stand_ins(raster.nodata))
    found = cells.astype(np.float64)
    found[~valid | marked] = np.nan
    out[known] = found
    count = int(marked.sum())
    if not count:
        return Sample(out)
    seen = set(np.unique(cells[marked]).astype(np.float64).tolist())
    what = ("position lies on a cell that holds", "positions lie on cells that hold")
    return Sample(out, (undeclared_marks(raster.name, raster.nodata, seen, count, what),))


def _tile_numbers(raster: RasterData, rows: np.ndarray, cols: np.ndarray) -> np.ndarray:
    """Which tile each cell is in; as small a type as holds them, since those are sorted faster."""
    tiles = tiles_of(raster)
    tops, lefts = (np.unique([tile[side] for tile in tiles]) for side in (0, 2))
    kind = np.uint16 if len(tiles) < 1 << 16 else np.int64
    by_row = np.searchsorted(tops, np.arange(raster.height), side="right") - 1
    by_col = np.searchsorted(lefts, np.arange(raster.width), side="right") - 1
    return np.asarray((by_row * len(lefts)).astype(kind)[rows] + by_col.astype(kind)[cols])


def _is_mark(cells: np.ndarray, marks: np.ndarray) -> np.ndarray:
    """As `nodata.is_stand_in`, without a kernel, which a process that only looks up points can spare."""
    hits = np.zeros(len(cells), dtype=bool)
    if cells.dtype.kind != "u":
        with np.errstate(invalid="ignore"):
            odd = np.flatnonzero((cells <= -999) | (np.abs(cells) >= BEYOND_MEASURE))
        hits[odd] = np.isin(cells[odd], marks) | (np.abs(cells[odd]) >= BEYOND_MEASURE)
    return hits
