"""Rasters seen through a virtual one: packed numbers unpacked, longitudes turned to -180 to 180."""

from __future__ import annotations

from dataclasses import dataclass
from xml.sax.saxutils import escape

import rasterio
from rasterio import Affine

from migmap.api import Finding


def is_packed(dataset: rasterio.DatasetReader, band: int) -> bool:
    """True where a band states a scale or an offset, as many climate files do."""
    return (dataset.scales[band - 1], dataset.offsets[band - 1]) not in ((1.0, 0.0), (0.0, 0.0))


@dataclass(frozen=True, slots=True)
class Seen:
    """How a band is seen. gdal_path: the file, or a one-band GDAL virtual raster as text, which anything
    that opens a path can open instead. nodata: NaN hides cells of unpacked bands, so None."""

    gdal_path: str
    band: int
    dtype: str
    nodata: float | None
    transform: Affine
    findings: tuple[Finding, ...] = ()


def seen(dataset: rasterio.DatasetReader, gdal_path: str, band: int, title: str, *, degrees: bool) -> Seen:
    """The band as every reader should see it: value = stored x scale + offset as float64; with `degrees`,
    columns east of 180 moved to the west where the raster goes once around the Earth."""
    index = band - 1
    plain = Seen(gdal_path, band, dataset.dtypes[index], dataset.nodatavals[index], dataset.transform)
    packed = is_packed(dataset, band)
    turned, turn_said = _turned(dataset, title) if degrees else (0, None)
    transform = dataset.transform
    said: list[Finding] = [turn_said] if turn_said is not None else []
    if turned or (turn_said is not None and turn_said.code == "longitudes-shifted"):
        west = transform.c + turned * transform.a - 360.0
        transform = Affine(transform.a, 0.0, west, 0.0, transform.e, transform.f)
    if not packed and not turned:
        return Seen(plain.gdal_path, band, plain.dtype, plain.nodata, transform, tuple(said))
    if packed:
        scale, offset = dataset.scales[index], dataset.offsets[index]
        said.append(
            Finding(
                "scale-applied",
                "info",
                f"{title} stores its numbers packed; read as stored x {scale:g} + {offset:g}, as the file "
                "states.",
            )
        )
    text = _virtual(dataset, gdal_path, band, transform, turned, packed)
    dtype, nodata = ("float64", None) if packed else (plain.dtype, plain.nodata)
    return Seen(text, 1, dtype, nodata, transform, tuple(said))


def _turned(dataset: rasterio.DatasetReader, title: str) -> tuple[int, Finding | None]:
    """(how many columns lie west of 180 and go to the right, what to say)."""
    place, width = dataset.transform, dataset.width
    if place.b or place.d or place.a <= 0:
        return 0, None
    west, east = place.c, place.c + width * place.a
    if east <= 180.0 + place.a or west < -180.0 - place.a or east > 540.0 + place.a:
        return 0, None
    said = Finding(
        "longitudes-shifted",
        "info",
        f"{title} counts longitudes from {west:g} to {east:g}; those above 180 were read as western ones, "
        "from -180.",
    )
    if west >= 180.0 - place.a / 2:
        return 0, said
    if abs(width * place.a - 360.0) <= 1.5 * place.a:
        return round((180.0 - west) / place.a), said
    return 0, Finding(
        "longitudes-beyond-180",
        "warning",
        f"{title} lies across longitude 180, from {west:g} to {east:g}; what other layers have at longitudes "
        "from -180 on will not meet it. Cut it in two at 180 to use both sides.",
    )


_TYPES = {
    "uint8": "Byte", "int8": "Int8", "uint16": "UInt16", "int16": "Int16", "uint32": "UInt32",
    "int32": "Int32",
    "uint64": "UInt64", "int64": "Int64", "float32": "Float32", "float64": "Float64",
}  # fmt: skip


def _virtual(
    dataset: rasterio.DatasetReader, gdal_path: str, band: int, place: Affine, turned: int, packed: bool
) -> str:
    index, width, height = band - 1, dataset.width, dataset.height
    nodata = dataset.nodatavals[index]
    high, wide = dataset.block_shapes[index]
    crs = f"<SRS>{escape(dataset.crs.to_wkt())}</SRS>" if dataset.crs else ""
    numbers = ", ".join(repr(float(number)) for number in place.to_gdal())
    dtype = "Float64" if packed else _TYPES.get(dataset.dtypes[index], "Float64")
    shown = "nan" if packed else None if nodata is None else repr(nodata)
    parts = [(0, 0, width)] if not turned else [(turned, 0, width - turned), (0, width - turned, turned)]
    sources = ""
    for start, to, columns in parts:
        scale = ""
        if packed:
            scale = f"<ScaleOffset>{dataset.offsets[index]!r}</ScaleOffset>"
            scale += f"<ScaleRatio>{dataset.scales[index]!r}</ScaleRatio>"
            scale += "" if nodata is None else f"<NODATA>{nodata!r}</NODATA>"
        kind = "ComplexSource" if packed else "SimpleSource"
        sources += (
            f'<{kind}><SourceFilename relativeToVRT="0">{escape(gdal_path)}</SourceFilename>'
            f"<SourceBand>{band}</SourceBand>{scale}"
            f'<SrcRect xOff="{start}" yOff="0" xSize="{columns}" ySize="{height}"/>'
            f'<DstRect xOff="{to}" yOff="0" xSize="{columns}" ySize="{height}"/></{kind}>'
        )
    return (
        f'<VRTDataset rasterXSize="{width}" rasterYSize="{height}">{crs}'
        f"<GeoTransform>{numbers}</GeoTransform>"
        f'<VRTRasterBand dataType="{dtype}" band="1" blockXSize="{wide}" blockYSize="{high}">'
        + ("" if shown is None else f"<NoDataValue>{shown}</NoDataValue>")
        + f"<UnitType>{escape(dataset.units[index] or '')}</UnitType>{sources}</VRTRasterBand></VRTDataset>"
    )
