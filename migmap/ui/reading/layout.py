"""How a file is laid out: which part of it, where the headings are, its letters, the labels of a form."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QFileDialog, QHBoxLayout, QLabel, QPushButton, QSpinBox, QWidget

from migmap.api import Reading

from .. import look
from ..docks.parts import button, tool
from ..words import isolated
from .section import Section, field_name, is_table

if TYPE_CHECKING:
    from migmap.app.preview import Preview


class LayoutSection(Section):
    """decided: "header" (with "roles"), "encoding" or "choices". part_chosen(name): another sheet."""

    part_chosen = Signal(str)

    def __init__(self, now: Callable[[], Reading], parent: QWidget | None = None) -> None:
        super().__init__(now, parent)
        self.heading.setText(self.tr("The file"))
        self.sheet = QComboBox()
        self.sheet.setAccessibleName(self.tr("Sheet or layer"))
        self.sheet.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.sheet.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.sheet.activated.connect(lambda _: self.part_chosen.emit(str(self.sheet.currentData())))
        self._sheet_label = field_name(self.tr("Sheet"))
        self.header = QComboBox()
        for text, value in (
            (self.tr("As found"), "found"),
            (self.tr("In row"), "row"),
            (self.tr("In rows"), "rows"),
            (self.tr("There are none"), "none"),
        ):
            self.header.addItem(text, value)
        self.header.setAccessibleName(self.tr("Where the headings of the columns are"))
        self.header.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.header.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.header.activated.connect(lambda _: self._header_picked())
        self.first_row, self.last_row = QSpinBox(), QSpinBox()
        for spin, name in (
            (self.first_row, self.tr("First row of the headings")),
            (self.last_row, self.tr("Last row of the headings")),
        ):
            spin.setRange(1, 1000)
            spin.setAccessibleName(name)
            spin.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            spin.setKeyboardTracking(False)
            spin.valueChanged.connect(lambda _: self._header_picked())
        head = QHBoxLayout()
        head.setSpacing(4)
        head.addWidget(self.header, 1)
        head.addWidget(self.first_row)
        head.addWidget(self.last_row)
        self._header_label = field_name(self.tr("Headings"))
        self.encoding = QComboBox()
        encodings: tuple[tuple[str, str | None], ...] = (
            (self.tr("As found"), None),
            ("UTF-8", "utf-8-sig"),
            (self.tr("Western (Windows 1252)"), "cp1252"),
            (self.tr("Arabic, Urdu (Windows 1256)"), "cp1256"),
            (self.tr("Western (Latin 1)"), "latin-1"),
            ("UTF-16", "utf-16"),
        )
        for text, codec in encodings:
            self.encoding.addItem(text, codec)
        self.encoding.setAccessibleName(self.tr("Letters of the file"))
        self.encoding.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.encoding.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.encoding.activated.connect(
            lambda _: self.decided.emit({"encoding": self.encoding.currentData()})
        )
        self._encoding_label = field_name(self.tr("Letters"))
        self.choices: QPushButton = button("", self._ask_choices)
        self._no_choices = tool(
            "mdi6.close",
            self.tr("Without labels"),
            lambda: self.decided.emit({"choices": None}),
            look.SOFT_INK,
        )
        labels = QWidget()
        row = QHBoxLayout(labels)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.choices)
        row.addWidget(self._no_choices)
        row.addStretch(1)
        self._choices_label = field_name(self.tr("Labels of a form"))
        headings = QWidget()
        headings.setLayout(head)
        head.setContentsMargins(0, 0, 0, 0)
        fields: tuple[tuple[QLabel, QWidget], ...] = (
            (self._sheet_label, self.sheet),
            (self._header_label, headings),
            (self._encoding_label, self.encoding),
            (self._choices_label, labels),
        )
        for place, (title, field) in enumerate(fields):
            self.grid.addWidget(title, place, 0, Qt.AlignmentFlag.AlignVCenter)
            self.grid.addWidget(field, place, 1)

    def show_preview(self, preview: Preview, parts: tuple[str, ...], part: str) -> None:
        table = is_table(preview)
        text_file = preview.probe.driver.upper() in ("CSV", "TSV", "ESRI SHAPEFILE", "MAPINFO FILE")
        self.sheet.clear()
        for part_name in parts:
            self.sheet.addItem(isolated(part_name), part_name)
        self.sheet.setCurrentIndex(max(0, self.sheet.findData(part)))
        several = len(parts) > 1
        self._sheet_label.setText(self.tr("Sheet") if table else self.tr("Part of the file"))
        for widget in (self.sheet, self._sheet_label):
            widget.setVisible(several)
        rows = preview.reading.header
        mode = "found" if rows is None else "none" if not rows else "row" if len(rows) == 1 else "rows"
        self.header.setCurrentIndex(self.header.findData(mode))
        for spin, row in ((self.first_row, rows[0] if rows else 1), (self.last_row, rows[-1] if rows else 2)):
            blocked = spin.blockSignals(True)
            spin.setValue(row)
            spin.blockSignals(blocked)
        self.first_row.setVisible(table and mode in ("row", "rows"))
        self.last_row.setVisible(table and mode == "rows")
        for one in (self.header, self._header_label, self.choices, self._choices_label):
            one.setVisible(table)
        self.encoding.setCurrentIndex(max(0, self.encoding.findData(preview.reading.encoding)))
        for widget in (self.encoding, self._encoding_label):
            widget.setVisible(text_file)
        form = preview.reading.choices
        self._no_choices.setVisible(table and bool(form))
        self.choices.setText(isolated(Path(form).name) if form else self.tr("Choose an XLSForm…"))
        self.choices.setToolTip(
            self.tr("The questionnaire (XLSForm) whose labels replace the codes of the answers")
        )
        self.setVisible(table or text_file or several)

    def _header_picked(self) -> None:
        mode = self.header.currentData()
        if mode == "rows" and self.last_row.value() <= self.first_row.value():
            blocked = self.last_row.blockSignals(True)
            self.last_row.setValue(self.first_row.value() + 1)
            self.last_row.blockSignals(blocked)
        rows: tuple[int, ...] | None = None
        if mode == "none":
            rows = ()
        elif mode == "row":
            rows = (self.first_row.value(),)
        elif mode == "rows":
            rows = tuple(range(self.first_row.value(), self.last_row.value() + 1))
        if rows != self.now().header:
            # Other headings are other columns: what was said of the old ones no longer holds.
            self.decided.emit({"header": rows, "roles": {}})

    def _ask_choices(self) -> None:
        dialog = QFileDialog(self, self.tr("The questionnaire of this form"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters([self.tr("XLSForm") + " (*.xlsx *.xls)", self.tr("All files") + " (*)"])
        dialog.fileSelected.connect(lambda path: self.decided.emit({"choices": path}))
        dialog.finished.connect(dialog.deleteLater)
        dialog.setModal(True)
        dialog.open()
