"""What a layer says of itself: source, date, sensitivity; and what follows when it says nothing."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from migmap.api import Finding, Meta, VectorData

from .dates import date_column, date_of, newest, stated_date

if TYPE_CHECKING:
    from migmap.api import Data

STALE_DAYS = 365


def statement_findings(
    data: Data, today: datetime.date, against: datetime.date | None = None
) -> tuple[Finding, ...]:
    """source-not-stated, date-not-stated, sensitivity-not-stated, agreement-expired,
    data-stale.

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
    ends = date_of(meta.agreement_expires)
    if ends is None or ends >= today:
        return []
    reference = f" {meta.agreement}" if meta.agreement else ""
    return [
        Finding(
            "agreement-expired",
            "warning",
            f"The agreement{reference} under which these data were shared ended on {ends.isoformat()}. Ask "
            "whoever shared them before you pass anything on.",
        )
    ]


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


def source_line(meta: Meta) -> str:
    """Who made it, of when, under which licence; "" where nothing is stated."""
    return ", ".join(text for text in (meta.attribution, meta.date, meta.licence) if text)
