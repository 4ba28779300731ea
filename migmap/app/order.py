"""Where new layers go: rasters below ground below lines below places, and a run's areas under hazards."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from migmap.api import GROUND_KINDS, Data, RasterData

from .shapes import shapes

if TYPE_CHECKING:
    from .project import Layer, Project
    from .recipe import Run


def rank(data: Data) -> int:
    """0 raster, 1 polygons of ground, 2 lines, 3 places: points, a mix with points, polygons of
    settlements and the like."""
    if isinstance(data, RasterData):
        return 0
    held = shapes(data)
    if "polygon" in held and "point" not in held:
        return 1 if data.kind in GROUND_KINDS else 3
    return 2 if "line" in held else 3


def _place_of(layer: Layer, data: Data | None) -> int:
    """`rank`, and for a layer whose data is not loaded what its kind suggests."""
    if data is not None:
        return rank(data)
    return 1 if layer.kind in GROUND_KINDS else 3


def with_layer_in_place(
    project: Project, layer: Layer, data: Data, data_of: Callable[[Layer], Data | None]
) -> Project:
    """With `layer` above everything of its own sort and below what must stay on top of it."""
    place = 0
    for position, other in enumerate(project.layers):
        if _place_of(other, data_of(other)) <= rank(data):
            place = position + 1
    return project.with_layer(layer, place)


def with_run_in_place(
    project: Project,
    run: Run,
    data_of: Callable[[Layer], Data | None],
    known_run: Callable[[str], Run | None],
) -> Project:
    """With the layers of a run that just joined where exports have them too: its areas above other ground,
    the hazards they would cover over them and see-through, places on top. The hazards of the run get the
    classes of the run.

    What would be seen twice is hidden: the layers whose rows came back as a result, what an earlier
    run made of the same ones, and of a ladder of return periods all but the rarest event.
    """
    from .documents import OVER_AREAS, as_classed, hazards_of, hazards_to_show, is_ground

    made = {f"run:{run.id}/{layer.name}": layer.data for layer in run.result.layers}
    used = {source: key for key, source in hazards_of(run).items()}
    classed = {
        source: style
        for source, key in used.items()
        if key in run.inputs and (style := as_classed(run, key, run.inputs[key])) is not None
    }
    hidden = used.keys() - {source for source, key in used.items() if key in hazards_to_show(run)}
    inputs = {source for sources in _came_back(run).values() for source in sources}

    def seen_twice(layer: Layer) -> bool:
        earlier = known_run(layer.run) if layer.run is not None and layer.run != run.id else None
        name = layer.source.rpartition("/")[2]
        again = earlier is not None and not inputs.isdisjoint(_came_back(earlier).get(name, ()))
        return layer.source in inputs or layer.source in hidden or again

    rest: list[Layer] = []
    areas: list[Layer] = []
    for layer in project.layers:
        if layer.visible and seen_twice(layer):
            layer = layer.changed(visible=False)
        if layer.source in classed:
            layer = layer.changed(style=classed[layer.source])
        (areas if layer.source in made and is_ground(made[layer.source]) else rest).append(layer)
    if not areas:
        return project.changed(layers=tuple(rest))
    place = 0
    for position, layer in enumerate(rest):
        if _place_of(layer, made.get(layer.source) or data_of(layer)) <= 1:
            place = position + 1
    below, over = [], []
    for layer in rest[:place]:
        if layer.source in used or (layer.kind == "hazard" and layer.run is None):
            over.append(layer.changed(opacity=min(layer.opacity, OVER_AREAS)))
        else:
            below.append(layer)
    return project.changed(layers=(*below, *areas, *over, *rest[place:]))


def _came_back(run: Run) -> dict[str, set[str]]:
    """By result layer of the run: the inputs whose rows came back as it."""
    from .documents import COMES_BACK_AS

    made = {layer.name for layer in run.result.layers}
    found: dict[str, set[str]] = {}
    for field, name in COMES_BACK_AS.items():
        if name in made and run.params.get(field):
            found.setdefault(name, set()).add(str(run.params[field]))
    return found
