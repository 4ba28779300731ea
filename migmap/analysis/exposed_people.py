"""People of a population raster by hazard class, with the exact share of every cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from migmap.api import (
    Data,
    Finding,
    Problem,
    Progress,
    RasterData,
    Result,
    ResultLayer,
    Severity,
    VectorData,
    part,
)

from . import outcome
from .hazards import class_order, classes_not_used, no_overlap, raster_classes
from .outcome import NOT_EXPOSED, UNKNOWN

if TYPE_CHECKING:
    from migmap.geo.areas import AreaSet
    from migmap.geo.tally import Tally

# Denser than any city quarter on Earth, on average over all cells where someone lives.
MOST_PEOPLE_PER_KM2 = 100_000.0


def exposed_people(
    params: Any,
    hazard: Data,
    population: RasterData,
    areas_data: VectorData | None,
    progress: Progress,
) -> Result:
    """`people` by class and area. A cell's people are spread evenly over it; hazard polygons and areas
    take the exact share of each cell they cover."""
    from migmap.geo.areas import area_set
    from migmap.geo.tally import metric_rows

    unit, unit_findings = _unit(params.population, population, part(progress, 0.0, 0.15))
    areas = None
    if areas_data is not None:
        areas = area_set(areas_data, params.area_id, part(progress, 0.15, 0.2))
    step = part(progress, 0.2, 0.98)
    if isinstance(hazard, RasterData):
        tally, findings = _on_raster(params, hazard, population, unit, areas, step)
    else:
        tally, findings = _on_polygons(params, hazard, population, unit, areas, step)
    layers: tuple[ResultLayer, ...] = ()
    if areas is not None and areas_data is not None:
        layers = (
            outcome.areas_layer(
                areas,
                areas_data.source,
                [tally],
                tally,
                title="People exposed by area",
                meta=outcome.meta_of((hazard, population, areas_data)),
            ),
        )
    return Result(
        metrics=metric_rows([tally], hazard.name, areas),
        layers=layers,
        findings=(*unit_findings, *findings, *(areas.findings if areas is not None else ())),
        notes=_notes(params, hazard, population, unit, tally, areas),
    )


def _unit(stated: str | None, population: RasterData, progress: Progress) -> tuple[str, tuple[Finding, ...]]:
    """(unit of the values, findings). Without a statement the values are people per cell, unless that is
    beyond belief: then a Problem that names both readings."""
    from migmap.geo.peoplereadings import unit_of_reading
    from migmap.geo.population import DENSITY_M2, population_summary, stated_reading

    from .readings import COUNTS, population_unit

    if stated is not None:
        return population_unit(stated), ()
    decided = unit_of_reading(population.reading.people_unit)
    if decided is not None:
        return decided, ()
    summary = population_summary(population, progress)
    named = stated_reading(population.unit)
    density = named if named != COUNTS else None
    if summary.counts_per_km2 > MOST_PEOPLE_PER_KM2:
        most = MOST_PEOPLE_PER_KM2 * summary.inhabited_km2
        # A reading as far beyond belief as the counts is no help, unless all are.
        likely = {unit: total for unit, total in summary.as_density.items() if total <= most}
        likely = likely or summary.as_density
        readings = ", ".join(f"{total:,.0f} as {unit}" for unit, total in likely.items())
        first = density or next(iter(likely))
        others = ", ".join(f"density:{unit}" for unit in DENSITY_M2 if unit != first)
        raise Problem(
            f"{population.source.path}: read as people per cell it holds {summary.as_counts:,.0f} people, "
            f"{summary.counts_per_km2:,.0f} per km² where anyone lives, more than any city; "
            "it probably holds a density.",
            detail=f"Read as a density the people are {readings}."
            + (f" The file states the unit “{population.unit}”." if population.unit else ""),
            fix=f"Say what it holds: --population density:{first} (or {others}), "
            "or --population counts if these really are people per cell.",
        )
    counts = f"people per cell, {summary.as_counts:,.0f} in all"
    if named == COUNTS:
        said = f"{population.name} was read as {counts}; the file states the unit “{population.unit}”."
    elif density is not None:
        said = (
            f"{population.name} states the unit “{population.unit}”, a density, and was read as {counts}, "
            f"all the same, because --population was not given. As the file states it, it holds "
            f"{summary.as_density[density]:,.0f} people: say --population density:{density}, or counts."
        )
    else:
        said = (
            f"Nobody said what the values of {population.name} are; they were taken as {counts}. "
            "Say --population counts to confirm, or density:UNIT."
            + (f" The file names the unit “{population.unit}”." if population.unit else "")
        )
    severity: Severity = "info" if named == COUNTS else "warning"
    return COUNTS, (Finding("population-assumed-counts", severity, said),)


def _on_raster(
    params: Any,
    hazard: RasterData,
    population: RasterData,
    unit: str,
    areas: AreaSet | None,
    progress: Progress,
) -> tuple[Tally, tuple[Finding, ...]]:
    from migmap.geo.zonal import tabulate

    from .exposed_ground import tally_zones, zones_of

    classes = raster_classes(hazard, params.classes, part(progress, 0.0, 0.2))
    fitted, far_m2 = _fitted(areas, population)
    table = tabulate(
        zones_of(fitted),
        hazard=hazard,
        classes=classes,
        people=population,
        people_unit=unit,
        zones_crs=population.crs,
        progress=part(progress, 0.2, 1.0),
    )
    order = class_order(classes.labels, classes.not_exposed)
    findings = list(table.findings)
    if _rasters_apart(hazard, population):
        findings.append(no_overlap(hazard, population.name))
    findings.extend(_areas_beyond(areas, population, table.beyond + far_m2))
    return tally_zones("people", "people", order, table.total, table.zones, areas), tuple(findings)


def _on_polygons(
    params: Any,
    hazard_data: VectorData,
    population: RasterData,
    unit: str,
    areas: AreaSet | None,
    progress: Progress,
) -> tuple[Tally, tuple[Finding, ...]]:
    from migmap.geo.regions import cut_by_areas, hazard_polygons
    from migmap.geo.tally import Tally, without_traces
    from migmap.geo.zonal import Tabulation, sums

    from .exposed_ground import zones_of

    hazard = hazard_polygons(hazard_data, params.hazard_class, part(progress, 0.0, 0.15))
    order = class_order(hazard.labels)
    progress(0.15, "making classes of the polygons")
    # In the raster's own system, so that both sides of a cut run along one line through the cells.
    regions = hazard.regions(population.crs, population.extent)
    fitted, far_m2 = _fitted(areas, population)
    zones = zones_of(fitted)
    tables: list[Tabulation] = []

    def people_in(shapes: np.ndarray) -> np.ndarray:
        table = sums(
            np.concatenate([shapes, zones]),
            population,
            people_unit=unit,
            zones_crs=population.crs,
            progress=part(progress, 0.5, 1.0),
        )
        tables.append(table)
        return np.asarray(table.zones[: len(shapes), 0])

    cut = cut_by_areas(regions, fitted, people_in, part(progress, 0.2, 0.5))
    table = tables[-1]
    findings = [*hazard.findings, *classes_not_used(hazard_data, params.hazard_class), *table.findings]
    whole, by_area = order.gather(cut.everything), order.gather(cut.areas)
    outside, overlap = order.gather(cut.outside), order.gather(cut.overlap)
    rest, extent = 0, population.extent
    west, south, east, north = regions.bounds
    if not (west <= extent.east and extent.west <= east and south <= extent.north and extent.south <= north):
        rest = len(order.labels) - 1
        findings.append(no_overlap(hazard_data, population.name))
    everyone = float(table.total[0])
    whole[rest] += _none_or(everyone - float(cut.everything.sum()), everyone)
    if areas is not None:
        count = len(areas)
        at = len(table.zones) - len(zones)
        each, unions = table.zones[at : at + count, 0], table.zones[at + count :, 0]
        left = each - cut.areas.sum(axis=1)
        by_area[:, rest] += np.where(np.abs(left) <= 1e-11 * each, 0.0, left)
        excess = 0.0
        for members, united in zip(areas.overlaps.groups, unions, strict=True):
            excess += float(united - each[members].sum())
        overlap[rest] += excess - float(cut.overlap.sum())
        away = everyone - float(each.sum()) - excess
        outside[rest] += _none_or(away - float(cut.outside.sum()), everyone)
        findings.extend(_areas_beyond(areas, population, table.beyond[at:] + far_m2))
    overlap = without_traces(overlap, by_area)
    return Tally("people", "people", order.labels, whole, by_area, outside, overlap), tuple(findings)


def _fitted(areas: AreaSet | None, population: RasterData) -> tuple[AreaSet | None, np.ndarray]:
    """The areas in the raster's system, and the ground cut off on the way (see AreaSet.near)."""
    if areas is None:
        return None, np.zeros(0)
    return areas.near(population.crs, population.extent)


