"""How far each role of a layer is filled: value, zero, blank and not assessed are four things."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from migmap.api import Finding
from migmap.api.finding import Severity

from .report import Completeness

if TYPE_CHECKING:
    import numpy as np
    import pandas

    from migmap.api import LayerKind, VectorData

POSITION = "position"


def completeness(data: VectorData, kind: LayerKind | None) -> tuple[Completeness, ...]:
    """Position first, then every role a column plays, then required roles that none plays."""
    count = len(data.frame)
    located = int(data.frame.geometry.notna().sum())
    found = [Completeness(POSITION, "Position", None, count, located, count - located, 0, 0)]
    titles = {role.name: role.title for role in kind.roles} if kind is not None else {}
    words = _not_assessed_cells(data)
    for role, column in data.roles.items():
        if column not in data.frame.columns:
            continue
        found.append(_of(data.frame[column], role, titles.get(role, role), column, words.get(column, 0)))
    if kind is not None:
        missing = [role for role in kind.roles if role.required and role.name not in data.roles]
        found += [Completeness(one.name, one.title, None, count, 0, count, 0, 0) for one in missing]
    return tuple(found)


_WANTED: tuple[tuple[str, Severity], ...] = (("people", "warning"), ("households", "info"), ("name", "info"))
"""Roles whose gaps a partner can fill, and how much they matter."""


def missing_findings(data: VectorData) -> list[Finding]:
    """values-missing: rows without a value in a column that most rows fill."""
    from migmap.geo.wording import first_rows, rows_text

    found = []
    for role, severity in _WANTED:
        column = data.roles.get(role)
        if column not in data.frame.columns:
            continue
        gone = _gaps(data.frame[column])
        count = int(gone.sum())
        # A column that is mostly blank is used in another way.
        if not count or count > 0.5 * len(gone):
            continue
        end = "; they count nobody, which is not 0." if role in ("people", "households") else "."
        message = f"“{column}” ({role}) has no value in {rows_text(count)} of {len(gone):,}{end}"
        rows = first_rows(data.row_numbers[gone])
        found.append(Finding("values-missing", severity, message, count, rows))
    return found


def _gaps(values: pandas.Series) -> np.ndarray:
    """bool [n]: nothing, or a word for nothing."""
    import numpy as np
    from pandas.api import types

    from migmap.io.values.amounts import gap_of

    gone = values.isna().to_numpy(dtype=bool)
    if not (types.is_numeric_dtype(values.dtype) or types.is_datetime64_any_dtype(values.dtype)):
        words = {text for text in values.dropna().unique() if isinstance(text, str) and gap_of(text)}
        gone = gone | values.isin(words).to_numpy(dtype=bool)
    return np.asarray(gone)


def _of(values: pandas.Series, role: str, title: str, column: str, gone: int) -> Completeness:
    """gone: cells of a number column that held a word for "not assessed" and became null on the way in."""
    from pandas.api import types

    from migmap.io.values.amounts import gap_of

    count = len(values)
    null = int(values.isna().sum())
    blank, not_assessed, zero = null, 0, 0
    if types.is_bool_dtype(values.dtype):
        pass
    elif types.is_numeric_dtype(values.dtype):
        zero = int((values == 0).sum())
        not_assessed = min(gone, null)
        blank = null - not_assessed
    elif not types.is_datetime64_any_dtype(values.dtype):
        for value, times in values.value_counts(dropna=True).items():
            gap = gap_of(value) if isinstance(value, str) else ""
            if gap == "blank":
                blank += int(times)
            elif gap in ("not assessed", "unknown"):
                not_assessed += int(times)
    filled = count - blank - not_assessed
    return Completeness(role, title, column, count, filled, blank, not_assessed, zero)


def _not_assessed_cells(data: VectorData) -> Mapping[str, int]:
    """column -> cells whose word for "nobody looked" was read as null; their finding lists them."""
    from migmap.geo.blanks import SUFFIX

    found: dict[str, int] = {}
    for finding in data.findings:
        if finding.code == "values-not-assessed":
            for change in finding.changes:
                found[change.column] = found.get(change.column, 0) + 1
    # A file that migmap wrote says it in a column of its own.
    for name in data.frame.columns:
        column = str(name).removesuffix(SUFFIX)
        if column != str(name) and column in data.frame.columns:
            found[column] = found.get(column, 0) + int(
                data.frame[name].isin(["not assessed", "unknown"]).sum()
            )
    return found
