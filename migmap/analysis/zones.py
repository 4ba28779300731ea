"""Areas of every level as zones of one pass over a raster, and tallies of what the pass found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .hazards import ClassOrder

if TYPE_CHECKING:
    import pyproj

    from migmap.api import Extent
    from migmap.geo.areas import AreaSet
    from migmap.geo.tally import Tally

# Share of the areas' sum below which a difference is rounding: levels are put together by union, which
# drops what overlaps by less than `geo.areas.OVERLAP_SHARE`.
_TRACE = 1e-11
_LEVEL_TRACE = 1e-8


@dataclass(frozen=True, slots=True, eq=False)
class Zones:
    """shapes: object [n], for each level its areas, then the union of each group of overlapping ones.
    spans: where each level stands in it. far_m2: float64 [n], ground cut off beyond the raster's
    neighbourhood (see AreaSet.near). levels: as they were given, moved."""

    shapes: np.ndarray
    spans: tuple[slice, ...]
    far_m2: np.ndarray
    levels: tuple[AreaSet, ...]


def zones_of(levels: Sequence[AreaSet], crs: pyproj.CRS, extent: Extent) -> Zones:
    """The levels in a raster's own system, so that areas and their unions share every vertex there."""
    shapes: list[np.ndarray] = []
    far: list[np.ndarray] = []
    spans: list[slice] = []
    moved: list[AreaSet] = []
    at = 0
    for level in levels:
        fitted, far_m2 = level.near(crs, extent)
        mine = np.concatenate([fitted.shapes, fitted.unions])
        shapes.append(mine)
        far.append(far_m2)
        spans.append(slice(at, at + len(mine)))
        moved.append(fitted)
        at += len(mine)
    if not shapes:
        return Zones(np.empty(0, dtype=object), (), np.zeros(0), ())
    return Zones(np.concatenate(shapes), tuple(spans), np.concatenate(far), tuple(moved))


def once(areas: AreaSet, amounts: np.ndarray) -> float:
    """Amounts of all areas, what overlapping ones share counted once. amounts: float64 [n + g], of the
    areas, then of the union of each overlapping group."""
    total = float(amounts[: len(areas)].sum())
    for number, members in enumerate(areas.overlaps.groups):
        total += float(amounts[len(areas) + number] - amounts[members].sum())
    return total


def tally_levels(
    metric: str,
    unit: str,
    order: ClassOrder | None,
    everything: np.ndarray,
    table: np.ndarray,
    zones: Zones,
    labels: tuple[str, ...] = (),
) -> tuple[Tally, ...]:
    """A tally for each level from one table of zonal sums (one tally without areas). order None: the
    columns are already those of `labels`."""
    spans = zones.spans or (slice(0, 0),)
    levels: tuple[Any, ...] = zones.levels or (None,)
    return tuple(
        _tally(
            metric, unit, order, everything, table[span], areas, labels, _TRACE if i == 0 else _LEVEL_TRACE
        )
        for i, (span, areas) in enumerate(zip(spans, levels, strict=True))
    )


def _tally(
    metric: str,
    unit: str,
    order: ClassOrder | None,
    everything: np.ndarray,
    table: np.ndarray,
    areas: AreaSet | None,
    labels: tuple[str, ...],
    trace: float,
) -> Tally:
    """everything: float64 [k + 1] by the hazard's codes. table: float64 [n + g, k + 1].

    "outside" is what is left of everything, so rounding may leave a trace there: below `trace` of
    everything it is taken as 0.
    """
    from migmap.geo.tally import Tally, without_traces

    whole = everything if order is None else order.gather(everything)
    table = table if order is None else order.gather(table)
    names = labels if order is None else order.labels
    count = len(areas) if areas is not None else 0
    by_area = table[:count]
    overlap = np.zeros(len(names))
    if areas is not None:
        for number, members in enumerate(areas.overlaps.groups):
            overlap += table[count + number] - by_area[members].sum(axis=0)
    outside = whole - by_area.sum(axis=0) - overlap
    outside[np.abs(outside) <= trace * max(float(whole.sum()), 0.0)] = 0.0
    if areas is None:
        outside[:] = 0.0
    return Tally(metric, unit, names, whole, by_area, outside, without_traces(overlap, by_area))
