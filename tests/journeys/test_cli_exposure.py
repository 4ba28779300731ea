"""Exposure from the command line: every option once, as `Workbench.run` has it, and what must be refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pytest
import rasterio
from affine import Affine
from command_line import Said
from shapely.geometry import LineString, Point, box

from migmap.app.workbench import Workbench

Command = Callable[..., Said]
SCHEME = """
title = "Two steps"
hazard = "flood"
quantity = "depth"
unit = "m"
by = "edges"
affected_from = "deep"
source = "a test"
edition = "1"
[[class]]
label = "wet"
from = 0.1
severity = 1
colour = "#c7e9c0"
[[class]]
label = "deep"
from = 0.7
severity = 3
colour = "#238b45"
"""
RATES = """
title = "Half of the deep"
hazard = "flood"
unit = "m"
source = "a test"
edition = "1"
[[rate]]
label = "wet"
rate = 0.0
[[rate]]
label = "deep"
rate = 0.5
"""
NEEDS = """
title = "Water"
source = "a test"
edition = "1"
[[need]]
item = "water"
title = "Water"
sector = "WASH"
per_person = 15
unit = "litres"
period = "day"
source = "a test"
"""
DEPTHS = [[0.0, 0.1, 0.7], [0.05, np.nan, 2.0]]
CELL = 0.1


def middle(column: int, row: int) -> Point:
    return Point(70 + CELL * (column + 0.5), 30 - CELL * (row + 0.5))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """rp10, rp100: depths of 2 x 3 cells from (70, 30), the rarer 0.6 m deeper. levels: classes 0 to 3, one
    cell of 9. villages: one a cell, of 1, 2, 4, 8, 16, 32 people, half of them women; ground: polygons of the
    same. districts: the three columns, in two divisions. extent: polygons of classes 1 and 2. people: 10 a
    cell. road: along the upper row."""
    folder = tmp_path_factory.mktemp("exposure")

    def grid(name: str, values: Any, dtype: str = "float32", nodata: float | None = None) -> None:
        at = Affine(CELL, 0, 70, 0, -CELL, 30)
        how: dict[str, Any] = {"driver": "GTiff", "count": 1, "crs": "EPSG:4326", "nodata": nodata}
        with rasterio.open(
            folder / f"{name}.tif", "w", width=3, height=2, dtype=dtype, transform=at, **how
        ) as target:
            target.write(np.array(values, dtype=dtype), 1)

    def layer(name: str, shapes: list[Any], **columns: list[Any]) -> None:
        geopandas.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4326").to_file(folder / f"{name}.gpkg")

    grid("flood_rp10", DEPTHS)
    grid("flood_rp100", np.array(DEPTHS) + 0.6)
    grid("flood_cm", np.array(DEPTHS) * 100)
    grid("levels", [[0, 1, 2], [3, 9, 9]], "uint8")
    grid("people", np.full((2, 3), 10.0))
    cells = [(c, r) for r in range(2) for c in range(3)]
    people = [2.0**i for i in range(6)]
    spots = [middle(*cell) for cell in cells]
    layer(
        "villages",
        spots,
        people=people,
        women=[one / 2 for one in people],
        men=[one / 2 for one in people],
        kind=["camp", "village"] * 3,
    )
    layer("ground", [spot.buffer(0.07, quad_segs=1) for spot in spots], people=people)
    columns = [box(70 + CELL * c, 29.8, 70.1 + CELL * c, 30) for c in range(3)]
    layer("districts", columns, code=["A", "B", "C"], division=["N", "N", "S"])
    layer("extent", [box(70, 29.9, 70.2, 30), box(70.16, 29.8, 70.3, 30)], depth=["1", "2"])
    layer("road", [LineString([(70, 29.95), (70.3, 29.95)])], kind=["highway"])
    for name, text in (("scheme", SCHEME), ("rates", RATES), ("needs", NEEDS)):
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    (folder / "damaged.toml").write_text("title = 'never closed\n[[class", encoding="utf-8")
    (folder / "none.json").write_text("{}", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def bench() -> Iterator[Workbench]:
    made = Workbench()
    yield made
    made.close()


HAZARD: dict[str, Any] = {"hazard": ["flood_rp10.tif"], "scheme": ["scheme.toml"], "hazard_unit": "m"}
SITES: dict[str, Any] = {**HAZARD, "exposed": "villages.gpkg", "people": "people"}
LADDER: dict[str, Any] = {**SITES, "hazard": ["flood_rp10.tif", "flood_rp100.tif"]}
BOTH: dict[str, Any] = {
    **SITES,
    "hazard": ["flood_rp10.tif", "extent.gpkg"],
    "hazard_class": "depth",
    "scheme": None,
    "hazard_unit": None,
    "classes": [0.1, 0.7],
}
AREAS: dict[str, Any] = {"areas": "districts.gpkg", "area_id": "code"}

# Which parameters, and figures of the answer: (metric, hazard, area, class, group) -> value.
CASES: dict[str, tuple[dict[str, Any], dict[tuple[Any, ...], float]]] = {
    "a scheme of one's own": (
        SITES,
        {
            ("people", "flood_rp10", None, "not_exposed", None): 1 + 8,
            ("people", "flood_rp10", None, "wet", None): 2,
            # 0.7 in single precision is the edge 0.7.
            ("people", "flood_rp10", None, "deep", None): 4 + 32,
            ("people", "flood_rp10", None, "unknown", None): 16,
            ("affected", "flood_rp10", None, None, None): 36,
        },
    ),
    "a unit converted": (
        {**SITES, "hazard": ["flood_cm.tif"], "hazard_unit": "cm"},
        {("people", "flood_cm", None, "deep", None): 36, ("people", "flood_cm", None, "wet", None): 2},
    ),
    "rates and needs": (
        {**SITES, "rates": "rates.toml", "needs": "needs.toml", "affected_from": "wet"},
        {
            ("affected", "flood_rp10", None, None, None): 38,
            ("displaced", "flood_rp10", None, None, None): 18,
            ("need:water", "flood_rp10", None, None, None): 270,
        },
    ),
    "return periods": (
        {**LADDER, "return_period": [10, 100]},
        # 38 at 1 in 10; all 47 that are known at 1 in 100.
        {("expected_people_per_year", None, None, None, None): 0.09 * (38 + 47) / 2 + 0.01 * 47},
    ),
    "return periods as events": (
        {**LADDER, "return_period": [10, 100], "annual_rule": "events"},
        {("expected_people_per_year", None, None, None, None): 0.1 * 38 + 0.01 * 47},
    ),
    "rarer events left out": (
        {**LADDER, "return_period": [10, 100], "annual_tail": "zero", "label": ["today", "today"]},
        {("expected_people_per_year", "today", None, None, None): 0.09 * (38 + 47) / 2},
    ),
    "labels": (
        {**LADDER, "label": ["today", "2050"]},
        {
            ("joint_people", "today & 2050", None, "both", None): 38,
            ("joint_people", None, None, "exactly 1", None): 9,
            ("joint_people", None, None, "unknown", None): 16,
        },
    ),
    "raster and polygons by area": (
        {**BOTH, **AREAS, "rollup": ["division"]},
        {
            ("people", "extent", None, "1", None): 1 + 2,
            ("people", "extent", None, "2", None): 4 + 32,
            ("joint_people", None, None, "exactly 2", None): 2 + 4 + 32,
            ("joint_people", None, "C", "exactly 2", None): 4 + 32,
            ("joint_people", None, "N", "exactly 2", None): 2,
            ("people", "flood_rp10", "S", "0.7+", None): 36,
            ("people_min", "extent", None, None, None): 39,
        },
    ),
    "groups and kinds": (
        {**SITES, "groups": ["all"], "by": "kind"},
        {
            ("people", "flood_rp10", None, "deep", "female"): 18,
            ("people", "flood_rp10", None, "deep", "sex unknown"): 0,
            ("sites", "flood_rp10", None, "deep", "camp"): 1,
            ("people", "flood_rp10", None, "deep", "village"): 32,
        },
    ),
    "footprint": (
        {**SITES, "rule": "footprint", "radius_m": 7000},
        # Every circle of 7 km reaches into the cells beside, of 9.6 by 11.1 km.
        {("people", "flood_rp10", None, "deep", None): 2 + 4 + 16 + 32},
    ),
    "accuracy": (
        {**SITES, "accuracy_m": 7000},
        {
            ("people", "flood_rp10", None, "deep", None): 36,
            ("people_min", "flood_rp10", None, None, None): 0,
            # The 8 people of the first cell below lie 7.3 km from the corner of the next that is wet.
            ("people_max", "flood_rp10", None, None, None): 63 - 8,
        },
    ),
    "touch": (
        {**SITES, "exposed": "ground.gpkg", "rule": "touch"},
        {("people", "flood_rp10", None, "deep", None): 2 + 4 + 16 + 32},
    ),
    "people inside sites": (
        {
            **HAZARD,
            "exposed": "districts.gpkg",
            "people_raster": "people.tif",
            "population": "counts",
            "rule": "centre",
        },
        {
            ("people", "flood_rp10", None, "not_exposed", None): 20,
            ("people", "flood_rp10", None, "wet", None): 10,
            ("people", "flood_rp10", None, "deep", None): 20,
            ("people", "flood_rp10", None, "unknown", None): 10,
        },
    ),
    "cells by their centre": (
        {**HAZARD, **AREAS, "exposed": "people.tif", "population": "counts", "rule": "centre"},
        {("people", "flood_rp10", "C", "deep", None): 20},
    ),
    "a road": (
        {**HAZARD, "exposed": "road.gpkg", "by": "kind"},
        {("length_km", "flood_rp10", None, "deep", "highway"): 9.65346},
    ),
}


def words_of(folder: Path, given: dict[str, Any]) -> list[object]:
    """The parameters as a person types them."""
    words: list[object] = []
    inputs = {"hazard", "exposed", "areas", "people_raster", "scheme", "rates", "needs"}
    for name, value in given.items():
        if value is None:
            continue
        flag = f"--{name.replace('_', '-')}"
        if name in ("classes", "groups", "rollup"):
            words += [flag, ",".join(str(one) for one in value)]
            continue
        for one in value if isinstance(value, list) else [value]:
            words += [flag, folder / one if name in inputs else one]
    return words


@pytest.mark.parametrize("case", CASES)
def test_an_option_and_what_it_answers(migmap: Command, files: Path, bench: Workbench, case: str) -> None:
    given, wanted = CASES[case]
    said = migmap("run", "exposure", *words_of(files, given), "--json")
    assert said.code == 0, said.err
    found = {
        (row["metric"], row["hazard"], row["area"], row["class"], row["group"]): row["value"]
        for row in said.json["metrics"]
    }
    for key, value in wanted.items():
        assert found[key] == pytest.approx(value, rel=1e-4), key
    inputs = {"hazard", "exposed", "areas", "people_raster", "scheme", "rates", "needs"}
    full = {
        name: (
            [str(files / one) for one in value]
            if isinstance(value, list) and name in inputs
            else str(files / value)
            if name in inputs and value is not None
            else value
        )
        for name, value in given.items()
    }
    assert bench.run("exposure", full).document()["metrics"] == said.json["metrics"]


def test_a_run_compared_with_itself_differs_nowhere(migmap: Command, files: Path, tmp_path: Path) -> None:
    words = words_of(files, {**SITES, **AREAS})
    before = tmp_path / "before.json"
    before.write_text(migmap("run", "exposure", *words, "--json").out, encoding="utf-8")
    said = migmap("run", "exposure", *words, "--compare", before, "--json")
    assert said.code == 0, said.err
    rows = said.json["metrics"]
    assert len(rows) == len(json.loads(before.read_text(encoding="utf-8"))["metrics"])
    assert {row["value"] for row in rows} == {0.0}
    assert all(row["before"] == row["after"] for row in rows)


BAD: dict[str, tuple[str, dict[str, Any]]] = {
    "too few labels": ("--label was given once for 2 hazards", {**LADDER, "label": ["today"]}),
    "too many labels": ("--label was given 2 times for 1 hazard", {**SITES, "label": ["a", "b"]}),
    "too few return periods": ("--return-period was given once", {**LADDER, "return_period": [10]}),
    "a return period of nothing": ("--return-period", {**SITES, "return_period": [0]}),
    "one return period twice": ("have the return period 10", {**LADDER, "return_period": [10, 10]}),
    "too many schemes": ("--scheme was given 3 times", {**LADDER, "scheme": ["scheme.toml"] * 3}),
    "no such scheme": ("nope.toml does not exist", {**SITES, "scheme": ["nope.toml"]}),
    "a damaged scheme": ("damaged.toml is not TOML", {**SITES, "scheme": ["damaged.toml"]}),
    "rates for a scheme": ("rates.toml is", {**SITES, "scheme": ["rates.toml"]}),
    "a unit that measures something else": ("do not measure the same", {**SITES, "hazard_unit": "km/h"}),
    "a unit nobody knows": ("parsec", {**SITES, "hazard_unit": "parsec"}),
    "edges and a scheme": ("--classes and --scheme", {**SITES, "classes": [1]}),
    "needs without rates": ("nothing says who is displaced", {**SITES, "needs": "needs.toml"}),
    "rates without people": ("no people are counted", {**SITES, "people": None, "rates": "rates.toml"}),
    "no such rates": ("nope.toml does not exist", {**SITES, "rates": "nope.toml"}),
    "no such rule": ("--rule", {**SITES, "rule": "nearest"}),
    "a rule for sites": ("--rule share is for sites", {**HAZARD, "rule": "share"}),
    "no such group": ("martians", {**SITES, "groups": ["martians"]}),
    "no such column to roll up by": ("nope", {**HAZARD, **AREAS, "rollup": ["nope"]}),
    "nothing to roll up": ("--rollup names columns", {**HAZARD, "rollup": ["division"]}),
    "no such class": ("--affected-from nope", {**SITES, "affected_from": "nope"}),
    "a radius without a circle": ("--radius-m", {**SITES, "radius_m": 500, "rule": "point"}),
    "a circle of nothing": ("--radius-m", {**SITES, "rule": "footprint", "radius_m": 0}),
    "sites that say no size": ("nothing says how large", {**SITES, "rule": "footprint"}),
    "people of a road": ("which have no people", {**HAZARD, "exposed": "road.gpkg", "people": "kind"}),
    "people twice": ("both say how many people", {**SITES, "people_raster": "people.tif"}),
}


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_answered_is_refused(migmap: Command, files: Path, tmp_path: Path, case: str) -> None:
    word, given = BAD[case]
    said = migmap("run", "exposure", *words_of(files, given), "--out", tmp_path / "a.gpkg", "--json")
    assert (said.code, said.out) == (2, ""), said.err
    assert word in said.err
    assert "Traceback" not in said.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "exposed",
    [None, ("villages.gpkg", "people"), ("people.tif", None), ("road.gpkg", None), ("ground.gpkg", "people")],
)
def test_a_level_that_no_class_lists_is_refused(migmap: Command, files: Path, exposed: Any) -> None:
    words: list[object] = ["--hazard", files / "levels.tif", "--scheme", "flood-levels"]
    if exposed is not None:
        words += ["--exposed", files / exposed[0], *(["--people", exposed[1]] if exposed[1] else [])]
        words += ["--population", "counts"] if exposed[0].endswith(".tif") else []
        words += ["--rule", "share"] if exposed[0] == "ground.gpkg" else []
    said = migmap("run", "exposure", *words, "--json")
    if exposed == ("road.gpkg", None):
        # It runs along the upper row alone, whose levels all are classes.
        assert said.code == 0, said.err
        return
    assert (said.code, said.out) == (2, "")
    assert "levels does not fit the class scheme" in said.err
    assert "example 9." in said.err


@pytest.mark.parametrize("name", ["none.json", "rates.toml", "gone.json", "flood_rp10.tif"])
def test_what_is_no_run_cannot_be_compared_with(migmap: Command, files: Path, name: str) -> None:
    said = migmap("run", "exposure", *words_of(files, SITES), "--compare", files / name, "--json")
    assert (said.code, said.out) == (2, "")
    assert name in said.err


def test_the_figures_of_a_run_are_listed_with_their_place(
    migmap: Command, files: Path, tmp_path: Path
) -> None:
    saved = tmp_path / "run.json"
    words = ["--hazard", str(files / "flood_rp10.tif"), "--classes", "0.1", "--out", str(saved)]
    assert migmap("run", "exposure", *words).code == 0
    listed = json.loads(migmap("explain", str(saved), "--json").out)
    document = json.loads(saved.read_text(encoding="utf-8"))
    assert [one.pop("index") for one in listed] == list(range(len(document["metrics"])))
    assert listed == document["metrics"]
    assert "area_km2" in migmap("explain", str(saved)).out
