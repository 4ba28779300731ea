"""Date columns that arrive as text or as a spreadsheet's numbers, each read in the one order it proves."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pyarrow
import pyarrow.compute as pc

from migmap.api import AS_FOUND, Finding, Reading

from ..wording import counted
from .amounts import gap_of
from .colnames import is_date_name, words_of
from .datessaid import (
    DateColumn,
    changes_of,
    exchanged,
    order_findings,
    unreadable_finding,
    zones_finding,
)
from .datetexts import DateText, date_of, is_no_date
from .texts import arrow_text, coded, is_text, sample_of

_CLEAR_MAJORITY = 0.8
_PERIODS = frozenset({"month", "months", "period", "reporting", "mois", "mes", "مہینہ"})
_EPOCH = datetime.datetime(1970, 1, 1)
_STYLES = {
    "named": "months by name",
    "solar": "the solar Hijri calendar, turned into the Gregorian one",
    "month": "months only, for which their first day stands",
    "year": "years only, for which 1 January stands",
    "serial": "a spreadsheet's numbers of days",
    "compact": "eight digits",
}


@dataclass(slots=True, eq=False)
class _Read:
    name: str
    values: pd.Series
    how: str
    told: np.ndarray


def dates_from_text(
    frame: pd.DataFrame, rows: np.ndarray, reading: Reading = AS_FOUND
) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    """`frame` with its date columns as datetime64: midnight where only a day is written, with its zone where
    one is stated. Numbers in a column called date become dates too, where all are a spreadsheet's days,
    eight digits, or seconds since 1970.

    Findings: "text-dates" (`count` columns), "dates-unreadable", "date-order-unsure" with the fixes
    "date-day-first" and "date-month-first" (the column stays text until one is chosen), and the fix
    "date-swapped" and "dates-zones-mixed".
    """
    read: list[_Read] = []
    findings: list[Finding] = []
    for name in frame.columns:
        column = frame[name]
        if name == "geometry":
            continue
        if is_text(column):
            found, more = _from_text(str(name), column, rows, reading)
            findings += more
        else:
            found = _from_numbers(str(name), column)
        if found is not None:
            read.append(found)
    if not read:
        return frame, tuple(findings)
    told = np.logical_or.reduce([r.told for r in read])
    listed = ", ".join(f"“{r.name}” ({r.how})" for r in read[:8])
    more_columns = f" and {len(read) - 8} more" if len(read) > 8 else ""
    said = Finding(
        "text-dates",
        "info",
        f"Dates were read as dates in {listed}{more_columns}.",
        count=len(read),
        rows=tuple(int(r) for r in rows[told][:1000]),
    )
    return frame.assign(**{r.name: r.values.set_axis(frame.index) for r in read}), (said, *findings)


# --- text


def _from_text(
    name: str, column: pd.Series, rows: np.ndarray, reading: Reading
) -> tuple[_Read | None, list[Finding]]:
    texts = arrow_text(column)
    if texts is None or texts.null_count == len(texts):
        return None, []
    called = is_date_name(name) or bool(_PERIODS & set(words_of(name)))
    sample = [t for t in sample_of(texts, 200) if not _is_gap(t)]
    dated = [d for t in sample if (d := date_of(t.strip(), called)) is not None]
    if not dated or len(dated) < 0.6 * len(sample):
        return None, []
    fast = _all_iso(name, texts, dated, len(sample))
    if fast is not None:
        return fast, []
    found = coded(texts)
    dates = [date_of(t.strip(), called) for t in found.uniques]
    words = [i for i, d in enumerate(dates) if d is None and not _is_gap(found.uniques[i])]
    good = [i for i, d in enumerate(dates) if d is not None]
    in_words, in_good = int(found.counts[words].sum()), int(found.counts[good].sum())
    if in_words and (in_good < 4 or in_good < _CLEAR_MAJORITY * (in_words + in_good)):
        return None, []
    styles = {d.style for d in dates if d is not None}
    if styles <= {"month", "year"} and not called:
        return None, []
    if styles == {"year"}:
        return None, []
    zones = {d.offset for d in dates if d is not None}
    if None in zones and len(zones) > 1:
        return _of_several_zones(DateColumn(name, found, dates, words), rows, reading)
    return _decided(DateColumn(name, found, dates, words), rows, reading)


def _of_several_zones(
    one: DateColumn, rows: np.ndarray, reading: Reading
) -> tuple[_Read | None, list[Finding]]:
    """Some times with a zone, some without: no one moment can be made of both unless it is decided."""
    zones = Counter[int]()
    for date, times in zip(one.dates, one.texts.counts.tolist(), strict=True):
        if date is not None and date.offset is not None:
            zones[date.offset] += times
    zone = zones.most_common(1)[0][0]
    applied = "dates-zones-mixed" in reading.fixes
    finding = zones_finding(one, zone, rows, applied)
    if not applied:
        return None, [finding]
    dates = [replace(d, offset=zone) if d is not None and d.offset is None else d for d in one.dates]
    read, more = _decided(replace(one, dates=dates), rows, reading)
    return read, [finding, *more]


def _is_gap(text: str) -> bool:
    return bool(gap_of(text)) or is_no_date(text)


def _all_iso(name: str, texts: pyarrow.Array, sample: Sequence[DateText], size: int) -> _Read | None:
    """The quick way for what programs write: "2022-03-01" or "2022-03-01T10:00:00Z" in every row."""
    if len(sample) < size or any(d.style != "iso" for d in sample):
        return None
    offsets = {d.offset for d in sample}
    if len(offsets) > 1:
        return None
    zoned = offsets != {None}
    try:
        moments = pc.cast(pc.utf8_trim_whitespace(texts), pyarrow.timestamp("ms", "UTC" if zoned else None))
    except (pyarrow.ArrowInvalid, pyarrow.ArrowNotImplementedError):
        return None
    ends = pc.min_max(moments).as_py()
    if ends["min"] is None or not 1850 <= ends["min"].year <= ends["max"].year <= 2150:
        return None
    if zoned:
        # A later row may state another zone than the first ones.
        zone = _zone_text(sample[0], texts)
        if zone is None:
            return None
    values = pd.Series(np.asarray(moments.cast(pyarrow.timestamp("ms"))).astype("datetime64[ms]"))
    offset = offsets.pop()
    if offset is not None:
        values = values.dt.tz_localize("UTC").dt.tz_convert(_zone(offset))
    how = "year, month, day" if not any(d.timed for d in sample) else "with the time of day"
    return _Read(name, values, how, np.zeros(len(texts), dtype=bool))


def _zone_text(first: DateText, texts: pyarrow.Array) -> str | None:
    offset = first.offset or 0
    sign = "-" if offset < 0 else "[+]"
    hours, minutes = divmod(abs(offset), 60)
    endings = [f"{sign}{hours:02d}:?{minutes:02d}"]
    endings += [] if minutes else [f"{sign}{hours:02d}"]
    endings += [] if offset else ["[Zz]"]
    ending = rf"(?:{'|'.join(endings)})\s*$"
    same = pc.all(pc.match_substring_regex(texts, ending)).as_py()
    return ending if same else None


def _zone(minutes: int) -> datetime.tzinfo:
    return datetime.timezone(datetime.timedelta(minutes=minutes)) if minutes else datetime.UTC


def _decided(one: DateColumn, rows: np.ndarray, reading: Reading) -> tuple[_Read | None, list[Finding]]:
    """The column in the order its own values prove; text, and a finding, where they prove none."""
    places = [i for i, d in enumerate(one.dates) if d is not None and d.style == "numbers"]
    numbers = {i: d for i in places if (d := one.dates[i]) is not None}
    only_day = [i for i, d in numbers.items() if not d.may_be_month_first]
    only_month = [i for i, d in numbers.items() if not d.may_be_day_first]
    either = [
        i for i, d in numbers.items() if d.may_be_day_first and d.may_be_month_first and d.first != d.second
    ]
    dotted = bool(numbers) and all(d.mark == "." for d in numbers.values())
    findings: list[Finding] = []
    day_first = True
    proof = ""
    if bool(only_day) != bool(only_month) or (either and not only_day and not only_month and dotted):
        day_first = bool(only_day) or dotted
        example = (only_day or only_month or either)[0]
        proof = f"{'day' if day_first else 'month'} first, as in {one.texts.uniques[example].strip()}"
    elif either:
        chosen = [c for c in ("date-day-first", "date-month-first") if c in reading.fixes]
        findings += order_findings(one, either, bool(only_day), rows, chosen)
        if len(chosen) != 1:
            return None, findings
        day_first = chosen == ["date-day-first"]
        proof = f"{'day' if day_first else 'month'} first, as asked for"
    elif numbers:
        proof = "either way the same day"
    swapped, swapped_finding = _swapped(one, only_day, rows, reading)
    findings += swapped_finding
    moments, offsets = _moments(one, day_first, swapped)
    if one.words:
        findings.append(unreadable_finding(one, rows))
    return _Read(one.name, _series(one, moments, offsets), _how(one, proof, offsets), _told(one)), findings


def _moments(
    one: DateColumn, day_first: bool, swapped: frozenset[int]
) -> tuple[list[datetime.datetime | None], set[int | None]]:
    moments: list[datetime.datetime | None] = []
    offsets: set[int | None] = set()
    for i, date in enumerate(one.dates):
        if date is None:
            moments.append(None)
            continue
        order = day_first if date.may_be_month_first and date.may_be_day_first else date.may_be_day_first
        day = date.day(order)
        if day is not None and i in swapped:
            day = datetime.date(day.year, day.day, day.month)
        if day is None:
            moments.append(None)
            continue
        moments.append(
            datetime.datetime.combine(day, date.clock) - datetime.timedelta(minutes=date.offset or 0)
        )
        offsets.add(date.offset)
    return moments, offsets


def _series(
    one: DateColumn, moments: Sequence[datetime.datetime | None], offsets: set[int | None]
) -> pd.Series:
    values = np.array([*moments, None], dtype="datetime64[ms]")[one.texts.codes]
    series = pd.Series(values)
    zones = sorted(o for o in offsets if o is not None)
    if zones:
        series = series.dt.tz_localize("UTC").dt.tz_convert(_zone(zones[0] if len(zones) == 1 else 0))
    return series


def _how(one: DateColumn, proof: str, offsets: set[int | None]) -> str:
    counts = Counter[str]()
    for i, date in enumerate(one.dates):
        if date is not None:
            counts[date.style] += int(one.texts.counts[i])
    parts = [proof] if proof else []
    parts += [_STYLES[style] for style, _ in counts.most_common() if style in _STYLES]
    if "iso" in counts and (len(counts) > 1 or not parts):
        parts.append("year, month, day")
    if len([o for o in offsets if o is not None]) > 1:
        parts.append("several time zones, turned into UTC")
    return "; ".join(parts)


def _told(one: DateColumn) -> np.ndarray:
    """Rows whose text was more than a plain ISO date."""
    return one.texts.rows_of(i for i, d in enumerate(one.dates) if d is not None and d.style != "iso")


def _swapped(
    one: DateColumn, only_day: Sequence[int], rows: np.ndarray, reading: Reading
) -> tuple[frozenset[int], list[Finding]]:
    """A spreadsheet set to American dates turns "03/04/2022" into 4 March and leaves "25/04/2022" as text."""
    made = [
        i
        for i, d in enumerate(one.dates)
        if d is not None and d.style == "iso" and d.timed and d.clock == datetime.time()
    ]
    suspects = [i for i in made if (d := one.dates[i]) is not None and d.first <= 12 and d.first != d.second]
    if (
        not only_day
        or len(suspects) < 2
        or any(d.first > 12 for i in made if (d := one.dates[i]) is not None)
    ):
        return frozenset(), []
    told = one.texts.rows_of(suspects)
    applied = "date-swapped" in reading.fixes
    done = "day and month were exchanged there" if applied else "they were read as they stand"
    finding = Finding(
        "date-swapped",
        "info" if applied else "warning",
        f"In “{one.name}” a spreadsheet seems to have taken days for months: no date it recognised lies "
        f"after the 12th of a month, and all it left as text do "
        f"({counted(int(told.sum()), 'cell', 'cells')}); {done}.",
        count=int(told.sum()),
        rows=tuple(int(r) for r in rows[told][:1000]),
        fix=f"Exchanges day and month in the dates of “{one.name}” that a spreadsheet recognised.",
        applied=applied,
        changes=changes_of(one, told, rows, exchanged, "day and month exchanged"),
    )
    return frozenset(suspects) if applied else frozenset(), [finding]


# --- numbers


def _from_numbers(name: str, column: pd.Series) -> _Read | None:
    """Numbers in a column called date: days of a spreadsheet, eight digits, or seconds since 1970."""
    if column.dtype.kind not in "iuf" or not is_date_name(name):
        return None
    words = set(words_of(name))
    if not any("date" in w or w in ("dob", "birthday", "deadline", "timestamp", "تاریخ") for w in words):
        return None
    numbers = column.to_numpy(dtype=np.float64, na_value=np.nan)
    filled = numbers[np.isfinite(numbers)]
    if not len(filled):
        return None
    low, high = float(filled.min()), float(filled.max())
    whole = bool((filled == np.floor(filled)).all())
    how = ""
    moments = np.full(len(numbers), np.datetime64("NaT"), dtype="datetime64[ms]")
    at = np.isfinite(numbers)
    if low >= 20_000 and high <= 73_050:
        how = "a spreadsheet's numbers of days"
        start = np.datetime64("1899-12-30", "ms")
        moments[at] = start + np.round(filled * 86_400_000).astype("timedelta64[ms]")
    elif whole and low >= 19_000_101 and high <= 21_001_231:
        days = pd.to_datetime(
            pd.Series(filled.astype(np.int64)).astype(str), format="%Y%m%d", errors="coerce"
        )
        if days.isna().any():
            return None
        how = "eight digits"
        moments[at] = days.to_numpy().astype("datetime64[ms]")
    elif whole and low >= 3e11 and high <= 4.2e12:
        how = "milliseconds since 1970"
        moments[at] = filled.astype(np.int64).astype("datetime64[ms]")
    elif whole and low >= 3e8 and high <= 4.2e9:
        how = "seconds since 1970"
        moments[at] = (filled.astype(np.int64) * 1000).astype("datetime64[ms]")
    if not how:
        return None
    return _Read(name, pd.Series(moments), how, at)
