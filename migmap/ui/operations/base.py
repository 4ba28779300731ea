"""What every group of operations has at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QDialog

if TYPE_CHECKING:
    from ..main_window import MainWindow


class Operations(QObject):
    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.window = window
        self.desk = window.desk

    def ask(self, dialog: QDialog) -> None:
        """Open a dialog over the window without stopping it."""
        dialog.setModal(True)
        dialog.open()
