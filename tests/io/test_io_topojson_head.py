"""A long topology is described from its objects alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from migmap.io.probe import probe
from migmap.io.reference import Reference
from migmap.io.vectors import topojson


@pytest.mark.parametrize("arcs_first", [True, False])
@pytest.mark.parametrize("counted", [True, False])
def test_the_head_says_what_the_whole_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arcs_first: bool, counted: bool
) -> None:
    arcs = [[[n, 0], [0, 1], [1, 0], [-1, -1]] for n in range(50)]
    shapes = [{"type": "Polygon", "arcs": [[n]], "properties": {"code": f"PK{n}", "n": n}} for n in range(50)]
    parts = {"arcs": arcs, "objects": {"areas": {"type": "GeometryCollection", "geometries": shapes}}}
    order = ("arcs", "objects") if arcs_first else ("objects", "arcs")
    transform = {"scale": [0.001, 0.001], "translate": [70, 30]}
    path = tmp_path / "a.topojson"
    path.write_text(
        json.dumps({"type": "Topology", "transform": transform, **{key: parts[key] for key in order}})
    )
    whole = probe(Reference(path))
    monkeypatch.setattr(topojson, "HEAD_FROM_BYTES", 100)
    monkeypatch.setattr(topojson, "COUNTED_BYTES", 1_000_000 if counted else 200)
    seen = probe(Reference(path))
    assert seen.rows == (50 if counted else None)
    assert [c.name for c in seen.columns] == [c.name for c in whole.columns] == ["code", "n"]
    assert (seen.geometry, seen.crs, seen.driver) == (whole.geometry, whole.crs, whole.driver)
