"""Positions as each way of writing them gives them, row by row, before anything is checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyproj
import shapely

from migmap.api import Finding, Reading

from ..gdalwords import known_crs
from ..values.numbers import is_blank, is_text, number_of
from ..wording import counted
from .angles import Degrees, degrees_of
from .gridref import lonlat_of, zone_of
from .oddplaces import tallied
from .onecell import Cells, cells_of
from .whereabouts import Where

LONLAT = pyproj.CRS.from_epsg(4326)


@dataclass(slots=True, eq=False)
class Read:
    """Positions as one way gives them. lon, lat: float64 as they stand (degrees, or metres where `metres`),
    NaN where there is none. shapes: object array where cells hold shapes. crs: of shapes and metres."""

    where: Where
    lon: np.ndarray
    lat: np.ndarray
    bad: np.ndarray
    half: np.ndarray
    shapes: np.ndarray | None = None
    crs: pyproj.CRS | None = LONLAT
    metres: bool = False
    lon_first: bool = False
    notes: list[Finding] = field(default_factory=list)

    @property
    def present(self) -> np.ndarray:
        there: np.ndarray = np.isfinite(self.lon) & np.isfinite(self.lat)
        return there if self.shapes is None else there | ~shapely.is_missing(self.shapes)

    @property
    def filled(self) -> int:
        """Rows with a position: not blank, not (0, 0)."""
        there = self.present
        if self.shapes is not None:
            there = there & ~shapely.is_empty(self.shapes)
        return int((there & ~((self.lon == 0) & (self.lat == 0))).sum())


def read_way(cells: pd.DataFrame, where: Where, reading: Reading, rows: np.ndarray) -> Read | None:
    """The positions of a table read in one way; None where its column cannot hold any."""
    if where.kind == "cell":
        return _read_cells(cells, where)
    if where.kind == "parts":
        return _read_parts(cells, where)
    if where.kind == "metres":
        return _read_metres(cells, where, reading)
    return _read_pair(cells, where, reading, rows)


def _read_pair(cells: pd.DataFrame, where: Where, reading: Reading, rows: np.ndarray) -> Read | None:
    lon, lat = (degrees_of(cells[name]) for name in where.columns)
    x, y = lon.values, lat.values
    # Letters tell which is which, whatever the columns are called.
    turned = (lon.axis == 1) & (lat.axis != 1) | (lat.axis == 2) & (lon.axis != 2)
    wrong = ((lon.axis == 1) & (lat.axis == 1)) | ((lon.axis == 2) & (lat.axis == 2))
    if turned.any():
        x, y = np.where(turned, y, x), np.where(turned, x, y)
    bad = lon.bad | lat.bad | wrong
    x, y = np.where(wrong, np.nan, x), np.where(wrong, np.nan, y)
    read = Read(where, x, y, bad, (np.isfinite(x) != np.isfinite(y)) & ~bad)
    with np.errstate(invalid="ignore"):
        degrees = (np.abs(x) <= 180) & (np.abs(y) <= 90)
    present = read.present
    metres = present.any() and degrees[present].mean() < 0.1
    stated = reading.crs is not None and not known_crs(reading.crs).is_geographic
    if metres and (where.more.get("zone") or where.zone or stated):
        return _read_metres(cells, where, reading) or read
    read.notes += _said(where, (lon, lat), turned, rows)
    return read


def _said(where: Where, parts: Sequence[Degrees], turned: np.ndarray, rows: np.ndarray) -> list[Finding]:
    worded = np.logical_or.reduce([part.worded for part in parts])
    comma = np.logical_or.reduce([part.comma for part in parts])
    notes = []
    if worded.any():
        message = (
            f"{where.title} hold degrees as text (such as 30°11'22\"N); they were read as decimal degrees."
        )
        notes.append(Finding("positions-converted", "info", message, *tallied(rows[worded])))
    elif comma.any():
        message = f"{where.title} have decimal commas; 33,6 was read as 33.6."
        notes.append(Finding("positions-converted", "info", message, *tallied(rows[comma])))
    if turned.any():
        message = (
            f"{counted(int(turned.sum()), 'row has', 'rows have')} the latitude (N, S) and the longitude "
            "(E, W) in each other’s column; they were read by their letters."
        )
        notes.append(Finding("positions-by-letter", "info", message, *tallied(rows[turned])))
    return notes


def _read_parts(cells: pd.DataFrame, where: Where) -> Read | None:
    sides = []
    bad = np.zeros(len(cells), dtype=bool)
    for axis, name in (("lon", where.columns[0]), ("lat", where.columns[1])):
        parts = [degrees_of(cells[name])]
        parts += [degrees_of(cells[c]) for p in ("m", "s") if (c := where.more.get(f"{axis} {p}"))]
        value = np.abs(parts[0].values)
        for part, size in zip(parts[1:], (60.0, 3600.0), strict=False):
            with np.errstate(invalid="ignore"):
                bad |= part.bad | (part.values >= 60.0001) | (part.values < 0)
            value = value + np.nan_to_num(part.values) / size
        bad |= parts[0].bad
        sign = np.where(np.signbit(parts[0].values), -1.0, 1.0)
        letters = where.more.get(f"{axis} h")
        if letters is not None:
            first = cells[letters].map(lambda v: v.strip()[:1].upper() if isinstance(v, str) else "")
            sign = np.where(first.isin(["S", "W"]).to_numpy(dtype=bool), -1.0, sign)
        sides.append(np.where(bad, np.nan, value * sign))
    lon, lat = (np.where(bad, np.nan, side) for side in sides)
    read = Read(where, lon, lat, bad, (np.isfinite(lon) != np.isfinite(lat)) & ~bad)
    words = ", ".join(f"“{name}”" for name in where.more.values())
    message = f"Positions were put together from {where.title} with {words}."
    read.notes.append(Finding("positions-converted", "info", message, count=read.filled))
    return read


def _read_metres(cells: pd.DataFrame, where: Where, reading: Reading) -> Read | None:
    """Easting and northing: in the stated CRS, else in the zone that the table names."""
    (x, bad_x), (y, bad_y) = (metres_of(cells[name]) for name in where.columns)
    bad = bad_x | bad_y
    half = (np.isfinite(x) != np.isfinite(y)) & ~bad
    if reading.crs:
        return Read(where, x, y, bad, half, crs=None, metres=True)
    codes = _zones(cells, where, y)
    if codes is None or not (codes > 0).any():
        return Read(where, x, y, bad, half)
    lon, lat = lonlat_of(x, y, codes)
    lost = np.isfinite(x) & np.isfinite(y) & np.isnan(lon) & ~((x == 0) & (y == 0))
    read = Read(where, lon, lat, bad | lost, half)
    used = np.unique(codes[np.isfinite(lon)])
    named = ", ".join(f"{code % 100}{'N' if code < 32700 else 'S'}" for code in used[:8].tolist())
    message = f"{where.title} are metres in UTM zone {named}; they were turned into longitude and latitude."
    read.notes.append(Finding("positions-converted", "info", message, count=int(np.isfinite(lon).sum())))
    return read


def metres_of(column: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """(float64, rows that are neither a number nor blank): "345,678" is one number here."""
    if pd.api.types.is_bool_dtype(column.dtype):
        return np.full(len(column), np.nan), np.ones(len(column), dtype=bool)
    values = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan).copy()
    left = np.flatnonzero(np.isnan(values) & column.notna().to_numpy())
    bad = np.zeros(len(column), dtype=bool)
    if len(left):
        codes, texts = pd.factorize(column.iloc[left].to_numpy(dtype=object))
        read = [_metre(text) for text in texts]
        found = np.array([np.nan if r is None else r for r in read], dtype=np.float64)
        blank = np.array([isinstance(t, str) and is_blank(t) for t in texts], dtype=bool)
        values[left] = found[codes]
        bad[left] = np.isnan(found[codes]) & ~blank[codes]
    bad |= np.isinf(values)
    values[np.isinf(values)] = np.nan
    return values, bad


def _metre(value: object) -> float | None:
    if not isinstance(value, str):
        return None
    clean = value.strip().strip("mMeEnN ").strip()
    return number_of(clean) or number_of(clean.replace(" ", ""))


def _zones(cells: pd.DataFrame, where: Where, northing: np.ndarray) -> np.ndarray | None:
    """int64 EPSG code a row, 0 where the table does not tell; None where it tells nothing at all."""
    column = where.more.get("zone")
    if column is not None:
        codes, texts = pd.factorize(cells[column].map(lambda v: str(v) if v == v and v is not None else None))
        zones = [zone_of(str(text)) for text in texts]
        if not any(zones):
            column = None
    if column is None:
        zone = zone_of(where.zone) if where.zone else None
        if zone is None:
            return None
        codes, zones = np.zeros(len(cells), dtype=np.int64), [zone]
    half = where.more.get("half")
    letters = None if half is None else cells[half].map(lambda v: str(v).strip()[:1].upper()).to_numpy()
    out = np.zeros(len(cells), dtype=np.int64)
    for index, zone in enumerate(zones):
        if zone is None:
            continue
        at = np.flatnonzero(codes == index)
        number, letter = zone
        if letters is not None and letter == "":
            out[at] = np.where(letters[at] == "S", 32700, np.where(letters[at] == "N", 32600, 0))
            out[at] += np.where(out[at] > 0, number, 0)
        elif letter == "S":
            # The south, or the band from 32 to 40 degrees north: only one of them is land at these metres.
            band = (
                (northing[at] >= 3_500_000) & (northing[at] <= 4_450_000) & (number not in (18, 19, 20, 21))
            )
            out[at] = np.where(band, 32600, 32700) + number
        elif letter:
            out[at] = (32600 if letter != "-" and letter >= "N" else 32700) + number
    return out


def _read_cells(cells: pd.DataFrame, where: Where) -> Read | None:
    name = where.columns[0]
    if not is_text(cells[name]) or where.style is None:
        return None
    found = cells_of(cells[name], where.style)
    lon_first = _order(found, where)
    swapped = np.full(len(cells), lon_first) & ~found.known
    lat, lon = np.where(swapped, found.second, found.first), np.where(swapped, found.first, found.second)
    read = Read(where, lon, lat, found.bad, np.zeros(len(cells), dtype=bool), lon_first=lon_first)
    if found.shapes is not None:
        shapes = found.shapes.copy()
        pairs = np.isfinite(lon) & np.isfinite(lat)
        shapes[pairs] = shapely.points(lon[pairs], lat[pairs])
        points = shapely.get_type_id(shapes) == shapely.GeometryType.POINT
        points &= ~shapely.is_empty(shapes)
        if points.sum() == (~shapely.is_missing(shapes) & ~shapely.is_empty(shapes)).sum():
            read.lon[points] = shapely.get_x(shapes[points])
            read.lat[points] = shapely.get_y(shapes[points])
        if not points.all() or shapely.has_z(shapes).any():
            read.shapes = shapes
        if found.srid and found.srid != 4326:
            read.crs, read.metres = known_crs(f"EPSG:{found.srid}"), True
    if where.style != "shape":
        order = "longitude, latitude" if lon_first and not found.known.all() else "latitude, longitude"
        how = f" as {order}" if where.style == "pair" and not found.known.all() else ""
        message = f"Positions were read out of the cells of “{name}”{how}."
        read.notes.append(Finding("positions-converted", "info", message, count=read.filled))
    return read


def _order(found: Cells, where: Where) -> bool:
    """True where cells hold longitude first: their column says so, or the other order cannot be."""
    if where.style != "pair":
        return False
    a, b = found.first[~found.known], found.second[~found.known]
    there = np.isfinite(a) & np.isfinite(b) & ~((a == 0) & (b == 0))
    if not there.any():
        return where.lon_first
    lat_first_fits = ((np.abs(a) <= 80) & (np.abs(b) <= 180))[there].mean()
    lon_first_fits = ((np.abs(b) <= 80) & (np.abs(a) <= 180))[there].mean()
    if where.lon_first:
        return not (lon_first_fits < 0.5 and lat_first_fits >= 0.9)
    return bool(lat_first_fits < 0.5 and lon_first_fits >= 0.9)


def unread(read: Read, rows: np.ndarray) -> list[Finding]:
    """Rows whose text is no position, and rows with half of one."""
    found = []
    names = read.where.columns
    one = len(names) == 1
    if read.bad.any():
        have = counted(int(read.bad.sum()), "row has", "rows have")
        what = "shape" if read.where.style == "shape" else "position"
        thing = (
            f"a “{names[0]}” that is no readable {what}"
            if one
            else f"a “{names[0]}” or “{names[1]}” that is no coordinate"
        )
        found.append(
            Finding(
                "position-unreadable", "warning", f"{have} {thing}, so no position.", *tallied(rows[read.bad])
            )
        )
    if read.half.any():
        have = counted(int(read.half.sum()), "row has", "rows have")
        message = f"{have} only one of “{names[0]}” and “{names[1]}”, so no position."
        found.append(Finding("position-half", "warning", message, *tallied(rows[read.half])))
    return found
