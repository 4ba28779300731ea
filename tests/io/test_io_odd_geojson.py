"""GeoJSON that GDAL reads as nothing, reads in part, or does not read at all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import shapely

from migmap.api import Problem, VectorData
from migmap.io.probe import probe
from migmap.io.read import read
from migmap.io.reference import Reference

RING = [[70, 30], [71, 30], [71, 31], [70, 31], [70, 30]]
SQUARE = shapely.box(70, 30, 71, 31)


def feature(geometry: Any, n: int = 0) -> dict[str, Any]:
    return {"type": "Feature", "properties": {"n": n}, "geometry": geometry}


def collection(*geometries: Any, **members: Any) -> dict[str, Any]:
    found = [feature(geometry, n) for n, geometry in enumerate(geometries)]
    return {"type": "FeatureCollection", **members, "features": found}


def shape(kind: str, coordinates: Any) -> dict[str, Any]:
    return {"type": kind, "coordinates": coordinates}


def loaded(path: Path, text: str) -> VectorData:
    path.write_text(text, encoding="utf-8")
    data = read(Reference(path))
    assert isinstance(data, VectorData)
    return data


def finding(data: VectorData, code: str) -> Any:
    return next(f for f in data.findings if f.code == code)


@pytest.mark.parametrize(
    ("geometry", "expected"),
    [
        (shape("Polygon", RING), SQUARE),
        (shape("Polygon", [[RING]]), SQUARE),
        (shape("MultiPolygon", [RING]), shapely.MultiPolygon([SQUARE])),
        (shape("MultiPolygon", [[[RING]]]), shapely.MultiPolygon([SQUARE])),
        (shape("Point", ["71.5", "34.5"]), shapely.Point(71.5, 34.5)),
        (shape("Point", "71.5,34.5"), shapely.Point(71.5, 34.5)),
        (shape("Point", [[71.5, 34.5]]), shapely.Point(71.5, 34.5)),
        (shape("Point", {"lon": 71.5, "lat": 34.5}), shapely.Point(71.5, 34.5)),
        (shape("LineString", [71, 34, 72, 35]), shapely.LineString([(71, 34), (72, 35)])),
        (json.dumps(shape("Point", [71.5, 34.5])), shapely.Point(71.5, 34.5)),
        ({"coordinates": [71.5, 34.5]}, shapely.Point(71.5, 34.5)),
    ],
)
def test_shapes_against_the_rules_are_recovered_and_named(
    tmp_path: Path, geometry: Any, expected: shapely.Geometry
) -> None:
    path = tmp_path / "a.geojson"
    data = loaded(path, json.dumps(collection(shape("Point", [70.1, 30.1]), geometry, None)))
    got = data.frame.geometry[1]
    assert shapely.equals(got, expected) if expected.geom_type != "MultiPolygon" else got.equals(SQUARE)
    assert finding(data, "geometry-recovered").rows == (2,)
    assert finding(data, "no-position").rows == (3,)
    assert probe(Reference(path)).rows == 3


def test_coordinates_beyond_reading_are_named(tmp_path: Path) -> None:
    wrong = [shape("Point", [71.5]), shape("Circle", [71, 34]), shape("LineString", [[1, 2]])]
    data = loaded(tmp_path / "a.geojson", json.dumps(collection(shape("Point", [71, 34]), *wrong)))
    assert finding(data, "geometry-unreadable").rows == (2, 3, 4)
    assert len(data.frame) == 4


def test_an_open_ring_is_closed_and_said(tmp_path: Path) -> None:
    document = collection(shape("Polygon", [RING]), shape("Polygon", [RING[:-1]]))
    data = loaded(tmp_path / "a.geojson", json.dumps(document))
    assert data.frame.geometry[1].equals(SQUARE)
    assert finding(data, "ring-closed").rows == (2,)


@pytest.mark.parametrize(
    "crs",
    [
        {"type": "name", "properties": {"name": "EPSG:999999"}},
        {"type": "link", "properties": {"href": "http://example.org"}},
        None,
    ],
)
def test_a_crs_nobody_knows_is_not_taken_for_longitude_and_latitude(tmp_path: Path, crs: Any) -> None:
    text = json.dumps(collection(shape("Point", [500_000, 3_400_000]), crs=crs))
    with pytest.raises(Problem, match="no coordinate reference system"):
        loaded(tmp_path / "a.geojson", text)
    data = read(Reference(tmp_path / "a.geojson"), crs="EPSG:32642")
    assert isinstance(data, VectorData)
    assert data.frame.crs.to_epsg() == 32642
    assert finding(data, "crs-unreadable")


def test_the_crs_member_counts_before_and_after_the_features(tmp_path: Path) -> None:
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32642"}}
    whole = collection(shape("Point", [500_000, 3_400_000]))
    for document in ({"crs": crs, **whole}, {**whole, "crs": crs}):
        data = loaded(tmp_path / "a.geojson", json.dumps(document))
        assert data.frame.crs.to_epsg() == 32642
        assert probe(Reference(tmp_path / "a.geojson")).crs == "EPSG:32642"


def test_files_broken_as_a_whole_give_their_features(tmp_path: Path) -> None:
    one, two = json.dumps(collection(shape("Point", [71, 34]))), json.dumps(feature(shape("Point", [72, 34])))
    for text in (f"[{two},{two}]", one + "\n" + one, one.replace("]}", ",]}").replace(",]}}", "]}}")):
        data = loaded(tmp_path / "a.geojson", text)
        assert data.frame.geometry.notna().all(), text
        assert len(data.frame) == text.count('"Feature"')
        assert finding(data, "format-mended")


def test_a_file_cut_short_names_how_far_it_goes(tmp_path: Path) -> None:
    text = json.dumps(collection(*[shape("Point", [70 + i / 100, 30]) for i in range(40)]))
    for call in (
        lambda: loaded(tmp_path / "a.geojson", text[:-60]),
        lambda: probe(Reference(tmp_path / "a.geojson")),
    ):
        with pytest.raises(Problem, match="after 39 whole features"):
            call()
    with pytest.raises(Problem, match="feature 1 is damaged"):
        loaded(
            tmp_path / "b.geojson",
            '{"type":"FeatureCollection","features":[' + "{" * 3000 + "}" * 3000 + "]}",
        )


def test_entries_and_lines_that_are_no_features_are_set_aside(tmp_path: Path) -> None:
    document = collection(shape("Point", [71, 34]), shape("Point", [72, 34]))
    document["features"].insert(1, {"a": 1})
    data = loaded(tmp_path / "a.geojson", json.dumps(document))
    assert data.row_numbers.tolist() == [1, 3]
    assert [part.row_numbers.tolist() for part in data.aside] == [[2]]
    assert finding(data, "features-unreadable").rows == (2,)
    line = json.dumps(feature(shape("Point", [71, 34])))
    data = loaded(tmp_path / "a.geojsonl", "\n".join([line, line[:30], "", line]))
    assert finding(data, "lines-unreadable").rows == (2,)
    assert len(data.frame) + sum(len(part.frame) for part in data.aside) == 3


def test_the_head_of_a_long_file_is_read_alone(tmp_path: Path) -> None:
    tail = "x" * 2_000
    features = [feature(shape("Point", [70 + n / 1e4, 30]), n) for n in range(4_000)]
    for each in features:
        each["properties"]["text"] = tail
    whole = json.dumps({"type": "FeatureCollection", "features": features})
    lines = "\n".join(json.dumps(each) for each in features)
    for name, text in (("a.geojson", whole), ("b.ndjson", lines)):
        (tmp_path / name).write_text(text)
        seen = probe(Reference(tmp_path / name))
        assert seen.rows == 4_000
        assert [column.name for column in seen.columns] == ["n", "text"]
        assert seen.geometry == "point"


def test_points_lines_and_polygons_in_one_layer_are_kept_and_said(tmp_path: Path) -> None:
    data = loaded(
        tmp_path / "a.geojson", json.dumps(collection(shape("Point", [71, 34]), shape("Polygon", [RING])))
    )
    assert data.frame.geom_type.tolist() == ["Point", "Polygon"]
    assert "1 point and 1 polygon" in finding(data, "mixed-shapes").message
