"""What was found in a file, each with what can be decided about it: mend it, use it all the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from migmap.api import Change, Finding, Reading

from .. import look
from ..docks.findings import ICONS, breakable
from ..docks.parts import button, icon_label, label, page, rule
from ..words import counted, isolated
from .wording import in_window_words

FEW_CHANGES = 3
PERSONAL = "personal-columns-dropped"
IN_TEXT = "personal-data-in-text"
MOST_BOXES = 6


class MendsList(QScrollArea):
    """decided(): a box was ticked or unticked; fixes() and keep() say how they stand. changes_asked(Finding):
    show every value a mend replaces. rows_asked(Finding): show where."""

    decided = Signal()
    changes_asked = Signal(object)
    rows_asked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(self.tr("What was found, and what to do about it"))
        self.boxes: dict[tuple[str, str], QCheckBox] = {}
        self._reading = Reading()
        self._columns: tuple[str, ...] = ()

    def show_findings(
        self,
        findings: Sequence[Finding],
        kept_back: Sequence[str],
        reading: Reading,
        columns: Sequence[str] = (),
    ) -> None:
        """kept_back: codes of findings for rows that are set aside, or would be. columns: of the file."""
        self._columns = tuple(columns)
        self._reading = reading
        # Who ticks a box by keyboard goes on from there.
        focused = next((key for key, box in self.boxes.items() if box.hasFocus()), None)
        self.boxes = {}
        body = page(QWidget())
        layout = QVBoxLayout(body)
        layout.setContentsMargins(look.GAP, look.GAP, look.GAP, look.GAP)
        layout.setSpacing(look.GAP)
        # What can be decided comes first, then what is grave.
        ranks = {"error": 0, "warning": 1, "info": 2}

        def rank(one: Finding) -> tuple[int, int]:
            left_out = one.code in kept_back or one.code == PERSONAL
            return 0 if one.fix and not one.applied else 1 if left_out else 2, ranks[one.severity]

        if not findings:
            layout.addWidget(label(self.tr("Nothing odd was found."), "soft", wrap=True))
        for place, finding in enumerate(sorted(findings, key=rank)):
            if place:
                layout.addWidget(rule())
            layout.addLayout(self._row(finding, finding.code in kept_back))
        layout.addStretch(1)
        where = self.verticalScrollBar().value()
        self.setWidget(body)
        self.verticalScrollBar().setValue(where)
        if focused in self.boxes:
            self.boxes[focused].setFocus()

    def fixes(self) -> tuple[str, ...]:
        """Codes of the mends to apply; those of earlier readings that are not on show stay."""
        return self._codes("fix", self._reading.fixes)

    def keep(self) -> tuple[str, ...]:
        """Codes of what is used although migmap would leave it out."""
        return self._codes("keep", self._reading.keep)

    def _codes(self, what: str, before: Sequence[str]) -> tuple[str, ...]:
        shown = {code: box.isChecked() for (kind, code), box in self.boxes.items() if kind == what}
        stay = [code for code in before if shown.get(code, True)]
        return tuple(dict.fromkeys([*stay, *(code for code, on in shown.items() if on)]))

    def _row(self, finding: Finding, kept_back: bool) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(look.GAP)
        row.addWidget(icon_label(*ICONS[finding.severity]), 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(3)
        words.addWidget(label(breakable(in_window_words(finding.message)), wrap=True, selectable=True))
        if finding.rows:
            link = self._link(rows_named(finding, 8), partial(self.rows_asked.emit, finding))
            words.addWidget(link, 0, Qt.AlignmentFlag.AlignLeft)
        if finding.fix or finding.applied or finding.code in self._reading.fixes:
            self._box(
                words, "fix", finding.code, self.tr("Apply this mend"), finding.code in self._reading.fixes
            )
            if finding.fix:
                words.addWidget(label(breakable(in_window_words(finding.fix)), "soft", wrap=True))
            self._show_changes(words, finding)
        if kept_back or finding.code in self._reading.keep:
            self._box(
                words,
                "keep",
                finding.code,
                counted(
                    self.tr("Use this row all the same"),
                    self.tr("Use these rows all the same"),
                    finding.count,
                ),
                finding.code in self._reading.keep,
            )
        elif finding.code == PERSONAL:
            self._personal_boxes(words, finding)
        elif finding.code == IN_TEXT:
            on = IN_TEXT in self._reading.keep
            self._box(words, "keep", IN_TEXT, self.tr("Keep the texts as they are"), on)
        row.addLayout(words, 1)
        return row

    def _personal_boxes(self, words: QVBoxLayout, finding: Finding) -> None:
        """All at once, or each column by itself where there are few."""
        all_kept = PERSONAL in self._reading.keep
        if ("keep", PERSONAL) not in self.boxes:
            self._box(words, "keep", PERSONAL, self.tr("Keep these columns all the same"), all_kept)
            words.addWidget(label(self.tr("The layer becomes confidential then."), "soft", wrap=True))
        named = [name for name in self._columns if f"“{name}”" in finding.message]
        if all_kept or not 1 < len(named) <= MOST_BOXES:
            return
        for name in named:
            code = f"{PERSONAL}:{name}"
            only = self.tr("Keep only “{0}”").format(isolated(name))
            self._box(words, "keep", code, only, code in self._reading.keep)

    def _show_changes(self, words: QVBoxLayout, finding: Finding) -> None:
        for change in finding.changes[:FEW_CHANGES]:
            words.addWidget(label(in_words(change), "soft", wrap=True))
        if len(finding.changes) > FEW_CHANGES:
            text = counted(
                self.tr("Show it"), self.tr("Show all {0} changes…"), max(len(finding.changes), finding.count)
            )
            link = self._link(text, partial(self.changes_asked.emit, finding))
            words.addWidget(link, 0, Qt.AlignmentFlag.AlignLeft)

    def _box(self, words: QVBoxLayout, what: str, code: str, text: str, on: bool) -> None:
        box = QCheckBox(text)
        box.setChecked(on)
        # A long name of a column must not make the list wider than it is.
        box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        box.setToolTip(text)
        box.toggled.connect(lambda _: self.decided.emit())
        self.boxes[(what, code)] = box
        words.addWidget(box)

    @staticmethod
    def _link(text: str, call: Callable[[], object]) -> QPushButton:
        made = button(text, call, flat=True)
        made.setStyleSheet("text-align: left; padding: 0;")
        return made


def rows_named(finding: Finding, most: int) -> str:
    """ "Row 12", or "Rows 12, 14, 18, …"."""
    more = ", …" if len(finding.rows) > most or finding.count > len(finding.rows) else ""
    some = ", ".join(str(number) for number in finding.rows[:most]) + more
    alone = len(finding.rows) == 1 and not more
    return (_tr("Row {0}") if alone else _tr("Rows {0}")).format(some)


def in_words(change: Change) -> str:
    """ "Row 12, Latitude: 72.1 → 34.2": one value before and after; "Row 12: counted again → set aside"
    for what happens to a whole row."""
    place = _tr("Row {0}").format(change.row)
    if change.column and not change.column.startswith("("):
        place += f", {isolated(change.column)}"
    old, new = isolated(change.old) or "–", isolated(change.new) or "–"
    return f"{place}: {old} → {new}"


def _tr(text: str) -> str:
    return QCoreApplication.translate("MendsList", text)
