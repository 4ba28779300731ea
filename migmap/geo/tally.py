"""Sums by class and area that add up: everything = areas + outside + overlap, for every class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from migmap.api import Metric

from .areas import OUTSIDE, OVERLAP, AreaSet

OUTSIDE_NAME = "outside all areas"
OVERLAP_NAME = "counted in more than one area"

_TRACE = 1e-12
"""Share of the areas' sum below which a difference of such sums is rounding."""


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """One metric by class. labels: k class labels in the order to be read, "not_exposed" and "unknown"
    among them where they apply.

    everything: float64 [k], counted once. areas: float64 [n, k], each area's own full figure.
    outside: float64 [k], what lies in no area. overlap: float64 [k], minus what areas count more than
    once. everything == areas.sum(0) + outside + overlap.
    """

    metric: str
    unit: str
    labels: tuple[str | None, ...]
    everything: np.ndarray
    areas: np.ndarray
    outside: np.ndarray
    overlap: np.ndarray

    def weighed(self, metric: str, unit: str, weights: np.ndarray) -> Tally:
        """One figure out of all classes: the sum of each class times its weight (float64 [k]). It adds up as
        the classes do. Its only label is None."""
        w = np.asarray(weights, dtype=np.float64)
        return Tally(
            metric,
            unit,
            (None,),
            np.array([self.everything @ w]),
            (self.areas @ w)[:, None],
            np.array([self.outside @ w]),
            np.array([self.overlap @ w]),
        )


