"""Shapefile, alone or zipped, with a code book for what the format cannot say."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from migmap.api import ExportDocument, Exporter, ExportTools, Finding, MapLayer, Progress, part

from .codebook import WrittenLayer, companions, findings_of
from .dbf import for_dbf
from .vectors import (
    COLLECTION,
    check_rows,
    features_of,
    frame_of,
    largest_kind,
    layers_to_write,
    shape_kinds,
    unlike_names,
    write_layer,
    writing,
)

if TYPE_CHECKING:
    import pandas

_KINDS = ("point", "line", "polygon")
_COMPANIONS = ("readme", "codebook", "long_text")
_NO_TIME = (1980, 1, 1, 0, 0, 0)


class Shapefile(Exporter):
    """One shapefile a layer (and a kind of shape), UTF-8, with README, code book and full long texts."""

    name: ClassVar[str] = "shapefile"
    title: ClassVar[str] = "Shapefile (zipped)"
    icon: ClassVar[str] = "mdi6.folder-zip-outline"
    endings: ClassVar[tuple[str, ...]] = (".zip", ".shp")
    takes = "layers"

    def write(
        self, document: ExportDocument, target: Path, params: Any, tools: ExportTools, progress: Progress
    ) -> tuple[Finding, ...]:
        """`.zip`: everything inside, files named by layer. `.shp`: the first layer under the target's
        own name, all else beside it with names that start with the target's stem."""
        layers = layers_to_write(document)
        zipped = target.suffix.lower() == ".zip"
        with tempfile.TemporaryDirectory(prefix="shapes-", dir=target.parent) as name, writing(target):
            folder = Path(name)
            written = []
            for index, (layer, stem) in enumerate(zip(layers, _stems(layers, target, zipped), strict=True)):
                step = part(progress, 0.9 * index / len(layers), 0.9 * (index + 1) / len(layers))
                # The one file the user named must be there under that name, split or not.
                written.append(_write_layer(layer, stem, folder, stem == target.stem and not zipped, step))
            result = tuple(written)
            for name, text in companions(document, result):
                place = folder / (name if zipped else f"{target.stem}_{name}")
                place.write_text(text, encoding="utf-8", newline="")
            progress(0.95, f"Writing {target.name}")
            if zipped:
                _zip(folder, target)
            else:
                for file in sorted(folder.iterdir()):
                    shutil.move(file, target.parent / file.name)
        progress(1.0, f"Wrote {target.name}")
        return findings_of(target.name, result)


def _stems(layers: tuple[MapLayer, ...], target: Path, zipped: bool) -> list[str]:
    """A file name without ending a layer, unlike the others' and those of the companions."""
    names = [_file_name(layer.name) for layer in layers]
    if zipped:
        return unlike_names(names, _COMPANIONS)
    named = [target.stem, *(f"{target.stem}_{name}" for name in names[1:])]
    return unlike_names(named, [f"{target.stem}_{name}" for name in _COMPANIONS])


def _file_name(name: str) -> str:
    clean = "".join(c if c.isalnum() or c in "_-" else "_" for c in name).strip("_")
    return clean[:60] or "layer"


def _write_layer(
    layer: MapLayer, stem: str, folder: Path, keep_stem: bool, progress: Progress
) -> WrittenLayer:
    """Write one shapefile a kind of shape the layer holds; rows without a position go with the first."""
    import shapely

    frame = frame_of(layer)
    shapes = np.array(frame.geometry.to_numpy(), dtype=object)
    reduced = np.flatnonzero(shapely.get_type_id(shapes) == COLLECTION)
    for row in reduced:
        shapes[row] = largest_kind(shapes[row])
    attributes = frame.drop(columns=frame.geometry.name)
    table, columns = for_dbf(attributes)
    kinds = shape_kinds(shapes)
    present = [kind for kind in _KINDS if (kinds == kind).any()] or ["point"]
    files: list[tuple[str, int]] = []
    for index, kind in enumerate(present):
        progress(index / len(present), f"Writing {stem}.shp")
        chosen = kinds == kind
        if index == 0:
            chosen |= kinds == ""
        plain = len(present) == 1 or (keep_stem and index == 0)
        name = stem if plain else f"{stem}_{kind}"
        _write_shapes(table[chosen], shapes[chosen], frame.crs, kind, folder / f"{name}.shp")
        files.append((name, int(chosen.sum())))
    numbers = features_of(layer).row_numbers
    return WrittenLayer(
        name=layer.name,
        title=layer.title,
        files=tuple(files),
        columns=columns,
        long_texts=tuple(
            (int(numbers[row]), column.old, str(attributes.iloc[row, position]))
            for position, column in enumerate(columns)
            for row in column.cut_rows
        ),
        reduced_rows=tuple(int(numbers[row]) for row in reduced),
    )


def _write_shapes(table: pandas.DataFrame, shapes: np.ndarray, crs: Any, kind: str, path: Path) -> None:
    import geopandas
    import shapely

    from migmap.geo.crs import WGS84

    if shapely.has_z(shapes).any():
        shapes = shapely.force_3d(shapes)
    # A column may be called geometry too; this name no DBF column can have.
    name = "shape of the feature"
    # Without a CRS there is no shape either, and the format wants a .prj all the same.
    series = geopandas.GeoSeries(shapes, index=table.index, crs=crs or WGS84, name=name)
    frame = geopandas.GeoDataFrame(table, geometry=series)
    shapeless = {"point": "Point", "line": "LineString", "polygon": "Polygon"}[kind]
    options = {"ENCODING": "UTF-8"}
    write_layer(frame, path, driver="ESRI Shapefile", layer=None, shapeless=shapeless, layer_options=options)
    check_rows(path, None, len(table), path.name)


def _zip(folder: Path, target: Path) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.iterdir()):
            # A fixed time, so that the archive tells what is in it and not when it was made.
            entry = zipfile.ZipInfo(file.name, _NO_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            with file.open("rb") as source, archive.open(entry, "w", force_zip64=True) as sink:
                shutil.copyfileobj(source, sink, 1 << 20)
