"""Old workbooks: what their records claim is held against what can be before any memory is taken for it."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_tables import names_of, opened, said

from migmap.api import Problem
from migmap.io.probe import probe
from migmap.io.reference import Reference

_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _cell(row: int, column: int, value: str | float) -> bytes:
    place = struct.pack("<HHH", row, column, 0)
    if isinstance(value, str):
        return _record(0x0204, place + struct.pack("<HB", len(value), 0) + value.encode("latin-1"))
    return _record(0x0203, place + struct.pack("<d", value))


def _book(
    *cells: tuple[int, int, str | float], dimensions: bytes = b"", hidden: tuple[int, ...] = ()
) -> bytes:
    """The records of a workbook with one sheet."""
    bof = struct.pack("<HHHHII", 0x0600, 0x0005, 0, 1997, 0, 6)
    sheet = _record(0x0809, bof[:2] + b"\x10\x00" + bof[4:])
    sheet += _record(0x0200, dimensions or struct.pack("<IIHHH", 0, 9, 0, 4, 0))
    for row in hidden:
        sheet += _record(0x0208, struct.pack("<HHHHHHHH", row, 0, 2, 255, 0, 0, 0x20, 0))
    sheet += b"".join(_cell(*cell) for cell in cells) + _record(0x000A, b"")
    start = 20 + 4 + 8 + 4 + 4 + 4
    bound = struct.pack("<IBBBB", start - 4, 0, 0, 4, 0) + b"Data"
    head = _record(0x0809, bof) + _record(0x0085, bound)
    bound = struct.pack("<IBBBB", len(head) + 4, 0, 0, 4, 0) + b"Data"
    return _record(0x0809, bof) + _record(0x0085, bound) + _record(0x000A, b"") + sheet


def _container(stream: bytes, **fields: int) -> bytes:
    """A compound file with that one stream; fields: places of the header with other numbers."""
    stream = stream.ljust(max(4096, -(-len(stream) // 512) * 512), b"\0")
    sectors = len(stream) // 512
    fat = [_FAT, _END, *range(3, sectors + 2), _END]
    head = bytearray(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(24, b"\0"))
    head += struct.pack("<HHHHH6xIIIIIIIIII", 62, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, _END, 0, _END, 0, 0)
    head += struct.pack("<108I", *[_FREE] * 108)
    for at, value in fields.items():
        struct.pack_into("<I", head, int(at[1:]), value)
    table = struct.pack(f"<{len(fat)}I", *fat).ljust(512, b"\xff")
    entries = _entry("Root Entry", 5, _END, 0, child=1) + _entry("Workbook", 2, 2, len(stream))
    return bytes(head[:512]).ljust(512, b"\xff") + table + entries.ljust(512, b"\0") + stream


def _entry(name: str, kind: int, start: int, size: int, child: int = _FREE) -> bytes:
    text = name.encode("utf-16-le") + b"\0\0"
    entry = text.ljust(64, b"\0") + struct.pack("<HBBIII", len(text), kind, 1, _FREE, _FREE, child)
    return entry.ljust(116, b"\0") + struct.pack("<III", start, size, 0)


CELLS: tuple[tuple[int, int, str | float], ...] = (
    (0, 0, "site"), (0, 1, "people"), (1, 0, "A"), (1, 1, 5.0), (2, 0, "B"), (2, 1, 6.0),
)  # fmt: skip


def _file(folder: Path, data: bytes) -> Path:
    (folder / "t.xls").write_bytes(data)
    return folder / "t.xls"


def test_an_old_workbook_opens_and_its_hidden_rows_are_said(tmp_path: Path) -> None:
    data = opened(_file(tmp_path, _container(_book(*CELLS, hidden=(2,)))))
    assert names_of(data) == ["site", "people"]
    assert data.frame["people"].tolist() == [5, 6]
    assert said(data, "hidden-rows").rows == (3,)


@pytest.mark.parametrize(
    "data",
    [
        # More memory than there is would be taken for each of these.
        _container(_book(*CELLS, dimensions=struct.pack("<IIHHH", 0, 0xFFFF2F06, 0, 4, 0))),
        _container(_book(*CELLS, dimensions=struct.pack("<IIHHH", 0, 9, 0, 0xFFFF, 0))),
        _container(_book(*CELLS, (65_000, 60_000, 1.0))),
        _container(_book(*CELLS), _44=0xFFFFFF),
        _container(_book(*CELLS), _64=0xFFFFFF),
        _container(_book(*CELLS), _40=0xFFFFFF),
        _container(_book(*CELLS), _48=0x7FFFFF),
        _container(_book(*CELLS))[:700],
    ],
)
def test_an_old_workbook_that_claims_too_much_is_refused(tmp_path: Path, data: bytes) -> None:
    for look in (opened, lambda f: probe(Reference(f))):
        with pytest.raises(Problem, match="cannot be read as a workbook"):
            look(_file(tmp_path, data))


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_damaged_old_workbooks_open_or_are_refused(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    raw: Any = bytearray(_container(_book(*CELLS)))
    for _ in range(data.draw(st.integers(1, 10))):
        # The header, the tables of sectors and names, and the records: not the zeros that fill them up.
        at = data.draw(st.one_of(st.integers(24, 80), st.integers(512, 530), st.integers(1024, 1800)))
        raw[at] = data.draw(st.sampled_from([0, 1, 127, 255, data.draw(st.integers(0, 255))]))
    file = _file(tmp_path_factory.mktemp("damaged"), bytes(raw))
    for look in (opened, lambda f: probe(Reference(f))):
        try:
            look(file)
        except Problem:
            continue
