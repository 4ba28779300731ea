"""What lies on the map and the pictures of it: decides what must be drawn, never waits for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage, QPainter

from migmap.api import Data, Extent, Progress, Rule, Style, Symbol, part

from .layer import CanvasLayer
from .plates import Draw, Frame, Glass, Jobs, Plate, Submit

if TYPE_CHECKING:
    from migmap.geo.drawlist import PreparedVector
    from migmap.geo.rasterview import PreparedRaster
    from migmap.geo.viewport import View
    from migmap.paint.labels import Labelled
    from migmap.paint.legend import LegendBlock

LABELS, HIGHLIGHT = "labels", "highlight"
_HIGHLIGHT_INK = "#e8590c"


@dataclass(slots=True, eq=False)
class _Source:
    """One set of data, made ready once however many layers show it."""

    key: str
    data: Data
    ready: PreparedVector | PreparedRaster | None = None
    failed: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class _Drawn:
    frame: Frame
    block: LegendBlock | None


class Scene(QObject):
    """Signals arrive on the window's thread.

    changed: something to repaint. prepared(layer id): the extent is known and hits work. failed(layer id,
    text). busy_changed(bool): pictures are being made.
    """

    changed = Signal()
    prepared = Signal(str)
    failed = Signal(str, str)
    busy_changed = Signal(bool)

    def __init__(self, submit: Submit, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.layers: tuple[CanvasLayer, ...] = ()
        self.selection: tuple[str, int] | None = None
        self._sources: list[_Source] = []
        self._plates: dict[str, Plate] = {}
        self._blocks: dict[str, tuple[object, LegendBlock]] = {}
        self._jobs = Jobs(submit, f"canvas-{id(self):x}")
        self._jobs.landing.landed.connect(self._land)
        self._glass: Glass | None = None
        self._was_busy = False
        self._cell_waits: tuple[str, Callable[[str, float | None], None]] | None = None
        self._made = 0

    # --- what is shown

    def set_layers(self, layers: Sequence[CanvasLayer]) -> None:
        """Bottom to top. Draws only what these layers look different for."""
        before = {layer.id: layer for layer in self.layers}
        self.layers = tuple(layers)
        kept = {id(layer.data) for layer in self.layers}
        for source in [source for source in self._sources if id(source.data) not in kept]:
            self._jobs.cancel(source.key)
            self._sources.remove(source)
        for layer in self.layers:
            if self._source(layer) is None:
                self._prepare(layer)
            old = before.get(layer.id)
            if old is not None and old.data is not layer.data:
                # Other data under the same name: the old picture shows something else.
                self._drop(_plate_key(layer.id))
        for gone in set(before) - {layer.id for layer in self.layers}:
            self._drop(_plate_key(gone))
            self._blocks.pop(gone, None)
        if self.selection is not None and self.selection[0] not in {layer.id for layer in self.layers}:
            self.selection = None
        self._review()

    def select(self, selection: tuple[str, int] | None) -> None:
        """Mark one feature (layer id, row), or none."""
        if selection != self.selection:
            self.selection = selection
            self._drop(HIGHLIGHT)
            self._review()

    def look_through(self, glass: Glass) -> None:
        """Draw what this view needs that is not there yet."""
        self._glass = glass
        self._review()

    def layer(self, layer_id: str) -> CanvasLayer | None:
        return next((layer for layer in self.layers if layer.id == layer_id), None)

    def ready(self, layer: CanvasLayer) -> PreparedVector | PreparedRaster | None:
        """None until the layer is prepared."""
        source = self._source(layer)
        return None if source is None else source.ready

    def extent(self, layer_id: str | None = None) -> Extent | None:
        """The box of one layer, or of all visible ones, as far as known."""
        boxes = []
        for layer in self.layers:
            ready = self.ready(layer)
            wanted = layer.id == layer_id if layer_id is not None else layer.visible
            if wanted and ready is not None and ready.extent is not None:
                boxes.append(ready.extent)
        if not boxes:
            return None
        whole = boxes[0]
        for box in boxes[1:]:
            whole = whole.union(box)
        return whole

    @property
    def preparing(self) -> bool:
        """True while the extent of a layer is still unknown."""
        return any(source.ready is None and not source.failed for source in self._sources)

    @property
    def busy(self) -> bool:
        return self._jobs.busy

    def frames(self, units_per_px: float) -> list[tuple[Frame, float]]:
        """Finished pictures from bottom to top, each with its opacity, for a view of this scale."""
        found = []
        for layer in self.layers:
            plate = self._plates.get(_plate_key(layer.id))
            if layer.visible and plate is not None and plate.frame is not None:
                found.append((plate.frame, min(max(layer.opacity, 0.0), 1.0)))
        for key in (HIGHLIGHT, LABELS):
            plate = self._plates.get(key)
            if plate is not None and plate.frame is not None:
                # Words blown up or shrunk are only in the way until the sharp ones come.
                magnified = plate.frame.view.units_per_px * plate.frame.ratio / units_per_px
                if key == LABELS and not 0.6 < magnified < 1.7:
                    continue
                found.append((plate.frame, 1.0))
        return found

    def legend(self) -> list[LegendBlock]:
        """Blocks of the visible layers drawn so far, the top layer first; none for what lies nowhere."""
        return [
            self._blocks[layer.id][1].seen_at(layer.opacity)
            for layer in reversed(self.layers)
            if layer.visible and layer.id in self._blocks and self.extent(layer.id) is not None
        ]

    def hits(self, x: float, y: float, units_per_px: float) -> list[tuple[str, int]]:
        """(layer id, row) of visible features at a canvas position, the top layer first."""
        if not self.layers:
            return []
        from migmap.geo.drawlist import PreparedVector

        found = []
        for layer in reversed(self.layers):
            ready = self.ready(layer)
            if layer.visible and layer.opacity > 0 and isinstance(ready, PreparedVector):
                reach = max(5.0, _largest(layer.style) / 2 + 1) * units_per_px
                found += [(layer.id, row) for row in ready.hits(x, y, reach)]
        return found

    def read_cell(self, x: float, y: float, then: Callable[[str, float | None], None]) -> str | None:
        """Read the cell of the topmost visible raster at a canvas position in a worker; `then(layer id,
        value)` on this thread: NaN without data. Returns the layer's id, None where no raster lies there."""
        if not self.layers:
            return None
        from migmap.geo.rasterview import PreparedRaster

        for layer in reversed(self.layers):
            ready = self.ready(layer)
            if not (layer.visible and isinstance(ready, PreparedRaster) and ready.extent is not None):
                continue
            if not ready.extent.intersects(Extent(x, y, x, y)):
                continue
            self._cell_waits = (layer.id, then)
            self._jobs.start("cell", "Reading a cell", partial(_cell, ready, x, y))
            return layer.id
        return None

    def close(self) -> None:
        """Cancel all drawing; nothing lands any more."""
        self._jobs.close()

    # --- making ready

    def _source(self, layer: CanvasLayer) -> _Source | None:
        return next((source for source in self._sources if source.data is layer.data), None)

    def _prepare(self, layer: CanvasLayer) -> None:
        self._made += 1
        source = _Source(f"prepare-{self._made}", layer.data)
        self._sources.append(source)
        data = layer.data

        def make(progress: Progress) -> object:
            from migmap.paint.layers import make_ready

            return make_ready(data, progress)

        self._jobs.start(source.key, f"Preparing {layer.name}", make)

    # --- drawing

    def _review(self) -> None:
        """Bring every plate's task up to date and start what is missing."""
        for layer in self.layers:
            ready = self.ready(layer)
            if ready is not None:
                draw = _layer_draw(ready, layer.style)
                look = (ready, layer.style, layer.name)
                self._aim(_plate_key(layer.id), f"Drawing {layer.name}", look, draw)
        self._aim_labels()
        self._aim_highlight()
        if self._glass is not None:
            visible = {_plate_key(layer.id) for layer in self.layers if layer.visible}
            for plate in list(self._plates.values()):
                if plate.key in visible or plate.key in (LABELS, HIGHLIGHT):
                    self._bring_up(plate, self._glass)
        self._tell_busy()
        self.changed.emit()

    def _aim(self, key: str, title: str, look: object, draw: Draw) -> None:
        plate = self._plates.setdefault(key, Plate(key, title, look, draw))
        if plate.look != look:
            plate.look, plate.draw, plate.failed = look, draw, False

    def _aim_labels(self) -> None:
        if not any(layer.visible and layer.style.label_column for layer in self.layers):
            # Also keeps an empty map from loading what only layers need.
            self._drop(LABELS)
            return
        from migmap.geo.drawlist import PreparedVector
        from migmap.paint.labels import Labelled

        labelled = []
        for layer in self.layers:
            ready = self.ready(layer)
            if layer.visible and layer.style.label_column and isinstance(ready, PreparedVector):
                labelled.append(Labelled(ready, layer.style))
        if not labelled:
            self._drop(LABELS)
            return
        look = tuple((each.prepared, each.style) for each in labelled)
        self._aim(LABELS, "Drawing labels", look, _labels_draw(labelled))

    def _aim_highlight(self) -> None:
        if self.selection is None:
            self._drop(HIGHLIGHT)
            return
        from migmap.geo.drawlist import PreparedVector

        layer = self.layer(self.selection[0])
        ready = self.ready(layer) if layer is not None else None
        if layer is None or not layer.visible or not isinstance(ready, PreparedVector):
            self._drop(HIGHLIGHT)
            return
        row = self.selection[1]
        style = _highlight_style(_largest(layer.style))
        look = (ready, row, style)
        self._aim(HIGHLIGHT, "Drawing the selection", look, _layer_draw(ready, style, (row,)))

    def _bring_up(self, plate: Plate, glass: Glass) -> None:
        """Start drawing the plate for this glass, if it needs it."""
        if plate.failed:
            return
        if plate.serves(glass):
            # What still runs is for a view that was left again.
            self._jobs.cancel(plate.key)
            return
        if self._jobs.runs(plate.key) and plate.is_coming(glass):
            # Started over at every step of the hand, a drag would show nothing new until it ends; when
            # this picture lands the next is started.
            return
        draw, look, layer_id = plate.draw, plate.look, _layer_of(plate.key)
        layer = self.layer(layer_id) if layer_id else None
        ready = self.ready(layer) if layer is not None else None
        known = self._blocks.get(layer_id) if layer_id else None
        width, height = glass.picture_size()
        view = glass.picture_view()

        def make(progress: Progress) -> object:
            from migmap.paint.legend import legend_block

            image = draw(view, width, height, glass.ratio, part(progress, 0.0, 0.9))
            image.setDevicePixelRatio(glass.ratio)
            block = None
            if layer is not None and ready is not None:
                # Counting goes over all rows: here, not on the window's thread.
                block = known[1] if known is not None and known[0] == look else None
                block = block or legend_block(layer.name, ready, layer.style)
            return _Drawn(Frame(image, view, glass.ratio, look), block)

        plate.asked = (look, glass)
        self._jobs.start(plate.key, plate.title, make)

    def _drop(self, key: str) -> None:
        self._jobs.cancel(key)
        self._plates.pop(key, None)

    # --- landing

    def _land(self, key: str, ticket: int, found: object, error: object) -> None:
        if not self._jobs.expected(key, ticket):
            return
        source = next((source for source in self._sources if source.key == key), None)
        if key == "cell":
            assert self._cell_waits is not None
            layer_id, then = self._cell_waits
            if error is None:
                then(layer_id, found if isinstance(found, float) else None)
            else:
                self.failed.emit(layer_id, str(error))
        elif source is not None:
            self._land_source(source, found, error)
        elif key in self._plates:
            self._land_plate(self._plates[key], found, error)
        self._review()

    def _land_source(self, source: _Source, found: object, error: object) -> None:
        from migmap.geo.drawlist import PreparedVector
        from migmap.geo.rasterview import PreparedRaster

        if isinstance(found, PreparedVector | PreparedRaster):
            source.ready = found
        else:
            source.failed = str(error)
        for layer in self.layers:
            if layer.data is source.data:
                if source.failed:
                    self.failed.emit(layer.id, source.failed)
                else:
                    self.prepared.emit(layer.id)

    def _land_plate(self, plate: Plate, found: object, error: object) -> None:
        layer_id = _layer_of(plate.key)
        if isinstance(found, _Drawn):
            plate.frame = found.frame
            layer = self.layer(layer_id)
            if found.block is not None and layer is not None:
                self._blocks[layer_id] = (found.frame.look, found.block)
        else:
            # Not tried again until the layer looks different: it would fail at every move of the hand.
            plate.failed = True
            self.failed.emit(layer_id, str(error))

    def _tell_busy(self) -> None:
        if self.busy != self._was_busy:
            self._was_busy = self.busy
            self.busy_changed.emit(self.busy)


