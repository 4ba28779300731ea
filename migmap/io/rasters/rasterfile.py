"""The file behind a raster, opened: which drivers may, which part is meant, within which limits."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
import rasterio
import rasterio.errors
from rasterio._err import CPLE_BaseError
from rasterio.enums import ColorInterp
from rasterio.io import DatasetReader

from migmap.api import Finding, Problem

from ..gdalwords import in_plain_words
from ..place import Place
from ..wording import counted
from .netcdf import MOST_VARIABLES, Variable, is_bounds, is_curved, matching, variable_of
from .oddwords import take_odd_words
from .vrt import MAX_BYTES, check_vrt, check_vrt_member

MAX_CELLS = 10**12
MAX_BANDS = 20_000
MAX_BLOCK_BYTES = 1 << 30
MOST_PARTS = 500
"""Parts listed of one file."""

ENV = {
    # MB for blocks. The default, a twentieth of the memory, costs 30 % more time and 700 MB.
    "GDAL_CACHEMAX": 64,
    # A side file can name an address: nothing is ever fetched.
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".nothing",
    "GDAL_VRT_ENABLE_PYTHON": "NO",
}
"""GDAL's settings wherever cells are read."""
_DRIVERS = {
    **dict.fromkeys(("tif", "tiff", "gtiff"), ("GTiff",)),
    "asc": ("AAIGrid", "GRASSASCIIGrid", "ISG"),
    "vrt": ("VRT",),
    **dict.fromkeys(("nc", "nc4"), ("netCDF", "HDF5", "HDF5Image")),
    **dict.fromkeys(("h5", "hdf", "hdf5"), ("HDF5", "HDF5Image", "netCDF", "BAG")),
    "img": ("HFA", "ENVI", "EHdr"),
    "grd": ("NWT_GRD", "GSAG", "GS7BG", "GSBG", "RRASTER", "netCDF", "AAIGrid"),
    "jp2": ("JP2OpenJPEG",),
    "png": ("PNG",),
    **dict.fromkeys(("jpg", "jpeg"), ("JPEG",)),
    **dict.fromkeys(("bil", "bip", "bsq"), ("EHdr", "ENVI", "GenBin")),
    "dem": ("USGSDEM", "EHdr"),
    "hgt": ("SRTMHGT",),
    "adf": ("AIG",),
    "rst": ("RST",),
    "sdat": ("SAGA",),
    **dict.fromkeys(("grib", "grib2", "grb"), ("GRIB",)),
    "mbtiles": ("MBTiles",),
}  # fmt: skip
"""Who may open what: a text that asks a web service for its cells is no GeoTIFF, whatever its ending."""
_OTHERS = ("GTiff", "AAIGrid", "netCDF", "HDF5", "HDF5Image")
_SUBS = ("netCDF", "HDF5", "HDF5Image", "GRIB")
_COLOURS = ("red", "green", "blue", "alpha")
_WITH_VARIABLES = frozenset(["netCDF", "HDF5", "HDF5Image"])


@dataclass(slots=True, eq=False)
class Opened:
    """An open raster and the band that is meant. gdal_path: what opens it again. parts: names that can
    follow `FILE::`. variable: of a NetCDF or HDF5 file. findings: about the choice. labels: what the file
    calls its bands. is_picture: the band is a colour (a palette, or one of red, green, blue)."""

    dataset: DatasetReader
    gdal_path: str
    band: int
    parts: tuple[str, ...] = ()
    variable: Variable | None = None
    findings: list[Finding] = field(default_factory=list)
    labels: tuple[str | None, ...] = ()
    is_picture: bool = False

    @property
    def unit(self) -> str:
        """The unit where the band itself has none: a NetCDF variable's, a GRIB message's."""
        if self.variable is not None:
            return self.variable.unit
        return str(self.dataset.tags(self.band).get("GRIB_UNIT", "")).strip("[] ")

    @property
    def is_curved(self) -> bool:
        return is_curved(self.dataset)

    def label_of(self, band: int) -> str | None:
        """What the file calls a band."""
        if self.variable is not None and self.variable.steps:
            steps = self.variable.steps
            return f"{self.variable.name} {steps[band - 1]}" if band <= len(steps) else None
        if self.variable is not None:
            return self.variable.long_name or self.variable.name
        return self.labels[band - 1] if band <= len(self.labels) else None


