"""Shapefiles: several files that belong together, of which one is often lost, cut short or silent about
its letters.

Formats: ESRI Shapefile Technical Description (July 1998) for .shp and .shx; dBASE III+ for .dbf.
Nothing is ever written beside the user's file: what has to be mended is mended in a private copy.
"""

from __future__ import annotations

import codecs
import os
import shutil
import struct
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pyproj

from migmap.api import Finding, Problem

from ..archive import opened_member
from ..place import Place
from ..tables.encoding_guess import guessed
from ..wording import counted

PARTS = ("shp", "shx", "dbf", "prj", "cpg")
_MAGIC, _HEAD = 9994, 100
_SAMPLE_BYTES = 4 << 20
_MOST_SHORTENED = 1 << 30
# Language driver ids of dBASE that occur in the wild; the others say nothing GDAL does not know better.
_LDID = {0x03: "cp1252", 0x57: "cp1252", 0x58: "cp1252", 0x7E: "cp1256", 0xC9: "cp1251", 0x64: "cp852"}


@dataclass(frozen=True, slots=True)
class Shapefile:
    """What its parts say. place: where to read it (a mended copy, where one had to be made).

    encoding: what GDAL is told about the letters; None: it knows. records: in the .shp; None without one.
    table_rows: in the .dbf; 0 without one. deleted: rows the .dbf marks as deleted, from 1.
    """

    place: Place
    findings: tuple[Finding, ...] = ()
    encoding: str | None = None
    records: int | None = None
    table_rows: int = 0
    has_table: bool = True
    deleted: tuple[int, ...] = field(default=())


class _Part:
    """One file of a shapefile, on disk or in an archive."""

    def __init__(self, path: Path, member: zipfile.ZipInfo | None = None) -> None:
        self._path, self._member = path, member
        self.name = (member.filename if member else path.name).replace("\\", "/").rsplit("/", 1)[-1]
        self.size = member.file_size if member else path.stat().st_size

    def head(self, count: int) -> bytes:
        if self._member is None:
            with open(self._path, "rb") as stream:
                return stream.read(count)
        with opened_member(self._path, self._member.filename) as packed:
            return packed.read(count)

    def copied_to(self, target: Path) -> None:
        if self._member is None:
            try:
                os.symlink(os.path.abspath(self._path), target)
            except OSError:
                shutil.copyfile(self._path, target)
            return
        with opened_member(self._path, self._member.filename) as packed, open(target, "wb") as out:
            shutil.copyfileobj(packed, out, 1 << 20)


