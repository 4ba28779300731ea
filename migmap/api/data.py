"""Frozen handles on data: they know their CRS, columns and origin, and are never changed in place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from .finding import Finding
from .people import PeopleColumn
from .reading import AS_FOUND, Reading

if TYPE_CHECKING:
    import geopandas
    import numpy as np
    import pandas
    import pyproj

Sensitivity = Literal["public", "restricted", "confidential"]


def strictest(stated: Iterable[Sensitivity | None]) -> Sensitivity | None:
    """The sensitivity of what is made of several things; None ("not stated", treated as restricted) when
    one of them states nothing and none is confidential."""
    found = set(stated)
    if "confidential" in found:
        return "confidential"
    if not found or None in found:
        return None
    return "restricted" if "restricted" in found else "public"


@dataclass(frozen=True, slots=True)
class Extent:
    """A box in the units of some CRS: west, south, east, north."""

    west: float
    south: float
    east: float
    north: float

    @property
    def width(self) -> float:
        return self.east - self.west

    @property
    def height(self) -> float:
        return self.north - self.south

    def union(self, other: Extent) -> Extent:
        return Extent(
            min(self.west, other.west),
            min(self.south, other.south),
            max(self.east, other.east),
            max(self.north, other.north),
        )

    def intersects(self, other: Extent) -> bool:
        return (
            self.west <= other.east
            and other.west <= self.east
            and self.south <= other.north
            and other.south <= self.north
        )


@dataclass(frozen=True, slots=True)
class Source:
    """Where data came from. `part` is the layer, sheet, sub-dataset or band after `::`, if any."""

    path: str
    part: str | None = None
    driver: str = ""
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Meta:
    """What travels with the data onto every product.

    sensitivity: None where nobody stated it; shown as "not stated" and treated as restricted.
    synthetic: made-up data; said on the map and in every export.
    attribution: who made it, as the source wants to be named.
    boundary_note: for boundaries, whose view of disputed lines this is.
    method: how it was made or collected. boundary_vintage: the edition of the boundaries it refers to.
    agreement: reference of the agreement under which it was shared, with the date it expires and who may
        see it. other_agreements: (reference, expires, audience) of further ones, for what is made of
        several layers; all of them bind.
    households: its positions are those of single households: used for computing, exported only as totals
        by area.
    """

    sensitivity: Sensitivity | None = None
    synthetic: bool = False
    attribution: str = ""
    licence: str = ""
    date: str = ""
    boundary_note: str = ""
    households: bool = False
    method: str = ""
    boundary_vintage: str = ""
    agreement: str = ""
    agreement_expires: str = ""
    agreement_audience: str = ""
    other_agreements: tuple[tuple[str, str, str], ...] = ()

    @property
    def agreements(self) -> tuple[tuple[str, str, str], ...]:
        """(reference, expires, audience) of every agreement that binds, () for none."""
        own = (self.agreement, self.agreement_expires, self.agreement_audience)
        return tuple(dict.fromkeys(one for one in (own, *self.other_agreements) if any(one)))

    def bound_by(self, agreements: Iterable[tuple[str, str, str]]) -> Meta:
        """The same with exactly these agreements."""
        first, *others = [*dict.fromkeys(agreements)] or [("", "", "")]
        return replace(
            self,
            agreement=first[0],
            agreement_expires=first[1],
            agreement_audience=first[2],
            other_agreements=tuple(others),
        )


@dataclass(frozen=True, slots=True, eq=False)
class RowsAside:
    """Rows of the file that no figure is made of, with the reason; nothing is lost.

    code: of the finding that says so; `Reading.keep` with this code brings them back.
    reason: a few words ("total of the rows above"). frame: the cells, with the layer's columns.
    row_numbers: int64, as a person sees them.
    """

    code: str
    reason: str
    frame: pandas.DataFrame
    row_numbers: np.ndarray


def _readable(name: str) -> str:
    words = " ".join(name.replace("_", " ").split())
    return words[:1].upper() + words[1:] if words else name


@dataclass(frozen=True, slots=True, eq=False)
class VectorData:
    """Features with attributes.

    frame: GeoDataFrame with the columns of the file and a `geometry` column (None where a row has
        no position), RangeIndex, and a CRS unless no row has a geometry. Treat it as read-only.
    row_numbers: int64 array, one per row of `frame`: the row in the file as a person sees it.
    kind: id of a LayerKind. roles: role name -> column of `frame`.
    label: what the user calls it; "" where only the file has a name.
    aside: rows of the file that are not in `frame`: rows in the file = len(frame) + those.
    people: what its columns of people count. reading: what the user decided about it.
    """

    frame: geopandas.GeoDataFrame
    name: str
    source: Source
    row_numbers: np.ndarray
    kind: str = "plain"
    roles: Mapping[str, str] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    meta: Meta = Meta()
    label: str = ""
    aside: tuple[RowsAside, ...] = ()
    people: tuple[PeopleColumn, ...] = ()
    reading: Reading = AS_FOUND

    @property
    def title(self) -> str:
        """The name for titles and sentences: what the user calls it, else "flood_depth_rp100" is
        "Flood depth rp100"."""
        return self.label or _readable(self.name)


@dataclass(frozen=True, slots=True, eq=False)
class RasterData:
    """One band of a raster file; the cells stay on disk until someone reads a window.

    gdal_path: what rasterio opens (a file, `/vsizip/...`, or a sub-dataset name); band counts from 1.
    transform: (a, b, c, d, e, f) as in affine.Affine: x = a*col + b*row + c, y = d*col + e*row + f.
    nodata: declared no-data value or None. NaN cells are always no data.
    unit: unit of the values as the file states it, "" when it does not.
    label: what the user calls it; "" where only the file has a name.
    reading: what the user decided about it.
    """

    gdal_path: str
    band: int
    name: str
    source: Source
    crs: pyproj.CRS
    transform: tuple[float, float, float, float, float, float]
    width: int
    height: int
    dtype: str
    nodata: float | None = None
    unit: str = ""
    kind: str = "plain"
    roles: Mapping[str, str] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    meta: Meta = Meta()
    label: str = ""
    reading: Reading = AS_FOUND

    @property
    def title(self) -> str:
        """The name for titles and sentences: what the user calls it, else "flood_depth_rp100" is
        "Flood depth rp100"."""
        return self.label or _readable(self.name)

    @property
    def is_rotated(self) -> bool:
        return self.transform[1] != 0.0 or self.transform[3] != 0.0

    @property
    def extent(self) -> Extent:
        """The box of all cells in the raster's own CRS (also right for south-up and rotated rasters)."""
        a, b, c, d, e, f = self.transform
        xs = [c, c + a * self.width, c + b * self.height, c + a * self.width + b * self.height]
        ys = [f, f + d * self.width, f + e * self.height, f + d * self.width + e * self.height]
        return Extent(min(xs), min(ys), max(xs), max(ys))


