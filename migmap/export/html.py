"""The HTML map: one file to send round, that opens anywhere and asks the network for nothing."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from migmap.api import (
    ExportDocument,
    Exporter,
    ExportTools,
    Finding,
    MapLayer,
    Problem,
    Progress,
    RasterData,
    part,
)

if TYPE_CHECKING:
    from .features import LayerView


class HtmlMap(Exporter):
    """Map, legend, pop-ups, answer, figures, findings and origin on one page without a network."""

    name: ClassVar[str] = "html"
    title: ClassVar[str] = "HTML map (one file, works offline)"
    icon: ClassVar[str] = "mdi6.web"
    endings: ClassVar[tuple[str, ...]] = (".html", ".htm")
    takes = "map"

    def write(
        self, document: ExportDocument, target: Path, params: Any, tools: ExportTools, progress: Progress
    ) -> tuple[Finding, ...]:
        """Writes the page. The same document gives the same bytes."""
        target.write_text(page_of(document, progress), encoding="utf-8", newline="\n")
        progress(1.0, f"Wrote {target.name}")
        return ()


def page_of(document: ExportDocument, progress: Progress) -> str:
    """The page as text. Problem for a document with nothing to show."""
    from migmap.geo.marks import tags_in

    from .page import assemble, data_block, folium_map
    from .panel import figures_payload, panel

    if not document.layers and not document.metrics:
        raise Problem(f"There is nothing to show for {document.title}.", fix="Add a layer first.")
    views: list[LayerView] = []
    boxes = []
    for index, layer in enumerate(document.layers):
        step = part(progress, 0.8 * index / len(document.layers), 0.8 * (index + 1) / len(document.layers))
        step(0.0, f"Drawing {layer.title}")
        view = _view(layer, step)
        views.append(view)
        if view.bounds is not None:
            boxes.append(view.bounds)
    progress(0.8, "Assembling the page")
    payload: dict[str, Any] = {
        "layers": [view.payload for view in views],
        "bounds": _around(boxes),
        "metrics": figures_payload(document.metrics, tags_in(document.run)),
    }
    head, body, script = folium_map()
    css = (files("migmap.export") / "viewer.css").read_text(encoding="utf-8")
    viewer = (files("migmap.export") / "viewer.js").read_text(encoding="utf-8")
    return assemble(
        title=document.title,
        head=f"{head}\n<style>{css}</style>",
        body=panel(document, views, body)
        + f"\n{data_block(payload)}\n<script>{script}</script>\n<script>{viewer}</script>",
    )


def _view(layer: MapLayer, progress: Progress) -> LayerView:
    from .features import layer_view
    from .overlay import raster_view

    return raster_view(layer, progress) if isinstance(layer.data, RasterData) else layer_view(layer)


def _around(boxes: list[tuple[float, float, float, float]]) -> list[list[float]] | None:
    """Leaflet's [[south, west], [north, east]] around all boxes."""
    if not boxes:
        return None
    west, south = min(box[0] for box in boxes), min(box[1] for box in boxes)
    east, north = max(box[2] for box in boxes), max(box[3] for box in boxes)
    return [[south, west], [north, east]]
