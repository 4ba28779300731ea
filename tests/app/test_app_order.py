"""Where new layers join the map, also beside layers whose data is not loaded."""

from __future__ import annotations

import pytest
from handles import vector
from shapely.geometry import Point, box

from migmap.api import VectorData
from migmap.app.order import with_layer_in_place
from migmap.app.project import Layer, Project


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
