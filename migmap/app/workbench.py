"""The verbs. Window and command line do everything through these, so they cannot disagree."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from migmap.api import (
    AS_FOUND,
    Cancelled,
    Data,
    Explanation,
    ExportDocument,
    Exporter,
    Finding,
    Guess,
    Inputs,
    Probe,
    Problem,
    Progress,
    RasterData,
    Reading,
    Result,
    Style,
    declared_fields,
    input_field,
    no_progress,
    part,
    references_in,
    strictest,
)

from . import agreements, beside, disclosure, documents, exporting, recipe
from .datasets import RESULT_PREFIX, Datasets, with_crs
from .decided import NOTHING, Decided, with_meta
from .exporting import Exported
from .opened import OpenedProject
from .order import with_run_in_place
from .project import Layer, Project, RunRecord
from .recipe import Run
from .registry import Registry
from .store import Store
from .tagging import said_with
from .tasks import Tasks
from .templates import Templates

if TYPE_CHECKING:
    from .converting import Converted
    from .doctor import LayerReport, ProjectReport
    from .joining import Joined
    from .preview import Preview
    from .sample import Demo


class Workbench:
    """Registry, loaded data, the open project and its verbs.

    The verbs are synchronous and may be called from any thread (a face submits them to `tasks`); they
    never touch `store`, so a face decides when a result joins the project:
    `store.apply("Add layer", lambda p: p.with_layer(layer))`.
    """

    def __init__(self, registry: Registry | None = None) -> None:
        self.registry = registry or Registry.load()
        self.datasets = Datasets(self.registry)
        self.store = Store()
        self.templates = Templates()
        self._tasks: Tasks | None = None
        self._runs: dict[str, Run] = {}
        self._lock = threading.Lock()

    @property
    def tasks(self) -> Tasks:
        """The lanes; no thread exists before someone asks."""
        with self._lock:
            if self._tasks is None:
                self._tasks = Tasks()
            return self._tasks

    def close(self) -> None:
        """Cancel what runs and wait for the threads to end."""
        if self._tasks is not None:
            self._tasks.shutdown()

    # -- looking at files ---------------------------------------------------------------------

    def probe(self, text: str, reading: Reading = AS_FOUND) -> tuple[Probe, Guess]:
        """A file's header and the kind that fits it best, without reading it."""
        return self.datasets.probe(text, reading=reading)

    def preview(
        self,
        text: str,
        reading: Reading = AS_FOUND,
        *,
        rows: int = 200,
        shown: int | None = None,
        progress: Progress = no_progress,
    ) -> Preview:
        """How the file would be read: its first rows, findings, and what every kind makes of it. shown:
        give at most so many of the rows as text."""
        from . import preview

        return preview.preview(self.datasets, text, reading, rows=rows, shown=shown, progress=progress)

    def info(
        self,
        text: str,
        *,
        reading: Reading = AS_FOUND,
        full: bool = False,
        progress: Progress = no_progress,
    ) -> dict[str, Any]:
        """What `migmap info --json` prints; full: everything is read."""
        from . import describe

        return describe.info(self.datasets, text, reading=reading, full=full, progress=progress)

    def open(
        self,
        text: str,
        *,
        crs: str | None = None,
        reading: Reading = AS_FOUND,
        progress: Progress = no_progress,
    ) -> Layer:
        """Read a file and give the layer that shows it: kind, roles and style filled in. The data is
        then in `datasets`; the layer is not yet in the project."""
        from migmap.io.reference import parse_reference

        reading = with_crs(reading, crs)
        data = self.datasets.load(text, reading=reading, progress=progress)
        reference = parse_reference(text)
        absolute = str(type(reference)(Path(reference.path).absolute(), reference.part))
        return Layer(
            title=data.title,
            source=absolute,
            crs=reading.crs,
            reading=reading,
            kind=data.kind,
            roles=dict(data.roles),
            style=self.style_for(data),
            sensitivity=data.meta.sensitivity,
        )

    def data_of(self, layer: Layer, *, progress: Progress = no_progress) -> Data:
        """The layer's data, with what the user said of it (kind, roles, sensitivity) applied."""
        data = self.datasets.load(layer.source, crs=layer.crs, reading=layer.reading, progress=progress)
        return documents.as_stated(data, layer)

    def _at_hand(self, layer: Layer) -> Data | None:
        """The layer's data where it is loaded; nothing is read."""
        data = self.datasets.peek(layer.source, crs=layer.crs, reading=layer.reading)
        return None if data is None else documents.as_stated(data, layer)

    def style_for(self, data: Data) -> Style:
        """The look a new layer of this data starts with."""
        return documents.style_for(self.registry, data)

    # -- computing ----------------------------------------------------------------------------

    def run(
        self,
        analysis: str,
        params: Mapping[str, Any],
        *,
        crs: str | None = None,
        progress: Progress = no_progress,
        title: str | None = None,
        labels: Mapping[str, str] | None = None,
        decisions: Mapping[str, Decided] | None = None,
        profiles: Mapping[str, tuple[Any, ...]] | None = None,
        audience: Sequence[str] | None = None,
    ) -> Run:
        """Run an analysis. Input fields of `params` are references (files, or "run:RUN/NAME").

        crs: for every input that states none. labels: what the user calls an input, by `input_key`, for
        titles and sentences; the hazard of a figure keeps the name of its file. decisions: how an input
        is read and what is stated of it, by `input_key`; `decided.of_layer` gives those of a layer.
        profiles: by field, in place of what the parameter names (a recipe carries them whole). The result
        layers are registered in `datasets`; see layers_of and record_of for what joins the project.
        audience: where files will be written of it, who they are for: an agreement that forbids them stops
        the run before it starts. None: nothing will be written now.
        Problem for what the user can fix.
        """
        from migmap import __version__

        tool = self.registry.analysis(analysis)
        checked = exporting.checked_params(tool.Params, params, f"“{tool.name}”")
        values = checked.model_dump(mode="json")
        fields = declared_fields(tool.Params)
        by_name = {one.name: one for one in fields}
        asked = references_in(fields, values)
        said = dict(decisions or {})
        loaded: dict[str, Data] = {}
        for index, (key, text) in enumerate(asked.items()):
            step = part(progress, 0.4 * index / len(asked), 0.4 * (index + 1) / len(asked))
            how = said.get(key, NOTHING)
            data = self.datasets.load(text, reading=_or_crs(how.reading, crs), progress=step)
            said[key] = how.beyond(data, crs)
            loaded[key] = with_meta(data, how.meta)
            _fits(by_name[input_field(key)], loaded[key])
            if labels and labels.get(key):
                loaded[key] = replace(loaded[key], label=labels[key])
        _no_homes_as_areas(loaded)
        runs = beside.runs_of(fields, values)
        if runs and "exposed" in loaded and not isinstance(loaded["exposed"], RasterData):
            # Sites of the two runs are compared one by one where the earlier ones can still be had.
            runs = {name: beside.with_sites(one, self._again) for name, one in runs.items()}
        known = beside.profiles_of(fields, values, profiles or {})
        if audience is not None:
            bound = [(data.title, one) for data in loaded.values() for one in data.meta.agreements]
            agreements.allowed(bound, audience)
        records = [recipe.record_of(asked[key], data) for key, data in loaded.items()]
        records += beside.records_of(runs, known)
        result = tool.run(checked, Inputs(loaded, runs, known), part(progress, 0.4, 1.0))
        identities: dict[str, Any] = {
            key: recipe.identity_of(asked[key], data, said.get(key, NOTHING)) for key, data in loaded.items()
        }
        identities |= beside.identities_of(runs, known)
        run_id = recipe.run_id(tool.name, values, fields, identities, crs, __version__)
        # What a look at part of a raster said gives way to what the run saw in every cell of it.
        seen = {(one.code, one.message.partition(":")[0]) for one in result.findings}
        inherited = [
            one
            for data in loaded.values()
            for one in data.findings
            if not (isinstance(data, RasterData) and (one.code, one.message.partition(":")[0]) in seen)
        ]
        run = Run(
            id=run_id,
            analysis=tool.name,
            title=title or recipe.run_title(tool.title, {key: data.title for key, data in loaded.items()}),
            params=values,
            crs=crs,
            result=result,
            inputs=loaded,
            records=tuple(records),
            findings=recipe.unique([*inherited, *result.findings]),
            recipe={
                **recipe.recipe_of(tool.name, values, fields, loaded, crs, __version__, said),
                **beside.in_recipe(runs, known),
                **said_with(result, tool.name, values, loaded, known),
            },
            sources=documents.source_lines(loaded.values()),
            sensitivity=strictest(data.meta.sensitivity for data in loaded.values()),
            synthetic=any(data.meta.synthetic for data in loaded.values()),
            households=any(layer.data.meta.households for layer in result.layers)
            or any(loaded[name].meta.households for name in ("sites", "exposed") if name in loaded),
            agreements=agreements.of_all(data.meta for data in loaded.values()),
        )
        for layer in result.layers:
            self.datasets.register(f"{RESULT_PREFIX}{run.id}/{layer.name}", layer.data)
        self._remember(run)
        return run

    def _again(self, saved: recipe.SavedRecipe) -> Result:
        """What a saved run found, computed again and kept nowhere; without what it was compared with."""
        tool = self.registry.analysis(saved.analysis)
        fields = declared_fields(tool.Params)
        values = {
            name: value
            for name, value in saved.params.items()
            if not any(one.name == name and one.run is not None for one in fields)
        }
        checked = exporting.checked_params(tool.Params, values, f"“{tool.name}”")
        dumped = checked.model_dump(mode="json")
        loaded = {
            key: self.read_input(text, saved.decisions.get(key, NOTHING), saved.crs, no_progress)
            for key, text in references_in(fields, dumped).items()
        }
        known = beside.profiles_of(fields, dumped, saved.profiles)
        result: Result = tool.run(checked, Inputs(loaded, {}, known), no_progress)
        return result

    def read_input(self, text: str, how: Decided, crs: str | None, progress: Progress) -> Data:
        """An input of a saved run, read as it was decided then. crs: of the whole run."""
        data = self.datasets.load(text, reading=_or_crs(how.reading, crs), progress=progress)
        return with_meta(data, how.meta)

    def explain(
        self, what: str | Path | Mapping[str, Any], index: int, *, progress: Progress = no_progress
    ) -> Explanation:
        """What a figure of a run is made of and what made it. what: a saved run document, the id of a run of
        this session, or a document; index: of its metrics, from 0. Problem for what is none of these."""
        from . import explaining

        return explaining.explain(self, what, index, progress)

    def layers_of(self, run: Run) -> tuple[Layer, ...]:
        """The result layers of a run as layers for the project, the first at the bottom."""
        return tuple(
            Layer(
                title=layer.title,
                source=f"{RESULT_PREFIX}{run.id}/{layer.name}",
                kind=layer.data.kind,
                roles=dict(layer.data.roles),
                style=layer.style,
                run=run.id,
                sensitivity=layer.data.meta.sensitivity,
            )
            for layer in documents.bottom_up(run.result.layers)
        )

    def record_of(self, run: Run) -> RunRecord:
        """The run as the project keeps it."""
        return RunRecord(
            id=run.id,
            analysis=run.analysis,
            title=run.title,
            document=run.document_with_recipe(),
            notes=run.result.notes,
            sources=run.sources,
        )

    def added(self, project: Project, run: Run) -> Project:
        """The project with the run's record and result layers, in their places; for store.apply. Layers of
        an earlier run of the same id are replaced. A title that is taken gets the run's beside it."""
        for layer in project.layers:
            if layer.run == run.id:
                project = project.without_layer(layer.id)
        project = project.with_run(self.record_of(run))
        for layer in self.layers_of(run):
            taken = {other.title for other in project.layers}
            title = layer.title if layer.title not in taken else f"{layer.title} – {run.title}"
            number = 2
            while title in taken:
                title = f"{layer.title} – {run.title} ({number})"
                number += 1
            project = project.with_layer(layer.changed(title=title))
        project = with_run_in_place(project, run, self._at_hand, self.known_run)
        return project.logged(f"Run {run.id}: {run.title}")

    def recipe(
        self, path: str, *, audience: Sequence[str] | None = None, progress: Progress = no_progress
    ) -> Run:
        """Run a saved run document again. An input whose contents changed is a finding
        ("input-changed"); one that is missing is a Problem naming it. audience: as for `run`."""
        saved = recipe.load_recipe(Path(path))
        run = self.run(
            saved.analysis,
            saved.params,
            crs=saved.crs,
            decisions=saved.decisions,
            profiles=saved.profiles,
            audience=audience,
            progress=progress,
        )
        run = recipe.with_findings(run, saved.findings)
        self._remember(run)
        return run

    def recipe_inputs(self, path: str) -> tuple[str, ...]:
        """References to the files a saved run document asks for; Problem where it cannot be run again."""
        saved = recipe.load_recipe(Path(path))
        fields = declared_fields(self.registry.analysis(saved.analysis).Params)
        return (
            *references_in(fields, saved.params).values(),
            *self.other_files(saved.analysis, saved.params),
        )

    def other_files(self, analysis: str, params: Mapping[str, Any]) -> tuple[str, ...]:
        """Files a run reads beside its inputs: saved runs, and profiles that are no built-in ones."""
        return beside.files_in(declared_fields(self.registry.analysis(analysis).Params), params)

    def _remember(self, run: Run) -> None:
        # Without the inputs: what is held in memory is for `datasets` to decide.
        self._runs[run.id] = replace(run, inputs={})

    # -- leaving ------------------------------------------------------------------------------

    def document_of(self, run: Run, *, progress: Progress = no_progress) -> ExportDocument:
        """The document of a run: its result layers over its inputs, metrics, findings, sources. An input
        of an earlier session that is no longer where it was is left out of the map."""
        inputs = dict(run.inputs)
        if not inputs:
            said = recipe.input_decisions(run.recipe, run.title)
            for name, text in recipe.input_texts(run.recipe).items():
                how = said.get(name, NOTHING)
                try:
                    data = self.datasets.load(text, reading=_or_crs(how.reading, run.crs), progress=progress)
                    inputs[name] = with_meta(data, how.meta)
                except Problem:
                    continue
        return documents.of_run(self.registry, run, inputs)

    def document_of_layers(
        self,
        layers: Sequence[Layer],
        *,
        title: str = "",
        run: str | None = None,
        progress: Progress = no_progress,
    ) -> ExportDocument:
        """The document of layers as the project shows them. run: id of the run whose metrics, findings
        and notes go along (it must have been made or opened in this session)."""
        pairs = []
        for index, layer in enumerate(layers):
            step = part(progress, index / len(layers), (index + 1) / len(layers))
            pairs.append((layer, self.data_of(layer, progress=step)))
        document = documents.of_layers(pairs, title=title, run=self._runs.get(run) if run else None)
        made_by = dict.fromkeys(layer.run for layer in layers if layer.run)
        return replace(document, run_id=document.run_id or ", ".join(made_by))

    def document_of_joined(self, joined: Joined) -> ExportDocument:
        """The joined table as a document of one layer; where its rows are single households, with the areas
        they are summed by."""
        data = joined.data()
        title = f"{data.title} by {joined.areas.title}"
        layer = Layer(
            title=title, source="", kind=data.kind, roles=dict(data.roles), style=self.style_for(data)
        )
        pairs: list[tuple[Layer, Data]] = [(layer, data)]
        if data.meta.households:
            areas = joined.areas
            ground = Layer(title=areas.title, source="", kind="boundary", roles=dict(areas.roles))
            pairs.insert(0, (ground, replace(areas, kind="boundary")))
        document = documents.of_layers(pairs, title=title)
        if len(pairs) > 1:
            ground_layer, *rest = document.layers
            document = replace(document, layers=(replace(ground_layer, result=False), *rest))
        sources = dict.fromkeys((*document.sources, *documents.source_lines([joined.areas])))
        return replace(document, sources=tuple(sources))

    def document_of_files(
        self,
        texts: Sequence[str],
        *,
        crs: str | None = None,
        keep: tuple[str, ...] = (),
        progress: Progress = no_progress,
    ) -> ExportDocument:
        """The document of plain files, for `migmap export`; a project among them stands for its layers.
        keep: codes of findings for what is otherwise left out, for every file. Problem for one that no file
        has a finding of."""
        layers: list[Layer] = []
        said: list[Finding] = []
        for index, text in enumerate(texts):
            step = part(progress, index / len(texts), (index + 1) / len(texts))
            if text.lower().endswith(".migmap"):
                opened = self.open_project(text, progress=step)
                layers += [one for one in opened.project.layers if one.id not in opened.missing]
                # What is not in the product must not be missing in silence.
                said += [Finding("project-incomplete", "warning", note) for note in _without_folders(opened)]
            else:
                layers.append(self.open(text, crs=crs, reading=Reading(keep=keep), progress=step))
        document = self.document_of_layers(layers)
        vain = [
            code for code in keep if code.partition(":")[0] not in {one.code for one in document.findings}
        ]
        if vain:
            raise Problem(f"There is nothing to keep for {', '.join(vain)}: no finding has that code.")
        return replace(document, findings=(*said, *document.findings))

    def known_run(self, run_id: str) -> Run | None:
        """A run made or opened in this session."""
        return self._runs.get(run_id)

    def check_targets(
        self, targets: Iterable[str | Path], inputs: Iterable[str] = ()
    ) -> tuple[tuple[Path, Exporter], ...]:
        """Problem unless every target has an exporter and a place it can be written to, and none is one
        of the `inputs` (references)."""
        return exporting.check_targets(self.registry, targets, inputs)

    def export(
        self,
        document: ExportDocument,
        target: str | Path,
        *,
        exporter: str | None = None,
        options: Mapping[str, Any] | None = None,
        audience: Sequence[str] = (),
        progress: Progress = no_progress,
    ) -> Exported:
        """Write one product. exporter: by its name; else the target's ending decides. audience: who it is
        for; Problem where a sharing agreement of a layer has ended or is for others."""
        path = Path(target)
        chosen = (
            self.registry.exporter(exporter)
            if exporter
            else exporting.check_targets(self.registry, [path])[0][1]
        )
        exporting.check_place(path)
        document = replace(document, audience=(*document.audience, *audience))
        return exporting.export(document, path, chosen, options, progress)

    def export_run(
        self,
        run: Run,
        targets: Sequence[str | Path],
        *,
        audience: Sequence[str] = (),
        progress: Progress = no_progress,
    ) -> Exported:
        """Write a run to several files, the run document last, because it lists the others. When one
        fails the earlier ones stay whole and the Problem says which they are. audience: who they are for;
        Problem, and no file, where a sharing agreement has ended or is for others."""
        document = self.document_of(run, progress=part(progress, 0.0, 0.2))
        document = replace(document, audience=tuple(audience))
        return exporting.export_run(self.registry, run, document, targets, part(progress, 0.2, 1.0))

    def join(
        self,
        table: str,
        areas: str,
        *,
        by: str | None = None,
        reading: Reading = AS_FOUND,
        areas_reading: Reading = AS_FOUND,
        progress: Progress = no_progress,
    ) -> Joined:
        """Every row of a table to an area of a boundary layer: matched, doubtful or unmatched."""
        from . import joining

        rows = self.datasets.load(table, reading=reading, progress=part(progress, 0.0, 0.3))
        ground = self.datasets.load(areas, reading=areas_reading, progress=part(progress, 0.3, 0.6))
        return joining.join(rows, ground, by=by, reading=reading, progress=part(progress, 0.6, 1.0))

    def convert(
        self,
        text: str,
        target: str | Path,
        *,
        reading: Reading = AS_FOUND,
        audience: Sequence[str] = (),
        progress: Progress = no_progress,
    ) -> Converted:
        """Read a file as `reading` says and write it in the format of the target's ending. audience: who
        it is for, as for `export`."""
        from . import converting

        return converting.convert(self, text, target, reading, audience, progress)

    # -- the doctor ---------------------------------------------------------------------------

    def check(
        self,
        what: str | Layer,
        *,
        reading: Reading = AS_FOUND,
        areas: str | Layer | None = None,
        progress: Progress = no_progress,
    ) -> LayerReport:
        """Everything that can be said of a file (read as `reading` says) or of a layer: accounting,
        findings with rows and fixes, completeness, duplicates, gaps. areas: boundaries to lay it on.
        Takes its time with large layers; cancel works. Problem where it cannot be read."""
        from .doctor.examine import check

        return check(self, what, reading=reading, areas=areas, progress=progress)

    def check_project(
        self,
        project: Project,
        *,
        areas: str | Layer | None = None,
        missing: Iterable[str] = (),
        file: str = "",
        progress: Progress = no_progress,
    ) -> ProjectReport:
        """The same of every layer that comes from a file, and what shows only between them. missing: ids
        of layers whose file is not there. file: the project's name for the report."""
        from .doctor.examine import check_project

        gone = dict.fromkeys(missing, "its file is not where it was.")
        return check_project(self, project, areas=areas, missing=gone, file=file, progress=progress)

    # -- the project --------------------------------------------------------------------------

    def save_project(
        self,
        project: Project,
        path: str | Path,
        *,
        overwrite: bool = False,
        progress: Progress = no_progress,
    ) -> Path:
        """Write a `.migmap` file. overwrite: needed where the file there is damaged or of a newer
        version; a Problem otherwise."""
        from . import project_file

        return project_file.save(project, Path(path), self._runs, overwrite, progress)

    def open_project(self, path: str | Path, *, progress: Progress = no_progress) -> OpenedProject:
        """Read a `.migmap` file and register the result layers in it. Does not touch `store`."""
        from . import project_file

        opened, runs = project_file.load(Path(path), self.datasets, progress)
        self._runs.update(runs)
        return opened

    def demo(self, out: str | Path, *, progress: Progress = no_progress) -> Demo:
        """The sample project and the main job, into folder `out`."""
        from . import sample

        return sample.demo(self, Path(out), progress)


