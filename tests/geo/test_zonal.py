"""People and ground by class and zone, against exactextract and brute force."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pyproj
import pytest
import shapely
from exactextract import exact_extract
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_rasters import raster_of
from rasterio.transform import Affine

from migmap.api import Cancelled, Problem, RasterData
from migmap.geo.classes import Classes, classes_from_edges
from migmap.geo.ground import ground_area_m2
from migmap.geo.zonal import sums, tabulate

LONLAT = pyproj.CRS.from_epsg(4326)
DEPTHS = classes_from_edges([0.1, 0.5, 1.5])
FOUR = Classes(("not_exposed", "1", "2", "3"), values=(0.0, 1.0, 2.0, 3.0), not_exposed=0)
WEST, NORTH = 70.0, 30.0


def random_zones(seed: int, count: int, span: float = 3.0) -> np.ndarray:
    """Valid polygons over and around a 3 x 3 degree grid at (70, 30), some with holes, some multiparts."""
    random = np.random.default_rng(seed)
    zones = []
    for _ in range(count):
        centre = np.array([WEST, NORTH - span]) + random.uniform(-0.2, span + 0.2, 2)
        turn = np.sort(random.uniform(0, 2 * np.pi, random.integers(5, 40)))
        radius = random.uniform(0.02, 0.9) * random.uniform(0.4, 1.0, len(turn))
        points = centre + radius[:, None] * np.column_stack([np.cos(turn), np.sin(turn)])
        shape = shapely.make_valid(shapely.Polygon(points))
        if random.random() < 0.4:
            shape = shape.difference(shape.centroid.buffer(0.3 * radius.mean(), quad_segs=3))
        if random.random() < 0.3:
            shape = shape.union(shapely.box(*(centre + 0.95), *(centre + 1.05)))
        zones.append(shape)
    return np.array(zones, dtype=object)


def oracle(hazard: str, people: str, zones: np.ndarray, codes: int) -> np.ndarray:
    """[zones, codes] people by value of the hazard raster, by exactextract."""
    frame = geopandas.GeoDataFrame(geometry=zones, crs=4326)
    found = exact_extract(hazard, frame, ["unique", "weighted_frac", "count"], weights=people)
    whole = exact_extract(people, frame, ["sum"])
    out = np.zeros((len(zones), codes))
    for index, (row, total) in enumerate(zip(found, whole, strict=True)):
        properties = row["properties"]
        for value, share in zip(properties["unique"], properties["weighted_frac"], strict=True):
            out[index, int(value)] = share * total["properties"]["sum"]
    return out


@pytest.fixture(params=["striped", "tiled"])
def grids(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[RasterData, RasterData, Path]:
    """Hazard values 0 to 3 and people, 150 x 140 cells."""
    random = np.random.default_rng(7)
    options: dict[str, Any] = {"compress": "deflate"}
    if request.param == "tiled":
        options |= {"tiled": True, "blockxsize": 64, "blockysize": 32}
    depth = random.integers(0, 4, (140, 150)).astype(np.uint8)
    heads = random.gamma(1.0, 5.0, (140, 150)).astype(np.float32)
    hazard = raster_of(tmp_path / "hazard.tif", depth, cell=0.02, **options)
    people = raster_of(tmp_path / "people.tif", heads, cell=0.02, **options)
    return hazard, people, tmp_path


def test_people_by_class_are_exactextracts(grids: tuple[RasterData, RasterData, Path]) -> None:
    hazard, people, folder = grids
    zones = random_zones(1, 60)
    found = tabulate(zones, hazard=hazard, classes=FOUR, people=people)
    expected = oracle(str(folder / "hazard.tif"), str(folder / "people.tif"), zones, 4)
    scale = np.maximum(expected.sum(axis=1, keepdims=True), 1e-9)
    assert np.max(np.abs(found.zones[:, :4] - expected) / scale) < 1e-7
    assert not found.zones[:, 4].any()
    assert found.unit == "people"
    assert sums(zones, people).zones[:, 0] == pytest.approx(expected.sum(axis=1), rel=1e-7)


def test_many_tiles_give_what_one_gives(
    grids: tuple[RasterData, RasterData, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    hazard, people, _ = grids
    zones = random_zones(2, 30)
    one = tabulate(zones, hazard=hazard, classes=FOUR, people=people)
    monkeypatch.setattr("migmap.geo.tiles.cut.__defaults__", (1000,))
    monkeypatch.setattr("migmap.geo.tiles.tiles_of.__defaults__", (1000,))
    many = tabulate(zones, hazard=hazard, classes=FOUR, people=people)
    np.testing.assert_allclose(many.zones, one.zones, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(many.total, one.total, rtol=1e-12)
    again = tabulate(zones, hazard=hazard, classes=FOUR, people=people)
    assert np.array_equal(many.zones, again.zones)
    assert np.array_equal(many.total, again.total)


def test_the_total_does_not_depend_on_zones_and_their_order_not_on_the_answer(
    grids: tuple[RasterData, RasterData, Path],
) -> None:
    hazard, people, _ = grids
    zones = random_zones(3, 20)
    found = tabulate(zones, hazard=hazard, classes=FOUR, people=people)
    backwards = tabulate(zones[::-1], hazard=hazard, classes=FOUR, people=people)
    none = tabulate([], hazard=hazard, classes=FOUR, people=people)
    assert np.array_equal(found.zones[::-1], backwards.zones)
    assert np.array_equal(found.total, none.total)
    assert none.zones.shape == (0, 5)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000))
def test_a_partition_adds_up_to_the_whole(grids: tuple[RasterData, RasterData, Path], seed: int) -> None:
    hazard, people, _ = grids
    random = np.random.default_rng(seed)
    sites = shapely.MultiPoint(random.uniform([69.9, 26.9], [73.1, 30.1], (12, 2)))
    frame = shapely.box(69.5, 26.5, 73.5, 30.5)
    cells = [
        shapely.intersection(cell, frame) for cell in shapely.voronoi_polygons(sites, extend_to=frame).geoms
    ]
    for with_people in (people, None):
        found = tabulate(cells, hazard=hazard, classes=FOUR, people=with_people)
        np.testing.assert_allclose(found.zones[:, :4].sum(axis=0), found.total[:4], rtol=1e-9)


def test_rows_may_run_south_to_north(tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    depth, heads = random.random((30, 30)) * 2, random.random((30, 30)) * 9
    zones = random_zones(4, 12)
    answers = []
    for hazard_up in (False, True):
        for people_up in (False, True):
            name = f"{hazard_up}{people_up}"
            hazard = raster_of(tmp_path / f"h{name}.tif", depth, south_up=hazard_up)
            people = raster_of(tmp_path / f"p{name}.tif", heads, south_up=people_up)
            answers.append(tabulate(zones, hazard=hazard, classes=DEPTHS, people=people).zones)
            answers.append(tabulate(zones, hazard=hazard, classes=DEPTHS).zones / 1e9)
    for i in range(2, len(answers)):
        np.testing.assert_allclose(answers[i], answers[i % 2], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    ("west", "north", "cell", "shape"),
    [
        (70.0, 30.0, (0.05, 0.05), (60, 60)),  # half the size
        (69.87, 30.23, (0.3, 0.3), (12, 12)),  # three times the size, shifted, reaching beyond
        (70.33, 29.71, (0.037, 0.021), (40, 31)),  # smaller than the population and odd
        (70.0, 30.0, (0.1, 0.1), (10, 30)),  # the same lines, but ending sooner
    ],
)
@pytest.mark.parametrize("south_up", [False, True])
def test_grids_that_differ_are_cut_along_each_others_lines(
    tmp_path: Path,
    west: float,
    north: float,
    cell: tuple[float, float],
    shape: tuple[int, int],
    south_up: bool,
) -> None:
    random = np.random.default_rng(11)
    heads = random.random((30, 30)) * 9
    heads[3, 4] = np.nan
    depth = random.integers(0, 4, shape).astype(np.int16)
    depth[0, 0] = -1
    people = raster_of(tmp_path / "p.tif", heads, cell=0.1)
    hazard = raster_of(
        tmp_path / "h.tif", depth, west=west, north=north, cell=cell, nodata=-1, south_up=south_up
    )
    zones = random_zones(5, 8)
    found = tabulate(zones, hazard=hazard, classes=FOUR, people=people)
    expected, total = _by_intersection(zones, heads, depth, west, north, cell)
    np.testing.assert_allclose(found.zones, expected, atol=1e-7)
    np.testing.assert_allclose(found.total, total, atol=1e-7)
    assert found.people_nodata_cells == 1
    assert found.total.sum() == pytest.approx(np.nansum(heads))
    assert not found.findings


def test_tiles_of_differing_grids_add_up_and_count_each_cell_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    random = np.random.default_rng(12)
    heads = random.random((30, 30)) * 9
    heads[random.random((30, 30)) < 0.2] = np.nan
    people = raster_of(tmp_path / "p.tif", heads, cell=0.1)
    depth = random.integers(0, 4, (50, 44)).astype(np.uint8)
    hazard = raster_of(tmp_path / "h.tif", depth, west=70.11, north=29.93, cell=(0.061, 0.057))
    zones = random_zones(8, 10)
    one = tabulate(zones, hazard=hazard, classes=FOUR, people=people)
    monkeypatch.setattr("migmap.geo.tiles.cut.__defaults__", (150,))
    many = tabulate(zones, hazard=hazard, classes=FOUR, people=people)
    np.testing.assert_allclose(many.zones, one.zones, rtol=1e-9, atol=1e-9)
    assert many.people_nodata_cells == one.people_nodata_cells == np.isnan(heads).sum()


def _by_intersection(
    zones: np.ndarray,
    heads: np.ndarray,
    depth: np.ndarray,
    west: float,
    north: float,
    cell: tuple[float, float],
) -> tuple[np.ndarray, np.ndarray]:
    """The same by cutting every shape with GEOS: slow and plain."""
    row, col = (grid.ravel() for grid in np.indices(heads.shape))
    squares = shapely.box(70 + col * 0.1, 30 - (row + 1) * 0.1, 70 + (col + 1) * 0.1, 30 - row * 0.1)
    count = np.nan_to_num(heads.ravel())
    row, col = (grid.ravel() for grid in np.indices(depth.shape))
    tiles = shapely.box(
        west + col * cell[0], north - (row + 1) * cell[1], west + (col + 1) * cell[0], north - row * cell[1]
    )
    by_class = [shapely.union_all(tiles[depth.ravel() == value]) for value in range(4)]

    def people(shape: shapely.Geometry) -> float:
        return float(np.sum(count * shapely.area(shapely.intersection(squares, shape)) / 0.01))

    rows = []
    for zone in [*zones, shapely.box(0, 0, 99, 89)]:
        known = [people(shapely.intersection(zone, part)) for part in by_class]
        rows.append([*known, people(zone) - sum(known)])
    return np.array(rows[:-1]), np.array(rows[-1])


def test_ground_by_class(tmp_path: Path) -> None:
    depth = np.zeros((20, 20), np.float32)
    depth[:, 10:] = 1.0
    depth[0, :] = -9999
    hazard = raster_of(tmp_path / "h.tif", depth, nodata=-9999)
    zones = [shapely.box(70.5, 28.5, 71.5, 29.5), shapely.box(69.0, 29.0, 70.5, 31.0)]
    found = tabulate(zones, hazard=hazard, classes=DEPTHS)
    whole = ground_area_m2(np.array(zones), LONLAT)
    assert found.unit == "m2"
    # boxes along cell borders: the same as the polygons' own area
    halves = ground_area_m2(
        np.array([shapely.box(70.5, 28.5, 71, 29.5), shapely.box(71, 28.5, 71.5, 29.5)]), LONLAT
    )
    assert found.zones[0] == pytest.approx([halves[0], 0, halves[1], 0, 0], rel=1e-12)
    # beyond the raster a zone is unknown, and that does not enter the total
    inside = ground_area_m2(np.array([shapely.box(70, 29, 70.5, 29.9)]), LONLAT)[0]
    assert found.zones[1] == pytest.approx([inside, 0, 0, 0, whole[1] - inside], rel=1e-9)
    beyond = whole[1] - ground_area_m2(np.array([shapely.box(70, 29, 70.5, 30)]), LONLAT)[0]
    assert found.beyond == pytest.approx([0, beyond], rel=1e-9)
    assert found.total.sum() == pytest.approx(
        ground_area_m2(np.array([shapely.box(70, 28, 72, 30)]), LONLAT)[0]
    )


def test_ground_on_a_projected_raster_and_zones_in_degrees(tmp_path: Path) -> None:
    depth = np.random.default_rng(1).random((200, 220)).astype(np.float32) * 3
    hazard = raster_of(tmp_path / "h.tif", depth, crs="EPSG:32642", west=3e5, north=3.4e6, cell=1000.0)
    zone = shapely.Polygon([(67.4, 29.2), (68.9, 29.4), (68.6, 30.4), (67.6, 30.1)])
    found = tabulate([zone], hazard=hazard, classes=DEPTHS)
    assert found.zones.sum() == pytest.approx(ground_area_m2(np.array([zone]), LONLAT)[0], rel=2e-7)
    assert found.beyond[0] == 0
    leaving = shapely.box(66.0, 29.0, 67.5, 30.0)
    found = tabulate([leaving], hazard=hazard, classes=DEPTHS)
    assert found.zones.sum() == pytest.approx(ground_area_m2(np.array([leaving]), LONLAT)[0], rel=2e-7)
    utm = pyproj.CRS.from_epsg(32642)
    local = shapely.box(3.2e5, 3.25e6, 4.1e5, 3.3e6)
    found = tabulate([local], hazard=hazard, classes=DEPTHS, zones_crs=utm)
    assert found.zones.sum() == pytest.approx(ground_area_m2(np.array([local]), utm)[0], rel=1e-9)


def test_rasters_in_different_crs_are_sampled_and_it_is_said(tmp_path: Path) -> None:
    heads = np.random.default_rng(5).random((40, 40)) * 9
    people = raster_of(tmp_path / "p.tif", heads, cell=0.01)
    depth = np.zeros((60, 60), np.float32)
    depth[:, 30:] = 1.0
    hazard = raster_of(tmp_path / "h.tif", depth, crs="EPSG:32642", west=596_000, north=3.32e6, cell=800.0)
    zones = [shapely.box(69.9, 29.0, 70.2, 31.0), shapely.box(70.2, 29.0, 71.0, 31.0)]
    found = tabulate(zones, hazard=hazard, classes=DEPTHS, people=people)
    assert [finding.code for finding in found.findings] == ["grids-differ-crs"]
    assert found.total.sum() == pytest.approx(heads.sum(), rel=1e-12)
    np.testing.assert_allclose(found.zones.sum(axis=0), found.total, rtol=1e-9)
    assert found.total[0] > 0
    assert found.total[2] > 0
    # the hazard's eastern half begins at x = 620,000 m; each cell's people beyond it by cutting cells
    row, col = (grid.ravel() for grid in np.indices(heads.shape))
    cells = shapely.segmentize(
        shapely.box(70 + col * 0.01, 30 - row * 0.01 - 0.01, 70.01 + col * 0.01, 30 - row * 0.01), 0.002
    )
    move = pyproj.Transformer.from_crs(4326, 32642, always_xy=True).transform
    cells = shapely.transform(cells, lambda p: np.column_stack(move(p[:, 0], p[:, 1])))
    east = shapely.box(620_000, 3.32e6 - 48_000, 644_000, 3.32e6)
    share = shapely.area(shapely.intersection(cells, east)) / shapely.area(cells)
    assert found.total[2] == pytest.approx(float((heads.ravel() * share).sum()), rel=2e-3)


def test_few_cells_in_different_crs_are_sampled_finely(tmp_path: Path) -> None:
    random = np.random.default_rng(6)
    heads = random.random((12, 12)) * 9
    people = raster_of(tmp_path / "p.tif", heads, cell=0.02)
    depth = random.choice([0.0, 1.0], (20, 20)).astype(np.float32)
    hazard = raster_of(tmp_path / "h.tif", depth, crs="EPSG:32642", west=596_000, north=3.319e6, cell=1500.0)
    found = tabulate([], hazard=hazard, classes=DEPTHS, people=people)
    row, col = (grid.ravel() for grid in np.indices(heads.shape))
    cells = shapely.segmentize(
        shapely.box(70 + col * 0.02, 30 - row * 0.02 - 0.02, 70.02 + col * 0.02, 30 - row * 0.02), 0.004
    )
    move = pyproj.Transformer.from_crs(4326, 32642, always_xy=True).transform
    cells = shapely.transform(cells, lambda p: np.column_stack(move(p[:, 0], p[:, 1])))
    wet_row, wet_col = np.nonzero(depth)
    x, y = 596_000 + 1500.0 * wet_col, 3.319e6 - 1500.0 * wet_row
    wet = shapely.union_all(shapely.box(x, y - 1500.0, x + 1500.0, y))
    share = shapely.area(shapely.intersection(cells, wet)) / shapely.area(cells)
    assert found.total[2] == pytest.approx(float((heads.ravel() * share).sum()), rel=5e-3)


def test_a_hazard_in_another_crs_that_reaches_little_or_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("migmap.geo.overlay.TILE_CELLS", 400)
    heads = np.random.default_rng(5).random((40, 40)) * 9
    people = raster_of(tmp_path / "p.tif", heads, cell=0.1)
    small = raster_of(
        tmp_path / "s.tif", np.ones((30, 30), np.uint8), crs="EPSG:32642", west=7e5, north=3.2e6, cell=1000.0
    )
    zones = [shapely.box(69.0, 25.0, 72.0, 31.0), shapely.box(72.0, 25.0, 75.0, 31.0)]
    found = tabulate(zones, hazard=small, classes=FOUR, people=people)
    assert 0 < found.total[1] < 0.05 * heads.sum()
    assert found.total.sum() == pytest.approx(heads.sum(), rel=1e-12)
    np.testing.assert_allclose(found.zones.sum(axis=0), found.total, rtol=1e-9)
    far = raster_of(
        tmp_path / "f.tif", np.ones((30, 30), np.uint8), crs="EPSG:32756", west=7e5, north=6e6, cell=1000.0
    )
    nowhere = tabulate(zones, hazard=far, classes=FOUR, people=people)
    assert nowhere.total[-1] == pytest.approx(heads.sum(), rel=1e-12)
    assert not nowhere.total[:-1].any()


def test_densities_are_multiplied_by_ground(tmp_path: Path) -> None:
    heads = np.random.default_rng(5).random((20, 20)).astype(np.float32) * 100
    heads[4, 4] = -5
    people = raster_of(tmp_path / "p.tif", heads, nodata=-5)
    hazard = raster_of(tmp_path / "h.tif", np.zeros((20, 20), np.uint8))
    row, col = np.indices((20, 20))
    cells = shapely.box(70 + col * 0.1, 29.9 - row * 0.1, 70.1 + col * 0.1, 30 - row * 0.1)
    area = ground_area_m2(cells.ravel(), LONLAT).reshape(20, 20)
    per_m2 = float((np.where(heads < 0, 0, heads).astype(np.float64) * area).sum())
    for unit, m2 in {"people/km2": 1e6, "people/ha": 1e4, "people/10ha": 1e5, "people/m2": 1.0}.items():
        found = tabulate(
            [shapely.box(69, 27, 73, 31)], hazard=hazard, classes=FOUR, people=people, people_unit=unit
        )
        assert found.total[0] == pytest.approx(per_m2 / m2, rel=1e-9)
        assert found.zones[0, 0] == pytest.approx(per_m2 / m2, rel=1e-9)
        assert sums([], people, people_unit=unit).total[0] == pytest.approx(per_m2 / m2, rel=1e-9)
    assert found.people_nodata_cells == 1
    with pytest.raises(Problem, match="people/km2"):
        tabulate([], hazard=hazard, classes=FOUR, people=people, people_unit="people/acre")


def test_negative_people_are_no_people(tmp_path: Path) -> None:
    people = raster_of(tmp_path / "p.tif", np.array([[5, -2], [np.inf, 7]], np.float32))
    hazard = raster_of(tmp_path / "h.tif", np.zeros((2, 2), np.uint8))
    found = tabulate([], hazard=hazard, classes=FOUR, people=people)
    assert found.total[0] == 12
    assert found.people_nodata_cells == 2
    assert [(f.code, f.count) for f in found.findings] == [("negative-people", 1)]


@pytest.mark.parametrize("dtype", [np.int16, np.int32, np.float32, np.float64])
def test_undeclared_marks_of_no_data_are_unknown(tmp_path: Path, dtype: type) -> None:
    mark = -9999 if dtype is np.int16 else -999900
    depth = np.array([[0, 2, mark], [mark, 1, -1]]).astype(dtype)
    hazard = raster_of(tmp_path / "h.tif", depth, nodata=-1)
    people = raster_of(tmp_path / "p.tif", np.ones((2, 3)))
    found = tabulate([], hazard=hazard, classes=DEPTHS, people=people)
    assert found.total.tolist() == [1, 0, 1, 1, 3]
    assert [(f.code, f.count) for f in found.findings] == [("nodata-undeclared", 2)]
    assert str(mark) in found.findings[0].message


def test_the_largest_number_of_a_type_is_no_depth(tmp_path: Path) -> None:
    depth = np.array([[0, np.finfo(np.float32).max, 2.0, -np.finfo(np.float32).max, np.nan]], np.float32)
    found = tabulate([], hazard=raster_of(tmp_path / "h.tif", depth), classes=DEPTHS)
    assert (found.total > 0).tolist() == [True, False, False, True, True]
    assert [(f.code, f.count) for f in found.findings] == [("nodata-undeclared", 2)]


def test_a_declared_mark_is_no_finding(tmp_path: Path) -> None:
    lowest = float(np.finfo(np.float32).min)
    depth = np.array([[0, lowest, 2.0]], np.float32)
    found = tabulate([], hazard=raster_of(tmp_path / "h.tif", depth, nodata=lowest), classes=DEPTHS)
    assert not found.findings
    assert found.total[-1] > 0


def test_without_any_data_everything_is_unknown(tmp_path: Path) -> None:
    hazard = raster_of(tmp_path / "h.tif", np.full((4, 4), -1, np.int16), nodata=-1)
    people = raster_of(tmp_path / "p.tif", np.ones((4, 4)))
    nothing = Classes((), values=())
    zone = [shapely.box(70, 29.6, 70.2, 30)]
    assert tabulate(zone, hazard=hazard, classes=nothing, people=people).zones.tolist() == [[8.0]]
    assert tabulate(zone, hazard=hazard, classes=DEPTHS, people=people).zones[0, -1] == 8.0


def test_a_mask_in_the_file_hides_cells(tmp_path: Path) -> None:
    import rasterio

    raster = raster_of(tmp_path / "h.tif", np.ones((2, 2), np.uint8))
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), rasterio.open(tmp_path / "h.tif", "r+") as dataset:
        dataset.write_mask(np.array([[255, 0], [255, 255]], np.uint8))
    people = raster_of(tmp_path / "p.tif", np.ones((2, 2)))
    assert tabulate([], hazard=raster, classes=FOUR, people=people).total.tolist() == [0, 3, 0, 0, 1]


def test_odd_zones_are_zero_rows(tmp_path: Path) -> None:
    people = raster_of(tmp_path / "p.tif", np.ones((4, 4)))
    zones = [
        None,
        shapely.Polygon(),
        shapely.box(10, 10, 11, 11),
        shapely.Point(70.1, 29.9),
        shapely.box(70, 29.6, 70.4, 30),
    ]
    assert sums(zones, people).zones[:, 0].tolist() == pytest.approx([0, 0, 0, 0, 16])


def test_rotated_rasters_are_refused(tmp_path: Path) -> None:
    turned = Affine(0.1, 0.02, 70, 0.02, -0.1, 30)
    raster = raster_of(tmp_path / "r.tif", np.ones((4, 4)), transform=turned)
    with pytest.raises(Problem, match="rotated"):
        tabulate([], hazard=raster, classes=DEPTHS)


@pytest.mark.parametrize("after", [0, 1, 2])
def test_cancelling_ends_the_threads(grids: tuple[RasterData, RasterData, Path], after: int) -> None:
    hazard, people, _ = grids
    calls = []

    def stop(fraction: float, _: str) -> None:
        calls.append(fraction)
        if len(calls) > after:
            raise Cancelled

    with pytest.raises(Cancelled):
        tabulate(random_zones(6, 5), hazard=hazard, classes=FOUR, people=people, progress=stop)
    assert not [t for t in threading.enumerate() if t.name.startswith("tiles-")]


def test_progress_rises_to_one(grids: tuple[RasterData, RasterData, Path]) -> None:
    hazard, people, _ = grids
    calls: list[float] = []
    tabulate([], hazard=hazard, classes=FOUR, people=people, progress=lambda f, _: calls.append(f))
    assert calls == sorted(calls)
    assert calls[-1] == 1.0


def test_a_broken_file_is_a_problem_and_ends_the_threads(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 9, (600, 600)).astype(np.uint8)
    raster = raster_of(tmp_path / "h.tif", noise, compress="deflate")
    whole = (tmp_path / "h.tif").read_bytes()
    (tmp_path / "h.tif").write_bytes(whole[: len(whole) // 3])
    with pytest.raises(Problem):
        tabulate([], hazard=raster, classes=DEPTHS)
    assert not [t for t in threading.enumerate() if t.name.startswith("tiles-")]
