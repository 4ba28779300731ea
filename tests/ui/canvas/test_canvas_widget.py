"""The map widget under the hand: moving, zooming, clicking, and pictures that land where they should."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from handles import raster, vector
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QWheelEvent
from PySide6.QtWidgets import QApplication, QScrollArea, QToolButton, QWidget
from pytestqt.qtbot import QtBot
from shapely.geometry import Point, box

from migmap.api import Meta, Problem, Progress, Rule, Style, Symbol
from migmap.app.tasks import Tasks
from migmap.geo.viewport import View, to_canvas
from migmap.paint.legend import LegendBlock, LegendRow
from migmap.paint.surface import to_rgba
from migmap.ui.canvas import CanvasLayer, MapCanvas
from migmap.ui.canvas.legend_view import LegendView
from migmap.ui.canvas.overlay import in_columns

WIDTH, HEIGHT = 640, 480


def plain(fill: str, **symbol: Any) -> Style:
    return Style(rules=(Rule(label="all", symbol=Symbol(fill=fill, stroke="", **symbol)),))


class Lane:
    """Submits to a real lane and remembers what was asked for."""

    def __init__(self) -> None:
        self.tasks = Tasks()
        self.titles: list[str] = []

    def __call__(self, title: str, work: Callable[[Progress], None], replaces: str) -> Any:
        self.titles.append(title)
        return self.tasks.submit(title, work, lane="draw", replaces=replaces)


@pytest.fixture
def lane() -> Iterator[Lane]:
    before = set(threading.enumerate())
    made = Lane()
    yield made
    made.tasks.shutdown()
    assert set(threading.enumerate()) <= before


@pytest.fixture
def canvas(qtbot: QtBot, lane: Lane) -> MapCanvas:
    made = MapCanvas(lane)
    qtbot.addWidget(made, before_close_func=lambda widget: widget.stop())
    made.resize(WIDTH, HEIGHT)
    made.legend_visible = False
    made.show()
    qtbot.waitExposed(made)
    return made


def settled(qtbot: QtBot, canvas: MapCanvas) -> None:
    QApplication.processEvents()
    qtbot.waitUntil(lambda: not canvas.busy, timeout=20_000)
    QApplication.processEvents()


def colour(canvas: MapCanvas, lon: float, lat: float) -> tuple[int, int, int]:
    x, y = canvas.view.to_screen(*to_canvas(lon, lat), canvas.width(), canvas.height())
    found = canvas.grab().toImage().pixelColor(round(x), round(y))
    return found.red(), found.green(), found.blue()


def turn(canvas: QWidget, at: QPointF, notches: float) -> None:
    event = QWheelEvent(
        at,
        canvas.mapToGlobal(at),
        QPoint(),
        QPoint(0, round(120 * notches)),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(canvas, event)


def layers() -> list[CanvasLayer]:
    under = vector([box(66, 29, 68, 31)], name="under")
    over = vector([box(67, 30, 69, 32)], name="over")
    return [CanvasLayer("under", under, plain("#ff0000")), CanvasLayer("over", over, plain("#0000ff"))]


def test_layers_appear_and_bring_the_view_to_themselves(qtbot: QtBot, canvas: MapCanvas) -> None:
    canvas.set_layers(layers())
    settled(qtbot, canvas)
    assert colour(canvas, 66.5, 29.5) == (255, 0, 0)
    assert colour(canvas, 67.5, 30.5) == (0, 0, 255)
    shown = canvas.view.extent(WIDTH, HEIGHT)
    assert shown.west < to_canvas(66, 0)[0] < to_canvas(69, 0)[0] < shown.east


def test_order_opacity_and_visibility_are_put_together_anew_but_not_drawn(
    qtbot: QtBot, canvas: MapCanvas, lane: Lane
) -> None:
    under, over = layers()
    canvas.set_layers([under, over])
    settled(qtbot, canvas)
    before = len(lane.titles)
    canvas.set_layers([over, under])
    assert colour(canvas, 67.5, 30.5) == (255, 0, 0)
    canvas.set_layers([under, CanvasLayer("over", over.data, over.style, opacity=0.5)])
    red, _, blue = colour(canvas, 67.5, 30.5)
    assert (red, blue) == (pytest.approx(127, abs=2), pytest.approx(128, abs=2))
    canvas.set_layers([under, CanvasLayer("over", over.data, over.style, visible=False)])
    assert colour(canvas, 67.5, 30.5) == (255, 0, 0)
    canvas.set_layers([under, over])
    assert colour(canvas, 67.5, 30.5) == (0, 0, 255)
    assert len(lane.titles) == before


def test_a_new_style_draws_that_layer_alone(qtbot: QtBot, canvas: MapCanvas, lane: Lane) -> None:
    under, over = layers()
    canvas.set_layers([under, over])
    settled(qtbot, canvas)
    before = len(lane.titles)
    canvas.set_layers([under, CanvasLayer("over", over.data, plain("#00ff00"))])
    settled(qtbot, canvas)
    assert colour(canvas, 67.5, 30.5) == (0, 255, 0)
    assert lane.titles[before:] == ["Drawing over"]


def test_other_data_under_the_same_name_replaces_the_picture(qtbot: QtBot, canvas: MapCanvas) -> None:
    under, over = layers()
    canvas.set_layers([under, over])
    settled(qtbot, canvas)
    moved = vector([box(65, 28, 65.5, 28.5)], name="over")
    canvas.set_layers([under, CanvasLayer("over", moved, over.style)])
    settled(qtbot, canvas)
    assert colour(canvas, 67.5, 30.5) == (255, 0, 0)
    canvas.set_layers([])
    settled(qtbot, canvas)
    assert colour(canvas, 66.5, 29.5) != (255, 0, 0)


def test_the_wheel_keeps_the_place_under_the_cursor(qtbot: QtBot, canvas: MapCanvas) -> None:
    canvas.set_layers(layers())
    settled(qtbot, canvas)
    at = QPointF(150, 333)
    before, scale = canvas.lonlat(at), canvas.view.units_per_px
    with qtbot.waitSignal(canvas.view_changed):
        turn(canvas, at, 3)
    assert canvas.lonlat(at) == pytest.approx(before, abs=1e-9)
    assert canvas.view.units_per_px == pytest.approx(scale / 1.4**3)
    turn(canvas, at, -3)
    assert canvas.view.units_per_px == pytest.approx(scale)


def test_the_old_picture_follows_at_once_and_the_new_one_is_sharp(
    qtbot: QtBot, canvas: MapCanvas, lane: Lane
) -> None:
    canvas.set_layers(layers())
    settled(qtbot, canvas)
    before = len(lane.titles)
    canvas.zoom_by(8, QPointF(*canvas.view.to_screen(*to_canvas(67, 30), WIDTH, HEIGHT)))
    assert colour(canvas, 67.03, 30.03) == (0, 0, 255)
    assert len(lane.titles) == before
    settled(qtbot, canvas)
    assert len(lane.titles) == before + 2
    sharp = to_rgba(canvas.grab().toImage())
    x, y = canvas.view.to_screen(*to_canvas(67, 30.1), WIDTH, HEIGHT)
    edge = sharp[round(y), round(x) - 6 : round(x) + 6, 2].astype(int)
    assert (np.abs(np.diff(edge)) > 200).sum() + (np.abs(np.diff(edge)) > 20).sum() <= 4


def test_dragging_moves_the_map_with_the_hand(qtbot: QtBot, canvas: MapCanvas) -> None:
    canvas.set_layers(layers())
    settled(qtbot, canvas)
    clicks: list[object] = []
    canvas.feature_clicked.connect(lambda *found: clicks.append(found))
    start, end = QPoint(320, 240), QPoint(395, 200)
    place = canvas.lonlat(start)
    qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(canvas, QPoint(350, 230))
    qtbot.mouseMove(canvas, end)
    qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=end)
    assert canvas.lonlat(end) == pytest.approx(place, abs=1e-9)
    assert clicks == []
    settled(qtbot, canvas)
    assert colour(canvas, 66.5, 29.5) == (255, 0, 0)


def test_a_small_pan_needs_no_drawing(qtbot: QtBot, canvas: MapCanvas, lane: Lane) -> None:
    canvas.set_layers(layers())
    settled(qtbot, canvas)
    before = len(lane.titles)
    canvas.view = canvas.view.panned(40, -30)
    settled(qtbot, canvas)
    assert len(lane.titles) == before
    assert colour(canvas, 67.5, 30.5) == (0, 0, 255)


@pytest.mark.parametrize(
    ("key", "change"),
    [
        (Qt.Key.Key_Plus, lambda a, b: b.units_per_px < a.units_per_px),
        (Qt.Key.Key_Minus, lambda a, b: b.units_per_px > a.units_per_px),
        (Qt.Key.Key_Left, lambda a, b: b.centre_x < a.centre_x),
        (Qt.Key.Key_Right, lambda a, b: b.centre_x > a.centre_x),
        (Qt.Key.Key_Up, lambda a, b: b.centre_y > a.centre_y),
        (Qt.Key.Key_Down, lambda a, b: b.centre_y < a.centre_y),
    ],
)
def test_keys(qtbot: QtBot, canvas: MapCanvas, key: Qt.Key, change: Callable[[View, View], bool]) -> None:
    before = canvas.view
    qtbot.keyClick(canvas, key)
    assert change(before, canvas.view)


def test_home_shows_everything_again(qtbot: QtBot, canvas: MapCanvas) -> None:
    canvas.set_layers(layers())
    settled(qtbot, canvas)
    all_of_it = canvas.view
    canvas.zoom_by(20)
    qtbot.keyClick(canvas, Qt.Key.Key_Home)
    assert canvas.view == all_of_it


def test_double_click_zooms_in_where_it_is(qtbot: QtBot, canvas: MapCanvas) -> None:
    at = QPoint(100, 100)
    before, place = canvas.view.units_per_px, canvas.lonlat(at)
    qtbot.mouseDClick(canvas, Qt.MouseButton.LeftButton, pos=at)
    assert canvas.view.units_per_px == pytest.approx(before / 2)
    assert canvas.lonlat(at) == pytest.approx(place)


def test_zoom_to_a_layer_waits_for_it_and_survives_a_resize(qtbot: QtBot, canvas: MapCanvas) -> None:
    under, over = layers()
    canvas.set_layers([under, over])
    canvas.zoom_to_layer("over")
    settled(qtbot, canvas)
    extent = canvas.extent_of("over")
    assert extent is not None
    assert canvas.view.centre_x == pytest.approx((extent.west + extent.east) / 2)
    canvas.resize(300, 400)
    settled(qtbot, canvas)
    shown = canvas.view.extent(300, 400)
    assert shown.west < extent.west
    assert shown.east > extent.east
    # Moved by hand, a resize keeps the middle and the scale.
    canvas.zoom_by(2)
    before = canvas.view
    canvas.resize(500, 300)
    settled(qtbot, canvas)
    assert canvas.view == before


def test_a_click_finds_the_topmost_feature_and_marks_it(qtbot: QtBot, canvas: MapCanvas) -> None:
    under, over = layers()
    sites = vector([None, Point(67.5, 30.5)], name="sites")
    canvas.set_layers([under, over, CanvasLayer("sites", sites, plain("#ffffff", size=9))])
    settled(qtbot, canvas)
    x, y = canvas.view.to_screen(*to_canvas(67.5, 30.5), WIDTH, HEIGHT)
    at = QPoint(round(x) + 3, round(y))
    assert canvas.identify(at) == [("sites", 1), ("over", 0), ("under", 0)]
    with qtbot.waitSignal(canvas.feature_clicked) as found:
        qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=at)
    layer_id, row, place = found.args
    assert (layer_id, row) == ("sites", 1)
    assert place == pytest.approx((67.5, 30.5), abs=0.05)
    before = to_rgba(canvas.grab().toImage())
    settled(qtbot, canvas)
    assert canvas.selection == ("sites", 1)
    marked = to_rgba(canvas.grab().toImage())
    changed = (before != marked).any(axis=2)
    rows, columns = np.nonzero(changed)
    assert 30 < len(rows) < 1000
    assert (columns.mean(), rows.mean()) == pytest.approx((x, y), abs=3)
    with qtbot.waitSignal(canvas.nothing_clicked):
        qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=QPoint(3, 3))
    assert canvas.selection is None


def test_hidden_layers_are_not_hit(qtbot: QtBot, canvas: MapCanvas) -> None:
    under, over = layers()
    canvas.set_layers([under, CanvasLayer("over", over.data, over.style, visible=False)])
    settled(qtbot, canvas)
    x, y = canvas.view.to_screen(*to_canvas(67.5, 30.5), WIDTH, HEIGHT)
    assert canvas.identify(QPointF(x, y)) == [("under", 0)]


def test_a_click_on_a_raster_reads_its_cell(qtbot: QtBot, canvas: MapCanvas, tmp_path: Path) -> None:
    cells = np.array([[1.5, np.nan], [3.0, 4.0]], dtype=np.float32)
    canvas.set_layers([CanvasLayer("depth", raster(tmp_path, cells, west=66, north=31, cell=1), Style())])
    settled(qtbot, canvas)

    def clicked(lon: float, lat: float) -> object:
        x, y = canvas.view.to_screen(*to_canvas(lon, lat), WIDTH, HEIGHT)
        with qtbot.waitSignal(canvas.cell_clicked) as found:
            qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=QPoint(round(x), round(y)))
        assert found.args[0] == "depth"
        return found.args[1]

    assert clicked(66.5, 30.5) == 1.5
    assert clicked(67.5, 29.5) == 4.0
    assert np.isnan(clicked(67.5, 30.5))  # type: ignore[call-overload]


def test_the_cursor_says_where_it_is(qtbot: QtBot, canvas: MapCanvas) -> None:
    with qtbot.waitSignal(canvas.cursor_moved) as moved:
        qtbot.mouseMove(canvas, QPoint(50, 60))
    assert moved.args == pytest.approx(canvas.lonlat(QPoint(50, 60)))


def test_the_picture_has_what_is_seen_and_what_must_be_said(qtbot: QtBot, canvas: MapCanvas) -> None:
    canvas.legend_visible = True
    data = vector([box(66, 29, 68, 31)], name="made up", meta=Meta(synthetic=True))
    canvas.set_layers([CanvasLayer("a", data, plain("#ff0000"))])
    settled(qtbot, canvas)
    image = canvas.picture()
    assert image.width() >= WIDTH
    assert image.height() > HEIGHT + 40
    numbers = to_rgba(image)
    assert (numbers[240, 320, :3] == (255, 0, 0)).all()
    # The banner for made-up data, on the picture and in the window.
    banner = np.abs(numbers[:50, :, :3].astype(int) - (255, 228, 200)).max(axis=2) <= 18
    assert banner.sum() > 1000
    assert (numbers[HEIGHT + 20 :, :, :3] < 120).any()


def test_a_long_legend_is_scrolled_and_printed_whole(qtbot: QtBot, canvas: MapCanvas) -> None:
    rules = tuple(Rule(label=f"class {i}", value=str(i), symbol=Symbol(fill="#ff0000")) for i in range(40))
    data = vector([box(66, 29, 68, 31)], name="classes", columns={"class": ["0"]})
    canvas.legend_visible = True
    canvas.set_layers([CanvasLayer("a", data, Style(column="class", rules=rules))])
    settled(qtbot, canvas)
    legend = canvas.findChild(LegendView)
    assert legend is not None
    assert legend.isVisible()
    area = legend.findChild(QScrollArea)
    assert area is not None
    assert area.widget().height() > 40 * 18
    assert canvas.rect().contains(legend.geometry())
    bar, view = area.verticalScrollBar(), canvas.view
    for _ in range(60):
        turn(area.viewport(), QPointF(20, 20), -1)
    assert bar.value() == bar.maximum() > 0
    assert canvas.view == view
    # The picture has room for all of it, below the map.
    assert canvas.picture().height() > HEIGHT + 40 * 18
    assert canvas.picture().width() == WIDTH
    fold = legend.findChild(QToolButton)
    assert fold is not None
    qtbot.mouseClick(fold, Qt.MouseButton.LeftButton)
    assert legend.height() < 50
    assert not area.isVisible()
    canvas.legend_visible = False
    assert not legend.isVisible()


def test_what_lies_nowhere_is_not_in_the_legend(qtbot: QtBot, canvas: MapCanvas) -> None:
    nowhere = vector([None, None], name="table")
    canvas.legend_visible = True
    canvas.set_layers([CanvasLayer("a", nowhere, plain("#ff0000"))])
    settled(qtbot, canvas)
    legend = canvas.findChild(LegendView)
    assert legend is not None
    assert not legend.isVisible()
    canvas.set_layers([CanvasLayer("b", vector([Point(67, 30)]), plain("#ff0000"))])
    settled(qtbot, canvas)
    assert legend.isVisible()


def test_legend_columns_keep_the_order_and_are_as_low_as_they_can_be() -> None:
    def block(rows: int) -> LegendBlock:
        return LegendBlock("", "point", tuple(LegendRow(str(row), Symbol()) for row in range(rows)))

    blocks = [block(rows) for rows in (5, 1, 1, 6, 2)]
    columns = in_columns(blocks, 3)
    assert [len(one.rows) for column in columns for one in column] == [5, 1, 1, 6, 2]
    assert [[len(one.rows) for one in column] for column in columns] == [[5, 1], [1, 6], [2]]
    assert in_columns(blocks, 1) == [blocks]


def test_a_layer_that_cannot_be_drawn_says_so_once(
    qtbot: QtBot, canvas: MapCanvas, tmp_path: Path, lane: Lane
) -> None:
    cells = np.zeros((3, 3), dtype=np.uint8)
    data = raster(tmp_path, cells)
    Path(data.gdal_path).unlink()
    with qtbot.waitSignal(canvas.layer_failed, timeout=20_000) as failed:
        canvas.set_layers([CanvasLayer("r", data, plain("#ff0000"))])
    assert failed.args[0] == "r"
    assert "cannot be read" in failed.args[1]
    before = len(lane.titles)
    canvas.zoom_by(1.5)
    settled(qtbot, canvas)
    assert len(lane.titles) == before


class Held:
    """A lane of one whose jobs wait until they are let go."""

    def __init__(self) -> None:
        self.jobs: list[tuple[str, Callable[[Progress], None]]] = []
        self.cancelled = 0

    def __call__(self, title: str, work: Callable[[Progress], None], replaces: str) -> Held:
        self.jobs.append((replaces, work))
        return self

    def cancel(self) -> None:
        self.cancelled += 1

    def let_go(self) -> None:
        jobs, self.jobs = self.jobs, []
        for _, work in jobs:
            work(lambda _fraction, _text="": None)


def test_results_nobody_waits_for_never_land(qtbot: QtBot) -> None:
    held = Held()
    canvas = MapCanvas(held)
    qtbot.addWidget(canvas, before_close_func=lambda widget: widget.stop())
    canvas.resize(WIDTH, HEIGHT)
    canvas.show()
    under, over = layers()
    canvas.set_layers([under])
    held.let_go()
    QApplication.processEvents()
    qtbot.waitUntil(lambda: len(held.jobs) > 0)
    # Drawn red, but by the time it lands the layer is to be green, and then gone.
    late = list(held.jobs)
    canvas.set_layers([CanvasLayer("under", under.data, plain("#00ff00")), over])
    for _, work in late:
        work(lambda _fraction, _text="": None)
    assert colour(canvas, 66.5, 29.5) not in ((255, 0, 0), (0, 255, 0))
    rest = list(held.jobs)
    canvas.set_layers([])
    for _, work in rest:
        work(lambda _fraction, _text="": None)
    assert not canvas.layers
    assert colour(canvas, 66.5, 29.5) not in ((255, 0, 0), (0, 255, 0))
    assert held.cancelled >= 1


def test_nothing_lands_after_close(qtbot: QtBot) -> None:
    held = Held()
    canvas = MapCanvas(held)
    qtbot.addWidget(canvas)
    canvas.resize(WIDTH, HEIGHT)
    canvas.show()
    canvas.set_layers(layers())
    changes: list[object] = []
    canvas.layer_prepared.connect(changes.append)
    canvas.close()
    held.let_go()
    QApplication.processEvents()
    assert changes == []
    assert held.cancelled == 2
    assert not canvas.busy


def test_a_failing_job_tells_the_canvas_and_still_fails_in_its_lane(qtbot: QtBot) -> None:
    held = Held()
    canvas = MapCanvas(held)
    qtbot.addWidget(canvas, before_close_func=lambda widget: widget.stop())
    from migmap.ui.canvas.plates import Jobs

    jobs = Jobs(held, "t")
    landed: list[tuple[object, ...]] = []
    jobs.landing.landed.connect(lambda *found: landed.append(found))

    def problem(_progress: Progress) -> object:
        raise Problem("the file is gone")

    def bug(_progress: Progress) -> object:
        raise ZeroDivisionError("a bug")

    jobs.start("a", "A", problem)
    held.let_go()
    jobs.start("b", "B", bug)
    with pytest.raises(ZeroDivisionError):
        held.let_go()
    assert [str(found[3]) for found in landed] == ["the file is gone", "a bug"]


def test_twice_the_pixels_are_drawn_as_such(canvas: MapCanvas) -> None:
    from migmap.ui.canvas.plates import MARGIN, Glass

    glass = Glass(canvas.view, WIDTH, HEIGHT, 2.0)
    assert glass.picture_size() == (2 * (WIDTH + 2 * MARGIN), 2 * (HEIGHT + 2 * MARGIN))
    assert glass.picture_view().units_per_px == canvas.view.units_per_px / 2
    assert QImage(*glass.picture_size(), QImage.Format.Format_RGB32).width() == glass.picture_size()[0]
