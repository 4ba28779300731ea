"""Any layer that is none of the others: roads, rivers, blocks, notes."""

from __future__ import annotations

from typing import ClassVar

from migmap.api import Guess, LayerKind, Probe, Role, Style

from ._evidence import guessed
from ._look import points
from ._matching import column_like, samples_of
from ._roles import (
    ADMIN,
    CODE,
    COUNTRY,
    DATE,
    HOUSEHOLDS,
    INDICATOR,
    LEVEL,
    NAME,
    NAME_UR,
    PCODE,
    PEOPLE,
    SENSITIVITY,
    STATUS,
    TYPE,
)


class Plain(LayerKind):
    name: ClassVar[str] = "plain"
    title: ClassVar[str] = "Other layer"
    icon: ClassVar[str] = "mdi6.layers-outline"
    roles: ClassVar[tuple[Role, ...]] = (
        NAME,
        NAME_UR,
        CODE,
        LEVEL,
        PCODE,
        *COUNTRY,
        *ADMIN,
        PEOPLE,
        HOUSEHOLDS,
        TYPE,
        STATUS,
        DATE,
        INDICATOR,
        SENSITIVITY,
    )

    def guess(self, probe: Probe) -> Guess:
        if probe.geometry == "raster":
            return Guess(self.name, 0.05, {}, "nothing more is known")
        taken = _value_of_people(probe)
        reason = "people by area in a value column" if taken else "nothing more is known"
        return guessed(self, probe, 0.05, reason, taken)

    def style(self) -> Style:
        return points("Feature", "#5f7896", "circle", 8.0)


def _value_of_people(probe: Probe) -> dict[str, str]:
    """A column "value" is people where the indicator of the rows says so."""
    from migmap.geo.peoplenames import people_of_name

    indicator, value = column_like(probe, *INDICATOR.aliases), column_like(probe, "value", "valeur", "valor")
    told = [people_of_name(name) for name in samples_of(probe, indicator)]
    if (
        indicator is None
        or value is None
        or not told
        or not all(one and one.nature == "stock" for one in told)
    ):
        return {}
    return {"indicator": indicator, "people": value}
