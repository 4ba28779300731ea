"""Repeated questions of a survey: on further sheets of a workbook, or in files beside the main one (ODK)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

import numpy as np
import pandas as pd

from migmap.api import Finding, Problem

from ..archive import data_members
from ..place import Place, locate
from ..reference import Reference
from ..values.colnames import is_position_name, words_of
from ..wording import counted
from .grid import Grid, read_grid

PARENT_INDEX = "_parent_index"
_PARENT_TABLE = "_parent_table_name"
_MOST_REPEATS = 20
_MOST_NESTED = 5
_MOST_JOINED = 40
_MOST_BYTES = 200_000_000
"""Files beside the one that is read are not looked into beyond this; a twentieth of it for a first look."""
_JOINED_WORDS = (
    "id uuid code pcode site camp village settlement admin adm district province tehsil block name"
)
_JOINED = frozenset(_JOINED_WORDS.split())


@dataclass(frozen=True, slots=True)
class _Link:
    """The columns that tie rows together: `own` of the parent, `parent` of the child."""

    own: str
    parent: str
    numeric: bool

    def keys(self, column: pd.Series) -> list[Hashable]:
        """One a row, None where it names nothing."""
        if self.numeric:
            numbers = np.asarray(pd.to_numeric(column, errors="coerce"), dtype=np.float64)
            return [None if n != n else n for n in numbers.tolist()]
        return [None if v is None or v != v else str(v).strip() for v in column.to_numpy(dtype=object)]


_LINKS = (_Link("_index", PARENT_INDEX, True), _Link("KEY", "PARENT_KEY", False))


@dataclass(frozen=True, slots=True)
class _Table:
    """A sheet or file that may belong to the one that is read. said: how messages name it."""

    name: str
    said: str
    place: Place


def with_repeats(place: Place, grid: Grid, limit: int | None) -> Grid:
    """A table of repeats with the position, ids and names of the row it belongs to; a main table with a count
    column for each table of repeats; others as they are.

    Findings: "repeat-joined", "repeat-sheets", "repeat-unmatched".
    """
    for link in _LINKS:
        if link.parent in grid.cells.columns:
            return _with_parent(place, grid, link)
    for link in _LINKS:
        if link.own in grid.cells.columns:
            return _with_counts(place, grid, link, limit)
    return grid


def named(names: Iterable[str], most: int) -> str:
    """The first of them in quotation marks, and how many more there are."""
    every = [f"“{name}”" for name in names]
    listed = ", ".join(every[:most])
    return f"{listed} and {len(every) - most} more" if len(every) > most else listed


# --- which tables


def _children(place: Place, grid: Grid) -> Iterator[_Table]:
    if grid.parts and grid.part is not None:
        for name in grid.parts[: _MOST_REPEATS + 1]:
            if name != grid.part:
                yield _Table(name, f"sheet “{name}”", replace(place, layer=name))
        return
    stem = _stem(place)
    found = [f for f in _files(place) if _stem_of(f).startswith(f"{stem}-")]
    for file in found[:_MOST_REPEATS]:
        yield from _file(place, file)


def _parents(place: Place, grid: Grid) -> Iterator[_Table]:
    if grid.parts and grid.part is not None:
        stated: list[str] = []
        if _PARENT_TABLE in grid.cells.columns:
            stated = [str(v).strip() for v in grid.cells[_PARENT_TABLE].dropna().unique()[:3]]
        others = [name for name in grid.parts if name != grid.part]
        # Sheet names are cut to 31 letters, the names of tables are not.
        first = [name for name in others if any(name == n or n.startswith(name) for n in stated)]
        for name in [*first, *(n for n in others if n not in first)][:_MOST_REPEATS]:
            yield _Table(name, f"sheet “{name}”", replace(place, layer=name))
        return
    stem = _stem(place)
    found = [f for f in _files(place) if stem.startswith(f"{_stem_of(f)}-")]
    # "Visit-hh-member" belongs to "Visit-hh" rather than to "Visit".
    for file in sorted(found, key=lambda f: -len(f))[:_MOST_REPEATS]:
        yield from _file(place, file)


def _files(place: Place) -> list[str]:
    """Names of the text tables beside the one that is read: in its folder, or in its archive."""
    if place.member is not None:
        return [m.file for m in data_members(place.path, {"csv"}) if m.file != place.member.file]
    folder = place.path.parent
    return sorted(
        f.name
        for f in folder.iterdir()
        if f.suffix.lower() == ".csv" and f.name != place.path.name and f.is_file()
    )


def _file(place: Place, name: str) -> Iterator[_Table]:
    reference = (
        Reference(place.path, name) if place.member is not None else Reference(place.path.with_name(name))
    )
    try:
        yield _Table(_stem_of(name), f"file “{PurePath(name).name}”", locate(reference))
    except Problem:
        return  # gone, or not to be read


def _stem(place: Place) -> str:
    return _stem_of(place.member.file if place.member is not None else place.path.name)


def _stem_of(name: str) -> str:
    return PurePath(name).stem


def _loaded(table: _Table, limit: int | None) -> Grid | None:
    try:
        if table.place.size > (_MOST_BYTES if limit is None else _MOST_BYTES // 20) and not table.place.layer:
            return None
        return read_grid(table.place, limit)
    except Problem:
        return None  # an empty sheet, or one that is no table


# --- main tables


def _with_counts(place: Place, grid: Grid, link: _Link, limit: int | None) -> Grid:
    counts: dict[_Table, np.ndarray] = {}
    orphans: Counter[str] = Counter()
    index = link.keys(grid.cells[link.own])
    known = set(index)
    for table in _children(place, grid):
        repeat = _loaded(table, limit)
        if repeat is None or link.parent not in repeat.cells.columns or not _is_child(repeat, grid):
            continue
        found = Counter(key for key in link.keys(repeat.cells[link.parent]) if key is not None)
        if not link.numeric and not known & set(found):
            continue  # of a nested repeat, or of another export
        counts[table] = np.array([found.get(key, 0) for key in index], dtype=np.int64)
        orphans[table.name] = len(repeat.cells) - int(counts[table].sum())
    if not counts:
        return grid
    cells = grid.cells
    made = []
    for table, values in counts.items():
        column = _free(f"{table.name}_count", cells.columns)
        cells = cells.assign(**{column: pd.Series(values, index=cells.index)})
        made.append(f"“{table.name}” ({int(values.sum()):,} rows, counted in “{column}”)")
    sheets = grid.parts and grid.part is not None
    first = next(iter(counts))
    how = f"Read one with {place.path.name}::{first.name}" if sheets else "Read one by its file"
    findings = [
        Finding(
            "repeat-sheets",
            "info",
            f"Repeated questions stand {'on sheets' if sheets else 'in files'} of their own: "
            f"{', '.join(made)}. {how}.",
            count=len(counts),
        )
    ]
    lost = +orphans
    if lost and limit is None:
        listed = ", ".join(f"{n:,} of “{name}”" for name, n in lost.items())
        findings.append(
            Finding(
                "repeat-unmatched",
                "warning",
                f"Rows of repeated questions belong to no row of this table: {listed}.",
                count=sum(lost.values()),
            )
        )
    return replace(grid, cells=cells, findings=(*grid.findings, *findings))


def _is_child(repeat: Grid, parent: Grid) -> bool:
    """Nested repeats name the sheet they belong to."""
    if _PARENT_TABLE not in repeat.cells.columns:
        return True
    stated = {str(v).strip() for v in repeat.cells[_PARENT_TABLE].dropna().unique()}
    return not stated or parent.part in stated or not stated <= set(parent.parts)


# --- tables of repeats


def _with_parent(place: Place, grid: Grid, link: _Link, depth: int = 0) -> Grid:
    """A table of repeats with the parent's position, ids and names beside each row."""
    keys = link.keys(grid.cells[link.parent])
    found = _parent_of(place, grid, link, set(keys) - {None})
    if found is None:
        return grid
    table, parent = found
    if link.parent in parent.cells.columns and depth < _MOST_NESTED:
        parent = _with_parent(table.place, parent, link, depth + 1)
    chosen = [c for c in parent.cells.columns if _is_worth_joining(str(c), link)][:_MOST_JOINED]
    at = {key: row for row, key in enumerate(link.keys(parent.cells[link.own])) if key is not None}
    rows = np.array([at.get(key, -1) for key in keys], dtype=np.int64)
    cells = grid.cells
    names = []
    for column in chosen:
        name = str(column) if column not in cells.columns else _free(f"parent_{column}", cells.columns)
        values = parent.cells[column].to_numpy(dtype=object, na_value=None)
        joined = np.array([values[row] if row >= 0 else None for row in rows], dtype=object)
        series = pd.Series(joined, index=cells.index, dtype=object)
        plain_text = isinstance(parent.cells[column].dtype, pd.StringDtype)
        cells = cells.assign(**{name: series.astype("str") if plain_text else series})
        names.append(name)
    missing = rows < 0
    own = grid.part or _stem(place)
    findings = [
        Finding(
            "repeat-joined",
            "info",
            f"“{own}” holds repeated questions; each row got {named(names, 8)} from its row "
            f"{'on' if table.said.startswith('sheet') else 'in'} {table.said}.",
            count=int((~missing).sum()),
        )
    ]
    if missing.any():
        findings.append(
            Finding(
                "repeat-unmatched",
                "warning",
                f"{counted(int(missing.sum()), 'row belongs', 'rows belong')} to no row of {table.said}.",
                count=int(missing.sum()),
                rows=tuple(int(r) for r in grid.row_numbers[missing][:1000]),
            )
        )
    hxl = {**{n: t for n, t in (parent.hxl or {}).items() if n in names}, **(grid.hxl or {})}
    return replace(grid, cells=cells, hxl=hxl, findings=(*grid.findings, *findings))


