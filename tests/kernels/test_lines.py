"""Kernels for lines, against every pair and every grid line looked at one by one."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from migmap.kernels.lines import binned, border_cuts, grid_cuts, holding, lonlat_lengths, sorted_cuts, spans

place = st.one_of(st.integers(0, 6).map(float), st.floats(-1, 7))
segment = st.tuples(place, place, place, place)
segments = st.lists(segment, min_size=1, max_size=12)


def ends(found: list[tuple[float, float, float, float]]) -> list[np.ndarray]:
    return [np.ascontiguousarray(column) for column in np.array(found, dtype=np.float64).T]


@settings(deadline=None)
@given(segments, segments, st.integers(1, 9))
def test_bins_miss_no_crossing(edges: list, borders: list, side: int) -> None:
    """What one bin for everything finds, any number of bins finds."""
    a, c = ends(edges), ends(borders)
    low_x, high_x = min(c[0].min(), c[2].min()), max(c[0].max(), c[2].max())
    low_y, high_y = min(c[1].min(), c[3].min()), max(c[1].max(), c[3].max())
    wide, tall = max(high_x - low_x, 1e-9), max(high_y - low_y, 1e-9)
    found = []
    for count in (1, side):
        frame = np.array([low_x, low_y, wide / count, tall / count])
        bins = binned(*c, frame, count, count)
        edge, cut, run_edge, start, stop, which = border_cuts(*a, *c, frame, count, count, *bins, 1e-14)
        cuts = set(zip(edge.tolist(), cut.tolist(), strict=True))
        runs = set(zip(run_edge.tolist(), start.tolist(), stop.tolist(), which.tolist(), strict=True))
        found.append((cuts, runs))
    assert found[0] == found[1]


@settings(deadline=None)
@given(segment, segment)
def test_a_crossing_lies_on_both(edge: tuple, border: tuple) -> None:
    a, c = ends([edge]), ends([border])
    low, high = np.minimum(c[:2], c[2:]).ravel(), np.maximum(c[:2], c[2:]).ravel()
    frame = np.array([*low, *np.maximum(high - low, 1e-9)])
    _, cuts, _, start, stop, _ = border_cuts(*a, *c, frame, 1, 1, *binned(*c, frame, 1, 1), 1e-14)
    p, q = np.array(border[:2]), np.array(border[2:])
    for s in [*cuts, *start, *stop]:
        point = np.array(edge[:2]) + s * (np.array(edge[2:]) - np.array(edge[:2]))
        along = np.clip(np.dot(point - p, q - p) / np.dot(q - p, q - p), 0, 1)
        assert np.hypot(*(p + along * (q - p) - point)) < 1e-6


@settings(deadline=None)
@given(segments, st.integers(1, 5), st.integers(1, 5))
def test_grid_lines_are_all_met(edges: list, width: int, height: int) -> None:
    u0, v0, u1, v1 = ends(edges)
    edge, share = grid_cuts(u0, v0, u1, v1, width, height)
    assert (share >= 0).all()
    assert (share <= 1).all()
    got = sorted(zip(edge.tolist(), share.tolist(), strict=True))
    expected = []
    for i, (a, b, c, d) in enumerate(edges):
        if max(a, c) < 0 or min(a, c) > width or max(b, d) < 0 or min(b, d) > height:
            continue
        expected += [
            (i, (j - a) / (c - a)) for j in range(width + 1) if a != c and min(a, c) <= j <= max(a, c)
        ]
        expected += [
            (i, (j - b) / (d - b)) for j in range(height + 1) if b != d and min(b, d) <= j <= max(b, d)
        ]
    assert got == sorted(expected)


@given(st.lists(st.tuples(st.integers(0, 3), st.floats(0, 1)), max_size=20))
def test_spans_fill_every_edge_without_gap(cuts: list) -> None:
    edge = np.array([e for e, _ in cuts], dtype=np.int64)
    share = np.array([s for _, s in cuts], dtype=np.float64)
    first, rising = sorted_cuts(edge, share, 4)
    assert rising.tolist() == [s for _, s in sorted(cuts)]
    owner, start, stop = spans(first, rising, np.full(4, 1e-3))
    for i in range(4):
        mine = owner == i
        assert start[mine][0] == 0.0
        assert stop[mine][-1] == 1.0
        assert (start[mine][1:] == stop[mine][:-1]).all()
        assert mine.sum() == 1 or (stop[mine] - start[mine] > 1e-3).all()
    assert holding(owner, start, owner, 0.5 * (start + stop)).tolist() == list(range(len(owner)))


@given(st.floats(-89.9, 89.9), st.floats(-89.9, 89.9), st.floats(0, 90), st.floats(0.01, 0.99))
def test_a_length_is_the_sum_of_its_pieces(south: float, north: float, turn: float, cut: float) -> None:
    lon, lat = np.radians([[0.0, turn]]), np.radians([[south, north]])
    edge = np.zeros(3, np.int64)
    start, stop = np.array([0.0, 0.0, cut]), np.array([1.0, cut, 1.0])
    whole, one, other = lonlat_lengths(lon, lat, edge, start, stop, 6378137.0, 0.00669438)
    assert abs(one + other - whole) <= 1e-13 * whole
