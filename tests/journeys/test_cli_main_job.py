"""The main job from the command line: numbers that add up, files that open, runs that can be repeated."""

from __future__ import annotations

import json
import re
import shutil
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from command_line import Said

from migmap.app import places

Small = Callable[[], Path]
ENDINGS = (".gpkg", ".zip", ".shp", ".geojson", ".kml", ".csv", ".xlsx", ".html", ".png", ".json")


def exposure(folder: Path) -> list[object]:
    return [
        *("run", "exposure", "--hazard", folder / "flood.tif", "--classes", "0.5"),
        *(
            "--exposed",
            folder / "sites.geojson",
            "--people",
            "population",
            "--areas",
            folder / "areas.geojson",
        ),
    ]


def values(document: dict[str, Any], metric: str) -> dict[tuple[Any, Any], float]:
    return {
        (row["area"], row["class"]): row["value"] for row in document["metrics"] if row["metric"] == metric
    }


def test_exposure_of_sites(migmap: Callable[..., Said], small: Small) -> None:
    said = migmap(*exposure(small()), "--json")
    assert said.code == 0, said.err
    document = said.json
    assert list(document) == ["run", "analysis", "params", "inputs", "metrics", "findings", "outputs"]
    assert list(document["metrics"][0]) == [
        "metric",
        "hazard",
        "area",
        "area_name",
        "level",
        "class",
        "group",
        "value",
        "unit",
    ]
    assert [list(one) for one in document["inputs"]] == [["path", "sha256", "crs", "rows"]] * 3
    assert document["inputs"][1]["rows"] == 4
    people = values(document, "people")
    assert people[None, "0.5+"] == 30
    assert people[None, "not_exposed"] == 30
    assert people[None, "unknown"] == 40
    assert people["PK1", "0.5+"] == 30
    assert people["PK2", "not_exposed"] == 30
    assert people["outside", "unknown"] == 40
    assert {row["hazard"] for row in document["metrics"]} == {"flood"}


def test_the_rows_of_all_areas_add_up_to_the_row_for_everything(migmap: Callable[..., Said]) -> None:
    sample = places.sample_data()
    said = migmap(
        *("run", "exposure", "--hazard", sample / "flood_depth_rp100.tif", "--classes", "0.1,0.5,1.5"),
        *("--exposed", sample / "katchi_abadis.gpkg", "--people", "population"),
        *("--areas", sample / "districts.geojson", "--json"),
    )
    assert said.code == 0, said.err
    whole: dict[tuple[str, str], float] = {}
    parts: dict[tuple[str, str], float] = defaultdict(float)
    for row in said.json["metrics"]:
        if row["value"] is None:
            continue
        if row["area"] is None:
            whole[row["metric"], row["class"]] = row["value"]
        else:
            parts[row["metric"], row["class"]] += row["value"]
    assert whole
    for key, value in whole.items():
        assert parts[key] == pytest.approx(value, rel=1e-9), key
    assert sum(value for (metric, _), value in whole.items() if metric == "sites") == 147


def test_service_gap(migmap: Callable[..., Said], small: Small) -> None:
    folder = small()
    said = migmap(
        *("run", "service-gap", "--sites", folder / "sites.geojson", "--services", folder / "sites.geojson"),
        *("--services-where", "name=a", "--limit-km", "50", "--people", "population", "--json"),
    )
    assert said.code == 0, said.err
    people = values(said.json, "people")
    assert people[None, "within"] == 30
    assert people[None, "beyond"] == 70
    assert {row["hazard"] for row in said.json["metrics"]} == {None}


