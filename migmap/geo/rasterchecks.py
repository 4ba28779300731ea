"""What is odd about a raster, from every cell of it, and about a raster beside sites or other rasters."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import rasterio.errors
import shapely
from rasterio._err import CPLE_BaseError

from migmap.api import Finding, Problem, Progress, RasterData, VectorData, no_progress, part
from migmap.io.crsnames import crs_text
from migmap.io.rasters.cellvalues import CellTally
from migmap.io.rasters.raster import open_dataset
from migmap.io.rasters.rasterfile import is_picture
from migmap.io.rasters.rasterfindings import SUSPECTED, value_findings
from migmap.io.rasters.rasterwords import about
from migmap.io.reference import stem

from .crs import same_crs
from .ground import ground_area_m2
from .peoplereadings import people_total
from .tiles import Tile, over_tiles, read_mask, read_values, tiles_of
from .wording import counted

COARSE = 4.0
"""A cell this many times as wide as the sites says nothing about a site alone."""
_MOST_SITES = 20_000
_SAMPLED_CODES = frozenset(
    [
        "nodata-undeclared",
        "nan-undeclared",
        "no-data-everywhere",
        "one-value-everywhere",
        "nodata-suspected",
        "values-impossible",
        "unit-not-stated",
        "unit-doubtful",
        "cells-unreadable",
        "negative-people",
    ]
)


def tally_of(raster: RasterData, progress: Progress = no_progress) -> CellTally:
    """The values of every cell. Damaged blocks are counted, not raised."""
    nodata = math.nan if raster.gdal_path.startswith("<VRT") and raster.nodata is None else raster.nodata
    whole = CellTally(nodata, raster.width * raster.height)

    def look(datasets: Sequence[Any], tile: Tile) -> tuple[np.ndarray, np.ndarray | None] | str:
        try:
            return read_values(raster, datasets[0], tile), read_mask(raster, datasets[0], tile)
        except (rasterio.errors.RasterioError, CPLE_BaseError) as error:
            return str(error.__cause__ or error)

    for found in over_tiles([raster], tiles_of(raster), look, progress, f"Looking through {raster.name}"):
        if isinstance(found, str):
            whole.blocks += 1
            whole.unreadable += 1
            whole.reason = whole.reason or found
        else:
            whole.add(*found)
    return whole


def checked_raster(raster: RasterData, progress: Progress = no_progress) -> RasterData:
    """The raster with what a look at every cell says in place of what a look at a part said, and, for a
    population raster, with the people it holds."""
    if raster.kind == "basemap":
        return raster
    people = raster.kind == "population" and not raster.is_rotated
    tally = tally_of(raster, part(progress, 0.0, 0.6 if people else 1.0))
    kept = [one for one in raster.findings if one.code not in _SAMPLED_CODES]
    fixed = next((one for one in raster.findings if one.code == SUSPECTED and one.applied), None)
    with open_dataset(raster) as dataset:
        picture = is_picture(dataset, raster.band)
    meant = about(
        raster.name,
        f"{raster.name} {stem(Path(raster.source.path))}",
        "",
        raster.unit,
        kind=raster.kind if raster.kind in ("population", "hazard") else None,
        is_picture=picture,
    )
    found = list(value_findings(meant, tally, raster.dtype))
    if fixed is not None:
        found.append(fixed)
    if people and not tally.unreadable:
        found.append(people_total(raster, part(progress, 0.6, 1.0)))
    return replace(raster, findings=(*kept, *found))


def cell_width_m(raster: RasterData) -> float:
    """Side in metres of a square with the ground of the raster's middle cell; inf where it has none.
    Problem where the CRS cannot express it."""
    a, b, c, d, e, f = raster.transform
    column, row = raster.width // 2, raster.height // 2
    corners = [(column, row), (column + 1, row), (column + 1, row + 1), (column, row + 1)]
    ring = [(a * x + b * y + c, d * x + e * y + f) for x, y in corners]
    area = float(ground_area_m2(np.array([shapely.Polygon(ring)], dtype=object), raster.crs)[0])
    return math.sqrt(area) if area > 0 else math.inf


def cell_size_against(raster: RasterData, sites: VectorData) -> Finding | None:
    """The finding `cells-coarse-for-sites` where cells are so large that a site and all around it share one
    value: wider than four times the typical site (polygons), or so large that several sites typically lie
    in one cell (points). None where the two fit, or the sites are too few to say."""
    if sites.frame.crs is None or raster.kind == "basemap":
        return None
    shapes = sites.frame.geometry.to_numpy()
    shapes = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    if not len(shapes):
        return None
    try:
        width = cell_width_m(raster)
    except Problem:
        return None
    if not math.isfinite(width):
        return None
    if len(shapes) > _MOST_SITES:
        shapes = shapes[:: math.ceil(len(shapes) / _MOST_SITES)]
    flat = shapely.get_dimensions(shapes) == 2
    if flat.mean() > 0.5:
        areas = ground_area_m2(shapes[flat], sites.frame.crs)
        typical = math.sqrt(float(np.median(areas)))
        if typical <= 0 or width <= COARSE * typical:
            return None
        said = f"a typical site of {sites.title} is {_length(typical)} across"
        share = float((np.sqrt(areas) * COARSE < width).mean())
        count = round(share * int(flat.sum()))
    else:
        held, count = _sites_a_cell(raster, shapes, sites)
        if held < 3:
            return None
        said = f"a cell with sites of {sites.title} holds {held:.0f} of them"
    return Finding(
        "cells-coarse-for-sites",
        "warning",
        f"{raster.name} has cells of {_length(width)}, and {said}: sites close together get one and the same "
        "value, and what differs within a cell is not seen.",
        count,
    )


def _sites_a_cell(raster: RasterData, shapes: np.ndarray, sites: VectorData) -> tuple[float, int]:
    """(sites in the cell of the middle site, sites that share a cell)."""
    from .crs import moved

    spots = shapely.get_coordinates(shapely.centroid(shapes))
    if not same_crs(sites.frame.crs, raster.crs):
        spots = moved(spots, sites.frame.crs, raster.crs)
    a, b, c, d, e, f = raster.transform
    turn = a * e - b * d
    if turn == 0:
        return 0.0, 0
    x, y = spots[:, 0] - c, spots[:, 1] - f
    column, row = np.floor((e * x - b * y) / turn), np.floor((a * y - d * x) / turn)
    inside = (column >= 0) & (column < raster.width) & (row >= 0) & (row < raster.height)
    if inside.sum() < 10:
        return 0.0, 0
    cells = row[inside] * raster.width + column[inside]
    _, at, counts = np.unique(cells, return_inverse=True, return_counts=True)
    each = counts[at]
    return float(np.median(each)), int((each > 1).sum())


def _length(metres: float) -> str:
    if metres >= 1_000:
        return f"{metres / 1_000:,.3g} km"
    return f"{metres:,.3g} m"


def grids_against(rasters: Sequence[RasterData]) -> tuple[Finding, ...]:
    """Differences between rasters that belong together: `set-crs-differs`, `set-units-differs` and
    `set-grids-differ` (cell size, extent, cells shifted by a part of a cell)."""
    if len(rasters) < 2:
        return ()
    first = rasters[0]
    found: list[Finding] = []
    other_crs = [
        one
        for one in rasters[1:]
        if not same_crs(one.crs, first.crs) and crs_text(one.crs) != crs_text(first.crs)
    ]
    if other_crs:
        found.append(
            Finding(
                "set-crs-differs",
                "warning",
                f"{_names(other_crs)} {_is(other_crs)} in another coordinate system "
                f"({other_crs[0].crs.name}) than {first.name} ({first.crs.name}).",
                len(other_crs),
            )
        )
    sizes, shifts, extents = [], [], []
    for one in rasters[1:]:
        if one in other_crs:
            continue
        wide = abs(one.transform[0] / first.transform[0] - 1) if first.transform[0] else 0.0
        high = abs(one.transform[4] / first.transform[4] - 1) if first.transform[4] else 0.0
        if max(wide, high) * max(one.width, one.height) > 0.5:
            sizes.append(one)
        elif max(_shift(one, first)) > 0.02:
            shifts.append(one)
        elif (one.width, one.height) != (first.width, first.height) or max(_offset(one, first)) > 0.5:
            extents.append(one)
    for odd, what in (
        (sizes, "cells of another size than"),
        (shifts, "cells shifted by a part of a cell against those of"),
        (extents, "another extent than"),
    ):
        if odd:
            detail = ""
            if odd is shifts:
                detail = f" (by {max(_shift(odd[0], first)):.2g} of a cell)"
            elif odd is sizes:
                detail = f" ({abs(odd[0].transform[0]):g} against {abs(first.transform[0]):g})"
            found.append(
                Finding(
                    "set-grids-differ",
                    "info" if odd is extents else "warning",
                    f"{_names(odd)} {_has(odd)} {what} {first.name}{detail}.",
                    len(odd),
                )
            )
    units = sorted({one.unit for one in rasters if one.unit})
    if len(units) > 1:
        found.append(
            Finding(
                "set-units-differ",
                "warning",
                f"The rasters state different units: {', '.join(f'“{unit}”' for unit in units)}.",
                len(units),
            )
        )
    return tuple(found)


def _offset(one: RasterData, first: RasterData) -> tuple[float, float]:
    """How many cells the upper left corners lie apart."""
    a, _, c, _, e, f = first.transform
    return abs((one.transform[2] - c) / a) if a else 0.0, abs((one.transform[5] - f) / e) if e else 0.0


def _shift(one: RasterData, first: RasterData) -> tuple[float, float]:
    across, down = _offset(one, first)
    return abs(across - round(across)), abs(down - round(down))


def _names(rasters: Sequence[RasterData]) -> str:
    names = [one.name for one in rasters]
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")


def _is(rasters: Sequence[RasterData]) -> str:
    return "is" if len(rasters) == 1 else "are"


def _has(rasters: Sequence[RasterData]) -> str:
    return "has" if len(rasters) == 1 else "have"


def rising(lower: RasterData, higher: RasterData, progress: Progress = no_progress) -> tuple[int, int]:
    """(cells where the rarer event `higher` is smaller, cells compared) of two rasters on one grid; a cell
    without data in the rarer one counts as smaller where the other holds something above zero."""
    from .nodata import is_stand_in, stand_ins

    def values(raster: RasterData, dataset: Any, tile: Tile) -> np.ndarray:
        stored = read_values(raster, dataset, tile)
        out = stored.astype(np.float64)
        if raster.nodata is not None and not math.isnan(raster.nodata):
            out[stored == raster.nodata] = np.nan
        out[is_stand_in(stored, stand_ins(raster.nodata))] = np.nan
        mask = read_mask(raster, dataset, tile)
        if mask is not None:
            out[~mask] = np.nan
        out[~np.isfinite(out)] = 0.0
        return out

    def compare(datasets: Sequence[Any], tile: Tile) -> tuple[int, int]:
        low, high = values(lower, datasets[0], tile), values(higher, datasets[1], tile)
        wet = (low > 0) | (high > 0)
        # A thousandth is rounding of the model, not a lower flood.
        falls = high < low - 1e-3 * np.maximum(np.abs(low), 1e-9)
        return int((falls & wet).sum()), int(wet.sum())

    fallen = compared = 0
    text = f"Comparing {lower.name} with {higher.name}"
    for falls, wet in over_tiles([lower, higher], tiles_of(lower), compare, progress, text):
        fallen += falls
        compared += wet
    return fallen, compared


def falls_short(lower: RasterData, higher: RasterData, fallen: int, compared: int) -> Finding | None:
    """The finding `set-does-not-rise`; None where the rarer event is nowhere smaller."""
    if not fallen:
        return None
    share = fallen / max(compared, 1)
    return Finding(
        "set-does-not-rise",
        "warning" if share > 0.01 else "info",
        f"{higher.name} is smaller than the more frequent {lower.name} in {counted(fallen, 'cell')}, "
        f"{share:.1%} of those that either reaches.".replace("%", " %"),
        fallen,
    )
