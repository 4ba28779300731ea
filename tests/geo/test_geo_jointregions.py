"""Several hazards of polygons at once: every place in one combination, no ground lost or doubled."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyproj
import pytest
import shapely
from handles import real, vector
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import MultiPolygon, Polygon, box

from migmap.geo.areas import area_set
from migmap.geo.crs import WGS84
from migmap.geo.ground import ground_area_m2
from migmap.geo.jointcolumns import JointColumns, joint_columns
from migmap.geo.jointregions import JointRegions, joint_regions
from migmap.geo.regions import HazardPolygons, cut_by_areas, hazard_polygons


def hazard_of(shapes: list, values: list | None = None) -> HazardPolygons:
    return hazard_polygons(vector(shapes, {"c": values} if values else None), "c" if values else None)


def ground(shapes: np.ndarray, crs: pyproj.CRS = WGS84) -> np.ndarray:
    return np.asarray(ground_area_m2(shapes, crs))


def amounts(found: JointRegions, measure: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    return np.bincount(found.regions.codes, measure(found.regions.shapes), minlength=len(found.combos))


def assert_each_hazard_is_whole(
    found: JointRegions, hazards: list[HazardPolygons], measure: Callable[[np.ndarray], np.ndarray]
) -> None:
    """Combinations with hazard h in class c add up to the ground of that class alone."""
    each = amounts(found, measure)
    for h, hazard in enumerate(hazards):
        own = hazard.regions(found.regions.crs)
        alone = np.bincount(own.codes, measure(own.shapes), minlength=own.count)
        for code in range(own.count):
            assert each[found.combos[:, h] == code].sum() == pytest.approx(
                alone[code], rel=1e-9, abs=1e-12 * alone.sum()
            )


def test_two_hazards_make_three_combinations() -> None:
    hazards = [hazard_of([box(0, 0, 2, 2)]), hazard_of([box(1, 0, 3, 2)])]
    found = joint_regions(hazards, WGS84)
    # class 0 of each is "exposed", 2 is outside
    assert found.combos.tolist() == [[0, 0], [0, 2], [2, 0]]
    assert found.combos.dtype == np.int16
    assert amounts(found, shapely.area).tolist() == [2, 2, 2]
    assert_each_hazard_is_whole(found, hazards, ground)


def test_a_hazard_alone_is_its_regions() -> None:
    hazard = hazard_of([box(0, 0, 2, 2), box(1, 0, 3, 2)], [1, None])
    found = joint_regions([hazard], WGS84)
    own = hazard.regions(WGS84)
    assert found.combos.tolist() == [[0], [1]]
    assert amounts(found, shapely.area).tolist() == np.bincount(own.codes, shapely.area(own.shapes)).tolist()


def test_hazards_apart_or_side_by_side_share_nothing() -> None:
    for other in (box(5, 5, 6, 6), box(1, 0, 2, 1), box(1, 1, 2, 2)):
        found = joint_regions([hazard_of([box(0, 0, 1, 1)]), hazard_of([other])], WGS84)
        assert found.combos.tolist() == [[0, 2], [2, 0]]


def test_one_hazard_in_the_hole_of_another_and_equal_ones() -> None:
    ring = Polygon(box(0, 0, 4, 4).exterior, [box(1, 1, 3, 3).exterior])
    found = joint_regions([hazard_of([ring]), hazard_of([box(1, 1, 3, 3)])], WGS84)
    assert found.combos.tolist() == [[0, 2], [2, 0]]
    assert amounts(found, shapely.area).tolist() == [12, 4]
    same = joint_regions([hazard_of([ring]), hazard_of([ring]), hazard_of([ring])], WGS84)
    assert same.combos.tolist() == [[0, 0, 0]]


corner = st.integers(0, 10)
side = st.integers(1, 5)
boxes = st.tuples(corner, corner, side, side).map(lambda t: box(t[0], t[1], t[0] + t[2], t[1] + t[3]))
thousandths = st.integers(0, 10_000).map(lambda n: n / 1000)
ragged = st.tuples(thousandths, thousandths, st.integers(1, 40), thousandths).map(
    lambda t: shapely.affinity.rotate(box(t[0], t[1], t[0] + t[2] / 10, t[1] + 1), t[3] * 9)
)
layer = st.lists(
    st.tuples(st.one_of(boxes, ragged), st.sampled_from([None, 1.0, 2.0])), min_size=1, max_size=5
)


@settings(max_examples=60, deadline=None)
@given(st.lists(layer, min_size=1, max_size=3))
def test_combinations_share_no_ground_and_lose_none(layers: list) -> None:
    hazards = [hazard_of([s for s, _ in one], [c for _, c in one]) for one in layers]
    found = joint_regions(hazards, WGS84)
    assert len(np.unique(found.combos, axis=0)) == len(found.combos)
    assert (shapely.get_type_id(found.regions.shapes) == 3).all()
    assert shapely.is_valid(found.regions.shapes).all()
    everything = shapely.union_all([s for one in layers for s, _ in one])
    assert shapely.area(found.regions.shapes).sum() == pytest.approx(everything.area, rel=1e-9)
    assert_each_hazard_is_whole(found, hazards, shapely.area)
    # the class of each piece is what the hazard says at a point in it
    inner = shapely.get_coordinates(shapely.point_on_surface(found.regions.shapes))
    clear = np.array(
        [
            shapely.distance(p.boundary, q) > 1e-6
            for p, q in zip(found.regions.shapes, shapely.points(inner), strict=True)
        ]
    )
    for h, hazard in enumerate(hazards):
        at = hazard.at(inner[clear])
        said = np.where(at < 0, len(hazard.labels) + 1, at)
        assert found.combos[found.regions.codes[clear], h].tolist() == said.tolist()


@settings(max_examples=30, deadline=None)
@given(st.lists(layer, min_size=2, max_size=3), st.lists(boxes, min_size=1, max_size=3))
def test_joint_ground_by_area_keeps_inclusion_and_exclusion(layers: list, areas: list) -> None:
    hazards = [hazard_of([s for s, _ in one], [c for _, c in one]) for one in layers]
    found = joint_regions(hazards, WGS84)
    columns = JointColumns(len(hazards))
    exposed = [np.array([*[True] * len(hazard.labels), False]) for hazard in hazards]
    which = joint_columns(found.combos, exposed).astype(float)
    cut = cut_by_areas(found.regions, area_set(vector(areas)), ground)
    for amount in (cut.everything, *cut.areas, cut.outside):
        joint = amount @ which
        scale = max(float(amount.sum()), 1.0)
        single = [amount[found.combos[:, h] < len(hazard.labels)].sum() for h, hazard in enumerate(hazards)]
        several = joint[1 : columns.count + 1] * np.arange(1, columns.count + 1)
        assert joint[: columns.count + 2].sum() == pytest.approx(amount.sum(), abs=1e-9 * scale)
        assert several.sum() == pytest.approx(sum(single), abs=1e-9 * scale)
        for i, j in itertools.combinations(range(columns.count), 2):
            known = (found.combos[:, i] < len(hazards[i].labels)) & (
                found.combos[:, j] < len(hazards[j].labels)
            )
            assert joint[columns.pair(i, j)] == pytest.approx(amount[known].sum(), abs=1e-9 * scale)


def test_progress_rises_and_every_call_can_end_it() -> None:
    cells = MultiPolygon([box(i, j, i + 0.9, j + 0.9) for i in range(6) for j in range(6)])
    hazards = [hazard_of([cells]), hazard_of([box(0.5, 0.5, 5, 5)])]
    calls: list[float] = []

    def note(fraction: float, text: str) -> None:
        assert text
        calls.append(fraction)

    joint_regions(hazards, WGS84, progress=note)
    assert calls == sorted(calls)
    assert len(calls) > 10
    for last in (0, len(calls) // 2, len(calls) - 1):
        left = iter(range(last))

        def stop(*_: object, left: object = left) -> None:
            if next(left, None) is None:  # type: ignore[call-overload]
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            joint_regions(hazards, WGS84, progress=stop)


def test_the_flood_of_2022_and_the_warned_watersheds(shared_data: Callable[[str], Path]) -> None:
    folder = shared_data("pk-unosat-viirs-2022")
    hazards = [
        hazard_polygons(real(folder / "VIIRS_20220825_20220831_FloodExtent_PAK.shp"), None),
        hazard_polygons(real(folder / "20220826_warning.geojson"), "Alert"),
    ]
    found = joint_regions(hazards, WGS84)
    assert_each_hazard_is_whole(found, hazards, ground)
