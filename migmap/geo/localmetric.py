"""Lengths on the ground around a place, in the coordinates of its own system."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pyproj

from migmap.api import Problem
from migmap.kernels.discs import FIELDS, METRIC, U, V, frame, series_at

_STEP_M = 1_000.0
_SLOPE_STEP_M = 10_000.0
_LEAST_BOX_M = 20_000.0
_FEW = 300
_NODES = 24
_SETTLED = 1e-9
_NOISE = 1e-10

MOST_RADIUS_M = 1_000_000.0

Affine = tuple[float, float, float, float, float, float]
PLAIN: Affine = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
"""Grid coordinates that are the map's own."""


def discs_around(
    points: np.ndarray, radius_m: np.ndarray | float, crs: pyproj.CRS, transform: Affine = PLAIN
) -> tuple[np.ndarray, np.ndarray]:
    """(discs [n, FIELDS], earth) as `migmap.kernels.discs` takes them: the ground nearer than `radius_m`.

    points: float64 [n, 2], x and y in `crs`. radius_m: float or float64 [n]; a NaN radius, as a NaN point, is
    a disc that is nowhere. transform: of the grid, not rotated. Problem for a radius below 0 or above
    1,000 km and for a system that is not tied to the Earth.

    How far the outline is from its true course, the geodesic circle: in longitude and latitude less than
    1e-7 of the radius up to 100 km; in projected systems, up to 60 degrees from the equator, less than
    radius³/R² with R = 6,371 km: 0.03 mm for 1 km, 3 cm for 10 km, 25 m for 100 km (tested against
    pyproj.Geod: UTM, Lambert, Web Mercator).
    """
    count = len(points)
    radius = np.array(np.broadcast_to(np.asarray(radius_m, dtype=np.float64), (count,)))
    wrong = (radius < 0) | (radius > MOST_RADIUS_M)
    if wrong.any():
        value = float(radius[wrong][0])
        raise Problem(
            f"A radius of {value:,.6g} m cannot be used.",
            fix=f"Give a radius in metres, from 0 to {MOST_RADIUS_M:,.0f}.",
        )
    a, _, c, _, e, f = transform
    unit, axis, e2 = _ellipsoid(crs)
    discs = np.full((count, FIELDS), np.nan)
    discs[:, U], discs[:, V] = (points[:, 0] - c) / a, (points[:, 1] - f) / e
    if crs.is_geographic:
        earth = np.array([axis, f * unit, e * unit, abs(a) * unit, e2])
    else:
        earth = np.empty(0)
        scale = np.array([a * a, a * e, e * e])
        metric = metric_at(points, crs)
        discs[:, METRIC : METRIC + 3] = metric[:, :3] * scale
        # slopes: E_x, E_y, F_x, ...
        discs[:, METRIC + 3 :] = metric[:, 3:] * np.outer(scale, [a, e]).ravel()
    frame(discs, earth, radius)
    return discs, earth


