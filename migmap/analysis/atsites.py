"""The class of a hazard at each site, by the rule of counting, and between which classes it may lie."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from migmap.api import Finding, Problem, Progress, RasterData, VectorData, part

from .asked import Prepared
from .hazards import apart, no_overlap
from .sitegrounds import SiteGrounds

if TYPE_CHECKING:
    from migmap.geo.classrange import ClassRange

_WHOLE = 1 - 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class AtSites:
    """One hazard at n sites.

    codes: int64 [n], place among the hazard's labels, of which `last` is unknown; the site's class where it
    counts whole. values: [n],
    what the hazard says there, NaN or None where it is unknown. shares: float64 [n, labels], share of each
    site in each class, None where every site counts whole. lowest, highest: int64 [n], places of the known
    classes within reach, -1 without any; unknown: bool [n], whether the class may be unknown, too.
    people: float64 [n], the people inside each site by a population raster; None without one.
    nowhere: the hazard's polygons lie nowhere near the sites, so that nothing is known of any.
    """

    codes: np.ndarray
    values: np.ndarray
    lowest: np.ndarray
    highest: np.ndarray
    unknown: np.ndarray
    last: int
    shares: np.ndarray | None = None
    people: np.ndarray | None = None
    findings: tuple[Finding, ...] = ()
    nowhere: bool = False

    @property
    def may_change(self) -> np.ndarray:
        """bool [n]: within reach lies another class than the one the site counts in."""
        known = self.codes < self.last
        other = known & ((self.lowest != self.codes) | (self.highest != self.codes) | self.unknown)
        return np.asarray(other | (~known & (self.highest >= 0)))

    @property
    def surely(self) -> np.ndarray:
        """float64 [n]: the least share of each site that is exposed."""
        if self.shares is not None:
            return np.where(self.shares[:, 1:-1].sum(axis=1) >= _WHOLE, 1.0, 0.0)
        return np.where((self.lowest > 0) & ~self.unknown, 1.0, 0.0)

    @property
    def possibly(self) -> np.ndarray:
        """float64 [n]: the largest share of each site that may be exposed."""
        if self.shares is not None:
            return np.where(self.shares[:, 1:-1].sum(axis=1) > 0, 1.0, 0.0)
        return np.where(self.highest > 0, 1.0, 0.0)


def at_sites(
    params: Any, hazard: Prepared, sites: VectorData, grounds: SiteGrounds, progress: Progress
) -> AtSites:
    """The hazard at each site, by `params.rule`."""
    plain = _at_points(params, hazard, sites, grounds, part(progress, 0.0, 0.5))
    rule = params.rule or "point"
    if rule == "point" or not grounds.any:
        return plain
    if rule == "footprint" and grounds.radius_m is not None:
        return _in_circles(hazard, sites, grounds, plain, part(progress, 0.5, 1.0))
    return _on_grounds(params, hazard, sites, grounds, plain, part(progress, 0.5, 1.0))


# -- by position ----------------------------------------------------------------------------------


def _at_points(
    params: Any, hazard: Prepared, sites: VectorData, grounds: SiteGrounds, progress: Progress
) -> AtSites:
    if hazard.raster is not None:
        return _on_raster(params, hazard, hazard.raster, sites, progress)
    return _on_polygons(params, hazard, sites, grounds, progress)


def _on_raster(
    params: Any, hazard: Prepared, raster: RasterData, sites: VectorData, progress: Progress
) -> AtSites:
    from migmap.geo.classrange import class_range
    from migmap.geo.positions import positions_in
    from migmap.geo.rasterchecks import cell_size_against
    from migmap.geo.sampling import sample_at
    from migmap.geo.wording import counted, first_rows

    assert hazard.classes is not None
    points = positions_in(sites, raster.crs)
    sample = sample_at(raster, points, part(progress, 0.0, 0.5), crs=raster.crs)
    values = sample.values
    known_value = ~np.isnan(values)
    plain = hazard.classes.codes(values, known_value)
    _refuse_unfit(hazard, raster, values, known_value & (plain < 0))
    codes = hazard.order.place[plain]
    last = len(hazard.labels) - 1
    reach = class_range(
        raster,
        hazard.classes,
        hazard.order.place,
        points,
        crs=raster.crs,
        accuracy_m=params.accuracy_m,
        progress=part(progress, 0.5, 1.0),
    )
    box = raster.extent
    known = np.isfinite(points).all(axis=1)
    within = known & (points[:, 0] >= box.west) & (points[:, 0] <= box.east)
    within &= (points[:, 1] >= box.south) & (points[:, 1] <= box.north)
    rows = np.asarray(sites.row_numbers)
    coarse = cell_size_against(raster, sites)
    findings = [*sample.findings, *([coarse] if coarse is not None else [])]
    beyond, blank = known & ~within, within & np.isnan(values)
    if known.any() and not within.any():
        findings.append(no_overlap(raster, sites.name))
    elif beyond.any():
        findings.append(
            Finding(
                "sites-beyond-hazard",
                "warning",
                f"{int(beyond.sum()):,} of {counted(len(values), 'site')} {_lie(beyond)} outside the raster "
                f"{raster.name}: unknown, not safe.",
                int(beyond.sum()),
                first_rows(rows[beyond]),
            )
        )
    if blank.any():
        findings.append(
            Finding(
                "sites-on-no-data",
                "warning",
                f"{int(blank.sum()):,} of {counted(len(values), 'site')} {_lie(blank)} where {raster.name} "
                "has no data: unknown, not safe.",
                int(blank.sum()),
                first_rows(rows[blank]),
            )
        )
    return AtSites(codes, values, *_reach(reach, codes, last), last, findings=tuple(findings))


def _refuse_unfit(hazard: Prepared, raster: RasterData, values: np.ndarray, wrong: np.ndarray) -> None:
    """Problem for a value that no class of a strict list of classes fits."""
    classes = hazard.classes
    if classes is not None and classes.strict and wrong.any():
        raise classes.unfit(raster, float(values[wrong][0]), int(wrong.sum()))


def _reach(reach: ClassRange, codes: np.ndarray, last: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The range as places among labels, the site's own class always in it."""
    own = codes < last
    lowest = np.where(own & ((reach.lowest < 0) | (codes < reach.lowest)), codes, reach.lowest)
    highest = np.where(own & (codes > reach.highest), codes, reach.highest)
    return lowest, highest, reach.unknown | ~own


