"""Several layers for one input, each with what goes along with it: a table with a row a layer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from migmap.api import Data, ParamField
from migmap.app.project import Layer

from .. import look
from ..desk import Desk
from ..docks.parts import button, label, tool
from ..words import counted
from . import sets
from .beside import ProfileEditor
from .fields import FieldEditor, NumberEditor, TextEditor
from .inputs import InputEditor, LayerEditor


class BesideEditor(FieldEditor):
    """The values of one field in the rows of a LayersEditor. value(): one a row, or one for all where the
    field may be shared and all are the same; None where no row has one."""

    def __init__(self, field: ParamField, parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        assert field.beside is not None
        self._shared = field.beside.shared
        self.cells: list[FieldEditor] = []
        self._edit = self
        self._box.addWidget(self._fault)
        self.by_hand = False

    def cell(self) -> FieldEditor:
        """An editor for one row."""
        one = replace(self.field, many=False, repeat=False, required=False, optional=True, beside=None)
        made: FieldEditor
        if one.profile is not None:
            made = ProfileEditor(one)
            made.combo.setMinimumWidth(120)
        elif one.type in (int, float):
            made = NumberEditor(replace(one, unit=""))
            made.line.setPlaceholderText("")
            made.setFixedWidth(96)
            # The column is as narrow as a number: no room is left beside it.
            made.row.takeAt(made.row.count() - 1)
        else:
            made = TextEditor(replace(one, metavar=""))
            made.line.setPlaceholderText("")
            made.setMinimumWidth(80)
        made.quiet = True
        made.changed.connect(self._typed)
        return made

    def value(self) -> Any:
        values = [cell.value() for cell in self.cells]
        if not values or any(one is None for one in values):
            return None
        if self._shared and len(set(values)) == 1:
            return values[:1]
        return values

    def set_value(self, value: Any) -> None:
        values = [] if value is None else list(value) if isinstance(value, list | tuple) else [value]
        if self._shared and len(values) == 1:
            values *= len(self.cells)
        for row, cell in enumerate(self.cells):
            cell.set_value(values[row] if row < len(values) else None)
        self.by_hand = bool(values)
        self.changed.emit()

    def fill(self, values: Sequence[Any] | None) -> None:
        """What the layers themselves suggest, a value or None a row: for all of them where nobody said
        otherwise, else for the rows that are still blank beside others."""
        given = [cell.value() is not None for cell in self.cells]
        for row, cell in enumerate(self.cells):
            if not self.by_hand:
                cell.set_value(values[row] if values is not None else None)
            elif any(given) and not given[row] and values is not None:
                cell.set_value(values[row])

    def fault(self) -> str:
        for cell in self.cells:
            wrong = cell.fault()
            if wrong:
                return wrong
        missing = [row + 1 for row, cell in enumerate(self.cells) if cell.value() is None]
        if missing and len(missing) < len(self.cells):
            return self.tr("{0}: give one in every row, or in none.").format(self.field.title)
        return ""

    def show_fault(self, *, force: bool = False, said: str = "") -> None:
        super().show_fault(force=force, said=said)
        for cell in self.cells:
            cell.show_fault(force=force)

    def _typed(self) -> None:
        self.by_hand = True
        self._edited()


class _Row:
    """One layer with its cells and its buttons."""

    def __init__(self, layer: LayerEditor, cells: list[FieldEditor], buttons: QWidget) -> None:
        self.layer = layer
        self.cells = cells
        self.buttons = buttons

    def widgets(self) -> list[QWidget]:
        return [self.layer, *self.cells, self.buttons]


class LayersEditor(InputEditor):
    """One or several layers in order. value(): their sources. Rows are added, taken away and moved; the
    layers of one ladder of return periods are offered together."""

    def __init__(
        self,
        field: ParamField,
        beside: Sequence[ParamField],
        desk: Desk,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(field, parent)
        self._desk = desk
        self._one = replace(field, many=False, repeat=False)
        self.beside = {one.name: BesideEditor(one, self) for one in beside}
        self.rows: list[_Row] = []
        table = QWidget()
        self._grid = QGridLayout(table)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(6)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(0, 5)
        self._heads = [label(field.title, "soft"), *(label(_head(one), "soft") for one in beside)]
        for column, (head, one) in enumerate(zip(self._heads, (field, *beside), strict=True)):
            head.setToolTip(one.description)
            self._grid.addWidget(head, 0, column, Qt.AlignmentFlag.AlignBottom)
            if column and one.type not in (int, float):
                self._grid.setColumnStretch(column, 4 if one.profile is not None else 2)
        foot = QHBoxLayout()
        foot.setSpacing(look.GAP)
        self.add_button = button(self.tr("Add another"), self.add, icon_name="mdi6.plus", flat=True)
        self.set_button = button("", self.add_set, icon_name="mdi6.layers-plus", flat=True)
        foot.addWidget(self.add_button)
        foot.addWidget(self.set_button)
        foot.addStretch(1)
        self.place(table)
        self._box.insertLayout(1, foot)
        for editor in self.beside.values():
            self._box.addWidget(editor)
            editor.changed.connect(self.changed.emit)
        self.refresh(first=True)

    # -- what is chosen -----------------------------------------------------------------------

    @property
    def layers(self) -> tuple[Layer, ...]:
        return tuple(layer for row in self.rows if (layer := row.layer.layer) is not None)

    @property
    def datas(self) -> tuple[Data, ...]:
        return tuple(data for row in self.rows for data in row.layer.datas)

    def value(self) -> Any:
        return [layer.source for layer in self.layers] or None

    def set_value(self, value: Any) -> None:
        texts = [value] if isinstance(value, str) else list(value or ())
        known = {layer.source: layer.id for layer in self._desk.project.layers}
        self._set([known[text] for text in texts if text in known])

    def choose(self, layer_id: str) -> None:
        self._set([layer_id] if layer_id else [])

    def choose_all(self, layer_ids: Sequence[str]) -> None:
        """These layers, in this order."""
        self._set(list(layer_ids))

    def fitting(self) -> list[Layer]:
        return self.rows[0].layer.fitting()

    def fault(self) -> str:
        if not self.layers:
            return self.rows[0].layer.fault()
        if any(row.layer.layer is None for row in self.rows):
            return self.tr("Choose a layer in every row, or take the row away.")
        sources = [layer.source for layer in self.layers]
        twice = next((layer for layer in self.layers if sources.count(layer.source) > 1), None)
        if twice is not None:
            return self.tr("{0} is there twice.").format(twice.title)
        return ""

    # -- rows ---------------------------------------------------------------------------------

    def add(self) -> None:
        """An empty row at the end."""
        self._new_row()
        self._lay_out()
        self.rows[-1].layer.setFocus()
        self.changed.emit()

    def add_set(self) -> None:
        """The rest of the ladder of the first layer, all in order of return period."""
        first = self.layer
        if first is not None:
            self._set([one.id for one in sets.in_order([first, *sets.mates(first, self.fitting())])])
            self._edited()

    def remove(self, row: _Row) -> None:
        """Take a row away; the last one is emptied."""
        if len(self.rows) == 1:
            row.layer.choose("")
            return
        place = self.rows.index(row)
        self._drop(row)
        self._fill()
        self._lay_out()
        self.rows[min(place, len(self.rows) - 1)].layer.setFocus()
        self._edited()

    def shift(self, row: _Row, step: int) -> None:
        """Move a row up (-1) or down (1)."""
        place = self.rows.index(row)
        wanted = place + step
        if 0 <= wanted < len(self.rows):
            self.rows.insert(wanted, self.rows.pop(place))
            for index, editor in enumerate(self.beside.values()):
                editor.cells = [one.cells[index] for one in self.rows]
            self._lay_out()
            self._edited()

    def refresh(self, first: bool = False) -> None:
        for row in self.rows:
            row.layer.refresh()
        if not self.rows:
            self._new_row()
        if first and self._desk.ready:
            likely = self.rows[0].layer.likeliest()
            if likely:
                layer = self._desk.project.layer(likely)
                ladder = sets.in_order([layer, *sets.mates(layer, self.fitting())])
                self._set([one.id for one in ladder])
                return
        self._fill()
        self._lay_out()

    def _set(self, layer_ids: list[str]) -> None:
        while len(self.rows) > max(1, len(layer_ids)):
            self._drop(self.rows[-1])
        while len(self.rows) < max(1, len(layer_ids)):
            self._new_row()
        for row, layer_id in zip(self.rows, layer_ids or [""], strict=True):
            row.layer.blockSignals(True)
            row.layer.choose(layer_id)
            row.layer.blockSignals(False)
        self._fill()
        self._lay_out()
        self.show_fault()
        self.changed.emit()

    def _new_row(self) -> None:
        layer = LayerEditor(self._one, self._desk)
        layer.quiet = True
        layer.combo.setMinimumContentsLength(14)
        layer.choose("")
        cells = []
        for editor in self.beside.values():
            cells.append(editor.cell())
            editor.cells.append(cells[-1])
        row = _Row(layer, cells, QWidget())
        moves = QHBoxLayout(row.buttons)
        moves.setContentsMargins(0, 0, 0, 0)
        moves.setSpacing(0)
        for name, tip, call in (
            ("mdi6.arrow-up", self.tr("Move up"), partial(self.shift, row, -1)),
            ("mdi6.arrow-down", self.tr("Move down"), partial(self.shift, row, 1)),
            ("mdi6.close", self.tr("Take away"), partial(self.remove, row)),
        ):
            moves.addWidget(tool(name, tip, call, look.SOFT_INK))
        layer.changed.connect(self._layer_changed)
        layer.file_asked.connect(self.file_asked)
        self.rows.append(row)

    def _drop(self, row: _Row) -> None:
        place = self.rows.index(row)
        self.rows.remove(row)
        for editor in self.beside.values():
            del editor.cells[place]
        for widget in row.widgets():
            self._grid.removeWidget(widget)
            widget.hide()
            widget.deleteLater()

    def _layer_changed(self) -> None:
        self._fill()
        self._lay_out()
        self._edited()

    def _fill(self) -> None:
        """What names say, into cells nobody filled by hand; and which profiles fit which layer."""
        layers = [row.layer.layer for row in self.rows]
        known = [layer for layer in layers if layer is not None]
        complete = len(known) == len(layers)
        for editor in self.beside.values():
            if editor.field.profile is not None:
                for layer, cell in zip(layers, editor.cells, strict=True):
                    if isinstance(cell, ProfileEditor):
                        hazard = sets.said(layer).hazard if layer is not None else None
                        cell.prefer([hazard] if hazard else [])
            elif editor.field.type in (int, float):
                editor.fill(sets.return_periods(known) if complete else None)
            else:
                editor.fill(sets.labels(known) if complete else None)

    def _lay_out(self) -> None:
        for row, one in enumerate(self.rows, 1):
            for column, widget in enumerate(one.widgets()):
                self._grid.addWidget(widget, row, column, Qt.AlignmentFlag.AlignTop)
                widget.show()
            arrows = one.buttons.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly)
            arrows[0].setEnabled(row > 1)
            arrows[1].setEnabled(row < len(self.rows))
            one.buttons.setVisible(len(self.rows) > 1)
        first = self.layer
        chosen = {layer.id for layer in self.layers}
        rest = [one for one in sets.mates(first, self.fitting()) if one.id not in chosen] if first else []
        self.set_button.setText(
            counted(
                self.tr("Add the other return period of this set"),
                self.tr("Add the {0} other return periods of this set"),
                len(rest),
            )
        )
        self.set_button.setVisible(bool(rest))


def _head(field: ParamField) -> str:
    return f"{field.title}\n({field.unit})" if field.unit else field.title


__all__ = ["BesideEditor", "LayersEditor"]
