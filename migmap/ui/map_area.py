"""The middle of the window: the start page, or the map with notices above it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from migmap.api import Progress

from .desk import Desk
from .notices import Notices
from .start_page import StartPage

if TYPE_CHECKING:
    from migmap.app.project import View
    from migmap.app.tasks import Task

    from .canvas import MapCanvas


class MapArea(QWidget):
    """canvas_made(canvas): the canvas is made when the first layer comes, so that start-up need not
    wait for it."""

    canvas_made = Signal(object)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._canvas: MapCanvas | None = None
        self.notices = Notices()
        self.start = StartPage()
        self._stack = QStackedWidget()
        # Scrolled, so that the room the start page wants never makes a small window larger.
        self._welcome = QScrollArea()
        self._welcome.setWidgetResizable(True)
        self._welcome.setWidget(self.start)
        self._stack.addWidget(self._welcome)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.notices)
        layout.addWidget(self._stack, 1)
        desk.project_changed.connect(lambda *_: self.show_layers())
        desk.data_changed.connect(lambda _: self.show_layers())

    @property
    def canvas(self) -> MapCanvas | None:
        """None before the first layer."""
        return self._canvas

    def zoom_to_all(self) -> None:
        """Show everything, also what is still being read, until a hand moves the map."""
        if self._canvas is not None:
            self._canvas.zoom_to_all()

    def view(self) -> View | None:
        """What the map shows, as the project keeps it."""
        from migmap.app.project import View

        if self._canvas is None or not self._desk.project.layers:
            return None
        seen = self._canvas.view
        return View(x=seen.centre_x, y=seen.centre_y, metres_per_pixel=seen.units_per_px)

    def go_to(self, view: View) -> None:
        from migmap.geo.viewport import View as CanvasView

        if self._canvas is not None:
            self._canvas.view = CanvasView(view.x, view.y, view.metres_per_pixel)

    def show_layers(self) -> None:
        """Hand the canvas what the project says and what is read."""
        layers = self._desk.project.layers
        if not layers:
            if self._canvas is not None:
                self._canvas.set_layers(())
            self._stack.setCurrentWidget(self._welcome)
            return
        canvas = self._made()
        self._stack.setCurrentWidget(canvas)
        from .canvas import CanvasLayer

        shown = []
        for layer in layers:
            data = self._desk.data_of(layer)
            if data is not None:
                style = layer.style or self._desk.workbench.style_for(data)
                shown.append(CanvasLayer(layer.id, data, style, layer.visible, layer.opacity, layer.title))
        canvas.set_layers(tuple(shown))

    def stop(self) -> None:
        """No more drawing: the window is closing."""
        if self._canvas is not None:
            self._canvas.stop()

    def _made(self) -> MapCanvas:
        if self._canvas is None:
            from .canvas import MapCanvas

            self._canvas = MapCanvas(self._submit)
            self._canvas.setAccessibleName(self.tr("Map"))
            self._stack.addWidget(self._canvas)
            self.canvas_made.emit(self._canvas)
        return self._canvas

    def _submit(self, title: str, work: Callable[[Progress], Any], replaces: str) -> Task[Any]:
        return self._desk.workbench.tasks.submit(title, work, lane="draw", replaces=replaces)
