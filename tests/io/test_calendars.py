"""Times of climate files in their calendars."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migmap.io.rasters.calendars import date_text


@pytest.mark.parametrize(
    ("value", "units", "calendar", "text"),
    [
        (0, "days since 2022-08-01", "standard", "2022-08-01"),
        (59, "days since 2023-01-01", "360_day", "2023-02-30"),
        (59, "days since 2020-01-01", "noleap", "2020-03-01"),
        (59, "days since 2020-01-01", "standard", "2020-02-29"),
        (59, "days since 2021-01-01", "all_leap", "2021-02-29"),
        (1.5, "days since 1850-01-01 00:00:00", "proleptic_gregorian", "1850-01-02T12:00"),
        (1066368, "hours since 1900-01-01 00:00:0.0", "gregorian", "2021-08-26"),
        (1661385600, "seconds since 1970-01-01", "standard", "2022-08-25"),
        (13, "months since 2021-12-15", "standard", "2023-01-15"),
        (-1, "days since 2000-03-01", "365_day", "2000-02-28"),
        (3, "level", "standard", None),
        (float("nan"), "days since 2000-01-01", "standard", None),
        (1e20, "days since 2000-01-01", "noleap", None),
        (1, "days since 2000-99-01", "noleap", None),
        (1, "days since 2000-99-01", "standard", None),
    ],
)
def test_dates(value: float, units: str, calendar: str, text: str | None) -> None:
    assert date_text(value, units, calendar) == text


@settings(max_examples=50, deadline=None)
@given(st.dates(datetime.date(1601, 1, 1), datetime.date(2400, 12, 31)))
def test_the_usual_calendar_agrees_with_python(day: datetime.date) -> None:
    start = datetime.date(1900, 1, 1)
    assert date_text((day - start).days, "days since 1900-01-01") == day.isoformat()


@settings(max_examples=100, deadline=None)
@given(st.floats(), st.text(max_size=40), st.sampled_from(["360_day", "noleap", "standard", "?"]))
def test_no_units_are_too_odd(value: float, units: str, calendar: str) -> None:
    date_text(value, units, calendar)
    date_text(value, f"days since {units}", calendar)
