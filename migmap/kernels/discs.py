"""Discs of ground on a grid: which cells of which rows they reach, and what those cells hold.

Coordinates (u, v) count columns and rows, both rising. A disc is a row of an array [n, FIELDS], see the
names below; what it needs of the grid and the Earth is `earth`:

- longitude and latitude, five numbers: latitude in radians is earth[1] + earth[2] * v, a column is earth[3]
  radians wide; earth[0] is the semi-major axis in m and earth[4] the eccentricity squared. The disc is
  what lies nearer than a straight line through the Earth (LENGTH2, squared) from its centre, which stands
  PARALLEL m from the Earth's axis and HEIGHT m above the plane of the equator. A parallel cuts it in
  closed form.
- any other system, no numbers: with (du, dv) the way from the centre, the disc is where
  E du^2 + 2 F du dv + G dv^2 < LENGTH2, with E, F and G (m2) half-way, that is at the centre plus half of
  their slopes. A row cuts it in the roots of a polynomial of third degree.
"""

from __future__ import annotations

import math

import numpy as np

from .cells import _is_mark
from .compiled import compiled

U, V, LENGTH2 = 0, 1, 2
LOW, HIGH = 3, 4
"""Between which v the disc lies."""
LEFT, RIGHT = 5, 6
"""At which v its left and right sides are."""
PARALLEL, HEIGHT = 7, 8
METRIC = 7
"""E, F, G, then their slopes along u and v: E_u, E_v, F_u, F_v, G_u, G_v."""
FIELDS = 16

_NOTHING = (1.0, 0.0)
_ROWS = 1024
_STEPS = 6
_NEAR = 1e-3
"""A step of Halley's this small, in parts of the whole, leaves an error of its third power."""


@compiled
def _on_earth(phi: float, earth: np.ndarray) -> tuple[float, float]:
    """Distance from the axis and height above the equator of a latitude in radians."""
    s = math.sin(phi)
    normal = earth[0] / math.sqrt(1.0 - earth[4] * s * s)
    return normal * math.cos(phi), normal * (1.0 - earth[4]) * s


@compiled
def _parallel_ends(disc: np.ndarray, earth: np.ndarray, v: float) -> tuple[float, float]:
    phi = earth[1] + earth[2] * v
    if abs(phi) > 0.5 * math.pi + 1e-12:
        return _NOTHING
    p, z = _on_earth(phi, earth)
    rest = disc[LENGTH2] - (p - disc[PARALLEL]) ** 2 - (z - disc[HEIGHT]) ** 2
    if rest < 0.0:
        return _NOTHING
    whole = 4.0 * p * disc[PARALLEL]
    half = math.pi if rest >= whole else 2.0 * math.asin(math.sqrt(rest / whole))
    half /= earth[3]
    return disc[U] - half, disc[U] + half


@compiled
def _length2(m: np.ndarray, du: float, dv: float) -> float:
    """Squared ground length of a way, and nothing else: the metric half-way."""
    e = m[0] + 0.5 * (m[3] * du + m[4] * dv)
    f = m[1] + 0.5 * (m[5] * du + m[6] * dv)
    g = m[2] + 0.5 * (m[7] * du + m[8] * dv)
    return float(e * du * du + 2.0 * f * du * dv + g * dv * dv)


@compiled
def _slopes(m: np.ndarray, du: float, dv: float) -> tuple[float, float]:
    """Derivatives of `_length2` along du and dv."""
    e = m[0] + 0.5 * (m[3] * du + m[4] * dv)
    f = m[1] + 0.5 * (m[5] * du + m[6] * dv)
    g = m[2] + 0.5 * (m[7] * du + m[8] * dv)
    along_u = 0.5 * (m[3] * du * du + 2.0 * m[5] * du * dv + m[7] * dv * dv)
    along_v = 0.5 * (m[4] * du * du + 2.0 * m[6] * du * dv + m[8] * dv * dv)
    return 2.0 * (e * du + f * dv) + along_u, 2.0 * (f * du + g * dv) + along_v


