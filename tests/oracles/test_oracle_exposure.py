"""Exposure over real files: published totals, sums by hand, and what two independent ways must agree on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import pytest
import rasterio
import shapely
from affine import Affine
from command_line import Said, migmap
from handles import assert_adds_up, real

from migmap.analysis.exposure import Exposure
from migmap.api import Inputs, Result

__all__ = ["migmap"]

Folder = Callable[[str], Path]
Command = Callable[..., Said]
# InaSAFE's flood study: people where the water is deeper than 0.1 m.
PUBLISHED = {"Current": 2_485_442, "Design": 1_537_920}
PERIODS = (10, 50, 100, 1000)


def ask(params: dict[str, Any], hazards: Iterable[Any], **more: Any) -> Result:
    """A run over several hazards, every input named in the parameters."""
    given = {f"hazard:{i}" if i > 1 else "hazard": one for i, one in enumerate(hazards, 1)}
    named = {"hazard": ["given"] * len(given), **dict.fromkeys(more, "given"), **params}
    return Exposure().run(Exposure.Params(**named), Inputs({**given, **more}), lambda *_: None)


def rows(result: Result) -> dict[tuple[Any, ...], float]:
    """(metric, hazard, level, area, class) -> value."""
    return {
        (row.metric, row.hazard, row.level, row.area, row.class_): float(row.value or 0)
        for row in result.metrics
    }


@pytest.mark.parametrize("flood", PUBLISHED)
def test_a_scheme_finds_the_published_people_of_jakarta(
    shared_data: Folder, migmap: Command, flood: str
) -> None:
    folder = shared_data("inasafe")
    said = migmap(
        *("run", "exposure", "--hazard", folder / f"Flood_{flood}_Depth_Jakarta_geographic.asc"),
        *("--scheme", "flood-depth", "--hazard-unit", "m", "--rates", "flood-planning"),
        *("--exposed", folder / "Population_Jakarta_geographic.asc"),
        *("--population", "density:people/10ha", "--json"),
    )
    assert said.code == 0, said.err
    found = {
        (row["metric"], row["class"]): row["value"] for row in said.json["metrics"] if row["area"] is None
    }
    classes = [value for (metric, _), value in found.items() if metric == "people"]
    exposed = sum(
        value
        for (metric, label), value in found.items()
        if metric == "people" and label not in ("not_exposed", "unknown")
    )
    assert exposed == pytest.approx(PUBLISHED[flood], rel=0.01)
    assert sum(classes) == pytest.approx(8_912_627.78, rel=1e-8)
    assert found["affected", None] == pytest.approx(exposed, rel=1e-12)
    assert 0 < found["displaced", None] < exposed


def test_the_ladder_of_jamaica_rises_and_gives_an_average_year(shared_data: Folder) -> None:
    folder = shared_data("gfdrr-jam")
    ladder = [real(folder / f"1in{period}.tif") for period in PERIODS]
    asked = {"classes": (1,), "population": "counts", "return_period": PERIODS}
    result = ask(asked, ladder, exposed=real(folder / "JAM_POP.tif"))
    reached = [row.value or 0 for row in result.metrics if row.class_ == "1+"]
    assert reached == sorted(reached)
    assert reached[0] > 80_000
    assert reached[-1] < 110_000
    (year,) = (row.value for row in result.metrics if row.metric == "expected_people_per_year")
    rare = [1 / period for period in PERIODS]
    steps = [(rare[i] - rare[i + 1]) * (reached[i] + reached[i + 1]) / 2 for i in range(3)]
    assert year == pytest.approx(sum(steps) + rare[3] * reached[3], rel=1e-12)
    assert not any(row.metric.startswith("joint") for row in result.metrics)


@pytest.fixture(scope="module")
def flood(shared_data: Folder) -> Any:
    return real(shared_data("pk-unosat-viirs-2022") / "VIIRS_20220825_20220831_FloodExtent_PAK.shp")


@pytest.fixture(scope="module")
def districts(shared_data: Folder) -> Any:
    path = shared_data("pk-codab-adm2") / "districts_simplified_5p.geojson"
    return real(path, pcode="ADM2_PCODE", name="ADM2_EN")


def test_two_floods_over_districts_add_up_to_both_alone(
    shared_data: Folder, flood: Any, districts: Any
) -> None:
    """In Sindh's south, where both are: the whole country takes ten times as long."""
    parts = shapely.get_parts(flood.frame.geometry.to_numpy())
    parts = parts[shapely.bounds(parts)[:, 3] < 26]
    flood = replace(flood, frame=flood.frame.assign(geometry=[shapely.MultiPolygon(list(parts))]))
    warned = real(shared_data("pk-unosat-viirs-2022") / "20220826_warning.geojson")
    sindh = districts.frame["ADM1_EN"] == "Sindh"
    areas = replace(
        districts, frame=districts.frame[sindh], row_numbers=np.asarray(districts.row_numbers)[sindh]
    )
    result = ask({}, [flood, warned], areas=areas)
    found = rows(result)
    places = {(level, area) for _, _, level, area, _ in found}
    assert len(places) > 20
    assert found["joint_area_km2", None, None, None, "exactly 2"] > 5_000
    for level, area in places:
        each = [found["area_km2", one.name, level, area, "exposed"] for one in (flood, warned)]
        once, twice = (found["joint_area_km2", None, level, area, f"exactly {e}"] for e in (1, 2))
        pair = found["joint_area_km2", f"{flood.name} & {warned.name}", level, area, "both"]
        assert once + 2 * twice == pytest.approx(sum(each), rel=1e-9, abs=1e-7)
        assert pair == pytest.approx(twice, rel=1e-9, abs=1e-9)
    assert_adds_up(result, 1e-7)


