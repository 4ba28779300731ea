"""`migmap check`: exit codes, JSON, reports, and words for people."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from migmap.app.project import Project
from migmap.app.workbench import Workbench
from migmap.cli import main

ROWS = """site_id,name,lat,lon,individuals
S1,Jalozai,33.9,71.8,100
S1,Kotki,33.4,71.2,50
S1,Kotki,33.4,71.2,50
"""


@pytest.fixture
def sites(tmp_path: Path) -> Path:
    path = tmp_path / "dtm_sites.csv"
    path.write_text(ROWS, encoding="utf-8")
    return path


def test_findings_are_no_failure(sites: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(sites)]) == 0
    said = capsys.readouterr().out
    lines = said.splitlines()
    assert lines[0].startswith("dtm_sites.csv:") or str(sites) in lines[0]
    assert "--fix duplicate-rows" in said
    assert "3 rows in the file = 3 used + 0 set aside." in said
    assert "200 people in the file" in said
    first = [line.split(":")[0].strip() for line in lines if line.startswith("  ") and ": " in line]
    assert first.index("warning") < first.index("info")


def test_json_and_fixes(sites: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(sites), "--json", "--as", "dtm_site", "--fix", "duplicate-rows"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["kind"] == "dtm_site"
    assert said["accounting"] == {
        "rows": 3, "used": 2, "set_aside": 1, "people": 200, "people_used": 150, "people_set_aside": 50,
    }  # fmt: skip
    assert [(one["code"], one["count"]) for one in said["set_aside"]] == [("duplicate-rows", 1)]
    applied = next(one for one in said["findings"] if one["code"] == "duplicate-rows")
    assert (applied["applied"], applied["changes"], applied["rows"]) == (True, 1, [4])
    assert {"file", "roles", "driver", "crs", "rows", "columns", "completeness", "people", "gaps"} <= set(
        said
    )


def test_reports_are_written(sites: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page, book = tmp_path / "report.html", tmp_path / "fixes.xlsx"
    assert main(["check", str(sites), "--report", str(page), "--report", str(book)]) == 0
    assert page.stat().st_size > 2_000
    assert book.stat().st_size > 2_000
    assert str(book) in capsys.readouterr().out


def test_only_what_cannot_be_read_is_a_failure(
    sites: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", str(tmp_path / "none.csv")]) == 2
    assert "none.csv" in capsys.readouterr().err
    assert main(["check", str(sites), "--report", str(tmp_path / "report.pdf")]) == 2
    assert (
        main(["check", str(sites), "--report", str(sites.with_suffix(".html")), "--areas", str(sites)]) == 2
    )
    assert not sites.with_suffix(".html").exists()


def test_a_project_is_checked_whole(sites: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    workbench = Workbench()
    layer = workbench.open(str(sites))
    target = tmp_path / "work.migmap"
    workbench.save_project(Project(title="Work", layers=(layer,)), target)
    workbench.close()
    assert main(["check", str(target), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["kind"] == "project"
    assert said["accounting"]["rows"] == 3
    assert said["layers"][0]["file"] == "dtm_sites.csv"
    assert main(["check", str(target)]) == 0
    assert "in 1 layer" in capsys.readouterr().out
