"""Small pieces the panels share."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

from .. import look
from ..icons import icon


def label(text: str = "", role: str = "", *, wrap: bool = False, selectable: bool = False) -> QLabel:
    """role: title, heading, soft, bad, good, warn (see look.STYLE). Plain text always: what data says
    must never be read as markup."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    if role:
        made.setProperty("role", role)
    made.setWordWrap(wrap)
    if wrap:
        made.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
    if selectable:
        made.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
    return made


class Elided(QLabel):
    """A line of text that gives way: cut with dots where there is no room, whole in the tooltip."""

    def __init__(self, role: str = "") -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        if role:
            self.setProperty("role", role)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def setText(self, text: str) -> None:
        super().setText(text)
        self.setToolTip(text)

    def minimumSizeHint(self) -> QSize:
        return QSize(20, super().minimumSizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        painter.end()


def icon_label(name: str, colour: str = look.SOFT_INK, size: int = 18) -> QLabel:
    made = QLabel()
    made.setPixmap(icon(name, colour).pixmap(QSize(size, size)))
    made.setFixedWidth(size + 2)
    made.setAlignment(Qt.AlignmentFlag.AlignTop)
    return made


def tool(name: str, tip: str, call: Callable[[], object], colour: str = look.INK) -> QToolButton:
    made = QToolButton()
    made.setIcon(icon(name, colour))
    made.setIconSize(QSize(18, 18))
    made.setToolTip(tip)
    made.setAccessibleName(tip)
    made.clicked.connect(lambda: call())
    return made


def button(
    text: str, call: Callable[[], object], *, icon_name: str = "", primary: bool = False, flat: bool = False
) -> QPushButton:
    made = QPushButton(text)
    made.setProperty("primary", primary)
    made.setProperty("flat", flat)
    if icon_name:
        made.setIcon(icon(icon_name, look.PAPER if primary else look.ACCENT))
    made.clicked.connect(lambda: call())
    made.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
    return made


def rule() -> QFrame:
    made = QFrame()
    made.setProperty("role", "rule")
    return made


def restyle(widget: QWidget) -> None:
    """Apply the style sheet again after a property it looks at changed."""
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def page(widget: QWidget) -> QWidget:
    """A white surface."""
    widget.setProperty("role", "page")
    widget.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    return widget
