"""Packed rasters: stored integers with a scale and an offset are read as the values they stand for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine

from migmap.geo.classes import classes_from_edges
from migmap.geo.zonal import tabulate, values_at
from migmap.io.rasters.raster import open_dataset, open_raster, valid_cells
from migmap.io.reference import Reference


@pytest.fixture
def packed(tmp_path: Path) -> Path:
    """Depth in centimetres: stored 0, 10, 20 and no data; the second band of the file states 0.1 and 5."""
    path = tmp_path / "packed & <odd>.tif"
    with rasterio.open(
        path, "w", driver="GTiff", width=2, height=2, count=2, dtype="int16", crs="EPSG:4326", nodata=-9,
        transform=Affine(1, 0, 70, 0, -1, 31),
    ) as file:  # fmt: skip
        file.write(np.array([[1, 2], [3, 4]], dtype=np.int16), 1)
        file.write(np.array([[0, 10], [20, -9]], dtype=np.int16), 2)
        file.scales, file.offsets = (1.0, 0.1), (0.0, 5.0)
    return path


def test_every_reader_sees_the_values_meant(packed: Path) -> None:
    raster = open_raster(Reference(packed, "2"))
    with open_dataset(raster) as dataset:
        values = dataset.read(raster.band)
    valid = valid_cells(values, raster.nodata)
    assert values[valid].tolist() == [5.0, 6.0, 7.0]
    assert valid.tolist() == [[True, True], [True, False]]
    spots = np.array([[70.5, 30.5], [71.5, 30.5], [70.5, 29.5], [71.5, 29.5]])
    assert values_at(raster, spots).tolist()[:3] == [5.0, 6.0, 7.0]
    assert [finding.code for finding in raster.findings] == ["scale-applied"]
    table = tabulate(np.array([], dtype=object), hazard=raster, classes=classes_from_edges((5.5, 6.5)))
    assert (table.total > 0).all()


def test_a_band_that_is_not_packed_stays_as_it_is(packed: Path) -> None:
    raster = open_raster(Reference(packed, "1"))
    assert (raster.dtype, raster.nodata, raster.findings) == ("int16", -9, ())
