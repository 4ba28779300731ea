"""Checks of the data: run away from the window, shown in their panel, saved for whoever made the data."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from PySide6.QtWidgets import QFileDialog

from migmap.api import Progress, VectorData, part

from ..words import isolated
from .base import Operations
from .exports import safe_name

if TYPE_CHECKING:
    from migmap.app.doctor.report import LayerReport, ProjectReport
    from migmap.app.project import Layer, Project

    from ..main_window import MainWindow


class Checks(Operations):
    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._report: LayerReport | ProjectReport | None = None
        self._about: str | Literal["project"] = ""

    def layer(self) -> None:
        """Check the chosen layer."""
        layer = self.desk.chosen
        if layer is not None:
            self.check_layer(layer.id)

    def check_layer(self, layer_id: str) -> None:
        try:
            layer = self.desk.project.layer(layer_id)
        except KeyError:
            return
        if layer.run is not None:
            self.window.say(
                self.tr("{0} was made by an analysis; check what it was made of.").format(layer.title)
            )
            return
        workbench = self.desk.workbench
        project = self.desk.project

        def job(progress: Progress) -> LayerReport:
            from migmap.app.doctor.examine import examined, report_of

            data = workbench.data_of(layer, progress=part(progress, 0.0, 0.4))
            data = dataclasses.replace(data, label=layer.title)
            areas = self._areas(project, layer, part(progress, 0.4, 0.5))
            found = examined(data, areas, part(progress, 0.5, 1.0))
            return report_of(workbench, found, areas)

        def done(report: LayerReport) -> None:
            self._report, self._about = report, layer_id
            self.window.checks_panel.show_layer(layer_id, report)
            self._told(report)

        self.desk.submit(self.tr("Check {0}").format(isolated(layer.title)), job, done, replaces="check")

    def project(self) -> None:
        """Check every layer of the project, and the layers against each other."""
        workbench = self.desk.workbench
        project = self.desk.project
        missing = {
            layer.id: problem.title
            for layer in project.layers
            if (problem := self.desk.problem_of(layer)) is not None
        }
        path = self.window.projects.path

        def job(progress: Progress) -> ProjectReport:
            from migmap.app.doctor.examine import check_project

            return check_project(
                workbench, project, missing=missing, file=path.name if path else "", progress=progress
            )

        def done(report: ProjectReport) -> None:
            self._report, self._about = report, "project"
            self.window.checks_panel.show_project(report, ids_of(report, project))
            self._told(report)

        self.desk.submit(self.tr("Check the project"), job, done, replaces="check")

    def again(self) -> None:
        if self._about == "project":
            self.project()
        elif self._about:
            self.check_layer(self._about)

    def apply(self, layer_id: str, code: str) -> None:
        """Use the mend that a finding offers: part of how the layer is read from here on."""
        try:
            layer = self.desk.project.layer(layer_id)
        except KeyError:
            return
        if code in layer.reading.fixes:
            return
        reading = layer.reading.changed(
            fixes=(*layer.reading.fixes, code), crs=layer.crs or layer.reading.crs
        )
        self.window.readings.read_anew(
            layer_id, reading, self.tr("Mend {0}").format(isolated(layer.title)), then=self.again
        )

    def show_rows(self, layer_id: str, rows: tuple[int, ...]) -> None:
        """Show rows, as a person counts them, on the map and in the table."""
        import numpy as np

        try:
            layer = self.desk.project.layer(layer_id)
        except KeyError:
            return
        data = self.desk.data_of(layer)
        if not isinstance(data, VectorData):
            return
        places = np.flatnonzero(np.isin(data.row_numbers, np.array(rows, dtype=np.int64))).tolist()
        self.desk.choose(layer_id)
        if not places:
            self.window.say(self.tr("These rows are set aside; they are not on the map."))
            return
        canvas = self.window.area.canvas
        if canvas is not None:
            canvas.zoom_to_rows(layer_id, places)
            canvas.select(layer_id, places[0])
        self.window.layers.show_feature(layer_id, places[0])
        self.window.attributes.mark(places)

    def save(self) -> None:
        """Ask where the report shall go: a page to read, or the list of mends for the partner."""
        report = self._report
        if report is None:
            return
        dialog = QFileDialog(self.window, self.tr("Save the report"), self.window.memory.last_folder)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        page, book = self.tr("Page to read") + " (*.html)", self.tr("List of mends, Excel") + " (*.xlsx)"
        dialog.setNameFilters([page, book])
        dialog.setDefaultSuffix("html")
        dialog.filterSelected.connect(
            lambda text: dialog.setDefaultSuffix("xlsx" if text == book else "html")
        )
        dialog.selectFile(safe_name(self.tr("Checks of {0}").format(report.title)))
        dialog.fileSelected.connect(lambda path: self.save_to(Path(path)))
        dialog.finished.connect(dialog.deleteLater)
        self.ask(dialog)

    def save_to(self, path: Path) -> None:
        report = self._report
        if report is None:
            return

        def job(progress: Progress) -> Path:
            from migmap.app.doctor import write_reports

            return write_reports(report, [path], progress)[0]

        def done(saved: Path) -> None:
            self.window.remember_folder(str(saved))
            self.desk.workbench.store.adjust(
                lambda project: project.logged(f"Saved the checks as {saved.name}")
            )
            self.window.notices.say(
                self.tr("Saved {0}").format(isolated(saved.name)),
                action=self.tr("Open the folder"),
                call=lambda: self.window.open_folder(saved.parent),
            )

        self.desk.submit(self.tr("Save {0}").format(isolated(path.name)), job, done)

    def refresh(self, old: Project, new: Project) -> None:
        """The project changed: what was checked may not be what is there."""
        readings = {layer.id: (layer.source, layer.reading, layer.stated) for layer in new.layers}
        if not readings:
            self._report, self._about = None, ""
            self.window.checks_panel.clear()
        elif any(
            readings.get(layer.id) != (layer.source, layer.reading, layer.stated) for layer in old.layers
        ):
            self.window.checks_panel.mark_stale()

    def _areas(self, project: Project, layer: Layer, progress: Progress) -> VectorData | None:
        """The project's first boundary layer, to lay the layer on."""
        for other in project.layers:
            if other.kind == "boundary" and other.run is None and other.id != layer.id:
                data = self.desk.workbench.data_of(other, progress=progress)
                if isinstance(data, VectorData):
                    return data
        return None

    def _told(self, report: LayerReport | ProjectReport) -> None:
        self.window.show_dock("checks")
        self.window.say(
            self.tr("Checked {0}: {1}").format(isolated(report.title), self.window.checks_panel.summary())
        )


def ids_of(report: ProjectReport, project: Project) -> list[str]:
    """The ids of the layers a report is about, in its order."""
    left = [layer for layer in project.layers if layer.run is None]
    found = []
    for one in report.layers:
        layer = next((layer for layer in left if layer.title == one.title), None)
        if layer is not None:
            left.remove(layer)
        found.append(layer.id if layer is not None else "")
    return found
