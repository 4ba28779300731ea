"""Workbooks as programs really write them: formulas, hidden sheets, damage, and sizes."""

from __future__ import annotations

import io
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from made_tables import codes_of, names_of, ods_of, ods_row, opened, said, xlsx_of

from migmap.api import Problem
from migmap.io.probe import probe
from migmap.io.reference import Reference, parse_reference
from migmap.io.tables import workbook_head


def test_a_formula_without_a_result_is_blank_and_not_0(tmp_path: Path) -> None:
    def fill(book: Any) -> None:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["village", "men", "all"])
        sheet.write_row(1, 0, ["A", 10])
        sheet.write_formula(1, 2, "=B2*2")
        sheet.write_row(2, 0, ["B", 20])
        sheet.write_formula(2, 2, "=B3*2")
        sheet.write_row(3, 0, ["C", 30, 60])

    data = opened(xlsx_of(tmp_path, fill))
    assert np.isnan(data.frame["all"][0])
    assert data.frame["all"].sum() == 60
    finding = said(data, "formula-without-value")
    assert (finding.count, finding.rows) == (2, (2, 3))


def test_results_that_are_there_are_used_also_zeros(tmp_path: Path) -> None:
    def fill(book: Any) -> None:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["village", "all"])
        sheet.write_row(1, 0, ["A"])
        sheet.write_formula(1, 1, "=1-1", None, 0)
        sheet.write_row(2, 0, ["B"])
        sheet.write_formula(2, 1, "=1+1", None, 2)

    data = opened(xlsx_of(tmp_path, fill))
    assert data.frame["all"].tolist() == [0, 2]
    assert "formula-without-value" not in codes_of(data)


def test_errors_hidden_rows_and_hidden_sheets_are_said(tmp_path: Path) -> None:
    def fill(book: Any) -> None:
        sheet = book.add_worksheet("Data")
        sheet.write_row(0, 0, ["village", "share"])
        sheet.write_row(1, 0, ["A", 0.5])
        sheet.write_row(2, 0, ["B"])
        sheet.write_formula(2, 1, "=1/0", None, "#DIV/0!")
        sheet.set_row(1, None, None, {"hidden": True})
        book.add_worksheet("Old").hide()

    data = opened(xlsx_of(tmp_path, fill))
    assert len(data.frame) == 2
    assert said(data, "formula-error").rows == (3,)
    assert said(data, "hidden-rows").rows == (2,)
    assert "“Old”" in said(data, "hidden-sheets").message


def test_formulas_and_hidden_rows_of_an_ods(tmp_path: Path) -> None:
    formula = '<table:table-cell table:formula="of:=1+1"/>'
    rows = (
        ods_row("village", "people") + f"<table:table-row>{ods_row('A')[17:-18]}{formula}</table:table-row>"
    )
    hidden = ods_row("B", 7).replace("<table:table-row>", '<table:table-row table:visibility="filter">')
    data = opened(ods_of(tmp_path, f'<table:table table:name="S">{rows}{hidden}</table:table>'))
    assert data.frame["people"].sum() == 7
    assert said(data, "formula-without-value").rows == (2,)
    assert said(data, "hidden-rows").rows == (3,)


def test_a_sheet_that_claims_to_be_huge_is_refused(tmp_path: Path) -> None:
    def fill(book: Any) -> None:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["a", 1])
        sheet.write(1_048_575, 16_383, "x")

    for look in (opened, lambda f: probe(Reference(f))):
        with pytest.raises(Problem, match="the limit is"):
            look(xlsx_of(tmp_path, fill))


def test_an_ods_that_unfolds_to_billions_of_cells_is_refused(tmp_path: Path) -> None:
    cell = (1, ' table:number-columns-repeated="16384"')
    row = ods_row(cell).replace("row>", 'row table:number-rows-repeated="1048576">', 1)
    file = ods_of(tmp_path, f'<table:table table:name="S">{ods_row("a")}{row}</table:table>')
    with pytest.raises(Problem, match="limit"):
        opened(file)


def test_entities_of_their_own_are_refused(tmp_path: Path) -> None:
    sheet = f'<table:table table:name="S">{ods_row("a&b;")}</table:table>'
    with pytest.raises(Problem, match="entities"):
        opened(ods_of(tmp_path, sheet, before='<!DOCTYPE x [<!ENTITY b "bbbb">]>'))


def test_a_locked_workbook_says_so(tmp_path: Path) -> None:
    locked = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le")
    (tmp_path / "l.xlsx").write_bytes(locked + bytes(2000))
    with pytest.raises(Problem, match="locked with a password"):
        opened(tmp_path / "l.xlsx")


