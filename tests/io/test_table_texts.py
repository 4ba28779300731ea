"""Text tables: encodings, quotation marks, rows of odd lengths."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_tables import codes_of, csv_of, names_of, opened, said

from migmap.api import AS_FOUND, Problem, Reading
from migmap.io.place import locate
from migmap.io.probe import probe
from migmap.io.read import read
from migmap.io.reference import Reference
from migmap.io.tables.delimited import read_delimited

URDU = "ضلع,گاؤں,لوگ\nسوات,کالام,20\nدير,شرينگل,30\n"


@pytest.mark.parametrize(
    ("encoding", "text", "guess"),
    [
        ("utf-8", URDU, ""),
        ("utf-8-sig", URDU, ""),
        ("utf-16", URDU, ""),
        ("utf-16-le", "name,people\nKalam,20\nBahrain,30\n", "UTF-16"),
        ("cp1256", "ضلع,گاوں,لوگ\nسوات,کالام,20\nدير,شرينگل,30\n", "Windows-1256"),
        ("cp1252", "name,people\nMalé – island,20\nCôte d’Ivoire,30\n", "Windows-1252"),
        ("cp1251", "район,люди\nДушанбе,20\nХорог,30\n", "Windows-1251"),
    ],
)
def test_the_encoding_is_found_by_the_letters_that_come_out(
    tmp_path: Path, encoding: str, text: str, guess: str
) -> None:
    data = opened(csv_of(tmp_path, text.encode(encoding)))
    assert names_of(data) == text.split("\n")[0].split(",")
    assert data.frame.iloc[1, 0] == text.split("\n")[2].split(",")[0]
    if guess:
        finding = said(data, "encoding-guessed")
        assert guess in finding.message
        if not text.isascii():
            assert "for example “" in finding.message
    else:
        assert "encoding-guessed" not in codes_of(data)


def test_the_user_says_which_encoding(tmp_path: Path) -> None:
    file = csv_of(tmp_path, "name,people\nMalé,20\n".encode("cp1252"))
    assert opened(file, Reading(encoding="cp1256")).frame["name"][0] == "Malé".encode("cp1252").decode(
        "cp1256"
    )
    assert "encoding-guessed" not in codes_of(opened(file, Reading(encoding="cp1252")))
    with pytest.raises(Problem, match="not written in utf-8"):
        opened(file, Reading(encoding="utf-8"))
    with pytest.raises(Problem, match="no text encoding"):
        opened(file, Reading(encoding="klingon"))


def test_a_few_broken_letters_do_not_change_the_encoding(tmp_path: Path) -> None:
    text = URDU.encode() * 5 + "Malé\n".encode("cp1252")
    data = opened(csv_of(tmp_path, text))
    assert said(data, "encoding-broken").count == 1
    assert data.frame.iloc[0, 0] == "سوات"


@pytest.mark.parametrize(
    "text",
    [
        'name,people\nA,1\n"B,2\nC,3\nD,4\n',
        'name,people\nA,1\n"B,2\nC,3\n"D",4\n',
    ],
)
def test_a_quotation_mark_that_is_never_closed_swallows_no_rows(tmp_path: Path, text: str) -> None:
    data = opened(csv_of(tmp_path, text))
    assert data.frame["name"].tolist() == ["A", "B", "C", "D"]
    assert data.frame["people"].tolist() == [1, 2, 3, 4]
    assert said(data, "quote-unclosed").rows == (3,)


def test_marks_inside_words_and_line_breaks_inside_cells_are_no_fault(tmp_path: Path) -> None:
    text = 'name,people\npipe 2" wide,5\n"two\nlines",6\npipe 3" a,7\npipe 4" b,8\n'
    data = opened(csv_of(tmp_path, text))
    assert data.frame["people"].tolist() == [5, 6, 7, 8]
    assert data.frame["name"][1] == "two\nlines"
    assert "quote-unclosed" not in codes_of(data)


def test_blanks_around_words_are_none_of_them(tmp_path: Path) -> None:
    data = opened(csv_of(tmp_path, "name,kind\n Swat ,\u00a0x\u00a0\n  , \nDir,y\n"))
    assert data.frame["name"].tolist() == ["Swat", "Dir"]
    assert data.frame["kind"].tolist() == ["x", "y"]
    assert data.row_numbers.tolist() == [2, 4]


_cell = st.text(alphabet='ab1 ,;"\n\r\té', max_size=6)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.lists(_cell, min_size=1, max_size=4), min_size=1, max_size=12), st.sampled_from("\n\r"))
def test_both_engines_read_the_same(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], end: str
) -> None:
    """What a spreadsheet program writes comes back cell by cell, ragged rows and line breaks included."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n" if end == "\r" else "\n", quoting=csv.QUOTE_ALL)
    writer.writerow(["h1", "h2", "h3"])
    writer.writerows(rows)
    file = csv_of(tmp_path_factory.mktemp("same"), out.getvalue())
    raw = read_delimited(locate(Reference(file)), False, AS_FOUND)
    frame = raw.rows_from(1)
    # Without the quotation marks of the writer the cells themselves may hold the most even separator.
    if raw.head[0] != ["h1", "h2", "h3"]:
        return
    expected = [[cell.strip() for cell in row] for row in rows]
    width = max(3, *(len(row) for row in rows))
    got = frame.astype(object).where(frame.notna(), "").to_numpy().tolist()
    assert [row + [""] * (width - len(row)) for row in expected] == [
        row + [""] * (width - len(row)) for row in got
    ]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_damaged_tables_open_or_are_refused(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    text = b'Table 1,,\n,,\ndistrict,idps,date\n#adm2,#affected,#date\nSwat,"1,200",2024-05-01\nTotal,3,\n'
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(text)))
        piece = data.draw(
            st.sampled_from([b'"', b"\0", b"\xff", b"\n", b",", b";", b"\t", b"#adm1", b"Total,9"])
        )
        cut = data.draw(st.integers(0, 8))
        text = text[:place] + piece + text[place + cut :]
    file = csv_of(tmp_path_factory.mktemp("damaged"), text)
    try:
        opened(file)
    except Problem:
        return


