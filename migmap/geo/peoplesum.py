"""People of tables that count women and men, or girls and boys, and nowhere everybody."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np
import pandas as pd

from migmap.api import Change, Finding, PeopleColumn, RowsAside, VectorData

from .accounting import numbers_of
from .columns import attribute_columns
from .people import Split, is_count, listed, splits
from .peoplenames import NEVER_OVERLAP, people_columns
from .stacktable import OF_STOCK
from .wording import rows_text

CODE = "people-without-total"
COLUMN = "people_sum"
_MOST_CHANGES = 100_000


def with_people_summed(data: VectorData, hxl: Mapping[str, str] | None = None) -> VectorData:
    """`data` with the finding people-without-total where columns that together are everybody have no total
    beside them; where that mend was asked for, with the column "people_sum" in the role "people".

    A row in which a part is blank has a blank sum. hxl: column -> HXL tag. The same object where a column
    plays "people", or the user said that none does, and for layers that are not about who is where.
    """
    if data.kind not in OF_STOCK or "people" in data.roles or "people" in data.reading.roles:
        return data
    names = [name for name in attribute_columns(data) if is_count(data.frame[name])]
    found = _everybody(people_columns(names, hxl, data.roles))
    if found is None:
        return data
    parts = [column.column for column in found.parts]
    sums = _sums(data.frame, parts)
    known = np.isfinite(sums)
    if not known.any():
        return data
    applied = CODE in data.reading.fixes
    blank = int((~known).sum())
    message = (
        f"No column counts everybody; {listed(found.parts)} are parts by {found.by} and add up to "
        f"{float(sums[known].sum()):,.0f} people. "
    )
    if applied:
        message += f"Their sums are in the new column “{COLUMN}”."
    else:
        message += "They are not added unless you ask for it, so no figure of people is made of them."
    if blank:
        message += f" In {rows_text(blank)} a part is blank, and so is the sum."
    finding = Finding(
        CODE,
        "info" if applied or data.kind == "plain" else "warning",
        message,
        count=int(known.sum()),
        fix=f"Add the column “{COLUMN}”, the sum of {listed(found.parts)}, as the number of people.",
        applied=applied,
        changes=tuple(
            Change(int(row), COLUMN, "", f"{value:g}" if value % 1 else f"{value:.0f}", "sum of the parts")
            for row, value in zip(
                data.row_numbers[known][:_MOST_CHANGES], sums[known][:_MOST_CHANGES], strict=False
            )
        ),
    )
    if not applied:
        return dataclasses.replace(data, findings=(*data.findings, finding))
    return dataclasses.replace(
        data,
        frame=data.frame.assign(**{COLUMN: _whole(sums)}),
        aside=tuple(_with_sums(one, parts) for one in data.aside),
        roles={**data.roles, "people": COLUMN},
        findings=(*data.findings, finding),
    )


def _everybody(columns: tuple[PeopleColumn, ...]) -> Split | None:
    """The columns that together are everybody and count nobody twice: by sex, by sex and age, by age, by
    categories that never overlap."""
    stock = [c for c in columns if c.counts == "individuals" and c.nature == "stock" and not c.status]
    newest = max((c.date for c in stock), default="")
    stock = [c for c in stock if c.date == newest]
    if any(c.sex == "all" and c.age == "all" and c.category not in NEVER_OVERLAP for c in stock):
        return None
    groups = {c.category for c in stock}
    category = next(iter(groups)) if len(groups) == 1 else "all"
    everybody = PeopleColumn(COLUMN, category=category, date=newest)
    for split in splits(everybody, stock):
        if split.by == "category":
            if len(split.parts) > 1 and all(c.category in NEVER_OVERLAP for c in split.parts):
                return split
        elif split.by == "sex":
            if {"female", "male"} <= {c.sex for c in split.parts}:
                return split
        elif split.whole or "unknown" in {c.age for c in split.parts}:
            return split
    return None


def _sums(frame: pd.DataFrame, parts: list[str]) -> np.ndarray:
    """float64 [n]: NaN where a part is not known."""
    return np.asarray(np.sum([numbers_of(frame, name) for name in parts], axis=0))


def _whole(sums: np.ndarray) -> pd.Series:
    known = sums[np.isfinite(sums)]
    if bool((known == np.floor(known)).all()):
        return pd.Series(pd.array([None if np.isnan(v) else int(v) for v in sums], dtype="Int64"))
    return pd.Series(sums)


def _with_sums(aside: RowsAside, parts: list[str]) -> RowsAside:
    if not set(parts) <= set(aside.frame.columns):
        return aside
    return dataclasses.replace(aside, frame=aside.frame.assign(**{COLUMN: _sums(aside.frame, parts)}))
