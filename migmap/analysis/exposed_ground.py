"""Ground by hazard class: of the hazard itself, and of areas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from migmap.api import Data, Finding, Progress, RasterData, Result, ResultLayer, VectorData, part

from . import outcome
from .hazards import ClassOrder, class_order, classes_not_used, no_overlap, raster_classes
from .outcome import NOT_EXPOSED, UNKNOWN

if TYPE_CHECKING:
    from migmap.geo.areas import AreaSet
    from migmap.geo.tally import Tally


def exposed_ground(params: Any, hazard: Data, areas_data: VectorData | None, progress: Progress) -> Result:
    """`area_km2` by class. The whole is the hazard's own ground (the raster's rectangle, or the polygons)
    united with the areas. The exposed classes of the row for everything never depend on the areas."""
    from migmap.geo.areas import area_set
    from migmap.geo.tally import metric_rows

    areas = None
    if areas_data is not None:
        areas = area_set(areas_data, params.area_id, part(progress, 0.0, 0.1))
    step = part(progress, 0.1, 0.95)
    if isinstance(hazard, RasterData):
        tally, findings = _of_raster(params, hazard, areas, step)
    else:
        tally, findings = _of_polygons(params, hazard, areas, step)
    progress(0.95, "writing the answer")
    layers: tuple[ResultLayer, ...] = ()
    if areas is not None and areas_data is not None:
        layers = (
            outcome.areas_layer(
                areas,
                areas_data.source,
                [tally],
                tally,
                title="Ground exposed by area",
                meta=outcome.meta_of((hazard, areas_data)),
            ),
        )
    return Result(
        metrics=metric_rows([tally], hazard.name, areas),
        layers=layers,
        findings=(*findings, *(areas.findings if areas is not None else ())),
        notes=_notes(params, hazard, tally, areas),
    )


def _of_raster(
    params: Any, hazard: RasterData, areas: AreaSet | None, progress: Progress
) -> tuple[Tally, tuple[Finding, ...]]:
    from migmap.geo.zonal import tabulate

    classes = raster_classes(hazard, params.classes, part(progress, 0.0, 0.3))
    order = class_order(classes.labels, classes.not_exposed)
    # In the raster's own system, so that areas and their unions share every vertex there.
    fitted, far_m2 = areas.near(hazard.crs, hazard.extent) if areas is not None else (None, np.zeros(0))
    table = tabulate(
        zones_of(fitted),
        hazard=hazard,
        classes=classes,
        zones_crs=hazard.crs,
        progress=part(progress, 0.3, 1.0),
    )
    findings = table.findings
    beyond = np.zeros_like(table.total)
    zones = table.zones.copy()
    zones[:, -1] += far_m2
    if areas is not None:
        beyond_m2 = table.beyond + far_m2
        beyond[-1] = once(areas, beyond_m2)
        # As far as the raster is concerned, none of the areas' ground is known.
        if len(areas) and beyond_m2[: len(areas)].sum() >= areas.ground_m2.sum() * (1 - 1e-9):
            findings = (*findings, no_overlap(hazard, areas.title, "the hazard in every area"))
    tally = tally_zones("area_km2", "km2", order, (table.total + beyond) / 1e6, zones / 1e6, areas)
    return tally, findings


def zones_of(areas: AreaSet | None) -> np.ndarray:
    """The areas, then the union of each overlapping group: object [n + g]."""
    if areas is None:
        return np.empty(0, dtype=object)
    return np.concatenate([areas.shapes, areas.unions])


def once(areas: AreaSet, amounts: np.ndarray) -> float:
    """Amounts of all areas, what overlapping ones share counted once. amounts: float64 [n + g], of the
    areas, then of the union of each overlapping group."""
    total = float(amounts[: len(areas)].sum())
    for number, members in enumerate(areas.overlaps.groups):
        total += float(amounts[len(areas) + number] - amounts[members].sum())
    return total


def tally_zones(
    metric: str,
    unit: str,
    order: ClassOrder,
    everything: np.ndarray,
    zones: np.ndarray,
    areas: AreaSet | None,
) -> Tally:
    """A tally from zonal sums. everything: float64 [k + 1] by the hazard's codes. zones: float64
    [n + g, k + 1], of the areas, then of the union of each overlapping group.

    "outside" is what is left of everything, so rounding may leave a trace there: below 1e-11 of
    everything it is taken as 0.
    """
    from migmap.geo.tally import Tally, without_traces

    whole = order.gather(everything)
    count = len(areas) if areas is not None else 0
    by_area = order.gather(zones[:count])
    overlap = np.zeros(len(order.labels))
    if areas is not None:
        for number, members in enumerate(areas.overlaps.groups):
            overlap += order.gather(zones[count + number]) - by_area[members].sum(axis=0)
    outside = whole - by_area.sum(axis=0) - overlap
    outside[np.abs(outside) <= 1e-11 * max(float(whole.sum()), 0.0)] = 0.0
    if areas is None:
        outside[:] = 0.0
    return Tally(metric, unit, order.labels, whole, by_area, outside, without_traces(overlap, by_area))


def _of_polygons(
    params: Any, hazard_data: VectorData, areas: AreaSet | None, progress: Progress
) -> tuple[Tally, tuple[Finding, ...]]:
    from migmap.geo.crs import WGS84
    from migmap.geo.ground import ground_area_m2
    from migmap.geo.regions import cut_by_areas, hazard_polygons
    from migmap.geo.tally import Tally, without_traces

    hazard = hazard_polygons(hazard_data, params.hazard_class, part(progress, 0.0, 0.2))
    order = class_order(hazard.labels)
    progress(0.2, "making classes of the polygons")
    regions = hazard.regions(WGS84)

    def ground_km2(shapes: np.ndarray) -> np.ndarray:
        return np.asarray(ground_area_m2(shapes, WGS84)) / 1e6

    cut = cut_by_areas(regions, areas, ground_km2, part(progress, 0.3, 1.0))
    whole, by_area = order.gather(cut.everything), order.gather(cut.areas)
    outside, overlap = order.gather(cut.outside), order.gather(cut.overlap)
    findings = (*hazard.findings, *classes_not_used(hazard_data, params.hazard_class))
    if areas is not None:
        # The rest of the areas is not exposed; where hazard and areas lie apart nothing is known of them.
        west, south, east, north = regions.bounds
        box = _box_of(areas)
        lie_apart = box[2] < west or box[0] > east or box[3] < south or box[1] > north
        rest = len(order.labels) - 1 if lie_apart else 0
        if lie_apart:
            findings = (*findings, no_overlap(hazard_data, areas.title, "the hazard in every area"))
        ground = areas.ground_m2 / 1e6
        together = areas.ground_together_m2 / 1e6
        covered = cut.areas.sum(axis=1)
        by_area[:, rest] += _not_below_zero(ground - covered, ground)
        inside = float(cut.everything.sum() - cut.outside.sum())
        whole[rest] += float(_not_below_zero(np.array([together - inside]), np.array([together]))[0])
        overlap[rest] += (together - float(ground.sum())) - float(cut.overlap.sum())
    overlap = without_traces(overlap, by_area)
    return Tally("area_km2", "km2", order.labels, whole, by_area, outside, overlap), findings


def _not_below_zero(values: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Rounding can leave a hair less than nothing of a fully covered area."""
    return np.where(np.abs(values) <= 1e-10 * scale, 0.0, values)


def _box_of(areas: AreaSet) -> tuple[float, float, float, float]:
    import shapely

    west, south, east, north = shapely.total_bounds(areas.lonlat.shapes)
    return float(west), float(south), float(east), float(north)


def _notes(params: Any, hazard: Data, tally: Tally, areas: AreaSet | None) -> tuple[str, ...]:
    from .readings import rule_of

    whole = float(tally.everything.sum())
    harm = outcome.harm_total(tally)
    safe, unknown = outcome.class_total(tally, NOT_EXPOSED), outcome.class_total(tally, UNKNOWN)
    notes = [
        f"{hazard.title} covers {outcome.amount(harm, 'km2')} of ground"
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
            if label not in (NOT_EXPOSED, UNKNOWN)
        )
        if outside > 0:
            notes.append(f"{outcome.amount(outside, 'km2')} of it lie in no area.")
    rule = "Rule: true ground area on the ellipsoid, " + (
        "cells by their exact share in each area."
        if isinstance(hazard, RasterData)
        else "polygons cut exactly."
    )
    notes.append(" ".join(text for text in (rule, rule_of(params)) if text))
    if unknown > 0:
        notes.append("Unknown means no data there or outside the hazard raster; it is not “safe”.")
    return tuple(notes)
