"""Positions of layers whose shapes come ready made: axes in the wrong order, signs, what lies far off."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pyproj
import shapely

from migmap.api import AS_FOUND, Change, Finding, Reading

from ..wording import counted
from .countries import NOWHERE, Expected
from .gridref import lonlat_of
from .misplaced import (
    FLIPPED,
    MENDS,
    PROJECTED,
    SWAPPED,
    Mend,
    changes_of,
    degrees_text,
    mend_finding,
    mends_of,
)
from .oddplaces import in_range, remarks, tallied

_LONLAT = pyproj.CRS.from_epsg(4326)


def examined(
    geometry: np.ndarray,
    crs: pyproj.CRS | None,
    rows: np.ndarray,
    reading: Reading = AS_FOUND,
    hopes: Expected = NOWHERE,
) -> tuple[np.ndarray, list[Finding]]:
    """(geometries, findings) of a layer whose shapes came ready made: axes in the wrong order and signs are
    offered as mends and applied where `reading.fixes` says so; what lies far off is said.

    geometry: object [n], None where a row has none. crs: theirs. Lines and areas count by their middle.
    """
    geometry = np.asarray(geometry, dtype=object)
    there = ~(shapely.is_missing(geometry) | shapely.is_empty(geometry))
    if crs is None or not there.any():
        return geometry, []
    bounds = shapely.bounds(geometry)
    lon, lat = (bounds[:, 0] + bounds[:, 2]) / 2, (bounds[:, 1] + bounds[:, 3]) / 2
    if crs.is_geographic:
        # The middle of a large area, or of one with islands overseas, says little of where it is.
        large = (bounds[:, 2] - bounds[:, 0] > 5) | (bounds[:, 3] - bounds[:, 1] > 5)
        lon, lat = np.where(large, np.nan, lon), np.where(large, np.nan, lat)
    points = bool((shapely.get_type_id(geometry[there]) == shapely.GeometryType.POINT).all())
    if not crs.is_geographic:
        lon, lat = _lonlat(lon, lat, crs)
        none = np.zeros(len(geometry), dtype=bool)
        return geometry, remarks(lon, lat, rows, hopes, none, points)
    findings = []
    offered = np.zeros(len(geometry), dtype=bool)
    for mend in mends_of(lon, lat, hopes, MENDS if points else (SWAPPED, FLIPPED, PROJECTED)):
        wanted = mend.code in reading.fixes and not mend.doubt
        changes: tuple[Change, ...] = ()
        if not mend.doubt:
            changes = changes_of(mend, rows, _moves(mend, lon, lat))
        if wanted:
            geometry = geometry.copy()
            geometry[mend.at] = _turned(geometry[mend.at], mend)
            lon, lat = lon.copy(), lat.copy()
            lon[mend.at], lat[mend.at] = mend.lon, mend.lat
        else:
            offered[mend.at] = True
        findings.append(mend_finding(mend, rows, wanted, changes))
    outside = np.isfinite(lon) & np.isfinite(lat) & ~in_range(lon, lat)
    if outside.any():
        message = (
            f"{counted(int(outside.sum()), 'row lies', 'rows lie')} beyond 180 or 90 degrees, which is no "
            "place on earth."
        )
        findings.append(Finding("position-out-of-range", "warning", message, *tallied(rows[outside])))
    lon, lat = np.where(outside, np.nan, lon), np.where(outside, np.nan, lat)
    return geometry, [*findings, *remarks(lon, lat, rows, hopes, offered, points)]


def _lonlat(x: np.ndarray, y: np.ndarray, crs: pyproj.CRS) -> tuple[np.ndarray, np.ndarray]:
    transformer = pyproj.Transformer.from_crs(crs, _LONLAT, always_xy=True)
    lon, lat = transformer.transform(x, y)
    lon, lat = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    off = ~(np.isfinite(lon) & np.isfinite(lat))
    return np.where(off, np.nan, lon), np.where(off, np.nan, lat)


def _moves(mend: Mend, lon: np.ndarray, lat: np.ndarray) -> Callable[[int, int], list[tuple[str, str, str]]]:
    """Old and new place of a shape, as "latitude, longitude"."""

    def replaced(place: int, index: int) -> list[tuple[str, str, str]]:
        old = f"{degrees_text(lat[index])}, {degrees_text(lon[index])}"
        new = f"{degrees_text(mend.lat[place])}, {degrees_text(mend.lon[place])}"
        return [("", old, new)]

    return replaced


def _turned(shapes: np.ndarray, mend: Mend) -> np.ndarray:
    """The shapes with every corner mended as their middle is."""
    out = shapes.copy()
    for kind in dict.fromkeys(mend.kind.tolist()):
        at = np.flatnonzero(mend.kind == kind)
        if kind in ("point", "minutes"):
            out[at] = shapely.points(mend.lon[at], mend.lat[at])
            continue
        out[at] = shapely.transform(shapes[at], partial(_corners, kind))
    return out


def _corners(kind: object, corners: np.ndarray) -> np.ndarray:
    """float64 [n, 2] x, y moved as a mend of that kind says."""
    if kind == "swap":
        return np.ascontiguousarray(corners[:, ::-1])
    if isinstance(kind, str):
        signs = np.array([1.0 if kind == "lat" else -1.0, 1.0 if kind == "lon" else -1.0])
        flipped: np.ndarray = corners * signs
        return flipped
    code = int(str(kind))
    x, y = (corners[:, 0], corners[:, 1]) if code > 0 else (corners[:, 1], corners[:, 0])
    return np.column_stack(lonlat_of(x, y, np.full(len(x), abs(code))))
