"""Between which classes a position may lie: against positions moved about, and shapely in a local plane."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import pytest
import shapely
from handles import vector
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_rasters import raster_of
from rasterio.transform import Affine
from shapely.geometry import Point, box

from migmap.api import Problem
from migmap.geo.classes import Classes, classes_from_edges
from migmap.geo.classrange import class_range, polygon_range
from migmap.geo.regions import HazardPolygons, hazard_polygons
from migmap.geo.sampling import values_at

GEOD = pyproj.Geod(ellps="WGS84")
CLASSES = Classes(("a", "b", "c", "d"), values=(0.0, 1.0, 2.0, 3.0))
PLACE = np.array([0, 1, 2, 3, 4])
NOWHERE = np.array([[np.nan, np.nan]])


def in_range(found: Any, rank: int) -> bool:
    """Whether the one position may have the rank (4: unknown)."""
    if rank == 4:
        return bool(found.unknown[0])
    return bool(found.lowest[0] <= rank <= found.highest[0])


@given(
    cells=st.lists(st.integers(0, 4), min_size=36, max_size=36),
    u=st.floats(-1, 7),
    v=st.floats(-1, 7),
    moves=st.lists(st.tuples(st.floats(-0.499, 0.499), st.floats(-0.499, 0.499)), min_size=1, max_size=20),
    south_up=st.booleans(),
)
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_position_moved_by_less_than_half_a_cell_keeps_within_the_range(
    tmp_path: Path, cells: list[int], u: float, v: float, moves: list[tuple[float, float]], south_up: bool
) -> None:
    values = np.array(cells, np.uint8).reshape(6, 6)
    raster = raster_of(tmp_path / "a.tif", values, nodata=4, west=10, north=6, cell=1.0, south_up=south_up)
    point = np.array([[10 + u, 6 - v]])
    found = class_range(raster, CLASSES, PLACE, point)
    for move in ((0.0, 0.0), *moves):
        at = values_at(raster, point + np.array(move))
        assert in_range(found, int(PLACE[CLASSES.codes(at)[0]]))


@given(
    cells=st.lists(st.integers(0, 4), min_size=36, max_size=36),
    u=st.floats(-1, 7),
    v=st.floats(-1, 7),
    accuracy=st.floats(0, 5_000),
    moves=st.lists(st.tuples(st.floats(0, 360), st.floats(0, 0.999)), min_size=1, max_size=30),
)
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_position_moved_by_less_than_its_accuracy_keeps_within_the_range(
    tmp_path: Path, cells: list[int], u: float, v: float, accuracy: float, moves: list[tuple[float, float]]
) -> None:
    values = np.array(cells, np.uint8).reshape(6, 6)
    raster = raster_of(tmp_path / "a.tif", values, nodata=4, cell=0.01)
    point = np.array([[70 + 0.01 * u, 30 - 0.01 * v]])
    found = class_range(raster, CLASSES, PLACE, point, accuracy_m=accuracy)
    for azimuth, share in moves:
        lon, lat, _ = GEOD.fwd(*point[0], azimuth, accuracy * share)
        assert in_range(found, int(PLACE[CLASSES.codes(values_at(raster, np.array([[lon, lat]])))[0]]))


def test_the_range_holds_what_is_near_and_no_more(tmp_path: Path) -> None:
    values = np.array([[0, 0, 1, 3], [0, 0, 1, 3], [2, 2, 4, 4]], np.uint8)
    raster = raster_of(tmp_path / "a.tif", values, nodata=4, west=0, north=3, cell=1.0)
    points = np.array([[0.5, 2.5], [1.0, 2.0], [1.6, 2.0], [2.5, 1.2], [3.5, 0.5], [-0.4, 2.5], [-0.6, 2.5]])
    found = class_range(raster, CLASSES, PLACE, np.concatenate([points, NOWHERE]))
    # the middle of a cell is sure of its class; half outside the raster may be unknown
    assert found.lowest.tolist() == [0, 0, 0, 1, -1, 0, -1, -1]
    assert found.highest.tolist() == [0, 0, 1, 1, -1, 0, -1, -1]
    assert found.unknown.tolist() == [False, False, False, True, True, True, True, True]
    assert found.may_change.tolist() == [False, False, True, True, False, True, False, False]
    # a cell is some 111 km wide; NaN leaves half a cell
    wide = class_range(raster, CLASSES, PLACE, points, accuracy_m=np.array([np.nan, 2e5, 0, 1, 6e4, 0, 6e5]))
    assert wide.lowest.tolist() == [0, 0, 0, 1, 3, 0, 0]
    assert wide.highest.tolist() == [0, 2, 1, 1, 3, 0, 3]
    assert wide.unknown.tolist() == [False, True, False, True, True, True, True]


def test_other_systems_and_rotated_rasters(tmp_path: Path) -> None:
    values = np.array([[0, 1], [2, 3]], np.uint8)
    raster = raster_of(tmp_path / "a.tif", values, cell=1_000.0, west=5e5, north=33e5, crs="EPSG:32642")
    back = pyproj.Transformer.from_crs(32642, 4326, always_xy=True)
    lonlat = np.array([back.transform(5e5 + 700, 33e5 - 500.0001), back.transform(5e5 + 1_500, 33e5 - 1_200)])
    found = class_range(raster, CLASSES, PLACE, lonlat)
    assert (found.lowest.tolist(), found.highest.tolist()) == ([0, 1], [3, 3])
    turned = Affine(0.1, 0.02, 70, 0.02, -0.1, 30)
    rotated = raster_of(tmp_path / "b.tif", values, transform=turned)
    middle = np.array([turned @ (1.0, 0.5), turned @ (0.5, 0.5)])
    found = class_range(rotated, CLASSES, PLACE, middle)
    assert (found.lowest.tolist(), found.highest.tolist()) == ([0, 0], [1, 0])
    with pytest.raises(Problem, match="rotated"):
        class_range(rotated, CLASSES, PLACE, middle, accuracy_m=5.0)


def test_measured_depths_and_undeclared_marks(tmp_path: Path) -> None:
    values = np.array([[0.05, 0.2, -9999], [0.05, 0.2, 0.2]])
    raster = raster_of(tmp_path / "a.tif", values, west=0, north=2, cell=1.0)
    found = class_range(
        raster, classes_from_edges([0.1, 0.5]), np.arange(4), np.array([[1.1, 1.4], [2.2, 1.5]])
    )
    assert (found.lowest.tolist(), found.highest.tolist()) == ([0, 1], [1, 1])
    assert found.unknown.tolist() == [False, True]
    assert [finding.code for finding in found.findings] == ["nodata-undeclared"]


def hazard(shapes: list[Any], classes: list[Any], crs: Any = 4326) -> HazardPolygons:
    return hazard_polygons(vector(shapes, {"c": classes}, crs=crs), "c")


def place_of(found: HazardPolygons) -> np.ndarray:
    return np.array([*range(1, len(found.labels) + 1), len(found.labels) + 1])


def plane(lon: float, lat: float) -> Any:
    """Into metres around a place, true from it outwards."""
    local = pyproj.CRS(f"+proj=aeqd +lat_0={lat} +lon_0={lon} +ellps=WGS84")
    return pyproj.Transformer.from_crs(4326, local, always_xy=True).transform


@pytest.mark.parametrize("crs", [4326, 32642])
def test_polygons_within_the_accuracy_against_a_plane_around_each_position(crs: int) -> None:
    random = np.random.default_rng(7)
    corner = random.uniform(0, 0.1, (40, 2)) + np.array([68.9, 30.0])
    size = random.uniform(0.002, 0.012, (40, 2))
    lonlat = shapely.segmentize(shapely.box(*corner.T, *(corner + size).T), 0.0005)
    to = pyproj.Transformer.from_crs(4326, crs, always_xy=True).transform
    shapes = [shapely.transform(shape, lambda p: np.column_stack(to(*p.T))) for shape in lonlat]
    found_in = hazard(shapes, random.integers(1, 4, 40).tolist(), crs)
    points = random.uniform(0, 0.1, (150, 2)) + np.array([68.9, 30.0])
    accuracy = random.uniform(0, 800, 150)
    accuracy[:10] = np.nan
    found = polygon_range(found_in, place_of(found_in), points, accuracy_m=accuracy)
    regions = found_in.regions(pyproj.CRS(crs))
    ranks = place_of(found_in)[regions.codes]
    back = pyproj.Transformer.from_crs(crs, 4326, always_xy=True).transform
    judged = 0
    for i, (lon, lat) in enumerate(points):
        local = plane(lon, lat)
        near = [
            shapely.transform(shape, lambda p, to=local: np.column_stack(to(*back(*p.T))))
            for shape in regions.shapes
        ]
        away = np.array([shape.distance(Point(0, 0)) for shape in near])
        radius = np.nan_to_num(accuracy[i])
        if (np.abs(away[away > 0] - radius) < 0.002 * radius + 0.01).any():
            continue
        met = sorted(set(ranks[away <= radius].tolist()))
        left = Point(0, 0).buffer(radius, 64).difference(shapely.union_all(near)) if radius else None
        beyond = not (away == 0).any() if left is None else left.area > 1e-3
        if left is not None and 0 < left.area < 0.01 * radius**2:
            continue
        judged += 1
        expected = ([0] if beyond else []) + met
        assert (found.lowest[i], found.highest[i]) == (expected[0], expected[-1])
    assert judged > 100
    assert not found.unknown.any()


def test_overlaps_belong_to_the_highest_class_and_shared_borders_leave_no_gap() -> None:
    nested = hazard([box(0, 0, 1, 1), box(0.2, 0.2, 0.8, 0.8)], [1, 2])
    points = np.array([[0.5, 0.5], [0.2001, 0.5], [0.1, 0.5], [0.0001, 0.5], [2, 2]])
    found = polygon_range(nested, place_of(nested), points, accuracy_m=100.0)
    assert found.lowest.tolist() == [2, 1, 1, 0, 0]
    assert found.highest.tolist() == [2, 2, 1, 1, 0]
    # three strips whose borders have vertices that the neighbour lacks
    third = 1 / 3
    strips = hazard(
        [
            box(0, 0, third, 1),
            shapely.Polygon([(third, 0), (1, 0), (1, 1), (third, 1), (third, 0.7), (third, 0.123)]),
            box(1, 0, 2, 1),
        ],
        [1, 1, 3],
    )
    points = np.array([[third, 0.5], [third, 0.123], [1, 0.5], [1, 1]])
    found = polygon_range(strips, place_of(strips), points, accuracy_m=500.0)
    assert found.lowest.tolist() == [1, 1, 1, 0]
    assert found.highest.tolist() == [1, 1, 2, 2]


def test_polygons_without_accuracy_and_without_class() -> None:
    found_in = hazard([box(0, 0, 1, 1), box(1, 0, 2, 1)], [1, None])
    points = np.concatenate([np.array([[0.5, 0.5], [1.5, 0.5], [3.0, 0.5], [0.9999, 0.5]]), NOWHERE])
    found = polygon_range(found_in, place_of(found_in), points)
    assert found.lowest.tolist() == [1, -1, 0, 1, -1]
    assert found.highest.tolist() == [1, -1, 0, 1, -1]
    assert found.unknown.tolist() == [False, True, False, False, True]
    wide = polygon_range(found_in, place_of(found_in), points, accuracy_m=100.0)
    assert wide.lowest.tolist() == [1, -1, 0, 1, -1]
    assert wide.unknown.tolist() == [False, True, False, True, True]
    assert wide.may_change.tolist() == [False, False, False, True, False]
    none = polygon_range(found_in, place_of(found_in), np.empty((0, 2)), accuracy_m=100.0)
    assert none.lowest.shape == (0,)
    with pytest.raises(Problem, match="radius"):
        polygon_range(found_in, place_of(found_in), points, accuracy_m=-1.0)


def test_a_real_flood(shared_data: Any) -> None:
    from handles import real

    folder = shared_data("pk-unosat-viirs-2022")
    flood = hazard_polygons(real(folder / "VIIRS_20220825_20220831_FloodExtent_PAK.shp"), None)
    west, south, east, north = flood.bounds
    points = np.random.default_rng(0).random((2_000, 2)) * [east - west, north - south] + [west, south]
    own = flood.at(points) >= 0
    found = polygon_range(flood, np.array([1, 2]), points, accuracy_m=300.0)
    assert (found.highest[own] == 1).all()
    assert (found.lowest[~own] == 0).all()
    assert 0 < found.may_change.sum() < 200
    edge = shapely.boundary(flood.parts)
    tree = shapely.STRtree(edge)
    nearest = tree.query_nearest(shapely.points(points), return_distance=True, all_matches=False)[1]
    metres = nearest * 111_000
    assert not found.may_change[metres > 400].any()
    assert found.may_change[metres < 200].all()


def test_a_disc_over_the_gap_between_two_polygons_reaches_beyond_both() -> None:
    found_in = hazard([box(0, 0, 1, 1), box(1.001, 0, 2, 1)], [1, 2])
    found = polygon_range(
        found_in, place_of(found_in), np.array([[1.0005, 0.5], [0.5, 0.5]]), accuracy_m=200.0
    )
    assert (found.lowest.tolist(), found.highest.tolist()) == ([0, 1], [2, 1])
