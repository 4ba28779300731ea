"""Data files onto the map: chosen, dropped, or named on the command line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog

from migmap.api import AS_FOUND, Data, Finding, Problem, Progress, Reading, VectorData, part
from migmap.app.order import rank, with_layer_in_place

from ..desk import warm_canvas
from ..reading.accounts import people_told, told
from ..reading.mends import PERSONAL
from ..reading.wording import in_window_words, without_folders
from ..words import isolated, number
from .base import Operations

if TYPE_CHECKING:
    from migmap.app.project import Layer, Project
    from migmap.geo.accounting import Accounting
    from migmap.geo.peoplereadings import PeopleReading

    from ..main_window import MainWindow
    from ..notices import Notice
    from .readings import Looked

PROJECT_ENDING = ".migmap"
TEMPLATE_ENDING = ".template.json"


class Files(Operations):
    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._pending = 0
        self._looking = 0
        self._frame_all = False
        self._questions: list[tuple[Looked, Callable[[Layer], None] | None]] = []
        self._asking = False
        self._waiting_notice: Notice | None = None
        self._told: dict[str, Notice] = {}
        self._again: set[str] = set()

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
        vector = (
            "*.shp *.gpkg *.geojson *.json *.geojsonl *.geojsons *.ndjson *.topojson *.kml *.kmz *.fgb *.gpx "
            "*.gdb *.tab *.parquet *.geoparquet *.pbf"
        )
        table = "*.csv *.tsv *.txt *.xlsx *.xls *.ods"
        raster = "*.tif *.tiff *.asc *.vrt *.nc *.img *.mbtiles *.pmtiles"
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
        templates = [text for text in texts if text.lower().endswith(TEMPLATE_ENDING)]
        data = [text for text in texts if text not in projects and text not in templates]
        if data:
            self.window.remember_folder(data[0])

        def go() -> None:
            for text in templates:
                self.window.readings.take_in(text)
            if projects:
                after = partial(self.add, data) if data else None
                self.window.projects.open(projects[0], after)
            elif data:
                self.add(data, then=then)

        self.desk.when_ready(go)

    def add(
        self, texts: Sequence[str], crs: str | None = None, then: Callable[[Layer], None] | None = None
    ) -> None:
        """Add data files to the map, each in its own step. What is clear joins at once; questions about
        the others come when all were looked at, one after another."""
        if not self.desk.project.layers:
            self._frame_all = True
        for text in texts:
            if not text.lower().endswith(".gdb") and Path(text).is_dir():
                self._look_into(text, crs, then)
                continue
            self._look(text, crs, then)

    def _look(self, text: str, crs: str | None, then: Callable[[Layer], None] | None) -> None:
        self._pending += 1
        self._looking += 1
        self.desk.submit(
            self.tr("Look at {0}").format(isolated(Path(text).name)),
            partial(self.window.readings.look, text, crs),
            partial(self._looked, then),
            ended=self._looked_at_one,
            failed=partial(self._cannot, text),
        )

    def _look_into(self, text: str, crs: str | None, then: Callable[[Layer], None] | None) -> None:
        """A folder: the rasters of a hazard set join under what they stand for; else it is looked at as a
        file is."""
        from migmap.app import folder

        def job(progress: Progress) -> tuple[tuple[str, str], ...]:
            if not folder.is_plain_folder(text):
                return ()
            hazards = folder.set_in(text, AS_FOUND.changed(crs=crs), progress)
            if hazards is None:
                return ()
            return tuple((one.reference, folder.title_of(one, hazards)) for one in hazards.members)

        def found(members: tuple[tuple[str, str], ...]) -> None:
            for reference, title in members:
                self._read(reference, AS_FOUND.changed(crs=crs), then, title=title)
            if not members:
                self._look(text, crs, then)

        self._pending += 1
        self.desk.submit(
            self.tr("Look at {0}").format(isolated(Path(text).name)), job, found, ended=self._one_less
        )

    def add_sure(self, text: str, title: str) -> None:
        """Add a file of migmap's own making, under this name: nothing about it is in doubt."""
        self._read(text, AS_FOUND, None, title=title)

    def _looked(self, then: Callable[[Layer], None] | None, looked: Looked) -> None:
        from ..reading.doubts import doubts

        kinds = self.desk.workbench.registry.kinds()
        settled = bool(looked.template)
        if looked.parts or doubts(looked.preview, kinds, looked.people, settled=settled):
            self._questions.append((looked, then))
        else:
            self._read(looked.text, looked.preview.reading, then, looked.template, people=looked.people)

    def _cannot(self, text: str, error: BaseException) -> None:
        """Files are called by their names: the person chose them, the folders say nothing new."""
        if isinstance(error, Problem):
            path = text.split("::", 1)[0]
            title, detail, fix = (
                in_window_words(without_folders(one, path)) for one in (error.title, error.detail, error.fix)
            )
            error = Problem(title, detail=detail, fix=fix)
        self.desk.report(error)

    def _looked_at_one(self) -> None:
        self._looking -= 1
        if not self._looking and self._questions and not self._asking:
            self._offer_questions()
        self._one_less()

    def _offer_questions(self) -> None:
        """One question is asked at once; several wait until the person has time for them."""
        if self._waiting_notice is not None:
            self.window.notices.drop(self._waiting_notice)
            self._waiting_notice = None
        if len(self._questions) == 1:
            self.ask_next()
            return
        names = ", ".join(isolated(Path(looked.text).name) for looked, _ in self._questions[:3])
        if len(self._questions) > 3:
            names += ", …"
        text = self.tr("{0} files need a look before they join the map: {1}")
        self._waiting_notice = self.window.notices.say(
            text.format(len(self._questions), names),
            tone="warning",
            action=self.tr("Look at them"),
            call=self.ask_next,
            stays=True,
        )

    @property
    def waiting(self) -> int:
        """Files that need a look before they join."""
        return len(self._questions)

    def ask_next(self) -> None:
        """Ask about the next file that waits; after it, about the one behind it."""
        if self._waiting_notice is not None:
            self.window.notices.drop(self._waiting_notice)
            self._waiting_notice = None
        if not self._questions or self._asking:
            return
        looked, then = self._questions.pop(0)
        self._asking = True
        if looked.parts:
            self._ask_parts(looked, then)
        elif self._only_crs(looked):
            self._ask_crs(looked, then)
        else:
            self.window.readings.ask_about(
                looked,
                lambda text, reading: self._read(text, reading, then, people=looked.people),
                self._asked,
            )

    def _asked(self) -> None:
        self._asking = False
        # A sheet or layer that was chosen is looked at first; its end asks on.
        if not self._looking:
            self.ask_next()

    def _ask_parts(self, looked: Looked, then: Callable[[Layer], None] | None) -> None:
        from migmap.io.reference import parse_reference

        from ..dialogs.choices import LayerChoice
        from ..reading.section import is_table

        path = parse_reference(looked.text).path
        dialog = LayerChoice(
            path.name, looked.parts, self.window, sheets=is_table(looked.preview), likely=looked.likely
        )
        crs = looked.preview.reading.crs
        dialog.accepted.connect(
            lambda: self.add([f"{looked.text}::{name}" for name in dialog.chosen()], crs, then)
        )
        dialog.finished.connect(lambda _: self._asked())
        self.ask(dialog)

    def _only_crs(self, looked: Looked) -> bool:
        """Nothing is asked of this file but its coordinate system."""
        from ..reading.doubts import doubts
        from ..reading.section import is_table

        codes = {finding.code for finding in looked.preview.findings}
        kinds = self.desk.workbench.registry.kinds()
        return "no-crs" in codes and not is_table(looked.preview) and len(doubts(looked.preview, kinds)) == 1

    def _ask_crs(self, looked: Looked, then: Callable[[Layer], None] | None) -> None:
        from migmap.io.reference import parse_reference

        from ..dialogs.choices import CrsChoice

        question = CrsChoice(parse_reference(looked.text).path.name, self.window)
        question.accepted.connect(
            lambda: self._read(looked.text, looked.preview.reading.changed(crs=question.crs()), then)
        )
        question.finished.connect(lambda _: self._asked())
        self.ask(question)

    def _read(
        self,
        text: str,
        reading: Reading,
        then: Callable[[Layer], None] | None,
        template: str = "",
        title: str = "",
        people: Sequence[PeopleReading] = (),
    ) -> None:
        """people: the ways the cells of a population raster could be meant; its total is told."""
        workbench = self.desk.workbench

        def job(progress: Progress) -> tuple[Layer, Data, Accounting | None]:
            warm_canvas()
            layer = workbench.open(text, reading=reading, progress=part(progress, 0.0, 0.9))
            layer = layer.changed(title=title) if title else layer
            data = workbench.data_of(layer, progress=part(progress, 0.9, 1.0))
            # Found out here, so that the window need not look through a million rows.
            rank(data)
            return layer, data, accounts_of(data)

        self._pending += 1
        self.desk.submit(
            self.tr("Read {0}").format(isolated(Path(text).name)),
            job,
            partial(self._joined, then, template, people),
            ended=self._one_less,
            failed=partial(self._cannot, text),
        )

    def _joined(
        self,
        then: Callable[[Layer], None] | None,
        template: str,
        people: Sequence[PeopleReading],
        read: tuple[Layer, Data, Accounting | None],
    ) -> None:
        layer, data, accounts = read
        self.desk.arrived(layer, data)

        def change(project: Project) -> Project:
            placed = with_layer_in_place(project, layer, data, self.desk.data_of)
            return placed.logged(self.log_line(f"Added {layer.source}", data))

        self.desk.workbench.store.apply(self.tr("Add {0}").format(isolated(layer.title)), change)
        self.desk.choose(layer.id)
        self.tell(layer, data, accounts, template, people)
        if then is not None:
            then(layer)

    def tell(
        self,
        layer: Layer,
        data: Data,
        accounts: Accounting | None = None,
        template: str = "",
        people: Sequence[PeopleReading] = (),
    ) -> None:
        """Say above the map what became of the rows of a file, and open the way to correct it."""
        graves = [finding for finding in data.findings if finding.severity != "info"]
        said = [told(accounts)] if accounts is not None else []
        if layer.kind == "population" and people:
            said.append(people_told(people, layer.reading.people_unit))
        if len(data.findings) == 1:
            said.append(in_window_words(data.findings[0].message))
        elif data.findings:
            said.append(self.tr("{0} findings on import.").format(number(len(data.findings))))
        if template:
            said.append(self.tr("Template “{0}” fits and was used.").format(isolated(template)))
        text = f"{isolated(layer.title)}: {' '.join(one for one in said if one) or self.tr('added.')}"
        self._withdraw(layer.id)
        # A table that names no places on the map is put there by its codes or names.
        unplaced = is_unplaced(data)
        if unplaced:
            text += " " + self.tr("It has no positions of its own: join it to areas to see it on the map.")
        ask = self.window.joins.of_layer if unplaced else self.window.readings.of_layer
        self._told[layer.id] = self.window.notices.say(
            text,
            tone="warning" if graves else "info",
            action=self.tr("Join to areas…") if unplaced else self.tr("How it was read"),
            call=lambda: ask(layer.id),
        )

    def _withdraw(self, layer_id: str) -> None:
        notice = self._told.pop(layer_id, None)
        if notice is not None:
            self.window.notices.drop(notice)

    def reload(self, layer: Layer) -> None:
        """Read a file again as it is by now, and tell what became of its rows this time."""
        self._withdraw(layer.id)
        self._again.add(layer.id)
        self.desk.reload(layer)

    def arrived_again(self, layer_id: str) -> None:
        """Data of a layer came, or it cannot be read."""
        layer = next((one for one in self.desk.project.layers if one.id == layer_id), None)
        if layer_id not in self._again:
            return
        if layer is None or self.desk.problem_of(layer) is not None:
            self._again.discard(layer_id)
            return
        data = self.desk.data_of(layer)
        if data is None:
            return
        self._again.discard(layer_id)

        def job(_progress: Progress) -> Accounting | None:
            return accounts_of(data)

        title = self.tr("Read {0}").format(isolated(layer.title))
        self.desk.submit(title, job, lambda accounts: self.tell(layer, data, accounts))

    def refresh(self, old: Project, new: Project) -> None:
        """The project changed: what was told of a layer that went, or is read otherwise by now, is no
        longer true."""
        before = {layer.id: layer for layer in old.layers}
        now = {layer.id: layer for layer in new.layers}
        for layer_id in list(self._told):
            was, layer = before.get(layer_id), now.get(layer_id)
            if layer is None or (was is not None and was.reading != layer.reading):
                self._withdraw(layer_id)

    @staticmethod
    def log_line(what: str, data: Data) -> str:
        """What the project's log says of an import: what was left out, never a value of it."""
        said = [what]
        if isinstance(data, VectorData):
            said.append(f"{len(data.frame):,} rows used")
            said += [f"{len(one.frame):,} set aside ({one.reason})" for one in data.aside]
        if data.meta.agreements:
            from migmap.geo.marks import sharing

            said.append(sharing(data.meta.agreements))
        for finding in data.findings:
            if finding.code in _LOGGED or finding.applied:
                said.append(in_window_words(finding.message).rstrip("."))
        return "; ".join(said)

    def show_findings(self, title: str, findings: Sequence[Finding]) -> None:
        from ..dialogs.messages import FindingsDialog

        heading = self.tr("Findings in {0}").format(isolated(title))
        worded = [replace(one, message=in_window_words(one.message)) for one in findings]
        self.ask(FindingsDialog(heading, worded, self.window))

    def _one_less(self) -> None:
        self._pending -= 1
        if self._pending == 0 and self._frame_all and self.desk.project.layers:
            self._frame_all = False
            self.window.area.zoom_to_all()


# What was left out or held back, or let out on request.
_LOGGED = frozenset({PERSONAL, "personal-data-in-text", "household-positions", "small-counts"})


def accounts_of(data: Data) -> Accounting | None:
    """What became of the rows; None for a raster. In a worker."""
    from migmap.geo.accounting import accounting

    return accounting(data) if isinstance(data, VectorData) else None


def is_unplaced(data: Data) -> bool:
    """True for a table none of whose rows has a position."""
    if not isinstance(data, VectorData) or all(one.code != "no-position" for one in data.findings):
        return False
    return bool(data.frame.geometry.isna().all())
