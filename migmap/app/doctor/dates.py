"""Dates of rows and of layers, as far as they can be compared."""

from __future__ import annotations

import datetime
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from migmap.api import Meta, VectorData

_ISO = re.compile(r"\s*(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?(?:[T ].*)?\s*")
_ROLES = ("date", "vintage")


def date_of(value: Any) -> datetime.date | None:
    """A cell as a date: a date, an ISO text (2024, 2024-05, 2024-05-17), a year as number; the last day of a
    year or month that stands alone, so that nothing looks older than it may be."""
    if isinstance(value, datetime.datetime):
        return None if value != value else value.date()
    if isinstance(value, datetime.date):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        whole = value == value and float(value).is_integer() and 1900 <= value <= 2200
        return datetime.date(int(value), 12, 31) if whole else None
    if not isinstance(value, str):
        return None
    match = _ISO.fullmatch(value)
    if match is None:
        return None
    year, month, day = (int(part) if part else None for part in match.groups())
    if year is None or not 1900 <= year <= 2200:
        return None
    try:
        if month is None:
            return datetime.date(year, 12, 31)
        if day is None:
            following = datetime.date(year + month // 12, month % 12 + 1, 1)
            return following - datetime.timedelta(days=1)
        return datetime.date(year, month, day)
    except ValueError:
        return None


def date_column(data: VectorData) -> str | None:
    """The column that says of when a row is."""
    for role in _ROLES:
        column = data.roles.get(role)
        if column is not None and column in data.frame.columns:
            return column
    return None


def row_dates(data: VectorData) -> list[datetime.date | None]:
    """The date of every row, None where there is none or it cannot be read."""
    column = date_column(data)
    if column is None:
        return [None] * len(data.frame)
    values = data.frame[column]
    known = {value: date_of(value) for value in values.dropna().unique().tolist()}
    from pandas.api import types

    if types.is_datetime64_any_dtype(values.dtype):
        stamps = values.dt.to_pydatetime() if hasattr(values.dt, "to_pydatetime") else values.tolist()
        return [None if stamp != stamp else stamp.date() for stamp in stamps]
    return [known.get(value) if value == value else None for value in values.tolist()]


def newest(data: VectorData, today: datetime.date) -> datetime.date | None:
    """Of when the newest row is, else of when the source says it is; dates to come do not count."""
    past = [one for one in row_dates(data) if one is not None and one <= _end_of_year(today)]
    if past:
        return min(max(past), today)
    stated = stated_date(data.meta)
    return None if stated is None else min(stated, today)


def stated_date(meta: Meta) -> datetime.date | None:
    """The date of the source, if it can be read."""
    found = date_of(meta.date)
    if found is not None:
        return found
    years = re.findall(r"(?<!\d)((?:19|20)\d{2})(?!\d)", meta.date)
    return datetime.date(int(years[-1]), 12, 31) if years else None


def _end_of_year(day: datetime.date) -> datetime.date:
    return datetime.date(day.year, 12, 31)
