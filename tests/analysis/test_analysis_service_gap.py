"""Distance to services: known, within, beyond, and unknown where there is none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from handles import assert_adds_up, codes, finding, run, values, vector
from pydantic import ValidationError
from pyproj import Geod
from shapely.geometry import Point, box

from migmap.analysis.service_gap import ServiceGap
from migmap.api import Problem

GEOD = Geod(ellps="WGS84")
KM = GEOD.inv(70, 30, 70.1, 30)[2] / 1000


@pytest.fixture
def sites() -> Any:
    return vector(
        [Point(70, 30), Point(70.1, 30), Point(70.3, 30), None],
        {"people": [100, 200, "1,400", 50], "nearest": list("abcd")},
        name="villages",
    )


@pytest.fixture
def services() -> Any:
    return vector(
        [Point(70, 30), Point(70.3, 30.001), None, Point(70.1, 30)],
        {"sector": ["health", "health", "health", "school"], "name": ["Basic unit", None, "Lost", "School"]},
        name="facilities",
        roles={"name": "name"},
    )


def test_within_beyond_and_unknown(sites: Any, services: Any) -> None:
    result = run(
        ServiceGap,
        {"services_where": ("sector=health",), "limit_km": 5, "people": "people"},
        sites=sites,
        services=services,
    )
    assert values(result, "sites") == {"within": 2, "beyond": 1, "unknown": 1}
    assert values(result, "people") == {"within": 1500, "beyond": 200, "unknown": 50}
    frame = result.layers[0].data.frame
    assert frame["class"].tolist() == ["within", "beyond", "within", "unknown"]
    assert frame["distance_m"].iloc[1] == pytest.approx(KM * 1000, rel=1e-12)
    assert frame["nearest"].tolist()[:3] == ["Basic unit", "Basic unit", "health"]
    assert frame["nearest"].isna().tolist() == [False, False, False, True]
    assert frame["nearest_input"].tolist() == list("abcd")
    assert {row.hazard for row in result.metrics} == {None}
    assert finding(result, "service-without-position").rows == (3,)
    assert finding(result, "site-without-position").rows == (4,)
    assert result.notes[0].startswith("Of 1,750 people in 4 sites of Villages, 200 people (11 %) are farther")


def test_exactly_at_the_limit_is_within(services: Any) -> None:
    site = vector([Point(69.9, 30)])
    for limit, word in ((KM, "within"), (KM - 1e-9, "beyond"), (KM + 1e-9, "within")):
        result = run(ServiceGap, {"limit_km": limit}, sites=site, services=services)
        assert values(result, "sites")[word] == 1


def test_without_a_limit_distances_are_known_or_unknown(sites: Any, services: Any) -> None:
    result = run(ServiceGap, {}, sites=sites, services=services)
    assert values(result, "sites") == {"known": 3, "unknown": 1}
    frame = result.layers[0].data.frame
    assert values(result, "distance_m") == {None: pytest.approx(frame["distance_m"].median())}
    assert result.layers[0].style.column == "distance_m"


def test_no_service_of_that_kind_is_unknown_not_zero(sites: Any, services: Any) -> None:
    result = run(
        ServiceGap, {"services_where": ("sector=water",), "limit_km": 1}, sites=sites, services=services
    )
    assert values(result, "sites") == {"within": 0, "beyond": 0, "unknown": 4}
    assert values(result, "distance_m") == {None: None}
    assert np.isnan(result.layers[0].data.frame["distance_m"]).all()
    assert "“health”" in finding(result, "no-service").message
    assert "no such service" in result.notes[0]


def test_all_conditions_must_hold_and_numbers_compare_as_numbers(sites: Any) -> None:
    services = vector(
        [Point(70, 30), Point(70.1, 30), Point(70.2, 30)],
        {"sector": ["health", "health", "school"], "open": [1.0, 0.0, 1.0]},
    )
    result = run(ServiceGap, {"services_where": ("sector=health", "open=1")}, sites=sites, services=services)
    assert result.layers[0].data.frame["distance_m"].iloc[1] == pytest.approx(KM * 1000)
    with pytest.raises(Problem, match="no column “kind”") as caught:
        run(ServiceGap, {"services_where": ("kind=x",)}, sites=sites, services=services)
    assert "sector, open" in str(caught.value)
    with pytest.raises(Problem, match="no condition"):
        run(ServiceGap, {"services_where": ("sector",)}, sites=sites, services=services)


def test_by_area_with_a_median_that_is_no_sum(sites: Any, services: Any) -> None:
    areas = vector([box(69.9, 29, 70.2, 31), box(70, 29, 70.2, 31), box(80, 29, 81, 30)], {"id": list("xyz")})
    result = run(
        ServiceGap,
        {"limit_km": 5, "people": "people", "area_id": "id"},
        sites=sites,
        services=services,
        areas=areas,
    )
    assert_adds_up(result)
    assert values(result, "distance_m", "x") == {None: 0.0}
    assert values(result, "distance_m", "z") == {None: None}
    assert values(result, "distance_m", "overlap") == {}
    assert values(result, "sites", "outside") == {"within": 1, "beyond": 0, "unknown": 1}
    # The second lies on the other's and its own border lines only for the first site.
    assert values(result, "sites", "y") == {"within": 1, "beyond": 0, "unknown": 0}
    frame = result.layers[0].data.frame
    assert result.layers[0].style.column == "beyond_people"
    assert frame["distance_m_median"].isna().tolist() == [False, False, True]


def test_names_fall_back_to_code_text_and_row(sites: Any) -> None:
    bare = vector([Point(70, 30)], {"beds": [4]})
    assert run(ServiceGap, {}, sites=sites, services=bare).layers[0].data.frame["nearest"].iloc[0] == "row 1"
    coded = vector([Point(70, 30)], {"id": ["H1"], "kind": ["BHU"]}, roles={"code": "id"})
    assert run(ServiceGap, {}, sites=sites, services=coded).layers[0].data.frame["nearest"].iloc[0] == "H1"


def test_one_site_is_said_as_one(services: Any) -> None:
    result = run(ServiceGap, {"limit_km": 5}, sites=vector([Point(70, 30)]), services=services)
    assert result.notes[0] == (
        "Of 1 site in Layer, 0 sites (0 %) are farther than 5 km from the nearest of Facilities, "
        "1 site (100 %) is within, and none is unknown."
    )


def test_a_limit_must_be_above_zero() -> None:
    with pytest.raises(ValidationError):
        ServiceGap.Params(sites="s", services="v", limit_km=0)


def test_no_finding_about_people_when_there_are_none(sites: Any, services: Any) -> None:
    result = run(ServiceGap, {"limit_km": 5}, sites=sites, services=services)
    assert "people-column-not-used" not in codes(result)


def test_the_sentence_says_what_will_be_computed() -> None:
    params = ServiceGap.Params(sites="s", services="v", limit_km=5, services_where=("sector=health",))
    said = ServiceGap().sentence(params, {"sites": "Villages", "services": "Facilities"})
    assert said == (
        "How far each of Villages is from the nearest of Facilities (sector=health), "
        "and how many are farther than 5 km."
    )


def test_services_that_do_not_work_are_counted_and_said(sites: Any) -> None:
    services = vector(
        [Point(70, 30), Point(70.1, 30), Point(70.2, 30)],
        {"sector": ["health", "health", "school"], "functional": ["no", "yes", "no"]},
        name="units",
        roles={"status": "functional"},
    )
    result = run(ServiceGap, {"services_where": ("sector=health",)}, sites=sites, services=services)
    said = finding(result, "status-column-not-used")
    assert (said.severity, said.count, said.rows) == ("info", 1, (1,))
    assert "1 of 2 services that count is “no” in “functional”" in said.message
    assert "--services-where functional=yes" in said.message
    named = run(ServiceGap, {"services_where": ("functional=yes",)}, sites=sites, services=services)
    assert "status-column-not-used" not in codes(named)


@pytest.mark.parametrize(
    ("column", "words", "count"),
    [
        ("status", ["Non-functional", "Functional", "closed temporarily"], 2),
        ("Operational Status", ["not operational", "Operational", None], 1),
        ("functional", [False, True, True], 1),
        ("functional", [0, 1, 0], 2),
        ("status", ["0", "no", "planned"], 0),
        ("opened", ["no", "no", "no"], 0),
    ],
)
def test_what_says_that_a_service_does_not_work(
    sites: Any, column: str, words: list[Any], count: int
) -> None:
    services = vector([Point(70, 30)] * 3, {column: words})
    result = run(ServiceGap, {}, sites=sites, services=services)
    assert [f.count for f in result.findings if f.code == "status-column-not-used"] == [count] * bool(count)


def test_notes_that_do_not_apply_are_left_out(sites: Any, services: Any) -> None:
    limit = "Exactly at the limit"
    with_limit = run(ServiceGap, {"limit_km": 5}, sites=sites, services=services)
    assert limit in " ".join(with_limit.notes)
    without = run(ServiceGap, {}, sites=sites, services=services)
    assert limit not in " ".join(without.notes)
    assert "Rule: straight-line" in " ".join(without.notes)
    none = run(ServiceGap, {"limit_km": 5, "services_where": ("sector=x",)}, sites=sites, services=services)
    assert "Rule:" not in " ".join(none.notes)
    said = finding(none, "no-service").message
    assert said.startswith("No service in facilities has sector=x, so every distance is unknown, not zero.")
    lost = run(ServiceGap, {"services_where": ("name=Lost",)}, sites=sites, services=services)
    assert finding(lost, "no-service").message.startswith(
        "No service with name=Lost in facilities has a position, so"
    )
