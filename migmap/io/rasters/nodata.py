"""Numbers that stand for "no data" without being declared as such.

Real files declare -9999 and hold -999900, or declare nothing and hold -9999 or the largest number of
their type. Read as measurements they would all be "not exposed". A value counts as such a stand-in
when no measurement takes it in any usual unit:

- its size is 1e19 or more (3.4e38, 1.8e308, 9.97e36, 1e20: defaults of programs and formats);
- it is a row of at least four nines, with zeros after it or not, below zero (-9999, -99990, -999900);
- it is -32767, -32768, -2147483647 or -2147483648, the ends of 16-bit and 32-bit integers;
- it is the declared no-data value times 10, 100, 1,000 or 10,000, where that is below -999.

Whoever reads cells with this says so in the finding `nodata-undeclared`.
"""

from __future__ import annotations

import numpy as np

from migmap.api import Finding

from ..wording import counted

_CELLS = ("cell holds", "cells hold")

BEYOND_MEASURE = 1e19


def stand_ins(nodata: float | None) -> np.ndarray:
    """The values below zero that stand for no data, float64, without the declared one."""
    values = {-32767.0, -32768.0, -2147483647.0, -2147483648.0}
    for nines in range(4, 11):
        for zeros in range(5):
            values.add(-(10.0**nines - 1.0) * 10.0**zeros)
    if nodata is not None and np.isfinite(nodata) and nodata < 0:
        values |= {nodata * 10.0**n for n in range(1, 5) if nodata * 10.0**n < -999.0}
        values.discard(nodata)
    return np.array(sorted(values))


def undeclared_marks(
    name: str,
    nodata: float | None,
    values: set[float],
    count: int,
    what: tuple[str, str] = _CELLS,
    scope: str = "",
) -> Finding:
    """The finding `nodata-undeclared` for `count` stand-ins. what: who holds them, said of one and of many.
    scope: where they were looked for, " of ...", where that was not everywhere."""
    shown = ", ".join(f"{value:.15g}" for value in sorted(values)[:3])
    declared = "none" if nodata is None else f"{nodata:.15g}"
    return Finding(
        "nodata-undeclared",
        "warning",
        f"{name}: {counted(count, *what)} {shown}{scope}, which is no measurement but a usual mark for no "
        f"data; the file declares {declared}. Counted as unknown.",
        count,
    )
