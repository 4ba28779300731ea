"""Ground by hazard class: of the hazard itself, and of areas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from migmap.api import Finding, Progress, part

from . import outcome
from .asked import Prepared
from .counted import Counted
from .hazards import no_overlap
from .zones import once, tally_levels, zones_of

if TYPE_CHECKING:
    from migmap.geo.areas import AreaSet
    from migmap.geo.tally import Tally

METRIC, UNIT = "area_km2", "km2"


def exposed_ground(
    params: Any, hazards: tuple[Prepared, ...], levels: tuple[AreaSet, ...], joint: bool, progress: Progress
) -> tuple[Counted, tuple[Finding, ...]]:
    """`area_km2` by class. The whole is the hazard's own ground (the raster's rectangle, or the polygons)
    united with the areas. The exposed classes of the row for everything never depend on the areas."""
    found: list[tuple[Tally, ...]] = []
    findings: tuple[Finding, ...] = ()
    end = 0.6 if joint else 1.0
    for i, hazard in enumerate(hazards):
        step = part(progress, end * i / len(hazards), end * (i + 1) / len(hazards))
        if hazard.raster is not None:
            tallies, said = _of_raster(params, hazard, levels, step)
        else:
            tallies, said = _of_polygons(hazard, levels, step)
        found.append(tallies)
        findings += said
    together = None
    if joint:
        from .together import joint_ground

        together, said = joint_ground(params, hazards, levels, part(progress, end, 1.0))
        findings += said
    return Counted(METRIC, UNIT, tuple(found), together), findings


def _of_raster(
    params: Any, hazard: Prepared, levels: tuple[AreaSet, ...], progress: Progress
) -> tuple[tuple[Tally, ...], tuple[Finding, ...]]:
    from migmap.geo.zonal import tabulate

    raster = hazard.raster
    assert raster is not None
    assert hazard.classes is not None
    zones = zones_of(levels, raster.crs, raster.extent)
    table = tabulate(
        zones.shapes,
        hazard=raster,
        classes=hazard.classes,
        zones_crs=raster.crs,
        rule="centre" if params.rule == "centre" else "exact",
        progress=progress,
    )
    findings = table.findings
    beyond = np.zeros_like(table.total)
    sums = table.zones.copy()
    sums[:, -1] += zones.far_m2
    if levels:
        areas = levels[0]
        beyond_m2 = (table.beyond + zones.far_m2)[zones.spans[0]]
        beyond[-1] = once(areas, beyond_m2)
        # As far as the raster is concerned, none of the areas' ground is known.
        if len(areas) and beyond_m2[: len(areas)].sum() >= areas.ground_m2.sum() * (1 - 1e-9):
            findings = (*findings, no_overlap(raster, areas.title, "the hazard in every area"))
    everything = (table.total + beyond) / 1e6
    return tally_levels(METRIC, UNIT, hazard.order, everything, sums / 1e6, zones), findings


def _of_polygons(
    hazard: Prepared, levels: tuple[AreaSet, ...], progress: Progress
) -> tuple[tuple[Tally, ...], tuple[Finding, ...]]:
    from migmap.geo.crs import WGS84
    from migmap.geo.regions import cut_by_areas

    assert hazard.polygons is not None
    regions = hazard.polygons.regions(WGS84, progress=part(progress, 0.0, 0.2))
    tallies: list[Tally] = []
    findings: tuple[Finding, ...] = ()
    several: tuple[AreaSet | None, ...] = levels or (None,)
    for i, areas in enumerate(several):
        step = part(progress, 0.2 + 0.8 * i / len(several), 0.2 + 0.8 * (i + 1) / len(several))
        cut = cut_by_areas(regions, areas, ground_km2, step)
        order = hazard.order
        tally, apart = with_the_rest(
            regions.bounds,
            areas,
            order.labels,
            order.gather(cut.everything),
            order.gather(cut.areas),
            order.gather(cut.outside),
            order.gather(cut.overlap),
            len(order.labels) - 1,
        )
        if apart and areas is not None and i == 0:
            findings = (no_overlap(hazard.data, areas.title, "the hazard in every area"),)
        tallies.append(tally)
    return tuple(tallies), findings


def ground_km2(shapes: np.ndarray) -> np.ndarray:
    """True ground of polygons in longitude and latitude, float64 [n]."""
    from migmap.geo.crs import WGS84
    from migmap.geo.ground import ground_area_m2

    return np.asarray(ground_area_m2(shapes, WGS84)) / 1e6


def with_the_rest(
    bounds: tuple[float, float, float, float],
    areas: AreaSet | None,
    labels: tuple[str, ...],
    whole: np.ndarray,
    by_area: np.ndarray,
    outside: np.ndarray,
    overlap: np.ndarray,
    unknown: int,
) -> tuple[Tally, bool]:
    """A tally of ground with the rest of the areas in its first class, not exposed; where hazard and areas
    lie apart nothing is known of them, and the rest is in class `unknown` (True is returned beside it)."""
    from migmap.geo.tally import Tally, without_traces

    lie_apart = False
    if areas is not None:
        west, south, east, north = bounds
        box = _box_of(areas)
        lie_apart = box[2] < west or box[0] > east or box[3] < south or box[1] > north
        rest = unknown if lie_apart else 0
        ground = areas.ground_m2 / 1e6
        together = areas.ground_together_m2 / 1e6
        covered = by_area.sum(axis=1)
        inside = float(whole.sum() - outside.sum())
        shared = float(overlap.sum())
        by_area[:, rest] += _not_below_zero(ground - covered, ground)
        whole[rest] += float(_not_below_zero(np.array([together - inside]), np.array([together]))[0])
        overlap[rest] += (together - float(ground.sum())) - shared
    overlap = without_traces(overlap, by_area)
    return Tally(METRIC, UNIT, labels, whole, by_area, outside, overlap), lie_apart


def _not_below_zero(values: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Rounding can leave a hair less than nothing of a fully covered area."""
    return np.where(np.abs(values) <= 1e-10 * scale, 0.0, values)


