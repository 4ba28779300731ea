"""Scale bar, graticule, legend."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyproj
import pytest
from handles import raster, vector
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from shapely.geometry import Point, box

from migmap.api import Rule, Style, Symbol
from migmap.geo.symbology import class_style
from migmap.geo.viewport import View, to_canvas, to_lonlat
from migmap.paint.furniture import degrees, draw_backdrop, draw_banner, graticule, scale_bar
from migmap.paint.layers import make_ready
from migmap.paint.legend import draw_legend, legend_block, legend_height
from migmap.paint.surface import blank, to_rgba

pytestmark = pytest.mark.usefixtures("qapp")


@pytest.mark.parametrize("latitude", [0.0, 30.0, 70.0])
@pytest.mark.parametrize("units", [0.5, 40.0, 900.0])
def test_the_scale_bar_is_round_and_true_at_the_middle(latitude: float, units: float) -> None:
    view = View(*to_canvas(67, latitude), units)
    bar = scale_bar(view, 170)
    assert 170 / 2.6 < bar.length_px <= 170
    assert float(f"{bar.length_m:.0e}") == pytest.approx(bar.length_m)
    east = to_lonlat(view.centre_x + bar.length_px * units, 0)[0]
    true_m = pyproj.Geod(ellps="WGS84").inv(67, latitude, east, latitude)[2]
    assert true_m == pytest.approx(bar.length_m, rel=2e-3)
    assert bar.label.endswith(" km") == (bar.length_m >= 1000)


def test_graticule_labels_have_the_decimals_they_need() -> None:
    assert degrees(67.5, 0.5, "E", "W") == "67.5° E"
    assert degrees(67.25, 0.25, "E", "W") == "67.25° E"
    assert degrees(-30, 10, "N", "S") == "30° S"
    assert degrees(0, 10, "N", "S") == "0°"


def test_a_map_without_layers_is_never_blank() -> None:
    view = View(*to_canvas(69, 30), 2500)
    lines = graticule(view, 800, 500)
    assert len(lines.meridians) >= 3
    assert len(lines.parallels) >= 2
    image = blank(800, 500)
    painter = QPainter(image)
    draw_backdrop(painter, view, 800, 500)
    painter.end()
    numbers = to_rgba(image)
    assert (numbers[:, :, 3] == 255).all()
    x = round(lines.meridians[0][0])
    assert (numbers[:, x] != numbers[:, x + 5]).any()


def test_the_banner_is_there_only_when_there_is_something_to_say() -> None:
    image = blank(400, 60)
    painter = QPainter(image)
    assert draw_banner(painter, 200, 5, "", max_width=380).width() == 0
    assert draw_banner(painter, 200, 5, "SYNTHETIC DATA", max_width=380).width() > 100
    painter.end()


def test_legend_rows_carry_counts_that_add_up_and_unknown_its_own() -> None:
    ready = make_ready(
        vector([Point(0, i) for i in range(5)], {"class": ["a", "a", "z", None, "not_exposed"]})
    )
    style = class_style("class", ["a"], title="Sites by class")
    block = legend_block("Sites", ready, style)
    assert [(row.label, row.count) for row in block.rows] == [
        ("not exposed", "1"),
        ("a", "2"),
        ("other", "1"),
        ("unknown", "1"),
    ]
    assert block.rows[-1].symbol.hatch
    assert (block.title, block.heading, block.form) == ("Sites", "Sites by class", "point")


def test_a_layer_with_one_sign_is_one_row_with_its_name() -> None:
    ready = make_ready(vector([box(0, 0, 1, 1)]))
    block = legend_block("Districts", ready, Style(rules=(Rule(label="x", symbol=Symbol()),)))
    assert [row.label for row in block.rows] == ["Districts"]
    assert (block.title, block.form) == ("", "polygon")


def test_a_raster_says_what_no_data_looks_like(tmp_path: Path) -> None:
    ready = make_ready(raster(tmp_path, np.array([[0, 1]], dtype=np.uint8)))
    block = legend_block("Flood", ready, Style(title="Flood depth (m)"))
    assert [row.label for row in block.rows] == ["0", "1", "unknown (no data)"]
    assert block.form == "raster"


def test_a_legend_too_long_for_its_place_says_how_much_is_missing() -> None:
    names = [f"class {i}" for i in range(40)]
    style = Style(column="c", rules=tuple(Rule(label=n, value=n, symbol=Symbol(size=4)) for n in names))
    blocks = [legend_block("Sites", make_ready(vector([Point(0, 0)], {"c": ["class 1"]})), style)]
    image = blank(240, 200)
    painter = QPainter(image)
    used = draw_legend(painter, QRectF(0, 0, 240, 200), blocks)
    painter.end()
    assert legend_height(blocks) > 700
    assert 150 < used <= 200
    rows = np.flatnonzero(to_rgba(image)[:, :, 3].any(axis=1))
    assert rows.max() <= 200
