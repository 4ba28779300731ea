"""What goes into a vector file: which layers, under which names, with which columns and shapes."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from migmap.api import ExportDocument, Finding, MapLayer, Problem, VectorData

from .columns import tidy, unique_name

if TYPE_CHECKING:
    import geopandas
    import pandas

# Shapely's type ids: what a file format calls a geometry type, by dimension.
SHAPES = {0: "point", 4: "point", 1: "line", 2: "line", 5: "line", 3: "polygon", 6: "polygon"}
COLLECTION = 7
_NEARLY_FULL_BYTES = 65_536
_PLENTY_BYTES = 1 << 30


def layers_to_write(document: ExportDocument) -> tuple[MapLayer, ...]:
    """The result layers, sites first; where there are none, every layer with features. Problem for none."""
    vectors = tuple(layer for layer in document.layers if isinstance(layer.data, VectorData))
    results = tuple(layer for layer in vectors if layer.result)
    if not vectors:
        raise Problem(
            f"There is nothing to write for {document.title}: it has no layer with features.",
            fix="Give points or polygons, or choose an HTML map or a picture for rasters.",
        )
    # Maps draw areas below sites; in a file the sites are what one looks for first.
    return tuple(sorted(results, key=lambda layer: layer.name != "sites")) or vectors


def features_of(layer: MapLayer) -> VectorData:
    """The layer's features; only for what `layers_to_write` gave."""
    data = layer.data
    assert isinstance(data, VectorData)
    return data


def frame_of(layer: MapLayer) -> geopandas.GeoDataFrame:
    """The layer's rows with plain columns and a geometry column named `geometry`; empty shapes are None.

    A column of the data that is itself called geometry keeps its name; the shapes then lie in
    `geometry_1`. Ask `frame.geometry.name`.
    """
    import geopandas
    import shapely

    frame = features_of(layer).frame
    shapes = np.array(frame.geometry.to_numpy(), dtype=object)
    shapes[shapely.is_empty(shapes)] = None
    table = tidy(frame)
    name = unique_name("geometry", table.columns)
    series = geopandas.GeoSeries(shapes, index=table.index, crs=frame.crs, name=name)
    return geopandas.GeoDataFrame(table, geometry=series)


def shape_kinds(shapes: np.ndarray) -> np.ndarray:
    """str [n]: "point", "line", "polygon", "collection", or "" for a row without a shape."""
    import shapely

    ids = shapely.get_type_id(shapes)
    words = np.full(len(shapes), "", dtype="<U10")
    for number, word in (*SHAPES.items(), (COLLECTION, "collection")):
        words[ids == number] = word
    return words


def largest_kind(collection: Any) -> Any:
    """The polygons of a collection as one shape, else its lines, else its points; None when empty."""
    import shapely

    parts = np.asarray(shapely.get_parts(shapely.get_parts(collection)), dtype=object)
    while (shapely.get_type_id(parts) == COLLECTION).any():
        parts = np.asarray(shapely.get_parts(parts), dtype=object)
    kinds = shape_kinds(parts)
    builders = {
        "polygon": shapely.multipolygons,
        "line": shapely.multilinestrings,
        "point": shapely.multipoints,
    }
    for kind, build in builders.items():
        if (kinds == kind).any():
            return build(parts[kinds == kind])
    return None


def unlike_names(names: Sequence[str], reserved: Iterable[str] = ()) -> list[str]:
    """The names, those that differ from an earlier or reserved one only by case numbered: Name, name_1."""
    result: list[str] = []
    for name in names:
        result.append(unique_name(name or "column", [*reserved, *result]))
    return result


def renamed_finding(
    file: str, layer: str, before: Sequence[str], after: Sequence[str]
) -> tuple[Finding, ...]:
    """A finding naming the columns that could not keep their name, or none."""
    changed = [f"{old} → {new}" for old, new in zip(before, after, strict=True) if old != new]
    if not changed:
        return ()
    return (
        Finding(
            code="columns-renamed",
            severity="info",
            message=f"{file}, layer {layer}: column names that this format cannot hold side by side were "
            f"changed: {', '.join(changed)}.",
            count=len(changed),
        ),
    )


@contextmanager
def writing(target: Path) -> Iterator[None]:
    """Turns what GDAL and SQLite say of a failed write into a Problem."""
    import sqlite3

    from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError

    try:
        yield
    except (
        DataLayerError,
        DataSourceError,
        FeatureError,
        FieldError,
        GeometryError,
        sqlite3.Error,
    ) as error:
        if _disk_is_full(str(error), target):
            raise Problem(
                f"The disk is full: {target.name} could not be written.",
                detail="What was there before is unchanged.",
                fix="Free some space or choose another disk.",
            ) from error
        raise Problem(
            f"{target.name} could not be written.",
            detail=_shortened(str(error)),
            fix="Choose another format or another place.",
        ) from error


def _disk_is_full(said: str, target: Path) -> bool:
    """SQLite and GDAL word it in many ways, so the disk itself is asked too. A database that ran out of
    space has given back what it took by the time it complains that there is nothing left to undo."""
    if "No space left" in said or "disk is full" in said:
        return True
    enough = _PLENTY_BYTES if "cannot rollback" in said else _NEARLY_FULL_BYTES
    return shutil.disk_usage(target.parent).free < enough


