"""Tables as they lie in the file: a header, an HXL tag row if there is one, rows of raw cells.

The reader of a format (`delimited`, `workbook`) gives rows of cells; `header` finds the rows that name the
columns, `setaside` those that are no records. What is left keeps the row numbers a person sees.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from migmap.api import AS_FOUND, Finding, Reading, RowsAside

from ..place import Place
from ..values.numbers import is_code_name
from ..wording import counted
from .cellkinds import kind_of
from .delimited import read_delimited
from .header import Header, column_names, find_header
from .othertables import BESIDE, beside
from .rawtable import Merge, RawTable
from .setaside import REASONS, set_aside
from .workbook import read_workbook

_MOST_BLANK = 40
"""Blank columns in a row that are looked at."""
_SETTLED = 20_000
"""Where only the first rows are asked for, rows beyond these do not decide what a row is."""


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """cells: DataFrame with unique column names; CSV cells are text, spreadsheet cells keep their type
    in object columns; blank is null. row_numbers: int64, the line or sheet row of each row, from 1.
    hxl: column -> tag. parts: the sheets that can be named. total: rows in the file, those set aside
    included, None when only its head was read and the format does not say it. aside: rows of the file that
    are not in `cells`. titles: what stands above the header. encoding: the codec that was guessed, "" for
    none.
    """

    cells: pd.DataFrame
    row_numbers: np.ndarray
    driver: str
    part: str | None = None
    hxl: dict[str, str] | None = None
    parts: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    total: int | None = None
    aside: tuple[RowsAside, ...] = ()
    titles: tuple[str, ...] = ()
    encoding: str = ""


def read_grid(place: Place, limit: int | None = None, reading: Reading = AS_FOUND) -> Grid:
    """The table at `place`; with `limit`, its first rows only. Problem: unreadable, not text, no rows at
    all, no such sheet, beyond a limit."""
    if place.ending in ("xlsx", "xlsm", "xlsb", "xls", "ods"):
        raw = read_workbook(place, limit is not None)
    else:
        raw = read_delimited(place, limit is not None, reading)
    header = find_header(raw, place.called, reading)
    frame = raw.rows_from(header.start)
    numbers = np.arange(header.start + 1, header.start + 1 + len(frame), dtype=np.int64)
    filled = np.zeros(len(frame), dtype=bool)
    for column in frame.columns:
        filled |= frame[column].notna().to_numpy()
        if filled.all():
            break
    if not filled.all():
        frame, numbers = frame[filled].reset_index(drop=True), numbers[filled]
    total = _total(raw, header, len(frame))
    whole = raw.complete
    if limit is not None and len(frame) > max(limit, _SETTLED):
        frame, numbers, whole = frame.iloc[: max(limit, _SETTLED)], numbers[: max(limit, _SETTLED)], False
    names = [*header.names, *[""] * frame.shape[1]][: max(frame.shape[1], len(header.names))]
    frame = frame.reindex(columns=range(len(names))) if frame.shape[1] < len(names) else frame
    findings = [*raw.findings, *header.findings, *_long(raw, header, frame, numbers)]
    frame, names, header, merges = _narrowed(frame, names, header, raw.merges)
    frame, more = _filled_down(frame, numbers, names, merges)
    findings += more
    tags = header.tags
    other = beside(frame, numbers, names, tags, reading) if header.rows else None
    if other is not None:
        findings.append(other.finding)
    if other is not None and BESIDE in reading.keep:
        other = None
    if other is not None:
        names = ["" if i in other.columns else name for i, name in enumerate(names)]
        tags = {i: tag for i, tag in tags.items() if i not in other.columns}
        frame = _blanked(frame, other.columns)
    found = set_aside(
        frame, numbers, header, merges, whole, reading, other.rows if other is not None else None
    )
    findings += found.findings
    # A column without name and without a single value is only the sheet's edge.
    used = [i for i in range(len(names)) if names[i] or i in tags or frame[i].notna().any()]
    unique = column_names(names)
    frame = frame[used]
    frame.columns = pd.Index([unique[i] for i in used], dtype=object)
    left = np.ones(len(frame), dtype=bool)
    for mask in found.masks.values():
        left &= ~mask
    last = (
        int(numbers[np.flatnonzero(left)[:limit][-1]]) if limit is not None and left.sum() > limit else None
    )
    aside = _aside(frame, numbers, found.masks, last)
    cells = frame if left.all() else frame[left].reset_index(drop=True)
    return Grid(
        cells=cells.iloc[:limit],
        row_numbers=(numbers if left.all() else numbers[left])[:limit],
        driver=raw.driver,
        part=raw.part,
        hxl={unique[i]: tag for i, tag in tags.items() if i in set(used)},
        parts=raw.parts,
        findings=tuple(findings),
        total=total,
        aside=aside,
        titles=header.titles,
        encoding=raw.encoding,
    )


def _narrowed(
    frame: pd.DataFrame, names: list[str], header: Header, merges: Sequence[Merge]
) -> tuple[pd.DataFrame, list[str], Header, Sequence[Merge]]:
    """The same without long runs of columns that hold nothing: a cell somebody touched in the last column of
    a sheet makes 16,000 of them."""
    if len(names) <= _MOST_BLANK:
        return frame, names, header, merges
    kept: list[int] = []
    run = 0
    for i, name in enumerate(names):
        blank = not name and i not in header.tags and not frame[i].notna().any()
        run = run + 1 if blank else 0
        if run <= _MOST_BLANK:
            kept.append(i)
    if len(kept) == len(names):
        return frame, names, header, merges
    frame = frame[kept]
    frame.columns = pd.RangeIndex(len(kept))
    place = {old: new for new, old in enumerate(kept)}
    header = replace(
        header,
        names=[n for i, n in enumerate(header.names) if i in place],
        levels=tuple(tuple(t for i, t in enumerate(level) if i in place) for level in header.levels),
        tags={place[i]: tag for i, tag in header.tags.items()},
    )
    moved = [
        m._replace(left=place[m.left], right=place[m.left] + min(m.right, kept[-1]) - m.left)
        for m in merges
        if m.left in place
    ]
    return frame, [names[i] for i in kept], header, moved


def _blanked(frame: pd.DataFrame, columns: Sequence[int]) -> pd.DataFrame:
    """The frame with these columns as if nothing stood there."""
    frame = frame.copy(deep=False)
    for column in columns:
        frame[column] = pd.Series([None] * len(frame), index=frame.index, dtype=object)
    return frame


def _total(raw: RawTable, header: Header, rows: int) -> int | None:
    if raw.complete:
        return rows
    return raw.last_row - header.start if raw.last_row is not None else None


def _aside(
    frame: pd.DataFrame, numbers: np.ndarray, masks: dict[str, np.ndarray], last: int | None
) -> tuple[RowsAside, ...]:
    out = []
    for code, mask in masks.items():
        mask = mask & (numbers <= last) if last is not None else mask
        if mask.any():
            rows = frame[mask].reset_index(drop=True)
            out.append(RowsAside(code, REASONS[code], rows, numbers[mask]))
    return tuple(out)


def _long(raw: RawTable, header: Header, frame: pd.DataFrame, numbers: np.ndarray) -> list[Finding]:
    """Rows with cells right of the header's last one."""
    if raw.driver != "CSV" or not (header.rows or header.tags):
        return []
    width = max([0, *(i + 1 for i, n in enumerate(header.names) if n), *(i + 1 for i in header.tags)])
    stated = max([width, *(len(raw.head[i]) for i in header.rows)])
    if frame.shape[1] <= stated:
        return []
    beyond = frame.iloc[:, stated:].notna().any(axis=1).to_numpy()
    rows = numbers[beyond]
    if not len(rows):
        return []
    return [
        Finding(
            "row-too-long",
            "warning",
            f"{counted(len(rows), 'row has', 'rows have')} more cells than the header's {stated}; the extra "
            "cells stand in columns of their own at the end.",
            count=len(rows),
            rows=tuple(int(r) for r in rows[:1000]),
        )
    ]


