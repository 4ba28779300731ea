"""Saved runs that a run is compared with: read, and their sites made again where nothing changed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from migmap.api import Problem
from migmap.app.workbench import Workbench


def _inputs(small_files: Path, folder: Path) -> dict[str, str]:
    for name in ("sites.geojson", "flood.tif", "areas.geojson"):
        shutil.copy(small_files / name, folder / name)
    return {
        "hazard": str(folder / "flood.tif"),
        "exposed": str(folder / "sites.geojson"),
        "areas": str(folder / "areas.geojson"),
        "people": "population",
        "classes": (0.5,),
    }


def _saved(workbench: Workbench, params: dict[str, str], target: Path) -> Path:
    run = workbench.run("exposure", params)
    workbench.export_run(run, [target])
    return target


def test_a_run_is_compared_with_a_saved_one(workbench: Workbench, small_files: Path, tmp_path: Path) -> None:
    params = _inputs(small_files, tmp_path)
    saved = _saved(workbench, params, tmp_path / "before.json")
    sites = json.loads((tmp_path / "sites.geojson").read_text("utf-8"))
    sites["features"][0]["properties"]["population"] = 15
    later = tmp_path / "round7.geojson"
    later.write_text(json.dumps(sites), "utf-8")
    run = workbench.run("exposure", {**params, "exposed": str(later), "compare": str(saved)})
    row = next(one for one in run.result.metrics if one.metric == "people" and one.class_ == "0.5+")
    assert (row.before, row.after, row.value) == (30.0, 35.0, 5.0)
    (layer,) = [one for one in run.result.layers if one.name == "sites_difference"]
    assert layer.data.frame["people_change"].tolist() == [5.0, 0.0, 0.0, 0.0]
    assert layer.data.frame["status"].tolist() == ["in both"] * 4
    # The document can be saved, read and run again to the same rows.
    workbench.export_run(run, [tmp_path / "after.json"])
    again = workbench.recipe(str(tmp_path / "after.json"))
    assert again.id == run.id
    assert again.result.metrics == run.result.metrics


def test_sites_are_not_made_again_of_changed_inputs(
    workbench: Workbench, small_files: Path, tmp_path: Path
) -> None:
    params = _inputs(small_files, tmp_path)
    saved = _saved(workbench, params, tmp_path / "before.json")
    text = (tmp_path / "sites.geojson").read_text("utf-8")
    (tmp_path / "sites.geojson").write_text(text.replace("10", "11", 1) + " ", "utf-8")
    run = workbench.run("exposure", {**params, "compare": str(saved)})
    assert "sites_difference" not in {one.name for one in run.result.layers}
    assert all(one.compared for one in run.result.metrics)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda text: text[:50], "not JSON"),
        (lambda _: '{"metrics": 3}', "holds no figures"),
        (lambda text: text.replace('"analysis": "exposure"', '"analysis": "service-gap"'), "service-gap"),
    ],
)
def test_what_is_no_run_document_of_the_kind_is_refused(
    workbench: Workbench, small_files: Path, tmp_path: Path, spoil: Callable[[str], str], said: str
) -> None:
    params = _inputs(small_files, tmp_path)
    saved = _saved(workbench, params, tmp_path / "before.json")
    saved.write_text(spoil(saved.read_text("utf-8")), "utf-8")
    with pytest.raises(Problem) as caught:
        workbench.run("exposure", {**params, "compare": str(saved)})
    assert said in str(caught.value)
