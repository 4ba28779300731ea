"""KML that GDAL bends, drops or refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import shapely

from migmap.api import Problem, VectorData
from migmap.io.probe import probe
from migmap.io.read import read
from migmap.io.reference import Reference, parse_reference

POINT = "<Point><coordinates>71,34</coordinates></Point>"


def ring(text: str) -> str:
    return (
        "<Polygon><outerBoundaryIs><LinearRing><coordinates>"
        f"{text}</coordinates></LinearRing></outerBoundaryIs></Polygon>"
    )


def kml(*shapes: str, extra: str = "", head: str = "") -> str:
    marks = "".join(f"<Placemark><name>p{n}</name>{one}</Placemark>" for n, one in enumerate(shapes))
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{head}<kml xmlns="http://www.opengis.net/kml/2.2" '
        f'xmlns:gx="http://www.google.com/kml/ext/2.2"><Document><name>D</name>{extra}{marks}</Document></kml>'
    )


def loaded(path: Path, text: str) -> VectorData:
    path.write_text(text, encoding="utf-8")
    data = read(Reference(path))
    assert isinstance(data, VectorData)
    return data


def finding(data: VectorData, code: str) -> Any:
    return next(f for f in data.findings if f.code == code)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<Point><coordinates>71.5 34.5</coordinates></Point>", shapely.Point(71.5, 34.5)),
        ("<Point><coordinates>71.5;34.5</coordinates></Point>", shapely.Point(71.5, 34.5)),
        ("<Point><coordinates>71.5, 34.5, 0</coordinates></Point>", shapely.Point(71.5, 34.5)),
        (
            "<Polygon><coordinates>70,30 71,30 71,31 70,31</coordinates></Polygon>",
            shapely.box(70, 30, 71, 31),
        ),
        (
            "<Model><Location><longitude>71.5</longitude><latitude>34.5</latitude></Location></Model>",
            shapely.Point(71.5, 34.5),
        ),
    ],
)
def test_shapes_against_the_rules_are_recovered(
    tmp_path: Path, text: str, expected: shapely.Geometry
) -> None:
    data = loaded(tmp_path / "a.kml", kml(POINT, text))
    assert shapely.equals(data.frame.geometry[1], expected)
    assert finding(data, "geometry-recovered").rows == (2,)


def test_what_cannot_be_a_position_is_named_and_not_bent(tmp_path: Path) -> None:
    half = ring("-124.0,50.0 -124.0,46.0 -118.0,  -118.0,50.0 -124.0,50.0")
    data = loaded(tmp_path / "a.kml", kml(POINT, half, "<Point><coordinates>a,b</coordinates></Point>"))
    assert data.frame.geometry.isna().tolist() == [False, True, True]
    assert finding(data, "geometry-unreadable").rows == (2, 3)
    data = loaded(tmp_path / "b.kml", kml(POINT, ring("-124,50 -124,46 -118,46 -118,92 -124,50")))
    assert finding(data, "position-out-of-range").rows == (2,)


def test_a_bare_geometry_is_one_placemark(tmp_path: Path) -> None:
    text = '<Point xmlns="http://www.opengis.net/kml/2.2"><coordinates>71,34</coordinates></Point>'
    assert loaded(tmp_path / "a.kml", text).frame.geometry[0].equals(shapely.Point(71, 34))


def test_links_are_not_followed(tmp_path: Path) -> None:
    link = "<NetworkLink><Link><href>http://example.org/a.kml</href></Link></NetworkLink>"
    assert finding(loaded(tmp_path / "a.kml", kml(POINT, extra=link)), "links-not-followed")
    with pytest.raises(Problem, match="only links to other files"):
        loaded(tmp_path / "b.kml", kml(extra=link))


@pytest.mark.parametrize("ending", ["kml", "gpx", "gml"])
def test_entities_are_refused(tmp_path: Path, ending: str) -> None:
    bomb = '<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    outside = '<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
    for head in (bomb, outside):
        with pytest.raises(Problem, match="declares XML entities"):
            loaded(tmp_path / f"a.{ending}", kml(POINT, head=head))
        with pytest.raises(Problem, match="declares XML entities"):
            probe(Reference(tmp_path / f"a.{ending}"))


def test_faults_are_named_with_their_line(tmp_path: Path) -> None:
    with pytest.raises(Problem, match=r"not well-formed XML.* line 1"):
        loaded(tmp_path / "a.kml", kml(POINT).replace(">D<", ">A & B<"))
    with pytest.raises(Problem, match="cut short"):
        loaded(tmp_path / "a.kml", kml(POINT, POINT)[:-40])
    (tmp_path / "b.kml").write_bytes(kml(POINT).replace("p0", "Malé").encode("cp1252"))
    data = read(Reference(tmp_path / "b.kml"))
    assert isinstance(data, VectorData)
    assert data.frame["Name"][0] == "Malé"
    assert "Malé" in finding(data, "encoding-guessed").message


def test_folders_are_layers_and_the_head_of_a_long_file_is_enough(tmp_path: Path) -> None:
    folder = "<Folder><name>{}</name>" + f"<Placemark><name>x</name>{POINT}</Placemark></Folder>"
    path = tmp_path / "a.kml"
    path.write_text(kml(extra=folder.format("A") + folder.format("A") + folder.format("B")))
    assert probe(Reference(path)).layers == ("A", "A (#2)", "B")
    data = read(parse_reference(f"{path}::A (#2)"))
    assert isinstance(data, VectorData)
    assert len(data.frame) == 1
    filler = f"<description>{'x' * 1_500}</description>"
    path.write_text(kml(*[filler + POINT] * 3_000))
    seen = probe(Reference(path))
    assert seen.rows == 3_000
    assert seen.geometry == "point"
