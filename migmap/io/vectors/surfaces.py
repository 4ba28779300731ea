"""Surfaces in space (multipatch, TIN, polyhedral) as the ground they cover, from their WKB.

Format: ISO 13249-3 well-known binary. GEOS, and so shapely, knows no surfaces.
"""

from __future__ import annotations

import struct

import shapely

_POLYGON, _TRIANGLE = 3, 17
_COLLECTIONS = frozenset({4, 5, 6, 7, 15, 16})
MAX_FACES = 200_000


def flattened(wkb: bytes) -> shapely.Geometry | None:
    """The ground under all faces; None where there is none, or the bytes are something else."""
    try:
        faces, _ = _faces(memoryview(wkb), 0, 0)
    except (struct.error, ValueError, IndexError, shapely.errors.ShapelyError):
        return None
    flat = [face for face in faces if face.area > 0]
    if not flat:
        return None
    ground = shapely.union_all(shapely.make_valid(flat))
    parts = [p for p in shapely.get_parts(ground) if p.geom_type == "Polygon"]
    if not parts:
        return ground if ground.geom_type in ("Polygon", "MultiPolygon") else None
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def _faces(data: memoryview, at: int, depth: int) -> tuple[list[shapely.Polygon], int]:
    """(faces without heights, offset after them)."""
    if depth > 8:
        raise ValueError("nested too deeply")
    mark = "<" if data[at] else ">"
    (code,) = struct.unpack_from(mark + "I", data, at + 1)
    at += 5
    width = 2 + bool(code & 0x80000000) + bool(code & 0x40000000)
    if code & 0x20000000:
        at += 4
    kind = code & 0x0FFFFFFF
    thousands, kind = divmod(kind, 1000)
    width = max(width, {0: 2, 1: 3, 2: 3, 3: 4}.get(thousands, 2))
    (count,) = struct.unpack_from(mark + "I", data, at)
    at += 4
    if count > MAX_FACES:
        raise ValueError("too many faces")
    if kind in (_POLYGON, _TRIANGLE):
        rings: list[list[tuple[float, float]]] = []
        for _ in range(count):
            (corners,) = struct.unpack_from(mark + "I", data, at)
            at += 4
            numbers = struct.unpack_from(f"{mark}{corners * width}d", data, at)
            at += corners * width * 8
            rings.append(list(zip(numbers[::width], numbers[1::width], strict=True)))
        faces = [shapely.Polygon(rings[0], rings[1:])] if rings and len(rings[0]) > 3 else []
        return faces, at
    if kind not in _COLLECTIONS:
        raise ValueError("no surface")
    found: list[shapely.Polygon] = []
    for _ in range(count):
        inside, at = _faces(data, at, depth + 1)
        found += inside
    return found, at
