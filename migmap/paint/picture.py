"""A document as a finished sheet: map, legend, title, furniture, sources and marks."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from migmap.api import ExportDocument, Extent, MapLayer, Progress, no_progress, part

from .furniture import (
    INK,
    QUIET_INK,
    draw_backdrop,
    draw_banner,
    draw_degrees,
    draw_north_arrow,
    draw_scale_bar,
)
from .labels import Labelled, draw_labels
from .layers import layer_picture, make_ready
from .legend import LegendBlock, draw_legend, legend_block, legend_height, legend_width
from .surface import blank, qt_for_drawing, to_png
from .text import draw_paragraph, font, isolated, paragraph_height

if TYPE_CHECKING:
    from migmap.geo.drawlist import PreparedVector
    from migmap.geo.rasterview import PreparedRaster

# The sheet is laid out for this size; others are the same sheet, larger or smaller.
_SHEET = (1280.0, 904.0)


@dataclass(frozen=True, slots=True, eq=False)
class _Drawn:
    layer: MapLayer
    ready: PreparedVector | PreparedRaster


class Painter:
    """The MapPainter handed to exporters. Works without a window or a display, and in any thread."""

    def png(
        self, document: ExportDocument, width: int, height: int, progress: Progress = no_progress
    ) -> bytes:
        """The sheet as a PNG of width x height pixels."""
        with qt_for_drawing():
            return to_png(self.sheet(document, width, height, progress))

    def sheet(
        self, document: ExportDocument, width: int, height: int, progress: Progress = no_progress
    ) -> QImage:
        """The sheet as a picture, where a Qt application exists."""
        visible = [layer for layer in document.layers if layer.visible]
        drawn = []
        for place, layer in enumerate(visible):
            share = part(progress, 0.4 * place / len(visible), 0.4 * (place + 1) / len(visible))
            drawn.append(_Drawn(layer, make_ready(layer.data, share)))
        image = blank(width, height, "#ffffff")
        painter = QPainter(image)
        try:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            _draw_sheet(painter, document, drawn, width, height, part(progress, 0.4, 1.0))
        finally:
            painter.end()
        progress(1.0, "Picture drawn")
        return image


def _draw_sheet(
    painter: QPainter,
    document: ExportDocument,
    drawn: Sequence[_Drawn],
    width: int,
    height: int,
    progress: Progress,
) -> None:
    from migmap.geo.marks import marks

    ideal = math.sqrt(width * height / (_SHEET[0] * _SHEET[1]))
    scale = max(min(ideal, width / 760, height / 540), 0.25)
    margin = 26 * scale
    inner = width - 2 * margin
    said = marks(document)
    top = margin
    if document.title:
        top += _paragraph(painter, margin, top, inner, document.title, 23, scale, INK, lines=2, bold=True)
        top += 3 * scale
    if document.notes:
        top += _paragraph(painter, margin, top, inner, first_sentence(document.notes[0]), 14, scale, INK, 3)
        top += 4 * scale
    top += 6 * scale

    small_print = [line for line in said.lines() if line not in (said.synthetic, said.sensitivity)]
    foot_top = height - margin - _foot_height(small_print, said.sensitivity, inner, height * 0.26, scale)
    _draw_foot(painter, small_print, said.sensitivity, margin, foot_top, inner, height - margin, scale)

    blocks = [
        legend_block(each.layer.title, each.ready, each.layer.style).seen_at(each.layer.opacity)
        for each in reversed(drawn)
        if each.ready.extent is not None
    ]
    gap = 18 * scale
    side = max(legend_width(blocks, scale, at_most=290.0), 190 * scale)
    frame = QRectF(margin, top, inner - side - gap, max(foot_top - 12 * scale - top, 40 * scale))
    _draw_frame(painter, frame, drawn, said.synthetic, scale, progress)
    panel = QRectF(frame.right() + gap, frame.top(), side, frame.height())
    _draw_panel(painter, panel, blocks, document.notes, scale)


def _draw_frame(
    painter: QPainter,
    frame: QRectF,
    drawn: Sequence[_Drawn],
    banner: str,
    scale: float,
    progress: Progress,
) -> None:
    """The map itself, drawn as a picture of its own: nothing can spill over its edge."""
    from migmap.geo.drawlist import PreparedVector
    from migmap.geo.viewport import View

    across, up = round(frame.width()), round(frame.height())
    view = View.fit(_shown(drawn), across, up)
    image = blank(across, up)
    inner = QPainter(image)
    try:
        inner.setRenderHint(QPainter.RenderHint.Antialiasing)
        draw_backdrop(inner, view, across, up, scale=scale)
        for place, each in enumerate(drawn):
            share = part(progress, 0.9 * place / len(drawn), 0.9 * (place + 1) / len(drawn))
            inner.setOpacity(min(max(each.layer.opacity, 0.0), 1.0))
            picture = layer_picture(
                each.ready, each.layer.style, view, across, up, scale=scale, progress=share
            )
            inner.drawImage(0, 0, picture)
        inner.setOpacity(1.0)
        labelled = [
            Labelled(each.ready, each.layer.style)
            for each in drawn
            if isinstance(each.ready, PreparedVector) and each.layer.style.label_column
        ]
        draw_labels(inner, labelled, view, across, up, scale=scale, progress=part(progress, 0.9, 1.0))
        draw_degrees(inner, view, across, up, scale=scale)
        if banner:
            draw_banner(inner, across / 2, 10 * scale, banner, max_width=across * 0.7, scale=scale)
        bar = min(180 * scale, across * 0.3)
        draw_scale_bar(inner, 14 * scale, up - 14 * scale, view, max_px=bar, scale=scale)
        draw_north_arrow(inner, across - 26 * scale, 12 * scale, scale=scale)
    finally:
        inner.end()
    painter.drawImage(round(frame.left()), round(frame.top()), image)
    painter.setPen(QPen(QColor("#9aa5ad"), scale))
    painter.setBrush(QColor(0, 0, 0, 0))
    painter.drawRect(QRectF(round(frame.left()), round(frame.top()), across, up))


def _draw_panel(
    painter: QPainter, rect: QRectF, blocks: Sequence[LegendBlock], notes: Sequence[str], scale: float
) -> None:
    y = rect.top()
    if blocks:
        y += _paragraph(painter, rect.left(), y, rect.width(), "Legend", 15, scale, INK, 1, bold=True)
        y += 4 * scale
        # The legend goes before the notes: it gets all the room it needs.
        room = QRectF(rect.left(), y, rect.width(), rect.bottom() - y)
        needed = legend_height(blocks, scale)
        y += draw_legend(painter, room, blocks, scale=scale) if needed else 0.0
    y += 6 * scale
    for note in notes[1:]:
        made = font(11 * scale, note)
        tall = paragraph_height(note, made, rect.width())
        if y + tall > rect.bottom():
            break
        painter.setPen(QUIET_INK)
        draw_paragraph(painter, QRectF(rect.left(), y, rect.width(), tall + scale), note, made, QUIET_INK)
        y += tall + 6 * scale


_FOOT_PX = 10.0


def _foot_height(lines: Sequence[str], sensitivity: str, width: float, most: float, scale: float) -> float:
    made = font(_FOOT_PX * scale)
    needed = paragraph_height(sensitivity, font(11.5 * scale, bold=True), width) + 3 * scale
    needed += sum(paragraph_height(line, made, width) + 2 * scale for line in lines)
    return min(needed, most)


def _draw_foot(
    painter: QPainter,
    lines: Sequence[str],
    sensitivity: str,
    left: float,
    top: float,
    width: float,
    bottom: float,
    scale: float,
) -> None:
    y = top
    y += _paragraph(painter, left, y, width, sensitivity, 11.5, scale, INK, 2, bold=True) + 3 * scale
    for line in lines:
        room = QRectF(left, y, width, bottom - y + scale)
        if room.height() < _FOOT_PX * scale:
            break
        made = font(_FOOT_PX * scale, line)
        y += draw_paragraph(painter, room, line, made, QUIET_INK) + 2 * scale


def _paragraph(
    painter: QPainter,
    left: float,
    top: float,
    width: float,
    text: str,
    px: float,
    scale: float,
    colour: QColor,
    lines: int,
    *,
    bold: bool = False,
) -> float:
    made = font(px * scale, text, bold=bold)
    one = paragraph_height("Ag", font(px * scale, text, bold=bold), 10_000)
    tall = min(paragraph_height(text, made, width), lines * one)
    return draw_paragraph(painter, QRectF(left, top, width, tall + scale), text, made, colour)


def _shown(drawn: Sequence[_Drawn]) -> Extent:
    """Where the answer lies: around what an analysis made, else around everything."""
    from migmap.geo.viewport import PAKISTAN

    for results in (True, False):
        boxes = [each.ready.extent for each in drawn if each.layer.result or not results]
        found = [box for box in boxes if box is not None]
        if found:
            whole = found[0]
            for box in found[1:]:
                whole = whole.union(box)
            return whole
    return PAKISTAN


def first_sentence(text: str) -> str:
    """Up to the first full stop that ends a sentence (not the point in 69,014.6), isolated."""
    match = re.match(r"(.+?[.!?۔])(?=\s+\S|$)", " ".join(text.split()))
    return isolated(match.group(1) if match else text)
