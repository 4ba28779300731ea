"""Columns without a name, formulas in what lies beside a shapefile, and cells without data."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from pathlib import Path

import pytest

from migmap.cli import main


def write_nameless(path: Path) -> Path:
    feature = {
        "type": "Feature",
        "properties": {"": 1, "name": "a", "=1+1": "=cmd|" + "x" * 300},
        "geometry": {"type": "Point", "coordinates": [70, 30]},
    }
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("name", "ending"),
    [
        ("html", "html"),
        ("shapefile", "zip"),
        ("geopackage", "gpkg"),
        ("geojson", "geojson"),
        ("kml", "kml"),
        ("csv", "csv"),
        ("xlsx", "xlsx"),
        ("png", "png"),
    ],
)
def test_a_column_without_a_name_gets_one_in_every_format(tmp_path: Path, name: str, ending: str) -> None:
    source = write_nameless(tmp_path / "nameless.geojson")
    target = tmp_path / f"out.{ending}"
    assert main(["export", name, "--in", str(source), "--out", str(target)]) == 0
    if ending == "csv":
        head = next(csv.reader(io.StringIO(target.read_text(encoding="utf-8-sig"))))
        assert head[:2] == ["column", "name"]
    if ending == "geojson":
        properties = json.loads(target.read_text(encoding="utf-8"))["features"][0]["properties"]
        assert properties["column"] == 1


def test_nothing_beside_a_shapefile_runs_in_a_spreadsheet(tmp_path: Path) -> None:
    source = write_nameless(tmp_path / "nameless.geojson")
    target = tmp_path / "out.zip"
    assert main(["export", "shapefile", "--in", str(source), "--out", str(target)]) == 0
    with zipfile.ZipFile(target) as archive:
        for name in ("codebook.csv", "long_text.csv"):
            rows = csv.reader(io.StringIO(archive.read(name).decode("utf-8-sig")))
            cells = [cell for row in rows for cell in row]
            assert not [cell for cell in cells if cell.startswith("=")]
            assert [cell for cell in cells if cell.startswith("'=")]


def test_more_columns_than_a_shapefile_is_made_for_are_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    feature = {
        "type": "Feature",
        "properties": {f"column_{number}": number for number in range(300)},
        "geometry": {"type": "Point", "coordinates": [70, 30]},
    }
    source = tmp_path / "wide.geojson"
    source.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    assert main(["export", "shapefile", "--in", str(source), "--out", str(tmp_path / "wide.zip")]) == 0
    said = capsys.readouterr()
    assert "300 columns" in said.out
    assert said.err == ""
