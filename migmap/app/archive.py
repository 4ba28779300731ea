"""A zip of small named entries, read as far as it can be read."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_LOCAL = b"PK\x03\x04"
_HEADER = struct.Struct("<4s5H3I2H")
_UTF8 = 0x800
# Zip keeps a time for each entry; a fixed one makes equal projects equal files.
_TIME = (1980, 1, 1, 0, 0, 0)
_LARGEST = 1 << 31


@dataclass(frozen=True, slots=True)
class Archive:
    """entries: name -> contents, what could be read. problems: what could not, one sentence each."""

    entries: Mapping[str, bytes]
    problems: tuple[str, ...] = ()

    @classmethod
    def read(cls, data: bytes) -> Archive | None:
        """The archive in `data`; None when it is none at all."""
        if not data.startswith(b"PK"):
            return None
        try:
            opened = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError, struct.error):
            return _salvaged(data)
        entries: dict[str, bytes] = {}
        problems: list[str] = []
        with opened:
            for info in opened.infolist():
                try:
                    if info.file_size > _LARGEST:
                        raise zipfile.BadZipFile("too large")
                    entries[info.filename] = opened.read(info)
                except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError):
                    problems.append(f"The part “{info.filename}” of the file is damaged.")
        return cls(entries, tuple(problems))


def write_archive(target: Path, entries: Mapping[str, bytes]) -> None:
    """Write `entries` in their order; the same entries give the same bytes."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, contents in entries.items():
            info = zipfile.ZipInfo(name, _TIME)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, contents)


def _salvaged(data: bytes) -> Archive | None:
    """What a zip without its directory (cut short) still holds: each entry has a header of its own."""
    entries: dict[str, bytes] = {}
    at = data.find(_LOCAL)
    while at >= 0 and at + _HEADER.size <= len(data):
        fields = _HEADER.unpack_from(data, at)
        flags, method, checksum, packed, size = fields[2], fields[3], fields[6], fields[7], fields[8]
        name_length, extra_length = fields[9], fields[10]
        start = at + _HEADER.size
        name = data[start : start + name_length].decode("utf-8" if flags & _UTF8 else "cp437", "replace")
        body = data[start + name_length + extra_length :][:packed]
        contents = _unpacked(body, method, size) if len(body) == packed and not flags & 0x8 else None
        if contents is not None and zlib.crc32(contents) == checksum:
            entries[name] = contents
        at = data.find(_LOCAL, at + len(_LOCAL))
    if not entries:
        return None
    return Archive(entries, ("The end of the file is missing or damaged.",))


def _unpacked(body: bytes, method: int, size: int) -> bytes | None:
    if method == zipfile.ZIP_STORED:
        return body
    if method != zipfile.ZIP_DEFLATED:
        return None
    try:
        return zlib.decompressobj(-15).decompress(body, min(size, _LARGEST) or 1)
    except zlib.error:
        return None
