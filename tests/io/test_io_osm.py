"""OpenStreetMap extracts as they are downloaded."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_osm import osm_pbf

from migmap.api import Problem, VectorData
from migmap.io.probe import probe
from migmap.io.read import read
from migmap.io.reference import Reference, parse_reference

NODES = [
    (1, 67.1, 30.1, {"amenity": "clinic", "name": "شفا", "beds": "10"}),
    (2, 67.2, 30.1, {}),
    (3, 67.2, 30.2, {}),
    (4, 67.1, 30.2, {"place": "village"}),
]
WAYS = [
    (10, [1, 2, 3], {"highway": "track"}),
    (11, [1, 2, 3, 4, 1], {"building": "yes", "building:levels": "2"}),
]


def test_an_extract_is_read_layer_by_layer(tmp_path: Path) -> None:
    path = osm_pbf(tmp_path / "quetta.osm.pbf", NODES, WAYS)
    with pytest.raises(Problem, match="layers"):
        read(Reference(path))
    points = read(parse_reference(f"{path}::points"))
    assert isinstance(points, VectorData)
    assert points.frame["osm_id"].astype(str).tolist() == ["1", "4"]
    assert points.frame["amenity"].dropna().tolist() == ["clinic"]
    assert points.frame["beds"].tolist()[0] in (10, "10")
    assert points.frame["other_tags"].tolist()[0] == '"amenity"=>"clinic","beds"=>"10"'
    assert points.frame.geometry[0].coords[0] == pytest.approx((67.1, 30.1))
    areas = read(parse_reference(f"{path}::multipolygons"))
    assert isinstance(areas, VectorData)
    assert areas.frame["building:levels"].astype(str).tolist() == ["2"]
    assert areas.frame.geometry[0].area == pytest.approx(0.01)


def test_how_many_rows_an_extract_has_is_told(tmp_path: Path) -> None:
    path = osm_pbf(tmp_path / "quetta.osm.pbf", NODES, WAYS)
    assert probe(parse_reference(f"{path}::points")).rows == 2
    assert probe(parse_reference(f"{path}::lines")).rows == 1
    seen = probe(Reference(path))
    assert {"points", "lines", "multipolygons"} <= set(seen.layers)
    assert "several-layers" in [one.code for one in seen.findings]


def test_a_larger_extract_is_counted_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("migmap.io.vectors.layers._COUNTED_OSM_BYTES", 10)
    path = osm_pbf(tmp_path / "quetta.osm.pbf", NODES, WAYS)
    assert probe(parse_reference(f"{path}::points")).rows == 2
    assert probe(parse_reference(f"{path}::multipolygons")).rows == 1
    monkeypatch.setattr("migmap.io.vectors.layers.COUNTED_BYTES", 10)
    assert probe(parse_reference(f"{path}::points")).rows is None


def test_damaged_extracts_end_in_words(tmp_path: Path) -> None:
    content = osm_pbf(tmp_path / "a.osm.pbf", NODES, WAYS).read_bytes()
    for cut in (3, 30, len(content) // 2, len(content) - 5):
        path = tmp_path / "cut.osm.pbf"
        path.write_bytes(content[:cut])
        with pytest.raises(Problem):
            read(parse_reference(f"{path}::points"))
