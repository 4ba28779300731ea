"""A figure taken apart: what it is, what it is made of, and whether the parts add up to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

TOLERANCE = 1e-9
"""Relative difference up to which parts add up to a figure."""


@dataclass(frozen=True, slots=True)
class ExplanationTable:
    """Parts of a figure. rows: plain values in the order of `columns`, None for unknown. shown: how many rows
    are listed; count: how many there are."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    shown: int
    count: int

    def as_json(self) -> Mapping[str, Any]:
        return {
            "title": self.title,
            "columns": list(self.columns),
            "rows": [list(row) for row in self.rows],
            "shown": self.shown,
            "count": self.count,
        }


@dataclass(frozen=True, slots=True)
class Explanation:
    """lines: sentences in plain words. total: the sum of the parts, counted again from the inputs; None where
    they were not counted. agrees: whether it is the figure, to `TOLERANCE`; None where that is not known."""

    title: str
    lines: tuple[str, ...] = ()
    tables: tuple[ExplanationTable, ...] = ()
    total: float | None = None
    agrees: bool | None = None

    def as_json(self) -> Mapping[str, Any]:
        return {
            "title": self.title,
            "lines": list(self.lines),
            "tables": [table.as_json() for table in self.tables],
            "total": self.total,
            "agrees": self.agrees,
        }
