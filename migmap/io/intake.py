"""What every layer passes on its way in, whatever the format: positions, CRS, personal columns, meta."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyproj
import shapely

from migmap.api import (
    AS_FOUND,
    Finding,
    Meta,
    Problem,
    Reading,
    RowsAside,
    Sensitivity,
    Source,
    VectorData,
    strictest,
)

from .coordinates.countries import expected
from .coordinates.shapeplaces import examined
from .crsguess import guess_text
from .crsnames import crs_text
from .gdalwords import known_crs
from .meta import is_true, with_sidecar
from .values.celltypes import values_from_text
from .values.personal import keeps_personal, without_personal, without_personal_text
from .values.texts import is_text
from .wording import counted

MAX_ROWS_NAMED = 1_000


def some_rows(rows: Iterable[int]) -> tuple[int, ...]:
    """At most 1,000 row numbers, as a Finding keeps them."""
    out: list[int] = []
    for row in rows:
        if len(out) == MAX_ROWS_NAMED:
            break
        out.append(int(row))
    return tuple(out)


@dataclass(frozen=True, slots=True, eq=False)
class Incoming:
    """A layer as its format's reader leaves it.

    frame: attribute columns only. geometry: object array of shapely geometries or None, one a row.
    crs: what the file states. row_numbers: int64, as a person sees them. title: for messages;
    called: the same without folders, for findings.
    located: positions are part of this format (False: a table without coordinate columns).
    checked: personal columns and text numbers were dealt with already. examined: so were positions that
    cannot be right. aside: rows of the file that are not in `frame`. only: what the file itself calls its
    one layer.
    """

    frame: pd.DataFrame
    geometry: np.ndarray
    crs: pyproj.CRS | None
    row_numbers: np.ndarray
    name: str
    source: Source
    title: str
    called: str
    path: Path
    findings: tuple[Finding, ...] = ()
    meta: Meta = field(default_factory=Meta)
    located: bool = True
    checked: bool = False
    examined: bool = False
    aside: tuple[RowsAside, ...] = ()
    only: str = ""


def taken_in(incoming: Incoming, reading: Reading = AS_FOUND) -> VectorData:
    """The layer, checked: blank positions become None, personal columns go, text numbers become numbers.

    Problem when it has no rows, or has positions but no CRS and none is stated.
    """
    if len(incoming.frame) == 0:
        raise Problem(
            f"{incoming.title} is empty: it has no rows.", fix="Check that the right layer was exported."
        )
    findings = list(incoming.findings)
    geometry, blank = without_blanks(incoming.geometry)
    rows = incoming.row_numbers
    if blank.any():
        findings.append(_no_position(incoming, int(blank.sum()), some_rows(rows[blank])))
    crs = _crs(incoming, reading.crs, bool((~blank).any()), geometry, findings)
    frame = plain_values(incoming.frame)
    if not incoming.examined:
        hopes = expected(frame, {}, incoming.called)
        geometry, odd = examined(geometry, crs, rows, reading, hopes)
        findings += odd
    if not incoming.checked:
        frame, personal = without_personal(frame, reading)
        frame, converted = values_from_text(frame, rows, reading)
        findings += (*personal, *converted)
    meta = meta_of_frame(incoming.meta, frame)
    meta, more = with_sidecar(meta, incoming.path)
    findings += more
    if keeps_personal(frame, reading):
        meta = replace(meta, sensitivity="confidential")
    frame = frame.reset_index(drop=True)
    # Only now: a look at a table needs no frame with geometry.
    import geopandas

    layer = geopandas.GeoDataFrame(frame, geometry=geopandas.GeoSeries(geometry, crs=crs, index=frame.index))
    return VectorData(
        frame=layer,
        name=incoming.name,
        source=incoming.source,
        row_numbers=np.asarray(rows, dtype=np.int64),
        findings=tuple(findings),
        meta=meta,
        aside=tuple(_cleared(part, frame, reading) for part in incoming.aside),
        reading=reading,
    )


def _cleared(part: RowsAside, frame: pd.DataFrame, reading: Reading) -> RowsAside:
    """Rows set aside without the personal data that the rows in use lost."""
    kept = [name for name in part.frame.columns if name in frame.columns or name == "geometry"]
    return replace(
        part, frame=without_personal_text(part.frame[kept], part.row_numbers, reading, remarks=True)[0]
    )


def plain_values(frame: pd.DataFrame) -> pd.DataFrame:
    """Lists and objects inside cells as JSON text: no shapefile or spreadsheet holds them otherwise."""
    nested = {
        name: frame[name].map(_as_json)
        for name in frame.columns
        if frame[name].dtype == object and frame[name].map(lambda v: isinstance(v, _NESTED)).any()
    }
    return frame.assign(**nested) if nested else frame


_NESTED = (list, dict, tuple, np.ndarray)


def _as_json(value: object) -> object:
    if isinstance(value, np.ndarray):
        value = value.tolist()
    return json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, _NESTED) else value


def without_blanks(geometry: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(geometries with None where there is no position, bool mask of those rows).

    Null, empty, a point at exactly (0, 0) and a point with a coordinate that is no number are one and
    the same thing: nobody recorded a position.
    """
    geometry = np.asarray(geometry, dtype=object)
    blank = shapely.is_missing(geometry) | shapely.is_empty(geometry)
    points = shapely.get_type_id(geometry) == shapely.GeometryType.POINT
    x, y = shapely.get_x(geometry), shapely.get_y(geometry)
    blank |= points & (((x == 0) & (y == 0)) | ~np.isfinite(x) | ~np.isfinite(y))
    if blank.any():
        geometry = geometry.copy()
        geometry[blank] = None
    return geometry, blank


