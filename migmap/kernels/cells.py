"""Passes over the cells of a tile: class codes, cleaned people, totals, and the overlay of two grids."""

from __future__ import annotations

import numpy as np

from .compiled import compiled

BEYOND_PEOPLE = 1e19
"""No cell holds as many people: such numbers, and infinity, are marks of no data."""


@compiled
def look_up(values: np.ndarray, table: np.ndarray, codes: np.ndarray) -> None:
    """codes[i, j] = table[values[i, j]] for unsigned values (uint8 or uint16)."""
    for i in range(values.shape[0]):
        for j in range(values.shape[1]):
            codes[i, j] = table[values[i, j]]


@compiled
def clean_people(values: np.ndarray, nodata: float, first_row: int, first_column: int) -> tuple[int, int]:
    """Set cells without people data (NaN, `nodata`, 1e19 and more) to 0, in place; a negative number of
    people is no number of people either. Returns (no-data cells, negative cells) from `first_row` and
    `first_column` on. nodata: of the type of the cells; NaN for none."""
    lost = 0
    negative = 0
    for i in range(values.shape[0]):
        row = values[i]
        for j in range(row.size):
            # no branches: this loop runs over every cell and must become vector code
            value = row[j]
            real = (value > -BEYOND_PEOPLE) & (value < BEYOND_PEOPLE) & (value != nodata)
            below = real & (value < 0.0)
            counted = (i >= first_row) & (j >= first_column)
            lost += (not real) & counted
            negative += below & counted
            row[j] = value if real & (value >= 0.0) else values.dtype.type(0.0)
    return lost, negative


@compiled
def combine(
    codes: np.ndarray, other: np.ndarray, width: int, seen: np.ndarray, keys: np.ndarray, out: np.ndarray
) -> int:
    """Number the pairs of codes that occur, from 0 in the order met: out[i, j] is the number of the pair
    (codes[i, j], other[i, j]), keys[number] = codes * width + other.

    width: more than the greatest of `other`. seen: int32, all -1, with an entry for each possible key.
    Returns how many pairs there are, or -1 when they are more than `keys` holds.
    """
    count = 0
    for i in range(codes.shape[0]):
        for j in range(codes.shape[1]):
            key = np.int64(codes[i, j]) * width + np.int64(other[i, j])
            number = seen[key]
            if number < 0:
                if count == keys.size:
                    return -1
                number = count
                seen[key] = number
                keys[number] = key
                count += 1
            out[i, j] = number
    return count


@compiled
def fold(sums: np.ndarray, starts: np.ndarray, columns: np.ndarray, out: np.ndarray) -> None:
    """out[i, columns[n]] += sums[i, c] for each n from starts[c] to starts[c + 1]: sums by combination
    [m, c] to the columns each combination counts in."""
    for i in range(sums.shape[0]):
        for c in range(sums.shape[1]):
            value = sums[i, c]
            if value != 0.0:
                for n in range(starts[c], starts[c + 1]):
                    out[i, columns[n]] += value


@compiled
def add_all(codes: np.ndarray, weights: np.ndarray, out: np.ndarray) -> None:
    """out[class] += sum of the weights of its cells; row by row, so that rounding stays small."""
    sums = np.zeros((4, out.size))
    for i in range(codes.shape[0]):
        sums[:] = 0.0
        add_run(codes[i], weights[i], sums)
        for c in range(out.size):
            out[c] += (sums[0, c] + sums[1, c]) + (sums[2, c] + sums[3, c])


@compiled
def add_run(codes: np.ndarray, weights: np.ndarray, sums: np.ndarray) -> None:
    """Add the weights of a run of cells to their classes; sums: [4, classes], to be added up.

    Eight cells of one class, the usual case, are added as one; else four sums side by side keep an
    addition from waiting for the one before it.
    """
    n = codes.size
    j = 0
    while j + 8 <= n:
        code = codes[j]
        mixed = (codes[j + 1] ^ code) | (codes[j + 2] ^ code) | (codes[j + 3] ^ code)
        mixed |= (codes[j + 4] ^ code) | (codes[j + 5] ^ code) | (codes[j + 6] ^ code) | (codes[j + 7] ^ code)
        if mixed == 0:
            first = (np.float64(weights[j]) + weights[j + 1]) + (np.float64(weights[j + 2]) + weights[j + 3])
            second = (np.float64(weights[j + 4]) + weights[j + 5]) + (
                np.float64(weights[j + 6]) + weights[j + 7]
            )
            sums[(j >> 3) & 3, code] += first + second
        else:
            for k in range(2):
                at = j + 4 * k
                sums[0, codes[at]] += weights[at]
                sums[1, codes[at + 1]] += weights[at + 1]
                sums[2, codes[at + 2]] += weights[at + 2]
                sums[3, codes[at + 3]] += weights[at + 3]
        j += 8
    while j < n:
        sums[0, codes[j]] += weights[j]
        j += 1


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
