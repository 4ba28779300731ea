"""What a layer says of itself: source, date, sensitivity; and what follows when it says nothing."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from migmap.api import Finding, Meta, VectorData

from ..agreements import end_of
from .dates import date_column, newest, row_dates, stated_date

if TYPE_CHECKING:
    from migmap.api import Data

STALE_DAYS = 365


def statement_findings(
    data: Data, today: datetime.date, against: datetime.date | None = None
) -> tuple[Finding, ...]:
    """source-not-stated, date-not-stated, method-not-stated, sensitivity-not-stated,
    boundary-vintage-not-stated, agreement-expired, agreement-end-unreadable, agreement-audience, data-stale.

    against: the newest date of the project; None: compared with `today`.
    """
    findings = []
    meta = data.meta
    if not meta.attribution:
        findings.append(
            Finding(
                "source-not-stated",
                "warning",
                "Nobody says who made these data, so a figure made of them cannot name its source. State it "
                "as “attribution” in a file beside the data, named like it with .meta.json at the end.",
            )
        )
    if not _dated(data):
        findings.append(
            Finding(
                "date-not-stated",
                "warning",
                "Nobody says of when these data are: there is no date in the rows and none is stated for the "
                "layer.",
            )
        )
    if not meta.method and data.kind not in ("plain", "basemap"):
        findings.append(
            Finding(
                "method-not-stated",
                "info",
                "Nobody says how these data were made or collected. State it as “method”.",
            )
        )
    if data.kind == "boundary" and not (meta.boundary_vintage or meta.date):
        findings.append(
            Finding(
                "boundary-vintage-not-stated",
                "info",
                "Nobody says which edition of the boundaries this is, and districts are split and renamed. "
                "State it as “boundary_vintage”.",
            )
        )
    if meta.sensitivity is None:
        findings.append(
            Finding(
                "sensitivity-not-stated",
                "info",
                "Nobody says who may see these data; they are treated as restricted.",
            )
        )
    findings += _agreement(meta, today)
    findings += _stale(data, today, against)
    return tuple(findings)


def _agreement(meta: Meta, today: datetime.date) -> list[Finding]:
    found = []
    for reference, expires, audience in meta.agreements:
        named = f"The agreement {reference}" if reference else "The agreement"
        ends = end_of(expires)
        if ends is not None and ends < today:
            found.append(
                Finding(
                    "agreement-expired",
                    "warning",
                    f"{named} under which these data were shared ended on {ends.isoformat()}: nothing made "
                    "of them leaves migmap until a later end is stated. Ask whoever shared them.",
                )
            )
        elif expires and ends is None:
            found.append(
                Finding(
                    "agreement-end-unreadable",
                    "warning",
                    f"{named} ends on “{expires[:40]}”, which is no date migmap can read, so it cannot watch "
                    "over it. Write it like 2026-12-31.",
                )
            )
        if audience:
            found.append(
                Finding(
                    "agreement-audience",
                    "info",
                    f"{named} lets {audience} see these data; an export must name who it is for "
                    "(--audience).",
                )
            )
    return found


def _dated(data: Data) -> bool:
    if stated_date(data.meta) is not None or data.meta.date:
        return True
    if not isinstance(data, VectorData):
        return bool(data.roles.get("date"))
    column = date_column(data)
    return column is not None and bool(data.frame[column].notna().any())


def newest_of(data: Data, today: datetime.date) -> datetime.date | None:
    """Of when the newest of the data is, None where nothing says so."""
    if isinstance(data, VectorData):
        return newest(data, today)
    return stated_date(data.meta)


def _stale(data: Data, today: datetime.date, against: datetime.date | None) -> list[Finding]:
    last = newest_of(data, today)
    if last is None:
        return []
    reference = against if against is not None else today
    age = (reference - last).days
    if age <= STALE_DAYS:
        return []
    years = age / 365.25
    compared = "the newest data of the project" if against is not None else f"{today.isoformat()}"
    return [
        Finding(
            "data-stale",
            "warning",
            f"The newest date is {last.isoformat()}, {years:.1f} years before {compared}"
            f"{f' ({reference.isoformat()})' if against is not None else ''}.",
        )
    ]


_OPERATIONS = ("operation", "adm0_name", "adm0_pcode")
_NAMED = 8


def rounds_stale(data: VectorData) -> list[Finding]:
    """rounds-stale: operations (else countries) whose newest row is more than a year older than the newest of
    the layer, and whose people are in its total all the same."""
    import numpy as np
    import pandas

    from migmap.geo.columns import text_column
    from migmap.geo.wording import first_rows, rows_text

    from .contradictions import people_of

    column = next((data.roles[role] for role in _OPERATIONS if data.roles.get(role) in data.frame), None)
    if data.kind not in ("dtm_area", "dtm_site") or column is None or not len(data.frame):
        return []
    table = pandas.DataFrame(
        {
            "name": [name or "(no operation)" for name in text_column(data, column)],
            "day": pandas.to_datetime(pandas.Series(row_dates(data), dtype=object), errors="coerce"),
            "people": people_of(data),
        }
    )
    last = table.groupby("name")["day"].max().dropna()
    if len(last) < 2:
        return []
    old = last[(last.max() - last).dt.days > STALE_DAYS]
    if not len(old):
        return []
    rows = np.flatnonzero(table["name"].isin(old.index).to_numpy())
    people = table.groupby("name")["people"].sum()
    order = sorted(old.index, key=lambda name: -people[name])
    listed = "; ".join(f"{name}: {old[name].date()}, {people[name]:,.0f} people" for name in order[:_NAMED])
    more = f"; and {len(order) - _NAMED:,} more" if len(order) > _NAMED else ""
    inside, total = float(people[order].sum()), float(np.nansum(table["people"]))
    message = (
        f"{len(order):,} of {len(last):,} in “{column}” were last counted more than a year before the newest "
        f"count ({last.max().date()}) and are in the total all the same: {inside:,.0f} of {total:,.0f} "
        f"people, in {rows_text(len(rows))}. {listed}{more}. Leave out those that have ended."
    )
    return [Finding("rounds-stale", "warning", message, len(rows), first_rows(data.row_numbers[rows]))]


def source_line(meta: Meta) -> str:
    """Who made it, of when, under which licence; "" where nothing is stated."""
    return ", ".join(text for text in (meta.attribution, meta.date, meta.licence) if text)