@compiled
def _row_ends(disc: np.ndarray, v: float) -> tuple[float, float]:
    dv = v - disc[V]
    cubic = 0.5 * disc[METRIC + 3]
    square = disc[METRIC] + (0.5 * disc[METRIC + 4] + disc[METRIC + 5]) * dv
    linear = (2.0 * disc[METRIC + 1] + (disc[METRIC + 6] + 0.5 * disc[METRIC + 7]) * dv) * dv
    rest = (disc[METRIC + 2] + 0.5 * disc[METRIC + 8] * dv) * dv * dv - disc[LENGTH2]
    # seen from where the way would be shortest without the cubic term
    middle = -0.5 * linear / square
    rest += (0.5 * linear + cubic * middle * middle) * middle
    linear = 3.0 * cubic * middle * middle
    square += 3.0 * cubic * middle
    inner = linear * linear - 4.0 * square * rest
    if not inner >= 0.0:
        return _NOTHING
    root, twice = math.sqrt(inner), 0.5 / square
    left = _settled((-linear - root) * twice, cubic, square, linear, rest)
    right = _settled((-linear + root) * twice, cubic, square, linear, rest)
    return disc[U] + middle + left, disc[U] + middle + right


@compiled
def _settled(at: float, cubic: float, square: float, linear: float, rest: float) -> float:
    """The root of a polynomial of third degree near `at`, by Halley's steps."""
    for _ in range(_STEPS):
        slope = (3.0 * cubic * at + 2.0 * square) * at + linear
        # beside a double root there is no slope, and nothing to gain
        if not slope * at > 0.0:
            break
        miss = ((cubic * at + square) * at + linear) * at + rest
        step = miss * slope / (slope * slope - miss * (3.0 * cubic * at + square))
        at -= step
        if abs(step) < _NEAR * abs(at):
            break
    return at


@compiled
def _ends(disc: np.ndarray, earth: np.ndarray, v: float) -> tuple[float, float]:
    """Between which u a line of constant v lies in the disc; the first above the second where none."""
    if earth.size:
        return _parallel_ends(disc, earth, v)
    return _row_ends(disc, v)


@compiled
def frame(discs: np.ndarray, earth: np.ndarray, radius_m: np.ndarray) -> None:
    """Fill in all fields of discs [n, FIELDS] from U, V, for grids not in degrees the METRIC, and the
    radius [n] in m. A disc that is nowhere (NaN) gets LENGTH2 NaN."""
    for i in range(discs.shape[0]):
        disc = discs[i]
        radius = radius_m[i]
        if not (np.isfinite(disc[U]) and np.isfinite(disc[V]) and np.isfinite(radius)):
            disc[LENGTH2] = np.nan
            continue
        if earth.size:
            _frame_on_earth(disc, earth, radius)
        else:
            _frame_on_plane(disc, radius)


@compiled
def _frame_on_earth(disc: np.ndarray, earth: np.ndarray, radius: float) -> None:
    phi = earth[1] + earth[2] * disc[V]
    if abs(phi) > 0.5 * math.pi + 1e-9:
        disc[LENGTH2] = np.nan
        return
    p, z = _on_earth(phi, earth)
    disc[PARALLEL], disc[HEIGHT] = p, z
    s = math.sin(phi)
    turn = 1.0 - earth[4] * s * s
    # Gauss's mean radius of curvature, and that of the meridian
    mean = earth[0] * math.sqrt(1.0 - earth[4]) / turn
    meridian = earth[0] * (1.0 - earth[4]) / turn**1.5
    chord = 2.0 * mean * math.sin(0.5 * radius / mean)
    disc[LENGTH2] = chord * chord
    disc[LOW] = disc[HIGH] = disc[V]
    for side in (-1.0, 1.0):
        end = phi + side * radius / meridian
        for _ in range(_STEPS):
            pe, ze = _on_earth(end, earth)
            reached = math.sqrt((pe - p) ** 2 + (ze - z) ** 2)
            end += side * (chord - reached) / meridian
        end = min(max(end, -0.5 * math.pi), 0.5 * math.pi)
        at = (end - earth[1]) / earth[2]
        disc[LOW], disc[HIGH] = min(disc[LOW], at), max(disc[HIGH], at)
    # where a small circle on a sphere meets its last meridian
    widest = s / math.cos(radius / mean)
    widest = math.asin(widest) if abs(widest) < 1.0 else math.copysign(0.5 * math.pi, widest)
    disc[LEFT] = disc[RIGHT] = min(max((widest - earth[1]) / earth[2], disc[LOW]), disc[HIGH])


