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
    ParamField,
    Params,
    Problem,
    Progress,
    RasterData,
    declared_fields,
    no_progress,
    part,
)

from . import agreements, disclosure
from .datasets import RESULT_PREFIX
from .recipe import Run, input_texts, placed, plain
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


def check_targets(
    registry: Registry, targets: Iterable[str | Path], inputs: Iterable[str] = ()
) -> tuple[tuple[Path, Exporter], ...]:
    """Each target with the exporter of its ending. Problem, before any work is done, for an ending
    nobody writes, the same file twice, a folder that is missing or cannot be written, a file that is
    one of the `inputs` (references as typed)."""
    checked: list[tuple[Path, Exporter]] = []
    owned = belongings(inputs)
    for text in targets:
        target = Path(text)
        check_place(target)
        refuse_inputs([target], owned)
        exporter = registry.exporter_for(target.suffix)
        if any(_same_file(target, other) for other, _ in checked):
            raise Problem(f"{target} is asked for twice.", fix="Give each file once.")
        checked.append((target, exporter))
    return tuple(checked)


def belongings(inputs: Iterable[str]) -> tuple[Path, ...]:
    """The files that `inputs` (references) are made of: each and what belongs to it (.dbf, .prj, a
    sidecar)."""
    from migmap.io.hashing import companions
    from migmap.io.reference import parse_reference

    found: dict[Path, None] = {}
    for text in inputs:
        if text and not text.startswith(RESULT_PREFIX):
            path = parse_reference(text).path
            found |= dict.fromkeys((path, *companions(path)))
    return tuple(found)


def refuse_inputs(targets: Iterable[Path], owned: Sequence[Path]) -> None:
    """Problem for a target that is one of the files the figures come from: it would be gone, with the
    columns, layers and rows the product does not hold."""
    for target in targets:
        for path in owned:
            if _same_file(target, path):
                raise Problem(
                    f"{target} is an input and was not overwritten.",
                    detail="Writing there would destroy the data it holds.",
                    fix="Choose another name for the file to write.",
                )


def _same_file(one: Path, other: Path) -> bool:
    """Whether two names lead to one file, through links and other spellings too."""
    try:
        return os.path.samefile(one, other)
    except OSError:  # one of them does not exist yet
        return os.path.realpath(one) == os.path.realpath(other)


def check_place(target: Path) -> None:
    """Problem unless a file can be written at `target`."""
    from migmap.io.reference import check_name
    from migmap.io.write import written_at

    target = written_at(target)
    check_name(target)
    try:
        target.absolute()
    except FileNotFoundError as error:
        raise Problem(
            f"The folder in which {target} is to be written does not exist any more.",
            detail="The folder migmap was started in was removed.",
            fix="Change to another folder, or give the whole path of the file to write.",
        ) from error
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
    others: Sequence[Path] = (),
) -> Exported:
    """Write one product, whole or not at all. options: values of the exporter's Params. others: products
    written beside it. Problem where a file of the product would take the place of one of these, or of
    one the document was made of, and for an export outside a sharing agreement. What was held back of the
    document is said in the product too."""
    from migmap.io.write import replacing, written_at

    params = checked_params(exporter.Params, options or {}, f"“{exporter.name}”")
    target = written_at(target)
    owned = belongings(_inputs_of(document))
    refuse_inputs([target], owned)
    agreements.checked(document)
    document, withheld = disclosure.guarded(document)
    document = replace(document, findings=(*document.findings, *withheld))
    with replacing(target) as draft:
        findings = exporter.write(document, draft, params, ExportTools(LatePainter()), progress)
        names = sorted((each.name for each in draft.parent.iterdir()), key=lambda n: (n != target.name, n))
        # A shapefile brings files of other names along.
        places = [target.parent / name for name in names]
        refuse_inputs(places, owned)
        for other in others:
            for place in places:
                if _same_file(place, other):
                    raise Problem(
                        f"{other} is asked for, and a file of that name comes with {target.name}.",
                        fix="Give one of the two another name.",
                    )
        # A cancel that came during the last step must still leave the old file in place.
        progress(1.0, f"Written {target.name}")
    found = (*withheld, *_left_out(document, exporter, target), *findings)
    return Exported(tuple(target.parent / name for name in names), found)