Data: TypeAlias = VectorData | RasterData


@dataclass(frozen=True, slots=True)
class ColumnInfo:
    """A column as the header shows it. `samples`: a few non-empty values as text."""

    name: str
    dtype: str
    samples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Probe:
    """What can be said of a file from its header and first rows, without reading it.

    layers: every layer, sheet, sub-dataset or band that `FILE::NAME` can name, of a file with several.
    only: what `FILE::NAME` calls the one layer or sheet of a file with one, "" where `name` does.
    geometry: "point", "line", "polygon", "mixed", "none" for a table, "raster".
    rows: None where the format does not say. bounds: in the file's CRS, None where unknown.
    hxl: column name -> HXL tag, when there is a tag row.
    placed_by: of a table, role ("longitude", "latitude", "position") -> the column its positions are read
        from.
    stated: what the file itself says of its kind and roles ({"kind": ..., "roles": {...}}), as files
        written by migmap do; it comes before any guess.
    """

    source: Source
    name: str
    driver: str
    geometry: str
    layers: tuple[str, ...] = ()
    crs: str | None = None
    rows: int | None = None
    columns: tuple[ColumnInfo, ...] = ()
    bounds: tuple[float, float, float, float] | None = None
    hxl: Mapping[str, str] = field(default_factory=dict)
    placed_by: Mapping[str, str] = field(default_factory=dict)
    stated: Mapping[str, Any] = field(default_factory=dict)
    meta: Meta = Meta()
    findings: tuple[Finding, ...] = ()
    width: int | None = None
    height: int | None = None
    dtype: str | None = None
    nodata: float | None = None
    unit: str | None = None
    only: str = ""
