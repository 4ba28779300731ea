"""GeoTIFF: the cells of one raster as migmap sees them, for QGIS and every other program."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from migmap.api import (
    ExportDocument,
    Exporter,
    ExportTools,
    Finding,
    MapLayer,
    Problem,
    Progress,
    RasterData,
)

if TYPE_CHECKING:
    import numpy as np

_STRIP_CELLS = 1 << 17
_TILE = 256


class GeoTiff(Exporter):
    """One raster layer, cell by cell: one band, compressed without loss."""

    name: ClassVar[str] = "geotiff"
    title: ClassVar[str] = "GeoTIFF"
    icon: ClassVar[str] = "mdi6.grid"
    endings: ClassVar[tuple[str, ...]] = (".tif", ".tiff")
    takes = "raster"

    def write(
        self, document: ExportDocument, target: Path, params: Any, tools: ExportTools, progress: Progress
    ) -> tuple[Finding, ...]:
        """Writes the only raster of the document: the numbers as they are used (unpacked where the file packs
        them), what counts as no data marked as such, with CRS, unit and what the layer states of itself.
        Problem: no raster, several, or a run, whose results are rows."""
        layer = _raster_of(document, target)
        assert isinstance(layer.data, RasterData)
        findings = _written(layer.data, target, progress)
        progress(1.0, f"Wrote {target.name}")
        others = [one.title for one in document.layers if one is not layer]
        if not others:
            return findings
        return (
            *findings,
            Finding(
                "features-left-out",
                "warning",
                f"{target.name} holds the cells of {layer.title} only: {', '.join(others)} is not in it.",
                count=len(others),
            ),
        )


def _raster_of(document: ExportDocument, target: Path) -> MapLayer:
    rasters = [layer for layer in document.layers if isinstance(layer.data, RasterData)]
    if document.metrics or not rasters:
        raise Problem(
            f"There are no cells to write to {target.name}: {document.title} holds rows.",
            fix="A GeoTIFF holds one raster. Write rows as .gpkg, .geojson, .xlsx or .csv.",
        )
    if len(rasters) > 1:
        named = ", ".join(layer.title for layer in rasters[:6]) + (", ..." if len(rasters) > 6 else "")
        raise Problem(
            f"{target.name} can hold one raster, and there are {len(rasters)}: {named}.",
            fix="Write them one by one.",
        )
    return rasters[0]


def _written(raster: RasterData, target: Path, progress: Progress) -> tuple[Finding, ...]:
    """The raster in `target`, tile by tile; says so where it declares a mark that the file did not."""
    import numpy as np
    import rasterio
    from rasterio._err import CPLE_BaseError
    from rasterio.enums import MaskFlags

    from migmap.geo.nodata import stand_ins
    from migmap.geo.tiles import block_shape, cut, over_tiles, window
    from migmap.io.meta import as_tags, written
    from migmap.io.rasters.raster import open_dataset

    dtype = np.dtype(raster.dtype)
    marks = stand_ins(raster.nodata)
    _, wide = block_shape(raster)
    strips = wide >= raster.width
    rows = min(raster.height, max(1, _STRIP_CELLS // raster.width)) if strips else _TILE
    tiles = cut(raster.height, raster.width, (rows, raster.width) if strips else (2 * _TILE, 2 * _TILE))
    declared = _fitting(raster.nodata, dtype)
    floating = dtype.kind == "f"
    with open_dataset(raster) as source:
        masked = MaskFlags.per_dataset in source.mask_flag_enums[raster.band - 1]
        colours = _colours(source, raster.band)
    layout: dict[str, Any] = (
        {"tiled": False, "blockysize": rows}
        if strips
        else {"tiled": True, "blockxsize": _TILE, "blockysize": _TILE}
    )
    profile: dict[str, Any] = {
        "driver": "GTiff", "width": raster.width, "height": raster.height, "count": 1, "dtype": raster.dtype,
        "crs": rasterio.crs.CRS.from_user_input(raster.crs), "transform": rasterio.Affine(*raster.transform),
        "compress": "deflate", "predictor": 3 if floating and dtype.itemsize >= 4 else 2,
        "bigtiff": "IF_SAFER", **layout,
    }  # fmt: skip
    if dtype.itemsize > 4 and not floating:
        profile["predictor"] = 1

    def read(datasets: Sequence[Any], tile: Any) -> tuple[np.ndarray, np.ndarray]:
        return _cells(raster, datasets[0], tile, marks)

    late = False
    try:
        with (
            rasterio.Env(GDAL_TIFF_INTERNAL_MASK="YES", GDAL_PAM_ENABLED="NO"),
            rasterio.open(target, "w", **profile) as out,
        ):
            if declared is not None:
                out.nodata = declared
            with_mask = masked and declared is None and not floating
            text = f"Writing {target.name}"
            for tile, (values, hidden) in zip(
                tiles, over_tiles([raster], tiles, read, progress, text), strict=True
            ):
                if hidden.any() and not with_mask:
                    if declared is None:
                        declared = out.nodata = _a_mark(values, hidden, floating)
                        late = True
                    values[hidden] = declared
                out.write(values, 1, window=window(tile))
                if with_mask:
                    out.write_mask(~hidden, window=window(tile))
            kind = raster.kind if raster.kind != "plain" and not _is_doubtful(raster) else ""
            keys = written(raster.meta, kind, raster.roles)
            _tell(out, raster, colours, as_tags({key: value for key, value in keys.items() if value != {}}))
    except (rasterio.errors.RasterioError, CPLE_BaseError) as error:
        raise Problem(
            f"{target.name} could not be written.",
            detail=str(error.__cause__ or error)[:300],
            fix="If the raster is damaged, get it again; else check that the disk is not full.",
        ) from error
    _check(target, raster)
    if not late or declared is None:
        return ()
    return (
        Finding(
            "nodata-declared",
            "info",
            f"{target.name} declares {declared:.15g} as no data; {raster.name} declared none.",
        ),
    )


def _is_doubtful(raster: RasterData) -> bool:
    """A guess must not come back as what the file states."""
    return any(one.code == "kind-unsure" for one in raster.findings)


def _cells(raster: RasterData, dataset: Any, tile: Any, marks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(values, bool array: cells that count as no data) of a tile."""
    import numpy as np

    from migmap.geo.nodata import is_stand_in
    from migmap.geo.tiles import read_cells

    values, valid = read_cells(raster, dataset, tile)
    hidden: np.ndarray = np.asarray(~valid | is_stand_in(values, marks))
    return values, hidden


