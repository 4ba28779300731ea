"""Several hazards in one pass, against each alone and against brute force."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_rasters import raster_of

from migmap.api import Cancelled, RasterData
from migmap.geo.classes import Classes, classes_from_edges
from migmap.geo.ground import cell_area_m2, ground_area_m2, piece_area_m2
from migmap.geo.jointcolumns import JointColumns
from migmap.geo.zonal import ManyTabulation, tabulate, tabulate_many

LONLAT = pyproj.CRS.from_epsg(4326)
UTM = pyproj.CRS.from_epsg(32642)
TWO = Classes(("not_exposed", "1", "2"), values=(0.0, 1.0, 2.0), not_exposed=0)
FROM_1 = np.array([False, True, True, False])
DEPTHS = classes_from_edges([0.5, 1.5])
LACK = 9
CAREFREE = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def zones_around(seed: int, count: int, west: float, north: float, span: float) -> np.ndarray:
    """Valid polygons over and around a square, some with holes."""
    random = np.random.default_rng(seed)
    zones = []
    for _ in range(count):
        centre = np.array([west, north - span]) + random.uniform(-0.1, 1.1, 2) * span
        turn = np.sort(random.uniform(0, 2 * np.pi, random.integers(4, 25)))
        radius = span * random.uniform(0.02, 0.5) * random.uniform(0.4, 1.0, len(turn))
        points = centre + radius[:, None] * np.column_stack([np.cos(turn), np.sin(turn)])
        shape = shapely.make_valid(shapely.Polygon(points))
        if random.random() < 0.4:
            shape = shape.difference(shape.centroid.buffer(0.3 * radius.mean(), quad_segs=3))
        zones.append(shape)
    return np.array(zones, dtype=object)


def joint_of(codes: Sequence[np.ndarray], exposed: Sequence[np.ndarray], weights: np.ndarray) -> np.ndarray:
    """The joint columns by counting piece by piece. codes, weights: [pieces]."""
    columns = JointColumns(len(codes))
    out = np.zeros(len(columns))
    for piece, weight in enumerate(weights):
        hit = [bool(flags[code[piece]]) for code, flags in zip(codes, exposed, strict=True)]
        lost = [code[piece] == len(flags) - 1 for code, flags in zip(codes, exposed, strict=True)]
        if any(hit):
            out[columns.exactly(sum(hit))] += weight
        else:
            out[columns.unknown if any(lost) else columns.none] += weight
        for i, j in itertools.combinations(range(len(codes)), 2):
            if hit[i] and hit[j]:
                out[columns.pair(i, j)] += weight
    return out


def check_partition(found: ManyTabulation, exposed: Sequence[np.ndarray]) -> None:
    """None, exactly e and unknown are everything; inclusion and exclusion hold; for all and each zone."""
    columns = found.columns
    count = columns.count
    whole = np.vstack([found.joint_total, found.joint_zones])
    everything = [np.append(one.total.sum(), one.zones.sum(axis=1)) for one in found.by_hazard]
    scale = max(1e-300, float(everything[0].max()))
    for each in everything:
        np.testing.assert_allclose(whole[:, : count + 2].sum(axis=1), each, rtol=1e-11, atol=1e-12 * scale)
    singles = sum(
        np.append(one.total @ flags, one.zones @ flags)
        for one, flags in zip(found.by_hazard, exposed, strict=True)
    )
    exactly = whole[:, 1 : count + 1]
    e = np.arange(1, count + 1)
    np.testing.assert_allclose(exactly @ e, singles, rtol=1e-11, atol=1e-12 * scale)
    pairs = whole[:, count + 2 :].sum(axis=1)
    np.testing.assert_allclose(exactly @ (e * (e - 1) / 2), pairs, rtol=1e-11, atol=1e-12 * scale)


def check_alone(
    found: ManyTabulation,
    zones: np.ndarray,
    hazards: Sequence[RasterData],
    classes: Sequence[Classes],
    people: RasterData,
) -> None:
    """Each hazard as `tabulate` has it alone."""
    for one, hazard, listed in zip(found.by_hazard, hazards, classes, strict=True):
        alone = tabulate(zones, hazard=hazard, classes=listed, people=people)
        np.testing.assert_allclose(one.total, alone.total, rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(
            one.zones, alone.zones, rtol=1e-12, atol=1e-11 * max(1.0, alone.zones.max(initial=0.0))
        )
        np.testing.assert_array_equal(one.beyond, alone.beyond)
        assert one.people_nodata_cells == alone.people_nodata_cells
        assert (one.unit, one.findings) == (alone.unit, alone.findings)


@CAREFREE
@given(seed=st.integers(0, 100_000), count=st.sampled_from([1, 2, 3]), people_known=st.booleans())
def test_hazards_of_one_grid_against_counting_cells(
    tmp_path: Path, seed: int, count: int, people_known: bool
) -> None:
    random = np.random.default_rng(seed)
    shape = (7, 9)
    values = [random.choice([0, 1, 2, LACK], shape).astype(np.uint8) for _ in range(count)]
    hazards = [raster_of(tmp_path / f"h{i}.tif", v, nodata=LACK) for i, v in enumerate(values)]
    heads = random.random(shape) * 9
    people = raster_of(tmp_path / "p.tif", heads) if people_known else None
    weights = heads if people_known else cell_area_m2(hazards[0], 0, 7, 0, 9)
    # whole cells, so that counting them is exact
    edges = np.sort(random.choice(10, 3, replace=False))
    zones = np.array(
        [shapely.box(70 + 0.1 * a, 29.3, 70 + 0.1 * b, 30) for a, b in itertools.pairwise(edges)]
    )
    exposed = [FROM_1] * count
    found = tabulate_many(zones, hazards=hazards, classes=[TWO] * count, exposed=exposed, people=people)
    codes = [np.where(v == LACK, 3, v).ravel() for v in values]
    scale = weights.sum()
    np.testing.assert_allclose(
        found.joint_total, joint_of(codes, exposed, weights.ravel()), rtol=1e-12, atol=1e-13 * scale
    )
    for row, (a, b) in enumerate(itertools.pairwise(edges)):
        inside = np.zeros(shape, bool)
        inside[:, a:b] = True
        expected = joint_of(codes, exposed, np.where(inside, weights, 0.0).ravel())
        np.testing.assert_allclose(found.joint_zones[row], expected, rtol=1e-9, atol=1e-9 * scale)
    check_partition(found, exposed)
    if people is not None:
        check_alone(found, zones, hazards, [TWO] * count, people)


def lines_of(base: int, offset: float, step: float, count: int) -> np.ndarray:
    """Lines of the refinement of 0..base by another grid's lines."""
    lines = offset + step * np.arange(count + 1)
    lines = lines[(lines > 0) & (lines < base)]
    every = np.sort(np.concatenate([np.arange(base + 1.0), lines]))
    return every[np.append(True, np.diff(every) > 1e-9)]


