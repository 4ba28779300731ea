"""The window keeps to sharing agreements and to what must not leave, and logs what left."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from PySide6.QtGui import QGuiApplication
from window_fixture import Driver

from migmap.ui.dialogs.export import ExportDialog

Small = Callable[[], Path]


def shared(folder: Path, **keys: str) -> Path:
    path = folder / "sites.geojson"
    agreement = {"reference": "MoU 12", "audience": "CCCM cluster; PDMA Sindh", **keys}
    (folder / "sites.geojson.meta.json").write_text(
        json.dumps({"sensitivity": "restricted", "sharing_agreement": agreement}), encoding="utf-8"
    )
    return path


def test_the_export_dialog_asks_for_whom(driver: Driver, small: Small, tmp_path: Path) -> None:
    driver.open(shared(small()))
    driver.trigger("export_layer")
    dialog = driver.dialog(ExportDialog)
    dialog.folder.setText(str(tmp_path))
    dialog.tick("geojson")
    assert not dialog.go.isEnabled()
    assert [dialog.audience.itemText(k) for k in range(dialog.audience.count())] == [
        "CCCM cluster",
        "PDMA Sindh",
    ]
    dialog.audience.setEditText("the press")
    assert not dialog.go.isEnabled()
    dialog.audience.setEditText("PDMA Sindh")
    assert dialog.go.isEnabled()
    dialog.submit()
    driver.settle()
    assert "Made for: PDMA Sindh" in (tmp_path / "Sites.geojson").read_text(encoding="utf-8")
    log = [entry.what for entry in driver.window.desk.project.log]
    assert any("MoU 12" in line for line in log)
    assert any(line.startswith("Exported") and "for PDMA Sindh" in line for line in log)


def test_an_agreement_that_ended_lets_nothing_out(driver: Driver, small: Small, tmp_path: Path) -> None:
    driver.open(shared(small(), expires="2020-12-31"))
    driver.trigger("export_layer")
    dialog = driver.dialog(ExportDialog)
    dialog.folder.setText(str(tmp_path))
    dialog.tick("geojson")
    dialog.audience.setEditText("PDMA Sindh")
    assert not dialog.go.isEnabled()
    dialog.reject()


def test_a_map_of_households_is_not_copied(driver: Driver, tmp_path: Path) -> None:
    path = tmp_path / "homes.csv"
    frame = pd.DataFrame({"hh_id": [f"H{k}" for k in range(30)]})
    frame.assign(longitude=70 + np.arange(30) / 997, latitude=30.0).to_csv(path, index=False)
    driver.open(path)
    QGuiApplication.clipboard().setText("before")
    driver.trigger("copy_map")
    assert QGuiApplication.clipboard().text() == "before"
    assert any("single households" in text for text in driver.window.notices.texts())
    assert any("leave migmap only as totals" in entry.what for entry in driver.window.desk.project.log)
