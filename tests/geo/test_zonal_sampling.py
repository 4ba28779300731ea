"""Values under positions."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyproj
import pytest
import rasterio
from made_rasters import raster_of
from rasterio.transform import Affine

from migmap.geo.zonal import sample_at, values_at


def test_cells_are_half_open_and_what_is_outside_is_unknown(tmp_path: Path) -> None:
    values = np.arange(12, dtype=np.int16).reshape(3, 4)
    values[2, 3] = -1
    raster = raster_of(tmp_path / "a.tif", values, west=70, north=30, cell=0.5, nodata=-1)
    points = {
        (70.25, 29.75): 0,
        (70.0, 30.0): 0,  # the corner belongs to the first cell
        (70.5, 29.75): 1,  # a line between two columns to the right one
        (70.25, 29.5): 4,  # a line between two rows to the lower one
        (71.75, 28.75): np.nan,  # no data
        (72.0, 29.75): np.nan,  # the right side is outside
        (70.25, 28.5): np.nan,
        (69.99, 29.75): np.nan,
        (np.nan, 29.75): np.nan,
        (np.nan, np.nan): np.nan,
    }
    found = values_at(raster, np.array(list(points), dtype=np.float64))
    np.testing.assert_array_equal(found, list(points.values()))
    assert values_at(raster, np.empty((0, 2))).shape == (0,)
    assert np.isnan(values_at(raster, np.array([[0.0, 0.0]]))).all()


@pytest.mark.parametrize("options", [{}, {"tiled": True, "blockxsize": 16, "blockysize": 16}])
@pytest.mark.parametrize("south_up", [False, True])
def test_many_positions_in_any_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: dict[str, object], south_up: bool
) -> None:
    monkeypatch.setattr("migmap.geo.tiles.cut.__defaults__", (500,))
    monkeypatch.setattr("migmap.geo.tiles.tiles_of.__defaults__", (500,))
    random = np.random.default_rng(2)
    values = random.random((90, 70)).astype(np.float32)
    raster = raster_of(tmp_path / "a.tif", values, south_up=south_up, **options)
    row, col = random.integers(0, 90, 5000), random.integers(0, 70, 5000)
    lonlat = np.column_stack([70.05 + 0.1 * col, 29.95 - 0.1 * row])
    np.testing.assert_array_equal(values_at(raster, lonlat), values[row, col])


def test_positions_are_moved_to_the_rasters_crs(tmp_path: Path) -> None:
    values = np.arange(100.0).reshape(10, 10)
    raster = raster_of(tmp_path / "a.tif", values, crs="EPSG:32642", west=5e5, north=3.3e6, cell=1000.0)
    back = pyproj.Transformer.from_crs(32642, 4326, always_xy=True)
    lonlat = np.array([back.transform(5e5 + 2500, 3.3e6 - 4500)])
    assert values_at(raster, lonlat).tolist() == [42]


def test_rotated_rasters_and_undeclared_marks(tmp_path: Path) -> None:
    turned = Affine(0.1, 0.02, 70, 0.02, -0.1, 30)
    raster = raster_of(tmp_path / "a.tif", np.array([[1.0, -9999.0], [3.0, 4.0]]), transform=turned)
    middle = [
        (70 + 0.1 * (c + 0.5) + 0.02 * (r + 0.5), 30 + 0.02 * (c + 0.5) - 0.1 * (r + 0.5))
        for r in (0, 1)
        for c in (0, 1)
    ]
    sample = sample_at(raster, np.array(middle))
    np.testing.assert_array_equal(sample.values, [1, np.nan, 3, 4])
    assert [(finding.code, finding.count) for finding in sample.findings] == [("nodata-undeclared", 1)]


def test_a_mask_hides_cells(tmp_path: Path) -> None:
    raster = raster_of(tmp_path / "a.tif", np.array([[1, 2], [3, 4]], np.uint8), cell=0.1)
    with rasterio.open(raster.gdal_path, "r+") as dataset:
        dataset.write_mask(np.array([[True, False], [True, True]]))
    middle = np.array([[70.05, 29.95], [70.15, 29.95], [70.05, 29.85], [70.15, 29.85]])
    np.testing.assert_array_equal(values_at(raster, middle), [1, np.nan, 3, 4])
    assert values_at(raster, middle[2:3]).tolist() == [3]


@pytest.mark.parametrize("kind", ["int8", "uint16", "int32", "float32", "float64"])
def test_every_type_of_cell_and_its_marks(tmp_path: Path, kind: str) -> None:
    values = np.array([[1, 2], [3, 100]]).astype(kind)
    if kind in ("int32", "float32", "float64"):
        values[1, 0] = -32768
    raster = raster_of(tmp_path / "a.tif", values, cell=0.1, nodata=100)
    middle = np.array([[70.05, 29.95], [70.15, 29.95], [70.05, 29.85], [70.15, 29.85]])
    sample = sample_at(raster, middle)
    third = 3 if kind in ("int8", "uint16") else np.nan
    np.testing.assert_array_equal(sample.values, [1, 2, third, np.nan])
    assert len(sample.findings) == (third != 3)
