"""A hazard, raster or polygons, reduced to what every kind of exposure asks of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from migmap.api import Data, Finding, Progress, RasterData, VectorData

from .outcome import NOT_EXPOSED, UNKNOWN

if TYPE_CHECKING:
    from migmap.geo.classes import Classes

_MOST_CLASSES = 20


@dataclass(frozen=True, slots=True)
class ClassOrder:
    """The classes of a result: "not_exposed" first, the hazard's own in order, "unknown" last.

    place: int64 [k + 1], from the hazard's code to the place in `labels`; the last entry is for "no
    class" (also reached by index -1).
    """

    labels: tuple[str, ...]
    place: np.ndarray

    @property
    def exposed(self) -> tuple[str, ...]:
        return self.labels[1:-1]

    def gather(self, table: np.ndarray) -> np.ndarray:
        """float64 [..., k + 1] by the hazard's codes, summed into [..., len(labels)]."""
        result = np.zeros((*table.shape[:-1], len(self.labels)))
        for code, place in enumerate(self.place):
            result[..., place] += table[..., code]
        return result


def class_order(
    labels: Sequence[str], not_exposed: int | None = None, mildest_first: Sequence[int] | None = None
) -> ClassOrder:
    """The order for a hazard's own labels. A class that is itself called "not_exposed" or "unknown", as a
    polygon's class may be, is that class. mildest_first: the codes in order, where that is not theirs."""
    own = [
        labels[code]
        for code in (range(len(labels)) if mildest_first is None else mildest_first)
        if code != not_exposed and labels[code] not in (NOT_EXPOSED, UNKNOWN)
    ]
    final = (NOT_EXPOSED, *own, UNKNOWN)
    place = [0 if code == not_exposed else final.index(label) for code, label in enumerate(labels)]
    return ClassOrder(final, np.array([*place, len(final) - 1], dtype=np.int64))


def raster_classes(raster: RasterData, edges: Sequence[float] | None, progress: Progress) -> Classes:
    """From the edges typed, else one class a value of an integer raster. Raises Problem."""
    from migmap.geo.classes import classes_from_edges, classes_of_raster

    return classes_from_edges(edges) if edges else classes_of_raster(raster, progress)


def apart(box: tuple[float, float, float, float], points: np.ndarray) -> bool:
    """True when no point (float64 [n, 2], NaN skipped) can lie in the box: theirs does not meet it."""
    known = points[np.isfinite(points).all(axis=1)]
    if len(known) == 0:
        return False
    west, south, east, north = box
    low, high = known.min(axis=0), known.max(axis=0)
    return bool(high[0] < west or low[0] > east or high[1] < south or low[1] > north)


def no_overlap(hazard: Data, other: str, unknown: str = "everything") -> Finding:
    """The finding for a hazard that lies nowhere near. unknown: what can therefore not be said."""
    return Finding(
        "no-overlap",
        "warning",
        f"{hazard.name} and {other} do not overlap anywhere, so {unknown} is unknown. "
        "Is one of the two in another coordinate system than it says?",
    )


def classes_not_used(hazard: VectorData, column: str | None) -> tuple[Finding, ...]:
    """A finding where polygons have classes and nobody asked for them: one of them may mean "none"."""
    from migmap.geo.columns import text_column

    there = hazard.roles.get("class")
    if column is not None or there is None:
        return ()
    values = list(dict.fromkeys(value for value in text_column(hazard, there) if value is not None))
    # A column of measurements, all different, is no class column.
    if not 2 <= len(values) <= _MOST_CLASSES:
        return ()
    shown = ", ".join(f"“{value[:40]}”" for value in values[:5]) + (", …" if len(values) > 5 else "")
    return (
        Finding(
            "hazard-class-not-used",
            "info",
            f"{hazard.name} has classes in “{there}” ({shown}); every polygon was counted as exposed. "
            f"Name the column to tell them apart (--hazard-class {there}).",
        ),
    )
