"""What a run could not do, said inside its form and in the form's words."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from migmap.api import ParamField

from .. import look
from ..docks.parts import icon_label, label
from ..words import isolated


class ProblemBar(QFrame):
    def __init__(self) -> None:
        super().__init__()
        self.setStyleSheet(f"ProblemBar {{ background: {look.BAD_SOFT}; border-radius: 6px; }}")
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 8, 10, 8)
        row.addWidget(icon_label("mdi6.alert-circle-outline", look.BAD), 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(2)
        self._title = label("", wrap=True, selectable=True)
        font = self._title.font()
        font.setWeight(font.Weight.DemiBold)
        self._title.setFont(font)
        self._more = label("", wrap=True, selectable=True)
        words.addWidget(self._title)
        words.addWidget(self._more)
        row.addLayout(words, 1)

    def show_problem(self, title: str, detail: str, fix: str) -> None:
        self._title.setText(title)
        more = " ".join(part for part in (detail, fix) if part)
        self._more.setText(more)
        self._more.setVisible(bool(more))
        self.show()

    def text(self) -> str:
        return f"{self._title.text()} {self._more.text()}"


def in_titles(text: str, fields: tuple[ParamField, ...], names: Mapping[str, str] | None = None) -> str:
    """Options of the command line ("--limit-km") replaced by what the form calls them, values that have
    a name ("density:people/ha") by that name, and `names` (references) by what they stand for."""
    for reference, name in sorted((names or {}).items(), key=lambda one: -len(one[0])):
        text = text.replace(reference, f"“{isolated(name)}”")
    for field in sorted(fields, key=lambda one: -len(one.flag)):
        for value, meaning in sorted(field.suggestions, key=lambda one: -len(one[0])):
            text = text.replace(f"{field.flag} {value}", f"“{field.title}: {meaning}”")
            if ":" in value:
                text = text.replace(value, f"“{meaning}”")
        text = text.replace(f"({field.flag} ", f"(“{field.title}” ").replace(field.flag, f"“{field.title}”")
    return text.replace("density:UNIT", "a density")
