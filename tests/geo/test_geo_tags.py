"""Framework codes beside a metric."""

from __future__ import annotations

import pytest

from migmap.geo.tags import SLOW, SUDDEN, Tags, sector_of, tags_of


def test_people_in_a_refugee_village_reached_by_a_flood() -> None:
    tags = tags_of("people", "exposure", ["flood"], "refugee_village")
    assert tags == Tags(
        ("5.1.2", "5.1.3"),
        ("8 before", "1 during", "2 during"),
        ("2(h)", "2(j)"),
        ("11", "13"),
        aligned=True,
    )
    assert tags.text == (
        "MiGOF (Bangladesh edition) 5.1.2, 5.1.3; MCOF 8 before, 1 and 2 during; "
        "GCM-aligned theme 2(h), 2(j); SDG 11, 13"
    )


def test_only_refugees_are_a_theme_that_agrees_with_the_compact() -> None:
    assert "; GCM 2(h), 2(j); " in tags_of("people", "exposure", ["flood"], "dtm_site").text
    assert "GCM-aligned theme" in tags_of("people", "exposure", ["flood"], "unhcr_location").text


@pytest.mark.parametrize("hazard", SUDDEN)
def test_all_sudden_hazards_have_the_codes_of_sudden_onset(hazard: str) -> None:
    assert tags_of("sites", "exposure", [hazard], "dtm_site").gcm == ("2(h)", "2(j)")


@pytest.mark.parametrize("hazard", SLOW)
def test_all_slow_hazards_have_the_codes_of_slow_onset(hazard: str) -> None:
    tags = tags_of("people", "exposure", [hazard], "population")
    assert tags.text == (
        "MiGOF (Bangladesh edition) 5.1.3; MCOF 8 and 9 before (slow onset); GCM 2(i), 5(h); SDG 13"
    )


def test_katchi_abadis_have_their_own_line() -> None:
    assert tags_of("people", "exposure", ["flood"], "katchi_abadi").text == (
        "MiGOF (Bangladesh edition) 5.1.2; MCOF 8; GCM 2(h); SDG 11, 13"
    )


def test_several_hazards_have_the_codes_of_each_once() -> None:
    tags = tags_of("people", "exposure", ["drought", "flood", "earthquake"], "dtm_site")
    assert tags.migof == ("5.1.2", "5.1.3")
    assert tags.gcm == ("2(h)", "2(j)", "2(i)", "5(h)")
    assert tags.sdg == ("11", "13")


@pytest.mark.parametrize("metric", ["displaced", "need:water", "need:latrines"])
def test_displaced_people_are_a_contingency_caseload(metric: str) -> None:
    assert tags_of(metric, "exposure", ["flood"], "dtm_site").text == (
        "MiGOF (Bangladesh edition) 5.1.4, 5.2.3; MCOF 1, 2, 3, 4 and 15; GCM 2(j), 7(j); SDG 11, 13"
    )


@pytest.mark.parametrize(
    "metric", ["affected", "people_min", "people_max", "joint_people", "expected_people_per_year"]
)
def test_what_is_counted_in_people_has_the_tags_of_people(metric: str) -> None:
    people = tags_of("people", "exposure", ["flood"], "dtm_site")
    assert tags_of(metric, "exposure", ["flood"], "dtm_site") == people


@pytest.mark.parametrize("metric", ["area_km2", "length_km", "distance_m", "joint_area_km2"])
def test_ground_and_lengths_have_no_line(metric: str) -> None:
    assert tags_of(metric, "exposure", ["flood"], "") == Tags()
    assert Tags().text == ""


def test_a_hazard_nobody_named_has_no_line() -> None:
    assert tags_of("people", "exposure", [], "dtm_site").text == ""
    assert tags_of("displaced", "exposure", ["volcano"], "dtm_site").text == ""


@pytest.mark.parametrize(
    ("sector", "codes"),
    [
        ("health", "MiGOF (Bangladesh edition) 1.1.1; MCOF 4; GCM-aligned theme 15(e); SDG 3"),
        ("education", "MiGOF (Bangladesh edition) 1.1.2; MCOF 6; GCM-aligned theme 15(f); SDG 4"),
        ("water", "MiGOF (Bangladesh edition) 1.1; MCOF 2 and 4; GCM-aligned theme 15(c); SDG 3"),
        ("", ""),
    ],
)
def test_a_service_gap_has_the_codes_of_its_sector(sector: str, codes: str) -> None:
    assert tags_of("people", "service-gap", [], "refugee_village", sector=sector).text == codes
    assert tags_of("distance_m", "service-gap", [], "refugee_village", sector=sector).text == ""


def test_no_target_of_a_goal_is_printed() -> None:
    for kind in ("dtm_site", "katchi_abadi", "population"):
        for hazard in (*SUDDEN, *SLOW):
            for metric in ("people", "displaced"):
                sdg = tags_of(metric, "exposure", [hazard], kind).sdg
                assert sdg
                assert all("." not in goal for goal in sdg)


@pytest.mark.parametrize(
    ("text", "sector"),
    [
        ("sector=health", "health"),
        ("Basic Health Units", "health"),
        ("type=school", "education"),
        ("WASH", "water"),
        ("services", ""),
        ("schools and clinics", ""),
    ],
)
def test_the_sector_of_services_is_read_from_words(text: str, sector: str) -> None:
    assert sector_of(text) == sector
