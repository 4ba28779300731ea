"""Forms made from declarations: what they ask, what they refuse, what they would run."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import pytest
from pydantic import Field
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot
from window_fixture import Driver

from migmap.api import Flag, Params, Problem, declared_fields
from migmap.ui.forms.command import as_typed, run_words
from migmap.ui.forms.fields import NumberEditor, NumberListEditor, TextListEditor
from migmap.ui.forms.form import AnalysisForm
from migmap.ui.forms.inputs import ColumnEditor, InputEditor
from migmap.ui.forms.problem_bar import in_titles

Small = Callable[[], Path]


class Example(Params):
    limit_km: float | None = Field(None, gt=0, le=100, title="Limit", json_schema_extra={"unit": "km"})
    count: int = Field(3, ge=1, title="Count")
    edges: tuple[float, ...] = Field((), title="Edges")
    where: Annotated[tuple[str, ...], Flag("COL=VALUE")] = Field((), title="Where")


FIELDS = {field.name: field for field in declared_fields(Example)}


@pytest.mark.parametrize(
    ("text", "value", "fault"),
    [
        ("", None, ""),
        ("5", 5.0, ""),
        (" 2.5 ", 2.5, ""),
        ("five", None, "“five” is not a number."),
        ("nan", None, "“nan” is not a number."),
        ("1e999", None, "“1e999” is not a number."),
        ("101", 101.0, "101 km is too large: at most 100 km."),
    ],
)
def test_a_number_is_checked_as_it_is_typed(qtbot: QtBot, text: str, value: float | None, fault: str) -> None:
    editor = NumberEditor(FIELDS["limit_km"])
    qtbot.addWidget(editor)
    editor.line.setText(text)
    assert editor.value() == value
    assert editor.fault() == fault


def test_a_whole_number_stays_whole(qtbot: QtBot) -> None:
    editor = NumberEditor(FIELDS["count"])
    qtbot.addWidget(editor)
    editor.line.setText("2.5")
    assert "whole" in editor.fault()
    editor.line.setText("4")
    assert editor.value() == 4
    assert isinstance(editor.value(), int)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.1, 0.50, 1.5", ["0.1", "0.50", "1.5"]),
        ("0.1;0.5", ["0.1", "0.5"]),
        ("0.1 0.5", ["0.1", "0.5"]),
        ("", None),
    ],
)
def test_a_list_of_numbers_takes_what_people_type(qtbot: QtBot, text: str, value: Any) -> None:
    editor = NumberListEditor(FIELDS["edges"])
    qtbot.addWidget(editor)
    editor.line.setText(text)
    assert editor.value() == value
    assert editor.fault() == ""


def test_a_list_of_numbers_names_what_is_no_number(qtbot: QtBot) -> None:
    editor = NumberListEditor(FIELDS["edges"])
    qtbot.addWidget(editor)
    editor.line.setText("0.1, half")
    assert "“half”" in editor.fault()


def test_conditions_are_checked_against_their_pattern(qtbot: QtBot) -> None:
    editor = TextListEditor(FIELDS["where"])
    qtbot.addWidget(editor)
    editor.line.setText("sector=health, open")
    assert "“open”" in editor.fault()
    editor.line.setText("sector=health, open=yes")
    assert editor.fault() == ""
    assert editor.value() == ["sector=health", "open=yes"]


def form(driver: Driver, name: str) -> AnalysisForm:
    driver.trigger(f"run_{name}")
    return driver.dialog(AnalysisForm)


def test_the_form_is_filled_from_kinds_and_roles(driver: Driver, small: Small) -> None:
    folder = small()
    driver.open(folder / "sites.geojson", folder / "areas.geojson", folder / "flood.tif")
    shown = form(driver, "exposure")
    areas = shown.editors["areas"]
    assert isinstance(areas, InputEditor)
    assert areas.layer is not None
    assert areas.layer.title == "Areas"
    assert shown.editors["area_id"].value() == "ADM2_PCODE"
    shown.close()


def test_only_what_applies_is_asked(driver: Driver, small: Small) -> None:
    folder = small()
    driver.open(folder / "sites.geojson", folder / "areas.geojson", folder / "flood.tif")
    shown = form(driver, "exposure")
    hazard = shown.editors["hazard"]
    assert isinstance(hazard, InputEditor)
    hazard.choose(driver.layer_id("Flood"))
    assert shown.editors["classes"].isVisibleTo(shown)
    assert not shown.editors["hazard_class"].isVisibleTo(shown)
    hazard.choose(driver.layer_id("Areas"))
    assert not shown.editors["classes"].isVisibleTo(shown)
    assert shown.editors["hazard_class"].isVisibleTo(shown)
    assert not shown.editors["population"].isVisibleTo(shown)
    shown.close()


def test_layers_that_do_not_fit_are_not_offered(driver: Driver, small: Small) -> None:
    folder = small()
    driver.open(folder / "sites.geojson", folder / "areas.geojson", folder / "flood.tif")
    shown = form(driver, "exposure")
    hazard, areas = shown.editors["hazard"], shown.editors["areas"]
    assert isinstance(hazard, InputEditor)
    assert isinstance(areas, InputEditor)
    assert {layer.title for layer in hazard.fitting()} == {"Areas", "Flood"}
    assert {layer.title for layer in areas.fitting()} == {"Areas"}
    shown.close()


def test_what_is_missing_is_said_beside_the_field(driver: Driver, small: Small) -> None:
    driver.open(small() / "sites.geojson")
    shown = form(driver, "service-gap")
    services, sites = shown.editors["services"], shown.editors["sites"]
    assert isinstance(services, InputEditor)
    assert isinstance(sites, InputEditor)
    services.choose("")
    shown.submit()
    assert services.fault_shown == "Choose a layer."
    limit = shown.editors["limit_km"]
    services.choose(driver.layer_id("Sites"))
    sites.choose(driver.layer_id("Sites"))
    limit.set_value(-1)
    shown.submit()
    assert limit.fault_shown
    assert not driver.window.activity.running()
    shown.close()


def test_a_column_follows_its_layer(driver: Driver, small: Small) -> None:
    folder = small()
    driver.open(folder / "sites.geojson", folder / "areas.geojson")
    shown = form(driver, "service-gap")
    sites, people = shown.editors["sites"], shown.editors["people"]
    assert isinstance(sites, InputEditor)
    assert isinstance(people, ColumnEditor)
    sites.choose(driver.layer_id("Sites"))
    assert [people.combo.itemText(row) for row in range(people.combo.count())] == ["not set", "population"]
    sites.choose(driver.layer_id("Areas"))
    assert people.value() is None
    shown.close()


def test_a_new_layer_can_be_chosen_at_once(driver: Driver, small: Small) -> None:
    folder = small()
    driver.open(folder / "sites.geojson")
    shown = form(driver, "exposure")
    hazard = shown.editors["hazard"]
    assert isinstance(hazard, InputEditor)
    assert hazard.fitting() == []
    shown.submit()
    assert "Add a file" in hazard.fault_shown
    driver.open(folder / "flood.tif")
    assert [layer.title for layer in hazard.fitting()] == ["Flood"]
    shown.close()


def test_the_problem_of_a_run_is_said_in_the_form(driver: Driver, small: Small) -> None:
    driver.open(small() / "flood.tif")
    shown = form(driver, "exposure")
    hazard = shown.editors["hazard"]
    assert isinstance(hazard, InputEditor)
    hazard.choose(driver.layer_id("Flood"))
    shown.editors["classes"].set_value([0.5, 0.1])
    shown.submit()
    driver.settle()
    driver.until(lambda: bool(shown.problem_text()))
    assert "--classes" not in shown.problem_text()
    assert shown.run_button.isEnabled()
    shown.close()


def test_copy_as_command_gives_the_command_line(driver: Driver, small: Small) -> None:
    folder = small()
    driver.open(folder / "sites.geojson", folder / "flood.tif")
    shown = form(driver, "exposure")
    for name, title in (("hazard", "Flood"), ("exposed", "Sites")):
        editor = shown.editors[name]
        assert isinstance(editor, InputEditor)
        editor.choose(driver.layer_id(title))
    shown.editors["classes"].set_value([0.1, 0.5])
    shown.copy_command()
    words = shlex.split(QGuiApplication.clipboard().text())
    assert words[:3] == ["migmap", "run", "exposure"]
    given = dict(zip(words[3::2], words[4::2], strict=True))
    assert given["--hazard"] == str(folder / "flood.tif")
    assert given["--classes"] == "0.1,0.5"
    assert given["--people"] == "population"
    shown.close()


def test_words_with_spaces_are_quoted() -> None:
    assert as_typed(["migmap", "run", "a b"]) in ("migmap run 'a b'", 'migmap run "a b"')


def test_defaults_are_not_spelled_out(driver: Driver) -> None:
    tool = driver.workbench.registry.analysis("service-gap")
    words = run_words(
        tool, {"sites": "a.csv", "services": "b.csv", "services_where": ["x=1", "y=2"]}, "EPSG:4326"
    )
    assert words[3:] == [
        *("--sites", "a.csv", "--services", "b.csv"),
        *("--services-where", "x=1", "--services-where", "y=2", "--crs", "EPSG:4326"),
    ]


def test_options_are_called_by_their_titles_in_the_form() -> None:
    problem = Problem("--limit-km must rise")
    assert in_titles(problem.title, tuple(FIELDS.values())) == "“Limit” must rise"


def test_what_a_run_refuses_is_said_in_the_words_of_the_form(driver: Driver) -> None:
    fields = declared_fields(driver.workbench.registry.analysis("exposure").Params)
    said = in_titles(
        "/data/pop.tif: give --population density:people/10ha.", fields, {"/data/pop.tif": "People"}
    )
    assert "--" not in said
    assert "density:" not in said
    assert "/data" not in said
    assert "“What the population raster holds: people/10ha”" in said
    assert in_titles("(--hazard-class zone)", fields).startswith("(“")
