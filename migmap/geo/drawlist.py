"""From features to plain arrays a painter can draw: canvas coordinates, levels of detail, boxes, hits.

`prepared(data)` is built once per layer and only read afterwards (levels of detail and rule indexes are
added under a lock), so several threads may draw from it. The walls are where a compiled rasteriser
needs them: flat coordinates, ring offsets, a row per part.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyproj
import shapely

from migmap.api import GROUND_KINDS, Extent, Progress, Style, VectorData, no_progress

from . import viewport
from .crs import CANVAS, is_lonlat, reprojected
from .symbology import rule_index
from .viewport import View

SIMPLIFY_PX = 0.7
"""Vertices closer than this on the screen are one vertex."""

SPECK_PX = 4.0
"""A polygon smaller than this gets no border: a pale border on a speck would hide it."""
DOT_PX = 1.5
"""A polygon smaller than this is drawn as a dot of its own area, or snapping would swallow it."""
FAINTEST_PX = 0.5
"""No dot has shorter sides: a quarter of a pixel's ink. One pixel each, the 5,000 specks of a satellite's
flood would add a quarter to what the eye takes for flooded."""

_POINTS = (0, 4)
_LINES = (1, 2, 5)
_POLYGONS = (3, 6)
_COLLECTION = 7


@dataclass(frozen=True, slots=True, eq=False)
class Outlines:
    """Rings or open lines as flat arrays.

    xy: float64 [vertices, 2]. offsets: int64 [rings + 1] into xy. part: int64 [rings], the part each
    ring belongs to, never falling; the rings of one part are drawn as one shape, so holes stay empty.
    """

    xy: np.ndarray
    offsets: np.ndarray
    part: np.ndarray

    def chosen(self, rings: np.ndarray) -> Outlines:
        """Only the rings with these indices (int64, rising)."""
        counts = np.diff(self.offsets)[rings]
        offsets = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
        take = np.repeat(self.offsets[:-1][rings] - offsets[:-1], counts) + np.arange(offsets[-1])
        return Outlines(self.xy[take], offsets, self.part[rings])


@dataclass(slots=True, eq=False)
class Shapes:
    """All lines or all polygons of a layer, with its levels of detail.

    outlines: full detail in canvas units. boxes: float64 [parts, 4] west, south, east, north.
    areas: float64 [parts], square canvas units. row: int64 [parts], the row of the layer each part
    belongs to. closed: polygons.
    """

    outlines: Outlines
    boxes: np.ndarray
    areas: np.ndarray
    row: np.ndarray
    closed: bool
    _levels: dict[int, Outlines] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def level(self, units_per_px: float) -> Outlines:
        """The outlines with about as much detail as this scale can show, from a cache by powers of 2."""
        power = math.floor(math.log2(SIMPLIFY_PX * units_per_px))
        with self._lock:
            found = self._levels.get(power)
            if found is None:
                found = _snapped(self.outlines, 2.0**power)
                if len(found.xy) > 0.8 * len(self.outlines.xy):
                    found = self.outlines
                self._levels[power] = found
            return found

    def in_view(
        self, view: View, width: float, height: float, margin: float, wanted: np.ndarray | None = None
    ) -> tuple[Outlines, Outlines]:
        """Outlines in pixels of the parts that meet the view grown by `margin` pixels, cut off outside
        it: those large enough for a border of their own, and the specks (polygons under SPECK_PX).
        wanted: bool [parts], the parts to draw at all."""
        shown = view.extent(width + 2 * margin, height + 2 * margin)
        west, south, east, north = self.boxes.T
        meets = (west <= shown.east) & (east >= shown.west) & (south <= shown.north) & (north >= shown.south)
        if wanted is not None:
            meets &= wanted
        size = np.maximum(east - west, north - south) / view.units_per_px
        speck = meets & (size < SPECK_PX) if self.closed else np.zeros(len(meets), dtype=bool)
        dot = speck & (size < DOT_PX)
        large = self._pixels(view, width, height, meets & ~speck)
        small = self._pixels(view, width, height, speck & ~dot)
        middles = (self.boxes[dot, :2] + self.boxes[dot, 2:]) / 2
        sides = np.maximum(np.sqrt(self.areas[dot]) / view.units_per_px, FAINTEST_PX)
        dots = _dots(view.pixels(middles, width, height), sides, np.flatnonzero(dot))
        small = _joined(small, dots)
        cut = (west < shown.west) | (east > shown.east) | (south < shown.south) | (north > shown.north)
        if cut[meets & ~speck].any():
            box = (-margin, -margin, width + margin, height + margin)
            large = _clipped(large, box, closed=self.closed)
        return large, small

    def _pixels(self, view: View, width: float, height: float, parts: np.ndarray) -> Outlines:
        level = self.level(view.units_per_px)
        found = level.chosen(np.flatnonzero(parts[level.part]))
        return Outlines(view.pixels(found.xy, width, height), found.offsets, found.part)


@dataclass(slots=True, eq=False)
class PreparedVector:
    """A layer ready to be drawn and hit.

    geometries: object [rows] in the canvas CRS, None without a position. boxes: float64 [rows, 4],
    NaN without a position. points: float64 [n, 2] with point_row int64 [n].
    """

    data: VectorData
    geometries: np.ndarray
    boxes: np.ndarray
    points: np.ndarray
    point_row: np.ndarray
    lines: Shapes
    polygons: Shapes
    extent: Extent | None
    tree: Any
    tree_row: np.ndarray
    _index: dict[Style, np.ndarray] = field(default_factory=dict)
    _spots: np.ndarray | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def of_places(self) -> bool:
        """Polygons are villages, clinics, camps: however small on the map, each is one thing to be seen.
        So in layers of such a kind, and where other features of the layer are points."""
        return len(self.polygons.row) > 0 and (len(self.points) > 0 or self.data.kind not in GROUND_KINDS)

    def rules(self, style: Style) -> np.ndarray:
        """int16 [rows]: `symbology.rule_index` of the style, remembered."""
        with self._lock:
            found = self._index.get(style)
            if found is None:
                found = _rule_index(self.data, style)
                if len(self._index) > 8:
                    self._index.clear()
                self._index[style] = found
            return found

    def hits(self, x: float, y: float, tolerance: float) -> list[int]:
        """Rows under a canvas position: points and lines within `tolerance` (canvas units) nearest
        first, then polygons it lies in, the smallest first. Later rows win where they lie alike."""
        spot = shapely.Point(x, y)
        near = self.tree.query(spot.buffer(tolerance, quad_segs=2))
        if len(near) == 0:
            return []
        shapes = self.geometries[self.tree_row[near]]
        distance = shapely.distance(shapes, spot)
        flat = shapely.get_dimensions(shapes) == 2
        size = np.where(flat, shapely.area(shapes), 0.0)
        # A polygon too small to be aimed at is hit like a point.
        tiny = np.maximum(*(np.diff(shapely.bounds(shapes)[:, [i, i + 2]], axis=1)[:, 0] for i in (0, 1)))
        ok = np.where(flat & (tiny > 2 * tolerance), distance == 0.0, distance <= tolerance)
        rows = self.tree_row[near]
        order = sorted(np.flatnonzero(ok), key=lambda i: (bool(flat[i]), distance[i], size[i], -rows[i]))
        return list(dict.fromkeys(int(rows[i]) for i in order))

    def extent_of(self, rows: Sequence[int]) -> Extent | None:
        """The box around some rows in canvas units; None where none of them has a position."""
        boxes = self.boxes[np.asarray(rows, dtype=np.int64)]
        boxes = boxes[np.isfinite(boxes).all(axis=1)]
        return _extent(boxes)

    @property
    def label_spots(self) -> np.ndarray:
        """float64 [rows, 2]: where a label of each row belongs (canvas units; NaN: nowhere)."""
        with self._lock:
            if self._spots is None:
                self._spots = _label_spots(self.geometries)
            return self._spots


def prepared(data: VectorData, progress: Progress = no_progress) -> PreparedVector:
    """Reproject a layer to the canvas and lay it out flat. A few seconds for the largest layers."""
    progress(0.0, f"Preparing {data.name}")
    shapes = _on_canvas(data)
    progress(0.4, f"Preparing {data.name}")
    rows = np.flatnonzero([shape is not None for shape in shapes])
    parts, part_row = _simple_parts(shapes[rows], rows)
    kind = shapely.get_type_id(parts)
    is_point = np.isin(kind, _POINTS)
    points = shapely.get_coordinates(parts[is_point])
    progress(0.6, f"Preparing {data.name}")
    boxes = np.full((len(shapes), 4), np.nan)
    boxes[rows] = shapely.bounds(shapes[rows])
    is_line, is_polygon = np.isin(kind, _LINES), np.isin(kind, _POLYGONS)
    found = PreparedVector(
        data=data,
        geometries=shapes,
        boxes=boxes,
        points=points,
        point_row=part_row[is_point],
        lines=_lines(parts[is_line], part_row[is_line]),
        polygons=_polygons(parts[is_polygon], part_row[is_polygon]),
        extent=_extent(boxes[rows]),
        tree=shapely.STRtree(shapes[rows]),
        tree_row=rows,
    )
    progress(1.0, f"Prepared {data.name}")
    return found


def _on_canvas(data: VectorData) -> np.ndarray:
    """object [rows] in the canvas CRS; None where there is nothing to draw."""
    shapes = np.array(data.frame.geometry.to_numpy(), dtype=object)
    crs = data.frame.crs
    shapes[shapely.is_empty(shapes)] = None
    if crs is None:
        return np.full(len(shapes), None, dtype=object)
    shapes = shapely.force_2d(shapes)
    limit = viewport.LATITUDE_LIMIT
    crs = pyproj.CRS(crs)
    if is_lonlat(crs):
        bounds = shapely.bounds(shapes)
        polar = (bounds[:, 1] < -limit) | (bounds[:, 3] > limit)
        if polar.any():
            shapes[polar] = shapely.transform(
                shapes[polar], lambda xy: np.column_stack((xy[:, 0], np.clip(xy[:, 1], -limit, limit)))
            )
    shapes = np.array(reprojected(shapes, crs, CANVAS), dtype=object)
    bounds = shapely.bounds(shapes)
    lost = ~np.isfinite(bounds).all(axis=1)
    shapes[lost] = None
    return shapes


def _simple_parts(shapes: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Geometries without multi-parts and collections, and the row of each."""
    parts, source = shapely.get_parts(shapes, return_index=True)
    rows = rows[source]
    while (shapely.get_type_id(parts) >= min(_POINTS[1], _LINES[2], _POLYGONS[1])).any():
        parts, source = shapely.get_parts(parts, return_index=True)
        rows = rows[source]
    empty = shapely.is_empty(parts)
    return parts[~empty], rows[~empty]


