"""Numbers that arrive as text: "1,234", "371919", with "-" or "NA" where nobody counted."""

from __future__ import annotations

import datetime
import re

import numpy as np
import pandas as pd
import pyarrow
import pyarrow.compute

from migmap.api import Finding

from .wording import counted

BLANKS = frozenset(
    ["", "-", "--", "–", "—", "na", "n/a", "#n/a", "nan", "null", "none", "nil", ".", "..", "...", "?"]
)
_PLAIN = re.compile(r"[+-]?(0|[1-9][0-9]{0,14})(\.[0-9]+)?([eE][+-]?[0-9]{1,2})?|[+-]?\.[0-9]+")
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(,[0-9]{2,3})*,[0-9]{3}(\.[0-9]+)?")
_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹٬٫", "01234567890123456789,.")
# Words in a column's name that say: these digits are a name, not a quantity.
_CODE_WORDS = frozenset(
    {
        "id",
        "ids",
        "code",
        "codes",
        "pcode",
        "pcodes",
        "no",
        "nr",
        "num",
        "number",
        "zip",
        "postcode",
        "postal",
        "phone",
        "uuid",
        "ref",
        "fid",
        "gid",
        "objectid",
        "osm",
        "key",
        "iso",
        "version",
        "date",
        "year",
        "time",
    }
)


def number_of(text: str) -> float | None:
    """The number a cell holds, or None: "1,234" and "12,34,567" (lakhs), Arabic-Indic digits, "5 %" not."""
    clean = text.strip().translate(_DIGITS).replace("\u00a0", "").replace("\u202f", "")
    if _PLAIN.fullmatch(clean):
        return float(clean)
    if _GROUPED.fullmatch(clean):
        return float(clean.replace(",", ""))
    return None


def is_blank(text: str) -> bool:
    """True for what people write where there is no value."""
    return text.strip().lower() in BLANKS


def is_code_name(column: str) -> bool:
    """True when the column's name says its digits are a code, a version or a date."""
    words = re.sub(r"([a-z])([A-Z])", r"\1 \2", str(column)).lower()
    tokens = [t for t in re.split(r"[^a-z0-9]+", words) if t]
    return any(t in _CODE_WORDS or re.fullmatch(r"\w*(p_?code|_id)", t) for t in tokens)


def numbers_from_text(frame: pd.DataFrame, rows: np.ndarray) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    """`frame` with its number columns that came as text as numbers, whole ones int64 where no row is
    blank, else float64. A column is a number column when every value is a number, or a sign for "no
    value", and its name is no code's. What "-" or "NA" said becomes null, never 0.

    One Finding "text-numbers": `count` columns, with the rows whose text was more than plain digits.
    """
    changed: dict[str, pd.Series] = {}
    told = np.zeros(len(frame), dtype=bool)
    blanks = 0
    for name in frame.columns:
        column = frame[name]
        if not is_text(column) or is_code_name(str(name)):
            continue
        parsed = _parsed(column)
        if parsed is None:
            continue
        values, odd, blanked = parsed
        changed[name] = pd.Series(whole_if_possible(values), index=frame.index)
        told |= odd | blanked
        blanks += int(blanked.sum())
    if not changed:
        return frame, ()
    named = ", ".join(f"“{name}”" for name in list(changed)[:8])
    if len(changed) > 8:
        named += f" and {len(changed) - 8} more"
    cells = counted(blanks, "cell such as “-” or “NA” holds", "cells such as “-” or “NA” hold")
    note = f"; {cells} no value, which is not 0" if blanks else ""
    finding = Finding(
        "text-numbers",
        "info",
        f"Numbers written as text were read as numbers in {named}{note}.",
        count=len(changed),
        rows=tuple(int(r) for r in rows[told][:1000]),
    )
    return frame.assign(**changed), (finding,)


