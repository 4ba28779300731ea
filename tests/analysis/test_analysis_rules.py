"""The rules of counting sites: by position, circle, touch, share, exact and centre."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from handles import assert_adds_up, finding, raster, values, vector
from shapely.geometry import LineString, Point, Polygon, box
from test_analysis_consequences import ask

from migmap.api import Problem

FLOOD = np.array([[0.0, 0.2, 0.7], [0.0, 0.0, np.nan]])
"""Cells of 0.1 degree from (70, 30)."""


def sites() -> Any:
    return vector(
        [
            box(70.05, 29.91, 70.15, 29.99),  # half in 0.0, half in 0.2
            box(70.12, 29.92, 70.28, 29.98),  # half in 0.2, half in 0.7
            box(70.15, 29.82, 70.25, 29.88),  # half in 0.0, half unknown
            Point(70.25, 29.95),
        ],
        {"people": [100, 200, 400, 800]},
        name="villages",
        roles={"people": "people"},
    )


@pytest.fixture
def flood(tmp_path: Path) -> Any:
    return raster(tmp_path, FLOOD)


BASE = {"classes": (0.1, 0.5), "people": "people"}


def test_by_position_a_site_is_in_one_class(flood: Any) -> None:
    result = ask({**BASE, "rule": "point"}, hazard=flood, exposed=sites())
    assert values(result, "people") == values(ask(BASE, hazard=flood, exposed=sites()), "people")
    assert sum(value or 0 for value in values(result, "people").values()) == 1500


def test_touch_takes_the_highest_class_on_the_ground(flood: Any) -> None:
    result = ask({**BASE, "rule": "touch"}, hazard=flood, exposed=sites())
    assert values(result, "people") == {"not_exposed": 400, "0.1-0.5": 100, "0.5+": 1000, "unknown": 0}
    frame = result.layers[0].data.frame
    assert frame["could_change"].tolist()[:3] == [True, True, True]
    assert "touches" in " ".join(result.notes)


def test_share_divides_the_people_by_ground(flood: Any) -> None:
    result = ask({**BASE, "rule": "share"}, hazard=flood, exposed=sites())
    found = values(result, "people")
    assert found["not_exposed"] == pytest.approx(50 + 200, rel=1e-6)
    assert found["0.1-0.5"] == pytest.approx(50 + 100, rel=1e-6)
    assert found["0.5+"] == pytest.approx(100 + 800, rel=1e-6)
    assert found["unknown"] == pytest.approx(200, rel=1e-6)
    assert values(result, "people_min") == {None: 1000}
    assert values(result, "people_max") == {None: 1100}
    assert values(result, "sites") == {"not_exposed": 1, "0.1-0.5": 1, "0.5+": 2, "unknown": 0}


def test_centre_counts_cells_by_their_middle(flood: Any) -> None:
    result = ask({**BASE, "rule": "centre"}, hazard=flood, exposed=sites())
    # No site holds the centre of a cell but for the edges of the first: all are counted by position.
    assert finding(result, "site-without-centre").count >= 1
    assert sum(value or 0 for value in values(result, "people").values()) == pytest.approx(1500)


def test_share_in_hazard_polygons_equals_that_in_a_raster_of_the_same(flood: Any) -> None:
    polygons = vector(
        [box(70.1, 29.9, 70.2, 30), box(70.2, 29.9, 70.3, 30), box(70.2, 29.8, 70.3, 29.9)],
        {"depth": ["0.1-0.5", "0.5+", None]},
        name="extent",
    )
    for rule in ("share", "touch"):
        in_raster = ask({**BASE, "rule": rule}, hazard=flood, exposed=sites())
        in_polygons = ask(
            {"people": "people", "hazard_class": "depth", "rule": rule}, hazard=polygons, exposed=sites()
        )
        for label, value in values(in_raster, "people").items():
            assert values(in_polygons, "people")[label] == pytest.approx(value, rel=1e-6, abs=1e-6)


def test_footprints_are_circles_of_a_radius_or_of_the_own_area(flood: Any) -> None:
    points = vector(
        [Point(70.09, 29.95), Point(70.05, 29.95)],
        {"people": [1, 2], "area_km2": [np.pi * 4, 0.1]},
        roles={"people": "people", "area": "area_km2"},
    )
    stated = ask({**BASE, "rule": "footprint", "radius_m": 2000}, hazard=flood, exposed=points)
    assert values(stated, "people") == {"not_exposed": 2, "0.1-0.5": 1, "0.5+": 0, "unknown": 0}
    own = ask({**BASE, "rule": "footprint"}, hazard=flood, exposed=points)
    assert values(own, "people") == values(stated, "people")
    with pytest.raises(Problem, match="how large the sites"):
        ask({**BASE, "rule": "footprint"}, hazard=flood, exposed=vector([at_point()], {"people": [1]}))
    with pytest.raises(Problem, match="makes a circle"):
        ask({**BASE, "radius_m": 2000, "rule": "point"}, hazard=flood, exposed=points)
    meant = ask({**BASE, "radius_m": 2000}, hazard=flood, exposed=points)
    assert meant.metrics == stated.metrics


def at_point() -> Point:
    return Point(70.05, 29.95)


def test_shares_of_circles_divide_the_people(flood: Any) -> None:
    points = vector([Point(70.1, 29.95)], {"people": [100]}, roles={"people": "people"})
    result = ask({**BASE, "rule": "share", "radius_m": 1000}, hazard=flood, exposed=points)
    found = values(result, "people")
    assert found["not_exposed"] == pytest.approx(50, abs=1e-6)
    assert found["0.1-0.5"] == pytest.approx(50, abs=1e-6)


def test_people_inside_sites_come_from_a_population_raster(flood: Any, tmp_path: Path) -> None:
    people = raster(tmp_path, np.array([[100.0, 200, 400], [800, 0, 50]]), name="people")
    params = {"classes": (0.1, 0.5), "population": "counts"}
    result = ask(params, hazard=flood, exposed=sites(), people_raster=people)
    found = values(result, "people")
    # The first site takes 0.5 x 0.8 of the two upper left cells, the second 0.8 x 0.6 of two others.
    assert found["not_exposed"] == pytest.approx(40)
    assert found["0.1-0.5"] == pytest.approx(80 + 96)
    assert found["0.5+"] == pytest.approx(192)
    assert found["unknown"] == pytest.approx(15)
    frame = result.layers[0].data.frame
    assert frame["people_inside"].tolist()[:3] == pytest.approx([120, 288, 15])
    assert np.isnan(frame["people_inside"].iloc[3])


def test_people_inside_circles_need_no_rule(flood: Any, tmp_path: Path) -> None:
    people = raster(tmp_path, np.array([[100.0, 200, 400], [800, 0, 50]]), name="people")
    points = vector([Point(70.05, 29.95)], {"name": ["a"]})
    params = {"classes": (0.1, 0.5), "population": "counts", "radius_m": 1000}
    result = ask(params, hazard=flood, exposed=points, people_raster=people)
    same = ask({**params, "rule": "exact"}, hazard=flood, exposed=points, people_raster=people)
    assert values(result, "people") == values(same, "people")
    assert 0 < values(result, "people")["not_exposed"] < 100


def test_centre_on_a_population_raster_is_labelled(flood: Any, tmp_path: Path) -> None:
    people = raster(tmp_path, np.array([[100.0, 200, 400], [800, 0, 50]]), name="people")
    areas = vector([box(70, 29.8, 70.16, 30), box(70.16, 29.8, 70.3, 30)], {"code": ["W", "E"]})
    params = {"classes": (0.1, 0.5), "population": "counts", "rule": "centre", "area_id": "code"}
    result = ask(params, hazard=flood, exposed=people, areas=areas)
    assert values(result, "people", "W") == {"not_exposed": 900, "0.1-0.5": 200, "0.5+": 0, "unknown": 0}
    assert values(result, "people", "E") == {"not_exposed": 0, "0.1-0.5": 0, "0.5+": 400, "unknown": 50}
    assert any("as QGIS counts" in note for note in result.notes)
    assert_adds_up(result)
    with pytest.raises(Problem, match="--rule share is for sites"):
        ask({**params, "rule": "share"}, hazard=flood, exposed=people, areas=areas)


def test_a_site_near_an_edge_is_told_with_the_least_and_the_most_people(flood: Any) -> None:
    points = vector(
        [Point(70.099, 29.95), Point(70.05, 29.95), Point(70.15, 29.95)],
        {"people": [1, 2, 4]},
        roles={"people": "people"},
    )
    result = ask(BASE, hazard=flood, exposed=points)
    assert values(result, "people") == {"not_exposed": 3, "0.1-0.5": 4, "0.5+": 0, "unknown": 0}
    assert values(result, "people_min") == {None: 4}
    assert values(result, "people_max") == {None: 5}
    frame = result.layers[0].data.frame
    assert frame["could_change"].tolist() == [True, False, False]
    assert finding(result, "class-could-change").rows == (1,)
    wide = ask({**BASE, "accuracy_m": 6000.0}, hazard=flood, exposed=points)
    assert values(wide, "people_min")[None] == 0
    assert values(wide, "people_max") == {None: 7}


def test_lines_are_counted_by_length(flood: Any) -> None:
    roads = vector(
        [LineString([(70.0, 29.95), (70.3, 29.95)]), LineString([(70.25, 29.95), (70.25, 29.85)])],
        {"kind": ["main", "side"]},
        name="roads",
    )
    areas = vector([box(70, 29.8, 70.15, 30), box(70.15, 29.8, 70.3, 30)], {"code": ["W", "E"]})
    params = {"classes": (0.1, 0.5), "area_id": "code", "by": "kind"}
    result = ask(params, hazard=flood, exposed=roads, areas=areas)
    plain = [row for row in result.metrics if row.group is None and row.area is None]
    found = {row.class_: row.value for row in plain if row.metric == "length_km"}
    degree = 111.3 * np.cos(np.radians(29.95))
    assert found["0.1-0.5"] == pytest.approx(0.1 * degree, rel=2e-3)
    assert found["not_exposed"] == pytest.approx(0.1 * degree, rel=2e-3)
    assert found["0.5+"] == pytest.approx(0.1 * degree + 0.05 * 110.85, rel=2e-3)
    assert found["unknown"] == pytest.approx(0.05 * 110.85, rel=2e-3)
    assert_adds_up(result)
    by = {row.group for row in result.metrics}
    assert by == {None, "main", "side"}
    with pytest.raises(Problem, match="holds lines"):
        ask({"classes": (0.1,), "rule": "touch"}, hazard=flood, exposed=roads)


def test_a_polygon_that_touches_itself_still_counts(flood: Any) -> None:
    bow = Polygon([(70.02, 29.91), (70.08, 29.99), (70.08, 29.91), (70.02, 29.99)])
    layer = vector([bow], {"people": [10]}, roles={"people": "people"})
    result = ask({**BASE, "rule": "share"}, hazard=flood, exposed=layer)
    assert values(result, "people") == {"not_exposed": 10, "0.1-0.5": 0, "0.5+": 0, "unknown": 0}
