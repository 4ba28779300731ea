"""Where the rows of a file are: columns of positions and the coordinate system."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from migmap.api import Reading

from ..words import isolated
from .columns import ColumnCombo
from .places import CrsField
from .section import Section, field_name, is_table

if TYPE_CHECKING:
    from migmap.app.preview import Preview

POSITIONS = ("latitude", "longitude", "position")


class WhereSection(Section):
    """decided: "roles" (all of the Reading's) or "crs"."""

    def __init__(self, now: Callable[[], Reading], parent: QWidget | None = None) -> None:
        super().__init__(now, parent)
        self.heading.setText(self.tr("Where it is"))
        self._found: dict[str, str] = {}
        self.positions: dict[str, ColumnCombo] = {}
        self._labels: list[QLabel] = []
        for row, role in enumerate(POSITIONS):
            combo = ColumnCombo()
            combo.setAccessibleName(self.title_of(role))
            combo.picked.connect(partial(self._position_picked, role))
            name = field_name(self.title_of(role))
            self.grid.addWidget(name, row, 0, Qt.AlignmentFlag.AlignVCenter)
            self.grid.addWidget(combo, row, 1)
            self.positions[role] = combo
            self._labels.append(name)
        self.crs = CrsField(self.tr("As found in the file"))
        self.crs.changed.connect(self._crs_picked)
        self._crs_label = field_name(self.tr("Coordinate system"))
        self.grid.addWidget(self._crs_label, len(POSITIONS), 0, Qt.AlignmentFlag.AlignTop)
        self.grid.addWidget(self.crs, len(POSITIONS), 1)

    def title_of(self, role: str) -> str:
        return {
            "latitude": self.tr("Latitude, or y"),
            "longitude": self.tr("Longitude, or x"),
            "position": self.tr("Both in one cell"),
        }[role]

    def titles(self) -> dict[str, str]:
        """Column -> what of a position is read from it, whether found or chosen."""
        used = {role: combo.column() or self._found.get(role, "") for role, combo in self.positions.items()}
        return {column: self.title_of(role) for role, column in used.items() if column}

    def show_preview(self, preview: Preview) -> None:
        table = is_table(preview)
        stated = {role: preview.reading.roles.get(role, "") for role in POSITIONS}
        # What migmap found by itself counts only as long as nobody chose.
        self._found = {} if any(stated.values()) else dict(preview.probe.placed_by)
        for role, name in zip(POSITIONS, self._labels, strict=True):
            combo = self.positions[role]
            found = self._found.get(role, "")
            if found:
                blank = self.tr("{0}, as found").format(isolated(found))
            elif self._found or (stated["position"] if role != "position" else any(stated.values())):
                blank = self.tr("not needed")
            else:
                blank = self.tr("none found")
            combo.show_columns(preview.probe.columns, stated[role], blank=blank)
            combo.setVisible(table)
            name.setVisible(table)
        wanted = table or preview.probe.crs is None or preview.reading.crs is not None
        for widget in (self.crs, self._crs_label):
            widget.setVisible(wanted)
        self.setVisible(wanted)
        self.crs.show_crs(preview.reading.crs)

    def _position_picked(self, role: str) -> None:
        roles = dict(self.now().roles)
        roles[role] = self.positions[role].column()
        # One cell with both, or two columns: never the two together.
        for other in ("latitude", "longitude") if role == "position" else ("position",):
            if roles[role]:
                roles.pop(other, None)
        if not roles[role]:
            del roles[role]
        self.decided.emit({"roles": roles})

    def _crs_picked(self) -> None:
        crs = self.crs.crs()
        if crs != "" and crs != self.now().crs:
            self.decided.emit({"crs": crs})
