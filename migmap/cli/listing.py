"""What `migmap list` says of the registry and of the built-in profiles."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from migmap.api import ParamField, Problem, Profile, declared_fields
from migmap.app import profiles
from migmap.app.registry import Registry

from .report import table_text


def listing(registry: Registry) -> dict[str, list[dict[str, Any]]]:
    """Everything the registry holds, and every built-in profile whole, as JSON values."""
    return {
        "kinds": [
            {
                "name": kind.name,
                "title": kind.title,
                "roles": [{"name": role.name, "title": role.title, "unit": role.unit} for role in kind.roles],
            }
            for kind in registry.kinds().values()
        ],
        "analyses": [
            {
                "name": tool.name,
                "title": tool.title,
                "summary": tool.summary,
                "params": [_param(one) for one in declared_fields(tool.Params)],
            }
            for tool in registry.analyses().values()
        ],
        "exporters": [
            {
                "name": tool.name,
                "title": tool.title,
                "endings": list(tool.endings),
                "takes": tool.takes,
                "params": [_param(one) for one in declared_fields(tool.Params)],
            }
            for tool in registry.exporters().values()
        ],
        "plugins": [
            {
                "name": row.name,
                "title": row.title,
                "version": row.version,
                "origin": row.origin,
                "enabled": row.enabled,
                "reason": row.reason,
                "kinds": list(row.kinds),
                "analyses": list(row.analyses),
                "exporters": list(row.exporters),
            }
            for row in registry.plugins()
        ],
        **{kind: [one.as_json() for one in profiles.listed(kind)] for kind in profiles.KINDS},
    }


def _param(one: ParamField) -> dict[str, Any]:
    return {
        "name": one.name,
        "flag": one.flag,
        "title": one.title,
        "description": one.description,
        "required": one.required,
        "default": one.default,
        "unit": one.unit,
        "choices": list(one.choices),
    }


def listing_text(listed: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    """The same for people: a heading and a table each."""
    blocks = []
    for heading, rows in listed.items():
        table = table_text([[f"  {row['name']}", *_cells(heading, row)] for row in rows])
        blocks.append(f"{heading}\n{table}" if len(listed) > 1 else table)
    return "\n\n".join(blocks)


def _cells(heading: str, row: Mapping[str, Any]) -> list[str]:
    if heading == "exporters":
        return [row["title"], " ".join(row["endings"])]
    if heading == "plugins":
        state = "" if row["enabled"] else f"disabled: {row['reason']}"
        return [row["title"], row["version"], row["origin"], state]
    if heading in profiles.KINDS:
        return [row.get("hazard", ""), row["title"], _source(row)]
    return [row["title"]]


def _source(row: Mapping[str, Any]) -> str:
    """Who published it, in a few words: the whole stands in --json and in the file."""
    return re.split(r"[:,(]", str(row["source"]))[0].strip()


def chosen(what: str | None, name: str | None) -> Profile:
    """The profile of a kind and a name. Problem for a list that holds none, or no name."""
    readers: dict[str, Callable[[str], Profile]]
    readers = {"schemes": profiles.scheme, "rates": profiles.rates, "needs": profiles.needs}
    if what not in readers or name is None:
        raise Problem(
            "--out writes one class scheme, profile of displacement rates or of needs."
            if name is None
            else f"{what} are listed as they are; {name} cannot be taken out.",
            fix="Name one, for example: migmap list schemes flood-depth --out my-classes.toml",
        )
    return readers[what](name)


def written(profile: Profile, out: Path | None) -> str:
    """The profile as the text of its file; with `out` the file is written instead, under its own name, and
    that is said."""
    if out is None:
        return profiles.as_toml(profile).rstrip("\n")
    profiles.write_profile(replace(profile, name=out.stem), out)
    option = {"schemes": "--scheme", "rates": "--rates", "needs": "--needs"}[profiles.kind_of(profile)]
    return f"Wrote {out}. Edit it, and use it with {option} {out}."
