"""True ground area, on the ellipsoid of the coordinates' own CRS.

Edges in longitude and latitude are straight lines in longitude and latitude, as files mean them; the
area is then exact to rounding (see kernels/areas.py), so cutting a polygon never changes its sum.
Edges in a projected CRS are straight in that plane. Their course over the ellipsoid is followed by
Romberg's rule over five points in each piece of at most 10 km, which leaves a relative error below 1e-9 in
the projections in use (checked against pyproj.Geod on densified edges: UTM, Lambert, Web Mercator).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pyproj

from migmap.api import Problem, RasterData
from migmap.kernels.areas import bands, ring_areas

from .rings import Rings, rings_of, split_edges

_PIECE_M = 10_000.0
_MOST_PIECES = 100_000
# Where a raster's cell areas are measured before they are interpolated: Chebyshev points.
_NODES = 9
_ANGLE = (np.arange(_NODES) + 0.5) * np.pi / _NODES
_AT = np.cos(_ANGLE)
# values at Chebyshev points to coefficients of the series
_TO_SERIES = np.cos(np.outer(np.arange(_NODES), _ANGLE)) * (2.0 / _NODES)
_TO_SERIES[0] *= 0.5
# Gauss-Legendre points, in lengths of the interval from its middle
_GAUSS = (-0.5 / np.sqrt(3.0), 0.5 / np.sqrt(3.0))


def ground_area_m2(geometries: np.ndarray, crs: pyproj.CRS) -> np.ndarray:
    """Ground area in m2 of each shape, float64 [n].

    geometries: object [n] of shapely geometries in `crs`; None, points and lines have area 0. Rings may
    turn either way; holes subtract. What overlaps itself is counted as often as it lies there, so
    repair invalid polygons first. Problem where coordinates lie outside what `crs` can express.
    """
    rings = rings_of(geometries)
    areas = _ring_areas(rings, crs)
    signed = np.where(rings.is_hole, -areas, areas)
    # add.reduceat repeats an element for empty groups, a running sum would lose digits
    out = np.zeros(rings.shapes)
    owner = np.repeat(np.arange(rings.shapes), np.diff(rings.shape_offset))
    np.add.at(out, owner, signed)
    return np.maximum(out, 0.0)


def cell_area_m2(raster: RasterData, row0: int, row1: int, col0: int, col1: int) -> np.ndarray:
    """Ground area in m2 of the cells of a window, float64 [row1 - row0, col1 - col0].

    Geographic CRS: exact, so that a polygon made of whole cells has the same area as its cells. Projected
    CRS: the plane area times the ratio of ground to plane area, measured for cells at 9 x 9 Chebyshev
    points of the window and interpolated between them; relative error below 1e-8 for windows up to
    about 1,000 km across (UTM, Lambert, Web Mercator).
    """
    refuse_rotated(raster)
    a, _, c, _, e, f = raster.transform
    rows, cols = row1 - row0, col1 - col0
    out = np.empty((rows, cols))
    if raster.crs.is_geographic:
        radians, axis, e2 = _ellipsoid(raster.crs)
        # The outermost row of a global grid may reach beyond the pole by rounding.
        lat = np.clip((f + e * np.arange(row0, row1 + 1)) * radians, -np.pi / 2, np.pi / 2)
        out[:] = (abs(a) * radians * np.abs(bands(lat[1:], lat[:-1], axis, e2)))[:, None]
        return out
    at_col = 0.5 * (col0 + col1) + 0.5 * cols * _AT
    at_row = 0.5 * (row0 + row1) + 0.5 * rows * _AT
    x, y = np.meshgrid(c + a * at_col, f + e * at_row)
    ratio = _boxes_m2(x.ravel(), y.ravel(), abs(a), abs(e), raster.crs).reshape(_NODES, _NODES) / abs(a * e)
    # the series at every row and column
    series = _TO_SERIES @ ratio @ _TO_SERIES.T
    by_row = np.polynomial.chebyshev.chebvander((2 * np.arange(rows) + 1) / rows - 1.0, _NODES - 1)
    by_col = np.polynomial.chebyshev.chebvander((2 * np.arange(cols) + 1) / cols - 1.0, _NODES - 1)
    np.matmul(by_row @ series * abs(a * e), by_col.T, out=out)
    return out


def piece_area_m2(raster: RasterData, ye: np.ndarray, xe: np.ndarray) -> np.ndarray:
    """Ground area in m2 of pieces of cells, float64 [len(ye) - 1, len(xe) - 1], between the lines `ye`
    and `xe` (rising, in rows and columns of the raster, which need not be whole).

    Geographic CRS: exact. Projected CRS: ratio of ground to plane area, measured on squares of 100 m (or a
    cell) at 9 x 9 Chebyshev points, interpolated and integrated over each piece by Gauss-Legendre with 2
    points; as accurate as `cell_area_m2`.
    """
    refuse_rotated(raster)
    a, _, c, _, e, f = raster.transform
    tall, wide = np.diff(ye), np.diff(xe)
    if raster.crs.is_geographic:
        radians, axis, e2 = _ellipsoid(raster.crs)
        lat = np.clip((f + e * ye) * radians, -np.pi / 2, np.pi / 2)
        return np.outer(np.abs(bands(lat[1:], lat[:-1], axis, e2)), abs(a) * radians * wide)
    metres = raster.crs.axis_info[0].unit_conversion_factor if raster.crs.axis_info else 1.0
    width, height = (min(abs(side), 100.0 / metres) for side in (a, e))
    spans = [(0.5 * (lines[0] + lines[-1]), 0.5 * (lines[-1] - lines[0])) for lines in (ye, xe)]
    (row, rows), (col, cols) = spans
    x, y = np.meshgrid(c + a * (col + cols * _AT), f + e * (row + rows * _AT))
    ratio = _boxes_m2(x.ravel(), y.ravel(), width, height, raster.crs).reshape(_NODES, _NODES)
    series = _TO_SERIES @ (ratio / (width * height)) @ _TO_SERIES.T
    by_row, by_col = (_mean_terms(lines, *span) for lines, span in zip((ye, xe), spans, strict=True))
    out: np.ndarray = (by_row @ series) @ by_col.T
    out *= np.outer(tall * abs(e), wide * abs(a))
    return out


def _mean_terms(lines: np.ndarray, middle: float, half: float) -> np.ndarray:
    """Mean of each Chebyshev polynomial between neighbouring lines, float64 [len(lines) - 1, _NODES]; the
    polynomials' -1 and 1 lie `half` to each side of `middle`."""
    centre, width = 0.5 * (lines[:-1] + lines[1:]), np.diff(lines)
    one, other = (
        np.polynomial.chebyshev.chebvander((centre + side * width - middle) / half, _NODES - 1)
        for side in _GAUSS
    )
    return np.asarray(0.5 * (one + other))


