"""Lengths of lines: on the ellipsoid, by class of cells and polygons, by area; exact and additive."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyproj
import pytest
import shapely
from handles import real, vector
from hypothesis import given, settings
from hypothesis import strategies as st
from made_rasters import raster_of
from rasterio.transform import Affine
from shapely.geometry import LineString, MultiLineString, Point, box
from shapely.ops import substring

from migmap.api import Problem, RasterData
from migmap.geo.areas import area_set
from migmap.geo.classes import Classes, classes_from_edges
from migmap.geo.crs import WGS84, moved
from migmap.geo.lines import (
    cut_lines,
    length_m,
    lengths_in_polygons,
    lengths_on_raster,
    line_pieces,
)
from migmap.geo.regions import HazardPolygons, hazard_polygons
from migmap.geo.sampling import sample_at
from migmap.geo.tally import tally_rows

UTM = pyproj.CRS.from_epsg(32642)
MERCATOR = pyproj.CRS.from_epsg(3857)
LAMBERT = pyproj.CRS.from_epsg(24376)
POLAR = pyproj.CRS.from_epsg(3995)
FEET = pyproj.CRS.from_epsg(2263)
DEPTH = classes_from_edges([1.0, 2.0])


def objects(shapes: list[object]) -> np.ndarray:
    out = np.empty(len(shapes), dtype=object)
    out[:] = shapes
    return out


def metres(shape: object, crs: pyproj.CRS = WGS84) -> float:
    return float(length_m(objects([shape]), crs)[0])


def geodesic(shape: shapely.Geometry, crs: pyproj.CRS, step: float) -> float:
    """Length by GeographicLib, its geodesic edges made short enough to follow the straight ones."""
    points = shapely.get_coordinates(shapely.segmentize(shape, step))
    lon, lat = pyproj.Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True).transform(*points.T)
    ellipsoid = crs.get_geod()
    assert ellipsoid is not None
    return float(ellipsoid.line_length(lon, lat))


@pytest.mark.parametrize(
    ("crs", "points", "step"),
    [
        (WGS84, [(66, 24), (75, 36), (70, 30)], 1e-3),
        (WGS84, [(66, 24), (66.01, 24.005)], 1e-5),
        (WGS84, [(20, -35), (24, 71)], 1e-3),
        (WGS84, [(10, 88), (40, 90), (60, 85)], 1e-3),
        (UTM, [(2e5, 2.7e6), (5e5, 3.3e6)], 50),
        (UTM, [(5e5, 3.3e6), (500_120, 3_300_050)], 1),
        (MERCATOR, [(7e6, 3e6), (7.6e6, 9.5e6)], 400),
        (LAMBERT, [(2e6, 1e6), (2.3e6, 1.2e6)], 50),
        (POLAR, [(-3e5, 1e4), (4e5, -2e4)], 50),
        (FEET, [(9e5, 1.5e5), (1.05e6, 2.7e5)], 100),
    ],
)
def test_lengths_are_geographiclibs(crs: pyproj.CRS, points: list[tuple[float, float]], step: float) -> None:
    line = LineString(points)
    assert metres(line, crs) == pytest.approx(geodesic(line, crs, step), rel=1e-9)


def test_a_quarter_meridian_and_the_equator() -> None:
    assert metres(LineString([(0, 0), (0, 90)])) == pytest.approx(10_001_965.7293, abs=1e-3)
    assert metres(LineString([(-180, 0), (180, 0)])) == pytest.approx(2 * np.pi * 6_378_137.0, rel=1e-14)


def test_what_is_no_line_has_no_length() -> None:
    line = LineString([(70, 30), (71, 30)])
    shapes = [
        None,
        LineString(),
        Point(70, 30),
        box(70, 30, 71, 31),
        LineString([(70, 30), (70, 30)]),
        LineString([(70, 30, 5), (71, 30, 900)]),
        MultiLineString([line, line]),
        shapely.GeometryCollection([Point(0, 0), MultiLineString([line]), box(0, 0, 1, 1)]),
        shapely.LinearRing([(70, 30), (71, 30), (71, 31)]),
    ]
    got = length_m(objects(shapes), WGS84)
    one = metres(line)
    assert got[:5].tolist() == [0.0] * 5
    assert got[5:8] == pytest.approx([one, 2 * one, one], rel=1e-14)
    assert got[8] > 3 * one
    assert length_m(np.zeros(0, dtype=object), WGS84).tolist() == []


def test_coordinates_that_are_no_places_are_refused() -> None:
    with np.errstate(invalid="ignore"):
        broken = LineString([(70, 30), (np.nan, 31)])
    with pytest.raises(Problem, match="no number"):
        metres(broken)
    with pytest.raises(Problem, match="outside what"):
        metres(LineString([(1e9, 1e9), (1e9, 2e9)]), UTM)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([(WGS84, 60.0, 20.0, 15.0), (UTM, 3e5, 2.8e6, 4e5), (MERCATOR, 7e6, 3e6, 2e6)]),
    st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=2, max_size=5, unique=True),
    st.lists(st.floats(0.01, 0.99), max_size=4),
)
def test_cutting_a_line_never_changes_its_length(
    place: tuple[pyproj.CRS, float, float, float], points: list[tuple[float, float]], cuts: list[float]
) -> None:
    crs, x, y, size = place
    line = LineString(np.array(points) * size + [x, y])
    ends = [0.0, *sorted(cuts), 1.0]
    parts = [substring(line, a, b, normalized=True) for a, b in itertools.pairwise(ends)]
    whole = metres(line, crs)
    assert sum(length_m(objects(parts), crs)) == pytest.approx(whole, rel=1e-12, abs=1e-8)
    assert metres(line.reverse(), crs) == pytest.approx(whole, rel=1e-13)


def sampled(line: shapely.Geometry, raster: RasterData, classes: Classes, count: int = 20_000) -> np.ndarray:
    """Share of a line's plane length by class: the middles of many short pieces."""
    points = shapely.get_coordinates(
        shapely.line_interpolate_point(line, (np.arange(count) + 0.5) / count, normalized=True)
    )
    codes = classes.codes(sample_at(raster, points, crs=raster.crs).values)
    return np.bincount(np.where(codes < 0, len(classes), codes), minlength=len(classes) + 1) / count


