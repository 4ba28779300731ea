"""Population rasters: people per cell, or people per area."""

from __future__ import annotations

from typing import ClassVar

from migmap.api import Guess, LayerKind, Probe, Role, Rule, Style, Symbol

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
        if probe.geometry != "raster":
            return Guess(self.name, 0.0)
        if named_like(probe, "population", "worldpop", "landscan", "ghspop", "popul") or words_in_name(
            probe
        ) & {
            "pop",
            "ppp",
            "hrsl",
            "gpw",
        }:
            return Guess(self.name, 0.9, {}, "the file's name")
        if "people" in (probe.unit or "").lower() or "person" in (probe.unit or "").lower():
            return Guess(self.name, 0.85, {}, "the unit of its cells")
        return Guess(self.name, 0.0)

    def style(self) -> Style:
        rules = [Rule(label="less than 1", maximum=1.0, symbol=_CLEAR)]
        rules += [
            Rule(label=label, minimum=low, maximum=high, symbol=Symbol(fill=fill, stroke="", shape="square"))
            for label, low, high, fill in _PEOPLE
        ]
        return Style(rules=tuple(rules), unknown=_CLEAR, unknown_label="no data", title="People (cell value)")
