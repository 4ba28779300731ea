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
    table.setAccessibleName(name)


def table_widget(content: Table, name: str) -> QTableView:
    table = QTableView()
    dress_table(table, name)
    table.setModel(TableModel(content, table))
    table.resizeColumnsToContents()
    table.horizontalHeader().setStretchLastSection(True)
    return table