@pytest.mark.parametrize("ending", ["xlsx", "ods"])
def test_the_head_of_a_large_workbook_is_what_the_whole_would_say(
    tmp_path: Path, ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill(book: Any) -> None:
        sheet = book.add_worksheet("Data")
        sheet.write_row(0, 0, ["name", "lat", "lon", "people"])
        for row in range(1, 3_001):
            sheet.write_row(row, 0, [f"Village {row}", 30 + row / 1000, 70 + row / 1000, row])
        book.add_worksheet("More").write_row(0, 0, ["x", "y"])

    if ending == "xlsx":
        file = xlsx_of(tmp_path, fill)
    else:
        rows = "".join(ods_row(f"Village {i}", 30, 70, i) for i in range(1, 3_001))
        sheets = (
            f'<table:table table:name="Data">{ods_row("name", "lat", "lon", "people")}{rows}</table:table>'
        )
        file = ods_of(tmp_path, sheets + f'<table:table table:name="More">{ods_row("x")}</table:table>')
    whole = probe(Reference(file))
    monkeypatch.setattr(workbook_head, "SMALL_BYTES", 1_000)
    head = probe(Reference(file))
    assert (head.rows, head.columns, head.layers) == (3_000, whole.columns, ("Data", "More"))
    assert [f.code for f in head.findings] == [f.code for f in whole.findings]
    assert probe(parse_reference(f"{file}::More")).columns[0].name == "x"


@cache
def _xlsx_bytes() -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("S")
        sheet.merge_range(0, 1, 0, 2, "IDPs")
        sheet.write_row(1, 0, ["district", "men", "women"])
        sheet.write_row(2, 0, ["A", 1, 2])
        sheet.write_formula(3, 1, "=B3")
    return out.getvalue()


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_damaged_workbooks_open_or_are_refused(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Bytes of the archive, and bytes of the parts inside it, changed at will."""
    folder = tmp_path_factory.mktemp("damaged")
    if data.draw(st.booleans()):
        original = bytearray(_xlsx_bytes())
        for _ in range(data.draw(st.integers(1, 8))):
            original[data.draw(st.integers(0, len(original) - 1))] = data.draw(st.integers(0, 255))
        (folder / "d.xlsx").write_bytes(original)
    else:
        pieces = [
            b"<",
            b">",
            b'"',
            b'r="ZZ9"',
            b'r="A99999999"',
            b"<f>",
            b"</row>",
            b"&#0;",
            b"\xff",
            b't="s"',
        ]
        with zipfile.ZipFile(io.BytesIO(_xlsx_bytes())) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        name = data.draw(
            st.sampled_from(["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/sharedStrings.xml"])
        )
        for _ in range(data.draw(st.integers(1, 4))):
            text = parts[name]
            place = data.draw(st.integers(0, len(text)))
            cut = data.draw(st.integers(0, 20))
            parts[name] = text[:place] + data.draw(st.sampled_from(pieces)) + text[place + cut :]
        with zipfile.ZipFile(folder / "d.xlsx", "w") as archive:
            for part, content in parts.items():
                archive.writestr(part, content)
    for look in (opened, lambda f: probe(Reference(f))):
        try:
            look(folder / "d.xlsx")
        except Problem:
            continue


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_damaged_open_document_sheets_open_or_are_refused(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    rows = ods_row("district", "people") + ods_row("A", 1) + ods_row("Total", 1)
    sheet = f'<table:table table:name="S">{rows}</table:table>'
    pieces = ['"', "<", "table:number-rows-repeated='99999999'", "</table:table-row>", "&x;", "<table:table>"]
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(sheet)))
        cut = data.draw(st.integers(0, 12))
        sheet = sheet[:place] + data.draw(st.sampled_from(pieces)) + sheet[place + cut :]
    file = ods_of(tmp_path_factory.mktemp("damaged"), sheet)
    for look in (opened, lambda f: probe(Reference(f))):
        try:
            look(file)
        except Problem:
            continue


@pytest.mark.parametrize(
    "sheet",
    [
        # The reader alone would wait for the end of these tables for ever.
        f'<table:table table:name="S">{ods_row("district", "people")}</table:tabl<table:table-row>',
        f'<table:table table:name="S">{ods_row("district", "people")}',
        f"<table:table>{ods_row('district', 'people')}",
        "",
    ],
)
def test_tables_that_never_end_are_refused(tmp_path: Path, sheet: str) -> None:
    for look in (opened, lambda f: probe(Reference(f))):
        with pytest.raises(Problem, match="cannot be read"):
            look(ods_of(tmp_path, sheet))


def test_a_sheet_beside_the_one_read_must_not_be_endless(tmp_path: Path) -> None:
    """The reader unfolds all sheets."""
    small = f'<table:table table:name="S">{ods_row("district", "people") + ods_row("A", 1)}</table:table>'
    row = ods_row(*(("x", ' table:number-columns-repeated="900"'),))
    endless = row.replace("<table:table-row>", '<table:table-row table:number-rows-repeated="9999999">')
    file = ods_of(tmp_path, f'{small}<table:table table:name="T">{endless}</table:table>')
    with pytest.raises(Problem, match="limit is"):
        opened(file)


def test_a_locked_open_document_sheet_says_so(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "t.ods", "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest><encryption-data/></manifest>")
        archive.writestr("content.xml", b"\x01\x02")
    with pytest.raises(Problem, match="locked with a password"):
        opened(tmp_path / "t.ods")


def test_old_workbooks_are_read_like_new_ones(shared_data: Any) -> None:
    folder = shared_data("nasty-hxl")
    old, new = opened(folder / "input-valid.xls"), opened(folder / "input-valid.xlsx")
    assert [n.lstrip("¿") for n in names_of(new)] == names_of(old)
    assert old.frame.iloc[:, 4].tolist()[0] == new.frame.iloc[:, 4].tolist()[0] == 100
