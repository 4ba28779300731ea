"""Which area a row means: codes before names, doubts left open, codes that lie called out."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migmap.geo.gazetteer import Asked, Gazetteer, Place, Renamed, Split

AREAS = (
    Place("PK101", "Bagh", parents=("Azad Kashmir", "PK1")),
    Place("PK606", "Lahore", ("لاہور",), ("Punjab", "PK6")),
    Place("PK507", "Chitral Lower", parents=("Khyber Pakhtunkhwa", "PK5")),
    Place("PK508", "Chitral Upper", parents=("Khyber Pakhtunkhwa", "PK5")),
    Place("PK301", "Khyber", parents=("Khyber Pakhtunkhwa", "PK5")),
    Place("PK725", "Shaheed Benazir Abad", parents=("Sindh", "PK7")),
    Place("PK901", "Bagh", parents=("Punjab", "PK6")),
    Place("PK204", "Chagai", parents=("Balochistan", "PK2")),
)
GAZETTEER = Gazetteer(
    AREAS,
    (Renamed("Nawabshah", "Shaheed Benazirabad", 2008), Renamed("FATA", "Khyber Pakhtunkhwa", 2018)),
    (Split("Chitral", ("Lower Chitral", "Upper Chitral"), 2018),),
)


def name_of(place: int) -> str:
    return AREAS[place].name if place >= 0 else ""


@pytest.mark.parametrize(
    ("asked", "status", "name", "how"),
    [
        (Asked("PK606", "Lahore"), "matched", "Lahore", "code"),
        (Asked("pk-606"), "matched", "Lahore", "code"),
        (Asked("PK60604"), "matched", "Lahore", "code, finer"),
        (Asked("PK606", "City of Gardens"), "matched", "Lahore", "code; the name is spelled otherwise"),
        (Asked("PK999", "Lahore"), "matched", "Lahore", "spelling; its code is unknown here"),
        (Asked("", "Distt. LAHORE"), "matched", "Lahore", "spelling"),
        (Asked("", "لاہور"), "matched", "Lahore", "spelling"),
        (Asked("", "Nawabshah"), "matched", "Shaheed Benazir Abad", "renamed"),
        (Asked("", "Khyber Agency", ("FATA",)), "matched", "Khyber", "spelling"),
        (Asked("", "Bagh", ("Punjab",)), "matched", "Bagh", "spelling"),
        (Asked("PK606", "Bagh", ("Azad Kashmir",)), "doubtful", "Lahore", "code"),
        (Asked("", "Bagh"), "doubtful", "Bagh", "spelling"),
        (Asked("", "Chitral"), "doubtful", "Chitral Lower", "part of it"),
        (Asked("", "Chaghi"), "doubtful", "Chagai", "similar"),
        (Asked("", "Lahore", ("Sindh",)), "doubtful", "Lahore", "spelling"),
        (Asked("", "Lahoree", ("Sindh",)), "doubtful", "Lahore", "similar"),
        (Asked("", "Atlantis"), "unmatched", "", ""),
        (Asked("PK999"), "unmatched", "", ""),
        (Asked(), "unmatched", "", ""),
    ],
)
def test_what_a_row_means(asked: Asked, status: str, name: str, how: str) -> None:
    found = GAZETTEER.match(asked)
    assert (found.status, name_of(found.place)) == (status, name)
    if how:
        assert found.how == how
    if status != "matched":
        assert found.why


def test_a_code_whose_name_is_another_areas_is_called_out() -> None:
    found = GAZETTEER.match(Asked("PK101", "Lahore"))
    assert found.disagree
    assert {name_of(one.place) for one in found.candidates} == {"Bagh", "Lahore"}


def test_what_somebody_decided_comes_first() -> None:
    found = GAZETTEER.match(Asked("", "Chitral"), accepted={"Chitral": "PK508"})
    assert (found.status, name_of(found.place), found.how) == ("matched", "Chitral Upper", "accepted")


def test_one_of_the_two_alone() -> None:
    both = Asked("PK101", "Lahore")
    assert name_of(GAZETTEER.match(both, by_name=False).place) == "Bagh"
    assert name_of(GAZETTEER.match(both, by_code=False).place) == "Lahore"


@settings(deadline=None, max_examples=80)
@given(st.text(max_size=12), st.text(max_size=20), st.lists(st.text(max_size=12), max_size=2))
def test_anything_can_be_asked(code: str, name: str, parents: list[str]) -> None:
    found = GAZETTEER.match(Asked(code, name, tuple(parents)))
    assert (found.status == "unmatched") == (found.place < 0)
    assert 0.0 <= found.score <= 1.0
    again = GAZETTEER.match(Asked(code, name, tuple(parents)))
    assert again == found
