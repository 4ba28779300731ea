"""Zip archives: what data they hold, read in place, within limits that a hostile file cannot pass.

Nothing is unpacked to disk: GDAL reads through /vsizip/, tables are read into memory. So no name in an
archive can point outside it, and nothing is left behind.
"""

from __future__ import annotations

import os
import zipfile
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from migmap.api import Problem

MAX_MEMBERS = 10_000
MAX_EXPANDED_BYTES = 8 << 30
MAX_RATIO = 1_000
"""Expanded to packed size of one member above 100 MB. Honest DBF files reach about 100."""
MAX_TABLE_BYTES = 1 << 30
_ARCHIVE_ENDINGS = frozenset({"zip", "kmz", "7z", "rar", "gz", "tgz", "tar"})
_BESIDE = frozenset({"txt", "png", "jpg", "jpeg"})
_COMPANIONS = frozenset({"codebook.csv", "long_text.csv"})


@dataclass(frozen=True, slots=True)
class Member:
    """A data file inside an archive. file: its full name there; name: without folders and ending."""

    file: str
    name: str
    ending: str
    size: int


def data_members(path: Path, endings: Collection[str]) -> list[Member]:
    """The data files in the archive in its own order; the parts of a shapefile count once, as the .shp.
    Problem when it is no zip, is locked with a password, passes a limit, or holds names that climb out."""
    infos = _listing(path)
    inside: dict[str, zipfile.ZipInfo] = {}
    folders: dict[str, int] = {}
    for info in infos:
        name = info.filename.replace("\\", "/")
        if name.startswith("/") or ".." in name.split("/") or (len(name) > 1 and name[1] == ":"):
            raise Problem(
                f"{path} holds a file whose name leads out of the archive: {name}.",
                fix="Do not use this file; ask the sender for a clean one.",
            )
        parts = [p for p in name.split("/") if p]
        if not parts or "__MACOSX" in parts or parts[-1].startswith("."):
            continue
        geodatabase = next((i for i, p in enumerate(parts) if p.lower().endswith(".gdb")), None)
        if geodatabase is not None:
            folder = "/".join(parts[: geodatabase + 1])
            folders[folder] = folders.get(folder, 0) + info.file_size
        elif not name.endswith("/"):
            inside[info.filename] = info
    found = [_member(folder, size) for folder, size in folders.items()]
    stems = {name[:-4].lower() for name in inside if name.lower().endswith(".shp")}
    for name, info in inside.items():
        if not info.file_size:
            continue
        member = _member(name, info.file_size)
        if member.ending not in endings or (member.ending == "dbf" and name[:-4].lower() in stems):
            continue
        if info.flag_bits & 0x1:
            raise Problem(
                f"{path} is locked with a password.", fix="Unpack it first, then open the file inside."
            )
        found.append(member)
    # Notes, licences and pictures beside real data are not what anyone means by the archive.
    real = [m for m in found if m.ending not in _BESIDE and not (stems and _is_companion(m))]
    if not real:
        _refuse_nested(path, inside)
    return _distinct(real or found)


def _refuse_nested(path: Path, inside: Collection[str]) -> None:
    """Problem when all there is lies in archives inside of the archive."""
    nested = [name for name in inside if name.lower().rsplit(".", 1)[-1] in _ARCHIVE_ENDINGS]
    if nested:
        raise Problem(
            f"{path} holds another archive: {nested[0]}"
            + (f" and {len(nested) - 1} more." if len(nested) > 1 else "."),
            detail="Archives are read one level deep.",
            fix="Unpack it once, then open the archive inside.",
        )


def _is_companion(member: Member) -> bool:
    """What migmap's own shapefiles bring along."""
    return member.file.rsplit("/", 1)[-1].lower() in _COMPANIONS


def gdal_path_in(path: Path, member: Member) -> str:
    """What GDAL opens. Braces let the archive have any name and ending."""
    return f"/vsizip/{{{os.path.abspath(path)}}}/{member.file}"


@contextmanager
def opened_member(path: Path, name: str) -> Iterator[IO[bytes]]:
    """The member as a stream of bytes. Problem when it is damaged or packed in a way Python cannot read."""
    try:
        with zipfile.ZipFile(path) as archive, archive.open(name) as stream:
            yield stream
    except (
        zipfile.BadZipFile,
        NotImplementedError,
        RuntimeError,
        OSError,
        EOFError,
        KeyError,
        zlib.error,
    ) as error:
        raise _damaged(path, error) from error


def member_bytes(path: Path, member: Member) -> bytes:
    """The whole member, for table readers. Problem above 1 GB or when damaged."""
    if member.size > MAX_TABLE_BYTES:
        raise Problem(
            f"{member.file} in {path} is {member.size / 1e9:.1f} GB when unpacked; the limit is "
            f"{MAX_TABLE_BYTES / 1e9:.1f} GB.",
            fix="Unpack it and open the file itself.",
        )
    with opened_member(path, member.file) as stream:
        # One byte more than declared shows a header that lies about the size.
        data = stream.read(member.size + 1)
    if len(data) != member.size:
        raise _damaged(path, ValueError(f"{member.file} is not as long as the archive says"))
    return data


def check_limits(path: Path) -> None:
    """Problem when the archive (an XLSX is one too) passes a limit."""
    _listing(path)


def _listing(path: Path) -> list[zipfile.ZipInfo]:
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError) as error:
        raise _damaged(path, error) from error
    if len(infos) > MAX_MEMBERS:
        raise Problem(
            f"{path} holds {len(infos):,} files; the limit is {MAX_MEMBERS:,}.",
            fix="Unpack what you need first.",
        )
    expanded = sum(info.file_size for info in infos)
    bomb = any(
        info.file_size > 100 << 20 and info.file_size > MAX_RATIO * max(info.compress_size, 1)
        for info in infos
    )
    if expanded > MAX_EXPANDED_BYTES or bomb:
        raise Problem(
            f"{path} would unpack to {expanded / 1e9:.1f} GB from {path.stat().st_size / 1e6:.1f} MB.",
            detail=f"At most {MAX_EXPANDED_BYTES / 1e9:.1f} GB and {MAX_RATIO:,} times the packed size.",
            fix="Unpack it yourself if you trust it, then open the file inside.",
        )
    return infos


def _damaged(path: Path, error: Exception) -> Problem:
    return Problem(
        f"{path} is not a readable zip archive.", detail=str(error), fix="Download or zip the file again."
    )


def _member(name: str, size: int) -> Member:
    last = name.rstrip("/").rsplit("/", 1)[-1]
    stem, _, ending = last.rpartition(".")
    return Member(file=name.rstrip("/"), name=stem or last, ending=ending.lower(), size=size)


def _distinct(members: list[Member]) -> list[Member]:
    """Two members of one stem are told apart by their full names."""
    names = [m.name for m in members]
    return [m if names.count(m.name) == 1 else Member(m.file, m.file, m.ending, m.size) for m in members]
