"""A look through an XLS or XLSB before its reader sees it.

The reader takes the memory for as many cells as the file says it has, and a damaged file may say thousands
of millions: nothing could stop the program from ending then. So the records are walked here first, with what
they claim held against the size of the file and the limits of the format. Hidden rows are told on the way.

Formats: [MS-CFB] for the container, [MS-XLS] and [MS-XLSB] for the records.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from typing import Any

from .rawtable import SheetScan

_FREE = 0xFFFFFFF0
"""Sector numbers from here on are marks, not sectors."""
_BOF, _EOF, _DIMENSIONS, _SST, _ROW, _BOUNDSHEET = 0x0809, 0x000A, 0x0200, 0x00FC, 0x0208, 0x0085
_OTHERS = frozenset([_BOF, _DIMENSIONS, _SST, _ROW, _BOUNDSHEET])
_SEVERAL = frozenset([0x00BD, 0x00BE])
_CELLS = _SEVERAL | {0x0201, 0x0203, 0x0204, 0x0205, 0x0006, 0x0206, 0x0406, 0x00D6, 0x00FD, 0x027E}
_ONE, _TWO = struct.Struct("<H"), struct.Struct("<HH")
_XLS_ROWS, _XLS_COLUMNS = 65_536, 256
_XLSB_ROWS, _XLSB_COLUMNS = 1_048_576, 16_384
_PART_BYTES = 256 << 20
_MOST_WALKED = 1 << 20
_CUTOFF = 4096
"""Shorter parts lie among the small sectors."""


class Damaged(Exception):
    """The file contradicts itself; the text says where."""


def scan_xls(data: bytes) -> dict[str, SheetScan]:
    """What the sheets of an XLS hold, by name. Damaged where the container or a record claims what cannot
    be."""
    stream = _Container(data).stream()
    sheets = _walk(stream, 0, SheetScan())
    found: dict[str, SheetScan] = {}
    walked = 0
    for place, name in sheets:
        scan = SheetScan()
        _walk(stream, place, scan)
        scan.hidden_rows = sorted({row for row in scan.hidden_rows if row < scan.rows})
        found[name] = scan
        walked += len(stream) - min(place, len(stream))
        if walked > _MOST_WALKED + 100 * len(stream):
            raise Damaged("Its list of sheets does not fit its contents.")
    return found


def _walk(stream: bytes, at: int, scan: SheetScan) -> list[tuple[int, str]]:
    """Looks at the records from `at` to the next end of a part, as the reader will: it begins wherever the
    list of sheets says, even in the middle of a record. Returns that list where it stands in this part."""
    sheets: list[tuple[int, str]] = []
    biff8 = True
    end = len(stream) - 4
    while at <= end:
        kind, size = _TWO.unpack_from(stream, at)
        place, at = at, at + 4 + size
        if kind in _CELLS:
            if size < 4 or at > len(stream):
                continue
            row, column = _TWO.unpack_from(stream, place + 4)
            if kind in _SEVERAL:
                (column,) = _ONE.unpack_from(stream, at - 2)
            if column >= _XLS_COLUMNS:
                raise Damaged("A cell stands where no sheet of this format has columns.")
            if row >= scan.rows:
                scan.rows = row + 1
            if column >= scan.columns:
                scan.columns = column + 1
        elif kind == 0 and size == 0:
            at = _after_nothing(stream, at)
        elif kind == _EOF:
            break
        elif kind in _OTHERS:
            body = stream[place + 4 : at]
            if kind == _BOF:
                biff8 = body[:2] != b"\x00\x05"
            elif kind == _BOUNDSHEET and len(body) > 8:
                sheets.append((struct.unpack_from("<I", body)[0], _name(body[6:], biff8)))
            elif kind == _SST and len(body) >= 8:
                if struct.unpack_from("<I", body, 4)[0] > len(stream):
                    raise Damaged("It claims more texts than it could hold.")
            elif kind == _DIMENSIONS:
                _check_dimensions(body)
            elif kind == _ROW and len(body) >= 16 and body[12] & 0x20:
                scan.hidden_rows.append(_ONE.unpack_from(body)[0])
    return sheets


def _after_nothing(stream: bytes, at: int) -> int:
    """Zeros fill up the rest of a sector."""
    rest = stream[at:].lstrip(b"\0")
    start = len(stream) - len(rest)
    return start - (start - at) % 4


def _check_dimensions(body: bytes) -> None:
    if len(body) >= 14:
        first, last, left, right = struct.unpack_from("<IIHH", body)
    elif len(body) >= 10:
        first, last, left, right = struct.unpack_from("<HHHH", body)
    else:
        return
    if last > _XLS_ROWS or right > _XLS_COLUMNS or first > max(last, 1) or left > max(right, 1):
        raise Damaged("A sheet claims more rows or columns than this format has.")


def _name(body: bytes, biff8: bool) -> str:
    length = body[0]
    if not biff8:
        return body[1 : 1 + length].decode("cp1252", "replace")
    if len(body) > 1 and body[1] & 1:
        return body[2 : 2 + 2 * length].decode("utf-16-le", "replace")
    return body[2 : 2 + length].decode("latin-1")


class _Container:
    """The parts of a compound file that lead to its workbook."""

    def __init__(self, data: bytes) -> None:
        if len(data) < 512:
            raise Damaged("It is cut short.")
        self.data = data
        shift, mini = struct.unpack_from("<HH", data, 30)
        if shift not in (9, 12) or mini != 6:
            raise Damaged("Its header is damaged.")
        self.size = 1 << shift
        self.count = len(data) // self.size + 1
        directories, fats = struct.unpack_from("<II", data, 40)
        (self.first_directory,) = struct.unpack_from("<I", data, 48)
        self.first_mini, minis, difat, difats = struct.unpack_from("<IIII", data, 60)
        if max(directories, fats, minis, difats) > self.count:
            raise Damaged("Its header claims more than the file holds.")
        listed = list(struct.unpack_from("<109I", data, 76))
        for _ in range(difats):
            if difat >= _FREE:
                break
            more = self._numbers(difat)
            listed += more[:-1]
            difat = more[-1] if more else _FREE
        self.fat: list[int] = []
        for sector in listed[:fats]:
            if sector < _FREE:
                self.fat += self._numbers(sector)

    def _sector(self, number: int) -> bytes:
        start = (number + 1) * self.size
        return self.data[start : start + self.size]

    def _numbers(self, number: int) -> list[int]:
        sector = self._sector(number)
        return list(struct.unpack(f"<{len(sector) // 4}I", sector[: len(sector) // 4 * 4]))

    def _chain(self, start: int) -> bytes:
        pieces: list[bytes] = []
        while start < _FREE:
            if start >= len(self.fat) or len(pieces) > self.count:
                raise Damaged("Its sectors do not fit together.")
            pieces.append(self._sector(start))
            start = self.fat[start]
        return b"".join(pieces)

    def stream(self) -> bytes:
        """The records of the workbook."""
        directory = self._chain(self.first_directory)
        books: dict[str, tuple[int, int]] = {}
        root = (_FREE, 0)
        for at in range(0, len(directory) - 127, 128):
            entry = directory[at : at + 128]
            start, size = struct.unpack_from("<II", entry, 116)
            if at == 0:
                root = (start, size)
            # Some writers leave what was there before in entries without use.
            if entry[66] == 2 and size > len(self.data):
                raise Damaged("A part claims to be larger than the file.")
            name = entry[:64].decode("utf-16-le", "replace").split("\0")[0]
            books.setdefault(name, (start, size))
        start, size = books.get("Workbook") or books.get("Book") or (_FREE, 0)
        if start >= _FREE or not size or size > len(self.data):
            raise Damaged("It holds no workbook.")
        if size >= _CUTOFF:
            return self._chain(start)[:size]
        small = self._chain(root[0])
        links = self._chain(self.first_mini)
        numbers = struct.unpack(f"<{len(links) // 4}I", links)
        pieces: list[bytes] = []
        while start < _FREE:
            if start >= len(numbers) or len(pieces) > len(numbers):
                raise Damaged("Its sectors do not fit together.")
            pieces.append(small[start * 64 : start * 64 + 64])
            start = numbers[start]
        return b"".join(pieces)[:size]


# --- XLSB


def check_xlsb(packed: Any) -> None:
    """Damaged where a sheet of an XLSB has a cell where the format has none."""
    try:
        with zipfile.ZipFile(packed) as archive:
            for info in archive.infolist():
                name = info.filename.lower()
                if name.startswith("xl/worksheets/") and name.endswith(".bin"):
                    with archive.open(info) as stream:
                        _check_sheet(stream.read(_PART_BYTES))
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, NotImplementedError) as error:
        raise Damaged("It is damaged or cut short.") from error


def _check_sheet(data: bytes) -> None:
    at = 0
    while at < len(data):
        kind, at = _varint(data, at, 2)
        size, at = _varint(data, at, 4)
        if kind == 0 and size >= 4 and at + 4 <= len(data):
            most, what = _XLSB_ROWS, "row"
        elif 1 <= kind <= 11 and size >= 4 and at + 4 <= len(data):
            most, what = _XLSB_COLUMNS, "cell"
        else:
            at += size
            continue
        if struct.unpack_from("<I", data, at)[0] >= most:
            raise Damaged(f"A {what} stands where no sheet of this format has one.")
        at += size


def _varint(data: bytes, at: int, most: int) -> tuple[int, int]:
    value = 0
    for place in range(most):
        if at >= len(data):
            break
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << (7 * place)
        if not byte & 0x80:
            break
    return value, at
