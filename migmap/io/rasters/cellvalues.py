"""What the values of a raster look like, counted over all of its cells or over a bounded part of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np

from .nodata import BEYOND_MEASURE, stand_ins

_KEPT = 4_096
"""Values kept of one block for quantiles."""
_KEPT_IN_ALL = 262_144


@dataclass(frozen=True, slots=True)
class End:
    """One end of the values: the outermost, how many cells hold it, and the next one inwards."""

    value: float
    count: int
    next: float | None


@dataclass(slots=True, eq=False)
class CellTally:
    """Counts over cells. hidden: the declared no-data value, or masked by the file. nan, infinite: never
    data. marks: undeclared stand-ins for no data -> cells. valid: cells left; the counts below are of them.
    unreadable: blocks that could not be read, of `blocks`."""

    nodata: float | None
    in_file: int
    cells: int = 0
    hidden: int = 0
    nan: int = 0
    infinite: int = 0
    marks: dict[float, int] = field(default_factory=dict)
    valid: int = 0
    negative: int = 0
    fractional: int = 0
    above_100: int = 0
    zeros: int = 0
    total: float = 0.0
    low: End | None = None
    high: End | None = None
    blocks: int = 0
    unreadable: int = 0
    reason: str = ""
    _kept: list[np.ndarray] = field(default_factory=list)
    _marks: np.ndarray | None = None

    @property
    def is_whole(self) -> bool:
        return self.cells == self.in_file

    @property
    def marked(self) -> int:
        return sum(self.marks.values())

    def add(self, values: np.ndarray, mask: np.ndarray | None = None) -> None:
        """Count a block of cells as stored; mask: False where the file itself hides a cell."""
        self.blocks += 1
        self.cells += values.size
        left = values.ravel()
        if mask is not None:
            shown = mask.ravel()
            self.hidden += int(left.size - shown.sum())
            left = left[shown]
        if left.dtype.kind == "f":
            left = self._finite(left)
        if self.nodata is not None and not np.isnan(self.nodata):
            with np.errstate(over="ignore"):
                # The declared value is a double; a float32 cell holds it rounded.
                mark = np.float64(left.dtype.type(self.nodata)) if left.dtype.kind == "f" else self.nodata
            data = left != mark
            self.hidden += int(left.size - data.sum())
            left = left[data]
        left = self._without_marks(left)
        if left.size:
            self._measure(left)

    def _finite(self, values: np.ndarray) -> np.ndarray:
        finite = np.isfinite(values)
        odd = values.size - int(finite.sum())
        if not odd:
            return values
        nan = int(np.isnan(values).sum())
        # A no-data value of infinity is a declared one.
        declared = self.nodata is not None and np.isinf(self.nodata)
        self.nan += nan
        if declared:
            self.hidden += odd - nan
        else:
            self.infinite += odd - nan
        return np.asarray(values[finite])

    def _without_marks(self, values: np.ndarray) -> np.ndarray:
        if values.dtype.kind == "u" or not values.size:
            return values
        far = values <= -999
        if values.dtype.kind == "f":
            far |= values >= BEYOND_MEASURE
        if not far.any():
            return values
        if self._marks is None:
            self._marks = stand_ins(self.nodata)
        outer = values[far].astype(np.float64)
        known = self._marks.astype(np.float32) if values.dtype == np.float32 else self._marks
        hit = (np.abs(outer) >= BEYOND_MEASURE) | np.isin(outer, known.astype(np.float64))
        if not hit.any():
            return values
        found, counts = np.unique(outer[hit], return_counts=True)
        for value, count in list(zip(found.tolist(), counts.tolist(), strict=True))[:20]:
            self.marks[value] = self.marks.get(value, 0) + int(count)
        rest = int(counts[20:].sum())
        if rest:
            last = float(found[19])
            self.marks[last] += rest
        keep = ~far
        keep[far] = ~hit
        return np.asarray(values[keep])

    def _measure(self, values: np.ndarray) -> None:
        self.valid += values.size
        if values.dtype.kind == "f":
            self.fractional += int((values != np.rint(values)).sum())
        if values.dtype.kind != "u":
            self.negative += int((values < 0).sum())
        self.above_100 += int((values > 100).sum())
        self.zeros += int((values == 0).sum())
        self.total += float(values.sum(dtype=np.float64))
        self.high = _end(self.high, values, 1.0)
        self.low = _end(self.low, values, -1.0)
        if sum(part.size for part in self._kept) < _KEPT_IN_ALL:
            self._kept.append(values[:: max(1, values.size // _KEPT)].astype(np.float64))

    def hiding(self, mark: float) -> CellTally:
        """The tally as it would be with `mark`, one of the two ends, read as no data."""
        assert self.low is not None
        assert self.high is not None
        out = replace(self, _kept=[part[part != mark] for part in self._kept], nodata=mark)
        end = self.high if self.high.value == mark else self.low
        inner = End(end.next if end.next is not None else mark, 1, None)
        out.hidden, out.valid = self.hidden + end.count, self.valid - end.count
        out.total = self.total - mark * end.count
        if end is self.high:
            out.high = inner
            out.above_100 -= end.count if mark > 100 else 0
        else:
            out.low = inner
            out.negative -= end.count
        return out

    def kept(self) -> np.ndarray:
        """A spread part of the valid values, float64."""
        return np.concatenate(self._kept) if self._kept else np.empty(0)


def _end(so_far: End | None, values: np.ndarray, side: float) -> End:
    outermost = values.max() if side > 0 else values.min()
    at = values == outermost
    inner = values[~at]
    next_ = None if not inner.size else float(inner.max() if side > 0 else inner.min())
    found = End(float(outermost), int(at.sum()), next_)
    return found if so_far is None else _merged(so_far, found, side)


def _merged(a: End, b: End, side: float) -> End:
    if a.value == b.value:
        return End(a.value, a.count + b.count, _further((a.next, b.next), side))
    outer, inner = (a, b) if side * a.value > side * b.value else (b, a)
    return End(outer.value, outer.count, _further((outer.next, inner.value), side))


def _further(values: Iterable[float | None], side: float) -> float | None:
    known = [value for value in values if value is not None]
    return max(known, key=lambda value: side * value) if known else None
