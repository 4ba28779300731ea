"""One layer of either sort to one picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtGui import QImage, QPainter

from migmap.api import Data, Progress, Style, VectorData, no_progress

from .raster import draw_raster
from .surface import blank
from .vector import draw_vector

if TYPE_CHECKING:
    from migmap.geo.drawlist import PreparedVector
    from migmap.geo.rasterview import PreparedRaster
    from migmap.geo.viewport import View


def make_ready(data: Data, progress: Progress = no_progress) -> PreparedVector | PreparedRaster:
    """What drawing a layer needs, made once per layer."""
    from migmap.geo.drawlist import prepared
    from migmap.geo.rasterview import prepared_raster

    if isinstance(data, VectorData):
        return prepared(data, progress)
    return prepared_raster(data)


def layer_picture(
    ready: PreparedVector | PreparedRaster,
    style: Style,
    view: View,
    width: int,
    height: int,
    *,
    scale: float = 1.0,
    rows: Sequence[int] | None = None,
    progress: Progress = no_progress,
) -> QImage:
    """A clear width x height picture with the layer on it. view: in the picture's own pixels; scale: for
    the lengths in the style. May raise what `progress` raises; the picture is then given up."""
    from migmap.geo.drawlist import PreparedVector

    if not isinstance(ready, PreparedVector):
        return draw_raster(ready, style, view, width, height, scale=scale, progress=progress)
    image = blank(width, height)
    painter = QPainter(image)
    try:
        draw_vector(painter, ready, style, view, width, height, scale=scale, rows=rows, progress=progress)
    finally:
        painter.end()
    return image