def typed_columns(frame: pd.DataFrame, rows: np.ndarray) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    """`frame` of a table, whose cells are text or mixed objects, with the types its values have.

    Codes stay text: digits with a leading zero always, and columns called code or id where a blank would
    turn 101 into 101.0. A Finding only for columns whose numbers needed more than reading.
    """
    findings: list[Finding] = []
    changed: dict[str, pd.Series] = {}
    for name in frame.columns:
        column = frame[name]
        typed = _from_cells(column) if column.dtype == object else _from_plain_text(column)
        if typed is None:
            continue
        if is_code_name(str(name)) and typed.dtype.kind == "f" and column.isna().any() and _all_whole(typed):
            changed[name] = _as_text(column)
            continue
        changed[name] = typed
    frame = frame.assign(**changed) if changed else frame
    frame, more = numbers_from_text(frame, rows)
    return frame, (*findings, *more)


def _from_plain_text(column: pd.Series) -> pd.Series | None:
    """A text column as numbers, when every value is written plainly, without leading zeros."""
    if not is_text(column):
        return None
    filled = column.dropna()
    if filled.empty:
        return None
    head = filled.iloc[:50]
    if not all(_PLAIN.fullmatch(str(v).strip()) for v in head):
        return None
    stripped = filled.str.strip()
    if not stripped.str.fullmatch(_PLAIN.pattern).all():
        return None
    values = np.full(len(column), np.nan)
    values[column.notna().to_numpy()] = _floats(stripped)
    return pd.Series(whole_if_possible(values), index=column.index)


def _floats(texts: pd.Series) -> np.ndarray:
    """float64 of plainly written numbers; Arrow parses them ten times faster than pandas does."""
    try:
        numbers = pyarrow.compute.cast(pyarrow.array(texts), pyarrow.float64())
    except pyarrow.ArrowInvalid:  # it knows no leading plus sign
        numbers = pd.to_numeric(texts)
    return np.asarray(numbers, dtype=np.float64)


def _from_cells(column: pd.Series) -> pd.Series | None:
    """A spreadsheet column of mixed cells: numbers, dates, true and false where all agree, else text."""
    kinds = {type(v) for v in column.dropna().unique()} if not column.dropna().empty else set()
    if not kinds:
        return None
    if kinds == {bool}:
        return column.astype(bool) if column.notna().all() else _as_text(column)
    if kinds <= {int, float}:
        values = column.to_numpy(dtype=np.float64, na_value=np.nan)
        return pd.Series(whole_if_possible(values), index=column.index)
    if kinds <= {datetime.datetime, datetime.date}:
        return pd.to_datetime(column, errors="coerce")
    return _as_text(column)


def _as_text(column: pd.Series) -> pd.Series:
    return column.map(lambda v: v if v is None or v != v else str(v)).astype("str")


def _all_whole(values: pd.Series) -> bool:
    filled = values.dropna().to_numpy(dtype=np.float64)
    return bool((filled == np.floor(filled)).all())


def is_text(column: pd.Series) -> bool:
    """True for columns that hold text (pandas' str or object)."""
    return isinstance(column.dtype, pd.StringDtype) or column.dtype == object


def whole_if_possible(values: np.ndarray) -> np.ndarray:
    """int64 when every value is a whole number that float64 holds exactly, else the float64 given."""
    if (
        len(values)
        and np.isfinite(values).all()
        and (np.abs(values) < 2**53).all()
        and (values == np.floor(values)).all()
    ):
        return values.astype(np.int64)
    return values


def _parsed(column: pd.Series) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
    """(float64 values, rows that were not plain digits, rows whose text meant "no value"), or None."""
    first = column.first_valid_index()
    if first is None:
        return None
    # Most text columns fail on their first values, and the loop ends there.
    seen: dict[str, float | None] = {}
    found = 0
    for value in column.dropna():
        if isinstance(value, str) and value in seen:
            continue
        if not isinstance(value, str):
            return None
        number = number_of(value)
        if number is None and not is_blank(value):
            return None
        found += number is not None
        seen[value] = number
    if not found:
        return None
    values = np.array([np.nan if (v := seen.get(x)) is None else v for x in column], dtype=np.float64)
    odd_texts = {t for t, n in seen.items() if n is not None and not _PLAIN.fullmatch(t.strip())}
    blank_texts = {t for t, n in seen.items() if n is None and t.strip()}
    odd = column.isin(odd_texts).to_numpy(dtype=bool)
    blanked = column.isin(blank_texts).to_numpy(dtype=bool)
    return values, odd, blanked
