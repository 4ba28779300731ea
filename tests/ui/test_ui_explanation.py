"""A number of a run, opened."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QTableView
from pytestqt.qtbot import QtBot
from window_fixture import Driver

from migmap.api import Explanation
from migmap.api.explanation import ExplanationTable
from migmap.ui.dialogs.explanation import ExplanationDialog

Small = Callable[[], Path]

FOUND = Explanation(
    "People exposed: 30.",
    ("Rule: a site counts once.", "Input: sites.geojson"),
    (ExplanationTable("Sites", ("row", "name", "adds"), ((1, "a", 10.0), (2, "گاؤں", None)), 2, 7),),
    30.0,
    True,
)


def test_the_dialog_shows_words_verdict_and_tables(qtbot: QtBot) -> None:
    dialog = ExplanationDialog(FOUND)
    qtbot.addWidget(dialog)
    dialog.show()
    assert dialog.words.toPlainText().splitlines() == list(FOUND.lines)
    assert dialog.verdict is not None
    assert dialog.tabs.tabText(0) == "Sites (7)"
    table = dialog.tabs.findChild(QTableView)
    assert table is not None
    shown = [[table.model().index(row, column).data() for column in range(3)] for row in range(2)]
    assert shown == [["1", "a", "10"], ["2", "گاؤں", "–"]]
    dialog.copy()
    assert "1\ta\t10\n" in QGuiApplication.clipboard().text()


@pytest.mark.parametrize("agrees", [False, None])
def test_what_does_not_add_up_is_said_and_what_nobody_knows_is_not(qtbot: QtBot, agrees: bool | None) -> None:
    dialog = ExplanationDialog(Explanation("x", ("y",), (), 3.0, agrees))
    qtbot.addWidget(dialog)
    dialog.show()
    if agrees is None:
        assert dialog.verdict is None
    else:
        assert dialog.verdict is not None
        assert "do not make" in " ".join(one.text() for one in dialog.verdict.findChildren(QLabel))
    assert not dialog.tabs.isVisible()


def test_enter_and_double_click_and_the_button_open_the_chosen_number(driver: Driver, small: Small) -> None:
    folder = small()
    driver.open(folder / "sites.geojson", folder / "areas.geojson", folder / "flood.tif")
    window = driver.window
    form = window.runs.form("exposure")
    form.set_values({"classes": ["0.5"], "exposed": str(folder / "sites.geojson"), "people": "population"})
    form.submit()
    driver.settle()
    results = window.results
    run = driver.workbench.known_run(results.run_id)
    assert run is not None
    results.shape.setCurrentIndex(results.shape.findData("long"))
    results.measure.setCurrentIndex(results.measure.findData("people"))
    results.class_.setCurrentIndex(results.class_.findData("0.5+"))
    results.table.setCurrentIndex(results.sorted.index(0, 4))
    place = results.chosen_number()
    assert place is not None
    metric = run.result.metrics[place]
    assert (metric.metric, metric.class_, metric.area, metric.value) == ("people", "0.5+", None, 30.0)
    window.activateWindow()
    results.table.setFocus()
    driver.until(results.table.hasFocus)
    for ask in (
        lambda: qtkey(driver, results.table),
        lambda: results.table.doubleClicked.emit(results.table.currentIndex()),
        results.explain.click,
    ):
        ask()
        dialog = driver.dialog(ExplanationDialog)
        assert dialog.explanation == driver.workbench.explain(results.run_id, place)
        assert dialog.explanation.agrees
        assert dialog.explanation.total == 30.0
        dialog.accept()
        driver.settle()
    # One row an area: the number of the cell.
    results.shape.setCurrentIndex(results.shape.findData("wide"))
    results.table.setCurrentIndex(results.sorted.index(1, 2))
    place = results.chosen_number()
    assert place is not None
    assert run.result.metrics[place].area == "PK1"
    assert len(window.desk.project.runs) == 1


def qtkey(driver: Driver, table: QTableView) -> None:
    driver.qtbot.keyClick(table, Qt.Key.Key_Return)
