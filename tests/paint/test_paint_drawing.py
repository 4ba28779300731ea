"""Pixels at points: what a style says is what is drawn."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from handles import raster, vector
from PySide6.QtGui import QColor, QImage, QPainter
from shapely.geometry import LineString, Point, Polygon, box

from migmap.api import Cancelled, Rule, Style, Symbol
from migmap.geo.drawlist import prepared
from migmap.geo.rasterview import prepared_raster
from migmap.geo.viewport import View, to_canvas
from migmap.paint.labels import Labelled, Places, draw_labels, label_text
from migmap.paint.layers import layer_picture, make_ready
from migmap.paint.surface import blank, from_rgba, rgba, to_png, to_rgba
from migmap.paint.symbols import stamp
from migmap.paint.text import font, has_arabic, measured

RED = Symbol(fill="#ff0000", stroke="", size=10)
BLUE = Symbol(fill="#0000ff", stroke="", size=10)


pytestmark = pytest.mark.usefixtures("qapp")


def view_of(lon: float, lat: float, scale: float = 500.0) -> View:
    return View(*to_canvas(lon, lat), scale)


def at(image: QImage, x: int, y: int) -> tuple[int, int, int, int]:
    colour = image.pixelColor(x, y)
    return colour.red(), colour.green(), colour.blue(), colour.alpha()


def test_a_polygon_is_filled_but_for_its_hole() -> None:
    shape = Polygon([(66, 29), (68, 29), (68, 31), (66, 31)], [[(66.9, 29.9), (67.1, 29.9), (67, 30.1)]])
    ready = prepared(vector([shape]))
    image = layer_picture(ready, Style(rules=(Rule(label="a", symbol=RED),)), view_of(67, 30), 100, 100)
    assert at(image, 5, 5) == (255, 0, 0, 255)
    assert at(image, 50, 50) == (0, 0, 0, 0)


def test_overlapping_polygons_do_not_cut_each_other_out() -> None:
    ready = prepared(vector([box(66, 29, 67.2, 31), box(66.8, 29, 68, 31)]))
    image = layer_picture(ready, Style(rules=(Rule(label="a", symbol=RED),)), view_of(67, 30), 100, 100)
    assert at(image, 50, 50) == (255, 0, 0, 255)


def test_later_rules_lie_on_top() -> None:
    rules = (Rule(label="a", value="a", symbol=RED), Rule(label="b", value="b", symbol=BLUE))
    ready = prepared(vector([Point(67, 30), Point(67, 30)], {"c": ["b", "a"]}))
    image = layer_picture(ready, Style(column="c", rules=rules), view_of(67, 30), 40, 40)
    assert at(image, 20, 20) == (0, 0, 255, 255)


def test_unknown_is_hatched_and_other_has_its_own_colour() -> None:
    rules = (Rule(label="a", value="a", symbol=RED),)
    style = Style(
        column="c", rules=rules, other=BLUE, unknown=Symbol(fill="#ffffff", stroke="#000000", hatch=True)
    )
    shapes = [box(66, 30, 67, 31), box(67, 30, 68, 31), box(66, 29, 68, 30)]
    ready = prepared(vector(shapes, {"c": ["a", "z", None]}))
    image = layer_picture(ready, style, view_of(67, 30, 2000), 100, 100)
    assert at(image, 30, 30) == (255, 0, 0, 255)
    assert at(image, 70, 30) == (0, 0, 255, 255)
    grey = to_rgba(image)[60:80, 30:70, 0]
    assert grey.min() < 90
    assert grey.max() > 230
    assert 0.05 < (grey < 128).mean() < 0.5


def test_the_hatching_is_fixed_to_the_ground() -> None:
    style = Style(column="c", rules=(), unknown=Symbol(fill="#ffffff", stroke="#000000", hatch=True))
    style = style.model_copy(update={"rules": (Rule(label="a", value="a", symbol=RED),)})
    ready = prepared(vector([box(60, 20, 75, 40)], {"c": [None]}))
    view = view_of(67, 30)
    still = to_rgba(layer_picture(ready, style, view, 120, 120))
    moved = to_rgba(layer_picture(ready, style, view.panned(13, 5), 120, 120))
    assert np.abs(still[10:90, 10:90].astype(int) - moved[15:95, 23:103].astype(int)).max() < 40


@pytest.mark.parametrize("shape", ["circle", "square", "triangle", "diamond", "cross", "star"])
def test_every_marker_has_its_shape(shape: str) -> None:
    image = stamp(Symbol(fill="#ff0000", stroke="", size=20, shape=shape))  # type: ignore[arg-type]
    assert image.width() % 2 == 1
    middle = image.width() // 2
    numbers = to_rgba(image)
    assert tuple(numbers[middle, middle]) == (255, 0, 0, 255)
    covered = int((numbers[:, :, 3] > 127).sum())
    rough = {"circle": 314, "square": 310, "triangle": 195, "diamond": 242, "cross": 236, "star": 183}[shape]
    assert covered == pytest.approx(rough, rel=0.12)
    corner = numbers[middle - 8, middle - 8, 3]
    assert (corner > 127) == (shape == "square")


def test_markers_stand_on_their_place_and_off_screen_ones_are_left_out() -> None:
    ready = prepared(vector([Point(67, 30), Point(80, 30)]))
    style = Style(rules=(Rule(label="a", symbol=RED),))
    image = layer_picture(ready, style, view_of(67, 30), 100, 100)
    rows, columns = np.nonzero(to_rgba(image)[:, :, 3] > 127)
    assert (columns.mean(), rows.mean()) == pytest.approx((50, 50), abs=0.6)
    assert len(rows) == pytest.approx(74, abs=8)


def test_a_clinic_mapped_as_a_building_gets_its_marker() -> None:
    tiny = box(67, 30, 67.0002, 30.0002)
    style = Style(rules=(Rule(label="a", symbol=RED),))
    mixed = layer_picture(prepared(vector([Point(60, 30), tiny])), style, view_of(67, 30), 60, 60)
    assert (to_rgba(mixed)[:, :, 3] > 127).sum() > 60
    village = vector([tiny], kind="refugee_village")
    assert (
        to_rgba(layer_picture(prepared(village), style, view_of(67, 30), 60, 60))[:, :, 3] > 127
    ).sum() > 60
    # A flood's specks stay specks.
    alone = layer_picture(prepared(vector([tiny])), style, view_of(67, 30), 60, 60)
    assert 1 <= (to_rgba(alone)[:, :, 3] > 0).sum() <= 4


def test_a_line_is_drawn_in_its_fill_colour() -> None:
    ready = prepared(vector([LineString([(60, 30), (75, 30)])]))
    style = Style(rules=(Rule(label="a", symbol=Symbol(fill="#00aa00", stroke="#ffffff", stroke_width=2)),))
    image = layer_picture(ready, style, view_of(67, 30), 100, 100)
    colours = to_rgba(image)[48:53, 50]
    assert (colours[:, 1] > 150).any()
    assert at(image, 50, 40) == (0, 0, 0, 0)


def test_only_the_rows_asked_for() -> None:
    ready = prepared(vector([Point(67, 30), Point(67.1, 30)]))
    style = Style(rules=(Rule(label="a", symbol=RED),))
    image = layer_picture(ready, style, view_of(67, 30), 100, 100, rows=[1])
    assert at(image, 50, 50)[3] == 0
    assert at(image, 72, 50)[3] == 255


def test_twice_the_pixels_make_everything_twice_as_large() -> None:
    ready = prepared(vector([Point(67, 30)]))
    style = Style(rules=(Rule(label="a", symbol=RED),))
    one = to_rgba(layer_picture(ready, style, view_of(67, 30), 60, 60))
    two = to_rgba(layer_picture(ready, style, view_of(67, 30).enlarged(2), 120, 120, scale=2))
    assert (two[:, :, 3] > 127).sum() == pytest.approx(4 * (one[:, :, 3] > 127).sum(), rel=0.15)


def test_a_cancelled_drawing_stops_between_chunks() -> None:
    ready = prepared(vector([Point(60 + i / 1000, 30) for i in range(9000)]))
    calls = []

    def stop(fraction: float, _text: str) -> None:
        calls.append(fraction)
        if len(calls) == 4:
            raise Cancelled

    with pytest.raises(Cancelled):
        layer_picture(ready, Style(), View.fit(ready.extent, 3000, 300), 3000, 300, progress=stop)  # type: ignore[arg-type]
    assert len(calls) == 4


def test_a_raster_is_coloured_and_hatched_where_it_knows_nothing(tmp_path: Path) -> None:
    cells = np.array([[1, 1], [255, 255]], dtype=np.uint8)
    ready = make_ready(raster(tmp_path, cells, west=66, north=31, cell=1, nodata=255))
    image = layer_picture(
        ready, Style(rules=(Rule(label="1", value="1", symbol=RED),)), view_of(67, 30, 2000), 100, 100
    )
    assert at(image, 50, 20) == (255, 0, 0, 255)
    veil = to_rgba(image)[60:90, 30:70, 3]
    assert len(np.unique(veil)) >= 2
    assert 0 < veil.min() < veil.max() < 255
    assert at(image, 50, 1 - 1 + 99)[3] > 0


def test_colours_have_alpha_last() -> None:
    assert rgba("#11223344") == QColor(0x11, 0x22, 0x33, 0x44)
    assert rgba("").alpha() == 0


def test_numbers_become_pixels_and_png() -> None:
    numbers = np.zeros((2, 3, 4), dtype=np.uint8)
    numbers[1, 2] = (10, 200, 30, 255)
    image = from_rgba(numbers)
    assert (to_rgba(image) == numbers).all()
    assert to_png(image).startswith(b"\x89PNG\r\n\x1a\n")


def labelled(names: list[object], places: list[tuple[float, float]]) -> tuple[int, QImage]:
    ready = prepared(vector([Point(*place) for place in places], {"name": names}))
    image = blank(400, 300)
    painter = QPainter(image)
    style = Style(label_column="name")
    drawn = draw_labels(painter, [Labelled(ready, style)], view_of(67, 30), 400, 300)
    painter.end()
    return drawn, image


def test_labels_do_not_collide_and_rows_without_a_name_have_none() -> None:
    here = (67.0, 30.0)
    assert labelled(["Quetta", None, float("nan"), ""], [here] * 4)[0] == 1
    # Right and left of the marker: then it is full.
    assert labelled(["Quetta"] * 12, [here] * 12)[0] == 2
    assert labelled(["Quetta", "Sibi"], [here, (67.4, 30.3)])[0] == 2


def test_urdu_is_drawn_joined() -> None:
    if not has_arabic("کوئٹہ") or "Noto Naskh Arabic" not in _families():
        pytest.skip("Noto Naskh Arabic is not installed")
    made = font(24, "کوئٹہ")
    joined = measured("کوئٹہ", made)[0]
    apart = sum(measured(letter, made)[0] for letter in "کوئٹہ")
    assert joined < 0.9 * apart
    drawn, image = labelled(["کوئٹہ"], [(67, 30)])
    assert drawn == 1
    assert (to_rgba(image)[:, :, 3] > 200).sum() > 60


def _families() -> list[str]:
    from PySide6.QtGui import QFontDatabase

    return QFontDatabase.families()


def test_label_text_isolates_and_drops_empty_decimals() -> None:
    assert label_text(12.0) == "\u206812\u2069"
    assert label_text(" Rahim  Yar\nKhan ") == "\u2068Rahim Yar Khan\u2069"
    assert label_text(float("nan")) == label_text(None) == ""


def test_places_are_taken_once_and_inside_the_picture_only() -> None:
    from PySide6.QtCore import QRectF

    places = Places(100, 100)
    assert places.take(QRectF(10, 10, 30, 12))
    assert not places.take(QRectF(30, 15, 30, 12))
    assert places.take(QRectF(10, 40, 30, 12))
    assert not places.take(QRectF(90, 90, 30, 12))


def test_prepared_rasters_need_no_features(tmp_path: Path) -> None:
    cells = np.zeros((2, 2), dtype=np.uint8)
    assert prepared_raster(raster(tmp_path, cells)).extent is not None
