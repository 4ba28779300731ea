"""Exports of Kobo: repeats on further sheets, several answers to a question, codes and their form."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from migmap.api import Finding, Problem, Reading, VectorData
from migmap.io.read import read
from migmap.io.reference import parse_reference

Rows = Sequence[Sequence[Any]]

MAIN: Rows = [
    ("start", "site/site_name", "site/_gps_latitude", "site/_gps_longitude", "needs", "needs/water",
     "needs/food", "people", "_id", "_uuid", "_submission_time", "_index"),
    ("2022-03-01T08:00:00+05:00", "Jalozai", 33.9, 71.8, "water food", 1, 1, 120, 11, "aa", "2022-03-01", 1),
    ("2022-03-02T08:00:00+05:00", "Togh Bala", 33.5, 71.4, "water", 1, 0, 80, 12, "bb", "2022-03-02", 2),
    ("2022-03-02T09:00:00+05:00", "Kababian", 34.0, 71.5, "food", 1, 1, 60, 13, "cc", "2022-03-02", 3),
]  # fmt: skip
MEMBERS: Rows = [
    ("age", "gender", "_index", "_parent_table_name", "_parent_index"),
    (30, "male", 1, "main", 1),
    (28, "female", 2, "main", 1),
    (7, "female", 3, "main", 2),
    (9, "male", 4, "main", 9),
]


def workbook(path: Path, sheets: Mapping[str, Rows]) -> Path:
    with xlsxwriter.Workbook(str(path)) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for at, row in enumerate(rows):
                sheet.write_row(at, 0, row)
    return path


def loaded(text: str, **decided: Any) -> VectorData:
    data = read(parse_reference(text), reading=Reading(**decided))
    assert isinstance(data, VectorData)
    return data


def finding(data: VectorData, code: str) -> Finding:
    return next(f for f in data.findings if f.code == code)


@pytest.fixture
def survey(tmp_path: Path) -> Path:
    return workbook(tmp_path / "export.xlsx", {"main": MAIN, "members": MEMBERS})


def test_the_main_sheet_counts_its_repeats(survey: Path) -> None:
    data = loaded(f"{survey}::main")
    assert data.frame["members_count"].tolist() == [2, 1, 0]
    assert "“members”" in finding(data, "repeat-sheets").message
    assert finding(data, "repeat-unmatched").count == 1
    assert data.frame.geometry.notna().all()


def test_a_sheet_of_repeats_gets_the_place_and_name_of_its_parent(survey: Path) -> None:
    data = loaded(f"{survey}::members")
    assert len(data.frame) == 4
    assert data.frame["site/site_name"].tolist()[:3] == ["Jalozai", "Jalozai", "Togh Bala"]
    assert data.frame.geometry.notna().tolist() == [True, True, True, False]
    assert data.frame.geometry[0].x == 71.8
    assert finding(data, "repeat-unmatched").rows == (5,)
    assert finding(data, "repeat-joined").count == 3


def test_answers_that_contradict_their_columns_are_listed(survey: Path) -> None:
    data = loaded(f"{survey}::main")
    assert finding(data, "select-multiples").count == 1
    assert finding(data, "choices-disagree").rows == (4,)
    assert data.frame["needs/water"].tolist() == [1, 1, 1]


FORM: Mapping[str, Rows] = {
    "survey": [
        ("type", "name", "label"),
        ("begin_group", "site", "Site"),
        ("select_one land_owner", "tenure", "Tenure"),
        ("end_group", "", ""),
        ("select_multiple need", "needs", "Needs"),
    ],
    "choices": [
        ("list_name", "name", "label::Urdu (ur)", "label::English (en)"),
        ("land_owner", 1, "سرکاری", "State land"),
        ("land_owner", 2, "نجی", "Private land"),
        ("need", "water", "پانی", "Drinking water"),
        ("need", "food", "خوراک", "Food"),
    ],
}


def test_codes_become_the_labels_of_the_form(tmp_path: Path) -> None:
    form = workbook(tmp_path / "form.xlsx", FORM)
    rows = [
        ("site/tenure", "needs", "_id", "_uuid"),
        (1, "water food", 5, "a"),
        (2, "water", 6, "b"),
        (9, None, 7, "c"),
    ]
    export = workbook(tmp_path / "export.xlsx", {"main": rows})
    data = loaded(str(export), choices=str(form))
    assert data.frame["site/tenure"].tolist() == ["State land", "Private land", "9"]
    assert data.frame["needs"].tolist()[:2] == ["Drinking water; Food", "Drinking water"]
    said = finding(data, "choices-resolved")
    assert "English" in said.message
    assert "1 answer is on no list" in said.message


def test_labels_in_urdu_are_used_where_there_is_no_english(tmp_path: Path) -> None:
    choices = [row[:3] for row in FORM["choices"]]
    form = workbook(tmp_path / "form.xlsx", {**FORM, "choices": choices})
    export = workbook(
        tmp_path / "e.xlsx", {"main": [("site/tenure", "_id", "_uuid"), (1, 5, "a"), (2, 6, "b")]}
    )
    assert loaded(str(export), choices=str(form)).frame["site/tenure"][0] == "سرکاری"


def test_a_file_that_is_no_form_is_refused(tmp_path: Path, survey: Path) -> None:
    with pytest.raises(Problem, match="XLSForm"):
        loaded(f"{survey}::main", choices=str(survey))
    with pytest.raises(Problem, match="no file"):
        loaded(f"{survey}::main", choices=str(tmp_path / "none.xlsx"))


def test_a_survey_with_a_total_below_still_counts_its_repeats(tmp_path: Path) -> None:
    total = ["Total" if name == "site/site_name" else 260 if name == "people" else None for name in MAIN[0]]
    data = loaded(f"{workbook(tmp_path / 'e.xlsx', {'main': [*MAIN, total], 'members': MEMBERS})}::main")
    assert data.frame["members_count"].tolist() == [2, 1, 0]
    (aside,) = data.aside
    assert (aside.code, aside.row_numbers.tolist()) == ("total-row", [5])
    assert aside.frame["members_count"].isna().all()


# --- ODK writes each table of repeats to a file of its own

_ODK_MAIN = (
    "SubmissionDate,site-name,loc-Latitude,loc-Longitude,meta-instanceID,KEY,SET-OF-hh\n"
    "2022-03-01T10:00:00Z,Jalozai,33.9,71.8,uuid:a,uuid:a,uuid:a/hh\n"
    "2022-03-02T10:00:00Z,Kababian,34.0,71.5,uuid:b,uuid:b,uuid:b/hh\n"
)
_ODK_REPEAT = "size,PARENT_KEY,KEY\n4,uuid:a,uuid:a/hh[1]\n6,uuid:a,uuid:a/hh[2]\n3,uuid:b,uuid:b/hh[1]\n"
_ODK_NESTED = "age,PARENT_KEY,KEY\n30,uuid:a/hh[2],uuid:a/hh[2]/m[1]\n5,uuid:x/hh[9],uuid:x/hh[9]/m[1]\n"


def _odk(folder: Path, zipped: bool) -> str:
    tables = {"Visit.csv": _ODK_MAIN, "Visit-hh.csv": _ODK_REPEAT, "Visit-hh-m.csv": _ODK_NESTED}
    if zipped:
        with zipfile.ZipFile(folder / "Visit.zip", "w") as archive:
            for name, text in tables.items():
                archive.writestr(name, text)
        return f"{folder / 'Visit.zip'}::{{}}"
    for name, text in tables.items():
        (folder / name).write_text(text)
    return f"{folder}/{{}}.csv"


@pytest.mark.parametrize("zipped", [False, True])
def test_repeats_in_files_of_their_own_know_where_they_belong(tmp_path: Path, zipped: bool) -> None:
    pattern = _odk(tmp_path, zipped)
    main = loaded(pattern.format("Visit"))
    assert main.frame["Visit-hh_count"].tolist() == [2, 1]
    assert "in files of their own" in finding(main, "repeat-sheets").message
    repeat = loaded(pattern.format("Visit-hh"))
    assert [(round(p.x, 2), round(p.y, 2)) for p in repeat.frame.geometry] == [
        (71.8, 33.9),
        (71.8, 33.9),
        (71.5, 34.0),
    ]
    assert repeat.frame["site-name"].tolist() == ["Jalozai", "Jalozai", "Kababian"]
    nested = loaded(pattern.format("Visit-hh-m"))
    assert len(nested.frame) == 2
    assert nested.frame["site-name"].tolist()[0] == "Jalozai"
    assert finding(nested, "repeat-unmatched").rows == (3,)


def test_a_file_of_repeats_alone_is_read_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "Visit-hh.csv").write_text(_ODK_REPEAT)
    (tmp_path / "Other.csv").write_text("KEY,a\nuuid:a,1\n")
    data = loaded(str(tmp_path / "Visit-hh.csv"))
    assert data.frame["size"].tolist() == [4, 6, 3]
    assert "repeat-joined" not in {f.code for f in data.findings}


def test_repeats_within_repeats_on_sheets_get_the_place_of_the_first(tmp_path: Path) -> None:
    inner: Rows = [
        ("skill", "_index", "_parent_table_name", "_parent_index"),
        ("tailor", 1, "members", 3),
        ("driver", 2, "members", 1),
    ]
    file = workbook(tmp_path / "e.xlsx", {"main": MAIN, "members": MEMBERS, "skills": inner})
    data = loaded(f"{file}::skills")
    assert data.frame["site/site_name"].tolist() == ["Togh Bala", "Jalozai"]
