"""Numbers of people out of a column as people write them; unknown stays unknown."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from migmap.api import Finding, Problem

from .columns import as_text, attribute_columns, unknown_column
from .wording import first_rows, rows_text

if TYPE_CHECKING:
    from migmap.api import VectorData

_THOUSANDS = re.compile(r"^[+-]?\d{1,3}([, \u00a0\u202f']\d{3})+(\.\d+)?$")
_SEPARATORS = re.compile("[, \u00a0\u202f']")
_SHOWN = 5
_HOUSEHOLD_WORDS = frozenset(["household", "households", "hh", "hhs", "family", "families"])
# "people_in_households" and "hh_members" count people.
_PEOPLE_WORDS = frozenset(
    ["people", "persons", "individuals", "ind", "population", "pop", "members", "residents", "inhabitants"]
)


@dataclass(frozen=True, slots=True, eq=False)
class PeopleColumn:
    """values: float64 [n], NaN where the row gives no usable number; 0 is a figure, NaN is none."""

    column: str
    values: np.ndarray
    findings: tuple[Finding, ...]

    @property
    def known(self) -> np.ndarray:
        """bool [n]."""
        return np.asarray(~np.isnan(self.values))


def people_column(data: VectorData, column: str) -> PeopleColumn:
    """The people of each row. Text such as "1,234" is read; anything else that is no number is unknown,
    listed, and never 0; so are negative numbers.

    Raises Problem for an unknown column and one without a single number.
    Findings: people-column-is-households, people-unknown, people-unreadable, people-negative.
    """
    if column not in attribute_columns(data):
        raise unknown_column(data, column)
    series = data.frame[column]
    if pd.api.types.is_numeric_dtype(series) and not pd.api.types.is_bool_dtype(series):
        values = series.to_numpy(dtype=np.float64, na_value=np.nan)
        blank = np.isnan(values)
        values = np.where(np.isfinite(values), values, np.nan)
        unreadable = np.isnan(values) & ~blank
        texts: list[str | None] = [None] * len(values)
    else:
        texts = [as_text(value) for value in series]
        values = np.array([_number(text) for text in texts], dtype=np.float64)
        blank = np.array([text is None for text in texts], dtype=bool)
        unreadable = np.isnan(values) & ~blank
    negative = values < 0
    values = np.where(negative, np.nan, values)
    known = ~np.isnan(values)
    if len(values) and not known.any():
        raise Problem(
            f"Column “{column}” of {data.source.path} holds no number of people.",
            detail=_examples(texts, unreadable),
            fix=f"Name a column of numbers. There are: {', '.join(attribute_columns(data))}.",
        )
    rows = np.asarray(data.row_numbers)
    findings: list[Finding] = []
    if _holds_households(data, column):
        other = data.roles.get("people")
        findings.append(
            Finding(
                "people-column-is-households",
                "warning",
                f"{data.name}: “{column}” looks like a number of households, not of people; every figure "
                "called people then counts households."
                + (f" People are in “{other}” (--people {other})." if other else ""),
            )
        )
    if not known.all():
        count = int((~known).sum())
        findings.append(
            Finding(
                "people-unknown",
                "warning",
                f"{data.name}: {rows_text(count)} of {len(values):,} without a number in “{column}”; "
                "totals of people are of the known figures, an unknown figure is not 0.",
                count,
                first_rows(rows[~known]),
            )
        )
    if unreadable.any():
        findings.append(
            Finding(
                "people-unreadable",
                "warning",
                f"{data.name}: {rows_text(unreadable.sum())} whose “{column}” is no number, "
                "taken as unknown. " + _examples(texts, unreadable),
                int(unreadable.sum()),
                first_rows(rows[unreadable]),
            )
        )
    if negative.any():
        findings.append(
            Finding(
                "people-negative",
                "warning",
                f"{data.name}: {rows_text(negative.sum())} with a negative number in “{column}”, "
                "taken as unknown.",
                int(negative.sum()),
                first_rows(rows[negative]),
            )
        )
    return PeopleColumn(column, values, tuple(findings))


def _holds_households(data: VectorData, column: str) -> bool:
    """By the column's role, else by the words of its name."""
    role = {name: where for where, name in data.roles.items()}.get(column)
    if role in ("people", "households"):
        return role == "households"
    words = set(re.split(r"[\W_\d]+", re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", column).lower()))
    return bool(words & _HOUSEHOLD_WORDS) and not words & _PEOPLE_WORDS


def _number(text: str | None) -> float:
    if text is None:
        return np.nan
    if _THOUSANDS.match(text):
        text = _SEPARATORS.sub("", text)
    try:
        value = float(text)
    except ValueError:
        return np.nan
    return value if np.isfinite(value) else np.nan


def _examples(texts: list[str | None], unreadable: np.ndarray) -> str:
    found = list(dict.fromkeys(texts[i] for i in np.flatnonzero(unreadable) if texts[i] is not None))
    if not found:
        return ""
    return "For example: " + ", ".join(f"“{text[:40]}”" for text in found[:_SHOWN] if text) + "."
