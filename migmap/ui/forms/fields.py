"""One editor a declared parameter: what it shows, what it says is wrong, the plain value it gives."""

from __future__ import annotations

import re
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from migmap.api import ParamField

from .. import look
from ..docks.parts import label, restyle
from ..words import cell


class FieldEditor(QWidget):
    """value(): None for "not given". fault(): what is wrong, in the user's words, "" for nothing."""

    changed = Signal()

    def __init__(self, field: ParamField, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = field
        self._touched = False
        self.quiet = False
        """What is wrong is said elsewhere: here it is only marked."""
        self._fault = label("", "bad", wrap=True)
        self._fault.hide()
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(3)

    def place(self, widget: QWidget, unit: str = "") -> None:
        """Put the editing widget (and its unit) above the line for faults."""
        widget.setAccessibleName(self.field.title)
        widget.setAccessibleDescription(self.field.description)
        widget.setToolTip(self.field.description)
        self.row = QHBoxLayout()
        self.row.setSpacing(look.GAP)
        self.row.addWidget(widget, 1)
        if unit:
            self.row.addWidget(label(unit, "soft"))
        self._box.addLayout(self.row)
        self._box.addWidget(self._fault)
        self._edit = widget
        self.setFocusProxy(widget)

    def value(self) -> Any:
        raise NotImplementedError

    def set_value(self, value: Any) -> None:
        raise NotImplementedError

    def fault(self) -> str:
        """What is wrong with what stands there, "" for nothing."""
        return self._required() if self.value() is None else ""

    def show_fault(self, *, force: bool = False, said: str = "") -> None:
        """Print the fault below the editor; a field nobody touched yet stays quiet unless forced.
        said: a fault that only the check of all fields together found."""
        if force:
            self._touched = True
        text = said or (self.fault() if self._touched else "")
        self._fault.setText(text)
        self._fault.setVisible(bool(text) and not self.quiet)
        if bool(self._edit.property("bad")) != bool(text):
            self._edit.setProperty("bad", bool(text))
            restyle(self._edit)

    @property
    def fault_shown(self) -> str:
        return self._fault.text()

    def _required(self) -> str:
        return self.tr("Needed.") if self.field.required else ""

    def _edited(self) -> None:
        self._touched = True
        self.show_fault()
        self.changed.emit()


class NumberEditor(FieldEditor):
    """A number with its unit and bounds; blank where the field may be left out."""

    def __init__(self, field: ParamField, parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        self.line = QLineEdit()
        self.line.setPlaceholderText("" if field.required else self.tr("not set"))
        self.line.setMaximumWidth(160)
        self.line.textEdited.connect(lambda _: self._edited())
        self.place(self.line, field.unit)
        self.row.addStretch(1)

    def value(self) -> Any:
        text = self.line.text().strip()
        if not text or self._number(text) is None:
            return None
        number = self._number(text)
        return int(number) if self.field.type is int and number is not None else number

    def set_value(self, value: Any) -> None:
        self.line.setText(cell(value))

    def fault(self) -> str:
        text = self.line.text().strip()
        if not text:
            return self._required()
        number = self._number(text)
        if number is None:
            return self.tr("“{0}” is not a number.").format(text)
        return out_of_bounds(self, number)

    @staticmethod
    def _number(text: str) -> float | None:
        return to_number(text)


class NumberListEditor(FieldEditor):
    """Numbers with commas between: "0.1, 0.5, 1.5". value(): the pieces as typed, because labels are
    made of them."""

    def __init__(self, field: ParamField, parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        self.line = QLineEdit()
        self.line.setPlaceholderText(self.tr("for example 0.1, 0.5, 1.5"))
        self.line.textEdited.connect(lambda _: self._edited())
        self.place(self.line, field.unit)

    def value(self) -> Any:
        parts = self._parts()
        if not parts or any(to_number(part) is None for part in parts):
            return None
        return parts

    def set_value(self, value: Any) -> None:
        self.line.setText(", ".join(cell(one) for one in value or ()))

    def fault(self) -> str:
        parts = self._parts()
        if not parts:
            return self._required()
        for part in parts:
            number = to_number(part)
            if number is None:
                return self.tr("“{0}” is not a number. Write numbers with commas between.").format(part)
            wrong = out_of_bounds(self, number)
            if wrong:
                return wrong
        return ""

    def _parts(self) -> list[str]:
        return [part for part in re.split(r"[,;\s]+", self.line.text().strip()) if part]


class TextEditor(FieldEditor):
    def __init__(self, field: ParamField, parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        self.line = QLineEdit()
        hint = field.metavar or ("" if field.required else self.tr("not set"))
        self.line.setPlaceholderText(hint)
        self.line.textEdited.connect(lambda _: self._edited())
        self.place(self.line, field.unit)

    def value(self) -> Any:
        return self.line.text().strip() or None

    def set_value(self, value: Any) -> None:
        self.line.setText(cell(value))


class TextListEditor(FieldEditor):
    """Several texts with commas between, for example conditions "type=hospital, open=yes"."""

    def __init__(self, field: ParamField, parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        self.line = QLineEdit()
        self._condition = "=" in field.metavar
        hint = self.tr("column=value") if self._condition else field.metavar
        self.line.setPlaceholderText(hint or ("" if field.required else self.tr("not set")))
        self.line.textEdited.connect(lambda _: self._edited())
        self.place(self.line, field.unit)

    def value(self) -> Any:
        parts = [part.strip() for part in self.line.text().split(",") if part.strip()]
        return parts or None

    def set_value(self, value: Any) -> None:
        self.line.setText(", ".join(cell(one) for one in value or ()))

    def fault(self) -> str:
        parts = self.value()
        if parts is None:
            return self._required()
        if self._condition:
            for part in parts:
                name, mark, value = part.partition("=")
                if not mark or not name.strip() or not value.strip():
                    return self.tr("“{0}” is not of the form column=value.").format(part)
        return ""


class ChoiceEditor(FieldEditor):
    def __init__(self, field: ParamField, parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        self.combo = QComboBox()
        if field.optional:
            self.combo.addItem(self.tr("not set"), None)
        for choice in field.choices:
            self.combo.addItem(choice, choice)
        self.combo.activated.connect(lambda _: self._edited())
        self.place(self.combo, field.unit)

    def value(self) -> Any:
        return self.combo.currentData()

    def set_value(self, value: Any) -> None:
        self.combo.setCurrentIndex(max(0, self.combo.findData(value)))


class SuggestionEditor(FieldEditor):
    """A text picked from what the declaration suggests, in its words."""

    def __init__(self, field: ParamField, parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        self.combo = QComboBox()
        if not field.required:
            self.combo.addItem(self.tr("not set"), None)
        for value, words in field.suggestions:
            self.combo.addItem(f"{words}  ({value})" if words else value, value)
        self.combo.activated.connect(lambda _: self._edited())
        self.place(self.combo, field.unit)

    def value(self) -> Any:
        return self.combo.currentData()

    def set_value(self, value: Any) -> None:
        if value is not None and self.combo.findData(value) < 0:
            self.combo.addItem(str(value), value)
        self.combo.setCurrentIndex(max(0, self.combo.findData(value)))


class FlagEditor(FieldEditor):
    def __init__(self, field: ParamField, parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        self.box = QCheckBox(field.title)
        self.box.clicked.connect(lambda _: self._edited())
        self.place(self.box)

    def value(self) -> Any:
        return self.box.isChecked()

    def set_value(self, value: Any) -> None:
        self.box.setChecked(bool(value))


def told(editor: FieldEditor) -> str:
    """What stands in an editor, as a person reads it."""
    combo = editor.findChild(QComboBox)
    if combo is not None and not combo.isEditable():
        return combo.currentText()
    value = editor.value()
    return ", ".join(cell(one) for one in value) if isinstance(value, list | tuple) else cell(value)


def to_number(text: str) -> float | None:
    """A number as typed; thousands commas are not guessed at, infinities are none."""
    try:
        number = float(text.replace("\u2212", "-"))
    except ValueError:
        return None
    return number if number - number == 0 else None


def out_of_bounds(editor: FieldEditor, number: float) -> str:
    field = editor.field
    unit = f" {field.unit}" if field.unit else ""
    if field.type is int and not float(number).is_integer():
        return editor.tr("{0} is not a whole number.").format(cell(number))
    if field.minimum is not None and number < field.minimum:
        return editor.tr("{0} is too small: at least {1}.").format(
            cell(number) + unit, cell(field.minimum) + unit
        )
    if field.maximum is not None and number > field.maximum:
        return editor.tr("{0} is too large: at most {1}.").format(
            cell(number) + unit, cell(field.maximum) + unit
        )
    return ""