def _filled_down(
    frame: pd.DataFrame, numbers: np.ndarray, names: Sequence[str], merges: Sequence[Merge]
) -> tuple[pd.DataFrame, list[Finding]]:
    """Words and codes the file joined over several rows, in each of those rows. A joined number stays in
    the first row: in every row it would be counted several times."""
    if not len(numbers) or not merges:
        return frame, []
    place = {int(n) - 1: i for i, n in enumerate(numbers)}
    changed: dict[int, list[object]] = {}
    words: set[int] = set()
    figures: set[int] = set()
    for merge in merges:
        if merge.bottom == merge.top or merge.left >= len(names) or merge.left != merge.right:
            continue
        rows = [
            place[r]
            for r in range(max(merge.top, int(numbers[0]) - 1), min(merge.bottom, int(numbers[-1]) - 1) + 1)
            if r in place
        ]
        if len(rows) < 2 or rows[0] != place.get(merge.top):
            continue
        column = merge.left
        cells = changed.setdefault(column, [None if c is None or c != c else c for c in frame[column]])
        value = cells[rows[0]]
        kind = kind_of(value)
        if kind == "blank":
            continue
        if kind == "number" and not isinstance(value, str) and not is_code_name(names[column]):
            figures |= {int(numbers[r]) for r in rows}
            continue
        for row in rows[1:]:
            if cells[row] is None:
                cells[row] = value
                words.add(int(numbers[row]))
    findings = []
    if words:
        frame = frame.copy()
        for column, values in changed.items():
            frame[column] = pd.Series(values, index=frame.index, dtype=object)
        findings.append(
            Finding(
                "merged-cells-filled",
                "info",
                f"{counted(len(words), 'row lies', 'rows lie')} under a cell that was merged over several "
                "rows; each row was given its words.",
                count=len(words),
                rows=tuple(sorted(words)[:1000]),
            )
        )
    if figures:
        findings.append(
            Finding(
                "merged-numbers",
                "warning",
                f"{counted(len(figures), 'row shares', 'rows share')} a number in a merged cell; it counts "
                "once, in the first of its rows, and is blank in the others.",
                count=len(figures),
                rows=tuple(sorted(figures)[:1000]),
            )
        )
    return frame, findings
