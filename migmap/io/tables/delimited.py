"""Text tables: CSV and its relatives, whatever separates their cells.

One way of reading, two engines: Arrow reads the rows that have the number of cells they should, Python's
csv module the others. Rows of both stand in the order of the file. A row is a record: a cell with a line
break inside does not begin a new one, as in a spreadsheet program.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import IO, Any

import numpy as np
import pandas as pd
import pyarrow
import pyarrow.csv

from migmap.api import AS_FOUND, Finding, Problem, Reading

from ..archive import MAX_TABLE_BYTES, member_bytes, opened_member
from ..place import Place
from ..wording import counted
from .encoding_guess import SAMPLE_BYTES, Encoding, guessed, stated, text_among_zeros
from .rawtable import HEAD_ROWS, RawTable
from .textcolumns import as_column, chunks, trimmed

MAX_CSV_BYTES = 4 << 30
MAX_CELLS = 300_000_000
MAX_COLUMNS = 16_384
MAX_CELL_BYTES = 64 << 20
COUNT_BYTES = 50_000_000
"""Up to here a probe counts the rows, which means reading the file."""
_MOST_LINES = 60
"""Lines after which an open quotation mark is taken for a slip."""
_HEAD_BYTES = 2 << 20
_BLOCK = 1 << 20
_DELIMITERS = ("\t", ";", "|", ",")
_SEP_LINE = re.compile(r'\ufeff?"?sep=(.|\\t)"?\r?\n?', re.IGNORECASE)
_LATIN_LIKE = frozenset({"utf-8", "utf-8-sig"})

csv.field_size_limit(MAX_CELL_BYTES)


def read_delimited(place: Place, head_only: bool, reading: Reading = AS_FOUND) -> RawTable:
    """The text table at `place`. Problem: no text, no table, beyond a limit."""
    if place.layer not in (None, place.path.stem):
        raise Problem(f"{place.path} is a text table: it has no sheets.", fix=f"Name {place.path} alone.")
    source, zeros = _without_zeros(_Bytes.of(place, head_only), place)
    encoding, notes = _encoding(source, place, reading)
    notes = [*zeros, *notes]
    start = source.first(1 << 18)
    text = _text(start, encoding, whole=source.size <= len(start))
    skipped, delimiter = _sep_line(text)
    if delimiter is None:
        delimiter = _delimiter(text, place.ending)
    head, ends = _head(text, delimiter, skipped, complete=source.size <= len(start))
    if not any(any(row) for row in head):
        raise Problem(
            f"{place.title} is empty: it has no rows.", fix="Check that the right file was exported."
        )
    if place.ending == "txt" and not _even(head):
        raise Problem(f"{place.title} is text, not a table.", fix="Give a CSV or XLSX file.")
    _check_width(max(len(row) for row in head), place)

    def rows_from(count: int) -> pd.DataFrame:
        # Where the head's rows end is known in characters; in bytes it is as long as they are.
        offset = len(text[: ends[count - 1]].encode(_plain(encoding.codec))) if count else 0
        width = _usual_width(head, count)
        start = offset + source.mark(encoding)
        odd: list[tuple[int, list[str | None]]] = []
        table: Any = None
        torn: list[int] = []
        if _quotes_fit(source, start, encoding):
            table = _arrow(source, encoding, start, delimiter, width, place, odd)
            rows = len(odd) + (table.num_rows if table is not None else 0)
            if source.size <= COUNT_BYTES and _lines_in_cells(source, start, rows):
                again: list[tuple[int, list[str | None]]] = []
                torn = _line_by_line(source, encoding, start, delimiter, again)
                table, odd = (None, again) if torn else (table, odd)
        else:
            torn = _line_by_line(source, encoding, start, delimiter, odd)
        if torn and source.complete:
            notes.append(_torn([row + count + 1 for row in torn]))
        return _frame(table, odd, width, place)

    return RawTable(
        head=head,
        rows_from=rows_from,
        driver="CSV",
        findings=notes,
        complete=source.complete,
        encoding=encoding.codec if encoding.how == "guessed" else "",
        first=int(skipped),
    )


# --- bytes


@dataclass(frozen=True, slots=True, eq=False)
class _Bytes:
    """The file's bytes, mapped where it lies on disk. size: of what is read of it. complete: that is all."""

    buffer: pyarrow.Buffer
    size: int
    complete: bool

    @classmethod
    def of(cls, place: Place, head_only: bool) -> _Bytes:
        if place.member is not None:
            if head_only and COUNT_BYTES < place.member.size <= MAX_TABLE_BYTES:
                with opened_member(place.path, place.member.file) as stream:
                    return cls.head_of(stream)
            data = pyarrow.py_buffer(member_bytes(place.path, place.member))
            return cls(data, data.size, True)
        size = place.path.stat().st_size
        if size > MAX_CSV_BYTES:
            raise Problem(
                f"{place.title} is {size / 1e9:.1f} GB; the limit is {MAX_CSV_BYTES / 1e9:.1f} GB.",
                fix="Split it, or save it as a GeoPackage.",
            )
        if head_only and size > COUNT_BYTES:
            with open(place.path, "rb") as stream:
                return cls.head_of(stream)
        with pyarrow.memory_map(str(place.path)) as file:
            buffer = file.read_buffer()
        return cls(buffer, buffer.size, True)

    @classmethod
    def head_of(cls, stream: IO[bytes]) -> _Bytes:
        """Enough for the first thousand rows of all but the widest tables."""
        data = stream.read(_HEAD_BYTES)
        data = data[: data.rfind(b"\n") + 1] or data
        return cls(pyarrow.py_buffer(data), len(data), False)

    def first(self, count: int) -> bytes:
        """At most that many bytes from the start, cut after a line where there is more."""
        data: bytes = self.buffer.slice(0, min(count, self.size)).to_pybytes()
        if len(data) < self.size:
            even = len(data) // 2 * 2
            data = data[: data.rfind(b"\n") + 1] if b"\0" not in data[:1024] else data[:even]
            data = data or self.buffer.slice(0, min(count, self.size)).to_pybytes()
        return data

    def pieces(self, offset: int = 0) -> Iterator[bytes]:
        for start in range(offset, self.size, SAMPLE_BYTES):
            yield self.buffer.slice(start, min(SAMPLE_BYTES, self.size - start)).to_pybytes()

    def mark(self, encoding: Encoding) -> int:
        """Bytes of the byte order mark at the start."""
        marks = {"utf-8-sig": b"\xef\xbb\xbf", "utf-8": b"\xef\xbb\xbf"}
        mark = marks.get(encoding.codec, b"")
        if encoding.codec.replace("_", "-") == "utf-16":
            return 2 if self.first(2) in (b"\xff\xfe", b"\xfe\xff") else 0
        return len(mark) if mark and self.buffer.slice(0, min(3, self.size)).to_pybytes() == mark else 0


