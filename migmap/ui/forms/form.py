"""The form of an analysis, made from what the analysis declares."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from migmap.api import (
    Analysis,
    Data,
    ParamField,
    Problem,
    Profile,
    RasterData,
    VectorData,
    declared_fields,
    input_key,
)
from migmap.app.project import Layer

from .. import look
from ..desk import Desk
from ..docks.parts import button, icon_label, label, page, rule
from ..icons import icon
from ..words import cell, isolated
from . import sets
from .beside import ProfileEditor, RunEditor, known_profiles
from .classes import column_labels, edge_labels, scheme_labels
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
    told,
)
from .inputs import ColumnEditor, InputEditor, LayerEditor
from .picking import ClassEditor, ColumnsEditor, GroupsEditor, TickEditor
from .problem_bar import ProblemBar, in_titles
from .section import Section
from .several import BesideEditor, LayersEditor

WIDTH, WIDE = 640, 760
"""Without and with a table of several layers."""
MOST_HEIGHT = 690
FRAME_HEIGHT = 262
"""Heading, sentence and buttons around the fields."""


class AnalysisForm(QDialog):
    """run_asked(values, crs): everything fits, start. file_asked: a file is to be added.
    document_asked(run id, path): the document of a run of the project is to be written there.
    cancel_asked: stop the run this form started."""

    # object, not dict: Qt would sort the keys on the way.
    run_asked = Signal(object, object)
    file_asked = Signal()
    document_asked = Signal(str, str)
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
        column = QVBoxLayout(body)
        column.setContentsMargins(2 * look.GAP, look.GAP, 2 * look.GAP, look.GAP)
        column.setSpacing(2)
        self._column = column
        self._sections: dict[str, Section] = {}
        for field in fields:
            self._sections.setdefault(field.section, Section(field.section))
        for title, section in self._sections.items():
            mine = [field for field in fields if field.section == title]
            section.folded = bool(title) and all(field.advanced for field in mine)
            for field in mine:
                section.shelf(advanced=field.advanced and not section.folded)
                self._add(field, section)
            section.close_up()
            section.toggled.connect(lambda opened, part=section: self._reveal(part) if opened else None)
        # What most runs ask for comes first.
        for section in sorted(self._sections.values(), key=lambda one: one.folded):
            column.addWidget(section)
        column.addStretch(1)
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
        width = WIDTH if all(field.beside is None for field in fields) else WIDE
        wanted = column.totalHeightForWidth(width - 4) + FRAME_HEIGHT
        self.resize(width, min(wanted, MOST_HEIGHT))

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
            if isinstance(editor, InputEditor):
                sources = {one.source for one in editor.fitting()}
                if not sources.issuperset([value] if isinstance(value, str) else value):
                    continue
            editor.set_value(value)
        self._changed()

    def crs(self) -> str | None:
        """The CRS the user stated for an input that has none."""
        stated = (layer.crs for layer in self._inputs().values() if layer.crs)
        return next(stated, None)

    def _inputs(self) -> dict[str, Layer]:
        """The chosen layers by `input_key`."""
        return {
            input_key(name, index): layer
            for name, editor in self.editors.items()
            if isinstance(editor, InputEditor) and self._applies(editor)
            for index, layer in enumerate(editor.layers)
        }

    def faults(self) -> dict[str, str]:
        """What is wrong, by field."""
        found = {name: editor.fault() for name, editor in self.editors.items() if self._applies(editor)}
        found = {name: fault for name, fault in found.items() if fault}
        return found or self._declared_faults()

    def command(self) -> str:
        readings = {key: layer.reading for key, layer in self._inputs().items()}
        return as_typed(run_words(self.tool, self.values(), self.crs(), readings))

    def copy_command(self) -> None:
        if any(layer.source.startswith("run:") for layer in self._inputs().values()):
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
            self._section_of(first).open_for(first)
            QTimer.singleShot(0, first, lambda: self._area.ensureWidgetVisible(first))
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
        names = {layer.source: layer.title for layer in self._inputs().values()}
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

    def _add(self, field: ParamField, section: Section) -> None:
        source = self.editors.get(field.beside.input) if field.beside is not None else None
        if isinstance(source, LayersEditor):
            # It stands in the table of its input.
            self.editors[field.name] = source.beside[field.name]
            self._labels[field.name] = []
            self._offer_profile(field, source, section)
            return
        editor = self._editor(field)
        self.editors[field.name] = editor
        parts: list[QWidget] = [editor]
        title = None
        if isinstance(editor, LayersEditor):
            section.add_wide(editor)
        elif isinstance(editor, FlagEditor):
            section.add_row(None, editor)
        else:
            mark = " *" if field.required else ""
            title = label(field.title + mark, wrap=True)
            title.setBuddy(editor)
            title.setMinimumHeight(28)
            title.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
            title.setContentsMargins(0, 5, 0, 0)
            title.setToolTip(field.description)
            section.add_row(title, editor)
            parts.append(title)
        if field.description and not isinstance(editor, ColumnEditor):
            hint = label(field.description, "soft", wrap=True)
            font = hint.font()
            font.setPointSizeF(font.pointSizeF() - 0.8)
            hint.setFont(font)
            if isinstance(editor, LayersEditor):
                section.add_wide(hint)
            else:
                section.add_row(None, hint)
            parts.append(hint)
        if isinstance(editor, NumberListEditor) and field.only_for is not None:
            offer = button("", partial(self._take_classes, field.name), flat=True)
            self._offers[field.name] = offer
            section.add_row(None, offer)
        self._labels[field.name] = parts

    def _offer_profile(self, field: ParamField, source: LayersEditor, section: Section) -> None:
        """A scheme that is made for this hazard, one click away."""
        if field.profile is not None:
            offer = button("", partial(self._take_profile, field.name), icon_name="mdi6.palette-outline")
            offer.setProperty("flat", True)
            self._offers[field.name] = offer
            section.add_wide(offer)

    def _editor(self, field: ParamField) -> FieldEditor:
        if field.is_input:
            beside = [
                one
                for one in declared_fields(self.tool.Params)
                if one.beside is not None and one.beside.input == field.name
            ]
            made = LayersEditor(field, beside, self._desk) if field.many else LayerEditor(field, self._desk)
            made.file_asked.connect(self.file_asked)
            return made
        if field.column is not None:
            source = self.editors.get(field.column.input)
            if isinstance(source, InputEditor):
                return ColumnsEditor(field, source) if field.many else ColumnEditor(field, source)
        if field.groups is not None:
            source = self.editors.get(field.groups.input)
            if isinstance(source, InputEditor):
                return GroupsEditor(field, source, self.editors.get(field.groups.people))
        if field.run is not None:
            runs = RunEditor(field, self._desk, self.tool.name)
            runs.saved_asked.connect(self.document_asked)
            return runs
        editor: FieldEditor
        if field.profile is not None and not field.many:
            editor = ProfileEditor(field)
        elif field.class_of is not None and not field.many:
            editor = ClassEditor(field)
        elif field.suggestions and not field.many:
            editor = SuggestionEditor(field)
        elif field.choices and not field.many:
            editor = ChoiceEditor(field)
        elif field.type is bool:
            editor = FlagEditor(field)
        elif field.type in (int, float):
            editor = (NumberListEditor if field.many else NumberEditor)(field)
        else:
            editor = (TextListEditor if field.many else TextEditor)(field)
        if field.default is not None:
            editor.set_value(field.default)
        return editor

    def _section_of(self, editor: FieldEditor) -> Section:
        return self._sections[editor.field.section]

    def _reveal(self, section: Section) -> None:
        """Bring what was just unfolded into view, once it has its size."""
        QTimer.singleShot(0, section, lambda: self._area.ensureWidgetVisible(section, 0, 0))

    # -- keeping it right ---------------------------------------------------------------------

    def _applies(self, editor: FieldEditor) -> bool:
        """A column is asked for only where its input is a layer with columns; what is said only of a
        raster, or of features, only where the input is one."""
        field = editor.field
        only = field.only_for
        wanted: type[Data] = VectorData
        if any(self._given(other) for other in self.editors.values() if other.field.instead_of == field.name):
            return False
        if field.column is not None:
            source = self.editors.get(field.column.input)
        elif only is not None:
            source = self.editors.get(only.input)
            wanted = RasterData if only.is_a == "raster" else VectorData
        else:
            return True
        return not isinstance(source, InputEditor) or any(isinstance(data, wanted) for data in source.datas)

    @staticmethod
    def _given(editor: FieldEditor) -> bool:
        """Something stands there, complete or not."""
        if isinstance(editor, BesideEditor):
            return any(cell.value() is not None for cell in editor.cells)
        return editor.value() is not None

    def _changed(self) -> None:
        for name, editor in self.editors.items():
            applies = self._applies(editor)
            for part in self._labels[name]:
                if part is not editor or not isinstance(editor, BesideEditor):
                    part.setVisible(applies)
            if isinstance(editor, ProfileEditor):
                editor.prefer(self._hazards())
            if isinstance(editor, ClassEditor):
                editor.offer(self._classes_of(editor))
        self._offer_classes()
        self._offer_profiles()
        self._sum_up()
        try:
            params = self.tool.Params(**self.values())
        except ValueError:
            self._sentence.setText(self.tr("Fill in what is marked with * to see what will be computed."))
            return
        names = {key: isolated(layer.title) for key, layer in self._inputs().items()}
        self._sentence.setText(self.tool.sentence(params, names))

    def _sum_up(self) -> None:
        """What a folded section holds, behind its title."""
        for title, section in self._sections.items():
            given, others = [], []
            for editor in self.editors.values():
                if editor.field.section != title or not self._applies(editor):
                    continue
                value = editor.value()
                if value is None or value == editor.field.default:
                    others.append(editor.field.title)
                else:
                    given.append(f"{editor.field.title}: {isolated(told(editor))}")
            section.sum_up(given, others)

    def _hazards(self) -> list[str]:
        """The hazards that the inputs with profiles beside them are, by the names of their layers."""
        return [
            hazard
            for editor in self.editors.values()
            if isinstance(editor, LayersEditor)
            for layer in editor.layers
            if (hazard := sets.said(layer).hazard)
        ]

    def _classes_of(self, editor: ClassEditor) -> list[str]:
        """The classes of the input that this field names one of, as far as the form knows them."""
        assert editor.field.class_of is not None
        source = editor.field.class_of.input
        for other in self.editors.values():
            beside = other.field.beside
            if not isinstance(other, BesideEditor) or beside is None or beside.input != source:
                continue
            if other.field.profile is not None and self._given(other):
                return scheme_labels(cell.profile for cell in other.cells if isinstance(cell, ProfileEditor))
        for other in self.editors.values():
            if not self._applies(other) or not other.value() or other.fault():
                continue
            only, column = other.field.only_for, other.field.column
            if isinstance(other, NumberListEditor) and only is not None and only.input == source:
                return edge_labels(other.value())
            if isinstance(other, ColumnEditor) and column is not None and column.input == source:
                data = self.editors[source]
                return column_labels(data.datas, other.value()) if isinstance(data, InputEditor) else []
        return []

    def _offer_profiles(self) -> None:
        for name, offer in self._offers.items():
            editor = self.editors[name]
            if not isinstance(editor, BesideEditor):
                continue
            instead = self.editors.get(editor.field.instead_of)
            likely = self._likely_profile(name)
            taken = self._given(editor) or (instead is not None and self._given(instead))
            # Polygons without classes have no use for published ones either.
            fits = likely is not None and (instead is None or self._applies(instead))
            offer.setVisible(fits and not taken)
            if likely is not None:
                offer.setText(self.tr("Use the published classes: {0}").format(likely.title))
                offer.setToolTip("\n".join(likely.about()))

    def _likely_profile(self, name: str) -> Profile | None:
        """The profile that fits the hazards chosen: of their hazard and quantity, else of their hazard."""
        editor = self.editors[name]
        assert editor.field.profile is not None
        hazards = set(self._hazards())
        if len(hazards) != 1 or editor.field.beside is None:
            return None
        source = self.editors[editor.field.beside.input]
        assert isinstance(source, InputEditor)
        fits = [p for p in known_profiles(editor.field.profile.kind) if getattr(p, "hazard", "") in hazards]
        quantities = {sets.said(layer).quantity for layer in source.layers}
        # Of several the one with the plainest name.
        return min(
            fits,
            key=lambda p: (getattr(p, "quantity", None) not in quantities, len(p.name), p.name),
            default=None,
        )

    def _take_profile(self, name: str) -> None:
        likely = self._likely_profile(name)
        if likely is not None:
            self.editors[name].set_value([likely.name])
            self.editors[name].show_fault()

    def _map_classes(self, name: str) -> list[float]:
        """The lower edges of the classes the map shows of the raster this field is about."""
        only = self.editors[name].field.only_for
        source = self.editors.get(only.input) if only is not None else None
        if not isinstance(source, InputEditor) or source.layer is None or source.layer.style is None:
            return []
        edges = {rule.minimum for rule in source.layer.style.rules if rule.minimum is not None}
        return sorted(edges)

    def _offer_classes(self) -> None:
        for name, offer in self._offers.items():
            if not isinstance(self.editors[name], NumberListEditor):
                continue
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
            if isinstance(editor, InputEditor):
                editor.refresh()
        for editor in self.editors.values():
            if isinstance(editor, ColumnEditor | TickEditor | RunEditor):
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
