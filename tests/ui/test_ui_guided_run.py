"""The guided form of an exposure: several hazards in one table, sections, profiles, groups, earlier runs."""

from __future__ import annotations

import json
import shlex
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import geopandas
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog
from window_fixture import Driver

from migmap.api import declared_fields
from migmap.ui.forms.beside import ProfileEditor, RunEditor
from migmap.ui.forms.form import AnalysisForm
from migmap.ui.forms.picking import ClassEditor, ColumnsEditor, GroupsEditor
from migmap.ui.forms.several import BesideEditor, LayersEditor

Small = Callable[[], Path]


def floods(folder: Path, names: Sequence[str] = ("flood_rp10", "flood_rp50", "flood_rp100")) -> list[Path]:
    paths = [folder / f"{name}.tif" for name in names]
    for path in paths:
        shutil.copyfile(folder / "flood.tif", path)
    return paths


def form(driver: Driver) -> AnalysisForm:
    driver.trigger("run_exposure")
    return driver.dialog(AnalysisForm)


def table(shown: AnalysisForm) -> LayersEditor:
    editor = shown.editors["hazard"]
    assert isinstance(editor, LayersEditor)
    return editor


def titles(shown: AnalysisForm) -> list[str]:
    return [layer.title for layer in table(shown).layers]


def test_a_ladder_is_filled_in_with_its_return_periods(driver: Driver, small: Small) -> None:
    # Added in another order than that of their return periods.
    ten, fifty, hundred = floods(small())
    driver.open(hundred, ten, fifty)
    shown = form(driver)
    assert titles(shown) == ["Flood rp10", "Flood rp50", "Flood rp100"]
    assert shown.values()["return_period"] == [10.0, 50.0, 100.0]
    words = shlex.split(shown.command())
    assert words[3:15] == [
        *("--hazard", str(ten), "--hazard", str(fifty), "--hazard", str(hundred)),
        *("--return-period", "10", "--return-period", "50", "--return-period", "100"),
    ]
    assert "Flood rp50" in shown._sentence.text()
    shown.close()


def test_rows_are_moved_taken_away_and_added(driver: Driver, small: Small) -> None:
    driver.open(*floods(small()))
    shown = form(driver)
    hazard = table(shown)
    hazard.shift(hazard.rows[2], -1)
    assert titles(shown) == ["Flood rp10", "Flood rp100", "Flood rp50"]
    assert shown.values()["return_period"] == [10.0, 100.0, 50.0]
    hazard.remove(hazard.rows[0])
    assert shown.values()["return_period"] == [100.0, 50.0]
    assert hazard.set_button.isVisibleTo(shown)
    hazard.set_button.click()
    assert titles(shown) == ["Flood rp10", "Flood rp50", "Flood rp100"]
    assert not hazard.set_button.isVisibleTo(shown)
    # A single event has no average year.
    hazard.choose(driver.layer_id("Flood rp50"))
    assert "return_period" not in shown.values()
    hazard.add()
    assert "every row" in hazard.fault()
    hazard.rows[1].layer.choose(driver.layer_id("Flood rp50"))
    assert "twice" in hazard.fault()
    hazard.rows[1].layer.choose(driver.layer_id("Flood rp10"))
    assert hazard.fault() == ""
    shown.close()


def test_what_stands_beside_a_hazard_is_for_every_row_or_for_none(driver: Driver, small: Small) -> None:
    driver.open(*floods(small()))
    shown = form(driver)
    periods, labels = shown.editors["return_period"], shown.editors["label"]
    assert isinstance(periods, BesideEditor)
    assert isinstance(labels, BesideEditor)
    labels.set_value(["today"])
    assert "in every row" in labels.fault()
    shown.submit()
    assert "Labels" in labels.fault_shown
    assert not driver.window.activity.running()
    labels.set_value(["today", "today", "today"])
    assert shown.values()["label"] == ["today", "today", "today"]
    periods.cells[0].set_value("ten")
    assert "“ten” is not a number" in periods.fault()
    # What was typed stays when the table changes.
    periods.set_value([5, 6, 7])
    table(shown).remove(table(shown).rows[1])
    assert shown.values()["return_period"] == [5, 7]
    # A row that joins gets what its name says beside what was typed.
    table(shown).add()
    assert "return_period" not in shown.values()
    table(shown).rows[2].layer.choose(driver.layer_id("Flood rp50"))
    assert shown.values()["return_period"] == [5, 7, 50]
    shown.close()