@CAREFREE
@given(seed=st.integers(0, 100_000), south_up=st.booleans(), people_known=st.booleans())
def test_grids_that_differ_against_counting_pieces(
    tmp_path: Path, seed: int, south_up: bool, people_known: bool
) -> None:
    random = np.random.default_rng(seed)
    rows, cols = 6, 7
    heads = random.random((rows, cols)) * 9
    people = raster_of(tmp_path / "p.tif", heads) if people_known else None
    hazards, values, places = [], [], []
    for i in range(3):
        shape = tuple(random.integers(3, 12, 2))
        cell = tuple(random.choice([0.05, 0.1, 0.2, 0.037, 0.11], 2))
        west, north = 70 + random.choice([0.0, 0.05, 0.013, -0.1]), 30 - random.choice([0.0, 0.05, -0.021])
        if i == 0 and not people_known:
            shape, cell, west, north = (rows, cols), (0.1, 0.1), 70.0, 30.0
        value = random.choice([0, 1, 2, LACK], shape).astype(np.uint8)
        up = south_up and i != 0
        hazards.append(
            raster_of(
                tmp_path / f"h{i}.tif", value, west=west, north=north, cell=cell, nodata=LACK, south_up=up
            )
        )
        values.append(value)
        places.append((west, north, cell))
    xe, ye = np.arange(cols + 1.0), np.arange(rows + 1.0)
    for value, (west, north, cell) in zip(values, places, strict=True):
        xe = np.union1d(xe, lines_of(cols, (west - 70) / 0.1, cell[0] / 0.1, value.shape[1]))
        ye = np.union1d(ye, lines_of(rows, (30 - north) / 0.1, cell[1] / 0.1, value.shape[0]))
    middle_x, middle_y = 70 + 0.05 * (xe[1:] + xe[:-1]), 30 - 0.05 * (ye[1:] + ye[:-1])
    codes = []
    for value, (west, north, cell) in zip(values, places, strict=True):
        col = np.floor((middle_x - west) / cell[0]).astype(int)
        row = np.floor((north - middle_y) / cell[1]).astype(int)
        inside = ((row >= 0) & (row < value.shape[0]))[:, None] & ((col >= 0) & (col < value.shape[1]))
        found = value[np.clip(row, 0, value.shape[0] - 1)][:, np.clip(col, 0, value.shape[1] - 1)]
        codes.append(np.where(inside & (found != LACK), found, 3).ravel())
    if people_known:
        base_row, base_col = np.floor(0.5 * (ye[1:] + ye[:-1])), np.floor(0.5 * (xe[1:] + xe[:-1]))
        weights = heads[base_row.astype(int)][:, base_col.astype(int)] * np.outer(np.diff(ye), np.diff(xe))
    else:
        squares = [
            shapely.box(70 + 0.1 * xe[j], 30 - 0.1 * ye[i + 1], 70 + 0.1 * xe[j + 1], 30 - 0.1 * ye[i])
            for i in range(len(ye) - 1)
            for j in range(len(xe) - 1)
        ]
        weights = ground_area_m2(np.array(squares), LONLAT)
    exposed = [FROM_1, np.array([False, False, True, False]), np.array([True, False, True, False])]
    zones = zones_around(seed, 3, 70, 30, 0.65)
    classes = [TWO] * 3
    many = tabulate_many(zones, hazards=hazards, classes=classes, exposed=exposed, people=people)
    expected = joint_of(codes, exposed, weights.ravel())
    np.testing.assert_allclose(many.joint_total, expected, rtol=1e-9, atol=1e-9 * weights.sum())
    check_partition(many, exposed)
    if people is not None:
        check_alone(many, zones, hazards, classes, people)
    else:
        alone = tabulate(zones, hazard=hazards[0], classes=TWO)
        np.testing.assert_allclose(many.by_hazard[0].total, alone.total, rtol=1e-9)
        # a border through a cell shares its ground evenly; the smaller the pieces, the truer
        np.testing.assert_allclose(many.by_hazard[0].zones, alone.zones, atol=1e-3 * weights.max())


