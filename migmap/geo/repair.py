"""Make invalid polygons valid without losing ground, and say so."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pyproj
import shapely
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from migmap.api import Finding, Progress, no_progress, part

from .crs import WGS84, reprojected
from .ground import ground_area_m2
from .wording import first_rows, km2_text, rows_text

if TYPE_CHECKING:
    from migmap.api import VectorData

_POLYGON, _MULTIPOLYGON = 3, 6
_AREAL = (_POLYGON, _MULTIPOLYGON)
_COLLECTION = 7
_REPAIRING = "repairing shapes"


def repaired(data: VectorData, progress: Progress = no_progress) -> VectorData:
    """The layer with every polygon valid and flat; the same object where nothing had to change.

    Self-crossing and self-touching rings are rebuilt (GEOS "structure" method: shells united, holes
    taken out, so ground covered twice is kept once and never turned into a hole). Lines and points
    that fall off in the process are dropped, and so are those that stand beside polygons in one shape.
    A shape with coordinates that are no numbers, or of which nothing is left, becomes "no position".
    Findings: "geometry-repaired" (rows, ground area in km2 before and after), "geometry-unusable",
    "polygons-only", "heights-dropped", "shape-across-180".
    """
    frame = data.frame
    shapes = frame.geometry.to_numpy()
    kinds = shapely.get_type_id(shapes)
    present = kinds >= 0
    fixed = shapes.copy()
    flat = present & (shapely.has_z(shapes) | shapely.has_m(shapes))
    fixed[flat] = shapely.force_2d(shapes[flat])

    progress(0.0, "checking shapes")
    suspects = present & np.isin(kinds, (*_AREAL, _COLLECTION))
    invalid = suspects.copy()
    invalid[suspects] = ~are_valid(fixed[suspects])
    # What is valid has no coordinate that is no number; the rest is looked at.
    unusable = present & (invalid | ~suspects)
    unusable[unusable] = ~_finite(fixed[unusable])
    fixed[unusable] = None
    suspects, invalid = suspects & ~unusable, invalid & ~unusable
    mixed = suspects & (kinds == _COLLECTION)
    beside = np.zeros(len(fixed), dtype=bool)
    for row in np.flatnonzero(mixed & ~invalid):
        beside[row] = bool(np.isin(shapely.get_type_id(shapely.get_parts(fixed[row])), _AREAL).any())
        if beside[row]:
            fixed[row] = only_polygons(fixed[row])

    rows = np.flatnonzero(invalid)
    before = fixed[rows].copy()
    for done, row in enumerate(rows):
        fixed[row] = valid_polygon(fixed[row], part(progress, done / len(rows), (done + 1) / len(rows)))
    lost = rows[np.array([fixed[row] is None for row in rows], dtype=bool)] if len(rows) else rows
    unusable[lost] = True
    across = _across_180(data, fixed)
    if not (flat.any() or unusable.any() or beside.any() or len(rows)):
        return data if across is None else replace(data, findings=(*data.findings, across))

    findings: list[Finding] = [across] if across is not None else []
    high = flat & ~unusable & _has_heights(shapes)
    if high.any():
        said = f"{data.name}: {rows_text(int(high.sum()))} with heights, which are not used or passed on."
        findings.append(
            Finding("heights-dropped", "info", said, int(high.sum()), first_rows(data.row_numbers[high]))
        )
    if beside.any():
        said = (
            f"{data.name}: {rows_text(int(beside.sum()))} with polygons, lines or points in one shape; only "
            "the polygons are used."
        )
        findings.append(
            Finding("polygons-only", "warning", said, int(beside.sum()), first_rows(data.row_numbers[beside]))
        )
    kept = rows[~unusable[rows]]
    if len(kept):
        findings.append(_repair_finding(data, kept, before[~unusable[rows]], fixed[kept]))
    if unusable.any():
        findings.append(
            Finding(
                code="geometry-unusable",
                severity="warning",
                message=(
                    f"{data.name}: {rows_text(int(unusable.sum()))} without a usable shape "
                    "(nothing left after repair, or coordinates that are no numbers); treated as having "
                    "no position."
                ),
                count=int(unusable.sum()),
                rows=first_rows(data.row_numbers[unusable]),
            )
        )
    progress(1.0, _REPAIRING)
    new_frame = frame.set_geometry(type(frame.geometry)(fixed, index=frame.index, crs=frame.crs))
    if frame.geometry.name != "geometry":
        new_frame = new_frame.drop(columns=[frame.geometry.name]).rename_geometry("geometry")
    return replace(data, frame=new_frame, findings=(*data.findings, *findings))


def _across_180(data: VectorData, shapes: np.ndarray) -> Finding | None:
    """Said where an edge leads from one side of longitude 180 to the other: taken by its numbers it goes the
    long way round the Earth."""
    crs = data.frame.crs
    known = any(one.code == "shape-across-180" for one in data.findings)
    if crs is None or not crs.is_geographic or known:
        return None
    box = shapely.bounds(shapes)
    with np.errstate(invalid="ignore"):
        wide = np.flatnonzero(box[:, 2] - box[:, 0] > 180)
    crossing = []
    for row in wide:
        points, ring = shapely.get_coordinates(_lines_of(shapes[row]), return_index=True)
        step = np.abs(np.diff(points[:, 0]))
        # A step of exactly 360 is the edge of a map of the world.
        if bool(((step > 180) & (step < 359.999) & (np.diff(ring) == 0)).any()):
            crossing.append(int(row))
    if not crossing:
        return None
    said = (
        f"{data.name}: {rows_text(len(crossing))} with a shape that leads across longitude 180 and is "
        "written as if it went round the Earth the other way; its area and what lies in it are wrong. Cut it "
        "in two at 180, for example with ogr2ogr -wrapdateline."
    )
    numbers = first_rows(data.row_numbers[np.array(crossing)])
    return Finding("shape-across-180", "warning", said, len(crossing), numbers)


def _lines_of(shape: shapely.Geometry) -> np.ndarray:
    """The rings and lines of one shape."""
    parts = shapely.get_parts(shapely.get_parts(shape))
    flat = parts[shapely.get_dimensions(parts) < 2]
    rings = shapely.get_rings(parts[shapely.get_dimensions(parts) == 2])
    return np.concatenate([flat, rings])


_MANY = 20_000
"""From so many shapes on, loading the kernel costs less than it saves."""


def are_valid(shapes: np.ndarray) -> np.ndarray:
    """bool [n], as `shapely.is_valid`. Of many shapes, polygons of one ring that are simple beyond doubt are
    told by `kernels.rings` in a twentieth of the time; GEOS judges the rest."""
    if len(shapes) < _MANY:
        return np.asarray(shapely.is_valid(shapes))
    from migmap.kernels.rings import surely_simple

    kinds = shapely.get_type_id(shapes)
    single = (kinds == _POLYGON) | ((kinds == _MULTIPOLYGON) & (shapely.get_num_geometries(shapes) == 1))
    parts = shapes.copy()
    wrapped = single & (kinds == _MULTIPOLYGON)
    parts[wrapped] = shapely.get_geometry(shapes[wrapped], 0)
    plain = single.copy()
    plain[single] = shapely.get_num_interior_rings(parts[single]) == 0
    valid = np.zeros(len(shapes), dtype=bool)
    rows = np.flatnonzero(plain)
    corners = shapely.get_num_coordinates(shapes[rows])
    starts = np.concatenate([[0], np.cumsum(corners)]).astype(np.int64)
    valid[rows] = surely_simple(shapely.get_coordinates(shapes[rows]), starts)
    rest = np.flatnonzero(~valid)
    valid[rest] = shapely.is_valid(shapes[rest])
    return valid


def _has_heights(shapes: np.ndarray) -> np.ndarray:
    """bool [n]: some vertex has a height other than 0, the value writers put where they know none."""
    coordinates, index = shapely.get_coordinates(shapes, include_z=True, return_index=True)
    heights = np.nan_to_num(coordinates[:, 2])
    return np.bincount(index[heights != 0], minlength=len(shapes)).astype(bool)


def valid_polygon(shape: shapely.Geometry, progress: Progress = no_progress) -> shapely.Geometry | None:
    """The polygons of one geometry, made valid; None where no polygon is left.

    The parts of a large multipolygon are checked one by one and united only where they share more
    than single points: a flood of thousands of parts with one bad ring costs little more than that ring.
    """
    progress(0.0, _REPAIRING)
    if shapely.get_type_id(shape) != _MULTIPOLYGON:
        return only_polygons(_made_valid(shape))
    parts = shapely.get_parts(shape)
    bad = ~shapely.is_valid(parts)
    whole = []
    for done, one in enumerate(parts[bad]):
        progress(0.1 + 0.5 * done / int(bad.sum()), _REPAIRING)
        whole.append(only_polygons(_made_valid(one)))
    mended = shapely.get_parts(np.array([part for part in whole if part is not None], dtype=object))
    parts = np.concatenate([parts[~bad], mended])
    parts = parts[~shapely.is_empty(parts)]
    if len(parts) == 0:
        return None
    progress(0.6, _REPAIRING)
    lone, groups = joined_groups(parts)
    progress(0.8, _REPAIRING)
    united = [shapely.union_all(parts[group]) for group in groups]
    polygons = np.concatenate([parts[lone], shapely.get_parts(np.array(united, dtype=object))])
    polygons = polygons[shapely.get_type_id(polygons) == _POLYGON]
    result = polygons[0] if len(polygons) == 1 else shapely.multipolygons(polygons)
    return result if shapely.is_valid(result) else only_polygons(_made_valid(result))


def joined_groups(polygons: np.ndarray) -> tuple[np.ndarray, list[np.ndarray]]:
    """(indices of polygons that share no ground and no edge with another, groups of indices that do),
    each rising. Touching in single points does not join."""
    a, b = meeting_pairs(polygons)
    close = ~shapely.relate_pattern(polygons[a], polygons[b], "F**F0****")
    return split_into_groups(len(polygons), a[close], b[close])


def meeting_pairs(polygons: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pairs a < b (int64) of polygons that share at least a point.

    Of each pair the one with more vertices is prepared: thousands of small polygons in the holes of one
    large one are then found in a fraction of the time.
    """
    a, b = shapely.STRtree(polygons).query(polygons)
    a, b = a[a < b], b[a < b]
    vertices = shapely.get_num_coordinates(polygons)
    large = np.where(vertices[a] >= vertices[b], a, b)
    small = a + b - large
    order = np.argsort(large, kind="stable")
    a, b, large, small = a[order], b[order], large[order], small[order]
    shapely.prepare(polygons[np.unique(large)])
    meet = shapely.intersects(polygons[large], polygons[small])
    return a[meet].astype(np.int64), b[meet].astype(np.int64)


