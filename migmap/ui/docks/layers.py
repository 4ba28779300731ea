"""The layer list: what is on the map, in which order, how strongly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QListView,
    QMenu,
    QSlider,
    QStackedLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from .. import look
from ..desk import Desk
from ..models.layers import LayerListModel
from .layer_row import LayerRow
from .parts import label, page, rule

if TYPE_CHECKING:
    from migmap.app.project import Project


class LayersPanel(QWidget):
    """opacity_asked(layer id, opacity, final): final when the hand lets go of the slider."""

    opacity_asked = Signal(str, float, bool)
    opened = Signal(str)

    def __init__(self, desk: Desk, actions: dict[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._actions = actions
        page(self)
        self.model = LayerListModel(desk.facts, self)
        self.view = QListView()
        self.view.setModel(self.model)
        self.view.setItemDelegate(LayerRow(self.view))
        self.view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.view.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.view.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.view.setMouseTracking(True)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.view.setAccessibleName(self.tr("Layers"))
        self.view.customContextMenuRequested.connect(self._menu)
        self.view.doubleClicked.connect(self._double_clicked)

        empty = label(self.tr("No layers yet. Add files, or drop them on the map."), "soft", wrap=True)
        empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        empty.setMargin(2 * look.GAP)
        self._stack = QStackedLayout()
        self._stack.addWidget(self.view)
        self._stack.addWidget(empty)

        tools = QHBoxLayout()
        tools.setContentsMargins(look.GAP, 3, look.GAP, 3)
        tools.setSpacing(2)
        for name in ("raise_layer", "lower_layer", "zoom_layer", "layer_table", "remove_layer"):
            if name == "remove_layer":
                tools.addStretch(1)
            made = QToolButton()
            made.setDefaultAction(actions[name])
            made.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
            made.setAccessibleName(actions[name].toolTip())
            tools.addWidget(made)

        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, 100)
        self.slider.setPageStep(10)
        self.slider.setAccessibleName(self.tr("Opacity of the chosen layer, in percent"))
        self.slider.setToolTip(self.tr("How strongly the chosen layer covers what is below"))
        self._percent = label("", "soft")
        self._percent.setFixedWidth(40)
        self._percent.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        opacity = QHBoxLayout()
        opacity.setContentsMargins(look.GAP + 4, 2, look.GAP + 4, look.GAP)
        opacity.setSpacing(look.GAP)
        opacity.addWidget(label(self.tr("Opacity"), "soft"))
        opacity.addWidget(self.slider, 1)
        opacity.addWidget(self._percent)
        self.slider.valueChanged.connect(self._slid)
        self.slider.sliderReleased.connect(lambda: self._slid(self.slider.value()))

        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(tools)
        layout.addWidget(rule())
        layout.addLayout(self._stack, 1)
        layout.addWidget(rule())
        layout.addSpacing(4)
        layout.addLayout(opacity)

        selection = self.view.selectionModel()
        selection.currentChanged.connect(self._picked)
        desk.project_changed.connect(self._show)
        desk.data_changed.connect(self.model.refresh)
        desk.chosen_changed.connect(self._show_chosen)
        self._show_empty()
        self._show_opacity()

    def edit_name(self) -> None:
        """Open the name of the chosen layer for typing."""
        layer = self._desk.chosen
        row = self.model.row_of(layer.id) if layer else None
        if row is not None:
            self.view.setFocus()
            self.view.edit(self.model.index(row))

    def _show(self, _old: Project, new: Project) -> None:
        chosen = self._desk.chosen
        # A reset would tell us that nothing is current; the choice is the desk's to keep.
        self.view.selectionModel().blockSignals(True)
        self.model.show(new.layers)
        self.view.selectionModel().blockSignals(False)
        if chosen is None and new.layers:
            self._desk.choose(new.layers[-1].id)
        self._show_chosen()
        self._show_empty()

    def _show_empty(self) -> None:
        self._stack.setCurrentIndex(0 if self.model.rowCount() else 1)

    def _show_chosen(self, _layer_id: str = "") -> None:
        chosen = self._desk.chosen
        row = self.model.row_of(chosen.id) if chosen else None
        if row is not None:
            index = self.model.index(row)
            flags = QItemSelectionModel.SelectionFlag.ClearAndSelect
            selection = self.view.selectionModel()
            if selection.currentIndex() != index or not selection.isSelected(index):
                selection.setCurrentIndex(index, flags)
            self.view.viewport().update()
        self._show_opacity()

    def _picked(self, current: QModelIndex, _previous: QModelIndex) -> None:
        layer = self.model.layer_at(current)
        if layer is not None:
            self._desk.choose(layer.id)

    def _show_opacity(self) -> None:
        layer = self._desk.chosen
        self.slider.setEnabled(layer is not None)
        percent = round(layer.opacity * 100) if layer else 100
        if not self.slider.isSliderDown():
            self.slider.blockSignals(True)
            self.slider.setValue(percent)
            self.slider.blockSignals(False)
        self._percent.setText(f"{self.slider.value()} %" if layer else "")

    def _slid(self, value: int) -> None:
        layer = self._desk.chosen
        self._percent.setText(f"{value} %")
        if layer is not None:
            self.opacity_asked.emit(layer.id, value / 100, not self.slider.isSliderDown())

    def _double_clicked(self, index: QModelIndex) -> None:
        layer = self.model.layer_at(index)
        if layer is not None:
            self.opened.emit(layer.id)

    def _menu(self, where: QPoint) -> None:
        index = self.view.indexAt(where)
        if not index.isValid():
            return
        self._picked(index, index)
        menu = self.context_menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.view.viewport().mapToGlobal(where))

    def context_menu(self) -> QMenu:
        """The menu of the chosen layer."""
        menu = QMenu(self)
        for name in (
            "zoom_layer",
            "layer_table",
            "layer_findings",
            "join_layer",
            "check_layer",
            "layer_reading",
            "layer_properties",
            "reload_layer",
        ):
            menu.addAction(self._actions[name])
        menu.addSeparator()
        for name in ("rename_layer", "toggle_layer", "raise_layer", "lower_layer"):
            menu.addAction(self._actions[name])
        menu.addSeparator()
        menu.addAction(self._actions["export_layer"])
        menu.addAction(self._actions["remove_layer"])
        return menu
