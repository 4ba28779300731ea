"""First looks: the Okabe-Ito colours, which people of every colour vision tell apart, and a shape for
each kind, so that the map survives a photocopier."""

from __future__ import annotations

from migmap.api import Rule, Shape, Style, Symbol


def points(label: str, fill: str, shape: Shape, size: float = 10.0, stroke: str = "#ffffff") -> Style:
    """One symbol for all; polygons of the kind are filled with its colour."""
    symbol = Symbol(fill=fill, stroke=stroke, stroke_width=1.0, shape=shape, size=size)
    return Style(rules=(Rule(label=label, symbol=symbol),), title=label)


def areas(label: str, fill: str, stroke: str, width: float = 1.0) -> Style:
    """One fill (with its alpha) and outline for all."""
    symbol = Symbol(fill=fill, stroke=stroke, stroke_width=width, shape="square")
    return Style(rules=(Rule(label=label, symbol=symbol),), title=label)
