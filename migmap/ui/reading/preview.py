"""The first rows of a file as they would be read: roles over the columns, rows set aside in grey."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QHeaderView, QTableView, QWidget

from migmap.api import Change

from .. import look
from ..docks.table import dress_table, fit_columns

if TYPE_CHECKING:
    from migmap.app.preview import Preview, PreviewRow

Index = QModelIndex | QPersistentModelIndex
ROLE_TITLE = Qt.ItemDataRole.UserRole + 1
"""Of a heading: what the column is used as, "" for nothing."""
MOST_COLUMNS = 400
LONG_NUMBER = re.compile(r"-?\d+\.\d{9,}")


@dataclass(frozen=True, slots=True)
class Shown:
    """What the table shows. titles: column -> what it is used as. changes: (row, column) -> what a mend
    does, or did, with this value; column "" stands for the position."""

    columns: tuple[str, ...] = ()
    rows: tuple[PreviewRow, ...] = ()
    titles: Mapping[str, str] | None = None
    changes: Mapping[tuple[int, str], Change] | None = None


def in_order(preview: Preview, titles: Mapping[str, str]) -> Shown:
    """The preview with the columns that play a role first, as they stand in `titles`; the rest follows in
    the order of the file."""
    used = [column for column in titles if column in preview.columns]
    order = [*used, *(column for column in preview.columns if column not in titles)][:MOST_COLUMNS]
    places = [preview.columns.index(column) for column in order]
    rows = tuple(
        type(row)(row.number, tuple(row.cells[place] for place in places), row.aside, row.position)
        for row in preview.rows
    )
    changes = {
        (change.row, change.column): change for finding in preview.findings for change in finding.changes
    }
    return Shown(tuple(order), rows, dict(titles), changes)


class PreviewModel(QAbstractTableModel):
    """Column 0 is the row as a person sees it in the file."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._shown = Shown()

    @property
    def shown(self) -> Shown:
        return self._shown

    def show(self, shown: Shown) -> None:
        self.beginResetModel()
        self._shown = shown
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._shown.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._shown.columns) + 1

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation == Qt.Orientation.Vertical or section > len(self._shown.columns):
            return None
        name = self._shown.columns[section - 1] if section else ""
        if role == Qt.ItemDataRole.DisplayRole:
            return name if section else self.tr("Row")
        if role == ROLE_TITLE:
            return (self._shown.titles or {}).get(name, "")
        if role == Qt.ItemDataRole.ToolTipRole:
            return name
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        roles = Qt.ItemDataRole
        row, place = self._shown.rows[index.row()], index.column()
        if role == roles.DisplayRole:
            return str(row.number) if place == 0 else short(row.cells[place - 1])
        change = self._change(row, place)
        if role == roles.ForegroundRole:
            if row.aside:
                return QColor(look.FAINT_INK)
            return QColor(look.SOFT_INK) if place == 0 else None
        if role == roles.BackgroundRole:
            if row.aside:
                return QColor(look.SOFT_LINE)
            return QColor(look.WARN_SOFT) if change is not None else None
        if role == roles.FontRole and row.aside:
            font = QFont()
            font.setItalic(True)
            return font
        if role == roles.ToolTipRole:
            return self._tip(row, place, change)
        if role == roles.TextAlignmentRole and place == 0:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def _change(self, row: PreviewRow, place: int) -> Change | None:
        changes = self._shown.changes or {}
        return changes.get((row.number, self._shown.columns[place - 1] if place else ""))

    def _tip(self, row: PreviewRow, place: int, change: Change | None) -> str | None:
        if row.aside:
            return self.tr("Set aside: {0}").format(row.aside)
        if change is not None:
            return self.tr("{0} becomes {1}").format(
                change.old or self.tr("nothing"), change.new or self.tr("nothing")
            )
        text = row.cells[place - 1] if place else ""
        return text if len(text) > 30 else None


def short(text: str) -> str:
    """As it is shown: a number with more than eight decimals is cut to six (71.82371686846862 says no
    more), a day loses its midnight."""
    if text.endswith(" 00:00:00"):
        return text.removesuffix(" 00:00:00")
    return f"{float(text):.6f}" if LONG_NUMBER.fullmatch(text) else text


class RoleHeader(QHeaderView):
    """Two lines: what the column is used as, and what the file calls it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setHighlightSections(False)
        self.setSectionsClickable(False)

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), 2 * self.fontMetrics().height() + 12)

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        painter.save()
        model = self.model()
        title = str(model.headerData(section, Qt.Orientation.Horizontal, ROLE_TITLE) or "")
        name = str(model.headerData(section, Qt.Orientation.Horizontal) or "")
        painter.fillRect(rect, QColor(look.ACCENT_SOFT if title else look.DESK))
        painter.fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), QColor(look.LINE))
        painter.fillRect(QRect(rect.right(), rect.top(), 1, rect.height()), QColor(look.SOFT_LINE))
        line = self.fontMetrics().height()
        upper = QRect(rect.left() + 8, rect.top() + 4, rect.width() - 14, line)
        lower = upper.translated(0, line + 2)
        font = QFont(self.font())
        font.setWeight(QFont.Weight.DemiBold)
        self._line(painter, upper, title, font, look.ACCENT_DARK)
        self._line(painter, lower, name, self.font(), look.SOFT_INK)
        painter.restore()

    @staticmethod
    def _line(painter: QPainter, rect: QRect, text: str, font: QFont, colour: str) -> None:
        painter.setFont(font)
        painter.setPen(QColor(colour))
        shown = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
        painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)


class PreviewTable(QTableView):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.preview_model = PreviewModel(self)
        self.setHorizontalHeader(RoleHeader(self))
        self.setModel(self.preview_model)
        dress_table(self, self.tr("First rows as they would be read"))

    def show_rows(self, shown: Shown) -> None:
        same = shown.columns == self.preview_model.shown.columns
        kept = self.horizontalScrollBar().value(), self.verticalScrollBar().value()
        self.preview_model.show(shown)
        if not same:
            fit_columns(self, most=200, rows=30)
            self._fit_titles()
            # Where the table begins with rows that are set aside, what is used comes into view.
            used = next((place for place, row in enumerate(shown.rows) if not row.aside), 0)
            if used > 8:
                self.scrollTo(self.preview_model.index(used, 0), self.ScrollHint.PositionAtCenter)
        else:
            self.horizontalScrollBar().setValue(kept[0])
            self.verticalScrollBar().setValue(kept[1])

    def show_row(self, numbers: Sequence[int]) -> None:
        """Bring the first of these rows of the file into view, if it is among those shown."""
        wanted = set(numbers)
        for place, row in enumerate(self.preview_model.shown.rows):
            if row.number in wanted:
                self.selectRow(place)
                self.scrollTo(self.preview_model.index(place, 0))
                return

    def _fit_titles(self) -> None:
        font = QFont(self.horizontalHeader().font())
        font.setWeight(QFont.Weight.DemiBold)
        metrics = QFontMetrics(font)
        for section, column in enumerate(self.preview_model.shown.columns[:80], start=1):
            title = (self.preview_model.shown.titles or {}).get(column, "")
            wide = metrics.horizontalAdvance(title) + 24
            if title and self.columnWidth(section) < wide:
                self.setColumnWidth(section, wide)
