"""Formats and parts of them that field offices send."""

from __future__ import annotations

import shutil
import sqlite3
import zipfile
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from migmap.api import Problem, VectorData
from migmap.io.probe import probe
from migmap.io.read import read
from migmap.io.reference import Reference, parse_reference
from migmap.io.vectors.surfaces import flattened

NAMES = ["پشاور", "B", "C"]


def points() -> geopandas.GeoDataFrame:
    shapes = [shapely.Point(71, 34), shapely.Point(72, 35), None]
    return geopandas.GeoDataFrame({"name": NAMES, "n": [1, 2, 3]}, geometry=shapes, crs="EPSG:4326")


def areas() -> geopandas.GeoDataFrame:
    shapes = [shapely.box(70, 30, 71, 31), shapely.box(71, 30, 72, 31)]
    return geopandas.GeoDataFrame({"code": ["PK1", "PK2"]}, geometry=shapes, crs="EPSG:4326")


def loaded(text: str | Path, crs: str | None = None) -> VectorData:
    data = read(parse_reference(str(text)), crs=crs)
    assert isinstance(data, VectorData)
    return data


def finding(data: VectorData, code: str) -> Any:
    return next(f for f in data.findings if f.code == code)


def in_use_and_aside(data: VectorData) -> int:
    return len(data.frame) + sum(len(part.row_numbers) for part in data.aside)


@pytest.mark.parametrize(
    ("ending", "driver"),
    [("gml", "GML"), ("tab", "MapInfo File"), ("mif", "MapInfo File"), ("gdb", "OpenFileGDB")],
)
def test_other_feature_formats(tmp_path: Path, ending: str, driver: str) -> None:
    path = tmp_path / f"a.{ending}"
    areas().to_file(path, driver=driver)
    before = sorted(p.name for p in tmp_path.iterdir())
    data = loaded(path)
    assert data.frame["code"].tolist() == ["PK1", "PK2"]
    assert probe(Reference(path)).rows == 2
    assert data.frame.geometry[0].equals(shapely.box(70, 30, 71, 31))
    assert sorted(p.name for p in tmp_path.iterdir()) == before


def test_a_zipped_geodatabase_in_a_folder(tmp_path: Path) -> None:
    areas().to_file(tmp_path / "a.gdb", driver="OpenFileGDB", layer="x")
    points()[["name", "geometry"]].to_file(tmp_path / "a.gdb", driver="OpenFileGDB", layer="y", mode="a")
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as out:
        for file in (tmp_path / "a.gdb").iterdir():
            out.write(file, f"data/a.gdb/{file.name}")
    with pytest.raises(Problem, match="holds 2 layers"):
        loaded(tmp_path / "b.zip")
    assert loaded(f"{tmp_path / 'b.zip'}::y").frame["name"].tolist() == NAMES


def test_openstreetmap_extracts_keep_their_tags(tmp_path: Path) -> None:
    path = tmp_path / "a.osm"
    path.write_text(
        '<osm version="0.6"><node id="1" lat="34" lon="71"><tag k="amenity" v="hospital"/>'
        '<tag k="name" v="X"/><tag k="operator" v="a, b"/></node></osm>'
    )
    data = loaded(f"{path}::points")
    assert data.frame[["name", "amenity", "operator"]].iloc[0].tolist() == ["X", "hospital", "a, b"]


def test_geoparquet_and_plain_parquet(tmp_path: Path) -> None:
    points().to_parquet(tmp_path / "a.parquet")
    data = loaded(tmp_path / "a.parquet")
    assert data.frame["name"].tolist() == NAMES
    assert data.frame.geometry.isna().tolist() == [False, False, True]
    areas().to_crs("EPSG:32642").to_parquet(tmp_path / "b.parquet", geometry_encoding="geoarrow")
    assert loaded(tmp_path / "b.parquet").frame.crs.to_epsg() == 32642
    assert probe(Reference(tmp_path / "b.parquet")).geometry == "polygon"
    pd.DataFrame({"lat": [34.0, 35], "lon": [71.0, 72]}).to_parquet(tmp_path / "c.parquet")
    assert loaded(tmp_path / "c.parquet").frame.geometry[0].equals(shapely.Point(71, 34))
    wkb = pd.DataFrame({"geom": [shapely.Point(71, 34).wkb, None], "n": [1, 2]})
    wkb.to_parquet(tmp_path / "d.parquet")
    with pytest.raises(Problem, match="no coordinate reference system"):
        loaded(tmp_path / "d.parquet")
    assert loaded(tmp_path / "d.parquet", "EPSG:4326").frame["n"].tolist() == [1, 2]
    (tmp_path / "e.parquet").write_bytes((tmp_path / "a.parquet").read_bytes()[:500])
    with pytest.raises(Problem, match="cannot be read as Parquet"):
        loaded(tmp_path / "e.parquet")


