"""Any layer that is none of the others: roads, rivers, blocks, notes."""

from __future__ import annotations

from typing import ClassVar

from migmap.api import Guess, LayerKind, Probe, Role, Style

from ._evidence import guessed, people_column, value_of_people
from ._look import points
from ._roles import (
    ADMIN,
    CODE,
    COUNTRY,
    DATE,
    GROUP,
    HOUSEHOLDS,
    INDICATOR,
    LEVEL,
    NAME,
    NAME_UR,
    PCODE,
    PEOPLE,
    SENSITIVITY,
    STATUS,
    TYPE,
)


class Plain(LayerKind):
    name: ClassVar[str] = "plain"
    title: ClassVar[str] = "Other layer"
    icon: ClassVar[str] = "mdi6.layers-outline"
    roles: ClassVar[tuple[Role, ...]] = (
        NAME,
        NAME_UR,
        CODE,
        LEVEL,
        PCODE,
        *COUNTRY,
        *ADMIN,
        PEOPLE,
        HOUSEHOLDS,
        TYPE,
        STATUS,
        DATE,
        INDICATOR,
        # Any table may have a "category".
        Role("category", GROUP.title, tuple(a for a in GROUP.aliases if a != "category"), GROUP.hxl),
        SENSITIVITY,
    )

    def guess(self, probe: Probe) -> Guess:
        if probe.geometry == "raster":
            return Guess(self.name, 0.05, {}, "nothing more is known")
        taken = value_of_people(probe) if people_column(probe) is None else {}
        reason = "people by area in a value column" if taken else "nothing more is known"
        return guessed(self, probe, 0.05, reason, taken)

    def style(self) -> Style:
        return points("Feature", "#5f7896", "circle", 8.0)
