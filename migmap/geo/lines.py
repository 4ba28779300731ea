"""The length of lines: on the ground, by hazard class, by area."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import pyproj
import shapely

from migmap.api import Finding, Progress, RasterData, no_progress, part
from migmap.kernels.lines import holding, sorted_cuts
from migmap.kernels.lines import spans as between

from .areas import AreaSet
from .classes import Classes
from .crs import moved
from .edges import Edges, edges_of, piece_lengths
from .linecuts import AreaCuts, Cuts, GridCuts, HazardCuts
from .regions import HazardPolygons

# Cuts nearer than this many units in the last place of the coordinates are one.
_ROUNDING = 16 * np.finfo(np.float64).eps

# Pieces, about, and edges worked on at a time.
_BATCH = 100_000
_EDGES = 20_000


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """What of each line lies in which classes and areas.

    line: int64 [m], rising; one row for each combination of classes and areas that a line meets.
    length_m: float64 [m]; the rows of a line add up to `length_m` of it. codes: int16 [m, H], the class by
    each hazard: below k a class, k unknown (no data, outside the raster, a polygon without class), k + 1
    outside all polygons of a hazard of polygons, which is known and not exposed. members: (row, area), each
    int64, sorted by row: the areas a row lies in, none where it is outside all; both empty without areas.
    """

    line: np.ndarray
    length_m: np.ndarray
    codes: np.ndarray
    members: tuple[np.ndarray, np.ndarray]
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class CutLines:
    """Lines cut at the borders of areas.

    shapes: object [m], LineStrings in the order of their vertices along each line, without heights. line:
    int64 [m], rising, which line each is of. members: (piece, area) as in `Pieces`.
    """

    shapes: np.ndarray
    line: np.ndarray
    members: tuple[np.ndarray, np.ndarray]


def length_m(geometries: np.ndarray, crs: pyproj.CRS) -> np.ndarray:
    """Metres on the ground of each line, float64 [n], at the height of the ellipsoid.

    geometries: object [n] in `crs`, edges straight in its coordinates; several lines in one shape are added
    up; None, empty, points and polygons have length 0. Cutting a line does not change its sum (1e-12).
    Problem where coordinates are no numbers or lie outside what `crs` can express.
    """
    edges = edges_of(geometries)
    count = len(edges)
    each = piece_lengths(edges, crs, np.arange(count), np.zeros(count), np.ones(count))
    return np.bincount(edges.line, weights=each, minlength=len(np.atleast_1d(geometries))).astype(np.float64)


def line_pieces(
    lines: np.ndarray,
    crs: pyproj.CRS,
    hazards: Sequence[RasterData | HazardPolygons],
    classes: Sequence[Classes | None],
    areas: AreaSet | None = None,
    progress: Progress = no_progress,
) -> Pieces:
    """Lines by the class of each hazard, all at once, and by area.

    lines: object [n] in `crs`. classes: those of each raster, None for polygons. Every line is cut at each
    grid line and border it meets, so the lengths are exact. A line along a grid line belongs to the cell of
    the higher row or column, as a position does; along a border to the class that wins where classes
    overlap, inside before outside; along the border of areas, and inside none, to the first in file order.
    Lines are moved to the system of each raster (followed to 1e-5 of a cell) and of polygons and areas (to
    about a millimetre); what cannot be expressed there is unknown, or outside all areas. A line that runs
    over the same ground twice counts twice. Problem for a raster value that fits no class, where
    the classes say that all must.
    """
    layers: list[GridCuts | HazardCuts] = []
    progress(0.0, "preparing the lines")
    edges = edges_of(lines)
    progress(0.0, "preparing the lines")
    for hazard, own in zip(hazards, classes, strict=True):
        if isinstance(hazard, HazardPolygons):
            layers.append(HazardCuts(hazard, _reach(edges, crs, hazard.crs)))
        elif own is None:
            raise ValueError("a raster needs its classes")
        else:
            layers.append(GridCuts(hazard, own))
    home = AreaCuts(areas.shapes, areas.crs, _reach(edges, crs, areas.crs)) if areas is not None else None
    batches = _batches(edges, crs, layers, part(progress, 0.0, 0.05))
    sets = _AreaSets(len(areas) if areas is not None else 0)
    found: list[tuple[np.ndarray, np.ndarray]] = []
    for number, batch in enumerate(batches):
        step = part(progress, 0.05 + 0.95 * number / len(batches), 0.05 + 0.95 * (number + 1) / len(batches))
        some = edges.take(batch)
        turns = len(layers) + 1
        cuts: list[Cuts] = []
        looked: list[tuple[_Spans, np.ndarray]] = []
        for place, layer in enumerate(layers):
            course = layer.course(some, crs)
            met, runs = layer.cuts(course)
            spans = _spans(some, [met])
            ahead = part(step, place / turns, (place + 1) / turns)
            code: Any = layer.codes
            looked.append((spans, code(course, spans[0], _middle(spans), runs, ahead)))
            cuts.append(met)
        if home is not None:
            course = home.course(some, crs)
            met, borders = home.cuts(course)
            spans = _spans(some, [met])
            ahead = part(step, 1 - 1 / turns, 1.0)
            inside = home.members(course, spans[0], _middle(spans), borders, ahead)
            looked.append((spans, sets.numbers(len(spans[0]), *inside)))
            cuts.append(met)
        pieces = looked[0][0] if len(cuts) == 1 else _spans(some, cuts)
        edge, start, stop = pieces
        middle = _middle(pieces)
        key = np.full((len(edge), 2 + len(layers)), -1, dtype=np.int64)
        key[:, 0] = some.line[edge]
        for place, (spans, found_there) in enumerate(looked, 1):
            key[:, place] = found_there[holding(*spans[:2], edge, middle)]
        found.append(_summed(key, piece_lengths(some, crs, edge, start, stop)))
    keys = np.concatenate([key for key, _ in found] or [np.zeros((0, 2 + len(layers)), dtype=np.int64)])
    keys, metres = _summed(keys, np.concatenate([metres for _, metres in found] or [np.zeros(0)]))
    progress(1.0, "adding up the lines")
    return Pieces(
        keys[:, 0],
        metres,
        keys[:, 1:-1].astype(np.int16),
        sets.members(keys[:, -1]),
        tuple(finding for layer in layers for finding in layer.findings),
    )


def lengths_on_raster(
    lines: np.ndarray,
    crs: pyproj.CRS,
    raster: RasterData,
    classes: Classes,
    progress: Progress = no_progress,
) -> np.ndarray:
    """Metres of each line by class of a raster, float64 [n, k + 1]; the last is unknown: no data, or
    outside the raster. See `line_pieces`."""
    pieces = line_pieces(lines, crs, [raster], [classes], None, progress)
    out = np.zeros((len(np.atleast_1d(lines)), len(classes) + 1))
    out[pieces.line, pieces.codes[:, 0]] = pieces.length_m
    return out


def lengths_in_polygons(
    lines: np.ndarray, crs: pyproj.CRS, hazard: HazardPolygons, progress: Progress = no_progress
) -> np.ndarray:
    """Metres of each line by class of hazard polygons, float64 [n, k + 2]; the last two are unknown (in a
    polygon without class) and outside all polygons. See `line_pieces`."""
    pieces = line_pieces(lines, crs, [hazard], [None], None, progress)
    out = np.zeros((len(np.atleast_1d(lines)), len(hazard.labels) + 2))
    out[pieces.line, pieces.codes[:, 0]] = pieces.length_m
    return out


def cut_lines(
    lines: np.ndarray, crs: pyproj.CRS, areas: AreaSet, progress: Progress = no_progress
) -> CutLines:
    """Lines (object [n] in `crs`) cut where they enter or leave an area; see `line_pieces` for borders.

    Each piece lies in a fixed set of areas: in one, in several that overlap, or outside all.
    """
    progress(0.0, "preparing the lines")
    edges = edges_of(lines)
    home = AreaCuts(areas.shapes, areas.crs, _reach(edges, crs, areas.crs))
    sets = _AreaSets(len(areas))
    shapes: list[np.ndarray] = []
    owners: list[np.ndarray] = []
    numbers: list[np.ndarray] = []
    # whole lines at a time, so that none is cut where a batch ends
    starts = np.flatnonzero(np.diff(edges.part, prepend=-1))
    groups = np.split(np.arange(len(edges)), starts[1:][np.diff(starts[1:] // _EDGES, prepend=0) > 0])
    for number, group in enumerate(groups):
        step = part(progress, number / len(groups), (number + 1) / len(groups))
        some = edges.take(group)
        if not len(some):
            continue
        course = home.course(some, crs)
        cuts, runs = home.cuts(course)
        pieces = edge, start, stop = _spans(some, [cuts])
        which = sets.numbers(len(edge), *home.members(course, edge, _middle(pieces), runs, step))
        found, first = _joined(some, edge, start, stop, which)
        shapes.append(found)
        owners.append(some.line[edge[first]])
        numbers.append(which[first])
    none = np.zeros(0, dtype=np.int64)
    return CutLines(
        np.concatenate(shapes) if shapes else np.zeros(0, dtype=object),
        np.concatenate(owners) if owners else none,
        sets.members(np.concatenate(numbers) if numbers else none),
    )


class _AreaSets:
    """Numbers for sets of areas: -1 for none, an area's own for it alone, from `count` on for several."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._number: dict[tuple[int, ...], int] = {}

    def numbers(self, pieces: int, piece: np.ndarray, area: np.ndarray) -> np.ndarray:
        """int64 [pieces], from (piece, area) sorted by both."""
        out = np.full(pieces, -1, dtype=np.int64)
        out[piece] = area
        times = np.bincount(piece, minlength=pieces)
        several = np.flatnonzero(times[piece] > 1)
        if len(several):
            cuts = np.flatnonzero(np.diff(piece[several])) + 1
            for group in np.split(several, cuts):
                key = tuple(area[group].tolist())
                out[piece[group[0]]] = self._number.setdefault(key, self._count + len(self._number))
        return out

    def members(self, numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(row, area) for the numbers of rows, sorted by both."""
        keys = [(area,) for area in range(self._count)] + list(self._number)
        flat = np.fromiter(chain.from_iterable(keys), dtype=np.int64)
        size = np.array([len(key) for key in keys], dtype=np.int64)
        there = np.flatnonzero(numbers >= 0)
        which = numbers[there]
        row = np.repeat(there, size[which])
        within = np.arange(len(row)) - np.repeat(np.cumsum(size[which]) - size[which], size[which])
        area = flat[np.repeat((np.cumsum(size) - size)[which], size[which]) + within]
        return row.astype(np.int64), area


def _reach(edges: Edges, from_crs: pyproj.CRS, to_crs: pyproj.CRS) -> tuple[float, float, float, float]:
    """A box in `to_crs` that holds the lines."""
    if not len(edges):
        return np.inf, np.inf, -np.inf, -np.inf
    west, south = min(edges.x0.min(), edges.x1.min()), min(edges.y0.min(), edges.y1.min())
    east, north = max(edges.x0.max(), edges.x1.max()), max(edges.y0.max(), edges.y1.max())
    share = np.linspace(0.0, 1.0, 21)
    x, y = np.meshgrid(west + share * (east - west), south + share * (north - south))
    points = moved(np.column_stack([x.ravel(), y.ravel()]), from_crs, to_crs)
    if not np.isfinite(points).all():
        return -np.inf, -np.inf, np.inf, np.inf
    low, high = points.min(axis=0), points.max(axis=0)
    # between the points a box bends outwards; over longitude 180 it turns inside out
    margin = 0.05 * (high - low)
    if to_crs.is_geographic and high[0] - low[0] > 180:
        return -np.inf, -np.inf, np.inf, np.inf
    (w, s), (e, n) = low - margin, high + margin
    return float(w), float(s), float(e), float(n)


def _batches(
    edges: Edges, crs: pyproj.CRS, layers: Sequence[GridCuts | HazardCuts], progress: Progress
) -> list[np.ndarray]:
    """The edges in lots that lie near each other, each of about as many pieces as fit in memory."""
    if not len(edges):
        return []
    grids = [layer for layer in layers if isinstance(layer, GridCuts)]
    pieces = np.ones(len(edges))
    for at in range(0, len(edges), _BATCH):
        progress(at / len(edges), "preparing the lines")
        some = slice(at, at + _BATCH)
        for grid in grids:
            pieces[some] += grid.pieces_of(edges.take(np.arange(len(edges))[some]), crs)
    order = _by_place(0.5 * (edges.x0 + edges.x1), 0.5 * (edges.y0 + edges.y1))
    lot = np.maximum(np.cumsum(pieces[order]) / _BATCH, (np.arange(len(edges)) + 1) / _EDGES).astype(np.int64)
    # the order of the file within a lot: pieces of one line are added up in it
    return [np.sort(batch) for batch in np.split(order, np.flatnonzero(np.diff(lot)) + 1)]


def _by_place(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """An order that keeps together what lies together: Morton's, on a grid of 1,024 by 1,024."""
    key = np.zeros(len(x), dtype=np.int64)
    for values, shift in ((x, 0), (y, 1)):
        low, wide = values.min(), max(float(values.max() - values.min()), 1e-300)
        cell = np.minimum((values - low) / wide * 1024, 1023).astype(np.int64)
        for bit in range(10):
            key |= ((cell >> bit) & 1) << (2 * bit + shift)
    return np.argsort(key, kind="stable")


_Spans = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Pieces of edges: edge int64 [m], start and stop (s) [m], rising."""


def _spans(edges: Edges, cuts: Sequence[Cuts]) -> _Spans:
    """The pieces between all cuts."""
    count = len(edges)
    edge = np.concatenate([edge for edge, _ in cuts] or [np.zeros(0, dtype=np.int64)]).astype(np.int64)
    share = np.concatenate([share for _, share in cuts] or [np.zeros(0)])
    first, share = sorted_cuts(edge, share, count)
    largest = np.abs([edges.x0, edges.y0, edges.x1, edges.y1]).max(axis=0)
    length = np.hypot(edges.x1 - edges.x0, edges.y1 - edges.y0)
    return between(first, share, _ROUNDING * largest / length)


def _middle(spans: _Spans) -> np.ndarray:
    return np.asarray(0.5 * (spans[1] + spans[2]))


def _summed(key: np.ndarray, metres: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each row of `key` once, in order, with the sum of its metres."""
    if not len(key):
        return key, metres
    order = np.lexsort(key.T[::-1])
    new = np.concatenate([[True], (np.diff(key[order], axis=0) != 0).any(axis=1)])
    group = np.cumsum(new) - 1
    return key[order][new], np.bincount(group, weights=metres[order]).astype(np.float64)


def _joined(
    edges: Edges, edge: np.ndarray, start: np.ndarray, stop: np.ndarray, which: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """(LineStrings of neighbouring pieces with the same number, the first piece of each)."""
    part_of = edges.part[edge]
    new = np.concatenate([[True], (np.diff(part_of) != 0) | (np.diff(which) != 0)])
    first = np.flatnonzero(new)
    line = np.cumsum(new) - 1
    # every piece gives its end; of several on one edge the last
    last = np.concatenate([new[1:], [True]])
    kept = np.flatnonzero(last | np.concatenate([np.diff(edge) != 0, [True]]))

    def at(e: np.ndarray, s: np.ndarray) -> np.ndarray:
        x = np.where(s == 1.0, edges.x1[e], edges.x0[e] + s * (edges.x1 - edges.x0)[e])
        y = np.where(s == 1.0, edges.y1[e], edges.y0[e] + s * (edges.y1 - edges.y0)[e])
        return np.column_stack([x, y])

    points = np.concatenate([at(edge[first], start[first]), at(edge[kept], stop[kept])])
    owner = np.concatenate([line[first], line[kept]])
    order = np.argsort(owner, kind="stable")
    return shapely.linestrings(points[order], indices=owner[order]), first
