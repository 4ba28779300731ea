"""The one place that names coordinate systems and moves shapes between them."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pyproj
import shapely

if TYPE_CHECKING:
    import geopandas

    from migmap.api import Extent, VectorData

WGS84 = pyproj.CRS.from_epsg(4326)
CANVAS = pyproj.CRS.from_epsg(3857)
GEOD = pyproj.Geod(ellps="WGS84")

# A straight line of 1 km in UTM bends by about a centimetre when it is drawn in longitude and
# latitude, and the other way round; the error grows with the square of the length.
DENSIFY_STEP_M = 1_000.0
DENSIFY_STEP_DEGREES = 0.01

_RETURN_DEGREES = 1e-5


def same_crs(a: pyproj.CRS | None, b: pyproj.CRS | None) -> bool:
    """True when coordinates in `a` can be used in `b` as they are.

    Axis order is ignored: everything here is x, y (longitude, latitude), so OGC:CRS84 and EPSG:4326
    are the same. Two missing systems are not known to be the same.
    """
    if a is None or b is None:
        return False
    return bool(a == b) or bool(a.equals(b, ignore_axis_order=True))


def is_lonlat(crs: pyproj.CRS | None) -> bool:
    """True for WGS84 longitude and latitude."""
    return same_crs(crs, WGS84)


@lru_cache(maxsize=64)
def _transformer(from_wkt: str, to_wkt: str) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(from_wkt, to_wkt, always_xy=True)


def moved(points: np.ndarray, from_crs: pyproj.CRS, to_crs: pyproj.CRS) -> np.ndarray:
    """float64 [n, 2] x, y from one system to another; NaN stays NaN, what cannot be moved is NaN.

    A place far outside a projection's region can land on top of another that belongs there (UTM does so
    from 78 degrees off its meridian): what does not come back to where it was is NaN too.
    """
    if same_crs(from_crs, to_crs) or len(points) == 0:
        return points.astype(np.float64, copy=True)
    transformer = _transformer(from_crs.to_wkt(), to_crs.to_wkt())
    x, y = transformer.transform(points[:, 0], points[:, 1])
    result = np.column_stack([x, y]).astype(np.float64)
    result[~np.isfinite(result).all(axis=1)] = np.nan
    if from_crs.is_geographic and to_crs.is_projected:
        lon, lat = transformer.transform(result[:, 0], result[:, 1], direction="INVERSE")
        turn = np.remainder(lon - points[:, 0] + 180.0, 360.0) - 180.0
        with np.errstate(invalid="ignore"):
            result[~(np.hypot(turn, lat - points[:, 1]) < _RETURN_DEGREES)] = np.nan
    return result


def reprojected(
    geometries: np.ndarray, from_crs: pyproj.CRS, to_crs: pyproj.CRS, *, densify: bool = False
) -> np.ndarray:
    """object [n] of shapely geometries in `to_crs` (None stays None).

    densify: add vertices along edges of more than about 1 km when one of the two systems is projected, so
    that a straight edge keeps its course in the new system to about a centimetre.
    """
    geometries = np.asarray(geometries, dtype=object)
    if same_crs(from_crs, to_crs):
        return geometries
    if densify and (from_crs.is_projected or to_crs.is_projected):
        step = DENSIFY_STEP_M / _metres_per_unit(from_crs)
        geometries = shapely.segmentize(geometries, DENSIFY_STEP_DEGREES if from_crs.is_geographic else step)
    transform = _transformer(from_crs.to_wkt(), to_crs.to_wkt()).transform

    def apply(points: np.ndarray) -> np.ndarray:
        return np.column_stack(transform(points[:, 0], points[:, 1]))

    return np.asarray(shapely.transform(geometries, apply), dtype=object)


def neighbourhood(extent: Extent, crs: pyproj.CRS) -> shapely.Geometry | None:
    """A box in longitude and latitude around `extent` (in `crs`) with a margin of a tenth; None where
    part of it cannot be expressed.

    A projection folds over far from where it belongs: a world of polygons moved to UTM lies wrongly on
    top of itself. What is cut to this box first does not.
    """
    share = np.linspace(0.0, 1.0, 33)
    x, y = np.meshgrid(extent.west + extent.width * share, extent.south + extent.height * share)
    points = moved(np.column_stack([x.ravel(), y.ravel()]), crs, WGS84)
    if not np.isfinite(points).all():
        return None
    low, high = points.min(axis=0), points.max(axis=0)
    margin = 0.1 * (high - low) + 0.01
    return shapely.box(*(low - margin), *(high + margin))


def _metres_per_unit(crs: pyproj.CRS) -> float:
    return float(crs.axis_info[0].unit_conversion_factor) if crs.axis_info else 1.0


def to_lonlat(data: VectorData) -> geopandas.GeoSeries:
    """The features' geometries in WGS84 longitude and latitude, for drawing and HTML.

    Vertices are moved, none are added. A layer without a CRS must hold no geometry.
    """
    # not above: sums over rasters need this module, and pandas would be half of what they load
    import geopandas

    geometries: Any = data.frame.geometry
    if data.frame.crs is None:
        return geopandas.GeoSeries(geometries.array, index=data.frame.index, crs=WGS84)
    moved_shapes = reprojected(geometries.to_numpy(), pyproj.CRS(data.frame.crs), WGS84)
    return geopandas.GeoSeries(moved_shapes, index=data.frame.index, crs=WGS84)
