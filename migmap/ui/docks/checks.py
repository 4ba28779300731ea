"""What the checks of a layer or the project found: findings by severity, how far roles are filled, gaps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, Qt, Signal
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QScrollArea,
    QSplitter,
    QStackedLayout,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QTabWidget,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from migmap.api import Finding

from .. import look
from ..icons import icon
from ..models.table import VALUE_ROLE, Column, Table, TableModel
from ..reading.mends import in_words
from ..reading.wording import in_window_words
from ..words import counted, isolated, number
from .findings import ICONS, breakable
from .parts import Elided, button, label, page
from .table import dress_table, fit_columns

if TYPE_CHECKING:
    from migmap.app.doctor.report import GapMatrix, LayerReport, ProjectReport

FINDING_ROLE = Qt.ItemDataRole.UserRole + 1
MOST_SHOWN = 30
"""Changes shown beside a finding; all stand in the saved report."""
MOST_GAP_COLUMNS = 120


@dataclass(frozen=True, slots=True)
class Found:
    """A finding and the layer it is about, "" for one between layers."""

    finding: Finding
    layer_id: str
    title: str


class ChecksPanel(QWidget):
    """rows_asked(layer id, rows as a person sees them). apply_asked(layer id, code): use the mend.
    save_asked(): the report as a file. again_asked(): check once more."""

    rows_asked = Signal(str, object)
    apply_asked = Signal(str, str)
    save_asked = Signal()
    again_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        page(self)
        self._layers: tuple[tuple[str, LayerReport], ...] = ()
        self._between: tuple[Finding, ...] = ()
        self._gaps: GapMatrix | None = None
        self._stale = False
        self.which = QComboBox()
        self.which.setAccessibleName(self.tr("Layer whose checks are shown"))
        self.which.setMinimumContentsLength(16)
        self.which.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.which.currentIndexChanged.connect(lambda _: self._show())
        self._summary = Elided("soft")
        self.again = button(self.tr("Check again"), self.again_asked.emit, icon_name="mdi6.refresh")
        self.save = button(
            self.tr("Save report…"), self.save_asked.emit, icon_name="mdi6.file-document-check-outline"
        )
        self.save.setToolTip(self.tr("As a page to read (HTML), or as a list of mends to send back (Excel)"))
        bar = QHBoxLayout()
        bar.setContentsMargins(look.GAP, 6, look.GAP, 6)
        bar.setSpacing(look.GAP)
        bar.addWidget(self.which)
        bar.addWidget(self._summary, 1)
        bar.addWidget(self.again)
        bar.addWidget(self.save)

        self.list = QTreeWidget()
        self.list.setColumnCount(3)
        self.list.setHeaderLabels([self.tr("What was found"), self.tr("Count"), self.tr("Layer")])
        self.list.setRootIsDecorated(True)
        self.list.setIndentation(12)
        self.list.setUniformRowHeights(True)
        self.list.setAllColumnsShowFocus(True)
        self.list.setAccessibleName(self.tr("What was found"))
        self.list.currentItemChanged.connect(lambda item, _: self._picked(item))
        self.list.itemDoubleClicked.connect(lambda *_: self._ask_rows())

        self.detail = QScrollArea()
        self.detail.setWidgetResizable(True)
        self.detail.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.completeness = _table(self.tr("How far the columns are filled"))
        self.completeness.setItemDelegateForColumn(2, BarDelegate(self.completeness))
        self.gaps = _table(self.tr("Rows and people by district and date"))
        self._gaps_note = label("", "soft", wrap=True)
        self._gaps_note.setContentsMargins(look.GAP, 4, look.GAP, 4)
        gaps = QWidget()
        box = QVBoxLayout(gaps)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self._gaps_note)
        box.addWidget(self.gaps, 1)
        self.side = QTabWidget()
        self.side.setDocumentMode(True)
        self.side.addTab(self.detail, self.tr("Finding"))
        self.side.addTab(self.completeness, self.tr("Completeness"))
        self.side.addTab(gaps, self.tr("Gaps"))
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        split.addWidget(self.list)
        split.addWidget(self.side)
        split.setStretchFactor(0, 3)
        split.setStretchFactor(1, 2)
        split.setSizes([600, 400])

        content = QWidget()
        outer = QVBoxLayout(content)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addLayout(bar)
        outer.addWidget(split, 1)
        hint = label(
            self.tr(
                "Layer > Check this layer, or Layer > Check the project, looks for what is wrong in the data."
            ),
            "soft",
            wrap=True,
        )
        hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(hint)
        self._stack.addWidget(content)

    # -- what is shown ------------------------------------------------------------------------

    def show_layer(self, layer_id: str, report: LayerReport) -> None:
        self._take(((layer_id, report),), (), report.gaps)

    def show_project(self, report: ProjectReport, layer_ids: Sequence[str]) -> None:
        """layer_ids: of the report's layers, in their order."""
        self._take(tuple(zip(layer_ids, report.layers, strict=True)), report.findings, report.gaps)

    def mark_stale(self) -> None:
        """The data changed since it was checked."""
        if self._layers and not self._stale:
            self._stale = True
            self._show_summary()

    def clear(self) -> None:
        self._layers, self._between, self._gaps = (), (), None
        self._stack.setCurrentIndex(0)

    @property
    def shown(self) -> tuple[Found, ...]:
        """The findings in the list."""
        chosen = str(self.which.currentData() or "")
        found = [
            Found(finding, layer_id, report.title)
            for layer_id, report in self._layers
            if not chosen or layer_id == chosen
            for finding in report.findings
        ]
        if not chosen:
            found += [Found(finding, "", "") for finding in self._between]
        return tuple(found)

    def summary(self) -> str:
        return self._summary.text()

    def pick(self, code: str) -> None:
        """Go to the first finding of this code."""
        for top in range(self.list.topLevelItemCount()):
            group = self.list.topLevelItem(top)
            for place in range(group.childCount() if group is not None else 0):
                item = group.child(place) if group is not None else None
                if item is not None and item.data(0, FINDING_ROLE).finding.code == code:
                    self.list.setCurrentItem(item)
                    return

    # -- inside -------------------------------------------------------------------------------

    def _take(
        self,
        layers: tuple[tuple[str, LayerReport], ...],
        between: tuple[Finding, ...],
        gaps: GapMatrix,
    ) -> None:
        self._layers, self._between, self._gaps, self._stale = layers, between, gaps, False
        blocked = self.which.blockSignals(True)
        self.which.clear()
        if len(layers) != 1 or between:
            self.which.addItem(self.tr("All layers"), "")
        for layer_id, report in layers:
            self.which.addItem(isolated(report.title), layer_id)
        self.which.blockSignals(blocked)
        self._stack.setCurrentIndex(1)
        self._show()

    def _show(self) -> None:
        found = self.shown
        self.list.clear()
        titles = {
            "error": self.tr("Errors"),
            "warning": self.tr("Warnings"),
            "info": self.tr("To know"),
        }
        for severity, title in titles.items():
            some = [one for one in found if one.finding.severity == severity]
            if not some:
                continue
            group = QTreeWidgetItem([f"{title} ({number(len(some))})", "", ""])
            group.setFirstColumnSpanned(True)
            group.setIcon(0, icon(*ICONS[severity]))
            font = group.font(0)
            font.setWeight(font.Weight.DemiBold)
            group.setFont(0, font)
            self.list.addTopLevelItem(group)
            for one in some:
                item = QTreeWidgetItem(
                    [in_window_words(one.finding.message), number(one.finding.count), one.title]
                )
                item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                item.setToolTip(0, in_window_words(one.finding.message))
                item.setData(0, FINDING_ROLE, one)
                if one.finding.fix and not one.finding.applied:
                    item.setIcon(0, icon("mdi6.wrench-outline", look.ACCENT))
                group.addChild(item)
            group.setExpanded(severity != "info" or len(titles) == 1)
        several = len(self._layers) > 1
        self.list.setColumnHidden(2, not several)
        self.list.header().setStretchLastSection(False)
        self.list.header().setSectionResizeMode(0, self.list.header().ResizeMode.Stretch)
        self.list.setColumnWidth(1, 64)
        self.list.setColumnWidth(2, 150)
        self._show_summary()
        self._show_completeness()
        self._show_gaps()
        self._picked(None)

    def _show_summary(self) -> None:
        found = self.shown
        counts = {key: sum(one.finding.severity == key for one in found) for key in ICONS}
        parts = [
            counted(self.tr("1 error"), self.tr("{0} errors"), counts["error"]),
            counted(self.tr("1 warning"), self.tr("{0} warnings"), counts["warning"]),
            counted(self.tr("1 to know"), self.tr("{0} to know"), counts["info"]),
        ]
        text = ", ".join(parts)
        if self._stale:
            text += "  ·  " + self.tr("The data changed since then.")
        self._summary.setText(text)

    def _picked(self, item: QTreeWidgetItem | None) -> None:
        one: Found | None = item.data(0, FINDING_ROLE) if item is not None else None
        body = page(QWidget())
        box = QVBoxLayout(body)
        box.setContentsMargins(look.GAP + 4, look.GAP, look.GAP + 4, look.GAP)
        box.setSpacing(look.GAP)
        if one is None:
            box.addWidget(label(self.tr("Choose a finding to see what it is about."), "soft", wrap=True))
        else:
            self._fill(box, one)
            self.side.setCurrentIndex(0)
        box.addStretch(1)
        self.detail.setWidget(body)

    def _fill(self, box: QVBoxLayout, one: Found) -> None:
        finding = one.finding
        box.addWidget(label(breakable(in_window_words(finding.message)), wrap=True, selectable=True))
        if finding.rows:
            some = ", ".join(str(row) for row in finding.rows[:24])
            more = ", …" if len(finding.rows) > 24 or finding.count > len(finding.rows) else ""
            box.addWidget(label(self.tr("Rows: {0}").format(some + more), "soft", wrap=True, selectable=True))
        if finding.applied:
            box.addWidget(label(self.tr("The mend is applied."), "good", wrap=True))
        elif finding.fix:
            box.addWidget(label(breakable(in_window_words(finding.fix)), wrap=True))
        for change in finding.changes[:MOST_SHOWN]:
            box.addWidget(label(in_words(change), "soft", wrap=True))
        if len(finding.changes) > MOST_SHOWN:
            text = self.tr("And {0} more; the saved report lists them.")
            box.addWidget(label(text.format(number(len(finding.changes) - MOST_SHOWN)), "soft", wrap=True))
        row = QHBoxLayout()
        row.setSpacing(look.GAP)
        if finding.rows and one.layer_id:
            row.addWidget(button(self.tr("Show the rows"), self._ask_rows, icon_name="mdi6.table-search"))
        if finding.fix and not finding.applied and one.layer_id:
            row.addWidget(
                button(
                    self.tr("Apply the mend"),
                    lambda: self.apply_asked.emit(one.layer_id, finding.code),
                    icon_name="mdi6.wrench-outline",
                    primary=True,
                )
            )
        row.addStretch(1)
        box.addLayout(row)
        box.addWidget(label(self.tr("Known as {0}").format(finding.code), "soft", selectable=True))

    def _ask_rows(self) -> None:
        item = self.list.currentItem()
        one: Found | None = item.data(0, FINDING_ROLE) if item is not None else None
        if one is not None and one.layer_id and one.finding.rows:
            self.rows_asked.emit(one.layer_id, one.finding.rows)

    def _show_completeness(self) -> None:
        chosen = str(self.which.currentData() or "")
        several = not chosen and len(self._layers) > 1
        rows = [
            (
                f"{report.title}: {one.title}" if several else one.title,
                one.column,
                one.share if one.rows else None,
                one.blank,
                one.not_assessed,
                one.zero,
            )
            for layer_id, report in self._layers
            if not chosen or layer_id == chosen
            for one in report.completeness
        ]
        columns = (
            Column(self.tr("What")),
            Column(self.tr("Column"), empty="–"),
            Column(self.tr("Filled"), numeric=True, decimals=2),
            Column(self.tr("Blank"), numeric=True, decimals=0),
            Column(self.tr("Not assessed"), numeric=True, decimals=0),
            Column(self.tr("Zero"), numeric=True, decimals=0),
        )
        _shown(self.completeness, Table(columns, tuple(rows)))
        self.completeness.setColumnWidth(2, 130)

    def _show_gaps(self) -> None:
        chosen = str(self.which.currentData() or "")
        reports: Mapping[str, LayerReport] = dict(self._layers)
        gaps = reports[chosen].gaps if chosen in reports else self._gaps
        if gaps is None or not gaps.districts:
            self._gaps_note.setText(self.tr("No row names a district, or no layer has rows."))
            _shown(self.gaps, Table())
            return
        text = self.tr("People, or rows where nobody is counted; – where there is nothing. By {0}.")
        self._gaps_note.setText(text.format(gaps.by))
        _shown(self.gaps, gap_table(gaps, self.tr("District")))


