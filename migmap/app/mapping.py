"""Which kind a file is read as, and which column plays which role: the guess, and what is stated over it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from migmap.api import AS_FOUND, Finding, Guess, Probe, Problem, Reading

if TYPE_CHECKING:
    from .registry import Registry

POSITION_ROLES = {"latitude": "Latitude", "longitude": "Longitude", "position": "Position in one cell"}
"""Roles of a table's columns that every kind has: where it is."""


def decided(registry: Registry, probe: Probe, guesses: Sequence[Guess], reading: Reading = AS_FOUND) -> Guess:
    """Kind and roles as they are used. What the user stated comes first, then what the file states, then
    the best guess; roles of a kind that was only guessed stand where nobody stated others.

    Problem: no such kind, role or column.
    """
    columns = [column.name for column in probe.columns]
    kind = reading.kind
    if kind is None:
        own = str(probe.stated.get("kind", ""))
        kind = own if own in registry.kinds() else guesses[0].kind
    elif kind not in registry.kinds():
        raise Problem(
            f"There is no kind of layer called “{kind}”.",
            fix=f"One of: {', '.join(registry.kinds())}.{_like(kind, registry.kinds())}",
        )
    guess = next((one for one in guesses if one.kind == kind), Guess(kind, 0.0))
    roles = dict(guess.roles)
    if not roles and guess.score == 0 and kind == reading.kind:
        # A kind that did not recognise the file was stated all the same: its columns are found by name.
        roles = _by_name(registry, kind, probe)
    if probe.stated.get("kind") == kind:
        roles.update(_present(probe.stated.get("roles"), columns))
    if reading.roles:
        _check(registry, kind, reading.roles, columns, probe)
        taken = {column for column in reading.roles.values() if column}
        # A column plays one role: what is stated takes it from the role that only a guess gave it.
        roles = {role: column for role, column in roles.items() if column not in taken}
        roles.update(reading.roles)
    roles = {role: column for role, column in roles.items() if column and role not in POSITION_ROLES}
    return Guess(kind, guess.score, roles, guess.reason, guess.others)


def _by_name(registry: Registry, kind: str, probe: Probe) -> dict[str, str]:
    from migmap.layers._matching import admin_roles, match_roles

    return match_roles(probe, registry.kinds()[kind].roles, admin_roles(probe))


_CLEAR, _NEAR = 0.4, 0.1
"""A best guess below the one, or not better by the other than the next, is a doubt."""


def doubts(
    registry: Registry, probe: Probe, guesses: Sequence[Guess], used: Guess, reading: Reading = AS_FOUND
) -> tuple[Finding, ...]:
    """What nobody stated and the guess leaves open: findings kind-unsure, role-unsure and role-missing.

    guesses: of all kinds, the best first. used: as decided.
    """
    kinds = registry.kinds()
    findings: list[Finding] = []
    stated = reading.kind is not None or probe.stated.get("kind") == used.kind
    if not stated and used.kind in kinds:
        title = kinds[used.kind].title
        near = [g for g in guesses if g.kind != used.kind and g.score > 0.1 and used.score - g.score < _NEAR]
        why = f" ({used.reason})" if used.reason else ""
        if near:
            rivals = ", ".join(f"{kinds[g.kind].title} ({g.reason or 'its columns'})" for g in near)
            findings.append(
                Finding(
                    "kind-unsure",
                    "warning",
                    f"{probe.name} is read as {title}{why}; it may as well be: {rivals}. State it with --as.",
                )
            )
        elif used.kind != "plain" and used.score < _CLEAR:
            findings.append(
                Finding(
                    "kind-unsure",
                    "info",
                    f"{probe.name} is read as {title}, and little speaks for it{why}. State it with --as.",
                )
            )
    for role, others in used.others.items():
        column = used.roles.get(role)
        if column and others and role not in reading.roles:
            listed = ", ".join(f"“{name}”" for name in others)
            findings.append(
                Finding(
                    "role-unsure",
                    "warning",
                    f"{probe.name} has more than one column that may be the {role}: “{column}” is used, "
                    f"not {listed}. State it with --map {role}=COLUMN.",
                    len(others) + 1,
                )
            )
    if used.kind in kinds and probe.geometry != "raster":
        for wanted in kinds[used.kind].roles:
            if wanted.required and wanted.name not in used.roles and wanted.name not in reading.roles:
                findings.append(
                    Finding(
                        "role-missing",
                        "warning",
                        f"{probe.name} is read as {kinds[used.kind].title}, and no column was found for "
                        f"“{wanted.title}”. Name it with --map {wanted.name}=COLUMN.",
                    )
                )
    return tuple(findings)


def _present(roles: object, columns: Iterable[str]) -> dict[str, str]:
    known = set(columns)
    if not isinstance(roles, Mapping):
        return {}
    return {str(role): str(column) for role, column in roles.items() if column in known}


def _check(
    registry: Registry, kind: str, roles: Mapping[str, str], columns: Sequence[str], probe: Probe
) -> None:
    admin = [f"adm{level}_{what}" for level in range(5) for what in ("name", "pcode")]
    known = list(dict.fromkeys([*(r.name for r in registry.kinds()[kind].roles), *admin, *POSITION_ROLES]))
    for role, column in roles.items():
        if role not in known:
            raise Problem(
                f"A layer of the kind “{kind}” has no role “{role}”.",
                fix=f"One of: {', '.join(known)}.{_like(role, known)}",
            )
        # Columns of positions are used up on the way in and are no columns of what was read.
        if column and column not in columns and role not in POSITION_ROLES:
            raise Problem(
                f"{probe.name} has no column “{column}” for the role “{role}”.",
                fix=f"Its columns are {', '.join(columns[:40])}.{_like(column, columns)}",
            )


def _like(word: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(word, list(known), n=1)
    return f" Did you mean {near[0]}?" if near else ""
