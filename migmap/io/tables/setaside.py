"""Rows below a header that are no records: repeated headers, units, totals, notes under the table.

They leave the table, each with its reason, unless the user keeps them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from migmap.api import AS_FOUND, Finding, Reading

from ..wording import counted
from .cellkinds import kind_of
from .header import Header
from .othertables import BENEATH, BESIDE, beneath, beneath_finding
from .rawtable import Merge
from .totals import breakdown, find_totals

REASONS = {
    "repeated-header": "header repeated in the sheet",
    "units-row": "row of units under the header",
    "note-row": "note under the table",
    "section-row": "heading of a part of the table",
    BENEATH: "part of another table under this one",
    BESIDE: "part of another table beside this one",
    "total-row": "total of other rows",
    "total-row-doubtful": "called a total, set aside as you decided",
}
_TAIL = 80
_MOST_SECTIONED = 20_000
_NOTE = re.compile(
    r"\W*(?:notes?|sources?|src|nb|n\.b|remarks?|comments?|disclaimer|caveats?|legend|key|prepared|produced|"
    r"compiled|updated|last update|data as of|as of|date of|generated|for more information|contact|feedback|"
    r"page\s+\d+(?:\s*(?:of|/)\s*\d+)?|copyright|abbreviations?|definitions?|methodology|fuentes?|nota|notas|quelle|anmerkung|remarque|"
    r"ماخذ|ذریعہ|نوٹ|حوالہ|المصدر|ملاحظة|ملاحظات|منبع|یادداشت|источник|примечание)\b.*"
    r"|[*†‡§©¹²³].*|[(\[]?\d{1,2}[)\]/]\s+.*|\(?[a-z]\)\s.*|https?://.*|www\..*",
    re.IGNORECASE | re.DOTALL,
)
_UNIT_WORDS = """
    persons, people, individuals, ind, inds, ind., hh, hhs, households, families, number, count, nos,
    no., #, n, %, percent, percentage, km, m, km2, km², sq km, sq. km, sqkm, m2, m², ha, hectares, acres,
    mm, cm, ft, feet, meters, metres, degrees, decimal degrees, dd, deg, usd, us$, $, pkr, rs, rs.,
    million, millions, thousand, thousands, text, string, integer, decimal, date, dd/mm/yyyy, yyyy-mm-dd,
    mm/dd/yyyy, yes/no, y/n, days, litres, liters, l/p/d, minutes, min, hours, unit, units, units:,
    افراد, خاندان, تعداد, فیصد, personnes, ménages, personas, hogares
