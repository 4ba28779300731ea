"""From tallies to what leaves an analysis: layers "sites" and "areas" with their looks and marks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from migmap.api import Data, Finding, Meta, ResultLayer, Rule, Source, Style, VectorData, strictest

if TYPE_CHECKING:
    from migmap.geo.areas import AreaSet
    from migmap.geo.tally import Tally, Typical

NOT_EXPOSED = "not_exposed"
UNKNOWN = "unknown"
CALM = (NOT_EXPOSED, "within", "known")

_ONE = {"sites": "site", "people": "person"}
_SHORT = {"area_km2": "km2", "length_km": "km"}

# A dark rim keeps sites apart from areas of the same colours beneath them.
SITE_RIM = "#33373d"

# Fixed and published: a district's colour never depends on what other districts hold.
AREA_EDGES: Mapping[str, tuple[float, ...]] = {
    "people": (100, 1_000, 10_000, 100_000),
    "sites": (2, 5, 10, 50),
    "area_km2": (10, 100, 500, 1_000),
    "length_km": (1, 10, 50, 100),
    "distance_m": (500, 1_000, 2_000, 5_000, 10_000),
}


def meta_of(inputs: Iterable[Data | None]) -> Meta:
    """What a product of these inputs must carry: the strictest sensitivity, "synthetic" if any is, every
    source's name, the boundary notes, and every sharing agreement."""
    metas = [data.meta for data in inputs if data is not None]

    def joined(texts: Iterable[str]) -> str:
        return "; ".join(dict.fromkeys(text for text in texts if text))

    made = Meta(
        sensitivity=strictest(meta.sensitivity for meta in metas),
        synthetic=any(meta.synthetic for meta in metas),
        attribution=joined(meta.attribution for meta in metas),
        licence=joined(meta.licence for meta in metas),
        date=joined(meta.date for meta in metas),
        boundary_note=joined(meta.boundary_note for meta in metas),
        method=joined(meta.method for meta in metas),
        boundary_vintage=joined(meta.boundary_vintage for meta in metas),
        households=any(meta.households for meta in metas),
    )
    return made.bound_by(one for meta in metas for one in meta.agreements)


def sites_layer(
    sites: VectorData, columns: Mapping[str, Any], *, title: str, style: Style, meta: Meta
) -> tuple[ResultLayer, tuple[Finding, ...]]:
    """The sites with their own columns, then the computed ones. Own columns of the same name stay, as
    "<name>_input", and a finding says so."""
    taken = {str(name) for name in sites.frame.columns}
    names: dict[str, str] = {}
    for name in columns:
        if name in taken:
            new = f"{name}_input"
            while new in taken:
                new += "_"
            taken.add(new)
            names[name] = new
    frame = sites.frame.rename(columns=names)
    frame = frame.assign(**columns)
    geometry = frame.geometry.name
    frame = frame[[*(c for c in frame.columns if c != geometry), geometry]]
    findings: tuple[Finding, ...] = ()
    if names:
        said = ", ".join(f"“{old}” is now “{new}”" for old, new in names.items())
        findings = (
            Finding(
                "columns-renamed",
                "info",
                f"{sites.name} has columns with names of results; its own are kept: {said}.",
                len(names),
            ),
        )
    data = replace(
        sites,
        frame=frame,
        name="sites",
        roles={role: names.get(column, column) for role, column in sites.roles.items()},
        findings=(),
        meta=meta,
    )
    return ResultLayer("sites", title, data, style), findings


def areas_layer(
    areas: AreaSet,
    source: Source,
    tallies: Sequence[Tally | Typical],
    headline: Tally | Typical,
    *,
    title: str,
    meta: Meta,
    columns: Mapping[str, Any] | None = None,
) -> ResultLayer:
    """The areas: id, name, one column per metric and class (`columns` where they are named otherwise than
    `tallies` do, as those of several hazards), and the column the map is coloured by:
    harm summed over its classes ("exposed_people", "beyond_sites"), null where all of the area is
    unknown, so that unknown never looks like 0."""
    import geopandas

    from migmap.geo.symbology import GAP, range_style
    from migmap.geo.tally import Tally, area_columns
    from migmap.geo.wording import unit_text

    columns = {
        "id": list(areas.ids),
        "name": list(areas.names),
        **(area_columns(tallies) if columns is None else columns),
    }
    if isinstance(headline, Tally):
        gap = "within" in headline.labels
        column, harm = harm_column(headline)
        columns[column] = harm
        heading = f"{'Beyond the limit' if gap else 'Exposed'} ({unit_text(headline.unit)})"
        style = range_style(column, AREA_EDGES[headline.metric], title=heading, palette=GAP)
        if headline.metric == "sites":
            style = style.model_copy(update={"rules": _whole_numbers(style.rules)})
    else:
        column = f"{headline.metric}_median"
        style = range_style(
            column,
            AREA_EDGES[headline.metric],
            title=f"Median distance ({headline.unit})",
            palette=GAP,
            zero_label=None,
        )
        # An area without sites is not unknown; on this map the two look alike, so the legend says both.
        style = style.model_copy(update={"unknown_label": "no site there, or unknown"})
    style = style.model_copy(update={"label_column": "name"})
    frame = geopandas.GeoDataFrame(columns, geometry=areas.shapes, crs=areas.crs)
    data = VectorData(
        frame=frame,
        name="areas",
        source=source,
        row_numbers=areas.rows,
        kind="boundary",
        roles={"pcode": "id", "name": "name"},
        # Areas hold sums, whatever these were made of.
        meta=replace(meta, households=False),
    )
    return ResultLayer("areas", title, data, style)


