"""Single households are recognised and held confidential; sites, shelters and facilities are none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import geopandas
import numpy as np
import pandas as pd
import pytest
import shapely

from migmap.api import Meta, Reading, Source, VectorData
from migmap.geo.households import household_positions, with_household_care
from migmap.io.read import read
from migmap.io.reference import Reference

N = 40


def layer(
    name: str, columns: dict[str, object], keep: tuple[str, ...] = (), kind: str = "plain"
) -> VectorData:
    shapes = geopandas.GeoSeries(shapely.points(np.linspace(71, 72, N), np.full(N, 34.0)), crs=4326)
    frame = geopandas.GeoDataFrame(pd.DataFrame(columns), geometry=shapes)
    source, rows = Source(f"{name}.csv"), np.arange(2, N + 2)
    return VectorData(frame, name, source, rows, kind=kind, reading=Reading(keep=keep))


SIZES = [1 + i % 9 for i in range(N)]
IDS = [f"H{i:03d}" for i in range(N)]


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("survey", {"hh_id": IDS}),
        ("export", {"group_a/hhid": IDS, "x": SIZES}),
        ("survey", {"household_size": SIZES}),
        ("Households_2017", {"block": SIZES}),
        ("camp", {"house_id": IDS}),
        ("camp", {"caravan_no": IDS}),
        ("camp", {"shelter_id": IDS, "family_members": SIZES}),
        ("camp", {"shelter_number": IDS, "hoh_gender": ["male", "female"] * (N // 2)}),
    ],
)
def test_households(name: str, columns: dict[str, object]) -> None:
    found = household_positions(layer(name, columns))
    assert found is not None
    assert found.code == "household-positions"
    assert found.count == N
    cared = with_household_care(layer(name, columns)).meta
    assert (cared.sensitivity, cared.households) == ("confidential", True)


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("evacuation_shelters", {"shelter_id": IDS, "capacity": [200 + i for i in range(N)]}),
        ("health_houses", {"health_house_id": IDS}),
        ("villages", {"village_id": IDS, "households": [50 + i for i in range(N)]}),
        (
            "sites",
            {"site_id": IDS, "hh": [30 + i for i in range(N)], "individuals": [200 + i for i in range(N)]},
        ),
        ("sites", {"site_id": IDS, "avg_household_size": [6.5] * N}),
        ("households_by_district", {"district": IDS, "households": [500 + i for i in range(N)]}),
        ("water_points", {"id": IDS, "number_of_households": [20 + i for i in range(N)]}),
        ("facilities", {"osm_id": IDS, "addr_housenumber": [None] * N}),
        ("schools", {"school_id": IDS, "name": IDS}),
        ("tanks", {"steel_id": IDS, "family_name": ["a"] * N}),
    ],
)
def test_others(name: str, columns: dict[str, object]) -> None:
    data = layer(name, columns)
    assert household_positions(data) is None
    assert with_household_care(data) is data


def test_asked_for_they_stay_as_open_as_the_layer() -> None:
    data = with_household_care(layer("survey", {"hh_id": IDS}, keep=("household-positions",)))
    assert (data.meta.sensitivity, data.meta.households) == (None, False)
    assert "may leave migmap" in data.findings[0].message


def test_boundaries_are_no_households() -> None:
    points = layer("Households", {"house_id": IDS}, kind="boundary")
    shapes = points.frame.assign(geometry=shapely.buffer(points.frame.geometry.to_numpy(), 0.01))
    assert household_positions(replace(points, frame=shapes.set_crs(4326))) is None


@pytest.mark.parametrize("kind", ["boundary", "population", "flow"])
def test_a_stated_kind_makes_no_areas_of_points(kind: str) -> None:
    assert household_positions(layer("survey", {"hh_id": IDS}, kind=kind)) is not None


def test_what_the_file_says_of_itself_is_enough() -> None:
    data = replace(layer("points", {"a": IDS}), meta=Meta(households=True))
    assert with_household_care(data).meta.sensitivity == "confidential"
    kept = replace(data, reading=Reading(keep=("household-positions",)))
    assert with_household_care(kept).meta.households is False


def test_a_real_camp(shared_data: Callable[[str], Path]) -> None:
    folder = shared_data("jor-zaatari")
    data = read(Reference(folder / "Households_2017_04.csv"))
    assert isinstance(data, VectorData)
    found = household_positions(data)
    assert found is not None
    assert found.count == 14_105
    facilities = read(Reference(folder / "CampFacilities_2017_02.geojson"))
    assert isinstance(facilities, VectorData)
    assert household_positions(facilities) is None


@pytest.mark.parametrize(
    ("header", "cell", "households"),
    [
        ("Name of Head of HH", "Zubaida Khan", True),
        ("S/O", "Zubaida Khan", True),
        ("CNIC", "42101-1234567-1", True),
        ("Patient Name", "Zubaida Khan", True),
        ("شناختی کارڈ", "42101-1234567-1", True),
        ("Focal person", "Zubaida Khan", False),
        ("Focal person CNIC", "42101-1234567-1", False),
        ("village_head_name", "Zubaida Khan", False),
        ("Respondent name", "Zubaida Khan", False),
        ("phone", "0300-1234567", False),
    ],
)
@pytest.mark.parametrize("rows", [3, 12])
def test_a_list_of_families_is_known_by_the_personal_columns_it_lost(
    tmp_path: Path, header: str, cell: str, households: bool, rows: int
) -> None:
    lines = [f"S.No,{header},Mohallah,Total,longitude,latitude"]
    lines += [f"{k},{cell},Old town,{k % 7 + 1},{71 + k / 1000},{34 + k / 1000}" for k in range(rows)]
    path = tmp_path / "list.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    data = read(Reference(path))
    assert isinstance(data, VectorData)
    assert (household_positions(data) is not None) is households


def test_three_households_are_households() -> None:
    data = layer("survey", {"hh_id": IDS})
    few = replace(data, frame=data.frame.iloc[:3], row_numbers=data.row_numbers[:3])
    assert household_positions(few) is not None
