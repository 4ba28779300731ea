"""Which class a cell or a measured value falls into."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from migmap.api import Problem, Progress, RasterData, no_progress
from migmap.kernels.cells import find_values

from .nodata import is_stand_in, stand_ins
from .tiles import Tile, over_tiles, read_cells, tiles_of

NOT_EXPOSED = "not_exposed"
MOST_VALUES = 20
"""An integer raster with more values than this is no classification."""
MOST_EDGES = 250
_SAMPLE_A_TILE = 4096


@dataclass(frozen=True)
class Classes:
    """Classes of a hazard, lowest first.

    labels: one a class. edges: k - 1 rising numbers for k classes; class i holds edges[i - 1] <= value
    < edges[i], the first everything below edges[0], the last everything from its edge on. values: k
    rising numbers, one a class. Exactly one of the two is given. not_exposed: which class is no
    exposure, if any.

    An edge is also met by the nearest single-precision number below it: 0.7 stored as float32 is
    0.69999999, and whoever wrote it meant 0.7.
    """

    labels: tuple[str, ...]
    edges: tuple[float, ...] | None = None
    values: tuple[float, ...] | None = None
    not_exposed: int | None = None

    def __post_init__(self) -> None:
        if (self.edges is None) == (self.values is None):
            raise ValueError("give either edges or values")
        expected = len(self.values) if self.values is not None else len(self.edges or ()) + 1
        if len(self.labels) != expected:
            raise ValueError(f"{len(self.labels)} labels for {expected} classes")

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def effective_edges(self) -> np.ndarray:
        """The edges as they are compared: the lower of each edge and its single-precision neighbour."""
        edges = np.array(self.edges or (), dtype=np.float64)
        with np.errstate(over="ignore"):
            return np.minimum(edges, edges.astype(np.float32).astype(np.float64))

    def codes(self, values: np.ndarray, valid: np.ndarray | None = None) -> np.ndarray:
        """int16 array of the shape of `values`: index of the class, -1 where a value is NaN, not `valid`
        (bool array) or, with `values`, equal to none of them."""
        numbers = np.asarray(values)
        if self.values is None:
            codes = np.searchsorted(self.effective_edges, numbers, side="right").astype(np.int16)
            known = ~np.isnan(numbers)
        else:
            listed = np.array(self.values, dtype=np.float64)
            if not len(listed):
                return np.full(numbers.shape, -1, dtype=np.int16)
            place = np.minimum(np.searchsorted(listed, numbers), len(listed) - 1)
            codes = place.astype(np.int16)
            known = listed[place] == numbers
        if valid is not None:
            known &= valid
        codes[~known] = -1
        return codes


def number_text(value: float) -> str:
    """The shortest way to write a number: 0.1, 1.5, 2."""
    if float(value).is_integer() and abs(value) < 1e15:
        return str(int(value))
    return repr(float(value))


def _as_typed(edge: float) -> str:
    """As the user wrote it, where that is a plain decimal; "1e3" and the like are written out."""
    text = str(getattr(edge, "text", ""))
    return text if re.fullmatch(r"-?\d+(\.\d+)?", text) else number_text(edge)


def classes_from_edges(edges: Sequence[float]) -> Classes:
    """Classes from the edges a user typed. Problem when they do not rise, are none, or are no numbers.

    0.1, 0.5, 1.5 gives not_exposed (below 0.1), 0.1-0.5, 0.5-1.5 and 1.5+.
    """
    fix = "Give rising numbers, for example --classes 0.1,0.5,1.5."
    numbers = [float(edge) for edge in edges]
    if not numbers:
        raise Problem("The class list is empty.", fix=fix)
    shown = ",".join(number_text(n) if math.isfinite(n) else str(n) for n in numbers)
    if not all(math.isfinite(n) for n in numbers):
        raise Problem(f"The class list {shown} holds something that is not a number.", fix=fix)
    for before, after in itertools.pairwise(numbers):
        if after <= before:
            raise Problem(
                f"The class list {shown} does not rise: {number_text(after)} follows {number_text(before)}.",
                fix=fix,
            )
    if len(numbers) > MOST_EDGES:
        raise Problem(
            f"The class list has {len(numbers)} edges; {MOST_EDGES} is the most.", fix="Use fewer classes."
        )
    text = [_as_typed(edge) for edge in edges]
    between = [f"{low}-{high}" for low, high in itertools.pairwise(text)]
    return Classes((NOT_EXPOSED, *between, f"{text[-1]}+"), edges=tuple(numbers), not_exposed=0)


def classes_of_raster(raster: RasterData, progress: Progress = no_progress) -> Classes:
    """The classes of an integer raster of at most 20 values: one a value, 0 being not exposed.

    Every other raster is a Problem that asks for edges and shows minimum, median and maximum. Reads the
    raster once, in bounded memory. A raster without any data has no class: everything is unknown.
    """
    is_integer = np.dtype(raster.dtype).kind in "iu"
    marks = stand_ins(raster.nodata)

    def look(datasets: Sequence[Any], tile: Tile) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
        values, valid = read_cells(raster, datasets[0], tile)
        valid &= ~is_stand_in(values, marks)
        most = MOST_VALUES + 1 if is_integer else 0
        found: tuple[np.ndarray, np.ndarray, np.ndarray, int] = find_values(
            values.ravel(), valid.ravel(), most, _SAMPLE_A_TILE
        )
        return found

    found: set[float] = set()
    least, most, cells = math.inf, -math.inf, 0
    samples: list[np.ndarray] = []
    weights: list[np.ndarray] = []
    text = f"Reading the values of {raster.name}"
    for values, ends, sample, count in over_tiles([raster], tiles_of(raster), look, progress, text):
        if len(found) <= MOST_VALUES:
            found.update(values.tolist())
        if count:
            least, most, cells = min(least, float(ends[0])), max(most, float(ends[1])), cells + count
            samples.append(sample)
            weights.append(np.full(len(sample), count / len(sample)))
    if not cells:
        return Classes((), values=(), not_exposed=None)
    if is_integer and len(found) <= MOST_VALUES:
        values_found = tuple(sorted(found))
        labels = tuple(NOT_EXPOSED if v == 0 else number_text(v) for v in values_found)
        return Classes(
            labels, values=values_found, not_exposed=values_found.index(0.0) if 0.0 in found else None
        )
    middle = _weighted_median(np.concatenate(samples), np.concatenate(weights))
    about = " (from a sample)" if sum(len(sample) for sample in samples) < cells else ""
    reason = f"more than {MOST_VALUES} different values" if is_integer else "measured values, not classes"
    raise Problem(
        f"{raster.source.path} holds {reason}, so it must be told from which value on something is exposed.",
        detail=f"Minimum {least:.6g}, median {middle:.6g}{about}, maximum {most:.6g}.",
        fix="Give class edges, for example --classes 0.1,0.5,1.5; what is below the first is not exposed.",
    )


def _weighted_median(values: np.ndarray, weights: np.ndarray) -> float:
    """The value at which half the weight is reached; with equal weights numpy's median."""
    if (weights == weights[0]).all():
        return float(np.median(values))
    order = np.argsort(values)
    reached = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(reached, 0.5 * reached[-1])])
