"""Ground of several hazard rasters at once, also where only some of them reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from migmap.api import Extent, Finding, Progress, part

from .asked import Prepared

if TYPE_CHECKING:
    import pyproj

    from migmap.geo.jointcolumns import JointColumns

# Of a shape's ground: less is what rounding leaves beyond the edge of a raster.
_HAIR = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class JointGround:
    """zones: float64 [n, J] m2 of each shape by `JointColumns`; beyond: float64 [n] m2 of it that no raster
    reaches, which zones count as unknown. total: float64 [J] m2 of all rectangles united. single: float64
    [n, R] m2 of each shape that each raster alone says is exposed. findings: that classes are approximate
    between coordinate systems."""

    zones: np.ndarray
    beyond: np.ndarray
    total: np.ndarray
    single: np.ndarray
    findings: tuple[Finding, ...] = ()


def common_system(hazards: Sequence[Prepared]) -> tuple[pyproj.CRS, Extent]:
    """In which system several rasters are best asked together, and the box of them all in it: their own where
    they share one, else longitude and latitude, which holds everywhere (the box is then of no use)."""
    from migmap.geo.crs import WGS84, same_crs

    first, *others = [one.raster for one in hazards if one.raster is not None]
    extent = first.extent
    for other in others:
        if not same_crs(other.crs, first.crs):
            return WGS84, extent
        extent = extent.union(other.extent)
    return first.crs, extent


def joint_ground_of_rasters(
    hazards: Sequence[Prepared],
    shapes: np.ndarray,
    crs: pyproj.CRS,
    centre: bool,
    progress: Progress,
) -> JointGround:
    """Ground by how many rasters say it is exposed.

    shapes: object [n], valid polygons in `crs` (`common_system`). On the first raster's rectangle cells
    are cut along the lines of all rasters; on what is left of the second's rectangle the second is the base,
    and so on, so that nothing a raster says is lost.
    """
    import shapely

    from migmap.geo.areas import clipped, valid_in
    from migmap.geo.crs import same_crs
    from migmap.geo.ground import ground_area_m2
    from migmap.geo.jointcolumns import JointColumns
    from migmap.geo.repair import only_polygons
    from migmap.geo.zonal import tabulate_many

    count = len(hazards)
    columns = JointColumns(count)
    zones, total = np.zeros((len(shapes), len(columns))), np.zeros(len(columns))
    single = np.zeros((len(shapes), count))
    covered: Any = None
    findings: dict[Finding, None] = {}
    left = np.asarray(shapes, dtype=object)
    for k, base in enumerate(hazards):
        step = part(progress, k / count, (k + 1) / count)
        raster = base.raster
        assert raster is not None
        box = raster.extent
        own = shapely.box(box.west, box.south, box.east, box.north)
        (own,) = valid_in(np.array([own], dtype=object), raster.crs, crs)
        new = own if covered is None else only_polygons(shapely.difference(own, covered))
        if new is None or shapely.area(new) <= _HAIR * shapely.area(own):
            continue
        # In another system the shapes are cut first: a projection fails far from where it belongs.
        whole = covered is None and same_crs(raster.crs, crs)
        inside = left if whole else clipped(left, new)
        met = np.flatnonzero(~shapely.is_empty(inside))
        order = [k, *(h for h in range(count) if h != k)]
        many = tabulate_many(
            np.array([*inside[met], *([] if covered is None else [new])], dtype=object),
            hazards=[raster for h in order if (raster := hazards[h].raster) is not None],
            classes=[classes for h in order if (classes := hazards[h].classes) is not None],
            exposed=[hazards[h].exposures for h in order],
            zones_crs=crs,
            rule="centre" if centre else "exact",
            progress=step,
        )
        table = many.joint_zones[:, _back(columns, order)]
        table[:, columns.unknown] -= many.by_hazard[0].beyond
        zones[met] += table[: len(met)]
        total += table[len(met)] if covered is not None else many.joint_total[_back(columns, order)]
        findings |= dict.fromkeys(one for one in many.findings if one.code == "grids-differ-crs")
        for place, h in enumerate(order):
            single[met, h] += many.by_hazard[place].zones[: len(met)] @ hazards[h].exposures.astype(float)
        covered = own if covered is None else shapely.union(covered, own)
        left = _without(left, own)
    beyond = np.zeros(len(left))
    there = ~shapely.is_empty(left)
    beyond[there] = ground_area_m2(left[there], crs)
    zones[:, columns.unknown] += beyond
    return JointGround(zones, beyond, total, single, tuple(findings))


def _back(columns: JointColumns, order: Sequence[int]) -> list[int]:
    """For each column of the hazards in their own order, which column it is of them in `order`."""
    place = {h: i for i, h in enumerate(order)}
    return [*range(columns.count + 2), *(columns.pair(place[i], place[j]) for i, j in columns.pairs)]


def _without(shapes: np.ndarray, box: Any) -> np.ndarray:
    import shapely

    from migmap.geo.repair import only_polygons

    out = np.full(len(shapes), shapely.Polygon(), dtype=object)
    for i in np.flatnonzero(~shapely.covers(box, shapes)):
        rest = only_polygons(shapely.difference(shapes[i], box))
        if rest is not None and shapely.area(rest) > _HAIR * shapely.area(shapes[i]):
            out[i] = rest
    return out
