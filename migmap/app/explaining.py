"""One figure of a saved run in plain words: what it says, what made it, and what it is made of."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from migmap.api import (
    Explanation,
    Finding,
    Inputs,
    Metric,
    Problem,
    Progress,
    RasterData,
    VectorData,
    declared_fields,
    references_in,
)

from . import beside, disclosure, recipe
from .decided import NOTHING

if TYPE_CHECKING:
    from .workbench import Workbench

_SUBJECTS = {
    "people": "People",
    "sites": "Sites",
    "area_km2": "Ground",
    "length_km": "Length",
    "affected": "Affected",
    "displaced": "Displaced",
    "people_min": "People exposed at least",
    "people_max": "People exposed at most",
    "distance_m": "Distance",
    "joint_people": "People",
    "joint_sites": "Sites",
    "joint_area_km2": "Ground",
    "joint_length_km": "Length",
}
_CLASSES = {"not_exposed": "not exposed", "unknown": "unknown", "both": "both at once"}


def explain(
    workbench: Workbench, what: str | Path | Mapping[str, Any], index: int, progress: Progress
) -> Explanation:
    """The figure `index` (from 0) of a run document, given as a file, as the id of a run of this session, or
    read. Where an input is missing, or cannot be read any more, what made the figure is still said.

    Of a run about single households no row is listed. Problem for what is no run document, and for an index
    that it does not have.
    """
    document, path = _document(workbench, what)
    document = disclosure.without_small(document)
    metric = _metric(document, path, index)
    lines = [_value_line(metric), *_provenance(document, metric)]
    households = disclosure.about_households(document)
    if households and metric.hidden:
        lines.append("The figure is not shown, because it would tell of single households.")
        return Explanation(sentence(metric), tuple(lines))
    try:
        found, findings = _taken_apart(workbench, document, path, metric, progress)
    except Problem as problem:
        lines.append(f"It cannot be taken apart here: {problem}")
        return Explanation(sentence(metric), tuple(lines))
    lines += [f"{one.message}" for one in findings]
    if households:
        agreed = {True: "They add up to the figure.", False: "They do not add up to the figure."}
        lines.append(
            "Its rows are single households, which are not listed. "
            + (agreed[found.agrees] if found.agrees is not None else "")
        )
        return Explanation(sentence(metric), tuple(one.strip() for one in lines), (), None, found.agrees)
    return replace(found, title=sentence(metric), lines=(*lines, *found.lines))


def figures(workbench: Workbench, what: str | Path | Mapping[str, Any]) -> tuple[Metric, ...]:
    """The figures of a run document in order, so that one can be named by its place; those of single
    households as they may be seen. Problem as for `explain`."""
    document, _ = _document(workbench, what)
    listed = disclosure.without_small(document).get("metrics")
    return tuple(Metric.from_json(one) for one in listed or () if isinstance(one, Mapping))


def _document(
    workbench: Workbench, what: str | Path | Mapping[str, Any]
) -> tuple[Mapping[str, Any], Path | None]:
    if isinstance(what, Mapping):
        return what, None
    known = workbench.known_run(str(what))
    if known is not None and not Path(what).is_file():
        return known.document_with_recipe(), None
    path = Path(what)
    beside.past_run(str(path))
    document = json.loads(path.read_bytes())
    return document, path


def _metric(document: Mapping[str, Any], path: Path | None, index: int) -> Metric:
    listed = document.get("metrics")
    rows = [one for one in listed if isinstance(one, Mapping)] if isinstance(listed, list) else []
    if not 0 <= index < len(rows):
        where = path.name if path is not None else "The run"
        count = f"{len(rows):,} figures" if len(rows) != 1 else "1 figure"
        fix = f"Give a number from 0 to {len(rows) - 1:,}." if rows else "Give the document of another run."
        raise Problem(f"There is no figure {index}: {where} holds {count}, counted from 0.", fix=fix)
    return Metric.from_json(rows[index])


def sentence(metric: Metric) -> str:
    """ "People in class 0.5-1.5 of flood in Dadu (PK1): 1,234 people." """
    subject = _SUBJECTS.get(metric.metric)
    if subject is None and metric.metric.startswith("expected_"):
        subject = "Expected in an average year"
    if subject is None and metric.metric.startswith("need:"):
        subject = f"Need of {metric.metric.removeprefix('need:')}"
    parts = [subject or metric.metric]
    if metric.metric.startswith("joint_"):
        parts.append(f"reached by {metric.hazard}" if metric.hazard else "reached by several hazards")
        parts.append(f"({_CLASSES.get(metric.class_ or '', metric.class_)})")
    else:
        if metric.class_ is not None:
            said = _CLASSES.get(metric.class_)
            parts.append(f"{said}, " if said else f"in class {metric.class_}")
        if metric.hazard is not None:
            parts.append(f"of {metric.hazard}" if metric.class_ not in _CLASSES else f"by {metric.hazard}")
    text = " ".join(parts).replace(",  ", ", ")
    if metric.group is not None:
        text += f", group {metric.group}"
    if metric.area is None:
        text += ", in all"
    else:
        name = metric.area_name or metric.area
        text += f", in {name}" + (f" ({metric.area})" if name != metric.area else "")
    return f"{text}: {_shown(metric.value, metric)}."


def _shown(value: float | None, metric: Metric) -> str:
    if value is None:
        return "not shown" if metric.hidden else "unknown"
    from migmap.geo.wording import unit_text

    rounded = f"{value:,.0f}" if abs(value) >= 100 or float(value).is_integer() else f"{value:,.4g}"
    return f"{rounded} {unit_text(metric.unit)}"


def _value_line(metric: Metric) -> str:
    if metric.compared and not metric.hidden:
        before, after = (
            "unknown" if one is None else f"{one:,.12g}" for one in (metric.before, metric.after)
        )
        change = "unknown" if metric.value is None else f"{metric.value:,.12g}"
        return f"Unrounded: before {before}, after {after}, change {change} {metric.unit}."
    return f"Unrounded: {'unknown' if metric.value is None else f'{metric.value:,.12g}'} {metric.unit}."


def _provenance(document: Mapping[str, Any], metric: Metric) -> list[str]:
    from migmap.geo.marks import provenance, tags_in

    lines = [f"{topic[:1].upper()}{topic[1:]}: {text}" for topic, text in provenance(document)]
    tags = tags_in(document).get(metric.metric)
    return [*lines, f"Tags: {tags}"] if tags else lines


def _taken_apart(
    workbench: Workbench,
    document: Mapping[str, Any],
    path: Path | None,
    metric: Metric,
    progress: Progress,
) -> tuple[Explanation, tuple[Finding, ...]]:
    from migmap.api import part

    # The other run of a comparison has its figures in the rows already.
    said = {**document, "recipe": {**(document.get("recipe") or {}), "runs": {}}}
    saved = recipe.saved_recipe(said, path or Path("The run"))
    tool = workbench.registry.analysis(saved.analysis)
    fields = declared_fields(tool.Params)
    from . import exporting

    checked = exporting.checked_params(tool.Params, dict(saved.params), f"“{tool.name}”")
    values = checked.model_dump(mode="json")
    asked = references_in(fields, values)
    loaded: dict[str, VectorData | RasterData] = {}
    for place, (key, text) in enumerate(asked.items()):
        step = part(progress, 0.4 * place / len(asked), 0.4 * (place + 1) / len(asked))
        loaded[key] = workbench.read_input(text, saved.decisions.get(key, NOTHING), saved.crs, step)
    known = beside.profiles_of(fields, values, saved.profiles)
    findings = saved.findings
    version = (document.get("recipe") or {}).get("migmap")
    from migmap import __version__

    if version is not None and version != __version__:
        findings += (
            Finding(
                "made-by-another-version",
                "info",
                f"The figure was made with migmap {version} and is taken apart with {__version__}.",
            ),
        )
    found = tool.explain(checked, Inputs(loaded, {}, known), metric, part(progress, 0.4, 1.0))
    return found, findings
