"""From a document to files: the exporter by ending, checked before anything is computed."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from migmap.api import (
    ExportDocument,
    Exporter,
    ExportTools,
    Finding,
    MapPainter,
    Params,
    Problem,
    Progress,
    no_progress,
    part,
)

from .recipe import Run, placed, plain
from .registry import Registry


@dataclass(frozen=True, slots=True)
class Exported:
    """paths: every file that now lies in place, the one asked for first."""

    paths: tuple[Path, ...]
    findings: tuple[Finding, ...] = ()


class LatePainter:
    """The map painter, imported when the first picture is asked for: it brings Qt with it."""

    def png(self, document: ExportDocument, width: int, height: int, progress: Progress) -> bytes:
        from migmap.paint.picture import Painter

        painter: MapPainter = Painter()
        return painter.png(document, width, height, progress)


def check_targets(registry: Registry, targets: Iterable[str | Path]) -> tuple[tuple[Path, Exporter], ...]:
    """Each target with the exporter of its ending. Problem, before any work is done, for an ending
    nobody writes, the same file twice, a folder that is missing or cannot be written."""
    checked: list[tuple[Path, Exporter]] = []
    for text in targets:
        target = Path(text)
        check_place(target)
        exporter = registry.exporter_for(target.suffix)
        if any(target.absolute() == other.absolute() for other, _ in checked):
            raise Problem(f"{target} is asked for twice.", fix="Give each file once.")
        checked.append((target, exporter))
    return tuple(checked)


def check_place(target: Path) -> None:
    """Problem unless a file can be written at `target`."""
    folder = target.parent
    if target.is_dir():
        raise Problem(f"{target} is a folder.", fix="Name a file to write.")
    if not folder.exists():
        raise Problem(
            f"The folder {folder} does not exist, so {target.name} cannot be written.",
            fix="Make the folder first, or choose another place.",
        )
    if not folder.is_dir():
        raise Problem(f"{folder} is a file, not a folder.", fix="Choose another place for the file.")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise Problem(
            f"The folder {folder} cannot be written: permission denied.",
            fix="Choose a folder you may write to.",
        )


def export(
    document: ExportDocument,
    target: Path,
    exporter: Exporter,
    options: Mapping[str, Any] | None = None,
    progress: Progress = no_progress,
) -> Exported:
    """Write one product, whole or not at all. options: values of the exporter's Params."""
    from migmap.io.write import replacing

    params = checked_params(exporter.Params, options or {}, f"exporter “{exporter.name}”")
    with replacing(target) as draft:
        findings = exporter.write(document, draft, params, ExportTools(LatePainter()), progress)
        names = sorted((each.name for each in draft.parent.iterdir()), key=lambda n: (n != target.name, n))
        # A cancel that came during the last step must still leave the old file in place.
        progress(1.0, f"Written {target.name}")
    return Exported(tuple(target.parent / name for name in names), tuple(findings))


def checked_params(cls: type[Params], values: Mapping[str, Any], owner: str) -> Any:
    """`cls(**values)`, with what pydantic says turned into one Problem in plain words."""
    from pydantic import ValidationError

    try:
        return cls(**values)
    except ValidationError as error:
        titles = {one.name: one for one in _fields(cls)}
        lines = []
        for fault in error.errors():
            name = str(fault["loc"][0]) if fault["loc"] else ""
            field = titles.get(name)
            said = str(fault["msg"]).removeprefix("Value error, ")
            if fault["type"] == "extra_forbidden":
                said = f"is not a parameter of {owner}"
            elif fault["type"] == "missing":
                said = "is required"
            lines.append(f"{field.flag if field else name}: {said}" if name else said)
        raise Problem(
            f"Parameters of {owner} do not fit: {'; '.join(lines)}.",
            fix="Correct the value and try again.",
        ) from error


def _fields(cls: type[Params]) -> tuple[Any, ...]:
    from migmap.api import declared_fields

    return declared_fields(cls)


def export_run(
    registry: Registry,
    run: Run,
    document: ExportDocument,
    targets: Sequence[str | Path],
    progress: Progress = no_progress,
) -> Exported:
    """Write a run to every target; run documents last, because they list the other files. When one
    fails the earlier ones stay, whole, and the Problem says which they are."""
    checked = check_targets(registry, targets)
    ordered = sorted(checked, key=lambda pair: pair[1].takes == "run")
    # A run document is one file, so what all targets will be is known before it is written.
    files: dict[Path, tuple[Path, ...]] = {
        target: (target,) if exporter.takes == "run" else () for target, exporter in checked
    }
    written: list[Path] = []
    findings: list[Finding] = []
    for index, (target, exporter) in enumerate(ordered):
        step = part(progress, index / len(ordered), (index + 1) / len(ordered))
        step(0.0, f"Writing {target.name}")
        outputs = [str(path) for paths in files.values() for path in paths]
        said = placed(run.document_with_recipe(outputs), target)
        said["findings"] += [plain(finding.as_json()) for finding in findings]
        try:
            done = export(replace(document, run=said), target, exporter, None, step)
        except Problem as problem:
            if not written:
                raise
            names = ", ".join(str(path) for path in written)
            raise Problem(
                problem.title,
                detail=f"{problem.detail} Already written and complete: {names}.".strip(),
                fix=problem.fix,
            ) from problem
        files[target] = done.paths
        written += done.paths
        findings += [finding for finding in done.findings if finding not in findings]
    return Exported(tuple(path for paths in files.values() for path in paths), tuple(findings))
