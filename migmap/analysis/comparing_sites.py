"""Sites of two runs, one by one: people and class before and after, what is new, what is gone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from migmap.api import Finding, ResultLayer, VectorData

from . import outcome

PEOPLE_EDGES = (10.0, 100.0, 1_000.0, 10_000.0)
"""Fixed and published, as for areas."""
BOTH, NEW, GONE = "in both", "new", "gone"
_EXPOSED = "people_exposed"
_DECIMALS = 5
"""Of degrees: places nearer than about a metre are one."""


def sites_difference(
    layer: ResultLayer, before: VectorData, params: Any, earlier: Mapping[str, Any]
) -> tuple[ResultLayer, tuple[Finding, ...]]:
    """(the layer "sites_difference", findings): a row for every site of either run.

    layer: the layer "sites" of this run; before: that of the earlier one. Sites are the same where their code
    is, in layers with a code that tells every row apart; else where name and place are. Columns: id, name,
    status (in both, new, gone), people_before, people_after, people_change, class_before, class_after, and
    where both runs say how many people of each site are exposed exposed_before, exposed_after,
    exposed_change, by which the map is then coloured. The people of a new site before are unknown, not 0.
    Sites that are gone lie where they were.
    """
    import geopandas
    import pandas

    from migmap.geo.crs import WGS84, to_lonlat
    from migmap.geo.symbology import diverging_style

    now = layer.data
    by_code = _codes(now) is not None and _codes(before) is not None
    mine, theirs = _identities(now, by_code), _identities(before, by_code)
    seat: dict[str, int] = {}
    doubtful = 0
    for row, one in enumerate(theirs):
        doubtful += one in seat
        seat.setdefault(one, row)
    match = np.full(len(mine), -1)
    used: set[int] = set()
    for row, one in enumerate(mine):
        place = seat.get(one, -1)
        if place >= 0 and place not in used:
            match[row] = place
            used.add(place)
    gone = np.array([row for row in range(len(theirs)) if row not in used], dtype=np.int64)
    both = match >= 0

    def joined(after: np.ndarray, first: np.ndarray, empty: Any) -> tuple[np.ndarray, np.ndarray]:
        """(before, after) of every row: those of this run, then those that are gone."""
        was = np.full(len(after) + len(gone), empty, dtype=first.dtype)
        has = np.full(len(after) + len(gone), empty, dtype=after.dtype)
        has[: len(after)] = after
        was[: len(after)][both] = first[match[both]]
        was[len(after) :] = first[gone]
        return was, has

    old_params = dict(earlier)
    new_params = params if isinstance(params, Mapping) else params.model_dump(mode="json")
    people = joined(_people(now, new_params), _people(before, old_params), np.nan)
    classes = joined(_texts(now, "class"), _texts(before, "class"), None)
    names = joined(_names(now), _names(before), None)
    ids = [*mine, *(theirs[row] for row in gone)]
    status = np.where(both, BOTH, NEW).tolist() + [GONE] * len(gone)
    shapes = np.concatenate([to_lonlat(now).to_numpy(), to_lonlat(before).to_numpy()[gone]])
    table = pandas.DataFrame(
        {
            "id": ids if by_code else [None] * len(ids),
            "name": [old if new is None else new for old, new in zip(*names, strict=True)],
            "status": status,
            "people_before": people[0],
            "people_after": people[1],
            "people_change": people[1] - people[0],
            "class_before": classes[0],
            "class_after": classes[1],
        }
    )
    column, heading = "people_change", "Change of people"
    if all(_EXPOSED in one.frame for one in (now, before)):
        exposed = joined(_numbers(now, _EXPOSED), _numbers(before, _EXPOSED), np.nan)
        table = table.assign(
            exposed_before=exposed[0], exposed_after=exposed[1], exposed_change=exposed[1] - exposed[0]
        )
        column, heading = "exposed_change", "Change of people exposed"
    frame = geopandas.GeoDataFrame(table, geometry=geopandas.GeoSeries(list(shapes), crs=WGS84))
    rows = np.concatenate([np.asarray(now.row_numbers), np.asarray(before.row_numbers)[gone]])
    data = replace(
        now,
        frame=frame,
        name="sites_difference",
        row_numbers=rows,
        kind="plain",
        roles={"name": "name"},
        findings=(),
        people=(),
        aside=(),
        meta=outcome.meta_of((now, before)),
    )
    style = diverging_style(column, PEOPLE_EDGES, title=heading, unknown_label="new, gone, or people unknown")
    made = ResultLayer("sites_difference", "Sites before and after", data, style)
    return made, _findings(now, both, gone, classes, doubtful, by_code)


def _findings(
    now: VectorData,
    both: np.ndarray,
    gone: np.ndarray,
    classes: tuple[np.ndarray, np.ndarray],
    doubtful: int,
    by_code: bool,
) -> tuple[Finding, ...]:
    from migmap.geo.wording import counted, first_rows

    new = int((~both).sum())
    kept = np.flatnonzero(both)
    moved = [row for row in kept if classes[0][row] != classes[1][row]]
    how = "code" if by_code else "name and place"
    said = [
        Finding(
            "compared-sites",
            "info",
            f"Sites matched by {how}: {counted(int(both.sum()), 'site')} in both runs, of which "
            f"{counted(len(moved), 'changes', 'change')} class; {new:,} new, {len(gone):,} gone.",
            new + len(gone),
            first_rows(np.asarray(now.row_numbers)[~both]),
        )
    ]
    if doubtful:
        said.append(
            Finding(
                "compared-sites-alike",
                "warning",
                f"{counted(doubtful, 'site')} of the earlier run {'has' if doubtful == 1 else 'have'} the "
                f"same {how} as another, so which is which is open; each was matched once.",
                doubtful,
            )
        )
    return tuple(said)


def _codes(sites: VectorData) -> list[str] | None:
    """The code of every site; None where the layer has none, or it does not tell all rows apart."""
    column = sites.roles.get("code")
    if column is None or column not in sites.frame.columns:
        return None
    texts = _texts(sites, column)
    known = [text for text in texts if text is not None]
    return known if len(known) == len(texts) == len(set(known)) else None


def _identities(sites: VectorData, by_code: bool) -> list[str]:
    from migmap.geo.positions import positions

    codes = _codes(sites)
    if by_code and codes is not None:
        return codes
    points = positions(sites).round(_DECIMALS) + 0.0
    return [
        f"{'' if name is None else name.casefold().strip()} @ {x} {y}"
        for name, (x, y) in zip(_names(sites), points.tolist(), strict=True)
    ]


def _names(sites: VectorData) -> np.ndarray:
    column = sites.roles.get("name")
    if column is None or column not in sites.frame.columns:
        return np.full(len(sites.frame), None, dtype=object)
    return _texts(sites, column)


def _texts(sites: VectorData, column: str) -> np.ndarray:
    from migmap.geo.columns import text_column

    out = np.empty(len(sites.frame), dtype=object)
    if column in sites.frame.columns:
        out[:] = list(text_column(sites, column))
    return out


def _numbers(sites: VectorData, column: str) -> np.ndarray:
    """float64 [n], NaN unknown."""
    return np.asarray(sites.frame[column].to_numpy(dtype=np.float64, na_value=np.nan))


def _people(sites: VectorData, params: Mapping[str, Any]) -> np.ndarray:
    """float64 [n], NaN unknown: those inside by a population raster, else those of the people column."""
    from migmap.geo.figures import people_column

    column = "people_inside" if "people_inside" in sites.frame.columns else params.get("people")
    if column is None:
        return np.full(len(sites.frame), np.nan)
    # A column of the sites with the name of a result stands there under another.
    there = f"{column}_input" if f"{column}_input" in sites.frame.columns else column
    if there not in sites.frame.columns:
        return np.full(len(sites.frame), np.nan)
    return people_column(sites, there).values
