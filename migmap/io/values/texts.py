"""Text columns as their different values: each is looked at once, however many rows repeat it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow
import pyarrow.compute as pc

SAMPLE = 400


@dataclass(frozen=True, slots=True, eq=False)
class Coded:
    """uniques: the different texts in order of first appearance. codes: int32, one a row, the place in
    `uniques`, -1 for null. counts: rows of each."""

    uniques: list[str]
    codes: np.ndarray
    counts: np.ndarray

    def rows_of(self, wanted: Iterable[int]) -> np.ndarray:
        """bool, one a row: its text is one of these."""
        marked = np.zeros(len(self.uniques) + 1, dtype=bool)
        marked[list(wanted)] = True
        marked[-1] = False
        return np.asarray(marked[self.codes])

    def spread(self, values: Sequence[float]) -> np.ndarray:
        """float64: one number a unique text, laid out on the rows; the last of `values` is for null."""
        return np.asarray(np.asarray(values, dtype=np.float64)[self.codes])


def is_text(column: pd.Series) -> bool:
    """True for columns that hold text (pandas' str or object)."""
    return isinstance(column.dtype, pd.StringDtype) or column.dtype == object


def arrow_text(column: pd.Series) -> pyarrow.Array | None:
    """The column as Arrow text; None where a value is no text."""
    if isinstance(column.dtype, pd.StringDtype):
        found = pyarrow.array(column, from_pandas=True)
    else:
        try:
            found = pyarrow.array(
                column.to_numpy(dtype=object), type=pyarrow.large_string(), from_pandas=True
            )
        except (pyarrow.ArrowTypeError, pyarrow.ArrowInvalid, UnicodeEncodeError):
            return None
    return _one_piece(found)


def _one_piece(array: pyarrow.Array | pyarrow.ChunkedArray) -> pyarrow.Array:
    if not isinstance(array, pyarrow.ChunkedArray):
        return array
    if array.num_chunks == 1:
        return array.chunk(0)
    return pyarrow.concat_arrays(array.chunks) if array.num_chunks else pyarrow.array([], type=array.type)


def coded(texts: pyarrow.Array) -> Coded:
    """The different texts and where they stand."""
    encoded = _one_piece(texts).dictionary_encode()
    indices = encoded.indices
    codes = np.asarray(pc.fill_null(indices, -1) if indices.null_count else indices).astype(np.int32)
    uniques = encoded.dictionary.to_pylist()
    counts = np.bincount(codes[codes >= 0], minlength=len(uniques))
    return Coded(uniques, codes, counts)


def sample_of(texts: pyarrow.Array, most: int = SAMPLE) -> list[str]:
    """Filled texts from all over the column: the first ones, and others evenly spread."""
    size = len(texts)
    head = texts.slice(0, most).drop_null()
    if size <= most:
        return list(head.to_pylist())
    step = max(size // most, 1)
    spread = texts.take(pyarrow.array(np.arange(0, size, step)[:most])).drop_null()
    found = [*head.to_pylist()[: most // 2], *spread.to_pylist()]
    if not found:
        found = texts.drop_null().slice(0, most).to_pylist()
    return found
