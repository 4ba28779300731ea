"""What makes a picture a map: graticule, scale bar, north arrow, marks."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from .text import draw_halo, elided, font, measured

if TYPE_CHECKING:
    from migmap.geo.viewport import View

GROUND = "#f7f8f6"
"""The sheet of paper the map lies on: never blank white, never louder than the pale end of a ramp."""
INK = QColor("#1f2933")
QUIET_INK = QColor("#5f6b76")
_GRID = QColor("#dde2e4")
_GRID_INK = QColor("#74808a")
_HALO = QColor(255, 255, 255, 215)


@dataclass(frozen=True, slots=True)
class Graticule:
    """Lines of equal longitude and latitude over a picture: (pixel, degrees) each, `step` degrees apart."""

    meridians: tuple[tuple[float, float], ...]
    parallels: tuple[tuple[float, float], ...]
    step: float


def graticule(view: View, width: int, height: int, *, scale: float = 1.0) -> Graticule:
    """About six lines to 900 pixels, at round degrees."""
    from migmap.geo.viewport import (
        LATITUDE_LIMIT,
        graticule_step,
        to_canvas,
        to_lonlat,
    )

    shown = view.extent(width, height)
    west, south = to_lonlat(shown.west, shown.south)
    east, north = to_lonlat(shown.east, shown.north)
    west, east = max(west, -180.0), min(east, 180.0)
    south, north = max(south, -LATITUDE_LIMIT), min(north, LATITUDE_LIMIT)
    step = graticule_step((east - west) * min(1.0, 900 * scale / max(width, 1)))
    meridians = [i * step for i in range(math.ceil(west / step), math.floor(east / step) + 1)]
    parallels = [i * step for i in range(math.ceil(south / step), math.floor(north / step) + 1)]
    return Graticule(
        tuple((view.to_screen(to_canvas(at, 0)[0], 0, width, height)[0], at) for at in meridians),
        tuple((view.to_screen(0, to_canvas(0, at)[1], width, height)[1], at) for at in parallels),
        step,
    )


def draw_backdrop(painter: QPainter, view: View, width: int, height: int, *, scale: float = 1.0) -> None:
    """Ground and graticule, so that a map without a layer there is still a place on earth."""
    lines = graticule(view, width, height, scale=scale)
    painter.save()
    painter.fillRect(QRectF(0, 0, width, height), QColor(GROUND))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(QPen(_GRID, max(round(scale), 1)))
    for x, _ in lines.meridians:
        painter.drawLine(QPointF(round(x), 0), QPointF(round(x), height))
    for y, _ in lines.parallels:
        painter.drawLine(QPointF(0, round(y)), QPointF(width, round(y)))
    painter.restore()


def draw_degrees(painter: QPainter, view: View, width: int, height: int, *, scale: float = 1.0) -> None:
    """The graticule's figures along the upper and left edge, over the layers."""
    lines = graticule(view, width, height, scale=scale)
    made = font(10 * scale)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    words = [
        (x + 3 * scale, 12 * scale, degrees(at, lines.step, "E", "W"))
        for x, at in lines.meridians
        if 40 * scale < x < width - 80 * scale
    ]
    words += [
        (4 * scale, y - 3 * scale, degrees(at, lines.step, "N", "S"))
        for y, at in lines.parallels
        if 30 * scale < y < height - 50 * scale
    ]
    for x, baseline, text in words:
        draw_halo(painter, x, baseline, text, made, _GRID_INK, halo=_HALO, halo_px=2 * scale)
    painter.restore()


def degrees(value: float, step: float, positive: str, negative: str) -> str:
    """A graticule label: "66.5° E" with as many decimals as the step needs."""
    decimals = max(0, -math.floor(math.log10(step) + 1e-9)) if step < 1 else 0
    if step in (0.25,):
        decimals = 2
    side = "" if abs(value) < 1e-9 else f" {positive if value > 0 else negative}"
    return f"{abs(value):.{decimals}f}°{side}"


@dataclass(frozen=True, slots=True)
class ScaleBar:
    """length_px: the bar on the picture; length_m on the ground, a round number; label with its unit."""

    length_px: float
    length_m: float
    label: str


