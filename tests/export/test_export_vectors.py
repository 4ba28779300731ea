"""GeoPackage, GeoJSON, KML: what goes in comes out again, with every mark beside it."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import geopandas
import numpy as np
import pyogrio
import pytest
import shapely

from migmap.api import ExportDocument, MapLayer, Problem, Rule, Style, Symbol
from migmap.export.geojson import GeoJson
from migmap.export.geopackage import GeoPackage
from migmap.export.kml import Kml
from migmap.export.qml import qml


def same_numbers(written: Any, original: Any) -> bool:
    first = np.asarray(written, dtype=np.float64)
    second = original.to_numpy(dtype=np.float64, na_value=np.nan)
    return bool(np.array_equal(first, second, equal_nan=True))


def test_geopackage_holds_layers_tables_and_styles(
    document: ExportDocument, export: Any, tmp_path: Path
) -> None:
    target = tmp_path / "a.gpkg"
    assert export(GeoPackage(), document, target) == ()
    names = dict(pyogrio.list_layers(target))
    assert list(names) == [
        "sites", "areas", "metrics", "findings", "sources", "provenance", "layer_styles"
    ]  # fmt: skip
    assert names["metrics"] is None
    original = document.layers[-1].data.frame  # type: ignore[union-attr]
    sites = pyogrio.read_dataframe(target, layer="sites", use_arrow=True)
    assert len(sites) == 5
    assert sites.crs.to_epsg() == 4326
    assert list(sites["site_name_urdu"])[:3] == ["کیمپ ایک", "کیمپ دو", "کیمپ تین"]
    for column in ("people", "share_served", "hazard_value"):
        assert same_numbers(sites[column], original[column])
    assert sites.geometry.iloc[3] is None
    assert shapely.equals_exact(sites.geometry[4], original.geometry[4]) or sites.geometry[4].equals(
        original.geometry[4]
    )
    metrics = pyogrio.read_dataframe(target, layer="metrics", read_geometry=False)
    assert list(metrics["metric"]) == ["people"] * len(document.metrics)
    assert metrics["value"].isna().tolist() == [m.value is None for m in document.metrics]


def test_geopackage_is_version_1_3_and_says_what_it_is(
    document: ExportDocument, export: Any, tmp_path: Path
) -> None:
    export(GeoPackage(), document, tmp_path / "a.gpkg")
    with closing(sqlite3.connect(tmp_path / "a.gpkg")) as database:
        assert database.execute("PRAGMA user_version").fetchone() == (10300,)
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        contents = dict(database.execute("SELECT table_name, data_type FROM gpkg_contents"))
        about = database.execute(
            "SELECT description FROM gpkg_contents WHERE table_name = 'sites'"
        ).fetchone()[0]
        styles = database.execute(
            "SELECT f_table_name, f_geometry_column, useAsDefault FROM layer_styles"
        ).fetchall()
    assert contents["metrics"] == contents["layer_styles"] == "attributes"
    assert "SYNTHETIC DATA" in about
    assert "not stated" in about
    assert styles == [("sites", "geom", 1), ("areas", "geom", 1)]


def test_geopackage_survives_awkward_columns(vector: Any, export: Any, tmp_path: Path) -> None:
    columns = {
        "fid": [7, 7],
        "geom": ["a", "b"],
        "Name": ["x", "y"],
        "name": ["z", "ж"],
        "mixed": [1, "b"],
        "list": [[1], None],
    }
    layer = MapLayer(
        "gpkg_x/y", "Odd", vector("odd", columns, [shapely.Point(1, 2), None]), Style(), result=False
    )
    (finding,) = export(GeoPackage(), ExportDocument("T", layers=(layer,)), tmp_path / "a.gpkg")
    assert finding.code == "columns-renamed"
    found = pyogrio.read_dataframe(tmp_path / "a.gpkg", layer="layer_gpkg_x_y")
    assert found["fid"].tolist() == [7, 7]
    assert found["name_1"].tolist() == ["z", "ж"]
    assert found["mixed"].tolist() == ["1", "b"]
    assert found["list"].tolist()[0] == "[1]"


def test_a_layer_without_any_position_becomes_a_table(vector: Any, export: Any, tmp_path: Path) -> None:
    layer = MapLayer("sites", "No places", vector("x", {"n": [1, 2]}, [None, None], crs=None), Style())
    export(GeoPackage(), ExportDocument("T", layers=(layer,)), tmp_path / "a.gpkg")
    assert pyogrio.read_info(tmp_path / "a.gpkg", layer="sites")["geometry_type"] is None
    assert pyogrio.read_info(tmp_path / "a.gpkg", layer="sites")["features"] == 2


def test_without_results_every_layer_with_features_goes_in(
    plain: ExportDocument, export: Any, tmp_path: Path
) -> None:
    export(GeoPackage(), plain, tmp_path / "a.gpkg")
    names = [name for name, _ in pyogrio.list_layers(tmp_path / "a.gpkg")]
    assert names == ["areas", "sites", "findings", "sources", "layer_styles"]
    with pytest.raises(Problem, match="nothing to write"):
        export(GeoPackage(), replace(plain, layers=plain.layers[:1]), tmp_path / "b.gpkg")


def test_geojson_is_one_collection_that_says_each_layer(
    document: ExportDocument, export: Any, tmp_path: Path
) -> None:
    export(GeoJson(), document, tmp_path / "a.geojson")
    page = json.loads((tmp_path / "a.geojson").read_text(encoding="utf-8"))
    assert [f["properties"]["layer"] for f in page["features"]] == ["sites"] * 5 + ["areas"] * 3
    assert page["migmap"]["synthetic"] is True
    assert page["migmap"]["sensitivity"] == "not stated"
    assert page["migmap"]["run_id"] == "run-0123"
    assert page["migmap"]["sources"] == list(document.sources)
    assert "crs" not in page
    first, _, third, fourth, _ = page["features"][:5]
    assert first["geometry"] == {"type": "Point", "coordinates": [67.01, 30.2]}
    assert first["properties"]["has_school"] is True
    assert third["properties"]["people"] is None
    assert fourth["geometry"] is None
    outer = shapely.LinearRing(page["features"][7]["geometry"]["coordinates"][0])
    inner = shapely.LinearRing(page["features"][7]["geometry"]["coordinates"][1])
    assert outer.is_ccw
    assert not inner.is_ccw
    assert len(geopandas.read_file(tmp_path / "a.geojson")) == 8


def test_geojson_of_one_layer_is_that_layer(vector: Any, export: Any, tmp_path: Path) -> None:
    frame_in_utm = vector("sites", {"layer": ["own"]}, [shapely.Point(500000, 3320000)], crs=32642)
    document = ExportDocument("T", layers=(MapLayer("sites", "S", frame_in_utm, Style()),))
    assert export(GeoJson(), document, tmp_path / "a.geojson") == ()
    (feature,) = json.loads((tmp_path / "a.geojson").read_text(encoding="utf-8"))["features"]
    assert feature["properties"] == {"layer": "own"}
    assert feature["geometry"]["coordinates"] == pytest.approx([69.0, 30.0109617], abs=1e-6)


def test_kml_holds_folders_styles_and_every_value(
    document: ExportDocument, export: Any, tmp_path: Path
) -> None:
    export(Kml(), document, tmp_path / "a.kml")
    root = ElementTree.parse(tmp_path / "a.kml").getroot()
    space = {"k": "http://www.opengis.net/kml/2.2"}
    assert [node.text for node in root.findall(".//k:Folder/k:name", space)] == ["sites", "areas"]
    about = root.find("k:Document/k:description", space)
    assert about is not None
    assert about.text is not None
    for said in ("SYNTHETIC DATA", "not stated – treat as restricted", "legal status", "run-0123"):
        assert said in about.text
    known = {node.get("id") for node in root.iter(f"{{{space['k']}}}Style")}
    used = {node.text for node in root.iter(f"{{{space['k']}}}styleUrl")}
    assert used <= {f"#{key}" for key in known}
    sites = pyogrio.read_dataframe(tmp_path / "a.kml", layer="sites")
    assert list(sites["site_name"]) == ["Camp One", "کیمپ دو", "Üç & <Kamp>", "No position", "Polygon camp"]
    original = document.layers[-1].data.frame  # type: ignore[union-attr]
    assert same_numbers(sites["people"], original["people"])
    assert same_numbers(sites["share_served"], original["share_served"])
    assert sites.geometry.iloc[3] is None
    areas = pyogrio.read_dataframe(tmp_path / "a.kml", layer="areas")
    before = document.layers[1].data.frame  # type: ignore[union-attr]
    assert shapely.area(areas.geometry.to_numpy()) == pytest.approx(shapely.area(before.geometry.to_numpy()))


def test_qgis_style_covers_every_rule_other_and_unknown() -> None:
    style = Style(
        column='a"b',
        rules=(
            Rule(label="it's", value="it's", symbol=Symbol()),
            Rule(label="1 to 2", minimum=1.0, maximum=2.0, symbol=Symbol(hatch=True)),
        ),
    )
    root = ElementTree.fromstring(qml(style, ["polygon"], numeric=False))
    rules = root.findall("renderer-v2/rules/rule")
    assert [rule.get("label") for rule in rules] == ["it's", "1 to 2", "unknown", "other"]
    assert rules[0].get("filter") == "(\"a\"\"b\" = 'it''s')"
    assert {rule.get("symbol") for rule in rules} == {
        s.get("name") for s in root.findall("renderer-v2/symbols/symbol")
    }
    single = ElementTree.fromstring(qml(Style(), ["point"], numeric=False)).find("renderer-v2")
    assert single is not None
    assert single.get("type") == "singleSymbol"


def test_a_stopped_export_raises_and_does_not_swallow_it(
    document: ExportDocument, tmp_path: Path, painter: Any
) -> None:
    from migmap.api import Cancelled, ExportTools

    def stop(*_: object) -> None:
        raise Cancelled

    for exporter, name in ((GeoPackage(), "a.gpkg"), (GeoJson(), "a.geojson"), (Kml(), "a.kml")):
        with pytest.raises(Cancelled):
            exporter.write(document, tmp_path / name, exporter.Params(), ExportTools(painter), stop)
