"""A look at a bounded part of a raster's cells, spread over it, in a bounded time whatever its size."""

from __future__ import annotations

import math
import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import rasterio
import rasterio.errors
from rasterio._err import CPLE_BaseError
from rasterio.enums import MaskFlags
from rasterio.windows import Window

from .cellvalues import CellTally

WHOLE_CELLS = 6_000_000
"""Rasters up to this are read to the last cell."""
SPREAD_CELLS = 2_000_000
"""Cells read of larger ones."""
MOST_BLOCK_CELLS = 24_000_000
"""A file stored in blocks above this is not looked into: one value costs the whole block."""
MOST_DAMAGED = 6
"""Damaged blocks after which the look ends."""
_TEXT_CELLS = 1_000_000
_IN_ORDER = frozenset(
    ["AAIGrid", "GRASSASCIIGrid", "XYZ", "PNG", "JPEG", "GIF", "BMP", "GRIB", "JP2OpenJPEG", "WEBP"]
)
"""Formats where the last cell costs reading all before it."""

Box = tuple[int, int, int, int]
"""row, column, rows, columns"""


def looked_over(
    dataset: rasterio.DatasetReader, band: int, nodata: float | None, *, driver: str = ""
) -> CellTally:
    """What the cells of a band look like, from all of them or from a spread part. Always the same part of
    the same file. Blocks that cannot be read are counted, never raised. driver: of the file behind a
    virtual raster."""
    tally = CellTally(nodata, dataset.width * dataset.height)
    flags = dataset.mask_flag_enums[band - 1]
    masked = MaskFlags.per_dataset in flags or MaskFlags.alpha in flags
    for box in boxes(dataset, band, driver or dataset.driver):
        if _read_into(tally, dataset, band, box, masked):
            continue
        if (driver or dataset.driver) in _IN_ORDER:
            # What cannot be read stands in the way of all that follows.
            tally.unreadable += 1
            tally.blocks += 1
            break
        # Which of its blocks are damaged?
        for block in _blocks(dataset, band, box):
            if block == box or not _read_into(tally, dataset, band, block, masked):
                tally.unreadable += 1
                tally.blocks += 1
        if tally.unreadable >= MOST_DAMAGED:
            break
    return tally


def _read_into(tally: CellTally, dataset: rasterio.DatasetReader, band: int, box: Box, masked: bool) -> bool:
    row, column, rows, columns = box
    window = Window(column, row, columns, rows)
    try:
        values = dataset.read(band, window=window)
        mask = dataset.read_masks(band, window=window) != 0 if masked else None
    except (rasterio.errors.RasterioError, CPLE_BaseError, MemoryError) as error:
        tally.reason = tally.reason or str(error.__cause__ or error)
        return False
    if values.dtype.kind in "fiu":
        tally.add(values, mask)
    return True


def _blocks(dataset: rasterio.DatasetReader, band: int, box: Box) -> Iterator[Box]:
    """The stored blocks of a box; at most as many as may be damaged before the look ends."""
    row, column, rows, columns = box
    high, wide = dataset.block_shapes[band - 1]
    starts = (
        (top, left) for top in range(row, row + rows, high) for left in range(column, column + columns, wide)
    )
    for top, left in islice(starts, MOST_DAMAGED):
        yield top, left, min(high, row + rows - top), min(wide, column + columns - left)


def boxes(dataset: rasterio.DatasetReader, band: int, driver: str) -> Iterator[Box]:
    """The parts to read: whole blocks, or whole rows of narrow ones."""
    width, height = dataset.width, dataset.height
    block_rows, block_columns = dataset.block_shapes[band - 1]
    block_rows, block_columns = min(block_rows, height), min(block_columns, width)
    if block_rows * block_columns > MOST_BLOCK_CELLS or width > MOST_BLOCK_CELLS:
        return
    in_order = driver in _IN_ORDER
    most = _TEXT_CELLS if in_order else WHOLE_CELLS
    whole = width * height <= most
    if whole or block_columns >= width:
        # Strips: as many together as make a good bite.
        bite = 1 << (20 if whole else 15)
        rows = max(1, bite // (width * block_rows)) * block_rows
        starts = range(0, height, rows)
        for index in range(len(starts)) if whole else _some(len(starts), rows * width, in_order):
            top = starts[index]
            yield top, 0, min(rows, height - top), width
        return
    down, across = math.ceil(height / block_rows), math.ceil(width / block_columns)
    for index in _some(down * across, block_rows * block_columns, in_order):
        top, left = (index // across) * block_rows, (index % across) * block_columns
        yield top, left, min(block_rows, height - top), min(block_columns, width - left)


def _some(count: int, cells: int, in_order: bool) -> Iterator[int]:
    """Which of `count` parts of `cells` each to read."""
    wanted = min(count, max(1, (_TEXT_CELLS if in_order else SPREAD_CELLS) // max(cells, 1)))
    if in_order:
        yield from range(wanted)
        return
    # Steps of the golden section visit rows and columns of blocks evenly, where equal steps would keep
    # to one column. The middle comes first: the edges are where there is no data.
    seen: set[int] = set()
    position = 0.5
    while len(seen) < wanted:
        index = int(position * count)
        position = (position + 0.6180339887498949) % 1.0
        if index in seen:
            index = next(i % count for i in range(index, index + count) if i % count not in seen)
        seen.add(index)
    yield from sorted(seen)


_LOOKS: OrderedDict[tuple[object, ...], CellTally] = OrderedDict()
_LOCK = threading.Lock()
_REMEMBERED = 64


def remembered(key: tuple[object, ...], path: Path, look: Callable[[], CellTally]) -> CellTally:
    """What `look()` found, kept while the file's size and time of change stay: a file is described before
    it is opened, and opened again by every run. Treat it as read-only."""
    try:
        stat = os.stat(path)
    except OSError:
        return look()
    full = (*key, str(path), stat.st_size, stat.st_mtime_ns)
    with _LOCK:
        found = _LOOKS.get(full)
    if found is None:
        found = look()
        with _LOCK:
            _LOOKS[full] = found
            while len(_LOOKS) > _REMEMBERED:
                _LOOKS.popitem(last=False)
    return found