def test_the_national_raster_rolled_up_knows_nothing_north_of_its_edge(
    shared_data: Folder, districts: Any
) -> None:
    risk = real(shared_data("pk-floodrisk-gee") / "Pakistan_Flood_HighRisk_Zones.tif")
    found = rows(ask({"rollup": ("Division", "ADM1_EN")}, [risk], areas=districts))
    metric, name = "area_km2", risk.name
    for label in ("not_exposed", "1", "unknown"):
        whole = found[metric, name, None, None, label]
        for level in ("ADM2_PCODE", "Division", "ADM1_EN"):
            parts = [value for key, value in found.items() if key[2] == level and key[4] == label]
            assert sum(parts) == pytest.approx(whole, rel=1e-9)
    north = {
        label: found[metric, name, "ADM1_EN", "Gilgit Baltistan", label]
        for label in ("not_exposed", "1", "unknown")
    }
    assert north["not_exposed"] == north["1"] == 0
    assert north["unknown"] > 69_000


def test_a_district_of_the_national_raster_is_what_exactextract_says(
    shared_data: Folder, districts: Any, tmp_path: Path
) -> None:
    exactextract = pytest.importorskip("exactextract")
    path = shared_data("pk-floodrisk-gee") / "Pakistan_Flood_HighRisk_Zones.tif"
    dadu = districts.frame[districts.frame["ADM2_EN"] == "Dadu"]
    west, south, east, north = dadu.total_bounds
    with rasterio.open(path) as source:
        a, e, left, top = source.transform.a, source.transform.e, source.transform.c, source.transform.f
        column, row = int((west - left) / a) - 2, int((north - top) / e) - 2
        size = int((east - west) / a) + 5, int((south - north) / e) + 5
        cells = source.read(1, window=rasterio.windows.Window(column, row, *size))
    at = Affine(a, 0.0, left + column * a, 0.0, e, top + row * e)
    # Ground of a row of cells on the ellipsoid: between two parallels, by the authalic latitude.
    squared = 0.00669437999014
    sine = np.sin(np.radians(at.f + at.e * np.arange(cells.shape[0] + 1)))
    root = np.sqrt(squared)
    zone = sine / (1 - squared * sine**2) + np.arctanh(root * sine) / root
    zone *= (1 - squared) * 6378.137**2 / 2
    km2 = np.abs(np.diff(zone)) * np.radians(at.a)
    weighed = tmp_path / "weighed.tif"
    shape = {"width": cells.shape[1], "height": cells.shape[0], "count": 1, "dtype": "float64"}
    with rasterio.open(weighed, "w", driver="GTiff", crs="EPSG:4326", transform=at, **shape) as target:
        target.write((cells == 1) * km2[:, None], 1)
    (said,) = exactextract.exact_extract(str(weighed), dadu, ["sum"])
    found = rows(ask({}, [real(path)], areas=districts))
    code = dadu["ADM2_PCODE"].iloc[0]
    mine = next(value for key, value in found.items() if key[3] == code and key[4] == "1")
    assert mine == pytest.approx(said["properties"]["sum"], rel=1e-7)


@pytest.mark.parametrize("rule", ["touch", "share"])
def test_health_sites_that_meet_the_flood(shared_data: Folder, flood: Any, rule: str) -> None:
    sites = real(shared_data("pk-healthsites") / "pakistan.geojson")
    found = rows(ask({"rule": rule}, [flood], exposed=sites))
    parts = shapely.get_parts(flood.frame.geometry.to_numpy())
    shapes = shapely.make_valid(sites.frame.geometry.to_numpy())
    wet = np.unique(shapely.STRtree(parts).query(shapes, predicate="intersects")[0])
    assert {key[4]: value for key, value in found.items()} == {
        "not_exposed": len(shapes) - len(wet),
        "exposed": len(wet),
        "unknown": 0,
    }


def test_rivers_by_tehsil(shared_data: Folder, flood: Any) -> None:
    folder = shared_data("pk-sindh-flood2022")
    rivers = real(folder / "Pakistan_main_rivers.shp")
    tehsils = real(folder / "3_sindh_tehsils.shp", pcode="ADM3_PCODE")
    result = ask({"rollup": ("ADM2_EN",)}, [flood], exposed=rivers, areas=tehsils)
    found = rows(result)
    whole = sum(value for key, value in found.items() if key[2] is None)
    geod = pyproj.Geod(ellps="WGS84")
    straight = sum(geod.geometry_length(one) for one in rivers.frame.geometry) / 1000
    assert whole == pytest.approx(straight, rel=1e-6)
    for label in ("not_exposed", "exposed"):
        total = found["length_km", flood.name, None, None, label]
        for level in ("ADM3_PCODE", "ADM2_EN"):
            parts = [value for key, value in found.items() if key[2] == level and key[4] == label]
            assert sum(parts) == pytest.approx(total, rel=1e-9)
