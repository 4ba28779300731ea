"""The legend: which sign means what, how often it occurs, and what is unknown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPen

from migmap.api import Style, Symbol

from .furniture import INK, QUIET_INK
from .surface import channels
from .symbols import fill_brush, hatch_brush, line_pen, outline_pen, stamp
from .text import draw_line, elided, font, isolated, measured

if TYPE_CHECKING:
    from migmap.geo.drawlist import PreparedVector
    from migmap.geo.rasterview import PreparedRaster

Form = Literal["point", "line", "polygon", "raster"]

TITLE_PX, ROW_PX, LINE_PX = 12.5, 11.5, 19.0
SWATCH_PX = 22.0
GAP_PX = 9.0
FAINTEST = 0.3


@dataclass(frozen=True, slots=True)
class LegendRow:
    """count: as text, "" where nobody counted."""

    label: str
    symbol: Symbol
    count: str = ""


@dataclass(frozen=True, slots=True)
class LegendBlock:
    """One layer. heading: the style's title (quantity and unit), "" when it says nothing new. opacity: the
    layer's, so that a see-through layer has on the legend the colours it has on an empty map."""

    title: str
    form: Form
    rows: tuple[LegendRow, ...]
    heading: str = ""
    opacity: float = 1.0

    def seen_at(self, opacity: float) -> LegendBlock:
        """The same block for a layer of this opacity; never so faint that its signs cannot be told."""
        return replace(self, opacity=min(max(opacity, FAINTEST), 1.0))


def legend_block(title: str, prepared: PreparedVector | PreparedRaster, style: Style) -> LegendBlock:
    """The legend of one prepared layer, with counts for features. A layer with one sign for all is one row
    that bears the layer's name."""
    from migmap.geo.drawlist import PreparedVector
    from migmap.geo.rasterview import with_rules
    from migmap.geo.symbology import swatches

    form: Form
    if isinstance(prepared, PreparedVector):
        found = swatches(style, prepared.rules(style))
        form = _form(prepared)
    else:
        style = with_rules(style, prepared)
        found = swatches(style)
        form = "raster"
    rows = [
        LegendRow(swatch.label, swatch.symbol, "" if swatch.count is None else f"{swatch.count:,}")
        for swatch in found
    ]
    if form == "raster" and _visible(style.unknown):
        label = style.unknown_label
        rows = [row for row in rows if row.label != label]
        rows.append(LegendRow(f"{label} (no data)" if label == "unknown" else label, style.unknown))
    heading = style.title if style.title.strip() and style.title != title else ""
    if len(rows) == 1 and style.column is None and form != "raster":
        rows = [LegendRow(title, rows[0].symbol, rows[0].count)]
        return LegendBlock("", form, tuple(rows))
    return LegendBlock(title, form, tuple(rows), heading)


def _visible(symbol: Symbol) -> bool:
    return symbol.hatch or channels(symbol.fill)[3] > 0


def _form(prepared: PreparedVector) -> Form:
    if len(prepared.points) or prepared.of_places:
        return "point"
    return "line" if len(prepared.lines.row) else "polygon"


def legend_height(blocks: Iterable[LegendBlock], scale: float = 1.0) -> float:
    """Pixels the whole legend needs."""
    return sum(_block_height(block) for block in blocks) * scale


def _block_height(block: LegendBlock) -> float:
    lines = bool(block.title) + bool(block.heading) + len(block.rows)
    return lines * LINE_PX + GAP_PX


def legend_width(blocks: Sequence[LegendBlock], scale: float = 1.0, *, at_most: float = 320.0) -> float:
    """Pixels the widest line needs, up to `at_most` (unscaled)."""
    widest = 0.0
    for block in blocks:
        for words, px, bold in ((block.title, TITLE_PX, True), (block.heading, ROW_PX, False)):
            if words:
                widest = max(widest, measured(words, font(px * scale, words, bold=bold))[0])
        for row in block.rows:
            wide = measured(row.label, font(ROW_PX * scale, row.label))[0]
            if row.count:
                wide += measured(row.count, font(ROW_PX * scale))[0] + 14 * scale
            widest = max(widest, wide + (SWATCH_PX + 8) * scale)
    return min(widest, at_most * scale)


