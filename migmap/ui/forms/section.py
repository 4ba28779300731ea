"""A part of a form under a heading: open, or folded to a line that says what it holds."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from .. import look
from ..docks.parts import Elided, rule
from ..icons import icon

_TITLES = 150
"""Width of the column of titles."""


class Section(QWidget):
    """toggled(open): the person folded or unfolded it. Rows go to the shelf chosen last: the plain one, or
    the one behind "More options"."""

    toggled = Signal(bool)

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = title
        self._given: tuple[str, ...] = ()
        self._others: tuple[str, ...] = ()
        self.folded = False
        """Whether it begins folded."""
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(2)
        self._body = QWidget()
        inner = QVBoxLayout(self._body)
        inner.setContentsMargins(0, 0, 0, look.GAP)
        inner.setSpacing(2)
        self._plain, self._grid = _grid()
        self._more, self._more_grid = _grid()
        self._current = self._grid
        self.head = QToolButton(self)
        self.summary = Elided("soft")
        self.summary.setParent(self)
        if title:
            row = QHBoxLayout()
            row.setContentsMargins(0, 0, 0, 0)
            row.setSpacing(look.GAP)
            _dress(self.head, title)
            font = self.head.font()
            font.setWeight(font.Weight.DemiBold)
            self.head.setFont(font)
            row.addWidget(self.head)
            row.addWidget(self.summary, 1)
            self._box.addWidget(rule())
            self._box.addLayout(row)
            self.head.toggled.connect(self._show)
            self.head.clicked.connect(self.toggled)
        else:
            self.head.hide()
            self.summary.hide()
        self.fold = QToolButton()
        _dress(self.fold, self.tr("More options"))
        self.fold.toggled.connect(self._show_more)
        inner.addWidget(self._plain)
        inner.addWidget(self.fold, 0, Qt.AlignmentFlag.AlignLeft)
        inner.addWidget(self._more)
        self._box.addWidget(self._body)

    def shelf(self, *, advanced: bool) -> None:
        """Where the next rows go."""
        self._current = self._more_grid if advanced else self._grid

    def add_row(self, title: QWidget | None, widget: QWidget) -> None:
        """A row of the two columns."""
        row = self._current.rowCount()
        if title is not None:
            self._current.addWidget(title, row, 0, Qt.AlignmentFlag.AlignTop)
        self._current.addWidget(widget, row, 1)

    def add_wide(self, widget: QWidget) -> None:
        """A row over both columns."""
        self._current.addWidget(widget, self._current.rowCount(), 0, 1, 2)

    def close_up(self) -> None:
        """All rows are there: fold what begins folded."""
        self.fold.setVisible(self._more_grid.count() > 0)
        self._show_more(False)
        self.head.setChecked(not self.folded)
        self._show(not self.folded)

    def open_for(self, widget: QWidget) -> None:
        """Unfold as far as `widget` needs to be seen."""
        self.head.setChecked(True)
        if self._more.isAncestorOf(widget):
            self.fold.setChecked(True)

    @property
    def is_open(self) -> bool:
        return not self.title or self.head.isChecked()

    def sum_up(self, given: Sequence[str], others: Sequence[str]) -> None:
        """What was given in it, and what else can be."""
        # Open, it speaks for itself.
        text = "" if self.is_open else " · ".join(given) or ", ".join(others)
        self.summary.setText(text)
        self._given, self._others = tuple(given), tuple(others)

    def _show(self, opened: bool) -> None:
        if self.title:
            self.head.setIcon(_chevron(opened))
            self._body.setVisible(opened)
            self.sum_up(self._given, self._others)

    def _show_more(self, opened: bool) -> None:
        self.fold.setIcon(_chevron(opened))
        self._more.setVisible(opened and self._more_grid.count() > 0)


def _grid() -> tuple[QWidget, QGridLayout]:
    holder = QWidget()
    grid = QGridLayout(holder)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(2 * look.GAP)
    grid.setVerticalSpacing(4)
    grid.setColumnMinimumWidth(0, _TITLES)
    grid.setColumnStretch(1, 1)
    return holder, grid


def _dress(made: QToolButton, title: str) -> None:
    made.setText(title)
    made.setCheckable(True)
    made.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    made.setProperty("role", "fold")


def _chevron(opened: bool) -> QIcon:
    return icon("mdi6.chevron-down" if opened else "mdi6.chevron-right")
