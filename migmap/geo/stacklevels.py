"""Admin levels stacked in one table: the same people by country, by province and by district."""

from __future__ import annotations

import re

import numpy as np

from migmap.api import Finding

from .stacktable import SetAside, StackTable, times_text
from .wording import first_rows, rows_text

CODE = "admin-levels-stacked"
_ENOUGH = 0.9
"""Finer rows with less than this share of the coarser row's people do not replace it: people would vanish."""
_AGREE = 0.02
_LEVEL_WORDS = {
    "country": 0,
    "national": 0,
    "pays": 0,
    "province": 1,
    "provincial": 1,
    "region": 1,
    "governorate": 1,
    "state": 1,
    "departement": 1,
    "district": 2,
    "municipality": 2,
    "tehsil": 3,
    "subdistrict": 3,
    "commune": 3,
    "uc": 4,
    "unioncouncil": 4,
}


def coarser_rows(table: StackTable) -> SetAside | None:
    """The rows whose people stand in rows of a finer level too; None where no levels are stacked.

    Levels are told by a column of levels, else by which codes and names are blank, else by codes that begin
    with others; the last two only where the figures agree, because a blank district may as well be an
    unknown one.
    """
    stated = _stated(table)
    level = stated if stated is not None else _blank_levels(table)
    nested = False
    if level is None:
        level, nested = _nested(table), True
    if level is None or len(np.unique(level[level >= 0])) < 2:
        return None
    by_code = nested or (stated is not None and len(table.admin) < 2)
    leave, agree = _leave(table, level, by_code=by_code, exact=stated is None and not nested)
    if not leave.any() or (stated is None and not agree):
        return None
    return SetAside(CODE, "counted again in rows of another level", leave, (_finding(table, level, leave),))


def _stated(table: StackTable) -> np.ndarray | None:
    column = table.role("level")
    if column is None:
        return None
    levels = [_level_of(text) for text in table.texts(column)]
    codes = table.codes(column)
    if not levels or any(one < 0 for one in levels):
        return None
    return np.where(codes >= 0, np.asarray(levels, dtype=np.int64)[codes], -1)


def _level_of(text: str) -> int:
    told = re.fullmatch(r"(?:adm|admin|level|lvl|niveau|nivel)?\D{0,8}([0-5])", text.strip().lower())
    if told:
        return int(told.group(1))
    return _LEVEL_WORDS.get(re.sub(r"[\W_]+", "", text.lower()), -1)


def _blank_levels(table: StackTable) -> np.ndarray | None:
    """The finest level each row names, where coarser rows leave the finer columns blank."""
    admin = table.admin
    if len(admin) < 2:
        return None
    # A row that names no area at all is about all of them, as far as its figure says so.
    level = np.full(len(table), 0 if min(admin) > 0 else -1, dtype=np.int64)
    for one, (code, name) in sorted(admin.items()):
        level = np.where(table.own(code, name) >= 0, one, level)
    return level


def _nested(table: StackTable) -> np.ndarray | None:
    """Levels by the length of codes that begin with one another."""
    column = table.role("pcode")
    if column is None:
        return None
    texts = table.texts(column)
    sizes = sorted({len(text) for text in texts})
    if not 2 <= len(sizes) <= 5:
        return None
    known = set(texts)
    inside = sum(any(text[:size] in known for size in sizes if size < len(text)) for text in texts)
    longer = sum(len(text) > sizes[0] for text in texts)
    if not longer or inside < 0.8 * longer:
        return None
    ranks = np.asarray([sizes.index(len(text)) for text in texts], dtype=np.int64)
    codes = table.codes(column)
    return np.where(codes >= 0, ranks[codes], -1)