def _polygons(parts: np.ndarray, rows: np.ndarray) -> Shapes:
    # One direction for shells and the other for holes: filled by winding number, parts drawn together
    # neither cut holes into each other nor fill their own.
    parts = shapely.orient_polygons(parts)
    rings, part = shapely.get_rings(parts, return_index=True)
    return _shapes(parts, rings, part, rows, closed=True)


def _lines(parts: np.ndarray, rows: np.ndarray) -> Shapes:
    return _shapes(parts, parts, np.arange(len(parts)), rows, closed=False)


def _shapes(
    parts: np.ndarray, rings: np.ndarray, part: np.ndarray, rows: np.ndarray, *, closed: bool
) -> Shapes:
    xy = shapely.get_coordinates(rings)
    counts = shapely.get_num_coordinates(rings)
    offsets = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
    boxes = shapely.bounds(parts).reshape(-1, 4)
    drawn = Outlines(xy, offsets, np.asarray(part, dtype=np.int64))
    return Shapes(drawn, boxes, shapely.area(parts), rows, closed)


def _snapped(outlines: Outlines, grid: float) -> Outlines:
    """Vertices moved to the nearest crossing of a grid, repeats dropped. The grid is the world's, not
    the view's, so shared borders stay shared and nothing shimmers while panning."""
    if len(outlines.xy) == 0:
        return outlines
    cells = np.round(outlines.xy / grid)
    keep = np.empty(len(cells), dtype=bool)
    keep[0] = True
    np.any(cells[1:] != cells[:-1], axis=1, out=keep[1:])
    keep[outlines.offsets[:-1]] = True
    # The last vertex stays too: a line keeps its end, a ring stays closed.
    keep[outlines.offsets[1:] - 1] = True
    before = np.concatenate(([0], np.cumsum(keep)))
    return Outlines(cells[keep] * grid, before[outlines.offsets], outlines.part)


