"""Tables as they lie in the file: a header, an HXL tag row if there is one, rows of raw cells."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import python_calamine

from migmap.api import Finding, Problem

from .archive import check_limits, member_bytes
from .place import Place
from .wording import counted

MAX_CELLS = 100_000_000
MAX_CSV_BYTES = 4 << 30
COUNT_BYTES = 50_000_000
"""Up to here a probe counts the rows, which means reading the file."""
_DELIMITERS = (",", ";", "\t", "|")
_HEAD_ROWS = 25
_HXL_TAG = re.compile(r"#\s*[A-Za-z]\w*(\s*\+\s*\w+)*\s*")


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """cells: DataFrame with unique column names; CSV cells are text, spreadsheet cells keep their type
    in object columns; blank is null. row_numbers: int64, the line or sheet row of each row, from 1.
    hxl: column -> tag. parts: the sheets that can be named. total: rows in the file, None when only its
    head was read.
    """

    cells: pd.DataFrame
    row_numbers: np.ndarray
    driver: str
    part: str | None = None
    hxl: dict[str, str] | None = None
    parts: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    total: int | None = None


def read_grid(place: Place, limit: int | None = None) -> Grid:
    """The table at `place`; with `limit`, its first rows only. Problem: unreadable, not text, no rows at
    all, no such sheet, beyond a limit."""
    if place.ending in ("xlsx", "xlsm", "xlsb", "xls", "ods"):
        return _workbook(place, limit)
    return _delimited(place, limit)


# --- text files


def _delimited(place: Place, limit: int | None) -> Grid:
    if place.layer not in (None, place.path.stem):
        raise Problem(f"{place.path} is a text table: it has no sheets.", fix=f"Name {place.path} alone.")
    data, complete = _bytes(place, limit)
    encoding, note = text_encoding(data, place.title, place.called, complete)
    text_head = data[: 1 << 18].decode(encoding, "replace")
    delimiter = _delimiter(text_head, place.ending)
    head = _head_rows(text_head, delimiter)
    if not any(any(cell.strip() for cell in row) for row in head):
        raise Problem(
            f"{place.title} is empty: it has no rows.", fix="Check that the right file was exported."
        )
    top, tag_row = _header_rows(head)
    if place.ending == "txt" and not _even(head):
        raise Problem(f"{place.title} is text, not a table.", fix="Give a CSV or XLSX file.")
    findings = [note] if note else []
    frame = _parsed(data, encoding, delimiter, max(len(row) for row in head), place, complete)
    long_rows: np.ndarray = np.zeros(0, dtype=np.int64)
    width = max(len(head[top]), len(head[tag_row]) if tag_row is not None else 0)
    if frame.shape[1] > width:
        beyond = (frame.iloc[top + 1 :, width:].fillna("") != "").any(axis=1).to_numpy()
        long_rows = np.flatnonzero(beyond) + top + 2
        if not len(long_rows):
            frame = frame.iloc[:, :width]
    findings += _long(long_rows, width)
    return _grid(frame, (head, top, tag_row), "CSV", None, (), findings, limit, complete)


def _bytes(place: Place, limit: int | None) -> tuple[bytes, bool]:
    if place.member is not None:
        return member_bytes(place.path, place.member), True
    size = place.path.stat().st_size
    if size > MAX_CSV_BYTES:
        raise Problem(
            f"{place.title} is {size / 1e9:.1f} GB; the limit is {MAX_CSV_BYTES / 1e9:.1f} GB.",
            fix="Split it, or save it as a GeoPackage.",
        )
    with open(place.path, "rb") as stream:
        if limit is None or size <= COUNT_BYTES:
            return stream.read(), True
        # A probe: enough bytes for the first thousand rows of all but the widest tables.
        data = stream.read(2 << 20)
        return data[: data.rfind(b"\n") + 1] or data, False


def text_encoding(data: bytes, title: str, called: str, complete: bool = True) -> tuple[str, Finding | None]:
    """(codec, what to say about it). UTF-8 with or without mark, UTF-16 with a mark, else Windows-1252.
    Problem for bytes that are no text."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16", None
    if b"\0" in data[: 1 << 16]:
        raise Problem(f"{title} is not a text file.", fix="Save it as CSV (UTF-8) or give the original file.")
    codec = "utf-8-sig" if data.startswith(b"\xef\xbb\xbf") else "utf-8"
    try:
        data.decode(codec)
        return codec, None
    except UnicodeDecodeError as error:
        if not complete and error.start >= len(data) - 4:
            return codec, None
    try:
        data.decode("cp1252")
        codec = "cp1252"
    except UnicodeDecodeError:
        codec = "latin-1"
    shown = "Windows-1252" if codec == "cp1252" else "Latin-1"
    return codec, Finding(
        "encoding-guessed",
        "info",
        f"{called} is not UTF-8; its text was read as {shown}. If letters look wrong, save it as UTF-8.",
    )


