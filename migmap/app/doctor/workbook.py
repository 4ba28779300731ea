"""The report as a workbook to send back to whoever made the file: what to change, row by row."""

from __future__ import annotations

import datetime
import io
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from migmap.api import Finding, Progress, no_progress, part

from . import words
from .report import LayerReport, ProjectReport

if TYPE_CHECKING:
    import pandas

_MOST_ROWS = 1_000_000
_MOST_CHARACTERS = 32_767
_EXACT = 10**15
_CHECK = "please check"
_REASON = 300

FIX_HEADINGS = ("row", "id", "name", "column", "old value", "new value", "reason", "finding", "state")


def write_workbook(
    report: LayerReport | ProjectReport, target: Path, progress: Progress = no_progress
) -> None:
    """Sheets: fix list, findings, accounting (with the cells of rows set aside), completeness, gaps. Each
    begins with what it is of and who may see it. Cells are text or numbers, never formulas."""
    import xlsxwriter

    layers = report.layers if isinstance(report, ProjectReport) else (report,)
    several = isinstance(report, ProjectReport)
    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "nan_inf_to_errors": False,
        "constant_memory": sum(_size(layer) for layer in layers) > 200_000,
        "tmpdir": str(target.parent),
    }
    packed = io.BytesIO()
    with xlsxwriter.Workbook(packed, options) as book:
        # A fixed creation date keeps the workbook of one report the same, byte for byte.
        book.set_properties(
            {
                "title": _clean(f"{report.title}: check"),
                "comments": words.sensitivity_text(report.sensitivity),
                "created": datetime.datetime(2000, 1, 1),
            }
        )
        looks = _Looks(book)
        between = report.findings if isinstance(report, ProjectReport) else ()
        sheets: Sequence[tuple[str, Sequence[str], Iterable[Sequence[Any]]]] = (
            ("fix list", _headed(several, FIX_HEADINGS), _fix_rows(layers, several)),
            (
                "findings",
                _headed(several, ("severity", "finding", "count", "message", "rows", "fix", "state")),
                _finding_rows(layers, between, several),
            ),
            (
                "accounting",
                _headed(several, ("what", "rows", "people", "reason", *_aside_columns(layers))),
                _accounting_rows(layers, several),
            ),
            (
                "completeness",
                _headed(
                    several,
                    (
                        "role",
                        "column",
                        "rows",
                        "filled",
                        "share filled",
                        "of them 0",
                        "blank",
                        "not assessed",
                    ),
                ),
                _completeness_rows(layers, several),
            ),
            ("gaps", _headed(True, ("district", "date", "rows", "people")), _gap_rows(report)),
        )
        for index, (name, headings, rows) in enumerate(sheets):
            step = part(progress, index / len(sheets), (index + 1) / len(sheets))
            _write_sheet(book, name, report, headings, rows, looks, step)
    target.write_bytes(packed.getbuffer())
    progress(1.0, f"Wrote {target.name}")


class _Looks:
    def __init__(self, book: Any) -> None:
        self.title = book.add_format({"bold": True, "font_size": 13})
        self.note = book.add_format({"font_color": "#5A6673"})
        self.alarm = book.add_format({"bold": True, "bg_color": "#FFD54D"})
        self.head = book.add_format({"bold": True, "bottom": 1, "bg_color": "#E8EEF4", "valign": "top"})
        self.text = book.add_format({"valign": "top", "text_wrap": True})
        self.number = book.add_format({"valign": "top", "num_format": "#,##0.######"})
        self.share = book.add_format({"valign": "top", "num_format": "0.0%"})


_WIDTHS = {
    "message": 90,
    "reason": 46,
    "fix": 50,
    "old value": 26,
    "new value": 26,
    "name": 26,
    "layer": 26,
    "district": 26,
    "column": 22,
    "role": 22,
    "finding": 24,
    "what": 28,
    "rows": 14,
    "id": 18,
}


def _write_sheet(
    book: Any,
    name: str,
    report: LayerReport | ProjectReport,
    headings: Sequence[str],
    rows: Iterable[Sequence[Any]],
    looks: _Looks,
    progress: Progress,
) -> None:
    from migmap.geo.marks import SYNTHETIC

    sheet = book.add_worksheet(name)
    sensitivity = words.sensitivity_text(report.sensitivity)
    for at, heading in enumerate(headings):
        sheet.set_column(at, at, _WIDTHS.get(heading, 14))
    checked = f" · checked {report.today}" if report.today else ""
    sheet.write_string(0, 0, _clean(f"{report.file or report.title}{checked}"), looks.title)
    if report.synthetic:
        sheet.write_string(1, 0, f"{SYNTHETIC} · {sensitivity}", looks.alarm)
    else:
        sheet.write_string(1, 0, sensitivity, looks.note)
    top = 3
    for at, heading in enumerate(headings):
        sheet.write_string(top, at, _clean(heading), looks.head)
    # Paper keeps the mark on every page.
    footer = (SYNTHETIC + " · " if report.synthetic else "") + sensitivity
    sheet.set_footer("&L" + footer.replace("&", "&&")[:200] + "&RPage &P of &N")
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(top)
    last = top
    for row in rows:
        last += 1
        if last - top > _MOST_ROWS:
            sheet.write_string(last, 0, "A sheet holds no more rows; the rest is left out.")
            break
        if last % 2000 == 0:
            progress(min((last - top) / 50_000, 0.95), f"Writing sheet {name}")
        for at, value in enumerate(row):
            _write_cell(sheet, last, at, value, looks, share=headings[at] == "share filled")
    sheet.freeze_panes(top + 1, 0)
    sheet.autofilter(top, 0, max(last, top + 1), max(len(headings) - 1, 0))


