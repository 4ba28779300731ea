"""Coverage of cells by polygons, against intersections computed by GEOS."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from migmap.geo.rings import rings_of
from migmap.kernels.coverage import add_zones, ring_frames

EVEN = np.arange(13.0)
UNEVEN = np.array([0.0, 0.3, 1.0, 1.000001, 2.5, 2.75, 6.0, 6.125, 9.0, 11.5, 12.0])
NOTHING = 1e-9


def coverage(shapes: list[shapely.Geometry], xe: np.ndarray, ye: np.ndarray) -> np.ndarray:
    """[shapes, rows, columns]: share of each cell covered, as the kernel sees it."""
    rows, cols = len(ye) - 1, len(xe) - 1
    rings = rings_of(np.array(shapes, dtype=object))
    sign, box = ring_frames(rings.x, rings.y, rings.ring_offset, rings.is_hole)
    out = np.zeros((len(shapes), rows * cols))
    # a class holds one cell only, so its sum is that cell's coverage
    codes = np.arange(rows * cols, dtype=np.uint8).reshape(rows, cols)
    add_zones(
        np.arange(len(shapes)),
        rings.x,
        rings.y,
        rings.ring_offset,
        rings.shape_offset,
        sign,
        box,
        xe,
        ye,
        codes,
        np.ones((rows, cols)),
        out,
    )
    return out.reshape(len(shapes), rows, cols)


def expected(shape: shapely.Geometry, xe: np.ndarray, ye: np.ndarray) -> np.ndarray:
    cells = shapely.box(xe[:-1], ye[:-1, None], xe[1:], ye[1:, None])
    return np.asarray(shapely.area(shapely.intersection(shape, cells)) / shapely.area(cells))


def check(shape: shapely.Geometry, xe: np.ndarray = EVEN, ye: np.ndarray = EVEN) -> None:
    np.testing.assert_allclose(coverage([shape], xe, ye)[0], expected(shape, xe, ye), atol=NOTHING)
    backwards = shapely.orient_polygons(
        shape,
        exterior_cw=shapely.is_ccw(
            shape.geoms[0].exterior if shape.geom_type == "MultiPolygon" else shape.exterior
        ),
    )
    np.testing.assert_allclose(coverage([backwards], xe, ye)[0], expected(shape, xe, ye), atol=NOTHING)


HOLED = shapely.Polygon(
    [(1, 1), (11, 1), (11, 11), (1, 11)],
    [[(2, 2), (2, 10), (5.5, 9), (5.5, 3)], [(6, 3), (7, 3), (7, 4), (6, 4)]],
)
SHAPES = {
    "whole cells": shapely.box(2, 3, 5, 7),
    "within one cell": shapely.Polygon([(4.2, 4.2), (4.7, 4.3), (4.4, 4.8)]),
    "a speck": shapely.box(4.5, 4.5, 4.5 + 1e-7, 4.5 + 1e-7),
    "triangle": shapely.Polygon([(0.5, 0.5), (11.3, 4.1), (3.2, 9.9)]),
    "vertices on grid lines": shapely.Polygon([(1, 1), (4, 1), (6, 3), (4, 6), (4, 4), (1, 4)]),
    "along a diagonal": shapely.Polygon([(1, 1), (9, 9), (1, 9)]),
    "sliver, wide": shapely.Polygon([(0.1, 5.4999), (11.9, 5.5), (0.1, 5.5001)]),
    "sliver, tall": shapely.Polygon([(5.4999, 0.1), (5.5, 11.9), (5.5001, 0.1)]),
    "holes": HOLED,
    "island in a hole": shapely.MultiPolygon([HOLED, shapely.box(3, 4, 4, 5)]),
    "self-touching": shapely.Polygon([(2, 2), (6, 2), (6, 6), (4, 4), (2, 6)], [[(4, 4), (3, 3), (5, 3)]]),
    "parts touching": shapely.MultiPolygon([shapely.box(1, 1, 3, 3), shapely.box(3, 3, 5, 5)]),
    "one-cell island": shapely.MultiPolygon([shapely.box(1, 1, 2, 2), shapely.box(10, 10, 11, 11)]),
    "left of the grid and in": shapely.Polygon([(-5, 2.5), (3.5, 1), (3.5, 8), (-7, 9)]),
    "right of the grid and in": shapely.Polygon([(8.5, 2.5), (20, 1), (25, 8)]),
    "above, below and across": shapely.Polygon([(3, -4), (9, -4), (7, 20), (5, 20)]),
    "all around": shapely.box(-5, -5, 30, 30),
    "all around, with a hole": shapely.Polygon(
        shapely.box(-5, -5, 30, 30).exterior, [shapely.box(2.5, 2.5, 20, 3.5).exterior]
    ),
    "left": shapely.box(-9, 2, -1, 8),
    "right": shapely.box(13, 2, 19, 8),
    "nearly level edges": shapely.Polygon([(0, 3), (12, 3.0000001), (12, 5), (0, 4.9999999)]),
    "comb": shapely.Polygon(
        [(0.5, 0.5), *((0.5 + i * 0.1, 11 - 9 * (i % 2)) for i in range(1, 110)), (11.6, 0.5)]
    ),
}


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("lines", ["even", "uneven"])
def test_coverage_is_the_area_of_the_intersection(name: str, lines: str) -> None:
    edges = EVEN if lines == "even" else UNEVEN
    check(SHAPES[name], edges, edges)


def test_a_speck_keeps_its_digits() -> None:
    side = 1e-7
    found = coverage([shapely.box(4.5, 4.5, 4.5 + side, 4.5 + side)], EVEN, EVEN)[0, 4, 4]
    assert found == pytest.approx(side * side, rel=1e-7)


def test_shapes_without_area_cover_nothing() -> None:
    nothing = [None, shapely.Polygon(), shapely.Point(3, 3), shapely.LineString([(0, 0), (9, 9)])]
    assert not coverage([*nothing], EVEN, EVEN).any()
    folded = shapely.Polygon([(1, 1), (5, 5), (1, 1)])
    assert not coverage([folded], EVEN, EVEN).any()


def test_polygons_of_a_collection_count() -> None:
    mixed = shapely.GeometryCollection(
        [shapely.Point(1, 1), SHAPES["self-touching"], shapely.MultiPolygon([HOLED])]
    )
    total = coverage([SHAPES["self-touching"], HOLED], EVEN, EVEN).sum(axis=0)
    np.testing.assert_allclose(coverage([mixed], EVEN, EVEN)[0], total, atol=NOTHING)


def test_tiles_add_up_to_the_grid() -> None:
    whole = coverage(list(SHAPES.values()), EVEN, EVEN)
    for cut in (3, 7):
        parts = [
            [coverage(list(SHAPES.values()), xe, ye) for xe in (EVEN[: cut + 1], EVEN[cut:])]
            for ye in (EVEN[: cut + 1], EVEN[cut:])
        ]
        joined = np.concatenate([np.concatenate(row, axis=2) for row in parts], axis=1)
        np.testing.assert_allclose(joined, whole, atol=NOTHING)


def _numbers(on_lines: bool) -> st.SearchStrategy[float]:
    if on_lines:
        return st.integers(-8, 56).map(lambda n: n / 4)
    return st.floats(-3, 15, allow_nan=False)


@st.composite
def polygons(draw: st.DrawFn) -> shapely.Geometry:
    """Valid polygons of every kind: what make_valid leaves of a random ring, maybe less another."""
    numbers = _numbers(draw(st.booleans()))
    points = st.lists(st.tuples(numbers, numbers), min_size=3, max_size=9)
    shape = shapely.make_valid(shapely.Polygon(draw(points)), method="structure", keep_collapsed=False)
    if draw(st.booleans()):
        other = shapely.make_valid(shapely.Polygon(draw(points)), method="structure", keep_collapsed=False)
        shape = shapely.difference(shape, other)
    return shape


@settings(max_examples=150, deadline=None)
@given(shape=polygons(), uneven=st.booleans())
def test_coverage_of_any_polygon(shape: shapely.Geometry, uneven: bool) -> None:
    assume(shape.is_valid)
    edges = UNEVEN if uneven else EVEN
    np.testing.assert_allclose(coverage([shape], edges, edges)[0], expected(shape, edges, edges), atol=1e-8)


@settings(max_examples=60, deadline=None)
@given(shape=polygons(), line=st.floats(0, 12), upright=st.booleans())
def test_parts_cover_what_the_whole_covers(shape: shapely.Geometry, line: float, upright: bool) -> None:
    assume(shape.is_valid and shape.area > 0)
    half = shapely.box(-99, -99, line, 99) if upright else shapely.box(-99, -99, 99, line)
    pieces = [shapely.intersection(shape, half), shapely.difference(shape, half)]
    found = coverage(pieces, EVEN, EVEN).sum(axis=0)
    np.testing.assert_allclose(found, coverage([shape], EVEN, EVEN)[0], atol=1e-8)
