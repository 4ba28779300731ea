"""Files on their way in, by the command line: decided, converted, replayed on the next round."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import Said

from migmap.api import Problem, Reading
from migmap.app.templates import Template, Templates
from migmap.app.workbench import Workbench

Small = Callable[[], Path]
ROUND_1 = (
    "Site Name,Pop 1,Pop 2,Lat,Long\nAlpha,100,7,29.52,70.12\nBeta,250,8,29.62,70.32\nGamma,,9,29.72,70.42\n"
)
ROUND_2 = (
    "site_name,pop_1,New column,lat,long\n"
    "Alpha,120,x,29.52,70.12\nBeta,240,y,29.62,70.32\nGamma,30,z,29.72,70.42\n"
)


@pytest.fixture
def rounds(tmp_path: Path) -> tuple[Path, Path]:
    first, second = tmp_path / "round1.csv", tmp_path / "round2.csv"
    first.write_text(ROUND_1, encoding="utf-8")
    second.write_text(ROUND_2, encoding="utf-8")
    return first, second


def test_info_says_roles_and_full_accounts_for_every_row(
    migmap: Callable[..., Said], rounds: tuple[Path, Path]
) -> None:
    brief = migmap("info", rounds[0], "--map", "people=Pop 1", "--json").json
    assert brief["roles"]["people"] == "Pop 1"
    assert "accounting" not in brief
    full = migmap("info", rounds[0], "--map", "people=Pop 1", "--full", "--json").json
    assert full["accounting"] == {
        "rows": 3,
        "used": 3,
        "set_aside": 0,
        "people": 350,
        "people_used": 350,
        "people_set_aside": 0,
    }


def test_a_large_table_is_not_read_to_say_what_it_is(migmap: Callable[..., Said], tmp_path: Path) -> None:
    """A broken cell far down is not seen by the header's reading, and is by the full one."""
    path = tmp_path / "long.csv"
    lines = ["name,lat,lon", *(f"p{i},29.5,70.5" for i in range(3000)), "last,none of it,70.5"]
    path.write_text("\n".join(lines), encoding="utf-8")
    brief = migmap("info", path, "--json").json
    assert (brief["rows"], brief["bounds"]) == (3001, None)
    assert not [one for one in brief["findings"] if 3002 in one["rows"]]
    full = migmap("info", path, "--full", "--json").json
    assert full["bounds"] == [70.5, 29.5, 70.5, 29.5]
    assert [one for one in full["findings"] if 3002 in one["rows"]]


def test_convert_writes_the_file_and_accounts_for_it(
    migmap: Callable[..., Said], rounds: tuple[Path, Path], tmp_path: Path
) -> None:
    out = tmp_path / "clean.csv"
    done = migmap("convert", rounds[0], out, "--map", "people=Pop 1", "--as", "dtm_site", "--json").json
    assert done["kind"] == "dtm_site"
    assert done["roles"]["people"] == "Pop 1"
    assert done["outputs"][0] == str(out)
    assert done["accounting"]["people"] == 350
    with open(out, encoding="utf-8-sig", newline="") as stream:
        assert [row["Site Name"] for row in csv.DictReader(stream)] == ["Alpha", "Beta", "Gamma"]
    said = migmap("convert", rounds[0], tmp_path / "clean.gpkg")
    assert "3 rows in the file = 3 used + 0 set aside" in said.out


@pytest.mark.parametrize(
    ("words", "title", "way_out"),
    [
        (["--fix", "coordinates-swaped"], "--fix coordinates-swaped", "migmap check"),
        (["--keep", "total-row"], "--keep total-row", "migmap check"),
        (["--as", "dtm_sites"], "dtm_sites", "Did you mean dtm_site?"),
        (["--map", "peple=Pop 1"], "peple", "Did you mean people?"),
        (["--map", "people=Pop1"], "Pop1", "Did you mean Pop 1?"),
        (["--map", "people"], "--map people", "ROLE=COLUMN"),
        (["--header", "x"], "--header x", "row number"),
        (["--people-unit", "heads"], "heads", "density-km2"),
        (["--template", "nobody"], "nobody", "saved one"),
    ],
)
def test_what_cannot_be_decided_is_said(
    migmap: Callable[..., Said],
    rounds: tuple[Path, Path],
    tmp_path: Path,
    words: list[str],
    title: str,
    way_out: str,
) -> None:
    out = tmp_path / "out.csv"
    said = migmap("convert", rounds[0], out, *words)
    assert (said.code, said.out, out.exists()) == (2, "", False)
    assert title in said.err
    assert way_out in said.err


