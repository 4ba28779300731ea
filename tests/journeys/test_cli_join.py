"""A table onto areas, by the command line: every row matched, doubtful or unmatched, everybody counted."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import geopandas
import pyogrio
import pytest
import shapely
from command_line import Said

TABLE = """Province,District,Code,IDPs
Punjab,Lahore,PK606,200
Punjab,Distt. LAHORE,,"1,100"
Punjab,Lahor,,30
Khyber Pakhtunkhwa,Chitral,,55
Punjab,Lahore,PK101,7
Sindh,Nawabshah,,9
Punjab,Atlantis,,4
,,,2
"""


@pytest.fixture
def areas(tmp_path: Path) -> Path:
    names = [
        ("PK606", "Lahore", "Punjab"),
        ("PK507", "Chitral Lower", "Khyber Pakhtunkhwa"),
        ("PK508", "Chitral Upper", "Khyber Pakhtunkhwa"),
        ("PK101", "Bagh", "Azad Kashmir"),
        ("PK725", "Shaheed Benazir Abad", "Sindh"),
    ]
    frame = geopandas.GeoDataFrame(
        {
            "ADM2_PCODE": [one[0] for one in names],
            "ADM2_EN": [one[1] for one in names],
            "ADM1_EN": [one[2] for one in names],
        },
        geometry=[shapely.box(70 + i, 30, 71 + i, 31) for i in range(5)],
        crs="EPSG:4326",
    )
    path = tmp_path / "districts.geojson"
    pyogrio.write_dataframe(frame, path)
    return path


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "idps.csv"
    path.write_text(TABLE, encoding="utf-8")
    return path


def values(document: dict, status: str) -> dict[str, dict]:  # type: ignore[type-arg]
    return {one["value"]: one for one in document[status]["values"]}


def test_every_row_and_everybody_is_in_one_of_three_lists(
    migmap: Callable[..., Said], table: Path, areas: Path
) -> None:
    said = migmap("join", table, "--areas", areas, "--json").json
    counts = {status: (said[status]["rows"], said[status]["people"]) for status in STATUSES}
    assert counts == {"matched": (3, 1309), "doubtful": (3, 92), "unmatched": (2, 6)}
    assert said["accounting"]["rows"] == 8
    assert said["accounting"]["people"] == 1407
    doubtful = values(said, "doubtful")
    assert doubtful["Lahor"]["area"] == "PK606"
    assert 0.8 <= doubtful["Lahor"]["score"] < 1
    assert doubtful["Lahor"]["rows"] == [4]
    assert {one["area"] for one in doubtful["Chitral"]["candidates"]} >= {"PK507", "PK508"}
    assert {one["area"] for one in doubtful["PK101, Lahore"]["candidates"]} == {"PK101", "PK606"}
    assert set(values(said, "unmatched")) == {"Atlantis", "(blank)"}
    codes = {one["code"] for one in said["findings"]}
    assert codes >= {"codes-and-names-disagree", "area-doubtful", "area-unmatched", "area-names-repaired"}


STATUSES = ("matched", "doubtful", "unmatched")


def test_the_joined_file_holds_every_row_and_decides_nothing_doubtful(
    migmap: Callable[..., Said], table: Path, areas: Path, tmp_path: Path
) -> None:
    out = tmp_path / "joined.gpkg"
    said = migmap("join", table, "--areas", areas, "--out", out)
    assert said.code == 0, said.err
    assert "doubtful: 3 rows, 92 people" in said.out
    frame = pyogrio.read_dataframe(out, layer="idps")
    assert len(frame) == 8
    assert frame["area_code"].fillna("").tolist() == ["PK606", "PK606", "", "", "", "PK725", "", ""]
    assert frame["area_suggested"].notna().tolist() == [False, False, True, True, True, False, False, False]
    assert frame.geometry.notna().tolist() == [True, True, False, False, False, True, False, False]
    assert frame["IDPs"].sum() == 1407


def test_what_the_user_accepts_is_matched(migmap: Callable[..., Said], table: Path, areas: Path) -> None:
    words = (
        "join",
        table,
        "--areas",
        areas,
        "--accept",
        "Lahor=PK606",
        "--accept",
        "Chitral=PK508",
        "--json",
    )
    said = migmap(*words).json
    assert (said["matched"]["rows"], said["matched"]["people"]) == (5, 1394)
    assert values(said, "matched")["Chitral"]["how"] == "accepted"
    wrong = migmap("join", table, "--areas", areas, "--accept", "Lahor=PK999")
    assert (wrong.code, wrong.out) == (2, "")
    assert "PK999" in wrong.err


@pytest.mark.parametrize(
    ("words", "title"),
    [
        (("--by", "guess"), "--by guess"),
        (("--accept", "Lahor"), "VALUE=CODE"),
        (("--map", "pcode=Kode"), "Kode"),
    ],
)
def test_what_cannot_be_joined_is_said(
    migmap: Callable[..., Said], table: Path, areas: Path, words: tuple[str, ...], title: str
) -> None:
    said = migmap("join", table, "--areas", areas, *words)
    assert (said.code, said.out) == (2, "")
    assert title in said.err


def test_a_table_of_elsewhere_has_no_column_to_join_by(
    migmap: Callable[..., Said], areas: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.csv"
    other.write_text("Region,People\nNairobi,5\nMombasa,6\n", encoding="utf-8")
    said = migmap("join", other, "--areas", areas)
    assert said.code == 2
    assert "No column of" in said.err
    assert "--map" in said.err


def test_by_code_alone_and_by_name_alone(migmap: Callable[..., Said], table: Path, areas: Path) -> None:
    code = migmap("join", table, "--areas", areas, "--by", "code", "--json").json
    assert [code[status]["rows"] for status in STATUSES] == [2, 0, 6]
    name = migmap("join", table, "--areas", areas, "--by", "name", "--json").json
    assert [name[status]["rows"] for status in STATUSES] == [4, 2, 2]


def test_pakistans_districts_of_two_editions(
    migmap: Callable[..., Said], shared_data: Callable[[str], Path]
) -> None:
    """148 districts of 2015 onto the 161 of 2022: what was merged, split and renamed since then is found."""
    folder = shared_data("pk-codab-adm2")
    said = migmap(
        "join",
        folder / "pakistan_districts.geojson",
        "--areas",
        folder / "districts_simplified_5p.geojson",
        "--json",
    ).json
    old = json.loads((folder / "pakistan_districts.geojson").read_text(encoding="utf-8"))["features"]
    assert sum(said[status]["rows"] for status in STATUSES) == len(old) == 148
    matched = values(said, "matched")
    repaired = {
        "Layyah": "Leiah",
        "Hattian": "Jhelum Valley",
        "Sajawal": "Sujawal",
        "Dera Ismail Khan": "D. I. Khan",
        "Khyber Agency": "Khyber",
        "North Waziristan Agency": "North Waziristan",
    }
    assert {old: matched[old]["area_name"] for old in repaired} == repaired
    assert {"Chitral", "Kohistan", "Karachi", "Hunza Nagar", "FR Bannu"} <= set(values(said, "doubtful"))
    assert said["matched"]["rows"] >= 130
