"""Several tables on one sheet: one is read, the others are said and never mixed in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from made_tables import aside_of, codes_of, csv_of, names_of, opened, said, xlsx_of

from migmap.api import Problem, Reading

FIRST = "district,people,households\nQuetta,100,20\nPishin,101,20\nZiarat,102,20\n"
CAMPS = "Camp,Tents,Latrines\nCamp A,50,9\nCamp B,51,9\n"


@pytest.mark.parametrize(
    ("text", "used", "aside"),
    [
        (f"{FIRST}\n{CAMPS}", 3, {"table-beneath": [6, 7, 8]}),
        (f"{FIRST},,\n,,\n{CAMPS}", 3, {"table-beneath": [7, 8, 9]}),
        (
            f"{FIRST}Total,303,60\n\nTable 2: Camps,,\n{CAMPS}Total,101,18\n",
            3,
            {"total-row": [5], "table-beneath": [7, 8, 9, 10, 11]},
        ),
        # no gap between them
        (f"{FIRST}{CAMPS}", 3, {"table-beneath": [5, 6, 7]}),
        # a second page of the same table
        (f"{FIRST}\ndistrict,people,households\nKalat,1,2\n", 4, {"repeated-header": [6]}),
        # records after a gap, some of them words over figures
        (f"{FIRST}\nKalat,not assessed,2\nMastung,5,1\n", 5, {}),
        (f"{FIRST}\nQuetta,many,few\nMastung,5,1\n", 5, {}),
    ],
)
def test_rows_of_a_table_under_another_stay_apart(
    tmp_path: Path, text: str, used: int, aside: dict[str, list[int]]
) -> None:
    data = opened(csv_of(tmp_path, text))
    assert (len(data.frame), aside_of(data)) == (used, aside)
    if "table-beneath" in aside:
        finding = said(data, "table-beneath")
        assert finding.severity == "warning"
        assert list(finding.rows) == aside["table-beneath"]
        assert "“Camp”, “Tents”, “Latrines”" in finding.message


def test_the_table_underneath_is_read_by_its_header_or_kept(tmp_path: Path) -> None:
    file = csv_of(tmp_path, f"{FIRST}\n{CAMPS}")
    second = opened(file, Reading(header=(6,)))
    assert names_of(second) == ["Camp", "Tents", "Latrines"]
    assert second.frame["Tents"].tolist() == [50, 51]
    kept = opened(file, Reading(keep=("table-beneath",)))
    assert len(kept.frame) == 6
    assert "as you decided" in said(kept, "table-beneath").message
    with pytest.raises(Problem, match=r"Row 5 of .* is blank"):
        opened(file, Reading(header=(5,)))


def _two(book: Any, left: int, right: int, names: tuple[str, ...] = ("camp", "tents")) -> None:
    sheet = book.add_worksheet("S")
    sheet.write_row(0, 0, ["district", "people"])
    sheet.write_row(0, 3, names)
    for i in range(left):
        sheet.write_row(i + 1, 0, [f"District {'ABCDEFGH'[i]}", 100 + i])
    for i in range(right):
        sheet.write_row(i + 1, 3, [f"Camp {'ABCDEFGH'[i]}", 5 + i])


@pytest.mark.parametrize(
    ("left", "right", "names", "kept"),
    [
        (6, 4, ("camp", "tents"), ["district", "people"]),
        (4, 6, ("camp", "tents"), ["camp", "tents"]),
        (5, 5, ("district", "people"), ["district", "people"]),
    ],
)
def test_a_table_beside_another_is_not_read_as_its_columns(
    tmp_path: Path, left: int, right: int, names: tuple[str, ...], kept: list[str]
) -> None:
    file = xlsx_of(tmp_path, lambda book: _two(book, left, right, names))
    data = opened(file)
    assert names_of(data) == kept
    assert len(data.frame) == max(left, right)
    assert said(data, "table-beside").count == min(left, right)
    with_all = opened(file, Reading(keep=("table-beside",)))
    assert len(names_of(with_all)) == 4
    assert "as you decided" in said(with_all, "table-beside").message


def test_rows_that_only_the_other_table_has_are_accounted_for(tmp_path: Path) -> None:
    def fill(book: Any) -> None:
        _two(book, 5, 3)
        book.get_worksheet_by_name("S").write_row(9, 3, ["Camp H", 4])

    data = opened(xlsx_of(tmp_path, fill))
    assert len(data.frame) + sum(len(rows.frame) for rows in data.aside) == 6


def test_a_blank_column_within_a_table_makes_no_second_one(tmp_path: Path) -> None:
    def fill(book: Any) -> None:
        sheet = book.add_worksheet("S")
        sheet.write_row(0, 0, ["site", "people", None, "assessed by", "lat", "lon"])
        for i in range(6):
            sheet.write_row(i + 1, 0, [f"Site {'ABCDEF'[i]}", i])
            if i < 4:
                sheet.write_row(i + 1, 3, ["NRC", 30.1, 67.1 + i / 100])

    data = opened(xlsx_of(tmp_path, fill))
    assert "table-beside" not in codes_of(data)
    assert int(data.frame.geometry.notna().sum()) == 4


def test_units_between_a_header_and_its_tags_are_no_header(tmp_path: Path) -> None:
    text = "Report\n\nDistrict,Female\n(name),(n)\n#adm1+name,#affected+f\nQuetta,1\nPishin,3\n"
    data = opened(csv_of(tmp_path, text))
    assert names_of(data) == ["District", "Female"]
    assert len(data.frame) == 2


@pytest.mark.parametrize(
    "total", ["المجموع العام", "الإجمالي العام", "اجمالي كلي", "میزان کل", "سب ٹوٹل", "Total général"]
)
def test_totals_are_known_in_more_words(tmp_path: Path, total: str) -> None:
    data = opened(csv_of(tmp_path, f"place,kind,people\nA,x,100\nB,y,200\n{total},,300\n"))
    assert aside_of(data) == {"total-row": [4]}


def test_a_touched_cell_far_away_makes_no_columns(tmp_path: Path) -> None:
    def fill(book: Any) -> None:
        sheet = book.add_worksheet("S")
        sheet.merge_range(0, 0, 0, 2, "Report")
        sheet.write_row(1, 0, ["site", "people"])
        for i in range(5):
            sheet.write_row(i + 2, 0, [f"Site {'ABCDE'[i]}", i])
        sheet.write(3, 2000, "x")

    data = opened(xlsx_of(tmp_path, fill))
    assert len(names_of(data)) == 3
    assert names_of(data)[:2] == ["site", "people"]
    assert data.frame.iloc[:, 2].dropna().tolist() == ["x"]


def test_hundreds_of_commas_at_the_end_make_no_columns(tmp_path: Path) -> None:
    blank = "," * 500
    data = opened(csv_of(tmp_path, f"site,people{blank}\nA,5{blank}\nB,6{blank},far\n"))
    assert names_of(data)[:2] == ["site", "people"]
    assert len(names_of(data)) == 3
    assert data.frame.iloc[1, 2] == "far"
