"""Where a table's header is, and what it says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from made_tables import aside_of, codes_of, csv_of, names_of, ods_of, ods_row, opened, said, xlsx_of

from migmap.api import Problem, Reading
from migmap.io.probe import probe
from migmap.io.reference import parse_reference

Folder = Callable[[str], Path]


@pytest.mark.parametrize(
    ("above", "row"),
    [
        ("", 1),
        ("Table 3: IDPs by district,,\n", 2),
        ("DTM Round 12,,\n,,\nPublished: May 2024,,\n", 4),
        ("Junk,Junk,Junk\n", 2),
        (",,\n,,\n", 3),
    ],
)
def test_the_header_is_found_under_what_stands_above_it(tmp_path: Path, above: str, row: int) -> None:
    data = opened(csv_of(tmp_path, above + "district,idps,date\nSwat,10,2024-05-01\nDir,20,2024-05-02\n"))
    assert names_of(data) == ["district", "idps", "date"]
    assert data.row_numbers.tolist() == [row + 1, row + 2]
    assert ("header-guessed" in codes_of(data)) is (row > 1)
    if row > 1:
        assert said(data, "header-guessed").rows == (row,)


def test_levels_of_a_header_are_joined(tmp_path: Path) -> None:
    text = (
        "Province,District,IDPs,,Returnees,\n,,Male,Female,Male,Female\nSindh,Dadu,1,2,3,4\nKP,Dir,5,6,7,8\n"
    )
    data = opened(csv_of(tmp_path, text))
    assert names_of(data) == [
        "Province", "District", "IDPs / Male", "IDPs / Female", "Returnees / Male", "Returnees / Female",
    ]  # fmt: skip
    assert said(data, "header-guessed").rows == (1, 2)
    assert data.row_numbers.tolist() == [3, 4]


def test_three_levels_of_merged_cells(tmp_path: Path) -> None:
    def fill(book: Any) -> None:
        book.add_worksheet("README").write_column(0, 0, ["About this file", "DTM"])
        sheet = book.add_worksheet("Master list")
        sheet.merge_range(0, 0, 0, 5, "DISPLACEMENT TRACKING MATRIX")
        sheet.merge_range(2, 0, 4, 0, "Province")
        sheet.merge_range(2, 1, 4, 1, "District")
        sheet.merge_range(2, 2, 2, 5, "IDPs")
        sheet.merge_range(3, 2, 3, 3, "Individuals")
        sheet.merge_range(3, 4, 3, 5, "Households")
        sheet.write_row(4, 2, ["2023", "2024", "2023", "2024"])
        sheet.merge_range(5, 0, 6, 0, "Sindh")
        sheet.write_row(5, 1, ["Dadu", 10, 20, 3, 4])
        sheet.write_row(6, 1, ["Sukkur", 30, 40, 5, 6])
        sheet.write_row(7, 0, ["KP", "Dir", 50, 60, 7, 8])

    data = opened(xlsx_of(tmp_path, fill))
    assert names_of(data) == [
        "Province",
        "District",
        "IDPs / Individuals / 2023",
        "IDPs / Individuals / 2024",
        "IDPs / Households / 2023",
        "IDPs / Households / 2024",
    ]
    assert data.frame["Province"].tolist() == ["Sindh", "Sindh", "KP"]
    assert said(data, "merged-cells-filled").rows == (7,)
    assert "“Master list” was read" in said(data, "sheet-chosen").message


def test_merged_cells_of_an_ods(tmp_path: Path) -> None:
    two_across = ' table:number-columns-spanned="2" table:number-rows-spanned="1"'
    two_down = ' table:number-columns-spanned="1" table:number-rows-spanned="2"'
    rows = [
        ods_row(("District", two_down), ("IDPs", two_across), ""),
        ods_row("", "Male", "Female"),
        ods_row(("Dadu", two_down), 1, 2),
        ods_row("", 3, 4),
    ]
    data = opened(ods_of(tmp_path, f'<table:table table:name="S">{"".join(rows)}</table:table>'))
    assert names_of(data) == ["District", "IDPs / Male", "IDPs / Female"]
    assert data.frame["District"].tolist() == ["Dadu", "Dadu"]


def test_a_merged_number_counts_once(tmp_path: Path) -> None:
    def fill(book: Any) -> None:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["village", "people"])
        sheet.write_column(1, 0, ["A", "B", "C"])
        sheet.merge_range(1, 1, 2, 1, 500)
        sheet.write(3, 1, 20)

    data = opened(xlsx_of(tmp_path, fill))
    assert data.frame["people"].sum() == 520
    assert said(data, "merged-numbers").rows == (2, 3)


@pytest.mark.parametrize(
    ("text", "names", "numbers"),
    [
        ("#adm1,#affected\nProvince,IDPs\nSindh,10\nKP,20\n", ["Province", "IDPs"], [3, 4]),
        ("#adm1,#affected\nSindh,10\nKP,20\n", ["#adm1", "#affected"], [2, 3]),
        ("Province,IDPs\n,\n,\n#adm1,#affected\nSindh,10\nKP,20\n", ["Province", "IDPs"], [5, 6]),
        ("T\n" + "\n" * 12 + "Province,IDPs\n#adm1,#affected\nSindh,10\n", ["Province", "IDPs"], [16]),
    ],
)
def test_the_tag_row_wherever_it_stands(
    tmp_path: Path, text: str, names: list[str], numbers: list[int]
) -> None:
    file = csv_of(tmp_path, text)
    data = opened(file)
    assert names_of(data) == names
    assert data.row_numbers.tolist() == numbers
    assert dict(probe(parse_reference(str(file))).hxl) == dict(
        zip(names, ["#adm1", "#affected"], strict=True)
    )


def test_a_table_without_header_says_so(tmp_path: Path) -> None:
    file = csv_of(tmp_path, "Swat,34.8,72.4,1200\nDir,35.2,71.9,300\nChitral,35.9,71.8,77\n")
    data = opened(file)
    assert names_of(data) == ["column_1", "column_2", "column_3", "column_4"]
    assert data.row_numbers.tolist() == [1, 2, 3]
    assert said(data, "header-missing").severity == "warning"
    same = opened(file, Reading(header=()))
    assert names_of(same) == names_of(data)
    assert len(same.frame) == 3


def test_the_user_says_where_the_header_is(tmp_path: Path) -> None:
    file = csv_of(tmp_path, "District,Type\nSwat,Rural\nname,kind\nA,x\nB,y\n")
    assert names_of(opened(file, Reading(header=(3,)))) == ["name", "kind"]
    assert opened(file, Reading(header=(3,))).row_numbers.tolist() == [4, 5]
    assert len(opened(file, Reading(header=())).frame) == 5
    two = csv_of(tmp_path, "IDPs,,\nname,men,women\nA,1,2\n", "two.csv")
    assert names_of(opened(two, Reading(header=(1, 2))))[1:] == ["IDPs / men", "IDPs / women"]
    with pytest.raises(Problem, match="cannot be in row 900"):
        opened(file, Reading(header=(900,)))


@pytest.mark.parametrize(
    "text",
    [
        "district,2019,2020,2021\nSwat,10,20,30\nDir,40,50,60\n",
        "name,kind\nSwat,District\nDir,District\nKP,Province\n",
        "code,name\nPK01,A\nPK02,B\n",
        "name,people\nA,-\nB,-\n",
        "a,b\n",
    ],
)
def test_a_plain_header_in_the_first_row_is_not_doubted(tmp_path: Path, text: str) -> None:
    file = csv_of(tmp_path, text)
    seen = probe(parse_reference(str(file)))
    assert [c.name for c in seen.columns] == text.split("\n")[0].split(",")
    assert not {"header-guessed", "header-missing"} & {f.code for f in seen.findings}


def test_a_header_repeated_further_down_is_set_aside(tmp_path: Path) -> None:
    file = csv_of(tmp_path, "name,lat,lon\nA,34,71\nname,lat,lon\nB,35,72\n\nname,lat,lon\nC,36,73\n")
    data = opened(file)
    assert data.row_numbers.tolist() == [2, 4, 7]
    assert aside_of(data) == {"repeated-header": [3, 6]}
    assert data.frame.geometry.notna().all()
    kept = opened(file, Reading(keep=("repeated-header",)))
    assert len(kept.frame) == 5
    assert said(kept, "repeated-header").severity == "warning"


def test_excel_says_its_separator_in_the_first_line(tmp_path: Path) -> None:
    text = "sep=;\r\nCommune;Latitude;Longitude;Personnes\r\nMaradi;13,5;7,1;120\r\nZinder;13,8;8,98;34\r\n"
    data = opened(csv_of(tmp_path, text))
    assert names_of(data)[0] == "Commune"
    assert data.row_numbers.tolist() == [3, 4]
    assert data.frame.geometry[0].x == pytest.approx(7.1)
    assert "header-guessed" not in codes_of(data)


def test_tabs_in_a_file_called_csv(tmp_path: Path) -> None:
    data = opened(csv_of(tmp_path, "site\tpeople\nA, B; C\t10\nD\t20\n"))
    assert data.frame["site"].tolist() == ["A, B; C", "D"]


@pytest.mark.parametrize(
    ("name", "rows", "column", "tags"),
    [
        ("input-valid.xlsx", [4, 5, 6, 7], "¿Para quién? / Hombres", 8),
        ("input-valid.xls", [4, 5, 6, 7], "Para quién? / Hombres", 8),
        ("input-merged.xlsx", [4, 5, 6, 7], "¿Qué? / Registro", 8),
        ("input-valid-latin1.csv", [4, 5, 6, 7], "Qué? / Registro", 8),
        ("input-fuzzy.csv", [4, 5, 6, 7], "Para quién? / Mujeres", 5),
        ("input-untagged.csv", [3, 4, 5, 6], "¿Para quién? / Mujeres", 0),
        ("input-multiple-headers.csv", [4, 5], "Number affected", 3),
        ("input-multiline.csv", [2], "#description", 1),
    ],
)
def test_hxl_edge_cases(shared_data: Folder, name: str, rows: list[int], column: str, tags: int) -> None:
    file = shared_data("nasty-hxl") / name
    data = opened(file)
    assert data.row_numbers.tolist() == rows
    assert column in data.frame.columns
    assert len(probe(parse_reference(str(file))).hxl) == tags
