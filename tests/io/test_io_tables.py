"""Tables as field offices send them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from migmap.api import Finding, Problem, VectorData
from migmap.io.probe import probe
from migmap.io.read import read
from migmap.io.reference import Reference, parse_reference


def table(tmp_path: Path, text: str | bytes, name: str = "t.csv") -> VectorData:
    file = tmp_path / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    data = read(Reference(file))
    assert isinstance(data, VectorData)
    return data


def finding(data: VectorData, code: str) -> Finding:
    return next(f for f in data.findings if f.code == code)


def codes(data: VectorData) -> set[str]:
    return {f.code for f in data.findings}


@pytest.mark.parametrize(
    ("lon", "lat"),
    [
        ("longitude", "latitude"),
        ("LON", "LAT"),
        ("x", "y"),
        ("Long", "Lat"),
        ("GPS Longitude", "GPS Latitude"),
        ("_gps_longitude", "_gps_latitude"),
        ("Lon_site", "Lat_site"),
        ("point_x", "POINT_Y"),
    ],
)
def test_coordinate_columns_are_found_by_their_usual_names(tmp_path: Path, lon: str, lat: str) -> None:
    data = table(tmp_path, f"name,{lon},{lat}\nA,71.5,34.0\n")
    assert (data.frame.geometry[0].x, data.frame.geometry[0].y) == (71.5, 34.0)
    assert data.frame.crs.to_epsg() == 4326


def test_blank_and_zero_positions_are_the_same_thing(tmp_path: Path) -> None:
    data = table(tmp_path, "name,lon,lat\nA,71,34\nB,,\nC,0,0\nD,0.0,0.000\nE,72,35\n")
    assert data.frame.geometry.isna().tolist() == [False, True, True, True, False]
    assert finding(data, "no-position").rows == (3, 4, 5)
    assert finding(data, "no-position").count == 3


def test_impossible_and_unreadable_positions_are_set_aside_by_row(tmp_path: Path) -> None:
    data = table(tmp_path, "name,lon,lat\nA,71,34\nB,710,34\nC,71,north\nD,71,\nE,72,35\n")
    assert data.frame.geometry.notna().tolist() == [True, False, False, False, True]
    assert finding(data, "position-out-of-range").rows == (3,)
    assert finding(data, "position-unreadable").rows == (4,)
    assert finding(data, "position-half").rows == (5,)
    assert finding(data, "no-position").count == 3


def test_projected_x_and_y_give_no_positions_unless_a_crs_is_stated(tmp_path: Path) -> None:
    text = "name,x,y\nA,310000,3760000\nB,311000,3761000\n"
    data = table(tmp_path, text)
    assert data.frame.geometry.isna().all()
    assert "coordinates-projected" in codes(data)
    stated = read(Reference(tmp_path / "t.csv"), crs="EPSG:32642")
    assert isinstance(stated, VectorData)
    assert stated.frame.crs.to_epsg() == 32642
    assert stated.frame.geometry.notna().all()


def test_a_stated_crs_does_not_move_longitudes_and_latitudes(tmp_path: Path) -> None:
    table(tmp_path, "name,lon,lat\nA,71,34\n")
    data = read(Reference(tmp_path / "t.csv"), crs="EPSG:32642")
    assert isinstance(data, VectorData)
    assert data.frame.crs.to_epsg() == 4326


def test_a_table_without_coordinates_is_used_with_no_positions(tmp_path: Path) -> None:
    data = table(tmp_path, "district,people\nSwat,10\nDir,20\n")
    assert data.frame.geometry.isna().all()
    assert data.frame["people"].sum() == 30
    assert finding(data, "no-position").severity == "info"


def test_the_hxl_row_is_no_data(tmp_path: Path) -> None:
    text = "site,idps,a,b\n#loc+name,#affected+idps,#geo+lon,#geo+lat\nA,5,71,34\nB,6,72,35\n"
    data = table(tmp_path, text)
    assert data.frame["idps"].tolist() == [5, 6]
    assert data.row_numbers.tolist() == [3, 4]
    assert data.frame.geometry[1].x == 72
    seen = probe(Reference(tmp_path / "t.csv"))
    assert seen.hxl == {"site": "#loc+name", "idps": "#affected+idps", "a": "#geo+lon", "b": "#geo+lat"}
    assert seen.rows == 2
    assert seen.geometry == "point"


def test_rows_are_numbered_as_a_person_sees_them(tmp_path: Path) -> None:
    data = table(tmp_path, "a,b\n1,2\n\n,\n3,4\n")
    assert data.row_numbers.tolist() == [2, 5]


@pytest.mark.parametrize(
    ("encoding", "guessed"), [("utf-8", False), ("utf-8-sig", False), ("utf-16", False), ("cp1252", True)]
)
def test_encodings_are_recognised(tmp_path: Path, encoding: str, guessed: bool) -> None:
    data = table(tmp_path, "name,people\nMalé – island,3\n".encode(encoding))
    assert data.frame["name"][0] == "Malé – island"
    assert ("encoding-guessed" in codes(data)) is guessed


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_delimiters_are_recognised(tmp_path: Path, mark: str) -> None:
    data = table(tmp_path, f'name{mark}people\n"A, B; C"{mark}3\nD{mark}4\n')
    assert data.frame["name"].tolist() == ["A, B; C", "D"]
    assert data.frame["people"].tolist() == [3, 4]


def test_numbers_that_come_as_text_become_numbers(tmp_path: Path) -> None:
    data = table(tmp_path, 'people,rate,lakh\n"1,234",0.5,"12,34,567"\n-,NA,7\n7,.25,٣\n')
    assert data.frame["people"].tolist()[::2] == [1234, 7]
    assert np.isnan(data.frame["people"][1])
    assert data.frame["rate"][2] == 0.25
    assert data.frame["lakh"].tolist() == [1234567, 7, 3]
    assert finding(data, "text-numbers").rows == (2, 3, 4)


def test_codes_keep_their_zeros_and_stay_text(tmp_path: Path) -> None:
    data = table(tmp_path, "code,site_id,name\n007,101,A\n012,,B\n")
    assert data.frame["code"].tolist() == ["007", "012"]
    assert data.frame["site_id"][0] == "101"


def test_a_row_longer_than_the_header_loses_nothing(tmp_path: Path) -> None:
    data = table(tmp_path, "a,b\n1,2\n3,4,5\n6,7\n")
    assert len(data.frame) == 3
    assert finding(data, "row-too-long").rows == (3,)
    assert data.frame["column_3"][1] == 5


def test_repeated_and_blank_headers_get_names_of_their_own(tmp_path: Path) -> None:
    data = table(tmp_path, "a,,a,geometry\n1,2,3,4\n")
    assert list(data.frame.columns) == ["a", "column_2", "a_2", "geometry_text", "geometry"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "0 bytes"),
        (b"\n\n\n", "no rows"),
        (b"a,b\n", "no rows"),
        (b"PK\x03\x04\0\0\0\0", "it is a zip archive"),
    ],
)
def test_files_without_a_table_are_refused(tmp_path: Path, content: bytes, words: str) -> None:
    with pytest.raises(Problem, match=words):
        table(tmp_path, content)


def test_workbooks(tmp_path: Path) -> None:
    file = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(str(file)) as book:
        first = book.add_worksheet("Sites")
        first.write_row(2, 0, ["name", "lon", "lat", "people", "open"])
        first.write_row(3, 0, ["A", 71.5, 34.1, "1,200", True])
        first.write_row(4, 0, ["B", 0, 0, 35, False])
        book.add_worksheet("Notes").write_row(0, 0, ["about", "this"])
    seen = probe(Reference(file))
    assert seen.layers == ("Sites", "Notes")
    data = read(Reference(file))
    assert isinstance(data, VectorData)
    assert data.frame["people"].tolist() == [1200, 35]
    assert data.frame["open"].tolist() == [True, False]
    assert data.row_numbers.tolist() == [4, 5]
    assert {"sheet-chosen", "no-position"} <= codes(data)
    with pytest.raises(Problem, match="no sheet “Villages”"):
        read(parse_reference(f"{file}::Villages"))
    with pytest.raises(Problem, match="no rows"):
        read(parse_reference(f"{file}::notes"))


def test_a_broken_workbook_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "b.xlsx").write_bytes(b"PK\x03\x04 not really")
    with pytest.raises(Problem, match="workbook"):
        read(Reference(tmp_path / "b.xlsx"))


@settings(max_examples=80, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=400),
        st.text(alphabet=',;"\t\n\r#aé1.-٣', max_size=200).map(lambda t: t.encode()),
    )
)
def test_no_bytes_break_the_reader(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    """Whatever lies in a .csv opens or is refused with a Problem, and rows are never lost between the two
    ways of counting them."""
    file = tmp_path_factory.mktemp("fuzz") / "f.csv"
    file.write_bytes(content)
    try:
        seen = probe(Reference(file))
        data = read(Reference(file))
    except Problem:
        return
    assert isinstance(data, VectorData)
    assert seen.rows == len(data.frame) == len(data.row_numbers)
    assert (np.diff(data.row_numbers) > 0).all()


def test_shapes_written_as_text(tmp_path: Path) -> None:
    rows = ['"LINESTRING (71 34, 72 35)",A', '"MULTILINESTRING ((71 34, 72 35))",B', "broken,C", ",D"]
    data = table(tmp_path, "\n".join(["wkt,name", *rows]) + "\n")
    assert data.frame.geometry.notna().tolist() == [True, True, False, False]
    assert data.frame.geometry[0].length == pytest.approx(2**0.5)
    assert finding(data, "position-unreadable").rows == (4,)
    assert finding(data, "no-position").rows == (4, 5)
    assert probe(Reference(tmp_path / "t.csv")).geometry == "line"
