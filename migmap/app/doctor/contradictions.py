"""Layers that should agree and do not: figures are shown side by side, never settled."""

from __future__ import annotations

import datetime
import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from migmap.api import GROUND_KINDS, Finding, VectorData

from .dates import row_dates

if TYPE_CHECKING:
    import numpy as np

    from migmap.geo.areas import AreaSet

SAME_PLACE_M = 500.0
# Below this, figures of two sources are called equal.
TOLERANCE = 0.05
_FEW = 5.0
_NAMED = 5
_NOT_SITES = ("dtm_area", "flow", "flow_point", "basemap", "service", "activity")


@dataclass(frozen=True, slots=True, eq=False)
class _Sites:
    """The newest row of each place with people. rows: as a person sees them."""

    data: VectorData
    rows: np.ndarray
    names: list[str]
    codes: list[str]
    people: np.ndarray
    places: np.ndarray
    turns: list[str]
    """Of which date, or round, each row is; "" where it does not say."""


def between_layers(layers: Sequence[VectorData]) -> list[Finding]:
    """people-contradict: one place with different people in two layers, people-changed where they are two
    rounds of sites; dtm-totals-contradict: the sites of a
    district do not add up to the total of the district in another layer."""
    findings = []
    sites = [found for found in map(_sites, layers) if found is not None]
    for a, b in combinations(sites, 2):
        findings += _same_places(a, b)
    for area in (data for data in layers if data.kind == "dtm_area"):
        for site in (data for data in layers if data.kind == "dtm_site"):
            findings += _dtm_totals(site, area)
    return findings


def _differ(a: float, b: float) -> bool:
    return abs(a - b) > max(TOLERANCE * max(abs(a), abs(b)), _FEW)


def _sites(data: VectorData) -> _Sites | None:
    import numpy as np
    import shapely

    from migmap.geo.checks_near import plain_name
    from migmap.geo.columns import text_column
    from migmap.geo.positions import positions

    if data.kind in _NOT_SITES or data.roles.get("people") not in data.frame.columns:
        return None
    # Polygons of these kinds are ground and no places; points of them may well be.
    if data.kind in GROUND_KINDS and bool(
        (shapely.get_dimensions(data.frame.geometry.to_numpy()) == 2).any()
    ):
        return None
    latest = newest_rows(data)
    people = people_of(data)[latest]
    known = np.isfinite(people)
    latest, people = latest[known], people[known]
    if not len(latest):
        return None
    names = text_column(data, data.roles.get("name"))
    codes = text_column(data, data.roles.get("code"))
    return _Sites(
        data,
        data.row_numbers[latest],
        [plain_name(name) if (name := names[at]) else "" for at in latest],
        [codes[at] or "" for at in latest],
        people,
        positions(data)[latest],
        _turns(data, latest),
    )


def _turns(data: VectorData, rows: np.ndarray) -> list[str]:
    from migmap.geo.columns import text_column

    days, rounds = row_dates(data), text_column(data, data.roles.get("round"))
    return [
        str(day) if (day := days[at]) is not None else f"round {rounds[at]}" if rounds[at] else ""
        for at in rows
    ]


def people_of(data: VectorData) -> np.ndarray:
    """float64 [n]: people of each row by the role "people", NaN where blank."""
    import numpy as np
    import pandas

    column = data.roles.get("people")
    if column not in data.frame.columns:
        return np.full(len(data.frame), np.nan)
    values = pandas.to_numeric(data.frame[column], errors="coerce")
    return np.asarray(values.to_numpy(dtype=np.float64, na_value=math.nan))


def newest_rows(data: VectorData) -> np.ndarray:
    """int64: of rows with one id the one with the newest date (the last in the file where none has one)."""
    import numpy as np
    import pandas

    from migmap.geo.checks_rows import id_labels

    days = [day or datetime.date.min for day in row_dates(data)]
    table = pandas.DataFrame({"id": id_labels(data), "day": [day.toordinal() for day in days]})
    last = table.sort_values("day", kind="stable").drop_duplicates("id", keep="last")
    return np.sort(last.index.to_numpy()).astype(np.int64)


