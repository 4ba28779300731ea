"""Polygons as flat rings, the form the kernels take, and their way from one CRS to another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyproj
import shapely

_MOST_PIECES = 4096
_TURN = 1024
_VERTICES = 1 << 16


@dataclass(frozen=True, eq=False)
class Rings:
    """Rings of n polygonal shapes. Each ring is closed (its last vertex repeats its first).

    x, y: float64 [vertices]. ring_offset: int64 [rings + 1], where each ring starts in x and y.
    shape_offset: int64 [n + 1], where each shape's rings start. is_hole: bool [rings].
    """

    x: np.ndarray
    y: np.ndarray
    ring_offset: np.ndarray
    shape_offset: np.ndarray
    is_hole: np.ndarray

    @property
    def shapes(self) -> int:
        return len(self.shape_offset) - 1


def rings_of(geometries: np.ndarray) -> Rings:
    """The rings of all polygons in `geometries` (object [n]); None, empty, lines and points have none."""
    shapes = np.asarray(geometries, dtype=object).reshape(-1)
    parts, owner = shapely.get_parts(shapes, return_index=True)
    # a collection holds multipolygons, which hold polygons
    polygons, inner = shapely.get_parts(parts, return_index=True)
    owner = owner[inner]
    areal = (shapely.get_type_id(polygons) == 3) & ~shapely.is_empty(polygons)
    polygons, owner = polygons[areal], owner[areal]
    rings, polygon = _in_turns(shapely.get_rings, polygons)
    is_hole = np.ones(len(rings), dtype=np.bool_)
    if len(rings):
        is_hole[np.flatnonzero(np.diff(polygon, prepend=-1))] = False
    points, ring = _in_turns(shapely.get_coordinates, rings)
    return Rings(
        np.ascontiguousarray(points[:, 0]),
        np.ascontiguousarray(points[:, 1]),
        _offsets(ring, len(rings)),
        _offsets(owner[polygon] if len(rings) else np.zeros(0, dtype=np.int64), len(shapes)),
        is_hole,
    )


def joined_rings(lots: Sequence[Rings]) -> Rings:
    """The shapes of several lots in one, in their order. At least one lot."""
    if len(lots) == 1:
        return lots[0]

    def offsets(parts: Sequence[np.ndarray]) -> np.ndarray:
        counts = np.concatenate([np.diff(part) for part in parts])
        return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)

    return Rings(
        np.concatenate([lot.x for lot in lots]),
        np.concatenate([lot.y for lot in lots]),
        offsets([lot.ring_offset for lot in lots]),
        offsets([lot.shape_offset for lot in lots]),
        np.concatenate([lot.is_hole for lot in lots]),
    )


def _in_turns(take: Callable[..., Any], shapes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """`take(shapes, return_index=True)` by pieces: shapely holds the interpreter in each call, and the
    window would stand still for as long."""
    found = [
        (take(shapes[at : at + _TURN], return_index=True), at) for at in range(0, max(len(shapes), 1), _TURN)
    ]
    return (
        np.concatenate([values for (values, _), _ in found]),
        np.concatenate([index + at for (_, index), at in found]),
    )


def _offsets(group: np.ndarray, groups: int) -> np.ndarray:
    """Where each group starts, for a rising array of group numbers."""
    counts = np.bincount(group, minlength=groups) if len(group) else np.zeros(groups, dtype=np.int64)
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


def moved_rings(
    rings: Rings,
    from_crs: pyproj.CRS,
    to_crs: pyproj.CRS,
    tolerance: float,
    pause: Callable[[], None] = lambda: None,
) -> Rings:
    """The rings in `to_crs`. Edges that bend on the way get vertices, until each piece follows its
    course to within `tolerance` (in units of `to_crs`). Vertices that cannot be moved are NaN. pause: called
    every now and then; may raise to end it."""
    transformer = pyproj.Transformer.from_crs(from_crs, to_crs, always_xy=True)

    def transform(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        moved = np.empty((2, len(x)))
        for at in range(0, len(x), _VERTICES):
            pause()
            moved[:, at : at + _VERTICES] = transformer.transform(
                x[at : at + _VERTICES], y[at : at + _VERTICES]
            )
        return moved[0], moved[1]

    x, y = transform(rings.x, rings.y)
    moved = Rings(_finite(x), _finite(y), rings.ring_offset, rings.shape_offset, rings.is_hole)
    if len(rings.x) < 2:
        return moved
    mx, my = transform(0.5 * (rings.x[:-1] + rings.x[1:]), 0.5 * (rings.y[:-1] + rings.y[1:]))
    off = np.hypot(
        _finite(mx) - 0.5 * (moved.x[:-1] + moved.x[1:]), _finite(my) - 0.5 * (moved.y[:-1] + moved.y[1:])
    )
    # the last vertex of a ring starts no edge
    last = rings.ring_offset[1:-1] - 1
    off[last[last >= 0]] = 0.0
    # how far a chord is off falls with the square of its length
    pieces = np.ones(len(rings.x), dtype=np.int64)
    wanted = np.ceil(np.sqrt(np.nan_to_num(off, nan=0.0, posinf=0.0) / tolerance))
    pieces[:-1] = np.clip(wanted, 1, _MOST_PIECES).astype(np.int64)
    if not (pieces > 1).any():
        return moved
    dense = split_edges(rings, pieces)
    x, y = transform(dense.x, dense.y)
    return Rings(_finite(x), _finite(y), dense.ring_offset, dense.shape_offset, dense.is_hole)


def _finite(values: np.ndarray) -> np.ndarray:
    return np.where(np.isfinite(values), values, np.nan)


def split_edges(rings: Rings, pieces: np.ndarray) -> Rings:
    """The same rings with the edge that starts at vertex i cut into pieces[i] equal pieces.

    pieces: int64 [vertices]; 1 for the last vertex of each ring, which starts no edge.
    """
    start = np.concatenate([[0], np.cumsum(pieces)])
    vertex = np.repeat(np.arange(len(pieces)), pieces)
    share = (np.arange(start[-1]) - start[vertex]) / pieces[vertex]
    following = np.minimum(vertex + 1, len(pieces) - 1)
    return Rings(
        rings.x[vertex] + share * (rings.x[following] - rings.x[vertex]),
        rings.y[vertex] + share * (rings.y[following] - rings.y[vertex]),
        start[rings.ring_offset].astype(np.int64),
        rings.shape_offset,
        rings.is_hole,
    )
