"""Ground areas, against pyproj.Geod and what others published."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from made_rasters import raster_of

from migmap.api import Problem
from migmap.geo.crs import WGS84
from migmap.geo.ground import cell_area_m2, ground_area_m2
from migmap.geo.rings import rings_of

LONLAT = pyproj.CRS.from_epsg(4326)
UTM = pyproj.CRS.from_epsg(32642)
MERCATOR = pyproj.CRS.from_epsg(3857)
LAMBERT = pyproj.CRS.from_epsg(24376)  # Kalianpur 1975 / India zone IIa, Everest ellipsoid
GEOD = pyproj.Geod(ellps="WGS84")


def area(shape: shapely.Geometry, crs: pyproj.CRS = LONLAT) -> float:
    return float(ground_area_m2(np.array([shape], dtype=object), crs)[0])


def geodesic(shape: shapely.Geometry, crs: pyproj.CRS, step: float) -> float:
    """Area by GeographicLib, its geodesic edges made short enough to follow the straight ones."""
    dense = shapely.segmentize(shape, step)
    to_lonlat = pyproj.Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)
    moved = shapely.transform(dense, lambda p: np.column_stack(to_lonlat.transform(p[:, 0], p[:, 1])))
    ellipsoid = crs.get_geod()
    assert ellipsoid is not None
    return abs(float(ellipsoid.geometry_area_perimeter(shapely.orient_polygons(moved))[0]))


PAKISTANI = shapely.Polygon(
    [(66.1, 24.9), (71.3, 28.2), (74.9, 31.4), (72.2, 35.8), (67.0, 31.0)],
    [[(70.0, 30.0), (71.0, 30.5), (70.5, 31.2)]],
)


def test_lonlat_area_is_geographiclibs() -> None:
    assert area(PAKISTANI) == pytest.approx(geodesic(PAKISTANI, LONLAT, 0.0005), rel=1e-9)
    village = shapely.transform(PAKISTANI, lambda p: [69.0, 30.0] + 0.001 * (p - [69.0, 30.0]))
    assert area(village) == pytest.approx(geodesic(village, LONLAT, 1e-5), rel=1e-9)


def test_the_whole_earth() -> None:
    earth = 510_065_621_724_088.44  # m2, GeographicLib, WGS84
    assert area(shapely.box(-180, -90, 180, 90)) == pytest.approx(earth, rel=1e-13)
    assert area(shapely.box(-180, 0, 180, 90)) == pytest.approx(earth / 2, rel=1e-13)


@pytest.mark.parametrize(
    ("crs", "x", "y", "size"),
    [(UTM, 500_000, 3_300_000, 150_000), (UTM, 200_000, 2_700_000, 400), (MERCATOR, 7.6e6, 3.5e6, 9e5)],
)
def test_projected_area_is_geographiclibs(crs: pyproj.CRS, x: float, y: float, size: float) -> None:
    shape = shapely.Polygon([(x, y), (x + size, y + 0.2 * size), (x + 0.7 * size, y + size)])
    assert area(shape, crs) == pytest.approx(geodesic(shape, crs, max(size / 4000, 20.0)), rel=1e-9)


def test_another_ellipsoid_is_used_where_the_crs_has_one() -> None:
    x, y = pyproj.Transformer.from_crs(LAMBERT.geodetic_crs, LAMBERT, always_xy=True).transform(74.0, 26.0)
    shape = shapely.box(x, y, x + 80_000, y + 60_000)
    assert area(shape, LAMBERT) == pytest.approx(geodesic(shape, LAMBERT, 100), rel=1e-9)


def test_orientation_holes_and_shapes_without_area() -> None:
    outer, hole = shapely.box(70, 30, 71, 31), shapely.box(70.2, 30.2, 70.4, 30.4)
    turned = shapely.Polygon(outer.exterior.coords[::-1], [hole.exterior.coords])
    both = shapely.Polygon(outer.exterior.coords, [hole.exterior.coords[::-1]])
    assert area(turned) == area(both) == pytest.approx(area(outer) - area(hole), rel=1e-14)
    assert area(shapely.MultiPolygon([turned, hole])) == pytest.approx(area(outer), rel=1e-14)
    shapes = np.array(
        [None, shapely.Point(1, 1), shapely.LineString([(0, 0), (1, 1)]), shapely.Polygon(), outer]
    )
    assert ground_area_m2(shapes, LONLAT).tolist() == [0, 0, 0, 0, area(outer)]
    assert ground_area_m2(np.array([], dtype=object), LONLAT).shape == (0,)


@settings(max_examples=60, deadline=None)
@given(
    west=st.floats(61, 74),
    south=st.floats(24, 34),
    size=st.floats(1e-5, 3.0),
    share=st.floats(0.05, 0.95),
    tilt=st.floats(-0.5, 0.5),
)
def test_cutting_a_polygon_keeps_its_area(
    west: float, south: float, size: float, share: float, tilt: float
) -> None:
    """Cut along a line through two vertices, so that no vertex is rounded."""
    top, bottom = (west + share * size, south + (1 + tilt) * size), (west + share * size, south)
    corners = [
        (west, south),
        bottom,
        (west + size, south),
        (west + size, south + size),
        top,
        (west, south + size),
    ]
    whole = shapely.Polygon(corners)
    left = shapely.Polygon([corners[0], bottom, top, corners[5]])
    right = shapely.Polygon([bottom, corners[2], corners[3], top])
    assert area(left) + area(right) == pytest.approx(area(whole), rel=1e-12)


def test_a_square_metre_keeps_its_digits() -> None:
    """A box of a metre has a millionth of the area of the box of a kilometre around the same place."""
    metre, kilometre = (shapely.box(70 - h, 30 - h, 70 + h, 30 + h) for h in (5e-6, 5e-3))
    assert area(metre) == pytest.approx(area(kilometre) / 1e6, rel=2e-8)


def test_coordinates_no_crs_can_hold() -> None:
    with pytest.raises(Problem, match="coordinate reference system"):
        area(shapely.box(1e9, 1e9, 2e9, 2e9), UTM)


def test_cells_of_a_geographic_raster_are_polygons(tmp_path: Path) -> None:
    for south_up in (False, True):
        raster = raster_of(tmp_path / f"{south_up}.tif", np.zeros((7, 5), np.uint8), south_up=south_up)
        cells = cell_area_m2(raster, 1, 6, 2, 4)
        block = shapely.box(70.2, 29.4, 70.4, 29.9)
        assert cells.shape == (5, 2)
        assert cells.sum() == pytest.approx(area(block), rel=1e-12)
        assert (cells[0, 0] < cells[-1, 0]) != south_up


@pytest.mark.parametrize(
    ("crs", "west", "north", "cell"),
    [("EPSG:32642", 300_000, 3_700_000, 5_000.0), ("EPSG:3857", 7e6, 4.3e6, 10_000.0)],
)
def test_cells_of_a_projected_raster(
    tmp_path: Path, crs: str, west: float, north: float, cell: float
) -> None:
    values = np.zeros((60, 80), np.uint8)
    raster = raster_of(tmp_path / "a.tif", values, crs=crs, west=west, north=north, cell=cell)
    cells = cell_area_m2(raster, 0, 60, 0, 80)
    rows, cols = np.mgrid[0:60:7, 0:80:9]
    x, y = west + cols.ravel() * cell, north - rows.ravel() * cell
    boxes = shapely.box(x, y - cell, x + cell, y)
    known = pyproj.CRS.from_user_input(crs)
    np.testing.assert_allclose(cells[rows.ravel(), cols.ravel()], ground_area_m2(boxes, known), rtol=1e-9)
    assert cells.sum() == pytest.approx(area(shapely.box(*_box(raster)), known), rel=1e-9)
    if crs == "EPSG:3857":
        return  # there PROJ gives the factors of a sphere, 0.2 % off
    factors = pyproj.Proj(crs).get_factors(
        *pyproj.Proj(crs)(x[20] + cell / 2, y[20] - cell / 2, inverse=True)
    )
    assert cells[rows.ravel()[20], cols.ravel()[20]] == pytest.approx(cell**2 / factors.areal_scale, rel=1e-5)


def _box(raster: object) -> tuple[float, float, float, float]:
    extent = raster.extent  # type: ignore[attr-defined]
    return extent.west, extent.south, extent.east, extent.north


def test_a_real_invalid_flood_has_the_area_its_makers_state(shared_data: Callable[[str], Path]) -> None:
    import pyogrio

    folder = shared_data("pk-unosat-viirs-2022")
    frame = pyogrio.read_dataframe(folder / "VIIRS_20220825_20220831_FloodExtent_PAK.shp")
    raw = np.array(frame.geometry, dtype=object)
    assert not shapely.is_valid(raw).any()
    before = ground_area_m2(raw, LONLAT)[0]
    assert before == pytest.approx(69_014.6e6, rel=1e-4)
    repaired = shapely.make_valid(shapely.get_parts(raw), method="structure", keep_collapsed=False)
    assert ground_area_m2(repaired, LONLAT).sum() == pytest.approx(before, rel=1e-9)


def test_many_shapes_are_taken_apart_in_pieces_without_a_seam() -> None:
    ring = shapely.box(0, 0, 3, 3).difference(shapely.box(1, 1, 2, 2))
    shapes = np.array([ring if i % 3 else None for i in range(4000)], dtype=object)
    rings = rings_of(shapes)
    assert rings.shapes == 4000
    assert len(rings.is_hole) == 2 * sum(shape is not None for shape in shapes)
    areas = ground_area_m2(shapes, WGS84)
    alone = ground_area_m2(shapes[1:2], WGS84)[0]
    assert np.array_equal(areas, np.where(np.arange(4000) % 3 > 0, alone, 0.0))
