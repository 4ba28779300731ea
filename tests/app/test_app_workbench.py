"""The verbs both faces use: documents, run ids, exports."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migmap.api import Finding, Problem, RasterData
from migmap.app.documents import OVER_AREAS
from migmap.app.project import Project
from migmap.app.recipe import plain, to_text, unique
from migmap.app.workbench import Workbench

Small = Callable[[], Path]
JSON_LIKE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.tuples(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def exposure(folder: Path, **more: object) -> dict[str, object]:
    return {
        "hazard": str(folder / "flood.tif"),
        "classes": (0.5,),
        "exposed": str(folder / "sites.geojson"),
        "people": "population",
        "areas": str(folder / "areas.geojson"),
        **more,
    }


@given(JSON_LIKE)
def test_any_document_becomes_json_without_nan(value: Any) -> None:
    text = to_text(value)

    def refuse(word: str) -> None:
        raise AssertionError(word)

    assert json.loads(text, parse_constant=refuse) == plain(value)


def test_numpy_and_nan_become_plain() -> None:
    import numpy as np

    value = {
        "a": np.float32(1.5),
        "b": np.int64(3),
        "c": math.nan,
        "d": (math.inf, np.bool_(True)),
        "e": Path("x"),
    }
    assert plain(value) == {"a": 1.5, "b": 3, "c": None, "d": [None, True], "e": "x"}


def test_a_file_name_that_is_no_text_still_makes_a_document() -> None:
    assert to_text({"path": "\udcff.gpkg"}).encode("utf-8")


def test_the_id_follows_from_question_data_and_names(workbench: Workbench, small: Small) -> None:
    folder = small()
    first = workbench.run("exposure", exposure(folder))
    assert workbench.run("exposure", exposure(folder)).id == first.id
    assert workbench.run("exposure", exposure(folder, classes=(0.6,))).id != first.id
    assert workbench.run("exposure", exposure(folder, people=None)).id != first.id
    sites = folder / "sites.geojson"
    sites.write_text(sites.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert workbench.run("exposure", exposure(folder)).id != first.id


def test_parameters_that_do_not_fit_are_named_by_their_flag(workbench: Workbench, small: Small) -> None:
    folder = small()
    with pytest.raises(Problem, match="--hazard is missing"):
        workbench.run("exposure", {})
    with pytest.raises(Problem, match="colour"):
        workbench.run("exposure", exposure(folder, colour="red"))
    with pytest.raises(Problem, match="nonsense"):
        workbench.run("nonsense", {})


def test_the_document_of_a_run_shows_areas_under_the_hazard_under_the_sites(
    workbench: Workbench, small: Small
) -> None:
    run = workbench.run("exposure", exposure(small()))
    document = workbench.document_of(run)
    assert [(layer.name, layer.result) for layer in document.layers] == [
        ("areas", True),
        ("hazard", False),
        ("sites", True),
    ]
    areas, hazard, sites = document.layers
    # What lies over the areas lets them be seen; its calm class is clear.
    assert (areas.opacity, hazard.opacity, sites.opacity) == (1.0, OVER_AREAS, 1.0)
    assert hazard.style.rules[0].symbol.fill == ""
    assert isinstance(hazard.data, RasterData)
    # The map speaks of the classes of the table.
    assert [rule.label for rule in hazard.style.rules] == ["not exposed", "0.5+"]
    assert len(document.sources) == 3
    assert not any(str(Path.cwd().anchor) in line for line in document.sources)
    assert document.run["recipe"]["inputs"]["hazard"]["sha256"] == document.inputs[0].sha256
    assert document.run_id == run.id


def test_a_run_document_says_how_sensitive_it_is(workbench: Workbench, small: Small, tmp_path: Path) -> None:
    folder = small()
    target = tmp_path / "run.json"

    def saved() -> dict[str, Any]:
        workbench.export_run(workbench.run("exposure", exposure(folder)), [target])
        found: dict[str, Any] = json.loads(target.read_text(encoding="utf-8"))["recipe"]
        return {name: found[name] for name in ("sensitivity", "synthetic")}

    assert saved() == {"sensitivity": None, "synthetic": False}
    for name, word in (("flood.tif", "public"), ("sites.geojson", "restricted"), ("areas.geojson", "public")):
        about = {"sensitivity": word, "synthetic": name == "flood.tif"}
        (folder / f"{name}.meta.json").write_text(json.dumps(about), encoding="utf-8")
    assert saved() == {"sensitivity": "restricted", "synthetic": True}
    # It stays so in a project that is opened elsewhere.
    run = workbench.run("exposure", exposure(folder))
    workbench.save_project(workbench.added(Project(), run), tmp_path / "p.migmap")
    other = Workbench()
    other.open_project(tmp_path / "p.migmap")
    opened = other.known_run(run.id)
    assert opened is not None
    assert (opened.sensitivity, opened.synthetic) == ("restricted", True)
    other.close()


def test_what_leaves_everything_unknown_is_said_first() -> None:
    listed = [Finding(code, "warning", code) for code in ("text-numbers", "no-overlap", "text-numbers")]
    assert [finding.code for finding in unique(listed)] == ["no-overlap", "text-numbers"]


def test_sentences_call_an_input_what_its_user_calls_it(workbench: Workbench, small: Small) -> None:
    run = workbench.run("exposure", exposure(small()), labels={"hazard": "The flood of 2022"})
    assert "exposed to The flood of 2022" in run.result.notes[0]
    assert {metric.hazard for metric in run.result.metrics} == {"flood"}


def test_services_that_did_not_come_back_lie_under_the_answer(workbench: Workbench, small: Small) -> None:
    sites = str(small() / "sites.geojson")
    run = workbench.run("service-gap", {"sites": sites, "services": sites, "limit_km": 1.0})
    assert [layer.name for layer in workbench.document_of(run).layers] == ["services", "sites"]


def test_result_layers_join_the_project_once(workbench: Workbench, small: Small) -> None:
    run = workbench.run("exposure", exposure(small()))
    project = workbench.added(Project(), run)
    again = workbench.added(project, run)
    assert [layer.title for layer in again.layers] == [layer.title for layer in project.layers]
    assert len(again.runs) == 1
    for layer in again.layers:
        assert workbench.data_of(layer).name
    other = workbench.run("exposure", exposure(small(), classes=(0.6,)))
    titles = [layer.title for layer in workbench.added(project, other).layers]
    assert len(titles) == len(set(titles)) == 4


def test_a_result_can_be_the_input_of_the_next_run(
    workbench: Workbench, small: Small, tmp_path: Path
) -> None:
    folder = small()
    first = workbench.run("exposure", exposure(folder))
    sites = next(layer for layer in workbench.layers_of(first) if layer.source.endswith("/sites"))
    second = workbench.run("service-gap", {"sites": sites.source, "services": str(folder / "sites.geojson")})
    assert second.records[0].rows == 4
    target = tmp_path / "run.json"
    workbench.export_run(second, [target])
    with pytest.raises(Problem, match="result of another run"):
        workbench.recipe(str(target))


def test_what_the_user_said_of_a_layer_goes_onto_the_product(workbench: Workbench, small: Small) -> None:
    layer = workbench.open(str(small() / "sites.geojson"))
    assert workbench.document_of_layers([layer]).sensitivity is None
    stated = layer.changed(sensitivity="public", kind="service", roles={"name": "name"})
    document = workbench.document_of_layers([stated])
    assert document.sensitivity == "public"
    assert (document.layers[0].data.kind, dict(document.layers[0].data.roles)) == (
        "service",
        {"name": "name"},
    )


def test_layers_of_one_name_leave_under_two(workbench: Workbench, small: Small) -> None:
    text = str(small() / "sites.geojson")
    document = workbench.document_of_files([text, text])
    assert [layer.name for layer in document.layers] == ["sites", "sites 2"]


def test_a_project_is_exported_with_its_layers(workbench: Workbench, small: Small, tmp_path: Path) -> None:
    folder = small()
    project = workbench.added(Project(), workbench.run("exposure", exposure(folder)))
    path = workbench.save_project(project, tmp_path / "p.migmap")
    document = Workbench().document_of_files([str(path)])
    assert [layer.title for layer in document.layers] == [layer.title for layer in project.layers]


def test_an_opened_run_finds_its_inputs_again_after_moving(
    workbench: Workbench, small: Small, tmp_path: Path
) -> None:
    import shutil

    folder = small()
    project = workbench.added(Project(), workbench.run("exposure", exposure(folder)))
    workbench.save_project(project, folder / "p.migmap")
    moved = Path(shutil.move(folder, tmp_path / "moved"))
    bench = Workbench()
    opened = bench.open_project(moved / "p.migmap")
    run = bench.known_run(opened.project.runs[0].id)
    assert run is not None
    document = bench.document_of(run)
    assert [layer.name for layer in document.layers] == ["areas", "hazard", "sites"]
    assert len(document.sources) == 3
    (moved / "flood.tif").unlink()
    assert [layer.name for layer in bench.document_of(run).layers] == ["areas", "sites"]


def test_a_cancelled_export_leaves_the_old_file(workbench: Workbench, small: Small, tmp_path: Path) -> None:
    from migmap.api import Cancelled

    target = tmp_path / "a.gpkg"
    target.write_bytes(b"old")
    document = workbench.document_of_files([str(small() / "sites.geojson")])

    def stop(_fraction: float, _text: str = "") -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        workbench.export(document, target, progress=stop)
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["a.gpkg"]
    assert target.read_bytes() == b"old"


def test_info_of_a_project(workbench: Workbench, small: Small, tmp_path: Path) -> None:
    folder = small()
    project = Project().with_layer(workbench.open(str(folder / "sites.geojson")))
    path = workbench.save_project(project, tmp_path / "p.migmap")
    (folder / "sites.geojson").unlink()
    about = Workbench().info(str(path))
    assert (about["kind"], about["layers"]) == ("project", ["Sites"])
    assert about["findings"][0]["code"] == "source-missing"


def test_a_raster_that_a_table_has_no_place_for_is_named(
    workbench: Workbench, small: Callable[[], Path], tmp_path: Path
) -> None:
    folder = small()
    document = workbench.document_of_files([str(folder / "flood.tif"), str(folder / "sites.geojson")])
    for ending in ("gpkg", "zip", "geojson", "kml", "csv", "xlsx"):
        done = workbench.export(document, tmp_path / f"out.{ending}")
        assert "raster-left-out" in [finding.code for finding in done.findings]
    for ending in ("html", "png"):
        assert not workbench.export(document, tmp_path / f"out.{ending}").findings