def _delimiter(text: str, ending: str) -> str:
    """The mark that splits the first lines most evenly into most columns."""
    lines = [line for line in text.splitlines()[:60] if line.strip()][:30]
    best, best_score = ("\t" if ending == "tsv" else ","), 0.0
    for mark in _DELIMITERS:
        widths = [len(row) for row in csv.reader(lines, delimiter=mark)]
        if not widths:
            continue
        usual = max(set(widths), key=widths.count)
        if usual > 1:
            score = widths.count(usual) / len(widths) + min(usual, 50) / 100
            if score > best_score:
                best, best_score = mark, score
    return best


def _even(head: Sequence[Sequence[str]]) -> bool:
    """True when nearly all lines fall into the same number of columns, more than one: prose does not."""
    widths = [len(row) for row in head if any(row)]
    usual = max(set(widths), key=widths.count)
    return usual > 1 and widths.count(usual) >= 0.8 * len(widths)


def _head_rows(text: str, delimiter: str) -> list[list[str]]:
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            rows.append([cell.strip() for cell in row])
            if len(rows) == _HEAD_ROWS:
                break
    except csv.Error:
        # A cell beyond the csv module's limit: the rows before it are enough to find the header.
        pass
    return rows


def _parsed(
    data: bytes, encoding: str, delimiter: str, width: int, place: Place, complete: bool
) -> pd.DataFrame:
    """All rows as text, none dropped; rows longer than the header widen the table."""
    options: dict[str, Any] = {
        "sep": delimiter,
        "encoding": encoding,
        "header": None,
        "dtype": str,
        "keep_default_na": False,
        "na_values": [""],
        "skip_blank_lines": False,
        "low_memory": False,
    }
    while True:
        try:
            return pd.read_csv(io.BytesIO(data), names=list(range(width)), index_col=False, **options)
        except pd.errors.EmptyDataError as error:
            raise Problem(f"{place.title} is empty: it has no rows.") from error
        except (pd.errors.ParserError, ValueError) as error:
            torn = re.search(r"EOF inside string starting at row (\d+)", str(error))
            if torn and not complete and "nrows" not in options:
                # Only the head was read, and it ends inside a quoted cell: its last row is left out.
                options["nrows"] = int(torn.group(1))
                continue
            wider = re.search(r"saw (\d+)", str(error))
            if wider is None or int(wider.group(1)) <= width:
                raise Problem(
                    f"{place.title} cannot be read as a table.",
                    detail=str(error).strip(),
                    fix="Look for a quotation mark that is never closed, or save it again as CSV.",
                ) from error
            width = int(wider.group(1))


def _long(rows: np.ndarray, width: int) -> list[Finding]:
    if not len(rows):
        return []
    return [
        Finding(
            "row-too-long",
            "warning",
            f"{counted(len(rows), 'row has', 'rows have')} more cells than the header's {width}; the extra "
            "cells stand in columns of their own at the end.",
            count=len(rows),
            rows=tuple(int(r) for r in rows[:1000]),
        )
    ]