coordinate = st.integers(-3000, 13_000).map(lambda n: n / 10_000)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(coordinate, coordinate), min_size=2, max_size=5, unique=True),
    st.booleans(),
    st.integers(0, 2**31),
)
def test_lines_on_a_raster_agree_with_dense_sampling(
    tmp_path_factory: pytest.TempPathFactory,
    points: list[tuple[float, float]],
    south_up: bool,
    seed: int,
) -> None:
    values = np.random.default_rng(seed).choice([0.0, 1.0, 2.5, -9999.0], (7, 5)).astype(np.float32)
    raster = raster_of(
        tmp_path_factory.mktemp("r") / "depth.tif",
        values,
        west=500_000.0,
        north=3_300_000.0,
        cell=(200.0, 100.0),
        crs="EPSG:32642",
        nodata=-9999,
        south_up=south_up,
    )
    line = LineString(np.array(points) * [1000, -700] + [500_000, 3_300_000])
    got = lengths_on_raster(objects([line]), UTM, raster, DEPTH)[0]
    assert got.sum() == pytest.approx(metres(line, UTM), rel=1e-12)
    # the scale of the plane is the same within a kilometre to 1e-6
    assert got / got.sum() == pytest.approx(sampled(line, raster, DEPTH), abs=3e-4 * len(points))


