"""Classes of several hazards in the same cells as one code, the combination, so that zones are gone
through once for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from migmap.kernels.cells import combine, fold, pick

from .jointcolumns import joint_columns

MOST_COMBINATIONS = 512
"""Above this many in a tile sums by combination cost more than they save; hazards then go in groups."""

_MOST_KEYS = 1 << 24


@dataclass(frozen=True, slots=True, eq=False)
class Coded:
    """Hazards combined over the same cells.

    codes: uint8, uint16 or uint32 [rows, columns], the combination of each cell. hazards: numbers of the h
    hazards. combos: int16 [m, h], the class of each hazard in each combination.
    """

    codes: np.ndarray
    hazards: tuple[int, ...]
    combos: np.ndarray

    def picked(self, rows: np.ndarray, cols: np.ndarray, unknown: Sequence[int]) -> Coded:
        """On a finer grid: the cell (rows[i], cols[j]) at [i, j]; where one of them is -1, the classes
        `unknown` [h]."""
        combos, beyond = self._with(unknown)
        out = np.empty((len(rows), len(cols)), dtype=np.promote_types(self.codes.dtype, _kind(len(combos))))
        pick(self.codes.astype(out.dtype, copy=False), rows, cols, beyond, out)
        return Coded(out, self.hazards, combos)

    def taken(self, rows: np.ndarray, cols: np.ndarray, unknown: Sequence[int]) -> Coded:
        """As `picked` for a row and a column for every cell, int64 [n, m] each, -1 where there is none."""
        combos, beyond = self._with(unknown)
        out = np.full(rows.shape, beyond, dtype=np.promote_types(self.codes.dtype, _kind(len(combos))))
        inside = rows >= 0
        out[inside] = self.codes[rows[inside], cols[inside]]
        return Coded(out, self.hazards, combos)

    def _with(self, classes: Sequence[int]) -> tuple[np.ndarray, int]:
        """(combinations, the number of one of them), added where it did not occur."""
        row = np.array(classes, dtype=np.int16)
        same = np.flatnonzero((self.combos == row).all(axis=1))
        if len(same):
            return self.combos, int(same[0])
        return np.vstack([self.combos, row]), len(self.combos)


def _kind(codes: int) -> np.dtype:
    return np.dtype(np.uint8 if codes <= 1 << 8 else np.uint16 if codes <= 1 << 16 else np.uint32)


def alone(codes: np.ndarray, hazard: int, classes: int) -> Coded:
    """One hazard of `classes` classes, unknown included. codes: uint8 [rows, columns]."""
    return Coded(codes, (hazard,), np.arange(classes, dtype=np.int16)[:, None])


def nowhere(shape: tuple[int, ...], hazards: tuple[int, ...], unknown: Sequence[int]) -> Coded:
    """Hazards that are unknown in every cell."""
    return Coded(np.zeros(shape, np.uint8), hazards, np.array([unknown], dtype=np.int16))


def crossed(one: Coded, other: Coded, most: int = MOST_COMBINATIONS) -> Coded | None:
    """Both in one code; None when more than `most` combinations (at most 65,536) occur."""
    width = len(other.combos)
    keys = np.empty(most, dtype=np.int64)
    out = np.empty(one.codes.shape, dtype=np.uint16)
    seen = np.full(len(one.combos) * width, -1, dtype=np.int32)
    count = combine(one.codes, other.codes, width, seen, keys, out)
    if count < 0:
        return None
    return _crossed(one, other, out, keys[:count])


def _crossed(one: Coded, other: Coded, codes: np.ndarray, keys: np.ndarray) -> Coded:
    first, second = np.divmod(keys, len(other.combos))
    combos = np.hstack([one.combos[first], other.combos[second]])
    return Coded(codes, (*one.hazards, *other.hazards), combos)


def _crossed_all(one: Coded, other: Coded) -> Coded:
    """Both in one code, however many combinations there are."""
    width = len(other.combos)
    if len(one.combos) * width <= _MOST_KEYS:
        keys = np.empty(min(len(one.combos) * width, one.codes.size), dtype=np.int64)
        out = np.empty(one.codes.shape, dtype=np.uint32)
        seen = np.full(len(one.combos) * width, -1, dtype=np.int32)
        count = combine(one.codes.astype(np.uint32), other.codes, width, seen, keys, out)
        return _crossed(one, other, out, keys[:count])
    keys, place = np.unique(one.codes.astype(np.int64) * width + other.codes, return_inverse=True)
    return _crossed(one, other, place.reshape(one.codes.shape).astype(np.uint32), keys)


def joined(groups: Sequence[Coded], layer: Coded) -> list[Coded]:
    """The groups with one more layer, in the last of them where MOST_COMBINATIONS lets it be."""
    both = crossed(groups[-1], layer) if groups else layer
    return [*groups, layer] if both is None else [*groups[:-1], both]


def exposures(groups: Sequence[Coded], exposed: Sequence[np.ndarray]) -> Coded:
    """All hazards in one code, classes that `joint_columns` cannot tell apart being one."""
    whole = _plain(groups[0], exposed)
    for group in groups[1:]:
        whole = _plain(_crossed_all(whole, _plain(group, exposed)), exposed)
    return whole


def _plain(group: Coded, exposed: Sequence[np.ndarray]) -> Coded:
    """The first exposed class for every exposed one, the first that is not for every other one; where
    any hazard is exposed it is no matter which are unknown."""
    hit = np.empty(group.combos.shape, dtype=np.bool_)
    combos = np.empty_like(group.combos)
    safe = np.empty(len(group.hazards), dtype=np.int16)
    for at, hazard in enumerate(group.hazards):
        flags = exposed[hazard]
        hit[:, at] = flags[group.combos[:, at]]
        known = group.combos[:, at] < len(flags) - 1
        # where every class is an exposure, unknown is all that stands for "not exposed, as far as is known"
        safe[at] = np.argmin(flags)
        combos[:, at] = np.where(
            hit[:, at], np.argmax(flags), np.where(known, safe[at], np.int16(len(flags) - 1))
        )
    combos = np.where(hit.any(axis=1, keepdims=True) & ~hit, safe, combos)
    kept, table = np.unique(combos, axis=0, return_inverse=True)
    codes = table.reshape(-1).astype(_kind(len(kept)))[group.codes]
    return Coded(codes, group.hazards, kept)


@dataclass(frozen=True, slots=True, eq=False)
class Shares:
    """Which columns each combination counts in: columns[starts[c]:starts[c + 1]] for combination c."""

    starts: np.ndarray
    columns: np.ndarray

    @property
    def count(self) -> int:
        """How many combinations there are."""
        return len(self.starts) - 1

    def add(self, sums: np.ndarray, out: np.ndarray) -> None:
        """Add sums by combination [m, c] to `out` [m, columns]."""
        fold(sums, self.starts, self.columns, out)


def column_shares(
    groups: Sequence[Coded],
    shape: tuple[int, ...],
    offsets: np.ndarray,
    exposed: Sequence[np.ndarray] | None,
) -> list[tuple[np.ndarray, Shares]]:
    """The passes over a tile that fill all columns: (codes [rows, columns], their shares) of each.

    offsets: int64 [hazards + 1], the columns of hazard h begin at offsets[h]; those of `joint_columns` at the
    last one, or there are none without `exposed`. Without hazards everything is in column 0.
    """
    if not groups:
        return [(np.zeros(shape, np.uint8), Shares(np.array([0, 1]), np.zeros(1, np.int64)))]
    if exposed is None:
        return [(group.codes, _shares([_classes(group, offsets)])) for group in groups]
    if len(groups) == 1:
        only = groups[0]
        return [(only.codes, _shares([_classes(only, offsets), _joint(only, offsets, exposed)]))]
    whole = exposures(groups, exposed)
    return [
        *((group.codes, _shares([_classes(group, offsets)])) for group in groups),
        (whole.codes, _shares([_joint(whole, offsets, exposed)])),
    ]


def _classes(group: Coded, offsets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(combination, column) for the class of each hazard."""
    columns = group.combos + offsets[list(group.hazards)]
    return np.repeat(np.arange(len(columns)), columns.shape[1]), columns.ravel()


def _joint(whole: Coded, offsets: np.ndarray, exposed: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """(combination, column) for the columns of `joint_columns`. whole: all hazards, in any order."""
    combination, column = np.nonzero(joint_columns(whole.combos[:, np.argsort(whole.hazards)], exposed))
    return combination, column + offsets[-1]


def _shares(pairs: Sequence[tuple[np.ndarray, np.ndarray]]) -> Shares:
    """From (combination, column) pairs; every combination is in at least one."""
    combination = np.concatenate([pair[0] for pair in pairs])
    column = np.concatenate([pair[1] for pair in pairs])
    order = np.argsort(combination, kind="stable")
    starts = np.concatenate([[0], np.cumsum(np.bincount(combination))])
    return Shares(starts.astype(np.int64), column[order].astype(np.int64))
