"""What a layer is and where it comes from, as the person says it: kind, source, date, who may see it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QDialog, QGridLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from migmap.api import LayerKind, Meta, Sensitivity

from .. import look
from ..docks.parts import button, icon_label, label, page, rule
from ..icons import icon
from ..words import isolated

MOST_LETTERS = 500


@dataclass(frozen=True, slots=True)
class Properties:
    """What was said of a layer; `stated` holds only what differs from the file."""

    kind: str
    sensitivity: Sensitivity | None
    stated: Mapping[str, str] = field(default_factory=dict)


class PropertiesDialog(QDialog):
    """said(Properties). meta: what the file says of itself, shown where the person says nothing."""

    said = Signal(object)

    def __init__(
        self,
        title: str,
        now: Properties,
        meta: Meta,
        kinds: Mapping[str, LayerKind],
        *,
        made_by_run: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Properties of the layer"))
        page(self)
        self._now, self._meta = now, meta
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        head = QHBoxLayout()
        head.setContentsMargins(2 * look.GAP, 2 * look.GAP, 2 * look.GAP, look.GAP)
        head.setSpacing(look.GAP + 4)
        head.addWidget(icon_label("mdi6.card-account-details-outline", look.ACCENT, 28))
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(label(isolated(title), "title", wrap=True))
        words.addWidget(
            label(self.tr("Kept in the project and printed on maps, tables and files made of it."), "soft")
        )
        head.addLayout(words, 1)
        outer.addLayout(head)
        outer.addWidget(rule())
        self._grid = QGridLayout()
        self._grid.setContentsMargins(2 * look.GAP, 2 * look.GAP, 2 * look.GAP, look.GAP)
        self._grid.setHorizontalSpacing(2 * look.GAP)
        self._grid.setVerticalSpacing(look.GAP)
        self._grid.setColumnMinimumWidth(0, 150)
        self._grid.setColumnStretch(1, 1)
        outer.addLayout(self._grid)
        self._make_kind(kinds, made_by_run)
        self._make_sensitivity()
        self.lines: dict[str, QLineEdit] = {}
        for name, words_, hint in (
            ("attribution", self.tr("Source"), self.tr("who made it, as they want to be named")),
            ("date", self.tr("Date of the data"), self.tr("for example 2024-06, or 2024-06-15")),
            ("method", self.tr("Method"), self.tr("for example key informants, registration, census")),
            ("licence", self.tr("Licence"), self.tr("for example CC BY 4.0")),
            ("boundary_vintage", self.tr("Vintage of the boundaries"), self.tr("for example COD-AB of 2022")),
            ("boundary_note", self.tr("Note on boundaries"), self.tr("whose view of disputed lines this is")),
        ):
            self._line(name, words_, hint)
        heading = label(self.tr("Sharing agreement"), "heading")
        self._grid.addWidget(heading, self._grid.rowCount(), 0, 1, 2)
        for name, words_, hint in (
            ("agreement", self.tr("Reference"), self.tr("number or name of the agreement")),
            ("agreement_expires", self.tr("Ends on"), self.tr("a date, for example 2026-12-31")),
            ("agreement_audience", self.tr("May be seen by"), self.tr("for example the CCCM cluster")),
        ):
            self._line(name, words_, hint)
        self._missing = label("", "warn", wrap=True)
        holder = QVBoxLayout()
        holder.setContentsMargins(2 * look.GAP, 0, 2 * look.GAP, look.GAP)
        holder.addWidget(self._missing)
        outer.addLayout(holder)
        outer.addStretch(1)
        outer.addWidget(rule())
        buttons = QHBoxLayout()
        buttons.setContentsMargins(2 * look.GAP, look.GAP + 2, 2 * look.GAP, look.GAP + 4)
        buttons.setSpacing(look.GAP)
        buttons.addStretch(1)
        buttons.addWidget(button(self.tr("Cancel"), self.reject))
        self.go = button(self.tr("Keep this"), self.submit, primary=True)
        self.go.setDefault(True)
        buttons.addWidget(self.go)
        outer.addLayout(buttons)
        self.setMinimumWidth(600)
        self._show()

    def properties(self) -> Properties:
        texts = {name: " ".join(line.text().split()) for name, line in self.lines.items()}
        stated = {
            name: text for name, text in texts.items() if text and text != str(getattr(self._meta, name, ""))
        }
        others = {name: text for name, text in self._now.stated.items() if name not in self.lines}
        return Properties(str(self.kind.currentData()), self.sensitivity.currentData(), others | stated)

    def missing(self) -> tuple[str, ...]:
        """What nobody says: neither the person nor the file."""
        known = {
            name: line.text().strip() or str(getattr(self._meta, name, ""))
            for name, line in self.lines.items()
        }
        said = []
        if not known["attribution"]:
            said.append(self.tr("Nobody says where this data comes from."))
        if not known["date"]:
            said.append(self.tr("Nobody says from when this data is."))
        elif not re.match(r"\D*\d{4}", known["date"]):
            said.append(self.tr("The date names no year."))
        return tuple(said)

    def submit(self) -> None:
        self.said.emit(self.properties())
        self.accept()

    def _make_kind(self, kinds: Mapping[str, LayerKind], made_by_run: bool) -> None:
        self.kind = QComboBox()
        self.kind.setAccessibleName(self.tr("Kind of layer"))
        for name, kind in kinds.items():
            self.kind.addItem(icon(kind.icon, look.SOFT_INK), kind.title, name)
        if self.kind.findData(self._now.kind) < 0:
            self.kind.addItem(self._now.kind, self._now.kind)
        self.kind.setCurrentIndex(self.kind.findData(self._now.kind))
        if made_by_run:
            self.kind.setEnabled(False)
            self.kind.setToolTip(self.tr("Made by an analysis"))
        self._grid.addWidget(label(self.tr("Kind")), 0, 0)
        self._grid.addWidget(self.kind, 0, 1)

    def _make_sensitivity(self) -> None:
        self.sensitivity = QComboBox()
        self.sensitivity.setAccessibleName(self.tr("Sensitivity"))
        of_file = {
            "public": self.tr("As the file says: public"),
            "restricted": self.tr("As the file says: restricted"),
            "confidential": self.tr("As the file says: confidential"),
        }.get(self._meta.sensitivity or "", self.tr("Not stated, so treated as restricted"))
        choices: tuple[tuple[str, Sensitivity | None, str], ...] = (
            (of_file, None, "mdi6.lock-outline"),
            (self.tr("Public: may be shared with anyone"), "public", "mdi6.earth"),
            (self.tr("Restricted: only for those it was made for"), "restricted", "mdi6.lock-outline"),
            (self.tr("Confidential: do not pass on"), "confidential", "mdi6.lock"),
        )
        for text, value, icon_name in choices:
            self.sensitivity.addItem(icon(icon_name, look.SOFT_INK), text, value)
        values = [value for _, value, _ in choices]
        self.sensitivity.setCurrentIndex(values.index(self._now.sensitivity))
        self._grid.addWidget(label(self.tr("Sensitivity")), 1, 0)
        self._grid.addWidget(self.sensitivity, 1, 1)

    def _line(self, name: str, title: str, hint: str) -> None:
        line = QLineEdit(self._now.stated.get(name, ""))
        line.setMaxLength(MOST_LETTERS)
        of_file = str(getattr(self._meta, name, ""))
        line.setPlaceholderText(self.tr("as the file says: {0}").format(of_file) if of_file else hint)
        line.setToolTip(hint)
        line.setAccessibleName(title)
        line.textChanged.connect(lambda _: self._show())
        self.lines[name] = line
        row = self._grid.rowCount()
        self._grid.addWidget(label(title), row, 0, Qt.AlignmentFlag.AlignVCenter)
        self._grid.addWidget(line, row, 1)

    def _show(self) -> None:
        missing = self.missing()
        self._missing.setText(" ".join(missing))
        self._missing.setVisible(bool(missing))
