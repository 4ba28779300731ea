"""Workbooks: XLSX and its relatives, XLS, ODS, through the calamine reader."""

from __future__ import annotations

import io
import os
import re
import threading
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pandas as pd
import pyarrow
import pyarrow.compute
import python_calamine

from migmap.api import Finding, Problem

from ..archive import check_limits, member_bytes
from ..place import Place
from ..wording import counted
from .rawtable import HEAD_ROWS, Merge, RawTable, SheetScan
from .sheetscan import scan_sheet
from .textcolumns import as_column, trimmed
from .workbook_head import Head, SheetFile, sheet_files, shortened
from .xlsscan import Damaged, check_xlsb, scan_xls

MAX_CELLS = 40_000_000
"""A cell of a workbook takes about 100 bytes while it is read: 4 GB."""
MAX_COLUMNS = 16_384
MAX_XLS_BYTES = 1 << 30
_ASIDE_SHEET = re.compile(
    r"\W*(?:read ?me|cover|about|contents?|toc|index|notes?|metadata|meta ?data|instructions?|info|legend|"
    r"lisez ?moi|disclaimer|glossary|definitions?|guide|introduction|lookups?|lists?|choices|change ?log|"
    r"summary|overview|dashboard|charts?|graphs?|pivot.*|r[ée]sum[ée]|synth[èe]se|resumen|resumo|"
    r"tableau de bord|figures?)\W*",
    re.IGNORECASE,
)


def read_workbook(place: Place, head_only: bool) -> RawTable:
    """One sheet of the workbook at `place`. Problem: no such sheet, locked, damaged, beyond a limit."""
    source: Any = str(place.path)
    packed: Any = None
    if place.member is not None:
        data = member_bytes(place.path, place.member)
        source = io.BytesIO(data)
        packed = io.BytesIO(data) if zipfile.is_zipfile(io.BytesIO(data)) else None
    elif zipfile.is_zipfile(place.path):
        check_limits(place.path)
        packed = place.path
    _refuse_legacy_lock(place)
    files = sheet_files(packed, place) if packed is not None else None
    head: Head | None = None
    if files is not None and head_only:
        chosen = _wanted_file(files, place)
        head = shortened(packed, files, chosen) if chosen is not None else None
        if head is not None:
            source = io.BytesIO(head.data)
    scan = SheetScan()
    if files is not None:
        # Before the reader sees it: it reads all of an ODS at once, however far its tables reach.
        scan = _scanned(head.data if head is not None else packed, head, files, place)
    elif place.ending == "ods" and packed is not None:
        raise _unlisted(packed, place)
    binary = _checked_binary(place, source, packed) if files is None else {}
    with _damage_named(place), python_calamine.load_workbook(source) as book:
        sheets = files if files is not None else _listed(book)
        file, findings = _sheet(place, sheets)
        name, names = file.name, [f.name for f in sheets]
        scan = binary.get(name, scan)
        sheet = book.get_sheet_by_name(name)
        tall, wide = (edge + 1 for edge in sheet.end or (0, 0))
        _check_size(tall, wide, name, place)
        rows = sheet.to_python(skip_empty_area=False)
        merges = tuple(Merge(a, b, c, d) for (a, b), (c, d) in _merged(sheet))
    merges = merges or tuple(scan.merges)
    blank: dict[int, list[int]] = {}
    for row, column in scan.without_value:
        blank.setdefault(column, []).append(row)
    nothing = pd.Series(as_column(pyarrow.nulls(len(rows), pyarrow.large_string())))
    columns = [
        _column(cells, blank.get(i, ())) if cells.count("") < len(cells) else nothing
        for i, cells in enumerate(zip(*rows, strict=True))
    ]
    del rows
    top = _first(nothing)
    first_rows = [
        list(cells) for cells in zip(*(top if c is nothing else _first(c) for c in columns), strict=True)
    ]
    if not any(any(c is not None for c in row) for row in first_rows):
        raise Problem(
            f"Sheet “{name}” of {place.title} is empty.",
            detail=f"Its sheets are {', '.join(names)}." if len(names) > 1 else "",
            fix="Name another sheet." if len(names) > 1 else "Check that the right file was exported.",
        )
    findings += _said(scan)

    def rows_from(count: int) -> pd.DataFrame:
        blank = nothing.iloc[count:].reset_index(drop=True)
        return pd.DataFrame(
            {
                i: blank if c is nothing else c.iloc[count:].reset_index(drop=True)
                for i, c in enumerate(columns)
            },
            copy=False,
        )

    return RawTable(
        head=first_rows,
        rows_from=rows_from,
        driver=place.ending.upper(),
        part=name,
        parts=tuple(names) if len(names) > 1 else (),
        merges=merges,
        findings=tuple(findings),
        complete=head is None,
        last_row=head.last_row if head is not None else None,
    )


