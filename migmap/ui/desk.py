"""What the window works on: the workbench once it is there, the data of the layers, and tasks whose
results come back on the GUI thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QObject, Signal

from migmap.api import Data, Finding, Problem, Progress, Severity, VectorData

from .bridge import Bridge
from .words import number

if TYPE_CHECKING:
    from migmap.app.project import Layer, Project
    from migmap.app.tasks import Lane, Task
    from migmap.app.workbench import Workbench

    from .models.layers import LayerFacts

T = TypeVar("T")


class Desk(QObject):
    """attached: the workbench arrived. project_changed(old, new). titles_changed(undo, redo).
    data_changed(layer id): its data was read, or could not be. task_started(task). problem(Problem)
    and bug(exception): to be shown. chosen_changed(layer id or "").
    """

    attached = Signal()
    project_changed = Signal(object, object)
    titles_changed = Signal(str, str)
    data_changed = Signal(str)
    task_started = Signal(object)
    problem = Signal(object)
    bug = Signal(object)
    chosen_changed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.bridge = Bridge(self)
        self._workbench: Workbench | None = None
        self._waiting: list[Callable[[], None]] = []
        self._data: dict[str, tuple[Layer, Data]] = {}
        self._problems: dict[str, Problem] = {}
        self._loading: dict[str, Task[Any]] = {}
        self._chosen = ""

    # -- the workbench ------------------------------------------------------------------------

    def attach(self, workbench: Workbench) -> None:
        self._workbench = workbench
        self.bridge.listen(workbench.store.changed, self._project_changed)
        self.bridge.listen(workbench.store.titles, self.titles_changed.emit)
        self.bridge.listen(workbench.tasks.started, self.task_started.emit)
        self.attached.emit()
        waiting, self._waiting = self._waiting, []
        for call in waiting:
            call()

    def when_ready(self, call: Callable[[], None]) -> None:
        """Do it now, or as soon as the workbench is there."""
        if self._workbench is None:
            self._waiting.append(call)
        else:
            call()

    @property
    def ready(self) -> bool:
        return self._workbench is not None

    @property
    def workbench(self) -> Workbench:
        if self._workbench is None:
            raise RuntimeError("the workbench is not attached yet")
        return self._workbench

    @property
    def project(self) -> Project:
        return self.workbench.store.project

    def close(self) -> None:
        """No results from here on; waits for running jobs to stop."""
        self.bridge.close()
        if self._workbench is not None:
            self._workbench.close()

    # -- tasks --------------------------------------------------------------------------------

    def submit(
        self,
        title: str,
        job: Callable[[Progress], T],
        done: Callable[[T], None] | None = None,
        *,
        failed: Callable[[BaseException], None] | None = None,
        ended: Callable[[], None] | None = None,
        lane: Lane = "work",
        replaces: str | None = None,
    ) -> Task[T]:
        """Queue `job(progress)`; `done(result)` comes on the GUI thread. failed: instead of the
        message a Problem or bug normally gets. ended: in any case, after the other."""

        def listen(task: Task[T]) -> None:
            def finished(value: Any) -> None:
                if done is not None:
                    done(value)
                if ended is not None:
                    ended()

            def broke(error: BaseException) -> None:
                (failed or self.report)(error)
                if ended is not None:
                    ended()

            self.bridge.follow(task.finished, finished)
            self.bridge.follow(task.failed, broke)
            if ended is not None:
                self.bridge.follow(task.cancelled, ended)

        return self.workbench.tasks.submit(title, job, lane=lane, replaces=replaces, listen=listen)

    def report(self, error: BaseException) -> None:
        """Show what went wrong: a message for what the user can fix, a bug report for the rest."""
        if isinstance(error, Problem):
            self.problem.emit(error)
        else:
            self.bug.emit(error)

    # -- the layer chosen in the list ---------------------------------------------------------

    @property
    def chosen(self) -> Layer | None:
        if self._workbench is None or not self._chosen:
            return None
        try:
            return self.project.layer(self._chosen)
        except KeyError:
            return None

    def choose(self, layer_id: str) -> None:
        if layer_id != self._chosen:
            self._chosen = layer_id
            self.chosen_changed.emit(layer_id)

    # -- data of layers -----------------------------------------------------------------------

    def data_of(self, layer: Layer) -> Data | None:
        """The layer's data if it is read."""
        found = self._data.get(layer.id)
        return found[1] if found is not None else None

    def problem_of(self, layer: Layer) -> Problem | None:
        return self._problems.get(layer.id)

    def findings_of(self, layer: Layer) -> tuple[Finding, ...]:
        data = self.data_of(layer)
        return data.findings if data is not None else ()

    def arrived(self, layer: Layer, data: Data) -> None:
        """The data of a layer that is about to join the project."""
        self._data[layer.id] = (layer, data)
        self._problems.pop(layer.id, None)

    def facts(self, layer: Layer) -> LayerFacts:
        from .models.layers import LayerFacts

        kind = self.workbench.registry.kinds().get(layer.kind)
        title = "" if kind is None or layer.kind == "plain" else kind.title
        icon = kind.icon if kind is not None else "mdi6.layers-outline"
        if layer.run is not None:
            icon = "mdi6.chart-box-outline"
        problem = self._problems.get(layer.id)
        if problem is not None:
            return LayerFacts("failed", icon, title, sensitivity=layer.sensitivity, problem=str(problem))
        data = self.data_of(layer)
        if data is None:
            return LayerFacts("waiting", icon, title, sensitivity=layer.sensitivity)
        worst: Severity = "info"
        for finding in data.findings:
            if finding.severity == "error" or worst == "info":
                worst = finding.severity
        return LayerFacts(
            "ready",
            icon,
            title,
            size="" if isinstance(data, VectorData) else f"{number(data.width)} × {number(data.height)}",
            rows=len(data.frame) if isinstance(data, VectorData) else None,
            findings=len(data.findings),
            worst=worst,
            sensitivity=data.meta.sensitivity,
            synthetic=data.meta.synthetic,
        )

    def _project_changed(self, old: Project, new: Project) -> None:
        self._load_missing(new)
        if self._chosen and all(layer.id != self._chosen for layer in new.layers):
            self.choose("")
        self.project_changed.emit(old, new)

    def reload(self, layer: Layer) -> None:
        """Read a layer again: its file changed, or was missing and is back."""
        self._problems.pop(layer.id, None)
        self._data.pop(layer.id, None)
        self.data_changed.emit(layer.id)
        self._load_missing(self.project)

    def _load_missing(self, project: Project) -> None:
        wanted = {layer.id: layer for layer in project.layers}
        for layer_id in list(self._data):
            if layer_id not in wanted:
                del self._data[layer_id]
        for layer_id in list(self._problems):
            if layer_id not in wanted:
                del self._problems[layer_id]
        for layer_id, task in list(self._loading.items()):
            if layer_id not in wanted:
                task.cancel()
        for layer in project.layers:
            held = self._data.get(layer.id)
            if held is not None and _same_data(held[0], layer):
                continue
            if layer.id in self._loading or layer.id in self._problems:
                continue
            if self.workbench.datasets.peek(layer.source, crs=layer.crs, reading=layer.reading) is not None:
                self._data[layer.id] = (layer, self.workbench.data_of(layer))
                continue
            self._load(layer)

    def _load(self, layer: Layer) -> None:
        workbench = self.workbench

        def done(data: Data) -> None:
            self._data[layer.id] = (layer, data)

        def failed(error: BaseException) -> None:
            if isinstance(error, Problem):
                self._problems[layer.id] = error
            else:
                self._problems[layer.id] = Problem(self.tr("The layer could not be read."), detail=str(error))
                self.bug.emit(error)

        def ended() -> None:
            self._loading.pop(layer.id, None)
            self._load_missing(self.project)
            self.data_changed.emit(layer.id)

        def job(progress: Progress) -> Data:
            warm_canvas()
            return workbench.data_of(layer, progress=progress)

        title = self.tr("Read {0}").format(layer.title)
        self._loading[layer.id] = self.submit(
            title,
            job,
            done,
            failed=failed,
            ended=ended,
        )


def warm_canvas() -> None:
    """Load what draws the map. Called by the jobs that read layers, so that the window's thread finds
    it loaded when the first layer arrives."""
    import importlib

    for name in ("migmap.geo.drawlist", "migmap.paint.furniture", "migmap.ui.canvas"):
        importlib.import_module(name)


def warm_kernels() -> None:
    """Load the compiled functions every file passes through: at its first call each holds the
    interpreter for a tenth of a second or more, and the window with it."""
    import numpy as np
    import shapely

    from migmap.geo.crs import CANVAS, WGS84, reprojected
    from migmap.geo.ground import ground_area_m2

    shape = np.array([shapely.box(70.0, 30.0, 70.1, 30.1)], dtype=object)
    ground_area_m2(shape, WGS84)
    ground_area_m2(reprojected(shape, WGS84, CANVAS), CANVAS)


def _same_data(a: Layer, b: Layer) -> bool:
    return a is b or (a.source, a.crs, a.reading, a.kind, a.roles, a.sensitivity, a.stated) == (
        b.source,
        b.crs,
        b.reading,
        b.kind,
        b.roles,
        b.sensitivity,
        b.stated,
    )
