"""What the reader of workbooks does not tell of a sheet: formulas without results, errors, hidden rows,
joined cells, and how far it really reaches. One pass over its text, nothing kept but the places."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

from migmap.api import Problem

from ..place import Place
from .odsscan import scan_ods
from .rawtable import Merge, SheetScan
from .workbook_head import SheetFile, refuse_entities

_PIECE = 4 << 20
_MOST = 200_000
"""Places kept of each kind."""
_FORMULA = re.compile(
    rb"<(?:\w+:)?c ([^>]*?)>\s*<(?:\w+:)?f(?:\s[^>]*?)?(?:/>|>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>([^<]*)</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_PLACE = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
_ERROR = re.compile(rb'<(?:\w+:)?c (?=[^>]*\bt="e")[^>]*?\br="([A-Z]{1,3})(\d{1,7})"')
_HIDDEN = re.compile(rb'<(?:\w+:)?row (?=[^>]*\bhidden="(?:1|true)")[^>]*?\br="(\d{1,7})"')
_FAR = re.compile(rb' r="([A-Z]{3})\d')
_NEAR = re.compile(rb' r="([A-Z]{1,2})\d')
_ROW = re.compile(rb'<(?:\w+:)?row [^>]*?r="(\d{1,7})"')
_MERGE = re.compile(rb'<(?:\w+:)?mergeCell ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')


def scan_sheet(packed: Any, file: SheetFile, place: Place) -> SheetScan:
    """packed: the path of the workbook, or its bytes. A damaged archive gives what was found before the
    damage: the reader itself says what is wrong."""
    scan = SheetScan()
    source = io.BytesIO(packed) if isinstance(packed, bytes) else packed
    try:
        with zipfile.ZipFile(source) as archive, archive.open(file.member) as stream:
            if file.table >= 0:
                scan_ods(stream, file.table, scan)
            else:
                _xlsx(stream, file, scan, place)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, NotImplementedError, KeyError):
        if file.table >= 0:
            raise Problem(
                f"{place.title} cannot be read: it is damaged or cut short.",
                fix="Get it again, or save it again in a spreadsheet program.",
            ) from None
        return scan
    return scan


def _xlsx(stream: Any, file: SheetFile, scan: SheetScan, place: Place) -> None:
    zeros: list[tuple[int, int]] = []
    results = False
    for number, text in enumerate(_rows_of(stream)):
        if number == 0:
            refuse_entities(text, place)
        _reach(text, scan)
        if b"<f" in text or b":f>" in text:
            for cell in _FORMULA.finditer(text):
                where = _PLACE.search(cell[1])
                if where is None:
                    continue
                value = (cell[2] or b"").strip()
                spot = _spot(where[1], where[2])
                if b't="str"' in cell[1] or b't="e"' in cell[1]:
                    continue
                if not value:
                    if len(scan.without_value) < _MOST:
                        scan.without_value.append(spot)
                elif value == b"0":
                    zeros.append(spot)
                else:
                    results = True
        if b't="e"' in text:
            scan.errors += [_spot(m[1], m[2]) for m in _ERROR.finditer(text)][: _MOST - len(scan.errors)]
        if b"hidden=" in text:
            hidden = [int(m[1]) - 1 for m in _HIDDEN.finditer(text)]
            scan.hidden_rows += hidden[: _MOST - len(scan.hidden_rows)]
        if b"mergeCell " in text:
            for m in _MERGE.finditer(text):
                top, left = _spot(m[1], m[2])
                bottom, right = _spot(m[3], m[4])
                scan.merges.append(Merge(top, left, bottom, right))
    if file.recalculated and not results:
        # Written by a program that cannot calculate: every result is a 0 that nobody computed.
        scan.without_value += zeros[: _MOST - len(scan.without_value)]


def _rows_of(stream: Any) -> Iterator[bytes]:
    """The text in pieces that end with a row."""
    rest = b""
    while piece := stream.read(_PIECE):
        text = rest + piece
        cut = text.rfind(b"</row>")
        if cut < 0:
            cut = text.rfind(b"row>")
        cut = text.find(b">", cut) + 1 if cut >= 0 else 0
        if cut:
            yield text[:cut]
            rest = text[cut:]
        else:
            rest = text
            if len(rest) > 256 << 20:
                yield rest
                rest = b""
    if rest:
        yield rest


def _reach(text: bytes, scan: SheetScan) -> None:
    start = max(text.rfind(b"<row "), text.rfind(b":row "))
    last = _ROW.search(text, max(start - 8, 0)) if start >= 0 else None
    if last:
        scan.rows = max(scan.rows, int(last[1]))
    far = {m[1] for m in _FAR.finditer(text)}
    if far:
        scan.columns = max(scan.columns, *(_column(letters) + 1 for letters in far))
    elif scan.columns == 0:
        scan.columns = max((_column(m[1]) + 1 for m in _NEAR.finditer(text[: 1 << 16])), default=0)


def _spot(letters: bytes, row: bytes) -> tuple[int, int]:
    return int(row) - 1, _column(letters)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1