def test_south_up_is_north_up(tmp_path: Path) -> None:
    random = np.random.default_rng(8)
    depth = [random.random((20, 24)) * 2 for _ in range(2)]
    heads = random.random((30, 33)) * 9
    zones = zones_around(3, 9, 70, 30, 2.5)
    answers = []
    for up in itertools.product((False, True), repeat=3):
        hazards = [
            raster_of(tmp_path / f"h{i}{up}.tif", d, west=70.03, cell=(0.1, 0.13), south_up=up[i])
            for i, d in enumerate(depth)
        ]
        people = raster_of(tmp_path / f"p{up}.tif", heads, south_up=up[2])
        flags = [np.array([False, True, True, False])] * 2
        many = tabulate_many(zones, hazards=hazards, classes=[DEPTHS] * 2, exposed=flags, people=people)
        answers.append(np.vstack([many.joint_total, many.joint_zones]))
    for answer in answers[1:]:
        np.testing.assert_allclose(answer, answers[0], rtol=1e-10, atol=1e-9)


def test_other_systems_are_read_as_each_alone(tmp_path: Path) -> None:
    random = np.random.default_rng(5)
    heads = random.random((40, 40)) * 9
    people = raster_of(tmp_path / "p.tif", heads, cell=0.01)
    hazards = [
        raster_of(
            tmp_path / "a.tif",
            random.random((60, 60)) * 2,
            crs="EPSG:32642",
            west=596_000,
            north=3.319e6,
            cell=800.0,
        ),
        raster_of(
            tmp_path / "b.tif",
            random.random((60, 60)) * 2,
            crs="EPSG:32642",
            west=596_000,
            north=3.319e6,
            cell=800.0,
        ),
        raster_of(tmp_path / "c.tif", random.random((30, 30)) * 2, west=70.003, cell=0.013),
        raster_of(
            tmp_path / "d.tif",
            random.random((9, 9)) * 2,
            crs="EPSG:3857",
            west=7.80e6,
            north=3.501e6,
            cell=3000.0,
        ),
        raster_of(
            tmp_path / "e.tif", random.random((9, 9)) * 2, crs="EPSG:32756", west=7e5, north=6e6, cell=1000.0
        ),
    ]
    zones = zones_around(2, 8, 70, 30, 0.4)
    flags = [np.array([False, True, True, False])] * 5
    many = tabulate_many(zones, hazards=hazards, classes=[DEPTHS] * 5, exposed=flags, people=people)
    check_alone(many, zones, hazards, [DEPTHS] * 5, people)
    check_partition(many, flags)
    assert [finding.code for finding in many.findings] == ["grids-differ-crs"] * 4
    assert many.by_hazard[4].total[-1] == pytest.approx(heads.sum(), rel=1e-12)


