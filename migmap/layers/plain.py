"""Any layer that is none of the others: roads, rivers, blocks, notes."""

from __future__ import annotations

from typing import ClassVar

from migmap.api import Guess, LayerKind, Probe, Role, Style

from ._look import points
from ._matching import admin_roles, match_roles
from ._roles import ADMIN, CODE, DATE, HOUSEHOLDS, NAME, NAME_UR, PCODE, PEOPLE, SENSITIVITY, STATUS, TYPE


class Plain(LayerKind):
    name: ClassVar[str] = "plain"
    title: ClassVar[str] = "Other layer"
    icon: ClassVar[str] = "mdi6.layers-outline"
    roles: ClassVar[tuple[Role, ...]] = (
        NAME,
        NAME_UR,
        CODE,
        PCODE,
        *ADMIN,
        PEOPLE,
        HOUSEHOLDS,
        TYPE,
        STATUS,
        DATE,
        SENSITIVITY,
    )

    def guess(self, probe: Probe) -> Guess:
        if probe.geometry == "raster":
            return Guess(self.name, 0.05)
        return Guess(
            self.name, 0.05, match_roles(probe, self.roles, admin_roles(probe)), "nothing more is known"
        )

    def style(self) -> Style:
        return points("Feature", "#5f7896", "circle", 8.0)
