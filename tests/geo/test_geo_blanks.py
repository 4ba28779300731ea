"""Zero, not assessed, unknown and blank stay four things in what is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from migmap.api import AS_FOUND, Reading, VectorData
from migmap.geo.blanks import with_reasons
from migmap.io.read import read
from migmap.io.reference import parse_reference

TEXT = "site,people,homes\nA,0,5\nB,-,6\nC,NA,7\nD,nil,8\nE,unknown,9\nF,12,1\n"


def _read(file: Path, reading: Reading = AS_FOUND) -> VectorData:
    data = read(parse_reference(str(file)), reading=reading)
    assert isinstance(data, VectorData)
    return data


def test_the_reason_stands_behind_the_figure(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(TEXT)
    data = with_reasons(_read(tmp_path / "t.csv"))
    assert list(data.frame.columns)[:4] == ["site", "people", "people_why_blank", "homes"]
    said = [None if value != value else value for value in data.frame["people_why_blank"]]
    assert said == [None, None, "not assessed", "nil", "unknown", None]
    assert data.frame["people"].tolist()[0] == 0


def test_nil_that_was_read_as_zero_needs_no_reason(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(TEXT)
    data = with_reasons(_read(tmp_path / "t.csv", Reading(fixes=("nil-as-zero",))))
    assert data.frame["people"].tolist()[3] == 0
    assert data.frame["people_why_blank"].dropna().tolist() == ["not assessed", "unknown"]


@pytest.mark.parametrize("text", ["site,people\nA,1\nB,\n", "site,status\nA,NA\nB,not assessed\n"])
def test_nothing_is_added_where_nothing_was_lost(tmp_path: Path, text: str) -> None:
    (tmp_path / "t.csv").write_text(text)
    data = _read(tmp_path / "t.csv")
    assert with_reasons(data) is data
