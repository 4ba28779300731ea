"""Lines over the ellipsoid: their length, and where they meet grid lines and borders.

An edge runs straight from its start (s = 0) to its end (s = 1); a piece of it is a span of s.

Along an edge straight in longitude and latitude ds^2 = M^2 dlat^2 + N^2 cos^2 lat dlon^2 with the radii of
curvature M = a (1 - e^2) / W^3 and N = a / W, W^2 = 1 - e^2 sin^2 lat, of Snyder, Map Projections: A Working
Manual (USGS Professional Paper 1395, 1987), equations 4-18 and 4-20. Gauss-Legendre quadrature of ds ends in
rounding where a step is short against the distance to the pole, which is where the integrand stops being
smooth: with 4 points up to 1/20 of it, with 8 up to 1/2.
"""

from __future__ import annotations

import numpy as np

from .compiled import compiled

_X4, _W4 = np.polynomial.legendre.leggauss(4)
_X8, _W8 = np.polynomial.legendre.leggauss(8)

# Shorter steps of latitude (radians) are taken as they are, however near the pole.
_LEAST_STEP = 1e-12

# What is nearer to a line than this share of a bin is looked for in the next bin as well.
_BIN_SLACK = 1e-6


@compiled
def lonlat_lengths(
    lon: np.ndarray,
    lat: np.ndarray,
    edge: np.ndarray,
    start: np.ndarray,
    stop: np.ndarray,
    a: float,
    e2: float,
) -> np.ndarray:
    """Metres of each piece. lon, lat: radians [edges, 2], the ends. edge: int64 [m]; start, stop: [m]."""
    out = np.empty(edge.size)
    for i in range(edge.size):
        k = edge[i]
        dlon, dlat = lon[k, 1] - lon[k, 0], lat[k, 1] - lat[k, 0]
        total = 0.0
        s = start[i]
        while s < stop[i]:
            step = stop[i] - s
            few = True
            while True:
                first, last = lat[k, 0] + s * dlat, lat[k, 0] + (s + step) * dlat
                room = 0.5 * np.pi - max(abs(first), abs(last))
                rise = abs(step * dlat)
                few = rise <= 0.05 * room or rise <= _LEAST_STEP
                if few or rise <= 0.5 * room:
                    break
                step *= 0.5
            middle, half = s + 0.5 * step, 0.5 * step
            mean = 0.0
            if few:
                for j in range(4):
                    mean += 0.5 * _W4[j] * _speed(lat[k, 0] + (middle + half * _X4[j]) * dlat, dlon, dlat, e2)
            else:
                for j in range(8):
                    mean += 0.5 * _W8[j] * _speed(lat[k, 0] + (middle + half * _X8[j]) * dlat, dlon, dlat, e2)
            total += mean * step
            s = stop[i] if step == stop[i] - s else s + step
        out[i] = a * total
    return out


@compiled
def _speed(lat: float, dlon: float, dlat: float, e2: float) -> float:
    """ds for one unit of s, in semi-major axes."""
    sine = np.sin(lat)
    w2 = 1.0 - e2 * sine * sine
    north = (1.0 - e2) / w2 * dlat
    east = np.cos(lat) * dlon
    return float(np.sqrt((north * north + east * east) / w2))


@compiled
def window_lengths(
    plane: np.ndarray,
    first_window: np.ndarray,
    scale: np.ndarray,
    half: np.ndarray,
    edge: np.ndarray,
    start: np.ndarray,
    stop: np.ndarray,
) -> np.ndarray:
    """Metres of each piece of edges straight in a plane.

    plane: [edges], length in the plane. first_window: int64 [edges + 1]; the windows of an edge share it
    out evenly. scale: [windows, c], metres on the ground for one of the plane as a polynomial, rising
    powers, of z, the distance from the window's middle in `half` [windows].
    """
    out = np.empty(edge.size)
    for i in range(edge.size):
        k = edge[i]
        count = first_window[k + 1] - first_window[k]
        low = max(0, min(count - 1, int(np.floor(start[i] * count))))
        high = max(0, min(count - 1, int(np.ceil(stop[i] * count)) - 1))
        total = 0.0
        for j in range(low, high + 1):
            w = first_window[k] + j
            begin = start[i] if j == low else j / count
            end = stop[i] if j == high else (j + 1) / count
            middle = (j + 0.5) / count
            z0 = (begin - middle) * plane[k] / half[w]
            z1 = (end - middle) * plane[k] / half[w]
            at0, at1 = 0.0, 0.0
            for power in range(scale.shape[1] - 1, -1, -1):
                c = scale[w, power] / (power + 1)
                at0 = at0 * z0 + c
                at1 = at1 * z1 + c
            total += (at1 * z1 - at0 * z0) * half[w]
        out[i] = total
    return out


