"""What became of the rows of a file and of the people in them, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from ..words import counted, number

if TYPE_CHECKING:
    from migmap.geo.accounting import Accounting
    from migmap.geo.peoplereadings import PeopleReading


def told(accounts: Accounting) -> str:
    """ "3,379 rows, all used." or "9 rows: 8 used, 1 set aside. 20 people: 10 used, 10 set aside." """
    rows = counted(_tr("1 row"), _tr("{0} rows"), accounts.rows)
    split = _tr("{0}: {1} used, {2} set aside.")
    if accounts.set_aside:
        said = [split.format(rows, number(accounts.used), number(accounts.set_aside))]
    else:
        said = [_tr("{0}, all used.").format(rows)]
    if accounts.people is not None:
        people, used, aside = _people(accounts)
        said.append(split.format(people, number(used), number(aside)) if aside else f"{people}.")
    return " ".join(said)


def equation(accounts: Accounting) -> str:
    """ "9 rows = 8 used + 1 set aside  ·  5,300 people = 2,650 used + 2,650 set aside"."""
    rows = counted(_tr("1 row"), _tr("{0} rows"), accounts.rows)
    sum_of = _tr("{0} = {1} used + {2} set aside")
    if accounts.set_aside:
        said = [sum_of.format(rows, number(accounts.used), number(accounts.set_aside))]
    else:
        said = [_tr("{0}, all used").format(rows)]
    if accounts.people is not None:
        people, used, aside = _people(accounts)
        said.append(sum_of.format(people, number(used), number(aside)) if aside else people)
    return "  ·  ".join(said)


def people_told(readings: Sequence[PeopleReading], unit: str | None) -> str:
    """ "2,961,161 people in all, read as people in the cell." of a population raster; "" where no reading
    is of the unit. unit: as decided; None for counts."""
    one = next((one for one in readings if one.unit == (unit or "count")), None)
    if one is None:
        return ""
    count = number(round(one.people if one.is_exact else float(f"{one.people:.3g}")))
    if one.unit == "count":
        return _tr("{0} people in all, read as people in the cell.").format(count)
    return _tr("{0} people in all, read as people per area.").format(count)


def _people(accounts: Accounting) -> tuple[str, float, float]:
    """("5,300 people", used, set aside)."""
    people = counted(_tr("1 person"), _tr("{0} people"), accounts.people or 0)
    return people, accounts.people_used or 0, accounts.people_set_aside or 0


def _tr(text: str) -> str:
    return QCoreApplication.translate("accounts", text)
