"""Rasters that store numbers packed: what every reader sees are the values they stand for."""

from __future__ import annotations

from xml.sax.saxutils import escape

import rasterio

from migmap.api import Finding


def is_packed(dataset: rasterio.DatasetReader, band: int) -> bool:
    """True where a band states a scale or an offset, as many climate files do."""
    return (dataset.scales[band - 1], dataset.offsets[band - 1]) not in ((1.0, 0.0), (0.0, 0.0))


def unpacked(
    dataset: rasterio.DatasetReader, gdal_path: str, band: int, title: str
) -> tuple[str, tuple[Finding, ...]]:
    """(a one-band GDAL virtual raster as text, which anything that opens `gdal_path` can open instead,
    with value = stored x scale + offset as float64 and NaN for no data; the finding that says so)."""
    scale, offset = dataset.scales[band - 1], dataset.offsets[band - 1]
    nodata = dataset.nodatavals[band - 1]
    height, width = dataset.block_shapes[band - 1]
    hidden = "" if nodata is None else f"<NODATA>{nodata!r}</NODATA>"
    crs = f"<SRS>{escape(dataset.crs.to_wkt())}</SRS>" if dataset.crs else ""
    place = ", ".join(repr(float(number)) for number in dataset.transform.to_gdal())
    box = f'xOff="0" yOff="0" xSize="{dataset.width}" ySize="{dataset.height}"'
    text = (
        f'<VRTDataset rasterXSize="{dataset.width}" rasterYSize="{dataset.height}">{crs}'
        f"<GeoTransform>{place}</GeoTransform>"
        f'<VRTRasterBand dataType="Float64" band="1" blockXSize="{width}" blockYSize="{height}">'
        f"<NoDataValue>nan</NoDataValue><UnitType>{escape(dataset.units[band - 1] or '')}</UnitType>"
        f'<ComplexSource><SourceFilename relativeToVRT="0">{escape(gdal_path)}</SourceFilename>'
        f"<SourceBand>{band}</SourceBand><ScaleOffset>{offset!r}</ScaleOffset>"
        f"<ScaleRatio>{scale!r}</ScaleRatio>{hidden}"
        f"<SrcRect {box}/><DstRect {box}/></ComplexSource></VRTRasterBand></VRTDataset>"
    )
    said = Finding(
        "scale-applied",
        "info",
        f"{title} stores its numbers packed; read as stored x {scale:g} + {offset:g}, as the file states.",
    )
    return text, (said,)
