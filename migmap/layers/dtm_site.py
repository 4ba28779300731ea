"""DTM sites: places of displaced people as IOM's Displacement Tracking Matrix counts them, by round."""

from __future__ import annotations

from typing import ClassVar

from migmap.api import Guess, LayerKind, Probe, Role, Style

from ._evidence import by_area, by_round, by_site, guessed, no_guess, of_displaced, people_column, starts_with
from ._look import points
from ._matching import has_column
from ._roles import (
    ADMIN,
    CHILDREN,
    CODE,
    COUNTRY,
    FEMALE,
    HOUSEHOLD_SIZE,
    HOUSEHOLDS,
    MALE,
    NAME,
    NAME_UR,
    OPERATION,
    ORIGIN,
    PCODE,
    PEOPLE,
    REASON,
    ROUND,
    SENSITIVITY,
    STATUS,
)


class DtmSite(LayerKind):
    name: ClassVar[str] = "dtm_site"
    title: ClassVar[str] = "DTM site"
    icon: ClassVar[str] = "mdi6.tent"
    roles: ClassVar[tuple[Role, ...]] = (
        NAME,
        NAME_UR,
        Role(
            "code",
            "Site id",
            ("site_id", "ssid", "site_code", "dtm_site_id", "site_ssid", "ssid_code", *CODE.aliases),
            CODE.hxl,
        ),
        OPERATION,
        ROUND,
        Role(
            "date",
            "Date",
            (
                "date",
                "reporting_date",
                "survey_date",
                "assessment_date",
                "date_of_assessment",
                "date_of_survey",
                "date_evaluation",
                "fecha",
                "_submission_time",
                "today",
            ),
            ("#date+reported", "#date", "#date+survey"),
        ),
        Role(
            "type",
            "Site type",
            ("site_type", "type", "site_classification", "type_of_site", "type_de_site", "settlement_type"),
            ("#loc+type",),
        ),
        STATUS,
        PCODE,
        *COUNTRY,
        *ADMIN,
        Role(
            "people",
            "Individuals",
            (
                "individuals",
                "num_present_idp_ind",
                "idp_individuals",
                "idps",
                "total_individuals",
                *PEOPLE.aliases,
            ),
            PEOPLE.hxl,
            unit="people",
            required=True,
        ),
        HOUSEHOLDS,
        HOUSEHOLD_SIZE,
        FEMALE,
        MALE,
        CHILDREN,
        REASON,
        ORIGIN,
        Role(
            "arrived",
            "Arrived since",
            ("date_of_arrival", "arrival_date", "first_arrival", "idp_arrival_date", "date_arrivee"),
            ("#date+arrival",),
        ),
        Role(
            "agency",
            "Site management",
            ("site_management", "managing_agency", "sma", "camp_manager_agency", "gestionnaire"),
            ("#org+manager",),
        ),
        Role(
            "needs",
            "First need",
            (
                "first_priority_need",
                "priority_need",
                "main_need",
                "most_needed",
                "needs",
                "besoin_prioritaire",
            ),
            ("#need", "#inneed+type"),
        ),
        Role(
            "shelter",
            "Shelter",
            ("shelter_type", "most_common_shelter", "main_shelter", "type_abri"),
            ("#shelter", "#shelter+type"),
        ),
        Role(
            "water",
            "Water",
            ("water_source", "main_water_source", "source_of_water", "source_eau"),
            ("#water", "#wash+water"),
        ),
        SENSITIVITY,
    )

    def guess(self, probe: Probe) -> Guess:
        if probe.geometry not in ("point", "polygon", "mixed", "none"):
            return no_guess(self)
        displaced = of_displaced(probe)
        counts = bool(displaced) or people_column(probe) is not None or has_column(probe, "individuals")
        rounds, sites = by_round(probe), by_site(probe)
        named = starts_with(probe, "dtm")
        score, reason = 0.0, ""
        if named and (counts or rounds):
            score, reason = 0.92, "the file's name and its counts by round"
        elif counts and rounds and (sites or probe.geometry != "none"):
            score, reason = 0.85, "counts of people at sites by round"
        elif counts and rounds:
            score, reason = 0.6, "counts of people by round"
        elif named:
            score, reason = 0.6, "the file's name"
        elif has_column(probe, "site_id", "ssid") and counts:
            score, reason = 0.55, "site ids and counts of people"
        elif displaced and sites and probe.geometry == "point":
            score, reason = 0.55, displaced
        if not score:
            return no_guess(self)
        if not sites and probe.geometry != "point" and by_area(probe):
            # Rows of districts and provinces are no sites.
            score *= 0.6
        return guessed(self, probe, score, reason, prefer=("idp",))

    def style(self) -> Style:
        return points("DTM site", "#cc79a7", "diamond", 11.0)
