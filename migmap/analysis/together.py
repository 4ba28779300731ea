"""Several hazards at once: how many of them reach the same people or ground, nobody counted twice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from migmap.api import Extent, Finding, Progress, RasterData, part

from .asked import Prepared
from .hazards import ClassOrder
from .zones import once, tally_levels, zones_of

if TYPE_CHECKING:
    import pyproj

    from migmap.geo.areas import AreaSet
    from migmap.geo.jointcolumns import JointColumns
    from migmap.geo.jointregions import JointRegions
    from migmap.geo.regions import Regions
    from migmap.geo.tally import Tally

    from .sitegrounds import SiteGrounds

Joint = tuple["tuple[Tally, ...]", tuple[Finding, ...]]


def joint_ground(
    params: Any, hazards: tuple[Prepared, ...], levels: tuple[AreaSet, ...], progress: Progress
) -> Joint:
    """Ground by the columns of `JointColumns`. The whole is the rectangles of all rasters and the polygons
    of all hazards, united with the areas."""
    if all(one.raster is not None for one in hazards):
        return _ground_of_rasters(params, hazards, levels, progress)
    if all(one.raster is None for one in hazards):
        return _ground_of_polygons(hazards, levels, progress)
    return _ground_of_both(params, hazards, levels, progress)


def _ground_of_both(
    params: Any, hazards: tuple[Prepared, ...], levels: tuple[AreaSet, ...], progress: Progress
) -> Joint:
    """Rasters and polygons, in longitude and latitude, where polygons are cut."""
    from migmap.geo.areas import valid_in
    from migmap.geo.crs import WGS84

    boxes: list[Any] = []
    for one in hazards:
        if one.raster is not None:
            boxes += list(valid_in(np.array([box_of(one.raster)], dtype=object), one.raster.crs, WGS84))
    weigh = _weighing(hazards, None, None, WGS84, params.rule == "centre")
    base = next(one.raster for one in hazards if one.raster is not None)
    nowhere = [False] * len(hazards)
    tallies = _by_regions(hazards, WGS84, base.extent, levels, weigh, False, nowhere, progress, boxes)
    return tallies, ()


def _ground_of_rasters(
    params: Any, hazards: tuple[Prepared, ...], levels: tuple[AreaSet, ...], progress: Progress
) -> Joint:
    from migmap.geo.jointcolumns import JointColumns

    from .jointrasters import common_system, joint_ground_of_rasters

    crs, extent = common_system(hazards)
    zones = zones_of(levels, crs, extent)
    found = joint_ground_of_rasters(hazards, zones.shapes, crs, params.rule == "centre", progress)
    columns = JointColumns(len(hazards))
    whole, table = found.total.copy(), found.zones.copy()
    table[:, columns.unknown] += zones.far_m2
    if levels:
        whole[columns.unknown] += once(levels[0], (found.beyond + zones.far_m2)[zones.spans[0]])
    tallies = tally_levels("area_km2", "km2", None, whole / 1e6, table / 1e6, zones, columns.labels)
    return tallies, found.findings


def _ground_of_polygons(
    hazards: tuple[Prepared, ...],
    levels: tuple[AreaSet, ...],
    progress: Progress,
    nowhere: Sequence[bool] | None = None,
) -> Joint:
    """nowhere: for each hazard whether it lies so far from the areas that nothing is known of it there; None:
    by where it lies."""
    from migmap.geo.crs import WGS84
    from migmap.geo.jointregions import joint_regions
    from migmap.geo.regions import cut_by_areas

    from .exposed_ground import ground_km2, with_the_rest

    found = joint_regions(
        [one.polygons for one in hazards if one.polygons is not None],
        WGS84,
        progress=part(progress, 0.0, 0.5),
    )
    order = _order_of(len(found.combos))
    if nowhere is None:
        nowhere = _nowhere(found, hazards, levels)
    columns = _columns_of_combos(found.combos, hazards, nowhere)
    steps: tuple[AreaSet | None, ...] = levels or (None,)
    made = []
    for i, areas in enumerate(steps):
        step = part(progress, 0.5 + 0.5 * i / len(steps), 0.5 + 0.5 * (i + 1) / len(steps))
        cut = cut_by_areas(found.regions, areas, ground_km2, step)
        tally, _ = with_the_rest(
            found.regions.bounds,
            areas,
            order.labels,
            order.gather(cut.everything),
            order.gather(cut.areas),
            order.gather(cut.outside),
            order.gather(cut.overlap),
            len(order.labels) - 1,
        )
        made.append(_mapped(tally, columns, len(hazards)))
    return tuple(made), ()


def _order_of(combos: int) -> ClassOrder:
    """Combinations as classes: what lies in none first, what is unknown last."""
    labels = ("rest", *(str(i) for i in range(combos)), "unknown")
    return ClassOrder(labels, np.arange(1, combos + 1, dtype=np.int64))


def box_of(raster: RasterData) -> Any:
    """The rectangle of a raster as a polygon in its own system."""
    import shapely

    extent = raster.extent
    return shapely.box(extent.west, extent.south, extent.east, extent.north)


def _nowhere(found: JointRegions, hazards: Sequence[Prepared], levels: tuple[AreaSet, ...]) -> list[bool]:
    """Which hazards lie nowhere near the areas, as for each alone (`exposed_ground.with_the_rest`)."""
    import shapely

    if not levels:
        return [False] * len(hazards)
    box = shapely.total_bounds(levels[0].lonlat.shapes)
    lie: list[bool] = []
    own = 0
    for one in hazards:
        if one.raster is not None:
            lie.append(False)
            continue
        there = found.combos[found.regions.codes, own] != len(one.exposures)
        own += 1
        if not there.any():
            # Polygons thinner than rounding.
            lie.append(False)
            continue
        west, south, east, north = shapely.total_bounds(found.regions.shapes[there])
        lie.append(bool(box[2] < west or box[0] > east or box[3] < south or box[1] > north))
    return lie


def _columns_of_combos(
    combos: np.ndarray, hazards: Sequence[Prepared], nowhere: Sequence[bool]
) -> np.ndarray:
    """float64 [c + 2, J]: the joint columns of "rest", each combination, and "unknown"."""
    from migmap.geo.jointcolumns import JointColumns, joint_columns

    columns = JointColumns(len(hazards))
    out = np.zeros((len(combos) + 2, len(columns)))
    codes = combos.copy()
    for h, one in enumerate(hazards):
        if nowhere[h]:
            # Beyond its polygons, and nothing is known of it there: unknown.
            codes[codes[:, h] == len(one.exposures), h] = len(one.exposures) - 1
    out[1:-1] = joint_columns(codes, [one.exposures for one in hazards])
    out[0, columns.unknown if any(nowhere) else columns.none] = 1.0
    out[-1, columns.unknown] = 1.0
    return out


def _mapped(tally: Tally, columns: np.ndarray, count: int) -> Tally:
    from migmap.geo.jointcolumns import JointColumns
    from migmap.geo.tally import Tally as Made

    return Made(
        tally.metric,
        tally.unit,
        JointColumns(count).labels,
        tally.everything @ columns,
        tally.areas @ columns,
        tally.outside @ columns,
        tally.overlap @ columns,
    )


# -- people, and the ground of sites --------------------------------------------------------------

Weigh = Callable[[np.ndarray, Progress], "tuple[np.ndarray, np.ndarray | None]"]
"""Polygons (object [n]) to what of them the rasters say: (float64 [n, q], float64 [q] of everything, None
where there is no everything). Columns: none, exactly 1 to R rasters, unknown, pairs, each raster alone."""


def joint_people(
    params: Any,
    hazards: tuple[Prepared, ...],
    population: RasterData,
    unit: str,
    levels: tuple[AreaSet, ...],
    progress: Progress,
) -> Joint:
    """People of a population raster by the columns of `JointColumns`, for polygons, or rasters and polygons
    together."""
    weigh = _weighing(hazards, population, unit, population.crs, params.rule == "centre")
    crs, extent = population.crs, population.extent
    nowhere = [False] * len(hazards)
    tallies = _by_regions(hazards, crs, extent, levels, weigh, True, nowhere, progress)
    return tallies, ()


def site_columns(
    hazards: tuple[Prepared, ...],
    grounds: SiteGrounds,
    centre: bool,
    nowhere: Sequence[bool],
    progress: Progress,
) -> np.ndarray:
    """float64 [m, J]: what of the ground (or of the people inside) of each site that has ground lies in each
    column of `JointColumns`. nowhere: for each hazard whether it lies nowhere near the sites."""
    from migmap.geo.crs import WGS84

    rasters = [one.raster for one in hazards if one.raster is not None]
    areas = (grounds.areas,)
    if not rasters and grounds.population is None:
        tallies, _ = _ground_of_polygons(hazards, areas, progress, nowhere)
        return tallies[0].areas
    base = grounds.population or rasters[0]
    # A site far from a raster still is where it is: longitude and latitude hold everywhere.
    crs = WGS84 if grounds.population is None else base.crs
    weigh = _weighing(hazards, grounds.population, grounds.unit, crs, centre)
    people = grounds.population is not None
    return _by_regions(hazards, crs, base.extent, areas, weigh, people, nowhere, progress)[0].areas


def _weighing(
    hazards: tuple[Prepared, ...],
    population: RasterData | None,
    unit: str | None,
    crs: pyproj.CRS,
    centre: bool,
) -> Weigh:
    from migmap.geo.zonal import sums, tabulate_many

    from .jointrasters import joint_ground_of_rasters

    some = [one for one in hazards if one.raster is not None]
    rule: Any = "centre" if centre else "exact"

    def weigh(shapes: np.ndarray, progress: Progress) -> tuple[np.ndarray, np.ndarray | None]:
        if not some:
            assert population is not None
            table = sums(shapes, population, people_unit=unit, zones_crs=crs, rule=rule, progress=progress)
            return np.pad(table.zones, ((0, 0), (0, 1))), np.pad(table.total, (0, 1))
        if population is None:
            found = joint_ground_of_rasters(some, shapes, crs, centre, progress)
            return np.column_stack([found.zones, found.single]), None
        many = tabulate_many(
            shapes,
            hazards=[one.raster for one in some if one.raster is not None],
            classes=[one.classes for one in some if one.classes is not None],
            exposed=[one.exposures for one in some],
            people=population,
            people_unit=unit,
            zones_crs=crs,
            rule=rule,
            progress=progress,
        )
        single = [
            (table.zones @ one.exposures.astype(float), table.total @ one.exposures.astype(float))
            for one, table in zip(some, many.by_hazard, strict=True)
        ]
        zones = np.column_stack([many.joint_zones, *(each for each, _ in single)])
        total = np.concatenate([many.joint_total, [each for _, each in single]])
        return zones, total

    return weigh


def _by_regions(
    hazards: tuple[Prepared, ...],
    crs: pyproj.CRS,
    extent: Extent,
    levels: tuple[AreaSet, ...],
    weigh: Weigh,
    people: bool,
    nowhere: Sequence[bool],
    progress: Progress,
    boxes: Sequence[Any] = (),
) -> tuple[Tally, ...]:
    """Tallies by joint column: the polygons' combinations as regions, what the rasters say inside each, and
    the rest beyond all polygons. Without everything (`weigh`) the rows for everything are those of areas.
    people: a population raster of that extent is asked. nowhere: hazards of which nothing is known here.
    boxes: polygons in `crs` that with the regions and the areas make up everything; the tallies are then
    ground."""
    import shapely

    from migmap.geo.jointcolumns import JointColumns
    from migmap.geo.jointregions import joint_regions
    from migmap.geo.regions import Regions, cut_by_areas
    from migmap.geo.tally import Tally, without_traces

    polygons = [one.polygons for one in hazards if one.polygons is not None]
    if polygons:
        found = joint_regions(polygons, crs, extent, part(progress, 0.0, 0.3))
        regions, combos = found.regions, found.combos
    else:
        regions = Regions(np.empty(0, dtype=object), np.empty(0, dtype=np.int64), 0, crs)
        combos = np.empty((0, 0), dtype=np.int16)
    columns = JointColumns(len(hazards))
    if people:
        beyond = _beyond(regions, combos, hazards, extent)
        nowhere = [far or out for far, out in zip(nowhere, beyond, strict=True)]
    earth = np.empty(0, dtype=object)
    if boxes:
        nowhere = _nowhere(found, hazards, levels)
        own = list(levels[0].in_crs(crs).shapes) if levels else []
        earth = np.array([shapely.union_all([*boxes, *regions.shapes, *own])], dtype=object)
    maps = _maps(hazards, combos, nowhere, columns)
    made: list[Tally] = []
    steps: tuple[AreaSet | None, ...] = levels or (None,)
    for i, areas in enumerate(steps):
        step = part(progress, 0.3 + 0.7 * i / len(steps), 0.3 + 0.7 * (i + 1) / len(steps))
        zones = zones_of((areas,) if areas is not None else (), crs, extent)
        fitted = zones.levels[0] if zones.levels else None
        held: list[tuple[np.ndarray, np.ndarray | None]] = []

        def measure(shapes: np.ndarray, zones: Any = zones, held: Any = held, step: Any = step) -> np.ndarray:
            table, total = weigh(np.concatenate([shapes, zones.shapes, earth]), part(step, 0.3, 1.0))
            held.append((table[len(shapes) :], total))
            return table[: len(shapes)]

        if len(combos):
            cut: Any = cut_by_areas(regions, fitted, measure, part(step, 0.0, 0.3))
            inside, by_area, outside, overlap = cut.everything, cut.areas, cut.outside, cut.overlap
        else:
            measure(np.empty(0, dtype=object))
            width = held[0][0].shape[1]
            count = len(areas) if areas is not None else 0
            inside, outside, overlap = (np.zeros((0, width)) for _ in range(3))
            by_area = np.zeros((count, 0, width))
        table, total = held[-1]
        count = len(areas) if areas is not None else 0
        if boxes:
            table, total = table[:-1], table[-1]
        each, unions = table[:count], table[count:]
        excess = np.zeros(table.shape[1])
        if areas is not None:
            for members, united in zip(areas.overlaps.groups, unions, strict=True):
                excess += united - each[members].sum(axis=0)
        everyone = total if total is not None else each.sum(axis=0) + excess
        scale = float(np.abs(everyone).sum())

        def rest(value: np.ndarray, scale: float = scale) -> np.ndarray:
            return np.where(np.abs(value) <= 1e-11 * scale, 0.0, value)

        whole_rest = rest(everyone - inside.sum(axis=0))
        area_rest = rest(each - by_area.sum(axis=1))
        overlap_rest = rest(excess - overlap.sum(axis=0))
        outside_rest = rest(everyone - each.sum(axis=0) - excess - outside.sum(axis=0))
        if areas is None:
            outside_rest[:] = 0.0

        def joined(pieces: np.ndarray, remainder: np.ndarray) -> np.ndarray:
            out = remainder @ maps[-1]
            for p in range(len(combos)):
                out = out + pieces[..., p, :] @ maps[p]
            return np.asarray(out) / (1e6 if boxes else 1.0)

        areas_found = joined(by_area, area_rest)
        made.append(
            Tally(
                "area_km2" if boxes else "people",
                "km2" if boxes else "people",
                columns.labels,
                joined(inside, whole_rest),
                areas_found,
                joined(outside, outside_rest),
                without_traces(joined(overlap, overlap_rest), areas_found),
            )
        )
    return tuple(made)


def _beyond(regions: Regions, combos: np.ndarray, hazards: Sequence[Prepared], extent: Extent) -> list[bool]:
    """Which hazards are polygons that lie nowhere near a population raster, as for each alone
    (`exposed_people.people_in_regions`)."""
    import shapely

    lie: list[bool] = []
    own = 0
    for one in hazards:
        if one.raster is not None:
            lie.append(False)
            continue
        there = regions.shapes[combos[regions.codes, own] != len(one.exposures)]
        own += 1
        if not len(there):
            lie.append(True)
            continue
        west, south, east, north = shapely.total_bounds(there)
        lie.append(
            bool(west > extent.east or east < extent.west or south > extent.north or north < extent.south)
        )
    return lie


def _maps(
    hazards: Sequence[Prepared], combos: np.ndarray, nowhere: Sequence[bool], columns: JointColumns
) -> list[np.ndarray]:
    """For each combination of the polygon hazards, then for what lies beyond all of them: float64 [q, J],
    from what the rasters say to the joint columns.

    In one combination the polygons' part is constant: e of them are exposed, or none and some unknown. So a
    place that r rasters reach is reached by e + r hazards; one whose rasters are unknown by e, or is
    unknown where e is 0; a pair of polygons holds the whole place, of a polygon and a raster what that
    raster reaches of it, of two rasters their own pair.
    """
    from migmap.geo.jointcolumns import JointColumns as Of

    rasters = [h for h, one in enumerate(hazards) if one.raster is not None]
    polygons = [h for h, one in enumerate(hazards) if one.raster is None]
    r = len(rasters)
    own = Of(r) if r else None
    width = (len(own) if own is not None else 2) + r
    unknown = r + 1 if r else 1
    first_single = len(own) if own is not None else 2
    rows = [*combos.tolist(), [len(hazards[h].exposures) for h in polygons]]
    maps = []
    for row in rows:
        hit: dict[int, bool] = {}
        lost = False
        for h, code in zip(polygons, row, strict=True):
            k = len(hazards[h].exposures) - 1
            beyond = code == k + 1
            if beyond and nowhere[h]:
                lost = True
                hit[h] = False
                continue
            hit[h] = bool(0 <= code < k and hazards[h].exposures[code])
            lost |= code in (k, -1)
        e = sum(hit.values())
        out = np.zeros((width, len(columns)))
        for reached in range(r + 1):
            all_ = e + reached
            if all_:
                out[reached, columns.exactly(all_)] = 1.0
            else:
                out[reached, columns.unknown if lost else columns.none] = 1.0
        out[unknown, columns.exactly(e) if e else columns.unknown] = 1.0
        for i, j in columns.pairs:
            at = columns.pair(i, j)
            if i in hit and j in hit:
                out[: unknown + 1, at] = float(hit[i] and hit[j])
            elif i in hit or j in hit:
                raster = j if i in hit else i
                if hit[i if i in hit else j]:
                    out[first_single + rasters.index(raster), at] = 1.0
            elif own is not None:
                out[own.pair(rasters.index(i), rasters.index(j)), at] = 1.0
        maps.append(out)
    return maps
