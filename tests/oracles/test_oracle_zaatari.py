"""One layer of households in three formats: the same answer, 25 of 14,130 without a position."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from handles import assert_adds_up, real, run, values

from migmap.analysis.service_gap import ServiceGap

HOUSEHOLDS = 14_130
WITHOUT_POSITION = 25
# The CSV rounds to a millionth of a degree (7 cm), so a household may stand on either side of a limit that
# happens to fall there (100 m, 200 m and 250 m do); nobody lives that near to 300 m.
LIMIT_KM = 0.3


@pytest.fixture(scope="module")
def folder(shared_data: Callable[[str], Path]) -> Path:
    return shared_data("jor-zaatari")


def test_three_formats_agree(folder: Path) -> None:
    services = real(folder / "CampFacilities_2017_02.geojson", name="NAME_EN")
    districts = real(folder / "DistrictBoundaries_2016_12.geojson", name="NAME_EN")
    counts: list[list[Any]] = []
    distances: list[np.ndarray] = []
    for ending in ("csv", "kml", "shp.zip"):
        result = run(
            ServiceGap,
            {"limit_km": LIMIT_KM},
            sites=real(folder / f"Households_2017_04.{ending}"),
            services=services,
            areas=districts,
        )
        assert_adds_up(result)
        everything = values(result, "sites")
        assert sum(value or 0 for value in everything.values()) == HOUSEHOLDS
        assert everything["unknown"] == WITHOUT_POSITION
        assert values(result, "sites", "outside")["unknown"] == WITHOUT_POSITION
        counts.append([(r.area, r.class_, r.value) for r in result.metrics if r.metric == "sites"])
        distances.append(result.layers[-1].data.frame["distance_m"].to_numpy())
    assert counts[0] == counts[1] == counts[2]
    for other in distances[1:]:
        assert np.nanmax(np.abs(np.sort(distances[0]) - np.sort(other))) < 1.0


# REACH: 193 blocks, 4,437,603 m2 from shapefile and KML, 4,437,796 from GeoJSON (rounded coordinates).
@pytest.mark.parametrize(
    ("ending", "m2"), [("shp.zip", 4_437_603), ("kml", 4_437_603), ("geojson", 4_437_796)]
)
def test_blocks_have_their_ground_in_every_format(folder: Path, ending: str, m2: int) -> None:
    from migmap.geo.areas import area_set

    areas = area_set(real(folder / f"BlockBoundaries_2016_12.{ending}"))
    assert len(areas) == 193
    assert areas.ground_m2.sum() == pytest.approx(m2, abs=10)
