"""Headers as agencies write them, in their languages: the kind, its roles, and what is in doubt."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

import pytest

from migmap.api import AS_FOUND, ColumnInfo, Guess, Probe, Reading, Source
from migmap.app import mapping
from migmap.app.registry import Registry
from migmap.layers import PLUGIN


def seen(file: str, geometry: str, columns: str, hxl: Mapping[str, str] | None = None) -> Probe:
    """columns: "name=sample | name=sample"."""
    infos = []
    for text in columns.split("|"):
        name, _, sample = text.strip().partition("=")
        number = sample.replace(".", "", 1).isdigit()
        dtype = "float" if number and "." in sample else "int" if number else "text"
        infos.append(ColumnInfo(name.strip(), dtype, (sample,) if sample else ()))
    return Probe(Source(file), Path(file).stem, "CSV", geometry, columns=tuple(infos), hxl=hxl or {})


def ranked(probe: Probe) -> list[Guess]:
    found = []
    for text in PLUGIN.kinds:
        module, name = text.split(":")
        found.append(getattr(import_module(module), name)().guess(probe))
    return sorted(found, key=lambda guess: -guess.score)


CASES = {
    "DTM site assessment of a mission": (
        seen(
            "DTM R7 SA.xlsx",
            "point",
            "Survey Round=7 | SSID=PK_0012 | Site Name=Kili Nau | Site Type=Camp | Admin1 Name=Balochistan | "
            "Admin2 Name=Quetta | Admin2 Pcode=PK229 | Total HH=40 | Total Individuals=260 | Male=130 | "
            "Female=130 | Reason for displacement=Flood | Date of assessment=2022-10-01",
        ),
        "dtm_site",
        {
            "code": "SSID",
            "name": "Site Name",
            "people": "Total Individuals",
            "households": "Total HH",
            "round": "Survey Round",
            "pcode": "Admin2 Pcode",
            "reason": "Reason for displacement",
        },
        "DTM site assessment",
    ),
    "DTM by district, in French": (
        seen(
            "DTM_Tchad_R24.csv",
            "none",
            "Admin1Name=Lac | Admin2Name=Mamdi | Admin2Pcode=TD0701 | Round=24 | PDI ménages=100 | "
            "PDI individus=520 | Retournés individus=80",
        ),
        "dtm_area",
        {"people": "PDI individus", "households": "PDI ménages", "pcode": "Admin2Pcode", "round": "Round"},
        "",
    ),
    "Kobo with groups": (
        seen(
            "survey.csv",
            "point",
            "start=2022-01-01T00:00 | end=2022-01-01T01:00 | grp_site/site_id=S1 | grp_site/site_name=Kili | "
            "grp_pop/idp_hh=12 | grp_pop/idp_ind=70 | grp_pop/idp_ind_female=36 | _uuid=a-b | _index=1",
        ),
        "dtm_site",
        {
            "name": "grp_site/site_name",
            "code": "grp_site/site_id",
            "people": "grp_pop/idp_ind",
            "households": "grp_pop/idp_hh",
        },
        "KoboToolbox",
    ),
    "UNHCR portal": (
        seen(
            "export.csv",
            "point",
            "geomaster_id=77 | geomaster_name=Jalozai | individuals=500 | households=80 | "
            "population_group=Refugees",
        ),
        "unhcr_location",
        {
            "name": "geomaster_name",
            "code": "geomaster_id",
            "people": "individuals",
            "households": "households",
        },
        "UNHCR portal",
    ),
    "4W of a cluster": (
        seen(
            "4W_WASH_July.xlsx",
            "none",
            "Lead Organisation=X | Implementing Partner=Y | Cluster=WASH | Activity=Trucking | "
            "Status=Ongoing | "
            "Start Date=2022-07-01 | End Date=2022-09-01 | Province=Sindh | District=Dadu | "
            "District Pcode=PK705 | People Reached=900",
        ),
        "activity",
        {
            "organisation": "Lead Organisation",
            "implementing": "Implementing Partner",
            "sector": "Cluster",
            "activity": "Activity",
            "people_reached": "People Reached",
            "date": "Start Date",
            "end_date": "End Date",
            "pcode": "District Pcode",
        },
        "",
    ),
    "3W in Spanish": (
        seen(
            "3W.csv",
            "none",
            "Organización=ACNUR | Sector/Clúster=WASH | Actividad=Pozos | Departamento=Cauca | "
            "Beneficiarios=40",
        ),
        "activity",
        {"organisation": "Organización", "activity": "Actividad", "people_reached": "Beneficiarios"},
        "",
    ),
    "flows by district": (
        seen(
            "migration.csv",
            "none",
            "Origin District=Dera Bugti | Destination District=Quetta | Migrants=120 | Season=winter | "
            "Direction=rural-urban | Cause=drought",
        ),
        "flow",
        {
            "from_name": "Origin District",
            "to_name": "Destination District",
            "people": "Migrants",
            "season": "Season",
            "direction": "Direction",
            "reason": "Cause",
        },
        "",
    ),
    "flow monitoring": (
        seen("torkham.csv", "point", "FMP Name=Torkham | Date=2023-01-01 | Inflow=120 | Outflow=90"),
        "flow_point",
        {"name": "FMP Name", "arrivals": "Inflow", "departures": "Outflow", "date": "Date"},
        "",
    ),
    "COD-AB in Portuguese": (
        seen(
            "moz_adm2.shp",
            "polygon",
            "ADM2_PT=Ancuabe | ADM2_PCODE=MZ0101 | ADM1_PT=Cabo Delgado | ADM1_PCODE=MZ01 | "
            "validOn=2019-06-01",
        ),
        "boundary",
        {"pcode": "ADM2_PCODE", "name": "ADM2_PT", "parent_pcode": "ADM1_PCODE", "adm1_name": "ADM1_PT"},
        "COD-AB",
    ),
    "COD-AB with English beside French and Arabic": (
        seen(
            "x.shp",
            "polygon",
            "admin2Name_fr=Mongo | admin2Name_en=Mongo | admin2Name_ar=منقو | admin2Pcode=TD0101",
        ),
        "boundary",
        {"pcode": "admin2Pcode", "name": "admin2Name_en", "name_ur": "admin2Name_ar"},
        "COD-AB",
    ),
    "geoBoundaries": (
        seen(
            "a.geojson",
            "polygon",
            "shapeName=Quetta | shapeISO= | shapeID=12B | shapeGroup=PAK | shapeType=ADM2",
        ),
        "boundary",
        {"name": "shapeName", "code": "shapeID"},
        "geoBoundaries",
    ),
    "refugee villages told by their names": (
        seen("layer.gpkg", "point", "name=Jalozai RV | district=Nowshera | families=900 | population=5200"),
        "refugee_village",
        {"name": "name", "people": "population", "households": "families", "adm2_name": "district"},
        "",
    ),
    "katchi abadis of a city": (
        seen(
            "list.xlsx",
            "none",
            "KA No=7 | KA Name=Bhitai Colony | Tenure=regularised | Land Owner=KMC | No of Houses=120 | "
            "Households=140 | Area (Acres)=3.5",
        ),
        "katchi_abadi",
        {
            "name": "KA Name",
            "code": "KA No",
            "tenure": "Tenure",
            "land_owner": "Land Owner",
            "houses": "No of Houses",
        },
        "",
    ),
    "water points": (
        seen("points.csv", "point", "wpid=12 | type=Borehole or tubewell | functionality=Yes | users=300"),
        "service",
        {"type": "type", "status": "functionality", "code": "wpid", "served": "users"},
        "",
    ),
    "OpenStreetMap amenities": (
        seen("osm.gpkg", "point", "osm_id=12 | amenity=clinic | name=BHU Mand | opening_hours=24/7"),
        "service",
        {"name": "name", "code": "osm_id", "hours": "opening_hours"},
        "OpenStreetMap",
    ),
    "flood classes by return period": (
        seen("zones.gpkg", "polygon", "flood_class=high | return_period=100 | scenario=ssp585"),
        "hazard",
        {"return_period": "return_period", "scenario": "scenario"},
        "",
    ),
}


@pytest.mark.parametrize("case", sorted(CASES))
def test_headers(case: str) -> None:
    probe, kind, roles, source = CASES[case]
    guess = ranked(probe)[0]
    assert guess.kind == kind
    assert roles.items() <= dict(guess.roles).items()
    assert source in guess.reason
    assert guess.reason
    assert len(set(guess.roles.values())) == len(guess.roles)


@pytest.mark.parametrize(
    ("file", "driver", "bands", "kind"),
    [
        ("city.mbtiles", "MBTiles", 3, "basemap"),
        ("city.pmtiles", "PMTiles", 1, "basemap"),
        ("photo.tif", "GTiff", 3, "basemap"),
        ("flood_rp100.tif", "GTiff", 1, "hazard"),
        ("pak_pd_2020_density_worldpop.tif", "GTiff", 1, "population"),
    ],
)
def test_rasters(file: str, driver: str, bands: int, kind: str) -> None:
    columns = tuple(ColumnInfo(f"band {n + 1}", "uint8") for n in range(bands))
    guess = ranked(Probe(Source(file), Path(file).stem, driver, "raster", columns=columns))[0]
    assert guess.kind == kind
    assert guess.reason


def doubted(probe: Probe, reading: Reading = AS_FOUND) -> dict[str, str]:
    registry = Registry.load()
    guesses = ranked(probe)
    used = mapping.decided(registry, probe, guesses, reading)
    return {f.code: f.message for f in mapping.doubts(registry, probe, guesses, used, reading)}


def test_two_columns_that_may_be_the_people_are_said() -> None:
    probe = seen("dtm.csv", "point", "site_name=A | idps=5 | returnees=7 | round=1")
    assert "“idps” is used, not “returnees”" in doubted(probe)["role-unsure"]
    assert "role-unsure" not in doubted(probe, Reading(roles={"people": "idps"}))


def test_a_total_is_not_in_doubt() -> None:
    probe = seen("dtm.csv", "point", "site_name=A | individuals=9 | female=5 | male=4 | round=1")
    assert doubted(probe) == {}


def test_a_kind_in_doubt_is_said() -> None:
    assert "kind-unsure" in doubted(Probe(Source("x.tif"), "x", "GTiff", "raster"))
    assert doubted(Probe(Source("x.tif"), "x", "GTiff", "raster"), Reading(kind="hazard")) == {}


def test_a_role_that_is_needed_and_missing_is_said() -> None:
    probe = seen("dtm_round_3.csv", "point", "site_name=A | round=3 | shelter=tent")
    assert "--map people=COLUMN" in doubted(probe)["role-missing"]
