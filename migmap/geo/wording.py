"""Counts, rows and areas as findings and notes say them."""

from __future__ import annotations

from collections.abc import Iterable

from migmap.io.wording import counted as counted

KEPT_ROWS = 1_000


def first_rows(numbers: Iterable[int]) -> tuple[int, ...]:
    """Row numbers for a Finding: at most 1,000, as plain int."""
    return tuple(int(number) for number in list(numbers)[:KEPT_ROWS])


def rows_text(count: int) -> str:
    """ "1 row", "1,234 rows"."""
    return counted(count, "row")


def unit_text(unit: str) -> str:
    """A unit of a table as people write it: "km²"."""
    return {"km2": "km²", "m2": "m²"}.get(unit, unit)


def km2_text(km2: float) -> str:
    """Ground for a sentence: "69,014.6 km²"; in m² where a tenth of a km² says nothing."""
    if km2 == 0 or abs(km2) >= 0.1:
        return f"{km2:,.1f} km²"
    return f"{km2 * 1e6:,.0f} m²" if abs(km2) >= 1e-6 else "less than 1 m²"
