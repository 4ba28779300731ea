"""A project survives: moved, cut short, written by someone newer, never overwritten by accident."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from migmap.api import Problem
from migmap.app import project_file
from migmap.app.project import Project, View
from migmap.app.project_file import WouldReplace
from migmap.app.workbench import Workbench

Small = Callable[[], Path]


def exposure(folder: Path) -> dict[str, object]:
    return {
        "hazard": str(folder / "flood.tif"),
        "classes": (0.5,),
        "exposed": str(folder / "sites.geojson"),
        "people": "population",
        "areas": str(folder / "areas.geojson"),
    }


@pytest.fixture
def saved(workbench: Workbench, small: Small, tmp_path: Path) -> Path:
    """A project with two files and one run, beside its data."""
    folder = small()
    project = Project(title="Test", view=View(x=1.0, y=2.0, metres_per_pixel=3.0))
    for name in ("areas.geojson", "sites.geojson"):
        project = project.with_layer(workbench.open(str(folder / name)))
    run = workbench.run("exposure", exposure(folder))
    project = workbench.added(project, run).logged("Saved")
    return workbench.save_project(project, tmp_path / "data" / "project.migmap")


def repacked(path: Path, change: Callable[[str, bytes], bytes | None]) -> None:
    """The archive with every entry changed by change(name, contents); None leaves it out."""
    with zipfile.ZipFile(path) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, contents in entries.items():
            new = change(name, contents)
            if new is not None:
                archive.writestr(name, new)


def with_head(path: Path, **values: object) -> None:
    def change(name: str, contents: bytes) -> bytes:
        if name != "project.json":
            return contents
        return json.dumps({**json.loads(contents), **values}).encode()

    repacked(path, change)


def test_everything_comes_back(saved: Path) -> None:
    bench = Workbench()
    opened = bench.open_project(saved)
    assert (opened.damaged, opened.missing, opened.problems) == (False, (), ())
    project = opened.project
    assert project.title == "Test"
    assert project.view == View(x=1.0, y=2.0, metres_per_pixel=3.0)
    assert [layer.title for layer in project.layers] == [
        "Areas",
        "People exposed by area",
        "Sites",
        "Sites by class",
    ]
    assert project.layers[0].kind == "boundary"
    assert "Saved" in project.log[-1].what
    sites = bench.data_of(project.layers[-1])
    assert list(sites.frame["name"]) == ["a", "b", "c", "گاؤں"]
    assert list(sites.frame["class"])[:3] == ["0.5+", "0.5+", "not_exposed"]
    assert list(sites.row_numbers) == [1, 2, 3, 4]
    record = project.runs[0]
    run = bench.known_run(record.id)
    assert run is not None
    assert [metric.as_json() for metric in run.result.metrics] == record.document["metrics"]


def test_a_result_layer_is_the_same_after_saving_and_opening(workbench: Workbench, saved: Path) -> None:
    from geopandas.testing import assert_geodataframe_equal

    bench = Workbench()
    project = bench.open_project(saved).project
    results = [layer for layer in project.layers if layer.run is not None]
    assert len(results) == 2
    for layer in results:
        before, after = workbench.datasets.result(layer.source), bench.datasets.result(layer.source)
        assert_geodataframe_equal(before.frame, after.frame, check_dtype=False, check_like=True)
        assert (before.kind, before.roles, before.meta) == (after.kind, after.roles, after.meta)


def test_saving_twice_gives_the_same_bytes(saved: Path) -> None:
    bench = Workbench()
    again = bench.save_project(bench.open_project(saved).project, saved.with_name("again.migmap"))
    with zipfile.ZipFile(saved) as first, zipfile.ZipFile(again) as second:
        assert first.namelist() == second.namelist()
        assert first.read("project.json") == second.read("project.json")


def test_it_opens_after_moving_together_with_its_data(saved: Path, tmp_path: Path) -> None:
    there = tmp_path / "elsewhere" / "deep"
    there.parent.mkdir()
    shutil.move(saved.parent, there)
    bench = Workbench()
    opened = bench.open_project(there / "project.migmap")
    assert opened.missing == ()
    assert opened.project.layers[0].source == str(there / "areas.geojson")
    assert len(bench.data_of(opened.project.layers[0]).frame) == 2


def test_it_opens_when_only_the_project_moved(saved: Path, tmp_path: Path) -> None:
    alone = tmp_path / "alone"
    alone.mkdir()
    moved = Path(shutil.move(saved, alone / "project.migmap"))
    opened = Workbench().open_project(moved)
    assert opened.missing == ()
    assert opened.project.layers[0].source == str(saved.parent / "areas.geojson")


def test_a_missing_source_is_named_and_the_rest_opens(saved: Path) -> None:
    (saved.parent / "areas.geojson").unlink()
    bench = Workbench()
    opened = bench.open_project(saved)
    assert opened.missing == (opened.project.layers[0].id,)
    assert "areas.geojson" in opened.problems[0]
    assert not opened.damaged
    rest = {layer.title: layer for layer in opened.project.layers}
    assert len(bench.data_of(rest["Sites"]).frame) == 4


def test_a_product_of_an_incomplete_project_says_what_it_lacks(saved: Path) -> None:
    (saved.parent / "areas.geojson").unlink()
    document = Workbench().document_of_files([str(saved)])
    said = [finding.message for finding in document.findings if finding.code == "project-incomplete"]
    assert len(said) == 1
    assert "areas.geojson" in said[0]
    assert str(saved.parent) not in said[0]
    # The results in it still say which run they are of.
    assert len(document.run_id) == 12


@pytest.mark.parametrize("version", [project_file.VERSION + 1, 2.5, "2"])
def test_a_newer_version_is_refused_and_never_overwritten(saved: Path, version: object) -> None:
    with_head(saved, version=version)
    before = saved.read_bytes()
    bench = Workbench()
    with pytest.raises(Problem, match="newer version"):
        bench.open_project(saved)
    with pytest.raises(WouldReplace, match="not overwritten"):
        bench.save_project(Project(), saved)
    assert saved.read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_project_says_so(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.migmap"
    path.write_bytes(content)
    with pytest.raises(Problem, match="not a migmap project"):
        Workbench().open_project(path)
    assert path.read_bytes() == content


def test_a_missing_project_says_so(tmp_path: Path) -> None:
    with pytest.raises(Problem, match=r"nowhere\.migmap"):
        Workbench().open_project(tmp_path / "nowhere.migmap")


def test_one_unreadable_layer_leaves_the_others(saved: Path) -> None:
    def change(name: str, contents: bytes) -> bytes:
        if name != "project.json":
            return contents
        head = json.loads(contents)
        head["layers"][0] = {"title": "areas", "opacity": "thick"}
        return json.dumps(head).encode()

    repacked(saved, change)
    opened = Workbench().open_project(saved)
    assert opened.damaged
    assert "areas" in opened.problems[0]
    assert {layer.title for layer in opened.project.layers} >= {"Sites", "People exposed by area"}


@pytest.mark.parametrize(
    ("record", "layer"),
    [
        ({"document": {"metrics": [3]}}, {}),
        ({"document": {"findings": [{"code": "x"}]}}, {}),
        ({"document": "text"}, {}),
        ({}, {"source": ""}),
        ({}, {"style": {"rules": 3}}),
    ],
)
def test_nonsense_in_one_place_is_left_out_and_named(
    saved: Path, record: dict[str, object], layer: dict[str, object]
) -> None:
    def change(name: str, contents: bytes) -> bytes:
        document = json.loads(contents) if name.endswith(".json") else {}
        if name.startswith("runs/") and record:
            document["record"].update(record)
        elif name == "project.json" and layer:
            document["layers"][0].pop("file")
            document["layers"][0].update(layer)
        else:
            return contents
        return json.dumps(document).encode()

    repacked(saved, change)
    opened = Workbench().open_project(saved)
    assert opened.damaged
    assert opened.problems
    assert "Sites" in {one.title for one in opened.project.layers}


def test_an_unreadable_list_of_layers_still_gives_the_results(saved: Path) -> None:
    repacked(saved, lambda name, contents: b"{broken" if name == "project.json" else contents)
    bench = Workbench()
    opened = bench.open_project(saved)
    assert opened.damaged
    assert len(opened.project.runs) == 1
    assert len(bench.data_of(opened.project.layers[-1]).frame) == 4


def test_a_lost_result_is_named_and_its_numbers_stay(saved: Path) -> None:
    repacked(saved, lambda name, contents: None if name.endswith("sites.gpkg") else contents)
    opened = Workbench().open_project(saved)
    assert opened.damaged
    assert "sites" in opened.problems[0]
    assert opened.project.runs[0].document["metrics"]
    assert len(opened.missing) == 1


def test_a_damaged_project_is_not_overwritten_without_asking(saved: Path) -> None:
    saved.write_bytes(saved.read_bytes()[:-100])
    before = saved.read_bytes()
    bench = Workbench()
    opened = bench.open_project(saved)
    assert opened.damaged
    with pytest.raises(WouldReplace, match="not overwritten"):
        bench.save_project(opened.project, saved)
    assert saved.read_bytes() == before
    bench.save_project(opened.project, saved, overwrite=True)
    assert not Workbench().open_project(saved).damaged


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(share=st.floats(0.0, 1.0), flip=st.booleans())
def test_whatever_is_lost_it_opens_or_says_what_is_wrong(saved: Path, share: float, flip: bool) -> None:
    """Cut anywhere, or one byte turned anywhere: never a bug, never silently complete when cut."""
    whole = saved.read_bytes()
    at = int(share * (len(whole) - 1))
    hurt = saved.with_name("hurt.migmap")
    hurt.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :] if flip else whole[:at])
    try:
        opened = Workbench().open_project(hurt)
    except Problem:
        return
    assert flip or opened.damaged


def test_a_directory_that_asks_for_a_newer_zip_is_damage(saved: Path) -> None:
    whole = bytearray(saved.read_bytes())
    # The version needed to read the entry, in its record in the directory at the end.
    whole[whole.index(b"PK\x01\x02") + 6] ^= 0xFF
    saved.write_bytes(whole)
    assert Workbench().open_project(saved).damaged


def test_saving_to_a_place_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(Problem) as found:
        Workbench().save_project(Project(), tmp_path / "no" / "folder.migmap")
    assert not isinstance(found.value, WouldReplace)
    assert not (tmp_path / "no").exists()


def test_the_ending_is_added(tmp_path: Path) -> None:
    assert Workbench().save_project(Project(), tmp_path / "plan").name == "plan.migmap"
