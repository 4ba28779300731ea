"""A table onto areas on screen: the doubtful is decided by hand, nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog
from window_fixture import Driver

from migmap.api import VectorData
from migmap.ui.dialogs.joining import JoinDialog, key_of
from migmap.ui.dialogs.messages import ProblemDialog
from migmap.ui.dialogs.reading import ReadingDialog

Small = Callable[[], Path]
TABLE = "District,individuals\nPeshawar,100\nHaripu,20\nAtlantis,5\n"


@pytest.fixture
def table(driver: Driver, small: Small) -> Driver:
    """Two areas, and a table that spells one of them wrong and names one that is not there."""
    folder = small()
    areas = (folder / "areas.geojson").read_text(encoding="utf-8")
    areas = areas.replace("West", "Peshawar").replace("East", "Haripur")
    (folder / "areas.geojson").write_text(areas, encoding="utf-8")
    (folder / "counts.csv").write_text(TABLE, encoding="utf-8")
    driver.open(folder / "areas.geojson", folder / "counts.csv")
    if not driver.no_dialog():
        driver.dialog(ReadingDialog).submit()
        driver.settle()
    driver.window.desk.choose(driver.layer_id("Counts"))
    return driver


def opened(driver: Driver) -> JoinDialog:
    driver.trigger("join_layer")
    dialog = driver.dialog(JoinDialog)
    driver.until(dialog.go.isEnabled)
    return dialog


def test_rows_are_listed_as_matched_doubtful_and_in_no_area(table: Driver) -> None:
    dialog = opened(table)
    listed = {
        status: [tree.topLevelItem(row).text(0) for row in range(tree.topLevelItemCount())]
        for status, tree in dialog.lists.items()
    }
    assert listed == {"doubtful": ["Haripu"], "unmatched": ["Atlantis"], "matched": ["Peshawar"]}
    assert "3 rows = 1 on areas + 1 doubtful + 1 in no area" in dialog.summary()
    assert "100 of 125 people" in dialog.summary()
    assert dialog.place.isEnabled()
    dialog.reject()
    table.settle()


def test_the_doubtful_is_ticked_and_the_unmatched_put_by_hand(table: Driver) -> None:
    dialog = opened(table)
    item = dialog.lists["doubtful"].topLevelItem(0)
    item.setCheckState(0, Qt.CheckState.Checked)
    assert dialog.choices == {"Haripu": "PK2"}
    item.setCheckState(0, Qt.CheckState.Unchecked)
    assert dialog.choices == {}
    dialog.accept_sure()
    dialog.tabs.setCurrentIndex(1)
    dialog.place.setEditText("Peshawar (PK1)")
    dialog._put_there()
    assert dialog.choices.get("Atlantis") == "PK1"
    dialog._leave_it()
    assert "Atlantis" not in dialog.choices
    assert key_of(item.data(0, Qt.ItemDataRole.UserRole + 1)) == "Haripu"
    dialog.reject()
    table.settle()


def test_the_joined_layer_is_saved_and_put_on_the_map(table: Driver, tmp_path: Path) -> None:
    dialog = opened(table)
    dialog.put("Haripu", "PK2")
    dialog.submit()
    target = tmp_path / "counts_by_area.gpkg"
    table.dialog(QFileDialog).fileSelected.emit(str(target))
    table.until(lambda: "Counts by Areas" in table.titles())
    table.settle()
    desk = table.window.desk
    data = desk.data_of(desk.project.layer(table.layer_id("Counts by Areas")))
    assert isinstance(data, VectorData)
    assert len(data.frame) == 3
    assert data.frame.geometry.notna().sum() == 2
    assert desk.project.layer(table.layer_id("Counts")).reading.areas == {"Haripu": "PK2"}
    assert any("1 row lies in no area" in text for text in table.window.notices.texts())
    assert any("Joined Counts to Areas" in entry.what for entry in desk.project.log)
    for widget in table.window.findChildren(QFileDialog):
        widget.reject()
    # What was decided is there again.
    table.settle()
    desk.choose(table.layer_id("Counts"))
    dialog = opened(table)
    assert dialog.choices == {"Haripu": "PK2"}
    assert "1 of them by your choice" in dialog.summary()
    dialog.reject()
    table.settle()


def test_without_areas_the_window_says_what_to_add(driver: Driver, small: Small) -> None:
    driver.open(small() / "sites.geojson")
    driver.trigger("join_layer")
    dialog = driver.dialog(ProblemDialog)
    assert "areas" in dialog.problem.title
    dialog.accept()
    driver.settle()
