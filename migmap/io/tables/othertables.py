"""Other tables on the same sheet, under the first one or beside it. Their rows are not mixed into it.

A table under another begins after a gap with a row of words that stand over figures while there are figures
above them, too. A table beside another stands behind a blank column, has names in a first column of its own,
and ends in another row or repeats the headings.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from migmap.api import Finding, Reading

from ..values.texts import is_text
from ..wording import counted
from .cellkinds import CellKind, kind_of
from .rawtable import HEAD_ROWS, shown

BENEATH = "table-beneath"
BESIDE = "table-beside"
_LOOKED = 30
_MOST_GAPS = 300
_MOST_TITLES = 3
_SMALL = 2_000
"""Up to so many rows a second table is looked for without a gap before it, too."""
_FIGURES: frozenset[CellKind] = frozenset(["number", "date"])
_DATA: frozenset[CellKind] = frozenset(["number", "date", "code", "value"])


@dataclass(frozen=True, slots=True, eq=False)
class Beside:
    """columns: those of the tables beside the first one. rows: mask of the rows that hold only such cells."""

    columns: tuple[int, ...]
    rows: np.ndarray
    finding: Finding


# --- under the table


def beneath(
    frame: pd.DataFrame, row_numbers: np.ndarray, names: Sequence[str], left: np.ndarray
) -> tuple[int, int] | None:
    """(index of the first row that belongs to another table, index of the row of its headings), None where
    there is one table only. frame: columns 0, 1, ... and no blank rows; left: rows that are data so far."""
    size = len(frame)
    if size < 3 or frame.shape[1] < 2:
        return None
    gaps = (np.flatnonzero(np.diff(row_numbers) > 1) + 1)[:_MOST_GAPS].tolist()
    after_gap = set(gaps)
    places = [(g, True) for g in gaps]
    if size <= _SMALL:
        places += [(r, False) for r in range(1, size - 1) if r not in after_gap]
    words = _rows_of_words(frame, [start for start, _ in places])
    for start, gap in sorted(places):
        heading = start
        while heading < min(start + _MOST_TITLES, size - 1) and words.is_title(heading):
            heading += 1
        if heading > start and not gap:
            continue
        if (
            heading < size - 1
            and left[heading]
            and words.may_be_heading(heading, gap)
            and _is_heading(frame, heading, names, gap)
        ):
            return start, heading
    return None


@dataclass(frozen=True, slots=True, eq=False)
class _Words:
    """How many filled cells, labels, and labels in columns that hold figures too, the rows have in which
    nothing but labels and years stands; -1 filled cells for the others."""

    filled: np.ndarray
    labels: np.ndarray
    among_figures: np.ndarray

    def is_title(self, row: int) -> bool:
        return bool(self.filled[row] == 1 and self.labels[row] == 1)

    def may_be_heading(self, row: int, gap: bool) -> bool:
        # Without a gap before it, two of its words must stand below figures.
        return bool(self.filled[row] >= 2 and self.labels[row] >= 1 and (gap or self.among_figures[row] >= 2))


def _rows_of_words(frame: pd.DataFrame, starts: Sequence[int]) -> _Words:
    """Column by column, and of each only the rows that are words so far: most rows of a table hold a figure
    or a code in one of their first columns."""
    size = len(frame)
    wanted = np.zeros(size, dtype=bool)
    for ahead in range(_MOST_TITLES + 1):
        wanted[np.minimum(np.asarray(starts, dtype=np.int64) + ahead, size - 1)] = True
    alive = np.flatnonzero(wanted)
    filled, labels, among_figures = (np.zeros(size, dtype=np.int32) for _ in range(3))
    for name in frame.columns:
        if not len(alive):
            break
        column = frame[name]
        cells = column.to_numpy(dtype=object)[alive].tolist()
        kinds = [kind_of(cell) for cell in cells]
        is_label = np.array([kind == "label" for kind in kinds], dtype=bool)
        is_word = np.array([kind in ("label", "year") for kind in kinds], dtype=bool)
        is_other = np.array([kind not in ("label", "year", "blank") for kind in kinds], dtype=bool)
        filled[alive] += is_word
        labels[alive] += is_label
        if is_label.any() and _has_figures(column):
            among_figures[alive] += is_label
        alive = alive[~is_other]
    dead = np.ones(size, dtype=bool)
    dead[alive] = False
    filled[dead] = -1
    return _Words(filled, labels, among_figures)


def _has_figures(column: pd.Series) -> bool:
    if not is_text(column):
        return True
    different = column.dropna().unique()
    return any(kind_of(value) in _FIGURES for value in different)


def beneath_finding(
    frame: pd.DataFrame, row_numbers: np.ndarray, start: int, heading: int, mask: np.ndarray, reading: Reading
) -> Finding:
    rows = row_numbers[mask]
    words = [shown(c) for c in frame.iloc[heading] if c is not None and c == c]
    listed = ", ".join(f"“{w[:40]}”" for w in words[:4]) + (", ..." if len(words) > 4 else "")
    line = int(row_numbers[heading])
    state = f"state its header with --header {line}, or " if line <= HEAD_ROWS else ""
    if BENEATH in reading.keep:
        done = f"{counted(len(rows), 'row is', 'rows are')} used with the others, as you decided"
    else:
        done = (
            f"{counted(len(rows), 'row was', 'rows were')} set aside, in no figure. To read it {state}put it "
            "on a sheet of its own"
        )
    return Finding(
        BENEATH,
        "warning",
        f"Under the table another one begins in row {int(row_numbers[start])}, with the headings {listed}; "
        f"{done}.",
        count=len(rows),
        rows=tuple(int(r) for r in rows[:1000]),
    )


def _is_heading(frame: pd.DataFrame, row: int, names: Sequence[str], gap: bool) -> bool:
    cells = frame.iloc[row].tolist()
    kinds = [kind_of(c) for c in cells]
    filled = [i for i, kind in enumerate(kinds) if kind != "blank"]
    if len(filled) < 2 or any(kinds[i] not in ("label", "year") for i in filled) or "label" not in kinds:
        return False
    unlike = apart = over_data = 0
    for i in filled:
        column = frame[frame.columns[i]]
        above = column.iloc[:row].dropna()
        before = _usual(above.iloc[-_LOOKED:])
        below = _usual(column.iloc[row + 1 : row + 1 + _LOOKED].dropna())
        if kinds[i] == "label" and before in ("label", "code", "value") and (above == cells[i]).any():
            return False
        unlike += kinds[i] == "label" and before in _FIGURES
        apart += before is None and not (names[i] if i < len(names) else "")
        over_data += below in _DATA
    if not over_data:
        return False
    return unlike >= (1 if gap else 2) or (gap and apart == len(filled))


def _usual(cells: pd.Series) -> CellKind | None:
    """The kind most cells have; None where all are blank."""
    kinds = Counter(k for k in map(kind_of, cells) if k != "blank")
    return kinds.most_common(1)[0][0] if kinds else None


# --- beside the table


def beside(
    frame: pd.DataFrame,
    row_numbers: np.ndarray,
    names: Sequence[str],
    tagged: Collection[int],
    reading: Reading,
) -> Beside | None:
    """The tables right or left of the one with most rows; None where there is none, or where what stands
    behind a blank column may be more about the same rows."""
    blocks = _blocks(frame, names, tagged)
    if len(blocks) < 2:
        return None
    filled = [frame[block].notna().any(axis=1).to_numpy() for block in blocks]
    main = max(range(len(blocks)), key=lambda b: (int(filled[b].sum()), -b))
    others = [
        b
        for b in range(len(blocks))
        if b != main and _stands_alone(frame, names, blocks[main], blocks[b], filled[main], filled[b])
    ]
    if not others:
        return None
    used = np.logical_or.reduce([filled[b] for b in range(len(blocks)) if b not in others])
    columns = tuple(i for b in others for i in blocks[b])
    rows = np.logical_or.reduce([filled[b] for b in others])
    listed = ", ".join(f"“{names[i]}”" if names[i] else f"column {i + 1}" for i in columns[:6])
    listed += ", ..." if len(columns) > 6 else ""
    told = row_numbers[rows]
    if BESIDE in reading.keep:
        done = "It is read as columns of the same rows, as you decided"
    else:
        done = (
            "It was not read, because its cells do not belong to the rows beside them; put it on a sheet of "
            "its own to read it"
        )
    finding = Finding(
        BESIDE,
        "warning",
        f"Beside the table {'stands another one' if len(others) == 1 else 'stand others'} ({listed}), in "
        f"{counted(len(told), 'row', 'rows')}. {done}.",
        count=len(told),
        rows=tuple(int(r) for r in told[:1000]),
    )
    return Beside(columns, rows & ~used, finding)


def _blocks(frame: pd.DataFrame, names: Sequence[str], tagged: Collection[int]) -> list[list[int]]:
    """Columns that stand together, between columns with neither name nor value."""
    nameless = [i for i in range(len(names)) if not names[i] and i not in tagged]
    void = {i for i in nameless if i >= frame.shape[1] or not frame[i].notna().any()}
    blocks: list[list[int]] = []
    for i in range(len(names)):
        if i in void:
            continue
        if blocks and blocks[-1][-1] == i - 1:
            blocks[-1].append(i)
        else:
            blocks.append([i])
    return blocks


def _stands_alone(
    frame: pd.DataFrame,
    names: Sequence[str],
    main: list[int],
    other: list[int],
    main_rows: np.ndarray,
    other_rows: np.ndarray,
) -> bool:
    if len(other) < 2 or len(main) < 2 or other_rows.sum() < 2:
        return False
    if not any(names[i] for i in other):
        # Its headings stand lower than those of the table.
        first = int(np.flatnonzero(other_rows)[0])
        top = [kind_of(c) for c in frame.loc[first, other]]
        kinds = [_usual(frame[i].iloc[first + 1 :].dropna().head(_LOOKED)) for i in other]
        return set(top) <= {"label", "year"} and "label" in top and any(k in _FIGURES for k in kinds)
    labels = frame[other[0]]
    if _usual(labels.dropna().head(_LOOKED)) not in ("label", "code") or not any(
        _usual(frame[i].dropna().head(_LOOKED)) in _FIGURES for i in other[1:]
    ):
        return False
    named = labels[other_rows]
    if named.isna().any() or named.nunique() < 0.9 * len(named):
        return False
    mine = {names[i].casefold() for i in main if names[i]}
    theirs = {names[i].casefold() for i in other if names[i]}
    if len(mine & theirs) >= 2 and 2 * len(mine & theirs) >= len(theirs):
        return True
    as_long = other_rows.sum() == main_rows.sum()
    return not as_long and _is_from_the_top(other_rows) and _is_from_the_top(main_rows)


def _is_from_the_top(rows: np.ndarray) -> bool:
    return bool(rows[: int(rows.sum())].all())
