"""Layer x district x date: where there are rows and people, and where nothing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from .dates import row_dates, stated_date
from .report import GapCell, GapMatrix

if TYPE_CHECKING:
    import numpy as np

    from migmap.api import VectorData
    from migmap.geo.areas import AreaSet

NO_DISTRICT = "(no district)"
NO_DATE = "(no date)"
_MOST_MONTHS = 24
_MOST_DATES = 60
_NAMES = ("adm2_name", "adm1_name", "adm0_name")
_CODES = ("adm2_pcode", "adm1_pcode", "adm0_pcode")


def gap_matrix(layers: Sequence[tuple[str, VectorData]], areas: AreaSet | None = None) -> GapMatrix:
    """The matrix of layers by (title, data).

    Districts are the `areas` where given: rows belong where they say, else where they lie. Without,
    districts are those the rows name (district, else province, else country). Dates are the months of the
    dates of the rows, years where there are more than 24 months; without dates in rows the date of the
    source, or the round.
    """
    days = [row_dates(data) for _, data in layers]
    months = {(day.year, day.month) for one in days for day in one if day is not None}
    monthly = len(months) <= _MOST_MONTHS
    names = set[str]()
    cells: list[GapCell] = []
    by = set[str]()
    for (title, data), dates in zip(layers, days, strict=True):
        places, what = _districts(data, areas)
        by.add(what)
        labels = _date_labels(data, dates, monthly)
        names |= set(places)
        cells += _cells(title, data, places, labels)
    districts = list(areas.names) if areas is not None else []
    districts = list(dict.fromkeys([*districts, *sorted(names - set(districts))]))
    found = sorted({cell.date for cell in cells})
    if len(found) > _MOST_DATES:
        kept = set(found[-_MOST_DATES:])
        cells = [cell for cell in cells if cell.date in kept]
        found = sorted(kept)
    return GapMatrix(
        layers=tuple(dict.fromkeys(title for title, _ in layers)),
        districts=tuple(districts),
        dates=tuple(found),
        cells=tuple(cells),
        by=", ".join(sorted(one for one in by if one)),
    )


def _districts(data: VectorData, areas: AreaSet | None) -> tuple[list[str], str]:
    from migmap.geo.columns import text_column

    if areas is not None:
        from migmap.geo.checks_places import areas_of_rows, stated_areas

        stated = stated_areas(data, areas)
        where = areas_of_rows(data, areas)
        if stated is not None:
            named = stated[1]
            where = _first_known(named, where)
        return [areas.names[at] if at >= 0 else NO_DISTRICT for at in where.tolist()], areas.title
    if data.kind == "boundary":
        names = text_column(data, data.roles.get("name"))
        return [name or NO_DISTRICT for name in names], "names of the areas"
    for role in _NAMES:
        column = data.roles.get(role)
        if column in data.frame.columns:
            return [name or NO_DISTRICT for name in text_column(data, column)], f"column “{column}”"
    for role in _CODES:
        column = data.roles.get(role)
        if column in data.frame.columns:
            return [name or NO_DISTRICT for name in text_column(data, column)], f"column “{column}”"
    return [NO_DISTRICT] * len(data.frame), ""


def _first_known(stated: np.ndarray, found: np.ndarray) -> np.ndarray:
    import numpy as np

    return np.where(stated >= 0, stated, found)


def _date_labels(data: VectorData, dates: Sequence[object], monthly: bool) -> list[str]:
    from migmap.geo.columns import text_column

    if any(day is not None for day in dates):
        size = 7 if monthly else 4
        return [NO_DATE if day is None else str(day)[:size] for day in dates]
    rounds = data.roles.get("round")
    if rounds in data.frame.columns:
        return [f"round {one}" if one else NO_DATE for one in text_column(data, rounds)]
    stated = stated_date(data.meta)
    label = NO_DATE if stated is None else str(stated)[: 7 if monthly and len(data.meta.date) > 4 else 4]
    return [label] * len(data.frame)


def _cells(title: str, data: VectorData, places: list[str], labels: list[str]) -> list[GapCell]:
    import numpy as np
    import pandas

    column = data.roles.get("people")
    people = np.full(len(places), math.nan)
    counts = column in data.frame.columns
    if counts:
        people = pandas.to_numeric(data.frame[column], errors="coerce").to_numpy(
            dtype=np.float64, na_value=math.nan
        )
    table = pandas.DataFrame({"place": places, "date": labels, "people": people})
    grouped = table.groupby(["place", "date"], sort=True)["people"]
    sums, sizes, known = grouped.sum(), grouped.size(), grouped.count()
    cells = []
    for (place, date), size in sizes.items():
        total = float(sums[(place, date)]) if counts and known[(place, date)] else None
        cells.append(GapCell(title, str(place), str(date), int(size), _whole(total)))
    return cells


def _whole(value: float | None) -> float | None:
    return int(value) if value is not None and value.is_integer() and abs(value) < 2**53 else value