def added(metric: str, unit: str, parts: Sequence[Tally]) -> Tally:
    """The sum of tallies with the same classes and areas."""
    first = parts[0]
    return Tally(
        metric,
        unit,
        first.labels,
        np.sum([one.everything for one in parts], axis=0),
        np.sum([one.areas for one in parts], axis=0),
        np.sum([one.outside for one in parts], axis=0),
        np.sum([one.overlap for one in parts], axis=0),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Typical:
    """One metric that is no sum, such as a median: NaN where it is unknown. areas: float64 [n]."""

    metric: str
    unit: str
    everything: float
    areas: np.ndarray
    outside: float


def without_traces(overlap: np.ndarray, areas: np.ndarray) -> np.ndarray:
    """`overlap` (float64 [k]) found as a difference of sums over `areas` (float64 [n, k]), with 0 for the
    trace of either sign that rounding leaves where nothing overlaps."""
    return np.where(np.abs(overlap) <= _TRACE * float(areas.sum()), 0.0, overlap)


def tally_rows(
    metric: str,
    unit: str,
    labels: Sequence[str | None],
    codes: np.ndarray,
    weights: np.ndarray | None = None,
    members: tuple[np.ndarray, np.ndarray] | None = None,
    area_count: int = 0,
) -> Tally:
    """Count rows, or sum their weights, by class and area.

    codes: int [m], the class of each row as an index into labels. weights: float64 [m] (None: 1 each;
    no NaN). members: (row index, area index) as from AreaSet.members, None without areas. Rows that are
    in no area are "outside".
    """
    k = len(labels)
    codes = np.asarray(codes, dtype=np.int64)
    weight = np.ones(len(codes)) if weights is None else np.asarray(weights, dtype=np.float64)
    row, area = members if members is not None else (np.empty(0, np.int64), np.empty(0, np.int64))
    cells = np.bincount(area * k + codes[row], weights=weight[row], minlength=area_count * k)
    times = np.bincount(row, minlength=len(codes))

    def by_class(share: np.ndarray) -> np.ndarray:
        return np.bincount(codes, weights=share, minlength=k).astype(np.float64)

    # "0.0 -" keeps an empty row from reading -0.
    excess = by_class(weight * np.maximum(times - 1, 0))
    return Tally(
        metric=metric,
        unit=unit,
        labels=tuple(labels),
        everything=by_class(weight),
        areas=cells.reshape(area_count, k).astype(np.float64),
        outside=by_class(weight * (times == 0)),
        overlap=0.0 - excess,
    )


def tally_amounts(
    metric: str,
    unit: str,
    labels: Sequence[str | None],
    amounts: np.ndarray,
    members: tuple[np.ndarray, np.ndarray] | None = None,
    area_count: int = 0,
) -> Tally:
    """As `tally_rows`, for rows that lie in several classes at once.

    amounts: float64 [m, k], what of each row lies in each class; no NaN.
    """
    amounts = np.asarray(amounts, dtype=np.float64)
    row, area = members if members is not None else (np.empty(0, np.int64), np.empty(0, np.int64))
    cells = np.zeros((area_count, len(labels)))
    np.add.at(cells, area, amounts[row])
    times = np.bincount(row, minlength=len(amounts))
    excess = (amounts * np.maximum(times - 1, 0)[:, None]).sum(axis=0)
    return Tally(
        metric=metric,
        unit=unit,
        labels=tuple(labels),
        everything=amounts.sum(axis=0),
        areas=cells,
        outside=(amounts * (times == 0)[:, None]).sum(axis=0),
        overlap=0.0 - excess,
    )


def typical_rows(
    metric: str,
    unit: str,
    values: np.ndarray,
    members: tuple[np.ndarray, np.ndarray] | None = None,
    area_count: int = 0,
) -> Typical:
    """The median of the known values, for everything, per area and outside; NaN where none is known.

    values: float64 [m], NaN unknown. members as for tally_rows.
    """
    row, area = members if members is not None else (np.empty(0, np.int64), np.empty(0, np.int64))
    medians = np.full(area_count, np.nan)
    order = np.argsort(area, kind="stable")
    found, starts = np.unique(area[order], return_index=True)
    for which, part in zip(found, np.split(values[row[order]], starts[1:]), strict=False):
        medians[which] = median(part)
    alone = np.ones(len(values), dtype=bool)
    alone[row] = False
    return Typical(metric, unit, median(values), medians, median(values[alone]))


def median(values: np.ndarray) -> float:
    """The median of the known values; NaN where none is known."""
    known = values[~np.isnan(values)]
    return float(np.median(known)) if len(known) else float("nan")


def metric_rows(
    tallies: Sequence[Tally | Typical],
    hazard: str | None,
    areas: AreaSet | None,
    group: str | None = None,
    whole: bool = True,
) -> tuple[Metric, ...]:
    """The rows of a result: everything first (unless `whole` is False), then each area in file order, then
    "outside" (with areas), then "overlap" (where areas overlap). Every class has its row, also where it is
    0."""
    rows: list[Metric] = []

    def add(area: str | None, name: str | None, level: str | None, place: int | str) -> None:
        for tally in tallies:
            if isinstance(tally, Typical):
                if place == OVERLAP:
                    continue
                one = tally.areas[place] if isinstance(place, int) else getattr(tally, place)
                value = None if np.isnan(one) else float(one)
                rows.append(Metric(tally.metric, hazard, area, name, level, None, group, value, tally.unit))
                continue
            values = tally.areas[place] if isinstance(place, int) else getattr(tally, place)
            for label, value in zip(tally.labels, values, strict=True):
                rows.append(
                    Metric(tally.metric, hazard, area, name, level, label, group, float(value), tally.unit)
                )

    if whole:
        add(None, None, None, "everything")
    if areas is None:
        return tuple(rows)
    for i, (area, name) in enumerate(zip(areas.ids, areas.names, strict=True)):
        add(area, name, areas.level, i)
    add(OUTSIDE, OUTSIDE_NAME, areas.level, OUTSIDE)
    if len(areas.overlaps.pairs) or any(isinstance(t, Tally) and t.overlap.any() for t in tallies):
        add(OVERLAP, OVERLAP_NAME, areas.level, OVERLAP)
    return tuple(rows)


def area_columns(tallies: Sequence[Tally | Typical], hazard: str = "") -> dict[str, np.ndarray]:
    """Columns for the layer "areas": one per metric and class, float64 [n], NaN where unknown. hazard: put
    behind each name, where there are several."""
    columns: dict[str, np.ndarray] = {}
    for tally in tallies:
        if isinstance(tally, Typical):
            columns[f"{tally.metric}_median"] = tally.areas
        else:
            for i, label in enumerate(tally.labels):
                name = "_".join(word for word in (tally.metric, label, hazard) if word)
                columns[name] = tally.areas[:, i]
    return columns