@compiled
def grid_cuts(
    u0: np.ndarray, v0: np.ndarray, u1: np.ndarray, v1: np.ndarray, width: int, height: int
) -> tuple[np.ndarray, np.ndarray]:
    """Where edges meet the lines of a grid whose lines have whole coordinates: (edge, share of it).

    Edges with NaN, and those beside the grid, meet none.
    """
    count = 0
    for turn in range(2):
        if turn == 1:
            edge, share = np.empty(count, np.int64), np.empty(count)
        count = 0
        for i in range(u0.size):
            low_u, high_u = min(u0[i], u1[i]), max(u0[i], u1[i])
            low_v, high_v = min(v0[i], v1[i]), max(v0[i], v1[i])
            # written so that NaN fails
            if not (high_u >= 0.0 and low_u <= width and high_v >= 0.0 and low_v <= height):
                continue
            if high_u > low_u:
                for j in range(
                    int(np.ceil(max(low_u, 0.0))), int(np.floor(min(high_u, np.float64(width)))) + 1
                ):
                    if turn == 1:
                        edge[count], share[count] = i, (j - u0[i]) / (u1[i] - u0[i])
                    count += 1
            if high_v > low_v:
                for j in range(
                    int(np.ceil(max(low_v, 0.0))), int(np.floor(min(high_v, np.float64(height)))) + 1
                ):
                    if turn == 1:
                        edge[count], share[count] = i, (j - v0[i]) / (v1[i] - v0[i])
                    count += 1
    return edge, share


@compiled
def sorted_cuts(edge: np.ndarray, share: np.ndarray, edges: int) -> tuple[np.ndarray, np.ndarray]:
    """Cuts (edge int64 [c], share [c]) by edge and share: (int64 [edges + 1], where the cuts of each edge
    start; their shares [c])."""
    first = np.zeros(edges + 1, np.int64)
    for i in range(edge.size):
        first[edge[i] + 1] += 1
    for i in range(edges):
        first[i + 1] += first[i]
    place = first[:-1].copy()
    out = np.empty(share.size)
    for i in range(edge.size):
        out[place[edge[i]]] = share[i]
        place[edge[i]] += 1
    for i in range(edges):
        if first[i + 1] - first[i] > 1:
            out[first[i] : first[i + 1]] = np.sort(out[first[i] : first[i + 1]])
    return first, out


@compiled
def holding(
    span_edge: np.ndarray, span_start: np.ndarray, edge: np.ndarray, middle: np.ndarray
) -> np.ndarray:
    """Which span each place (edge, middle) lies in, int64 [m]. Both rise; every edge has a span from 0."""
    out = np.empty(edge.size, np.int64)
    at = 0
    for i in range(edge.size):
        while at + 1 < span_edge.size and (
            span_edge[at + 1] < edge[i] or (span_edge[at + 1] == edge[i] and span_start[at + 1] <= middle[i])
        ):
            at += 1
        out[i] = at
    return out


