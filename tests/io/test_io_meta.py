"""What a file says about itself travels with the data."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from migmap.api import Meta, VectorData
from migmap.io.probe import probe
from migmap.io.read import read
from migmap.io.reference import Reference


def loaded(path: Path) -> VectorData:
    data = read(Reference(path))
    assert isinstance(data, VectorData)
    assert probe(Reference(path)).meta == data.meta
    return data


@pytest.mark.parametrize(
    ("value", "synthetic"), [("yes", True), ("TRUE", True), ("1", True), ("no", False), ("", False)]
)
def test_a_synthetic_column_marks_the_layer(tmp_path: Path, value: str, synthetic: bool) -> None:
    (tmp_path / "a.csv").write_text(f"name,synthetic\nA,{value}\nB,{value}\n")
    assert loaded(tmp_path / "a.csv").meta == Meta(synthetic=synthetic)


def test_the_sidecar(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("name\nA\n")
    sidecar = tmp_path / "a.csv.meta.json"
    keys = {
        "sensitivity": "confidential",
        "synthetic": True,
        "attribution": "IOM",
        "licence": "CC BY",
        "date": 2022,
    }
    sidecar.write_text(json.dumps(keys))
    assert loaded(path).meta == Meta("confidential", True, "IOM", "CC BY", "2022")
    sidecar.write_text('{"sensitivity": "secret"}')
    data = loaded(path)
    assert data.meta.sensitivity is None
    assert [f.code for f in data.findings if f.code == "unknown-sensitivity"]
    for broken in ("{", "[1]", '"text"'):
        sidecar.write_text(broken)
        assert "sidecar-unreadable" in {f.code for f in loaded(path).findings}


@pytest.mark.parametrize("place", ["first", "last"])
def test_the_geojson_member(tmp_path: Path, place: str) -> None:
    feature = {
        "type": "Feature",
        "properties": {"a": "x" * 300},
        "geometry": {"type": "Point", "coordinates": [1, 2]},
    }
    whole: dict[str, object] = {"type": "FeatureCollection", "features": [feature] * 500}
    said = {"sensitivity": "restricted", "attribution": "UNOSAT", "boundary_note": "as drawn by {x}"}
    document = {"migmap": said, **whole} if place == "first" else {**whole, "migmap": said}
    (tmp_path / "a.geojson").write_text(json.dumps(document))
    meta = loaded(tmp_path / "a.geojson").meta
    assert meta == Meta("restricted", False, "UNOSAT", boundary_note="as drawn by {x}")
