"""Invalid polygons: made valid, no ground lost, and said."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from handles import vector
from shapely.geometry import GeometryCollection, LineString, MultiPolygon, Point, Polygon, box

from migmap.geo.crs import WGS84
from migmap.geo.ground import ground_area_m2
from migmap.geo.repair import meeting_pairs, repaired, split_into_groups, valid_polygon

BOW_TIE = Polygon([(70, 30), (71, 31), (71, 30), (70, 31)])


def km2(shape: object) -> float:
    return float(ground_area_m2(np.array([shape], dtype=object), WGS84)[0]) / 1e6


def test_a_sound_layer_is_handed_back_as_it_is() -> None:
    data = vector([box(70, 30, 71, 31), Point(70, 30), None])
    assert repaired(data) is data


def test_a_bow_tie_is_repaired_and_its_row_named() -> None:
    data = repaired(vector([box(70, 30, 71, 31), BOW_TIE]))
    assert data.frame.geometry.is_valid.all()
    (finding,) = data.findings
    assert (finding.code, finding.count, finding.rows) == ("geometry-repaired", 1, (2,))
    assert "before" in finding.message
    assert "after" in finding.message
    assert repaired(data) is data


def test_a_shell_that_touches_itself_keeps_its_ground() -> None:
    # Two squares joined in one ring that runs twice through one point.
    ring = [(70, 30), (71, 30), (71, 31), (72, 31), (72, 32), (71, 32), (71, 31), (70, 31), (70, 30)]
    shape = Polygon(ring)
    assert not shape.is_valid
    fixed = valid_polygon(shape)
    assert km2(fixed) == pytest.approx(km2(box(70, 30, 71, 31)) + km2(box(71, 31, 72, 32)), rel=1e-12)


def test_ground_covered_twice_is_kept_once_and_never_becomes_a_hole() -> None:
    twice = MultiPolygon([box(70, 30, 72, 32), box(70.5, 30.5, 71, 31)])
    assert not twice.is_valid
    assert km2(valid_polygon(twice)) == pytest.approx(km2(box(70, 30, 72, 32)), rel=1e-12)


def test_parts_that_share_an_edge_become_one() -> None:
    pair = MultiPolygon([box(70, 30, 71, 31), box(71, 30, 72, 31)])
    fixed = valid_polygon(pair)
    assert fixed.geom_type == "Polygon"
    assert km2(fixed) == pytest.approx(km2(box(70, 30, 72, 31)), rel=1e-12)


def test_many_parts_with_one_bad_ring_give_what_geos_gives() -> None:
    parts = [box(70 + 0.1 * i, 30, 70.05 + 0.1 * i, 30.05) for i in range(50)]
    whole = MultiPolygon([*parts, BOW_TIE.buffer(0), Polygon([(80, 30), (81, 31), (81, 30), (80, 31)])])
    fixed = valid_polygon(whole)
    assert fixed.is_valid
    assert shapely.equals(fixed, shapely.make_valid(whole, method="structure"))


def test_stray_lines_and_points_are_dropped() -> None:
    mixed = GeometryCollection([box(70, 30, 71, 31), LineString([(70, 30), (75, 30)]), Point(1, 1)])
    data = repaired(vector([mixed]))
    assert data.frame.geometry[0].geom_type == "Polygon"


def test_what_is_left_with_nothing_has_no_position() -> None:
    flat = Polygon([(70, 30), (71, 31), (70, 30)])
    data = repaired(vector([flat, box(70, 30, 71, 31), Point(np.inf, 1)]))
    assert data.frame.geometry[0] is None
    assert data.frame.geometry[2] is None
    (finding,) = data.findings
    assert (finding.code, finding.count, finding.rows) == ("geometry-unusable", 2, (1, 3))


def test_heights_are_dropped_and_said_unless_they_say_nothing() -> None:
    data = repaired(vector([Point(70, 30, 5), Point(70, 30, 0), Point(70, 30)]))
    assert not data.frame.geometry.has_z.any()
    (finding,) = data.findings
    assert (finding.code, finding.count, finding.rows) == ("heights-dropped", 1, (1,))
    assert repaired(vector([Point(70, 30, 0)])).findings == ()


def test_points_beside_polygons_in_one_shape_are_left_out_and_said() -> None:
    both = GeometryCollection([box(70, 30, 71, 31), Point(75, 35)])
    data = repaired(vector([both, box(72, 30, 73, 31)]))
    assert data.frame.geometry.iloc[0].equals(box(70, 30, 71, 31))
    (finding,) = data.findings
    assert (finding.code, finding.count, finding.rows) == ("polygons-only", 1, (1,))


def test_pairs_that_meet_are_all_found() -> None:
    rng = np.random.default_rng(5)
    corners = rng.uniform(0, 10, (60, 2))
    shapes = np.array([box(x, y, x + 1.5, y + 1.5) for x, y in corners], dtype=object)
    a, b = meeting_pairs(shapes)
    expected = {
        (i, j) for i in range(60) for j in range(i + 1, 60) if shapely.intersects(shapes[i], shapes[j])
    }
    assert set(zip(a.tolist(), b.tolist(), strict=True)) == expected


def test_groups_hold_who_is_connected() -> None:
    lone, groups = split_into_groups(7, np.array([0, 4, 5]), np.array([2, 5, 6]))
    assert lone.tolist() == [1, 3]
    assert [group.tolist() for group in groups] == [[0, 2], [4, 5, 6]]


def test_shapes_across_longitude_180_are_said_and_maps_of_the_world_are_not() -> None:
    across = shapely.Polygon([(179, -17), (-179, -17), (-179, -16), (179, -16)])
    polar = shapely.Polygon([(-180, 60), (180, 60), (180, 90), (-180, 90)])
    wide = shapely.Polygon([(-170, 10), (0, 12), (170, 10), (0, 8)])
    cut = shapely.MultiPolygon([shapely.box(179, -17, 180, -16), shapely.box(-180, -17, -179, -16)])
    line = shapely.LineString([(178, 0), (-178, 1)])
    data = vector([across, polar, wide, cut, line, None])
    found = [one for one in repaired(data).findings if one.code == "shape-across-180"]
    assert [one.rows for one in found] == [(1, 5)]
    again = repaired(repaired(data))
    assert [one.code for one in again.findings].count("shape-across-180") == 1
