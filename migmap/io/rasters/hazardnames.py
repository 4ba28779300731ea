"""What the name of a hazard file says: which hazard, which quantity, how rare, when, in which future.

Agencies put into names what they leave out of headers: `FD_1in100`, `inunriver_rcp4p5_2030_rp00100`,
`flood_20220825`, `spei_ssp585_2050`, `depth_cm_Q100`, `1%AEP`. A name is a hint and never decides alone.
"""

from __future__ import annotations

import datetime
import re
from itertools import pairwise
from typing import NamedTuple


class HazardName(NamedTuple):
    """What a name says; None where it says nothing.

    hazard: flood, tsunami, storm-surge, glacial-lake-outburst, drought, heat, cold, rain, landslide,
        avalanche, earthquake, cyclone, wildfire, volcano.
    quantity: depth, extent, velocity, intensity, acceleration, wind-speed, precipitation, temperature, index,
        probability, susceptibility, class.
    unit: as one would write it ("m", "cm", "mm", "ft", "%", "degC", "m/s", "km/h", "mmi"). return_period:
        years. date: ISO, "2022", "2022-08", "2022-08-25" or a period "2022-08-25/2022-08-31". scenario:
        "ssp585", "rcp45", "historical", "design" ...
    """

    hazard: str | None = None
    quantity: str | None = None
    unit: str | None = None
    return_period: float | None = None
    date: str | None = None
    scenario: str | None = None


def hazard_of_name(text: str) -> HazardName:
    """What `text` (a file name without its folders, a layer, a band description) says.

    >>> hazard_of_name("Flood_depth_cm_1in100")
    HazardName(hazard='flood', quantity='depth', unit='cm', return_period=100.0, date=None, scenario=None)
    """
    words = _words(text)
    hazard = next((name for name, marks in _HAZARDS if _has(words, marks)), None)
    quantity = next((name for name, marks in _QUANTITIES if _has(words, marks)), None)
    if hazard is None and quantity in _IMPLIED:
        hazard = _IMPLIED[quantity]
    return HazardName(
        hazard, quantity, _unit(words, quantity), return_period(text), date_of(text), _scenario(text)
    )


_HAZARDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("tsunami", ("tsunami*",)),
    ("storm-surge", ("surge", "stormsurge", "inuncoast", "stormtide")),
    ("glacial-lake-outburst", ("glof*", "glaciallake*", "outburst")),
    (
        "flood",
        ("flood*", "inundation*", "inun*", "fluvial", "pluvial", "crue*", "inundacion*", "waterextent", "fd"),
    ),
    ("drought", ("drought*", "spi", "spei", "pdsi", "secheresse", "sequia")),
    ("landslide", ("landslide*", "debrisflow*", "rockfall*", "massmovement*", "glissement")),
    ("avalanche", ("avalanche*",)),
    ("earthquake", ("earthquake*", "quake*", "shakemap*", "shaking", "mmi", "pga", "pgv", "seismic*")),
    (
        "cyclone",
        (
            "cyclone*",
            "hurricane*",
            "typhoon*",
            "storm",
            "storms",
            "gust*",
            "windspeed",
            "windfield",
            "ibtracs",
        ),
    ),
    ("wildfire", ("wildfire*", "bushfire*", "burnt", "burned", "fire")),
    ("volcano", ("volcan*", "ashfall", "lahar*", "tephra", "krb")),
    ("heat", ("heat*", "hotdays", "wbgt", "utci", "tasmax", "tmax")),
    ("cold", ("cold*", "frost*", "tasmin", "tmin")),
    ("rain", ("rain*", "precip*", "prcp", "chirps", "imerg")),
)
_QUANTITIES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "depth",
        ("depth*", "hmax", "dmax", "waterdepth", "wd", "inundationdepth", "fd", "inunriver", "inuncoast"),
    ),
    ("velocity", ("velocity", "velocities", "vmax", "flowspeed")),
    ("intensity", ("mmi", "intensity", "shakemap*")),
    ("acceleration", ("pga", "psa", "acceleration")),
    ("wind-speed", ("windspeed", "gust*", "wind")),
    ("precipitation", ("rain*", "precip*", "prcp")),
    ("temperature", ("temp", "temperature*", "tas", "tasmax", "tasmin", "tmax", "tmin", "t2m", "lst")),
    ("index", ("spi", "spei", "pdsi", "ndvi", "ndwi", "index")),
    ("probability", ("probability", "prob", "likelihood", "frequency")),
    ("susceptibility", ("susceptibility", "suscept*")),
    ("extent", ("extent*", "mask", "footprint", "waterextent")),
    ("class", ("class", "classes", "category", "categories", "zone*", "risk*", "level*", "highrisk")),
)
_IMPLIED = {"intensity": "earthquake", "acceleration": "earthquake", "wind-speed": "cyclone"}
_UNITS = {
    "cm": "cm",
    "centimetre": "cm",
    "centimetres": "cm",
    "centimeter": "cm",
    "centimeters": "cm",
    "mm": "mm",
    "millimetres": "mm",
    "millimeters": "mm",
    "ft": "ft",
    "feet": "ft",
    "metre": "m",
    "metres": "m",
    "meter": "m",
    "meters": "m",
    "dm": "dm",
    "mmi": "mmi",
    "pct": "%",
    "percent": "%",
    "degc": "degC",
    "celsius": "degC",
    "kelvin": "K",
    "kmh": "km/h",
    "kph": "km/h",
}
_LENGTHS = ("depth", "precipitation")


