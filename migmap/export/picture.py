"""PNG: the map as a picture, drawn by whatever painter the application lends."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import Field

from migmap import api
from migmap.api import ExportDocument, Exporter, ExportTools, Finding, Progress


class MapPicture(Exporter):
    """Map, legend, scale bar, sources and marks as one picture."""

    name: ClassVar[str] = "png"
    title: ClassVar[str] = "Map picture (PNG)"
    icon: ClassVar[str] = "mdi6.image-outline"
    endings: ClassVar[tuple[str, ...]] = (".png",)
    takes = "map"

    class Params(api.Params):
        """Size of the picture."""

        width: Annotated[int, Field(title="Width", ge=400, le=8000, json_schema_extra={"unit": "px"})] = 1600
        height: Annotated[int, Field(title="Height", ge=300, le=8000, json_schema_extra={"unit": "px"})] = (
            1130
        )

    def write(
        self, document: ExportDocument, target: Path, params: Any, tools: ExportTools, progress: Progress
    ) -> tuple[Finding, ...]:
        """Writes the picture the painter makes."""
        target.write_bytes(tools.painter.png(document, params.width, params.height, progress))
        return ()
