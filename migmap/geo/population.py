"""What the numbers of a population raster mean, and what they add up to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from migmap.api import Finding, Problem, Progress, RasterData, no_progress
from migmap.kernels.cells import clean_people, summarise

from .ground import cell_area_m2, refuse_rotated
from .tiles import Tile, over_tiles, read_mask, read_values, tiles_of
from .wording import counted

COUNTS = "counts"
DENSITY_M2 = {"people/km2": 1e6, "people/ha": 1e4, "people/10ha": 1e5, "people/m2": 1.0}
"""Units of population densities: ground in m2 that one unit of area stands for."""


def unit_area_m2(unit: str | None) -> float | None:
    """Ground in m2 behind a density unit; None for people per cell. Problem for an unknown unit."""
    if unit is None or unit == COUNTS:
        return None
    if unit not in DENSITY_M2:
        raise Problem(
            f"“{unit}” is no unit of a population raster.",
            fix=f"Use {COUNTS} or density:UNIT with UNIT one of {', '.join(DENSITY_M2)}.",
        )
    return DENSITY_M2[unit]


_WORDS = (
    (
        r"\b(people|persons?|inhabitants?|individuals?|residents?|population|pop|ppl)\b",
        "people",
    ),
    (r"\b(number|count|counts|total|no|nr) of people\b|\bpeople (counts?|numbers?|totals?)\b", "people"),
    (r"\bper\b", "/"),
    (r"(\*\*|\^)", ""),
    ("²", "2"),
    (r"\b(sq|square)\b\.? *(km|kms|kilomet(re|er)s?)\b|\bkilomet(re|er)s? squared\b", "km2"),
    (r"\b(sq|square)\b\.? *(m|met(re|er)s?)\b|\bmet(re|er)s? squared\b", "m2"),
    (r"\b(hectares?|hect)\b", "ha"),
    (r"\b(grid[ -]?)?(cells?|pixels?|px)\b", "cell"),
    (r"(?<=[a-z0-9 ]) ?\bkm-2\b", "/km2"),
    (r"(?<=[a-z0-9 ]) ?\bm-2\b", "/m2"),
    (r"(?<=[a-z0-9 ]) ?\bha-1\b", "/ha"),
)
_READINGS = {
    **{unit: unit for unit in DENSITY_M2},
    "people/sqkm": "people/km2",
    "people/sqm": "people/m2",
    "people": COUNTS,
    "count": COUNTS,
    "counts": COUNTS,
    "people/cell": COUNTS,
}


def stated_reading(unit: str) -> str | None:
    """What a raster's own unit says its values are: "counts" or a density of DENSITY_M2; None where it
    says neither. "persons per sq km" and "/km²" are people/km2, "people per cell" and "people" are counts.
    """
    text = unit.lower().strip()
    for pattern, word in _WORDS:
        text = re.sub(pattern, word, text)
    text = re.sub(r"[\s.()\[\]]+", "", text)
    return _READINGS.get(f"people{text}" if text.startswith("/") else text)


@dataclass(frozen=True, slots=True)
class People:
    """Cells of a population raster, cleaned: float32 or float64, 0 where there is no data.

    missing: cells without data. negative: cells below zero, which are no numbers of people either.
    """

    values: np.ndarray
    missing: int
    negative: int


def read_people(raster: RasterData, dataset: Any, tile: Tile, fresh: tuple[int, int] = (0, 0)) -> People:
    """The cells of a tile; whole numbers as float64. The first `fresh` rows and columns are cleaned but
    not counted (they were counted with another tile)."""
    stored = read_values(raster, dataset, tile)
    values = stored if stored.dtype in (np.float32, np.float64) else stored.astype(np.float64)
    mask = read_mask(raster, dataset, tile)
    if mask is not None:
        values[~mask] = np.nan
    # the declared value is a double; a float32 cell holds it rounded
    with np.errstate(over="ignore"):
        nodata = values.dtype.type(np.nan if raster.nodata is None else raster.nodata)
    missing, negative = clean_people(values, nodata, *fresh)
    return People(values, missing, negative)


def negative_people(raster: RasterData, count: int) -> Finding:
    """The finding for cells below zero."""
    return Finding(
        "negative-people",
        "warning",
        f"{raster.name}: {counted(count, 'cell holds', 'cells hold')} a negative number of people; "
        f"{'it is' if count == 1 else 'they are'} read as no data.",
        count,
    )


@dataclass(frozen=True, slots=True)
class PopulationSummary:
    """A population raster read every way its numbers could be meant.

    as_counts: people when values are people per cell. as_density: unit -> people when values are that
    density. inhabited_km2: ground of the cells above zero. nodata_cells, negative_cells: hold no one.
    """

    as_counts: float
    as_density: dict[str, float]
    inhabited_km2: float
    nodata_cells: int
    negative_cells: int

    @property
    def counts_per_km2(self) -> float:
        """Mean people per inhabited km2 when values are people per cell; 0 where nobody lives."""
        return self.as_counts / self.inhabited_km2 if self.inhabited_km2 > 0 else 0.0

    def total(self, unit: str | None) -> float:
        """People, for values in `unit`."""
        unit_area_m2(unit)
        return self.as_counts if unit is None or unit == COUNTS else self.as_density[unit]


def population_summary(raster: RasterData, progress: Progress = no_progress) -> PopulationSummary:
    """Read the raster once and add it up in every unit. Problem for a rotated raster."""
    refuse_rotated(raster)

    def add(datasets: Sequence[Any], tile: Tile) -> tuple[np.ndarray, int, int]:
        people = read_people(raster, datasets[0], tile)
        out = np.zeros(3)
        summarise(people.values, cell_area_m2(raster, *tile), out)
        return out, people.missing, people.negative

    total = np.zeros(3)
    missing = negative = 0
    for step, step_missing, step_negative in over_tiles(
        [raster], tiles_of(raster), add, progress, f"Adding up {raster.name}"
    ):
        total += step
        missing += step_missing
        negative += step_negative
    return PopulationSummary(
        float(total[0]),
        {unit: float(total[2]) / m2 for unit, m2 in DENSITY_M2.items()},
        float(total[1]) / 1e6,
        missing,
        negative,
    )


def population_total(raster: RasterData, unit: str | None, progress: Progress = no_progress) -> float:
    """People in the whole raster for values in `unit` (None or "counts", or a density)."""
    return population_summary(raster, progress).total(unit)
