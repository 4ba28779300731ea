"""Rasters looked through to the last cell, and beside sites and other rasters."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import geopandas
import numpy as np
import rasterio
import shapely
from made_rasters import raster_of

from migmap.api import Source, VectorData
from migmap.geo.rasterchecks import (
    cell_size_against,
    cell_width_m,
    checked_raster,
    falls_short,
    grids_against,
    rising,
    tally_of,
)


def sites(shapes: list[shapely.Geometry], crs: str = "EPSG:4326") -> VectorData:
    frame = geopandas.GeoDataFrame({"n": range(len(shapes))}, geometry=shapes, crs=crs)
    return VectorData(frame, "villages", Source("villages.csv"), np.arange(len(shapes)) + 2)


def test_every_cell_is_counted(tmp_path: Path) -> None:
    values = np.random.default_rng(1).random((1100, 900), dtype="float32")
    values[10, 10] = -9999
    values[1090, 5] = -9999
    raster = raster_of(tmp_path / "flood_depth.tif", values, cell=0.001)
    tally = tally_of(raster)
    assert tally.is_whole
    assert tally.marks == {-9999.0: 2}
    said = {one.code: one for one in checked_raster(raster).findings}
    assert said["nodata-undeclared"].count == 2
    assert "looked at" not in said["nodata-undeclared"].message
    assert [one.code for one in checked_raster(raster).findings].count("unit-not-stated") == 1


def test_a_population_raster_says_its_total(tmp_path: Path) -> None:
    raster = raster_of(tmp_path / "pop.tif", np.full((4, 5), 7.0, dtype="float32"))
    said = checked_raster(dataclasses.replace(raster, kind="population"))
    assert any(one.code == "people-total" and "140 people" in one.message for one in said.findings)
    assert not any(one.code == "people-total" for one in checked_raster(raster).findings)


def test_a_total_that_nothing_speaks_against_is_only_told(tmp_path: Path) -> None:
    values = np.random.default_rng(2).gamma(0.4, 12.0, (120, 120)).astype("float32")
    raster = raster_of(tmp_path / "pak_ppp_2020.tif", values, cell=0.0008333)
    said = checked_raster(dataclasses.replace(raster, kind="population"))
    assert next(one for one in said.findings if one.code == "people-total").severity == "info"


def test_damage_is_counted_not_raised(tmp_path: Path) -> None:
    values = np.random.default_rng(1).random((600, 800)).astype("float32")
    path = tmp_path / "a.tif"
    raster = raster_of(
        path, values, cell=0.001, compress="deflate", tiled=True, blockxsize=256, blockysize=256
    )
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    said = {one.code: one for one in checked_raster(raster).findings}
    assert said["cells-unreadable"].severity == "error"


def test_cells_against_sites(tmp_path: Path) -> None:
    coarse = raster_of(tmp_path / "a.tif", np.ones((20, 20), dtype="uint8"), cell=0.05)
    assert 4_900 < cell_width_m(coarse) < 5_400
    small = [shapely.box(70 + i / 10, 29, 70.002 + i / 10, 29.002) for i in range(9)]
    said = cell_size_against(coarse, sites(small))
    assert said is not None
    assert (said.code, said.count) == ("cells-coarse-for-sites", 9)
    assert "cells of 5.18 km" in said.message
    fine = raster_of(tmp_path / "b.tif", np.ones((20, 20), dtype="uint8"), cell=0.0005)
    assert cell_size_against(fine, sites(small)) is None
    crowd = [shapely.Point(70.51 + i / 1000, 29.51) for i in range(30)]
    assert cell_size_against(coarse, sites(crowd)) is not None
    moved = geopandas.GeoSeries(crowd, crs="EPSG:4326").to_crs("EPSG:32642")
    assert cell_size_against(coarse, sites(list(moved), "EPSG:32642")) is not None
    spread = [shapely.Point(70.02 + (i % 5) / 20, 29.92 - (i // 5) / 20) for i in range(25)]
    assert cell_size_against(coarse, sites(spread)) is None
    assert cell_size_against(coarse, sites([shapely.Point(70.5, 29.5)])) is None


def test_grids_that_do_not_fit(tmp_path: Path) -> None:
    ones = np.ones((10, 10), dtype="float32")
    first = raster_of(tmp_path / "a.tif", ones)
    assert grids_against([first, raster_of(tmp_path / "b.tif", ones)]) == ()
    half = raster_of(tmp_path / "c.tif", ones, west=70.05)
    assert "part of a cell" in grids_against([first, half])[0].message
    larger = raster_of(tmp_path / "d.tif", np.ones((5, 5), dtype="float32"), cell=0.2)
    assert "another size" in grids_against([first, larger])[0].message
    longer = raster_of(tmp_path / "e.tif", np.ones((12, 10), dtype="float32"))
    assert "another extent" in grids_against([first, longer])[0].message
    metres = raster_of(tmp_path / "f.tif", ones, west=400_000, north=3_400_000, cell=30, crs="EPSG:32642")
    assert grids_against([first, metres])[0].code == "set-crs-differs"
    units = [dataclasses.replace(first, unit="m"), dataclasses.replace(first, unit="cm")]
    assert [one.code for one in grids_against(units)] == ["set-units-differ"]


def test_a_ladder_that_does_not_rise(tmp_path: Path) -> None:
    low = np.zeros((10, 10), dtype="float32")
    low[:5] = 1.0
    high = low * 2
    high[0, :3] = 0.5
    high[1, 0] = -9
    rare = raster_of(tmp_path / "rp100.tif", high, nodata=-9)
    often = raster_of(tmp_path / "rp10.tif", low, nodata=-9)
    assert rising(often, rare) == (4, 50)
    said = falls_short(often, rare, 4, 50)
    assert said is not None
    assert (said.code, said.count, said.severity) == ("set-does-not-rise", 4, "warning")
    assert "8.0 %" in said.message
    assert falls_short(rare, often, 0, 50) is None


def test_pictures_are_left_in_peace(tmp_path: Path) -> None:
    path = tmp_path / "rgb.tif"
    raster = raster_of(path, np.full((4, 4), 255, dtype="uint8"))
    with rasterio.open(path) as kept:
        assert kept.count == 1
    assert checked_raster(dataclasses.replace(raster, kind="basemap")).findings == raster.findings
