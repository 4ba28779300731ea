"""What the user decided about an input: how it is read, and what is stated of it over the file's own word."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from migmap.api import AS_FOUND, Data, Meta, Problem, Reading

if TYPE_CHECKING:
    from .project import Layer

_STATED = frozenset(one.name for one in dataclasses.fields(Meta)) - {
    "synthetic",
    "households",
    "other_agreements",
}


@dataclass(frozen=True, slots=True)
class Decided:
    """meta: what is stated of sensitivity, source, date and the like, by the names of `Meta`."""

    reading: Reading = AS_FOUND
    meta: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Only what was decided: {} for a file taken as it is."""
        said: dict[str, Any] = {}
        reading = self.reading.model_dump(mode="json", exclude_defaults=True)
        if reading:
            said["reading"] = reading
        if self.meta:
            said["stated"] = dict(self.meta)
        return said

    def beyond(self, data: Data, crs: str | None) -> Decided:
        """Without what the file says itself and the CRS that is stated for every input: the same question
        put in two ways is one question."""
        meta = {name: text for name, text in self.meta.items() if getattr(data.meta, name) != text}
        reading = self.reading
        return Decided(reading.changed(crs=None) if reading.crs == crs else reading, meta)


NOTHING = Decided()


def of_layer(layer: Layer) -> Decided:
    """What the user decided about a layer of the project."""
    meta = {name: text for name, text in layer.stated.items() if name in _STATED}
    if layer.sensitivity is not None:
        meta["sensitivity"] = layer.sensitivity
    reading = layer.reading
    if layer.crs is not None and reading.crs is None:
        reading = reading.changed(crs=layer.crs)
    return Decided(reading, meta)


def from_json(said: Mapping[str, Any], where: str) -> Decided:
    """The other half of `Decided.as_json`. Problem, naming `where`, for what is no such thing."""
    stated = said.get("stated") or {}
    if not isinstance(stated, Mapping):
        raise Problem(f"{where}: what is stated of an input is damaged.", fix="Take an undamaged copy.")
    meta = {str(name): str(text) for name, text in stated.items() if name in _STATED}
    return Decided(_reading(said.get("reading") or {}, where), meta)


def typed(text: str, where: str) -> Reading:
    """A Reading as it stands on a command line: {"fixes": ["coordinates-swapped"]}."""
    try:
        values = json.loads(text)
    except ValueError as error:
        raise Problem(f"{where} is not JSON.", detail=f"{error}.") from error
    return _reading(values, where)


def _reading(values: Any, where: str) -> Reading:
    try:
        return Reading.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        step = ".".join(str(one) for one in first["loc"])
        raise Problem(
            f"{where} says nothing about reading a file that migmap understands.",
            detail=f"{step}: {first['msg']}." if step else f"{first['msg']}.",
            fix=f"Use {', '.join(Reading.model_fields)}.",
        ) from error


def with_meta(data: Data, stated: Mapping[str, str]) -> Data:
    """The data with what is stated of it; the file is the default."""
    known: dict[str, Any] = {name: text for name, text in stated.items() if name in _STATED}
    meta = dataclasses.replace(data.meta, **known)
    return data if meta == data.meta else dataclasses.replace(data, meta=meta)
