"""A sheet or a text table before anyone decided which of its rows is the header."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pandas as pd

from migmap.api import Finding

HEAD_ROWS = 60
"""Rows in which a header is looked for."""


class Merge(NamedTuple):
    """Cells the file joined to one; rows and columns from 0, the last ones included."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True, slots=True, eq=False)
class RawTable:
    """head: the first rows, at most HEAD_ROWS; cells are str, int, float, bool, date or datetime, None
    where blank; rows may differ in length. rows_from(n): all rows after the first n, columns 0, 1, 2, ...;
    text columns or object columns of such cells. merges: what the file joined.
    complete: False when only the start of the file was read. last_row: where the format itself says how
    many rows there are, that number. encoding: the codec that was guessed for a text file, or "". first: rows
    before this index are no part of the sheet. findings may grow when rows_from is called.
    """

    head: list[list[Any]]
    rows_from: Callable[[int], pd.DataFrame]
    driver: str
    part: str | None = None
    parts: tuple[str, ...] = ()
    merges: tuple[Merge, ...] = ()
    findings: Sequence[Finding] = ()
    complete: bool = True
    last_row: int | None = None
    encoding: str = ""
    first: int = 0


@dataclass(slots=True)
class SheetScan:
    """Places are (row, column) from 0. rows, columns: how far cells reach, 0 where that is not known.
    cells: of all tables of an ODS, which its reader unfolds at once; 0 for others."""

    without_value: list[tuple[int, int]] = field(default_factory=list)
    errors: list[tuple[int, int]] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    merges: list[Merge] = field(default_factory=list)
    rows: int = 0
    columns: int = 0
    cells: int = 0


def shown(cell: Any) -> str:
    """A cell as text, "" for a blank one."""
    return "" if cell is None else str(cell).strip()
