"""The legend over the map: scrolled where the map is low, folded away where it is in the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QToolButton, QVBoxLayout, QWidget

from .. import look
from ..icons import icon
from .overlay import LEGEND_WIDEST

if TYPE_CHECKING:
    from migmap.paint.legend import LegendBlock

_PAD = 10
_HEAD = 24


class LegendView(QFrame):
    """folded_changed: it is another size now."""

    folded_changed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("legend")
        self._sheet = _Sheet()
        self._area = QScrollArea()
        self._area.setWidget(self._sheet)
        self._sheet.setAutoFillBackground(False)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setAccessibleName(self.tr("Legend"))
        self._area.viewport().setAutoFillBackground(False)
        self._fold = QToolButton()
        self._fold.setText(self.tr("Legend"))
        self._fold.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._fold.setIconSize(QSize(14, 14))
        self._fold.setFixedHeight(_HEAD)
        self._fold.setCheckable(True)
        self._fold.toggled.connect(self._folded)
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 0, 0)
        head.addWidget(self._fold)
        head.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(_PAD - 4, 4, 2, 4)
        layout.setSpacing(2)
        layout.addLayout(head)
        layout.addWidget(self._area, 1)
        self.setStyleSheet(
            f"#legend {{ background: rgba(255, 255, 255, 235); border: 1px solid {look.LINE};"
            " border-radius: 6px; }"
            f"#legend QToolButton {{ padding: 1px 4px; color: {look.SOFT_INK}; }}"
            "#legend QToolButton:checked { background: transparent; }"
        )
        self._say_fold()
        self.hide()

    @property
    def folded(self) -> bool:
        return self._fold.isChecked()

    def show_blocks(self, blocks: tuple[LegendBlock, ...]) -> bool:
        """True where that changed what it shows."""
        if blocks == self._sheet.blocks:
            return False
        self._sheet.show_blocks(blocks)
        return True

    @property
    def empty(self) -> bool:
        return not self._sheet.blocks

    def wanted(self, most: int) -> QSize:
        """The size it needs, at most `most` pixels high."""
        if self.folded:
            return QSize(self._fold.sizeHint().width() + 2 * _PAD, _HEAD + 10)
        sheet = self._sheet.size()
        needed = sheet.height() + _HEAD + 12
        # Room for the scroll bar is kept in any case, or counts would jump when it comes.
        return QSize(sheet.width() + _PAD + 12, min(needed, most))

    def wheelEvent(self, event: QWheelEvent) -> None:
        # What the list does not need must not zoom the map beneath it.
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            # Arrows scroll; at the end of the list they must not move the map.
            event.accept()
            return
        super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._fold.setText(self.tr("Legend"))

    def _folded(self, folded: bool) -> None:
        self._area.setVisible(not folded)
        self._say_fold()
        self.folded_changed.emit()

    def _say_fold(self) -> None:
        folded = self._fold.isChecked()
        self._fold.setIcon(icon("mdi6.chevron-right" if folded else "mdi6.chevron-down", look.SOFT_INK))
        tip = self.tr("Unfold the legend") if folded else self.tr("Fold the legend away")
        self._fold.setToolTip(tip)
        self._fold.setAccessibleName(tip)


class _Sheet(QWidget):
    """The rows, as they are printed too."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks: tuple[LegendBlock, ...] = ()

    def show_blocks(self, blocks: tuple[LegendBlock, ...]) -> None:
        from migmap.paint.legend import GAP_PX, legend_height, legend_width

        self.blocks = blocks
        self.resize(
            round(max(legend_width(blocks, at_most=LEGEND_WIDEST), 110.0)) + 8,
            round(legend_height(blocks) - GAP_PX) + 8,
        )
        rows = (
            f"{row.label}: {row.count}" if row.count else row.label for block in blocks for row in block.rows
        )
        self.setAccessibleName("; ".join(rows))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        from migmap.paint.legend import draw_legend

        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        room = QRectF(2, 2, self.width() - 8, self.height() + 40)
        draw_legend(painter, room, self.blocks)
        painter.end()
