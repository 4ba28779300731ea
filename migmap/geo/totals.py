"""Places as totals by area, for data whose single positions must not travel."""

from __future__ import annotations

import math
from dataclasses import replace

import geopandas
import numpy as np
import pandas as pd
import shapely

from migmap.api import VectorData

from .areas import area_set
from .crs import WGS84
from .positions import positions
from .smallcounts import FEWEST, hidden

_BOX_STEP = 0.05
"""Degrees (about 5 km) a box around everything is rounded outwards to, so that its edges show nobody."""


def totals_by_area(
    sites: VectorData, areas: VectorData | None, what: str = "households", *, small: bool = False
) -> tuple[VectorData, int]:
    """(one row per area: id, name, `what` (rows of `sites` in it), people where a column plays that role;
    how many of the rows are not shown).

    small: also small counts are shown. Else they have no value, and a column "shown" says "<5" of them,
    "hidden" of those that are hidden with them (see `smallcounts`), and of all others the count.

    areas: polygons; None: one row, a box around all of them rounded outwards. Rows of `sites` outside all
    areas or without a position are counted in a last row without a shape, so that the sums are those of
    `sites`. A place inside two areas counts in the first of them.
    """
    where = positions(sites)
    column = sites.roles.get("people")
    people = None
    if column is not None and column in sites.frame.columns:
        read = pd.to_numeric(sites.frame[column], errors="coerce")
        people = np.nan_to_num(read.to_numpy(dtype=np.float64, na_value=np.nan))
    there = np.isfinite(where).all(axis=1)
    ids: list[str]
    if areas is None:
        ids, names = ["all"], [f"All of {sites.title}"]
        shapes = np.array([_box(where[there])], dtype=object)
        index = np.where(there, 0, -1)
    else:
        found = area_set(areas, areas.roles.get("pcode")).lonlat
        ids, names, shapes = list(found.ids), list(found.names), found.shapes
        index = np.full(len(where), -1, dtype=np.int64)
        point, area = found.members(where)
        first = np.unique(point, return_index=True)[1]
        index[point[first]] = area[first]
    if (index < 0).any():
        ids, names = [*ids, "outside"], [*names, "Outside these areas, or position unknown"]
        shapes = np.append(shapes, np.array([None], dtype=object))
        index = np.where(index < 0, len(ids) - 1, index)
    counts = np.bincount(index, minlength=len(ids)).astype(np.int64)
    out = np.zeros(len(ids), dtype=bool) if small else hidden(counts)
    columns: dict[str, object] = {"id": ids, "name": names, what: counts}
    if out.any():
        columns[what] = pd.Series(counts, dtype="Int64").mask(out)
        columns[f"{what}_shown"] = [
            f"<{FEWEST}" if gone and count < FEWEST else "hidden" if gone else str(count)
            for count, gone in zip(counts.tolist(), out.tolist(), strict=True)
        ]
    if people is not None:
        sums = np.bincount(index, weights=people, minlength=len(ids))
        columns["people"] = np.where(out & (counts > 0), np.nan, sums)
    frame = geopandas.GeoDataFrame(columns, geometry=geopandas.GeoSeries(list(shapes), crs=WGS84))
    totals = VectorData(
        frame=frame,
        name=f"{sites.name}_by_area",
        source=sites.source,
        row_numbers=np.arange(1, len(frame) + 1, dtype=np.int64),
        kind="boundary",
        roles={"pcode": "id", "name": "name"} | ({"people": "people"} if people is not None else {}),
        meta=replace(sites.meta, households=False),
        label=f"{sites.title}, totals by area",
    )
    return totals, int(out.sum())


def _box(points: np.ndarray) -> shapely.Geometry | None:
    if len(points) == 0:
        return None
    west, south = (math.floor(v / _BOX_STEP) * _BOX_STEP for v in points.min(axis=0))
    east, north = (math.ceil(v / _BOX_STEP) * _BOX_STEP for v in points.max(axis=0))
    return shapely.box(west, south, max(east, west + _BOX_STEP), max(north, south + _BOX_STEP))
