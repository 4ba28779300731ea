"""The rows of a vector layer as a Qt table, read from the frame cell by cell as they are seen."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from migmap.api import VectorData

from ..words import cell

Index = QModelIndex | QPersistentModelIndex


class AttributeModel(QAbstractTableModel):
    """Column 0 is the row as a person sees it in the file, the others are the layer's columns."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._data: VectorData | None = None
        self._columns: list[str] = []
        self._numeric: list[bool] = []
        # Positions in the frame in the order shown; an array once a layer is sorted.
        self._order: Any = range(0)

    def show(self, data: VectorData | None) -> None:
        self.beginResetModel()
        self._data = data
        if data is None:
            self._columns, self._numeric = [], []
            self._order = range(0)
        else:
            frame = data.frame
            self._columns = [str(name) for name in frame.columns if name != frame.geometry.name]
            self._numeric = [frame[name].dtype.kind in "fiu" for name in self._columns]
            self._order = range(len(frame))
        self.endResetModel()

    def frame_row(self, row: int) -> int:
        """The position in the frame of what row `row` of the table shows."""
        return int(self._order[row])

    def table_row(self, frame_row: int) -> int | None:
        import numpy as np

        found = np.flatnonzero(np.asarray(self._order) == frame_row)
        return int(found[0]) if len(found) else None

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._order)

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() or self._data is None else len(self._columns) + 1

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation == Qt.Orientation.Vertical or role != Qt.ItemDataRole.DisplayRole:
            return None
        if section == 0:
            return self.tr("Row")
        return self._columns[section - 1] if section <= len(self._columns) else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if self._data is None or not index.isValid():
            return None
        row, column = self.frame_row(index.row()), index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            if column == 0:
                return str(self._data.row_numbers[row])
            return cell(python(self._data.frame[self._columns[column - 1]].array[row]))
        if role == Qt.ItemDataRole.TextAlignmentRole and (column == 0 or self._numeric[column - 1]):
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        if self._data is not None:
            self.set_order(self._data, self.order_by(column, order))

    def order_by(self, column: int, order: Qt.SortOrder) -> Any:
        """Positions in the frame, sorted by a column, missing values last. From any thread."""
        import numpy as np

        data = self._data
        if data is None or not 0 <= column <= len(self._columns):
            return self._order
        rising = order == Qt.SortOrder.AscendingOrder
        if column == 0:
            places = np.argsort(data.row_numbers, kind="stable")
            return places if rising else places[::-1]
        values = data.frame[self._columns[column - 1]].reset_index(drop=True)
        if values.dtype == object:
            values = _sortable(values)
        return values.sort_values(ascending=rising, kind="stable", na_position="last").index.to_numpy()

    def set_order(self, data: VectorData, places: Any) -> None:
        """Show the rows in this order, unless another layer is shown by now."""
        if data is not self._data:
            return
        import numpy as np

        self.layoutAboutToBeChanged.emit()
        kept = self.persistentIndexList()
        rows = [self.frame_row(index.row()) for index in kept]
        self._order = places
        row_of = np.empty(len(places), dtype=np.int64)
        row_of[np.asarray(places)] = np.arange(len(places))
        moved = [self.index(int(row_of[row]), index.column()) for row, index in zip(rows, kept, strict=True)]
        self.changePersistentIndexList(kept, moved)
        self.layoutChanged.emit()


def _sortable(values: Any) -> Any:
    """An object column as numbers where all its values are, else as text; missing stays missing."""
    import pandas

    plain = values.map(python)
    numbers = pandas.to_numeric(plain, errors="coerce")
    if numbers.notna().sum() == plain.notna().sum():
        return numbers
    return plain.map(lambda value: cell(value).casefold() or None)


def python(value: Any) -> Any:
    """A numpy or pandas scalar as a plain value; None where it is missing."""
    if value is None or str(value) in ("<NA>", "NaT"):
        return None
    # numpy's scalars know how to become Python's; text and dates have no such method.
    return value.item() if hasattr(value, "item") else value
