"""The types a table's columns have: numbers, dates, true and false, else text."""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd
import pyarrow
import pyarrow.compute as pc

from migmap.api import AS_FOUND, Finding, Reading

from .colnames import is_code_name
from .dates import dates_from_text
from .numbers import may_be_thousands, numbers_from_text, plain_numbers, whole_if_possible
from .personal import without_personal_text
from .texts import arrow_text, is_text


def typed_columns(
    frame: pd.DataFrame, rows: np.ndarray, reading: Reading = AS_FOUND
) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    """`frame` of a table, whose cells are text or mixed objects, with the types its values have: int64 or
    float64, datetime64 (midnight for dates without a time), bool or, with blanks, the nullable boolean.

    Codes stay text: digits with a leading zero always, and columns called code or id where a blank would
    turn 101 into 101.0. Findings only for columns that needed more than reading.
    """
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
    return values_from_text(frame, rows, reading)


def values_from_text(
    frame: pd.DataFrame, rows: np.ndarray, reading: Reading = AS_FOUND
) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    """`frame` with the numbers and dates that came as text as such, and without what is personal in the text
    that is left."""
    frame, numbers = numbers_from_text(frame, rows, reading)
    frame, dates = dates_from_text(frame, rows, reading)
    frame, personal = without_personal_text(frame, rows, reading)
    return frame, (*numbers, *dates, *personal)


def _from_plain_text(column: pd.Series) -> pd.Series | None:
    """A text column as numbers, or as true and false, when every value is written plainly."""
    if not is_text(column):
        return None
    texts = arrow_text(column)
    if texts is None or texts.null_count == len(texts):
        return None
    if may_be_thousands(texts, str(column.name)):
        return None  # it takes all columns to decide
    numbers = plain_numbers(texts)
    if numbers is not None:
        return pd.Series(whole_if_possible(numbers), index=column.index)
    return _true_or_false(texts, column)


def _true_or_false(texts: pyarrow.Array, column: pd.Series) -> pd.Series | None:
    head = texts.slice(0, 20).drop_null().to_pylist()
    if not all(text.strip().lower() in ("true", "false") for text in head):
        return None
    lower = pc.utf8_lower(pc.utf8_trim_whitespace(texts))
    if not pc.all(pc.is_in(lower, value_set=pyarrow.array(["true", "false"], type=lower.type))).as_py():
        # Null is in no set, and counts as neither here.
        filled = lower.drop_null()
        if not pc.all(pc.is_in(filled, value_set=pyarrow.array(["true", "false"], type=lower.type))).as_py():
            return None
    values = pc.equal(lower, "true").to_pandas()
    result = pd.Series(
        pd.array(values.to_numpy(dtype=object, na_value=None), dtype="boolean"), index=column.index
    )
    return result if result.isna().any() else result.astype(bool)


def _from_cells(column: pd.Series) -> pd.Series | None:
    """A spreadsheet column of mixed cells: numbers, dates, true and false where all agree, else text."""
    filled = column.dropna()
    kinds = {type(v) for v in filled} if not filled.empty else set()
    if not kinds:
        return None
    if kinds == {bool}:
        return column.astype(bool) if len(filled) == len(column) else column.astype("boolean")
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
