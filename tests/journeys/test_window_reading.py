"""What a person decides about a file in the window gives what the options of the command line give."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from window_fixture import Driver

from migmap.api import VectorData
from migmap.geo.accounting import accounting
from migmap.ui.dialogs.choices import LayerChoice
from migmap.ui.dialogs.reading import ReadingDialog


def workbook(path: Path) -> Path:
    """A round as a mission sends it: a title, totals after each district, two rows turned, phone numbers."""
    import xlsxwriter

    rows: list[list[Any]] = [
        ["Site assessment, round 12"],
        [],
        ["ضلع", "Site name", "Site ID", "Latitude", "Longitude", "Individuals", "HH", "Phone"],
    ]
    for district, south in (("پشاور", 33.9), ("چارسدہ", 34.1)):
        total = 0
        for place in range(8):
            people = 100 + 37 * place
            total += people
            y, x = south + place / 50, 71.5 + place / 40
            if place == 5:
                y, x = x, y
            number = f"0301-12345{place}{len(rows)}"
            rows.append(
                [
                    district,
                    f"Camp {len(rows)}",
                    f"PK-{len(rows):03d}",
                    y,
                    x,
                    f"{people:,}",
                    people // 6,
                    number,
                ]
            )
        rows.append([f"{district} total", "", "", "", "", total, "", ""])
    with xlsxwriter.Workbook(path) as book:
        for name, content in (("Sites", rows), ("Notes", [["none"]])):
            sheet = book.add_worksheet(name)
            for row, values in enumerate(content):
                for column, value in enumerate(values):
                    if value != "":
                        sheet.write(row, column, value)
    return path


def printed(*words: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "migmap", *words, "--json"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        env=os.environ,
    )
    assert done.returncode == 0, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def decided(driver: Driver, file: Path) -> VectorData:
    """Open the file, mend the turned rows, keep the totals, count households as people."""
    driver.window.files.open([str(file)])
    driver.dialog(LayerChoice).accept()
    dialog = driver.dialog(ReadingDialog)
    dialog.mends.boxes["fix", "coordinates-swapped"].click()
    driver.until(lambda: dialog.preview is not None and bool(dialog.preview.reading.fixes))
    dialog.mends.boxes["keep", "total-row"].click()
    driver.until(lambda: dialog.preview is not None and bool(dialog.preview.reading.keep))
    dialog.form.columns.roles["people"].pick("HH")
    driver.until(lambda: dialog.preview is not None and dialog.preview.guess.roles.get("people") == "HH")
    dialog.submit()
    driver.until(lambda: driver.titles() == ["Sites"])
    driver.settle()
    data = driver.window.desk.data_of(driver.window.desk.project.layers[0])
    assert isinstance(data, VectorData)
    return data


def test_the_window_and_the_command_line_read_a_workbook_alike(driver: Driver, tmp_path: Path) -> None:
    file = workbook(tmp_path / "round12.xlsx")
    data = decided(driver, file)
    options = ["--fix", "coordinates-swapped", "--keep", "total-row", "--map", "people=HH"]
    document = printed("info", f"{file}::Sites", "--full", *options)
    assert document["accounting"] == accounting(data).as_json()
    assert document["roles"] == dict(data.roles)
    assert document["findings"] == [finding.as_json() for finding in data.findings]
    assert len(data.frame) == 18
    assert data.frame.total_bounds.tolist() == document["bounds"]


def test_a_project_keeps_how_its_files_were_read(driver: Driver, tmp_path: Path) -> None:
    data = decided(driver, workbook(tmp_path / "round12.xlsx"))
    project = tmp_path / "round.migmap"
    driver.window.projects.save_to(project)
    driver.settle()
    driver.window.projects.open(str(project))
    driver.settle()
    layer = driver.window.desk.project.layers[0]
    again = driver.window.desk.data_of(layer)
    assert isinstance(again, VectorData)
    assert layer.reading.fixes == ("coordinates-swapped",)
    assert layer.reading.keep == ("total-row",)
    assert accounting(again) == accounting(data)
    assert again.frame.total_bounds.tolist() == data.frame.total_bounds.tolist()


def test_real_files_are_asked_about_and_accounted_for(
    driver: Driver, shared_data: Callable[[str], Path]
) -> None:
    files = [
        shared_data("iom-dtm-hdx-api") / "hdx_hapi_idps_global.csv",
        shared_data("hma-glof") / "HMAGLOFDB.csv",
        shared_data("jor-zaatari") / "Households_2017_04.csv",
    ]
    driver.open(*files)
    # One that waits alone is asked about by itself.
    while driver.window.files.waiting or not driver.no_dialog():
        if driver.no_dialog():
            driver.window.files.ask_next()
        driver.dialog(ReadingDialog).submit()
        driver.settle()
    layers = driver.window.desk.project.layers
    assert {Path(layer.source).name for layer in layers} == {file.name for file in files}
    rows = {"hdx_hapi_idps_global.csv": 6854, "HMAGLOFDB.csv": 773, "Households_2017_04.csv": 14130}
    for layer in layers:
        data = driver.window.desk.data_of(layer)
        assert isinstance(data, VectorData)
        assert accounting(data).rows == rows[Path(layer.source).name]
    # People of the stack of admin levels and rounds are counted once.
    log = " ".join(entry.what for entry in driver.window.desk.project.log)
    assert "set aside" in log


def raster(path: Path, cells: float, values: float) -> Path:
    """20 x 20 cells over the sites, the western half with the value."""
    import numpy as np
    import rasterio
    from affine import Affine

    grid = np.zeros((20, 20), dtype="float32")
    grid[:, :10] = values
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=20,
        height=20,
        count=1,
        dtype="float32",
        crs="EPSG:4326",
        transform=Affine(cells, 0, 71.3, 0, -cells, 34.5),
        nodata=-1,
    ) as out:
        out.write(grid, 1)
    return path


def ran(driver: Driver, values: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Figures of the form's run, and of the command that the form shows."""
    form = driver.window.runs.form("exposure")
    form.set_values(values)
    words = shlex.split(form.command())
    form.submit()
    driver.settle()
    run = driver.workbench.known_run(driver.window.results.run_id)
    assert run is not None
    return run.document()["metrics"], printed(*words[1:])["metrics"]


def test_a_run_of_the_window_reads_files_as_they_were_decided(driver: Driver, tmp_path: Path) -> None:
    flood = raster(tmp_path / "flood_depth.tif", 0.05, 1.0)
    people = raster(tmp_path / "population_2020.tif", 0.05, 120.0)
    decided(driver, workbook(tmp_path / "round12.xlsx"))
    sites = driver.window.desk.project.layers[0]
    driver.open(flood)
    common = {"hazard": str(flood), "classes": [0.5]}
    shown, said = ran(driver, {**common, "exposed": sites.source})
    assert shown == said
    driver.window.files.open([str(people)])
    dialog = driver.dialog(ReadingDialog)
    assert dialog.people.isVisible()
    dialog.form.decide(people_unit="density-km2")
    driver.until(lambda: dialog.preview is not None and dialog.preview.reading.people_unit == "density-km2")
    dialog.submit()
    driver.until(lambda: len(driver.titles()) > 2)
    driver.settle()
    shown, said = ran(driver, {**common, "exposed": str(people)})
    assert shown == said
    plain = printed("run", "exposure", "--hazard", str(flood), "--classes", "0.5", "--exposed", str(people))
    assert plain["metrics"] != shown
