"""A bar above the map that tells something without stopping anyone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from . import look
from .docks.parts import button, icon_label, label, tool

Tone = Literal["info", "warning"]
KEPT = 2


class Notices(QWidget):
    """The newest on top, at most two beside those that wait for an answer."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self._bars: list[Notice] = []

    def say(
        self,
        text: str,
        *,
        tone: Tone = "info",
        action: str = "",
        call: Callable[[], object] | None = None,
        stays: bool = False,
    ) -> Notice:
        """action: the words of a button that does `call`. stays: newer ones do not push it out."""
        bar = Notice(text, tone, action, call, self.drop)
        bar.stays = stays
        self._bars.insert(0, bar)
        self._layout.insertWidget(0, bar)
        for old in [one for one in self._bars if not one.stays][KEPT:]:
            self.drop(old)
        return bar

    def drop(self, bar: Notice) -> None:
        if bar in self._bars:
            self._bars.remove(bar)
            self._layout.removeWidget(bar)
            bar.setParent(None)
            bar.deleteLater()

    def drop_plain(self) -> None:
        """Drop what only told something: no warning, nothing to press."""
        for bar in list(self._bars):
            if bar.plain:
                self.drop(bar)

    def clear(self) -> None:
        for bar in list(self._bars):
            self.drop(bar)

    def texts(self) -> list[str]:
        return [bar.text for bar in self._bars]

    def press(self, place: int = 0) -> None:
        """Do what the button of a notice does."""
        self._bars[place].act()


class Notice(QFrame):
    def __init__(
        self,
        text: str,
        tone: Tone,
        action: str,
        call: Callable[[], object] | None,
        drop: Callable[[Notice], None],
    ) -> None:
        super().__init__()
        self.text = text
        self.stays = False
        self.plain = tone == "info" and not action
        self._call = call
        self._drop = drop
        self.setProperty("role", "warnbar" if tone == "warning" else "infobar")
        row = QHBoxLayout(self)
        row.setContentsMargins(look.GAP + 4, 5, look.GAP, 5)
        row.setSpacing(look.GAP)
        name, colour = (
            ("mdi6.alert-outline", look.WARN)
            if tone == "warning"
            else ("mdi6.information-outline", look.ACCENT)
        )
        row.addWidget(icon_label(name, colour), 0, Qt.AlignmentFlag.AlignVCenter)
        words = label(text, wrap=True)
        words.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(words, 1)
        if action:
            row.addWidget(button(action, self.act, flat=True))
        row.addWidget(tool("mdi6.close", self.tr("Dismiss"), lambda: drop(self), look.SOFT_INK))

    def act(self) -> None:
        if self._call is not None:
            call = self._call
            self._drop(self)
            call()
