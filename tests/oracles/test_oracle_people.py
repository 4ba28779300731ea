"""Published numbers of people in floods."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from handles import assert_adds_up, real, run, values

from migmap.analysis.exposure import Exposure
from migmap.api import Problem

# InaSAFE's Jakarta flood study: people where the water is deeper than 0.1 m.
JAKARTA = {
    "Flood_Current_Depth_Jakarta_geographic.asc": 2_485_442,
    "Flood_Design_Depth_Jakarta_geographic.asc": 1_537_920,
}
# Jamaica, river flood of JRC in cm on a WorldPop-like population: only the order and the range are known.
LADDER = ("1in10.tif", "1in50.tif", "1in100.tif", "1in1000.tif")


@pytest.fixture(scope="module")
def jakarta(shared_data: Callable[[str], Path]) -> Path:
    return shared_data("inasafe")


@pytest.mark.parametrize("name", JAKARTA)
def test_jakarta(jakarta: Path, name: str) -> None:
    people = real(jakarta / "Population_Jakarta_geographic.asc")
    hazard = real(jakarta / name)
    params = {"classes": (0.1,), "population": "density:people/10ha"}
    alone = run(Exposure, params, hazard=hazard, exposed=people)
    assert values(alone, "people")["0.1+"] == pytest.approx(JAKARTA[name], rel=0.01)
    areas = real(jakarta / "kecamatan_jakarta_osm.shp", name="KEC_NAME")
    by_area = run(Exposure, params, hazard=hazard, exposed=people, areas=areas)
    assert_adds_up(by_area)
    for label, value in values(alone, "people").items():
        assert values(by_area, "people")[label] == pytest.approx(value, rel=1e-9)


def test_jakarta_read_as_counts_is_refused(jakarta: Path) -> None:
    people = real(jakarta / "Population_Jakarta_geographic.asc")
    hazard = real(jakarta / "Flood_Design_Depth_Jakarta_geographic.asc")
    with pytest.raises(Problem) as caught:
        run(Exposure, {"classes": (0.1,)}, hazard=hazard, exposed=people)
    said = str(caught.value)
    assert "355,987,630" in said
    assert "8,912,628 as people/10ha" in said


def test_a_rarer_flood_reaches_more_people(shared_data: Callable[[str], Path]) -> None:
    folder = shared_data("gfdrr-jam")
    people = real(folder / "JAM_POP.tif")
    found: list[Any] = []
    for name in LADDER:
        result = run(
            Exposure, {"classes": (1,), "population": "counts"}, hazard=real(folder / name), exposed=people
        )
        found.append(values(result, "people")["1+"])
    assert found == sorted(set(found))
    assert found[0] > 80_000
    assert found[-1] < 110_000
