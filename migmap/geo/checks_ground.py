"""Polygons against each other: ground that two of them cover, holes between them, shapes that are points."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pyproj
import shapely

from migmap.api import Finding, Progress, no_progress, part

from .checks_rows import repeated_rows, series_labels
from .columns import text_column
from .crs import WGS84, reprojected
from .ground import ground_area_m2
from .repair import only_polygons
from .wording import counted, first_rows, km2_text

if TYPE_CHECKING:
    from migmap.api import VectorData

# Below this share of the smaller polygon lies what rounding of coordinates leaves along one line.
_ROUNDING = 1e-9
# Ground in strips narrower than this (metres, mean width) that is little of either: borders drawn twice.
SLIVER_M = 20.0
_SLIVER_SHARE = 0.02
# Two polygons are one drawn twice from this share of ground in common on.
SAME_GROUND = 0.9
_NAMED = 20
_CHUNK = 20_000
# Cutting more edges than these with each other would take minutes that cannot be cancelled.
_MOST_EDGES = 300_000
_POINT_M2 = 1.0
_BUFFERS = 0.9


@dataclass(frozen=True, slots=True, eq=False)
class Shared:
    """Pairs of rows (a < b, indices) whose polygons share ground, the most first.

    shared_m2: ground in common. width_m: mean width of it. likeness: shared ground as a share of what the
    two cover together, 1 for the same polygon.
    """

    a: np.ndarray
    b: np.ndarray
    shared_m2: np.ndarray
    width_m: np.ndarray
    likeness: np.ndarray
    smaller_share: np.ndarray

    @property
    def sliver(self) -> np.ndarray:
        """bool: a strip along the border and no real overlap."""
        return np.asarray((self.width_m < SLIVER_M) & (self.smaller_share < _SLIVER_SHARE), dtype=bool)


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """The valid polygons of a layer in longitude and latitude. rows: indices into the frame; area_m2:
    ground of each."""

    rows: np.ndarray
    shapes: np.ndarray
    area_m2: np.ndarray


def ground_of(data: VectorData) -> Ground | None:
    """None where the layer has no polygons or no CRS."""
    shapes = data.frame.geometry.to_numpy()
    rows = np.flatnonzero(np.isin(shapely.get_type_id(shapes), (3, 6)))
    if not len(rows) or data.frame.crs is None:
        return None
    crs = pyproj.CRS(data.frame.crs)
    moved = reprojected(shapes[rows], crs, WGS84, densify=False)
    # Moving can make an edge cross its neighbour by a hair; what is invalid would fail below.
    for at in np.flatnonzero(~shapely.is_valid(moved)):
        moved[at] = only_polygons(shapely.make_valid(moved[at], method="structure", keep_collapsed=False))
    there = ~shapely.is_missing(moved)
    rows, moved = rows[there], moved[there]
    if not len(rows) or not np.isfinite(shapely.total_bounds(moved)).all():
        return None
    return Ground(rows, moved, np.asarray(ground_area_m2(moved, WGS84)))


def shared_ground(ground: Ground, progress: Progress = no_progress) -> Shared:
    """Every pair of polygons that covers some ground twice. Indices are those of `ground`."""
    shapes = ground.shapes
    none = np.empty(0)
    empty = Shared(none.astype(np.int64), none.astype(np.int64), none, none, none, none)
    progress(0.0, "comparing areas")
    # Fast for the usual clean set: shared borders with shared vertices, no ground twice.
    if len(shapes) < 2 or bool(shapely.coverage_is_valid(shapes)):
        return empty
    tree = shapely.STRtree(shapes)
    left: list[np.ndarray] = []
    right: list[np.ndarray] = []
    for start in range(0, len(shapes), _CHUNK):
        progress(0.4 * start / len(shapes), "comparing areas")
        a, b = tree.query(shapes[start : start + _CHUNK])
        a = a + start
        a, b = a[a < b], b[a < b]
        if not len(a):
            continue
        shapely.prepare(shapes[np.unique(a)])
        # Interiors in common; shared borders and corners do not count.
        inside = ~shapely.touches(shapes[a], shapes[b]) & shapely.intersects(shapes[a], shapes[b])
        left.append(a[inside])
        right.append(b[inside])
    shapely.destroy_prepared(shapes)
    if not left:
        return empty
    a, b = np.concatenate(left), np.concatenate(right)
    shared, width = np.zeros(len(a)), np.zeros(len(a))
    step = 2_000
    for start in range(0, len(a), step):
        progress(0.4 + 0.6 * start / len(a), "measuring ground in common")
        at = slice(start, start + step)
        common = [only_polygons(one) for one in shapely.intersection(shapes[a[at]], shapes[b[at]])]
        pieces = np.array(common, dtype=object)
        there = ~shapely.is_missing(pieces)
        if there.any():
            m2, edge = ground_area_m2(pieces[there], WGS84), _border_m(pieces[there])
            where = np.flatnonzero(there) + start
            shared[where] = m2
            width[where] = 2.0 * m2 / np.maximum(edge, 1e-9)
    smaller = np.minimum(ground.area_m2[a], ground.area_m2[b])
    both = ground.area_m2[a] + ground.area_m2[b] - shared
    real = shared > _ROUNDING * np.maximum(smaller, 1.0)
    a, b, shared, width, smaller, both = (x[real] for x in (a, b, shared, width, smaller, both))
    order = np.lexsort((b, a, -shared))
    return Shared(
        a[order].astype(np.int64),
        b[order].astype(np.int64),
        shared[order],
        width[order],
        (shared / np.maximum(both, 1e-9))[order],
        (shared / np.maximum(smaller, 1e-9))[order],
    )


def _border_m(shapes: np.ndarray) -> np.ndarray:
    """float64 [n]: length of all rings on the ground, on a sphere of local scale: good to half a percent,
    which is enough to tell a strip from an area."""
    parts, part_owner = shapely.get_parts(shapes, return_index=True)
    rings, ring_part = shapely.get_rings(parts, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    middle = np.radians((points[1:, 1] + points[:-1, 1]) / 2)
    x = np.diff(points[:, 0]) * np.cos(middle) * 111_320.0
    y = np.diff(points[:, 1]) * 110_900.0
    length = np.hypot(x, y) * (ring[1:] == ring[:-1])
    owner = part_owner[ring_part[ring[1:]]]
    return np.bincount(owner, weights=length, minlength=len(shapes))


def ground_findings(data: VectorData, progress: Progress = no_progress) -> tuple[Finding, ...]:
    """areas-overlap, areas-slivers, near-duplicate-shapes, areas-gaps (boundaries only), polygon-as-point."""
    ground = ground_of(data)
    if ground is None:
        return ()
    findings = list(points_in_disguise(data, ground))
    shared = shared_ground(ground, part(progress, 0.0, 0.6))
    findings += _shared_findings(data, ground, shared)
    if data.kind == "boundary" and len(ground.rows) > 1:
        findings += _gap_findings(data, ground, part(progress, 0.6, 1.0))
    progress(1.0, "comparing areas")
    return tuple(findings)


def _names(data: VectorData, ground: Ground) -> list[str]:
    names = text_column(data, data.roles.get("name"))
    codes = text_column(data, data.roles.get("pcode"))
    rows = data.row_numbers
    return [names[k] or codes[k] or f"row {int(rows[k]):,}" for k in ground.rows]


def _shared_findings(data: VectorData, ground: Ground, shared: Shared) -> list[Finding]:
    rows = data.row_numbers[ground.rows]
    names = _names(data, ground)
    a, b = shared.a, shared.b
    turn = series_labels(data)[ground.rows]
    extra = repeated_rows(data).extra[ground.rows]
    ids = text_column(data, data.roles.get("pcode"))
    parents = text_column(data, data.roles.get("parent_pcode"))
    counted_ones = (turn[a] == turn[b]) & ~extra[a] & ~extra[b]
    for at in np.flatnonzero(counted_ones):
        i, j = ground.rows[a[at]], ground.rows[b[at]]
        # A district and its province in one layer, or two pieces of one district, share ground rightly.
        family = (ids[i] is not None and ids[i] in (ids[j], parents[j])) or (
            ids[j] is not None and ids[j] == parents[i]
        )
        counted_ones[at] = not family
    same = counted_ones & (shared.likeness >= SAME_GROUND)
    findings = []
    if same.any():
        pairs = [
            f"{names[i]} (row {int(rows[i]):,}) and {names[j]} (row {int(rows[j]):,}), {share:.0%} in common"
            for i, j, share in zip(a[same][:3], b[same][:3], shared.likeness[same][:3], strict=True)
        ]
        count = int(same.sum())
        findings.append(
            Finding(
                "near-duplicate-shapes",
                "warning",
                f"{counted(count, 'pair of polygons covers', 'pairs of polygons cover')} almost the same "
                f"ground: {'; '.join(pairs)}{_more(count - 3)}.",
                count,
                first_rows(np.unique(np.concatenate([rows[a[same]], rows[b[same]]]))),
            )
        )
    overlaps = counted_ones & ~same
    if overlaps.any():
        findings.append(_overlap_finding(data, rows, names, shared, overlaps))
    return findings


def _overlap_finding(
    data: VectorData, rows: np.ndarray, names: list[str], shared: Shared, chosen: np.ndarray
) -> Finding:
    a, b, m2 = shared.a[chosen], shared.b[chosen], shared.shared_m2[chosen]
    slivers = shared.sliver[chosen]
    real = int((~slivers).sum())
    pairs = "pair of areas overlaps" if len(a) == 1 else "pairs of areas overlap"
    named = [
        f"{names[i]} and {names[j]} ({km2_text(share / 1e6)})"
        for i, j, share in zip(a[:_NAMED], b[:_NAMED], m2, strict=False)
    ]
    message = f"{len(a):,} {pairs} by {km2_text(math.fsum(m2) / 1e6)} in all"
    if slivers.any():
        thin = math.fsum(m2[slivers]) / 1e6
        message += (
            f"; {int(slivers.sum()):,} of them only in strips narrower than {SLIVER_M:g} m along the border "
            f"({km2_text(thin)})"
        )
    message += f". The largest first: {'; '.join(named)}{_more(len(a) - _NAMED)}."
    # Whoever counts by area counts twice there; blocks, buildings and floods may well overlap.
    strict = data.kind in ("boundary", "population") and real
    return Finding(
        "areas-overlap",
        "warning" if strict else "info",
        message,
        len(a),
        first_rows(np.unique(np.concatenate([rows[a], rows[b]]))),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Gaps:
    """Holes that no polygon covers although polygons lie all around: shapes, ground, mean width.
    too_many: edges that fit no neighbour, where there are so many that holes were not looked for; else 0."""

    shapes: np.ndarray
    area_m2: np.ndarray
    width_m: np.ndarray
    too_many: int = 0


def gaps_between(ground: Ground, progress: Progress = no_progress) -> Gaps:
    """The holes in the ground that all polygons cover together, the largest first. A lake cut out of one
    polygon is such a hole too.

    An edge with ground on both sides bounds no hole. What is left, a small part where borders fit, is cut
    where it crosses and closed to faces; the faces that no polygon covers are the holes.
    """
    progress(0.0, "looking for holes between areas")
    edges = _open_edges(ground.shapes)
    progress(0.2, "looking for holes between areas")
    nothing = Gaps(np.empty(0, dtype=object), np.empty(0), np.empty(0))
    if not len(edges):
        return nothing
    if len(edges) > _MOST_EDGES:
        return replace(nothing, too_many=len(edges))
    crossed = shapely.get_parts(shapely.union_all(shapely.linestrings(edges)))
    progress(0.6, "looking for holes between areas")
    faces = shapely.get_parts(shapely.polygonize(crossed))
    if not len(faces):
        return nothing
    inside = shapely.point_on_surface(faces)
    covered, _ = shapely.STRtree(inside).query(ground.shapes, predicate="intersects")[::-1]
    holes = np.delete(faces, np.unique(covered))
    progress(0.9, "looking for holes between areas")
    if not len(holes):
        return nothing
    m2 = np.asarray(ground_area_m2(holes, WGS84))
    width = 2.0 * m2 / np.maximum(_border_m(holes), 1e-9)
    order = np.argsort(-m2, kind="stable")
    return Gaps(holes[order], m2[order], width[order])


def _open_edges(shapes: np.ndarray) -> np.ndarray:
    """float64 [e, 2, 2]: edges that do not run once each way, so with ground on one side only as far as
    the edge alone can tell."""
    parts = shapely.orient_polygons(shapely.get_parts(shapes))
    points, ring = shapely.get_coordinates(shapely.get_rings(parts), return_index=True)
    same = ring[1:] == ring[:-1]
    start, end = points[:-1][same], points[1:][same]
    moving = (start != end).any(axis=1)
    start, end = start[moving], end[moving]
    # Zero has two signs, which are the same place.
    first, last = _marks(start + 0.0), _marks(end + 0.0)
    there, back = first * np.uint64(3) + last, last * np.uint64(3) + first
    kept = ~np.isin(there, back)
    _, once = np.unique(there[kept], return_index=True)
    return np.stack([start[kept][once], end[kept][once]], axis=1)


def _marks(points: np.ndarray) -> np.ndarray:
    """uint64 [n]: equal places have equal marks, others practically never."""
    bits = np.ascontiguousarray(points).view(np.uint64)
    mixed = bits * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(32)
    return np.asarray(mixed[:, 0] * np.uint64(0x94D049BB133111EB) ^ mixed[:, 1])


def _gap_findings(data: VectorData, ground: Ground, progress: Progress) -> list[Finding]:
    gaps = gaps_between(ground, progress)
    if gaps.too_many:
        return [
            Finding(
                "borders-do-not-fit",
                "info",
                f"Areas that lie side by side hardly share a border: {gaps.too_many:,} edges fit no "
                "neighbour. Holes between them were not looked for.",
                gaps.too_many,
            )
        ]
    real = gaps.area_m2 > 1.0
    if not real.any():
        return []
    slivers = real & (gaps.width_m < SLIVER_M)
    names = _names(data, ground)
    tree = shapely.STRtree(ground.shapes)
    listed = []
    concerned: set[int] = set()
    for shape, m2 in zip(gaps.shapes[real][:_NAMED], gaps.area_m2[real], strict=False):
        around = sorted(int(k) for k in tree.query(shape, predicate="intersects"))
        concerned |= set(around)
        where = shapely.point_on_surface(shape)
        who = ", ".join(names[k] for k in around[:3]) + ("…" if len(around) > 3 else "")
        listed.append(f"{km2_text(m2 / 1e6)} at {where.x:.4f}, {where.y:.4f} beside {who}")
    count = int(real.sum())
    message = (
        f"{counted(count, 'hole lies', 'holes lie')} between the areas, "
        f"{km2_text(math.fsum(gaps.area_m2[real]) / 1e6)} in all"
    )
    if slivers.any():
        message += (
            f"; {int(slivers.sum()):,} of them only strips narrower than {SLIVER_M:g} m "
            f"({km2_text(math.fsum(gaps.area_m2[slivers]) / 1e6)})"
        )
    message += (
        ". A place there is in no area; a lake or an enclave left out on purpose looks the same. "
        f"The largest first (longitude, latitude): {'; '.join(listed)}{_more(count - _NAMED)}."
    )
    wide = int((real & ~slivers).sum())
    return [
        Finding(
            "areas-gaps",
            "warning" if wide else "info",
            message,
            count,
            first_rows(sorted(data.row_numbers[ground.rows[sorted(concerned)]])),
        )
    ]


def points_in_disguise(data: VectorData, ground: Ground) -> tuple[Finding, ...]:
    """polygon-as-point: polygons smaller than a square metre, or all of one size and shape, as circles
    drawn around points are."""
    tiny = ground.area_m2 < _POINT_M2
    rows = data.row_numbers[ground.rows]
    said: list[str] = []
    chosen = tiny.copy()
    if tiny.any():
        said.append(f"{counted(int(tiny.sum()), 'polygon is', 'polygons are')} smaller than 1 m²")
    if len(ground.rows) >= 5:
        corners = shapely.get_num_coordinates(ground.shapes)
        box = shapely.bounds(ground.shapes)
        shrink = np.cos(np.radians((box[:, 1] + box[:, 3]) / 2))
        wide, high = (box[:, 2] - box[:, 0]) * shrink, box[:, 3] - box[:, 1]
        typical = float(np.median(ground.area_m2))
        usual = (
            (corners == np.median(corners))
            & (np.abs(ground.area_m2 / max(typical, 1e-9) - 1) < 0.01)
            & (np.abs(wide / max(float(np.median(wide)), 1e-15) - 1) < 0.01)
            & (np.abs(high / max(float(np.median(high)), 1e-15) - 1) < 0.01)
        )
        # Cells of a grid touch each other; circles around points mostly do not.
        round_or_apart = corners >= 9
        alike = usual & round_or_apart & ~tiny
        if alike.mean() >= _BUFFERS:
            chosen |= alike
            size = km2_text(typical / 1e6)
            said.append(f"{int(alike.sum()):,} polygons all have one shape and size ({size} each)")
    if not said:
        return ()
    count = int(chosen.sum())
    return (
        Finding(
            "polygon-as-point",
            "info",
            f"{' and '.join(said)}: they stand for points, and their ground says nothing.",
            count,
            first_rows(rows[chosen]),
        ),
    )


def _more(count: int) -> str:
    return f"; and {count:,} more" if count > 0 else ""
