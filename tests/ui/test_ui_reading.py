"""A file on its way in: what is asked, what is shown before it joins, and how it is corrected later."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from window_fixture import Driver

from migmap.api import VectorData
from migmap.ui.dialogs.choices import CrsChoice, LayerChoice
from migmap.ui.dialogs.joining import JoinDialog
from migmap.ui.dialogs.reading import ReadingDialog

Small = Callable[[], Path]

ROUND = """ضلع,Site name,Site ID,Latitude,Longitude,Individuals,HH,Phone
پشاور,Camp 1,PK-001,33.95,71.82,120,20,0301-1234567
پشاور,Camp 2,PK-002,33.92,71.45,240,40,0301-1234568
پشاور,Camp 3,PK-003,34.07,71.72,360,60,0301-1234569
Total,,,,,720,120,
چارسدہ,Camp 4,PK-004,33.98,71.64,100,20,0301-1234570
"""
METRES = "name,x,y\n" + "".join(f"v{i},{300000 + i * 1000},{3760000 + i * 500}\n" for i in range(8))


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def asked(driver: Driver, *files: Path) -> ReadingDialog:
    driver.window.files.open([str(file) for file in files])
    return driver.dialog(ReadingDialog)


def frame_of(driver: Driver, place: int = 0) -> VectorData:
    layer = driver.window.desk.project.layers[place]
    data = driver.window.desk.data_of(layer)
    assert isinstance(data, VectorData)
    return data


def test_a_clear_file_joins_at_once_and_its_rows_are_accounted_for(driver: Driver, small: Small) -> None:
    driver.open(small() / "sites.geojson")
    assert driver.titles() == ["Sites"]
    assert driver.no_dialog()
    assert any("4 rows, all used" in text for text in driver.window.notices.texts())


def test_a_doubtful_file_is_shown_before_it_joins(driver: Driver, tmp_path: Path) -> None:
    dialog = asked(driver, written(tmp_path, "round.csv", ROUND))
    assert driver.titles() == []
    assert "Phone" in dialog.doubts_shown()
    assert dialog.accounting_shown() == (
        "5 rows = 4 used + 1 set aside  ·  1,540 people = 820 used + 720 set aside"
    )
    shown = dialog.table.preview_model.shown
    assert "Phone" not in shown.columns
    assert [(row.number, bool(row.aside)) for row in shown.rows] == [
        (2, False),
        (3, False),
        (4, False),
        (5, True),
        (6, False),
    ]
    assert shown.titles is not None
    assert shown.titles["Individuals"] == "Individuals"
    assert len(dialog.sketch.box() or ()) == 4
    dialog.submit()
    driver.until(lambda: driver.titles() == ["Round"])
    driver.settle()
    assert any("5 rows: 4 used, 1 set aside." in text for text in driver.window.notices.texts())
    log = driver.window.desk.project.log[-1].what
    assert "4 rows used" in log
    assert "1 set aside" in log
    assert "Phone" in log
    assert "0301" not in log


def test_the_form_names_the_columns_that_positions_are_read_from(driver: Driver, tmp_path: Path) -> None:
    dialog = asked(driver, written(tmp_path, "round.csv", ROUND))
    combos = dialog.form.where.positions
    assert "Latitude" in combos["latitude"].currentText()
    assert "Longitude" in combos["longitude"].currentText()
    assert combos["position"].currentText() == "not needed"
    assert combos["latitude"].column() == ""
    combos["latitude"].setFocus()
    assert "Latitude" in combos["latitude"].currentText()
    assert dialog.reading().roles == {}
    titles = dialog.table.preview_model.shown.titles or {}
    assert titles["Latitude"] == "Latitude, or y"
    dialog.reject()


def test_folded_roles_are_made_when_asked_for(driver: Driver, tmp_path: Path) -> None:
    dialog = asked(driver, written(tmp_path, "round.csv", ROUND))
    columns = dialog.form.columns
    few = len(columns.roles)
    columns.unfold()
    assert len(columns.roles) > few
    role = next(name for name, combo in columns.roles.items() if not combo.column())
    columns.roles[role].pick("Site name")
    driver.until(lambda: dialog.preview is not None and dialog.preview.guess.roles.get(role) == "Site name")
    dialog.reject()


def test_undo_takes_back_what_was_told_of_an_import(driver: Driver, small: Small) -> None:
    driver.open(small() / "sites.geojson")
    assert any("Sites" in text for text in driver.window.notices.texts())
    driver.trigger("undo")
    driver.settle()
    assert not any("Sites" in text for text in driver.window.notices.texts())


def test_the_tab_key_goes_through_the_dialog_from_top_to_bottom(driver: Driver, tmp_path: Path) -> None:
    dialog = asked(driver, written(tmp_path, "round.csv", ROUND))
    seen: list[str] = []
    for _ in range(60):
        widget = dialog.focusWidget()
        assert widget is not None
        name = widget.accessibleName() or str(widget.property("text") or "")
        if name in seen[:1]:
            break
        seen.append(name)
        driver.qtbot.keyClick(widget, Qt.Key.Key_Tab)
    wanted = ["Kind of layer", "Name", "Individuals", "Latitude, or y", "First rows as they would be read"]
    wanted += ["Apply this mend"] if "Apply this mend" in seen else []
    wanted += ["Add to the map"]
    places = [seen.index(name) for name in wanted]
    assert places == sorted(places)
    (key, box) = next(iter(dialog.mends.boxes.items()))
    box.setFocus()
    driver.qtbot.keyClick(box, Qt.Key.Key_Space)
    driver.until(lambda: dialog.mends.boxes[key] is not box)
    assert dialog.focusWidget() is dialog.mends.boxes[key]
    dialog.reject()


def test_some_rows_without_position_make_no_table_to_join(driver: Driver, tmp_path: Path) -> None:
    driver.open(written(tmp_path, "some.csv", "name,lat,lon\na,33.1,71.2\nb,,\nc,33.3,71.4\n"))
    assert any("3 rows" in text for text in driver.window.notices.texts())
    assert not any("join it to areas" in text for text in driver.window.notices.texts())


def test_a_file_read_again_is_told_of_as_it_is_by_now(driver: Driver, tmp_path: Path) -> None:
    path = written(tmp_path, "plain.csv", "name,lat,lon\na,33.1,71.2\nb,33.2,71.3\nc,33.3,71.4\n")
    driver.open(path)
    assert any("3 rows" in text for text in driver.window.notices.texts())
    written(tmp_path, "plain.csv", "name,lat,lon\na,33.1,71.2\nb,33.2,71.3\n")
    driver.trigger("reload_layer")
    driver.until(lambda: any("2 rows" in text for text in driver.window.notices.texts()))
    assert not any("3 rows" in text for text in driver.window.notices.texts())
    path.unlink()
    driver.trigger("reload_layer")
    driver.settle()
    assert not any("2 rows" in text for text in driver.window.notices.texts())


def test_a_template_settles_what_is_left_out_of_every_round(driver: Driver, tmp_path: Path) -> None:
    dialog = asked(driver, written(tmp_path, "round1.csv", ROUND))
    dialog.save_template("As it comes")
    dialog.submit()
    driver.until(lambda: driver.titles() == ["Round1"])
    driver.settle()
    driver.open(written(tmp_path, "round2.csv", ROUND.replace("Camp 4", "Camp 9")))
    driver.until(lambda: len(driver.titles()) == 2)
    assert driver.no_dialog()


def test_a_table_without_positions_is_offered_to_join(driver: Driver, small: Small, tmp_path: Path) -> None:
    driver.open(small() / "areas.geojson")
    driver.open(written(tmp_path, "sums.csv", "District,Families\nA,3\nB,4\nC,8\n"))
    if not driver.no_dialog():
        driver.dialog(ReadingDialog).submit()
        driver.until(lambda: len(driver.titles()) == 2)
        driver.settle()
    assert any("join it to areas" in text for text in driver.window.notices.texts())
    driver.window.notices.press(0)
    driver.dialog(JoinDialog).reject()


def test_cancelling_the_question_leaves_the_map_alone(driver: Driver, tmp_path: Path) -> None:
    dialog = asked(driver, written(tmp_path, "round.csv", ROUND))
    dialog.reject()
    driver.settle()
    assert driver.titles() == []
    assert driver.no_dialog()


def test_rows_set_aside_are_kept_when_ticked(driver: Driver, tmp_path: Path) -> None:
    dialog = asked(driver, written(tmp_path, "round.csv", ROUND))
    (box,) = [
        box for (what, code), box in dialog.mends.boxes.items() if (what, code) == ("keep", "total-row")
    ]
    box.click()
    driver.until(lambda: dialog.accounting_shown() == "5 rows, all used  ·  1,540 people")
    dialog.submit()
    driver.until(lambda: driver.titles() == ["Round"])
    driver.settle()
    assert driver.window.desk.project.layers[0].reading.keep == ("total-row",)
    assert len(frame_of(driver).frame) == 5


def test_kind_and_columns_are_corrected_with_a_live_preview(driver: Driver, tmp_path: Path) -> None:
    dialog = asked(driver, written(tmp_path, "round.csv", ROUND))
    dialog.form.pick_kind("refugee_village")
    driver.until(lambda: dialog.preview is not None and dialog.preview.guess.kind == "refugee_village")
    dialog.form.columns.roles["name"].pick("Site ID")
    driver.until(lambda: dialog.preview is not None and dialog.preview.guess.roles.get("name") == "Site ID")
    shown = dialog.table.preview_model.shown
    assert shown.titles is not None
    assert shown.titles["Site ID"] == "Name"
    dialog.submit()
    driver.until(lambda: driver.titles() == ["Round"])
    driver.settle()
    layer = driver.window.desk.project.layers[0]
    assert (layer.kind, layer.roles["name"]) == ("refugee_village", "Site ID")


def test_columns_of_a_layer_on_the_map_are_corrected_and_undone(driver: Driver, tmp_path: Path) -> None:
    asked(driver, written(tmp_path, "round.csv", ROUND)).submit()
    driver.until(lambda: driver.titles() == ["Round"])
    driver.settle()
    desk = driver.window.desk
    before = desk.project.layers[0]
    driver.trigger("layer_reading")
    dialog = driver.dialog(ReadingDialog)
    driver.until(lambda: dialog.preview is not None)
    assert dialog.accounting_shown() == (
        "5 rows = 4 used + 1 set aside  ·  1,540 people = 820 used + 720 set aside"
    )
    dialog.form.columns.roles["people"].pick("HH")
    driver.until(lambda: dialog.preview is not None and dialog.preview.guess.roles.get("people") == "HH")
    dialog.submit()
    driver.until(lambda: desk.project.layers[0].roles.get("people") == "HH")
    driver.settle()
    assert desk.project.layers[0].id == before.id
    driver.trigger("undo")
    driver.settle()
    assert desk.project.layers[0] == before
    assert frame_of(driver).roles["people"] == "Individuals"
    driver.trigger("redo")
    driver.settle()
    assert frame_of(driver).roles["people"] == "HH"


def test_keeping_personal_columns_makes_the_layer_confidential(driver: Driver, tmp_path: Path) -> None:
    asked(driver, written(tmp_path, "round.csv", ROUND)).submit()
    driver.until(lambda: driver.titles() == ["Round"])
    driver.settle()
    desk = driver.window.desk
    layer = desk.project.layers[0]
    assert layer.sensitivity is None
    keep = ("personal-columns-dropped",)
    driver.window.readings.read_anew(layer.id, layer.reading.changed(keep=keep))
    # Renamed while it is read: neither change takes the other back.
    driver.window.layers.set_title(layer.id, "Round 12")
    driver.until(lambda: desk.project.layers[0].reading.keep == keep)
    driver.settle()
    assert desk.project.layers[0].title == "Round 12"
    assert frame_of(driver).meta.sensitivity == "confidential"
    assert "Phone" in frame_of(driver).frame.columns
    driver.trigger("undo")
    driver.settle()
    assert "Phone" not in frame_of(driver).frame.columns


def test_many_doubtful_files_wait_for_one_look_after_another(
    driver: Driver, tmp_path: Path, small: Small
) -> None:
    files = [written(tmp_path, f"round{i}.csv", ROUND) for i in range(4)]
    driver.open(*files, small() / "sites.geojson")
    assert driver.titles() == ["Sites"]
    assert driver.no_dialog()
    texts = driver.window.notices.texts()
    (waiting,) = [text for text in texts if "4 files need a look" in text]
    driver.window.notices.press(texts.index(waiting))
    for place in range(4):
        dialog = driver.dialog(ReadingDialog)
        if place == 1:
            dialog.reject()
        else:
            dialog.submit()
        driver.settle()
    assert driver.no_dialog()
    assert len(driver.titles()) == 4


def test_the_notice_of_what_waits_is_not_pushed_out(driver: Driver, tmp_path: Path) -> None:
    driver.open(*[written(tmp_path, f"round{i}.csv", ROUND) for i in range(2)])
    for number in range(4):
        driver.window.notices.say(f"news {number}")
    assert any("2 files need a look" in text for text in driver.window.notices.texts())


def test_a_table_in_metres_asks_for_its_coordinate_system(driver: Driver, tmp_path: Path) -> None:
    dialog = asked(driver, written(tmp_path, "metres.csv", METRES))
    assert dialog.doubts_shown()
    assert dialog.sketch.box() is None
    dialog.form.where.crs.combo.setCurrentIndex(dialog.form.where.crs.combo.findData("EPSG:32642"))
    driver.until(lambda: dialog.sketch.box() is not None)
    dialog.submit()
    driver.until(lambda: driver.titles() == ["Metres"])
    driver.settle()
    west, south, _, _ = frame_of(driver).frame.to_crs(4326).total_bounds
    assert 66 < west < 68
    assert 33 < south < 35


def test_a_table_without_headings_is_asked_about(driver: Driver, tmp_path: Path) -> None:
    text = "".join(f"Camp {i},{33.9 + i / 100:.3f},{71.4 + i / 90:.3f},{100 + i}\n" for i in range(12))
    dialog = asked(driver, written(tmp_path, "headless.csv", text))
    dialog.form.where.positions["latitude"].pick("column_2")
    dialog.form.where.positions["longitude"].pick("column_3")
    driver.until(lambda: dialog.sketch.box() is not None)
    dialog.submit()
    driver.until(lambda: driver.titles() == ["Headless"])
    driver.settle()
    assert len(frame_of(driver).frame) == 12
    assert frame_of(driver).frame.geometry.notna().all()


def test_a_template_is_found_again_for_the_next_round(driver: Driver, tmp_path: Path) -> None:
    dialog = asked(driver, written(tmp_path, "round1.csv", ROUND))
    dialog.form.columns.roles["people"].pick("HH")
    driver.until(lambda: dialog.preview is not None and dialog.preview.guess.roles.get("people") == "HH")
    dialog.save_template("Mission rounds")
    assert "Mission rounds" in dialog.said
    dialog.submit()
    driver.until(lambda: driver.titles() == ["Round1"])
    driver.settle()
    driver.open(written(tmp_path, "round2.csv", ROUND.replace("Camp 4", "Camp 9")))
    driver.until(lambda: len(driver.titles()) == 2)
    driver.settle()
    layer = next(layer for layer in driver.window.desk.project.layers if layer.title == "Round2")
    assert layer.roles["people"] == "HH"
    assert any("Mission rounds" in text for text in driver.window.notices.texts())


def test_a_template_goes_to_a_colleague_as_a_file(driver: Driver, tmp_path: Path) -> None:
    dialog = asked(driver, written(tmp_path, "round1.csv", ROUND))
    dialog.form.columns.roles["people"].pick("HH")
    driver.until(lambda: dialog.preview is not None and dialog.preview.guess.roles.get("people") == "HH")
    dialog.save_template("Mission rounds")
    target = tmp_path / "mission.template.json"
    dialog.template_exported.emit(str(target), "Mission rounds")
    assert target.is_file()
    dialog.template_removed.emit("Mission rounds")
    assert driver.workbench.templates.list() == ()
    dialog.form.columns.roles["people"].pick("Individuals")
    driver.until(
        lambda: dialog.preview is not None and dialog.preview.guess.roles.get("people") == "Individuals"
    )
    dialog.template_imported.emit(str(target))
    driver.until(lambda: dialog.preview is not None and dialog.preview.guess.roles.get("people") == "HH")
    assert [one.name for one in driver.workbench.templates.list()] == ["Mission rounds"]
    dialog.reject()
    driver.settle()


def test_a_template_dropped_on_the_window_is_kept(driver: Driver, tmp_path: Path) -> None:
    from migmap.api import Reading
    from migmap.app.templates import Template, write_template

    target = tmp_path / "sent.template.json"
    write_template(Template(name="Sent", reading=Reading(kind="service"), columns=("a",)), target)
    driver.open(target)
    assert [one.name for one in driver.workbench.templates.list()] == ["Sent"]
    assert any("Sent" in text for text in driver.window.notices.texts())


def test_labels_of_a_form_are_given_and_taken_away(driver: Driver, tmp_path: Path) -> None:
    dialog = asked(driver, written(tmp_path, "round1.csv", ROUND))
    dialog.form.decide(choices=str(tmp_path / "no_form.xlsx"))
    driver.until(lambda: not dialog.go.isEnabled() and dialog.form.isVisible())
    dialog.form.decide(choices=None)
    driver.until(dialog.go.isEnabled)
    dialog.reject()
    driver.settle()


def test_a_bad_template_file_gives_a_message(driver: Driver, tmp_path: Path) -> None:
    from migmap.ui.dialogs.messages import ProblemDialog

    dialog = asked(driver, written(tmp_path, "round1.csv", ROUND))
    dialog.template_imported.emit(str(written(tmp_path, "no.json", "[]")))
    driver.dialog(ProblemDialog).accept()
    dialog.reject()
    driver.settle()


def test_another_sheet_is_chosen_in_the_dialog(driver: Driver, tmp_path: Path) -> None:
    import xlsxwriter

    path = tmp_path / "rounds.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for name, shift in (("Round 1", 0), ("Round 2", 7)):
            sheet = book.add_worksheet(name)
            for row, line in enumerate(ROUND.splitlines()):
                for column, value in enumerate(line.split(",")):
                    figure = column == 5 and row and row != 4
                    sheet.write(row, column, int(value) + shift if figure else value)
    driver.window.files.open([str(path)])
    choice = driver.dialog(LayerChoice)
    choice.accept()
    dialog = driver.dialog(ReadingDialog)
    assert [dialog.form.layout_of_file.sheet.itemData(place) for place in range(2)] == ["Round 1", "Round 2"]
    dialog.form.part_chosen.emit("Round 2")
    driver.until(lambda: dialog.preview is not None and dialog.preview.rows[0].cells.count("127") == 1)
    dialog.submit()
    driver.until(lambda: len(driver.titles()) == 1)
    driver.settle()
    assert driver.window.desk.project.layers[0].source.endswith("::Round 2")


def test_several_files_without_coordinate_system_ask_one_after_another(driver: Driver, small: Small) -> None:
    import geopandas

    folder = small()
    areas = geopandas.read_file(folder / "areas.geojson")
    files = []
    for name in ("one", "two"):
        target = folder / f"{name}.shp"
        areas.to_file(target)
        target.with_suffix(".prj").unlink()
        files.append(target)
    driver.open(*files)
    driver.window.notices.press()
    for _ in files:
        dialog = driver.dialog(CrsChoice)
        dialog.field.combo.setCurrentIndex(0)
        dialog.accept()
        driver.settle()
    assert sorted(driver.titles()) == ["One", "Two"]