def _without_zeros(source: _Bytes, place: Place) -> tuple[_Bytes, list[Finding]]:
    """The bytes without those that are zero, where the rest is text."""
    if not text_among_zeros(source.first(1 << 16)):
        return source, []
    if source.size > MAX_CELL_BYTES:
        raise Problem(
            f"{place.title} holds bytes of zero, which no text has; only files up to "
            f"{MAX_CELL_BYTES >> 20} MB are read without them.",
            fix="Get the file again: it was probably damaged on its way.",
        )
    data = source.buffer.to_pybytes()
    count = data.count(0)
    note = Finding(
        "zero-bytes",
        "warning",
        f"{place.called} holds {counted(count, 'byte', 'bytes')} of zero, which no text has, as a damaged "
        "disk or a download that stopped leaves them; they were left out. Check that no row is missing.",
        count=count,
    )
    buffer = pyarrow.py_buffer(data.replace(b"\0", b""))
    return _Bytes(buffer, buffer.size, source.complete), [note]


def _plain(codec: str) -> str:
    """The codec without a mark of its own, to know how many bytes a text takes."""
    name = codec.replace("_", "-")
    return {"utf-8-sig": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}.get(name, codec)


def _encoding(source: _Bytes, place: Place, reading: Reading) -> tuple[Encoding, list[Finding]]:
    if reading.encoding:
        chosen = stated(reading.encoding, place.title)
        broken = _broken(source, chosen.codec)
        if broken is not None:
            raise Problem(
                f"{place.title} is not written in {reading.encoding}: byte {broken + 1:,} is no text.",
                fix="State another encoding, or none and let migmap find it.",
            )
        return chosen, []
    sample = source.first(SAMPLE_BYTES)
    found = guessed(sample, valid_utf8=_broken(source, "utf-8") is None)
    if found is None:
        raise Problem(
            f"{place.title} is not a text file.", fix="Save it as CSV (UTF-8) or give the original file."
        )
    if not found.broken:
        return found, []
    note = Finding(
        "encoding-broken",
        "warning",
        f"{place.called} is UTF-8 with {counted(found.broken, 'place that is', 'places that are')} no "
        "letters in it; they read as “\ufffd”. Names that hold this sign need to be typed again.",
        count=found.broken,
    )
    return found, [note]


