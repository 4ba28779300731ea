"""People of a population raster by hazard class, with the exact share of every cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from migmap.api import Finding, Problem, Progress, RasterData, Severity, part

from . import outcome
from .asked import Prepared
from .counted import Counted
from .hazards import ClassOrder, no_overlap
from .outcome import NOT_EXPOSED, UNKNOWN
from .zones import Zones, tally_levels, zones_of

if TYPE_CHECKING:
    from migmap.geo.areas import AreaSet
    from migmap.geo.regions import Regions
    from migmap.geo.tally import Tally
    from migmap.geo.zonal import Rule

# Denser than any city quarter on Earth, on average over all cells where someone lives.
MOST_PEOPLE_PER_KM2 = 100_000.0


def exposed_people(
    params: Any,
    hazards: tuple[Prepared, ...],
    population: RasterData,
    levels: tuple[AreaSet, ...],
    joint: bool,
    progress: Progress,
) -> tuple[Counted, str, tuple[Finding, ...]]:
    """`people` by class and area, and the unit the raster was read in. A cell's people are spread evenly over
    it; hazard polygons and areas take the exact share of each cell they cover."""
    unit, findings = population_reading(params.population, population, part(progress, 0.0, 0.15))
    rasters = [i for i, one in enumerate(hazards) if one.raster is not None]
    found: dict[int, tuple[Tally, ...]] = {}
    together: tuple[Tally, ...] | None = None
    start = 0.15
    polygons = len(hazards) - len(rasters)
    if rasters:
        share = len(rasters) / (len(rasters) + polygons)
        step = part(progress, start, start + (0.95 - start) * share)
        some = [hazards[i] for i in rasters]
        tallies, mixed, said = _on_rasters(params, some, population, unit, levels, step)
        found.update(zip(rasters, tallies, strict=True))
        findings += said
        if joint and not polygons:
            together = mixed
        start += (0.95 - start) * share
    for i, one in enumerate(hazards):
        if one.raster is None:
            end = start + (0.95 - start) / polygons
            tallies_, said = _on_polygons(params, one, population, unit, levels, part(progress, start, end))
            found[i] = tallies_
            findings += said
            start, polygons = end, polygons - 1
    if joint and together is None:
        from .together import joint_people

        together, said = joint_people(params, hazards, population, unit, levels, part(progress, 0.95, 1.0))
        findings += said
    counted = Counted("people", "people", tuple(found[i] for i in range(len(hazards))), together)
    return counted, unit, findings


def population_reading(
    stated: str | None, population: RasterData, progress: Progress
) -> tuple[str, tuple[Finding, ...]]:
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


def _on_rasters(
    params: Any,
    hazards: list[Prepared],
    population: RasterData,
    unit: str,
    levels: tuple[AreaSet, ...],
    progress: Progress,
) -> tuple[list[tuple[Tally, ...]], tuple[Tally, ...] | None, tuple[Finding, ...]]:
    """All hazard rasters in one pass over the population."""
    from migmap.geo.jointcolumns import JointColumns
    from migmap.geo.zonal import tabulate, tabulate_many

    zones = zones_of(levels, population.crs, population.extent)
    rasters = [one.raster for one in hazards if one.raster is not None]
    classes = [one.classes for one in hazards if one.classes is not None]
    rule: Rule = "centre" if params.rule == "centre" else "exact"
    together = None
    if len(hazards) == 1:
        tables = [
            tabulate(
                zones.shapes,
                hazard=rasters[0],
                classes=classes[0],
                people=population,
                people_unit=unit,
                zones_crs=population.crs,
                rule=rule,
                progress=progress,
            )
        ]
    else:
        many = tabulate_many(
            zones.shapes,
            hazards=rasters,
            classes=classes,
            exposed=[one.exposures for one in hazards],
            people=population,
            people_unit=unit,
            zones_crs=population.crs,
            rule=rule,
            progress=progress,
        )
        tables = list(many.by_hazard)
        labels = JointColumns(len(hazards)).labels
        together = tally_levels("people", "people", None, many.joint_total, many.joint_zones, zones, labels)
    findings: dict[Finding, None] = {}
    for raster, table in zip(rasters, tables, strict=True):
        findings |= dict.fromkeys(table.findings)
        if _rasters_apart(raster, population):
            findings[no_overlap(raster, population.name)] = None
    if levels:
        beyond = (tables[0].beyond + zones.far_m2)[zones.spans[0]]
        findings |= dict.fromkeys(areas_beyond(levels[0], population, beyond))
    tallies = [
        tally_levels("people", "people", one.order, table.total, table.zones, zones)
        for one, table in zip(hazards, tables, strict=True)
    ]
    return tallies, together, tuple(findings)


def _on_polygons(
    params: Any,
    hazard: Prepared,
    population: RasterData,
    unit: str,
    levels: tuple[AreaSet, ...],
    progress: Progress,
) -> tuple[tuple[Tally, ...], tuple[Finding, ...]]:
    assert hazard.polygons is not None
    # In the raster's own system, so that both sides of a cut run along one line through the cells.
    regions = hazard.polygons.regions(population.crs, population.extent, part(progress, 0.0, 0.1))
    rule: Rule = "centre" if params.rule == "centre" else "exact"
    tallies, findings, apart = people_in_regions(
        regions, hazard.order, population, unit, levels, rule, progress
    )
    if apart:
        findings = (*findings, no_overlap(hazard.data, population.name))
    return tallies, findings


def people_in_regions(
    regions: Regions,
    order: ClassOrder,
    population: RasterData,
    unit: str,
    levels: tuple[AreaSet, ...],
    rule: Rule,
    progress: Progress,
) -> tuple[tuple[Tally, ...], tuple[Finding, ...], bool]:
    """People by the classes of regions that share no ground: (a tally for each level, findings, whether
    regions and raster lie apart, so that everybody is unknown). The first class gets all others."""
    from migmap.geo.regions import cut_by_areas
    from migmap.geo.tally import Tally, without_traces
    from migmap.geo.zonal import Tabulation, sums

    extent = population.extent
    west, south, east, north = regions.bounds
    lie_apart = not (
        west <= extent.east and extent.west <= east and south <= extent.north and extent.south <= north
    )
    rest = len(order.labels) - 1 if lie_apart else 0
    made: list[Tally] = []
    findings: dict[Finding, None] = {}
    steps: tuple[AreaSet | None, ...] = levels or (None,)
    for i, areas in enumerate(steps):
        step = part(progress, 0.1 + 0.9 * i / len(steps), 0.1 + 0.9 * (i + 1) / len(steps))
        zones = zones_of((areas,) if areas is not None else (), population.crs, extent)
        fitted = zones.levels[0] if zones.levels else None
        tables: list[Tabulation] = []

        def people_in(
            shapes: np.ndarray,
            zones: Zones = zones,
            tables: list[Tabulation] = tables,
            step: Progress = step,
        ) -> np.ndarray:
            table = sums(
                np.concatenate([shapes, zones.shapes]),
                population,
                people_unit=unit,
                zones_crs=population.crs,
                rule=rule,
                progress=part(step, 0.4, 1.0),
            )
            tables.append(table)
            return np.asarray(table.zones[: len(shapes), 0])

        cut = cut_by_areas(regions, fitted, people_in, part(step, 0.0, 0.4))
        table = tables[-1]
        findings |= dict.fromkeys(table.findings)
        whole, by_area = order.gather(cut.everything), order.gather(cut.areas)
        outside, overlap = order.gather(cut.outside), order.gather(cut.overlap)
        everyone = float(table.total[0])
        whole[rest] += _none_or(everyone - float(cut.everything.sum()), everyone)
        if areas is not None:
            count = len(areas)
            at = len(table.zones) - len(zones.shapes)
            each, unions = table.zones[at : at + count, 0], table.zones[at + count :, 0]
            left = each - cut.areas.sum(axis=1)
            by_area[:, rest] += np.where(np.abs(left) <= 1e-11 * each, 0.0, left)
            excess = 0.0
            for members, united in zip(areas.overlaps.groups, unions, strict=True):
                excess += float(united - each[members].sum())
            overlap[rest] += excess - float(cut.overlap.sum())
            away = everyone - float(each.sum()) - excess
            outside[rest] += _none_or(away - float(cut.outside.sum()), everyone)
            if i == 0:
                findings |= dict.fromkeys(areas_beyond(areas, population, table.beyond[at:] + zones.far_m2))
        overlap = without_traces(overlap, by_area)
        made.append(Tally("people", "people", order.labels, whole, by_area, outside, overlap))
    return tuple(made), tuple(findings), lie_apart


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


def areas_beyond(areas: AreaSet | None, population: RasterData, beyond_m2: np.ndarray) -> tuple[Finding, ...]:
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


def people_notes(hazard: Prepared, population: RasterData, tally: Tally, areas: AreaSet | None) -> list[str]:
    """Who is exposed to one hazard, in sentences."""
    whole = float(tally.everything.sum())
    unknown = outcome.class_total(tally, UNKNOWN)
    notes = [
        f"Of {outcome.amount(whole, 'people')} in {population.title}, "
        f"{outcome.with_share(outcome.harm_total(tally), whole, 'people')} are exposed to "
        f"{hazard.asked.title}, "
        f"{outcome.with_share(outcome.class_total(tally, NOT_EXPOSED), whole, 'people')} are not, "
        f"{outcome.unknown_words(unknown, whole, 'people')}."
    ]
    notes.extend(outcome.by_class(tally))
    if areas is not None and (worst := outcome.worst_areas(tally, areas)):
        notes.append(f"Most exposed: {worst}.")
    return notes


def people_rule(params: Any, unit: str) -> str:
    """The rule, as the notes state it."""
    from .readings import COUNTS

    read = "people per cell" if unit == COUNTS else unit
    if params.rule == "centre":
        return (
            f"Rule: the population raster holds {read}; a cell counts wholly where its centre lies, as QGIS "
            "counts, not by its exact share."
        )
    return (
        f"Rule: the population raster holds {read}; people are spread evenly over their cell and counted "
        "by the exact share of it that is covered."
    )
