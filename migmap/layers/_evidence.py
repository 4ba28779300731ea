"""What a file's columns, tags and values say of what it is about; shared by the kinds that judge it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from migmap.api import Guess, LayerKind, Probe

from ._matching import (
    admin_roles,
    column_like,
    has_column,
    is_number,
    match_roles,
    name_levels,
    named_like,
    other_columns,
    pcode_levels,
    samples_of,
    tagged,
    words_in_name,
    words_of,
)
from ._roles import GROUP, INDICATOR, LEVEL, ROUND
from ._sources import with_source

_DISPLACED = (
    "idp",
    "idps",
    "displaced",
    "deplace",
    "deplaces",
    "desplazados",
    "deslocados",
    "returnee",
    "returnees",
)


def of_displaced(probe: Probe) -> str:
    """Why the file is about displaced people or returnees; "" where nothing says so."""
    if any("idps" in tag.split("+") or "returnees" in tag.split("+") for tag in probe.hxl.values()):
        return "counts of displaced people"
    from migmap.geo.peoplenames import people_of_name

    for column in probe.columns:
        told = people_of_name(column.name) if is_number(column) else None
        if told is not None and told.category.startswith(("idp", "returnee")) and told.nature == "stock":
            return "counts of displaced people"
    indicator = samples_of(probe, column_like(probe, *INDICATOR.aliases))
    if any(set(words_of(value)) & set(_DISPLACED) for value in indicator):
        return "an indicator of displaced people"
    group = samples_of(probe, value_of_people(probe).get("category"))
    if any(set(words_of(value)) & set(_DISPLACED) for value in group):
        return "a group of displaced people"
    if words_in_name(probe) & {"idp", "idps", "deplaces", "desplazados", "displacement"}:
        return "the file's name"
    return ""


def by_round(probe: Probe) -> bool:
    """True when a column says which round of counting a row belongs to."""
    return has_column(probe, *ROUND.aliases) or tagged(probe, "#meta+round", "#round")


def by_area(probe: Probe) -> bool:
    """True when the rows are administrative areas: by level, P-code or names of provinces and districts."""
    return bool(
        has_column(probe, *LEVEL.aliases)
        or tagged(probe, "#adm+level", "#geo+admin_level")
        or {level for level in pcode_levels(probe) if level > 0}
        or {level for level in name_levels(probe) if level > 0}
    )


def by_site(probe: Probe) -> bool:
    """True when the rows are single places with an id or name of their own."""
    return bool(
        has_column(
            probe,
            "site_id",
            "ssid",
            "site_code",
            "site_name",
            "dtm_site_id",
            "name_of_site",
            "nom_du_site",
            "nom_site",
            "site",
            "camp_name",
            "settlement_name",
            "location_name",
            "name",
        )
        or any("ssid" in words_of(column.name) for column in probe.columns)
        or tagged(probe, "#loc+name", "#loc+code", "#loc+id", "#loc")
    )


def people_column(probe: Probe) -> str | None:
    """The best column of individuals; None without one."""
    from migmap.geo.peoplenames import people_columns, people_first

    numbers = [column.name for column in probe.columns if is_number(column)]
    best = people_first(people_columns(numbers, probe.hxl))
    return best[0].column if best else None


_VALUES = ("value", "valeur", "valor", "count", "number", "figure", "effectif", "nombre", "cantidad", "total")


def value_of_people(probe: Probe) -> dict[str, str]:
    """{"people": ..., "indicator" or "category": ...} where a column called "value" holds people because
    another says so row by row ("IDPs", "Returnees"); {} for any other table."""
    from migmap.geo.peoplenames import is_bare_total, people_of_name

    value = next((name for alias in _VALUES if (name := column_like(probe, alias)) is not None), None)
    if value is None or not any(c.name == value and is_number(c) for c in probe.columns):
        return {}
    for role, aliases in (("indicator", INDICATOR.aliases), ("category", GROUP.aliases)):
        column = column_like(probe, *aliases)
        texts = [text for text in samples_of(probe, column) if not is_bare_total(text)]
        told = [people_of_name(text) for text in texts]
        if column is not None and told and all(one and one.nature == "stock" for one in told):
            return {role: column, "people": value}
    return {}


def flows(probe: Probe) -> tuple[str | None, str | None]:
    """(column of people coming in, column of people going out)."""
    coming = leaving = None
    for column in probe.columns:
        if not is_number(column):
            continue
        own = set(words_of(column.name))
        tag = probe.hxl.get(column.name, "").split("+")
        if own & _IN or {"arrivals", "in"} & set(tag[1:]):
            coming = coming or column.name
        elif own & _OUT or {"departures", "out"} & set(tag[1:]):
            leaving = leaving or column.name
    return coming, leaving


_IN = frozenset(
    (
        "arrivals",
        "arrival",
        "inflow",
        "inflows",
        "incoming",
        "entries",
        "entry",
        "entering",
        "entrees",
        "llegadas",
        "entradas",
    )
)
_OUT = frozenset(
    (
        "departures",
        "departure",
        "outflow",
        "outflows",
        "outgoing",
        "exits",
        "exit",
        "exiting",
        "sorties",
        "salidas",
        "saidas",
    )
)


def is_list_of_fields(probe: Probe) -> bool:
    """True for a data dictionary: a table about columns, whatever its file's name has in it."""
    return probe.geometry == "none" and has_column(probe, "variable_name", "field_name", "column_name")


def starts_with(probe: Probe, *stems: str) -> bool:
    """`named_like`, without data dictionaries."""
    return named_like(probe, *stems) and not is_list_of_fields(probe)


def share_like(values: tuple[str, ...], pattern: str) -> float:
    """Share of values in which the pattern is found, 0 where there are none."""
    return sum(bool(re.search(pattern, value)) for value in values) / len(values) if values else 0.0


def no_guess(kind: LayerKind) -> Guess:
    """This kind cannot be it."""
    return Guess(kind.name, 0.0)


def guessed(
    kind: LayerKind,
    probe: Probe,
    score: float,
    reason: str,
    taken: Mapping[str, str] | None = None,
    prefer: Sequence[str] = (),
) -> Guess:
    """The guess with its column mapping, the source named, and what else could be the number of people.

    taken: roles already decided. prefer: categories of people the kind is about.
    """
    start = {**admin_roles(probe), **(taken or {})}
    # What was decided stands; the same column as an administrative name would be its second role.
    decided = set((taken or {}).values())
    start = {r: c for r, c in start.items() if c not in decided or (taken or {}).get(r) == c}
    roles = match_roles(probe, kind.roles, start, prefer)
    declared = {role.name for role in kind.roles} | {"pcode"}
    roles = {role: column for role, column in roles.items() if role in declared}
    return Guess(kind.name, score, roles, with_source(probe, reason), other_columns(probe, roles, prefer))
