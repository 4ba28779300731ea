"""Where the rows of a preview lie, drawn small: enough to see that a file is in the right place."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from .. import look
from ..words import isolated, number

Point = tuple[float, float]
BORDER = 10


class PointSketch(QWidget):
    """Points in degrees or metres as they are, north up, over a grid; the corners are written beside it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._points: tuple[Point, ...] = ()
        self.setMinimumSize(QSize(170, 120))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("Where the first rows lie"))

    def show_points(self, points: Sequence[Point]) -> None:
        self._points = tuple(points)
        box = self.box()
        if box is None:
            self.setToolTip(self.tr("None of the first rows has a position."))
        else:
            self.setToolTip(
                self.tr("West {0}, south {1}, east {2}, north {3}").format(*(number(one, 4) for one in box))
            )
        self.update()

    def box(self) -> tuple[float, float, float, float] | None:
        """west, south, east, north of the points; None without any."""
        if not self._points:
            return None
        xs, ys = [x for x, _ in self._points], [y for _, y in self._points]
        return min(xs), min(ys), max(xs), max(ys)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QColor(look.LINE))
        painter.setBrush(QColor("#f8fafa"))
        painter.drawRoundedRect(frame, 5, 5)
        box = self.box()
        if box is None:
            painter.setPen(QColor(look.FAINT_INK))
            painter.drawText(
                frame.adjusted(8, 8, -8, -8),
                Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap,
                self.tr("No positions in the first rows"),
            )
            painter.end()
            return
        line = self.fontMetrics().height()
        room = frame.adjusted(BORDER, BORDER + line, -BORDER, -BORDER - line)
        west, south, east, north = box
        reach = max(east - west, north - south) or 1.0
        scale = min(room.width(), room.height()) / reach
        middle = QPointF((west + east) / 2, (south + north) / 2)
        painter.setPen(QPen(QColor(look.SOFT_LINE), 1))
        for step in range(1, 4):
            x = frame.left() + frame.width() * step / 4
            y = frame.top() + frame.height() * step / 4
            painter.drawLine(QPointF(x, frame.top() + 1), QPointF(x, frame.bottom() - 1))
            painter.drawLine(QPointF(frame.left() + 1, y), QPointF(frame.right() - 1, y))
        dot = QColor(look.ACCENT)
        dot.setAlpha(150)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(dot)
        for x, y in self._points:
            spot = QPointF(
                room.center().x() + (x - middle.x()) * scale, room.center().y() - (y - middle.y()) * scale
            )
            painter.drawEllipse(spot, 3.0, 3.0)
        painter.setPen(QColor(look.SOFT_INK))
        font = painter.font()
        font.setPointSizeF(font.pointSizeF() - 1.5)
        painter.setFont(font)
        decimals = 2 if reach < 20 else 0
        top, low = corner(west, north, decimals), corner(east, south, decimals)
        inner = frame.adjusted(6, 4, -6, -4)
        painter.drawText(inner, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, top)
        painter.drawText(inner, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom, low)
        painter.end()


def corner(x: float, y: float, decimals: int) -> str:
    """ "71.45° E, 34.17° N", in this order beside any script; plain numbers where they are no degrees."""
    if abs(x) > 180 or abs(y) > 90:
        return f"{number(x, decimals)}, {number(y, decimals)}"
    side, height = "W" if x < 0 else "E", "S" if y < 0 else "N"
    return isolated(f"{number(abs(x), decimals)}° {side}, {number(abs(y), decimals)}° {height}")
