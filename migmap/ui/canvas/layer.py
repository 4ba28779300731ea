"""What the canvas is told about a layer."""

from __future__ import annotations

from dataclasses import dataclass

from migmap.api import Data, Style


@dataclass(frozen=True, slots=True, eq=False)
class CanvasLayer:
    """data is compared by identity, the rest by value. title: for the legend, else the data's name."""

    id: str
    data: Data
    style: Style
    visible: bool = True
    opacity: float = 1.0
    title: str = ""

    @property
    def name(self) -> str:
        return self.title or self.data.name
