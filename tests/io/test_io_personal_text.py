"""Personal data inside text, in other scripts, and what is kept because somebody asked for it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migmap.api import Reading, VectorData
from migmap.io.read import read
from migmap.io.reference import Reference
from migmap.io.values.personal import personal_columns, without_personal_text
from migmap.io.values.personaltext import without_personal_parts

DROPPED = "personal-columns-dropped"


@pytest.mark.parametrize(
    "text",
    [
        "call 0300-1234567 before noon",
        "phone ۰۳۰۰۱۲۳۴۵۶۷ (elder)",
        "reach us at +92 333 1234567.",
        "office +962 7 9123 4567",
        "CNIC 12345-1234567-1",
        "his card is 4210112345671, seen",
        "write to a.khan@example.org",
        "IBAN GB82 WEST 1234 5698 7654 32",
        "case 385-12C00456",
        "passport no. AB1234567",
        "mobile: 3001234567",
    ],
)
def test_parts_of_text_go(text: str) -> None:
    clean, what = without_personal_parts(text)
    assert "[removed]" in clean
    assert what
    assert sum(ch.isdigit() for ch in clean) < 5


@pytest.mark.parametrize(
    "text",
    [
        "2022-03-01T10:00:00.000+05:00",
        "UTM 42N 310000 3760000",
        "34.015137, 71.524915",
        "1,234,567 people in 12 villages",
        "3f2a9bd0-c19b-1c00-aa21-77aa00bb1100",
        "1661234567890.jpg",
        "PK101 / PK10105",
        "Government High School No. 2, Haji Camp",
        "2010-2022, 45 households",
        "contact agency: UNHCR",
        "Malik Abad, Sardar Garhi",
    ],
)
def test_other_text_stays(text: str) -> None:
    assert without_personal_parts(text) == (text, frozenset())


@given(st.text(max_size=60))
@settings(max_examples=150, deadline=None)
def test_only_what_is_named_goes(text: str) -> None:
    clean, what = without_personal_parts(text, free=True)
    assert bool(what) == (clean != text) or "[removed]" in text


def test_people_are_cut_out_of_remarks_but_not_out_of_names_of_places() -> None:
    frame = pd.DataFrame(
        {"remarks": ["met Mr. Ahmad Khan", "no water"], "site": ["Mr Khan Colony", "Jalozai"]}
    )
    clean, found = without_personal_text(frame, np.array([2, 3]))
    assert clean["remarks"].tolist() == ["met [removed]", "no water"]
    assert clean["site"].tolist() == ["Mr Khan Colony", "Jalozai"]
    assert found[0].rows == (2,)
    assert "Ahmad" not in found[0].message


FILE = "site,respondent_name,phone,remarks,people\n" + "".join(
    f"Site {i},Ahmad Khan,0300123456{i},call 0300-123456{i},{i}00\n" for i in range(1, 6)
)


def loaded(tmp_path: Path, *keep: str) -> VectorData:
    file = tmp_path / "t.csv"
    file.write_text(FILE)
    data = read(Reference(file), reading=Reading(keep=keep))
    assert isinstance(data, VectorData)
    return data


def test_left_out_by_default(tmp_path: Path) -> None:
    data = loaded(tmp_path)
    assert [c for c in data.frame.columns if c != "geometry"] == ["site", "remarks", "people"]
    assert set(data.frame["remarks"]) == {"call [removed]"}
    assert {f.severity for f in data.findings if "personal" in f.code} == {"warning"}
    assert data.meta.sensitivity is None


def test_one_column_kept_makes_the_layer_confidential(tmp_path: Path) -> None:
    data = loaded(tmp_path, f"{DROPPED}:phone")
    assert [c for c in data.frame.columns if c != "geometry"] == ["site", "phone", "remarks", "people"]
    assert data.frame["phone"][0] == "03001234561"
    assert data.meta.sensitivity == "confidential"
    assert any("kept because you asked" in f.message for f in data.findings)


def test_everything_kept(tmp_path: Path) -> None:
    data = loaded(tmp_path, DROPPED, "personal-data-in-text")
    assert "respondent_name" in data.frame.columns
    assert data.frame["remarks"][0] == "call 0300-1234561"
    assert data.meta.sensitivity == "confidential"


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("_submitted_by", ["akhan", "bgul", "njan"]),
        ("username", ["akhan", "bgul", "njan"]),
        ("deviceid", ["ee.kobo:1a2b3c4d", "ee.kobo:2b3c4d5e", "collect:9f8e7d"]),
        ("date_of_birth", ["1990-01-01", "1985-05-05", "2001-12-01"]),
        ("photo_respondent", ["1.jpg", "2.jpg", "3.jpg"]),
        ("signature_image", ["1.png", "2.png", "3.png"]),
        ("nom du chef de ménage", ["Ahmad Khan", "Bibi Gul", "Noor Jan"]),
        ("iban", ["PK36SCBL0000001123456702", "PK36SCBL0000001123456703", "PK36SCBL0000001123456704"]),
        ("UNHCR case number", ["385-12C00456", "385-12C00457", "385-12C00458"]),
        ("col3", [4210112345671, 3520212345672, 1730112345673]),
        ("col4", ["+93 70 123 4567", "+93701234568", "0093701234569"]),
        ("col5", ["Ahmad s/o Gul Khan", "Noor S/O Jan", "Bibi w/o Shah"]),
    ],
)
def test_more_columns_that_go(name: str, values: list[object]) -> None:
    assert name in personal_columns(pd.DataFrame({name: values}))


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("Name of settlement", ["Jalozai", "Togh Bala", "Kababian"]),
        ("camp manager agency", ["UNHCR", "ACTED", "Oxfam"]),
        ("Name of camp management agency", ["UNHCR", "ACTED", "Oxfam"]),
        ("Number of persons", [120, 88, 31]),
        ("nombre de personnes", [120, 88, 31]),
        ("photo_of_site", ["1.jpg", "2.jpg", "3.jpg"]),
        ("created_ms", [1661234567890, 1661234567891, 1661234567892]),
        ("population_female", [1, 2, 3]),
        ("project_id", ["PK-2022-001", "PK-2022-002", "PK-2022-003"]),
        ("focal agency", ["IOM", "UNHCR", "WFP"]),
    ],
)
def test_more_columns_that_stay(name: str, values: list[object]) -> None:
    assert personal_columns(pd.DataFrame({name: values})) == {}


def test_a_name_is_a_persons_where_each_row_has_a_sex() -> None:
    members = pd.DataFrame({"name": ["Ahmad", "Gul", "Noor"], "gender": ["male", "female", "male"]})
    assert list(personal_columns(members)) == ["name"]
    sites = pd.DataFrame({"name": ["Jalozai", "Togh Bala"], "female": [10, 20]})
    assert personal_columns(sites) == {}
