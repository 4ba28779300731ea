"""Where a new layer goes: rasters below ground below lines below places."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from migmap.api import GROUND_KINDS, Data, RasterData

from ..shapes import shapes

if TYPE_CHECKING:
    from migmap.app.project import Layer, Project


def rank(data: Data) -> int:
    """0 raster, 1 polygons of ground, 2 lines, 3 places: points, a mix with points, polygons of
    settlements and the like."""
    if isinstance(data, RasterData):
        return 0
    held = shapes(data)
    if "polygon" in held and "point" not in held:
        return 1 if data.kind in GROUND_KINDS else 3
    return 2 if "line" in held else 3


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
