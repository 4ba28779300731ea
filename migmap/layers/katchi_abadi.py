"""Katchi abadis: informal settlements, as outlines or points, with their tenure and services."""

from __future__ import annotations

from typing import ClassVar

from migmap.api import Guess, LayerKind, Probe, Role, Rule, Style, Symbol

from ._evidence import guessed, no_guess, share_like
from ._matching import column_like, has_column, named_like, values_of, words_in_name
from ._roles import ADMIN, DATE, HOUSEHOLD_SIZE, HOUSEHOLDS, NAME, NAME_UR, PCODE, PEOPLE, SENSITIVITY, STATUS


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
            (
                "tenure",
                "tenure_status",
                "tenure_type",
                "land_tenure",
                "legal_status",
                "regularised",
                "regularized",
                "notified",
                "notification_status",
                "ka_status",
            ),
        ),
        Role(
            "land_owner",
            "Land owner",
            (
                "land_owner",
                "land_ownership",
                "owner_of_land",
                "ownership",
                "owning_agency",
                "land_owning_agency",
            ),
        ),
        PCODE,
        *ADMIN,
        PEOPLE,
        HOUSEHOLDS,
        HOUSEHOLD_SIZE,
        Role(
            "houses",
            "Houses",
            (
                "houses",
                "no_of_houses",
                "dwellings",
                "structures",
                "number_of_houses",
                "dwelling_units",
                "housing_units",
            ),
            unit="houses",
        ),
        Role(
            "area",
            "Area",
            ("area_m2", "area_sqm", "area_acres", "area_ha", "area_in_acres", "area_kanal", "area"),
            unit="area",
        ),
        Role(
            "water",
            "Water served",
            ("water", "water_supply", "piped_water", "water_served", "water_connection"),
        ),
        Role(
            "sewer",
            "Sewer served",
            ("sewer", "sewerage", "sanitation", "drainage", "sewer_served", "sewerage_connection"),
        ),
        Role(
            "electricity",
            "Electricity served",
            ("electricity", "electrified", "power", "electricity_served", "electric_supply"),
        ),
        Role(
            "first_seen",
            "First seen",
            ("first_seen", "established", "since", "year_established", "first_imagery", "settled_since"),
        ),
        STATUS,
        DATE,
        SENSITIVITY,
    )

    def guess(self, probe: Probe) -> Guess:
        if probe.geometry not in ("point", "polygon", "mixed", "none"):
            return no_guess(self)
        names = values_of(probe, column_like(probe, *NAME.aliases))
        score, reason = 0.0, ""
        if named_like(probe, "katchi", "kachi", "kacchi", "abadi") or "informalsettlements" in words_in_name(
            probe
        ):
            score, reason = 0.9, "the file's name"
        elif has_column(probe, "ka_code", "ka_name", "ka_id", "ka_no", "katchi_abadi", "abadi_name"):
            score, reason = 0.85, "a column of katchi abadis"
        elif share_like(names, r"\bk(a|e)t?chi\b|\babadi\b|\bbasti\b|\bgoth\b|کچی") >= 0.5:
            score, reason = 0.75, "names of katchi abadis"
        elif named_like(probe, "slum", "informal", "squatter", "goths", "bidonville"):
            score, reason = 0.7, "the file's name"
        elif has_column(probe, "tenure", "tenure_status", "regularised", "regularized") and has_column(
            probe, "households", "houses", "population", "no_of_houses"
        ):
            score, reason = 0.5, "tenure beside households"
        if not score:
            return no_guess(self)
        return guessed(self, probe, score, reason)

    def style(self) -> Style:
        symbol = Symbol(fill="#e69f00cc", stroke="#7a5200", stroke_width=1.0, shape="square", size=9.0)
        return Style(rules=(Rule(label="Katchi abadi", symbol=symbol),), title="Katchi abadi")
