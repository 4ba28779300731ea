"""Refugee villages: recognised settlements of Afghan refugees, as points or outlines."""

from __future__ import annotations

from typing import ClassVar

from migmap.api import Guess, LayerKind, Probe, Role, Style

from ._evidence import guessed, no_guess, share_like
from ._look import points
from ._matching import column_like, has_column, named_like, values_of, words_in_name
from ._roles import (
    ADMIN,
    DATE,
    FEMALE,
    GROUP,
    HOUSEHOLD_SIZE,
    HOUSEHOLDS,
    MALE,
    NAME,
    NAME_UR,
    PCODE,
    PEOPLE,
    SENSITIVITY,
    STATUS,
)


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
        HOUSEHOLD_SIZE,
        FEMALE,
        MALE,
        Role("por", "With Proof of Registration card", ("por", "por_individuals", "por_pop"), unit="people"),
        Role("acc", "With Afghan Citizen Card", ("acc", "acc_individuals", "acc_pop"), unit="people"),
        Role("und", "Undocumented", ("und", "undocumented", "und_individuals"), unit="people"),
        GROUP,
        Role(
            "opened",
            "Opened",
            (
                "opened",
                "established",
                "year_established",
                "since",
                "year_opened",
                "date_opened",
                "opening_year",
            ),
        ),
        STATUS,
        Role(
            "agency",
            "Managing agency",
            ("agency", "managing_agency", "managed_by", "car", "operator", "implementing_partner"),
            ("#org",),
        ),
        Role(
            "services",
            "Services present",
            ("services", "services_present", "services_available", "facilities", "basic_services"),
            ("#service",),
        ),
        DATE,
        SENSITIVITY,
    )

    def guess(self, probe: Probe) -> Guess:
        if probe.geometry not in ("point", "polygon", "mixed", "none"):
            return no_guess(self)
        names = values_of(probe, column_like(probe, *NAME.aliases, "village", "village_name"))
        kinds = values_of(probe, column_like(probe, "type", "settlement_type", "location_type", "category"))
        score, reason = 0.0, ""
        if words_in_name(probe) & {"refugeevillage", "refugeevillages"}:
            score, reason = 0.9, "the file's name"
        elif has_column(probe, "rv_code", "rv_name", "rv_id", "rv_no", "refugee_village"):
            score, reason = 0.85, "a column of refugee villages"
        elif share_like(names, r"refugee villages?\b|\brvs?\b|\brv[- ]?\d") >= 0.5:
            score, reason = 0.8, "names of refugee villages"
        elif share_like(kinds, r"refugee village") >= 0.5:
            score, reason = 0.75, "rows that say they are refugee villages"
        elif named_like(probe, "rvs") or "rv" in words_in_name(probe):
            score, reason = 0.6, "the file's name"
        if not score:
            return no_guess(self)
        return guessed(self, probe, score, reason)

    def style(self) -> Style:
        return points("Refugee village", "#d55e00", "triangle", 11.0)