def split_into_groups(count: int, a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, list[np.ndarray]]:
    """Connected groups of the graph with edges a-b: (members of no edge, the groups), rising."""
    linked = np.unique(np.concatenate([a, b])).astype(np.int64)
    lone = np.setdiff1d(np.arange(count), linked)
    if len(linked) == 0:
        return lone, []
    ones = np.ones(len(a), dtype=np.int8)
    _, label = connected_components(coo_matrix((ones, (a, b)), shape=(count, count)), directed=False)
    order = linked[np.argsort(label[linked], kind="stable")]
    cuts = np.flatnonzero(np.diff(label[order])) + 1
    groups = np.split(order, cuts)
    return lone, sorted(groups, key=lambda group: int(group[0]))


def _made_valid(shape: shapely.Geometry) -> shapely.Geometry:
    return shapely.make_valid(shape, method="structure", keep_collapsed=False)


def only_polygons(shape: shapely.Geometry | None) -> shapely.Geometry | None:
    """The polygon parts of a geometry (None where there are none): what overlay leaves as stray lines
    and points is dropped."""
    if shape is None or shape.is_empty:
        return None
    if shapely.get_type_id(shape) in _AREAL:
        return shape
    parts = shapely.get_parts(shapely.get_parts(shape))
    parts = parts[(shapely.get_type_id(parts) == _POLYGON) & ~shapely.is_empty(parts)]
    if len(parts) == 0:
        return None
    return parts[0] if len(parts) == 1 else shapely.union_all(parts)