def _parent_of(place: Place, grid: Grid, link: _Link, wanted: set[Hashable]) -> tuple[_Table, Grid] | None:
    for table in _parents(place, grid):
        # The parent of one of the first rows may stand anywhere.
        found = _loaded(table, None)
        if found is None or link.own not in found.cells.columns:
            continue
        if link.numeric:
            stated = _PARENT_TABLE in grid.cells.columns and _names_it(grid, table.name)
            if stated or link.parent not in found.cells.columns:
                return table, found
        elif wanted & set(link.keys(found.cells[link.own])):
            return table, found
    return None


def _names_it(grid: Grid, name: str) -> bool:
    stated = [str(v).strip() for v in grid.cells[_PARENT_TABLE].dropna().unique()[:3]]
    return any(name == n or n.startswith(name) for n in stated)


def _is_worth_joining(name: str, link: _Link) -> bool:
    if name in (link.own, link.parent):
        return False
    if name.lower() in ("_uuid", "_id", "_submission_time", "_geolocation", "submissiondate"):
        return True
    return is_position_name(name) or bool(set(words_of(name.rsplit("/", 1)[-1])) & _JOINED)


def _free(wanted: str, taken: Sequence[str] | pd.Index) -> str:
    name, number = wanted, 2
    while name in taken:
        name, number = f"{wanted}_{number}", number + 1
    return name
