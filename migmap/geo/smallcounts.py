"""Small counts of single households: a figure of one or two gives somebody away, so it is not shown.

The rule: a count of 1 to 4 households in an area is hidden, and with it the people counted there. Where one
hidden count, or hidden counts of fewer than 5 in all, could be found as the difference to the stated sum, the
next smallest counts are hidden with it. Zero stays zero, and the sum of everything stays as it is.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
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


def masked_areas(areas: VectorData) -> VectorData:
    """The areas a run about households made, with no value where a count is not shown."""
    frame = areas.frame
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


def without_figures(notes: Iterable[str], lost: Iterable[Metric]) -> tuple[str, ...]:
    """Notes in which no hidden figure of an area stands."""
    said = tuple(notes)
    for one in lost:
        if one.area_name and one.value is not None:
            named = rf"({re.escape(one.area_name)}) \({one.value:,.0f} (?:sites?|people|person)\)"
            said = tuple(re.sub(named, r"\1 (not shown)", note) for note in said)
    return said
