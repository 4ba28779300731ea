"""Which polygons are simple beyond doubt, in a fraction of the time GEOS needs to say so."""

from __future__ import annotations

import numpy as np

from .compiled import compiled

MAX_CHAINS = 64
_ERROR = 3.4e-16 * 8
"""Rounding of an orientation in float64, eight times over (Shewchuk 1997 bounds it by 3.33e-16)."""


@compiled
def surely_simple(points: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """bool [n]: ring i, `points[starts[i]:starts[i+1]]` (float64 [m, 2], closed), neither crosses nor touches
    itself. False means "not sure": too few corners, repeated ones, too winding, or edges too near to each
    other for the arithmetic to tell.

    First it is tried whether the ring runs once around the middle of its corners, each seen further round
    than the one before: such a ring is simple. Otherwise it is cut into chains that run one way in x. A
    chain cannot cross itself; two chains are walked together like sorted lists, and every pair of edges
    above or below each other must lie apart.
    """
    count = len(starts) - 1
    sure = np.zeros(count, dtype=np.bool_)
    begins = np.empty(MAX_CHAINS + 1, dtype=np.int64)
    for ring in range(count):
        sure[ring] = _round(points, starts[ring], starts[ring + 1]) or _simple(
            points, starts[ring], starts[ring + 1], begins
        )
    return sure


@compiled
def _round(points: np.ndarray, first: int, end: int) -> bool:
    """The ring runs exactly once around the mean of its corners, always turning the same way as seen from
    there."""
    edges = end - first - 1
    if edges < 3 or points[first, 0] != points[end - 1, 0] or points[first, 1] != points[end - 1, 1]:
        return False
    cx, cy = 0.0, 0.0
    for i in range(first, end - 1):
        cx += points[i, 0]
        cy += points[i, 1]
    cx /= edges
    cy /= edges
    way = 0.0
    rounds = 0
    ax, ay = points[first, 0] - cx, points[first, 1] - cy
    for i in range(first + 1, end):
        bx, by = points[i, 0] - cx, points[i, 1] - cy
        left, right = ax * by, ay * bx
        turn = left - right
        # Differences from the mean are rounded too: the bound is wide on purpose. NaN fails it.
        if not abs(turn) > 1e-12 * (abs(left) + abs(right)):
            return False
        if way == 0.0:
            way = 1.0 if turn > 0.0 else -1.0
        elif turn * way < 0.0:
            return False
        if ay < 0.0 <= by or by < 0.0 <= ay:
            rounds += 1
        ax, ay = bx, by
    return rounds == 2


@compiled
def _simple(points: np.ndarray, first: int, end: int, begins: np.ndarray) -> bool:
    edges = end - first - 1
    if edges < 3:
        return False
    for i in range(first, end):
        if not (np.isfinite(points[i, 0]) and np.isfinite(points[i, 1])):
            return False
    if points[first, 0] != points[end - 1, 0] or points[first, 1] != points[end - 1, 1]:
        return False
    chains = 0
    way = 0
    for i in range(edges):
        step = points[first + i + 1, 0] - points[first + i, 0]
        if step == 0.0:
            # A vertical edge is in no chain that runs one way; rare enough to leave to GEOS, but boxes
            # are common: they are tried edge by edge.
            return _few(points, first, edges) if edges <= 12 else False
        now = 1 if step > 0 else -1
        if now != way:
            if chains == MAX_CHAINS:
                return False
            begins[chains] = i
            chains += 1
            way = now
    begins[chains] = edges
    for a in range(chains):
        for b in range(a + 1, chains):
            if not _apart(points, first, edges, begins[a], begins[a + 1], begins[b], begins[b + 1]):
                return False
    return True


@compiled
def _few(points: np.ndarray, first: int, edges: int) -> bool:
    for i in range(edges):
        for j in range(i + 1, edges):
            if j == i + 1 or (i == 0 and j == edges - 1):
                if not _turns(points, first, i, j):
                    return False
            elif not _edges_apart(points, first + i, first + j):
                return False
    return True


@compiled
def _turns(points: np.ndarray, first: int, i: int, j: int) -> bool:
    """Neighbouring edges do not fold back onto each other."""
    if j == i + 1:
        a, b, c = first + i, first + j, first + j + 1
    else:
        a, b, c = first + j, first + i, first + i + 1
    ux, uy = points[b, 0] - points[a, 0], points[b, 1] - points[a, 1]
    vx, vy = points[c, 0] - points[b, 0], points[c, 1] - points[b, 1]
    if (ux == 0.0 and uy == 0.0) or (vx == 0.0 and vy == 0.0):
        return False
    if ux * vx + uy * vy > 0.0:
        return True
    left, right = ux * vy, uy * vx
    return bool(abs(left - right) > _ERROR * 4 * (abs(left) + abs(right)))


@compiled
def _apart(points: np.ndarray, first: int, edges: int, a0: int, a1: int, b0: int, b1: int) -> bool:
    """No edge of chain a (edges a0..a1) meets one of chain b, but for the corner they share."""
    ia = a0 if points[first + a0 + 1, 0] > points[first + a0, 0] else a1 - 1
    da = 1 if ia == a0 else -1
    ib = b0 if points[first + b0 + 1, 0] > points[first + b0, 0] else b1 - 1
    db = 1 if ib == b0 else -1
    while a0 <= ia < a1 and b0 <= ib < b1:
        pa, pb = first + ia, first + ib
        a_right = max(points[pa, 0], points[pa + 1, 0])
        b_right = max(points[pb, 0], points[pb + 1, 0])
        a_left = min(points[pa, 0], points[pa + 1, 0])
        b_left = min(points[pb, 0], points[pb + 1, 0])
        if a_left <= b_right and b_left <= a_right:
            low, high = min(ia, ib), max(ia, ib)
            if high == low + 1 or (low == 0 and high == edges - 1):
                if not _turns(points, first, low, high):
                    return False
            elif not _edges_apart(points, pa, pb):
                return False
        if a_right < b_right:
            ia += da
        elif b_right < a_right:
            ib += db
        else:
            # Both end at one x: the next edge of either may still meet the other's present one.
            na, nb = ia + da, ib + db
            if a0 <= na < a1 and not _checked(points, first, edges, na, ib):
                return False
            if b0 <= nb < b1 and not _checked(points, first, edges, ia, nb):
                return False
            ia, ib = na, nb
    return True


@compiled
def _checked(points: np.ndarray, first: int, edges: int, i: int, j: int) -> bool:
    low, high = min(i, j), max(i, j)
    if high == low + 1 or (low == 0 and high == edges - 1):
        return _turns(points, first, low, high)
    return _edges_apart(points, first + i, first + j)


@compiled
def _edges_apart(points: np.ndarray, p: int, q: int) -> bool:
    """Surely no common point of the edges p..p+1 and q..q+1."""
    px, py, rx, ry = points[p, 0], points[p, 1], points[p + 1, 0], points[p + 1, 1]
    qx, qy, sx, sy = points[q, 0], points[q, 1], points[q + 1, 0], points[q + 1, 1]
    if max(py, ry) < min(qy, sy) or max(qy, sy) < min(py, ry):
        return True
    if max(px, rx) < min(qx, sx) or max(qx, sx) < min(px, rx):
        return True
    one, two = _side(px, py, rx, ry, qx, qy), _side(px, py, rx, ry, sx, sy)
    if one * two > 0:
        return True
    one, two = _side(qx, qy, sx, sy, px, py), _side(qx, qy, sx, sy, rx, ry)
    return one * two > 0


@compiled
def _side(ax: float, ay: float, bx: float, by: float, cx: float, cy: float) -> int:
    """1 left of a-b, -1 right of it, 0 on it or too near to tell."""
    left = (ax - cx) * (by - cy)
    right = (ay - cy) * (bx - cx)
    turn = left - right
    if abs(turn) <= _ERROR * (abs(left) + abs(right)):
        return 0
    return 1 if turn > 0 else -1
