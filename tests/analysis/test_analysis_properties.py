"""What must hold whatever the data: additivity, areas that change nothing, thresholds that only lower."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from handles import assert_adds_up, raster, run, values, vector
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Point, box

from migmap.analysis.exposure import Exposure

# A lattice of tenths of a degree makes shared borders, corners and sites on them common.
place = st.integers(0, 12)
side = st.integers(1, 6)


def tile(west: int, south: int, width: int, height: int) -> Any:
    return box(70 + west / 10, 29 + south / 10, 70 + (west + width) / 10, 29 + (south + height) / 10)


tiles = st.builds(tile, place, place, side, side)
areas_of = st.lists(st.tuples(tiles, st.sampled_from(["A", "B", "C", None])), min_size=1, max_size=5)
sites_of = st.lists(
    st.one_of(st.none(), st.builds(lambda x, y: Point(70 + x / 20, 29 + y / 20), *[st.integers(0, 40)] * 2)),
    min_size=1,
    max_size=15,
)
people_of = st.one_of(st.none(), st.integers(0, 5000))
floods = st.lists(st.tuples(tiles, st.sampled_from([None, 1, 2])), min_size=1, max_size=4)
cells = st.lists(st.sampled_from([np.nan, 0.0, 0.1, 0.3, 0.5, 2.0]), min_size=36, max_size=36)


def areas_layer(areas: list[Any]) -> Any:
    return vector([shape for shape, _ in areas], {"id": [i for _, i in areas]}, roles={"pcode": "id"})


def cut_in_two(areas: list[Any]) -> list[Any]:
    """Every area in two rows of one id where it has one, in reverse order."""
    halves = []
    for shape, name in areas:
        west, south, east, north = shape.bounds
        middle = (west + east) / 2
        halves.append((shapely.intersection(shape, box(west, south, middle, north)), name))
        halves.append((shapely.intersection(shape, box(middle, south, east, north)), name))
    return halves[::-1]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("rasters")


def same_everything(one: Any, other: Any, metric: str, but: tuple[str, ...] = ()) -> None:
    first, second = values(one, metric), values(other, metric)
    assert set(first) == set(second)
    for label, value in first.items():
        if label not in but:
            assert second[label] == pytest.approx(value, rel=1e-9, abs=1e-9), label


@settings(max_examples=25, deadline=None)
@given(st.data(), floods, areas_of, sites_of)
def test_sites_in_polygons(
    data: st.DataObject, flood: list[Any], areas: list[Any], points: list[Any]
) -> None:
    people = data.draw(st.lists(people_of, min_size=len(points), max_size=len(points)))
    params: dict[str, Any] = {"hazard_class": "level"}
    if any(count is not None for count in people):
        params["people"] = "people"
    hazard = vector([shape for shape, _ in flood], {"level": [level for _, level in flood]})
    sites = vector(points, {"people": people})
    plain = run(Exposure, params, hazard=hazard, exposed=sites)
    result = run(Exposure, params, hazard=hazard, exposed=sites, areas=areas_layer(areas))
    assert_adds_up(result)
    assert sum(value or 0 for value in values(result, "sites").values()) == len(points)
    other = run(Exposure, params, hazard=hazard, exposed=sites, areas=areas_layer(cut_in_two(areas)))
    assert_adds_up(other)
    for metric in ("sites", *(("people",) if "people" in params else ())):
        same_everything(plain, result, metric)
        same_everything(plain, other, metric)
        assert sum(v or 0 for v in values(plain, metric).values()) == (
            len(points) if metric == "sites" else sum(count or 0 for count in people)
        )
    # Row order of the sites means nothing.
    backwards = vector(points[::-1], {"people": people[::-1]})
    turned = run(Exposure, params, hazard=hazard, exposed=backwards, areas=areas_layer(areas))
    assert [row.value for row in turned.metrics] == [row.value for row in result.metrics]


@settings(max_examples=20, deadline=None)
@given(floods, areas_of)
def test_ground_of_polygons(flood: list[Any], areas: list[Any]) -> None:
    params = {"hazard_class": "level"}
    hazard = vector([shape for shape, _ in flood], {"level": [level for _, level in flood]})
    plain = run(Exposure, params, hazard=hazard)
    result = run(Exposure, params, hazard=hazard, areas=areas_layer(areas))
    other = run(Exposure, params, hazard=hazard, areas=areas_layer(cut_in_two(areas)))
    assert_adds_up(result, 1e-9)
    assert_adds_up(other, 1e-9)
    same_everything(plain, result, "area_km2", but=("not_exposed", "unknown"))
    same_everything(result, other, "area_km2")
    assert all((row.value or 0) >= 0 for row in result.metrics if row.area != "overlap")


@settings(max_examples=20, deadline=None)
@given(cells, areas_of)
def test_ground_and_people_of_a_raster(folder: Path, cells: list[float], areas: list[Any]) -> None:
    hazard = raster(folder, np.array(cells).reshape(6, 6), west=70.3, north=30.1)
    counts = raster(folder, np.arange(64.0).reshape(8, 8), west=70.25, north=30.05, name="population")
    params = {"classes": (0.1, 0.5), "population": None}
    with_people = {**params, "population": "counts"}
    plain = run(Exposure, params, hazard=hazard)
    result = run(Exposure, params, hazard=hazard, areas=areas_layer(areas))
    assert_adds_up(result, 1e-9)
    same_everything(plain, result, "area_km2", but=("unknown",))
    people = run(Exposure, with_people, hazard=hazard, exposed=counts)
    split = run(Exposure, with_people, hazard=hazard, exposed=counts, areas=areas_layer(cut_in_two(areas)))
    assert_adds_up(split)
    same_everything(people, split, "people")
    assert sum(value or 0 for value in values(people, "people").values()) == pytest.approx(64 * 63 / 2)


@settings(max_examples=20, deadline=None)
@given(cells, st.lists(st.sampled_from([0.05, 0.1, 0.3, 0.5, 1.0]), min_size=2, max_size=2, unique=True))
def test_a_higher_threshold_never_exposes_more(folder: Path, cells: list[float], edges: list[float]) -> None:
    hazard = raster(folder, np.array(cells).reshape(6, 6))
    low, high = sorted(edges)
    sites = vector([Point(70.05 + 0.1 * c, 29.95 - 0.1 * r) for r in range(6) for c in range(6)])
    for extra, metric in (({}, "area_km2"), ({"exposed": sites}, "sites")):
        found = [
            values(run(Exposure, {"classes": (edge,)}, hazard=hazard, **extra), metric)[f"{edge:g}+"]
            for edge in (low, high)
        ]
        assert (found[0] or 0) >= (found[1] or 0) - 1e-9


@settings(max_examples=15, deadline=None)
@given(floods, areas_of)
def test_people_under_polygons(folder: Path, flood: list[Any], areas: list[Any]) -> None:
    counts = raster(folder, np.arange(64.0).reshape(8, 8), west=70.25, north=30.05, name="population")
    params = {"hazard_class": "level", "population": "counts"}
    hazard = vector([shape for shape, _ in flood], {"level": [level for _, level in flood]})
    plain = run(Exposure, params, hazard=hazard, exposed=counts)
    result = run(Exposure, params, hazard=hazard, exposed=counts, areas=areas_layer(areas))
    assert_adds_up(result)
    same_everything(plain, result, "people")
    assert sum(value or 0 for value in values(plain, "people").values()) == pytest.approx(64 * 63 / 2)
