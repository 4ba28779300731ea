"""The form of an analysis, made from what the analysis declares."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from migmap.api import Analysis, Data, ParamField, Problem, RasterData, Reading, VectorData, declared_fields

from .. import look
from ..desk import Desk
from ..docks.parts import button, icon_label, label, page, rule
from ..icons import icon
from ..words import cell, isolated
from .command import as_typed, run_words
from .fields import (
    ChoiceEditor,
    FieldEditor,
    FlagEditor,
    NumberEditor,
    NumberListEditor,
    SuggestionEditor,
    TextEditor,
    TextListEditor,
)
from .inputs import ColumnEditor, LayerEditor
from .problem_bar import ProblemBar, in_titles

WIDTH = 640
MOST_HEIGHT = 690
FRAME_HEIGHT = 262
"""Heading, sentence and buttons around the fields."""


class AnalysisForm(QDialog):
    """run_asked(values, crs): everything fits, start. file_asked: a file is to be added.
    cancel_asked: stop the run this form started."""

    # object, not dict: Qt would sort the keys on the way.
    run_asked = Signal(object, object)
    file_asked = Signal()
    cancel_asked = Signal()
    closed = Signal()

    def __init__(self, tool: Analysis, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tool = tool
        self._desk = desk
        self._running = False
        self._closed = False
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tool.title)
        self.setWindowIcon(icon(tool.icon, look.ACCENT))
        self.setModal(False)
        page(self)
        self.editors: dict[str, FieldEditor] = {}
        self._labels: dict[str, list[QWidget]] = {}
        self._offers: dict[str, QPushButton] = {}
        fields = declared_fields(tool.Params)

        head = QHBoxLayout()
        head.setContentsMargins(2 * look.GAP, 2 * look.GAP, 2 * look.GAP, look.GAP)
        head.setSpacing(look.GAP + 4)
        head.addWidget(icon_label(tool.icon, look.ACCENT, 30))
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(label(tool.title, "title"))
        words.addWidget(label(tool.summary, "soft", wrap=True))
        head.addLayout(words, 1)

        body = page(QWidget())
        self._grid = QGridLayout(body)
        self._grid.setContentsMargins(2 * look.GAP, look.GAP, 2 * look.GAP, look.GAP)
        self._grid.setHorizontalSpacing(2 * look.GAP)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnMinimumWidth(0, 150)
        self._grid.setColumnStretch(1, 1)
        for field in fields:
            if not field.advanced:
                self._add(field)
        advanced = [field for field in fields if field.advanced]
        if advanced:
            self._fold(advanced)
        self._grid.setRowStretch(self._grid.rowCount(), 1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(body)
        self._area = area

        self._problem = ProblemBar()
        self._problem.hide()
        note = QFrame()
        note.setProperty("role", "note")
        self._note = note
        row = QHBoxLayout(note)
        row.setContentsMargins(10, 7, 10, 7)
        row.addWidget(icon_label("mdi6.comment-text-outline", look.ACCENT), 0, Qt.AlignmentFlag.AlignTop)
        self._sentence = label("", wrap=True)
        self._sentence.setAccessibleName(self.tr("What will be computed"))
        row.addWidget(self._sentence, 1)

        self._bar = QProgressBar()
        self._bar.setRange(0, 1000)
        self._bar.setTextVisible(False)
        self._step = label("", "soft")
        self._progress = QWidget()
        steps = QVBoxLayout(self._progress)
        steps.setContentsMargins(0, 0, 0, 0)
        steps.setSpacing(3)
        steps.addWidget(self._step)
        steps.addWidget(self._bar)
        self._progress.hide()

        self.copy_button = button(
            self.tr("Copy as command"), self.copy_command, icon_name="mdi6.console", flat=True
        )
        self.copy_button.setToolTip(self.tr("Copy the command line that computes the same"))
        self.close_button = button(self.tr("Close"), self._close_or_stop)
        self.run_button = button(self.tr("Run"), self.submit, icon_name="mdi6.play", primary=True)
        self.run_button.setDefault(True)
        buttons = QHBoxLayout()
        buttons.setSpacing(look.GAP)
        buttons.addWidget(self.copy_button)
        buttons.addStretch(1)
        buttons.addWidget(self.close_button)
        buttons.addWidget(self.run_button)

        foot = QVBoxLayout()
        foot.setContentsMargins(2 * look.GAP, look.GAP + 2, 2 * look.GAP, 2 * look.GAP - 2)
        foot.setSpacing(look.GAP + 2)
        foot.addWidget(self._problem)
        foot.addWidget(note)
        foot.addWidget(self._progress)
        foot.addLayout(buttons)

        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(rule())
        layout.addWidget(area, 1)
        layout.addWidget(rule())
        layout.addLayout(foot)

        desk.project_changed.connect(self._layers_changed)
        desk.data_changed.connect(self._layers_changed)
        for editor in self.editors.values():
            editor.changed.connect(self._changed)
        self._changed()
        wanted = self._grid.totalHeightForWidth(WIDTH - 4) + FRAME_HEIGHT
        self.resize(WIDTH, min(wanted, MOST_HEIGHT))

    # -- what stands in it --------------------------------------------------------------------

    def values(self) -> dict[str, Any]:
        """What is given, by field; what is not given is left to the declaration's default."""
        given = {}
        for name, editor in self.editors.items():
            if not self._applies(editor):
                continue
            value = editor.value()
            if value is not None:
                given[name] = value
        return given

    def set_values(self, values: Mapping[str, Any]) -> None:
        for name, value in values.items():
            if name in self.editors:
                self.editors[name].set_value(value)
        self._changed()

    def remember(self, values: Mapping[str, Any]) -> None:
        """What was given last time, as far as its layers are still there."""
        for name, value in values.items():
            editor = self.editors.get(name)
            if editor is None:
                continue
            if isinstance(editor, LayerEditor) and all(one.source != value for one in editor.fitting()):
                continue
            editor.set_value(value)
        self._changed()

    def crs(self) -> str | None:
        """The CRS the user stated for an input that has none."""
        for editor in self.editors.values():
            if isinstance(editor, LayerEditor) and editor.layer is not None and editor.layer.crs:
                return editor.layer.crs
        return None

    def _readings(self) -> dict[str, Reading]:
        """How the chosen layers are read, by field."""
        return {
            name: editor.layer.reading
            for name, editor in self.editors.items()
            if isinstance(editor, LayerEditor) and editor.layer is not None
        }

    def faults(self) -> dict[str, str]:
        """What is wrong, by field."""
        found = {name: editor.fault() for name, editor in self.editors.items() if self._applies(editor)}
        found = {name: fault for name, fault in found.items() if fault}
        return found or self._declared_faults()

    def command(self) -> str:
        return as_typed(run_words(self.tool, self.values(), self.crs(), self._readings()))

    def copy_command(self) -> None:
        sources = [str(value) for value in self.values().values() if str(value).startswith("run:")]
        if sources:
            self.show_problem(
                Problem(
                    self.tr("A result layer has no file the command line could read."),
                    fix=self.tr("Export the layer to a file, add the file, and choose it here."),
                )
            )
            return
        QGuiApplication.clipboard().setText(self.command())
        self._sentence.setText(self.tr("Copied: {0}").format(isolated(self.command())))

    # -- running ------------------------------------------------------------------------------

    def submit(self) -> None:
        """Start the run, or say what is missing."""
        if self._running:
            return
        self._problem.hide()
        faults = self.faults()
        for name, editor in self.editors.items():
            editor.show_fault(force=True, said=faults.get(name, ""))
        if faults:
            first = self.editors[next(iter(faults))]
            self._area.ensureWidgetVisible(first)
            first.setFocus()
            return
        self.run_asked.emit(self.values(), self.crs())

    def show_running(self, running: bool) -> None:
        self._running = running
        self.run_button.setEnabled(not running)
        self._area.setEnabled(not running)
        self._progress.setVisible(running)
        self._note.setVisible(not running)
        self.close_button.setText(self.tr("Cancel run") if running else self.tr("Close"))
        if running:
            self.show_progress(0.0, self.tr("Waiting"))
        else:
            self.run_button.setFocus()

    def show_progress(self, fraction: float, text: str) -> None:
        self._bar.setValue(round(fraction * 1000))
        self._step.setText(text)

    def show_problem(self, problem: Problem) -> None:
        """Say what the user can fix, in the words of this form."""
        fields = declared_fields(self.tool.Params)
        names = {
            editor.layer.source: editor.layer.title
            for editor in self.editors.values()
            if isinstance(editor, LayerEditor) and editor.layer is not None
        }
        title, detail, fix = (
            in_titles(text, fields, names) for text in (problem.title, problem.detail, problem.fix)
        )
        self._problem.show_problem(title, detail, fix)

    def problem_text(self) -> str:
        return self._problem.text() if self._problem.isVisibleTo(self) else ""

    def closeEvent(self, event: QCloseEvent) -> None:
        event.accept()
        if not self._closed:
            self._closed = True
            # Signals of the desk outlive the form.
            self._desk.project_changed.disconnect(self._layers_changed)
            self._desk.data_changed.disconnect(self._layers_changed)
            self.closed.emit()

    def reject(self) -> None:
        # Esc closes; the run, if any, goes on and shows in the activity list.
        self.close()

    def _close_or_stop(self) -> None:
        if self._running:
            self.cancel_asked.emit()
        else:
            self.close()

    # -- building -----------------------------------------------------------------------------

    def _add(self, field: ParamField) -> None:
        editor = self._editor(field)
        self.editors[field.name] = editor
        row = self._grid.rowCount()
        parts: list[QWidget] = [editor]
        if not isinstance(editor, FlagEditor):
            mark = " *" if field.required else ""
            title = label(field.title + mark, wrap=True)
            title.setBuddy(editor)
            title.setMinimumHeight(28)
            title.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
            title.setContentsMargins(0, 5, 0, 0)
            title.setToolTip(field.description)
            self._grid.addWidget(title, row, 0, Qt.AlignmentFlag.AlignTop)
            parts.append(title)
        self._grid.addWidget(editor, row, 1)
        if field.description and not isinstance(editor, ColumnEditor):
            hint = label(field.description, "soft", wrap=True)
            font = hint.font()
            font.setPointSizeF(font.pointSizeF() - 0.8)
            hint.setFont(font)
            self._grid.addWidget(hint, row + 1, 1)
            parts.append(hint)
        if isinstance(editor, NumberListEditor) and field.only_for is not None:
            offer = button("", partial(self._take_classes, field.name), flat=True)
            self._offers[field.name] = offer
            self._grid.addWidget(offer, row + 2, 1)
        self._grid.setRowMinimumHeight(self._grid.rowCount(), 4)
        self._labels[field.name] = parts

    def _editor(self, field: ParamField) -> FieldEditor:
        if field.is_input:
            made = LayerEditor(field, self._desk, self)
            made.file_asked.connect(self.file_asked)
            return made
        if field.column is not None:
            source = self.editors.get(field.column.input)
            if isinstance(source, LayerEditor):
                return ColumnEditor(field, source, self)
        if field.suggestions and not field.many:
            editor: FieldEditor = SuggestionEditor(field, self)
        elif field.choices and not field.many:
            editor = ChoiceEditor(field, self)
        elif field.type is bool:
            editor = FlagEditor(field, self)
        elif field.type in (int, float):
            editor = (NumberListEditor if field.many else NumberEditor)(field, self)
        else:
            editor = (TextListEditor if field.many else TextEditor)(field, self)
        if field.default is not None:
            editor.set_value(field.default)
        return editor

    def _fold(self, fields: list[ParamField]) -> None:
        fold = QToolButton()
        fold.setText(self.tr("More options"))
        fold.setCheckable(True)
        fold.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        fold.setIcon(icon("mdi6.chevron-right"))
        self._grid.addWidget(fold, self._grid.rowCount(), 0, 1, 2)
        for field in fields:
            self._add(field)

        def show(opened: bool) -> None:
            fold.setIcon(icon("mdi6.chevron-down" if opened else "mdi6.chevron-right"))
            for field in fields:
                for part in self._labels[field.name]:
                    part.setVisible(opened)

        fold.toggled.connect(show)
        show(False)

    # -- keeping it right ---------------------------------------------------------------------

    def _applies(self, editor: FieldEditor) -> bool:
        """A column is asked for only where its input is a layer with columns; what is said only of a
        raster, or of features, only where the input is one."""
        field = editor.field
        only = field.only_for
        wanted: type[Data] = VectorData
        if field.column is not None:
            source = self.editors.get(field.column.input)
        elif only is not None:
            source = self.editors.get(only.input)
            wanted = RasterData if only.is_a == "raster" else VectorData
        else:
            return True
        return not isinstance(source, LayerEditor) or isinstance(source.data, wanted)

    def _changed(self) -> None:
        for name, editor in self.editors.items():
            if editor.field.column is not None or editor.field.only_for is not None:
                for part in self._labels[name]:
                    part.setVisible(self._applies(editor))
        self._offer_classes()
        try:
            params = self.tool.Params(**self.values())
        except ValueError:
            self._sentence.setText(self.tr("Fill in what is marked with * to see what will be computed."))
            return
        names = {
            name: isolated(editor.layer.title)
            for name, editor in self.editors.items()
            if isinstance(editor, LayerEditor) and editor.layer is not None
        }
        self._sentence.setText(self.tool.sentence(params, names))

    def _map_classes(self, name: str) -> list[float]:
        """The lower edges of the classes the map shows of the raster this field is about."""
        only = self.editors[name].field.only_for
        source = self.editors.get(only.input) if only is not None else None
        if not isinstance(source, LayerEditor) or source.layer is None or source.layer.style is None:
            return []
        edges = {rule.minimum for rule in source.layer.style.rules if rule.minimum is not None}
        return sorted(edges)

    def _offer_classes(self) -> None:
        for name, offer in self._offers.items():
            edges = self._map_classes(name)
            useful = bool(edges) and self._applies(self.editors[name]) and not self.editors[name].value()
            offer.setVisible(useful)
            offer.setText(self.tr("Use the classes on the map: {0}").format(", ".join(map(cell, edges))))

    def _take_classes(self, name: str) -> None:
        self.editors[name].set_value(self._map_classes(name))
        self.editors[name].show_fault()
        self._changed()

    def _layers_changed(self, *_: object) -> None:
        for editor in self.editors.values():
            if isinstance(editor, LayerEditor):
                editor.refresh()
        for editor in self.editors.values():
            if isinstance(editor, ColumnEditor):
                editor.refresh()
        self._changed()

    def _declared_faults(self) -> dict[str, str]:
        """What the parameter class itself finds wrong, by field."""
        from pydantic import ValidationError

        try:
            self.tool.Params(**self.values())
        except ValidationError as error:
            first = next(iter(self.editors), "")
            return {
                str(fault["loc"][0]) if fault["loc"] and str(fault["loc"][0]) in self.editors else first: str(
                    fault["msg"]
                ).removeprefix("Value error, ")
                for fault in error.errors()
            }
        return {}
