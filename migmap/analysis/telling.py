"""An exposure in plain words: what will be computed, what was found, and how to read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from migmap.api import Inputs, RasterData, VectorData, input_field

from . import outcome
from .consequences import Effects, Year, annual, further
from .counted import Measured
from .readings import rule_of

_NEEDS_TOLD = 4
"""Lines of a needs profile in a sentence; all of them are in the table."""

if TYPE_CHECKING:
    from .exposed_sites import SiteAnswer


def sentence(params: Any, names: Mapping[str, str]) -> str:
    """What will be computed. names: titles of the inputs by `input_key`."""
    titles = [title for key, title in names.items() if input_field(key) == "hazard"]
    hazard = _listed(titles) if titles else "the hazard"
    exposed = names.get("exposed")
    by_area = f", in all and by area of {names['areas']}" if names.get("areas") else ""
    if by_area and params.rollup:
        by_area += f", also put together by {_listed(params.rollup)}"
    classes = "inside"
    if params.classes:
        classes = f"in {len(params.classes)} classes from {params.classes[0]:g} up of"
    elif params.scheme:
        classes = f"in the classes of {_listed(params.scheme)} of"
    if exposed is None:
        text = f"How much ground lies {classes} {hazard}{by_area}"
    elif params.people:
        people = f"and people by “{params.people}”"
        text = f"How many sites of {exposed}, {people}, lie {classes} {hazard}{by_area}"
    else:
        text = f"How many of {exposed} lie {classes} {hazard}{by_area}"
    more = []
    if params.groups and params.groups != ("none",):
        more.append("for groups of people, too")
    if params.affected_from:
        more.append(f"who is affected from class {params.affected_from} on")
    if params.rates:
        more.append("how many are displaced" + (" and what they need" if params.needs else ""))
    if params.return_period:
        more.append("what is expected in an average year")
    elif len(titles) > 1:
        more.append("how many are reached by several hazards at once")
    if more:
        text += f"; {', '.join(more)}"
    if params.compare:
        text += "; compared with the earlier run"
    return text + "."


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def notes_of(
    params: Any,
    measured: Measured,
    effects: Sequence[Effects],
    years: Sequence[Year],
    sites: SiteAnswer | None,
    unit: str | None,
    inputs: Inputs,
) -> tuple[str, ...]:
    """The answer first, then what follows from it, then the rule and the caveats."""
    notes: list[str] = []
    several = len(measured.hazards) > 1
    for h in range(len(measured.hazards)):
        said = _of_hazard(params, measured, h, sites, inputs)
        # Of several hazards a sentence each; the rest is in the table.
        notes += said[:1] if several else said
    if not several and sites is not None and sites.people is not None:
        notes[2:2] = _without_people(sites)
    if not several and (between := _between(measured)):
        notes.insert(1, between)
    notes += _of_years(measured, years)
    notes += _together(measured)
    notes += _effects(measured, effects)
    rules = [_rule(params, measured, sites, unit), rule_of(params), _schemes(measured)]
    notes.append(" ".join(text for text in rules if text))
    notes += _year_rules(params, years)
    answer = measured.headline
    if any(outcome.class_total(one[0], outcome.UNKNOWN) > 0 for one in answer.by_hazard):
        notes.append(_unknown(sites, inputs))
    return tuple(notes)


def _of_hazard(
    params: Any, measured: Measured, h: int, sites: SiteAnswer | None, inputs: Inputs
) -> list[str]:
    hazard = measured.hazards[h]
    areas = measured.levels[0] if measured.levels else None
    tallies = [one.by_hazard[h][0] for one in measured.everybody]
    exposed = inputs.get("exposed")
    if sites is not None:
        from .exposed_sites import site_notes

        return site_notes(hazard, sites.sites, tallies, areas, sites.people)
    if isinstance(exposed, RasterData) and params.exposed is not None:
        from .exposed_people import people_notes

        return people_notes(hazard, exposed, tallies[-1], areas)
    if isinstance(exposed, VectorData) and params.exposed is not None:
        from .exposed_lines import line_notes

        return line_notes(hazard, exposed, tallies[-1], areas)
    from .exposed_ground import ground_notes

    return ground_notes(hazard, tallies[-1], areas)


def _between(measured: Measured) -> str:
    """The least and the most people exposed, where that is not the same."""
    beside = measured.headline.beside
    if len(beside) != 2:
        return ""
    least, most = (float(each[0][0].everything[0]) for each in beside)
    if round(least) == round(most):
        return ""
    return (
        f"As positions and cells are not exact: at least {outcome.amount(least, 'people')} and at most "
        f"{outcome.amount(most, 'people')} exposed."
    )


def _without_people(sites: SiteAnswer) -> list[str]:
    import numpy as np

    from .exposed_sites import without_people

    assert sites.people is not None
    lost = int(np.isnan(sites.people).sum())
    return [without_people(lost)] if lost else []


def _rule(params: Any, measured: Measured, sites: SiteAnswer | None, unit: str | None) -> str:
    if sites is not None:
        from .exposed_sites import site_rule

        return site_rule(params, sites.grounds, sites.unit)
    if unit is not None:
        from .exposed_people import people_rule

        return people_rule(params, unit)
    if measured.headline.metric == "length_km":
        from .exposed_lines import LINE_RULE

        return LINE_RULE
    from .exposed_ground import ground_rule

    return ground_rule(params, measured.hazards)


def _schemes(measured: Measured) -> str:
    """Each scheme once, with all hazards it classes."""
    titles: dict[str, list[str]] = {}
    for one in measured.hazards:
        if one.asked.scheme is not None:
            said = f"{one.asked.scheme.title} ({one.asked.scheme.source})."
            titles.setdefault(said, []).append(one.asked.title)
    return " ".join(f"Classes of {_listed(hazards)}: {said}" for said, hazards in titles.items())


def _unknown(sites: SiteAnswer | None, inputs: Inputs) -> str:
    if sites is not None:
        return "Unknown means no data there, outside the hazard raster, or no position; it is not “safe”."
    if isinstance(inputs.get("exposed"), RasterData):
        return "Unknown means no hazard data there or outside the hazard raster; it is not “safe”."
    return "Unknown means no data there or outside the hazard raster; it is not “safe”."


def _effects(measured: Measured, effects: Sequence[Effects]) -> list[str]:
    """Affected, displaced and what they need: each word says what it means. Of several hazards the needs are
    left to the table."""
    from migmap.geo.schemes import needs_of

    unit = measured.headline.unit
    several = len(measured.hazards) > 1
    affected: list[str] = []
    displaced: list[str] = []
    starts: dict[str, None] = {}
    needed = ""
    for h, (hazard, said) in enumerate(zip(measured.hazards, effects, strict=True)):
        figures = {
            levels[0].metric: float(levels[0].everything[0])
            for group, levels in further(measured, effects, h)
            if group is None
        }
        by = f" by {hazard.asked.title}" if several else ""
        if "affected" in figures:
            affected.append(f"{outcome.amount(figures['affected'], unit)}{by}")
            starts[str(said.affected_from)] = None
        if "displaced" in figures:
            displaced.append(f"{outcome.amount(figures['displaced'], 'people')}{by}")
        if "displaced" in figures and said.needs is not None and not several:
            lines = [
                f"{_few(figures[one.metric])} {one.unit} ({one.need.title or one.need.item})"
                for one in needs_of(said.needs, 1.0)[:_NEEDS_TOLD]
            ]
            more = len(said.needs.lines) - _NEEDS_TOLD
            needed = f" They need {'; '.join(lines)}"
            needed += f"; and {more} more in the table." if more > 0 else "."
        elif said.needs is not None and several:
            needed = " What they need is in the table."
    notes = []
    if affected:
        notes.append(
            f"Affected: {'; '.join(affected)}: exposed in class {' or '.join(starts)} or above."
            if several
            else f"Affected: {affected[0]}, exposed in class {next(iter(starts))} or above."
        )
    if displaced:
        ending = ": by the stated rate of each class." if several else ", by the stated rate of each class."
        notes.append(f"Displaced: {'; '.join(displaced)}{ending}{needed}")
    return notes


def _few(value: float) -> str:
    """A need for a sentence: below 10 with a decimal, because half a clinic is not none."""
    return f"{value:,.1f}" if 0 < value < 10 else f"{value:,.0f}"


def _of_years(measured: Measured, years: Sequence[Year]) -> list[str]:
    notes = []
    for year in years:
        total = float(annual(measured, year, measured.headline)[0].everything[0])
        amount = outcome.amount(total, measured.headline.unit)
        notes.append(f"In an average year {amount} {_are(measured)} expected to be exposed to {year.title}.")
    return notes


def _are(measured: Measured) -> str:
    return "is" if measured.headline.unit in ("km2", "km") else "are"


def _year_rules(params: Any, years: Sequence[Year]) -> list[str]:
    if not years:
        return []
    if params.annual_rule == "events":
        return [
            "Average year: each return period counts as an event of its own that comes 1/N times a year; "
            "amount times frequency, added up."
        ]
    tail = (
        "rarer ones reach as many as the rarest"
        if params.annual_tail == "constant"
        else "rarer ones than the rarest are left out"
    )
    return [
        "Average year: the area under the exceedance curve over the yearly frequency 1/N, straight between "
        f"return periods; events more frequent than the most frequent one given count as none, {tail}."
    ]


def _together(measured: Measured) -> list[str]:
    joint = measured.headline.joint
    if joint is None:
        return []
    count = len(measured.hazards)
    values = joint[0].everything
    whole = float(values[: count + 2].sum())
    unit = measured.headline.unit
    any_ = float(values[1 : count + 1].sum())
    more = float(values[2 : count + 1].sum())
    return [
        f"Together: {outcome.with_share(any_, whole, unit)} {outcome.are(any_, unit)} exposed to at least "
        f"one of the {count} hazards, {outcome.with_share(more, whole, unit)} to more than one; nobody is "
        f"counted twice, {outcome.unknown_words(float(values[count + 1]), whole, unit)}."
    ]
