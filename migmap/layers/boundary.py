"""Boundaries: administrative areas of one level, with P-codes and names."""

from __future__ import annotations

from typing import ClassVar

from migmap.api import Guess, LayerKind, Probe, Role, Rule, Style, Symbol

from ._evidence import no_guess
from ._matching import (
    admin_roles,
    column_like,
    match_roles,
    name_levels,
    named_like,
    other_columns,
    pcode_levels,
    squeezed,
    values_of,
)
from ._roles import ADMIN, CODE, COUNTRY, HOUSEHOLDS, LEVEL, NAME, NAME_UR, PCODE, PEOPLE
from ._sources import with_source

_NAMED = (
    "adm",
    "admin",
    "boundar",
    "district",
    "tehsil",
    "taluka",
    "province",
    "division",
    "unioncouncil",
    "governorate",
    "kabupaten",
    "kecamatan",
    "codab",
    "gadm",
    "country",
    "countries",
    "regions",
    "agencies",
    "woreda",
    "municipal",
    "departement",
    "commune",
    "kelurahan",
    "prefecture",
    "pcodes",
)


_FIGURES = ("sites_", "people_", "area_km2", "exposed_", "beyond_", "distance_m")


def _is_result(probe: Probe) -> bool:
    """True for the areas of a run as every vector format holds them: id, name, then figures."""
    columns = [column.name for column in probe.columns]
    return columns[:2] == ["id", "name"] and any(name.startswith(_FIGURES) for name in columns[2:])


def _only_word(column: str) -> bool:
    """True for a column called after a level ("state", "district"), not numbered ("ADM2_EN")."""
    return not any(digit in column for digit in "01234")


class Boundary(LayerKind):
    name: ClassVar[str] = "boundary"
    title: ClassVar[str] = "Boundary"
    icon: ClassVar[str] = "mdi6.vector-polygon"
    roles: ClassVar[tuple[Role, ...]] = (
        Role(
            "name",
            "Name",
            ("shape_name", "districts", "kec_name", "kab_name", "kel_name", *NAME.aliases),
            ("#adm+name", *NAME.hxl),
        ),
        NAME_UR,
        PCODE,
        Role(
            "parent_pcode",
            "P-code of the parent",
            ("parent_pcode", "parent_p_code", "parent_code"),
            ("#adm+code+parent",),
        ),
        Role(
            "code",
            "Code",
            ("block_code", "shape_id", "hasc", "iso", "iso3166_2", "gid_2", "gid_1", *CODE.aliases),
            CODE.hxl,
        ),
        LEVEL,
        *COUNTRY,
        *ADMIN,
        PEOPLE,
        HOUSEHOLDS,
        Role(
            "vintage",
            "Vintage",
            ("valid_on", "valid_from", "valid_from_date", "vintage", "version", "date", "str2_year", "year"),
            ("#date+start",),
        ),
    )

    def guess(self, probe: Probe) -> Guess:
        if probe.geometry not in ("polygon", "mixed", "line", "none"):
            return no_guess(self)
        if _is_result(probe):
            taken = {"pcode": "id", "name": "name"}
            return Guess(self.name, 0.9, match_roles(probe, self.roles, taken), "areas of a run")
        codes, names = pcode_levels(probe), name_levels(probe)
        # "state" beside a name of its own says where a thing lies, not what it is.
        levels = {level for level in names if not _only_word(names[level])}
        own_name = column_like(probe, *NAME.aliases) is not None
        osm = set(values_of(probe, column_like(probe, "boundary"))) & {"administrative", "political"}
        parent = column_like(probe, "parent_pcode", "parent_p_code", "parent_code")
        score, reason = 0.0, ""
        if codes and (codes.keys() & names.keys()):
            score, reason = 0.9, "P-codes and names of one level"
        elif osm:
            score, reason = 0.85, "administrative areas as OpenStreetMap names them"
        elif codes and parent and own_name:
            score, reason = 0.9, "P-codes, names and P-codes of the parents"
        elif column_like(probe, "shape_name", "shape_group", "shape_iso"):
            score, reason = 0.85, "columns of geoBoundaries"
        elif names and codes:
            score, reason = 0.6, "P-codes and names"
        elif named_like(probe, *_NAMED):
            score, reason = 0.7, "the file's name"
        elif levels:
            score, reason = 0.7, "names of administrative areas by level"
        elif names and not own_name:
            score, reason = 0.45, "names of administrative areas"
        if probe.geometry == "mixed":
            score *= 0.5
        elif probe.geometry == "line":
            # Outlines as lines: only where the columns say so, not for a road called after a district.
            score *= 0.7 if codes or levels else 0.0
        elif probe.geometry == "none":
            # A table: of areas only where it says nothing else; one with figures is about those.
            score *= (
                0.75 if parent or (named_like(probe, "boundar", "pcodes", "codab") and not codes) else 0.0
            )
        if not score:
            return no_guess(self)
        roles = self._columns(probe, codes, names)
        return Guess(self.name, score, roles, with_source(probe, reason), other_columns(probe, roles))

    def _columns(self, probe: Probe, codes: dict[int, str], names: dict[int, str]) -> dict[str, str]:
        """The finest level gives "pcode" and "name"; the level above gives the parent."""
        taken: dict[str, str] = {}
        parent = column_like(probe, "parent_pcode", "parent_p_code", "parent_code")
        if parent is not None:
            taken["parent_pcode"] = parent
        if codes:
            finest = max(codes)
            taken["pcode"] = codes[finest]
            coarser = [level for level in codes if level < finest]
            if coarser and parent is None:
                taken["parent_pcode"] = codes[max(coarser)]
            if finest in names:
                taken["name"] = names[finest]
            urdu = [
                f"{adm}{finest}{name}{script}"
                for adm in ("adm", "admin")
                for name in ("", "name")
                for script in ("ur", "urdu", "ar", "ps", "fa", "sd")
            ]
            urdu_column = next((c.name for c in probe.columns if squeezed(c.name) in urdu), None)
            if urdu_column is not None:
                taken["name_ur"] = urdu_column
        elif names:
            # A column called plainly "name" is the area's own; "district" beside it is what it lies in.
            own = (
                None if any(not _only_word(name) for name in names.values()) else match_roles(probe, (NAME,))
            )
            taken["name"] = (own or {}).get("name") or names[max(names)]
        for role, column in admin_roles(probe).items():
            if role not in taken and column not in taken.values():
                taken[role] = column
        roles = match_roles(probe, self.roles, taken)
        declared = {role.name for role in self.roles}
        return {role: column for role, column in roles.items() if role in declared}

    def style(self) -> Style:
        symbol = Symbol(fill="#ffffff00", stroke="#5b5b66", stroke_width=1.1, shape="square")
        return Style(rules=(Rule(label="Boundary", symbol=symbol),), title="Boundary")
