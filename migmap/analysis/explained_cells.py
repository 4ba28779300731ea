"""The cells of rasters a figure is made of."""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from migmap.api import ExplanationTable, Progress, RasterData, part

from .asked import Prepared
from .explained import Parts, Place

LARGEST = 20
_STRIP_CELLS = 1 << 18
Region = Any
"""A polygon in the raster's own system; None for all of it."""


@dataclass
class _Sum:
    """What strips add up to. best: the largest cells, as (amount, number, row)."""

    given: list[float] = field(default_factory=list)
    by_label: dict[int, list[float]] = field(default_factory=dict)
    cells: int = 0
    covered: float = 0.0
    best: list[tuple[float, int, tuple[Any, ...]]] = field(default_factory=list)

    def add(self, other: _Sum, times: float) -> None:
        self.given += [times * one for one in other.given]
        for label, values in other.by_label.items():
            self.by_label.setdefault(label, []).extend(times * one for one in values)


def cell_parts(
    params: Any,
    hazard: Prepared,
    number: int,
    weights: np.ndarray,
    population: RasterData | None,
    place: Place,
    progress: Progress,
) -> Parts | None:
    """Cells of the population raster, or of the hazard where ground is measured, by the share of each that
    counts. None where the grids lie in different coordinate systems."""
    from migmap.geo.crs import same_crs

    from .exposed_people import population_reading

    base = population if population is not None else hazard.raster
    assert base is not None
    if hazard.raster is not None and not same_crs(hazard.raster.crs, base.crs):
        return None
    unit = None
    if population is not None:
        unit, _ = population_reading(params.population, population, part(progress, 0.0, 0.1))
    step = part(progress, 0.1, 1.0)
    regions = _regions(hazard, base)
    whole = _Sum()
    rule = "centre" if params.rule == "centre" else "exact"
    lines: list[str] = []
    wanted = np.flatnonzero(weights)
    for times, zone in _zones(base, place):
        found = _summed(hazard, base, unit, weights, regions, zone, rule, step)
        whole.add(found, times)
        if times > 0:
            whole.cells, whole.covered, whole.best = found.cells, found.covered, found.best
    beyond = _beyond_km2(place, base) if population is None else 0.0
    last = len(hazard.labels) - 1
    if beyond and last in wanted:
        whole.given.append(beyond * float(weights[last]))
        whole.by_label.setdefault(last, []).append(beyond)
        lines.append(f"{beyond:,.6g} km² of it lie beyond the raster {base.name}: unknown.")
    counted = f"{whole.cells:,} cells of {base.name} count, {whole.covered:,.3f} when shares are added up"
    how = "by their centre" if rule == "centre" else "by the exact share covered"
    lines.insert(0, f"{counted}; cells count {how}.")
    if place.area in ("outside", "overlap"):
        lines.append("This row is a difference of such sums: everything, the areas together, and each area.")
    cell = "km² of cell" if population is None else "people in cell"
    columns = ("row", "column", "longitude", "latitude", "hazard value", cell, "share", "adds")
    rows = tuple(one[2] for one in sorted(whole.best, key=lambda one: (-abs(one[0]), one[1])))
    table = ExplanationTable(f"Largest cells of {base.name}", columns, rows, len(rows), whole.cells)
    by_class = {(number, int(label)): math.fsum(whole.by_label.get(int(label), ())) for label in wanted}
    scale = math.fsum(map(abs, whole.given))
    return Parts(math.fsum(whole.given), by_class, table, tuple(lines), scale)


# -- where ------------------------------------------------------------------------------------------


def _zones(base: RasterData, place: Place) -> Iterator[tuple[float, Region]]:
    """(how often it counts, polygon in the raster's system) whose sum is the figure."""
    import shapely

    if place.areas is None or place.area is None:
        yield 1.0, None
        return
    fitted, _ = place.areas.near(base.crs, base.extent)
    if place.index is not None:
        yield 1.0, fitted.shapes[place.index]
        return
    together = shapely.union_all(fitted.shapes)
    if place.area == "outside":
        yield 1.0, None
        yield -1.0, together
        return
    yield 1.0, together
    for shape in fitted.shapes:
        yield -1.0, shape


