"""Every value that a mend replaces, before it is applied."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from migmap.api import Finding

from .. import look
from ..docks.parts import button, label, page
from ..docks.table import table_widget
from ..models.table import Column, Table
from ..reading.wording import in_window_words
from ..words import number


class ChangesDialog(QDialog):
    """Every value that a mend replaces."""

    def __init__(self, finding: Finding, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("What the mend changes"))
        page(self)
        box = QVBoxLayout(self)
        box.setContentsMargins(2 * look.GAP, 2 * look.GAP, 2 * look.GAP, look.GAP)
        box.setSpacing(look.GAP)
        box.addWidget(label(in_window_words(finding.fix or finding.message), wrap=True))
        content = Table(
            (
                Column(self.tr("Row"), numeric=True, decimals=0),
                Column(self.tr("Column")),
                Column(self.tr("In the file")),
                Column(self.tr("Becomes")),
                Column(self.tr("Why")),
            ),
            tuple(
                (change.row, change.column, change.old, change.new, change.reason)
                for change in finding.changes
            ),
        )
        self.table = table_widget(content, self.tr("What the mend changes"))
        box.addWidget(self.table, 1)
        if finding.count > len(finding.changes):
            box.addWidget(
                label(
                    self.tr("The first {0} of {1}.").format(
                        number(len(finding.changes)), number(finding.count)
                    ),
                    "soft",
                )
            )
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(button(self.tr("Close"), self.accept, primary=True))
        box.addLayout(row)
        self.resize(620, 420)
