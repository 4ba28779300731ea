"""What the sections of the reading form share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from migmap.api import Reading

from .. import look
from ..docks.parts import label

if TYPE_CHECKING:
    from migmap.app.preview import Preview

TABLE_DRIVERS = ("CSV", "TSV", "XLSX", "XLS", "ODS")
LABELS = 112
"""Pixels for the names of fields; longer ones wrap."""


def is_table(preview: Preview) -> bool:
    return preview.probe.driver.upper() in TABLE_DRIVERS


class Section(QWidget):
    """A heading over a grid of names and fields. decided(dict): fields of the Reading that the person
    changed, with their new values. now(): the Reading as it stands, with what is not previewed yet."""

    decided = Signal(object)

    def __init__(self, now: Callable[[], Reading], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.now = now
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(look.GAP)
        self.heading = label("", "heading")
        box.addWidget(self.heading)
        self.grid = grid()
        box.addLayout(self.grid)


def field_name(text: str) -> QLabel:
    made = label(text, wrap=True)
    made.setFixedWidth(LABELS)
    return made


def grid() -> QGridLayout:
    made = QGridLayout()
    made.setContentsMargins(0, 0, 0, 0)
    made.setHorizontalSpacing(look.GAP)
    made.setVerticalSpacing(6)
    made.setColumnStretch(1, 1)
    return made
