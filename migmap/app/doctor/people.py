"""Of how many people sex and age are known."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

from .report import PeopleKnown

if TYPE_CHECKING:
    from migmap.api import PeopleColumn, VectorData


def people_known(data: VectorData) -> PeopleKnown:
    """Sums over the rows in use. The total is the role "people", else the column that holds all. Columns of
    one breakdown are added; where a layer breaks people down twice, the breakdown that knows more counts."""
    from migmap.geo.accounting import people_in

    def total(column: str | None) -> float | None:
        if column is None or column not in data.frame.columns:
            return None
        return people_in(data.frame, column)

    people = [one for one in data.people if one.counts == "individuals" and one.nature == "stock"]
    whole = total(data.roles.get("people"))
    if whole is None:
        everyone = [one for one in people if one.sex == "all" and one.age == "all" and not one.status]
        whole = total(everyone[0].column) if everyone else None
    households = total(data.roles.get("households"))
    if households is None:
        counted = [one for one in data.people if one.counts == "households"]
        households = total(counted[0].column) if counted else None
    sex = _sum(total(one.column) for one in _parts(people, sex=True, age=False))
    age = _sum(total(one.column) for one in _parts(people, sex=False, age=True))
    both = _sum(total(one.column) for one in _parts(people, sex=True, age=True))
    if sex is None and both is None:
        sex = _sum(total(data.roles.get(role)) for role in ("female", "male"))
    return PeopleKnown(
        total=_plain(whole),
        sex=_plain(_most(sex, both)),
        age=_plain(_most(age, both)),
        both=_plain(both),
        households=_plain(households),
        categories=tuple(dict.fromkeys(one.category for one in people if one.category != "all")),
    )


def _parts(people: Iterable[PeopleColumn], *, sex: bool, age: bool) -> list[PeopleColumn]:
    """Columns that break people down by sex, by age or by both, none counted twice: what holds others of the
    same breakdown stands back, and so do the categories where a column counts them together. Columns
    narrowed by something else ("with disability") are part of the others."""
    fitting = [
        one
        for one in people
        if (one.sex in ("female", "male")) is sex
        and (one.age not in ("all", "unknown")) is age
        and not one.status
    ]
    if age:
        fitting = [one for one in fitting if not one.total] or fitting
    groups: dict[tuple[str, str], list[PeopleColumn]] = {}
    for one in fitting:
        groups.setdefault((one.sex, one.age), []).append(one)
    chosen: list[PeopleColumn] = []
    for group in groups.values():
        together = [one for one in group if one.category == "all"][:1]
        chosen += together or [one for one in group if not one.total] or group[:1]
    return chosen


def _sum(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return math.fsum(known) if known else None


def _most(*values: float | None) -> float | None:
    known = [value for value in values if value is not None]
    return max(known) if known else None


def _plain(value: float | None) -> float | None:
    """Whole numbers as int, so that scripts print them without a point."""
    return int(value) if value is not None and value.is_integer() and abs(value) < 2**53 else value
