"""Services: health units, schools, water points and the like, with sector and whether they work."""

from __future__ import annotations

from typing import ClassVar

from migmap.api import Guess, LayerKind, Probe, Role, Style

from ._look import points
from ._matching import admin_roles, has_column, match_roles, named_like, words_in_name
from ._roles import ADMIN, CODE, DATE, NAME, NAME_UR, PCODE, SENSITIVITY, STATUS

_SECTORS = {
    "health": ("health", "hospital", "clinic", "medical", "bhu", "rhc", "pharmac", "dispensar"),
    "education": ("school", "education", "college", "madrassa", "learning"),
    "WASH": ("water", "wash", "latrine", "borehole", "tank", "sanitation", "handpump", "tubewell"),
    "registration": ("registration",),
    "livelihood": ("livelihood", "vocational"),
}


class Service(LayerKind):
    name: ClassVar[str] = "service"
    title: ClassVar[str] = "Service"
    icon: ClassVar[str] = "mdi6.hospital-building"
    roles: ClassVar[tuple[Role, ...]] = (
        NAME,
        NAME_UR,
        Role("sector", "Sector", ("sector", "cluster", "health_typ", "healthcare", "amenity"), ("#sector",)),
        Role(
            "type",
            "Type",
            ("type", "facility_type", "service_type", "health_amenity_type", "education_level", "amenity"),
            ("#loc+type", "#service"),
        ),
        Role(
            "code",
            "Code",
            ("facility_id", "facility_code", "emis_code", "school_id", *CODE.aliases),
            CODE.hxl,
        ),
        STATUS,
        Role(
            "capacity",
            "Capacity",
            ("capacity", "beds", "seats", "steel_capacity", "capacity_m3"),
            unit="capacity",
        ),
        Role("hours", "Opening hours", ("opening_hours", "hours", "hours_en", "working_hours")),
        Role(
            "operator",
            "Operator",
            ("operator", "operated_by", "agency", "organisation", "organization", "ownership"),
        ),
        PCODE,
        *ADMIN,
        DATE,
        SENSITIVITY,
    )

    def guess(self, probe: Probe) -> Guess:
        if probe.geometry not in ("point", "polygon", "mixed", "none"):
            return Guess(self.name, 0.0)
        sector = _sector(probe)
        osm = has_column(probe, "amenity", "healthcare")
        score, reason = 0.0, ""
        if has_column(probe, "sector") and has_column(
            probe, "functional", "functional_status", "type", "capacity"
        ):
            score, reason = 0.8, "a sector and a type in each row"
        elif sector and (
            osm or has_column(probe, "operator", "facility_type", "health_amenity_type", "beds")
        ):
            score, reason = 0.8, f"{sector} facilities"
        elif osm and probe.geometry != "polygon":
            score, reason = 0.7, "amenities as OpenStreetMap names them"
        elif named_like(probe, "facilit", "services", "healthsite", "healthfacilit"):
            score, reason = 0.75, "the file's name"
        elif sector and probe.geometry != "polygon":
            score, reason = 0.6, f"{sector} in the file's name"
        if not score:
            return Guess(self.name, 0.0)
        if probe.geometry == "none":
            score *= 0.6
        return Guess(self.name, score, match_roles(probe, self.roles, admin_roles(probe)), reason)

    def style(self) -> Style:
        return points("Service", "#009e73", "cross", 10.0, stroke="#00513b")


def _sector(probe: Probe) -> str:
    """The sector the file is about, from its name or its columns; "" when neither tells."""
    for sector, stems in _SECTORS.items():
        if named_like(probe, *stems) or any(
            s in w for w in words_in_name(probe) for s in stems if len(s) > 5
        ):
            return sector
    if has_column(probe, "healthcare", "health_amenity_type", "health_typ"):
        return "health"
    return "education" if has_column(probe, "education_level", "school_id", "emis_code") else ""
