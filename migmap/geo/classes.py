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
    """Classes of a hazard, lowest value first.

    labels: one a class. edges: k - 1 rising numbers for k classes; class i holds edges[i - 1] <= value
    < edges[i], the first everything below edges[0], the last everything from its edge on. values: k
    rising numbers, one a class. Exactly one of the two is given. not_exposed: which class is no
    exposure, if any. strict: a value that is none of `values` is an error (`unfit`), not unknown.
    falling: small values are the worst ones, as in a drought; class i then holds
    edges[i - 1] < value <= edges[i]. order: the codes from the mildest class to the worst, where that is
    neither rising nor, with `falling`, falling. unit: of the edges, "" where nobody says it.

    An edge is also met by the nearest single-precision number beside it: 0.7 stored as float32 is
    0.69999999, and whoever wrote it meant 0.7.
    """

    labels: tuple[str, ...]
    edges: tuple[float, ...] | None = None
    values: tuple[float, ...] | None = None
    not_exposed: int | None = None
    strict: bool = False
    falling: bool = False
    order: tuple[int, ...] | None = None
    unit: str = ""

    def __post_init__(self) -> None:
        if (self.edges is None) == (self.values is None):
            raise ValueError("give either edges or values")
        expected = len(self.values) if self.values is not None else len(self.edges or ()) + 1
        if len(self.labels) != expected:
            raise ValueError(f"{len(self.labels)} labels for {expected} classes")
        if self.falling and self.edges is None:
            raise ValueError("only classes with edges fall")
        if self.order is not None and sorted(self.order) != list(range(expected)):
            raise ValueError("the order is not one of all codes")

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def mildest_first(self) -> tuple[int, ...]:
        """The codes of all classes from the mildest to the worst."""
        if self.order is not None:
            return self.order
        codes = range(len(self.labels))
        return tuple(reversed(codes)) if self.falling else tuple(codes)

    @property
    def begins(self) -> tuple[float | None, ...]:
        """By code, the edge at which a class begins, come from the milder ones; None for the mildest, and
        for classes by values."""
        if self.edges is None:
            return (None,) * len(self.labels)
        return (*self.edges, None) if self.falling else (None, *self.edges)

    @property
    def effective_edges(self) -> np.ndarray:
        """float64 [k - 1], such that the code of a value is how many of them are at or below it.

        Rising classes: the lower of each edge and its single-precision neighbour. Falling ones: the next
        number above the higher of the two, as the edge itself belongs to the class below it.
        """
        edges = np.array(self.edges or (), dtype=np.float64)
        with np.errstate(over="ignore"):
            single = edges.astype(np.float32).astype(np.float64)
        if self.falling:
            return np.nextafter(np.maximum(edges, single), np.inf)
        return np.minimum(edges, single)

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

    def misfits(self, values: np.ndarray, valid: np.ndarray | None = None) -> np.ndarray:
        """Bool array of the shape of `values`: numbers (`valid`, where given) that strict classes do not
        list. They end a run in `unfit`."""
        numbers = np.asarray(values)
        if not self.strict or self.values is None:
            return np.zeros(numbers.shape, dtype=np.bool_)
        known: np.ndarray = ~np.isnan(numbers)
        if valid is not None:
            known &= valid
        return np.asarray(known & (self.codes(numbers) < 0))

    def unfit(self, raster: RasterData | str, value: float, count: int) -> Problem:
        """`unfit` with what these classes list."""
        pairs = zip(self.values or (), self.labels, strict=False)
        listed = ", ".join(f"{number_text(known)} ({label})" for known, label in pairs)
        return unfit(raster, value, count, listed)


def unfit(raster: RasterData | str, value: float, count: int, listed: str = "") -> Problem:
    """The Problem for `count` cells of a raster (or one of that name), one of them holding `value`, that are
    none of its strict classes. listed: the classes there are, in words."""
    name = raster if isinstance(raster, str) else raster.name
    cells = f"{count:,} cells hold values" if count != 1 else "1 cell holds a value"
    there = f" The scheme lists {listed}." if listed else ""
    return Problem(
        f"{name} does not fit the class scheme: {cells} that no class lists, for example "
        f"{number_text(value)}.",
        detail=f"A value without a class would be counted nowhere.{there}",
        fix="Add the value to a copy of the scheme, or use a scheme made for this raster; if it marks "
        "cells without data, declare it as no data.",
    )


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
