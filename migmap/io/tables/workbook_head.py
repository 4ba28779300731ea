"""The first rows of a large workbook, without reading the rest of it.

The reader of workbooks parses whole sheets. So a large one is cut first: the same archive in memory, with
the sheet's text ended after its first rows and the shared texts after the last one they use. What comes
out of it is by construction what the whole file would have given.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

from migmap.api import Problem

from ..place import Place

HEAD_ROWS = 1_100
SMALL_BYTES = 6 << 20
"""Sheets up to this size unpacked are read whole."""
COUNT_BYTES = 50_000_000
_UNPACKED_COUNT_BYTES = 150_000_000
"""Rows that the file does not state are counted in sheets up to this size unpacked: half a second."""
_SCAN_BYTES = 48 << 20
_PIECE = 1 << 20
_DOCTYPE = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


@dataclass(frozen=True, slots=True)
class SheetFile:
    """A sheet of a zipped workbook. member: its file there; table: index among the tables of an ODS, -1
    elsewhere. filled: it holds at least one cell. recalculated: the program that wrote it left the results
    of formulas to whoever opens it."""

    name: str
    member: str
    size: int
    visible: bool = True
    filled: bool = True
    table: int = -1
    recalculated: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """data: a workbook of the first rows. last_row: the last row the file says it has, None unknown."""

    data: bytes
    last_row: int | None


def sheet_files(packed: Any, place: Place) -> list[SheetFile] | None:
    """The sheets of an XLSX or ODS in their order; None where the archive is laid out otherwise, which
    leaves them to the reader. Problem for document types that define entities."""
    try:
        with zipfile.ZipFile(packed) as archive:
            names = set(archive.namelist())
            if "xl/workbook.xml" in names:
                return _xlsx_sheets(archive, names, place)
            if "content.xml" in names:
                return _ods_sheets(archive, place)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, NotImplementedError, KeyError):
        return None
    return None


def _tree(archive: zipfile.ZipFile, name: str, place: Place) -> ElementTree.Element | None:
    data = _some(archive, name, 8 << 20)
    refuse_entities(data, place)
    try:
        return ElementTree.fromstring(data)
    except ElementTree.ParseError:
        return None


def refuse_entities(data: bytes, place: Place) -> None:
    """Problem for a part of a workbook that declares entities: no spreadsheet program writes them."""
    if _DOCTYPE.search(data[:4096]):
        raise Problem(
            f"{place.title} defines its own XML entities, which no spreadsheet program does.",
            fix="Do not use this file; ask the sender for a clean one.",
        )


def _some(archive: zipfile.ZipFile, name: str, count: int) -> bytes:
    with archive.open(name) as stream:
        return stream.read(count)


def _xlsx_sheets(archive: zipfile.ZipFile, names: set[str], place: Place) -> list[SheetFile] | None:
    book = _tree(archive, "xl/workbook.xml", place)
    links = _tree(archive, "xl/_rels/workbook.xml.rels", place)
    if book is None or links is None:
        return None
    targets = {}
    for link in links:
        target = str(link.get("Target", ""))
        path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
        targets[link.get("Id")] = path
    later = next((e.get("fullCalcOnLoad") for e in book.iter() if e.tag.endswith("}calcPr")), None)
    found = []
    for sheet in (e for e in book.iter() if e.tag.endswith("}sheet")):
        key = next((v for k, v in sheet.attrib.items() if k == _R or k.endswith("}id")), None)
        member = targets.get(key)
        if member is None or member not in names or "worksheets" not in member:
            continue
        size = archive.getinfo(member).file_size
        start = _some(archive, member, 1 << 16)
        refuse_entities(start, place)
        filled = size > 1 << 16 or bool(re.search(rb"<(?:\w+:)?(?:v|is|f)[ >]", start))
        visible = sheet.get("state", "visible") == "visible"
        name = str(sheet.get("name", ""))
        found.append(SheetFile(name, member, size, visible, filled, recalculated=later in ("1", "true")))
    return found or None


def _ods_sheets(archive: zipfile.ZipFile, place: Place) -> list[SheetFile] | None:
    info = archive.getinfo("content.xml")
    refuse_entities(_some(archive, "content.xml", 4096), place)
    found: list[SheetFile] = []
    hidden: set[bytes] = set()
    read = 0
    rest = b""
    with archive.open("content.xml") as stream:
        while (piece := stream.read(_PIECE)) and read < _SCAN_BYTES:
            read += len(piece)
            text = rest + piece
            for style in re.finditer(rb'<style:style style:name="([^"]+)"[^>]*style:family="table"', text):
                after = text[style.end() : style.end() + 600].split(b"</style:style>")[0]
                if b'table:display="false"' in after:
                    hidden.add(style[1])
            for mark in re.finditer(rb"<table:table ([^>]*)>", text):
                attributes = mark[1]
                title = re.search(rb'table:name="([^"]*)"', attributes)
                style_name = re.search(rb'table:style-name="([^"]*)"', attributes)
                visible = style_name is None or style_name[1] not in hidden
                name = _unescaped(title[1]) if title else ""
                filled = b"office:value-type" in text[mark.end() :].split(b"</table:table>")[0]
                found.append(
                    SheetFile(
                        name,
                        "content.xml",
                        info.file_size,
                        visible,
                        filled or len(text) - mark.end() < 4096,
                        len(found),
                    )
                )
            # A tag may be cut by the end of the piece; what was matched must not be matched again.
            cut = text.rfind(b"<")
            rest = text[cut:] if cut >= 0 and b">" not in text[cut:] else b""
    return found or None


def _unescaped(text: bytes) -> str:
    plain = text.decode("utf-8", "replace")
    for entity, sign in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&")):
        plain = plain.replace(entity, sign)
    return plain


def shortened(packed: Any, files: list[SheetFile], chosen: SheetFile) -> Head | None:
    """A workbook of the first rows of `chosen`; None where it is small enough to be read as it is, or
    cannot be cut."""
    if chosen.size <= SMALL_BYTES:
        return None
    try:
        with zipfile.ZipFile(packed) as archive:
            if chosen.member == "content.xml":
                return _short_ods(archive, chosen)
            return _short_xlsx(archive, files, chosen)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, NotImplementedError, KeyError):
        return None


def _until(stream: Any, mark: re.Pattern[bytes], count: int, most: int) -> tuple[bytes, bool]:
    """(the text up to the end of the count-th `mark`, whether it came)."""
    text = bytearray()
    seen, position = 0, 0
    while len(text) < most:
        piece = stream.read(_PIECE)
        if not piece:
            return bytes(text), False
        text += piece
        for hit in mark.finditer(text, position):
            seen += 1
            position = hit.end()
            if seen == count:
                return bytes(text[:position]), True
        position = max(position, len(text) - 64)
    return bytes(text[:position]), seen > 0


_ROW_END = re.compile(rb"</(\w+:)?row>|<(\w+:)?row [^>]*/>")
_SI_END = re.compile(rb"</(\w+:)?si>|<(\w+:)?si\s*/>")
_SHARED = re.compile(rb'<(?:\w+:)?c [^>]*\bt="s"[^>]*>\s*<(?:\w+:)?v>\s*(\d+)')


def _short_xlsx(archive: zipfile.ZipFile, files: list[SheetFile], chosen: SheetFile) -> Head | None:
    with archive.open(chosen.member) as stream:
        text, cut = _until(stream, _ROW_END, HEAD_ROWS, _SCAN_BYTES)
        if not cut:
            return None
        last_row = _last_row(text, stream, archive, chosen)
    prefix = (re.search(rb"<(\w+:)?sheetData", text) or [b"", b""])[1] or b""
    text += b"</%ssheetData></%sworksheet>" % (prefix, prefix)
    # The size the sheet states is that of the whole.
    text = re.sub(rb"<(\w+:)?dimension [^>]*/>", b"", text, count=1)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as copy:
        for info in archive.infolist():
            name = info.filename
            if name == chosen.member:
                copy.writestr(name, text)
            elif any(name == f.member for f in files):
                copy.writestr(name, _EMPTY)
            elif name == "xl/sharedStrings.xml":
                copy.writestr(name, _short_texts(archive, name, text))
            elif name.endswith((".xml", ".rels")) and info.file_size < 4 << 20 and _needed(name):
                copy.writestr(name, archive.read(name))
    return Head(out.getvalue(), last_row)


_EMPTY = (
    b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    b"<sheetData/></worksheet>"
)


def _needed(name: str) -> bool:
    return name in ("[Content_Types].xml", "xl/workbook.xml", "xl/styles.xml") or (
        name in ("_rels/.rels", "xl/_rels/workbook.xml.rels")
    )


def _short_texts(archive: zipfile.ZipFile, name: str, sheet: bytes) -> bytes:
    """The shared texts as far as the sheet's first rows use them."""
    most = max((int(m[1]) for m in _SHARED.finditer(sheet)), default=-1) + 1
    with archive.open(name) as stream:
        text, cut = _until(stream, _SI_END, max(most, 1), _SCAN_BYTES)
    if not cut:
        return text
    prefix = (re.search(rb"<(\w+:)?sst", text) or [b"", b""])[1] or b""
    return text + b"</%ssst>" % prefix


