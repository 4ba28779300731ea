"""Editors for what a run reads beside its inputs: profiles, and saved runs to compare with."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QFileDialog, QWidget

from migmap.api import ParamField, Problem, Profile
from migmap.app.profiles import ProfileKind

from ..desk import Desk
from ..icons import icon
from ..words import isolated
from .documents import document_path
from .fields import FieldEditor

_KINDS: dict[str, ProfileKind] = {"scheme": "schemes", "rates": "rates", "needs": "needs"}


class _FileCombo(FieldEditor):
    """A combo of things that are known, and "A file…" at its end."""

    filters = ""
    heading = ""

    def __init__(self, field: ParamField, parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        self.combo = QComboBox()
        self.combo.setMinimumContentsLength(10)
        self.combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.combo.activated.connect(self._picked)
        self._kept: Any = None
        self.place(self.combo)

    def value(self) -> Any:
        return self._kept

    def set_value(self, value: Any) -> None:
        """A name or a file, or None."""
        if isinstance(value, list | tuple):
            value = value[0] if value else None
        if value is not None and self.combo.findData(value) < 0:
            self._add_file(str(value))
        self._kept = value
        self._show()

    def _show(self) -> None:
        row = self.combo.findData(self._kept) if self._kept is not None else 0
        self.combo.setCurrentIndex(max(0, row))
        tip = self.combo.currentData(Qt.ItemDataRole.ToolTipRole)
        self.combo.setToolTip(str(tip) if tip else self.field.description)

    def _add_file(self, path: str) -> None:
        """Put a file before the separator and "A file…"."""
        place = max(1, self.combo.count() - 2)
        self.combo.insertItem(place, icon("mdi6.file-outline"), Path(path).name, path)
        self.combo.setItemData(place, isolated(path), Qt.ItemDataRole.ToolTipRole)

    def _end(self) -> None:
        self.combo.insertSeparator(self.combo.count())
        self.combo.addItem(icon("mdi6.folder-open-outline"), self.tr("A file…"), "+")

    def _picked(self, row: int) -> None:
        data = self.combo.itemData(row)
        if data == "+":
            self._show()
            dialog = QFileDialog(self.window(), self.heading or self.field.title)
            dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
            dialog.setNameFilters([self.filters])
            dialog.fileSelected.connect(self._file_chosen)
            dialog.finished.connect(dialog.deleteLater)
            dialog.setModal(True)
            dialog.open()
            return
        self._kept = data
        self._show()
        self._edited()

    def _file_chosen(self, path: str) -> None:
        self.set_value(path)
        self._edited()


class ProfileEditor(_FileCombo):
    """A built-in profile by its title, or a file. Those for the hazard at hand come first."""

    def __init__(self, field: ParamField, parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        self.filters = self.tr("Profiles (*.toml)")
        self._hazards: tuple[str, ...] | None = None
        self.prefer(())

    def prefer(self, hazards: Iterable[str]) -> None:
        """Offer first what is made for these hazards."""
        wanted = tuple(dict.fromkeys(one for one in hazards if one))
        if wanted == self._hazards:
            return
        self._hazards = wanted
        assert self.field.profile is not None
        files = [
            str(self.combo.itemData(row))
            for row in range(1, self.combo.count())
            if Path(str(self.combo.itemData(row))).suffix == ".toml"
        ]
        self.combo.clear()
        self.combo.addItem(self.tr("not set"), None)
        known = known_profiles(self.field.profile.kind)
        first = [one for one in known if getattr(one, "hazard", "") in wanted]
        rest = [one for one in known if one not in first]
        for place, group in enumerate((first, rest)):
            if place and first and rest:
                self.combo.insertSeparator(self.combo.count())
            for one in group:
                self.combo.addItem(one.title, one.name)
                tip = "\n".join(one.about())
                self.combo.setItemData(self.combo.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
        self._end()
        for path in files:
            self._add_file(path)
        self.combo.view().setMinimumWidth(min(460, self.combo.view().sizeHintForColumn(0) + 40))
        self._show()

    def fault(self) -> str:
        """A file is read as soon as it is named: a damaged profile is said here, not after the run began."""
        value = self._kept
        if value is None:
            return self._required()
        assert self.field.profile is not None
        return profile_fault(self.field.profile.kind, str(value))

    @property
    def profile(self) -> Profile | None:
        """The profile chosen, where it can be read."""
        assert self.field.profile is not None
        return profile_of(self.field.profile.kind, self._kept)


def known_profiles(kind: str) -> tuple[Profile, ...]:
    """The built-in profiles of a kind, by title."""
    from migmap.app.profiles import listed

    return tuple(sorted(listed(_KINDS[kind]), key=lambda one: one.title))


def profile_of(kind: str, text: Any) -> Profile | None:
    """The profile of that name or in that file; None where there is none that can be used."""
    try:
        return None if text is None else _read(kind, str(text))
    except Problem:
        return None


def profile_fault(kind: str, text: str) -> str:
    """Why that profile cannot be used, "" where it can."""
    try:
        _read(kind, text)
    except Problem as problem:
        return " ".join(part for part in (problem.title, problem.detail) if part)
    return ""


def _read(kind: str, text: str) -> Profile:
    from migmap.app import profiles

    reads: dict[str, Callable[[str], Profile]] = {
        "scheme": profiles.scheme,
        "rates": profiles.rates,
        "needs": profiles.needs,
    }
    return reads[kind](text)


class RunEditor(_FileCombo):
    """A run of this project, or a saved run document. saved_asked(run id, path): a run of the project was
    chosen, and its document is to be written there."""

    saved_asked = Signal(str, str)

    def __init__(self, field: ParamField, desk: Desk, analysis: str, parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        self.filters = self.tr("Run documents (*.json)")
        self._desk = desk
        self._analysis = analysis
        self._runs: tuple[tuple[str, str], ...] | None = None
        self.refresh()

    def refresh(self) -> None:
        """Show the runs there are now, the newest first."""
        records = self._desk.project.runs if self._desk.ready else ()
        runs = tuple((one.id, one.title) for one in reversed(records) if one.analysis == self._analysis)
        if runs == self._runs:
            return
        self._runs = runs
        self.combo.clear()
        self.combo.addItem(self.tr("nothing"), None)
        for run_id, title in runs:
            self.combo.addItem(icon("mdi6.chart-box-outline"), title, str(document_path(run_id)))
            tip = self.tr("Run {0} of this project").format(run_id)
            self.combo.setItemData(self.combo.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
        self._end()
        if self._kept is not None and self.combo.findData(self._kept) < 0:
            self._add_file(str(self._kept))
        self._show()

    @property
    def run_id(self) -> str:
        """The run of this project that is chosen, "" for none or a file."""
        paths = {str(document_path(run_id)): run_id for run_id, _ in self._runs or ()}
        return paths.get(str(self._kept), "")

    def fault(self) -> str:
        if self._kept is None or self.run_id:
            return self._required() if self._kept is None else ""
        if not Path(str(self._kept)).is_file():
            return self.tr("{0} is not there.").format(isolated(str(self._kept)))
        return ""

    def _edited(self) -> None:
        if self.run_id:
            self.saved_asked.emit(self.run_id, str(self._kept))
        super()._edited()
