"""Rows that are no records: totals, notes, units. They leave with a reason, and come back when asked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_tables import aside_of, codes_of, csv_of, names_of, opened, said, xlsx_of

from migmap.api import Reading

TABLE = """Table 3: IDPs by district,,,
,,,
Province,District,IDPs,
,,Male,Female
,,(persons),(persons)
Sindh,Dadu,10,20
Sindh,Larkana,30,40
Sub-total Sindh,,40,60
KP,Swat,5,5
KP,Dir,1,2
Sub-total KP,,6,7
Grand Total,,46,67
,,,
Source: PDMA,,,
* as of 1 May,,,
"""


def test_a_table_as_offices_send_it(tmp_path: Path) -> None:
    data = opened(csv_of(tmp_path, TABLE))
    assert names_of(data) == ["Province", "District", "IDPs / Male", "IDPs / Female"]
    assert data.frame["IDPs / Male"].sum() == 46
    assert data.row_numbers.tolist() == [6, 7, 9, 10]
    assert aside_of(data) == {"units-row": [5], "total-row": [8, 11, 12], "note-row": [14, 15]}
    assert said(data, "total-row").severity == "warning"


def test_rows_kept_stay_in_use_and_are_said(tmp_path: Path) -> None:
    data = opened(csv_of(tmp_path, TABLE), Reading(keep=("total-row", "note-row", "units-row")))
    assert len(data.frame) == 10
    assert not data.aside
    assert said(data, "total-row").count == 3
    assert said(data, "total-row").severity == "warning"


@pytest.mark.parametrize(
    "word",
    [
        "Total",
        "TOTAL",
        "Grand total",
        "Sum",
        "Total général",
        "Totale",
        "کل",
        "مجموع",
        "المجموع",
        "Итого",
        "Toplam",
    ],
)
def test_totals_in_many_languages(tmp_path: Path, word: str) -> None:
    data = opened(csv_of(tmp_path, f"d,men,women\nA,1,2\nB,3,4\nC,5,6\n{word},9,12\n"))
    assert aside_of(data) == {"total-row": [5]}


def test_a_total_is_known_by_its_figures_alone(tmp_path: Path) -> None:
    data = opened(csv_of(tmp_path, "d,men,women\nA,1,2\nB,3,4\nC,5,6\n,9,12\n"))
    assert aside_of(data) == {"total-row": [5]}


def test_totals_above_their_rows_and_named_after_them(tmp_path: Path) -> None:
    text = "d,men,women\nTotal,21,27\nSindh total,4,6\nA,1,2\nB,3,4\nKP total,17,21\nC,8,10\nD,9,11\n"
    data = opened(csv_of(tmp_path, text))
    assert aside_of(data) == {"total-row": [2, 3, 6]}


@pytest.mark.parametrize(
    "text",
    [
        "village,people\nTotal,50\nKalam,20\nBahrain,30\nMadyan,11\n",  # a place of that name
        "pcode,village,people\nPK01,Total,50\nPK02,Kalam,20\nPK03,Bahrain,30\n",  # with a code of its own
        "village,people,lat,lon\nTotal,50,34,71\nKalam,20,34,72\nBahrain,30,34,73\n",  # with coordinates
        "village,people\nTotalai,50\nKalam,20\nBahrain,30\n",
        "district,people\nTotal,50\n",  # nothing to sum
        "village,people\nA,10\nB,20\nC,30\n",  # 10 + 20 = 30, but a record like the others
    ],
)
def test_a_record_is_not_taken_for_a_total(tmp_path: Path, text: str) -> None:
    data = opened(csv_of(tmp_path, text))
    assert not data.aside


def test_a_doubtful_total_is_offered_and_set_aside_when_the_user_says_so(tmp_path: Path) -> None:
    file = csv_of(tmp_path, "village,people\nKalam,20\nBahrain,30\nMadyan,11\nTotal,90\n")
    data = opened(file)
    assert not data.aside
    offered = said(data, "total-row-doubtful")
    assert offered.fix
    assert not offered.applied
    mended = opened(file, Reading(fixes=("total-row-doubtful",)))
    assert aside_of(mended) == {"total-row-doubtful": [5]}
    assert said(mended, "total-row-doubtful").applied


def test_a_total_that_does_not_add_up_is_told(tmp_path: Path) -> None:
    data = opened(csv_of(tmp_path, "d,men,women\nA,100,200\nB,300,400\nC,500,600\nTotal,900,1210\n"))
    assert aside_of(data) == {"total-row": [5]}
    assert "1,210" in said(data, "total-differs").message
    assert "1,200" in said(data, "total-differs").message


def test_numbers_of_columns_under_the_header(tmp_path: Path) -> None:
    text = (
        "S.No,District,Male,Female,Total\n(1),(2),(3),(4),(5)\n1,Swat,5,6,11\n2,Dir,7,8,15\n,Total,12,14,26\n"
    )
    data = opened(csv_of(tmp_path, text))
    assert aside_of(data) == {"units-row": [2], "total-row": [5]}
    assert data.frame["Male"].tolist() == [5, 7]


def test_a_heading_inside_the_table(tmp_path: Path) -> None:
    def fill(book: object) -> None:
        sheet = book.add_worksheet()  # type: ignore[attr-defined]
        sheet.write_row(0, 0, ["Province", "Org", "Sector", "People"])
        sheet.write_row(1, 0, ["Sindh", "A", "Food", 5])
        sheet.merge_range(2, 0, 2, 3, "KHYBER PAKHTUNKHWA")
        sheet.write_row(3, 0, ["KP", "B", "Health", 7])

    data = opened(xlsx_of(tmp_path, fill))
    assert aside_of(data) == {"section-row": [3]}


def test_a_last_row_with_only_a_name_is_no_note(tmp_path: Path) -> None:
    data = opened(csv_of(tmp_path, "name,people,type\nA,1,x\nB,2,y\nC,,\n"))
    assert not data.aside
    assert len(data.frame) == 3


def test_personal_columns_leave_the_rows_set_aside_too(tmp_path: Path) -> None:
    text = "district,people,phone\nA,1,03001234567\nB,2,03001234568\nC,4,03001234569\nTotal,7,\n"
    data = opened(csv_of(tmp_path, text))
    assert aside_of(data) == {"total-row": [5]}
    assert "phone" not in data.aside[0].frame.columns
    assert "phone" not in data.frame.columns


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["A", "B", "Total", "Sub-total", "", "Note: x", "d"]), st.integers(0, 9)),
        min_size=1,
        max_size=12,
    ),
    st.sampled_from([(), ("total-row",), ("note-row", "repeated-header")]),
)
def test_no_row_is_ever_lost(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, int]], keep: tuple[str, ...]
) -> None:
    text = "d,men,women\n" + "".join(f"{d},{n},{n + 1}\n" for d, n in rows)
    data = opened(csv_of(tmp_path_factory.mktemp("rows"), text), Reading(keep=keep))
    everything = [*data.row_numbers.tolist(), *(n for one in data.aside for n in one.row_numbers.tolist())]
    assert sorted(everything) == list(range(2, len(rows) + 2))
    assert {one.code for one in data.aside}.isdisjoint(keep)


def test_real_tables_keep_their_rows(shared_data: Callable[[str], Path]) -> None:
    pcodes = opened(shared_data("iom-dtm-hdx-api") / "download-global-pcodes-adm-1-2.csv")
    assert len(pcodes.frame) == 33_363
    assert not pcodes.aside
    assert "total-row-doubtful" not in codes_of(pcodes)


@pytest.mark.parametrize(
    ("text", "aside"),
    [
        # who the people above are, said again
        ("site,people\nA,10\nB,20\nC,30\n\nMen,25\nWomen,35\nTotal,60\n", {"total-row": [6, 7, 8]}),
        ("site,people,homes\nA,1,2\nB,2,3\n\nMen,1,4\nWomen,2,1\n", {"total-row": [5, 6]}),
        # other rows after a gap
        ("site,people\nA,10\nB,20\nC,30\n\nD,25\nE,36\n", {}),
        ("site,people\nA,1\nB,2\n\nC,1\nD,2\n", {}),
        ("site,people,homes\nA,100,20\nB,101,20\n\nC,102,20\nD,103,20\n", {}),
        (
            "site,people\nA,10\nB,20\nC,30\n\nsite,people\nD,25\nE,35\n",
            {"repeated-header": [6]},
        ),
        # averages, and the total beside them
        ("site,people,hh\nA,10,2\nB,20,4\nC,60,9\nAverage,30,5\nTotal,90,15\n", {"total-row": [5, 6]}),
        ("site,people\nA,10\nB,20\nC,60\nMax,60\nMin,10\n", {"total-row": [5, 6]}),
        ("site,people\nA,10\nB,20\nMean,7000\n", {}),
        # headings of parts
        (
            "place,people,homes\nPUNJAB,,\nQ,10,1\nP,20,2\nSINDH,,\nK,5,1\nT,6,2\n",
            {"section-row": [2, 5]},
        ),
        ("place,people,homes\nQ,10,1\nP,,\nK,5,1\nT,6,2\n", {}),
        ("place,people,homes\nQ,,\nP,5,1\nK,5,1\nT,6,2\n", {}),
        # a comma in a note
        (
            "place,people,homes\nA,5,1\nB,6,2\nSource: PDMA, data as of today\n",
            {"note-row": [4]},
        ),
        (
            "Ort,Menschen\nA,5\nB,6\nZwischensumme,11\nC,1\nD,2\nZwischensumme,3\nGesamtsumme,14\n",
            {"total-row": [4, 7, 8]},
        ),
        # headings and feet of pages
        (
            "district,people\nA,5\nB,6\nDistrict,People\nC,7\nPage 2 of 3,\n",
            {"repeated-header": [4], "note-row": [6]},
        ),
    ],
)
def test_what_only_says_again_stays_apart(tmp_path: Path, text: str, aside: dict[str, list[int]]) -> None:
    data = opened(csv_of(tmp_path, text))
    assert aside_of(data) == aside
    rows = sum(1 for line in text.splitlines()[1:] if line)
    assert len(data.frame) + sum(map(len, aside.values())) == rows
