"""What is odd about the values and the place of a raster, as findings in plain words."""

from __future__ import annotations

import math

import numpy as np
import pyproj
from rasterio import Affine

from migmap.api import Finding

from ..wording import counted
from .cellvalues import CellTally, End
from .nodata import undeclared_marks
from .rasterwords import About, looks_like_depth_in

SUSPECTED = "nodata-suspected"
_TYPE_ENDS = frozenset(
    [127, 255, 32767, 65535, 2147483647, 4294967295, 9999, 99999, 999999, 9999999, 99999999]
)
_BELOW_ZERO = frozenset([-1, -9, -99, -999, -128, -99.9, -999.9, -99.99, -999.99, -88, -77])
_NEVER_NEGATIVE = {
    "depth": "a depth",
    "precipitation": "an amount of rain",
    "velocity": "a speed",
    "wind-speed": "a wind speed",
    "intensity": "an intensity",
    "acceleration": "an acceleration",
    "probability": "a probability",
}


def value_findings(
    about: About, tally: CellTally, dtype: str, *, applied: float | None = None
) -> tuple[Finding, ...]:
    """What the values say. applied: the suspected mark of no data that was read as one, if it was."""
    found: list[Finding] = []
    scope = _scope(tally)
    if tally.unreadable:
        found.append(_unreadable(about, tally))
    if not tally.cells:
        return tuple(found)
    if tally.marks:
        found.append(undeclared_marks(about.name, tally.nodata, set(tally.marks), tally.marked, scope=scope))
    odd = tally.nan + tally.infinite
    if odd and (tally.nodata is None or not math.isnan(tally.nodata)):
        found.append(
            Finding(
                "nan-undeclared",
                "info",
                f"{about.name}: {counted(odd, 'cell holds', 'cells hold')} no number (NaN or "
                f"infinity){scope}, and the file does not declare that as no data. Counted as no data.",
                odd,
            )
        )
    if not tally.valid:
        if not tally.unreadable:
            found.append(_nothing(about, tally, scope))
        return tuple(found)
    if about.is_picture:
        return tuple(found)
    assert tally.low is not None
    assert tally.high is not None
    if tally.low.value == tally.high.value and tally.valid > 1:
        found.append(
            Finding(
                "one-value-everywhere",
                "warning",
                f"{about.name}: every cell with data{scope} holds {_number(tally.low.value)}. If more was to "
                "be expected, the export or download went wrong.",
                tally.valid,
            )
        )
    mark = suspected_mark(about, tally, dtype)
    if applied is not None or mark is not None:
        found.append(_suspected(about, tally, mark, applied, scope))
    found += _impossible(about, tally, mark, scope)
    unit = _unit(about, tally)
    if unit is not None:
        found.append(unit)
    return tuple(found)


def nodata_findings(name: str, nodata: float | None, dtype: str) -> tuple[Finding, ...]:
    """A declared no-data value that no cell of the type can hold."""
    if nodata is None or math.isnan(nodata) or not dtype.startswith(("int", "uint")):
        return ()
    ends = np.iinfo(dtype)
    if ends.min <= nodata <= ends.max and float(nodata).is_integer():
        return ()
    return (
        Finding(
            "nodata-not-in-type",
            "warning",
            f"{name} declares {_number(nodata)} as no data, which its cells ({dtype}) cannot hold: no "
            "cell counts as no data because of it.",
        ),
    )


def suspected_mark(about: About, tally: CellTally, dtype: str) -> float | None:
    """A value that probably marks no data without being beyond belief: the largest of its type, or the
    only one below zero, with nothing near it. None where the file declares a no-data value."""
    if tally.nodata is not None or about.is_picture or tally.low is None or tally.high is None:
        return None
    for end in (tally.high, tally.low):
        if _stands_apart(end, tally, dtype):
            return end.value
    return None


