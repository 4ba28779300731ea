"""GDAL's complaints in words a user can act on."""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import pyproj

from migmap.api import Problem

_OWN_FOLDER = re.compile(r"\S*migmap-\w+/layer\.\w+|/vsizip/\{[^}]*\}/")


@contextmanager
def in_plain_words(title: str, what: str) -> Iterator[None]:
    """Turn errors of pyogrio and rasterio inside the block into a Problem on `title` (the file), which
    should have been `what` ("a shapefile"). Their warnings repeat what our findings say: hushed."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except _complaints() as error:
        raise Problem(
            f"{title} cannot be read as {what}.",
            detail=_tidy(str(error), title),
            fix="The file may be damaged or incomplete: download or export it again.",
        ) from error


def _complaints() -> tuple[type[Exception], ...]:
    """What GDAL's complaints come as. Asked for only once there is one: pyogrio brings all of pandas, which
    a look at a raster has no use for, and features and tables have none for rasterio."""
    import pyogrio.errors
    import rasterio.errors

    return (
        pyogrio.errors.DataSourceError,
        pyogrio.errors.DataLayerError,
        pyogrio.errors.FeatureError,
        pyogrio.errors.GeometryError,
        pyogrio.errors.CRSError,
        rasterio.errors.RasterioError,
        UnicodeDecodeError,
    )


def _tidy(text: str, title: str) -> str:
    """First line of GDAL's message without the path the title already names."""
    line = text.strip().splitlines()[0] if text.strip() else ""
    if "not recognized as being in a supported file format" in line:
        return "It does not begin as such a file does."
    for name in (os.path.abspath(title), title):
        line = line.replace(name, "the file")
    line = _OWN_FOLDER.sub("the file", line).strip()
    return line if not line or line.endswith(".") else line + "."


def known_crs(text: str) -> pyproj.CRS:
    """The CRS a user named. Problem where pyproj knows none of that name."""
    try:
        return pyproj.CRS.from_user_input(text)
    except (pyproj.exceptions.CRSError, TypeError) as error:
        raise Problem(
            f"“{text}” is no coordinate reference system.",
            fix="Give a code such as EPSG:4326 (longitude, latitude) or EPSG:32642 (UTM zone 42 north).",
        ) from error
