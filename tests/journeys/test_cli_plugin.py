"""A third-party package, found through its entry point, works like the built-ins; no line of migmap
knows it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import Said

from migmap.cli import main

PLUGIN = Path(__file__).resolve().parents[1] / "example_plugin"
Small = Callable[[], Path]

Migmap = Callable[..., "Said"]


@pytest.fixture
def migmap(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """The command line with the package on the path, as an installer would have put it there."""
    monkeypatch.syspath_prepend(str(PLUGIN))

    def run(*words: object) -> Said:
        code = main([str(word) for word in words])
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return run


def test_a_fresh_process_finds_it() -> None:
    paths = [str(PLUGIN), os.environ.get("PYTHONPATH", "")]
    done = subprocess.run(
        [sys.executable, "-m", "migmap", "list", "plugins", "--json"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        cwd=PLUGIN.parents[1],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in paths if path)},
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)[-1]["origin"] == "migmap-example"


def test_its_kind_analysis_and_exporter_are_listed(migmap: Migmap) -> None:
    done = migmap("list", "--json")
    assert done.code == 0, done.err
    listed = json.loads(done.out)
    assert "tap_stand" in {row["name"] for row in listed["kinds"]}
    assert "tally" in {row["name"] for row in listed["analyses"]}
    assert "markdown" in {row["name"] for row in listed["exporters"]}
    assert listed["plugins"][-1]["origin"] == "migmap-example"


def test_its_analysis_runs_with_flags_from_its_declaration_and_leaves_by_its_ending(
    migmap: Migmap, small: Small, tmp_path: Path
) -> None:
    target, table = tmp_path / "tally.md", tmp_path / "tally.csv"
    done = migmap(
        *("run", "tally", "--sites", small() / "sites.geojson", "--column", "population"),
        *("--at-least", "1", "--out", target, "--out", table, "--json"),
    )
    assert done.code == 0, done.err
    document = json.loads(done.out)
    assert {row["class"]: row["value"] for row in document["metrics"]} == {"10": 1, "20": 1, "30": 1, "40": 1}
    assert "| sites | 20 | 1 |" in target.read_text(encoding="utf-8")
    assert table.stat().st_size > 0


def test_its_declaration_is_checked_like_ours(migmap: Migmap, small: Small) -> None:
    words = ("run", "tally", "--sites", small() / "sites.geojson", "--column")
    wrong = migmap(*words, "nope")
    assert (wrong.code, wrong.out) == (2, "")
    assert "nope" in wrong.err
    wrong = migmap(*words, "population", "--at-least", "0")
    assert (wrong.code, wrong.out) == (2, "")
    assert "--at-least" in wrong.err


def test_its_exporter_is_a_command_with_its_own_flags(migmap: Migmap, small: Small, tmp_path: Path) -> None:
    target = tmp_path / "brief.md"
    done = migmap(
        "export", "markdown", "--in", small() / "sites.geojson", "--out", target, "--heading", "پانی"
    )
    assert done.code == 0, done.err
    assert target.read_text(encoding="utf-8") == "# پانی\n\n- Sites\n"


def test_its_kind_is_recognised(migmap: Migmap, tmp_path: Path) -> None:
    taps = tmp_path / "places.csv"
    taps.write_text("name,tap_count,lon,lat\na,4,70.1,29.9\nb,2,70.2,29.8\n", encoding="utf-8")
    done = migmap("info", taps, "--json", "--crs", "EPSG:4326")
    assert done.code == 0, done.err
    assert json.loads(done.out)["kind"] == "tap_stand"
