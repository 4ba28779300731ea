"""What a saved run says beside its figures: the rule of counting, and the frameworks they speak to."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from migmap.api import Data, Result, input_field


def said_with(
    result: Result,
    analysis: str,
    params: Mapping[str, Any],
    inputs: Mapping[str, Data],
    profiles: Mapping[str, tuple[Any, ...]],
) -> dict[str, Any]:
    """Parts of a recipe: "rule", the sentence of the notes that states it, and "tags", metric -> tags."""
    from migmap.geo.tags import sector_of, tags_of

    said: dict[str, Any] = {}
    rule = next((note for note in result.notes if note.startswith("Rule: ")), "")
    if rule:
        said["rule"] = rule
    exposed = next((inputs[name] for name in ("exposed", "sites") if name in inputs), None)
    kind = exposed.kind if exposed is not None else ""
    services = inputs.get("services")
    where = " ".join(map(str, params.get("services_where") or ()))
    sector = ""
    if services is not None:
        sector = sector_of(where) or sector_of(f"{services.title} {services.name}")
    types = hazard_types(inputs, profiles)
    tags = {
        metric: tags_of(metric, analysis, types, kind, sector=sector).text
        for metric in dict.fromkeys(row.metric for row in result.metrics)
    }
    tags = {metric: text for metric, text in tags.items() if text}
    return {**said, "tags": tags} if tags else said


def hazard_types(inputs: Mapping[str, Data], profiles: Mapping[str, tuple[Any, ...]]) -> tuple[str, ...]:
    """Flood, heat and so on: what the class schemes are for, else what the hazards are called."""
    from migmap.io.rasters.hazardnames import hazard_of_name

    schemes = [one.hazard for one in profiles.get("scheme", ())]
    if schemes:
        return tuple(dict.fromkeys(schemes))
    found: dict[str, None] = {}
    for key, data in inputs.items():
        if input_field(key) == "hazard":
            stem = PurePath(data.source.path.replace("\\", "/")).stem
            hazard = hazard_of_name(data.name).hazard or hazard_of_name(stem).hazard
            found |= {hazard: None} if hazard else {}
    return tuple(found)
