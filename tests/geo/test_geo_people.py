"""What columns of people count, and figures that do not fit each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import geopandas
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migmap.api import Finding, Source, VectorData
from migmap.geo.people import structured
from migmap.geo.peoplenames import people_columns, people_first, people_of_name


def layer(columns: Mapping[str, Sequence[object]], roles: Mapping[str, str] | None = None) -> VectorData:
    rows = len(next(iter(columns.values())))
    frame = geopandas.GeoDataFrame(dict(columns), geometry=[None] * rows)
    return VectorData(
        frame, "sites", Source("sites.csv"), np.arange(2, rows + 2), kind="dtm_site", roles=roles or {}
    )


def said(data: VectorData, code: str) -> Finding:
    return next(finding for finding in data.findings if finding.code == code)


@pytest.mark.parametrize(
    ("name", "category", "sex", "age", "counts", "nature"),
    [
        ("f_0_5", "all", "female", "0-5", "individuals", "stock"),
        ("Female 18-59", "all", "female", "18-59", "individuals", "stock"),
        ("boys_under5", "all", "male", "0-4", "individuals", "stock"),
        ("girls 6-59 months", "all", "female", "0-4", "individuals", "stock"),
        ("idp_ind_male", "idp", "male", "all", "individuals", "stock"),
        ("num_hh", "all", "all", "all", "households", "stock"),
        ("returnees_hh", "returnee", "all", "all", "households", "stock"),
        ("POR_families", "por", "all", "all", "households", "stock"),
        ("men60+", "all", "male", "60+", "individuals", "stock"),
        ("adult_women", "all", "female", "18+", "individuals", "stock"),
        ("Total refugees", "refugee", "all", "all", "individuals", "stock"),
        ("numPresentIdpInd", "idp", "all", "all", "individuals", "stock"),
        ("AGE_65_UP", "all", "all", "65+", "individuals", "stock"),
        ("0-4", "all", "all", "0-4", "individuals", "stock"),
        ("group_pop/total_hh", "all", "all", "all", "households", "stock"),
        ("Nombre de ménages", "all", "all", "all", "households", "stock"),
        ("Réfugiés femmes 0-4 ans", "refugee", "female", "0-4", "individuals", "stock"),
        ("عدد الأسر", "all", "all", "all", "households", "stock"),
        ("عدد الأفراد", "all", "all", "all", "individuals", "stock"),
        ("خواتین", "all", "female", "all", "individuals", "stock"),
        ("hommes_18_59", "all", "male", "18-59", "individuals", "stock"),
        ("asylum seekers", "asylum-seeker", "all", "all", "individuals", "stock"),
        ("New Displacements", "all", "all", "all", "individuals", "flow"),
        ("arrivals", "all", "all", "all", "individuals", "flow"),
        ("returns during 2023", "all", "all", "all", "individuals", "flow"),
        ("unknown_sex", "all", "unknown", "all", "individuals", "stock"),
        ("IDPs / HH", "idp", "all", "all", "households", "stock"),
        ("Female / 0-4", "all", "female", "0-4", "individuals", "stock"),
        ("Returnees / Total", "returnee", "all", "all", "individuals", "stock"),
        ("Location / Population", "all", "all", "all", "individuals", "stock"),
        ("IDP returnees", "returnee", "all", "all", "individuals", "stock"),
        ("IDPs and returnees", "all", "all", "all", "individuals", "stock"),
        ("Refugees and migrants", "all", "all", "all", "individuals", "stock"),
        ("PoR refugees", "por", "all", "all", "individuals", "stock"),
    ],
)
def test_what_a_name_says(name: str, category: str, sex: str, age: str, counts: str, nature: str) -> None:
    told = people_of_name(name)
    assert told is not None
    assert (told.category, told.sex, told.age, told.counts, told.nature) == (
        category,
        sex,
        age,
        counts,
        nature,
    )


NOBODY = """households_with_toilet persons_per_tap POP90_SQMI area_m2 depth_m staff_nurses site_id value
female_headed_hh Density_(p men_latrines women_committee household_size admin_level population_growth
camp_type sex_ratio hh_id Lives_female"""


@pytest.mark.parametrize("name", NOBODY.split())
def test_what_counts_nobody(name: str) -> None:
    assert people_of_name(name) is None


def test_basis_date_and_status() -> None:
    names = ["registered_refugees", "population estimate", "POP1990", "IDPs in host families"]
    registered, estimated, dated, hosted = people_columns(names)
    assert (registered.basis, estimated.basis) == ("registered", "estimated")
    assert (dated.date, hosted.status, hosted.category) == ("1990", "hosted", "idp")


def test_tags_say_more_than_names() -> None:
    tags = {"a": "#affected+f+children", "b": "#affected+idps+ind", "c": "#affected+hh", "d": "#adm1+name"}
    a, b, c = people_columns("abcd", tags)
    assert (a.sex, a.age) == ("female", "0-17")
    assert (b.category, c.counts) == ("idp", "households")


def test_women_beside_girls_are_grown_up() -> None:
    found = {c.column: c for c in people_columns(["women", "men", "girls", "boys", "total"])}
    assert (found["women"].age, found["girls"].age) == ("18+", "0-17")
    assert people_columns(["women", "men"])[0].age == "all"


@pytest.mark.parametrize(
    ("names", "people", "households"),
    [
        (["hh", "male", "female", "individuals"], "individuals", "hh"),
        (["idp_hh", "idp_ind", "idp_ind_female"], "idp_ind", "idp_hh"),
        (["new_arrivals", "population"], "population", None),
        (["por", "acc", "und", "total_population", "families"], "total_population", "families"),
        (["POP2000", "POP2010", "households"], "POP2010", "households"),
        (["refugees_female", "refugees_male", "refugees"], "refugees", None),
        (["ménages", "femmes", "hommes", "individus"], "individus", "ménages"),
    ],
)
def test_the_column_of_people(names: list[str], people: str, households: str | None) -> None:
    columns = people_columns(names)
    assert people_first(columns)[0].column == people
    found = people_first(columns, "households")
    assert (found[0].column if found else None) == households


def test_parts_that_are_more_than_the_total() -> None:
    data = structured(
        layer({"individuals": [10, 20], "female": [5, 15], "male": [5, 15]}, {"people": "individuals"})
    )
    assert [c.total for c in data.people] == [True, False, False]
    finding = said(data, "parts-above-total")
    assert finding.rows == (3,)
    assert "30 against 20" in finding.message


def test_parts_that_do_not_reach_the_total() -> None:
    data = structured(
        layer({"individuals": [10, 20], "female": [5, 5], "male": [5, 5]}, {"people": "individuals"})
    )
    assert "10 people" in said(data, "parts-below-total").message
    assert "33%" in said(data, "sex-age-unknown").message
    known = structured(layer({"individuals": [10], "female": [3], "male": [3], "unknown_sex": [4]}))
    assert not [f for f in known.findings if f.code.startswith("parts-")]


def test_overlapping_ages_are_not_added() -> None:
    data = structured(
        layer({"individuals": [10], "0-17": [6], "0-4": [3], "5-17": [3], "18-59": [3], "60+": [1]})
    )
    assert not data.findings


def test_households_of_impossible_size() -> None:
    data = structured(
        layer({"individuals": [50, 10, 500, 7], "households": [10, 10, 10, 0]}, {"people": "individuals"})
    )
    finding = said(data, "household-size-odd")
    assert finding.rows == (3, 4, 5)
    assert "fewer than 2 in 1 row" in finding.message
    assert "more than 20 in 1 row" in finding.message


def test_negative_and_broken_people() -> None:
    data = structured(layer({"idps": [5.0, -1.0, 2.5, 9.0, 8.0]}))
    assert said(data, "people-negative").rows == (3,)
    assert said(data, "people-fractional").rows == (4,)


def test_a_share_counts_nobody() -> None:
    assert structured(layer({"female": [0.48, 0.51]})).people == ()


def test_stock_flow_overlap_and_tags() -> None:
    data = structured(layer({"refugees": [5], "por": [4], "new_arrivals": [1]}))
    assert said(data, "stock-and-flow").count == 1
    assert said(data, "categories-overlap")
    data = structured(layer({"Hombres": [5]}), hxl={"Hombres": "#affected+f"})
    assert said(data, "people-tag-disagrees")
    assert data.people[0].sex == "unknown"


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40))
def test_no_name_stops_it(name: str) -> None:
    told = people_of_name(name)
    assert told is None or told.column == name
