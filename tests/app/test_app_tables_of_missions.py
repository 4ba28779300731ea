"""Tables as missions publish them: what they are about, and how many people are in them, counted by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
import xlsxwriter

from migmap.api import Reading, VectorData
from migmap.app.datasets import Datasets
from migmap.app.registry import Registry
from migmap.app.workbench import Workbench
from migmap.geo.accounting import accounting

Row = list[object]


@pytest.fixture(scope="module")
def datasets() -> Datasets:
    return Datasets(Registry.load())


def table(folder: Path, rows: list[Row], name: str = "table.csv") -> str:
    path = folder / name
    text = "\n".join(",".join("" if cell is None else str(cell) for cell in row) for row in rows)
    path.write_text(text + "\n", encoding="utf-8")
    return str(path)


def workbook(folder: Path, sheets: dict[str, list[Row]]) -> str:
    path = folder / "table.xlsx"
    book = xlsxwriter.Workbook(path)
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for at, row in enumerate(rows):
            for column, cell in enumerate(row):
                if cell is not None:
                    sheet.write(at, column, cell)
    book.close()
    return str(path)


def loaded(datasets: Datasets, text: str, reading: Reading | None = None) -> VectorData:
    data = datasets.load(text, reading=reading or Reading())
    assert isinstance(data, VectorData)
    found = accounting(data)
    assert found.rows == found.used + found.set_aside
    if found.people is not None:
        assert found.people == (found.people_used or 0) + (found.people_set_aside or 0)
    return data


def message(data: VectorData, code: str) -> str:
    return next(one.message for one in data.findings if one.code == code)


def test_levels_told_only_by_blank_names(datasets: Datasets, tmp_path: Path) -> None:
    rows: list[Row] = [["Country", "Admin 1", "Admin 2", "IDPs", "IDP HH"], ["Yemen", "", "", 600, 100]]
    for gov in ("Marib", "Taiz"):
        rows += [["Yemen", gov, "", 300, 50], ["Yemen", gov, f"{gov} A", 180, 30]]
        rows += [["Yemen", gov, f"{gov} B", 120, 20]]
    data = loaded(datasets, table(tmp_path, rows))
    assert (data.kind, data.roles["adm2_name"]) == ("dtm_area", "Admin 2")
    found = accounting(data)
    assert (found.people_used, found.used, found.set_aside) == (600, 4, 3)


def test_admin_columns_that_hold_codes_are_codes(datasets: Datasets, tmp_path: Path) -> None:
    rows: list[Row] = [["Admin 1", "Admin 2", "IDPs"], ["NG008", "NG008001", 10], ["NG008", "NG008002", 20]]
    data = loaded(datasets, table(tmp_path, rows))
    assert data.roles["pcode"] == "Admin 2"
    assert "adm2_name" not in data.roles


@pytest.mark.parametrize("total", ["Total", "Grand Total", "Total général", "Overall total"])
def test_a_column_only_called_total_is_that_of_the_groups_beside_it(
    datasets: Datasets, tmp_path: Path, total: str
) -> None:
    rows: list[Row] = [["S.No", "District", "Refugee Village", "Families", "PoR", "ACC", "UND", total]]
    rows += [[k, "Peshawar", f"RV {k}", 20, 80, 15, 5, 100] for k in range(1, 6)]
    data = loaded(datasets, table(tmp_path, rows))
    assert (data.kind, data.roles["people"], accounting(data).people) == ("refugee_village", total, 500)
    assert {one.column for one in data.people if one.total} == {total}


def test_women_and_men_by_age_and_their_totals(datasets: Datasets, tmp_path: Path) -> None:
    ages = ["0-4", "5-11", "12-17", "18-59", "60+"]
    header: Row = ["Country of asylum", "Country of origin", "Admin 1"]
    header += [f"Female {age}" for age in ages] + ["Female total"]
    header += [f"Male {age}" for age in ages] + ["Male total", "Total"]
    rows: list[Row] = [header]
    for origin in ("Afghanistan", "Somalia"):
        rows.append(["Pakistan", origin, "Sindh", 1, 2, 3, 4, 5, 15, 2, 2, 2, 2, 2, 10, 25])
    data = loaded(datasets, table(tmp_path, rows))
    assert (data.roles["people"], accounting(data).people) == ("Total", 50)


def test_a_total_of_other_things_is_no_people(datasets: Datasets, tmp_path: Path) -> None:
    rows: list[Row] = [["Camp", "Latrines", "Showers", "Total"], ["A", 4, 2, 6], ["B", 3, 3, 6]]
    assert "people" not in loaded(datasets, table(tmp_path, rows)).roles


def test_the_upper_of_two_headers_says_who_is_counted(datasets: Datasets, tmp_path: Path) -> None:
    head: Row = ["Admin", None, "IDPs", None, "Returnees", None]
    rows: list[Row] = [head, ["Province", "District", "HH", "IND", "HH", "IND"]]
    rows += [["Kunduz", f"D{k}", 10, 60, 2, 14] for k in range(8)]
    data = loaded(datasets, workbook(tmp_path, {"BMA": rows}))
    assert {one.column: (one.category, one.counts) for one in data.people} == {
        "IDPs / HH": ("idp", "households"),
        "IDPs / IND": ("idp", "individuals"),
        "Returnees / HH": ("returnee", "households"),
        "Returnees / IND": ("returnee", "individuals"),
    }
    assert (data.roles["people"], accounting(data).people) == ("IDPs / IND", 480)
    assert "household-size-odd" not in {one.code for one in data.findings}


def test_men_women_boys_and_girls_without_a_total(datasets: Datasets, tmp_path: Path) -> None:
    rows: list[Row] = [["Camp", "Men", "Women", "Boys", "Girls"], ["A", 1, 2, 3, 4], ["B", 10, 20, 30, 40]]
    rows.append(["C", 5, 5, 5, None])
    text = table(tmp_path, rows)
    data = loaded(datasets, text)
    assert "people" not in data.roles
    assert "add up to 110 people" in message(data, "people-without-total")
    assert "1 row a part is blank" in message(data, "people-without-total")
    mended = loaded(datasets, text, Reading(fixes=("people-without-total",)))
    assert mended.roles["people"] == "people_sum"
    assert accounting(mended).people == 110
    assert [None if value != value else value for value in mended.frame["people_sum"].astype(float)] == [
        10,
        100,
        None,
    ]
    finding = next(one for one in mended.findings if one.code == "people-without-total")
    assert finding.applied
    assert [(one.row, one.new) for one in finding.changes] == [(2, "10"), (3, "100")]


def test_cards_that_never_overlap_add_up(datasets: Datasets, tmp_path: Path) -> None:
    rows: list[Row] = [
        ["Refugee Village", "PoR", "ACC", "UND"],
        ["Khazana", 80, 15, 5],
        ["Jalozai", 40, 8, 2],
    ]
    data = loaded(datasets, table(tmp_path, rows), Reading(fixes=("people-without-total",)))
    assert (data.roles["people"], accounting(data).people) == ("people_sum", 150)


def test_groups_one_below_the_other_with_a_value(datasets: Datasets, tmp_path: Path) -> None:
    rows: list[Row] = [["District", "Pcode", "Population group", "Value"]]
    for k in range(4):
        rows += [[f"D{k}", f"AF010{k}", "IDPs", 10], [f"D{k}", f"AF010{k}", "Returnees", 5]]
        rows += [[f"D{k}", f"AF010{k}", "Total", 15]]
    data = loaded(datasets, table(tmp_path, rows))
    assert (data.kind, data.roles["people"]) == ("dtm_area", "Value")
    assert (accounting(data).people_used, accounting(data).set_aside) == (60, 4)


def test_the_sheet_with_data_comes_before_its_summary(datasets: Datasets, tmp_path: Path) -> None:
    summary: list[Row] = [["State", "IND"], ["A", 30], ["B", 20]]
    rows: list[Row] = [["State", "Site name", "IND"], ["A", "one", 10], ["A", "two", 20], ["B", "three", 20]]
    data = loaded(datasets, workbook(tmp_path, {"Summary": summary, "Data": rows}))
    assert accounting(data).rows == 3
    assert "“Data” was read, not “Summary”" in message(data, "sheet-chosen")


@pytest.mark.parametrize("corner", ["Origin / Destination", "From\\To", "Province"])
def test_a_matrix_of_origins_and_destinations_is_called_one(
    datasets: Datasets, tmp_path: Path, corner: str
) -> None:
    places = ["Kabul", "Herat", "Balkh", "Kandahar"]
    rows: list[Row] = [[corner, *places, "Total"]]
    rows += [[place, *[0 if place == one else 5 for one in places], 15] for place in places]
    data = loaded(datasets, table(tmp_path, rows))
    assert "60 in all" in message(data, "matrix-table")
    assert accounting(data).people is None


def test_people_reached_by_activities_are_never_added_up(datasets: Datasets, tmp_path: Path) -> None:
    rows: list[Row] = [
        ["Organization", "Sector", "District", "Beneficiaries targeted", "Beneficiaries reached"]
    ]
    rows += [["NGO", "WASH", f"D{k}", 50, 40] for k in range(3)]
    data = loaded(datasets, table(tmp_path, rows))
    assert (data.kind, data.roles["people_reached"]) == ("activity", "Beneficiaries reached")
    assert accounting(data).people is None


def test_operations_that_ended_are_said_with_their_people(tmp_path: Path) -> None:
    rows: list[Row] = [
        ["operation", "admin0Name", "admin1Name", "numPresentIdpInd", "reportingDate", "roundNumber"]
    ]
    rows += [["Drought", "Chad", f"P{k}", 100, "2025-06-01", 4] for k in range(3)]
    rows += [["Drought", "Chad", f"P{k}", 90, "2025-01-01", 3] for k in range(3)]
    rows += [["Earthquake", "Haiti", f"D{k}", 7, "2010-09-30", 33] for k in range(2)]
    found = {one.code: one for one in Workbench().check(table(tmp_path, rows)).findings}
    stale = found["rounds-stale"]
    assert (stale.count, stale.rows) == (2, (8, 9))
    assert "14 of 314 people" in stale.message
    assert "Earthquake: 2010-09-30, 14 people" in stale.message
    fresh = [row if row[0] != "Earthquake" else [*row[:4], "2025-03-30", 33] for row in rows]
    assert "rounds-stale" not in {
        one.code for one in Workbench().check(table(tmp_path, fresh, "f.csv")).findings
    }


def test_rows_without_people_are_listed(tmp_path: Path) -> None:
    rows: list[Row] = [["Province", "District", "Individuals"]]
    rows += [["P", f"D{k}", cell] for k, cell in enumerate([5, None, "-", 0, 7, 8, 9])]
    found = {one.code: one for one in Workbench().check(table(tmp_path, rows)).findings}
    assert found["values-missing"].rows == (3, 4)
    # A column that hardly anybody fills is used in another way.
    rows = [
        ["Province", "District", "Individuals"],
        *[["P", f"D{k}", 5 if k == 0 else None] for k in range(6)],
    ]
    assert "values-missing" not in {
        one.code for one in Workbench().check(table(tmp_path, rows, "b.csv")).findings
    }


def test_two_rounds_may_differ_and_two_lists_of_one_round_may_not(tmp_path: Path) -> None:
    from migmap.app.project import Project

    def listed(name: str, turn: int, day: str, people: int) -> str:
        rows: list[Row] = [
            ["Site ID", "Site Name", "Longitude", "Latitude", "Total Individuals", "Round", "Date"]
        ]
        rows += [[f"S{k}", f"Camp {'ABC'[k]}", 67 + k, 26, people + k, turn, day] for k in range(3)]
        return table(tmp_path, rows, name)

    first = listed("dtm_round1.csv", 1, "2022-09-01", 100)
    second = listed("dtm_round2.csv", 2, "2022-12-01", 900)
    again = listed("dtm_round1_partner.csv", 1, "2022-09-01", 300)
    workbench = Workbench()

    def codes(*paths: str) -> set[str]:
        layers = tuple(workbench.open(path) for path in paths)
        return {one.code for one in workbench.check_project(Project(title="Rounds", layers=layers)).findings}

    assert "people-changed" in codes(first, second)
    assert "people-contradict" not in codes(first, second)
    assert "people-contradict" in codes(first, again)


def test_population_tables_beside_boundaries(datasets: Datasets, tmp_path: Path) -> None:
    ages = ["00_04", "05_09", "80Plus"]
    header: Row = ["year", "ADM2_EN", "ADM2_PCODE"]
    header += [f"{sex}_{age}" for sex in "FMT" for age in (*ages, "TL")]
    rows: list[Row] = [header]
    rows += [[2023, f"D{k}", f"KE01{k}", 1, 2, 3, 6, 2, 2, 2, 6, 3, 4, 5, 12] for k in range(4)]
    data = loaded(datasets, table(tmp_path, rows))
    assert (data.roles["people"], accounting(data).people) == ("T_TL", 48)
    told = {one.column: (one.sex, one.age) for one in data.people}
    assert told["F_TL"] == ("female", "all")
    assert told["T_00_04"] == ("all", "0-4")
    assert "parts-above-total" not in {one.code for one in data.findings}


@pytest.mark.parametrize("header", ["HH,F,M,T", "HH,M,F,Total", "Ménages,H,F,T", "HH,F,M,PoC"])
def test_letters_for_women_and_men(datasets: Datasets, tmp_path: Path, header: str) -> None:
    rows: list[Row] = [["Site", *header.split(",")], *[[f"S{k}", 2, 4, 6, 10] for k in range(3)]]
    data = loaded(datasets, table(tmp_path, rows))
    assert (data.roles["people"], accounting(data).people) == (header.rsplit(",", 1)[-1], 30)


def test_letters_that_are_nobody(datasets: Datasets, tmp_path: Path) -> None:
    rows: list[Row] = [["Site", "H", "T", "pH"], *[[f"S{k}", 20, 25, 7] for k in range(3)]]
    data = loaded(datasets, table(tmp_path, rows))
    assert not data.people


def test_months_below_each_other_are_rounds(datasets: Datasets, tmp_path: Path) -> None:
    rows: list[Row] = [["Month", "Governorate", "District", "IDP families", "IDP individuals"]]
    rows += [
        [f"{month}-2023", "Ninewa", f"D{k}", 10, 60] for month in ("Jan", "Feb", "Mar") for k in range(5)
    ]
    data = loaded(datasets, table(tmp_path, rows))
    found = accounting(data)
    assert (found.people_used, found.set_aside) == (300, 10)
