"""Rasters: opened, checked, described; cells stay on disk until a window is read."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

import numpy as np
import pyproj
import rasterio
import rasterio.errors
from rasterio.windows import Window

from migmap.api import AS_FOUND, ColumnInfo, Finding, Probe, Problem, RasterData, Reading, Source

from .gdalwords import in_plain_words, known_crs
from .meta import raster_meta
from .place import Place, locate
from .reference import Reference
from .scaled import is_packed, unpacked

STATE_IT = "state it with --crs EPSG:n before it is used"
CACHE_MB = 64
"""GDAL's block cache. The default, a twentieth of the memory, costs 30 % more time and 700 MB."""


def open_raster(reference: Reference, reading: Reading = AS_FOUND) -> RasterData:
    """A handle on one band; reads the header only.

    The part of `reference` names a band ("2") or a sub-dataset. `reading.crs` is used where the file states
    none. Problem: not a raster, several sub-datasets and none named, no such band, no CRS.
    """
    return raster_at(locate(reference), reading)


def raster_at(place: Place, reading: Reading = AS_FOUND) -> RasterData:
    """`open_raster` for a place already found."""
    with _opened(place) as (dataset, gdal_path, band):
        _check_shape(place, dataset)
        found, findings = _crs(place, dataset, reading.crs)
        if found is None:
            raise Problem(
                f"{place.title} has no coordinate reference system.",
                detail=_extent_text(dataset),
                fix="State it with --crs EPSG:n (EPSG:4326 for longitude and latitude).",
            )
        index = band - 1
        meta, notes = raster_meta(place.path, dataset.tags())
        dtype, nodata, stored = dataset.dtypes[index], dataset.nodatavals[index], band
        if is_packed(dataset, band):
            gdal_path, said = unpacked(dataset, gdal_path, band, place.called)
            dtype, nodata, stored = "float64", None, 1
            notes = (*notes, *said)
        return RasterData(
            gdal_path=gdal_path,
            band=stored,
            name=_name(place, dataset, band),
            source=Source(str(place.path), place.reference.part, dataset.driver),
            crs=found,
            transform=tuple(dataset.transform)[:6],
            width=dataset.width,
            height=dataset.height,
            dtype=dtype,
            nodata=nodata,
            unit=dataset.units[index] or "",
            findings=(*findings, *notes),
            meta=meta,
            reading=reading,
        )


def probe_raster(place: Place, reading: Reading = AS_FOUND) -> Probe:
    """What the header says."""
    with _opened(place, first=True) as (dataset, _, band):
        _check_cells(place, dataset)
        found, findings = _crs(place, dataset, reading.crs)
        if found is None:
            findings.append(
                Finding(
                    "no-crs", "warning", f"{place.called} has no coordinate reference system; {STATE_IT}."
                )
            )
        bounds = dataset.bounds
        names = place.others or tuple(_part_name(s) for s in dataset.subdatasets)
        if not names and dataset.count > 1:
            names = tuple(str(i) for i in dataset.indexes)
        index = band - 1
        meta, notes = raster_meta(place.path, dataset.tags())
        return Probe(
            source=Source(str(place.path), place.reference.part, dataset.driver),
            name=_name(place, dataset, band),
            driver=dataset.driver,
            geometry="raster",
            layers=names,
            crs=crs_text(found),
            columns=tuple(
                ColumnInfo(dataset.descriptions[i - 1] or f"band {i}", dataset.dtypes[i - 1])
                for i in dataset.indexes
            ),
            bounds=(
                min(bounds.left, bounds.right),
                min(bounds.bottom, bounds.top),
                max(bounds.left, bounds.right),
                max(bounds.bottom, bounds.top),
            ),
            meta=meta,
            findings=(*findings, *notes),
            width=dataset.width,
            height=dataset.height,
            dtype=dataset.dtypes[index],
            nodata=dataset.nodatavals[index],
            unit=dataset.units[index] or None,
        )


@contextmanager
def open_dataset(raster: RasterData) -> Iterator[rasterio.DatasetReader]:
    """The raster's file, open for reading windows. One thread at a time: open one per thread.

    with open_dataset(raster) as dataset:
        block = dataset.read(raster.band, window=Window(col, row, width, height))
    """
    with (
        in_plain_words(raster.source.path, "a raster"),
        rasterio.Env(GDAL_CACHEMAX=CACHE_MB, GDAL_DISABLE_READDIR_ON_OPEN="EMPTY_DIR"),
        rasterio.open(raster.gdal_path) as dataset,
    ):
        yield dataset


def read_block(
    raster: RasterData, dataset: rasterio.DatasetReader, row: int, col: int, height: int, width: int
) -> tuple[np.ndarray, np.ndarray]:
    """(values, valid) of a window inside the raster, both [height, width]. valid is False where a cell
    holds the declared no-data value or NaN."""
    values = dataset.read(raster.band, window=Window(col, row, width, height))
    return values, valid_cells(values, raster.nodata)


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


def crs_text(crs: pyproj.CRS | None) -> str | None:
    """A short, exact name: "EPSG:4326" where the CRS is one of the register's, else its WKT."""
    return None if crs is None else _crs_name(crs)


@lru_cache(maxsize=256)
def _crs_name(crs: pyproj.CRS) -> str:
    """Remembered, because PROJ searches its whole register for a CRS it does not know: a second each."""
    # Drivers reorder axes and drop remarks; 70 is PROJ's word for "same, differently written".
    codes = crs.list_authority(min_confidence=70)
    best = next((c for c in codes if c.auth_name == "EPSG"), codes[0] if codes else None)
    return f"{best.auth_name}:{best.code}" if best else str(crs.to_wkt())