def _dots(middles: np.ndarray, sides: np.ndarray, part: np.ndarray) -> Outlines:
    """Squares around `middles` with these sides, in pixels."""
    corners = np.array([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5], [-0.5, -0.5]])
    xy = (middles[:, None, :] + sides[:, None, None] * corners).reshape(-1, 2)
    return Outlines(xy, np.arange(0, len(xy) + 1, len(corners), dtype=np.int64), part)


def _joined(first: Outlines, second: Outlines) -> Outlines:
    return Outlines(
        np.concatenate((first.xy, second.xy)),
        np.concatenate((first.offsets, second.offsets[1:] + len(first.xy))),
        np.concatenate((first.part, second.part)),
    )


def _clipped(outlines: Outlines, box: tuple[float, float, float, float], *, closed: bool) -> Outlines:
    """Rings or lines cut to a box, side by side (Sutherland and Hodgman, Communications of the ACM 17,
    1974, for all rings at once). What runs outside runs along the box instead, so `box` must reach
    beyond what is seen by more than a stroke's width."""
    for axis, limit, sign in ((0, box[0], 1.0), (0, box[2], -1.0), (1, box[1], 1.0), (1, box[3], -1.0)):
        outlines = _half_plane(outlines, axis, limit, sign, closed=closed)
    return outlines