def test_a_line_along_a_grid_line_belongs_to_the_higher_cell(tmp_path: Path) -> None:
    values = np.array([[0.0, 1.0], [2.0, 1.0]], dtype=np.float32)
    for south_up, down, right in ((False, [1, 2], [1, 1]), (True, [1, 0], [1, 1])):
        raster = raster_of(tmp_path / f"{south_up}.tif", values, cell=0.1, south_up=south_up)
        # between the two rows, then between the two columns, both in thirds of a cell to meet rounding
        level = LineString([(70.0, 29.9), (70.1 / 3 + 70.0 * 2 / 3, 29.9), (70.2, 29.9)])
        upright = LineString([(70.1, 30.0), (70.1, 29.8)])
        got = lengths_on_raster(objects([level, upright]), WGS84, raster, DEPTH)
        half = metres(level) / 2
        expected = np.zeros(4)
        for code in down:
            expected[code] += half
        assert got[0] == pytest.approx(expected, rel=1e-9)
        expected = np.zeros(4)
        for code in right:
            expected[code] += metres(upright) / 2
        assert got[1] == pytest.approx(expected, rel=1e-9)


def test_the_far_edges_of_a_raster_are_outside(tmp_path: Path) -> None:
    raster = raster_of(tmp_path / "r.tif", np.ones((2, 2), dtype=np.float32), cell=0.1)
    around = objects(
        [
            LineString([(70, 30), (70.2, 30)]),
            LineString([(70, 30), (70, 29.8)]),
            LineString([(70.2, 30), (70.2, 29.8)]),
            LineString([(70, 29.8), (70.2, 29.8)]),
        ]
    )
    got = lengths_on_raster(around, WGS84, raster, DEPTH)
    assert (got[:, 1] > 0).tolist() == [True, True, False, False]
    assert (got[:, 3] > 0).tolist() == [False, False, True, True]


def test_a_rotated_raster_is_read_as_it_lies(tmp_path: Path) -> None:
    turned = Affine.translation(500_000, 3_300_000) @ Affine.rotation(30) @ Affine.scale(100, -100)
    values = np.arange(24, dtype=np.float32).reshape(4, 6) % 3
    raster = raster_of(tmp_path / "r.tif", values, crs="EPSG:32642", transform=turned)
    line = LineString([(499_900, 3_299_900), (500_550, 3_300_150)])
    got = lengths_on_raster(objects([line]), UTM, raster, DEPTH)[0]
    assert got / got.sum() == pytest.approx(sampled(line, raster, DEPTH), abs=1e-3)


def test_a_raster_in_another_system(tmp_path: Path) -> None:
    """Long edges bend on the way: 60 km, straight in degrees, over cells of 1 km in metres."""
    generator = np.random.default_rng(4)
    values = generator.choice([0.0, 1.0, 2.5], (120, 120)).astype(np.float32)
    raster = raster_of(
        tmp_path / "r.tif", values, west=440_000.0, north=3_420_000.0, cell=1000.0, crs="EPSG:32642"
    )
    line = LineString([(68.4, 30.6), (68.5, 30.1), (69.5, 30.8)])
    got = lengths_on_raster(objects([line]), WGS84, raster, DEPTH)[0]
    share = (np.arange(200_000) + 0.5) / 200_000
    points = shapely.get_coordinates(shapely.line_interpolate_point(line, share, normalized=True))
    codes = DEPTH.codes(sample_at(raster, points).values)
    steps = objects(list(shapely.linestrings(np.stack([points[:-1], points[1:]], axis=1))))
    weights = length_m(steps, WGS84)
    expected = np.bincount(np.where(codes < 0, 3, codes)[1:], weights=weights, minlength=4)
    assert got == pytest.approx(expected, abs=1e-4 * got.sum())
    assert got.sum() == pytest.approx(metres(line), rel=1e-12)


def test_what_a_projection_does_not_reach_is_unknown(tmp_path: Path) -> None:
    raster = raster_of(
        tmp_path / "r.tif",
        np.ones((4, 4), dtype=np.float32),
        west=500_000.0,
        north=3_300_000.0,
        cell=1e5,
        crs="EPSG:32642",
    )
    far = LineString([(158.9, 0.0), (159.1, 0.5)])
    near = LineString([(70, 28), (70.5, 28)])
    both = MultiLineString([far, near])
    got = lengths_on_raster(objects([far, near, both]), WGS84, raster, DEPTH)
    assert got[0].tolist() == [0, 0, 0, pytest.approx(metres(far))]
    assert got[1].tolist() == [0, pytest.approx(metres(near)), 0, 0]
    assert got[2] == pytest.approx(got[0] + got[1], rel=1e-12)


