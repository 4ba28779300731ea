"""The hazard polygons and the lines a figure is made of."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from migmap.api import ExplanationTable, Metric, Progress, VectorData

from .asked import Prepared
from .explained import Parts, Place, Wanted

MOST_ROWS = 1_000


def ground_parts(
    hazard: Prepared, number: int, weights: np.ndarray, place: Place, progress: Progress
) -> Parts:
    """Ground of hazard polygons: each polygon with its ground in the place, then what they cover together,
    counted once. What of areas lies in no polygon is the rest, not exposed."""
    import shapely

    from migmap.geo.crs import WGS84
    from migmap.geo.ground import ground_area_m2
    from migmap.geo.repair import only_polygons

    polygons = hazard.polygons
    assert polygons is not None
    progress(0.0, "measuring the polygons")
    regions = polygons.regions(WGS84)
    seats = np.asarray(hazard.order.place)[regions.codes]
    wanted = np.flatnonzero(weights)
    areas = place.areas.lonlat if place.areas is not None else None

    def km2(shape: Any) -> float:
        kept = only_polygons(shape)
        return 0.0 if kept is None else float(ground_area_m2(np.array([kept]), WGS84)[0]) / 1e6

    together = shapely.union_all(areas.shapes) if areas is not None else None
    zones: list[tuple[float, Any]] = [(1.0, None)]
    if areas is not None and place.area is not None:
        if place.index is not None:
            zones = [(1.0, areas.shapes[place.index])]
        elif place.area == "outside":
            zones = [(1.0, None), (-1.0, together)]
        else:
            zones = [(1.0, together), *((-1.0, shape) for shape in areas.shapes)]
    by_class: dict[tuple[int, int], float] = {}
    listed: list[tuple[Any, ...]] = []
    scale = 0.0
    for label in wanted:
        mine = regions.shapes[seats == label]
        total = []
        for times, zone in zones:
            for k, shape in enumerate(mine):
                met = shape if zone is None else shapely.intersection(shape, zone)
                ground = km2(met)
                total.append(times * ground)
                if times > 0 and ground > 0:
                    middle = shapely.point_on_surface(met)
                    listed.append(
                        (k + 1, hazard.labels[label], round(middle.x, 6), round(middle.y, 6), ground)
                    )
        if areas is not None and label == _rest_label(hazard, areas, regions):
            total += _rest(place, together, regions, zones, km2)
        by_class[number, int(label)] = math.fsum(total)
        scale += math.fsum(map(abs, total))
    listed.sort(key=lambda row: -row[-1])
    amount = math.fsum(float(weights[label]) * value for (_, label), value in by_class.items())
    columns = ("polygon", "class", "longitude", "latitude", "km²")
    table = ExplanationTable(
        "Pieces of the hazard, what overlaps counted once, the largest first",
        columns,
        tuple(listed[:MOST_ROWS]),
        min(len(listed), MOST_ROWS),
        len(listed),
    )
    return Parts(amount, by_class, table, scale=scale)


def _rest_label(hazard: Prepared, areas: Any, regions: Any) -> int:
    """Where ground of areas counts that lies in no polygon: not exposed, or unknown where hazard and areas
    lie apart."""
    import shapely

    west, south, east, north = regions.bounds
    box = shapely.total_bounds(areas.shapes)
    apart = box[2] < west or box[0] > east or box[3] < south or box[1] > north
    return len(hazard.labels) - 1 if apart else 0


def _rest(place: Place, together: Any, regions: Any, zones: Any, km2: Any) -> list[float]:
    """Ground of the place that no polygon covers."""
    import shapely

    covered = shapely.union_all(regions.shapes)
    if place.area is None:
        return [km2(shapely.difference(together, covered))]
    if place.area == "outside":
        return []
    return [times * km2(shapely.difference(zone, covered)) for times, zone in zones]


def line_parts(
    params: Any,
    hazards: tuple[Prepared, ...],
    lines: VectorData,
    wanted: Wanted,
    place: Place,
    metric: Metric,
    progress: Progress,
) -> Parts | None:
    """Every line with its length in what the figure counts; None for joint figures."""
    import pyproj

    from migmap.geo.columns import text_column
    from migmap.geo.lines import line_pieces

    from .exposed_lines import _apart

    if wanted.joint:
        return None
    used = list(wanted.weights)
    pieces = line_pieces(
        lines.frame.geometry.to_numpy(),
        pyproj.CRS(lines.frame.crs),
        [hazards[h].source for h in used],
        [hazards[h].classes for h in used],
        place.areas,
        progress,
    )
    count = len(pieces.line)
    factor = np.ones(count)
    if place.area is not None and place.areas is not None:
        row, area = pieces.members
        times = np.bincount(row, minlength=count)
        if place.index is not None:
            factor = np.bincount(row[area == place.index], minlength=count).astype(np.float64)
        elif place.area == "outside":
            factor = (times == 0).astype(np.float64)
        else:
            factor = -np.maximum(times - 1, 0).astype(np.float64)
    if metric.group is not None:
        texts = [text or "unknown" for text in text_column(lines, params.by)]
        factor = factor * np.array([text == metric.group for text in texts])[pieces.line]
    km = pieces.length_m / 1000.0 * factor
    share = np.zeros(count)
    by_class: dict[tuple[int, int], float] = {}
    for column, h in enumerate(used):
        seats = np.append(np.asarray(hazards[h].order.place), 0)[pieces.codes[:, column].astype(np.int64)]
        if _apart(hazards[h], lines):
            seats[:] = len(hazards[h].labels) - 1
        share += wanted.weights[h][seats]
        by_class |= {
            (h, int(label)): math.fsum(km[seats == label]) for label in np.flatnonzero(wanted.weights[h])
        }
    given = km * share
    each = np.bincount(pieces.line, weights=given, minlength=len(lines.frame))
    rows = np.flatnonzero(each)
    names, numbers = text_column(lines, lines.roles.get("name")), np.asarray(lines.row_numbers)
    listed = tuple((int(numbers[row]), names[row], float(each[row])) for row in rows[:MOST_ROWS])
    table = ExplanationTable("Lines", ("row", "name", "km"), listed, len(listed), len(rows))
    return Parts(math.fsum(given), by_class, table)
