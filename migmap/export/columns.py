"""Columns as files can hold them: whole numbers, numbers, yes/no, dates, text; missing stays missing."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    import pandas

ColumnKind = Literal["bool", "int", "float", "date", "time", "text"]

# Control characters that XML, and with it XLSX and KML, cannot hold; half surrogates fit no encoding.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def kind_of(column: pandas.Series) -> ColumnKind:
    """What a column of a tidy frame holds."""
    from pandas.api import types

    if types.is_bool_dtype(column.dtype):
        return "bool"
    if types.is_integer_dtype(column.dtype):
        return "int"
    if types.is_float_dtype(column.dtype):
        return "float"
    if types.is_datetime64_any_dtype(column.dtype):
        # `tidy` makes Arrow's days of times that are all midnight.
        return "date" if str(column.dtype).startswith("date32") else "time"
    return "text"


def tidy(frame: pandas.DataFrame) -> pandas.DataFrame:
    """The frame with every column of one plain type and text names, rows and order unchanged.

    Times that are all midnight become days, objects what all their values are (yes/no, whole numbers,
    numbers), else text; lists and mappings become JSON text. The geometry column, if any, is left out.
    """
    import pandas

    shapes = getattr(frame, "_geometry_column_name", None)
    # By position: a column's name may be empty, or stand twice.
    kept = [position for position, name in enumerate(frame.columns) if name != shapes]
    if not kept:
        return pandas.DataFrame(index=frame.index)
    result = pandas.concat([_plain(frame.iloc[:, position]) for position in kept], axis=1)
    # No format can say a column without a name.
    names = [str(frame.columns[position]) for position in kept]
    for place, name in enumerate(names):
        names[place] = name if name.strip() else unique_name("column", names)
    result.columns = names
    return result


def _plain(column: pandas.Series) -> pandas.Series:
    from pandas.api import types

    kind = column.dtype
    if kind_of(column) == "time":
        return _days_or_times(column)
    if kind_of(column) in ("bool", "float", "date"):
        return column
    if types.is_unsigned_integer_dtype(kind) and column.notna().any() and column.max() > 2**63 - 1:
        return _text(column)
    if types.is_integer_dtype(kind):
        return column
    if types.is_object_dtype(kind):
        return _from_objects(column)
    return _text(column)


def _days_or_times(column: pandas.Series) -> pandas.Series:
    """Times without a zone that are all midnight as days: "2022-03-01", as people write them."""
    import pandas
    import pyarrow

    present = column.dropna()
    if (
        getattr(column.dtype, "tz", None) is not None
        or present.empty
        or (present != present.dt.normalize()).any()
    ):
        return column
    return column.astype(pandas.ArrowDtype(pyarrow.date32()))


def _from_objects(column: pandas.Series) -> pandas.Series:
    present = column.dropna()
    found = {type(value) for value in present}
    if not found:
        return _text(column)
    if found <= {bool, np.bool_}:
        return column.astype("boolean")
    if all(issubclass(kind, int | np.integer) and kind is not bool for kind in found) and all(
        -(2**63) <= value < 2**63 for value in present
    ):
        return column.astype("Int64")
    if all(issubclass(kind, int | float | np.number) and kind is not bool for kind in found):
        return column.astype("Float64").astype("float64")
    return _text(column)


def _text(column: pandas.Series) -> pandas.Series:
    import pandas

    missing = column.isna().to_numpy(dtype=bool)
    values = np.array(
        [None if gone else as_text(value) for value, gone in zip(column, missing, strict=True)], dtype=object
    )
    return pandas.Series(values, index=column.index, dtype=object)


def as_text(value: Any) -> str:
    """One value as text that any file can hold."""
    if isinstance(value, str):
        text = value
    elif isinstance(value, dict | list | tuple | set | np.ndarray):
        plain = list(value) if isinstance(value, tuple | set | np.ndarray) else value
        text = json.dumps(plain, ensure_ascii=False, default=str)
    elif isinstance(value, bytes):
        text = value.hex()
    elif hasattr(value, "isoformat"):
        text = str(value.isoformat())
    else:
        text = str(value)
    return _UNWRITABLE.sub("\ufffd", text)


def fragments(
    column: pandas.Series, *, text: Callable[[str], str], missing: str, whole_as_int: bool = False
) -> list[str]:
    """A column of a tidy frame as written text, one piece a row.

    Numbers keep every digit. text: how text (and dates, ISO 8601) is quoted or escaped. missing:
    what stands for no value; also for numbers that are not finite. whole_as_int: 12.0 as 12.
    """
    kind = kind_of(column)
    gone = column.isna().to_numpy(dtype=bool)
    if kind == "bool":
        words = ["true" if value is True or value == 1 else "false" for value in column.fillna(False)]
    elif kind == "int":
        words = [str(value) for value in column.fillna(0).tolist()]
    elif kind == "float":
        numbers = column.to_numpy(dtype=np.float64, na_value=np.nan)
        gone = gone | ~np.isfinite(numbers)
        words = [repr(value) for value in numbers.tolist()]
        if whole_as_int:
            words = [word[:-2] if word.endswith(".0") else word for word in words]
    elif kind in ("date", "time"):
        words = [text(value.isoformat()) if hasattr(value, "isoformat") else "" for value in column]
    else:
        words = [text(value) if isinstance(value, str) else "" for value in column]
    if not gone.any():
        return words
    return [missing if is_gone else word for word, is_gone in zip(words, gone.tolist(), strict=True)]


def unique_name(wanted: str, taken: Iterable[str]) -> str:
    """`wanted`, or with the first number that makes it differ from `taken` without regard to case."""
    used = {name.casefold() for name in taken}
    name, number = wanted, 1
    while name.casefold() in used:
        name = f"{wanted}_{number}"
        number += 1
    return name
