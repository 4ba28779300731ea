"""A figure of a saved run, opened: through the workbench and on the command line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from migmap.api import Problem
from migmap.app.workbench import Workbench
from migmap.cli import main


def _saved(workbench: Workbench, small_files: Path, folder: Path) -> tuple[Path, dict[str, Any]]:
    for name in ("sites.geojson", "flood.tif", "areas.geojson"):
        shutil.copy(small_files / name, folder / name)
    params = {
        "hazard": str(folder / "flood.tif"),
        "exposed": str(folder / "sites.geojson"),
        "areas": str(folder / "areas.geojson"),
        "people": "population",
        "classes": (0.5,),
    }
    run = workbench.run("exposure", params)
    target = folder / "run.json"
    workbench.export_run(run, [target])
    return target, json.loads(target.read_text("utf-8"))


def _index(document: dict[str, Any], metric: str, class_: str, area: str | None = None) -> int:
    return next(
        i
        for i, row in enumerate(document["metrics"])
        if (row["metric"], row["class"], row["area"]) == (metric, class_, area)
    )


def test_every_figure_can_be_opened_and_agrees(
    workbench: Workbench, small_files: Path, tmp_path: Path
) -> None:
    saved, document = _saved(workbench, small_files, tmp_path)
    for index in range(len(document["metrics"])):
        assert workbench.explain(str(saved), index).agrees, index
    found = workbench.explain(str(saved), _index(document, "people", "0.5+"))
    assert found.title == "People in class 0.5+ of flood, in all: 30 people."
    text = "\n".join(found.lines)
    for words in (
        "Rule of counting: a site counts once",
        "Classes: edges 0.5",
        "sites.geojson, sha256 ",
        f"Run: {document['run']}",
        "The parts add up to the figure: 30 people.",
        "Tags: MiGOF",
    ):
        assert words in text, words
    assert str(tmp_path) not in text
    (table,) = found.tables
    assert [(row[2], row[-1]) for row in table.rows] == [("a", 10.0), ("b", 20.0)]
    # By its id, and as a document, it says the same.
    assert workbench.explain(document["run"], _index(document, "people", "0.5+")) == found
    assert workbench.explain(document, _index(document, "people", "0.5+")) == found


def test_a_missing_input_leaves_what_made_the_figure(
    workbench: Workbench, small_files: Path, tmp_path: Path
) -> None:
    saved, document = _saved(workbench, small_files, tmp_path)
    (tmp_path / "flood.tif").unlink()
    found = Workbench().explain(str(saved), _index(document, "people", "0.5+"))
    text = "\n".join(found.lines)
    assert "flood.tif" in text
    assert "is missing" in text
    assert "Rule of counting" in text
    assert found.agrees is None
    assert found.tables == ()


def test_a_changed_input_is_told_and_the_sum_is_off(
    workbench: Workbench, small_files: Path, tmp_path: Path
) -> None:
    saved, document = _saved(workbench, small_files, tmp_path)
    sites = json.loads((tmp_path / "sites.geojson").read_text("utf-8"))
    sites["features"][0]["properties"]["population"] = 11
    (tmp_path / "sites.geojson").write_text(json.dumps(sites), "utf-8")
    found = Workbench().explain(str(saved), _index(document, "people", "0.5+"))
    assert any("is not what it was" in line for line in found.lines)
    assert found.agrees is False
    assert found.total == 31.0
    assert "1 off the figure" in found.lines[-1]


@pytest.mark.parametrize("index", [-1, 999])
def test_an_index_that_is_none_says_how_many_there_are(
    workbench: Workbench, small_files: Path, tmp_path: Path, index: int
) -> None:
    saved, document = _saved(workbench, small_files, tmp_path)
    with pytest.raises(Problem, match=f"holds {len(document['metrics'])} figures"):
        workbench.explain(str(saved), index)


def test_the_command_prints_text_or_json(
    workbench: Workbench, small_files: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    saved, document = _saved(workbench, small_files, tmp_path)
    index = str(_index(document, "people", "0.5+", "PK1"))
    assert main(["explain", str(saved), index]) == 0
    text = capsys.readouterr().out
    assert text.startswith("People in class 0.5+ of flood, in West (PK1): 30 people.")
    assert "Sites (2):" in text
    assert main(["explain", str(saved), index, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert set(said) == {"title", "lines", "tables", "total", "agrees"}
    assert said["agrees"] is True
    assert main(["explain", str(saved), "one"]) == 2
    assert main(["explain", str(tmp_path / "flood.tif"), "0"]) == 2


def test_the_saved_document_carries_rule_and_tags_and_the_rows_keep_their_keys(
    workbench: Workbench, small_files: Path, tmp_path: Path
) -> None:
    _, document = _saved(workbench, small_files, tmp_path)
    recipe = document["recipe"]
    assert recipe["rule"].startswith("Rule: a site counts once")
    assert recipe["tags"]["people"].startswith("MiGOF (Bangladesh edition) 5.1.2")
    assert recipe["inputs"]["hazard"]["about"] == {"sensitivity": None}
    keys = {"metric", "hazard", "area", "area_name", "level", "class", "group", "value", "unit"}
    assert {frozenset(row) for row in document["metrics"]} == {frozenset(keys)}
    assert set(workbench.known_run(document["run"]).document()) == {  # type: ignore[union-attr]
        "run", "analysis", "params", "inputs", "metrics", "findings", "outputs"
    }  # fmt: skip
