"""From what was asked to the answer: figures, layers, findings, notes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from migmap.api import Finding, Inputs, Progress, RasterData, Result, ResultLayer, VectorData, part

from . import outcome
from .asked import Prepared, asked_hazards, given_twice, ladders, prepared
from .consequences import (
    Effects,
    Year,
    effects_of,
    further,
    not_rising,
    rates_left_out,
    year_rows,
    years_of,
)
from .counted import Counted, Measured, joint_rows, rows_of
from .telling import notes_of

if TYPE_CHECKING:
    from migmap.geo.areas import AreaSet
    from migmap.geo.tally import Tally

    from .exposed_sites import SiteAnswer


def answered(params: Any, inputs: Inputs, progress: Progress) -> Result:
    """Run an exposure whose parameters were checked."""
    asked = asked_hazards(params, inputs)
    hazards = prepared(asked, params, part(progress, 0.0, 0.15))
    levels, area_findings = levels_of(params, inputs, part(progress, 0.15, 0.25))
    exposed = inputs.get("exposed") if params.exposed is not None else None
    # Rungs of one ladder hold each other; only hazards that stand beside each other are counted together.
    joint = len(hazards) > 1 and all(len(members) == 1 for members in ladders(asked))
    step = part(progress, 0.25, 0.95)
    sites: SiteAnswer | None = None
    unit = None
    if exposed is None:
        from .exposed_ground import exposed_ground

        one, findings = exposed_ground(params, hazards, levels, joint, step)
        counted: tuple[Counted, ...] = (one,)
    elif isinstance(exposed, RasterData):
        from .exposed_people import exposed_people

        one, unit, findings = exposed_people(params, hazards, exposed, levels, joint, step)
        counted = (one,)
    elif is_lines(exposed):
        from .exposed_lines import exposed_lines

        counted, findings = exposed_lines(params, hazards, exposed, levels, joint, step)
    else:
        from .exposed_sites import exposed_sites

        inside = inputs.raster("people_raster") if params.people_raster is not None else None
        sites, counted, findings = exposed_sites(params, hazards, exposed, inside, levels, joint, step)
    progress(0.95, "writing the answer")
    if sites is None:
        findings = (*(said for hazard in hazards for said in hazard.findings), *findings)
    measured = Measured(hazards, levels, counted)
    effects = effects_of(hazards, params, inputs, measured.headline.unit == "people")
    years = years_of(hazards, params)
    metrics = [
        row for h in range(len(hazards)) for row in rows_of(measured, h, further(measured, effects, h))
    ]
    if joint:
        metrics += joint_rows(measured)
    metrics += year_rows(measured, years)
    layers, more = _layers(measured, effects, years, sites, inputs)
    result = Result(
        metrics=tuple(metrics),
        layers=layers,
        findings=tuple(
            dict.fromkeys(
                (
                    *findings,
                    *given_twice(asked),
                    *not_rising(measured, years),
                    *rates_left_out(hazards, next(iter(inputs.profiles.get("rates", ())), None)),
                    *(one for each in effects for one in each.findings),
                    *area_findings,
                    *more,
                )
            )
        ),
        notes=notes_of(params, measured, effects, years, sites, unit, inputs),
    )
    if params.compare is not None:
        from .comparing import compared

        return compared(result, inputs.runs["compare"], params)
    return result


def is_lines(data: VectorData) -> bool:
    """A layer of lines alone: counted by length."""
    kinds = set(data.frame.geom_type.dropna().unique())
    return bool(kinds) and kinds <= {"LineString", "MultiLineString", "LinearRing"}


def levels_of(
    params: Any, inputs: Inputs, progress: Progress
) -> tuple[tuple[AreaSet, ...], tuple[Finding, ...]]:
    """The areas, then each column they are rolled up by: (levels, findings)."""
    if params.areas is None:
        return (), ()
    from migmap.geo.areas import area_set

    data = inputs.vector("areas")
    columns = [params.area_id, *(params.rollup or ())]
    levels = tuple(
        area_set(data, column, part(progress, i / len(columns), (i + 1) / len(columns)))
        for i, column in enumerate(columns)
    )
    # The name of one of the districts put together is not the name of their province.
    levels = (levels[0], *(replace(one, names=_names_above(data, one)) for one in levels[1:]))
    findings: dict[Finding, None] = {}
    for place, level in enumerate(levels):
        kept = level.findings
        if place:
            # Rows that share an id are what a roll-up is about.
            kept = tuple(one for one in kept if one.code not in ("area-ids-shared", "areas-overlap"))
        findings |= dict.fromkeys(kept)
    return levels, tuple(findings)


def _names_above(data: VectorData, level: AreaSet) -> tuple[str, ...]:
    """What areas put together are called: the names that go with the codes of the level above, where the
    layer has them one to one; else the values of the column themselves."""
    from migmap.geo.columns import text_column

    names = level.ids
    if level.level != data.roles.get("parent_pcode"):
        return names
    ids = text_column(data, level.level)
    for role, column in data.roles.items():
        if not (role.startswith("adm") and role.endswith("_name")):
            continue
        pairs = {(one, said) for one, said in zip(ids, text_column(data, column), strict=True) if one}
        called = dict(pairs)
        if len(called) == len(pairs) == len(set(called.values())) and None not in called.values():
            return tuple(called.get(one) or one for one in level.ids)
    return names


def _layers(
    measured: Measured,
    effects: list[Effects],
    years: tuple[Year, ...],
    sites: SiteAnswer | None,
    inputs: Inputs,
) -> tuple[tuple[ResultLayer, ...], tuple[Finding, ...]]:
    layers: list[ResultLayer] = []
    findings: tuple[Finding, ...] = ()
    meta = outcome.meta_of(inputs.data.values())
    if measured.levels:
        layers.append(_areas(measured, effects, years, inputs, meta))
    if sites is not None:
        layer, findings = _sites(measured, years, sites, meta)
        layers.append(layer)
    return tuple(layers), findings


_HEADINGS = {"area_km2": "Ground", "people": "People", "sites": "Sites", "length_km": "Length"}


def _areas(
    measured: Measured, effects: list[Effects], years: tuple[Year, ...], inputs: Inputs, meta: Any
) -> ResultLayer:
    from migmap.geo.tally import area_columns

    from .consequences import annual

    areas = measured.levels[0]
    several = len(measured.hazards) > 1
    columns: dict[str, Any] = {}
    for h, hazard in enumerate(measured.hazards):
        tallies = [one.by_hazard[h][0] for one in measured.everybody]
        tallies += [tally[h][0] for one in measured.everybody for tally in one.beside]
        tallies += [levels[0] for group, levels in further(measured, effects, h) if group is None]
        columns |= area_columns(tallies, hazard.name if several else "")
    for year in years:
        (tally,) = annual(measured, year, measured.headline)[:1]
        columns |= area_columns([tally], year.hazard or "")
    headline = _headline(measured, years)
    return outcome.areas_layer(
        areas,
        inputs.vector("areas").source,
        [],
        headline,
        title=f"{_HEADINGS[headline.metric]} exposed by area",
        meta=meta,
        columns=columns,
    )


def _headline(measured: Measured, years: tuple[Year, ...]) -> Tally:
    """What the map of areas is coloured by: the hazard, the rarest of a ladder, or any of several."""
    from migmap.geo.tally import Tally

    counted = measured.headline
    if counted.joint is None:
        last = years[-1].members[-1] if years else len(measured.hazards) - 1
        return counted.by_hazard[last if len(measured.hazards) > 1 else 0][0]
    joint = counted.joint[0]
    count = len(measured.hazards)

    def three(values: np.ndarray) -> np.ndarray:
        any_ = values[..., 1 : count + 1].sum(axis=-1)
        return np.stack([values[..., 0], any_, values[..., count + 1]], axis=-1)

    return Tally(
        counted.metric,
        counted.unit,
        (outcome.NOT_EXPOSED, "exposed", outcome.UNKNOWN),
        three(joint.everything),
        three(joint.areas),
        three(joint.outside),
        three(joint.overlap),
    )


def _sites(
    measured: Measured, years: tuple[Year, ...], answer: SiteAnswer, meta: Any
) -> tuple[ResultLayer, tuple[Finding, ...]]:
    from migmap.geo.symbology import class_style

    from .exposed_sites import sites_columns

    hazards = measured.hazards
    labels = list(dict.fromkeys(label for one in hazards for label in one.order.exposed))
    title = f"{hazards[0].asked.title}: class" if len(hazards) == 1 else "Worst class"
    style = class_style(
        "class",
        [outcome.NOT_EXPOSED, *labels, outcome.UNKNOWN],
        title=title,
        stroke=outcome.SITE_RIM,
        colours=colours_of(hazards),
    )
    return outcome.sites_layer(
        answer.sites,
        sites_columns(answer, hazards, years),
        title=f"{answer.sites.title} by class",
        style=style,
        meta=meta,
    )


def colours_of(hazards: tuple[Prepared, ...]) -> dict[str, str]:
    """Label -> the colour its scheme gives it."""
    return {
        one.label: one.colour
        for hazard in hazards
        if hazard.asked.scheme is not None
        for one in hazard.asked.scheme.classes
        if one.exposed and one.colour
    }
