"""How a file is read: what was found, a live preview, and everything a person may decide otherwise."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QInputDialog,
    QMenu,
    QSplitter,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from migmap.api import AS_FOUND, Data, Finding, LayerKind, Problem, Reading, VectorData

from .. import look
from ..docks.parts import Elided, button, icon_label, label, page, rule
from ..docks.table import fit_columns, table_widget
from ..forms.problem_bar import ProblemBar
from ..icons import icon
from ..models.table import Column, Table, TableModel
from ..reading.accounts import equation
from ..reading.doubts import doubts
from ..reading.form import ReadingForm
from ..reading.mends import MendsList
from ..reading.preview import PreviewTable, in_order
from ..reading.sketch import PointSketch
from ..reading.wording import in_window_words, without_folders
from ..words import counted, isolated
from .changes import ChangesDialog

if TYPE_CHECKING:
    from migmap.app.preview import Preview
    from migmap.geo.accounting import Accounting
    from migmap.geo.peoplereadings import PeopleReading

PAUSE_MS = 120
"""Decisions closer together than this are previewed once."""
MOST_DOUBTS = 3


class ReadingDialog(QDialog):
    """Opened for a file that joins the map (existing False) or for a layer that is on it.

    preview_asked(Reading): show how the file is read like this. decided(Reading): read it like this.
    part_chosen(name): the person wants another sheet of the file. template_saved(name, Reading, columns),
    template_chosen(name), template_exported(path, name), template_imported(path), template_removed(name).
    """

    preview_asked = Signal(object)
    decided = Signal(object)
    part_chosen = Signal(str)
    template_saved = Signal(str, object, object)
    template_chosen = Signal(str)
    template_exported = Signal(str, str)
    template_imported = Signal(str)
    template_removed = Signal(str)

    def __init__(
        self,
        file: str,
        kinds: Mapping[str, LayerKind],
        *,
        existing: bool = False,
        parts: Sequence[str] = (),
        part: str = "",
        templates: Callable[[], Sequence[str]] = tuple,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Columns and import") if existing else self.tr("Add file"))
        self.setSizeGripEnabled(True)
        page(self)
        self._kinds = dict(kinds)
        self._existing = existing
        self._parts, self._part = tuple(parts), part
        self._templates = templates
        self._template = ""
        self._gone = False
        self._whole: Data | None = None
        self._counted: Accounting | None = None
        self._preview: Preview | None = None
        self._waiting = AS_FOUND
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(PAUSE_MS)
        self._timer.timeout.connect(lambda: self.preview_asked.emit(self._waiting))

        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addLayout(self._make_head(file))
        outer.addWidget(rule())
        outer.addWidget(self._make_doubts())
        self.form = ReadingForm(kinds)
        self.form.changed.connect(self._ask)
        self.form.part_chosen.connect(self.part_chosen)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        split.addWidget(self.form)
        split.addWidget(self._make_right())
        split.setStretchFactor(1, 1)
        self.form.setMinimumWidth(350)
        split.setSizes([380, 800])
        outer.addWidget(split, 1)
        outer.addWidget(rule())
        outer.addLayout(self._make_buttons())
        self.form.kind.setFocus()
        room = self.screen().availableGeometry()
        self.resize(min(1180, room.width() - 60), min(680, room.height() - 70))

    def sizeHint(self) -> QSize:
        return QSize(1180, 680)

    # -- what is shown ------------------------------------------------------------------------

    @property
    def preview(self) -> Preview | None:
        return self._preview

    def reading(self) -> Reading:
        """As it stands, with what is not previewed yet."""
        return self._waiting

    def show_preview(self, preview: Preview, people: Sequence[PeopleReading] = ()) -> None:
        """What came of the reading last asked for. people: the ways a population raster could be meant."""
        if self._timer.isActive():
            return
        self._preview = preview
        self._waiting = preview.reading
        self._show_busy(False)
        self.form.show_preview(preview, self._parts, self._part)
        self.table.show_rows(in_order(preview, self.form.titles()))
        self.sketch.show_points([row.position for row in preview.rows if row.position is not None])
        findings, codes = preview.findings, preview.aside_codes
        whole = self._whole if self._whole is not None and self._whole.reading == preview.reading else None
        if whole is not None:
            findings = whole.findings
            if isinstance(whole, VectorData):
                codes = tuple(dict.fromkeys(one.code for one in whole.aside))
        names = [column.name for column in preview.probe.columns]
        self.mends.show_findings(findings, codes, preview.reading, names)
        self._problem.hide()
        if preview.problem is not None:
            one = preview.problem
            path = preview.probe.source.path
            detail = in_window_words(" ".join(part for part in (one.detail, one.fix) if part))
            self._problem.show_problem(without_folders(one.title, path), without_folders(detail, path), "")
        is_rows = bool(preview.columns)
        self.table.setVisible(is_rows)
        self.sketch.setVisible(is_rows)
        self._no_rows.setVisible(not is_rows)
        self._no_rows.setText(
            self.tr("No rows can be shown as long as it is read like this.")
            if preview.problem is not None
            else self.tr("A raster has cells, not rows.")
        )
        self._accounts.setText(
            equation(self._counted) if whole is not None and self._counted else self._of_head(preview)
        )
        self._show_people(people)
        self._show_doubts(doubts(preview, self._kinds, people, settled=bool(self._template)))
        self.go.setEnabled(preview.problem is None)

    def show_whole(self, data: Data | None, accounts: Accounting | None = None) -> None:
        """The layer as it is on the map: as long as nothing else is decided, its findings and its count of
        rows are those of the whole file."""
        self._whole, self._counted = data, accounts

    def move_to(self, part: str) -> None:
        """From here on it is about another sheet of the file."""
        self._part, self._template = part, ""
        self.say("")
        self._show_busy(True)

    @property
    def open_still(self) -> bool:
        return not self._gone

    def done(self, result: int) -> None:
        self._gone = True
        self._timer.stop()
        super().done(result)

    def show_problem(self, problem: Problem, reading: Reading) -> None:
        """The file cannot be read like this at all."""
        self._waiting = reading
        self._show_busy(False)
        self._problem.show_problem(problem.title, problem.detail, problem.fix)
        self.go.setEnabled(False)

    def show_template(self, name: str, *, fits: bool = False) -> None:
        """A template was used; fits: it was found by itself."""
        self._template = name
        if fits:
            self._said.setText(self.tr("Template “{0}” fits and was used.").format(isolated(name)))
        else:
            self._said.setText(self.tr("Template “{0}” is used.").format(isolated(name)))
        self._said.show()

    def say(self, text: str) -> None:
        self._said.setText(text)
        self._said.setVisible(bool(text))

    @property
    def said(self) -> str:
        return self._said.text()

    def doubts_shown(self) -> str:
        return self._doubt.text() if not self._doubt_bar.isHidden() else ""

    def accounting_shown(self) -> str:
        return self._accounts.text()

    # -- what the person does -----------------------------------------------------------------

    def submit(self) -> None:
        if self.go.isEnabled():
            self.decided.emit(self._waiting)
            self.accept()

    def _ask(self, reading: Reading) -> None:
        self._waiting = reading
        self._show_busy(True)
        self._timer.start()

    def _decide(self) -> None:
        self.form.decide(fixes=self.mends.fixes(), keep=self.mends.keep())

    def _show_people(self, people: Sequence[PeopleReading]) -> None:
        """How many people a raster holds, for every meaning of its cells."""
        totals: dict[str | None, float] = {one.unit: one.people for one in people}
        self.form.show_totals(totals, any(one.recommended for one in people))
        self.people.setVisible(bool(people))
        if not people:
            return
        self._no_rows.hide()
        rows = []
        for one in people:
            about = one.people if one.is_exact else float(f"{one.people:.3g}")
            rows.append((self.form.people_title(one.unit), about, one.per_km2, one.reason))
        columns = (
            Column(self.tr("If a cell holds")),
            Column(self.tr("People in all"), numeric=True, decimals=0),
            Column(self.tr("Per inhabited km²"), numeric=True),
            Column(self.tr("Why, or why not")),
        )
        strong = frozenset(place for place, one in enumerate(people) if one.recommended)
        model = self.people.model()
        assert isinstance(model, TableModel)
        model.show(Table(columns, tuple(rows), strong))
        fit_columns(self.people, most=420)

    # -- building -----------------------------------------------------------------------------

    def _make_head(self, file: str) -> QHBoxLayout:
        head = QHBoxLayout()
        head.setContentsMargins(2 * look.GAP, look.GAP + 2, 2 * look.GAP, look.GAP + 2)
        head.setSpacing(look.GAP + 4)
        self._mark = icon_label("mdi6.file-cog-outline", look.ACCENT, 28)
        head.addWidget(self._mark)
        words = QVBoxLayout()
        words.setSpacing(1)
        title = Elided("title")
        title.setText(self.tr("How {0} is read").format(isolated(file)))
        words.addWidget(title)
        self._busy = label(self.tr("Looking at the first rows…"), "soft")
        words.addWidget(self._busy)
        self._accounts = label("", "soft")
        words.addWidget(self._accounts)
        head.addLayout(words, 1)
        self._said = label("", "good")
        self._said.hide()
        head.addWidget(self._said)
        self.templates = QToolButton()
        self.templates.setText(self.tr("Templates"))
        self.templates.setIcon(icon("mdi6.content-save-cog-outline", look.ACCENT))
        self.templates.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.templates.setToolTip(self.tr("Keep these decisions for the next round of this source"))
        self.templates.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._menu = QMenu(self.templates)
        self._menu.aboutToShow.connect(self.fill_menu)
        self.templates.setMenu(self._menu)
        head.addWidget(self.templates)
        return head

    def _make_doubts(self) -> QFrame:
        self._doubt_bar = QFrame()
        self._doubt_bar.setProperty("role", "warnbar")
        row = QHBoxLayout(self._doubt_bar)
        row.setContentsMargins(2 * look.GAP, 6, 2 * look.GAP, 6)
        row.setSpacing(look.GAP)
        row.addWidget(icon_label("mdi6.alert-outline", look.WARN), 0, Qt.AlignmentFlag.AlignTop)
        self._doubt = label("", wrap=True, selectable=True)
        row.addWidget(self._doubt, 1)
        self._doubt_bar.hide()
        return self._doubt_bar

    def _make_right(self) -> QWidget:
        body = page(QWidget())
        box = QVBoxLayout(body)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        self._problem = ProblemBar()
        self._problem.hide()
        box.addWidget(self._problem)
        self.table = PreviewTable()
        self._no_rows = label("", "soft", wrap=True)
        self._no_rows.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._no_rows.hide()
        above = QWidget()
        stack = QVBoxLayout(above)
        stack.setContentsMargins(0, 0, 0, 0)
        stack.addWidget(self.table, 1)
        stack.addWidget(self._no_rows, 1)
        self.people = table_widget(Table(), self.tr("What the cells could mean"))
        self.people.hide()
        stack.addWidget(self.people, 1)
        self.mends = MendsList()
        self.mends.decided.connect(self._decide)
        self.mends.changes_asked.connect(self._show_changes)
        self.mends.rows_asked.connect(lambda finding: self.table.show_row(finding.rows))
        self.sketch = PointSketch()
        below = QWidget()
        row = QHBoxLayout(below)
        row.setContentsMargins(0, 0, look.GAP, look.GAP)
        row.setSpacing(look.GAP)
        row.addWidget(self.mends, 1)
        row.addWidget(self.sketch)
        split = QSplitter(Qt.Orientation.Vertical)
        split.setChildrenCollapsible(False)
        split.addWidget(above)
        split.addWidget(below)
        split.setStretchFactor(0, 3)
        split.setStretchFactor(1, 2)
        split.setSizes([330, 210])
        box.addWidget(split, 1)
        return body

    def _make_buttons(self) -> QHBoxLayout:
        buttons = QHBoxLayout()
        buttons.setContentsMargins(2 * look.GAP, look.GAP + 2, 2 * look.GAP, look.GAP + 4)
        buttons.setSpacing(look.GAP)
        self._note = label(
            self.tr("One step; Undo takes it back.")
            if self._existing
            else self.tr("Your file is not changed."),
            "soft",
        )
        buttons.addWidget(self._note, 1)
        buttons.addWidget(button(self.tr("Cancel"), self.reject))
        text = self.tr("Read it like this") if self._existing else self.tr("Add to the map")
        self.go = button(text, self.submit, primary=True)
        self.go.setDefault(True)
        self.go.setEnabled(False)
        buttons.addWidget(self.go)
        return buttons

    # -- inside -------------------------------------------------------------------------------

    def _show_busy(self, busy: bool) -> None:
        self._busy.setVisible(busy)
        self._accounts.setVisible(not busy)
        if busy:
            self.go.setEnabled(False)

    def _show_doubts(self, said: Sequence[str]) -> None:
        lines = list(said[:MOST_DOUBTS])
        if len(said) > MOST_DOUBTS:
            lines.append(
                counted(
                    self.tr("And 1 more, below."), self.tr("And {0} more, below."), len(said) - MOST_DOUBTS
                )
            )
        self._doubt.setText("\n".join(lines))
        self._doubt_bar.setVisible(bool(lines))

    def _of_head(self, preview: Preview) -> str:
        accounts = preview.accounting
        if accounts is None:
            return ""
        text = equation(accounts)
        return text if preview.whole else self.tr("The first rows: {0}").format(text)

    def _show_changes(self, finding: Finding) -> None:
        dialog = ChangesDialog(finding, self)
        dialog.setModal(True)
        dialog.open()

    # -- templates ----------------------------------------------------------------------------

    def fill_menu(self) -> None:
        """The menu as it is when opened: what is saved may have changed."""
        self._menu.clear()
        self._menu.addAction(self.tr("Save as template…"), self._ask_name)
        self._menu.addAction(self.tr("Use a template from a file…"), self._ask_import)
        names = list(self._templates())
        if names:
            self._menu.addSeparator()
        for name in names:
            action = self._menu.addAction(self.tr("Use “{0}”").format(isolated(name)))
            action.triggered.connect(lambda _=False, one=name: self.template_chosen.emit(one))
        if names:
            self._menu.addSeparator()
            export = self._menu.addMenu(self.tr("Save a template to a file"))
            remove = self._menu.addMenu(self.tr("Forget a template"))
            for name in names:
                export.addAction(isolated(name)).triggered.connect(
                    lambda _=False, one=name: self._ask_export(one)
                )
                remove.addAction(isolated(name)).triggered.connect(
                    lambda _=False, one=name: self.template_removed.emit(one)
                )

    def save_template(self, name: str) -> None:
        if name.strip() and self._preview is not None:
            columns = tuple(column.name for column in self._preview.probe.columns)
            self.template_saved.emit(name.strip(), self._waiting, columns)

    def _ask_name(self) -> None:
        dialog = QInputDialog(self)
        dialog.setWindowTitle(self.tr("Save as template"))
        dialog.setLabelText(
            self.tr("A name, for example of the source. The next round is read the same way.")
        )
        dialog.setTextValue(self._template)
        dialog.textValueSelected.connect(self.save_template)
        dialog.finished.connect(dialog.deleteLater)
        dialog.setModal(True)
        dialog.open()

    def _ask_export(self, name: str) -> None:
        dialog = QFileDialog(self, self.tr("Save the template"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters([self.tr("migmap templates") + " (*.template.json)"])
        dialog.selectFile(f"{name}.template.json")
        dialog.fileSelected.connect(lambda path: self.template_exported.emit(path, name))
        dialog.finished.connect(dialog.deleteLater)
        dialog.setModal(True)
        dialog.open()

    def _ask_import(self) -> None:
        dialog = QFileDialog(self, self.tr("Use a template"), str(Path.home()))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters([self.tr("migmap templates") + " (*.json)", self.tr("All files") + " (*)"])
        dialog.fileSelected.connect(self.template_imported)
        dialog.finished.connect(dialog.deleteLater)
        dialog.setModal(True)
        dialog.open()
