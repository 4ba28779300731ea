"""Which columns of a table are coordinates, and what they say of each row."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from migmap.api import Finding

from .numbers import is_blank
from .wording import counted

_LAT = frozenset({"latitude", "lat", "latdd", "ylat", "latitud", "gpslat", "gpslatitude"})
_LON = frozenset(
    {
        "longitude",
        "lon",
        "long",
        "lng",
        "longdd",
        "londd",
        "xlong",
        "xlon",
        "longitud",
        "gpslon",
        "gpslong",
        "gpslongitude",
    }
)
_Y = frozenset({"y", "ycoord", "ycoordinate", "pointy", "coordy", "coordinatey", "yd"})
_X = frozenset({"x", "xcoord", "xcoordinate", "pointx", "coordx", "coordinatex", "xd"})
LOOKED_FOR = (
    "columns such as “latitude” and “longitude”, “lat” and “lon”, or “x” and “y”, the HXL tags #geo+lat and "
    "#geo+lon, or a column of shapes as text (“POINT (67.0 30.2)”)"
)
"""What makes a table a map, for messages."""

_LAT_WORDS = frozenset(["latitude", "lat"])
_LON_WORDS = frozenset(["longitude", "lon", "long", "lng"])


_WKT = re.compile(r"\s*(?:MULTI)?(?:POINT|LINESTRING|POLYGON)\s*(?:Z|M|ZM)?\s*\(", re.IGNORECASE)


@dataclass(frozen=True, slots=True, eq=False)
class Positions:
    """geometry: object array, a point or None a row. located: coordinate columns were found.
    stated: the points are in the CRS the user stated, not longitude and latitude."""

    geometry: np.ndarray
    located: bool
    stated: bool = False
    word: str = "point"
    findings: tuple[Finding, ...] = ()


def find_positions(
    frame: pd.DataFrame, hxl: Mapping[str, str], rows: np.ndarray, stated_crs: str | None = None
) -> Positions:
    """Points from the best pair of coordinate columns.

    Longitude and latitude must lie in -180..180 and -90..90; a row that does not, or whose text is no
    number, has no position and is listed. Columns called x and y count as coordinates only when nearly
    all lie in range, or when the user stated a CRS for them.
    """
    nothing = np.full(len(frame), None, dtype=object)
    pairs = coordinate_columns([str(c) for c in frame.columns], hxl)
    findings: list[Finding] = []
    for lon_name, lat_name, plain_xy in pairs:
        lon, lon_bad = _numbers(frame[lon_name])
        lat, lat_bad = _numbers(frame[lat_name])
        present = np.isfinite(lon) & np.isfinite(lat)
        if not present.any() or (lon_bad | lat_bad).sum() > present.sum():
            continue
        in_range = (np.abs(lon) <= 180) & (np.abs(lat) <= 90)
        share = in_range[present].mean()
        stated = False
        if plain_xy and share < 0.9:
            if stated_crs is None:
                findings.append(_projected(lon_name, lat_name))
                continue
            stated, in_range = True, present
        elif share < 0.5:
            findings.append(_projected(lon_name, lat_name))
            continue
        geometry = nothing.copy()
        used = present & in_range
        geometry[used] = shapely.points(lon[used], lat[used])
        outside = present & ~in_range
        if outside.any():
            findings.append(
                _listed(
                    "position-out-of-range",
                    f"{counted(int(outside.sum()), 'row has', 'rows have')} a “{lon_name}” beyond 180 or a "
                    f"“{lat_name}” beyond 90 degrees, so no position.",
                    rows[outside],
                )
            )
        bad = lon_bad | lat_bad
        if bad.any():
            findings.append(
                _listed(
                    "position-unreadable",
                    f"{counted(int(bad.sum()), 'row has', 'rows have')} a “{lon_name}” or “{lat_name}” that "
                    "is no number, so no position.",
                    rows[bad],
                )
            )
        half = np.isfinite(lon) != np.isfinite(lat)
        half &= ~bad
        if half.any():
            findings.append(
                _listed(
                    "position-half",
                    f"{counted(int(half.sum()), 'row has', 'rows have')} only one of “{lon_name}” and "
                    f"“{lat_name}”, so no position.",
                    rows[half],
                )
            )
        others = [p for p in pairs if p[:2] != (lon_name, lat_name)]
        if others:
            named = ", ".join(f"“{a}” and “{b}”" for a, b, _ in others[:4])
            findings.append(
                Finding(
                    "several-positions",
                    "info",
                    f"Positions come from “{lon_name}” and “{lat_name}”, not from {named}.",
                )
            )
        return Positions(geometry, True, stated, findings=tuple(findings))
    return _from_text(frame, rows, stated_crs, findings) or Positions(
        nothing, False, findings=tuple(findings)
    )


def _from_text(
    frame: pd.DataFrame, rows: np.ndarray, stated_crs: str | None, findings: list[Finding]
) -> Positions | None:
    """Shapes written as well-known text in a column: "LINESTRING (41.8 9.5, 41.9 9.6)"."""
    for name in frame.columns:
        column = frame[name]
        if not isinstance(column.dtype, pd.StringDtype) or not _is_wkt(column):
            continue
        shapes = np.asarray(
            shapely.from_wkt(column.to_numpy(dtype=object, na_value=None), on_invalid="ignore")
        )
        bad = shapely.is_missing(shapes) & column.notna().to_numpy()
        west, south, east, north = shapely.total_bounds(shapes)
        lonlat = bool(-180 <= west <= east <= 180 and -90 <= south <= north <= 90)
        if not lonlat and stated_crs is None:
            findings.append(_projected(str(name), str(name)))
            return None
        if bad.any():
            rows_have = counted(int(bad.sum()), "row has", "rows have")
            message = f"{rows_have} a “{name}” that is no readable shape, so no position."
            findings.append(_listed("position-unreadable", message, rows[bad]))
        kinds = {d for d in np.unique(shapely.get_dimensions(shapes)).tolist() if d >= 0}
        word = ("point", "line", "polygon")[kinds.pop()] if len(kinds) == 1 else "mixed"
        return Positions(shapes, True, not lonlat, word, tuple(findings))
    return None


def _is_wkt(column: pd.Series) -> bool:
    head = column.dropna().head(20)
    return len(head) > 0 and sum(bool(_WKT.match(v)) for v in head) * 2 > len(head)


def coordinate_columns(names: list[str], hxl: Mapping[str, str]) -> list[tuple[str, str, bool]]:
    """(longitude, latitude, called only x and y) pairs, the most certain first."""
    pairs: list[tuple[str, str, bool]] = []

    def add(lons: list[str], lats: list[str], plain: bool) -> None:
        for lon, lat in zip(lons, lats, strict=False):
            if lon != lat and all(p[:2] != (lon, lat) for p in pairs):
                pairs.append((lon, lat, plain))

    add([n for n in names if _tagged(hxl, n, "lon")], [n for n in names if _tagged(hxl, n, "lat")], False)
    squeezed = {n: re.sub(r"[^a-z0-9]", "", n.lower()) for n in names}
    add([n for n in names if squeezed[n] in _LON], [n for n in names if squeezed[n] in _LAT], False)
    lats = {rest: n for n in reversed(names) if (rest := _rest(n, _LAT_WORDS)) is not None}
    for name in names:
        rest = _rest(name, _LON_WORDS)
        if rest is not None and rest in lats:
            add([name], [lats[rest]], False)
    add([n for n in names if squeezed[n] in _X], [n for n in names if squeezed[n] in _Y], True)
    return pairs


def _tagged(hxl: Mapping[str, str], name: str, attribute: str) -> bool:
    tag = hxl.get(name, "")
    return tag.startswith("#geo") and attribute in tag.split("+")[1:]


def _rest(name: str, words: frozenset[str]) -> tuple[str, ...] | None:
    """The other words of a name that holds one of `words`: ("lake",) for Lat_lake."""
    spaced = re.sub(r"([a-z])([A-Z])", r"\1 \2", name).lower()
    tokens = [t for t in re.split(r"[^a-z0-9]+", spaced) if t]
    hits = [t for t in tokens if t in words]
    if len(hits) != 1 or len(tokens) > 5:
        return None
    return tuple(t for t in tokens if t not in words)


def _numbers(column: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """(float64 with NaN, rows whose text is neither number nor blank)."""
    if pd.api.types.is_bool_dtype(column.dtype):
        return np.full(len(column), np.nan), np.ones(len(column), dtype=bool)
    values = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    bad = np.isnan(values) & column.notna().to_numpy()
    if bad.any():
        texts = column[bad].astype(str)
        # "33,6" is how half the world writes 33.6; in a coordinate it can mean nothing else.
        mended = pd.to_numeric(texts.str.replace(",", ".", regex=False), errors="coerce").to_numpy(np.float64)
        values = values.copy()
        values[bad] = mended
        blank = np.array([isinstance(v, str) and is_blank(v) for v in column], dtype=bool)
        bad = bad & np.isnan(values) & ~blank
    return values, bad


def _projected(lon: str, lat: str) -> Finding:
    return Finding(
        "coordinates-projected",
        "warning",
        f"“{lon}” and “{lat}” are no longitude and latitude, so they give no positions; state their CRS.",
    )


def _listed(code: str, message: str, rows: np.ndarray) -> Finding:
    return Finding(code, "warning", message, count=len(rows), rows=tuple(int(r) for r in rows[:1000]))
