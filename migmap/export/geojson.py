"""GeoJSON as RFC 7946 has it: longitude and latitude, one FeatureCollection."""

from __future__ import annotations

import json
from collections.abc import Iterator
from json.encoder import encode_basestring
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from migmap.api import ExportDocument, Exporter, ExportTools, Finding, MapLayer, Meta, Progress, part

from .columns import fragments, tidy, unique_name
from .tables import stated_sensitivity
from .vectors import features_of, layers_to_write, renamed_finding, stated

_CHUNK_ROWS = 20_000
# 1 cm: finer than any of our sources, and what RFC 7946 calls reasonable.
_DECIMALS = 7


class GeoJson(Exporter):
    """One file for web maps and scripts. With several layers each feature says its `layer`."""

    name: ClassVar[str] = "geojson"
    title: ClassVar[str] = "GeoJSON"
    icon: ClassVar[str] = "mdi6.code-braces"
    endings: ClassVar[tuple[str, ...]] = (".geojson",)
    takes = "layers"

    def write(
        self, document: ExportDocument, target: Path, params: Any, tools: ExportTools, progress: Progress
    ) -> tuple[Finding, ...]:
        """Writes result layers, else all layers with features."""
        from migmap.geo.marks import marks
        from migmap.io.meta import written

        layers = layers_to_write(document)
        said = marks(document)
        about = {
            "title": document.title,
            "synthetic": document.synthetic,
            "sensitivity": stated_sensitivity(document),
            "sensitivity_note": said.sensitivity,
            **({"sharing": said.sharing} if said.sharing else {}),
            "sources": list(said.sources),
            "run_id": document.run_id,
            "boundary_note": said.boundary,
            "notes": list(document.notes),
            **({"provenance": [list(one) for one in said.provenance]} if said.provenance else {}),
        }
        if len(layers) > 1:
            about = {**written(Meta().bound_by(document.agreements)), **about}
        if len(layers) == 1:
            about = {**stated(layers[0]), **{key: value for key, value in about.items() if said is not None}}
        findings: list[Finding] = []
        with target.open("w", encoding="utf-8", newline="\n") as file:
            file.write('{"type": "FeatureCollection",\n"migmap": ')
            file.write(json.dumps(about, ensure_ascii=False))
            file.write(',\n"features": [')
            before = "\n"
            for index, layer in enumerate(layers):
                step = part(progress, index / len(layers), (index + 1) / len(layers))
                label = layer.name if len(layers) > 1 else None
                columns = [str(c) for c in tidy(features_of(layer).frame).columns]
                free = unique_name("layer", ["layer", *columns])
                names = [free if c == "layer" and label is not None else c for c in columns]
                findings.extend(renamed_finding(target.name, layer.name, columns, names))
                for line in _features(layer, names, label, step):
                    file.write(before)
                    file.write(line)
                    before = ",\n"
            file.write("\n]}\n")
        progress(1.0, f"Wrote {target.name}")
        return tuple(findings)


def _features(layer: MapLayer, names: list[str], label: str | None, progress: Progress) -> Iterator[str]:
    import shapely

    from migmap.geo.crs import to_lonlat

    data = features_of(layer)
    shapes = to_lonlat(data).to_numpy()
    table = tidy(data.frame)
    keys = [encode_basestring(name) + ": " for name in names]
    first = [] if label is None else [f'"layer": {encode_basestring(label)}']
    for start in range(0, len(table), _CHUNK_ROWS):
        progress(start / len(table), f"Writing layer {layer.name}")
        chunk = table.iloc[start : start + _CHUNK_ROWS]
        columns = [
            [key + word for word in fragments(chunk.iloc[:, i], text=encode_basestring, missing="null")]
            for i, key in enumerate(keys)
        ]
        rows = zip(*columns, strict=True) if columns else iter([()] * len(chunk))
        for shape, row in zip(_geometry(shapely, shapes[start : start + _CHUNK_ROWS]), rows, strict=True):
            properties = ", ".join((*first, *row))
            yield f'{{"type": "Feature", "properties": {{{properties}}}, "geometry": {shape}}}'


def _geometry(shapely: Any, shapes: np.ndarray) -> list[str]:
    """GeoJSON text, "null" for no position; outer rings counter-clockwise as the RFC asks."""
    rounded = shapely.transform(shapes, lambda points: np.round(points, _DECIMALS))
    texts = shapely.to_geojson(shapely.orient_polygons(rounded))
    empty = shapely.is_empty(rounded)
    return ["null" if text is None or gone else text for text, gone in zip(texts, empty, strict=True)]
