"""Tables that hold the same people several times: nobody is counted twice, and nobody vanishes."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import geopandas
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migmap.api import Finding, Reading, Source, VectorData
from migmap.geo.accounting import accounting
from migmap.geo.stacks import unstacked

Folder = Callable[[str], Path]


def layer(
    rows: Sequence[Mapping[str, object]],
    roles: Mapping[str, str],
    kind: str = "dtm_area",
    keep: tuple[str, ...] = (),
) -> VectorData:
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = {name: [row.get(name) for row in rows] for name in names}
    frame = geopandas.GeoDataFrame(columns, geometry=[None] * len(rows))
    numbers = np.arange(2, len(rows) + 2)
    reading = Reading(keep=keep)
    return VectorData(frame, "t", Source("t.csv"), numbers, kind=kind, roles=roles, reading=reading)


def codes(data: VectorData) -> list[str]:
    return [finding.code for finding in data.findings]


def said(data: VectorData, code: str) -> Finding:
    return next(finding for finding in data.findings if finding.code == code)


LEVELS = {"people": "idps", "level": "level", "adm1_name": "adm1", "adm2_name": "adm2"}


def row(
    level: int, adm1: str | None, adm2: str | None, idps: float | None, **more: object
) -> dict[str, object]:
    return {"level": level, "adm1": adm1, "adm2": adm2, "idps": idps, **more}


STACKED = [
    row(0, None, None, 60.0),
    row(1, "A", None, 40.0),
    row(1, "B", None, 20.0),
    row(2, "A", "A1", 30.0),
    row(2, "A", "A2", 10.0),
    row(2, "B", "B1", 20.0),
]


def test_stacked_levels_leave_the_finest() -> None:
    data = unstacked(layer(STACKED, LEVELS))
    assert data.frame["idps"].tolist() == [30, 10, 20]
    assert data.row_numbers.tolist() == [5, 6, 7]
    (aside,) = data.aside
    assert (aside.code, aside.row_numbers.tolist()) == ("admin-levels-stacked", [2, 3, 4])
    finding = said(data, "admin-levels-stacked")
    assert "180 and counts people 3 times" in finding.message
    assert finding.rows == (2, 3, 4)


def test_they_stay_where_the_user_says_so() -> None:
    data = unstacked(layer(STACKED, LEVELS, keep=("admin-levels-stacked",)))
    assert len(data.frame) == 6
    assert not data.aside
    assert said(data, "admin-levels-stacked").severity == "warning"


def test_levels_told_by_blank_names_when_the_figures_agree() -> None:
    roles = {role: column for role, column in LEVELS.items() if role != "level"}
    assert unstacked(layer(STACKED, roles)).frame["idps"].sum() == 60
    # A blank district is an unknown one where the figures are no sums.
    unknown = [row(1, "A", None, 7.0), *STACKED[3:], row(1, "B", None, 3.0)]
    assert len(unstacked(layer(unknown, roles)).frame) == 5


def test_levels_told_by_codes_that_begin_with_others() -> None:
    rows = [
        {"code": code, "people": people}
        for code, people in (
            ("ET01", 30.0),
            ("ET02", 5.0),
            ("ET0101", 10.0),
            ("ET0102", 20.0),
            ("ET0201", 5.0),
        )
    ]
    data = unstacked(layer(rows, {"people": "people", "pcode": "code"}, kind="plain"))
    assert data.frame["people"].tolist() == [10, 20, 5]


def test_a_province_without_districts_stays() -> None:
    data = unstacked(layer([*STACKED, row(1, "C", None, 99.0)], LEVELS))
    assert data.frame["idps"].sum() == 159
    assert len(data.aside[0].frame) == 3


def test_districts_that_hold_a_few_of_the_people_do_not_replace_the_province() -> None:
    rows = [row(1, "A", None, 100.0), row(2, "A", "A1", 20.0), row(1, "B", None, 5.0), row(2, "B", "B1", 5.0)]
    data = unstacked(layer(rows, LEVELS))
    assert sorted(data.frame["idps"]) == [5, 100]


ROUNDS = {"people": "idps", "round": "round", "code": "site", "operation": "op"}


def visit(site: str, number: int, idps: float | None, op: str = "x", **more: object) -> dict[str, object]:
    return {"site": site, "round": number, "idps": idps, "op": op, **more}


def test_stacked_rounds_leave_the_latest_of_each_operation() -> None:
    rows = [
        *(visit(site, number, 10.0 * number) for number in (1, 2, 10) for site in "abc"),
        *(visit(site, number, 1.0, "old") for number in (1, 2) for site in "de"),
    ]
    data = unstacked(layer(rows, ROUNDS, kind="dtm_site"))
    assert data.frame["idps"].tolist() == [100, 100, 100, 1, 1]
    message = said(data, "rounds-stacked").message
    assert "round 10 is used (300 people), earlier: round 2 60, round 1 30" in message


def test_a_round_without_figures_is_no_latest_one() -> None:
    rows = [visit(site, number, None if number == 3 else 5.0) for number in (1, 2, 3) for site in "abc"]
    assert unstacked(layer(rows, ROUNDS, kind="dtm_site")).frame["round"].tolist() == [2, 2, 2]


def test_sites_visited_in_turn_keep_their_latest_count() -> None:
    rows = [visit(f"s{i}", 1, 5.0) for i in range(10)] + [visit("s1", 2, 7.0), visit("s2", 2, 8.0)]
    data = unstacked(layer(rows, ROUNDS, kind="dtm_site"))
    assert data.frame["idps"].sum() == 8 * 5 + 7 + 8


def test_one_round_or_a_site_a_round_is_no_stack() -> None:
    assert not unstacked(layer([visit(s, 1, 5.0) for s in "abc"], ROUNDS)).aside
    assert not unstacked(layer([visit(s, i, 5.0) for i, s in enumerate("abc")], ROUNDS)).aside


def test_months_of_camps_leave_the_latest_of_each() -> None:
    rows = [
        {"camp": camp, "date": f"2024-{month:02}-01", "refugees": 10.0 * month + (camp == "b")}
        for month in (1, 2, 3)
        for camp in "abc"
        if (camp, month) != ("c", 3)
    ]
    roles = {"people": "refugees", "name": "camp", "date": "date"}
    data = unstacked(layer(rows, roles, kind="unhcr_location"))
    assert sorted(data.frame["refugees"]) == [20, 30, 31]


@pytest.mark.parametrize("kind", ["service", "activity", "hazard", "flow", "flow_point"])
def test_other_kinds_are_left_alone(kind: str) -> None:
    rows = [visit(site, number, 10.0) for number in (1, 2) for site in "abc"]
    data = layer(rows, ROUNDS, kind=kind)
    assert unstacked(data) is data


def test_events_are_left_alone() -> None:
    rows = [
        {"pcode": code, "event_name": "flood", "date": f"20{year}-07-01", "displaced": 5.0}
        for year in (10, 14, 22)
        for code in ("PK101", "PK102")
    ]
    data = layer(rows, {"pcode": "pcode", "date": "date", "people": "displaced"}, kind="plain")
    assert unstacked(data) is data


def test_totals_among_their_parts() -> None:
    rows = [
        {"adm1": place, "gender": sex, "idps": people}
        for place, of in (("A", (30, 12, 18)), ("B", (5, 2, 3)))
        for sex, people in zip(("all", "f", "m"), map(float, of), strict=True)
    ]
    data = unstacked(layer(rows, {"people": "idps", "adm1_name": "adm1"}))
    assert data.frame["gender"].tolist() == ["f", "m", "f", "m"]
    assert [aside.code for aside in data.aside] == ["total-row"]
    assert "rows-are-parts" in codes(data)


def test_a_total_stays_where_its_parts_do_not_reach_it() -> None:
    rows = [{"adm1": "A", "gender": sex, "idps": n} for sex, n in (("all", 30.0), ("f", 5.0), ("m", 5.0))]
    assert unstacked(layer(rows, {"people": "idps", "adm1_name": "adm1"})).frame["idps"].tolist() == [30]


def test_two_divisions_of_the_same_people_are_not_added() -> None:
    rows = [
        {"adm1": "A", "gender": sex, "age": age, "idps": n}
        for sex, age, n in (
            ("all", "all", 10.0),
            ("f", "all", 6.0),
            ("m", "all", 4.0),
            ("all", "0-17", 7.0),
            ("all", "18+", 3.0),
        )
    ]
    assert unstacked(layer(rows, {"people": "idps", "adm1_name": "adm1"})).frame["idps"].sum() == 10


def test_parts_by_origin_stay() -> None:
    rows = [{"adm1": a, "origin": o, "idps": 1.0} for a in "AB" for o in ("X", "Y", "Z")]
    data = unstacked(layer(rows, {"people": "idps", "adm1_name": "adm1", "origin": "origin"}))
    assert len(data.frame) == 6
    assert codes(data) == ["rows-are-parts"]


def test_indicators_are_never_added() -> None:
    rows = [
        {"p": c, "indicator": i, "value": 5.0}
        for c in ("ET01", "ET02")
        for i in ("total_idps", "travel_time")
    ]
    data = unstacked(layer(rows, {"people": "value", "indicator": "indicator", "pcode": "p"}))
    assert len(data.frame) == 4
    assert "travel_time" in said(data, "indicators-stacked").message


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 2), st.sampled_from(["A", "B", None]), st.sampled_from(["1", "2", None]),
            st.one_of(st.none(), st.integers(-5, 50)), st.integers(1, 3), st.sampled_from(["all", "f", "m"]),
        ),
        min_size=1, max_size=30,
    )
)  # fmt: skip
def test_rows_and_people_are_always_accounted_for(rows: list[tuple[int, str, str, int, int, str]]) -> None:
    table = [
        {**row(level, adm1, adm2, None if n is None else float(n)), "round": number, "sex": sex}
        for level, adm1, adm2, n, number, sex in rows
    ]
    before = layer(table, {**LEVELS, "round": "round"})
    before = before if any(r["idps"] is not None for r in table) else layer([STACKED[0]], LEVELS)
    after = unstacked(before)
    one, other = accounting(before), accounting(after)
    assert (one.rows, one.people) == (other.rows, other.people)
    assert len(after.frame) == len(after.row_numbers)
    again = np.concatenate([after.row_numbers, *(aside.row_numbers for aside in after.aside)])
    assert sorted(again) == sorted(before.row_numbers)
    if np.nansum(np.clip(before.frame["idps"].astype(float), 0, None)) > 0:
        assert len(after.frame) > 0


def test_dtm_as_hdx_publishes_it(shared_data: Folder) -> None:
    """The sums by level and latest round, made with the csv module, are what is used."""
    from migmap.app.datasets import Datasets
    from migmap.app.registry import Registry

    path = shared_data("iom-dtm-hdx-api") / "global-iom-dtm-from-api-admin-0-to-2.csv"
    with path.open(encoding="utf-8-sig") as file:
        rows = [r for r in csv.DictReader(file) if not r["operation"].startswith("#")]
    naive = sum(int(float(r["numPresentIdpInd"] or 0)) for r in rows)
    sums: dict[tuple[str, str], dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for r in rows:
        if r["adminLevel"] == "2":
            number = int(float(r["numPresentIdpInd"] or 0))
            sums[(r["admin0Pcode"], r["operation"])][int(r["roundNumber"])] += number
    latest = sum(of[max(of)] for of in sums.values())
    data = Datasets(Registry.load()).load(str(path))
    assert isinstance(data, VectorData)
    found = accounting(data)
    assert (found.rows, found.people) == (len(rows), naive)
    assert (naive, latest) == (238_083_594, 8_142_051)
    assert found.people_used == latest
    assert {aside.code for aside in data.aside} == {"admin-levels-stacked", "rounds-stacked"}


def test_months_of_unhcr_wash(shared_data: Folder) -> None:
    from migmap.app.datasets import Datasets
    from migmap.app.registry import Registry

    path = shared_data("unhcr-wash-kpi") / "unhcrwash.csv"
    last: dict[tuple[str, str], tuple[str, float]] = {}
    with path.open(encoding="utf-8-sig") as file:
        for r in csv.DictReader(file):
            key = (r["country"], r["location_id"])
            if r["refugee_pop"] not in ("", "NA") and r["start_date"] >= last.get(key, ("", 0))[0]:
                last[key] = (r["start_date"], float(r["refugee_pop"]))
    data = Datasets(Registry.load()).load(str(path))
    assert isinstance(data, VectorData)
    assert accounting(data).people_used == sum(people for _, people in last.values()) == 5_417_804
