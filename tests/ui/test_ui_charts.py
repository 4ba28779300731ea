"""From the figures of a run to charts, and the dock that shows them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot
from window_fixture import Driver

from migmap.api import Metric
from migmap.paint.charts import BarChart, CurveChart
from migmap.ui.docks.chart import MOST_LINES, ChartPanel
from migmap.ui.models.charts import Drawn, Facts, bar_chart, choices, curve_areas, curve_chart

pytestmark = pytest.mark.usefixtures("qtbot")
Small = Callable[[], Path]


def row(
    area: str | None,
    class_: str | None,
    value: float | None,
    hazard: str | None = "rp10",
    metric: str = "people",
    group: str | None = None,
    level: str = "pcode",
) -> Metric:
    return Metric(
        metric,
        hazard,
        area,
        area and area.title(),
        level if area else None,
        class_,
        group,
        value,
        "people",
    )


def ladder() -> tuple[Metric, ...]:
    """Two areas, three return periods; west is reached by 10, 20, 30 people, east by 0, 5, unknown."""
    rows = []
    for hazard, west, east in (("rp10", 10.0, 0.0), ("rp50", 20.0, 5.0), ("rp100", 30.0, None)):
        for area, hit in ((None, None if east is None else west + east), ("west", west), ("east", east)):
            rows += [
                row(area, "not_exposed", 50.0, hazard),
                row(area, "deep", hit, hazard),
                row(area, "unknown", 7.0, hazard),
            ]
    rows += [
        row(None, None, 2.5, None, "expected_people_per_year"),
        row("west", None, 2.0, None, "expected_people_per_year"),
    ]
    return tuple(rows)


FACTS = Facts(
    {"rp10": 10.0, "rp50": 50.0, "rp100": 100.0}, {"rp10": "flood", "rp50": "flood", "rp100": "flood"}
)


def test_bars_hold_every_figure_of_their_areas_the_most_exposed_first() -> None:
    chart = bar_chart(ladder(), Drawn("people", "rp50", level="pcode"), FACTS)
    assert [one.label for one in chart.classes] == ["deep", "unknown"]
    assert [one.hatch for one in chart.classes] == [False, True]
    assert [bar.values for bar in chart.bars] == [(20.0, 7.0), (5.0, 7.0)]
    assert "West" in chart.bars[0].title
    assert chart.bars[0].end == "20 and 7 unknown, of 77"
    assert chart.whole == "Exposed 25, not exposed 50, unknown 7 – of 82 people"
    assert "26 %" in chart.bars[0].tips[0]
    calm = bar_chart(ladder(), Drawn("people", "rp50", level="pcode", calm=True, unknown=False), FACTS)
    assert [one.label for one in calm.classes] == ["not exposed", "deep"]
    assert calm.bars[0].values == (50.0, 20.0)


def test_unknown_is_never_zero() -> None:
    chart = bar_chart(ladder(), Drawn("people", "rp100", level="pcode"), FACTS)
    east = next(bar for bar in chart.bars if "East" in bar.title)
    assert east.values[0] is None
    assert east.end.startswith("unknown")
    assert "at least" in east.end
    assert "unknown" in east.tips[0]
    rows = [row(area, c, v) for area in (None, "a") for c, v in (("deep", 0.0), ("unknown", 9.0))]
    (bar,) = bar_chart(rows, Drawn("people", "rp10", level="pcode"), Facts()).bars
    assert bar.end == "unknown for all 9"


def test_without_areas_there_is_a_bar_a_class() -> None:
    rows = [one for one in ladder() if one.area is None]
    chart = bar_chart(rows, Drawn("people", "rp10"), FACTS)
    assert [(bar.title, sum(v or 0 for v in bar.values)) for bar in chart.bars] == [
        ("deep", 10.0),
        ("unknown", 7.0),
    ]


def test_colours_depend_on_the_label_alone() -> None:
    facts = Facts(fills={"deep": "#123456"})
    chart = bar_chart(ladder(), Drawn("people", "rp10", level="pcode"), facts)
    assert chart.classes[0].fill == "#123456"
    fewer = [replace(one, value=0.0) for one in ladder()]
    assert bar_chart(fewer, Drawn("people", "rp10", level="pcode"), facts).classes == chart.classes


def test_a_curve_goes_through_the_exposed_of_each_return_period() -> None:
    chart = curve_chart(ladder(), Drawn("people", "rp50", level="pcode"), FACTS, [None, "west", "east"])
    assert [line.points for line in chart.lines] == [
        ((10.0, 10.0), (50.0, 25.0), (100.0, None)),
        ((10.0, 10.0), (50.0, 20.0), (100.0, 30.0)),
        ((10.0, 0.0), (50.0, 5.0), (100.0, None)),
    ]
    assert [line.note for line in chart.lines] == [
        "(2.5 people expected a year)",
        "(2 people expected a year)",
        "",
    ]
    areas = curve_areas(ladder(), Drawn("people", "rp10", level="pcode"), FACTS)
    assert [area for area, _ in areas] == [None, "west", "east"]


def test_ladders_of_two_labels_are_two_curves() -> None:
    rows = [
        row(None, "deep", value, hazard) for hazard, value in (("a", 1.0), ("b", 2.0), ("c", 5.0), ("d", 6.0))
    ]
    rows += [
        row(None, None, 0.1, "today", "expected_people_per_year"),
        row(None, None, 0.5, "2050", "expected_people_per_year"),
    ]
    facts = Facts(
        {"a": 10, "b": 100, "c": 10, "d": 100}, {"a": "today", "b": "today", "c": "2050", "d": "2050"}
    )
    later = curve_chart(rows, Drawn("people", "d"), facts, [None])
    assert later.lines[0].points == ((10, 5.0), (100, 6.0))
    assert later.lines[0].note == "(0.5 people expected a year)"


def test_of_a_comparison_the_chart_shows_what_is_now() -> None:
    rows = [
        replace(row(area, class_, -4.0), before=9.0, after=5.0, compared=True)
        for area in (None, "west")
        for class_ in ("not_exposed", "deep")
    ]
    chart = bar_chart(rows, Drawn("people", "rp10", level="pcode"), Facts())
    assert chart.bars[0].values == (5.0,)
    assert "later run" in chart.title


def panel(qtbot: QtBot, metrics: tuple[Metric, ...] = (), facts: Facts = FACTS) -> ChartPanel:
    made = ChartPanel()
    qtbot.addWidget(made)
    made.resize(1060, 260)
    made.show()
    made.show_run("run", metrics or ladder(), facts)
    return made


def test_the_dock_offers_what_the_run_holds(qtbot: QtBot) -> None:
    shown = panel(qtbot)
    assert shown.kind.isVisible()
    assert not shown.measure.isVisible()
    assert not shown.group.isVisible()
    # The rarest event, as on the map.
    assert shown.hazard.currentData() == "rp100"
    assert isinstance(shown.view.chart, BarChart)
    shown.kind.setCurrentIndex(1)
    assert isinstance(shown.view.chart, CurveChart)
    assert shown.ticked() == [None]
    shown.areas.item(1).setCheckState(Qt.CheckState.Checked)
    assert isinstance(shown.view.chart, CurveChart)
    assert [line.title for line in shown.view.chart.lines] == ["Everything", "West"]
    # Another run without return periods has no curve.
    shown.show_run("other", tuple(one for one in ladder() if one.hazard == "rp10"), Facts())
    assert not shown.kind.isVisible()
    assert isinstance(shown.view.chart, BarChart)


def test_what_cannot_be_drawn_is_said(qtbot: QtBot) -> None:
    shown = panel(qtbot, (row(None, None, 3.0, None, "distance_m"),))
    assert shown.view.chart is None
    assert "no figures by class" in shown.nothing.text()
    shown.clear()
    assert shown.run_id == ""


def test_the_keys_go_through_every_value(qtbot: QtBot) -> None:
    shown = panel(qtbot, tuple(one for one in ladder() if one.hazard == "rp50"))
    shown.view.setFocus()
    said = []
    for _ in range(5):
        qtbot.keyClick(shown.view, Qt.Key.Key_Down)
        said.append(shown.said.text())
    assert said == [*shown.view.tips(), shown.view.tips()[-1]]
    assert len(set(said)) == 4
    qtbot.keyClick(shown.view, Qt.Key.Key_Home)
    assert shown.said.text() == said[0]


def test_no_more_curves_than_can_be_told_apart(qtbot: QtBot) -> None:
    rows = [
        row(area, "deep", 1.0, hazard)
        for hazard in ("rp10", "rp50", "rp100")
        for area in (None, *(f"area {i}" for i in range(MOST_LINES + 2)))
    ]
    shown = panel(qtbot, tuple(rows))
    shown.kind.setCurrentIndex(1)
    for place in range(shown.areas.count()):
        shown.areas.item(place).setCheckState(Qt.CheckState.Checked)
    assert len(shown.ticked()) == MOST_LINES
    assert str(MOST_LINES) in shown.said.text()


def test_choices_leave_out_what_has_no_classes() -> None:
    found = choices(ladder())
    assert found.measures == ("people",)
    assert found.hazards == ("rp10", "rp50", "rp100")
    assert found.levels == ("pcode",)


def test_a_chart_is_saved_with_its_marks_and_copied(driver: Driver, small: Small, tmp_path: Path) -> None:
    folder = small()
    driver.open(folder / "sites.geojson", folder / "areas.geojson", folder / "flood.tif")
    window = driver.window
    form = window.runs.form("exposure")
    form.set_values({"classes": ["0.5"], "exposed": str(folder / "sites.geojson"), "people": "population"})
    form.submit()
    driver.settle()
    run_id = window.results.run_id
    assert window.chart.run_id == run_id
    chart = window.chart.view.chart
    assert isinstance(chart, BarChart)
    shown = {bar.title: bar.values for bar in chart.bars}
    run = driver.workbench.known_run(run_id)
    assert run is not None
    west = {m.class_: m.value for m in run.result.metrics if m.metric == "people" and m.area == "PK1"}
    assert next(values for title, values in shown.items() if "West" in title) == (
        west["0.5+"],
        west["unknown"],
    )
    for name in ("chart.png", "chart.svg"):
        window.exports.write_chart(run_id, tmp_path / name)
        driver.settle()
    assert (tmp_path / "chart.png").read_bytes()[:4] == b"\x89PNG"
    drawing = (tmp_path / "chart.svg").read_text(encoding="utf-8")
    assert f"Run {run_id}" in drawing
    assert "Sensitivity: not stated" in drawing
    assert any("chart.svg" in entry.what for entry in window.desk.project.log)
    window.chart.copy_asked.emit()
    assert not QGuiApplication.clipboard().image().isNull()


@pytest.mark.parametrize("direction", [Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft])
def test_pointing_says_what_is_there(qtbot: QtBot, direction: Qt.LayoutDirection) -> None:
    shown = panel(qtbot, tuple(one for one in ladder() if one.hazard == "rp50"))
    shown.setLayoutDirection(direction)
    shown.view.setLayoutDirection(direction)
    shown.view.grab()
    spot = shown.view._spots[0]
    qtbot.mouseMove(shown.view.viewport(), spot.box.center().toPoint())
    qtbot.waitUntil(lambda: shown.said.text() == spot.tip)
    assert "20 people" in spot.tip
