"""Where a feature is, as one point: what a site is counted by and distances start from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyproj
import shapely

from migmap.api import Problem

from .crs import WGS84, moved

if TYPE_CHECKING:
    from migmap.api import VectorData

_POINT, _LINE, _POLYGON, _MULTIPOINT, _MULTILINE, _MULTIPOLYGON = 0, 1, 3, 4, 5, 6


def positions(data: VectorData) -> np.ndarray:
    """float64 [n, 2]: longitude, latitude (WGS84); NaN where the row has no position.

    A point is where it is. A polygon is at its centroid if that lies inside it, else at a point on
    its surface. A line is at its midpoint, several lines at that of the longest. Several points, or
    a mixture of shapes, are at their centroid.
    """
    return positions_in(data, WGS84)


def positions_in(data: VectorData, crs: pyproj.CRS) -> np.ndarray:
    """As `positions`, in x, y of `crs`: moved once, so that a point on a border in its own system
    stays on it there."""
    shapes = data.frame.geometry.to_numpy()
    points = points_of(shapes)
    if data.frame.crs is None:
        if np.isfinite(points).any():
            raise Problem(
                f"{data.source.path} does not say in which coordinate system it is.",
                fix="State it, for example with --crs EPSG:4326.",
            )
        return points
    result = moved(points, pyproj.CRS(data.frame.crs), crs)
    if crs.is_geographic:
        # Coordinates in metres under a degree system would otherwise count as places.
        result[(np.abs(result[:, 1]) > 90) | (np.abs(result[:, 0]) > 360)] = np.nan
    return result


def points_of(shapes: np.ndarray) -> np.ndarray:
    """float64 [n, 2]: the position of each geometry in its own system; NaN for None and empty."""
    shapes = np.asarray(shapes, dtype=object)
    result = np.full((len(shapes), 2), np.nan)
    kinds = shapely.get_type_id(shapes)
    there = (kinds >= 0) & ~shapely.is_empty(shapes)

    plain = there & (kinds == _POINT)
    result[plain] = _xy(shapes[plain])

    areal = there & np.isin(kinds, (_POLYGON, _MULTIPOLYGON))
    result[areal] = _inside(shapes[areal])

    line = there & (kinds == _LINE)
    result[line] = _xy(shapely.line_interpolate_point(shapes[line], 0.5, normalized=True))
    for row in np.flatnonzero(there & (kinds == _MULTILINE)):
        parts = shapely.get_parts(shapes[row])
        longest = parts[int(np.argmax(shapely.length(parts)))]
        result[row] = _xy(np.array([shapely.line_interpolate_point(longest, 0.5, normalized=True)]))[0]

    rest = there & ~plain & ~areal & ~line & (kinds != _MULTILINE)
    result[rest] = _xy(shapely.centroid(shapes[rest]))
    result[~np.isfinite(result).all(axis=1)] = np.nan
    return result


def _inside(polygons: np.ndarray) -> np.ndarray:
    broken = ~shapely.is_valid(polygons)
    if broken.any():
        polygons = polygons.copy()
        polygons[broken] = shapely.make_valid(polygons[broken], method="structure")
    centres = shapely.centroid(polygons)
    off = ~shapely.contains(polygons, centres)
    centres[off] = shapely.point_on_surface(polygons[off])
    return _xy(centres)


def _xy(points: np.ndarray) -> np.ndarray:
    return np.column_stack([shapely.get_x(points), shapely.get_y(points)])