def _last_row(text: bytes, stream: Any, archive: zipfile.ZipFile, chosen: SheetFile) -> int | None:
    """What the sheet says of its size; counted where it does not and the file is not too large for that."""
    seen = _row_number(text)
    stated = re.search(rb'<(?:\w+:)?dimension ref="[A-Z]+\d+:[A-Z]+(\d+)"', text)
    if stated and int(stated[1]) > seen:
        return int(stated[1])
    if not _may_be_counted(archive, chosen):
        return None
    tail = b""
    last = seen
    for piece in _pieces(stream):
        tail = tail[-4096:] + piece
        last = max(last, _row_number(tail))
    return last


def _may_be_counted(archive: zipfile.ZipFile, chosen: SheetFile) -> bool:
    packed = sum(info.compress_size for info in archive.infolist())
    return packed <= COUNT_BYTES and chosen.size <= _UNPACKED_COUNT_BYTES


def _row_number(text: bytes) -> int:
    """The number of the last row that begins in `text`, 0 without any."""
    end = len(text)
    for _ in range(3):
        start = text.rfind(b"row ", 0, end)
        if start < 0:
            return 0
        found = re.match(rb'row (?:[^>]*? )?r="(\d+)"', text[start : start + 400])
        if found:
            return int(found[1])
        end = start
    return 0


