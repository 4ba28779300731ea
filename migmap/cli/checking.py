"""`migmap check`: the import doctor on the command line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from migmap.api import Finding, Progress, part

from . import report
from .answer import Answer
from .generated import command, option, positional, switch
from .reading_options import reading_of, reading_options

if TYPE_CHECKING:
    from migmap.app.doctor import LayerReport, ProjectReport
    from migmap.app.workbench import Workbench

_SUMMARY = (
    "Say everything that is odd in a file or a project, where, and what to do about it. "
    "Ends with 0 however much is found."
)
_FILE = positional("file", "FILE", "A file, FILE::LAYER, or a project (.migmap).")
_AREAS = option(
    "areas",
    metavar="FILE",
    help_text="Boundaries to lay it on: what lies outside, or elsewhere than it says.",
)
_REPORT = option(
    "report",
    metavar="FILE",
    many=True,
    help_text="Write the report: .html for a page, .xlsx for a list of fixes to send back. May be given "
    "several times.",
)
_JSON = switch("json", "Print one JSON document instead of a summary.")
_MOST_LINES = 40


def check_command() -> Callable[..., Answer]:
    """The command, for the table of commands."""
    return command("check", _SUMMARY, [_FILE, *reading_options(), _AREAS, _REPORT, _JSON], _check)


def _check(given: dict[str, Any]) -> Answer:
    from migmap.app.doctor import check_reports, write_reports
    from migmap.app.recipe import plain, to_text
    from migmap.app.workbench import Workbench

    workbench, path = Workbench(), str(given["file"])
    targets = [str(each) for each in given["report"]]
    areas = None if given["areas"] is None else str(given["areas"])
    # Before the work: minutes of comparing must not end at a mistyped folder.
    check_reports(targets, [one for one in (path, areas) if one])
    progress = report.progress_on_stderr()
    found = _examined(workbench, path, given, areas, part(progress, 0.0, 0.9))
    written = report.paths_text(write_reports(found, targets, part(progress, 0.9, 1.0)))
    progress(1.0, "Done")
    if given["json"]:
        return Answer(to_text({**plain(found.as_json()), "outputs": written}))
    return Answer(check_text(found, written))


def _examined(
    workbench: Workbench, path: str, given: dict[str, Any], areas: str | None, progress: Progress
) -> LayerReport | ProjectReport:
    if path.lower().endswith(".migmap"):
        opened = workbench.open_project(path, progress=part(progress, 0.0, 0.1))
        return workbench.check_project(
            opened.project,
            areas=areas,
            missing=opened.missing,
            file=PurePath(path).name,
            progress=part(progress, 0.1, 1.0),
        )
    reading, said = reading_of(given, workbench, path)
    found = workbench.check(path, reading=reading, areas=areas, progress=progress)
    return found.with_findings(said)


def check_text(found: LayerReport | ProjectReport, written: Sequence[str] = ()) -> str:
    """`migmap check` for people: the worst first, the accounting at the end."""
    from migmap.app.doctor import ProjectReport
    from migmap.io.wording import counted

    if isinstance(found, ProjectReport):
        layers = counted(len(found.layers), "layer")
        lines = [f"{found.file or found.title}: {_counted(found.counts())} in {layers}"]
        lines += _finding_lines(found.findings)
        for layer in found.layers:
            lines += ["", *_layer_lines(layer)]
    else:
        lines = _layer_lines(found)
    if written:
        lines += ["", "Written:", *(f"  {path}" for path in written)]
    return "\n".join(lines)


def _counted(counts: dict[str, int]) -> str:
    from migmap.app.doctor import words

    return words.verdict(counts)


def _layer_lines(found: LayerReport) -> list[str]:
    from migmap.app.doctor import words

    lines = [f"{found.file}: {found.kind.replace('_', ' ')}, {_counted(found.counts())}"]
    lines += _finding_lines(found.findings)
    blank = [one for one in found.completeness if one.filled < one.rows and one.column is not None]
    if blank:
        lines += ["", "Not filled everywhere:"]
        lines += [_completeness_line(one) for one in blank[:12]]
    people = words.people_lines(found)
    if people:
        lines += ["", " ".join(people)]
    if found.accounting is not None:
        lines += ["", words.balance(found)]
        if words.people_balance(found):
            lines.append(words.people_balance(found))
    lines.append(words.sensitivity_text(found.sensitivity) + ".")
    if found.synthetic:
        lines.append("Synthetic data: not real places or people.")
    return lines


def _completeness_line(one: Any) -> str:
    from migmap.app.doctor import words

    parts = [f"{one.blank:,} blank"] if one.blank else []
    parts += [f"{one.not_assessed:,} not assessed"] if one.not_assessed else []
    return f"  {one.title} (“{one.column}”): {words.percent(one.share)} filled, {', '.join(parts)}"


def _finding_lines(findings: Sequence[Finding]) -> list[str]:
    from migmap.app.doctor import words

    lines = []
    for one in findings[:_MOST_LINES]:
        rows = words.rows_text(one.rows, most=5)
        where = f" ({rows})" if rows else ""
        lines.append(f"  {one.severity}: {report.shortened(one.message)}{where}")
        if one.fix and not one.applied:
            lines.append(f"    --fix {one.code}: {one.fix}")
    if len(findings) > _MOST_LINES:
        lines.append(f"  and {len(findings) - _MOST_LINES} more; a report holds all of them")
    return lines
