"""Rasters: a handle that knows where it is, or a Problem that names the fault."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from rasterio import Affine

from migmap.api import Problem, RasterData, Reading
from migmap.io.probe import probe
from migmap.io.rasters.raster import open_dataset, open_raster, valid_cells
from migmap.io.read import read
from migmap.io.reference import Reference, parse_reference


def raster(path: Path, bands: int = 1, **options: Any) -> Path:
    values = np.arange(12 * bands, dtype=np.float32).reshape(bands, 3, 4)
    place = {"crs": "EPSG:4326", "transform": Affine(0.5, 0, 70, 0, -0.5, 31), "nodata": 5.0}
    shape = {"driver": "GTiff", "width": 4, "height": 3, "count": bands, "dtype": "float32"}
    profile: dict[str, Any] = {**shape, **place, **options}
    with rasterio.open(path, "w", **profile) as out:
        out.write(values)
        out.units = ("m",) * bands
        out.update_tags(SYNTHETIC="YES", MIGMAP_SENSITIVITY="public", MIGMAP_DATE="2022")
    return path


def test_the_handle_says_what_the_header_says(tmp_path: Path) -> None:
    data = read(Reference(raster(tmp_path / "depth one.tif")))
    assert isinstance(data, RasterData)
    assert (data.width, data.height, data.dtype, data.nodata, data.unit) == (4, 3, "float32", 5.0, "m")
    assert data.transform == (0.5, 0, 70, 0, -0.5, 31)
    assert data.crs.to_epsg() == 4326
    assert data.meta.synthetic
    assert data.meta.sensitivity == "public"
    assert data.meta.date == "2022"
    with open_dataset(data) as dataset:
        values = dataset.read(data.band)[1:2]
    valid = valid_cells(values, data.nodata)
    assert values.tolist() == [[4, 5, 6, 7]]
    assert valid.tolist() == [[True, False, True, True]]


def test_bands_are_named_by_number_or_description(tmp_path: Path) -> None:
    path = raster(tmp_path / "a.tif", bands=2)
    with rasterio.open(path, "r+") as out:
        out.set_band_description(2, "rp100")
    assert open_raster(parse_reference(f"{path}::2")).band == 2
    assert open_raster(parse_reference(f"{path}::rp100")).band == 2
    assert open_raster(Reference(path)).band == 1
    assert probe(Reference(path)).layers == ("1", "2")
    with pytest.raises(Problem, match="no band “3”"):
        open_raster(parse_reference(f"{path}::3"))


def test_without_a_crs_one_must_be_stated(tmp_path: Path) -> None:
    path = tmp_path / "grid.asc"
    path.write_text(
        "ncols 2\nnrows 1\nxllcorner 70\nyllcorner 30\ncellsize 0.5\nNODATA_value -9999\n1 -9999\n"
    )
    with pytest.raises(Problem, match="no coordinate reference system") as caught:
        open_raster(Reference(path))
    assert "--crs EPSG:4326" in caught.value.fix
    data = open_raster(Reference(path), Reading(crs="EPSG:4326"))
    assert data.crs.to_epsg() == 4326
    assert {f.code for f in data.findings} == {"crs-stated"}
    with pytest.raises(Problem, match="no coordinate reference system"):
        open_raster(Reference(path), Reading(crs="EPSG:0"))
    path.with_suffix(".prj").write_text("PROJCS[broken")
    with pytest.raises(Problem):
        open_raster(Reference(path))


def test_a_stated_crs_never_replaces_the_files_own(tmp_path: Path) -> None:
    assert open_raster(Reference(raster(tmp_path / "a.tif")), Reading(crs="EPSG:32642")).crs.to_epsg() == 4326


@pytest.mark.parametrize("content", [b"\r\n", b"II", b"<html>", b"II*\0\x08\0\0\0"])
def test_what_is_no_tiff_is_said_to_be_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.tif"
    path.write_bytes(content)
    with pytest.raises(Problem) as caught:
        read(Reference(path))
    assert "a.tif" in caught.value.title
    if len(content) == 2:
        assert "2 bytes" in caught.value.title


def test_a_raster_inside_a_zip(tmp_path: Path) -> None:
    raster(tmp_path / "a.tif")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as out:
        out.write(tmp_path / "a.tif", "folder/a.tif")
    data = open_raster(Reference(tmp_path / "a.zip"))
    with open_dataset(data) as dataset:
        assert dataset.read(1).sum() == 66


def test_cells_that_are_no_data() -> None:
    floats = np.array([1, -9999, np.nan, np.inf, 0.1], dtype=np.float32)
    assert valid_cells(floats, -9999).tolist() == [True, False, False, False, True]
    assert valid_cells(floats, 0.1).tolist() == [True, True, False, False, False]
    assert valid_cells(floats, None).tolist() == [True, True, False, False, True]
    assert valid_cells(floats, float("nan")).tolist() == [True, True, False, False, True]
    bytes_ = np.array([0, 255], dtype=np.uint8)
    assert valid_cells(bytes_, 255).tolist() == [True, False]
    assert valid_cells(bytes_, -9999).tolist() == [True, True]
    assert valid_cells(bytes_, None).tolist() == [True, True]
