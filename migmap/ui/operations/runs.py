"""Analyses: their forms, their runs as tasks, their results on the map and in the table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QRect

from migmap.api import Finding, Problem, Progress, declared_fields, part, references_in
from migmap.app.decided import of_layer

from ..forms.documents import document_path
from ..words import isolated
from .base import Operations

if TYPE_CHECKING:
    from migmap.api import Explanation
    from migmap.app.project import Layer, Project
    from migmap.app.recipe import Run

    from ..forms.form import AnalysisForm
    from ..main_window import MainWindow


class Runs(Operations):
    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.forms: dict[str, AnalysisForm] = {}
        self._last: dict[str, Mapping[str, Any]] = {}

    def form(self, name: str) -> AnalysisForm:
        """Show the form of the analysis `name`; the open one when there is one."""
        form = self.forms.get(name)
        if form is None:
            from ..forms.form import AnalysisForm

            tool = self.desk.workbench.registry.analysis(name)
            form = AnalysisForm(tool, self.desk, self.window)
            form.run_asked.connect(partial(self._start, form))
            form.file_asked.connect(self.window.files.choose)
            form.document_asked.connect(self.document)
            form.closed.connect(lambda: self.forms.pop(name, None))
            self.forms[name] = form
            form.remember(self._last.get(name, {}))
            self._put_right(form)
        form.show()
        form.raise_()
        form.activateWindow()
        return form

    def stop_all(self) -> None:
        for row in self.window.activity.running():
            row.cancel()

    def start(
        self, name: str, values: Mapping[str, Any], crs: str | None, form: AnalysisForm | None = None
    ) -> None:
        """Run an analysis; its results join the project in one step."""
        workbench = self.desk.workbench
        title = self._title(name, values)
        used = self._used(name, values)
        labels = {key: layer.title for key, layer in used.items()}
        decisions = {key: of_layer(layer) for key, layer in used.items()}
        documents = self._documents(name, values)

        def job(progress: Progress) -> Run:
            for run_id, path in documents:
                self._write(run_id, path, progress)
            if documents:
                progress = part(progress, 0.1, 1.0)
            return workbench.run(
                name, values, crs=crs, progress=progress, title=title, labels=labels, decisions=decisions
            )

        def still_open() -> AnalysisForm | None:
            return form if form is not None and self.forms.get(name) is form else None

        def done(run: Run) -> None:
            self._finished(run)
            shown = still_open()
            if shown is not None:
                shown.close()

        def failed(error: BaseException) -> None:
            shown = still_open()
            if shown is not None and isinstance(error, Problem):
                shown.show_problem(error)
            else:
                self.desk.report(error)

        def ended() -> None:
            shown = still_open()
            if shown is not None:
                shown.show_running(False)

        task = self.desk.submit(title, job, done, failed=failed, ended=ended)
        if form is not None:
            form.show_running(True)
            form.cancel_asked.connect(task.cancel)

            def progressed(fraction: float, text: str) -> None:
                shown = still_open()
                if shown is not None:
                    shown.show_progress(fraction, text)

            self.desk.bridge.follow(task.progress, progressed)

    def show(self, run_id: str) -> None:
        """Show a run of the project in the results."""
        run = self.desk.workbench.known_run(run_id)
        if run is None:
            from migmap.app.result_file import run_from

            try:
                run = run_from(self.desk.project.run(run_id), ())
            except KeyError:
                return
        findings = self._in_words_of_forms(run.analysis, run.findings)
        from migmap.geo.marks import tags_in

        from ..models.charts import facts_of

        metrics = run.result.metrics
        tags = tags_in(run.document_with_recipe())
        self.window.results.show_result(
            run_id, metrics, run.result.notes, findings, lambda metric: tags.get(metric, "")
        )
        self.window.chart.show_run(run_id, metrics, facts_of(run))

    def explain(self, run_id: str, index: int) -> None:
        """Show what the number of that place among the run's figures is made of."""
        workbench = self.desk.workbench
        run = workbench.known_run(run_id)
        document = run.document_with_recipe() if run is not None else self.desk.project.run(run_id).document

        def job(progress: Progress) -> Explanation:
            return workbench.explain(document, index, progress=progress)

        def done(found: Explanation) -> None:
            from ..dialogs.explanation import ExplanationDialog

            dialog = ExplanationDialog(found, self.window)
            dialog.show()

        self.window.say(self.tr("Looking for what this number is made of…"))
        # Of several that were asked for in haste only the last is opened.
        self.desk.submit(self.tr("Open a number"), job, done, replaces="explain")

    def _in_words_of_forms(self, analysis: str, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
        """Findings may name options of the command line; here they are called as in the form."""
        from ..forms.problem_bar import in_titles

        tool = self.desk.workbench.registry.analyses().get(analysis)
        if tool is None:
            return findings
        fields = declared_fields(tool.Params)
        return tuple(replace(one, message=in_titles(one.message, fields)) for one in findings)

    def refresh(self, _old: Project, new: Project) -> None:
        """The runs of the project may have changed (added, undone, another project)."""
        results = self.window.results
        ids = [record.id for record in new.runs]
        results.show_runs([(record.id, record.title) for record in reversed(new.runs)])
        if not ids:
            results.clear()
            self.window.chart.clear()
        elif results.run_id not in ids:
            self.show(ids[-1])

    def _start(self, form: AnalysisForm, values: dict[str, Any], crs: str | None) -> None:
        self._last[form.tool.name] = values
        self.start(form.tool.name, values, crs, form)

    def _finished(self, run: Run) -> None:
        workbench = self.desk.workbench
        workbench.store.apply(
            self.tr("Run {0}").format(isolated(run.title)),
            lambda project: workbench.added(project, run),
        )
        self.window.notices.drop_plain()
        self.show(run.id)
        self.window.show_dock("results")
        for layer in reversed(self.desk.project.layers):
            if layer.run == run.id:
                self.desk.choose(layer.id)
                break
        answer = run.result.notes[0] if run.result.notes else self.tr("{0} is done.").format(run.title)
        self.window.say(answer)

    def _title(self, name: str, values: Mapping[str, Any]) -> str:
        """What the run is called: the analysis and what it looked at."""
        from migmap.app.recipe import run_title

        tool = self.desk.workbench.registry.analysis(name)
        return run_title(tool.title, {key: layer.title for key, layer in self._used(name, values).items()})

    def _used(self, name: str, values: Mapping[str, Any]) -> dict[str, Layer]:
        """The layers that a run of `name` would read, by `input_key`."""
        fields = declared_fields(self.desk.workbench.registry.analysis(name).Params)
        found = {key: self._by_source(text) for key, text in references_in(fields, values).items()}
        return {key: layer for key, layer in found.items() if layer is not None}

    def _documents(self, name: str, values: Mapping[str, Any]) -> list[tuple[str, str]]:
        """(run of the project, file its document is to be in) of the runs that `values` name."""
        fields = declared_fields(self.desk.workbench.registry.analysis(name).Params)
        wanted = {str(values[one.name]) for one in fields if one.run is not None and values.get(one.name)}
        known = {str(document_path(record.id)): record.id for record in self.desk.project.runs}
        return [(known[path], path) for path in wanted if path in known]

    def document(self, run_id: str, path: str) -> None:
        """Write the document of a run of the project where a form and its command line look for it."""
        if not Path(path).is_file():
            self.desk.submit(
                self.tr("Save the earlier run"), lambda progress: self._write(run_id, path, progress)
            )

    def _write(self, run_id: str, path: str, progress: Progress) -> None:
        workbench = self.desk.workbench
        run = workbench.known_run(run_id)
        if run is None or Path(path).is_file():
            return
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        workbench.export_run(run, [path], progress=part(progress, 0.0, 0.1))

    def _by_source(self, value: object) -> Layer | None:
        for layer in self.desk.project.layers:
            if layer.source == value:
                return layer
        return None

    def _put_right(self, form: AnalysisForm) -> None:
        """To the right over the map, so that the layer list stays in view."""
        window: QRect = self.window.geometry()
        x = window.right() - form.width() - 24
        y = window.top() + max(40, (window.height() - form.height()) // 2)
        form.move(max(window.left(), x), max(window.top(), y))