def _scanned(packed: Any, head: Head | None, files: Sequence[SheetFile], place: Place) -> SheetScan:
    file, _ = _sheet(place, files)
    if not file.member:
        return SheetScan()
    if head is not None and file.table > 0:
        file = replace(file, table=0)
    scan = scan_sheet(packed, file, place)
    _check_size(scan.rows, scan.columns, file.name, place)
    if scan.cells > MAX_CELLS:
        raise Problem(
            f"The sheets of {place.title} span {scan.cells:,} cells; the limit is {MAX_CELLS:,} cells.",
            fix="Delete what lies outside the tables, or save the sheet you need as CSV.",
        )
    return scan


def _checked_binary(place: Place, source: Any, packed: Any) -> dict[str, SheetScan]:
    """The sheets of an XLS by name; nothing for an XLSB, which is only looked through."""
    try:
        if packed is not None:
            check_xlsb(packed)
            return {}
        if isinstance(source, io.BytesIO):
            return scan_xls(source.getvalue())
        if place.size > MAX_XLS_BYTES:
            raise Problem(
                f"{place.title} is {place.size / 1e6:,.0f} MB; the limit for this format is "
                f"{MAX_XLS_BYTES / 1e6:,.0f} MB.",
                fix="Save it as XLSX or CSV.",
            )
        data = place.path.read_bytes()
        return scan_xls(data) if data.startswith(b"\xd0\xcf\x11\xe0") else {}
    except Damaged as damage:
        raise _broken(place, str(damage)) from damage


def _unlisted(packed: Any, place: Place) -> Problem:
    """An ODS in which no table was found."""
    try:
        with zipfile.ZipFile(packed) as archive, archive.open("META-INF/manifest.xml") as stream:
            if b"encryption-data" in stream.read(1 << 20):
                return _locked(place)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, NotImplementedError, KeyError):
        pass
    return _broken(place, "No table was found in it.")


def _refuse_legacy_lock(place: Place) -> None:
    """A locked XLSX is no zip but an OLE container with a stream of that name."""
    if place.member is not None or place.ending not in ("xlsx", "xlsm", "xlsb"):
        return
    with open(place.path, "rb") as stream:
        start = stream.read(1 << 16)
    if start.startswith(b"\xd0\xcf\x11\xe0") and "EncryptedPackage".encode("utf-16-le") in start:
        raise _locked(place)


def _locked(place: Place) -> Problem:
    return Problem(f"{place.title} is locked with a password.", fix="Save it without one.")


def _check_size(tall: int, wide: int, name: str, place: Place) -> None:
    if wide > MAX_COLUMNS:
        raise Problem(
            f"Sheet “{name}” of {place.title} has {wide:,} columns; the limit is {MAX_COLUMNS:,}.",
            fix="Delete what lies outside the table.",
        )
    if tall * wide > MAX_CELLS:
        raise Problem(
            f"Sheet “{name}” of {place.title} spans {tall:,} rows and {wide:,} columns; the limit is "
            f"{MAX_CELLS:,} cells.",
            fix="Delete what lies outside the table, or save the sheet as CSV.",
        )


def _merged(sheet: Any) -> Sequence[Any]:
    return sheet.merged_cell_ranges or []


def _match(wanted: str, names: Sequence[str]) -> str | None:
    if wanted in names:
        return wanted
    match = [n for n in names if n.strip().lower() == wanted.strip().lower()]
    if not match and wanted.isdigit() and 1 <= int(wanted) <= len(names):
        match = [names[int(wanted) - 1]]
    return match[0] if match else None


def _wanted_file(files: Sequence[SheetFile], place: Place) -> SheetFile | None:
    """The sheet that will be read, as far as the zip's own lists tell."""
    names = [f.name for f in files]
    if place.layer is not None:
        name = _match(place.layer, names)
        return next((f for f in files if f.name == name), None)
    visible = [f for f in files if f.visible] or list(files)
    full = [f for f in visible if f.filled]
    return _first_of_data(full) if full else None


def _first_of_data(sheets: Sequence[SheetFile]) -> SheetFile:
    """The first sheet whose name is not that of a cover page or of notes."""
    return next((s for s in sheets if not _ASIDE_SHEET.fullmatch(s.name)), sheets[0])


def _listed(book: Any) -> list[SheetFile]:
    """The sheets as the reader lists them."""
    return [
        SheetFile(
            meta.name,
            "",
            0,
            meta.visible == python_calamine.SheetVisibleEnum.Visible,
            book.get_sheet_by_name(meta.name).height > 0,
        )
        for meta in book.sheets_metadata
        if meta.typ == python_calamine.SheetTypeEnum.WorkSheet
    ]


