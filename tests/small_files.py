"""Small files with known answers, for the tests of app and the journeys."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from migmap.app.workbench import Workbench

GRID = 8


@pytest.fixture
def workbench() -> Iterator[Workbench]:
    made = Workbench()
    yield made
    made.close()


@pytest.fixture(scope="session")
def small_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """sites.geojson: four sites with people 10, 20, 30, 40; the third dry, the fourth off the raster.
    flood.tif: 8 x 8 cells of 0.1 degrees from (70, 30) down, depth 1.0 in the west, 0 in the east.
    areas.geojson: west and east half; the fourth site lies in neither."""
    import geopandas
    import numpy as np
    import rasterio
    from affine import Affine
    from shapely.geometry import Point, box

    folder = tmp_path_factory.mktemp("small")
    geopandas.GeoDataFrame(
        {
            "name": ["a", "b", "c", "گاؤں"],
            "population": [10, 20, 30, 40],
            "geometry": [Point(70.1, 29.9), Point(70.3, 29.5), Point(70.7, 29.5), Point(75.0, 29.5)],
        },
        crs="EPSG:4326",
    ).to_file(folder / "sites.geojson", driver="GeoJSON")
    geopandas.GeoDataFrame(
        {
            "ADM2_PCODE": ["PK1", "PK2"],
            "ADM2_EN": ["West", "East"],
            "geometry": [box(70, 29.2, 70.4, 30), box(70.4, 29.2, 70.8, 30)],
        },
        crs="EPSG:4326",
    ).to_file(folder / "areas.geojson", driver="GeoJSON")
    depth = np.zeros((GRID, GRID), dtype=np.float32)
    depth[:, : GRID // 2] = 1.0
    with rasterio.open(
        folder / "flood.tif",
        "w",
        driver="GTiff",
        width=GRID,
        height=GRID,
        count=1,
        dtype="float32",
        crs="EPSG:4326",
        transform=Affine(0.1, 0, 70, 0, -0.1, 30),
        nodata=-9999,
    ) as raster:
        raster.write(depth, 1)
    return folder


@pytest.fixture
def small(small_files: Path, tmp_path: Path) -> Callable[[], Path]:
    """A fresh copy of the small files, free to change: `small()` gives its folder."""
    import shutil

    def copy() -> Path:
        return Path(shutil.copytree(small_files, tmp_path / "data", dirs_exist_ok=True))

    return copy
