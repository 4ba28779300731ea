"""GDAL virtual rasters, looked through before GDAL opens them: a small text can point anywhere.

Sources must be files in the folder of the .vrt or below it. Anything else (another folder, the network, a
GDAL virtual path, code in a pixel function) is refused with its name.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.parsers import expat

from migmap.api import Problem

MAX_BYTES = 20_000_000
MAX_SOURCES = 20_000
MAX_DEPTH = 4
"""A virtual raster may name virtual rasters, so deep."""
_NAMES = frozenset(["sourcefilename", "sourcedataset", "indexdataset", "dempath"])
_KEYS = frozenset(["x_dataset", "y_dataset"])
_PREFIXED = re.compile(
    r'^(?:netcdf|hdf5|gtiff_dir:\d+|gtiff_dir):"?(?P<path>[^"]+?)"?(?::[^:/\\]*)?$', re.IGNORECASE
)
_CODE = frozenset(["pixelfunctioncode", "pixelfunctionlanguage", "processingsteps"])
_ELSEWHERE = re.compile(r"^(?:/vsi|[a-z][a-z0-9+.-]+:|<|\\\\)", re.IGNORECASE)


class _Source:
    __slots__ = ("name", "relative")

    def __init__(self, name: str, relative: bool) -> None:
        self.name = name
        self.relative = relative


def check_vrt(path: Path, title: str) -> None:
    """Problem when the .vrt at `path` is no sound one, points outside its folder, at the network or at a
    missing file, runs code, or passes a limit. Follows .vrt files it names."""
    budget = [MAX_SOURCES]
    _check(path, title, path.parent.resolve(), budget, 0)


def _check(path: Path, title: str, home: Path, budget: list[int], depth: int) -> None:
    if depth > MAX_DEPTH:
        raise Problem(
            f"{title} names virtual rasters that name virtual rasters, more than {MAX_DEPTH} deep.",
            fix="Give the raster they were made from.",
        )
    if path.stat().st_size > MAX_BYTES:
        raise Problem(
            f"{title} is a virtual raster of {path.stat().st_size / 1e6:.0f} MB; the limit is "
            f"{MAX_BYTES / 1e6:.0f} MB.",
            fix="Make one GeoTIFF of it with gdal_translate.",
        )
    folder = path.parent
    for source in sources_of(path.read_bytes(), title):
        budget[0] -= 1
        if budget[0] < 0:
            raise Problem(
                f"{title} names more than {MAX_SOURCES:,} files.",
                fix="Make one GeoTIFF of it with gdal_translate.",
            )
        file = _inside(source, folder, home, title)
        if file.suffix.lower() == ".vrt":
            _check(file, title, home, budget, depth + 1)


def check_vrt_member(text: bytes, name: str, is_there: Callable[[str], bool], title: str) -> None:
    """The same for a .vrt inside an archive: `name` is its name there; is_there: whether a name is."""
    folder = name.rpartition("/")[0]
    for count, source in enumerate(sources_of(text, title)):
        if count >= MAX_SOURCES:
            raise Problem(f"{title} names more than {MAX_SOURCES:,} files.", fix="Give the raster itself.")
        plain = os.path.normpath(os.path.join(folder, source.name)).replace("\\", "/")
        if not source.relative or _ELSEWHERE.match(source.name) or plain.startswith(("/", "..")):
            raise _outside(source.name, title)
        if plain.lower().endswith(".vrt"):
            raise Problem(
                f"{title} names another virtual raster, {source.name}, inside the archive.",
                fix="Unpack the archive and open the file itself.",
            )
        if not is_there(plain):
            raise _missing(source.name, title)


def sources_of(text: bytes, title: str) -> Iterator[_Source]:
    """The files a virtual raster names. Problem for XML that is broken, declares entities or runs code."""
    found: list[_Source] = []
    stack: list[tuple[str, dict[str, str]]] = []
    words: list[str] = []
    faults: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        plain = name.lower()
        stack.append((plain, {key.lower(): value for key, value in attributes.items()}))
        words.clear()
        if plain in _CODE:
            faults.append("runs steps of its own on every cell (a pixel function or processing steps)")

    def end(_: str) -> None:
        plain, attributes = stack.pop()
        if plain in _NAMES:
            found.append(_Source("".join(words).strip(), attributes.get("relativetovrt", "0") == "1"))
        elif plain == "mdi" and attributes.get("key", "").lower() in _KEYS:
            found.append(_Source("".join(words).strip(), True))
        words.clear()

    def entity(*_: object) -> None:
        faults.append("declares XML entities")
        raise expat.ExpatError

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = words.append
    parser.EntityDeclHandler = entity
    parser.StartDoctypeDeclHandler = entity
    try:
        parser.Parse(text, True)
    except (expat.ExpatError, ValueError, RecursionError) as error:
        if not faults:
            raise Problem(
                f"{title} is not a readable virtual raster.",
                detail=str(error)[:200],
                fix="Make it again with gdalbuildvrt, or give the raster itself.",
            ) from error
    if faults:
        raise Problem(
            f"{title} {faults[0]}; migmap does not open such a file.",
            fix="Give the raster itself, or make a GeoTIFF of it with gdal_translate.",
        )
    return iter(found)


def _inside(source: _Source, folder: Path, home: Path, title: str) -> Path:
    name = source.name
    prefixed = _PREFIXED.match(name)
    if prefixed:
        name = prefixed.group("path")
    # A single letter before the colon is a drive.
    elif _ELSEWHERE.match(name) and not re.match(r"^[A-Za-z]:[\\/]", name):
        raise _outside(source.name, title)
    if not name or "\0" in name or name.startswith("/vsi"):
        raise _outside(source.name, title)
    try:
        file = (folder / name if source.relative or prefixed else Path(name)).resolve()
        if not file.is_absolute() or not file.is_relative_to(home):
            raise _outside(source.name, title)
        if not file.is_file():
            raise _missing(source.name, title)
    except (OSError, ValueError, RuntimeError) as error:
        raise _missing(source.name, title) from error
    return file


def _outside(name: str, title: str) -> Problem:
    return Problem(
        f"{title} points at something outside its own folder: {name[:200] or 'a file without a name'}.",
        detail="A virtual raster may only name files beside it or in folders below.",
        fix="Copy that file beside the .vrt and name it relative to it, or give the raster itself.",
    )


def _missing(name: str, title: str) -> Problem:
    return Problem(
        f"{title} is a virtual raster, and its source {name[:200]} is not there.",
        fix="Copy that file into the same folder, or give the raster itself.",
    )
