"""Several hazards at once: each as it is alone, and together without counting anyone twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from handles import assert_adds_up, finding, raster, values, vector
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely.geometry import Point, box
from test_analysis_consequences import ask

FLOOD = np.array([[0.0, 1.0, 1.0], [np.nan, 0.0, 1.0]])
HEAT = np.array([[0.0, 0.0, 1.0], [1.0, np.nan, np.nan]])


def at(column: float, row: float) -> Point:
    return Point(70 + 0.1 * (column + 0.5), 30 - 0.1 * (row + 0.5))


def everywhere(people: list[float] | None = None) -> Any:
    return vector(
        [at(c, r) for r in range(2) for c in range(3)],
        {"people": people or [1, 2, 4, 8, 16, 32]},
        name="villages",
        roles={"people": "people"},
    )


def joint(result: Any, metric: str, area: str | None = None) -> dict[str | None, float | None]:
    return {
        row.class_: row.value
        for row in result.metrics
        if row.metric == metric and row.area == area and row.hazard is None
    }


def pairs(result: Any, metric: str) -> dict[str | None, float | None]:
    return {
        row.hazard: row.value
        for row in result.metrics
        if row.metric == metric and row.area is None and row.hazard is not None
    }


def test_sites_by_number_of_hazards(tmp_path: Path) -> None:
    flood, heat = raster(tmp_path, FLOOD), raster(tmp_path, HEAT, name="heat")
    result = ask({"classes": (1,), "people": "people"}, hazard=[flood, heat], exposed=everywhere())
    # none: 1; flood alone: 2 (and 32, heat unknown); heat alone (flood unknown): 8; both: 4; 16 unknown
    assert joint(result, "joint_people") == {"none": 1, "exactly 1": 42, "exactly 2": 4, "unknown": 16}
    assert joint(result, "joint_sites") == {"none": 1, "exactly 1": 3, "exactly 2": 1, "unknown": 1}
    assert pairs(result, "joint_people") == {"flood & heat": 4}
    frame = result.layers[0].data.frame
    assert frame["hazards_exposed"].tolist() == [0, 1, 2, 1, 0, 1]
    assert frame["worst_hazard"].fillna("").tolist() == ["", "flood", "flood", "heat", "", "flood"]
    assert "Together: 46 people" in " ".join(result.notes)


def test_rasters_and_polygons_and_a_population_raster(tmp_path: Path) -> None:
    flood = raster(tmp_path, FLOOD)
    slide = vector([box(70.05, 29.8, 70.25, 30)], name="slide")
    people = raster(tmp_path, np.array([[10.0, 20, 30], [40, 50, 60]]), name="people")
    result = ask({"classes": (1,), "population": "counts"}, hazard=[flood, slide], exposed=people)
    # slide covers half of the first and last column and all of the middle one
    found = joint(result, "joint_people")
    both = 20 + 15 + 30
    one = 5 + 15 + 20 + 50 + 30
    assert found["exactly 2"] == pytest.approx(both)
    assert found["exactly 1"] == pytest.approx(one)
    assert found["unknown"] == pytest.approx(20)
    assert found["none"] == pytest.approx(5)
    assert pairs(result, "joint_people")["flood & slide"] == pytest.approx(both)
    singles = [values(ask({"classes": (1,), "population": "counts"}, hazard=flood, exposed=people), "people")]
    assert singles[0]["1+"] == pytest.approx(110)
    areas = vector([box(70, 29.8, 70.12, 30), box(70.12, 29.8, 70.3, 30)])
    params = {"classes": (1,), "population": "counts"}
    by_area = ask(params, hazard=[flood, slide], exposed=people, areas=areas)
    assert_adds_up(by_area)
    assert joint(by_area, "joint_people") == pytest.approx(found)


def test_one_hazard_twice_is_answered_and_said(tmp_path: Path) -> None:
    flood = raster(tmp_path, FLOOD)
    result = ask({"classes": (1,), "people": "people"}, hazard=[flood, flood], exposed=everywhere())
    assert finding(result, "hazard-given-twice").count == 1
    assert joint(result, "joint_people") == {"none": 17, "exactly 1": 0, "exactly 2": 38, "unknown": 8}
    assert {row.hazard for row in result.metrics if row.metric == "people"} == {"flood", "flood (2)"}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_inclusion_and_exclusion_hold(tmp_path: Path, data: Any) -> None:
    cells = st.sampled_from([0.0, 1.0, 2.0, np.nan])
    grids = [np.array(data.draw(st.lists(cells, min_size=6, max_size=6))).reshape(2, 3) for _ in range(3)]
    rasters = [raster(tmp_path, grid, name=f"h{i}") for i, grid in enumerate(grids)]
    kind = data.draw(st.sampled_from(["sites", "people", "ground"]))
    weights = np.array([[1.0, 2, 4], [8, 16, 32]])
    areas = vector([box(70, 29.8, 70.17, 30), box(70.17, 29.8, 70.3, 30)], {"code": ["W", "E"]})
    params: dict[str, Any] = {"classes": (1, 2), "area_id": "code"}
    inputs: dict[str, Any] = {"areas": areas}
    metric = "joint_area_km2"
    if kind == "sites":
        params["people"], inputs["exposed"], metric = "people", everywhere(), "joint_people"
    elif kind == "people":
        params["population"], metric = "counts", "joint_people"
        inputs["exposed"] = raster(tmp_path, weights, name="people")
    together = ask(params, hazard=rasters, **inputs)
    assert_adds_up(together)
    base = metric.removeprefix("joint_")
    single = []
    for one in rasters:
        alone = ask(params, hazard=one, **inputs)
        mine = [row for row in together.metrics if row.hazard == one.name]
        for before, now in zip(alone.metrics, mine, strict=True):
            assert (before.metric, before.area, before.class_) == (now.metric, now.area, now.class_)
            assert now.value == pytest.approx(before.value, rel=1e-12, abs=1e-9)
        found = values(alone, base)
        single.append(sum(found[label] or 0 for label in ("1-2", "2+")))
    shares = joint(together, metric)
    counts = {e: shares[f"exactly {e}"] or 0 for e in (1, 2, 3)}
    whole = sum(value or 0 for value in values(ask(params, hazard=rasters[0], **inputs), base).values())
    assert sum(value or 0 for value in shares.values()) == pytest.approx(whole)
    assert sum(e * n for e, n in counts.items()) == pytest.approx(sum(single))
    two = sum(value or 0 for value in pairs(together, metric).values())
    assert counts[2] + 3 * counts[3] == pytest.approx(two)
    assert sum(counts.values()) == pytest.approx(sum(single) - two + counts[3])
    if kind != "ground":
        hit = np.array([np.nan_to_num(grid) >= 1 for grid in grids])
        lost = np.array([np.isnan(grid) for grid in grids]).any(axis=0)
        several = hit.sum(axis=0)
        for e in (1, 2, 3):
            assert counts[e] == pytest.approx(weights[several == e].sum())
        assert shares["none"] == pytest.approx(weights[(several == 0) & ~lost].sum())