@contextmanager
def whole_shapefile(place: Place) -> Iterator[Shapefile]:
    """The shapefile with what is missing put right for as long as the block runs.

    Problem: no shapefile at all, or cut short.
    """
    parts = _parts(place)
    shape = parts["shp"]
    findings: list[Finding] = []
    head = shape.head(_HEAD)
    if len(head) < _HEAD or struct.unpack(">i", head[:4])[0] != _MAGIC:
        raise Problem(
            f"{place.title} cannot be read as a shapefile.",
            detail="It does not begin as a .shp file does.",
            fix="The file may be damaged or renamed: export it again.",
        )
    index: bytes | None = None
    lacks = "shx" not in parts or parts["shx"].size < _HEAD
    made_anew = lacks or not _index_fits(place, shape, parts["shx"])
    if made_anew:
        index = _rebuilt_index(place, shape)
        count = (len(index) - _HEAD) // 8
        fault = "lacks its index ({}.shx)" if lacks else "has an index ({}.shx) that does not fit its shapes"
        findings.append(
            Finding(
                "shapefile-index-rebuilt",
                "info" if lacks else "warning",
                f"{place.called} {fault.format(_stem(shape.name))}; it was built again from the "
                f"{counted(count, 'record')} of the .shp for this reading.",
                count=count,
            )
        )
    else:
        count = max(0, (parts["shx"].size - _HEAD) // 8)
    table = parts.get("dbf")
    rows, deleted = 0, ()
    short: bytes | None = None
    no_rows = False
    if table is not None and _table_rows(table) == 0 and _stated_rows(table) > 0:
        findings.append(_cut_table(place, parts.pop("dbf"), 0))
        table, no_rows = None, True
    if table is None and not no_rows:
        findings.append(
            Finding(
                "shapefile-without-table",
                "warning",
                f"{place.called} lacks its table ({_stem(shape.name)}.dbf): its {counted(count, 'row')} "
                f"{'has' if count == 1 else 'have'} shapes and no columns.",
                count=count,
            )
        )
    elif table is not None:
        rows = _table_rows(table)
        if rows < _stated_rows(table):
            short = _shortened(place, table)
            findings.append(_cut_table(place, table, rows))
    bad_prj = "prj" in parts and not _readable_prj(parts["prj"])
    if bad_prj:
        findings.append(
            Finding(
                "crs-unreadable",
                "warning",
                f"The .prj of {place.called} cannot be understood as a coordinate reference system; it "
                "counts as missing.",
            )
        )
    encoding, said = _letters(place, parts)
    findings += said
    odd_names = place.member is not None and _gdal_would_miss(parts)
    facts = Shapefile(place, tuple(findings), encoding, count, rows, table is not None, deleted)
    if not (made_anew or bad_prj or odd_names or no_rows or short is not None):
        yield facts
        return
    with tempfile.TemporaryDirectory(prefix="migmap-") as folder:
        for ending, part in parts.items():
            if ending == "dbf" and short is not None:
                (Path(folder) / "layer.dbf").write_bytes(short)
            elif not (ending == "prj" and bad_prj) and not (ending == "shx" and made_anew):
                part.copied_to(Path(folder) / f"layer.{ending}")
        if index is not None:
            (Path(folder) / "layer.shx").write_bytes(index)
        yield replace(facts, place=replace(place, gdal_path=str(Path(folder) / "layer.shp"), layer=None))


def _stem(name: str) -> str:
    return name.rsplit(".", 1)[0]


def _parts(place: Place) -> dict[str, _Part]:
    """Ending -> file, capitals or not."""
    found: dict[str, _Part] = {}
    if place.member is None:
        path = place.path
        found["shp"] = _Part(path)
        for ending in PARTS[1:]:
            for each in (ending, ending.upper(), ending.capitalize()):
                beside = path.with_name(f"{path.name[:-4]}.{each}")
                if beside.is_file():
                    found[ending] = _Part(beside)
                    break
        return found
    wanted = place.member.file[:-4].casefold()
    with zipfile.ZipFile(place.path) as archive:
        for info in archive.infolist():
            stem, _, ending = info.filename.rpartition(".")
            if stem.casefold() == wanted and ending.lower() in PARTS:
                found.setdefault(ending.lower(), _Part(place.path, info))
    return found


def _gdal_would_miss(parts: Mapping[str, _Part]) -> bool:
    """GDAL finds the parts under the name of the .shp and an ending in small or capital letters."""
    stem = _stem(parts["shp"].name)
    return any(
        part.name not in (f"{stem}.{ending}", f"{stem}.{ending.upper()}") for ending, part in parts.items()
    )


def _index_fits(place: Place, shape: _Part, index: _Part) -> bool:
    """False where the index is damaged or of another version, and the .shp itself is whole. Problem where the
    .shp ends before the records its index names."""
    raw = np.frombuffer(index.head(_HEAD + (index.size - _HEAD) // 8 * 8)[_HEAD:], dtype=">i4")
    pairs = raw.reshape(-1, 2).astype(np.int64)
    ends = pairs[:, 0] * 2 + 8 + pairs[:, 1] * 2
    # Some writers leave the length of the last record wrong by its own header: 8 bytes are forgiven.
    wrong = (ends > shape.size + 8) | (pairs[:, 0] * 2 < _HEAD) | (pairs[:, 1] < 2)
    last = int(ends.max(initial=_HEAD))
    if not wrong.any() and last + 12 > shape.size:
        return True
    records = _records(shape)
    if records is not None and (wrong.any() or len(records) > len(pairs)):
        return False
    if not wrong.any():
        return True
    raise Problem(
        f"{place.title} is cut short: {int(wrong.sum()):,} of its {len(pairs):,} records lie beyond its end.",
        detail=f"The .shp has {shape.size:,} bytes; its index expects {last:,}.",
        fix="Copy or download it again, with all its parts.",
    )


def _rebuilt_index(place: Place, shape: _Part) -> bytes:
    """The bytes of a .shx: offset and length of every record, from the record headers."""
    records = _records(shape)
    if records is None:
        raise Problem(
            f"{place.title} is cut short or damaged, and its index (.shx) is missing.",
            fix="Copy or download it again, with all its parts.",
        )
    head = bytearray(shape.head(_HEAD))
    struct.pack_into(">i", head, 24, (_HEAD + 8 * len(records)) // 2)
    return bytes(head) + np.array(records, dtype=">i4").reshape(-1, 2).tobytes()


def _records(shape: _Part) -> list[tuple[int, int]] | None:
    """(offset, length) in words of every record of a .shp, one after the other; None where it breaks off."""
    data = memoryview(shape.head(shape.size))
    found: list[tuple[int, int]] = []
    at = _HEAD
    while at + 8 <= len(data):
        words = struct.unpack_from(">ii", data, at)[1]
        if words < 2 or at + 8 + words * 2 > len(data):
            return None
        found.append((at // 2, words))
        at += 8 + words * 2
    return None if at < len(data) < _stated_bytes(shape) else found


def _stated_bytes(shape: _Part) -> int:
    return 2 * int(struct.unpack(">i", shape.head(28)[24:])[0])


def _stated_rows(table: _Part) -> int:
    head = table.head(8)
    return int(struct.unpack("<I", head[4:])[0]) if len(head) == 8 else 0


def whole_rows(place: Place, folder: Path) -> tuple[str | None, tuple[Finding, ...]]:
    """(path of a copy in `folder` without the row that is cut, what to say) of a lone .dbf that is cut short;
    (None, ()) of any other. Problem where not one row is whole."""
    if place.member is None:
        table = _Part(place.path)
    else:
        with zipfile.ZipFile(place.path) as archive:
            table = _Part(place.path, archive.getinfo(place.member.file))
    rows = _table_rows(table)
    if rows >= _stated_rows(table):
        return None, ()
    if not rows:
        raise Problem(
            f"{place.title} is cut short: not one of its {_stated_rows(table):,} rows is whole.",
            fix="Copy or download it again.",
        )
    target = folder / f"{_stem(table.name)}.dbf"
    target.write_bytes(_shortened(place, table))
    return str(target), (_cut_table(place, table, rows),)


def _shortened(place: Place, table: _Part) -> bytes:
    """A .dbf with its whole rows only. Problem above 1 GB."""
    if table.size > _MOST_SHORTENED:
        raise Problem(
            f"{place.title}: its table ({table.name}) is cut short: it holds {_table_rows(table):,} of "
            f"{_stated_rows(table):,} rows.",
            fix="Copy or download it again, with all its parts.",
        )
    rows = _table_rows(table)
    start, width = struct.unpack("<HH", table.head(12)[8:])
    data = bytearray(table.head(start + rows * width))
    struct.pack_into("<I", data, 4, rows)
    return bytes(data) + b"\x1a"


def _cut_table(place: Place, table: _Part, rows: int) -> Finding:
    stated = _stated_rows(table)
    return Finding(
        "table-cut-short",
        "error",
        f"The table of {place.called} ({table.name}) is cut short: "
        + (f"{rows:,} of its {counted(stated, 'row')} are whole and read." if rows else "no row is whole.")
        + " Get the file again, with all its parts.",
        count=stated - rows,
    )


def _table_rows(table: _Part) -> int:
    head = table.head(32)
    if len(head) < 32:
        return 0
    stated, start, width = struct.unpack("<IHH", head[4:12])
    # A table that was cut short has fewer rows than it states.
    return min(int(stated), max(0, table.size - start) // width) if width else 0


def deleted_rows(place: Place) -> tuple[int, ...]:
    """Rows (from 1) that the .dbf marks as deleted; GDAL leaves them out without a word."""
    table = _parts(place).get("dbf")
    if table is None or table.size > 1 << 30:
        return ()
    head = table.head(32)
    count = _table_rows(table)
    if len(head) < 32 or not count:
        return ()
    _, start, width = struct.unpack("<IHH", head[4:12])
    cells = np.frombuffer(table.head(start + count * width), dtype=np.uint8, offset=start)
    marks = cells[: len(cells) // width * width].reshape(-1, width)[:, 0]
    return tuple(int(i) + 1 for i in np.flatnonzero(marks == 0x2A))


def _readable_prj(part: _Part) -> bool:
    text = part.head(1 << 16).decode("utf-8", "replace").strip().lstrip("\ufeff")
    if not text:
        return False
    try:
        pyproj.CRS.from_user_input(text)
    except pyproj.exceptions.CRSError:
        # GDAL reads the older, keyword form of Arc/Info, which PROJ does not.
        return text.lower().startswith("projection")
    return True


def _letters(place: Place, parts: Mapping[str, _Part]) -> tuple[str | None, list[Finding]]:
    """(what to tell GDAL, what to tell the user)."""
    table = parts.get("dbf")
    if table is None:
        return None, []
    texts = _high_texts(table)
    if not texts:
        return None, []
    stated = _stated(parts)
    if _decodes(texts, "utf-8"):
        if stated is not None and codecs.lookup(stated).name == "utf-8":
            return "UTF-8", []
        said = Finding(
            "encoding-mended",
            "info",
            f"{place.called} does not say, or says wrongly, that its text is UTF-8; read as UTF-8.",
        )
        return "UTF-8", [said]
    if stated is not None and codecs.lookup(stated).name != "utf-8" and _decodes(texts, stated):
        return None, []
    found = guessed(b"\n".join(texts), False)
    guess = found.codec if found else "latin-1"
    example = max((t for t in texts), key=lambda t: sum(b > 127 for b in t)).decode(guess, "replace")
    why = (
        "does not say how its letters are coded"
        if stated is None
        else "is not coded as its .cpg or .dbf says"
    )
    said = Finding(
        "encoding-guessed",
        "info",
        f"{place.called} {why}; its text was read as {guess} (for example “{example[:40]}”).",
    )
    return guess.upper(), [said]


def _stated(parts: Mapping[str, _Part]) -> str | None:
    if "cpg" in parts:
        name = parts["cpg"].head(64).decode("ascii", "ignore").strip().strip("\0").lower()
        name = name.removeprefix("ansi ").replace("utf8", "utf-8")
        for each in (name, f"cp{name}", name.replace("8859", "iso8859_").replace("__", "_")):
            try:
                return codecs.lookup(each).name
            except (LookupError, ValueError):
                continue
        return None
    head = parts["dbf"].head(32)
    return _LDID.get(head[29]) if len(head) == 32 else None


def _high_texts(table: _Part) -> list[bytes]:
    """Different cells of text columns with bytes beyond ASCII, from the first 4 MB."""
    head = table.head(32)
    if len(head) < 32:
        return []
    _, start, width = struct.unpack("<IHH", head[4:12])
    data = table.head(start + _SAMPLE_BYTES)
    if width == 0 or data[start:].isascii():
        return []
    spans: list[tuple[int, int]] = []
    at, offset = 32, 1
    while at + 32 <= min(start, len(data)) and data[at] != 0x0D:
        kind, length = data[at + 11 : at + 12], data[at + 16]
        if kind == b"C":
            length += data[at + 17] << 8
            spans.append((offset, offset + length))
        offset += length
        at += 32
    found: dict[bytes, None] = {}
    for row in range((len(data) - start) // width):
        cell_start = start + row * width
        record = data[cell_start : cell_start + width]
        if record.isascii():
            continue
        for left, right in spans:
            cell = record[left:right].rstrip(b" \0")
            if not cell.isascii():
                found.setdefault(cell)
    return list(found)[:5_000]


def _decodes(texts: list[bytes], codec: str) -> bool:
    for text in texts:
        try:
            text.decode(codec)
        except UnicodeDecodeError as error:
            # A long name is cut at the width of its column, sometimes inside of a letter.
            if codec != "utf-8" or error.start < len(text) - 3 or error.reason != "unexpected end of data":
                return False
    return True
