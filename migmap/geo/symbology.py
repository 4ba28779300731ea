"""From a Style and values to rules and swatches: canvas, HTML and print ask here, so they agree."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from migmap.api import Rule, Style, Symbol

OTHER = -1
UNKNOWN = -2

# Single-hue blues that stay apart in greyscale and for the colour-blind (ColorBrewer's Blues, the
# light end left out because it vanishes on paper); a second hue for distance and gaps.
DEPTH = ("#c6dbef", "#9ecae1", "#6baed6", "#4292c6", "#2171b5", "#084594")
GAP = ("#fdd49e", "#fdbb84", "#fc8d59", "#ef6548", "#d7301f", "#990000")
# ColorBrewer's PuOr, safe for the colour-blind: what falls is violet, what rises is orange, each darker the
# further it goes.
FALL = ("#d8daeb", "#b2abd2", "#8073ac", "#542788", "#2d004b")
RISE = ("#fee0b6", "#fdb863", "#e08214", "#b35806", "#7f3b08")
NO_CHANGE = "#f7f7f7"
NOT_EXPOSED = "#8fb996"
UNKNOWN_GREY = "#d9d9d9"
NO_DATA = Symbol(fill="#d9d9d966", stroke="#6b6b6b", stroke_width=0.6, shape="square", hatch=True)
"""Cells of a hazard that nobody modelled: lightly hatched, because a clear spot passes for dry ground."""


def ramp(colours: Sequence[str], count: int) -> tuple[str, ...]:
    """`count` colours spread over a palette, darkest last."""
    if count <= 0:
        return ()
    if count == 1:
        return (colours[-2],)
    spots = np.linspace(0, len(colours) - 1, count).round().astype(int)
    if count <= len(colours):
        return tuple(colours[i] for i in spots)
    return tuple(_between(colours, t) for t in np.linspace(0, len(colours) - 1, count))


def _between(colours: Sequence[str], position: float) -> str:
    low = min(int(position), len(colours) - 2)
    share = position - low
    first, second = (tuple(int(c[i : i + 2], 16) for i in (1, 3, 5)) for c in colours[low : low + 2])
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in zip(first, second, strict=True))


def class_style(
    column: str | None,
    labels: Iterable[str],
    *,
    title: str,
    palette: Sequence[str] = DEPTH,
    size: float = 9.0,
    stroke: str = "#ffffff",
    calm: str = "not_exposed",
    calm_label: str = "not exposed",
    colours: Mapping[str, str] | None = None,
) -> Style:
    """One rule a class, in the order given, fixed colours: `calm` (no harm) green, "unknown" hatched
    grey, the others light to dark, or as `colours` says by label. Colours depend on the labels alone, never
    on the data in hand."""
    harm = [label for label in labels if label not in (calm, "unknown")]
    known = {label: fill for label, fill in (colours or {}).items() if fill}
    rules = [
        Rule(label=label, value=label, symbol=Symbol(fill=known.get(label, fill), size=size, stroke=stroke))
        for label, fill in zip(harm, ramp(palette, len(harm)), strict=True)
    ]
    calm_rule = Rule(
        label=calm_label, value=calm, symbol=Symbol(fill=NOT_EXPOSED, size=size * 0.8, stroke=stroke)
    )
    return Style(
        column=column,
        rules=(calm_rule, *rules),
        unknown=Symbol(fill=UNKNOWN_GREY, stroke="#555555", hatch=True, size=size),
        title=title,
    )


def range_style(
    column: str,
    edges: Sequence[float],
    *,
    title: str,
    palette: Sequence[str] = DEPTH,
    zero_label: str | None = "0",
    number: str = "{:,.0f}",
) -> Style:
    """Fixed ranges with rising inner `edges`: an own rule for exactly 0 (if `zero_label`), then up to
    the first edge, edge to edge (half-open), and the last edge and more."""
    fills = ramp(palette, len(edges) + 1)
    rules = []
    if zero_label is not None:
        rules.append(Rule(label=zero_label, value="0", symbol=Symbol(fill="#f4f4f0", stroke="#9a9a9a")))
    # The smallest positive number opens the first range: 0 has a rule of its own.
    first = None if zero_label is None else float(np.nextafter(0, 1))
    lower = [first, *(float(edge) for edge in edges)]
    upper = [*(float(edge) for edge in edges), None]
    for low, high, fill in zip(lower, upper, fills, strict=True):
        if high is None:
            label = f"{number.format(low or 0)} and more"
        elif low is None:
            label = f"less than {number.format(high)}"
        else:
            label = f"{number.format(low)} to {number.format(high)}"
        symbol = Symbol(fill=fill, stroke="#7a7a7a", stroke_width=0.6)
        rules.append(Rule(label=label, minimum=low, maximum=high, symbol=symbol))
    return Style(column=column, rules=tuple(rules), title=title)


def diverging_style(
    column: str,
    edges: Sequence[float],
    *,
    title: str,
    unknown_label: str = "unknown",
    number: str = "{:,.0f}",
) -> Style:
    """Falls and rises in the same fixed steps on both sides, an own rule for no change between them.

    edges: rising, above 0; a step holds edge <= |change| < next edge, the last is open-ended.
    """
    bounds = [0.0, *(float(edge) for edge in edges)]
    names = [f"up to {number.format(bounds[1])}"]
    names += [
        f"{number.format(low)} to {number.format(high)}" for low, high in itertools.pairwise(bounds[1:])
    ]
    names.append(f"{number.format(bounds[-1])} and more")

    def symbol(fill: str) -> Symbol:
        return Symbol(fill=fill, stroke="#7a7a7a", stroke_width=0.6)

    falls: list[Rule] = []
    rises: list[Rule] = []
    for step, name in enumerate(names):
        low, high = bounds[step], bounds[step + 1] if step + 1 < len(bounds) else None
        # Rules hold minimum <= v < maximum; mirrored, a step of falls holds -high < v <= -low.
        least = float(np.nextafter(0.0, 1.0)) if low == 0.0 else low
        rise, fall = (symbol(ramp(palette, len(names))[step]) for palette in (RISE, FALL))
        rises.append(Rule(label=f"rise {name}", minimum=least, maximum=high, symbol=rise))
        falls.append(
            Rule(
                label=f"fall {name}",
                minimum=None if high is None else float(np.nextafter(-high, 0.0)),
                maximum=0.0 if low == 0.0 else float(np.nextafter(-low, 0.0)),
                symbol=fall,
            )
        )
    none = Rule(label="no change", value="0", symbol=symbol(NO_CHANGE))
    return Style(
        column=column, rules=(*reversed(falls), none, *rises), title=title, unknown_label=unknown_label
    )


def rule_index(style: Style, values: Any, count: int | None = None) -> np.ndarray:
    """int16, one per value: the index of the rule that fits first, OTHER, or UNKNOWN for missing
    values and for the word "unknown" where no rule names it.

    values: one per row, numbers or text; ignored (may be None, give `count`) when the style has no
    column, for a raster style always the cells. 1 and 1.0 and "1" are the same value.
    """
    if not style.rules:
        return np.full((count or 0) if values is None else len(values), OTHER, dtype=np.int16)
    if values is None:
        return np.zeros(count or 0, dtype=np.int16)
    array = np.asarray(values)
    result = np.full(array.shape, OTHER, dtype=np.int16)
    numbers, text = _both(array, any(rule.value is not None for rule in style.rules))
    undecided = np.ones(array.shape, dtype=bool)
    missing = np.isnan(numbers) if text is None else (text == "") & np.isnan(numbers)
    result[missing] = UNKNOWN
    undecided &= ~missing
    for index, rule in enumerate(style.rules):
        if rule.value is not None:
            wanted = _number(rule.value)
            fits = np.zeros(array.shape, dtype=bool)
            if text is not None:
                fits |= text == rule.value
            if wanted is not None:
                fits |= numbers == wanted
        elif rule.minimum is not None or rule.maximum is not None:
            fits = ~np.isnan(numbers)
            if rule.minimum is not None:
                fits &= numbers >= rule.minimum
            if rule.maximum is not None:
                fits &= numbers < rule.maximum
        else:
            fits = np.ones(array.shape, dtype=bool)
        result[fits & undecided] = index
        undecided &= ~fits
    if text is not None:
        result[undecided & (text == "unknown")] = UNKNOWN
    return result


def _both(array: np.ndarray, want_text: bool) -> tuple[np.ndarray, np.ndarray | None]:
    """The values as float64 (NaN where not a number) and, for text columns, as str."""
    if array.dtype.kind in "fiub":
        return array.astype(np.float64), None
    import pandas

    column = pandas.Series(array.ravel())
    numbers = pandas.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    if not want_text and not np.isnan(numbers).all():
        return numbers.reshape(array.shape), None
    text = column.astype(object).where(column.notna(), "").astype(str).to_numpy(dtype=str)
    return numbers.reshape(array.shape), text.reshape(array.shape)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Swatch:
    """One row of a legend. count: rows it stands for, None where nobody counted."""

    label: str
    symbol: Symbol
    count: int | None = None


def swatches(style: Style, index: np.ndarray | None = None) -> tuple[Swatch, ...]:
    """The legend of a style. With `index` (from rule_index) each row carries its count, and "other"
    and "unknown" appear when something falls there; without, "unknown" always appears for styles
    with a column."""

    def counted(which: int) -> int | None:
        return None if index is None else int((index == which).sum())

    rows = [Swatch(rule.label, rule.symbol, counted(i)) for i, rule in enumerate(style.rules)]
    if counted(OTHER):
        rows.append(Swatch("other", style.other, counted(OTHER)))
    if counted(UNKNOWN) or (index is None and style.column is not None):
        rows.append(Swatch(style.unknown_label, style.unknown, counted(UNKNOWN)))
    return tuple(rows)


def symbol_of(style: Style, index: int) -> Symbol:
    """The symbol for one entry of rule_index."""
    if index == UNKNOWN:
        return style.unknown
    if index == OTHER:
        return style.other
    return style.rules[index].symbol