@compiled
def spans(
    first: np.ndarray, share: np.ndarray, tolerance: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cut edges into pieces: (edge int64 [m], start [m], stop [m]), rising.

    first: int64 [edges + 1], share: [c], as from `sorted_cuts`. tolerance: [edges], cuts nearer than this to
    another or to an end are left out.
    """
    edges = tolerance.size
    whole = share.size + edges
    out, start, stop = np.empty(whole, np.int64), np.empty(whole), np.empty(whole)
    count = 0
    for i in range(edges):
        at = 0.0
        for j in range(first[i], first[i + 1]):
            s = share[j]
            if s - at > tolerance[i] and 1.0 - s > tolerance[i]:
                out[count], start[count], stop[count] = i, at, s
                count += 1
                at = s
        out[count], start[count], stop[count] = i, at, 1.0
        count += 1
    return out[:count], start[:count], stop[:count]


@compiled
def _columns(
    x0: float, y0: float, x1: float, y1: float, row: int, frame: np.ndarray, nx: int
) -> tuple[int, int]:
    """First and last bin (of nx) that a segment, which meets this row of bins, meets there."""
    low, high = frame[1] + row * frame[3], frame[1] + (row + 1) * frame[3]
    slack = _BIN_SLACK * frame[3]
    a, b = x0, x1
    if y1 != y0:
        t0, t1 = (low - slack - y0) / (y1 - y0), (high + slack - y0) / (y1 - y0)
        if t0 > t1:
            t0, t1 = t1, t0
        t0, t1 = max(0.0, min(1.0, t0)), max(0.0, min(1.0, t1))
        a, b = x0 + t0 * (x1 - x0), x0 + t1 * (x1 - x0)
    if a > b:
        a, b = b, a
    first = np.floor((a - frame[0]) / frame[2] - _BIN_SLACK)
    last = np.floor((b - frame[0]) / frame[2] + _BIN_SLACK)
    # far outside, numbers beyond int64 must not wrap
    return int(max(-1.0, min(first, nx + 0.0))), int(max(-1.0, min(last, nx + 0.0)))


@compiled
def _rows(y0: float, y1: float, frame: np.ndarray, ny: int) -> tuple[int, int]:
    low, high = min(y0, y1), max(y0, y1)
    first = np.floor((low - frame[1]) / frame[3] - _BIN_SLACK)
    last = np.floor((high - frame[1]) / frame[3] + _BIN_SLACK)
    return int(max(0.0, min(first, ny + 0.0))), int(max(-1.0, min(last, ny - 1.0)))


@compiled
def binned(
    x0: np.ndarray, y0: np.ndarray, x1: np.ndarray, y1: np.ndarray, frame: np.ndarray, nx: int, ny: int
) -> tuple[np.ndarray, np.ndarray]:
    """Segments by the bins they meet: (int64 [nx * ny + 1] where each bin starts, int64 segments).

    frame: west, south, width and height of a bin.
    """
    start = np.zeros(nx * ny + 1, np.int64)
    for i in range(x0.size):
        bottom, top = _rows(y0[i], y1[i], frame, ny)
        for row in range(bottom, top + 1):
            left, right = _columns(x0[i], y0[i], x1[i], y1[i], row, frame, nx)
            for col in range(max(left, 0), min(right, nx - 1) + 1):
                start[row * nx + col + 1] += 1
    for i in range(nx * ny):
        start[i + 1] += start[i]
    items = np.empty(start[-1], np.int64)
    place = start[:-1].copy()
    for i in range(x0.size):
        bottom, top = _rows(y0[i], y1[i], frame, ny)
        for row in range(bottom, top + 1):
            left, right = _columns(x0[i], y0[i], x1[i], y1[i], row, frame, nx)
            for col in range(max(left, 0), min(right, nx - 1) + 1):
                items[place[row * nx + col]] = i
                place[row * nx + col] += 1
    return start, items


@compiled
def _meeting(
    ax: float,
    ay: float,
    bx: float,
    by: float,
    cx: float,
    cy: float,
    dx: float,
    dy: float,
    tolerance: float,
) -> tuple[int, float, float]:
    """(0, ..) where edge ab and segment cd do not meet, (1, s, s) where they cross, (2, s, s') where cd runs
    along ab from s to s'. What is nearer than the tolerance to a line lies on it."""
    rx, ry, qx, qy = bx - ax, by - ay, dx - cx, dy - cy
    r, q = np.sqrt(rx * rx + ry * ry), np.sqrt(qx * qx + qy * qy)
    if r == 0.0 or q == 0.0:
        return 0, 0.0, 0.0
    # distances of the ends from the other's line
    c = (rx * (cy - ay) - ry * (cx - ax)) / r
    d = (rx * (dy - ay) - ry * (dx - ax)) / r
    if (c > tolerance and d > tolerance) or (c < -tolerance and d < -tolerance):
        return 0, 0.0, 0.0
    a = (qx * (ay - cy) - qy * (ax - cx)) / q
    b = (qx * (by - cy) - qy * (bx - cx)) / q
    if (a > tolerance and b > tolerance) or (a < -tolerance and b < -tolerance):
        return 0, 0.0, 0.0
    along = (abs(c) <= tolerance and abs(d) <= tolerance) or (abs(a) <= tolerance and abs(b) <= tolerance)
    if along:
        s = ((cx - ax) * rx + (cy - ay) * ry) / (r * r)
        e = ((dx - ax) * rx + (dy - ay) * ry) / (r * r)
        if s > e:
            s, e = e, s
        s, e = max(s, 0.0), min(e, 1.0)
        if e < s:
            return 0, 0.0, 0.0
        return 2, s, e
    if a == b:
        return 0, 0.0, 0.0
    s = max(0.0, min(1.0, a / (a - b)))
    return 1, s, s


@compiled
def border_cuts(
    ax: np.ndarray,
    ay: np.ndarray,
    bx: np.ndarray,
    by: np.ndarray,
    cx: np.ndarray,
    cy: np.ndarray,
    dx: np.ndarray,
    dy: np.ndarray,
    frame: np.ndarray,
    nx: int,
    ny: int,
    bin_start: np.ndarray,
    bin_items: np.ndarray,
    tolerance: float,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Where edges ab meet segments cd: (edge, share of it) of every meeting, and (edge, from, to, segment)
    where a segment runs along an edge. Some are told more than once. frame, nx, ny and bins: see `binned`.
    Edges with NaN meet none."""
    cut_edge, cut = np.empty(64, np.int64), np.empty(64)
    cuts = 0
    run_edge, run_segment = np.empty(64, np.int64), np.empty(64, np.int64)
    run_from, run_to = np.empty(64), np.empty(64)
    runs = 0
    for i in range(ax.size):
        if not np.isfinite(ax[i] + ay[i] + bx[i] + by[i]):
            continue
        bottom, top = _rows(ay[i], by[i], frame, ny)
        for row in range(bottom, top + 1):
            left, right = _columns(ax[i], ay[i], bx[i], by[i], row, frame, nx)
            for col in range(max(left, 0), min(right, nx - 1) + 1):
                for place in range(bin_start[row * nx + col], bin_start[row * nx + col + 1]):
                    k = bin_items[place]
                    kind, s, e = _meeting(ax[i], ay[i], bx[i], by[i], cx[k], cy[k], dx[k], dy[k], tolerance)
                    if kind == 0:
                        continue
                    if cuts + 2 > cut.size:
                        cut_edge = np.concatenate((cut_edge, np.empty(cut.size, np.int64)))
                        cut = np.concatenate((cut, np.empty(cut.size)))
                    cut_edge[cuts], cut[cuts] = i, s
                    cuts += 1
                    if kind == 1:
                        continue
                    cut_edge[cuts], cut[cuts] = i, e
                    cuts += 1
                    if runs == run_edge.size:
                        run_edge = np.concatenate((run_edge, np.empty(runs, np.int64)))
                        run_segment = np.concatenate((run_segment, np.empty(runs, np.int64)))
                        run_from = np.concatenate((run_from, np.empty(runs)))
                        run_to = np.concatenate((run_to, np.empty(runs)))
                    run_edge[runs], run_segment[runs] = i, k
                    run_from[runs], run_to[runs] = s, e
                    runs += 1
    return (
        cut_edge[:cuts].copy(),
        cut[:cuts].copy(),
        run_edge[:runs].copy(),
        run_from[:runs].copy(),
        run_to[:runs].copy(),
        run_segment[:runs].copy(),
    )
