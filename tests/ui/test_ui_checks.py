"""Checks of the data on screen, and what a person says of a layer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from window_fixture import Driver

from migmap.api import VectorData
from migmap.ui.dialogs.properties import PropertiesDialog

Small = Callable[[], Path]

TWICE = "name,latitude,longitude,population\n" + "".join(
    f"v{i},{30 + i / 10},{70 + i / 10},{100 * i}\n" for i in (1, 2, 3, 3, 4)
)


@pytest.fixture
def checked(driver: Driver, small: Small) -> Driver:
    """A layer with a row that stands in it twice, and areas; checked."""
    folder = small()
    (folder / "twice.csv").write_text(TWICE, encoding="utf-8")
    driver.open(folder / "areas.geojson", folder / "twice.csv")
    driver.window.desk.choose(driver.layer_id("Twice"))
    driver.trigger("check_layer")
    driver.settle()
    return driver


def test_checking_a_layer_lists_what_is_wrong_by_severity(checked: Driver) -> None:
    window = checked.window
    panel = window.checks_panel
    assert window.tabs.currentWidget() is panel
    codes = {one.finding.code for one in panel.shown}
    assert "duplicate-rows" in codes
    assert "outside-areas" in codes
    assert "warning" in panel.summary()
    assert panel.completeness.model().rowCount() > 0


def test_a_finding_shows_its_rows_on_map_and_table(checked: Driver) -> None:
    window = checked.window
    panel = window.checks_panel
    panel.pick("duplicate-rows")
    panel._ask_rows()
    checked.settle()
    assert window.area.canvas is not None
    assert window.area.canvas.selection == (checked.layer_id("Twice"), 3)
    window.show_dock("table")
    assert (
        window.attributes.table.selectionModel().isRowSelected(3) or window.attributes.model.table_row(3) == 3
    )


def test_a_mend_is_applied_undone_and_replayed(checked: Driver) -> None:
    window = checked.window
    layer_id = checked.layer_id("Twice")
    window.checks.apply(layer_id, "duplicate-rows")
    checked.until(lambda: "duplicate-rows" in window.desk.project.layer(layer_id).reading.fixes)
    checked.settle()
    data = window.desk.data_of(window.desk.project.layer(layer_id))
    assert isinstance(data, VectorData)
    assert len(data.frame) == 4
    assert sum(len(one.frame) for one in data.aside) == 1
    # The panel was filled anew with the mend in place.
    assert all(
        one.finding.applied for one in window.checks_panel.shown if one.finding.code == "duplicate-rows"
    )
    checked.trigger("undo")
    checked.settle()
    data = window.desk.data_of(window.desk.project.layer(layer_id))
    assert isinstance(data, VectorData)
    assert len(data.frame) == 5
    assert "changed since" in window.checks_panel.summary()


def test_the_project_is_checked_as_a_whole(checked: Driver) -> None:
    checked.trigger("check_project")
    checked.settle()
    panel = checked.window.checks_panel
    assert {one.title for one in panel.shown if one.layer_id} >= {"Twice", "Areas"}
    panel.which.setCurrentIndex(panel.which.findData(checked.layer_id("Areas")))
    assert {one.title for one in panel.shown} <= {"Areas"}
    assert panel.gaps.model().columnCount() >= 1


@pytest.mark.parametrize("ending", [".html", ".xlsx"])
def test_the_report_is_saved(checked: Driver, tmp_path: Path, ending: str) -> None:
    target = tmp_path / f"report{ending}"
    checked.window.checks.save_to(target)
    checked.settle()
    assert target.stat().st_size > 1000
    assert any(target.name in text for text in checked.window.notices.texts())


def test_an_empty_project_has_no_checks_on_show(checked: Driver) -> None:
    for layer in list(checked.window.desk.project.layers):
        checked.window.desk.choose(layer.id)
        checked.trigger("remove_layer")
    assert checked.window.checks_panel.shown == ()


def test_a_person_says_where_a_layer_comes_from(driver: Driver, small: Small) -> None:
    driver.open(small() / "sites.geojson")
    desk = driver.window.desk
    driver.trigger("layer_properties")
    dialog = driver.dialog(PropertiesDialog)
    assert len(dialog.missing()) == 2
    dialog.lines["attribution"].setText("P&D Department")
    dialog.lines["date"].setText("2026-03")
    dialog.lines["agreement"].setText("DSA 12/2025")
    dialog.sensitivity.setCurrentIndex(dialog.sensitivity.findData("confidential"))
    assert dialog.missing() == ()
    dialog.submit()
    driver.settle()
    layer = desk.project.layers[0]
    assert layer.stated["attribution"] == "P&D Department"
    assert layer.stated["agreement"] == "DSA 12/2025"
    data = desk.data_of(layer)
    assert data is not None
    assert (data.meta.attribution, data.meta.date) == ("P&D Department", "2026-03")
    assert data.meta.sensitivity == "confidential"
    driver.trigger("undo")
    driver.settle()
    assert desk.project.layers[0].stated == {}
    assert desk.project.layers[0].sensitivity is None


def test_what_was_said_is_shown_again_and_another_kind_reads_the_columns_anew(
    driver: Driver, small: Small
) -> None:
    driver.open(small() / "sites.geojson")
    desk = driver.window.desk
    for kind, source in (("refugee_village", "UNHCR"), ("refugee_village", "")):
        driver.trigger("layer_properties")
        dialog = driver.dialog(PropertiesDialog)
        dialog.kind.setCurrentIndex(dialog.kind.findData(kind))
        dialog.lines["attribution"].setText(source)
        dialog.submit()
        driver.settle()
    layer = desk.project.layers[0]
    assert layer.kind == "refugee_village"
    assert layer.roles["people"] == "population"
    assert "attribution" not in layer.stated
    driver.trigger("undo")
    driver.trigger("undo")
    driver.settle()
    assert desk.project.layers[0].kind != "refugee_village"
