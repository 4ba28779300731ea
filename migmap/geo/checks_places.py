"""Where rows say they are, against areas: outside all of them, in another than stated, children outside
their parents."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

import numpy as np
import shapely

from migmap.api import Finding, Progress, no_progress

from .areas import area_set
from .checks_ground import ground_of
from .columns import text_column
from .crs import GEOD, WGS84
from .gazetteer import Asked, Gazetteer, Place
from .ground import ground_area_m2
from .positions import positions
from .wording import first_rows, km2_text, rows_text

if TYPE_CHECKING:
    from migmap.api import VectorData

    from .areas import AreaSet

# Borders of different sources differ by this much; a place so near the right area is not called wrong.
BORDER_M = 500.0
# Of the values that say where rows are, so many must be known in the areas before any is called wrong.
_KNOWN_SHARE = 0.5
_OUTSIDE_SHARE = 0.01
_NAMED = 10


def place_findings(
    data: VectorData, areas: VectorData | None = None, progress: Progress = no_progress
) -> tuple[Finding, ...]:
    """pcode-parent-differs, outside-parent, and with areas: outside-areas, place-contradicts-area.

    areas: a boundary layer whose role "pcode" or "name" says what its areas are called.
    """
    findings = [*_codes_against_parents(data), *_outside_parents(data, areas)]
    if areas is not None and data is not areas:
        progress(0.2, "laying rows on areas")
        findings += _against_areas(data, area_set(areas), progress)
    progress(1.0, "laying rows on areas")
    return tuple(findings)


def _codes_against_parents(data: VectorData) -> list[Finding]:
    """P-codes are built on those of their parents: PK101 lies in PK1."""
    own = text_column(data, data.roles.get("pcode"))
    parent = text_column(data, data.roles.get("parent_pcode"))
    both = [k for k in range(len(own)) if own[k] and parent[k]]
    odd = [k for k in both if not str(own[k]).casefold().startswith(str(parent[k]).casefold())]
    # Where most differ the country builds its codes in another way.
    if not odd or len(odd) > 0.2 * len(both):
        return []
    listed = ", ".join(f"{own[k]} in {parent[k]} (row {int(data.row_numbers[k]):,})" for k in odd[:5])
    return [
        Finding(
            "pcode-parent-differs",
            "warning",
            f"{rows_text(len(odd))} with a P-code that does not begin with that of the parent: {listed}"
            f"{_more(len(odd) - 5)}.",
            len(odd),
            first_rows(data.row_numbers[odd]),
        )
    ]


def _outside_parents(data: VectorData, areas: VectorData | None) -> list[Finding]:
    """Areas that reach out of the area their parent's P-code names; the parents are the areas given, else
    rows of the same layer."""
    column = data.roles.get("parent_pcode")
    parents = text_column(data, column)
    if column is None or not any(parents):
        return []
    source = data if areas is None else areas
    codes = text_column(source, source.roles.get("pcode"))
    wanted = {one for one in parents if one}
    if not wanted & {one for one in codes if one}:
        return []
    theirs, ours = ground_of(source), ground_of(data)
    if theirs is None or ours is None:
        return []
    members: dict[str, list[int]] = {}
    for piece, row in enumerate(theirs.rows):
        code = codes[row]
        if code in wanted:
            members.setdefault(str(code), []).append(piece)
    whole = {code: shapely.union_all(theirs.shapes[pieces]) for code, pieces in members.items()}
    rows = [(piece, str(parents[row])) for piece, row in enumerate(ours.rows) if parents[row] in whole]
    if not rows:
        return []
    at = np.array([one for one, _ in rows], dtype=np.int64)
    around = np.array([whole[code] for _, code in rows], dtype=object)
    shapely.prepare(np.array(list(whole.values()), dtype=object))
    out = ~shapely.covers(around, ours.shapes[at])
    beyond = np.zeros(len(at))
    if out.any():
        left = shapely.difference(ours.shapes[at[out]], around[out])
        beyond[out] = ground_area_m2(left, WGS84)
    odd = np.flatnonzero(beyond > _OUTSIDE_SHARE * ours.area_m2[at])
    if not len(odd):
        return []
    odd = odd[np.argsort(-beyond[odd], kind="stable")]
    names = text_column(data, data.roles.get("name"))
    listed = []
    for k in odd[:_NAMED]:
        row = ours.rows[at[k]]
        share = beyond[k] / max(ours.area_m2[at[k]], 1e-9)
        who = names[row] or f"row {int(data.row_numbers[row]):,}"
        listed.append(f"{who} in {parents[row]} ({km2_text(beyond[k] / 1e6)}, {share:.0%} of it)")
    rows_concerned = data.row_numbers[ours.rows[at[odd]]]
    return [
        Finding(
            "outside-parent",
            "warning",
            f"{rows_text(len(odd))} {'reaches' if len(odd) == 1 else 'reach'} out of the area their parent's "
            f"P-code names: {'; '.join(listed)}{_more(len(odd) - _NAMED)}.",
            len(odd),
            first_rows(sorted(rows_concerned)),
        )
    ]


def areas_of_rows(data: VectorData, areas: AreaSet) -> np.ndarray:
    """int64 [n]: the area each row lies in (the first of several), -1 for none."""
    result = np.full(len(data.frame), -1, dtype=np.int64)
    point, area = areas.lonlat.members(positions(data))
    first, at = np.unique(point, return_index=True)
    result[first] = area[at]
    return result


def _against_areas(data: VectorData, areas: AreaSet, progress: Progress) -> list[Finding]:
    places = positions(data)
    there = np.isfinite(places).all(axis=1)
    if not there.any():
        return []
    found = areas_of_rows(data, areas)
    progress(0.5, "laying rows on areas")
    return [*_outside(data, areas, places, found), *_elsewhere(data, areas, places, found, progress)]


def _outside(data: VectorData, areas: AreaSet, places: np.ndarray, found: np.ndarray) -> list[Finding]:
    out = np.flatnonzero(np.isfinite(places).all(axis=1) & (found < 0))
    if not len(out):
        return []
    metres = _metres_to_nearest(places[out], areas.lonlat.shapes)
    near = int((metres <= BORDER_M).sum())
    rows = data.row_numbers[out]
    farthest = int(np.argmax(metres))
    message = (
        f"{rows_text(len(out))} {'lies' if len(out) == 1 else 'lie'} outside all areas of {areas.title}, the "
        f"farthest {_distance(metres[farthest])} away (row {int(rows[farthest]):,})"
    )
    if near:
        message += f"; {near:,} of them within {BORDER_M:,.0f} m of a border"
    return [
        Finding(
            "outside-areas",
            "warning" if near < len(out) else "info",
            message + ".",
            len(out),
            first_rows(rows),
        )
    ]


def _elsewhere(
    data: VectorData, areas: AreaSet, places: np.ndarray, found: np.ndarray, progress: Progress
) -> list[Finding]:
    """Rows that name one area and lie in another."""
    stated = stated_areas(data, areas)
    if stated is None:
        return []
    column, named = stated
    odd = np.flatnonzero((named >= 0) & (named != found) & np.isfinite(places).all(axis=1))
    if not len(odd):
        return []
    metres = np.zeros(len(odd))
    shapes = areas.lonlat.shapes
    for area in np.unique(named[odd]):
        progress(0.7, "comparing places with what rows say")
        here = np.flatnonzero(named[odd] == area)
        metres[here] = _metres_to_nearest(places[odd[here]], shapes[[area]])
    far = metres > BORDER_M
    odd, metres = odd[far], metres[far]
    if not len(odd):
        return []
    order = np.argsort(-metres, kind="stable")
    rows = data.row_numbers
    listed = [
        f"row {int(rows[k]):,} says {areas.names[named[k]]}, lies "
        + (f"in {areas.names[found[k]]}" if found[k] >= 0 else "in none")
        + f", {_distance(m)} from there"
        for k, m in zip(odd[order][:5], metres[order][:5], strict=True)
    ]
    return [
        Finding(
            "place-contradicts-area",
            "warning",
            f"{rows_text(len(odd))} {'lies' if len(odd) == 1 else 'lie'} more than {BORDER_M:,.0f} m from "
            f"the area that “{column}” names, by the borders of {areas.title}: {'; '.join(listed)}"
            f"{_more(len(odd) - 5)}.",
            len(odd),
            first_rows(rows[np.sort(odd)]),
        )
    ]


def stated_areas(data: VectorData, areas: AreaSet) -> tuple[str, np.ndarray] | None:
    """(column, int64 [n]: the area it names, -1 where blank or unknown): the column of P-codes, else of
    names, of which at least half the values are known among the areas. None where there is no such
    column. A name that several areas have says nothing."""
    gazetteer = Gazetteer([Place(code, name) for code, name in zip(areas.ids, areas.names, strict=True)])
    code_roles = ["pcode", "adm4_pcode", "adm3_pcode", "adm2_pcode", "adm1_pcode", "code"]
    name_roles = ["adm4_name", "adm3_name", "adm2_name", "adm1_name"]
    if data.kind == "boundary":
        name_roles.insert(0, "name")
    told = re.search(r"(?:adm|admin|level)\D{0,6}([0-4])", areas.level, re.IGNORECASE)
    level = int(told.group(1)) if told else 0
    for roles, by_code in ((code_roles, True), (name_roles, False)):
        for role in roles:
            column = data.roles.get(role)
            if column is None or column not in data.frame.columns:
                continue
            if role.startswith("adm") and int(role[3]) < level:
                # The name of a district is no word on which of its tehsils a row is in.
                continue
            values = text_column(data, column)
            distinct = {one for one in values if one}
            known = {one: _area_of(gazetteer, one, by_code) for one in distinct}
            if not distinct or sum(at >= 0 for at in known.values()) < _KNOWN_SHARE * len(distinct):
                continue
            return column, np.array([known[one] if one else -1 for one in values], dtype=np.int64)
    return None


def _area_of(gazetteer: Gazetteer, text: str, by_code: bool) -> int:
    """The area a code or name surely means, -1 for none; the same judgement as when tables are joined."""
    asked = Asked(code=text) if by_code else Asked(name=text)
    found = gazetteer.match(asked, by_code=by_code, by_name=not by_code)
    return found.place if found.status == "matched" else -1


def _metres_to_nearest(places: np.ndarray, shapes: np.ndarray) -> np.ndarray:
    """float64 [n]: geodesic distance to the nearest of the shapes, 0 inside; the nearest point is looked
    for in degrees with longitude shrunk to the middle latitude, right to a percent near by."""
    shrink = max(math.cos(math.radians(float(np.median(places[:, 1])))), 0.05)
    flat = shapely.transform(shapes, lambda xy: xy * [shrink, 1.0])
    points = shapely.points(places * [shrink, 1.0])
    tree = shapely.STRtree(flat)
    index, nearest = tree.query_nearest(points, all_matches=False)
    line = shapely.shortest_line(points[index], flat[nearest])
    end = shapely.get_coordinates(shapely.get_point(line, -1)) / [shrink, 1.0]
    result = np.full(len(places), np.nan)
    here = places[index]
    _, _, metres = GEOD.inv(here[:, 0], here[:, 1], end[:, 0], end[:, 1])
    result[index] = metres
    return result


def _distance(metres: float) -> str:
    return f"{metres / 1000:,.0f} km" if metres >= 10_000 else f"{metres:,.0f} m"


def _more(count: int) -> str:
    return f"; and {count:,} more" if count > 0 else ""