def test_undeclared_marks_are_unknown_and_said(tmp_path: Path) -> None:
    raster = raster_of(tmp_path / "r.tif", np.array([[1.0, -9999.0]], dtype=np.float32), cell=0.1)
    pieces = line_pieces(objects([LineString([(70, 29.95), (70.2, 29.95)])]), WGS84, [raster], [DEPTH])
    assert pieces.codes[:, 0].tolist() == [1, 3]
    assert [finding.code for finding in pieces.findings] == ["nodata-undeclared"]
    assert pieces.findings[0].count == 1


def test_a_value_that_fits_no_class_ends_the_run(tmp_path: Path) -> None:
    raster = raster_of(tmp_path / "r.tif", np.array([[1, 2, 7, 7]], dtype=np.uint8), cell=0.1)
    classes = Classes(("low", "high"), values=(1.0, 2.0), strict=True)
    short, long = LineString([(70, 29.95), (70.19, 29.95)]), LineString([(70, 29.95), (70.3, 29.95)])
    assert lengths_on_raster(objects([short]), WGS84, raster, classes)[0, 2] == 0
    with pytest.raises(Problem, match="2 cells hold values that no class lists, for example 7"):
        lengths_on_raster(objects([long]), WGS84, raster, classes)


def test_many_small_lots_give_the_same_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(1)
    raster = raster_of(tmp_path / "r.tif", generator.choice([0.0, 1.0, 3.0], (30, 30)), cell=0.1)
    areas = area_set(vector([box(70, 27, 72, 30), box(71, 28, 73, 30)]))
    lines = objects([LineString(generator.random((6, 2)) * 4 + [69.5, 26.5]) for _ in range(20)])
    once = line_pieces(lines, WGS84, [raster], [DEPTH], areas)
    monkeypatch.setattr("migmap.geo.lines._BATCH", 50)
    often = line_pieces(lines, WGS84, [raster], [DEPTH], areas)
    assert once.line.tolist() == often.line.tolist()
    assert once.codes.tolist() == often.codes.tolist()
    assert once.length_m == pytest.approx(often.length_m, rel=1e-12)
    assert [m.tolist() for m in once.members] == [m.tolist() for m in often.members]


# Polygons


def classed(shapes: list[shapely.Geometry], values: list[object], crs: pyproj.CRS = UTM) -> HazardPolygons:
    return hazard_polygons(vector(shapes, {"c": values}, crs=crs), "c")


corner = st.integers(0, 8)
boxes = st.lists(st.tuples(corner, corner, st.integers(1, 4), st.integers(1, 4)), min_size=1, max_size=5)


def made_boxes(found: list[tuple[int, int, int, int]]) -> list[shapely.Geometry]:
    return [
        box(5e5 + 100 * x, 3.3e6 + 100 * y, 5e5 + 100 * (x + w), 3.3e6 + 100 * (y + h))
        for x, y, w, h in found
    ]


tenthousandths = st.integers(-10_000, 100_000).map(lambda n: n / 10_000)
free = st.tuples(tenthousandths, tenthousandths)
on_grid = st.tuples(corner, corner)
paths = st.lists(st.one_of(free, on_grid), min_size=2, max_size=6, unique=True)


def path(points: list[tuple[float, float]]) -> shapely.Geometry:
    return LineString(np.array(points, dtype=float) * 100 + [5e5, 3.3e6])


