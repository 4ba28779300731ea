"""Layers whose rows are single households: their positions are computed with and do not leave migmap."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import shapely

from migmap.api import Finding, Progress, VectorData, no_progress
from migmap.io.values.colnames import words_of
from migmap.io.wording import counted

CODE = "household-positions"
SMALL = "small-counts"

# One household, whatever it lives in. A shelter may be a hall for five hundred: it needs further signs.
_UNITS = frozenset({"hh", "household", "family", "house", "caravan", "tent", "dwelling", "hut", "ہاؤس"})
_SHELTERS = frozenset({"shelter", "unit", "plot", "building", "structure"})
_SURE_UNITS = frozenset({"hh", "household", "family"})
_IDS = frozenset({"id", "ids", "no", "nr", "num", "number", "code", "uuid", "key", "ref", "barcode"})
_GLUED = re.compile(r"(hh|household|house|family|caravan|tent|dwelling|shelter)(id|no|num|number|code|uuid)")
# Words that make it another thing: a health house, an address, a count, what lies near.
_OTHER = frozenset(
    {
        *(
            "addr",
            "address",
            "street",
            "health",
            "guest",
            "rest",
            "pump",
            "power",
            "basic",
            "boarding",
            "court",
        ),
        *(
            "of",
            "per",
            "by",
            "total",
            "count",
            "avg",
            "average",
            "mean",
            "max",
            "min",
            "distance",
            "sum",
            "type",
        ),
    }
)
_LAYER_NAMES = frozenset(
    {"household", "households", "hh", "hhs", "caravans", "dwellings", "houses", "families"}
)
# Words of a layer's name that say its rows are sums of households.
_SUMS = frozenset(
    {
        *(
            "by",
            "per",
            "district",
            "districts",
            "admin",
            "adm",
            "summary",
            "total",
            "totals",
            "count",
            "counts",
        ),
        *(
            "density",
            "province",
            "blocks",
            "block",
            "tehsil",
            "union",
            "council",
            "villages",
            "village",
            "camps",
        ),
        *("sites", "site", "health", "schools", "facilities", "safe", "guest", "grid", "boundaries", "uc"),
    }
)
_PEOPLE = frozenset(
    {"people", "persons", "population", "pop", "individuals", "inds", "refugees", "idps", "inhabitants"}
)
_COUNTS = frozenset({"households", "hhs", "families", "houses"})
_AREAS = frozenset({"boundary", "hazard", "population", "basemap", "flow"})
_NAMED = re.compile(r"“([^”]+)” \(([^)]+)\)")
_FAMILY_WORDS = """head hh hoh hhh household family father fathers husband mother spouse wife beneficiary
applicant patient سربراہ والد شوہر پدر"""
_FAMILY = frozenset(_FAMILY_WORDS.split())
# Whoever speaks or works for a place; the head of a village is one of them.
_LOOKS_AFTER_WORDS = """contact focal manager incharge owner landlord informant respondent enumerator
interviewer surveyor supervisor staff officer teacher doctor village camp site block community committee
school facility"""
_LOOKS_AFTER = frozenset(_LOOKS_AFTER_WORDS.split())
_MOST_IN_ONE = 15
_FEW_ROWS = 5
"""Fewer rows than that need a sign beyond doubt."""
_CATEGORIES = frozenset({"male", "female", "m", "f", "man", "woman", "مرد", "عورت"})


@dataclass(frozen=True, slots=True)
class _Signs:
    """What speaks for single households: the column that names one, sure or not; the layer's name; the column
    of their sizes; the column of their head; a column of personal data that tells of one person a row."""

    unit: str = ""
    sure: bool = False
    shelter: str = ""
    named: bool = False
    size: str = ""
    head: str = ""
    person: str = ""


def household_positions(data: VectorData) -> Finding | None:
    """The finding "household-positions" for a layer each of whose rows is one household with a position;
    None for sites, villages, facilities and areas, whatever their number.

    With "household-positions" in `data.reading.keep` it says that the positions may leave migmap.
    """
    frame = data.frame
    shapes = frame.geometry.to_numpy()
    placed = int((~(shapely.is_missing(shapes) | shapely.is_empty(shapes))).sum())
    if placed == 0:
        return None
    if data.meta.households:
        why = "the file says so"
    elif _are_areas(data, shapes) or _counts_more_than_one(data):
        return None
    else:
        signs = _signs(data)
        if len(frame) < _FEW_ROWS and not (signs.sure or signs.person):
            return None
        why = _reason(signs, data)
    if not why:
        return None
    if CODE in data.reading.keep:
        said = (
            "Because you asked for it, they may leave migmap in maps and files like those of any other layer."
        )
    else:
        said = (
            "The layer is confidential: positions are used for computing and leave migmap only as totals by "
            f"area. To export them state --keep {CODE}."
        )
    return Finding(
        CODE,
        "warning",
        f"The rows of {data.title} look like single households ({why}); "
        f"{counted(placed, 'has a position', 'have a position')}. {said}",
        count=placed,
    )


def _are_areas(data: VectorData, shapes: np.ndarray) -> bool:
    """Lines, and polygons that somebody takes for areas. A kind alone makes no area of a point."""
    dimensions = shapely.get_dimensions(shapes)
    return bool((dimensions == 1).any() or (data.kind in _AREAS and (dimensions == 2).any()))


def with_household_care(data: VectorData, progress: Progress = no_progress) -> VectorData:
    """The layer with the finding "household-positions" and confidential, where its rows are households. With
    "small-counts" in `data.reading.keep` a second finding says that small counts may leave too."""
    progress(0.0, f"Looking for households in {data.title}")
    found = household_positions(data)
    if found is None:
        return data
    kept = CODE in data.reading.keep
    # The mark that every export looks at: without it, positions would leave.
    meta = replace(data.meta, households=not kept)
    if not kept:
        meta = replace(meta, sensitivity="confidential")
    said: tuple[Finding, ...] = (found,)
    if SMALL in data.reading.keep:
        asked = Finding(
            SMALL,
            "warning",
            f"Because you asked for it, also counts of fewer than five households of {data.title} in an area "
            "may leave migmap; one or two households can be told apart by them.",
        )
        said = (found, asked)
    return replace(data, meta=meta, findings=(*data.findings, *said))


def _reason(signs: _Signs, data: VectorData) -> str:
    """In a few words; "" where the signs are too few."""
    parts = []
    if signs.unit:
        parts.append(f"“{signs.unit}” names one")
    elif signs.shelter and (signs.size or signs.head):
        parts.append(f"“{signs.shelter}” names its shelter")
    if signs.size:
        parts.append(f"“{signs.size}” holds their size")
    if signs.head:
        parts.append(f"“{signs.head}” tells of their head")
    if signs.person:
        parts.append(f"“{signs.person}” tells of one person a row")
    if signs.named:
        parts.append("the layer is called so")
    strong = (
        signs.sure
        or signs.person
        or (signs.unit and len(data.frame) >= _FEW_ROWS)
        or len(parts) >= 2
        or signs.size
    )
    alone_by_name = signs.named and len(data.frame) >= 30
    return " and ".join(parts) if parts and (strong or alone_by_name) else ""


def _signs(data: VectorData) -> _Signs:
    unit = shelter = size = head = ""
    sure = False
    for name in _attributes(data):
        words = _words(name)
        column = data.frame[name]
        if set(words) & _IDS and not set(words) & _OTHER and _tells_apart(words, column):
            if set(words) & _UNITS and not unit:
                unit, sure = name, bool(set(words) & _SURE_UNITS)
            elif set(words) & _SHELTERS and not shelter:
                shelter = name
        if not size and _is_size(words, column):
            size = name
        if not head and _is_head(words, column):
            head = name
    # "Households_2017_04", not "households_by_district".
    called = {w for part in (data.name, data.label) for w in words_of(part)}
    named = bool(called & _LAYER_NAMES) and not called & _SUMS
    return _Signs(unit, sure, shelter, named, size, head, _person(data))


def _person(data: VectorData) -> str:
    """The column of personal data, left out or kept, that each row of a register of families or a list of
    patients has; not that of whoever looks after a site or answered for it."""
    for one in data.findings:
        if one.code != "personal-columns-dropped":
            continue
        for name, what in _NAMED.findall(one.message):
            said = set(_words(name))
            if said & _LOOKS_AFTER:
                continue
            kin = "/o" in name.lower() and len(name) <= 5
            of_sexes = what == "names of people" and _tells_sexes(data)
            if kin or of_sexes or said & _FAMILY or what in ("identity numbers", "dates of birth"):
                return str(name)
    return ""


def _tells_sexes(data: VectorData) -> bool:
    for name in _attributes(data):
        if set(_words(name)) & {"sex", "gender"} and data.frame[name].dtype.kind not in "iuf":
            values = {str(v).strip().lower() for v in data.frame[name].dropna().head(500)}
            if values and values <= _CATEGORIES:
                return True
    return False


def _attributes(data: VectorData) -> Iterable[str]:
    shapes = data.frame.geometry.name
    return [str(name) for name in data.frame.columns if name != shapes]


def _words(name: str) -> tuple[str, ...]:
    """ "hhid" is "hh", "id"."""
    found: list[str] = []
    for word in words_of(name.rsplit("/", 1)[-1]):
        glued = _GLUED.fullmatch(word)
        found += [glued[1], glued[2]] if glued else [word]
    return tuple(found)


def _tells_apart(words: tuple[str, ...], column: pd.Series) -> bool:
    """An id in most rows, mostly another one in each. "hh_no" may count households: then it must be an id
    beyond doubt."""
    filled = column.dropna()
    if len(filled) < 0.6 * len(column) or filled.empty:
        return False
    different = filled.nunique() / len(filled)
    if set(words) & {"no", "nr", "num", "number"} and filled.dtype.kind in "iuf":
        # Numbers of houses start again in every block.
        if set(words) & _SURE_UNITS:
            return bool(different > 0.95 and len(filled) >= 20)
        return bool(different > 0.01 and filled.nunique() > 10)
    return bool(different > 0.5)


def _is_size(words: tuple[str, ...], column: pd.Series) -> bool:
    """hh_size, family members: one household's people in each row."""
    said = set(words)
    if not said & {"hh", "household", "family"} or not said & {
        "size",
        "members",
        "member",
        "persons",
        "people",
    }:
        return False
    if said & (_OTHER - {"of", "total", "count"}):
        return False
    return _small_wholes(column)


