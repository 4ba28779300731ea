"""One figure of an exposure taken apart: the sites, cells or features it is made of, counted again."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from migmap.api import Explanation, ExplanationTable, Inputs, Metric, Problem, Progress, RasterData, part
from migmap.api.explanation import TOLERANCE

from .asked import Prepared, asked_hazards, prepared
from .consequences import PER_YEAR, effects_of, years_of
from .counted import BOTH, JOINT, exposures_of

if TYPE_CHECKING:
    from migmap.geo.areas import AreaSet

_TRACE = 1e-11
"""Share of everything below which a difference of such sums is rounding."""
WIDTHS = ("people_min", "people_max")


@dataclass(frozen=True, slots=True, eq=False)
class Wanted:
    """What a figure sums. base: "people", "sites", "area_km2" or "length_km". weights: hazard -> float64
    [labels], how much of each class counts. width: "people_min" or "people_max"; "" else. joint: labels of
    a joint figure: a class, or the two hazards of a pair."""

    base: str
    unit: str
    weights: Mapping[int, np.ndarray]
    width: str = ""
    joint: str | tuple[int, int] = ""
    formula: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """What was found. total: the sum. by_class: (hazard, place of the label) -> amount. table: None where
    there is nothing to list. scale: the sum before anything is taken off again, for what rounding leaves of
    a difference."""

    total: float
    by_class: Mapping[tuple[int, int], float] = field(default_factory=dict)
    table: ExplanationTable | None = None
    lines: tuple[str, ...] = ()
    scale: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """Where a figure is of. index: of the area in `areas`; None for everything, "outside" and "overlap"
    (`area` says which)."""

    area: str | None
    areas: AreaSet | None
    index: int | None


def explained(params: Any, inputs: Inputs, metric: Metric, progress: Progress) -> Explanation:
    """The parts of `metric`, summed from the inputs for this figure alone and compared with it.

    Of a comparison the newer figure is taken apart. Problem for a figure that these inputs do not have.
    """
    asked = asked_hazards(params, inputs)
    hazards = prepared(asked, params, part(progress, 0.0, 0.2))
    wanted = _wanted(params, inputs, hazards, metric)
    place = _place(params, inputs, metric, part(progress, 0.2, 0.3))
    figure = metric.after if metric.compared else metric.value
    lines: list[str] = []
    if metric.compared:
        lines.append(_compared(metric))
    found = _parts(params, inputs, hazards, wanted, place, metric, part(progress, 0.3, 1.0))
    if found is None:
        return Explanation("Parts", (*lines, _not_broken_down(wanted, hazards)))
    if wanted.formula or len(found.by_class) > 1:
        lines.append(_with_numbers(wanted, hazards, found))
    lines += found.lines
    agrees, said = _agreement(found, figure, wanted.unit)
    tables = () if found.table is None else (found.table,)
    return Explanation("Parts", (*lines, said), tables, found.total, agrees)


def _agreement(found: Parts, figure: float | None, unit: str) -> tuple[bool | None, str]:
    total = found.total
    if figure is None:
        return None, f"The parts add up to {_exact(total)} {unit}; the document holds no figure to compare."
    off = abs(total - figure)
    agrees = off <= max(TOLERANCE * max(abs(figure), abs(total)), _TRACE * found.scale)
    if agrees:
        return True, f"The parts add up to the figure: {_exact(total)} {unit}."
    return False, (
        f"The parts add up to {_exact(total)} {unit}, which is {_exact(total - figure)} off the figure "
        f"{_exact(figure)}."
    )


def _exact(value: float) -> str:
    return f"{value:,.12g}"


def _compared(metric: Metric) -> str:
    was, has = metric.before, metric.after
    if was is None or has is None:
        return "One of the two figures compared is missing or unknown, so there is no change."
    sum_ = f"{_exact(has)} - {_exact(was)} = {_exact(has - was)}"
    return f"The change is after minus before: {sum_}. What follows takes “after” apart."


# -- what is summed -------------------------------------------------------------------------------


def _wanted(params: Any, inputs: Inputs, hazards: Sequence[Prepared], metric: Metric) -> Wanted:
    exposed = inputs.get("exposed") if params.exposed is not None else None
    headline = _headline(params, exposed)
    name = metric.metric
    names = {one.name: i for i, one in enumerate(hazards)}
    yearly = {each: base for base, (each, _) in PER_YEAR.items()}
    if name in yearly:
        for year in years_of(hazards, params):
            if year.hazard == metric.hazard:
                return Wanted(
                    yearly[name],
                    metric.unit,
                    {
                        h: exposures_of(hazards[h]) * w
                        for h, w in zip(year.members, year.weights, strict=True)
                    },
                    formula=f"People, sites or ground exposed to each return period, times its weight in an "
                    f"average year ({params.annual_rule}, rarest event {params.annual_tail})",
                )
        raise _strange(metric)
    joint = {each: base for base, each in JOINT.items()}
    if name in joint:
        which: str | tuple[int, int] = metric.class_ or ""
        if which == BOTH:
            pairs = [
                (i, j)
                for i in range(len(hazards))
                for j in range(i + 1, len(hazards))
                if f"{hazards[i].name} & {hazards[j].name}" == metric.hazard
            ]
            if not pairs:
                raise _strange(metric)
            which = pairs[0]
        return Wanted(joint[name], metric.unit, dict.fromkeys(range(len(hazards)), np.empty(0)), joint=which)
    h = names.get(metric.hazard or "", 0 if len(hazards) == 1 else -1)
    if h < 0:
        raise _strange(metric)
    labels = hazards[h].labels
    if name in WIDTHS:
        return Wanted("people", metric.unit, {h: exposures_of(hazards[h])}, width=name)
    if name in JOINT:
        if metric.class_ not in labels:
            raise _strange(metric)
        weights = np.zeros(len(labels))
        weights[labels.index(metric.class_)] = 1.0
        return Wanted(name, metric.unit, {h: weights})
    effects = effects_of(hazards, params, inputs, headline == "people")[h]
    if name == "affected" and effects.affected is not None:
        formula = f"Exposed in class {effects.affected_from} or worse"
        return Wanted(headline, metric.unit, {h: effects.affected}, formula=formula)
    if effects.rates is not None and name == "displaced":
        return Wanted(
            headline, metric.unit, {h: effects.rates}, formula="Exposed times the rate of each class"
        )
    if effects.rates is not None and effects.needs is not None and name.startswith("need:"):
        for line in effects.needs.lines:
            if f"need:{line.item}" == name:
                each = f"{line.per_person:g} {metric.unit}"
                formula = f"Exposed times the rate of each class, times {each} a person"
                return Wanted(headline, metric.unit, {h: effects.rates * line.per_person}, formula=formula)
    raise _strange(metric)


def _strange(metric: Metric) -> Problem:
    return Problem(
        f"“{metric.metric}” of {metric.hazard or 'all hazards'} is no figure that these inputs give.",
        fix="Run the recipe again, and explain the document it writes.",
    )


def _headline(params: Any, exposed: Any) -> str:
    from .answering import is_lines

    if exposed is None:
        return "area_km2"
    if isinstance(exposed, RasterData):
        return "people"
    if is_lines(exposed):
        return "length_km"
    return "people" if params.people is not None or params.people_raster is not None else "sites"


def _place(params: Any, inputs: Inputs, metric: Metric, progress: Progress) -> Place:
    from migmap.geo.areas import OUTSIDE, OVERLAP

    from .answering import levels_of

    levels, _ = levels_of(params, inputs, progress)
    if metric.area is None:
        return Place(None, levels[0] if levels else None, None)
    for level in levels:
        if level.level == metric.level and metric.area in level.ids:
            return Place(metric.area, level, level.ids.index(metric.area))
        if level.level == metric.level and metric.area in (OUTSIDE, OVERLAP):
            return Place(metric.area, level, None)
    raise Problem(
        f"These areas have no “{metric.area}” in “{metric.level}”.",
        fix="Run the recipe again, and explain the document it writes.",
    )


def _with_numbers(wanted: Wanted, hazards: Sequence[Prepared], found: Parts) -> str:
    """The formula with its numbers: "0.5 x 1,200 (0.5-1.5) + 1 x 30 (1.5+) = 630"."""
    terms = []
    for (h, label), amount in found.by_class.items():
        weight = float(wanted.weights[h][label])
        called = hazards[h].labels[label]
        if len(wanted.weights) > 1:
            called = f"{hazards[h].name}, {called}"
        terms.append(f"{weight:g} × {_exact(amount)} ({called})")
    formula = f"{wanted.formula or 'Sum over classes'}: "
    return f"{formula}{' + '.join(terms) or '0'} = {_exact(found.total)} {wanted.unit}."


def _not_broken_down(wanted: Wanted, hazards: Sequence[Prepared]) -> str:
    if wanted.joint:
        return (
            "How several hazards share these people or this ground was counted on the common refinement of "
            "their grids and is not listed part by part."
        )
    names = ", ".join(hazards[h].name for h in wanted.weights)
    return (
        f"{names}: the grids lie in different coordinate systems, so the figure is not listed cell by cell."
    )


def _parts(
    params: Any,
    inputs: Inputs,
    hazards: tuple[Prepared, ...],
    wanted: Wanted,
    place: Place,
    metric: Metric,
    progress: Progress,
) -> Parts | None:
    exposed = inputs.get("exposed") if params.exposed is not None else None
    if exposed is not None and not isinstance(exposed, RasterData):
        if wanted.base == "length_km":
            from .explained_features import line_parts

            return line_parts(params, hazards, exposed, wanted, place, metric, progress)
        from .explained_sites import site_parts

        return site_parts(params, inputs, hazards, exposed, wanted, place, metric, progress)
    if wanted.joint:
        return None
    from .explained_cells import cell_parts
    from .explained_features import ground_parts

    found: list[Parts] = []
    for h, weights in wanted.weights.items():
        step = part(progress, len(found) / len(wanted.weights), (len(found) + 1) / len(wanted.weights))
        if exposed is None and hazards[h].raster is None:
            one: Parts | None = ground_parts(hazards[h], h, weights, place, step)
        else:
            one = cell_parts(params, hazards[h], h, weights, exposed, place, step)
        if one is None:
            return None
        found.append(one)
    if len(found) == 1:
        return found[0]
    by_class = {key: value for one in found for key, value in one.by_class.items()}
    biggest = max(found, key=lambda one: abs(one.total))
    total = math.fsum(one.total for one in found)
    lines = tuple(line for one in found for line in one.lines)
    return Parts(total, by_class, biggest.table, lines, math.fsum(one.scale for one in found))


def cell_text(value: float) -> float | None:
    """A number for a table: None for NaN."""
    return None if math.isnan(value) else float(value)
