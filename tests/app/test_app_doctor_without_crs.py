"""A file that names no coordinate system can be read, so it is checked: only the ground is left out."""

from __future__ import annotations

import zipfile
from pathlib import Path

import geopandas
import pytest
import shapely

from migmap.api import Problem
from migmap.app.doctor.examine import check
from migmap.app.workbench import Workbench


def test_rows_and_people_are_checked_where_no_crs_is_named(workbench: Workbench, tmp_path: Path) -> None:
    points = shapely.points([(70.0, 30.0), (70.1, 30.1), (70.1, 30.1)])
    table = {"site_id": ["a", "b", "b"], "population": [10, 20, 30]}
    path = tmp_path / "bare.shp"
    geopandas.GeoDataFrame(table, geometry=points, crs=4326).to_file(path)
    path.with_suffix(".prj").unlink()
    report = check(workbench, str(path))
    codes = [one.code for one in report.findings]
    assert codes.count("no-crs") == 1
    assert "duplicate-ids" in codes
    assert not {"crs-stated", "no-position", "position-repeated"} & set(codes)
    assert report.crs is None
    assert report.accounting is not None
    assert report.accounting.as_json() == {
        "rows": 3,
        "used": 3,
        "set_aside": 0,
        "people": 60,
        "people_used": 60,
        "people_set_aside": 0,
    }


def test_a_raster_without_crs_is_checked_and_a_broken_one_refused(
    workbench: Workbench, tmp_path: Path
) -> None:
    path = tmp_path / "bare.asc"
    path.write_text("ncols 2\nnrows 2\nxllcorner 70\nyllcorner 29\ncellsize 1\n0 1\n1 0\n")
    report = check(workbench, str(path))
    assert "no-crs" in [one.code for one in report.findings]
    assert (report.crs, report.rows) == (None, None)
    path.write_text("ncols 2\nnrows 2\n")
    with pytest.raises(Problem):
        check(workbench, str(path))


def test_rows_that_differ_in_their_shape_alone_are_no_duplicates(
    workbench: Workbench, tmp_path: Path
) -> None:
    points = shapely.points([(70.0, 30.0), (70.1, 30.1), (70.2, 30.1)])
    path = tmp_path / "bare.shp"
    geopandas.GeoDataFrame({"kind": ["well"] * 3}, geometry=points, crs=4326).to_file(path)
    path.with_suffix(".prj").unlink()
    assert "duplicate-rows" not in [one.code for one in check(workbench, str(path)).findings]


def test_of_several_layers_without_crs_the_first_is_checked(workbench: Workbench, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "two.zip", "w") as archive:
        for name in ("wells", "schools"):
            path = tmp_path / f"{name}.shp"
            points = shapely.points([(70.0, 30.0), (70.1, 30.1)])
            geopandas.GeoDataFrame({"name": ["a", "b"]}, geometry=points, crs=4326).to_file(path)
            for ending in ("shp", "shx", "dbf"):
                archive.write(path.with_suffix(f".{ending}"), f"{name}.{ending}")
    report = check(workbench, str(tmp_path / "two.zip"))
    assert {"no-crs", "several-layers"} <= {one.code for one in report.findings}
    assert report.rows == 2


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("none.geojson", '{"type": "FeatureCollection", "features": []}'),
        ("none.csv", "name,latitude,longitude,population\n"),
    ],
)
def test_a_file_without_rows_is_checked_and_said_to_be_empty(
    workbench: Workbench, tmp_path: Path, name: str, text: str
) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    report = check(workbench, str(path))
    assert "empty-layer" in [one.code for one in report.findings]
    assert report.accounting is not None
    assert (report.accounting.rows, report.accounting.used, report.accounting.set_aside) == (0, 0, 0)
