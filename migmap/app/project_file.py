"""The `.migmap` file: one zip with the project, its runs and its result layers.

    project.json                what the map shows, where the data lies, the log
    runs/RUN.json               the run document with its recipe, notes, metrics
    results/RUN/NAME.gpkg       a result layer
    results/RUN/NAME.json       its columns, rows, style and meta

Each entry can be lost without the others. project.json comes first, so that a file cut short still
names its layers.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from migmap.api import Problem, Progress, ResultLayer, no_progress, part

from . import disclosure, result_file
from .archive import Archive, write_archive
from .datasets import RESULT_PREFIX, Datasets
from .opened import OpenedProject
from .project import Layer, LogEntry, Project, RunRecord, View
from .recipe import Run, placed, plain, relative_to, relocated, to_text

FORMAT = "migmap-project"
VERSION = 1
ENDING = ".migmap"


class WouldReplace(Problem):
    """Refused, because saving would destroy what could not be read of the file that is there. The person
    may decide otherwise: `save(..., overwrite=True)`."""


def save(
    project: Project,
    path: Path,
    runs: Mapping[str, Run],
    overwrite: bool = False,
    progress: Progress = no_progress,
) -> Path:
    """Write the project to `path`, whole or not at all. WouldReplace where the file there is damaged or of
    a newer version and `overwrite` is False; Problem where the place cannot be written."""
    from migmap.io.write import replacing

    if path.suffix.lower() != ENDING:
        path = path.with_name(path.name + ENDING)
    if not overwrite:
        _refuse_loss(path)
    folder = path.absolute().parent
    head = {
        "format": FORMAT,
        "version": VERSION,
        "title": project.title,
        "view": project.view.model_dump(mode="json") if project.view else None,
        "layers": [_layer_out(layer, folder) for layer in project.layers],
        "runs": [record.id for record in project.runs],
        "log": [entry.model_dump(mode="json") for entry in project.log],
    }
    entries: dict[str, bytes] = {"project.json": to_text(head).encode()}
    for index, record in enumerate(project.runs):
        progress(0.8 * index / len(project.runs), f"Saving {record.title}")
        entries[f"runs/{record.id}.json"] = to_text(_run_out(record, runs.get(record.id), path)).encode()
        run = runs.get(record.id)
        if run is not None:
            for layer in _kept_layers(run):
                entries |= result_file.entries(f"results/{record.id}/{layer.name}", layer)
    with replacing(path) as draft:
        write_archive(draft, entries)
        progress(1.0, f"Saved {path.name}")
    return path


def check(path: Path) -> None:
    """Problem for a project file that is missing, is none, or is of a newer version; cheap."""
    _head(_archive(path), path)


def load(
    path: Path, datasets: Datasets, progress: Progress = no_progress
) -> tuple[OpenedProject, dict[str, Run]]:
    """Open a project. What cannot be read is left out and named. Problem for a missing file, a file that
    is no project, a newer version."""
    archive = _archive(path)
    problems = list(archive.problems)
    head = _head(archive, path)
    if head is None:
        problems.append("The list of layers is unreadable; only results could be recovered.")
        head = {}
    runs, records, said = _runs_in(archive, head, path.absolute().parent, part(progress, 0.0, 0.9))
    problems += said
    damaged = bool(problems)
    layers, missing, notes, broken = _layers_in(head, path, runs)
    problems += broken
    damaged = damaged or bool(broken)
    if not head:
        layers = _recovered(runs)
    for run in runs.values():
        for layer in run.result.layers:
            datasets.register(f"{RESULT_PREFIX}{run.id}/{layer.name}", layer.data)
    project = Project(
        title=str(head.get("title") or path.stem),
        layers=layers,
        view=_view(head.get("view")),
        runs=records,
        log=_log(head.get("log")),
    )
    progress(1.0, f"Opened {path.name}")
    return OpenedProject(project, path, missing, damaged, (*problems, *notes)), runs


def _archive(path: Path) -> Archive:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise Problem(
            f"The project {path} cannot be read.",
            detail=(error.strerror or str(error)) + ".",
            fix="Check the name of the file.",
        ) from error
    archive = Archive.read(data)
    if archive is None:
        raise Problem(
            f"{path} is not a migmap project.",
            detail="Nothing in it could be read." if data else "The file is empty.",
            fix="Open a .migmap file; if this was one, take a backup copy.",
        )
    return archive


def _head(archive: Archive, path: Path) -> dict[str, Any] | None:
    """project.json, None when unreadable; Problem when newer or something else."""
    head = _json(archive.entries.get("project.json"))
    if head is None:
        if (
            not any(name.startswith(("runs/", "results/")) for name in archive.entries)
            and not archive.problems
        ):
            raise Problem(f"{path} is not a migmap project.", fix="Open a .migmap file.")
        return None
    version = head.get("version")
    if head.get("format", FORMAT) != FORMAT:
        raise Problem(f"{path} is not a migmap project.", fix="Open a .migmap file.")
    if _is_newer(version):
        raise Problem(
            f"{path} was saved by a newer version of migmap.",
            detail=f"It has format {version}; this migmap reads up to {VERSION}.",
            fix="Update migmap to open it. The file was not changed.",
        )
    return head


def _is_newer(version: Any) -> bool:
    """Whatever a later format writes there: 2, 2.5 or "2"."""
    try:
        return float(version) > VERSION
    except (TypeError, ValueError):
        return False


def _refuse_loss(path: Path) -> None:
    """WouldReplace where saving would destroy something that could not be read."""
    if not path.exists():
        return
    try:
        archive = _archive(path)
        damaged = not _is_whole(archive, _head(archive, path))
    except Problem as problem:
        raise WouldReplace(
            f"{path} was not overwritten.",
            detail=problem.title,
            fix="Save under another name, or confirm that the file may be replaced.",
        ) from problem
    if damaged:
        raise WouldReplace(
            f"{path} is damaged and was not overwritten.",
            detail="Saving over it would destroy what may still be recovered.",
            fix="Save under another name, or confirm that the file may be replaced.",
        )


def _is_whole(archive: Archive, head: Mapping[str, Any] | None) -> bool:
    """Whether everything the project lists is there and readable. The archive's checksums vouch for the
    rows of the results, so those are not read."""
    if head is None or archive.problems or not isinstance(head.get("layers"), list):
        return False
    try:
        for entry in head["layers"]:
            Layer.model_validate(entry)
        for run_id in head.get("runs") or ():
            entry = _json(archive.entries.get(f"runs/{run_id}.json")) or {}
            RunRecord.model_validate(entry["record"])
            for name in entry["layers"]:
                archive.entries[f"results/{run_id}/{name}.json"]
                archive.entries[f"results/{run_id}/{name}.gpkg"]
    except (ValidationError, KeyError, TypeError):
        return False
    return True


# -- layers ---------------------------------------------------------------------------------------


def _layer_out(layer: Layer, folder: Path) -> dict[str, Any]:
    values = layer.model_dump(mode="json")
    if not layer.source.startswith(RESULT_PREFIX):
        from migmap.io.reference import parse_reference

        reference = parse_reference(layer.source)
        values["file"] = {
            "relative": relative_to(reference.path, folder),
            "absolute": str(reference.path.absolute()),
            "part": reference.part,
        }
    return values


def _layers_in(
    head: Mapping[str, Any], path: Path, runs: Mapping[str, Run]
) -> tuple[tuple[Layer, ...], tuple[str, ...], list[str], list[str]]:
    """(layers, ids of missing ones, sentences on missing ones, sentences on unreadable ones)."""
    layers: list[Layer] = []
    missing: list[str] = []
    notes: list[str] = []
    broken: list[str] = []
    known = {f"{RESULT_PREFIX}{run.id}/{one.name}" for run in runs.values() for one in run.result.layers}
    listed = head.get("layers")
    if head and not isinstance(listed, list):
        return (), (), [], ["The list of layers is unreadable."]
    for number, entry in enumerate(listed or (), start=1):
        try:
            layer = Layer.model_validate(entry)
        except ValidationError:
            title = entry.get("title") if isinstance(entry, dict) else None
            broken.append(f"Layer {number} ({title or 'without a name'}) is unreadable and was left out.")
            continue
        if layer.source.startswith(RESULT_PREFIX):
            known = {
                f"{RESULT_PREFIX}{run.id}/{one.name}" for run in runs.values() for one in run.result.layers
            }
            if layer.source not in known:
                missing.append(layer.id)
                of_homes = layer.run is not None and layer.run in runs and runs[layer.run].households
                why = " because its rows are single households" if of_homes else ""
                notes.append(
                    f"The result layer “{layer.title}” is not in the project file{why}; run it again."
                )
        else:
            try:
                text, exists = _found(entry.get("file"), layer.source, path.absolute().parent)
            except (Problem, ValueError):  # no file name at all
                broken.append(f"Layer {number} ({layer.title}) names no file and was left out.")
                continue
            layer = layer.changed(source=text)
            if not exists:
                missing.append(layer.id)
                notes.append(f"The file of layer “{layer.title}” is missing: {text}")
        layers.append(layer)
    return tuple(layers), tuple(missing), notes, broken


def _found(file: Any, source: str, folder: Path) -> tuple[str, bool]:
    """Where a layer's file lies now: beside the project as it did, else where it was."""
    if not isinstance(file, dict):
        from migmap.io.reference import parse_reference

        return source, parse_reference(source).path.exists()
    places = []
    if isinstance(file.get("relative"), str):
        places.append(Path(os.path.normpath(folder / file["relative"])))
    if isinstance(file.get("absolute"), str):
        places.append(Path(file["absolute"]))
    mark = f"::{file['part']}" if file.get("part") else ""
    for place in places:
        if place.exists():
            return f"{place}{mark}", True
    return (f"{places[0]}{mark}" if places else source), False


