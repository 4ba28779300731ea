"""What a run counted, by hazard, level of areas and group, and the rows of figures made of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from migmap.api import Finding, Metric

from .asked import Prepared
from .outcome import UNKNOWN

if TYPE_CHECKING:
    from migmap.geo.areas import AreaSet
    from migmap.geo.tally import Tally

JOINT = {"people": "joint_people", "sites": "joint_sites", "area_km2": "joint_area_km2"}
JOINT["length_km"] = "joint_length_km"
BOTH = "both"


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """One thing counted (people, sites, ground, length) for one group.

    by_hazard: for each hazard a tally for each level of areas (one without areas), classes by the hazard's
    labels. joint: for each level a tally whose labels are those of `JointColumns`; None for one hazard and
    where the hazards are one ladder. beside: further figures by hazard and level, such as the least people.
    """

    metric: str
    unit: str
    by_hazard: tuple[tuple[Tally, ...], ...]
    joint: tuple[Tally, ...] | None = None
    beside: tuple[tuple[tuple[Tally, ...], ...], ...] = ()
    group: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """Everything a run counted. levels: the areas, then what they are rolled up to; () without areas.
    counted: those of everybody first, the last of them the headline; then those of groups."""

    hazards: tuple[Prepared, ...]
    levels: tuple[AreaSet, ...]
    counted: tuple[Counted, ...]
    findings: tuple[Finding, ...] = field(default=())

    @property
    def everybody(self) -> tuple[Counted, ...]:
        return tuple(one for one in self.counted if one.group is None)

    @property
    def headline(self) -> Counted:
        """People where they are known, else sites, ground or length."""
        return self.everybody[-1]

    @property
    def groups(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one.group for one in self.counted if one.group is not None))

    def of_group(self, group: str | None) -> tuple[Counted, ...]:
        return tuple(one for one in self.counted if one.group == group)


def exposures_of(hazard: Prepared) -> np.ndarray:
    """float64 [labels]: 1 for the classes of an exposure, 0 for "not_exposed" and "unknown"."""
    weights = np.ones(len(hazard.labels))
    weights[0] = weights[-1] = 0.0
    return weights


def rows_of(
    measured: Measured, hazard: int, further: Sequence[tuple[str | None, tuple[Tally, ...]]]
) -> Iterator[Metric]:
    """The figures of one hazard: everybody by the areas, then by each level they roll up to, then the same
    for every group. further: (group, a tally for each level) of what follows from the counts."""
    from migmap.geo.tally import metric_rows

    name = measured.hazards[hazard].name
    for group in (None, *measured.groups):
        for level in range(max(1, len(measured.levels))):
            tallies: list[Tally] = []
            for counted in measured.of_group(group):
                tallies.append(counted.by_hazard[hazard][level])
            for counted in measured.of_group(group):
                tallies += [each[hazard][level] for each in counted.beside]
            tallies += [each[level] for whose, each in further if whose == group]
            areas = measured.levels[level] if measured.levels else None
            yield from metric_rows(tallies, name, areas, group, whole=level == 0)


def joint_rows(measured: Measured) -> Iterator[Metric]:
    """How many hazards reach how many, and each pair of hazards."""
    from migmap.geo.jointcolumns import JointColumns
    from migmap.geo.tally import Tally, metric_rows

    columns = JointColumns(len(measured.hazards))
    names = [one.name for one in measured.hazards]
    parts = np.arange(columns.unknown + 1)
    labels = ("none", *(f"exactly {e}" for e in range(1, columns.count + 1)), UNKNOWN)

    def only(tally: Tally, metric: str, which: np.ndarray, said: tuple[str, ...]) -> Tally:
        return Tally(
            metric,
            tally.unit,
            said,
            tally.everything[which],
            tally.areas[:, which],
            tally.outside[which],
            tally.overlap[which],
        )

    for group in (None, *measured.groups):
        joint = [one for one in measured.of_group(group) if one.joint is not None]
        for level in range(max(1, len(measured.levels))):
            areas = measured.levels[level] if measured.levels else None
            whole = level == 0
            shares = [only(one.joint[level], JOINT[one.metric], parts, labels) for one in joint if one.joint]
            if shares:
                yield from metric_rows(shares, None, areas, group, whole=whole)
            for i, j in columns.pairs:
                which = np.array([columns.pair(i, j)])
                pairs = [
                    only(one.joint[level], JOINT[one.metric], which, (BOTH,)) for one in joint if one.joint
                ]
                if pairs:
                    yield from metric_rows(pairs, f"{names[i]} & {names[j]}", areas, group, whole=whole)
