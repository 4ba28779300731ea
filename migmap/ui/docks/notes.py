"""The answer of a run in words: the first sentence is the answer, the rest is how to read it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QColor, QFont, QTextBlockFormat, QTextCharFormat, QTextCursor, QTextOption
from PySide6.QtWidgets import QFrame, QTextEdit, QWidget

from .. import look


class NotesView(QTextEdit):
    """One text, so that all of it can be marked and copied; long file names wrap."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setStyleSheet("QTextEdit { border: none; border-radius: 0; padding: 0; }")
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setAccessibleName(self.tr("The answer in words"))
        self.setTabChangesFocus(True)
        self.document().setDocumentMargin(look.GAP + 4)

    def show_notes(self, notes: Sequence[str], *, answer: bool = True) -> None:
        """answer: the first of them is what was asked for, and stands out."""
        self.clear()
        cursor = QTextCursor(self.document())
        for place, note in enumerate(notes):
            block, letters = QTextBlockFormat(), QTextCharFormat()
            block.setBottomMargin(look.GAP)
            if place == 0 and answer:
                letters.setFontWeight(QFont.Weight.DemiBold)
                letters.setForeground(QColor(look.ACCENT_DARK))
            else:
                letters.setForeground(QColor(look.SOFT_INK if answer else look.INK))
            if place == 0:
                cursor.setBlockFormat(block)
            else:
                cursor.insertBlock(block)
            cursor.insertText(note, letters)
        self.moveCursor(QTextCursor.MoveOperation.Start)