def test_ground_pieces_are_ground(tmp_path: Path) -> None:
    for crs, west, north, cell in ((UTM, 2.2e5, 3.4e6, 5000.0), (LONLAT, 70.0, 30.0, 0.1)):
        raster = raster_of(
            tmp_path / "r.tif", np.zeros((20, 30)), crs=crs.to_string(), west=west, north=north, cell=cell
        )
        ye, xe = np.array([3.0, 3.2, 4.0, 6.75, 7.0]), np.array([0.0, 0.4, 1.0, 28.0, 28.9])
        shapes = [
            shapely.box(
                west + cell * xe[j], north - cell * ye[i + 1], west + cell * xe[j + 1], north - cell * ye[i]
            )
            for i in range(4)
            for j in range(4)
        ]
        expected = ground_area_m2(np.array(shapes), crs).reshape(4, 4)
        np.testing.assert_allclose(piece_area_m2(raster, ye, xe), expected, rtol=1e-9)
        whole = piece_area_m2(raster, np.arange(21.0), np.arange(31.0))
        np.testing.assert_allclose(whole, cell_area_m2(raster, 0, 20, 0, 30), rtol=3e-9)


def test_ground_of_a_projected_grid_cut_by_another(tmp_path: Path) -> None:
    random = np.random.default_rng(4)
    one = raster_of(
        tmp_path / "a.tif",
        random.integers(0, 3, (40, 50)).astype(np.uint8),
        crs="EPSG:32642",
        west=3e5,
        north=3.4e6,
        cell=1000.0,
    )
    other = raster_of(
        tmp_path / "b.tif",
        random.integers(0, 3, (70, 60)).astype(np.uint8),
        crs="EPSG:32642",
        west=2.9e5,
        north=3.41e6,
        cell=900.0,
    )
    zones = np.array([shapely.box(3.02e5, 3.37e6, 3.3e5, 3.39e6), shapely.box(2.9e5, 3.37e6, 3.02e5, 3.39e6)])
    many = tabulate_many(zones, hazards=[one, other], classes=[TWO] * 2, exposed=[FROM_1] * 2, zones_crs=UTM)
    alone = tabulate(zones, hazard=one, classes=TWO, zones_crs=UTM)
    np.testing.assert_allclose(many.by_hazard[0].total, alone.total, rtol=1e-9)
    np.testing.assert_allclose(many.by_hazard[0].zones, alone.zones, rtol=1e-9, atol=1.0)
    assert alone.beyond[1] > 0
    check_partition(many, [FROM_1] * 2)
    # the other raster reaches beyond on all sides
    assert tabulate([], hazard=other, classes=TWO).total.sum() > many.by_hazard[1].total.sum()
    other_zone = tabulate(zones[:1], hazard=other, classes=TWO, zones_crs=UTM).zones
    # a border through a cell shares its ground evenly, which is off where cells are large
    np.testing.assert_allclose(many.by_hazard[1].zones[:1], other_zone, rtol=3e-8)