def _broken(source: _Bytes, codec: str) -> int | None:
    """Where the first bytes stand that are no letter, None where all are."""
    decoder = codecs.getincrementaldecoder(codec)()
    place = 0
    try:
        for piece in source.pieces():
            if not (piece.isascii() and codec in _LATIN_LIKE and decoder.getstate() == (b"", 0)):
                decoder.decode(piece)
            place += len(piece)
        decoder.decode(b"", final=source.complete)
    except UnicodeError as error:
        return place + getattr(error, "start", 0)
    return None


def _text(data: bytes, encoding: Encoding, whole: bool) -> str:
    decoder = codecs.getincrementaldecoder(encoding.codec)("replace")
    text = decoder.decode(data, final=whole)
    return text.removeprefix("\ufeff")


# --- cells


def _sep_line(text: str) -> tuple[bool, str | None]:
    """(there is a first line "sep=;" as Excel writes it, the separator it names)."""
    found = _SEP_LINE.match(text[:12])
    if found is None:
        return False, None
    return True, "\t" if found[1] == "\\t" else found[1]


def _delimiter(text: str, ending: str) -> str:
    """The sign that splits the first rows most evenly into most columns. A comma is also a decimal sign
    and part of sentences, so another sign that splits all rows alike comes before it."""
    best, best_score = ("\t" if ending == "tsv" else ","), 0.0
    for mark in _DELIMITERS:
        try:
            rows = list(islice(csv.reader(io.StringIO(text, newline=""), delimiter=mark), HEAD_ROWS))
        except csv.Error:
            continue
        widths = [len(row) for row in rows if any(cell.strip() for cell in row)]
        wide = [w for w in widths if w > 1]
        if not wide:
            continue
        usual = max(set(wide), key=wide.count)
        score = wide.count(usual) / len(widths) + min(usual, 50) / 100
        if mark != "," and wide.count(usual) == len(widths) and len(widths) > 1:
            score += 1
        if score > best_score:
            best, best_score = mark, score
    return best


def _even(head: Sequence[Sequence[Any]]) -> bool:
    """True when nearly all lines fall into the same number of columns, more than one: prose does not."""
    widths = [len(row) for row in head if any(row)]
    usual = max(set(widths), key=widths.count)
    return usual > 1 and widths.count(usual) >= 0.8 * len(widths)


def _head(text: str, delimiter: str, skipped: bool, complete: bool) -> tuple[list[list[Any]], list[int]]:
    """(the first rows, where each ends in `text`). A row cut by the end of `text` is left out."""
    rows: list[list[Any]] = []
    ends: list[int] = []
    position = 0
    lines = _lines(text)

    def counted_lines() -> Iterator[str]:
        nonlocal position
        for line in lines:
            position += len(line)
            yield line

    try:
        for row in csv.reader(counted_lines(), delimiter=delimiter):
            rows.append([cell.strip() or None for cell in row])
            ends.append(position)
            if len(rows) == HEAD_ROWS:
                break
        else:
            if not complete and len(rows) > 1:
                rows.pop()
                ends.pop()
    except csv.Error:
        # A cell beyond the limit: the rows before it are enough to find the header.
        pass
    if skipped and rows:
        rows[0] = []
    return rows, ends


def _lines(text: str) -> Iterator[str]:
    """Lines with their ends, broken only where csv and Arrow break them."""
    start = 0
    for end in re.finditer(r"\r\n|\n|\r", text):
        yield text[start : end.end()]
        start = end.end()
    if start < len(text):
        yield text[start:]


def _usual_width(head: Sequence[Sequence[Any]], count: int) -> int:
    """How many cells the rows after the header have."""
    widths = [len(row) for row in head[count:] if any(row)] or [len(row) for row in head[:count]] or [1]
    return max(set(widths), key=lambda w: (widths.count(w), w))