# --- workbooks


def _workbook(place: Place, limit: int | None) -> Grid:
    driver = place.ending.upper()
    source: Any = str(place.path)
    if place.member is not None:
        source = io.BytesIO(member_bytes(place.path, place.member))
    elif zipfile.is_zipfile(place.path):
        check_limits(place.path)
    with _damage_named(place), python_calamine.load_workbook(source) as book:
        sheet, name, names, findings = _sheet(place, book)
        tall, wide = (edge + 1 for edge in sheet.end or (0, 0))
        if tall * wide > MAX_CELLS:
            raise Problem(
                f"Sheet “{name}” of {place.title} spans {tall:,} rows and {wide:,} columns; the limit is "
                f"{MAX_CELLS:,} cells.",
                fix="Delete what lies outside the table, or save the sheet as CSV.",
            )
        rows = sheet.to_python(skip_empty_area=False)
    rows = [[_cell(c) for c in row] for row in rows]
    head = [["" if c is None else str(c) for c in row] for row in rows[:_HEAD_ROWS]]
    if not any(any(c for c in row) for row in head):
        raise Problem(
            f"Sheet “{name}” of {place.title} is empty.",
            detail=f"Its sheets are {', '.join(names)}." if len(names) > 1 else "",
            fix="Name another sheet." if len(names) > 1 else "Check that the right file was exported.",
        )
    top, tag_row = _header_rows(head)
    width = max(len(r) for r in rows)
    frame = pd.DataFrame(rows, columns=list(range(width)), dtype=object)
    parts = tuple(names) if len(names) > 1 else ()
    return _grid(frame, (head, top, tag_row), driver, name, parts, findings, limit, True)


def _sheet(place: Place, book: Any) -> tuple[Any, str, list[str], list[Finding]]:
    sheets = [meta for meta in book.sheets_metadata if meta.typ == python_calamine.SheetTypeEnum.WorkSheet]
    names = [meta.name for meta in sheets]
    wanted = place.layer
    if wanted is not None:
        if wanted not in names:
            match = [n for n in names if n.strip().lower() == wanted.strip().lower()]
            if not match and wanted.isdigit() and 1 <= int(wanted) <= len(names):
                match = [names[int(wanted) - 1]]
            if not match:
                raise Problem(
                    f"{place.path} has no sheet “{wanted}”.",
                    detail=f"Its sheets are {', '.join(names)}.",
                    fix=f"Name one: {place.path}::{names[0]}." if names else "Give another file.",
                )
            wanted = match[0]
        return book.get_sheet_by_name(wanted), wanted, names, []
    if not names:
        raise Problem(f"{place.title} has no sheets.", fix="Give another file.")
    visible = [m.name for m in sheets if m.visible == python_calamine.SheetVisibleEnum.Visible] or names
    full = []
    for name in visible:
        sheet = book.get_sheet_by_name(name)
        if sheet.height > 0:
            full.append((sheet, name))
    if not full:
        return book.get_sheet_by_name(visible[0]), visible[0], names, []
    findings = []
    if len(full) > 1:
        others = ", ".join(f"“{n}”" for _, n in full[1:])
        findings.append(
            Finding(
                "sheet-chosen",
                "warning",
                f"{place.called} holds several sheets: “{full[0][1]}” was read, not {others}. Name another "
                f"with {place.path.name}::SHEET.",
            )
        )
    return full[0][0], full[0][1], names, findings


@contextmanager
def _damage_named(place: Place) -> Iterator[None]:
    """What the workbook reader stumbles over, as a Problem."""
    try:
        yield
    except python_calamine.PasswordError as error:
        raise Problem(f"{place.title} is locked with a password.", fix="Save it without one.") from error
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise _broken(place, str(error).strip()) from error
    except BaseException as error:
        # On damaged files the Rust reader panics, which arrives as a BaseException of its own kind.
        if type(error).__name__ != "PanicException":
            raise
        raise _broken(place, "Its inside does not fit together.") from error


