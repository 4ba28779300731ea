"""The value of a raster under positions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyproj

from migmap.api import Finding, Progress, RasterData, no_progress

from .crs import WGS84, moved
from .nodata import is_stand_in, stand_ins, undeclared
from .tiles import Tile, over_tiles, read_cells, tiles_of


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
        col, row = np.floor(u), np.floor(v)
        known = np.flatnonzero((col >= 0) & (col < raster.width) & (row >= 0) & (row < raster.height))
    if not len(known):
        return Sample(out)
    rows, cols = row[known].astype(np.int64), col[known].astype(np.int64)
    tiles = tiles_of(raster)
    tops = np.unique([tile[0] for tile in tiles])
    lefts = np.unique([tile[2] for tile in tiles])
    number = (np.searchsorted(tops, rows, side="right") - 1) * len(lefts)
    number += np.searchsorted(lefts, cols, side="right") - 1
    order = np.argsort(number, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(number[order])) + 1)
    marks = stand_ins(raster.nodata)

    def read(datasets: Sequence[Any], group: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        top, left = int(rows[group].min()), int(cols[group].min())
        tile: Tile = (top, int(rows[group].max()) + 1, left, int(cols[group].max()) + 1)
        values, valid = read_cells(raster, datasets[0], tile)
        picked = np.ascontiguousarray(values[rows[group] - top, cols[group] - left])
        good = valid[rows[group] - top, cols[group] - left]
        marked = good & is_stand_in(picked.reshape(1, -1), marks)[0]
        found = np.where(good & ~marked, picked.astype(np.float64), np.nan)
        return group, found, picked[marked].astype(np.float64)

    seen: set[float] = set()
    count = 0
    for group, values, marked in over_tiles([raster], groups, read, progress, f"Reading {raster.name}"):
        out[known[group]] = values
        seen.update(np.unique(marked).tolist())
        count += len(marked)
    what = ("position lies on a cell that holds", "positions lie on cells that hold")
    return Sample(out, (undeclared(raster, seen, count, what),) if count else ())
