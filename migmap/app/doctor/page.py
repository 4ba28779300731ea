"""The report as one page: no script, no request, readable on paper."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files

from migmap.api import Finding

from . import words
from .report import Completeness, GapMatrix, LayerReport, ProjectReport

_CHANGES_SHOWN = 50
_ASIDE_SHOWN = 50
_DATES_SHOWN = 24


def page_of(report: LayerReport | ProjectReport) -> str:
    """The page as text, the same for the same report."""
    from migmap.export.page import assemble

    css = (files("migmap.app.doctor") / "report.css").read_text(encoding="utf-8")
    body = _project(report) if isinstance(report, ProjectReport) else _layer_page(report)
    return assemble(title=f"{report.title}: check", head=f"<style>{css}</style>", body=body)


def _layer_page(report: LayerReport) -> str:
    what = " · ".join(
        part
        for part in (
            report.file,
            report.kind.replace("_", " "),
            report.driver,
            report.crs or "no coordinate system",
            f"checked {report.today}" if report.today else "",
        )
        if part
    )
    return (
        _head(report.title, what, report.sensitivity, report.synthetic, report.source)
        + f"<main>{_layer_sections(report)}</main>"
    )


def _head(title: str, what: str, sensitivity: str | None, synthetic: bool, source: str) -> str:
    from migmap.export.page import escaped, isolated
    from migmap.geo.marks import SYNTHETIC

    banner = f'<div class="synthetic" role="note">{escaped(SYNTHETIC)}</div>' if synthetic else ""
    origin = f"<p>Source: {isolated(source)}</p>" if source else "<p>Source: not stated</p>"
    return (
        f"{banner}<header><h1>{isolated(title)}</h1><p>{isolated(what)}</p>"
        f'<p class="sensitivity">{escaped(words.sensitivity_text(sensitivity))}</p>{origin}</header>'
    )


def _project(report: ProjectReport) -> str:
    from migmap.export.page import escaped, isolated

    what = f"{report.file or 'project'}, {len(report.layers)} layers checked {report.today}"
    between = (
        f"<section><h2>Between the layers</h2>{_findings(report.findings)}</section>"
        if report.findings
        else "<section><h2>Between the layers</h2><p>Nothing contradicts.</p></section>"
    )
    rows = "".join(
        f"<tr><td>{isolated(one.title)}</td><td>{escaped(one.kind.replace('_', ' '))}</td>"
        f'<td class="number">{"" if one.accounting is None else f"{one.accounting.rows:,}"}</td>'
        f'<td class="number">{"" if one.accounting is None else f"{one.accounting.used:,}"}</td>'
        f'<td class="number">{"" if one.accounting is None else f"{one.accounting.set_aside:,}"}</td>'
        f"<td>{escaped(words.verdict(one.counts()))}</td></tr>"
        for one in report.layers
    )
    table = (
        '<section><h2>Layers</h2><div class="scroll"><table><thead><tr><th scope="col">layer</th>'
        '<th scope="col">kind</th><th scope="col" class="number">rows</th>'
        '<th scope="col" class="number">used</th><th scope="col" class="number">set aside</th>'
        f'<th scope="col">found</th></tr></thead><tbody>{rows}</tbody></table></div></section>'
    )
    each = "".join(
        f'<section><h2>{isolated(one.title)}</h2><p class="quiet">{isolated(one.file)} · '
        f"{escaped(words.sensitivity_text(one.sensitivity))}</p></section>{_layer_sections(one, gaps=False)}"
        for one in report.layers
    )
    return (
        _head(report.title, what, report.sensitivity, report.synthetic, "")
        + f"<main>{table}{between}{_gaps(report.gaps)}{each}</main>"
    )


def _layer_sections(report: LayerReport, gaps: bool = True) -> str:
    from migmap.export.page import escaped

    said = [words.balance(report), words.people_balance(report), *words.people_lines(report)]
    rows = ""
    if report.accounting is not None:
        lines = "".join(
            f"<p{' class=balance' if not at else ''}>{escaped(line)}</p>"
            for at, line in enumerate(line for line in said if line)
        )
        rows = f"<section><h2>Rows</h2>{lines}{_figures(report)}{_aside(report)}</section>"
    found = escaped(words.verdict(report.counts()))
    return (
        f"{rows}<section><h2>Findings: {found}</h2>{_findings(report.findings)}</section>{_fix_list(report)}"
        f"{_completeness(report.completeness)}{_gaps(report.gaps) if gaps else ''}"
    )


def _figures(report: LayerReport) -> str:
    from migmap.export.page import escaped

    names = {
        "rows": "equal rows",
        "ids": "repeated ids",
        "positions": "rows on one point",
        "near": "pairs near and alike",
        "shapes": "pairs of equal ground",
    }
    shown = [(number, names.get(key, key)) for key, number in report.duplicates.items() if number]
    if not shown:
        return ""
    items = "".join(f"<li><b>{number:,}</b><span>{escaped(name)}</span></li>" for number, name in shown)
    return f'<ul class="figures">{items}</ul>'


def _aside(report: LayerReport) -> str:
    from migmap.export.page import isolated

    blocks = []
    for one in report.aside:
        columns = [str(name) for name in one.frame.columns][:8]
        head = "".join(f'<th scope="col">{isolated(name)}</th>' for name in columns)
        body = []
        for at in range(min(len(one.frame), _ASIDE_SHOWN)):
            cells = "".join(f"<td>{isolated(_cell(one.frame.iloc[at, k]))}</td>" for k in range(len(columns)))
            body.append(f'<tr><td class="number">{int(one.row_numbers[at]):,}</td>{cells}</tr>')
        more = len(one.frame) - _ASIDE_SHOWN
        rest = f'<p class="quiet">and {more:,} more; the workbook lists all.</p>' if more > 0 else ""
        rows = "1 row" if len(one.frame) == 1 else f"{len(one.frame):,} rows"
        blocks.append(
            f"<details><summary>{rows} set aside: {isolated(one.reason)}</summary>"
            '<div class="scroll"><table><thead><tr><th scope="col" class="number">row</th>'
            f"{head}</tr></thead>"
            f"<tbody>{''.join(body)}</tbody></table></div>{rest}</details>"
        )
    return "".join(blocks)


def _cell(value: object) -> str:
    from migmap.geo.columns import as_text

    return (as_text(value) or "")[:120]


def _findings(findings: Sequence[Finding]) -> str:
    from migmap.export.page import escaped, isolated

    if not findings:
        return "<p>Nothing odd was found.</p>"
    items = []
    for one in findings:
        rows = words.rows_text(one.rows)
        head = f"{one.severity} · {one.count:,}"
        fix = ""
        if one.fix and one.applied:
            fix = f'<p class="fix">Applied: {isolated(one.fix)}</p>'
        elif one.fix:
            fix = (
                f'<p class="fix">Can be mended: {isolated(one.fix)} '
                f"<code>--fix {escaped(one.code)}</code></p>"
            )
        items.append(
            f'<li class="{one.severity}"><div class="head">{escaped(head)} · <code>{escaped(one.code)}</code>'
            f"</div>{isolated(one.message)}"
            + (f'<div class="head">{escaped(rows)}</div>' if rows else "")
            + f"{fix}</li>"
        )
    return f'<ul class="findings">{"".join(items)}</ul>'


def _fix_list(report: LayerReport) -> str:
    from migmap.export.page import escaped, isolated

    blocks = []
    for one in report.findings:
        if not one.changes:
            continue
        rows = []
        for change in one.changes[:_CHANGES_SHOWN]:
            code, name = report.context.get(change.row, ("", ""))
            rows.append(
                f'<tr><td class="number">{change.row:,}</td><td>{isolated(code)}</td>'
                f"<td>{isolated(name)}</td><td>{isolated(change.column or 'position')}</td>"
                f"<td>{isolated(change.old[:200])}</td>"
                f"<td>{isolated(change.new[:200])}</td><td>{isolated(change.reason)}</td></tr>"
            )
        more = len(one.changes) - _CHANGES_SHOWN
        rest = f'<p class="quiet">and {more:,} more; the workbook lists all.</p>' if more > 0 else ""
        values = "1 value" if len(one.changes) == 1 else f"{len(one.changes):,} values"
        state = "applied" if one.applied else "offered, not applied"
        blocks.append(
            f"<details><summary>{escaped(one.code)}: {values}, {state}</summary>"
            '<div class="scroll"><table><thead><tr><th scope="col" class="number">row</th>'
            '<th scope="col">id</th><th scope="col">name</th><th scope="col">column</th>'
            '<th scope="col">old</th><th scope="col">new</th><th scope="col">reason</th></tr></thead>'
            f"<tbody>{''.join(rows)}</tbody></table></div>{rest}</details>"
        )
    return f"<section><h2>Fixes</h2>{''.join(blocks)}</section>" if blocks else ""


def _completeness(roles: Sequence[Completeness]) -> str:
    from migmap.export.page import escaped, isolated

    if not roles:
        return ""
    rows = []
    for one in roles:
        filled = round(120 * one.share, 1)
        gone = round(120 * one.not_assessed / one.rows, 1) if one.rows else 0
        bar = (
            '<svg class="bar" width="120" height="9" role="img" aria-label="'
            f'{escaped(words.percent(one.share))}"><rect width="120" height="9"></rect>'
            f'<rect class="filled" width="{filled}" height="9"></rect>'
            f'<rect class="gone" x="{filled}" width="{gone}" height="9"></rect></svg>'
        )
        column = one.column if one.column is not None else ("" if one.role == "position" else "no column")
        rows.append(
            f"<tr><td>{isolated(one.title)}</td><td>{isolated(column)}</td><td>{bar}</td>"
            f'<td class="number">{escaped(words.percent(one.share))}</td>'
            f'<td class="number">{one.filled:,}</td><td class="number">{one.zero:,}</td>'
            f'<td class="number">{one.blank:,}</td><td class="number">{one.not_assessed:,}</td></tr>'
        )
    return (
        '<section><h2>Completeness</h2><div class="scroll"><table><thead><tr><th scope="col">role</th>'
        '<th scope="col">column</th><th scope="col"></th><th scope="col" class="number">filled</th>'
        '<th scope="col" class="number">rows</th><th scope="col" class="number">of them 0</th>'
        '<th scope="col" class="number">blank</th><th scope="col" class="number">not assessed</th>'
        f"</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
        '<p class="quiet">Zero, blank and “not assessed” are three different things.</p></section>'
    )


def _gaps(gaps: GapMatrix) -> str:
    from migmap.export.page import escaped, isolated

    if not gaps.cells:
        return ""
    at = gaps.at()
    dates = gaps.dates[-_DATES_SHOWN:]
    blocks = []
    for layer in gaps.layers:
        head = "".join(f'<th scope="col" class="number">{isolated(date)}</th>' for date in dates)
        rows = []
        for district in gaps.districts:
            cells = []
            for date in dates:
                cell = at.get((layer, district, date))
                if cell is None:
                    cells.append('<td class="nothing">–</td>')
                    continue
                people = "" if cell.people is None else f"<br>{escaped(words.number(cell.people))} people"
                count = "1 row" if cell.rows == 1 else f"{cell.rows:,} rows"
                cells.append(f'<td class="number">{count}{people}</td>')
            rows.append(f'<tr><th scope="row">{isolated(district)}</th>{"".join(cells)}</tr>')
        blocks.append(
            f'<details{_open(gaps)}><summary>{isolated(layer)}</summary><div class="scroll"><table><thead>'
            f'<tr><th scope="col">district</th>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table>'
            "</div></details>"
        )
    cut = len(gaps.dates) - len(dates)
    note = f" The newest {len(dates)} of {len(gaps.dates)} dates; the workbook holds all." if cut else ""
    by = f" Districts by {gaps.by}." if gaps.by else ""
    return (
        f"<section><h2>Where there are data, and where none</h2>{''.join(blocks)}"
        f'<p class="quiet">A dash: nothing, which is not zero.{escaped(by)}{escaped(note)}</p></section>'
    )


def _open(gaps: GapMatrix) -> str:
    return " open" if len(gaps.districts) * len(gaps.layers) <= 40 else ""