def _whole_numbers(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """Ranges of things that are counted, as people say them: "2 to 4", not "2 to 5"."""
    said = []
    for rule in rules:
        if rule.minimum is not None and rule.maximum is not None:
            low, high = max(1, round(rule.minimum)), round(rule.maximum) - 1
            label = f"{low:,}" if low == high else f"{low:,} to {high:,}"
            rule = rule.model_copy(update={"label": label})
        said.append(rule)
    return tuple(said)


def harm_column(tally: Tally) -> tuple[str, np.ndarray]:
    """Name and values, float64 [n], of what areas are coloured by: all classes but the calm one and
    "unknown", NaN where there is something and all of it is unknown."""
    word = "beyond" if "within" in tally.labels else "exposed"
    name = f"{word}_{_SHORT.get(tally.metric, tally.metric)}"
    harm = [i for i, label in enumerate(tally.labels) if label not in (*CALM, UNKNOWN)]
    total = tally.areas[:, harm].sum(axis=1)
    rest = tally.areas[:, [i for i, label in enumerate(tally.labels) if label != UNKNOWN]].sum(axis=1)
    unknown = tally.areas[:, [i for i, label in enumerate(tally.labels) if label == UNKNOWN]].sum(axis=1)
    return name, np.where((unknown > 0) & (rest <= 0), np.nan, total)


def harm_total(tally: Tally) -> float:
    """The row for everything, all classes but the calm one and "unknown"."""
    harm = [i for i, label in enumerate(tally.labels) if label not in (*CALM, UNKNOWN)]
    return float(tally.everything[harm].sum())


def class_total(tally: Tally, label: str) -> float:
    """The row for everything of one class; 0 where the tally has no such class."""
    return float(tally.everything[tally.labels.index(label)]) if label in tally.labels else 0.0


def amount(value: float, unit: str) -> str:
    """A number for a sentence, rounded half to even: "61,200 people", "69,014.6 km²"."""
    if unit == "km2":
        from migmap.geo.wording import km2_text

        return km2_text(value)
    if unit == "km":
        return f"{value:,.1f} km"
    if unit in _ONE and round(value) == 1:
        return f"1 {_ONE[unit]}"
    return f"{value:,.0f} {unit}"


def are(value: float, unit: str) -> str:
    """ "is" after one site or person, else "are"."""
    return "is" if unit in _ONE and round(value) == 1 else "are"


def share(value: float, whole: float) -> str:
    """A share for a sentence: "14 %", "less than 1 %"; "" of nothing."""
    if whole <= 0:
        return ""
    percent = 100 * value / whole
    if 0 < percent < 1:
        return "less than 1 %"
    if 99 < percent < 100:
        return "more than 99 %"
    return f"{percent:.0f} %"


def with_share(value: float, whole: float, unit: str) -> str:
    """ "61,200 people (14 %)"."""
    part = share(value, whole)
    return f"{amount(value, unit)} ({part})" if part else amount(value, unit)


def unknown_words(value: float, whole: float, unit: str) -> str:
    """The end of an answer: "and for 3,000 people (1 %) it is unknown", or "and none is unknown"."""
    return f"and for {with_share(value, whole, unit)} it is unknown" if value else "and none is unknown"


def by_class(tally: Tally) -> list[str]:
    """A sentence with the exposed classes, where there is more than one."""
    exposed = [
        (label or "", value)
        for label, value in zip(tally.labels, tally.everything, strict=True)
        if label not in (NOT_EXPOSED, UNKNOWN)
    ]
    if not 2 <= len(exposed) <= 12 or not any(value for _, value in exposed):
        return []
    return ["By class: " + "; ".join(f"{label}: {amount(v, tally.unit)}" for label, v in exposed) + "."]


def worst_areas(tally: Tally, areas: AreaSet, count: int = 3) -> str:
    """The areas with most harm for a sentence: "Dadu (12,300 people), ..."; "" where there is none."""
    _, harm = harm_column(tally)
    harm = np.nan_to_num(harm)
    order = np.argsort(-harm, kind="stable")[:count]
    return ", ".join(f"{areas.names[i]} ({amount(harm[i], tally.unit)})" for i in order if harm[i] > 0)
