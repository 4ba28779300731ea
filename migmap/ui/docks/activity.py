"""Jobs under way and done: progress, cancel, how long it took, what came of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QScrollArea, QVBoxLayout, QWidget

from migmap.api import Problem

from .. import look
from ..desk import Desk
from ..words import isolated
from .parts import Elided, button, icon_label, label, page, rule, tool

if TYPE_CHECKING:
    from migmap.app.tasks import Task

KEPT = 60


class ActivityPanel(QScrollArea):
    """busy_changed(number of jobs under way, text of the foremost, its fraction)."""

    busy_changed = Signal(int, str, float)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._rows: list[TaskRow] = []
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(self.tr("Activity"))
        body = page(QWidget())
        self._layout = QVBoxLayout(body)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self._empty = label(self.tr("Long jobs show here, with their progress."), "soft")
        self._empty.setMargin(2 * look.GAP)
        self._layout.addWidget(self._empty)
        self._layout.addStretch(1)
        self.setWidget(body)
        desk.task_started.connect(self._started)

    def row_of(self, task: Task[object]) -> TaskRow | None:
        for row in self._rows:
            if row.task is task:
                return row
        return None

    def running(self) -> list[TaskRow]:
        return [row for row in self._rows if row.running]

    def _started(self, task: Task[object]) -> None:
        # Drawing follows every move of the map; a list of it would bury the jobs people started.
        if task.lane == "draw":
            return
        row = TaskRow(task, self._desk, self._tell)
        self._rows.insert(0, row)
        self._layout.insertWidget(0, row)
        self._empty.hide()
        for old in [one for one in self._rows[KEPT:] if not one.running]:
            self._rows.remove(old)
            old.setParent(None)
            old.deleteLater()
        self._tell()

    def _tell(self) -> None:
        running = self.running()
        if not running:
            self.busy_changed.emit(0, "", 1.0)
            return
        first = running[-1]
        self.busy_changed.emit(len(running), first.status(), first.fraction)


class TaskRow(QWidget):
    def __init__(self, task: Task[object], desk: Desk, told: Callable[[], None]) -> None:
        super().__init__()
        self.task = task
        self.running = True
        self.fraction = 0.0
        self.outcome = ""
        self._text = ""
        self._told = told
        self._desk = desk
        self._began = time.monotonic()
        self._icon = icon_label("mdi6.progress-clock", look.ACCENT)
        self._title = label(isolated(task.title))
        self._state = Elided("soft")
        self._state.setText(self.tr("waiting"))
        self._bar = QProgressBar()
        self._bar.setRange(0, 1000)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(self.tr("Progress of {0}").format(task.title))
        self._cancel = tool(
            "mdi6.close-circle-outline", self.tr("Cancel this job"), self.cancel, look.SOFT_INK
        )
        self._why = button(self.tr("What went wrong"), self._explain, flat=True)
        self._why.hide()
        self._error: BaseException | None = None
        self._time = label("", "soft")
        self._time.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)

        line = QHBoxLayout()
        line.setContentsMargins(look.GAP + 4, 5, look.GAP, 5)
        line.setSpacing(look.GAP)
        line.addWidget(self._icon)
        words = QVBoxLayout()
        words.setSpacing(2)
        top = QHBoxLayout()
        top.setSpacing(look.GAP)
        top.addWidget(self._title)
        top.addWidget(self._state, 1)
        words.addLayout(top)
        words.addWidget(self._bar)
        line.addLayout(words, 1)
        line.addWidget(self._why)
        line.addWidget(self._time)
        line.addWidget(self._cancel)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addLayout(line)
        box.addWidget(rule())
        # A job that is over in no time need not flash a bar.
        self._bar.hide()
        self._clock = QTimer(self)
        self._clock.setInterval(500)
        self._clock.timeout.connect(self._tick)
        self._clock.start()

        bridge = desk.bridge
        bridge.follow(task.progress, self._progress)
        bridge.follow(task.finished, lambda _: self._end("done", self.tr("done"), "mdi6.check", look.GOOD))
        bridge.follow(task.failed, self._failed)
        bridge.follow(
            task.cancelled,
            lambda: self._end("cancelled", self.tr("cancelled"), "mdi6.cancel", look.SOFT_INK),
        )

    def cancel(self) -> None:
        if self.running:
            self._state.setText(self.tr("stopping…"))
            self._cancel.setEnabled(False)
            self.task.cancel()

    def status(self) -> str:
        return self._text or self.task.title

    def _progress(self, fraction: float, text: str) -> None:
        if not self.running or self.task.stopping:
            return
        self.fraction = fraction
        self._text = text
        self._state.setText(text)
        self._bar.setValue(round(fraction * 1000))
        self._told()

    def _tick(self) -> None:
        seconds = time.monotonic() - self._began
        self._time.setText(duration(seconds))
        self._bar.show()

    def _failed(self, error: BaseException) -> None:
        self._error = error
        problem = isinstance(error, Problem)
        words = error.title if isinstance(error, Problem) else self.tr("stopped by a fault in migmap")
        self._end("failed", words, "mdi6.alert-circle-outline" if problem else "mdi6.bug-outline", look.BAD)
        self._why.show()

    def _explain(self) -> None:
        if self._error is not None:
            self._desk.report(self._error)

    def _end(self, outcome: str, words: str, icon_name: str, colour: str) -> None:
        if not self.running:
            return
        self.running = False
        self.outcome = outcome
        self._clock.stop()
        self._bar.hide()
        self._cancel.hide()
        self._state.setText(words)
        self._time.setText(duration(time.monotonic() - self._began))
        from ..icons import icon

        self._icon.setPixmap(icon(icon_name, colour).pixmap(18, 18))
        self._told()


def duration(seconds: float) -> str:
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{int(seconds // 60)} min {int(seconds % 60):02d} s"
