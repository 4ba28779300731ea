"""DTM sites: places of displaced people as IOM's Displacement Tracking Matrix counts them, by round."""

from __future__ import annotations

from typing import ClassVar

from migmap.api import Guess, LayerKind, Probe, Role, Style

from ._look import points
from ._matching import admin_roles, has_column, match_roles, named_like
from ._roles import ADMIN, CODE, HOUSEHOLDS, NAME, NAME_UR, PCODE, PEOPLE, SENSITIVITY


class DtmSite(LayerKind):
    name: ClassVar[str] = "dtm_site"
    title: ClassVar[str] = "DTM site"
    icon: ClassVar[str] = "mdi6.tent"
    roles: ClassVar[tuple[Role, ...]] = (
        NAME,
        NAME_UR,
        Role("code", "Site id", ("site_id", "ssid", "site_code", "dtm_site_id", *CODE.aliases), CODE.hxl),
        Role("operation", "Operation", ("operation", "operation_name"), ("#event+name", "#operation+name")),
        Role(
            "round",
            "Round",
            ("round", "round_number", "reporting_round", "dtm_round"),
            ("#meta+round", "#round+code"),
        ),
        Role(
            "date",
            "Date",
            ("date", "reporting_date", "survey_date", "assessment_date"),
            ("#date", "#date+reported"),
        ),
        Role("type", "Site type", ("site_type", "type", "site_classification"), ("#loc+type",)),
        PCODE,
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
        ),
        HOUSEHOLDS,
        Role(
            "female",
            "Women and girls",
            ("female", "females", "number_females", "women"),
            ("#affected+f", "#affected+idps+f"),
            unit="people",
        ),
        Role(
            "male",
            "Men and boys",
            ("male", "males", "number_males", "men"),
            ("#affected+m", "#affected+idps+m"),
            unit="people",
        ),
        Role("children", "Children", ("children", "minors"), ("#affected+children",), unit="people"),
        Role("reason", "Reason", ("reason", "displacement_reason", "cause"), ("#cause", "#cause+type")),
        Role(
            "origin",
            "Origin",
            ("origin", "origin_district", "idp_origin_admin1_name"),
            ("#adm1+name+origin",),
        ),
        SENSITIVITY,
    )

    def guess(self, probe: Probe) -> Guess:
        if probe.geometry not in ("point", "polygon", "mixed", "none"):
            return Guess(self.name, 0.0)
        counts = has_column(probe, "individuals", "idps", "num_present_idp_ind", "idp_individuals") or any(
            tag.startswith(("#affected+idps", "#affected+ind", "#affected+hh")) for tag in probe.hxl.values()
        )
        rounds = has_column(probe, "round", "round_number", "dtm_round") or any(
            tag.startswith(("#meta+round", "#round")) for tag in probe.hxl.values()
        )
        score, reason = 0.0, ""
        if named_like(probe, "dtm") and (counts or rounds):
            score, reason = 0.92, "the file's name and its counts by round"
        elif counts and rounds:
            score, reason = 0.85, "counts of displaced people by round"
        elif named_like(probe, "dtm"):
            score, reason = 0.6, "the file's name"
        elif has_column(probe, "site_id", "ssid") and counts:
            score, reason = 0.55, "site ids and counts of people"
        if not score:
            return Guess(self.name, 0.0)
        return Guess(self.name, score, match_roles(probe, self.roles, admin_roles(probe)), reason)

    def style(self) -> Style:
        return points("DTM site", "#cc79a7", "diamond", 11.0)
