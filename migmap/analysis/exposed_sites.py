"""Sites in a hazard: each counts once, whole, by its position."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from migmap.api import Data, Finding, Problem, Progress, RasterData, Result, ResultLayer, VectorData, part

from . import outcome
from .hazards import ClassOrder, apart, class_order, classes_not_used, no_overlap, raster_classes
from .outcome import NOT_EXPOSED, UNKNOWN

if TYPE_CHECKING:
    from migmap.geo.areas import AreaSet
    from migmap.geo.figures import PeopleColumn
    from migmap.geo.tally import Tally


def exposed_sites(
    params: Any, hazard: Data, sites: VectorData, areas_data: VectorData | None, progress: Progress
) -> Result:
    """`sites`, and with a people column `people`, by class and area."""
    from migmap.geo.areas import area_set
    from migmap.geo.symbology import class_style
    from migmap.geo.tally import metric_rows

    refuse_empty(sites)
    people, people_findings = people_of(sites, params.people)
    areas = None
    if areas_data is not None:
        areas = area_set(areas_data, params.area_id, part(progress, 0.0, 0.2))
    order, codes, values, hazard_findings = _classes_at(params, hazard, sites, part(progress, 0.2, 0.8))
    tallies = tally_sites(order.labels, codes, people, sites, areas)
    progress(0.9, "writing the answer")

    meta = outcome.meta_of((hazard, sites, areas_data))
    labels = np.array(order.labels, dtype=object)[codes]
    style = class_style("class", order.labels, title=f"{hazard.title}: class", stroke=outcome.SITE_RIM)
    layer, renamed = outcome.sites_layer(
        sites,
        {"hazard_value": values, "class": labels},
        title=f"{sites.title} by class",
        style=style,
        meta=meta,
    )
    layers: list[ResultLayer] = []
    if areas is not None and areas_data is not None:
        layers.append(
            outcome.areas_layer(
                areas,
                areas_data.source,
                tallies,
                tallies[-1],
                title=f"{tallies[-1].metric.capitalize()} exposed by area",
                meta=meta,
            )
        )
    layers.append(layer)
    return Result(
        metrics=metric_rows(tallies, hazard.name, areas),
        layers=tuple(layers),
        findings=(
            *hazard_findings,
            *without_position(sites, areas),
            *people_findings,
            *(areas.findings if areas is not None else ()),
            *renamed,
        ),
        notes=_notes(params, hazard, sites, tallies, areas, people),
    )


def refuse_empty(sites: VectorData) -> None:
    """A Problem for a layer without rows."""
    if len(sites.frame) == 0:
        raise Problem(f"{sites.source.path} has no rows.", fix="Give a layer with at least one feature.")


def people_of(sites: VectorData, column: str | None) -> tuple[PeopleColumn | None, tuple[Finding, ...]]:
    """The people of the sites; a finding where a column of people is there and nobody asked for it."""
    from migmap.geo.figures import people_column

    if column is not None:
        people = people_column(sites, column)
        return people, people.findings
    there = sites.roles.get("people")
    if there is None:
        return None, ()
    return None, (
        Finding(
            "people-column-not-used",
            "info",
            f"{sites.name} has people in “{there}”; only sites were counted. Name the column to count them "
            f"(--people {there}).",
        ),
    )


def tally_sites(
    labels: tuple[str, ...],
    codes: np.ndarray,
    people: PeopleColumn | None,
    sites: VectorData,
    areas: AreaSet | None,
) -> list[Tally]:
    """Sites, then people, by class and area. codes: int [n], index into labels."""
    from migmap.geo.positions import positions_in
    from migmap.geo.tally import tally_rows

    members = areas.members(positions_in(sites, areas.crs)) if areas is not None else None
    count = len(areas) if areas is not None else 0
    tallies = [tally_rows("sites", "sites", labels, codes, None, members, count)]
    if people is not None:
        known = np.where(people.known, people.values, 0.0)
        tallies.append(tally_rows("people", "people", labels, codes, known, members, count))
    return tallies


def without_position(sites: VectorData, areas: AreaSet | None) -> tuple[Finding, ...]:
    """The finding for sites that are nowhere: their class is unknown, and so is their area."""
    from migmap.geo.positions import positions
    from migmap.geo.wording import counted, first_rows

    lost = ~np.isfinite(positions(sites)).all(axis=1)
    if not lost.any():
        return ()
    count = int(lost.sum())
    rows = first_rows(np.asarray(sites.row_numbers)[lost])
    if lost.all():
        said = f"{sites.name}: no site has a position, so everything is unknown.{_why_nowhere(sites)}"
        return (Finding("sites-without-coordinates", "warning", said, count, rows),)
    where = " Those lie in no known area and are counted in the row “outside”." if areas is not None else ""
    return (
        Finding(
            "site-without-position",
            "warning",
            f"{sites.name}: {count:,} of {counted(len(lost), 'site')} {'has' if count == 1 else 'have'} no "
            f"position and {'counts' if count == 1 else 'count'} as unknown.{where}",
            count,
            rows,
        ),
    )


def _why_nowhere(sites: VectorData) -> str:
    """What is missing, where the reader knew: coordinates, or their system."""
    from migmap.io.coordinates.whereabouts import LOOKED_FOR

    said = {finding.code: finding.severity for finding in sites.findings}
    if "coordinates-projected" in said:
        return " Its coordinates are no longitude and latitude: state their system with --crs EPSG:n."
    if said.get("no-position") == "info":
        return f" It is a table without coordinates; migmap looks for {LOOKED_FOR}."
    return ""


def without_people(people: PeopleColumn) -> str:
    """A note on the sites whose people nobody knows."""
    from migmap.geo.wording import counted

    count = int((~people.known).sum())
    return (
        f"{counted(count, 'site has', 'sites have')} no number of people and "
        f"{'is' if count == 1 else 'are'} in no total of people."
    )


def _classes_at(
    params: Any, hazard: Data, sites: VectorData, progress: Progress
) -> tuple[ClassOrder, np.ndarray, np.ndarray, tuple[Finding, ...]]:
    """(classes, int64 [n] place in them, hazard value of each site, findings)."""
    if isinstance(hazard, RasterData):
        return _on_raster(params, hazard, sites, progress)
    return _on_polygons(params, hazard, sites, progress)


def _on_raster(
    params: Any, hazard: RasterData, sites: VectorData, progress: Progress
) -> tuple[ClassOrder, np.ndarray, np.ndarray, tuple[Finding, ...]]:
    from migmap.geo.positions import positions_in
    from migmap.geo.rasterchecks import cell_size_against
    from migmap.geo.sampling import sample_at
    from migmap.geo.wording import counted, first_rows

    classes = raster_classes(hazard, params.classes, part(progress, 0.0, 0.5))
    order = class_order(classes.labels, classes.not_exposed)
    points = positions_in(sites, hazard.crs)
    sample = sample_at(hazard, points, part(progress, 0.5, 1.0), crs=hazard.crs)
    values = sample.values
    codes = order.place[classes.codes(values, ~np.isnan(values))]
    box = hazard.extent
    known = np.isfinite(points).all(axis=1)
    within = known & (points[:, 0] >= box.west) & (points[:, 0] <= box.east)
    within &= (points[:, 1] >= box.south) & (points[:, 1] <= box.north)
    rows = np.asarray(sites.row_numbers)
    coarse = cell_size_against(hazard, sites)
    findings = [*sample.findings, *([coarse] if coarse is not None else [])]
    beyond, blank = known & ~within, within & np.isnan(values)
    if known.any() and not within.any():
        findings.append(no_overlap(hazard, sites.name))
    elif beyond.any():
        findings.append(
            Finding(
                "sites-beyond-hazard",
                "warning",
                f"{int(beyond.sum()):,} of {counted(len(values), 'site')} {_lie(beyond)} outside the raster "
                f"{hazard.name}: unknown, not safe.",
                int(beyond.sum()),
                first_rows(rows[beyond]),
            )
        )
    if blank.any():
        findings.append(
            Finding(
                "sites-on-no-data",
                "warning",
                f"{int(blank.sum()):,} of {counted(len(values), 'site')} {_lie(blank)} where {hazard.name} "
                "has no data: unknown, not safe.",
                int(blank.sum()),
                first_rows(rows[blank]),
            )
        )
    return order, codes, values, tuple(findings)


def _lie(rows: np.ndarray) -> str:
    return "lies" if rows.sum() == 1 else "lie"


def _on_polygons(
    params: Any, hazard_data: VectorData, sites: VectorData, progress: Progress
) -> tuple[ClassOrder, np.ndarray, np.ndarray, tuple[Finding, ...]]:
    from migmap.geo.positions import positions_in
    from migmap.geo.regions import hazard_polygons

    hazard = hazard_polygons(hazard_data, params.hazard_class, part(progress, 0.0, 0.7))
    progress(0.7, "looking up the hazard at each site")
    points = positions_in(sites, hazard.crs)
    found = hazard.at(points)
    order = class_order(hazard.labels)
    lost = ~np.isfinite(points).all(axis=1)
    codes = np.where(found >= 0, order.place[found], 0)
    findings = (*hazard.findings, *classes_not_used(hazard_data, params.hazard_class))
    if apart(hazard.bounds, points):
        codes[:] = len(order.labels) - 1
        findings = (*findings, no_overlap(hazard_data, sites.name))
    codes[lost] = len(order.labels) - 1
    return order, codes, _polygon_values(params.hazard_class, hazard.labels, found, codes, order), findings


def _polygon_values(
    column: str | None, labels: tuple[str, ...], found: np.ndarray, codes: np.ndarray, order: ClassOrder
) -> np.ndarray:
    """What the hazard says at each site: the class value (None outside), or 1 inside and 0 outside."""
    unknown = codes == len(order.labels) - 1
    if column is None:
        return np.where(unknown, np.nan, (found >= 0).astype(np.float64))
    values = np.array([*labels, None, None], dtype=object)[np.where(found >= 0, found, len(labels))]
    try:
        return np.array([np.nan if value is None else float(value) for value in values])
    except ValueError:
        return values


def _notes(
    params: Any,
    hazard: Data,
    sites: VectorData,
    tallies: list[Tally],
    areas: AreaSet | None,
    people: PeopleColumn | None,
) -> tuple[str, ...]:
    from .readings import rule_of

    answer = tallies[-1]
    whole = float(answer.everything.sum())
    harm = outcome.harm_total(answer)
    unknown = outcome.class_total(answer, UNKNOWN)
    site_count = outcome.amount(float(tallies[0].everything.sum()), "sites")
    subject = f"Of {site_count} in {sites.title}"
    if people is not None:
        subject = f"Of {outcome.amount(whole, 'people')} in {site_count} of {sites.title}"
    safe = outcome.class_total(answer, NOT_EXPOSED)
    notes = [
        f"{subject}, {outcome.with_share(harm, whole, answer.unit)} {outcome.are(harm, answer.unit)} "
        f"exposed to {hazard.title}, {outcome.with_share(safe, whole, answer.unit)} "
        f"{outcome.are(safe, answer.unit)} not, "
        f"{outcome.unknown_words(unknown, whole, answer.unit)}."
    ]
    if people is not None:
        site = tallies[0]
        notes.append(
            f"Sites: {outcome.harm_total(site):,.0f} exposed, "
            f"{outcome.class_total(site, NOT_EXPOSED):,.0f} not exposed, "
            f"{outcome.class_total(site, UNKNOWN):,.0f} unknown."
        )
        if not people.known.all():
            notes.append(without_people(people))
    notes.extend(outcome.by_class(answer))
    if areas is not None and (worst := outcome.worst_areas(answer, areas)):
        notes.append(f"Most exposed: {worst}.")
    rule = (
        "Rule: a site counts once, whole, by its position: "
        "a point, or a polygon's centroid if inside it, else a point on it."
    )
    notes.append(" ".join(text for text in (rule, rule_of(params)) if text))
    if unknown > 0:
        notes.append(
            "Unknown means no data there, outside the hazard raster, or no position; it is not “safe”."
        )
    return tuple(notes)
