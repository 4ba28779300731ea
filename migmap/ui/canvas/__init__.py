"""The map widget: cached pictures per layer, drawn in workers, moved at once."""

from .layer import CanvasLayer
from .widget import MapCanvas

__all__ = ["CanvasLayer", "MapCanvas"]
