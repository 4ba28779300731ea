"""What a file is, by its bytes: for provenance (sha256) and, cheaply, for caches (fingerprint)."""

from __future__ import annotations

import hashlib
import os
from functools import lru_cache
from pathlib import Path

from migmap.api import Problem

from .meta import SIDECAR
from .reference import Reference

_CHUNK = 1 << 20


def sha256_of(path: Path) -> str:
    """SHA-256 of the file's bytes as hex digits, remembered while size and time of change stay.

    A folder (a File Geodatabase) is hashed over the names and bytes of its files in name order.
    Problem when it cannot be read.
    """
    try:
        stat = os.stat(path)
        newest = stat.st_mtime_ns
        if os.path.isdir(path):
            newest = max((os.stat(f).st_mtime_ns for f in _files(path)), default=newest)
        return _sha256(os.path.abspath(path), stat.st_size, newest)
    except OSError as error:
        raise Problem(f"{path} cannot be read.", detail=error.strerror or str(error)) from error


@lru_cache(maxsize=512)
def _sha256(path: str, _size: int, _mtime_ns: int) -> str:
    digest = hashlib.sha256()
    folder = os.path.isdir(path)
    for file in _files(Path(path)) if folder else [Path(path)]:
        if folder:
            digest.update(os.fsencode(file.relative_to(path).as_posix()) + b"\0")
        with open(file, "rb") as stream:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
    return digest.hexdigest()


def fingerprint(reference: Reference) -> str:
    """A short text that changes when the file, or a file that belongs to it (.dbf, .prj, .cpg,
    .aux.xml, .meta.json), changes in size or time. Opens nothing; "" for a missing file."""
    path = reference.path
    digest = hashlib.sha256(str(reference).encode("utf-8", "surrogatepass"))
    try:
        files = _files(path) if path.is_dir() else _siblings(path)
        if not files:
            return ""
        for file in files:
            stat = file.stat()
            digest.update(f"{file.name}|{stat.st_size}|{stat.st_mtime_ns}\n".encode("utf-8", "surrogatepass"))
    except OSError:
        return ""
    return digest.hexdigest()[:24]


_SHAPEFILE_PARTS = (".dbf", ".shx", ".prj", ".cpg", ".qix", ".sbn", ".sbx")


def companions(path: Path) -> tuple[Path, ...]:
    """The files beside `path` that are read together with it: a shapefile's parts, a sidecar. Other
    files of the same stem (flood.csv beside flood.tif) have nothing to do with it."""
    wanted = {path.name + SIDECAR, path.name + ".aux.xml"}
    if path.suffix.lower() == ".shp":
        wanted |= {path.stem + ending for part in _SHAPEFILE_PARTS for ending in (part, part.upper())}
    return tuple(each for each in map(path.with_name, sorted(wanted)) if each.is_file())


def _siblings(path: Path) -> list[Path]:
    """The file and what stands beside it under the same stem; empty when the file itself is missing."""
    if not path.is_file():
        return []
    # Only files whose name goes on with a dot, so that "a.shp" does not watch "ab.shp".
    start = path.stem + "."
    with os.scandir(path.parent) as entries:
        return sorted(Path(e.path) for e in entries if e.name.startswith(start) and e.is_file())


def _files(folder: Path) -> list[Path]:
    return sorted(f for f in folder.rglob("*") if f.is_file())
