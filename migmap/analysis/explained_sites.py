"""The sites a figure is made of."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from migmap.api import ExplanationTable, Inputs, Metric, Progress, RasterData, VectorData, part

from .asked import Prepared
from .atsites import AtSites, at_sites
from .explained import Parts, Place, Wanted, cell_text
from .sitegrounds import grounds_of
from .sitegroups import groups_of

MOST_ROWS = 1_000


def site_parts(
    params: Any,
    inputs: Inputs,
    hazards: tuple[Prepared, ...],
    sites: VectorData,
    wanted: Wanted,
    place: Place,
    metric: Metric,
    progress: Progress,
) -> Parts:
    """Every site that counts: its row, id, name, people, what the hazard says there, its class, the share of
    it that counts, and what it adds."""
    from .exposed_people import population_reading
    from .exposed_sites import people_of

    population: RasterData | None = None
    unit = None
    if params.people_raster is not None:
        population = inputs.raster("people_raster")
        unit, _ = population_reading(params.population, population, part(progress, 0.0, 0.1))
        params = params.model_copy(update={"rule": params.rule or "exact"})
    grounds = grounds_of(params, sites, population, unit, part(progress, 0.1, 0.2))
    at = {h: at_sites(params, hazards[h], sites, grounds, part(progress, 0.2, 0.9)) for h in wanted.weights}
    people, _ = people_of(sites, params.people)
    values = people.values if people is not None else np.full(len(sites.frame), np.nan)
    if population is not None:
        values = next(one.people for one in at.values() if one.people is not None)
    counts_people = wanted.base == "people"
    everybody = values if people is not None or population is not None else None
    amount = _amount(params, sites, everybody, values if counts_people else None, metric.group)
    known = np.nan_to_num(amount)
    factor = _factor(sites, place)
    share = _share(params, hazards, at, grounds, wanted, counts_people)
    given = known * share * factor
    by_class: dict[tuple[int, int], float] = {}
    if not wanted.joint and not wanted.width:
        for h, weights in wanted.weights.items():
            table = _table(at[h], len(hazards[h].labels), counts_people) * (known * factor)[:, None]
            by_class |= {(h, int(label)): math.fsum(table[:, label]) for label in np.flatnonzero(weights)}
    listed = np.flatnonzero((share != 0) & (factor != 0) & ~(amount == 0))
    lines = []
    lost = int(np.isnan(amount[listed]).sum())
    if lost:
        lines.append(f"{lost:,} of {len(listed):,} sites listed have no number of people and add nothing.")
    return Parts(
        math.fsum(given),
        by_class,
        _listed(sites, hazards, at, amount, share, factor, given, listed, counts_people),
        tuple(lines),
        math.fsum(np.abs(given)),
    )


def _amount(
    params: Any, sites: VectorData, everybody: np.ndarray | None, values: np.ndarray | None, group: str | None
) -> np.ndarray:
    """float64 [n]: what of each site can count at all; NaN where nobody knows."""
    amount = np.ones(len(sites.frame)) if values is None else values
    if group is None:
        return amount
    made, _ = groups_of(params, sites, everybody)
    one = next(each for each in made if each.name == group)
    if one.members is not None:
        return np.where(one.members, amount, 0.0)
    assert one.values is not None
    return np.asarray(one.values)


def _factor(sites: VectorData, place: Place) -> np.ndarray:
    """float64 [n]: how often each site counts in the place."""
    from migmap.geo.areas import OUTSIDE
    from migmap.geo.positions import positions_in

    count = len(sites.frame)
    if place.area is None or place.areas is None:
        return np.ones(count)
    row, area = place.areas.members(positions_in(sites, place.areas.crs))
    if place.index is not None:
        return np.bincount(row[area == place.index], minlength=count).astype(np.float64)
    times = np.bincount(row, minlength=count)
    if place.area == OUTSIDE:
        return np.asarray((times == 0).astype(np.float64))
    return -np.maximum(times - 1, 0).astype(np.float64)


def _table(one: AtSites, labels: int, counts_people: bool) -> np.ndarray:
    """float64 [n, labels]: the share of each site in each class; sites themselves count whole."""
    if one.shares is not None and counts_people:
        return one.shares
    return np.asarray(np.arange(labels)[None, :] == one.codes[:, None], dtype=np.float64)


def _share(
    params: Any,
    hazards: tuple[Prepared, ...],
    at: dict[int, AtSites],
    grounds: Any,
    wanted: Wanted,
    counts_people: bool,
) -> np.ndarray:
    if wanted.joint:
        return _joint(params, hazards, at, grounds, wanted, counts_people)
    if wanted.width:
        (one,) = at.values()
        return one.surely if wanted.width == "people_min" else one.possibly
    return np.asarray(
        sum(
            _table(at[h], len(hazards[h].labels), counts_people) @ weights
            for h, weights in wanted.weights.items()
        )
    )


def _joint(
    params: Any,
    hazards: tuple[Prepared, ...],
    at: dict[int, AtSites],
    grounds: Any,
    wanted: Wanted,
    counts_people: bool,
) -> np.ndarray:
    """How many hazards reach each site, counted one by one; shared ground as the run does."""
    ordered = [at[h] for h in range(len(hazards))]
    if counts_people and any(one.shares is not None for one in ordered):
        from migmap.api import no_progress
        from migmap.geo.jointcolumns import JointColumns

        from .exposed_sites import _joint_shares

        table = _joint_shares(hazards, ordered, grounds, params, no_progress)
        columns = JointColumns(len(hazards))
        if table is None:
            return np.zeros(len(ordered[0].codes))
        return np.asarray(table[:, _joint_column(columns, wanted.joint)])
    hit = np.array([(one.codes > 0) & (one.codes < one.last) for one in ordered])
    lost = np.array([one.codes == one.last for one in ordered])
    if isinstance(wanted.joint, tuple):
        i, j = wanted.joint
        return np.asarray(hit[i] & hit[j], dtype=np.float64)
    several = hit.sum(axis=0)
    if wanted.joint == "none":
        return np.asarray((several == 0) & ~lost.any(axis=0), dtype=np.float64)
    if wanted.joint == "unknown":
        return np.asarray((several == 0) & lost.any(axis=0), dtype=np.float64)
    return np.asarray(several == int(wanted.joint.removeprefix("exactly ")), dtype=np.float64)


def _joint_column(columns: Any, joint: str | tuple[int, int]) -> int:
    if isinstance(joint, tuple):
        return int(columns.pair(*joint))
    if joint in ("none", "unknown"):
        return int(getattr(columns, joint))
    return int(columns.exactly(int(joint.removeprefix("exactly "))))


def _listed(
    sites: VectorData,
    hazards: tuple[Prepared, ...],
    at: dict[int, AtSites],
    amount: np.ndarray,
    share: np.ndarray,
    factor: np.ndarray,
    given: np.ndarray,
    rows: np.ndarray,
    counts_people: bool,
) -> ExplanationTable:
    from migmap.geo.columns import as_text, text_column

    numbers = np.asarray(sites.row_numbers)
    ids, names = (text_column(sites, sites.roles.get(role)) for role in ("code", "name"))
    several = len(at) > 1
    columns = ["row", "id", "name", *(["people"] if counts_people else [])]
    for h in at:
        suffix = f" of {hazards[h].name}" if several else ""
        columns += [f"hazard value{suffix}", f"class{suffix}"]
    columns += ["share", "adds"]
    listed = []
    for row in rows[:MOST_ROWS]:
        cells: list[Any] = [int(numbers[row]), ids[row], names[row]]
        cells += [cell_text(float(amount[row]))] if counts_people else []
        for h, one in at.items():
            value = one.values[row]
            said = cell_text(float(value)) if isinstance(value, float | np.floating) else as_text(value)
            cells += [said, hazards[h].labels[int(one.codes[row])]]
        cells += [float(share[row] * factor[row]), float(given[row])]
        listed.append(tuple(cells))
    return ExplanationTable("Sites", tuple(columns), tuple(listed), len(listed), len(rows))
