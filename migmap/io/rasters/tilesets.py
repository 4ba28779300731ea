"""Basemaps as tile sets: MBTiles (an SQLite file) and PMTiles (one file for ranges), read in place.

Both hold small squares of a map of the world in Web Mercator, numbered (zoom, column, row) with row 0 in
the north. Sources: the MBTiles 1.3 specification and the PMTiles specification, version 3.
"""

from __future__ import annotations

import io
import json
import math
import os
import sqlite3
import struct
import threading
import zlib
from abc import ABC, abstractmethod
from bisect import bisect_right
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import quote

from migmap.api import Finding, Meta, Probe, Problem, Source

from ..meta import raster_meta
from ..place import Place

TILE_SETS = frozenset(["mbtiles", "pmtiles"])
MAX_ZOOM = 26
MAX_TILE_BYTES = 16_000_000
MAX_DIRECTORY_BYTES = 64_000_000
MAX_METADATA_BYTES = 8_000_000
_STEPS_OF_SQL = 20_000_000
"""Instructions a query may take: a view in a hostile file could run for ever."""
_WORLD = (-180.0, -85.0511287798066, 180.0, 85.0511287798066)
_HALF_M = 20037508.342789244
VECTOR_FORMAT = "mvt"


@dataclass(frozen=True, slots=True)
class TileSetAbout:
    """What a tile set says of itself. bounds: west, south, east, north in degrees. format: "png", "jpg",
    "webp", "avif", "mvt" (vector tiles) or "unknown". layers: names of the layers of vector tiles."""

    driver: str
    name: str
    bounds: tuple[float, float, float, float]
    min_zoom: int
    max_zoom: int
    format: str
    attribution: str
    layers: tuple[str, ...] = ()

    @property
    def is_vector(self) -> bool:
        return self.format == VECTOR_FORMAT


class TileSet(ABC):
    """An open tile set; use it in a `with` block. Safe to use from several threads."""

    about: TileSetAbout

    @abstractmethod
    def tile(self, z: int, x: int, y: int) -> bytes | None:
        """The tile's bytes, unpacked (a PNG, JPEG, WebP or vector tile); None where there is none.
        Problem where the file is damaged there or a tile passes the limit."""

    @abstractmethod
    def close(self) -> None: ...

    def __enter__(self) -> TileSet:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_tiles(path: Path) -> TileSet:
    """The tile set in a .mbtiles or .pmtiles file. Problem when it is none, or damaged."""
    with open(path, "rb") as stream:
        head = stream.read(16)
    return (
        _PMTiles(path) if head.startswith(b"PMTiles") or path.suffix.lower() == ".pmtiles" else _MBTiles(path)
    )


def probe_tiles(place: Place) -> Probe:
    """What a tile set says of itself. crs is that of the tiles, EPSG:3857."""
    if place.member is not None:
        raise Problem(
            f"{place.title} is a tile set inside an archive.",
            fix="Unpack the archive and open the file itself.",
        )
    with open_tiles(place.path) as tiles:
        about = tiles.about
        findings = _findings(place, tiles)
    west, south = _metres(about.bounds[0], about.bounds[1])
    east, north = _metres(about.bounds[2], about.bounds[3])
    meta, notes = raster_meta(place.path, {})
    if about.attribution and not meta.attribution:
        meta = Meta(
            meta.sensitivity, meta.synthetic, about.attribution, meta.licence, meta.date, meta.boundary_note
        )
    side = 256 << about.max_zoom
    return Probe(
        source=Source(str(place.path), place.reference.part, about.driver),
        name=about.name or place.path.stem,
        driver=about.driver,
        geometry="raster",
        crs="EPSG:3857",
        bounds=(west, south, east, north),
        meta=meta,
        findings=(*findings, *notes),
        width=max(1, round((east - west) / (2 * _HALF_M) * side)),
        height=max(1, round((north - south) / (2 * _HALF_M) * side)),
        dtype=None if about.is_vector else "uint8",
    )


def refuse_as_raster(place: Place) -> None:
    """Problem for a tile set that is no raster GDAL could draw: vector tiles, and PMTiles."""
    if place.ending not in TILE_SETS:
        return
    about = probe_about(place)
    if about.is_vector:
        raise Problem(
            f"{place.title} is a basemap of vector tiles; migmap can describe it but not draw it yet.",
            fix="Use a basemap of pictures (MBTiles with PNG or JPEG tiles).",
        )
    if about.driver == "PMTiles" or about.format not in ("png", "jpg", "webp"):
        raise Problem(
            f"{place.title} is a basemap in {about.driver} with {about.format} tiles; migmap can describe "
            "it but not draw it yet.",
            fix="Use the same basemap as MBTiles with PNG or JPEG tiles.",
        )