def _plate_key(layer_id: str) -> str:
    return f"layer:{layer_id}"


def _layer_of(key: str) -> str:
    """The layer a plate belongs to; "" for labels and the selection."""
    return key.removeprefix("layer:") if key.startswith("layer:") else ""


def _largest(style: Style) -> float:
    return max([rule.symbol.size for rule in style.rules], default=style.other.size)


def _highlight_style(size: float) -> Style:
    symbol = Symbol(fill="#ffd43b55", stroke=_HIGHLIGHT_INK, stroke_width=2.4, size=size + 6)
    return Style(rules=(Rule(label="selected", symbol=symbol),))


def _layer_draw(
    ready: PreparedVector | PreparedRaster, style: Style, rows: tuple[int, ...] | None = None
) -> Draw:
    def draw(view: View, width: int, height: int, scale: float, progress: Progress) -> QImage:
        from migmap.paint.layers import layer_picture

        return layer_picture(ready, style, view, width, height, scale=scale, rows=rows, progress=progress)

    return draw


def _labels_draw(layers: Sequence[Labelled]) -> Draw:
    def draw(view: View, width: int, height: int, scale: float, progress: Progress) -> QImage:
        from migmap.paint.labels import draw_labels
        from migmap.paint.surface import blank

        image = blank(width, height)
        painter = QPainter(image)
        try:
            draw_labels(painter, layers, view, width, height, scale=scale, progress=progress)
        finally:
            painter.end()
        return image

    return draw


def _cell(raster: PreparedRaster, x: float, y: float, progress: Progress) -> float | None:
    progress(0.0, "Reading a cell")
    return raster.value_at(x, y)
