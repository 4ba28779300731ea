"""What can be done with the chosen layer; each is one step to undo."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from migmap.api import RasterData, VectorData

from ..reading.where import POSITIONS
from ..words import isolated
from .base import Operations

if TYPE_CHECKING:
    from migmap.app.project import Layer, Project

    from ..dialogs.properties import Properties
    from ..main_window import MainWindow


class Layers(Operations):
    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._before_slide: Project | None = None

    def zoom(self) -> None:
        layer = self.desk.chosen
        if layer is not None and self.window.area.canvas is not None:
            self.window.area.canvas.zoom_to_layer(layer.id)

    def zoom_to(self, layer_id: str) -> None:
        self.desk.choose(layer_id)
        self.zoom()

    def table(self) -> None:
        self.window.show_dock("table")

    def show_row(self, layer_id: str, row: int) -> None:
        """Show a row of the frame in the table."""
        self.desk.choose(layer_id)
        self.window.show_dock("table")
        self.window.attributes.select(row)

    def show_feature(self, layer_id: str, row: int, lonlat: tuple[float, float] | None = None) -> None:
        """Show what a feature carries; row: position in the frame."""
        try:
            layer = self.desk.project.layer(layer_id)
        except KeyError:
            return
        data = self.desk.data_of(layer)
        if isinstance(data, VectorData) and 0 <= row < len(data.frame):
            self.desk.choose(layer_id)
            self.window.identify.show_feature(layer, data, row, lonlat)
            self.window.show_dock("identify")
            if self.window.attributes.isVisible():
                self.window.attributes.select(row)

    def show_cell(self, layer_id: str, value: float | None, lonlat: tuple[float, float]) -> None:
        """Show what a raster holds where the map was clicked; None outside, NaN without data."""
        layer = self._layer(layer_id)
        data = self.desk.data_of(layer) if layer is not None else None
        if layer is not None and isinstance(data, RasterData):
            self.window.identify.show_cell(layer, data, value, lonlat)
            self.window.show_dock("identify")

    def show_row_on_map(self, layer_id: str, row: int) -> None:
        """A row was double-clicked in the table."""
        self.show_feature(layer_id, row)
        canvas = self.window.area.canvas
        if canvas is not None:
            canvas.zoom_to_rows(layer_id, [row])
            canvas.select(layer_id, row)

    def point_to(self, layer_id: str, row: int) -> None:
        """A row was gone to in the table: mark it on the map, and on the card if that is open."""
        canvas = self.window.area.canvas
        if canvas is not None:
            canvas.select(layer_id, row)
        layer = self._layer(layer_id)
        data = self.desk.data_of(layer) if layer is not None else None
        if layer is not None and isinstance(data, VectorData) and self.window.identify.isVisible():
            self.window.identify.show_feature(layer, data, row, None)

    def findings(self) -> None:
        layer = self.desk.chosen
        if layer is None:
            return
        problem = self.desk.problem_of(layer)
        if problem is not None:
            self.desk.report(problem)
            return
        self.window.files.show_findings(layer.title, self.desk.findings_of(layer))

    def reload(self) -> None:
        """Read the file again: it changed, or it is back."""
        layer = self.desk.chosen
        if layer is not None:
            self.window.files.reload(layer)

    def properties(self) -> None:
        """Ask where the chosen layer comes from and who may see it."""
        from migmap.api import Meta

        from ..dialogs.properties import Properties, PropertiesDialog

        layer = self.desk.chosen
        if layer is None:
            return
        # What the file itself says, without what was stated over it.
        data = self.desk.workbench.datasets.peek(layer.source, crs=layer.crs, reading=layer.reading)
        meta = data.meta if data is not None else Meta()
        stated = layer.sensitivity if layer.sensitivity != meta.sensitivity else None
        dialog = PropertiesDialog(
            layer.title,
            Properties(layer.kind, stated, layer.stated),
            meta,
            self.desk.workbench.registry.kinds(),
            made_by_run=layer.run is not None,
            parent=self.window,
        )
        dialog.said.connect(lambda said: self.state(layer.id, said))
        self.ask(dialog)

    def state(self, layer_id: str, said: Properties) -> None:
        """Keep what was said of a layer; another kind reads its columns anew. One step."""
        layer = self._layer(layer_id)
        if layer is None:
            return
        sensitivity = said.sensitivity
        if sensitivity is None:
            data = self.desk.workbench.datasets.peek(layer.source, crs=layer.crs, reading=layer.reading)
            sensitivity = data.meta.sensitivity if data is not None else None
        values = {"stated": dict(said.stated), "sensitivity": sensitivity}
        title = self.tr("Properties of {0}")
        if said.kind == layer.kind:
            self._edit(layer_id, title, lambda one: one.changed(**values))
            return
        roles = {role: name for role, name in layer.reading.roles.items() if role in POSITIONS}
        reading = layer.reading.changed(kind=said.kind, roles=roles, crs=layer.crs or layer.reading.crs)
        self.window.readings.read_anew(layer_id, reading, title.format(isolated(layer.title)), values)

    def rename(self) -> None:
        self.window.show_dock("layers")
        self.window.layers_panel.edit_name()

    def set_title(self, layer_id: str, title: str) -> None:
        self._edit(layer_id, self.tr("Rename {0}"), lambda layer: layer.changed(title=title))

    def toggle(self) -> None:
        layer = self.desk.chosen
        if layer is not None:
            self.set_visible(layer.id, not layer.visible)

    def set_visible(self, layer_id: str, visible: bool) -> None:
        title = self.tr("Show {0}") if visible else self.tr("Hide {0}")
        self._edit(layer_id, title, lambda layer: layer.changed(visible=visible))

    def set_opacity(self, layer_id: str, opacity: float, final: bool) -> None:
        """While the slider moves the map follows; letting go makes one step to undo."""
        store = self.desk.workbench.store
        if not final:
            if self._before_slide is None:
                self._before_slide = store.project
            store.adjust(lambda p: p.edited(layer_id, lambda layer: layer.changed(opacity=opacity)))
            return
        before, self._before_slide = self._before_slide, None
        if before is not None:
            was = before.layer(layer_id).opacity
            store.adjust(lambda p: p.edited(layer_id, lambda layer: layer.changed(opacity=was)))
        self._edit(layer_id, self.tr("Opacity of {0}"), lambda layer: layer.changed(opacity=opacity))

    def up(self) -> None:
        self._move_by(1)

    def down(self) -> None:
        self._move_by(-1)

    def move(self, layer_id: str, position: int) -> None:
        """position: counted from the bottom."""
        layer = self._layer(layer_id)
        if layer is not None:
            self._apply(
                self.tr("Move {0}").format(isolated(layer.title)), lambda p: p.moved(layer_id, position)
            )

    def remove(self) -> None:
        layer = self.desk.chosen
        if layer is not None:
            layer_id = layer.id
            title = self.tr("Remove {0}").format(isolated(layer.title))
            self._apply(title, lambda p: p.without_layer(layer_id))

    def _move_by(self, steps: int) -> None:
        layer = self.desk.chosen
        if layer is not None:
            place = [one.id for one in self.desk.project.layers].index(layer.id)
            self.move(layer.id, place + steps)

    def _layer(self, layer_id: str) -> Layer | None:
        try:
            return self.desk.project.layer(layer_id)
        except KeyError:
            return None

    def _edit(self, layer_id: str, title: str, edit: Callable[[Layer], Layer]) -> None:
        layer = self._layer(layer_id)
        if layer is not None:
            self._apply(title.format(isolated(layer.title)), lambda p: p.edited(layer_id, edit))

    def _apply(self, title: str, change: Callable[[Project], Project]) -> None:
        self.desk.workbench.store.apply(title, change)
