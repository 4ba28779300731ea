"""Several rows of one place and date: parts by origin, sex or group, and the totals that stand among them."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from migmap.api import Finding

from .columns import attribute_columns
from .peoplenames import name_words, people_of_name
from .stacktable import SetAside, StackTable
from .wording import first_rows, rows_text

CODE = "total-row"
_TOTAL = re.compile(
    r"(?:all|total|totals|both|overall|everyone|_t|tous|toutes|ensemble|todos|todas|ambos|os dois|m\+f|f\+m|"
    r"(?:all|both)[ _-](?:\w+)|(?:\w+)[ _-]total|total[ _-](?:\w+)|الكل|مجموع|المجموع|كل|کل|تمام)",
    re.IGNORECASE,
)
_MANY = 200
"""A column with more different texts is no breakdown."""
_ENOUGH = 0.98
_BREAKDOWNS = frozenset(
    (
        "sex", "gender", "sexe", "sexo", "genre", "age", "ages", "group", "groups", "grupo", "groupe",
        "category", "categorie", "categoria", "status", "type", "disaggregation", "population",
        "nationality", "origin", "reason", "cause", "marker", "disabled", "disability",
        "accommodation",
    )
)  # fmt: skip


def parts_of_rows(table: StackTable) -> SetAside | None:
    """Totals among their parts leave; parts of one place and date stay, and it is said that they are parts.

    None where each place and date has one row. Where rows divide the same people in several ways, the most
    divided way that holds everybody is used.
    """
    time = table.role("round", "date")
    key = table.joined(table.series, table.places, table.codes(time))
    sizes = np.bincount(key)
    several = sizes[key] > 1
    findings = list(_indicators(table))
    nothing = np.zeros(len(table), dtype=bool)
    if several.mean() < 0.05:
        return SetAside(CODE, "", nothing, tuple(findings)) if findings else None
    columns = _breakdowns(table, key, several)
    totals = [column for column in columns if _has_total(table, column)]
    leave = _totals_leave(table, key, totals) if totals else nothing
    used = table.without(leave) if not table.keeps(CODE) else table
    if leave.any():
        findings.append(_total_finding(table, leave, totals))
    left = table.joined(table.series, table.places, table.codes(time))[~leave] if leave.any() else key
    count = int((np.bincount(left)[left] > 1).sum())
    by = [c for c in columns if len(np.unique(used.codes(c))) > 1]
    if count and by:
        findings.append(
            Finding(
                "rows-are-parts",
                "info",
                f"{rows_text(count)} share place and date with others and are parts of one count by "
                f"{_listed(by)}; their people are added for the place.",
                count,
            )
        )
    if not findings:
        return None
    return SetAside(CODE, "total of other rows", leave, tuple(findings))


def _breakdowns(table: StackTable, key: np.ndarray, several: np.ndarray) -> list[str]:
    """Text columns that tell the rows of one place and date apart."""
    taken = {c for role, c in table.data.roles.items() if role not in _PARTS}
    found = []
    for name in attribute_columns(table.data):
        cells = table.data.frame[name]
        if name in taken or pd.api.types.is_numeric_dtype(cells.dtype):
            continue
        if pd.api.types.is_datetime64_any_dtype(cells.dtype) or not 1 < len(table.texts(name)) <= _MANY:
            continue
        known = bool(set(name_words(name)) & _BREAKDOWNS) or name in table.data.roles.values()
        if not known and not _has_total(table, name):
            continue
        codes = table.codes(name)[several]
        pairs = pd.DataFrame({"key": key[several], "code": codes}).drop_duplicates()
        if (pairs.groupby("key").size() > 1).mean() >= 0.2:
            found.append(name)
    # A P-code and a name of one origin are one breakdown.
    return [c for place, c in enumerate(found) if not any(_same(table, c, e) for e in found[:place])]


_PARTS = ("origin", "origin_pcode", "reason", "category", "assessment", "type", "status", "indicator")


def _same(table: StackTable, one: str, other: str) -> bool:
    pairs = pd.DataFrame({"a": table.codes(one), "b": table.codes(other)}).drop_duplicates()
    return bool(len(pairs) <= 1.1 * min(pairs["a"].nunique(), pairs["b"].nunique()))


def _has_total(table: StackTable, column: str) -> bool:
    texts = table.texts(column)
    found = sum(bool(_TOTAL.fullmatch(text.strip())) for text in texts)
    return 0 < found < len(texts)


def _totals_leave(table: StackTable, key: np.ndarray, columns: list[str]) -> np.ndarray:
    marks = []
    for column in columns:
        is_total = np.asarray([bool(_TOTAL.fullmatch(t.strip())) for t in table.texts(column)] + [False])
        marks.append(is_total[table.codes(column)])
    pattern = table.joined(*[mark.astype(np.int64) for mark in marks])
    rows = pd.DataFrame(
        {
            "key": key,
            "pattern": pattern,
            "totals": np.sum(marks, axis=0),
            "people": np.nan_to_num(table.people),
        }
    )
    groups = rows.groupby(["key", "pattern"], as_index=False).agg(
        totals=("totals", "first"), people=("people", "sum"), size=("people", "size")
    )
    most = groups.groupby("key")["totals"].transform("max")
    whole = groups[groups["totals"] == most].groupby("key")["people"].max()
    groups["whole"] = groups["key"].map(whole)
    groups["complete"] = groups["people"] >= _ENOUGH * groups["whole"]
    best = groups[groups["complete"]].sort_values(
        ["key", "totals", "size"], ascending=[True, True, False], kind="stable"
    )
    chosen = best.drop_duplicates("key").set_index("key")["pattern"]
    wanted = pd.Series(key).map(chosen).to_numpy(dtype=np.float64)
    return np.asarray(np.isfinite(wanted) & (pattern != wanted))


def _total_finding(table: StackTable, leave: np.ndarray, columns: list[str]) -> Finding:
    naive, used = float(np.nansum(table.people)), float(np.nansum(table.people[~leave]))
    text = (
        f"{rows_text(leave.sum())} count the same people as other rows of their place and date: totals, or "
        f"another division, by {_listed(columns)}. "
    )
    if table.keeps(CODE):
        text += f"They are used as you decided; a plain sum of “{table.column}” is {naive:,.0f}."
    else:
        text += f"They are set aside: {used:,.0f} people instead of {naive:,.0f}."
    return Finding(CODE, "warning", text, int(leave.sum()), first_rows(table.rows[leave]))


def _indicators(table: StackTable) -> list[Finding]:
    column = table.role("indicator")
    if column is None or len(table.texts(column)) < 2:
        return []
    others = [text for text in table.texts(column) if people_of_name(text) is None]
    shown = _listed(others[:5])
    text = (
        f"“{table.column}” holds {len(table.texts(column))} indicators one below the other; they are never "
        "added to each other."
    )
    if others:
        text += f" Not people: {shown}{' and more' if len(others) > 5 else ''}."
    return [Finding("indicators-stacked", "warning", text, len(table.texts(column)))]


def _listed(names: list[str]) -> str:
    quoted = [f"“{name}”" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"
