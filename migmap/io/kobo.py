"""Exports of Kobo, ODK and their kin: repeats on further sheets, questions with several answers, codes.

Names of columns stay as the file has them, groups included ("group_a/people"): roles are matched on their
last part, and positions are found by them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from migmap.api import AS_FOUND, Finding, Problem, Reading

from .colnames import is_position_name, words_of
from .grid import Grid, read_grid
from .place import Place
from .wording import counted
from .xlsform import Form, Question, read_form

_SIGN_WORDS = """_id _uuid _index _submission_time _submission__id _submission__uuid _parent_index
_parent_table_name _submitted_by _validation_status __version__ _notes _status _tags key parent_key instanceid
meta/instanceid formhub/uuid submissiondate _geolocation"""
_SIGNS = frozenset(_SIGN_WORDS.split())
_INDEX = "_index"
_PARENT = "_parent_index"
_PARENT_TABLE = "_parent_table_name"
_MOST_REPEATS = 20
_JOINED_WORDS = (
    "id uuid code pcode site camp village settlement admin adm district province tehsil block name"
)
_JOINED = frozenset(_JOINED_WORDS.split())
_MOST_JOINED = 40


def unfolded(place: Place, grid: Grid, reading: Reading = AS_FOUND, limit: int | None = None) -> Grid:
    """The table of a survey with what its other sheets and its form say.

    A sheet of repeats gets its parent's position, ids and names; a main sheet gets a count column for each
    sheet of repeats; with `reading.choices` (path of the XLSForm) codes become labels. Other tables come
    back as they are. Problem where the form cannot be read.

    Findings: "repeat-joined", "repeat-sheets", "repeat-unmatched", "select-multiples", "choices-disagree",
    "choices-resolved", "choices-not-used".
    """
    if not is_survey(grid.cells.columns):
        return grid if reading.choices is None else _resolved(grid, reading.choices)
    if grid.parts and grid.part is not None:
        grid = _with_sheets(place, grid, limit)
    grid = _several_answers(grid)
    return grid if reading.choices is None else _resolved(grid, reading.choices)


def is_survey(columns: Sequence[str] | pd.Index) -> bool:
    """True for the columns of an export of Kobo, ODK or the like."""
    return sum(str(name).strip().lower() in _SIGNS for name in columns) >= 2 or _PARENT in columns


# --- sheets


def _with_sheets(place: Place, grid: Grid, limit: int | None) -> Grid:
    if _PARENT in grid.cells.columns:
        return _with_parent(place, grid)
    if _INDEX not in grid.cells.columns:
        return grid
    counts: dict[str, np.ndarray] = {}
    orphans: Counter[str] = Counter()
    index = _numbers(grid.cells[_INDEX])
    for name in grid.parts[: _MOST_REPEATS + 1]:
        repeat = _sheet(place, name, limit) if name != grid.part else None
        if repeat is None or _PARENT not in repeat.cells.columns or not _is_child(repeat, grid):
            continue
        parents = _numbers(repeat.cells[_PARENT])
        found = Counter(parents[np.isfinite(parents)].tolist())
        counts[name] = np.array([found.get(value, 0) for value in index.tolist()], dtype=np.int64)
        orphans[name] = len(parents) - int(counts[name].sum())
    if not counts:
        return grid
    cells = grid.cells
    made = []
    for name, values in counts.items():
        column = _free(f"{name}_count", cells.columns)
        cells = cells.assign(**{column: pd.Series(values, index=cells.index)})
        made.append(f"“{name}” ({int(values.sum()):,} rows, counted in “{column}”)")
    findings = [
        Finding(
            "repeat-sheets",
            "info",
            f"Repeated questions stand on sheets of their own: {', '.join(made)}. Read one with "
            f"{place.path.name}::{next(iter(counts))}.",
            count=len(counts),
        )
    ]
    lost = +orphans
    if lost and limit is None:
        listed = ", ".join(f"{n:,} of “{name}”" for name, n in lost.items())
        findings.append(
            Finding(
                "repeat-unmatched",
                "warning",
                f"Rows of repeated questions belong to no row of this sheet: {listed}.",
                count=sum(lost.values()),
            )
        )
    return replace(grid, cells=cells, findings=(*grid.findings, *findings))


def _is_child(repeat: Grid, parent: Grid) -> bool:
    """Nested repeats name the sheet they belong to."""
    if _PARENT_TABLE not in repeat.cells.columns:
        return True
    named = {str(v).strip() for v in repeat.cells[_PARENT_TABLE].dropna().unique()}
    return not named or parent.part in named or not named <= set(parent.parts)


def _with_parent(place: Place, grid: Grid) -> Grid:
    """A sheet of repeats with the parent's position, ids and names beside each row."""
    parent = _parent_of(place, grid)
    if parent is None or _INDEX not in parent.cells.columns:
        return grid
    chosen = [c for c in parent.cells.columns if _is_worth_joining(str(c))][:_MOST_JOINED]
    index = _numbers(parent.cells[_INDEX])
    at = {value: row for row, value in enumerate(index.tolist()) if value == value}
    rows = np.array([at.get(value, -1) for value in _numbers(grid.cells[_PARENT]).tolist()], dtype=np.int64)
    cells = grid.cells
    names = []
    for column in chosen:
        name = str(column) if column not in cells.columns else _free(f"parent_{column}", cells.columns)
        values = parent.cells[column].to_numpy(dtype=object, na_value=None)
        joined = np.array([values[row] if row >= 0 else None for row in rows], dtype=object)
        series = pd.Series(joined, index=cells.index, dtype=object)
        plain_text = isinstance(parent.cells[column].dtype, pd.StringDtype)
        cells = cells.assign(**{name: series.astype("str") if plain_text else series})
        names.append(name)
    missing = rows < 0
    listed = ", ".join(f"“{n}”" for n in names[:8]) + (
        f" and {len(names) - 8} more" if len(names) > 8 else ""
    )
    findings = [
        Finding(
            "repeat-joined",
            "info",
            f"“{grid.part}” holds repeated questions; each row got {listed} from its row on sheet "
            f"“{parent.part}”.",
            count=int((~missing).sum()),
        )
    ]
    if missing.any():
        findings.append(
            Finding(
                "repeat-unmatched",
                "warning",
                f"{counted(int(missing.sum()), 'row belongs', 'rows belong')} to no row of sheet "
                f"“{parent.part}”.",
                count=int(missing.sum()),
                rows=tuple(int(r) for r in grid.row_numbers[missing][:1000]),
            )
        )
    hxl = {**{n: t for n, t in (parent.hxl or {}).items() if n in names}, **(grid.hxl or {})}
    return replace(grid, cells=cells, hxl=hxl, findings=(*grid.findings, *findings))


