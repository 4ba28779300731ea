"""A whole position in one cell: "30.1, 67.2", Kobo's "30.1 67.2 0 0", WKT, GeoJSON, WKB, UTM, MGRS."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
import pyarrow
import pyarrow.compute
import shapely

from ..values.numbers import is_blank
from .angles import angle_of, plainly
from .gridref import epsg_of, lonlat_of, mgrs_of, zone_of

Style = Literal["shape", "pair", "grid", "trace"]

_WKT = re.compile(
    r"\s*(?:SRID\s*=\s*(?P<srid>\d+)\s*;)?\s*(?:MULTI)?(?:POINT|LINESTRING|POLYGON|GEOMETRYCOLLECTION)"
    r"\s*(?:Z|M|ZM)?\s*(?:\(|EMPTY)",
    re.IGNORECASE,
)
_GEOJSON = re.compile(r"\s*\{.*[\"'](?:coordinates|geometry|geometries)[\"']\s*:", re.DOTALL)
_WKB = re.compile(r"\s*(?:\\x|0x)?0[01](?:[0-9A-F]{2}){20,}\s*", re.IGNORECASE)
_DECIMAL = r"[+-]?\d{1,3}\.\d{3,}"
# Both parts with a long fraction: the only pair of numbers that says by itself that it is a position.
_SURE_PAIR = re.compile(
    rf"[\s(\[]*{_DECIMAL}\s*(?:[,;|/]\s*|\s){_DECIMAL}(?:[\s,]+-?\d+(?:\.\d+)?){{0,2}}[\s)\]]*"
)
_FAST_PAIR = (
    r"^[\s(\[]*(?P<a>[+-]?\d+\.\d+)\s*[,;|/\s]\s*(?P<b>[+-]?\d+\.\d+)"
    r"(?:[\s,]+-?\d+(?:\.\d+)?){0,2}[\s)\]]*$"
)
_UTM_FIRST = re.compile(
    r"(?:UTM\s*)?(?:ZONE\s*)?(?P<zone>\d{1,2}\s*[C-HJ-NP-X])[\s,;:]+(?:E\s*[:=]?\s*)?(?P<e>\d{5,6}(?:\.\d+)?)\s*(?:M\s*)?E?"
    r"[\s,;/]+(?:N\s*[:=]?\s*)?(?P<n>\d{4,8}(?:\.\d+)?)\s*(?:M\s*)?N?",
    re.IGNORECASE,
)
_UTM_LAST = re.compile(
    r"(?:E\s*[:=]?\s*)?(?P<e>\d{5,6}(?:\.\d+)?)\s*(?:M\s*)?E?[\s,;/]+(?:N\s*[:=]?\s*)?(?P<n>\d{4,8}(?:\.\d+)?)"
    r"\s*(?:M\s*)?N?[\s,;(]+(?:UTM\s*)?(?:ZONE\s*)?(?P<zone>\d{1,2}\s*[C-HJ-NP-X])\)?",
    re.IGNORECASE,
)
_LAT_LABEL = re.compile(r"\b(?:lat(?:itude)?|latitud)\b\s*[:=]?", re.IGNORECASE)
_LON_LABEL = re.compile(r"\b(?:lon(?:gitude)?|long|lng|longitud)\b\s*[:=]?", re.IGNORECASE)
_LINK = re.compile(
    r"(?:^geo:|@|[?&](?:q|ll|query|center|daddr)=(?:loc:)?)(-?\d+(?:\.\d+)?)(?:,|%2C)\s*\+?(-?\d+(?:\.\d+)?)"
)
_MAX_TEXT = 400
_MAX_PAIR = 120
# What a pair of angles has that plain words and numbers have not.
_ANGLE_SIGNS = re.compile(r"[^\x00-\x7f]|\d\s*['\"]?\s*[NSEW]\b|\b[NSEW]\s*\d|\bdeg", re.IGNORECASE)
_EMPTY = re.compile(
    r"[\[(]?\s*(?:null|none|nan|na)?\s*[,;\s]\s*(?:null|none|nan|na)?\s*[\])]?|\[\]|\{\}|\(\)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """first, second: float64 as they stand in the cell. known: bool, rows where the text says which is
    which, and first is the latitude. shapes: object array of geometries where the cell holds one, else
    None. bad: neither a position nor blank. style: of most cells. srid: of the shapes, 0 where unsaid."""

    first: np.ndarray
    second: np.ndarray
    known: np.ndarray
    shapes: np.ndarray | None
    bad: np.ndarray
    style: Style
    srid: int = 0


def style_of(samples: Sequence[object], named: bool) -> Style | None:
    """What most of the first values of a column are. A pair of numbers counts in a column that is not
    `named` like a position only when both have a fraction, or hemisphere letters."""
    found: list[Style] = []
    texts = [s.strip() for s in dict.fromkeys(t for t in samples if isinstance(t, str)) if not _is_empty(s)]
    for text in texts:
        style = _style(text, named)
        if style is not None:
            found.append(style)
    if not found or len(found) * 2 <= len(texts):
        return None
    return max(sorted(set(found)), key=found.count)


def _is_empty(text: str) -> bool:
    """Nobody recorded a position: blank, "-", "[null, null]"."""
    return is_blank(text) or _EMPTY.fullmatch(text.strip()) is not None


def _style(text: str, named: bool) -> Style | None:
    if _WKT.match(text) or _WKB.fullmatch(text) or _GEOJSON.match(text):
        return "shape"
    if (len(text) > _MAX_TEXT and ";" not in text) or sum(map(str.isdigit, text[:100])) < 2:
        return None
    if _trace(text) is not None:
        return "trace"
    if mgrs_of(text) is not None and (named or sum(c.isdigit() for c in text) >= 8):
        return "grid"
    clean = plainly(text).upper() if len(text) <= _MAX_TEXT else ""
    if _UTM_FIRST.fullmatch(clean) or _UTM_LAST.fullmatch(clean):
        return "grid"
    if _SURE_PAIR.fullmatch(text) or _LINK.search(text):
        return "pair"
    if not named and not _ANGLE_SIGNS.search(text):
        return None
    pair = pair_of(text)
    return "pair" if pair is not None and (named or pair[2]) else None


def cells_of(column: pd.Series, style: Style) -> Cells:
    """Every cell of a column of that style; a cell of another style is read as what it is."""
    size = len(column)
    raw = column.to_numpy(dtype=object, na_value=None)
    first, second = np.full(size, np.nan), np.full(size, np.nan)
    known, bad = np.zeros(size, dtype=bool), np.zeros(size, dtype=bool)
    shapes: np.ndarray | None = None
    srid = 0
    left = np.flatnonzero(column.notna().to_numpy())
    if style == "shape":
        shapes, srid, odd = _shapes(column)
        left = np.flatnonzero(odd)
    elif style == "pair":
        a, b = _fast_pairs(column)
        fast = np.isfinite(a)
        first[fast], second[fast] = a[fast], b[fast]
        left = left[~fast[left]]
    if len(left):
        codes, texts = pd.factorize(raw[left])
        read = [_any(text) for text in texts]
        geometry = np.array([r if isinstance(r, shapely.Geometry) else None for r in read], dtype=object)
        pairs = np.array(
            [r if isinstance(r, tuple) else (np.nan, np.nan, False) for r in read], dtype=np.float64
        ).reshape(-1, 3)
        blank = np.array([isinstance(t, str) and _is_empty(t) for t in texts], dtype=bool)
        none = np.array([r is None for r in read], dtype=bool) & ~blank
        first[left], second[left] = pairs[codes, 0], pairs[codes, 1]
        known[left] = pairs[codes, 2] > 0
        bad[left] = none[codes]
        if any(g is not None for g in geometry):
            shapes = np.full(size, None, dtype=object) if shapes is None else shapes
            shapes[left] = geometry[codes]
    return Cells(first, second, known, shapes, bad, style, srid)


def _any(value: object) -> tuple[float, float, bool] | shapely.Geometry | None:
    """A pair (first, second, first is surely the latitude), a shape, or None."""
    if not isinstance(value, str):
        return None
    text = value.strip()
    if _WKT.match(text) or _WKB.fullmatch(text) or _GEOJSON.match(text):
        shape = _shapes(pd.Series([text], dtype="str"))[0][0]
        return shape if isinstance(shape, shapely.Geometry) else None
    trace = _trace(text)
    if trace is not None:
        return trace
    if len(text) > _MAX_TEXT:
        return None
    grid = _grid(text)
    if grid is not None:
        return grid[1], grid[0], True
    return pair_of(text)


def _grid(text: str) -> tuple[float, float] | None:
    """(longitude, latitude) of an MGRS reference or of UTM metres with their zone."""
    found = mgrs_of(text)
    if found is not None:
        return found
    clean = plainly(text).upper()
    match = _UTM_FIRST.fullmatch(clean) or _UTM_LAST.fullmatch(clean)
    zone = zone_of(match["zone"]) if match else None
    if match is None or zone is None:
        return None
    easting, northing = float(match["e"]), float(match["n"])
    epsg = epsg_of(*zone, northing)
    lon, lat = lonlat_of(np.array([easting]), np.array([northing]), np.array([epsg or 0]))
    return (float(lon[0]), float(lat[0])) if np.isfinite(lon[0]) else None


def _trace(text: str) -> shapely.Geometry | None:
    """An ODK trace or shape, "lat lon alt acc; lat lon alt acc; ...", as a line, closed as a polygon."""
    if ";" not in text:
        return None
    parts = [part.split() for part in text.strip().strip(";").split(";")]
    if len(parts) < 2 or any(not 2 <= len(part) <= 4 for part in parts):
        return None
    if any(len(part) < 4 and not ("." in part[0] and "." in part[1]) for part in parts):
        # "30 11; 67 00" is a position in degrees and minutes.
        return None
    try:
        points = [(float(part[1]), float(part[0])) for part in parts]
    except ValueError:
        return None
    if not np.isfinite(points).all():
        return None
    if len(points) >= 4 and points[0] == points[-1]:
        return shapely.Polygon(points)
    return shapely.LineString(points)


def _fast_pairs(column: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """The cells that are two plain numbers, with altitude and accuracy behind them or not."""
    texts = pyarrow.array(
        [v if isinstance(v, str) else None for v in column.to_numpy(dtype=object, na_value=None)],
        type=pyarrow.string(),
    )
    parts: Any = pyarrow.compute.extract_regex(texts, _FAST_PAIR)
    a, b = (
        pd.to_numeric(pd.Series(parts.field(i).to_numpy(zero_copy_only=False)), errors="coerce").to_numpy(
            dtype=np.float64, na_value=np.nan
        )
        for i in (0, 1)
    )
    # A struct that did not match has empty children whose content is not promised.
    missing = np.asarray(parts.is_null())
    return np.where(missing, np.nan, a), np.where(missing, np.nan, b)


def pair_of(text: str) -> tuple[float, float, bool] | None:
    """(first, second, first is surely the latitude) of a text with two angles, whatever parts them."""
    link = _LINK.search(text)
    if link:
        return float(link[1]), float(link[2]), True
    if len(text) > _MAX_PAIR:
        return None
    clean = plainly(text).strip("()[]{} \t\n")
    labelled = _labelled(clean)
    if labelled is not None:
        return labelled
    for parts in _splits(clean):
        angles = [angle_of(part) for part in parts]
        if any(angle is None for angle in angles):
            continue
        (a, first), (b, second) = (angle for angle in angles if angle is not None)
        if first and first == second:
            return None
        if first == 2 or second == 1:
            return b, a, True
        return a, b, bool(first or second)
    return None


def _labelled(text: str) -> tuple[float, float, bool] | None:
    """ "lat: 30.1 lon: 67.2", in either order."""
    lat, lon = _LAT_LABEL.search(text), _LON_LABEL.search(text)
    if lat is None or lon is None:
        return None
    if lat.start() < lon.start():
        texts = text[lat.end() : lon.start()], text[lon.end() :]
    else:
        texts = text[lat.end() :], text[lon.end() : lat.start()]
    angles = [angle_of(t.strip(" ,;/|\"'\n\t" if "°" not in t else " ,;/|\n\t")) for t in texts]
    if angles[0] is None or angles[1] is None or angles[0][1] == 2 or angles[1][1] == 1:
        return None
    return angles[0][0], angles[1][0], True


def _splits(text: str) -> list[tuple[str, str]]:
    """Ways to cut a text in two angles, the surest first."""
    found: list[tuple[str, str]] = []
    lettered = re.fullmatch(r"(.*?\d.*?[NSEW])[\s,;|/-]*(\D*\d.*[NSEW])", text, re.IGNORECASE)
    if lettered:
        found.append((lettered[1], lettered[2]))
    leading = re.fullmatch(r"([NSEW].*?\d.*?)[\s,;|/]*([NSEW].*\d.*)", text, re.IGNORECASE)
    if leading:
        found.append((leading[1], leading[2]))
    for mark in (";", "|", "/", "\n", "\t"):
        if text.count(mark) == 1:
            a, b = text.split(mark)
            found.append((a, b))
    if text.count(",") == 1 and not re.fullmatch(r"[+-]?\d+,\d+", text):
        a, b = text.split(",")
        found.append((a, b))
    if text.count(",") == 1 and re.fullmatch(r"[+-]?\d+,\s*[+-]?\d+", text):
        a, b = text.split(",")
        found.append((a, b))
    spaced = re.split(r",\s+", text)
    if len(spaced) == 2:
        found.append((spaced[0], spaced[1]))
    commas = text.split(",")
    if len(commas) == 4 and all(re.fullmatch(r"\s*[+-]?\d+\s*", part) for part in commas):
        found.append((",".join(commas[:2]), ",".join(commas[2:])))
    words = text.split()
    if len(words) in (2, 3, 4) and all(re.fullmatch(r"[+-]?\d+(?:[.,]\d+)?", w) for w in words):
        found.append((words[0], words[1]))
    degrees = re.fullmatch(r"([+-]?\d+(?:[.,]\d+)?\s*°.*?)[\s,;|/]+([+-]?\d+(?:[.,]\d+)?\s*°.*)", text)
    if degrees:
        found.append((degrees[1], degrees[2]))
    return found


def _shapes(column: pd.Series) -> tuple[np.ndarray, int, np.ndarray]:
    """(geometries, the SRID they state or 0, rows that are neither a shape nor blank)."""
    raw = np.array(
        [v.strip() if isinstance(v, str) else None for v in column.to_numpy(dtype=object, na_value=None)],
        dtype=object,
    )
    shapes = np.full(len(raw), None, dtype=object)
    there = np.array([v is not None and v != "" for v in raw], dtype=bool)
    start = np.array([v[:1].upper() if v else "" for v in raw], dtype=object)
    json_like = there & (start == "{")
    hexed = there & ((start == "0") | (start == "\\"))
    words = there & ~json_like & ~hexed
    srids: list[int] = []
    if words.any():
        texts = raw[words]
        tagged = [m for t in texts[:1000] if (m := _WKT.match(t)) and m["srid"]]
        if tagged or any(t[:4].upper() == "SRID" for t in texts):
            srids += [int(m["srid"]) for m in tagged]
            texts = np.array(
                [re.sub(r"^SRID\s*=\s*\d+\s*;\s*", "", t, flags=re.IGNORECASE) for t in texts], dtype=object
            )
        # A coordinate beyond all numbers (1E309) is infinite, which is no position.
        with np.errstate(over="ignore", invalid="ignore"):
            shapes[words] = shapely.from_wkt(texts, on_invalid="ignore")
    if json_like.any():
        shapes[json_like] = [_from_geojson(t) for t in raw[json_like]]
    if hexed.any():
        plain = np.array(
            [re.sub(r"^(?:\\x|0x)", "", t, flags=re.IGNORECASE) for t in raw[hexed]], dtype=object
        )
        plain = np.array(
            [t if re.fullmatch(r"(?:[0-9A-Fa-f]{2})+", t) else None for t in plain], dtype=object
        )
        read = np.atleast_1d(shapely.from_wkb(plain, on_invalid="ignore"))
        srids += [int(s) for s in np.unique(shapely.get_srid(read)) if s > 0]
        shapes[hexed] = shapely.set_srid(read, 0)
    odd = there & shapely.is_missing(shapes)
    srid = srids[0] if srids and len(set(srids)) == 1 else 0
    return shapes, srid, odd


def _from_geojson(text: str) -> shapely.Geometry | None:
    """The geometry of a GeoJSON object, also where it is a feature or is written as Python would."""
    try:
        value = json.loads(text)
    except ValueError:
        try:
            value = json.loads(text.replace("'", '"'))
        except ValueError:
            return None
    except RecursionError:
        return None
    if isinstance(value, dict) and value.get("type") == "Feature":
        value = value.get("geometry")
    if not isinstance(value, dict):
        return None
    try:
        shape = shapely.from_geojson(json.dumps(value), on_invalid="ignore")
    except (shapely.errors.ShapelyError, ValueError, TypeError):
        return None
    return shape if isinstance(shape, shapely.Geometry) else None