def _recovered(runs: Mapping[str, Run]) -> tuple[Layer, ...]:
    """Layers for the results of a project whose own list was lost."""
    return tuple(
        Layer(title=one.title, source=f"{RESULT_PREFIX}{run.id}/{one.name}", style=one.style, run=run.id)
        for run in runs.values()
        for one in run.result.layers
    )


def _view(value: Any) -> View | None:
    try:
        return View.model_validate(value) if value is not None else None
    except ValidationError:
        return None


def _log(value: Any) -> tuple[LogEntry, ...]:
    entries = []
    for one in value if isinstance(value, list) else ():
        try:
            entries.append(LogEntry.model_validate(one))
        except ValidationError:
            continue
    return tuple(entries)


# -- runs -----------------------------------------------------------------------------------------


def _kept_layers(run: Run) -> tuple[ResultLayer, ...]:
    """Result layers as a project file holds them: none of single households, which a project only names
    the file of, and none of their small counts."""
    from migmap.geo.smallcounts import masked_areas

    layers = tuple(layer for layer in run.result.layers if not layer.data.meta.households)
    document = run.document_with_recipe()
    if not disclosure.hides_small(document):
        return layers
    return tuple(replace(layer, data=masked_areas(layer.data)) for layer in layers)


def _run_out(record: RunRecord, run: Run | None, path: Path) -> dict[str, Any]:
    document = disclosure.without_small(placed(record.document, path))
    notes = disclosure.notes_without_small(record.notes, record.document)
    return {
        "record": {**record.model_dump(mode="json"), "notes": list(notes), "document": document},
        "layers": [layer.name for layer in _kept_layers(run)] if run else [],
        "crs": plain(run.crs) if run else None,
    }


