"""What went wrong, told apart: a problem the user can fix, a bug of ours, findings in the data."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from migmap.api import Finding, Problem

from .. import look
from ..docks.findings import FindingsList
from ..docks.parts import button, icon_label, label, page


class MessageDialog(QDialog):
    """An icon, a sentence, more to read, buttons; the ground of the others."""

    def __init__(self, title: str, icon_name: str, colour: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(440)
        self.setMaximumWidth(620)
        page(self)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(2 * look.GAP + 4, 2 * look.GAP + 4, 2 * look.GAP + 4, 2 * look.GAP)
        outer.setSpacing(2 * look.GAP)
        row = QHBoxLayout()
        row.setSpacing(2 * look.GAP)
        row.addWidget(icon_label(icon_name, colour, 32), 0, Qt.AlignmentFlag.AlignTop)
        self.words = QVBoxLayout()
        self.words.setSpacing(look.GAP)
        self.heading = label(title, "heading", wrap=True, selectable=True)
        self.words.addWidget(self.heading)
        row.addLayout(self.words, 1)
        outer.addLayout(row, 1)
        self.buttons = QHBoxLayout()
        self.buttons.setSpacing(look.GAP)
        self.buttons.addStretch(1)
        outer.addLayout(self.buttons)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        # Labels that wrap ask for the height they would have when narrow.
        layout = self.layout()
        if layout is not None and layout.hasHeightForWidth():
            wide = max(self.width(), self.sizeHint().width())
            self.resize(wide, layout.totalHeightForWidth(wide))
        for made in self.findChildren(QPushButton):
            if made.isDefault():
                made.setFocus()


class ProblemDialog(MessageDialog):
    """What is wrong, where exactly, what to do."""

    def __init__(self, problem: Problem, parent: QWidget | None = None) -> None:
        super().__init__(problem.title, "mdi6.alert-circle-outline", look.WARN, parent)
        self.setWindowTitle(self.tr("This did not work"))
        self.problem = problem
        if problem.detail:
            self.words.addWidget(label(problem.detail, "soft", wrap=True, selectable=True))
        if problem.fix:
            frame = QFrame()
            frame.setProperty("role", "note")
            row = QHBoxLayout(frame)
            row.setContentsMargins(10, 8, 10, 8)
            row.addWidget(icon_label("mdi6.lightbulb-on-outline", look.ACCENT), 0, Qt.AlignmentFlag.AlignTop)
            row.addWidget(label(problem.fix, wrap=True, selectable=True), 1)
            self.words.addWidget(frame)
        close = button(self.tr("Close"), self.accept, primary=True)
        close.setDefault(True)
        self.buttons.addWidget(close)


class BugDialog(MessageDialog):
    """A fault of migmap: the report to send, and that the work is not lost."""

    def __init__(self, report: str, log: str, parent: QWidget | None = None) -> None:
        super().__init__("", "mdi6.bug-outline", look.BAD, parent)
        self.setWindowTitle(self.tr("A fault in migmap"))
        self.report = report
        self.heading.setText(self.tr("This is a fault in migmap, not something you did."))
        self.words.addWidget(
            label(
                self.tr(
                    "Your files were not changed. You can go on; save the project under a new name to be "
                    "safe. Please send the report below to whoever looks after migmap; it holds no data."
                ),
                wrap=True,
            )
        )
        text = QPlainTextEdit(report)
        text.setReadOnly(True)
        text.setMinimumHeight(160)
        text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        text.setAccessibleName(self.tr("Report"))
        self.words.addWidget(text, 1)
        self.words.addWidget(
            label(self.tr("It is also in {0}").format(log), "soft", wrap=True, selectable=True)
        )
        self.setMinimumWidth(560)
        self.buttons.insertWidget(0, button(self.tr("Copy report"), self.copy, icon_name="mdi6.content-copy"))
        close = button(self.tr("Close"), self.accept, primary=True)
        close.setDefault(True)
        self.buttons.addWidget(close)

    def copy(self) -> None:
        QGuiApplication.clipboard().setText(self.report)


class FindingsDialog(MessageDialog):
    """What was odd in data but did not stop the work."""

    def __init__(self, title: str, findings: Sequence[Finding], parent: QWidget | None = None) -> None:
        super().__init__(title, "mdi6.clipboard-alert-outline", look.WARN, parent)
        self.setWindowTitle(self.tr("Findings"))
        self.list = FindingsList()
        self.list.show_findings(findings)
        self.list.setMinimumSize(480, 220)
        self.words.addWidget(self.list, 1)
        self.setMaximumWidth(760)
        close = button(self.tr("Close"), self.accept, primary=True)
        close.setDefault(True)
        self.buttons.addWidget(close)