def _box_of(areas: AreaSet) -> tuple[float, float, float, float]:
    import shapely

    west, south, east, north = shapely.total_bounds(areas.lonlat.shapes)
    return float(west), float(south), float(east), float(north)


def ground_notes(hazard: Prepared, tally: Tally, areas: AreaSet | None) -> list[str]:
    """What one hazard covers, in sentences."""
    whole = float(tally.everything.sum())
    harm = outcome.harm_total(tally)
    safe, unknown = (
        outcome.class_total(tally, outcome.NOT_EXPOSED),
        outcome.class_total(tally, outcome.UNKNOWN),
    )
    notes = [
        f"{hazard.asked.title} covers {outcome.amount(harm, 'km2')} of ground"
        + (f"; {outcome.amount(safe, 'km2')} are not exposed" if safe else "")
        + (f"; {outcome.with_share(unknown, whole, 'km2')} unknown" if unknown else "")
        + "."
    ]
    notes.extend(outcome.by_class(tally))
    if areas is not None:
        if worst := outcome.worst_areas(tally, areas):
            notes.append(f"Most ground: {worst}.")
        outside = sum(
            value
            for label, value in zip(tally.labels, tally.outside, strict=True)
            if label not in (outcome.NOT_EXPOSED, outcome.UNKNOWN)
        )
        if outside > 0:
            notes.append(f"{outcome.amount(outside, 'km2')} of it lie in no area.")
    return notes


def ground_rule(params: Any, hazards: tuple[Prepared, ...]) -> str:
    """The rule, as the notes state it."""
    if params.rule == "centre":
        how = "cells by their centre, as QGIS counts, not by exact shares."
    else:
        how = (
            "cells by their exact share in each area."
            if hazards[0].raster is not None
            else "polygons cut exactly."
        )
    return f"Rule: true ground area on the ellipsoid, {how}"