def _without_folders(opened: OpenedProject) -> list[str]:
    """What is to be said of an opened project, with file names only: a product travels, and must not
    tell how someone's folders are called."""
    notes = list(opened.problems)
    for layer in opened.project.layers:
        notes = [note.replace(layer.source, PurePath(layer.source).name) for note in notes]
    return notes


def _no_homes_as_areas(loaded: Mapping[str, Data]) -> None:
    """Problem where figures are asked for by area and the areas are single households."""
    areas = loaded.get("areas")
    if areas is not None and areas.meta.households:
        raise Problem(
            f"The rows of {areas.title} look like single households, not areas.",
            detail="Figures for each of them would tell of single families.",
            fix="Give blocks, villages or districts. If these are areas, read them with --keep "
            f"{disclosure.POSITIONS}.",
        )


def _fits(field: Any, data: Data) -> None:
    """Problem where a field got a raster for features or the other way round."""
    if isinstance(data, RasterData) and field.raster is None:
        raise Problem(
            f"{data.source.path} is a raster; {field.flag} needs points or polygons.",
            fix="Give a file with features, for example a shapefile, GeoPackage or table.",
        )
    if not isinstance(data, RasterData) and field.vector is None:
        raise Problem(
            f"{data.source.path} holds features; {field.flag} needs a raster.",
            fix="Give a raster file, for example a GeoTIFF.",
        )


__all__ = ["Cancelled", "Finding", "Workbench"]


def _or_crs(reading: Reading, crs: str | None) -> Reading:
    """The reading, with the CRS of the whole run where it states none of its own."""
    return with_crs(reading, crs) if reading.crs is None else reading
