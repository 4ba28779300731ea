"""Rows of a table that are sums of its other rows: known by their words, proved by their figures."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow
import pyarrow.compute

from ..values.numbers import is_blank, is_code_name, number_of

# Words that alone name a sum. Latin ones are matched as whole words: Totalai is a place.
_TOTAL = (
    r"(?:grand|general|overall|over all|sub|net|combined)?[\s_-]*totals?(?:\s+g[ée]n[ée]ral)?|"
    r"sub[\s-]*total(?:s|es)?|grand[\s-]*sum|sum|sous[\s-]*totale?|totale|totaux|totales|"
    r"total[\s-]+geral|total[\s-]+general|suma|somme|soma|"
    r"gesamt|gesamtsumme|zwischensumme|teilsumme|endsumme|"
    r"insgesamt|summe|toplam|genel toplam|ara toplam|итого|всего|jami|jumla|ukupno|"
    r"jumlah|kabuuan|hizkia|"
    r"کل|مجموع|کل تعداد|کل میزان|میزان|میزان کل|ذیلی میزان|ذیلی کل|ٹوٹل|"
    r"سب ٹوٹل|گرینڈ ٹوٹل|مجموعی|مجموعی تعداد|"
    r"کل مجموع|مجموع کل|جمع فرعی|"
    r"(?:ال)?مجموع(?: (?:ال)?(?:كلي|فرعي|عام|جزئي|نهائي))?|"
    r"(?:ال)?[إا]جمالي(?: (?:ال)?(?:كلي|فرعي|عام|جزئي|نهائي))?|"
    r"جمع|جمع کل|جمله|ټول|ټولټال|مجموعه|एकूण|कुल|মোট|জমা|ድምር"
)
_ALONE = re.compile(rf"\W*(?:{_TOTAL})\W*", re.IGNORECASE)
# Words that alone name another figure made of all rows; believed only where it is that figure.
_SUMMARIES = {
    "mean": re.compile(
        r"\W*(?:(?:overall|national)\s+)?(?:average|avg\.?|mean|moyenne|promedio|media|média|durchschnitt|ortalama|"
        r"اوسط|میانگین|(?:ال)?متوسط)\W*",
        re.IGNORECASE,
    ),
    "median": re.compile(r"\W*(?:median|médiane|mediana)\W*", re.IGNORECASE),
    "max": re.compile(r"\W*(?:max|maximum|highest|máximo)\W*", re.IGNORECASE),
    "min": re.compile(r"\W*(?:min|minimum|lowest|mínimo)\W*", re.IGNORECASE),
}
# "Total Sindh", "Sindh total", "Total for Sindh (12 districts)": sums only where the figures agree.
_BESIDE = re.compile(
    r"\W*(?:sub[\s-]*|grand[\s-]*)?(?:total|totale|totaux|sum|somme|suma|toplam|итого|"
    r"всего|مجموع|المجموع|إجمالي|اجمالي|الإجمالي|الاجمالي|کل|میزان|ٹوٹل|جمع)[\s:/–—-]+.*"
    r"|.*[\s:/–—-](?:sub[\s-]*|grand[\s-]*)?"
    r"(?:total|totals|subtotal|مجموع|کل|میزان|ٹوٹل|toplam|итого)\W*",
    re.IGNORECASE | re.DOTALL,
)
_ANY = (
    r"(?i)(total|totaux|sum\b|suma|somme|soma\b|gesamt|insgesamt|summe|toplam|итого|всего|jami|jumla|ukupno|"
    r"kabuuan|hizkia|کل|مجموع|میزان|ٹوٹل|إجمالي|اجمالي|جمع|جمله|ټول|एकूण|कुल|মোট|জমা|ድምር)"
)
_NO_SUMS = re.compile(
    r"(?:^|[^a-z])(lat|latitude|lon|long|lng|longitude|x|y|elevation|altitude|percent|percentage|pct|share|"
    r"rate|ratio|average|avg|mean|median|density|index|rank|priority|round|month|day|level)(?:[^a-z]|$)|%",
    re.IGNORECASE,
)
_PLACE = re.compile(
    r"(?:^|[^a-z])(lat|latitude|lon|long|lng|longitude|gps|geolocation|wkt)(?:[^a-z]|$)", re.I
)
_SERIAL = re.compile(
    r"\W*(?:s(?:r|erial|l)?\.?\s*(?:no|nr|number|#)?|no|nr|#|row|index|id|نمبر شمار)\W*", re.I
)
_CLOSE = 0.05
_MAX_CANDIDATES = 20_000
_BACK = 60
_TOP, _END = 5, 40
_MOST_PARTS = 15
_TELLING = 20
"""A sum that two groups of rows do not share by chance."""
_LABEL_SAMPLE = 200
_SHORT = 10_000


@dataclass(frozen=True, slots=True, eq=False)
class Totals:
    """Masks over the rows. aside: sums of other rows. doubtful: called total, but the figures or a code of
    its own say otherwise. differs: among `aside`, those with a figure near the sum and not equal to it."""

    aside: np.ndarray
    doubtful: np.ndarray
    differs: np.ndarray
    example: str = ""


def find_totals(
    frame: pd.DataFrame, names: Sequence[str], tags: dict[int, str], usable: np.ndarray, complete: bool
) -> Totals:
    """frame: columns 0, 1, ... as they lie in the file; usable: rows that are data so far."""
    size = len(frame)
    nothing = np.zeros(size, dtype=bool)
    if usable.sum() < 2:
        return Totals(nothing, nothing, nothing)
    kinds = [_column_kind(frame[c]) for c in frame.columns]
    labels = [c for c, kind in zip(frame.columns, kinds, strict=True) if kind == "label"]
    named = _named_summaries(frame, labels, usable)
    if named:
        nothing[_summaries(frame, labels, usable, named, _Figures(frame, names, kinds, usable))] = True
        usable = usable & ~nothing
    worded = _worded(frame, labels, usable)
    unworded = [r for r in _unworded(frame, labels, kinds, usable, complete) if r not in worded]
    candidates = sorted([*worded, *unworded])
    if not candidates or len(worded) > 0.75 * usable.sum() or len(candidates) > _MAX_CANDIDATES:
        return Totals(nothing, np.zeros(size, dtype=bool), np.zeros(size, dtype=bool))
    figures = _Figures(frame, names, kinds, usable)
    aside, doubtful, differs = nothing.copy(), np.zeros(size, dtype=bool), np.zeros(size, dtype=bool)
    example = ""
    own = {row: _own_place(frame, names, tags, row) for row in candidates}
    sure = [row for row in candidates if not own[row]]
    # A candidate that turns out to be a record belongs to the sums of the others: look again without it.
    for _ in range(6):
        verdicts = {row: figures.verdict(row, sure) for row in sure}
        wrong = {r for r in sure if not _is_sum(verdicts[r], worded.get(r), frame, labels, r)}
        if not wrong:
            break
        # The weakest claim goes first: it may be what spoils the sums of the others.
        claims = {worded.get(r, "") for r in wrong}
        weakest = next(claim for claim in ("", "beside", "alone") if claim in claims)
        sure = [r for r in sure if r not in wrong or worded.get(r, "") != weakest]
    verdicts = {row: figures.verdict(row, sure) for row in candidates}
    for row in candidates:
        verdict = verdicts[row]
        if row in sure:
            aside[row] = True
            if verdict.near > verdict.equal:
                differs[row] = True
                example = example or verdict.words
        elif worded.get(row) == "alone" and (verdict.equal if own[row] else verdict.compared):
            doubtful[row] = True
    return Totals(aside, doubtful, differs, example)


@dataclass(frozen=True, slots=True)
class _Verdict:
    """Columns compared with sums of other rows; equal to one; within 5 %; how many rows were summed."""

    compared: int = 0
    equal: int = 0
    near: int = 0
    summed: int = 0
    words: str = ""


def _is_sum(verdict: _Verdict, word: str | None, frame: pd.DataFrame, labels: list[Any], row: int) -> bool:
    if word is None:
        return verdict.equal >= 1 and verdict.equal == verdict.compared and verdict.summed >= 2
    if verdict.equal and (verdict.equal >= 2 or verdict.equal * 3 >= verdict.compared):
        return True
    if word == "beside":
        return False
    if verdict.compared:
        return verdict.near > 0 and verdict.near * 2 >= verdict.compared
    # No figures to compare: a line that says "Total" and nothing else.
    return sum(_text(frame.at[row, c]) != "" for c in labels) == 1


def breakdown(
    frame: pd.DataFrame, row_numbers: np.ndarray, names: Sequence[str], usable: np.ndarray
) -> np.ndarray:
    """Mask of the rows under a last gap that divide what stands above among themselves: "Men 25", "Women 35"
    under sites with 60 people. They say the same people again."""
    none = np.zeros(len(frame), dtype=bool)
    gaps = np.flatnonzero(np.diff(row_numbers) > 1) + 1
    if not len(gaps):
        return none
    kinds: list[str] = []
    for start in gaps[::-1][:3].tolist():
        tail = np.flatnonzero(usable[start:]) + start
        body = np.flatnonzero(usable[:start])
        if not 2 <= len(tail) <= _MOST_PARTS or len(body) < 2 or not usable[start]:
            continue  # or another page of the table, under its header
        kinds = kinds or [_column_kind(frame[c]) for c in frame.columns]
        labels = [c for c, kind in zip(frame.columns, kinds, strict=True) if kind == "label"]
        if any(_own_place(frame, names, {}, int(row)) for row in tail):
            continue
        sums = {
            int(row) for row in tail for c in labels if _ALONE.fullmatch(_text(frame.at[int(row), c]) or "-")
        }
        parts = [int(row) for row in tail if int(row) not in sums]
        if len(parts) < 2:
            continue
        values = _Figures(frame, names, kinds, usable).values
        above, below = np.nansum(values[body], axis=0), np.nansum(values[parts], axis=0)
        equal = (np.abs(above - below) <= np.maximum(1e-6 * np.abs(above), 0.011)) & (above != 0)
        compared = np.isfinite(values[parts]).any(axis=0)
        if not equal[compared].all():
            continue
        if equal.sum() > 1 or (equal & (np.abs(above) >= _TELLING)).any():
            none[tail] = True
            return none
    return none


def _named_summaries(frame: pd.DataFrame, labels: list[Any], usable: np.ndarray) -> list[tuple[int, str]]:
    """(row, how) of rows called average, median, highest or lowest, at the top and at the end."""
    places = np.flatnonzero(usable)
    near = np.unique([*places[:_TOP], *places[-_END:]])
    found = []
    for column in labels:
        for row, cell in zip(near.tolist(), frame[column].iloc[near].tolist(), strict=True):
            if isinstance(cell, str) and len(cell) < 30:
                found += [(row, how) for how, word in _SUMMARIES.items() if word.fullmatch(cell.strip())]
    return found


def _summaries(
    frame: pd.DataFrame,
    labels: list[Any],
    usable: np.ndarray,
    found: Sequence[tuple[int, str]],
    figures: _Figures,
) -> list[int]:
    """Those of them that are what they are called."""
    records = usable.copy()
    records[[row for row, _ in found]] = False
    for column in labels:
        sums = [isinstance(cell, str) and _ALONE.fullmatch(cell) is not None for cell in frame[column]]
        records &= ~np.array(sums, dtype=bool)
    values = figures.values[records]
    if len(values) < 2:
        return []
    kept = []
    for row, how in found:
        mine = figures.values[row]
        shared = np.isfinite(mine) & np.isfinite(values).any(axis=0)
        if not shared.any():
            continue
        made = getattr(np, f"nan{how}")(values[:, shared], axis=0)
        if (np.abs(made - mine[shared]) <= np.maximum(0.005 * np.abs(made), 0.51)).all():
            kept.append(row)
    return kept


def _worded(frame: pd.DataFrame, labels: list[Any], usable: np.ndarray) -> dict[int, str]:
    """Rows that hold a word for a sum -> "alone" where a cell says nothing else, "beside" otherwise."""
    found: dict[int, str] = {}
    texts = [c for c in labels if isinstance(frame[c].dtype, pd.StringDtype)]
    told = _told(frame, texts) if len(frame) <= _SHORT else {}
    for column in labels:
        cells = frame[column]
        if column in told:
            hits = told[column] & usable
        elif isinstance(cells.dtype, pd.StringDtype):
            hits = _matches(pyarrow.array(cells)) & usable
        else:
            any_word = re.compile(_ANY)
            known: dict[str, bool] = {}
            hits = np.zeros(len(frame), dtype=bool)
            for i, cell in enumerate(cells):
                if isinstance(cell, str):
                    hit = known.get(cell)
                    if hit is None:
                        hit = known[cell] = any_word.search(cell) is not None
                    hits[i] = hit
            hits &= usable
        for row in np.flatnonzero(hits)[: 2 * _MAX_CANDIDATES].tolist():
            text = _text(cells.iat[row])
            if _ALONE.fullmatch(text):
                found[row] = "alone"
            elif row not in found and len(text) < 80 and _BESIDE.fullmatch(text):
                found[row] = "beside"
    return found


def _told(frame: pd.DataFrame, columns: Sequence[Any]) -> dict[Any, np.ndarray]:
    """`_matches` of many short columns at once: Arrow makes the pattern ready anew at each call, which takes
    longer than a thousand rows do."""
    if not columns:
        return {}
    texts = [_matchable(frame[c]) for c in columns]
    hits = pyarrow.compute.match_substring_regex(pyarrow.chunked_array(texts), pattern=_ANY)
    flat = np.asarray(hits.combine_chunks().fill_null(False))
    return dict(zip(columns, flat.reshape(len(columns), len(frame)), strict=True))


def _matchable(column: pd.Series) -> Any:
    array = pyarrow.array(column)
    array = array.combine_chunks() if isinstance(array, pyarrow.ChunkedArray) else array
    return array.cast(pyarrow.large_string())


def _matches(texts: Any) -> np.ndarray:
    """Rows that hold one of the words. Columns of few values are looked at by value, and codes that are all
    equally long not at all."""
    compute = pyarrow.compute
    if len(texts) > _SHORT:
        lengths = compute.min_max(compute.binary_length(texts)).as_py()
        sample = [str(t) for t in texts[:: len(texts) // 50].to_pylist() if t is not None]
        if lengths["min"] == lengths["max"] and all(any(ch.isdigit() for ch in t) for t in sample):
            return np.zeros(len(texts), dtype=bool)
        if len(set(sample)) < 0.8 * len(sample):
            values = compute.unique(texts)
            hits = compute.match_substring_regex(values, pattern=_ANY).fill_null(False)
            if not compute.any(hits).as_py():
                return np.zeros(len(texts), dtype=bool)
            return np.asarray(compute.is_in(texts, value_set=values.filter(hits)))
    return np.asarray(compute.match_substring_regex(texts, pattern=_ANY).fill_null(False))


def _unworded(
    frame: pd.DataFrame,
    labels: list[Any],
    kinds: list[str],
    usable: np.ndarray,
    complete: bool,
) -> list[int]:
    """Rows without any label among labelled ones, and the last row if it could sum up the others."""
    if not labels or "number" not in kinds:
        return []
    blank = usable.copy()
    for column in labels:
        blank &= frame[column].isna().to_numpy(dtype=bool)
    rows = [int(r) for r in np.flatnonzero(blank)]
    if len(rows) > max(1, min(1_000, 0.2 * usable.sum())):
        rows = []
    last = int(np.flatnonzero(usable)[-1])
    if complete and usable.sum() >= 4 and kinds.count("number") >= 2 and last not in rows:
        rows += [last] if sum(_text(frame.at[last, c]) != "" for c in labels) == 1 else []
    return rows


def _own_place(frame: pd.DataFrame, names: Sequence[str], tags: dict[int, str], row: int) -> bool:
    """True for a row with a code or coordinates: it is a place of its own, whatever it is called."""
    for column, name in enumerate(names):
        text = _text(frame.at[row, column])
        if not text or is_blank(text) or _ALONE.fullmatch(text) or _BESIDE.fullmatch(text):
            continue
        tag = tags.get(column, "")
        if _PLACE.search(name) or tag.startswith("#geo"):
            if number_of(text) != 0:
                return True
        elif (is_code_name(name) and not _is_period(name) and not _SERIAL.fullmatch(name)) or "+code" in tag:
            return True
    return False


def _is_period(name: str) -> bool:
    return re.search(r"date|year|month|time|version|round|number|num|no\b|nr\b", name, re.I) is not None


def _column_kind(column: pd.Series) -> str:
    """ "number", "label" or "blank", by a sample from all over the column."""
    if column.dtype == object or isinstance(column.dtype, pd.StringDtype):
        filled = column.dropna()
    else:
        return "number"
    if filled.empty:
        return "blank"
    step = max(1, len(filled) // _LABEL_SAMPLE)
    values = [v for v in filled.iloc[::step] if not (isinstance(v, str) and is_blank(v))]
    numbers = sum(not isinstance(v, str) or number_of(v) is not None for v in values)
    return "number" if numbers * 2 > len(values) else "label"


def _text(cell: Any) -> str:
    return "" if cell is None or cell != cell else str(cell).strip()


class _Figures:
    """The number columns that can be summed, as running sums."""

    def __init__(
        self, frame: pd.DataFrame, names: Sequence[str], kinds: Sequence[str], usable: np.ndarray
    ) -> None:
        chosen = [
            c
            for c, kind in enumerate(kinds)
            if kind == "number" and not _NO_SUMS.search(names[c]) and not is_code_name(names[c])
        ][:60]
        self._names = [names[c] for c in chosen]
        self._usable = usable
        size = len(frame)
        self._values = np.full((size, len(chosen)), np.nan)
        for index, column in enumerate(chosen):
            self._values[:, index] = _numbers(frame[column])
        self._for: tuple[int, ...] | None = None

    @property
    def values(self) -> np.ndarray:
        """float64 [rows, columns that can be summed]."""
        return self._values

    def _prepare(self, sums: Sequence[int]) -> None:
        """Running sums of the records, without the rows taken for sums."""
        if self._for == tuple(sums):
            return
        self._for = tuple(sums)
        records = self._usable.copy()
        records[list(sums)] = False
        clean = np.where(records[:, None] & np.isfinite(self._values), self._values, 0.0)
        self._running = np.vstack([np.zeros((1, clean.shape[1])), np.cumsum(clean, axis=0)])
        self._counted = np.concatenate([[0], np.cumsum(records)])
        self._all = self._counted[-1]

    def verdict(self, row: int, sums: Sequence[int]) -> _Verdict:
        self._prepare(sums)
        if not self._names:
            return _Verdict()
        mine = self._values[row]
        others = [s for s in sums if s != row]
        before = [s + 1 for s in others if s < row][-_BACK:]
        after = [s for s in others if s > row][:_BACK]
        end = len(self._values)
        alone = self._usable[row] and row not in sums
        spans = [(s, row) for s in (0, *before)] + [(row + 1, s) for s in (*after, end)]
        best = _Verdict()
        everything = self._running[end] - (np.nan_to_num(mine) if alone else 0.0)
        tried = [
            (self._running[b] - self._running[a], int(self._counted[b] - self._counted[a])) for a, b in spans
        ]
        tried.append((everything, int(self._all) - int(alone)))
        for sum_of, summed in tried:
            if summed < 1:
                continue
            shared = np.isfinite(mine) & ((mine != 0) | (sum_of != 0))
            compared = int(shared.sum())
            if not compared:
                continue
            gap = np.abs(mine - sum_of)
            same = gap <= np.maximum(1e-6 * np.abs(sum_of), 0.011)
            equal = int((shared & same).sum())
            near = int((shared & (same | (gap <= _CLOSE * np.abs(sum_of)))).sum())
            if (equal, near, summed) > (best.equal, best.near, best.summed) or not best.compared:
                words = ""
                if near > equal:
                    at = int(np.argmax(shared & (gap <= _CLOSE * np.abs(sum_of)) & ~same))
                    words = (
                        f"“{self._names[at]}” says {mine[at]:,.10g}, the rows add up to {sum_of[at]:,.10g}"
                    )
                best = _Verdict(compared, equal, near, summed, words)
        return best


def _numbers(column: pd.Series) -> np.ndarray:
    values: np.ndarray = np.array(
        pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    )
    rest = np.flatnonzero(np.isnan(values) & column.notna().to_numpy())
    for row in rest.tolist():
        cell = column.iat[row]
        number = number_of(cell) if isinstance(cell, str) else None
        if number is not None:
            values[row] = number
    return values
