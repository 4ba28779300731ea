"""Where the rows of a table are: positions read from whatever columns hold them, checked, mended if asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
import pyproj
import shapely

from migmap.api import AS_FOUND, Change, Finding, Reading

from ..gdalwords import known_crs
from ..values.numbers import is_text
from ..wording import counted
from .angles import degrees_of, plain_floats
from .countries import Expected, expected
from .misplaced import (
    MENDS,
    PROJECTED,
    Mend,
    changes_of,
    degrees_text,
    mend_finding,
    mends_of,
    placeholders,
)
from .oddplaces import in_range, remarks, tallied
from .positionread import LONLAT, Read, metres_of, read_way, unread
from .shapeplaces import examined
from .whereabouts import Where, ways


@dataclass(frozen=True, slots=True, eq=False)
class Positions:
    """geometry: object array, a point, a shape or None a row. located: columns of positions were found.
    crs: of the geometry; None where it is the one the user stated. word: "point", "line", "polygon" or
    "mixed". cells: the table, with the values that applied mends replaced. columns: those that were read.
    by: role ("longitude", "latitude" or "position") -> the column that played it."""

    geometry: np.ndarray
    located: bool
    cells: pd.DataFrame
    crs: pyproj.CRS | None = LONLAT
    word: str = "point"
    findings: tuple[Finding, ...] = ()
    columns: tuple[str, ...] = ()
    by: Mapping[str, str] = field(default_factory=dict)


def find_positions(
    cells: pd.DataFrame,
    hxl: Mapping[str, str],
    rows: np.ndarray,
    reading: Reading = AS_FOUND,
    called: str = "",
) -> Positions:
    """Positions from the surest columns that hold any, or from those that the roles "latitude", "longitude"
    and "position" of `reading` name.

    cells: as they stand in the file, text or numbers. rows: numbers as a person sees them. called: name
    of the file, which may tell the country. A row whose coordinates lie beyond 180 and 90 degrees, or are
    no coordinates, has no position and is listed. What is found misplaced is offered as a mend, and mended
    where its code is in `reading.fixes`. Problem: a role's column is not there.
    """
    nothing = np.full(len(cells), None, dtype=object)
    options = ways(cells, hxl, reading.roles)
    cells, commas = _numbered(cells, options)
    notes: list[Finding] = []
    hopes: Expected | None = None
    for rank in sorted({where.rank for where in options}):
        reads = []
        for where in (w for w in options if w.rank == rank):
            read = read_way(cells, where, reading, rows)
            if read is None:
                continue
            if read.filled and read.bad.sum() <= read.present.sum():
                reads.append(read)
            elif where.kind not in ("cell", "xy"):
                notes += unread(read, rows)
        # Among equals the one that places the most rows; the first of those.
        for read in sorted(reads, key=lambda r: -r.filled):
            if hopes is None:
                hopes = expected(cells, hxl, called)
            found = _placed(cells, read, rows, reading, hopes)
            if found.located:
                others = _others(cells, read, options, reads)
                said = _commas(read.where, commas, rows)
                roles = ("position",) if len(read.where.columns) == 1 else ("longitude", "latitude")
                by = dict(zip(roles, read.where.columns, strict=False))
                return replace(found, findings=(*said, *found.findings, *others), by=by)
            notes += found.findings
    return Positions(nothing, False, cells, findings=tuple(dict.fromkeys(notes)))


def _numbered(cells: pd.DataFrame, options: Sequence[Where]) -> tuple[pd.DataFrame, dict[str, np.ndarray]]:
    """(the table, column -> rows with a decimal comma). Columns of coordinates that are numbers but for
    decimal commas and blanks such as "NA" become numbers: as text, "33,600" would be taken for thousands."""
    changed: dict[str, np.ndarray] = {}
    commas: dict[str, np.ndarray] = {}
    for where in options:
        if where.kind not in ("pair", "xy", "metres"):
            continue
        for name in where.columns:
            column = cells[name]
            if name in changed or not is_text(column) or plain_floats(column) is not None:
                continue
            if where.kind == "metres":
                values, bad = metres_of(column)
                odd = bool(bad.any())
            else:
                found = degrees_of(column)
                values, odd = found.values, bool((found.bad | found.worded).any())
                odd = odd or not (found.comma.any() or (np.isnan(values) & column.notna().to_numpy()).any())
                commas[name] = found.comma
            if not odd and np.isfinite(values).any():
                changed[name] = values
    return (cells.assign(**changed) if changed else cells), {n: commas[n] for n in changed if n in commas}


def _commas(where: Where, commas: Mapping[str, np.ndarray], rows: np.ndarray) -> list[Finding]:
    found = [commas[name] for name in where.columns if name in commas and commas[name].any()]
    if not found:
        return []
    message = f"{where.title} have decimal commas; 33,6 was read as 33.6."
    return [Finding("positions-converted", "info", message, *tallied(rows[np.logical_or.reduce(found)]))]


def _others(
    cells: pd.DataFrame, used: Read, options: Sequence[Where], reads: Sequence[Read]
) -> list[Finding]:
    """That there were other positions to choose from, and how to choose them."""
    filled = {read.where.columns: read.filled for read in reads}
    rest = [w for w in options if not set(w.columns) & set(used.where.columns) and not _same(cells, used, w)]
    if not rest:
        return []
    named = []
    for where in rest[:4]:
        count = filled.get(where.columns)
        named.append(where.title + (f" (which place {count:,})" if count is not None else ""))
    first = rest[0]
    roles = ("position",) if first.kind == "cell" else ("longitude", "latitude")
    options_text = " ".join(
        f"--map {role}={column if ' ' not in column else chr(34) + column + chr(34)}"
        for role, column in zip(roles, first.columns, strict=True)
    )
    return [
        Finding(
            "several-positions",
            "info",
            f"Positions come from {used.where.title}, which place {used.filled:,} of {len(cells):,} "
            f"rows, not from {', '.join(named)}. To use those: {options_text}.",
        )
    ]


def _same(cells: pd.DataFrame, used: Read, where: Where) -> bool:
    """True for a column that says the same again in one cell, as Kobo exports do."""
    if where.kind != "cell":
        return False
    at = np.flatnonzero(np.isfinite(used.lon) & np.isfinite(used.lat))[:50]
    read = read_way(cells.iloc[at], where, AS_FOUND, np.arange(len(at)))
    if read is None or not len(at):
        return False
    with np.errstate(invalid="ignore"):
        near = (np.abs(read.lon - used.lon[at]) < 1e-4) & (np.abs(read.lat - used.lat[at]) < 1e-4)
    return bool(near.mean() > 0.9)


# --- placing


def _placed(
    cells: pd.DataFrame, read: Read, rows: np.ndarray, reading: Reading, hopes: Expected
) -> Positions:
    """The positions of one reading, checked and mended."""
    columns = (*read.where.columns, *read.where.more.values())
    findings = [*read.notes, *unread(read, rows)]
    if read.metres or read.shapes is not None:
        return _placed_as_is(cells, read, rows, reading, hopes, findings, columns)
    plain_xy = read.where.kind in ("xy", "metres") and not read.notes
    codes = (PROJECTED,) if plain_xy and not _degrees(read) else MENDS
    lon, lat, offered, mended, more = _mended(cells, read, rows, reading, hopes, codes)
    degrees = in_range(lon, lat)
    present = np.isfinite(lon) & np.isfinite(lat) & ~placeholders(lon, lat)
    share = degrees[present].mean() if present.any() else 0.0
    stated_degrees = reading.crs is not None and not known_crs(reading.crs).is_geographic
    if plain_xy and share >= 0.9 and stated_degrees and not any(f.applied for f in more):
        read.metres, read.crs = True, None
        return _placed_as_is(cells, read, rows, reading, hopes, findings, columns)
    mendable = offered.sum() * 2 >= present.sum() and offered.any()
    if (share < (0.9 if plain_xy else 0.5) and not mendable) or not present.any():
        more = [f for f in more if f.code == PROJECTED] or [_projected(read.where)]
        return Positions(np.full(len(cells), None, dtype=object), False, cells, findings=tuple(more))
    findings += more
    outside = present & ~degrees
    if outside.any():
        one, two = read.where.columns if len(read.where.columns) == 2 else (read.where.columns[0],) * 2
        beyond = (
            f"a “{one}” beyond 180 or a “{two}” beyond 90 degrees"
            if one != two
            else (f"coordinates in “{one}” beyond 180 and 90 degrees")
        )
        message = f"{counted(int(outside.sum()), 'row has', 'rows have')} {beyond}, so no position."
        findings.append(Finding("position-out-of-range", "warning", message, *tallied(rows[outside])))
    geometry = np.full(len(cells), None, dtype=object)
    used = degrees & present
    geometry[used] = shapely.points(lon[used], lat[used])
    findings += _blanks(lon, lat, rows)
    lon, lat = np.where(used, lon, np.nan), np.where(used, lat, np.nan)
    findings += remarks(lon, lat, rows, hopes, offered)
    return Positions(geometry, True, mended, LONLAT, "point", tuple(findings), columns)


def _degrees(read: Read) -> bool:
    present = read.present
    return bool(present.any() and in_range(read.lon, read.lat)[present].mean() >= 0.9)


def _blanks(lon: np.ndarray, lat: np.ndarray, rows: np.ndarray) -> list[Finding]:
    blank = placeholders(lon, lat)
    if not blank.any():
        return []
    shown = ", ".join(f"{degrees_text(v)}/{degrees_text(v)}" for v in np.unique(lon[blank])[:4])
    message = (
        f"{counted(int(blank.sum()), 'row holds', 'rows hold')} {shown} where a position should be, which "
        "stands for none."
    )
    return [Finding("position-placeholder", "info", message, *tallied(rows[blank]))]


def _mended(
    cells: pd.DataFrame,
    read: Read,
    rows: np.ndarray,
    reading: Reading,
    hopes: Expected,
    codes: Sequence[str],
) -> tuple[np.ndarray, np.ndarray, np.ndarray, pd.DataFrame, list[Finding]]:
    """(longitude, latitude, rows of mends that were not applied, the table, findings)."""
    lon, lat = read.lon, read.lat
    table = cells
    offered = np.zeros(len(cells), dtype=bool)
    findings = []
    for mend in mends_of(read.lon, read.lat, hopes, codes):
        wanted = mend.code in reading.fixes and not mend.doubt
        changes: tuple[Change, ...] = ()
        if not mend.doubt:
            writer = _Writer(table, read, mend)
            changes = changes_of(mend, rows, writer.replaced)
            if wanted:
                table = writer.written()
                lon, lat = lon.copy(), lat.copy()
                lon[mend.at], lat[mend.at] = mend.lon, mend.lat
        if not wanted:
            offered[mend.at] = True
        findings.append(mend_finding(mend, rows, wanted, changes))
    return lon, lat, offered, table, findings


class _Writer:
    """What a mend writes into the cells."""

    def __init__(self, table: pd.DataFrame, read: Read, mend: Mend) -> None:
        self._table, self._read, self._mend = table, read, mend
        self._names = read.where.columns
        self._raw = [table[name].to_numpy(dtype=object, na_value=None) for name in self._names]
        # Parts, eastings and shapes keep their cells: only the position is another.
        self._in_cells = read.where.kind == "pair" or (read.where.kind == "xy" and mend.code != PROJECTED)
        self._one = read.where.kind == "cell" and read.where.style == "pair"

    def _new(self, place: int, index: int) -> tuple[object, ...]:
        mend = self._mend
        if self._in_cells:
            if mend.kind[place] == "swap":
                return self._raw[1][index], self._raw[0][index]
            return float(round(mend.lon[place], 7)), float(round(mend.lat[place], 7))
        lon, lat = degrees_text(mend.lon[place]), degrees_text(mend.lat[place])
        return (f"{lon}, {lat}" if self._read.lon_first else f"{lat}, {lon}",)

    def replaced(self, place: int, index: int) -> list[tuple[str, str, str]]:
        new = self._new(place, index)
        if not self._in_cells:
            old = (
                _shown(self._raw[0][index])
                if len(self._raw) == 1
                else (f"{_shown(self._raw[0][index])}, {_shown(self._raw[1][index])}")
            )
            return [(self._names[0] if self._one else "", old, str(new[0]))]
        pairs = zip(self._names, self._raw, new, strict=True)
        return [(n, _shown(raw[index]), _shown(v)) for n, raw, v in pairs if _shown(raw[index]) != _shown(v)]

    def written(self) -> pd.DataFrame:
        if not self._in_cells and not self._one:
            return self._table
        news = [self._new(place, index) for place, index in enumerate(self._mend.at.tolist())]
        columns = {}
        for slot, name in enumerate(self._names):
            raw = self._raw[slot].copy()
            raw[self._mend.at] = [
                _like(raw[i], new[slot]) for i, new in zip(self._mend.at.tolist(), news, strict=True)
            ]
            old = self._table[name]
            series = pd.Series(raw, index=old.index, dtype=object)
            if isinstance(old.dtype, pd.StringDtype):
                series = series.astype(old.dtype)
            elif old.dtype.kind in "fiu":
                series = pd.to_numeric(series, errors="coerce")
            columns[name] = series
        return self._table.assign(**columns)


def _like(old: object, new: object) -> object:
    """A new cell of the kind the old one was: text among text."""
    if isinstance(old, str) and isinstance(new, float):
        return degrees_text(new)
    return new


def _shown(value: object) -> str:
    if value is None or value != value:
        return ""
    return degrees_text(value) if isinstance(value, float) else str(value)


def _placed_as_is(
    cells: pd.DataFrame,
    read: Read,
    rows: np.ndarray,
    reading: Reading,
    hopes: Expected,
    findings: list[Finding],
    columns: tuple[str, ...],
) -> Positions:
    """Shapes, and metres whose system is known: there is nothing to mend in them but swapped axes."""
    geometry = np.full(len(cells), None, dtype=object)
    if read.shapes is None:
        used = np.isfinite(read.lon) & np.isfinite(read.lat)
        geometry[used] = shapely.points(read.lon[used], read.lat[used])
    else:
        geometry = read.shapes
    crs = read.crs
    if read.crs is LONLAT:
        west, south, east, north = shapely.total_bounds(geometry)
        if not (-180 <= west <= east <= 180 and -180 <= south <= north <= 180):
            if reading.crs is None:
                note = _projected(read.where)
                return Positions(np.full(len(cells), None, dtype=object), False, cells, findings=(note,))
            crs = None
    known = crs if crs is not None else known_crs(str(reading.crs))
    geometry, more = examined(geometry, known, rows, reading, hopes)
    kinds = {d for d in np.unique(shapely.get_dimensions(geometry)).tolist() if d >= 0}
    word = ("point", "line", "polygon")[kinds.pop()] if len(kinds) == 1 else "mixed"
    return Positions(geometry, True, cells, crs, word, (*findings, *more), columns)


def _projected(where: Where) -> Finding:
    what = f"{where.title} are" if len(where.columns) > 1 else f"What {where.title} holds is"
    return Finding(
        "coordinates-projected",
        "warning",
        f"{what} no longitude and latitude, so they give no positions; state their CRS, or their zone in a "
        "column “zone”.",
    )