def _no_position(incoming: Incoming, count: int, rows: tuple[int, ...]) -> Finding:
    total = len(incoming.frame)
    if not incoming.located:
        return Finding(
            "no-position",
            "info",
            f"{incoming.called} is a table without coordinates that could be used.",
            count=count,
        )
    return Finding(
        "no-position",
        "warning",
        f"{count:,} of {counted(total, 'row')} {'has' if count == 1 else 'have'} no position (blank, or 0,0) "
        f"and {'counts' if count == 1 else 'count'} as “unknown”.",
        count=count,
        rows=rows,
    )


def _crs(
    incoming: Incoming, stated: str | None, placed: bool, geometry: np.ndarray, findings: list[Finding]
) -> pyproj.CRS | None:
    wish = known_crs(stated) if stated else None
    if incoming.crs is not None:
        return incoming.crs
    if wish is not None:
        findings.append(crs_stated(incoming.called, wish))
        return wish
    if not placed:
        return None
    box = shapely.total_bounds(geometry)
    west, south, east, north = box
    look, known = guess_text(box, incoming.called, incoming.frame)
    raise Problem(
        f"{incoming.title} has no coordinate reference system.",
        detail=f"Its coordinates run from {west:g}, {south:g} to {east:g}, {north:g}. {look}".strip(),
        fix=(f"State it with {known}" if known else "State it with --crs EPSG:n")
        + (", or add the missing .prj file." if incoming.path.suffix.lower() == ".shp" else "."),
    )


def crs_stated(called: str, crs: pyproj.CRS) -> Finding:
    """That a CRS was used because the user stated it."""
    return Finding("crs-stated", "info", f"{called} names no CRS; read as {crs_text(crs)}, as stated.")


_SENSITIVITIES: tuple[Sensitivity, ...] = ("public", "restricted", "confidential")


def meta_of_frame(meta: Meta, frame: pd.DataFrame) -> Meta:
    """`meta`, synthetic when a column of that name says so in any row: one made-up row is enough to mark
    a layer; and with the sensitivity that the rows of a table migmap wrote state, the strictest of them."""
    if meta.sensitivity is None:
        meta = replace(meta, sensitivity=_sensitivity(frame))
    for name in frame.columns:
        if str(name).strip().lower() == "synthetic" and any(
            is_true(v) for v in frame[name].dropna().unique()
        ):
            return replace(meta, synthetic=True)
    return meta


def _sensitivity(frame: pd.DataFrame) -> Sensitivity | None:
    """What a column "sensitivity" says, where it says nothing but the three words."""
    for name in frame.columns:
        if str(name).strip().lower() == "sensitivity" and is_text(frame[name]):
            said = {str(value).strip().lower() for value in frame[name].dropna().unique()}
            if said and said <= set(_SENSITIVITIES):
                return strictest(one for one in _SENSITIVITIES if one in said)
    return None
