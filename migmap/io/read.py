"""One front door: whatever the file is, the data in it, or a Problem that names the fault."""

from __future__ import annotations

from migmap.api import AS_FOUND, Data, Progress, Reading, no_progress

from .place import locate
from .reference import Reference


def read(
    reference: Reference,
    *,
    crs: str | None = None,
    reading: Reading = AS_FOUND,
    progress: Progress = no_progress,
    limit: int | None = None,
) -> Data:
    """The data `reference` names: a VectorData for features and tables, a RasterData for a raster band.

    reading: what the user decided about it; crs, used only where the file names none, may be given
    apart. limit: so many first rows are enough, for a preview.
    Rows without a position (null, blank, 0,0) keep their row
    with geometry None and are listed in the finding "no-position". Columns of personal data are dropped
    ("personal-columns-dropped"), numbers that came as text become numbers ("text-numbers"). Kind, roles
    and geometry repair come later.

    Problem: missing, unreadable, damaged, unknown format, empty layer, several layers and none named, no
    CRS, an unknown CRS.
    """
    if crs is not None:
        reading = reading.changed(crs=crs)
    place = locate(reference)
    # Each family brings its own libraries: see probe.
    if place.family == "raster":
        from .rasters.raster import raster_at

        progress(0.0, f"Opening {place.path.name}")
        return raster_at(place, reading)
    if place.family == "table":
        from .tables.table import read_table

        return read_table(place, reading, progress, limit)
    from .vectors.vector import read_vector

    return read_vector(place, reading, progress, limit)
