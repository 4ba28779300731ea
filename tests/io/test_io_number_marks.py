"""Figures whose marks or names could mean two things, and the words that stand for no figure."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_tables import codes_of, csv_of, opened, said

from migmap.api import Reading


@pytest.mark.parametrize("name", ["text_number", "reported number", "figure_name"])
def test_a_column_called_number_with_thousands_apart_is_no_code(tmp_path: Path, name: str) -> None:
    data = opened(csv_of(tmp_path, f'site,{name}\nA,"1,234"\nB,"2,345"\nC,950\n'))
    assert data.frame[name].tolist() == [1234, 2345, 950]


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("house number", ["12-A", "7", "3/4"]),
        ("plot number", ["1,234", "2,345", "3,456"]),
        ("number", ["007", "1,234", "2,345"]),
        ("serial number", ["12345", "1,234", "2,345"]),
    ],
)
def test_codes_stay_as_they_are_written(tmp_path: Path, name: str, values: list[str]) -> None:
    rows = "".join(f'S{i},"{v}"\n' for i, v in enumerate(values))
    data = opened(csv_of(tmp_path, f"site,{name}\n{rows}"))
    assert data.frame[name].astype(str).tolist() == values


@pytest.mark.parametrize(
    ("name", "values", "read", "turned"),
    [
        ("area_km2", ["1,234", "2,345"], [1234, 2345], [1.234, 2.345]),
        ("personas", ["1.234", "2.345"], [1.234, 2.345], [1234, 2345]),
        ("ménages", ["1.234", "2.500"], [1.234, 2.5], [1234, 2500]),
        ("عدد الأفراد", ["1.234", "2.345"], [1.234, 2.345], [1234, 2345]),
    ],
)
def test_marks_that_nothing_proves_are_asked_about(
    tmp_path: Path, name: str, values: list[str], read: list[float], turned: list[float]
) -> None:
    rows = "".join(f"{'AB'[i]};{v}\n" for i, v in enumerate(values))
    file = csv_of(tmp_path, f"site;{name}\n{rows}")
    data = opened(file)
    assert data.frame[name].tolist() == read
    finding = said(data, "number-marks-unsure")
    assert [(c.row, c.old, c.new) for c in finding.changes] == [
        (i + 2, f"{a:.15g}", f"{b:.15g}") for i, (a, b) in enumerate(zip(read, turned, strict=True))
    ]
    mended = opened(file, Reading(fixes=("number-marks-unsure",)))
    assert mended.frame[name].tolist() == turned
    assert said(mended, "number-marks-unsure").applied


@pytest.mark.parametrize("text", ['"1,234"\nB,"2,345"', '"1,234"\nB,950', '"12,345"\nB,"1,234"'])
def test_thousands_of_people_are_not_asked_about(tmp_path: Path, text: str) -> None:
    data = opened(csv_of(tmp_path, f"site,people\nA,{text}\n"))
    assert data.frame["people"].dtype.kind == "i"
    assert "number-marks-unsure" not in codes_of(data)


def test_every_word_for_not_assessed_is_listed(tmp_path: Path) -> None:
    text = "site,people,homes\nA,0,NA\nB,-,6\nC,not assessed,7\nD,nil,8\nE,?,9\nF,,1\nG,none,1\nH,12,1\n"
    data = opened(csv_of(tmp_path, text))
    words = {(c.row, c.column, c.old, c.new) for c in said(data, "values-not-assessed").changes}
    assert words == {
        (2, "homes", "NA", ""),
        (4, "people", "not assessed", ""),
        (6, "people", "?", ""),
    }
    nil = said(data, "nil-as-zero")
    assert [(c.row, c.old, c.new) for c in nil.changes] == [(5, "nil", "0"), (8, "none", "0")]
