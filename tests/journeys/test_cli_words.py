"""A command line that is wrong is told so in the words of all other messages."""

from __future__ import annotations

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
        (["run", "exposure", "--hazard", "a", "--hazard", "b"], "--hazard is given twice."),
        (["run", "exposure", "--hazard", "a", "--json=5"], "--json takes no value, and “5” was given."),
        (["info"], "FILE is missing: A file, or FILE::LAYER."),
        (["info", "a", "b"], "“b” is one word too many."),
        (["list", "nothing"], "“nothing” is none of kinds, analyses, exporters, plugins."),
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
