"""Which column plays which role of a kind; roles no column was found for stay folded away."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from migmap.api import LayerKind, Reading, Role

from ..docks.parts import button, restyle
from ..words import isolated
from .columns import ColumnCombo
from .section import Section, field_name, grid

if TYPE_CHECKING:
    from migmap.app.preview import Preview


class RolesSection(Section):
    """decided: "roles". `roles` holds the choices that are on show; the folded ones are made when they are
    unfolded, because a kind has dozens. arranged(): other choices are on show."""

    arranged = Signal()

    def __init__(
        self, kinds: Mapping[str, LayerKind], now: Callable[[], Reading], parent: QWidget | None = None
    ) -> None:
        super().__init__(now, parent)
        self.heading.setText(self.tr("Columns"))
        self._kinds = dict(kinds)
        self._preview: Preview | None = None
        self._kind = ""
        self._file: tuple[str, ...] = ()
        self._folded: tuple[Role, ...] = ()
        self._open = False
        self._more_count = 0
        self.roles: dict[str, ColumnCombo] = {}
        self._labels: dict[str, QLabel] = {}
        self._more = button("", self.unfold, flat=True)
        self._more_body = QWidget()
        self._more_grid = grid()
        self._more_body.setLayout(self._more_grid)
        box = self.layout()
        assert box is not None
        box.addWidget(self._more)
        box.addWidget(self._more_body)

    @property
    def kind(self) -> str:
        """The kind whose roles are shown."""
        return self._kind

    def title_of(self, role: str) -> str:
        kind = self._kinds.get(self._kind)
        return next((one.title for one in kind.roles if one.name == role), role) if kind else role

    def titles(self) -> dict[str, str]:
        """Column -> what it is used as, in the order of the form."""
        return {combo.column(): self.title_of(role) for role, combo in self.roles.items() if combo.column()}

    def show_preview(self, preview: Preview) -> None:
        self._preview = preview
        kind = self._kinds.get(preview.guess.kind)
        rows = bool(preview.probe.columns) and preview.probe.geometry != "raster"
        roles = kind.roles if kind is not None and rows else ()
        shown = (*self.roles, *(role.name for role in self._folded))
        if preview.guess.kind != self._kind or set(shown) != {role.name for role in roles}:
            self._kind = preview.guess.kind
            self._lay_out(roles, preview)
        elif any(preview.guess.roles.get(role.name) for role in self._folded):
            self._make_folded()
        for role in roles:
            if role.name in self.roles:
                self._show_role(role, preview)
        self.setVisible(bool(roles))

    def order(self) -> tuple[QWidget, ...]:
        """What the Tab key goes through, from top to bottom."""
        shown = list(self.roles.values())
        first = [combo for combo in shown if self.grid.indexOf(combo) >= 0]
        return (*first, self._more, *(combo for combo in shown if combo not in first))

    def unfold(self) -> None:
        """Show the other roles, or hide them again."""
        self._open = not self._open
        self._show_more()
        self.arranged.emit()

    def _show_role(self, role: Role, preview: Preview) -> None:
        chosen = preview.guess.roles.get(role.name, "")
        others = preview.guess.others.get(role.name, ())
        self.roles[role.name].show_columns(preview.probe.columns, chosen, others)
        doubtful = bool(others) and role.name not in preview.reading.roles
        missing = role.required and not chosen
        name = self._labels[role.name]
        look = "bad" if missing else "warn" if doubtful else ""
        if (name.property("role") or "") != look:
            name.setProperty("role", look)
            restyle(name)
        if missing:
            name.setToolTip(self.tr("Needed for this kind."))
        elif doubtful:
            several = ", ".join(isolated(one) for one in (chosen, *others) if one)
            name.setToolTip(self.tr("Several columns could be it: {0}").format(several))
        else:
            name.setToolTip(role.unit)

    def _lay_out(self, roles: Sequence[Role], preview: Preview) -> None:
        for place in (self.grid, self._more_grid):
            while (item := place.takeAt(0)) is not None:
                widget = item.widget()
                if widget is not None:
                    widget.deleteLater()
        self.roles, self._labels = {}, {}
        guess = preview.guess
        first = [
            role
            for role in roles
            if role.required or role.name in guess.roles or bool(guess.others.get(role.name))
        ]
        for role in first:
            self._add(role, self.grid)
        self._folded = tuple(role for role in roles if role not in first)
        self._more_count = len(self._folded)
        self._open = not first and guess.kind != "plain"
        self._show_more()

    def _add(self, role: Role, where: QGridLayout) -> None:
        combo = ColumnCombo()
        combo.setAccessibleName(role.title)
        combo.picked.connect(partial(self._picked, role.name))
        name = field_name(self.tr("{0} *").format(role.title) if role.required else role.title)
        row = where.rowCount()
        where.addWidget(name, row, 0, Qt.AlignmentFlag.AlignVCenter)
        where.addWidget(combo, row, 1)
        self.roles[role.name], self._labels[role.name] = combo, name

    def _make_folded(self) -> None:
        made, self._folded = self._folded, ()
        for role in made:
            self._add(role, self._more_grid)
            if self._preview is not None:
                self._show_role(role, self._preview)

    def _show_more(self) -> None:
        if self._open:
            self._make_folded()
        self._more.setVisible(self._more_count > 0)
        self._more_body.setVisible(self._open and self._more_count > 0)
        if self._open:
            self._more.setText(self.tr("Fewer columns"))
        else:
            self._more.setText(self.tr("More that a column could be ({0})").format(self._more_count))

    def _picked(self, role: str) -> None:
        self.decided.emit({"roles": {**self.now().roles, role: self.roles[role].column()}})
