"""Hazard polygons as classes of ground: each place in one class, cut exactly by areas."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pyproj
import shapely

from migmap.api import Finding, Problem, Progress, no_progress, part

from .areas import AreaSet, clipped, valid_in
from .columns import attribute_columns, text_column, unknown_column
from .crs import WGS84, neighbourhood, same_crs
from .repair import meeting_pairs, only_polygons, repaired, split_into_groups
from .wording import first_rows, rows_text

if TYPE_CHECKING:
    from migmap.api import Extent, VectorData

EXPOSED = "exposed"
_LOT, _PAIRS = 16, 256
"""Shapes, and pairs to compare, between two calls of progress; each may take some milliseconds."""


@dataclass(frozen=True, eq=False)
class HazardPolygons:
    """The polygons of a hazard, one part each, with their class.

    labels: the classes, rising where they are numbers, else in file order. parts: object [m], valid
    single polygons in `crs`. codes: int64 [m], index into labels; len(labels) where the row has no
    class. rank: int64 [len(labels) + 1]: where classes overlap, the place belongs to the highest rank;
    having no class ranks lowest.
    """

    labels: tuple[str, ...]
    parts: np.ndarray
    codes: np.ndarray
    rank: np.ndarray
    crs: pyproj.CRS
    findings: tuple[Finding, ...] = ()

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """west, south, east, north in `crs`."""
        west, south, east, north = shapely.total_bounds(self.parts)
        return float(west), float(south), float(east), float(north)

    def at(self, points: np.ndarray) -> np.ndarray:
        """int64 [n]: the class of each point (float64 [n, 2] in `crs`); a border counts as inside.
        -1 outside all polygons and without a position."""
        result = np.full(len(points), -1, dtype=np.int64)
        there = np.flatnonzero(np.isfinite(points).all(axis=1))
        if len(there) == 0:
            return result
        tree = shapely.STRtree(shapely.points(points[there]))
        part, point = tree.query(self.parts, predicate="intersects")
        best = np.full(len(there), -1, dtype=np.int64)
        np.maximum.at(best, point, self.rank[self.codes[part]])
        code_of_rank = np.argsort(self.rank)
        hit = best >= 0
        result[there[hit]] = code_of_rank[best[hit]]
        return result

    @cached_property
    def mixed_parts(self) -> np.ndarray:
        """int64: parts that share ground with a part of another class."""
        if len(np.unique(self.codes)) < 2:
            return np.empty(0, dtype=np.int64)
        a, b = _shared_ground(self.parts)
        mixed = self.codes[a] != self.codes[b]
        return np.unique(np.concatenate([a[mixed], b[mixed]]))

    def regions(
        self, crs: pyproj.CRS, extent: Extent | None = None, progress: Progress = no_progress
    ) -> Regions:
        """The same ground in `crs`, in pieces that share none: what parts of one class share is there
        once, what different classes share belongs to the one of highest rank.

        extent: in a projected `crs`, leave out what lies far from this box, where the projection fails.
        """
        own_parts, own_codes = self.parts, self.codes
        progress(0.0, "making classes of the polygons")
        box = None if extent is None or same_crs(self.crs, crs) else neighbourhood(extent, crs)
        if box is not None and crs.is_projected:
            near = clipped(valid_in(own_parts, self.crs, WGS84), box)
            own_parts, owner = shapely.get_parts(near, return_index=True)
            own_codes = own_codes[owner]
            full = ~shapely.is_empty(own_parts)
            parts, codes_of = valid_in(own_parts[full], WGS84, crs), own_codes[full]
        else:
            parts, codes_of = valid_in(own_parts, self.crs, crs), own_codes
        a, b = _shared_ground(parts, part(progress, 0.0, 0.5))
        lone, groups = split_into_groups(len(parts), a, b)
        shapes, codes = [parts[lone]], [codes_of[lone]]
        for number, group in enumerate(groups):
            taken: shapely.Geometry | None = None
            progress(0.5 + 0.5 * number / len(groups), "making classes of the polygons")
            for code in sorted(set(codes_of[group].tolist()), key=lambda c: -int(self.rank[c])):
                own = shapely.union_all(parts[group][codes_of[group] == code])
                left = only_polygons(own if taken is None else shapely.difference(own, taken))
                taken = own if taken is None else shapely.union(taken, own)
                if left is not None:
                    pieces = shapely.get_parts(left)
                    shapes.append(pieces)
                    codes.append(np.full(len(pieces), code, dtype=np.int64))
        return Regions(np.concatenate(shapes), np.concatenate(codes), len(self.labels) + 1, crs)


@dataclass(frozen=True, slots=True, eq=False)
class Regions:
    """shapes: object [m], polygons in `crs` that share no ground. codes: int64 [m], rising from 0 to
    count - 1."""

    shapes: np.ndarray
    codes: np.ndarray
    count: int
    crs: pyproj.CRS

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """west, south, east, north in `crs`; NaN without regions."""
        if not len(self.shapes):
            return (np.nan,) * 4
        west, south, east, north = shapely.total_bounds(self.shapes)
        return float(west), float(south), float(east), float(north)


Measure = Callable[[np.ndarray], np.ndarray]
"""Polygons (object [n]) to amounts (float64 [n], or [n, c] for c of them) that add up when a polygon is
cut."""


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """Amounts by class (k) and area (n): everything == areas.sum(0) + outside + overlap.

    everything, outside, overlap: float64 [k]; areas: float64 [n, k]; each with one more axis at the end where
    the measure gives several amounts.
    """

    everything: np.ndarray
    areas: np.ndarray
    outside: np.ndarray
    overlap: np.ndarray


def hazard_polygons(data: VectorData, column: str | None, progress: Progress = no_progress) -> HazardPolygons:
    """The polygons of a hazard layer with their classes.

    column: the class column; None makes all of it one class, "exposed". Raises Problem for an unknown
    column, no polygon, no CRS. Findings: hazard-class-unknown (rows without a class value),
    hazard-without-shape, hazard-class-spelling,
    hazard-overlap.
    """
    if column is not None and column not in attribute_columns(data):
        raise unknown_column(data, column)
    data = repaired(data, part(progress, 0.0, 0.7))
    frame = data.frame
    rows = np.asarray(data.row_numbers)
    shapes = np.array([only_polygons(shape) for shape in frame.geometry.to_numpy()], dtype=object)
    usable = np.array([shape is not None for shape in shapes], dtype=bool)
    if len(shapes) == 0 or not usable.any():
        raise Problem(
            f"{data.source.path} holds no polygon, so it cannot say where the hazard is.",
            fix="Give hazard polygons, for example a flood extent, or a hazard raster.",
        )
    if frame.crs is None:
        raise Problem(
            f"{data.source.path} does not say in which coordinate system it is.",
            fix="State it, for example with --crs EPSG:4326.",
        )
    findings: list[Finding] = []
    if not usable.all():
        findings.append(
            Finding(
                "hazard-without-shape",
                "warning",
                f"{data.name}: {rows_text((~usable).sum())} without a polygon, set aside.",
                int((~usable).sum()),
                first_rows(rows[~usable]),
            )
        )
    if column is None:
        labels: tuple[str, ...] = (EXPOSED,)
        code_of_row = np.zeros(len(frame), dtype=np.int64)
        rank = np.array([1, 0], dtype=np.int64)
    else:
        values = text_column(data, column)
        labels, rank = _classes([v for v, ok in zip(values, usable, strict=True) if ok and v is not None])
        code_of = {label: i for i, label in enumerate(labels)}
        code_of_row = np.array([len(labels) if v is None else code_of.get(v, 0) for v in values])
        blank = (code_of_row == len(labels)) & usable
        if blank.any():
            findings.append(
                Finding(
                    "hazard-class-unknown",
                    "warning",
                    f"{data.name}: {rows_text(blank.sum())} without a value in “{column}”; "
                    "what lies there is unknown.",
                    int(blank.sum()),
                    first_rows(rows[blank]),
                )
            )
        folded: dict[str, list[str]] = {}
        for label in labels:
            folded.setdefault(" ".join(label.casefold().split()), []).append(label)
        alike = [f"“{'” and “'.join(same)}”" for same in folded.values() if len(same) > 1]
        if alike:
            findings.append(
                Finding(
                    "hazard-class-spelling",
                    "warning",
                    f"{data.name}: classes in “{column}” that differ only in capitals or spaces are kept "
                    f"apart: {'; '.join(alike)}.",
                    len(alike),
                )
            )
    parts, owner = shapely.get_parts(shapes[usable], return_index=True)
    row_of_part = np.flatnonzero(usable)[owner]
    hazard = HazardPolygons(labels, parts, code_of_row[row_of_part], rank, pyproj.CRS(frame.crs))
    mixed = np.unique(row_of_part[hazard.mixed_parts])
    if len(mixed):
        wins = "the highest class" if _numbers(labels) else "the class that comes first in the file"
        findings.append(
            Finding(
                "hazard-overlap",
                "warning",
                f"{data.name}: {rows_text(len(mixed))} of different classes overlap; "
                f"ground they share belongs to {wins}.",
                len(mixed),
                first_rows(rows[mixed]),
            )
        )
    return HazardPolygons(hazard.labels, hazard.parts, hazard.codes, hazard.rank, hazard.crs, tuple(findings))


def cut_by_areas(
    regions: Regions, areas: AreaSet | None, measure: Measure, progress: Progress = no_progress
) -> Cut:
    """What `measure` finds of the regions, by class, in each area, outside all, and counted twice.

    Only regions that cross a border are cut; one inside an area is taken whole. Areas are brought into
    the regions' system first, so that every cut runs along one and the same line on both sides.
    """
    k = regions.count
    if areas is None:
        whole = np.asarray(measure(regions.shapes), dtype=np.float64)
        none = np.zeros((k, *whole.shape[1:]))
        return Cut(_by_class(regions.codes, whole, k), np.zeros((0, *none.shape)), none, none.copy())
    fitted = areas.in_crs(regions.crs)
    tree = shapely.STRtree(regions.shapes)
    area, region = _found(tree, fitted.shapes, "intersects", part(progress, 0.0, 0.05))
    inside_area, inside_region = _found(tree, fitted.shapes, "covers", part(progress, 0.05, 0.1))
    count = len(regions.shapes)
    is_inside = np.isin(area * count + region, inside_area * count + inside_region)
    home = np.zeros(count, dtype=bool)
    home[inside_region] = True

    # Cut what crosses a border. A region inside one area can still reach into another that overlaps it.
    group = np.full(len(areas), -1, dtype=np.int64)
    for number, members in enumerate(fitted.overlaps.groups):
        group[members] = number
    needed = ~is_inside & (~home[region] | (group[area] >= 0))
    cut_area, cut_region = area[needed], region[needed]
    pieces, at = _pieces(fitted.shapes, regions.shapes, cut_area, cut_region, part(progress, 0.1, 0.4))
    piece_area = np.concatenate([area[is_inside], cut_area[at]])
    piece_region = np.concatenate([region[is_inside], cut_region[at]])
    pieces = np.concatenate([regions.shapes[region[is_inside]], pieces])

    crowds = _crowds(group, piece_area, piece_region)
    united = _united(pieces, crowds, part(progress, 0.4, 0.45))
    away = np.flatnonzero(~home)
    rest, rest_region = _left_over(
        regions.shapes, fitted.shapes, area, region, away, part(progress, 0.45, 0.6)
    )

    # One call for all, because measuring may mean reading a raster.
    progress(0.6, "measuring")
    amounts = np.asarray(measure(np.concatenate([regions.shapes, pieces, united, rest])), dtype=np.float64)
    whole, each, once, left = np.split(amounts, np.cumsum([count, len(pieces), len(united)]))
    sums = np.zeros((len(areas), k, *amounts.shape[1:]))
    np.add.at(sums, (piece_area, regions.codes[piece_region]), each)
    overlap = np.zeros(sums.shape[1:])
    for crowd, amount in zip(crowds, once, strict=True):
        overlap[regions.codes[piece_region[crowd[0]]]] += amount - each[crowd].sum(axis=0)
    everything = _by_class(regions.codes, whole, k)
    outside = _by_class(regions.codes[rest_region], left, k)
    # Rounding along borders leaves slivers that no one means.
    outside[outside <= 1e-12 * everything] = 0.0
    return Cut(everything, sums, outside, overlap)


def _classes(values: list[str]) -> tuple[tuple[str, ...], np.ndarray]:
    """Labels in order and their rank (one more for "no class", lowest)."""
    unique = list(dict.fromkeys(values))
    if _numbers(unique):
        labels = tuple(sorted(unique, key=float))
        return labels, np.array([*range(1, len(labels) + 1), 0], dtype=np.int64)
    return tuple(unique), np.array([*range(len(unique), 0, -1), 0], dtype=np.int64)


def _numbers(labels: list[str] | tuple[str, ...]) -> bool:
    try:
        return all(np.isfinite(float(label)) for label in labels)
    except ValueError:
        return False


def _shared_ground(parts: np.ndarray, progress: Progress = no_progress) -> tuple[np.ndarray, np.ndarray]:
    """Pairs (a < b) of polygons whose interiors meet."""
    a, b = meeting_pairs(parts)
    real = np.zeros(len(a), dtype=bool)
    for start in range(0, len(a), _PAIRS):
        progress(start / len(a), "making classes of the polygons")
        lot = slice(start, start + _PAIRS)
        real[lot] = shapely.relate_pattern(parts[a[lot]], parts[b[lot]], "T********")
    return a[real], b[real]


def _by_class(codes: np.ndarray, amounts: np.ndarray, k: int) -> np.ndarray:
    if amounts.ndim == 1:
        return np.bincount(codes, weights=amounts, minlength=k).astype(np.float64)
    return np.stack([_by_class(codes, column, k) for column in amounts.T], axis=-1)


def _found(
    tree: shapely.STRtree, areas: np.ndarray, predicate: str, progress: Progress
) -> tuple[np.ndarray, np.ndarray]:
    """(area, shape of the tree) pairs, in the order of the areas."""
    area: list[np.ndarray] = [np.empty(0, dtype=np.int64)]
    shape: list[np.ndarray] = [np.empty(0, dtype=np.int64)]
    for start in range(0, len(areas), _LOT):
        progress(start / len(areas), "finding the areas of the hazard")
        which, found = tree.query(areas[start : start + _LOT], predicate=predicate)
        area.append(which + start)
        shape.append(found)
    return np.concatenate(area), np.concatenate(shape)


def _united(pieces: np.ndarray, crowds: list[np.ndarray], progress: Progress) -> np.ndarray:
    """The union of each crowd of pieces."""
    found: list[shapely.Geometry] = []
    for number, crowd in enumerate(crowds):
        progress(number / len(crowds), "finding what areas share")
        found.append(shapely.union_all(pieces[crowd]))
    return _shapes(found)


def _pieces(
    areas: np.ndarray, regions: np.ndarray, area: np.ndarray, region: np.ndarray, progress: Progress
) -> tuple[np.ndarray, np.ndarray]:
    """The polygons of each intersection, and which pair each belongs to (pairs without are left out)."""
    found: list[shapely.Geometry] = []
    at: list[int] = []
    for start in range(0, len(area), _LOT):
        progress(start / len(area), "cutting the hazard by area")
        stop = start + _LOT
        for i, shape in enumerate(shapely.intersection(regions[region[start:stop]], areas[area[start:stop]])):
            piece = only_polygons(shape)
            if piece is not None:
                found.append(piece)
                at.append(start + i)
    return _shapes(found), np.array(at, dtype=np.int64)


def _crowds(group: np.ndarray, area: np.ndarray, region: np.ndarray) -> list[np.ndarray]:
    """Indices of pieces of one region in several areas of one overlapping group: what those share is
    counted more than once."""
    mine = np.flatnonzero(group[area] >= 0)
    if len(mine) == 0:
        return []
    keys = np.column_stack([region[mine], group[area[mine]]])
    _, which, times = np.unique(keys, axis=0, return_inverse=True, return_counts=True)
    order = np.argsort(which.ravel(), kind="stable")
    return [crowd for crowd in np.split(mine[order], np.cumsum(times)[:-1]) if len(crowd) > 1]


def _left_over(
    regions: np.ndarray,
    areas: np.ndarray,
    area: np.ndarray,
    region: np.ndarray,
    away: np.ndarray,
    progress: Progress,
) -> tuple[np.ndarray, np.ndarray]:
    """What of the regions `away` lies in no area: (polygons, region of each)."""
    met: dict[int, list[int]] = {}
    for a, r in zip(area.tolist(), region.tolist(), strict=True):
        met.setdefault(r, []).append(a)
    found: list[shapely.Geometry] = []
    at: list[int] = []
    for number, r in enumerate(away.tolist()):
        progress(number / len(away), "finding what lies outside the areas")
        shape = regions[r]
        if r in met:
            shape = only_polygons(shapely.difference(shape, shapely.union_all(areas[met[r]])))
        if shape is not None:
            found.append(shape)
            at.append(r)
    return _shapes(found), np.array(at, dtype=np.int64)


def _shapes(found: list[shapely.Geometry]) -> np.ndarray:
    shapes = np.empty(len(found), dtype=object)
    shapes[:] = found
    return shapes