class BarDelegate(QStyledItemDelegate):
    """A share from 0 to 1 as a bar with its percentage."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        share = index.data(VALUE_ROLE)
        rect: QRect = option.rect
        if not isinstance(share, float):
            return
        painter.save()
        bar = rect.adjusted(8, 8, -52, -8)
        painter.fillRect(bar, QColor(look.SOFT_LINE))
        colour = look.GOOD if share >= 0.95 else look.ACCENT if share >= 0.5 else look.WARN
        painter.fillRect(
            QRect(bar.left(), bar.top(), round(bar.width() * share), bar.height()), QColor(colour)
        )
        painter.setPen(QColor(look.INK))
        # All but full is not full: 99.6 % must not read as 100 %.
        percent = 100 if share >= 1 else min(99, round(share * 100))
        words = rect.adjusted(0, 0, -8, 0)
        painter.drawText(words, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, f"{percent} %")
        painter.restore()


def gap_table(gaps: GapMatrix, district: str) -> Table:
    """Districts down, layers and dates across; only combinations of layer and date that occur."""
    at = gaps.at()
    across = [
        (layer, date)
        for layer in gaps.layers
        for date in gaps.dates
        if any((layer, one, date) in at for one in gaps.districts)
    ][:MOST_GAP_COLUMNS]
    several = len(gaps.layers) > 1
    columns = (
        Column(district),
        *(
            Column(f"{layer}, {date}" if several else date, numeric=True, decimals=0, empty="–")
            for layer, date in across
        ),
    )
    rows = []
    for name in gaps.districts:
        values: list[float | None] = []
        for layer, date in across:
            cell = at.get((layer, name, date))
            values.append(None if cell is None else cell.people if cell.people is not None else cell.rows)
        rows.append((name, *values))
    return Table(columns, tuple(rows))


def _table(name: str) -> QTableView:
    table = QTableView()
    table.setModel(TableModel(parent=table))
    dress_table(table, name)
    return table


def _shown(table: QTableView, content: Table) -> None:
    model = table.model()
    assert isinstance(model, TableModel)
    model.show(content)
    fit_columns(table)