def _parent_of(place: Place, grid: Grid) -> Grid | None:
    named: list[str] = []
    if _PARENT_TABLE in grid.cells.columns:
        named = [str(v).strip() for v in grid.cells[_PARENT_TABLE].dropna().unique()[:3]]
    others = [name for name in grid.parts if name != grid.part]
    # Sheet names are cut to 31 letters, the names of tables are not.
    first = [name for name in others if any(name == n or n.startswith(name) for n in named)]
    for name in [*first, *(n for n in others if n not in first)][:_MOST_REPEATS]:
        found = _sheet(place, name, None)
        if (
            found is not None
            and _INDEX in found.cells.columns
            and (name in first or _PARENT not in found.cells.columns)
        ):
            return found
    return None


def _sheet(place: Place, name: str, limit: int | None) -> Grid | None:
    try:
        return read_grid(replace(place, layer=name), limit)
    except Problem:
        return None  # an empty sheet, or one that is no table


def _is_worth_joining(name: str) -> bool:
    if name.lower() in (_INDEX, _PARENT, "_uuid", "_id", "_submission_time", "_geolocation"):
        return name.lower() not in (_INDEX, _PARENT)
    return is_position_name(name) or bool(set(words_of(name.rsplit("/", 1)[-1])) & _JOINED)


def _numbers(column: pd.Series) -> np.ndarray:
    return np.asarray(pd.to_numeric(column, errors="coerce"), dtype=np.float64)


def _named(names: Iterable[str], most: int) -> str:
    every = [f"“{name}”" for name in names]
    listed = ", ".join(every[:most])
    return f"{listed} and {len(every) - most} more" if len(every) > most else listed


def _free(wanted: str, taken: Sequence[str] | pd.Index) -> str:
    name, number = wanted, 2
    while name in taken:
        name, number = f"{wanted}_{number}", number + 1
    return name


# --- questions with several answers