@compiled
def _frame_on_plane(disc: np.ndarray, radius: float) -> None:
    m = disc[METRIC:]
    length2 = radius * radius
    disc[LENGTH2] = length2
    wide = m[0] * m[2] - m[1] * m[1]
    if not wide > 0.0:
        disc[LENGTH2] = np.nan
        return
    disc[LOW] = disc[HIGH] = disc[LEFT] = disc[RIGHT] = disc[V]
    if radius == 0.0:
        return
    for side in range(4):
        sign = -1.0 if side % 2 == 0 else 1.0
        across = side < 2
        # the ellipse without slopes first, then Newton's steps
        if across:
            du = sign * radius * math.sqrt(m[2] / wide)
            dv = -m[1] / m[2] * du
        else:
            dv = sign * radius * math.sqrt(m[0] / wide)
            du = -m[1] / m[0] * dv
        for _ in range(_STEPS):
            on_u, on_v = _slopes(m, du, dv)
            miss = _length2(m, du, dv) - length2
            # the steps of the second condition, that the outline runs along the axis
            if across:
                first, second, aim = 2.0 * m[1], 2.0 * m[2], on_v
            else:
                first, second, aim = 2.0 * m[0], 2.0 * m[1], on_u
            det = on_u * second - on_v * first
            if det == 0.0:
                break
            du -= (miss * second - on_v * aim) / det
            dv -= (on_u * aim - miss * first) / det
        at = disc[V] + dv
        if side == 0:
            disc[LEFT] = at
        elif side == 1:
            disc[RIGHT] = at
        elif side == 2:
            disc[LOW] = at
        else:
            disc[HIGH] = at


@compiled
def _box_end(at: float, margin: float) -> int:
    """The cell after the last of those that meet [at - margin, at + margin], at least one."""
    return max(math.floor(at - margin) + 1, math.ceil(at + margin))


@compiled
def _row_range(disc: np.ndarray, touch: bool, margin: float) -> tuple[int, int]:
    """First row and row after the last that a disc can reach."""
    if touch:
        first, last = math.floor(disc[LOW]), math.ceil(disc[HIGH])
    else:
        # one more at each end: whether they are reached is for the row to say
        first, last = math.floor(disc[LOW] - 0.5), math.ceil(disc[HIGH] + 0.5)
    if margin >= 0.0:
        first = min(first, math.floor(disc[V] - margin))
        last = max(last, _box_end(disc[V], margin))
    return first, last


@compiled
def _spans(
    disc: np.ndarray, earth: np.ndarray, first: int, last: int, touch: bool, margin: float, spans: np.ndarray
) -> None:
    """spans[row - first] = first column and column after the last that belong to the disc, equal for none,
    of the rows from `first` to `last`."""
    # one loop for each kind: which it is would otherwise be asked, and arrays handed on, in every row
    if touch:
        for row in range(first, last):
            # the outline is widest in the row where it is nearest to its own widest place
            at, other = min(max(disc[LEFT], row), row + 1.0), min(max(disc[RIGHT], row), row + 1.0)
            left, right = _ends(disc, earth, at)
            if left <= right and other != at:
                begin, right = _ends(disc, earth, other)
                if begin > right:
                    right = left
            spans[row - first, 0] = spans[row - first, 1] = 0
            if left < right:
                spans[row - first, 0], spans[row - first, 1] = math.floor(left), math.ceil(right)
    elif earth.size:
        for row in range(first, last):
            left, right = _parallel_ends(disc, earth, row + 0.5)
            begin = math.ceil(left - 0.5)
            spans[row - first, 0], spans[row - first, 1] = begin, max(begin, math.floor(right + 0.5))
    else:
        for row in range(first, last):
            left, right = _row_ends(disc, row + 0.5)
            begin = math.ceil(left - 0.5)
            spans[row - first, 0], spans[row - first, 1] = begin, max(begin, math.floor(right + 0.5))
    if margin >= 0.0:
        begin, end = math.floor(disc[U] - margin), _box_end(disc[U], margin)
        for row in range(max(first, math.floor(disc[V] - margin)), min(last, _box_end(disc[V], margin))):
            span = spans[row - first]
            if span[0] < span[1]:
                span[0], span[1] = min(span[0], begin), max(span[1], end)
            else:
                span[0], span[1] = begin, end


@compiled
def boxes(discs: np.ndarray, earth: np.ndarray, touch: bool, margin: float, box: np.ndarray) -> None:
    """box[i]: first row, row after the last, first column, column after the last of a box of cells that
    holds all of each disc's; all 0 for a disc that is nowhere.

    touch: cells any part of which lies in the disc belong to it, else those whose centre does. margin: with
    0 and more, cells that meet the square of this half-width (in cells) around the centre, too.
    """
    for i in range(discs.shape[0]):
        disc = discs[i]
        box[i] = 0
        if not disc[LENGTH2] >= 0.0:
            continue
        box[i, 0], box[i, 1] = _row_range(disc, touch, margin)
        left, _ = _ends(disc, earth, disc[LEFT])
        _, right = _ends(disc, earth, disc[RIGHT])
        # where these lie is known to rounding alone
        box[i, 2] = math.floor(min(left, disc[U]) - 1e-6)
        box[i, 3] = math.floor(max(right, disc[U]) + 1e-6) + 1
        if margin >= 0.0:
            box[i, 2] = min(box[i, 2], math.floor(disc[U] - margin))
            box[i, 3] = max(box[i, 3], _box_end(disc[U], margin))