def _beyond_km2(place: Place, base: RasterData) -> float:
    """Ground of the place that the raster does not reach."""
    import shapely

    from migmap.geo.ground import ground_area_m2

    areas = place.areas
    if areas is None or place.area == "outside":
        return 0.0
    fitted, far_m2 = areas.near(base.crs, base.extent)
    box = shapely.box(base.extent.west, base.extent.south, base.extent.east, base.extent.north)

    def beyond(shape: Any) -> float:
        left = _polygons(shapely.difference(shape, box))
        return 0.0 if left is None else float(ground_area_m2(np.array([left]), base.crs)[0])

    def together() -> float:
        far = float(far_m2[: len(areas)].sum())
        for number, members in enumerate(areas.overlaps.groups):
            far += float(far_m2[len(areas) + number] - far_m2[members].sum())
        return beyond(shapely.union_all(fitted.shapes)) + far

    if place.index is not None:
        return (beyond(fitted.shapes[place.index]) + float(far_m2[place.index])) / 1e6
    if place.area is None:
        return together() / 1e6
    each = sum(beyond(shape) for shape in fitted.shapes) + float(far_m2[: len(areas)].sum())
    return (together() - each) / 1e6


def _regions(hazard: Prepared, base: RasterData) -> list[tuple[int, Any]] | None:
    """(place of the label, all ground of it) of hazard polygons in the raster's system, what overlaps in the
    class that ranks highest; None for a raster."""
    import shapely

    polygons = hazard.polygons
    if polygons is None:
        return None
    regions = polygons.regions(base.crs, base.extent)
    order = np.asarray(hazard.order.place)
    seats = order[regions.codes]
    return [(int(seat), shapely.union_all(regions.shapes[seats == seat])) for seat in np.unique(seats)]


# -- strips of cells --------------------------------------------------------------------------------


