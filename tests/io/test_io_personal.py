"""Personal columns never enter; places, facilities, codes and statistics stay."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from migmap.api import VectorData
from migmap.io.read import read
from migmap.io.reference import Reference
from migmap.io.values.personal import E_MAILS, IDENTITY, PEOPLE_NAMES, PHONES, personal_columns

PEOPLE = ["Ahmad Khan", "Bibi Gul", "Noor Jan"]
PHONE = ["0300-1234567", "03211234567", "+92 333 1234567"]


@pytest.mark.parametrize(
    ("name", "values", "why"),
    [
        ("name_of_head", PEOPLE, PEOPLE_NAMES),
        ("HEAD_NAME", PEOPLE, PEOPLE_NAMES),
        ("Name of Respondent", PEOPLE, PEOPLE_NAMES),
        ("respondent_name", PEOPLE, PEOPLE_NAMES),
        ("group_a/enumerator_name", PEOPLE, PEOPLE_NAMES),
        ("Enumerator", PEOPLE, PEOPLE_NAMES),
        ("focal_point", PEOPLE, PEOPLE_NAMES),
        ("Site Focal Point Name", PEOPLE, PEOPLE_NAMES),
        ("Contact person", PEOPLE, PEOPLE_NAMES),
        ("FatherName", PEOPLE, PEOPLE_NAMES),
        ("fathername", PEOPLE, PEOPLE_NAMES),
        ("village_head_name", PEOPLE, PEOPLE_NAMES),
        ("سربراہ کا نام", ["احمد خان", "بی بی گل", "نور جان"], PEOPLE_NAMES),
        ("CNIC", ["1234512345671", "5432112345671", "1111122222223"], IDENTITY),
        ("col7", ["12345-1234567-1", "54321-1234567-2", None], IDENTITY),
        ("national_id_no", [1234512345671, 5432112345671, 1111122222223], IDENTITY),
        ("شناختی کارڈ", ["12345-1234567-1", "54321-1234567-2", "x"], IDENTITY),
        ("mobile", [3001234567.0, 3211234567.0, None], PHONES),
        ("Contact No.", PHONE, PHONES),
        ("col8", PHONE, PHONES),
        ("WhatsApp", ["+93 70 123 4567", "+93701234568", ""], PHONES),
        ("contact", PHONE, PHONES),
        ("e-mail", ["a@example.org", "b@example.org", ""], E_MAILS),
        ("col9", ["a@example.org", "b@example.org", "c@example.org"], E_MAILS),
    ],
)
def test_found(name: str, values: list[object], why: str) -> None:
    assert personal_columns(pd.DataFrame({name: values})) == {name: why}


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("name", ["Basic Health Unit Mardan", "Civil Hospital", "RHC Swabi"]),
        ("name_ur", ["پشاور", "مردان", "صوابی"]),
        ("نام", ["پشاور", "مردان", "صوابی"]),
        ("site_name", ["Jalozai", "Togh Bala", "Kababian"]),
        ("refugee_village_name", ["Jalozai", "Togh Bala", "Kababian"]),
        ("village_name", ["Jalozai", "Togh Bala", "Kababian"]),
        ("NAME_OF_SCHOOL", ["GPS No. 1", "GGPS Bara", "GHS Tank"]),
        ("Headquarte", ["Bagh", "Mardan", "Swabi"]),
        ("operator", ["UNHCR", "ACTED", "Oxfam"]),
        ("phone_access", [71, 80, 65]),
        ("phone_access", ["71", "80", "65"]),
        ("mobile_network", ["yes", "no", "yes"]),
        ("households_with_cnic", [120, 88, 31]),
        ("cnic_available", ["yes", "no", "yes"]),
        ("respondent_sex", ["male", "female", "male"]),
        ("respondent", ["male", "female", "female"]),
        ("head_of_household", ["female", "male", "male"]),
        ("head_count", [5, 7, 9]),
        ("osm_id", [10203040506, 10203040507, 10203040508]),
        ("osm_id", ["10203040506", "10203040507", "10203040508"]),
        ("pcode", ["PK101", "PK102", "PK729"]),
        ("uuid", ["3f2a9bd0c1", "9b1c00aa21", "77aa00bb11"]),
        ("changeset_timestamp", ["2022-08-25T10:00:00", "2022-08-26T10:00:00", "2022-08-27T10:00:00"]),
        ("date", ["20220825", "20220826", "20220827"]),
        ("cell_id", [1, 2, 3]),
        ("email_sent", ["yes", "no", "no"]),
        ("url", ["https://example.org/a", "https://example.org/b", "https://example.org/c"]),
        ("facility_contact", [None, None, None]),
    ],
)
def test_kept(name: str, values: list[object]) -> None:
    assert personal_columns(pd.DataFrame({name: values})) == {}


def test_import_drops_them_and_names_columns_but_no_values(tmp_path: Path) -> None:
    file = tmp_path / "hh.csv"
    file.write_text("site,head_name,phone,people\nA,Ahmad Khan,03001234567,5\nB,Bibi Gul,03217654321,6\n")
    data = read(Reference(file))
    assert isinstance(data, VectorData)
    assert list(data.frame.columns) == ["site", "people", "geometry"]
    found = next(f for f in data.findings if f.code == "personal-columns-dropped")
    assert found.severity == "warning"
    assert found.count == 2
    assert "head_name" in found.message
    assert "Ahmad" not in found.message
    assert "0300" not in found.message
