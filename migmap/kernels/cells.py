"""Passes over the cells of a tile: class codes, cleaned people, totals, and the overlay of two grids."""

from __future__ import annotations

import numpy as np

from .compiled import compiled


@compiled
def look_up(values: np.ndarray, table: np.ndarray, codes: np.ndarray) -> None:
    """codes[i, j] = table[values[i, j]] for unsigned values (uint8 or uint16)."""
    for i in range(values.shape[0]):
        for j in range(values.shape[1]):
            codes[i, j] = table[values[i, j]]


@compiled
def clean_people(
    values: np.ndarray, has_nodata: bool, nodata: float, first_row: int, first_column: int
) -> tuple[int, int]:
    """Set cells without people data to 0, in place. Returns (no-data cells, negative cells) from
    `first_row` and `first_column` on; a negative number of people is no number of people, and is counted
    apart."""
    missing = 0
    negative = 0
    for i in range(values.shape[0]):
        for j in range(values.shape[1]):
            value = values[i, j]
            if value >= 0.0 and value < np.inf and not (has_nodata and value == nodata):
                continue
            values[i, j] = 0.0
            if i >= first_row and j >= first_column:
                if value < 0.0 and value > -np.inf and not (has_nodata and value == nodata):
                    negative += 1
                else:
                    missing += 1
    return missing, negative


@compiled
def add_all(codes: np.ndarray, weights: np.ndarray, out: np.ndarray) -> None:
    """out[class] += sum of the weights of its cells; row by row, so that rounding stays small."""
    sums = np.zeros((4, out.size))
    for i in range(codes.shape[0]):
        sums[:] = 0.0
        n = codes.shape[1]
        j = 0
        while j + 4 <= n:
            sums[0, codes[i, j]] += weights[i, j]
            sums[1, codes[i, j + 1]] += weights[i, j + 1]
            sums[2, codes[i, j + 2]] += weights[i, j + 2]
            sums[3, codes[i, j + 3]] += weights[i, j + 3]
            j += 4
        while j < n:
            sums[0, codes[i, j]] += weights[i, j]
            j += 1
        for c in range(out.size):
            out[c] += (sums[0, c] + sums[1, c]) + (sums[2, c] + sums[3, c])


@compiled
def spread(
    people: np.ndarray,
    row: np.ndarray,
    col: np.ndarray,
    height: np.ndarray,
    width: np.ndarray,
    out: np.ndarray,
) -> None:
    """People of a finer grid: out[i, j] = people[row[i], col[j]] * height[i] * width[j], where height
    and width are the sizes of the fine cell in units of the coarse one."""
    for i in range(row.size):
        for j in range(col.size):
            out[i, j] = people[row[i], col[j]] * (height[i] * width[j])


@compiled
def pick(codes: np.ndarray, row: np.ndarray, col: np.ndarray, unknown: int, out: np.ndarray) -> None:
    """Classes on a finer grid: out[i, j] = codes[row[i], col[j]]; `unknown` where an index is -1."""
    for i in range(row.size):
        for j in range(col.size):
            if row[i] < 0 or col[j] < 0:
                out[i, j] = unknown
            else:
                out[i, j] = codes[row[i], col[j]]


@compiled
def summarise(people: np.ndarray, area: np.ndarray, out: np.ndarray) -> None:
    """out += (sum of values, area of cells above zero, sum of values times area). area: [rows, columns]."""
    for i in range(people.shape[0]):
        total = 0.0
        inhabited = 0.0
        product = 0.0
        for j in range(people.shape[1]):
            value = people[i, j]
            total += value
            if value > 0.0:
                inhabited += area[i, j]
                product += value * area[i, j]
        out[0] += total
        out[1] += inhabited
        out[2] += product


@compiled
def _is_mark(value: float, marks: np.ndarray, beyond: float) -> bool:
    if abs(value) >= beyond:
        return True
    if value > -999.0:
        return False
    place = int(np.searchsorted(marks, value))
    return place < marks.size and bool(marks[place] == value)


@compiled
def find_marks(values: np.ndarray, marks: np.ndarray, beyond: float, hits: np.ndarray) -> int:
    """hits[i, j] = whether the cell is equal to one of `marks` (rising, all at or below -999) or of size
    `beyond` and more. Returns how many are."""
    count = 0
    for i in range(values.shape[0]):
        for j in range(values.shape[1]):
            hits[i, j] = _is_mark(np.float64(values[i, j]), marks, beyond)
            count += hits[i, j]
    return count


@compiled
def find_values(
    values: np.ndarray, valid: np.ndarray, most: int, sample_size: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    """What a flat run of cells holds where `valid`.

    Returns (distinct values, at most `most` of them, float64; [minimum, maximum]; a sample of at most
    `sample_size` cells spread evenly over the run, or every cell when they are no more; how many cells).
    """
    distinct = np.empty(most)
    known = 0
    ends = np.array([np.inf, -np.inf])
    count = 0
    last = np.nan
    for i in range(values.size):
        if not valid[i]:
            continue
        value = np.float64(values[i])
        count += 1
        ends[0] = min(ends[0], value)
        ends[1] = max(ends[1], value)
        if known < most and value != last:
            seen = False
            for j in range(known):
                if distinct[j] == value:
                    seen = True
                    break
            if not seen:
                distinct[known] = value
                known += 1
            last = value
    step = max(1, (count + sample_size - 1) // sample_size)
    sample = np.empty((count + step - 1) // step)
    nth = 0
    for i in range(values.size):
        if valid[i]:
            if nth % step == 0:
                sample[nth // step] = values[i]
            nth += 1
    return distinct[:known].copy(), ends, sample, count


@compiled
def classify(
    values: np.ndarray,
    edges: np.ndarray,
    listed: np.ndarray,
    has_nodata: bool,
    nodata: float,
    marks: np.ndarray,
    beyond: float,
    unknown: int,
    codes: np.ndarray,
) -> int:
    """Class of each cell, uint8 [rows, columns]. Returns how many cells hold a mark (see `find_marks`).

    With `listed` (rising) non-empty the class is the place in it, else how many `edges` are at or below
    the value. No data (NaN, infinity, `nodata`), marks and values that are not listed are `unknown`.
    """
    n = edges.size
    count = 0
    for i in range(values.shape[0]):
        for j in range(values.shape[1]):
            cell = values[i, j]
            codes[i, j] = unknown
            if not np.isfinite(cell) or (has_nodata and cell == nodata):
                continue
            value = np.float64(cell)
            if (value <= -999.0 or value >= beyond) and _is_mark(value, marks, beyond):
                count += 1
                continue
            if listed.size:
                place = np.searchsorted(listed, value)
                if place < listed.size and listed[place] == value:
                    codes[i, j] = place
                continue
            k = 0
            for e in range(n):
                k += value >= edges[e]
            codes[i, j] = k
    return count
