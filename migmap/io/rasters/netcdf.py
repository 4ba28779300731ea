"""NetCDF and HDF5: which variables a file holds, over which times and levels, and which one is meant.

A reference names them as `FILE::variable`, `FILE::variable@2022-08-25`, `FILE::variable@3` (the third step)
or, in a file of one variable, `FILE::@3`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import rasterio

from .calendars import date_text

MOST_VARIABLES = 200
MOST_STEPS = 20_000
_BOUNDS = re.compile(r"(?:_bnds|_bounds|_bnd|_vertices)$")
_LATITUDE = frozenset(["lat", "latitude", "nav_lat", "y"])
_DEGREES_NORTH = frozenset(
    ["degrees_north", "degree_north", "degree_n", "degrees_n", "degreen", "degreesn", "degrees north"]
)


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable over a map. gdal_path: what GDAL opens. long_name, unit: "" where not stated.
    dimensions: beside the map's two, name -> number of steps. steps: a name for each band ("2022-08-25",
    "level 850 hPa"), numbers where the file says nothing; () for a single map."""

    name: str
    gdal_path: str
    long_name: str
    unit: str
    shape: tuple[int, int]
    dimensions: Mapping[str, int]
    steps: tuple[str, ...]

    @property
    def described(self) -> str:
        """ "tp (total precipitation, mm/day; 31 steps from 2022-08-01 to 2022-08-31)"."""
        parts = [text for text in (self.long_name if self.long_name != self.name else "", self.unit) if text]
        size = f"{self.shape[1]} x {self.shape[0]} cells"
        if self.steps:
            over = ", ".join(f"{count} of {name}" for name, count in self.dimensions.items())
            size += f", {len(self.steps)} steps" + (f" ({over})" if len(self.dimensions) > 1 else "")
            size += f" from {self.steps[0]} to {self.steps[-1]}"
        return f"{self.name} ({'; '.join(([', '.join(parts)] if parts else []) + [size])})"


def is_bounds(name: str, shape: tuple[int, int]) -> bool:
    """True for arrays that only frame another: time_bnds, lat_bounds."""
    return bool(_BOUNDS.search(name.lower())) and min(shape) <= 4


def variable_of(dataset: rasterio.DatasetReader, gdal_path: str, fallback: str) -> Variable:
    """What an open variable says of itself."""
    tags = dataset.tags()
    first = dataset.tags(1) if dataset.count else {}
    name = first.get("NETCDF_VARNAME") or fallback
    long_name = tags.get(f"{name}#long_name") or tags.get(f"{name}#standard_name") or ""
    unit = (dataset.units[0] if dataset.count else "") or tags.get(f"{name}#units") or ""
    extra = _listed(tags.get("NETCDF_DIM_EXTRA", ""))
    dimensions = {dim: _length(tags, dim) for dim in extra}
    return Variable(
        name,
        gdal_path,
        " ".join(long_name.split())[:80],
        unit.strip()[:40],
        (dataset.height, dataset.width),
        dimensions,
        tuple(_steps(dataset, tags, extra)) if dataset.count > 1 else (),
    )


def _steps(dataset: rasterio.DatasetReader, tags: Mapping[str, str], extra: Sequence[str]) -> list[str]:
    lists = {dim: _listed(tags.get(f"NETCDF_DIM_{dim}_VALUES", "")) for dim in extra}
    count = min(dataset.count, MOST_STEPS)
    sizes = [len(lists[dim]) for dim in extra]
    total = 1
    for size in sizes:
        total *= size
    if not extra or total != dataset.count:
        # The file does not spell the values out: each band has its own, or only its number.
        return [_of_band(dataset, tags, extra, band) for band in range(1, count + 1)]
    out = []
    for index in range(count):
        rest, words = index, []
        for dim, size in zip(reversed(extra), reversed(sizes), strict=True):
            words.append(_named(tags, dim, lists[dim][rest % size], alone=dim == extra[0]))
            rest //= size
        out.append(" ".join(reversed(words)))
    return out


def _of_band(
    dataset: rasterio.DatasetReader, tags: Mapping[str, str], extra: Sequence[str], band: int
) -> str:
    own = dataset.tags(band)
    words = [
        _named(tags, dim, own[f"NETCDF_DIM_{dim}"], alone=dim == extra[0])
        for dim in extra
        if f"NETCDF_DIM_{dim}" in own
    ]
    return " ".join(words) or dataset.descriptions[band - 1] or str(band)


def _named(tags: Mapping[str, str], dim: str, value: str, *, alone: bool) -> str:
    units = tags.get(f"{dim}#units", "")
    try:
        number = float(value)
    except ValueError:
        return value.strip()
    date = date_text(number, units, tags.get(f"{dim}#calendar", "standard"))
    if date is not None:
        return date
    shown = f"{number:.10g}"
    unit = f" {units}" if units and "since" not in units else ""
    return shown if alone and not unit else f"{dim} {shown}{unit}"


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.strip("{} ").split(",") if part.strip()]


def _length(tags: Mapping[str, str], dim: str) -> int:
    sizes = _listed(tags.get(f"NETCDF_DIM_{dim}_DEF", ""))
    return int(sizes[0]) if sizes and sizes[0].isdigit() else 0


def matching(steps: Sequence[str], wanted: str) -> list[int]:
    """Numbers, from 1, of the steps that `wanted` names: a number, a whole name, or its beginning
    ("2022-08" where only one step is of that month)."""
    if wanted.isdigit() and 1 <= int(wanted) <= len(steps) and wanted not in steps:
        return [int(wanted)]
    exact = [number for number, step in enumerate(steps, 1) if step == wanted]
    if exact:
        return exact
    return [
        number
        for number, step in enumerate(steps, 1)
        if wanted and (step.startswith(wanted) or step.endswith(f" {wanted}"))
    ]


def has_degrees(dataset: rasterio.DatasetReader) -> bool:
    """True where the file's own coordinate variables are latitude and longitude."""
    tags = dataset.tags()
    for key, value in tags.items():
        name, _, attribute = key.partition("#")
        if (
            attribute == "units"
            and value.strip().lower() in _DEGREES_NORTH
            and not dataset.transform.is_identity
        ):
            return True
        if attribute == "standard_name" and value == "latitude" and name.lower() in _LATITUDE:
            return not dataset.transform.is_identity
    return False


def is_curved(dataset: rasterio.DatasetReader) -> bool:
    """True where every cell has a position of its own (curvilinear, swath), so that there is no grid."""
    return dataset.transform.is_identity and "GEOLOCATION" in dataset.tag_namespaces()