def test_every_format_in_one_run(migmap: Callable[..., Said], small: Small, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    wanted = [out / f"result_{ending[1:]}{ending}" for ending in ENDINGS]
    said = migmap(*exposure(small()), "--json", *(f"--out={path}" for path in wanted))
    assert said.code == 0, said.err
    document = said.json
    assert set(map(str, wanted)) <= set(document["outputs"]) | {str(out / "result_shp.shp")}
    for path in map(Path, document["outputs"]):
        assert path.stat().st_size > 0
    assert {path.name for path in out.iterdir()} == {Path(path).name for path in document["outputs"]}
    saved = json.loads((out / "result_json.json").read_text(encoding="utf-8"))
    assert saved.pop("recipe")["analysis"] == "exposure"
    assert saved == document


def test_a_summary_for_people_names_the_answer_and_the_files(
    migmap: Callable[..., Said], small: Small, tmp_path: Path
) -> None:
    said = migmap(*exposure(small()), "--out", tmp_path / "table.csv")
    assert said.code == 0
    assert "30 people" in said.out
    assert str(tmp_path / "table.csv") in said.out


def test_options_in_any_spelling(migmap: Callable[..., Said], small: Small, tmp_path: Path) -> None:
    folder = small()
    said = migmap(
        *("run", "exposure", f"--hazard={folder / 'flood.tif'}", "--classes=-1,0.5", "--json"),
        *("--out", tmp_path / "a.csv", f"--out={tmp_path / 'b.xlsx'}"),
    )
    assert said.code == 0, said.err
    assert said.json["params"]["classes"] == [-1.0, 0.5]
    assert said.json["outputs"] == [str(tmp_path / "a.csv"), str(tmp_path / "b.xlsx")]
    again = migmap("run", "exposure", "--hazard", folder / "flood.tif", "--classes", "-1,0.5", "--json")
    assert again.json["metrics"] == said.json["metrics"]
    assert again.json["run"] == said.json["run"]


def test_the_same_question_has_the_same_id_and_tables_wherever_the_files_lie(
    migmap: Callable[..., Said], small: Small, tmp_path: Path
) -> None:
    folder = small()
    first = migmap(*exposure(folder), "--json").json
    moved = Path(shutil.move(folder, tmp_path / "moved"))
    second = migmap(*exposure(moved), "--json").json
    assert (second["run"], second["metrics"]) == (first["run"], first["metrics"])
    other = migmap(*exposure(moved), "--area-id", "ADM2_EN", "--json").json
    assert other["run"] != first["run"]


def test_inputs_are_left_as_they_were(migmap: Callable[..., Said], small: Small, tmp_path: Path) -> None:
    folder = small()
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert migmap(*exposure(folder), "--out", tmp_path / "a.gpkg").code == 0
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


# -- recipes --------------------------------------------------------------------------------------


@pytest.fixture
def document(migmap: Callable[..., Said], small: Small) -> Path:
    """A run document in the folder of its data."""
    folder = small()
    target = folder / "run.json"
    assert migmap(*exposure(folder), "--out", target).code == 0
    return target


def test_a_recipe_runs_again_after_moving_with_its_data(
    migmap: Callable[..., Said], document: Path, tmp_path: Path
) -> None:
    first = json.loads(document.read_text(encoding="utf-8"))
    moved = Path(shutil.move(document.parent, tmp_path / "other place"))
    table = tmp_path / "again.csv"
    said = migmap("recipe", moved / "run.json", "--json", "--out", table)
    assert said.code == 0, said.err
    assert said.json["run"] == first["run"]
    assert said.json["metrics"] == first["metrics"]
    assert said.json["outputs"] == [str(table)]
    assert not [one for one in said.json["findings"] if one["code"] == "input-changed"]


def test_a_recipe_says_which_input_changed(migmap: Callable[..., Said], document: Path) -> None:
    sites = document.parent / "sites.geojson"
    sites.write_text(sites.read_text(encoding="utf-8").replace('": 10', '": 11'), encoding="utf-8")
    said = migmap("recipe", document, "--json")
    assert said.code == 0, said.err
    changed = [one for one in said.json["findings"] if one["code"] == "input-changed"]
    assert len(changed) == 1
    assert "sites.geojson" in changed[0]["message"]
    assert values(said.json, "people")[None, "0.5+"] == 31


def test_a_recipe_names_the_input_that_is_missing(migmap: Callable[..., Said], document: Path) -> None:
    (document.parent / "areas.geojson").unlink()
    said = migmap("recipe", document)
    assert (said.code, said.out) == (2, "")
    assert "areas.geojson" in said.err


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("{", "JSON"),
        ("[]", "recipe"),
        ('{"run": "x"}', "recipe"),
        ('{"recipe": {"recipe": 99}}', "newer"),
        ('{"recipe": {"recipe": 1}}', "incomplete"),
        ('{"recipe": {"recipe": 1, "analysis": "x", "params": {}, "inputs": {"a": {}}}}', "result"),
        ('{"recipe": {"recipe": 1, "analysis": "nonsense", "params": {}, "inputs": {}}}', "nonsense"),
    ],
)
def test_what_is_no_recipe_says_so(migmap: Callable[..., Said], tmp_path: Path, text: str, word: str) -> None:
    path = tmp_path / "run.json"
    path.write_text(text)
    said = migmap("recipe", path)
    assert (said.code, said.out) == (2, "")
    assert word in said.err


def test_what_is_another_file_is_named_in_plain_words(migmap: Callable[..., Said], tmp_path: Path) -> None:
    table = tmp_path / "v.csv"
    table.write_text("name,lon,lat\n", encoding="utf-8")
    said = migmap("recipe", table)
    assert "v.csv is not a run document" in said.err
    project = tmp_path / "map.migmap"
    project.write_bytes(b"PK\x03\x04\xf6\xff")
    wrong = migmap("recipe", project)
    assert "map.migmap is a project, not a run document" in wrong.err
    for one in (said, wrong):
        assert (one.code, one.out) == (2, "")
        assert not re.search("codec|Expecting|char 0", one.err)


# -- the other commands ---------------------------------------------------------------------------


