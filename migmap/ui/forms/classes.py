"""The classes a form knows of: of schemes, of edges as typed, of a column."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from migmap.api import Data, Problem, Profile, Scheme, TypedNumber, VectorData

_CALM = ("not_exposed", "unknown")
_MOST = 20


def scheme_labels(profiles: Iterable[Profile | None]) -> list[str]:
    """The labels that mean exposure, of all the schemes, mildest first."""
    found = [
        one.label
        for scheme in profiles
        if isinstance(scheme, Scheme)
        for one in scheme.classes
        if one.exposed
    ]
    return list(dict.fromkeys(found))


def edge_labels(edges: Sequence[Any]) -> list[str]:
    """The labels of the classes that rising edges make; [] where they do not rise."""
    from migmap.geo.classes import classes_from_edges

    try:
        labels = classes_from_edges([TypedNumber(one) for one in edges]).labels
    except Problem:
        return []
    return [label for label in labels if label not in _CALM]


def column_labels(datas: Iterable[Data], column: str) -> list[str]:
    """The values of a column of classes, as people sort them; [] where they are too many to be classes."""
    from ..models.table import natural

    found = {
        str(value)
        for data in datas
        if isinstance(data, VectorData) and column in data.frame
        for value in data.frame[column].dropna().unique()[: _MOST + 1]
    }
    return sorted(found - set(_CALM), key=natural) if len(found) <= _MOST else []
