"""How far to the nearest service: geodesic, and never the wrong neighbour."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from migmap.api import Progress, no_progress

from .crs import GEOD

# WGS84: semi-axes, and the smallest and largest radius of curvature of the ellipsoid (along the
# meridian at the equator, and at the poles).
_A = 6_378_137.0
_F = 1 / 298.257223563
_B = _A * (1 - _F)
_R_MIN = _B * _B / _A
_R_MAX = _A * _A / _B

_FEW = 8
_CHUNK = 100_000
# Beyond this chord the bounds below are no longer safe by a wide margin; everyone is compared.
_FAR_M = 2_000_000.0


def nearest(
    sites_lonlat: np.ndarray, services_lonlat: np.ndarray, progress: Progress = no_progress
) -> tuple[np.ndarray, np.ndarray]:
    """The nearest service of each site on the WGS84 ellipsoid.

    sites_lonlat, services_lonlat: float64 [n, 2] and [m, 2] in degrees; rows with NaN have no position.
    Returns (index int64 [n] into the services, -1 where unknown; distance_m float64 [n], NaN where
    unknown). Of equally near services the first in file order.

    A kd-tree on earth-centred coordinates finds candidates by straight chord. A geodesic over a chord c
    is no shorter than 2 R asin(c / 2R) with the ellipsoid's largest radius of curvature and no longer
    than with its smallest, so every service whose chord could still win is measured exactly (Karney
    2013, through pyproj).
    """
    sites = np.asarray(sites_lonlat, dtype=np.float64).reshape(-1, 2)
    services = np.asarray(services_lonlat, dtype=np.float64).reshape(-1, 2)
    index = np.full(len(sites), -1, dtype=np.int64)
    distance = np.full(len(sites), np.nan)
    usable = np.flatnonzero(np.isfinite(services).all(axis=1))
    rows = np.flatnonzero(np.isfinite(sites).all(axis=1))
    if len(usable) == 0 or len(rows) == 0:
        return index, distance
    targets = services[usable]
    tree = cKDTree(earth_centred(targets))
    for start in range(0, len(rows), _CHUNK):
        progress(start / len(rows), "measuring distances")
        part = rows[start : start + _CHUNK]
        found, metres = _nearest_chunk(sites[part], targets, tree)
        index[part] = usable[found]
        distance[part] = metres
    progress(1.0, "measuring distances")
    return index, distance


def _nearest_chunk(sites: np.ndarray, targets: np.ndarray, tree: cKDTree) -> tuple[np.ndarray, np.ndarray]:
    places = earth_centred(sites)
    few = min(_FEW, len(targets))
    chord, which = tree.query(places, k=few)
    chord, which = chord.reshape(len(sites), few), which.reshape(len(sites), few)
    limit = _could_still_win(chord[:, 0])
    row, column = np.nonzero(chord <= limit[:, None])
    found, metres = _best(len(sites), sites, targets, row, which[row, column])
    # When even the last of the few could win, there may be more: ask for all within the limit.
    for more in np.flatnonzero((chord[:, -1] <= limit) & (few < len(targets))):
        inside = np.asarray(tree.query_ball_point(places[more], limit[more]), dtype=np.int64)
        again = np.zeros(len(inside), dtype=np.int64)
        best, near = _best(1, sites[more : more + 1], targets, again, inside)
        found[more], metres[more] = best[0], near[0]
    return found, metres


def _best(
    count: int, sites: np.ndarray, targets: np.ndarray, row: np.ndarray, which: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The exactly nearest of the candidate pairs (row, which) for each of `count` rows."""
    _, _, metres = GEOD.inv(sites[row, 0], sites[row, 1], targets[which, 0], targets[which, 1])
    metres = np.asarray(metres, dtype=np.float64)
    order = np.lexsort((which, metres, row))
    _, first = np.unique(row[order], return_index=True)
    pick = order[first]
    found = np.empty(count, dtype=np.int64)
    near = np.empty(count)
    found[row[pick]], near[row[pick]] = which[pick], metres[pick]
    return found, near


def _could_still_win(chord: np.ndarray) -> np.ndarray:
    """The longest chord whose geodesic may be as short as that over `chord`, with a millimetre's room
    for rounding."""
    reach = 2 * _R_MIN * np.arcsin(np.minimum(chord / (2 * _R_MIN), 1.0))
    limit = 2 * _R_MAX * np.sin(np.minimum(reach / (2 * _R_MAX), np.pi / 2))
    limit = np.maximum(limit, chord) * (1 + 1e-9) + 1e-3
    return np.where(chord > _FAR_M, np.inf, limit)


def earth_centred(lonlat: np.ndarray) -> np.ndarray:
    """float64 [n, 3] in metres from the middle of the Earth, of places on the ellipsoid in degrees."""
    lon, lat = np.radians(lonlat[:, 0]), np.radians(lonlat[:, 1])
    e2 = _F * (2 - _F)
    prime = _A / np.sqrt(1 - e2 * np.sin(lat) ** 2)
    return np.column_stack(
        [
            prime * np.cos(lat) * np.cos(lon),
            prime * np.cos(lat) * np.sin(lon),
            prime * (1 - e2) * np.sin(lat),
        ]
    )
