"""A layer kind: public water taps."""

from typing import ClassVar

from migmap.api import Guess, LayerKind, Probe, Role, Rule, Style, Symbol


class TapStand(LayerKind):
    """Recognised by its column of taps."""

    name: ClassVar[str] = "tap_stand"
    title: ClassVar[str] = "Tap stand"
    roles: ClassVar[tuple[Role, ...]] = (
        Role("taps", "Taps", aliases=("tap_count", "taps"), required=True),
        Role("name", "Name", aliases=("name",)),
    )

    def guess(self, probe: Probe) -> Guess:
        columns = {column.name.lower(): column.name for column in probe.columns}
        roles = {
            role.name: columns[alias] for role in self.roles for alias in role.aliases if alias in columns
        }
        return Guess(self.name, 0.95 if "taps" in roles else 0.0, roles, "has a column of taps")

    def style(self) -> Style:
        return Style(rules=(Rule(label="tap stand", symbol=Symbol(fill="#0072b2", shape="diamond")),))