@settings(max_examples=80, deadline=None)
@given(boxes, st.lists(paths, min_size=1, max_size=3), st.data())
def test_lines_in_polygons_agree_with_shapely(
    found: list[tuple[int, int, int, int]], many: list[list[tuple[float, float]]], data: st.DataObject
) -> None:
    values = data.draw(st.lists(st.integers(1, 3), min_size=len(found), max_size=len(found)))
    shapes = made_boxes(found)
    hazard = classed(shapes, list(values))
    lines = objects([path(points) for points in many])
    got = lengths_in_polygons(lines, UTM, hazard)
    assert got.sum(axis=1) == pytest.approx(length_m(lines, UTM), rel=1e-12, abs=1e-8)
    for row, line in enumerate(lines):
        # edge by edge: GEOS would count what is run over twice only once
        steps = [LineString(pair) for pair in itertools.pairwise(line.coords)]
        expected = np.zeros(len(hazard.labels) + 2)
        taken = shapely.MultiPolygon()
        for code in np.argsort(-hazard.rank[:-1]):
            own = shapely.union_all(
                [s for s, v in zip(shapes, values, strict=True) if str(v) == hazard.labels[code]]
            )
            expected[code] = sum(step.intersection(own).difference(taken).length for step in steps)
            taken = taken.union(own)
        expected[-1] = line.length - expected.sum()
        # on the ground at 3.3e6, 500 km: the scale on the central meridian
        assert got[row] == pytest.approx(expected / 0.9996, rel=1e-6, abs=1e-3)


def test_a_line_along_a_border_counts_once_in_the_class_that_wins() -> None:
    hazard = classed([box(0, 0, 2, 2), box(2, 0, 4, 2)], [1, 2], WGS84)
    shared = LineString([(2, -1), (2, 3)])
    rim = LineString([(0, 0), (0, 2)])
    got = lengths_in_polygons(objects([shared, rim]), WGS84, hazard)
    assert got[0].tolist() == [
        0,
        pytest.approx(metres(LineString([(2, 0), (2, 2)]))),
        0,
        pytest.approx(metres(shared) - metres(LineString([(2, 0), (2, 2)]))),
    ]
    assert got[1].tolist() == [pytest.approx(metres(rim)), 0, 0, 0]


def test_a_slanting_shared_border_is_found_whatever_rounding_says() -> None:
    generator = np.random.default_rng(7)
    for _ in range(20):
        a, b = generator.random((2, 2)) * 3 + [70, 30]
        left, right = b + np.array([3, -5]), a + np.array([-4, 6])
        hazard = classed([shapely.Polygon([a, b, left]), shapely.Polygon([a, b, right])], [1, 2], WGS84)
        thirds = [a, a + (b - a) / 3, a + (b - a) * 0.7, b]
        got = lengths_in_polygons(objects([LineString(thirds)]), WGS84, hazard)[0]
        assert got == pytest.approx([0, metres(LineString([a, b])), 0, 0], rel=1e-9)


def test_rows_without_a_class_are_unknown_and_outside_is_not_exposed() -> None:
    hazard = classed([box(0, 0, 1, 1), box(1, 0, 2, 1)], ["deep", None], WGS84)
    pieces = line_pieces(objects([LineString([(-1, 0.5), (3, 0.5)])]), WGS84, [hazard], [None])
    assert pieces.codes[:, 0].tolist() == [0, 1, 2]
    assert pieces.length_m / pieces.length_m.sum() == pytest.approx([0.25, 0.25, 0.5])


def test_polygons_in_another_system_keep_their_borders() -> None:
    """A border of 300 km straight in degrees against a line in UTM."""
    hazard = classed([shapely.Polygon([(68, 29), (71, 29), (71, 32)])], [1], WGS84)
    ends = moved(np.array([[68.5, 31.0], [70.8, 29.1]]), WGS84, UTM)
    line = LineString(ends)
    got = lengths_in_polygons(objects([line]), UTM, hazard)[0]
    dense = shapely.get_coordinates(shapely.segmentize(line, 1.0))
    inside = hazard.at(moved(0.5 * (dense[1:] + dense[:-1]), UTM, WGS84)) == 0
    steps = length_m(objects(list(shapely.linestrings(np.stack([dense[:-1], dense[1:]], axis=1)))), UTM)
    assert got[0] == pytest.approx(steps[inside].sum(), abs=2.0)
    assert got.sum() == pytest.approx(metres(line, UTM), rel=1e-12)


