"""The parts of the reading dialog by themselves."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from migmap.api import Change, ColumnInfo, Finding, Guess, Probe, Problem, Reading, Source
from migmap.app.preview import Preview, PreviewRow
from migmap.app.registry import Registry
from migmap.geo.accounting import Accounting
from migmap.geo.peoplereadings import PeopleReading
from migmap.ui.dialogs.changes import ChangesDialog
from migmap.ui.reading.accounts import equation, people_told, told
from migmap.ui.reading.columns import ColumnCombo, with_samples
from migmap.ui.reading.doubts import doubts
from migmap.ui.reading.mends import PERSONAL, MendsList, in_words
from migmap.ui.reading.places import CrsField, crs_typed
from migmap.ui.reading.preview import PreviewModel, in_order, short
from migmap.ui.reading.sketch import PointSketch
from migmap.ui.reading.wording import in_window_words
from migmap.ui.words import FSI, PDI

COLUMNS = (
    ColumnInfo("ضلع", "text", ("پشاور", "نوشہرہ")),
    ColumnInfo("people", "int", ("1.0", "20")),
    ColumnInfo("idps", "int", ("3",)),
)
KINDS = Registry.load().kinds()


def seen(
    *,
    kind: str = "plain",
    score: float = 0.9,
    second: Guess | None = None,
    findings: tuple[Finding, ...] = (),
    reading: Reading | None = None,
    roles: dict[str, str] | None = None,
    others: dict[str, tuple[str, ...]] | None = None,
    aside: int = 0,
    problem: Problem | None = None,
    geometry: str = "point",
) -> Preview:
    guess = Guess(kind, score, roles or {}, "", others or {})
    guesses = (guess,) if second is None else (guess, second)
    probe = Probe(Source("a.csv"), "a", "CSV", geometry, columns=COLUMNS)
    return Preview(
        probe,
        reading or Reading(),
        guess,
        guesses,
        columns=tuple(column.name for column in COLUMNS),
        rows=(
            PreviewRow(2, ("پشاور", "1", "3")),
            PreviewRow(3, ("total", "1", "3"), "total of the rows above"),
        ),
        findings=findings,
        accounting=Accounting(2, 2 - aside, aside, None, None, None),
        whole=True,
        problem=problem,
    )


def test_a_clear_file_raises_no_doubt() -> None:
    assert doubts(seen(), KINDS) == ()
    assert doubts(seen(kind="service", second=Guess("unhcr_location", 0.3)), KINDS) == ()


@pytest.mark.parametrize(
    ("preview", "word"),
    [
        (seen(kind="service", score=0.4), "not sure"),
        (seen(kind="service", score=0.6, second=Guess("unhcr_location", 0.55)), "could be"),
        (seen(findings=(Finding("swapped", "warning", "Turned.", fix="Turn them."),)), "Turned."),
        (seen(findings=(Finding("header-missing", "warning", "No header."),)), "No header."),
        (seen(findings=(Finding(PERSONAL, "warning", "Left out: “phone”."),)), "Left out"),
        (seen(aside=1), "1 row is set aside"),
        (seen(problem=Problem("No rows.")), "No rows."),
        (
            seen(kind="katchi_abadi", roles={"people": "people"}, others={"people": ("idps",)}),
            "Several columns could be",
        ),
    ],
)
def test_what_is_doubtful_is_asked(preview: Preview, word: str) -> None:
    assert any(word in text for text in doubts(preview, KINDS))


def test_what_was_decided_is_not_asked_again() -> None:
    swapped = Finding("swapped", "warning", "Turned.", fix="Turn them.")
    assert doubts(seen(kind="service", score=0.4, reading=Reading(kind="service")), KINDS) == ()
    assert doubts(seen(findings=(swapped,), reading=Reading(fixes=("swapped",))), KINDS) == ()
    assert doubts(seen(aside=1, reading=Reading(roles={"people": "people"})), KINDS) == ()


def test_a_raster_whose_name_says_nothing_joins_without_a_question() -> None:
    assert doubts(seen(kind="hazard", score=0.35, geometry="raster"), KINDS) == ()


def test_a_population_raster_that_does_not_say_what_its_cells_hold_is_asked_about() -> None:
    def read(unit: str, advised: bool) -> PeopleReading:
        return PeopleReading("count" if unit == "count" else "density-km2", 5.0, 5.0, 5.0, 1.0, advised)

    raster = seen(kind="population", geometry="raster")
    assert doubts(raster, KINDS, (read("count", False), read("density", False)))
    assert doubts(raster, KINDS, (read("count", False), read("density", True)))
    assert not doubts(raster, KINDS, (read("count", True), read("density", False)))
    said = seen(kind="population", geometry="raster", reading=Reading(people_unit="density-km2"))
    assert not doubts(said, KINDS, (read("count", False), read("density", False)))


def test_columns_show_values_and_the_likely_ones_first(qtbot: QtBot) -> None:
    combo = ColumnCombo()
    qtbot.addWidget(combo)
    combo.show_columns(COLUMNS, "people", ("idps",))
    assert combo.column() == "people"
    assert combo.offered()[:2] == ["people", "idps"]
    picked: list[str] = []
    combo.picked.connect(lambda: picked.append(combo.column()))
    combo.pick("")
    combo.pick("ضلع")
    assert picked == ["", "ضلع"]
    assert with_samples(COLUMNS[1]) == f"{FSI}people{PDI}  ·  {FSI}1{PDI}, {FSI}20{PDI}"
    assert with_samples(COLUMNS[0]).startswith(f"{FSI}ضلع{PDI}")


def test_the_preview_puts_columns_with_roles_first_and_greys_what_is_set_aside() -> None:
    change = Change(2, "people", "1", "10", "ten times")
    preview = seen(findings=(Finding("tens", "warning", "Tens.", fix="Times ten.", changes=(change,)),))
    shown = in_order(preview, {"people": "People"})
    model = PreviewModel()
    model.show(shown)
    assert shown.columns[0] == "people"
    from PySide6.QtCore import Qt

    roles = Qt.ItemDataRole
    assert model.index(0, 0).data() == "2"
    assert model.index(0, 1).data(roles.BackgroundRole) is not None
    assert model.index(0, 1).data(roles.ToolTipRole) == "1 becomes 10"
    assert model.index(0, 2).data(roles.BackgroundRole) is None
    assert "total of the rows above" in model.index(1, 1).data(roles.ToolTipRole)


@pytest.mark.parametrize(
    ("text", "shown"),
    [("71.82371686846862", "71.823717"), ("71.5", "71.5"), ("2024-03-01 00:00:00", "2024-03-01"), ("a", "a")],
)
def test_long_numbers_are_short_on_show(text: str, shown: str) -> None:
    assert short(text) == shown


def test_boxes_say_which_mends_and_rows_are_used(qtbot: QtBot) -> None:
    mends = MendsList()
    qtbot.addWidget(mends)
    changes = tuple(Change(row, "Lat", "1", "2") for row in range(5))
    findings = (
        Finding("swapped", "warning", "Turned.", count=5, rows=(1, 2), fix="Turn them.", changes=changes),
        Finding("total-row", "warning", "Totals."),
        Finding(PERSONAL, "warning", "Left out: “phone” (phones), “head” (names)."),
    )
    mends.show_findings(findings, ("total-row",), Reading(fixes=("other",)), ("phone", "head", "name"))
    mends.boxes["fix", "swapped"].click()
    mends.boxes["keep", "total-row"].click()
    mends.boxes["keep", f"{PERSONAL}:phone"].click()
    # What an earlier reading decided and is not on show stays decided.
    assert mends.fixes() == ("other", "swapped")
    assert mends.keep() == ("total-row", f"{PERSONAL}:phone")
    mends.show_findings(findings, ("total-row",), Reading(fixes=("swapped",)), ())
    mends.boxes["fix", "swapped"].click()
    assert mends.fixes() == ()
    assert in_words(changes[0]) == f"Row 0, {FSI}Lat{PDI}: {FSI}1{PDI} → {FSI}2{PDI}"
    dialog = ChangesDialog(findings[0])
    assert dialog.table.model().rowCount() == 5
    dialog.close()


def test_a_coordinate_system_is_chosen_or_typed(qtbot: QtBot) -> None:
    field = CrsField("As found")
    qtbot.addWidget(field)
    assert field.crs() is None
    field.show_crs("EPSG:32643")
    assert field.crs() == "EPSG:32643"
    field.show_crs("EPSG:24313")
    assert field.crs() == "EPSG:24313"
    field.line.setText("nonsense")
    assert field.crs() == ""


def test_the_sketch_knows_where_the_rows_lie(qtbot: QtBot) -> None:
    sketch = PointSketch()
    qtbot.addWidget(sketch)
    assert sketch.box() is None
    sketch.resize(200, 150)
    sketch.grab()
    sketch.show_points([(70.0, 30.0), (72.0, 35.0)])
    assert sketch.box() == (70.0, 30.0, 72.0, 35.0)
    sketch.grab()


@pytest.mark.parametrize(
    ("text", "window"),
    [
        ("Use --map latitude=Lat_impact here.", f"Use “Latitude, or y”: {FSI}Lat_impact{PDI} here."),
        ("Say --crs EPSG:32642.", "Say “Coordinate system”: EPSG:32642."),
        ("Left out. To keep them state --keep personal-columns-dropped, or --keep x:Y for one.", "Left out."),
        ("A dash -- stays.", "A dash -- stays."),
        ("Nothing here.", "Nothing here."),
    ],
)
def test_findings_speak_the_words_of_the_window(text: str, window: str) -> None:
    assert in_window_words(text) == window


@pytest.mark.parametrize(
    ("typed", "crs"),
    [
        ("24313", "EPSG:24313"),
        (" epsg:4326 ", "EPSG:4326"),
        ("36N", "EPSG:32636"),
        ("UTM zone 42 north", "EPSG:32642"),
        ("18 S", "EPSG:32718"),
        ("61N", ""),
        ("UTM", ""),
        ("", ""),
    ],
)
def test_a_typed_coordinate_system_is_a_code_or_a_zone(typed: str, crs: str) -> None:
    assert crs_typed(typed) == crs


def test_choices_are_listed_and_systems_called_in_full() -> None:
    said = in_window_words("To use those: --map longitude=Lon_b --map latitude=Lat_b. State its CRS.")
    assert "--" not in said
    assert f"{FSI}Lon_b{PDI}, " in said
    assert said.endswith("State its coordinate system.")


def test_rows_and_people_are_accounted_for_in_words() -> None:
    everything = Accounting(5, 5, 0, 1200, 1200, 0)
    assert told(everything) == "5 rows, all used. 1,200 people."
    assert equation(everything) == "5 rows, all used  ·  1,200 people"
    some = Accounting(5, 4, 1, 30, 20, 10)
    assert told(some) == "5 rows: 4 used, 1 set aside. 30 people: 20 used, 10 set aside."
    assert told(Accounting(1, 1, 0, None, None, None)) == "1 row, all used."


def test_the_people_of_a_raster_are_told_under_the_meaning_of_its_cells() -> None:
    readings = (
        PeopleReading("count", 2961161.0, 2961161.0, 2961161.0, 3424.0),
        PeopleReading("density-km2", 24089.4, 20000.0, 28000.0, 27.9),
    )
    assert people_told(readings, None) == "2,961,161 people in all, read as people in the cell."
    assert people_told(readings, "density-km2") == "24,100 people in all, read as people per area."
    assert people_told(readings, "density-ha") == ""