def _summed(
    hazard: Prepared,
    base: RasterData,
    unit: str | None,
    weights: np.ndarray,
    regions: list[tuple[int, Any]] | None,
    zone: Region,
    rule: Any,
    progress: Progress,
) -> _Sum:
    """One polygon, or the whole raster, strip by strip."""
    import shapely

    found = _Sum()
    a, _, c, _, e, f = base.transform
    rows = max(1, _STRIP_CELLS // max(base.width, 1))
    for top in range(0, base.height, rows):
        progress(top / base.height, f"Reading {base.name}")
        bottom = min(top + rows, base.height)
        edge = sorted((f + e * top, f + e * bottom))
        # The strip ends on lines of cells, so that cutting there changes no share.
        box = shapely.box(min(c, c + a * base.width), edge[0], max(c, c + a * base.width), edge[1])
        own = box if zone is None else zone
        if not shapely.intersects(own, box):
            continue
        clipped = own if zone is None or rule == "centre" else _polygons(shapely.intersection(own, box))
        if clipped is None:
            continue
        if regions is None:
            _add_raster(found, hazard, base, unit, weights, clipped, rule, (top, bottom))
        else:
            _add_regions(found, base, unit, weights, regions, clipped, rule, (top, bottom))
    return found


def _polygons(shape: Any) -> Any:
    from migmap.geo.repair import only_polygons

    return only_polygons(shape)


def _cells(base: RasterData, unit: str | None, zone: Any, rule: Any, strip: tuple[int, int]) -> Any:
    """(rows, columns, share, amount of the whole cell, value) of the cells of a polygon in a strip."""
    from migmap.geo.ground import cell_area_m2
    from migmap.geo.population import unit_area_m2
    from migmap.geo.zonecells import cells_of

    found = cells_of(zone, base, rule)
    inside = (found.rows >= strip[0]) & (found.rows < strip[1])
    rows, cols, share = found.rows[inside], found.cols[inside], found.coverage[inside]
    values = found.values[inside]
    if not len(rows):
        return rows, cols, share, np.empty(0), values
    box = int(rows.min()), int(rows.max()) + 1, int(cols.min()), int(cols.max()) + 1
    if unit is None:
        ground = cell_area_m2(base, *box)[rows - box[0], cols - box[2]]
        return rows, cols, share, ground / 1e6, values
    people = np.where(np.isnan(values) | (values < 0), 0.0, values)
    per = unit_area_m2(unit)
    if per is not None:
        people = people * (cell_area_m2(base, *box)[rows - box[0], cols - box[2]] / per)
    return rows, cols, share, people, values


def _add_raster(
    found: _Sum,
    hazard: Prepared,
    base: RasterData,
    unit: str | None,
    weights: np.ndarray,
    zone: Any,
    rule: Any,
    strip: tuple[int, int],
) -> None:
    from migmap.geo.overlay import on_same_grid

    raster = hazard.raster
    assert raster is not None
    rows, cols, share, amount, _ = _cells(base, unit, zone, rule, strip)
    if not len(rows):
        return
    if unit is None or on_same_grid(raster, base):
        seats, values = _seats_of(hazard, raster, rows, cols)
        table = np.zeros((len(rows), len(weights)))
        table[np.arange(len(rows)), seats] = share
    else:
        table, values = _refined(hazard, raster, base, rows, cols, share, zone)
    _record(found, base, weights, rows, cols, amount, table, values)


def _seats_of(
    hazard: Prepared, raster: RasterData, rows: np.ndarray, cols: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """(place of the label, value) of cells of the hazard."""
    from migmap.geo.nodata import is_stand_in, stand_ins
    from migmap.geo.tiles import read_cells
    from migmap.io.rasters.raster import open_dataset

    assert hazard.classes is not None
    tile = int(rows.min()), int(rows.max()) + 1, int(cols.min()), int(cols.max()) + 1
    with open_dataset(raster) as dataset:
        stored, valid = read_cells(raster, dataset, tile)
    valid &= ~is_stand_in(stored, stand_ins(raster.nodata))
    at = rows - tile[0], cols - tile[2]
    seats = np.asarray(hazard.order.place)[hazard.classes.codes(stored[at], valid[at])]
    return seats, np.where(valid[at], stored[at].astype(np.float64), np.nan)


def _refined(
    hazard: Prepared,
    raster: RasterData,
    base: RasterData,
    rows: np.ndarray,
    cols: np.ndarray,
    share: np.ndarray,
    zone: Any,
) -> tuple[np.ndarray, np.ndarray]:
    """(float64 [m, labels], share of each cell of `base` that lies in the zone and in each class; the mean
    hazard value in it): every piece where a cell of `base` meets one of the hazard, one by one."""
    last = len(hazard.labels) - 1
    table = np.zeros((len(rows), last + 1))
    row_cell, row_line, row_part = _overlaps(base, raster, np.unique(rows), vertical=True)
    col_cell, col_line, col_part = _overlaps(base, raster, np.unique(cols), vertical=False)
    row_start, row_count = _spans(row_cell, rows)
    col_start, col_count = _spans(col_cell, cols)
    pieces = row_count * col_count
    sums, weight = np.zeros(len(rows)), np.zeros(len(rows))
    chunk = np.flatnonzero(np.diff(np.cumsum(pieces) // _STRIP_CELLS, prepend=0))
    for lot in np.split(np.arange(len(rows)), chunk):
        if not len(lot):
            continue
        owner = np.repeat(lot, pieces[lot])
        at = np.arange(len(owner)) - np.repeat(np.cumsum(pieces[lot]) - pieces[lot], pieces[lot])
        down, across = np.divmod(at, col_count[owner])
        i, j = row_start[owner] + down, col_start[owner] + across
        part_of = row_part[i] * col_part[j]
        hr, hc = row_line[i], col_line[j]
        there = (hr >= 0) & (hr < raster.height) & (hc >= 0) & (hc < raster.width)
        seats = np.full(len(owner), last)
        values = np.full(len(owner), np.nan)
        if there.any():
            seats[there], values[there] = _seats_of(hazard, raster, hr[there], hc[there])
        edge = share[owner] < 1.0 - 1e-12
        if edge.any():
            cell = owner[edge]
            part_of[edge] = _cut_pieces(base, raster, rows[cell], cols[cell], hr[edge], hc[edge], zone)
        np.add.at(table, (owner, seats), part_of)
        known = ~np.isnan(values)
        np.add.at(sums, owner[known], part_of[known] * values[known])
        np.add.at(weight, owner[known], part_of[known])
    with np.errstate(invalid="ignore"):
        return table, sums / weight


def _overlaps(
    base: RasterData, raster: RasterData, lines: np.ndarray, vertical: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(line of `base`, line of the hazard, share of the first in the second), for given rows or columns of
    `base`, rising."""
    start, step = (5, 4) if vertical else (2, 0)
    origin, size = raster.transform[start], raster.transform[step]
    first, end = (
        (base.transform[start] + base.transform[step] * at - origin) / size for at in (lines, lines + 1)
    )
    low, high = np.minimum(first, end), np.maximum(first, end)
    # Lines that agree but for rounding are one.
    low, high = (np.where(np.abs(x - np.round(x)) < 1e-9, np.round(x), x) for x in (low, high))
    begin = np.floor(low).astype(np.int64)
    stop = np.maximum(np.ceil(high).astype(np.int64), begin + 1)
    owner = np.repeat(np.arange(len(lines)), stop - begin)
    count = stop - begin
    other = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count) + begin[owner]
    part_of = np.minimum(high[owner], other + 1) - np.maximum(low[owner], other)
    return lines[owner], other, part_of / (high - low)[owner]


def _spans(cells: np.ndarray, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(first, how many) entries of each wanted line."""
    first = np.searchsorted(cells, wanted, side="left")
    return first, np.searchsorted(cells, wanted, side="right") - first


def _cut_pieces(
    base: RasterData,
    raster: RasterData,
    rows: np.ndarray,
    cols: np.ndarray,
    hazard_rows: np.ndarray,
    hazard_cols: np.ndarray,
    zone: Any,
) -> np.ndarray:
    """Share of the cell of `base` in the piece it has in common with a cell of the hazard and the zone."""
    import shapely

    def box(one: RasterData, r: np.ndarray, c: np.ndarray) -> tuple[np.ndarray, ...]:
        a, _, x, _, e, y = one.transform
        xs, ys = np.sort([x + a * c, x + a * (c + 1)], axis=0), np.sort([y + e * r, y + e * (r + 1)], axis=0)
        return xs[0], ys[0], xs[1], ys[1]

    west, south, east, north = box(base, rows, cols)
    w, s, e, n = box(raster, hazard_rows, hazard_cols)
    west, south = np.maximum(west, w), np.maximum(south, s)
    east, north = np.maximum(np.minimum(east, e), west), np.maximum(np.minimum(north, n), south)
    shapely.prepare(zone)
    met = shapely.intersection(zone, shapely.box(west, south, east, north))
    return np.asarray(shapely.area(met) / abs(base.transform[0] * base.transform[4]))


def _add_regions(
    found: _Sum,
    base: RasterData,
    unit: str | None,
    weights: np.ndarray,
    regions: list[tuple[int, Any]],
    zone: Any,
    rule: Any,
    strip: tuple[int, int],
) -> None:
    """People in hazard polygons: the class's ground in the zone, cell by cell; the rest is not exposed."""
    import shapely

    rows, cols, share, amount, _ = _cells(base, unit, zone, rule, strip)
    if not len(rows):
        return
    table = np.zeros((len(rows), len(weights)))
    key = rows * base.width + cols
    order = np.argsort(key)
    for seat, ground in regions:
        inside = _polygons(shapely.intersection(ground, zone))
        if inside is None:
            continue
        r, c, covered, _, _ = _cells(base, unit, inside, rule, strip)
        table[order[np.searchsorted(key[order], r * base.width + c)], seat] += covered
    table[:, 0] += np.maximum(share - table.sum(axis=1), 0.0)
    _record(found, base, weights, rows, cols, amount, table, np.full(len(rows), np.nan))


def _record(
    found: _Sum,
    base: RasterData,
    weights: np.ndarray,
    rows: np.ndarray,
    cols: np.ndarray,
    amount: np.ndarray,
    table: np.ndarray,
    values: np.ndarray,
) -> None:
    """table: float64 [m, labels], share of each cell in each class."""
    given = amount * (table @ weights)
    wanted = np.flatnonzero(weights)
    counts = table[:, wanted].sum(axis=1)
    found.given.append(math.fsum(given))
    for label in wanted:
        found.by_label.setdefault(int(label), []).append(math.fsum(amount * table[:, label]))
    found.cells += int((counts > 0).sum())
    found.covered += float(counts.sum())
    largest = np.argsort(-np.abs(given), kind="stable")[:LARGEST]
    places = _lonlat(base, rows[largest], cols[largest])
    for k, (lon, lat) in zip(largest, places, strict=True):
        if given[k] == 0:
            continue
        value = None if np.isnan(values[k]) else float(values[k])
        cell = (float(amount[k]), float(counts[k]), float(given[k]))
        row = (int(rows[k]), int(cols[k]), lon, lat, value, *cell)
        # Of equal cells the first in the raster stays.
        heapq.heappush(found.best, (abs(float(given[k])), -int(rows[k] * base.width + cols[k]), row))
        if len(found.best) > LARGEST:
            heapq.heappop(found.best)


def _lonlat(base: RasterData, rows: np.ndarray, cols: np.ndarray) -> list[tuple[float, float]]:
    """Middles of cells, longitude and latitude rounded to about 0.1 m."""
    from migmap.geo.crs import WGS84, moved

    a, _, c, _, e, f = base.transform
    points = np.column_stack([c + a * (cols + 0.5), f + e * (rows + 0.5)])
    return [(round(x, 6), round(y, 6)) for x, y in moved(points, base.crs, WGS84).tolist()]
