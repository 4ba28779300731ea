"""Tile sets: what they say of themselves, tiles as bytes, and damage that never gets further than words."""

from __future__ import annotations

import gzip
import json
import sqlite3
import struct
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from migmap.api import Problem
from migmap.app.workbench import Workbench
from migmap.io.probe import probe
from migmap.io.rasters.tilesets import open_tiles, tile_id
from migmap.io.read import read
from migmap.io.reference import Reference

PNG = b"\x89PNG\r\n\x1a\n" + bytes(30)
TILES = {(0, 0, 0): PNG + b"0", (1, 0, 1): PNG + b"1", (1, 1, 1): PNG + b"2", (3, 5, 2): PNG + b"3"}


def mbtiles(path: Path, tiles: dict[tuple[int, int, int], bytes] = TILES, **said: str) -> Path:
    base = sqlite3.connect(path)
    base.execute("CREATE TABLE metadata (name text, value text)")
    base.execute(
        "CREATE TABLE tiles (zoom_level integer, tile_column integer, tile_row integer, tile_data blob)"
    )
    base.executemany("INSERT INTO metadata VALUES (?, ?)", said.items())
    rows = [(z, x, (1 << z) - 1 - y, data) for (z, x, y), data in tiles.items()]
    base.executemany("INSERT INTO tiles VALUES (?, ?, ?, ?)", rows)
    base.commit()
    base.close()
    return path


def number(value: int) -> bytes:
    out = b""
    while value > 0x7F:
        out, value = out + bytes([value & 0x7F | 0x80]), value >> 7
    return out + bytes([value])


def directory(entries: list[tuple[int, int, int, int]]) -> bytes:
    """Entries (tile id, run, length, offset) as the specification writes them."""
    ids = [entry[0] for entry in entries]
    out = number(len(entries)) + b"".join(number(b - a) for a, b in zip([0, *ids], ids, strict=False))
    for column in (1, 2):
        out += b"".join(number(entry[column]) for entry in entries)
    return gzip.compress(out + b"".join(number(entry[3] + 1) for entry in entries))


def pmtiles(path: Path, *, kind: int = 2, leaf: bool = False) -> Path:
    data, entries = b"", []
    for where, tile in sorted(TILES.items(), key=lambda one: tile_id(*one[0])):
        entries.append((tile_id(*where), 1, len(tile), len(data)))
        data += tile
    leaves = b""
    root = directory(entries)
    if leaf:
        leaves = root
        root = directory([(0, 0, len(leaves), 0)])
    meta = gzip.compress(json.dumps({"name": "ground", "attribution": "<a href='x'>© People</a>"}).encode())
    starts = [127, 127 + len(root), 127 + len(root) + len(meta), 127 + len(root) + len(meta) + len(leaves)]
    head = b"PMTiles\x03" + struct.pack(
        "<11Q",
        starts[0],
        len(root),
        starts[1],
        len(meta),
        starts[2],
        len(leaves),
        starts[3],
        len(data),
        4,
        4,
        4,
    )
    head += bytes([1, 2, 1, kind, 0, 3]) + struct.pack("<4i", 600000000, 230000000, 780000000, 370000000)
    path.write_bytes(head + bytes(127 - len(head)) + root + meta + leaves + data)
    return path


def test_tile_numbers_follow_the_specification() -> None:
    known = {(0, 0, 0): 0, (1, 0, 0): 1, (1, 0, 1): 2, (1, 1, 1): 3, (1, 1, 0): 4, (2, 0, 0): 5}
    assert {where: tile_id(*where) for where in known} == known
    assert sorted(tile_id(3, x, y) for x in range(8) for y in range(8)) == list(range(21, 85))


