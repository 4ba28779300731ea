"""Groups of people by the columns that break a total down."""

from __future__ import annotations

from migmap.api import PeopleColumn, VectorData


def group_name(column: PeopleColumn) -> str:
    """ "female", "0-4", "female 0-4", "por": what sets the column's people apart; "" for everybody."""
    words = [word for word in (column.category, column.sex, column.age) if word not in ("all", "unknown")]
    unknown = [
        f"{what} unknown"
        for what, value in (("category", column.category), ("sex", column.sex), ("age", column.age))
        if value == "unknown"
    ]
    if column.status:
        words.append(column.status)
    return " ".join([*words, *unknown])


def columns_of_groups(sites: VectorData, total: str | None) -> dict[str, PeopleColumn]:
    """Name of a group -> the column that counts it, among people of the column `total`: the same date and
    nature, individuals; the first of several with one name."""
    main = next((one for one in sites.people if one.column == total), None)
    found: dict[str, PeopleColumn] = {}
    for one in sites.people:
        name = group_name(one)
        if not name or one.column == total or one.counts != "individuals":
            continue
        if main is not None and (one.nature, one.date) != (main.nature, main.date):
            continue
        found.setdefault(name, one)
    return found
