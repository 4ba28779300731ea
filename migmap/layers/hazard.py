"""Hazards: a raster of a quantity (flood depth, shaking, rain), or polygons of where it strikes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath
from typing import ClassVar

from migmap.api import Data, Guess, LayerKind, Probe, RasterData, Role, Rule, Style, Symbol

from ._evidence import no_guess
from ._look import areas
from ._matching import has_column, match_roles, named_like, words_in_name
from ._roles import ADMIN, COUNTRY, DATE, NAME

_STRONG = (
    "flood",
    "hazard",
    "inundation",
    "depth",
    "tsunami",
    "shakemap",
    "shake",
    "mmi",
    "drought",
    "landslide",
    "glof",
    "cyclone",
    "heatwave",
    "earthquake",
    "quake",
    "surge",
    "1in",
    "waterextent",
    "floodextent",
)
_WEAK = (
    "rp",
    "rainfall",
    "rain",
    "warning",
    "alert",
    "risk",
    "extent",
    "heat",
    "slope",
    "scenario",
    "hypothetical",
)
# The light end of the palette left out: it vanishes on a white page.
_DEPTHS = (
    ("0.1 to 0.5 m", 0.1, 0.5, "#9ecae1"),
    ("0.5 to 1.5 m", 0.5, 1.5, "#4292c6"),
    ("1.5 to 3 m", 1.5, 3.0, "#2171b5"),
    ("3 m and more", 3.0, None, "#084594"),
)
_VALUES = (
    ("1 to 5", 1.0, 5.0, "#9ecae1"),
    ("5 to 10", 5.0, 10.0, "#4292c6"),
    ("10 to 50", 10.0, 50.0, "#2171b5"),
    ("50 and more", 50.0, None, "#084594"),
)
"""For a quantity that nobody named: whatever it is, it is not called a depth in metres."""
_WATER = ("flood", "tsunami", "storm-surge", "glof")
_METRES = ("m", "metre", "meter", "metres", "meters")
_CENTIMETRES = ("cm", "centimetre", "centimeter", "centimetres", "centimeters")


class Hazard(LayerKind):
    name: ClassVar[str] = "hazard"
    title: ClassVar[str] = "Hazard"
    icon: ClassVar[str] = "mdi6.waves"
    roles: ClassVar[tuple[Role, ...]] = (
        Role(
            "class",
            "Class",
            (
                "hazard_class",
                "hazard",
                "class",
                "severity",
                "intensity",
                "floodprone",
                "alert_level",
                "water_clas",
                "water_class",
                "zone",
                "krb",
            ),
        ),
        Role(
            "value",
            "Value",
            (
                "depth",
                "value",
                "depth_m",
                "depth_cm",
                "mmi",
                "gridcode",
                "dn",
                "intensity_value",
                "paramvalue",
            ),
            unit="value",
        ),
        Role("hazard", "Hazard", ("hazard_type", "hazard_name", "type_of_hazard", "peril", "event_type")),
        Role("quantity", "Quantity", ("quantity", "parameter", "measure", "variable")),
        Role("unit", "Unit", ("unit", "units", "uom")),
        Role(
            "return_period",
            "Return period",
            ("return_period", "rp", "return_period_years", "rp_years", "tr", "periode_de_retour"),
            unit="years",
        ),
        Role("scenario", "Scenario", ("scenario", "ssp", "rcp", "climate_scenario")),
        Role("onset", "Sudden or slow onset", ("onset", "onset_type")),
        NAME,
        *COUNTRY,
        *ADMIN,
        Role(
            "date",
            "Date",
            ("event_date", "image_date", "acq_date", "sensor_dat", "sensor_date", *DATE.aliases),
            DATE.hxl,
        ),
    )

    def guess(self, probe: Probe) -> Guess:
        strong = named_like(probe, *_STRONG)
        weak = named_like(probe, *_WEAK)
        if probe.geometry == "raster":
            return self._of_raster(probe, strong, weak)
        if probe.geometry not in ("polygon", "mixed"):
            return no_guess(self)
        columns = has_column(
            probe,
            "hazard_class",
            "hazard_level",
            "hazard_score",
            "floodprone",
            "water_clas",
            "water_class",
            "alert_level",
            "krb",
            "flood_class",
            "susceptibility",
            "return_period",
        )
        score = 0.9 if strong and columns else 0.8 if strong else 0.75 if weak and columns else 0.0
        score = score or (0.6 if columns else 0.4 if weak else 0.0)
        if not score:
            return no_guess(self)
        reason = _facts(probe) if strong or weak else "a column of hazard classes"
        return Guess(self.name, score, match_roles(probe, self.roles), reason)

    def _of_raster(self, probe: Probe, strong: bool, weak: bool) -> Guess:
        if {"pop", "fat"} & words_in_name(probe) or named_like(
            probe, "population", "fatal", "agr", "dem", "landcover"
        ):
            return no_guess(self)
        if len(probe.columns) >= 3 and all(column.dtype == "uint8" for column in probe.columns):
            return no_guess(self)
        if strong:
            return Guess(self.name, 0.85, {}, _facts(probe))
        if weak:
            return Guess(self.name, 0.5, {}, _facts(probe))
        return Guess(self.name, 0.2, {}, "a raster of numbers, and its name does not say of what")

    def style(self) -> Style:
        return depth_style(1.0, "Flood depth (m)")

    def style_of(self, data: Data) -> Style:
        from migmap.geo.symbology import NO_DATA
        from migmap.io.rasters.hazardnames import hazard_of_name

        if not isinstance(data, RasterData):
            return areas("Hazard area", "#2171b5aa", "#08306b", 0.5)
        if data.dtype in ("uint8", "int8", "bool"):
            symbol = Symbol(fill="#2171b5cc", stroke="", shape="square")
            return Style(
                rules=(
                    Rule(label="none", value="0", symbol=_CLEAR),
                    Rule(label="hazard", minimum=1, symbol=symbol),
                ),
                unknown=NO_DATA,
                unknown_label="no data",
                title="Hazard",
            )
        unit = data.unit.strip().lower()
        told = hazard_of_name(PurePath(data.source.path.replace("\\", "/")).name)
        watery = told.hazard in _WATER or told.quantity == "depth" or told.return_period is not None
        if unit in _CENTIMETRES or unit in _METRES or (not unit and watery):
            return depth_style(100.0 if unit in _CENTIMETRES else 1.0, "Flood depth (m)")
        named = " ".join(word for word in (told.hazard, told.quantity) if word).capitalize()
        return value_style(f"{named or 'Value'} ({data.unit.strip() or 'unit not stated'})")


def _facts(probe: Probe) -> str:
    """What the file's name says: "flood depth in cm, once in 100 years, from the file's name"."""
    from migmap.io.rasters.hazardnames import hazard_of_name

    told = hazard_of_name(PurePath(probe.source.path.replace("\\", "/")).name)
    words = " ".join(word for word in (told.hazard, told.quantity) if word)
    unit = f" in {told.unit}" if told.unit and told.quantity else ""
    facts = [f"{words}{unit}"] if words else []
    if told.return_period:
        facts.append(f"once in {told.return_period:g} years")
    facts += [text for text in (told.date, told.scenario) if text]
    return ", ".join([*facts, "from the file's name"]) if facts else "the file's name"


_CLEAR = Symbol(fill="", stroke="", shape="square")


def depth_style(per_metre: float, title: str) -> Style:
    """Fixed depth classes in blues; `per_metre`: how many of the raster's units make a metre."""
    return _classes(
        Rule(label="less than 0.1 m", maximum=0.1 * per_metre, symbol=_CLEAR), _DEPTHS, per_metre, title
    )


def value_style(title: str) -> Style:
    """Classes in blues for values of any unit."""
    return _classes(Rule(label="less than 1", maximum=1.0, symbol=_CLEAR), _VALUES, 1.0, title)


def _classes(
    least: Rule, classes: Sequence[tuple[str, float, float | None, str]], factor: float, title: str
) -> Style:
    from migmap.geo.symbology import NO_DATA

    rules = [least]
    rules += [
        Rule(
            label=label,
            minimum=low * factor,
            maximum=None if high is None else high * factor,
            symbol=Symbol(fill=fill, stroke="", shape="square"),
        )
        for label, low, high, fill in classes
    ]
    return Style(rules=tuple(rules), unknown=NO_DATA, unknown_label="no data", title=title)
