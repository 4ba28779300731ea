"""Compile every kernel into the disk cache, so that no run waits for it: python -m migmap.kernels."""

from __future__ import annotations

import numpy as np

from . import areas, cells, coverage, discs
from .lines import binned, border_cuts, grid_cuts, holding, lonlat_lengths, sorted_cuts, spans, window_lengths

CELLS = ("uint8", "int8", "uint16", "int16", "int32", "uint32", "float32", "float64")
"""Types of the cells of a raster that the kernels are compiled for."""


def compile_all() -> None:
    """Call each kernel once with every kind of array it meets."""
    x, y = np.array([0.0, 1.5, 1.5, 0.0]), np.array([0.0, 0.0, 1.5, 0.0])
    ring = np.array([0, 4])
    sign, box = coverage.ring_frames(x, y, ring, np.zeros(1, np.bool_))
    lines = np.arange(3.0)
    codes = np.zeros((2, 2), np.uint8)
    numbers, none = np.array([0.5]), np.empty(0)
    hits, valid = np.zeros((2, 2), np.bool_), np.ones(4, np.bool_)
    index = np.zeros(2, np.int64)
    for kind in ("float32", "float64"):
        people = np.ones((2, 2), kind)
        cells.clean_people(people, people.dtype.type(9.0), 0, 0)
        cells.summarise(people, np.ones((2, 2)), np.zeros(3))
        cells.spread(people, index, index, np.ones(2), np.ones(2), np.empty((2, 2)))
        for combined in ("uint8", "uint16", "uint32"):
            classes = np.zeros((2, 2), combined)
            zone = (np.zeros(1, np.int64), x, y, ring, np.array([0, 1]), sign, box)
            cells.add_all(classes, people, np.zeros(2))
            coverage.add_zones(*zone, lines, lines, classes, people, np.zeros((1, 2)))
            coverage.add_centres(*zone, 0.0, 0.0, True, True, classes, people, np.zeros((1, 2)))
    for one in ("uint8", "uint16", "uint32"):
        for other in ("uint8", "uint16"):
            pair = np.zeros((2, 2), one), np.zeros((2, 2), other)
            out = np.zeros((2, 2), "uint32" if one == "uint32" else "uint16")
            cells.combine(*pair, 2, np.full(4, -1, np.int32), np.zeros(4, np.int64), out)
    cells.fold(np.ones((1, 2)), np.array([0, 1, 1]), np.zeros(1, np.int64), np.zeros((1, 1)))
    for kind in ("uint8", "uint16"):
        values = np.zeros((2, 2), kind)
        cells.look_up(values, np.zeros(1 << (8 * values.itemsize), np.uint8), codes)
    for kind in ("int32", "float32", "float64"):
        cells.classify(np.ones((2, 2), kind), numbers, none, True, 9.0, numbers, 1e19, 1, codes)
    for kind in CELLS:
        values = np.ones((2, 2), kind)
        cells.find_values(values.ravel(), valid, 21, 4)
        if values.dtype.kind != "u":
            cells.find_marks(values, numbers, 1e19, hits)
    for kind in ("uint8", "uint16"):
        cells.pick(codes.astype(kind), index, index, 1, codes.astype(kind))
    areas.ring_areas(x, y, ring, 6378137.0, 0.0067)
    areas.bands(x, y, 6378137.0, 0.0067)
    _compile_lines(x, y)
    _compile_discs()


def _compile_lines(x: np.ndarray, y: np.ndarray) -> None:
    ends, edge, none, one = np.array([[0.0, 0.1]]), np.zeros(1, np.int64), np.zeros(1), np.ones(1)
    first, frame = np.array([0, 1]), np.array([0.0, 0.0, 1.0, 1.0])
    lonlat_lengths(ends, ends, edge, none, one, 6378137.0, 0.0067)
    window_lengths(one, first, np.ones((1, 7)), one, edge, none, one)
    grid_cuts(x, y, y, x, 2, 2)
    spans(*sorted_cuts(edge, one, 1), one)
    holding(edge, none, edge, none)
    start, items = binned(x, y, y, x, frame, 2, 2)
    border_cuts(x, y, y, x, x, y, y, x, frame, 2, 2, start, items, 1e-9)


def _compile_discs() -> None:
    one, index, whole, none = np.ones(1), np.zeros(1, np.int64), np.zeros((1, 4), np.int64), np.empty(0)
    some = np.ones((1, discs.FIELDS))
    discs.frame(some, none, one)
    discs.boxes(some, none, True, 0.0, whole)
    discs.count_cells(index, some, none, True, 0.0, index.copy())
    discs.by_tile(whole, 2, 2, index, index)
    for kind in ("uint8", "int16", "float32", "float64"):
        cells_of = np.zeros((2, 2), kind)
        discs.fold_values(index, some, none, True, 0.0, cells_of, 0, 0, np.nan, none, 1e19, np.empty((1, 6)))
    discs.fold_ranks(index, some, none, True, 0.0, np.zeros((2, 2), np.uint8), 0, 0, index, whole)
    discs.outlines(index, some, none, 2, 1.0, np.empty((1, 3, 2)))
    at = np.zeros((1, 2))
    discs.series_at(np.ones((2, 2, 3)), at[:, 0], at[:, 1], np.empty((1, 9)))


if __name__ == "__main__":
    compile_all()
    print("Kernels are compiled.")
