"""Personal data in lists of many offices and languages: what goes, and what must not go with it."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from migmap.io.values.personal import personal_columns, without_personal_text

NAMES = ["Zubaida Khan", "Gulalai Bibi", "Ahmed Shah", "Noor Muhammad", "Bakht Zada", "Fatima Noor"]
PLACES = ["Jalozai", "Shamshatoo", "Khazana", "Azakhel", "Badaber", "Utmanzai"]
TOWNS = ["Ahmad Wal", "Karim Bux", "Fateh Jang", "Rahim Yar Khan", "Nawab Shah", "Dera Allah Yar"]
NGOS = [
    "Danish Refugee Council",
    "Norwegian Refugee Council",
    "Islamic Relief",
    "World Vision",
    "IOM",
    "HANDS",
]
PHONES = [f"0300-12345{k}{k}" for k in range(6)]
DIGITS = [f"42101{1234567 + k}{k + 1}" for k in range(6)]


def dropped(column: str, values: list[object], **others: list[object]) -> bool:
    return column in personal_columns(pd.DataFrame({column: values, **others}))


@pytest.mark.parametrize(
    "column",
    [
        "s/o",
        "D/O",
        "Site Focal Person",
        "camp manager",
        "Head teacher",
        "enum_name",
        "team_leader",
        "supervisor",
        "interviewee",
        "Majhi name",
        "magaca_madaxa_qoyska",
        "nombre_jefe_hogar",
        "nom_du_chef_de_menage",
        "nama kepala keluarga",
        "اسم رب الأسرة",
        "نام پدر",
        "column_7",
        "q12",
    ],
)
def test_names_of_people_go(column: str) -> None:
    assert dropped(column, list(NAMES))


@pytest.mark.parametrize(
    "column", ["NID", "cedula", "PoR card number", "ACC number", "رقم الهوية", "نمبر تذکره"]
)
def test_identity_numbers_go(column: str) -> None:
    assert dropped(column, list(DIGITS))


@pytest.mark.parametrize("column", ["gps_device_id", "tablet_device_id", "sim_serial"])
def test_devices_go(column: str) -> None:
    assert dropped(column, [f"35391810000000{k}" for k in range(6)])


def test_phones_in_urdu_digits_go() -> None:
    urdu = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
    assert dropped("رابطہ", [one.translate(urdu) for one in PHONES])


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("site_name", NAMES),
        ("village", TOWNS),
        ("district", TOWNS),
        ("name", TOWNS),
        ("name", NAMES),
        ("union council", TOWNS),
        ("health_facility_name", ["DHQ Hospital Noor"] * 6),
        ("agency_contact_organisation", NGOS),
        ("focal_agency", NGOS),
        ("camp manager", NGOS),
        ("camp manager", ["Al Khidmat", "Pak Army"] * 3),
        ("owner", ["Sindh Irrigation", "Pak Army", "Al Khidmat"] * 4),
        ("site manager", ["PDMA", "UNHCR", "Government of Sindh", "IOM", "PDMA", "Army"]),
        ("focal point agency", NGOS),
        ("Land owner", ["Government", "Private", "Railway", "KMC", "Private", "Private"]),
        ("head teacher available", ["yes", "no"] * 3),
        ("phone_coverage", ["yes", "no"] * 3),
        ("mobile_clinic", ["yes", "no"] * 3),
        ("area_m2", [923001234567 + k for k in range(6)]),
        ("card type", ["PoR", "ACC"] * 3),
        ("landmark", ["Shah Noor"] * 6),
    ],
)
def test_others_stay(column: str, values: list[object]) -> None:
    assert not dropped(column, list(values))
    assert not dropped(column, [str(value) for value in values])


def test_a_name_beside_identity_numbers_is_a_persons() -> None:
    assert dropped("name", list(NAMES), cnic=list(DIGITS), village=list(PLACES))
    # A list of sites with the number of whoever looks after each.
    assert not dropped("name", list(PLACES), focal_person_cnic=list(DIGITS), district=list(TOWNS))


def test_who_is_called_is_cut_out_of_remarks_with_the_number() -> None:
    said = [
        "Water point broken, call Zubaida Khan 0300-7654321",
        "Contact Office 0345 7654321",
        "35 tents, 12 May",
    ]
    frame, findings = without_personal_text(pd.DataFrame({"comment": said}))
    assert frame["comment"].tolist() == [
        "Water point broken, call [removed] [removed]",
        "Contact Office [removed]",
        "35 tents, 12 May",
    ]
    assert findings[0].count == 2


def test_objects_inside_cells_are_looked_at_and_shapes_are_not() -> None:
    shape = json.dumps({"type": "Point", "coordinates": [67.123456789012, 25.0]})
    frame, _ = without_personal_text(
        pd.DataFrame({"more": [json.dumps({"phone": "0300-7654321", "beds": 4}), shape]})
    )
    assert frame["more"].tolist() == ['{"phone": "[removed]", "beds": 4}', shape]