def _write_cell(sheet: Any, row: int, column: int, value: Any, looks: _Looks, *, share: bool) -> None:
    if value is None or value == "" or value != value:
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, int | float):
        # Excel keeps 15 digits; a longer code would change.
        if abs(value) >= _EXACT:
            sheet.write_string(row, column, str(value), looks.text)
        else:
            sheet.write_number(row, column, value, looks.share if share else looks.number)
    else:
        sheet.write_string(row, column, _clean(str(value)), looks.text)


def _clean(text: str) -> str:
    from migmap.export.columns import as_text

    kept = as_text(text)
    return kept if len(kept) <= _MOST_CHARACTERS else kept[: _MOST_CHARACTERS - 1] + "…"


def _headed(several: bool, headings: Sequence[str]) -> tuple[str, ...]:
    return ("layer", *headings) if several else tuple(headings)


def _before(layer: LayerReport, several: bool) -> tuple[str, ...]:
    return (layer.title,) if several else ()


def _size(layer: LayerReport) -> int:
    changes = sum(len(one.changes) for one in layer.findings)
    return changes * len(FIX_HEADINGS) + sum(int(one.frame.size) for one in layer.aside)


def _fix_rows(layers: Sequence[LayerReport], several: bool) -> Iterator[tuple[Any, ...]]:
    """Every value that a fix replaces; and of findings without a fix the rows to look at."""
    for layer in layers:
        before = _before(layer, several)
        left_out = {"no-position", *(one["code"] for one in layer.set_aside)}
        for one in layer.findings:
            state = "applied by us" if one.applied else "proposed"
            for change in one.changes:
                code, name = layer.context.get(change.row, ("", ""))
                yield (
                    *before,
                    change.row,
                    code,
                    name,
                    change.column or "position",
                    change.old,
                    change.new,
                    change.reason or one.message,
                    one.code,
                    state,
                )
            # Rows set aside were right where they stand; there is nothing to correct in them.
            if one.changes or one.severity == "info" or one.code in left_out:
                continue
            reason = one.message if len(one.message) <= _REASON else one.message[: _REASON - 1] + "…"
            for row in one.rows:
                code, name = layer.context.get(row, ("", ""))
                yield (*before, row, code, name, "", "", _CHECK, reason, one.code, "to be checked")


def _finding_rows(
    layers: Sequence[LayerReport], between: Sequence[Finding], several: bool
) -> Iterator[tuple[Any, ...]]:
    for one in between:
        yield (*(("(all layers)",) if several else ()), *_finding_cells(one))
    for layer in layers:
        for one in layer.findings:
            yield (*_before(layer, several), *_finding_cells(one))


def _finding_cells(one: Finding) -> tuple[Any, ...]:
    state = "" if not one.fix else "applied" if one.applied else "offered"
    return (
        one.severity,
        one.code,
        one.count,
        one.message,
        ", ".join(map(str, one.rows)),
        f"{one.fix} (--fix {one.code})" if one.fix else "",
        state,
    )


def _aside_columns(layers: Sequence[LayerReport]) -> tuple[str, ...]:
    """The columns of all rows set aside, in the order they come."""
    found = (str(name) for layer in layers for one in layer.aside for name in one.frame.columns)
    return tuple(dict.fromkeys(found))


def _accounting_rows(layers: Sequence[LayerReport], several: bool) -> Iterator[tuple[Any, ...]]:
    columns = _aside_columns(layers)
    for layer in layers:
        account = layer.accounting
        if account is None:
            continue
        before = _before(layer, several)
        yield (*before, "rows in the file", account.rows, account.people, "")
        yield (*before, "used", account.used, account.people_used, "")
        yield (*before, "set aside", account.set_aside, account.people_set_aside, "")
        for one in layer.set_aside:
            yield (*before, f"set aside: {one['code']}", one["count"], one["people"], one["reason"])
        for aside in layer.aside:
            cells = _cells(aside.frame, columns)
            for number, values in zip(aside.row_numbers.tolist(), cells, strict=True):
                yield (*before, "row set aside", int(number), None, aside.reason, *values)


def _cells(frame: pandas.DataFrame, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    from migmap.geo.columns import as_text

    names = [str(name) for name in frame.columns]
    places = [names.index(name) if name in names else -1 for name in columns]
    for row in frame.itertuples(index=False, name=None):
        values = []
        for place in places:
            value = None if place < 0 else row[place]
            plain = isinstance(value, int | float) and not isinstance(value, bool)
            values.append(value if plain else as_text(value))
        yield tuple(values)


def _completeness_rows(layers: Sequence[LayerReport], several: bool) -> Iterator[tuple[Any, ...]]:
    for layer in layers:
        for one in layer.completeness:
            column = one.column if one.column is not None else ("" if one.role == "position" else "no column")
            yield (
                *_before(layer, several),
                one.title,
                column,
                one.rows,
                one.filled,
                one.share,
                one.zero,
                one.blank,
                one.not_assessed,
            )


def _gap_rows(report: LayerReport | ProjectReport) -> Iterator[tuple[Any, ...]]:
    """Every combination of layer, district and date; blank where there is nothing."""
    gaps = report.gaps
    at = gaps.at()
    for layer in gaps.layers:
        for district in gaps.districts:
            for date in gaps.dates:
                cell = at.get((layer, district, date))
                if cell is None:
                    yield (layer, district, date, None, None)
                else:
                    yield (layer, district, date, cell.rows, cell.people)
