"""UNHCR locations: camps, settlements, villages and reception centres as UNHCR publishes them."""

from __future__ import annotations

from typing import ClassVar

from migmap.api import Guess, LayerKind, Probe, Role, Style

from ._evidence import guessed, no_guess, people_column, share_like, starts_with
from ._look import points
from ._matching import column_like, has_column, values_of
from ._roles import (
    ADMIN,
    CHILDREN,
    CODE,
    COUNTRY,
    DATE,
    END_DATE,
    FEMALE,
    GROUP,
    HOUSEHOLDS,
    MALE,
    NAME,
    NAME_UR,
    ORIGIN,
    PCODE,
    PEOPLE,
    SENSITIVITY,
    STATUS,
)
from ._sources import source_of


class UnhcrLocation(LayerKind):
    name: ClassVar[str] = "unhcr_location"
    title: ClassVar[str] = "UNHCR location"
    icon: ClassVar[str] = "mdi6.map-marker-account-outline"
    roles: ClassVar[tuple[Role, ...]] = (
        NAME,
        NAME_UR,
        Role(
            "code",
            "Location id",
            (
                "location_id",
                "location_code",
                "pcode_unhcr",
                "geomaster_id",
                "gis_id",
                "ppl_code",
                *CODE.aliases,
            ),
            CODE.hxl,
        ),
        Role(
            "type",
            "Type",
            (
                "type",
                "site_type",
                "settlement_type",
                "location_type",
                "location_type_description",
                "accommodation_type",
                "accommodation",
                "loc_subtype",
                "camp_type",
            ),
            ("#loc+type",),
        ),
        PCODE,
        *COUNTRY,
        *ADMIN,
        PEOPLE,
        HOUSEHOLDS,
        FEMALE,
        MALE,
        CHILDREN,
        GROUP,
        ORIGIN,
        Role(
            "asylum",
            "Country of asylum",
            ("country_of_asylum", "coa", "coa_name", "asylum_country", "pays_d_asile"),
            ("#country+asylum",),
        ),
        STATUS,
        DATE,
        END_DATE,
        SENSITIVITY,
    )

    def guess(self, probe: Probe) -> Guess:
        if probe.geometry not in ("point", "polygon", "mixed", "none"):
            return no_guess(self)
        source = source_of(probe)
        types = values_of(probe, column_like(probe, "type", "location_type", "settlement_type", "site_type"))
        score, reason = 0.0, ""
        if source.startswith("UNHCR") and (people_column(probe) or has_column(probe, "refugee_pop")):
            score, reason = 0.88, "people of concern by place"
        elif starts_with(probe, "unhcr"):
            score, reason = 0.8, "the file's name"
        elif source.startswith(("UNHCR", "ProGres")):
            score, reason = 0.7, "columns of a UNHCR export"
        elif has_column(probe, "location_name", "camp_name", "settlement_name") and has_column(
            probe, "refugee_pop", "refugees", "poc", "location_type", "persons_of_concern", "asylum_seekers"
        ):
            score, reason = 0.65, "locations with people of concern"
        elif (
            share_like(types, r"refugee (camp|settlement|site)|reception cent|transit cent|camp r[ée]fugi")
            >= 0.5
        ):
            score, reason = 0.6, "types of places as UNHCR names them"
        elif starts_with(probe, "refugeecamp", "refugeesettlement", "refugeesite"):
            score, reason = 0.5, "the file's name"
        if not score:
            return no_guess(self)
        return guessed(self, probe, score, reason)

    def style(self) -> Style:
        return points("UNHCR location", "#0072b2", "square", 10.0)