def draw_legend(
    painter: QPainter, rect: QRectF, blocks: Sequence[LegendBlock], *, scale: float = 1.0
) -> float:
    """Draw the blocks from the top of `rect`; where they do not all fit the last line says how many
    rows are missing. Returns the height used."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    line = LINE_PX * scale
    y, bottom = rect.top(), rect.bottom()
    left_out = 0
    for block in blocks:
        needed = (bool(block.title) + bool(block.heading)) * line
        # One line is kept for saying what is missing.
        if left_out or y + needed + line > bottom - (line if block is not blocks[-1] else 0) + 0.5:
            left_out += len(block.rows)
            continue
        if block.title:
            _words(painter, rect.left(), y, rect.width(), block.title, TITLE_PX * scale, line, INK, bold=True)
            y += line
        if block.heading:
            _words(painter, rect.left(), y, rect.width(), block.heading, ROW_PX * scale, line, QUIET_INK)
            y += line
        for place, row in enumerate(block.rows):
            remaining = len(block.rows) - place
            last = block is blocks[-1] and remaining == 1
            if y + line * (1 if last else 2) > bottom + 0.5:
                left_out += remaining
                break
            _draw_row(painter, QRectF(rect.left(), y, rect.width(), line), block, row, scale)
            y += line
        y += GAP_PX * scale
    if left_out:
        y -= GAP_PX * scale
        words = f"… and {left_out} more"
        _words(painter, rect.left(), y, rect.width(), words, ROW_PX * scale, line, QUIET_INK)
        y += line
    painter.restore()
    return y - rect.top()


def _draw_row(painter: QPainter, rect: QRectF, block: LegendBlock, row: LegendRow, scale: float) -> None:
    side = SWATCH_PX * scale
    painter.setOpacity(block.opacity)
    draw_swatch(painter, QRectF(rect.left(), rect.top(), side, rect.height()), block.form, row.symbol, scale)
    painter.setOpacity(1.0)
    left, right = rect.left() + side + 8 * scale, rect.right()
    if row.count:
        made = font(ROW_PX * scale)
        wide = measured(row.count, made)[0]
        _words(
            painter, right - wide, rect.top(), wide + 1, row.count, ROW_PX * scale, rect.height(), QUIET_INK
        )
        right -= wide + 10 * scale
    _words(painter, left, rect.top(), right - left, row.label, ROW_PX * scale, rect.height(), INK)


def draw_swatch(painter: QPainter, rect: QRectF, form: Form, symbol: Symbol, scale: float = 1.0) -> None:
    """The sign of one rule in the middle of `rect`."""
    middle = rect.center()
    if form == "point":
        marker = stamp(symbol, scale)
        painter.drawImage(
            QPointF(round(middle.x() - marker.width() / 2), round(middle.y() - marker.height() / 2)), marker
        )
        return
    if form == "line":
        painter.setPen(line_pen(symbol, scale))
        painter.drawLine(QPointF(rect.left() + 1, middle.y()), QPointF(rect.right() - 1, middle.y()))
        return
    box = QRectF(rect.left() + 0.5, middle.y() - 6.5 * scale, rect.width() - 1, 13 * scale)
    painter.fillRect(box, fill_brush(symbol))
    if symbol.hatch:
        painter.fillRect(box, hatch_brush(symbol, scale, 5))
    pen = outline_pen(symbol, scale)
    # A pale border on the pale legend would leave the pale end of a ramp without an edge.
    pale = not symbol.stroke or QColor(symbol.stroke[:7]).lightness() > 200
    painter.setPen(QPen(QColor("#b4bcc2"), 0.8 * scale) if pale else pen)
    painter.setBrush(QColor(0, 0, 0, 0))
    painter.drawRect(box)


def _words(
    painter: QPainter,
    left: float,
    top: float,
    width: float,
    text: str,
    px: float,
    line: float,
    colour: QColor,
    *,
    bold: bool = False,
) -> None:
    made = font(px, text, bold=bold)
    painter.setFont(made)
    cut = elided(isolated(text), made, width)
    tall = measured(cut, made)[1]
    # One baseline a row whatever the font: Naskh is taller than Latin.
    baseline = top + line / 2 + min(tall, 1.36 * px) * 0.27
    draw_line(painter, left, baseline, cut, made, colour)
