"""Rows that stand in a layer more than once: whole rows, ids, positions."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from migmap.api import Change, Finding, RowsAside

from .columns import attribute_columns
from .positions import points_of
from .wording import first_rows, rows_text

if TYPE_CHECKING:
    from migmap.api import VectorData

WHOLE_ROW = "(whole row)"
"""What a Change names as its column when the row itself goes."""

MOST_CHANGES = 100_000

# A column is taken for an id only where it tells most rows apart.
_ID_SHARE = 0.9
_ROLE_SHARE = 0.6
_SERIES_SHARE = 0.5
# As many rows as this at one point are rather the middle of a district than that many places.
_STACK = 20
_ID_WORDS = frozenset(
    {"id", "code", "pcode", "uuid", "uid", "ssid", "gid", "fid", "objectid", "osmid", "key"}
)


@dataclass(frozen=True, slots=True, eq=False)
class Repeats:
    """first: int64 [n], for each row the first row with the same contents (its own index where there is
    none before it)."""

    first: np.ndarray

    @property
    def extra(self) -> np.ndarray:
        """bool [n]: rows that repeat an earlier one."""
        return np.asarray(self.first != np.arange(len(self.first)), dtype=bool)


def repeated_rows(data: VectorData) -> Repeats:
    """Rows that are the same in every column and in their shape or position."""
    frame = data.frame
    count = len(frame)
    first = np.arange(count, dtype=np.int64)
    columns = attribute_columns(data)
    twice = np.ones(count, dtype=bool)
    if columns:
        twice = frame.duplicated(subset=columns, keep=False).to_numpy()
    rows = np.flatnonzero(twice)
    if len(rows) < 2:
        return Repeats(first)
    # Shapes are compared only where all else is the same: they are the dear part.
    shapes = pd.Series(shapely.to_wkb(frame.geometry.to_numpy()[rows]), index=rows, dtype=object)
    table = frame.loc[:, columns].iloc[rows].set_axis(rows, axis=0)
    keys = [pd.factorize(table[name])[0] for name in columns] + [pd.factorize(shapes)[0]]
    group = (
        pd.DataFrame(np.column_stack(keys)).groupby(list(range(len(keys))), sort=False).ngroup().to_numpy()
    )
    _, start, inverse = np.unique(group, return_index=True, return_inverse=True)
    first[rows] = rows[start[inverse]]
    return Repeats(first)


def without_repeated_rows(data: VectorData) -> VectorData:
    """The layer with the Finding "duplicate-rows" where rows stand in it more than once.

    Where the user asked for the mend (`data.reading.fixes`) the first of each is kept and the others are
    set aside; otherwise every row stays. The same object where no row is repeated.
    """
    code = "duplicate-rows"
    repeats = repeated_rows(data)
    extra = repeats.extra
    count = int(extra.sum())
    if not count:
        return data
    rows = data.row_numbers
    where = np.flatnonzero(extra)
    originals = rows[repeats.first[where]]
    applied = code in data.reading.fixes
    verb = "is" if count == 1 else "are"
    message = f"{rows_text(count)} {verb} the same as an earlier one in every column and in position"
    personal = any(one.code == "personal-columns-dropped" for one in data.findings)
    if personal:
        message += " (columns of personal data are left out, so they may stand for different people)"
    finding = Finding(
        "duplicate-rows",
        "info" if applied else "warning",
        message + ("; set aside, the first of each is used." if applied else "; each is counted."),
        count=count,
        rows=first_rows(rows[where]),
        fix="Keep the first of the equal rows and set the others aside.",
        applied=applied,
        changes=tuple(
            Change(int(row), WHOLE_ROW, "counted again", "set aside", f"the same as row {int(original)}")
            for row, original in zip(rows[where][:MOST_CHANGES], originals, strict=False)
        ),
    )
    findings = (*data.findings, finding)
    if not applied:
        return replace(data, findings=findings)
    frame = data.frame
    gone = pd.DataFrame(frame.drop(columns=frame.geometry.name)).iloc[where].reset_index(drop=True)
    aside = RowsAside(code, "the same as an earlier row", gone, rows[where])
    return replace(
        data,
        frame=frame[~extra].reset_index(drop=True),
        row_numbers=rows[~extra],
        findings=findings,
        aside=(*data.aside, aside),
    )


def id_findings(data: VectorData) -> tuple[Finding, ...]:
    """duplicate-ids and id-missing, for the column that identifies rows, if there is one."""
    column = id_column(data)
    if column is None:
        return ()
    frame, rows = data.frame, data.row_numbers
    ids = _blank_as_none(frame[column])
    there = ids.notna().to_numpy()
    findings = []
    missing = int((~there).sum())
    if missing and there.any():
        findings.append(
            Finding(
                "id-missing",
                "warning",
                f"{rows_text(missing)} {'has' if missing == 1 else 'have'} nothing in “{column}”, the column "
                "that identifies rows.",
                missing,
                first_rows(rows[~there]),
            )
        )
    keys, beside = _id_keys(data, column)
    if not keys:
        return tuple(findings)
    table = frame[keys]
    again = (table.duplicated() & there).to_numpy()
    count = int(again.sum())
    if count:
        within = f" for the same {beside}" if beside else ""
        whole = int((repeated_rows(data).extra & again).sum())
        message = (
            f"{rows_text(count)} {'repeats' if count == 1 else 'repeat'} the “{column}” of an earlier row"
            f"{within}"
        )
        different = table[again].drop_duplicates().shape[0]
        if count > 1:
            message += f"; {different:,} different {'one is' if different == 1 else 'ones are'} concerned"
        if whole:
            verb = "is" if whole == 1 else "are"
            message += f". {whole:,} of these rows {verb} the same in every column as well"
        findings.append(Finding("duplicate-ids", "warning", message + ".", count, first_rows(rows[again])))
    return tuple(findings)


def id_column(data: VectorData) -> str | None:
    """The column that is there to tell rows apart: by its role, else by its name and its values."""
    roles = ("pcode", "code") if data.kind == "boundary" else ("code",)
    for role in roles:
        column = data.roles.get(role)
        if column is not None and column in data.frame.columns:
            return column
    best: tuple[float, str] | None = None
    for column in attribute_columns(data):
        if not _ID_WORDS & set(_words(column)):
            continue
        values = _blank_as_none(data.frame[column]).dropna()
        if len(values) < 2 or _has_fractions(values):
            continue
        share = values.nunique() / len(data.frame)
        # The first of several is the layer's own; those after it point elsewhere.
        if share >= _ID_SHARE and (best is None or _running(best[1], data)):
            best = (share, column)
    return best[1] if best else None


def _has_fractions(values: pd.Series) -> bool:
    """True for measurements: a number column that holds more than whole numbers."""
    if not pd.api.types.is_float_dtype(values.dtype):
        return False
    numbers = values.to_numpy(dtype=np.float64)
    return bool((numbers != np.floor(numbers)).any())


def _running(column: str, data: VectorData) -> bool:
    """True for a column that only counts the rows: 1, 2, 3."""
    values = data.frame[column]
    if not pd.api.types.is_integer_dtype(values.dtype) or values.isna().any():
        return False
    numbers = values.to_numpy(dtype=np.int64)
    return bool((np.diff(numbers) == 1).all())


def _words(name: str) -> list[str]:
    spaced = re.sub(r"(?<=[a-z])(?=I[Dd](?![a-z]))|(?<=[A-Z])(?=ID(?![A-Za-z]))", " ", str(name))
    spaced = "".join(c if c.isalnum() else " " for c in spaced)
    words = spaced.lower().split()
    return [*words, "".join(words)]


def _id_keys(data: VectorData, column: str) -> tuple[list[str], str]:
    """(columns that together must differ from row to row, those beside the id in words); ([], "") where
    the id repeats so often that it names series and not rows."""
    frame = data.frame
    filled = _blank_as_none(frame[column]).notna().to_numpy()
    if not filled.any():
        return [], ""
    turns = _series_columns(data)
    rounds = [name for role, name in turns if role == "round"]
    keys = [column, *rounds]
    if _share(frame, keys, filled) >= (_ROLE_SHARE if not rounds else _SERIES_SHARE):
        return keys, " and ".join(f"“{name}”" for name in rounds)
    every = [name for _, name in turns]
    keys = [column, *every]
    if every and _share(frame, keys, filled) >= _SERIES_SHARE:
        return keys, " and ".join(f"“{name}”" for name in every)
    return [], ""


def _share(frame: pd.DataFrame, keys: list[str], filled: np.ndarray) -> float:
    return float((~frame.loc[filled, keys].duplicated()).mean())


def _series_columns(data: VectorData) -> list[tuple[str, str]]:
    """(role, column) of what tells apart several rows about one place: round, date."""
    found = []
    for role in ("round", "date"):
        column = data.roles.get(role)
        if column in data.frame.columns and data.frame[column].nunique() > 1:
            found.append((role, str(column)))
    return found


def _blank_as_none(column: pd.Series) -> pd.Series:
    """The column with text of nothing but blanks as missing."""
    if pd.api.types.is_object_dtype(column.dtype) or pd.api.types.is_string_dtype(column.dtype):
        blank = column.map(lambda value: isinstance(value, str) and not value.strip())
        return column.mask(blank.astype(bool))
    return column


def series_labels(data: VectorData) -> np.ndarray:
    """int64 [n]: rows with different labels are about different rounds or dates."""
    names = [name for _, name in _series_columns(data)]
    if not names:
        return np.zeros(len(data.frame), dtype=np.int64)
    labels = data.frame.groupby(names, sort=False, dropna=False).ngroup().to_numpy()
    return np.asarray(labels, dtype=np.int64)


def id_labels(data: VectorData) -> np.ndarray:
    """int64 [n]: equal where rows have the same id; each row its own where there is no id."""
    column = id_column(data)
    own = np.arange(len(data.frame), dtype=np.int64)
    if column is None:
        return own
    codes = pd.factorize(_blank_as_none(data.frame[column]))[0].astype(np.int64)
    return np.where(codes < 0, own + len(own), codes)


def repeated_position(data: VectorData) -> Finding | None:
    """position-repeated: points that lie exactly on another of the same round, with another id."""
    shapes = data.frame.geometry.to_numpy()
    is_point = np.isin(shapely.get_type_id(shapes), (0, 4))
    if int(is_point.sum()) < 2:
        return None
    points = points_of(shapes)
    table = pd.DataFrame(
        {"x": points[:, 0], "y": points[:, 1], "turn": series_labels(data), "id": id_labels(data)}
    )[is_point]
    table = table[np.isfinite(table["x"]) & np.isfinite(table["y"])]
    # Rows that are wholly equal, or share their id, are said elsewhere.
    alone = ~repeated_rows(data).extra[table.index.to_numpy()]
    table = table[alone].drop_duplicates(["x", "y", "turn", "id"])
    stacked = table.duplicated(["x", "y", "turn"], keep=False)
    if not stacked.any():
        return None
    sizes = table[stacked].groupby(["x", "y", "turn"]).size()
    rows = data.row_numbers[table.index[stacked].to_numpy()]
    largest = int(sizes.max())
    message = (
        f"{rows_text(len(rows))} lie exactly on another one, at {len(sizes):,} "
        f"{'point' if len(sizes) == 1 else 'points'}; the most at one point is {largest:,}"
    )
    if largest >= _STACK:
        message += ", which may be the middle of a town or district and not where they are"
    return Finding(
        "position-repeated",
        "warning" if largest >= _STACK else "info",
        message + ".",
        count=len(rows),
        rows=first_rows(rows),
    )
