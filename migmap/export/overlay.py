"""A raster as a picture that lies on the page's map, in the colours of its style."""

from __future__ import annotations

import base64
import struct
import zlib
from typing import Any

import numpy as np

from migmap.api import Extent, MapLayer, Progress, RasterData, Style
from migmap.geo.symbology import OTHER, UNKNOWN, Swatch, swatches

from .features import LayerView

# As many pixels as the longer side gets: enough for a screen, small enough to send round.
LONGEST_SIDE = 1500
_HATCH_STEP, _HATCH_LINE = 10, 2
_VEIL = 70


def raster_view(layer: MapLayer, progress: Progress) -> LayerView:
    """The raster warped to the map's projection, as a picture in the page."""
    from migmap.geo.rasterview import class_picture, prepared_raster, with_rules
    from migmap.geo.viewport import View, to_lonlat

    data = layer.data
    assert isinstance(data, RasterData)
    raster = prepared_raster(data)
    extent = raster.extent
    if extent is None or extent.width <= 0 or extent.height <= 0:
        empty = {"title": layer.title, "visible": layer.visible, "opacity": layer.opacity, "image": ""}
        return LayerView(empty, swatches(layer.style), "raster", None, ("It has no place on a web map.",))
    longest = min(LONGEST_SIDE, max(data.width, data.height) * 4)
    unit = max(extent.width, extent.height) / longest
    width = max(round(extent.width / unit), 1)
    height = max(round(extent.height / unit), 1)
    centre = ((extent.west + extent.east) / 2, (extent.south + extent.north) / 2)
    view = View(*centre, unit)
    style = with_rules(layer.style, raster)
    index = class_picture(raster, style, view, width, height, progress)
    shown = Extent(
        centre[0] - width * unit / 2,
        centre[1] - height * unit / 2,
        centre[0] + width * unit / 2,
        centre[1] + height * unit / 2,
    )
    west, south = to_lonlat(shown.west, shown.south)
    east, north = to_lonlat(shown.east, shown.north)
    picture = base64.b64encode(indexed_png(index, style)).decode("ascii")
    # How many pixels fall into a class is no figure: the legend of a raster shows no counts.
    plain = tuple(Swatch(swatch.label, swatch.symbol) for swatch in swatches(style, index))
    payload: dict[str, Any] = {
        "title": layer.title,
        "visible": layer.visible,
        "opacity": layer.opacity,
        "image": f"data:image/png;base64,{picture}",
        "bounds": [[south, west], [north, east]],
    }
    remarks: tuple[str, ...] = ()
    if max(data.width, data.height) > longest:
        remarks = ("Shown coarser than the file; the figures come from every cell.",)
    return LayerView(payload, plain, "raster", (west, south, east, north), remarks)


def indexed_png(index: np.ndarray, style: Style) -> bytes:
    """A PNG with one palette entry a rule (true colour where there are more than a palette holds).

    index: int16 [height, width] from class_picture. Cells without data look as the style says, hatched
    ones as diagonal lines on a thin veil; outside is clear.
    """
    symbols = [rule.symbol.fill for rule in style.rules] + [style.other.fill]
    clear = len(symbols)
    no_data = clear + 1
    # A hatched unknown lets the map shine through; the veil is still there where a browser that shows
    # the picture smaller leaves lines out. Any other is filled as it says.
    filled = _rgba(style.unknown.fill)
    veil = (*filled[:3], min(filled[3], _VEIL)) if style.unknown.hatch else filled
    colours = [_rgba(colour) for colour in symbols] + [(0, 0, 0, 0), veil, (110, 110, 110, 150)]
    pixels: np.ndarray = np.full(index.shape, clear, dtype=np.int32)
    known = index >= 0
    pixels[known] = index[known]
    pixels[index == OTHER] = len(style.rules)
    missing = index == UNKNOWN
    pixels[missing] = no_data
    if style.unknown.hatch:
        diagonal = np.add.outer(np.arange(index.shape[0]), np.arange(index.shape[1]))
        pixels[missing & (diagonal % _HATCH_STEP < _HATCH_LINE)] = no_data + 1
    height, width = pixels.shape
    table = np.array(colours, dtype=np.uint8)
    small = len(colours) <= 256
    cells = pixels.astype(np.uint8) if small else table[pixels].reshape(height, width * 4)
    lines = np.zeros((height, cells.shape[1] + 1), dtype=np.uint8)
    lines[:, 1:] = cells
    palette = ((b"PLTE", table[:, :3].tobytes()), (b"tRNS", table[:, 3].tobytes())) if small else ()
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3 if small else 6, 0, 0, 0)),
        *palette,
        (b"IDAT", zlib.compress(lines.tobytes(), 9)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, body) for kind, body in chunks)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _rgba(colour: str) -> tuple[int, int, int, int]:
    if not colour:
        return (0, 0, 0, 0)
    red, green, blue, alpha = (int(colour[i : i + 2] or "ff", 16) for i in (1, 3, 5, 7))
    return (red, green, blue, alpha)