def test_order_and_splitting_of_zones_change_nothing(tmp_path: Path) -> None:
    random = np.random.default_rng(4)
    hazards = [
        raster_of(tmp_path / f"{i}.tif", random.integers(0, 3, (30, 30)).astype(np.uint8), west=70 + 0.03 * i)
        for i in range(2)
    ]
    people = raster_of(tmp_path / "p.tif", random.random((30, 30)))
    zones = zones_around(6, 12, 70, 30, 3.0)
    asked = {"hazards": hazards, "classes": [TWO] * 2, "exposed": [FROM_1] * 2, "people": people}
    found = tabulate_many(zones, **asked)
    backwards = tabulate_many(zones[::-1], **asked)
    assert np.array_equal(found.joint_zones[::-1], backwards.joint_zones)
    assert np.array_equal(found.joint_total, tabulate_many([], **asked).joint_total)
    west = shapely.intersection(zones, shapely.box(0, 0, 71.234, 90))
    east = shapely.intersection(zones, shapely.box(71.234, 0, 90, 90))
    halves = tabulate_many([*west, *east], **asked).joint_zones
    np.testing.assert_allclose(halves[:12] + halves[12:], found.joint_zones, rtol=1e-9, atol=1e-9)


def test_many_tiles_and_many_combinations_give_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    random = np.random.default_rng(7)
    many_classes = Classes(tuple(str(i) for i in range(12)), values=tuple(float(i) for i in range(12)))
    flags = [np.append(random.random(12) < 0.5, False) for _ in range(5)]
    flags[2][:-1] = True
    flags[3][:-1] = False
    hazards = [
        raster_of(
            tmp_path / f"{i}.tif", random.integers(0, 13, (40, 50)).astype(np.uint8), west=70 + 0.05 * (i > 2)
        )
        for i in range(5)
    ]
    people = raster_of(tmp_path / "p.tif", random.random((40, 50)))
    zones = zones_around(6, 12, 70, 30, 4.0)
    asked = {"hazards": hazards, "classes": [many_classes] * 5, "exposed": flags, "people": people}
    monkeypatch.setattr("migmap.geo.jointcells.MOST_COMBINATIONS", 1 << 16)
    monkeypatch.setattr("migmap.geo.jointcells.crossed.__defaults__", (1 << 16,))
    one = tabulate_many(zones, **asked)
    check_alone(one, zones, hazards, [many_classes] * 5, people)
    check_partition(one, flags)
    for most in (512, 20):
        monkeypatch.setattr("migmap.geo.jointcells.crossed.__defaults__", (most,))
        grouped = tabulate_many(zones, **asked)
        np.testing.assert_allclose(grouped.joint_zones, one.joint_zones, rtol=1e-10, atol=1e-9)
        np.testing.assert_allclose(grouped.joint_total, one.joint_total, rtol=1e-11)
    monkeypatch.setattr("migmap.geo.jointcells._MOST_KEYS", 1)
    monkeypatch.setattr("migmap.geo.tiles.cut.__defaults__", (300,))
    monkeypatch.setattr("migmap.geo.layered.TILE_CELLS", 300)
    monkeypatch.setattr("migmap.geo.zonal._SUMS", 50)
    tiles = tabulate_many(zones, **asked)
    np.testing.assert_allclose(tiles.joint_zones, one.joint_zones, rtol=1e-10, atol=1e-9)
    check_alone(tiles, zones, hazards, [many_classes] * 5, people)


def test_without_any_data_all_is_unknown(tmp_path: Path) -> None:
    lost = np.full((4, 4), LACK, np.uint8)
    hazards = [raster_of(tmp_path / f"{i}.tif", lost, nodata=LACK) for i in range(2)]
    people = raster_of(tmp_path / "p.tif", np.ones((4, 4)))
    zone = [shapely.box(70, 29.6, 70.2, 30)]
    nothing = Classes((), values=())
    for classes, flags in ((TWO, FROM_1), (nothing, np.array([False]))):
        many = tabulate_many(zone, hazards=hazards, classes=[classes] * 2, exposed=[flags] * 2, people=people)
        assert many.joint_total.tolist() == [0, 0, 0, 16, 0]
        assert many.joint_zones.tolist() == [[0, 0, 0, 8, 0]]
        assert many.by_hazard[1].total[-1] == 16


