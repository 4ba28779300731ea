"""Feature files: what GDAL hides is said aloud."""

from __future__ import annotations

import json
import zipfile
from contextlib import suppress
from pathlib import Path

import geopandas
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from migmap.api import Problem, VectorData
from migmap.io.probe import probe
from migmap.io.read import read
from migmap.io.reference import Reference, parse_reference

POINTS = [shapely.Point(71, 34), shapely.Point(0, 0), None, shapely.Point(72, 35)]


def sites(crs: str | None = "EPSG:4326") -> geopandas.GeoDataFrame:
    return geopandas.GeoDataFrame({"name": ["پشاور", "B", "C", "D"]}, geometry=POINTS, crs=crs)


def loaded(text: str | Path, crs: str | None = None) -> VectorData:
    data = read(parse_reference(str(text)), crs=crs)
    assert isinstance(data, VectorData)
    return data


def codes(data: VectorData) -> set[str]:
    return {f.code for f in data.findings}


def shapefile(folder: Path, name: str = "sites", **options: object) -> Path:
    path = folder / f"{name}.shp"
    sites().to_file(path, **options)
    return path


def zipped(folder: Path, archive: Path, *stems: str) -> Path:
    with zipfile.ZipFile(archive, "w") as out:
        for file in sorted(folder.iterdir()):
            if file.stem in stems and file != archive:
                out.write(file, file.name)
    return archive


