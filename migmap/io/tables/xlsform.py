"""The form behind a survey: which question has which list of choices, and what each choice is called."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import python_calamine

from migmap.api import Problem

_LABEL = re.compile(r"label\s*(?:::?\s*(.*))?$", re.IGNORECASE)
_LANGUAGES = (("english", "en", "eng"), ("urdu", "ur", "اردو"))
_MOST_ROWS = 200_000


@dataclass(frozen=True, slots=True)
class Question:
    """path: groups and name, joined by "/". several: more than one choice may be given. labels: by code."""

    path: str
    several: bool
    labels: dict[str, str]


@dataclass(frozen=True, slots=True)
class Form:
    """questions: in the order of the form. language: of the labels, "" where the form has one only."""

    questions: tuple[Question, ...]
    language: str = ""


def read_form(path: Path) -> Form:
    """The XLSForm at `path` (a workbook with the sheets survey and choices). Problem for another file."""
    problem = Problem(
        f"{path} is not an XLSForm.",
        detail="A form has a sheet “survey” and a sheet “choices”.",
        fix="Give the form as it was uploaded to Kobo or ODK (XLSX).",
    )
    if not path.is_file():
        raise Problem(f"There is no file {path}.", fix="Check the path of the form.")
    try:
        with python_calamine.load_workbook(str(path)) as book:
            names = {name.strip().lower(): name for name in book.sheet_names}
            if "survey" not in names or "choices" not in names:
                raise problem
            survey = _table(book.get_sheet_by_name(names["survey"]).to_python(skip_empty_area=False))
            choices = _table(book.get_sheet_by_name(names["choices"]).to_python(skip_empty_area=False))
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise problem from error
    if len(survey) > _MOST_ROWS or len(choices) > _MOST_ROWS:
        raise Problem(
            f"{path} has more than {_MOST_ROWS:,} rows; no form has so many.", fix="Give the form itself."
        )
    label, language = _label_column(choices)
    lists: dict[str, dict[str, str]] = {}
    for row in choices:
        code, shown = _code(row.get("name", row.get("value"))), str(row.get(label) or "").strip()
        if code:
            lists.setdefault(_code(row.get("list_name", row.get("list name"))), {})[code] = shown or code
    return Form(tuple(_questions(survey, lists)), language)


def _table(rows: Sequence[Sequence[Any]]) -> list[dict[str, Any]]:
    header: list[str] = []
    found = []
    for row in rows:
        if not header:
            header = [str(cell).strip().lower() for cell in row] if any(str(c).strip() for c in row) else []
            continue
        if any(cell not in (None, "") for cell in row):
            found.append(dict(zip(header, row, strict=False)))
    return found


def _label_column(choices: Sequence[dict[str, Any]]) -> tuple[str, str]:
    """(column, language): English, then Urdu, then the first."""
    columns = [c for c in (choices[0] if choices else {}) if _LABEL.fullmatch(c)]
    for language in _LANGUAGES:
        for column in columns:
            found = _LABEL.fullmatch(column)
            words = set(re.split(r"[\W_]+", (found[1] or "").lower())) if found else set()
            if words & set(language):
                return column, language[0].capitalize()
    if not columns:
        return "label", ""
    found = _LABEL.fullmatch(columns[0])
    return columns[0], (found[1] or "").strip() if found else ""


def _questions(survey: Sequence[dict[str, Any]], lists: dict[str, dict[str, str]]) -> list[Question]:
    groups: list[str] = []
    found = []
    for row in survey:
        words = str(row.get("type") or "").strip().lower().replace("_", " ").split()
        name = str(row.get("name") or "").strip()
        if words[:2] in (["begin", "group"], ["begin", "repeat"]):
            groups.append(name)
        elif words[:2] in (["end", "group"], ["end", "repeat"]):
            del groups[-1:]
        elif words[:1] == ["select"] and len(words) > 2 and words[1] in ("one", "multiple"):
            # The list's name keeps its capitals and underscores.
            listed = str(row.get("type")).strip().split()
            key = next((w for w in listed[1:] if w in lists), "")
            if name and key:
                path = "/".join([*(g for g in groups if g), name])
                found.append(Question(path, words[1] == "multiple", lists[key]))
    return found


def _code(value: Any) -> str:
    """ "1" for 1, 1.0 and "1"."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value).strip()
