"""Data files onto the map: chosen, dropped, or named on the command line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog

from migmap.api import Data, Finding, Guess, Probe, Progress, part
from migmap.app.order import rank, with_layer_in_place

from ..desk import warm_canvas
from ..words import counted, isolated
from .base import Operations

if TYPE_CHECKING:
    from migmap.app.project import Layer, Project

    from ..main_window import MainWindow

PROJECT_ENDING = ".migmap"


class Files(Operations):
    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._pending = 0
        self._frame_all = False

    def choose(self) -> None:
        """Ask for files and add them."""
        self.choose_then(None)

    def choose_then(self, then: Callable[[Layer], None] | None) -> None:
        """then: told of each layer that joined."""
        dialog = QFileDialog(self.window, self.tr("Add files to the map"), self.window.memory.last_folder)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setNameFilters(self.filters())
        dialog.filesSelected.connect(lambda paths: self.open(paths, then))
        dialog.finished.connect(dialog.deleteLater)
        self.ask(dialog)

    def filters(self) -> list[str]:
        """Name filters of the file dialog."""
        vector = "*.shp *.gpkg *.geojson *.json *.kml *.kmz *.fgb *.gpx *.gdb *.tab *.parquet"
        table = "*.csv *.tsv *.txt *.xlsx *.xls *.ods"
        raster = "*.tif *.tiff *.asc *.vrt *.nc *.img"
        archive = "*.zip"
        return [
            self.tr("All data files") + f" ({vector} {table} {raster} {archive})",
            self.tr("Points, lines, polygons") + f" ({vector} {archive})",
            self.tr("Tables") + f" ({table})",
            self.tr("Rasters") + f" ({raster})",
            self.tr("All files") + " (*)",
        ]

    def open(self, texts: Sequence[str], then: Callable[[Layer], None] | None = None) -> None:
        """Open each reference: a project, or data to add. Waits for the workbench if need be."""
        projects = [text for text in texts if text.lower().endswith(PROJECT_ENDING)]
        data = [text for text in texts if text not in projects]
        if data:
            self.window.remember_folder(data[0])

        def go() -> None:
            if projects:
                after = partial(self.add, data) if data else None
                self.window.projects.open(projects[0], after)
            else:
                self.add(data, then=then)

        self.desk.when_ready(go)

    def add(
        self, texts: Sequence[str], crs: str | None = None, then: Callable[[Layer], None] | None = None
    ) -> None:
        """Add data files to the map, each in its own step; questions come when they are needed."""
        if not self.desk.project.layers:
            self._frame_all = True
        for text in texts:
            self._pending += 1
            self.desk.submit(
                self.tr("Look at {0}").format(isolated(Path(text).name)),
                partial(self._probe, text),
                partial(self._probed, text, crs, then),
                ended=self._one_less,
            )

    def _probe(self, text: str, _progress: Progress) -> tuple[Probe, Guess]:
        return self.desk.workbench.probe(text)

    def _probed(
        self,
        text: str,
        crs: str | None,
        then: Callable[[Layer], None] | None,
        seen: tuple[Probe, Guess],
    ) -> None:
        from migmap.io.reference import parse_reference

        from ..dialogs.choices import CrsChoice, LayerChoice

        probe = seen[0]
        reference = parse_reference(text)
        if reference.part is None and len(probe.layers) > 1:
            dialog = LayerChoice(reference.path.name, probe.layers, self.window)
            dialog.accepted.connect(
                lambda: self.add([f"{text}::{name}" for name in dialog.chosen()], crs, then)
            )
            self.ask(dialog)
            return
        if crs is None and any(finding.code == "no-crs" for finding in probe.findings):
            question = CrsChoice(reference.path.name, self.window)
            question.accepted.connect(lambda: self._read(text, question.crs(), then))
            self.ask(question)
            return
        self._read(text, crs, then)

    def _read(self, text: str, crs: str | None, then: Callable[[Layer], None] | None) -> None:
        workbench = self.desk.workbench

        def job(progress: Progress) -> tuple[Layer, Data]:
            warm_canvas()
            layer = workbench.open(text, crs=crs, progress=part(progress, 0.0, 0.9))
            data = workbench.data_of(layer, progress=part(progress, 0.9, 1.0))
            # Found out here, so that the window need not look through a million rows.
            rank(data)
            return layer, data

        self._pending += 1
        self.desk.submit(
            self.tr("Read {0}").format(isolated(Path(text).name)),
            job,
            partial(self._joined, then),
            ended=self._one_less,
        )

    def _joined(self, then: Callable[[Layer], None] | None, read: tuple[Layer, Data]) -> None:
        layer, data = read
        self.desk.arrived(layer, data)

        def change(project: Project) -> Project:
            placed = with_layer_in_place(project, layer, data, self.desk.data_of)
            return placed.logged(f"Added {layer.source}")

        self.desk.workbench.store.apply(self.tr("Add {0}").format(isolated(layer.title)), change)
        self.desk.choose(layer.id)
        if data.findings:
            self._tell(layer, data.name, data.findings)
        if then is not None:
            then(layer)

    def _tell(self, layer: Layer, data_name: str, findings: tuple[Finding, ...]) -> None:
        grave = any(finding.severity != "info" for finding in findings)
        text = counted(findings[0].message, self.tr("{0} findings on import."), len(findings))
        # Many messages name their file by themselves.
        if len(findings) > 1 or not (layer.title in text or data_name in text):
            text = f"{isolated(layer.title)}: {text}"
        self.window.notices.say(
            text,
            tone="warning" if grave else "info",
            action=self.tr("Show") if len(findings) > 1 or findings[0].rows else "",
            call=lambda: self.show_findings(layer.title, findings),
        )

    def show_findings(self, title: str, findings: Sequence[Finding]) -> None:
        from ..dialogs.messages import FindingsDialog

        heading = self.tr("Findings in {0}").format(isolated(title))
        self.ask(FindingsDialog(heading, findings, self.window))

    def _one_less(self) -> None:
        self._pending -= 1
        if self._pending == 0 and self._frame_all and self.desk.project.layers:
            self._frame_all = False
            self.window.area.zoom_to_all()
