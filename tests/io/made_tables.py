"""Small tables for tests: text and workbooks written on the spot, read through the public door."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import xlsxwriter

from migmap.api import AS_FOUND, Finding, Reading, VectorData
from migmap.io.read import read
from migmap.io.reference import parse_reference

_ODS = (
    '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
)
_MANIFEST = (
    '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
    '<manifest:file-entry manifest:full-path="/" '
    'manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/></manifest:manifest>'
)


def opened(path: Path | str, reading: Reading = AS_FOUND) -> VectorData:
    data = read(parse_reference(str(path)), reading=reading)
    assert isinstance(data, VectorData)
    return data


def csv_of(folder: Path, text: str | bytes, name: str = "t.csv") -> Path:
    file = folder / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def xlsx_of(folder: Path, fill: Callable[[Any], None], name: str = "t.xlsx") -> Path:
    """`fill` gets the workbook."""
    with xlsxwriter.Workbook(str(folder / name)) as book:
        fill(book)
    return folder / name


def ods_of(folder: Path, sheets: str, name: str = "t.ods", before: str = "") -> Path:
    """`sheets`: the tables as they stand in content.xml."""
    with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", _MANIFEST)
        body = f"{before}{_ODS}{sheets}</office:spreadsheet></office:body></office:document-content>"
        archive.writestr("content.xml", body)
    return folder / name


def ods_row(*cells: str | int | tuple[str | int, str]) -> str:
    """A row; a cell may be (value, attributes)."""
    out = []
    for cell in cells:
        value, more = cell if isinstance(cell, tuple) else (cell, "")
        if value == "":
            out.append(f"<table:table-cell{more}/>")
        elif isinstance(value, int):
            attributes = f'office:value-type="float" office:value="{value}"{more}'
            out.append(f"<table:table-cell {attributes}><text:p>{value}</text:p></table:table-cell>")
        else:
            attributes = f'office:value-type="string"{more}'
            out.append(f"<table:table-cell {attributes}><text:p>{value}</text:p></table:table-cell>")
    return "<table:table-row>" + "".join(out) + "</table:table-row>"


def names_of(data: VectorData) -> list[str]:
    return [str(c) for c in data.frame.columns if c != "geometry"]


def said(data: VectorData, code: str) -> Finding:
    return next(f for f in data.findings if f.code == code)


def codes_of(data: VectorData) -> set[str]:
    return {f.code for f in data.findings}


def aside_of(data: VectorData) -> dict[str, list[int]]:
    return {rows.code: rows.row_numbers.tolist() for rows in data.aside}