def _stands_apart(end: End, tally: CellTally, dtype: str) -> bool:
    assert tally.low is not None
    assert tally.high is not None
    if end.next is None or end.count < 2:
        return False
    if end is tally.high and end.value in _TYPE_ENDS:
        # 0 and 255 alone are a black and white mask, and 255 is its "yes".
        several = tally.low.value != end.next
        full = dtype.startswith(("int", "uint")) and end.value == np.iinfo(dtype).max
        return several and end.value >= (2 if full or end.value > 9000 else 10) * max(end.next, 1)
    if end is tally.low and end.next >= 0:
        return round(end.value, 2) in _BELOW_ZERO and not (end.value == -1 and tally.high.value <= 1)
    return False


def _scope(tally: CellTally) -> str:
    if tally.is_whole:
        return ""
    share = tally.cells / max(tally.in_file, 1)
    shown = f"{share:.0%}" if share >= 0.1 else f"{share:.1%}" if share >= 0.001 else "less than 0.1%"
    return f" among the {tally.cells:,} cells looked at ({shown.replace('%', ' %')} of the raster)"


def _number(value: float) -> str:
    return f"{value:,.6g}" if abs(value) < 1e15 else f"{value:.3g}"


def _unreadable(about: About, tally: CellTally) -> Finding:
    return Finding(
        "cells-unreadable",
        "error",
        f"{about.name}: {tally.unreadable:,} of {counted(tally.blocks, 'block')} of cells looked at "
        "cannot be read: the file is damaged or was not copied to its end. What needs those cells will "
        "stop; get the file again.",
        tally.unreadable,
    )


def _nothing(about: About, tally: CellTally, scope: str) -> Finding:
    return Finding(
        "no-data-everywhere",
        "error" if not scope else "warning",
        f"{about.name} holds no data in any cell{scope}; every figure made with it would be “unknown”."
        + ("" if tally.nodata is None else f" Its no-data value is {_number(tally.nodata)}."),
        tally.cells,
    )


def _suspected(
    about: About, tally: CellTally, mark: float | None, applied: float | None, scope: str
) -> Finding:
    if applied is not None:
        return Finding(
            SUSPECTED,
            "info",
            f"{about.name}: {counted(tally.hidden, 'cell holds', 'cells hold')} "
            f"{_number(applied)}{scope}; read as no data, as you said.",
            tally.hidden,
            fix="Read this value as no data.",
            applied=True,
        )
    assert mark is not None
    assert tally.low is not None
    assert tally.high is not None
    end = tally.high if tally.high.value == mark else tally.low
    return Finding(
        SUSPECTED,
        "warning",
        f"{about.name}: {counted(end.count, 'cell holds', 'cells hold')} {_number(mark)}{scope} and no other "
        f"value comes near it (the next is {_number(end.next or 0.0)}). It probably marks no data, but "
        "the file does not say so; it is used as a value.",
        end.count,
        fix=f"Read {_number(mark)} as no data.",
    )


def _impossible(about: About, tally: CellTally, mark: float | None, scope: str) -> list[Finding]:
    assert tally.low is not None
    assert tally.high is not None
    negative = tally.negative - (tally.low.count if mark is not None and mark < 0 else 0)
    found: list[Finding] = []
    if about.quantity == "people" and negative:
        found.append(
            Finding(
                "negative-people",
                "warning",
                f"{about.name}: {counted(negative, 'cell holds', 'cells hold')} a negative number of people"
                f"{scope} (down to {_number(tally.low.value)}); "
                f"{'it is' if negative == 1 else 'they are'} read as no data.",
                negative,
            )
        )
    elif about.quantity in _NEVER_NEGATIVE and negative:
        found.append(
            _impossible_values(
                about, negative, f"lie below zero{scope} (down to {_number(tally.low.value)})", "below zero"
            )
        )
    if about.known_unit == "%" and tally.high.value > 100 and mark != tally.high.value:
        found.append(
            _impossible_values(
                about,
                tally.above_100,
                f"lie above 100 per cent{scope} (up to {_number(tally.high.value)})",
                "",
            )
        )
    if about.quantity == "intensity" and tally.high.value > 12.5 and mark != tally.high.value:
        found.append(
            _impossible_values(
                about, tally.high.count, f"reach {_number(tally.high.value)}{scope}; the scale ends at 12", ""
            )
        )
    return found


