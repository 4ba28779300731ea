"""What a cell looks like to someone who sees only that cell: a label, a number, a date, a code."""

from __future__ import annotations

import datetime
import re
from functools import lru_cache
from typing import Any, Literal

from ..values.numbers import is_blank, number_of

CellKind = Literal["blank", "number", "year", "date", "code", "value", "label"]
"""blank: nothing, or a sign for nothing. value: what no header holds (shapes, links, essays)."""

_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([ T].*)?")
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+")
_PERCENT = re.compile(r"[+-]?\d+([.,]\d+)?\s*%")
_CODE = re.compile(r"[A-Za-z]{0,6}[-_/. ]?\d[\w./-]*|\+?\d[\d\s()-]{5,}")
_VALUE = re.compile(
    r"[{\[]|https?://|\S+@\S+\.\S|(?:MULTI)?(?:POINT|LINESTRING|POLYGON)\s*(?:Z|M)?\s*\(", re.I
)


def kind_of(cell: Any) -> CellKind:
    if cell is None or cell != cell:
        return "blank"
    if isinstance(cell, bool):
        return "value"
    if isinstance(cell, int | float):
        return "year" if float(cell).is_integer() and 1900 <= cell <= 2100 else "number"
    if isinstance(cell, datetime.date | datetime.time | datetime.timedelta):
        return "date"
    text = str(cell).strip()
    # Essays are not worth remembering.
    return _of_short(text) if len(text) <= 40 else _of_text(text)


def _of_text(text: str) -> CellKind:
    if not text or is_blank(text):
        return "blank"
    if text.isdigit() and len(text) == 4 and text.isascii() and 1900 <= int(text) <= 2100:
        return "year"
    if number_of(text) is not None or _DECIMAL_COMMA.fullmatch(text) or _PERCENT.fullmatch(text):
        return "number"
    if _DATE.fullmatch(text):
        return "date"
    if len(text) > 250 or _VALUE.match(text) or text.lower() in ("true", "false"):
        return "value"
    if _CODE.fullmatch(text):
        return "code"
    return "label"


_of_short = lru_cache(maxsize=65_536)(_of_text)


def shape_of(text: str) -> str:
    """How a code is written, whatever it says: "PK101" and "PK202" have one shape."""
    return re.sub(r"[^\W\d_]+", "A", re.sub(r"\d+", "9", text))
