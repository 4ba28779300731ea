"""Features to pixels.

PySide6 holds the interpreter's lock inside each Qt call, so shapes come simplified from the draw list and
go to Qt in pieces of about CHUNK vertices; between pieces other threads get their turn and a cancelled
drawing stops.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QByteArray, QDataStream, QPoint, QPointF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen

from migmap.api import Progress, Style, Symbol, no_progress

from .surface import restored
from .symbols import fill_brush, hatch_brush, line_pen, outline_pen, stamp

if TYPE_CHECKING:
    from migmap.geo.drawlist import Outlines, PreparedVector
    from migmap.geo.viewport import View

CHUNK = 2000
"""Vertices, or markers, handed to Qt between two looks at the cancel flag."""

_ELEMENT = np.dtype([("kind", ">i4"), ("x", ">f8"), ("y", ">f8")])


def draw_vector(
    painter: QPainter,
    prepared: PreparedVector,
    style: Style,
    view: View,
    width: int,
    height: int,
    *,
    scale: float = 1.0,
    rows: Sequence[int] | None = None,
    progress: Progress = no_progress,
) -> None:
    """Draw a layer: polygons, then lines, then markers.

    view: of a width x height picture in the painter's pixels. scale: multiplies the lengths in the style
    (2 on a high-density screen). rows: draw only these. Within each sort unknown and other come first and
    the rules in their order, so that what the legend lists last, the worst, is never hidden.
    """
    from migmap.geo.symbology import OTHER, UNKNOWN, symbol_of

    index = prepared.rules(style)
    shown = np.ones(len(index), dtype=bool)
    if rows is not None:
        shown[:] = False
        shown[np.asarray(rows, dtype=np.int64)] = True
    order = [rule for rule in (UNKNOWN, OTHER, *range(len(style.rules))) if (index[shown] == rule).any()]
    with restored(painter):
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        # The hatching is fixed to the ground, or it would crawl while panning.
        painter.setBrushOrigin(
            QPointF(-view.centre_x / view.units_per_px % 840, view.centre_y / view.units_per_px % 840)
        )
        tiny = (
            _tiny_rows(prepared, style, view, scale)
            if prepared.of_places
            else np.zeros(len(index), dtype=bool)
        )
        steps = max(len(order), 1)
        for done, rule in enumerate(order):
            progress(0.6 * done / steps, "Drawing")
            symbol, wanted = symbol_of(style, rule), shown & (index == rule)
            _draw_polygons(painter, prepared, symbol, view, width, height, scale, wanted & ~tiny, progress)
            _draw_lines(painter, prepared, symbol, view, width, height, scale, wanted, progress)
        for done, rule in enumerate(order):
            progress(0.6 + 0.4 * done / steps, "Drawing")
            symbol, wanted = symbol_of(style, rule), shown & (index == rule)
            spots = prepared.points[wanted[prepared.point_row]]
            if tiny.any():
                boxes = prepared.boxes[wanted & tiny]
                spots = np.concatenate((spots, (boxes[:, :2] + boxes[:, 2:]) / 2))
            _stamp_all(painter, symbol, view.pixels(spots, width, height), width, height, scale, progress)


def _tiny_rows(prepared: PreparedVector, style: Style, view: View, scale: float) -> np.ndarray:
    """Rows of a layer of places whose polygon is smaller than its marker would be: a clinic mapped as a
    building is a clinic all the same."""
    sides = prepared.boxes[:, 2:] - prepared.boxes[:, :2]
    largest = max([rule.symbol.size for rule in style.rules], default=style.other.size) * scale
    has_polygon = np.zeros(len(prepared.boxes), dtype=bool)
    has_polygon[prepared.polygons.row] = True
    return np.asarray(has_polygon & (np.nan_to_num(sides).max(axis=1) / view.units_per_px < largest))


def _draw_polygons(
    painter: QPainter,
    prepared: PreparedVector,
    symbol: Symbol,
    view: View,
    width: int,
    height: int,
    scale: float,
    wanted: np.ndarray,
    progress: Progress,
) -> None:
    shapes = prepared.polygons
    parts = wanted[shapes.row]
    if not parts.any():
        return
    margin = 4 + 2 * symbol.stroke_width * scale
    large, specks = shapes.in_view(view, width, height, margin, parts)
    brush, pen = fill_brush(symbol), outline_pen(symbol, scale)
    painter.setBrush(brush)
    for outlines, border in ((specks, QPen(Qt.PenStyle.NoPen)), (large, pen)):
        most = _most(border)
        for xy, offsets in _chunks(outlines, most):
            progress(0.5, "Drawing")
            path = _path(xy, offsets)
            if len(xy) <= 1.2 * most and not symbol.hatch:
                painter.setPen(border)
                painter.drawPath(path)
                continue
            painter.fillPath(path, brush)
            if symbol.hatch:
                painter.fillPath(path, hatch_brush(symbol, scale))
            if border.style() != Qt.PenStyle.NoPen:
                _stroke(painter, xy, offsets, border, progress)


def _draw_lines(
    painter: QPainter,
    prepared: PreparedVector,
    symbol: Symbol,
    view: View,
    width: int,
    height: int,
    scale: float,
    wanted: np.ndarray,
    progress: Progress,
) -> None:
    parts = wanted[prepared.lines.row]
    if not parts.any():
        return
    pen = line_pen(symbol, scale)
    outlines, _ = prepared.lines.in_view(view, width, height, 4 + 2 * pen.widthF(), parts)
    _stroke(painter, outlines.xy, outlines.offsets, pen, progress)


def _stamp_all(
    painter: QPainter,
    symbol: Symbol,
    pixels: np.ndarray,
    width: int,
    height: int,
    scale: float,
    progress: Progress,
) -> None:
    if len(pixels) == 0:
        return
    marker = stamp(symbol, scale)
    half = marker.width() // 2
    # A hair's breadth: a place on the border of two pixels must not jump between them.
    places = np.floor(pixels + 1e-4)
    seen = (
        (places[:, 0] >= -half)
        & (places[:, 0] < width + half)
        & (places[:, 1] >= -half)
        & (places[:, 1] < height + half)
    )
    places = places[seen].astype(np.int64)
    # Markers on the same pixel look like one: stamp the last of them, where it comes in the order.
    keys = places[:, 1] * (width + 4 * half) + places[:, 0]
    _, last = np.unique(keys[::-1], return_index=True)
    places = places[np.sort(len(keys) - 1 - last)] - half
    draw = painter.drawImage
    for start in range(0, len(places), CHUNK):
        progress(0.8, "Drawing")
        for x, y in places[start : start + CHUNK].tolist():
            draw(QPoint(x, y), marker)


def _most(pen: QPen) -> int:
    """Vertices in one call. Up to a pixel wide Qt takes a fast way; beyond it costs seven times as much."""
    return CHUNK if pen.style() == Qt.PenStyle.NoPen or pen.widthF() <= 1.0 else CHUNK // 4


def _stroke(painter: QPainter, xy: np.ndarray, offsets: np.ndarray, pen: QPen, progress: Progress) -> None:
    """Stroke rings or lines; long ones, unlike fillings, can be taken in pieces."""
    most = _most(pen)
    starts = []
    for first, end in zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True):
        starts += [(at, min(at + most + 1, end)) for at in range(first, max(end - 1, first + 1), most)]
    held: list[tuple[int, int]] = []
    count = 0
    for start, end in [*starts, (0, 0)]:
        if held and (count + end - start > 1.2 * most or end == 0):
            progress(0.5, "Drawing")
            pieces = np.concatenate([xy[a:b] for a, b in held])
            lengths = np.concatenate(([0], np.cumsum([b - a for a, b in held])))
            painter.strokePath(_path(pieces, lengths), pen)
            held, count = [], 0
        held.append((start, end))
        count += end - start


def _chunks(outlines: Outlines, most: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Vertices and offsets of about `most` vertices; the rings of one part are never torn apart."""
    offsets, rings = outlines.offsets, len(outlines.part)
    start = 0
    while start < rings:
        stop = int(np.searchsorted(offsets, offsets[start] + most, side="left"))
        stop = min(max(stop, start + 1), rings)
        while stop < rings and outlines.part[stop] == outlines.part[stop - 1]:
            stop += 1
        yield outlines.xy[offsets[start] : offsets[stop]], offsets[start : stop + 1] - offsets[start]
        start = stop


def _path(xy: np.ndarray, offsets: np.ndarray) -> QPainterPath:
    """A path from arrays through Qt's own stream format (count; kind, x, y each; start, winding fill):
    a tenth of a microsecond a vertex, where a call for each takes ten times that."""
    elements = np.empty(len(xy), dtype=_ELEMENT)
    elements["kind"] = 1
    elements["kind"][offsets[:-1][np.diff(offsets) > 0]] = 0
    elements["x"], elements["y"] = xy[:, 0], xy[:, 1]
    head = np.array([len(xy)], dtype=">i4").tobytes()
    tail = np.array([int(offsets[-2]), 1], dtype=">i4").tobytes()
    path = QPainterPath()
    stream = QDataStream(QByteArray(head + elements.tobytes() + tail))
    stream >> path
    return path