def test_a_template_reads_the_next_round_the_same_way(
    migmap: Callable[..., Said], rounds: tuple[Path, Path], tmp_path: Path
) -> None:
    template = tmp_path / "dtm.template.json"
    words = ("--as", "dtm_site", "--map", "people=Pop 1", "--save-template", template)
    assert migmap("convert", rounds[0], tmp_path / "one.csv", *words).code == 0
    done = migmap("convert", rounds[1], tmp_path / "two.csv", "--template", template, "--json").json
    assert (done["kind"], done["roles"]["people"]) == ("dtm_site", "pop_1")
    assert done["accounting"]["people_used"] == 390


def test_a_template_whose_column_is_gone_says_so(
    migmap: Callable[..., Said], rounds: tuple[Path, Path], tmp_path: Path
) -> None:
    template = tmp_path / "dtm.template.json"
    words = ("--map", "households=Pop 2", "--as", "dtm_site", "--save-template", template)
    assert migmap("convert", rounds[0], tmp_path / "one.csv", *words).code == 0
    done = migmap("info", rounds[1], "--template", template, "--json").json
    gone = next(one for one in done["findings"] if one["code"] == "template-column-missing")
    assert "“Pop 2” (households)" in gone["message"]


def test_saved_templates_are_found_by_their_columns(rounds: tuple[Path, Path], tmp_path: Path) -> None:
    workbench = Workbench()
    workbench.templates = Templates(tmp_path / "templates")
    probe, _ = workbench.probe(str(rounds[0]))
    columns = [column.name for column in probe.columns]
    reading = Reading(kind="dtm_site", roles={"people": "Pop 1"})
    workbench.templates.save("DTM / round", reading, columns)
    workbench.templates.save("Other", Reading(kind="service"), ["beds", "staff"])
    found = workbench.templates.find(workbench.probe(str(rounds[1]))[0])
    assert found is not None
    assert found.name == "DTM / round"
    sent = tmp_path / "sent.json"
    sent.write_text(json.dumps(found.model_dump(mode="json")), encoding="utf-8")
    workbench.templates.remove("dtm / ROUND")
    assert [one.name for one in workbench.templates.list()] == ["Other"]
    assert workbench.templates.take_in(sent) == found
    sent.write_text(json.dumps({"migmap_template": 99}), encoding="utf-8")
    with pytest.raises(Problem, match="newer version"):
        workbench.templates.take_in(sent)
    assert Template.model_validate(found.model_dump()) == found


def test_a_run_reads_its_inputs_as_decided_and_again_so(
    migmap: Callable[..., Said], small: Small, tmp_path: Path
) -> None:
    folder = small()
    out = tmp_path / "run.json"
    words = ["run", "exposure", "--hazard", folder / "flood.tif", "--classes", "0.5", "--exposed"]
    words += [folder / "sites.geojson", "--people", "population", "--out", out, "--json"]
    plain = migmap(*words).json
    decided = migmap(*words, "--reading", 'exposed={"kind": "dtm_site"}').json
    assert decided["metrics"] == plain["metrics"]
    assert decided["run"] != plain["run"]
    recipe = json.loads(out.read_text(encoding="utf-8"))["recipe"]
    assert recipe["inputs"]["exposed"]["reading"] == {"kind": "dtm_site"}
    again = migmap("recipe", out, "--json").json
    assert again["run"] == decided["run"]
    wrong = migmap(*words, "--reading", "sites=x")
    assert (wrong.code, "hazard, exposed" in wrong.err) == (2, True)
