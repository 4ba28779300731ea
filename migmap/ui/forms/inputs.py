"""Editors that name a layer of the project, or a column of the layer another editor names."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QWidget

from migmap.api import Data, ParamField, RasterData, VectorData
from migmap.app.project import Layer
from migmap.app.shapes import shapes

from ..desk import Desk
from ..icons import icon
from ..words import isolated
from .fields import FieldEditor


class InputEditor(FieldEditor):
    """Names one or several layers of the project. file_asked: the person wants to add a file instead."""

    file_asked = Signal()

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The layers chosen, in order."""
        raise NotImplementedError

    @property
    def datas(self) -> tuple[Data, ...]:
        """What is read of them."""
        raise NotImplementedError

    @property
    def layer(self) -> Layer | None:
        """The first of them."""
        return self.layers[0] if self.layers else None

    @property
    def data(self) -> Data | None:
        return self.datas[0] if self.datas else None

    def choose(self, layer_id: str) -> None:
        """This layer alone; "" for none."""
        raise NotImplementedError

    def fitting(self) -> list[Layer]:
        """Layers of the project that may stand here, the likeliest first."""
        raise NotImplementedError

    def refresh(self, first: bool = False) -> None:
        """Show the layers there are now."""
        raise NotImplementedError


class LayerEditor(InputEditor):
    """A layer of the project that fits, preferred kinds first. value(): its source, as a reference."""

    def __init__(self, field: ParamField, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        self._desk = desk
        self._chosen = ""
        self.combo = QComboBox()
        self.combo.setMinimumContentsLength(24)
        self.combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.combo.activated.connect(self._picked)
        self.place(self.combo)
        self.refresh(first=True)

    @property
    def layer(self) -> Layer | None:
        if not self._chosen or not self._desk.ready:
            return None
        try:
            return self._desk.project.layer(self._chosen)
        except KeyError:
            return None

    @property
    def layers(self) -> tuple[Layer, ...]:
        layer = self.layer
        return () if layer is None else (layer,)

    @property
    def datas(self) -> tuple[Data, ...]:
        layer = self.layer
        data = self._desk.data_of(layer) if layer is not None else None
        return () if data is None else (data,)

    def value(self) -> Any:
        layer = self.layer
        return layer.source if layer is not None else None

    def set_value(self, value: Any) -> None:
        """A reference, or None."""
        for layer in self._desk.project.layers:
            if layer.source == value:
                self.choose(layer.id)
                return
        self.choose("")

    def choose(self, layer_id: str) -> None:
        self._chosen = layer_id
        self.combo.setCurrentIndex(max(0, self.combo.findData(layer_id)))
        self.show_fault()
        self.changed.emit()

    def fault(self) -> str:
        if self.layer is None:
            if self.field.required and not self.fitting():
                return self.tr("No layer on the map fits. Add a file with {0}.").format(self._wanted())
            return self.tr("Choose a layer.") if self.field.required else ""
        return ""

    def fitting(self) -> list[Layer]:
        kinds = self.field.vector.kinds if self.field.vector else ()
        kinds += self.field.raster.kinds if self.field.raster else ()
        fits = []
        for place, layer in enumerate(reversed(self._desk.project.layers)):
            data = self._desk.data_of(layer)
            if data is None or not self._accepts(data):
                continue
            rank = kinds.index(layer.kind) if layer.kind in kinds else len(kinds)
            fits.append((layer.run is not None, rank, place, layer))
        return [entry[3] for entry in sorted(fits, key=lambda entry: entry[:3])]

    def likeliest(self) -> str:
        """The id of the layer this field most likely means: one of a kind it prefers; "" otherwise."""
        kinds = self.field.vector.kinds if self.field.vector else ()
        kinds += self.field.raster.kinds if self.field.raster else ()
        for layer in self.fitting():
            if layer.kind in kinds and layer.run is None:
                return layer.id
        return ""

    def refresh(self, first: bool = False) -> None:
        kept = self._chosen
        self.combo.blockSignals(True)
        self.combo.clear()
        self.combo.addItem(self.tr("Choose a layer…") if self.field.required else self.tr("none"), "")
        if self._desk.ready:
            kinds = self._desk.workbench.registry.kinds()
            for layer in self.fitting():
                kind = kinds.get(layer.kind)
                self.combo.addItem(icon(kind.icon if kind else "mdi6.layers-outline"), layer.title, layer.id)
                tip = isolated(layer.source)
                self.combo.setItemData(self.combo.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
        self.combo.insertSeparator(self.combo.count())
        self.combo.addItem(icon("mdi6.layers-plus"), self.tr("Add a file…"), "+")
        if first and self._desk.ready:
            kept = self.likeliest()
        found = self.combo.findData(kept) if kept else 0
        self._chosen = kept if found > 0 else ""
        self.combo.setCurrentIndex(max(0, found))
        self.combo.blockSignals(False)

    def _picked(self, row: int) -> None:
        data = self.combo.itemData(row)
        if data == "+":
            self.combo.setCurrentIndex(max(0, self.combo.findData(self._chosen)))
            self.file_asked.emit()
            return
        self._chosen = data or ""
        self._edited()

    def _accepts(self, data: Data) -> bool:
        if isinstance(data, RasterData):
            return self.field.raster is not None
        if self.field.vector is None:
            return False
        wanted = self.field.vector.geometry
        return any(shape in wanted for shape in shapes(data)) or not shapes(data)

    def _wanted(self) -> str:
        words = []
        if self.field.vector is not None:
            names = {"point": self.tr("points"), "line": self.tr("lines"), "polygon": self.tr("polygons")}
            words += [names[shape] for shape in self.field.vector.geometry]
        if self.field.raster is not None:
            words.append(self.tr("a raster"))
        return self.tr(" or ").join(words)


class ColumnEditor(FieldEditor):
    """A column of the layer that `source` names (the first with columns), filled in by role."""

    def __init__(self, field: ParamField, source: InputEditor, parent: QWidget | None = None) -> None:
        super().__init__(field, parent)
        self._source = source
        self._layer_id = ""
        self._by_hand = False
        self.combo = QComboBox()
        self.combo.setMinimumContentsLength(24)
        self.combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.combo.activated.connect(self._picked)
        self.place(self.combo)
        source.changed.connect(self.refresh)
        self.refresh()

    def value(self) -> Any:
        return self.combo.currentData() or None

    def set_value(self, value: Any) -> None:
        self._by_hand = True
        self.combo.setCurrentIndex(max(0, self.combo.findData(value)))

    def fault(self) -> str:
        if self.value() is None and self.field.required:
            return self.tr("Choose a column.")
        return ""

    def refresh(self) -> None:
        data = next((one for one in self._source.datas if isinstance(one, VectorData)), None)
        layer_id = ",".join(layer.id for layer in self._source.layers)
        kept = self.value() if layer_id == self._layer_id else None
        same = layer_id == self._layer_id
        self._layer_id = layer_id
        self.combo.blockSignals(True)
        self.combo.clear()
        self.combo.addItem(self.tr("not set"), None)
        if isinstance(data, VectorData) and self.field.column is not None:
            assert self.field.column is not None
            for name in data.frame.columns:
                if name == data.frame.geometry.name:
                    continue
                if self.field.column.numeric and data.frame[name].dtype.kind not in "fiu":
                    continue
                self.combo.addItem(str(name), str(name))
            wanted = kept
            if not same or (kept is None and not self._by_hand):
                wanted = data.roles.get(self.field.column.role) if self.field.column.role else None
                self._by_hand = False
            self.combo.setCurrentIndex(max(0, self.combo.findData(wanted)))
        self.combo.setEnabled(self.combo.count() > 1)
        self.combo.blockSignals(False)
        self.show_fault()
        self.changed.emit()

    def _picked(self, _row: int) -> None:
        self._by_hand = True
        self._edited()
