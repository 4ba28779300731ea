"""Runs about single households: nothing small leaves through what follows, comparisons or explanations."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pytest
import rasterio
import shapely
from affine import Affine

from migmap.app.workbench import Workbench
from migmap.cli import main

COUNTS = {"A": (12, 2), "B": (9, 3), "C": (30, 11)}
"""Area -> households in the dry and in the wet half."""


@pytest.fixture
def homes(tmp_path: Path) -> dict[str, Any]:
    rng = np.random.default_rng(1)
    points, areas = [], []
    for place, (dry, wet) in enumerate(COUNTS.values()):
        west = 70 + place * 0.1
        areas.append(shapely.box(west, 30, west + 0.1, 30.1))
        for count, low in ((dry, 0.0), (wet, 0.05)):
            x = west + low + rng.uniform(0.005, 0.045, count)
            points += shapely.points(x, rng.uniform(30.01, 30.09, count)).tolist()
    size = rng.integers(2, 9, len(points))
    frame = geopandas.GeoDataFrame(
        {"hh_id": [f"H{i:03}" for i in range(len(points))], "hh_size": size, "age": size},
        geometry=points,
        crs=4326,
    )
    frame.to_file(tmp_path / "households.gpkg")
    geopandas.GeoDataFrame({"code": list(COUNTS)}, geometry=areas, crs=4326).to_file(tmp_path / "blocks.gpkg")
    depth = np.zeros((2, 6), dtype=np.float32)
    depth[:, 1::2] = 1.0
    for name, cells in (("flood", depth), ("later", depth * 0.2)):
        with rasterio.open(
            tmp_path / f"{name}.tif", "w", driver="GTiff", width=6, height=2, count=1, dtype="float32",
            crs="EPSG:4326", transform=Affine(0.05, 0, 70, 0, -0.05, 30.1),
        ) as out:  # fmt: skip
            out.write(cells, 1)
    return {
        "hazard": str(tmp_path / "flood.tif"),
        "exposed": str(tmp_path / "households.gpkg"),
        "areas": str(tmp_path / "blocks.gpkg"),
        "people": "hh_size",
        "classes": (0.1, 0.5),
        "area_id": "code",
        "affected_from": "0.5",
    }


def _saved(workbench: Workbench, params: dict[str, Any], target: Path) -> dict[str, Any]:
    run = workbench.run("exposure", params)
    assert run.households
    workbench.export_run(run, [target, target.with_suffix(".gpkg"), target.with_suffix(".csv")])
    saved: dict[str, Any] = json.loads(target.read_text("utf-8"))
    return saved


def test_no_small_count_is_in_a_saved_run_or_its_comparison(homes: dict[str, Any], tmp_path: Path) -> None:
    workbench = Workbench()
    before = _saved(workbench, homes, tmp_path / "before.json")
    after = _saved(
        workbench,
        {**homes, "hazard": str(tmp_path / "later.tif"), "compare": str(tmp_path / "before.json")},
        tmp_path / "after.json",
    )
    for document in (before, after):
        rows = [row for row in document["metrics"] if row["area"] in ("A", "B")]
        assert {row["metric"] for row in rows} >= {"sites", "people", "affected", "people_min", "people_max"}
        for row in rows:
            told = [row["value"], row.get("before"), row.get("after")]
            assert not any(told), row
        everything = [row for row in document["metrics"] if row["area"] is None]
        assert all(row["value"] is not None for row in everything)
    for name in ("before.gpkg", "after.gpkg"):
        layers = geopandas.list_layers(tmp_path / name)["name"].tolist()
        assert "sites_difference" not in layers
        assert "sites" not in layers
        for layer in {"areas", "difference"} & set(layers):
            frame = geopandas.read_file(tmp_path / name, layer=layer)
            closed = frame[frame["id"].isin(["A", "B"])].drop(columns=["id", "name", "geometry"])
            numbers = closed.select_dtypes("number").to_numpy()
            assert np.nan_to_num(numbers).sum() == 0
            open_ = frame[frame["id"] == "C"].select_dtypes("number").to_numpy()
            assert np.nan_to_num(open_).sum() != 0
    assert not any("hh_id" in path.read_text("utf-8-sig") for path in tmp_path.glob("*.csv"))


def test_no_household_is_listed_by_an_explanation(
    homes: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = _saved(Workbench(), homes, tmp_path / "run.json")
    for index, row in enumerate(document["metrics"]):
        assert main(["explain", str(tmp_path / "run.json"), str(index), "--json"]) == 0
        text = capsys.readouterr().out
        said = json.loads(text)
        assert said["tables"] == []
        assert said["total"] is None
        assert "H0" not in text
        assert "×" not in text
        if row.get("hidden"):
            assert said["agrees"] is None
            assert "not shown" in said["title"]
        else:
            assert said["agrees"] is True, said