def probe_about(place: Place) -> TileSetAbout:
    if place.member is not None:
        raise Problem(
            f"{place.title} is a tile set inside an archive.",
            fix="Unpack the archive and open the file itself.",
        )
    with open_tiles(place.path) as tiles:
        return tiles.about


def _findings(place: Place, tiles: TileSet) -> tuple[Finding, ...]:
    about = tiles.about
    what = "vector tiles" if about.is_vector else f"{about.format} pictures"
    found = [
        Finding(
            "tile-set",
            "info",
            f"{place.called} is a basemap of {what}, zoom {about.min_zoom} to {about.max_zoom}"
            + (f", layers {', '.join(about.layers[:12])}" if about.layers else "")
            + ". It is a background; no figure is made with it.",
        )
    ]
    if about.is_vector or about.driver == "PMTiles":
        found.append(
            Finding(
                "tile-set-not-drawn",
                "warning",
                f"{place.called} holds {what} in {about.driver}, which migmap can describe but not draw yet. "
                "Use the same basemap as MBTiles with PNG or JPEG tiles.",
            )
        )
    if not about.attribution:
        found.append(
            Finding(
                "attribution-missing",
                "info",
                f"{place.called} does not say whose map it is; name the source on what you publish.",
            )
        )
    return tuple(found)


def _metres(lon: float, lat: float) -> tuple[float, float]:
    lat = min(max(lat, _WORLD[1]), _WORLD[3])
    y = math.log(math.tan(math.pi / 4 + math.radians(lat) / 2)) * 6378137.0
    return lon / 180.0 * _HALF_M, y


def _bounds(numbers: list[float]) -> tuple[float, float, float, float]:
    """Bounds that make sense, else the whole world."""
    if len(numbers) == 4 and all(math.isfinite(n) for n in numbers):
        west, south, east, north = numbers
        if -180 <= west < east <= 180 and -90 <= south < north <= 90:
            return west, south, east, north
    return _WORLD


def _zoom(value: object, otherwise: int) -> int:
    try:
        return min(max(int(float(str(value))), 0), MAX_ZOOM)
    except (ValueError, OverflowError):
        return otherwise


def _inside(z: int, x: int, y: int) -> bool:
    return 0 <= z <= MAX_ZOOM and 0 <= x < 1 << z and 0 <= y < 1 << z


def unpacked(data: bytes, limit: int, title: str) -> bytes:
    """`data` without gzip, up to `limit` bytes. Problem beyond it, or where it is damaged."""
    if not data.startswith(b"\x1f\x8b"):
        return data
    try:
        unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
        out = unpacker.decompress(data, limit)
        if unpacker.unconsumed_tail or (not unpacker.eof and len(out) >= limit):
            raise Problem(f"{title} unpacks to more than {limit:,} bytes.", fix="Do not use this file.")
        return out
    except zlib.error as error:
        raise _damaged(title, str(error)) from error


def _damaged(title: str, detail: str) -> Problem:
    return Problem(
        f"{title} is damaged or no tile set.", detail=detail[:300], fix="Download or copy the file again."
    )


_PICTURES = {b"\x89PNG": "png", b"\xff\xd8\xff": "jpg", b"RIFF": "webp"}


def _format_of(tile: bytes) -> str:
    return next((name for mark, name in _PICTURES.items() if tile.startswith(mark)), "mvt")


# -- MBTiles --------------------------------------------------------------------------------------