def _finite(shapes: np.ndarray) -> np.ndarray:
    """bool [n]: no coordinate that is no number. Their sum tells at once where all are."""
    points = shapely.get_coordinates(shapes)
    if np.isfinite(points.sum()):
        return np.ones(len(shapes), dtype=bool)
    points, owner = shapely.get_coordinates(shapes, return_index=True)
    finite = np.ones(len(shapes), dtype=bool)
    finite[owner[~np.isfinite(points).all(axis=1)]] = False
    return finite


def _repair_finding(data: VectorData, rows: np.ndarray, before: np.ndarray, after: np.ndarray) -> Finding:
    count = len(rows)
    message = f"{data.name}: {rows_text(count)} with an invalid polygon (lines that cross or touch), repaired"
    crs = data.frame.crs
    if crs is not None:
        km2 = [_ground_km2(shapes, pyproj.CRS(crs)) for shapes in (before, after)]
        message += f"; ground area {km2_text(km2[0])} before, {km2_text(km2[1])} after"
    return Finding(
        code="geometry-repaired",
        severity="info",
        message=message + ".",
        count=count,
        rows=first_rows(data.row_numbers[rows]),
    )


def _ground_km2(shapes: np.ndarray, crs: pyproj.CRS) -> float:
    lonlat = reprojected(shapes, crs, WGS84, densify=True)
    return float(np.sum(ground_area_m2(lonlat, WGS84))) / 1e6
