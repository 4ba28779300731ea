"""Flows: people who went from one area to another, by period, direction, cause and season."""

from __future__ import annotations

from typing import ClassVar

from migmap.api import Guess, LayerKind, Probe, Role, Rule, Style, Symbol

from ._evidence import guessed, no_guess, people_column, starts_with
from ._matching import column_like, is_number, squeezed
from ._roles import END_DATE, HOUSEHOLDS, PEOPLE, REASON, ROUND, SENSITIVITY

_FROM = (
    "from",
    "from_name",
    "origin",
    "origin_name",
    "origin_district",
    "origin_province",
    "district_of_origin",
    "province_of_origin",
    "place_of_origin",
    "from_district",
    "from_province",
    "origin_admin1",
    "origin_admin2",
    "origin_adm1",
    "origin_adm2",
    "origin_adm2_name",
    "origin_adm1_name",
    "departure_location",
    "place_of_departure",
    "provenance",
    "origine",
    "origen",
    "origem",
    "source_district",
)
_TO = (
    "to",
    "to_name",
    "destination",
    "destination_name",
    "dest",
    "destination_district",
    "destination_province",
    "district_of_destination",
    "province_of_destination",
    "place_of_destination",
    "to_district",
    "to_province",
    "destination_admin1",
    "destination_admin2",
    "destination_adm1",
    "destination_adm2",
    "destination_adm2_name",
    "destination_adm1_name",
    "intended_destination",
    "arrival_location",
    "destino",
    "target_district",
)
_FROM_CODE = (
    "from_pcode",
    "from_code",
    "origin_pcode",
    "origin_code",
    "origin_admin2_pcode",
    "origin_adm2_pcode",
    "origin_admin1_pcode",
    "origin_adm1_pcode",
    "pcode_origin",
)
_TO_CODE = (
    "to_pcode",
    "to_code",
    "destination_pcode",
    "destination_code",
    "dest_pcode",
    "destination_admin2_pcode",
    "destination_adm2_pcode",
    "destination_admin1_pcode",
    "destination_adm1_pcode",
    "pcode_destination",
)


class Flow(LayerKind):
    name: ClassVar[str] = "flow"
    title: ClassVar[str] = "Flow (origin to destination)"
    icon: ClassVar[str] = "mdi6.transit-connection-variant"
    roles: ClassVar[tuple[Role, ...]] = (
        Role(
            "from_name",
            "From",
            _FROM,
            ("#adm2+name+origin", "#adm1+name+origin", "#loc+origin"),
            required=True,
        ),
        Role("from_pcode", "P-code of the origin", _FROM_CODE, ("#adm2+code+origin", "#adm1+code+origin")),
        Role("to_name", "To", _TO, ("#adm2+name+dest", "#adm1+name+dest", "#loc+dest"), required=True),
        Role("to_pcode", "P-code of the destination", _TO_CODE, ("#adm2+code+dest", "#adm1+code+dest")),
        Role(
            "people",
            "People",
            ("migrants", "flow", "movements", "travellers", "number_of_migrants", "count", *PEOPLE.aliases),
            ("#affected+migrants", *PEOPLE.hxl),
            unit="people",
            required=True,
        ),
        HOUSEHOLDS,
        Role(
            "period",
            "Period",
            ("period", "month", "quarter", "week", "year", "reporting_period", "periode", "mois"),
            ("#date+period", "#date+year"),
        ),
        Role(
            "date",
            "Start",
            ("start_date", "start", "date", "from_date", "date_debut"),
            ("#date+start", "#date"),
        ),
        END_DATE,
        ROUND,
        Role(
            "direction",
            "Direction (rural to urban and so on)",
            ("direction", "direction_type", "flow_type", "migration_type", "movement_type", "stream"),
            ("#movement+type",),
        ),
        REASON,
        Role("season", "Season", ("season", "saison", "temporada", "seasonal"), ("#date+season",)),
        SENSITIVITY,
    )

    def guess(self, probe: Probe) -> Guess:
        if probe.geometry not in ("none", "line", "point", "mixed"):
            return no_guess(self)
        taken = {}
        words = {column.name for column in probe.columns if column.dtype == "text"}
        for role, aliases in (
            ("from_name", _FROM),
            ("to_name", _TO),
            ("from_pcode", _FROM_CODE),
            ("to_pcode", _TO_CODE),
        ):
            column = column_like(probe, *aliases)
            if column is not None and column in words:
                taken[role] = column
        tags = {name: tag.split("+") for name, tag in probe.hxl.items()}
        coming = any("origin" in parts for parts in tags.values())
        going = any("dest" in parts or "destination" in parts for parts in tags.values())
        paired = {"from_name", "to_name"} <= taken.keys() or {"from_pcode", "to_pcode"} <= taken.keys()
        if not paired and not (coming and going):
            return no_guess(self)
        counted = people_column(probe) is not None or any(
            is_number(c) and squeezed(c.name) in _COUNTS for c in probe.columns
        )
        score, reason = 0.55, "an origin and a destination in each row"
        if counted:
            score, reason = 0.88, "people from an origin to a destination"
        elif starts_with(probe, "flow", "od", "migration", "movement"):
            score, reason = 0.75, "an origin and a destination in each row, and the file's name"
        return guessed(self, probe, score, reason, taken, prefer=("migrant",))

    def style(self) -> Style:
        symbol = Symbol(fill="#0072b2", stroke="#0072b2", stroke_width=2.0, shape="triangle", size=9.0)
        return Style(rules=(Rule(label="Flow", symbol=symbol),), title="Flow")


_COUNTS = frozenset(["flow", "flows", "movements", "travellers", "numberofmigrants", "count", "migrants"])
