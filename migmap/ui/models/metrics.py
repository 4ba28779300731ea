"""The numbers of a run as tables: every row as it stands, or one row an area."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from PySide6.QtCore import QCoreApplication

from migmap.api import Metric

from .table import Column, Table

EVERYTHING, OUTSIDE, OVERLAP = None, "outside", "overlap"
CALM = ("not_exposed", "within", "known")
"""Classes of those whom nothing reaches."""
UNKNOWN = "unknown"

Shows = Literal["change", "before", "after"]

_translate = QCoreApplication.translate


def metric_title(name: str) -> str:
    known = {
        "people": _translate("metrics", "People"),
        "sites": _translate("metrics", "Sites"),
        "area_km2": _translate("metrics", "Area"),
        "length_km": _translate("metrics", "Length"),
        "distance_m": _translate("metrics", "Median distance"),
        "people_min": _translate("metrics", "Least people exposed"),
        "people_max": _translate("metrics", "Most people exposed"),
        "affected": _translate("metrics", "Affected"),
        "displaced": _translate("metrics", "Displaced"),
        "expected_people_per_year": _translate("metrics", "People expected a year"),
        "expected_sites_per_year": _translate("metrics", "Sites expected a year"),
        "expected_area_km2_per_year": _translate("metrics", "Area expected a year"),
        "expected_length_km_per_year": _translate("metrics", "Length expected a year"),
        "joint_people": _translate("metrics", "People, several hazards"),
        "joint_sites": _translate("metrics", "Sites, several hazards"),
        "joint_area_km2": _translate("metrics", "Area, several hazards"),
        "joint_length_km": _translate("metrics", "Length, several hazards"),
    }
    if name.startswith("need:"):
        return _translate("metrics", "Need: {0}").format(name.removeprefix("need:").replace("_", " "))
    return known.get(name, name.replace("_", " ").capitalize())


def class_title(label: str | None) -> str:
    known = {
        None: _translate("metrics", "all"),
        "not_exposed": _translate("metrics", "not exposed"),
        "unknown": _translate("metrics", "unknown"),
        "exposed": _translate("metrics", "exposed"),
        "within": _translate("metrics", "within"),
        "beyond": _translate("metrics", "beyond"),
        "known": _translate("metrics", "known"),
        "none": _translate("metrics", "by none"),
        "both": _translate("metrics", "by both"),
    }
    return known.get(label, label or "")


def area_title(metric: Metric) -> str:
    """The area as people call it; rows that are no area in words."""
    if metric.area is EVERYTHING:
        return _translate("metrics", "Everything")
    if metric.area == OUTSIDE:
        return _translate("metrics", "Outside all areas")
    if metric.area == OVERLAP:
        return _translate("metrics", "Counted more than once")
    return metric.area_name or metric.area


def unit_title(unit: str) -> str:
    return {"km2": "km²", "m2": "m²", "km2/year": "km²/year"}.get(unit, unit)


def decimals(metric: str) -> int | None:
    if metric in ("people_min", "people_max", "affected", "displaced"):
        return 0
    return {"area_km2": 1, "length_km": 1, "distance_m": 0, "people": 0, "sites": 0}.get(
        metric.removeprefix("joint_")
    )


def blank_word(metrics: Sequence[Metric]) -> str:
    """What stands in a table of figures where there is no value."""
    if any(metric.hidden for metric in metrics):
        return _translate("metrics", "unknown, or not shown")
    return _translate("metrics", "unknown")


def long_table(metrics: Sequence[Metric], tags: Callable[[str], str] | None = None) -> Table:
    """One row a number, in the order given. tags: metric -> the lines of frameworks it speaks to."""
    several_hazards = len({metric.hazard for metric in metrics if metric.hazard}) > 1
    groups = any(metric.group for metric in metrics)
    levels = len({metric.level for metric in metrics if metric.level}) > 1
    compared = any(metric.compared for metric in metrics)
    said = {name: tags(name) for name in {metric.metric for metric in metrics}} if tags is not None else {}
    blank = blank_word(metrics)

    def figures(title: str) -> Column:
        return Column(title, numeric=True, empty=blank)

    columns = [
        Column(_translate("metrics", "Area")),
        Column(_translate("metrics", "Code"), _translate("metrics", "The area's id")),
        Column(_translate("metrics", "Measure")),
        Column(_translate("metrics", "Class")),
    ]
    if compared:
        columns += [
            figures(_translate("metrics", "Before")),
            figures(_translate("metrics", "After")),
            figures(_translate("metrics", "Change")),
        ]
    else:
        columns.append(figures(_translate("metrics", "Value")))
    columns.append(Column(_translate("metrics", "Unit")))
    if several_hazards:
        columns.append(Column(_translate("metrics", "Hazard")))
    if groups:
        columns.append(Column(_translate("metrics", "Group")))
    if levels:
        columns.append(Column(_translate("metrics", "Level"), _translate("metrics", "The column of areas")))
    if any(said.values()):
        tip = _translate("metrics", "Lines of the migration frameworks that the number speaks to")
        columns.append(Column(_translate("metrics", "Frameworks"), tip))
    rows = []
    for metric in metrics:
        code = "" if metric.area in (EVERYTHING, OUTSIDE, OVERLAP) else metric.area
        row: list[object] = [
            area_title(metric),
            code,
            metric_title(metric.metric),
            class_title(metric.class_),
            *((metric.before, metric.after) if compared else ()),
            metric.value,
            unit_title(metric.unit),
        ]
        if several_hazards:
            row.append(metric.hazard)
        if groups:
            row.append(metric.group)
        if levels:
            row.append(metric.level)
        if any(said.values()):
            row.append(said[metric.metric])
        rows.append(tuple(row))
    strong = frozenset(i for i, metric in enumerate(metrics) if metric.area is EVERYTHING)
    refs = tuple((i,) * len(columns) for i in range(len(metrics)))
    return Table(tuple(columns), tuple(rows), strong, refs)


def wide_table(metrics: Sequence[Metric], shows: Shows = "change") -> Table:
    """One row an area, one column a measure and class; "everything" first, then the areas, then what
    lies outside and what is counted more than once. shows: which figure of a comparison."""
    kinds = list(dict.fromkeys((m.metric, m.hazard, m.class_, m.group, m.unit) for m in metrics))
    several_hazards = len({m.hazard for m in metrics if m.hazard}) > 1
    levels = len({m.level for m in metrics if m.level}) > 1
    areas: dict[tuple[str | None, str | None], Metric] = {}
    places: dict[tuple[object, ...], int] = {}
    for index, metric in enumerate(metrics):
        key = (metric.level, metric.area)
        areas.setdefault(key, metric)
        places[(*key, metric.metric, metric.hazard, metric.class_, metric.group, metric.unit)] = index
    columns = [Column(_translate("metrics", "Area")), Column(_translate("metrics", "Code"))]
    if levels:
        columns.append(Column(_translate("metrics", "Level"), _translate("metrics", "The column of areas")))
    blank = blank_word(metrics)
    for name, hazard, class_, group, unit in kinds:
        title = metric_title(name)
        if class_ is not None:
            title = f"{title}, {class_title(class_)}"
        if several_hazards and hazard:
            title += f", {hazard}"
        if group:
            title += f", {group}"
        if unit_title(unit) in ("km²", "m", "m²", "km"):
            title += f" ({unit_title(unit)})"
        columns.append(Column(title, numeric=True, decimals=decimals(name), empty=blank))
    last = (OUTSIDE, OVERLAP)
    seat = {level: place for place, level in enumerate(dict.fromkeys(level for level, _ in areas))}
    order = sorted(areas, key=lambda key: (key[1] is not EVERYTHING, seat[key[0]], key[1] in last))
    rows, refs = [], []
    for key in order:
        level, area = key
        code = "" if area in (EVERYTHING, *last) else area
        head: list[object] = [area_title(areas[key]), code, *([level or ""] if levels else [])]
        found = [places.get((*key, *kind)) for kind in kinds]
        # A number that has no row for this area is not there: zero is a claim the run did not make.
        cells = ["" if place is None else _shown(metrics[place], shows) for place in found]
        rows.append((*head, *cells))
        refs.append((*(None for _ in head), *found))
    strong = frozenset(i for i, key in enumerate(order) if key[1] is EVERYTHING)
    return Table(tuple(columns), tuple(rows), strong, tuple(refs))


def _shown(metric: Metric, shows: Shows) -> float | None:
    if not metric.compared or shows == "change":
        return metric.value
    return metric.before if shows == "before" else metric.after
