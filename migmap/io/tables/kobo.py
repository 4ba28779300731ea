"""Exports of Kobo, ODK and their kin: repeats on further sheets, questions with several answers, codes.

Names of columns stay as the file has them, groups included ("group_a/people"): roles are matched on their
last part, and positions are found by them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from migmap.api import AS_FOUND, Finding, Reading

from ..place import Place
from ..wording import counted
from .grid import Grid
from .repeats import PARENT_INDEX, named, with_repeats
from .xlsform import Form, Question, read_form

_SIGN_WORDS = """_id _uuid _index _submission_time _submission__id _submission__uuid _parent_index
_parent_table_name _submitted_by _validation_status __version__ _notes _status _tags key parent_key instanceid
meta/instanceid formhub/uuid submissiondate _geolocation"""
_SIGNS = frozenset(_SIGN_WORDS.split())


def unfolded(place: Place, grid: Grid, reading: Reading = AS_FOUND, limit: int | None = None) -> Grid:
    """The table of a survey with what its other sheets and its form say.

    A table of repeats (a sheet, or with ODK a file beside the main one) gets its parent's position, ids and
    names; a main table gets a count column for each table of repeats; with `reading.choices` (path of the
    XLSForm) codes become labels. Other tables come back as they are. Problem where the form cannot be read.

    Findings: "repeat-joined", "repeat-sheets", "repeat-unmatched", "select-multiples", "choices-disagree",
    "choices-resolved", "choices-not-used".
    """
    if not is_survey(grid.cells.columns):
        return grid if reading.choices is None else _resolved(grid, reading.choices)
    grid = with_repeats(place, grid, limit)
    grid = _several_answers(grid)
    return grid if reading.choices is None else _resolved(grid, reading.choices)


def is_survey(columns: Sequence[str] | pd.Index) -> bool:
    """True for the columns of an export of Kobo, ODK or the like."""
    return sum(str(name).strip().lower() in _SIGNS for name in columns) >= 2 or PARENT_INDEX in columns


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
    listed = named(found, 6)
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
    listed = named(changed, 8)
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
