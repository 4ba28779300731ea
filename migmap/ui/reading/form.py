"""What a person decides about a file: kind, columns, where it is, how its text is laid out."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from migmap.api import LayerKind, Reading, Role

from .. import look
from ..docks.parts import button, label, page, tool
from ..icons import icon
from ..words import isolated, number
from .columns import ColumnCombo
from .places import CrsField

if TYPE_CHECKING:
    from migmap.app.preview import Preview

POSITIONS = ("latitude", "longitude", "position")
TABLE_DRIVERS = ("CSV", "TSV", "XLSX", "XLS", "ODS")
LABELS = 112
"""Pixels for the names of fields; longer ones wrap."""


def is_table(preview: Preview) -> bool:
    return preview.probe.driver.upper() in TABLE_DRIVERS


class ReadingForm(QScrollArea):
    """changed(Reading): something was decided. part_chosen(name): another sheet of the same file."""

    changed = Signal(object)
    part_chosen = Signal(str)

    def __init__(self, kinds: Mapping[str, LayerKind], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kinds = dict(kinds)
        self._reading = Reading()
        self._preview: Preview | None = None
        self.roles: dict[str, ColumnCombo] = {}
        self._role_labels: dict[str, QLabel] = {}
        self._shown_kind = ""
        self._more_open = False
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
        self._make_roles()
        self._make_where()
        self._make_file()
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
        self._show_roles(preview)
        self._show_where(preview)
        self._show_file(preview, parts, part)

    def titles(self) -> dict[str, str]:
        """Column -> what it is used as, in the order of the form."""
        return {
            combo.column(): self.title_of(role) for role, combo in self.roles.items() if combo.column()
        } | {
            combo.column(): self._position_title(role)
            for role, combo in self.positions.items()
            if combo.column()
        }

    def title_of(self, role: str) -> str:
        kind = self._kinds.get(self._shown_kind)
        return next((one.title for one in kind.roles if one.name == role), role) if kind else role

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
        if self._preview is None or name == self._shown_kind:
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

    # -- roles --------------------------------------------------------------------------------

    def _make_roles(self) -> None:
        self._columns_heading = label(self.tr("Columns"), "heading")
        self._box.addWidget(self._columns_heading)
        self._roles_grid = _grid()
        self._box.addLayout(self._roles_grid)
        self._more = button("", self._toggle_more, flat=True)
        self._box.addWidget(self._more)
        self._more_body = QWidget()
        self._more_grid = _grid()
        self._more_body.setLayout(self._more_grid)
        self._box.addWidget(self._more_body)

    def _show_roles(self, preview: Preview) -> None:
        kind = self._kinds.get(preview.guess.kind)
        rows = bool(preview.probe.columns) and preview.probe.geometry != "raster"
        roles = kind.roles if kind is not None and rows else ()
        if preview.guess.kind != self._shown_kind or set(self.roles) != {role.name for role in roles}:
            self._shown_kind = preview.guess.kind
            self._lay_out_roles(roles, preview)
        for role in roles:
            chosen = preview.guess.roles.get(role.name, "")
            others = preview.guess.others.get(role.name, ())
            self.roles[role.name].show_columns(preview.probe.columns, chosen, others)
            doubtful = bool(others) and role.name not in preview.reading.roles
            missing = role.required and not chosen
            name = self._role_labels[role.name]
            name.setProperty("role", "bad" if missing else "warn" if doubtful else "")
            name.style().unpolish(name)
            name.style().polish(name)
            if missing:
                name.setToolTip(self.tr("Needed for this kind."))
            elif doubtful:
                several = ", ".join(isolated(one) for one in (chosen, *others) if one)
                name.setToolTip(self.tr("Several columns could be it: {0}").format(several))
            else:
                name.setToolTip(role.unit)

    def _lay_out_roles(self, roles: tuple[Role, ...], preview: Preview) -> None:
        for grid in (self._roles_grid, self._more_grid):
            while (item := grid.takeAt(0)) is not None:
                widget = item.widget()
                if widget is not None:
                    widget.deleteLater()
        self.roles, self._role_labels = {}, {}
        folded = 0
        for role in roles:
            first = (
                role.required or role.name in preview.guess.roles or bool(preview.guess.others.get(role.name))
            )
            grid = self._roles_grid if first else self._more_grid
            folded += not first
            combo = ColumnCombo()
            combo.setAccessibleName(role.title)
            combo.picked.connect(partial(self._role_picked, role.name))
            text = self.tr("{0} *").format(role.title) if role.required else role.title
            name = _name(text)
            row = grid.rowCount()
            grid.addWidget(name, row, 0, Qt.AlignmentFlag.AlignVCenter)
            grid.addWidget(combo, row, 1)
            self.roles[role.name], self._role_labels[role.name] = combo, name
        self._more_open = folded == len(roles) and preview.guess.kind != "plain"
        self._columns_heading.setVisible(bool(roles))
        self._more.setVisible(bool(folded))
        self._folded = folded
        self._show_more()

    def _toggle_more(self) -> None:
        self._more_open = not self._more_open
        self._show_more()

    def _show_more(self) -> None:
        self._more_body.setVisible(self._more_open and self._folded > 0)
        if self._more_open:
            self._more.setText(self.tr("Fewer columns"))
        else:
            self._more.setText(self.tr("More that a column could be ({0})").format(self._folded))

    def _role_picked(self, role: str) -> None:
        self._change(roles={**self._reading.roles, role: self.roles[role].column()})

    # -- where --------------------------------------------------------------------------------

    def _make_where(self) -> None:
        self._where_heading = label(self.tr("Where it is"), "heading")
        self._box.addWidget(self._where_heading)
        grid = _grid()
        self.positions: dict[str, ColumnCombo] = {}
        self._position_labels: list[QLabel] = []
        for row, role in enumerate(POSITIONS):
            combo = ColumnCombo()
            combo.setAccessibleName(self._position_title(role))
            combo.picked.connect(partial(self._position_picked, role))
            name = _name(self._position_title(role))
            grid.addWidget(name, row, 0, Qt.AlignmentFlag.AlignVCenter)
            grid.addWidget(combo, row, 1)
            self.positions[role] = combo
            self._position_labels.append(name)
        self.crs = CrsField(self.tr("As found in the file"))
        self.crs.changed.connect(self._crs_picked)
        self._crs_label = _name(self.tr("Coordinate system"))
        grid.addWidget(self._crs_label, 3, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(self.crs, 3, 1)
        self._box.addLayout(grid)

    def _position_title(self, role: str) -> str:
        return {
            "latitude": self.tr("Latitude, or y"),
            "longitude": self.tr("Longitude, or x"),
            "position": self.tr("Both in one cell"),
        }[role]

    def _show_where(self, preview: Preview) -> None:
        table = is_table(preview)
        for role, name in zip(POSITIONS, self._position_labels, strict=True):
            combo = self.positions[role]
            chosen = preview.reading.roles.get(role) or preview.guess.roles.get(role, "")
            combo.show_columns(preview.probe.columns, chosen)
            if not chosen and role not in preview.reading.roles:
                combo.setItemText(0, self.tr("as found"))
            combo.setVisible(table)
            name.setVisible(table)
        wanted = table or preview.probe.crs is None
        for widget in (self.crs, self._crs_label):
            widget.setVisible(wanted)
        self._where_heading.setVisible(table or wanted)
        self.crs.show_crs(preview.reading.crs)

    def _position_picked(self, role: str) -> None:
        roles = dict(self._reading.roles)
        roles[role] = self.positions[role].column()
        # One cell with both, or two columns: never the two together.
        for other in ("latitude", "longitude") if role == "position" else ("position",):
            if roles[role]:
                roles.pop(other, None)
        if not roles[role]:
            del roles[role]
        self._change(roles=roles)

    def _crs_picked(self) -> None:
        crs = self.crs.crs()
        if crs != "" and crs != self._reading.crs:
            self._change(crs=crs)

    # -- file ---------------------------------------------------------------------------------

    def _make_file(self) -> None:
        self._file_heading = label(self.tr("The file"), "heading")
        self._box.addWidget(self._file_heading)
        grid = _grid()
        self.sheet = QComboBox()
        self.sheet.setAccessibleName(self.tr("Sheet or layer"))
        self.sheet.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.sheet.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.sheet.activated.connect(lambda _: self.part_chosen.emit(str(self.sheet.currentData())))
        self._sheet_label = _name(self.tr("Sheet"))
        self.header = QComboBox()
        for text, value in (
            (self.tr("As found"), "found"),
            (self.tr("In row"), "row"),
            (self.tr("In rows"), "rows"),
            (self.tr("There are none"), "none"),
        ):
            self.header.addItem(text, value)
        self.header.setAccessibleName(self.tr("Where the headings of the columns are"))
        self.header.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.header.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.header.activated.connect(lambda _: self._header_picked())
        self.first_row, self.last_row = QSpinBox(), QSpinBox()
        for spin, name in (
            (self.first_row, self.tr("First row of the headings")),
            (self.last_row, self.tr("Last row of the headings")),
        ):
            spin.setRange(1, 1000)
            spin.setAccessibleName(name)
            spin.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            spin.setKeyboardTracking(False)
            spin.valueChanged.connect(lambda _: self._header_picked())
        head = QHBoxLayout()
        head.setSpacing(4)
        head.addWidget(self.header, 1)
        head.addWidget(self.first_row)
        head.addWidget(self.last_row)
        self._header_label = _name(self.tr("Headings"))
        self.encoding = QComboBox()
        encodings: tuple[tuple[str, str | None], ...] = (
            (self.tr("As found"), None),
            ("UTF-8", "utf-8-sig"),
            (self.tr("Western (Windows 1252)"), "cp1252"),
            (self.tr("Arabic, Urdu (Windows 1256)"), "cp1256"),
            (self.tr("Western (Latin 1)"), "latin-1"),
            ("UTF-16", "utf-16"),
        )
        for text, codec in encodings:
            self.encoding.addItem(text, codec)
        self.encoding.setAccessibleName(self.tr("Letters of the file"))
        self.encoding.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.encoding.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.encoding.activated.connect(lambda _: self._change(encoding=self.encoding.currentData()))
        self._encoding_label = _name(self.tr("Letters"))
        self.choices: QPushButton = button("", self._ask_choices)
        self._no_choices = tool(
            "mdi6.close", self.tr("Without labels"), lambda: self._change(choices=None), look.SOFT_INK
        )
        labels = QWidget()
        row = QHBoxLayout(labels)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.choices)
        row.addWidget(self._no_choices)
        row.addStretch(1)
        self._choices_label = _name(self.tr("Labels of a form"))
        headings = QWidget()
        headings.setLayout(head)
        head.setContentsMargins(0, 0, 0, 0)
        fields: tuple[tuple[QLabel, QWidget], ...] = (
            (self._sheet_label, self.sheet),
            (self._header_label, headings),
            (self._encoding_label, self.encoding),
            (self._choices_label, labels),
        )
        for place, (title, field) in enumerate(fields):
            grid.addWidget(title, place, 0, Qt.AlignmentFlag.AlignVCenter)
            grid.addWidget(field, place, 1)
        self._box.addLayout(grid)

    def _show_file(self, preview: Preview, parts: tuple[str, ...], part: str) -> None:
        table = is_table(preview)
        text_file = preview.probe.driver.upper() in ("CSV", "TSV", "ESRI SHAPEFILE", "MAPINFO FILE")
        self.sheet.clear()
        for part_name in parts:
            self.sheet.addItem(isolated(part_name), part_name)
        self.sheet.setCurrentIndex(max(0, self.sheet.findData(part)))
        several = len(parts) > 1
        self._sheet_label.setText(self.tr("Sheet") if table else self.tr("Part of the file"))
        for widget in (self.sheet, self._sheet_label):
            widget.setVisible(several)
        rows = preview.reading.header
        mode = "found" if rows is None else "none" if not rows else "row" if len(rows) == 1 else "rows"
        self.header.setCurrentIndex(self.header.findData(mode))
        for spin, row in ((self.first_row, rows[0] if rows else 1), (self.last_row, rows[-1] if rows else 2)):
            blocked = spin.blockSignals(True)
            spin.setValue(row)
            spin.blockSignals(blocked)
        self.first_row.setVisible(table and mode in ("row", "rows"))
        self.last_row.setVisible(table and mode == "rows")
        for one in (self.header, self._header_label, self.choices, self._choices_label):
            one.setVisible(table)
        self.encoding.setCurrentIndex(max(0, self.encoding.findData(preview.reading.encoding)))
        for widget in (self.encoding, self._encoding_label):
            widget.setVisible(text_file)
        form = preview.reading.choices
        self._no_choices.setVisible(table and bool(form))
        self.choices.setText(isolated(Path(form).name) if form else self.tr("Choose an XLSForm…"))
        self.choices.setToolTip(
            self.tr("The questionnaire (XLSForm) whose labels replace the codes of the answers")
        )
        self._file_heading.setVisible(table or text_file or several)

    def _header_picked(self) -> None:
        mode = self.header.currentData()
        if mode == "rows" and self.last_row.value() <= self.first_row.value():
            blocked = self.last_row.blockSignals(True)
            self.last_row.setValue(self.first_row.value() + 1)
            self.last_row.blockSignals(blocked)
        rows: tuple[int, ...] | None = None
        if mode == "none":
            rows = ()
        elif mode == "row":
            rows = (self.first_row.value(),)
        elif mode == "rows":
            rows = tuple(range(self.first_row.value(), self.last_row.value() + 1))
        if rows != self._reading.header:
            # Other headings are other columns: what was said of the old ones no longer holds.
            self._change(header=rows, roles={})

    def _ask_choices(self) -> None:
        dialog = QFileDialog(self, self.tr("The questionnaire of this form"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters([self.tr("XLSForm") + " (*.xlsx *.xls)", self.tr("All files") + " (*)"])
        dialog.fileSelected.connect(lambda path: self._change(choices=path))
        dialog.finished.connect(dialog.deleteLater)
        dialog.setModal(True)
        dialog.open()

    # -- all ----------------------------------------------------------------------------------

    def _change(self, **values: object) -> None:
        reading = self._reading.changed(**values)
        if reading != self._reading:
            self._reading = reading
            self.changed.emit(reading)

    def decide(self, **values: object) -> None:
        """Change fields of the Reading that other parts of the dialog hold."""
        self._change(**values)


def _name(text: str) -> QLabel:
    made = label(text, wrap=True)
    made.setFixedWidth(LABELS)
    return made


def _grid() -> QGridLayout:
    grid = QGridLayout()
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(look.GAP)
    grid.setVerticalSpacing(6)
    grid.setColumnStretch(1, 1)
    return grid
