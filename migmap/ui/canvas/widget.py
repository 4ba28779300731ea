"""The map widget: takes the hand's movements and shows the scene's pictures; never waits for anything."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QPointF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QSizePolicy, QWidget

from migmap.api import Extent

from .compose import compose
from .layer import CanvasLayer
from .legend_view import LegendView
from .overlay import EDGE, corner_legend, draw_overlay, sheet_below, with_legend
from .plates import Glass, Submit
from .scene import Scene

if TYPE_CHECKING:
    from migmap.geo.viewport import View

WHEEL_NOTCH = 1.4
KEY_STEP = 0.2
"""Share of the window an arrow key moves the map."""
SETTLE_MS = 25
"""Movements closer together than this are drawn once."""


LEGEND_FREE, LEGEND_LEAST = 84, 90
"""Pixels of the map kept free above the legend (north arrow), and the least it is given."""


class MapCanvas(QWidget):
    """Shows layers bottom to top; pans by dragging, zooms by wheel, double click and keys (+ - arrows Home).

    All signals come on the window's thread:
    view_changed(View). cursor_moved(lon, lat) in degrees. cursor_left(). feature_clicked(layer id, row index,
    (lon, lat)): the topmost feature under a click, rows count from 0 as in the frame. cell_clicked(layer id,
    value, (lon, lat)): the topmost raster under a click; None outside its cells, NaN without data.
    nothing_clicked(): neither. layer_failed(layer id, text): could not be drawn. busy_changed(bool).
    layer_prepared(layer id): its extent is known.
    """

    view_changed = Signal(object)
    cursor_moved = Signal(float, float)
    cursor_left = Signal()
    feature_clicked = Signal(str, int, object)
    cell_clicked = Signal(str, object, object)
    nothing_clicked = Signal()
    layer_failed = Signal(str, str)
    layer_prepared = Signal(str)
    busy_changed = Signal(bool)

    def __init__(self, submit: Submit, parent: QWidget | None = None) -> None:
        """submit: runs drawing jobs in other threads, see plates.Submit."""
        super().__init__(parent)
        from migmap.geo.viewport import PAKISTAN, View

        self.setAccessibleName("Map")
        self.setAccessibleDescription("Drag to move, wheel to zoom; arrow keys, plus, minus and Home.")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(160, 120)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._scene = Scene(submit, self)
        self._scene.changed.connect(self._scene_changed)
        self._scene.prepared.connect(self._prepared)
        self._scene.failed.connect(self.layer_failed)
        self._scene.busy_changed.connect(self.busy_changed)
        self._view: View = View.fit(PAKISTAN, 1024, 640)
        # What to show as soon as it is known: an extent, a layer's id, or everything. The hand ends it.
        self._follow: Extent | str | None = PAKISTAN
        self._untouched = True
        self._legend_shown = True
        self._legend = LegendView(self)
        self._legend.folded_changed.connect(self._place_legend)
        self._grip: QPointF | None = None
        self._dragging = False
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._settle.timeout.connect(self._draw_view)

    # --- what is shown

    def set_layers(self, layers: Sequence[CanvasLayer]) -> None:
        """Show these, bottom to top. Pictures are made anew only where data or style differ; order,
        visibility and opacity cost nothing. The first layers bring the view to themselves."""
        self._scene.set_layers(layers)
        if self._untouched and self._scene.layers:
            self._follow_now("")

    @property
    def layers(self) -> tuple[CanvasLayer, ...]:
        return self._scene.layers

    @property
    def view(self) -> View:
        """Centre and scale for logical pixels."""
        return self._view

    @view.setter
    def view(self, view: View) -> None:
        self._touched()
        self._set_view(view)

    def zoom_to(self, extent: Extent) -> None:
        """Show this box (canvas units), also after the widget gets its size."""
        self._untouched = False
        self._follow_now(extent)

    def zoom_to_layer(self, layer_id: str) -> None:
        """Show all of a layer, as soon as its extent is known."""
        self._untouched = False
        self._follow_now(layer_id)

    def zoom_to_all(self) -> None:
        """Show all visible layers; Pakistan where there are none."""
        self._untouched = False
        self._follow_now("")

    def zoom_to_rows(self, layer_id: str, rows: Sequence[int]) -> None:
        """Show these rows of a layer, where they have a position."""
        from migmap.geo.drawlist import PreparedVector

        layer = self._scene.layer(layer_id)
        ready = self._scene.ready(layer) if layer is not None else None
        extent = ready.extent_of(rows) if isinstance(ready, PreparedVector) else None
        if extent is not None:
            self.zoom_to(extent)

    def zoom_by(self, factor: float, at: QPointF | None = None) -> None:
        """`factor` times closer about a point of the widget, by default its middle."""
        spot = at if at is not None else QPointF(self.width() / 2, self.height() / 2)
        self._touched()
        self._set_view(self._view.zoomed(factor, spot.x(), spot.y(), self.width(), self.height()))

    def extent_of(self, layer_id: str) -> Extent | None:
        """Canvas units; None until the layer is prepared or where nothing of it has a position."""
        return self._scene.extent(layer_id)

    @property
    def legend_visible(self) -> bool:
        return self._legend_shown

    @legend_visible.setter
    def legend_visible(self, shown: bool) -> None:
        self._legend_shown = shown
        self._place_legend()

    @property
    def busy(self) -> bool:
        """True while pictures are being made."""
        return self._scene.busy or self._settle.isActive()

    # --- features

    def identify(self, point: QPoint | QPointF) -> list[tuple[str, int]]:
        """(layer id, row) of the features at a point of the widget, the top layer first: points and lines
        within 5 pixels, polygons it lies in."""
        x, y = self._view.to_canvas(point.x(), point.y(), self.width(), self.height())
        return self._scene.hits(x, y, self._view.units_per_px)

    def select(self, layer_id: str | None, row: int = -1) -> None:
        """Mark a feature on the map; None takes the mark away."""
        self._scene.select(None if layer_id is None else (layer_id, row))

    @property
    def selection(self) -> tuple[str, int] | None:
        return self._scene.selection

    def lonlat(self, point: QPoint | QPointF) -> tuple[float, float]:
        """Degrees at a point of the widget."""
        from migmap.geo.viewport import to_lonlat

        return to_lonlat(*self._view.to_canvas(point.x(), point.y(), self.width(), self.height()))

    # --- pictures

    def picture(self) -> QImage:
        """The map as it is seen, with legend, scale and marks, and under it what a printed map must say."""
        glass = self._glass()
        image = QImage(
            QSize(round(glass.width * glass.ratio), round(glass.height * glass.ratio)),
            QImage.Format.Format_ARGB32_Premultiplied,
        )
        image.setDevicePixelRatio(glass.ratio)
        painter = QPainter(image)
        blocks = self._scene.legend() if self._legend_shown else []
        self._draw(painter, glass, corner_legend(blocks)[0])
        painter.end()
        return sheet_below(with_legend(image, blocks), self._scene.layers)

    def stop(self) -> None:
        """Cancel all drawing, for good. Called by close(); a canvas inside a window that closes needs the
        call, Qt tells only windows."""
        self._settle.stop()
        self._scene.close()

    # --- Qt

    def closeEvent(self, event: QCloseEvent) -> None:
        self.stop()
        super().closeEvent(event)

    def sizeHint(self) -> QSize:
        return QSize(900, 600)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self._draw(painter, self._glass(), self._legend.width() if self._legend.isVisible() else 0)
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_legend()
        if self._follow is not None:
            self._follow_now(self._follow)
        self._settle.start()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._settle.start()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            self._grip, self._dragging = event.position(), False
            event.accept()
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        here = event.position()
        if self._grip is not None:
            moved = here - self._grip
            if not self._dragging and moved.manhattanLength() >= QApplication.startDragDistance():
                self._dragging = True
                self.setCursor(Qt.CursorShape.ClosedHandCursor)
            if self._dragging:
                self._touched()
                self._set_view(self._view.panned(round(moved.x()), round(moved.y())))
                self._grip += QPointF(round(moved.x()), round(moved.y()))
        self.cursor_moved.emit(*self.lonlat(here))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        held, self._grip = self._grip, None
        if self._dragging:
            self._dragging = False
            self.unsetCursor()
        elif held is not None and event.button() == Qt.MouseButton.LeftButton:
            self._click(event.position())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            out = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self.zoom_by(0.5 if out else 2.0, event.position())

    def wheelEvent(self, event: QWheelEvent) -> None:
        turned = event.angleDelta().y() / 120
        if turned:
            self.zoom_by(WHEEL_NOTCH**turned, event.position())
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        across, up = self.width() * KEY_STEP, self.height() * KEY_STEP
        pans = {
            Qt.Key.Key_Left: (across, 0.0),
            Qt.Key.Key_Right: (-across, 0.0),
            Qt.Key.Key_Up: (0.0, up),
            Qt.Key.Key_Down: (0.0, -up),
        }
        zooms = {
            Qt.Key.Key_Plus: WHEEL_NOTCH,
            Qt.Key.Key_Equal: WHEEL_NOTCH,
            Qt.Key.Key_Minus: 1 / WHEEL_NOTCH,
        }
        key = Qt.Key(event.key())
        if key in pans:
            self._touched()
            self._set_view(self._view.panned(round(pans[key][0]), round(pans[key][1])))
        elif key in zooms:
            self.zoom_by(zooms[key])
        elif key == Qt.Key.Key_Home:
            self.zoom_to_all()
        else:
            super().keyPressEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self.cursor_left.emit()
        super().leaveEvent(event)

    # --- inside

    def _click(self, point: QPointF) -> None:
        # What a click opens makes the map narrower; it must not jump away under the hand.
        self._touched()
        place = self.lonlat(point)
        x, y = self._view.to_canvas(point.x(), point.y(), self.width(), self.height())
        found = self.identify(point)
        raster = self._scene.read_cell(x, y, lambda layer, value: self.cell_clicked.emit(layer, value, place))
        if found:
            self.select(*found[0])
            self.feature_clicked.emit(*found[0], place)
        else:
            self.select(None)
            if raster is None:
                self.nothing_clicked.emit()

    def _touched(self) -> None:
        """The hand has taken over: nothing moves the view by itself any more."""
        self._untouched, self._follow = False, None

    def _follow_now(self, target: Extent | str) -> None:
        """Go to an extent, a layer or ("") everything; what is not known yet is followed when it is."""
        from migmap.geo.viewport import PAKISTAN, View

        self._follow = target
        if isinstance(target, Extent):
            extent: Extent | None = target
        elif target:
            extent = self._scene.extent(target)
        else:
            extent = self._scene.extent()
            if extent is None and not self._scene.preparing:
                extent = PAKISTAN
        if extent is not None:
            self._set_view(View.fit(extent, self.width(), self.height()))

    def _set_view(self, view: View) -> None:
        if view != self._view:
            self._view = view
            self.view_changed.emit(view)
            self._settle.start()
            self.update()

    def _prepared(self, layer_id: str) -> None:
        if self._follow is not None and (self._follow in ("", layer_id)):
            self._follow_now(self._follow)
        self.layer_prepared.emit(layer_id)

    def _glass(self) -> Glass:
        return Glass(self._view, self.width(), self.height(), self.devicePixelRatioF())

    def _draw_view(self) -> None:
        self._scene.look_through(self._glass())

    def _scene_changed(self) -> None:
        if self._legend.show_blocks(tuple(self._scene.legend())):
            self._place_legend()
        self.update()

    def _place_legend(self) -> None:
        """In the lower right corner, as high as the map allows; the rest of it is scrolled to."""
        shown = self._legend_shown and not self._legend.empty
        if shown:
            size = self._legend.wanted(max(self.height() - LEGEND_FREE, LEGEND_LEAST))
            self._legend.setGeometry(
                round(self.width() - EDGE - size.width()),
                round(self.height() - EDGE - size.height()),
                size.width(),
                size.height(),
            )
        self._legend.setVisible(shown)
        self.update()

    def _draw(self, painter: QPainter, glass: Glass, legend: float) -> None:
        """legend: the width it takes in its corner."""
        from migmap.paint.furniture import draw_backdrop

        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        draw_backdrop(painter, glass.view, glass.width, glass.height)
        compose(painter, self._scene.frames(glass.view.units_per_px), glass)
        draw_overlay(painter, glass.view, glass.width, glass.height, self._scene.layers, legend)