def _fitting(nodata: float | None, dtype: np.dtype[Any]) -> float | None:
    """The declared no-data value where cells of the type can hold it."""
    import numpy as np

    if nodata is None or (math.isnan(nodata) and dtype.kind != "f"):
        return None
    if dtype.kind == "f":
        return float(nodata)
    ends = np.iinfo(dtype)
    return nodata if ends.min <= nodata <= ends.max and float(nodata).is_integer() else None


def _a_mark(values: np.ndarray, hidden: np.ndarray, floating: bool) -> float:
    """What marks no data where the file declares nothing: NaN, or the first number that stands for it."""
    return math.nan if floating else float(values[hidden].flat[0])


def _colours(dataset: Any, band: int) -> dict[int, tuple[int, ...]] | None:
    try:
        found: dict[int, tuple[int, ...]] = dataset.colormap(band)
    except ValueError:
        return None
    return found


def _tell(
    out: Any, raster: RasterData, colours: dict[int, tuple[int, ...]] | None, tags: dict[str, str]
) -> None:
    out.set_band_description(1, raster.name)
    if raster.unit:
        out.set_band_unit(1, raster.unit)
    if tags:
        out.update_tags(**tags)
    if colours is not None and raster.dtype in ("uint8", "uint16"):
        out.write_colormap(1, colours)


def _check(target: Path, raster: RasterData) -> None:
    """GDAL may swallow a full disk: the last cell is read back. Problem where it is not there."""
    import rasterio
    from rasterio.windows import Window

    try:
        with rasterio.open(target) as dataset:
            dataset.read(1, window=Window(raster.width - 1, raster.height - 1, 1, 1))
    except rasterio.errors.RasterioError as error:
        raise Problem(
            f"{target.name} was written incompletely.",
            fix="Check that the disk is not full and try again.",
        ) from error
