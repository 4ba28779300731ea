"""The answer of a run: sentences first, then the numbers, then what was odd in the data."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QMenu,
    QSplitter,
    QStackedLayout,
    QTableView,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from migmap.api import Finding, Metric

from .. import look
from ..icons import icon
from ..models.metrics import class_title, long_table, metric_title, wide_table
from ..models.table import Table, TableModel, TableView, tsv
from .findings import FindingsList
from .notes import NotesView
from .parts import button, icon_label, label, page
from .table import dress_table, fit_columns


class ResultsPanel(QWidget):
    """run_chosen(run id): another run is to be shown. export_asked(run id). copy_asked: the table is to be
    copied. explain_asked(run id, index): where the number of that place among the run's figures comes from.
    """

    run_chosen = Signal(str)
    export_asked = Signal(str)
    copy_asked = Signal()
    explain_asked = Signal(str, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        page(self)
        self.run_id = ""
        self._metrics: tuple[Metric, ...] = ()
        self._places: tuple[int, ...] = ()
        self._tags: Callable[[str], str] | None = None
        self._level_by_hand = False

        self.runs = QComboBox()
        self.runs.setAccessibleName(self.tr("Run on show"))
        self.runs.setMinimumContentsLength(20)
        self.runs.setMaximumWidth(280)
        self.runs.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.runs.activated.connect(lambda row: self.run_chosen.emit(self.runs.itemData(row)))
        self.shape = QComboBox()
        self.shape.addItem(self.tr("By area"), "wide")
        self.shape.addItem(self.tr("All numbers"), "long")
        self.shape.setAccessibleName(self.tr("How the table is laid out"))
        self.shape.currentIndexChanged.connect(lambda _: self._lay_out())
        self.shape.setMinimumContentsLength(9)
        self.shape.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.measure = QComboBox()
        self.measure.setAccessibleName(self.tr("Show one measure"))
        self.class_ = QComboBox()
        self.class_.setAccessibleName(self.tr("Show one class"))
        self.hazard = QComboBox()
        self.hazard.setAccessibleName(self.tr("Show one hazard"))
        self.group = QComboBox()
        self.group.setAccessibleName(self.tr("Show one group of people"))
        self.level = QComboBox()
        self.level.setAccessibleName(self.tr("Show one level of areas"))
        self.shows = QComboBox()
        self.shows.setAccessibleName(self.tr("Which figure of the comparison"))
        for words, value in (
            (self.tr("Change"), "change"),
            (self.tr("Before"), "before"),
            (self.tr("After"), "after"),
        ):
            self.shows.addItem(words, value)
        self._filters = (self.measure, self.class_, self.hazard, self.group, self.level)
        for combo in (*self._filters, self.shows):
            combo.currentIndexChanged.connect(lambda _: self._filter())
            combo.setMinimumContentsLength(8)
            combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        for combo in self._filters:
            # As wide as its words where there is room, down to the least said below where there is none.
            combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
            combo.setMaximumWidth(190)
        self.level.activated.connect(lambda _: setattr(self, "_level_by_hand", True))
        # Said outright, so that a bar full of runs and filters still fits a narrow window.
        for combo, least in (
            (self.runs, 110),
            (self.shape, 80),
            *((one, 80) for one in (*self._filters, self.shows)),
        ):
            combo.setMinimumWidth(least)
            combo.setToolTip(combo.accessibleName())
        self.search = QLineEdit()
        self.search.setMinimumWidth(80)
        self.search.setPlaceholderText(self.tr("Filter areas…"))
        self.search.setClearButtonEnabled(True)
        self.search.setAccessibleName(self.tr("Filter areas by name or code"))
        self.search.addAction(icon("mdi6.magnify", look.FAINT_INK), QLineEdit.ActionPosition.LeadingPosition)
        self.search.textChanged.connect(lambda _: self._filter())
        copy = button(self.tr("Copy table"), self.copy_asked.emit, icon_name="mdi6.content-copy")
        copy.setToolTip(self.tr("Copy the rows seen here, to paste into Excel"))
        export = button(
            self.tr("Export…"), lambda: self.export_asked.emit(self.run_id), icon_name="mdi6.export-variant"
        )

        bar = QHBoxLayout()
        bar.setContentsMargins(look.GAP, 6, look.GAP, 6)
        bar.setSpacing(6)
        bar.addWidget(self.runs)
        bar.addWidget(self.search, 1)
        bar.addWidget(self.shape)
        self.explain = button(self.tr("Open this number"), self._explain, icon_name="mdi6.magnify-scan")
        self.explain.setToolTip(
            self.tr(
                "Where the chosen number comes from: features, cells, rule, inputs (Enter or double click)"
            )
        )
        bar.addWidget(self.explain)
        bar.addSpacing(6)
        bar.addWidget(copy)
        bar.addWidget(export)

        self.model = TableModel(parent=self)
        self.sorted = TableView(self)
        self.sorted.setSourceModel(self.model)
        self.table = QTableView()
        self.table.setModel(self.sorted)
        self.table.setSortingEnabled(True)
        dress_table(self.table, self.tr("Results"))
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.table.customContextMenuRequested.connect(self._menu)
        copying = QAction(self.tr("Copy rows"), self.table)
        copying.setShortcut(QKeySequence.StandardKey.Copy)
        copying.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        copying.triggered.connect(self._copy_selected)
        self.table.addAction(copying)
        self._copying = copying
        opening = QAction(self.tr("Open this number"), self.table)
        opening.setShortcuts([QKeySequence(Qt.Key.Key_Return), QKeySequence(Qt.Key.Key_Enter)])
        opening.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        opening.triggered.connect(self._explain)
        self.table.addAction(opening)
        self._opening = opening
        self.table.doubleClicked.connect(lambda _: self._explain())
        self.table.horizontalHeader().setTextElideMode(Qt.TextElideMode.ElideMiddle)

        self.notes = NotesView()
        self.findings = FindingsList()
        self.side = QTabWidget()
        self.side.setDocumentMode(True)
        self.side.addTab(self.notes, self.tr("In words"))
        self.side.addTab(self.findings, self.tr("Findings"))

        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        filters = QHBoxLayout()
        filters.setContentsMargins(look.GAP, 4, look.GAP, 4)
        filters.setSpacing(6)
        for combo in (*self._filters, self.shows):
            filters.addWidget(combo)
        filters.addStretch(1)
        right = page(QWidget())
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(filters)
        column.addWidget(self.table, 1)
        split.addWidget(self.side)
        split.addWidget(right)
        split.setStretchFactor(0, 0)
        split.setStretchFactor(1, 1)
        split.setSizes([330, 900])
        self.side.setMinimumWidth(220)
        self.table.setMinimumWidth(240)

        content = QWidget()
        box = QVBoxLayout(content)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addLayout(bar)
        box.addWidget(split, 1)

        empty = QWidget()
        centre = QVBoxLayout(empty)
        centre.addStretch(1)
        mark = icon_label("mdi6.chart-box-outline", look.FAINT_INK, 32)
        centre.addWidget(mark, 0, Qt.AlignmentFlag.AlignHCenter)
        hint = label(
            self.tr("Numbers appear here after an analysis. Start one from the toolbar."), "soft", wrap=True
        )
        hint.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        centre.addWidget(hint)
        centre.addStretch(1)

        self._stack = QStackedLayout(self)
        self._stack.addWidget(empty)
        self._stack.addWidget(content)

    def show_runs(self, runs: list[tuple[str, str]]) -> None:
        """The runs of the project as (id, title), the newest first."""
        self.runs.blockSignals(True)
        self.runs.clear()
        for run_id, title in runs:
            self.runs.addItem(title, run_id)
            self.runs.setItemData(self.runs.count() - 1, f"{title} ({run_id})", Qt.ItemDataRole.ToolTipRole)
        self.runs.setCurrentIndex(max(0, self.runs.findData(self.run_id)))
        self.runs.blockSignals(False)
        self.runs.setVisible(len(runs) > 1)

    def clear(self) -> None:
        self.run_id = ""
        self._metrics = ()
        self._places = ()
        self.model.show(Table())
        self._stack.setCurrentIndex(0)

    def show_result(
        self,
        run_id: str,
        metrics: tuple[Metric, ...],
        notes: tuple[str, ...],
        findings: tuple[Finding, ...],
        tags: Callable[[str], str] | None = None,
    ) -> None:
        """tags: metric -> the lines of frameworks it speaks to."""
        self.run_id = run_id
        self._metrics = metrics
        self._tags = tags
        self._level_by_hand = False
        self.runs.setCurrentIndex(max(0, self.runs.findData(run_id)))
        self.runs.setToolTip(str(self.runs.currentData(Qt.ItemDataRole.ToolTipRole) or ""))
        everybody = [(self.tr("everybody"), "")] if any(m.group for m in metrics) else []
        for combo, everything, values in (
            (
                self.measure,
                self.tr("All measures"),
                [(metric_title(m.metric), m.metric) for m in metrics],
            ),
            (self.class_, self.tr("All classes"), [(class_title(m.class_), m.class_) for m in metrics]),
            (self.hazard, self.tr("All hazards"), [(m.hazard or "", m.hazard) for m in metrics]),
            (
                self.group,
                self.tr("All groups"),
                [*everybody, *((m.group, m.group) for m in metrics if m.group)],
            ),
            (self.level, self.tr("All levels"), [(m.level or "", m.level) for m in metrics]),
        ):
            combo.blockSignals(True)
            combo.clear()
            combo.addItem(everything, None)
            for title, value in dict.fromkeys(values):
                if value is not None:
                    combo.addItem(title, value)
            combo.setEnabled(combo.count() > 2)
            combo.setVisible(combo.count() > 2 or combo in (self.measure, self.class_))
            combo.blockSignals(False)
        self.shows.setVisible(any(m.compared for m in metrics))
        self.notes.show_notes(notes)
        self.findings.show_findings(findings, self.tr("Nothing odd was found in the data of this run."))
        title = self.tr("Findings ({0})").format(len(findings)) if findings else self.tr("Findings")
        self.side.setTabText(1, title)
        self.side.setCurrentIndex(0)
        self.search.clear()
        self._lay_out()
        self._stack.setCurrentIndex(1)

    def text(self) -> str:
        """The rows seen, in the order seen, as tab-separated text with their heading."""
        return self._text(range(self.sorted.rowCount()))

    def copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text())

    def _text(self, rows: range | list[int]) -> str:
        table = self.model.table
        visible = [i for i in range(len(table.columns)) if not self.table.isColumnHidden(i)]
        chosen = [self.sorted.mapToSource(self.sorted.index(row, 0)).row() for row in rows]
        return tsv(
            [table.columns[i] for i in visible], [[table.rows[row][i] for i in visible] for row in chosen]
        )

    def _copy_selected(self) -> None:
        rows = sorted({index.row() for index in self.table.selectionModel().selectedRows()})
        QGuiApplication.clipboard().setText(self._text(rows or range(self.sorted.rowCount())))

    def _menu(self, where: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(self._opening)
        menu.addAction(self._copying)
        menu.addAction(self.tr("Copy whole table"), self.copy)
        menu.popup(self.table.viewport().mapToGlobal(where))

    @property
    def _wide(self) -> bool:
        return bool(self.shape.currentData() == "wide")

    def _lay_out(self) -> None:
        # -1: the order of the run, until someone asks for another.
        self.table.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        if not self._level_by_hand:
            # Rows of several levels side by side look as if they added up.
            self.level.blockSignals(True)
            self.level.setCurrentIndex(1 if self._wide and self.level.count() > 2 else 0)
            self.level.blockSignals(False)
        self._filter()
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        fit_columns(self.table)
        header.setStretchLastSection(not self._wide)

    def _filter(self) -> None:
        measure, class_, hazard, group, level = (combo.currentData() for combo in self._filters)
        self._places = tuple(
            index
            for index, m in enumerate(self._metrics)
            if measure in (None, m.metric)
            and class_ in (None, m.class_)
            # What is said of several hazards together belongs to each.
            and (hazard is None or m.hazard in (None, hazard))
            and (group is None or group == (m.group or ""))
            and (level is None or m.level in (None, level))
        )
        kept = [self._metrics[index] for index in self._places]
        shows = self.shows.currentData()
        self.model.show(wide_table(kept, shows) if self._wide else long_table(kept, self._tags))
        self.shows.setEnabled(self._wide)
        self.sorted.contain_any((0, 1), self.search.text())

    def chosen_number(self) -> int | None:
        """The place, among the figures of the run, of the number that is chosen; in a row without a chosen
        number its first one."""
        index = self.table.currentIndex()
        if not index.isValid():
            return None
        source = self.sorted.mapToSource(index)
        refs = self.model.table.refs[source.row()]
        found = refs[source.column()]
        if found is None:
            found = next((ref for ref in refs if ref is not None), None)
        return None if found is None else self._places[found]

    def _explain(self) -> None:
        place = self.chosen_number()
        if place is not None:
            self.explain_asked.emit(self.run_id, place)
