"""Sites in a hazard: by position, by a circle around them, or by the share of their ground."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from migmap.api import Finding, Problem, Progress, RasterData, VectorData, part

from . import outcome
from .asked import Prepared
from .atsites import AtSites, at_sites
from .counted import Counted
from .outcome import NOT_EXPOSED, UNKNOWN
from .sitegrounds import SiteGrounds, grounds_of
from .sitegroups import Group, groups_of

if TYPE_CHECKING:
    from migmap.geo.areas import AreaSet
    from migmap.geo.figures import PeopleColumn
    from migmap.geo.tally import Tally


def exposed_sites(
    params: Any,
    hazards: tuple[Prepared, ...],
    sites: VectorData,
    population: RasterData | None,
    levels: tuple[AreaSet, ...],
    joint: bool,
    progress: Progress,
) -> tuple[SiteAnswer, tuple[Counted, ...], tuple[Finding, ...]]:
    """`sites`, and with people `people`, by class and area, for everybody and for each group."""
    refuse_empty(sites)
    findings: list[Finding] = []
    unit = None
    if population is not None:
        from .exposed_people import population_reading

        unit, said = population_reading(params.population, population, part(progress, 0.0, 0.1))
        findings += said
        if params.people is not None:
            raise Problem(
                "--people and --people-raster both say how many people the sites have.",
                fix="Leave one of the two away.",
            )
        if params.rule not in (None, "exact", "centre"):
            raise Problem(
                f"--people-raster gives the people inside each site, and the rule {params.rule} does not "
                "look inside.",
                fix="Give --rule exact (the default with --people-raster), or centre.",
            )
        params = params.model_copy(update={"rule": params.rule or "exact"})
    people, people_findings = people_of(sites, params.people)
    if population is not None:
        people_findings = ()
    grounds = grounds_of(params, sites, population, unit, part(progress, 0.1, 0.2))
    findings += grounds.findings
    found: list[AtSites] = []
    for i, hazard in enumerate(hazards):
        step = part(progress, 0.2 + 0.6 * i / len(hazards), 0.2 + 0.6 * (i + 1) / len(hazards))
        one = at_sites(params, hazard, sites, grounds, step)
        found.append(one)
        findings += [*hazard.findings, *one.findings]
    progress(0.8, "adding up")
    known = people.values if people is not None else None
    if population is not None:
        inside = [one.people for one in found if one.people is not None]
        known = inside[0] if inside else None
    groups, group_findings = groups_of(params, sites, known)
    shares = _joint_shares(hazards, found, grounds, params, part(progress, 0.8, 0.95)) if joint else None
    answer = SiteAnswer(sites, tuple(found), known, unit, grounds, groups)
    counted = _counted(answer, hazards, levels, shares)
    findings += [
        *without_position(sites, levels[0] if levels else None),
        *people_findings,
        *group_findings,
        *_may_change(answer, hazards),
    ]
    return answer, counted, tuple(dict.fromkeys(findings))


@dataclass(frozen=True, slots=True, eq=False)
class SiteAnswer:
    """at: each hazard at the sites. people: float64 [n], NaN where nobody knows; None where no people are
    counted. unit: how a population raster inside the sites was read, else None."""

    sites: VectorData
    at: tuple[AtSites, ...]
    people: np.ndarray | None
    unit: str | None
    grounds: SiteGrounds
    groups: tuple[Group, ...]


def _joint_shares(
    hazards: tuple[Prepared, ...],
    found: list[AtSites],
    grounds: SiteGrounds,
    params: Any,
    progress: Progress,
) -> np.ndarray:
    """float64 [n, J]: what share of each site each column of `JointColumns` holds."""
    from migmap.geo.jointcolumns import joint_columns

    # Codes by label: unknown is the last, and not exposed the first.
    codes = np.column_stack([one.codes for one in found])
    exposed = [np.array([False, *[True] * (len(h.labels) - 2), False]) for h in hazards]
    columns = joint_columns(codes, exposed).astype(np.float64)
    if all(one.shares is None for one in found):
        return columns
    from .together import site_columns

    nowhere = [one.nowhere for one in found]
    shared = site_columns(hazards, grounds, params.rule == "centre", nowhere, progress)
    whole = shared[:, : len(hazards) + 2].sum(axis=1)
    measured = whole > 0
    columns[np.flatnonzero(grounds.has)[measured]] = shared[measured] / whole[measured][:, None]
    return columns


def _counted(
    answer: SiteAnswer,
    hazards: tuple[Prepared, ...],
    levels: tuple[AreaSet, ...],
    joint: np.ndarray | None,
) -> tuple[Counted, ...]:
    """Sites and people, everybody first, then by group."""
    from migmap.geo.jointcolumns import JointColumns
    from migmap.geo.positions import positions_in
    from migmap.geo.tally import tally_amounts, tally_rows

    sites = answer.sites
    members: list[Any] = [level.members(positions_in(sites, level.crs)) for level in levels] or [None]
    sizes = [len(level) for level in levels] or [0]
    count = len(sites.frame)
    joint_labels = JointColumns(len(hazards)).labels

    def rows(metric: str, labels: Any, codes: np.ndarray, weights: np.ndarray | None) -> tuple[Tally, ...]:
        return tuple(
            tally_rows(metric, metric, labels, codes, weights, mine, size)
            for mine, size in zip(members, sizes, strict=True)
        )

    def amounts(metric: str, unit: str, labels: Any, table: np.ndarray) -> tuple[Tally, ...]:
        return tuple(
            tally_amounts(metric, unit, labels, table, mine, size)
            for mine, size in zip(members, sizes, strict=True)
        )

    def of_sites(mask: np.ndarray | None, group: str | None) -> Counted:
        weights = None if mask is None else mask.astype(np.float64)
        one_each = np.ones(count) if weights is None else weights
        by_hazard = tuple(
            rows("sites", h.labels, one.codes, weights) for h, one in zip(hazards, answer.at, strict=True)
        )
        whole = None
        if joint is not None:
            whole = amounts("sites", "sites", joint_labels, _whole_sites(answer, joint) * one_each[:, None])
        return Counted("sites", "sites", by_hazard, whole, group=group)

    def of_people(values: np.ndarray, group: str | None) -> Counted:
        known = np.where(np.isnan(values), 0.0, values)
        by_hazard = []
        least: list[tuple[Tally, ...]] = []
        most: list[tuple[Tally, ...]] = []
        for h, one in zip(hazards, answer.at, strict=True):
            if one.shares is None:
                by_hazard.append(rows("people", h.labels, one.codes, known))
            else:
                by_hazard.append(amounts("people", "people", h.labels, one.shares * known[:, None]))
            if group is not None:
                continue
            least.append(amounts("people_min", "people", (None,), (one.surely * known)[:, None]))
            most.append(amounts("people_max", "people", (None,), (one.possibly * known)[:, None]))
        whole = None
        if joint is not None:
            whole = amounts("people", "people", joint_labels, joint * known[:, None])
        beside = (tuple(least), tuple(most)) if group is None else ()
        return Counted("people", "people", tuple(by_hazard), whole, beside, group)

    made = [of_sites(None, None)]
    people = answer.people
    if people is not None:
        made.append(of_people(people, None))
    for group in answer.groups:
        if group.members is not None:
            made.append(of_sites(group.members, group.name))
            if people is not None:
                made.append(of_people(np.where(group.members, people, 0.0), group.name))
        elif group.values is not None:
            made.append(of_people(group.values, group.name))
    return tuple(made)


def _whole_sites(answer: SiteAnswer, joint: np.ndarray) -> np.ndarray:
    """Sites count whole also where their people are shared out: by the classes they count in."""
    from migmap.geo.jointcolumns import joint_columns

    if all(one.shares is None for one in answer.at):
        return joint
    codes = np.column_stack([one.codes for one in answer.at])
    exposed = [np.array([False, *[True] * (one.last - 1), False]) for one in answer.at]
    return joint_columns(codes, exposed).astype(np.float64)


def _may_change(answer: SiteAnswer, hazards: tuple[Prepared, ...]) -> tuple[Finding, ...]:
    """A finding for sites whose class another reading of their position would change."""
    from migmap.geo.wording import counted, first_rows

    findings = []
    rows, of_people = np.asarray(answer.sites.row_numbers), answer.people is not None
    for hazard, one in zip(hazards, answer.at, strict=True):
        if one.shares is not None:
            continue
        may = one.may_change
        if may.any():
            count = int(may.sum())
            moves = "; people_min and people_max say how many people that moves" if of_people else ""
            findings.append(
                Finding(
                    "class-could-change",
                    "info",
                    f"{counted(count, 'site lies', 'sites lie')} so near to another class of "
                    f"{hazard.asked.title} that {'its class' if count == 1 else 'their class'} could change "
                    f"within half a cell or the accuracy of positions{moves}.",
                    count,
                    first_rows(rows[may]),
                )
            )
    return tuple(findings)


def sites_columns(answer: SiteAnswer, hazards: tuple[Prepared, ...], years: Any) -> dict[str, Any]:
    """The computed columns of the layer "sites". Of several hazards each has columns of its own, and `class`
    and `hazard_value` are those of the worst."""
    columns: dict[str, Any] = {}
    texts = [np.array(h.labels, dtype=object)[one.codes] for h, one in zip(hazards, answer.at, strict=True)]
    worst = _worst(answer, hazards)
    rows = np.arange(len(worst))
    if len(hazards) == 1:
        columns |= {"hazard_value": answer.at[0].values, "class": texts[0]}
        columns |= _reach_columns(answer.at[0], hazards[0], "")
    else:
        columns["class"] = np.array(texts, dtype=object)[worst, rows]
        named = np.array([*(h.name for h in hazards), None], dtype=object)
        exposed = np.array([one.codes for one in answer.at])
        hit = np.array([(c > 0) & (c < len(h.labels) - 1) for c, h in zip(exposed, hazards, strict=True)])
        columns["worst_hazard"] = named[np.where(hit.any(axis=0), worst, len(hazards))]
        columns["hazards_exposed"] = hit.sum(axis=0)
        for h, one, text in zip(hazards, answer.at, texts, strict=True):
            columns |= {f"value_{h.name}": one.values, f"class_{h.name}": text}
            columns |= _reach_columns(one, h, f"_{h.name}")
    severities = _severities(answer, hazards)
    if severities is not None:
        columns["severity"] = severities
    if answer.unit is not None and answer.people is not None:
        columns["people_inside"] = answer.people
    if answer.people is not None and len(hazards) == 1:
        columns["people_exposed"] = _people_exposed(answer, 0)
    if (doubts := _doubts(answer.sites)) is not None:
        columns["doubts"] = doubts
    for year in years:
        name = "expected_per_year" if len(years) == 1 else f"expected_per_year_{year.title}"
        columns[name] = sum(
            w * _people_exposed(answer, h) for h, w in zip(year.members, year.weights, strict=True)
        )
    return columns


def _doubts(sites: VectorData) -> np.ndarray | None:
    """object [n]: the codes of warnings about each row as it was read, None for a row without; None where
    there are none. What is doubtful about an input stays with its answer."""
    told: dict[int, list[str]] = {}
    for one in sites.findings:
        if one.severity == "warning":
            for row in one.rows:
                told.setdefault(int(row), []).append(one.code)
    rows = [int(row) for row in sites.row_numbers]
    if not any(row in told for row in rows):
        return None
    return np.array(
        ["; ".join(dict.fromkeys(told[row])) if row in told else None for row in rows], dtype=object
    )


def _reach_columns(one: AtSites, hazard: Prepared, suffix: str) -> dict[str, Any]:
    """Between which classes a site may lie; with shares, how much of it is exposed."""
    labels = np.array([*hazard.labels[:-1], None], dtype=object)
    if one.shares is not None:
        return {f"share_exposed{suffix}": one.shares[:, 1:-1].sum(axis=1)}
    return {
        f"class_lowest{suffix}": labels[one.lowest],
        f"class_highest{suffix}": labels[one.highest],
        f"could_change{suffix}": one.may_change,
    }


def _people_exposed(answer: SiteAnswer, hazard: int) -> np.ndarray:
    """People of each site that are exposed, else the share of it: float64 [n], NaN where unknown."""
    one = answer.at[hazard]
    if one.shares is not None:
        share = one.shares[:, 1:-1].sum(axis=1)
        share = np.where(one.shares[:, -1] >= 1.0, np.nan, share)
    else:
        share = np.where(one.codes == one.last, np.nan, (one.codes > 0).astype(np.float64))
    return share if answer.people is None else share * answer.people


def _worst(answer: SiteAnswer, hazards: tuple[Prepared, ...]) -> np.ndarray:
    """int64 [n]: which hazard is worst at each site: by the severity of schemes where all have one, else by
    how far up its own classes the site lies; of equals the first. Unknown only where all are."""
    ranks = []
    graded = all(h.severities is not None for h in hazards)
    for h, one in zip(hazards, answer.at, strict=True):
        last = len(h.labels) - 1
        if graded and h.severities is not None:
            scale = np.array(h.severities, dtype=np.float64) + np.linspace(0, 0.5, last + 1)
        else:
            scale = np.arange(last + 1) / max(last - 1, 1)
        scale = scale.copy()
        scale[0], scale[last] = 0.0, -1.0
        ranks.append(scale[one.codes])
    return np.asarray(np.argmax(np.array(ranks), axis=0))


def _severities(answer: SiteAnswer, hazards: tuple[Prepared, ...]) -> np.ndarray | None:
    """float64 [n]: the highest severity of all hazards by their schemes' fixed classes, NaN where every
    hazard is unknown; None where no scheme says any."""
    graded = [
        (np.array(h.severities, dtype=np.float64), one.codes, len(h.labels) - 1)
        for h, one in zip(hazards, answer.at, strict=True)
        if h.severities is not None
    ]
    if not graded:
        return None
    each = np.array([np.where(codes == last, np.nan, scale[codes]) for scale, codes, last in graded])
    lost = np.isnan(each).all(axis=0)
    return np.where(lost, np.nan, np.where(np.isnan(each), -1.0, each).max(axis=0))


def refuse_empty(sites: VectorData) -> None:
    """A Problem for a layer without rows."""
    if len(sites.frame) == 0:
        raise Problem(f"{sites.source.path} has no rows.", fix="Give a layer with at least one feature.")


def people_of(sites: VectorData, column: str | None) -> tuple[PeopleColumn | None, tuple[Finding, ...]]:
    """The people of the sites; a finding where a column of people is there and nobody asked for it."""
    from migmap.geo.figures import people_column

    if column is not None:
        people = people_column(sites, column)
        return people, people.findings
    there = sites.roles.get("people")
    if there is None:
        return None, ()
    return None, (
        Finding(
            "people-column-not-used",
            "info",
            f"{sites.name} has people in “{there}”; only sites were counted. Name the column to count them "
            f"(--people {there}).",
        ),
    )


def tally_sites(
    labels: tuple[str, ...],
    codes: np.ndarray,
    people: PeopleColumn | None,
    sites: VectorData,
    areas: AreaSet | None,
) -> list[Tally]:
    """Sites, then people, by class and area. codes: int [n], index into labels."""
    from migmap.geo.positions import positions_in
    from migmap.geo.tally import tally_rows

    members = areas.members(positions_in(sites, areas.crs)) if areas is not None else None
    count = len(areas) if areas is not None else 0
    tallies = [tally_rows("sites", "sites", labels, codes, None, members, count)]
    if people is not None:
        known = np.where(people.known, people.values, 0.0)
        tallies.append(tally_rows("people", "people", labels, codes, known, members, count))
    return tallies


def without_position(sites: VectorData, areas: AreaSet | None) -> tuple[Finding, ...]:
    """The finding for sites that are nowhere: their class is unknown, and so is their area."""
    from migmap.geo.positions import positions
    from migmap.geo.wording import counted, first_rows

    lost = ~np.isfinite(positions(sites)).all(axis=1)
    if not lost.any():
        return ()
    count = int(lost.sum())
    rows = first_rows(np.asarray(sites.row_numbers)[lost])
    if lost.all():
        said = f"{sites.name}: no site has a position, so everything is unknown.{_why_nowhere(sites)}"
        return (Finding("sites-without-coordinates", "warning", said, count, rows),)
    where = " Those lie in no known area and are counted in the row “outside”." if areas is not None else ""
    return (
        Finding(
            "site-without-position",
            "warning",
            f"{sites.name}: {count:,} of {counted(len(lost), 'site')} {'has' if count == 1 else 'have'} no "
            f"position and {'counts' if count == 1 else 'count'} as unknown.{where}",
            count,
            rows,
        ),
    )


def _why_nowhere(sites: VectorData) -> str:
    """What is missing, where the reader knew: coordinates, or their system."""
    from migmap.io.coordinates.whereabouts import LOOKED_FOR

    said = {finding.code: finding.severity for finding in sites.findings}
    if "coordinates-projected" in said:
        return " Its coordinates are no longitude and latitude: state their system with --crs EPSG:n."
    if said.get("no-position") == "info":
        return f" It is a table without coordinates; migmap looks for {LOOKED_FOR}."
    return ""


def without_people(count: int) -> str:
    """A note on the sites whose people nobody knows."""
    from migmap.geo.wording import counted

    return (
        f"{counted(count, 'site has', 'sites have')} no number of people and "
        f"{'is' if count == 1 else 'are'} in no total of people."
    )


def site_notes(
    hazard: Prepared,
    sites: VectorData,
    tallies: Sequence[Tally],
    areas: AreaSet | None,
    people: np.ndarray | None,
) -> list[str]:
    """What one hazard does to the sites, in sentences: (sites, then people where they are counted)."""
    answer = tallies[-1]
    whole = float(answer.everything.sum())
    harm = outcome.harm_total(answer)
    unknown = outcome.class_total(answer, UNKNOWN)
    site_count = outcome.amount(float(tallies[0].everything.sum()), "sites")
    subject = f"Of {site_count} in {sites.title}"
    if people is not None:
        subject = f"Of {outcome.amount(whole, 'people')} in {site_count} of {sites.title}"
    safe = outcome.class_total(answer, NOT_EXPOSED)
    notes = [
        f"{subject}, {outcome.with_share(harm, whole, answer.unit)} {outcome.are(harm, answer.unit)} "
        f"exposed to {hazard.asked.title}, {outcome.with_share(safe, whole, answer.unit)} "
        f"{outcome.are(safe, answer.unit)} not, "
        f"{outcome.unknown_words(unknown, whole, answer.unit)}."
    ]
    if people is not None:
        site = tallies[0]
        notes.append(
            f"Sites: {outcome.harm_total(site):,.0f} exposed, "
            f"{outcome.class_total(site, NOT_EXPOSED):,.0f} not exposed, "
            f"{outcome.class_total(site, UNKNOWN):,.0f} unknown."
        )
    notes.extend(outcome.by_class(answer))
    if areas is not None and (worst := outcome.worst_areas(answer, areas)):
        notes.append(f"Most exposed: {worst}.")
    return notes


def site_rule(params: Any, grounds: SiteGrounds, unit: str | None) -> str:
    """The rule, as the notes state it."""
    rule = params.rule or ("exact" if unit is not None else "point")
    by_position = "a point, or a polygon's centroid if inside it, else a point on it"
    if rule == "point":
        return f"Rule: a site counts once, whole, by its position: {by_position}."
    if unit is not None:
        how = (
            "by the cells whose centre lies in it" if rule == "centre" else "by the exact share of every cell"
        )
        return (
            f"Rule: the people of a site are those of the population raster inside its ground, {how}; "
            "sites count whole, in the highest class on their ground."
        )
    ground = "its own ground"
    if params.radius_m is not None:
        ground = f"a circle of {params.radius_m:g} m around it"
    elif grounds.radius_m is not None:
        ground = "a circle as large as its own area"
    if rule in ("footprint", "touch"):
        verb = "meets" if rule == "footprint" else "touches"
        return (
            f"Rule: a site counts once, whole, in the highest class that {ground} {verb}; "
            f"a site without ground counts by its position ({by_position})."
        )
    how = f"the share of {ground} in each"
    if rule == "centre":
        how = f"how many cells of each have their centre in {ground}, as QGIS counts"
    return (
        f"Rule: people of a site are shared out over the classes by {how}; sites count whole, in the highest "
        "class on their ground; a site without ground counts by its position."
    )
