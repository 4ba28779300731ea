"""GeoTIFF: the cells come out as they are used, with what they mean beside them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from rasterio import Affine

from migmap.api import ExportDocument, MapLayer, Meta, Problem, Reading, Style
from migmap.app.workbench import Workbench
from migmap.cli import main
from migmap.export.geotiff import GeoTiff
from migmap.io.rasters.raster import open_raster
from migmap.io.reference import Reference

DEPTHS = np.random.default_rng(3).random((70, 90)).astype("float32") * 4


def raster_file(path: Path, values: np.ndarray, **options: Any) -> Path:
    place = options.pop("transform", Affine(0.01, 0, 70, 0, -0.01, 31))
    scale = options.pop("scale", None)
    with rasterio.open(
        path, "w", driver=options.pop("driver", "GTiff"), width=values.shape[1], height=values.shape[0],
        count=1, dtype=values.dtype.name, crs=options.pop("crs", "EPSG:4326"), transform=place, **options,
    ) as out:  # fmt: skip
        out.write(values, 1)
        if scale:
            out.scales, out.offsets = (scale,), (5.0,)
    return path


def converted(source: str | Path, target: Path, **reading: Any) -> tuple[Any, np.ndarray, dict[str, Any]]:
    done = Workbench().convert(str(source), target, reading=Reading(**reading))
    with rasterio.open(target) as out:
        return done, out.read(1), {**out.profile, "units": out.units[0], "tags": out.tags()}


@pytest.mark.parametrize("tiled", [False, True])
@pytest.mark.parametrize("dtype", ["uint8", "int16", "int32", "float32", "float64"])
def test_cells_come_out_as_they_went_in(tmp_path: Path, dtype: str, tiled: bool) -> None:
    values = (DEPTHS * 20).astype(dtype)
    shape = {"tiled": True, "blockxsize": 16, "blockysize": 32} if tiled else {}
    values[3, 5] = 99
    path = raster_file(tmp_path / "flood depth.tif", values, nodata=99, **shape)
    _, cells, profile = converted(path, tmp_path / "out.tif")
    assert np.array_equal(cells, values)
    assert (profile["dtype"], profile["nodata"], profile["crs"].to_epsg()) == (dtype, 99, 4326)
    assert profile["transform"] == Affine(0.01, 0, 70, 0, -0.01, 31)
    again = open_raster(Reference(tmp_path / "out.tif"))
    assert (again.width, again.height, again.nodata) == (90, 70, 99)


def test_an_ascii_grid_and_a_grid_the_other_way_up(tmp_path: Path) -> None:
    path = raster_file(tmp_path / "depth.asc", DEPTHS, driver="AAIGrid", nodata=-9999)
    with rasterio.open(path) as source:
        stored = source.read(1)
    _, cells, profile = converted(path, tmp_path / "out.tif")
    assert np.array_equal(cells, stored)
    assert profile["nodata"] == -9999
    south_up = Affine(0.01, 0, 70, 0, 0.01, 30)
    path = raster_file(tmp_path / "up.tif", DEPTHS, transform=south_up)
    assert converted(path, tmp_path / "b.tif")[2]["transform"] == south_up


def test_packed_numbers_are_unpacked_and_blank_cells_marked(tmp_path: Path) -> None:
    stored = np.array([[0, 10], [20, -9]], dtype=np.int16)
    path = raster_file(tmp_path / "packed.tif", stored, nodata=-9, scale=0.1)
    done, cells, profile = converted(path, tmp_path / "out.tif")
    assert cells[0].tolist() == [5.0, 6.0]
    assert (cells[1, 0], np.isnan(cells[1, 1]), np.isnan(profile["nodata"])) == (7.0, True, True)
    assert {"scale-applied", "nodata-declared"} <= {one.code for one in done.findings}


def test_what_counts_as_no_data_is_declared(tmp_path: Path) -> None:
    values = (DEPTHS * 20).astype("int16")
    values[0, :4] = -9999
    path = raster_file(tmp_path / "depth.tif", values)
    done, cells, profile = converted(path, tmp_path / "out.tif")
    assert np.array_equal(cells, values)
    assert profile["nodata"] == -9999
    assert {"nodata-undeclared", "nodata-declared"} <= {one.code for one in done.findings}
    suspected = DEPTHS.copy()
    suspected[0, :4] = -99
    path = raster_file(tmp_path / "flood depth.tif", suspected)
    assert converted(path, tmp_path / "as-is.tif")[2]["nodata"] is None
    done, cells, profile = converted(path, tmp_path / "fixed.tif", fixes=("nodata-suspected",))
    assert profile["nodata"] == -99
    assert np.array_equal(cells, suspected)


def test_a_mask_stays_one_where_no_number_is_free(tmp_path: Path) -> None:
    values = np.arange(256, dtype=np.uint8).reshape(16, 16)
    path = raster_file(tmp_path / "depth.tif", values)
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), rasterio.open(path, "r+") as out:
        out.write_mask(values > 9)
    converted(path, tmp_path / "out.tif")
    with rasterio.open(tmp_path / "out.tif") as out:
        assert np.array_equal(out.read(1), values)
        assert np.array_equal(out.read_masks(1) != 0, values > 9)


def test_what_the_layer_states_goes_along_and_a_guess_does_not(tmp_path: Path) -> None:
    path = raster_file(tmp_path / "depth.tif", DEPTHS)
    said = {"sensitivity": "restricted", "attribution": "NDMA", "date": "2022-08-30", "kind": "hazard"}
    (tmp_path / "depth.tif.meta.json").write_text(json.dumps(said))
    converted(path, tmp_path / "out.tif")
    again = open_raster(Reference(tmp_path / "out.tif"))
    assert again.meta == Meta(sensitivity="restricted", attribution="NDMA", date="2022-08-30")
    path = raster_file(tmp_path / "x1.tif", DEPTHS)
    assert "MIGMAP_KIND" not in converted(path, tmp_path / "out2.tif")[2]["tags"]


def test_rows_and_several_rasters_are_refused(
    plain: ExportDocument, export: Any, tmp_path: Path, document: ExportDocument
) -> None:
    raster = next(layer for layer in plain.layers if not hasattr(layer.data, "frame"))
    with pytest.raises(Problem, match="holds rows"):
        export(GeoTiff(), replace(plain, layers=plain.layers[-1:]), tmp_path / "a.tif")
    with pytest.raises(Problem, match="holds rows"):
        export(GeoTiff(), document, tmp_path / "a.tif")
    twice = (raster, MapLayer("b", "B", raster.data, Style()))
    with pytest.raises(Problem, match="one raster"):
        export(GeoTiff(), replace(plain, layers=twice), tmp_path / "a.tif")
    findings = export(GeoTiff(), plain, tmp_path / "a.tif")
    assert [one.code for one in findings] == ["features-left-out"]


def test_a_damaged_raster_leaves_no_file(tmp_path: Path, capsys: Any) -> None:
    values = np.random.default_rng(1).random((500, 500))
    path = raster_file(tmp_path / "depth.tif", values, compress="deflate")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert main(["convert", str(path), str(tmp_path / "out.tif")]) == 2
    assert not (tmp_path / "out.tif").exists()
    assert "Traceback" not in capsys.readouterr().err
