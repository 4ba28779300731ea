"""Columns of text in Arrow's memory: trimmed, blank cells null, handed to pandas without a copy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow
import pyarrow.compute


def as_column(values: Any) -> Any:
    """What a pandas Series is made of."""
    return pd.array(_chunked(values), dtype=pd.StringDtype("pyarrow", na_value=np.nan))


def _chunked(values: Any) -> Any:
    return values if isinstance(values, pyarrow.ChunkedArray) else pyarrow.chunked_array([values])


def chunks(values: Any) -> list[Any]:
    """The arrays a column is made of."""
    return list(values.chunks) if isinstance(values, pyarrow.ChunkedArray) else [values]


def trimmed(values: Any) -> Any:
    """Without blanks around the text; null where nothing is left."""
    return pyarrow.chunked_array([__trimmed_chunk(c) for c in chunks(values)], pyarrow.large_string())


def __trimmed_chunk(values: Any) -> Any:
    if not _has_blanks(values):
        return values
    trimmed = pyarrow.compute.utf8_trim_whitespace(values)
    empty = pyarrow.compute.equal(pyarrow.compute.binary_length(trimmed), 0)
    return pyarrow.compute.if_else(empty, pyarrow.scalar(None, trimmed.type), trimmed)


def _has_blanks(values: Any) -> bool:
    """True where a text may begin or end with a blank, by its first and last byte: plain blanks, or what
    begins or ends one of the others (no-break, thin, wide) in UTF-8."""
    _, offsets, data = values.buffers()
    if data is None or not len(values):
        return False
    ends = np.frombuffer(offsets, dtype=np.int64)[values.offset : values.offset + len(values) + 1]
    text = np.frombuffer(data, dtype=np.uint8)
    starts, stops = ends[:-1], ends[1:]
    filled = stops > starts
    if not filled.all():
        starts, stops = starts[filled], stops[filled]
        if len(starts) < len(values) - values.null_count:
            return True
    if not len(starts):
        return False
    return bool(_BLANK_FIRST[text[starts]].any() or _BLANK_LAST[text[stops - 1]].any())


_BLANK_FIRST = np.zeros(256, dtype=bool)
_BLANK_FIRST[[*range(33), 0xC2, 0xE1, 0xE2, 0xE3]] = True
_BLANK_LAST = np.zeros(256, dtype=bool)
_BLANK_LAST[[*range(33), 0xA0, *range(0x80, 0x8B), 0xA8, 0xA9, 0xAF, 0x9F, 0x85]] = True
