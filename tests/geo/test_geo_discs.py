"""Cells, values and classes within a radius on the ground, against pyproj.Geod and shapely."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_rasters import raster_of
from rasterio.transform import Affine

from migmap.api import Problem, RasterData
from migmap.geo.classes import Classes, classes_from_edges
from migmap.geo.discs import disc_classes, disc_stats
from migmap.geo.localmetric import discs_around, metric_at
from migmap.kernels.discs import outlines

GEOD = pyproj.Geod(ellps="WGS84")
EARTH_M = 6_371_000.0

# name: west, north, cell, CRS
PLACES = {
    "degrees": (70.0, 30.0, (0.02, 0.015), "EPSG:4326"),
    "degrees far north": (70.0, 84.0, (0.1, 0.01), "EPSG:4326"),
    "utm": (850_000.0, 3_400_000.0, 1_500.0, "EPSG:32642"),
    "mercator": (7e6, 8e6, (2_000.0, 2_500.0), "EPSG:3857"),
    "lambert": (-2e6, 3e6, 2_000.0, "ESRI:102012"),
    "feet": (2e6, 6e5, 6_000.0, "EPSG:2263"),
}


def noise(path: Path, place: str, rows: int = 60, columns: int = 70, **options: Any) -> RasterData:
    west, north, cell, crs = PLACES[place]
    values = np.random.default_rng(5).random((rows, columns))
    return raster_of(path / f"{place}.tif", values, west=west, north=north, cell=cell, crs=crs, **options)


def inside(raster: RasterData, count: int, margin: float = 0.3) -> np.ndarray:
    """Random places in the raster's own system, away from its sides."""
    share = np.random.default_rng(9).uniform(margin, 1 - margin, (count, 2))
    box = raster.extent
    return np.array(share * [box.width, box.height] + [box.west, box.south])


def centres(raster: RasterData) -> np.ndarray:
    """[rows, columns, 2]"""
    a, _, c, _, e, f = raster.transform
    x, y = np.meshgrid(c + a * (np.arange(raster.width) + 0.5), f + e * (np.arange(raster.height) + 0.5))
    return np.stack([x, y], axis=2)


def lonlat(points: np.ndarray, crs: pyproj.CRS) -> np.ndarray:
    to = pyproj.Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)
    return np.stack(to.transform(points[..., 0], points[..., 1]), axis=-1)


def apart_m(one: np.ndarray, many: np.ndarray, crs: pyproj.CRS) -> np.ndarray:
    geod = crs.get_geod()
    assert geod is not None
    return np.asarray(geod.inv(*np.broadcast_arrays(one[0], one[1], many[..., 0], many[..., 1]))[2])


def values_of(raster: RasterData) -> np.ndarray:
    import rasterio

    with rasterio.open(raster.gdal_path) as dataset:
        return np.asarray(dataset.read(1))


def accuracy_m(radius: float, crs: pyproj.CRS) -> float:
    """What `discs_around` states."""
    if crs.is_geographic:
        return 1e-7 * radius + 1e-7
    return radius**3 / EARTH_M**2 + 1e-6


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("radius", [1_000.0, 10_000.0, 100_000.0])
def test_outlines_keep_their_distance(place: str, radius: float) -> None:
    west, north, cell, name = PLACES[place]
    crs = pyproj.CRS(name)
    width, height = cell if isinstance(cell, tuple) else (cell, cell)
    points = np.random.default_rng(1).random((400, 2)) * [70 * width, -60 * height] + [west, north]
    for some in (points, points[:5]):  # the metric interpolated, and measured at each point
        discs, earth = discs_around(some, radius, crs)
        ring = np.empty((len(some), 49, 2))
        outlines(np.arange(len(some)), discs, earth, 48, 1.0, ring)
        at = lonlat(some, crs)
        found = np.array([apart_m(one, lonlat(edge, crs), crs) for one, edge in zip(at, ring, strict=True)])
        # what is drawn at the very ends of an outline is off by the rounding of its height
        assert np.abs(found - radius).max() < accuracy_m(radius, crs) + 1e-9 * radius


