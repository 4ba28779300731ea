"""Columns in the words of a probe."""

from __future__ import annotations

import pandas as pd


def dtype_word(column: pd.Series) -> str:
    """int, float, bool, date or text."""
    kinds = {"i": "int", "u": "int", "f": "float", "b": "bool", "M": "date"}
    return kinds.get(getattr(column.dtype, "kind", "O"), "text")


def samples_of(column: pd.Series, most: int = 5) -> tuple[str, ...]:
    """A few different values as text."""
    found: dict[str, None] = {}
    for value in column.dropna().head(200):
        text = str(value).strip()
        if text:
            found.setdefault(text[:80])
        if len(found) == most:
            break
    return tuple(found)
