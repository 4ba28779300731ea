"""In which coordinate system numbers without one may be: offered in words, never used by itself."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyproj

from migmap.api import Finding

from .coordinates.countries import Country, country_of, expected, inside
from .crsnames import STATE_IT

_MERCATOR_END = 20_048_966.2
_HOME = "Pakistan"
"""Whose zones are named as an example where nothing says in which country the data lie."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A system that fits the numbers. code: "EPSG:32642". said: what it is and where the data would lie."""

    code: str
    said: str


def candidates(
    box: Sequence[float], called: str = "", frame: pd.DataFrame | None = None
) -> tuple[str, tuple[Candidate, ...]]:
    """(what numbers within `box` = west, south, east, north look like, the systems that fit, likely first).
    The countries that rows or file name say where they lie are what decides between zones."""
    west, south, east, north = (float(value) for value in box)
    if not all(map(math.isfinite, (west, south, east, north))):
        return "", ()
    if -180 <= west <= east <= 180 and -90 <= south <= north <= 90:
        return "Its numbers look like longitude and latitude.", (
            Candidate("EPSG:4326", "longitude and latitude"),
        )
    hopes = _hopes(called, frame)
    x, y = (west + east) / 2, (south + north) / 2
    mercator = _mercator(west, south, east, north)
    like_utm = west >= 100_000 and east <= 900_000 and max(-south, north) <= 10_000_000
    zones = [one for country in hopes for one in _zones(country, x, y)] if like_utm else []
    zones = list({one.code: one for one in zones}.values())
    if zones:
        return f"Its numbers look like metres of a UTM zone of {_named(hopes)}.", tuple(zones)
    if mercator and any(_within(country, *mercator) for country in hopes):
        return "Its numbers look like metres of Web Mercator.", (_as_mercator(mercator),)
    if like_utm:
        home = country_of(_HOME)
        examples = tuple(_zones(home, x, y)) if home is not None and not hopes else ()
        said = (
            "Its numbers look like metres of a UTM zone, and which one they do not tell: EPSG:32601 to "
            "EPSG:32660 north of the equator, EPSG:32701 to EPSG:32760 south of it"
        )
        said += f"; in {_HOME} it would be one of those named here." if examples else "."
        return said, (*examples, *((_as_mercator(mercator),) if mercator else ()))
    if mercator:
        return "Its numbers look like metres of Web Mercator.", (_as_mercator(mercator),)
    return "Its numbers fit none of the usual systems; ask who made the file.", ()


def guess_text(box: Sequence[float], called: str = "", frame: pd.DataFrame | None = None) -> tuple[str, str]:
    """(what the numbers look like, how to state it): "--crs EPSG:32642 (UTM zone 42 north, which puts them
    near 71.5 E 34.0 N)"; empty where nothing can be said."""
    look, found = candidates(box, called, frame)
    return look, " or ".join(f"--crs {one.code} ({one.said})" for one in found[:4])


def no_crs_finding(
    called: str, box: Sequence[float] | None = None, frame: pd.DataFrame | None = None
) -> Finding:
    """The finding `no-crs`, with what the numbers within `box` look like."""
    said = f"{called} has no coordinate reference system; {STATE_IT}."
    look, stated = guess_text(box, called, frame) if box is not None else ("", "")
    if look:
        said += f" {look}"
    if stated:
        said += f" Possible: {stated}; nothing was assumed."
    return Finding("no-crs", "warning", said)


def _hopes(called: str, frame: pd.DataFrame | None) -> list[Country]:
    found = expected(pd.DataFrame() if frame is None else frame, {}, called)
    named = list(found.countries[:5])
    return named or ([found.hint] if found.hint is not None else [])


def _named(hopes: list[Country]) -> str:
    return " or ".join(country.name for country in hopes[:3])


def _zones(country: Country, x: float, y: float) -> list[Candidate]:
    """The UTM zones of a country in which the spot lies in its box, the middle one first."""
    width = (country.east - country.west) % 360
    first = math.floor((country.west + 180) / 6)
    last = math.floor((country.west + width + 180) / 6)
    if last - first > 12:
        return []
    halves = [(326, "north")] if country.north > 0 else []
    halves += [(327, "south")] if country.south < 0 else []
    found = []
    for number in range(first, last + 1):
        zone = number % 60 + 1
        for base, half in halves:
            place = _lonlat(base * 100 + zone, x, y)
            if place is not None and _within(country, *place):
                said = f"UTM zone {zone} {half}, which puts them near {_spot(*place)}"
                found.append((abs(number - (first + last) / 2), Candidate(f"EPSG:{base}{zone:02d}", said)))
    return [one for _, one in sorted(found, key=lambda pair: pair[0])]


def _mercator(west: float, south: float, east: float, north: float) -> tuple[float, float] | None:
    if max(abs(west), abs(east), abs(south), abs(north)) > _MERCATOR_END:
        return None
    # A plan in metres or feet from a corner of its own is no map of the world.
    if max(abs(west), abs(east), abs(south), abs(north)) < 20_000:
        return None
    return _lonlat(3857, (west + east) / 2, (south + north) / 2)


def _as_mercator(place: tuple[float, float]) -> Candidate:
    return Candidate("EPSG:3857", f"Web Mercator, which puts them near {_spot(*place)}")


def _lonlat(epsg: int, x: float, y: float) -> tuple[float, float] | None:
    move = pyproj.Transformer.from_crs(epsg, 4326, always_xy=True)
    lon, lat = move.transform(x, y)
    return (float(lon), float(lat)) if math.isfinite(lon) and math.isfinite(lat) else None


def _within(country: Country, lon: float, lat: float) -> bool:
    return bool(inside(country, np.array([lon]), np.array([lat]), 0.5)[0])


def _spot(lon: float, lat: float) -> str:
    return f"{abs(lon):.1f} {'E' if lon >= 0 else 'W'} {abs(lat):.1f} {'N' if lat >= 0 else 'S'}"
