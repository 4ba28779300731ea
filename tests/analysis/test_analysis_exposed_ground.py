"""Ground: the hazard's classes, the areas' rest, and what is unknown."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from handles import assert_adds_up, codes, raster, run, values, vector
from shapely.geometry import Polygon, box

from migmap.analysis.exposure import Exposure
from migmap.geo.crs import WGS84
from migmap.geo.ground import ground_area_m2

DEPTH = np.array([[0.0, 0.2], [1.0, np.nan]])


def km2(*shapes: Any) -> float:
    return float(ground_area_m2(np.array(shapes, dtype=object), WGS84).sum()) / 1e6


@pytest.fixture
def depth(tmp_path: Path) -> Any:
    return raster(tmp_path, DEPTH)


def test_raster_classes_are_true_ground(depth: Any) -> None:
    result = run(Exposure, {"classes": (0.1, 0.5)}, hazard=depth)
    assert values(result, "area_km2") == {
        "not_exposed": pytest.approx(km2(box(70, 29.9, 70.1, 30)), rel=1e-9),
        "0.1-0.5": pytest.approx(km2(box(70.1, 29.9, 70.2, 30)), rel=1e-9),
        "0.5+": pytest.approx(km2(box(70, 29.8, 70.1, 29.9)), rel=1e-9),
        "unknown": pytest.approx(km2(box(70.1, 29.8, 70.2, 29.9)), rel=1e-9),
    }
    assert result.notes[0].startswith("Flood covers 214.")


def test_areas_beyond_the_raster_are_unknown_and_counted_once(depth: Any) -> None:
    plain = run(Exposure, {"classes": (0.1,)}, hazard=depth)
    areas = vector([box(70.05, 29.9, 70.4, 30), box(70.3, 29.9, 70.5, 30)], {"id": ["a", "b"]})
    result = run(Exposure, {"classes": (0.1,), "area_id": "id"}, hazard=depth, areas=areas)
    assert_adds_up(result)
    everything, alone = values(result, "area_km2"), values(plain, "area_km2")
    assert everything["0.1+"] == alone["0.1+"]
    assert everything["not_exposed"] == alone["not_exposed"]
    beyond = km2(box(70.2, 29.9, 70.5, 30))
    assert everything["unknown"] == pytest.approx((alone["unknown"] or 0) + beyond, rel=1e-9)
    assert values(result, "area_km2", "a") == {
        "not_exposed": pytest.approx(km2(box(70.05, 29.9, 70.1, 30)), rel=1e-9),
        "0.1+": pytest.approx(km2(box(70.1, 29.9, 70.2, 30)), rel=1e-9),
        "unknown": pytest.approx(km2(box(70.2, 29.9, 70.4, 30)), rel=1e-9),
    }
    assert values(result, "area_km2", "overlap")["unknown"] == pytest.approx(
        -km2(box(70.3, 29.9, 70.4, 30)), rel=1e-9
    )
    frame = result.layers[0].data.frame
    assert np.isnan(frame["exposed_km2"][1])
    assert result.layers[0].style.column == "exposed_km2"


def test_areas_apart_from_the_raster_read_unknown(depth: Any) -> None:
    result = run(Exposure, {"classes": (0.1,)}, hazard=depth, areas=vector([box(10, 10, 11, 11)]))
    assert_adds_up(result)
    assert "no-overlap" in codes(result)
    assert values(result, "area_km2", "1") == {
        "not_exposed": 0,
        "0.1+": 0,
        "unknown": pytest.approx(km2(box(10, 10, 11, 11)), rel=1e-9),
    }


def test_polygons_alone_are_their_ground() -> None:
    flood = vector([box(70, 29, 71, 30), box(70.5, 29, 71.5, 30)])
    result = run(Exposure, {}, hazard=flood)
    assert values(result, "area_km2") == {
        "not_exposed": 0,
        "exposed": pytest.approx(km2(box(70, 29, 71.5, 30)), rel=1e-12),
        "unknown": 0,
    }


def test_the_rest_of_each_area_is_not_exposed() -> None:
    flood = vector([box(70.5, 29, 71.5, 30)], {"kind": ["a"]})
    areas = vector([box(70, 29, 71, 30), box(70.8, 29, 71.2, 30)])
    result = run(Exposure, {"hazard_class": "kind"}, hazard=flood, areas=areas)
    assert_adds_up(result, 1e-12)
    assert values(result, "area_km2") == {
        "not_exposed": pytest.approx(km2(box(70, 29, 70.5, 30)), rel=1e-9),
        "a": pytest.approx(km2(box(70.5, 29, 71.5, 30)), rel=1e-12),
        "unknown": 0,
    }
    assert values(result, "area_km2", "2") == {
        "not_exposed": 0,
        "a": pytest.approx(km2(box(70.8, 29, 71.2, 30)), rel=1e-12),
        "unknown": 0,
    }
    assert values(result, "area_km2", "outside")["a"] == pytest.approx(km2(box(71.2, 29, 71.5, 30)), rel=1e-9)


def test_areas_far_from_hazard_polygons_are_unknown() -> None:
    result = run(Exposure, {}, hazard=vector([box(70, 29, 71, 30)]), areas=vector([box(10, 10, 11, 11)]))
    assert_adds_up(result)
    assert "no-overlap" in codes(result)
    assert values(result, "area_km2", "1")["not_exposed"] == 0
    assert values(result, "area_km2", "1")["unknown"] == pytest.approx(km2(box(10, 10, 11, 11)), rel=1e-9)


def test_an_invalid_flood_is_repaired_on_the_way() -> None:
    bow_tie = Polygon([(70, 29), (71, 30), (71, 29), (70, 30)])
    result = run(Exposure, {}, hazard=vector([bow_tie]), areas=vector([box(70, 29, 70.5, 30)]))
    assert_adds_up(result)
    half = km2(Polygon([(70, 29), (70.5, 29.5), (70, 30)]))
    assert values(result, "area_km2", "1")["exposed"] == pytest.approx(half, rel=1e-9)


def test_areas_of_the_whole_world_on_a_projected_raster(tmp_path: Path) -> None:
    depth = raster(tmp_path, DEPTH, west=500_000, north=3_300_000, cell=1000, crs="EPSG:32642")
    areas = vector([box(-180, -90, 69.01, 90), box(69.01, -90, 180, 90), box(-120, 10, -110, 20)])
    alone = values(run(Exposure, {"classes": (0.1,)}, hazard=depth), "area_km2")
    result = run(Exposure, {"classes": (0.1,)}, hazard=depth, areas=areas)
    assert_adds_up(result, 1e-9)
    everything = values(result, "area_km2")
    assert everything["0.1+"] == alone["0.1+"]
    # WGS84 has 510,065,621.724 km2 of surface.
    assert sum(value or 0 for value in everything.values()) == pytest.approx(510_065_621.724, rel=1e-9)
    assert values(result, "area_km2", "outside")["0.1+"] == pytest.approx(0, abs=1e-9)
    assert values(result, "area_km2", "3") == {
        "not_exposed": 0,
        "0.1+": 0,
        "unknown": pytest.approx(km2(box(-120, 10, -110, 20)), rel=1e-9),
    }
    assert values(result, "area_km2", "overlap")["unknown"] == pytest.approx(
        -km2(box(-120, 10, -110, 20)), rel=1e-9
    )


def test_in_metres_with_areas_in_degrees(tmp_path: Path) -> None:
    depth = raster(tmp_path, DEPTH, west=500_000, north=3_300_000, cell=1000, crs="EPSG:32642")
    flood = vector([box(500_300, 3_298_500, 501_500, 3_299_700)], crs="EPSG:32642")
    areas = vector([box(68.9, 29.0, 69.01, 30), box(69.01, 29.0, 69.5, 30), box(69.0, 29.7, 69.02, 30)])
    for hazard, params in ((depth, {"classes": (0.1,)}), (flood, {})):
        result = run(Exposure, params, hazard=hazard, areas=areas)
        assert_adds_up(result, 1e-7)
        exposed = [label for label in values(result, "area_km2") if label not in ("not_exposed", "unknown")]
        assert abs(values(result, "area_km2", "outside")[exposed[0]] or 0) < 1e-9


@pytest.mark.parametrize("hazard_at", [70.0, 10.0])
def test_areas_side_by_side_leave_no_overlap_row(hazard_at: float) -> None:
    # Six districts that share borders: sums taken in two orders differ in their last digits.
    lines_x, lines_y = (67.0, 67.13, 67.31, 67.6), (26.4, 26.71, 27.0)
    areas = vector(
        [box(a, c, b, d) for a, b in pairwise(lines_x) for c, d in pairwise(lines_y)],
        {"id": list("abcdef")},
    )
    flood = vector([box(hazard_at - 2.8, 26.5, hazard_at - 2.5, 26.9)], name="flood")
    result = run(Exposure, {"area_id": "id"}, hazard=flood, areas=areas)
    assert_adds_up(result)
    assert {row.area for row in result.metrics} == {None, *"abcdef", "outside"}
