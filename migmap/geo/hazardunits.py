"""Units of hazards, and the same edge in another unit."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class _Unit:
    """symbol: as printed. dimension: only units of one convert. In its base unit a value is
    value * factor + offset; both are exact by the definition of the unit."""

    symbol: str
    dimension: str
    factor: Fraction
    offset: Fraction = Fraction(0)


# Foot, inch and mile: international yard and pound, 1959. Knot: 1,852 m an hour. Standard gravity:
# 9.80665 m/s2 (CGPM 1901). Temperatures in kelvin: ITS-90.
_FIVE_NINTHS = Fraction(5, 9)
_TABLE: tuple[tuple[_Unit, str], ...] = (
    (_Unit("m", "length", Fraction(1)), "m metre metres meter meters"),
    (_Unit("dm", "length", Fraction(1, 10)), "dm"),
    (_Unit("cm", "length", Fraction(1, 100)), "cm centimetre centimetres centimeter centimeters"),
    (_Unit("mm", "length", Fraction(1, 1000)), "mm millimetre millimetres millimeter millimeters"),
    (_Unit("ft", "length", Fraction("0.3048")), "ft foot feet"),
    (_Unit("in", "length", Fraction("0.0254")), "in inch inches"),
    (
        _Unit("degC", "temperature", Fraction(1), Fraction("273.15")),
        "degc c °c celsius degreec degreesc degreecelsius degreescelsius centigrade",
    ),
    (
        _Unit("degF", "temperature", _FIVE_NINTHS, Fraction("459.67") * _FIVE_NINTHS),
        "degf f °f fahrenheit degreef degreesf degreefahrenheit degreesfahrenheit",
    ),
    (_Unit("K", "temperature", Fraction(1)), "k kelvin degk degreesk degreekelvin degreeskelvin"),
    (_Unit("g", "acceleration", Fraction("9.80665")), "g"),
    (_Unit("%g", "acceleration", Fraction("0.0980665")), "%g pctg percentg g% %ofg"),
    (_Unit("m/s2", "acceleration", Fraction(1)), "m/s2 ms-2 ms^-2 m/s^2 m/s² m/s/s"),
    (_Unit("cm/s2", "acceleration", Fraction(1, 100)), "cm/s2 cms-2 cms^-2 cm/s^2 cm/s² cm/s/s gal gals"),
    (_Unit("m/s", "speed", Fraction(1)), "m/s ms-1 ms^-1 mps metrespersecond meterspersecond"),
    (_Unit("km/h", "speed", Fraction(1000, 3600)), "km/h kmh kph kmh-1 km/hr kmhr-1 kmph"),
    (_Unit("kt", "speed", Fraction(1852, 3600)), "kt kts kn knot knots"),
    (_Unit("mph", "speed", Fraction("0.44704")), "mph mi/h mi/hr milesperhour"),
    (_Unit("%", "share", Fraction(1)), "% percent pct"),
    (_Unit("MMI", "MMI", Fraction(1)), "mmi"),
    (
        _Unit("", "no unit", Fraction(1)),
        "index 1 unitless dimensionless spi spei class z-score z-scores z-value z-values",
    ),
)
_UNITS = {word: unit for unit, words in _TABLE for word in words.split()}
_NOT_STATED = frozenset(["", "-", "unknown", "none", "n/a", "na", "notstated", "undefined"])
KNOWN_UNITS = tuple(unit.symbol or "index" for unit, _ in _TABLE)


def spelled_unit(text: str) -> str | None:
    """The unit as migmap prints it ("Metres" is "m", "°C" is "degC", "1" is "", which is no unit); None for
    one that is not known."""
    found = _UNITS.get(_bare(text))
    return None if found is None else found.symbol


def same_unit(unit: str, other: str) -> bool:
    """Whether two texts are one unit, known here or not."""
    one, two = _of(unit), _of(other)
    return one is two if one is not None or two is not None else _bare(unit) == _bare(other)


def says_no_unit(text: str) -> bool:
    """Whether the text is blank, or a word for "not stated"."""
    return _bare(text) in _NOT_STATED


def converts(unit: str, other: str) -> bool:
    """Whether values in one unit can be told in the other."""
    one, two = _of(unit), _of(other)
    if one is None or two is None:
        return same_unit(unit, other)
    return one.dimension == two.dimension


def converted(value: float, unit: str, other: str) -> float:
    """`value`, given in `unit`, in `other`: the double nearest to the exact result, so that 0.1 m is 10 cm.
    ValueError for units that do not convert."""
    if same_unit(unit, other):
        return float(value)
    one, two = _of(unit), _of(other)
    if one is None or two is None or one.dimension != two.dimension:
        raise ValueError(f"{unit} does not convert to {other}")
    # The decimal that was written, not the binary fraction next to it.
    base = Fraction(repr(float(value))) * one.factor + one.offset
    return float((base - two.offset) / two.factor)


def _of(text: str) -> _Unit | None:
    bare = _bare(text)
    return _UNITS["1"] if not bare else _UNITS.get(bare)


def _bare(text: str) -> str:
    plain = re.sub(r"[\[\]()\s_.]", "", text.strip().lower())
    return plain.replace("**", "^").replace("º", "°").replace("⁻¹", "-1").replace("⁻²", "-2")
