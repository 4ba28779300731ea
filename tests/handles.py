"""Data handles built in memory, as the readers would hand them out."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import rasterio
from affine import Affine

from migmap.api import Inputs, RasterData, Result, Source, VectorData
from migmap.geo.crs import WGS84
from migmap.geo.repair import repaired
from migmap.io.rasters.raster import open_raster
from migmap.io.read import read
from migmap.io.reference import Reference, parse_reference

_number = itertools.count()


def vector(
    shapes: Sequence[Any],
    columns: Mapping[str, Sequence[Any]] | None = None,
    *,
    name: str = "layer",
    crs: Any = WGS84,
    roles: Mapping[str, str] | None = None,
    **more: Any,
) -> VectorData:
    """A layer of `shapes` (None: no position) with rows numbered from 1."""
    frame = geopandas.GeoDataFrame(
        {key: pd.Series(list(values)) for key, values in (columns or {}).items()},
        geometry=geopandas.GeoSeries(list(shapes), crs=crs),
    )
    return VectorData(
        frame=frame,
        name=name,
        source=Source(f"{name}.gpkg"),
        row_numbers=np.arange(1, len(frame) + 1, dtype=np.int64),
        roles=dict(roles or {}),
        **more,
    )


def raster(
    folder: Path,
    values: Any,
    *,
    west: float = 70.0,
    north: float = 30.0,
    cell: float = 0.1,
    nodata: float | None = None,
    crs: str = "EPSG:4326",
    name: str = "flood",
) -> RasterData:
    """A GeoTIFF of `values` (rows from the north) and the handle on it."""
    array = np.asarray(values)
    path = folder / f"{name}{next(_number)}.tif"
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=array.shape[1],
        height=array.shape[0],
        count=1,
        dtype=array.dtype,
        crs=crs,
        transform=Affine(cell, 0.0, west, 0.0, -cell, north),
        nodata=nodata,
    ) as target:
        target.write(array, 1)
    return replace(open_raster(Reference(path, None)), name=name)


def run(analysis: Any, params: Mapping[str, Any], **data: Any) -> Result:
    """Run an analysis on handles; every input given is named in the params. Progress must
    never run back."""
    given = {key: value for key, value in data.items() if value is not None}
    named = {**dict.fromkeys(given, "given"), **params}
    seen = [0.0]

    def watch(fraction: float, text: str = "") -> None:
        assert text
        assert seen[-1] <= fraction + 1e-9 <= 1 + 1e-8, (seen[-1], fraction, text)
        seen.append(fraction)

    result: Result = analysis().run(analysis.Params(**named), Inputs(given), watch)
    return result


def values(result: Result, metric: str, area: str | None = None) -> dict[str | None, float | None]:
    """class -> value of one metric and area."""
    return {row.class_: row.value for row in result.metrics if row.metric == metric and row.area == area}


def codes(result: Result) -> set[str]:
    """The codes of a result's findings."""
    return {finding.code for finding in result.findings}


def finding(result: Any, code: str) -> Any:
    """The one finding with this code."""
    (found,) = [one for one in result.findings if one.code == code]
    return found


def assert_adds_up(result: Result, tolerance: float = 1e-9) -> None:
    """Areas, "outside" and "overlap" sum to the row for everything, class by class."""
    sums: dict[Any, float] = {}
    whole: dict[Any, float] = {}
    for row in result.metrics:
        if row.metric == "distance_m":
            continue
        key = (row.metric, row.hazard, row.class_, row.group)
        assert row.value is not None
        if row.area is None:
            whole[key] = row.value
        else:
            sums[key] = sums.get(key, 0.0) + row.value
    assert set(sums) == set(whole)
    largest: dict[str, float] = {}
    for key, value in whole.items():
        largest[key[0]] = max(largest.get(key[0], 0.0), value)
    for key, value in whole.items():
        assert abs(sums[key] - value) <= tolerance * max(largest[key[0]], 1e-300), (key, sums[key], value)


def real(path: Path, **roles: str) -> Any:
    """A real file as the application hands it out: read, repaired, with its roles."""
    data = read(parse_reference(str(path)))
    if isinstance(data, VectorData):
        return replace(repaired(data), roles=roles)
    return data
