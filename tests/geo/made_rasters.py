"""Small rasters for tests, written with rasterio and opened the way migmap opens any raster."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from rasterio.transform import Affine

from migmap.api import RasterData
from migmap.io.rasters.raster import open_raster
from migmap.io.reference import parse_reference


def raster_of(
    path: Path,
    values: np.ndarray,
    *,
    west: float = 70.0,
    north: float = 30.0,
    cell: float | tuple[float, float] = 0.1,
    crs: str = "EPSG:4326",
    nodata: float | None = None,
    south_up: bool = False,
    transform: Affine | None = None,
    **options: Any,
) -> RasterData:
    """A GeoTIFF holding `values` [rows, columns], the first row in the north. south_up: the same map,
    stored with the southernmost row first."""
    width, height = cell if isinstance(cell, tuple) else (cell, cell)
    place = transform or Affine(width, 0, west, 0, -height, north)
    if south_up:
        values = values[::-1]
        place = Affine(width, 0, west, 0, height, north - height * len(values))
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=values.shape[1],
        height=values.shape[0],
        count=1,
        dtype=values.dtype,
        crs=crs,
        transform=place,
        nodata=nodata,
        **options,
    ) as dataset:
        dataset.write(values, 1)
    return open_raster(parse_reference(str(path)))
