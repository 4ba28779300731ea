"""From features to arrays: nothing lost, nothing moved, cut where it is not seen."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from handles import vector
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import GeometryCollection, LineString, MultiPoint, Point, Polygon, box

from migmap.api import Cancelled, Rule, Style, Symbol
from migmap.geo.drawlist import Outlines, prepared
from migmap.geo.symbology import OTHER, UNKNOWN
from migmap.geo.viewport import View, to_canvas

HOLED = Polygon([(60, 20), (70, 20), (70, 30), (60, 30)], [[(63, 23), (67, 23), (67, 27), (63, 27)]])


def polygons_of(outlines: Outlines) -> shapely.Geometry:
    """The drawn area, for comparison: rings of one part by even-odd, parts united."""
    found: dict[int, shapely.Geometry] = {}
    for ring in range(len(outlines.part)):
        xy = outlines.xy[outlines.offsets[ring] : outlines.offsets[ring + 1]]
        if len(np.unique(xy, axis=0)) < 3:
            continue
        piece = shapely.make_valid(Polygon(xy))
        part = int(outlines.part[ring])
        found[part] = found[part].symmetric_difference(piece) if part in found else piece
    return shapely.union_all(list(found.values()))


def test_every_sort_of_geometry_finds_its_list() -> None:
    data = vector(
        [
            Point(67, 30),
            MultiPoint([(68, 30), (69, 30)]),
            LineString([(60, 25), (61, 26)]),
            HOLED,
            None,
            GeometryCollection([Point(62, 31), box(70, 30, 71, 31)]),
        ]
    )
    found = prepared(data)
    assert found.point_row.tolist() == [0, 1, 1, 5]
    assert found.lines.row.tolist() == [2]
    assert found.polygons.row.tolist() == [3, 5]
    assert len(found.polygons.outlines.part) == 3
    assert found.points[0] == pytest.approx(to_canvas(67, 30))
    assert np.isnan(found.boxes[4]).all()
    assert found.extent is not None
    assert found.extent.west == pytest.approx(to_canvas(60, 0)[0])


@pytest.mark.parametrize("shapes", [[], [None, None], [Polygon()]])
def test_a_layer_without_positions_is_drawn_as_nothing(shapes: list[object]) -> None:
    found = prepared(vector(shapes))
    assert found.extent is None
    assert found.hits(0, 0, 1e6) == []
    assert len(found.points) == 0


def test_other_systems_land_in_the_same_place() -> None:
    own = prepared(vector([Point(67, 30)]))
    moved = vector([Point(67, 30)])
    utm = prepared(vector(list(moved.frame.to_crs("EPSG:32642").geometry), crs="EPSG:32642"))
    assert utm.points[0] == pytest.approx(own.points[0], abs=1e-3)


def test_the_pole_is_drawn_at_85_degrees() -> None:
    found = prepared(vector([box(0, 80, 10, 90)]))
    assert found.extent is not None
    assert found.extent.north == pytest.approx(to_canvas(0, 85)[1])


def test_hits_take_near_points_first_then_the_smallest_polygon() -> None:
    data = vector([box(60, 20, 70, 30), box(64, 24, 66, 26), Point(65, 25), Point(69, 29)])
    found = prepared(data)
    x, y = to_canvas(65, 25)
    assert found.hits(x + 100, y, 500) == [2, 1, 0]
    assert found.hits(x + 5000, y, 500) == [1, 0]
    assert found.hits(*to_canvas(50, 50), 500) == []


def test_a_hole_is_not_hit() -> None:
    found = prepared(vector([HOLED]))
    assert found.hits(*to_canvas(65, 25), 10) == []
    assert found.hits(*to_canvas(61, 21), 10) == [0]


def test_a_polygon_too_small_to_aim_at_is_hit_like_a_point() -> None:
    found = prepared(vector([box(67, 30, 67.0001, 30.0001)]))
    x, y = to_canvas(67, 30)
    assert found.hits(x - 3000, y, 5000) == [0]


def test_rules_follow_the_column_and_a_missing_column_is_unknown() -> None:
    found = prepared(vector([Point(0, i) for i in range(4)], {"class": ["a", "b", None, "z"]}))
    rules = (Rule(label="a", value="a", symbol=Symbol()), Rule(label="b", value="b", symbol=Symbol()))
    assert found.rules(Style(column="class", rules=rules)).tolist() == [0, 1, UNKNOWN, OTHER]
    assert found.rules(Style(column="gone", rules=rules)).tolist() == [UNKNOWN] * 4
    assert found.rules(Style(rules=rules[:1])).tolist() == [0] * 4


def test_simplified_outlines_stay_within_a_pixel_and_keep_shared_borders_shared() -> None:
    turn = np.linspace(0, 2 * np.pi, 20_000, endpoint=False)
    circle = Polygon(np.column_stack((65 + np.cos(turn), 25 + np.sin(turn))))
    west, east = (circle.intersection(box(a, 20, b, 30)) for a, b in ((60, 65), (65, 70)))
    found = prepared(vector([west, east]))
    view = View.fit(found.extent, 400, 400)  # type: ignore[arg-type]
    drawn, _ = found.polygons.in_view(view, 400, 400, 10)
    assert len(drawn.xy) < 6000
    full = polygons_of(Outlines(view.pixels(found.polygons.outlines.xy, 400, 400), *_rest(found)))
    assert polygons_of(drawn).hausdorff_distance(full) < 1.0


def _rest(found: object) -> tuple[np.ndarray, np.ndarray]:
    outlines = found.polygons.outlines  # type: ignore[attr-defined]
    return outlines.offsets, outlines.part


def test_specks_are_kept_and_never_quite_vanish() -> None:
    found = prepared(vector([box(60, 20, 80, 40), box(67, 30, 67.00001, 30.00001)]))
    view = View.fit(found.extent, 300, 300)  # type: ignore[arg-type]
    large, small = found.polygons.in_view(view, 300, 300, 10)
    assert set(large.part.tolist()) == {0}
    assert set(small.part.tolist()) == {1}
    assert np.ptp(small.xy, axis=0) == pytest.approx((0.5, 0.5))


def test_what_lies_outside_the_view_is_left_out_and_the_rest_cut() -> None:
    found = prepared(vector([HOLED, box(100, 20, 110, 30)]))
    x, y = to_canvas(63, 23)
    view = View(x, y, 200)
    drawn, _ = found.polygons.in_view(view, 400, 400, 10)
    assert set(drawn.part.tolist()) == {0}
    assert drawn.xy.min() >= -10 - 1e-6
    assert drawn.xy.max() <= 410 + 1e-6
    full = polygons_of(Outlines(view.pixels(found.polygons.outlines.xy, 400, 400), *_rest(found)))
    seen = full.intersection(box(0, 0, 400, 400))
    assert polygons_of(drawn).intersection(box(0, 0, 400, 400)).area == pytest.approx(seen.area, rel=1e-3)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-3, 3), st.floats(-3, 3)), min_size=3, max_size=12, unique=True),
    st.floats(-1, 1),
    st.floats(-1, 1),
)
def test_cutting_never_changes_what_is_seen(corners: list[tuple[float, float]], dx: float, dy: float) -> None:
    shape = Polygon(corners)
    if not shape.is_valid or shape.area < 0.2:
        return
    found = prepared(vector([shape]))
    view = View(*to_canvas(dx, dy), 1000)
    drawn, specks = found.polygons.in_view(view, 200, 200, 8)
    window = box(0, 0, 200, 200)
    full = polygons_of(Outlines(view.pixels(found.polygons.outlines.xy, 200, 200), *_rest(found)))
    seen = shapely.union_all([polygons_of(drawn), polygons_of(specks)]).intersection(window)
    # Half a grid cell along the border is all that snapping may move.
    assert seen.symmetric_difference(full.intersection(window)).area < 0.8 * (full.length + 8)


def test_a_line_that_leaves_the_view_keeps_what_is_seen() -> None:
    found = prepared(vector([LineString([(50, 25), (80, 25.01), (80, 40)])]))
    view = View(*to_canvas(65, 25), 500)
    drawn, _ = found.lines.in_view(view, 300, 200, 5)
    assert drawn.xy[:, 0].min() == pytest.approx(-5)
    assert drawn.xy[:, 0].max() == pytest.approx(305)
    assert drawn.xy[:, 1].min() > 90


def test_labels_lie_in_their_polygon_and_on_the_largest_part() -> None:
    bow = Polygon([(0, 0), (10, 0), (10, 10), (9, 10), (9, 1), (1, 1), (1, 10), (0, 10)])
    islands = shapely.MultiPolygon([box(20, 0, 30, 10), box(40, 0, 41, 1)])
    found = prepared(vector([bow, islands, None]))
    spots = found.label_spots
    assert found.geometries[0].intersects(Point(spots[0]))
    assert to_canvas(20, 0)[0] < spots[1, 0] < to_canvas(30, 0)[0]
    assert np.isnan(spots[2]).all()


def test_preparing_stops_when_cancelled() -> None:
    def stop(fraction: float, _text: str) -> None:
        if fraction > 0.3:
            raise Cancelled

    with pytest.raises(Cancelled):
        prepared(vector([Point(0, 0)]), stop)
