"""The 2022 flood over Pakistan's districts, and health facilities in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from handles import assert_adds_up, finding, real, run, values

from migmap.analysis.exposure import Exposure

# UNOSAT, VIIRS flood extent 25-31 August 2022 (FL20220808PAK), attribute Area_m2 = 69,014,600,000.
FLOOD_KM2 = 69_014.6
# Overlap of the simplified COD-AB districts (OCHA, 2022-09-09), the sum over pairs that share ground.
OVERLAP_KM2 = 464.0
FACILITIES = 3_379


@pytest.fixture(scope="module")
def flood(shared_data: Callable[[str], Path]) -> Any:
    folder = shared_data("pk-unosat-viirs-2022")
    return real(folder / "VIIRS_20220825_20220831_FloodExtent_PAK.shp")


@pytest.fixture(scope="module")
def districts(shared_data: Callable[[str], Path]) -> Any:
    folder = shared_data("pk-codab-adm2")
    return real(folder / "districts_simplified_5p.geojson", pcode="ADM2_PCODE", name="ADM2_EN")


def test_repair_loses_no_ground(flood: Any) -> None:
    said = finding(flood, "geometry-repaired").message
    assert said.count("69,014.6 km²") == 2
    assert len(shapely.get_parts(flood.frame.geometry[0])) == 6660


def test_flooded_ground_by_district(flood: Any, districts: Any) -> None:
    result = run(Exposure, {}, hazard=flood, areas=districts)
    everything = values(result, "area_km2")
    assert everything["exposed"] == pytest.approx(FLOOD_KM2, rel=1e-4)
    assert everything["unknown"] == 0
    assert_adds_up(result, 1e-7)
    alone = run(Exposure, {}, hazard=flood)
    assert values(alone, "area_km2")["exposed"] == pytest.approx(everything["exposed"], rel=1e-12)
    overlap = values(result, "area_km2", "overlap")
    assert sum(value or 0 for value in overlap.values()) == pytest.approx(-OVERLAP_KM2, abs=1)
    said = finding(result, "areas-overlap")
    assert said.count == 13
    assert "464." in said.message
    assert "Ghanche (PK303)" in said.message
    assert finding(result, "area-without-id").rows == (161,)
    rows = [row for row in result.metrics if row.area == "row:161"]
    assert {row.level for row in rows} == {"ADM2_PCODE"}
    assert len(result.layers[0].data.frame) == 161


def test_facilities_in_the_water_and_out_of_it(
    flood: Any, districts: Any, shared_data: Callable[[str], Path]
) -> None:
    sites = real(shared_data("pk-healthsites") / "pakistan.geojson")
    result = run(Exposure, {}, hazard=flood, exposed=sites, areas=districts)
    everything = values(result, "sites")
    assert sum(value or 0 for value in everything.values()) == FACILITIES
    assert_adds_up(result)
    # The same by hand: the reader's own points and centroids against the flood as one shape.
    shapes = sites.frame.geometry.to_numpy()
    points = shapely.centroid(shapes)
    off = ~shapely.intersects(shapes, points)
    points[off] = shapely.point_on_surface(shapes[off])
    water = flood.frame.geometry[0]
    shapely.prepare(water)
    assert everything["exposed"] == int(shapely.intersects(water, points).sum())
    layer = result.layers[-1].data.frame
    assert len(layer) == FACILITIES
    assert int((layer["class"] == "exposed").sum()) == everything["exposed"]
    assert np.isfinite(layer["hazard_value"]).all()
