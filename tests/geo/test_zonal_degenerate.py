"""Polygons of unusual form, against exactextract."""

from __future__ import annotations

from pathlib import Path

import geopandas
import numpy as np
import pytest
import shapely
from exactextract import exact_extract
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_rasters import raster_of
from test_zonal_many import FROM_1, TWO

from migmap.geo.zonal import sums, tabulate, tabulate_many

BOW_TIE = shapely.MultiPolygon(
    [
        shapely.Polygon([(70.13, 29.21), (70.5, 29.47), (70.13, 29.81)]),
        shapely.Polygon([(70.5, 29.47), (70.97, 29.11), (70.83, 29.93)]),
    ]
)
"""Two triangles that touch in a point."""

PINCHED = shapely.Polygon(
    [(70.1, 29.1), (70.9, 29.1), (70.9, 29.9), (70.1, 29.9)],
    [[(70.1, 29.5), (70.33, 29.37), (70.47, 29.55)]],
)
"""A hole that touches the border in a point."""

SHAPES = {
    "sliver along a grid line": shapely.box(70.2, 29.3, 70.2 + 1e-7, 29.7),
    "sliver across": shapely.Polygon([(70.03, 29.07), (70.93, 29.971), (70.93001, 29.97), (70.03001, 29.07)]),
    "needle beyond all cells": shapely.Polygon([(60, 29.5), (80, 29.51), (80, 29.5100001)]),
    "hole of one cell": shapely.box(70.2, 29.2, 70.7, 29.7) - shapely.box(70.4, 29.4, 70.5, 29.5),
    "hole within a cell": shapely.box(70.2, 29.2, 70.7, 29.7) - shapely.box(70.42, 29.43, 70.47, 29.48),
    "hole that leaves a frame": shapely.box(70, 29, 71, 30) - shapely.box(70.001, 29.001, 70.999, 29.999),
    "island of one cell": shapely.box(70.3, 29.3, 70.4, 29.4),
    "island within a cell": shapely.box(70.31, 29.32, 70.36, 29.39),
    "islands in one cell": shapely.MultiPolygon(
        [shapely.box(70.31, 29.31, 70.32, 29.32), shapely.box(70.35, 29.35, 70.39, 29.39)]
    ),
    "partly outside": shapely.box(69.5, 29.55, 70.25, 30.5),
    "around all": shapely.box(0, 0, 90, 80),
    "outside": shapely.box(75, 29, 76, 30),
    "touching from outside": shapely.box(71, 29, 72, 30),
    "touching itself": BOW_TIE,
    "hole that touches": PINCHED,
    "island in a hole": shapely.union(
        shapely.box(70.1, 29.1, 70.9, 29.9) - shapely.box(70.25, 29.25, 70.77, 29.77),
        shapely.box(70.44, 29.41, 70.58, 29.63),
    ),
    "many turns in one cell": shapely.Polygon(
        [
            (70.5 + 0.04 * np.cos(t), 29.55 + (0.02 + 0.02 * (i % 2)) * np.sin(t))
            for i, t in enumerate(np.linspace(0, 6.2, 80))
        ]
    ),
}


def oracle(hazard: str, people: str, zones: list[shapely.Geometry]) -> np.ndarray:
    """People [zones, 3] by value of the hazard, by exactextract."""
    frame = geopandas.GeoDataFrame(geometry=zones, crs=4326)
    found = exact_extract(hazard, frame, ["unique", "weighted_frac"], weights=people)
    whole = exact_extract(people, frame, ["sum"])
    out = np.zeros((len(zones), 3))
    for index, (row, total) in enumerate(zip(found, whole, strict=True)):
        everyone = total["properties"]["sum"]
        if not everyone:
            continue
        properties = row["properties"]
        for value, share in zip(properties["unique"], properties["weighted_frac"], strict=True):
            out[index, int(value)] = share * everyone
    return out


ROW, COL = (grid.ravel() for grid in np.indices((10, 10)))
SQUARES = shapely.box(70 + 0.1 * COL, 29.9 - 0.1 * ROW, 70.1 + 0.1 * COL, 30 - 0.1 * ROW)


