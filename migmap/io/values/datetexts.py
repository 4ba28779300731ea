"""One cell's text as a date: ISO, day or month first, months by name, the solar calendar, months, years."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from .amounts import clean_text
from .monthnames import from_solar, month_of

Style = Literal["iso", "numbers", "named", "solar", "month", "year", "compact", "serial"]
_TIME = (
    r"(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*([ap]\.?m\.?)?\s*"
    + r"(z|utc|gmt|[+-]\d{2}:?\d{2}|[+-]\d{2})?"
)
_WEEKDAY = re.compile(r"^(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?[.,]?\s+")
_REST = rf"(?:(?:t|\s*,?\s+|:(?=\d\d:)){_TIME})?"
_ISO = re.compile(rf"(\d{{4}})([-/.])(\d{{1,2}})\2(\d{{1,2}}){_REST}")
_NUMBERS = re.compile(rf"(\d{{1,2}})\s*([-/.])\s*(\d{{1,2}})\s*\2\s*(\d{{4}}|\d{{2}}){_REST}")
_WORD = r"([^\W\d_][^\d,/]*?)"
_GAP = r"[-/.,\s]*"
_DAY_NAMED = re.compile(
    rf"(\d{{1,2}})(?:st|nd|rd|th|er|º)?{_GAP}(?:of\s+|de\s+)?{_WORD}(?:\s+de)?{_GAP}'?(\d{{4}}|\d{{2}}){_REST}"
)
_NAMED_DAY = re.compile(rf"{_WORD}{_GAP}(\d{{1,2}})(?:st|nd|rd|th)?(?:\s*,\s*|\s+|-)(\d{{4}}){_REST}")
_YEAR_NAMED_DAY = re.compile(rf"(\d{{4}}){_GAP}{_WORD}{_GAP}(\d{{1,2}}){_REST}")
_NAMED_YEAR = re.compile(rf"{_WORD}{_GAP}'?(\d{{4}}|\d{{2}})")
_YEAR_NAMED = re.compile(rf"(\d{{4}}){_GAP}{_WORD}")
_YEAR_MONTH = re.compile(r"(\d{4})[-/](\d{1,2})")
_MONTH_YEAR = re.compile(r"(\d{1,2})[-/](\d{4})")
_NO_DATE = frozenset(
    ["0000-00-00", "00/00/0000", "00-00-0000", "0000-00-00 00:00:00", "1899-12-30", "1900-01-00"]
)
_EARLIEST, _LATEST = 1850, 2150


@dataclass(frozen=True, slots=True)
class DateText:
    """A date as it is written. For style "numbers" day and month are not decided: first and second number as
    they stand. offset: minutes from UTC, None where no zone is stated. timed: a time of day is written."""

    style: Style
    year: int
    first: int
    second: int
    mark: str = ""
    clock: datetime.time = datetime.time()
    timed: bool = False
    offset: int | None = None

    def day(self, day_first: bool = True) -> datetime.date | None:
        """The day it names; None where there is no such day. For months and years their first day."""
        day, month = (self.first, self.second) if day_first else (self.second, self.first)
        if self.style == "solar":
            return from_solar(self.year, self.second, self.first)
        if self.style != "numbers":
            day, month = self.first, self.second
        try:
            return datetime.date(self.year, month, day)
        except ValueError:
            return None

    @property
    def may_be_day_first(self) -> bool:
        return self.day(True) is not None

    @property
    def may_be_month_first(self) -> bool:
        return self.day(False) is not None


def is_no_date(text: str) -> bool:
    """True for the zeros that some databases write where there is no date."""
    return text.strip().lower() in _NO_DATE


@lru_cache(maxsize=65_536)
def date_of(text: str, called_date: bool = False) -> DateText | None:
    """The date a cell holds, or None. Never raises. called_date: its column says that it holds dates, so that
    "20220301", "44621" (days of a spreadsheet), "2022" and "03-04-22" are dates too, not codes."""
    if not 4 <= len(text) <= 60:
        return None
    clean = _WEEKDAY.sub("", clean_text(text).lower()).strip()
    if not any(ch.isdigit() for ch in clean):
        return None
    found = _numeric(clean, called_date) or _named(clean)
    if found is None or found.style == "numbers":
        keep = found is not None and (found.may_be_day_first or found.may_be_month_first)
        return found if keep else None
    return found if found.day() is not None else None


def _numeric(clean: str, called_date: bool) -> DateText | None:
    found = _ISO.fullmatch(clean)
    if found:
        year = int(found[1])
        style: Style = "solar" if 1210 <= year < 1500 else "iso"
        return _made(style, year, int(found[4]), int(found[3]), found.groups()[4:])
    found = _NUMBERS.fullmatch(clean)
    if found:
        if len(found[4]) == 2 and found[2] != "/" and not called_date:
            return None  # "1.2.10" is a version, "12-3-45" a house
        year = _full_year(found[4])
        if 1210 <= year < 1500:
            return _made("solar", year, int(found[1]), int(found[3]), found.groups()[4:])
        return _made("numbers", year, int(found[1]), int(found[3]), found.groups()[4:], found[2])
    if not called_date:
        return None
    for pattern, year_at, month_at in ((_YEAR_MONTH, 1, 2), (_MONTH_YEAR, 2, 1)):
        found = pattern.fullmatch(clean)
        if found:
            return _made("month", int(found[year_at]), 1, int(found[month_at]))
    if re.fullmatch(r"(?:19|20)\d{2}", clean):
        return _made("year", int(clean), 1, 1)
    if re.fullmatch(r"(?:19|20)\d{6}", clean):
        return _made("compact", int(clean[:4]), int(clean[6:]), int(clean[4:6]))
    if re.fullmatch(r"[2-6]\d{4}(\.\d+)?", clean):
        return _from_serial(float(clean))
    return None


def _from_serial(days: float) -> DateText:
    """A spreadsheet counts days from 1899-12-30."""
    moment = datetime.datetime(1899, 12, 30) + datetime.timedelta(seconds=round(days * 86_400))
    return DateText(
        "serial", moment.year, moment.day, moment.month, "", moment.time(), moment.time() != datetime.time()
    )


def _named(clean: str) -> DateText | None:
    for pattern, day_at, word_at, year_at in (
        (_DAY_NAMED, 1, 2, 3),
        (_NAMED_DAY, 2, 1, 3),
        (_YEAR_NAMED_DAY, 3, 2, 1),
    ):
        found = pattern.fullmatch(clean)
        if found:
            month = month_of(found[word_at])
            if month is None:
                continue
            year = _full_year(found[year_at]) if not month[1] else int(found[year_at])
            style: Style = "solar" if month[1] or 1210 <= year < 1500 else "named"
            return _made(style, year, int(found[day_at]), month[0], found.groups()[3:])
    for pattern, word_at, year_at in ((_NAMED_YEAR, 1, 2), (_YEAR_NAMED, 2, 1)):
        found = pattern.fullmatch(clean)
        month = month_of(found[word_at]) if found else None
        if found and month is not None and not month[1]:
            return _made("month", _full_year(found[year_at]), 1, month[0])
    return None


def _made(
    style: Style, year: int, first: int, second: int, time: tuple[str | None, ...] = (), mark: str = ""
) -> DateText | None:
    if style != "solar" and not _EARLIEST <= year <= _LATEST:
        return None
    if not time or time[0] is None:
        return DateText(style, year, first, second, mark)
    hour, minute, second_, fraction, half, zone = (part or "" for part in time)
    hours = int(hour) % 12 + (12 if half.startswith("p") else 0) if half else int(hour)
    try:
        clock = datetime.time(
            hours, int(minute), int(second_ or 0), int((fraction + "000000")[:6]) if fraction else 0
        )
    except ValueError:
        return None
    offset: int | None = None
    if zone:
        digits = zone.strip("+-").replace(":", "")
        offset = 0 if zone[0] in "zug" else int(digits[:2]) * 60 + int(digits[2:] or 0)
        if offset > 15 * 60:
            return None
        offset = -offset if zone[0] == "-" else offset
    return DateText(style, year, first, second, mark, clock, True, offset)


def _full_year(text: str) -> int:
    """ "22" is 2022, "87" is 1987."""
    year = int(text)
    return year if len(text) == 4 else year + (2000 if year < 50 else 1900)
