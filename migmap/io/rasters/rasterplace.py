"""The coordinate reference system of a raster: its own, a stated one, or what its coordinates say."""

from __future__ import annotations

import pyproj
import rasterio
import rasterio.errors

from migmap.api import Finding, Problem, Reading

from ..crsnames import crs_text
from ..gdalwords import known_crs
from ..place import Place
from .netcdf import has_degrees

BROKEN = "crs-odd"


def crs_findings(
    place: Place, dataset: rasterio.DatasetReader, reading: Reading
) -> tuple[pyproj.CRS | None, list[Finding]]:
    """(the file's own CRS, else the stated one, else what its latitudes and longitudes mean, findings).
    Problem where the file states one that cannot be understood and nobody states another."""
    wish = known_crs(reading.crs) if reading.crs else None
    own = _own(place, dataset, stated=wish is not None)
    if own is not None and not own.is_engineering:
        return _mended(place, own, reading)
    if wish is not None:
        said = f"{place.called} names no CRS; read as {crs_text(wish)}, as stated."
        return wish, [Finding("crs-stated", "info", said)]
    if has_degrees(dataset):
        said = f"{place.called} names no CRS; its coordinates are latitude and longitude: read as EPSG:4326."
        return pyproj.CRS.from_epsg(4326), [Finding("crs-assumed", "info", said)]
    return None, []


def _own(place: Place, dataset: rasterio.DatasetReader, *, stated: bool) -> pyproj.CRS | None:
    try:
        crs = dataset.crs
        return pyproj.CRS.from_user_input(crs.to_wkt()) if crs else None
    except (pyproj.exceptions.CRSError, rasterio.errors.CRSError) as error:
        if stated:
            return None
        raise Problem(
            f"{place.title} states a coordinate reference system that cannot be understood.",
            detail=str(error).splitlines()[0][:300] if str(error) else "",
            fix="Put its .prj file right, or set the CRS with gdal_edit -a_srs EPSG:n.",
        ) from error


def _mended(place: Place, own: pyproj.CRS, reading: Reading) -> tuple[pyproj.CRS, list[Finding]]:
    """A CRS with mangled names that has the figures of longitude and latitude on WGS 84."""
    if not _is_mangled_wgs84(own):
        return own, []
    applied = BROKEN in reading.fixes
    said = (
        f"{place.called} names its coordinate system in a way no register knows (“{own.name[:60]}”); its "
        "figures are those of longitude and latitude (EPSG:4326)."
    )
    said += " Read so, as you said." if applied else " It is used as it stands."
    finding = Finding(
        BROKEN, "info" if applied else "warning", said, fix="Read it as EPSG:4326.", applied=applied
    )
    return (pyproj.CRS.from_epsg(4326) if applied else own), [finding]


def _is_mangled_wgs84(crs: pyproj.CRS) -> bool:
    shape = crs.ellipsoid
    if not crs.is_geographic or shape is None or "WGS" not in f"{crs.name} {crs.datum}".upper():
        return False
    if abs(shape.semi_major_metre - 6378137.0) > 0.01 or abs(shape.inverse_flattening - 298.257223563) > 1e-6:
        return False
    return not crs.list_authority(min_confidence=70)
