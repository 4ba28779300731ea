"""Where the features of a GeoJSON file begin and end, without building anything of it.

A scan over the bytes finds strings and brackets with numpy (about 200 MB a second) and keeps only the few
brackets near the root. So the number of features is known, the first ones can be had without reading the
rest, and one broken feature can be looked at by itself.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO

import numpy as np

from ..archive import opened_member
from ..place import Place

_CHUNK = 4 << 20
_FEATURES = re.compile(rb'"features"\s*:\s*$', re.IGNORECASE)
_STEP = np.zeros(256, dtype=np.int8)
_STEP[[ord("{"), ord("[")]] = 1
_STEP[[ord("}"), ord("]")]] = -1


@dataclass(slots=True)
class Records:
    """The JSON objects of a file that are its features, in its order.

    starts, ends: byte offsets, `data[start:end]` is one object. opening: offset of the first byte of the
    array of features, -1 where there is none (one feature, or one a line). closing: offset of its last.
    whole: every bracket and string was closed and the end was reached. read: bytes looked at.
    """

    starts: array[int] = field(default_factory=lambda: array("q"))
    ends: array[int] = field(default_factory=lambda: array("q"))
    opening: int = -1
    closing: int = -1
    whole: bool = False
    read: int = 0
    arrays: int = 0

    def __len__(self) -> int:
        return len(self.ends)


def records_of(place: Place, most: int | None = None, most_bytes: int | None = None) -> Records:
    """Scan the file or member. most: stop after so many features; most_bytes: after so many bytes, though
    not before one feature is complete or ten times as much was read."""
    with opened(place) as stream:
        return scan(iter(lambda: stream.read(_CHUNK if most is None else 1 << 18), b""), most, most_bytes)


@contextmanager
def opened(place: Place) -> Iterator[IO[bytes]]:
    """The bytes of the file, or of the archive's member."""
    if place.member is not None:
        with opened_member(place.path, place.member.file) as stream:
            yield stream
    else:
        with open(place.path, "rb") as stream:
            yield stream


def scan(chunks: Iterator[bytes], most: int | None = None, most_bytes: int | None = None) -> Records:
    found = Records()
    depth, quoted, carry, tail, base = 0, False, b"", b"", 0
    root_array = False
    inside_features = False
    pending = -1
    array_was_in_root = False
    for chunk in chunks:
        data = carry + chunk
        # An escape must not be cut in two: backslashes at the end wait for what follows them.
        kept = len(data.rstrip(b"\\"))
        if len(data) - kept > 1 << 20:
            break
        data, carry = data[:kept], data[kept:]
        plain = data.replace(b"\\\\", b"__").replace(b'\\"', b"__") if b"\\" in data else data
        letters = np.frombuffer(plain, dtype=np.uint8)
        quotes = np.flatnonzero(letters == 34)
        steps = _STEP[letters]
        spots = np.flatnonzero(steps)
        outside = ((np.searchsorted(quotes, spots) + quoted) & 1) == 0
        spots = spots[outside]
        moves = steps[spots].astype(np.int64)
        after = depth + np.cumsum(moves)
        before = after - moves
        near = np.minimum(before, after) <= 2
        for spot, level, move in zip(
            spots[near].tolist(), before[near].tolist(), moves[near].tolist(), strict=True
        ):
            letter = plain[spot]
            at = base + spot
            if move > 0:
                if level == 0:
                    root_array = letter == 0x5B
                    array_was_in_root = False
                    if not root_array:
                        pending = at
                    elif found.opening < 0:
                        found.opening = at
                elif level == 1 and letter == 0x7B and root_array:
                    pending = at
                elif level == 1 and letter == 0x5B and not root_array:
                    lead = plain[max(0, spot - 200) : spot]
                    if spot < 200:
                        lead = tail + lead
                    if _FEATURES.search(lead):
                        inside_features = array_was_in_root = True
                        found.arrays += 1
                        if found.opening < 0:
                            found.opening = at
                elif level == 2 and letter == 0x7B and inside_features:
                    pending = at
            else:
                left = level - 1
                if left == 2 and inside_features and letter == 0x7D and pending >= 0:
                    found.starts.append(pending)
                    found.ends.append(at + 1)
                elif left == 1 and inside_features and letter == 0x5D:
                    inside_features = False
                    found.closing = at
                elif letter == 0x7D and ((left == 1 and root_array) or (left == 0 and not array_was_in_root)):
                    found.starts.append(pending)
                    found.ends.append(at + 1)
                elif left == 0 and root_array:
                    found.closing = at
            if most is not None and len(found.ends) >= most:
                found.read = base + len(data)
                return found
        if len(after):
            depth = int(after[-1])
        quoted = bool((len(quotes) + quoted) & 1)
        tail = plain[-200:] if len(plain) >= 200 else (tail + plain)[-200:]
        base += len(data)
        if most_bytes is not None and base >= most_bytes * (1 if len(found.ends) else 10):
            found.read = base
            return found
    found.read = base
    found.whole = depth == 0 and not quoted and not carry and len(found.ends) + found.arrays > 0
    return found
