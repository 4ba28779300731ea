"""Rows in the file = rows used + rows set aside with a reason; people likewise."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from migmap.api import RowsAside, VectorData
from migmap.io.values.numbers import number_of


@dataclass(frozen=True, slots=True)
class Accounting:
    """rows: in the file, below the header. used: in the layer. people: by the role "people", None where
    no column plays it (people reached by activities are none: one may be reached many times);
    blank cells count nobody."""

    rows: int
    used: int
    set_aside: int
    people: float | None
    people_used: float | None
    people_set_aside: float | None

    def as_json(self) -> dict[str, Any]:
        return {
            "rows": self.rows,
            "used": self.used,
            "set_aside": self.set_aside,
            "people": self.people,
            "people_used": self.people_used,
            "people_set_aside": self.people_set_aside,
        }


def accounting(data: VectorData) -> Accounting:
    """The sums of `data`: whole numbers as int, so that scripts print them without a point."""
    column = data.roles.get("people")
    used = len(data.frame)
    aside = sum(len(one.frame) for one in data.aside)
    here = None if column is None else people_in(data.frame, column)
    there = None if column is None else math.fsum(people_in(one.frame, column) for one in data.aside)
    return Accounting(
        rows=used + aside,
        used=used,
        set_aside=aside,
        people=None if here is None or there is None else _whole(here + there),
        people_used=None if here is None else _whole(here),
        people_set_aside=None if there is None else _whole(there),
    )


def set_aside(data: VectorData) -> list[dict[str, Any]]:
    """[{"code", "reason", "count", "rows", "people"}] of the rows set aside; at most 1,000 rows are named."""
    column = data.roles.get("people")
    return [
        {
            "code": one.code,
            "reason": one.reason,
            "count": len(one.frame),
            "rows": [int(row) for row in one.row_numbers[:1000]],
            "people": None if column is None else _whole(people_in(one.frame, column)),
        }
        for one in data.aside
    ]


def people_in(frame: pd.DataFrame, column: str) -> float:
    """The sum of a column; cells that are blank or no number count nobody. Rows set aside may still hold
    text, because what they stand for was decided before numbers were read."""
    if column not in frame.columns:
        return 0.0
    values = numbers_of(frame, column)
    return math.fsum(values[np.isfinite(values)])


def numbers_of(frame: pd.DataFrame, column: str) -> np.ndarray:
    """float64 of a column, text numbers read, NaN for what is none."""
    cells = frame[column]
    if pd.api.types.is_numeric_dtype(cells.dtype):
        return np.asarray(cells.to_numpy(dtype=np.float64, na_value=np.nan))
    return np.array([_number(cell) for cell in cells], dtype=np.float64)


def _number(cell: object) -> float:
    if isinstance(cell, bool) or cell is None:
        return math.nan
    if isinstance(cell, int | float | np.integer | np.floating):
        return float(cell)
    found = number_of(str(cell))
    return math.nan if found is None else found


def _whole(value: float) -> float:
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def reasons(aside: tuple[RowsAside, ...]) -> str:
    """ "12 total of the rows above, 3 note under the table": for the line that says what is not used."""
    return ", ".join(f"{len(one.frame):,} {one.reason}" for one in aside)
