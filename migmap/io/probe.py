"""What can be said of a file without reading it: its header and at most its first 1,000 rows."""

from __future__ import annotations

from migmap.api import AS_FOUND, Probe, Reading

from .place import locate
from .raster import probe_raster
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
    if place.family == "raster":
        return probe_raster(place, reading)
    # Only now: tables and features bring all of pandas, which a look at a raster has no use for.
    if place.family == "table":
        from .table import probe_table

        return probe_table(place, reading)
    from .vector import probe_vector

    return probe_vector(place, reading)
