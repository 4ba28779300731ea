"""A table's rows onto the areas of a boundary layer: which columns say where, and what every row means."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from migmap.api import Problem, Progress, VectorData, no_progress

from .accounting import numbers_of, people_column
from .columns import text_column
from .gazetteer import Asked, Gazetteer, Match, Place, Renamed, Split, bare_code
from .placenames import spelling

_ENOUGH = 0.3
"""Share of a column's values that must be codes or names of areas before it is taken to say where."""
_DISTINCT = 3_000


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns that say where a row is; None where there is none. parents: of the areas above."""

    code: str | None
    name: str | None
    parents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Rows that say the same of where they are, and what that means."""

    asked: Asked
    match: Match
    index: np.ndarray
    """int64: positions in the table's frame."""
    rows: tuple[int, ...]
    people: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """All rows of a table, each in exactly one group. columns: of the table."""

    gazetteer: Gazetteer
    columns: Columns
    groups: tuple[Group, ...]


def gazetteer_of(
    areas: VectorData, renamed: Sequence[Renamed] = (), split: Sequence[Split] = ()
) -> tuple[Gazetteer, np.ndarray]:
    """The areas as they can be asked for, and for each the position of its row in the layer (int64).

    Rows with the same code are one area. Problem: the layer has neither codes nor names.
    """
    roles = areas.roles
    codes = text_column(areas, roles.get("pcode") or roles.get("code"))
    own = _own_name(areas)
    names = text_column(areas, own)
    if not any(codes) and not any(names):
        raise Problem(
            f"{areas.title} has no column of P-codes or names, so nothing can be joined to it.",
            fix="Name them with --map-areas pcode=COLUMN or --map-areas name=COLUMN.",
        )
    frame = areas.frame
    others = [text_column(areas, name) for name in _other_names(areas, own)]
    above = [
        text_column(areas, column)
        for role, column in roles.items()
        if (re.fullmatch(r"adm\d_(name|pcode)", role) or role == "parent_pcode") and column != own
    ]
    places: list[Place] = []
    first: list[int] = []
    seen: dict[tuple[str, str], int] = {}
    for index in range(len(frame)):
        code, name = codes[index] or "", names[index] or ""
        if not code and not name:
            continue
        key = (bare_code(code), "" if code else name)
        if key in seen:
            continue
        seen[key] = index
        places.append(
            Place(
                code,
                name or code,
                tuple(text for column in others if (text := column[index])),
                tuple(dict.fromkeys(text for column in above if (text := column[index]))),
            )
        )
        first.append(index)
    return Gazetteer(places, renamed, split), np.array(first, dtype=np.int64)


def _own_name(areas: VectorData) -> str | None:
    if "name" in areas.roles:
        return areas.roles["name"]
    levels = sorted(role for role in areas.roles if re.fullmatch(r"adm\d_name", role))
    return areas.roles[levels[-1]] if levels else None


def _other_names(areas: VectorData, own: str | None) -> list[str]:
    """Columns with further names of the same areas: alternates, references, Urdu."""
    if own is None:
        return []
    stem = re.sub(r"[\W_]*(en|name|eng)?$", "", own.lower())
    found = [areas.roles[role] for role in ("name_ur",) if role in areas.roles]
    for column in areas.frame.columns:
        text = str(column)
        if (
            text != own
            and text.lower().startswith(stem)
            and re.search(r"alt|ref|ur\b|ur$|_ps|_sd", text.lower())
        ):
            found.append(text)
    return [name for name in dict.fromkeys(found) if name in areas.frame.columns]


