"""The single cells that a zone's number is made of, by any of the three rules for counting cells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pyproj

from migmap.api import Problem, Progress, RasterData, no_progress
from migmap.kernels.coverage import add_centres, add_zones, ring_frames

from .crs import same_crs
from .ground import refuse_rotated
from .nodata import is_stand_in, stand_ins
from .rings import Rings, moved_rings, rings_of
from .tiles import Tile, over_tiles, read_cells, tiles_of

Rule = Literal["exact", "touch", "centre"]

# How far a zone's border may lie from its true course after a change of CRS, in cells.
_BORDER_CELLS = 1e-5


@dataclass(frozen=True, slots=True, eq=False)
class ZoneCells:
    """The m cells of a zone, row by row.

    rows, cols: int64 [m], from 0. coverage: float64 [m], above 0 and at most 1: how much of the cell counts.
    values: float64 [m], NaN where there is no data. valid: bool [m], False for no data, declared or not.
    """

    rows: np.ndarray
    cols: np.ndarray
    coverage: np.ndarray
    values: np.ndarray
    valid: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class CellCounts:
    """Cells of n zones.

    cells: int64 [n], cells that count at all. valid: int64 [n], those of them with data. coverage: float64
    [n], their sum. mean: float64 [n], of the cells with data, weighted by coverage; NaN without any.
    """

    cells: np.ndarray
    valid: np.ndarray
    coverage: np.ndarray
    mean: np.ndarray


def cells_of(
    zone: Any,
    raster: RasterData,
    rule: Rule = "exact",
    *,
    crs: pyproj.CRS | None = None,
    progress: Progress = no_progress,
) -> ZoneCells:
    """The cells of one polygon, valid, in `crs` (that of the raster when not given).

    rule: "exact", every cell with the share of it that the zone covers; "touch", the same cells, each
    counting whole; "centre", those whose centre lies in the zone, whole. A centre exactly on a border
    that two zones share belongs to one of them: to the eastern one, along a level border the southern
    one. What lies outside the raster has no cells. Problem for rotated rasters.
    """
    found = [
        (rows, cols, coverage, values, valid)
        for _, rows, cols, coverage, values, valid in _pieces([zone], raster, rule, crs, progress)
    ]
    if not found:
        nothing = np.empty(0, dtype=np.int64)
        return ZoneCells(nothing, nothing, np.empty(0), np.empty(0), np.empty(0, dtype=bool))
    rows, cols, coverage, values, valid = (np.concatenate(parts) for parts in zip(*found, strict=True))
    order = np.lexsort((cols, rows))
    return ZoneCells(rows[order], cols[order], coverage[order], values[order], valid[order])


def cell_counts(
    zones: Sequence[Any] | np.ndarray,
    raster: RasterData,
    rule: Rule = "exact",
    *,
    crs: pyproj.CRS | None = None,
    progress: Progress = no_progress,
) -> CellCounts:
    """How many cells each zone has, see `cells_of`; zones may overlap. Each part of the file is read once."""
    count = len(zones)
    cells, valid = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
    coverage, weight, total = np.zeros(count), np.zeros(count), np.zeros(count)
    for zone, _, _, share, values, good in _pieces(zones, raster, rule, crs, progress):
        cells[zone] += len(share)
        valid[zone] += int(good.sum())
        coverage[zone] += share.sum()
        weight[zone] += share[good].sum()
        total[zone] += (share[good] * values[good]).sum()
    with np.errstate(invalid="ignore"):
        return CellCounts(cells, valid, coverage, total / weight)


_Piece = tuple[int, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def _pieces(
    zones: Sequence[Any] | np.ndarray,
    raster: RasterData,
    rule: Rule,
    crs: pyproj.CRS | None,
    progress: Progress,
) -> Iterator[_Piece]:
    """(zone, rows, columns, coverage, values, valid) of every zone in every tile it meets."""
    refuse_rotated(raster)
    placed = _placed(rings_of(np.asarray(zones, dtype=object)), raster, crs or raster.crs)
    sign, ring_box = ring_frames(placed.x, placed.y, placed.ring_offset, placed.is_hole)
    box = _zone_boxes(placed, ring_box)
    marks = stand_ins(raster.nodata)
    east, south = raster.transform[0] > 0, raster.transform[4] < 0

    def share(zone: int, window: Tile) -> np.ndarray:
        """Coverage of each cell of a window, float64 [rows, columns]: every cell a class of its own."""
        top, bottom, left, right = window
        shape = (bottom - top, right - left)
        codes = np.arange(shape[0] * shape[1], dtype=np.uint32).reshape(shape)
        out = np.zeros((1, codes.size))
        one, whole = np.array([zone], dtype=np.int64), np.ones(shape)
        rings = (placed.x, placed.y, placed.ring_offset, placed.shape_offset, sign, ring_box)
        if rule == "centre":
            add_centres(one, *rings, float(left), float(top), east, south, codes, whole, out)
        else:
            lines = np.arange(left, right + 1.0), np.arange(top, bottom + 1.0)
            add_zones(one, *rings, *lines, codes, whole, out)
        found: np.ndarray = out.reshape(shape)
        return found

    def work(datasets: Sequence[Any], item: tuple[Tile, np.ndarray]) -> list[_Piece]:
        tile, members = item
        values, valid = read_cells(raster, datasets[0], tile)
        valid &= ~is_stand_in(values, marks)
        pieces: list[_Piece] = []
        for zone in members.tolist():
            window = _window(box[zone], tile)
            if window[0] >= window[1] or window[2] >= window[3]:
                continue
            covered = share(zone, window)
            row, col = np.nonzero(covered > 0.0)
            if not len(row):
                continue
            at = row + window[0] - tile[0], col + window[2] - tile[2]
            good = valid[at]
            pieces.append(
                (
                    zone,
                    row + window[0],
                    col + window[2],
                    covered[row, col] if rule == "exact" else np.ones(len(row)),
                    np.where(good, values[at].astype(np.float64), np.nan),
                    good,
                )
            )
        return pieces

    items = []
    for tile in tiles_of(raster):
        meets = (box[:, 0] < tile[3]) & (box[:, 2] > tile[2]) & (box[:, 1] < tile[1]) & (box[:, 3] > tile[0])
        members = np.flatnonzero(meets)
        if len(members):
            windows = np.array([_window(box[zone], tile) for zone in members])
            near = (windows[:, 0].min(), windows[:, 1].max(), windows[:, 2].min(), windows[:, 3].max())
            items.append(((int(near[0]), int(near[1]), int(near[2]), int(near[3])), members))
    for pieces in over_tiles([raster], items, work, progress, f"Reading {raster.name}"):
        yield from pieces


def _window(box: np.ndarray, tile: Tile) -> Tile:
    """The rows and columns of a tile that a box (least u, v, greatest u, v) meets."""
    top, bottom = max(tile[0], int(np.floor(box[1]))), min(tile[1], int(np.ceil(box[3])))
    left, right = max(tile[2], int(np.floor(box[0]))), min(tile[3], int(np.ceil(box[2])))
    return top, bottom, left, right


def _placed(rings: Rings, raster: RasterData, crs: pyproj.CRS) -> Rings:
    """Rings in the raster's columns and rows."""
    a, _, c, _, e, f = raster.transform
    if not same_crs(crs, raster.crs):
        rings = moved_rings(rings, crs, raster.crs, _BORDER_CELLS * min(abs(a), abs(e)))
        if np.isnan(rings.x).any() or np.isnan(rings.y).any():
            raise Problem(
                f"Some areas reach beyond where “{raster.crs.name}”, the CRS of {raster.name}, is defined.",
                fix="Use a raster in longitude and latitude, or areas near the raster.",
            )
    u, v = (rings.x - c) / a, (rings.y - f) / e
    return Rings(u, v, rings.ring_offset, rings.shape_offset, rings.is_hole)


def _zone_boxes(rings: Rings, ring_box: np.ndarray) -> np.ndarray:
    """float64 [n, 4]: least u, least v, greatest u, greatest v; an empty zone meets nothing."""
    box = np.tile([np.inf, np.inf, -np.inf, -np.inf], (rings.shapes, 1))
    owner = np.repeat(np.arange(rings.shapes), np.diff(rings.shape_offset))
    np.minimum.at(box[:, :2], owner, ring_box[:, :2])
    np.maximum.at(box[:, 2:], owner, ring_box[:, 2:])
    return box