def spots(u: np.ndarray, v: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(discs, earth) without extent, at columns u and rows v of any grid, also a rotated one."""
    discs = np.full((len(u), FIELDS), np.nan)
    discs[:, U], discs[:, V] = u, v
    discs[:, METRIC:] = 0.0
    discs[:, METRIC] = discs[:, METRIC + 2] = 1.0
    earth = np.empty(0)
    frame(discs, earth, np.zeros(len(u)))
    return discs, earth


def metric_at(points: np.ndarray, crs: pyproj.CRS) -> np.ndarray:
    """float64 [n, 9]: E, F, G in m2 of ground per square unit of a projected `crs`, so that a short way
    (dx, dy) is sqrt(E dx² + 2 F dx dy + G dy²) m long; then their slopes E_x, E_y, F_x, F_y, G_x, G_y.

    By central differences of the way to longitude and latitude. For many points it is measured at 24 x 24
    Chebyshev points of their box and interpolated, where it has settled to 1e-9 by then.
    """
    out = np.full((len(points), 9), np.nan)
    there = np.flatnonzero(np.isfinite(points).all(axis=1))
    if not len(there):
        return out
    known = points[there]
    found = _interpolated(known, crs) if len(there) > _FEW else None
    out[there] = _measured(known, crs) if found is None else found
    return out


def _measured(points: np.ndarray, crs: pyproj.CRS) -> np.ndarray:
    step = _SLOPE_STEP_M / _metres_per_unit(crs)
    x, y = points[:, 0], points[:, 1]
    east, west = _metric(x + step, y, crs), _metric(x - step, y, crs)
    north, south = _metric(x, y + step, crs), _metric(x, y - step, crs)
    slopes = np.stack([east - west, north - south], axis=2) / (2.0 * step)
    return np.column_stack([_metric(x, y, crs), slopes.reshape(len(x), 6)])


def _interpolated(points: np.ndarray, crs: pyproj.CRS) -> np.ndarray | None:
    """None where the metric cannot be measured everywhere in the box, or varies too much in it."""
    low, high = points.min(axis=0), points.max(axis=0)
    middle = 0.5 * (low + high)
    half = np.maximum(0.5 * (high - low), _LEAST_BOX_M / _metres_per_unit(crs))
    angle = (np.arange(_NODES) + 0.5) * np.pi / _NODES
    nodes = np.cos(angle)
    x, y = np.meshgrid(middle[0] + half[0] * nodes, middle[1] + half[1] * nodes, indexing="ij")
    measured = _metric(x.ravel(), y.ravel(), crs).reshape(_NODES, _NODES, 3)
    if not np.isfinite(measured).all():
        return None
    to_series = np.cos(np.outer(np.arange(_NODES), angle)) * (2.0 / _NODES)
    to_series[0] *= 0.5
    series = np.einsum("pi,qj,ijk->pqk", to_series, to_series, measured)
    size = np.abs(series).max(axis=2) / np.abs(series).max()
    if size[-2:].max() > _SETTLED or size[:, -2:].max() > _SETTLED:
        return None
    # what is smaller than the noise of the differences says nothing
    used = np.argwhere(size > _NOISE).max(axis=0) + 1
    series = np.ascontiguousarray(series[: max(used[0], 2), : max(used[1], 2)])
    out = np.empty((len(points), 9))
    at = (points - middle) / half
    series_at(series, at[:, 0], at[:, 1], out)
    out[:, 3:] /= np.tile(half, 3)
    return out


def _metric(x: np.ndarray, y: np.ndarray, crs: pyproj.CRS) -> np.ndarray:
    """float64 [n, 3]: E, F, G."""
    unit, axis, e2 = _ellipsoid(crs)
    step = _STEP_M / _metres_per_unit(crs)
    to_lonlat = _lonlat_of(crs.to_wkt())
    lon, lat = to_lonlat.transform(
        np.concatenate([x + step, x - step, x, x]), np.concatenate([y, y, y + step, y - step])
    )
    turn = 2.0 * np.pi
    lon, lat = np.reshape(lon, (4, -1)) * unit, np.reshape(lat, (4, -1)) * unit
    with np.errstate(invalid="ignore"):
        phi = lat.mean(axis=0)
        lon_x, lon_y = (np.remainder(d + np.pi, turn) - np.pi for d in (lon[0] - lon[1], lon[2] - lon[3]))
        lat_x, lat_y = lat[0] - lat[1], lat[2] - lat[3]
        bent = 1.0 - e2 * np.sin(phi) ** 2
        parallel = axis / np.sqrt(bent) * np.cos(phi) / (2.0 * step)
        meridian = axis * (1.0 - e2) / bent**1.5 / (2.0 * step)
        found = np.column_stack(
            [
                (parallel * lon_x) ** 2 + (meridian * lat_x) ** 2,
                parallel**2 * lon_x * lon_y + meridian**2 * lat_x * lat_y,
                (parallel * lon_y) ** 2 + (meridian * lat_y) ** 2,
            ]
        )
    found[~np.isfinite(found).all(axis=1)] = np.nan
    return found


def _metres_per_unit(crs: pyproj.CRS) -> float:
    return float(crs.axis_info[0].unit_conversion_factor) if crs.axis_info else 1.0


@lru_cache(maxsize=64)
def _lonlat_of(wkt: str) -> pyproj.Transformer:
    crs = pyproj.CRS.from_wkt(wkt)
    return pyproj.Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)


def _ellipsoid(crs: pyproj.CRS) -> tuple[float, float, float]:
    """(radians per unit of longitude and latitude, semi-major axis in m, eccentricity squared)."""
    geodetic, geod = crs.geodetic_crs, crs.get_geod()
    if geodetic is None or geod is None:
        raise Problem(
            f"“{crs.name}” is not tied to the Earth, so distances on the ground cannot be computed.",
            fix="State the real coordinate reference system with --crs EPSG:n.",
        )
    unit = geodetic.axis_info[0].unit_conversion_factor if geodetic.axis_info else np.pi / 180.0
    return float(unit), float(geod.a), float(geod.es)
