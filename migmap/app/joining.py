"""A table joined to areas: matched, doubtful and unmatched rows, with their people, and the joined layer."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from migmap.api import (
    Data,
    Finding,
    Problem,
    Progress,
    RasterData,
    Reading,
    VectorData,
    no_progress,
    part,
    strictest,
)

from . import places
from .agreements import of_all
from .recipe import plain, unique

if TYPE_CHECKING:
    from collections.abc import Sequence

    from migmap.geo.gazetteer import Renamed, Split, Status
    from migmap.geo.placing import Group, Placed

BY = ("code", "name")
STATUSES = ("matched", "doubtful", "unmatched")
COLUMNS = ("area_code", "area_name", "area_match", "area_score", "area_how", "area_suggested")
"""What a joined layer has beside the table's own columns. area_suggested: of doubtful rows only; nobody
was put there."""


@dataclass(frozen=True, slots=True)
class JoinGroup:
    """Rows that say the same of where they are. value: what they say; parents: of the areas above.
    area: "" where unmatched. candidates: (code, name, score, how), the likeliest first."""

    status: Status
    value: str
    code: str
    name: str
    count: int
    rows: tuple[int, ...]
    people: float | None
    area: str
    area_name: str
    score: float
    how: str
    why: str
    candidates: tuple[tuple[str, str, float, str], ...] = ()
    disagree: bool = False
    parents: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {
            "value": self.value,
            "code": self.code or None,
            "name": self.name or None,
            "parents": list(self.parents),
            "rows": list(self.rows[:1000]),
            "count": self.count,
            "people": self.people,
            "area": self.area or None,
            "area_name": self.area_name or None,
            "score": round(self.score, 3),
            "how": self.how or None,
            "why": self.why or None,
            "candidates": [
                {"area": code, "area_name": name, "score": round(score, 3), "how": how}
                for code, name, score, how in self.candidates
            ],
        }


@dataclass(frozen=True, eq=False)
class Joined:
    """table: as read. areas: title of the boundary layer. placed: every row's area."""

    table: VectorData
    areas: VectorData
    placed: Placed
    first: Any
    """int64: row of the areas' frame for each place of the gazetteer."""

    @cached_property
    def groups(self) -> tuple[JoinGroup, ...]:
        """Doubtful first, then unmatched, then matched; the most people first."""
        made = [self._group(one) for one in self.placed.groups]
        order = {"doubtful": 0, "unmatched": 1, "matched": 2}
        return tuple(sorted(made, key=lambda one: (order[one.status], -(one.people or 0), -one.count)))

    def _group(self, one: Group) -> JoinGroup:
        gazetteer, match = self.placed.gazetteer, one.match
        area = gazetteer.places[match.place] if match.place >= 0 else None
        return JoinGroup(
            status=match.status,
            value=", ".join(text for text in (one.asked.code, one.asked.name) if text) or "(blank)",
            code=one.asked.code,
            name=one.asked.name,
            count=len(one.rows),
            rows=one.rows,
            people=one.people,
            area=(area.code or area.name) if area else "",
            area_name=area.name if area else "",
            score=match.score,
            how=match.how,
            why=match.why,
            candidates=tuple(
                (gazetteer.places[c.place].code, gazetteer.places[c.place].name, c.score, c.how)
                for c in match.candidates
            ),
            disagree=match.disagree,
            parents=one.asked.parents,
        )

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        return unique([*self.table.findings, *self.areas.findings, *self.own_findings])

    @cached_property
    def own_findings(self) -> tuple[Finding, ...]:
        """What the join says, beside what its two layers say of themselves."""
        return self.findings_of(self.groups)

    def findings_of(self, groups: Sequence[JoinGroup]) -> tuple[Finding, ...]:
        """What there is to say of these groups of rows."""
        from migmap.geo.gazetteer import LARGER, ZEROS

        found: list[Finding] = []

        def say(code: str, severity: Any, chosen: Sequence[JoinGroup], text: str) -> None:
            if chosen:
                rows = sorted(row for one in chosen for row in one.rows)
                named = "; ".join(_named(one) for one in chosen[:20])
                more = f"; and {len(chosen) - 20:,} more" if len(chosen) > 20 else ""
                people = _people_text(sum(one.people or 0 for one in chosen)) if _counts(chosen) else ""
                message = f"{len(rows):,} rows{people} {text}: {named}{more}."
                found.append(Finding(code, severity, message, count=len(rows), rows=tuple(rows[:1000])))

        say(
            "codes-and-names-disagree",
            "warning",
            [one for one in groups if one.disagree],
            "have the code of one area and the name of another, so neither was trusted",
        )
        say(
            "area-doubtful",
            "warning",
            [
                one
                for one in groups
                if one.status == "doubtful" and not one.why.startswith("the code is that of")
            ],
            "may mean an area, which was left for you to decide",
        )
        say(
            "area-unmatched",
            "warning",
            [one for one in groups if one.status == "unmatched" and one.how != LARGER],
            "are in none of the areas; they stay, without an area",
        )
        say(
            "area-larger",
            "warning",
            [one for one in groups if one.how == LARGER],
            "are about larger areas, which these are parts of; whose they are is not known, so they stay "
            "without an area",
        )
        repaired = [
            one
            for one in groups
            if (one.status == "matched" and one.how in ("initials", "transliteration", "renamed"))
            or (one.status == "matched" and one.how == "spelling" and one.name.strip() != one.area_name)
        ]
        say("area-names-repaired", "info", repaired, "spell an area's name in another way and were matched")
        zeros = [one for one in groups if one.status == "matched" and one.how == ZEROS]
        say(
            "code-zeros-lost", "info", zeros, "have codes without the zeros they begin with, and were matched"
        )
        finer = [one for one in groups if one.how == "code, finer"]
        say("pcode-finer-level", "info", finer, "have codes of places within these areas and were put there")
        found += self._split_since()
        return tuple(found)

    def _split_since(self) -> list[Finding]:
        """A table that names the old area and none of those taken out of it may be older than they are."""
        from migmap.geo.placenames import alike

        taken = {one.area_name for one in self.groups if one.status == "matched"}
        here = [one.name for one in self.placed.gazetteer.places]
        if 2 * len(taken) < len(here):
            # A table of some areas only leaves out others for any reason.
            return []

        def called(name: str, among: Any) -> list[str]:
            return [each for each in among if alike(name, each)[1] in ("spelling", "transliteration")]

        said = []
        for one in changes()[1]:
            new = [area for name in one.new for area in called(name, here)]
            if new and called(one.old, taken) and not set(new) & taken:
                said.append(f"{one.old} ({', '.join(new)} taken out of it in {one.year})")
        if not said:
            return []
        message = (
            "These names may stand for larger areas than today's, because the table has no rows for what was "
            f"taken out of them: {'; '.join(said)}. If it is older, its figures cover both."
        )
        return [Finding("area-split-since", "info", message, count=len(said))]

    def data(self) -> VectorData:
        """The table with the columns of `COLUMNS`; rows without a position of their own get the shape of
        the area they were matched to. Doubtful and unmatched rows stay, without an area."""
        import geopandas
        import numpy as np

        frame = self.table.frame
        count = len(frame)
        texts = {name: np.full(count, None, dtype=object) for name in COLUMNS if name != "area_score"}
        score = np.full(count, np.nan)
        shapes = np.full(count, None, dtype=object)
        outlines = self.areas.frame.geometry.to_numpy()
        for group, one in zip(self.placed.groups, map(self._group, self.placed.groups), strict=True):
            at = group.index
            texts["area_match"][at] = one.status
            texts["area_how"][at] = one.how or one.why or None
            if group.match.place < 0:
                continue
            score[at] = one.score
            if one.status == "matched":
                texts["area_code"][at] = one.area
                texts["area_name"][at] = one.area_name
                shapes[at] = outlines[self.first[group.match.place]]
            else:
                texts["area_suggested"][at] = f"{one.area_name} ({one.area})"
        own = bool(frame.geometry.notna().any())
        crs = frame.crs if own else self.areas.frame.crs
        table = frame.drop(columns=frame.geometry.name).drop(
            columns=[c for c in COLUMNS if c in frame.columns]
        )
        for name in COLUMNS:
            table[name] = score if name == "area_score" else texts[name]
        geometry = frame.geometry.to_numpy() if own else shapes
        joined = geopandas.GeoDataFrame(
            table, geometry=geopandas.GeoSeries(geometry, index=table.index, crs=crs)
        )
        roles = {**self.table.roles, "pcode": "area_code"}
        kept = tuple(one for one in self.table.findings if own or one.code != "no-position")
        return replace(
            self.table,
            frame=joined,
            roles=roles,
            findings=unique([*kept, *self.own_findings]),
            meta=replace(
                self.table.meta,
                sensitivity=strictest(one.meta.sensitivity for one in (self.table, self.areas)),
                boundary_note=self.table.meta.boundary_note or self.areas.meta.boundary_note,
                boundary_vintage=self.table.meta.boundary_vintage or self.areas.meta.boundary_vintage,
            ).bound_by(of_all((self.table.meta, self.areas.meta))),
        )

    def document(self) -> dict[str, Any]:
        """What `migmap join --json` prints: {"table", "areas", "columns", "matched", "doubtful",
        "unmatched", "accounting", "findings"}; each of the three {"rows", "people", "values"}."""
        from migmap.geo.accounting import accounting

        columns = self.placed.columns
        said: dict[str, Any] = {
            "table": self.table.name,
            "areas": self.areas.name,
            "columns": {"code": columns.code, "name": columns.name, "parents": list(columns.parents)},
        }
        for status in STATUSES:
            chosen = [one for one in self.groups if one.status == status]
            people = sum(one.people or 0 for one in chosen) if "people" in self.table.roles else None
            said[status] = {
                "rows": sum(one.count for one in chosen),
                "people": _whole(people),
                "values": [one.as_json() for one in chosen],
            }
        said["accounting"] = accounting(self.table).as_json()
        said["findings"] = [finding.as_json() for finding in self.findings]
        out: dict[str, Any] = plain(said)
        return out