def _none_or(value: float, whole: float) -> float:
    """0 for the trace that rounding leaves of a difference."""
    return 0.0 if abs(value) <= 1e-11 * whole else value


def _rasters_apart(one: RasterData, other: RasterData) -> bool:
    from migmap.geo.crs import moved

    box, here = other.extent, one.extent
    share = np.linspace(0.0, 1.0, 21)
    x = here.west + here.width * share
    y = here.south + here.height * share
    grid = np.column_stack([np.repeat(x, len(y)), np.tile(y, len(x))])
    points = moved(grid, one.crs, other.crs)
    points = points[np.isfinite(points).all(axis=1)]
    if len(points) == 0:
        return True
    low, high = points.min(axis=0), points.max(axis=0)
    return bool(high[0] <= box.west or low[0] >= box.east or high[1] <= box.south or low[1] >= box.north)


def _areas_beyond(
    areas: AreaSet | None, population: RasterData, beyond_m2: np.ndarray
) -> tuple[Finding, ...]:
    """Areas that reach beyond the population raster: who lives there is in no total."""
    from migmap.geo.wording import first_rows

    if areas is None:
        return ()
    over = np.flatnonzero(beyond_m2[: len(areas)] > 1e-4 * areas.ground_m2)
    if len(over) == 0:
        return ()
    which = "area reaches" if len(over) == 1 else "areas reach"
    return (
        Finding(
            "areas-beyond-population",
            "warning",
            f"{len(over):,} {which} beyond the population raster {population.name} "
            f"({outcome.amount(float(beyond_m2[over].sum()) / 1e6, 'km2')}); people there are in no figure.",
            len(over),
            first_rows(areas.rows[over]),
        ),
    )