def test_the_metric_is_the_same_interpolated_and_measured() -> None:
    crs = pyproj.CRS(32642)
    points = np.random.default_rng(2).random((1_000, 2)) * [6e5, 8e5] + [2e5, 30e5]
    many, few = metric_at(points, crs), np.concatenate([metric_at(points[i : i + 1], crs) for i in range(20)])
    np.testing.assert_allclose(many[:20, :3], few[:, :3], rtol=0, atol=1e-8)
    np.testing.assert_allclose(many[:20, 3:], few[:, 3:], rtol=0, atol=1e-12)
    assert np.isnan(metric_at(np.array([[np.nan, 1.0]]), crs)).all()


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("radius", [400.0, 3_000.0, 12_000.0])
def test_centres_nearer_than_the_radius_and_no_others(tmp_path: Path, place: str, radius: float) -> None:
    raster = noise(tmp_path, place)
    points = inside(raster, 40)
    found = disc_stats(raster, points, radius, crs=raster.crs, rule="centre")
    at, values, slack = lonlat(centres(raster), raster.crs), values_of(raster), accuracy_m(radius, raster.crs)
    for i, one in enumerate(lonlat(points, raster.crs)):
        away = apart_m(one, at, raster.crs)
        assert (away < radius - slack).sum() <= found.cells[i] <= (away < radius + slack).sum()
        near = values[away < radius]
        assert found.unknown[i] == 0
        if not len(near):
            assert np.isnan([found.minimum[i], found.maximum[i], found.mean[i]]).all()
        else:
            assert (found.minimum[i], found.maximum[i]) == (near.min(), near.max())
            assert found.mean[i] == pytest.approx(near.mean(), rel=1e-12)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("radius", [0.0, 1.0, 400.0, 3_000.0, 12_000.0])
def test_cells_that_any_part_of_a_disc_touches(tmp_path: Path, place: str, radius: float) -> None:
    raster = noise(tmp_path, place)
    points = inside(raster, 5)
    found = disc_stats(raster, points, radius, crs=raster.crs)
    values, corners = values_of(raster), 720
    half = 0.5 * np.abs([raster.transform[0], raster.transform[4]])
    middle = centres(raster)
    cells = shapely.box(*(middle - half).transpose(2, 0, 1), *(middle + half).transpose(2, 0, 1))
    back = pyproj.Transformer.from_crs(raster.crs.geodetic_crs, raster.crs, always_xy=True)
    geod = raster.crs.get_geod()
    assert geod is not None
    for i, (lon, lat) in enumerate(lonlat(points, raster.crs)):
        turn = np.arange(corners) * 360.0 / corners
        least, most = (
            shapely.Polygon(
                np.column_stack(
                    back.transform(
                        *geod.fwd(*np.broadcast_arrays(lon, lat, turn), np.full(corners, reach))[:2]
                    )
                )
            )
            for reach in (radius, radius * 1.00002)
        )
        own = shapely.contains_xy(cells, *points[i])
        certain = own | (shapely.area(shapely.intersection(cells, least)) > 0)
        possible = own | shapely.intersects(cells, most)
        assert certain.sum() <= found.cells[i] <= possible.sum()
        if certain.sum() == possible.sum():
            near = values[certain]
            assert (found.minimum[i], found.maximum[i]) == (near.min(), near.max())
            assert found.mean[i] == pytest.approx(near.mean(), rel=1e-12)


@pytest.mark.parametrize("rule", ["touch", "centre"])
@pytest.mark.parametrize("place", ["degrees", "utm"])
def test_tiles_sides_and_direction_change_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, rule: Any
) -> None:
    west, north, cell, crs = PLACES[place]
    values = np.random.default_rng(3).random((60, 70)).astype(np.float32)
    values[values < 0.2] = -9999
    grid = {"west": west, "north": north, "cell": cell, "crs": crs, "nodata": -9999}
    plain = raster_of(tmp_path / "a.tif", values, **grid)
    box = plain.extent
    spread = np.random.default_rng(4).uniform(-0.2, 1.2, (300, 2))
    points = spread * [box.width, box.height] + [box.west, box.south]
    points[7], points[8, 0] = np.nan, np.nan
    radius = np.random.default_rng(4).uniform(0, 15_000, 300)
    radius[9] = np.nan
    one = disc_stats(plain, points, radius, crs=plain.crs, rule=rule)
    assert (one.unknown > 0).sum() > 200
    assert one.unknown[[7, 8, 9]].tolist() == [1, 1, 1]
    assert one.cells[[7, 8, 9]].tolist() == [0, 0, 0]
    monkeypatch.setattr("migmap.geo.tiles.tiles_of.__defaults__", (500,))
    monkeypatch.setattr("migmap.geo.discs._MOST_CELLS", 400)
    blocks = {"tiled": True, "blockxsize": 16, "blockysize": 16}
    for other in (
        raster_of(tmp_path / "b.tif", values, **grid, **blocks),
        raster_of(tmp_path / "c.tif", values, **grid, **blocks, south_up=True),
        raster_of(tmp_path / "d.tif", values.astype(np.float64), **grid),
    ):
        two = disc_stats(other, points, radius, crs=plain.crs, rule=rule)
        np.testing.assert_array_equal(one.cells, two.cells)
        np.testing.assert_array_equal(one.unknown, two.unknown)
        np.testing.assert_array_equal(one.minimum, two.minimum)
        np.testing.assert_array_equal(one.maximum, two.maximum)
        np.testing.assert_allclose(one.mean, two.mean, rtol=1e-12)


