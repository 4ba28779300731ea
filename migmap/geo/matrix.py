"""Tables that are a matrix: places down the side and places along the top, people where they meet."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd

from migmap.api import Finding, VectorData

from .accounting import numbers_of
from .columns import attribute_columns, text_column
from .peoplenames import is_bare_total, name_words

CODE = "matrix-table"
_FROM = frozenset(["from", "origin", "origins", "origine", "provenance", "de", "origen", "origem", "source"])
_TO = frozenset(["to", "destination", "destinations", "vers", "destino", "dest", "a", "hacia", "para"])
_LEAST, _SHARE = 3, 0.6
_MOST_COLUMNS = 2000


def with_matrix_said(data: VectorData) -> VectorData:
    """`data` with the finding matrix-table where its columns of numbers are called like the values of a
    column of text, or that column says "from \\ to": such a table has no column of people to add up."""
    if data.kind != "plain" or "people" in data.roles or data.frame.geometry.notna().any():
        return data
    names = attribute_columns(data)
    numbers = [
        name
        for name in names[:_MOST_COLUMNS]
        if pd.api.types.is_numeric_dtype(data.frame[name].dtype)
        and not pd.api.types.is_bool_dtype(data.frame[name].dtype)
        and not is_bare_total(name)
    ]
    if len(numbers) < _LEAST or len(data.frame) < _LEAST:
        return data
    for side in names[:3]:
        if side in numbers:
            continue
        told = set(name_words(side))
        rows = {text.casefold() for text in text_column(data, side) if text}
        same = sum(name.strip().casefold() in rows for name in numbers)
        paired = bool(told & _FROM and told & _TO) and len(told) <= 6
        if not paired and (same < _LEAST or same < _SHARE * len(numbers)):
            continue
        values = np.array([np.nansum(numbers_of(data.frame, name)) for name in numbers])
        message = (
            f"This looks like a matrix: a row for each “{side}”, a column for each of {len(numbers):,} "
            f"places (“{numbers[0]}” to “{numbers[-1]}”), and {float(values.sum()):,.0f} in all where they "
            "meet. migmap reads one pair a row, so nobody in it is counted. Write it as a list with columns "
            "from, to and people."
        )
        finding = Finding(CODE, "warning", message, count=len(numbers))
        return dataclasses.replace(data, findings=(*data.findings, finding))
    return data
