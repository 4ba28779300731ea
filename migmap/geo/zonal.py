"""People, or ground, by hazard class and zone, with the exact share of every cell.

A population cell's people are spread evenly over the cell. Where hazard and population lie on
different grids of one CRS, both are cut along all grid lines of the other (their common refinement), so
the answer is still exact. Between different CRSs it is approximate and says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyproj
import shapely

from migmap.api import Finding, Problem, Progress, RasterData, no_progress, part
from migmap.kernels.cells import add_all
from migmap.kernels.coverage import add_zones, ring_frames

from .classes import Classes
from .crs import WGS84, same_crs
from .ground import ground_area_m2, refuse_rotated
from .nodata import undeclared
from .overlay import Notes, Overlay, plan
from .population import (
    PopulationSummary,
    negative_people,
    population_summary,
    population_total,
    unit_area_m2,
)
from .rings import Rings, moved_rings, rings_of
from .sampling import Sample, sample_at, values_at
from .tiles import Tile, over_tiles

__all__ = [
    "PopulationSummary",
    "Sample",
    "Tabulation",
    "population_summary",
    "population_total",
    "sample_at",
    "sums",
    "tabulate",
    "values_at",
]

# How far a zone's border may lie from its true course after a change of CRS, in cells.
_BORDER_CELLS = 1e-5


@dataclass(frozen=True, eq=False)
class Tabulation:
    """Sums by class. k classes; column k is unknown.

    total: float64 [k + 1], all cells of the grid, whatever the zones. zones: float64 [n, k + 1].
    unit: "people", or "m2" of ground. beyond: float64 [n], ground in m2 of each zone that lies beyond the
    grid; for ground it is part of that zone's unknown, but of no total. people_nodata_cells: cells of the
    population raster without data; they hold no one.
    """

    total: np.ndarray
    zones: np.ndarray
    unit: str
    beyond: np.ndarray
    people_nodata_cells: int = 0
    findings: tuple[Finding, ...] = field(default=())


def tabulate(
    zones: Sequence[Any] | np.ndarray,
    *,
    hazard: RasterData | None,
    classes: Classes,
    people: RasterData | None = None,
    people_unit: str | None = None,
    zones_crs: pyproj.CRS | None = None,
    progress: Progress = no_progress,
) -> Tabulation:
    """People by hazard class and zone, or without `people` the ground in m2.

    zones: polygons in `zones_crs` (WGS84 longitude and latitude when not given), valid, may overlap; may be
    none, then only the total counts. people_unit: None or "counts" for people per cell, else "people/km2",
    "people/ha", "people/10ha", "people/m2". hazard None with `people`: everything is unknown, see `sums`.
    Problem for rotated rasters and unknown units.
    """
    grid = people or hazard
    if grid is None:
        raise ValueError("give a hazard raster, a population raster or both")
    for raster in (hazard, people):
        if raster is not None:
            refuse_rotated(raster)
    per_m2 = unit_area_m2(people_unit)
    columns = len(classes) + 1
    shapes = np.asarray(zones, dtype=object).reshape(-1)
    crs = zones_crs or WGS84
    progress(0.0, "Preparing the areas")
    placed = _Placed.on(grid, rings_of(shapes), crs)
    overlay = plan(hazard, classes, people, per_m2)
    total = np.zeros(columns)
    sums_by_zone = np.zeros((len(shapes), columns))
    missing = negative = marked = 0
    marks: set[float] = set()
    text = f"Adding up {grid.name}"
    step = _Step(overlay, placed, columns)
    steps = over_tiles(overlay.rasters, overlay.tiles, step, part(progress, 0.02, 1.0), text)
    for tile_total, touched, tile_zones, notes in steps:
        total += tile_total
        sums_by_zone[touched] += tile_zones
        missing += notes.missing
        negative += notes.negative
        marked += notes.marked
        marks |= notes.marks
    findings = list(overlay.findings)
    if marked and hazard is not None:
        findings.append(undeclared(hazard, marks, marked))
    if negative and people is not None:
        findings.append(negative_people(people, negative))
    beyond = _beyond(grid, shapes, crs, placed)
    if people is None:
        sums_by_zone[:, -1] += beyond
    return Tabulation(
        total,
        sums_by_zone,
        "people" if people is not None else "m2",
        beyond,
        missing + negative,
        tuple(findings),
    )


def sums(
    zones: Sequence[Any] | np.ndarray,
    people: RasterData,
    *,
    people_unit: str | None = None,
    zones_crs: pyproj.CRS | None = None,
    progress: Progress = no_progress,
) -> Tabulation:
    """All people of each zone, as a Tabulation with the single column of `total` [1] and `zones` [n, 1]."""
    return tabulate(
        zones,
        hazard=None,
        classes=Classes((), values=()),
        people=people,
        people_unit=people_unit,
        zones_crs=zones_crs,
        progress=progress,
    )


@dataclass(frozen=True, eq=False)
class _Placed:
    """Zones in the index coordinates of a grid: u counts columns, v counts rows, both rising."""

    rings: Rings
    sign: np.ndarray
    ring_box: np.ndarray
    zone_box: np.ndarray

    @classmethod
    def on(cls, grid: RasterData, rings: Rings, crs: pyproj.CRS) -> _Placed:
        a, _, c, _, e, f = grid.transform
        if not same_crs(crs, grid.crs):
            rings = moved_rings(rings, crs, grid.crs, _BORDER_CELLS * min(abs(a), abs(e)))
            if np.isnan(rings.x).any() or np.isnan(rings.y).any():
                raise Problem(
                    f"Some areas reach beyond where “{grid.crs.name}”, the CRS of {grid.name}, is defined.",
                    fix="Use a raster in longitude and latitude, or areas near the raster.",
                )
        u, v = (rings.x - c) / a, (rings.y - f) / e
        placed = Rings(u, v, rings.ring_offset, rings.shape_offset, rings.is_hole)
        sign, ring_box = ring_frames(u, v, rings.ring_offset, rings.is_hole)
        zone_box = np.empty((rings.shapes, 4))
        zone_box[:, :2], zone_box[:, 2:] = np.inf, -np.inf
        owner = np.repeat(np.arange(rings.shapes), np.diff(rings.shape_offset))
        np.minimum.at(zone_box[:, 0], owner, ring_box[:, 0])
        np.minimum.at(zone_box[:, 1], owner, ring_box[:, 1])
        np.maximum.at(zone_box[:, 2], owner, ring_box[:, 2])
        np.maximum.at(zone_box[:, 3], owner, ring_box[:, 3])
        return cls(placed, sign, ring_box, zone_box)

    def meeting(self, west: float, south: float, east: float, north: float) -> np.ndarray:
        """Zones whose box meets a box, int64."""
        box = self.zone_box
        meets = (box[:, 0] < east) & (box[:, 2] > west) & (box[:, 1] < north) & (box[:, 3] > south)
        return np.flatnonzero(meets)


@dataclass(frozen=True, eq=False)
class _Step:
    """What is done with one tile."""

    overlay: Overlay
    placed: _Placed
    columns: int

    def __call__(
        self, datasets: Sequence[Any], tile: Tile
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, Notes]:
        data = self.overlay.read(datasets, tile)
        total = np.zeros(self.columns)
        add_all(data.codes, data.weights, total)
        touched = self.placed.meeting(data.xe[0], data.ye[0], data.xe[-1], data.ye[-1])
        out = np.zeros((len(touched), self.columns))
        if len(touched):
            rings = self.placed.rings
            add_zones(
                touched,
                rings.x,
                rings.y,
                rings.ring_offset,
                rings.shape_offset,
                self.placed.sign,
                self.placed.ring_box,
                data.xe,
                data.ye,
                data.codes,
                data.weights,
                out,
            )
        return total, touched, out, data.notes


def _beyond(grid: RasterData, shapes: np.ndarray, crs: pyproj.CRS, placed: _Placed) -> np.ndarray:
    """Ground in m2 of each zone that lies outside the grid's rectangle."""
    out = np.zeros(len(shapes))
    box = placed.zone_box
    # Borders that only graze the rectangle by rounding are inside.
    slack = 1e-6
    leaves = np.flatnonzero(
        (box[:, 0] < -slack)
        | (box[:, 1] < -slack)
        | (box[:, 2] > grid.width + slack)
        | (box[:, 3] > grid.height + slack)
    )
    leaves = leaves[np.isfinite(box[leaves]).all(axis=1)]
    if not len(leaves):
        return out
    extent = grid.extent
    rectangle = shapely.box(extent.west, extent.south, extent.east, extent.north)
    if same_crs(crs, grid.crs):
        leaving = shapes[leaves]
        wrong = ~shapely.is_valid(leaving)
        leaving[wrong] = shapely.make_valid(leaving[wrong])
        outside = shapely.difference(leaving, rectangle)
        out[leaves] = ground_area_m2(outside, grid.crs)
        return out
    a, _, c, _, e, f = grid.transform
    for zone in leaves:
        out[zone] = ground_area_m2(
            np.array([shapely.difference(_shape(placed.rings, zone, a, c, e, f), rectangle)]), grid.crs
        )[0]
    return out


def _shape(rings: Rings, zone: int, a: float, c: float, e: float, f: float) -> Any:
    """A zone back in the grid's map coordinates, with the vertices it got on the way."""
    parts: list[tuple[Any, list[Any]]] = []
    for ring in range(rings.shape_offset[zone], rings.shape_offset[zone + 1]):
        span = slice(rings.ring_offset[ring], rings.ring_offset[ring + 1])
        points = np.column_stack([c + a * rings.x[span], f + e * rings.y[span]])
        if rings.is_hole[ring]:
            parts[-1][1].append(points)
        else:
            parts.append((points, []))
    shape = shapely.MultiPolygon(parts)
    return shape if shape.is_valid else shapely.make_valid(shape)
