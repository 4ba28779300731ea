"""What is said of columns of numbers that came as text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from migmap.api import Change, Finding, Reading

from ..wording import counted
from .personaltext import shown
from .texts import Coded

MOST_CHANGES = 100_000


@dataclass(slots=True, eq=False)
class ReadColumn:
    """What reading one column came to. told: rows whose text was more than plain digits."""

    name: str
    values: np.ndarray
    told: np.ndarray
    blanks: int = 0
    gaps: Counter[str] = field(default_factory=Counter)
    gap_rows: np.ndarray | None = None
    nil: np.ndarray | None = None
    words: Counter[str] = field(default_factory=Counter)
    word_rows: np.ndarray | None = None
    hedges: Counter[str] = field(default_factory=Counter)
    hedge_rows: np.ndarray | None = None
    unit: str = ""
    without_unit: np.ndarray | None = None
    texts: Coded | None = None


def findings_of(read: Sequence[ReadColumn], rows: np.ndarray, reading: Reading) -> list[Finding]:
    told = np.logical_or.reduce([c.told for c in read])
    blanks = sum(c.blanks for c in read)
    cells = counted(blanks, "cell such as “-” or “NA” holds", "cells such as “-” or “NA” hold")
    note = ""
    if blanks:
        where = [f"“{c.name}” {c.blanks:,}" for c in read if c.blanks]
        more = f" and {len(where) - 8} more columns" if len(where) > 8 else ""
        note = f"; {cells} no value, which is not 0 ({', '.join(where[:8])}{more})"
    findings = [
        Finding(
            "text-numbers",
            "info",
            f"Numbers written as text were read as numbers in {_named(c.name for c in read)}{note}.",
            count=len(read),
            rows=some(rows[told]),
        )
    ]
    findings += _not_assessed(read, rows)
    findings += _nil(read, rows, reading)
    for column in read:
        if column.words and column.word_rows is not None:
            findings.append(_unreadable(column, rows))
    findings += _hedged(read, rows)
    findings += _with_units(read, rows)
    return findings


def _not_assessed(read: Sequence[ReadColumn], rows: np.ndarray) -> list[Finding]:
    with_gaps = [c for c in read if c.gaps]
    if not with_gaps:
        return []
    parts = [f"“{c.name}”: {_listed_words(c.gaps)}" for c in with_gaps[:8]]
    if len(with_gaps) > 8:
        parts.append(f"and {len(with_gaps) - 8} more columns")
    told = np.logical_or.reduce([c.gap_rows for c in with_gaps if c.gap_rows is not None])
    count = sum(sum(c.gaps.values()) for c in with_gaps)
    changes = [change for c in with_gaps for change in _changes(c, c.gap_rows, rows, "", "no number")]
    cut = f" Their words are listed for the first {MOST_CHANGES:,} only." if count > MOST_CHANGES else ""
    return [
        Finding(
            "values-not-assessed",
            "info",
            f"{counted(count, 'cell says', 'cells say')} that nobody looked or nobody knows, and "
            f"{'holds' if count == 1 else 'hold'} no number, which is not 0: {'; '.join(parts)}.{cut}",
            count=count,
            rows=some(rows[told]),
            changes=tuple(changes[:MOST_CHANGES]),
        )
    ]


def _nil(read: Sequence[ReadColumn], rows: np.ndarray, reading: Reading) -> list[Finding]:
    with_nil = [c for c in read if c.nil is not None and c.nil.any()]
    if not with_nil:
        return []
    applied = "nil-as-zero" in reading.fixes
    told = np.logical_or.reduce([c.nil for c in with_nil if c.nil is not None])
    count = sum(int(c.nil.sum()) for c in with_nil if c.nil is not None)
    changes = [
        change for c in with_nil for change in _changes(c, c.nil, rows, "0", "“nil” or “none” means zero")
    ]
    done = "read as 0" if applied else "no number was read there"
    return [
        Finding(
            "nil-as-zero",
            "info",
            f"{counted(count, 'cell says', 'cells say')} “nil” or “none” in "
            f"{_named(c.name for c in with_nil)}, which may mean 0 or nothing known; {done}.",
            count=count,
            rows=some(rows[told]),
            fix="Reads “nil” and “none” as 0 in number columns.",
            applied=applied,
            changes=tuple(changes[:MOST_CHANGES]),
        )
    ]


def _changes(
    column: ReadColumn, mask: np.ndarray | None, rows: np.ndarray, new: str, why: str
) -> list[Change]:
    if mask is None or column.texts is None:
        return []
    texts = column.texts
    return [
        Change(int(rows[place]), column.name, texts.uniques[int(texts.codes[place])].strip(), new, why)
        for place in np.flatnonzero(mask)[:MOST_CHANGES].tolist()
    ]


def _unreadable(column: ReadColumn, rows: np.ndarray) -> Finding:
    count = sum(column.words.values())
    told = column.word_rows if column.word_rows is not None else np.zeros(len(rows), dtype=bool)
    return Finding(
        "values-unreadable",
        "warning",
        f"“{column.name}” is a column of numbers, and {counted(count, 'cell is', 'cells are')} no number: "
        f"{_listed_words(column.words)}. {'It holds' if count == 1 else 'They hold'} no value, which is "
        "not 0.",
        count=count,
        rows=some(rows[told]),
    )


def _hedged(read: Sequence[ReadColumn], rows: np.ndarray) -> list[Finding]:
    hedged = [c for c in read if c.hedges]
    if not hedged:
        return []
    told = np.logical_or.reduce([c.hedge_rows for c in hedged if c.hedge_rows is not None])
    total = sum((c.hedges for c in hedged), Counter[str]())
    listed = ", ".join(f"“{word}” in {n:,}" for word, n in total.most_common())
    return [
        Finding(
            "values-approximate",
            "info",
            f"Numbers in {_named(c.name for c in hedged)} are not exact ({listed}); the number that "
            "is written is used.",
            count=sum(total.values()),
            rows=some(rows[told]),
        )
    ]


def _with_units(read: Sequence[ReadColumn], rows: np.ndarray) -> list[Finding]:
    with_unit = [c for c in read if c.unit]
    if not with_unit:
        return []
    bare = [c for c in with_unit if c.without_unit is not None and c.without_unit.any()]
    told = np.logical_or.reduce(
        [c.without_unit for c in bare if c.without_unit is not None] or [np.zeros(len(rows), dtype=bool)]
    )
    listed = ", ".join(f"“{c.name}” ({c.unit})" for c in with_unit[:8])
    note = ""
    if bare:
        note = (
            f" {counted(int(told.sum()), 'row states none and was', 'rows state none and were')} taken to be "
            "in the same unit."
        )
    return [
        Finding(
            "values-with-units",
            "warning" if bare else "info",
            f"Numbers are written with their unit in {listed}; the numbers were read.{note}",
            count=len(with_unit),
            rows=some(rows[told]),
        )
    ]


def _named(names: Iterable[str]) -> str:
    every = list(names)
    listed = ", ".join(f"“{name}”" for name in every[:8])
    return f"{listed} and {len(every) - 8} more" if len(every) > 8 else listed


def _listed_words(words: Counter[str]) -> str:
    """The commonest words with their number; what is personal in them is cut out, and long ones are cut."""
    listed = ", ".join(f"“{shown(word)}” ({n:,})" for word, n in words.most_common(6))
    return f"{listed} and {len(words) - 6} other words" if len(words) > 6 else listed


def some(rows: np.ndarray) -> tuple[int, ...]:
    return tuple(int(r) for r in rows[:1000])
