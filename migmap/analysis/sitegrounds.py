"""The ground of sites: their own polygons, or circles around them, and what of a hazard lies in it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from migmap.api import Finding, Problem, Progress, RasterData, VectorData, part

if TYPE_CHECKING:
    from migmap.geo.areas import AreaSet

    from .asked import Prepared

CORNERS = 96
"""Of a circle as a polygon; its area is that of the circle, its outline at most 0.1 % of the radius off."""


@dataclass(frozen=True, eq=False)
class SiteGrounds:
    """has: bool [n], which sites have ground. shapes: object [m], of those, valid polygons in `crs`.
    radius_m: float64 [n], of the circles, NaN without; None where sites have their own polygons.
    population: people inside are what counts, read in `unit`; None for ground."""

    sites: VectorData
    has: np.ndarray
    shapes: np.ndarray
    crs: Any
    radius_m: np.ndarray | None
    population: RasterData | None
    unit: str | None
    findings: tuple[Finding, ...] = ()

    @property
    def any(self) -> bool:
        return bool(self.has.any())

    @cached_property
    def areas(self) -> AreaSet:
        """The ground of the sites as areas, one a site."""
        from migmap.geo.areas import AreaSet

        rows = np.asarray(self.sites.row_numbers)[self.has]
        ids = tuple(str(int(row)) for row in rows)
        return AreaSet(
            ids=ids,
            names=ids,
            level="row",
            shapes=self.shapes,
            crs=self.crs,
            rows=rows,
            title=self.sites.title,
        )

    def corners(self, crs: Any) -> np.ndarray:
        """float64 [4 m, 2]: the corners of the box around the ground of each site, in `crs`; NaN where that
        does not reach."""
        import shapely

        from migmap.geo.crs import WGS84, moved

        if not self.any:
            return np.empty((0, 2))
        west, south, east, north = shapely.bounds(self.areas.lonlat.shapes).T
        x, y = np.concatenate([west, west, east, east]), np.concatenate([south, north, north, south])
        return moved(np.column_stack([x, y]), WGS84, crs)

    def amounts(
        self, hazard: Prepared, centre: bool, progress: Progress
    ) -> tuple[np.ndarray, tuple[Finding, ...]]:
        """What of each site's ground lies in each class, in m2 or people: float64 [m, k + 1] by code for a
        raster, [m, labels] for polygons."""
        if hazard.raster is not None:
            return self._on_raster(hazard, hazard.raster, centre, progress)
        return self._in_polygons(hazard, centre, progress)

    def _on_raster(
        self, hazard: Prepared, raster: RasterData, centre: bool, progress: Progress
    ) -> tuple[np.ndarray, tuple[Finding, ...]]:
        from migmap.geo.zonal import tabulate

        assert hazard.classes is not None
        grid = self.population or raster
        fitted, far_m2 = self.areas.near(grid.crs, grid.extent)
        count = len(self.shapes)
        table = tabulate(
            fitted.shapes,
            hazard=raster,
            classes=hazard.classes,
            people=self.population,
            people_unit=self.unit,
            zones_crs=grid.crs,
            rule="centre" if centre else "exact",
            progress=progress,
        )
        found = table.zones.copy()
        if self.population is None:
            found[:, -1] += far_m2[:count]
        return found, table.findings

    def _in_polygons(
        self, hazard: Prepared, centre: bool, progress: Progress
    ) -> tuple[np.ndarray, tuple[Finding, ...]]:
        from migmap.geo.regions import cut_by_areas

        assert hazard.polygons is not None
        order = hazard.order
        if self.population is not None:
            from .exposed_people import people_in_regions

            crs, extent = self.population.crs, self.population.extent
            regions = hazard.polygons.regions(crs, extent, part(progress, 0.0, 0.2))
            rule: Any = "centre" if centre else "exact"
            tallies, findings, _ = people_in_regions(
                regions, order, self.population, self.unit or "counts", (self.areas,), rule, progress
            )
            return tallies[0].areas, findings
        from migmap.geo.crs import WGS84

        from .exposed_ground import ground_km2

        cut = cut_by_areas(
            hazard.polygons.regions(WGS84, progress=part(progress, 0.0, 0.2)),
            self.areas,
            ground_km2,
            part(progress, 0.2, 1.0),
        )
        table = order.gather(cut.areas) * 1e6
        left = self.areas.ground_m2 - table.sum(axis=1)
        table[:, 0] += np.where(np.abs(left) <= 1e-9 * self.areas.ground_m2, 0.0, left)
        return np.maximum(table, 0.0), ()


def grounds_of(
    params: Any, sites: VectorData, population: RasterData | None, unit: str | None, progress: Progress
) -> SiteGrounds:
    """The ground of each site under `params.rule`: with a radius circles of it; else polygons as they are,
    and for the footprint of points circles of the settlement's own area. Problem where the rule needs ground
    and no site has any."""
    rule = params.rule or "point"
    count = len(sites.frame)
    crs = sites.frame.crs
    none = SiteGrounds(sites, np.zeros(count, dtype=bool), np.empty(0, dtype=object), crs, None, None, None)
    if rule == "point" or crs is None:
        return none
    radius, findings = _radius(params, sites)
    if radius is None and rule != "footprint":
        grounds = _polygons(sites, population, unit, progress)
        if not grounds.any and population is not None:
            raise Problem(
                f"{sites.source.path} holds no polygon, so no people lie inside its sites.",
                fix="Give --radius-m for circles around the sites, or a layer of polygons.",
            )
        return grounds
    if radius is None:
        grounds = _polygons(sites, population, unit, progress)
        if not grounds.any:
            raise Problem(
                f"--rule footprint: nothing says how large the sites of {sites.source.path} are.",
                fix="Give --radius-m, or map a column of area (for example --reading with the role area).",
            )
        return grounds
    return _circles(sites, radius, population, unit, findings)


def _radius(params: Any, sites: VectorData) -> tuple[np.ndarray | None, tuple[Finding, ...]]:
    """float64 [n], NaN where a site says nothing of its size; None where circles are not wanted."""
    count = len(sites.frame)
    if params.radius_m is not None:
        return np.full(count, float(params.radius_m)), ()
    column = sites.roles.get("area")
    if params.rule != "footprint" or column is None:
        return None, ()
    import pandas

    from migmap.geo.wording import counted, first_rows
    from migmap.io.values.units import factor, unit_of_name

    _, unit = unit_of_name(column)
    to_m2 = factor(unit, "m2") if unit else None
    if to_m2 is None:
        return None, (
            Finding(
                "site-area-without-unit",
                "warning",
                f"{sites.name}: the unit of “{column}” is not known, so sites have no circle of their own "
                "area. Name the column with its unit, for example area_ha, or give --radius-m.",
            ),
        )
    values = pandas.to_numeric(sites.frame[column], errors="coerce").to_numpy(dtype=np.float64) * to_m2
    values = np.where(np.isfinite(values) & (values > 0), values, np.nan)
    findings: tuple[Finding, ...] = ()
    without = np.isnan(values)
    if without.any():
        findings = (
            Finding(
                "site-without-area",
                "warning",
                f"{sites.name}: {counted(int(without.sum()), 'site gives', 'sites give')} no area in "
                f"“{column}” and {'is' if without.sum() == 1 else 'are'} counted by position.",
                int(without.sum()),
                first_rows(np.asarray(sites.row_numbers)[without]),
            ),
        )
    return np.sqrt(values / np.pi), findings


def _polygons(
    sites: VectorData, population: RasterData | None, unit: str | None, progress: Progress
) -> SiteGrounds:
    from migmap.geo.repair import only_polygons, repaired

    fixed = repaired(sites, progress)
    shapes = np.array([only_polygons(one) for one in fixed.frame.geometry.to_numpy()], dtype=object)
    has = np.array([one is not None for one in shapes], dtype=bool)
    kept = np.empty(int(has.sum()), dtype=object)
    kept[:] = list(shapes[has])
    import pyproj

    crs = pyproj.CRS(sites.frame.crs)
    said = tuple(one for one in fixed.findings if one not in sites.findings)
    return SiteGrounds(sites, has, kept, crs, None, population, unit, said)


def _circles(
    sites: VectorData,
    radius: np.ndarray,
    population: RasterData | None,
    unit: str | None,
    findings: tuple[Finding, ...],
) -> SiteGrounds:
    """Geodesic circles as polygons of the same area, in longitude and latitude."""
    import pyproj
    import shapely

    from migmap.geo.crs import WGS84
    from migmap.geo.positions import positions

    points = positions(sites)
    radius = np.where(np.isfinite(points).all(axis=1), radius, np.nan)
    has = np.isfinite(radius)
    centres, wanted = points[has], radius[has]
    turn = 2 * np.pi / CORNERS
    # A polygon inside the circle would be too small: its corners lie this much further out.
    outwards = np.sqrt(turn / np.sin(turn))
    azimuths = np.degrees(np.arange(CORNERS) * turn)
    count = len(centres)
    lon, lat, _ = pyproj.Geod(ellps="WGS84").fwd(
        np.repeat(centres[:, 0], CORNERS),
        np.repeat(centres[:, 1], CORNERS),
        np.tile(azimuths, count),
        np.repeat(wanted * outwards, CORNERS),
    )
    corners = np.column_stack([lon, lat]).reshape(count, CORNERS, 2)
    # Circles across longitude 180 stay in one piece.
    corners[:, :, 0] += 360.0 * np.round((centres[:, :1] - corners[:, :, 0]) / 360.0)
    shapes = shapely.polygons(corners) if count else np.empty(0, dtype=object)
    return SiteGrounds(sites, has, np.asarray(shapes), WGS84, radius, population, unit, findings)