def _half_plane(outlines: Outlines, axis: int, limit: float, sign: float, *, closed: bool) -> Outlines:
    xy, offsets = outlines.xy, outlines.offsets
    count = len(xy)
    beyond = sign * (xy[:, axis] - limit)
    inside = beyond >= 0
    if inside.all():
        return outlines
    following = np.arange(1, count + 1)
    ends = offsets[1:] - 1
    filled = np.diff(offsets) > 0
    # A ring's last vertex repeats its first, so the edge from last to first has no length.
    following[ends[filled]] = offsets[:-1][filled] if closed else ends[filled]
    crosses = inside != inside[following]
    emitted = inside.astype(np.int64) + crosses
    place = np.concatenate(([0], np.cumsum(emitted)))
    found = np.empty((place[-1], 2))
    found[place[:-1][inside]] = xy[inside]
    at = np.flatnonzero(crosses)
    share = (beyond[at] / (beyond[at] - beyond[following[at]]))[:, None]
    cut = xy[at] + share * (xy[following[at]] - xy[at])
    cut[:, axis] = limit
    found[place[at] + inside[at]] = cut
    moved = place[offsets]
    kept = np.flatnonzero(np.diff(moved) > 0)
    return Outlines(found, np.concatenate(([0], np.cumsum(np.diff(moved)[kept]))), outlines.part[kept])


def _rule_index(data: VectorData, style: Style) -> np.ndarray:
    frame = data.frame
    if style.column is None or style.column not in frame.columns:
        if style.column is not None:
            # The column is gone: nobody knows the values, and the map must say so.
            from .symbology import UNKNOWN

            return np.full(len(frame), UNKNOWN, dtype=np.int16)
        return rule_index(style, None, len(frame))
    return rule_index(style, frame[style.column].to_numpy())


def _extent(boxes: np.ndarray) -> Extent | None:
    if len(boxes) == 0:
        return None
    west, south = boxes[:, :2].min(axis=0)
    east, north = boxes[:, 2:].max(axis=0)
    return Extent(float(west), float(south), float(east), float(north))


def _largest(shape: Any) -> Any:
    parts = shapely.get_parts(shape)
    if len(parts) <= 1:
        return shape
    return parts[int(np.argmax(shapely.area(parts)))]


def _label_spots(geometries: np.ndarray) -> np.ndarray:
    spots = np.full((len(geometries), 2), np.nan)
    rows = np.flatnonzero([shape is not None for shape in geometries])
    if len(rows) == 0:
        return spots
    shapes = geometries[rows]
    flat = shapely.get_dimensions(shapes) == 2
    # The largest part alone: a label belongs on the mainland, not between the islands.
    shapes[flat] = np.array([_largest(shape) for shape in shapes[flat]], dtype=object)
    inside = shapely.centroid(shapes)
    astray = flat & ~shapely.intersects(shapes, inside)
    inside[astray] = shapely.point_on_surface(shapes[astray])
    spots[rows] = shapely.get_coordinates(inside)
    return spots
