"""A raster as the screen shows it: as many cells as there are pixels, whatever the file holds."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import rasterio
from affine import Affine
from rasterio.windows import Window

from migmap.api import Extent, Problem, Progress, RasterData, Rule, Style, Symbol, no_progress
from migmap.io.rasters.rasterfile import ENV

from .crs import CANVAS, moved
from .nodata import is_stand_in, stand_ins
from .symbology import DEPTH, OTHER, UNKNOWN, ramp, range_style, rule_index, symbol_of
from .viewport import View

OUTSIDE = -3
"""Beside symbology's OTHER and UNKNOWN: a pixel that lies in no cell of the raster."""

OVERVIEW_CELLS = 4_000_000
"""Cells of the decimated copy kept in memory for views of the whole raster."""
STRIP_ROWS = 64
CONTROL_PX = 16
"""Positions are transformed exactly every so many pixels and interpolated between (GDAL does the same)."""


@dataclass(slots=True, eq=False)
class PreparedRaster:
    """A raster ready to be drawn. extent: canvas units, None where its corner has no place there."""

    data: RasterData
    extent: Extent | None
    _overview: tuple[np.ndarray, int] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def cells(self, view: View, width: int, height: int, progress: Progress = no_progress) -> np.ndarray:
        """float64 [height, width]: the value of the cell under each pixel's centre, NaN without data;
        outside the raster +inf. Reads no more than about one cell a pixel; stops when cancelled."""
        column, row = self._source_positions(view, width, height)
        inside = (column >= 0) & (column < self.data.width) & (row >= 0) & (row < self.data.height)
        found = np.full((height, width), np.inf)
        if not inside.any():
            return found
        c, r = column[inside], row[inside]
        left, right = math.floor(c.min()), math.floor(c.max()) + 1
        top, bottom = math.floor(r.min()), math.floor(r.max()) + 1
        # Cells a pixel, by the share of the picture that shows the raster.
        factor = max(1, int(math.sqrt((right - left) * (bottom - top) / max(int(inside.sum()), 1))))
        whole = self._coarse(factor, progress)
        if whole is not None:
            values, step = whole
            left = top = 0
        else:
            step = factor
            values = self._read(left, top, right - left, bottom - top, step, progress)
        rows = np.minimum(((r - top) / step).astype(np.int64), values.shape[0] - 1)
        columns = np.minimum(((c - left) / step).astype(np.int64), values.shape[1] - 1)
        found[inside] = values[rows, columns]
        return found

    def value_at(self, x: float, y: float) -> float | None:
        """The value of the cell under a canvas position; NaN without data, None outside the raster."""
        column, row = self._columns_rows(np.array([[x, y]]))
        if not (0 <= column[0] < self.data.width and 0 <= row[0] < self.data.height):
            return None
        return float(self._read(math.floor(column[0]), math.floor(row[0]), 1, 1, 1, no_progress)[0, 0])

    def sample(self, progress: Progress = no_progress) -> np.ndarray:
        """float64: every n-th cell of the whole raster, without those that hold no data."""
        values: np.ndarray = self._whole(progress)[0]
        finite: np.ndarray = values[np.isfinite(values)]
        return finite

    def _coarse(self, factor: int, progress: Progress) -> tuple[np.ndarray, int] | None:
        """The copy in memory, where it is fine enough for `factor` cells a pixel."""
        step = self._whole_step
        return self._whole(progress) if step <= factor else None

    @property
    def _whole_step(self) -> int:
        return max(1, math.ceil(math.sqrt(self.data.width * self.data.height / OVERVIEW_CELLS)))

    def _whole(self, progress: Progress) -> tuple[np.ndarray, int]:
        with self._lock:
            if self._overview is None:
                step = self._whole_step
                values = self._read(0, 0, self.data.width, self.data.height, step, progress)
                self._overview = (values, step)
            return self._overview

    def _read(
        self, left: int, top: int, width: int, height: int, step: int, progress: Progress
    ) -> np.ndarray:
        """Every `step`-th cell of a window as float32 or float64, NaN without data, strip by strip so
        that a cancelled job stops soon. GDAL takes overviews where the file has them."""
        columns, rows = math.ceil(width / step), math.ceil(height / step)
        name = self.data.name
        try:
            # A small block cache: what one view reads is read once.
            with rasterio.Env(**ENV), rasterio.open(self.data.gdal_path) as source:
                wide = np.dtype(self.data.dtype).itemsize > 4 or np.dtype(self.data.dtype).kind in "iu"
                found = np.empty((rows, columns), dtype=np.float64 if wide and step == 1 else np.float32)
                for start in range(0, rows, STRIP_ROWS):
                    progress(0.1 + 0.8 * start / rows, f"Reading {name}")
                    count = min(STRIP_ROWS, rows - start)
                    window = Window(left, top + start * step, width, min(count * step, height - start * step))
                    found[start : start + count] = self._strip(source, window, count, columns)
        except rasterio.RasterioIOError as error:
            raise Problem(
                f"{self.data.source.path} cannot be read to be drawn.",
                # rasterio's own words only point at those of GDAL behind them.
                detail=str(error.__cause__ or error),
                fix="Check that the file is still there and complete; copy it again from where it came.",
            ) from error
        return found

    def _strip(self, source: Any, window: Window, rows: int, columns: int) -> np.ndarray:
        values = source.read(self.data.band, window=window, out_shape=(rows, columns))
        found = values.astype(np.float64)
        if self.data.nodata is not None and not math.isnan(self.data.nodata):
            found[values == self.data.nodata] = np.nan
        # Infinite cells are no data either, and +inf is taken for "outside".
        found[~np.isfinite(found) | is_stand_in(values, stand_ins(self.data.nodata))] = np.nan
        return np.asarray(found)

    def _source_positions(self, view: View, width: int, height: int) -> tuple[np.ndarray, np.ndarray]:
        """Column and row (float64 [height, width]) in the file of each pixel's centre."""
        xs = _controls(width)
        ys = _controls(height)
        px, py = np.meshgrid(xs, ys)
        canvas = np.column_stack(
            (
                view.centre_x + (px.ravel() - width / 2) * view.units_per_px,
                view.centre_y - (py.ravel() - height / 2) * view.units_per_px,
            )
        )
        column, row = (part.reshape(px.shape) for part in self._columns_rows(canvas))
        centres_x, centres_y = np.arange(width) + 0.5, np.arange(height) + 0.5
        return _between(column, xs, ys, centres_x, centres_y), _between(row, xs, ys, centres_x, centres_y)

    def _columns_rows(self, canvas: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        own = moved(canvas, CANVAS, self.data.crs)
        back = ~Affine(*self.data.transform)
        # NaN (no place in the raster's CRS) compares as outside in every caller.
        return (
            back.a * own[:, 0] + back.b * own[:, 1] + back.c,
            back.d * own[:, 0] + back.e * own[:, 1] + back.f,
        )


def prepared_raster(data: RasterData) -> PreparedRaster:
    """Find a raster's place on the canvas; reads no cell."""
    edge = np.linspace(0.0, 1.0, 21)
    around = np.concatenate(
        [np.column_stack((edge, np.full(21, side))) for side in (0.0, 1.0)]
        + [np.column_stack((np.full(21, side), edge)) for side in (0.0, 1.0)]
    ) * (data.width, data.height)
    a, b, c, d, e, f = data.transform
    border = around @ np.array([[a, d], [b, e]]) + (c, f)
    if data.crs.is_geographic:
        border[:, 1] = np.clip(border[:, 1], -85.0, 85.0)
    canvas = moved(border, data.crs, CANVAS)
    canvas = canvas[np.isfinite(canvas).all(axis=1)]
    if len(canvas) == 0:
        return PreparedRaster(data, None)
    west, south = canvas.min(axis=0)
    east, north = canvas.max(axis=0)
    return PreparedRaster(data, Extent(float(west), float(south), float(east), float(north)))


def class_picture(
    raster: PreparedRaster,
    style: Style,
    view: View,
    width: int,
    height: int,
    progress: Progress = no_progress,
) -> np.ndarray:
    """int16 [height, width]: the rule of `style` under each pixel, OTHER, UNKNOWN or OUTSIDE."""
    cells = raster.cells(view, width, height, progress)
    outside = np.isposinf(cells)
    cells[outside] = np.nan
    index = np.empty(cells.shape, dtype=np.int16)
    for start in range(0, height, STRIP_ROWS):
        progress(0.9 + 0.1 * start / height, "Drawing")
        strip = cells[start : start + STRIP_ROWS]
        index[start : start + STRIP_ROWS] = rule_index(style, strip.ravel()).reshape(strip.shape)
    index[np.isnan(cells)] = UNKNOWN
    index[outside] = OUTSIDE
    return index


def with_rules(style: Style, raster: PreparedRaster, progress: Progress = no_progress) -> Style:
    """The style itself, or, where it has no rule at all, one made from the values: a rule a value for
    up to eight different ones, else 0 (if it is the least) and five classes with rounded edges from a
    tenth to nine tenths of the other cells. Without it such a raster would be one grey box."""
    if style.rules:
        return style
    values = raster.sample(progress)
    different = np.unique(values[:: max(1, len(values) // 200_000)])
    if len(different) == 0:
        return style
    if len(different) <= 8:
        fills = list(ramp(DEPTH, len(different)))
        if different[0] == 0:
            # Nothing there: almost the colour of the ground.
            fills = ["#f0f1ee", *ramp(DEPTH, len(different) - 1)]
        own = [
            Rule(label=f"{value:g}", value=f"{value:g}", symbol=Symbol(fill=fill, stroke=""))
            for value, fill in zip(different, fills, strict=True)
        ]
        return style.model_copy(update={"rules": tuple(own)})
    # Dry ground and empty cells outnumber all others and would take every class for themselves.
    zeros = values.min() == 0
    marks = np.quantile(values[values > 0] if zeros else values, [0.1, 0.4, 0.65, 0.9])
    edges = sorted({float(f"{mark:.2g}") for mark in marks})
    made = range_style("", edges, title=style.title, zero_label="0" if zeros else None, number="{:,.6g}")
    rules = list(made.rules)
    if zeros:
        rules[1] = rules[1].model_copy(update={"label": f"0 to {edges[0]:,.6g}"})
    return style.model_copy(update={"rules": tuple(rules)})


def coloured(index: np.ndarray, style: Style, rgba: Callable[[str], tuple[int, int, int, int]]) -> np.ndarray:
    """uint8 [height, width, 4] RGBA of a class picture. UNKNOWN and OUTSIDE are left clear: the painter
    hatches the one, the other is not there. rgba: colour text of a Symbol -> its four numbers."""
    table = np.zeros((len(style.rules) + 3, 4), dtype=np.uint8)
    for rule in range(len(style.rules)):
        table[rule] = rgba(style.rules[rule].symbol.fill)
    table[OTHER] = rgba(symbol_of(style, OTHER).fill)
    table[UNKNOWN] = table[OUTSIDE] = 0
    return np.asarray(table[index])


def _controls(length: int) -> np.ndarray:
    return np.unique(np.append(np.arange(0.0, length, CONTROL_PX), float(length)))


def _between(grid: np.ndarray, xs: np.ndarray, ys: np.ndarray, px: np.ndarray, py: np.ndarray) -> np.ndarray:
    """Bilinear values of `grid` (at crossings of ys and xs) at every py, px."""
    along = np.empty((len(ys), len(px)))
    for i, line in enumerate(grid):
        along[i] = np.interp(px, xs, line)
    below = np.clip(np.searchsorted(ys, py, side="right") - 1, 0, len(ys) - 2)
    share = ((py - ys[below]) / (ys[below + 1] - ys[below]))[:, None]
    return np.asarray(along[below] * (1 - share) + along[below + 1] * share)
