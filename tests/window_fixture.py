"""A window with its workbench, and the check that nothing of it is left behind."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtWidgets import QApplication, QDialog, QWidget
from pytestqt.qtbot import QtBot

from migmap.app.workbench import Workbench
from migmap.ui.desk import Desk
from migmap.ui.main_window import MainWindow

D = TypeVar("D", bound=QWidget)
SECONDS = 60


@dataclass(slots=True)
class Driver:
    """What a person's hands and eyes do with the window."""

    window: MainWindow
    qtbot: QtBot

    @property
    def workbench(self) -> Workbench:
        return self.window.desk.workbench

    def until(self, condition: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(condition, timeout=SECONDS * 1000)

    def settle(self) -> None:
        """Wait until no job is under way and the map is drawn."""

        def still() -> bool:
            canvas = self.window.area.canvas
            return (
                not self.workbench.tasks.running()
                and not self.window.activity.running()
                and not (canvas is not None and canvas.busy)
            )

        # Twice: what a job's end starts is on its way only after the event loop ran.
        self.until(still)
        self.qtbot.wait(20)
        self.until(still)

    def open(self, *files: Path | str) -> None:
        self.window.files.open([str(file) for file in files])
        self.settle()

    def dialog(self, kind: type[D]) -> D:
        """The open dialog of this kind; waits for it."""

        def found() -> D | None:
            for widget in QApplication.topLevelWidgets():
                if isinstance(widget, kind) and widget.isVisible():
                    return widget
            return None

        self.until(lambda: found() is not None)
        dialog = found()
        assert dialog is not None
        return dialog

    def no_dialog(self) -> bool:
        return not any(isinstance(one, QDialog) and one.isVisible() for one in QApplication.topLevelWidgets())

    def titles(self) -> list[str]:
        """Layers as the list shows them, the top one first."""
        model = self.window.layers_panel.model
        return [str(model.index(row).data()) for row in range(model.rowCount())]

    def layer_id(self, title: str) -> str:
        return next(layer.id for layer in self.window.desk.project.layers if layer.title == title)

    def trigger(self, action: str) -> None:
        made = self.window.actions_by_id[action]
        assert made.isEnabled(), f"{action} is disabled"
        made.trigger()


@pytest.fixture
def driver(qtbot: QtBot) -> Iterator[Driver]:
    """A window on an empty project. Fails the test when a bug was reported, or when a thread or a
    top-level widget is left behind."""
    threads = set(threading.enumerate())
    widgets = set(QApplication.topLevelWidgets())
    desk = Desk()
    bugs: list[BaseException] = []
    desk.bug.connect(bugs.append)
    window = MainWindow(desk)
    window.resize(1366, 768)
    window.show()
    desk.attach(Workbench())
    yield Driver(window, qtbot)
    window.leave_for_good()
    window.deleteLater()
    qtbot.waitUntil(lambda: not (set(QApplication.topLevelWidgets()) - widgets), timeout=5000)
    left = [
        thread.name for thread in set(threading.enumerate()) - threads if thread.name.startswith("migmap")
    ]
    assert not left, f"threads left: {left}"
    assert not bugs, bugs
