"""Coordinate reference systems by their short names."""

from __future__ import annotations

from functools import lru_cache

import pyproj

STATE_IT = "state it with --crs EPSG:n before it is used"


def crs_text(crs: pyproj.CRS | None) -> str | None:
    """A short, exact name: "EPSG:4326" where the CRS is one of the register's, else its WKT."""
    return None if crs is None else _crs_name(crs)


@lru_cache(maxsize=256)
def _crs_name(crs: pyproj.CRS) -> str:
    """Remembered, because PROJ searches its whole register for a CRS it does not know: a second each."""
    # Drivers reorder axes and drop remarks; 70 is PROJ's word for "same, differently written".
    codes = crs.list_authority(min_confidence=70)
    best = next((c for c in codes if c.auth_name == "EPSG"), codes[0] if codes else None)
    return f"{best.auth_name}:{best.code}" if best else str(crs.to_wkt())
