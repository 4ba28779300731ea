"""Marker shapes and hatching, drawn once and stamped from then on."""

from __future__ import annotations

import math
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPainterPath, QPen, QPolygonF

from migmap.api import Symbol

from .surface import blank, rgba

HATCH_PX = 7
"""Pixels between the lines of the hatching, along the picture's edge."""


def shape_path(shape: str, size: float) -> QPainterPath:
    """A marker's outline around (0, 0), `size` pixels across. Shapes look equally heavy."""
    path = QPainterPath()
    r = size / 2
    if shape == "circle":
        path.addEllipse(QPointF(0, 0), r, r)
    elif shape == "square":
        path.addRect(QRectF(-0.88 * r, -0.88 * r, 1.76 * r, 1.76 * r))
    elif shape == "cross":
        arm = r * 0.36
        corners = [(-arm, -r), (arm, -r), (arm, -arm), (r, -arm), (r, arm), (arm, arm)]
        path.addPolygon(_polygon([*corners, *((-x, -y) for x, y in corners)]))
    else:
        path.addPolygon(_polygon(_corners(shape, r)))
    path.closeSubpath()
    return path


def _corners(shape: str, r: float) -> list[tuple[float, float]]:
    if shape == "diamond":
        return [(0, -1.1 * r), (1.1 * r, 0), (0, 1.1 * r), (-1.1 * r, 0)]
    if shape == "triangle":
        return [(0, -1.05 * r), (1.05 * r, 0.8 * r), (-1.05 * r, 0.8 * r)]
    tips = []
    for i in range(10):
        reach = (1.2 if i % 2 == 0 else 0.52) * r
        tips.append((reach * math.sin(i * math.pi / 5), -reach * math.cos(i * math.pi / 5)))
    return tips


def _polygon(corners: list[tuple[float, float]]) -> QPolygonF:
    return QPolygonF([QPointF(x, y) for x, y in corners])


@lru_cache(maxsize=512)
def stamp(symbol: Symbol, scale: float = 1.0) -> QImage:
    """The marker of a symbol on a clear square with an odd number of pixels, its middle in the middle.
    A kept picture: draw it, do not draw on it."""
    size = max(symbol.size, 1.0) * scale
    stroke = symbol.stroke_width * scale if symbol.stroke else 0.0
    half = math.ceil(size * 0.6 + stroke) + 1
    image = blank(2 * half + 1, 2 * half + 1)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(half + 0.5, half + 0.5)
    path = shape_path(symbol.shape, size)
    painter.fillPath(path, fill_brush(symbol))
    if symbol.hatch:
        painter.save()
        painter.setClipPath(path)
        painter.fillRect(
            QRectF(-half - 1, -half - 1, 2 * half + 2, 2 * half + 2), hatch_brush(symbol, scale, 4)
        )
        painter.restore()
    if stroke > 0:
        painter.strokePath(path, _pen(symbol, stroke))
    painter.end()
    return image


def fill_brush(symbol: Symbol) -> QBrush:
    """The plain filling; none where the symbol has no colour."""
    return QBrush(rgba(symbol.fill)) if symbol.fill else QBrush(Qt.BrushStyle.NoBrush)


def outline_pen(symbol: Symbol, scale: float) -> QPen:
    """The pen round a polygon; none where the symbol has no stroke."""
    if not symbol.stroke or symbol.stroke_width <= 0:
        return QPen(Qt.PenStyle.NoPen)
    return _pen(symbol, symbol.stroke_width * scale)


def line_pen(symbol: Symbol, scale: float) -> QPen:
    """The pen for a line, which has its fill's colour (a stroke is usually the pale rim of something)."""
    pen = QPen(rgba(symbol.fill or symbol.stroke), max(symbol.stroke_width * 1.8, 1.4) * scale)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    if symbol.hatch:
        pen.setDashPattern([4.0, 3.0])
    return pen


def _pen(symbol: Symbol, width: float) -> QPen:
    pen = QPen(rgba(symbol.stroke), width)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return pen


def hatch_ink(symbol: Symbol) -> QColor:
    """The colour of the hatching: that of the stroke if it stands out from the fill, else a dark grey."""
    fill, stroke = rgba(symbol.fill), rgba(symbol.stroke)
    if symbol.stroke and abs(fill.lightness() - stroke.lightness()) > 60 and stroke.lightness() < 160:
        return stroke
    return QColor("#6b6b6b")


def hatch_brush(symbol: Symbol, scale: float = 1.0, spacing_px: int = HATCH_PX) -> QBrush:
    """Diagonal lines on nothing, to lay over a filling."""
    return QBrush(_hatch_tile(hatch_ink(symbol).rgba(), max(round(spacing_px * scale), 3), max(scale, 1.0)))


@lru_cache(maxsize=64)
def _hatch_tile(ink: int, spacing: int, width: float) -> QImage:
    tile = blank(spacing, spacing)
    painter = QPainter(tile)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    # A hair over one pixel: Qt's fast way for thinner pens would smear each line over two pale ones.
    painter.setPen(QPen(QColor.fromRgba(ink), 1.05 * width))
    for shift in (-spacing, 0, spacing):
        painter.drawLine(QPointF(shift - 1, spacing + 1), QPointF(shift + spacing + 1, -1))
    painter.end()
    return tile
