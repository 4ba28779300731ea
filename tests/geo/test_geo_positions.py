"""Where features are, and moving them between coordinate systems."""

from __future__ import annotations

import numpy as np
import pyproj
import pytest
import shapely
from handles import vector
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import GeometryCollection, LineString, MultiLineString, MultiPoint, Point, Polygon, box

from migmap.api import Problem
from migmap.geo.crs import WGS84, moved, reprojected, same_crs, to_lonlat
from migmap.geo.positions import positions, positions_in

UTM42 = pyproj.CRS.from_epsg(32642)


def test_axis_order_does_not_make_another_system() -> None:
    assert same_crs(WGS84, pyproj.CRS.from_user_input("OGC:CRS84"))
    assert same_crs(WGS84, WGS84)
    assert not same_crs(WGS84, UTM42)
    assert not same_crs(None, None)


def test_a_point_is_where_it_is_and_a_row_without_one_is_nowhere() -> None:
    found = positions(vector([Point(70, 30), None, Point()]))
    assert found[0].tolist() == [70, 30]
    assert np.isnan(found[1:]).all()


def test_a_polygon_is_at_its_centre_only_where_that_lies_inside() -> None:
    horseshoe = Polygon([(0, 0), (4, 0), (4, 4), (3, 4), (3, 1), (1, 1), (1, 4), (0, 4)])
    found = positions(vector([box(0, 0, 2, 2), horseshoe]))
    assert found[0].tolist() == [1, 1]
    assert not shapely.contains(horseshoe, shapely.centroid(horseshoe))
    assert shapely.contains(horseshoe, Point(found[1]))


def test_an_invalid_polygon_still_has_a_position() -> None:
    bow_tie = Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    assert np.isfinite(positions(vector([bow_tie]))).all()


def test_lines_and_collections_have_positions() -> None:
    found = positions(
        vector(
            [
                LineString([(0, 0), (4, 0)]),
                MultiLineString([[(0, 0), (1, 0)], [(0, 5), (4, 5)]]),
                MultiPoint([(0, 0), (2, 0)]),
                GeometryCollection([Point(3, 3)]),
            ]
        )
    )
    assert found.tolist() == [[2, 0], [2, 5], [1, 0], [3, 3]]


def test_positions_move_to_longitude_and_latitude() -> None:
    x, y = pyproj.Transformer.from_crs(4326, 32642, always_xy=True).transform(70.5, 30.25)
    found = positions(vector([Point(x, y), None], crs=UTM42))
    assert found[0] == pytest.approx([70.5, 30.25], abs=1e-9)
    assert np.isnan(found[1]).all()


def test_metres_that_claim_to_be_degrees_are_no_place() -> None:
    assert np.isnan(positions(vector([Point(450_000, 3_300_000)]))).all()


def test_shapes_without_a_system_are_a_problem() -> None:
    with pytest.raises(Problem, match="coordinate system"):
        positions(vector([Point(1, 1)], crs=None))
    assert np.isnan(positions(vector([None], crs=None))).all()


def test_own_coordinates_stay_untouched_in_their_own_system() -> None:
    data = vector([Point(500_000.1, 3_300_000.7)], crs=UTM42)
    assert positions_in(data, UTM42)[0].tolist() == [500_000.1, 3_300_000.7]


@settings(deadline=None, max_examples=40)
@given(st.floats(-179, 179), st.floats(-80, 80))
def test_mercator_and_back_keeps_a_place(lon: float, lat: float) -> None:
    mercator = pyproj.CRS.from_epsg(3857)
    there = moved(np.array([[lon, lat]]), WGS84, mercator)
    assert moved(there, mercator, WGS84)[0] == pytest.approx([lon, lat], abs=1e-9)


def test_a_place_that_a_projection_folds_over_is_nowhere() -> None:
    rng = np.random.default_rng(3)
    world = np.column_stack([rng.uniform(-180, 180, 20_000), rng.uniform(-89, 89, 20_000)])
    there = moved(world, WGS84, UTM42)
    back = moved(there, UTM42, WGS84)
    lost = np.isnan(there).any(axis=1)
    assert 0 < lost.sum() < 1_000
    off = np.remainder(back - world + 180, 360) - 180
    assert np.abs(off[~lost]).max() < 1e-5
    near = np.abs(world[:, 0] - 69) < 20
    assert not lost[near].any()


def test_long_edges_keep_their_course() -> None:
    line = np.array([LineString([(500_000, 3_300_000), (800_000, 3_300_000)])])
    plain = reprojected(line, UTM42, WGS84)[0]
    fine = reprojected(line, UTM42, WGS84, densify=True)[0]
    middle = moved(np.array([[650_000.0, 3_300_000.0]]), UTM42, WGS84)[0]
    assert shapely.distance(plain, Point(middle)) > 1e-3
    assert shapely.distance(fine, Point(middle)) < 1e-6


def test_a_layer_in_lonlat_keeps_empty_rows() -> None:
    series = to_lonlat(vector([Point(500_000, 3_300_000), None], crs=UTM42))
    assert series.crs == WGS84
    assert series[0].x == pytest.approx(69, abs=1e-6)
    assert series[1] is None
