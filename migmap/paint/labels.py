"""Names on the map: as many as fit without touching, the same ones at every redraw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QFontMetricsF, QPainter

from migmap.api import Progress, Style, no_progress

from .surface import restored
from .text import draw_halo, font, isolated

if TYPE_CHECKING:
    from migmap.geo.drawlist import PreparedVector
    from migmap.geo.viewport import View

CELL_PX = 4
TRIED = 4000
"""Labels looked at in one picture; more would only find the places taken."""
LABEL_PX = 12

_INK = QColor("#1f2933")
_HALO = QColor(255, 255, 255, 225)


@dataclass(frozen=True, slots=True, eq=False)
class Labelled:
    """A layer whose style names a label column."""

    prepared: PreparedVector
    style: Style


class Places:
    """Which parts of a picture are taken, on a coarse grid."""

    def __init__(self, width: int, height: int) -> None:
        self._taken = np.zeros((height // CELL_PX + 2, width // CELL_PX + 2), dtype=bool)
        self._frame = QRectF(0, 0, width, height)

    def take(self, box: QRectF) -> bool:
        """Take the box if it lies in the picture and nothing is there yet."""
        if not self._frame.contains(box):
            return False
        rows = slice(int(box.top()) // CELL_PX, int(box.bottom()) // CELL_PX + 1)
        columns = slice(int(box.left()) // CELL_PX, int(box.right()) // CELL_PX + 1)
        if self._taken[rows, columns].any():
            return False
        self._taken[rows, columns] = True
        return True


def draw_labels(
    painter: QPainter,
    layers: Sequence[Labelled],
    view: View,
    width: int,
    height: int,
    *,
    scale: float = 1.0,
    progress: Progress = no_progress,
) -> int:
    """Label the layers, the upper ones (later in `layers`) first. Returns how many labels found room."""
    places, drawn = Places(width, height), 0
    with restored(painter):
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for layer in reversed(layers):
            drawn += _draw_layer(painter, layer, places, view, width, height, scale, progress)
    return drawn


def _draw_layer(
    painter: QPainter,
    layer: Labelled,
    places: Places,
    view: View,
    width: int,
    height: int,
    scale: float,
    progress: Progress,
) -> int:
    prepared, column = layer.prepared, layer.style.label_column
    if column is None or column not in prepared.data.frame.columns:
        return 0
    spots = view.pixels(prepared.label_spots, width, height)
    inside = (spots[:, 0] >= 0) & (spots[:, 0] < width) & (spots[:, 1] >= 0) & (spots[:, 1] < height)
    rows = np.flatnonzero(inside)
    sides = (prepared.boxes[rows, 2:] - prepared.boxes[rows, :2]).max(axis=1) / view.units_per_px
    # The largest first; points, all alike, in the order of the file.
    order = np.argsort(-sides, kind="stable")[:TRIED]
    words = prepared.data.frame[column].to_numpy()
    clearance = max([rule.symbol.size for rule in layer.style.rules], default=8.0) * scale / 2 + 2
    drawn = 0
    for count, place in enumerate(order):
        if count % 50 == 0:
            progress(0.5, "Labelling")
        row = int(rows[place])
        text = label_text(words[row])
        if not text:
            continue
        made = font(LABEL_PX * scale, text)
        metrics = QFontMetricsF(made)
        wide, tall = metrics.horizontalAdvance(text), metrics.height()
        x, y = float(spots[row, 0]), float(spots[row, 1])
        flat = sides[place] > clearance
        if flat and sides[place] < 0.6 * wide:
            continue
        for left, top in _corners(x, y, wide, tall, 0.0 if flat else clearance):
            if places.take(QRectF(left - 1, top, wide + 2, tall)):
                baseline = top + metrics.ascent()
                draw_halo(painter, left, baseline, text, made, _INK, halo=_HALO, halo_px=2.6 * scale)
                drawn += 1
                break
    return drawn


def _corners(x: float, y: float, wide: float, tall: float, clearance: float) -> list[tuple[float, float]]:
    """Upper left corners to try: on the spot for an area, else right, left, above, below the marker."""
    if clearance == 0:
        return [(x - wide / 2, y - tall / 2)]
    return [
        (x + clearance, y - tall / 2),
        (x - clearance - wide, y - tall / 2),
        (x - wide / 2, y - clearance - tall),
        (x - wide / 2, y + clearance),
    ]


def label_text(value: object) -> str:
    """A cell as a label: "" where there is none, whole numbers without a point, isolated."""
    if value is None or (isinstance(value, float) and value != value):
        return ""
    if isinstance(value, float | np.floating) and float(value).is_integer():
        value = int(value)
    text = " ".join(str(value).split())
    return isolated(text) if text and text not in ("nan", "NaT", "<NA>") else ""