def test_info(migmap: Callable[..., Said], small: Small) -> None:
    folder = small()
    sites = migmap("info", folder / "sites.geojson", "--json").json
    assert list(sites)[:8] == ["kind", "driver", "layers", "crs", "rows", "columns", "bounds", "findings"]
    assert (sites["crs"], sites["rows"], sites["columns"]) == ("EPSG:4326", 4, ["name", "population"])
    assert sites["bounds"] == [70.1, 29.5, 75.0, 29.9]
    flood = migmap("info", folder / "flood.tif", "--json").json
    assert {"width", "height", "dtype", "nodata", "unit"} <= set(flood)
    assert (flood["width"], flood["height"], flood["dtype"], flood["nodata"]) == (8, 8, "float32", -9999)
    assert "population" in migmap("info", folder / "sites.geojson").out


def test_info_of_a_file_with_several_layers_describes_one_and_lists_all(
    migmap: Callable[..., Said], small: Small, tmp_path: Path
) -> None:
    folder = small()
    both = tmp_path / "both.gpkg"
    assert (
        migmap(
            "export", "geopackage", "--in", folder / "sites.geojson", folder / "areas.geojson", "--out", both
        ).code
        == 0
    )
    about = migmap("info", both, "--json").json
    assert {"sites", "areas"} <= set(about["layers"])
    assert about["rows"] == 4
    assert any("both.gpkg" in finding["message"] for finding in about["findings"])
    assert migmap("info", f"{both}::areas", "--json").json["rows"] == 2
    said = migmap("run", "exposure", "--hazard", both)
    assert (said.code, said.out) == (2, "")
    assert f"{both}::sites" in said.err


@pytest.mark.parametrize(
    ("name", "ending"),
    [
        ("html", ".html"),
        ("png", ".png"),
        ("shapefile", ".zip"),
        ("geopackage", ".gpkg"),
        ("geojson", ".geojson"),
        ("kml", ".kml"),
        ("csv", ".csv"),
        ("xlsx", ".xlsx"),
    ],
)
def test_export_of_plain_files(
    migmap: Callable[..., Said], small: Small, tmp_path: Path, name: str, ending: str
) -> None:
    target = tmp_path / f"out{ending}"
    said = migmap("export", name, "--in", small() / "sites.geojson", "--out", target)
    assert said.code == 0, said.err
    assert target.stat().st_size > 0
    assert str(target) in said.out


def test_export_of_several_files_and_both_spellings(
    migmap: Callable[..., Said], small: Small, tmp_path: Path
) -> None:
    import pyogrio

    folder = small()
    first, second = tmp_path / "a.gpkg", tmp_path / "b.gpkg"
    one, two = folder / "sites.geojson", folder / "areas.geojson"
    assert migmap("export", "geopackage", "--in", one, two, "--out", first).code == 0
    assert migmap("export", "geopackage", "--in", one, "--in", two, "--out", second).code == 0
    for path in (first, second):
        assert {"sites", "areas"} <= {name for name, _ in pyogrio.list_layers(path)}


def test_lists(migmap: Callable[..., Said]) -> None:
    everything = migmap("list", "--json").json
    assert list(everything) == ["kinds", "analyses", "exporters", "plugins", "schemes", "rates", "needs"]
    for what, rows in everything.items():
        assert migmap("list", what, "--json").json == rows
        text = migmap("list", what).out
        assert all(row["name"] in text for row in rows)


def test_a_listed_scheme_is_printed_whole_and_written_to_be_edited(
    migmap: Callable[..., Said], tmp_path: Path
) -> None:
    from migmap.app import profiles

    whole = migmap("list", "schemes", "flood-depth", "--json").json
    assert [one["label"] for one in whole["classes"]] == ["low", "medium", "high"]
    mine = tmp_path / "mine.toml"
    said = migmap("list", "schemes", "flood-depth", "--out", mine)
    assert said.code == 0
    assert f"--scheme {mine}" in said.out
    assert mine.read_text(encoding="utf-8").splitlines()[0] == 'name = "mine"'
    assert migmap("list", "schemes", mine).out.strip() == mine.read_text(encoding="utf-8").strip()
    assert profiles.scheme(str(mine)).classes == profiles.scheme("flood-depth").classes
    assert migmap("list", "kinds", "hazard").code == 2
    assert migmap("list", "schemes", "--out", mine).code == 2


def test_version_and_help(migmap: Callable[..., Said]) -> None:
    from migmap import __version__

    assert migmap("--version").out.strip() == f"migmap {__version__}"
    said = migmap("--help")
    assert said.code == 0
    assert all(command in said.out for command in ("demo", "info", "run", "export", "recipe", "list"))
    said = migmap("run", "exposure", "--help")
    for flag in ("--hazard", "--hazard-class", "--classes", "--exposed", "--people", "--population"):
        assert flag in said.out
    for flag in ("--areas", "--area-id", "--crs", "--out", "--json"):
        assert flag in said.out
    said = migmap("run", "service-gap", "--help")
    for flag in ("--sites", "--services", "--services-where", "--limit-km", "--people", "--areas"):
        assert flag in said.out