def _sheet(place: Place, sheets: Sequence[SheetFile]) -> tuple[SheetFile, list[Finding]]:
    """(the sheet to read, what to say)."""
    names = [f.name for f in sheets]
    if place.layer is not None:
        name = _match(place.layer, names)
        if name is None:
            raise Problem(
                f"{place.path} has no sheet “{place.layer}”.",
                detail=f"Its sheets are {', '.join(names)}.",
                fix=f"Name one: {place.path}::{names[0]}." if names else "Give another file.",
            )
        return next(f for f in sheets if f.name == name), []
    if not names:
        raise Problem(f"{place.title} has no sheets.", fix="Give another file.")
    hidden = [f.name for f in sheets if not f.visible]
    findings = []
    if hidden and len(hidden) < len(names):
        listed = ", ".join(f"“{n}”" for n in hidden)
        findings.append(
            Finding(
                "hidden-sheets",
                "info",
                f"{place.called} has hidden sheets, which were not read: {listed}.",
                count=len(hidden),
            )
        )
    visible = [f for f in sheets if f.visible] or list(sheets)
    full = [f for f in visible if f.filled]
    if not full:
        return visible[0], findings
    chosen = _first_of_data(full)
    if len(full) > 1:
        others = ", ".join(f"“{f.name}”" for f in full if f is not chosen)
        findings.append(
            Finding(
                "sheet-chosen",
                "warning",
                f"{place.called} holds several sheets: “{chosen.name}” was read, not {others}. Name another "
                f"with {place.path.name}::SHEET.",
            )
        )
    return chosen, findings


def _said(scan: SheetScan) -> list[Finding]:
    findings = []
    if scan.without_value:
        rows = sorted({row + 1 for row, _ in scan.without_value})
        findings.append(
            Finding(
                "formula-without-value",
                "warning",
                f"{counted(len(scan.without_value), 'cell holds', 'cells hold')} a formula whose result is "
                "not in the file; they count as blank, not as 0. Open the workbook in a spreadsheet program "
                "and save it, then the results are there.",
                count=len(scan.without_value),
                rows=tuple(rows[:1000]),
            )
        )
    if scan.errors:
        rows = sorted({row + 1 for row, _ in scan.errors})
        findings.append(
            Finding(
                "formula-error",
                "warning",
                f"{counted(len(scan.errors), 'cell holds', 'cells hold')} an error such as #REF! or #DIV/0! "
                "instead of a value; they count as blank.",
                count=len(scan.errors),
                rows=tuple(rows[:1000]),
            )
        )
    if scan.hidden_rows:
        findings.append(
            Finding(
                "hidden-rows",
                "info",
                f"{counted(len(scan.hidden_rows), 'row is', 'rows are')} hidden in the workbook, perhaps by "
                "a filter; they are used like all others.",
                count=len(scan.hidden_rows),
                rows=tuple(row + 1 for row in scan.hidden_rows[:1000]),
            )
        )
    return findings


class _Unheard:
    """Without what the Rust reader writes to standard error before its panic arrives here: nobody who typed
    a command can make anything of it. Several threads may read: the last one out opens the ear again."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._kept: int | None = None

    def __enter__(self) -> None:
        with self._lock:
            self._inside += 1
            if self._inside > 1:
                return
            try:
                self._kept = os.dup(2)
            except OSError:
                return  # a window without a console has none
            with open(os.devnull, "wb") as nothing:
                os.dup2(nothing.fileno(), 2)

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside or self._kept is None:
                return
            os.dup2(self._kept, 2)
            os.close(self._kept)
            self._kept = None


_unheard = _Unheard()


@contextmanager
def _damage_named(place: Place) -> Iterator[None]:
    """What the workbook reader stumbles over, as a Problem."""
    try:
        with _unheard:
            yield
    except python_calamine.PasswordError as error:
        raise _locked(place) from error
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


def _column(cells: Sequence[Any], blank: Sequence[int]) -> pd.Series:
    """The cells of a column, None where blank: as text where all are words, else as objects. Whole floats are
    ints, because spreadsheets know no other numbers. blank: rows whose cell holds nothing after all."""
    if blank:
        cells = list(cells)
        for row in blank:
            if row < len(cells):
                cells[row] = None
    try:
        texts = trimmed(pyarrow.array(cells, pyarrow.large_string()))
    except (pyarrow.ArrowInvalid, pyarrow.ArrowTypeError):
        return pd.Series([_cell(c) for c in cells], dtype=object)
    begins = pyarrow.compute.match_substring_regex(texts, pattern=_NUMBER_LIKE)
    if pyarrow.compute.any(begins).as_py():
        # Numbers that the file holds as text are to be told of, so they stay apart from plain text.
        return pd.Series(texts.to_pylist(), dtype=object)
    return pd.Series(as_column(texts))


_NUMBER_LIKE = r"^[^\pL]{0,3}\pN"


def _first(column: pd.Series) -> list[Any]:
    return [None if c is None or c != c else c for c in column.iloc[:HEAD_ROWS].tolist()]


def _cell(value: Any) -> Any:
    """None for a blank cell; whole floats as int, because spreadsheets know no other numbers."""
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return value