def test_lines_a_polygons_system_does_not_reach_are_unknown_and_outside() -> None:
    square = box(3e5, 3.2e6, 4e5, 3.3e6)
    areas = area_set(vector([square], crs=UTM))
    near, far = LineString([(66, 29), (68, 29.5)]), LineString([(158.9, 0.0), (159.1, 0.5)])
    pieces = line_pieces(objects([near, far]), WGS84, [classed([square], [1])], [None], areas)
    assert pieces.codes[:, 0].tolist() == [0, 2, 1]
    assert pieces.line.tolist() == [0, 0, 1]
    assert np.column_stack(pieces.members).tolist() == [[0, 0]]
    assert pieces.length_m[2] == pytest.approx(metres(far), rel=1e-12)


@settings(max_examples=30, deadline=None)
@given(
    boxes,
    st.lists(paths, min_size=1, max_size=3),
    st.lists(st.floats(0.05, 0.95), min_size=1, max_size=3),
    st.randoms(use_true_random=False),
)
def test_cutting_turning_and_reordering_lines_changes_no_class(
    tmp_path_factory: pytest.TempPathFactory,
    floods: list[tuple[int, int, int, int]],
    many: list[list[tuple[float, float]]],
    cuts: list[float],
    random: object,
) -> None:
    raster = raster_of(
        tmp_path_factory.mktemp("r") / "depth.tif",
        np.arange(81, dtype=np.float32).reshape(9, 9) % 4,
        west=500_000.0,
        north=3_300_900.0,
        cell=100.0,
        crs="EPSG:32642",
    )
    hazard = classed(made_boxes(floods), [1 + i % 2 for i in range(len(floods))])
    whole = [path(points) for points in many]
    ends = [0.0, *sorted(cuts), 1.0]
    parts = [substring(line, a, b, normalized=True) for line in whole for a, b in itertools.pairwise(ends)]
    parts = [part.reverse() if random.random() < 0.5 else part for part in parts]  # type: ignore[attr-defined]
    random.shuffle(parts)  # type: ignore[attr-defined]
    tables = []
    for lines in (whole, parts):
        pieces = line_pieces(objects(lines), UTM, [raster, hazard], [DEPTH, None])
        table = np.zeros((4, 4))
        np.add.at(table, tuple(pieces.codes.T), pieces.length_m)
        tables.append(table)
    # on a slant a point of a cut lies beside the line by rounding, which may move it off a grid line
    assert tables[0].sum() == pytest.approx(tables[1].sum(), rel=1e-12)
    clear = all(
        0.0 not in (b[0] - a[0], b[1] - a[1]) and abs(b[0] - a[0]) != abs(b[1] - a[1])
        for points in many
        for a, b in itertools.pairwise(points)
    )
    if clear:
        assert tables[0] == pytest.approx(tables[1], rel=1e-6, abs=1e-6)


def test_several_hazards_at_once_are_each_what_they_are_alone(tmp_path: Path) -> None:
    generator = np.random.default_rng(3)
    one = raster_of(tmp_path / "a.tif", generator.choice([0.0, 1.0, 3.0], (20, 20)), cell=0.1)
    two = raster_of(
        tmp_path / "b.tif", generator.choice([0.0, 1.0], (9, 9)), west=70.43, north=29.77, cell=0.13
    )
    flood = classed([box(70.5, 28.5, 71.2, 29.6), box(71.0, 28.2, 71.9, 29.0)], [2, 1], WGS84)
    lines = objects([LineString(generator.random((5, 2)) * 2.4 + [69.8, 27.8]) for _ in range(8)])
    classes = [DEPTH, None, classes_from_edges([0.5])]
    together = line_pieces(lines, WGS84, [one, flood, two], classes)
    keys = np.column_stack([together.line, together.codes])
    assert len(np.unique(keys, axis=0)) == len(keys)
    for place, (hazard, own) in enumerate(zip([one, flood, two], classes, strict=True)):
        alone = line_pieces(lines, WGS84, [hazard], [own])
        table = np.zeros((2, len(lines), 5))
        np.add.at(table[0], (together.line, together.codes[:, place]), together.length_m)
        np.add.at(table[1], (alone.line, alone.codes[:, 0]), alone.length_m)
        assert table[0] == pytest.approx(table[1], rel=1e-9, abs=1e-6)
    assert np.bincount(together.line, together.length_m) == pytest.approx(length_m(lines, WGS84), rel=1e-12)


