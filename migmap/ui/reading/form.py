"""What a person decides about a file: kind, columns, where it is, how its text is laid out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QScrollArea, QVBoxLayout, QWidget

from migmap.api import LayerKind, Reading

from .. import look
from ..docks.parts import label, page
from ..icons import icon
from ..words import number
from .layout import LayoutSection
from .roles import RolesSection
from .where import POSITIONS, WhereSection

if TYPE_CHECKING:
    from migmap.app.preview import Preview


class ReadingForm(QScrollArea):
    """changed(Reading): something was decided. part_chosen(name): another sheet of the same file."""

    changed = Signal(object)
    part_chosen = Signal(str)

    def __init__(self, kinds: Mapping[str, LayerKind], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kinds = dict(kinds)
        self._reading = Reading()
        self._preview: Preview | None = None
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(self.tr("How the file is read"))
        body = page(QWidget())
        self._box = QVBoxLayout(body)
        self._box.setContentsMargins(2 * look.GAP, look.GAP, look.GAP + 4, look.GAP)
        self._box.setSpacing(look.GAP)
        self.setWidget(body)
        self._make_kind()
        self._make_people()
        self.columns = RolesSection(kinds, self.reading)
        self.columns.decided.connect(lambda values: self._change(**values))
        self.columns.arranged.connect(self._order)
        self._box.addWidget(self.columns)
        self.where = WhereSection(self.reading)
        self.where.decided.connect(lambda values: self._change(**values))
        self._box.addWidget(self.where)
        self.layout_of_file = LayoutSection(self.reading)
        self.layout_of_file.decided.connect(lambda values: self._change(**values))
        self.layout_of_file.part_chosen.connect(self.part_chosen)
        self._box.addWidget(self.layout_of_file)
        self._box.addStretch(1)

    def reading(self) -> Reading:
        return self._reading

    def show_preview(self, preview: Preview, parts: tuple[str, ...], part: str) -> None:
        """Show what was found under the preview's Reading. parts: sheets or layers of the file, `part`
        the one it is about."""
        self._preview = preview
        self._reading = preview.reading
        self._show_kind(preview)
        self._show_people(preview)
        self.columns.show_preview(preview)
        self._order()
        self.where.show_preview(preview)
        self.layout_of_file.show_preview(preview, parts, part)

    def _order(self) -> None:
        """The Tab key goes from top to bottom, although choices are made anew for each kind."""
        before: QWidget = self.people
        for widget in self.columns.order():
            QWidget.setTabOrder(before, widget)
            before = widget

    def titles(self) -> dict[str, str]:
        """Column -> what it is used as, in the order of the form."""
        return self.columns.titles() | self.where.titles()

    def title_of(self, role: str) -> str:
        return self.columns.title_of(role)

    # -- kind ---------------------------------------------------------------------------------

    def _make_kind(self) -> None:
        self._box.addWidget(label(self.tr("What it is"), "heading"))
        self.kind = QComboBox()
        self.kind.setAccessibleName(self.tr("Kind of layer"))
        self.kind.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.kind.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.kind.activated.connect(lambda _: self._kind_picked())
        self._box.addWidget(self.kind)
        self._reason = label("", "soft", wrap=True)
        self._box.addWidget(self._reason)

    def pick_kind(self, name: str) -> None:
        """As the person would."""
        self.kind.setCurrentIndex(self.kind.findData(name))
        self._kind_picked()

    def _show_kind(self, preview: Preview) -> None:
        order = [guess.kind for guess in preview.guesses]
        order += [name for name in self._kinds if name not in order]
        likely = {guess.kind for guess in preview.guesses if guess.score >= 0.2}
        self.kind.clear()
        for name in order:
            kind = self._kinds.get(name)
            if kind is not None:
                self.kind.addItem(
                    icon(kind.icon, look.ACCENT if name in likely else look.SOFT_INK), kind.title, name
                )
        self.kind.setCurrentIndex(max(0, self.kind.findData(preview.guess.kind)))
        if preview.reading.kind is not None:
            text = self.tr("As you chose.")
        elif preview.probe.stated.get("kind") == preview.guess.kind:
            text = self.tr("The file says so itself.")
        elif preview.guess.reason and preview.guess.kind != "plain":
            text = self.tr("Recognised by {0}.").format(preview.guess.reason)
        else:
            text = self.tr("Nothing tells what it is; choose a kind if you know it.")
        self._reason.setText(text)

    def _kind_picked(self) -> None:
        name = str(self.kind.currentData())
        if self._preview is None or name == self.columns.kind:
            return
        # Columns of positions mean the same whatever the kind; other roles belong to the kind.
        kept = {role: column for role, column in self._reading.roles.items() if role in POSITIONS}
        self._change(kind=name, roles=kept)

    # -- people of a raster -------------------------------------------------------------------

    def _make_people(self) -> None:
        self._people_label = label(self.tr("What a cell holds"), "heading")
        self._box.addWidget(self._people_label)
        self.people = QComboBox()
        self.people.setAccessibleName(self._people_label.text())
        self.people.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.people.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        units: tuple[tuple[str, str | None], ...] = (
            (self.tr("As the raster says"), None),
            (self.tr("People in the cell"), "count"),
            (self.tr("People per square kilometre"), "density-km2"),
            (self.tr("People per hectare"), "density-ha"),
            (self.tr("People per ten hectares"), "density-10ha"),
        )
        for text, unit in units:
            self.people.addItem(text, unit)
        self._people_titles = {unit: text for text, unit in units}
        self.people.activated.connect(lambda _: self._change(people_unit=self.people.currentData()))
        self._box.addWidget(self.people)
        self._people_note = label("", "soft", wrap=True)
        self._box.addWidget(self._people_note)

    def _show_people(self, preview: Preview) -> None:
        shown = preview.probe.geometry == "raster" and preview.guess.kind == "population"
        for widget in (self._people_label, self.people, self._people_note):
            widget.setVisible(shown)
        self.people.setCurrentIndex(max(0, self.people.findData(preview.reading.people_unit)))

    def people_title(self, unit: str) -> str:
        return self._people_titles.get(unit, unit)

    def show_totals(self, totals: Mapping[str | None, float], said: bool) -> None:
        """How many people the raster holds under each meaning of its cells; said: the file says which."""
        for place in range(self.people.count()):
            unit = self.people.itemData(place)
            title = self._people_titles[unit]
            if unit is None and totals and not said:
                title = self.tr("Nobody said; taken as people in the cell")
            elif unit in totals:
                title = self.tr("{0}: {1} people in all").format(title, number(round(totals[unit])))
            self.people.setItemText(place, title)
        self._people_note.setText(
            self.tr("Choose the one whose total you know to be right.") if totals else ""
        )

    # -- all ----------------------------------------------------------------------------------

    def _change(self, **values: object) -> None:
        reading = self._reading.changed(**values)
        if reading != self._reading:
            self._reading = reading
            self.changed.emit(reading)

    def decide(self, **values: object) -> None:
        """Change fields of the Reading that other parts of the dialog hold."""
        self._change(**values)
