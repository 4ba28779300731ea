"""Cells to pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtGui import QImage

from migmap.api import Progress, Style, no_progress

from .surface import channels, from_rgba
from .symbols import HATCH_PX, hatch_ink

if TYPE_CHECKING:
    from migmap.geo.rasterview import PreparedRaster
    from migmap.geo.viewport import View

# Cells without data are said to be so without burying what lies below: a thin veil and lines on it.
_VEIL = 70
_LINES = 150


def draw_raster(
    prepared: PreparedRaster,
    style: Style,
    view: View,
    width: int,
    height: int,
    *,
    scale: float = 1.0,
    progress: Progress = no_progress,
) -> QImage:
    """A width x height picture of a raster; clear where it does not reach, hatched where it has no data."""
    from migmap.geo.rasterview import class_picture, coloured, with_rules
    from migmap.geo.symbology import UNKNOWN

    style = with_rules(style, prepared, progress)
    index = class_picture(prepared, style, view, width, height, progress)
    numbers = coloured(index, style, channels)
    unknown = index == UNKNOWN
    if unknown.any():
        red, green, blue, alpha = channels(style.unknown.fill)
        numbers[unknown] = (red, green, blue, min(alpha, _VEIL))
        if style.unknown.hatch:
            spacing = max(round(HATCH_PX * scale), 3)
            shift = round(view.centre_x / view.units_per_px) - round(view.centre_y / view.units_per_px)
            down, across = np.ogrid[0:height, 0:width]
            lines = (down + across + shift) % spacing < max(round(scale), 1)
            ink = hatch_ink(style.unknown)
            numbers[unknown & lines] = (ink.red(), ink.green(), ink.blue(), _LINES)
    return from_rgba(numbers)
