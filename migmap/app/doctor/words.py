"""The report in sentences, the same on the terminal, in the window and on the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .report import LayerReport

NOT_STATED = "not stated, treated as restricted"


def number(value: float | None) -> str:
    """1,234; 12.5; "unknown" for None: nothing known is not 0."""
    if value is None:
        return "unknown"
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"


def percent(share: float | None) -> str:
    """ "12 %", "99.9 %" where whole numbers would say 100."""
    if share is None:
        return "unknown"
    rounded = f"{share:.0%}"
    if (rounded == "100%" and share < 1) or (rounded == "0%" and share > 0):
        rounded = f"{share:.2%}"
    return rounded.replace("%", " %")


def balance(report: LayerReport) -> str:
    """ "13,367 rows in the file = 8,102 used + 5,265 set aside (5,265 coarser levels)."; "" for a raster."""
    found = report.accounting
    if found is None:
        return ""
    rows = f"{found.rows:,} {'row' if found.rows == 1 else 'rows'} in the file = {found.used:,} used + "
    return f"{rows}{found.set_aside:,} set aside{_reasons(report.set_aside)}."


def people_balance(report: LayerReport) -> str:
    """The same of people; "" where no column counts them."""
    found = report.accounting
    if found is None or found.people is None:
        return ""
    return (
        f"{number(found.people)} people in the file = {number(found.people_used)} used + "
        f"{number(found.people_set_aside)} set aside."
    )


def _reasons(aside: Sequence[Mapping[str, Any]]) -> str:
    parts = [f"{int(one['count']):,} {one['reason']}" for one in aside]
    return f" ({', '.join(parts)})" if parts else ""


_KEPT = 1_000
"""Row numbers a finding keeps; with fewer, those are all there are."""


def rows_text(rows: Sequence[int], most: int = 12) -> str:
    """ "row 5", "rows 5, 7, 9 and 468 more"; "" where no rows are named."""
    if not rows:
        return ""
    shown = ", ".join(f"{row}" for row in rows[:most])
    more = len(rows) - most
    word = "row" if len(rows) == 1 else "rows"
    if len(rows) >= _KEPT:
        return f"{word} {shown} and many more"
    return f"{word} {shown}" + (f" and {more:,} more" if more > 0 else "")


def people_lines(report: LayerReport) -> list[str]:
    """What is known of the people of a layer."""
    people = report.people
    if people.total is None and people.households is None:
        return []
    lines = []
    if people.total is not None:
        what = f" ({', '.join(people.categories)})" if people.categories else ""
        lines.append(f"{number(people.total)} people{what}.")
    if people.households is not None:
        lines.append(f"{number(people.households)} households.")
    if people.total:
        both = people.share(people.both)
        if both is not None:
            lines.append(f"Sex and age are known of {percent(both)} of them.")
        else:
            parts = [
                f"{word} of {percent(people.share(value))}"
                for word, value in (("sex", people.sex), ("age", people.age))
                if value is not None
            ]
            if parts:
                text = " and ".join(parts)
                lines.append(f"Known are {text}; sex and age together of none.")
            else:
                lines.append("Sex and age are known of none of them.")
    return lines


def verdict(counts: Mapping[str, int]) -> str:
    """ "1 error, 5 warnings, 3 remarks", "nothing odd"."""
    words = {"error": ("error", "errors"), "warning": ("warning", "warnings"), "info": ("remark", "remarks")}
    parts = [f"{n:,} {words[one][0 if n == 1 else 1]}" for one, n in counts.items() if n]
    return ", ".join(parts) or "nothing odd"


def sensitivity_text(sensitivity: str | None) -> str:
    return f"Sensitivity: {sensitivity or NOT_STATED}"
