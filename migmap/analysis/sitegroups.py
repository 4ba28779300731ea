"""Groups of people at sites, and kinds of sites, each with its own unknown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from migmap.api import Finding, PeopleColumn, Problem, VectorData


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """values: float64 [n], people of the group at each site, NaN where that is not known; None for a kind of
    site. members: bool [n], the sites that belong to it; None for all."""

    name: str
    values: np.ndarray | None = None
    members: np.ndarray | None = None


def groups_of(
    params: Any, sites: VectorData, people: np.ndarray | None
) -> tuple[tuple[Group, ...], tuple[Finding, ...]]:
    """The groups asked for with `groups` and `by`. people: float64 [n], NaN unknown. Problem for a group that
    the layer does not have."""
    found: list[Group] = []
    findings: list[Finding] = []
    wanted = tuple(params.groups or ())
    if wanted and wanted != ("none",):
        made, said = _of_people(wanted, params.people, sites, people)
        found += made
        findings += said
    if params.by is not None:
        found += _of_kinds(sites, params.by)
    return tuple(found), tuple(findings)


def _of_people(
    wanted: tuple[str, ...], total: str | None, sites: VectorData, people: np.ndarray | None
) -> tuple[list[Group], list[Finding]]:
    from migmap.geo.figures import people_column
    from migmap.geo.peoplegroups import columns_of_groups

    if total is None or people is None:
        raise Problem(
            "--groups gives figures for groups of people, and no people are counted.",
            fix="Name the column of people with --people.",
        )
    known = columns_of_groups(sites, total)
    if not known and wanted == ("all",):
        return [], [
            Finding(
                "groups-none",
                "info",
                f"{sites.name} has no columns that break “{total}” down into groups.",
            )
        ]
    if not known:
        raise Problem(
            f"{sites.source.path} has no columns that break “{total}” down into groups.",
            fix="Leave --groups away, or give a layer with columns such as women, men, children_0_4.",
        )
    by_column = {one.column: name for name, one in known.items()}
    names = list(known) if wanted == ("all",) else []
    if not names:
        for word in wanted:
            name = word if word in known else by_column.get(word)
            if name is None:
                raise Problem(
                    f"--groups {word}: {sites.source.path} has no such group.",
                    fix=f"Its groups are {', '.join(known)}.",
                )
            names.append(name)
    findings: list[Finding] = []
    groups: list[Group] = []
    for name in dict.fromkeys(names):
        figures = people_column(sites, known[name].column)
        groups.append(Group(name, figures.values))
        findings += [one for one in figures.findings if one.code != "people-column-is-households"]
    groups += _unknown(sites, total, people, [known[name] for name in dict.fromkeys(names)])
    return groups, findings


def _unknown(sites: VectorData, total: str, people: np.ndarray, columns: list[PeopleColumn]) -> list[Group]:
    """For each way the groups divide the people: those whose group no column tells."""
    from migmap.geo.figures import people_column
    from migmap.geo.people import splits
    from migmap.geo.peoplegroups import group_name

    main = next((one for one in sites.people if one.column == total), None)
    if main is None:
        return []
    taken = {one.column for one in columns}
    found: list[Group] = []
    for split in splits(main, sites.people):
        parts = [one for one in split.parts if one.column in taken]
        if len(parts) < len(split.parts):
            # The unknown of "female" alone would hold all men.
            continue
        told = np.zeros(len(people))
        for one in parts:
            told += np.nan_to_num(people_column(sites, one.column).values)
        rest = np.maximum(people - told, 0.0)
        name = f"{split.by} unknown"
        same = next((group for group in found if group.name == name), None)
        if same is None and not any(group_name(one) == name for one in columns):
            found.append(Group(name, rest))
    return found


def _of_kinds(sites: VectorData, column: str) -> list[Group]:
    from migmap.geo.columns import attribute_columns, text_column, unknown_column

    if column not in attribute_columns(sites):
        raise unknown_column(sites, column)
    texts = np.array(
        ["unknown" if text is None else text for text in text_column(sites, column)], dtype=object
    )
    return [Group(str(value), members=texts == value) for value in _in_order(texts)]


def _in_order(texts: Iterable[str]) -> list[str]:
    values = sorted(dict.fromkeys(texts))
    return [*(value for value in values if value != "unknown"), *(["unknown"] if "unknown" in values else [])]
