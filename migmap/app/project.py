"""The project as one frozen value: undo keeps the old one, views compare layers by identity."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from migmap.api import AS_FOUND, Reading, Sensitivity, Style


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


def new_id() -> str:
    return uuid.uuid4().hex[:12]


class Layer(_Value):
    """One layer of the map. It names its data and never holds it.

    source: a reference as the user would type it, with an absolute path ("/data/a.gpkg::sites"), or
        "run:RUN/NAME" for the result layer NAME of a run.
    crs: the CRS the user stated for a file that has none.
    reading: what else the user decided about how the file is read; kind and roles above are what came
        of it.
    stated: what the user says of source, date, method and the like, by the names of `Meta`; over what
        the file says.
    run: id of the run that made this layer, None for a file.
    style: None until data was first read.
    """

    id: str = Field(default_factory=new_id)
    title: str
    source: str
    crs: str | None = None
    kind: str = "plain"
    roles: dict[str, str] = {}
    reading: Reading = AS_FOUND
    visible: bool = True
    opacity: float = Field(default=1.0, ge=0.0, le=1.0)
    style: Style | None = None
    run: str | None = None
    sensitivity: Sensitivity | None = None
    stated: dict[str, str] = {}

    def changed(self, **values: Any) -> Layer:
        """A copy with these fields replaced."""
        return Layer.model_validate({**dict(self), **values})


class View(_Value):
    """What the map shows, in EPSG:3857 metres: centre and metres per pixel."""

    x: float
    y: float
    metres_per_pixel: float = Field(gt=0)


class RunRecord(_Value):
    """A run as the project keeps it. document: the run document with its recipe. sources: one line per
    source, for every product made of it."""

    id: str
    analysis: str
    title: str
    document: dict[str, Any]
    notes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


class LogEntry(_Value):
    """One line of the project's log: an import, a run, an export. when: ISO 8601, UTC."""

    when: str
    what: str


class Project(_Value):
    """layers: drawn in order, the first at the bottom."""

    title: str = "Untitled"
    layers: tuple[Layer, ...] = ()
    view: View | None = None
    runs: tuple[RunRecord, ...] = ()
    log: tuple[LogEntry, ...] = ()

    def changed(self, **values: Any) -> Project:
        """A copy with these fields replaced; layers that stay are the same objects."""
        return self.model_copy(update=values)

    def layer(self, layer_id: str) -> Layer:
        """KeyError where there is none."""
        for layer in self.layers:
            if layer.id == layer_id:
                return layer
        raise KeyError(layer_id)

    def run(self, run_id: str) -> RunRecord:
        """KeyError where there is none."""
        for run in self.runs:
            if run.id == run_id:
                return run
        raise KeyError(run_id)

    def with_layer(self, layer: Layer, position: int | None = None) -> Project:
        """With one more layer, on top or at `position`."""
        layers = list(self.layers)
        layers.insert(len(layers) if position is None else position, layer)
        return self.changed(layers=tuple(layers))

    def without_layer(self, layer_id: str) -> Project:
        return self.changed(layers=tuple(one for one in self.layers if one.id != layer_id))

    def edited(self, layer_id: str, edit: Callable[[Layer], Layer]) -> Project:
        """With one layer replaced by edit(layer); KeyError where there is none."""
        self.layer(layer_id)
        return self.changed(
            layers=tuple(edit(layer) if layer.id == layer_id else layer for layer in self.layers)
        )

    def moved(self, layer_id: str, position: int) -> Project:
        """With the layer at `position` counted from the bottom."""
        layer = self.layer(layer_id)
        return self.without_layer(layer_id).with_layer(layer, max(0, min(position, len(self.layers) - 1)))

    def with_run(self, run: RunRecord) -> Project:
        """With the run's record, replacing an earlier one of the same id."""
        others = tuple(one for one in self.runs if one.id != run.id)
        return self.changed(runs=(*others, run))

    def logged(self, what: str) -> Project:
        from datetime import UTC, datetime

        entry = LogEntry(when=datetime.now(UTC).isoformat(timespec="seconds"), what=what)
        return self.changed(log=(*self.log, entry))