def labels_of(dataset: DatasetReader) -> tuple[str | None, ...]:
    """What a file calls its bands: a description, what a GRIB message is, or red, green, blue and alpha."""
    colours = [colour.name for colour in dataset.colorinterp]
    many = dataset.count > 1
    return tuple(
        described
        or (dataset.tags(band).get("GRIB_COMMENT") if dataset.driver == "GRIB" else None)
        or (colour if many and colour in _COLOURS else None)
        for band, (described, colour) in enumerate(zip(dataset.descriptions, colours, strict=True), 1)
    )


def is_picture(dataset: DatasetReader, band: int) -> bool:
    """True for colours: a palette, or red, green and blue bands of bytes."""
    colours = dataset.colorinterp
    if colours[band - 1] in (ColorInterp.palette, ColorInterp.alpha):
        return True
    wanted = {ColorInterp.red, ColorInterp.green, ColorInterp.blue}
    return dataset.dtypes[band - 1] == "uint8" and wanted <= set(colours)


@contextmanager
def opened(place: Place, *, first: bool = False) -> Iterator[Opened]:
    """The file, open. With `first`, the first of several variables and steps is taken where none is named,
    and a finding says so. Problem: damaged, no raster, a choice to make, no such part, a limit passed."""
    _check_bytes(place)
    _check_virtual(place)
    drivers = _DRIVERS.get(place.ending, _OTHERS)
    take_odd_words()
    with in_plain_words(place.title, "a raster"), rasterio.Env(**ENV), _gdal_errors(place):
        with DatasetReader(place.gdal_path, driver=list(drivers)) as whole:
            if whole.driver not in _WITH_VARIABLES and not whole.subdatasets:
                _check_limits(place, whole)
                yield _by_band(place, whole)
                return
            names = list(whole.subdatasets)
            if not names:
                _check_limits(place, whole)
                yield _by_step(place, whole, variable_of(whole, place.gdal_path, place.path.stem), first)
                return
        variables, hidden = _variables(place, names)
        chosen, wanted = _variable(place, variables, first)
        with DatasetReader(chosen.gdal_path, driver=list(_SUBS)) as dataset:
            _check_limits(place, dataset)
            file = _by_step(place, dataset, chosen, first, wanted, several=len(variables) > 1)
            if len(variables) > 1:
                file.parts = _parts(variables)
                if place.layer is None:
                    listed = "; ".join(one.described for one in variables[:12])
                    more = f"; and {len(variables) - 12} more" if len(variables) > 12 else ""
                    file.findings.append(
                        Finding(
                            "variable-not-chosen",
                            "warning",
                            f"{place.called} holds {len(variables)} variables, and what is said here is of "
                            f"{chosen.name}. They are: {listed}{more}. Name one as "
                            f"{place.path.name}::{chosen.name}.",
                            len(variables),
                        )
                    )
            del hidden
            yield file


@contextmanager
def _gdal_errors(place: Place) -> Iterator[None]:
    """What GDAL and rasterio raise outside their own family of errors."""
    try:
        yield
    except (rasterio.errors.CRSError, CPLE_BaseError, MemoryError, OverflowError) as error:
        raise Problem(
            f"{place.title} cannot be read as a raster.",
            detail=str(error)[:300],
            fix="The file may be damaged or incomplete: download or export it again.",
        ) from error


# -- the part that is meant -----------------------------------------------------------------------


