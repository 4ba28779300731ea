"""Charts of the figures of a run: bars by class and area, and exceedance curves. The words come with the
values; nothing here knows what they mean."""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QImage, QPainter, QPen
from PySide6.QtSvg import QSvgGenerator

from .surface import blank, qt_for_drawing, restored, rgba, to_png
from .text import draw_line, draw_paragraph, elided, font, isolated, measured, paragraph_height

INK = QColor("#1f2933")
SOFT = QColor("#5f6b76")
GRID = QColor("#e3e8ea")
AXIS = QColor("#9aa5ac")
EDGE = QColor("#5f6b76")
PAPER = "#ffffff"

LINES = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#7a5195", "#a6761d", "#56b4e9", "#333333")
"""Okabe and Ito's colours, safe for the colour-blind, the yellows left out because they vanish on paper."""

ROW = 24.0
PAD, TOP = 14.0, 8.0
MOST_NAME = 200.0


@dataclass(frozen=True, slots=True)
class Class:
    """One class: its label, its fixed colour. hatch: what nobody knows."""

    label: str
    fill: str
    hatch: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """One area: a value a class, in the order of the classes, None for a figure that is unknown. end: what
    stands behind the bar, such as the whole. tips: what each part says when it is pointed to."""

    title: str
    values: tuple[float | None, ...]
    end: str
    tips: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BarChart:
    """title: what is shown. whole: a line under it that states the whole. axis: quantity and unit."""

    title: str
    whole: str
    axis: str
    classes: tuple[Class, ...]
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One exceedance curve. points: (return period in years, value or None where unknown), rising in the
    first. note: stands behind its title, such as what is expected a year. tips: one a point."""

    title: str
    note: str
    points: tuple[tuple[float, float | None], ...]
    tips: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CurveChart:
    """x_axis, y_axis: quantities and units. nothing: what is said where there is no line."""

    title: str
    x_axis: str
    y_axis: str
    lines: tuple[Line, ...]
    nothing: str = ""


@dataclass(frozen=True, slots=True)
class Spot:
    """Something to point at: where it was drawn, and what it says."""

    box: QRectF
    tip: str


def figure(value: float) -> str:
    """A number for an axis or a label: thousands separated, three digits where it is small."""
    size = abs(value)
    if float(value).is_integer() or size >= 1000:
        return f"{value:,.0f}"
    return f"{value:,.1f}" if size >= 10 else f"{value:.3g}"


def ticks(most: float, count: int = 5) -> tuple[float, ...]:
    """About `count` round numbers from 0 to at least `most`.

    >>> ticks(83)
    (0.0, 20.0, 40.0, 60.0, 80.0, 100.0)
    """
    if not most > 0 or not math.isfinite(most):
        return (0.0, 1.0)
    rough = most / max(count, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(unit * power for unit in (1, 2, 5, 10) if unit * power >= rough * (1 - 1e-12))
    steps = math.ceil(most / step - 1e-9)
    return tuple(step * i for i in range(steps + 1))


# -- bars -----------------------------------------------------------------------------------------


def bars_height(chart: BarChart, width: float) -> float:
    """Height in pixels at which all bars are seen."""
    return _head_height(chart, width) + ROW * max(len(chart.bars), 1) + PAD


def draw_bars(
    painter: QPainter,
    chart: BarChart,
    width: float,
    height: float,
    *,
    scroll: float = 0.0,
    rtl: bool = False,
) -> tuple[Spot, ...]:
    """Title, legend and axis stand still above the bars; these are moved up by `scroll` pixels. rtl: names
    at the right, bars growing to the left. What was drawn and may be pointed at, class by class."""
    place = _Mirror(width, rtl)
    _begin(painter)
    painter.fillRect(QRectF(0, 0, width, height), rgba(PAPER))
    small, plain = font(11), font(12)
    names = _widest([*(bar.title for bar in chart.bars), chart.axis], 12)
    names = min(names, MOST_NAME, width * 0.3)
    ends = _widest([bar.end for bar in chart.bars], 11)
    left = PAD + names + 8
    span = max(width - left - ends - 8 - PAD, 40.0)
    marks = ticks(max((_total(bar.values) for bar in chart.bars), default=0.0), 4 if span < 420 else 6)
    per_unit = span / marks[-1]

    y = _draw_head(painter, chart.title, chart.whole, width, place)
    y = _draw_legend(painter, chart.classes, y, width, place)
    # The unit stands before the figures of the axis.
    unit = elided(chart.axis, _font_of(chart.axis, 11), max(left - 8 - PAD, 40.0))
    place.text(painter, left - 8 - measured(unit, small)[0], y + 11, unit, small, SOFT)
    for value in marks:
        words = figure(value)
        x = left + value * per_unit
        wide = measured(words, small)[0]
        place.text(painter, max(x - wide / 2, left), y + 11, words, small, SOFT)
    y += 17
    top = y
    spots: list[Spot] = []
    with restored(painter):
        painter.setClipRect(QRectF(0, top, width, max(height - top, 0)))
        last = min(height, top + ROW * len(chart.bars) - scroll + 4)
        painter.setPen(QPen(GRID, 1))
        for value in marks:
            x = place.x(left + value * per_unit)
            painter.drawLine(QPointF(x, top), QPointF(x, last))
        for index, bar in enumerate(chart.bars):
            row = top + index * ROW - scroll
            if row + ROW < top or row > height:
                continue
            name = elided(bar.title, _font_of(bar.title, 12), names)
            wide = measured(name, _font_of(name, 12))[0]
            place.text(painter, left - 8 - wide, row + 16, name, _font_of(name, 12), INK)
            x = left
            for look, amount, tip in zip(chart.classes, bar.values, bar.tips, strict=True):
                if not amount or amount < 0:
                    continue
                wide = amount * per_unit
                box = place.box(QRectF(x, row + 4, wide, ROW - 8))
                _fill(painter, box, look)
                # A sliver must still be found by the hand.
                reach = box if wide >= 4 else box.adjusted(-2, 0, 2, 0)
                spots.append(Spot(reach.intersected(QRectF(0, top, width, height - top)), tip))
                x += wide
            place.text(painter, x + 6, row + 16, bar.end, small, SOFT)
        painter.setPen(QPen(AXIS, 1))
        x = place.x(left)
        painter.drawLine(QPointF(x, top), QPointF(x, last))
    if not chart.bars:
        place.text(painter, left, top + 16, "–", plain, SOFT)
    return tuple(spot for spot in spots if spot.box.height() > 0)


def bars_top(chart: BarChart, width: float) -> float:
    """Where the first bar begins: above it nothing scrolls."""
    return _head_height(chart, width)


def _widest(texts: Sequence[str], px: float) -> float:
    """Width of the widest, looked for among those of most letters: thousands of areas are drawn as fast as
    ten."""
    longest = heapq.nlargest(30, set(texts), key=len)
    return max((measured(text, _font_of(text, px))[0] for text in longest), default=0.0)


def _total(values: Iterable[float | None]) -> float:
    return sum(value for value in values if value is not None and value > 0)


def _head_height(chart: BarChart, width: float) -> float:
    rows = len(_legend_rows([one.label for one in chart.classes], width))
    return TOP + 18 * _head_lines(chart.title, chart.whole, width) + rows * 20 + 6 + 17


# -- curves ---------------------------------------------------------------------------------------


def draw_curve(
    painter: QPainter, chart: CurveChart, width: float, height: float, *, rtl: bool = False
) -> tuple[Spot, ...]:
    """Values against return periods on a logarithmic axis, from 0. The years run from left to right in every
    language; rtl: the figures stand at the right. What was drawn and may be pointed at, line by line."""
    _begin(painter)
    painter.fillRect(QRectF(0, 0, width, height), rgba(PAPER))
    words = _Mirror(width, rtl)
    small = font(11)
    top = _draw_head(painter, chart.title, chart.y_axis if chart.lines else "", width, words)
    periods = sorted({years for line in chart.lines for years, _ in line.points})
    if not periods:
        words.text(painter, PAD, top + 20, chart.nothing, font(12), SOFT)
        return ()
    known = [value for line in chart.lines for _, value in line.points if value is not None]
    legend = _curve_legend(chart, width)
    bottom = height - PAD - 18 * len(legend) - 6 - 18 - 16
    top += 10
    marks = ticks(max(known, default=1.0), max(2, min(6, int((bottom - top) / 36))))
    figures = max(measured(figure(mark), small)[0] for mark in marks)
    left, right = PAD + figures + 8, width - PAD - 24
    if rtl:
        left, right = width - right, width - left
    low, high = math.log10(periods[0]), math.log10(periods[-1])
    room = 0.06 * (high - low) if high > low else 0.5
    low, high = low - room, high + room

    def x_of(years: float) -> float:
        return left + (math.log10(years) - low) / (high - low) * (right - left)

    def y_of(value: float) -> float:
        return bottom - value / marks[-1] * (bottom - top)

    for mark in marks:
        y = y_of(mark)
        painter.setPen(QPen(GRID if mark else AXIS, 1))
        painter.drawLine(QPointF(left, y), QPointF(right, y))
        text = figure(mark)
        wide = measured(text, small)[0]
        draw_line(painter, right + 8 if rtl else left - 8 - wide, y + 4, text, small, SOFT)
    taken = -math.inf
    for years in periods:
        x = x_of(years)
        painter.setPen(QPen(GRID, 1))
        painter.drawLine(QPointF(x, top), QPointF(x, bottom))
        text = figure(years)
        wide = measured(text, small)[0]
        if x - wide / 2 > taken + 4:
            draw_line(painter, x - wide / 2, bottom + 15, text, small, SOFT)
            taken = x + wide / 2
    wide = measured(chart.x_axis, small)[0]
    draw_line(painter, (left + right - wide) / 2, bottom + 31, chart.x_axis, small, SOFT)
    spots: list[Spot] = []
    for index, line in enumerate(chart.lines):
        colour = QColor(LINES[index % len(LINES)])
        painter.setPen(QPen(colour, 2))
        before: QPointF | None = None
        for years, value in line.points:
            here = None if value is None else QPointF(x_of(years), y_of(value))
            if before is not None and here is not None:
                painter.drawLine(before, here)
            before = here
        for (years, value), tip in zip(line.points, line.tips, strict=True):
            if value is not None:
                here = QPointF(x_of(years), y_of(value))
                _marker(painter, here, index, colour)
                spots.append(Spot(QRectF(here.x() - 7, here.y() - 7, 14, 14), tip))
    y = bottom + 40
    for row in legend:
        x = PAD
        for index, text, wide in row:
            centre = QPointF(words.x(x + 8), y + 9)
            colour = QColor(LINES[index % len(LINES)])
            painter.setPen(QPen(colour, 2))
            painter.drawLine(centre - QPointF(8, 0), centre + QPointF(8, 0))
            _marker(painter, centre, index, colour)
            words.text(painter, x + 22, y + 13, text, _font_of(text, 11), INK)
            x += wide
        y += 18
    return tuple(spots)


def curve_height(chart: CurveChart, width: float) -> float:
    """A height in pixels at which the curves are easily read."""
    return 320.0 + 18 * len(_curve_legend(chart, width))


def _curve_legend(chart: CurveChart, width: float) -> list[list[tuple[int, str, float]]]:
    """Rows of (line, words, width)."""
    rows: list[list[tuple[int, str, float]]] = [[]]
    used = 0.0
    room = width - 2 * PAD
    for index, line in enumerate(chart.lines):
        text = f"{isolated(line.title)}  {line.note}" if line.note else isolated(line.title)
        text = elided(text, _font_of(text, 11), max(room - 44, 40))
        wide = measured(text, _font_of(text, 11))[0] + 22 + 20
        if rows[-1] and used + wide > room:
            rows.append([])
            used = 0.0
        rows[-1].append((index, text, wide))
        used += wide
    return [row for row in rows if row]


def _marker(painter: QPainter, at: QPointF, index: int, colour: QColor) -> None:
    """Lines differ in shape as well as in colour."""
    with restored(painter):
        painter.setPen(QPen(QColor("white"), 1))
        painter.setBrush(colour)
        if index % 3 == 0:
            painter.drawEllipse(at, 4.5, 4.5)
        elif index % 3 == 1:
            painter.drawRect(QRectF(at.x() - 4, at.y() - 4, 8, 8))
        else:
            painter.translate(at)
            painter.rotate(45)
            painter.drawRect(QRectF(-4, -4, 8, 8))


# -- pictures -------------------------------------------------------------------------------------


def chart_size(chart: BarChart | CurveChart, width: int) -> QSize:
    """The size of a picture of all of it."""
    tall = bars_height(chart, width) if isinstance(chart, BarChart) else curve_height(chart, width)
    return QSize(width, math.ceil(tall))


def draw_chart(
    painter: QPainter,
    chart: BarChart | CurveChart,
    width: float,
    height: float,
    *,
    scroll: float = 0.0,
    rtl: bool = False,
) -> tuple[Spot, ...]:
    """Either kind."""
    if isinstance(chart, BarChart):
        return draw_bars(painter, chart, width, height, scroll=scroll, rtl=rtl)
    return draw_curve(painter, chart, width, height, rtl=rtl)


def chart_image(
    chart: BarChart | CurveChart,
    *,
    width: int = 1000,
    marks: Sequence[str] = (),
    rtl: bool = False,
    scale: float = 2.0,
) -> QImage:
    """The whole chart with the marks of the product below it. scale: device pixels a pixel."""
    size = chart_size(chart, width)
    tall = size.height() + _marks_height(marks, width)
    image = blank(round(width * scale), round(tall * scale), PAPER)
    painter = QPainter(image)
    painter.scale(scale, scale)
    _draw_all(painter, chart, width, size.height(), marks, rtl)
    painter.end()
    return image


def chart_png(
    chart: BarChart | CurveChart, *, width: int = 1000, marks: Sequence[str] = (), rtl: bool = False
) -> bytes:
    """A PNG file of the whole chart."""
    with qt_for_drawing():
        return to_png(chart_image(chart, width=width, marks=marks, rtl=rtl))


def chart_svg(
    chart: BarChart | CurveChart, *, width: int = 1000, marks: Sequence[str] = (), rtl: bool = False
) -> bytes:
    """An SVG file of the whole chart."""
    with qt_for_drawing():
        size = chart_size(chart, width)
        tall = size.height() + _marks_height(marks, width)
        held = QByteArray()
        buffer = QBuffer(held)
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        made = QSvgGenerator()
        made.setOutputDevice(buffer)
        made.setSize(QSize(width, tall))
        made.setViewBox(QRectF(0, 0, width, tall))
        made.setTitle(chart.title)
        painter = QPainter(made)
        _draw_all(painter, chart, width, size.height(), marks, rtl)
        painter.end()
        buffer.close()
        return bytes(held.data())


def _draw_all(
    painter: QPainter, chart: BarChart | CurveChart, width: int, tall: int, marks: Sequence[str], rtl: bool
) -> None:
    draw_chart(painter, chart, width, tall, rtl=rtl)
    painter.fillRect(QRectF(0, tall, width, _marks_height(marks, width)), rgba(PAPER))
    y = tall + 2.0
    for line in marks:
        made = _font_of(line, 10)
        room = QRectF(PAD, y, width - 2 * PAD, 10_000)
        y += draw_paragraph(painter, room, line, made, SOFT) + 2


def _marks_height(marks: Sequence[str], width: int) -> int:
    high = (paragraph_height(line, _font_of(line, 10), width - 2 * PAD) + 2 for line in marks)
    return math.ceil(sum(high) + 12) if marks else 0


# -- pieces ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Mirror:
    """Places on a sheet that is read from the left, or from the right."""

    width: float
    rtl: bool

    def x(self, x: float) -> float:
        return self.width - x if self.rtl else x

    def box(self, box: QRectF) -> QRectF:
        if not self.rtl:
            return box
        return QRectF(self.width - box.right(), box.top(), box.width(), box.height())

    def text(
        self, painter: QPainter, x: float, baseline: float, words: str, made: QFont, colour: QColor
    ) -> None:
        """A line whose near end lies at `x`."""
        at = self.width - x - measured(words, made)[0] if self.rtl else x
        draw_line(painter, at, baseline, words, made, colour)


def _begin(painter: QPainter) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    # Every line takes its direction from its own words, or "1.5+" turns into "+1.5".
    painter.setLayoutDirection(Qt.LayoutDirection.LayoutDirectionAuto)


def _font_of(text: str, px: float, *, bold: bool = False) -> QFont:
    return font(px, text, bold=bold)


def _beside(title: str, whole: str, width: float) -> bool:
    """Whether the line that states the whole fits behind the title."""
    room = width - 2 * PAD - 24
    return measured(title, _font_of(title, 13, bold=True))[0] + measured(whole, _font_of(whole, 12))[0] < room


def _head_lines(title: str, whole: str, width: float) -> int:
    return 1 if not whole or _beside(title, whole, width) else 2


def _draw_head(painter: QPainter, title: str, whole: str, width: float, place: _Mirror) -> float:
    """Title and what states the whole, behind it or below; where they end."""
    room = width - 2 * PAD
    made, soft = _font_of(title, 13, bold=True), _font_of(whole, 12)
    shown = elided(title, made, room)
    place.text(painter, PAD, TOP + 12, shown, made, INK)
    if whole and _beside(title, whole, width):
        place.text(painter, PAD + measured(shown, made)[0] + 24, TOP + 12, whole, soft, SOFT)
    elif whole:
        place.text(painter, PAD, TOP + 30, elided(whole, soft, room), soft, SOFT)
    return TOP + 18.0 * _head_lines(title, whole, width)


def _legend_rows(labels: Sequence[str], width: float) -> list[list[tuple[int, float]]]:
    """Rows of (class, width)."""
    rows: list[list[tuple[int, float]]] = [[]]
    used = 0.0
    for index, label in enumerate(labels):
        wide = measured(label, font(11, label))[0] + 20 + 16
        if rows[-1] and used + wide > width - 2 * PAD:
            rows.append([])
            used = 0.0
        rows[-1].append((index, wide))
        used += wide
    return [row for row in rows if row]


def _draw_legend(
    painter: QPainter, classes: Sequence[Class], y: float, width: float, place: _Mirror
) -> float:
    for row in _legend_rows([one.label for one in classes], width):
        x = PAD
        for index, wide in row:
            one = classes[index]
            _fill(painter, place.box(QRectF(x, y + 4, 14, 12)), one)
            place.text(painter, x + 20, y + 14, one.label, font(11, one.label), INK)
            x += wide
        y += 20
    return y + 6


def _fill(painter: QPainter, box: QRectF, look: Class) -> None:
    painter.fillRect(box, rgba(look.fill))
    if look.hatch:
        painter.fillRect(box, QBrush(EDGE, Qt.BrushStyle.BDiagPattern))
    with restored(painter):
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(255, 255, 255, 200), 1))
        if box.width() > 3:
            painter.drawRect(box)


__all__ = [
    "Bar",
    "BarChart",
    "Class",
    "CurveChart",
    "Line",
    "Spot",
    "bars_height",
    "bars_top",
    "chart_image",
    "chart_png",
    "chart_size",
    "chart_svg",
    "draw_bars",
    "draw_chart",
    "draw_curve",
    "figure",
    "ticks",
]
