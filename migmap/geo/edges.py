"""Lines as edges: their length on the ground, piece by piece, and their course in another system.

A piece of an edge is a span of s, which runs from 0 at its start to 1 at its end. Lengths of pieces add up to
the edge's to rounding, whatever the cuts.

Edges straight in longitude and latitude: quadrature of the arc length, exact to rounding (kernels/lines.py).
Edges straight in a projected plane: the curve is taken from the projection at seven Chebyshev points of
windows of 40 km, as places in space, so that neither the pole nor longitude 180 is special; its speed is then
a polynomial that is integrated as such. The error is below 1e-11 of the length in the projections in use
(checked against pyproj.Geod on densified lines: UTM, Lambert, Web Mercator, polar stereographic).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyproj
import shapely

from migmap.api import Problem
from migmap.kernels.lines import lonlat_lengths, window_lengths

from .crs import moved, same_crs
from .ground import _ellipsoid, _lonlat_of
from .rings import _in_turns

_LINE, _RING = 1, 2
_WINDOW_M = 40_000.0
_MOST_WINDOWS = 10_000
_NODES = np.cos(np.linspace(np.pi, 0.0, 7))
_MOST_SUBEDGES = 1 << 14


@dataclass(frozen=True, slots=True, eq=False)
class Edges:
    """Straight edges of n lines, in the order of their vertices; those without length are left out.

    x0, y0, x1, y1: float64 [e]. line: int64 [e], the line each belongs to. part: int64 [e], which single
    line, counted over all.
    """

    x0: np.ndarray
    y0: np.ndarray
    x1: np.ndarray
    y1: np.ndarray
    line: np.ndarray
    part: np.ndarray

    def __len__(self) -> int:
        return len(self.x0)

    def take(self, which: np.ndarray) -> Edges:
        return Edges(
            self.x0[which], self.y0[which], self.x1[which], self.y1[which], self.line[which], self.part[which]
        )


def edges_of(geometries: np.ndarray) -> Edges:
    """The edges of all lines in `geometries` (object [n]); None, empty, points and polygons have none.

    Heights are ignored. Problem where a coordinate is no number.
    """
    shapes = np.asarray(geometries, dtype=object).reshape(-1)
    parts, owner = shapely.get_parts(shapes, return_index=True)
    while (shapely.get_type_id(parts) > 3).any():
        parts, inner = shapely.get_parts(parts, return_index=True)
        owner = owner[inner]
    linear = np.isin(shapely.get_type_id(parts), (_LINE, _RING)) & ~shapely.is_empty(parts)
    parts, owner = parts[linear], owner[linear]
    points, part = _in_turns(shapely.get_coordinates, parts)
    if not np.isfinite(points).all():
        raise Problem(
            "A line holds a coordinate that is no number.",
            fix="Repair the file, or leave that feature out.",
        )
    start = np.flatnonzero((part[:-1] == part[1:]) & (points[:-1] != points[1:]).any(axis=1))
    return Edges(
        points[start, 0],
        points[start, 1],
        points[start + 1, 0],
        points[start + 1, 1],
        owner[part[start]].astype(np.int64),
        part[start].astype(np.int64),
    )


def piece_lengths(
    edges: Edges, crs: pyproj.CRS, edge: np.ndarray, start: np.ndarray, stop: np.ndarray
) -> np.ndarray:
    """Metres on the ground of pieces of edges in `crs`, float64 [m]. edge: int64 [m]; start, stop: s [m]."""
    if not len(edge):
        return np.zeros(0)
    radians, axis, e2 = _ellipsoid(crs)
    if crs.is_geographic:
        lon = np.column_stack([edges.x0, edges.x1]) * radians
        lat = np.column_stack([edges.y0, edges.y1]) * radians
        return np.asarray(lonlat_lengths(lon, lat, edge, start, stop, axis, e2))
    plane = np.hypot(edges.x1 - edges.x0, edges.y1 - edges.y0)
    reach = 0.5 * _WINDOW_M / (crs.axis_info[0].unit_conversion_factor if crs.axis_info else 1.0)
    windows = np.clip(np.ceil(plane / (2 * reach)), 1, _MOST_WINDOWS).astype(np.int64)
    first = np.concatenate([[0], np.cumsum(windows)]).astype(np.int64)
    owner = np.repeat(np.arange(len(edges)), windows)
    middle = (np.arange(len(owner)) - first[owner] + 0.5) / windows[owner]
    # A short edge is measured in a long window around it, so that rounding of coordinates hardly counts.
    half = np.maximum(reach, 0.5 * plane[owner] / windows[owner])
    scale = _scale(edges, crs, owner, middle, half / plane[owner])
    lost = ~np.isfinite(scale).all(axis=1)
    if lost.any():
        # The window reaches beyond where the system is defined; the edge itself may not.
        half[lost] = 0.5 * plane[owner[lost]] / windows[owner[lost]]
        scale[lost] = _scale(edges, crs, owner[lost], middle[lost], half[lost] / plane[owner[lost]])
        lost = ~np.isfinite(scale).all(axis=1)
    if lost.any():
        bad = int(owner[np.argmax(lost)])
        raise Problem(
            f"Coordinates {edges.x0[bad]:.6g}, {edges.y0[bad]:.6g} lie outside what “{crs.name}” can "
            "express.",
            fix="Check that the file's coordinate reference system is the right one.",
        )
    scale /= half[:, None]
    return np.asarray(window_lengths(plane, first, scale, half, edge, start, stop))


def _scale(
    edges: Edges, crs: pyproj.CRS, owner: np.ndarray, middle: np.ndarray, half: np.ndarray
) -> np.ndarray:
    """Metres for one unit of z along windows of edges, as polynomials in z [windows, 7]; middle and half
    (where z is 1) in s. Not finite where the system does not reach."""
    s = middle[:, None] + half[:, None] * _NODES
    x = edges.x0[owner, None] + s * (edges.x1 - edges.x0)[owner, None]
    y = edges.y0[owner, None] + s * (edges.y1 - edges.y0)[owner, None]
    transformer = _lonlat_of(crs.to_wkt())
    lon, lat = transformer.transform(x.ravel(), y.ravel())
    geodetic = transformer.target_crs
    radians, axis, e2 = _ellipsoid(geodetic if geodetic is not None else crs)
    with np.errstate(invalid="ignore"):
        lon, lat = (np.where(np.isfinite(v), v, np.nan).reshape(s.shape) * radians for v in (lon, lat))
        normal = axis / np.sqrt(1.0 - e2 * np.sin(lat) ** 2)
        places = (
            normal * np.cos(lat) * np.cos(lon),
            normal * np.cos(lat) * np.sin(lon),
            normal * (1.0 - e2) * np.sin(lat),
        )
        speed = np.sqrt(sum(((place - place[:, 3:4]) @ _SLOPE) ** 2 for place in places))
    return np.asarray(speed @ _TO_SERIES)


def _slopes() -> np.ndarray:
    """[node, node]: values at the nodes to the slope of the polynomial through them at each node."""
    powers = np.vander(_NODES, increasing=True)
    falling = np.zeros_like(powers)
    falling[:, 1:] = powers[:, :-1] * np.arange(1, len(_NODES))
    return np.asarray((falling @ np.linalg.inv(powers)).T)


_SLOPE = _slopes()
_TO_SERIES = np.linalg.inv(np.vander(_NODES, increasing=True)).T


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """Edges in another system, each in equal sub-edges short enough to be straight there.

    first: int64 [e + 1], where each edge's sub-edges start. x0, y0, x1, y1: float64 [sub-edges], NaN where
    the system does not reach.
    """

    first: np.ndarray
    x0: np.ndarray
    y0: np.ndarray
    x1: np.ndarray
    y1: np.ndarray

    def along(self, sub: np.ndarray, share: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(edge, s) of places given by sub-edge and share of it."""
        edge = np.searchsorted(self.first, sub, side="right") - 1
        pieces = self.first[edge + 1] - self.first[edge]
        return edge, (sub - self.first[edge] + share) / pieces

    def at(self, edge: np.ndarray, s: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """x, y of places given by edge and s."""
        pieces = self.first[edge + 1] - self.first[edge]
        within = np.minimum(np.floor(s * pieces), pieces - 1).astype(np.int64)
        sub, share = self.first[edge] + within, s * pieces - within
        return (
            self.x0[sub] + share * (self.x1[sub] - self.x0[sub]),
            self.y0[sub] + share * (self.y1[sub] - self.y0[sub]),
        )


def course_in(edges: Edges, from_crs: pyproj.CRS, to_crs: pyproj.CRS, tolerance: float) -> Course:
    """The edges in `to_crs`, followed to within `tolerance` (in its units)."""
    count = len(edges)
    if same_crs(from_crs, to_crs) or not count:
        return Course(np.arange(count + 1), edges.x0, edges.y0, edges.x1, edges.y1)
    pieces = np.ones(count, dtype=np.int64)
    open_edges = np.arange(count)
    while len(open_edges):
        some = edges.take(open_edges)
        first, ends, inner = _sampled(some, pieces[open_edges], from_crs, to_crs)
        share = np.array([0.25, 0.5, 0.75])[:, None, None]
        off = np.hypot(*np.moveaxis(inner - (ends[:-1] + share * (ends[1:] - ends[:-1])), 2, 0)).max(axis=0)
        sub = _without_last(first, len(ends))
        owner = np.repeat(np.arange(len(some)), pieces[open_edges])
        # Partly beyond the system: short pieces find where it ends.
        there = np.isfinite(ends).all(axis=1)
        partly = (there[sub] != there[sub + 1]) | (there[sub] != np.isfinite(inner[1, sub]).all(axis=1))
        worst = np.zeros(len(some))
        np.maximum.at(worst, owner, np.nan_to_num(off[sub], nan=0.0, posinf=0.0))
        more = np.ceil(1.05 * np.sqrt(worst / tolerance)).astype(np.int64)
        cut = np.zeros(len(some), dtype=bool)
        cut[owner[partly]] = True
        more = np.where(cut, np.where(pieces[open_edges] < 256, 256, 1), more)
        wanted = np.minimum(pieces[open_edges] * np.maximum(more, 1), _MOST_SUBEDGES)
        unfinished = wanted > pieces[open_edges]
        pieces[open_edges] = wanted
        open_edges = open_edges[unfinished]
    first, ends, _ = _sampled(edges, pieces, from_crs, to_crs, inside=False)
    sub = _without_last(first, len(ends))
    starts = np.concatenate([[0], np.cumsum(pieces)]).astype(np.int64)
    return Course(starts, ends[sub, 0], ends[sub, 1], ends[sub + 1, 0], ends[sub + 1, 1])


def _without_last(first: np.ndarray, points: int) -> np.ndarray:
    """Points that start a sub-edge: all but the last of each edge."""
    keep = np.ones(points, dtype=bool)
    keep[first[1:] - 1] = False
    return np.flatnonzero(keep)


def _sampled(
    edges: Edges, pieces: np.ndarray, from_crs: pyproj.CRS, to_crs: pyproj.CRS, inside: bool = True
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Ends of the sub-edges in `to_crs`, pieces + 1 for each edge: (int64 [e + 1] where each edge starts,
    [p, 2], and between each and the next the points at 1/4, 1/2 and 3/4 [3, p - 1, 2])."""
    first = np.concatenate([[0], np.cumsum(pieces + 1)]).astype(np.int64)
    owner = np.repeat(np.arange(len(edges)), pieces + 1)
    s = (np.arange(first[-1]) - first[owner]) / pieces[owner]
    # the last one is where the edge ends, not beside it
    x = np.where(s == 1.0, edges.x1[owner], edges.x0[owner] + s * (edges.x1 - edges.x0)[owner])
    y = np.where(s == 1.0, edges.y1[owner], edges.y0[owner] + s * (edges.y1 - edges.y0)[owner])
    points = np.column_stack([x, y])
    ends = moved(points, from_crs, to_crs)
    if not inside:
        return first, ends, np.empty((3, 0, 2))
    inner = [moved(points[:-1] + t * (points[1:] - points[:-1]), from_crs, to_crs) for t in (0.25, 0.5, 0.75)]
    return first, ends, np.array(inner)
