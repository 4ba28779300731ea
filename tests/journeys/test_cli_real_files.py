"""The real files beside the checkout, from the command line, against figures others published."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from migmap.cli import main

Real = Callable[[str], Path]
Ask = Callable[..., dict[str, Any]]


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]) -> Ask:
    """The document a command prints."""

    def run(*words: object) -> dict[str, Any]:
        code = main([*map(str, words), "--json"])
        said = capsys.readouterr()
        assert code == 0, said.err
        document: dict[str, Any] = json.loads(said.out)
        return document

    return run


def whole(document: dict[str, Any], metric: str) -> dict[str, float]:
    return {
        row["class"]: row["value"]
        for row in document["metrics"]
        if row["metric"] == metric and row["area"] is None
    }


def assert_areas_add_up(document: dict[str, Any], metric: str, classes: set[str] | None = None) -> None:
    parts: dict[str, float] = defaultdict(float)
    for row in document["metrics"]:
        if row["metric"] == metric and row["area"] is not None:
            parts[row["class"]] += row["value"]
    for name, value in whole(document, metric).items():
        if classes is None or name in classes:
            assert parts[name] == pytest.approx(value, rel=1e-9, abs=1e-6), name


def codes(document: dict[str, Any]) -> set[str]:
    return {finding["code"] for finding in document["findings"]}


def flood_and_districts(real: Real) -> tuple[object, ...]:
    flood = real("pk-unosat-viirs-2022") / "VIIRS_20220825_20220831_FloodExtent_PAK.shp"
    districts = real("pk-codab-adm2") / "districts_simplified_5p.geojson"
    return ("run", "exposure", "--hazard", flood, "--areas", districts)


def test_flooded_ground_by_district(ask: Ask, shared_data: Real, tmp_path: Path) -> None:
    """69,014.6 km2 is the flood's own attribute (UNOSAT). Districts: OCHA's common boundaries."""
    out = tmp_path / "flood.gpkg"
    document = ask(*flood_and_districts(shared_data), "--out", out)
    assert whole(document, "area_km2")["exposed"] == pytest.approx(69_014.6, rel=1e-4)
    assert_areas_add_up(document, "area_km2")
    assert "geometry-repaired" in codes(document)
    areas = {row["area"] for row in document["metrics"]}
    assert {"outside", "overlap", "row:161"} <= areas
    overlap = sum(row["value"] for row in document["metrics"] if row["area"] == "overlap")
    assert overlap == pytest.approx(-464, abs=1)
    assert document["outputs"] == [str(out)]


def test_health_facilities_in_the_water(ask: Ask, shared_data: Real) -> None:
    sites = shared_data("pk-healthsites") / "pakistan.geojson"
    document = ask(*flood_and_districts(shared_data), "--exposed", sites)
    assert sum(whole(document, "sites").values()) == 3_379
    assert_areas_add_up(document, "sites")


def test_households_and_their_nearest_facility_from_three_formats(ask: Ask, shared_data: Real) -> None:
    folder = shared_data("jor-zaatari")
    documents = [
        ask(
            *("run", "service-gap", "--sites", folder / f"Households_2017_04.{ending}", "--limit-km", "0.5"),
            *("--services", folder / "CampFacilities_2017_02.geojson"),
            *("--areas", folder / "DistrictBoundaries_2016_12.geojson"),
        )
        for ending in ("csv", "kml", "shp.zip")
    ]
    counts = [whole(document, "sites") for document in documents]
    assert counts[0] == counts[1] == counts[2]
    assert counts[0]["unknown"] == 25
    distances = [whole(document, "distance_m")[None] for document in documents]  # type: ignore[index]
    assert max(distances) - min(distances) < 1.0
    for document in documents:
        assert_areas_add_up(document, "sites")


@pytest.mark.parametrize(("name", "people"), [("Current", 2_485_442), ("Design", 1_537_920)])
def test_people_in_deep_water_in_jakarta(ask: Ask, shared_data: Real, name: str, people: float) -> None:
    """Flood study published with InaSAFE: people where the water is deeper than 0.1 m."""
    folder = shared_data("inasafe")
    document = ask(
        *("run", "exposure", "--hazard", folder / f"Flood_{name}_Depth_Jakarta_geographic.asc"),
        *("--classes", "0.1", "--exposed", folder / "Population_Jakarta_geographic.asc"),
        *("--population", "density:people/10ha"),
    )
    assert whole(document, "people")["0.1+"] == pytest.approx(people, rel=0.01)


def test_356_million_people_in_one_city_are_refused(
    shared_data: Real, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = shared_data("inasafe")
    words = [
        *("run", "exposure", "--hazard", folder / "Flood_Current_Depth_Jakarta_geographic.asc"),
        *("--classes", "0.1", "--exposed", folder / "Population_Jakarta_geographic.asc"),
    ]
    assert main([str(word) for word in words]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "355,987,630" in said.err
    assert "people/10ha" in said.err


def test_a_tif_of_two_bytes(shared_data: Real, capsys: pytest.CaptureFixture[str]) -> None:
    path = shared_data("pk-floodrisk-gee") / "Pakistan_Flood_Extent_2022.tif"
    assert main(["run", "exposure", "--hazard", str(path), "--classes", "1"]) == 2
    said = capsys.readouterr()
    assert (said.out, "Pakistan_Flood_Extent_2022.tif" in said.err) == ("", True)


def test_a_raster_of_205_million_cells_in_700_mb(shared_data: Real) -> None:
    """In a process of its own, whose memory is its own; districts north of the raster are unknown."""
    hazard = shared_data("pk-floodrisk-gee") / "Pakistan_Flood_HighRisk_Zones.tif"
    areas = shared_data("pk-codab-adm2") / "districts_simplified_5p.geojson"
    words = ["run", "exposure", "--hazard", hazard, "--areas", areas, "--json"]
    script = (
        "import pathlib, re, sys\n"
        "from migmap.cli import main\n"
        f"code = main({[str(word) for word in words]!r})\n"
        # Not getrusage: its highest mark is inherited from whoever started the process.
        "status = pathlib.Path('/proc/self/status')\n"
        "peak = re.search(r'VmHWM:\\s+(\\d+) kB', status.read_text()) if status.exists() else None\n"
        "print(peak[1] if peak else 0, file=sys.stderr)\n"
        "sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stderr.split()[-1]) * 1024 < 700e6
    document = json.loads(done.stdout)
    assert_areas_add_up(document, "area_km2", classes={"1"})
    hunza = [row for row in document["metrics"] if row["area_name"] == "Hunza"]
    assert {row["class"] for row in hunza if row["value"]} == {"unknown"}
