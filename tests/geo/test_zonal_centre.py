"""The centre rule: whole cells whose centre lies in a zone, against GEOS."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_rasters import raster_of
from test_zonal_many import DEPTHS, FROM_1, LACK, TWO, check_partition, zones_around

from migmap.geo.ground import cell_area_m2
from migmap.geo.zonal import sums, tabulate, tabulate_many

CAREFREE = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def centres(rows: int, cols: int, cell: float = 0.1) -> np.ndarray:
    """Middles of the cells of a grid that begins at (70, 30), object [rows * cols]."""
    row, col = (grid.ravel() for grid in np.indices((rows, cols)))
    return np.asarray(shapely.points(70 + cell * (col + 0.5), 30 - cell * (row + 0.5)))


@CAREFREE
@given(seed=st.integers(0, 100_000), south_up=st.booleans())
def test_cells_whose_centre_is_inside_count_whole(tmp_path: Path, seed: int, south_up: bool) -> None:
    random = np.random.default_rng(seed)
    heads, depth = random.random((13, 11)) * 9, random.choice([0, 1, 2, LACK], (13, 11)).astype(np.uint8)
    people = raster_of(tmp_path / "p.tif", heads, south_up=south_up)
    hazard = raster_of(tmp_path / "h.tif", depth, nodata=LACK, south_up=south_up)
    zones = zones_around(seed, 6, 70, 30, 1.2)
    inside = shapely.contains(zones[:, None], centres(13, 11)[None, :])
    code = np.where(depth == LACK, 3, depth).ravel()
    for weights, given_people in ((heads, people), (cell_area_m2(hazard, 0, 13, 0, 11), None)):
        # the area of a row of cells, whichever way it is stored
        weights = weights[::-1] if south_up and given_people is None else weights
        found = tabulate(zones, hazard=hazard, classes=TWO, people=given_people, rule="centre")
        for k in range(4):
            expected = (inside * np.where(code == k, weights.ravel(), 0.0)).sum(axis=1)
            if k == 3 and given_people is None:
                expected = expected + found.beyond
            np.testing.assert_allclose(found.zones[:, k], expected, rtol=1e-12, atol=1e-12 * weights.sum())
        assert found.total.sum() == pytest.approx(weights.sum(), rel=1e-12)
    alone = sums(zones, people, rule="centre")
    np.testing.assert_allclose(alone.zones[:, 0], inside @ heads.ravel(), rtol=1e-12, atol=1e-12)
    assert alone.total[0] == pytest.approx(heads.sum())


@pytest.mark.parametrize("south_up", [False, True])
def test_a_centre_on_a_shared_border_counts_once(tmp_path: Path, south_up: bool) -> None:
    heads = np.random.default_rng(3).random((4, 4))
    # cells of size 1, so that the middles lie exactly on the borders
    people = raster_of(tmp_path / "p.tif", heads, west=70, north=34, cell=1.0, south_up=south_up)
    west, east = shapely.box(69, 29, 71.5, 35), shapely.box(71.5, 29, 75, 35)
    found = sums([west, east], people, rule="centre").zones[:, 0]
    assert found == pytest.approx([heads[:, 0].sum(), heads[:, 1:].sum()])
    north, south = shapely.box(69, 32.5, 75, 35), shapely.box(69, 29, 75, 32.5)
    found = sums([north, south], people, rule="centre").zones[:, 0]
    assert found == pytest.approx([heads[0].sum(), heads[1:].sum()])
    # slanting through the middles of the diagonal
    upper = shapely.Polygon([(69, 35), (75, 29), (75, 35)])
    lower = shapely.Polygon([(69, 35), (69, 29), (75, 29)])
    found = sums([upper, lower], people, rule="centre").zones[:, 0]
    assert found.sum() == pytest.approx(heads.sum())


def test_borders_shared_by_many_zones_lose_no_cell(tmp_path: Path) -> None:
    random = np.random.default_rng(5)
    heads = random.random((60, 60))
    people = raster_of(tmp_path / "p.tif", heads, cell=0.05)
    sites = shapely.MultiPoint(random.uniform([70, 27], [73, 30], (50, 2)))
    frame = shapely.box(69, 26, 74, 31)
    parts = shapely.intersection(list(shapely.voronoi_polygons(sites, extend_to=frame).geoms), frame)
    assert sums(parts, people, rule="centre").zones.sum() == pytest.approx(heads.sum(), rel=1e-12)


@CAREFREE
@given(seed=st.integers(0, 100_000), south_up=st.booleans())
def test_other_grids_are_read_at_the_centre(tmp_path: Path, seed: int, south_up: bool) -> None:
    random = np.random.default_rng(seed)
    heads = random.random((9, 9)) * 9
    people = raster_of(tmp_path / "p.tif", heads)
    cell = tuple(random.choice([0.02, 0.1, 0.37, 0.061], 2))
    shape = tuple(random.integers(4, 30, 2))
    west, north = 70.0013 + random.uniform(-0.2, 0.3), 30.0017 + random.uniform(-0.2, 0.3)
    depth = random.choice([0, 1, 2, LACK], shape).astype(np.uint8)
    hazard = raster_of(
        tmp_path / "h.tif", depth, west=west, north=north, cell=cell, nodata=LACK, south_up=south_up
    )
    middle = shapely.get_coordinates(centres(9, 9))
    col = np.floor((middle[:, 0] - west) / cell[0]).astype(int)
    row = np.floor((north - middle[:, 1]) / cell[1]).astype(int)
    inside = (row >= 0) & (row < shape[0]) & (col >= 0) & (col < shape[1])
    under = depth[np.clip(row, 0, shape[0] - 1), np.clip(col, 0, shape[1] - 1)]
    code = np.where(inside & (under != LACK), under, 3)
    found = tabulate([], hazard=hazard, classes=TWO, people=people, rule="centre")
    np.testing.assert_allclose(found.total, [heads.ravel()[code == k].sum() for k in range(4)], rtol=1e-12)


def test_another_system_is_read_at_the_centre(tmp_path: Path) -> None:
    random = np.random.default_rng(2)
    heads, depth = random.random((30, 30)), random.random((40, 40)) * 2
    people = raster_of(tmp_path / "p.tif", heads, cell=0.02)
    hazard = raster_of(tmp_path / "h.tif", depth, crs="EPSG:32642", west=596_000, north=3.319e6, cell=1500.0)
    found = tabulate([], hazard=hazard, classes=DEPTHS, people=people, rule="centre")
    middle = shapely.get_coordinates(centres(30, 30, 0.02))
    x, y = pyproj.Transformer.from_crs(4326, 32642, always_xy=True).transform(*middle.T)
    col, row = np.floor((x - 596_000) / 1500).astype(int), np.floor((3.319e6 - y) / 1500).astype(int)
    inside = (row >= 0) & (row < 40) & (col >= 0) & (col < 40)
    code = np.where(inside, DEPTHS.codes(depth[np.clip(row, 0, 39), np.clip(col, 0, 39)]), 3)
    np.testing.assert_allclose(found.total, [heads.ravel()[code == k].sum() for k in range(4)], rtol=1e-12)
    (said,) = found.findings
    assert said.code == "grids-differ-crs"
    assert "read at the middle of each population cell, so people" in said.message


def test_several_hazards_by_centre_are_each_alone(tmp_path: Path) -> None:
    random = np.random.default_rng(6)
    people = raster_of(tmp_path / "p.tif", random.random((30, 30)))
    hazards = [
        raster_of(tmp_path / f"{i}.tif", random.integers(0, 3, (40, 40)).astype(np.uint8), west=70 + 0.04 * i)
        for i in range(3)
    ]
    zones = zones_around(4, 9, 70, 30, 3.0)
    flags = [FROM_1] * 3
    for with_people in (people, None):
        many = tabulate_many(
            zones, hazards=hazards, classes=[TWO] * 3, exposed=flags, people=with_people, rule="centre"
        )
        check_partition(many, flags)
        for one, hazard in zip(many.by_hazard, hazards, strict=True):
            if with_people is None and hazard is not hazards[0]:
                continue
            alone = tabulate(zones, hazard=hazard, classes=TWO, people=with_people, rule="centre")
            np.testing.assert_allclose(one.zones, alone.zones, rtol=1e-12, atol=1e-12 * alone.zones.max())
            np.testing.assert_allclose(one.total, alone.total, rtol=1e-12)


def test_zones_in_another_system_and_small_tiles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    heads = np.random.default_rng(2).random((50, 50))
    people = raster_of(tmp_path / "p.tif", heads, cell=0.02)
    hazard = raster_of(tmp_path / "h.tif", (heads > 0.5).astype(np.uint8), cell=0.02)
    utm = pyproj.CRS.from_epsg(32642)
    zones = np.array([shapely.box(5.7e5, 3.22e6, 6.3e5, 3.29e6), shapely.box(6.3e5, 3.22e6, 6.9e5, 3.29e6)])
    x, y = pyproj.Transformer.from_crs(4326, 32642, always_xy=True).transform(
        *shapely.get_coordinates(centres(50, 50, 0.02)).T
    )
    inside = shapely.contains_xy(zones[:, None], x[None, :], y[None, :])
    asked = {"hazard": hazard, "classes": TWO, "people": people, "zones_crs": utm, "rule": "centre"}
    found = tabulate(zones, **asked)
    np.testing.assert_allclose(found.zones.sum(axis=1), inside @ heads.ravel(), rtol=1e-12)
    monkeypatch.setattr("migmap.geo.layered.TILE_CELLS", 200)
    monkeypatch.setattr("migmap.geo.zonal._VERTICES", 3)
    small = tabulate(zones, **asked)
    np.testing.assert_allclose(small.zones, found.zones, rtol=1e-12)
    np.testing.assert_allclose(small.total, found.total, rtol=1e-12)