def test_tables_of_features_are_placed_by_their_columns(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    pyogrio.write_dataframe(pd.DataFrame({"lat": [34.0, 35], "lon": [71.0, 72]}), path, layer="t")
    assert loaded(path).frame.geometry[1].equals(shapely.Point(72, 35))


def test_views_pictures_and_what_leads_out_of_a_geopackage(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    areas().to_file(path, layer="areas")
    with closing(sqlite3.connect(path)) as base, base:
        base.execute(
            "INSERT INTO gpkg_contents(table_name, data_type, identifier) VALUES ('sat', 'tiles', 'sat')"
        )
    assert "sat" in finding(loaded(path), "layers-not-read").message
    with closing(sqlite3.connect(path)) as base, base:
        base.execute(
            "CREATE VIEW v AS WITH RECURSIVE t(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM t) SELECT x FROM t"
        )
    with pytest.raises(Problem, match="computed without end"):
        probe(Reference(path))


def shapefile(
    folder: Path, name: str = "a", frame: geopandas.GeoDataFrame | None = None, **options: Any
) -> Path:
    folder.mkdir(exist_ok=True)
    (points() if frame is None else frame).to_file(folder / f"{name}.shp", **options)
    return folder / f"{name}.shp"


def test_a_folder_with_one_shapefile_opens_and_several_are_named(tmp_path: Path) -> None:
    shapefile(tmp_path / "f")
    assert len(loaded(tmp_path / "f").frame) == 3
    shapefile(tmp_path / "f", "b", areas())
    with pytest.raises(Problem, match="is a folder"):
        loaded(tmp_path / "f")
    assert len(loaded(f"{tmp_path / 'f'}::b").frame) == 2


def test_endings_in_capitals_and_parts_in_other_letters(tmp_path: Path) -> None:
    path = shapefile(tmp_path / "f")
    for file in list((tmp_path / "f").iterdir()):
        file.rename(file.with_suffix(file.suffix.upper()))
    assert loaded(path.with_suffix(".SHP")).frame["name"].tolist() == NAMES
    with pytest.raises(Problem, match="part of a shapefile"):
        loaded(path.with_suffix(".DBF"))
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as out:
        for file in (tmp_path / "f").iterdir():
            out.write(file, f"sub/{'A' if file.suffix == '.SHP' else 'a'}{file.suffix.lower()}")
    assert loaded(tmp_path / "b.zip").frame["name"].tolist() == NAMES


def test_a_shapefile_without_its_table_and_a_table_alone(tmp_path: Path) -> None:
    path = shapefile(tmp_path / "f")
    shutil.copy(path.with_suffix(".dbf"), tmp_path / "alone.dbf")
    path.with_suffix(".dbf").unlink()
    data = loaded(path)
    assert data.frame.columns.tolist() == ["geometry"]
    assert finding(data, "shapefile-without-table").count == 3
    assert loaded(tmp_path / "alone.dbf").frame["n"].tolist() == [1, 2, 3]


def test_parts_of_different_length_are_said_and_set_aside(tmp_path: Path) -> None:
    path = shapefile(tmp_path / "f")
    other = shapefile(tmp_path / "g", frame=areas())
    shutil.copy(other.with_suffix(".dbf"), path.with_suffix(".dbf"))
    data = loaded(path)
    assert in_use_and_aside(data) == 3
    assert finding(data, "shapefile-parts-differ").rows == (3,)


def test_rows_of_a_table_cut_short_that_are_whole_are_read(tmp_path: Path) -> None:
    path = shapefile(tmp_path / "f")
    table = path.with_suffix(".dbf")
    content = table.read_bytes()
    table.write_bytes(content[:-60])
    data = loaded(path)
    assert data.frame["n"].tolist() == [1, 2]
    assert in_use_and_aside(data) == 3
    assert finding(data, "table-cut-short").count == 1
    shutil.copy(table, tmp_path / "alone.dbf")
    alone = loaded(tmp_path / "alone.dbf")
    assert alone.frame["n"].tolist() == [1, 2]
    assert "2 of its 3 rows" in finding(alone, "table-cut-short").message
    table.write_bytes(content[:40])
    assert len(loaded(path).frame) == 3
    assert "no row is whole" in finding(loaded(path), "table-cut-short").message


@pytest.mark.parametrize("fault", ["odd length", "nonsense", "another version", "fewer records"])
def test_an_index_that_does_not_fit_is_built_again(tmp_path: Path, fault: str) -> None:
    path = shapefile(tmp_path / "f")
    index = path.with_suffix(".shx")
    content = index.read_bytes()
    index.write_bytes(
        {
            "odd length": content + b"xx",
            "nonsense": content[:100] + b"\xff" * (len(content) - 100),
            "another version": content[:108] + b"\x00\x01\x00\x00" + content[112:],
            "fewer records": content[:108],
        }[fault]
    )
    data = loaded(path)
    assert data.frame["name"].tolist() == NAMES
    assert ("shapefile-index-rebuilt" in [one.code for one in data.findings]) == (fault != "odd length")
    path.write_bytes(path.read_bytes()[:-10])
    if fault == "nonsense":
        with pytest.raises(Problem, match="cut short"):
            loaded(path)


def test_rows_marked_as_deleted_are_said_and_numbers_stay(tmp_path: Path) -> None:
    path = shapefile(tmp_path / "f")
    table = path.with_suffix(".dbf")
    content = bytearray(table.read_bytes())
    content[int.from_bytes(content[8:10], "little")] = 0x2A
    table.write_bytes(content)
    data = loaded(path)
    assert data.row_numbers.tolist() == [2, 3]
    assert finding(data, "rows-deleted").rows == (1,)


@pytest.mark.parametrize(
    ("codec", "texts"),
    [("cp1252", ["Malé", "Genève", "São Tomé"]), ("cp1256", ["پشاور", "مردان", "كابل"])],
)
def test_the_letters_of_a_table_that_says_nothing(tmp_path: Path, codec: str, texts: list[str]) -> None:
    path = shapefile(tmp_path / "f", frame=points().assign(name=["xxxxxxxx"] * 3))
    content = bytearray(path.with_suffix(".dbf").read_bytes())
    at = 0
    for text in texts:
        at = content.index(b"xxxxxxxx", at)
        content[at : at + 8] = text.encode(codec).ljust(8)[:8]
    content[29] = 0
    path.with_suffix(".dbf").write_bytes(content)
    path.with_suffix(".cpg").unlink()
    data = loaded(path)
    assert data.frame["name"].tolist() == texts
    assert any(text in finding(data, "encoding-guessed").message for text in texts)


def test_a_broken_prj_counts_as_missing(tmp_path: Path) -> None:
    path = shapefile(tmp_path / "f")
    path.with_suffix(".prj").write_text('GEOGCS["nothing"')
    with pytest.raises(Problem, match="no coordinate reference system"):
        loaded(path)
    assert finding(loaded(path, "EPSG:4326"), "crs-unreadable")


def test_archives_in_archives_are_refused(tmp_path: Path) -> None:
    shapefile(tmp_path / "f")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as out:
        out.write(tmp_path / "f" / "a.shp", "a.shp")
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as out:
        out.write(tmp_path / "a.zip", "a.zip")
    with pytest.raises(Problem, match="holds another archive"):
        loaded(tmp_path / "b.zip")


def test_surfaces_give_the_ground_under_them() -> None:
    # A TIN of two triangles over the unit square, the second standing on end.
    def triangle(corners: list[tuple[float, float, float]]) -> bytes:
        ring = np.array([*corners, corners[0]], dtype="<f8").tobytes()
        return (
            b"\x01"
            + (1017).to_bytes(4, "little")
            + (1).to_bytes(4, "little")
            + (4).to_bytes(4, "little")
            + ring
        )

    faces = [triangle([(0, 0, 0), (1, 0, 5), (0, 1, 2)]), triangle([(0, 0, 0), (1, 0, 0), (1, 0, 9)])]
    tin = b"\x01" + (1016).to_bytes(4, "little") + (2).to_bytes(4, "little") + b"".join(faces)
    ground = flattened(tin)
    assert ground is not None
    assert ground.equals(shapely.Polygon([(0, 0), (1, 0), (0, 1)]))
    assert flattened(tin[:40]) is None


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(["kmz", "gml", "gpx", "geojsonl", "parquet", "mif", "osm"]), st.data())
def test_damaged_files_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, ending: str, data: st.DataObject
) -> None:
    path = _whole(tmp_path_factory.mktemp("damage"), ending)
    content = bytearray(path.read_bytes())
    if data.draw(st.booleans()):
        content = content[: data.draw(st.integers(1, len(content)))]
    else:
        for spot in data.draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=20)):
            content[spot] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    with suppress(Problem):
        probe(Reference(path))
    with suppress(Problem):
        read(Reference(path))


