"""Reports as files."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from migmap.api import Problem, Progress, no_progress, part

from ..exporting import belongings, check_place, refuse_inputs
from .report import LayerReport, ProjectReport

ENDINGS = (".html", ".htm", ".xlsx")


def check_reports(targets: Iterable[str | Path], inputs: Iterable[str] = ()) -> tuple[Path, ...]:
    """The targets, before any work is done. Problem: an ending a report is not written in, the same file
    twice, a place that cannot be written, a file that is one of the `inputs`."""
    owned = belongings(inputs)
    paths: list[Path] = []
    for text in targets:
        path = Path(text)
        if path.suffix.lower() not in ENDINGS:
            raise Problem(
                f"A report cannot be written as {path.name}.",
                fix="End the name in .html for a page or .xlsx for a list of fixes.",
            )
        check_place(path)
        refuse_inputs([path], owned)
        if path in paths:
            raise Problem(f"{path} is asked for twice.", fix="Give each file once.")
        paths.append(path)
    return tuple(paths)


def write_reports(
    report: LayerReport | ProjectReport, targets: Iterable[str | Path], progress: Progress = no_progress
) -> tuple[Path, ...]:
    """The report as every one of the files, whole or not at all. Problem as `check_reports`."""
    from migmap.io.write import replacing

    paths = check_reports(targets)
    for index, path in enumerate(paths):
        step = part(progress, index / len(paths), (index + 1) / len(paths))
        step(0.0, f"Writing {path.name}")
        with replacing(path) as temporary:
            if path.suffix.lower() == ".xlsx":
                from .workbook import write_workbook

                write_workbook(report, temporary, step)
            else:
                from .page import page_of

                temporary.write_text(page_of(report), encoding="utf-8", newline="\n")
    return paths
