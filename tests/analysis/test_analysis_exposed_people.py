"""People of a population raster: exact shares, additive, and never a density read as counts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from handles import assert_adds_up, codes, finding, raster, run, values, vector
from shapely.geometry import box

from migmap.analysis.exposure import Exposure
from migmap.api import Problem

DEPTH = np.array([[0.0, 0.2], [1.0, np.nan]])
COUNTS = np.array([[10.0, 20.0], [40.0, 80.0]])


@pytest.fixture
def depth(tmp_path: Path) -> Any:
    return raster(tmp_path, DEPTH)


@pytest.fixture
def counts(tmp_path: Path) -> Any:
    return raster(tmp_path, COUNTS, name="population")


def test_counts_by_class(depth: Any, counts: Any) -> None:
    result = run(Exposure, {"classes": (0.1, 0.5), "population": "counts"}, hazard=depth, exposed=counts)
    assert values(result, "people") == {"not_exposed": 10, "0.1-0.5": 20, "0.5+": 40, "unknown": 80}
    assert result.layers == ()
    assert "population-assumed-counts" not in codes(result)
    assert result.notes[0].startswith("Of 150 people in Population, 60 people (40 %) are exposed to Flood")


def test_without_a_word_values_are_counts_and_it_is_said(depth: Any, counts: Any) -> None:
    result = run(Exposure, {"classes": (0.1,)}, hazard=depth, exposed=counts)
    assert values(result, "people")["0.1+"] == 60
    assert finding(result, "population-assumed-counts").severity == "warning"


def test_a_density_read_as_counts_is_refused_with_both_readings(tmp_path: Path, depth: Any) -> None:
    # A cell of 0.1 degrees has about 107 km2: 20 million people in each is no city.
    dense = raster(tmp_path, np.full((2, 2), 2e7), name="dense")
    with pytest.raises(Problem, match="80,000,000 people") as caught:
        run(Exposure, {"classes": (0.1,)}, hazard=depth, exposed=dense)
    assert "people/10ha" in str(caught.value)
    stated = run(Exposure, {"classes": (0.1,), "population": "counts"}, hazard=depth, exposed=dense)
    assert values(stated, "people")["not_exposed"] == 2e7


def test_densities_are_people_on_true_ground(tmp_path: Path, depth: Any) -> None:
    density = raster(tmp_path, np.full((2, 2), 3.0), name="density")
    whole = {}
    for unit in ("people/km2", "people/ha", "people/10ha", "people/m2"):
        result = run(
            Exposure, {"classes": (0.1,), "population": f"density:{unit}"}, hazard=depth, exposed=density
        )
        whole[unit] = sum(value or 0 for value in values(result, "people").values())
    ground = run(Exposure, {"classes": (0.1,)}, hazard=depth)
    km2 = sum(value or 0 for value in values(ground, "area_km2").values())
    assert whole["people/km2"] == pytest.approx(3 * km2, rel=1e-9)
    assert whole["people/ha"] == pytest.approx(300 * km2, rel=1e-9)
    assert whole["people/10ha"] == pytest.approx(30 * km2, rel=1e-9)
    assert whole["people/m2"] == pytest.approx(3e6 * km2, rel=1e-9)


def test_areas_take_the_exact_share_of_each_cell(depth: Any, counts: Any) -> None:
    areas = vector(
        [box(70, 29.8, 70.05, 30), box(70.05, 29.8, 70.15, 30), box(70.1, 29.8, 70.15, 30)],
        {"id": ["a", "b", "c"]},
        roles={"pcode": "id"},
    )
    result = run(
        Exposure, {"classes": (0.1,), "population": "counts"}, hazard=depth, exposed=counts, areas=areas
    )
    assert_adds_up(result)
    expected = {
        "a": [5, 20, 0],
        "b": [5, 30, 40],
        "c": [0, 10, 40],
        "outside": [0, 10, 40],
        "overlap": [0, -10, -40],
    }
    for area, numbers in expected.items():
        assert list(values(result, "people", area).values()) == pytest.approx(numbers, abs=1e-9)
    assert result.layers[0].data.frame["people_0.1+"].tolist() == pytest.approx([20, 30, 10])


def test_hazard_polygons_take_the_exact_share_too(counts: Any) -> None:
    flood = vector([box(70.05, 29.8, 70.15, 30), box(70.1, 29.9, 70.2, 30)], {"level": [1, 2]}, name="extent")
    areas = vector([box(70, 29.8, 70.1, 30), box(70.1, 29.8, 70.12, 30)])
    result = run(
        Exposure,
        {"hazard_class": "level", "population": "counts"},
        hazard=flood,
        exposed=counts,
        areas=areas,
    )
    assert_adds_up(result)
    assert values(result, "people") == {
        "not_exposed": pytest.approx(150 - 65 - 20),
        "1": pytest.approx(25 + 40),
        "2": pytest.approx(20),
        "unknown": 0,
    }
    assert list(values(result, "people", "1").values()) == pytest.approx([25, 25, 0, 0])
    assert list(values(result, "people", "2").values()) == pytest.approx([0, 16, 4, 0])
    assert list(values(result, "people", "outside").values()) == pytest.approx([40, 24, 16, 0])
    plain = run(Exposure, {"population": "counts"}, hazard=flood, exposed=counts)
    assert values(plain, "people")["exposed"] == pytest.approx(85)


def test_overlapping_areas_under_hazard_polygons(counts: Any) -> None:
    flood = vector([box(70.02, 29.82, 70.18, 29.98)])
    areas = vector([box(70, 29.8, 70.12, 30), box(70.05, 29.8, 70.2, 30), box(70.07, 29.8, 70.11, 29.9)])
    result = run(Exposure, {"population": "counts"}, hazard=flood, exposed=counts, areas=areas)
    assert_adds_up(result)
    assert values(result, "people", "overlap")["exposed"] < 0


def test_people_beyond_the_hazard_raster_are_unknown(tmp_path: Path, counts: Any) -> None:
    half = raster(tmp_path, np.array([[1.0], [1.0]]))
    result = run(Exposure, {"classes": (0.1,), "population": "counts"}, hazard=half, exposed=counts)
    assert values(result, "people") == {"not_exposed": 0, "0.1+": 50, "unknown": 100}


def test_no_overlap_is_all_unknown_with_a_finding(tmp_path: Path, counts: Any) -> None:
    away = raster(tmp_path, DEPTH, west=10, north=10)
    for hazard, params in ((away, {"classes": (0.1,)}), (vector([box(10, 10, 11, 11)]), {})):
        result = run(Exposure, {**params, "population": "counts"}, hazard=hazard, exposed=counts)
        assert "no-overlap" in codes(result)
        found = values(result, "people")
        assert found["unknown"] == 150
        assert sum(value or 0 for value in found.values()) == 150


def test_areas_beyond_the_population_raster_are_named(depth: Any, counts: Any) -> None:
    areas = vector([box(70, 29.8, 70.1, 30), box(70.1, 29, 70.3, 30)])
    result = run(
        Exposure, {"classes": (0.1,), "population": "counts"}, hazard=depth, exposed=counts, areas=areas
    )
    assert finding(result, "areas-beyond-population").rows == (2,)


@pytest.mark.parametrize("word", ["people", "density", "density:people/acre", "count"])
def test_an_unknown_reading_is_a_problem(depth: Any, counts: Any, word: str) -> None:
    with pytest.raises(Problem, match=f"“{word}”") as caught:
        run(Exposure, {"classes": (0.1,), "population": word}, hazard=depth, exposed=counts)
    assert "density:people/10ha" in str(caught.value)


def test_a_people_column_of_a_raster_is_a_problem(depth: Any, counts: Any) -> None:
    with pytest.raises(Problem, match="is a raster"):
        run(Exposure, {"classes": (0.1,), "people": "pop"}, hazard=depth, exposed=counts)


def test_a_world_of_polygons_on_a_projected_raster(tmp_path: Path) -> None:
    counts = raster(
        tmp_path, COUNTS, west=500_000, north=3_300_000, cell=1000, crs="EPSG:32642", name="population"
    )
    halves = [box(-180, -90, 69.01, 90), box(69.01, -90, 180, 90)]
    result = run(
        Exposure,
        {"population": "counts"},
        hazard=vector([halves[1], box(-179, 0, -100, 50)]),
        exposed=counts,
        areas=vector(halves),
    )
    assert_adds_up(result)
    assert values(result, "people", "2") == {
        "not_exposed": pytest.approx(0, abs=1e-9),
        "exposed": values(result, "people")["exposed"],
        "unknown": 0,
    }
    assert sum(value or 0 for value in values(result, "people").values()) == 150
    assert finding(result, "areas-beyond-population").count == 2


def test_in_metres_with_areas_in_degrees(tmp_path: Path) -> None:
    utm = "EPSG:32642"
    depth = raster(tmp_path, DEPTH, west=500_000, north=3_300_000, cell=1000, crs=utm)
    counts = raster(tmp_path, COUNTS, west=500_000, north=3_300_000, cell=1000, crs=utm, name="population")
    areas = vector([box(68.9, 29.0, 69.01, 30), box(69.01, 29.0, 69.5, 30)])
    for hazard, params in ((depth, {"classes": (0.1,)}), (vector([box(69.005, 29, 69.5, 30)]), {})):
        result = run(Exposure, {**params, "population": "counts"}, hazard=hazard, exposed=counts, areas=areas)
        assert_adds_up(result)
        assert abs(values(result, "people", "outside")["not_exposed"] or 0) < 1e-9


@pytest.mark.parametrize(
    ("unit", "severity"),
    [
        ("people per cell", "info"),
        ("Persons / pixel", "info"),
        ("people", "info"),
        ("count", "info"),
        ("people per km²", "warning"),
        ("m", "warning"),
        ("", "warning"),
    ],
)
def test_a_unit_in_the_file_counts_as_said(depth: Any, counts: Any, unit: str, severity: str) -> None:
    result = run(Exposure, {"classes": (0.1,)}, hazard=depth, exposed=replace(counts, unit=unit))
    assert values(result, "people")["0.1+"] == 60
    said = finding(result, "population-assumed-counts")
    assert said.severity == severity
    assert unit in said.message


def test_a_stated_density_read_as_counts_is_said_with_both_totals(depth: Any, counts: Any) -> None:
    stated = replace(counts, unit="persons per hectare")
    said = finding(
        run(Exposure, {"classes": (0.1,)}, hazard=depth, exposed=stated), "population-assumed-counts"
    )
    assert "“persons per hectare”, a density" in said.message
    assert "--population density:people/ha" in said.message
    density = run(
        Exposure, {"classes": (0.1,), "population": "density:people/ha"}, hazard=depth, exposed=stated
    )
    total = sum(value or 0 for value in values(density, "people").values())
    assert f"{total:,.0f} people" in said.message
    assert "150 in all" in said.message


def test_a_refusal_leads_with_the_stated_unit_and_leaves_out_what_no_one_believes(
    tmp_path: Path, depth: Any
) -> None:
    dense = replace(raster(tmp_path, np.full((2, 2), 2e5), cell=0.01, name="dense"), unit="people/10ha")
    with pytest.raises(Problem) as caught:
        run(Exposure, {"classes": (0.1,)}, hazard=depth, exposed=dense)
    assert "--population density:people/10ha (or" in caught.value.fix
    quarter = raster(tmp_path, np.full((2, 2), 9e4), cell=0.001, name="quarter")
    with pytest.raises(Problem) as caught:
        run(Exposure, {"classes": (0.1,)}, hazard=depth, exposed=quarter)
    assert "as people/km2" in caught.value.detail
    assert "as people/m2" not in caught.value.detail
