"""Units as people write them: in a column's name ("area_ha", "depth [cm]") and in a cell ("12 km")."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unit:
    """symbol: as it is printed. dimension: what it measures; only units of one dimension convert.
    factor: this many of the dimension's base unit (m, m2, m3, s, kg, l/day, 1); offset is for temperatures:
    base = value * factor + offset."""

    symbol: str
    dimension: str
    factor: float
    offset: float = 0.0


# International yard and pound (1959), US survey units not used; the acre of 4,840 square yards; marla and
# kanal by the Punjab's standard of 1 marla = 272.25 square feet (20 marla a kanal, 8 kanal an acre).
_FOOT = 0.3048
_DAY = 86_400.0
_TABLE: tuple[tuple[Unit, str], ...] = (
    (Unit("mm", "length", 0.001), "mm millimetre millimetres millimeter millimeters"),
    (Unit("cm", "length", 0.01), "cm cms centimetre centimetres centimeter centimeters"),
    (Unit("m", "length", 1.0), "m mtr mtrs mts metre metres meter meters میٹر متر"),
    (Unit("km", "length", 1000.0), "km kms kilometre kilometres kilometer kilometers کلومیٹر کیلومتر"),
    (Unit("in", "length", 0.0254), "inch inches"),
    (Unit("ft", "length", _FOOT), "ft feet foot"),
    (Unit("yd", "length", 3 * _FOOT), "yd yds yard yards"),
    (Unit("mi", "length", 1609.344), "mi mile miles"),
    (Unit("nmi", "length", 1852.0), "nmi"),
    (Unit("m2", "area", 1.0), "m2 sqm m² sq.m square_metres square_meters sq_m sq_metres sq_meters"),
    (Unit("ft2", "area", _FOOT**2), "ft2 sqft ft² sq.ft square_feet sq_ft sq_feet"),
    (Unit("yd2", "area", 9 * _FOOT**2), "yd2 sqyd yd² square_yards sq_yd sq_yds sq_yards"),
    (Unit("marla", "area", 272.25 * _FOOT**2), "marla marlas مرلہ"),
    (Unit("kanal", "area", 5445.0 * _FOOT**2), "kanal kanals کنال"),
    (Unit("acre", "area", 43_560.0 * _FOOT**2), "acre acres ac ایکڑ"),
    (Unit("jerib", "area", 2000.0), "jerib jeribs jarib"),
    (Unit("ha", "area", 10_000.0), "ha hectare hectares"),
    (Unit("km2", "area", 1e6), "km2 sqkm km² sq.km square_kilometres square_kilometers sq_km"),
    (Unit("mi2", "area", 1609.344**2), "mi2 sqmi square_miles sq_mi sq_miles"),
    (Unit("l", "volume", 0.001), "l ltr ltrs lit litre litres liter liters لیٹر"),
    (Unit("m3", "volume", 1.0), "m3 m³ cubic_metres cubic_meters cbm"),
    (Unit("gal", "volume", 0.003785411784), "gal gallon gallons"),
    (Unit("s", "time", 1.0), "sec secs second seconds"),
    (Unit("min", "time", 60.0), "min mins minute minutes منٹ"),
    (Unit("h", "time", 3600.0), "hr hrs hour hours گھنٹے گھنٹہ"),
    (Unit("days", "time", _DAY), "day days دن"),
    (Unit("weeks", "time", 7 * _DAY), "week weeks"),
    (Unit("months", "time in months", 1.0), "month months"),
    (Unit("years", "time in months", 12.0), "yr yrs year years"),
    (Unit("g", "mass", 0.001), "gram grams gm"),
    (Unit("kg", "mass", 1.0), "kg kgs kilogram kilograms"),
    (Unit("t", "mass", 1000.0), "tonne tonnes mt"),
    (
        Unit("l/day", "flow", 1.0),
        "l/day l/d litres/day liters/day lpd litres_per_day liters_per_day l_per_day",
    ),
    (Unit("l/s", "flow", _DAY), "l/s lps litres/second liters/second litres_per_second liters_per_second"),
    (Unit("m3/day", "flow", 1000.0), "m3/day m3/d m³/day m3_per_day"),
    (Unit("m3/s", "flow", 1000.0 * _DAY), "m3/s m³/s cumecs m3_per_second"),
    (
        Unit("l/person/day", "water a person", 1.0),
        "l/p/d lpcd l/person/day litres/person/day liters/person/day l/pers/day lpppd",
    ),
    (Unit("km/h", "speed", 1 / 3.6), "km/h kmh kph kmph"),
    (Unit("m/s", "speed", 1.0), "m/s"),
    (Unit("mm/h", "rain", 1.0), "mm/h mm/hr"),
    (Unit("mm/day", "rain", 1 / 24), "mm/day mm/d"),
    (Unit("°C", "temperature", 1.0), "°c degc celsius"),
    (Unit("°F", "temperature", 5 / 9, -160 / 9), "°f degf fahrenheit"),
    (Unit("%", "share", 0.01), "% ٪ percent pct percentage per_cent فیصد"),
    (Unit("‰", "share", 0.001), "‰ per_mille permille"),
    (Unit("people/km2", "density", 1.0), "people/km2 persons/km2 inhab/km2 people_per_km2 ppl/km2"),
    (Unit("people/ha", "density", 100.0), "people/ha persons/ha people_per_ha"),
    (Unit("PKR", "rupees", 1.0), "pkr rs rs. rupees rupee روپے"),
    (Unit("USD", "dollars", 1.0), "usd us$ $ dollars"),
    (Unit("EUR", "euros", 1.0), "eur € euro euros"),
    (Unit("AFN", "afghani", 1.0), "afn afghani"),
    (Unit("JOD", "dinars", 1.0), "jod"),
    (Unit("households", "households", 1.0), "hh hhs household households families family گھرانے خاندان"),
    (
        Unit("people", "people", 1.0),
        "people persons person individuals individual inds pax ppl capita افراد نفر",
    ),
)
_WORDS = {word: unit for unit, words in _TABLE for word in words.split()}
_SYMBOLS = {unit.symbol: unit for unit, _ in _TABLE}
# In a name without brackets a single letter or a common word is too weak a sign: "h" may be "head".
_WEAK_WORDS = """m l s h g t d in ac min sec day days year years yr yrs month months week weeks mt gm gal rs
hh hhs household households family families people person persons individual individuals capita dollars share
mi yard yards foot feet second seconds minute minutes hour hours gram grams"""
_WEAK = frozenset(_WEAK_WORDS.split())
_BRACKETED = re.compile(r"^(.*?)[\s_]*[(\[]\s*(?:in\s+)?([^()\[\]]+?)\s*[)\]]\s*\.?$")


def unit_of_word(word: str) -> Unit | None:
    """The unit a word names, whatever its case; "square metres" counts as one word."""
    clean = re.sub(r"\s*/\s*", "/", word.strip().lower()).rstrip(".")
    if clean in _WORDS:
        return _WORDS[clean]
    return _WORDS.get(re.sub(r"[\s-]+", "_", clean.replace(" per ", "/"))) or _WORDS.get(
        re.sub(r"[\s-]+", "_", clean)
    )


def unit_of_name(name: str) -> tuple[str, str]:
    """(bare name, unit's symbol): ("distance", "mi") of "distance (miles)"; the unit is "" where the name
    states none: ("people", "")."""
    text = str(name).strip()
    bracketed = _BRACKETED.match(text)
    if bracketed and bracketed.group(1):
        unit = unit_of_word(bracketed.group(2))
        if unit is not None:
            return bracketed.group(1).strip(" _-:,"), unit.symbol
    whole = unit_of_word(text)
    if whole is not None:
        # "households" alone is what is counted; "litres/day" alone is a unit without a name.
        return (text, "") if text.lower() in _WEAK else ("", whole.symbol)
    if text.endswith("%"):
        return text[:-1].strip(" _-:,"), "%"
    parts = [p for p in re.split(r"(?<=[a-z])(?=[A-Z][a-z])|[\s_]+", text) if p]
    for taken in (3, 2, 1):
        if len(parts) <= taken:
            continue
        tail = " ".join(parts[-taken:]).lower()
        unit = unit_of_word(tail)
        if unit is None and taken == 2 and parts[-2].lower() == "in":
            unit = unit_of_word(parts[-1])
        elif unit is not None and tail in _WEAK and not _stands_apart(parts[-1], text):
            unit = None
        if unit is not None:
            cut = text.lower().rfind(parts[-taken].lower())
            return text[:cut].strip(" _-:,"), unit.symbol
    return text, ""


def _stands_apart(last: str, text: str) -> bool:
    """ "depth_m" and "distance_m" state a unit; "health_hh" and "number of people" do not."""
    return last.lower() in ("m", "ft", "feet", "mi") and bool(
        re.search(
            r"(depth|dist|distance|height|length|width|elev|elevation|alt|altitude|radius|level)",
            text.lower(),
        )
    )


def factor(old: str, new: str) -> float | None:
    """A value in unit `old` times this is the value in `new`; None where they do not measure the same, or
    where more than a factor lies between them (temperatures)."""
    first, second = _SYMBOLS.get(old) or unit_of_word(old), _SYMBOLS.get(new) or unit_of_word(new)
    if first is None or second is None or first.dimension != second.dimension:
        return None
    if first.offset != second.offset:
        return None
    return first.factor / second.factor


def converted(value: float, old: str, new: str) -> float | None:
    """The value in unit `new`; None where the two do not measure the same."""
    first, second = _SYMBOLS.get(old) or unit_of_word(old), _SYMBOLS.get(new) or unit_of_word(new)
    if first is None or second is None or first.dimension != second.dimension:
        return None
    return (value * first.factor + first.offset - second.offset) / second.factor