def test_letters_of_an_old_macintosh_are_guessed(tmp_path: Path) -> None:
    text = "Préfecture;Sous-préfecture\rKissidougou;Yendé-Millimou\rGuéckédou;Côte\r"
    data = opened(csv_of(tmp_path, text.encode("mac-roman")))
    assert names_of(data) == ["Préfecture", "Sous-préfecture"]
    assert data.frame["Sous-préfecture"].tolist() == ["Yendé-Millimou", "Côte"]
    assert "Mac Roman" in said(data, "encoding-guessed").message


@pytest.mark.parametrize(
    "text", ["Malé;Žilina\nŠabac;x\n", "Côte;Œuvre\nÎle – Nord;“x”\n", "naïve;São Tomé\n1;2\n"]
)
def test_letters_of_windows_stay_those_of_windows(tmp_path: Path, text: str) -> None:
    data = opened(csv_of(tmp_path, text.encode("cp1252")))
    shown = "".join([*names_of(data), *(str(v) for v in data.frame.iloc[0])])
    assert "Mac Roman" not in " ".join(f.message for f in data.findings)
    assert text[:3] in shown


@pytest.mark.parametrize("raw", [b"site,people\nA\0,5\nB,6\n", b"site,people\nA,5\nB,6\n" + b"\0" * 4096])
def test_bytes_of_zero_in_a_text_are_left_out_and_said(tmp_path: Path, raw: bytes) -> None:
    data = opened(csv_of(tmp_path, raw))
    assert data.frame["site"].tolist() == ["A", "B"]
    assert data.frame["people"].tolist() == [5, 6]
    assert said(data, "zero-bytes").count == raw.count(0)


def test_what_is_no_text_stays_refused(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="not a text file"):
        opened(csv_of(tmp_path, bytes(range(256)) * 20))


def test_a_long_table_in_an_archive_is_described_from_its_first_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("migmap.io.tables.delimited.COUNT_BYTES", 20_000)
    monkeypatch.setattr("migmap.io.tables.delimited._HEAD_BYTES", 10_000)
    text = "name,lat,lon\n" + "".join(f"Village {k},34.{k},71.5\n" for k in range(2_000))
    with zipfile.ZipFile(tmp_path / "long.zip", "w") as archive:
        archive.writestr("long.csv", text)
    reference = Reference(tmp_path / "long.zip")
    seen = probe(reference)
    assert seen.rows is None
    assert [column.name for column in seen.columns] == ["name", "lat", "lon"]
    assert len(read(reference).frame) == 2_000  # type: ignore[union-attr]


def test_wide_tables_show_their_columns_whatever_their_length(tmp_path: Path) -> None:
    names = ["site", *(f"question {k}" for k in range(300))]
    rows = [[f"Site {r}", *(str((r * k) % 7) for k in range(300))] for r in range(1_200)]
    text = "\n".join(",".join(cells) for cells in [names, *rows])
    seen = probe(Reference(csv_of(tmp_path, text.encode())))
    assert [column.name for column in seen.columns] == names
    assert {column.dtype for column in seen.columns[1:]} == {"int"}
    assert seen.rows == 1_200
