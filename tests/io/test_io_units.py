"""Units in names of columns, and from one to another."""

from __future__ import annotations

import pytest

from migmap.io.values.units import converted, factor, unit_of_name


@pytest.mark.parametrize(
    ("name", "bare", "unit"),
    [
        ("distance (km)", "distance", "km"),
        ("area_ha", "area", "ha"),
        ("depth [cm]", "depth", "cm"),
        ("distance (miles)", "distance", "mi"),
        ("litres/day", "", "l/day"),
        ("Area sq km", "Area", "km2"),
        ("depth_m", "depth", "m"),
        ("share %", "share", "%"),
        ("distance in km", "distance", "km"),
        ("people", "people", ""),
        ("health_hh", "health_hh", ""),
        ("Number of households", "Number of households", ""),
        ("Total families", "Total families", ""),
        ("name_m", "name_m", ""),
    ],
)
def test_units_in_names(name: str, bare: str, unit: str) -> None:
    assert unit_of_name(name) == (bare, unit)


def test_conversion() -> None:
    assert factor("km", "m") == 1000
    assert factor("acre", "ha") == pytest.approx(0.40468564224)
    assert factor("kanal", "marla") == pytest.approx(20)
    assert factor("m", "ha") is None
    assert factor("°C", "°F") is None
    assert converted(100, "°C", "°F") == pytest.approx(212)
    assert converted(5, "mi", "km") == pytest.approx(8.04672)
