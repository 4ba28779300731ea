"""What leaves: a run or some layers as one document that every exporter can read."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from migmap.api import (
    GROUND_KINDS,
    Data,
    ExportDocument,
    Finding,
    MapLayer,
    Problem,
    RasterData,
    ResultLayer,
    Rule,
    Scheme,
    Style,
    Symbol,
    TypedNumber,
    VectorData,
    input_field,
    input_key,
)

from .beside import profiles_in
from .decided import of_layer, with_meta
from .project import Layer
from .recipe import Run, unique
from .registry import Registry

if TYPE_CHECKING:
    from migmap.geo.classes import Classes

OVER_AREAS = 0.8
"""Opacity of a hazard over the areas of its own run: both are seen, and the hazard first."""

NOT_EXPOSED = "not_exposed"

COMES_BACK_AS = {"areas": "areas", "exposed": "sites", "sites": "sites"}
"""Fields whose rows come back, with more columns, as the result layer of that name."""


def style_for(registry: Registry, data: Data) -> Style:
    """The look of the data's kind."""
    kinds = registry.kinds()
    kind = kinds.get(data.kind) or kinds["plain"]
    return kind.style_of(data)


def as_stated(data: Data, layer: Layer) -> Data:
    """The data with what the project's layer says of it; the file is the default."""
    changes: dict[str, Any] = {}
    if layer.kind != data.kind:
        changes["kind"] = layer.kind
    if layer.roles and dict(layer.roles) != dict(data.roles):
        changes["roles"] = dict(layer.roles)
    data = dataclasses.replace(data, **changes) if changes else data
    return with_meta(data, of_layer(layer).meta)


def bottom_up(layers: Iterable[ResultLayer]) -> tuple[ResultLayer, ...]:
    """Polygons under points, whatever order the analysis gave."""
    return tuple(sorted(layers, key=lambda one: 0 if _is_polygons(one.data) else 1))


def is_ground(data: Data) -> bool:
    """True for polygons of ground (districts, a flood), False for rasters and for places, also those
    mapped as polygons."""
    return not isinstance(data, RasterData) and data.kind in GROUND_KINDS and _is_polygons(data)


def _is_polygons(data: VectorData) -> bool:
    kinds = set(data.frame.geom_type.dropna().unique())
    return bool(kinds) and kinds <= {"Polygon", "MultiPolygon"}


def of_run(registry: Registry, run: Run, inputs: Mapping[str, Data]) -> ExportDocument:
    """A run with those of its inputs that are at hand, from the bottom: rasters and polygons of the
    inputs, the areas it made, the hazard it used, inputs that are places and did not come back as a result
    (services), and what it made of places, the answer. The window puts a run onto its map in the same
    order."""
    results = {layer.name: layer for layer in run.result.layers}
    shown = hazards_to_show(run)
    below: list[MapLayer] = []
    hazard: list[MapLayer] = []
    beside: list[MapLayer] = []
    made = bottom_up(run.result.layers)
    areas = [layer for layer in made if is_ground(layer.data)]
    for name, data in inputs.items():
        if COMES_BACK_AS.get(name) in results:
            continue
        is_hazard = input_field(name) == "hazard"
        layer = MapLayer(
            name=name.replace(":", "_"),
            title=data.title,
            data=data,
            style=as_classed(run, name, data) or style_for(registry, data),
            visible=name in shown if is_hazard else not _is_population(data),
            opacity=OVER_AREAS if areas and is_hazard else 1.0,
            result=False,
        )
        if is_hazard:
            hazard.append(layer)
        elif isinstance(data, RasterData):
            below.insert(0, layer)
        else:
            (below if is_ground(data) else beside).append(layer)
    ground = [_made(layer) for layer in areas]
    places = [_made(layer) for layer in made if layer not in areas]
    return ExportDocument(
        title=run.title,
        layers=(*below, *ground, *hazard, *beside, *places),
        metrics=run.result.metrics,
        findings=run.findings,
        notes=run.result.notes,
        inputs=run.records,
        sources=run.sources,
        run_id=run.id,
        run=run.document_with_recipe(),
    )


def _made(layer: ResultLayer) -> MapLayer:
    return MapLayer(name=layer.name, title=layer.title, data=layer.data, style=layer.style)


def _is_population(data: Data) -> bool:
    return isinstance(data, RasterData) and data.kind == "population"


def hazards_of(run: Run) -> dict[str, str]:
    """`input_key` -> reference of the hazards of a run, in their order."""
    given = run.params.get("hazard")
    texts = [given] if isinstance(given, str) else list(given or ())
    return {input_key("hazard", index): str(text) for index, text in enumerate(texts)}


def hazards_to_show(run: Run) -> frozenset[str]:
    """The `input_key`s of those hazards a map begins with: of a ladder of return periods the rarest event,
    because the others lie inside it; else all of them."""
    keys = list(hazards_of(run))
    periods = _several(run.params.get("return_period"))
    if len(periods) != len(keys) or not keys:
        return frozenset(keys)
    labels = _several(run.params.get("label")) or [""] * len(keys)
    rarest = {
        label: max(p for p, own in zip(periods, labels, strict=True) if own == label) for label in labels
    }
    return frozenset(
        key for key, period, label in zip(keys, periods, labels, strict=True) if period == rarest[label]
    )


