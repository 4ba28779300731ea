"""What a column of people counts: population is never one bare number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Sex = Literal["all", "female", "male", "unknown"]


@dataclass(frozen=True, slots=True)
class PeopleColumn:
    """A number column, broken down.

    category: "all", "unknown", or one of por, acc, und, refugee, asylum-seeker, idp, idp-conflict,
        idp-disaster, returnee, migrant, stateless, host. Counts of different categories are not added
        without saying so.
    age: "all", "unknown", or an interval of full years, both ends in it: "0-4", "60+".
    status: what else narrows it ("hosted", "in sites", "with disability"), "" for nothing.
    counts: households and individuals are different things. nature: a stock is counted at a date, a flow
    over a period; they are never added. basis: how the figure came about.
    total: it holds the people of other columns of the same layer.
    """

    column: str
    category: str = "all"
    sex: Sex = "all"
    age: str = "all"
    status: str = ""
    date: str = ""
    counts: Literal["individuals", "households"] = "individuals"
    nature: Literal["stock", "flow"] = "stock"
    basis: Literal["registered", "estimated", "unknown"] = "unknown"
    total: bool = False
