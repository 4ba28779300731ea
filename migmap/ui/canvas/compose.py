"""Finished pictures laid over each other as the window shows them now."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage, QPainter

from .plates import Frame, Glass

_MOST_MAGNIFIED = 64
"""A picture magnified more than this says nothing any more."""


def compose(painter: QPainter, frames: Sequence[tuple[Frame, float]], glass: Glass) -> None:
    """Draw (picture, opacity) from bottom to top, moved and scaled where they were made for another view."""
    painter.save()
    for frame, opacity in frames:
        magnified = frame.view.units_per_px / glass.view.units_per_px
        wide, tall = frame.image.width() * magnified, frame.image.height() * magnified
        x, y = glass.view.to_screen(frame.view.centre_x, frame.view.centre_y, glass.width, glass.height)
        left, top = x - wide / 2, y - tall / 2
        painter.setOpacity(opacity)
        if frame.sharp(glass):
            # On whole pixels, or it would not be sharp.
            whole = QPointF(round(left * glass.ratio) / glass.ratio, round(top * glass.ratio) / glass.ratio)
            painter.drawImage(whole, frame.image)
        elif magnified * frame.ratio < _MOST_MAGNIFIED:
            _draw_scaled(painter, QRectF(left, top, wide, tall), frame.image, glass)
    painter.restore()


def _draw_scaled(painter: QPainter, target: QRectF, image: QImage, glass: Glass) -> None:
    seen = target.intersected(QRectF(0, 0, glass.width, glass.height))
    if seen.isEmpty():
        return
    across, up = image.width() / target.width(), image.height() / target.height()
    source = QRectF(
        (seen.left() - target.left()) * across,
        (seen.top() - target.top()) * up,
        seen.width() * across,
        seen.height() * up,
    )
    painter.drawImage(seen, image, source)
