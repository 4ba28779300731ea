"""The nearest service is the nearest, on the ellipsoid."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from migmap.geo.reach import nearest

GEOD = Geod(ellps="WGS84")


def brute(sites: np.ndarray, services: np.ndarray) -> np.ndarray:
    count = len(services)
    lon, lat = np.repeat(sites[:, 0], count), np.repeat(sites[:, 1], count)
    _, _, metres = GEOD.inv(
        lon, lat, np.tile(services[:, 0], len(sites)), np.tile(services[:, 1], len(sites))
    )
    return np.asarray(metres).reshape(len(sites), count)


def test_no_wrong_neighbour_in_a_country() -> None:
    rng = np.random.default_rng(1)
    sites = np.column_stack([rng.uniform(61, 77, 400), rng.uniform(24, 37, 400)])
    services = np.column_stack([rng.uniform(61, 77, 300), rng.uniform(24, 37, 300)])
    index, distance = nearest(sites, services)
    table = brute(sites, services)
    assert index.tolist() == table.argmin(axis=1).tolist()
    assert np.array_equal(distance, table.min(axis=1))


def test_no_wrong_neighbour_around_the_globe_and_at_high_latitude() -> None:
    rng = np.random.default_rng(2)
    sites = np.column_stack([rng.uniform(-180, 180, 150), rng.uniform(-89, 89, 150)])
    services = np.column_stack([rng.uniform(-180, 180, 40), rng.uniform(-89, 89, 40)])
    index, distance = nearest(sites, services)
    table = brute(sites, services)
    assert index.tolist() == table.argmin(axis=1).tolist()
    assert np.array_equal(distance, table.min(axis=1))


def test_across_the_date_line() -> None:
    index, distance = nearest(np.array([[179.99, 0.0]]), np.array([[178.0, 0.0], [-179.99, 0.0]]))
    assert index.tolist() == [1]
    assert distance[0] < 3_000


def test_of_equally_near_the_first_in_the_file() -> None:
    services = np.array([[71.0, 30.0]] * 30 + [[69.0, 30.0]])
    index, _ = nearest(np.array([[71.0, 30.0], [71.5, 30.0]]), services)
    assert index.tolist() == [0, 0]


def test_without_position_or_service_it_is_unknown() -> None:
    index, distance = nearest(np.array([[np.nan, np.nan], [70, 30]]), np.array([[np.nan, 1], [70, 30.0]]))
    assert index.tolist() == [-1, 1]
    assert np.isnan(distance[0])
    assert distance[1] == 0
    index, distance = nearest(np.array([[70, 30.0]]), np.empty((0, 2)))
    assert index.tolist() == [-1]
    assert np.isnan(distance).all()


places = st.lists(
    st.tuples(st.integers(700, 720).map(lambda v: v / 10), st.integers(290, 310).map(lambda v: v / 10)),
    min_size=1,
    max_size=25,
)


@settings(max_examples=40, deadline=None)
@given(places, places)
def test_lattices_full_of_ties_agree_with_brute_force(
    a: list[tuple[float, float]], b: list[tuple[float, float]]
) -> None:
    sites, services = np.array(a), np.array(b)
    index, distance = nearest(sites, services)
    table = brute(sites, services)
    assert np.array_equal(distance, table.min(axis=1))
    assert index.tolist() == table.argmin(axis=1).tolist()
