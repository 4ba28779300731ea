"""Small counts of single households: a figure of one or two gives somebody away, so it is not shown.

The rule: a count of 1 to 4 households in an area is hidden, and with it the people counted there. Where one
hidden count, or hidden counts of fewer than 5 in all, could be found as the difference to the stated sum, the
next smallest counts are hidden with it. Zero stays zero, and the sum of everything stays as it is.

Where figures hang together (several hazards, groups or levels of areas, what follows from the classes, two
runs compared), a hidden figure could be found from others of the same area. There an area with any small
count is closed: none of its figures is shown but zeros; and so is a group with a small count in all.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import replace

import numpy as np

from migmap.api import Metric, VectorData

from .areas import OVERLAP

FEWEST = 5
"""Counts below this are hidden."""
RULE = (
    f"Counts of fewer than {FEWEST} households are not shown, nor as many of the next smallest as would let "
    "them be found by subtraction; sums of everything include them."
)
_CALM = frozenset({"not_exposed", "within", "known", "unknown"})
_HARM = ("exposed_sites", "exposed_people", "beyond_sites", "beyond_people")


def hidden(counts: np.ndarray) -> np.ndarray:
    """bool [n]: the counts (float64 [n], NaN unknown) that are not shown beside their sum."""
    counts = np.asarray(counts, dtype=np.float64)
    out = (counts > 0) & (counts < FEWEST)
    if not out.any():
        return out
    for place in np.argsort(np.where(counts > 0, counts, np.inf), kind="stable"):
        if out.sum() >= 2 and counts[out].sum() >= FEWEST:
            break
        if counts[place] > 0:
            out[place] = True
    return out


def masked_metrics(metrics: Sequence[Metric]) -> tuple[tuple[Metric, ...], tuple[Metric, ...]]:
    """(the metrics of a run about households with None for what is not shown, those as they were)."""
    if not _alone(metrics):
        return _masked_together(metrics)
    families: dict[tuple[str | None, str | None, str | None], list[int]] = defaultdict(list)
    for place, one in enumerate(metrics):
        if one.metric == "sites" and one.area is not None and one.area != OVERLAP:
            families[one.hazard, one.group, one.class_].append(place)
    gone: set[tuple[str | None, str | None, str | None, str | None]] = set()
    placed: dict[tuple[str | None, str | None, str | None], float] = defaultdict(float)
    for (hazard, group, class_), places in families.items():
        values = np.array([np.nan if (v := metrics[k].value) is None else v for k in places])
        for k, value, out in zip(places, values, hidden(values), strict=True):
            area = metrics[k].area
            placed[hazard, group, area] += 0.0 if class_ == "unknown" or np.isnan(value) else float(value)
            if out:
                gone.add((hazard, group, class_, area))
    classes = {(hazard, group, class_) for hazard, group, class_, _ in gone}

    def is_hidden(one: Metric) -> bool:
        if one.area is None or not one.value:
            return False
        if one.unit in ("sites", "people"):
            if one.area == OVERLAP:
                return (one.hazard, one.group, one.class_) in classes
            return (one.hazard, one.group, one.class_, one.area) in gone
        return 0 < placed[one.hazard, one.group, one.area] < FEWEST

    lost = tuple(one for one in metrics if is_hidden(one))
    if not lost:
        return tuple(metrics), ()
    return tuple(replace(one, value=None, hidden=True) if is_hidden(one) else one for one in metrics), lost


_COUNTS = ("sites", "joint_sites")
_SURE = ("people_min", "people_max")


def _alone(metrics: Iterable[Metric]) -> bool:
    """Whether no figure follows from others of the same area: one hazard, no groups, one level, no more than
    sites, people and distances."""
    rows = list(metrics)
    return (
        all(row.metric in ("sites", "people", "distance_m") for row in rows)
        and all(row.group is None and not row.compared for row in rows)
        and len({row.hazard for row in rows}) <= 1
        and len({row.level for row in rows if row.level is not None}) <= 1
    )


def _counts(row: Metric) -> tuple[float, ...]:
    """What a row counts, of a comparison both figures; 0 where nobody knows."""
    values = (row.before, row.after) if row.compared else (row.value,)
    return tuple(value or 0.0 for value in values)


def _closed(families: Iterable[dict[Hashable, float]], hidden_already: set[Hashable]) -> set[Hashable]:
    """Members that must not be shown: those with a small count in any family, those hidden already, and as
    many more as it takes that in no family they are found from the sum of all its members."""
    listed = [{who: count for who, count in one.items() if count > 0} for one in families]
    closed = set(hidden_already)
    for one in listed:
        closed |= {who for who, count in one.items() if count < FEWEST}
    grown = bool(closed)
    while grown:
        grown = False
        for one in listed:
            gone = {who: count for who, count in one.items() if who in closed}
            left = sorted((count, str(who), who) for who, count in one.items() if who not in closed)
            while gone and left and (len(gone) < 2 or sum(gone.values()) < FEWEST):
                count, _, who = left.pop(0)
                gone[who] = count
                closed.add(who)
                grown = True
    return closed


def _closed_places(metrics: Sequence[Metric]) -> tuple[set[Hashable], set[Hashable]]:
    """((level, area) that are closed, groups that are)."""
    by_level: dict[str | None, dict[Hashable, dict[Hashable, float]]] = defaultdict(lambda: defaultdict(dict))
    by_group: dict[Hashable, dict[Hashable, float]] = defaultdict(dict)
    gone: dict[str | None, set[Hashable]] = defaultdict(set)
    groups_gone: set[Hashable] = set()
    for row in metrics:
        if row.hidden:
            # Other figures may be hidden for their own sake, in areas that are open.
            counted = row.metric in _COUNTS and row.group is None
            if counted and row.area is not None and row.area != OVERLAP:
                gone[row.level].add((row.level, row.area))
            elif row.area is None and row.group is not None:
                groups_gone.add(row.group)
        if row.metric not in _COUNTS and row.unit != "sites":
            continue
        for which, count in enumerate(_counts(row)):
            key = (row.metric, row.hazard, row.class_, which)
            if row.area is None and row.group is not None:
                by_group[key][row.group] = count
            elif row.area is not None and row.area != OVERLAP:
                by_level[row.level][(*key, row.group)][row.level, row.area] = count
    levels = list(dict.fromkeys(row.level for row in metrics if row.level is not None))
    closed: set[Hashable] = set()
    for place, level in enumerate(levels):
        own = _closed(by_level[level].values(), gone[level])
        if place and closed:
            # Which areas make up this one is not known here: it could be the sum that tells a hidden one.
            own = {(row.level, row.area) for row in metrics if row.level == level}
        closed |= own
    return closed, _closed(by_group.values(), groups_gone)


def closed_areas(metrics: Sequence[Metric]) -> frozenset[str] | None:
    """Ids of the closed areas of the first level; None where figures do not hang together and `masked_areas`
    finds by itself what is small."""
    if _alone(metrics):
        return None
    closed, _ = _closed_places(metrics)
    first = next((row.level for row in metrics if row.level is not None), None)
    return frozenset(
        row.area
        for row in metrics
        if row.area is not None and row.level == first and (first, row.area) in closed
    )


def _masked_together(metrics: Sequence[Metric]) -> tuple[tuple[Metric, ...], tuple[Metric, ...]]:
    closed, groups = _closed_places(metrics)
    levels = {row.level for row in metrics if (row.level, row.area) in closed}

    def is_hidden(row: Metric) -> bool:
        if not any(_counts(row)) and not row.value:
            return False
        if row.area is None:
            return row.group in groups
        if row.metric in _SURE or (groups and row.group is not None):
            return True
        if row.area == OVERLAP:
            return row.level in levels
        return (row.level, row.area) in closed

    gone = [is_hidden(row) for row in metrics]
    if not any(gone):
        return tuple(metrics), ()
    masked = tuple(
        replace(row, value=None, before=None, after=None, hidden=True) if out else row
        for row, out in zip(metrics, gone, strict=True)
    )
    return masked, tuple(row for row, out in zip(metrics, gone, strict=True) if out)


def masked_areas(areas: VectorData, closed: frozenset[str] | None = None) -> VectorData:
    """The areas a run about households made, with no value where a count is not shown. closed: as from
    `closed_areas`."""
    frame = areas.frame
    if closed is not None:
        return _without_closed(areas, closed)
    counts = [str(name) for name in frame.columns if str(name).startswith("sites_")]
    if not counts:
        return areas
    changes: dict[str, np.ndarray] = {}
    harmed = np.zeros(len(frame), dtype=bool)
    placed = np.zeros(len(frame))

    def hide(name: str, rows: np.ndarray) -> None:
        if name in frame.columns and rows.any():
            values = changes.get(name, frame[name].to_numpy(dtype=np.float64))
            changes[name] = np.where(rows & (values != 0), np.nan, values)

    for name in counts:
        label, values = name.removeprefix("sites_"), frame[name].to_numpy(dtype=np.float64)
        out = hidden(values)
        if label != "unknown":
            placed += np.nan_to_num(values)
        if label not in _CALM:
            harmed |= out
        hide(name, out)
        hide(f"people_{label}", out)
    for name in _HARM:
        if name in frame.columns:
            own = hidden(frame[name].to_numpy(dtype=np.float64)) if name.endswith("sites") else harmed
            harmed = harmed | own
            hide(name, harmed)
    few = (placed > 0) & (placed < FEWEST)
    for name in map(str, frame.columns):
        if name.endswith("_median"):
            hide(name, few)
    return replace(areas, frame=frame.assign(**changes)) if changes else areas


def _without_closed(areas: VectorData, closed: frozenset[str]) -> VectorData:
    frame = areas.frame
    rows = np.array([str(one) in closed for one in frame["id"]], dtype=bool)
    changes: dict[str, np.ndarray] = {}
    for name in map(str, frame.columns):
        if name in ("id", "name", frame.geometry.name) or frame[name].dtype.kind not in "fiu":
            continue
        out = np.ones(len(rows), dtype=bool) if name.startswith(_SURE) else rows
        values = frame[name].to_numpy(dtype=np.float64)
        # A change of 0 tells that two hidden figures are equal; only counts of 0 stay.
        nothing = (values == 0) & (not name.endswith("_change"))
        if (out & ~nothing).any():
            changes[name] = np.where(out & ~nothing, np.nan, values)
    return replace(areas, frame=frame.assign(**changes)) if changes else areas


def without_figures(notes: Iterable[str], lost: Iterable[Metric]) -> tuple[str, ...]:
    """Notes in which no hidden figure of an area stands."""
    said = tuple(notes)
    for one in lost:
        if one.area_name and (one.value is not None or one.compared):
            # Whatever number stands there: it may be a sum of hidden ones.
            named = rf"({re.escape(one.area_name)}) \([\d,]+ (?:sites?|people|person)\)"
            said = tuple(re.sub(named, r"\1 (not shown)", note) for note in said)
    return said
