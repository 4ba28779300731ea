"""A third-party package shows up in the window like the built-ins; no line of migmap knows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from window_fixture import Driver

from migmap.ui.dialogs.export import ExportDialog
from migmap.ui.forms.form import AnalysisForm
from migmap.ui.forms.inputs import InputEditor

PLUGIN = Path(__file__).resolve().parents[1] / "example_plugin"
Small = Callable[[], Path]


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The example package where Python finds packages; ask for it before the window."""
    import sys

    monkeypatch.syspath_prepend(str(PLUGIN))
    yield
    for name in [name for name in sys.modules if name.split(".")[0] == "migmap_example"]:
        del sys.modules[name]


@pytest.mark.usefixtures("installed")
class TestPlugin:
    def test_its_analysis_has_a_form_and_runs(self, driver: Driver, small: Small) -> None:
        driver.open(small() / "sites.geojson")
        driver.trigger("run_tally")
        form = driver.dialog(AnalysisForm)
        sites = form.editors["sites"]
        assert isinstance(sites, InputEditor)
        sites.choose(driver.layer_id("Sites"))
        form.submit()
        assert form.editors["column"].fault_shown == "Choose a column."
        form.editors["column"].set_value("population")
        form.submit()
        driver.settle()
        run = driver.workbench.known_run(driver.window.results.run_id)
        assert run is not None
        assert {row.class_: row.value for row in run.result.metrics} == {"10": 1, "20": 1, "30": 1, "40": 1}

    def test_its_exporter_stands_in_menu_and_dialog(
        self, driver: Driver, small: Small, tmp_path: Path
    ) -> None:
        driver.open(small() / "sites.geojson")
        driver.trigger("export_markdown")
        dialog = driver.dialog(ExportDialog)
        assert dialog.boxes["markdown"].isChecked()
        dialog.folder.setText(str(tmp_path))
        dialog.submit()
        driver.settle()
        assert list(tmp_path.glob("*.md"))
