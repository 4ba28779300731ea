"""The project as a file: new, open, save, what to do with unsaved work; undo and redo."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog

from migmap.api import Data, Problem, Progress, part

from ..desk import warm_canvas
from ..words import isolated
from .base import Operations

if TYPE_CHECKING:
    from migmap.app.opened import OpenedProject
    from migmap.app.project import Layer, Project

    from ..main_window import MainWindow

ENDING = ".migmap"


class Projects(Operations):
    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.path: Path | None = None
        # A file that was opened in part: it is never replaced without asking.
        self._damaged: Path | None = None

    @property
    def title(self) -> str:
        if self.path is not None:
            return self.path.stem
        return self.desk.project.title if self.desk.ready else self.tr("Untitled")

    # -- leaving the project on show ----------------------------------------------------------

    def leave(self, then: Callable[[], None]) -> None:
        """Do `then` once nothing unsaved would be lost, or not at all."""
        if not self.desk.ready or not self.desk.workbench.store.modified:
            then()
            return
        from ..dialogs.choices import SaveQuestion

        dialog = SaveQuestion(self.title, self.window)

        def answered() -> None:
            if dialog.answer == "discard":
                then()
            elif dialog.answer == "save":
                self.save(then)

        dialog.accepted.connect(answered)
        self.ask(dialog)

    def new(self) -> None:
        def fresh() -> None:
            from migmap.app.project import Project

            self._show(Project(title=self.tr("Untitled")), None)

        self.desk.when_ready(lambda: self.leave(fresh))

    def quit(self) -> None:
        self.window.close()

    # -- opening ------------------------------------------------------------------------------

    def choose(self) -> None:
        dialog = QFileDialog(self.window, self.tr("Open a project"), self.window.memory.last_folder)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters([self.tr("migmap projects") + f" (*{ENDING})", self.tr("All files") + " (*)"])
        dialog.fileSelected.connect(lambda path: self.open(path))
        dialog.finished.connect(dialog.deleteLater)
        self.ask(dialog)

    def open(self, path: str, then: Callable[[], None] | None = None) -> None:
        """Open a project file in place of the one on show."""
        self.desk.when_ready(lambda: self.leave(lambda: self._read(path, then)))

    def sample(self) -> None:
        """The sample data as a project without a file."""
        self.desk.when_ready(lambda: self.leave(self._read_sample))

    def _read(self, path: str, then: Callable[[], None] | None) -> None:
        workbench = self.desk.workbench

        def job(progress: Progress) -> OpenedProject:
            return workbench.open_project(path, progress=progress)

        self.desk.submit(
            self.tr("Open {0}").format(isolated(Path(path).name)), job, partial(self._opened, then)
        )

    def _opened(self, then: Callable[[], None] | None, opened: OpenedProject) -> None:
        self._damaged = opened.path if opened.damaged else None
        self._show(opened.project, opened.path)
        self.window.remember(str(opened.path.absolute()))
        if opened.problems:
            from ..dialogs.choices import DamagedNotice

            dialog = DamagedNotice(
                opened.path.name, opened.problems, damaged=opened.damaged, parent=self.window
            )
            dialog.accepted.connect(lambda: self.save_as() if dialog.save_as else None)
            self.ask(dialog)
        if then is not None:
            then()

    def _read_sample(self) -> None:
        workbench = self.desk.workbench

        def job(progress: Progress) -> list[tuple[Layer, Data]]:
            from migmap.app import sample

            warm_canvas()
            wanted = {
                sample.FLOOD: sample.FLOOD_TITLE,
                sample.DISTRICTS: self.tr("Districts"),
                sample.SERVICES: self.tr("Services"),
                sample.KATCHI_ABADIS: self.tr("Katchi abadis"),
                sample.VILLAGES: self.tr("Refugee villages"),
            }
            read = []
            for index, (name, title) in enumerate(wanted.items()):
                step = part(progress, index / len(wanted), (index + 1) / len(wanted))
                layer = workbench.open(str(sample.sample_file(name)), progress=step).changed(title=title)
                read.append((layer, workbench.data_of(layer)))
            return read

        self.desk.submit(self.tr("Open the sample project"), job, self._sample_read)

    def _sample_read(self, read: list[tuple[Layer, Data]]) -> None:
        for layer, data in read:
            self.desk.arrived(layer, data)
        from migmap.app.project import Project

        project = Project(title=self.tr("Sample"), layers=tuple(layer for layer, _ in read))
        self._show(project, None)
        self.window.notices.say(
            self.tr("This is made-up data for practice. Try Exposure to a hazard in the toolbar.")
        )

    def _show(self, project: Project, path: Path | None) -> None:
        self.path = path
        if path is None:
            self._damaged = None
        self.window.notices.clear()
        self.desk.workbench.store.replace(project)
        self.window.show_title()
        if project.view is not None:
            self.window.area.go_to(project.view)
        elif project.layers:
            self.window.area.zoom_to_all()

    # -- saving -------------------------------------------------------------------------------

    def save(self, then: Callable[[], None] | None = None) -> None:
        if self.path is None:
            self.save_as(then)
        else:
            self.save_to(self.path, then)

    def save_as(self, then: Callable[[], None] | None = None) -> None:
        folder = str(self.path.parent) if self.path else self.window.memory.last_folder
        dialog = QFileDialog(self.window, self.tr("Save the project"), folder)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(ENDING[1:])
        dialog.setNameFilters([self.tr("migmap projects") + f" (*{ENDING})"])
        dialog.selectFile(self.title + ENDING)
        # The dialog itself asks before an existing file is chosen.
        dialog.fileSelected.connect(lambda path: self.save_to(Path(path), then))
        dialog.finished.connect(dialog.deleteLater)
        self.ask(dialog)

    def save_to(self, path: Path, then: Callable[[], None] | None = None, overwrite: bool = False) -> None:
        workbench = self.desk.workbench
        view = self.window.area.view()
        project = workbench.store.adjust(lambda p: p.changed(view=view) if view is not None else p)

        def job(progress: Progress) -> Path:
            return workbench.save_project(project, path, overwrite=overwrite, progress=progress)

        def done(saved: Path) -> None:
            self.path = saved
            if self._damaged is not None and saved == self._damaged:
                self._damaged = None
            workbench.store.mark_saved(project)
            self.window.remember(str(saved.absolute()))
            self.window.show_title()
            self.window.say(self.tr("Saved {0}").format(isolated(saved.name)))
            if then is not None:
                then()

        def failed(error: BaseException) -> None:
            from migmap.app.project_file import WouldReplace

            if isinstance(error, WouldReplace):
                self._ask_replace(path, error, then)
            else:
                self.desk.report(error)

        self.desk.submit(self.tr("Save {0}").format(isolated(path.name)), job, done, failed=failed)

    def _ask_replace(self, path: Path, error: Problem, then: Callable[[], None] | None) -> None:
        detail = error.detail or self.tr("What could not be read of it would be gone.")
        from ..dialogs.choices import ReplaceQuestion

        dialog = ReplaceQuestion(error.title, detail, self.window)

        def answered() -> None:
            if dialog.answer == "replace":
                self.save_to(path, then, overwrite=True)
            elif dialog.answer == "elsewhere":
                self.save_as(then)

        dialog.accepted.connect(answered)
        self.ask(dialog)

    # -- steps --------------------------------------------------------------------------------

    def undo(self) -> None:
        self.desk.workbench.store.undo()

    def redo(self) -> None:
        self.desk.workbench.store.redo()