def test_cells_without_data_or_outside_are_unknown_not_zero(tmp_path: Path) -> None:
    values = np.full((9, 9), 2.0)
    values[4, 4], values[4, 5], values[0, 0] = -9999, np.nan, -1
    raster = raster_of(
        tmp_path / "a.tif", values, cell=1_000.0, west=5e5, north=33e5, crs="EPSG:32642", nodata=-1
    )
    places = np.array(
        [(5e5 + 4_500, 33e5 - 4_500), (5e5 + 500, 33e5 - 500), (4e5, 33e5), (5e5 + 7_500, 33e5 - 7_500)]
    )
    found = disc_stats(raster, places, 900.0, crs=raster.crs)
    assert found.cells.tolist() == [7, 3, 0, 9]
    assert found.unknown.tolist() == [2, 6, 4, 0]
    np.testing.assert_array_equal(found.maximum, [2, 2, np.nan, 2])
    assert [(finding.code, finding.count) for finding in found.findings] == [("nodata-undeclared", 1)]
    assert disc_stats(raster, np.empty((0, 2)), 5.0).cells.shape == (0,)
    # a disc smaller than a cell holds no centre, but touches its cell
    small = disc_stats(raster, places[3:] + 300, 10.0, crs=raster.crs, rule="centre")
    assert (small.cells.tolist(), small.unknown.tolist()) == ([0], [0])
    assert disc_stats(raster, places[3:] + 300, 10.0, crs=raster.crs).cells.tolist() == [1]


@pytest.mark.parametrize(
    "kind", ["uint8", "int8", "uint16", "int16", "int32", "uint32", "float32", "float64"]
)
def test_every_type_of_cell(tmp_path: Path, kind: str) -> None:
    values = np.arange(100).reshape(10, 10).astype(kind)
    raster = raster_of(tmp_path / "a.tif", values, nodata=99, cell=0.01)
    found = disc_stats(raster, np.array([[70.05, 29.95], [70.095, 29.905]]), 1e4)
    assert found.maximum.tolist() == [98, 98]
    assert found.cells[0] == 99
    assert found.unknown[0] >= 1


def test_discs_over_a_pole_and_where_longitudes_meet(tmp_path: Path) -> None:
    raster = raster_of(tmp_path / "a.tif", np.ones((180, 360), np.uint8), west=-180, north=90, cell=1.0)
    found = disc_stats(raster, np.array([[10.0, 89.5], [179.9, 0.0], [0.0, 90.0]]), 200_000.0, rule="centre")
    away = [apart_m(np.array([10.0, 89.5]), centres(raster), raster.crs) < 200_000]
    # 360 longitudes either way from 10 degrees: half of them lie beyond the side of the raster
    assert found.cells[0] >= away[0].sum() * 0.9
    assert found.unknown[1] > 0
    assert found.cells[2] == 2 * 360


def test_what_cannot_be(tmp_path: Path) -> None:
    raster = raster_of(tmp_path / "a.tif", np.ones((4, 4)))
    for radius in (-1.0, 2e6):
        with pytest.raises(Problem, match="radius"):
            disc_stats(raster, np.array([[70.0, 30.0]]), radius)
    turned = raster_of(tmp_path / "b.tif", np.ones((4, 4)), transform=Affine(0.1, 0.02, 70, 0.02, -0.1, 30))
    with pytest.raises(Problem, match="rotated"):
        disc_stats(turned, np.array([[70.0, 30.0]]), 5.0)
    with pytest.raises(Problem, match="rotated"):
        disc_classes(turned, classes_from_edges([1]), np.arange(3), np.array([[70.0, 30.0]]), 5.0)


def test_a_cancel_ends_it(tmp_path: Path) -> None:
    class Stop(Exception):
        pass

    def stop(fraction: float, text: str) -> None:
        assert text
        if fraction > 0.2:
            raise Stop

    raster = noise(tmp_path, "utm")
    with pytest.raises(Stop):
        disc_stats(raster, inside(raster, 9), 5_000.0, crs=raster.crs, progress=stop)


