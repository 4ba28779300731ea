"""Area on the ellipsoid of rings whose edges are straight in longitude and latitude.

The area between the equator and latitude p, per radian of longitude, is a^2 q(p) / 2 with q of Snyder,
Map Projections: A Working Manual (USGS Professional Paper 1395, 1987), equation 3-12. Expanding its
logarithm in powers of s = sin p gives

    S(p) = b^2 * sum over j of e^(2j) (j + 1) / (2j + 1) s^(2j + 1),

a series that ends in rounding after ten terms for the Earth. A ring's area is the integral of S along
it over longitude. Along an edge straight in longitude and latitude that is dlon times the mean of S,
taken by Gauss-Legendre quadrature: with 4 points for edges up to 1 degree of latitude and 8 for
longer ones its error is below rounding (h^(2n+1) n!^4 / ((2n+1) (2n)!^3) times the derivative).
S is taken relative to the ring's first vertex through divided differences, so that nothing cancels
and a ring of a square metre keeps its digits.
"""

from __future__ import annotations

import numpy as np

from .compiled import compiled

_TERMS = 10
_X4, _W4 = np.polynomial.legendre.leggauss(4)
_X8, _W8 = np.polynomial.legendre.leggauss(8)


@compiled
def band_series(e2: float) -> np.ndarray:
    """Coefficients e^(2j) (j + 1) / (2j + 1) of the odd powers of sin p, j from 0."""
    out = np.empty(_TERMS)
    power = 1.0
    for j in range(_TERMS):
        out[j] = power * (j + 1) / (2 * j + 1)
        power *= e2
    return out


@compiled
def _band(p: float, reference: float, series: np.ndarray) -> float:
    """(S(p) - S(reference)) / b^2."""
    s, r = np.sin(p), np.sin(reference)
    step = 2.0 * np.cos(0.5 * (p + reference)) * np.sin(0.5 * (p - reference))
    # divided difference of the odd polynomial by Horner's rule on both arguments at once
    value = series[_TERMS - 1]
    quotient = value
    for j in range(_TERMS - 2, -1, -1):
        value *= r
        quotient = quotient * s + value
        value = value * r + series[j]
        quotient = quotient * s + value
    return float(step * quotient)


@compiled
def bands(lat: np.ndarray, reference: np.ndarray, a: float, e2: float) -> np.ndarray:
    """S(lat[i]) - S(reference[i]): square metres per radian of longitude between two latitudes (radians)."""
    series = band_series(e2)
    out = np.empty(lat.size)
    for i in range(lat.size):
        out[i] = a * a * (1.0 - e2) * _band(lat[i], reference[i], series)
    return out


@compiled
def ring_areas(lon: np.ndarray, lat: np.ndarray, ring_offset: np.ndarray, a: float, e2: float) -> np.ndarray:
    """Area in m2 of each closed ring, never negative. lon, lat: radians [vertices]."""
    rings = ring_offset.size - 1
    out = np.zeros(rings)
    series = band_series(e2)
    for ring in range(rings):
        start, stop = ring_offset[ring], ring_offset[ring + 1]
        if stop - start < 4:
            continue
        reference = lat[start]
        total = 0.0
        lost = 0.0
        for i in range(start, stop - 1):
            dlon = lon[i + 1] - lon[i]
            if dlon == 0.0:
                continue
            half = 0.5 * (lat[i + 1] - lat[i])
            middle = lat[i] + half
            mean = 0.0
            if half == 0.0:
                mean = _band(middle, reference, series)
            elif abs(half) < 0.009:
                for k in range(4):
                    mean += 0.5 * _W4[k] * _band(middle + half * _X4[k], reference, series)
            else:
                for k in range(8):
                    mean += 0.5 * _W8[k] * _band(middle + half * _X8[k], reference, series)
            # Kahan: a ring of a million vertices must not drift
            term = dlon * mean - lost
            new = total + term
            lost = (new - total) - term
            total = new
        out[ring] = abs(total) * a * a * (1.0 - e2)
    return out
