"""`migmap join`: a table onto areas, by code and by name, with every doubt listed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from migmap.api import Problem, Reading, part

from . import report
from .answer import Answer
from .generated import command, option, positional, switch
from .reading_options import AUDIENCE, reading_of, reading_options, roles_of

if TYPE_CHECKING:
    from migmap.app.joining import Joined, JoinGroup

_SUMMARY = (
    "Put the rows of a table onto areas, by P-code, then by name with its spelling repaired. Doubtful rows "
    "are listed with a score and left to you; unmatched rows stay, counted."
)
_TABLE = positional("table", "TABLE", "A table, or FILE::SHEET.")
_AREAS = option("areas", metavar="FILE", required=True, help_text="Polygons with P-codes or names.")
_BY = option("by", metavar="code|name", help_text="Match by this alone; without it by code, then by name.")
_ACCEPT = option(
    "accept",
    metavar="VALUE=CODE",
    many=True,
    help_text="The area a doubtful name or code means, for example Lahor=PK306. May be given several times.",
)
_MAP_AREAS = option(
    "map_areas", metavar="ROLE=COLUMN", many=True, help_text="The column of the areas that plays a role."
)
_OUT = option(
    "out",
    metavar="FILE",
    many=True,
    help_text="File to write the joined table to; the ending picks the format. May be given several times.",
)
_JSON = switch("json", "Print one JSON document instead of a summary.")
_LISTED = 25


def join_command() -> Callable[..., Answer]:
    """The command, for the table of commands."""
    options = [_TABLE, _AREAS, _BY, _ACCEPT, *reading_options(), _MAP_AREAS, _OUT, AUDIENCE, _JSON]
    return command("join", _SUMMARY, options, _join)


def _join(given: dict[str, Any]) -> Answer:
    from migmap.app.recipe import to_text
    from migmap.app.workbench import Workbench

    workbench, table, areas = Workbench(), given["table"], given["areas"]
    targets = list(given["out"])
    workbench.check_targets(targets, [table, areas])
    reading, said = reading_of(given, workbench, table)
    accepted = dict(_pair(each) for each in given["accept"])
    reading = reading.changed(areas={**reading.areas, **accepted})
    progress = report.progress_on_stderr()
    joined = workbench.join(
        table,
        areas,
        by=given["by"],
        reading=reading,
        areas_reading=Reading(crs=given["crs"], roles=roles_of(given["map_areas"], "--map-areas")),
        progress=part(progress, 0.0, 0.7),
    )
    findings, outputs = [*said, *joined.findings], list[str]()
    if targets:
        document = workbench.document_of_joined(joined)
        for index, target in enumerate(targets):
            step = part(progress, 0.7 + 0.3 * index / len(targets), 0.7 + 0.3 * (index + 1) / len(targets))
            done = workbench.export(document, target, audience=given["audience"], progress=step)
            findings += done.findings
            outputs += report.paths_text(done.paths)
    progress(1.0, "Done")
    if given["json"]:
        document_json = joined.document()
        document_json["findings"] = [dict(finding.as_json()) for finding in findings]
        return Answer(to_text({**document_json, "outputs": outputs}))
    return Answer(_text(joined, report.run_summary((), findings, outputs).strip()))


def _pair(text: str) -> tuple[str, str]:
    value, equals, code = str(text).rpartition("=")
    if not equals or not value.strip() or not code.strip():
        raise Problem(
            f"--accept {text} is not a value and a code.",
            fix="Write VALUE=CODE, for example --accept Lahor=PK306.",
        )
    return value.strip(), code.strip()


def _text(joined: Joined, said: str) -> str:
    document = joined.document()
    lines = []
    for status in ("matched", "doubtful", "unmatched"):
        one = document[status]
        people = "" if one["people"] is None else f", {one['people']:,} people"
        lines.append(f"{status:>9}: {one['rows']:,} {'row' if one['rows'] == 1 else 'rows'}{people}")
    for status, heading in (
        ("doubtful", "Doubtful: nothing was done; to accept one: --accept VALUE=CODE"),
        ("unmatched", "In none of the areas"),
    ):
        chosen = [one for one in joined.groups if one.status == status]
        if chosen:
            lines += ["", f"{heading}:", *_rows(chosen)]
    lines += ["", report.accounting_line(document["accounting"])]
    return "\n".join([*lines, "", said] if said else lines)


def _rows(groups: Sequence[JoinGroup]) -> list[str]:
    shown = [
        (
            one.value,
            "/".join(one.parents) if one.parents else "",
            report.rows_words(one.count, one.rows),
            "" if one.people is None else f"{one.people:,.0f} people",
            f"{one.score:.2f} {one.area_name} {one.area}" if one.area else "",
            one.why,
        )
        for one in groups[:_LISTED]
    ]
    lines = ["  " + line for line in report.table_text(shown).splitlines()]
    if len(groups) > _LISTED:
        lines.append(f"  and {len(groups) - _LISTED:,} more; --json lists all")
    return lines
