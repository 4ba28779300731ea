"""Columns of a layer as text, and the Problem for one it does not have."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from migmap.api import Problem

if TYPE_CHECKING:
    from migmap.api import VectorData


def row_ids(data: VectorData, column: str | None) -> list[str | None]:
    """Each row's id as text: from a column, or its row number; None where blank. Whole numbers that
    were read as decimals lose the ".0"."""
    if column is None:
        return [str(int(row)) for row in data.row_numbers]
    return text_column(data, column)


def text_column(data: VectorData, column: str | None) -> list[str | None]:
    """A column as stripped text, None where null or blank; all None without a column."""
    if column is None:
        return [None] * len(data.frame)
    return [as_text(value) for value in data.frame[column]]


def as_text(value: Any) -> str | None:
    """A cell as text, None where null or blank; 101.0 is "101"."""
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, bool | np.bool_):
        return str(bool(value))
    if isinstance(value, float | np.floating):
        if math.isnan(value):
            return None
        return str(int(value)) if value.is_integer() else repr(float(value))
    return str(value).strip() or None


def attribute_columns(data: VectorData) -> list[str]:
    """The layer's columns, without its geometry."""
    return [str(name) for name in data.frame.columns if name != data.frame.geometry.name]


def unknown_column(data: VectorData, column: str) -> Problem:
    """The Problem for a column a layer does not have."""
    return Problem(
        f"{data.source.path} has no column “{column}”.",
        detail=f"It has: {', '.join(attribute_columns(data)) or 'no columns at all'}.",
        fix="Name one of these; capitals count.",
    )
