"""A symbol of the legend as a small inline picture. Attributes only: the page's policy forbids style text."""

from __future__ import annotations

import math
from functools import lru_cache

from migmap.api import Symbol

from .page import escaped

_SIZE = 20
_FAINTEST = 0.3
HATCH_ID = "hatch"
HATCH_DEFINITION = (
    '<svg width="0" height="0" aria-hidden="true" focusable="false"><defs>'
    f'<pattern id="{HATCH_ID}" width="5" height="5" patternUnits="userSpaceOnUse" '
    'patternTransform="rotate(45)"><line x1="0" y1="0" x2="0" y2="5" stroke="#555555" stroke-width="1.3"/>'
    "</pattern></defs></svg>"
)


@lru_cache(maxsize=512)
def swatch(symbol: Symbol, kind: str, opacity: float = 1.0) -> str:
    """An <svg> of the symbol. kind: "point", "line", "polygon" or "raster". opacity: the layer's, so that
    the legend has the colours the layer has on an empty map; never so faint that signs cannot be told."""
    fill = escaped(symbol.fill or "none")
    width = f"{min(max(symbol.stroke_width, 0.6), 3):g}"
    pen = f'stroke="{escaped(symbol.stroke or "none")}" stroke-width="{width}"'
    # White outlines vanish on the white panel: a thin grey one stands in.
    if symbol.stroke.lower().startswith("#ffffff"):
        pen = 'stroke="#7b8794" stroke-width="0.7"'
    if fill == "none" and not symbol.stroke:
        # Not drawn on the map, and the legend must show that it is meant so.
        pen = 'stroke="#9aa7b3" stroke-width="0.8" stroke-dasharray="2 2"'
    if kind == "line":
        colour = escaped(symbol.fill or symbol.stroke or "none")
        width = f"{min(max(symbol.stroke_width, 1.6), 6):g}"
        return _svg(
            f'<line x1="1" y1="10" x2="19" y2="10" stroke="{colour}" stroke-width="{width}"/>', opacity
        )
    if kind == "point":
        shape = _marker(symbol.shape, min(max(symbol.size / 2, 3), 9))
        return _svg(_twice(shape, fill, pen, symbol.hatch), opacity)
    shape = '<rect x="1.5" y="3.5" width="17" height="13" rx="1.5"'
    return _svg(_twice(shape, fill, pen, symbol.hatch), opacity)


def _twice(shape: str, fill: str, pen: str, hatched: bool) -> str:
    drawn = f'{shape} fill="{fill}" {pen}/>'
    return drawn + f'{shape} fill="url(#{HATCH_ID})" stroke="none"/>' if hatched else drawn


def _svg(inside: str, opacity: float) -> str:
    if opacity < 1:
        inside = f'<g opacity="{max(opacity, _FAINTEST):g}">{inside}</g>'
    return (
        f'<svg width="{_SIZE}" height="{_SIZE}" viewBox="0 0 {_SIZE} {_SIZE}" aria-hidden="true" '
        f'focusable="false">{inside}</svg>'
    )


def _marker(shape: str, radius: float) -> str:
    """The beginning of an element; the same outlines as the viewer draws."""
    corners = {
        "square": [(-0.85, -0.85), (0.85, -0.85), (0.85, 0.85), (-0.85, 0.85)],
        "triangle": [(0, -1), (0.95, 0.75), (-0.95, 0.75)],
        "diamond": [(0, -1.1), (1.1, 0), (0, 1.1), (-1.1, 0)],
        "cross": [
            (-0.35, -1), (0.35, -1), (0.35, -0.35), (1, -0.35), (1, 0.35), (0.35, 0.35),
            (0.35, 1), (-0.35, 1), (-0.35, 0.35), (-1, 0.35), (-1, -0.35), (-0.35, -0.35),
        ],
        "star": [
            (r * math.sin(i * math.pi / 5), -r * math.cos(i * math.pi / 5))
            for i, r in enumerate([1.15, 0.5] * 5)
        ],
    }.get(shape)  # fmt: skip
    centre = _SIZE / 2
    if corners is None:
        return f'<circle cx="{centre:g}" cy="{centre:g}" r="{radius:g}"'
    points = " ".join(f"{centre + x * radius:.2f},{centre + y * radius:.2f}" for x, y in corners)
    return f'<polygon points="{points}"'