def _notes(
    params: Any,
    hazard: Data,
    population: RasterData,
    unit: str,
    tally: Tally,
    areas: AreaSet | None,
) -> tuple[str, ...]:
    from .readings import COUNTS, rule_of

    whole = float(tally.everything.sum())
    unknown = outcome.class_total(tally, UNKNOWN)
    notes = [
        f"Of {outcome.amount(whole, 'people')} in {population.title}, "
        f"{outcome.with_share(outcome.harm_total(tally), whole, 'people')} are exposed to {hazard.title}, "
        f"{outcome.with_share(outcome.class_total(tally, NOT_EXPOSED), whole, 'people')} are not, "
        f"{outcome.unknown_words(unknown, whole, 'people')}."
    ]
    notes.extend(outcome.by_class(tally))
    if areas is not None and (worst := outcome.worst_areas(tally, areas)):
        notes.append(f"Most exposed: {worst}.")
    read = "people per cell" if unit == COUNTS else unit
    rule = (
        f"Rule: the population raster holds {read}; people are spread evenly over their cell and counted "
        "by the exact share of it that is covered."
    )
    notes.append(" ".join(text for text in (rule, rule_of(params)) if text))
    if unknown > 0:
        notes.append("Unknown means no hazard data there or outside the hazard raster; it is not “safe”.")
    return tuple(notes)