@pytest.mark.parametrize("ending", ["gpkg", "geojson", "fgb", "shp", "kml"])
def test_blank_positions_are_the_same_in_every_format(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"sites.{ending}"
    options = {"SPATIAL_INDEX": "NO"} if ending == "fgb" else {}
    if ending == "shp":
        options = {"ENCODING": "UTF-8"}
    sites().to_file(path, driver="KML" if ending == "kml" else None, **options)
    data = loaded(path)
    assert data.frame.geometry.isna().tolist() == [False, True, True, False]
    found = next(f for f in data.findings if f.code == "no-position")
    assert found.rows == (2, 3)
    assert data.row_numbers.tolist() == [1, 2, 3, 4]
    assert data.frame.crs.to_epsg() == 4326
    seen = probe(Reference(path))
    assert seen.rows == 4
    assert seen.geometry == "point"
    if seen.bounds is not None:
        assert seen.bounds == (71, 34, 72, 35)


def test_utf8_text_in_a_dbf_that_does_not_say_so(tmp_path: Path) -> None:
    path = shapefile(tmp_path, ENCODING="UTF-8")
    for cpg in (None, "ISO-8859-1", "1252"):
        if cpg is None:
            path.with_suffix(".cpg").unlink()
        else:
            path.with_suffix(".cpg").write_text(cpg)
        data = loaded(path)
        assert data.frame["name"][0] == "پشاور", cpg
        assert "encoding-mended" in codes(data)


def test_real_latin1_text_is_left_alone(tmp_path: Path) -> None:
    frame = sites()
    frame["name"] = ["Malé", "Genève", "Ñuñoa", "x"]
    frame.to_file(tmp_path / "a.shp", ENCODING="ISO-8859-1")
    data = loaded(tmp_path / "a.shp")
    assert data.frame["name"][:3].tolist() == ["Malé", "Genève", "Ñuñoa"]
    assert "encoding-mended" not in codes(data)


def test_a_shapefile_without_prj_asks_for_its_crs(tmp_path: Path) -> None:
    path = shapefile(tmp_path)
    path.with_suffix(".prj").unlink()
    with pytest.raises(Problem, match="no coordinate reference system") as caught:
        loaded(path)
    assert "--crs EPSG:4326" in caught.value.fix
    data = loaded(path, crs="EPSG:4326")
    assert "crs-stated" in codes(data)
    with pytest.raises(Problem, match="EPSG:nonsense"):
        loaded(path, crs="EPSG:nonsense")


def test_a_stated_crs_never_replaces_the_files_own(tmp_path: Path) -> None:
    sites("EPSG:32642").to_file(tmp_path / "a.gpkg")
    assert loaded(tmp_path / "a.gpkg", crs="EPSG:4326").frame.crs.to_epsg() == 32642


@pytest.mark.parametrize("ending", ["shx", "dbf", "prj"])
def test_a_part_of_a_shapefile_names_the_whole(tmp_path: Path, ending: str) -> None:
    path = shapefile(tmp_path)
    with pytest.raises(Problem, match="part of a shapefile") as caught:
        loaded(path.with_suffix("." + ending))
    assert "sites.shp" in caught.value.fix


def test_a_lost_index_is_built_again_beside_nothing(tmp_path: Path) -> None:
    path = shapefile(tmp_path)
    whole = loaded(path)
    path.with_suffix(".shx").unlink()
    before = sorted(p.name for p in tmp_path.iterdir())
    data = loaded(path)
    assert "shapefile-index-rebuilt" in codes(data)
    assert data.frame["name"].tolist() == whole.frame["name"].tolist()
    assert data.frame.geometry.geom_equals(whole.frame.geometry).tolist() == [True, False, False, True]
    assert sorted(p.name for p in tmp_path.iterdir()) == before
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(Problem, match="cut short"):
        loaded(path)


def test_zipped_shapefiles(tmp_path: Path) -> None:
    shapefile(tmp_path, "sites")
    shapefile(tmp_path, "wells")
    one = zipped(tmp_path, tmp_path / "one file.shp.zip", "sites")
    assert len(loaded(one).frame) == 4
    assert loaded(one).name == "sites"
    two = zipped(tmp_path, tmp_path / "two.zip", "sites", "wells")
    with pytest.raises(Problem, match="holds 2 data sets") as caught:
        loaded(two)
    assert f"{two}::wells" in caught.value.fix
    assert loaded(f"{two}::wells").name == "wells"
    assert probe(Reference(two)).layers == ("sites", "wells")
    before = {p.name for p in tmp_path.iterdir()}
    loaded(one)
    assert {p.name for p in tmp_path.iterdir()} == before


def test_a_zip_without_data_and_a_damaged_one(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as out:
        out.writestr("readme.txt", "")
    with pytest.raises(Problem, match="no data"):
        loaded(tmp_path / "a.zip")
    (tmp_path / "b.zip").write_bytes(b"PK\x03\x04 broken")
    with pytest.raises(Problem, match="not a readable zip"):
        loaded(tmp_path / "b.zip")


@pytest.mark.parametrize("name", ["../../etc/evil.geojson", "/abs.geojson", "C:\\evil.geojson"])
def test_names_that_lead_out_of_an_archive_are_refused(tmp_path: Path, name: str) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as out:
        out.writestr(name, "{}")
    with pytest.raises(Problem, match="leads out of the archive"):
        loaded(tmp_path / "a.zip")


def test_a_zip_bomb_is_refused_with_its_figures(tmp_path: Path) -> None:
    with (
        zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as out,
        out.open("a.csv", "w") as stream,
    ):
        for _ in range(110):
            stream.write(bytes(1 << 20))
    with pytest.raises(Problem, match="would unpack to"):
        loaded(tmp_path / "a.zip")


def test_several_layers_need_a_name_unless_one_holds_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    sites().to_file(path, layer="sites")
    assert loaded(path).frame.shape[0] == 4
    sites().iloc[:0].to_file(path, layer="blank", mode="a")
    assert len(loaded(path).frame) == 4
    sites().to_file(path, layer="wells", mode="a")
    with pytest.raises(Problem, match="holds 2 layers"):
        loaded(path)
    assert loaded(f"{path}::wells").name == "wells"
    with pytest.raises(Problem, match="no layer “roads”"):
        loaded(f"{path}::roads")
    with pytest.raises(Problem, match="is empty"):
        loaded(f"{path}::blank")
    seen = probe(Reference(path))
    assert set(seen.layers) == {"sites", "blank", "wells"}
    assert {f.code for f in seen.findings} >= {"several-layers"}


@pytest.mark.parametrize("name", ["!a.geojson", "a?b#c.geojson", "two words.geojson", "اضلاع.geojson"])
def test_odd_file_names_open(tmp_path: Path, name: str) -> None:
    sites().to_file(tmp_path / "plain.geojson")
    odd = tmp_path / name
    odd.write_bytes((tmp_path / "plain.geojson").read_bytes())
    assert len(loaded(odd).frame) == 4
    assert probe(Reference(odd)).rows == 4


def test_newline_delimited_geojson_keeps_every_line(tmp_path: Path) -> None:
    lines = [
        json.dumps(
            {
                "type": "Feature",
                "properties": {"n": i},
                "geometry": {"type": "Point", "coordinates": [70 + i, 30]},
            }
        )
        for i in range(3)
    ]
    for name in ("a.geojsonl", "b.geojson"):
        (tmp_path / name).write_text("\n".join(lines))
        assert loaded(tmp_path / name).frame["n"].tolist() == [0, 1, 2]


TOPOLOGY = {
    "type": "Topology",
    "transform": {"scale": [0.5, 0.5], "translate": [70, 30]},
    "arcs": [
        [[0, 0], [0, 2]],
        [[0, 2], [2, 0], [0, -2], [-2, 0]],
        [[2, 0], [2, 0], [0, 2], [-2, 0]],
        [[2, 0], [0, 2]],
    ],
    "objects": {
        "blocks": {
            "type": "GeometryCollection",
            "geometries": [
                {"type": "Polygon", "arcs": [[0, 1]], "properties": {"code": "A"}},
                {"type": "Polygon", "arcs": [[2, -4]], "properties": {"code": "B"}},
                {"type": "Point", "coordinates": [4, 4], "properties": {"code": "C"}},
                {"type": None, "properties": {"code": "D"}},
                {"type": "Polygon", "arcs": [[99]], "properties": {"code": "E"}},
            ],
        }
    },
}


def test_topojson_gets_its_shapes_and_its_crs(tmp_path: Path) -> None:
    path = tmp_path / "a.topojson"
    path.write_text(json.dumps(TOPOLOGY))
    data = loaded(path)
    square = shapely.box(70, 30, 71, 31)
    assert data.frame.geometry[0].equals(square)
    assert data.frame.geometry[1].equals(shapely.box(71, 30, 72, 31))
    assert data.frame.geometry[2].equals(shapely.Point(72, 32))
    assert data.frame["code"].tolist() == list("ABCDE")
    assert data.frame.crs.to_epsg() == 4326
    assert next(f for f in data.findings if f.code == "geometry-unreadable").rows == (5,)
    assert next(f for f in data.findings if f.code == "no-position").rows == (4, 5)
    assert probe(Reference(path)).geometry == "mixed"


def test_lists_in_cells_become_text(tmp_path: Path) -> None:
    feature = {
        "type": "Feature",
        "properties": {"list": [1, 2], "thing": {"a": "ب"}},
        "geometry": {"type": "Point", "coordinates": [70, 30]},
    }
    (tmp_path / "a.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    data = loaded(tmp_path / "a.geojson")
    assert data.frame["list"][0] == "[1, 2]"
    assert json.loads(data.frame["thing"][0]) == {"a": "ب"}


def test_an_empty_layer_a_folder_and_what_is_not_there(tmp_path: Path) -> None:
    sites().iloc[:0].to_file(tmp_path / "a.gpkg")
    for text, words in [
        ("a.gpkg", "is empty"),
        ("b.gpkg", "does not exist"),
        ("none/b.gpkg", "does not exist"),
        (".", "is a folder"),
    ]:
        with pytest.raises(Problem, match=words) as caught:
            loaded(tmp_path / text)
        assert caught.value.fix
    (tmp_path / "data.bin").write_bytes(b"\x01\x02")
    with pytest.raises(Problem, match="no format migmap reads"):
        loaded(tmp_path / "data.bin")
    for name in ("x.gpkg", "x.geojson", "x.shp", "x.kml", "x.kmz", "x.fgb", "x.topojson", "x.json", "x.gpx"):
        (tmp_path / name).write_bytes(b"not what the ending says")
        with pytest.raises(Problem):
            loaded(tmp_path / name)


def test_text_numbers_in_features(tmp_path: Path) -> None:
    frame = sites().iloc[[0, 3, 3]].assign(Population=["1,234", "-", "77"], ADM2_PCODE=["PK101", None, "PK7"])
    frame.to_file(tmp_path / "a.geojson")
    data = loaded(tmp_path / "a.geojson")
    assert data.frame["Population"].tolist()[::2] == [1234, 77]
    assert np.isnan(data.frame["Population"][1])
    assert data.frame["ADM2_PCODE"][0] == "PK101"


def test_a_long_gpx_is_counted_layer_by_layer(tmp_path: Path) -> None:
    points = "".join(
        f'<wpt lat="{34 + k % 90 / 100}" lon="71"><name>Well {k}</name></wpt>' for k in range(40_000)
    )
    track = '<trk><trkseg><trkpt lat="34" lon="71"/><trkpt lat="35" lon="72"/></trkseg></trk>'
    path = tmp_path / "long.gpx"
    path.write_text(f'<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1">{points}{track}</gpx>')
    assert path.stat().st_size > 2_000_000
    seen = probe(parse_reference(str(path)))
    assert seen.rows == 40_000 == len(loaded(path).frame)
    rows = {name: probe(parse_reference(f"{path}::{name}")).rows for name in seen.layers}
    assert rows == {"waypoints": 40_000, "routes": 0, "tracks": 1, "route_points": 0, "track_points": 2}


def test_gpx_waypoints_come_first_and_the_rest_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.gpx").write_text(
        '<?xml version="1.0"?><gpx version="1.1" creator="x" xmlns="http://www.topografix.com/GPX/1/1">'
        '<wpt lat="34" lon="71"><name>A</name></wpt><trk><name>t</name><trkseg><trkpt lat="34" lon="71"/>'
        '<trkpt lat="35" lon="72"/></trkseg></trk></gpx>'
    )
    data = loaded(tmp_path / "a.gpx")
    assert data.frame.geometry[0].equals(shapely.Point(71, 34))
    assert "tracks" in next(f for f in data.findings if f.code == "layers-not-read").message
    assert loaded(f"{tmp_path / 'a.gpx'}::tracks").frame.geom_type[0] == "MultiLineString"


def test_a_local_grid_is_no_crs(tmp_path: Path) -> None:
    path = shapefile(tmp_path)
    path.with_suffix(".prj").write_text('LOCAL_CS["plant grid",UNIT["metre",1]]')
    with pytest.raises(Problem, match="no coordinate reference system"):
        loaded(path)


def test_a_table_beside_one_layer_with_shapes(tmp_path: Path) -> None:
    import pandas as pd
    import pyogrio

    path = tmp_path / "a.gpkg"
    sites().to_file(path, layer="sites")
    pyogrio.write_dataframe(pd.DataFrame({"metric": ["people"]}), path, layer="metrics", append=True)
    data = loaded(path)
    assert data.name == "sites"
    assert "layers-not-read" in codes(data)
    assert loaded(f"{path}::metrics").frame["metric"].tolist() == ["people"]


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(["gpkg", "geojson", "fgb", "shp", "kml", "topojson", "zip"]), st.data())
def test_damaged_files_open_or_are_refused(
    tmp_path_factory: pytest.TempPathFactory, ending: str, data: st.DataObject
) -> None:
    """Cut short or with wrong bytes, a file never brings the reader down."""
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
        read(Reference(path))


def _whole(folder: Path, ending: str) -> Path:
    path = folder / f"sites.{ending}"
    if ending == "topojson":
        path.write_text(json.dumps(TOPOLOGY))
    elif ending == "zip":
        shapefile(folder)
        zipped(folder, path, "sites")
    else:
        options = {"SPATIAL_INDEX": "NO"} if ending == "fgb" else {}
        sites().to_file(path, driver="KML" if ending == "kml" else None, **options)
    return path
