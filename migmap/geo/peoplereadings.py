"""The ways the numbers of a population raster could be meant, with the people each would come to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

import numpy as np

from migmap.api import Finding, Problem, Progress, RasterData, no_progress
from migmap.io.rasters.lookover import boxes
from migmap.io.rasters.raster import open_dataset
from migmap.kernels.cells import summarise

from .ground import cell_area_m2, refuse_rotated
from .population import COUNTS, DENSITY_M2, population_summary, read_people, stated_reading

Unit = Literal["count", "density-km2", "density-ha", "density-10ha"]

UNITS: dict[Unit, str] = {
    "count": COUNTS,
    "density-km2": "people/km2",
    "density-ha": "people/ha",
    "density-10ha": "people/10ha",
}
"""Words of `Reading.people_unit` -> the unit as runs and `--population` know it."""
WORDS = {
    "count": "people per cell",
    "density-km2": "people per km²",
    "density-ha": "people per hectare",
    "density-10ha": "people per 10 hectares",
}
MOST_ON_EARTH = 9e9
MOST_PER_KM2 = 100_000.0
"""Denser than any city quarter, on average over all cells where someone lives."""
FEWEST_PER_KM2 = 0.5
"""Thinner than any country's inhabited land, on average over the cells that hold anyone at all."""

_DENSITY_NAME = re.compile(
    r"(?<![a-z])(?:dens\w*|pd|popdens\w*|per[-_ ]?(?:sq)?[-_ ]?km2?|ppkm\w*|pkm2|persqkm)(?![a-z])"
)
_HECTARE_NAME = re.compile(r"(?<![a-z])(?:per[-_ ]?ha|pph|per[-_ ]?hectare)(?![a-z])")
_COUNT_NAME = re.compile(r"(?<![a-z])(?:ppp|count|counts|popcount|per[-_ ]?(?:cell|pixel))(?![a-z])")


@dataclass(frozen=True, slots=True)
class PeopleReading:
    """One way to read the values. people: in the whole raster; low, high: where the true total lies at about
    95 of 100, equal to `people` when every cell was added up. per_km2: people per inhabited km2 so read.
    recommended: what the file says, or the only way that is not beyond belief; reason: why, or why not."""

    unit: Unit
    people: float
    low: float
    high: float
    per_km2: float
    recommended: bool = False
    reason: str = ""

    @property
    def is_exact(self) -> bool:
        return self.low == self.high == self.people

    @property
    def words(self) -> str:
        return WORDS[self.unit]


def unit_of_reading(people_unit: str | None) -> str | None:
    """ "count" -> "counts", "density-ha" -> "people/ha"; None for None. Problem for another word."""
    if people_unit is None:
        return None
    try:
        return {str(unit): known for unit, known in UNITS.items()}[people_unit]
    except KeyError:
        raise Problem(
            f"“{people_unit}” is no way to read a population raster.", fix=f"One of: {', '.join(UNITS)}."
        ) from None


def people_readings(
    raster: RasterData, *, exact: bool = False, progress: Progress = no_progress
) -> tuple[PeopleReading, ...]:
    """Every way to read a population raster, counts first. Without `exact`, larger rasters are estimated
    from a bounded, spread part in well under a second. At most one is recommended; none where the file says
    nothing and several are believable: then it must be asked. Problem for a rotated raster."""
    refuse_rotated(raster)
    sums, errors, inhabited = _exact(raster, progress) if exact else _sampled(raster)
    named = _named(raster)
    found: list[PeopleReading] = []
    for unit, known in UNITS.items():
        m2 = DENSITY_M2.get(known)
        people = sums[0] if m2 is None else sums[1] / m2
        error = errors[0] if m2 is None else errors[1] / m2
        per_km2 = people / inhabited if inhabited > 0 else 0.0
        found.append(PeopleReading(unit, people, max(people - error, 0.0), people + error, per_km2))
    return _judged(found, named)


def _judged(found: list[PeopleReading], named: tuple[str, str] | None) -> tuple[PeopleReading, ...]:
    beyond = {one.unit: _beyond(one) for one in found}
    believable = [one for one in found if not beyond[one.unit]]
    out = []
    for one in found:
        reason, recommended = beyond[one.unit], False
        if named is not None and one.unit == named[0]:
            recommended = not reason
            reason = f"{named[1]}, but {reason}" if reason else named[1]
        elif named is None and believable == [one]:
            recommended, reason = True, "every other reading is beyond belief"
        out.append(PeopleReading(one.unit, one.people, one.low, one.high, one.per_km2, recommended, reason))
    return tuple(out)


