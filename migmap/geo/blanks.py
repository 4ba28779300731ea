"""Why a figure is blank. Zero, not assessed and unknown are three things; a blank number says only that it is
none of them, so what leaves migmap has the reason in a column of its own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from migmap.api import VectorData
from migmap.io.values.amounts import gap_of

SUFFIX = "_why_blank"
_SAYING = ("values-not-assessed", "nil-as-zero")


def with_reasons(data: VectorData) -> VectorData:
    """`data` with a text column "people_why_blank" behind each column of figures whose words were read as no
    value: "not assessed", "unknown" or "nil", null where there is a figure or nothing was written. The words
    come from the findings, which keep 100,000 of them. The same data where there are none."""
    words: dict[str, dict[int, str]] = {}
    for finding in data.findings:
        if finding.code in _SAYING and not finding.applied:
            for change in finding.changes:
                words.setdefault(change.column, {})[change.row] = gap_of(change.old) or change.old
    frame = data.frame
    added: dict[str, pd.Series] = {}
    for column, by_row in words.items():
        name = f"{column}{SUFFIX}"
        if column not in frame.columns or name in frame.columns:
            continue
        rows = np.fromiter(by_row, dtype=np.int64, count=len(by_row))
        values = np.full(len(frame), None, dtype=object)
        for place in np.flatnonzero(
            np.isin(data.row_numbers, rows) & frame[column].isna().to_numpy()
        ).tolist():
            values[place] = by_row[int(data.row_numbers[place])]
        if any(value is not None for value in values):
            added[column] = pd.Series(values, index=frame.index, dtype="str")
    if not added:
        return data
    order = []
    for column in frame.columns:
        order += [column, f"{column}{SUFFIX}"] if column in added else [column]
    frame = frame.assign(**{f"{column}{SUFFIX}": values for column, values in added.items()})[order]
    return replace(data, frame=frame)
