"""Shapefile: what its format of 1983 cannot hold is renamed, mapped or set beside it, never lost."""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pyogrio
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from migmap.api import ExportDocument, MapLayer, Style
from migmap.export.dbf import TEXT_BYTES, cut_text, short_names
from migmap.export.shapefile import Shapefile


def read(archive: Path, name: str) -> Any:
    return geopandas.read_file(f"/vsizip/{archive}/{name}")


def table(text: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.decode("utf-8-sig"), newline="")))


def test_zip_holds_every_row_of_every_layer(document: ExportDocument, export: Any, tmp_path: Path) -> None:
    target = tmp_path / "a.zip"
    findings = {finding.code: finding for finding in export(Shapefile(), document, target)}
    with zipfile.ZipFile(target) as archive:
        names = set(archive.namelist())
        assert archive.testzip() is None
        assert archive.read("sites_point.cpg") == b"UTF-8"
        assert b"WGS_1984" in archive.read("areas.prj")
        readme = archive.read("README.txt").decode()
        book = table(archive.read("codebook.csv"))
        long = table(archive.read("long_text.csv"))
    for stem in ("sites_point", "sites_polygon", "areas"):
        assert {f"{stem}.{end}" for end in ("shp", "shx", "dbf", "prj", "cpg")} <= names
    points, polygons, areas = (
        read(target, f"{stem}.shp") for stem in ("sites_point", "sites_polygon", "areas")
    )
    assert (len(points), len(polygons), len(areas)) == (4, 1, 3)
    assert points.geometry.isna().tolist() == [False, False, False, True]
    assert points["site_name_"].tolist()[:3] == ["کیمپ ایک", "کیمپ دو", "کیمپ تین"]
    assert points["people"].isna().tolist() == [False, False, True, False]
    assert points["people"].tolist()[:2] == [1200, 0]
    assert polygons["people"].tolist() == [2**40]
    assert points["share_serv"].tolist()[3] == pytest.approx(1 / 3, rel=1e-14)  # DBF holds digits, not bits
    assert polygons["share_serv"].tolist() == [1e-9]
    assert points["has_school"].tolist()[:2] == [1, 0]
    assert str(points["surveyed"].tolist()[0])[:10] == "2022-09-01"
    for said in ("SYNTHETIC DATA", "not stated – treat as restricted", "legal status", "run-0123", "Source:"):
        assert said in readme
    assert book[0] == ["layer", "file", "old_name", "new_name", "note"]
    assert ["areas", "areas.dbf", "people_not_exposed", "people_not", ""] in book
    assert findings["text-too-long"].rows == (2,)
    original = document.layers[-1].data.frame["remarks"].iloc[1]  # type: ignore[union-attr]
    assert long[1] == ["sites", "2", "remarks", original]
    cut = points["remarks"].tolist()[1]
    assert original.startswith(cut)
    assert TEXT_BYTES - 8 < len(cut.encode()) <= TEXT_BYTES
    assert findings["layer-split"].count == 2
    assert "type-changed" in findings


def test_shp_lies_under_the_name_the_user_gave(document: ExportDocument, export: Any, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    export(Shapefile(), document, folder / "x.shp")
    names = sorted(file.name for file in folder.iterdir())
    assert all(name.startswith("x") for name in names)
    assert {
        "x.shp",
        "x_areas.shp",
        "x_polygon.shp",
        "x_codebook.csv",
        "x_long_text.csv",
        "x_README.txt",
    } <= set(names)
    assert pyogrio.read_info(folder / "x.shp")["features"] == 4
    assert pyogrio.read_info(folder / "x_areas.shp")["features"] == 3


def test_names_stay_apart_and_keep_what_fits(vector: Any, export: Any, tmp_path: Path) -> None:
    columns = {
        "population_total": [1],
        "population_male": [2],
        "population": [3],
        "POPULATION": [4],
        "آبادی": [5],
        "1st": [6],
    }
    layer = MapLayer("sites", "S", vector("s", columns, [shapely.Point(1, 2)]), Style())
    export(Shapefile(), ExportDocument("T", layers=(layer,)), tmp_path / "a.zip")
    found = read(tmp_path / "a.zip", "sites.shp")
    assert found["population"].tolist() == [3]
    assert found.drop(columns="geometry").iloc[0].tolist() == [1, 2, 3, 4, 5, 6]


def test_shapes_of_several_kinds_in_one_row_keep_the_largest(
    vector: Any, export: Any, tmp_path: Path
) -> None:
    both = shapely.GeometryCollection([shapely.Point(0, 0), shapely.box(0, 0, 1, 1)])
    layer = MapLayer("sites", "S", vector("s", {"n": [1, 2]}, [both, shapely.box(1, 1, 2, 2)]), Style())
    findings = export(Shapefile(), ExportDocument("T", layers=(layer,)), tmp_path / "a.zip")
    assert [(f.code, f.rows) for f in findings] == [("shape-reduced", (1,))]
    assert shapely.area(read(tmp_path / "a.zip", "sites.shp").geometry.to_numpy()).tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    "shapes",
    [
        [None, None],
        [shapely.Point(), shapely.Point(1, 2)],
        [shapely.Point(1, 2), shapely.MultiPoint([(1, 2), (3, 4)])],
        [shapely.LineString([(0, 0), (1, 1)]), None],
        [shapely.Point(1, 2, 3), shapely.Point(1, 2)],
    ],
)
def test_rows_in_are_rows_out(shapes: list[Any], vector: Any, export: Any, tmp_path: Path) -> None:
    layer = MapLayer("sites", "S", vector("s", {"n": [1, 2]}, shapes), Style())
    export(Shapefile(), ExportDocument("T", layers=(layer,)), tmp_path / "a.zip")
    assert read(tmp_path / "a.zip", "sites.shp")["n"].tolist() == [1, 2]


def test_a_text_that_is_too_long_is_reported_by_its_row_in_the_file(
    vector: Any, export: Any, tmp_path: Path
) -> None:
    data = replace(
        vector("s", {"t": ["ok", "ب" * 128]}, [shapely.Point(1, 2)] * 2), row_numbers=np.array([10, 20])
    )
    findings = export(
        Shapefile(), ExportDocument("T", layers=(MapLayer("sites", "S", data, Style()),)), tmp_path / "a.zip"
    )
    assert [(f.code, f.rows) for f in findings] == [("text-too-long", (20,))]
    assert read(tmp_path / "a.zip", "sites.shp")["t"].tolist() == ["ok", "ب" * 127]


@given(st.lists(st.text(min_size=0, max_size=30), max_size=60))
def test_short_names_never_collide(names: list[str]) -> None:
    short = short_names(names)
    assert len(short) == len(names)
    assert len({name.casefold() for name in short}) == len(names)
    assert all(0 < len(name) <= 10 and name.isascii() for name in short)
    assert short == short_names(names)


@given(st.text(max_size=400))
def test_cut_text_is_a_beginning_that_fits(text: str) -> None:
    cut = cut_text(text)
    assert text.startswith(cut)
    assert len(cut.encode("utf-8", "surrogatepass")) <= TEXT_BYTES
    assert cut == text or len(cut) > 0
