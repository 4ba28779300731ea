"""Where the rows of a table are, however the table says it, and what is offered where it cannot be right."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from migmap.api import Finding, Problem, Reading, VectorData
from migmap.io.coordinates.countries import countries, country_of, country_of_pcode, expected
from migmap.io.coordinates.positions import find_positions
from migmap.io.probe import probe
from migmap.io.read import read
from migmap.io.reference import Reference, parse_reference

FIXES = ("coordinates-swapped", "sign-flipped", "coordinates-projected", "decimal-point-lost")


def table(tmp_path: Path, text: str, name: str = "t.csv", **reading: object) -> VectorData:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    data = read(Reference(file), reading=Reading.model_validate(reading))
    assert isinstance(data, VectorData)
    return data


def finding(data: VectorData, code: str) -> Finding:
    return next(f for f in data.findings if f.code == code)


def codes(data: VectorData) -> set[str]:
    return {f.code for f in data.findings}


def xy(data: VectorData, row: int = 0) -> tuple[float, float]:
    point = data.frame.geometry[row]
    return round(point.x, 6), round(point.y, 6)


# --- where they are


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("lat,lon", "30.5,67.25"),
        ("lat,lon", "30°30'N,67°15'E"),
        ("lat,lon", "67°15'E,30°30'N"),
        ("lat,lon", '"30,5","67,25"'),
        ("_gps_latitude,_gps_longitude", "30.5,67.25"),
        ("_grp/site_latitude,_grp/site_longitude", "30.5,67.25"),
        ("خط العرض,خط الطول", "٣٠٫٥,٦٧٫٢٥"),
        ("lat_deg,lat_min,lat_sec,lat_dir,lon_deg,lon_min,lon_sec,lon_dir", "30,30,0,N,67,15,0,E"),
        ("Lat D,Lat M,Lon D,Lon M", "30,30,67,15"),
        ("_geolocation", '"[30.5, 67.25]"'),
        ("gps", "30.5 67.25 0 0"),
        ("Coordinates", '"30.5, 67.25"'),
        ("Long/Lat", "67.25 30.5"),
        ("where", "30.50000 67.25000"),
        ("geom", "POINT Z (67.25 30.5 12)"),
        ("geom", "SRID=4326;POINT(67.25 30.5)"),
        ("shape", '"{""type"":""Point"",""coordinates"":[67.25,30.5]}"'),
        ("the_geom", "0101000020E61000000000000000D050400000000000803E40"),
    ],
)
def test_one_place_in_many_ways(tmp_path: Path, header: str, cells: str) -> None:
    data = table(tmp_path, f"name,{header}\nA,{cells}\nB,{cells}\n")
    assert xy(data) == pytest.approx((67.25, 30.5), abs=1e-6)
    assert data.frame.crs.to_epsg() == 4326
    seen = probe(parse_reference(str(tmp_path / "t.csv")))
    assert seen.geometry == "point"
    assert seen.crs == "EPSG:4326"


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("Easting,Northing,Zone", "345678,3456789,42N"),
        ("Easting,Northing,UTM zone", '"345,678","3,456,789",42R'),
        ("Easting (42N),Northing (42N)", "345678,3456789"),
        ("UTM42N_E,UTM42N_N", "345678,3456789"),
        ("utm_e,utm_n,zone,hemisphere", "345678,3456789,42,N"),
        ("x,y,utm_zone", "345678,3456789,42N"),
        ("UTM", "42R 345678 3456789"),
        ("MGRS", "42RUV4567856789"),
        ("geom", "SRID=32642;POINT (345678 3456789)"),
    ],
)
def test_metres_with_their_zone(tmp_path: Path, header: str, cells: str) -> None:
    data = table(tmp_path, f"name,{header}\nA,{cells}\nB,{cells}\n")
    points = data.frame.geometry.to_crs(4326)
    assert 66 < points[0].x < 68
    assert 30 < points[0].y < 32
    if "MGRS" not in header:
        assert (points[0].x, points[0].y) == pytest.approx((67.379600, 31.235098), abs=1e-5)


def test_decimal_commas_stay_numbers_in_the_columns(tmp_path: Path) -> None:
    data = table(tmp_path, "name;lat;lon\nA;30,123;67,456\nB;NA;NA\nC;30,223;67,556\n")
    assert xy(data) == (67.456, 30.123)
    assert data.frame["lat"].tolist()[0] == 30.123
    assert finding(data, "positions-converted").rows == (2, 4)


def test_traces_become_lines_and_polygons(tmp_path: Path) -> None:
    data = table(tmp_path, "name,area\nA,30.1 67.2 0 0;30.2 67.3 0 0;30.3 67.2 0 0;30.1 67.2 0 0\n")
    assert data.frame.geometry[0].geom_type == "Polygon"
    assert data.frame.geometry[0].bounds == (67.2, 30.1, 67.3, 30.3)


def test_the_fuller_of_several_positions_is_taken_and_the_others_are_named(tmp_path: Path) -> None:
    text = "id,Lat_impact,Lon_impact,Lat_lake,Lon_lake\n1,,,35.1,75.1\n2,36,76,35.2,75.2\n3,,,35.3,75.3\n"
    data = table(tmp_path, text)
    assert xy(data) == (75.1, 35.1)
    assert "Lon_impact" in finding(data, "several-positions").message
    chosen = table(tmp_path, text, roles={"latitude": "Lat_impact", "longitude": "Lon_impact"})
    assert chosen.frame.geometry.notna().tolist() == [False, True, False]


def test_kobo_says_one_position_twice_without_a_word(tmp_path: Path) -> None:
    data = table(
        tmp_path,
        "n,gps,_gps_latitude,_gps_longitude\nA,30.1234 67.1 0 0,30.1234,67.1\nB,30.2 67.2 0 0,30.2,67.2\n",
    )
    assert "several-positions" not in codes(data)


def test_roles_say_where_positions_are(tmp_path: Path) -> None:
    text = "a,north,east,spot\nA,30.5,67.25,1.5 2.5\n"
    assert xy(table(tmp_path, text, roles={"latitude": "north", "longitude": "east"})) == (67.25, 30.5)
    assert xy(table(tmp_path, text, roles={"position": "spot"})) == (2.5, 1.5)
    with pytest.raises(Problem, match="no column “south”"):
        table(tmp_path, text, roles={"latitude": "south", "longitude": "east"})
    with pytest.raises(Problem, match="no column for the longitude"):
        table(tmp_path, text, roles={"latitude": "north"})


def test_a_stated_system_is_used_for_metres(tmp_path: Path) -> None:
    data = table(tmp_path, "n,Easting,Northing\nA,345678,3456789\n", crs="EPSG:32642")
    assert data.frame.crs.to_epsg() == 32642
    assert xy(data) == (345678, 3456789)


def test_a_stated_system_is_used_for_metres_called_latitude(tmp_path: Path) -> None:
    data = table(tmp_path, "n,lat,lon\nA,3456789,345678\nB,3456799,345688\n", crs="EPSG:32642")
    assert data.frame.crs.to_epsg() == 32642
    assert xy(data) == (345678, 3456789)


def test_coordinates_in_words_are_said_to_be_unreadable(tmp_path: Path) -> None:
    data = table(tmp_path, "n,lat,lon\nA,north of town,east of it\nB,by the river,there\n")
    assert data.frame.geometry.isna().all()
    assert finding(data, "position-unreadable").rows == (2, 3)


def test_placeholders_are_no_positions(tmp_path: Path) -> None:
    data = table(
        tmp_path, "n,lat,lon\nA,30.1,67.1\nB,-9999,-9999\nC,0,0\nD,999,999\nE,,\nF,-1,-1\nG,30.2,67.2\n"
    )
    assert data.frame.geometry.notna().tolist() == [True, False, False, False, False, False, True]
    assert finding(data, "position-placeholder").rows == (3, 5, 7)
    assert finding(data, "no-position").rows == (3, 4, 5, 6, 7)
    assert "position-out-of-range" not in codes(data)


# --- what cannot be right


def partner_list() -> pd.DataFrame:
    """24 sites around Quetta: three swapped, one without sign, one 0/0, one in metres, one without point."""
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(
        {
            "name": [f"Site {i}" for i in range(24)],
            "Latitude": rng.normal(30.2, 0.3, 24).round(5).astype(str),
            "Longitude": rng.normal(67.0, 0.3, 24).round(5).astype(str),
        }
    )
    turned = frame.loc[[3, 4, 5], ["Longitude", "Latitude"]].to_numpy()
    frame.loc[[3, 4, 5], ["Latitude", "Longitude"]] = turned
    frame.loc[7, ["Latitude", "Longitude"]] = ["0", "0"]
    frame.loc[9, ["Latitude", "Longitude"]] = ["3345678", "315678"]
    frame.loc[10, "Latitude"] = "-30.2"
    frame.loc[11, "Latitude"] = "3021234"
    return frame


def test_mends_are_offered_and_not_applied(tmp_path: Path) -> None:
    data = table(tmp_path, partner_list().to_csv(index=False))
    swapped = finding(data, "coordinates-swapped")
    assert swapped.rows == (5, 6, 7)
    assert swapped.fix
    assert not swapped.applied
    assert swapped.changes[0].column == "Longitude"
    assert swapped.changes[0].row == 5
    assert finding(data, "sign-flipped").rows == (12,)
    assert finding(data, "coordinates-projected").rows == (11,)
    assert "32642" in finding(data, "coordinates-projected").fix
    assert finding(data, "decimal-point-lost").rows == (13,)
    assert data.frame.geometry[3].y > 60
    assert data.frame.geometry.notna().sum() == 21


def test_mends_are_applied_to_positions_and_columns_and_once(tmp_path: Path) -> None:
    data = table(tmp_path, partner_list().to_csv(index=False), fixes=FIXES)
    assert finding(data, "coordinates-swapped").applied
    assert finding(data, "coordinates-swapped").severity == "info"
    assert data.frame.geometry.notna().sum() == 23
    west, south, east, north = data.frame.total_bounds
    assert 65 < west < east < 69
    assert 28 < south < north < 32
    assert data.frame["Latitude"].drop(index=7).between(28, 32).all()
    assert xy(data, 11)[1] == 30.21234
    again = table(tmp_path, data.frame.drop(columns="geometry").to_csv(index=False), "again.csv", fixes=FIXES)
    assert not codes(again) & set(FIXES)
    assert again.frame.geometry.geom_equals_exact(data.frame.geometry, 1e-6).drop(index=7).all()


def test_only_the_wished_mend_is_applied(tmp_path: Path) -> None:
    data = table(tmp_path, partner_list().to_csv(index=False), fixes=("sign-flipped",))
    assert finding(data, "sign-flipped").applied
    assert not finding(data, "coordinates-swapped").applied
    assert data.frame.geometry[3].y > 60
    assert data.frame.geometry[10].y == 30.2


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("iso3,lat,lon\nPAK,67.1,30.5\nPAK,67.2,30.4\n", "coordinates-swapped", (67.1, 30.5)),
        ("country,lat,lon\nMalawi,13.5,34.1\nMalawi,14.1,34.5\n", "sign-flipped", (34.1, -13.5)),
        ("adm2_pcode,lat,lon\nHT0111,18.5,72.3\nHT0112,18.6,72.4\n", "sign-flipped", (-72.3, 18.5)),
        (
            "iso3,x,y\nMWI,735678,8456789\nMWI,735778,8456889\n",
            "coordinates-projected",
            (35.181444, -13.94939),
        ),
        ("iso3,lat,lon\nPAK,3012345,6712345\nPAK,30.5,67.5\n", "decimal-point-lost", (67.12345, 30.12345)),
        ("n,lat,lon\nA,121.1,14.5\nB,121.2,14.4\n", "coordinates-swapped", (121.1, 14.5)),
        (
            "iso3;spot\nPAK;67.1234, 30.5678\nPAK;67.2345, 30.4567\n",
            "coordinates-swapped",
            (67.1234, 30.5678),
        ),
        ("iso3,geom\nPAK,POINT (30.5 67.1)\nPAK,POINT (30.4 67.2)\n", "coordinates-swapped", (67.1, 30.5)),
    ],
)
def test_the_country_of_the_rows_is_evidence(
    tmp_path: Path, text: str, code: str, place: tuple[float, float]
) -> None:
    offered = table(tmp_path, text)
    assert finding(offered, code).fix
    mended = table(tmp_path, text, fixes=(code,))
    assert finding(mended, code).applied
    assert xy(mended) == pytest.approx(place, abs=1e-5)
    assert len(mended.frame) == len(offered.frame) == 2


def test_the_name_of_the_file_is_evidence_for_all_rows_together(tmp_path: Path) -> None:
    text = "n,lat,lon\nA,67.1,30.5\nB,67.2,30.4\n"
    assert "coordinates-swapped" not in codes(table(tmp_path, text, "sites.csv"))
    assert finding(table(tmp_path, text, "sites_PAK.csv"), "coordinates-swapped").count == 2


def test_minutes_written_as_decimals(tmp_path: Path) -> None:
    rng = np.random.default_rng(6)
    m, s = rng.integers(0, 60, (2, 60)), rng.integers(0, 60, (2, 60))
    frame = pd.DataFrame({"lat": 30 + m[0] / 100 + s[0] / 1e4, "lon": 67 + m[1] / 100 + s[1] / 1e4}).round(4)
    data = table(tmp_path, frame.to_csv(index=False))
    assert finding(data, "minutes-as-decimals").count == 60
    mended = table(tmp_path, frame.to_csv(index=False), "m.csv", fixes=("minutes-as-decimals",))
    assert xy(mended)[1] == pytest.approx(30 + m[0][0] / 60 + s[0][0] / 3600, abs=1e-6)
    plain = pd.DataFrame({"lat": rng.uniform(30, 31, 60).round(4), "lon": rng.uniform(67, 68, 60).round(4)})
    assert "minutes-as-decimals" not in codes(table(tmp_path, plain.to_csv(index=False), "p.csv"))


def test_several_zones_are_named_and_none_is_taken(tmp_path: Path) -> None:
    text = "iso3,x,y\nPAK,345678,3456789\nPAK,345778,3456889\n"
    data = table(tmp_path, text, fixes=FIXES)
    found = finding(data, "coordinates-projected")
    assert "42N" in found.message
    assert "43N" in found.message
    assert not found.fix
    assert data.frame.geometry.isna().all()


def test_origin_and_nationality_say_nothing_of_the_place(tmp_path: Path) -> None:
    text = "country_of_origin,lat,lon\n" + "AFG,-1.5,30.1\n" * 3
    assert not codes(table(tmp_path, text)) & {"position-outside-country", *FIXES}


def test_rows_abroad_are_said_and_used(tmp_path: Path) -> None:
    data = table(tmp_path, "iso3,lat,lon\nPAK,30.1,67.1\nPAK,45.2,12.3\nPAK,30.2,67.2\n", fixes=FIXES)
    found = finding(data, "position-outside-country")
    assert found.rows == (3,)
    assert "Pakistan" in found.message
    assert not found.fix
    assert data.frame.geometry.notna().all()


def test_points_far_from_all_others_are_said(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    lat, lon = rng.normal(32.3, 0.005, 300).round(6), rng.normal(36.33, 0.005, 300).round(6)
    lat[[10, 20]] = 33.1, 34.0
    data = table(tmp_path, pd.DataFrame({"lat": lat, "lon": lon}).to_csv(index=False))
    assert finding(data, "position-far-away").rows == (12, 22)


def test_rounded_and_repeated_positions_are_said(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"lat": rng.uniform(30, 31, 60).round(5), "lon": rng.uniform(67, 68, 60).round(5)})
    frame.loc[:19] = 30.4, 67.3
    frame.loc[20:29] = frame.loc[20:29].round(2)
    data = table(tmp_path, frame.to_csv(index=False))
    assert finding(data, "position-repeated").count == 20
    rounded = finding(data, "precision-low")
    assert rounded.count == 30
    assert "7.9 km" in rounded.message
    assert "800 m" in rounded.message


def test_three_decimals_are_not_taken_for_two(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    frame = pd.DataFrame(
        {"lat": rng.uniform(3, 14, 5000).round(3), "lon": rng.uniform(33, 47, 5000).round(3)}
    )
    assert "precision-low" not in codes(table(tmp_path, frame.to_csv(index=False)))


# --- layers with shapes


def geojson(tmp_path: Path, shapes: list[shapely.Geometry], properties: dict[str, str]) -> Path:
    features = [
        {"type": "Feature", "properties": properties, "geometry": json.loads(shapely.to_geojson(shape))}
        for shape in shapes
    ]
    file = tmp_path / "layer.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return file


@pytest.mark.parametrize("polygons", [False, True])
def test_axes_of_shapes_are_exchanged_on_wish(tmp_path: Path, polygons: bool) -> None:
    shapes: list[shapely.Geometry] = [shapely.Point(30.0 + i / 10, 67.0 + i / 10) for i in range(5)]
    if polygons:
        shapes = [shape.buffer(0.01, quad_segs=1) for shape in shapes]
    file = geojson(tmp_path, shapes, {"iso3": "PAK"})
    offered = read(Reference(file))
    assert isinstance(offered, VectorData)
    assert finding(offered, "coordinates-swapped").count == 5
    assert offered.frame.total_bounds[1] > 60
    mended = read(Reference(file), reading=Reading(fixes=("coordinates-swapped",)))
    assert isinstance(mended, VectorData)
    assert finding(mended, "coordinates-swapped").applied
    west, south, east, north = mended.frame.total_bounds
    assert 66.9 < west < east < 67.5
    assert 29.9 < south < north < 30.5
    assert len(mended.frame) == 5


# --- always


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["PAK", "MWI", "", "XX"]),
            st.sampled_from(
                ["30.1", "-30.1", "67.2", "3012345", "345678", "0", "", "x", "30°6'N", "-9999", "91", "30,1"]
            ),
            st.sampled_from(
                ["67.1", "-67.1", "30.2", "6712345", "3456789", "0", "", "y", "67°6'E", "-9999", "181"]
            ),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_no_row_is_lost_and_a_mend_twice_mends_no_more(values: list[tuple[str, str, str]]) -> None:
    frame = pd.DataFrame(values, columns=["iso3", "lat", "lon"]).replace("", None).astype("str")
    rows = np.arange(2, len(frame) + 2)
    found = find_positions(frame, {}, rows, Reading(fixes=FIXES))
    assert len(found.geometry) == len(found.cells) == len(frame)
    assert all(set(f.rows) <= set(rows.tolist()) for f in found.findings)
    again = find_positions(found.cells, {}, rows, Reading(fixes=FIXES))
    assert not [f for f in again.findings if f.applied]
    placed = ~shapely.is_missing(found.geometry)
    assert shapely.equals_exact(found.geometry[placed], again.geometry[placed], 1e-6).all()
    as_found = find_positions(frame, {}, rows)
    assert len(as_found.cells) == len(frame)
    assert not [f for f in as_found.findings if f.applied]


# --- countries


def test_every_listed_country_has_a_box() -> None:
    boxes = countries()
    assert len(boxes) > 220
    assert all(-90 <= c.south < c.north <= 90 and -180 <= c.west <= 180 for c in boxes.values())
    pakistan = boxes["PAK"]
    assert pakistan.west < 61
    assert pakistan.east > 77
    assert pakistan.south < 24
    assert pakistan.north > 37


@pytest.mark.parametrize(
    ("text", "iso3"),
    [
        ("pk", "PAK"),
        ("PAK", "PAK"),
        ("Pakistan (Islamic Republic of)", "PAK"),
        ("Syrian Arab Republic", "SYR"),
        ("Türkiye", "TUR"),
        ("Côte d'Ivoire", "CIV"),
        ("United Republic of Tanzania", "TZA"),
        ("Congo, Democratic Republic of the", "COD"),
        ("State of Palestine", "PSE"),
    ],
)
def test_countries_by_the_names_that_lists_use(text: str, iso3: str) -> None:
    found = country_of(text)
    assert found is not None
    assert found.iso3 == iso3


def test_pcodes_begin_with_their_country() -> None:
    assert country_of_pcode("PK101") == country_of("PAK")
    assert country_of_pcode("MWI01") == country_of("Malawi")
    assert country_of_pcode("Site 1") is None
    frame = pd.DataFrame({"origin_iso3": ["AFG"], "ADM2_PCODE": ["PK101"]}, dtype="str")
    found = expected(frame, {}).one()
    assert found is not None
    assert found.iso3 == "PAK"


# --- real files


def test_households_of_a_camp(shared_data: Callable[[str], Path]) -> None:
    folder = shared_data("jor-zaatari")
    for name in ("Households_2017_04.xlsx", "Households_2017_04.kml"):
        data = read(Reference(folder / name))
        assert isinstance(data, VectorData)
        assert finding(data, "no-position").count == 25
        assert finding(data, "position-far-away").count == 3
        assert not codes(data) & set(FIXES)