def _words(text: str) -> list[str]:
    """Lower-case words: cut at anything that is no letter or digit, and inside "FloodDepth"."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", text)
    words = re.findall(r"[a-z0-9%]+", apart.lower())
    # "floodmap1" and "depth100" begin with the word all the same; "heat wave" may be one word or two.
    return words + [a + b for a, b in pairwise(words) if a.isalpha() and b.isalpha()]


def _has(words: list[str], marks: tuple[str, ...]) -> bool:
    for mark in marks:
        if mark.endswith("*"):
            if any(word.startswith(mark[:-1]) for word in words):
                return True
        elif any(word.rstrip("0123456789") == mark or word == mark for word in words):
            return True
    return False


def _unit(words: list[str], quantity: str | None) -> str | None:
    for word in words:
        if word in _UNITS:
            return _UNITS[word]
        if word.endswith("%") and quantity == "probability":
            return "%"
    # A lone "m" is too common a letter to mean metres away from what is measured.
    if quantity in _LENGTHS and "m" in words:
        before = words[words.index("m") - 1] if words.index("m") else ""
        return "m" if before.startswith(("depth", "hmax", "height", "level", "max", "in")) else None
    return None


# -- how rare -------------------------------------------------------------------------------------

_START, _END = r"(?<![a-z0-9])", r"(?![a-z0-9])"
_YEARS = r"(?:years?|yrs?|y|ans|anos|años|jahre)"
_RARE = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_START}1[-_ ]?in[-_ ]?0*(\d{{1,6}})(?!\d)",
        rf"(?<![a-z])(?:rp|return[-_ ]?period|retper|tr)[-_ :=]*0*(\d{{1,6}})(?:[-_ ]?{_YEARS})?{_END}",
        rf"(?<![\d.])0*(\d{{1,6}})[-_ ]?(?:{_YEARS}[-_ ]?)?(?:rp|return[-_ ]?period){_END}",
        rf"(?<![\d.])0*(\d{{1,6}})[-_ ]?(?:yrp){_END}",
        rf"(?<![\d.])0*(\d{{1,6}})[-_ ]?{_YEARS}(?![a-z0-9])(?![-_ ]*(?:mean|avg|average|trend|sum|old))",
    )
)
_USUAL = re.compile(rf"{_START}(?:t|q|hq|ari)[-_ ]?0*(\d{{1,5}}){_END}")
_USUAL_YEARS = frozenset(
    [5, 10, 20, 25, 30, 50, 75, 100, 150, 200, 250, 300, 475, 500, 975, 1000, 1500, 2475, 2500, 5000, 10000]
)
_AEP = (
    re.compile(r"aep[-_ ]*(\d+(?:[.p]\d+)?)[-_ ]*(%|pct|percent)?"),
    re.compile(r"(\d+(?:[.p]\d+)?)[-_ ]*(%|pct|percent)?[-_ ]*aep"),
)


def return_period(text: str) -> float | None:
    """Years between two events as large, from "1in100", "rp_100", "100yr", "T100", "Q100", "AEP 1%"."""
    text = text.lower()
    for pattern in _AEP:
        found = pattern.search(text)
        if found:
            share = float(found.group(1).replace("p", "."))
            if found.group(2) or share >= 1:
                return _sensible(100.0 / share) if share else None
            return _sensible(1.0 / share) if 0 < share < 0.1 else None
    for index, pattern in enumerate(_RARE):
        found = pattern.search(text)
        if found:
            years = int(found.group(1))
            # "2020 y" is a year of the calendar unless the words say return period.
            if years >= 1 and not (index == len(_RARE) - 1 and 1900 <= years <= 2150):
                return _sensible(float(years))
    for found in _USUAL.finditer(text):
        if int(found.group(1)) in _USUAL_YEARS:
            return float(found.group(1))
    return None


def _sensible(years: float) -> float | None:
    return float(f"{years:.4g}") if 1 <= years <= 1_000_000 else None


# -- when -----------------------------------------------------------------------------------------

_YEAR, _MONTH, _DAY = r"((?:19|20)\d\d)", r"(0[1-9]|1[0-2])", r"(0[1-9]|[12]\d|3[01])"
_DAYS = re.compile(rf"(?<!\d){_YEAR}([-_./]?){_MONTH}\2{_DAY}(?:T\d+Z?|\d{{4}}|\d{{6}})?(?!\d)")
_DAYS_FIRST = re.compile(rf"(?<!\d){_DAY}([-_./]?){_MONTH}\2{_YEAR}(?!\d)")
_MONTHS = re.compile(rf"(?<!\d){_YEAR}[-_.]?{_MONTH}(?!\d)(?![-_.]?\d\d(?!\d))")
_NAMES = (
    "jan(?:uary)?", "feb(?:ruary)?", "mar(?:ch)?", "apr(?:il)?", "may", "june?", "july?", "aug(?:ust)?",
    "sept?(?:ember)?", "oct(?:ober)?", "nov(?:ember)?", "dec(?:ember)?",
)  # fmt: skip
_NAMED = re.compile(
    rf"(?<![a-z])(?:(?<!\d)(\d{{1,2}})[-_ ]*)?({'|'.join(_NAMES)})[-_ ]*(?:(\d{{1,2}})[-_ ,]+)?{_YEAR}(?!\d)"
)
_YEARS_SPAN = re.compile(rf"(?<![\dp.]){_YEAR}[-_ ](?:to[-_ ])?{_YEAR}(?!\d)")
_ONLY_YEAR = re.compile(rf"(?<![\dp.]){_YEAR}(?!\d|[-_ ]?(?:yr|year))")


def date_of(text: str) -> str | None:
    """The date, month or year in a name, as ISO text; two dates are a period "first/last"."""
    days = [_day(m.group(1), m.group(3), m.group(4)) for m in _DAYS.finditer(text)]
    days = [day for day in days if day] or [
        day for m in _DAYS_FIRST.finditer(text) if (day := _day(m.group(4), m.group(3), m.group(1)))
    ]
    if days:
        first, last = days[0], days[-1]
        return f"{first}/{last}" if first is not None and last is not None and first < last else first
    named = _NAMED.search(text.lower())
    if named:
        month = next(i for i, name in enumerate(_NAMES, 1) if re.fullmatch(name, named.group(2)))
        day_text = named.group(1) or named.group(3)
        whole = _day(named.group(4), str(month), day_text) if day_text else None
        return whole or f"{named.group(4)}-{month:02d}"
    months = _MONTHS.search(text)
    if months:
        return f"{months.group(1)}-{months.group(2)}"
    span = _YEARS_SPAN.search(text)
    if span and span.group(1) < span.group(2):
        return f"{span.group(1)}/{span.group(2)}"
    years = _ONLY_YEAR.findall(text)
    return years[-1] if years else None


def _day(year: str, month: str, day: str) -> str | None:
    try:
        return datetime.date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return None


# -- in which future ------------------------------------------------------------------------------

_SSP = re.compile(rf"{_START}ssp[-_ ]?([1-5])(?:[-_ ]?([1-8])[._p]?([0-9]))?{_END}")
_RCP = re.compile(rf"{_START}rcp[-_ ]?([2-8])[-_.p ]?([0-9]){_END}")
_SCENARIOS = (
    "historical", "baseline", "current", "present", "future", "design", "optimistic", "pessimistic",
    "worstcase", "worst_case", "worst-case", "undefended", "defended",
)  # fmt: skip


def _scenario(text: str) -> str | None:
    lower = text.lower()
    found = _SSP.search(lower)
    if found:
        return "ssp" + "".join(part for part in found.groups() if part)
    found = _RCP.search(lower)
    if found:
        return "rcp" + found.group(1) + found.group(2)
    words = _words(text)
    return next((name for name in _SCENARIOS if name in words or name in lower.split(" ")), None)
