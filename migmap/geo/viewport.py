"""What part of the map a picture shows. Plain arithmetic in the canvas CRS (EPSG:3857), no libraries.

Canvas units are spherical Mercator metres (EPSG:3857: x = R lon, y = R ln tan(pi/4 + lat/2), R = 6,378,137);
they are ground metres only at the equator, so lengths for a reader go through `ground_m_per_unit`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from migmap.api import Extent

RADIUS = 6378137.0
LATITUDE_LIMIT = 85.0
"""Mercator runs to infinity at the poles: what lies beyond is drawn on this parallel."""
HALF_WORLD = math.pi * RADIUS
SQUARED_ECCENTRICITY = 0.0066943799901413165
"""First eccentricity squared of WGS 84."""

# From a tenth of a millimetre a pixel to the whole world on a stamp: beyond lies only rounding.
FINEST_UNITS_PER_PX = 0.01
COARSEST_UNITS_PER_PX = 400_000.0

WORLD = Extent(-HALF_WORLD, -19_971_868.880408563, HALF_WORLD, 19_971_868.880408563)
"""The whole canvas, to 85 degrees north and south."""
PAKISTAN = Extent(6_760_000.0, 2_690_000.0, 8_590_000.0, 4_460_000.0)
"""Where a map without layers starts."""


@dataclass(frozen=True, slots=True)
class View:
    """Centre in canvas units and canvas units per pixel (logical pixels, y down on the screen)."""

    centre_x: float
    centre_y: float
    units_per_px: float

    @classmethod
    def fit(cls, extent: Extent, width: int, height: int, margin: float = 0.06) -> View:
        """The view that shows all of `extent` (canvas units) in width x height pixels, with `margin`
        of the picture free on every side. A point or an empty extent gets a few kilometres around it."""
        free = max(1.0 - 2.0 * margin, 0.1)
        across = extent.width / (max(width, 1) * free)
        up = extent.height / (max(height, 1) * free)
        scale = max(across, up)
        if scale < FINEST_UNITS_PER_PX:
            scale = 5_000.0 / max(min(width, height), 1)
        return cls((extent.west + extent.east) / 2, (extent.south + extent.north) / 2, scale).limited()

    def limited(self) -> View:
        """The same view with scale and centre held inside the world."""
        return View(
            min(max(self.centre_x, WORLD.west), WORLD.east),
            min(max(self.centre_y, WORLD.south), WORLD.north),
            min(max(self.units_per_px, FINEST_UNITS_PER_PX), COARSEST_UNITS_PER_PX),
        )

    def to_screen(self, x: float, y: float, width: float, height: float) -> tuple[float, float]:
        """Pixel (from the upper left corner of a width x height picture) of a canvas position."""
        return (
            width / 2 + (x - self.centre_x) / self.units_per_px,
            height / 2 - (y - self.centre_y) / self.units_per_px,
        )

    def to_canvas(self, px: float, py: float, width: float, height: float) -> tuple[float, float]:
        """Canvas position of a pixel; the inverse of `to_screen`."""
        return (
            self.centre_x + (px - width / 2) * self.units_per_px,
            self.centre_y - (py - height / 2) * self.units_per_px,
        )

    def pixels(self, coordinates: np.ndarray, width: float, height: float) -> np.ndarray:
        """`to_screen` for an array [n, 2] of canvas coordinates -> float64 [n, 2] pixels."""
        found = np.empty((len(coordinates), 2), dtype=np.float64)
        found[:, 0] = (coordinates[:, 0] - self.centre_x) / self.units_per_px + width / 2
        found[:, 1] = (self.centre_y - coordinates[:, 1]) / self.units_per_px + height / 2
        return found

    def extent(self, width: float, height: float) -> Extent:
        """The box shown by a width x height picture, in canvas units."""
        half_x, half_y = width / 2 * self.units_per_px, height / 2 * self.units_per_px
        return Extent(
            self.centre_x - half_x, self.centre_y - half_y, self.centre_x + half_x, self.centre_y + half_y
        )

    def panned(self, dx_px: float, dy_px: float) -> View:
        """The view after the map was pushed by so many pixels to the right and down."""
        return View(
            self.centre_x - dx_px * self.units_per_px,
            self.centre_y + dy_px * self.units_per_px,
            self.units_per_px,
        ).limited()

    def zoomed(self, factor: float, px: float, py: float, width: float, height: float) -> View:
        """The view `factor` times closer with the place under pixel (px, py) left where it is."""
        x, y = self.to_canvas(px, py, width, height)
        scale = min(max(self.units_per_px / factor, FINEST_UNITS_PER_PX), COARSEST_UNITS_PER_PX)
        return View(
            x - (px - width / 2) * scale,
            y + (py - height / 2) * scale,
            scale,
        ).limited()

    def enlarged(self, ratio: float) -> View:
        """The same view for a picture with `ratio` times as many pixels along each side."""
        return View(self.centre_x, self.centre_y, self.units_per_px / ratio)

    @property
    def ground_m_per_px(self) -> float:
        """Ground metres per pixel along the parallel through the centre."""
        return self.units_per_px * ground_m_per_unit(to_lonlat(self.centre_x, self.centre_y)[1])


def to_canvas(longitude: float, latitude: float) -> tuple[float, float]:
    """Canvas position of a WGS 84 position in degrees; latitudes are held within 85 degrees."""
    held = min(max(latitude, -LATITUDE_LIMIT), LATITUDE_LIMIT)
    return (
        RADIUS * math.radians(longitude),
        RADIUS * math.log(math.tan(math.pi / 4 + math.radians(held) / 2)),
    )


def to_lonlat(x: float, y: float) -> tuple[float, float]:
    """WGS 84 longitude and latitude in degrees of a canvas position."""
    return (
        math.degrees(x / RADIUS),
        math.degrees(2 * math.atan(math.exp(y / RADIUS)) - math.pi / 2),
    )


def ground_m_per_unit(latitude: float) -> float:
    """Ground metres in one canvas unit along the parallel at `latitude` (degrees), on the WGS 84
    ellipsoid: cos(lat) / sqrt(1 - e2 sin2(lat)), the parallel's radius over the Mercator radius."""
    phi = math.radians(latitude)
    return math.cos(phi) / math.sqrt(1.0 - SQUARED_ECCENTRICITY * math.sin(phi) ** 2)


def round_number(at_most: float, steps: Sequence[float] = (1.0, 2.0, 5.0)) -> float:
    """The largest of 1, 2, 5 x 10^n that is not above `at_most` (> 0)."""
    power = 10.0 ** math.floor(math.log10(at_most))
    return max(step * power for step in steps if step * power <= at_most * (1 + 1e-9))


def graticule_step(span_degrees: float, lines: int = 6) -> float:
    """Degrees between the lines of a graticule so that about `lines` cross `span_degrees`."""
    wanted = max(span_degrees, 1e-6) / lines
    for step in (30.0, 20.0, 10.0, 5.0, 2.0, 1.0, 0.5, 0.25, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001):
        if step <= wanted * 1.25:
            return step
    return 0.0005
