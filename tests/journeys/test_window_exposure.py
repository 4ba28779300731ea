"""A ladder of three floods from the sample through the window, with the numbers of the command line."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from window_fixture import Driver

from migmap.app.places import sample_data
from migmap.paint.charts import BarChart, CurveChart
from migmap.ui.forms.form import AnalysisForm

FLOODS = ("flood_depth_rp10.tif", "flood_depth_rp50.tif", "flood_depth_rp100.tif")


def test_a_ladder_of_the_sample_gives_the_numbers_of_the_command_line(driver: Driver, tmp_path: Path) -> None:
    for name in (*FLOODS, "districts.geojson", "refugee_villages.gpkg", "refugee_villages.gpkg.meta.json"):
        shutil.copyfile(sample_data() / name, tmp_path / name)
    driver.open(*(tmp_path / name for name in (*FLOODS, "districts.geojson", "refugee_villages.gpkg")))
    window = driver.window
    before = driver.titles()
    driver.trigger("run_exposure")
    form = driver.dialog(AnalysisForm)

    # What is loaded answers most questions.
    assert form.values() == {
        "hazard": [str(tmp_path / name) for name in FLOODS],
        "return_period": [10.0, 50.0, 100.0],
        "exposed": str(tmp_path / "refugee_villages.gpkg"),
        "people": "population",
        "areas": str(tmp_path / "districts.geojson"),
        "area_id": "ADM2_PCODE",
        "rollup": ["ADM1_EN"],
        "annual_rule": "trapezoid",
        "annual_tail": "constant",
    }
    form._offers["scheme"].click()
    form.editors["rates"].set_value("flood-planning")
    form.editors["needs"].set_value("sphere-2018")
    form._changed()
    said = form._sentence.text()
    assert "average year" in said
    assert "displaced" in said
    words, given = shlex.split(form.command()), form.values()
    form.submit()
    driver.settle()
    run = driver.workbench.known_run(window.results.run_id)
    assert run is not None, form.problem_text()
    shown = run.document()

    # One step, which undo takes back and redo brings again.
    after = driver.titles()
    driver.trigger("undo")
    assert driver.titles() == before
    driver.trigger("redo")
    assert driver.titles() == after
    assert window.results.run_id == run.id

    # The same run by the other two ways.
    assert driver.workbench.run("exposure", given).document()["metrics"] == shown["metrics"]
    done = subprocess.run(
        [sys.executable, "-m", *words, "--json"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        env=os.environ,
    )
    assert done.returncode == 0, done.stderr
    printed = json.loads(done.stdout)
    assert printed["run"] == run.id
    assert printed["metrics"] == shown["metrics"]
    assert printed["findings"] == shown["findings"]
    names = {row["metric"] for row in shown["metrics"]}
    assert {"people", "displaced", "affected", "expected_people_per_year"} <= names
    assert any(name.startswith("need:") for name in names)

    # All of it is in the table; filters leave what they name.
    results = window.results
    results.shape.setCurrentIndex(results.shape.findData("long"))
    assert results.sorted.rowCount() == len(shown["metrics"])
    results.hazard.setCurrentIndex(results.hazard.findData("flood_depth_rp50"))
    results.level.setCurrentIndex(results.level.findData("ADM1_EN"))
    results.measure.setCurrentIndex(results.measure.findData("people"))
    wanted = [
        row
        for row in shown["metrics"]
        if row["metric"] == "people"
        and row["hazard"] == "flood_depth_rp50"
        and row["level"] in (None, "ADM1_EN")
    ]
    assert results.sorted.rowCount() == len(wanted)
    results.table.setCurrentIndex(results.sorted.index(3, 2))
    place = results.chosen_number()
    assert place is not None
    assert shown["metrics"][place] == wanted[3]

    # The charts are of the same numbers.
    chart = window.chart
    assert chart.hazard.currentData() == "flood_depth_rp100"
    chart.level.setCurrentIndex(chart.level.findData("ADM2_PCODE"))
    bars = chart.view.chart
    assert isinstance(bars, BarChart)
    drawn = sum(value or 0.0 for bar in bars.bars for value in bar.values)
    people = [row for row in shown["metrics"] if row["metric"] == "people"]
    told = sum(
        row["value"]
        for row in people
        if row["hazard"] == "flood_depth_rp100"
        and row["level"] == "ADM2_PCODE"
        and row["class"] != "not_exposed"
        and row["area"] != "overlap"
    )
    assert drawn == told
    chart.kind.setCurrentIndex(chart.kind.findData("curve"))
    curve = chart.view.chart
    assert isinstance(curve, CurveChart)
    exposed = {
        name: sum(
            row["value"]
            for row in people
            if row["hazard"] == name
            and row["area"] is None
            and row["class"] not in ("not_exposed", "unknown")
        )
        for name in ("flood_depth_rp10", "flood_depth_rp50", "flood_depth_rp100")
    }
    assert curve.lines[0].points == tuple(zip((10.0, 50.0, 100.0), exposed.values(), strict=True))
    (yearly,) = (
        row["value"]
        for row in shown["metrics"]
        if row["metric"] == "expected_people_per_year" and row["area"] is None
    )
    assert f"{yearly:,.0f}" in curve.lines[0].note

    # On the map: the rarest flood, in the classes of the table.
    layers = {layer.source: layer for layer in window.desk.project.layers}
    assert [layers[str(tmp_path / name)].visible for name in FLOODS] == [False, False, True]
    style = layers[str(tmp_path / FLOODS[2])].style
    assert style is not None
    assert [rule.label for rule in style.rules] == ["not exposed", "low", "medium", "high"]
    assert driver.no_dialog()
