"""DTM by administrative area: displaced people and returnees per province or district, by round, with or
without outlines; as HDX and the DTM API publish it, and as displacement figures by P-code."""

from __future__ import annotations

from typing import ClassVar

from migmap.api import Guess, LayerKind, Probe, Role, Rule, Style, Symbol

from ._evidence import (
    by_area,
    by_round,
    by_site,
    guessed,
    no_guess,
    of_displaced,
    people_column,
    starts_with,
    value_of_people,
)
from ._matching import column_like, has_column
from ._roles import (
    ADMIN,
    CHILDREN,
    COUNTRY,
    DATE_OR_MONTH,
    END_DATE,
    FEMALE,
    GROUP,
    HOUSEHOLDS,
    INDICATOR,
    LEVEL,
    MALE,
    NAME,
    OPERATION,
    ORIGIN,
    PCODE,
    PEOPLE,
    REASON,
    ROUND,
    SENSITIVITY,
)


class DtmArea(LayerKind):
    name: ClassVar[str] = "dtm_area"
    title: ClassVar[str] = "DTM by admin area"
    icon: ClassVar[str] = "mdi6.map-outline"
    roles: ClassVar[tuple[Role, ...]] = (
        Role("name", "Name of the area", ("area_name", "admin_name", *NAME.aliases), ("#adm+name",)),
        OPERATION,
        ROUND,
        DATE_OR_MONTH,
        END_DATE,
        LEVEL,
        PCODE,
        *COUNTRY,
        *ADMIN,
        Role(
            "people",
            "Displaced people",
            (
                "num_present_idp_ind",
                "idps",
                "idp_individuals",
                "total_idps",
                "idp_ind",
                *PEOPLE.aliases,
                "value",
            ),
            PEOPLE.hxl,
            unit="people",
            required=True,
        ),
        HOUSEHOLDS,
        FEMALE,
        MALE,
        CHILDREN,
        GROUP,
        INDICATOR,
        REASON,
        ORIGIN,
        Role(
            "origin_pcode",
            "P-code of the origin",
            ("idp_origin_admin1_pcode", "origin_pcode", "origin_admin1_pcode", "origin_admin2_pcode"),
            ("#adm1+code+origin", "#adm2+code+origin"),
        ),
        Role(
            "assessment",
            "Type of assessment",
            ("assessment_type", "assessment", "type_evaluation"),
            ("#assessment+type",),
        ),
        Role("status", "Status of the operation", ("operation_status", "status"), ("#operation+status",)),
        SENSITIVITY,
    )

    def guess(self, probe: Probe) -> Guess:
        if probe.geometry not in ("polygon", "mixed", "none", "point"):
            return no_guess(self)
        displaced, area = of_displaced(probe), by_area(probe)
        country = has_column(probe, "admin0pcode", "admin0_name", "iso3", "location_code", "country")
        if not displaced or not (area or country):
            return no_guess(self)
        levels, rounds = column_like(probe, *LEVEL.aliases) is not None, by_round(probe)
        taken = value_of_people(probe) if people_column(probe) is None else {}
        counted = people_column(probe) is not None or taken or has_column(probe, "value")
        score, reason = 0.0, ""
        if counted and rounds and (levels or probe.geometry == "none"):
            score, reason = 0.88, f"{displaced} by area and round"
        elif counted and rounds:
            score, reason = 0.75, f"{displaced} by area and round"
        elif counted and area and (levels or starts_with(probe, "dtm", "idp")):
            score, reason = 0.75, f"{displaced} by area"
        elif counted and area:
            score, reason = 0.6, f"{displaced} by area"
        if not score:
            return no_guess(self)
        if by_site(probe) and not has_column(probe, "admin2_name", "admin2name", *LEVEL.aliases):
            score *= 0.6
        if probe.geometry == "point":
            # Points are areas only where the table says of which level they are.
            score *= 0.5 if levels else 0.0
        if not score:
            return no_guess(self)
        indicator = column_like(probe, *INDICATOR.aliases)
        value = column_like(probe, "value", "valeur", "valor")
        if people_column(probe) is None and not taken and indicator and value:
            taken = {"people": value, "indicator": indicator}
        return guessed(self, probe, score, reason, taken, prefer=("idp",))

    def style(self) -> Style:
        symbol = Symbol(fill="#cc79a755", stroke="#8f4b74", stroke_width=1.0, shape="square", size=10.0)
        return Style(rules=(Rule(label="Area counted by DTM", symbol=symbol),), title="DTM by admin area")