def _runs_in(
    archive: Archive, head: Mapping[str, Any], folder: Path, progress: Progress
) -> tuple[dict[str, Run], tuple[RunRecord, ...], list[str]]:
    stored = [name[len("runs/") : -len(".json")] for name in archive.entries if name.startswith("runs/")]
    listed = head.get("runs")
    ids = [one for one in listed if isinstance(one, str)] if isinstance(listed, list) else stored
    runs: dict[str, Run] = {}
    records: list[RunRecord] = []
    problems: list[str] = []
    for index, run_id in enumerate(ids):
        progress(index / len(ids), "Reading results")
        entry = _json(archive.entries.get(f"runs/{run_id}.json"))
        try:
            record = RunRecord.model_validate(entry["record"] if entry else None)
            record = record.model_copy(update={"document": relocated(record.document, folder)})
            layers, lost = result_file.layers_in(archive, f"results/{run_id}", (entry or {}).get("layers"))
            runs[run_id] = result_file.run_from(record, layers)
        except (ValidationError, KeyError, TypeError, ValueError, AttributeError):
            problems.append(f"Run {run_id} is unreadable and was left out.")
            continue
        records.append(record)
        problems += [f"The result layer “{name}” of run {run_id} is unreadable." for name in lost]
    return runs, tuple(records), problems


def _json(data: bytes | None) -> dict[str, Any] | None:
    if data is None:
        return None
    try:
        value = json.loads(data)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
