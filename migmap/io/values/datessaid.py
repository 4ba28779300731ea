"""What is said of columns of dates, with what each mend would make of them."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from migmap.api import Change, Finding

from ..wording import counted
from .datetexts import DateText
from .personaltext import shown
from .texts import Coded

MOST_CHANGES = 100_000


@dataclass(frozen=True, slots=True, eq=False)
class DateColumn:
    """A text column of dates before their order is decided. moments: of each different text, in minutes."""

    name: str
    texts: Coded
    dates: list[DateText | None]
    words: list[int]


def order_findings(
    one: DateColumn, either: Sequence[int], proven_both: bool, rows: np.ndarray, chosen: Sequence[str]
) -> list[Finding]:
    told = one.texts.rows_of(either)
    example = one.dates[either[0]]
    written = one.texts.uniques[either[0]].strip()
    if example is None:
        return []
    if proven_both:
        why = "some of its dates can only have the day first, others only the month"
    else:
        why = "no date in it has a number above 12 where it would decide"
    done = "it stays text until one is chosen"
    if len(chosen) == 1:
        done = (
            f"it was read with the {'day' if chosen[0] == 'date-day-first' else 'month'} first, as asked for"
        )
    named_rows = tuple(int(r) for r in rows[told][:1000])
    findings = [
        Finding(
            "date-order-unsure",
            "info" if len(chosen) == 1 else "warning",
            f"“{written}” in “{one.name}” may be {_long(example, True)} or {_long(example, False)}: {why}; "
            f"{done}.",
            count=int(told.sum()),
            rows=named_rows,
        )
    ]
    for day_first in (True, False):
        code = "date-day-first" if day_first else "date-month-first"
        if chosen and code not in chosen:
            continue
        word = "day" if day_first else "month"
        done = "were" if chosen == [code] else "would be"
        findings.append(
            Finding(
                code,
                "info",
                f"With the {word} first dates such as “{written}” in “{one.name}” {done} read as "
                f"{_long(example, day_first)}.",
                count=int(told.sum()),
                rows=named_rows,
                fix=f"Reads the dates of “{one.name}” with the {word} first.",
                applied=chosen == [code],
                changes=changes_of(
                    one, told, rows, partial(DateText.day, day_first=day_first), f"{word} first"
                ),
            )
        )
    return findings


def _long(date: DateText, day_first: bool) -> str:
    day = date.day(day_first)
    return f"{day.day} {day:%B %Y}" if day is not None else "no date"


def changes_of(
    one: DateColumn,
    told: np.ndarray,
    rows: np.ndarray,
    new: Callable[[DateText], datetime.date | None],
    why: str,
) -> tuple[Change, ...]:
    found = []
    for place in np.flatnonzero(told)[:MOST_CHANGES].tolist():
        code = int(one.texts.codes[place])
        date = one.dates[code]
        day = new(date) if date is not None else None
        if day is not None:
            found.append(Change(int(rows[place]), one.name, one.texts.uniques[code], day.isoformat(), why))
    return tuple(found)


def exchanged(date: DateText) -> datetime.date | None:
    day = date.day()
    return None if day is None else datetime.date(day.year, day.day, day.month)


def unreadable_finding(one: DateColumn, rows: np.ndarray) -> Finding:
    told = one.texts.rows_of(one.words)
    count = int(told.sum())
    common = sorted(one.words, key=lambda i: -int(one.texts.counts[i]))[:6]
    listed = ", ".join(f"“{shown(one.texts.uniques[i].strip())}”" for i in common)
    return Finding(
        "dates-unreadable",
        "warning",
        f"“{one.name}” is a column of dates, and {counted(count, 'cell is', 'cells are')} none: {listed}. "
        f"{'It holds' if count == 1 else 'They hold'} no date now.",
        count=count,
        rows=tuple(int(r) for r in rows[told][:1000]),
    )


def zone_text(minutes: int) -> str:
    """ "UTC", "UTC+05:00"."""
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours:02d}:{rest:02d}" if minutes else "UTC"


def zones_finding(one: DateColumn, zone: int, rows: np.ndarray, applied: bool) -> Finding:
    """Times with and without a zone in one column; zone: that of most, in minutes."""
    bare = [i for i, d in enumerate(one.dates) if d is not None and d.offset is None]
    told = one.texts.rows_of(bare)
    count = int(told.sum())
    done = (
        f"they were read as {zone_text(zone)}, as you decided"
        if applied
        else "the column stays text until then"
    )
    return Finding(
        "dates-zones-mixed",
        "info" if applied else "warning",
        f"In “{one.name}” {counted(count, 'time states', 'times state')} no time zone and the others do, so "
        f"that they cannot be compared, for example “{one.texts.uniques[bare[0]].strip()}”; {done}.",
        count=count,
        rows=tuple(int(r) for r in rows[told][:1000]),
        fix=f"Reads times of “{one.name}” without a zone as {zone_text(zone)}, the zone of most others.",
        applied=applied,
        changes=tuple(
            Change(row, one.name, old, f"{old.strip()} {zone_text(zone)}", "in the zone of most others")
            for row, old in (
                (int(rows[place]), one.texts.uniques[int(one.texts.codes[place])])
                for place in np.flatnonzero(told)[:MOST_CHANGES].tolist()
            )
        ),
    )
