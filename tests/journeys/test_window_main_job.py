"""The main job through the forms of the window gives the numbers of the command line."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from window_fixture import Driver

from migmap.ui.dialogs.export import ExportDialog, ExportWish
from migmap.ui.forms.form import AnalysisForm
from migmap.ui.forms.inputs import InputEditor

Small = Callable[[], Path]


def command_line(words: list[str]) -> dict[str, Any]:
    """The document the command line prints."""
    done = subprocess.run(
        [sys.executable, "-m", *words, "--json"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        env=os.environ,
    )
    assert done.returncode == 0, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def fill(driver: Driver, analysis: str, layers: Mapping[str, str], values: Mapping[str, Any]) -> AnalysisForm:
    driver.trigger(f"run_{analysis}")
    form = driver.dialog(AnalysisForm)
    for field, title in layers.items():
        editor = form.editors[field]
        assert isinstance(editor, InputEditor)
        editor.choose(driver.layer_id(title))
    for field, value in values.items():
        form.editors[field].set_value(value)
    return form


CASES: list[tuple[str, dict[str, str], dict[str, Any]]] = [
    ("exposure", {"hazard": "Flood", "exposed": "Sites", "areas": "Areas"}, {"classes": ["0.1", "0.50"]}),
    ("exposure", {"hazard": "Areas", "exposed": "Sites"}, {"hazard_class": "ADM2_EN"}),
    ("service-gap", {"sites": "Sites", "services": "Sites", "areas": "Areas"}, {"limit_km": 5}),
]


@pytest.mark.parametrize(("analysis", "layers", "values"), CASES)
def test_form_workbench_and_command_line_agree(
    driver: Driver, small: Small, analysis: str, layers: dict[str, str], values: dict[str, Any]
) -> None:
    folder = small()
    driver.open(folder / "sites.geojson", folder / "areas.geojson", folder / "flood.tif")
    form = fill(driver, analysis, layers, values)
    words = shlex.split(form.command())
    given = form.values()
    form.submit()
    driver.settle()
    window = driver.window
    run_id = window.results.run_id
    run = driver.workbench.known_run(run_id)
    assert run is not None
    shown = run.document()
    assert driver.workbench.run(analysis, given).document()["metrics"] == shown["metrics"]
    printed = command_line(words)
    assert printed["metrics"] == shown["metrics"]
    assert printed["findings"] == shown["findings"]
    assert printed["run"] == run_id

    # The table shows them all, and what is copied is what was computed.
    window.results.shape.setCurrentIndex(window.results.shape.findData("long"))
    lines = window.results.text().splitlines()[1:]
    assert len(lines) == len(shown["metrics"])
    copied = [line.split("\t")[4] for line in lines]
    for text, row in zip(copied, shown["metrics"], strict=True):
        assert (float(text) if text else None) == (
            pytest.approx(row["value"], rel=1e-9) if text else row["value"]
        )


def test_a_run_joins_the_project_in_one_step_and_comes_back_with_it(
    driver: Driver, small: Small, tmp_path: Path
) -> None:
    folder = small()
    driver.open(folder / "sites.geojson", folder / "areas.geojson", folder / "flood.tif")
    before = driver.titles()
    form = fill(driver, *CASES[0])
    form.submit()
    driver.settle()
    window = driver.window
    run_id = window.results.run_id
    assert run_id
    assert len(driver.titles()) == len(before) + 2
    driver.trigger("undo")
    assert driver.titles() == before
    assert window.results.run_id == ""
    driver.trigger("redo")
    assert window.results.run_id == run_id
    after = driver.titles()
    text = window.results.text()

    window.projects.save_to(tmp_path / "job.migmap")
    driver.settle()
    driver.trigger("new_project")
    assert window.results.run_id == ""
    driver.open(tmp_path / "job.migmap")
    assert driver.titles() == after
    assert window.results.run_id == run_id
    assert window.results.text() == text
    assert driver.no_dialog()

    # What was opened can leave again.
    targets = (tmp_path / "again.gpkg", tmp_path / "again.html", tmp_path / "again.xlsx")
    window.exports.start(ExportWish(f"run:{run_id}", targets))
    driver.settle()
    assert all(target.is_file() for target in targets), window.notices.texts()


def test_the_result_leaves_in_every_format(driver: Driver, small: Small, tmp_path: Path) -> None:
    folder = small()
    driver.open(folder / "sites.geojson", folder / "areas.geojson", folder / "flood.tif")
    form = fill(driver, *CASES[0])
    form.submit()
    driver.settle()
    driver.trigger("export_map")
    dialog = driver.dialog(ExportDialog)
    assert str(dialog.product.currentData()).startswith("run:")
    dialog.folder.setText(str(tmp_path))
    dialog.stem.setText("answer")
    dialog._typed("answer")
    dialog.tick(*dialog.boxes)
    dialog.submit()
    driver.settle()
    endings = {path.suffix for path in tmp_path.glob("answer*")}
    # A run's result is rows and figures; what writes cells of a raster has nothing to write.
    exporters = [one for one in driver.workbench.registry.exporters().values() if one.takes != "raster"]
    assert {exporter.endings[0] for exporter in exporters} <= endings
    document = json.loads((tmp_path / "answer.json").read_text(encoding="utf-8"))
    run = driver.workbench.known_run(driver.window.results.run_id)
    assert run is not None
    assert document["metrics"] == run.document()["metrics"]