def test_two_futures_get_labels_that_tell_them_apart(driver: Driver, small: Small) -> None:
    names = [f"flood_{s}_rp{n}" for s in ("historical", "rcp45") for n in (10, 100)]
    driver.open(*floods(small(), names))
    shown = form(driver)
    # One ladder to begin with: the other future is another question.
    assert len(titles(shown)) == 2
    table(shown).choose_all([layer.id for layer in driver.window.desk.project.layers])
    assert shown.values()["label"] == ["historical", "historical", "rcp45", "rcp45"]
    assert shown.values()["return_period"] == [10.0, 100.0, 10.0, 100.0]
    shown.close()


def test_a_scheme_for_the_hazard_is_offered_and_takes_the_place_of_edges(
    driver: Driver, small: Small
) -> None:
    driver.open(*floods(small()))
    shown = form(driver)
    offer = shown._offers["scheme"]
    assert offer.isVisibleTo(shown)
    assert "InaSAFE" in offer.toolTip()
    assert shown.editors["classes"].isVisibleTo(shown)
    offer.click()
    (chosen,) = shown.values()["scheme"]
    assert chosen == "flood-depth"
    assert not shown.editors["classes"].isVisibleTo(shown)
    assert not offer.isVisibleTo(shown)
    affected = shown.editors["affected_from"]
    assert isinstance(affected, ClassEditor)
    offered = [affected.combo.itemText(row) for row in range(affected.combo.count())]
    assert offered == ["", "low", "medium", "high"]
    affected.set_value("deep")
    assert "none of the classes" in affected.fault()
    affected.set_value("medium")
    assert shown.values()["affected_from"] == "medium"
    # One scheme a row is possible, too.
    scheme = shown.editors["scheme"]
    assert isinstance(scheme, BesideEditor)
    scheme.cells[0].set_value("flood-wet-dry")
    assert shown.values()["scheme"] == ["flood-wet-dry", "flood-depth", "flood-depth"]
    shown.close()


def test_classes_of_edges_are_offered_for_the_affected(driver: Driver, small: Small) -> None:
    driver.open(small() / "flood.tif")
    shown = form(driver)
    table(shown).choose(driver.layer_id("Flood"))
    shown.set_values({"classes": ["0.1", "0.50"]})
    affected = shown.editors["affected_from"]
    assert isinstance(affected, ClassEditor)
    assert [affected.combo.itemText(row) for row in range(affected.combo.count())] == [
        "",
        "0.1-0.50",
        "0.50+",
    ]
    shown.close()


def test_a_profile_may_be_a_file_and_a_damaged_one_is_said_at_once(
    driver: Driver, small: Small, tmp_path: Path
) -> None:
    driver.open(*floods(small()))
    shown = form(driver)
    rates = shown.editors["rates"]
    assert isinstance(rates, ProfileEditor)
    # Rates for the hazard at hand come first.
    assert str(rates.combo.itemData(1)).startswith("flood")
    assert rates.combo.itemData(1, Qt.ItemDataRole.ToolTipRole)
    rates._picked(rates.combo.findData("+"))
    dialog = driver.dialog(QFileDialog)
    damaged = tmp_path / "mine.toml"
    damaged.write_text("title = 1\n", encoding="utf-8")
    dialog.fileSelected.emit(str(damaged))
    dialog.reject()
    assert rates.value() == str(damaged)
    assert rates.fault_shown
    rates.set_value("flood-planning")
    rates.show_fault()
    assert rates.fault_shown == ""
    assert shown.values()["rates"] == "flood-planning"
    shown.close()


def test_sections_say_what_they_hold_and_open_where_something_is_wrong(driver: Driver, small: Small) -> None:
    driver.open(*floods(small()))
    shown = form(driver)
    fields = declared_fields(shown.tool.Params)
    assert list(shown._sections) == list(dict.fromkeys(field.section for field in fields))
    consequences = shown._sections["Consequences"]
    assert not consequences.is_open
    assert "Displacement rates" in consequences.summary.text()
    shown.editors["rates"].set_value("flood-planning")
    shown._changed()
    assert consequences.summary.text().startswith("Displacement rates: ")
    shown.editors["rates"].set_value("no-such-rates")
    shown.submit()
    assert consequences.is_open
    assert "no-such-rates" in shown.editors["rates"].fault_shown
    shown.close()