def _several_answers(grid: Grid) -> Grid:
    """Says which columns are the choices of one question, and where they and the joined answer disagree."""
    cells = grid.cells
    families = _families([str(c) for c in cells.columns])
    found: dict[str, list[str]] = {}
    disagree = np.zeros(len(cells), dtype=bool)
    for question, choices in families.items():
        flags = {name: _flags(cells[name]) for name in choices}
        if len(choices) < 2 or any(f is None for f in flags.values()):
            continue
        found[question] = choices
        for place, answer in enumerate(cells[question].to_numpy(dtype=object, na_value=None)):
            if answer is None or isinstance(answer, float):
                continue
            given = set(str(answer).split())
            known = {
                name.rsplit(name[len(question)], 1)[-1]: f[place]
                for name, f in flags.items()
                if f is not None
            }
            if not given <= set(known):
                continue  # labels with blanks, or "other"
            disagree[place] |= any(
                flag is not None and flag != (code in given) for code, flag in known.items()
            )
    if not found:
        return grid
    columns = sum(len(c) for c in found.values())
    listed = _named(found, 6)
    findings = [
        Finding(
            "select-multiples",
            "info",
            f"{columns:,} columns of 0 and 1 are the choices of {counted(len(found), 'question')} "
            f"with several answers: {listed}.",
            count=len(found),
        )
    ]
    if disagree.any():
        findings.append(
            Finding(
                "choices-disagree",
                "warning",
                f"In {counted(int(disagree.sum()), 'row', 'rows')} the joined answer and the columns of its "
                "choices do not say the same; both were kept.",
                count=int(disagree.sum()),
                rows=tuple(int(r) for r in grid.row_numbers[disagree][:1000]),
            )
        )
    return replace(grid, findings=(*grid.findings, *findings))


def _families(columns: Sequence[str]) -> dict[str, list[str]]:
    """question -> its choices' columns: "needs" -> "needs/water", "needs/food"."""
    known = set(columns)
    found: dict[str, list[str]] = {}
    for name in columns:
        for mark in ("/", "."):
            question, _, choice = name.rpartition(mark)
            if question in known and choice:
                found.setdefault(question, []).append(name)
                break
    return found


def _flags(column: pd.Series) -> list[bool | None] | None:
    words: dict[Any, bool] = {"1": True, "0": False, "true": True, "false": False, "1.0": True, "0.0": False}
    result: list[bool | None] = []
    for value in column.to_numpy(dtype=object, na_value=None):
        if value is None or value != value:
            result.append(None)
            continue
        flag = words.get(str(value).strip().lower())
        if flag is None:
            return None
        result.append(flag)
    return result


# --- choices


def _resolved(grid: Grid, path: str) -> Grid:
    form = read_form(Path(path))
    by_path, by_name = _lookup(form)
    cells = grid.cells
    changed: dict[str, pd.Series] = {}
    unknown: Counter[str] = Counter()
    for column in cells.columns:
        name = re.sub(r"\s*\.\s*", "/", str(column)) if "/" not in str(column) else str(column)
        question = by_path.get(name) or by_name.get(name.rsplit("/", 1)[-1])
        if question is None:
            continue
        values, strange = _labelled(cells[column], question)
        if values is not None:
            changed[column] = values
            if strange:
                unknown[str(column)] = strange
    if not changed:
        finding = Finding(
            "choices-not-used",
            "warning",
            f"The form {Path(path).name} has no question with choices whose answers stand in this table.",
        )
        return replace(grid, findings=(*grid.findings, finding))
    listed = _named(changed, 8)
    language = f" ({form.language})" if form.language else ""
    note = ""
    if unknown:
        outside = counted(sum(unknown.values()), "answer is", "answers are")
        note = f" {outside} on no list of the form and stay as written."
    finding = Finding(
        "choices-resolved",
        "info",
        f"Codes were replaced by the labels{language} of the form {Path(path).name} in {listed}.{note}",
        count=len(changed),
    )
    return replace(grid, cells=cells.assign(**changed), findings=(*grid.findings, finding))


def _lookup(form: Form) -> tuple[dict[str, Question], dict[str, Question]]:
    by_path = {question.path: question for question in form.questions}
    names = Counter(question.path.rsplit("/", 1)[-1] for question in form.questions)
    by_name = {
        name: question
        for question in form.questions
        # Two questions of one name in different groups are told apart by their group only.
        if names[name := question.path.rsplit("/", 1)[-1]] == 1
    }
    return by_path, by_name


def _labelled(column: pd.Series, question: Question) -> tuple[pd.Series | None, int]:
    """(labels, answers that are on no list); None where no answer is a code of the list."""
    label: Callable[[str], str | None] = question.labels.get
    seen: dict[Any, Any] = {}
    hits = strange = 0
    for value, rows in column.value_counts(dropna=True).items():
        code = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()
        parts = code.split() if question.several else [code]
        named = [label(part) for part in parts]
        if any(named):
            hits += 1
            text = "; ".join(n or p for n, p in zip(named, parts, strict=True))
        else:
            text = code
        strange += int(rows) * sum(n is None for n in named)
        seen[value] = text
    if not hits:
        return None, 0
    values = [
        seen.get(v) if v is not None and v == v else None
        for v in column.to_numpy(dtype=object, na_value=None)
    ]
    return pd.Series(values, index=column.index, dtype="str"), strange
