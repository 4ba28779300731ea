"""Where new layers join the map, also beside layers whose data is not loaded."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from handles import vector
from shapely.geometry import Point, box

from migmap.api import VectorData
from migmap.app.order import with_layer_in_place
from migmap.app.project import Layer, Project
from migmap.app.workbench import Workbench


def layer(title: str, kind: str) -> Layer:
    return Layer(title=title, source=f"{title}.gpkg", kind=kind)


@pytest.mark.parametrize("loaded", [True, False])
def test_ground_joins_below_places_whether_or_not_these_are_loaded(loaded: bool) -> None:
    villages = vector([Point(70, 30)], kind="refugee_village")
    districts = vector([box(70, 30, 71, 31)], kind="boundary")
    project = Project(layers=(layer("Districts", "boundary"), layer("Villages", "refugee_village")))
    held: dict[str, VectorData] = {"Districts": districts, "Villages": villages} if loaded else {}
    new = with_layer_in_place(
        project, layer("Tehsils", "boundary"), districts, lambda one: held.get(one.title)
    )
    assert [one.title for one in new.layers] == ["Districts", "Tehsils", "Villages"]


Small = Callable[[], Path]


def ladder(workbench: Workbench, folder: Path, **more: Any) -> tuple[Project, Any, list[str]]:
    """A project with two floods and the run over them, before the run joined."""
    paths = [folder / "flood_rp10.tif", folder / "flood_rp100.tif"]
    for path in paths:
        shutil.copyfile(folder / "flood.tif", path)
    project = Project()
    for path in (*paths, folder / "areas.geojson", folder / "sites.geojson"):
        project = project.with_layer(workbench.open(str(path)))
    sources = [str(path) for path in paths]
    params = {
        "hazard": sources,
        "exposed": str(folder / "sites.geojson"),
        "people": "population",
        "areas": str(folder / "areas.geojson"),
        **more,
    }
    return project, workbench.run("exposure", params), sources


def test_each_hazard_of_a_run_gets_the_classes_of_the_run(workbench: Workbench, small: Small) -> None:
    project, run, sources = ladder(workbench, small(), classes=[0.1, 0.5])
    added = workbench.added(project, run)
    styles = {layer.source: layer.style for layer in added.layers}
    for source in sources:
        style = styles[source]
        assert style is not None
        assert [rule.label for rule in style.rules] == ["not exposed", "0.1-0.5", "0.5+"]
        assert [rule.minimum for rule in style.rules] == [None, 0.1, 0.5]
    # Without return periods they are different hazards, and all are seen.
    assert [layer.visible for layer in added.layers if layer.source in sources] == [True, True]
    document = workbench.document_of(run)
    hazards = [layer for layer in document.layers if layer.name.startswith("hazard")]
    assert [layer.name for layer in hazards] == ["hazard", "hazard_2"]
    assert [layer.style for layer in hazards] == [styles[source] for source in sources]


def test_of_a_ladder_the_map_begins_with_the_rarest_event(workbench: Workbench, small: Small) -> None:
    project, run, sources = ladder(workbench, small(), classes=[0.5], return_period=[10, 100])
    seen = {layer.source: layer.visible for layer in workbench.added(project, run).layers}
    assert [seen[source] for source in sources] == [False, True]
    shown = {layer.name: layer.visible for layer in workbench.document_of(run).layers}
    assert (shown["hazard"], shown["hazard_2"]) == (False, True)


def test_the_colours_of_a_scheme_are_those_of_the_map(workbench: Workbench, small: Small) -> None:
    project, run, sources = ladder(workbench, small(), scheme=["flood-depth"], hazard_unit="m")
    styles = {layer.source: layer.style for layer in workbench.added(project, run).layers}
    style = styles[sources[1]]
    assert style is not None
    assert [(rule.label, rule.minimum) for rule in style.rules] == [
        ("not exposed", None),
        ("low", 0.1),
        ("medium", 0.7),
        ("high", 1.5),
    ]
    sites = next(layer for layer in run.result.layers if layer.name == "sites")
    colours = {rule.label: rule.symbol.fill for rule in sites.style.rules}
    assert [rule.symbol.fill for rule in style.rules[1:]] == [colours[k] for k in ("low", "medium", "high")]