@contextmanager
def _opened(place: Place, *, first: bool = False) -> Iterator[tuple[rasterio.DatasetReader, str, int]]:
    """(dataset, what GDAL opened, band). With `first`, an unnamed sub-dataset is the first one."""
    _check_bytes(place)
    part = place.layer
    with in_plain_words(place.title, "a raster"), rasterio.Env(GDAL_CACHEMAX=CACHE_MB):
        with rasterio.open(place.gdal_path) as whole:
            subs: list[str] = list(whole.subdatasets)
            if not subs:
                yield whole, place.gdal_path, _band(place, whole, part)
                return
        unnamed = part is None and (first or len(subs) == 1)
        chosen = subs[0] if unnamed else _sub(place, subs, part)
        with rasterio.open(chosen) as dataset:
            yield dataset, chosen, 1


def _band(place: Place, dataset: rasterio.DatasetReader, part: str | None) -> int:
    if part is None:
        return 1
    if part.isdigit() and 1 <= int(part) <= dataset.count:
        return int(part)
    described = [i for i, text in enumerate(dataset.descriptions, start=1) if text == part]
    if described:
        return described[0]
    has = "one band" if dataset.count == 1 else f"{dataset.count} bands, 1 to {dataset.count}"
    raise Problem(
        f"{place.path} has no band “{part}”.", detail=f"It has {has}.", fix=f"Name {place.path}::1."
    )


def _sub(place: Place, subs: list[str], part: str | None) -> str:
    for index, sub in enumerate(subs, start=1):
        if part is not None and part in (sub, _part_name(sub), str(index)):
            return sub
    names = [_part_name(s) for s in subs]
    raise Problem(
        f"{place.path} holds {len(subs)} sub-datasets."
        if part is None
        else f"{place.path} holds no sub-dataset “{part}”.",
        detail="They are " + ", ".join(names[:12]) + (", ..." if len(names) > 12 else "") + ".",
        fix=f"Name one: {place.path}::{names[0]}.",
    )


def _part_name(sub: str) -> str:
    """`HDF5:"/data/two.h5"://Band/foo` gives `Band/foo`."""
    return sub.rsplit(":", 1)[-1].strip("/").strip('"') or sub


def _check_bytes(place: Place) -> None:
    """A file too short to be any raster deserves a better word than GDAL's "not recognized"."""
    if place.member is not None or place.ending not in ("tif", "tiff", "gtiff"):
        return
    size = os.path.getsize(place.path)
    with open(place.path, "rb") as stream:
        head = stream.read(4)
    if head[:2] not in (b"II", b"MM") or size < 8:
        raise Problem(
            f"{place.path} is not a TIFF: it is {size:,} byte{'s' if size != 1 else ''} long and "
            + ("too short to hold an image." if size < 8 else "does not begin like one."),
            fix="The download probably failed: get the file again.",
        )


def _check_cells(place: Place, dataset: rasterio.DatasetReader) -> None:
    if dataset.count == 0 or dataset.width == 0 or dataset.height == 0:
        raise Problem(f"{place.title} holds no cells.", fix="Export or download the raster again.")


def _check_shape(place: Place, dataset: rasterio.DatasetReader) -> None:
    _check_cells(place, dataset)
    if any(dtype.startswith("complex") for dtype in dataset.dtypes):
        raise Problem(f"{place.title} holds complex numbers.", fix="Convert it to real numbers first.")
    if dataset.gcps[0] and dataset.transform.is_identity:
        raise Problem(
            f"{place.title} is placed by ground control points only.",
            fix="Warp it to a regular grid first, for example with gdalwarp.",
        )


def _crs(
    place: Place, dataset: rasterio.DatasetReader, stated: str | None
) -> tuple[pyproj.CRS | None, list[Finding]]:
    """The file's own CRS, else the stated one."""
    wish = known_crs(stated) if stated else None
    findings: list[Finding] = []
    if dataset.crs:
        try:
            own = pyproj.CRS.from_user_input(dataset.crs.to_wkt())
        except pyproj.exceptions.CRSError as error:
            if wish is None:
                raise Problem(
                    f"{place.title} states a coordinate reference system that cannot be understood.",
                    detail=str(error).splitlines()[0],
                    fix="Put its .prj file right, or set the CRS with gdal_edit -a_srs EPSG:n.",
                ) from error
            own = wish
        if own is None or not own.is_engineering:
            return own, findings
    if wish is not None:
        findings.append(
            Finding(
                "crs-stated", "info", f"{place.called} names no CRS; read as {crs_text(wish)}, as stated."
            )
        )
    return wish, findings


def _extent_text(dataset: rasterio.DatasetReader) -> str:
    left, bottom, right, top = dataset.bounds
    text = f"Its cells reach from {left:g} to {right:g} and from {bottom:g} to {top:g}"
    degrees = (
        -180 <= min(left, right) <= max(left, right) <= 180
        and -90 <= min(bottom, top) <= max(bottom, top) <= 90
    )
    if dataset.transform.is_identity:
        return "It has no position either: it is a plain picture."
    return text + (", which look like degrees." if degrees else ".")


def _name(place: Place, dataset: rasterio.DatasetReader, band: int) -> str:
    base = place.member.name if place.member else place.reference.name
    if dataset.count > 1:
        return f"{base} ({dataset.descriptions[band - 1] or f'band {band}'})"
    return base
