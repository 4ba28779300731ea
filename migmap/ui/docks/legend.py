"""The legend of the visible layers, from the same rules that draw them."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPainterPath, QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from migmap.api import RasterData, Symbol, VectorData
from migmap.app.project import Layer

from .. import look
from ..desk import Desk
from .parts import label, page


class Legend(QScrollArea):
    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._shown: object = None
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(self.tr("Legend"))
        desk.project_changed.connect(lambda *_: self._show())
        desk.data_changed.connect(lambda *_: self._show())
        self.setWidget(page(QWidget()))

    def _show(self) -> None:
        layers = [layer for layer in reversed(self._desk.project.layers) if layer.visible]
        shown = [(layer.id, layer.title, layer.style, self._desk.data_of(layer) is None) for layer in layers]
        if shown == self._shown:
            return
        self._shown = shown
        body = page(QWidget())
        layout = QVBoxLayout(body)
        layout.setContentsMargins(look.GAP + 4, look.GAP, look.GAP + 4, look.GAP)
        layout.setSpacing(3)
        for layer in layers:
            if layer.style is not None and self._desk.data_of(layer) is not None:
                self._add(layout, layer)
        layout.addStretch(1)
        self.setWidget(body)

    def _add(self, layout: QVBoxLayout, layer: Layer) -> None:
        from migmap.geo.symbology import swatches

        assert layer.style is not None
        data = self._desk.data_of(layer)
        shape = geometry_of(data)
        rows = swatches(layer.style)
        heading = label(layer.title)
        font = heading.font()
        font.setWeight(font.Weight.DemiBold)
        heading.setFont(font)
        heading.setWordWrap(True)
        if not rows or (len(rows) == 1 and not rows[0].label):
            symbol = rows[0].symbol if rows else layer.style.other
            layout.addLayout(_row(symbol, shape, heading))
            layout.addSpacing(4)
            return
        layout.addWidget(heading)
        if layer.style.title and layer.style.title != layer.title:
            layout.addWidget(label(layer.style.title, "soft", wrap=True))
        for swatch in rows:
            layout.addLayout(_row(swatch.symbol, shape, label(swatch.label, wrap=True)))
        layout.addSpacing(6)


def geometry_of(data: VectorData | RasterData | None) -> str:
    """"point", "line", "polygon" or "raster": how a swatch of this data looks."""
    if not isinstance(data, VectorData):
        return "raster"
    first = data.frame.geometry.first_valid_index() if len(data.frame) else None
    kind = "" if first is None else str(data.frame.geometry[first].geom_type)
    return "point" if "Point" in kind else "line" if "Line" in kind else "polygon"


def _row(symbol: Symbol, shape: str, text: QLabel) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(look.GAP)
    picture = QLabel()
    picture.setPixmap(swatch_picture(symbol, shape))
    picture.setFixedSize(24, 16)
    row.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
    row.addWidget(text, 1)
    return row


def swatch_picture(symbol: Symbol, shape: str) -> QPixmap:
    """A legend swatch of 24 x 16 pixels."""
    pixmap = QPixmap(QSize(48, 32))
    pixmap.setDevicePixelRatio(2)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    fill = QBrush(colour(symbol.fill)) if symbol.fill else QBrush(Qt.BrushStyle.NoBrush)
    pen = QPen(colour(symbol.stroke), max(symbol.stroke_width, 0.8)) if symbol.stroke else QPen(Qt.PenStyle.NoPen)
    box = QRectF(1.5, 2, 21, 12)
    if shape == "line":
        painter.setPen(QPen(colour(symbol.stroke or symbol.fill), 2))
        painter.drawLine(QPointF(2, 8), QPointF(22, 8))
    else:
        path = QPainterPath()
        if shape == "point":
            _mark(path, symbol.shape, QPointF(12, 8), min(symbol.size, 13) / 2)
            if symbol.stroke.lower() in ("#ffffff", ""):
                # A white rim is for the map; on white paper it would only shrink the mark.
                pen = QPen(Qt.PenStyle.NoPen)
        else:
            path.addRect(box)
            if shape == "raster" or symbol.stroke.lower() == "#ffffff":
                pen = QPen(QColor(look.LINE), 0.8)
        painter.setPen(pen)
        painter.setBrush(fill)
        painter.drawPath(path)
        if symbol.hatch:
            painter.setClipPath(path)
            painter.setPen(QPen(QColor("#6b6b6b"), 0.8))
            for x in range(-16, 26, 4):
                painter.drawLine(QPointF(x, 16), QPointF(x + 16, 0))
    painter.end()
    return pixmap


def colour(text: str) -> QColor:
    """#rrggbb or #rrggbbaa (Qt itself reads eight digits as #aarrggbb)."""
    made = QColor(text[:7])
    if len(text) == 9:
        made.setAlpha(int(text[7:9], 16))
    return made


def _mark(path: QPainterPath, shape: str, at: QPointF, radius: float) -> None:
    from math import cos, pi, sin

    if shape == "circle":
        path.addEllipse(at, radius, radius)
    elif shape == "square":
        path.addRect(QRectF(at.x() - radius, at.y() - radius, 2 * radius, 2 * radius))
    elif shape == "cross":
        third = radius / 3
        path.addRect(QRectF(at.x() - radius, at.y() - third, 2 * radius, 2 * third))
        path.addRect(QRectF(at.x() - third, at.y() - radius, 2 * third, 2 * radius))
        path.setFillRule(Qt.FillRule.WindingFill)
    else:
        corners = {"triangle": 3, "diamond": 4}.get(shape, 10)
        points = []
        for i in range(corners + 1):
            reach = radius * (0.45 if corners == 10 and i % 2 else 1)
            angle = -pi / 2 + 2 * pi * i / corners
            points.append(QPointF(at.x() + reach * cos(angle), at.y() + reach * sin(angle)))
        path.addPolygon(QPolygonF(points))