def scale_bar(view: View, max_px: float) -> ScaleBar:
    """The longest bar of a round length that fits: true for east-west distances on the WGS 84 ellipsoid
    at the middle of the picture (in Mercator the scale changes with latitude)."""
    from migmap.geo.viewport import round_number

    length_m = round_number(max_px * view.ground_m_per_px)
    label = f"{length_m / 1000:g} km" if length_m >= 1000 else f"{length_m:g} m"
    return ScaleBar(length_m / view.ground_m_per_px, length_m, label)


def draw_scale_bar(
    painter: QPainter, left: float, bottom: float, view: View, *, max_px: float, scale: float = 1.0
) -> QRectF:
    """The bar with its lower left end at (left, bottom), half dark, half light. Returns its box."""
    bar = scale_bar(view, max_px)
    thick = 5 * scale
    made = font(11 * scale)
    half_label = f"{bar.length_m / 2000:g}" if bar.length_m >= 1000 else f"{bar.length_m / 2:g}"
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    top = bottom - thick
    painter.setPen(QPen(QColor(255, 255, 255, 200), 3 * scale))
    painter.drawRect(QRectF(left, top, bar.length_px, thick))
    painter.setPen(QPen(INK, scale))
    painter.setBrush(QColor("white"))
    painter.drawRect(QRectF(left, top, bar.length_px, thick))
    painter.setBrush(INK)
    painter.drawRect(QRectF(left, top, bar.length_px / 2, thick))
    baseline = top - 4 * scale
    for at, words in ((0.0, "0"), (0.5, half_label), (1.0, bar.label)):
        wide = measured(words, made)[0]
        # The unit hangs over the end; the figure itself stands on it.
        figure = measured(words.split(" ")[0], made)[0]
        x = left + at * bar.length_px - (0 if at == 0 else figure / 2)
        draw_halo(painter, x, baseline, words, made, INK, halo=_HALO, halo_px=2.4 * scale)
        right = x + wide
    painter.restore()
    height = thick + 4 * scale + measured("0", made)[1]
    return QRectF(left, bottom - height, max(bar.length_px, right - left), height)


def draw_north_arrow(painter: QPainter, centre_x: float, top: float, *, scale: float = 1.0) -> None:
    """A needle with an N. The canvas projection has north straight up everywhere."""
    half, tall = 8 * scale, 28 * scale
    made = font(12 * scale, bold=True)
    wide, line = measured("N", made)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    draw_halo(
        painter,
        centre_x - wide / 2,
        top + line * 0.78,
        "N",
        made,
        INK,
        halo=_HALO,
        halo_px=2.4 * scale,
    )
    tip, foot = top + line, top + line + tall
    notch = foot - 7 * scale
    pen = QPen(INK, scale)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    for side, colour in ((-1, INK), (1, QColor("white"))):
        painter.setBrush(colour)
        painter.drawPolygon(
            QPolygonF(
                [QPointF(centre_x, tip), QPointF(centre_x + side * half, foot), QPointF(centre_x, notch)]
            )
        )
    painter.restore()


def draw_banner(
    painter: QPainter, centre_x: float, top: float, text: str, *, max_width: float, scale: float = 1.0
) -> QRectF:
    """The mark for made-up data: impossible to overlook. Returns its box; nothing for "" ."""
    if not text:
        return QRectF(centre_x, top, 0, 0)
    made = font(13 * scale, text, bold=True)
    words = elided(text, made, max_width - 28 * scale)
    wide, tall = measured(words, made)
    box = QRectF(centre_x - wide / 2 - 14 * scale, top, wide + 28 * scale, tall + 8 * scale)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor("#8a2b06"), scale))
    painter.setBrush(QColor(255, 228, 200, 240))
    painter.drawRoundedRect(box, 4 * scale, 4 * scale)
    painter.setPen(QColor("#7a2405"))
    painter.setFont(made)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)
    painter.restore()
    return box


def draw_foot(
    painter: QPainter, left: float, bottom: float, text: str, *, max_width: float, scale: float = 1.0
) -> None:
    """A quiet line of small print whose baseline box ends at `bottom`."""
    made = font(10.5 * scale, text)
    words = elided(text, made, max_width)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    baseline = bottom - measured(words, made)[1] * 0.25
    draw_halo(painter, left, baseline, words, made, QUIET_INK, halo=_HALO, halo_px=2.4 * scale)
    painter.restore()
