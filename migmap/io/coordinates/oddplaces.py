"""What is odd about positions and has no mend: another country, far off, many on one spot, rounded."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from migmap.api import Finding
from migmap.api.finding import Severity

from ..wording import counted
from .countries import Expected, holding_most, in_boxes, inside

KM_PER_DEGREE = 111.2
_SAMPLE = 50_000


def in_range(lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """bool: these can be degrees of longitude and latitude; False for NaN."""
    with np.errstate(invalid="ignore"):
        fine: np.ndarray = (np.abs(lon) <= 180) & (np.abs(lat) <= 90)
    return fine


def sampled(at: np.ndarray) -> np.ndarray:
    """Some 50,000 of many indexes, evenly: enough for a middle and a spread."""
    step = max(1, len(at) // _SAMPLE)
    return at[::step]


def tallied(rows: np.ndarray) -> tuple[int, tuple[int, ...]]:
    """Count and rows as a Finding has them: the true number, and at most 1,000 row numbers."""
    return len(rows), tuple(int(r) for r in rows[:1000])


def remarks(
    lon: np.ndarray,
    lat: np.ndarray,
    rows: np.ndarray,
    expected: Expected,
    offered: np.ndarray,
    single: bool = True,
) -> list[Finding]:
    """What is odd about positions (degrees, NaN where none) and has no mend. offered: rows that a finding
    with a mend lists already. single: points, of which many on one spot and rounding mean something."""
    there = np.flatnonzero(np.isfinite(lon) & np.isfinite(lat) & ~((lon == 0) & (lat == 0)))
    if not len(there):
        return []
    x, y = lon[there], lat[there]
    found: list[Finding] = []
    abroad = _abroad(there, x, y, rows, expected, offered, found)
    _far_away(there, x, y, rows, abroad | offered, found)
    if single:
        _repeated(there, x, y, rows, found)
        _rounded(there, x, y, rows, found)
    return found


def _abroad(
    there: np.ndarray,
    x: np.ndarray,
    y: np.ndarray,
    rows: np.ndarray,
    expected: Expected,
    offered: np.ndarray,
    found: list[Finding],
) -> np.ndarray:
    """bool [all rows]: outside the country the row names."""
    out = np.zeros(len(rows), dtype=bool)
    of_row = expected.of_row
    if of_row is None:
        return _out_of_the_one(there, x, y, rows, offered, found)
    one = expected.one()
    if one is not None:
        off = ~inside(one, x, y, 0.25)
    else:
        table = np.array([(c.west, c.south, c.east, c.north) for c in expected.countries])
        box = table[of_row[there]]
        off = (of_row[there] >= 0) & ~in_boxes(
            x, y, box[:, 0] - 0.25, box[:, 1] - 0.25, box[:, 2] + 0.25, box[:, 3] + 0.25
        )
    out[there[off]] = True
    off &= ~offered[there]
    if off.any():
        named = np.unique(of_row[there[off]])
        country = expected.countries[int(named[0])].name if len(named) == 1 else "the country"
        says = (
            f"the country that “{expected.column}” names"
            if len(named) == 1
            else (f"that “{expected.column}” names for them")
        )
        comma = ", " if len(named) == 1 else " "
        size = int(off.sum())
        message = f"{counted(size, 'row lies', 'rows lie')} outside {country}{comma}{says}. {_kept(size)}"
        found.append(Finding("position-outside-country", "warning", message, *tallied(rows[there[off]])))
    return out


def _out_of_the_one(
    there: np.ndarray,
    x: np.ndarray,
    y: np.ndarray,
    rows: np.ndarray,
    offered: np.ndarray,
    found: list[Finding],
) -> np.ndarray:
    """The same where no row names a country, but nearly all lie in one and in no other's box."""
    out = np.zeros(len(rows), dtype=bool)
    if len(there) < 20:
        return out
    sample = sampled(np.arange(len(there)))
    fits = holding_most(x[sample], y[sample], 0.25)
    if len(fits) != 1:
        return out
    off = ~inside(fits[0], x, y, 0.25)
    if off.mean() > 0.05:
        return out
    out[there[off]] = True
    off &= ~offered[there]
    if off.any():
        size = int(off.sum())
        message = (
            f"{counted(size, 'row lies', 'rows lie')} outside {fits[0].name}, where all other points are. "
            f"{_kept(size)}"
        )
        found.append(Finding("position-outside-country", "info", message, *tallied(rows[there[off]])))
    return out