def place(
    table: VectorData,
    gazetteer: Gazetteer,
    *,
    by: str | None = None,
    accepted: Mapping[str, str] | None = None,
    progress: Progress = no_progress,
) -> Placed:
    """Every row of `table` on an area, or doubtful, or on none.

    by: "code" or "name" for only one of them; None: by code, then by name. accepted: code or name as the
    table has it -> code of the area. Problem: no column of the table says where its rows are.
    """
    columns = columns_of(table, gazetteer, by)
    codes = text_column(table, columns.code)
    names = text_column(table, columns.name)
    parents = [text_column(table, column) for column in columns.parents]
    together: dict[Asked, list[int]] = {}
    for index in range(len(table.frame)):
        above = tuple(text for column in parents if (text := column[index]))
        together.setdefault(Asked(codes[index] or "", names[index] or "", above), []).append(index)
    people = people_column(table)
    counts = numbers_of(table.frame, people) if people is not None else None
    groups = []
    for done, (asked, members) in enumerate(together.items()):
        if done % 50 == 0:
            progress(done / len(together), "Looking up areas")
        at = np.array(members, dtype=np.int64)
        found = gazetteer.match(asked, by_code=by != "name", by_name=by != "code", accepted=accepted)
        rows = tuple(int(row) for row in table.row_numbers[at])
        here = None if counts is None else float(np.nansum(counts[at]))
        groups.append(Group(asked, found, at, rows, here))
    progress(1.0, "Looking up areas")
    return Placed(gazetteer, columns, tuple(groups))


def columns_of(table: VectorData, gazetteer: Gazetteer, by: str | None = None) -> Columns:
    """The columns whose values are codes and names of the areas, most of them first. Columns that roles
    name come before others. Problem where there is none."""
    texts = {name: _distinct(table, name) for name in _worded(table)}
    codes = {name: _distinct(table, name) for name in _worded(table, numbers=True)}
    roles = table.roles
    coded = [c for role, c in roles.items() if role.endswith("pcode") or role == "code"]
    named = [c for role, c in roles.items() if re.fullmatch(r"adm\d_name|name|name_ur", role)]
    code = name = None
    if by != "name":
        shares = {c: gazetteer.share_of_codes(codes[c]) for c in _first(coded, codes)}
        code = _best(shares)
    if by != "code":
        shares = {c: _share_of_names(gazetteer, texts[c]) for c in _first(named, texts) if c != code}
        name = _best(shares)
    if code is None and name is None:
        looked = {None: "codes or names", "code": "codes", "name": "names"}[by]
        raise Problem(
            f"No column of {table.title} holds {looked} of these areas.",
            detail=f"Its text columns are {', '.join(list(texts)[:30]) or 'none'}.",
            fix="Name the column with --map pcode=COLUMN or --map name=COLUMN, or give areas of that country "
            "and level.",
        )
    above = {bare_code(text) for one in gazetteer.places for text in one.parents}
    spelled = {spelling(text).whole for one in gazetteer.places for text in one.parents}
    parents = [
        c
        for role, c in roles.items()
        if re.fullmatch(r"adm\d_(name|pcode)|parent_pcode", role)
        and c in texts
        and c not in (code, name)
        and _share(texts[c], lambda text: bare_code(text) in above or spelling(text).whole in spelled)
        >= _ENOUGH
    ]
    return Columns(code, name, tuple(dict.fromkeys(parents)))


def _worded(table: VectorData, numbers: bool = False) -> list[str]:
    """Columns of text; with `numbers` also of whole numbers, which codes may be."""
    frame = table.frame
    whole = pd.api.types.is_integer_dtype
    text = pd.api.types.is_string_dtype
    return [
        str(name)
        for name in frame.columns
        if name != frame.geometry.name and (text(frame[name].dtype) or (numbers and whole(frame[name].dtype)))
    ]


def _first(preferred: Sequence[str], texts: Mapping[str, object]) -> list[str]:
    return [name for name in dict.fromkeys((*preferred, *texts)) if name in texts]


def _distinct(table: VectorData, name: str) -> list[str]:
    values = pd.Series([text or None for text in text_column(table, name)]).dropna()
    return [text for text in values.drop_duplicates().head(_DISTINCT) if text]


def _share_of_names(gazetteer: Gazetteer, texts: Sequence[str]) -> float:
    return _share(texts, gazetteer.has_name)


def _share(texts: Sequence[str], fits: Callable[[str], bool]) -> float:
    return sum(bool(fits(text)) for text in texts) / len(texts) if texts else 0.0


def _best(shares: Mapping[str, float]) -> str | None:
    """The column with the highest share; the first of those within a tenth of it."""
    top = max(shares.values(), default=0.0)
    if top < _ENOUGH:
        return None
    return next(name for name, share in shares.items() if share >= top - 0.1)
