"""A small table of known values: numbers sort as numbers, text as people sort it, copy gives TSV."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
)
from PySide6.QtGui import QFont

from ..words import cell, number

Index = QModelIndex | QPersistentModelIndex
VALUE_ROLE = Qt.ItemDataRole.UserRole + 1


@dataclass(frozen=True, slots=True)
class Column:
    """decimals: for numbers, None to choose by size. empty: what a missing value is called."""

    title: str
    tip: str = ""
    numeric: bool = False
    decimals: int | None = None
    empty: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """rows: one value a column. strong: rows that are totals, printed bold. refs: a row a row, a number or
    None a column: which of the things the table was made of the cell shows; () where nobody asks."""

    columns: tuple[Column, ...] = ()
    rows: tuple[tuple[Any, ...], ...] = ()
    strong: frozenset[int] = frozenset()
    refs: tuple[tuple[int | None, ...], ...] = ()


class TableModel(QAbstractTableModel):
    def __init__(self, table: Table | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._table = table or Table()

    @property
    def table(self) -> Table:
        return self._table

    def show(self, table: Table) -> None:
        self.beginResetModel()
        self._table = table
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._table.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._table.columns)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation == Qt.Orientation.Vertical or not 0 <= section < len(self._table.columns):
            return None
        column = self._table.columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.title
        if role == Qt.ItemDataRole.ToolTipRole:
            return column.tip or column.title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if column.numeric else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        column = self._table.columns[index.column()]
        value = self._table.rows[index.row()][index.column()]
        roles = Qt.ItemDataRole
        if role == roles.DisplayRole:
            return shown(column, value)
        if role == VALUE_ROLE:
            return value
        if role == roles.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if column.numeric else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        if role == roles.FontRole and index.row() in self._table.strong:
            font = QFont()
            font.setBold(True)
            return font
        if role == roles.ToolTipRole and not column.numeric:
            text = shown(column, value)
            return text if len(text) > 30 else None
        return None


def shown(column: Column, value: Any) -> str:
    if value is None:
        return column.empty
    if column.numeric and isinstance(value, int | float):
        return number(value, column.decimals)
    return cell(value)


class TableView(QSortFilterProxyModel):
    """Sorts by value (missing ones last either way) and keeps rows that hold a text.

    A strong row is a total: it stays on top whatever the order.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._columns: tuple[int, ...] = ()
        self._text = ""
        self.setSortRole(VALUE_ROLE)

    def contain_any(self, columns: tuple[int, ...], text: str) -> None:
        """Keep rows where one of `columns` contains `text`, any case."""
        self._columns, self._text = columns, text.strip().casefold()
        self.invalidate()

    def filterAcceptsRow(self, row: int, parent: Index) -> bool:
        model = self.sourceModel()

        def text(column: int) -> str:
            return str(model.data(model.index(row, column, parent)) or "")

        return not self._text or any(self._text in text(column).casefold() for column in self._columns)

    def lessThan(self, left: Index, right: Index) -> bool:
        model = self.sourceModel()
        rising = self.sortOrder() == Qt.SortOrder.AscendingOrder
        if isinstance(model, TableModel):
            strong = model.table.strong
            first, second = left.row() in strong, right.row() in strong
            if first != second:
                return first if rising else second
        a, b = model.data(left, VALUE_ROLE), model.data(right, VALUE_ROLE)
        if a is None or b is None:
            if a is None and b is None:
                return left.row() < right.row()
            return (b is None) if rising else (a is None)
        if isinstance(a, int | float) and isinstance(b, int | float):
            return a < b
        return natural(str(a)) < natural(str(b))


def natural(text: str) -> tuple[tuple[int, float, str], ...]:
    """A sort key that puts "row:9" before "row:10"."""
    import re

    parts = re.split(r"(\d+)", text.casefold())
    return tuple((0, float(part), "") if part.isdigit() else (1, 0.0, part) for part in parts if part)


def tsv(columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> str:
    """Rows with their heading as tab-separated text; numbers unrounded, without separators."""

    def plain(value: Any) -> str:
        return cell(value).replace("\t", " ").replace("\r", " ").replace("\n", " ")

    lines = ["\t".join(plain(column.title) for column in columns)]
    lines += ["\t".join(plain(value) for value in row) for row in rows]
    return "\n".join(lines) + "\n"
