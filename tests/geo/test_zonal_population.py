"""What a population raster adds up to, read every way."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from made_rasters import raster_of

from migmap.api import Problem
from migmap.geo.crs import WGS84
from migmap.geo.ground import ground_area_m2
from migmap.geo.population import DENSITY_M2, stated_reading
from migmap.geo.zonal import population_summary, population_total


def test_a_raster_in_every_unit(tmp_path: Path) -> None:
    values = np.array([[100, 0, -9], [50, np.nan, -3]], np.float32)
    summary = population_summary(raster_of(tmp_path / "a.tif", values, nodata=-9))
    upper, lower = (
        float(ground_area_m2(np.array([shapely.box(70, y - 0.1, 70.1, y)]), WGS84)[0]) for y in (30, 29.9)
    )
    assert summary.as_counts == 150
    assert summary.inhabited_km2 == pytest.approx((upper + lower) / 1e6, rel=1e-12)
    assert summary.counts_per_km2 == pytest.approx(150e6 / (upper + lower))
    assert (summary.nodata_cells, summary.negative_cells) == (2, 1)
    product = 100 * upper + 50 * lower
    assert summary.total("people/km2") == pytest.approx(product / 1e6, rel=1e-12)
    assert summary.total("people/ha") == pytest.approx(product / 1e4, rel=1e-12)
    assert summary.total("people/10ha") == pytest.approx(product / 1e5, rel=1e-12)
    assert summary.total("people/m2") == pytest.approx(product, rel=1e-12)
    assert summary.total(None) == summary.total("counts") == 150
    with pytest.raises(Problem):
        summary.total("people/acre")


def test_whole_numbers_and_empty_rasters(tmp_path: Path) -> None:
    whole = raster_of(tmp_path / "a.tif", np.array([[3, 4], [-1, 5]], np.int32), nodata=-1)
    assert population_total(whole, None) == 12
    empty = population_summary(raster_of(tmp_path / "b.tif", np.full((2, 2), np.nan)))
    assert (empty.as_counts, empty.inhabited_km2, empty.counts_per_km2) == (0, 0, 0)


@pytest.mark.parametrize(
    ("unit", "reading"),
    [
        ("people per cell", "counts"),
        ("Number of persons per pixel", "counts"),
        ("population count", "counts"),
        ("persons per km2", "people/km2"),
        ("inhabitants per sq. km", "people/km2"),
        ("people km-2", "people/km2"),
        ("/km²", "people/km2"),
        ("people per hectare", "people/ha"),
        ("per hectare", "people/ha"),
        ("people per 10 ha", "people/10ha"),
        ("persons/m^2", "people/m2"),
        ("households per km2", None),
        ("people/100m", None),
        ("m", None),
        ("", None),
    ],
)
def test_a_unit_in_a_file_is_read_as_people_write_it(unit: str, reading: str | None) -> None:
    assert stated_reading(unit) == reading


@given(st.text())
def test_any_unit_is_read_as_a_known_reading_or_none(unit: str) -> None:
    assert stated_reading(unit) in (None, "counts", *DENSITY_M2)
