"""Where a new layer goes: rasters below polygons below lines below points."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from migmap.api import Data, RasterData

from ..shapes import shapes

if TYPE_CHECKING:
    from migmap.app.project import Layer, Project


def rank(data: Data) -> int:
    """0 raster, 1 polygons, 2 lines, 3 points or a mix with points."""
    if isinstance(data, RasterData):
        return 0
    held = shapes(data)
    return 1 if "polygon" in held and "point" not in held else 2 if "line" in held else 3


def with_layer_in_place(
    project: Project, layer: Layer, data: Data, data_of: Callable[[Layer], Data | None]
) -> Project:
    """With `layer` above everything of its own sort and below what must stay on top of it."""
    place = 0
    for position, other in enumerate(project.layers):
        known = data_of(other)
        if known is None or rank(known) <= rank(data):
            place = position + 1
    return project.with_layer(layer, place)
