"""Numbers as people write them: every style read, no id taken for one, nothing changed unsaid."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from migmap.api import Finding, Reading
from migmap.io.values.amounts import amount_of, gap_of, number_of, value_of
from migmap.io.values.celltypes import typed_columns
from migmap.io.values.colnames import is_code_name, is_quantity_name
from migmap.io.values.numbers import numbers_from_text


def typed(
    values: list[str | None], name: str = "people", **decided: object
) -> tuple[pd.Series, list[Finding]]:
    frame = pd.DataFrame({name: pd.Series(values, dtype="str")})
    result, findings = typed_columns(frame, np.arange(2, len(values) + 2), Reading(**decided))
    return result[name], list(findings)


def code(findings: list[Finding], wanted: str) -> Finding:
    return next(f for f in findings if f.code == wanted)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,234", 1234),
        ("1.234,5", 1234.5),
        ("1,234.5", 1234.5),
        ("12,34,567", 1_234_567),
        ("1 234", 1234),
        ("1\u2009234", 1234),
        ("1\u00a0234,5", 1234.5),
        ("1'234", 1234),
        ("١٢٣", 123),
        ("۱۲۳", 123),
        ("١٬٢٣٤٫٥", 1234.5),
        ("১২৩", 123),
        ("(123)", -123),
        ("\u2212 7".replace(" ", ""), -7),
        ("+5", 5),
        ("1.2E+05", 120_000),
        ("12,5", 12.5),
        (".25", 0.25),
        ("0", 0),
    ],
)
def test_every_style_is_a_number(text: str, value: float) -> None:
    assert number_of(text) == value


@pytest.mark.parametrize(
    "text",
    ["007", "+923001234567", "PK101", "2-3", "12A", "1e5", "12/3", "1.2.3", "1,2,3", "1,23,4", "12:30", "",
     "-", "5 %", "~5", "12 km", "1234567890123456", "nan", "inf", "0x10", "1_000", "٠٠٧"],
)  # fmt: skip
def test_ids_and_words_are_none(text: str) -> None:
    assert number_of(text) is None


@pytest.mark.parametrize(
    ("text", "value", "unit", "hedge"),
    [
        ("~ 500", 500, "", "about"),
        ("approx. 500", 500, "", "about"),
        ("500 approx", 500, "", "about"),
        (">100", 100, "", "more than"),
        ("100+", 100, "", "more than"),
        ("less than 5", 5, "", "less than"),
        ("1.2k", 1200, "", ""),
        ("1.5 million", 1_500_000, "", ""),
        ("2 lakh", 200_000, "", ""),
        ("12%", 12, "%", ""),
        ("12 km", 12, "km", ""),
        ("3 km2", 3, "km2", ""),
        ("Rs. 500/-", 500, "PKR", ""),
        ("15 households", 15, "households", ""),
    ],
)
def test_what_stands_around_a_number_is_kept_apart(text: str, value: float, unit: str, hedge: str) -> None:
    found = amount_of(text)
    assert found is not None
    assert (value_of(found), found.unit, found.hedge) == (value, unit, hedge)


@pytest.mark.parametrize(
    ("text", "why"),
    [("-", "blank"), ("–", "blank"), (".", "blank"), (" ", "blank"), ("#N/A", "blank"), ("nil", "nil"),
     ("NA", "not assessed"), ("N/A", "not assessed"), ("Not assessed", "not assessed"), ("n.d.", "unknown"),
     ("Unknown", "unknown"), ("don't know", "unknown"), ("0", ""), ("5", ""), ("Jalozai", "")],
)  # fmt: skip
def test_nothing_written_not_assessed_and_unknown_are_three_things(text: str, why: str) -> None:
    assert gap_of(text) == why


@given(st.text(max_size=30))
@settings(max_examples=150, deadline=None)
@example("²")
@example("٫")
@example("((1))")
@example("1e999")
def test_no_text_stops_the_reader(text: str) -> None:
    found = number_of(text)
    assert found is None or np.isfinite(found)
    amount_of(text)
    gap_of(text)


_STYLES = {
    "english": lambda n, p: f"{n:,.{p}f}",
    "german": lambda n, p: f"{n:,.{p}f}".translate(str.maketrans(",.", ".,")),
    "french": lambda n, p: f"{n:,.{p}f}".translate(str.maketrans({",": "\u202f", ".": ","})),
    "urdu": lambda n, p: f"{n:,.{p}f}".translate(str.maketrans("0123456789,.", "۰۱۲۳۴۵۶۷۸۹٬٫")),
    "plain": lambda n, p: f"{n:.{p}f}",
}


@given(
    st.lists(st.integers(-9_999_999, 99_999_999), min_size=1, max_size=12),
    st.sampled_from(sorted(_STYLES)),
    st.sampled_from([0, 1, 2]),
)
@settings(max_examples=60, deadline=None)
def test_written_numbers_come_back(numbers: list[int], style: str, places: int) -> None:
    wanted = [n / 10**places for n in numbers]
    texts = [_STYLES[style](n, places) for n in wanted]
    # One number that proves which mark is which, as real columns have.
    texts.append(_STYLES[style](1_234_567.5, 1))
    column, _ = typed(list(texts))
    assert column.tolist() == pytest.approx([*wanted, 1_234_567.5])


@given(
    st.lists(st.text("abcXYZ0123456789-+./, %", max_size=8), max_size=30),
    st.sampled_from(["x", "people", "code"]),
)
@settings(max_examples=100, deadline=None)
def test_no_text_column_changes_unsaid(texts: list[str], name: str) -> None:
    column, findings = typed([t or None for t in texts], name)
    if isinstance(column.dtype, pd.StringDtype) or column.dtype == object:
        assert [None if v != v else v for v in column] == [t or None for t in texts] or any(
            f.code == "personal-data-in-text" for f in findings
        )
        return
    plain = all(t == "" or t.strip().lstrip("+-").replace(".", "", 1).isdigit() for t in texts)
    lower = {t.strip().lower() for t in texts if t}
    assert plain or lower <= {"true", "false"} or any(name in f.message for f in findings)


def test_a_comma_is_decided_for_the_whole_column() -> None:
    german, _ = typed(["1.234", "2.500", "3,5"], "area")
    assert german.tolist() == [1234, 2500, 3.5]
    english, _ = typed(["1.234", "2.5"], "area")
    assert english.tolist() == [1.234, 2.5]


def test_nobody_counts_people_in_thousandths() -> None:
    frame = pd.DataFrame({"Rate": ["1,5", "2", "3"], "Individuals": ["120", "1,234", "70"]})
    read, findings = numbers_from_text(frame, np.arange(2, 5))
    assert read["Individuals"].tolist() == [120, 1234, 70]
    assert read["Rate"].tolist() == [1.5, 2, 3]
    assert [one.rows for one in findings if one.code == "number-marks-unsure"] == [(3,)]
    # A measure follows the marks of the others.
    frame = pd.DataFrame({"Rate": ["1,5", "2", "3"], "Area": ["120", "1,234", "70"]})
    assert numbers_from_text(frame, np.arange(2, 5))[0]["Area"].tolist() == [120, 1.234, 70]


def test_points_that_may_mean_thousands_are_asked_about() -> None:
    column, findings = typed(["1.234", "2.500", "7"])
    assert column.tolist() == [1.234, 2.5, 7]
    said = code(findings, "number-marks-unsure")
    assert said.severity == "warning"
    assert said.rows == (2, 3)
    assert said.changes[0].new == "1234"
    turned, findings = typed(["1.234", "2.500", "7"], fixes=("number-marks-unsure",))
    assert turned.tolist() == [1234, 2500, 7]
    assert code(findings, "number-marks-unsure").applied


def test_words_among_numbers_are_listed_by_row() -> None:
    column, findings = typed([*map(str, range(10, 20)), "many", "NA", "unknown", "-"])
    assert column.isna().sum() == 4
    assert code(findings, "values-unreadable").rows == (12,)
    assert "“many” (1)" in code(findings, "values-unreadable").message
    assert code(findings, "values-not-assessed").count == 2


def test_a_few_numbers_among_words_stay_text() -> None:
    column, findings = typed(["12", "Jalozai", "13", "Togh Bala", "14"])
    assert column.tolist() == ["12", "Jalozai", "13", "Togh Bala", "14"]
    assert not findings


@pytest.mark.parametrize("name", ["house", "block", "site"])
def test_names_of_houses_stay_text(name: str) -> None:
    values = [*map(str, range(1, 30)), "12A", "2-3"]
    assert typed(values, name)[0].tolist() == values


def test_nil_is_no_zero_unless_asked_for() -> None:
    column, findings = typed(["1,200", "nil", "0", "5"])
    assert np.isnan(column[1])
    assert column[2] == 0
    assert code(findings, "nil-as-zero").changes[0].new == "0"
    column, findings = typed(["1,200", "nil", "0", "5"], fixes=("nil-as-zero",))
    assert column.tolist() == [1200, 0, 0, 5]
    assert code(findings, "nil-as-zero").applied


def test_several_units_are_converted_only_on_request() -> None:
    values: list[str | None] = ["12 km", "500 m", "3 km"]
    column, findings = typed(values, "distance")
    assert column.tolist() == values
    said = code(findings, "mixed-units")
    assert said.fix
    assert said.changes[0].new == "0.5"
    column, findings = typed(values, "distance", fixes=("mixed-units",))
    assert column.tolist() == [12, 0.5, 3]


def test_one_unit_is_read_and_said() -> None:
    column, findings = typed(["12 km", "5", "3 km"], "distance")
    assert column.tolist() == [12, 5, 3]
    said = code(findings, "values-with-units")
    assert said.severity == "warning"
    assert said.rows == (3,)
    assert "mixed-units" in {f.code for f in typed(["12 m", "3 m"], "distance_km")[1]}


def test_chosen_answers_are_no_decimals() -> None:
    assert typed(["1,3", "2,4", "3"], "needs")[0].tolist() == ["1,3", "2,4", "3"]
    assert typed(["101 102", "102 101", "101", "102"], "needs")[0].tolist()[0] == "101 102"


@pytest.mark.parametrize(
    "name", ["site_id", "PCODE", "ADM2_PCODE", "house no", "No", "phone number", "ISO3166-1", "name"]
)
def test_names_of_codes(name: str) -> None:
    assert is_code_name(name)
    assert not is_quantity_name(name)


@pytest.mark.parametrize(
    "name", ["number of people", "No. of HH", "no_hh", "num latrines", "Total families", "population"]
)
def test_names_of_quantities(name: str) -> None:
    assert not is_code_name(name)
    assert is_quantity_name(name)


def test_true_and_false_with_blanks_stay_three_things() -> None:
    column, _ = typed(["true", None, "FALSE"], "open")
    assert column.dtype == "boolean"
    assert [None if pd.isna(v) else bool(v) for v in column] == [True, None, False]
