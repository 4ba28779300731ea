"""Which cells hold a number that stands for "no data" without being declared (`migmap.io.rasters.nodata`)."""

from __future__ import annotations

import numpy as np

from migmap.api import Finding, RasterData
from migmap.io.rasters.nodata import BEYOND_MEASURE as BEYOND_MEASURE
from migmap.io.rasters.nodata import stand_ins as stand_ins
from migmap.io.rasters.nodata import undeclared_marks
from migmap.kernels.cells import find_marks

_CELLS = ("cell holds", "cells hold")


def is_stand_in(values: np.ndarray, marks: np.ndarray) -> np.ndarray:
    """Bool array of the shape of `values` [rows, columns]: which cells hold a mark."""
    hits = np.zeros(values.shape, dtype=np.bool_)
    if values.dtype.kind != "u":
        find_marks(values, marks, BEYOND_MEASURE, hits)
    return hits


def undeclared(raster: RasterData, values: set[float], count: int, what: tuple[str, str] = _CELLS) -> Finding:
    """The finding for `count` stand-ins. what: who holds them, said of one and of many."""
    return undeclared_marks(raster.name, raster.nodata, values, count, what)
