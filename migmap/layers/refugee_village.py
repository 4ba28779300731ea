"""Refugee villages: recognised settlements of Afghan refugees, as points or outlines."""

from __future__ import annotations

from typing import ClassVar

from migmap.api import Guess, LayerKind, Probe, Role, Style

from ._look import points
from ._matching import admin_roles, has_column, match_roles, named_like, words_in_name
from ._roles import ADMIN, DATE, HOUSEHOLDS, NAME, NAME_UR, PCODE, PEOPLE, SENSITIVITY, STATUS


class RefugeeVillage(LayerKind):
    name: ClassVar[str] = "refugee_village"
    title: ClassVar[str] = "Refugee village"
    icon: ClassVar[str] = "mdi6.home-group"
    roles: ClassVar[tuple[Role, ...]] = (
        Role(
            "name", "Name", ("rv_name", "refugee_village", "village", "village_name", *NAME.aliases), NAME.hxl
        ),
        NAME_UR,
        Role(
            "code", "Code", ("rv_code", "rv_id", "rv_no", "village_code", "code", "site_code"), ("#loc+code",)
        ),
        PCODE,
        *ADMIN,
        PEOPLE,
        HOUSEHOLDS,
        Role("category", "Category of people", ("category", "population_group", "refugee_status", "por")),
        Role("opened", "Opened", ("opened", "established", "year_established", "since", "year_opened")),
        STATUS,
        Role("agency", "Managing agency", ("agency", "managing_agency", "managed_by", "car", "operator")),
        DATE,
        SENSITIVITY,
    )

    def guess(self, probe: Probe) -> Guess:
        if probe.geometry not in ("point", "polygon", "mixed", "none"):
            return Guess(self.name, 0.0)
        score, reason = 0.0, ""
        if "refugeevillage" in words_in_name(probe) or "refugeevillages" in words_in_name(probe):
            score, reason = 0.9, "the file's name"
        elif has_column(probe, "rv_code", "rv_name", "rv_id", "refugee_village"):
            score, reason = 0.85, "a column of refugee villages"
        elif named_like(probe, "rvs") or "rv" in words_in_name(probe):
            score, reason = 0.6, "the file's name"
        if not score:
            return Guess(self.name, 0.0)
        return Guess(self.name, score, match_roles(probe, self.roles, admin_roles(probe)), reason)

    def style(self) -> Style:
        return points("Refugee village", "#d55e00", "triangle", 11.0)
