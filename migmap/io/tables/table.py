"""Tables with or without positions: CSV and TSV, XLSX, XLS, ODS."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pyproj
import shapely

from migmap.api import (
    AS_FOUND,
    ColumnInfo,
    Finding,
    Meta,
    Probe,
    Progress,
    Reading,
    RowsAside,
    Source,
    VectorData,
    no_progress,
)

from ..columns import dtype_word, samples_of
from ..coordinates.positions import Positions, find_positions
from ..crsnames import crs_text
from ..gdalwords import known_crs
from ..intake import Incoming, crs_stated, meta_of_frame, taken_in, without_blanks
from ..meta import with_sidecar
from ..place import Place
from ..values.celltypes import typed_columns
from ..values.personal import without_personal
from .encoding_guess import encoding_finding
from .grid import Grid, read_grid
from .kobo import unfolded

_PROBE_ROWS = 1_000
_PROBE_CELLS = 100_000
_FEWEST_ROWS = 200


def read_table(
    place: Place,
    reading: Reading = AS_FOUND,
    progress: Progress = no_progress,
    limit: int | None = None,
) -> VectorData:
    """All rows; with `limit`, the first ones. Coordinates are longitude and latitude (WGS 84); `reading.crs`
    is used where x and y cannot be that. A table without coordinates has geometry None in every row."""
    progress(0.0, f"Reading {place.path.name}")
    grid = unfolded(place, read_grid(place, limit, reading), reading, limit)
    progress(0.6, f"Checking {place.path.name}")
    frame, personal = without_personal(grid.cells, reading)
    found = find_positions(frame, grid.hxl or {}, grid.row_numbers, reading, place.called)
    frame, converted = typed_columns(found.cells, grid.row_numbers, reading)
    findings = (*_encoding_said(grid, frame, place), *grid.findings, *personal, *converted, *found.findings)
    data = taken_in(
        Incoming(
            frame=frame,
            geometry=found.geometry,
            crs=found.crs,
            row_numbers=grid.row_numbers,
            name=_name(place, grid),
            source=Source(str(place.path), place.reference.part, grid.driver),
            title=place.title,
            called=place.called,
            path=place.path,
            findings=findings,
            located=found.located,
            checked=True,
            examined=True,
            aside=_aside(grid, frame),
        ),
        reading,
    )
    progress(1.0, f"Read {place.path.name}")
    return data


def probe_table(place: Place, reading: Reading = AS_FOUND) -> Probe:
    """What the first 1,000 rows say; of a long and wide table fewer."""
    grid = unfolded(place, read_grid(place, _PROBE_ROWS, reading), reading, _PROBE_ROWS)
    enough = max(_FEWEST_ROWS, _PROBE_CELLS // max(grid.cells.shape[1], 1))
    if enough < len(grid.cells) == _PROBE_ROWS and grid.total != _PROBE_ROWS:
        grid = replace(grid, cells=grid.cells.iloc[:enough], row_numbers=grid.row_numbers[:enough])
    frame, personal = without_personal(grid.cells, reading)
    found = find_positions(frame, grid.hxl or {}, grid.row_numbers, reading, place.called)
    frame, converted = typed_columns(found.cells, grid.row_numbers, reading)
    geometry, _ = without_blanks(found.geometry)
    meta, notes = with_sidecar(meta_of_frame(Meta(), frame), place.path)
    bounds = None
    if grid.total == len(frame) and found.located and not shapely.is_missing(geometry).all():
        west, south, east, north = (float(v) for v in shapely.total_bounds(geometry))
        bounds = (west, south, east, north)
    findings = [
        *_encoding_said(grid, frame, place),
        *grid.findings,
        *personal,
        *converted,
        *found.findings,
        *notes,
    ]
    if found.crs is None and (crs := _crs(found, reading.crs)) is not None:
        findings.append(crs_stated(place.called, crs))
    if len(frame) == 0:
        findings.append(Finding("empty-layer", "error", f"{place.called} has no rows.", count=0))
    return Probe(
        source=Source(str(place.path), place.reference.part, grid.driver),
        name=_name(place, grid),
        driver=grid.driver,
        geometry=found.word if found.located else "none",
        layers=place.others or grid.parts,
        only="" if place.member else grid.part or "",
        crs=crs_text(_crs(found, reading.crs)),
        rows=grid.total,
        columns=tuple(ColumnInfo(str(c), dtype_word(frame[c]), samples_of(frame[c])) for c in frame.columns),
        bounds=bounds,
        hxl={c: t for c, t in (grid.hxl or {}).items() if c in frame.columns},
        placed_by=found.by,
        meta=meta,
        findings=tuple(findings),
    )


def _aside(grid: Grid, frame: pd.DataFrame) -> tuple[RowsAside, ...]:
    """The rows set aside, without the columns of personal data; blank in columns that only records have, such
    as counts of repeated questions."""
    kept = [name for name in grid.cells.columns if name in frame.columns]
    return tuple(replace(rows, frame=rows.frame.reindex(columns=kept)) for rows in grid.aside)


def _encoding_said(grid: Grid, frame: pd.DataFrame, place: Place) -> list[Finding]:
    """What was guessed, with an example from what may be shown: names and words of columns that stay."""
    if not grid.encoding:
        return []
    words = (v for name in frame.columns for v in frame[name].head(5_000) if isinstance(v, str))
    said = encoding_finding(grid.encoding, place.called, (*map(str, frame.columns), *words))
    return [said] if said is not None else []


def _crs(found: Positions, stated: str | None) -> pyproj.CRS | None:
    if not found.located:
        return None
    return found.crs or (known_crs(stated) if stated else None)


def _name(place: Place, grid: Grid) -> str:
    if place.layer is not None and grid.part:
        return grid.part
    return place.member.name if place.member else place.reference.name