def _whole(folder: Path, ending: str) -> Path:
    path = folder / f"a.{ending}"
    if ending == "parquet":
        points().to_parquet(path)
    elif ending == "osm":
        path.write_text(
            '<osm version="0.6"><node id="1" lat="34" lon="71"><tag k="name" v="X"/></node></osm>'
        )
    elif ending == "gpx":
        path.write_text('<gpx version="1.1"><wpt lat="34" lon="71"><name>A</name></wpt></gpx>')
    elif ending == "kmz":
        points().to_file(folder / "doc.kml", driver="KML")
        with zipfile.ZipFile(path, "w") as out:
            out.write(folder / "doc.kml", "doc.kml")
    else:
        driver = {"gml": "GML", "mif": "MapInfo File", "geojsonl": "GeoJSONSeq"}[ending]
        areas().to_file(path, driver=driver)
    return path


@pytest.mark.parametrize("said", [b"\x84{", b"{not json", b"[]"])
def test_a_parquet_with_damaged_words_about_its_columns_is_read(tmp_path: Path, said: bytes) -> None:
    import pyarrow
    import pyarrow.parquet

    table = pyarrow.table({"site": ["A"], "lat": [30.1], "lon": [67.1]})
    pyarrow.parquet.write_table(table.replace_schema_metadata({b"pandas": said}), tmp_path / "t.parquet")
    assert read(Reference(tmp_path / "t.parquet")).frame["site"].tolist() == ["A"]
