"""Whether a layer holds points, lines or polygons; asked often, found out once."""

from __future__ import annotations

import weakref
from typing import Any

from migmap.api import VectorData

_NAMES = (("point", "Point"), ("line", "Line"), ("polygon", "Polygon"))
# By id, because frames have no hash; the weak reference tells an id that was used again.
_SEEN: dict[int, tuple[weakref.ref[Any], frozenset[str]]] = {}


def shapes(data: VectorData) -> frozenset[str]:
    """ "point", "line", "polygon": what the layer holds; empty where no row has a position."""
    frame = data.frame
    key = id(frame)
    seen = _SEEN.get(key)
    if seen is not None and seen[0]() is frame:
        return seen[1]
    kinds = {str(kind) for kind in frame.geom_type.dropna().unique()}
    found = frozenset(name for name, word in _NAMES if any(word in kind for kind in kinds))
    _SEEN[key] = (weakref.ref(frame, lambda _: _SEEN.pop(key, None)), found)
    return found
