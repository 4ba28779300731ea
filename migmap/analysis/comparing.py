"""A run against an earlier one: figures before and after, the change, and what cannot be compared."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any

import numpy as np

from migmap.api import Finding, Metric, PastRun, Problem, Result, ResultLayer, VectorData

from . import outcome
from .outcome import AREA_EDGES, CALM, UNKNOWN

HEADLINES = ("people", "sites", "length_km", "area_km2")
"""What the first sentence speaks of and the map shows: the first of these that both runs have."""

_WORDS = {"people": "people exposed", "sites": "sites exposed", "area_km2": "ground exposed"}
_WORDS["length_km"] = "length exposed"
_KM_EDGES = (1.0, 10.0, 100.0, 1_000.0)
_MOST_NAMED = 8

_SETTINGS = {
    "classes": "class edges",
    "scheme": "class scheme",
    "hazard_class": "hazard class column",
    "hazard_unit": "unit of the hazard",
    "rule": "rule of counting",
    "radius_m": "radius of the footprint",
    "accuracy_m": "accuracy of positions",
    "people": "people column",
    "population": "reading of the population raster",
    "area_id": "area id column",
    "rollup": "roll-up",
    "groups": "groups",
    "by": "kind of site column",
    "return_period": "return periods",
    "affected_from": "class from which people are affected",
    "rates": "displacement rates",
    "needs": "needs profile",
    "annual_rule": "rule of the average year",
    "annual_tail": "tail of the average year",
}
_GIVEN = {"exposed": "what is exposed", "areas": "areas", "people_raster": "people inside the sites"}

_Key = tuple[str, str | None, str | None, str | None, str | None, str | None]


def compared(result: Result, before: PastRun, params: Any, analysis: str = "exposure") -> Result:
    """The result with `before`, `after` and `value = after - before` in every row.

    Rows belong together when metric, area, level, class and group are equal and the hazard is the same one:
    the one of the same name, else the one in the same place of the list. A value is None where one of the
    two is missing or unknown. Rows that only the earlier run has come last. The layer "areas" gets columns
    `<headline>_before`, `_after` and `_change`, and the layer "difference" shows the change.
    Problem for a run of another analysis.
    """
    if before.analysis != analysis:
        raise Problem(
            f"{_file(before)} holds a run of “{before.analysis}”; it cannot be compared with “{analysis}”.",
            fix=f"Give the run document of an earlier “{analysis}” run with --compare.",
        )
    pairs = _Hazards.of(result.metrics, before.metrics)
    rows, alone = _matched(result.metrics, before.metrics, pairs)
    sentences = _sentences(result.metrics, before, pairs)
    layers, site_findings = _layers(result, before, params, pairs)
    return replace(
        result,
        metrics=rows,
        layers=layers,
        findings=(
            *_settings_differ(result.metrics, before, params, pairs),
            *_rows_alone(result.metrics, before, pairs, alone),
            *site_findings,
            *result.findings,
        ),
        notes=(*sentences, *result.notes),
    )


def _file(before: PastRun) -> str:
    return PurePath(before.path.replace("\\", "/")).name or "The earlier document"


def _called(before: PastRun) -> str:
    return f"run {before.id}" if before.id else _file(before)


def _figure(row: Metric) -> float | None:
    """What the earlier run found; of a comparison its newer figure."""
    return row.after if row.compared else row.value


# -- which hazard is which --------------------------------------------------------------------------


def _is_joint(row: Metric) -> bool:
    return row.metric.startswith("joint_")


def _is_yearly(row: Metric) -> bool:
    return row.metric.startswith("expected_")


def _names(rows: Iterable[Metric]) -> list[str]:
    return list(dict.fromkeys(row.hazard for row in rows if row.hazard is not None))


def _paired(now: Sequence[str], then: Sequence[str]) -> dict[str, str]:
    """Earlier name -> name now: equal names first, then those in the same place of the two lists."""
    found = {name: name for name in then if name in now}
    for old, new in zip(then, now, strict=False):
        if old not in found and new not in found.values():
            found[old] = new
    return found


@dataclass(frozen=True, slots=True)
class _Hazards:
    """now, then: hazards of the two runs in order. single, yearly, both: earlier name -> name now, of
    hazards, of ladders of return periods, and of pairs of hazards."""

    now: tuple[str, ...]
    then: tuple[str, ...]
    single: Mapping[str, str]
    yearly: Mapping[str, str]
    both: Mapping[str, str]

    @classmethod
    def of(cls, now: Sequence[Metric], then: Sequence[Metric]) -> _Hazards:
        lists = [
            _names(row for row in rows if not _is_joint(row) and not _is_yearly(row)) for rows in (now, then)
        ]
        single = _paired(lists[0], lists[1])
        yearly = _paired(_names(filter(_is_yearly, now)), _names(filter(_is_yearly, then)))
        there = set(_names(filter(_is_joint, now)))
        both: dict[str, str] = {}
        for i, first in enumerate(lists[1]):
            for second in lists[1][i + 1 :]:
                if first in single and second in single:
                    new = (f"{single[first]} & {single[second]}", f"{single[second]} & {single[first]}")
                    both |= {f"{first} & {second}": name for name in new if name in there}
        return cls(tuple(lists[0]), tuple(lists[1]), single, yearly, both)

    def today(self, row: Metric) -> str | None:
        """What this run calls the hazard of an earlier row; its own name where it has none."""
        if row.hazard is None:
            return None
        group = self.both if _is_joint(row) else self.yearly if _is_yearly(row) else self.single
        return group.get(row.hazard, row.hazard)

    def earlier(self, name: str) -> str | None:
        return next((old for old, new in self.single.items() if new == name), None)


# -- rows -----------------------------------------------------------------------------------------


def _key(row: Metric, hazard: str | None) -> _Key:
    return (row.metric, hazard, row.area, row.level, row.class_, row.group)


def _matched(
    now: Sequence[Metric], then: Sequence[Metric], pairs: _Hazards
) -> tuple[tuple[Metric, ...], int]:
    """(rows of both runs, how many have no partner)."""
    waiting: dict[_Key, deque[int]] = defaultdict(deque)
    for place, row in enumerate(then):
        waiting[_key(row, pairs.today(row))].append(place)
    rows: list[Metric] = []
    used: set[int] = set()
    alone = 0
    for row in now:
        mine = waiting.get(_key(row, row.hazard))
        if not mine:
            alone += 1
            rows.append(replace(row, value=None, before=None, after=row.value, compared=True))
            continue
        place = mine.popleft()
        used.add(place)
        old = then[place]
        was = _figure(old) if old.unit == row.unit else None
        change = None if was is None or row.value is None else row.value - was
        rows.append(
            replace(
                row,
                value=change,
                before=was,
                after=row.value,
                compared=True,
                hidden=row.hidden or old.hidden,
            )
        )
    for place, row in enumerate(then):
        if place not in used:
            alone += 1
            rows.append(replace(row, value=None, before=_figure(row), after=None, compared=True))
    return tuple(rows), alone


def _rows_alone(now: Sequence[Metric], before: PastRun, pairs: _Hazards, alone: int) -> tuple[Finding, ...]:
    if not alone:
        return ()
    said: list[str] = []

    def differ(what: str, mine: Iterable[str | None], theirs: Iterable[str | None]) -> None:
        new, old = dict.fromkeys(mine), dict.fromkeys(theirs)
        only = [name for name in new if name is not None and name not in old]
        gone = [name for name in old if name is not None and name not in new]
        said.extend(f"{what} only in this run: {_listed(only)}" for _ in only[:1])
        said.extend(f"{what} only in {_called(before)}: {_listed(gone)}" for _ in gone[:1])

    then = before.metrics
    differ("figures", (row.metric for row in now), (row.metric for row in then))
    differ("hazards", (row.hazard for row in now), (pairs.today(row) for row in then))
    differ("levels", (row.level for row in now), (row.level for row in then))
    differ("areas", (row.area for row in now), (row.area for row in then))
    differ("classes", (row.class_ for row in now), (row.class_ for row in then))
    differ("groups", (row.group for row in now), (row.group for row in then))
    what = "row has" if alone == 1 else "rows have"
    tail = f" ({'; '.join(said)})" if said else ""
    return (
        Finding(
            "compared-rows-alone",
            "warning",
            f"{alone:,} {what} no partner in the other run and no change{tail}.",
            alone,
        ),
    )


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_MOST_NAMED])
    return shown if len(names) <= _MOST_NAMED else f"{shown} and {len(names) - _MOST_NAMED:,} more"


# -- settings -------------------------------------------------------------------------------------


def _settings_differ(
    now: Sequence[Metric], before: PastRun, params: Any, pairs: _Hazards
) -> tuple[Finding, ...]:
    mine: Mapping[str, Any] = params if isinstance(params, Mapping) else params.model_dump(mode="json")
    defaults = {} if isinstance(params, Mapping) else _defaults(type(params))
    said: list[str] = []
    for name, words in _SETTINGS.items():
        new = _plain(mine.get(name, defaults.get(name)))
        old = _plain(before.params.get(name, defaults.get(name)))
        if new != old:
            said.append(f"{words}: {_shown(old)} before, {_shown(new)} now")
    for name, words in _GIVEN.items():
        if (mine.get(name) is None) != (before.params.get(name) is None):
            there = "only in this run" if mine.get(name) is not None else f"only in {_called(before)}"
            said.append(f"{words}: given {there}")
    for old_name, new_name in pairs.single.items():
        was = _classes(before.metrics, old_name)
        has = _classes(now, new_name)
        if was != has and set(was) != set(has):
            said.append(f"classes of {new_name}: {', '.join(was)} before, {', '.join(has)} now")
    units = {row.metric: row.unit for row in before.metrics}
    for metric, unit in dict.fromkeys((row.metric, row.unit) for row in now):
        if metric in units and units[metric] != unit:
            said.append(f"unit of {metric}: {units[metric]} before, {unit} now")
    if len(pairs.now) != len(pairs.then):
        said.append(f"number of hazards: {len(pairs.then)} before, {len(pairs.now)} now")
    if not said:
        return ()
    return (
        Finding(
            "compared-settings-differ",
            "warning",
            f"This run and {_called(before)} were not made alike, so part of the change may come from that: "
            f"{'; '.join(said)}.",
            len(said),
        ),
    )


def _defaults(params: Any) -> dict[str, Any]:
    return {
        name: None if one.is_required() else one.get_default() for name, one in params.model_fields.items()
    }


def _plain(value: Any) -> Any:
    """Equal for what means the same: one value and a list of it, a file here and the same name elsewhere."""
    if isinstance(value, str):
        return PurePath(value.replace("\\", "/")).name or value
    if isinstance(value, list | tuple):
        parts = [_plain(one) for one in value]
        return parts[0] if len(parts) == 1 else parts
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _shown(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, list):
        return ",".join(map(_shown, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _classes(rows: Sequence[Metric], hazard: str) -> list[str]:
    found = dict.fromkeys(
        row.class_ for row in rows if row.hazard == hazard and row.class_ is not None and not _is_joint(row)
    )
    return [label for label in found if label not in (*CALM, UNKNOWN)]


# -- the sentence -----------------------------------------------------------------------------------


def _headline(now: Sequence[Metric], then: Sequence[Metric]) -> str | None:
    mine, theirs = {row.metric for row in now}, {row.metric for row in then}
    return next((one for one in HEADLINES if one in mine and one in theirs), None)


def _harm(rows: Iterable[Metric], metric: str, hazard: str) -> dict[tuple[str | None, str | None], float]:
    """(level, area) -> exposed, summed over its classes; NaN where a figure is not there, or all of what
    there is is unknown."""
    harm: dict[tuple[str | None, str | None], float] = defaultdict(float)
    calm: dict[tuple[str | None, str | None], float] = defaultdict(float)
    unknown: dict[tuple[str | None, str | None], float] = defaultdict(float)
    for row in rows:
        if row.metric != metric or row.hazard != hazard or row.group is not None:
            continue
        value = _figure(row)
        table = unknown if row.class_ == UNKNOWN else calm if row.class_ in CALM else harm
        table[row.level, row.area] += np.nan if value is None else value
    places = dict.fromkeys((*harm, *calm, *unknown))
    return {
        place: np.nan if unknown[place] > 0 and harm[place] + calm[place] <= 0 else harm[place]
        for place in places
    }


def _unknown(rows: Iterable[Metric], metric: str, hazard: str) -> float:
    return sum(
        _figure(row) or 0.0
        for row in rows
        if (row.metric, row.hazard, row.class_) == (metric, hazard, UNKNOWN)
        and row.area is None
        and row.group is None
    )


def _sentences(now: Sequence[Metric], before: PastRun, pairs: _Hazards) -> list[str]:
    metric = _headline(now, before.metrics)
    if metric is None:
        return [f"Compared with {_called(before)}: the two runs have no figure in common."]
    unit = next(row.unit for row in now if row.metric == metric)
    said = []
    for hazard in pairs.now:
        old = pairs.earlier(hazard)
        if old is None:
            continue
        was = _harm(before.metrics, metric, old).get((None, None), np.nan)
        has = _harm(now, metric, hazard).get((None, None), np.nan)
        named = old != hazard or len(pairs.now) > 1
        subject = f"Between {_called(before)}{f' ({old})' if named else ''} and this run"
        subject += f" ({hazard})" if named else ""
        what = _WORDS[metric]
        if np.isnan(was) or np.isnan(has):
            said.append(f"{subject} the change of {what} is unknown.")
            continue
        change = has - was
        verb = _verb(change, metric)
        if verb is None:
            said.append(f"{subject} {what} {_stay(metric)} at {outcome.amount(has, unit)}.")
        else:
            said.append(
                f"{subject} {what} {verb} by {_number(abs(change), unit)}, from {_number(was, unit)} to "
                f"{_number(has, unit)}."
            )
        lost, lose = _unknown(before.metrics, metric, old), _unknown(now, metric, hazard)
        if round(lost - lose) != 0:
            said.append(
                f"Unknown was {outcome.amount(lost, unit)} before and is {outcome.amount(lose, unit)} now, "
                "so part of the change may be better or poorer knowledge."
            )
    return said or [f"Compared with {_called(before)}: the two runs have no hazard in common."]


def _number(value: float, unit: str) -> str:
    return f"{value:,.0f}" if unit in ("people", "sites") else outcome.amount(value, unit)


def _verb(change: float, metric: str) -> str | None:
    if change == 0:
        return None
    many = metric in ("people", "sites")
    word = "rise" if change > 0 else "fall"
    return word if many else f"{word}s"


def _stay(metric: str) -> str:
    return "stay" if metric in ("people", "sites") else "stays"


# -- layers ---------------------------------------------------------------------------------------


def _layers(
    result: Result, before: PastRun, params: Any, pairs: _Hazards
) -> tuple[tuple[ResultLayer, ...], tuple[Finding, ...]]:
    layers: list[ResultLayer] = []
    findings: tuple[Finding, ...] = ()
    for layer in result.layers:
        made: ResultLayer | None = None
        if layer.name == "areas":
            layer, made = _areas(layer, result.metrics, before, pairs)
        elif layer.name == "sites" and before.sites is not None:
            from .comparing_sites import sites_difference

            made, findings = sites_difference(layer, before.sites, params, before.params)
            if not _moved(made):
                # The classes are what changed then, and they are seen on the layer of this run.
                layers.append(made)
                made = None
        layers += [layer] if made is None else [layer, made]
    return tuple(layers), findings


def _moved(made: ResultLayer) -> bool:
    """Whether sites came, went or changed their people."""
    frame = made.data.frame
    same = (frame["people_change"] == 0) | (frame["people_before"].isna() & frame["people_after"].isna())
    return bool(((frame["status"] != "in both") | ~same).any())


def _shown_change(layer: ResultLayer, columns: Mapping[str, np.ndarray]) -> str:
    """The change of what the map of areas shows; of the first hazard where it shows several together."""
    changes = [name for name in columns if name.endswith("_change")]
    frame, column = layer.data.frame, layer.style.column
    if column in frame.columns:
        seen = frame[column].to_numpy(dtype=np.float64)
        for name in changes:
            if np.array_equal(columns[f"{name.removesuffix('_change')}_after"], seen, equal_nan=True):
                return name
    return changes[0]


def _areas(
    layer: ResultLayer, now: Sequence[Metric], before: PastRun, pairs: _Hazards
) -> tuple[ResultLayer, ResultLayer | None]:
    """(the areas with the columns of the comparison, the same ground coloured by the change)."""
    from migmap.geo.symbology import diverging_style
    from migmap.geo.wording import unit_text

    metric = _headline(now, before.metrics)
    levels = list(dict.fromkeys(row.level for row in now if row.level is not None))
    if metric is None or not levels or not pairs.single:
        return layer, None
    unit = next(row.unit for row in now if row.metric == metric)
    word = f"exposed_{'km2' if metric == 'area_km2' else 'km' if metric == 'length_km' else metric}"
    frame = layer.data.frame
    ids = [str(one) for one in frame["id"]]
    columns: dict[str, np.ndarray] = {}
    several = len(pairs.now) > 1
    for hazard in pairs.now:
        old = pairs.earlier(hazard)
        if old is None:
            continue
        name = f"{word}_{hazard}" if several else word
        was, has = _harm(before.metrics, metric, old), _harm(now, metric, hazard)
        first = np.array([was.get((levels[0], one), np.nan) for one in ids])
        last = np.array([has.get((levels[0], one), np.nan) for one in ids])
        columns |= {f"{name}_before": first, f"{name}_after": last, f"{name}_change": last - first}
    if not columns:
        return layer, None
    shown = _shown_change(layer, columns)
    edges = AREA_EDGES.get(metric, _KM_EDGES)
    style = diverging_style(
        shown,
        edges,
        title=f"Change of {_WORDS[metric]} ({unit_text(unit)})",
        unknown_label="not known in both",
    ).model_copy(update={"label_column": "name"})
    changed: VectorData = replace(layer.data, frame=frame.assign(**columns))
    kept = ["id", "name", *columns, frame.geometry.name]
    data = replace(layer.data, frame=changed.frame[kept], name="difference")
    return replace(layer, data=changed), ResultLayer(
        "difference", f"Change by area since {_called(before)}", data, style
    )
