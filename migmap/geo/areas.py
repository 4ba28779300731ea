"""Areas to sum by: one per id, named, with what they share with each other."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pyproj
import shapely

from migmap.api import Finding, Problem, Progress, no_progress, part

from .columns import attribute_columns, row_ids, text_column, unknown_column
from .crs import WGS84, neighbourhood, reprojected, same_crs
from .ground import ground_area_m2
from .repair import meeting_pairs, only_polygons, repaired, split_into_groups, valid_polygon
from .wording import first_rows, km2_text, rows_text

if TYPE_CHECKING:
    from migmap.api import Extent, VectorData

OUTSIDE = "outside"
OVERLAP = "overlap"

# Ground two areas share counts as overlap from this share of the smaller one: below lies what
# rounding of coordinates leaves along borders that were meant to be one line.
OVERLAP_SHARE = 1e-9
_PAIRS_NAMED = 20


@dataclass(frozen=True, eq=False)
class AreaSet:
    """The areas of a run, in file order of their first row.

    ids: unique, text. names: what to call them. level: the column the ids came from, "row" where
        they are row numbers. shapes: object [n], valid polygons in `crs`, never None.
    rows: int64 [n], the row in the file of each area's first row. title: the layer's name.
    read_findings: what was odd when the rows were read; `findings` adds what the areas share.
    origin: the areas as read, where these are the same ones moved to another system.
    """

    ids: tuple[str, ...]
    names: tuple[str, ...]
    level: str
    shapes: np.ndarray
    crs: pyproj.CRS
    rows: np.ndarray
    title: str
    read_findings: tuple[Finding, ...] = ()
    origin: AreaSet | None = None

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def lonlat(self) -> AreaSet:
        """The same areas in WGS84 longitude and latitude."""
        return self.in_crs(WGS84)

    def in_crs(self, crs: pyproj.CRS) -> AreaSet:
        """The same areas in another system, edges densified where they were projected."""
        if same_crs(self.crs, crs):
            return self
        origin = self.origin or self
        if same_crs(origin.crs, crs):
            return origin
        return replace(self, shapes=valid_in(origin.shapes, origin.crs, crs), crs=crs, origin=origin)

    def near(self, crs: pyproj.CRS, extent: Extent) -> tuple[AreaSet, np.ndarray]:
        """The areas in the system of a raster, for reading it, and the ground cut off on the way.

        Returns (areas in `crs`, float64 [n + g] m2: ground of each area, then of the union of each
        overlapping group, that lies far from the raster and is no part of the shapes returned). Shapes
        are whole unless `crs` is a projection; then they are cut to the raster's neighbourhood first,
        where the projection holds. An area far away is an empty polygon.
        """
        none = np.zeros(len(self) + len(self.overlaps.groups))
        if same_crs(self.crs, crs) or not crs.is_projected:
            return self.in_crs(crs), none
        box = neighbourhood(extent, crs)
        whole = self.lonlat
        if box is None or bool(shapely.covers(box, whole.shapes).all()):
            return self.in_crs(crs), none
        kept = replace(whole, shapes=clipped(whole.shapes, box), origin=self.origin or self)
        cut_off = ground_area_m2(np.concatenate([whole.shapes, whole.unions]), WGS84)
        cut_off -= ground_area_m2(np.concatenate([kept.shapes, kept.unions]), WGS84)
        return replace(kept, shapes=valid_in(kept.shapes, WGS84, crs), crs=crs), np.maximum(cut_off, 0.0)

    @cached_property
    def ground_m2(self) -> np.ndarray:
        """float64 [n]: ground area of each area."""
        if self.origin is not None:
            return self.origin.ground_m2
        return np.asarray(ground_area_m2(self.lonlat.shapes, WGS84), dtype=np.float64)

    @cached_property
    def overlaps(self) -> Overlaps:
        """Which areas share ground with which."""
        if self.origin is not None:
            return self.origin.overlaps
        return _overlaps(self.lonlat.shapes, self.ground_m2)

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """area-without-id, area-ids-shared, area-without-shape, area-id-reserved, areas-overlap."""
        if not len(self.overlaps.pairs):
            return self.read_findings
        return (*self.read_findings, _overlap_finding(self))

    @cached_property
    def unions(self) -> np.ndarray:
        """object [g]: the union of each group of overlapping areas (`overlaps.groups`), in `crs`."""
        united = [only_polygons(shapely.union_all(self.shapes[group])) for group in self.overlaps.groups]
        return np.array(united, dtype=object)

    @cached_property
    def ground_together_m2(self) -> float:
        """Ground of all areas, what several share counted once."""
        excess = 0.0
        if self.overlaps.groups:
            united = ground_area_m2(self.lonlat.unions, WGS84)
            each = [float(self.ground_m2[group].sum()) for group in self.overlaps.groups]
            excess = math.fsum(each) - float(np.sum(united))
        return math.fsum(self.ground_m2) - excess

    def members(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Which areas each point lies in: (point index, area index), sorted by point, then file order.

        points: float64 [m, 2] in `crs`, NaN without a position. A point inside several overlapping
        areas belongs to each; one that is inside none but on a border belongs to the first of those
        areas in file order, only.
        """
        there = np.flatnonzero(np.isfinite(points).all(axis=1))
        if len(there) == 0 or len(self) == 0:
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
        # The tree holds the points, so that each polygon is prepared once for all of them.
        tree = shapely.STRtree(shapely.points(points[there]))
        area, point = tree.query(self.shapes, predicate="contains_properly")
        inside = np.zeros(len(there), dtype=bool)
        inside[point] = True
        border_area, border_point = tree.query(self.shapes, predicate="intersects")
        border = ~inside[border_point]
        order = np.lexsort((border_area[border], border_point[border]))
        on_point, first = np.unique(border_point[border][order], return_index=True)
        on_area = border_area[border][order][first]
        points_found = there[np.concatenate([point, on_point])]
        areas_found = np.concatenate([area, on_area])
        order = np.lexsort((areas_found, points_found))
        return points_found[order].astype(np.int64), areas_found[order].astype(np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Overlaps:
    """pairs: int64 [p, 2] of areas that share ground, the largest share first; shared_m2: float64 [p];
    groups: connected groups of area indices, rising."""

    pairs: np.ndarray
    shared_m2: np.ndarray
    groups: tuple[np.ndarray, ...]


def area_set(data: VectorData, area_id: str | None = None, progress: Progress = no_progress) -> AreaSet:
    """The areas of a boundary layer.

    area_id: the column that identifies them; None takes the column with the role "pcode", and without
    one the row number. Rows sharing an id are one area; a row without an id is "row:N", its row in the
    file. Rows without a polygon are set aside. Raises Problem for an unknown column, no CRS, or no
    polygon at all.
    """
    if area_id is not None and area_id not in attribute_columns(data):
        raise unknown_column(data, area_id)
    data = repaired(data, part(progress, 0.0, 0.8))
    frame = data.frame
    column = area_id or data.roles.get("pcode")
    level = column or "row"
    rows = np.asarray(data.row_numbers, dtype=np.int64)
    findings: list[Finding] = []

    shapes = np.array([only_polygons(shape) for shape in frame.geometry.to_numpy()], dtype=object)
    flat = np.array([shape is None for shape in shapes], dtype=bool)
    if len(shapes) == 0 or flat.all():
        raise Problem(
            f"{data.source.path} holds no polygon, so nothing can be summed by its areas.",
            fix="Give a layer of polygons, for example district boundaries.",
        )
    if frame.crs is None:
        raise Problem(
            f"{data.source.path} does not say in which coordinate system it is.",
            fix="State it, for example with --crs EPSG:4326.",
        )
    if flat.any():
        findings.append(
            Finding(
                "area-without-shape",
                "warning",
                f"{data.name}: {rows_text(int(flat.sum()))} without a polygon, set aside: no sums there.",
                int(flat.sum()),
                first_rows(rows[flat]),
            )
        )

    ids = row_ids(data, column)
    without = np.array([value is None for value in ids], dtype=bool) & ~flat
    if without.any():
        findings.append(
            Finding(
                "area-without-id",
                "warning",
                f"{data.name}: {rows_text(without.sum())} without a value in “{column}”; "
                f"{'it' if without.sum() == 1 else 'each'} is an area of its own, called “row:N” after its "
                "row in the file.",
                int(without.sum()),
                first_rows(rows[without]),
            )
        )
    labels = [f"row:{row}" if value is None else value for value, row in zip(ids, rows, strict=True)]
    taken = [i for i, label in enumerate(labels) if label in (OUTSIDE, OVERLAP) and not flat[i]]
    if taken:
        findings.append(
            Finding(
                "area-id-reserved",
                "warning",
                f"{data.name}: {rows_text(len(taken))} with the id “outside” or “overlap”, words results use "
                "themselves; written as “id:outside”, “id:overlap”.",
                len(taken),
                first_rows(rows[taken]),
            )
        )
        for i in taken:
            labels[i] = f"id:{labels[i]}"

    members: dict[str, list[int]] = {}
    for i, label in enumerate(labels):
        if not flat[i]:
            members.setdefault(label, []).append(i)
    shared = [group for group in members.values() if len(group) > 1]
    if shared:
        count = sum(len(group) for group in shared)
        findings.append(
            Finding(
                "area-ids-shared",
                "info",
                f"{data.name}: {rows_text(count)} share {len(shared):,} "
                f"{'id' if len(shared) == 1 else 'ids'} in “{column}”; rows with one id are one area.",
                count,
                first_rows(rows[sorted(i for group in shared for i in group)]),
            )
        )
    united = [
        shapes[group[0]] if len(group) == 1 else only_polygons(shapely.union_all(shapes[group]))
        for group in members.values()
    ]
    first = np.array([group[0] for group in members.values()], dtype=np.int64)
    names = text_column(data, data.roles.get("name"))
    progress(0.9, "comparing areas")
    return AreaSet(
        ids=tuple(members),
        names=tuple(names[i] or label for i, label in zip(first, members, strict=True)),
        level=level,
        shapes=np.array(united, dtype=object),
        crs=pyproj.CRS(frame.crs),
        rows=rows[first],
        title=data.name,
        read_findings=tuple(findings),
    )


def clipped(shapes: np.ndarray, box: shapely.Geometry) -> np.ndarray:
    """Polygons cut to a box, object [n]; an empty polygon where nothing of one is inside."""
    result = np.asarray(shapes, dtype=object).copy()
    for i in np.flatnonzero(~shapely.covers(box, result)):
        result[i] = only_polygons(shapely.intersection(result[i], box)) or shapely.Polygon()
    return result


def valid_in(shapes: np.ndarray, from_crs: pyproj.CRS, to_crs: pyproj.CRS) -> np.ndarray:
    """Polygons in another system, densified, and still valid: moving can make an edge cross its
    neighbour by a hair. Raises Problem where the system does not reach."""
    if same_crs(from_crs, to_crs):
        return shapes
    moved = reprojected(shapes, from_crs, to_crs, densify=True)
    if not np.isfinite(shapely.get_coordinates(moved)).all():
        raise Problem(
            f"Some polygons reach beyond where the coordinate system “{to_crs.name}” is defined.",
            fix="Use layers in longitude and latitude, or cut the polygons to the region in question.",
        )
    broken = np.flatnonzero(~shapely.is_valid(moved))
    for i in broken:
        moved[i] = valid_polygon(moved[i]) or moved[i]
    return moved


def _overlaps(shapes: np.ndarray, ground_m2: np.ndarray) -> Overlaps:
    none = Overlaps(np.empty((0, 2), dtype=np.int64), np.empty(0), ())
    # Fast for the usual clean set: shared borders with shared vertices, no ground twice.
    if len(shapes) < 2 or bool(shapely.coverage_is_valid(shapes)):
        return none
    a, b = meeting_pairs(shapes)
    common = [only_polygons(shape) for shape in shapely.intersection(shapes[a], shapes[b])]
    there = np.array([shape is not None for shape in common], dtype=bool)
    shared = np.zeros(len(a))
    if there.any():
        shared[there] = ground_area_m2(np.array(common, dtype=object)[there], WGS84)
    real = shared > OVERLAP_SHARE * np.minimum(ground_m2[a], ground_m2[b])
    a, b, shared = a[real], b[real], shared[real]
    if len(a) == 0:
        return none
    order = np.lexsort((b, a, -shared))
    _, groups = split_into_groups(len(shapes), a, b)
    return Overlaps(np.column_stack([a, b])[order].astype(np.int64), shared[order], tuple(groups))


def _overlap_finding(areas: AreaSet) -> Finding:
    pairs, shared = areas.overlaps.pairs, areas.overlaps.shared_m2 / 1e6
    named = [
        f"{_called(areas, a)} and {_called(areas, b)} ({km2_text(share)})"
        for (a, b), share in zip(pairs[:_PAIRS_NAMED], shared, strict=False)
    ]
    if len(pairs) > _PAIRS_NAMED:
        named.append(f"{len(pairs) - _PAIRS_NAMED:,} more")
    overlap = "pair of areas overlaps" if len(pairs) == 1 else "pairs of areas overlap"
    return Finding(
        "areas-overlap",
        "warning",
        f"{areas.title}: {len(pairs):,} {overlap} by {km2_text(math.fsum(shared))} in all. Each area keeps "
        "its own full figure, and what is thereby counted more than once is taken off again in the row "
        f"“overlap”. {'The pair' if len(pairs) == 1 else 'The largest first'}: {'; '.join(named)}.",
        len(pairs),
        first_rows(np.unique(areas.rows[pairs.ravel()])),
    )


def _called(areas: AreaSet, index: int) -> str:
    name, label = areas.names[index], areas.ids[index]
    return name if name == label else f"{name} ({label})"
