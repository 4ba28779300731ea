"""Sets of hazard rasters: by return period, date and scenario, with what is odd about them together."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest
import rasterio
from made_rasters import raster_of

from migmap.api import Problem
from migmap.geo.hazardset import hazard_set
from migmap.io.rasters.raster import open_raster
from migmap.io.reference import parse_reference

DEPTH = np.linspace(0, 3, 100, dtype="float32").reshape(10, 10)


def folder_of(tmp_path: Path, *names: str, factor: float = 1.0) -> Path:
    folder = tmp_path / "set"
    folder.mkdir(exist_ok=True)
    for index, name in enumerate(names):
        raster_of(folder / f"{name}.tif", DEPTH * (1 + factor * index))
    return folder


def test_return_periods_in_a_folder(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, "flood_depth_rp10", "flood_depth_rp100", "flood_depth_rp50")
    raster_of(folder / "population.tif", DEPTH)
    (folder / "broken_rp500.tif").write_bytes(b"II")
    (folder / "notes.txt").write_text("see above")
    found = hazard_set(str(folder))
    assert [one.return_period_years for one in found.members] == [10, 50, 100]
    assert (found.hazard, found.quantity, found.by) == ("flood", "depth", ("return_period",))
    assert {one.code for one in found.findings} == {"set-other-raster", "set-member-unreadable"}
    assert all(str(tmp_path) not in one.message for one in found.findings)
    for one in found.members:
        open_raster(parse_reference(one.reference))


def test_a_ladder_is_compared_when_asked(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, "rp100", "rp10")
    assert not hazard_set(str(folder)).findings
    assert [one.code for one in hazard_set(str(folder), compare=True).findings] == ["set-does-not-rise"]


def test_scenarios_and_years_with_a_hole(tmp_path: Path) -> None:
    names = [f"spei_{s}_{y}" for s in ("ssp245", "ssp585") for y in (2030, 2050)][:3]
    found = hazard_set(str(folder_of(tmp_path, *names)))
    assert found.by == ("date", "scenario")
    assert [(one.date, one.scenario) for one in found.members] == [
        ("2030", "ssp245"),
        ("2050", "ssp245"),
        ("2030", "ssp585"),
    ]
    missing = next(one for one in found.findings if one.code == "set-member-missing")
    assert "2050, ssp585" in missing.message


def test_months_with_a_gap_and_twins(tmp_path: Path) -> None:
    found = hazard_set(str(folder_of(tmp_path, *[f"rain_2022-{m:02d}" for m in (1, 2, 3, 5, 6)])))
    assert "2022-04" in next(one.message for one in found.findings if one.code == "set-member-missing")
    other = tmp_path / "twins"
    other.mkdir()
    twins = hazard_set(str(folder_of(other, "rp10", "sub_rp10", "sub_rp50")))
    assert [one.scenario for one in twins.members] == [None, None, "sub"]


def test_bands_and_zips(tmp_path: Path) -> None:
    path = tmp_path / "flood.tif"
    with rasterio.open(
        path, "w", driver="GTiff", width=10, height=10, count=3, dtype="float32", crs="EPSG:4326",
        transform=rasterio.Affine(0.1, 0, 70, 0, -0.1, 30),
    ) as out:  # fmt: skip
        out.write(np.stack([DEPTH, DEPTH * 2, DEPTH * 3]))
        out.descriptions = ("1in10", "1in50", "1in100")
    found = hazard_set(str(path))
    assert [(one.return_period_years, one.reference[-3:]) for one in found.members] == [
        (10, "::1"),
        (50, "::2"),
        (100, "::3"),
    ]
    folder = folder_of(tmp_path, "rp10", "rp100")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as out:
        for file in sorted(folder.iterdir()):
            out.write(file, file.name)
    assert [one.return_period_years for one in hazard_set(str(tmp_path / "a.zip")).members] == [10, 100]


def test_a_list_of_references_and_units_apart(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, "rp10", "rp100")
    with rasterio.open(folder / "rp10.tif", "r+") as out:
        out.units = ("m",)
    with rasterio.open(folder / "rp100.tif", "r+") as out:
        out.units = ("cm",)
    found = hazard_set([str(folder / "rp100.tif"), str(folder / "rp10.tif")])
    assert [one.return_period_years for one in found.members] == [10, 100]
    assert found.unit is None
    assert [one.code for one in found.findings] == ["set-units-differ"]
    assert found.as_json()["by"] == ["return_period"]


def test_what_is_no_set(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, "rp10")
    with pytest.raises(Problem, match="no hazard set"):
        hazard_set(str(folder))
    (tmp_path / "empty").mkdir()
    with pytest.raises(Problem, match="without rasters"):
        hazard_set(str(tmp_path / "empty"))


def test_a_real_ladder(shared_data: object) -> None:
    found = hazard_set(str(shared_data("gfdrr-jam")))  # type: ignore[operator]
    assert [one.return_period_years for one in found.members] == [10, 50, 100, 1000]
    assert [one.code for one in found.findings] == ["set-other-raster"]
