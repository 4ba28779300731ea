"""CSV and XLSX: figures with all their digits, Urdu that Excel shows, and no text taken for a formula."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from python_calamine import load_workbook

from migmap.api import ExportDocument, InputRecord, MapLayer, Meta, Problem, Style
from migmap.export.csv_table import CsvTable
from migmap.export.picture import MapPicture
from migmap.export.run_document import RunDocument
from migmap.export.workbook import Workbook

NINE = ["metric", "hazard", "area", "area_name", "level", "class", "group", "value", "unit"]


def rows_of(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_csv_holds_the_metrics_in_order_with_their_marks(
    document: ExportDocument, export: Any, tmp_path: Path
) -> None:
    target = tmp_path / "a.csv"
    assert export(CsvTable(), document, target) == ()
    assert target.read_bytes().startswith(b"\xef\xbb\xbf")
    head, *rows = rows_of(target)
    assert head == [*NINE, "synthetic", "sensitivity", "run_id"]
    assert len(rows) == len(document.metrics)
    assert rows[0] == [
        "people",
        "flood",
        "",
        "",
        "",
        "not_exposed",
        "",
        "1200",
        "people",
        "true",
        "not stated",
        "run-0123",
    ]
    assert rows[2][7] == ""  # unknown is no number, and not 0
    assert rows[4][3] == "پشین"
    assert [float(row[7]) for row in rows if row[7]] == [
        m.value for m in document.metrics if m.value is not None
    ]


def test_csv_of_a_layer_is_its_attribute_table_with_positions(
    plain: ExportDocument, export: Any, tmp_path: Path
) -> None:
    one = replace(plain, layers=plain.layers[-1:])
    target = tmp_path / "a.csv"
    (finding,) = export(CsvTable(), one, target)
    head, *rows = rows_of(target)
    assert head[-4:] == ["lon", "lat", "synthetic", "sensitivity"]
    assert {tuple(row[-2:]) for row in rows} == {("true", "not stated")}
    assert [row[head.index("lon")] for row in rows] == ["67.01", "67.1", "66.95", "", ""]
    assert [row[head.index("people")] for row in rows] == ["1200", "0", "", "55", str(2**40)]
    assert rows[0][head.index("surveyed")] == "2022-09-01"
    assert rows[3][head.index("remarks")] == "'=1+1"
    assert rows[4][head.index("remarks")] == "-"
    assert (finding.code, finding.rows) == ("formula-as-text", (5,))


def test_csv_of_a_layer_keeps_its_own_marks(export: Any, vector: Any, tmp_path: Path) -> None:
    columns = {"Synthetic": ["yes", "no"]}
    data = vector("v", columns, [None, None], meta=Meta(sensitivity="confidential", synthetic=True))
    plain = ExportDocument(title="V", layers=(MapLayer("v", "V", data, Style()),))
    export(CsvTable(), plain, tmp_path / "a.csv")
    assert rows_of(tmp_path / "a.csv") == [
        ["Synthetic", "sensitivity"],
        ["yes", "confidential"],
        ["no", "confidential"],
    ]


def test_workbook_names_files_not_the_folders_of_whoever_made_it(
    document: ExportDocument, export: Any, tmp_path: Path
) -> None:
    inputs = (
        InputRecord("/srv/amina/secret/sites.gpkg", "", None, 5),
        InputRecord(r"C:\Users\amina\flood.tif", "", None, None),
    )
    export(Workbook(), replace(document, inputs=inputs), tmp_path / "a.xlsx")
    rows = load_workbook(str(tmp_path / "a.xlsx")).get_sheet_by_name("sources").to_python()
    assert [row[2] for row in rows if row[0] == "input"] == ["sites.gpkg", "flood.tif"]


def test_csv_refuses_two_tables(plain: ExportDocument, export: Any, tmp_path: Path) -> None:
    with pytest.raises(Problem, match="one table"):
        export(CsvTable(), plain, tmp_path / "a.csv")


def test_a_raster_alone_is_no_table(plain: ExportDocument, export: Any, tmp_path: Path) -> None:
    with pytest.raises(Problem, match="no table"):
        export(CsvTable(), replace(plain, layers=plain.layers[:1]), tmp_path / "a.csv")


@pytest.mark.parametrize("text", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1"])
def test_csv_defuses_formulas_in_figures_too(
    text: str, document: ExportDocument, export: Any, tmp_path: Path
) -> None:
    metrics = (replace(document.metrics[0], area_name=text), replace(document.metrics[1], class_="-5"))
    findings = export(CsvTable(), replace(document, metrics=metrics), tmp_path / "a.csv")
    _, first, second = rows_of(tmp_path / "a.csv")
    assert first[3] == "'" + text
    assert second[5] == "-5"  # a plain number is no formula
    assert [finding.code for finding in findings] == ["formula-as-text"]


def test_workbook_has_figures_findings_and_sources(
    document: ExportDocument, export: Any, tmp_path: Path
) -> None:
    target = tmp_path / "a.xlsx"
    assert export(Workbook(), document, target) == ()
    book = load_workbook(str(target))
    assert book.sheet_names == ["metrics", "findings", "sources", "provenance"]
    head, *rows = book.get_sheet_by_name("metrics").to_python()
    assert head[:9] == NINE
    assert rows[5][7] == 1 / 3
    assert rows[6][7] == 12345678.9
    assert rows[2][7] == ""
    assert rows[4][3] == "پشین"
    assert book.get_sheet_by_name("findings").to_python()[1][:4] == [
        "no-position",
        "warning",
        1.0,
        "1 row has no position.",
    ]
    sources = book.get_sheet_by_name("sources").to_python()
    told = {(row[0], row[1] or row[2]) for row in sources[1:]}
    assert ("sensitivity", "Sensitivity: not stated – treat as restricted") in told
    assert ("synthetic", "SYNTHETIC DATA – not real places or people") in told
    assert ("input", "depth.tif") in told
    assert ("run id", "run-0123") in told
    assert any(row[3] == "ab" * 32 for row in sources)


def test_workbook_keeps_text_as_text(plain: ExportDocument, export: Any, tmp_path: Path) -> None:
    target = tmp_path / "a.xlsx"
    export(Workbook(), plain, target)
    book = load_workbook(str(target))
    assert book.sheet_names == ["Districts", "Sites by flood depth", "findings", "sources"]
    head, *rows = book.get_sheet_by_name("Sites by flood depth").to_python()
    assert rows[3][head.index("remarks")] == "=1+1"
    assert rows[0][head.index("has_school")] is True
    assert rows[2][head.index("has_school")] == ""
    assert rows[0][head.index("surveyed")].isoformat().startswith("2022-09-01")


def test_workbook_is_the_same_twice(document: ExportDocument, export: Any, tmp_path: Path) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        export(Workbook(), document, tmp_path / name)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_run_document_is_what_the_run_said(
    document: ExportDocument, plain: ExportDocument, export: Any, tmp_path: Path
) -> None:
    export(RunDocument(), document, tmp_path / "a.json")
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8")) == document.run
    with pytest.raises(Problem, match="not the result of a run"):
        export(RunDocument(), plain, tmp_path / "b.json")


def test_picture_is_asked_of_the_painter(
    document: ExportDocument, export: Any, painter: Any, tmp_path: Path
) -> None:
    export(MapPicture(), document, tmp_path / "a.png", width=900, height=700)
    assert painter.asked == [(900, 700)]
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
