"""What `info` lists as layers can be asked for as FILE::LAYER, of files with one layer too."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas
import pandas as pd
import pytest
import shapely

from migmap.app.workbench import Workbench


@pytest.fixture
def sites() -> geopandas.GeoDataFrame:
    points = shapely.points([(70.0, 30.0), (70.1, 30.1)])
    return geopandas.GeoDataFrame({"name": ["a", "b"]}, geometry=points, crs=4326)


def test_the_one_layer_of_a_file_goes_by_its_own_name(
    workbench: Workbench, sites: geopandas.GeoDataFrame, tmp_path: Path
) -> None:
    sites.to_file(tmp_path / "round 5.gpkg", layer="sites")
    book = pd.DataFrame({"name": ["a", "b"], "latitude": [30.0, 30.1], "longitude": [70.0, 70.1]})
    book.to_excel(tmp_path / "book.xlsx", sheet_name="Camps", index=False)
    topology = {
        "type": "Topology",
        "arcs": [],
        "objects": {"wells": {"type": "Point", "coordinates": [70, 30], "properties": {"name": "a"}}},
    }
    (tmp_path / "file.topojson").write_text(json.dumps(topology), encoding="utf-8")
    (tmp_path / "folder").mkdir()
    sites.to_file(tmp_path / "folder" / "inner.shp")
    (tmp_path / "bare").mkdir()
    sites.to_file(tmp_path / "bare" / "inner.shp")
    (tmp_path / "bare" / "inner.shx").unlink()
    sites.to_file(tmp_path / "plain.geojson")
    expected = {
        "round 5.gpkg": "sites",
        "book.xlsx": "Camps",
        "file.topojson": "wells",
        "folder": "inner",
        "bare": "inner",
        "bare/inner.shp": "inner",
        "plain.geojson": "plain",
    }
    for name, layer in expected.items():
        about = workbench.info(str(tmp_path / name))
        assert about["layers"] == [layer], name
        assert workbench.info(f"{tmp_path / name}::{layer}")["rows"] == about["rows"]
