"""What an exporter is: a document in, one file out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal, Protocol

from .analysis import Metric
from .data import Data, Sensitivity, strictest
from .finding import Finding
from .params import Params
from .progress import Progress
from .style import Style


@dataclass(frozen=True, slots=True, eq=False)
class MapLayer:
    """A layer as it leaves: data, look, and the name it has in the file.

    result: made by an analysis (goes into vector files); False for a layer shown as background.
    """

    name: str
    title: str
    data: Data
    style: Style
    visible: bool = True
    opacity: float = 1.0
    result: bool = True


@dataclass(frozen=True, slots=True)
class InputRecord:
    """An input of a run: what it was and how to know it again."""

    path: str
    sha256: str
    crs: str | None
    rows: int | None

    def as_json(self) -> Mapping[str, Any]:
        return {"path": self.path, "sha256": self.sha256, "crs": self.crs, "rows": self.rows}


@dataclass(frozen=True, slots=True, eq=False)
class ExportDocument:
    """Everything a product can show. Layers are drawn in order, the first at the bottom.

    run_id: id of the run that made the numbers, "" for plain layers. run: the run document.
    sources: one line per source, with attribution, date and licence where known.
    audience: who it is for, as the person who exports says.
    """

    title: str
    layers: tuple[MapLayer, ...] = ()
    metrics: tuple[Metric, ...] = ()
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    inputs: tuple[InputRecord, ...] = ()
    sources: tuple[str, ...] = ()
    run_id: str = ""
    run: Mapping[str, Any] = field(default_factory=dict)
    audience: tuple[str, ...] = ()

    @property
    def agreements(self) -> tuple[tuple[str, str, str], ...]:
        """(reference, expires, audience) of every sharing agreement of a layer, each once."""
        return tuple(dict.fromkeys(one for layer in self.layers for one in layer.data.meta.agreements))

    @property
    def synthetic(self) -> bool:
        """True when any layer is made-up data."""
        return any(layer.data.meta.synthetic for layer in self.layers)

    @property
    def sensitivity(self) -> Sensitivity | None:
        """The strictest of the layers; None ("not stated", treated as restricted) when a layer
        states nothing and none is confidential."""
        return strictest(layer.data.meta.sensitivity for layer in self.layers)

    @property
    def boundary_note(self) -> str:
        """Whose boundaries these are, and that they are no opinion on them. Never empty."""
        stated = dict.fromkeys(
            layer.data.meta.boundary_note for layer in self.layers if layer.data.meta.boundary_note
        )
        return " ".join((*stated, BOUNDARY_DISCLAIMER))


BOUNDARY_DISCLAIMER = (
    "Boundaries and names shown do not imply any opinion on the legal status of any territory; "
    "the final status of Jammu and Kashmir has not been agreed by the parties."
)


class MapPainter(Protocol):
    """Draws a document as a picture; handed to exporters so that none of them imports Qt."""

    def png(self, document: ExportDocument, width: int, height: int, progress: Progress) -> bytes:
        """A PNG with map, legend, scale bar, north arrow, sources and marks."""
        ...


@dataclass(frozen=True, slots=True)
class ExportTools:
    """What the application lends to exporters."""

    painter: MapPainter


Takes = Literal["map", "layers", "table", "raster", "run"]


class Exporter(ABC):
    """An exporter. Stateless. The caller hands `target` in a temporary folder and moves what was
    written there into place when `write` returns, so an exporter need not clean up.

    name: the word in `migmap export NAME`. endings: file endings with the dot, the first the usual.
    takes: what it needs: a map (layers with looks), layers (features), a table (metrics or the
        attribute table of a layer), the cells of one raster, or the run document.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    icon: ClassVar[str] = "mdi6.export-variant"
    endings: ClassVar[tuple[str, ...]]
    takes: ClassVar[Takes]
    Params: ClassVar[type[Params]] = Params

    @abstractmethod
    def write(
        self,
        document: ExportDocument,
        target: Path,
        params: Any,
        tools: ExportTools,
        progress: Progress,
    ) -> tuple[Finding, ...]:
        """Write `target` (and, for formats of several files, files beside it whose names start with
        the target's stem). Returns what had to change on the way, for example shortened names."""
