"""The sample: repeatable, calibrated, marked synthetic, and free of persons."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import rasterio
import shapely

SAMPLE = Path(__file__).resolve().parents[2] / "sample_data"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample")
    subprocess.run([sys.executable, str(SAMPLE / "generate.py"), str(folder)], check=True)
    return folder


def test_the_generator_makes_the_committed_values_again(made: Path) -> None:
    names = {path.name for path in made.iterdir()}
    kept = {
        path.name
        for path in SAMPLE.iterdir()
        if path.suffix in (".gpkg", ".geojson", ".csv", ".tif", ".json")
    }
    assert names == kept
    for name in sorted(names):
        if name.endswith((".csv", ".json")):
            assert (made / name).read_text("utf-8") == (SAMPLE / name).read_text("utf-8"), name
        elif name.endswith(".tif"):
            with rasterio.open(made / name) as new, rasterio.open(SAMPLE / name) as old:
                assert np.array_equal(new.read(1), old.read(1)), name
                assert new.transform == old.transform
        else:
            new, old = pyogrio.read_dataframe(made / name), pyogrio.read_dataframe(SAMPLE / name)
            assert new.drop(columns="geometry").equals(old.drop(columns="geometry")), name
            assert shapely.equals_exact(
                new.geometry.to_numpy(), old.geometry.to_numpy(), tolerance=2e-6, normalize=True
            ).all(), name


def test_counts_and_people_follow_the_published_facts() -> None:
    villages = pyogrio.read_dataframe(SAMPLE / "refugee_villages.gpkg")
    abadis = pyogrio.read_dataframe(SAMPLE / "katchi_abadis.gpkg")
    assert len(villages) == 54
    assert villages["population"].sum() == 448_000
    assert (abadis["city"] == "Quetta").sum() == 47
    assert {"Karachi", "Lahore"} <= set(abadis["city"])
    services = pyogrio.read_dataframe(SAMPLE / "services.geojson")
    assert set(services["sector"]) == {"health", "education", "WASH"}


def test_districts_fit_together_and_hold_every_village() -> None:
    districts = pyogrio.read_dataframe(SAMPLE / "districts.geojson").geometry.to_numpy()
    assert shapely.is_valid(districts).all()
    assert shapely.coverage_is_valid(districts)
    villages = pyogrio.read_dataframe(SAMPLE / "refugee_villages.gpkg").geometry.to_numpy()
    assert shapely.covers(shapely.union_all(districts), villages).all()


def test_flood_depth_never_falls_with_the_return_period() -> None:
    depths = []
    for period in (10, 50, 100):
        with rasterio.open(SAMPLE / f"flood_depth_rp{period}.tif") as file:
            depths.append(file.read(1, masked=True))
    assert (depths[0] <= depths[1]).all()
    assert (depths[1] <= depths[2]).all()
    assert depths[0].mask.any()


def test_every_file_says_it_is_synthetic() -> None:
    for path in SAMPLE.iterdir():
        if path.suffix in (".gpkg", ".geojson"):
            assert set(pyogrio.read_dataframe(path)["synthetic"]) == {"yes"}, path.name
        elif path.suffix == ".tif":
            with rasterio.open(path) as file:
                assert file.tags()["SYNTHETIC"] == "YES", path.name
        elif path.suffix == ".csv":
            with path.open(encoding="utf-8-sig", newline="") as file:
                rows = list(csv.DictReader(file))
            assert rows[0]["date"] == "#date"
            assert {row["synthetic"] for row in rows[1:]} == {"yes"}, path.name
    for path in SAMPLE.glob("*.meta.json"):
        assert json.loads(path.read_text("utf-8"))["synthetic"] is True
