"""Not assessed stays apart from blank from the file to the report, and through a file migmap wrote."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from migmap.api import VectorData
from migmap.app.doctor.completeness import completeness
from migmap.app.workbench import Workbench


@pytest.mark.parametrize("ending", ["csv", "xlsx", "gpkg", "geojson"])
def test_not_assessed_survives_being_written_and_read_again(tmp_path: Path, ending: str) -> None:
    file = tmp_path / "t.csv"
    file.write_text(
        "site,lat,lon,people\nA,30,67,0\nB,30.1,67,-\nC,30.2,67,NA\nD,30.3,67,unknown\nE,30.4,67,9\n"
    )
    workbench = Workbench()
    out = tmp_path / f"out.{ending}"
    workbench.export(workbench.document_of_layers([workbench.open(str(file))]), out)
    for source in (file, out):
        data = workbench.data_of(workbench.open(str(source)))
        assert isinstance(data, VectorData)
        assert data.roles["people"] == "people"
        (people,) = (one for one in completeness(data, None) if one.role == "people")
        assert (people.filled, people.blank, people.not_assessed, people.zero) == (2, 1, 2, 1)


def test_a_column_says_why_a_figure_is_blank(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_text("site,people\nA,0\nB,\nC,not assessed\nD,?\n")
    workbench = Workbench()
    workbench.export(workbench.document_of_layers([workbench.open(str(file))]), tmp_path / "out.csv")
    with open(tmp_path / "out.csv", encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [(r["people"], r["people_why_blank"]) for r in rows] == [
        ("0", ""),
        ("", ""),
        ("", "not assessed"),
        ("", "unknown"),
    ]