def _shortened(said: str, most: int = 300) -> str:
    """SQLite quotes whole statements."""
    line = " ".join(said.split())
    return line if len(line) <= most else line[: most - 1] + "…"


def check_rows(file: Path, layer: str | None, rows: int, shown: str) -> None:
    """Count what lies in the written file: GDAL may swallow a full disk. Problem when rows are missing."""
    import pyogrio

    found = pyogrio.read_info(file, layer=layer, force_feature_count=True)["features"]
    if found != rows:
        raise Problem(
            f"{shown} was written incompletely: {found:,} of {rows:,} rows.",
            fix="Check that the disk is not full and try again.",
        )


def stated(layer: MapLayer, columns: Mapping[str, str] | None = None) -> dict[str, Any]:
    """What a file written of the layer says about itself, so that reading it again gives the same meta, kind
    and roles. columns: names in the file, where they differ. A plain layer states no kind."""
    from migmap.io.meta import written

    data = features_of(layer)
    there = {str(name) for name in tidy(data.frame).columns}
    names = columns or {}
    roles = {role: names.get(column, column) for role, column in data.roles.items() if column in there}
    return written(data.meta, data.kind if data.kind != "plain" else "", roles)


def write_layer(
    frame: pandas.DataFrame,
    file: Path,
    *,
    driver: str,
    layer: str | None,
    shapeless: str = "Unknown",
    **options: Any,
) -> None:
    """Write a tidy frame with or without shapes; single and multiple shapes of one kind become multiple.

    shapeless: the geometry type to declare where no row has a shape.
    """
    import warnings

    with warnings.catch_warnings():
        # Said in a finding of our own.
        warnings.filterwarnings("ignore", message="Creating a 256th field", category=RuntimeWarning)
        _write(frame, file, driver=driver, layer=layer, shapeless=shapeless, options=options)


def _write(
    frame: pandas.DataFrame,
    file: Path,
    *,
    driver: str,
    layer: str | None,
    shapeless: str,
    options: Mapping[str, Any],
) -> None:
    import geopandas
    import pyogrio
    import shapely

    if not isinstance(frame, geopandas.GeoDataFrame):
        pyogrio.write_dataframe(frame, file, driver=driver, layer=layer, use_arrow=True, **options)
        return
    shapes = frame.geometry.to_numpy()
    ids = shapely.get_type_id(shapes)
    found = set(np.unique(ids[ids >= 0]).tolist())
    several_kinds = len({SHAPES.get(number, "collection") for number in found}) > 1
    if not several_kinds and len(found) > 1:
        shapes = _multiplied(shapes)
    if several_kinds and shapely.has_z(shapes).any():
        # One column cannot be declared for a mix of kinds, some with and some without height.
        shapes = shapely.force_2d(shapes)
    series = geopandas.GeoSeries(shapes, index=frame.index, crs=frame.crs, name=frame.geometry.name)
    pyogrio.write_dataframe(
        frame.set_geometry(series),
        file,
        driver=driver,
        layer=layer,
        use_arrow=True,
        promote_to_multi=False,
        geometry_type="Unknown" if several_kinds else None if found else shapeless,
        **options,
    )


def _multiplied(shapes: np.ndarray) -> np.ndarray:
    """Each single shape as a multiple one of itself: a layer declares one type for all."""
    import shapely

    result = np.array(shapes, dtype=object)
    ids = shapely.get_type_id(shapes)
    for singles, build in (
        ((0,), shapely.multipoints),
        ((1, 2), shapely.multilinestrings),
        ((3,), shapely.multipolygons),
    ):
        rows = np.flatnonzero(np.isin(ids, singles))
        if len(rows):
            result[rows] = build(shapes[rows], indices=np.arange(len(rows)))
    return result


def name_column(layer: MapLayer) -> str | None:
    """The column a reader knows a feature by: the role "name", else a column that is called so."""
    data = features_of(layer)
    columns = [str(name) for name in data.frame.columns]
    for role in ("name", "site_name", "area_name"):
        if data.roles.get(role) in columns:
            return data.roles[role]
    plain = {name.casefold(): name for name in reversed(columns)}
    for wanted in ("name", "name_en", "site_name", "village", "settlement", "facility_name", "area_name"):
        if wanted in plain:
            return plain[wanted]
    ends = [name for name in columns if name.casefold().endswith(("_en", "_name", "name_en"))]
    return ends[0] if ends else None


def urdu_name_column(layer: MapLayer) -> str | None:
    """The column with the name in Urdu, by role or by how such columns are called."""
    data = features_of(layer)
    columns = [str(name) for name in data.frame.columns]
    for role in ("name_ur", "name_urdu", "urdu_name", "name_local"):
        if data.roles.get(role) in columns:
            return data.roles[role]
    ends = ("name_ur", "name_urdu", "_ur", "_urdu", "name:ur")
    return next((name for name in columns if name.casefold().endswith(ends)), None)
