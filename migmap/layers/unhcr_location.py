"""UNHCR locations: camps, settlements, villages and reception centres as UNHCR publishes them."""

from __future__ import annotations

from typing import ClassVar

from migmap.api import Guess, LayerKind, Probe, Role, Style

from ._look import points
from ._matching import admin_roles, has_column, match_roles, named_like
from ._roles import ADMIN, CODE, DATE, HOUSEHOLDS, NAME, NAME_UR, PCODE, PEOPLE, SENSITIVITY, STATUS, TYPE


class UnhcrLocation(LayerKind):
    name: ClassVar[str] = "unhcr_location"
    title: ClassVar[str] = "UNHCR location"
    icon: ClassVar[str] = "mdi6.map-marker-account-outline"
    roles: ClassVar[tuple[Role, ...]] = (
        NAME,
        NAME_UR,
        Role("code", "Location id", ("location_id", "location_code", "pcode_unhcr", *CODE.aliases), CODE.hxl),
        TYPE,
        PCODE,
        *ADMIN,
        PEOPLE,
        HOUSEHOLDS,
        STATUS,
        DATE,
        SENSITIVITY,
    )

    def guess(self, probe: Probe) -> Guess:
        if probe.geometry not in ("point", "polygon", "mixed", "none"):
            return Guess(self.name, 0.0)
        score, reason = 0.0, ""
        if named_like(probe, "unhcr"):
            score, reason = 0.8, "the file's name"
        elif has_column(probe, "location_name") and has_column(
            probe, "refugee_pop", "refugees", "poc", "location_type"
        ):
            score, reason = 0.6, "locations with people of concern"
        elif named_like(probe, "refugeecamp", "refugeesettlement"):
            score, reason = 0.5, "the file's name"
        if not score:
            return Guess(self.name, 0.0)
        return Guess(self.name, score, match_roles(probe, self.roles, admin_roles(probe)), reason)

    def style(self) -> Style:
        return points("UNHCR location", "#0072b2", "square", 10.0)
