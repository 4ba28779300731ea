"""Services that say of themselves that they do not work."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from migmap.api import Finding, VectorData

if TYPE_CHECKING:
    from collections.abc import Iterable

# Only in a column that asks whether the service works: elsewhere a bare "no" or 0 may mean anything.
_NO = frozenset(["no", "n", "false", "0"])
_NOT_WORKING = re.compile(
    r"(not|non|never|no longer|partially not|un|in|dys)[\s_-]*"
    r"(function|functional|functioning|operational|operating|working|active|open|in use|usable|in service)"
    r"|closed|broken|abandoned|destroyed|defunct|out of (order|service|use)|disused|inoperative|suspended"
)
_ASKS = ("functional", "functioning", "functionality", "operational", "working", "active", "open", "in_use")
_NAMES = (*_ASKS, "functional_status", "operational_status", "status", "site_status", "facility_status")


def status_not_used(services: VectorData, where: Iterable[str], chosen: np.ndarray) -> tuple[Finding, ...]:
    """A finding where services that count say that they do not work, and no condition speaks of it.

    where: conditions "COL=VALUE". chosen: int64, rows that count."""
    from migmap.geo.columns import text_column
    from migmap.geo.wording import counted, first_rows

    column = _status_column(services)
    if column is None or column in {one.partition("=")[0].strip() for one in where}:
        return ()
    texts = text_column(services, column)
    asks = _bare(column) in {_bare(name) for name in _ASKS}
    idle = [row for row in chosen.tolist() if _says_no(texts[row], asks)]
    if not idle:
        return ()
    said = ", ".join(f"“{word}”" for word, _ in Counter(str(texts[row]) for row in idle).most_common(3))
    others = Counter(texts[row] for row in chosen.tolist() if texts[row] and not _says_no(texts[row], asks))
    fix = f" Count working ones only with --services-where {column}={_quoted(others.most_common(1)[0][0])}."
    return (
        Finding(
            "status-column-not-used",
            "info",
            f"{services.name}: {len(idle):,} of {counted(len(chosen), 'service')} that count "
            f"{'is' if len(idle) == 1 else 'are'} {said} in “{column}”, and distances to them were measured "
            f"all the same.{fix if others else ''}",
            len(idle),
            first_rows(np.asarray(services.row_numbers)[idle]),
        ),
    )


def _status_column(services: VectorData) -> str | None:
    from migmap.geo.columns import attribute_columns

    if (told := services.roles.get("status")) is not None:
        return told
    there = {_bare(name): name for name in reversed(attribute_columns(services))}
    return next((there[bare] for name in _NAMES if (bare := _bare(name)) in there), None)


def _says_no(text: str | None, asks: bool) -> bool:
    if text is None:
        return False
    word = text.strip().lower()
    return (asks and word in _NO) or _NOT_WORKING.match(word) is not None


def _bare(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.lower())


def _quoted(value: str | None) -> str:
    return f'"{value}"' if value and re.search(r"\s", value) else str(value)
