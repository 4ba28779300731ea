"""What a run could not do, said inside its form and in the form's words."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from migmap.api import ParamField

from .. import look
from ..docks.parts import icon_label, label


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


def in_titles(text: str, fields: tuple[ParamField, ...]) -> str:
    """Options of the command line ("--limit-km") replaced by what the form calls them."""
    for field in sorted(fields, key=lambda one: -len(one.flag)):
        text = text.replace(field.flag, f"“{field.title}”")
    return text
