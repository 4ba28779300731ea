"""Tiny OpenStreetMap extracts (.osm.pbf), written byte by byte as the format's description has them."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path


def varint(value: int) -> bytes:
    out = b""
    while value > 0x7F:
        out, value = out + bytes([value & 0x7F | 0x80]), value >> 7
    return out + bytes([value])


def zigzag(value: int) -> bytes:
    return varint(value << 1 if value >= 0 else (-value << 1) - 1)


def field(number: int, content: bytes | int) -> bytes:
    if isinstance(content, int):
        return varint(number << 3) + varint(content)
    return varint(number << 3 | 2) + varint(len(content)) + content


def blob(kind: bytes, content: bytes) -> bytes:
    packed = field(2, len(content)) + field(3, zlib.compress(content))
    header = field(1, kind) + field(3, len(packed))
    return struct.pack(">I", len(header)) + header + packed


def osm_pbf(
    path: Path,
    nodes: Sequence[tuple[int, float, float, Mapping[str, str]]],
    ways: Sequence[tuple[int, Sequence[int], Mapping[str, str]]] = (),
) -> Path:
    """nodes: (id, longitude, latitude, tags). ways: (id, ids of nodes, tags)."""
    strings = [""]

    def index(text: str) -> int:
        if text not in strings:
            strings.append(text)
        return strings.index(text)

    def tagged(tags: Mapping[str, str]) -> bytes:
        keys = b"".join(varint(index(key)) for key in tags)
        values = b"".join(varint(index(value)) for value in tags.values())
        return (field(2, keys) + field(3, values)) if tags else b""

    group = b""
    for number, lon, lat, tags in nodes:
        node = varint(1 << 3) + zigzag(number)
        node += (
            tagged(tags)
            + varint(8 << 3)
            + zigzag(round(lat * 1e7))
            + varint(9 << 3)
            + zigzag(round(lon * 1e7))
        )
        group += field(1, node)
    lines = b""
    for number, members, tags in ways:
        steps = [b - a for a, b in zip([0, *members], members, strict=False)]
        lines += field(3, field(1, number) + tagged(tags) + field(8, b"".join(zigzag(s) for s in steps)))
    table = b"".join(field(1, text.encode()) for text in strings)
    groups = field(2, group) + (field(2, lines) if lines else b"")
    header = field(4, b"OsmSchema-V0.6")
    path.write_bytes(blob(b"OSMHeader", header) + blob(b"OSMData", field(1, table) + groups))
    return path