def _lie(rows: np.ndarray) -> str:
    return "lies" if rows.sum() == 1 else "lie"


def _on_polygons(
    params: Any, hazard: Prepared, sites: VectorData, grounds: SiteGrounds, progress: Progress
) -> AtSites:
    from migmap.geo.classrange import polygon_range
    from migmap.geo.positions import positions_in

    polygons, order = hazard.polygons, hazard.order
    assert polygons is not None
    progress(0.0, "looking up the hazard at each site")
    points = positions_in(sites, polygons.crs)
    found = polygons.at(points)
    last = len(order.labels) - 1
    lost = ~np.isfinite(points).all(axis=1)
    codes = np.where(found >= 0, order.place[found], 0)
    findings: tuple[Finding, ...] = ()
    nowhere = apart(polygons.bounds, np.concatenate([points, grounds.corners(polygons.crs)]))
    if nowhere:
        codes[:] = last
        findings = (no_overlap(hazard.data, sites.name),)
    codes[lost] = last
    reach = polygon_range(
        polygons,
        order.place,
        points,
        crs=polygons.crs,
        accuracy_m=params.accuracy_m,
        progress=part(progress, 0.3, 1.0),
    )
    lowest, highest, unknown = _reach(reach, codes, last)
    if nowhere:
        lowest[:], highest[:], unknown[:] = -1, -1, True
    values = _polygon_values(params.hazard_class, polygons.labels, found, codes, last)
    return AtSites(codes, values, lowest, highest, unknown, last, findings=findings, nowhere=nowhere)


def _polygon_values(
    column: str | None, labels: tuple[str, ...], found: np.ndarray, codes: np.ndarray, last: int
) -> np.ndarray:
    """What the hazard says at each site: the class value (None outside), or 1 inside and 0 outside."""
    unknown = codes == last
    if column is None:
        return np.where(unknown, np.nan, (found >= 0).astype(np.float64))
    values = np.array([*labels, None, None], dtype=object)[np.where(found >= 0, found, len(labels))]
    try:
        return np.array([np.nan if value is None else float(value) for value in values])
    except ValueError:
        return values


# -- by the ground of a site ----------------------------------------------------------------------


