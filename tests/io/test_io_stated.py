"""What a file written by migmap says about itself is understood when it is read again."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas
import pyogrio
import pytest
import shapely

from migmap.api import Meta
from migmap.io.meta import as_tags, written
from migmap.io.probe import probe
from migmap.io.read import read
from migmap.io.reference import Reference

META = Meta(
    sensitivity="confidential",
    synthetic=True,
    attribution="IOM",
    date="2022-09",
    method="key informants",
    boundary_vintage="COD 2022",
    agreement="DSA-7",
    agreement_expires="2027-01-01",
    agreement_audience="shelter cluster",
)
ROLES = {"people": "inds", "name": "site"}


def sites() -> geopandas.GeoDataFrame:
    shape = [shapely.Point(71, 34)]
    return geopandas.GeoDataFrame({"site": ["A"], "inds": [5]}, geometry=shape, crs="EPSG:4326")


def geojson(path: Path) -> None:
    document = json.loads(sites().to_json())
    path.write_text(json.dumps({"migmap": written(META, "dtm_site", ROLES), **document}))


def geopackage(path: Path) -> None:
    pyogrio.write_dataframe(sites(), path, layer_metadata=as_tags(written(META, "dtm_site", ROLES)))


def sidecar(path: Path) -> None:
    sites().to_file(path)
    beside = path.with_name(path.name + ".meta.json")
    beside.write_text(json.dumps(written(META, "dtm_site", ROLES)))


@pytest.mark.parametrize(
    ("name", "write"),
    [("a.geojson", geojson), ("a.gpkg", geopackage), ("b.fgb", sidecar), ("c.shp", sidecar)],
)
def test_meta_kind_and_roles_come_back(tmp_path: Path, name: str, write: object) -> None:
    path = tmp_path / name
    assert callable(write)
    write(path)
    seen = probe(Reference(path))
    assert seen.meta == META
    assert seen.stated == {"kind": "dtm_site", "roles": ROLES}
    assert read(Reference(path)).meta == META


def test_other_words_for_the_same(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    said = {
        "source": "UNHCR",
        "vintage": "COD 2020",
        "sharing_agreement": {"reference": "X-1", "expiry": "2026-12-31", "audience": ["a", "b"]},
        "roles": {"people": "inds"},
    }
    path.write_text(json.dumps({"migmap": said, **json.loads(sites().to_json())}))
    meta = read(Reference(path)).meta
    assert (meta.attribution, meta.boundary_vintage, meta.agreement) == ("UNHCR", "COD 2020", "X-1")
    assert meta.agreement_expires == "2026-12-31"
    assert probe(Reference(path)).stated == {}
