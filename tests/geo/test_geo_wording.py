"""Counts and units as sentences say them."""

from __future__ import annotations

import pytest

from migmap.geo.wording import counted, km2_text, rows_text, unit_text


def test_one_is_one_and_many_are_many() -> None:
    assert [rows_text(n) for n in (0, 1, 1234)] == ["0 rows", "1 row", "1,234 rows"]
    assert counted(1, "site has", "sites have") == "1 site has"
    assert counted(2, "site has", "sites have") == "2 sites have"


@pytest.mark.parametrize(
    ("km2", "said"),
    [(69014.61, "69,014.6 km²"), (0, "0.0 km²"), (0.05, "50,000 m²"), (1e-9, "less than 1 m²")],
)
def test_ground_in_the_unit_that_says_something(km2: float, said: str) -> None:
    assert km2_text(km2) == said


def test_units_of_tables_for_people() -> None:
    assert [unit_text(unit) for unit in ("km2", "m2", "people")] == ["km²", "m²", "people"]
