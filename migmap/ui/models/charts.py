"""From the figures of a run to charts: which can be drawn, and the values and words of one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication

from migmap.api import Metric, Scheme

from ..words import isolated, number
from .metrics import (
    CALM,
    EVERYTHING,
    OUTSIDE,
    OVERLAP,
    UNKNOWN,
    area_title,
    class_title,
    decimals,
    metric_title,
    unit_title,
)

if TYPE_CHECKING:
    from migmap.app.recipe import Run
    from migmap.paint.charts import BarChart, Class, CurveChart, Line

_translate = QCoreApplication.translate
MEASURES = ("people", "sites", "area_km2", "length_km")


@dataclass(frozen=True, slots=True)
class Drawn:
    """What of a run is to be drawn. level: the column whose areas the bars are, None for no areas. calm,
    unknown: also those whom nothing reaches, and of whom it is not known."""

    measure: str
    hazard: str | None
    group: str | None = None
    level: str | None = None
    calm: bool = False
    unknown: bool = True


@dataclass(frozen=True, slots=True)
class Facts:
    """What charts need beside the figures. periods: hazard -> years; ladders: hazard -> what its ladder is
    called; fills: label -> colour, "" for the hatched unknown."""

    periods: Mapping[str | None, float] = field(default_factory=dict)
    ladders: Mapping[str | None, str] = field(default_factory=dict)
    fills: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Choices:
    """What can be chosen, in the order of the run."""

    measures: tuple[str, ...]
    hazards: tuple[str | None, ...]
    groups: tuple[str | None, ...]
    levels: tuple[str | None, ...]


def choices(metrics: Sequence[Metric]) -> Choices:
    """What the figures hold by class; no measures where they hold nothing of the kind."""
    by_class = [one for one in metrics if one.class_ is not None and one.metric in MEASURES]
    levels = dict.fromkeys(one.level for one in by_class if one.level is not None)
    return Choices(
        tuple(name for name in MEASURES if any(one.metric == name for one in by_class)),
        tuple(dict.fromkeys(one.hazard for one in by_class)),
        tuple(dict.fromkeys(one.group for one in by_class)),
        tuple(levels) or (None,),
    )


def facts_of(run: Run) -> Facts:
    """Return periods, ladders and colours of a run."""
    from migmap.app.beside import profiles_in
    from migmap.io.rasters.hazardnames import hazard_of_name

    names = choices(run.result.metrics).hazards
    periods = _several(run.params.get("return_period"))
    labels = _several(run.params.get("label"))
    if len(periods) != len(names):
        periods = []
    found = profiles_in(run.recipe, run.title).get("scheme", ())
    schemes = [one for one in found if isinstance(one, Scheme)]
    sources = _several(run.params.get("hazard"))
    ladders: dict[str | None, str] = {}
    for index, name in enumerate(names):
        own = labels[index] if len(labels) == len(names) else ""
        if not own and schemes:
            own = schemes[index if len(schemes) == len(names) else 0].hazard
        if not own:
            stem = PurePath(str(sources[index]).replace("\\", "/")).stem if index < len(sources) else ""
            own = hazard_of_name(name or "").hazard or hazard_of_name(stem).hazard or ""
        ladders[name] = str(own)
    return Facts(
        dict(zip(names, (float(one) for one in periods), strict=True)) if periods else {},
        ladders,
        _fills(run, schemes),
    )


def _several(value: Any) -> list[Any]:
    return [] if value is None else list(value) if isinstance(value, list | tuple) else [value]


def _fills(run: Run, schemes: Sequence[Scheme]) -> dict[str, str]:
    """Label -> colour: as the sites of the run wear them, else of its schemes."""
    fills = {one.label: one.colour for scheme in schemes for one in scheme.classes if one.colour}
    for layer in run.result.layers:
        if layer.name == "sites":
            fills |= {rule.value: rule.symbol.fill for rule in layer.style.rules if rule.value is not None}
    return fills


def classes_of(labels: Iterable[str], facts: Facts) -> tuple[Class, ...]:
    """The looks of classes, in order: fixed colours that depend on the labels alone."""
    from migmap.geo.symbology import GAP, NOT_EXPOSED, UNKNOWN_GREY, class_style
    from migmap.paint.charts import Class

    order = list(labels)
    palette = {"palette": GAP} if "beyond" in order else {}
    style = class_style(None, order, title="", colours=dict(facts.fills), **palette)  # type: ignore[arg-type]
    fills = {rule.value: rule.symbol.fill for rule in style.rules}
    found = []
    for label in order:
        unknown = label == UNKNOWN
        fill = facts.fills.get(label) or fills.get(label, UNKNOWN_GREY)
        if label in CALM:
            fill = NOT_EXPOSED
        found.append(Class(class_title(label), UNKNOWN_GREY if unknown else fill, hatch=unknown))
    return tuple(found)


def bar_chart(metrics: Sequence[Metric], drawn: Drawn, facts: Facts) -> BarChart:
    """Stacked bars: an area each, those of most exposed first; without areas a bar a class."""
    from migmap.paint.charts import Bar, BarChart

    rows = _rows(metrics, drawn)
    everything = {one.class_: one for one in rows if one.area is EVERYTHING}
    labels = [label for label in everything if label is not None]
    labels = [one for one in labels if one != UNKNOWN] + [one for one in labels if one == UNKNOWN]
    kept = [
        label for label in labels if (drawn.calm or label not in CALM) and (drawn.unknown or label != UNKNOWN)
    ]
    unit = _unit(rows, drawn.measure)
    areas: dict[str, dict[str | None, Metric]] = {}
    for one in rows:
        if one.area is not EVERYTHING and one.area != OVERLAP and one.level == drawn.level:
            areas.setdefault(one.area, {})[one.class_] = one
    looks = classes_of(labels, facts)
    by_label = dict(zip(labels, looks, strict=True))
    bars = []
    if areas:
        for cells in sorted(areas.values(), key=lambda cells: _rank(cells, kept)):
            whole, partial = _sum(cells.values())
            bars.append(
                Bar(
                    isolated(area_title(next(iter(cells.values())))),
                    tuple(_value(cells.get(label)) for label in kept),
                    _end(cells, kept, whole, partial, drawn.measure),
                    tuple(_tip(cells, label, whole, drawn.measure, unit) for label in kept),
                )
            )
    else:
        whole, _ = _sum(everything.values())
        for label in kept:
            value = _value(everything[label])
            bars.append(
                Bar(
                    class_title(label),
                    tuple(value if other == label else 0.0 for other in kept),
                    _figure(value, drawn.measure),
                    tuple(_tip(everything, label, whole, drawn.measure, unit) for _ in kept),
                )
            )
    return BarChart(
        _title(drawn, metrics),
        _whole(everything, drawn, unit),
        unit,
        tuple(by_label[label] for label in kept),
        tuple(bars),
    )


def curve_chart(
    metrics: Sequence[Metric], drawn: Drawn, facts: Facts, areas: Sequence[str | None]
) -> CurveChart:
    """Exposed against return period, a line an area (None: everything), for the ladder of the hazard."""
    from migmap.paint.charts import CurveChart, Line

    members = ladder_of(drawn.hazard, facts)
    named: dict[str | None, str] = {}
    unit = ""
    exposed: dict[tuple[str | None, str | None], float | None] = {}
    for hazard in members:
        for one in _rows(metrics, Drawn(drawn.measure, hazard, drawn.group)):
            if one.area is not EVERYTHING and one.level != drawn.level:
                continue
            unit = unit or one.unit
            named.setdefault(one.area, area_title(one))
            if one.class_ in CALM or one.class_ == UNKNOWN:
                continue
            key = (one.area, hazard)
            before = exposed.get(key, 0.0)
            value = _value(one)
            exposed[key] = None if before is None or value is None else before + value
    lines: list[Line] = []
    for area in areas:
        if area not in named:
            continue
        points, tips = [], []
        for hazard in members:
            years, value = facts.periods[hazard], exposed.get((area, hazard))
            points.append((years, value))
            tips.append(
                _translate("charts", "{0}: {1} exposed once in {2} years").format(
                    isolated(named[area]), _with_unit(value, drawn.measure, unit), number(years)
                )
            )
        lines.append(Line(named[area], _expected(metrics, drawn, facts, area), tuple(points), tuple(tips)))
    return CurveChart(
        _translate("charts", "{0} exposed, by return period").format(metric_title(drawn.measure)),
        _translate("charts", "return period (years, logarithmic)"),
        _translate("charts", "upward: {0} exposed").format(unit_title(unit) or drawn.measure),
        tuple(lines),
        _translate("charts", "Tick an area to see its curve."),
    )


def ladder_of(hazard: str | None, facts: Facts) -> tuple[str | None, ...]:
    """The hazards of the ladder that `hazard` is in, the most frequent first; () without return periods."""
    if hazard not in facts.periods:
        return ()
    own = facts.ladders.get(hazard)
    mine = [one for one in facts.periods if facts.ladders.get(one) == own]
    return tuple(sorted(mine, key=lambda one: facts.periods[one]))


def curve_areas(metrics: Sequence[Metric], drawn: Drawn, facts: Facts) -> list[tuple[str | None, str]]:
    """Everything, then the areas, those of most expected a year first: (id, name)."""
    found: dict[str | None, str] = {None: area_title(_EVERYTHING)}
    size: dict[str | None, float] = {}
    for hazard in ladder_of(drawn.hazard, facts):
        for one in _rows(metrics, Drawn(drawn.measure, hazard, drawn.group)):
            if one.area is EVERYTHING or one.area == OVERLAP or one.level != drawn.level:
                continue
            found.setdefault(one.area, area_title(one))
            if one.class_ not in CALM and one.class_ != UNKNOWN:
                size[one.area] = size.get(one.area, 0.0) + (_value(one) or 0.0)
    order = sorted(found, key=lambda area: (area is not None, -size.get(area, 0.0)))
    return [(area, found[area]) for area in order]


# -- pieces ---------------------------------------------------------------------------------------

_EVERYTHING = Metric("people", None, None, None, None, None, None, None, "")


def _rows(metrics: Sequence[Metric], drawn: Drawn) -> list[Metric]:
    return [
        one
        for one in metrics
        if one.metric == drawn.measure
        and one.class_ is not None
        and one.hazard == drawn.hazard
        and one.group == drawn.group
    ]


def _value(metric: Metric | None) -> float | None:
    """Of a comparison the figure as it is now."""
    if metric is None:
        return 0.0
    return metric.after if metric.compared else metric.value


def _sum(metrics: Iterable[Metric]) -> tuple[float, bool]:
    """Sum of the known ones, and whether one is not known."""
    values = [_value(one) for one in metrics]
    return sum(value for value in values if value is not None), any(value is None for value in values)


def _rank(cells: Mapping[str | None, Metric], kept: Sequence[str]) -> tuple[float, ...]:
    exposed = sum(_value(cells.get(label)) or 0.0 for label in kept if label not in (*CALM, UNKNOWN))
    outside = any(one.area == OUTSIDE for one in cells.values())
    return (float(outside), -exposed, -(_value(cells.get(UNKNOWN)) or 0.0), -_sum(cells.values())[0])


def _figure(value: float | None, measure: str) -> str:
    if value is None:
        return _translate("metrics", "unknown")
    return number(value, decimals(measure))


def _with_unit(value: float | None, measure: str, unit: str) -> str:
    shown = _figure(value, measure)
    return f"{shown} {unit}" if value is not None else shown


def _unit(rows: Sequence[Metric], measure: str) -> str:
    return unit_title(next((one.unit for one in rows if one.unit), measure))


def _end(
    cells: Mapping[str | None, Metric], kept: Sequence[str], whole: float, partial: bool, measure: str
) -> str:
    """ "1,200 of 43,000": exposed, of all there are; "200 and 300 unknown, of 43,000"."""
    exposed = [_value(cells.get(label)) for label in kept if label not in (*CALM, UNKNOWN)]
    shown = _figure(None if None in exposed else sum(v for v in exposed if v is not None), measure)
    unknown = _value(cells.get(UNKNOWN)) or 0.0
    if whole > 0 and unknown == whole and not partial:
        return _translate("charts", "unknown for all {0}").format(_figure(whole, measure))
    if unknown > 0:
        shown = _translate("charts", "{0} and {1} unknown,").format(shown, _figure(unknown, measure))
    of = _translate("charts", "at least {0}") if partial else "{0}"
    return _translate("charts", "{0} of {1}").format(shown, of.format(_figure(whole, measure)))


def _tip(cells: Mapping[str | None, Metric], label: str, whole: float, measure: str, unit: str) -> str:
    value = _value(cells.get(label))
    name = area_title(next(iter(cells.values())))
    text = f"{isolated(name)}, {isolated(class_title(label))}: {_with_unit(value, measure, unit)}"
    if value is not None and whole > 0:
        text += _translate("charts", " ({0} % of {1})").format(
            number(100 * value / whole, 1), _figure(whole, measure)
        )
    return text


def _title(drawn: Drawn, metrics: Sequence[Metric]) -> str:
    parts = [metric_title(drawn.measure)]
    if drawn.group:
        parts.append(isolated(drawn.group))
    if drawn.hazard:
        parts.append(isolated(drawn.hazard))
    title = ", ".join(parts)
    if any(one.compared for one in metrics):
        title += _translate("charts", " – as in the later run")
    return title


def _whole(everything: Mapping[str | None, Metric], drawn: Drawn, unit: str) -> str:
    """ "Exposed 78,396, not exposed 343,110, unknown 26,494 of 448,000 people"."""
    exposed, lost = _sum(one for label, one in everything.items() if label not in (*CALM, UNKNOWN))
    whole, partial = _sum(everything.values())
    parts = [f"{_hit(everything)} {_figure(None if lost else exposed, drawn.measure)}"]
    parts += [
        f"{class_title(label)} {_figure(_value(everything[label]), drawn.measure)}"
        for label in (*CALM, UNKNOWN)
        if label in everything
    ]
    least = _translate("charts", "at least ") if partial else ""
    return _translate("charts", "{0} – of {1}").format(
        ", ".join(parts), f"{least}{_figure(whole, drawn.measure)} {unit}"
    )


def _hit(everything: Mapping[str | None, Metric]) -> str:
    """The word for what is not calm: "exposed", or "beyond" a limit."""
    return class_title("beyond" if "beyond" in everything else "exposed").capitalize()


def _expected(metrics: Sequence[Metric], drawn: Drawn, facts: Facts, area: str | None) -> str:
    """ "(12,318 people expected a year)"; "" where the run says nothing of it."""
    name = f"expected_{drawn.measure}_per_year"
    found = [
        one
        for one in metrics
        if one.metric == name
        and one.area == area
        and one.group == drawn.group
        and (area is EVERYTHING or one.level == drawn.level)
    ]
    if len(found) > 1:
        own = {facts.ladders.get(drawn.hazard), *ladder_of(drawn.hazard, facts)}
        found = [one for one in found if one.hazard in own]
    if not found:
        return ""
    value = _value(found[0])
    shown = _translate("metrics", "unknown") if value is None else number(value, 0 if value >= 10 else None)
    unit = unit_title(found[0].unit.removesuffix("/year"))
    return _translate("charts", "({0} {1} expected a year)").format(shown, unit)
