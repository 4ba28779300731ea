"""Times as climate files write them: "days since 1850-01-01" in one of several calendars (CF conventions)."""

from __future__ import annotations

import datetime
import re

_SINCE = re.compile(
    r"^\s*(\w+)\s+since\s+(-?\d{1,5})-(\d{1,2})-(\d{1,2})"
    r"(?:[T ]+(\d{1,2})(?::(\d{1,2})(?::(\d{1,2})[\d.]*)?)?)?"
)
_SECONDS = {
    "second": 1.0, "sec": 1.0, "s": 1.0, "minute": 60.0, "min": 60.0, "hour": 3600.0, "hr": 3600.0,
    "h": 3600.0, "day": 86400.0, "d": 86400.0, "week": 604800.0,
}  # fmt: skip
_FIXED = {"360_day": 360, "noleap": 365, "365_day": 365, "all_leap": 366, "366_day": 366}
_MONTHS = {
    360: (30,) * 12,
    365: (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31),
    366: (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31),
}
_FAR = 400_000 * 366 * 86400.0
"""Seconds beyond which a time is no date."""


def date_text(value: float, units: str, calendar: str = "standard") -> str | None:
    """ISO text ("2022-08-25", with the time where it is not midnight) of a CF time; None where `units` is no
    "UNIT since DATE", or the date is none in that calendar.

    >>> date_text(59, "days since 2023-01-01", "360_day")
    '2023-02-30'
    """
    found = _SINCE.match(units)
    if found is None or value != value:
        return None
    unit = found.group(1).lower()
    unit = unit if unit in _SECONDS else unit.removesuffix("s")
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[1:])
    if unit in ("month", "year") and value == int(value) and abs(value) < 1e6:
        months = year * 12 + month - 1 + int(value) * (12 if unit == "year" else 1)
        return _text(months // 12, months % 12 + 1, day, hour * 3600 + minute * 60 + second)
    if unit in ("month", "year"):
        # UDUNITS' year is 365.242198781 days and its month a twelfth of that.
        step = 365.242198781 * 86400.0 / (12 if unit == "month" else 1)
    elif unit in _SECONDS:
        step = _SECONDS[unit]
    else:
        return None
    seconds = hour * 3600 + minute * 60 + second + value * step
    if abs(seconds) > _FAR:
        return None
    # Times stored as float32 days are off by seconds: rounded to the minute.
    minutes = round(seconds / 60.0)
    days, rest = divmod(minutes, 1440)
    length = _FIXED.get(calendar.strip().lower())
    if length is None:
        try:
            date = datetime.date(year, month, day) + datetime.timedelta(days=days)
        except (ValueError, OverflowError):
            return None
        return _text(date.year, date.month, date.day, rest * 60)
    table = _MONTHS[length]
    if not 1 <= month <= 12:
        return None
    whole = year * length + sum(table[: month - 1]) + day - 1 + days
    year, of_year = divmod(whole, length)
    month = 1
    while of_year >= table[month - 1]:
        of_year -= table[month - 1]
        month += 1
    return _text(year, month, of_year + 1, rest * 60)


def _text(year: int, month: int, day: int, seconds: int) -> str:
    date = f"{year:04d}-{month:02d}-{day:02d}"
    return date if seconds == 0 else f"{date}T{seconds // 3600:02d}:{seconds % 3600 // 60:02d}"
