"""Working through rasters tile by tile, on two threads, in bounded memory, with progress and cancel."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from typing import Any, TypeVar

import numpy as np
from rasterio.enums import MaskFlags
from rasterio.windows import Window

from migmap.api import Progress, RasterData
from migmap.io.rasters.raster import open_dataset, valid_cells

T = TypeVar("T")
R = TypeVar("R")

Tile = tuple[int, int, int, int]
"""First row, row after the last, first column, column after the last."""

TILE_CELLS = 1 << 20
_THREADS = 2
_AHEAD = 6
_TICK_S = 0.05


def block_shape(raster: RasterData) -> tuple[int, int]:
    """(rows, columns) of the blocks the file is stored in."""
    with open_dataset(raster) as dataset:
        height, width = dataset.block_shapes[raster.band - 1]
        return int(height), int(width)


def tiles_of(raster: RasterData, cells: int = TILE_CELLS) -> list[Tile]:
    """The whole raster in tiles aligned to its blocks, of about `cells` cells each."""
    return cut(raster.height, raster.width, block_shape(raster), cells)


def cut(rows: int, columns: int, block: tuple[int, int], cells: int = TILE_CELLS) -> list[Tile]:
    """rows x columns in tiles of about `cells` cells, whole blocks where blocks are no larger than that."""
    block_rows, block_columns = min(block[0], rows), min(block[1], columns)
    if block_rows * block_columns > 4 * cells:
        block_rows = max(1, 4 * cells // block_columns)
    width = min(columns, max(1, cells // (block_rows * block_columns)) * block_columns)
    if width > columns - block_columns:
        width = columns
    height = min(rows, max(1, cells // (width * block_rows)) * block_rows)
    return [
        (top, min(top + height, rows), left, min(left + width, columns))
        for top in range(0, rows, height)
        for left in range(0, columns, width)
    ]


def read_cells(raster: RasterData, dataset: Any, tile: Tile) -> tuple[np.ndarray, np.ndarray]:
    """(values, valid) of a tile: not valid are NaN, infinity, the declared no-data value and, where the
    file has a mask of its own, what that masks."""
    values = read_values(raster, dataset, tile)
    valid = valid_cells(values, raster.nodata)
    mask = read_mask(raster, dataset, tile)
    if mask is not None:
        valid &= mask
    return values, valid


def read_values(raster: RasterData, dataset: Any, tile: Tile) -> np.ndarray:
    """The cells of a tile as stored."""
    values: np.ndarray = dataset.read(raster.band, window=window(tile))
    return values


def read_mask(raster: RasterData, dataset: Any, tile: Tile) -> np.ndarray | None:
    """Bool array, False where the file's own mask or alpha band hides a cell; None without such a mask."""
    flags = dataset.mask_flag_enums[raster.band - 1]
    if MaskFlags.per_dataset not in flags:
        return None
    hidden: np.ndarray = dataset.read_masks(raster.band, window=window(tile)) != 0
    return hidden


def window(tile: Tile) -> Window:
    top, bottom, left, right = tile
    return Window(left, top, right - left, bottom - top)


class _Stopped(BaseException):
    """The loop a tile belongs to has ended: nobody wants its result."""


_RUNNING = threading.local()


def checkpoint() -> None:
    """Inside `work` of `over_tiles`, between two steps of a long tile: ends it here where the loop has
    ended, so that a cancel need not wait for the whole tile. Elsewhere it does nothing."""
    state: _State | None = getattr(_RUNNING, "state", None)
    if state is not None and state.stopped:
        raise _Stopped


def over_tiles(
    rasters: Sequence[RasterData],
    tiles: Sequence[T],
    work: Callable[[Sequence[Any], T], R],
    progress: Progress,
    text: str,
) -> Iterator[R]:
    """`work(datasets, tile)` for every tile, on two threads with their own open files; the results in
    the order of the tiles, so that sums come out the same to the last bit on every run.

    Progress is called, and so can cancel, at least every twentieth of a second. Whatever ends the loop,
    an error in a tile, Cancelled, or the caller, the threads are joined before it is passed on.
    """
    state = _State(len(tiles))

    def run() -> None:
        _RUNNING.state = state
        try:
            with ExitStack() as stack:
                datasets = [stack.enter_context(open_dataset(raster)) for raster in rasters]
                while (index := state.take()) is not None:
                    try:
                        result = work(datasets, tiles[index])
                    except _Stopped:
                        # here, as closing the files after an error means looking up what error it is
                        break
                    state.put(index, result)
        except BaseException as error:  # handed to the caller's thread, which raises it
            state.fail(error)

    count = min(_THREADS, len(tiles), os.cpu_count() or 1)
    threads = [threading.Thread(target=run, name=f"tiles-{i}", daemon=True) for i in range(count)]
    progress(0.0, text)
    try:
        for thread in threads:
            thread.start()
        for index in range(len(tiles)):
            while not state.ready(index):
                progress(index / len(tiles), text)
            yield state.get(index)
            progress((index + 1) / len(tiles), text)
    finally:
        state.stop()
        for thread in threads:
            if thread.ident is not None:
                thread.join()


class _State:
    """Which tiles are taken and done, shared by the threads of one loop."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._next = 0
        self._consumed = 0
        self._done: dict[int, Any] = {}
        self._error: BaseException | None = None
        self._stopped = False
        self._changed = threading.Condition()

    def take(self) -> int | None:
        with self._changed:
            while not self._stopped and self._next < self._count and self._next >= self._consumed + _AHEAD:
                self._changed.wait()
            if self._stopped or self._next >= self._count:
                return None
            self._next += 1
            return self._next - 1

    def put(self, index: int, result: Any) -> None:
        with self._changed:
            self._done[index] = result
            self._changed.notify_all()

    def fail(self, error: BaseException) -> None:
        with self._changed:
            self._error = self._error or error
            self._stopped = True
            self._changed.notify_all()

    def stop(self) -> None:
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    @property
    def stopped(self) -> bool:
        return self._stopped

    def ready(self, index: int) -> bool:
        """Wait a moment for a tile; raise what went wrong in a thread."""
        with self._changed:
            if index not in self._done and self._error is None:
                self._changed.wait(_TICK_S)
            if self._error is not None:
                raise self._error
            return index in self._done

    def get(self, index: int) -> Any:
        with self._changed:
            self._consumed = index + 1
            self._changed.notify_all()
            return self._done.pop(index)
