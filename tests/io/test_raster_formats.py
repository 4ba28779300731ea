"""Rasters as they really come: formats, side files, damage, and files that point elsewhere."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import rasterio.shutil
from rasterio import Affine

from migmap.api import Problem
from migmap.io.probe import probe
from migmap.io.rasters.raster import open_dataset, open_raster
from migmap.io.reference import Reference

GROUND = Affine(0.01, 0, 70, 0, -0.01, 31)
VALUES = np.random.default_rng(7).random((60, 80)).astype("float32") * 3
WGS84 = (
    'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],PRIMEM["Greenwich",0],'
    'UNIT["degree",0.0174532925199433]]'
)


def written(path: Path, values: np.ndarray = VALUES, **options: Any) -> Path:
    cube = values if values.ndim == 3 else values[None]
    profile: dict[str, Any] = {
        "driver": "GTiff", "width": cube.shape[2], "height": cube.shape[1], "count": cube.shape[0],
        "dtype": cube.dtype.name, "crs": "EPSG:4326", "transform": GROUND, **options,
    }  # fmt: skip
    with rasterio.open(path, "w", **profile) as out:
        out.write(cube)
    return path


def codes(path: Path, part: str | None = None) -> set[str]:
    return {one.code for one in probe(Reference(path, part)).findings}


def mean(path: Path, part: str | None = None) -> float:
    raster = open_raster(Reference(path, part))
    with open_dataset(raster) as dataset:
        return float(dataset.read(raster.band).mean())


@pytest.mark.parametrize(
    ("name", "driver"),
    [("a.tif", "COG"), ("a.img", "HFA"), ("a.bsq", "ENVI"), ("a.sdat", "SAGA"), ("a.nc", "netCDF")],
)
def test_formats_hold_the_same_cells(tmp_path: Path, name: str, driver: str) -> None:
    rasterio.shutil.copy(written(tmp_path / "source.tif"), tmp_path / name, driver=driver)
    assert mean(tmp_path / name) == pytest.approx(float(VALUES.mean()), rel=1e-6)
    assert open_raster(Reference(tmp_path / name)).transform == pytest.approx(tuple(GROUND)[:6])


@pytest.mark.parametrize("dtype", ["uint8", "int8", "uint16", "int16", "uint32", "int32", "int64", "float64"])
def test_types_of_cells(tmp_path: Path, dtype: str) -> None:
    path = written(tmp_path / "a.tif", (VALUES * 40).astype(dtype), BIGTIFF="YES")
    assert open_raster(Reference(path)).dtype == dtype
    assert mean(path) > 0
    with pytest.raises(Problem, match="complex"):
        probe(Reference(written(tmp_path / "c.tif", VALUES.astype("complex64"))))


def test_masks_beside_the_file_count(tmp_path: Path) -> None:
    path = written(tmp_path / "a.tif")
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=False), rasterio.open(path, "r+") as out:
        out.write_mask(VALUES > 1)
    assert path.with_name("a.tif.msk").exists()
    raster = open_raster(Reference(path))
    with open_dataset(raster) as dataset:
        assert (dataset.read_masks(1) != 0).tolist() == (VALUES > 1).tolist()


def test_pictures_have_named_bands(tmp_path: Path) -> None:
    cube = (np.random.default_rng(1).random((4, 9, 9)) * 255).astype("uint8")
    path = written(tmp_path / "a.tif", cube, photometric="RGB", alpha="YES")
    seen = probe(Reference(path))
    assert [one.name for one in seen.columns] == ["red", "green", "blue", "alpha"]
    assert {one.code for one in seen.findings} == {"bands-not-read"}
    assert open_raster(Reference(path, "2")).band == 2


def test_ascii_grids(tmp_path: Path) -> None:
    head = "NCOLS 3\nNROWS 2\nXLLCENTER 70.5\nYLLCENTER 30.5\nCELLSIZE 1\n"
    path = tmp_path / "a.asc"
    path.write_text(head + "1.5 2.5 3\n4 5 -9999\n")
    path.with_suffix(".prj").write_text(WGS84)
    raster = open_raster(Reference(path))
    assert (raster.extent.west, raster.extent.south) == (70, 30)
    assert "nodata-undeclared" in {one.code for one in raster.findings}
    comma = tmp_path / "b.asc"
    comma.write_text((head + "1.5 2.5 3\n4 5 -9999\n").replace(".", ","))
    comma.with_suffix(".prj").write_text(WGS84)
    assert open_raster(Reference(comma)).transform == raster.transform
    assert mean(comma) == mean(path)
    (tmp_path / "short.asc").write_text(head.replace("3", "300", 1) + "1 2 3\n")
    assert "cells-unreadable" in codes(tmp_path / "short.asc")
    (tmp_path / "huge.asc").write_text(head.replace("3", "2000000000", 1) + "1 2 3\n")
    with pytest.raises(Problem):
        probe(Reference(tmp_path / "huge.asc"))


def test_a_mangled_name_of_longitude_and_latitude_can_be_put_right(tmp_path: Path) -> None:
    from migmap.api import Reading

    path = tmp_path / "a.asc"
    path.write_text("ncols 2\nnrows 1\nxllcorner 70\nyllcorner 30\ncellsize 1\nNODATA_value -9\n1 2\n")
    path.with_suffix(".prj").write_text(
        WGS84.replace('"WGS 84"', "\"'GCS_WGS_1984'\"").replace('"WGS_1984"', "\"D_'D_WGS_1984'\"")
    )
    found = {one.code: one for one in open_raster(Reference(path)).findings}
    assert found["crs-odd"].fix
    assert not found["crs-odd"].applied
    fixed = open_raster(Reference(path), Reading(fixes=("crs-odd",)))
    assert fixed.crs.to_epsg() == 4326
    assert {one.code: one.applied for one in fixed.findings}["crs-odd"]


def test_where_the_cells_lie_is_doubted(tmp_path: Path) -> None:
    metres = written(tmp_path / "a.tif", transform=Affine(30, 0, 400000, 0, -30, 3400000))
    assert "crs-doubtful" in codes(metres)
    degrees = written(tmp_path / "b.tif", crs="EPSG:32642")
    assert "crs-doubtful" in codes(degrees)
    assert "rotated-grid" in codes(
        written(tmp_path / "c.tif", transform=Affine(0.01, 0.002, 70, 0.002, -0.01, 31))
    )
    assert not codes(written(tmp_path / "d.tif", (VALUES > 1).astype("uint8")))


def test_a_file_cut_short_says_so(tmp_path: Path) -> None:
    big = np.random.default_rng(3).random((600, 800)).astype("float32")
    path = written(tmp_path / "a.tif", big, compress="deflate", tiled=True, blockxsize=256, blockysize=256)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    seen = probe(Reference(path))
    assert (seen.width, seen.height) == (800, 600)
    assert "cells-unreadable" in {one.code for one in seen.findings}


def test_limits_are_stated(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="limits are"):
        probe(Reference(virtual(tmp_path / "a.vrt", "b.tif", size=2_000_000_000)))
    sparse = tmp_path / "sparse.tif"
    with rasterio.open(
        sparse, "w", driver="GTiff", width=400_000, height=300_000, count=1, dtype="uint8", crs="EPSG:4326",
        transform=Affine(0.0001, 0, 60, 0, -0.0001, 35), tiled=True, SPARSE_OK="TRUE", BIGTIFF="YES",
    ):  # fmt: skip
        pass
    seen = probe(Reference(sparse))
    assert (seen.width, seen.height) == (400_000, 300_000)
    assert {one.code for one in seen.findings} == {"one-value-everywhere"}


def test_a_text_that_asks_a_service_is_no_raster(tmp_path: Path) -> None:
    for name in ("a.img", "b.png", "c.nc", "d.asc"):
        (tmp_path / name).write_text(
            "<GDAL_WMS><Service name='TMS'><ServerUrl>http://x.invalid</ServerUrl></Service></GDAL_WMS>"
        )
        with pytest.raises(Problem):
            probe(Reference(tmp_path / name))


# -- virtual rasters ------------------------------------------------------------------------------


def virtual(path: Path, source: str, *, relative: int = 1, size: int = 80, more: str = "") -> Path:
    written(path.parent / "b.tif")
    path.write_text(
        f'<VRTDataset rasterXSize="{size}" rasterYSize="{60 if size < 1000 else size}"><SRS>EPSG:4326</SRS>'
        "<GeoTransform>70,0.01,0,31,0,-0.01</GeoTransform>"
        f'<VRTRasterBand dataType="Float32" band="1">{more}<SimpleSource>'
        f'<SourceFilename relativeToVRT="{relative}">{source}</SourceFilename><SourceBand>1</SourceBand>'
        "</SimpleSource></VRTRasterBand></VRTDataset>"
    )
    return path


def test_virtual_rasters_name_files_beside_them(tmp_path: Path) -> None:
    assert mean(virtual(tmp_path / "a.vrt", "b.tif")) == pytest.approx(float(VALUES.mean()), rel=1e-6)
    assert mean(virtual(tmp_path / "c.vrt", "a.vrt")) > 0
    assert mean(virtual(tmp_path / "d.vrt", str(tmp_path / "b.tif"), relative=0)) > 0


@pytest.mark.parametrize(
    ("source", "relative", "said"),
    [
        ("../other.tif", 1, "outside its own folder"),
        ("/etc/passwd", 0, "outside its own folder"),
        ("/vsicurl/http://x.invalid/a.tif", 0, "outside its own folder"),
        ("/vsizip/b.zip/a.tif", 1, "outside its own folder"),
        ("http://x.invalid/a.tif", 0, "outside its own folder"),
        ("WMS:http://x.invalid", 0, "outside its own folder"),
        ("&lt;GDAL_WMS/&gt;", 0, "outside its own folder"),
        ("", 1, "outside its own folder"),
        ("gone/none.tif", 1, "its source gone/none.tif is not there"),
        ("a.vrt", 1, "deep"),
    ],
)
def test_virtual_rasters_that_lead_elsewhere(tmp_path: Path, source: str, relative: int, said: str) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    written(tmp_path / "other.tif")
    path = virtual(folder / "a.vrt", source, relative=relative)
    with pytest.raises(Problem, match=said):
        probe(Reference(path))
    with zipfile.ZipFile(folder / "a.zip", "w") as out:
        out.write(path, "x/a.vrt")
    with pytest.raises(Problem):
        probe(Reference(folder / "a.zip"))


def test_virtual_rasters_run_no_code_and_declare_nothing(tmp_path: Path) -> None:
    code = virtual(tmp_path / "a.vrt", "b.tif", more="<PixelFunctionLanguage>Python</PixelFunctionLanguage>")
    with pytest.raises(Problem, match="pixel function"):
        probe(Reference(code))
    code.write_text('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><VRTDataset>&x;</VRTDataset>')
    with pytest.raises(Problem, match="entities"):
        probe(Reference(code))
    code.write_text("<VRT")
    with pytest.raises(Problem, match="virtual raster"):
        probe(Reference(code))


def test_a_virtual_raster_and_its_source_in_a_zip(tmp_path: Path) -> None:
    virtual(tmp_path / "a.vrt", "b.tif")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as out:
        out.write(tmp_path / "a.vrt", "x/a.vrt")
        out.write(tmp_path / "b.tif", "x/b.tif")
    assert mean(tmp_path / "a.zip", "a") == pytest.approx(float(VALUES.mean()), rel=1e-6)


def test_a_side_file_cannot_send_anyone_to_the_network(tmp_path: Path) -> None:
    path = written(tmp_path / "a.tif")
    path.with_name("a.tif.aux.xml").write_text(
        '<PAMDataset><Metadata domain="OVERVIEWS"><MDI key="OVERVIEW_FILE">/vsicurl/http://127.0.0.1:9/a.tif</MDI>'
        "</Metadata></PAMDataset>"
    )
    with open_dataset(open_raster(Reference(path))) as dataset:
        assert dataset.overviews(1) == []


def test_what_stands_beside_a_file_is_read_with_it(tmp_path: Path) -> None:
    values = np.arange(81, dtype="float32").reshape(9, 9)
    path = written(tmp_path / "a.tif", values, crs=None, TFW="YES", PROFILE="BASELINE")
    path.with_name("a.tif.aux.xml").write_text(
        "<PAMDataset><SRS>EPSG:4326</SRS><GeoTransform>70,0.01,0,31,0,-0.01</GeoTransform>"
        '<PAMRasterBand band="1"><NoDataValue>1</NoDataValue><UnitType>m</UnitType></PAMRasterBand>'
        "</PAMDataset>"
    )
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as out:
        for file in sorted(tmp_path.glob("a.t*")):
            out.write(file, file.name)
    for place in (path, tmp_path / "a.zip"):
        seen = probe(Reference(place))
        assert (seen.crs, seen.nodata, seen.unit) == ("EPSG:4326", 1.0, "m")
        assert seen.bounds == pytest.approx((70, 30.91, 70.09, 31))
