"""Views: screen and ground, zooming about a point, round numbers."""

from __future__ import annotations

import numpy as np
import pyproj
import pytest
from hypothesis import given
from hypothesis import strategies as st

from migmap.api import Extent
from migmap.geo.viewport import (
    COARSEST_UNITS_PER_PX,
    HALF_WORLD,
    WORLD,
    View,
    graticule_step,
    ground_m_per_unit,
    round_number,
    to_canvas,
    to_lonlat,
)

views = st.builds(
    View,
    st.floats(-1.9e7, 1.9e7),
    st.floats(-1.9e7, 1.9e7),
    st.floats(0.02, COARSEST_UNITS_PER_PX / 2),
)
pixels = st.tuples(st.floats(0, 1366), st.floats(0, 768))


@given(views, pixels)
def test_screen_and_canvas_are_each_others_inverse(view: View, pixel: tuple[float, float]) -> None:
    x, y = view.to_canvas(*pixel, 1366, 768)
    assert view.to_screen(x, y, 1366, 768) == pytest.approx(pixel, abs=1e-4)
    assert view.pixels(np.array([[x, y]]), 1366, 768)[0] == pytest.approx(pixel, abs=1e-4)


@given(
    st.builds(View, st.floats(-1e7, 1e7), st.floats(-1e7, 1e7), st.floats(1, 2000)),
    pixels,
    st.floats(0.2, 5),
)
def test_zooming_leaves_the_place_under_the_point(
    view: View, pixel: tuple[float, float], factor: float
) -> None:
    before = view.to_canvas(*pixel, 1366, 768)
    after = view.zoomed(factor, *pixel, 1366, 768)
    assert after.to_canvas(*pixel, 1366, 768) == pytest.approx(before, abs=1e-3)
    assert after.units_per_px == pytest.approx(view.units_per_px / factor)


@given(st.floats(-180, 180), st.floats(-85, 85))
def test_degrees_survive_the_way_to_the_canvas_and_back(lon: float, lat: float) -> None:
    assert to_lonlat(*to_canvas(lon, lat)) == pytest.approx((lon, lat), abs=1e-9)


def test_the_canvas_is_epsg_3857() -> None:
    there = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:3857", always_xy=True)
    assert to_canvas(66.99, 30.18) == pytest.approx(there.transform(66.99, 30.18), abs=1e-6)


def test_the_poles_are_held_at_85_degrees() -> None:
    assert to_canvas(0, 90)[1] == pytest.approx(to_canvas(0, 85)[1])
    assert to_canvas(180, 85) == pytest.approx((HALF_WORLD, WORLD.north))


@pytest.mark.parametrize("latitude", [0.0, 24.0, 34.5, -60.0])
def test_ground_metres_agree_with_the_geodesic(latitude: float) -> None:
    x, y = to_canvas(67.0, latitude)
    east = to_lonlat(x + 1000, y)[0]
    metres = pyproj.Geod(ellps="WGS84").inv(67.0, latitude, east, latitude)[2]
    assert 1000 * ground_m_per_unit(latitude) == pytest.approx(metres, rel=1e-6)


@given(
    st.floats(-1.5e7, 1.5e7),
    st.floats(-1.5e7, 1.5e7),
    st.floats(1, 4e6),
    st.floats(1, 4e6),
    st.integers(50, 3000),
    st.integers(50, 3000),
)
def test_fit_shows_all_of_an_extent(
    west: float, south: float, across: float, up: float, width: int, height: int
) -> None:
    extent = Extent(west, south, west + across, south + up)
    shown = View.fit(extent, width, height).extent(width, height)
    assert shown.west <= extent.west
    assert shown.east >= extent.east
    assert shown.south <= extent.south
    assert shown.north >= extent.north


def test_a_single_point_is_shown_with_some_country_around_it() -> None:
    x, y = to_canvas(67, 30)
    view = View.fit(Extent(x, y, x, y), 1366, 768)
    assert (view.centre_x, view.centre_y) == (x, y)
    assert 1000 < view.extent(1366, 768).height < 20_000


def test_panning_and_zooming_stay_in_the_world() -> None:
    view = View(0, 0, 1000).panned(-1e9, 1e9)
    assert (view.centre_x, view.centre_y) == (WORLD.east, WORLD.north)
    assert View(0, 0, 1000).zoomed(1e-9, 0, 0, 100, 100).units_per_px == COARSEST_UNITS_PER_PX


@pytest.mark.parametrize(
    ("most", "expected"), [(7.3, 5), (5, 5), (4.99, 2), (1999, 1000), (0.21, 0.2), (250_000, 200_000)]
)
def test_round_numbers(most: float, expected: float) -> None:
    assert round_number(most) == pytest.approx(expected)


@given(st.floats(1e-3, 360))
def test_a_graticule_has_neither_too_few_nor_too_many_lines(span: float) -> None:
    assert 1.5 <= span / graticule_step(span) <= 20
