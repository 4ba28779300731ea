"""Flow-monitoring points: people counted going in and out at a place, by date."""

from __future__ import annotations

from typing import ClassVar

from migmap.api import Guess, LayerKind, Probe, Role, Style

from ._evidence import flows, guessed, no_guess, starts_with
from ._look import points
from ._matching import has_column, words_in_name
from ._roles import ADMIN, CODE, COUNTRY, DATE, NAME, NAME_UR, PCODE, ROUND, SENSITIVITY, TYPE


class FlowPoint(LayerKind):
    name: ClassVar[str] = "flow_point"
    title: ClassVar[str] = "Flow-monitoring point"
    icon: ClassVar[str] = "mdi6.swap-horizontal-circle-outline"
    roles: ClassVar[tuple[Role, ...]] = (
        Role(
            "name",
            "Name",
            (
                "fmp_name",
                "fmp",
                "flow_monitoring_point",
                "point_name",
                "border_point",
                "crossing_point",
                "border_crossing",
                "point_d_entree",
                "poe_name",
                *NAME.aliases,
            ),
            NAME.hxl,
        ),
        NAME_UR,
        Role("code", "Code", ("fmp_id", "fmp_code", "point_id", "poe_code", *CODE.aliases), CODE.hxl),
        TYPE,
        PCODE,
        *COUNTRY,
        *ADMIN,
        Role(
            "arrivals",
            "People in",
            (
                "arrivals",
                "inflow",
                "inflows",
                "incoming",
                "entries",
                "entering",
                "in_flow",
                "total_in",
                "entrees",
                "llegadas",
                "entradas",
                "in",
            ),
            ("#affected+arrivals", "#affected+in"),
            unit="people over a period",
            required=True,
        ),
        Role(
            "departures",
            "People out",
            (
                "departures",
                "outflow",
                "outflows",
                "outgoing",
                "exits",
                "exiting",
                "out_flow",
                "total_out",
                "sorties",
                "salidas",
                "saidas",
                "out",
            ),
            ("#affected+departures", "#affected+out"),
            unit="people over a period",
        ),
        DATE,
        ROUND,
        Role("route", "Route", ("route", "corridor", "axis", "axe"), ("#route",)),
        Role(
            "mode",
            "Mode of travel",
            ("mode_of_transport", "transport", "vehicle_type", "mode"),
            ("#transport",),
        ),
        SENSITIVITY,
    )

    def guess(self, probe: Probe) -> Guess:
        if probe.geometry not in ("point", "none", "mixed"):
            return no_guess(self)
        coming, leaving = flows(probe)
        named = bool(words_in_name(probe) & {"fmp", "fmr", "fms"}) or starts_with(
            probe, "flowmonitoring", "bordercrossing", "pointofentry", "pointsofentry"
        )
        column = has_column(
            probe, "fmp", "fmp_name", "fmp_id", "flow_monitoring_point", "border_point", "poe_name"
        )
        score, reason = 0.0, ""
        if coming and leaving and (named or column):
            score, reason = 0.92, "people in and out at monitoring points"
        elif column and (coming or leaving):
            score, reason = 0.85, "people counted at monitoring points"
        elif coming and leaving:
            score, reason = 0.8, "people in and out in each row"
        elif column or named:
            score, reason = 0.65, "a column of monitoring points" if column else "the file's name"
        if not score:
            return no_guess(self)
        taken = {role: name for role, name in (("arrivals", coming), ("departures", leaving)) if name}
        return guessed(self, probe, score, reason, taken)

    def style(self) -> Style:
        return points("Flow-monitoring point", "#56b4e9", "triangle", 10.0, stroke="#1b4f72")
