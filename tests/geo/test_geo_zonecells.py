"""Cells of a zone by three rules, against exactextract and shapely."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import exactextract
import geopandas
import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_rasters import raster_of
from rasterio.transform import Affine
from shapely.geometry import LineString, MultiPolygon, Polygon, box

from migmap.api import Problem
from migmap.geo.zonecells import cell_counts, cells_of


def star(random: np.random.Generator, x: float, y: float, size: float) -> Any:
    turn = np.sort(random.uniform(0, 2 * np.pi, 11))
    reach = size * random.uniform(0.2, 1, 11)
    return Polygon(np.column_stack([x + reach * np.cos(turn), y + reach * np.sin(turn)])).buffer(0)


@pytest.mark.parametrize("tiled", [False, True])
def test_exact_cells_are_those_of_exactextract(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tiled: bool
) -> None:
    random = np.random.default_rng(1)
    values = random.random((40, 50))
    values[random.random((40, 50)) < 0.1] = -1
    options: dict[str, Any] = {}
    if tiled:
        monkeypatch.setattr("migmap.geo.tiles.tiles_of.__defaults__", (300,))
        options = {"tiled": True, "blockxsize": 16, "blockysize": 16}
    raster = raster_of(tmp_path / "a.tif", values, nodata=-1, cell=(0.1, 0.2), **options)
    zones = [
        star(random, 70 + 5 * random.random(), 30 - 8 * random.random(), s) for s in (0.05, 0.5, 2, 4, 9)
    ]
    zones.append(box(71, 24, 72, 25).difference(box(71.2, 24.2, 71.83, 24.7)))
    zones.append(MultiPolygon([box(70.01, 29, 70.03, 29.01), box(73, 23, 74, 24.1)]))
    frame = geopandas.GeoDataFrame(geometry=zones, crs=4326)
    table = exactextract.exact_extract(raster.gdal_path, frame, ["cell_id", "coverage"], output="pandas")
    counts = cell_counts(zones, raster)
    for i, zone in enumerate(zones):
        found = cells_of(zone, raster)
        expected = np.zeros(values.size)
        expected[table["cell_id"][i].astype(int)] = table["coverage"][i]
        own = np.zeros(values.size)
        own[found.rows * 50 + found.cols] = found.coverage
        valid = values.ravel() != -1  # exactextract leaves out cells without data
        np.testing.assert_allclose(own[valid], expected[valid], atol=1e-6)
        np.testing.assert_array_equal(found.valid, valid[found.rows * 50 + found.cols])
        np.testing.assert_array_equal(
            found.values, np.where(found.valid, values[found.rows, found.cols], np.nan)
        )
        assert (np.diff(found.rows * 50 + found.cols) > 0).all()
        assert (counts.cells[i], counts.valid[i]) == (len(found.rows), found.valid.sum())
        assert counts.coverage[i] == pytest.approx(found.coverage.sum(), rel=1e-12)
        touched = cells_of(zone, raster, "touch")
        np.testing.assert_array_equal(touched.rows, found.rows)
        assert (touched.coverage == 1).all()
        weights = found.coverage[found.valid]
        assert counts.mean[i] == pytest.approx(np.average(found.values[found.valid], weights=weights))


@given(seed=st.integers(0, 10_000), south_up=st.booleans())
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_centres_inside(tmp_path: Path, seed: int, south_up: bool) -> None:
    random = np.random.default_rng(seed)
    raster = raster_of(tmp_path / "a.tif", np.ones((12, 14)), cell=0.1, south_up=south_up)
    zone = star(random, 70.7, 29.4, 1.2)
    found = cells_of(zone, raster, "centre")
    _, _, c, _, e, f = raster.transform
    x, y = np.meshgrid(c + 0.1 * (np.arange(14) + 0.5), f + e * (np.arange(12) + 0.5))
    rows, cols = np.nonzero(shapely.contains_xy(zone, x, y))
    np.testing.assert_array_equal(np.column_stack([found.rows, found.cols]), np.column_stack([rows, cols]))


@pytest.mark.parametrize("south_up", [False, True])
def test_a_centre_on_a_border_belongs_to_one_zone(tmp_path: Path, south_up: bool) -> None:
    raster = raster_of(tmp_path / "a.tif", np.ones((4, 4)), west=0, north=8, cell=2.0, south_up=south_up)
    # borders through the centres of column 1 and of the second row from the north
    zones = [box(0, 5, 3, 8), box(3, 5, 8, 8), box(0, 0, 3, 5), box(3, 0, 8, 5)]
    counts = cell_counts(zones, raster, "centre")
    assert counts.cells.tolist() == [1, 3, 3, 9]  # the eastern and the southern zone
    slanted = [Polygon([(0, 0), (8, 0), (8, 8)]), Polygon([(0, 0), (8, 8), (0, 8)])]
    assert cell_counts(slanted, raster, "centre").cells.sum() == 16
    assert cell_counts(slanted, raster).coverage.tolist() == [8, 8]


def test_zones_outside_empty_or_thin(tmp_path: Path) -> None:
    raster = raster_of(tmp_path / "a.tif", np.ones((5, 5)), west=10, north=5, cell=1.0)
    zones = [
        box(20, 0, 21, 1),
        Polygon(),
        None,
        LineString([(10, 0), (12, 2)]),
        box(9, -1, 11.5, 0.5),
        box(12, 1, 13, 2),
    ]
    counts = cell_counts(zones, raster)
    assert counts.cells.tolist() == [0, 0, 0, 0, 2, 1]
    assert counts.coverage.tolist() == [0, 0, 0, 0, 0.75, 1]
    assert np.isnan(counts.mean[:4]).all()
    assert len(cells_of(zones[0], raster).rows) == 0
    assert cell_counts([], raster).cells.shape == (0,)


def test_other_systems_undeclared_marks_and_rotated_rasters(tmp_path: Path) -> None:
    values = np.array([[1.0, -9999.0], [3.0, 4.0]])
    raster = raster_of(tmp_path / "a.tif", values, cell=1_000.0, west=5e5, north=33e5, crs="EPSG:32642")
    to = pyproj.Transformer.from_crs(32642, 4326, always_xy=True)
    zone = Polygon(
        np.column_stack(to.transform([5e5, 502_000, 502_000, 5e5], [3.298e6, 3.298e6, 3.3e6, 3.3e6]))
    )
    found = cells_of(zone, raster, crs=pyproj.CRS(4326))
    # the straight line in degrees leaves that in metres by some centimetres
    np.testing.assert_allclose(found.coverage, 1, atol=1e-4)
    assert found.valid.tolist() == [True, False, True, True]
    assert cell_counts([zone], raster, crs=pyproj.CRS(4326)).mean[0] == pytest.approx(8 / 3, abs=1e-3)
    turned = raster_of(tmp_path / "b.tif", values, transform=Affine(0.1, 0.02, 70, 0.02, -0.1, 30))
    with pytest.raises(Problem, match="rotated"):
        cells_of(box(70, 29, 71, 30), turned)
