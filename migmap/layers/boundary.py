"""Boundaries: administrative areas of one level, with P-codes and names."""

from __future__ import annotations

from typing import ClassVar

from migmap.api import Guess, LayerKind, Probe, Role, Rule, Style, Symbol

from ._matching import admin_roles, match_roles, name_levels, named_like, pcode_levels, squeezed
from ._roles import ADMIN, CODE, HOUSEHOLDS, NAME, NAME_UR, PCODE, PEOPLE

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
)


_FIGURES = ("sites_", "people_", "area_km2", "exposed_", "beyond_", "distance_m")


def _is_result(probe: Probe) -> bool:
    """True for the areas of a run as every vector format holds them: id, name, then figures."""
    columns = [column.name for column in probe.columns]
    return columns[:2] == ["id", "name"] and any(name.startswith(_FIGURES) for name in columns[2:])


class Boundary(LayerKind):
    name: ClassVar[str] = "boundary"
    title: ClassVar[str] = "Boundary"
    icon: ClassVar[str] = "mdi6.vector-polygon"
    roles: ClassVar[tuple[Role, ...]] = (
        Role("name", "Name", ("shape_name", "districts", "kec_name", "kab_name", *NAME.aliases), NAME.hxl),
        NAME_UR,
        PCODE,
        Role(
            "parent_pcode", "P-code of the parent", ("parent_pcode", "parent_p_code"), ("#adm+code+parent",)
        ),
        Role("code", "Code", ("block_code", "shape_id", "hasc", "iso", *CODE.aliases), CODE.hxl),
        *ADMIN,
        PEOPLE,
        HOUSEHOLDS,
        Role("vintage", "Vintage", ("valid_on", "date", "vintage", "version"), ("#date+start",)),
    )

    def guess(self, probe: Probe) -> Guess:
        if probe.geometry not in ("polygon", "mixed"):
            return Guess(self.name, 0.0)
        if _is_result(probe):
            taken = {"pcode": "id", "name": "name"}
            return Guess(self.name, 0.9, match_roles(probe, self.roles, taken), "areas of a run")
        codes, names = pcode_levels(probe), name_levels(probe)
        score, reason = 0.0, ""
        if codes and probe.geometry == "polygon" and (codes.keys() & names.keys()):
            score, reason = 0.9, "P-codes and names of one level"
        elif names and codes:
            score, reason = 0.6, "P-codes and names"
        elif named_like(probe, *_NAMED):
            score, reason = 0.7, "the file's name"
        elif names:
            score, reason = 0.45, "names of administrative areas"
        if probe.geometry == "mixed":
            score *= 0.5
        if not score:
            return Guess(self.name, 0.0)
        return Guess(self.name, score, self._columns(probe, codes, names), reason)

    def _columns(self, probe: Probe, codes: dict[int, str], names: dict[int, str]) -> dict[str, str]:
        """The finest level gives "pcode" and "name"; the level above gives the parent."""
        taken: dict[str, str] = {}
        if codes:
            finest = max(codes)
            taken["pcode"] = codes[finest]
            coarser = [level for level in codes if level < finest]
            if coarser:
                taken["parent_pcode"] = codes[max(coarser)]
            if finest in names:
                taken["name"] = names[finest]
            urdu = (f"adm{finest}ur", f"adm{finest}urdu", f"adm{finest}nameur")
            urdu_column = next((c.name for c in probe.columns if squeezed(c.name) in urdu), None)
            if urdu_column is not None:
                taken["name_ur"] = urdu_column
        elif names:
            # A column called plainly "name" is the area's own; "district" beside it is what it lies in.
            taken["name"] = match_roles(probe, (NAME,)).get("name") or names[max(names)]
        for role, column in admin_roles(probe).items():
            if role not in taken and column not in taken.values():
                taken[role] = column
        return match_roles(probe, self.roles, taken)

    def style(self) -> Style:
        symbol = Symbol(fill="#ffffff00", stroke="#5b5b66", stroke_width=1.1, shape="square")
        return Style(rules=(Rule(label="Boundary", symbol=symbol),), title="Boundary")
