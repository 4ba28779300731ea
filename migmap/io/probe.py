"""What can be said of a file without reading it: its header and at most its first 1,000 rows."""

from __future__ import annotations

from migmap.api import AS_FOUND, Probe, Reading

from .place import locate
from .reference import Reference


def probe(reference: Reference, crs: str | None = None, reading: Reading = AS_FOUND) -> Probe:
    """Driver, layers, columns, CRS, rows and bounds as far as the header tells. Fast whatever the size.

    Where a file holds several layers and none is named, the first with features is described and
    `layers` lists all. reading: what the user decided about it; crs, used only where the file names none,
    may be given apart. Problem: missing, unreadable, damaged,
    unknown format.
    """
    if crs is not None:
        reading = reading.changed(crs=crs)
    place = locate(reference, first=True)
    # Each family brings its own libraries, and a look must not wait for those of the others: rasters need
    # rasterio and no pandas, tables and features pandas and no rasterio.
    if place.family == "raster":
        from .rasters.raster import probe_raster

        return probe_raster(place, reading)
    if place.family == "table":
        from .tables.table import probe_table

        return probe_table(place, reading)
    from .vectors.vector import probe_vector

    return probe_vector(place, reading)