@pytest.mark.parametrize("made", ["mbtiles", "pmtiles", "leaf"])
def test_tiles_come_back_as_they_were(tmp_path: Path, made: str) -> None:
    path = (
        mbtiles(tmp_path / "a.mbtiles", name="ground", bounds="60,23,78,37", attribution="<b>© People</b>")
        if made == "mbtiles"
        else pmtiles(tmp_path / "a.pmtiles", leaf=made == "leaf")
    )
    with open_tiles(path) as tiles:
        for where, data in TILES.items():
            assert tiles.tile(*where) == data
        for nowhere in ((1, 0, 0), (1, 9, 9), (-1, 0, 0), (40, 1, 1), (3, 5, -1)):
            assert tiles.tile(*nowhere) is None
        about = tiles.about
    assert (about.name, about.format, about.attribution) == ("ground", "png", "© People")
    assert (about.min_zoom, about.max_zoom, about.bounds) == (0, 3, (60, 23, 78, 37))
    seen = probe(Reference(path))
    assert seen.driver == ("MBTiles" if made == "mbtiles" else "PMTiles")
    assert seen.crs == "EPSG:3857"
    assert seen.meta.attribution == "© People"
    assert "tile-set" in {one.code for one in seen.findings}


def test_what_cannot_be_drawn_says_so(tmp_path: Path) -> None:
    vector = mbtiles(tmp_path / "v.mbtiles", {(0, 0, 0): gzip.compress(b"tile")}, format="pbf")
    with open_tiles(vector) as tiles:
        assert tiles.tile(0, 0, 0) == b"tile"
        assert tiles.about.is_vector
    for path in (vector, pmtiles(tmp_path / "a.pmtiles"), pmtiles(tmp_path / "v.pmtiles", kind=1)):
        assert {"tile-set-not-drawn", "tile-set"} <= {one.code for one in probe(Reference(path)).findings}
        with pytest.raises(Problem, match="not draw it yet"):
            read(Reference(path))


def test_hostile_tile_sets(tmp_path: Path) -> None:
    for name in ("a.mbtiles", "a.pmtiles"):
        for content in (
            b"",
            b"x",
            b"SQLite format 3\0" + b"x" * 4000,
            b"PMTiles\x03" + b"\xff" * 300,
            b"PMTiles\x02" + bytes(300),
        ):
            (tmp_path / name).write_bytes(content)
            with pytest.raises(Problem):
                probe(Reference(tmp_path / name))
    empty = mbtiles(tmp_path / "empty.mbtiles", {})
    with pytest.raises(Problem, match="holds no tile"):
        probe(Reference(empty))
    bomb = mbtiles(tmp_path / "bomb.mbtiles", {(0, 0, 0): gzip.compress(bytes(40_000_000))}, format="pbf")
    with open_tiles(bomb) as tiles, pytest.raises(Problem, match="unpacks to more than"):
        tiles.tile(0, 0, 0)
    endless = tmp_path / "endless.mbtiles"
    base = sqlite3.connect(endless)
    base.execute("CREATE TABLE metadata (name text, value text)")
    base.execute(
        "CREATE VIEW tiles AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
        "SELECT i AS zoom_level, 0 AS tile_column, 0 AS tile_row, x'00' AS tile_data FROM n WHERE i < 0"
    )
    base.commit()
    base.close()
    with pytest.raises(Problem, match="damaged"):
        probe(Reference(endless))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 1500), st.integers(0, 255)), min_size=1, max_size=6), st.booleans())
def test_damaged_tile_sets_raise_nothing_but_a_problem(
    tmp_path: Path, changes: list[tuple[int, int]], squeezed: bool
) -> None:
    path = tmp_path / ("f.pmtiles" if squeezed else "f.mbtiles")
    path.unlink(missing_ok=True)
    whole = bytearray((pmtiles(path) if squeezed else mbtiles(path, name="x")).read_bytes())
    for at, value in changes:
        whole[at % len(whole)] = value
    path.write_bytes(bytes(whole))
    try:
        probe(Reference(path))
        with open_tiles(path) as tiles:
            tiles.tile(1, 0, 1)
    except Problem:
        pass


def test_tiles_that_cannot_be_drawn_are_described_by_check(tmp_path: Path) -> None:
    report = Workbench().check(str(pmtiles(tmp_path / "base.pmtiles")))
    assert report.kind == "basemap"
    assert "tile-set-not-drawn" in [one.code for one in report.findings]
