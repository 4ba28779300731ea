"""The national risk raster (205 million cells) by district: what lies north of it is unknown, not safe."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from handles import assert_adds_up, real, run, values

from migmap.analysis.exposure import Exposure

NORTH_OF_IT = ("Gilgit", "Hunza", "Skardu", "Swat", "Chitral Upper")


def test_districts_north_of_the_raster_read_unknown(shared_data: Callable[[str], Path]) -> None:
    hazard = real(shared_data("pk-floodrisk-gee") / "Pakistan_Flood_HighRisk_Zones.tif")
    districts = real(
        shared_data("pk-codab-adm2") / "districts_simplified_5p.geojson", pcode="ADM2_PCODE", name="ADM2_EN"
    )
    result = run(Exposure, {}, hazard=hazard, areas=districts)
    assert_adds_up(result, 1e-7)
    alone = run(Exposure, {}, hazard=hazard)
    assert values(result, "area_km2")["1"] == pytest.approx(values(alone, "area_km2")["1"], rel=1e-12)
    frame = result.layers[0].data.frame.set_index("name")
    for name in NORTH_OF_IT:
        assert frame.loc[name, "area_km2_unknown"] > 0
        assert frame.loc[name, "area_km2_1"] == 0
        assert frame.loc[name, "area_km2_not_exposed"] == 0
        assert np.isnan(frame.loc[name, "exposed_km2"])
    assert frame.loc["Sanghar", "area_km2_unknown"] == pytest.approx(0, abs=1e-6)
