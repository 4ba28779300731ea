"""Rings that are said to be simple are."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from migmap.kernels.rings import surely_simple


def told(rings: list[list[tuple[float, float]]]) -> np.ndarray:
    closed = [np.array([*ring, ring[0]], dtype=np.float64) for ring in rings]
    starts = np.concatenate([[0], np.cumsum([len(ring) for ring in closed])]).astype(np.int64)
    return surely_simple(np.concatenate(closed), starts)


def test_plain_shapes_are_told_and_crossed_ones_never() -> None:
    square = [(70.0, 30.0), (71.0, 30.0), (71.0, 31.0), (70.0, 31.0)]
    bow_tie = [(70.0, 30.0), (71.0, 31.0), (71.0, 30.0), (70.0, 31.0)]
    spike = [(0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (4.0, 8.0), (4.0, 4.0), (0.0, 4.0)]
    twice = [(1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0)] * 2
    letter_c = [
        (0.0, 0.0),
        (5.0, 0.1),
        (5.1, 1.0),
        (1.0, 1.1),
        (1.1, 4.0),
        (5.2, 4.1),
        (5.0, 5.0),
        (0.1, 5.1),
    ]
    nowhere = [(0.0, 0.0), (1.0, float("nan")), (1.0, 1.0), (0.0, 1.0)]
    assert told([square, bow_tie, spike, twice, letter_c, nowhere]).tolist() == [
        True, False, False, False, True, False,
    ]  # fmt: skip


corner = st.tuples(st.integers(0, 6), st.integers(0, 6))


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(corner, min_size=3, max_size=12), min_size=1, max_size=20), st.floats(1e-6, 1e3))
def test_what_is_sure_is_valid(rings: list[list[tuple[int, int]]], scale: float) -> None:
    placed = [[(70 + x * scale, 30 + y * scale) for x, y in ring] for ring in rings]
    shapes = np.array([shapely.Polygon(ring) for ring in placed], dtype=object)
    assert not (told(placed) & ~shapely.is_valid(shapes)).any()
