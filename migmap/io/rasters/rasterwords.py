"""What a raster holds, from what it says of itself: its unit, its name, the description of its band."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .hazardnames import hazard_of_name

_PEOPLE = re.compile(
    r"(?<![a-z])(?:pop|popul\w*|people|persons?|inhabitants?|worldpop|landscan|ghs[-_ ]?pop|hrsl|ppp|gpw\w*|"
    r"census|residents?|fatalit\w*|casualt\w*|deaths?|injur\w*)(?![a-z])"
)
_LENGTH_UNITS = {
    "m": "m", "metre": "m", "metres": "m", "meter": "m", "meters": "m", "cm": "cm", "centimetre": "cm",
    "centimetres": "cm", "centimeter": "cm", "centimeters": "cm", "mm": "mm", "millimetre": "mm",
    "millimetres": "mm", "millimeter": "mm", "millimeters": "mm", "ft": "ft", "feet": "ft", "foot": "ft",
    "us survey foot": "ft", "in": "in", "inch": "in", "inches": "in", "dm": "dm", "km": "km",
}  # fmt: skip
PER_METRE = {"m": 1.0, "dm": 10.0, "cm": 100.0, "mm": 1000.0, "ft": 1 / 0.3048, "in": 1 / 0.0254, "km": 0.001}
"""How many of a unit make a metre."""


@dataclass(frozen=True, slots=True)
class About:
    """What is known of a band's meaning.

    name: for findings. quantity: "people", a word of HazardName.quantity, or None. unit: as the file states
    it, "". named_unit: the unit its name says, or None. return_period, hazard: what
        its name says.
    is_picture: colours (red, green, blue or a palette), not a measurement.
    """

    name: str
    quantity: str | None
    unit: str
    named_unit: str | None = None
    return_period: float | None = None
    hazard: str | None = None
    is_picture: bool = False

    @property
    def known_unit(self) -> str | None:
        """The unit as this program spells it, where it is a length or per cent, else as it stands; None."""
        return spelled(self.unit) if self.unit else None


def about(
    name: str, file: str, description: str, unit: str, *, kind: str | None = None, is_picture: bool = False
) -> About:
    """What name (title), file name, band description and unit say. kind: what the user decided it is."""
    text = f"{file} {description}"
    said = hazard_of_name(text)
    people = _PEOPLE.search(re.sub(r"[_\W\d]+", " ", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)).lower())
    per_person = _PEOPLE.search(unit.lower())
    quantity = said.quantity
    if kind == "population" or (kind is None and (people or per_person)):
        quantity = "people"
    elif quantity is None and (kind == "hazard" or kind is None) and said.hazard in _WET:
        quantity = "depth" if said.return_period else None
    elif quantity is None and kind in ("hazard", None) and said.return_period and said.hazard is None:
        # "1in100" alone: what is published so are flood depths; said as a guess wherever it matters.
        quantity = "depth"
    return About(name, quantity, unit.strip(), said.unit, said.return_period, said.hazard, is_picture)


_WET = ("flood", "storm-surge", "tsunami", "glacial-lake-outburst")


def spelled(unit: str) -> str:
    """ "Metres" is "m", "percent" is "%"; others as they stand."""
    plain = unit.strip().strip("[]()").lower()
    if plain in ("%", "percent", "pct", "per cent"):
        return "%"
    return _LENGTH_UNITS.get(plain, unit.strip())


def looks_like_depth_in(quantile_50: float, quantile_99: float, whole_numbers: bool) -> str | None:
    """The unit flood depths of this size are likely in: half of wet cells and 99 of 100 lie below the
    two values. Depths on land are decimetres to a few metres; rivers and seas reach tens of metres."""
    if quantile_99 <= 0:
        return None
    if not whole_numbers:
        return "m" if quantile_99 <= 60 and quantile_50 <= 20 else None
    if quantile_99 <= 12:
        return None  # classes, or whole metres
    if quantile_50 <= 500 and quantile_99 <= 6_000:
        return "cm"
    return "mm" if quantile_50 <= 5_000 and quantile_99 <= 60_000 else None
