"""How many hazards reach a place at once, as columns whose sums neither lose nor double anyone.

Columns are "none", "exactly e hazards" for e from 1, "unknown", then one for each pair of hazards. All but
the pairs share out everything: a place is in one of them. From the sums of single hazards and of pairs
inclusion and exclusion follow: sum of e * exactly(e) = sum of the hazards, and sum of e (e - 1) / 2 *
exactly(e) = sum of the pairs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np


@dataclass(frozen=True)
class JointColumns:
    """Where each column stands, for `count` hazards (at least one), numbered from 0."""

    count: int

    def __post_init__(self) -> None:
        if self.count < 1:
            raise ValueError("at least one hazard")

    @property
    def none(self) -> int:
        """Known to be exposed to no hazard at all."""
        return 0

    def exactly(self, hazards: int) -> int:
        """Exposed to this many hazards (1 to count), as far as is known."""
        if not 1 <= hazards <= self.count:
            raise IndexError(f"{hazards} of {self.count} hazards")
        return hazards

    @property
    def unknown(self) -> int:
        """Exposed to none that is known, while at least one is unknown."""
        return self.count + 1

    @cached_property
    def pairs(self) -> tuple[tuple[int, int], ...]:
        """The pairs (i, j) of hazards, i < j, in the order of their columns."""
        return tuple(combinations(range(self.count), 2))

    def pair(self, i: int, j: int) -> int:
        """Exposed to both i and j."""
        i, j = min(i, j), max(i, j)
        if not 0 <= i < j < self.count:
            raise IndexError(f"pair {i}, {j} of {self.count} hazards")
        return self.count + 2 + i * self.count - i * (i + 1) // 2 + j - i - 1

    def __len__(self) -> int:
        return self.count + 2 + self.count * (self.count - 1) // 2

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """What each column counts; hazards are numbered from 1, as a person would."""
        return (
            "none",
            *("1 hazard" if e == 1 else f"{e} hazards" for e in range(1, self.count + 1)),
            "unknown",
            *(f"hazards {i + 1} and {j + 1}" for i, j in self.pairs),
        )


def joint_columns(codes: np.ndarray, exposed: Sequence[np.ndarray]) -> np.ndarray:
    """Which columns each row belongs to, bool [m, len(JointColumns(H))].

    codes: int [m, H], for each hazard its class code k or below. exposed: for each hazard bool [k + 1]: is
    this class an exposure; the last entry stands for unknown and must be False. Code k and -1 are unknown;
    k + 1 is ground outside every polygon of a hazard, known and not exposed (`HazardPolygons.at` says -1
    there: turn it into k + 1 first). ValueError for other codes.
    """
    codes = np.asarray(codes)
    columns = JointColumns(len(exposed))
    if codes.ndim != 2 or codes.shape[1] != columns.count:
        raise ValueError(f"codes of {columns.count} hazards expected, not {codes.shape}")
    hit = np.empty(codes.shape, dtype=bool)
    lost = np.zeros(len(codes), dtype=bool)
    for h, classes in enumerate(exposed):
        classes = np.asarray(classes, dtype=bool)
        k = len(classes) - 1
        if classes[k]:
            raise ValueError("what is unknown cannot be an exposure")
        code = codes[:, h]
        if len(code) and not (int(code.min()) >= -1 and int(code.max()) <= k + 1):
            raise ValueError(f"codes of hazard {h} must lie within -1 and {k + 1}")
        hit[:, h] = np.append(classes, False)[np.where(code < 0, k, code)]
        lost |= (code < 0) | (code == k)
    out = np.zeros((len(codes), len(columns)), dtype=bool)
    several = hit.sum(axis=1)
    for e in range(1, columns.count + 1):
        out[:, e] = several == e
    out[:, columns.none] = (several == 0) & ~lost
    out[:, columns.unknown] = (several == 0) & lost
    for column, (i, j) in enumerate(columns.pairs, columns.count + 2):
        out[:, column] = hit[:, i] & hit[:, j]
    return out
