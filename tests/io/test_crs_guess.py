"""A coordinate system nobody stated: what fits is offered in words and never used."""

from __future__ import annotations

from pathlib import Path

import geopandas
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from rasterio import Affine

from migmap.api import Problem
from migmap.io.crsguess import candidates
from migmap.io.probe import probe
from migmap.io.rasters.raster import open_raster
from migmap.io.read import read
from migmap.io.reference import Reference

PESHAWAR = geopandas.GeoSeries([shapely.box(71.4, 33.9, 71.7, 34.1)], crs="EPSG:4326")


def bare_shapefile(folder: Path, name: str, epsg: int, **columns: list[object]) -> Path:
    frame = geopandas.GeoDataFrame({"n": [1], **columns}, geometry=PESHAWAR.to_crs(epsg))
    path = folder / f"{name}.shp"
    frame.to_file(path)
    path.with_suffix(".prj").unlink()
    return path


def codes(epsg: int, called: str = "", frame: pd.DataFrame | None = None) -> list[str]:
    return [one.code for one in candidates(PESHAWAR.to_crs(epsg).total_bounds, called, frame)[1]]


def test_degrees_zones_and_mercator_are_told_apart() -> None:
    assert codes(4326) == ["EPSG:4326"]
    assert codes(3857) == ["EPSG:3857"]
    assert codes(32642, "health_pakistan.shp") == ["EPSG:32642", "EPSG:32641", "EPSG:32643"]
    assert codes(32642, "x.shp", pd.DataFrame({"ADM2_PCODE": ["PK101"]}))[0] == "EPSG:32642"
    assert "EPSG:32639" in codes(32642, "sites_IRN.csv")
    assert codes(32642, "x.shp") == ["EPSG:32642", "EPSG:32641", "EPSG:32643", "EPSG:3857"]
    mozambique = geopandas.GeoSeries([shapely.Point(35, -17)], crs="EPSG:4326").to_crs(32736)
    found = candidates(mozambique.total_bounds, "mozambique sites.shp")[1]
    assert [one.code for one in found] == ["EPSG:32736", "EPSG:32737"] or found[0].code == "EPSG:32736"
    assert candidates((0, 0, 500, 400))[1] == ()
    assert candidates((np.nan, 0, 1, 1)) == ("", ())


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=4, max_size=4))
def test_no_numbers_break_it(box: list[float]) -> None:
    candidates((min(box[0], box[2]), min(box[1], box[3]), max(box[0], box[2]), max(box[1], box[3])))


def test_a_shapefile_without_prj_is_refused_with_what_fits(tmp_path: Path) -> None:
    path = bare_shapefile(tmp_path, "camps_pakistan", 32642)
    with pytest.raises(Problem) as caught:
        read(Reference(path))
    assert "--crs EPSG:32642 (UTM zone 42 north" in caught.value.fix
    assert "near 71.6 E 34.0 N" in caught.value.fix
    said = next(one for one in probe(Reference(path)).findings if one.code == "no-crs").message
    assert "--crs EPSG:32642" in said
    assert "nothing was assumed" in said
    assert probe(Reference(path)).crs is None


def test_a_raster_without_crs_is_refused_with_what_fits(tmp_path: Path) -> None:
    for name, place, hint in (
        ("a.tif", Affine(0.01, 0, 70, 0, -0.01, 31), "--crs EPSG:4326"),
        ("b.tif", Affine(1000, 0, 7.4e6, 0, -1000, 3.5e6), "--crs EPSG:3857"),
    ):
        path = tmp_path / name
        with rasterio.open(
            path, "w", driver="GTiff", width=5, height=4, count=1, dtype="float32", transform=place
        ) as out:
            out.write(np.arange(20, dtype="float32").reshape(4, 5), 1)
        with pytest.raises(Problem) as caught:
            open_raster(Reference(path))
        assert hint in caught.value.fix
        said = next(one for one in probe(Reference(path)).findings if one.code == "no-crs").message
        assert hint in said
