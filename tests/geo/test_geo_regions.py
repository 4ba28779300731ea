"""Hazard polygons: every place in one class, cut by areas without loss."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from handles import finding, vector
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, MultiPolygon, Point, box

from migmap.api import Problem
from migmap.geo.areas import area_set
from migmap.geo.crs import WGS84
from migmap.geo.ground import ground_area_m2
from migmap.geo.regions import cut_by_areas, hazard_polygons


def ground(shapes: np.ndarray) -> np.ndarray:
    return np.asarray(ground_area_m2(shapes, WGS84))


def test_without_a_class_column_all_is_exposed() -> None:
    hazard = hazard_polygons(vector([box(70, 29, 71, 30), box(70.5, 29, 71.5, 30)]), None)
    assert hazard.labels == ("exposed",)
    regions = hazard.regions(WGS84)
    assert ground(regions.shapes).sum() == pytest.approx(
        ground(np.array([box(70, 29, 71.5, 30)]))[0], rel=1e-12
    )
    assert hazard.findings == ()


def test_numbers_rise_and_the_highest_wins() -> None:
    data = vector([box(0, 0, 2, 2), box(1, 0, 3, 2), box(5, 5, 6, 6)], {"c": [10.0, 2.0, 2.0]})
    hazard = hazard_polygons(data, "c")
    assert hazard.labels == ("2", "10")
    assert hazard.at(np.array([[1.5, 1], [2.5, 1], [9, 9], [np.nan, np.nan]])).tolist() == [1, 0, -1, -1]
    assert finding(hazard, "hazard-overlap").rows == (1, 2)
    regions = hazard.regions(WGS84)
    assert ground(regions.shapes[regions.codes == 1]).sum() == pytest.approx(
        ground(np.array([box(0, 0, 2, 2)]))[0], rel=1e-12
    )


def test_words_keep_file_order_and_the_first_wins() -> None:
    data = vector([box(0, 0, 2, 2), box(1, 0, 3, 2)], {"c": ["severe", "mild"]})
    hazard = hazard_polygons(data, "c")
    assert hazard.labels == ("severe", "mild")
    assert hazard.at(np.array([[1.5, 1]])).tolist() == [0]


def test_a_border_counts_as_inside_once() -> None:
    data = vector([box(0, 0, 1, 1), box(1, 0, 2, 1)], {"c": [1, 2]})
    hazard = hazard_polygons(data, "c")
    assert hazard.at(np.array([[1, 0.5], [2, 0.5], [0, 0]])).tolist() == [1, 1, 0]
    assert hazard.findings == ()


def test_rows_without_a_class_are_unknown_ground_that_any_class_overrules() -> None:
    data = vector([box(0, 0, 2, 2), box(1, 0, 3, 2)], {"c": [None, 1.0]})
    hazard = hazard_polygons(data, "c")
    assert finding(hazard, "hazard-class-unknown").rows == (1,)
    assert hazard.at(np.array([[0.5, 1], [1.5, 1]])).tolist() == [1, 0]


def test_rows_without_polygons_are_set_aside_and_a_layer_of_them_is_a_problem() -> None:
    hazard = hazard_polygons(vector([None, box(0, 0, 1, 1), LineString([(0, 0), (1, 1)])]), None)
    assert finding(hazard, "hazard-without-shape").rows == (1, 3)
    with pytest.raises(Problem, match="no polygon"):
        hazard_polygons(vector([Point(0, 0)]), None)
    with pytest.raises(Problem, match="no column “depth”"):
        hazard_polygons(vector([box(0, 0, 1, 1)], {"c": [1]}), "depth")


def test_classes_that_differ_only_in_capitals_are_named() -> None:
    data = vector([box(0, 0, 1, 1), box(2, 0, 3, 1)], {"c": ["YES", "Yes"]})
    hazard = hazard_polygons(data, "c")
    assert hazard.labels == ("YES", "Yes")
    assert "“YES” and “Yes”" in finding(hazard, "hazard-class-spelling").message


def test_a_class_in_many_touching_parts_is_all_there() -> None:
    parts = MultiPolygon([box(i, j, i + 1, j + 1) for i in range(4) for j in range(4) if (i + j) % 2])
    hazard = hazard_polygons(vector([parts]), None)
    assert len(hazard.parts) == 8
    assert shapely.area(hazard.regions(WGS84).shapes).sum() == pytest.approx(8)


corner = st.integers(0, 10)
side = st.integers(1, 5)
boxes = st.tuples(corner, corner, side, side).map(lambda t: box(t[0], t[1], t[0] + t[2], t[1] + t[3]))


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(boxes, st.sampled_from([None, 1.0, 2.0, 3.0])), min_size=1, max_size=6),
    st.lists(st.tuples(boxes, st.sampled_from(["A", "B", "C", None])), min_size=1, max_size=6),
)
def test_every_cut_adds_up_and_matches_plain_overlay(hazards: list, areas: list) -> None:
    hazard = hazard_polygons(vector([h for h, _ in hazards], {"c": [c for _, c in hazards]}), "c")
    chosen = area_set(vector([a for a, _ in areas], {"id": [i for _, i in areas]}), "id")
    regions = hazard.regions(WGS84)
    cut = cut_by_areas(regions, chosen, shapely.area)
    total = cut.everything.sum()
    assert cut.areas.sum(axis=0) + cut.outside + cut.overlap == pytest.approx(cut.everything, abs=1e-9)
    assert total == pytest.approx(shapely.union_all([h for h, _ in hazards]).area, abs=1e-9)
    everywhere = shapely.union_all(chosen.shapes)
    for code in range(regions.count):
        own = shapely.union_all(regions.shapes[regions.codes == code])
        assert cut.outside[code] == pytest.approx(shapely.difference(own, everywhere).area, abs=1e-9)
        for i, shape in enumerate(chosen.shapes):
            expected = shapely.intersection(own, shape).area
            assert cut.areas[i, code] == pytest.approx(expected, abs=1e-9)
    assert (cut.outside >= 0).all()
    assert (cut.overlap <= 0).all()


@settings(max_examples=20, deadline=None)
@given(st.lists(boxes, min_size=1, max_size=4), st.lists(boxes, max_size=4))
def test_several_amounts_at_once_are_each_what_they_are_alone(hazards: list, areas: list) -> None:
    hazard = hazard_polygons(vector(hazards, {"c": list(range(len(hazards)))}), "c")
    chosen = area_set(vector(areas)) if areas else None
    regions = hazard.regions(WGS84)

    def centre(shapes: np.ndarray) -> np.ndarray:
        return shapely.area(shapes) * shapely.get_x(shapely.centroid(shapes))

    both = cut_by_areas(regions, chosen, lambda shapes: np.column_stack([centre(shapes), ground(shapes)]))
    for column, measure in enumerate((centre, ground)):
        alone = cut_by_areas(regions, chosen, measure)
        for name in ("everything", "areas", "outside", "overlap"):
            got = getattr(both, name)
            assert got.shape == (*getattr(alone, name).shape, 2)
            assert (got[..., column] == getattr(alone, name)).all()


def test_progress_never_runs_back_and_every_call_can_end_a_cut() -> None:
    cells = [box(i, j, i + 1, j + 1) for i in range(6) for j in range(6)]
    regions = hazard_polygons(vector([box(0.5, 0.5, 5.5, 5.5), box(9, 9, 9.5, 9.5)]), None).regions(WGS84)
    areas = area_set(vector([*cells, box(2, 2, 4, 4)]))
    calls: list[float] = []

    def note(fraction: float, text: str) -> None:
        assert text
        calls.append(fraction)

    cut_by_areas(regions, areas, ground, note)
    assert calls == sorted(calls)
    assert len(calls) > 10

    def stop(fraction: float, text: str) -> None:
        note(fraction, text)
        raise KeyboardInterrupt

    calls.clear()
    with pytest.raises(KeyboardInterrupt):
        cut_by_areas(regions, areas, ground, stop)
    assert len(calls) == 1