def _broken(place: Place, detail: str) -> Problem:
    return Problem(
        f"{place.title} cannot be read as a workbook.",
        detail=detail,
        fix="Open it in a spreadsheet program and save it again as XLSX or CSV.",
    )


def _cell(value: Any) -> Any:
    """None for a blank cell; whole floats as int, because spreadsheets know no other numbers."""
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return value


# --- both


def _header_rows(head: Sequence[Sequence[str]]) -> tuple[int, int | None]:
    """(index of the header, index of the HXL tag row or None) among the first rows."""
    tag_row = next((i for i, row in enumerate(head) if is_hxl_row(row)), None)
    first = next((i for i, row in enumerate(head) if any(c.strip() for c in row)), 0)
    if tag_row is None:
        return first, None
    above = [i for i in range(tag_row) if any(c.strip() for c in head[i])]
    return (above[-1] if above else tag_row), tag_row


def is_hxl_row(row: Sequence[str]) -> bool:
    """True for a row of HXL tags: every cell that is not blank looks like one, or nearly all do."""
    cells = [c.strip() for c in row if c and c.strip()]
    tags = sum(bool(_HXL_TAG.fullmatch(c)) for c in cells)
    return tags > 0 and tags >= 0.75 * len(cells)


def _grid(
    frame: pd.DataFrame,
    top_rows: tuple[Sequence[Sequence[str]], int, int | None],
    driver: str,
    part: str | None,
    parts: tuple[str, ...],
    findings: list[Finding],
    limit: int | None,
    complete: bool,
) -> Grid:
    """top_rows: the first rows as text, the header's index, the tag row's. complete: `frame` is all."""
    head, top, tag_row = top_rows
    width = frame.shape[1]
    header = [*head[top], *[""] * width][:width]
    if tag_row is not None:
        header = [h or _above(head, top, i) for i, h in enumerate(header)]
    names = column_names(header)
    frame.columns = pd.Index(names, dtype=object)
    hxl: dict[str, str] = {}
    start = top + 1
    if tag_row is not None:
        tags = [*head[tag_row], *[""] * width][:width]
        hxl = {n: re.sub(r"\s+", "", t).lower() for n, t in zip(names, tags, strict=True) if t.strip()}
        start = tag_row + 1
    body = frame.iloc[start:]
    numbers = np.arange(start + 1, start + 1 + len(body), dtype=np.int64)
    filled = body.notna().any(axis=1).to_numpy()
    body = body[filled].reset_index(drop=True)
    total = len(body) if complete else None
    # A column without name and without a single value is only the sheet's edge.
    used = [i for i in range(width) if header[i] or names[i] in hxl or body.iloc[:, i].notna().any()]
    body, rows = body.iloc[:limit, used], numbers[filled][:limit]
    return Grid(body, rows, driver, part, hxl, parts, tuple(findings), total)


def _above(head: Sequence[Sequence[str]], top: int, column: int) -> str:
    """The nearest filled cell over the header's: where headers have two levels, some columns stand above."""
    cells = (head[i][column] for i in range(top - 1, -1, -1) if column < len(head[i]))
    return next((cell for cell in cells if cell), "")


def column_names(header: Sequence[str]) -> list[str]:
    """Unique names: blanks become `column_3`, repeats get `_2`, `_3`."""
    names: list[str] = []
    taken: set[str] = set()
    for index, raw in enumerate(header, start=1):
        base = re.sub(r"\s+", " ", str(raw)).strip() or f"column_{index}"
        if base.lower() == "geometry":
            # The name belongs to the shapes.
            base = f"{base}_text"
        name, count = base, 1
        while name in taken:
            count += 1
            name = f"{base}_{count}"
        taken.add(name)
        names.append(name)
    return names
