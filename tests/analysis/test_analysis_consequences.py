"""Affected, displaced, needs and an average year: what follows from exposure, and adds up like it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from handles import assert_adds_up, finding, raster, values, vector
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import Point, box

from migmap.analysis.consequences import year_weights
from migmap.analysis.exposure import Exposure
from migmap.api import Inputs, Need, Needs, Problem, RateLine, Rates, Result

LADDER = ([[0.0, 0.0, 0.2], [0.0, np.nan, 0.0]], [[0.0, 0.3, 0.7], [0.0, np.nan, 0.2]])


def at(column: float, row: float) -> Point:
    return Point(70 + 0.1 * (column + 0.5), 30 - 0.1 * (row + 0.5))


def ask(params: dict[str, Any], profiles: dict[str, Any] | None = None, **data: Any) -> Result:
    """Several hazards are given as a list; every input is named in the parameters."""
    given_: dict[str, Any] = {}
    named: dict[str, Any] = {}
    for key, value in data.items():
        several = value if isinstance(value, list) else [value]
        for i, one in enumerate(several):
            given_[key if i == 0 else f"{key}:{i + 1}"] = one
        named[key] = ["given"] * len(several) if isinstance(value, list) else "given"
    known = {name: (profile,) for name, profile in (profiles or {}).items()}
    named |= dict.fromkeys(known, "profile")
    made = Exposure.Params(**{**named, **params})
    return Exposure().run(made, Inputs(given_, profiles=known), lambda *_: None)


def sites() -> Any:
    return vector(
        [at(0, 0), at(1, 0), at(2, 0), at(0, 1), at(1, 1), at(2, 1)],
        {"people": [1, 2, 4, 8, 16, 32]},
        name="villages",
        roles={"people": "people"},
    )


RATES = Rates(
    "half",
    "Half",
    "flood",
    "m",
    (RateLine("0.1-0.5", None, 0.25, "x"), RateLine("0.5+", None, 0.5, "x")),
    "x",
)
NEEDS = Needs("few", "Few", (Need("water", "WASH", 15.0, "litres", "day", "x"),), "x")


def one(result: Result, metric: str, area: str | None = None) -> float:
    found = values(result, metric, area)
    assert list(found) == [None]
    value = found[None]
    assert value is not None
    return value


def test_affected_displaced_and_needs_are_sums_over_classes(tmp_path: Path) -> None:
    flood = raster(tmp_path, np.array(LADDER[1]))
    areas = vector([box(70, 29.8, 70.15, 30), box(70.15, 29.8, 70.3, 30)], {"code": ["W", "E"]})
    result = ask(
        {"classes": (0.1, 0.5), "people": "people", "affected_from": "0.5+", "area_id": "code"},
        {"rates": RATES, "needs": NEEDS},
        hazard=flood,
        exposed=sites(),
        areas=areas,
    )
    assert values(result, "people") == {"not_exposed": 9, "0.1-0.5": 34, "0.5+": 4, "unknown": 16}
    assert one(result, "affected") == 4
    assert one(result, "displaced") == pytest.approx(34 * 0.25 + 4 * 0.5)
    assert one(result, "need:water") == pytest.approx(15 * (34 * 0.25 + 4 * 0.5))
    assert one(result, "displaced", "W") + one(result, "displaced", "E") == one(result, "displaced")
    assert_adds_up(result)
    units = {row.metric: row.unit for row in result.metrics}
    assert units["need:water"] == "litres per day"
    assert units["displaced"] == units["affected"] == "people"


def test_what_consequences_need_is_asked_for(tmp_path: Path) -> None:
    flood = raster(tmp_path, np.array(LADDER[1]))
    with pytest.raises(Problem, match="nothing says who is displaced"):
        ask({"classes": (0.1,), "people": "people"}, {"needs": NEEDS}, hazard=flood, exposed=sites())
    with pytest.raises(Problem, match="no people are counted"):
        ask({"classes": (0.1, 0.5)}, {"rates": RATES}, hazard=flood, exposed=sites())
    with pytest.raises(Problem, match="no hazard has a class of that name") as caught:
        ask({"classes": (0.1, 0.5), "affected_from": "deep"}, hazard=flood, exposed=sites())
    assert "0.1-0.5, 0.5+" in caught.value.fix
    with pytest.raises(Problem, match="have no rate for the class"):
        ask({"classes": (0.2,), "people": "people"}, {"rates": RATES}, hazard=flood, exposed=sites())


def test_an_average_year_follows_the_stated_rule(tmp_path: Path) -> None:
    low, high = (raster(tmp_path, np.array(each), name=f"flood{i}") for i, each in enumerate(LADDER))
    params = {"classes": (0.1,), "people": "people", "return_period": (10, 100)}
    result = ask(params, hazard=[low, high], exposed=sites())
    # 4 people at 1 in 10, 38 at 1 in 100: (0.1 - 0.01) * (4 + 38) / 2 + 0.01 * 38
    assert one(result, "expected_people_per_year") == pytest.approx(0.09 * 21 + 0.38)
    zero = ask({**params, "annual_tail": "zero"}, hazard=[low, high], exposed=sites())
    assert one(zero, "expected_people_per_year") == pytest.approx(0.09 * 21)
    events = ask({**params, "annual_rule": "events"}, hazard=[low, high], exposed=sites())
    assert one(events, "expected_people_per_year") == pytest.approx(0.1 * 4 + 0.01 * 38)
    turned = ask({**params, "return_period": (100, 10)}, hazard=[high, low], exposed=sites())
    assert one(turned, "expected_people_per_year") == pytest.approx(0.09 * 21 + 0.38)
    layer = {layer.name: layer for layer in result.layers}["sites"]
    per_site = layer.data.frame["expected_per_year"].to_numpy()
    assert np.isnan(per_site[4])
    assert np.nansum(per_site) == pytest.approx(0.09 * 21 + 0.38)
    assert not any(found.code == "ladder-not-rising" for found in result.findings)


def test_a_ladder_that_falls_is_said(tmp_path: Path) -> None:
    low, high = (raster(tmp_path, np.array(each), name=f"flood{i}") for i, each in enumerate(LADDER))
    params = {"classes": (0.1,), "people": "people", "return_period": (100, 10)}
    areas = vector([box(70, 29.8, 70.3, 30)], {"code": ["all"]})
    result = ask({**params, "area_id": "code"}, hazard=[low, high], exposed=sites(), areas=areas)
    said = finding(result, "ladder-not-rising")
    assert "from 38 to 4 people" in said.message
    assert "in all" in said.message


def test_hazards_labels_and_periods_go_together(tmp_path: Path) -> None:
    flood = [raster(tmp_path, np.array(each), name="flood") for each in LADDER]
    with pytest.raises(Problem, match="--return-period was given once for 2 hazards"):
        ask({"classes": (0.1,), "return_period": 10}, hazard=flood, exposed=sites())
    with pytest.raises(Problem, match="--label was given 3 times for 2 hazards"):
        ask({"classes": (0.1,), "label": ("a", "b", "c")}, hazard=flood, exposed=sites())
    with pytest.raises(Problem, match="have the return period 10"):
        ask({"classes": (0.1,), "return_period": (10, 10)}, hazard=flood, exposed=sites())
    named = ask({"classes": (0.1,), "return_period": (10, 100)}, hazard=flood, exposed=sites())
    assert {row.hazard for row in named.metrics if row.metric == "sites"} == {
        "flood, 1 in 10 years",
        "flood, 1 in 100 years",
    }
    labelled = ask({"classes": (0.1,), "label": ("now", "2050")}, hazard=flood, exposed=sites())
    assert {row.hazard for row in labelled.metrics if row.metric == "sites"} == {"now", "2050"}


def test_events_and_frequencies_of_a_catastrophe_model() -> None:
    # CLIMADA's example: impacts of two events at three places, frequencies 1 and 0.1 a year.
    impacts = np.array([[1, 0, 1], [2, 2, 0]])
    weights = year_weights([1, 10], "events")
    assert impacts.sum(axis=1).tolist() == [2, 4]
    assert (weights @ impacts).tolist() == pytest.approx([1.2, 0.2, 1.0])
    assert float((weights @ impacts).sum()) == pytest.approx(2.4)


@given(st.lists(st.floats(1.5, 1000), min_size=1, max_size=6, unique=True))
def test_the_trapezoid_is_the_area_under_the_curve(periods: list[float]) -> None:
    amounts = np.array(sorted(range(len(periods))), dtype=float)
    order = np.argsort(periods)
    frequency = 1 / np.array(periods)[order]
    area = float(np.trapezoid(amounts[::-1], frequency[::-1]))
    values_ = np.empty(len(periods))
    values_[order] = amounts
    assert float(year_weights(periods, tail="zero") @ values_) == pytest.approx(area, abs=1e-12)
    assert float(year_weights(periods) @ values_) == pytest.approx(area + frequency[-1] * amounts[-1])