def refuse_rotated(raster: RasterData) -> None:
    """Problem for a raster whose rows do not run along its x axis."""
    if raster.is_rotated:
        raise Problem(
            f"{raster.source.path} is a rotated raster; its cells do not lie along the axes.",
            fix="Warp it to a regular grid first, for example with gdalwarp.",
        )


@lru_cache(maxsize=64)
def _lonlat_of(wkt: str) -> pyproj.Transformer:
    crs = pyproj.CRS.from_wkt(wkt)
    return pyproj.Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)


def _ellipsoid(crs: pyproj.CRS) -> tuple[float, float, float]:
    """(radians per unit of longitude and latitude, semi-major axis in m, eccentricity squared)."""
    geodetic = crs.geodetic_crs
    ellipsoid = geodetic.ellipsoid if geodetic is not None else None
    if geodetic is None or ellipsoid is None:
        raise Problem(
            f"“{crs.name}” is not tied to the Earth, so ground areas cannot be computed.",
            fix="State the real coordinate reference system with --crs EPSG:n.",
        )
    axis, flattening = ellipsoid.semi_major_metre, 0.0
    if ellipsoid.inverse_flattening:
        flattening = 1.0 / ellipsoid.inverse_flattening
    unit = geodetic.axis_info[0].unit_conversion_factor if geodetic.axis_info else np.pi / 180.0
    return float(unit), float(axis), flattening * (2.0 - flattening)