class _MBTiles(TileSet):
    def __init__(self, path: Path) -> None:
        self._title = str(path)
        self._lock = threading.Lock()
        self._steps = 0
        address = f"file:{quote(os.path.abspath(path))}?mode=ro&immutable=1"
        try:
            self._base = sqlite3.connect(address, uri=True, check_same_thread=False)
        except sqlite3.Error as error:
            raise _damaged(self._title, str(error)) from error
        try:
            # A file from elsewhere must not make SQLite run its own functions or wait for ever.
            self._base.execute("PRAGMA trusted_schema = OFF")
            self._base.set_progress_handler(self._watch, 100_000)
            self.about = self._read_about(path)
        except BaseException:
            self._base.close()
            raise

    def _watch(self) -> int:
        self._steps += 100_000
        return int(self._steps > _STEPS_OF_SQL)

    def _query(self, sql: str, values: tuple[int, ...] = ()) -> list[tuple[Any, ...]]:
        with self._lock:
            self._steps = 0
            try:
                return self._base.execute(sql, values).fetchmany(1_000)
            except (sqlite3.Error, UnicodeError, OverflowError) as error:
                raise _damaged(self._title, str(error)) from error

    def _read_about(self, path: Path) -> TileSetAbout:
        rows = self._query("SELECT name, value FROM metadata WHERE length(value) < 8000000 LIMIT 1000")
        said = {str(name): value for name, value in rows}
        first = self._query(
            "SELECT zoom_level, tile_data FROM tiles WHERE length(tile_data) < 16000000 LIMIT 1"
        )
        if not first:
            raise Problem(f"{self._title} holds no tile.", fix="Export or download the basemap again.")
        data = first[0][1] if isinstance(first[0][1], bytes) else b""
        spans = (
            self._query("SELECT min(zoom_level), max(zoom_level) FROM tiles") if "minzoom" not in said else []
        )
        low, high = spans[0] if spans else (said.get("minzoom"), said.get("maxzoom"))
        stated = str(said.get("format", "")).lower()
        form = {"pbf": "mvt", "jpeg": "jpg"}.get(stated, stated)
        if form not in ("png", "jpg", "webp", "mvt", "avif"):
            form = _format_of(data)
        numbers: list[float] = []
        try:
            numbers = [float(part) for part in str(said.get("bounds", "")).split(",")]
        except ValueError:
            numbers = []
        layers: tuple[str, ...] = ()
        try:
            described = json.loads(str(said.get("json") or "{}"))
            layers = tuple(str(one["id"]) for one in described.get("vector_layers", []))[:200]
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            layers = ()
        low_zoom = _zoom(low, 0)
        return TileSetAbout(
            "MBTiles",
            str(said.get("name", "") or "")[:200],
            _bounds(numbers),
            low_zoom,
            max(_zoom(high, low_zoom), low_zoom),
            form,
            _plain(str(said.get("attribution", "") or "")),
            layers,
        )

    def tile(self, z: int, x: int, y: int) -> bytes | None:
        if not _inside(z, x, y):
            return None
        where = (z, x, (1 << z) - 1 - y)
        at = "FROM tiles WHERE zoom_level = ? AND tile_column = ? AND tile_row = ?"
        size = self._query(f"SELECT length(tile_data) {at} LIMIT 1", where)
        if not size or not size[0][0]:
            return None
        if int(size[0][0]) > MAX_TILE_BYTES:
            raise Problem(
                f"{self._title}: tile {z}/{x}/{y} is {int(size[0][0]):,} bytes; the limit is "
                f"{MAX_TILE_BYTES:,}.",
                fix="Do not use this file.",
            )
        data = self._query(f"SELECT tile_data {at} LIMIT 1", where)[0][0]
        return unpacked(data, MAX_TILE_BYTES, self._title) if isinstance(data, bytes) else None

    def close(self) -> None:
        self._base.close()


def _plain(text: str) -> str:
    """Attribution is often a piece of HTML; only its words travel."""
    out, inside = [], 0
    for letter in text[:2_000]:
        if letter == "<":
            inside += 1
        elif letter == ">" and inside:
            inside -= 1
        elif not inside:
            out.append(letter)
    words = "".join(out).replace("&copy;", "©").replace("&amp;", "&").replace("&nbsp;", " ")
    return " ".join(words.split())[:300]


# -- PMTiles --------------------------------------------------------------------------------------

_TYPES = {1: "mvt", 2: "png", 3: "jpg", 4: "webp", 5: "avif", 6: "mvt"}
_NONE, _GZIP = 1, 2
_MOST_ENTRIES = 4_000_000
_DEPTH = 4


@dataclass(frozen=True, slots=True)
class _Directory:
    """Entries in order of tile id. run 0: the entry is a further directory."""

    ids: list[int]
    runs: list[int]
    lengths: list[int]
    offsets: list[int]


