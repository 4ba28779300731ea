"""Charts: what is drawn where, what it says when pointed to, and that a picture is whole."""

from __future__ import annotations

import itertools
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QColor, QImage, QPainter

from migmap.paint.charts import (
    Bar,
    BarChart,
    Class,
    CurveChart,
    Line,
    Spot,
    chart_image,
    chart_png,
    chart_size,
    chart_svg,
    draw_chart,
    figure,
    ticks,
)

pytestmark = pytest.mark.usefixtures("qtbot")
CLASSES = (Class("low", "#c6dbef"), Class("high", "#084594"), Class("unknown", "#d9d9d9", hatch=True))
BARS = BarChart(
    "People",
    "Exposed 30 of 100 people",
    "people",
    CLASSES,
    (
        Bar("West", (10.0, 20.0, 10.0), "30 of 60", ("West low", "West high", "West unknown")),
        Bar("گاؤں", (0.0, 0.0, 40.0), "unknown for all 40", ("E low", "E high", "E unknown")),
    ),
)
CURVE = CurveChart(
    "People exposed",
    "return period (years)",
    "people",
    (
        Line("Everything", "(12 expected a year)", ((10, 100.0), (100, 300.0)), ("a", "b")),
        Line("West", "", ((10, 50.0), (100, None)), ("c", "d")),
    ),
    "Tick an area.",
)


def drawn(
    chart: BarChart | CurveChart, *, rtl: bool = False, scroll: float = 0.0, height: int = 300
) -> tuple[QImage, tuple[Spot, ...]]:
    image = QImage(700, height, QImage.Format.Format_ARGB32)
    painter = QPainter(image)
    spots = draw_chart(painter, chart, 700, height, rtl=rtl, scroll=scroll)
    painter.end()
    return image, spots


@given(st.floats(min_value=1e-6, max_value=1e12))
def test_ticks_are_round_and_reach_the_most(most: float) -> None:
    marks = ticks(most)
    assert marks[0] == 0
    assert marks[-1] >= most * (1 - 1e-6)
    assert 3 <= len(marks) <= 8
    steps = {round((b - a) / marks[1], 6) for a, b in itertools.pairwise(marks)}
    assert steps == {1.0}


@pytest.mark.parametrize("most", [0.0, -1.0, float("nan"), float("inf")])
def test_ticks_of_nothing_are_an_axis_all_the_same(most: float) -> None:
    assert ticks(most) == (0.0, 1.0)


def test_figures_keep_what_matters() -> None:
    assert [figure(x) for x in (0, 1234567.0, 12.34, 0.1234)] == ["0", "1,234,567", "12.3", "0.123"]


def test_bars_are_as_long_as_their_values_and_wear_the_colours_of_their_classes() -> None:
    image, spots = drawn(BARS)
    boxes = {spot.tip: spot.box for spot in spots}
    assert set(boxes) == {"West low", "West high", "West unknown", "E unknown"}
    assert boxes["West high"].width() == pytest.approx(2 * boxes["West low"].width(), rel=1e-6)
    assert boxes["E unknown"].width() == pytest.approx(4 * boxes["West low"].width(), rel=1e-6)
    assert boxes["West low"].right() == pytest.approx(boxes["West high"].left())
    for tip, fill in (("West low", "#c6dbef"), ("West high", "#084594")):
        centre = boxes[tip].center().toPoint()
        assert image.pixelColor(centre) == QColor(fill)
    # What is unknown is hatched: its ground is there, and so are strokes of another colour.
    box = boxes["E unknown"].toRect().adjusted(2, 2, -2, -2)
    seen = {
        image.pixelColor(x, y).name() for x in range(box.left(), box.left() + 40) for y in (box.center().y(),)
    }
    assert "#d9d9d9" in seen
    assert len(seen) > 1


def test_from_the_right_the_bars_are_mirrored() -> None:
    _, left = drawn(BARS)
    _, right = drawn(BARS, rtl=True)
    for one, other in zip(left, right, strict=True):
        assert other.tip == one.tip
        assert other.box.right() == pytest.approx(700 - one.box.left())
        assert other.box.width() == pytest.approx(one.box.width())


def test_what_is_scrolled_away_cannot_be_pointed_to() -> None:
    many = replace(
        BARS,
        bars=tuple(Bar(f"Area {i}", (1.0, 1.0, 0.0), "2", (f"{i} low", f"{i} high", "")) for i in range(50)),
    )
    _, top = drawn(many)
    _, later = drawn(many, scroll=24.0 * 46)
    assert {spot.tip for spot in top} & {"0 low", "0 high"}
    assert "49 high" in {spot.tip for spot in later}
    assert "0 low" not in {spot.tip for spot in later}
    assert chart_size(many, 700).height() > 50 * 24


def test_curves_rise_to_the_right_and_leave_out_what_is_unknown() -> None:
    for rtl in (False, True):
        _, spots = drawn(CURVE, rtl=rtl, height=360)
        at = {spot.tip: spot.box.center() for spot in spots}
        assert set(at) == {"a", "b", "c"}
        assert at["a"].x() < at["b"].x()
        assert at["a"].y() > at["b"].y()
        assert at["c"].x() == at["a"].x()


def test_the_years_are_logarithmic() -> None:
    points = ((10.0, 1.0), (100.0, 2.0), (1000.0, 3.0))
    _, spots = drawn(replace(CURVE, lines=(Line("x", "", points, ("a", "b", "c")),)))
    x = [spot.box.center().x() for spot in spots]
    assert x[1] - x[0] == pytest.approx(x[2] - x[1])


@pytest.mark.parametrize(
    "chart", [replace(BARS, bars=()), replace(CURVE, lines=()), replace(CURVE, lines=(CURVE.lines[1],))]
)
def test_charts_of_little_are_charts(chart: BarChart | CurveChart) -> None:
    image, _ = drawn(chart)
    assert image.pixelColor(1, 1) == QColor("white")


@pytest.mark.parametrize("chart", [BARS, CURVE])
def test_a_picture_holds_the_marks_of_the_product(chart: BarChart | CurveChart) -> None:
    plain = chart_image(chart, width=500, scale=1.0)
    marked = chart_image(chart, width=500, marks=("Sensitivity: restricted", "word " * 60), scale=1.0)
    # Long lines wrap, none is cut.
    assert marked.height() > plain.height() + 3 * 10
    assert chart_png(chart, width=500, marks=("Run 1",))[:8] == b"\x89PNG\r\n\x1a\n"
    root = ET.fromstring(chart_svg(chart, width=500, marks=("Sensitivity: restricted",)))
    said = " ".join(text for text in root.itertext())
    assert "Sensitivity: restricted" in said
    assert chart.title in said
