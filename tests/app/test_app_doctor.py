"""The import doctor: one value that says everything, as JSON, as a page and as a workbook."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from migmap.api import Problem, Reading
from migmap.app.doctor import LayerReport, check_reports, write_reports
from migmap.app.doctor.dates import date_of
from migmap.app.doctor.examine import check, check_project
from migmap.app.doctor.words import balance, percent, verdict
from migmap.app.project import Project
from migmap.app.workbench import Workbench

TODAY = datetime.date(2026, 11, 1)
ACCOUNT = {"rows", "used", "set_aside", "people", "people_used", "people_set_aside"}

SITES = """site_id,name,district,round,date,lat,lon,individuals,female,male,phone
S1,=cmd|' /C calc'!A1,Quetta,5,2026-05-01,30.2,67.0,100,60,40,0300-1234567
S2,<b>Kuchlak</b>,Quetta,5,2026-05-01,30.35,66.95,0,0,0,0300-1234568
S3,گاؤں,Pishin,5,2026-05-01,30.58,67.0,NA,,,0300-1234569
S4,Not far,Pishin,5,2026-05-01,30.6,67.1,,,,0300-1234560
S4,Not far,Pishin,5,2026-05-01,30.6,67.1,,,,0300-1234560
"""


@pytest.fixture
def sites(tmp_path: Path) -> Path:
    path = tmp_path / "dtm_sites.csv"
    path.write_text(SITES, encoding="utf-8")
    return path


def report(workbench: Workbench, path: Path, **more: Any) -> LayerReport:
    return check(workbench, str(path), today=TODAY, **more)


def codes(found: LayerReport) -> set[str]:
    return {one.code for one in found.findings}


def test_everything_about_a_file(workbench: Workbench, sites: Path) -> None:
    found = report(workbench, sites)
    said = json.loads(json.dumps(found.as_json()))
    assert said["file"] == "dtm_sites.csv"
    assert said["kind"] == "dtm_site"
    assert set(said["accounting"]) == ACCOUNT
    assert said["accounting"]["rows"] == said["accounting"]["used"] + said["accounting"]["set_aside"] == 5
    assert said["accounting"]["people"] == 100
    assert said["completeness"]["people"]["column"] == "individuals"
    assert said["completeness"]["people"]["filled"] == 2
    assert said["completeness"]["people"]["zero"] == 1
    assert said["completeness"]["people"]["blank"] + said["completeness"]["people"]["not_assessed"] == 3
    assert said["completeness"]["position"]["share"] == 1
    assert said["duplicates"]["rows"] == 1
    assert said["sensitivity"] is None
    assert {"duplicate-rows", "source-not-stated", "sensitivity-not-stated"} <= codes(found)
    assert "date-not-stated" not in codes(found)
    duplicate = next(one for one in said["findings"] if one["code"] == "duplicate-rows")
    assert (duplicate["rows"], duplicate["changes"], duplicate["applied"]) == ([6], 1, False)
    assert [one["severity"] for one in said["findings"]] == sorted(
        (one["severity"] for one in said["findings"]), key=["error", "warning", "info"].index
    )


def test_the_balance_in_words(workbench: Workbench, sites: Path) -> None:
    found = report(workbench, sites, reading=Reading(fixes=("duplicate-rows",)))
    assert balance(found) == "5 rows in the file = 4 used + 1 set aside (1 the same as an earlier row)."
    assert found.duplicates["rows"] == 0
    assert next(one for one in found.findings if one.code == "duplicate-rows").applied
    assert "fix-not-offered" not in codes(found)
    odd = report(workbench, sites, reading=Reading(fixes=("no-such-thing",)))
    assert "fix-not-offered" in codes(odd)


def test_people_by_sex(workbench: Workbench, sites: Path) -> None:
    people = report(workbench, sites).people
    assert (people.total, people.sex, people.share(people.sex)) == (100, 100, 1.0)
    assert people.both is None


def test_old_data_are_stale_and_undated_data_undated(workbench: Workbench, tmp_path: Path) -> None:
    path = tmp_path / "dtm_sites.csv"
    path.write_text(SITES.replace("2026-05-01", "2024-05-01"), encoding="utf-8")
    stale = next(one for one in report(workbench, path).findings if one.code == "data-stale")
    assert "2.5 years" in stale.message
    path.write_text("name,lat,lon\na,30,70\n", encoding="utf-8")
    assert "date-not-stated" in codes(report(workbench, path))
    path.with_name("dtm_sites.csv.meta.json").write_text(
        json.dumps({"attribution": "PDMA", "date": "2026-08", "sensitivity": "public"}), encoding="utf-8"
    )
    found = report(Workbench(), path)
    assert not codes(found) & {"date-not-stated", "source-not-stated", "sensitivity-not-stated", "data-stale"}
    assert found.sensitivity == "public"


def test_an_agreement_that_ended(workbench: Workbench, sites: Path) -> None:
    beside = sites.with_name(sites.name + ".meta.json")
    beside.write_text(
        json.dumps({"agreement": "DSA 12", "agreement_expires": "2026-10-31"}), encoding="utf-8"
    )
    said = next(one for one in report(workbench, sites).findings if one.code == "agreement-expired")
    assert "DSA 12" in said.message
    beside.write_text(json.dumps({"agreement_expires": "2026-11-01"}), encoding="utf-8")
    assert "agreement-expired" not in codes(report(Workbench(), sites))


def test_against_areas(workbench: Workbench, small: Callable[[], Path]) -> None:
    folder = small()
    found = report(workbench, folder / "sites.geojson", areas=str(folder / "areas.geojson"))
    outside = next(one for one in found.findings if one.code == "outside-areas")
    assert outside.rows == (4,)
    assert found.gaps.districts[:2] == ("West", "East")
    west = [cell for cell in found.gaps.cells if cell.district == "West"]
    assert (west[0].rows, west[0].people) == (2, 30)
    with pytest.raises(Problem, match="raster"):
        report(workbench, folder / "sites.geojson", areas=str(folder / "flood.tif"))


def test_districts_without_data_are_named(workbench: Workbench, small: Callable[[], Path]) -> None:
    folder = small()
    path = folder / "one.csv"
    path.write_text("name,lat,lon,date\na,29.5,70.1,2026-03-02\nb,29.6,70.2,2026-04-02\n", encoding="utf-8")
    found = report(workbench, path, areas=str(folder / "areas.geojson"))
    gap = next(one for one in found.findings if one.code == "data-gap")
    assert "East" in gap.message
    assert found.gaps.dates == ("2026-03", "2026-04")
    assert found.gaps.empty == 2
    assert ("East", "2026-03") not in {(cell.district, cell.date) for cell in found.gaps.cells}


def test_a_raster_has_a_report_too(workbench: Workbench, small: Callable[[], Path]) -> None:
    found = report(workbench, small() / "flood.tif")
    assert found.accounting is None
    assert found.as_json()["rows"] is None
    assert "source-not-stated" in codes(found)


def test_more_people_in_sites_than_in_the_district(workbench: Workbench, tmp_path: Path, sites: Path) -> None:
    import geopandas
    from shapely.geometry import box

    geopandas.GeoDataFrame(
        {
            "ADM2_PCODE": ["PK1", "PK2"],
            "ADM2_EN": ["Quetta", "Pishin"],
            "population": [50, 5000],
            "geometry": [box(66, 30, 68, 30.5), box(66, 30.5, 68, 31)],
        },
        crs="EPSG:4326",
    ).to_file(tmp_path / "areas.geojson", driver="GeoJSON")
    found = report(workbench, sites, areas=str(tmp_path / "areas.geojson"))
    said = next(one for one in found.findings if one.code == "people-above-population")
    assert said.count == 1
    assert "Quetta: 100" in said.message


# -- files ---------------------------------------------------------------------------------------------


def test_the_page_asks_for_nothing_and_runs_nothing(
    workbench: Workbench, sites: Path, tmp_path: Path
) -> None:
    from migmap.export.page import PageParts

    target = tmp_path / "report.html"
    found = report(workbench, sites)
    write_reports(found, [target])
    text = target.read_text(encoding="utf-8")
    parts = PageParts()
    parts.feed(text)
    assert not parts.faults
    assert not parts.scripts
    assert "default-src 'none'" in parts.policy
    assert "<b>Kuchlak" not in text
    assert "<bdi>" in text
    assert "not stated, treated as restricted" in text
    assert "0300" not in text
    write_reports(found, [target])
    assert target.read_text(encoding="utf-8") == text


def sheets(path: Path) -> dict[str, list[list[Any]]]:
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_path(str(path))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def test_the_list_of_fixes(workbench: Workbench, sites: Path, tmp_path: Path) -> None:
    target = tmp_path / "fixes.xlsx"
    write_reports(report(workbench, sites), [target])
    book = sheets(target)
    assert list(book) == ["fix list", "findings", "accounting", "completeness", "gaps"]
    fixes = book["fix list"]
    assert "not stated, treated as restricted" in str(fixes[1])
    assert fixes[3][:9] == [
        "row", "id", "name", "column", "old value", "new value", "reason", "finding", "state",
    ]  # fmt: skip
    again = next(row for row in fixes if row[7] == "duplicate-rows")
    assert again[:3] == [6.0, "S4", "Not far"]
    assert again[6] == "the same as row 5"
    assert any(row[0] == "rows in the file" and row[1] == 5 for row in book["accounting"])
    people = next(row for row in book["completeness"] if row[1] == "individuals")
    assert people[2] == 5
    assert "0300" not in str(book)


def test_cells_are_never_formulas(workbench: Workbench, tmp_path: Path) -> None:
    import zipfile

    target = tmp_path / "fixes.xlsx"
    path = tmp_path / "dtm_twice.csv"
    path.write_text(SITES + SITES.split("\n")[1] + "\n", encoding="utf-8")
    write_reports(report(workbench, path), [target])
    with zipfile.ZipFile(target) as packed:
        for name in packed.namelist():
            if name.startswith("xl/worksheets/"):
                assert b"<f>" not in packed.read(name)
    assert any("=cmd" in str(cell) for row in sheets(target)["fix list"] for cell in row)


def test_rows_set_aside_are_in_the_workbook_with_their_cells(
    workbench: Workbench,
    sites: Path,
    tmp_path: Path,
) -> None:
    target = tmp_path / "fixes.xlsx"
    write_reports(report(workbench, sites, reading=Reading(fixes=("duplicate-rows",))), [target])
    accounting = sheets(target)["accounting"]
    row = next(row for row in accounting if row[0] == "row set aside")
    assert row[1] == 6
    assert "Not far" in row
    assert "phone" not in accounting[3]


def test_a_report_has_two_endings_and_spares_the_file(tmp_path: Path, sites: Path) -> None:
    with pytest.raises(Problem, match="pdf"):
        check_reports([tmp_path / "report.pdf"])
    with pytest.raises(Problem, match="twice"):
        check_reports([tmp_path / "a.html", tmp_path / "a.html"])
    with pytest.raises(Problem, match="does not exist"):
        check_reports([tmp_path / "no" / "a.html"])
    book = sites.with_suffix(".xlsx")
    book.write_bytes(b"")
    with pytest.raises(Problem, match="input"):
        check_reports([book], [str(book)])


def test_where_a_household_lives_is_in_no_report(workbench: Workbench, tmp_path: Path) -> None:
    rows = [f"H{k},3{k % 10}.5,{67 + k / 1000:.4f},{30 + k / 1000:.4f},6" for k in range(40)]
    rows += [rows[3]]
    path = tmp_path / "Households_2026.csv"
    path.write_text("\n".join(["house_id,rooms,longitude,latitude,hh_size", *rows]) + "\n", encoding="utf-8")
    found = report(workbench, path, reading=Reading(fixes=("duplicate-rows",)))
    if "household-positions" not in codes(found):
        pytest.skip("nothing here is taken for single households")
    targets = write_reports(found, [tmp_path / "r.html", tmp_path / "r.xlsx"])
    assert "67.003" not in targets[0].read_text(encoding="utf-8")
    assert "67.003" not in str(sheets(targets[1]))
    assert "confidential" in str(sheets(targets[1])["fix list"][1])


# -- projects -------------------------------------------------------------------------------------------


def test_a_project_and_what_shows_only_between_layers(workbench: Workbench, tmp_path: Path) -> None:
    first = tmp_path / "villages_a.csv"
    other = tmp_path / "villages_b.csv"
    first.write_text(
        "code,name,lat,lon,population,date\nV1,Jalozai,33.9,71.8,8300,2026-01-01\nV2,Kotki,33.4,71.2,500,2026-01-01\n",
        encoding="utf-8",
    )
    other.write_text(
        "name,lat,lon,population,date\nJalozai Camp,33.9001,71.8,7900,2023-01-01\n"
        "jalozai,33.9001,71.8001,6000,2023-01-01\nKotki,33.4,71.2,501,2023-01-01\n",
        encoding="utf-8",
    )
    layers = [workbench.open(str(path)) for path in (first, other)]
    gone = layers[0].changed(id="gone", title="Lost", source=str(tmp_path / "lost.csv"))
    project = Project(title="Two lists", layers=(*layers, gone))
    found = check_project(workbench, project, today=TODAY)
    between = {one.code: one for one in found.findings}
    assert between["layer-not-checked"].severity == "error"
    assert str(tmp_path) not in between["layer-not-checked"].message
    assert "8,300" in between["people-contradict"].message
    assert "6,000" in between["people-contradict"].message
    assert "500" not in between["people-contradict"].message
    # The newest of the project is 2026: the other list is stale against it.
    assert [("data-stale" in codes(layer)) for layer in found.layers] == [False, True]
    assert found.gaps.layers == tuple(layer.title for layer in layers)
    said = json.loads(json.dumps(found.as_json()))
    assert set(said["accounting"]) == ACCOUNT
    assert len(said["layers"]) == 2
    targets = write_reports(found, [tmp_path / "all.html", tmp_path / "all.xlsx"])
    assert "Between the layers" in targets[0].read_text(encoding="utf-8")
    assert sheets(targets[1])["fix list"][3][0] == "layer"


def test_a_layer_of_the_window_is_checked_as_it_was_read(workbench: Workbench, sites: Path) -> None:
    layer = workbench.open(str(sites), reading=Reading(fixes=("duplicate-rows",)))
    found = workbench.check(layer.changed(title="Round five"))
    assert found.title == "Round five"
    assert found.rows == 4


# -- words -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("2024", datetime.date(2024, 12, 31)),
        (2024, datetime.date(2024, 12, 31)),
        ("2024-02", datetime.date(2024, 2, 29)),
        ("2024-12", datetime.date(2024, 12, 31)),
        ("2024-05-17T10:00:00", datetime.date(2024, 5, 17)),
        ("2024-13-01", None),
        ("soon", None),
        (12, None),
        (None, None),
        (float("nan"), None),
    ],
)
def test_dates(value: object, day: datetime.date | None) -> None:
    assert date_of(value) == day


def test_shares_say_all_only_of_all() -> None:
    assert percent(1.0) == "100 %"
    assert percent(0.9999) == "99.99 %"
    assert percent(0.00001) == "0.00 %"
    assert percent(0.25) == "25 %"
    assert verdict({"error": 0, "warning": 1, "info": 2}) == "1 warning, 2 remarks"
    assert verdict({"error": 0}) == "nothing odd"
