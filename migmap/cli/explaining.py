"""`migmap explain`: one figure of a saved run, opened."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from migmap.api import Problem

from . import report
from .answer import Answer
from .generated import command, positional, switch

if TYPE_CHECKING:
    from migmap.api import Explanation, ExplanationTable

_SUMMARY = (
    "Say what a figure of a saved run is made of, sites, cells or features, what made it, and whether the "
    "parts add up to it."
)
_FILE = positional("file", "FILE", "A run document (.json).")
_INDEX = positional(
    "index", "INDEX", "Which of its metrics, counted from 0; without it all are listed.", optional=True
)
_JSON = switch("json", "Print one JSON document instead of text.")
_MOST_ROWS = 40
_MOST_LETTERS = 28


def explain_command() -> Callable[..., Answer]:
    """The command, for the table of commands."""
    return command("explain", _SUMMARY, [_FILE, _INDEX, _JSON], _explain)


def _explain(given: dict[str, Any]) -> Answer:
    from migmap.app.recipe import to_text
    from migmap.app.workbench import Workbench

    if given["index"] is None:
        return _listed(given)
    text = str(given["index"])
    try:
        index = int(text)
    except ValueError:
        raise Problem(
            f"“{text}” is no number of a figure.", fix="Give a whole number; the first figure is 0."
        ) from None
    found = Workbench().explain(str(given["file"]), index, progress=report.progress_on_stderr())
    return Answer(to_text(found.as_json()) if given["json"] else explanation_text(found))


def _listed(given: dict[str, Any]) -> Answer:
    """Every figure with its place, to choose from."""
    from migmap.app.explaining import figures
    from migmap.app.recipe import to_text
    from migmap.app.workbench import Workbench

    found = figures(Workbench(), str(given["file"]))
    if given["json"]:
        return Answer(to_text([{"index": i, **one.as_json()} for i, one in enumerate(found)]))
    heads = ["index", "metric", "hazard", "area", "class", "group", "value", "unit"]
    rows = [
        [
            _cell(one)
            for one in (i, m.metric, m.hazard, m.area_name or m.area, m.class_, m.group, m.value, m.unit)
        ]
        for i, m in enumerate(found)
    ]
    return Answer(report.table_text([heads, *rows]))


def explanation_text(found: Explanation) -> str:
    """The explanation as a person reads it: the figure, what made it, its parts."""
    lines = [found.title, ""]
    lines += list(found.lines)
    for table in found.tables:
        lines += ["", *_table(table)]
    return "\n".join(lines)


def _table(table: ExplanationTable) -> list[str]:
    shown = table.rows[:_MOST_ROWS]
    rows = [table.columns, *([_cell(value) for value in row] for row in shown)]
    left = table.count - len(shown)
    where = f" (--json lists {table.shown:,} of them)" if table.shown > len(shown) else ""
    more = [f"and {left:,} more{where}"] if left > 0 else []
    return [f"{table.title} ({table.count:,}):", *report.table_text(rows).splitlines(), *more]


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        # Seven digits are what a single-precision cell holds.
        return f"{value:,.7g}" if abs(value) < 1e6 else f"{value:,.2f}"
    text = str(value)
    return text if len(text) <= _MOST_LETTERS else text[: _MOST_LETTERS - 1] + "…"
