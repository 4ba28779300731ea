"""NetCDF: variable and time are chosen, never guessed in silence; places and times come out right."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from made_netcdf import netcdf_of

from migmap.api import Problem
from migmap.io.probe import probe
from migmap.io.rasters.raster import open_dataset, open_raster
from migmap.io.reference import Reference


def cells(path: Path, part: str | None = None) -> np.ndarray:
    raster = open_raster(Reference(path, part))
    with open_dataset(raster) as dataset:
        found: np.ndarray = dataset.read(raster.band)
    return found


def test_one_variable_of_one_time_needs_no_choice(tmp_path: Path) -> None:
    path = netcdf_of(tmp_path / "a.nc")
    raster = open_raster(Reference(path))
    assert raster.crs.to_epsg() == 4326
    assert raster.transform == (1, 0, 69.5, 0, -1, 31.5)
    assert raster.unit == "mm/day"
    assert "crs-assumed" in {one.code for one in raster.findings}
    assert cells(path).tolist() == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]
    assert open_raster(Reference(path, "precip")).gdal_path == raster.gdal_path


def test_without_a_choice_variables_and_times_are_listed(tmp_path: Path) -> None:
    path = netcdf_of(tmp_path / "a.nc", variables=("precip", "temp"), days=(0, 10, 20), calendar="noleap")
    with pytest.raises(Problem, match="2 variables") as caught:
        open_raster(Reference(path))
    for said in ("precip", "long temp", "mm/day", "3 steps", "2022-08-01", "2022-08-21"):
        assert said in caught.value.detail
    assert "bnds" not in str(caught.value)
    seen = probe(Reference(path))
    assert {"variable-not-chosen", "step-not-chosen"} <= {one.code for one in seen.findings}
    assert seen.layers[:4] == (
        "precip@2022-08-01",
        "precip@2022-08-11",
        "precip@2022-08-21",
        "temp@2022-08-01",
    )
    for part in seen.layers:
        open_raster(Reference(path, part))
    with pytest.raises(Problem, match="none was named") as caught:
        open_raster(Reference(path, "temp"))
    assert "temp@2022-08-01" in caught.value.fix
    with pytest.raises(Problem, match="no sub-dataset “snow”"):
        open_raster(Reference(path, "snow"))
    with pytest.raises(Problem, match="no step “2023”"):
        open_raster(Reference(path, "temp@2023"))


def test_a_time_is_named_by_date_or_number(tmp_path: Path) -> None:
    path = netcdf_of(tmp_path / "a.nc", variables=("precip", "temp"), days=(0, 10, 40))
    assert cells(path, "temp@2022-08-11")[0, 0] == 1012
    assert cells(path, "temp@3")[0, 0] == 1024
    assert cells(path, "temp@2022-09")[0, 0] == 1024
    with pytest.raises(Problem, match="names 2 steps"):
        open_raster(Reference(path, "temp@2022-08"))
    one = netcdf_of(tmp_path / "one.nc", days=(0, 10))
    assert cells(one, "@2")[0, 0] == cells(one, "2022-08-11")[0, 0] == cells(one, "precip@2")[0, 0] == 12


def test_levels_are_named_beside_times(tmp_path: Path) -> None:
    path = netcdf_of(tmp_path / "a.nc", days=(0, 10), levels=(850, 500))
    assert probe(Reference(path)).layers[1] == "precip@2022-08-01 level 500 hPa"
    assert cells(path, "precip@2022-08-11 level 500 hPa")[0, 0] == 36
    assert cells(path, "precip@4")[0, 0] == 36
    with pytest.raises(Problem, match="names 2 steps"):
        open_raster(Reference(path, "precip@2022-08-11"))


def test_south_first_packed_and_around_the_world(tmp_path: Path) -> None:
    path = netcdf_of(tmp_path / "up.nc", latitudes=(29, 30, 31), packed=True)
    raster = open_raster(Reference(path))
    assert raster.transform[5] == 31.5
    assert "scale-applied" in {one.code for one in raster.findings}
    found = cells(path)
    assert found[0].tolist() == pytest.approx([5.8, 5.9, 6.0, 6.1])
    assert np.isnan(found[2, 0])
    around = netcdf_of(tmp_path / "w.nc", longitudes=list(np.arange(0.5, 360)), latitudes=(1, 0))
    raster = open_raster(Reference(around))
    assert (raster.extent.west, raster.extent.east) == (-180, 180)
    assert "longitudes-shifted" in {one.code for one in raster.findings}
    assert cells(around)[0, [0, 179, 180, 359]].tolist() == [180, 359, 0, 179]
    west = netcdf_of(tmp_path / "v.nc", longitudes=(280, 281, 282))
    assert open_raster(Reference(west)).extent.west == -80.5
    across = netcdf_of(tmp_path / "x.nc", longitudes=(178, 179, 180, 181))
    assert "longitudes-beyond-180" in {one.code for one in open_raster(Reference(across)).findings}


def test_without_degrees_a_crs_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="no coordinate reference system"):
        open_raster(Reference(netcdf_of(tmp_path / "a.nc", degrees=False, longitudes=(500, 501, 502))))
