"""Sites in a hazard: once, whole, by position, with every unknown said."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from handles import assert_adds_up, codes, finding, raster, run, values, vector
from shapely.geometry import Point, Polygon, box

from migmap.analysis.exposure import Exposure
from migmap.api import Cancelled, Finding, Inputs, Meta, Problem

FLOOD = [[0.0, 0.1, 0.5], [0.49, 1.5, np.nan], [0.05, 2.0, 0.0]]


def at(column: float, row: float) -> Point:
    """The middle of a cell of the raster from (70, 30) with 0.1 degree cells."""
    return Point(70 + 0.1 * (column + 0.5), 30 - 0.1 * (row + 0.5))


@pytest.fixture
def flood(tmp_path: Path) -> Any:
    return raster(tmp_path, np.array(FLOOD))


@pytest.fixture
def sites() -> Any:
    return vector(
        [at(0, 0), at(1, 0), at(2, 0), at(0, 1), at(1, 1), at(2, 1), Point(75, 20), None],
        {"people": [1, 2, 4, 8, 16, 32, 64, None], "class": list("abcdefgh")},
        name="villages",
        roles={"people": "people", "name": "class"},
    )


def test_classes_are_half_open_and_nothing_falls_between(flood: Any, sites: Any) -> None:
    result = run(Exposure, {"classes": (0.1, 0.5, 1.5)}, hazard=flood, exposed=sites)
    assert values(result, "sites") == {"not_exposed": 1, "0.1-0.5": 2, "0.5-1.5": 1, "1.5+": 1, "unknown": 3}
    assert {row.metric for row in result.metrics} == {"sites"}
    assert {row.hazard for row in result.metrics} == {"flood"}
    assert finding(result, "sites-on-no-data").rows == (6,)
    assert finding(result, "sites-beyond-hazard").rows == (7,)
    assert finding(result, "site-without-position").rows == (8,)
    assert "--people people" in finding(result, "people-column-not-used").message


def test_people_are_of_known_figures_and_the_rest_is_said(flood: Any, sites: Any) -> None:
    result = run(Exposure, {"classes": (0.1,), "people": "people"}, hazard=flood, exposed=sites)
    assert values(result, "people") == {"not_exposed": 1, "0.1+": 30, "unknown": 96}
    assert finding(result, "people-unknown").rows == (8,)
    assert result.notes[0].startswith("Of 127 people in 8 sites of Villages, 30 people (24 %) are exposed")
    assert "96 people (76 %) it is unknown" in result.notes[0]


def test_every_site_keeps_its_columns_and_gets_value_and_class(flood: Any, sites: Any) -> None:
    result = run(Exposure, {"classes": (0.1,)}, hazard=flood, exposed=sites)
    (layer,) = result.layers
    frame = layer.data.frame
    assert layer.name == "sites"
    own, answer = ["people", "class_input"], ["hazard_value", "class"]
    reach = ["class_lowest", "class_highest", "could_change"]
    assert list(frame.columns) == [*own, *answer, *reach, "geometry"]
    assert frame["class_input"].tolist() == list("abcdefgh")
    assert frame["class"].tolist() == [
        "not_exposed",
        "0.1+",
        "0.1+",
        "0.1+",
        "0.1+",
        "unknown",
        "unknown",
        "unknown",
    ]
    assert frame["hazard_value"].iloc[4] == 1.5
    assert np.isnan(frame["hazard_value"].iloc[5])
    assert layer.data.roles["name"] == "class_input"
    assert finding(result, "columns-renamed").count == 1
    assert sites.frame.columns.tolist() == ["people", "class", "geometry"]


def test_an_integer_raster_has_one_class_a_value(tmp_path: Path) -> None:
    hazard = raster(tmp_path, np.array([[0, 2, 3], [3, 255, 2]], dtype=np.uint8), nodata=255)
    sites = vector([at(c, r) for r in range(2) for c in range(3)])
    result = run(Exposure, {}, hazard=hazard, exposed=sites)
    assert values(result, "sites") == {"not_exposed": 1, "2": 2, "3": 2, "unknown": 1}


def test_other_rasters_ask_for_edges_with_their_range(flood: Any, sites: Any) -> None:
    with pytest.raises(Problem) as caught:
        run(Exposure, {}, hazard=flood, exposed=sites)
    for number in ("0", "0.295", "2"):
        assert number in caught.value.detail
    with pytest.raises(Problem, match="does not rise"):
        run(Exposure, {"classes": (0.5, 0.1)}, hazard=flood, exposed=sites)


def test_by_area_with_outside_and_overlap(flood: Any, sites: Any) -> None:
    areas = vector(
        [box(70, 29.7, 70.1, 30), box(70.1, 29.7, 70.3, 30), box(70.05, 29.8, 70.2, 30)],
        {"code": ["W", "E", "mid"], "label": ["West", "East", "Middle"]},
        roles={"pcode": "code", "name": "label"},
    )
    result = run(Exposure, {"classes": (0.1,), "people": "people"}, hazard=flood, exposed=sites, areas=areas)
    assert_adds_up(result)
    # The middle area touches the column of the first from its middle on: the sites lie on its border.
    assert values(result, "sites", "W") == {"not_exposed": 1, "0.1+": 1, "unknown": 0}
    assert values(result, "sites", "E") == {"not_exposed": 0, "0.1+": 3, "unknown": 1}
    assert values(result, "sites", "mid") == {"not_exposed": 0, "0.1+": 2, "unknown": 0}
    assert values(result, "sites", "outside") == {"not_exposed": 0, "0.1+": 0, "unknown": 2}
    assert values(result, "people", "overlap") == {"not_exposed": 0, "0.1+": -18, "unknown": 0}
    row = next(row for row in result.metrics if row.area == "mid")
    assert (row.area_name, row.level) == ("Middle", "code")
    layers = {layer.name: layer for layer in result.layers}
    frame = layers["areas"].data.frame
    assert frame["id"].tolist() == ["W", "E", "mid"]
    assert frame["sites_0.1+"].tolist() == [1, 3, 2]
    assert frame["people_unknown"].tolist() == [0, 32, 0]
    assert layers["areas"].style.column == "exposed_people"
    assert frame["exposed_people"].tolist() == [8, 22, 18]


def test_an_area_where_all_is_unknown_is_not_coloured_as_none(flood: Any, sites: Any) -> None:
    areas = vector([box(74, 19, 76, 21), box(70, 29.7, 70.3, 30), box(0, 0, 1, 1)])
    result = run(Exposure, {"classes": (0.1,)}, hazard=flood, exposed=sites, areas=areas)
    exposed = result.layers[0].data.frame["exposed_sites"]
    assert np.isnan(exposed[0])
    assert exposed[1:].tolist() == [4, 0]


def test_polygons_outside_is_not_exposed_and_a_border_is_inside(sites: Any) -> None:
    flood = vector([box(70.1, 29.8, 70.25, 30)], {"kind": ["deep"]}, name="extent")
    result = run(Exposure, {}, hazard=flood, exposed=sites)
    assert values(result, "sites") == {"not_exposed": 3, "exposed": 4, "unknown": 1}
    assert result.layers[0].data.frame["hazard_value"].iloc[[0, 1]].tolist() == [0, 1]
    by_class = run(Exposure, {"hazard_class": "kind"}, hazard=flood, exposed=sites)
    assert values(by_class, "sites") == {"not_exposed": 3, "deep": 4, "unknown": 1}
    found = by_class.layers[0].data.frame["hazard_value"]
    assert found.isna().tolist()[:2] == [True, False]
    assert found.iloc[1] == "deep"
    assert {row.hazard for row in result.metrics} == {"extent"}


def test_overlapping_and_classless_polygons(sites: Any) -> None:
    flood = vector(
        [box(70, 29.9, 70.2, 30), box(70.1, 29.9, 70.3, 30), box(70, 29.8, 70.3, 29.9)],
        {"level": [1, 2, None]},
    )
    result = run(Exposure, {"hazard_class": "level"}, hazard=flood, exposed=sites)
    assert values(result, "sites") == {"not_exposed": 1, "1": 1, "2": 2, "unknown": 4}
    assert {"hazard-overlap", "hazard-class-unknown"} <= codes(result)


def test_classes_nobody_asked_for_are_mentioned(sites: Any) -> None:
    flood = vector([box(70, 29.7, 70.1, 30), box(70.1, 29.7, 70.2, 30)], {"zone": ["high", "none"]})
    flood = replace(flood, roles={"class": "zone"})
    result = run(Exposure, {}, hazard=flood, exposed=sites)
    assert "--hazard-class zone" in finding(result, "hazard-class-not-used").message
    named = run(Exposure, {"hazard_class": "zone"}, hazard=flood, exposed=sites)
    assert "hazard-class-not-used" not in codes(named)


def test_a_class_called_unknown_is_unknown(sites: Any) -> None:
    flood = vector([box(70, 29.7, 70.3, 30)], {"level": ["unknown"]})
    result = run(Exposure, {"hazard_class": "level"}, hazard=flood, exposed=sites)
    assert values(result, "sites") == {"not_exposed": 1, "unknown": 7}


def test_polygon_sites_count_once_by_their_centre(flood: Any) -> None:
    wide = box(70.0, 29.71, 70.29, 29.99)
    horseshoe = Polygon(
        [(70.0, 29.7), (70.3, 29.7), (70.3, 30), (70.2, 30), (70.2, 29.8), (70.1, 29.8), (70.1, 30), (70, 30)]
    )
    result = run(Exposure, {"classes": (0.1,)}, hazard=flood, exposed=vector([wide, horseshoe]))
    assert sum(value or 0 for value in values(result, "sites").values()) == 2
    assert result.layers[0].data.frame["hazard_value"].iloc[0] == 1.5


def test_no_overlap_is_all_unknown_with_a_finding(flood: Any) -> None:
    away = vector([Point(10, 10), Point(11, 11)])
    for hazard, params in ((flood, {"classes": (0.1,)}), (vector([box(70, 29, 71, 30)]), {})):
        result = run(Exposure, params, hazard=hazard, exposed=away)
        assert values(result, "sites")["unknown"] == 2
        assert sum(value or 0 for value in values(result, "sites").values()) == 2
        assert "no-overlap" in codes(result)
        assert "sites-beyond-hazard" not in codes(result)


def test_a_raster_without_any_data_is_all_unknown(tmp_path: Path, sites: Any) -> None:
    hazard = raster(tmp_path, np.full((3, 3), np.nan))
    for params in ({}, {"classes": (0.1,)}):
        result = run(Exposure, params, hazard=hazard, exposed=sites)
        assert values(result, "sites")["unknown"] == 8


def test_marks_are_the_strictest_of_all_inputs(flood: Any, sites: Any) -> None:
    sites = replace(sites, meta=Meta(sensitivity="confidential", attribution="A"))
    flood = replace(flood, meta=Meta(sensitivity="public", synthetic=True, attribution="B"))
    areas = replace(vector([box(70, 29, 71, 30)]), meta=Meta(boundary_note="As of 2022."))
    result = run(Exposure, {"classes": (0.1,)}, hazard=flood, exposed=sites, areas=areas)
    for layer in result.layers:
        meta = layer.data.meta
        assert (meta.sensitivity, meta.synthetic, meta.attribution) == ("confidential", True, "B; A")
        assert meta.boundary_note == "As of 2022."
    plain = run(Exposure, {"classes": (0.1,)}, hazard=flood, exposed=replace(sites, meta=Meta()))
    assert plain.layers[0].data.meta.sensitivity is None


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"people": "pop"}, "no column “pop”"),
        ({"people": "class"}, "holds no number"),
        ({"hazard_class": "x"}, "is a raster"),
        ({"population": "counts"}, "--population"),
        ({"area_id": "x"}, "--area-id"),
    ],
)
def test_what_does_not_fit_is_a_problem(flood: Any, sites: Any, params: dict[str, Any], message: str) -> None:
    with pytest.raises(Problem, match=message):
        run(Exposure, {"classes": (0.1,), **params}, hazard=flood, exposed=sites)


def test_more_that_does_not_fit(flood: Any, sites: Any) -> None:
    polygons = vector([box(70, 29, 71, 30)])
    with pytest.raises(Problem, match="holds polygons"):
        run(Exposure, {"classes": (0.1,)}, hazard=polygons, exposed=sites)
    with pytest.raises(Problem, match="no column “depth”"):
        run(Exposure, {"hazard_class": "depth"}, hazard=polygons, exposed=sites)
    with pytest.raises(Problem, match="none were given"):
        run(Exposure, {"people": "people"}, hazard=polygons)
    with pytest.raises(Problem, match="has no rows"):
        run(Exposure, {}, hazard=polygons, exposed=vector([]))
    with pytest.raises(Problem, match="is a raster"):
        run(Exposure, {"classes": (0.1,)}, hazard=flood, exposed=sites, areas=flood)


def test_cancel_passes_through(flood: Any, sites: Any) -> None:
    def stop(fraction: float, text: str = "") -> None:
        if fraction > 0.3:
            raise Cancelled(text)

    params = Exposure.Params(hazard="h", exposed="e", classes=(0.1,))
    with pytest.raises(Cancelled):
        Exposure().run(params, Inputs({"hazard": flood, "exposed": sites}), stop)


def test_the_sentence_says_what_will_be_computed() -> None:
    params = Exposure.Params(hazard="h", exposed="e", areas="a", people="pop", classes=(0.1, 0.5))
    said = Exposure().sentence(params, {"hazard": "Flood", "exposed": "Villages", "areas": "Districts"})
    assert said == (
        "How many sites of Villages, and people by “pop”, lie in 2 classes from 0.1 up of Flood, "
        "in all and by area of Districts."
    )


def test_sites_on_the_lines_of_a_projected_raster_belong_to_the_cell_right_and_below(tmp_path: Path) -> None:
    cells = np.arange(1, 401, dtype=np.float64).reshape(20, 20)
    flood = raster(tmp_path, cells, west=500_000.0, north=3_300_000.0, cell=1_000.0, crs="EPSG:32642")
    column, row = (grid.ravel() for grid in np.meshgrid(np.arange(20), np.arange(20)))
    corners = [
        Point(500_000.0 + 1_000.0 * x, 3_300_000.0 - 1_000.0 * y) for x, y in zip(column, row, strict=True)
    ]
    sites = vector(corners, crs=flood.crs)
    result = run(Exposure, {"classes": (0.5,)}, hazard=flood, exposed=sites)
    np.testing.assert_array_equal(result.layers[-1].data.frame["hazard_value"], cells.ravel())
    assert values(result, "sites")["unknown"] == 0


def test_measurements_that_are_all_different_are_no_classes() -> None:
    flood = vector(
        [box(70 + i, 29, 70.5 + i, 30) for i in range(21)],
        {"severity": [0.86 + i / 1000 for i in range(21)]},
        roles={"class": "severity"},
    )
    result = run(Exposure, {}, hazard=flood, exposed=vector([Point(70, 29.5)]))
    assert "hazard-class-not-used" not in codes(result)


def test_a_column_of_households_is_not_taken_for_people_in_silence(flood: Any) -> None:
    def said(column: str, roles: dict[str, str]) -> set[str]:
        sites = vector([Point(70.05, 29.95)], {column: [12], "persons": [70]}, roles=roles)
        return codes(run(Exposure, {"classes": (0.1,), "people": column}, hazard=flood, exposed=sites))

    code = "people-column-is-households"
    assert code in said("hh_total", {"households": "hh_total", "people": "persons"})
    for name in ("Households", "numIdpHH", "no. of families"):
        assert code in said(name, {})
    for name in ("hh_members", "people_in_households", "population", "hhold_code"):
        assert code not in said(name, {})
    assert code not in said("families", {"people": "families"})


def test_a_table_without_coordinates_says_what_it_lacks(flood: Any) -> None:
    table = vector(
        [None, None],
        {"name": ["a", "b"]},
        name="table",
        findings=(Finding("no-position", "info", "a table without coordinates"),),
    )
    result = run(Exposure, {"classes": (0.1,)}, hazard=flood, exposed=table)
    assert values(result, "sites")["unknown"] == 2
    said = finding(result, "sites-without-coordinates")
    assert (said.severity, said.rows) == ("warning", (1, 2))
    assert "“latitude” and “longitude”" in said.message
    metres = vector([None], {}, findings=(Finding("coordinates-projected", "warning", "no longitude"),))
    said = finding(run(Exposure, {"classes": (0.1,)}, hazard=flood, exposed=metres), said.code)
    assert "--crs EPSG:n" in said.message


def test_one_is_said_as_one(flood: Any) -> None:
    sites = vector([Point(70.05, 29.95), Point(90, 10), None], {"people": [1, 2, None]}, name="camps")
    result = run(Exposure, {"classes": (0.1,), "people": "people"}, hazard=flood, exposed=sites)
    said = " ".join([*(one.message for one in result.findings), *result.notes])
    assert "1 of 3 sites lies outside the raster" in said
    assert "1 of 3 sites has no position and counts as unknown" in said
    assert "1 site has no number of people and is in no total of people." in said
