"""What every real file at hand is about: expected from looking into the files, not from running migmap."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path

import pytest

from migmap.api import Guess, Problem
from migmap.io.probe import probe
from migmap.io.reference import Reference
from migmap.layers import PLUGIN

Folder = Callable[[str], Path]

SIDE = {
    ".dbf", ".shx", ".prj", ".cpg", ".qmd", ".qpj", ".sbn", ".sbx",
    ".lic", ".keywords", ".md", ".txt", ".xml",
}  # fmt: skip

ADM2 = {"pcode": "ADM2_PCODE", "name": "ADM2_EN", "parent_pcode": "ADM1_PCODE"}
ADM3 = {"pcode": "ADM3_PCODE", "name": "ADM3_EN", "parent_pcode": "ADM2_PCODE", "adm2_name": "ADM2_EN"}
BLOCKS = {"name": "NAME_EN", "code": "BLOCK_CODE", "name_ur": "NAME_AR"}
CAMP = {"name": "NAME_EN", "type": "TYPE", "operator": "OPERATOR", "hours": "HOURS_EN"}
MOSQUE = {"name": "NAME_EN", "name_ur": "NAME_AR"}
VALUE = {"pcode": "placeCode", "people": "value", "level": "adminLevel", "indicator": "indicator"}
DTM = {
    "people": "numPresentIdpInd",
    "round": "roundNumber",
    "date": "reportingDate",
    "operation": "operation",
    "male": "numberMales",
    "female": "numberFemales",
    "reason": "displacementReason",
    "origin": "idpOriginAdmin1Name",
}
NOTHING: Mapping[str, str] = {}

# folder -> file -> (kind, roles it must have). A role of "" must have no column. Files not named are plain.
EXPECTED: Mapping[str, Mapping[str, tuple[str, Mapping[str, str]]]] = {
    "gfdrr-jam": {
        "1in10.tif": ("hazard", NOTHING),
        "1in50.tif": ("hazard", NOTHING),
        "1in100.tif": ("hazard", NOTHING),
        "1in1000.tif": ("hazard", NOTHING),
        "JAM_POP.tif": ("population", NOTHING),
    },
    "hma-glof": {"HMAGLOFDB.csv": ("plain", {"people": "", "adm0_name": "Country"})},
    "hti-cap-haitien": {
        "Okap_Zonaj_Asenisman_USAID.shp": ("plain", {"name": "name", "people": ""}),
        "waterpoints_clip.shp": ("service", {"type": "Type"}),
    },
    "ibf-redcross": {
        "MWI_adm2.json": ("boundary", ADM2 | {"vintage": "validOn"}),
        "health_sites_ETH.csv": ("service", {"name": "name", "type": "type"}),
        "health_sites_MWI.csv": ("service", {"status": "STATUS", "adm2_name": "DISTRICT", "code": "CODE"}),
        "population_ETH.csv": ("plain", VALUE),
        "population_MWI.csv": ("plain", VALUE),
        "schools_ETH.csv": ("service", {"name": "name"}),
        "schools_MWI.csv": ("service", {"type": "education_level", "code": "school_id"}),
        "total_idps_ETH.csv": ("dtm_area", VALUE),
        "travel_time_health_walking_ETH.csv": ("plain", {"people": "", "pcode": "placeCode"}),
        "waterpoints_ETH.csv": ("service", {"name": "name"}),
    },
    "inasafe": {
        "201208140700_Jakarta_200m_Sobek_Hypothetical_Scenario_ACCESSA_12_hours.tif": ("hazard", NOTHING),
        "Earthquake_Ground_Shaking_clip.tif": ("hazard", NOTHING),
        "Flood_Current_Depth_Jakarta_geographic.asc": ("hazard", NOTHING),
        "Flood_Design_Depth_Jakarta_geographic.asc": ("hazard", NOTHING),
        "Jakarta_RW_2007flood.shp": ("hazard", {"class": "FLOODPRONE"}),
        "Population_2010_clip.tif": ("population", NOTHING),
        "Population_Jakarta_UTM48N.tif": ("population", NOTHING),
        "Population_Jakarta_geographic.asc": ("population", NOTHING),
        "donut.shp": ("hazard", {"class": "KRB"}),
        "itb_test_mmi.asc": ("hazard", NOTHING),
        "itb_test_pop.asc": ("population", NOTHING),
        "jakarta_flood_category_123.asc": ("hazard", NOTHING),
        # A share of women (0.49) is no number of women and no number of people.
        "kabupaten_jakarta.shp": ("boundary", {"name": "KAB_NAME", "people": ""}),
        "kecamatan_jakarta_osm.shp": ("boundary", {"name": "KEC_NAME"}),
        "lembang_6.8_shakemap.asc": ("hazard", NOTHING),
        "pop_merapi_clip.tif": ("population", NOTHING),
        "pop_merapi_prj_problem.asc": ("population", NOTHING),
        "tsunami_max_inundation_depth_4326.tif": ("hazard", NOTHING),
        "tsunami_max_inundation_depth_utm56s.tif": ("hazard", NOTHING),
        # Rasters of which nothing is said: the likeliest is said to be unsure.
        "grid_without_projection.asc": ("hazard", NOTHING),
        "test_grid.asc": ("hazard", NOTHING),
    },
    "iom-dtm-hdx-api": {
        "data_for_quickcharts.csv": ("dtm_area", DTM | {"adm0_pcode": "admin0Pcode"}),
        "global-iom-dtm-from-api-admin-0-to-2.csv": (
            "dtm_area",
            DTM | {"pcode": "admin2Pcode", "level": "adminLevel", "adm1_pcode": "admin1Pcode"},
        ),
        "hdx_hapi_idps_global.csv": (
            "dtm_area",
            {
                "people": "population",
                "pcode": "admin2_code",
                "level": "admin_level",
                "round": "reporting_round",
                "operation": "operation",
                "adm0_pcode": "location_code",
            },
        ),
        "download-global-pcodes-adm-1-2.csv": (
            "boundary",
            {"pcode": "P-Code", "name": "Name", "parent_pcode": "Parent P-Code", "level": "Admin Level"},
        ),
    },
    "jor-zaatari": {
        **{
            f"BlockBoundaries_2016_12.{end}": ("boundary", BLOCKS)
            for end in ("csv", "geojson", "xlsx", "shp.zip")
        },
        "BlockBoundaries_2016_12.topojson": ("boundary", BLOCKS),
        "BlockBoundaries_2016_12.kml": ("boundary", {"name": "Name"}),
        **{
            f"CampFacilities_2017_02.{end}": ("service", CAMP)
            for end in ("csv", "geojson", "xlsx", "shp.zip")
        },
        "CampFacilities_2017_02.topojson": ("service", CAMP),
        "CampFacilities_2017_02.kml": ("service", {"name": "Name"}),
        **{
            f"DistrictBoundaries_2016_12.{end}": ("boundary", {"name": "NAME_EN", "pcode": ""})
            for end in ("csv", "geojson", "xlsx", "shp.zip", "topojson")
        },
        "DistrictBoundaries_2016_12.kml": ("boundary", NOTHING),
        **{f"Mosques_2017_01.{end}": ("plain", MOSQUE) for end in ("csv", "geojson", "xlsx", "shp.zip")},
        **{
            f"SteelTanks_2017_04.{end}": ("service", {"capacity": "steel_capacity"})
            for end in ("csv", "geojson", "xlsx")
        },
        "SteelTanks_2017_04.shp.zip": ("service", NOTHING),
        "SteelTanks_2017_04.kml": ("service", {"name": "Name"}),
    },
    "mwi-waterpoints": {
        "Malawi Emergency Flood Response Water Point Survey.csv": (
            "service",
            {"status": "functional_status", "adm2_name": "district", "served": "people_using"},
        )
    },
    "nasty-fiona": {
        "!test.geojson": ("boundary", {"name": "name", "level": "admin_level"}),
        "gre.shp": ("boundary", {"name": "name"}),
    },
    "nasty-hxl": {
        "input-broken.xlsx": ("plain", {"people": "", "adm0_pcode": "ISO3"}),
        "input-multiple-headers.csv": ("activity", {"organisation": "Org", "adm1_name": "Province"}),
        **{
            f"input-{name}": ("activity", NOTHING)
            for name in (
                "merged.xlsx",
                "valid.xlsx",
                "valid.xls",
                "valid-latin1.csv",
                "valid-csv.zip",
                "fuzzy.csv",
                "untagged.csv",
                "quality.xlsx",
            )
        },
    },
    "nasty-kml": {},
    "nasty-mbostock": {},
    "nasty-pyshp": {
        "blockgroups_multishapefile.zip": ("plain", {"people": "POP1990", "households": "HOUSEHOLDS"}),
    },
    "nasty-rasterio": {
        "all-nodata.tif": ("basemap", NOTHING),
        "corrupt.tif": ("basemap", NOTHING),
        "float_nan.tif": ("hazard", NOTHING),
        "float_raster_with_nodata.tif": ("hazard", NOTHING),
        "rotated.tif": ("hazard", NOTHING),
        "test_esri_wkt.tif": ("hazard", NOTHING),
        "two-subs.h5": ("hazard", NOTHING),
    },
    "pk-codab-adm2": {
        "districts_simplified_5p.geojson": ("boundary", ADM2 | {"people": "Population"}),
        "pakistan_districts.geojson": ("boundary", {"name": "districts", "pcode": ""}),
    },
    "pk-floodrisk-gee": {
        "Flood_Statistics_by_Province.csv": ("plain", {"adm1_name": "Province"}),
        "Pakistan_Flood_HighRisk_Zones.tif": ("hazard", NOTHING),
    },
    "pk-healthsites": {
        "pakistan.geojson": (
            "service",
            {
                "name": "name",
                "sector": "healthcare",
                "status": "operational_status",
                "capacity": "beds",
                "hours": "opening_hours",
                "operator": "operator",
            },
        )
    },
    "pk-sindh-flood2022": {
        "0_pakistan.shp": ("boundary", {"pcode": "ADM1_PCODE", "name": "ADM1_EN"}),
        "1_sindh_province.shp": ("boundary", {"pcode": "ADM1_PCODE", "name": "ADM1_EN"}),
        "2_1_sindh_district_Karachi_merged.shp": ("boundary", {"name": "ADM2_EN"}),
        "2_sindh_district.shp": ("boundary", ADM2),
        "3_sindh_tehsils.shp": ("boundary", ADM3),
        "4_badin.shp": ("boundary", ADM2),
        "5_badin_tehsils.shp": ("boundary", ADM3),
        "Karachi_merged.shp": ("boundary", ADM2),
        "Sindh_FAO.shp": ("boundary", {"name": "ADM2_NAME", "adm1_name": "ADM1_NAME", "pcode": ""}),
        "august_rainfall_sum.tif": ("hazard", NOTHING),
        "difference.tif": ("hazard", NOTHING),
        "sindh_district_borders.shp": ("boundary", ADM2),
        "sindh_tehsils_borders.shp": ("boundary", ADM3),
    },
    "pk-unosat-viirs-2022": {
        "20220826_warning.geojson": ("hazard", NOTHING),
        "FL202208025_FloodSHP.zip": ("hazard", {"class": "Water_Clas", "date": "Sensor_Dat"}),
        "VIIRS_20220825_20220831_FloodExtent_PAK.shp": ("hazard", {"class": "Water_Clas"}),
    },
    "rasterstats": {
        "all_nodata.tif": ("hazard", NOTHING),
        "dataset_mask.tif": ("hazard", NOTHING),
        "slope.tif": ("hazard", NOTHING),
        "slope_classes.tif": ("hazard", NOTHING),
    },
    "unhcr-wash-kpi": {
        "unhcrwash.csv": (
            "unhcr_location",
            {
                "name": "location_name",
                "code": "location_id",
                "people": "refugee_pop",
                "households": "",
                "date": "start_date",
                "adm0_name": "country",
            },
        )
    },
}

SOURCES = {
    "iom-dtm-hdx-api/global-iom-dtm-from-api-admin-0-to-2.csv": "DTM as HDX publishes it",
    "iom-dtm-hdx-api/hdx_hapi_idps_global.csv": "HDX HAPI",
    "pk-codab-adm2/districts_simplified_5p.geojson": "COD-AB",
    "pk-sindh-flood2022/3_sindh_tehsils.shp": "COD-AB",
    "pk-sindh-flood2022/Sindh_FAO.shp": "FAO GAUL",
    "pk-healthsites/pakistan.geojson": "healthsites.io",
    "unhcr-wash-kpi/unhcrwash.csv": "UNHCR WASH monitoring",
    "ibf-redcross/total_idps_ETH.csv": "510 impact-based forecasting",
    "nasty-hxl/input-broken.xlsx": "IDMC",
}


def best(path: Path) -> Guess:
    seen = probe(Reference(path))
    guesses = []
    for text in PLUGIN.kinds:
        module, name = text.split(":")
        guesses.append(getattr(import_module(module), name)().guess(seen))
    return max(guesses, key=lambda guess: guess.score)


@pytest.mark.parametrize("folder", sorted(EXPECTED))
def test_every_real_file(folder: str, shared_data: Folder) -> None:
    expected = EXPECTED[folder]
    wrong, seen = [], set()
    for path in sorted(shared_data(folder).iterdir()):
        if (
            not path.is_file()
            or path.suffix.lower() in SIDE
            or path.name.upper() in ("LICENSE", "ATTRIBUTION")
        ):
            continue
        seen.add(path.name)
        try:
            guess = best(path)
        except Problem:
            assert path.name not in expected, f"{path.name} does not open"
            continue
        kind, roles = expected.get(path.name, ("plain", NOTHING))
        if guess.kind != kind:
            wrong.append(f"{path.name}: {guess.kind} ({guess.reason}), not {kind}")
        for role, column in roles.items():
            if guess.roles.get(role, "") != column:
                wrong.append(f"{path.name}: {role} is {guess.roles.get(role)!r}, not {column!r}")
        assert guess.reason, path.name
    assert not wrong, "\n".join(wrong)
    assert expected.keys() <= seen


@pytest.mark.parametrize("file", sorted(SOURCES))
def test_known_sources_are_named(file: str, shared_data: Folder) -> None:
    folder, name = file.split("/")
    assert SOURCES[file] in best(shared_data(folder) / name).reason
