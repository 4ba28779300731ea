"""What a layer is about, told from names, tags and shapes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path

import pytest

from migmap.api import ColumnInfo, Guess, LayerKind, Probe, Source
from migmap.layers import PLUGIN

Folder = Callable[[str], Path]


def kinds() -> list[LayerKind]:
    found = []
    for text in PLUGIN.kinds:
        module, name = text.split(":")
        found.append(getattr(import_module(module), name)())
    return found


def seen(
    file: str,
    geometry: str = "point",
    columns: Mapping[str, str] | None = None,
    hxl: Mapping[str, str] | None = None,
) -> Probe:
    """columns: name -> a sample; numbers make number columns."""
    infos = tuple(ColumnInfo(name, _dtype(sample), (sample,)) for name, sample in (columns or {}).items())
    return Probe(Source(file), Path(file).stem, "GPKG", geometry, columns=infos, hxl=hxl or {})


def _dtype(sample: str) -> str:
    return "int" if sample.isdigit() else "text"


def best(probe: Probe) -> Guess:
    return max((kind.guess(probe) for kind in kinds()), key=lambda guess: guess.score)


ADM2 = {"ADM2_EN": "Bagh", "ADM2_PCODE": "PK101", "ADM1_EN": "AJK", "ADM1_PCODE": "PK1", "ADM0_PCODE": "PK"}


@pytest.mark.parametrize(
    ("probe", "kind", "roles"),
    [
        (
            seen("districts.geojson", "polygon", ADM2),
            "boundary",
            {"pcode": "ADM2_PCODE", "name": "ADM2_EN", "parent_pcode": "ADM1_PCODE", "adm1_name": "ADM1_EN"},
        ),
        (
            seen("areas.shp", "polygon", {"id": "SYN1", "name": "Quetta", "sites_not_": "3"}),
            "boundary",
            {"pcode": "id", "name": "name"},
        ),
        (
            seen("t.shp", "polygon", {**ADM2, "ADM3_EN": "x", "ADM3_PCODE": "PK10101"}),
            "boundary",
            {"pcode": "ADM3_PCODE", "name": "ADM3_EN", "parent_pcode": "ADM2_PCODE"},
        ),
        (
            seen("d.shp", "polygon", {"admin2Pcode": "PK101", "admin2Name_en": "x"}),
            "boundary",
            {"pcode": "admin2Pcode"},
        ),
        (
            seen("DistrictBoundaries.shp", "polygon", {"NAME_EN": "District 1", "DISTRICT": "1"}),
            "boundary",
            {"name": "NAME_EN"},
        ),
        (
            seen(
                "Refugee Villages 2020.xlsx",
                "none",
                {"RV Name": "Jalozai", "Total Population": "9", "HHs": "2"},
            ),
            "refugee_village",
            {"name": "RV Name", "people": "Total Population", "households": "HHs"},
        ),
        (
            seen(
                "quetta_katchi_abadis.shp",
                "polygon",
                {"name_urdu": "کچی", "Tenure": "notified", "houses": "12"},
            ),
            "katchi_abadi",
            {"name_ur": "name_urdu", "tenure": "Tenure", "houses": "houses"},
        ),
        (
            seen("dtm.csv", "point", {"Site ID": "S1", "Site Name": "A", "Individuals": "5", "Round": "2"}),
            "dtm_site",
            {"code": "Site ID", "name": "Site Name", "people": "Individuals", "round": "Round"},
        ),
        (
            seen("unhcr_ppl.gpkg", "point", {"gis_name": "A", "population": "4"}),
            "unhcr_location",
            {"people": "population"},
        ),
        (
            seen("health_facilities.gpkg", "point", {"Facility Name": "BHU"}),
            "service",
            {"name": "Facility Name"},
        ),
        (
            seen("pakistan.geojson", "mixed", {"amenity": "clinic", "healthcare": "x", "name": "y"}),
            "service",
            {"sector": "healthcare", "name": "name"},
        ),
        (seen("flood_extent.shp", "polygon", {"Water_Clas": "1"}), "hazard", {"class": "Water_Clas"}),
        (seen("flood_depth_rp100.tif", "raster"), "hazard", {}),
        (seen("pak_ppp_2020.tif", "raster"), "population", {}),
        (seen("Population_2010.tif", "raster"), "population", {}),
        (seen("roads.shp", "line", {"name": "N-5"}), "plain", {"name": "name"}),
        (seen("FloodLines.shp", "line"), "plain", {}),
    ],
)
def test_the_best_guess(probe: Probe, kind: str, roles: dict[str, str]) -> None:
    guess = best(probe)
    assert guess.kind == kind
    assert roles.items() <= dict(guess.roles).items()


def test_hxl_tags_decide() -> None:
    columns = {"a": "S1", "b": "12", "c": "6", "d": "PK101", "e": "3", "f": "Site"}
    tags = {
        "a": "#loc+code",
        "b": "#affected+ind",
        "c": "#affected+f",
        "d": "#adm2+code",
        "e": "#meta+round",
        "f": "#loc+name",
    }
    guess = best(seen("x.csv", "point", columns, tags))
    assert guess.kind == "dtm_site"
    wanted = {"code": "a", "people": "b", "female": "c", "pcode": "d", "round": "e", "name": "f"}
    assert wanted.items() <= dict(guess.roles).items()


@pytest.mark.parametrize(
    ("column", "sample", "role"),
    [
        ("pop_density", "120", "people"),
        ("population_growth", "3", "people"),
        ("female_population", "9", "people"),
        ("households_with_toilet", "9", "households"),
        ("population", "many", "people"),
        ("DISTRICT", "7", "pcode"),
        ("district_code", "201", "pcode"),
        ("country_code", "PAK", "pcode"),
        ("pcode", "1234", "pcode"),
        ("owner_name", "Auqaf", "name"),
    ],
)
def test_what_is_not_that_role(column: str, sample: str, role: str) -> None:
    for kind in kinds():
        assert kind.guess(seen("refugee_villages.gpkg", "point", {column: sample})).roles.get(role) is None


def test_each_column_plays_at_most_one_role_and_every_role_is_declared() -> None:
    columns = {
        **ADM2,
        "name": "A",
        "code": "x",
        "population": "5",
        "households": "2",
        "type": "t",
        "date": "2020",
    }
    for geometry in ("point", "polygon", "none", "mixed"):
        for file in (
            "dtm.csv",
            "katchi_abadis.gpkg",
            "refugee_villages.gpkg",
            "schools.shp",
            "unhcr.gpkg",
            "adm2.shp",
        ):
            for kind in kinds():
                guess = kind.guess(seen(file, geometry, columns))
                assert 0 <= guess.score <= 1
                assert guess.kind == kind.name
                assert len(set(guess.roles.values())) == len(guess.roles)
                declared = {role.name for role in kind.roles}
                assert {r for r in guess.roles if not r.startswith("adm0_")} <= declared | {"pcode"}


def test_styles_are_told_apart() -> None:
    looks = {
        (style.rules[-1].symbol.fill, style.rules[-1].symbol.stroke, style.rules[-1].symbol.shape)
        for style in (kind.style() for kind in kinds())
    }
    assert len(looks) == len(kinds()) == 14
    assert len({kind.title for kind in kinds()}) == 14
    assert len({kind.icon for kind in kinds()}) == 14


def test_plain_is_always_possible() -> None:
    for geometry in ("point", "line", "polygon", "mixed", "none", "raster"):
        assert best(seen("x.gpkg", geometry)).score >= 0.05


def test_the_hazard_style_follows_the_unit() -> None:
    import pyproj

    from migmap.api import RasterData
    from migmap.geo.symbology import rule_index
    from migmap.layers.hazard import Hazard

    def raster(dtype: str = "float32", unit: str = "", file: str = "x.tif") -> RasterData:
        source, crs, grid = Source(file), pyproj.CRS.from_epsg(4326), (1.0, 0.0, 0.0, 0.0, -1.0, 0.0)
        return RasterData("x.tif", 1, "x", source, crs, grid, 1, 1, dtype, unit=unit)

    metres = Hazard().style_of(raster(unit="m"))
    assert rule_index(metres, [0.0, 0.1, 0.7, 2.0, 9.0]).tolist() == [0, 1, 2, 3, 4]
    assert rule_index(Hazard().style_of(raster(unit="cm")), [0, 10, 70, 200, 900]).tolist() == [0, 1, 2, 3, 4]
    assert rule_index(Hazard().style_of(raster(dtype="uint8")), [0, 1]).tolist() == [0, 1]
    assert "Flood depth" in Hazard().style_of(raster(file="1in100.tif")).title
    # Nothing is called a depth in metres that nobody called so.
    for other in (raster(), raster(unit="mm/day"), raster(file="shakemap.asc"), raster(file="rain.tif")):
        style = Hazard().style_of(other)
        assert "depth" not in style.title.lower()
        assert not any(rule.label.endswith(" m") for rule in style.rules)


def test_real_boundaries(shared_data: Folder) -> None:
    from migmap.io.probe import probe
    from migmap.io.reference import Reference

    found = best(probe(Reference(shared_data("pk-codab-adm2") / "districts_simplified_5p.geojson")))
    assert (found.kind, found.roles["pcode"], found.roles["name"]) == ("boundary", "ADM2_PCODE", "ADM2_EN")
    found = best(probe(Reference(shared_data("pk-sindh-flood2022") / "3_sindh_tehsils.shp")))
    assert (found.kind, found.roles["pcode"]) == ("boundary", "ADM3_PCODE")
    for ending in ("shp.zip", "geojson", "kml"):
        path = shared_data("jor-zaatari") / f"DistrictBoundaries_2016_12.{ending}"
        found = best(probe(Reference(path)))
        assert found.kind == "boundary"
        assert "pcode" not in found.roles
    found = best(probe(Reference(shared_data("pk-healthsites") / "pakistan.geojson")))
    assert found.kind == "service"
    assert "health" in found.reason


def test_nothing_heavy_is_imported_with_the_kinds() -> None:
    code = (
        "import sys; from importlib import import_module; from migmap.layers import PLUGIN;"
        "[getattr(import_module(k.split(':')[0]), k.split(':')[1])().style() for k in PLUGIN.kinds];"
        "print([m for m in ('pandas','geopandas','shapely','rasterio','pyogrio','numba','pyproj','PySide6')"
        " if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_no_data_never_looks_like_dry_ground() -> None:
    from migmap.api import Rule
    from migmap.layers.hazard import Hazard, depth_style

    def dry(rules: tuple[Rule, ...]) -> Rule:
        return rules[0]

    for style in (Hazard().style(), depth_style(100.0, "Depth")):
        assert style.unknown.hatch
        assert style.unknown != dry(style.rules).symbol