def join(
    table: Data,
    areas: Data,
    *,
    by: str | None = None,
    reading: Reading | None = None,
    progress: Progress = no_progress,
) -> Joined:
    """Every row of `table` to an area. by: "code", "name", or None for both. reading.areas: which area a
    spelling means, where somebody decided. Problem: a raster; nothing to join by."""
    if by is not None and by not in BY:
        raise Problem(f"--by {by} is not known.", fix="Use --by code or --by name, or leave it out for both.")
    for data, what in ((table, "table"), (areas, "layer of areas")):
        if isinstance(data, RasterData):
            raise Problem(f"{data.title} is a raster, not a {what}.", fix="Give a table and areas.")
    assert isinstance(table, VectorData)
    assert isinstance(areas, VectorData)
    from migmap.geo.placing import gazetteer_of, place

    progress(0.0, "Looking up areas")
    gazetteer, first = gazetteer_of(areas, *changes())
    accepted = reading.areas if reading is not None else {}
    unknown = [code for code in accepted.values() if gazetteer.chosen(code) is None]
    if unknown:
        shared = [code for code in unknown if gazetteer.has_code(code) or gazetteer.has_name(code)]
        if shared:
            raise Problem(
                f"Several areas of {areas.title} are called {', '.join(map(repr, shared[:5]))}.",
                fix="Give a code or a name that only one of them has.",
            )
        raise Problem(
            f"{areas.title} has no area with the code {', '.join(map(repr, unknown[:5]))}.",
            fix="Give codes of these areas; an area without a code is meant by its name.",
        )
    placed = place(table, gazetteer, by=by, accepted=accepted, progress=part(progress, 0.1, 1.0))
    return Joined(table, areas, placed, first)


def changes() -> tuple[tuple[Renamed, ...], tuple[Split, ...]]:
    """What is known of areas that were renamed or split."""
    from migmap.geo.gazetteer import Renamed, Split

    listed = tomllib.loads((places.resources() / "admin_names.toml").read_text(encoding="utf-8"))
    renamed = tuple(Renamed(*one) for one in listed["renamed"])
    return renamed, tuple(Split(old, tuple(new), year) for old, new, year in listed["split"])


def _named(one: JoinGroup) -> str:
    arrow = f" → {one.area_name} ({one.score:.2f})" if one.area_name else ""
    return f"{one.value}{arrow}"


def _counts(groups: Sequence[JoinGroup]) -> bool:
    return any(one.people is not None for one in groups)


def _people_text(people: float) -> str:
    return f" with {people:,.0f} people"


def _whole(value: float | None) -> float | None:
    return int(value) if value is not None and float(value).is_integer() else value
