"""Parquet: GeoParquet, and plain tables with a shape or coordinates in their columns.

Format: GeoParquet 1.1 (the key "geo" of the file's metadata). GDAL as it comes with pyogrio has no driver.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import pyarrow
import pyarrow.parquet
import pyproj
import shapely

from migmap.api import Problem

from ..archive import member_bytes
from ..place import Place

MAX_CELLS = 400_000_000
_SHAPE_NAMES = ("geometry", "geom", "the_geom", "wkb_geometry", "shape", "wkb")


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """geometry: None where the file has no column of shapes. unreadable: indices of shapes that are none."""

    frame: pd.DataFrame
    geometry: np.ndarray | None
    crs: pyproj.CRS | None
    total: int
    unreadable: tuple[int, ...] = ()


def is_parquet(place: Place) -> bool:
    return place.ending in ("parquet", "geoparquet", "pq")


def read_parquet(place: Place, limit: int | None = None) -> Table:
    """All rows, or the first `limit`. Problem: damaged, too many cells."""
    try:
        source = (
            pyarrow.BufferReader(member_bytes(place.path, place.member)) if place.member else str(place.path)
        )
        with pyarrow.parquet.ParquetFile(source) as file:
            total = file.metadata.num_rows
            columns = len(file.schema_arrow.names)
            if limit is None and total * max(columns, 1) > MAX_CELLS:
                raise Problem(
                    f"{place.title} has {total:,} rows of {columns:,} columns; the limit is {MAX_CELLS:,} "
                    "cells.",
                    fix="Keep the columns and rows you need, then export it again.",
                )
            about = _about(file.schema_arrow.metadata or {})
            if limit is None:
                table = file.read()
            else:
                batch = next(file.iter_batches(batch_size=limit), None)
                table = (
                    file.schema_arrow.empty_table()
                    if batch is None
                    else pyarrow.Table.from_batches([batch.slice(0, limit)])
                )
    except (pyarrow.ArrowException, OSError) as error:
        raise Problem(
            f"{place.title} cannot be read as Parquet.",
            detail=str(error).splitlines()[0][:200] if str(error) else "",
            fix="The file may be damaged or incomplete: download or export it again.",
        ) from error
    return _taken_apart(table, about, total)


def _about(metadata: dict[bytes, bytes]) -> dict[str, Any]:
    try:
        found = json.loads(metadata.get(b"geo", b"{}"))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _taken_apart(table: pyarrow.Table, about: dict[str, Any], total: int) -> Table:
    name = about.get("primary_column")
    described = about.get("columns")
    described = described if isinstance(described, dict) else {}
    stated = isinstance(name, str) and name in table.column_names
    if not stated:
        name = next(
            (
                each
                for each in table.column_names
                if each.lower() in _SHAPE_NAMES and pyarrow.types.is_binary(table.schema.field(each).type)
            ),
            None,
        )
    if name is None:
        return Table(_plain(table), None, None, total)
    column = described.get(name, {}) if stated else {}
    column = column if isinstance(column, dict) else {}
    crs = _crs(column) if stated else None
    if not stated or str(column.get("encoding", "WKB")).upper() == "WKB":
        raw = table.column(name).to_numpy(zero_copy_only=False)
        shapes = shapely.from_wkb(raw, on_invalid="ignore")
        there = np.array([value is not None for value in raw], dtype=bool)
        lost = tuple(np.flatnonzero(there & shapely.is_missing(shapes)).tolist())
    else:
        shapes = np.asarray(geopandas.GeoDataFrame.from_arrow(table.select([name])).geometry.array)
        lost = ()
    rest = table.drop_columns([name])
    return Table(_plain(rest), np.asarray(shapes, dtype=object), crs, total, lost)


def _plain(table: pyarrow.Table) -> pd.DataFrame:
    """Attributes; other columns of shapes and boxes would be bytes nobody can read."""
    drop = [
        field.name
        for field in table.schema
        if pyarrow.types.is_binary(field.type)
        or (field.name == "bbox" and pyarrow.types.is_struct(field.type))
    ]
    # What pandas wrote about its columns may be damaged, and is looked at even where it is to be ignored.
    bare = table.drop_columns(drop).replace_schema_metadata(None)
    frame: pd.DataFrame = bare.to_pandas(ignore_metadata=True)
    named = [c for c in frame.columns if str(c).startswith("__index_level_")]
    return frame.drop(columns=named)


def _crs(column: dict[str, Any]) -> pyproj.CRS | None:
    if "crs" not in column:
        return pyproj.CRS.from_user_input("OGC:CRS84")
    if column["crs"] is None:
        return None
    try:
        return pyproj.CRS.from_user_input(column["crs"])
    except pyproj.exceptions.CRSError:
        return None