def test_groups_and_levels_of_the_layers_are_there_to_tick(driver: Driver, small: Small) -> None:
    folder = small()
    sites = geopandas.read_file(folder / "sites.geojson")
    sites.assign(female=[4, 9, 14, 19], male=[6, 11, 16, 21]).to_file(folder / "groups.geojson")
    areas = geopandas.read_file(folder / "areas.geojson")
    wide = geopandas.GeoDataFrame(
        {
            "ADM2_PCODE": ["PK1", "PK2", "PK3"],
            "ADM2_EN": ["West", "East", "North"],
            "ADM1_EN": ["A", "A", "B"],
        },
        geometry=[*areas.geometry, areas.geometry[0].buffer(0.01).difference(areas.union_all())],
        crs=areas.crs,
    )
    wide.to_file(folder / "adm2.geojson")
    driver.open(folder / "groups.geojson", folder / "adm2.geojson", folder / "flood.tif")
    shown = form(driver)
    table(shown).choose(driver.layer_id("Flood"))
    shown.set_values({"exposed": str(folder / "groups.geojson"), "people": "population"})
    groups = shown.editors["groups"]
    assert isinstance(groups, GroupsEditor)
    assert groups.value() is None
    groups.list.item(0).setCheckState(Qt.CheckState.Checked)
    assert shown.values()["groups"] == ["female"]
    groups.set_value("all")
    assert shown.values()["groups"] == ["all"]
    assert "--groups all" in shown.command()
    rollup = shown.editors["rollup"]
    assert isinstance(rollup, ColumnsEditor)
    # The level above is taken unless somebody says otherwise; the own names of the areas are not offered.
    assert rollup.value() == ["ADM1_EN"]
    assert rollup.list.count() == 1
    rollup.list.item(0).setCheckState(Qt.CheckState.Unchecked)
    assert "rollup" not in shown.values()
    shown.close()


def test_an_earlier_run_of_the_project_is_compared_with(driver: Driver, small: Small) -> None:
    folder = small()
    driver.open(folder / "sites.geojson", folder / "areas.geojson", folder / "flood.tif")
    values = {"classes": ["0.5"], "exposed": str(folder / "sites.geojson"), "people": "population"}
    for edge in ("0.5", "2"):
        shown = form(driver)
        table(shown).choose(driver.layer_id("Flood"))
        shown.set_values({**values, "classes": [edge]})
        compare = shown.editors["compare"]
        assert isinstance(compare, RunEditor)
        if edge == "2":
            compare.combo.setCurrentIndex(1)
            compare._picked(1)
            driver.settle()
            before = driver.window.results.run_id
            saved = json.loads(Path(str(compare.value())).read_text(encoding="utf-8"))
            assert saved["run"] == before == compare.run_id
            words = shlex.split(shown.command())
            assert words[words.index("--compare") + 1] == compare.value()
        shown.submit()
        driver.settle()
    results = driver.window.results
    assert results.run_id != before
    assert driver.no_dialog()
    assert results.shows.isVisibleTo(results)
    results.shape.setCurrentIndex(results.shape.findData("long"))
    head, first = (line.split("\t") for line in results.text().splitlines()[:2])
    at = head.index("Before")
    assert head[at : at + 3] == ["Before", "After", "Change"]
    run = driver.workbench.known_run(results.run_id)
    assert run is not None
    metric = run.result.metrics[0]
    assert metric.before is not None
    assert metric.after is not None
    assert [float(text) for text in first[at : at + 3]] == [metric.before, metric.after, metric.value]
    assert metric.value == metric.after - metric.before
    # One row an area: the change, or one of the two.
    results.shape.setCurrentIndex(results.shape.findData("wide"))
    for shows, value in (("change", metric.value), ("before", metric.before), ("after", metric.after)):
        results.shows.setCurrentIndex(results.shows.findData(shows))
        assert results.model.table.rows[0][2] == value
    # A file that is gone is said before the run begins.
    shown = form(driver)
    shown.editors["compare"].set_value(str(folder / "gone.json"))
    shown.submit()
    assert "is not there" in shown.editors["compare"].fault_shown
    shown.close()


@pytest.mark.parametrize("direction", [Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft])
def test_the_form_fits_a_small_screen(driver: Driver, small: Small, direction: Qt.LayoutDirection) -> None:
    folder = small()
    driver.open(*floods(folder), folder / "sites.geojson", folder / "areas.geojson")
    shown = form(driver)
    shown.setLayoutDirection(direction)
    for section in shown._sections.values():
        section.head.setChecked(True)
    driver.qtbot.wait(20)
    assert shown.width() <= 800
    assert shown.height() <= 728
    body = shown._area.widget()
    assert body.minimumSizeHint().width() <= shown._area.viewport().width()
    shown.close()
