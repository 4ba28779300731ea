"""Editors that tick several of what a layer holds: its groups of people, its columns."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QListWidget, QListWidgetItem, QWidget

from migmap.api import ParamField, VectorData

from ..docks.parts import label
from .fields import FieldEditor
from .inputs import ColumnEditor, InputEditor

_ROW = 24


class TickEditor(FieldEditor):
    """A list of things to tick. value(): the ticked ones in the order of the list, None for none."""

    def __init__(self, field: ParamField, source: InputEditor, parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        self._source = source
        self._shown: tuple[str, tuple[tuple[str, str], ...]] | None = None
        self._by_hand = False
        self.list = QListWidget()
        self.list.setProperty("role", "ticks")
        self.list.setSelectionMode(QListWidget.SelectionMode.NoSelection)
        self.list.itemChanged.connect(self._ticked)
        self.nothing = label("", "soft", wrap=True)
        self.place(self.list)
        self.row.addWidget(self.nothing, 1)
        source.changed.connect(self.refresh)

    def ticked(self) -> list[str]:
        """What is ticked."""
        items = [self.list.item(row) for row in range(self.list.count())]
        return [
            str(item.data(Qt.ItemDataRole.UserRole))
            for item in items
            if item.checkState() == Qt.CheckState.Checked
        ]

    def value(self) -> Any:
        return self.ticked() or None

    def set_value(self, value: Any) -> None:
        wanted = [value] if isinstance(value, str) else list(value or ())
        self._by_hand = True
        self._tick(wanted)

    def refresh(self) -> None:
        """Show what the layer holds now; what was ticked stays while it is the same layer."""
        offered = tuple(self._offered())
        key = ",".join(layer.id for layer in self._source.layers)
        if (key, offered) == self._shown:
            return
        same = self._shown is not None and self._shown[0] == key
        kept = self.ticked() if same and self._by_hand else self._likely([value for value, _ in offered])
        self._by_hand = self._by_hand and same
        self._shown = (key, offered)
        self.list.blockSignals(True)
        self.list.clear()
        for value, words in offered:
            item = QListWidgetItem(words)
            item.setData(Qt.ItemDataRole.UserRole, value)
            item.setToolTip(value if value != words else "")
            item.setFlags(Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsEnabled)
            item.setCheckState(Qt.CheckState.Checked if value in kept else Qt.CheckState.Unchecked)
            self.list.addItem(item)
        self.list.blockSignals(False)
        self.list.setFixedHeight(min(len(offered), 4) * _ROW + 8)
        self.list.setVisible(bool(offered))
        self.nothing.setText(self._none_words())
        self.nothing.setVisible(not offered)
        self.changed.emit()

    def _tick(self, wanted: list[str]) -> None:
        self.list.blockSignals(True)
        for row in range(self.list.count()):
            item = self.list.item(row)
            found = item.data(Qt.ItemDataRole.UserRole) in wanted
            item.setCheckState(Qt.CheckState.Checked if found else Qt.CheckState.Unchecked)
        self.list.blockSignals(False)

    def _ticked(self, _item: QListWidgetItem) -> None:
        self._by_hand = True
        self._edited()

    def _vector(self) -> VectorData | None:
        return next((one for one in self._source.datas if isinstance(one, VectorData)), None)

    def _offered(self) -> Iterable[tuple[str, str]]:
        raise NotImplementedError

    def _likely(self, _values: list[str]) -> list[str]:
        return []

    def _none_words(self) -> str:
        raise NotImplementedError


class GroupsEditor(TickEditor):
    """Groups of people that columns of the layer count, beside the column of all people."""

    def __init__(
        self,
        field: ParamField,
        source: InputEditor,
        people: FieldEditor | None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(field, source, parent)
        self._people = people
        if people is not None:
            people.changed.connect(self.refresh)
        self.refresh()

    def value(self) -> Any:
        ticked = self.ticked()
        return ["all"] if ticked and len(ticked) == self.list.count() else ticked or None

    def set_value(self, value: Any) -> None:
        wanted = [value] if isinstance(value, str) else list(value or ())
        if wanted == ["all"]:
            wanted = [
                str(self.list.item(row).data(Qt.ItemDataRole.UserRole)) for row in range(self.list.count())
            ]
        super().set_value(wanted)

    def _offered(self) -> Iterable[tuple[str, str]]:
        from migmap.geo.peoplegroups import columns_of_groups

        data = self._vector()
        total = self._people.value() if self._people is not None else None
        if data is None or not total:
            return []
        found = columns_of_groups(data, str(total))
        return [
            (name, f"{name}  ({one.column})" if name != one.column else name) for name, one in found.items()
        ]

    def _none_words(self) -> str:
        return self.tr("The layer has no columns that break the people down.")


class ColumnsEditor(TickEditor):
    """Several columns of the layer; with `upper` those of the levels above the layer's own come first and
    are ticked."""

    def __init__(self, field: ParamField, source: InputEditor, parent: QWidget | None = None) -> None:
        super().__init__(field, source, parent)
        self.refresh()

    def _offered(self) -> Iterable[tuple[str, str]]:
        data = self._vector()
        if data is None:
            return []
        above = _levels_above(data) if self.field.column is not None and self.field.column.upper else []
        others = [
            str(name)
            for name in data.frame.columns
            if name != data.frame.geometry.name
            and name not in above
            and data.frame[name].dtype.kind not in "fcmM"
            and 1 < data.frame[name].nunique(dropna=True) < len(data.frame)
        ]
        return [(name, name) for name in (*above, *others)]

    def _likely(self, values: list[str]) -> list[str]:
        data = self._vector()
        if data is None or self.field.column is None or not self.field.column.upper:
            return []
        return [name for name in _levels_above(data) if name in values]

    def _none_words(self) -> str:
        return self.tr("The layer has no column that puts its rows together.")


def _levels_above(data: VectorData) -> list[str]:
    """The columns with the names of upper levels (the P-code where there is no name), the nearest first: of
    those only that put several rows together."""
    found = []
    for level in (4, 3, 2, 1, 0):
        for role in (f"adm{level}_name", f"adm{level}_pcode"):
            column = data.roles.get(role)
            if column is not None and column not in (data.roles.get("name"), data.roles.get("pcode")):
                found.append(column)
                break
    return [
        column
        for column in found
        if column in data.frame and 1 < data.frame[column].nunique() < len(data.frame)
    ]


class ClassEditor(FieldEditor):
    """A class by its label: any text, and those that are known are offered."""

    def __init__(self, field: ParamField, parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        from PySide6.QtWidgets import QComboBox

        self.combo = QComboBox()
        self.combo.setEditable(True)
        self.combo.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        line = self.combo.lineEdit()
        assert isinstance(line, QLineEdit)
        line.setPlaceholderText(self.tr("not set"))
        line.textEdited.connect(lambda _: self._edited())
        self.combo.activated.connect(lambda _: self._edited())
        self._labels: tuple[str, ...] = ()
        self.place(self.combo, field.unit)

    def offer(self, labels: Iterable[str]) -> None:
        """The classes there are, mildest first."""
        known = tuple(labels)
        if known == self._labels:
            return
        self._labels = known
        text = self.combo.currentText()
        self.combo.blockSignals(True)
        self.combo.clear()
        self.combo.addItem("")
        self.combo.addItems(list(known))
        self.combo.setEditText(text)
        self.combo.blockSignals(False)

    def value(self) -> Any:
        return self.combo.currentText().strip() or None

    def set_value(self, value: Any) -> None:
        self.combo.setEditText("" if value is None else str(value))

    def fault(self) -> str:
        value = self.value()
        if value is None:
            return self._required()
        if self._labels and value not in self._labels:
            return self.tr("“{0}” is none of the classes {1}.").format(value, ", ".join(self._labels))
        return ""


__all__ = ["ClassEditor", "ColumnEditor", "ColumnsEditor", "GroupsEditor", "TickEditor"]
