"""Which columns of a table say where its rows are."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

from migmap.api import Problem

from ..values.numbers import is_text
from .onecell import Style, style_of

Kind = Literal["pair", "parts", "metres", "cell", "xy"]


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_LAT = _set(
    "latitude lat latdd ylat latitud gpslat gpslatitude latitudedd latitudey ylatitude latdec declat "
    "latdecimal decimallatitude latitudedecimal latwgs84"
)
_LON = _set(
    "longitude lon long lng longdd londd xlong xlon longitud gpslon gpslong gpslongitude gpslng longitudedd "
    "longitudex xlongitude londec longdec declon declong decimallongitude longitudedecimal lonwgs84 "
    "longwgs84"
)
# The terms in Arabic, Urdu and Persian.
_LAT_SCRIPTS = frozenset(["خط العرض", "دائرة العرض", "عرض البلد", "عرض بلد", "عرض جغرافیایی", "العرض"])
_LON_SCRIPTS = frozenset(["خط الطول", "طول البلد", "طول بلد", "طول جغرافیایی", "الطول"])
_Y = frozenset(
    {"y", "ycoord", "ycoordinate", "pointy", "coordy", "coordinatey", "yd", "ycentroid", "centroidy"}
)
_X = frozenset(
    {"x", "xcoord", "xcoordinate", "pointx", "coordx", "coordinatex", "xd", "xcentroid", "centroidx"}
)
_LAT_WORDS = frozenset(["latitude", "lat", "latitud"])
_LON_WORDS = frozenset(["longitude", "lon", "long", "lng", "longitud"])
_EAST = frozenset(
    ["easting", "eastings", "utme", "eutm", "utmx", "xutm", "utmeast", "eastutm", "utmeasting", "este"]
)
_NORTH = frozenset(
    ["northing", "northings", "utmn", "nutm", "utmy", "yutm", "utmnorth", "northutm", "utmnorthing", "norte"]
)
_ZONE = _set("zone utmzone zoneutm zona zonautm huso fuseau gridzone utmgridzone utmz gpszone")
_HALF = frozenset(["hemisphere", "utmhemisphere", "hemi", "ns"])
_CELL_WORDS = _set(
    "position positions coordinates coordinate coords coord gps latlon latlong latlng lonlat longlat lnglat "
    "geolocation geopoint gpspoint gpslocation wkt geom thegeom geometrytext geometry shape geo geojson "
    "location point latitudelongitude longitudelatitude mgrs utm gpscoordinates gpscoordinate coordonnees "
    "coordenadas ubicacion centroid wkb wkbgeometry geoshape geotrace"
)
_CELL_TOKENS = _set(
    "gps coordinates coordinate coords geolocation geopoint latlon latlong latlng lonlat mgrs wkt"
)
_PART = {
    "d": ("deg", "degree", "degrees", "d", "grados", "degres"),
    "m": ("min", "minute", "minutes", "m", "minutos"),
    "s": ("sec", "second", "seconds", "s", "segundos", "secondes"),
    "h": ("hem", "hemi", "hemisphere", "dir", "direction", "ns", "ew", "letter"),
}
_PART_OF = {word: part for part, words in _PART.items() for word in words}
_AXIS = {
    **dict.fromkeys(("latitude", "lat", "latitud", "north", "n"), "lat"),
    **dict.fromkeys(("longitude", "long", "lon", "lng", "longitud", "east", "e"), "lon"),
}
_PART_WORDS = "|".join(sorted(_PART_OF, key=len, reverse=True))
_PART_NAME = re.compile(
    rf"(?:gps)?(?:(?P<a>{'|'.join(sorted(_AXIS, key=len, reverse=True))})(?P<p>{_PART_WORDS})"
    rf"|(?P<p2>{_PART_WORDS})(?P<a2>latitude|longitude|longitud|latitud|lat|long|lon|lng))"
)
LOOKED_FOR = (
    "columns such as “latitude” and “longitude”, “lat” and “lon”, “easting”, “northing” and “zone”, or “x” "
    "and “y”, the HXL tags #geo+lat and #geo+lon, or both in one column (“30.2, 67.0”, “POINT (67.0 30.2)”)"
)
"""What makes a table a map, for messages."""


@dataclass(frozen=True, slots=True)
class Where:
    """One way to read positions. columns: longitude and latitude, easting and northing, or the one cell;
    for parts the degrees of both. rank: of its certainty, 0 the surest. more: other columns by their part:
    "lat m", "lon h", "zone", "half". zone: as the names of the columns say it. lon_first: in one cell."""

    kind: Kind
    columns: tuple[str, ...]
    rank: int
    more: Mapping[str, str] = field(default_factory=dict)
    zone: str = ""
    style: Style | None = None
    lon_first: bool = False

    @property
    def title(self) -> str:
        """ "“Lon_lake” and “Lat_lake”" """
        return " and ".join(f"“{name}”" for name in self.columns)


def ways(cells: pd.DataFrame, hxl: Mapping[str, str], roles: Mapping[str, str]) -> list[Where]:
    """Every way to read positions out of the columns, the surest first; only what the roles "latitude",
    "longitude" and "position" state, where they state any. Problem: a role's column is not there."""
    names = [str(name) for name in cells.columns]
    stated = _stated(cells, names, roles)
    if stated:
        return stated
    if any(roles.get(role) == "" for role in ("latitude", "longitude")) and roles.get("position") == "":
        return []
    found: list[Where] = []
    if not any(roles.get(role) == "" for role in ("latitude", "longitude")):
        found += pairs(names, hxl, cells)
    if roles.get("position") != "":
        taken = {name for where in found if where.kind != "xy" for name in where.columns}
        found += _cells(cells, [n for n in names if n not in taken], hxl)
    return sorted(found, key=lambda where: where.rank)


