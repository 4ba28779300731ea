"""Activities: who does what where, as 3W and 4W sheets, RAHA project lists and ActivityInfo hold them."""

from __future__ import annotations

from typing import ClassVar

from migmap.api import Guess, LayerKind, Probe, Role, Style

from ._evidence import guessed, no_guess, starts_with
from ._look import points
from ._matching import column_like, has_column, is_number, tagged, words_in_name
from ._roles import ADMIN, COUNTRY, END_DATE, PCODE, SENSITIVITY

_ORGANISATION = (
    "organisation",
    "organization",
    "org",
    "org_name",
    "organisation_name",
    "organization_name",
    "lead_organisation",
    "lead_organization",
    "reporting_organisation",
    "reporting_organization",
    "appealing_organisation",
    "partner",
    "partner_name",
    "agency",
    "who",
    "organizacion",
    "organizacao",
    "organisme",
    "المنظمة",
    "منظمة",
    "ادارہ",
)
_SECTOR = (
    "sector",
    "sector_cluster",
    "cluster",
    "cluster_sector",
    "sectors",
    "secteur",
    "setor",
    "sector_name",
    "thematic_area",
    "القطاع",
    "شعبہ",
)
_WHAT = (
    "activity",
    "activities",
    "activity_name",
    "activity_type",
    "project",
    "project_title",
    "project_name",
    "intervention",
    "subsector",
    "sub_sector",
    "actividad",
    "activite",
    "projet",
    "proyecto",
    "النشاط",
    "what",
)


class Activity(LayerKind):
    name: ClassVar[str] = "activity"
    title: ClassVar[str] = "Activity (who does what where)"
    icon: ClassVar[str] = "mdi6.handshake-outline"
    roles: ClassVar[tuple[Role, ...]] = (
        Role("organisation", "Organisation", _ORGANISATION, ("#org+name", "#org"), required=True),
        Role(
            "implementing",
            "Implementing partner",
            ("implementing_partner", "implementing_organisation", "implementing_agency", "partenaire", "ip"),
            ("#org+impl", "#org+implementing"),
        ),
        Role(
            "donor",
            "Donor",
            ("donor", "donors", "funded_by", "bailleur", "donante"),
            ("#org+funder", "#org+donor"),
        ),
        Role("sector", "Sector", _SECTOR, ("#sector",)),
        Role("activity", "Activity", _WHAT, ("#activity+name", "#activity", "#subsector")),
        Role("code", "Code", ("project_id", "project_code", "activity_id", "code"), ("#activity+code",)),
        Role(
            "status",
            "Status",
            ("status", "activity_status", "project_status", "implementation_status", "statut", "estado"),
            ("#status", "#activity+status"),
        ),
        Role(
            "people_reached",
            "People reached",
            (
                "people_reached",
                "reached",
                "beneficiaries_reached",
                "individuals_reached",
                "beneficiaries",
                "total_beneficiaries",
                "no_of_beneficiaries",
                "persons_reached",
                "beneficiaires",
                "beneficiarios",
                "actual_beneficiaries",
                "number_affected",
            ),
            ("#reached", "#reached+ind", "#affected"),
            unit="people reached",
        ),
        Role(
            "people_targeted",
            "People targeted",
            ("people_targeted", "target", "targeted", "beneficiaries_targeted", "planned_beneficiaries"),
            ("#targeted", "#targeted+ind"),
            unit="people targeted",
        ),
        Role(
            "households_reached",
            "Households reached",
            ("households_reached", "hh_reached", "families_reached"),
            ("#reached+hh",),
            unit="households reached",
        ),
        Role(
            "date",
            "Start",
            (
                "start_date",
                "start",
                "date_start",
                "project_start_date",
                "from_date",
                "date_debut",
                "fecha_inicio",
                "date",
                "reporting_month",
                "month",
                "year",
            ),
            ("#date+start", "#date+reported", "#date"),
        ),
        END_DATE,
        Role(
            "name",
            "Place",
            ("location", "location_name", "site_name", "village", "place", "where"),
            ("#loc+name",),
        ),
        PCODE,
        *COUNTRY,
        *ADMIN,
        SENSITIVITY,
    )

    def guess(self, probe: Probe) -> Guess:
        if probe.geometry not in ("point", "polygon", "mixed", "none"):
            return no_guess(self)
        who = column_like(probe, *_ORGANISATION, "implementing_partner") is not None or tagged(probe, "#org")
        sector = column_like(probe, *_SECTOR) is not None or tagged(probe, "#sector")
        what = column_like(probe, *_WHAT) is not None or tagged(probe, "#activity", "#subsector")
        reached = tagged(probe, "#reached", "#targeted") or any(
            is_number(c)
            and any(w in c.name.lower() for w in ("reached", "beneficiar", "targeted", "beneficiair"))
            for c in probe.columns
        )
        dated = has_column(probe, *END_DATE.aliases, "start_date", "date_debut", "fecha_inicio")
        named = bool(words_in_name(probe) & {"3w", "4w", "5w", "w3", "w4"}) or starts_with(
            probe, "whodoeswhat", "activityinfo", "activities", "raha", "projects"
        )
        score, reason = 0.0, ""
        if who and sector and (what or reached or dated):
            score, reason = 0.88, "organisations, their sector and what they do"
        elif who and sector:
            score, reason = 0.75, "organisations and their sector"
        elif who and named:
            score, reason = 0.85, "the file's name and a column of organisations"
        elif who and (reached or (what and dated)):
            score, reason = 0.65, "organisations and whom they reach"
        elif who and (tagged(probe, "#affected", "#inneed") or what):
            score, reason = 0.5, "organisations by place"
        elif named:
            score, reason = 0.5, "the file's name"
        if not score:
            return no_guess(self)
        return guessed(self, probe, score, reason)

    def style(self) -> Style:
        return points("Activity", "#f0e442", "star", 12.0, stroke="#6b6200")