def _in_circles(
    hazard: Prepared, sites: VectorData, grounds: SiteGrounds, plain: AtSites, progress: Progress
) -> AtSites:
    """Each site whole in the highest class its circle meets."""
    from migmap.geo.positions import positions

    radius = grounds.radius_m
    assert radius is not None
    if plain.nowhere:
        return plain
    order, points = hazard.order, positions(sites)
    circled = np.flatnonzero(np.isfinite(radius))
    values = plain.values
    if hazard.raster is not None:
        from migmap.geo.discs import disc_classes, disc_stats

        assert hazard.classes is not None
        found: Any = disc_classes(
            hazard.raster,
            hazard.classes,
            order.place,
            points[circled],
            radius[circled],
            progress=part(progress, 0.0, 0.6),
        )
        stats = disc_stats(hazard.raster, points[circled], radius[circled], progress=part(progress, 0.6, 1.0))
        values = values.astype(np.float64).copy()
        values[circled] = stats.maximum
    else:
        from migmap.geo.classrange import polygon_range

        assert hazard.polygons is not None
        found = polygon_range(
            hazard.polygons,
            order.place,
            points[circled],
            accuracy_m=radius[circled],
            progress=progress,
        )
    last = len(order.labels) - 1
    codes, lowest, highest, unknown = (
        each.copy() for each in (plain.codes, plain.lowest, plain.highest, plain.unknown)
    )
    codes[circled] = np.where(found.highest >= 0, found.highest, last)
    lowest[circled], highest[circled] = found.lowest, found.highest
    unknown[circled] = found.unknown
    return replace(
        plain, codes=codes, values=values, lowest=lowest, highest=highest, unknown=unknown | (codes == last)
    )


def _on_grounds(
    params: Any,
    hazard: Prepared,
    sites: VectorData,
    grounds: SiteGrounds,
    plain: AtSites,
    progress: Progress,
) -> AtSites:
    """By the share of each site's ground (or of the people in it) in each class."""
    amounts, findings = grounds.amounts(hazard, params.rule == "centre", progress)
    table = hazard.order.gather(amounts) if hazard.raster is not None else amounts
    own = np.flatnonzero(grounds.has)
    whole = table.sum(axis=1)
    measured = (whole > 0) & (not plain.nowhere)
    shares = np.zeros((len(plain.codes), len(hazard.labels)))
    shares[np.arange(len(plain.codes)), plain.codes] = 1.0
    at = own[measured]
    shares[at] = table[measured] / whole[measured][:, None]
    people = None
    if grounds.population is not None:
        people = np.full(len(plain.codes), np.nan)
        people[own] = whole
    if params.rule == "centre" and not (whole > 0).all():
        from migmap.geo.wording import counted, first_rows

        small = own[whole <= 0]
        findings = (
            *findings,
            Finding(
                "site-without-centre",
                "warning",
                f"{sites.name}: {counted(len(small), 'site holds', 'sites hold')} the centre of no cell; "
                f"{'it is' if len(small) == 1 else 'they are'} counted by position.",
                len(small),
                first_rows(np.asarray(sites.row_numbers)[small]),
            ),
        )
    lowest, highest, unknown = (each.copy() for each in (plain.lowest, plain.highest, plain.unknown))
    touched = shares[at] > 0
    known = touched[:, :-1]
    some = known.any(axis=1)
    highest[at] = np.where(some, known.shape[1] - 1 - known[:, ::-1].argmax(axis=1), -1)
    lowest[at] = np.where(some, known.argmax(axis=1), -1)
    unknown[at] = touched[:, -1]
    codes = plain.codes.copy()
    codes[at] = np.where(highest[at] >= 0, highest[at], len(hazard.labels) - 1)
    apportioned = params.rule in ("share", "exact", "centre")
    return replace(
        plain,
        codes=codes,
        lowest=lowest,
        highest=highest,
        unknown=unknown,
        shares=shares if apportioned else None,
        people=people,
        findings=(*plain.findings, *findings),
    )


def refuse_rule(params: Any, exposed: Any) -> None:
    """Problem for a rule that does not go with what is exposed."""
    rule = params.rule
    if exposed is None or isinstance(exposed, RasterData):
        for flag, value in (("--radius-m", params.radius_m), ("--accuracy-m", params.accuracy_m)):
            if value is not None:
                raise Problem(f"{flag} is for sites, and none were given.", fix=f"Leave {flag} away.")
        if rule in ("point", "footprint", "touch", "share"):
            what = "ground" if exposed is None else "a population raster"
            raise Problem(
                f"--rule {rule} is for sites, and what is counted is {what}.",
                fix="Give exact (the default) or centre.",
            )
        return
    inside = params.people_raster is not None
    if params.radius_m is not None and not inside and rule in (None, "point", "touch", "centre"):
        raise Problem(
            f"--radius-m makes a circle around each site, and the rule {rule or 'point'} does not use one.",
            fix="Give --rule footprint, or --rule share for shares of the circle.",
        )
