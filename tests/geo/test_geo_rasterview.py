"""Rasters on the screen: the right cell under the right pixel, and no data said to be none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from handles import raster

from migmap.api import Cancelled, Problem, Rule, Style, Symbol
from migmap.geo import rasterview
from migmap.geo.rasterview import OUTSIDE, class_picture, coloured, prepared_raster, with_rules
from migmap.geo.symbology import OTHER, UNKNOWN
from migmap.geo.viewport import View, to_canvas

DEPTH_RULES = (
    Rule(label="low", minimum=0.0, maximum=2.0, symbol=Symbol(fill="#00ff00")),
    Rule(label="high", minimum=2.0, symbol=Symbol(fill="#0000ff80")),
)


def rgba(text: str) -> tuple[int, int, int, int]:
    alpha = int(text[7:9], 16) if len(text) == 9 else 255
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16), alpha


def test_each_pixel_shows_the_cell_under_its_centre(tmp_path: Path) -> None:
    cells = np.arange(12, dtype=np.float32).reshape(3, 4)
    found = prepared_raster(raster(tmp_path, cells, west=70, north=30, cell=1))
    assert found.extent is not None
    for row in range(3):
        for column in range(4):
            x, y = to_canvas(70.5 + column, 29.5 - row)
            picture = found.cells(View(x, y, 100), 3, 3)
            assert picture[1, 1] == cells[row, column]
            assert found.value_at(x, y) == cells[row, column]


def test_outside_no_data_and_values_are_three_things(tmp_path: Path) -> None:
    cells = np.array([[1.0, -1.0], [np.nan, 5.0]], dtype=np.float32)
    found = prepared_raster(raster(tmp_path, cells, west=70, north=30, cell=1, nodata=-1))
    assert found.extent is not None
    view = View.fit(found.extent, 100, 100, margin=0.2)
    index = class_picture(found, Style(rules=DEPTH_RULES), view, 100, 100)
    assert set(np.unique(index)) == {0, 1, UNKNOWN, OUTSIDE}
    assert index[0, 0] == OUTSIDE
    assert index[35, 65] == index[65, 35] == UNKNOWN
    assert (index[35, 35], index[65, 65]) == (0, 1)
    assert np.isnan(found.value_at(*to_canvas(71.5, 29.5)) or 0)
    assert found.value_at(*to_canvas(75, 29.5)) is None


def test_a_mark_for_no_data_nobody_declared_is_no_measurement(tmp_path: Path) -> None:
    found = prepared_raster(raster(tmp_path, np.array([[-9999.0, 1.0]], dtype=np.float32), cell=1))
    x, y = to_canvas(70.5, 29.5)
    assert np.isnan(found.value_at(x, y) or 0)


def test_colours_follow_the_rules() -> None:
    style = Style(rules=DEPTH_RULES, other=Symbol(fill="#ff0000"))
    index = np.array([[0, 1, OTHER, UNKNOWN, OUTSIDE]], dtype=np.int16)
    assert coloured(index, style, rgba)[0].tolist() == [
        [0, 255, 0, 255],
        [0, 0, 255, 128],
        [255, 0, 0, 255],
        [0, 0, 0, 0],
        [0, 0, 0, 0],
    ]


def test_a_projected_and_a_south_up_raster_lie_where_they_are(tmp_path: Path) -> None:
    cells = np.arange(6, dtype=np.int16).reshape(2, 3)
    metres = raster(tmp_path, cells, west=500_000, north=3_300_000, cell=50_000, crs="EPSG:32642")
    found = prepared_raster(metres)
    import pyproj

    there = pyproj.Transformer.from_crs("EPSG:32642", "EPSG:3857", always_xy=True)
    x, y = there.transform(625_000, 3_225_000)
    assert found.value_at(x, y) == 5
    flipped = replace(metres, transform=(50_000.0, 0.0, 500_000.0, 0.0, 50_000.0, 3_200_000.0))
    assert prepared_raster(flipped).value_at(x, y) == 2


def test_a_large_raster_is_read_thinned_and_the_whole_of_it_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rasterview, "OVERVIEW_CELLS", 2500)
    cells = np.zeros((400, 400), dtype=np.uint8)
    cells[200:] = 7
    found = prepared_raster(raster(tmp_path, cells, cell=0.01))
    assert found.extent is not None
    view = View.fit(found.extent, 50, 50, margin=0)
    first = found.cells(view, 50, 50)
    assert set(np.unique(first[np.isfinite(first)])) == {0, 7}
    assert first[2, 25] == 0
    assert first[47, 25] == 7
    assert found.sample().size <= 2500
    Path(found.data.gdal_path).unlink()
    # From memory: the file is gone.
    assert (found.cells(view, 50, 50) == first).all()
    with pytest.raises(Problem, match="cannot be read"):
        found.cells(View(view.centre_x, view.centre_y, 10), 50, 50)


def test_reading_stops_when_cancelled(tmp_path: Path) -> None:
    found = prepared_raster(raster(tmp_path, np.zeros((300, 300), dtype=np.uint8), cell=0.01))
    assert found.extent is not None
    calls = []

    def stop(fraction: float, _text: str) -> None:
        calls.append(fraction)
        if len(calls) > 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        found.cells(View.fit(found.extent, 300, 300), 300, 300, stop)
    assert len(calls) == 3


def test_a_style_without_rules_gets_some_from_the_values(tmp_path: Path) -> None:
    few = prepared_raster(raster(tmp_path, np.array([[0, 1], [1, 3]], dtype=np.uint8)))
    assert [rule.label for rule in with_rules(Style(title="risk"), few).rules] == ["0", "1", "3"]
    many = prepared_raster(raster(tmp_path, np.linspace(1, 101, 10_000).reshape(100, 100)))
    made = with_rules(Style(title="depth"), many)
    assert [rule.minimum for rule in made.rules] == [None, 11, 41, 66, 91]
    assert made.title == "depth"
    dry = np.concatenate((np.zeros(9000), np.linspace(0.01, 10, 1000))).reshape(100, 100)
    depth = with_rules(Style(), prepared_raster(raster(tmp_path, dry)))
    assert [rule.label for rule in depth.rules] == [
        "0",
        "0 to 1",
        "1 to 4",
        "4 to 6.5",
        "6.5 to 9",
        "9 and more",
    ]
    kept = Style(rules=DEPTH_RULES)
    assert with_rules(kept, many) is kept
    empty = prepared_raster(raster(tmp_path, np.full((2, 2), np.nan)))
    assert with_rules(Style(), empty).rules == ()


def test_the_real_raster_of_205_million_cells(shared_data: object) -> None:
    from migmap.io.rasters.raster import open_raster
    from migmap.io.reference import Reference

    folder = shared_data("pk-floodrisk-gee")  # type: ignore[operator]
    data = open_raster(Reference(folder / "Pakistan_Flood_HighRisk_Zones.tif", None))
    found = prepared_raster(data)
    assert found.extent is not None
    index = class_picture(found, with_rules(Style(), found), View.fit(found.extent, 700, 400), 700, 400)
    inside = index[index != OUTSIDE]
    assert 0.03 < (inside == 1).mean() < 0.06
    assert found.sample().size <= rasterview.OVERVIEW_CELLS
