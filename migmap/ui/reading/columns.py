"""A choice among the columns of a file, each with a few of its values."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QWheelEvent
from PySide6.QtWidgets import QComboBox, QSizePolicy, QWidget

from migmap.api import ColumnInfo

from ..words import isolated

SHOWN_VALUES = 3
LONGEST_VALUE = 24


def with_samples(column: ColumnInfo) -> str:
    """ "numPresentIdpInd  ·  120, 34, 56": the name, then values that tell what it holds."""
    values = [isolated(_short(value)) for value in column.samples[:SHOWN_VALUES]]
    name = isolated(column.name)
    return f"{name}  ·  {', '.join(values)}" if values else name


def _short(text: str) -> str:
    text = " ".join(text.split())
    if text.endswith(".0") and text[:-2].lstrip("-").isdigit():
        text = text[:-2]
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"


class ColumnCombo(QComboBox):
    """column(): "" for none. The list is filled when it is first needed: a form has many of these, and a
    file may have hundreds of columns.

    picked(): the person chose; not emitted by show_columns or choose.
    """

    picked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._columns: tuple[ColumnInfo, ...] = ()
        self._first: tuple[str, ...] = ()
        self._filled = False
        self._blank = self.tr("no column")
        self.setMinimumContentsLength(8)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        # In a form that scrolls, the wheel must not change what it passes over.
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.activated.connect(lambda _: self._picked())

    def show_columns(
        self,
        columns: Sequence[ColumnInfo],
        chosen: str,
        candidates: Sequence[str] = (),
        blank: str = "",
    ) -> None:
        """Offer these columns, `candidates` before the others, and choose one; "" for none. blank: what
        none is called."""
        self._blank = blank or self.tr("no column")
        self._columns = tuple(columns)
        self._first = tuple(candidates)
        self._filled = False
        self.clear()
        self._add("")
        if chosen:
            self._add(chosen)
            self.setCurrentIndex(1)
        self._tell()

    def choose(self, column: str) -> None:
        self._fill()
        self.setCurrentIndex(max(0, self.findData(column)))
        self._tell()

    def pick(self, column: str) -> None:
        """As the person would: choose and say so."""
        self.choose(column)
        self.picked.emit()

    def column(self) -> str:
        return str(self.currentData() or "")

    def offered(self) -> list[str]:
        """The columns in the order of the list, without "no column"."""
        self._fill()
        return [str(self.itemData(row)) for row in range(1, self.count())]

    def showPopup(self) -> None:
        self._fill()
        widest = max(self.fontMetrics().horizontalAdvance(self.itemText(row)) for row in range(self.count()))
        self.view().setMinimumWidth(min(widest + 40, 520))
        super().showPopup()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._fill()
        super().focusInEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def _fill(self) -> None:
        if self._filled:
            return
        self._filled = True
        chosen = self.column()
        blocked = self.blockSignals(True)
        self.clear()
        self._add("")
        names = {column.name for column in self._columns}
        first = [name for name in dict.fromkeys([chosen, *self._first]) if name in names]
        for name in first:
            self._add(name)
        if first and len(first) < len(names):
            self.insertSeparator(self.count())
        for column in self._columns:
            if column.name not in first:
                self._add(column.name)
        self.setCurrentIndex(max(0, self.findData(chosen)))
        self.blockSignals(blocked)

    def _add(self, name: str) -> None:
        if not name:
            self.addItem(self._blank, "")
            return
        column = next((one for one in self._columns if one.name == name), None)
        self.addItem(with_samples(column) if column is not None else isolated(name), name)

    def _picked(self) -> None:
        self._tell()
        self.picked.emit()

    def _tell(self) -> None:
        self.setToolTip(self.currentText())