def _same_places(a: _Sites, b: _Sites) -> list[Finding]:
    pairs = _by_code(a, b) or _by_place(a, b)
    odd = [(i, j) for i, j in pairs if _differ(float(a.people[i]), float(b.people[j]))]
    odd.sort(key=lambda pair: -abs(float(a.people[pair[0]]) - float(b.people[pair[1]])))
    # Two rounds of one exercise are there to differ.
    rounds = a.data.kind == b.data.kind == "dtm_site"
    changed = [(i, j) for i, j in odd if rounds and a.turns[i] and b.turns[j] and a.turns[i] != b.turns[j]]
    both = f"of {len(pairs):,} places that are in both {a.data.title} and {b.data.title}"
    said = []
    against = [pair for pair in odd if pair not in set(changed)]
    if against:
        said.append(
            Finding(
                "people-contradict",
                "warning",
                f"{len(against):,} {both} have different numbers of people: {_side_by_side(a, b, against)}.",
                len(against),
            )
        )
    if changed:
        said.append(
            Finding(
                "people-changed",
                "info",
                f"{len(changed):,} {both} have other numbers of people in another round: "
                f"{_side_by_side(a, b, changed)}.",
                len(changed),
            )
        )
    return said


def _side_by_side(a: _Sites, b: _Sites, pairs: Sequence[tuple[int, int]]) -> str:
    listed = [
        f"{_called(a, i)}: {a.people[i]:,.0f} (row {int(a.rows[i]):,}) and {b.people[j]:,.0f} "
        f"(row {int(b.rows[j]):,})"
        for i, j in pairs[:_NAMED]
    ]
    return "; ".join(listed) + _more(len(pairs) - _NAMED)


def _called(sites: _Sites, at: int) -> str:
    return sites.names[at] or sites.codes[at] or "a place without a name"


def _by_code(a: _Sites, b: _Sites) -> list[tuple[int, int]]:
    """Pairs with one code, where names do not speak against it."""
    from migmap.geo.checks_near import alike

    places = {code: j for j, code in enumerate(b.codes) if code}
    pairs = [(i, places[code]) for i, code in enumerate(a.codes) if code in places]
    fitting = [(i, j) for i, j in pairs if not a.names[i] or not b.names[j] or alike(a.names[i], b.names[j])]
    # Running numbers of two lists agree by chance.
    return fitting if 2 * len(fitting) >= len(pairs) else []


def _by_place(a: _Sites, b: _Sites) -> list[tuple[int, int]]:
    """Pairs within 500 m of each other with almost the same name."""
    import numpy as np
    from scipy.spatial import cKDTree

    from migmap.geo.checks_near import alike
    from migmap.geo.reach import earth_centred

    here = np.flatnonzero(np.isfinite(a.places).all(axis=1))
    there = np.flatnonzero(np.isfinite(b.places).all(axis=1))
    if not len(here) or not len(there):
        return []
    near = min(4, len(there))
    metres, which = cKDTree(earth_centred(b.places[there])).query(
        earth_centred(a.places[here]), k=near, distance_upper_bound=SAME_PLACE_M
    )
    metres, which = metres.reshape(len(here), near), which.reshape(len(here), near)
    pairs = []
    for at, i in enumerate(here.tolist()):
        for k in range(near):
            if not math.isfinite(metres[at, k]):
                break
            j = int(there[which[at, k]])
            if a.names[i] and b.names[j] and alike(a.names[i], b.names[j]):
                pairs.append((i, j))
                break
    return pairs


def _dtm_totals(site: VectorData, area: VectorData) -> list[Finding]:
    """Sums of sites by district and date against the totals of an area table."""
    by_site, by_area = _totals(site), _totals(area)
    shared = [key for key in by_site if key in by_area]
    odd = [key for key in shared if _differ(by_site[key], by_area[key])]
    if not odd:
        return []
    odd.sort(key=lambda key: -abs(by_site[key] - by_area[key]))
    listed = [
        f"{' '.join(key).strip()}: {by_site[key]:,.0f} in sites, {by_area[key]:,.0f} in the table"
        for key in odd[:_NAMED]
    ]
    return [
        Finding(
            "dtm-totals-contradict",
            "warning",
            f"In {len(odd):,} of {len(shared):,} districts and dates the sites of {site.title} do not add up "
            f"to the total of {area.title}: {'; '.join(listed)}{_more(len(odd) - _NAMED)}. People outside "
            "sites may be the difference.",
            len(odd),
        )
    ]


