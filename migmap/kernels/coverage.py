"""Exact share of each grid cell that a polygon covers, and sums over zones made with it.

Method: that of a font rasteriser. Every edge of every ring is cut at the grid lines; each piece lies in
one cell and adds there `cover`, the signed share of the row's height it spans, and `part`, the signed
share of the cell that lies to its right. Going through a row from left to right, the coverage of a cell
is the sum of `cover` left of it plus its own `part`. Between the touched cells it is constant, so the
inside of a polygon costs one addition a cell, and holes and parts need no treatment of their own.

Coordinates (u, v) rise with column and row: callers turn map coordinates so that they do. Grid lines
are given as rising arrays `xe` (columns + 1) and `ye` (rows + 1) and need not be evenly spaced, which is
what the common refinement of two different grids needs.

Polygons come as flat rings (see `ring_frames`): x, y [vertices], each ring closed; ring_offset
[rings + 1]; zone_offset [zones + 1] counts rings; ring_sign [rings] is +1 or -1 so that sign times the
signed area (shoelace, u right, v up) is positive for an outer ring and negative for a hole;
ring_box [rings, 4] is (least u, least v, greatest u, greatest v).
"""

from __future__ import annotations

import numpy as np

from .cells import add_run
from .compiled import compiled

SNAP = 1e-10
"""Coverage nearer than this to 0 or 1 is 0 or 1: a border along a grid line, written in degrees, is
itself only known to about 1e-11 of a cell, and must not put 1e-9 people into the class next door.
Rings that lie within one cell are exempt: their share is their own area, however small."""