def _impossible_values(about: About, count: int, what: str, below: str) -> Finding:
    thing = _NEVER_NEGATIVE.get(about.quantity or "", "")
    why = f" {thing[0].upper()}{thing[1:]} cannot be {below}." if below and thing else ""
    return Finding(
        "values-impossible",
        "warning",
        f"{about.name}: {counted(count, 'cell')} {what}.{why} They are used as they stand: ask who made the "
        "file.",
        count,
    )


def _unit(about: About, tally: CellTally) -> Finding | None:
    """The unit is not stated, or what is stated does not fit the values."""
    assert tally.low is not None
    assert tally.high is not None
    if about.quantity in ("people", "class", "extent", "susceptibility", "index", "intensity"):
        return None
    kept = tally.kept()
    whole = tally.fractional == 0
    if whole and len(np.unique(kept)) <= 12 and tally.high.value <= 255:
        return None  # classes have no unit
    positive = kept[kept > 0]
    looks: str | None = None
    if about.quantity == "depth" and len(positive):
        middle, most = (float(q) for q in np.quantile(positive, [0.5, 0.99]))
        looks = looks_like_depth_in(middle, most, whole)
    span = f"its values run from {_number(tally.low.value)} to {_number(tally.high.value)}"
    if about.unit:
        stated = about.known_unit
        if looks in ("cm", "mm") and stated == "m":
            return Finding(
                "unit-doubtful",
                "warning",
                f"{about.name} states the unit “{about.unit}”, but {span}, which would rather be {looks}. "
                "Used as it stands: check the unit before choosing classes.",
            )
        return None
    if about.named_unit is not None:
        guess = f" Its name says “{about.named_unit}”."
    elif about.hazard == "earthquake" and tally.low.value >= 1 and tally.high.value <= 12:
        guess = " By its values it looks like an intensity from 1 to 12 (MMI)."
    elif looks is not None:
        guess = f" By its values it looks like {_WORDS[looks]} ({looks}); nothing was converted."
    else:
        guess = ""
    return Finding(
        "unit-not-stated",
        "info" if about.quantity is None else "warning",
        f"{about.name} does not say what unit its values are in; {span}.{guess} Classes must be given in the "
        "raster's own unit.",
    )


_WORDS = {"m": "metres", "cm": "centimetres", "mm": "millimetres"}


# -- where it lies --------------------------------------------------------------------------------


def place_findings(
    name: str, crs: pyproj.CRS | None, transform: Affine, width: int, height: int
) -> tuple[Finding, ...]:
    """A CRS that does not fit the position, rotated rows, cells so large that they were meant as metres."""
    found: list[Finding] = []
    corners = [transform @ point for point in ((0, 0), (width, 0), (0, height), (width, height))]
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    if transform.b or transform.d:
        found.append(
            Finding(
                "rotated-grid",
                "warning",
                f"{name} is rotated: its rows do not run east. It can be drawn, but no figure can be made "
                "with it; warp it to a regular grid first, for example with gdalwarp.",
            )
        )
    if crs is None:
        return tuple(found)
    where = f"from {min(xs):g} to {max(xs):g} and from {min(ys):g} to {max(ys):g}"
    cell = f"{_number(abs(transform.a))} x {_number(abs(transform.e))}"
    said = crs.name
    if crs.is_geographic:
        if min(xs) < -361 or max(xs) > 541 or min(ys) < -91 or max(ys) > 91:
            found.append(
                Finding(
                    "crs-doubtful",
                    "error",
                    f"{name} states degrees (“{said}”), but its cells of {cell} reach {where}: those are "
                    "metres. Its coordinate system is wrong; state the right one in the file.",
                )
            )
    elif -180.5 <= min(xs) <= max(xs) <= 180.5 and -90.5 <= min(ys) <= max(ys) <= 90.5:
        found.append(
            Finding(
                "crs-doubtful",
                "warning",
                f"{name} states metres (“{said}”), but its cells of {cell} reach {where}: those look like "
                "degrees. Its coordinate system is probably wrong.",
            )
        )
    return tuple(found)