class _PMTiles(TileSet):
    def __init__(self, path: Path) -> None:
        self._title = str(path)
        self._lock = threading.Lock()
        self._size = os.path.getsize(path)
        self._leaves: dict[int, _Directory] = {}
        self._file = io.BufferedReader(io.FileIO(path))
        try:
            self._read_header()
        except BaseException:
            self._file.close()
            raise

    def _read_header(self) -> None:
        head = self._file.read(127)
        if len(head) < 127 or head[:7] != b"PMTiles":
            raise _damaged(self._title, "It does not begin like a PMTiles file.")
        if head[7] != 3:
            raise Problem(
                f"{self._title} is PMTiles version {head[7]}; migmap reads version 3.",
                fix="Convert it with the pmtiles program.",
            )
        numbers = struct.unpack_from("<11Q", head, 8)
        root, root_size, meta, meta_size, self._leaf, _, self._data, _ = numbers[:8]
        self._packing, tile_packing, kind, low, high = head[97], head[98], head[99], head[100], head[101]
        if self._packing not in (_NONE, _GZIP) or tile_packing not in (0, _NONE, _GZIP):
            raise Problem(
                f"{self._title} is packed with brotli or zstd, which migmap does not read.",
                fix="Make it again with gzip.",
            )
        degrees = [value / 1e7 for value in struct.unpack_from("<4i", head, 102)]
        self._root = self._directory(root, root_size)
        said: dict[str, Any] = {}
        if meta_size:
            text = self._bytes(meta, meta_size, MAX_METADATA_BYTES)
            try:
                found = json.loads(unpacked(text, MAX_METADATA_BYTES, self._title))
                said = found if isinstance(found, dict) else {}
            except (ValueError, RecursionError):
                said = {}
        listed = said.get("vector_layers")
        layers = tuple(
            str(one.get("id"))
            for one in (listed if isinstance(listed, list) else [])
            if isinstance(one, dict)
        )
        self.about = TileSetAbout(
            "PMTiles",
            str(said.get("name", "") or "")[:200],
            _bounds(degrees),
            min(low, MAX_ZOOM),
            max(min(high, MAX_ZOOM), min(low, MAX_ZOOM)),
            _TYPES.get(kind, "unknown"),
            _plain(str(said.get("attribution", "") or "")),
            layers[:200],
        )

    def _bytes(self, offset: int, length: int, limit: int) -> bytes:
        if length > limit or offset > self._size or offset + length > self._size:
            raise _damaged(self._title, f"It points at {length:,} bytes that it does not hold.")
        with self._lock:
            self._file.seek(offset)
            return self._file.read(length)

    def _directory(self, offset: int, length: int) -> _Directory:
        data = unpacked(self._bytes(offset, length, MAX_DIRECTORY_BYTES), MAX_DIRECTORY_BYTES, self._title)
        return _directory(data, self._title)

    def tile(self, z: int, x: int, y: int) -> bytes | None:
        if not _inside(z, x, y):
            return None
        wanted = tile_id(z, x, y)
        directory = self._root
        for _ in range(_DEPTH):
            at = _last_at_or_before(directory.ids, wanted)
            if at < 0:
                return None
            offset, length, run = directory.offsets[at], directory.lengths[at], directory.runs[at]
            if run:
                if wanted - directory.ids[at] >= run:
                    return None
                data = self._bytes(self._data + offset, length, MAX_TILE_BYTES)
                return unpacked(data, MAX_TILE_BYTES, self._title)
            directory = self._leaf_at(offset, length)
        raise _damaged(self._title, "Its directories are nested too deep.")

    def _leaf_at(self, offset: int, length: int) -> _Directory:
        found = self._leaves.get(offset)
        if found is None:
            found = self._directory(self._leaf + offset, length)
            if len(self._leaves) >= 64:
                self._leaves.clear()
            self._leaves[offset] = found
        return found

    def close(self) -> None:
        self._file.close()


def _directory(data: bytes, title: str) -> _Directory:
    position = 0

    def number() -> int:
        nonlocal position
        value = shift = 0
        while True:
            if position >= len(data) or shift > 63:
                raise _damaged(title, "A directory ends too soon.")
            byte = data[position]
            position += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7

    count = number()
    if count > min(_MOST_ENTRIES, len(data)):
        raise _damaged(title, f"A directory states {count:,} entries and is too short for them.")
    ids, last = [], 0
    for _ in range(count):
        last += number()
        ids.append(last)
    runs = [number() for _ in range(count)]
    lengths = [number() for _ in range(count)]
    offsets: list[int] = []
    for index in range(count):
        value = number()
        if value:
            offsets.append(value - 1)
        elif index:
            offsets.append(offsets[-1] + lengths[index - 1])
        else:
            raise _damaged(title, "A directory's first entry has no place.")
    return _Directory(ids, runs, lengths, offsets)


def _last_at_or_before(ids: list[int], wanted: int) -> int:
    return bisect_right(ids, wanted) - 1


def tile_id(z: int, x: int, y: int) -> int:
    """The number of a tile in PMTiles: all tiles of lower zooms, then its place on a Hilbert curve."""
    found = ((1 << 2 * z) - 1) // 3
    side = 1 << z
    half = side >> 1
    while half:
        right, down = int(bool(x & half)), int(bool(y & half))
        found += half * half * ((3 * right) ^ down)
        if down == 0:
            if right == 1:
                x, y = side - 1 - x, side - 1 - y
            x, y = y, x
        half >>= 1
    return found