"""
_UNITS = frozenset(word.strip() for word in _UNIT_WORDS.split(","))


@dataclass(frozen=True, slots=True, eq=False)
class SetAside:
    """masks: code -> rows of the table that leave it. findings: what is said of those and of kept ones."""

    masks: dict[str, np.ndarray]
    findings: tuple[Finding, ...]


def set_aside(
    frame: pd.DataFrame,
    row_numbers: np.ndarray,
    header: Header,
    merges: Sequence[Merge],
    complete: bool,
    reading: Reading = AS_FOUND,
    beside: np.ndarray | None = None,
) -> SetAside:
    """Which of the rows are no records. frame: columns 0, 1, ... and no blank rows; row_numbers: from 1;
    complete: the frame reaches to the end of the file. beside: rows of a table beside this one, blank
    here."""
    size = len(frame)
    masks: dict[str, np.ndarray] = {}
    left = np.ones(size, dtype=bool)

    def take(code: str, mask: np.ndarray) -> None:
        nonlocal left
        mask = mask & left
        if mask.any() and mask.sum() < size:
            masks[code] = mask
            left = left & ~mask

    if beside is not None:
        take(BESIDE, beside)
    if header.rows or header.tags:
        take("units-row", _units(frame))
        take("repeated-header", _repeated(frame, header))
    if complete:
        take("note-row", _notes(frame, row_numbers, left))
    other = beneath(frame, row_numbers, _names(header, frame), left) if header.rows else None
    under: list[Finding] = []
    if other is not None:
        take(BENEATH, np.arange(size) >= other[0])
        under = [beneath_finding(frame, row_numbers, *other, masks[BENEATH], reading)]
    take("section-row", _sections(frame, row_numbers, merges))
    parts = breakdown(frame, row_numbers, _names(header, frame), left & complete)
    totals = find_totals(frame, _names(header, frame), header.tags, left & ~parts, complete)
    take("total-row", totals.aside | parts)
    findings: list[Finding] = []
    if totals.doubtful.any() and not masks.get("total-row-doubtful", np.zeros(1)).any():
        apply = "total-row-doubtful" in reading.fixes
        findings.append(_doubtful(totals.doubtful & left, row_numbers, apply))
        if apply:
            take("total-row-doubtful", totals.doubtful)
    if totals.differs.any() and "total-row" in masks:
        findings.append(_differs(totals.differs, row_numbers, totals.example))
    told = (
        _finding("units-row", masks, row_numbers, reading),
        _finding("repeated-header", masks, row_numbers, reading),
        _finding("section-row", masks, row_numbers, reading),
        _finding("total-row", masks, row_numbers, reading),
        _finding("note-row", masks, row_numbers, reading),
    )
    findings = [*(f for f in told if f is not None), *under, *findings]
    return SetAside({c: m for c, m in masks.items() if c not in reading.keep}, tuple(findings))


_WORDS = {
    "repeated-header": ("row repeats the header", "rows repeat the header"),
    "units-row": (
        "row under the header holds units or numbers of columns",
        "rows under the header hold units",
    ),
    "note-row": ("row under the table is a note", "rows under the table are notes"),
    "section-row": ("row is a heading inside the table", "rows are headings inside the table"),
    "total-row": ("row is the total of others", "rows are totals of others"),
}


def _finding(
    code: str, masks: dict[str, np.ndarray], row_numbers: np.ndarray, reading: Reading
) -> Finding | None:
    if code not in masks:
        return None
    rows = row_numbers[masks[code]]
    count = len(rows)
    named = ", ".join(str(r) for r in rows[:5].tolist()) + (", ..." if count > 5 else "")
    which = f"{counted(count, *_WORDS[code])} ({'row' if count == 1 else 'rows'} {named})"
    kept = code in reading.keep
    if kept:
        effect = "kept in use, as you decided"
        if code == "total-row":
            effect += "; sums over all rows count what they sum up twice"
    else:
        effect = "set aside, in no figure"
    return Finding(
        code,
        "warning" if kept or code == "total-row" else "info",
        f"{which}: {effect}.",
        count=count,
        rows=tuple(int(r) for r in rows[:1000]),
    )


def _doubtful(mask: np.ndarray, row_numbers: np.ndarray, applied: bool) -> Finding:
    rows = row_numbers[mask]
    count = len(rows)
    said = counted(count, "row is called a total", "rows are called totals")
    what = "set aside, as you decided" if applied else "used like every other row"
    return Finding(
        "total-row-doubtful",
        "info" if applied else "warning",
        f"{said} but the figures do not add up to it, or it has a code or coordinates of its own: {what}.",
        count=count,
        rows=tuple(int(r) for r in rows[:1000]),
        fix="Set these rows aside as totals.",
        applied=applied,
    )


def _differs(mask: np.ndarray, row_numbers: np.ndarray, example: str) -> Finding:
    rows = row_numbers[mask]
    return Finding(
        "total-differs",
        "warning",
        f"{counted(len(rows), 'total is', 'totals are')} not what the rows add up to: in row {rows[0]} "
        f"{example}. Figures are made of the rows.",
        count=len(rows),
        rows=tuple(int(r) for r in rows[:1000]),
    )


def _names(header: Header, frame: pd.DataFrame) -> list[str]:
    return [*header.names, *[""] * frame.shape[1]][: frame.shape[1]]


def _cells(frame: pd.DataFrame, row: int) -> list[str]:
    return [_cell(v) for v in frame.iloc[row]]


def _cell(value: Any) -> str:
    return "" if value is None or value != value else str(value).strip()


def _units(frame: pd.DataFrame) -> np.ndarray:
    """The first one or two rows, where they hold nothing but units or the numbers of the columns."""
    mask = np.zeros(len(frame), dtype=bool)
    for row in range(min(2, len(frame) - 1)):
        cells = _cells(frame, row)
        filled = [c for c in cells if c]
        bare = [re.sub(r"^[(\[]\s*|\s*[)\]]$", "", c) for c in filled]
        numbering = len(filled) > 3 and bare == [str(i + 1) for i in range(len(bare))]
        bracketed = all(re.fullmatch(r"[(\[][^)\]]+[)\]]", c) for c in filled)
        known = [c.lower() in _UNITS or b.lower() in _UNITS for c, b in zip(filled, bare, strict=True)]
        under = [i for i, c in enumerate(cells) if c]
        over_numbers = any(_is_number_below(frame, row, i) for i in under)
        if not (
            numbering
            or ((bracketed or all(known)) and any(known) and over_numbers and len(filled) > 1)
            or (len(filled) == 1 and bracketed and known[0] and over_numbers)
        ):
            break
        mask[row] = True
    return mask


def _is_number_below(frame: pd.DataFrame, row: int, column: int) -> bool:
    kinds = [kind_of(v) for v in frame[frame.columns[column]].iloc[row + 1 : row + 12].dropna()]
    kinds = [k for k in kinds if k != "blank"]
    return bool(kinds) and sum(k in ("number", "year") for k in kinds) * 2 > len(kinds)


def _repeated(frame: pd.DataFrame, header: Header) -> np.ndarray:
    """Rows whose cells are those of a header row, or of the tag row."""
    mask = np.zeros(len(frame), dtype=bool)
    tags = tuple(header.tags.get(c, "") for c in range(frame.shape[1]))
    for level in (*header.levels, tags):
        texts = {c: t for c, t in enumerate(level[: frame.shape[1]]) if t}
        if not texts or (len(texts) == 1 and frame.shape[1] > 2):
            continue
        hits = np.zeros(len(frame), dtype=bool)
        for column in list(texts)[:3]:
            said = texts[column]
            alike = {said, said.upper(), said.lower(), said.title(), said.capitalize()}
            hits |= frame[column].isin(list(alike)).to_numpy(dtype=bool)
        for row in np.flatnonzero(hits)[:20_000].tolist():
            cells = _cells(frame, row)
            same = sum(cells[c].casefold() == t.casefold() for c, t in texts.items())
            filled = sum(1 for c in cells if c)
            if same >= 0.8 * len(texts) and same >= 0.8 * filled and (same > 1 or frame.shape[1] == 1):
                mask[row] = True
    return mask


def _notes(frame: pd.DataFrame, row_numbers: np.ndarray, left: np.ndarray) -> np.ndarray:
    """From the bottom up: rows of one or two cells that read like a note, or stand apart under a gap."""
    mask = np.zeros(len(frame), dtype=bool)
    width = frame.shape[1]
    if width < 2:
        return mask
    first = max(1, len(frame) - _TAIL)
    # Column by column: a wide frame gives its rows up slowly.
    columns = [[_cell(v) for v in frame[c].iloc[first:].tolist()] for c in frame.columns]
    tail = list(zip(*columns, strict=True))
    usual = int(np.median([sum(1 for c in cells if c) for cells in tail])) if tail else 0
    body = frame.iloc[:first].head(200).notna().sum(axis=1)
    usual = max(usual, int(body.median()) if len(body) else 0)
    pending: list[int] = []
    for row in range(len(frame) - 1, first - 1, -1):
        cells = tail[row - first]
        filled = [c for c in cells if c]
        gap = row_numbers[row] - row_numbers[row - 1] > 1
        if not left[row]:
            continue
        # A comma in a note makes two cells of it.
        torn = len(filled) == 2 and (usual > 2 or gap) and {kind_of(c) for c in filled} == {"label"}
        sparse = len(filled) == 1 or (len(filled) == 2 and usual > 3) or (torn and _NOTE.fullmatch(filled[0]))
        if not sparse or kind_of(filled[0]) not in ("label", "value", "code"):
            if len(filled) == 1 and kind_of(filled[0]) == "number":
                break
            break
        reads_so = _NOTE.fullmatch(filled[0]) is not None and (len(filled) == 1 or usual > 3 or torn)
        prose = len(filled[0]) > 60 or (len(filled[0]) > 40 and filled[0].count(" ") > 5)
        pending.append(row)
        if reads_so or (usual > 2 and (prose or gap) and len(filled) == 1):
            # All rows under this one are below the table, too.
            mask[pending] = True
            pending = []
    return mask


def _sections(frame: pd.DataFrame, row_numbers: np.ndarray, merges: Sequence[Merge]) -> np.ndarray:
    """Rows of one cell that the file spread over most of the table: the name of what follows."""
    mask = np.zeros(len(frame), dtype=bool)
    width = frame.shape[1]
    mask |= _bare_names(frame)
    wide = {m.top + 1 for m in merges if m.top == m.bottom and m.right - m.left + 1 >= max(3, 0.6 * width)}
    if wide:
        for row in np.flatnonzero(np.isin(row_numbers, list(wide))).tolist():
            filled = [c for c in _cells(frame, row) if c]
            mask[row] = len(filled) == 1 and kind_of(filled[0]) == "label"
    return mask


def _bare_names(frame: pd.DataFrame) -> np.ndarray:
    """Rows of nothing but a name, where the table begins with one and has several, each over rows with
    figures: "BALOCHISTAN", its districts, "SINDH", its districts. A single name is a place that nobody
    filled in."""
    mask = np.zeros(len(frame), dtype=bool)
    if not 4 <= len(frame) <= _MOST_SECTIONED or frame.shape[1] < 3 or frame.iloc[0].notna().sum() != 1:
        return mask
    filled = frame.notna().to_numpy()
    only = filled.sum(axis=1) == 1
    first = int(filled[0].argmax())
    rows = np.flatnonzero(only & filled[:, first])
    others = ~only
    if (
        not only[0]
        or len(rows) < 2
        or len(rows) * 2 > len(frame)
        or int(only.sum()) != len(rows)
        or only[-1]
        or (np.diff(rows) == 1).any()
        or not filled[others][:, first].all()
    ):
        return mask
    if any(kind_of(frame.iat[int(row), first]) != "label" for row in rows):
        return mask
    mask[rows] = True
    return mask
