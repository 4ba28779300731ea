"""Rounds of counting stacked in one table: the same people at one place, once a round or once a month."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from migmap.api import Finding

from .stacktable import SetAside, StackTable, times_text
from .wording import first_rows, rows_text

CODE = "rounds-stacked"
_OFTEN = 0.3
"""Without a column of rounds, this share of the places must come back at another date."""
_SNAPSHOT = 0.3
"""A round that holds this share of all places, on average, counts the whole operation."""
_SURVEYED = ("dtm_site", "dtm_area")
"""Kinds that a survey counts as a whole; others report by themselves."""
_SHOWN = 8


@dataclass(frozen=True, slots=True, eq=False)
class _Times:
    """order: float64 [n], the later the larger, NaN unknown. rounds: int64 [n], equal within one round of
    counting, -1 unknown. labels: what a round is called, by its number. by_round: told by a column of rounds.
    """

    order: np.ndarray
    rounds: np.ndarray
    labels: dict[int, str]
    by_round: bool


def earlier_rounds(table: StackTable) -> SetAside | None:
    """The rows of all rounds but the latest; None where no rounds are stacked.

    Where each round counts (nearly) the whole operation, its latest round is used: a place that is not in
    it has nobody any more. Where places are visited in turn, the latest count of each place is used. A
    round without a single number of people is no latest one.
    """
    times = _times(table)
    if times is None:
        return None
    series, places = table.series, table.joined(table.series, table.places)
    usable = times.rounds >= 0
    counts = pd.DataFrame({"place": places[usable], "round": times.rounds[usable]}).drop_duplicates()
    again = counts.groupby("place").size() > 1
    if not again.any() or (not times.by_round and again.mean() < _OFTEN):
        return None
    if not times.by_round and not _is_regular(table, times):
        return None
    leave = np.zeros(len(table), dtype=bool)
    told: list[str] = []
    turns = True
    for one in np.unique(series[usable]):
        inside = usable & (series == one)
        if len(np.unique(times.rounds[inside])) < 2:
            continue
        # A camp that sent no report this month is still there; a site that a survey no longer finds is not.
        rolling = (not times.by_round and table.data.kind not in _SURVEYED) or _is_rolling(
            places[inside], times.rounds[inside], times.order[inside], times.by_round
        )
        gone = _by_place(table, times, places, inside) if rolling else _by_series(table, times, inside)
        if gone.any():
            leave |= gone
            turns &= rolling
            told.append(_series_text(table, times, one, series, inside, gone, rolling))
    if not leave.any():
        return None
    if turns:
        told = [_turns_text(table, times, usable & ~leave).capitalize()]
    return SetAside(CODE, "earlier round of counting", leave, (_finding(table, times, leave, told),))


def _times(table: StackTable) -> _Times | None:
    by_round, by_date = table.role("round"), table.role("date", "end_date")
    dates = None if by_date is None else _as_dates(table, by_date)
    if by_round is not None and len(table.texts(by_round)) > 1:
        texts, rounds = table.texts(by_round), table.codes(by_round)
        numbers = np.asarray([_number(text) for text in texts] + [np.nan])
        order = numbers[rounds]
        labels = {code: f"round {text.removesuffix('.0')}" for code, text in enumerate(texts)}
        if np.isnan(numbers[:-1]).any():
            if dates is None:
                return None
            order = dates
        elif dates is not None and np.isfinite(dates[rounds >= 0]).all():
            # Where an operation numbers its rounds anew, their dates still say which came last.
            order = _median_dates(table, rounds, dates)
        return _Times(order, np.where(np.isfinite(order), rounds, -1), labels, True)
    if dates is None or by_date is None or len(np.unique(dates[np.isfinite(dates)])) < 2:
        return None
    known, inverse = np.unique(dates, return_inverse=True)
    labels = {n: _day(value) for n, value in enumerate(known) if np.isfinite(value)}
    return _Times(dates, np.where(np.isfinite(dates), inverse, -1), labels, False)


def _median_dates(table: StackTable, rounds: np.ndarray, dates: np.ndarray) -> np.ndarray:
    group = table.joined(table.series, rounds)
    middle = pd.Series(dates).groupby(group).transform("median").to_numpy(dtype=np.float64)
    return np.where(rounds >= 0, middle, np.nan)


def _number(text: str) -> float:
    found = re.search(r"\d+(?:\.\d+)?", text)
    return float(found.group()) if found else np.nan


def _as_dates(table: StackTable, column: str) -> np.ndarray:
    """Days since 1970 as float64 [n], NaN where no date; years as their number of days."""
    cells = table.data.frame[column].iloc[table.index]
    if pd.api.types.is_datetime64_any_dtype(cells.dtype):
        found = pd.to_datetime(cells, utc=True)
    elif pd.api.types.is_numeric_dtype(cells.dtype):
        years = cells.to_numpy(dtype=np.float64, na_value=np.nan)
        sound = np.isfinite(years) & (years >= 1900) & (years <= 2100)
        return np.where(sound, (years - 1970) * 365.25, np.nan)
    else:
        texts = cells.map(lambda cell: None if cell is None else str(cell).strip()[:10])
        found = pd.to_datetime(texts, errors="coerce", utc=True, format="ISO8601")
    days = (found - pd.Timestamp("1970-01-01", tz="UTC")) / pd.Timedelta(days=1)
    return np.asarray(days.to_numpy(dtype=np.float64, na_value=np.nan))


def _day(days: float) -> str:
    return str((pd.Timestamp("1970-01-01") + pd.Timedelta(days=float(days))).strftime("%Y-%m-%d"))


def _is_regular(table: StackTable, times: _Times) -> bool:
    """True for dates that several places share, as reports of a month do; single dates are events."""
    usable = times.rounds >= 0
    pairs = pd.DataFrame({"place": table.places[usable], "round": times.rounds[usable]}).drop_duplicates()
    return bool(len(pairs) >= 1.5 * pairs["round"].nunique())


def _is_rolling(places: np.ndarray, rounds: np.ndarray, order: np.ndarray, by_round: bool) -> bool:
    """True where each round sees some of the places only."""
    pairs = pd.DataFrame({"place": places, "round": rounds, "order": order}).drop_duplicates(
        ["place", "round"]
    )
    everywhere = pairs["place"].nunique()
    sizes = pairs.groupby("round").agg(size=("place", "size"), order=("order", "max")).sort_values("order")
    latest = pairs.loc[pairs["round"] == sizes.index[-1], "place"]
    before = pairs.loc[pairs["round"] != sizes.index[-1], "place"]
    if by_round:
        seen_before = latest.isin(before).mean()
        shrunk = len(sizes) > 1 and sizes["size"].iloc[-1] < 0.5 * sizes["size"].iloc[-2] and everywhere > 5
        return bool(seen_before < 0.5 or shrunk)
    return bool(sizes["size"].mean() < _SNAPSHOT * everywhere or sizes["size"].iloc[-1] < 0.5 * everywhere)


def _by_series(table: StackTable, times: _Times, inside: np.ndarray) -> np.ndarray:
    counted = inside & np.isfinite(table.people)
    if not counted.any():
        return np.zeros(len(table), dtype=bool)
    latest = times.rounds[counted][np.argmax(times.order[counted])]
    return np.asarray(inside & (times.rounds != latest), dtype=bool)


def _by_place(table: StackTable, times: _Times, places: np.ndarray, inside: np.ndarray) -> np.ndarray:
    counted = inside & np.isfinite(table.people)
    last = pd.Series(times.order[inside]).groupby(places[inside]).max()
    # A place that never had a number of people keeps its latest row: it counts nobody, and is there.
    last.update(pd.Series(times.order[counted]).groupby(places[counted]).max())
    wanted = pd.Series(places).map(last).to_numpy(dtype=np.float64)
    return np.asarray(inside & np.isfinite(wanted) & (times.order != wanted), dtype=bool)


def _series_text(
    table: StackTable,
    times: _Times,
    one: int,
    series: np.ndarray,
    inside: np.ndarray,
    gone: np.ndarray,
    rolling: bool,
) -> str:
    name = _series_name(table, series == one)
    kept = inside & ~gone
    if rolling:
        return f"{name}{_turns_text(table, times, kept)}"
    people = float(np.nansum(table.people[kept]))
    sums = [
        (float(times.order[inside & (times.rounds == code)].max()), code)
        for code in np.unique(times.rounds[inside])
    ]
    ordered = [code for _, code in sorted(sums, reverse=True)]
    used = next(code for code in ordered if (kept & (times.rounds == code)).any())
    others = [code for code in ordered if code != used]
    listed = []
    for code in others[:_SHOWN]:
        counted = float(np.nansum(table.people[inside & (times.rounds == code)]))
        listed.append(f"{times.labels.get(int(code), '?')} {counted:,.0f}")
    more = f" and {len(others) - _SHOWN} more" if len(others) > _SHOWN else ""
    return (
        f"{name}{times.labels.get(int(used), '?')} is used ({people:,.0f} people), "
        f"earlier: {', '.join(listed)}{more}"
    )


def _turns_text(table: StackTable, times: _Times, kept: np.ndarray) -> str:
    people = float(np.nansum(table.people[kept]))
    days = times.order[kept & np.isfinite(times.order)]
    when = (
        "" if times.by_round or not len(days) else f", counted from {_day(days.min())} to {_day(days.max())}"
    )
    return f"the latest count of each place is used ({people:,.0f} people{when})"


def _series_name(table: StackTable, mask: np.ndarray) -> str:
    names = []
    for column in (table.role("operation"), table.role("adm0_name", "adm0_pcode"), table.role("indicator")):
        if column is not None and len(table.texts(column)) > 1:
            code = int(table.codes(column)[mask][0])
            if code >= 0:
                names.append(table.texts(column)[code])
    return f"{', '.join(names)}: " if names else ""


def _finding(table: StackTable, times: _Times, leave: np.ndarray, told: list[str]) -> Finding:
    naive, used = float(np.nansum(table.people)), float(np.nansum(table.people[~leave]))
    what = "rounds" if times.by_round else "dates"
    text = (
        f"The table holds the same places at several {what}. A plain sum of “{table.column}” is {naive:,.0f} "
        f"and counts people {times_text(naive, used)}. "
    )
    if table.keeps(CODE):
        text += f"All {what} are used, as you decided: sums over the table count people more than once."
    else:
        shown = "; ".join(told[:_SHOWN]) + (
            f"; and {len(told) - _SHOWN} more series" if len(told) > _SHOWN else ""
        )
        text += f"{shown}. In all {used:,.0f} people; {rows_text(leave.sum())} of other {what} set aside."
        text += _old_figures(table, leave)
    gone = _vanished(table, leave)
    if gone and not table.keeps(CODE):
        text += f" {gone:,} places are in earlier {what} only and have no figure now."
    return Finding(CODE, "warning", text, int(leave.sum()), first_rows(table.rows[leave]))


def _old_figures(table: StackTable, leave: np.ndarray) -> str:
    """A sentence where the rounds in use are more than a year apart: operations end and stay in the table."""
    column = table.role("date", "end_date")
    days = None if column is None else _as_dates(table, column)[~leave]
    if days is None or not np.isfinite(days).any() or np.nanmax(days) - np.nanmin(days) <= 366:
        return ""
    surveyed = table.data.kind in _SURVEYED
    return f" The figures in use are from {_day(np.nanmin(days))} to {_day(np.nanmax(days))}: " + (
        "leave out operations that have ended before adding them up."
        if surveyed
        else "some places have sent nothing newer, or are closed."
    )


def _vanished(table: StackTable, leave: np.ndarray) -> int:
    places = table.joined(table.series, table.places)
    return len(np.setdiff1d(places[leave], places[~leave]))
