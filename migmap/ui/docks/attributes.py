"""The rows of the chosen layer, as in its file."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QHBoxLayout, QStackedLayout, QTableView, QVBoxLayout, QWidget

from migmap.api import VectorData

from .. import look
from ..desk import Desk
from ..models.attributes import AttributeModel
from ..words import counted, isolated
from .parts import label, page
from .table import dress_table, fit_columns

SORT_AT_ONCE = 20_000
"""Rows; more are sorted away from the window's thread."""

MARKED = 200
"""Rows that are marked at once; finding the place of each takes time."""


class AttributesPanel(QWidget):
    """picked(layer id, frame row): a row was double-clicked, or Enter pressed on it. pointed(layer id,
    frame row): the person went to this row."""

    picked = Signal(str, int)
    pointed = Signal(str, int)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        page(self)
        self._desk = desk
        self._layer_id = ""
        self._shown: VectorData | None = None
        self.model = AttributeModel(self)
        self.table = QTableView()
        self.table.setModel(self.model)
        self.table.setSortingEnabled(False)
        dress_table(self.table, self.tr("Rows of the layer"))
        header = self.table.horizontalHeader()
        header.setSectionsClickable(True)
        header.setSortIndicatorShown(False)
        header.setSortIndicatorClearable(True)
        header.sectionClicked.connect(self._sort)
        # By double click and by Enter; which of the two Qt tells of differs by platform.
        self.table.doubleClicked.connect(self._pick)
        self.table.activated.connect(self._pick)
        self.table.selectionModel().currentRowChanged.connect(self._went_to)
        self._told = False
        self._title = label("", "soft")
        self._hint = label("", "soft", wrap=True)
        self._hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        content = QWidget()
        box = QVBoxLayout(content)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        bar = QHBoxLayout()
        bar.setContentsMargins(look.GAP + 4, 6, look.GAP, 6)
        bar.addWidget(self._title, 1)
        box.addLayout(bar)
        box.addWidget(self.table, 1)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._hint)
        self._stack.addWidget(content)
        desk.chosen_changed.connect(lambda _: self._refresh())
        desk.data_changed.connect(lambda _: self._refresh())
        desk.project_changed.connect(lambda *_: self._refresh())
        self._refresh()

    def showEvent(self, event: object) -> None:
        # Filled when looked at, not while it lies behind another tab.
        self._refresh()

    def select(self, frame_row: int) -> None:
        self._refresh(force=True)
        row = self.model.table_row(frame_row)
        if row is not None:
            self._told = True
            self.table.selectRow(row)
            self._told = False
            self.table.scrollTo(self.model.index(row, 0), QAbstractItemView.ScrollHint.PositionAtCenter)

    def mark(self, frame_rows: Sequence[int]) -> None:
        """Select these rows and bring the first into view."""
        self._refresh(force=True)
        wanted = QItemSelection()
        for frame_row in frame_rows[:MARKED]:
            row = self.model.table_row(frame_row)
            if row is not None:
                index = self.model.index(row, 0)
                wanted.select(index, index)
        flag = QItemSelectionModel.SelectionFlag
        self.select(frame_rows[0])
        self.table.selectionModel().select(wanted, flag.ClearAndSelect | flag.Rows)

    def _refresh(self, force: bool = False) -> None:
        if not force and not self.isVisible():
            return
        layer = self._desk.chosen
        data = self._desk.data_of(layer) if layer else None
        if layer is None:
            self._hint.setText(self.tr("Choose a layer to see its rows."))
        elif data is None:
            self._hint.setText(self.tr("The layer is not read yet."))
        elif not isinstance(data, VectorData):
            self._hint.setText(self.tr("A raster has cells, not rows."))
        if layer is None or not isinstance(data, VectorData):
            self._shown = None
            self.model.show(None)
            self._stack.setCurrentIndex(0)
            return
        self._layer_id = layer.id
        rows = counted(self.tr("1 row"), self.tr("{0} rows"), len(data.frame))
        self._title.setText(f"{isolated(layer.title)}  ·  {rows}")
        if data is not self._shown:
            self._shown = data
            self.model.show(data)
            self.table.horizontalHeader().setSortIndicatorShown(False)
            fit_columns(self.table)
        self._stack.setCurrentIndex(1)

    def _sort(self, column: int) -> None:
        header = self.table.horizontalHeader()
        order = header.sortIndicatorOrder() if header.isSortIndicatorShown() else Qt.SortOrder.AscendingOrder
        header.setSortIndicatorShown(True)
        header.setSortIndicator(column, order)
        data = self._shown
        if data is None or len(data.frame) <= SORT_AT_ONCE:
            self.model.sort(column, order)
            return
        self._desk.submit(
            self.tr("Sort the table"),
            lambda _: self.model.order_by(column, order),
            lambda places: self.model.set_order(data, places),
            replaces="table-sort",
        )

    def _went_to(self, index: QModelIndex) -> None:
        # A table that was just filled has no row anyone went to.
        if index.isValid() and not self._told and self.table.hasFocus():
            self.pointed.emit(self._layer_id, self.model.frame_row(index.row()))

    def _pick(self, index: QModelIndex) -> None:
        self.picked.emit(self._layer_id, self.model.frame_row(index.row()))
