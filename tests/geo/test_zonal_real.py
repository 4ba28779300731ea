"""Real rasters and the numbers others published about them (sources in tests/oracles and SOURCE.txt)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely
from exactextract import exact_extract

from migmap.api import Problem, RasterData
from migmap.geo.classes import classes_from_edges, classes_of_raster
from migmap.geo.zonal import population_summary, sums, tabulate, tabulate_many
from migmap.io.rasters.raster import open_raster
from migmap.io.reference import parse_reference

Folder = Callable[[str], Path]


def opened(path: Path) -> RasterData:
    return open_raster(parse_reference(str(path)))


@pytest.mark.parametrize(
    ("depth", "people"), [("Flood_Current_Depth", 2_485_442), ("Flood_Design_Depth", 1_537_920)]
)
def test_people_in_the_flood_of_jakarta(shared_data: Folder, depth: str, people: int) -> None:
    folder = shared_data("inasafe")
    hazard = opened(folder / f"{depth}_Jakarta_geographic.asc")
    population = opened(folder / "Population_Jakarta_geographic.asc")
    box = population.extent
    halves = [
        shapely.box(box.west, box.south, 106.83, box.north),
        shapely.box(106.83, box.south, box.east, box.north),
    ]
    found = tabulate(
        halves, hazard=hazard, classes=classes_from_edges([0.1]), people=population, people_unit="people/10ha"
    )
    assert found.total[1] == pytest.approx(people, rel=0.01)
    np.testing.assert_allclose(found.zones.sum(axis=0), found.total, rtol=1e-9)


def test_jakarta_read_as_counts_is_impossibly_dense(shared_data: Folder) -> None:
    summary = population_summary(opened(shared_data("inasafe") / "Population_Jakarta_geographic.asc"))
    assert summary.as_counts == pytest.approx(356e6, rel=0.001)
    assert summary.counts_per_km2 > 100_000
    assert summary.total("people/10ha") == pytest.approx(8.9e6, rel=0.01)


def test_the_return_periods_of_jamaica_rise(shared_data: Folder) -> None:
    folder = shared_data("gfdrr-jam")
    population = opened(folder / "JAM_POP.tif")
    exposed = []
    for period in (10, 50, 100, 1000):
        found = tabulate(
            [], hazard=opened(folder / f"1in{period}.tif"), classes=classes_from_edges([1]), people=population
        )
        exposed.append(found.total[1])
        # cells hold -999900 where the file declares -9999: no measurement, and said
        assert [finding.code for finding in found.findings] == ["nodata-undeclared"]
        assert found.total[0] == 0
    assert exposed == sorted(exposed)
    assert 80_000 < exposed[0] < exposed[-1] < 110_000


def test_the_return_periods_of_jamaica_at_once(shared_data: Folder) -> None:
    folder = shared_data("gfdrr-jam")
    population = opened(folder / "JAM_POP.tif")
    hazards = [opened(folder / f"1in{period}.tif") for period in (10, 50, 100, 1000)]
    flags = [np.array([False, True, False])] * 4
    asked = {"classes": [classes_from_edges([1])] * 4, "exposed": flags, "people": population}
    box = population.extent
    halves = [
        shapely.box(box.west, box.south, -77.3, box.north),
        shapely.box(-77.3, box.south, box.east, box.north),
    ]
    many = tabulate_many(halves, hazards=hazards, **asked)
    columns = many.columns
    for hazard, one in zip(hazards, many.by_hazard, strict=True):
        alone = tabulate(halves, hazard=hazard, classes=classes_from_edges([1]), people=population)
        np.testing.assert_allclose(one.total, alone.total, rtol=1e-12)
        np.testing.assert_allclose(one.zones, alone.zones, rtol=1e-11, atol=1e-9)
        assert one.findings == alone.findings
    everyone = many.by_hazard[0].total.sum()
    assert many.joint_total[: columns.unknown + 1].sum() == pytest.approx(everyone, rel=1e-12)
    exactly = many.joint_total[1 : columns.unknown]
    singles = sum(one.total[1] for one in many.by_hazard)
    assert exactly @ np.arange(1, 5) == pytest.approx(singles, rel=1e-12)
    # who is reached by the rarest flood or a more frequent one: at least as many as by the rarest
    assert exactly.sum() >= many.by_hazard[3].total[1] * (1 - 1e-12)
    np.testing.assert_allclose(many.joint_zones.sum(axis=0), many.joint_total, rtol=1e-9, atol=1e-9)


def test_slopes_in_rasterstats_polygons(shared_data: Folder) -> None:
    folder = shared_data("rasterstats")
    frame = pyogrio.read_dataframe(folder / "polygons.shp")
    slope = opened(folder / "slope.tif")
    expected = [
        row["properties"]["sum"]
        for row in exact_extract(str(folder / "slope.tif"), frame.set_crs(9674, allow_override=True), ["sum"])
    ]
    found = sums(np.array(frame.geometry), slope, zones_crs=slope.crs)
    np.testing.assert_allclose(found.zones[:, 0], expected, rtol=1e-7)


def test_a_raster_without_data_leaves_everything_unknown(shared_data: Folder) -> None:
    raster = opened(shared_data("rasterstats") / "all_nodata.tif")
    found = tabulate([], hazard=raster, classes=classes_from_edges([1.0]))
    assert found.total[:2].tolist() == [0, 0]
    assert found.total[2] > 0
    integer = opened(shared_data("nasty-rasterio") / "all-nodata.tif")
    assert len(classes_of_raster(integer)) == 0


def test_measured_depths_ask_for_edges(shared_data: Folder) -> None:
    with pytest.raises(Problem, match=r"Minimum 0, median 0 .*maximum 15\.7006") as problem:
        classes_of_raster(opened(shared_data("inasafe") / "Flood_Current_Depth_Jakarta_geographic.asc"))
    assert "--classes" in problem.value.fix


def test_a_national_risk_raster_is_a_classification(shared_data: Folder) -> None:
    classes = classes_of_raster(opened(shared_data("pk-floodrisk-gee") / "Pakistan_Flood_HighRisk_Zones.tif"))
    assert classes.labels == ("not_exposed", "1")
