"""Findings as a list: how grave, what was seen, what was done about it, which rows."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from migmap.api import Finding

from .. import look
from .parts import icon_label, label, page, rule

ICONS = {
    "info": ("mdi6.information-outline", look.ACCENT),
    "warning": ("mdi6.alert-outline", look.WARN),
    "error": ("mdi6.alert-octagon-outline", look.BAD),
}


def breakable(text: str) -> str:
    """Long names (files, layers) get places where a line may end; a label would cut them off."""
    words = text.split(" ")
    return " ".join(word.replace("_", "_\u200b") if len(word) > 24 else word for word in words)


class FindingsList(QScrollArea):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(self.tr("Findings"))
        self.show_findings(())

    def show_findings(self, findings: Sequence[Finding], empty: str = "") -> None:
        body = page(QWidget())
        layout = QVBoxLayout(body)
        layout.setContentsMargins(look.GAP + 4, look.GAP, look.GAP + 4, look.GAP)
        layout.setSpacing(look.GAP)
        if not findings:
            layout.addWidget(label(empty or self.tr("Nothing odd was found."), "soft", wrap=True))
        for finding in findings:
            layout.addLayout(self._row(finding))
            layout.addWidget(rule())
        layout.addStretch(1)
        self.setWidget(body)

    def _row(self, finding: Finding) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(look.GAP)
        row.addWidget(icon_label(*ICONS[finding.severity]), 0, Qt.AlignmentFlag.AlignTop)
        text = QVBoxLayout()
        text.setSpacing(2)
        text.addWidget(label(breakable(finding.message), wrap=True, selectable=True))
        if finding.rows:
            some = ", ".join(str(number) for number in finding.rows[:12])
            more = ", …" if len(finding.rows) > 12 or finding.count > len(finding.rows) else ""
            text.addWidget(
                label(self.tr("Rows: {0}").format(some + more), "soft", wrap=True, selectable=True)
            )
        row.addLayout(text, 1)
        return row