def _ring_areas(rings: Rings, crs: pyproj.CRS) -> np.ndarray:
    """Ground area of each ring in m2, float64 [rings], never negative."""
    if not len(rings.x):
        return np.zeros(len(rings.ring_offset) - 1)
    radians, axis, e2 = _ellipsoid(crs)
    if crs.is_geographic:
        return np.asarray(ring_areas(rings.x * radians, rings.y * radians, rings.ring_offset, axis, e2))
    metres = crs.axis_info[0].unit_conversion_factor if crs.axis_info else 1.0
    length = np.hypot(np.diff(rings.x, append=rings.x[-1]), np.diff(rings.y, append=rings.y[-1]))
    pieces = np.clip(np.ceil(length * metres / _PIECE_M), 1, _MOST_PIECES).astype(np.int64)
    pieces[rings.ring_offset[1:] - 1] = 1
    coarse = split_edges(rings, pieces)
    four = np.full(len(coarse.x), 4, dtype=np.int64)
    four[coarse.ring_offset[1:] - 1] = 1
    fine = split_edges(coarse, four)
    lon, lat = _lonlat_of(crs.to_wkt()).transform(fine.x, fine.y)
    if not (np.isfinite(lon).all() and np.isfinite(lat).all()):
        bad = int(np.flatnonzero(~(np.isfinite(lon) & np.isfinite(lat)))[0])
        raise Problem(
            f"Coordinates {fine.x[bad]:.6g}, {fine.y[bad]:.6g} lie outside what “{crs.name}” can express.",
            fix="Check that the file's coordinate reference system is the right one.",
        )
    geodetic = _lonlat_of(crs.to_wkt()).target_crs
    unit = geodetic.axis_info[0].unit_conversion_factor if geodetic and geodetic.axis_info else radians
    lon, lat = lon * unit, lat * unit
    sums = [_thinned(lon, lat, fine, step, axis, e2) for step in (4, 2, 1)]
    # Romberg: the error of a chord is a series in even powers of its length
    first, second = (4 * sums[1] - sums[0]) / 3, (4 * sums[2] - sums[1]) / 3
    return np.asarray((16 * second - first) / 15)


def _thinned(lon: np.ndarray, lat: np.ndarray, fine: Rings, step: int, axis: float, e2: float) -> np.ndarray:
    """Ring areas with every step-th vertex of rings whose edges were cut in four."""
    # Each ring holds 4 m + 1 vertices and starts where the one before ended.
    ring = np.repeat(np.arange(len(fine.ring_offset) - 1), np.diff(fine.ring_offset))
    keep = (np.arange(len(lon)) - fine.ring_offset[ring]) % step == 0
    offset = np.concatenate([[0], np.cumsum(keep)])[fine.ring_offset].astype(np.int64)
    return np.asarray(ring_areas(lon[keep], lat[keep], offset, axis, e2))


def _boxes_m2(x: np.ndarray, y: np.ndarray, width: float, height: float, crs: pyproj.CRS) -> np.ndarray:
    """Ground area of boxes around (x, y) in a projected CRS."""
    n = len(x)
    corner_x = np.array([-0.5, 0.5, 0.5, -0.5, -0.5]) * width
    corner_y = np.array([-0.5, -0.5, 0.5, 0.5, -0.5]) * height
    rings = Rings(
        (x[:, None] + corner_x).ravel(),
        (y[:, None] + corner_y).ravel(),
        np.arange(0, 5 * n + 1, 5, dtype=np.int64),
        np.arange(n + 1, dtype=np.int64),
        np.zeros(n, dtype=np.bool_),
    )
    return _ring_areas(rings, crs)
