"""Counts or density: every reading with its total, one recommended or none, estimates with their error."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from made_rasters import raster_of

from migmap.api import Problem, RasterData, Reading
from migmap.geo.peoplereadings import people_readings, people_total, unit_of_reading
from migmap.geo.population import population_summary

UTM = {"crs": "EPSG:32642", "west": 400_000.0, "north": 3_400_000.0}


def named(raster: RasterData, **changes: str) -> RasterData:
    return dataclasses.replace(raster, **changes)  # type: ignore[arg-type]


def test_every_reading_has_its_total(tmp_path: Path) -> None:
    raster = raster_of(tmp_path / "a.tif", np.full((10, 10), 5.0, dtype="float32"), cell=100.0, **UTM)
    by_unit = {one.unit: one for one in people_readings(raster)}
    assert by_unit["count"].people == 500
    # 100 cells of a hectare: ground and grid differ by the scale of the projection.
    assert by_unit["density-ha"].people == pytest.approx(500, rel=2e-3)
    assert by_unit["density-10ha"].people == pytest.approx(50, rel=2e-3)
    assert by_unit["density-km2"].people == pytest.approx(5, rel=2e-3)
    assert all(one.is_exact for one in by_unit.values())
    assert not any(one.recommended for one in by_unit.values())


def test_unit_and_name_recommend(tmp_path: Path) -> None:
    raster = raster_of(tmp_path / "a.tif", np.full((10, 10), 50.0, dtype="float32"), cell=100.0, **UTM)

    def advised(one: RasterData) -> list[str]:
        return [reading.unit for reading in people_readings(one) if reading.recommended]

    assert advised(named(raster, unit="people per sq km")) == ["density-km2"]
    assert advised(named(raster, unit="people/ha")) == ["density-ha"]
    assert advised(named(raster, unit="people")) == ["count"]
    assert advised(named(raster, name="pak_pd_2020_1km")) == ["density-km2"]
    assert advised(named(raster, name="pak_ppp_2020")) == ["count"]
    assert advised(named(raster, name="pak_pph_2015")) == ["density-ha"]
    assert advised(raster) == []


def test_what_is_beyond_belief_is_not_recommended(tmp_path: Path) -> None:
    """Five thousand in each cell of 50 m would be two million on a km2."""
    raster = raster_of(tmp_path / "a.tif", np.full((10, 10), 5000.0, dtype="float32"), cell=50.0, **UTM)
    readings = {one.unit: one for one in people_readings(raster)}
    assert "more than any city" in readings["count"].reason
    assert "more than any city" in readings["density-ha"].reason
    assert not readings["density-km2"].reason
    said = people_total(named(raster, unit="people"))
    assert said.severity == "warning"
    assert "more than any city" in said.message
    assert "per km²" in said.message


def test_the_total_is_said_and_what_the_user_decided_stands(tmp_path: Path) -> None:
    raster = raster_of(tmp_path / "a.tif", np.full((10, 10), 50.0, dtype="float32"), cell=100.0, **UTM)
    said = people_total(raster)
    assert "5,000 people read as people per cell" in said.message
    decided = dataclasses.replace(raster, reading=Reading(people_unit="density-ha"))
    assert "as you said" in people_total(decided).message
    assert people_total(decided).severity == "info"
    with pytest.raises(Problem, match="no way to read"):
        unit_of_reading("density-acre")
    assert unit_of_reading(None) is None


def test_a_large_raster_is_estimated_with_its_error(tmp_path: Path) -> None:
    rng = np.random.default_rng(11)
    rows, columns = np.mgrid[0:2600, 0:2600]
    values = (np.exp(-((rows - 900) ** 2 + (columns - 1500) ** 2) / 4e5) * 30).astype("float32")
    values += rng.random(values.shape, dtype="float32")
    raster = raster_of(
        tmp_path / "a.tif", values, cell=100.0, **UTM, tiled=True, blockxsize=256, blockysize=256
    )
    truth = population_summary(raster)
    for one in people_readings(raster):
        exact = truth.as_counts if one.unit == "count" else None
        assert not one.is_exact
        assert 0 < one.low < one.people < one.high
        if exact is not None:
            assert one.low <= exact <= one.high
            assert one.high - one.low < exact
    exact_too = people_readings(raster, exact=True)
    assert exact_too[0].people == truth.as_counts
    assert exact_too[1].people == pytest.approx(truth.as_density["people/km2"])


def test_real_population(shared_data: object) -> None:
    from migmap.io.rasters.raster import open_raster
    from migmap.io.reference import Reference

    folder = shared_data("gfdrr-jam")  # type: ignore[operator]
    first = people_readings(open_raster(Reference(folder / "JAM_POP.tif")))[0]
    assert first.people == pytest.approx(2_961_161, abs=1)
    jakarta = shared_data("inasafe") / "Population_Jakarta_geographic.asc"  # type: ignore[operator]
    readings = {one.unit: one for one in people_readings(open_raster(Reference(jakarta)))}
    assert readings["count"].reason
    assert readings["density-10ha"].people == pytest.approx(8.91e6, rel=1e-3)