def _leave(table: StackTable, level: np.ndarray, by_code: bool, exact: bool) -> tuple[np.ndarray, bool]:
    """(rows that leave, whether most coarse figures are the sums of the finer ones). exact: a coarse row
    leaves only where its own figure is such a sum: a blank name may also mean an unknown place.

    From the finest level upwards, what is in use is always counted once: the rows of an area either make
    way for the finer ones in it or stay for them, whichever holds the people.
    """
    time = table.role("round", "date")
    series = table.joined(table.series, table.codes(time))
    used = np.ones(len(table), dtype=bool)
    people = np.nan_to_num(table.people)
    agreeing = compared = 0
    for one in sorted(set(level[level >= 0].tolist()), reverse=True)[1:]:
        area = _parents(table, level, one) if by_code else table.chain(one)
        group = table.joined(series, area)
        coarse, finer = used & (level == one) & (area >= 0), used & (level > one) & (area >= 0)
        size = int(group.max(initial=0)) + 1
        has = (np.bincount(group[coarse], minlength=size) > 0) & (
            np.bincount(group[finer], minlength=size) > 0
        )
        above = np.bincount(group[coarse], weights=people[coarse], minlength=size)
        below = np.bincount(group[finer], weights=people[finer], minlength=size)
        equal = has & (np.abs(below - above) <= np.maximum(_AGREE * above, 2.0)) & (above > 0)
        enough = equal if exact else has & (below >= _ENOUGH * above)
        compared += int(has.sum())
        agreeing += int(equal.sum())
        used &= ~(coarse & enough[group])
        if not exact:
            used &= ~(finer & (has & ~enough)[group])
    return ~used, compared > 0 and agreeing >= 0.6 * compared


def _parents(table: StackTable, level: np.ndarray, wanted: int) -> np.ndarray:
    """int64 [n]: for rows at `wanted` their own code, for finer rows the code of that level theirs begins
    with; -1 where there is none."""
    column = table.role("pcode")
    if column is None:
        return np.full(len(table), -1, dtype=np.int64)
    texts, codes = table.texts(column), table.codes(column)
    own = {texts[code]: int(code) for code in np.unique(codes[(level == wanted) & (codes >= 0)])}
    sizes = sorted({len(text) for text in own}, reverse=True)
    # A country's code stands for itself ("PK" and "PK1"); a shorter code is no parent of its own level.
    parent = [next((own[t[:size]] for size in sizes if size < len(t) and t[:size] in own), -1) for t in texts]
    at_own = np.asarray([own.get(text, -1) for text in texts], dtype=np.int64)
    of_finer = np.asarray(parent, dtype=np.int64)
    if not texts:
        return np.full(len(table), -1, dtype=np.int64)
    found = np.where(level == wanted, at_own[codes], of_finer[codes])
    return np.where((codes >= 0) & (level >= wanted), found, -1)


def _finding(table: StackTable, level: np.ndarray, leave: np.ndarray) -> Finding:
    levels = sorted(set(level[level >= 0].tolist()))
    told = []
    for one in levels:
        at = level == one
        told.append(f"level {one}: {float(np.nansum(table.people[at])):,.0f} people, {rows_text(at.sum())}")
    naive, used = float(np.nansum(table.people)), float(np.nansum(table.people[~leave]))
    kept_coarse = int((~leave & (level >= 0) & (level < levels[-1])).sum())
    text = (
        f"The table holds the same people at {len(levels)} admin levels ({'; '.join(told)}). "
        f"A plain sum of “{table.column}” is {naive:,.0f} and counts people {times_text(naive, used)}. "
    )
    if table.keeps(CODE):
        text += "All rows are used, as you decided: sums over the table count people more than once."
    else:
        text += (
            f"The finest rows that hold everybody are used: {rows_text((~leave).sum())} with {used:,.0f} "
            "people"
            + (f", {kept_coarse:,} of them coarser ones with nothing complete beneath" if kept_coarse else "")
            + f". {rows_text(leave.sum())} {'is' if leave.sum() == 1 else 'are'} set aside."
        )
    return Finding(CODE, "warning", text, int(leave.sum()), first_rows(table.rows[leave]))
