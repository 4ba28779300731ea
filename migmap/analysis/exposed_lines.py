"""Lines, such as roads, by hazard class: their length, cut where classes and areas begin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from migmap.api import Finding, Problem, Progress, VectorData, part

from . import outcome
from .asked import Prepared
from .counted import Counted
from .hazards import no_overlap
from .outcome import NOT_EXPOSED, UNKNOWN

if TYPE_CHECKING:
    from migmap.geo.areas import AreaSet
    from migmap.geo.lines import Pieces
    from migmap.geo.tally import Tally

METRIC, UNIT = "length_km", "km"
LINE_RULE = (
    "Rule: the length of lines on the ellipsoid, cut exactly where they enter a class or an area; a line "
    "along a border counts once."
)


def exposed_lines(
    params: Any,
    hazards: tuple[Prepared, ...],
    lines: VectorData,
    levels: tuple[AreaSet, ...],
    joint: bool,
    progress: Progress,
) -> tuple[tuple[Counted, ...], tuple[Finding, ...]]:
    """`length_km` by class and area, for all lines and for each kind of line (`by`)."""
    import pyproj

    from migmap.geo.lines import line_pieces

    _refuse(params, lines)
    shapes = lines.frame.geometry.to_numpy()
    crs = pyproj.CRS(lines.frame.crs)
    steps: tuple[AreaSet | None, ...] = levels or (None,)
    found: list[Pieces] = []
    for i, areas in enumerate(steps):
        found.append(
            line_pieces(
                shapes,
                crs,
                [one.source for one in hazards],
                [one.classes for one in hazards],
                areas,
                part(progress, i / len(steps), (i + 1) / len(steps)),
            )
        )
    findings: list[Finding] = list(found[0].findings)
    places = [[_places(one, pieces.codes[:, h]) for h, one in enumerate(hazards)] for pieces in found]
    for h, one in enumerate(hazards):
        last = len(one.labels) - 1
        apart = _apart(one, lines)
        if apart:
            findings.append(no_overlap(one.data, lines.name))
            for each in places:
                each[h] = np.full(len(each[h]), last)
    groups: list[tuple[str | None, np.ndarray]] = [(None, np.ones(len(lines.frame), dtype=bool))]
    if params.by is not None:
        from .sitegroups import groups_of

        made, _ = groups_of(params, lines, None)
        groups += [(one.name, one.members) for one in made if one.members is not None]
    return tuple(
        _counted(hazards, found, places, levels, group, mask, joint) for group, mask in groups
    ), tuple(findings)


def _refuse(params: Any, lines: VectorData) -> None:
    if params.people is not None:
        raise Problem(f"{lines.source.path} holds lines, which have no people.", fix="Leave --people away.")
    for flag, value in (
        ("--radius-m", params.radius_m),
        ("--accuracy-m", params.accuracy_m),
        ("--groups", params.groups if params.groups != ("none",) else None),
        ("--people-raster", params.people_raster),
    ):
        if value:
            raise Problem(
                f"{flag} is for sites, and {lines.source.path} holds lines.", fix=f"Leave {flag} away."
            )
    if params.rule not in (None, "exact"):
        raise Problem(
            f"--rule {params.rule} is for sites and rasters; {lines.source.path} holds lines, which are "
            "measured exactly.",
            fix="Leave --rule away.",
        )
    if lines.frame.crs is None:
        raise Problem(
            f"{lines.source.path} does not say in which coordinate system it is.",
            fix="State it, for example with --crs EPSG:4326.",
        )


def _places(hazard: Prepared, codes: np.ndarray) -> np.ndarray:
    """int64 [m]: place among labels; code k is unknown, k + 1 outside all polygons, not exposed."""
    return np.append(hazard.order.place, 0)[codes.astype(np.int64)]


def _apart(hazard: Prepared, lines: VectorData) -> bool:
    """Whether hazard polygons lie nowhere near the lines, so that nothing is known of them."""
    from migmap.geo.positions import positions_in

    from .hazards import apart

    if hazard.polygons is None:
        return False
    return apart(hazard.polygons.bounds, positions_in(lines, hazard.polygons.crs))


def _counted(
    hazards: tuple[Prepared, ...],
    found: list[Pieces],
    places: list[list[np.ndarray]],
    levels: tuple[AreaSet, ...],
    group: str | None,
    mask: np.ndarray,
    joint: bool,
) -> Counted:
    from migmap.geo.jointcolumns import JointColumns, joint_columns
    from migmap.geo.tally import tally_amounts, tally_rows

    sizes = [len(level) for level in levels] or [0]
    by_hazard: list[tuple[Tally, ...]] = []
    weights = [np.where(mask[pieces.line], pieces.length_m, 0.0) / 1000.0 for pieces in found]
    for h, one in enumerate(hazards):
        by_hazard.append(
            tuple(
                tally_rows(METRIC, UNIT, one.labels, each[h], km, pieces.members, size)
                for pieces, each, km, size in zip(found, places, weights, sizes, strict=True)
            )
        )
    together = None
    if joint:
        exposed = [np.array([False, *[True] * (len(one.labels) - 2), False]) for one in hazards]
        together = tuple(
            tally_amounts(
                METRIC,
                UNIT,
                JointColumns(len(hazards)).labels,
                joint_columns(np.column_stack(each), exposed) * km[:, None],
                pieces.members,
                size,
            )
            for pieces, each, km, size in zip(found, places, weights, sizes, strict=True)
        )
    return Counted(METRIC, UNIT, tuple(by_hazard), together, group=group)


def line_notes(hazard: Prepared, lines: VectorData, tally: Tally, areas: AreaSet | None) -> list[str]:
    """How much of the lines one hazard reaches, in sentences."""
    whole = float(tally.everything.sum())
    unknown = outcome.class_total(tally, UNKNOWN)
    notes = [
        f"Of {outcome.amount(whole, UNIT)} of {lines.title}, "
        f"{outcome.with_share(outcome.harm_total(tally), whole, UNIT)} are exposed to {hazard.asked.title}, "
        f"{outcome.with_share(outcome.class_total(tally, NOT_EXPOSED), whole, UNIT)} are not, "
        f"{outcome.unknown_words(unknown, whole, UNIT)}."
    ]
    notes.extend(outcome.by_class(tally))
    if areas is not None and (worst := outcome.worst_areas(tally, areas)):
        notes.append(f"Most exposed: {worst}.")
    return notes
