"""How a layer looks, as a value: the canvas, the HTML map, print and legend all draw from it."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


Shape = Literal["circle", "square", "triangle", "diamond", "cross", "star"]


class Symbol(_Value):
    """Colours are #rrggbb or #rrggbbaa, "" for none; lengths in pixels at 96 dpi."""

    fill: str = "#4c78a8"
    stroke: str = "#ffffff"
    stroke_width: float = 0.8
    shape: Shape = "circle"
    size: float = 9.0
    hatch: bool = False


class Rule(_Value):
    """One legend row. Fits a value equal to `value`, or, for numbers, minimum <= v < maximum.

    `value` is compared as text. A rule with neither is the rule for everything.
    """

    label: str
    symbol: Symbol
    value: str | None = None
    minimum: float | None = None
    maximum: float | None = None


class Style(_Value):
    """For features: rules over `column` (none: the first rule for all). For rasters: rules over the
    cell value, and `column` is None. What fits no rule gets `other`, never nothing; cells and rows
    without a value get `unknown`.
    """

    column: str | None = None
    rules: tuple[Rule, ...] = ()
    other: Symbol = Symbol(fill="#b0b0b0")
    unknown: Symbol = Symbol(fill="#d9d9d9", hatch=True)
    unknown_label: str = "unknown"
    label_column: str | None = None
    title: str = ""
    """Heading of the legend block, with the unit: "Flood depth (m)"."""
