"""Rasters: opened, checked, described; cells stay on disk until a window is read."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import pyproj
import rasterio

from migmap.api import AS_FOUND, ColumnInfo, Finding, Meta, Probe, Problem, RasterData, Reading, Source

from ..crsnames import crs_text
from ..gdalwords import in_plain_words
from ..meta import raster_meta
from ..place import Place, locate
from ..reference import Reference
from .cellvalues import CellTally
from .lookover import looked_over, remembered
from .oddwords import take_odd_words
from .rasterfile import ENV, Opened, opened
from .rasterfindings import SUSPECTED, nodata_findings, place_findings, suspected_mark, value_findings
from .rasterplace import crs_findings
from .rasterwords import About, about
from .scaled import Seen, seen
from .tilesets import TILE_SETS, probe_tiles, refuse_as_raster


def open_raster(reference: Reference, reading: Reading = AS_FOUND, *, look: bool = True) -> RasterData:
    """A handle on one band; reads the header and a bounded part of the cells.

    The part of `reference` names a band ("2", "rp100"), a sub-dataset, or a variable and a step of a NetCDF
    file ("tp@2022-08-25"). look: False leaves the cells alone. `reading.crs` is used where the file states
    none. Problem: not a raster, several sub-datasets or steps and none named, no such band, no CRS, a limit
    passed.
    """
    return raster_at(locate(reference), reading, look=look)


def raster_at(place: Place, reading: Reading = AS_FOUND, *, look: bool = True) -> RasterData:
    """`open_raster` for a place already found."""
    refuse_as_raster(place)
    with opened(place) as file:
        _check_shape(place, file)
        facts = _facts(place, file, reading, look=look)
        if facts.crs is None:
            raise Problem(
                f"{place.title} has no coordinate reference system.",
                detail=_extent_text(place, file.dataset),
                fix=_stated_as(place, file.dataset),
            )
        return RasterData(
            gdal_path=facts.seen.gdal_path,
            band=facts.seen.band,
            name=facts.name,
            source=Source(str(place.path), place.reference.part, file.dataset.driver),
            crs=facts.crs,
            transform=tuple(facts.seen.transform)[:6],
            width=file.dataset.width,
            height=file.dataset.height,
            dtype=facts.seen.dtype,
            nodata=facts.nodata,
            unit=facts.unit,
            findings=facts.findings,
            meta=facts.meta,
            reading=reading,
        )


def probe_raster(place: Place, reading: Reading = AS_FOUND) -> Probe:
    """What the header and a bounded part of the cells say."""
    if place.ending in TILE_SETS:
        return probe_tiles(place)
    with opened(place, first=True) as file:
        dataset = file.dataset
        facts = _facts(place, file, reading)
        findings = [*facts.findings]
        if facts.crs is None:
            findings.insert(
                0,
                _no_crs(place, dataset),
            )
        if dataset.gcps[0] and dataset.transform.is_identity:
            findings.append(
                Finding(
                    "placed-by-points",
                    "error",
                    f"{place.called} is placed by ground control points only and cannot be used as it is: "
                    "warp it to a regular grid first, for example with gdalwarp.",
                )
            )
        place_of = facts.seen.transform
        corners = [
            place_of @ corner
            for corner in (
                (0, 0),
                (dataset.width, 0),
                (0, dataset.height),
                (dataset.width, dataset.height),
            )
        ]
        return Probe(
            source=Source(str(place.path), place.reference.part, dataset.driver),
            name=facts.name,
            driver=dataset.driver,
            geometry="raster",
            layers=place.others or file.parts,
            crs=crs_text(facts.crs),
            columns=tuple(
                ColumnInfo(file.label_of(i) or f"band {i}", dataset.dtypes[i - 1])
                for i in dataset.indexes[:500]
            ),
            bounds=(
                min(x for x, _ in corners),
                min(y for _, y in corners),
                max(x for x, _ in corners),
                max(y for _, y in corners),
            ),
            meta=facts.meta,
            findings=tuple(findings),
            width=dataset.width,
            height=dataset.height,
            dtype=facts.seen.dtype,
            nodata=facts.nodata,
            unit=facts.unit or None,
        )


@dataclass(frozen=True, slots=True)
class _Facts:
    """What both the handle and the probe tell. nodata: as declared, or as a fix says."""

    name: str
    crs: pyproj.CRS | None
    seen: Seen
    nodata: float | None
    unit: str
    meta: Meta
    findings: tuple[Finding, ...]


def _facts(place: Place, file: Opened, reading: Reading, *, look: bool = True) -> _Facts:
    dataset, band = file.dataset, file.band
    crs, findings = crs_findings(place, dataset, reading)
    name = _name(place, file)
    looks = seen(dataset, file.gdal_path, band, place.called, degrees=crs is not None and crs.is_geographic)
    unit = ((dataset.units[band - 1] or "").strip() or file.unit).strip("-")
    meant = about(
        name,
        name if file.variable else f"{name} {place.path.stem if place.member is None else ''}",
        file.label_of(band) or "",
        unit,
        kind=reading.kind,
        is_picture=file.is_picture,
    )
    nodata = looks.nodata
    values: tuple[Finding, ...] = ()
    if look:
        nodata, values = _values(meant, _look(place, file, looks), looks, reading)
    meta, notes = raster_meta(place.path, dataset.tags())
    odd = nodata_findings(name, looks.nodata, looks.dtype)
    where = place_findings(name, crs, looks.transform, dataset.width, dataset.height)
    return _Facts(
        name,
        crs,
        looks,
        nodata,
        unit,
        meta,
        (*findings, *file.findings, *looks.findings, *where, *odd, *values, *notes),
    )


def _values(
    meant: About, tally: CellTally, looks: Seen, reading: Reading
) -> tuple[float | None, tuple[Finding, ...]]:
    """(the no-data value to use, what the values say)."""
    mark = suspected_mark(meant, tally, looks.dtype)
    if mark is None or SUSPECTED not in reading.fixes:
        return looks.nodata, value_findings(meant, tally, looks.dtype)
    return mark, value_findings(meant, tally.hiding(mark), looks.dtype, applied=mark)


def _look(place: Place, file: Opened, looks: Seen) -> CellTally:
    """The tally of a bounded part of the cells, as every reader will see them."""
    unpacked = (
        looks.dtype != file.dataset.dtypes[file.band - 1]
        or looks.nodata != file.dataset.nodatavals[file.band - 1]
    )

    def look() -> CellTally:
        # The columns that were turned hold the same values: only packed ones need the virtual raster.
        if not unpacked:
            return looked_over(file.dataset, file.band, looks.nodata)
        with rasterio.open(looks.gdal_path) as virtual:
            return looked_over(virtual, 1, math.nan, driver=file.dataset.driver)

    return remembered((looks.gdal_path, looks.band, str(looks.nodata)), place.path, look)


@contextmanager
def open_dataset(raster: RasterData) -> Iterator[rasterio.DatasetReader]:
    """The raster's file, open for reading windows. One thread at a time: open one per thread.

    with open_dataset(raster) as dataset:
        block = dataset.read(raster.band, window=Window(col, row, width, height))
    """
    take_odd_words()
    with (
        in_plain_words(raster.source.path, "a raster"),
        # The folder is looked through: masks, headers and colour tables may stand beside the file.
        rasterio.Env(**ENV),
        rasterio.open(raster.gdal_path) as dataset,
    ):
        yield dataset


def valid_cells(values: np.ndarray, nodata: float | None) -> np.ndarray:
    """Bool array of the shape of `values`: False where no data. NaN and infinity are never data."""
    floating = np.issubdtype(values.dtype, np.floating)
    valid = np.isfinite(values) if floating else np.ones(values.shape, dtype=bool)
    if nodata is None or np.isnan(nodata):
        return valid
    if floating:
        # The declared value is a double; a float32 cell holds it rounded.
        valid &= values != values.dtype.type(nodata)
    elif float(nodata).is_integer():
        valid &= values != int(nodata)
    return valid


def _check_shape(place: Place, file: Opened) -> None:
    dataset = file.dataset
    if dataset.gcps[0] and dataset.transform.is_identity:
        raise Problem(
            f"{place.title} is placed by ground control points only.",
            fix="Warp it to a regular grid first, for example with gdalwarp.",
        )
    if file.is_curved:
        raise Problem(
            f"{place.title} has no regular grid: every cell states a position of its own.",
            fix="Warp it to a regular grid first, for example with gdalwarp -geoloc.",
        )


def _no_crs(place: Place, dataset: rasterio.DatasetReader) -> Finding:
    # Only here, because it brings pandas.
    from ..crsguess import no_crs_finding

    return no_crs_finding(place.called, None if dataset.transform.is_identity else _box(dataset))


def _extent_text(place: Place, dataset: rasterio.DatasetReader) -> str:
    from ..crsguess import guess_text

    if dataset.transform.is_identity:
        return "It has no position either: it is a plain picture."
    west, south, east, north = _box(dataset)
    text = f"Its cells reach from {west:g} to {east:g} and from {south:g} to {north:g}."
    return f"{text} {guess_text((west, south, east, north), place.called)[0]}".strip()


def _stated_as(place: Place, dataset: rasterio.DatasetReader) -> str:
    from ..crsguess import guess_text

    known = "" if dataset.transform.is_identity else guess_text(_box(dataset), place.called)[1]
    return f"State it with {known}." if known else "State it with --crs EPSG:n."


def _box(dataset: rasterio.DatasetReader) -> tuple[float, float, float, float]:
    left, bottom, right, top = dataset.bounds
    return min(left, right), min(bottom, top), max(left, right), max(bottom, top)


def _name(place: Place, file: Opened) -> str:
    base = place.member.name if place.member else place.reference.name
    if file.variable is not None:
        stem = place.member.name if place.member else place.path.stem
        step = file.variable.steps[file.band - 1] if file.variable.steps else ""
        return f"{stem} {file.variable.name}" + (f" {step}" if step else "")
    if file.dataset.count > 1:
        return f"{base} ({file.label_of(file.band) or f'band {file.band}'})"
    return base
