"""A run against an earlier one: every row with its partner, and what cannot be compared said."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from handles import codes, finding, raster, vector
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Point, box

from migmap.analysis.comparing import compared
from migmap.analysis.exposure import Exposure, ExposureParams
from migmap.api import Inputs, Metric, PastRun, Problem, Result, input_field, no_progress

AREAS = [box(70, 29.7, 70.15, 30), box(70.15, 29.7, 70.3, 30)]
POINTS = [Point(70.05, 29.95), Point(70.15, 29.85), Point(70.25, 29.75), Point(70.25, 29.95)]


def past(result: Result, params: Any = None, **more: Any) -> PastRun:
    said = {} if params is None else ExposureParams(**params).model_dump(mode="json")
    return PastRun("0123456789ab", "exposure", said, result.metrics, "old/before.json", **more)


def computed(params: dict[str, Any], before: PastRun | None = None, **data: Any) -> Result:
    """A run through the front door; with `before` compared with it."""
    named = {**{input_field(key): "given" for key in data}, **params}
    if before is not None:
        named["compare"] = "before.json"
    runs = {} if before is None else {"compare": before}
    return Exposure().run(ExposureParams(**named), Inputs(data, runs), no_progress)


@pytest.fixture
def ground(tmp_path: Path) -> dict[str, Any]:
    deep = np.array([[0.0, 0.2, 2.0], [0.3, 1.0, 0.0], [0.0, 0.0, 0.6]])
    later = np.array([[0.3, 0.2, 2.0], [0.3, 2.0, 0.0], [0.0, 0.4, np.nan]])
    sites = vector(
        POINTS,
        {"people": [100, 200, 400, 800], "site": list("abcd")},
        name="villages",
        roles={"people": "people", "name": "site"},
    )
    areas = vector(AREAS, {"code": ["W", "E"], "label": ["West", "East"]}, roles={"pcode": "code"})
    return {
        "today": raster(tmp_path, deep, name="flood_today"),
        "future": raster(tmp_path, later, name="flood_2030"),
        "sites": sites,
        "areas": areas,
    }


PARAMS: dict[str, Any] = {"classes": (0.1, 0.5), "people": "people"}


def test_every_row_has_before_after_and_the_change(ground: dict[str, Any]) -> None:
    given_ = {"exposed": ground["sites"], "areas": ground["areas"]}
    before = computed(PARAMS, hazard=ground["today"], **given_)
    alone = computed(PARAMS, hazard=ground["future"], **given_)
    after = computed(
        PARAMS,
        past(before, {**PARAMS, "hazard": "a", "exposed": "b", "areas": "c"}),
        hazard=ground["future"],
        **given_,
    )
    assert len(after.metrics) == len(before.metrics) == len(alone.metrics)
    for row, was, has in zip(after.metrics, before.metrics, alone.metrics, strict=True):
        assert row.compared
        assert (row.before, row.after) == (was.value, has.value)
        assert was.value is not None
        assert has.value is not None
        assert row.value == has.value - was.value
        assert row.as_json()["before"] == was.value
    assert "compared-rows-alone" not in codes(after)
    assert "compared-settings-differ" not in codes(after)
    # By hand: b (200), c (400) and d (800) lie in water first, then a (100), b and d; c is unknown.
    assert after.notes[0] == (
        "Between run 0123456789ab (flood_today) and this run (flood_2030) people exposed fall by 300, "
        "from 1,400 to 1,100."
    )
    assert "Unknown was 0 people before and is 400 people now" in after.notes[1]


def test_the_areas_get_the_change_and_a_layer_of_it(ground: dict[str, Any]) -> None:
    given_ = {"exposed": ground["sites"], "areas": ground["areas"]}
    before = computed(PARAMS, hazard=ground["today"], **given_)
    after = computed(PARAMS, past(before), hazard=ground["future"], **given_)
    layers = {layer.name: layer for layer in after.layers}
    assert set(layers) == {"areas", "difference", "sites"}
    for name in ("areas", "difference"):
        frame = layers[name].data.frame
        assert frame["id"].tolist() == ["W", "E"]
        assert frame["exposed_people_before"].tolist() == [200.0, 1200.0]
        assert frame["exposed_people_after"].tolist() == [300.0, 800.0]
        assert frame["exposed_people_change"].tolist() == [100.0, -400.0]
    style = layers["difference"].style
    assert style.column == "exposed_people_change"
    from migmap.geo.symbology import rule_index

    said = [style.rules[i].label for i in rule_index(style, np.array([100.0, -400.0, 0.0, -1000.0, 999.5]))]
    assert said == [
        "rise 100 to 1,000",
        "fall 100 to 1,000",
        "no change",
        "fall 1,000 to 10,000",
        "rise 100 to 1,000",
    ]


def test_what_has_no_partner_stays_and_is_named(ground: dict[str, Any]) -> None:
    before = computed(PARAMS, hazard=ground["today"], exposed=ground["sites"], areas=ground["areas"])
    new = vector(AREAS[:1], {"code": ["N"]}, roles={"pcode": "code"})
    params = {**PARAMS, "classes": (0.1, 0.7)}
    after = computed(
        params,
        past(before, {**PARAMS, "hazard": "a"}),
        hazard=ground["future"],
        exposed=ground["sites"],
        areas=new,
    )
    said = finding(after, "compared-rows-alone")
    assert "areas only in this run: N" in said.message
    assert "areas only in run 0123456789ab: W, E" in said.message
    assert "0.1-0.7, 0.7+" in said.message
    assert sum(row.before is None or row.after is None for row in after.metrics) == said.count
    gone = [row for row in after.metrics if row.area == "W"]
    assert gone
    assert all(row.value is None and row.after is None and row.before is not None for row in gone)
    settings_ = finding(after, "compared-settings-differ").message
    assert "class edges: 0.1,0.5 before, 0.1,0.7 now" in settings_
    assert "areas: given only in this run" in settings_


def test_hazards_match_by_name_then_by_place(ground: dict[str, Any], tmp_path: Path) -> None:
    both = {"hazard": ground["today"], "hazard:2": ground["future"], "exposed": ground["sites"]}
    turned = {"hazard": ground["future"], "hazard:2": ground["today"], "exposed": ground["sites"]}
    several = {**PARAMS, "hazard": ("a", "b")}
    before = computed(several, **both)
    same = computed(several, past(before), **turned)
    assert all(row.value == 0 for row in same.metrics if not row.metric.startswith("joint_"))
    assert all(row.value == 0 for row in same.metrics if row.metric.startswith("joint_"))
    renamed = computed({**several, "label": ("x", "y")}, past(before), **both)
    assert all(row.value == 0 for row in renamed.metrics)
    # Three against two: the third has no partner.
    third = {**both, "hazard:3": raster(tmp_path, np.zeros((3, 3)), name="other")}
    more = computed({**several, "hazard": ("a", "b", "c")}, past(before), **third)
    assert {row.hazard for row in more.metrics if row.before is None and row.metric == "people"} == {"other"}
    assert "number of hazards: 2 before, 3 now" in finding(more, "compared-settings-differ").message


def test_another_analysis_cannot_be_compared(ground: dict[str, Any]) -> None:
    other = PastRun("1", "service-gap", {}, (), "gap.json")
    with pytest.raises(Problem, match="service-gap"):
        computed(PARAMS, other, hazard=ground["today"], exposed=ground["sites"])


def test_sites_of_two_rounds_are_told_apart(ground: dict[str, Any]) -> None:
    roles = {"people": "people", "name": "site", "code": "ssid"}
    sixth = vector(
        POINTS, {"people": [100, 200, 400, None], "site": list("abcd"), "ssid": [1, 2, 3, 4]}, roles=roles
    )
    moved = [Point(70.05, 29.75), POINTS[1], POINTS[2], Point(70.05, 29.85)]
    seventh = vector(
        moved, {"people": [150, 200, 90, 70], "site": list("abxe"), "ssid": [1, 2, 3, 9]}, roles=roles
    )
    first = computed(PARAMS, hazard=ground["today"], exposed=sixth)
    (old,) = [layer.data for layer in first.layers if layer.name == "sites"]
    before = past(first, {**PARAMS, "hazard": "a"}, sites=old)
    after = computed(PARAMS, before, hazard=ground["today"], exposed=seventh)
    (layer,) = [one for one in after.layers if one.name == "sites_difference"]
    frame = layer.data.frame.set_index("id")
    assert frame["status"].to_dict() == {
        "1": "in both",
        "2": "in both",
        "3": "in both",
        "9": "new",
        "4": "gone",
    }
    assert frame.loc[["1", "2", "3"], "people_change"].tolist() == [50, 0, -310]
    known = frame["exposed_before"].notna() & frame["exposed_after"].notna()
    change = (frame["exposed_after"] - frame["exposed_before"])[known]
    assert known.any()
    assert frame.loc[known, "exposed_change"].tolist() == change.tolist()
    assert layer.style.column == "exposed_change"
    assert np.isnan(frame.loc["9", "people_before"])
    assert frame.loc["9", "people_after"] == 70
    assert np.isnan(frame.loc["4", "people_before"])
    assert np.isnan(frame.loc["4", "people_change"])
    assert frame.loc["4", "class_before"] == "0.5+"
    assert pd.isna(frame.loc["4", "class_after"])
    assert frame.loc["3", "name"] == "x"
    said = finding(after, "compared-sites")
    assert said.rows == (4,)
    assert "3 sites in both runs" in said.message
    assert "1 new, 1 gone" in said.message
    # Without codes that tell them apart, name and place decide: the first has moved, so it is another.
    plain = {key: value for key, value in roles.items() if key != "code"}
    after = computed(PARAMS, before, hazard=ground["today"], exposed=replace(seventh, roles=plain))
    (layer,) = [one for one in after.layers if one.name == "sites_difference"]
    assert sorted(layer.data.frame["status"]) == ["gone", "gone", "gone", "in both", "new", "new", "new"]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from("ABC"), st.sampled_from(["x", "y"]), st.integers(0, 9) | st.none()),
        max_size=8,
    ),
    st.lists(
        st.tuples(st.sampled_from("ABC"), st.sampled_from(["x", "y"]), st.integers(0, 9) | st.none()),
        max_size=8,
    ),
)
def test_no_figure_of_either_run_is_lost(now: list[Any], then: list[Any]) -> None:
    def rows(made: list[Any]) -> tuple[Metric, ...]:
        return tuple(Metric("people", "h", a, a, "code", c, None, v, "people") for a, c, v in made)

    result = compared(Result(rows(now)), PastRun("1", "exposure", {}, rows(then)), {})
    mine = [(row.area, row.class_, row.after) for row in result.metrics[: len(now)]]
    assert mine == [(a, c, v) for a, c, v in now]
    theirs = sorted((row.area, row.class_, row.before) for row in result.metrics if row.before is not None)
    assert theirs == sorted((a, c, v) for a, c, v in then if v is not None)
    for row in result.metrics:
        known = row.before is not None and row.after is not None
        assert row.value == (row.after - row.before if known else None)  # type: ignore[operator]
