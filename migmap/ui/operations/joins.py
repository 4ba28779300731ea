"""Tables onto areas: the lists to decide on, and the joined layer, saved and put on the map."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog

from migmap.api import Problem, Progress, Reading, VectorData, part
from migmap.app.shapes import shapes

from ..words import counted, isolated, number
from .base import Operations
from .exports import safe_name

if TYPE_CHECKING:
    from migmap.app.joining import Joined
    from migmap.app.project import Layer

    from ..dialogs.joining import JoinDialog


class Joins(Operations):
    def layer(self) -> None:
        """Put the rows of the chosen layer onto the areas of another."""
        layer = self.desk.chosen
        if layer is None:
            return
        data = self.desk.data_of(layer)
        areas = self.areas_for(layer)
        if not isinstance(data, VectorData) or layer.run is not None:
            self.desk.report(
                Problem(
                    self.tr("{0} has no rows that could be joined to areas.").format(layer.title),
                    fix=self.tr("Choose a table in the list of layers."),
                )
            )
            return
        if not areas:
            self.desk.report(
                Problem(
                    self.tr("There are no areas on the map to join to."),
                    fix=self.tr("Add a layer of districts with their P-codes or names first."),
                )
            )
            return
        from ..dialogs.joining import JoinDialog

        dialog = JoinDialog(
            layer.title, [(one.id, one.title) for one in areas], layer.reading.areas, self.window
        )
        dialog.asked.connect(partial(self._match, dialog, layer))
        dialog.wished.connect(partial(self._ask_file, dialog, layer))
        dialog.ask()
        self.ask(dialog)

    def of_layer(self, layer_id: str) -> None:
        if any(layer.id == layer_id for layer in self.desk.project.layers):
            self.desk.choose(layer_id)
            self.layer()

    def areas_for(self, layer: Layer) -> list[Layer]:
        """Layers of polygons from files, boundaries first; what was joined before is no source of areas."""
        boundaries: list[Layer] = []
        others: list[Layer] = []
        for other in self.desk.project.layers:
            data = self.desk.data_of(other)
            if other.id == layer.id or other.run is not None or not isinstance(data, VectorData):
                continue
            if "area_match" in data.frame.columns:
                continue
            if "polygon" in shapes(data):
                (boundaries if other.kind == "boundary" else others).append(other)
        return [*boundaries, *others]

    def _match(self, dialog: JoinDialog, layer: Layer, areas_id: str, by: str) -> None:
        areas = self.desk.project.layer(areas_id)
        workbench = self.desk.workbench
        # What was decided is shown by the dialog; matching it here would hide what it stands for.
        reading = _reading(layer).changed(areas={})

        def job(progress: Progress) -> Joined:
            joined = workbench.join(
                layer.source,
                areas.source,
                by=by or None,
                reading=reading,
                areas_reading=_reading(areas),
                progress=progress,
            )
            # Made here: the window only reads them.
            _ = joined.groups
            return joined

        def done(joined: Joined) -> None:
            if dialog.open_still and dialog.areas.currentData() == areas_id:
                dialog.show_joined(joined)

        def failed(error: BaseException) -> None:
            if not isinstance(error, Problem):
                self.desk.report(error)
            elif dialog.open_still:
                dialog.show_problem(error)

        title = self.tr("Match {0} with areas").format(isolated(layer.title))
        self.desk.submit(title, job, done, failed=failed, replaces="join")

    def _ask_file(self, dialog: JoinDialog, layer: Layer, choices: dict[str, str]) -> None:
        areas_id, by = str(dialog.areas.currentData()), str(dialog.by.currentData())
        ask = QFileDialog(self.window, self.tr("Save the joined layer"), self.window.memory.last_folder)
        ask.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        ask.setDefaultSuffix("gpkg")
        ask.setNameFilters([self.tr("GeoPackage") + " (*.gpkg)", self.tr("GeoJSON") + " (*.geojson)"])
        ask.selectFile(safe_name(self.tr("{0} by area").format(layer.title)) + ".gpkg")
        ask.fileSelected.connect(lambda path: self.join(layer.id, areas_id, by, choices, Path(path)))
        ask.finished.connect(ask.deleteLater)
        self.ask(ask)

    def join(self, layer_id: str, areas_id: str, by: str, choices: dict[str, str], target: Path) -> None:
        """Write the joined table and put it on the map; what was decided stays with the table."""
        layer, areas = self.desk.project.layer(layer_id), self.desk.project.layer(areas_id)
        workbench = self.desk.workbench
        reading = _reading(layer).changed(areas=choices)

        def job(progress: Progress) -> Joined:
            joined = workbench.join(
                layer.source,
                areas.source,
                by=by or None,
                reading=reading,
                areas_reading=_reading(areas),
                progress=part(progress, 0.0, 0.6),
            )
            workbench.export(workbench.document_of_joined(joined), target, progress=part(progress, 0.6, 1.0))
            return joined

        def done(joined: Joined) -> None:
            still = any(one.id == layer_id for one in self.desk.project.layers)
            if still and choices != layer.reading.areas:
                workbench.store.apply(
                    self.tr("Decide areas of {0}").format(isolated(layer.title)),
                    lambda project: project.edited(
                        layer_id,
                        lambda one: one.changed(reading=one.reading.changed(areas=choices)),
                    ),
                )
            self.window.remember_folder(str(target))
            workbench.store.adjust(lambda project: project.logged(_line(joined, layer, areas, target)))
            self.window.files.add_sure(str(target), self.tr("{0} by {1}").format(layer.title, areas.title))
            left = sum(one.count for one in joined.groups if one.status != "matched")
            if left:
                text = counted(
                    self.tr("1 row lies in no area; it is in the joined layer, without an area."),
                    self.tr("{0} rows lie in no area; they are in the joined layer, without an area."),
                    left,
                )
                self.window.notices.say(f"{isolated(layer.title)}: {text}", tone="warning")

        self.desk.submit(self.tr("Join {0}").format(isolated(layer.title)), job, done)


def _reading(layer: Layer) -> Reading:
    return layer.reading if layer.crs is None else layer.reading.changed(crs=layer.crs)


def _line(joined: Joined, layer: Layer, areas: Layer, target: Path) -> str:
    """For the project's log."""
    counts = dict.fromkeys(("matched", "doubtful", "unmatched"), 0)
    for one in joined.groups:
        counts[one.status] += one.count
    listed = ", ".join(f"{number(count)} {status}" for status, count in counts.items())
    return f"Joined {layer.title} to {areas.title}: of its rows {listed}; saved as {target.name}"
