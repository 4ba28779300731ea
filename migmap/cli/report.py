"""What a command says: progress while it runs, sentences when it is done."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from migmap.api import Finding, Progress

from . import stopping

if TYPE_CHECKING:
    from migmap.app.converting import Converted

_WIDTH = 78
_DRIVERS = {
    "GPKG": "GeoPackage",
    "ESRI Shapefile": "shapefile",
    "GTiff": "GeoTIFF",
    "AAIGrid": "ASCII grid",
    "GeoJSONSeq": "GeoJSON, a feature a line",
    "OpenFileGDB": "File Geodatabase",
    "LIBKML": "KML",
}


def progress_on_stderr() -> Progress:
    """One line that renews itself on a terminal; silent where nobody watches. Every call is also where
    Ctrl-C stops the work."""
    stream = sys.stderr
    watched = stream is not None and stream.isatty()
    last = ""

    def show(fraction: float, text: str = "") -> None:
        nonlocal last
        stopping.check()
        line = f"{fraction:4.0%} {text}"[:_WIDTH]
        if watched and line != last:
            last = line
            ending = "\r" + " " * _WIDTH + "\r" if fraction >= 1 else ""
            stream.write("\r" + line.ljust(_WIDTH) + ending)
            stream.flush()

    return show


def run_summary(notes: Sequence[str], findings: Iterable[Finding], outputs: Sequence[str]) -> str:
    """The answer first, then what is odd about the data, then the files."""
    lines = list(notes)
    findings = _once(findings)
    said = [_finding_line(finding) for finding in findings if finding.severity != "info"]
    quiet = [_finding_line(finding) for finding in findings if finding.severity == "info"]
    if said or quiet:
        lines += ["", "About the data:", *said, *quiet]
    if outputs:
        lines += ["", "Written:", *(f"  {path}" for path in outputs)]
    return "\n".join(lines)


def _once(findings: Iterable[Finding]) -> list[Finding]:
    """Without what a file said of its rows where the analysis says the same of the same rows."""
    listed = list(findings)
    lost = {"site-without-position", "sites-without-coordinates"}
    nowhere = [(finding.count, finding.rows) for finding in listed if finding.code in lost]
    # A table without coordinates names no rows: it is about all of them.
    nowhere += [(count, ()) for count, _ in nowhere]
    return [
        finding
        for finding in listed
        if finding.code != "no-position" or (finding.count, finding.rows) not in nowhere
    ]


def _finding_line(finding: Finding) -> str:
    rows = ""
    if finding.rows:
        first = ", ".join(str(row) for row in finding.rows[:5])
        more = finding.count - min(len(finding.rows), 5)
        rows = f" (row {first})" if len(finding.rows) == 1 else f" (rows {first}{' …' if more > 0 else ''})"
    return f"  {finding.severity}: {shortened(finding.message)}{rows}"


def shortened(message: str) -> str:
    """A long list in a message cut after three; exports and --json hold all of it."""
    items = message.removesuffix(".").split("; ")
    if len(items) <= 5:
        return message
    rest = items[3:]
    counted = re.fullmatch(r"(?:and )?([\d,]+) more", rest[-1])
    more = len(rest) if counted is None else len(rest) - 1 + int(counted.group(1).replace(",", ""))
    return f"{'; '.join(items[:3])}; and {more:,} more."


_MOST_FILES = 40


def info_text(name: str, about: Mapping[str, Any]) -> str:
    """`migmap info` for people."""
    from migmap.io.wording import counted

    if about["kind"] == "folder":
        return _folder_text(name, about)
    kind = str(about["kind"]).replace("_", " ")
    what = (
        "migmap project" if kind == "project" else f"{kind}, {_DRIVERS.get(about['driver'], about['driver'])}"
    )
    lines = [f"{name}: {what}"]
    if about.get("width") is not None:
        cells = f"{about['width']:,} x {about['height']:,} cells, {about['dtype']}"
        nodata = "no declared no-data value" if about["nodata"] is None else f"no data {about['nodata']:g}"
        lines.append(f"  {cells}, {nodata}, unit {about['unit'] or 'not stated'}")
    elif about.get("rows") is not None:
        rows, columns = counted(about["rows"], "row"), counted(len(about["columns"]), "column")
        lines.append(f"  {rows}, {columns}")
    if about["kind"] != "project":
        lines.append(f"  CRS: {about['crs'] or 'none'}")
    if about.get("bounds"):
        lines.append("  bounds: " + ", ".join(f"{value:.6g}" for value in about["bounds"]))
    if about["columns"]:
        lines.append("  columns: " + ", ".join(about["columns"]))
    if len(about["layers"]) > 1:
        lines.append("  layers: " + ", ".join(about["layers"]))
    if "sensitivity" in about:
        lines.append(f"  sensitivity: {about['sensitivity'] or 'not stated, treated as restricted'}")
        if about["synthetic"]:
            lines.append("  synthetic data: not real places or people")
    if "source" in about:
        missing = [word for word in ("source", "date") if not about.get(word)]
        lines += [f"  source: {about['source']}"] if about["source"] else []
        lines += [f"  not stated: {', '.join(missing)}"] if missing and about["kind"] != "project" else []
        lines += [f"  {word}: {about[word]}" for word in ("method", "boundary_vintage") if about.get(word)]
        lines += [f"  {_sharing(one)}" for one in about.get("agreements") or ()]
    if about.get("roles"):
        lines.append("  roles: " + ", ".join(f"{role} = {column}" for role, column in about["roles"].items()))
    for finding in about["findings"]:
        lines.append(f"  {finding['severity']}: {finding['message']}")
        if finding.get("fix") and not finding.get("applied"):
            lines.append(f"    --fix {finding['code']}: {finding['fix']}")
    if about.get("accounting"):
        lines.append("  " + accounting_line(about["accounting"]))
        lines += ["  " + aside_line(one) for one in about["set_aside"]]
    return "\n".join(lines)


def _folder_text(name: str, about: Mapping[str, Any]) -> str:
    from migmap.io.wording import counted

    files, hazards = about["layers"], about["hazard_set"]
    lines = [f"{name}: folder, {counted(len(files), 'data file')}"]
    lines += [f"  {file}" for file in files[:_MOST_FILES]]
    if len(files) > _MOST_FILES:
        lines.append(f"  and {len(files) - _MOST_FILES:,} more")
    if hazards is not None:
        by = ", ".join(word.replace("_", " ") for word in hazards["by"])
        unit = f", unit {hazards['unit']}" if hazards["unit"] else ""
        members = counted(len(hazards["members"]), "raster")
        lines.append(f"  a set of {hazards['hazard'] or 'hazard'} rasters: {members} by {by}{unit}")
        lines += [f"    {one['label']}: {one['reference']}" for one in hazards["members"]]
    lines += [f"  {finding['severity']}: {finding['message']}" for finding in about["findings"]]
    return "\n".join(lines)


def _sharing(one: Mapping[str, Any]) -> str:
    from migmap.geo.marks import sharing

    return sharing([(one["reference"] or "", one["expires"] or "", one["audience"] or "")])


def converted_text(done: Converted) -> str:
    """`migmap convert` for people: what is odd, what was written, where every row went."""
    text = run_summary((), done.findings, paths_text(done.paths)).strip()
    if done.accounting is None:
        return text
    lines = [text, "", accounting_line(done.accounting.as_json())]
    lines += [aside_line(one) for one in done.set_aside]
    return "\n".join(lines)


def accounting_line(counts: Mapping[str, Any]) -> str:
    """ "1,234 rows in the file = 1,200 used + 34 set aside; 5,000 people = 4,000 + 1,000"."""
    from migmap.io.wording import counted

    line = f"{counted(counts['rows'], 'row')} in the file = {counts['used']:,} used"
    line += f" + {counts['set_aside']:,} set aside"
    if counts["people"] is not None:
        line += f"; {counts['people']:,} people = {counts['people_used']:,} + {counts['people_set_aside']:,}"
    return line + "."


def rows_words(count: int, rows: Sequence[int]) -> str:
    """ "row 7", "rows 2, 3, 4 …"."""
    first = ", ".join(str(row) for row in rows[:4])
    return f"row {first}" if count == 1 else f"rows {first}{' …' if count > 4 else ''}"


def aside_line(one: Mapping[str, Any]) -> str:
    """One reason for which rows were set aside, with the first of them."""
    from migmap.io.wording import counted

    first = ", ".join(str(row) for row in one["rows"][:5])
    more = " …" if one["count"] > 5 else ""
    people = f", {one['people']:,} people" if one["people"] is not None else ""
    row = "row" if one["count"] == 1 else "rows"
    return f"  set aside: {counted(one['count'], 'row')}{people}, {one['reason']} ({row} {first}{more})"


def table_text(rows: Sequence[Sequence[str]]) -> str:
    """Rows in columns as wide as they need to be."""
    if not rows:
        return ""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def paths_text(paths: Iterable[Path]) -> list[str]:
    return [str(path) for path in paths]
