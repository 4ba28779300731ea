"""What `migmap list` says of the registry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from migmap.api import ParamField, declared_fields
from migmap.app.registry import Registry

from .report import table_text


def listing(registry: Registry) -> dict[str, list[dict[str, Any]]]:
    """Everything the registry holds, as JSON values."""
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
    return [row["title"]]