@compiled
def ring_frames(
    x: np.ndarray, y: np.ndarray, ring_offset: np.ndarray, is_hole: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Sign [rings] and box [rings, 4] of closed rings. A ring without area, or with a
    vertex that is nowhere (NaN, infinity), gets sign 0: it covers nothing."""
    rings = ring_offset.size - 1
    sign = np.zeros(rings)
    box = np.empty((rings, 4))
    for ring in range(rings):
        start, stop = ring_offset[ring], ring_offset[ring + 1]
        box[ring, 0] = box[ring, 1] = np.inf
        box[ring, 2] = box[ring, 3] = -np.inf
        for i in range(start, stop):
            box[ring, 0] = min(box[ring, 0], x[i])
            box[ring, 1] = min(box[ring, 1], y[i])
            box[ring, 2] = max(box[ring, 2], x[i])
            box[ring, 3] = max(box[ring, 3], y[i])
        area = twice_area(x, y, start, stop)
        if area != 0.0 and np.isfinite(area):
            sign[ring] = 1.0 if (area > 0.0) != is_hole[ring] else -1.0
    return sign, box


@compiled
def twice_area(x: np.ndarray, y: np.ndarray, start: int, stop: int) -> float:
    """Twice the signed area of the closed ring start..stop, taken about its first vertex so that small
    rings far from the origin keep their digits."""
    total = 0.0
    if stop - start < 3:
        return total
    x0, y0 = x[start], y[start]
    for i in range(start, stop - 1):
        total += (x[i] - x0) * (y[i + 1] - y0) - (x[i + 1] - x0) * (y[i] - y0)
    return total


@compiled
def _locate(edges: np.ndarray, value: float) -> int:
    """Index i with edges[i] <= value < edges[i + 1]; -1 before the first, cells after the last."""
    cells = edges.size - 1
    if value < edges[0]:
        return -1
    if value >= edges[cells]:
        return cells
    guess = int((value - edges[0]) * (cells / (edges[cells] - edges[0])))
    guess = min(max(guess, 0), cells - 1)
    if edges[guess] <= value < edges[guess + 1]:
        return guess
    return int(np.searchsorted(edges, value, side="right")) - 1


@compiled
def _walk(edges: np.ndarray, value: float, index: int) -> int:
    """As `_locate`, by steps from an index that is near."""
    cells = edges.size - 1
    while index < cells and value >= edges[index + 1]:
        index += 1
    while index >= 0 and value < edges[index]:
        index -= 1
    return index


@compiled
def _cut_edge(
    x0: float,
    y0: float,
    x1: float,
    y1: float,
    sign: float,
    xe: np.ndarray,
    ye: np.ndarray,
    rows: np.ndarray,
    cols: np.ndarray,
    cover: np.ndarray,
    part: np.ndarray,
    used: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, int]:
    """Cut one edge at the grid lines and note its pieces. Returns the buffers (grown when full) and how
    many pieces they hold. What lies left of the grid is noted as covering the first column from its
    left side on; what lies right of it changes nothing inside."""
    if y0 > y1:
        x0, y0, x1, y1, sign = x1, y1, x0, y0, -sign
    n_rows, n_cols = ye.size - 1, xe.size - 1
    if y0 == y1 or y1 <= ye[0] or y0 >= ye[n_rows] or min(x0, x1) >= xe[n_cols]:
        return rows, cols, cover, part, used
    bottom, top = max(y0, ye[0]), min(y1, ye[n_rows])
    row = _locate(ye, bottom)
    last = min(_locate(ye, top), n_rows - 1)
    xa = x0 if bottom == y0 else x0 + (bottom - y0) / (y1 - y0) * (x1 - x0)
    xt = x1 if top == y1 else x0 + (top - y0) / (y1 - y0) * (x1 - x0)
    col = _locate(xe, xa)
    need = used + 2 * (last - row + 1) + abs(_locate(xe, xt) - col) + 2
    if need > rows.size:
        size = max(need, 2 * rows.size)
        rows_new, cols_new = np.empty(size, np.int32), np.empty(size, np.int32)
        cover_new, part_new = np.empty(size), np.empty(size)
        rows_new[:used], cols_new[:used] = rows[:used], cols[:used]
        cover_new[:used], part_new[:used] = cover[:used], part[:used]
        rows, cols, cover, part = rows_new, cols_new, cover_new, part_new
    ya = bottom
    while row <= last:
        yb = min(top, ye[row + 1])
        if row == last:
            xb = xt
        else:
            xb = x0 + (yb - y0) / (y1 - y0) * (x1 - x0)
            # rounding must not carry a point beyond the ends of its edge
            xb = min(max(xb, min(xa, xt)), max(xa, xt))
        dy = sign * (yb - ya) / (ye[row + 1] - ye[row])
        col_b = _walk(xe, xb, col)
        if xa <= xb:
            low, high, left, right = col, col_b, xa, xb
        else:
            low, high, left, right = col_b, col, xb, xa
        if low == high:
            if low < n_cols:
                share = 0.0
                if low >= 0:
                    share = (0.5 * (left + right) - xe[low]) / (xe[low + 1] - xe[low])
                rows[used], cols[used] = row, max(low, 0)
                cover[used], part[used] = dy, dy * (1.0 - share)
                used += 1
        else:
            slope = dy / (right - left)
            rest = dy
            at = left
            c = low
            if c < 0:
                piece = (xe[0] - left) * slope
                rows[used], cols[used], cover[used], part[used] = row, 0, piece, piece
                used += 1
                rest -= piece
                at = xe[0]
                c = 0
            while c < high:
                piece = (xe[c + 1] - at) * slope
                share = (0.5 * (at + xe[c + 1]) - xe[c]) / (xe[c + 1] - xe[c])
                rows[used], cols[used] = row, c
                cover[used], part[used] = piece, piece * (1.0 - share)
                used += 1
                rest -= piece
                at = xe[c + 1]
                c += 1
            if high < n_cols:
                share = (0.5 * (at + right) - xe[high]) / (xe[high + 1] - xe[high])
                rows[used], cols[used] = row, high
                cover[used], part[used] = rest, rest * (1.0 - share)
                used += 1
        ya, xa, col = yb, xb, col_b
        row += 1
    return rows, cols, cover, part, used


@compiled
def _by_row(
    rows: np.ndarray, cols: np.ndarray, used: int, n_rows: int, order: np.ndarray, starts: np.ndarray
) -> None:
    """Sort the pieces by row and column: fills order[:used] and starts[row] .. starts[row + 1]."""
    for row in range(n_rows + 1):
        starts[row] = 0
    for i in range(used):
        starts[rows[i] + 1] += 1
    for row in range(n_rows):
        starts[row + 1] += starts[row]
    # fill from the back, then each start is where it belongs
    for i in range(used - 1, -1, -1):
        row = rows[i] + 1
        starts[row] -= 1
        order[starts[row]] = i
    for row in range(n_rows):
        starts[row] = starts[row + 1]
    starts[n_rows] = used
    for row in range(n_rows):
        start, stop = starts[row], starts[row + 1]
        if stop - start > 24:
            picked = order[start:stop].copy()
            order[start:stop] = picked[np.argsort(cols[picked], kind="mergesort")]
            continue
        for i in range(start + 1, stop):
            item = order[i]
            key = cols[item]
            j = i - 1
            while j >= start and cols[order[j]] > key:
                order[j + 1] = order[j]
                j -= 1
            order[j + 1] = item


@compiled
def _add_pieces(
    rows: np.ndarray,
    cols: np.ndarray,
    cover: np.ndarray,
    part: np.ndarray,
    used: int,
    order: np.ndarray,
    starts: np.ndarray,
    codes: np.ndarray,
    weights: np.ndarray,
    sums: np.ndarray,
) -> None:
    """Go through the rows of a zone whose pieces are noted, and add coverage times weight to `sums`
    [4, classes]. order, starts: room for `_by_row`."""
    n_rows, n_cols = codes.shape
    _by_row(rows, cols, used, n_rows, order, starts)
    for row in range(n_rows):
        i, stop = starts[row], starts[row + 1]
        running = 0.0
        while i < stop:
            col = cols[order[i]]
            here = running
            while i < stop and cols[order[i]] == col:
                here += part[order[i]]
                running += cover[order[i]]
                i += 1
            if abs(here) > SNAP:
                if abs(here - 1.0) < SNAP:
                    here = 1.0
                sums[0, codes[row, col]] += here * weights[row, col]
            if abs(running) <= SNAP:
                continue
            c = col + 1
            end = cols[order[i]] if i < stop else n_cols
            if abs(running - 1.0) < SNAP:
                if c < end:
                    add_run(codes[row, c:end], weights[row, c:end], sums)
            else:
                while c < end:
                    sums[0, codes[row, c]] += running * weights[row, c]
                    c += 1


@compiled
def add_zones(
    zones: np.ndarray,
    x: np.ndarray,
    y: np.ndarray,
    ring_offset: np.ndarray,
    zone_offset: np.ndarray,
    ring_sign: np.ndarray,
    ring_box: np.ndarray,
    xe: np.ndarray,
    ye: np.ndarray,
    codes: np.ndarray,
    weights: np.ndarray,
    out: np.ndarray,
) -> None:
    """Add coverage times weight of every cell to out[i, class of the cell] for each zone.

    zones: int64 [m], which zones to do. codes: uint8, uint16 or uint32 [rows, columns], class of
    each cell.
    weights: float32 or float64 [rows, columns]. out: float64 [m, classes], added to.
    """
    n_rows, n_cols = ye.size - 1, xe.size - 1
    classes = out.shape[1]
    size = 4096
    rows, cols = np.empty(size, np.int32), np.empty(size, np.int32)
    cover, part = np.empty(size), np.empty(size)
    order = np.empty(size, np.int64)
    starts = np.zeros(n_rows + 1, np.int64)
    sums = np.zeros((4, classes))
    for item in range(zones.size):
        zone = zones[item]
        used = 0
        sums[:] = 0.0
        for ring in range(zone_offset[zone], zone_offset[zone + 1]):
            sign = ring_sign[ring]
            west, south, east, north = ring_box[ring]
            # a ring left of the grid rises as much as it falls in every row: it adds nothing
            if (
                sign == 0.0
                or not (east > xe[0] and west < xe[n_cols])
                or not (north > ye[0] and south < ye[n_rows])
            ):
                continue
            start, stop = ring_offset[ring], ring_offset[ring + 1]
            col, row = _locate(xe, west), _locate(ye, south)
            if col >= 0 and row >= 0 and east <= xe[col + 1] and north <= ye[row + 1]:
                cell = (xe[col + 1] - xe[col]) * (ye[row + 1] - ye[row])
                share = 0.5 * sign * twice_area(x, y, start, stop) / cell
                sums[0, codes[row, col]] += share * weights[row, col]
                continue
            for i in range(start, stop - 1):
                rows, cols, cover, part, used = _cut_edge(
                    x[i], y[i], x[i + 1], y[i + 1], -sign, xe, ye, rows, cols, cover, part, used
                )
        if used == 0:
            for c in range(classes):
                out[item, c] += sums[0, c]
            continue
        if order.size < used:
            order = np.empty(rows.size, np.int64)
        _add_pieces(rows, cols, cover, part, used, order, starts, codes, weights, sums)
        for c in range(classes):
            out[item, c] += (sums[0, c] + sums[1, c]) + (sums[2, c] + sums[3, c])


@compiled
def _cross_edge(
    x0: float,
    y0: float,
    x1: float,
    y1: float,
    sign: float,
    left: float,
    top: float,
    n_rows: int,
    n_cols: int,
    east: bool,
    south: bool,
    rows: np.ndarray,
    cols: np.ndarray,
    cover: np.ndarray,
    part: np.ndarray,
    used: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, int]:
    """As `_cut_edge`, for centres of cells: in each row whose centre line the edge crosses, the cells
    from the first centre right of it on are covered whole."""
    if y0 > y1:
        x0, y0, x1, y1, sign = x1, y1, x0, y0, -sign
    # rows r with y0 <= top + r + 0.5 < y1, or with the other end closed
    if south:
        first, last = np.ceil(y0 - top - 0.5), np.ceil(y1 - top - 0.5) - 1.0
    else:
        first, last = np.floor(y0 - top - 0.5) + 1.0, np.floor(y1 - top - 0.5)
    if not (first < n_rows and last >= 0.0 and first <= last):
        return rows, cols, cover, part, used
    row, stop = int(max(first, 0.0)), int(min(last, n_rows - 1.0))
    need = used + stop - row + 1
    if need > rows.size:
        size = max(need, 2 * rows.size)
        rows_new, cols_new = np.empty(size, np.int32), np.empty(size, np.int32)
        cover_new, part_new = np.empty(size), np.empty(size)
        rows_new[:used], cols_new[:used] = rows[:used], cols[:used]
        cover_new[:used], part_new[:used] = cover[:used], part[:used]
        rows, cols, cover, part = rows_new, cols_new, cover_new, part_new
    while row <= stop:
        # the same for both zones of a shared edge, whichever way each of them goes along it
        x = x0 + (top + row + 0.5 - y0) / (y1 - y0) * (x1 - x0)
        place = np.ceil(x - left - 0.5) if east else np.floor(x - left - 0.5) + 1.0
        if place < n_cols:
            rows[used], cols[used] = row, int(max(place, 0.0))
            cover[used], part[used] = sign, sign
            used += 1
        row += 1
    return rows, cols, cover, part, used


@compiled
def add_centres(
    zones: np.ndarray,
    x: np.ndarray,
    y: np.ndarray,
    ring_offset: np.ndarray,
    zone_offset: np.ndarray,
    ring_sign: np.ndarray,
    ring_box: np.ndarray,
    left: float,
    top: float,
    east: bool,
    south: bool,
    codes: np.ndarray,
    weights: np.ndarray,
    out: np.ndarray,
) -> None:
    """As `add_zones` on a grid of cells of size 1 whose first begins at (left, top), a cell counting
    wholly where its centre lies in the zone, else not at all.

    A centre on a border that two zones share counts in one of them: in the zone on the side to which u
    (`east`) and v (`south`) rise, or in the other one where these are False.
    """
    n_rows, n_cols = codes.shape
    classes = out.shape[1]
    size = 4096
    rows, cols = np.empty(size, np.int32), np.empty(size, np.int32)
    cover, part = np.empty(size), np.empty(size)
    order = np.empty(size, np.int64)
    starts = np.zeros(n_rows + 1, np.int64)
    sums = np.zeros((4, classes))
    for item in range(zones.size):
        zone = zones[item]
        used = 0
        for ring in range(zone_offset[zone], zone_offset[zone + 1]):
            _, north, east_most, south_most = ring_box[ring]
            if (
                ring_sign[ring] == 0.0
                or not east_most >= left
                or not (south_most >= top and north <= top + n_rows)
            ):
                continue
            for i in range(ring_offset[ring], ring_offset[ring + 1] - 1):
                rows, cols, cover, part, used = _cross_edge(
                    x[i],
                    y[i],
                    x[i + 1],
                    y[i + 1],
                    -ring_sign[ring],
                    left,
                    top,
                    n_rows,
                    n_cols,
                    east,
                    south,
                    rows,
                    cols,
                    cover,
                    part,
                    used,
                )
        if used == 0:
            continue
        if order.size < used:
            order = np.empty(rows.size, np.int64)
        sums[:] = 0.0
        _add_pieces(rows, cols, cover, part, used, order, starts, codes, weights, sums)
        for c in range(classes):
            out[item, c] += (sums[0, c] + sums[1, c]) + (sums[2, c] + sums[3, c])
