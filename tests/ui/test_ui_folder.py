"""A folder dropped on the window."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import rasterio
from rasterio import Affine
from window_fixture import Driver


def test_a_folder_of_return_periods_joins_as_named_layers(driver: Driver, tmp_path: Path) -> None:
    for period in (10, 100):
        with rasterio.open(
            tmp_path / f"flood_depth_rp{period}.tif", "w", driver="GTiff", width=20, height=20, count=1,
            dtype="float32", crs="EPSG:4326", transform=Affine(0.01, 0, 70, 0, -0.01, 31), nodata=-9999,
        ) as out:  # fmt: skip
            out.write(np.full((20, 20), period / 10, dtype="float32"), 1)
    driver.open(tmp_path)
    assert set(driver.titles()) == {"Flood, 1 in 10 years", "Flood, 1 in 100 years"}