def _stated(cells: pd.DataFrame, names: Sequence[str], roles: Mapping[str, str]) -> list[Where]:
    chosen = {
        role: column for role in ("latitude", "longitude", "position") if (column := roles.get(role, ""))
    }
    for role, column in chosen.items():
        if column not in names:
            near = [n for n in names if n.strip().lower() == column.strip().lower()]
            if len(near) != 1:
                raise Problem(
                    f"There is no column “{column}” to read the {role} from.",
                    fix=f"The columns are {', '.join(names[:40])}.",
                )
            chosen[role] = near[0]
    if "position" in chosen:
        name = chosen["position"]
        style = style_of(_head(cells[name]), True) or "pair"
        return [Where("cell", (name,), 0, style=style, lon_first=_lon_first(name))]
    if len(chosen) == 1:
        role, column = next(iter(chosen.items()))
        other = "longitude" if role == "latitude" else "latitude"
        raise Problem(
            f"“{column}” was named for the {role}, and no column for the {other}.",
            fix=f"Name it too: --map {other}=COLUMN; where both stand in one cell, --map position=COLUMN.",
        )
    if chosen:
        columns = chosen["longitude"], chosen["latitude"]
        return [_with_zone(Where("pair", columns, 0), names, cells)]
    return []


def pairs(names: Sequence[str], hxl: Mapping[str, str], cells: pd.DataFrame | None = None) -> list[Where]:
    """Ways that take two columns or more, by their names and tags."""
    found: list[Where] = []
    seen: set[tuple[str, ...]] = set()

    def add(lons: Sequence[str], lats: Sequence[str], kind: Kind, rank: int) -> None:
        for columns in zip(lons, lats, strict=False):
            if columns[0] != columns[1] and columns not in seen:
                seen.add(columns)
                where = Where(kind, columns, rank)
                found.append(_with_zone(where, names, cells))

    add([n for n in names if _tagged(hxl, n, "lon")], [n for n in names if _tagged(hxl, n, "lat")], "pair", 1)
    squeezed = {n: re.sub(r"[^a-z0-9]", "", n.lower()) for n in names}
    plain = {n: " ".join(n.split()) for n in names}
    add(
        [n for n in names if squeezed[n] in _LON or plain[n] in _LON_SCRIPTS],
        [n for n in names if squeezed[n] in _LAT or plain[n] in _LAT_SCRIPTS],
        "pair",
        2,
    )
    parts = _parts(names, squeezed)
    found += parts
    used = {name for where in parts for name in (*where.columns, *where.more.values())}
    free = [n for n in names if n not in used]
    lats = {rest: n for n in reversed(free) if (rest := _rest(n, _LAT_WORDS)) is not None}
    for name in free:
        rest = _rest(name, _LON_WORDS)
        if rest is not None and rest in lats:
            add([name], [lats[rest]], "pair", 3)
    add(_metres(names, _EAST), _metres(names, _NORTH), "metres", 4)
    add([n for n in names if squeezed[n] in _X], [n for n in names if squeezed[n] in _Y], "xy", 7)
    return found


def _tagged(hxl: Mapping[str, str], name: str, attribute: str) -> bool:
    tag = hxl.get(name, "")
    return tag.startswith("#geo") and attribute in tag.split("+")[1:]


