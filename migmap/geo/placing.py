"""A table's rows onto the areas of a boundary layer: which columns say where, and what every row means."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from migmap.api import Problem, Progress, VectorData, no_progress

from .accounting import numbers_of
from .columns import text_column
from .gazetteer import Asked, Gazetteer, Match, Place, Renamed, Split, bare_code
from .placenames import spelling

_ENOUGH = 0.3
"""Share of a column's values that must be codes or names of areas before it is taken to say where."""
_DISTINCT = 3_000
_CODE_NAME = re.compile(
    r"code|pcod|(?<![a-z])id(?![a-z])|adm\w*\d|insee|dane|ibge|ubigeo|geo|gid|كود|رمز", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns that say where a row is; None where there is none. parents: of the areas above. larger:
    the names are those of areas above these ones."""

    code: str | None
    name: str | None
    parents: tuple[str, ...] = ()
    larger: bool = False


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
        # One code for two names is a slip somewhere: neither may vanish behind the other.
        key = (bare_code(code), spelling(name).whole)
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
    return Gazetteer(places, renamed, split, _level(areas, own)), np.array(first, dtype=np.int64)


def _own_name(areas: VectorData) -> str | None:
    if "name" in areas.roles:
        return areas.roles["name"]
    levels = sorted(role for role in areas.roles if re.fullmatch(r"adm\d_name", role))
    return areas.roles[levels[-1]] if levels else None


def _level(areas: VectorData, own: str | None) -> int | None:
    """The admin level of the areas: their columns name it, else it is the one below those they lie in."""
    for column in (areas.roles.get("pcode"), own):
        told = re.search(r"(?:adm|admin|level)\D{0,6}([0-4])", column or "", re.IGNORECASE)
        if told:
            return int(told.group(1))
    known = {
        int(role[3]): column for role, column in areas.roles.items() if re.fullmatch(r"adm\d_name", role)
    }
    if not known:
        return None
    return max(known) if own == known[max(known)] else max(known) + 1


def _role_level(table: VectorData, column: str) -> int | None:
    """The admin level a column of names is of; None where no role says it."""
    levels = [
        int(role[3])
        for role, name in table.roles.items()
        if re.fullmatch(r"adm\d_name", role) and name == column
    ]
    return levels[0] if levels else None


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
    people = table.roles.get("people")
    counts = numbers_of(table.frame, people) if people is not None else None
    groups = []
    for done, (asked, members) in enumerate(together.items()):
        if done % 50 == 0:
            progress(done / len(together), "Looking up areas")
        at = np.array(members, dtype=np.int64)
        found = gazetteer.match(
            asked, by_code=by != "name", by_name=by != "code", accepted=accepted, larger=columns.larger
        )
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
        larger = {
            c: _share(codes[c], lambda text: bool(gazetteer.within(text, code=True)))
            for c in shares
            if c in texts
        }
        code = _best(shares) or _best(larger)
    is_larger = False
    if by != "code":
        shares = {c: _share_of_names(gazetteer, texts[c]) for c in _first(named, texts) if c != code}
        larger = {c: _share(texts[c], lambda text: bool(gazetteer.within(text, code=False))) for c in shares}
        own = roles.get(f"adm{gazetteer.level}_name")
        name = own if shares.get(own or "", 0.0) >= _ENOUGH else _best(shares) or _best(larger)
        if name is not None:
            level = _role_level(table, name)
            above = level is not None and gazetteer.level is not None and level < gazetteer.level
            is_larger = larger[name] > shares[name] or (above and larger[name] == shares[name])
    if code is None and name is None:
        looked = {None: "codes or names", "code": "codes", "name": "names"}[by]
        raise Problem(
            f"No column of {table.title} holds {looked} of these areas.",
            detail=f"Its text columns are {', '.join(list(texts)[:30]) or 'none'}.",
            fix="Name the column with --map pcode=COLUMN or --map name=COLUMN, or give areas of that country "
            "and level.",
        )
    higher = {bare_code(text) for one in gazetteer.places for text in one.parents}
    spelled = {spelling(text).whole for one in gazetteer.places for text in one.parents}
    parents = [
        c
        for role, c in roles.items()
        if re.fullmatch(r"adm\d_(name|pcode)|parent_pcode", role)
        and c in texts
        and c not in (code, name)
        and _share(texts[c], lambda text: bare_code(text) in higher or spelling(text).whole in spelled)
        >= _ENOUGH
    ]
    return Columns(code, name, tuple(dict.fromkeys(parents)), is_larger)


def _worded(table: VectorData, numbers: bool = False) -> list[str]:
    """Columns of text; with `numbers` also of whole numbers, which codes may be."""
    frame = table.frame
    text = pd.api.types.is_string_dtype
    counted = {one.column for one in table.people} | {
        column for role, column in table.roles.items() if role in ("people", "households", "round")
    }

    def whole(column: str) -> bool:
        """Numbers are codes only where they are called so: 1, 2, 3 may be anything."""
        return (
            pd.api.types.is_integer_dtype(frame[column].dtype)
            and column not in counted
            and bool(_CODE_NAME.search(column) or column in coded)
        )

    coded = [c for role, c in table.roles.items() if role.endswith("pcode") or role == "code"]
    return [
        str(name)
        for name in frame.columns
        if name != frame.geometry.name and (text(frame[name].dtype) or (numbers and whole(str(name))))
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