# Areas


@settings(max_examples=60, deadline=None)
@given(boxes, boxes, st.lists(paths, min_size=1, max_size=3))
def test_lengths_by_area_add_up_and_do_not_change_with_the_areas(
    found: list[tuple[int, int, int, int]],
    floods: list[tuple[int, int, int, int]],
    many: list[list[tuple[float, float]]],
) -> None:
    areas = area_set(vector(made_boxes(found), crs=UTM))
    hazard = classed(made_boxes(floods), [1 + i % 2 for i in range(len(floods))])
    lines = objects([path(points) for points in many])
    pieces = line_pieces(lines, UTM, [hazard], [None], areas)
    k = len(hazard.labels)
    codes = np.where(pieces.codes < k, pieces.codes, pieces.codes + 2 - k)
    tally = tally_rows("m", "m", "12un", codes[:, 0], pieces.length_m, pieces.members, len(areas))
    assert tally.everything == pytest.approx(
        tally.areas.sum(axis=0) + tally.outside + tally.overlap, rel=1e-12, abs=1e-9
    )
    alone = lengths_in_polygons(lines, UTM, hazard).sum(axis=0)
    assert tally.everything[[*range(k), 2, 3]] == pytest.approx(alone, rel=1e-9, abs=1e-6)
    # what is in some area, borders included, by shapely
    covered = shapely.union_all(areas.shapes)
    steps = [LineString(p) for line in lines for p in itertools.pairwise(line.coords)]
    within = sum(step.intersection(covered).length for step in steps)
    assert (tally.everything - tally.outside).sum() == pytest.approx(within / 0.9996, rel=1e-6, abs=1e-3)
    # the same lines cut first, then measured
    cut = cut_lines(lines, UTM, areas)
    measured = length_m(cut.shapes, UTM)
    assert np.bincount(cut.line, measured, len(lines)) == pytest.approx(
        length_m(lines, UTM), rel=1e-12, abs=1e-8
    )
    each = np.bincount(cut.members[1], measured[cut.members[0]], len(areas))
    assert each == pytest.approx(tally.areas.sum(axis=1), rel=1e-9, abs=1e-6)


def test_a_line_along_the_border_of_areas_counts_in_the_first() -> None:
    shared = LineString([(1, 0), (1, 1)])
    for shapes, first in (([box(0, 0, 1, 1), box(1, 0, 2, 1)], 0), ([box(1, 0, 2, 1), box(0, 0, 1, 1)], 0)):
        cut = cut_lines(objects([shared]), WGS84, area_set(vector(shapes)))
        assert cut.members[1].tolist() == [first]
        assert len(cut.shapes) == 1
    inside_a_third = area_set(vector([box(0, 0, 1, 1), box(1, 0, 2, 1), box(0.5, -1, 1.5, 2)]))
    assert cut_lines(objects([shared]), WGS84, inside_a_third).members[1].tolist() == [2]


