"""Real files beside the checkout: each opens, or is refused with words; known figures come out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from migmap.api import Data, Probe, Problem, RasterData, VectorData
from migmap.io.probe import probe
from migmap.io.read import read
from migmap.io.reference import Reference, parse_reference

Folder = Callable[[str], Path]

FOLDERS = [
    "gfdrr-jam", "hma-glof", "hti-cap-haitien", "ibf-redcross", "inasafe", "iom-dtm-hdx-api", "jor-zaatari",
    "mwi-waterpoints", "nasty-fiona", "nasty-hxl", "nasty-kml", "nasty-mbostock", "nasty-pyshp",
    "nasty-rasterio", "pk-codab-adm2", "pk-floodrisk-gee", "pk-healthsites", "pk-sindh-flood2022",
    "pk-unosat-viirs-2022", "rasterstats", "unhcr-wash-kpi",
]  # fmt: skip


def loaded(path: Path) -> VectorData:
    data = read(Reference(path))
    assert isinstance(data, VectorData)
    return data


@pytest.mark.parametrize("name", FOLDERS)
def test_every_file_opens_or_is_refused_with_words(shared_data: Folder, name: str) -> None:
    for path in sorted(shared_data(name).iterdir()):
        seen, data, problem = opened(path)
        if problem is not None:
            assert path.name in problem.title
            assert problem.fix
        elif isinstance(data, VectorData):
            assert seen is not None
            assert seen.rows in (None, len(data.frame))
            assert len(data.row_numbers) == len(data.frame) > 0
            assert data.frame.crs is not None or data.frame.geometry.isna().all()
            # None of these files holds personal data: nothing may be dropped.
            assert "personal-columns-dropped" not in {f.code for f in data.findings}
            assert [c.name for c in seen.columns] == [c for c in data.frame.columns if c != "geometry"]


def opened(path: Path) -> tuple[Probe | None, Data | None, Problem | None]:
    try:
        return probe(Reference(path)), read(Reference(path)), None
    except Problem as problem:
        return None, None, problem


@pytest.mark.parametrize("ending", ["shp.zip", "kml", "csv", "xlsx"])
def test_the_25_households_without_a_position(shared_data: Folder, ending: str) -> None:
    data = loaded(shared_data("jor-zaatari") / f"Households_2017_04.{ending}")
    assert len(data.frame) == 14_130
    assert int(data.frame.geometry.isna().sum()) == 25
    found = next(f for f in data.findings if f.code == "no-position")
    assert found.count == 25
    assert len(found.rows) == 25


@pytest.mark.parametrize("ending", ["shp.zip", "kml", "geojson", "topojson"])
def test_the_193_blocks(shared_data: Folder, ending: str) -> None:
    data = loaded(shared_data("jor-zaatari") / f"BlockBoundaries_2016_12.{ending}")
    assert len(data.frame) == 193
    square_metres = data.frame.to_crs("ESRI:54034").area.sum()
    assert square_metres == pytest.approx(4_437_700, rel=2e-4)


def test_arabic_text_of_a_dbf_without_code_page(shared_data: Folder) -> None:
    data = loaded(shared_data("jor-zaatari") / "CampFacilities_2017_02.shp.zip")
    assert data.frame["NAME_AR"][0] == "مستودع ميرسي كور"
    assert "encoding-mended" in {f.code for f in data.findings}


def test_districts(shared_data: Folder) -> None:
    data = loaded(shared_data("pk-codab-adm2") / "districts_simplified_5p.geojson")
    assert len(data.frame) == 161
    assert int(data.frame["ADM2_PCODE"].isna().sum()) == 1
    assert int(data.frame["Population"].isna().sum()) == 22


def test_health_sites_and_flood(shared_data: Folder) -> None:
    sites = loaded(shared_data("pk-healthsites") / "pakistan.geojson")
    assert sites.frame.geom_type.isin(["Point"]).sum() == 2_792
    assert len(sites.frame) == 3_379
    for name in ("FL202208025_FloodSHP.zip", "VIIRS_20220825_20220831_FloodExtent_PAK.shp"):
        flood = loaded(shared_data("pk-unosat-viirs-2022") / name)
        assert len(flood.frame) == 1
        assert len(flood.frame.geometry[0].geoms) == 6_660


def test_coordinates_of_tables(shared_data: Folder) -> None:
    glof = loaded(shared_data("hma-glof") / "HMAGLOFDB.csv")
    assert glof.frame.geometry.notna().sum() == 773
    assert {"encoding-guessed", "several-positions"} <= {f.code for f in glof.findings}
    assert int(glof.frame["Lat_impact"].isna().sum()) == 291
    dtm = loaded(shared_data("iom-dtm-hdx-api") / "global-iom-dtm-from-api-admin-0-to-2.csv")
    assert len(dtm.frame) == 13_367
    assert dtm.row_numbers[0] == 3


def test_rasters(shared_data: Folder) -> None:
    folder = shared_data("pk-floodrisk-gee")
    risk = read(Reference(folder / "Pakistan_Flood_HighRisk_Zones.tif"))
    assert isinstance(risk, RasterData)
    assert (risk.width, risk.height, risk.dtype) == (17_877, 11_481, "uint8")
    with pytest.raises(Problem, match="not a TIFF: it is 2 bytes"):
        read(Reference(folder / "Pakistan_Flood_Extent_2022.tif"))
    part = parse_reference(f"{shared_data('nasty-rasterio') / 'two-subs.h5'}::data2")
    with pytest.raises(Problem, match="no coordinate reference system"):
        read(part)
    assert isinstance(read(part, crs="EPSG:4326"), RasterData)