def _totals(data: VectorData) -> dict[tuple[str, str], float]:
    """(district, date or round) -> people; districts by P-code where there is one."""
    from migmap.geo.columns import text_column

    people = people_of(data)
    place_roles = ("adm2_pcode", "adm2_name", "pcode", "adm1_pcode", "adm1_name")
    column = next((data.roles[role] for role in place_roles if data.roles.get(role) in data.frame), None)
    if column is None:
        return {}
    places = text_column(data, column)
    days = row_dates(data)
    rounds = text_column(data, data.roles.get("round"))
    totals: dict[tuple[str, str], list[float]] = {}
    for at, place in enumerate(places):
        if not place or not math.isfinite(people[at]):
            continue
        when = str(days[at]) if days[at] is not None else f"round {rounds[at]}" if rounds[at] else ""
        totals.setdefault((place, when), []).append(float(people[at]))
    return {key: math.fsum(values) for key, values in totals.items()}


def people_against_areas(data: VectorData, areas: VectorData, ground: AreaSet) -> list[Finding]:
    """people-above-population: more people in the sites of an area than the boundary layer says live there;
    people-contradict: the people of an area in two area layers."""
    import numpy as np

    from migmap.geo.checks_places import areas_of_rows, stated_areas

    if data.roles.get("people") not in data.frame.columns:
        return []
    population = _population(areas, ground)
    if not np.isfinite(population).any():
        return []
    latest = newest_rows(data)
    stated = stated_areas(data, ground)
    where = areas_of_rows(data, ground)
    if stated is not None:
        where = np.where(stated[1] >= 0, stated[1], where)
    people = people_of(data)
    used = latest[np.isfinite(people[latest]) & (where[latest] >= 0)]
    if not len(used):
        return []
    sums = np.bincount(where[used], weights=people[used], minlength=len(ground))
    rows = np.bincount(where[used], minlength=len(ground))
    same_thing = data.kind in ("boundary", "population")
    if same_thing:
        known = (rows == 1) & np.isfinite(population)
        odd = [at for at in np.flatnonzero(known).tolist() if _differ(float(sums[at]), float(population[at]))]
    else:
        odd = np.flatnonzero(np.isfinite(population) & (sums > population)).tolist()
    if not odd:
        return []
    odd.sort(key=lambda at: -abs(float(sums[at]) - float(population[at])))
    listed = [
        f"{ground.names[at]}: {sums[at]:,.0f} in {data.title}, {population[at]:,.0f} in {areas.title}"
        for at in odd[:_NAMED]
    ]
    tail = f"{'; '.join(listed)}{_more(len(odd) - _NAMED)}."
    if same_thing:
        return [
            Finding(
                "people-contradict",
                "warning",
                f"{len(odd):,} of {int(known.sum()):,} areas have different numbers of people in "
                f"{data.title} and {areas.title}: {tail}",
                len(odd),
            )
        ]
    return [
        Finding(
            "people-above-population",
            "warning",
            f"In {len(odd):,} {'area' if len(odd) == 1 else 'areas'} the rows count more people than "
            f"{areas.title} says live there: {tail}",
            len(odd),
        )
    ]


def _population(areas: VectorData, ground: AreaSet) -> np.ndarray:
    """float64 [areas]: people of each area by its rows, NaN where none says."""
    import numpy as np

    people = people_of(areas)
    at = {int(row): k for k, row in enumerate(areas.row_numbers.tolist())}
    return np.array([people[at[int(row)]] if int(row) in at else np.nan for row in ground.rows])


def _more(count: int) -> str:
    return f"; and {count:,} more" if count > 0 else ""
