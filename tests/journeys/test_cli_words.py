"""A command line that is wrong is told so in the words of all other messages."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from migmap.app import places
from migmap.cli import main

SERVICES = str(places.sample_data() / "services.geojson")
GAP = ["run", "service-gap", "--sites", SERVICES, "--services", SERVICES]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["run", "exposure"], "--hazard is missing: A raster of depth"),
        (["run", "exposure", "--hazard"], "--hazard was given without a value."),
        (
            ["run", "exposure", "--hazzard", "a"],
            "There is no option --hazzard.\n        Did you mean --hazard?",
        ),
        (["run", "exposure", "--hazard", "a", "--areaid", "x"], "Did you mean --area-id?"),
        (["run", "exposure", "--hazard", "a", "--areas", "b", "--areas", "c"], "--areas is given twice."),
        (["run", "exposure", "--hazard", "a", "--json=5"], "--json takes no value, and “5” was given."),
        (["info"], "FILE is missing: A file, or FILE::LAYER."),
        (["info", "a", "b"], "“b” is one word too many."),
        (
            ["list", "nothing"],
            "“nothing” is none of kinds, analyses, exporters, plugins, schemes, rates, needs.",
        ),
        ([*GAP, "--limit-km", "five"], "--limit-km: “five” is not a number."),
        ([*GAP, "--limit-km", "-3"], "--limit-km: “-3” does not fit; it must be above 0 km."),
        (
            ["export", "png", "--in", SERVICES, "--out", "a.png", "--width", "50"],
            "--width: “50” does not fit; it must be 400 px or more.",
        ),
        (
            ["export", "png", "--in", SERVICES, "--out", "a.png", "--width", "1.5"],
            "--width: “1.5” is not a whole number.",
        ),
        (
            ["export", "csv", "--in", SERVICES, "--out", "s.xlsx"],
            "“export csv” writes .csv files; s.xlsx has another ending.\n"
            "        Write that with: migmap export xlsx.",
        ),
        (["export", "csv", "--in", SERVICES, "--out", "s.doc"], "End the name in .csv."),
    ],
)
def test_what_is_wrong_is_said_in_plain_words(
    capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    assert main(words) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert said in told.err
    assert "Input should" not in told.err
    assert "requires an argument" not in told.err


@pytest.mark.parametrize("command", ["info", "recipe", "demo"])
def test_help_names_what_a_value_is(capsys: pytest.CaptureFixture[str], command: str) -> None:
    assert main([command, "--help"]) == 0
    shown = capsys.readouterr().out
    assert "STR" not in shown
    assert {"info": "--crs EPSG:", "recipe": "--out FILE", "demo": "--out FOLDER"}[command] in shown


def test_sites_that_are_nowhere_are_said_once(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    sites = tmp_path / "sites.csv"
    sites.write_text("name,lat,lon\na,30.2,67.0\nb,,\n", encoding="utf-8")
    assert main(["run", "service-gap", "--sites", str(sites), "--services", SERVICES]) == 0
    said = capsys.readouterr().out
    assert said.count("no position") == 1
    assert "warning: sites: 1 of 2 sites has no position and counts as unknown. (row 3)" in said
    sites.write_text("name\na\nb\n", encoding="utf-8")
    assert main(["run", "service-gap", "--sites", str(sites), "--services", SERVICES]) == 0
    told = capsys.readouterr().out.partition("About the data:")[2].strip().splitlines()
    assert told[0].startswith("warning: sites: no site has a position, so everything is unknown.")
    assert not [line for line in told[1:] if "without coordinates" in line]


def test_info_says_what_may_be_done_with_a_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    def info(path: object) -> str:
        assert main(["info", str(path)]) == 0
        return capsys.readouterr().out

    said = info(places.sample_data() / "refugee_villages.gpkg")
    assert "refugee_villages.gpkg: refugee village, GeoPackage\n" in said
    assert "  sensitivity: restricted\n  synthetic data" in said
    plain = tmp_path / "plain.csv"
    plain.write_text("name,lat,lon\na,30.2,67.0\n", encoding="utf-8")
    said = info(plain)
    assert "sensitivity: not stated, treated as restricted" in said
    assert "synthetic" not in said
    assert "1 row, 3 columns" in said


def test_a_long_list_is_cut_on_the_terminal_and_whole_in_json(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    import geopandas
    from shapely.geometry import box

    areas = tmp_path / "areas.gpkg"
    shapes = [box(67 + n, 30, 68.1 + n, 31) for n in range(10)]
    geopandas.GeoDataFrame({"n": range(10)}, geometry=shapes, crs="EPSG:4326").to_file(areas)
    words = ["run", "service-gap", "--sites", SERVICES, "--services", SERVICES, "--areas", str(areas)]
    assert main(words) == 0
    (line,) = [one for one in capsys.readouterr().out.splitlines() if "pairs of areas overlap" in one]
    assert line.count(" and ") == 5  # "and what is thereby", three pairs, "and 6 more"
    assert "; and 6 more." in line
    assert main([*words, "--json"]) == 0
    findings = json.loads(capsys.readouterr().out)["findings"]
    (said,) = [one["message"] for one in findings if one["code"] == "areas-overlap"]
    assert said.count(" and ") == 10
