"""One number of a run, opened: what it says, what made it, and what it is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QSplitter, QTabWidget, QVBoxLayout, QWidget

from .. import look
from ..docks.notes import NotesView
from ..docks.parts import button, icon_label, label, page
from ..docks.table import table_widget
from ..models.table import Column, Table, tsv
from ..words import isolated, number

if TYPE_CHECKING:
    from migmap.api import Explanation
    from migmap.api.explanation import ExplanationTable

SMALL, LARGE = (640, 420), (900, 640)
"""Without and with tables."""


class ExplanationDialog(QDialog):
    """explanation: what `Workbench.explain` gave."""

    def __init__(self, explanation: Explanation, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.explanation = explanation
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Where this number comes from"))
        page(self)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(2 * look.GAP, 2 * look.GAP, 2 * look.GAP, 2 * look.GAP)
        outer.setSpacing(look.GAP + 2)
        head = QHBoxLayout()
        head.setSpacing(look.GAP + 4)
        head.addWidget(icon_label("mdi6.magnify-scan", look.ACCENT, 28), 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(label(explanation.title, "heading", wrap=True, selectable=True), 1)
        outer.addLayout(head)
        self.verdict = self._verdict()
        if self.verdict is not None:
            outer.addWidget(self.verdict)

        self.words = NotesView()
        self.words.setAccessibleName(self.tr("What made the number"))
        # No answer stands first here: all lines weigh the same.
        self.words.show_notes(explanation.lines, answer=False)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        for one in explanation.tables:
            self.tabs.addTab(_page(one, self.tr("{0} of {1} are listed.")), _tab(one))
        split = QSplitter(Qt.Orientation.Vertical)
        split.setChildrenCollapsible(False)
        split.addWidget(self.words)
        if explanation.tables:
            split.addWidget(self.tabs)
            split.setSizes([220, 300])
        outer.addWidget(split, 1)

        buttons = QHBoxLayout()
        buttons.setSpacing(look.GAP)
        copy = button(self.tr("Copy all"), self.copy, icon_name="mdi6.content-copy", flat=True)
        copy.setToolTip(self.tr("Copy the words and the tables, to paste into Excel or a report"))
        close = button(self.tr("Close"), self.accept, primary=True)
        close.setDefault(True)
        self._close = close
        buttons.addWidget(copy)
        buttons.addStretch(1)
        buttons.addWidget(close)
        outer.addLayout(buttons)
        self.resize(*(LARGE if explanation.tables else SMALL))

    def text(self) -> str:
        """All of it: the number, the lines, the tables with tabs."""
        parts = [self.explanation.title, "", *self.explanation.lines]
        for one in self.explanation.tables:
            parts += ["", one.title, tsv(_columns(one), one.rows).rstrip("\n")]
        return "\n".join(parts) + "\n"

    def copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._close.setFocus()

    def _verdict(self) -> QFrame | None:
        """Whether the parts, counted again, make the number."""
        agrees, total = self.explanation.agrees, self.explanation.total
        if agrees is None:
            return None
        shown = "" if total is None else f" ({isolated(number(total))})"
        frame = QFrame()
        frame.setProperty("role", "note")
        if not agrees:
            frame.setStyleSheet(f"QFrame {{ background: {look.BAD_SOFT}; border-radius: 6px; }}")
        row = QHBoxLayout(frame)
        row.setContentsMargins(10, 7, 10, 7)
        name, colour = ("mdi6.check-circle-outline", look.ACCENT) if agrees else ("mdi6.alert", look.BAD)
        row.addWidget(icon_label(name, colour), 0, Qt.AlignmentFlag.AlignTop)
        words = (
            self.tr("Its parts were counted again from the inputs and make this number{0}.")
            if agrees
            else self.tr("Its parts, counted again from the inputs, do not make this number{0}.")
        )
        row.addWidget(label(words.format(shown), wrap=True, selectable=True), 1)
        return frame


def _page(one: ExplanationTable, some: str) -> QWidget:
    made = QWidget()
    box = QVBoxLayout(made)
    box.setContentsMargins(0, 0, 0, 0)
    box.setSpacing(2)
    columns = _columns(one)
    box.addWidget(table_widget(Table(columns, one.rows), one.title), 1)
    if one.shown < one.count:
        box.addWidget(label(some.format(number(one.shown), number(one.count)), "soft"))
    return made


def _tab(one: ExplanationTable) -> str:
    return f"{one.title} ({number(one.count)})"


def _columns(one: ExplanationTable) -> tuple[Column, ...]:
    def numeric(place: int) -> bool:
        known: list[Any] = [row[place] for row in one.rows if row[place] is not None]
        return bool(known) and all(isinstance(v, int | float) and not isinstance(v, bool) for v in known)

    return tuple(
        Column(title, numeric=numeric(place), empty="–" if numeric(place) else "")
        for place, title in enumerate(one.columns)
    )
