"""How one layer looks in the list: eye, icon, name, what it is, and marks for what to watch out for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPalette
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from .. import look
from ..icons import icon
from ..models.layers import FACTS_ROLE, LAYER_ROLE, LayerFacts, LayerListModel

if TYPE_CHECKING:
    from migmap.app.project import Layer

HEIGHT = 46
EYE = 30
MARK = 18


class LayerRow(QStyledItemDelegate):
    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(200, HEIGHT)

    def eye_rect(self, row: QRect) -> QRect:
        return QRect(row.left() + 4, row.top(), EYE, row.height())

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        layer: Layer = index.data(LAYER_ROLE)
        facts: LayerFacts = index.data(FACTS_ROLE)
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        palette: QPalette = option.palette
        base: QFont = option.font
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, QColor(look.ACCENT_SOFT))
            painter.fillRect(QRect(rect.left(), rect.top(), 3, rect.height()), QColor(look.ACCENT))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, QColor("#f3f7f8"))
        painter.fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), QColor(look.SOFT_LINE))

        eye = self.eye_rect(rect)
        name = "mdi6.eye-outline" if layer.visible else "mdi6.eye-off-outline"
        colour = look.ACCENT if layer.visible else look.FAINT_INK
        self._icon(painter, name, colour, eye, 18)
        mark = QRect(eye.right() + 2, rect.top(), 26, rect.height())
        failed = facts.state == "failed"
        self._icon(
            painter,
            "mdi6.alert-circle-outline" if failed else facts.icon,
            look.BAD if failed else look.SOFT_INK if layer.visible else look.FAINT_INK,
            mark,
            19,
        )

        right = self._marks(painter, rect, facts)
        text = QRect(mark.right() + 6, rect.top() + 6, right - mark.right() - 12, 17)
        font = QFont(base)
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(palette.color(QPalette.ColorRole.Text) if layer.visible else QColor(look.FAINT_INK))
        self._line(painter, text, layer.title)
        font = QFont(base)
        font.setPointSizeF(base.pointSizeF() - 1)
        painter.setFont(font)
        painter.setPen(QColor(look.BAD if failed else look.SOFT_INK))
        model = index.model()
        if isinstance(model, LayerListModel):
            self._line(painter, text.translated(0, 18), model.subtitle(layer))
        painter.restore()

    def editorEvent(
        self,
        event: QEvent,
        model: QAbstractItemModel,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> bool:
        """A click on the eye (and the space bar) shows or hides."""
        rect: QRect = option.rect
        if isinstance(event, QMouseEvent):
            on_eye = self.eye_rect(rect).contains(event.position().toPoint())
            if not on_eye or event.button() != Qt.MouseButton.LeftButton:
                return False
            if event.type() == QEvent.Type.MouseButtonRelease:
                _toggle(model, index)
            return True
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and event.key() == Qt.Key.Key_Space
        ):
            _toggle(model, index)
            return True
        return False

    def updateEditorGeometry(
        self, editor: QWidget, option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex
    ) -> None:
        rect: QRect = option.rect
        editor.setGeometry(rect.adjusted(EYE + 30, 6, -8, -8))

    def _marks(self, painter: QPainter, rect: QRect, facts: LayerFacts) -> int:
        """Draw the marks from the right; the x where the text must end."""
        marks = []
        if facts.findings and facts.worst != "info":
            marks.append(("mdi6.alert-outline", look.WARN))
        elif facts.findings:
            marks.append(("mdi6.information-outline", look.FAINT_INK))
        if facts.sensitivity == "confidential":
            marks.append(("mdi6.lock", look.BAD))
        elif facts.sensitivity == "public":
            marks.append(("mdi6.earth", look.FAINT_INK))
        else:
            marks.append(("mdi6.lock-outline", look.FAINT_INK))
        if facts.synthetic:
            marks.append(("mdi6.flask-outline", look.WARN))
        x = rect.right() - 8
        for name, colour in marks:
            x -= MARK
            self._icon(painter, name, colour, QRect(x, rect.top(), MARK, rect.height()), 15)
        return x - 4

    @staticmethod
    def _icon(painter: QPainter, name: str, colour: str, rect: QRect, size: int) -> None:
        corner = rect.center() - QPoint(size // 2, size // 2)
        icon(name, colour).paint(painter, QRect(corner, QSize(size, size)))

    @staticmethod
    def _line(painter: QPainter, rect: QRect, text: str) -> None:
        shown = QFontMetrics(painter.font()).elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
        painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)


def _toggle(model: QAbstractItemModel, index: QModelIndex | QPersistentModelIndex) -> None:
    shown = index.data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Checked
    state = Qt.CheckState.Unchecked if shown else Qt.CheckState.Checked
    model.setData(index, state, Qt.ItemDataRole.CheckStateRole)