def _far_away(
    there: np.ndarray,
    x: np.ndarray,
    y: np.ndarray,
    rows: np.ndarray,
    said: np.ndarray,
    found: list[Finding],
) -> None:
    """Rows more than five times as far from the middle as nearly all others."""
    known = ~said[there]
    at, x, y = there[known], x[known], y[known]
    if len(at) < 10:
        return
    sample = sampled(np.arange(len(at)))
    mid_x, mid_y = float(np.median(x[sample])), float(np.median(y[sample]))
    shrink = math.cos(math.radians(min(abs(mid_y), 85.0)))
    turn = x - mid_x
    over = np.abs(turn) > 180
    if over.any():
        turn[over] = np.remainder(turn[over] + 180.0, 360.0) - 180.0
    distance = np.sqrt((turn * shrink) ** 2 + (y - mid_y) ** 2) * KM_PER_DEGREE
    share = 1.0 - max(0.01, min(0.1, 3.0 / len(at)))
    usual = float(np.quantile(distance[sample], share))
    far = distance > 5 * max(usual, 0.2)
    if not far.any():
        return
    near, most = float(distance[far].min()), float(distance[far].max())
    span = f"{near:,.0f} km" if round(near) == round(most) else f"{near:,.0f} to {most:,.0f} km"
    size = int(far.sum())
    message = (
        f"{counted(size, 'row lies', 'rows lie')} {span} from the middle of the layer, while "
        f"{share:.0%} of the rows lie within {_km(usual)} of it. {_kept(size)}"
    )
    found.append(Finding("position-far-away", "warning", message, *tallied(rows[at[far]])))


def _repeated(
    there: np.ndarray, x: np.ndarray, y: np.ndarray, rows: np.ndarray, found: list[Finding]
) -> None:
    keys = x.view(np.int64) * np.int64(1_000_003) ^ y.view(np.int64)
    if not pd.Series(keys).duplicated().any():
        return
    codes, _ = pd.factorize(keys)
    sizes = np.bincount(codes)
    least = max(10, 5 * float(np.median(sizes))) if len(there) >= 50 else max(5, 0.2 * len(there))
    many = sizes >= least
    if not many.any() or not (sizes < least).any():
        return
    at = there[many[codes]]
    spots = int(many.sum())
    where = f"{spots:,} positions" if spots > 1 else "one and the same position"
    most = f", up to {int(sizes.max()):,} on one" if spots > 1 else ""
    message = (
        f"{len(at):,} rows stand on {where}{most}: perhaps the middle of an area, or of an office, and not "
        "where they are."
    )
    found.append(Finding("position-repeated", "info", message, *tallied(rows[at])))


def _rounded(there: np.ndarray, x: np.ndarray, y: np.ndarray, rows: np.ndarray, found: list[Finding]) -> None:
    """Coordinates of two decimals or fewer, or of whole minutes, more than chance makes: how far off they
    can be."""

    def whole(factor: float, at: np.ndarray) -> np.ndarray:
        fine: np.ndarray = at.copy()
        for value in (x, y):
            scaled = value[fine] * factor
            fine[fine] = np.abs(scaled - np.round(scaled)) < 1e-7 * factor
        return fine

    thousandth = whole(1000, np.ones(len(x), dtype=bool))
    hundredth = whole(100, thousandth)
    tenth = whole(10, hundredth)
    degree = whole(1, tenth)
    minute = whole(60, ~hundredth)
    # One in a hundred pairs of three decimals ends in zeros by chance, and so on up.
    if degree.sum() <= 2 + 0.025 * tenth.sum():
        degree[:] = False
    if tenth.sum() <= 2 + 0.025 * hundredth.sum():
        tenth[:] = degree
    if hundredth.sum() <= 4 + 0.025 * thousandth.sum():
        hundredth[:] = tenth
    rough = hundredth | minute
    size = int(rough.sum())
    if size < 5:
        return
    parts = []
    steps = (
        ("whole degrees", degree, 1.0),
        ("one decimal", tenth & ~degree, 0.1),
        ("whole minutes", minute, 1 / 60),
        ("two decimals", hundredth & ~tenth, 0.01),
    )
    for words, mask, step in steps:
        if mask.any():
            # Half a step off in both directions.
            parts.append(
                f"{int(mask.sum()):,} to {words} (up to {_km(step / 2 * math.sqrt(2) * KM_PER_DEGREE)})"
            )
    message = (
        f"Coordinates are rounded in {size:,} of {len(there):,} rows: {', '.join(parts)} from the true place."
    )
    severity: Severity = "warning" if tenth.any() else "info"
    found.append(Finding("precision-low", severity, message, *tallied(rows[there[rough]])))


def _kept(size: int) -> str:
    return "It is used as it stands; check it." if size == 1 else "They are used as they stand; check them."


def _km(distance: float) -> str:
    if distance < 0.95:
        return f"{max(1, round(distance * 1000, -2 if distance > 0.1 else -1)):,.0f} m"
    return f"{distance:,.1f} km" if distance < 9.5 else f"{distance:,.0f} km"
