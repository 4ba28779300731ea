"""Katchi abadis: informal settlements, as outlines or points, with their tenure and services."""

from __future__ import annotations

from typing import ClassVar

from migmap.api import Guess, LayerKind, Probe, Role, Rule, Style, Symbol

from ._matching import admin_roles, has_column, match_roles, named_like, words_in_name
from ._roles import ADMIN, DATE, HOUSEHOLDS, NAME, NAME_UR, PCODE, PEOPLE, SENSITIVITY, STATUS


class KatchiAbadi(LayerKind):
    name: ClassVar[str] = "katchi_abadi"
    title: ClassVar[str] = "Katchi abadi (informal settlement)"
    icon: ClassVar[str] = "mdi6.home-city-outline"
    roles: ClassVar[tuple[Role, ...]] = (
        Role(
            "name",
            "Name",
            (
                "ka_name",
                "katchi_abadi",
                "abadi_name",
                "name_of_katchi_abadi",
                "goth_name",
                "slum_name",
                *NAME.aliases,
            ),
            NAME.hxl,
        ),
        NAME_UR,
        Role("code", "Code", ("ka_code", "ka_id", "ka_no", "abadi_code", "slum_id", "code"), ("#loc+code",)),
        Role("city", "City", ("city", "town", "urban_area", "municipality")),
        Role(
            "tenure",
            "Tenure",
            ("tenure", "tenure_status", "legal_status", "regularised", "regularized", "notified"),
        ),
        Role("land_owner", "Land owner", ("land_owner", "land_ownership", "owner_of_land", "ownership")),
        PCODE,
        *ADMIN,
        PEOPLE,
        HOUSEHOLDS,
        Role("houses", "Houses", ("houses", "no_of_houses", "dwellings", "structures"), unit="houses"),
        Role("area", "Area", ("area_m2", "area_sqm", "area_acres", "area_ha", "area"), unit="area"),
        Role("water", "Water served", ("water", "water_supply", "piped_water")),
        Role("sewer", "Sewer served", ("sewer", "sewerage", "sanitation", "drainage")),
        Role("electricity", "Electricity served", ("electricity", "electrified", "power")),
        Role("first_seen", "First seen", ("first_seen", "established", "since", "year_established")),
        STATUS,
        DATE,
        SENSITIVITY,
    )

    def guess(self, probe: Probe) -> Guess:
        if probe.geometry not in ("point", "polygon", "mixed", "none"):
            return Guess(self.name, 0.0)
        score, reason = 0.0, ""
        if named_like(probe, "katchi", "kachi", "kacchi", "abadi") or "informalsettlements" in words_in_name(
            probe
        ):
            score, reason = 0.9, "the file's name"
        elif has_column(probe, "ka_code", "ka_name", "katchi_abadi", "abadi_name"):
            score, reason = 0.85, "a column of katchi abadis"
        elif named_like(probe, "slum", "informal", "squatter", "goths"):
            score, reason = 0.7, "the file's name"
        elif has_column(probe, "tenure", "tenure_status", "regularised") and has_column(
            probe, "households", "houses", "population"
        ):
            score, reason = 0.5, "tenure beside households"
        if not score:
            return Guess(self.name, 0.0)
        return Guess(self.name, score, match_roles(probe, self.roles, admin_roles(probe)), reason)

    def style(self) -> Style:
        symbol = Symbol(fill="#e69f00cc", stroke="#7a5200", stroke_width=1.0, shape="square", size=9.0)
        return Style(rules=(Rule(label="Katchi abadi", symbol=symbol),), title="Katchi abadi")