def test_cut_lines_keep_their_vertices_and_order() -> None:
    line = LineString([(-1, 0.5, 9), (0.5, 0.5, 9), (0.5, 0.25, 9), (3, 0.25, 9)])
    areas = area_set(vector([box(0, 0, 1, 1), box(0.75, 0, 2, 1)]))
    cut = cut_lines(objects([None, line, LineString([(5, 5), (6, 6)])]), WGS84, areas)
    assert [shape.wkt for shape in cut.shapes] == [
        "LINESTRING (-1 0.5, 0 0.5)",
        "LINESTRING (0 0.5, 0.5 0.5, 0.5 0.25, 0.75 0.25)",
        "LINESTRING (0.75 0.25, 1 0.25)",
        "LINESTRING (1 0.25, 2 0.25)",
        "LINESTRING (2 0.25, 3 0.25)",
        "LINESTRING (5 5, 6 6)",
    ]
    assert cut.line.tolist() == [1, 1, 1, 1, 1, 2]
    assert np.column_stack(cut.members).tolist() == [[1, 0], [2, 0], [2, 1], [3, 1]]


def test_nothing_to_measure() -> None:
    areas = area_set(vector([box(0, 0, 1, 1)]))
    hazard = classed([box(0, 0, 1, 1)], [1], WGS84)
    for lines in (np.zeros(0, dtype=object), objects([None, Point(0, 0)])):
        pieces = line_pieces(lines, WGS84, [hazard], [None], areas)
        assert pieces.codes.shape == (0, 1)
        assert len(pieces.line) == len(pieces.members[0]) == 0
        assert len(cut_lines(lines, WGS84, areas).shapes) == 0
        assert lengths_in_polygons(lines, WGS84, hazard).shape == (len(lines), 3)


class Stopped(Exception):
    """What a progress raises to cancel."""


def test_a_cancel_ends_it_and_leaves_no_thread(tmp_path: Path) -> None:
    raster = raster_of(tmp_path / "r.tif", np.ones((40, 40), dtype=np.float32), cell=0.1)
    areas = area_set(vector([box(70, 27, 72, 30)]))
    lines = objects([LineString([(70, 30), (74, 26)])])
    calls: list[float] = []

    def note(fraction: float, text: str) -> None:
        assert text
        calls.append(fraction)

    line_pieces(lines, WGS84, [raster], [DEPTH], areas, note)
    assert calls == sorted(calls)
    before = threading.active_count()
    for last in range(len(calls)):
        seen = 0

        def stop(*_: object, last: int = last) -> None:
            nonlocal seen
            seen += 1
            if seen > last:
                raise Stopped

        with pytest.raises(Stopped):
            line_pieces(lines, WGS84, [raster], [DEPTH], areas, stop)
        assert threading.active_count() == before


def test_the_rivers_of_sindh_in_the_flood_of_2022(shared_data: Callable[[str], Path]) -> None:
    folder = shared_data("pk-sindh-flood2022")
    rivers = real(folder / "Pakistan_main_rivers.shp")
    areas = area_set(real(folder / "3_sindh_tehsils.shp"), "ADM3_PCODE")
    flood = real(shared_data("pk-unosat-viirs-2022") / "VIIRS_20220825_20220831_FloodExtent_PAK.shp")
    hazard = hazard_polygons(flood, None)
    lines = rivers.frame.geometry.to_numpy()
    pieces = line_pieces(lines, WGS84, [hazard], [None], areas)
    tally = tally_rows(
        "length_km",
        "km",
        ("exposed", "unknown", "not_exposed"),
        pieces.codes[:, 0],
        pieces.length_m / 1e3,
        pieces.members,
        len(areas),
    )
    assert tally.everything.sum() == pytest.approx(length_m(lines, WGS84).sum() / 1e3, rel=1e-12)
    assert tally.everything == pytest.approx(
        tally.areas.sum(axis=0) + tally.outside + tally.overlap, rel=1e-12
    )
    # by shapely: parts of the flood that share no ground, so that lengths add up
    tree = shapely.STRtree(hazard.regions(WGS84).shapes)
    line, region = tree.query(lines, predicate="intersects")
    crossed = shapely.intersection(lines[line], tree.geometries[region])
    assert tally.everything[0] == pytest.approx(length_m(crossed, WGS84).sum() / 1e3, rel=1e-9)
