"""What can be said of a file without reading it: its header and at most its first 1,000 rows."""

from __future__ import annotations

from migmap.api import Probe

from .place import locate
from .raster import probe_raster
from .reference import Reference
from .table import probe_table
from .vector import probe_vector


def probe(reference: Reference, crs: str | None = None) -> Probe:
    """Driver, layers, columns, CRS, rows and bounds as far as the header tells. Fast whatever the size.

    Where a file holds several layers and none is named, the first with features is described and
    `layers` lists all. crs: used only where the file names none. Problem: missing, unreadable, damaged,
    unknown format.
    """
    place = locate(reference, first=True)
    if place.family == "raster":
        return probe_raster(place, crs)
    if place.family == "table":
        return probe_table(place, crs)
    return probe_vector(place, crs)