@given(
    cells=st.lists(st.integers(0, 4), min_size=36, max_size=36),
    u=st.floats(-1, 7),
    v=st.floats(-1, 7),
    radius=st.floats(0, 400_000),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_classes_lie_between_lowest_and_highest_and_shares_add_up(
    tmp_path: Path, cells: list[int], u: float, v: float, radius: float
) -> None:
    values = np.array(cells, np.uint8).reshape(6, 6)
    raster = raster_of(tmp_path / "a.tif", values, nodata=4, cell=1.0)
    classes = Classes(("a", "b", "c", "d"), values=(0.0, 1.0, 2.0, 3.0))
    place = np.array([0, 3, 2, 1, 4])
    point = np.array([[70 + u, 30 - v]])
    found = disc_classes(raster, classes, place, point, radius, shares=True)
    stats = disc_stats(raster, point, radius)
    assert found.unknown[0] == (stats.unknown[0] > 0)
    assert found.shares is not None
    shares = found.shares[0]
    assert shares.sum() == pytest.approx(1.0, abs=1e-12)
    assert (shares >= 0).all()
    if stats.cells[0] == 0:
        assert found.lowest[0] == found.highest[0] == -1
        assert shares[4] == pytest.approx(1.0)
        return
    ranks = place[:4][shares[:4] > 1e-3]
    assert len(ranks) == 0 or found.lowest[0] <= ranks.min() <= ranks.max() <= found.highest[0]
    assert shares[4] < 1e-3 or found.unknown[0]


def test_shares_of_a_disc(tmp_path: Path) -> None:
    values = np.repeat(np.array([[0, 1]], np.uint8), 40, axis=0).repeat(20, axis=1)
    values[:, 30:] = 9
    raster = raster_of(
        tmp_path / "a.tif", values, cell=100.0, west=5e5, north=33e5, crs="EPSG:32642", nodata=9
    )
    classes = Classes(("low", "high"), values=(0.0, 1.0))
    x, y = 5e5 + 2_000, 33e5 - 2_000
    places = np.array([(x, y), (x + 500, y), (x + 1_000, y), (x, y + 2_000), (x - 50, y), (0, 0)])
    radius = np.array([800.0, 300.0, 600.0, 600.0, 0.0, 600.0])
    found = disc_classes(raster, classes, np.array([0, 1, 2]), places, radius, crs=raster.crs, shares=True)
    expected = [[0.5, 0.5, 0], [0, 1, 0], [0, 0.5, 0.5], [0.25, 0.25, 0.5], [1, 0, 0], [0, 0, 1]]
    np.testing.assert_allclose(found.shares, expected, atol=1e-6)
    assert found.lowest.tolist() == [0, 1, 1, 0, 0, -1]
    assert found.highest.tolist() == [1, 1, 1, 1, 0, -1]
    assert found.unknown.tolist() == [False, False, True, True, False, True]
    # a cap that a chord cuts off: r² acos(d/r) - d sqrt(r² - d²)
    cap = disc_classes(
        raster, classes, np.array([0, 1, 2]), places[:1] - [300, 0], 800.0, crs=raster.crs, shares=True
    )
    d, r = 300.0, 800.0 * 0.9996  # the scale of UTM on its meridian
    share = (r * r * np.arccos(d / r) - d * np.sqrt(r * r - d * d)) / (np.pi * r * r)
    assert cap.shares is not None
    assert cap.shares[0, 1] == pytest.approx(share, abs=5e-4)
    assert disc_classes(raster, classes, np.array([0, 1, 2]), places, radius, crs=raster.crs).shares is None


def test_a_class_that_is_called_unknown_is_unknown(tmp_path: Path) -> None:
    raster = raster_of(tmp_path / "a.tif", np.array([[0, 1]], np.uint8), cell=0.1)
    classes = Classes(("low", "unknown"), values=(0.0, 1.0))
    found = disc_classes(raster, classes, np.array([0, 1, 1]), np.array([[70.1, 29.95]]), 100.0)
    assert (found.lowest[0], found.highest[0], found.unknown[0]) == (0, 0, True)


def test_a_value_that_strict_classes_do_not_list_ends_the_run(tmp_path: Path) -> None:
    raster = raster_of(tmp_path / "a.tif", np.array([[0, 7], [7, 1]], np.uint8), cell=0.1)
    classes = Classes(("low", "high"), values=(0.0, 1.0), strict=True)
    with pytest.raises(Problem, match="2 cells"):
        disc_classes(raster, classes, np.arange(3), np.array([[70.1, 29.95]]), 100.0)


def test_a_mask_hides_cells(tmp_path: Path) -> None:
    import rasterio

    raster = raster_of(tmp_path / "a.tif", np.array([[1, 2], [3, 4]], np.uint8), cell=0.1)
    with rasterio.open(raster.gdal_path, "r+") as dataset:
        dataset.write_mask(np.array([[True, False], [True, True]]))
    found = disc_stats(raster, np.array([[70.1, 29.9]]), 100.0)
    assert (found.cells[0], found.unknown[0], found.minimum[0], found.maximum[0]) == (3, 1, 1, 4)
    classes = Classes(("a", "b", "c", "d"), values=(1.0, 2.0, 3.0, 4.0))
    ranges = disc_classes(raster, classes, np.arange(5), np.array([[70.1, 29.95]]), 100.0)
    assert (ranges.lowest[0], ranges.highest[0], ranges.unknown[0]) == (0, 0, True)