def _tokens(name: str) -> list[str]:
    spaced = re.sub(r"([a-z])([A-Z])", r"\1 \2", name).lower()
    return [t for t in re.split(r"[^a-z0-9]+", spaced) if t]


def _rest(name: str, words: frozenset[str]) -> tuple[str, ...] | None:
    """The other words of a name that holds one of `words`: ("lake",) for Lat_lake."""
    tokens = _tokens(name)
    hits = [t for t in tokens if t in words]
    if len(hits) != 1 or len(tokens) > 8:
        return None
    return tuple(t for t in tokens if t not in words)


def _parts(names: Sequence[str], squeezed: Mapping[str, str]) -> list[Where]:
    """Degrees, minutes, seconds and letter in columns of their own: lat_deg, lat_min, lat_sec, lat_dir."""
    by: dict[str, str] = {}
    for name in names:
        match = _PART_NAME.fullmatch(squeezed[name])
        if match:
            axis = _AXIS[match["a"] or match["a2"]]
            by.setdefault(f"{axis} {_PART_OF[match['p'] or match['p2']]}", name)
    if not {"lat d", "lat m", "lon d", "lon m"} <= by.keys():
        return []
    more = {part: name for part, name in by.items() if not part.endswith(" d")}
    return [Where("parts", (by["lon d"], by["lat d"]), 2, more)]


def _metres(names: Sequence[str], words: frozenset[str]) -> list[str]:
    """Columns called easting (or northing), with the zone in the name or not."""
    found = []
    for name in names:
        bare = re.sub(r"(?<=utm)[\s_-]*(?:zone)?[\s_-]*\d{1,2}[a-z]?(?![a-z])", "", name, flags=re.IGNORECASE)
        dull = r"\d{1,2}[a-z]?|zone|wgs|wgs84|84|m|metres|meters"
        tokens = [t for t in _tokens(bare) if not re.fullmatch(dull, t)]
        joined = "".join(tokens)
        if joined in words or words & set(tokens):
            found.append(name)
    return found


def _with_zone(where: Where, names: Sequence[str], cells: pd.DataFrame | None) -> Where:
    """The same with what the table says of the zone of metres: in columns, or in the names."""
    more: dict[str, str] = {}
    if cells is not None:
        for name in names:
            key = "".join(t for t in _tokens(name))
            if key in _ZONE and name not in where.columns:
                more.setdefault("zone", name)
            elif key in _HALF and name not in where.columns:
                more.setdefault("half", name)
    zone = ""
    for name in where.columns:
        match = re.search(
            r"(?:utm|zone|z)[\s_-]*(?:zone)?[\s_-]*([1-5]?\d|60)[\s_-]*([NS]|[C-X])?(?![A-Za-z0-9])"
            r"|(?<![0-9A-Za-z])([1-5]?\d|60)[\s_-]?([NS])(?![A-Za-z0-9])",
            name,
            re.IGNORECASE,
        )
        if match:
            zone = (match[1] or match[3]) + (match[2] or match[4] or "").upper()
    if not more and not zone:
        return where
    return Where(where.kind, where.columns, where.rank, more, zone, where.style, where.lon_first)


def _cells(cells: pd.DataFrame, names: Sequence[str], hxl: Mapping[str, str]) -> list[Where]:
    """Columns that hold a whole position in each cell, by their name, their tag and their first values."""
    found: list[Where] = []
    for name in names:
        column = cells[name]
        if not is_text(column):
            continue
        tag = hxl.get(name, "")
        tagged = tag.startswith("#geo") and bool(
            {"coord", "coords", "latlon", "point", "wkt", "geojson", "gps"} & set(tag.split("+")[1:])
        )
        tokens = _tokens(name)
        named = tagged or "".join(tokens) in _CELL_WORDS or bool(_CELL_TOKENS & set(tokens))
        named = named or bool(_LAT_WORDS & set(tokens) and _LON_WORDS & set(tokens))
        style = style_of(_head(column), named)
        if style is None:
            continue
        rank = 5 if named or style == "shape" else 6
        found.append(Where("cell", (name,), 1 if tagged else rank, style=style, lon_first=_lon_first(name)))
    return found


def _lon_first(name: str) -> bool:
    squeezed = re.sub(r"[^a-z]", "", name.lower())
    lat, lon = squeezed.find("lat"), re.search(r"lon|lng", squeezed)
    return squeezed == "xy" or (lon is not None and 0 <= lon.start() < lat)


def _head(column: pd.Series) -> list[object]:
    head = column.iloc[:2000].dropna().head(40)
    if not len(head):
        head = column.dropna().head(40)
    return list(head)