def _several(value: Any) -> list[Any]:
    return [] if value is None else list(value) if isinstance(value, list | tuple) else [value]


def as_classed(run: Run, name: str, data: Data) -> Style | None:
    """A hazard raster in the very classes of the run, so that map and table speak of the same ones. name:
    its `input_key`."""
    if input_field(name) != "hazard" or not isinstance(data, RasterData):
        return None
    found = _classes(run, name, data)
    if found is None:
        return None
    from migmap.geo.symbology import NO_DATA, class_style

    classes, colours = found
    # The layer's name stands above it in every legend.
    unit = classes.unit or data.unit
    looks = class_style(None, classes.labels, title=f"in {unit}" if unit else data.title, colours=colours)
    symbols = {rule.value: rule.symbol for rule in looks.rules}
    clear = Symbol(fill="", stroke="", shape="square")
    rules = [
        Rule(
            label="not exposed" if label == NOT_EXPOSED else label,
            symbol=clear if label == NOT_EXPOSED else symbols[label],
            **span,
        )
        for label, span in zip(classes.labels, _spans(classes), strict=True)
    ]
    return Style(rules=tuple(rules), unknown=NO_DATA, unknown_label="no data", title=looks.title)


def _classes(run: Run, name: str, data: RasterData) -> tuple[Classes, dict[str, str]] | None:
    """The classes a run counted this raster in, and the colours of their scheme; None where it made them of
    the raster's own values."""
    from migmap.geo.classes import classes_from_edges
    from migmap.geo.schemes import edges_for

    schemes = [one for one in profiles_in(run.recipe, run.title).get("scheme", ()) if isinstance(one, Scheme)]
    keys = list(hazards_of(run))
    if schemes and name in keys:
        scheme = schemes[keys.index(name)] if len(schemes) == len(keys) else schemes[0]
        try:
            classes, _ = edges_for(scheme, data.unit, data.name, run.params.get("hazard_unit"))
        except Problem:
            return None
        colours = {one.label: one.colour for one in scheme.classes if one.exposed and one.colour}
        return classes, colours
    edges = run.params.get("classes")
    return (classes_from_edges([TypedNumber(edge) for edge in edges]), {}) if edges else None


def _spans(classes: Classes) -> list[dict[str, Any]]:
    """By class what its Rule goes by: a value, or minimum <= v < maximum."""
    if classes.values is not None:
        return [{"value": f"{value:g}"} for value in classes.values]
    edges = [float(edge) for edge in classes.edges or ()]
    # Where small values are the worst, a class holds its upper edge.
    if classes.falling:
        edges = [math.nextafter(edge, math.inf) for edge in edges]
    return [
        {"minimum": low, "maximum": high} for low, high in zip((None, *edges), (*edges, None), strict=True)
    ]


def of_layers(
    pairs: Sequence[tuple[Layer, Data]], *, title: str = "", run: Run | None = None
) -> ExportDocument:
    """Layers as a project shows them, the first at the bottom; with a run, its numbers too."""
    taken: set[str] = set()
    layers = []
    findings: list[Finding] = []
    for layer, read in pairs:
        data = _with_reasons(read)
        layers.append(
            MapLayer(
                name=_free_name(data.name or layer.title, taken),
                title=layer.title,
                data=data,
                style=layer.style or Style(),
                visible=layer.visible,
                opacity=layer.opacity,
            )
        )
        findings += data.findings
    if not title:
        title = pairs[0][0].title if len(pairs) == 1 else "Map"
    return ExportDocument(
        title=title,
        layers=tuple(layers),
        metrics=run.result.metrics if run else (),
        findings=unique([*(run.findings if run else ()), *findings]),
        notes=run.result.notes if run else (),
        inputs=run.records if run else (),
        sources=tuple(
            dict.fromkeys([*(run.sources if run else ()), *source_lines(data for _, data in pairs)])
        ),
        run_id=run.id if run else "",
        run=run.document_with_recipe() if run else {},
    )


def _with_reasons(data: Data) -> Data:
    """What a file of the layer holds beside its figures: why some of them are blank."""
    if isinstance(data, RasterData):
        return data
    from migmap.geo.blanks import with_reasons

    return with_reasons(data)


def _free_name(name: str, taken: set[str]) -> str:
    """`name`, or "name 2" where a layer is already called so (names in files ignore case)."""
    free, count = name, 1
    while free.lower() in taken:
        count += 1
        free = f"{name} {count}"
    taken.add(free.lower())
    return free


def source_lines(datasets: Iterable[Data]) -> tuple[str, ...]:
    """One line a source: what it is, who made it, of when, under which licence; each once. File
    names only: a product that travels must not tell how someone's folders are called."""
    lines: Mapping[str, None] = dict.fromkeys(_source_line(data) for data in datasets if data.source.path)
    return tuple(lines)


def _source_line(data: Data) -> str:
    from pathlib import PurePath

    name = PurePath(data.source.path.replace("\\", "/")).name
    if data.source.part:
        name += f" ({data.source.part})"
    meta = data.meta
    facts = [fact for fact in (meta.attribution, meta.date, meta.licence) if fact]
    line = f"{name}: {', '.join(facts)}" if facts else name
    return f"{line} (synthetic)" if meta.synthetic else line