def _by_band(place: Place, dataset: DatasetReader) -> Opened:
    part = place.layer
    band = _band(place, dataset, part)
    parts = tuple(str(i) for i in dataset.indexes[:MOST_PARTS]) if dataset.count > 1 else ()
    file = Opened(dataset, place.gdal_path, band, parts)
    # Before any cell is read: GDAL's complaint about a damaged one would come out of the next question.
    file.labels, file.is_picture = labels_of(dataset), is_picture(dataset, band)
    if part is None and dataset.count > 1:
        names = [file.label_of(i) or str(i) for i in dataset.indexes[:12]]
        more = ", ..." if dataset.count > 12 else ""
        file.findings.append(
            Finding(
                "bands-not-read",
                "info",
                f"{place.called} holds {dataset.count:,} bands ({', '.join(names)}{more}); the first is "
                f"used. Name another as {place.path.name}::2.",
                dataset.count,
            )
        )
    return file


def _band(place: Place, dataset: DatasetReader, part: str | None) -> int:
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


def _variables(place: Place, names: list[str]) -> tuple[list[Variable], int]:
    """(the variables over a map, how many others were left out)."""
    found: list[Variable] = []
    hidden = 0
    for name in names[:MOST_VARIABLES]:
        with DatasetReader(name, driver=list(_SUBS)) as dataset:
            one = variable_of(dataset, name, part_name(name))
        if is_bounds(one.name, one.shape) and len(names) > 1:
            hidden += 1
        else:
            found.append(one)
    if not found:
        raise Problem(f"{place.title} holds no variable over a map.", fix="Export the variable you need.")
    return found, hidden


def _variable(place: Place, variables: list[Variable], first: bool) -> tuple[Variable, str | None]:
    """(the variable that is meant, the step that is asked for)."""
    part = place.layer
    name, mark, step = (part or "").partition("@")
    wanted = step if mark else None
    for index, one in enumerate(variables, 1):
        if part is not None and name in (one.name, one.gdal_path, str(index), part_name(one.gdal_path)):
            return one, wanted
    if not name and (len(variables) == 1 or (first and part is None)):
        return variables[0], wanted
    if len(variables) == 1 and name and not mark and len(matching(variables[0].steps, name)) == 1:
        return variables[0], name
    listed = "; ".join(one.described for one in variables[:12])
    raise Problem(
        f"{place.path} holds {counted(len(variables), 'variable (sub-dataset)', 'variables (sub-datasets)')}."
        if not name
        else f"{place.path} holds no sub-dataset “{name}”.",
        detail=f"They are {listed}" + (f"; and {len(variables) - 12} more." if len(variables) > 12 else "."),
        fix=f"Name one: {place.path}::{_example(variables[0])}.",
    )


def _example(variable: Variable) -> str:
    return variable.name + (f"@{variable.steps[0]}" if variable.steps else "")


