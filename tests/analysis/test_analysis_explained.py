"""Every figure of a run, counted again from its parts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from handles import raster, vector
from shapely.geometry import LineString, Point, Polygon, box

from migmap.analysis.exposure import Exposure, ExposureParams
from migmap.api import (
    Explanation,
    Inputs,
    Need,
    Needs,
    PastRun,
    RateLine,
    Rates,
    Result,
    input_field,
    no_progress,
)

RATES = Rates(
    "r", "Rates", "flood", "m", (RateLine("wet", 0.1, 0.1, "us"), RateLine("deep", 0.5, 0.75, "us")), "us"
)
NEEDS = Needs("n", "Needs", (Need("water", "WASH", 15.0, "litres", "day", "Sphere"),), "Sphere")


def asked(params: dict[str, Any], data: dict[str, Any], **more: Any) -> tuple[Any, Inputs, Result]:
    named = {**{input_field(key): "given" for key in data}, **params}
    checked = ExposureParams(**named)
    inputs = Inputs(data, **more)
    return checked, inputs, Exposure().run(checked, inputs, no_progress)


def explanations(
    params: dict[str, Any], data: dict[str, Any], step: int = 1, **more: Any
) -> Iterator[tuple[Any, Explanation]]:
    """Every `step`-th figure of a run with what it is made of."""
    checked, inputs, result = asked(params, data, **more)
    for row in result.metrics[::step]:
        yield row, Exposure().explain(checked, inputs, row, no_progress)


@pytest.fixture
def ground(tmp_path: Path) -> dict[str, Any]:
    rng = np.random.default_rng(4)
    deep = rng.choice([0.0, 0.2, 0.7, 2.0, np.nan], (6, 5))
    later = np.where(rng.random((6, 5)) < 0.3, deep + 0.4, deep)
    people = rng.integers(0, 50, (6, 5)).astype(np.float64)
    people[0, 0], people[1, 1] = np.nan, -3
    fine = rng.integers(0, 9, (13, 11)).astype(np.float64)
    points = [Point(*xy) for xy in rng.uniform((69.9, 29.35), (70.55, 30.05), (40, 2))]
    sites = vector(
        [*points, None],
        {
            "people": [*rng.integers(1, 900, 39), None, 7],
            "site": [f"s{i}" for i in range(41)],
            "kind": [["camp", "village"][i % 2] for i in range(41)],
        },
        name="sites",
        roles={"people": "people", "name": "site"},
    )
    plots = vector(
        [point.buffer(0.04) for point in points[:12]],
        {"people": list(range(10, 22))},
        name="plots",
        roles={"people": "people"},
    )
    areas = vector(
        [
            Polygon([(69.95, 29.3), (70.21, 29.33), (70.17, 30.1), (69.9, 30.0)]),
            Polygon([(70.15, 29.5), (70.42, 29.42), (70.4, 29.97), (70.2, 29.9)]),
        ],
        {"code": ["W", "E"], "up": ["all", "all"]},
        name="areas",
        roles={"pcode": "code"},
    )
    floods = vector(
        [box(70.0, 29.5, 70.2, 29.8), box(70.1, 29.6, 70.37, 29.95), box(70.3, 29.4, 70.45, 29.6)],
        {"level": ["low", "high", "low"]},
        name="extent",
    )
    roads = vector(
        [LineString([(69.9, 29.4), (70.3, 29.9), (70.6, 29.9)]), LineString([(70.1, 29.3), (70.1, 30.1)])],
        {"kind": ["a", "b"]},
        name="roads",
    )
    return {
        "deep": raster(tmp_path, deep, name="today"),
        "later": raster(tmp_path, later, name="later"),
        "people": raster(tmp_path, people, name="people"),
        # Another grid: other cells, another corner.
        "fine": raster(tmp_path, fine, west=69.97, north=30.03, cell=0.05, name="fine"),
        "sites": sites,
        "plots": plots,
        "areas": areas,
        "floods": floods,
        "roads": roads,
    }


CLASSES: dict[str, Any] = {"classes": (0.1, 0.5)}
SEVERAL: dict[str, Any] = {**CLASSES, "hazard": ("a", "b")}
RUNS: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "sites": ({**CLASSES, "people": "people", "by": "kind", "rollup": ("up",)}, ("deep", "sites", "areas")),
    "sites in polygons": ({"people": "people", "hazard_class": "level"}, ("floods", "sites", "areas")),
    "sites by share": ({**CLASSES, "people": "people", "rule": "share"}, ("deep", "plots", "areas")),
    "sites by touch": ({**CLASSES, "people": "people", "rule": "touch"}, ("deep", "plots", "areas")),
    "circles": (
        {**CLASSES, "people": "people", "rule": "footprint", "radius_m": 6000.0},
        ("deep", "sites", "areas"),
    ),
    "people": ({**CLASSES, "population": "counts"}, ("deep", "people", "areas")),
    "density": ({**CLASSES, "population": "density:people/km2"}, ("deep", "people", "areas")),
    "people, centre": ({**CLASSES, "population": "counts", "rule": "centre"}, ("deep", "people", "areas")),
    "people, other grid": ({**CLASSES, "population": "counts"}, ("deep", "fine", "areas")),
    "people in polygons": ({"population": "counts", "hazard_class": "level"}, ("floods", "people", "areas")),
    "ground": (CLASSES, ("deep", "", "areas")),
    "ground of polygons": ({"hazard_class": "level"}, ("floods", "", "areas")),
    "roads": ({**CLASSES, "by": "kind"}, ("deep", "roads", "areas")),
    "roads in polygons": ({"hazard_class": "level"}, ("floods", "roads", "areas")),
    "no areas": ({**CLASSES, "population": "counts"}, ("deep", "fine", "")),
}


@pytest.mark.parametrize("name", list(RUNS))
def test_the_parts_of_every_figure_add_up_to_it(ground: dict[str, Any], name: str) -> None:
    params, (hazard, exposed, areas) = RUNS[name]
    data = {"hazard": ground[hazard]}
    data |= {"exposed": ground[exposed]} if exposed else {}
    data |= {"areas": ground[areas]} if areas else {}
    seen = 0
    for row, found in explanations(params, data, 5 if "sites" in name else 2):
        assert found.agrees, (row, found)
        seen += 1
        for table in found.tables:
            assert table.shown == len(table.rows) <= table.count
            assert all(len(each) == len(table.columns) for each in table.rows)
            if (
                table.shown == table.count
                and row.area not in ("outside", "overlap")
                and table.title == "Sites"
            ):
                assert sum(each[-1] for each in table.rows) == pytest.approx(row.value, rel=1e-9, abs=1e-9)
    assert seen >= 2


def test_what_follows_from_exposure_is_explained_by_its_formula(ground: dict[str, Any]) -> None:
    params = {**CLASSES, "population": "counts", "affected_from": "0.5", "rates": "r", "needs": "n"}
    data = {"hazard": ground["deep"], "exposed": ground["people"], "areas": ground["areas"]}
    rows = list(explanations(params, data, profiles={"rates": (RATES,), "needs": (NEEDS,)}))
    assert all(found.agrees for _, found in rows)
    said = {row.metric: found.lines for row, found in rows if row.area is None}
    assert any("0.75 × " in line for line in said["displaced"])
    assert any("(0.5+)" in line for line in said["affected"])
    assert {"affected", "displaced", "need:water"} <= set(said)


def test_an_average_year_and_several_hazards(ground: dict[str, Any]) -> None:
    data = {"hazard": ground["deep"], "hazard:2": ground["later"], "areas": ground["areas"]}
    ladder = {**SEVERAL, "return_period": (10.0, 100.0), "label": ("river", "river"), "people": "people"}
    rows = list(explanations(ladder, {**data, "exposed": ground["sites"]}, 2))
    assert any(row.metric == "expected_people_per_year" for row, _ in rows)
    assert all(found.agrees for _, found in rows)
    for exposed, more in (("sites", {"people": "people"}), ("people", {"population": "counts"})):
        rows = list(explanations({**SEVERAL, **more}, {**data, "exposed": ground[exposed]}, 3))
        joint = [found for row, found in rows if row.metric.startswith("joint_")]
        assert joint
        assert all(found.agrees for found in joint) if exposed == "sites" else joint[0].agrees is None
        assert all(found.agrees for row, found in rows if not row.metric.startswith("joint_"))


def test_a_figure_that_is_off_is_told(ground: dict[str, Any]) -> None:
    checked, inputs, result = asked(
        {**CLASSES, "people": "people"}, {"hazard": ground["deep"], "exposed": ground["sites"]}
    )
    row = next(one for one in result.metrics if one.metric == "people" and one.class_ == "0.5+")
    assert row.value
    found = Exposure().explain(checked, inputs, replace(row, value=row.value * (1 + 1e-7)), no_progress)
    assert found.agrees is False
    assert "off the figure" in found.lines[-1]


def test_of_a_comparison_the_newer_figure_is_taken_apart(ground: dict[str, Any]) -> None:
    data = {"hazard": ground["deep"], "exposed": ground["sites"]}
    _, _, before = asked({**CLASSES, "people": "people"}, data)
    past = PastRun("1", "exposure", {}, before.metrics)
    later = {**data, "hazard": ground["later"]}
    for row, found in explanations(
        {**CLASSES, "people": "people", "compare": "x"}, later, runs={"compare": past}
    ):
        assert found.agrees, row
        assert "after minus before" in found.lines[0]