def people_in(shape: shapely.Geometry, heads: np.ndarray) -> float:
    """People in a shape by cutting every cell with GEOS."""
    return float((shapely.area(shapely.intersection(SQUARES, shape)) / 0.01) @ heads.ravel())


def touched(shape: shapely.Geometry) -> np.ndarray:
    """Bool [10, 10]: cells that a shape touches."""
    return np.asarray(shapely.intersects(SQUARES, shape)).reshape(10, 10)


@pytest.mark.parametrize("name", SHAPES)
def test_odd_polygons(tmp_path: Path, name: str) -> None:
    random = np.random.default_rng(9)
    hazard = raster_of(tmp_path / "h.tif", random.integers(0, 3, (10, 10)).astype(np.uint8))
    other = raster_of(
        tmp_path / "o.tif", random.integers(0, 3, (14, 14)).astype(np.uint8), west=69.94, cell=0.083
    )
    heads = random.gamma(1.0, 5.0, (10, 10))
    people = raster_of(tmp_path / "p.tif", heads)
    shape = SHAPES[name]
    assert shape.is_valid
    expected = oracle(str(tmp_path / "h.tif"), str(tmp_path / "p.tif"), [shape])
    found = tabulate([shape], hazard=hazard, classes=TWO, people=people)
    # exactextract keeps shares of cells in single precision, and here a share below 1e-10 is none
    close = {"rtol": 1e-7, "atol": 1e-8 + 6e-8 * heads[touched(shape)].sum()}
    np.testing.assert_allclose(found.zones[:, :3], expected, **close)
    assert found.zones.sum() == pytest.approx(people_in(shape, heads), rel=1e-9, abs=1e-8)
    many = tabulate_many(
        [shape], hazards=[hazard, other], classes=[TWO] * 2, exposed=[FROM_1] * 2, people=people
    )
    np.testing.assert_allclose(many.by_hazard[0].zones, found.zones, rtol=1e-9, atol=1e-8)
    assert many.joint_zones[0, :4].sum() == pytest.approx(found.zones.sum(), rel=1e-9, abs=1e-8)


def test_a_polygon_that_crosses_itself_counts_what_make_valid_makes_of_it(tmp_path: Path) -> None:
    people = raster_of(tmp_path / "p.tif", np.random.default_rng(9).gamma(1.0, 5.0, (10, 10)))
    mended = shapely.make_valid(shapely.Polygon([(70.1, 29.1), (70.9, 29.9), (70.9, 29.1), (70.1, 29.9)]))
    frame = geopandas.GeoDataFrame(geometry=[mended], crs=4326)
    expected = exact_extract(str(tmp_path / "p.tif"), frame, ["sum"])[0]["properties"]["sum"]
    assert sums([mended], people).zones[0, 0] == pytest.approx(expected, rel=1e-7)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    points=st.lists(
        # on grid lines, a hair beside them, and anywhere
        st.tuples(
            *[
                st.one_of(
                    st.integers(-1, 11).map(float), st.sampled_from([3.0000001, 4.9999999]), st.floats(-1, 11)
                )
            ]
            * 2
        ),
        min_size=3,
        max_size=9,
    )
)
def test_polygons_through_any_points(tmp_path: Path, points: list[tuple[float, float]]) -> None:
    ring = [(70 + 0.1 * x, 30 - 0.1 * y) for x, y in points]
    shape = shapely.make_valid(shapely.Polygon(ring))
    parts = [part for part in shapely.get_parts(shape) if part.geom_type.endswith("Polygon")]
    shape = shapely.union_all(parts)
    if shape.is_empty:
        return
    heads = np.random.default_rng(9).gamma(1.0, 5.0, (10, 10))
    people = raster_of(tmp_path / "p.tif", heads)
    expected = people_in(shape, heads)
    assert sums([shape], people).zones[0, 0] == pytest.approx(expected, rel=1e-7, abs=1e-7)
