"""A plain table to read and copy from."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QTableView

from ..models.table import Table, TableModel


def dress_table(table: QTableView, name: str) -> None:
    """The look every table of the window shares."""
    table.setAlternatingRowColors(True)
    table.setShowGrid(False)
    table.setWordWrap(False)
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(25)
    header = table.horizontalHeader()
    header.setHighlightSections(False)
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    # Tab leaves the table; arrows move within it.
    table.setTabKeyNavigation(False)
    table.setAccessibleName(name)


def fit_columns(table: QTableView, *, least: int = 60, most: int = 240, rows: int = 40) -> None:
    """Columns as wide as their heading and first rows need: measuring every row would hold up the
    window."""
    model = table.model()
    words, heads = table.fontMetrics(), table.horizontalHeader().fontMetrics()
    for column in range(min(model.columnCount(), 80)):
        head = str(model.headerData(column, Qt.Orientation.Horizontal) or "")
        widths = [heads.horizontalAdvance(head) * 1.08 + 14]
        for row in range(min(rows, model.rowCount())):
            text = str(model.index(row, column).data() or "")
            widths.append(words.horizontalAdvance(text) * 1.04)
        table.setColumnWidth(column, round(min(max(max(widths) + 24, least), most)))


def table_widget(content: Table, name: str) -> QTableView:
    table = QTableView()
    dress_table(table, name)
    table.setModel(TableModel(content, table))
    fit_columns(table, most=360)
    table.horizontalHeader().setStretchLastSection(True)
    return table
