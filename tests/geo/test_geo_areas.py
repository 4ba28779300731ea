"""Areas: ids, names, what they share, and which points lie in them."""

from __future__ import annotations

import numpy as np
import pyproj
import pytest
from handles import finding, vector
from shapely.geometry import Point, box

from migmap.api import Problem
from migmap.geo.areas import area_set
from migmap.geo.columns import as_text
from migmap.geo.crs import WGS84
from migmap.geo.ground import ground_area_m2

WEST, EAST = box(70, 29, 71, 30), box(71, 29, 72, 30)


def ground(shape: object) -> float:
    return float(ground_area_m2(np.array([shape], dtype=object), WGS84)[0])


def test_without_an_id_column_areas_are_their_rows() -> None:
    areas = area_set(vector([WEST, EAST], {"title": ["a", "b"]}))
    assert areas.ids == ("1", "2")
    assert areas.level == "row"
    assert areas.names == ("1", "2")
    assert areas.findings == ()


def test_the_pcode_column_is_taken_unless_another_is_named() -> None:
    data = vector(
        [WEST, EAST],
        {"PCODE": ["PK1", "PK2"], "number": [7.0, 8.0], "label": ["West", None]},
        roles={"pcode": "PCODE", "name": "label"},
    )
    areas = area_set(data)
    assert (areas.ids, areas.level, areas.names) == (("PK1", "PK2"), "PCODE", ("West", "PK2"))
    assert area_set(data, "number").ids == ("7", "8")
    with pytest.raises(Problem, match="no column “pcode”") as caught:
        area_set(data, "pcode")
    assert "PCODE" in str(caught.value)


def test_an_area_without_id_is_named_after_its_row_in_the_file() -> None:
    data = vector([WEST, EAST, box(72, 29, 73, 30)], {"id": ["A", " ", None]})
    areas = area_set(data, "id")
    assert areas.ids == ("A", "row:2", "row:3")
    assert finding(areas, "area-without-id").rows == (2, 3)


def test_rows_that_share_an_id_are_one_area() -> None:
    data = vector([WEST, box(80, 29, 81, 30), EAST], {"id": ["A", "B", "A"]})
    areas = area_set(data, "id")
    assert areas.ids == ("A", "B")
    assert areas.ground_m2[0] == pytest.approx(ground(WEST) + ground(EAST), rel=1e-12)
    assert finding(areas, "area-ids-shared").rows == (1, 3)
    assert areas.rows.tolist() == [1, 2]


def test_words_that_results_use_are_not_taken_as_ids() -> None:
    areas = area_set(vector([WEST, EAST], {"id": ["outside", "overlap"]}), "id")
    assert areas.ids == ("id:outside", "id:overlap")
    assert finding(areas, "area-id-reserved").count == 2


def test_rows_without_a_polygon_are_set_aside_and_a_layer_of_them_is_a_problem() -> None:
    areas = area_set(vector([None, WEST, Point(1, 1)]))
    assert areas.ids == ("2",)
    assert finding(areas, "area-without-shape").rows == (1, 3)
    with pytest.raises(Problem, match="no polygon"):
        area_set(vector([Point(1, 1)]))


def test_touching_borders_are_no_overlap() -> None:
    areas = area_set(vector([WEST, EAST, box(70, 30, 72, 31)]))
    assert len(areas.overlaps.pairs) == 0
    assert areas.ground_together_m2 == pytest.approx(float(areas.ground_m2.sum()), rel=1e-12)


def test_overlapping_areas_are_named_the_largest_first() -> None:
    small, large = box(70.9, 29, 72, 30), box(71.5, 29, 73, 30)
    areas = area_set(vector([WEST, small, large], {"id": ["A", "B", "C"]}), "id")
    assert areas.overlaps.pairs.tolist() == [[1, 2], [0, 1]]
    assert [group.tolist() for group in areas.overlaps.groups] == [[0, 1, 2]]
    assert areas.ground_together_m2 == pytest.approx(ground(box(70, 29, 73, 30)), rel=1e-12)
    said = finding(areas, "areas-overlap")
    assert said.count == 2
    assert said.rows == (1, 2, 3)
    shared = (ground(box(71.5, 29, 72, 30)) + ground(box(70.9, 29, 71, 30))) / 1e6
    assert f"overlap by {shared:,.1f} km² in all. Each area keeps its own full figure" in said.message
    assert "The largest first: B and C (5,374.0 km²); A and B" in said.message


def test_members_count_borders_once_and_overlaps_each() -> None:
    areas = area_set(vector([WEST, EAST, box(70.5, 29.2, 70.8, 29.8)]))
    points = np.array(
        [
            [71.0, 29.5],  # on the border of the first two: the first in file order
            [70.6, 29.5],  # inside the first and the third
            [70.5, 29.5],  # on the third's border, inside the first
            [72.0, 29.5],  # on an outer border
            [75.0, 29.5],
            [np.nan, np.nan],
            [71.0, 30.0],  # a corner of two
        ]
    )
    point, area = areas.members(points)
    assert list(zip(point.tolist(), area.tolist(), strict=True)) == [
        (0, 0),
        (1, 0),
        (1, 2),
        (2, 0),
        (3, 1),
        (6, 0),
    ]


def test_order_decides_about_a_border() -> None:
    areas = area_set(vector([EAST, WEST]))
    _, area = areas.members(np.array([[71.0, 29.5]]))
    assert area.tolist() == [0]


def test_projected_areas_have_the_ground_of_their_own_edges() -> None:
    utm = pyproj.CRS.from_epsg(32642)
    square = box(500_000, 3_300_000, 520_000, 3_320_000)
    areas = area_set(vector([square], crs=utm))
    own = float(ground_area_m2(np.array([square], dtype=object), utm)[0])
    assert areas.ground_m2[0] == pytest.approx(own, rel=1e-7)
    assert areas.in_crs(utm) is areas
    assert areas.lonlat.in_crs(utm) is areas


def test_cells_as_text() -> None:
    assert [as_text(v) for v in (None, float("nan"), 101.0, 1.5, " x ", "", True, 7)] == [
        None,
        None,
        "101",
        "1.5",
        "x",
        None,
        "True",
        "7",
    ]
