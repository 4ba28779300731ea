"""People, or ground, by hazard class and zone, with the exact share of every cell.

A population cell's people are spread evenly over the cell. Where hazard and population lie on
different grids of one CRS, both are cut along all grid lines of the other (their common refinement), so
the answer is still exact. Between different CRSs it is approximate and says so. Several hazards at once
(`tabulate_many`) are cut along the lines of all of them.

With rule "centre", QGIS's, a cell of the population raster (for ground: of the hazard) counts wholly in the
zones in which its centre lies, and in the hazard class at its centre.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Literal

import numpy as np
import pyproj
import shapely

from migmap.api import Finding, Problem, Progress, RasterData, no_progress, part
from migmap.kernels.cells import add_all
from migmap.kernels.coverage import add_centres, add_zones, ring_frames

from .classes import Classes
from .crs import WGS84, same_crs
from .ground import ground_area_m2, refuse_rotated
from .hazardcells import Unfit, count_unfit
from .jointcells import column_shares
from .jointcolumns import JointColumns
from .layered import Layered, Marked
from .nodata import undeclared
from .overlay import Notes, Overlay, plan
from .population import (
    PopulationSummary,
    negative_people,
    population_summary,
    population_total,
    unit_area_m2,
)
from .rings import Rings, joined_rings, moved_rings, rings_of
from .sampling import Sample, sample_at, values_at
from .tiles import Tile, checkpoint, over_tiles

__all__ = [
    "ManyTabulation",
    "PopulationSummary",
    "Rule",
    "Sample",
    "Tabulation",
    "population_summary",
    "population_total",
    "sample_at",
    "sums",
    "tabulate",
    "tabulate_many",
    "values_at",
]

Rule = Literal["exact", "centre"]

_PREPARING = "Preparing the areas"
# A cancel waits for one lot of zones: made ready, of about so many vertices; on a tile, of about so much
# effort, in cells gone through (a vertex is worth some), and so many sums by combination of classes.
_VERTICES = 1 << 16
_EFFORT = 1 << 23
_VERTEX_CELLS = 32
_SUMS = 1 << 21
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


@dataclass(frozen=True, eq=False)
class ManyTabulation:
    """Sums of several hazards, each alone and together.

    by_hazard: of each hazard what `tabulate` says of it alone; unit, beyond and people_nodata_cells are the
    same in all. columns: how many hazards reach a place and which pairs do. joint_total: float64
    [len(columns)]. joint_zones: float64 [n, len(columns)]; ground beyond the grid is unknown there, too.
    findings: those of all hazards, each once.
    """

    by_hazard: tuple[Tabulation, ...]
    columns: JointColumns
    joint_total: np.ndarray
    joint_zones: np.ndarray
    findings: tuple[Finding, ...] = field(default=())


def tabulate(
    zones: Sequence[Any] | np.ndarray,
    *,
    hazard: RasterData | None,
    classes: Classes,
    people: RasterData | None = None,
    people_unit: str | None = None,
    zones_crs: pyproj.CRS | None = None,
    rule: Rule = "exact",
    progress: Progress = no_progress,
) -> Tabulation:
    """People by hazard class and zone, or without `people` the ground in m2.

    zones: polygons in `zones_crs` (WGS84 longitude and latitude when not given), valid, may overlap; may be
    none, then only the total counts. people_unit: None or "counts" for people per cell, else "people/km2",
    "people/ha", "people/10ha", "people/m2". hazard None with `people`: everything is unknown, see `sums`.
    rule: "exact" for the share of each cell that lies in a zone; "centre" for whole cells, see the top of
    this file. Problem for rotated rasters, unknown units, and values that fit none of strict classes.
    """
    if rule == "centre":
        hazards = [hazard] if hazard is not None else []
        asked = _Asked(zones, hazards, [classes] if hazards else [], people, people_unit, zones_crs, rule)
        total, by_zone, found = asked.run(None, progress)
        return found.tabulation(total, by_zone, 0)
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
    progress(0.0, _PREPARING)
    placed = _Placed.on(grid, shapes, crs, part(progress, 0.0, 0.02))
    overlay = plan(hazard, classes, people, per_m2)
    total = np.zeros(columns)
    sums_by_zone = np.zeros((len(shapes), columns))
    missing = negative = marked = 0
    marks: set[float] = set()
    text = f"Adding up {grid.name}"
    step = _Step(overlay, placed, columns)
    steps = over_tiles(overlay.rasters, overlay.tiles, step, part(progress, 0.02, 0.98), text)
    with _counted(progress):
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
    beyond = _beyond(grid, shapes, crs, placed, part(progress, 0.98, 1.0))
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


def tabulate_many(
    zones: Sequence[Any] | np.ndarray,
    *,
    hazards: Sequence[RasterData],
    classes: Sequence[Classes],
    exposed: Sequence[np.ndarray],
    people: RasterData | None = None,
    people_unit: str | None = None,
    zones_crs: pyproj.CRS | None = None,
    rule: Rule = "exact",
    progress: Progress = no_progress,
) -> ManyTabulation:
    """People (or ground) of several hazards in one pass: each by its classes, and what they share.

    classes: one for each hazard. exposed: for each hazard bool [k + 1], which of its classes are an
    exposure; the last entry, unknown, must be False. The other arguments are those of `tabulate`. The base
    grid is the population raster, else the first hazard: what of another hazard lies beyond it is not
    counted, and where a hazard does not reach, it is unknown. Problem as in `tabulate`; ValueError where
    lengths or flags do not fit.
    """
    if not hazards:
        raise ValueError("give at least one hazard")
    flags = [np.asarray(each, dtype=np.bool_) for each in exposed]
    if not len(hazards) == len(classes) == len(flags):
        raise ValueError("as many classes and exposed flags as hazards")
    for listed, each in zip(classes, flags, strict=True):
        if each.shape != (len(listed) + 1,) or each[-1]:
            raise ValueError("one flag for each class and False for unknown")
    asked = _Asked(zones, hazards, classes, people, people_unit, zones_crs, rule)
    total, by_zone, found = asked.run(flags, progress)
    columns = JointColumns(len(hazards))
    first = found.offsets[-1]
    together = by_zone[:, first:].copy()
    if people is None:
        together[:, columns.unknown] += found.beyond
    single = tuple(found.tabulation(total, by_zone, number) for number in range(len(hazards)))
    findings = dict.fromkeys(finding for each in single for finding in each.findings)
    return ManyTabulation(single, columns, total[first:].copy(), together, tuple(findings))


def sums(
    zones: Sequence[Any] | np.ndarray,
    people: RasterData,
    *,
    people_unit: str | None = None,
    zones_crs: pyproj.CRS | None = None,
    rule: Rule = "exact",
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
        rule=rule,
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
    def on(cls, grid: RasterData, shapes: np.ndarray, crs: pyproj.CRS, progress: Progress) -> _Placed:
        a, _, c, _, e, f = grid.transform
        same = same_crs(crs, grid.crs)
        tolerance = _BORDER_CELLS * min(abs(a), abs(e))
        lots, frames = [], []
        for start, stop in _lots(shapes):
            pause = partial(progress, start / len(shapes), _PREPARING)
            pause()
            rings = rings_of(shapes[start:stop])
            if not same:
                rings = moved_rings(rings, crs, grid.crs, tolerance, pause)
                if np.isnan(rings.x).any() or np.isnan(rings.y).any():
                    raise Problem(
                        f"Some areas reach beyond where “{grid.crs.name}”, the CRS of {grid.name}, is "
                        "defined.",
                        fix="Use a raster in longitude and latitude, or areas near the raster.",
                    )
            pause()
            rings = replace(rings, x=(rings.x - c) / a, y=(rings.y - f) / e)
            frames.append(ring_frames(rings.x, rings.y, rings.ring_offset, rings.is_hole))
            lots.append(rings)
        progress(1.0, _PREPARING)
        rings = joined_rings(lots) if lots else rings_of(shapes)
        sign = np.concatenate([each[0] for each in frames]) if frames else np.empty(0)
        ring_box = np.concatenate([each[1] for each in frames]) if frames else np.empty((0, 4))
        zone_box = np.empty((rings.shapes, 4))
        zone_box[:, :2], zone_box[:, 2:] = np.inf, -np.inf
        owner = np.repeat(np.arange(rings.shapes), np.diff(rings.shape_offset))
        np.minimum.at(zone_box[:, 0], owner, ring_box[:, 0])
        np.minimum.at(zone_box[:, 1], owner, ring_box[:, 1])
        np.maximum.at(zone_box[:, 2], owner, ring_box[:, 2])
        np.maximum.at(zone_box[:, 3], owner, ring_box[:, 3])
        return cls(rings, sign, ring_box, zone_box)

    def meeting(self, west: float, south: float, east: float, north: float) -> np.ndarray:
        """Zones whose box meets a box, int64."""
        box = self.zone_box
        meets = (box[:, 0] < east) & (box[:, 2] > west) & (box[:, 1] < north) & (box[:, 3] > south)
        return np.flatnonzero(meets)

    def lots(self, zones: np.ndarray, grid: _Grid, codes: int) -> Iterator[slice]:
        """Zones (int64) in runs that take some hundredths of a second each on this tile, and whose sums by
        as many codes are not too many."""
        first = self.rings.ring_offset[self.rings.shape_offset]
        box, (rows, cols) = self.zone_box[zones], grid.weights.shape
        wide = np.minimum(box[:, 2], grid.xe[-1]) - np.maximum(box[:, 0], grid.xe[0])
        tall = np.minimum(box[:, 3], grid.ye[-1]) - np.maximum(box[:, 1], grid.ye[0])
        cells = wide * tall * (rows / (grid.ye[-1] - grid.ye[0]) * cols / (grid.xe[-1] - grid.xe[0]))
        effort = np.cumsum(cells + _VERTEX_CELLS * (first[zones + 1] - first[zones]) + 4 * codes)
        most = max(1, _SUMS // codes)
        start = 0
        while start < len(zones):
            before = effort[start - 1] if start else 0.0
            stop = int(np.searchsorted(effort, before + _EFFORT, side="right"))
            stop = min(max(stop, start + 1), start + most)
            yield slice(start, stop)
            start = stop

    def add(self, zones: np.ndarray, grid: _Grid, codes: np.ndarray, out: np.ndarray) -> None:
        """Add the weights of `zones` by code to `out` [zones, codes]."""
        rings = self.rings
        flat = (zones, rings.x, rings.y, rings.ring_offset, rings.shape_offset, self.sign, self.ring_box)
        if grid.centres is None:
            add_zones(*flat, grid.xe, grid.ye, codes, grid.weights, out)
        else:
            east, south = grid.centres
            add_centres(*flat, grid.xe[0], grid.ye[0], east, south, codes, grid.weights, out)


@dataclass(frozen=True, slots=True, eq=False)
class _Grid:
    """Lines and weights of a tile. centres: None, or whether u rises to the east and v to the south."""

    xe: np.ndarray
    ye: np.ndarray
    weights: np.ndarray
    centres: tuple[bool, bool] | None = None


@dataclass(frozen=True, eq=False)
class _Step:
    """What is done with one tile for one hazard."""

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
        grid = _Grid(data.xe, data.ye, data.weights)
        for lot in self.placed.lots(touched, grid, self.columns):
            checkpoint()
            self.placed.add(touched[lot], grid, data.codes, out[lot])
        return total, touched, out, data.notes


@dataclass(frozen=True, slots=True, eq=False)
class _ManySums:
    """What one tile adds: by column in all and of the zones `touched`, and what was odd in it."""

    total: np.ndarray
    touched: np.ndarray
    zones: np.ndarray
    missing: int
    negative: int
    marked: tuple[Marked, ...]


@dataclass(frozen=True, eq=False)
class _ManyStep:
    """What is done with one tile for several hazards. offsets: where the columns of each hazard begin, and
    where the joint ones do. exposed: see `tabulate_many`; None for no joint columns."""

    overlay: Layered
    placed: _Placed
    offsets: np.ndarray
    exposed: Sequence[np.ndarray] | None
    columns: int
    centres: tuple[bool, bool] | None

    def __call__(self, datasets: Sequence[Any], tile: Tile) -> _ManySums:
        data = self.overlay.read(datasets, tile)
        total = np.zeros((1, self.columns))
        touched = self.placed.meeting(data.xe[0], data.ye[0], data.xe[-1], data.ye[-1])
        zones = np.zeros((len(touched), self.columns))
        grid = _Grid(data.xe, data.ye, data.weights, self.centres)
        for codes, shares in column_shares(data.groups, data.weights.shape, self.offsets, self.exposed):
            by_code = np.zeros((1, shares.count))
            add_all(codes, data.weights, by_code[0])
            shares.add(by_code, total)
            for lot in self.placed.lots(touched, grid, shares.count):
                checkpoint()
                by_code = np.zeros((lot.stop - lot.start, shares.count))
                self.placed.add(touched[lot], grid, codes, by_code)
                shares.add(by_code, zones[lot])
        return _ManySums(total[0], touched, zones, data.missing, data.negative, data.marked)


@dataclass(frozen=True, eq=False)
class _Found:
    """What goes with the sums of several hazards."""

    offsets: np.ndarray
    unit: str
    beyond: np.ndarray
    people_nodata_cells: int
    findings: list[list[Finding]]

    def tabulation(self, total: np.ndarray, by_zone: np.ndarray, hazard: int) -> Tabulation:
        """The part of one hazard."""
        own = slice(self.offsets[hazard], self.offsets[hazard + 1])
        zones = by_zone[:, own].copy()
        if self.unit == "m2":
            zones[:, -1] += self.beyond
        return Tabulation(
            total[own].copy(),
            zones,
            self.unit,
            self.beyond,
            self.people_nodata_cells,
            tuple(self.findings[hazard]),
        )


@dataclass(frozen=True, eq=False)
class _Asked:
    """A question about no, one or several hazards."""

    zones: Sequence[Any] | np.ndarray
    hazards: Sequence[RasterData]
    classes: Sequence[Classes]
    people: RasterData | None
    people_unit: str | None
    zones_crs: pyproj.CRS | None
    rule: Rule

    def run(
        self, exposed: Sequence[np.ndarray] | None, progress: Progress
    ) -> tuple[np.ndarray, np.ndarray, _Found]:
        """(total [c], zones [n, c], what goes with them); columns: the classes of each hazard with unknown
        (without hazards one column), then with `exposed` the joint ones."""
        people, hazards = self.people, self.hazards
        grid = people or (hazards[0] if hazards else None)
        if grid is None:
            raise ValueError("give a hazard raster, a population raster or both")
        for raster in [grid, *hazards]:
            refuse_rotated(raster)
        per_m2 = unit_area_m2(self.people_unit)
        shapes = np.asarray(self.zones, dtype=object).reshape(-1)
        crs = self.zones_crs or WGS84
        progress(0.0, _PREPARING)
        placed = _Placed.on(grid, shapes, crs, part(progress, 0.0, 0.02))
        overlay = Layered(hazards, self.classes, people, per_m2, refine=self.rule == "exact")
        widths = [len(listed) + 1 for listed in self.classes] or [1]
        offsets = np.concatenate([[0], np.cumsum(widths)]).astype(np.int64)
        columns = int(offsets[-1]) + (len(JointColumns(len(hazards))) if exposed is not None else 0)
        centres = (grid.transform[0] > 0, grid.transform[4] < 0) if self.rule == "centre" else None
        step = _ManyStep(overlay, placed, offsets, exposed, columns, centres)
        total, by_zone = np.zeros(columns), np.zeros((len(shapes), columns))
        missing = negative = 0
        marked, marks = [0] * len(hazards), [set[float]() for _ in hazards]
        text = f"Adding up {grid.name}"
        steps = over_tiles(overlay.rasters, overlay.tiles, step, part(progress, 0.02, 0.98), text)
        with _counted(progress):
            for found in steps:
                total += found.total
                by_zone[found.touched] += found.zones
                missing += found.missing
                negative += found.negative
                for odd in found.marked:
                    marked[odd.hazard] += odd.count
                    marks[odd.hazard] |= odd.marks
        findings: list[list[Finding]] = [list(each) for each in overlay.findings] or [[]]
        for number, hazard in enumerate(hazards):
            if marked[number]:
                findings[number].append(undeclared(hazard, marks[number], marked[number]))
        if negative and people is not None:
            for each in findings:
                each.append(negative_people(people, negative))
        beyond = _beyond(grid, shapes, crs, placed, part(progress, 0.98, 1.0))
        unit = "people" if people is not None else "m2"
        return total, by_zone, _Found(offsets, unit, beyond, missing + negative, findings)


@contextmanager
def _counted(progress: Progress) -> Iterator[None]:
    """Turns the first value that fits no class into a Problem that says how many cells hold such."""
    try:
        yield
    except Unfit as found:
        raise count_unfit(found.raster, found.classes, progress) from None


def _lots(shapes: np.ndarray) -> Iterator[tuple[int, int]]:
    """Runs of shapes with about _VERTICES vertices each, as (start, stop)."""
    ends = np.cumsum(shapely.get_num_coordinates(shapes)) if len(shapes) else np.empty(0)
    start = 0
    while start < len(shapes):
        before = ends[start - 1] if start else 0
        stop = max(int(np.searchsorted(ends, before + _VERTICES, side="right")), start + 1)
        yield start, stop
        start = stop


def _beyond(
    grid: RasterData, shapes: np.ndarray, crs: pyproj.CRS, placed: _Placed, progress: Progress
) -> np.ndarray:
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
    text = f"Measuring what lies beyond {grid.name}"
    if not len(leaves):
        progress(1.0, text)
        return out
    extent = grid.extent
    rectangle = shapely.box(extent.west, extent.south, extent.east, extent.north)
    same = same_crs(crs, grid.crs)
    a, _, c, _, e, f = grid.transform
    for start, stop in _lots(shapes[leaves]):
        if same:
            lot = leaves[start:stop]
            leaving = shapes[lot]
            wrong = ~shapely.is_valid(leaving)
            leaving[wrong] = shapely.make_valid(leaving[wrong])
            out[lot] = ground_area_m2(shapely.difference(leaving, rectangle), grid.crs)
        else:
            for zone in leaves[start:stop]:
                outside = shapely.difference(_shape(placed.rings, zone, a, c, e, f), rectangle)
                out[zone] = ground_area_m2(np.array([outside]), grid.crs)[0]
                progress(start / len(leaves), text)
        progress(stop / len(leaves), text)
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