def test_ground_beyond_the_first_hazard_is_unknown_of_all(tmp_path: Path) -> None:
    one = raster_of(tmp_path / "a.tif", np.ones((10, 10), np.uint8))
    other = raster_of(tmp_path / "b.tif", np.ones((20, 20), np.uint8))
    zone = shapely.box(70.5, 29.5, 71.5, 29.9)
    many = tabulate_many([zone], hazards=[one, other], classes=[TWO] * 2, exposed=[FROM_1] * 2)
    beyond = ground_area_m2(np.array([shapely.box(71, 29.5, 71.5, 29.9)]), LONLAT)[0]
    inside = ground_area_m2(np.array([shapely.box(70.5, 29.5, 71, 29.9)]), LONLAT)[0]
    assert many.joint_zones[0] == pytest.approx([0, 0, inside, beyond, inside])
    assert many.by_hazard[1].zones[0] == pytest.approx([0, inside, 0, beyond])
    assert many.by_hazard[1].beyond == pytest.approx([beyond])


def test_what_does_not_fit_is_refused(tmp_path: Path) -> None:
    hazard = raster_of(tmp_path / "a.tif", np.ones((4, 4), np.uint8))
    with pytest.raises(ValueError, match="at least one"):
        tabulate_many([], hazards=[], classes=[], exposed=[])
    with pytest.raises(ValueError, match="as many"):
        tabulate_many([], hazards=[hazard], classes=[TWO] * 2, exposed=[FROM_1])
    for flags in (np.array([False, True]), np.array([False, True, True, True])):
        with pytest.raises(ValueError, match="unknown"):
            tabulate_many([], hazards=[hazard], classes=[TWO], exposed=[flags])


@pytest.mark.parametrize("after", [0, 1, 2, 5])
def test_cancelling_ends_the_threads(tmp_path: Path, after: int) -> None:
    noise = np.random.default_rng(1).integers(0, 3, (200, 200)).astype(np.uint8)
    hazards = [raster_of(tmp_path / f"{i}.tif", noise, cell=0.01 + 0.001 * i) for i in range(3)]
    calls = []

    def stop(fraction: float, _: str) -> None:
        calls.append(fraction)
        if len(calls) > after:
            raise Cancelled

    zones = zones_around(1, 40, 70, 30, 2.0)
    with pytest.raises(Cancelled):
        tabulate_many(zones, hazards=hazards, classes=[TWO] * 3, exposed=[FROM_1] * 3, progress=stop)
    assert not [t for t in threading.enumerate() if t.name.startswith("tiles-")]
    rising: list[float] = []
    tabulate_many(
        zones,
        hazards=hazards,
        classes=[TWO] * 3,
        exposed=[FROM_1] * 3,
        progress=lambda f, _: rising.append(f),
    )
    assert rising == sorted(rising)
    assert rising[-1] == 1.0


@pytest.mark.parametrize("south_up", [False, True])
@pytest.mark.parametrize("kind", [np.int16, np.float32])
def test_marks_of_no_data_are_counted_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, south_up: bool, kind: type
) -> None:
    monkeypatch.setattr("migmap.geo.tiles.cut.__defaults__", (60,))
    monkeypatch.setattr("migmap.geo.overlay.TILE_CELLS", 60)
    monkeypatch.setattr("migmap.geo.layered.TILE_CELLS", 60)
    random = np.random.default_rng(3)
    people = raster_of(tmp_path / "p.tif", np.ones((30, 30)), cell=0.1)
    values = random.choice([0, 1, 2, -9999, -1], (12, 11)).astype(kind)
    hazards = [
        raster_of(tmp_path / f"{i}.tif", values, west=70.01, cell=(0.26, 0.24), nodata=-1, south_up=south_up)
        for i in range(2)
    ]
    count = int((values == -9999).sum())
    alone = tabulate([], hazard=hazards[0], classes=TWO, people=people)
    many = tabulate_many([], hazards=hazards, classes=[TWO] * 2, exposed=[FROM_1] * 2, people=people)
    assert [(finding.code, finding.count) for finding in alone.findings] == [("nodata-undeclared", count)]
    assert [finding.count for finding in many.findings] == [count, count]
    assert "-9999" in alone.findings[0].message