def _small_wholes(column: pd.Series) -> bool:
    if column.dtype.kind not in "iuf":
        return False
    values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    values = values[np.isfinite(values)]
    if len(values) < _FEW_ROWS or (values != np.floor(values)).any():
        return False
    return bool(1 <= np.median(values) <= _MOST_IN_ONE and values.max() <= 100)


def _is_head(words: tuple[str, ...], column: pd.Series) -> bool:
    said = set(words)
    of_head = ("head" in said and said & {"hh", "household", "family"}) or said & {"hoh", "hhh"}
    if not of_head or not said & {"sex", "gender", "age", "marital", "disability"}:
        return False
    if column.dtype.kind in "iuf":
        return False
    values = {str(v).strip().lower() for v in column.dropna().head(500)}
    return bool(values) and values <= _CATEGORIES


def _counts_more_than_one(data: VectorData) -> bool:
    """True when a column of people or households says that rows hold many."""
    by_role = {data.roles.get(role, "") for role in ("people", "households", "population", "individuals")}
    for name in _attributes(data):
        words = set(_words(name))
        column = data.frame[name]
        if column.dtype.kind not in "iuf":
            continue
        people = bool(words & _PEOPLE) or name in by_role - {data.roles.get("households", "")}
        houses = bool(words & _COUNTS) or name == data.roles.get("households")
        houses |= bool(words & {"hh", "household", "family"}) and bool(words & {"count", "total", "of"})
        houses &= not words & {"size", "members", "member"}
        if not (people or houses) or (words & {"id", "code", "density", "year"}):
            continue
        values = column.to_numpy(dtype=np.float64, na_value=np.nan)
        values = values[np.isfinite(values) & (values > 0)]
        if len(values) < _FEW_ROWS:
            continue
        if (people and np.median(values) > _MOST_IN_ONE) or (houses and np.median(values) > 2):
            return True
    return False