def log_line(paths: Iterable[Path], findings: Iterable[Finding], audience: Sequence[str] = ()) -> str:
    """What a project's log says of an export: the files, for whom, and what was held back."""
    said = ["Exported " + ", ".join(str(path) for path in paths)]
    if audience:
        said.append("for " + ", ".join(audience))
    codes = ("household-positions-withheld", "small-counts-suppressed", "household-positions", "small-counts")
    said += [finding.message.rstrip(".") for finding in findings if finding.code in codes]
    return "; ".join(said)


def _left_out(document: ExportDocument, exporter: Exporter, target: Path) -> tuple[Finding, ...]:
    """Rasters among plain layers that a file of rows has no place for. A run's products hold its results
    by design; there the rasters are only what the figures came from."""
    if exporter.takes not in ("layers", "table") or document.metrics:
        return ()
    rasters = [layer.title for layer in document.layers if isinstance(layer.data, RasterData)]
    if not rasters:
        return ()
    return (
        Finding(
            code="raster-left-out",
            severity="warning",
            message=f"{target.name} holds rows, no pictures: {', '.join(rasters)} is not in it.",
            count=len(rasters),
        ),
    )


def _inputs_of(document: ExportDocument) -> Iterable[str]:
    """References to what a document was made of: its layers' files, and its run's inputs."""
    yield from (layer.data.source.path for layer in document.layers)
    yield from input_texts(document.run.get("recipe") or {}).values()


def checked_params(cls: type[Params], values: Mapping[str, Any], owner: str) -> Any:
    """`cls(**values)`, with what pydantic says turned into one Problem in plain words."""
    from pydantic import ValidationError

    try:
        return cls(**values)
    except ValidationError as error:
        fields = {one.name: one for one in declared_fields(cls)}
        faults = [_fault(fault, fields, owner) for fault in error.errors()]
        raise Problem(" ".join(faults), fix="Correct the value and try again.") from error


_BOUNDS = {
    "greater_than": ("gt", "above {0}{1}"),
    "greater_than_equal": ("ge", "{0}{1} or more"),
    "less_than": ("lt", "below {0}{1}"),
    "less_than_equal": ("le", "{0}{1} or less"),
}


def _fault(fault: Any, fields: Mapping[str, ParamField], owner: str) -> str:
    """One complaint of pydantic as a sentence."""
    name = str(fault["loc"][0]) if fault["loc"] else ""
    field, kind, facts = fields.get(name), str(fault["type"]), fault.get("ctx") or {}
    flag, given = field.flag if field else name, f"“{fault['input']}”"
    if kind == "extra_forbidden":
        return f"{flag} is not a parameter of {owner}."
    if kind == "missing":
        told = field.description or field.title if field else ""
        return f"{flag} is missing: {told}" if told else f"{flag} is missing."
    if kind in _BOUNDS:
        key, wording = _BOUNDS[kind]
        bound, unit = f"{facts[key]:g}", f" {field.unit}" if field and field.unit else ""
        return f"{flag}: {given} does not fit; it must be {wording.format(bound, unit)}."
    if kind.startswith("float_") or kind == "finite_number":
        return f"{flag}: {given} is not a number."
    if kind.startswith("int_"):
        return f"{flag}: {given} is not a whole number."
    if kind == "literal_error" and field and field.choices:
        return f"{flag}: {given} is none of {', '.join(field.choices)}."
    said = str(fault["msg"]).removeprefix("Value error, ").replace("Input should be", "it must be")
    return f"{flag}: {said}." if flag else f"{said}."


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
    if checked:
        agreements.checked(document)
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
            others = [each for each in (*files, *written) if each != target]
            if document.audience:
                said["audience"] = list(document.audience)
            done = export(replace(document, run=said), target, exporter, None, step, others)
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
