"""What a layer is about: its kind, and which column plays which role."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from .data import Data, Probe
from .style import Style

GROUND_KINDS = ("hazard", "boundary", "population", "dtm_area", "plain")
"""Kinds whose polygons are ground. Those of all other kinds stand for places (villages, clinics, camps)."""


@dataclass(frozen=True, slots=True)
class Role:
    """A meaning a column can have within a kind.

    aliases: names seen in real files, lower-case with single underscores; compared without case,
        spaces, dots and hyphens. hxl: HXL tags such as "#affected+idps". unit: "" for plain text.
    """

    name: str
    title: str
    aliases: tuple[str, ...] = ()
    hxl: tuple[str, ...] = ()
    unit: str = ""
    required: bool = False


@dataclass(frozen=True, slots=True)
class Guess:
    """How well a kind fits a probe, from 0 to 1, with the column mapping it would use.

    reason: why, in a few words for the user. others: role -> further columns that could play it as well
    as the one proposed, so that a doubt is shown and not settled in silence.
    """

    kind: str
    score: float
    roles: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""
    others: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class LayerKind(ABC):
    """A kind of layer. Stateless; one class, one file."""

    name: ClassVar[str]
    title: ClassVar[str]
    icon: ClassVar[str] = "mdi6.layers-outline"
    roles: ClassVar[tuple[Role, ...]] = ()

    @abstractmethod
    def guess(self, probe: Probe) -> Guess:
        """Score the probe; 0 where this kind cannot be it. `plain` always scores 0.05."""

    @abstractmethod
    def style(self) -> Style:
        """The style a new layer of this kind starts with."""

    def style_of(self, data: Data) -> Style:
        """The style for this very layer, where raster and polygons, or metres and centimetres, need
        another one than `style`."""
        return self.style()
