"""Services: health units, schools, water points and the like, with sector and whether they work."""

from __future__ import annotations

from typing import ClassVar

from migmap.api import Guess, LayerKind, Probe, Role, Style

from ._evidence import guessed, is_list_of_fields, no_guess
from ._look import points
from ._matching import column_like, has_column, named_like, values_of, words_in_name, words_of
from ._roles import ADMIN, CODE, COUNTRY, DATE, NAME, NAME_UR, PCODE, SENSITIVITY, STATUS

_SECTORS = {
    "health": (
        "health",
        "hospital",
        "clinic",
        "medical",
        "bhu",
        "rhc",
        "pharmac",
        "dispensar",
        "doctor",
        "dentist",
        "sante",
        "salud",
        "saude",
        "centre de sante",
    ),
    "education": (
        "school",
        "education",
        "college",
        "madrassa",
        "madrasa",
        "learning",
        "kindergarten",
        "university",
        "ecole",
        "escuela",
        "escola",
    ),
    "WASH": (
        "water",
        "wash",
        "latrine",
        "borehole",
        "tank",
        "sanitation",
        "handpump",
        "tubewell",
        "toilet",
        "protected dug well",
        "forage",
        "standpipe",
        "pozo",
    ),
    "registration": ("registration", "nadra", "enregistrement"),
    "livelihood": ("livelihood", "vocational", "marketplace"),
    "protection": ("childfriendly", "womenfriendly", "safespace", "protection"),
}
"""Sector -> how words of files, types and OpenStreetMap's amenities begin."""


class Service(LayerKind):
    name: ClassVar[str] = "service"
    title: ClassVar[str] = "Service"
    icon: ClassVar[str] = "mdi6.hospital-building"
    roles: ClassVar[tuple[Role, ...]] = (
        NAME,
        NAME_UR,
        Role(
            "sector",
            "Sector",
            ("sector", "cluster", "sector_name", "health_typ", "healthcare", "amenity", "secteur", "setor"),
            ("#sector",),
        ),
        Role(
            "type",
            "Type",
            (
                "type",
                "facility_type",
                "service_type",
                "health_amenity_type",
                "education_level",
                "school_level",
                "water_point_type",
                "water_source_type",
                "source_type",
                "type_of_facility",
                "type_etablissement",
                "amenity",
            ),
            ("#loc+type", "#service"),
        ),
        Role(
            "code",
            "Code",
            (
                "facility_id",
                "facility_code",
                "emis_code",
                "school_id",
                "wpid",
                "water_point_id",
                "hf_code",
                "mfl_code",
                *CODE.aliases,
            ),
            CODE.hxl,
        ),
        Role(
            "status",
            "Functional",
            ("functional_status", "is_functional", "working", "wp_status", *STATUS.aliases),
            ("#status", "#loc+status"),
        ),
        Role(
            "capacity",
            "Capacity",
            (
                "capacity",
                "beds",
                "no_of_beds",
                "number_of_beds",
                "seats",
                "classrooms",
                "no_of_classrooms",
                "steel_capacity",
                "capacity_m3",
                "tank_capacity",
                "capacite",
                "lits",
            ),
            unit="capacity",
        ),
        Role(
            "hours",
            "Opening hours",
            ("opening_hours", "hours", "hours_en", "working_hours", "operating_hours", "horaires", "horario"),
        ),
        Role(
            "operator",
            "Operator",
            (
                "operator",
                "operated_by",
                "agency",
                "organisation",
                "organization",
                "managed_by",
                "ownership",
                "operateur",
            ),
            ("#org",),
        ),
        Role(
            "served",
            "People served",
            (
                "people_using",
                "people_served",
                "users",
                "catchment_population",
                "population_served",
                "students",
                "enrolment",
                "enrollment",
                "beneficiaries",
            ),
            ("#reached", "#capacity+users"),
            unit="people served",
        ),
        PCODE,
        *COUNTRY,
        *ADMIN,
        DATE,
        SENSITIVITY,
    )

    def guess(self, probe: Probe) -> Guess:
        if probe.geometry not in ("point", "polygon", "mixed", "none") or is_list_of_fields(probe):
            return no_guess(self)
        sector = _sector(probe)
        osm = has_column(probe, "amenity", "healthcare")
        score, reason = 0.0, ""
        if has_column(probe, "sector") and has_column(
            probe, "functional", "functional_status", "type", "facility_type", "capacity", "opening_hours"
        ):
            score, reason = 0.8, "a sector and a type in each row"
        elif sector and (
            osm
            or has_column(
                probe,
                "operator",
                "facility_type",
                "facility_name",
                "health_amenity_type",
                "beds",
                "functional_status",
                "functionality",
                "education_level",
                "school_name",
                "water_point_type",
            )
        ):
            score, reason = 0.8, f"{sector} facilities"
        elif osm and probe.geometry != "polygon":
            score, reason = 0.7, "amenities as OpenStreetMap names them"
        elif named_like(probe, "facilit", "services", "healthsite", "healthfacilit"):
            score, reason = 0.75, "the file's name"
        elif sector and probe.geometry != "polygon":
            score, reason = 0.6, f"{sector} in the file's name"
        elif probe.geometry != "polygon" and (sector := _sector_of_values(probe)):
            score, reason = 0.65, f"types of {sector} facilities in its rows"
        if not score:
            return no_guess(self)
        if probe.geometry == "none":
            own = column_like(probe, "facility_name", "school_name", "type", "facility_type", *NAME.aliases)
            if own is None:
                return no_guess(self)
            score *= 0.6
        return guessed(self, probe, score, reason)

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


def _sector_of_values(probe: Probe) -> str:
    """The sector that at least half of the types seen in the rows belong to; "" for none."""
    column = column_like(
        probe, "type", "facility_type", "amenity", "service_type", "water_point_type", "category"
    )
    values = values_of(probe, column)
    for sector, stems in _SECTORS.items():
        if values and sum(_is_of(value, stems) for value in values) * 2 >= len(values):
            return sector
    return ""


def _is_of(value: str, stems: tuple[str, ...]) -> bool:
    return any(value.startswith(stem) for stem in stems) or any(w.startswith(stems) for w in words_of(value))
