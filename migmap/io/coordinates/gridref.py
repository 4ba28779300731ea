"""Positions in metres of the UTM grid: zones as people write them, and MGRS references."""

from __future__ import annotations

import re
from functools import lru_cache

import numpy as np
import pyproj

_BANDS = "CDEFGHJKLMNPQRSTUVWX"
_COLUMNS = ("ABCDEFGH", "JKLMNPQR", "STUVWXYZ")
_ROWS = "ABCDEFGHJKLMNPQRSTUV"
_LONLAT = 4326
_EPSG_CODE = re.compile(r"(?:EPSG\s*:?\s*)?(32[67]\d\d)", re.IGNORECASE)
_ZONE = re.compile(
    r"(?:wgs\s*-?(?:19)?84\s*[/,]?\s*)?(?:utm\s*)?(?:zone\s*)?(?P<zone>[1-9]|0[1-9]|[1-5]\d|60)\s*"
    r"(?:°?\s*(?P<letter>north|south|nord|sud|norte|sur|[C-HJ-NP-X]))?",
    re.IGNORECASE,
)
_MGRS = re.compile(
    r"(\d{1,2})\s*([C-HJ-NP-X])\s*([A-HJ-NP-Z])([A-HJ-NP-V])\s*(\d*)(?:\s+(\d+))?", re.IGNORECASE
)
# Zones where the south of South America reaches the latitudes that share northings with band S.
_PATAGONIA = (18, 19, 20, 21)


@lru_cache(maxsize=256)
def _transformer(from_code: int, to_code: int) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(from_code, to_code, always_xy=True)


def zone_of(text: str) -> tuple[int, str] | None:
    """(zone 1-60, letter or ""): "42N", "UTM zone 42 north", "42R", "EPSG:32642", "42". Letters stay as
    written: "S" may be the south or the band from 32 to 40 degrees north."""
    clean = text.strip()
    code = _EPSG_CODE.fullmatch(clean)
    if code:
        number = int(code[1])
        zone = number % 100
        return (zone, "N" if number < 32700 else "-") if 1 <= zone <= 60 else None
    match = _ZONE.fullmatch(re.sub(r"\.0$", "", clean))
    if match is None:
        return None
    letter = (match["letter"] or "").upper()
    # "-" is the south beyond doubt; the letter S alone is not.
    return int(match["zone"]), "-" if letter in ("SOUTH", "SUD", "SUR") else letter[:1]


def epsg_of(zone: int, letter: str, northing: float) -> int | None:
    """EPSG code of a zone with a hemisphere or a latitude band; None where the hemisphere is not said."""
    if letter == "":
        return None
    if letter == "S":
        north = 3_500_000 <= northing <= 4_450_000 and zone not in _PATAGONIA
    else:
        north = letter != "-" and letter >= "N"
    return (32600 if north else 32700) + zone


def lonlat_of(easting: np.ndarray, northing: np.ndarray, epsg: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(longitude, latitude) in degrees of WGS 84 for coordinates in the projected systems `epsg` (int, 0
    where unknown); NaN where they cannot be that."""
    lon = np.full(len(easting), np.nan)
    lat = np.full(len(easting), np.nan)
    finite = np.isfinite(easting) & np.isfinite(northing)
    for code in np.unique(epsg[finite]):
        if code == 0:
            continue
        at = np.flatnonzero(finite & (epsg == code))
        x, y = easting[at], northing[at]
        possible = utm_possible(x, y) if 32600 < code < 32800 else np.abs(y) < 2.1e7
        at = at[possible]
        lon[at], lat[at] = _transformer(int(code), _LONLAT).transform(x[possible], y[possible])
    off = ~(np.isfinite(lon) & np.isfinite(lat))
    lon[off] = lat[off] = np.nan
    return lon, lat


def utm_possible(easting: np.ndarray, northing: np.ndarray) -> np.ndarray:
    """Rows that can be metres of a UTM zone at all."""
    with np.errstate(invalid="ignore"):
        possible: np.ndarray = (
            (easting >= 10_000) & (easting <= 990_000) & (northing >= 0) & (northing <= 1e7)
        )
    return possible


def mgrs_of(text: str) -> tuple[float, float] | None:
    """(longitude, latitude) of the middle of the square that an MGRS reference names; None for any other
    text. Source: DMA TM 8358.1, "Datums, Ellipsoids, Grids, and Grid Reference Systems", chapter 3."""
    match = _MGRS.fullmatch(text.strip())
    if match is None:
        return None
    zone, band = int(match[1]), match[2].upper()
    digits = match[5] + (match[6] or "")
    if match[6] is not None and len(match[5]) != len(match[6]):
        return None
    if not 1 <= zone <= 60 or len(digits) % 2 or len(digits) > 10:
        return None
    column = _COLUMNS[(zone - 1) % 3].find(match[3].upper())
    if column < 0:
        return None
    half = len(digits) // 2
    size = 10.0 ** (5 - half)
    easting = (column + 1) * 100_000 + (int(digits[:half]) if half else 0) * size + size / 2
    row = (_ROWS.index(match[4].upper()) - (5 if zone % 2 == 0 else 0)) % 20
    northing = row * 100_000 + (int(digits[half:]) if half else 0) * size + size / 2
    epsg = (32600 if band >= "N" else 32700) + zone
    bottom = -80 + 8 * _BANDS.index(band)
    middle = zone * 6 - 183
    lowest = _transformer(_LONLAT, epsg).transform(middle, bottom)[1]
    # Row letters repeat every 2,000 km; off the middle of the zone a band begins a little further south.
    northing += max(0.0, np.ceil((lowest - 60_000 - northing) / 2_000_000)) * 2_000_000
    if band in "CDEFGHJKLM" and northing > 10_000_000:
        return None
    lon, lat = _transformer(epsg, _LONLAT).transform(easting, northing)
    top = bottom + (12 if band == "X" else 8)
    if not (np.isfinite(lon) and bottom - 1 <= lat <= top + 1):
        return None
    return float(lon), float(lat)
