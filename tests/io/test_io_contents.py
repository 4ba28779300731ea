"""Files that are not what their ending says, and such as lead elsewhere."""

from __future__ import annotations

import gzip
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import geopandas
import pytest
import shapely

from migmap.api import Problem, VectorData
from migmap.io.probe import probe
from migmap.io.read import read
from migmap.io.reference import Reference
from migmap.io.sniff import what_it_is

GEOJSON = (
    '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"name": "پشاور"}, '
    '"geometry": {"type": "Point", "coordinates": [71.5, 34]}}]}'
)
KML = (
    '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark>'
    "<name>A</name><Point><coordinates>71.5,34</coordinates></Point></Placemark></Document></kml>"
)


def file(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize(
    ("name", "content", "words", "fix"),
    [
        ("a.csv", b"\x89PNG\r\n\x1a\n\0\0", "a picture", "data themselves"),
        ("a.csv", b"PK\x03\x04" + b"\0" * 26 + b"[Content_Types].xml", "an Excel workbook", ".xlsx"),
        ("a.xls", b"PK\x03\x04" + b"\0" * 26 + b"[Content_Types].xml", "an Excel workbook", ".xlsx"),
        ("a.txt", GEOJSON, "it is GeoJSON", ".geojson"),
        ("a.csv.gz", gzip.compress(b"a,b\n1,2\n", mtime=0), "packed with gzip", "Unpack it first"),
        ("a.kml", "<!DOCTYPE html><html><body>404</body></html>", "a web page", "get the file again"),
        ("a.shp", b"SQLite format 3\0" + b"\0" * 90, "SQLite", ".gpkg"),
        ("a.tif", b"\x89HDF\r\n\x1a\n" + b"\0" * 20, "HDF5", ".nc"),
        ("a.geojson", GEOJSON.encode("utf-16"), "UTF-16", "UTF-8"),
        ("a.json", GEOJSON.encode("utf-16-be"), "UTF-16", "UTF-8"),
        ("a.dat", b"Rar!\x1a\x07\0", "RAR", "Unpack it first"),
    ],
)
def test_a_wrong_ending_is_named(tmp_path: Path, name: str, content: bytes, words: str, fix: str) -> None:
    path = file(tmp_path / name, content)
    for look in (read, probe):
        with pytest.raises(Problem) as caught:
            look(Reference(path))
        assert words in caught.value.title
        assert fix in caught.value.fix
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as out:
        out.write(path, f"data/{name}")
    with pytest.raises(Problem):
        read(Reference(tmp_path / "a.zip"))


@pytest.mark.parametrize(("name", "content"), [("places.xml", KML), ("places", GEOJSON), ("a.data", KML)])
def test_an_unknown_ending_does_not_hide_what_it_is(tmp_path: Path, name: str, content: str) -> None:
    data = read(Reference(file(tmp_path / name, content)))
    assert isinstance(data, VectorData)
    assert len(data.frame) == 1


@pytest.mark.parametrize("name", ["a.geojson", "a.kml", "a.gml", "a.gpx", "a.json", "a.mif", "a", "a.xml"])
def test_descriptions_that_point_elsewhere_are_refused(tmp_path: Path, name: str) -> None:
    frame = geopandas.GeoDataFrame({"secret": ["x"]}, geometry=[shapely.Point(71, 34)], crs=4326)
    frame.to_file(tmp_path / "other.gpkg")
    text = (
        '<?xml version="1.0"?><OGRVRTDataSource><OGRVRTLayer name="other"><SrcDataSource>'
        f"{tmp_path / 'other.gpkg'}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"
    )
    path = file(tmp_path / name, text)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as out:
        out.write(path, name)
    for each in (path, tmp_path / "a.zip"):
        with pytest.raises(Problem):
            read(Reference(each))
    if "." in name and not name.endswith("xml"):
        with pytest.raises(Problem, match="lie elsewhere"):
            read(Reference(path))


def test_entities_are_refused_whatever_the_ending(tmp_path: Path) -> None:
    text = KML.replace("<kml", '<!DOCTYPE k [<!ENTITY a SYSTEM "file:///etc/passwd">]><kml').replace(
        "A<", "&a;<"
    )
    for name in ("a.kml", "a.geojson", "a.xml", "a.gml"):
        with pytest.raises(Problem):
            read(Reference(file(tmp_path / name, text)))


def test_a_geopackage_in_a_zip_is_checked_like_one_beside_it(tmp_path: Path) -> None:
    frame = geopandas.GeoDataFrame({"n": [1]}, geometry=[shapely.Point(71, 34)], crs=4326)
    frame.to_file(tmp_path / "a.gpkg")
    with zipfile.ZipFile(tmp_path / "good.zip", "w", zipfile.ZIP_DEFLATED) as out:
        out.write(tmp_path / "a.gpkg", "in/a.gpkg")
    data = read(Reference(tmp_path / "good.zip"))
    assert isinstance(data, VectorData)
    assert data.frame["n"].tolist() == [1]
    with closing(sqlite3.connect(tmp_path / "a.gpkg")) as base:
        base.execute("PRAGMA writable_schema = 1")
        base.execute(
            "INSERT INTO sqlite_master VALUES ('table', 'evil', 'evil', 0, "
            "'CREATE VIRTUAL TABLE evil USING VirtualOGR(''/etc/passwd'')')"
        )
        base.commit()
    with zipfile.ZipFile(tmp_path / "bad.zip", "w", zipfile.ZIP_DEFLATED) as out:
        out.write(tmp_path / "a.gpkg", "in/a.gpkg")
    for name in ("a.gpkg", "bad.zip"):
        with pytest.raises(Problem, match="outside of the file"):
            read(Reference(tmp_path / name))


def test_archives_in_archives_are_named(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "inner.zip", "w") as out:
        out.writestr("a.geojson", GEOJSON)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as out:
        out.write(tmp_path / "inner.zip", "inner.zip")
        out.writestr("readme.txt", "see inner.zip")
    with pytest.raises(Problem, match=r"holds another archive: inner.zip"):
        read(Reference(tmp_path / "a.zip"))


def test_what_says_nothing_is_not_guessed() -> None:
    for head in (b"", b"a,b\n", b"<gml", b"{", b'{"a": 1}', b"PK", b"\0" * 50):
        assert what_it_is(head) is None