def _by_step(
    place: Place,
    dataset: DatasetReader,
    variable: Variable,
    first: bool,
    wanted: str | None = None,
    several: bool = False,
) -> Opened:
    """The band of the step that is meant."""
    part = place.layer
    if not several and part is not None and wanted is None:
        name, mark, step = part.partition("@")
        wanted = step if mark else (None if name in (variable.name, "1") or not variable.steps else name)
        known = name in ("", variable.name, variable.gdal_path, part_name(variable.gdal_path), "1")
        if not known and not (wanted == name and variable.steps):
            raise Problem(
                f"{place.path} has no band “{part}”.",
                detail=f"It holds one variable, {variable.described}.",
                fix=f"Name {place.path}::{_example(variable)}.",
            )
    parts = _parts([variable]) if variable.steps else ()
    file = Opened(dataset, variable.gdal_path, 1, parts, variable)
    if not variable.steps:
        if wanted is not None:
            raise Problem(
                f"{place.path}: {variable.name} has no steps, so there is no “{wanted}”.",
                fix=f"Name {place.path}::{variable.name}.",
            )
        return file
    steps = variable.steps
    shown = ", ".join(steps[:12]) + (f", ... {steps[-1]}" if len(steps) > 12 else "")
    if wanted is not None:
        bands = matching(steps, wanted)
        if len(bands) != 1:
            which = ", ".join(steps[i - 1] for i in bands[:12])
            raise Problem(
                f"{place.path}: {variable.name} has no step “{wanted}”."
                if not bands
                else f"{place.path}: “{wanted}” names {len(bands)} steps of {variable.name}: {which}.",
                detail=f"Its {len(steps):,} steps are {shown}.",
                fix=f"Name one: {place.path}::{variable.name}@{steps[(bands or [1])[0] - 1]}.",
            )
        file.band = bands[0]
        return file
    if not first:
        raise Problem(
            f"{place.path}: {variable.described} holds {len(steps):,} steps, and none was named.",
            detail=f"They are {shown}.",
            fix=f"Name one: {place.path}::{variable.name}@{steps[0]}, or its number: @1.",
        )
    file.findings.append(
        Finding(
            "step-not-chosen",
            "warning",
            f"{place.called}: {variable.name} holds {len(steps):,} steps ({shown}), and what is said here "
            f"is of the first. Name one as {place.path.name}::{variable.name}@{steps[0]}.",
            len(steps),
        )
    )
    return file


def _parts(variables: list[Variable]) -> tuple[str, ...]:
    names = [
        name
        for one in variables
        for name in ([f"{one.name}@{step}" for step in one.steps] if one.steps else [one.name])
    ]
    return tuple(names[:MOST_PARTS])


def part_name(sub: str) -> str:
    """`HDF5:"/data/two.h5"://Band/foo` gives `Band/foo`."""
    return sub.rsplit(":", 1)[-1].strip("/").strip('"') or sub


# -- limits ---------------------------------------------------------------------------------------


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


def _check_virtual(place: Place) -> None:
    if place.ending != "vrt":
        return
    if place.member is None:
        check_vrt(place.path, place.title)
        return
    if place.member.size > MAX_BYTES:
        raise Problem(f"{place.title} is too large for a virtual raster.", fix="Give the raster itself.")
    try:
        with zipfile.ZipFile(place.path) as archive:
            names = set(archive.namelist())
            with archive.open(place.member.file) as stream:
                text = stream.read(MAX_BYTES)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError) as error:
        raise Problem(
            f"{place.path} is not a readable zip archive.", detail=str(error), fix="Zip the file again."
        ) from error
    check_vrt_member(text, place.member.file, names.__contains__, place.title)


def _check_limits(place: Place, dataset: DatasetReader) -> None:
    if dataset.count == 0 or dataset.width == 0 or dataset.height == 0:
        raise Problem(f"{place.title} holds no cells.", fix="Export or download the raster again.")
    if any(dtype.startswith("complex") for dtype in dataset.dtypes):
        raise Problem(f"{place.title} holds complex numbers.", fix="Convert it to real numbers first.")
    if dataset.width * dataset.height > MAX_CELLS or dataset.count > MAX_BANDS:
        raise Problem(
            f"{place.title} states {dataset.width:,} x {dataset.height:,} cells in {dataset.count:,} "
            f"bands; the limits are {MAX_CELLS:,} cells and {MAX_BANDS:,} bands.",
            fix="Cut out the part you need, for example with gdal_translate -projwin.",
        )
    rows, columns = dataset.block_shapes[0]
    held = min(rows, dataset.height) * min(columns, dataset.width) * np.dtype(dataset.dtypes[0]).itemsize
    if held > MAX_BLOCK_BYTES:
        raise Problem(
            f"{place.title} is stored in blocks of {rows:,} x {columns:,} cells, {held / 1e9:.1f} GB "
            f"each; the limit is {MAX_BLOCK_BYTES / 1e9:.1f} GB.",
            fix="Store it in tiles, for example with gdal_translate -co TILED=YES.",
        )