def _check_width(width: int, place: Place) -> None:
    if width > MAX_COLUMNS:
        raise Problem(
            f"{place.title} has {width:,} columns; the limit is {MAX_COLUMNS:,}.",
            fix="Check that the right sign separates its cells, or delete columns.",
        )


def _frame(table: Any, odd: list[tuple[int, list[str | None]]], width: int, place: Place) -> pd.DataFrame:
    """All rows as trimmed text, blank cells null. table: those of `width` cells; odd: the others, with
    their index among all. Rows longer than the others widen the table."""
    rows = (table.num_rows if table is not None else 0) + len(odd)
    widest = max([width, *(len(cells) for _, cells in odd)])
    _check_width(widest, place)
    if rows * widest > MAX_CELLS:
        raise Problem(
            f"{place.title} has {rows:,} rows and {widest:,} columns; the limit is {MAX_CELLS:,} cells.",
            fix="Split it, or save it as a GeoPackage.",
        )
    names = list(range(widest))
    columns: dict[int, Any] = {}
    order = _order(table.num_rows if table is not None else 0, odd)
    for column in names:
        if table is not None and column < width:
            regular = table.column(column)
        else:
            regular = pyarrow.nulls(table.num_rows if table is not None else 0, pyarrow.large_string())
        values = trimmed(regular)
        if odd:
            extra = [cells[column] if column < len(cells) else None for _, cells in odd]
            pieces = [*chunks(values), *chunks(trimmed(pyarrow.array(extra, pyarrow.large_string())))]
            values = pyarrow.chunked_array(pieces, pyarrow.large_string()).take(order)
        columns[column] = pd.Series(as_column(values))
    return pd.DataFrame(columns, columns=names, copy=False)


def _order(regular: int, odd: Sequence[tuple[int, object]]) -> Any:
    """For each row of the file, where it stands when the odd rows follow the regular ones."""
    total = regular + len(odd)
    is_odd = np.zeros(total, dtype=bool)
    is_odd[[index for index, _ in odd]] = True
    order = np.empty(total, dtype=np.int64)
    order[~is_odd] = np.arange(regular)
    order[is_odd] = np.arange(regular, total)
    return pyarrow.array(order)


def _arrow(
    source: _Bytes,
    encoding: Encoding,
    offset: int,
    delimiter: str,
    width: int,
    place: Place,
    odd: list[tuple[int, list[str | None]]],
) -> Any:
    """The rows of `width` cells as a table of text, None where there are none; the others go to `odd` as
    (index among all rows, cells)."""
    if offset >= source.size:
        return None
    names = [str(i) for i in range(width)]

    def other(row: Any) -> str:
        odd.append((row.number - 1, _odd_row(row.text, delimiter)))
        return "skip"

    for block in (_BLOCK, 2 * MAX_CELL_BYTES):
        odd.clear()
        try:
            reader = pyarrow.csv.open_csv(
                _stream(source, encoding, offset),
                pyarrow.csv.ReadOptions(column_names=names, use_threads=False, block_size=block),
                pyarrow.csv.ParseOptions(
                    delimiter=delimiter,
                    newlines_in_values=True,
                    ignore_empty_lines=False,
                    invalid_row_handler=other,
                ),
                pyarrow.csv.ConvertOptions(
                    column_types=dict.fromkeys(names, pyarrow.large_string()),
                    strings_can_be_null=True,
                    null_values=[""],
                    # The bytes were looked at when the encoding was found, or come out of a decoder.
                    check_utf8=False,
                ),
            )
            return reader.read_all()
        except pyarrow.ArrowInvalid as error:
            if "straddl" in str(error) and block == _BLOCK:
                continue
            if "Empty CSV" in str(error):
                return None
            raise _unreadable(place, str(error)) from error
    return None


def _stream(source: _Bytes, encoding: Encoding, offset: int) -> Any:
    rest = source.buffer.slice(offset)
    if encoding.codec in _LATIN_LIKE and not encoding.broken:
        return pyarrow.BufferReader(rest)
    codec = _plain(encoding.codec)
    if encoding.codec.replace("_", "-") == "utf-16" and source.first(2) == b"\xfe\xff":
        codec = "utf-16-be"
    return pyarrow.PythonFile(_Recoded(source, codec, offset), mode="r")


