"""Population rasters: people per cell, or people per area."""

from __future__ import annotations

from typing import ClassVar

from migmap.api import Guess, LayerKind, Probe, Role, Rule, Style, Symbol

from ._evidence import no_guess
from ._matching import named_like, words_in_name

# Purples, so that people are never taken for water.
_PEOPLE = (
    ("1 to 10", 1.0, 10.0, "#dadaeb"),
    ("10 to 100", 10.0, 100.0, "#bcbddc"),
    ("100 to 1,000", 100.0, 1000.0, "#807dba"),
    ("1,000 and more", 1000.0, None, "#3f007d"),
)
_CLEAR = Symbol(fill="", stroke="", shape="square")


class Population(LayerKind):
    name: ClassVar[str] = "population"
    title: ClassVar[str] = "Population raster"
    icon: ClassVar[str] = "mdi6.account-group-outline"
    roles: ClassVar[tuple[Role, ...]] = ()

    def guess(self, probe: Probe) -> Guess:
        if probe.geometry != "raster" or len(probe.columns) > 2:
            return no_guess(self)
        words, unit = words_in_name(probe), (probe.unit or "").lower()
        bands = " ".join(column.name.lower() for column in probe.columns)
        density = words & {"density", "dens", "pd", "densite"} or "/km" in unit or "km-2" in unit
        per = "people per area" if density else "people"
        if named_like(probe, "population", "worldpop", "landscan", "ghspop", "popul", "poblacion"):
            return Guess(self.name, 0.9, {}, f"{per}, from the file's name")
        if words & {"pop", "ppp", "hrsl", "gpw", "pph", "ghs"}:
            return Guess(self.name, 0.9, {}, f"{per}, from the file's name")
        if "people" in unit or "person" in unit or "inhabitant" in unit:
            return Guess(self.name, 0.85, {}, f"{per}, from the unit of its cells")
        if "population" in bands:
            return Guess(self.name, 0.8, {}, f"{per}, from the name of its band")
        return no_guess(self)

    def style(self) -> Style:
        rules = [Rule(label="less than 1", maximum=1.0, symbol=_CLEAR)]
        rules += [
            Rule(label=label, minimum=low, maximum=high, symbol=Symbol(fill=fill, stroke="", shape="square"))
            for label, low, high, fill in _PEOPLE
        ]
        return Style(rules=tuple(rules), unknown=_CLEAR, unknown_label="no data", title="People (cell value)")
