"""What lies over the map in the window and in its picture: legend, scale, north, marks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from migmap.api import ExportDocument, MapLayer

from .layer import CanvasLayer

if TYPE_CHECKING:
    from migmap.geo.marks import Marks
    from migmap.geo.viewport import View
    from migmap.paint.legend import LegendBlock

EDGE = 12.0
_PAD = 10.0
LEGEND_WIDEST = 250.0
_ABOVE_LEGEND = 120.0
"""What of the map stays free above the legend: banner and north arrow."""


def marks_of(layers: Sequence[CanvasLayer]) -> Marks:
    """What a map of these layers must say of itself."""
    from migmap.geo.marks import marks

    shown = tuple(
        MapLayer(layer.id, layer.name, layer.data, layer.style) for layer in layers if layer.visible
    )
    return marks(ExportDocument(title="", layers=shown))


def draw_overlay(
    painter: QPainter,
    view: View,
    width: int,
    height: int,
    layers: Sequence[CanvasLayer],
    legend: float,
) -> None:
    """Furniture in logical pixels. legend: the width of its panel in the lower right corner, 0 without."""
    from migmap.paint.furniture import draw_banner, draw_degrees, draw_foot, draw_north_arrow, draw_scale_bar

    draw_degrees(painter, view, width, height)
    bar = draw_scale_bar(painter, EDGE + 2, height - EDGE, view, max_px=min(170.0, width * 0.3))
    draw_north_arrow(painter, width - EDGE - 12, EDGE)
    if any(layer.visible for layer in layers):
        said = marks_of(layers)
        draw_banner(painter, width / 2, EDGE, said.synthetic, max_width=width - 120)
        left = bar.right() + 24
        room = width - left - EDGE - (legend + 16 if legend else 0)
        if room > 80:
            draw_foot(painter, left, height - EDGE + 3, said.sensitivity, max_width=room)


def with_legend(map_picture: QImage, blocks: Sequence[LegendBlock]) -> QImage:
    """The map with the whole legend: in its corner, or in columns below it where the map is too low."""
    from migmap.paint.legend import GAP_PX, draw_legend, legend_height, legend_width
    from migmap.paint.surface import blank

    if not blocks:
        return map_picture
    ratio = map_picture.devicePixelRatio()
    width, height = map_picture.width() / ratio, map_picture.height() / ratio
    across, up = corner_legend(blocks)
    if up <= height - _ABOVE_LEGEND:
        image = map_picture.copy()
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        panel = QRectF(round(width - EDGE - across), round(height - EDGE - up), across, up)
        painter.setPen(QPen(QColor("#c9d0d5"), 1))
        painter.setBrush(QColor(255, 255, 255, 232))
        painter.drawRoundedRect(panel.adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
        draw_legend(painter, panel.adjusted(_PAD, _PAD, -_PAD, 1 - _PAD), blocks)
        painter.end()
        return image
    wide = legend_width(blocks, at_most=LEGEND_WIDEST) + 2 * _PAD
    columns = in_columns(blocks, max(1, int((width - 2 * EDGE + _PAD) // wide)))
    tall = max(legend_height(column) for column in columns) - GAP_PX + 2 * EDGE
    image = blank(round(width * ratio), round((height + tall) * ratio), "#ffffff")
    image.setDevicePixelRatio(ratio)
    painter = QPainter(image)
    painter.drawImage(QRectF(0, 0, width, height), map_picture)
    for place, column in enumerate(columns):
        room = QRectF(EDGE + place * wide, height + EDGE, wide - 2 * _PAD, tall)
        draw_legend(painter, room, column)
    painter.end()
    return image


def corner_legend(blocks: Sequence[LegendBlock]) -> tuple[float, float]:
    """Width and height of the legend on a panel in the map's corner; (0, 0) where there is nothing to say."""
    from migmap.paint.legend import GAP_PX, legend_height, legend_width

    if not blocks:
        return 0.0, 0.0
    across = max(legend_width(blocks, at_most=LEGEND_WIDEST), 110.0) + 2 * _PAD
    return float(round(across)), float(round(legend_height(blocks) - GAP_PX + 2 * _PAD))


def in_columns(blocks: Sequence[LegendBlock], most: int) -> list[list[LegendBlock]]:
    """The blocks in order in at most `most` columns, none higher than need be."""
    from migmap.paint.legend import legend_height

    heights = [legend_height([block]) for block in blocks]
    # The lowest that will do: a column ends at a block's end, so some sum of blocks in a row.
    sums = sorted({sum(heights[i:j]) for i in range(len(blocks)) for j in range(i + 1, len(blocks) + 1)})
    for limit in sums:
        columns: list[list[LegendBlock]] = [[]]
        room = limit
        for block, tall in zip(blocks, heights, strict=True):
            if columns[-1] and tall > room:
                columns.append([])
                room = limit
            columns[-1].append(block)
            room -= tall
        if max(heights) <= limit and len(columns) <= most:
            return columns
    return [list(blocks)]


def sheet_below(map_picture: QImage, layers: Sequence[CanvasLayer]) -> QImage:
    """The map with sensitivity, sources, boundary note and footnote printed under it."""
    from migmap.paint.furniture import INK, QUIET_INK
    from migmap.paint.surface import blank
    from migmap.paint.text import draw_paragraph, font, paragraph_height

    said = marks_of(layers)
    ratio = map_picture.devicePixelRatio()
    width, height = map_picture.width() / ratio, map_picture.height() / ratio
    lines = [(said.sensitivity, 11.5, INK)]
    lines += [
        (line, 10.5, QUIET_INK) for line in said.lines() if line not in (said.sensitivity, said.synthetic)
    ]
    inner = width - 2 * EDGE
    tall = [paragraph_height(words, font(px, words, bold=ink is INK), inner) + 3 for words, px, ink in lines]
    total = height + EDGE + sum(tall) + EDGE
    image = blank(round(width * ratio), round(total * ratio), "#ffffff")
    image.setDevicePixelRatio(ratio)
    painter = QPainter(image)
    painter.drawImage(QRectF(0, 0, width, height), map_picture)
    y = height + EDGE
    for (words, px, ink), needed in zip(lines, tall, strict=True):
        draw_paragraph(painter, QRectF(EDGE, y, inner, needed), words, font(px, words, bold=ink is INK), ink)
        y += needed
    painter.end()
    return image
