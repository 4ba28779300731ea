"""Which hazard layers belong together, and what their names say of each."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from migmap.app.project import Layer

if TYPE_CHECKING:
    from migmap.io.rasters.hazardnames import HazardName


def said(layer: Layer) -> HazardName:
    """What the layer's file, its part and its title say; the file first."""
    return _said(layer.source, layer.title)


@lru_cache(maxsize=2048)
def _said(source: str, title: str) -> HazardName:
    from migmap.io.rasters.hazardnames import HazardName, hazard_of_name

    path, _, part = source.partition("::")
    texts = (part, PurePath(path.replace("\\", "/")).stem, title)
    names = [hazard_of_name(text) for text in texts if text]
    told: list[Any] = [next((one[i] for one in names if one[i] is not None), None) for i in range(6)]
    return HazardName(*told)


def mates(layer: Layer, others: Iterable[Layer]) -> list[Layer]:
    """The layers of `others` that make a ladder of return periods with `layer`: of the same folder, hazard,
    scenario and date. In order of return period, without `layer`; [] where its own is not known."""
    own = said(layer)
    if own.return_period is None:
        return []
    taken = {own.return_period}
    found: list[tuple[float, Layer]] = []
    for other in others:
        name = said(other)
        if (
            other.id != layer.id
            and name.return_period is not None
            and name.return_period not in taken
            and _folder(other) == _folder(layer)
            and (name.hazard, name.scenario, name.date) == (own.hazard, own.scenario, own.date)
            and (own.hazard is not None or _without_digits(other) == _without_digits(layer))
        ):
            taken.add(name.return_period)
            found.append((name.return_period, other))
    return [one for _, one in sorted(found, key=lambda pair: pair[0])]


def in_order(layers: Iterable[Layer]) -> list[Layer]:
    """The most frequent event first."""
    return sorted(layers, key=lambda one: said(one).return_period or 0.0)


def return_periods(layers: Sequence[Layer]) -> list[float] | None:
    """The return period of each as its name says; None unless there are several and all say one."""
    found = [said(layer).return_period for layer in layers]
    known = [one for one in found if one is not None]
    return known if len(known) == len(found) > 1 and len(set(known)) > 1 else None


def labels(layers: Sequence[Layer]) -> list[str] | None:
    """Scenario and date of each, where they must be told apart because return periods repeat."""
    names = [said(layer) for layer in layers]
    if not any(count > 1 for count in Counter(one.return_period for one in names).values()):
        return None
    found = [" ".join(part for part in (one.scenario, one.date) if part) for one in names]
    return found if all(found) and len(set(found)) > 1 else None


def _folder(layer: Layer) -> str:
    return str(PurePath(layer.source.partition("::")[0].replace("\\", "/")).parent)


def _without_digits(layer: Layer) -> str:
    return re.sub(r"\d+", "", PurePath(layer.source.replace("\\", "/")).name)
