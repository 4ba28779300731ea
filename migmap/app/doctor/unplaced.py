"""Files that can be described and not used as they are: without a coordinate system, without rows, or tiles
that cannot be drawn yet. They are checked as far as that goes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from migmap.api import Probe, Problem, Progress, Reading, VectorData

if TYPE_CHECKING:
    from ..workbench import Workbench

_HEADER_ONLY = frozenset(["empty-layer", "tile-set-not-drawn"])
_GROUND = ("areas-", "coordinates-", "crs-", "geometry-", "near-", "polygon-", "position-", "precision-")


@dataclass(frozen=True, slots=True)
class Unplaced:
    """probe: what the header says. data: the rows, their shapes in a system that is not theirs; None where
    only the header can be told of: of a raster, of tiles, and where there are no rows."""

    probe: Probe
    kind: str
    data: VectorData | None


def without_crs(workbench: Workbench, text: str, reading: Reading, progress: Progress) -> Unplaced | None:
    """What can be said of a file that was refused for want of a coordinate system, of rows, or of a way to
    draw it; None where it was refused for something else."""
    try:
        probe, guess = workbench.datasets.probe(text, reading=reading)
    except Problem:
        return None
    if any(one.code in _HEADER_ONLY for one in probe.findings):
        return Unplaced(probe, guess.kind, None)
    if reading.crs or not any(one.code == "no-crs" for one in probe.findings):
        return None
    if probe.geometry == "raster":
        return Unplaced(probe, guess.kind, None)
    try:
        data = workbench.datasets.load_unplaced(text, probe, reading=reading, progress=progress)
    except Problem:
        return None
    if not isinstance(data, VectorData):
        return None
    return Unplaced(probe, data.kind, data)


def without_shapes(data: VectorData) -> VectorData:
    """The rows alone, and what was said of them; nothing that was said of places on the ground."""
    frame = data.frame.copy()
    frame[frame.geometry.name] = None
    return replace(
        data, frame=frame, findings=tuple(one for one in data.findings if not on_the_ground(one.code))
    )


def on_the_ground(code: str) -> bool:
    """Whether findings of this code tell of places, lengths or areas."""
    return code == "no-position" or code.startswith(_GROUND)
