"""Degrees, metres and whole positions as people write them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyproj
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migmap.io.coordinates.angles import angle_of, degrees_of
from migmap.io.coordinates.gridref import epsg_of, lonlat_of, mgrs_of, zone_of
from migmap.io.coordinates.onecell import cells_of, pair_of, style_of

FEW = settings(max_examples=60, deadline=None)


@pytest.mark.parametrize(
    "text",
    [
        "30°11'22.5\"N",
        "30 11 22.5 N",
        "N 30 11 22.5",
        "30-11-22.5N",
        "30:11:22.5 n",
        "30° 11′ 22,5″ N",
        "30º11’22.5’’N",
        "30d11m22.5sN",
        "30.11.22.5 N",
        "301122.5N",
        "30°11.375'N",
        "N30 11.375",
        "30.1895833333N",
        "30,1895833333° N",
        "۳۰° ۱۱′ ۲۲٫۵″ شمال",
        "٣٠°١١'٢٢٫٥\" N",
        "30 degrees 11 minutes 22.5 seconds north",
        "Lat: 30°11'22.5\" N",
    ],
)
def test_one_latitude_in_every_style(text: str) -> None:
    found = angle_of(text)
    assert found is not None
    assert found[0] == pytest.approx(30 + 11 / 60 + 22.5 / 3600, abs=1e-9)
    assert found[1] == 1


@pytest.mark.parametrize(
    ("text", "value", "axis"),
    [
        ("67-00-36W", -67.01, 2),
        ("S 13°57.4'", -13.956666666666667, 1),
        ("-30°11'24\"", -30.19, 0),
        ("-67.5 W", -67.5, 2),
        ("33,6", 33.6, 0),
        ("0670036E", 67.01, 2),
    ],
)
def test_signs_and_letters(text: str, value: float, axis: int) -> None:
    found = angle_of(text)
    assert found is not None
    assert found[0] == pytest.approx(value, abs=1e-9)
    assert found[1] == axis


@pytest.mark.parametrize(
    "text",
    [
        "",
        "north",
        "30 61 22 N",
        "30 11 75 N",
        "-30 N",
        "N 30 S",
        "30.5 11 N",
        "1 200",
        "12-05-2022",
        "3 0 1 2 N",
    ],
)
def test_what_is_no_angle(text: str) -> None:
    assert angle_of(text) is None


STYLES = (
    "{d}°{m}'{s:.5f}\"{h}",
    "{h}{d} {m} {s:.5f}",
    "{d}-{m}-{s:.5f}{h}",
    "{d}:{m}:{s:.5f} {h}",
    "{d}° {m}′ {s:.5f}″ {h}",
    "{d}d {m}m {s:.5f}s {h}",
)


@FEW
@given(
    st.integers(0, 89),
    st.integers(0, 59),
    st.floats(0, 59.99999),
    st.sampled_from("NSEW"),
    st.sampled_from(STYLES),
)
def test_degrees_minutes_seconds_come_back(d: int, m: int, s: float, letter: str, style: str) -> None:
    found = angle_of(style.format(d=d, m=m, s=s, h=letter))
    assert found is not None
    sign = -1 if letter in "SW" else 1
    assert abs(found[0] - sign * (d + m / 60 + s / 3600)) < 1e-7
    assert found[1] == (1 if letter in "NS" else 2)


@FEW
@given(st.text(max_size=40))
def test_no_text_is_too_odd(text: str) -> None:
    angle_of(text)
    pair_of(text)
    mgrs_of(text)
    zone_of(text)
    column = pd.Series([text, text + "N", None], dtype="object")
    assert len(degrees_of(column).values) == 3
    style = style_of([text], True)
    if style is not None:
        assert len(cells_of(column, style).first) == 3


@FEW
@given(st.text(alphabet="0123456789.,;:°'\"NSEW-+ ()[]{}ZMPOINT=", max_size=40))
def test_no_text_of_position_letters_is_too_odd(text: str) -> None:
    for style in ("pair", "shape", "grid", "trace"):
        assert len(cells_of(pd.Series([text, "30.1, 67.2"], dtype="str"), style).first) == 2


@FEW
@given(st.integers(1, 60), st.floats(-79, 83), st.floats(-2.9, 2.9))
def test_utm_comes_back(zone: int, lat: float, off: float) -> None:
    lon = zone * 6 - 183 + off
    epsg = (32600 if lat >= 0 else 32700) + zone
    x, y = pyproj.Transformer.from_crs(4326, epsg, always_xy=True).transform(lon, lat)
    back = lonlat_of(np.array([x]), np.array([y]), np.array([epsg]))
    assert abs(back[0][0] - lon) < 1e-7
    assert abs(back[1][0] - lat) < 1e-7


def test_zones_as_people_write_them() -> None:
    assert zone_of("42N") == zone_of("UTM zone 42 north") == zone_of("EPSG:32642") == (42, "N")
    assert zone_of("42 R") == (42, "R")
    assert zone_of("42") == (42, "")
    assert zone_of("61N") is None
    assert zone_of("Zone A") is None
    # S is a band in Lahore and the south in Malawi.
    assert epsg_of(43, "S", 3_600_000) == 32643
    assert epsg_of(36, "S", 8_300_000) == 32736
    assert epsg_of(42, "", 3_600_000) is None


def test_mgrs_against_published_points() -> None:
    # 42 N, 93 W is the example of the GeoTrans wrapper "mgrs"; Honolulu that of Wikipedia.
    lon, lat = mgrs_of("15TWG0000049776") or (0.0, 0.0)
    assert lon == pytest.approx(-93, abs=2e-5)
    assert lat == pytest.approx(42, abs=2e-5)
    lon, lat = mgrs_of("4Q FJ 12345 67890") or (0.0, 0.0)
    assert lon == pytest.approx(-157.91607, abs=2e-5)
    assert lat == pytest.approx(21.40980, abs=2e-5)
    assert mgrs_of("42RUV123456789") is None
    assert mgrs_of("42OUV12345678") is None


@pytest.mark.parametrize(
    "text",
    [
        "30.123, 67.456",
        "30.123 67.456",
        "30.123;67.456",
        "30.123/67.456",
        "(30.123, 67.456)",
        "[30.123, 67.456]",
        "30.123 67.456 0 0",
        "30.123 67.456 1650.0 4.5",
        "30,123 67,456",
        "30,123; 67,456",
        "30,123, 67,456",
        "lat: 30.123, lon: 67.456",
        "Longitude=67.456 Latitude=30.123",
        "30.123 N, 67.456 E",
        "67.456E 30.123N",
        "N30.123 E67.456",
        "٣٠٫١٢٣، ٦٧٫٤٥٦",
        "30°07'22.8\"N 67°27'21.6\"E",
        "30°07'22.8\" 67°27'21.6\"",
        "geo:30.123,67.456",
        "https://maps.google.com/?q=30.123,67.456",
        "https://www.google.com/maps/@30.123,67.456,15z",
    ],
)
def test_both_in_one_cell(text: str) -> None:
    style = style_of([text], True)
    assert style == "pair"
    found = cells_of(pd.Series([text, None], dtype="str"), style)
    assert found.first[0] == pytest.approx(30.123)
    assert found.second[0] == pytest.approx(67.456)
    assert not found.bad.any()


@pytest.mark.parametrize(
    "text", ["42R 345678 3456789", "345678E 3456789N 42N", "42RUV4567856789", "UTM 42N 345678, 3456789"]
)
def test_grid_references_in_one_cell(text: str) -> None:
    style = style_of([text], True)
    assert style == "grid"
    found = cells_of(pd.Series([text], dtype="str"), style)
    assert 66 < found.second[0] < 68
    assert 30 < found.first[0] < 32
    assert found.known[0]


@FEW
@given(
    st.floats(-89, 89),
    st.floats(-179, 179),
    st.sampled_from(["{a}, {b}", "{a};{b}", "[{a}, {b}]", "{a} {b} 0 0"]),
)
def test_pairs_come_back(a: float, b: float, style: str) -> None:
    found = pair_of(style.format(a=f"{a:.9f}", b=f"{b:.9f}"))
    assert found is not None
    assert abs(found[0] - a) < 1e-7
    assert abs(found[1] - b) < 1e-7


def test_words_and_dates_are_no_positions() -> None:
    for text in ("Quetta, Pakistan", "2020-01-02 10:11", "12, 13 and 14", "Block 1, 2", "1,234"):
        assert style_of([text], False) is None
    assert style_of(["1.5, 2.5", "2.5, 3.5"], False) is None


def test_a_column_of_plain_numbers_and_odd_ones() -> None:
    found = degrees_of(pd.Series(["30.1", " 30.2 ", "30,3", "30°24'", "-", None, "x", "inf"], dtype="str"))
    assert found.values[:4].tolist() == pytest.approx([30.1, 30.2, 30.3, 30.4])
    assert np.isnan(found.values[4:]).all()
    assert found.bad.tolist() == [False] * 6 + [True, False] or found.bad[6]
    assert found.comma.tolist() == [False, False, True] + [False] * 5
    assert found.worded.tolist() == [False, False, False, True] + [False] * 4