def _pieces(stream: Any) -> Iterator[bytes]:
    while piece := stream.read(4 << 20):
        yield piece


_ODS_TABLE = re.compile(rb"<table:table [^>]*>")
_ODS_ROW_END = re.compile(rb"</table:table-row>|<table:table-row [^>]*/>")


def _short_ods(archive: zipfile.ZipFile, chosen: SheetFile) -> Head | None:
    with archive.open("content.xml") as stream:
        before, found = _until(stream, _ODS_TABLE, chosen.table + 1, _SCAN_BYTES)
        if not found:
            return None
    start = before.find(b"<table:table ")
    opening = before[before.rfind(b"<table:table ") :]
    with archive.open("content.xml") as stream:
        stream.seek(len(before))
        rows, cut = _until(stream, _ODS_ROW_END, HEAD_ROWS, _SCAN_BYTES)
        ended = rows.find(b"</table:table>")
        if ended >= 0:
            rows, cut = rows[:ended], True
        if not cut:
            return None
        counted = None
        if ended < 0 and _may_be_counted(archive, chosen):
            stream.seek(len(before))
            counted = _ods_rows(stream)
    for group in (b"table:table-header-rows", b"table:table-row-group", b"table:table-rows"):
        opened = len(re.findall(b"<%s[ >]" % group, rows)) - rows.count(b"</%s>" % group)
        rows += b"</%s>" % group * max(opened, 0)
    text = (
        before[:start]
        + opening
        + rows
        + b"</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as copy:
        for info in archive.infolist():
            if info.filename == "content.xml":
                copy.writestr(info.filename, text)
            elif info.file_size < 4 << 20 and info.filename in (
                "mimetype",
                "META-INF/manifest.xml",
                "styles.xml",
            ):
                copy.writestr(info.filename, archive.read(info.filename))
    return Head(out.getvalue(), counted)


def _ods_rows(stream: Any) -> int:
    """Rows up to the last one with a value, as far as they are written out."""
    count = last = 0
    rest = b""
    for piece in _pieces(stream):
        text = rest + piece
        end = text.find(b"</table:table>")
        whole = text[:end] if end >= 0 else text[: text.rfind(b"</table:table-row>") + 18]
        count += whole.count(b"</table:table-row>")
        final = max(whole[:-18].rfind(b"</table:table-row>"), 0)
        last = count if b"office:value-type" in whole[final:] else count - 1
        if end >= 0:
            break
        rest = text[len(whole) :]
    return last
