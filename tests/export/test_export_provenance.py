"""What made a figure travels with it, in every product, without the folders of whoever made it."""

from __future__ import annotations

import csv
import json
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from python_calamine import load_workbook

from migmap.api import ExportDocument
from migmap.export.csv_table import CsvTable
from migmap.export.geojson import GeoJson
from migmap.export.geopackage import GeoPackage
from migmap.export.html import HtmlMap
from migmap.export.kml import Kml
from migmap.export.shapefile import Shapefile
from migmap.export.workbook import Workbook
from migmap.geo.marks import marks, provenance

TAGS = "MiGOF (Bangladesh edition) 5.1.2; SDG 11"
RUN: dict[str, Any] = {
    "run": "run-0123",
    "analysis": "exposure",
    "params": {"classes": [0.1, 0.5], "hazard_class": None},
    "inputs": [
        {
            "path": "/data/somebody/secret folder/depth.tif",
            "sha256": "ab" * 32,
            "crs": "EPSG:4326",
            "rows": None,
        },
        {"path": "C:\\Users\\somebody\\sites.gpkg", "sha256": "cd" * 32, "crs": None, "rows": 5},
    ],
    "metrics": [],
    "recipe": {
        "migmap": "9.8.7",
        "rule": "Rule: a site counts once, whole, by its position.",
        "tags": {"people": TAGS},
        "inputs": {
            "hazard": {"path": "/data/somebody/secret folder/depth.tif", "about": {"sensitivity": "public"}},
            "exposed": {
                "path": "C:\\Users\\somebody\\sites.gpkg",
                "about": {"sensitivity": None, "date": "2022-09", "boundary_vintage": "2018 census"},
            },
        },
        "runs": {"compare": {"path": "/data/somebody/old.json", "run": "abcdef012345"}},
        "profiles": {
            "scheme": [
                {
                    "profile": "scheme",
                    "title": "Flood depth",
                    "unit": "m",
                    "source": "A handbook",
                    "edition": "2020",
                    "origin": "/data/somebody/own.toml",
                    "classes": [{"label": "low", "minimum": 0.1}, {"label": "high", "minimum": 0.5}],
                }
            ],
            "rates": [
                {
                    "profile": "rates",
                    "title": "Rates",
                    "source": "B",
                    "lines": [{"label": "low", "rate": 0.25}],
                }
            ],
        },
    },
}
EXPECTED = (
    "a site counts once, whole, by its position.",
    "edges 0.1, 0.5",
    "Flood depth (m): low from 0.1; high from 0.5. Source: A handbook, 2020. File: own.toml",
    "low 0.25",
    "depth.tif, sha256 abababababab, sensitivity public",
    "sites.gpkg, sha256 cdcdcdcdcdcd, date 2022-09, boundaries of 2018 census, sensitivity not stated",
    "run abcdef012345, old.json",
    "migmap, version 9.8.7",
    "run-0123",
    "migmap recipe FILE.json",
)


@pytest.fixture
def made(document: ExportDocument) -> ExportDocument:
    return replace(document, run=RUN, inputs=())


def _workbook(target: Path) -> str:
    return "\n".join(
        " ".join(map(str, row))
        for row in load_workbook(str(target)).get_sheet_by_name("provenance").to_python()
    )


def _geopackage(target: Path) -> str:
    with closing(sqlite3.connect(target)) as database:
        return "\n".join(f"{a} {b}" for a, b in database.execute("SELECT topic, text FROM provenance"))


def _zip(target: Path) -> str:
    with zipfile.ZipFile(target) as archive:
        return archive.read("README.txt").decode()


def _geojson(target: Path) -> str:
    return "\n".join(map(" ".join, json.loads(target.read_text("utf-8"))["migmap"]["provenance"]))


@pytest.mark.parametrize(
    ("exporter", "name", "read"),
    [
        (HtmlMap, "a.html", lambda target: target.read_text("utf-8").split('id="provenance"')[1]),
        (Workbook, "a.xlsx", _workbook),
        (GeoPackage, "a.gpkg", _geopackage),
        (Kml, "a.kml", lambda target: target.read_text("utf-8").split("</description>")[0]),
        (Shapefile, "a.zip", _zip),
        (GeoJson, "a.geojson", _geojson),
    ],
)
def test_the_card_is_in_every_product(
    made: ExportDocument,
    export: Any,
    tmp_path: Path,
    exporter: Any,
    name: str,
    read: Callable[[Path], str],
) -> None:
    target = tmp_path / name
    export(exporter(), made, target)
    said = read(target)
    for text in EXPECTED:
        assert text in said, text
    assert "somebody" not in said


def test_rows_of_a_table_carry_rule_version_inputs_and_tags(
    made: ExportDocument, export: Any, tmp_path: Path
) -> None:
    target = tmp_path / "a.csv"
    export(CsvTable(), made, target)
    head, *rows = list(csv.reader(target.read_text("utf-8-sig").splitlines()))
    assert head[-5:] == ["run_id", "rule", "version", "inputs", "tags"]
    for row in rows:
        assert row[-5:] == [
            "run-0123",
            "a site counts once, whole, by its position.",
            "9.8.7",
            "depth.tif abababababab; sites.gpkg cdcdcdcdcdcd",
            TAGS,
        ]
    assert "somebody" not in target.read_text("utf-8-sig")


def test_a_comparison_has_before_and_after(made: ExportDocument, export: Any, tmp_path: Path) -> None:
    rows = tuple(replace(row, compared=True, before=1.0, after=None) for row in made.metrics)
    target = tmp_path / "a.csv"
    export(CsvTable(), replace(made, metrics=rows), target)
    head, *lines = list(csv.reader(target.read_text("utf-8-sig").splitlines()))
    assert head[7:11] == ["value", "unit", "before", "after"]
    assert {tuple(line[9:11]) for line in lines} == {("1", "")}


def test_the_foot_of_a_picture_says_run_version_and_date(made: ExportDocument) -> None:
    assert marks(made).run == "Run run-0123, migmap 9.8.7, data of 2022-09"


def test_documents_of_earlier_versions_have_what_they_say(document: ExportDocument) -> None:
    said = dict(marks(document).provenance)
    assert said["run"] == "run-0123"
    assert "version" not in said
    assert marks(replace(document, run={})).run == "Run run-0123"
    assert provenance({}) == ()


@pytest.mark.parametrize("damaged", [{"recipe": 3}, {"recipe": {"inputs": [], "profiles": {"scheme": 1}}}])
def test_a_damaged_document_still_leaves(
    document: ExportDocument, export: Any, tmp_path: Path, damaged: dict[str, Any]
) -> None:
    for exporter, name in ((GeoJson(), "a.geojson"), (CsvTable(), "a.csv")):
        export(exporter, replace(document, run={"run": "run-0123", **damaged}), tmp_path / name)
        assert (tmp_path / name).stat().st_size