def _beyond(one: PeopleReading) -> str:
    if one.low > MOST_ON_EARTH:
        return "that would be more people than live on Earth"
    if one.per_km2 > MOST_PER_KM2:
        return f"that would be {one.per_km2:,.0f} people per km² where anyone lives, more than any city"
    if 0 < one.per_km2 < FEWEST_PER_KM2:
        return (
            f"that would be {one.per_km2:,.2g} people per km² where anyone lives, fewer than in any country"
        )
    return ""


def _named(raster: RasterData) -> tuple[str, str] | None:
    """(what unit, tags or name say, the reason in words)."""
    stated = stated_reading(raster.unit) if raster.unit else None
    for unit, known in UNITS.items():
        if stated == known:
            return unit, f"the file states the unit “{raster.unit}”"
    name = raster.name.lower()
    if _COUNT_NAME.search(name):
        return "count", "its name says so"
    if _HECTARE_NAME.search(name):
        return "density-ha", "its name says so"
    if _DENSITY_NAME.search(name):
        return "density-km2", "its name says density"
    return None


def _exact(raster: RasterData, progress: Progress) -> tuple[list[float], list[float], float]:
    summary = population_summary(raster, progress)
    per_m2 = summary.as_density["people/m2"]
    return [summary.as_counts, per_m2], [0.0, 0.0], summary.inhabited_km2


def _sampled(raster: RasterData) -> tuple[list[float], list[float], float]:
    """([people as counts, values x m2], twice their standard errors, inhabited km2) of the whole raster,
    from the boxes looked at, each with its share of the cells (a ratio estimate over clusters)."""
    rows: list[tuple[float, float, float, float]] = []
    with open_dataset(raster) as dataset:
        for row, column, height, width in boxes(dataset, raster.band, dataset.driver):
            tile = (row, row + height, column, column + width)
            people = read_people(raster, dataset, tile)
            out = np.zeros(3)
            summarise(people.values, cell_area_m2(raster, *tile), out)
            rows.append((float(out[0]), float(out[2]), float(out[1]), float(height * width)))
    if not rows:
        raise Problem(
            f"{raster.source.path} is stored in blocks too large to look into.",
            fix="Store it in tiles, for example with gdal_translate -co TILED=YES.",
        )
    taken = np.array(rows)
    seen = float(taken[:, 3].sum())
    cells = float(raster.width) * raster.height
    totals = taken[:, :3].sum(axis=0) * (cells / seen)
    errors = [0.0, 0.0]
    if seen < cells:
        count = len(rows)
        for index in (0, 1):
            apart = taken[:, index] - totals[index] / cells * taken[:, 3]
            spread = float((apart**2).sum()) * count / max(count - 1, 1)
            errors[index] = 2.0 * float(np.sqrt(spread * (1.0 - seen / cells))) * cells / seen
            if count == 1:
                errors[index] = float(totals[index])
    return [float(totals[0]), float(totals[1])], errors, float(totals[2]) / 1e6


def people_total(raster: RasterData, progress: Progress = no_progress) -> Finding:
    """The finding `people-total`: the people in the whole raster, every cell added up, before anything is
    computed: as it is read, and for the other believable ways."""
    decided = unit_of_reading(raster.reading.people_unit)
    readings = people_readings(raster, exact=True, progress=progress)
    chosen = next((one for one in readings if UNITS[one.unit] == decided), None)
    advised = next((one for one in readings if one.recommended), None)
    used = chosen or readings[0]
    said = f"{raster.name} holds {used.people:,.0f} people read as {used.words}"
    if chosen is not None:
        said += ", as you said."
    elif advised is used:
        said += f"; {used.reason}."
    elif used.reason:
        said += f", but {used.reason}."
    else:
        said += ", which is how it is read unless you say otherwise."
    others = [one for one in readings if one is not used and (one is advised or not _beyond(one))]
    if others and chosen is None:
        listed = "; ".join(f"{one.people:,.0f} as {one.words}" for one in others)
        said += f" It would be {listed}."
    if advised is not None and advised is not used and chosen is None:
        said += f" {advised.words.capitalize()} is likely: {advised.reason}."
    # Where nothing speaks for another reading or against this one, the figure is only told.
    odd = advised is not used and bool(advised is not None or used.reason)
    doubtful = chosen is None and odd
    return Finding("people-total", "warning" if doubtful else "info", said)
