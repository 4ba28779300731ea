"""A folder of rasters: listed, and known as a set where it is one; cells against sites in run and check."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pytest
import rasterio
import shapely
from rasterio import Affine

from migmap.api import Problem
from migmap.app.workbench import Workbench
from migmap.cli.report import info_text


def grid(path: Path, cell: float = 0.01, size: int = 20, factor: float = 1.0) -> Path:
    values = np.random.default_rng(4).random((size, size)).astype("float32") * factor
    with rasterio.open(
        path, "w", driver="GTiff", width=size, height=size, count=1, dtype="float32", crs="EPSG:4326",
        transform=Affine(cell, 0, 70, 0, -cell, 31), nodata=-9999,
    ) as out:  # fmt: skip
        out.write(values, 1)
    return path


def villages(path: Path, count: int = 40) -> Path:
    spots = [shapely.Point(70.02 + i * 0.001, 30.95) for i in range(count)]
    frame = geopandas.GeoDataFrame({"site_name": [f"S{i}" for i in range(count)]}, geometry=spots, crs=4326)
    frame.to_file(path)
    return path


def codes(findings: Any) -> set[str]:
    return {one["code"] if isinstance(one, dict) else one.code for one in findings}


def test_a_folder_of_return_periods_is_a_set(tmp_path: Path) -> None:
    folder = tmp_path / "floods"
    (folder / "more" / "beside.gdb").mkdir(parents=True)
    for period in (10, 100, 50):
        grid(folder / f"flood_depth_rp{period}.tif", factor=period / 10)
    villages(folder / "more" / "villages.shp")
    (folder / "readme.txt").write_text("see above")
    about = Workbench().info(str(folder))
    assert (about["kind"], about["driver"], about["rows"], about["findings"]) == (
        "folder",
        "folder",
        None,
        [],
    )
    assert about["layers"] == [
        "flood_depth_rp10.tif",
        "flood_depth_rp100.tif",
        "flood_depth_rp50.tif",
        "more/beside.gdb",
        "more/villages.shp",
    ]
    members = about["hazard_set"]["members"]
    assert [one["label"] for one in members] == [f"Flood, 1 in {n} years" for n in (10, 50, 100)]
    assert about["hazard_set"]["by"] == ["return_period"]
    text = info_text("floods", about)
    assert "folder, 5 data files" in text
    assert "a set of flood rasters: 3 rasters by return period" in text


def test_a_folder_without_a_set_lists_its_files(tmp_path: Path) -> None:
    grid(tmp_path / "a.tif")
    grid(tmp_path / "elevation.tif")
    villages(tmp_path / "b.shp")
    about = Workbench().info(str(tmp_path))
    assert about["layers"] == ["a.tif", "b.shp", "elevation.tif"]
    assert about["hazard_set"] is None
    (tmp_path / "empty").mkdir()
    with pytest.raises(Problem, match="without data"):
        Workbench().info(str(tmp_path / "empty"))
    lone = tmp_path / "lone"
    lone.mkdir()
    villages(lone / "b.shp")
    assert Workbench().info(str(lone))["driver"] == "ESRI Shapefile"


def test_cells_too_large_for_the_sites_are_said_by_runs_and_checks(tmp_path: Path) -> None:
    hazard, sites = grid(tmp_path / "flood_depth.tif", cell=0.1), villages(tmp_path / "villages.gpkg")
    bench = Workbench()
    params = {"hazard": str(hazard), "exposed": str(sites), "classes": (0.1, 0.5)}
    assert "cells-coarse-for-sites" in codes(bench.run("exposure", params).findings)
    fine = {**params, "hazard": str(grid(tmp_path / "flood_fine.tif", cell=0.001, size=200))}
    assert "cells-coarse-for-sites" not in codes(bench.run("exposure", fine).findings)
    small = geopandas.GeoDataFrame(
        {"name": ["a", "b"]},
        geometry=[shapely.box(70.01, 30.9, 70.02, 30.91), shapely.box(70.1, 30.9, 70.11, 30.91)],
        crs=4326,
    )
    small.to_file(tmp_path / "blocks.gpkg")
    assert "cells-coarse-for-sites" in codes(
        bench.check(str(hazard), areas=str(tmp_path / "blocks.gpkg")).findings
    )


def test_rows_of_a_layer_without_a_system_are_accounted_for_all_the_same(tmp_path: Path) -> None:
    path = villages(tmp_path / "villages.shp")
    path.with_suffix(".prj").unlink()
    about = Workbench().info(str(path), full=True)
    assert (about["crs"], about["rows"]) == (None, 40)
    assert about["accounting"]["rows"] == about["accounting"]["used"] == 40
    assert "no-crs" in codes(about["findings"])