@compiled
def count_cells(
    members: np.ndarray, discs: np.ndarray, earth: np.ndarray, touch: bool, margin: float, cells: np.ndarray
) -> None:
    """cells[i]: how many cells of a grid without end belong to disc members[i], see `boxes`."""
    spans = np.empty((_ROWS, 2), np.int64)
    for i in range(members.size):
        disc = discs[members[i]]
        count = 0
        first, last = _row_range(disc, touch, margin)
        for start in range(first, last, _ROWS):
            rows = min(last - start, _ROWS)
            _spans(disc, earth, start, start + rows, touch, margin, spans)
            for row in range(rows):
                count += spans[row, 1] - spans[row, 0]
        cells[i] = count


@compiled
def _first_tile(lines: np.ndarray, at: int) -> int:
    return int(np.searchsorted(lines, at, side="right")) - 1


@compiled
def by_tile(
    box: np.ndarray, rows: int, columns: int, tops: np.ndarray, lefts: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Which boxes (see `boxes`) meet which tile of a raster: (offset [tiles + 1], members).

    tops, lefts: int64, rising, first rows and columns of the tiles, which are numbered row by row.
    """
    across = lefts.size
    offset = np.zeros(tops.size * across + 1, np.int64)
    members = np.empty(0, np.int64)
    for turn in range(2):
        for i in range(box.shape[0]):
            top, bottom = max(box[i, 0], 0), min(box[i, 1], rows)
            left, right = max(box[i, 2], 0), min(box[i, 3], columns)
            if top >= bottom or left >= right:
                continue
            for tile_row in range(_first_tile(tops, top), _first_tile(tops, bottom - 1) + 1):
                for tile_col in range(_first_tile(lefts, left), _first_tile(lefts, right - 1) + 1):
                    tile = tile_row * across + tile_col
                    if turn == 0:
                        offset[tile + 1] += 1
                    else:
                        members[offset[tile]] = i
                        offset[tile] += 1
        if turn == 0:
            for tile in range(offset.size - 1):
                offset[tile + 1] += offset[tile]
            members = np.empty(offset[-1], np.int64)
    for tile in range(offset.size - 1, 0, -1):
        offset[tile] = offset[tile - 1]
    offset[0] = 0
    return offset, members


@compiled
def fold_values(
    members: np.ndarray,
    discs: np.ndarray,
    earth: np.ndarray,
    touch: bool,
    margin: float,
    values: np.ndarray,
    top: int,
    left: int,
    nodata: float,
    marks: np.ndarray,
    beyond: float,
    out: np.ndarray,
) -> float:
    """out[i] = (cells, cells with data, least, greatest, sum, cells with a mark) of disc members[i] within
    a window of the raster.

    values: [rows, columns], whose first cell is at row `top` and column `left`. nodata: NaN for none.
    marks, beyond: see `cells.find_marks`. Least and greatest are +-infinity without data. Returns one of
    the marks met, NaN for none.
    """
    rows, columns = values.shape
    spans = np.empty((rows, 2), np.int64)
    seen = np.nan
    # between these two nearly every cell lies, and is good without another look
    low, high = -999.0, beyond
    if nodata <= 0.0:
        low = max(low, nodata)
    elif nodata > 0.0:
        high = min(high, nodata)
    for i in range(members.size):
        disc = discs[members[i]]
        cells, count, marked = 0, 0, 0
        least, most, total = np.inf, -np.inf, 0.0
        first, last = _row_range(disc, touch, margin)
        first, last = max(first, top), min(last, top + rows)
        _spans(disc, earth, first, last, touch, margin, spans)
        for row in range(first, last):
            begin = max(spans[row - first, 0] - left, 0)
            line = values[row - top, begin : max(min(spans[row - first, 1] - left, columns), begin)]
            cells += line.size
            for col in range(line.size):
                value = np.float64(line[col])
                if not (low < value < high):
                    if not np.isfinite(value) or value == nodata:
                        continue
                    if _is_mark(value, marks, beyond):
                        marked += 1
                        seen = value
                        continue
                count += 1
                total += value
                if value < least:
                    least = value
                if value > most:
                    most = value
        out[i, 0], out[i, 1], out[i, 2] = cells, count, least
        out[i, 3], out[i, 4], out[i, 5] = most, total, marked
    return float(seen)


@compiled
def fold_ranks(
    members: np.ndarray,
    discs: np.ndarray,
    earth: np.ndarray,
    touch: bool,
    margin: float,
    codes: np.ndarray,
    top: int,
    left: int,
    ranks: np.ndarray,
    out: np.ndarray,
) -> None:
    """out[i] = (cells, cells of a known class, lowest rank, highest rank) of disc members[i] within a
    window.

    codes: [rows, columns], class of each cell. ranks: int64 [classes], -1 for what is unknown. Lowest is
    ranks.size and more, highest -1 without a known cell.
    """
    rows, columns = codes.shape
    spans = np.empty((rows, 2), np.int64)
    for i in range(members.size):
        disc = discs[members[i]]
        cells, known = 0, 0
        lowest, highest = np.int64(1 << 62), np.int64(-1)
        first, last = _row_range(disc, touch, margin)
        first, last = max(first, top), min(last, top + rows)
        _spans(disc, earth, first, last, touch, margin, spans)
        for row in range(first, last):
            begin = max(spans[row - first, 0] - left, 0)
            line = codes[row - top, begin : max(min(spans[row - first, 1] - left, columns), begin)]
            cells += line.size
            for col in range(line.size):
                rank = ranks[line[col]]
                if rank >= 0:
                    known += 1
                    lowest = min(lowest, rank)
                    highest = max(highest, rank)
        out[i, 0], out[i, 1], out[i, 2], out[i, 3] = cells, known, lowest, highest


@compiled
def outlines(
    members: np.ndarray, discs: np.ndarray, earth: np.ndarray, corners: int, scale: float, ring: np.ndarray
) -> None:
    """ring[i] = closed outline (u, v) of disc members[i], [corners + 1, 2], `corners` even.

    The corners lie on the disc's edge, at the heights of the corners of a regular polygon, then are moved
    away from the middle by `scale`.
    """
    half = corners // 2
    for i in range(members.size):
        disc = discs[members[i]]
        middle = 0.5 * (disc[LOW] + disc[HIGH])
        reach = 0.5 * (disc[HIGH] - disc[LOW])
        for k in range(half + 1):
            # the ends themselves may miss the disc by rounding
            up = -math.cos(math.pi * k / half)
            v = middle + reach * min(max(up, -1.0 + 1e-12), 1.0 - 1e-12)
            left, right = _ends(disc, earth, v)
            if left > right:
                left = right = disc[U]
            if k == 0 or k == half:
                left = right = 0.5 * (left + right)
            v = middle + scale * reach * up
            ring[i, k, 0], ring[i, k, 1] = disc[U] + scale * (right - disc[U]), v
            ring[i, corners - k, 0], ring[i, corners - k, 1] = disc[U] + scale * (left - disc[U]), v


@compiled
def series_at(series: np.ndarray, x: np.ndarray, y: np.ndarray, out: np.ndarray) -> None:
    """Chebyshev series of three quantities, [p, q, 3], at places between -1 and 1.

    out[i] = the three values, then their slopes along x and y in turn: [n, 9].
    """
    p, q = series.shape[0], series.shape[1]
    along_x, slope_x = np.empty(p), np.empty(p)
    along_y, slope_y = np.empty(q), np.empty(q)
    for i in range(x.size):
        _terms(x[i], along_x, slope_x)
        _terms(y[i], along_y, slope_y)
        for k in range(3):
            value, on_x, on_y = 0.0, 0.0, 0.0
            for a in range(p):
                line, tilt = 0.0, 0.0
                for b in range(q):
                    line += series[a, b, k] * along_y[b]
                    tilt += series[a, b, k] * slope_y[b]
                value += along_x[a] * line
                on_x += slope_x[a] * line
                on_y += along_x[a] * tilt
            out[i, k], out[i, 3 + 2 * k], out[i, 4 + 2 * k] = value, on_x, on_y


@compiled
def _terms(at: float, values: np.ndarray, slopes: np.ndarray) -> None:
    """Chebyshev polynomials of degree 0, 1, ... and their slopes, by their recurrence."""
    values[0], slopes[0] = 1.0, 0.0
    values[1], slopes[1] = at, 1.0
    for n in range(2, values.size):
        values[n] = 2.0 * at * values[n - 1] - values[n - 2]
        slopes[n] = 2.0 * values[n - 1] + 2.0 * at * slopes[n - 1] - slopes[n - 2]