class _Recoded(io.RawIOBase):
    """The bytes of the file from `offset` on as UTF-8."""

    def __init__(self, source: _Bytes, codec: str, offset: int) -> None:
        super().__init__()
        self._decoder = codecs.getincrementaldecoder(codec)("replace")
        self._pieces = source.pieces(offset)
        self._ready = b""
        self._ended = False

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        while not self._ended and (size < 0 or len(self._ready) < size):
            piece = next(self._pieces, b"")
            self._ended = not piece
            self._ready += self._decoder.decode(piece, final=self._ended).encode("utf-8", "replace")
        cut = len(self._ready) if size < 0 else size
        out, self._ready = self._ready[:cut], self._ready[cut:]
        return out


def _odd_row(text: str, delimiter: str) -> list[str | None]:
    """The cells of one record that has too few or too many."""
    try:
        cells = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), [])
    except csv.Error:
        cells = [text]
    return [cell or None for cell in cells]


def _quotes_fit(source: _Bytes, offset: int, encoding: Encoding) -> bool:
    """False where a quotation mark is opened and never closed: all rows after it would be one cell."""
    if "16" in encoding.codec or "32" in encoding.codec:
        return True
    return sum(piece.count(b'"') for piece in source.pieces(offset)) % 2 == 0


def _line_by_line(
    source: _Bytes,
    encoding: Encoding,
    offset: int,
    delimiter: str,
    rows: list[tuple[int, list[str | None]]],
) -> list[int]:
    """All rows, where quotation marks do not fit: a mark that is not closed within a few lines is a sign like
    any other. Returns which rows had such a mark."""
    torn: list[int] = []
    waiting: deque[str] = deque()
    lines = _decoded_lines(source, encoding, offset)
    record: list[str] = []
    inside = False

    def feed() -> Iterator[str]:
        # The csv reader asks for another line within a record only inside of quotation marks.
        nonlocal inside
        while True:
            line = waiting.popleft() if waiting else next(lines, None)
            inside = bool(record) and (line is None or len(record) == _MOST_LINES)
            if line is not None and inside:
                waiting.appendleft(line)
            if line is None or inside:
                return
            record.append(line)
            yield line

    while True:
        for cells in csv.reader(feed(), delimiter=delimiter):
            inside = inside or (len(record) > 1 and not _closes(record, delimiter))
            if inside:
                break
            rows.append((len(rows), [cell or None for cell in cells]))
            record.clear()
        if not inside:
            return torn
        torn.append(len(rows))
        waiting.extendleft(reversed(record[1:]))
        plain = next(csv.reader(record[:1], delimiter=delimiter, quoting=csv.QUOTE_NONE), [])
        rows.append((len(rows), [cell.strip().strip('"') or None for cell in plain]))
        record.clear()
        inside = False


def _closes(record: Sequence[str], delimiter: str) -> bool:
    """False where a cell of several lines ends in the middle of a word: `"Kalam,2 ... "Bahrain",4`."""
    try:
        next(csv.reader(record, delimiter=delimiter, strict=True), None)
    except csv.Error:
        return False
    return True


def _lines_in_cells(source: _Bytes, offset: int, rows: int) -> bool:
    """True when there are more line ends than rows."""
    return sum(piece.count(b"\n") for piece in source.pieces(offset)) > rows


def _decoded_lines(source: _Bytes, encoding: Encoding, offset: int) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(_plain(encoding.codec))("replace")
    rest = ""
    for piece in source.pieces(offset):
        text = rest + decoder.decode(piece)
        cut = max(text.rfind("\n"), text.rfind("\r", 0, -1)) + 1
        yield from _lines(text[:cut])
        rest = text[cut:]
    yield from _lines(rest + decoder.decode(b"", final=True))


def _torn(rows: list[int]) -> Finding:
    return Finding(
        "quote-unclosed",
        "warning",
        f"In {counted(len(rows), 'row', 'rows')} a quotation mark is opened and never closed; it was left "
        f"out, so that the rows after it are not taken for one cell. Check row {rows[0]}.",
        count=len(rows),
        rows=tuple(rows[:1000]),
    )


def _unreadable(place: Place, words: str) -> Problem:
    if "straddl" in words:
        return Problem(
            f"{place.title} has a row longer than {2 * MAX_CELL_BYTES >> 20} MB, which is the limit.",
            fix="Look for a quotation mark that is never closed, or save the shapes as a GeoPackage.",
        )
    return Problem(
        f"{place.title} cannot be read as a table.",
        detail=words.split("\n")[0][:300],
        fix="Look for a quotation mark that is never closed, or save it again as CSV.",
    )
