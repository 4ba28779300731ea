"""Dates in every style, one order a column, and a question where nothing decides."""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migmap.api import Finding, Reading
from migmap.io.values.celltypes import typed_columns
from migmap.io.values.datetexts import date_of
from migmap.io.values.monthnames import from_solar

DAY = datetime.date(2022, 3, 12)


def typed(values: list[object], name: str = "date", **decided: object) -> tuple[pd.Series, list[Finding]]:
    text = all(v is None or isinstance(v, str) for v in values)
    frame = pd.DataFrame({name: pd.Series(values, dtype="str" if text else object)})
    result, findings = typed_columns(frame, np.arange(2, len(values) + 2), Reading(**decided))
    return result[name], list(findings)


def days(column: pd.Series) -> list[str]:
    return ["" if pd.isna(v) else v.date().isoformat() for v in column]


def code(findings: list[Finding], wanted: str) -> Finding:
    return next(f for f in findings if f.code == wanted)


@pytest.mark.parametrize(
    "text",
    ["2022-03-12", "2022/3/12", "12 Mar 2022", "12-Mar-22", "12th March, 2022", "March 12, 2022",
     "Sat 12 March 2022", "۱۲ مارچ ۲۰۲۲", "12 مارس 2022",
     "12 mars 2022", "12 de marzo de 2022", "1400/12/21", "21 حوت 1400",
     "2022-03-12T08:30:00", "2022-03-12 08:30", "2022-03-12T08:30:00.000+05:00"],
)  # fmt: skip
def test_one_day_in_many_styles(text: str) -> None:
    found = date_of(text)
    assert found is not None
    assert found.day() == DAY


@pytest.mark.parametrize(
    "text",
    ["1.2.10", "2-3", "12 km", "may 5", "Block 12", "31/02/2022", "12", "2022", "0000-00-00"],
)
def test_what_is_no_date(text: str) -> None:
    assert date_of(text) is None


@given(st.text(max_size=25), st.booleans())
@settings(max_examples=150, deadline=None)
def test_no_text_stops_the_reader(text: str, called: bool) -> None:
    date_of(text, called)


@given(
    st.dates(datetime.date(1990, 1, 1), datetime.date(2030, 12, 31)),
    st.sampled_from(["%Y-%m-%d", "%d %B %Y", "%d-%b-%y"]),
)
@settings(max_examples=60, deadline=None)
def test_written_dates_come_back(day: datetime.date, style: str) -> None:
    found = date_of(day.strftime(style))
    assert found is not None
    assert found.day() == day


def test_the_solar_calendar() -> None:
    assert from_solar(1357, 11, 22) == datetime.date(1979, 2, 11)
    assert from_solar(1403, 12, 30) == datetime.date(2025, 3, 20)
    assert from_solar(1400, 12, 30) is None


def test_one_date_above_twelve_decides_for_the_column() -> None:
    column, findings = typed(["01/03/2022", "25/03/2022"])
    assert days(column) == ["2022-03-01", "2022-03-25"]
    assert "day first, as in 25/03/2022" in code(findings, "text-dates").message
    assert days(typed(["1/25/2022", "3/4/2022"])[0]) == ["2022-01-25", "2022-03-04"]
    assert days(typed(["01.03.2022", "02.03.2022"])[0]) == ["2022-03-01", "2022-03-02"]


def test_where_nothing_decides_the_column_stays_text_and_both_mends_are_offered() -> None:
    values: list[object] = ["01/02/2022", "03/04/2022"]
    column, findings = typed(values)
    assert column.tolist() == values
    assert code(findings, "date-order-unsure").rows == (2, 3)
    assert code(findings, "date-day-first").changes[1].new == "2022-04-03"
    assert code(findings, "date-month-first").changes[1].new == "2022-03-04"
    column, findings = typed(values, fixes=("date-day-first",))
    assert days(column) == ["2022-02-01", "2022-04-03"]
    assert code(findings, "date-day-first").applied
    assert days(typed(values, fixes=("date-month-first",))[0]) == ["2022-01-02", "2022-03-04"]


def test_dates_that_contradict_each_other_are_not_decided() -> None:
    values: list[object] = ["25/03/2022", "03/25/2022", "01/02/2022"]
    column, findings = typed(values)
    assert column.tolist() == values
    assert "others only the month" in code(findings, "date-order-unsure").message


def test_days_a_spreadsheet_took_for_months_are_offered_a_mend() -> None:
    cells: list[object] = [datetime.datetime(2022, 4, 3), datetime.datetime(2022, 6, 5), "25/04/2022"]
    column, findings = typed(cells)
    assert days(column) == ["2022-04-03", "2022-06-05", "2022-04-25"]
    assert code(findings, "date-swapped").rows == (2, 3)
    assert days(typed(cells, fixes=("date-swapped",))[0]) == ["2022-03-04", "2022-05-06", "2022-04-25"]


def test_numbers_in_a_column_of_dates() -> None:
    assert days(typed(["44621", "44622", None])[0]) == ["2022-03-01", "2022-03-02", ""]
    assert days(typed(["20220301", "20220302"])[0]) == ["2022-03-01", "2022-03-02"]
    assert typed(["44621", "44622"], "people")[0].tolist() == [44621, 44622]
    assert typed(["2021", "2022"], "year")[0].tolist() == [2021, 2022]


def test_months_count_from_their_first_day_and_it_is_said() -> None:
    column, findings = typed(["Mar-22", "2022-04", "05/2022"])
    assert days(column) == ["2022-03-01", "2022-04-01", "2022-05-01"]
    assert "their first day stands" in code(findings, "text-dates").message
    assert typed(["March 2022", "April 2022"], "round")[0].tolist() == ["March 2022", "April 2022"]


def test_times_with_zones_keep_their_moment() -> None:
    same, _ = typed(["2022-03-01T10:00:00+05:00", "2022-03-02T10:00:00+05:00"])
    assert same[0].isoformat() == "2022-03-01T10:00:00+05:00"
    mixed, findings = typed(["2022-03-01T10:00:00+05:00", "2022-03-02T10:00:00Z"])
    assert mixed[0].isoformat() == "2022-03-01T05:00:00+00:00"
    assert "UTC" in code(findings, "text-dates").message


def test_words_among_dates_are_listed() -> None:
    column, findings = typed([*(f"2022-03-{d:02d}" for d in range(1, 10)), "ongoing", "-"])
    assert column.isna().sum() == 2
    assert code(findings, "dates-unreadable").rows == (11,)


def test_long_columns_are_read_alike() -> None:
    values: list[object] = [f"2022-03-{d % 28 + 1:02d}" for d in range(3000)]
    assert typed([*values, None])[0].isna().sum() == 1


def test_times_with_and_without_a_zone_are_asked_about() -> None:
    values: list[object] = ["2022-03-01T10:00:00+05:00", "2022-03-02T10:00:00", "2022-03-03T11:00:00+05:00"]
    column, findings = typed(values, "start")
    assert column.tolist() == values
    (finding,) = findings
    assert (finding.code, finding.rows, finding.applied) == ("dates-zones-mixed", (3,), False)
    assert [(c.row, c.old, c.new) for c in finding.changes] == [(3, values[1], f"{values[1]} UTC+05:00")]
    column, findings = typed(values, "start", fixes=("dates-zones-mixed",))
    assert str(column[1]) == "2022-03-02 10:00:00+05:00"
    assert next(f for f in findings if f.code == "dates-zones-mixed").applied
