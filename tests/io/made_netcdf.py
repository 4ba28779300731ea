"""Small NetCDF files for tests, written with SciPy."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy.io import netcdf_file


def netcdf_of(
    path: Path,
    *,
    latitudes: Sequence[float] = (31, 30, 29),
    longitudes: Sequence[float] = (70, 71, 72, 73),
    variables: Sequence[str] = ("precip",),
    days: Sequence[float] = (),
    units: str = "days since 2022-08-01",
    calendar: str = "standard",
    levels: Sequence[float] = (),
    packed: bool = False,
    degrees: bool = True,
) -> Path:
    """Every variable holds 0, 1, 2 ... in the order of its cells, plus 1000 for each variable before it;
    packed: as int16 with scale 0.1 and offset 5, the first cell blank."""
    with netcdf_file(path, "w") as out:
        out.Conventions = b"CF-1.6"
        for name, values, unit in (
            ("lat", latitudes, b"degrees_north" if degrees else b"1"),
            ("lon", longitudes, b"degrees_east" if degrees else b"1"),
        ):
            out.createDimension(name, len(values))
            axis = out.createVariable(name, "f8", (name,))
            axis[:] = values
            axis.units = unit
        beside: tuple[str, ...] = ()
        if days:
            out.createDimension("time", len(days))
            out.createDimension("bnds", 2)
            time = out.createVariable("time", "f8", ("time",))
            time[:] = days
            time.units, time.calendar, time.bounds = units.encode(), calendar.encode(), b"time_bnds"
            out.createVariable("time_bnds", "f8", ("time", "bnds"))[:] = 0
            beside = ("time",)
        if levels:
            out.createDimension("level", len(levels))
            level = out.createVariable("level", "f8", ("level",))
            level[:] = levels
            level.units = b"hPa"
            beside += ("level",)
        shape = (*(len(part) for part in (days, levels) if len(part)), len(latitudes), len(longitudes))
        for number, name in enumerate(variables):
            values = np.arange(np.prod(shape)).reshape(shape) + 1000 * number
            variable = out.createVariable(name, "i2" if packed else "f4", (*beside, "lat", "lon"))
            if packed:
                values.flat[0] = -32768
                variable.scale_factor, variable.add_offset = 0.1, 5.0
                variable._FillValue = np.int16(-32768)
            variable[:] = values
            variable.units = b"mm/day"
            variable.long_name = b"long " + name.encode()
    return path
