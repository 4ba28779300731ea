"""Icons by name ("mdi6.folder-open"), drawn from the Material Design font that QtAwesome ships.

QtAwesome itself is not imported: it loads qtpy and eleven fonts, which costs more than the whole
window. Its font and its table of names are all that is needed.
"""

from __future__ import annotations

import importlib.util
import json
from functools import cache
from pathlib import Path

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QIcon, QIconEngine, QPainter, QPixmap

from . import look

MISSING = "mdi6.help-circle-outline"


@cache
def _font() -> tuple[str, dict[str, str]]:
    """(family, name -> letter) of the Material Design icons."""
    spec = importlib.util.find_spec("qtawesome")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("QtAwesome is not installed; its icon font is needed.")
    folder = Path(spec.origin).parent / "fonts"
    (font,) = sorted(folder.glob("materialdesignicons6-*.ttf"))
    (table,) = sorted(folder.glob("materialdesignicons6-*-charmap-*.json")) or sorted(
        folder.glob("materialdesignicons6-*.json")
    )
    number = QFontDatabase.addApplicationFont(str(font))
    family = QFontDatabase.applicationFontFamilies(number)[0]
    names: dict[str, str] = json.loads(table.read_text(encoding="utf-8"))
    return family, names


class _Engine(QIconEngine):
    def __init__(self, letter: str, colour: str) -> None:
        super().__init__()
        self._letter = letter
        self._colour = colour

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, _state: QIcon.State) -> None:
        colour = QColor("#b4bdc2" if mode == QIcon.Mode.Disabled else self._colour)
        font = QFont(_font()[0])
        font.setPixelSize(max(1, round(min(rect.width(), rect.height()) * 0.96)))
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        painter.setPen(colour)
        painter.setFont(font)
        painter.drawText(QRectF(rect), Qt.AlignmentFlag.AlignCenter, self._letter)
        painter.restore()

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        pixmap = QPixmap(size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint(painter, QRect(QPoint(0, 0), size), mode, state)
        painter.end()
        return pixmap

    def clone(self) -> QIconEngine:
        return _Engine(self._letter, self._colour)


@cache
def icon(name: str, colour: str = look.INK) -> QIcon:
    """The icon called `name`; a question mark for a name the font does not have."""
    names = _font()[1]
    letter = names.get(name.removeprefix("mdi6.")) or names[MISSING.removeprefix("mdi6.")]
    return QIcon(_Engine(letter_of(letter), colour))


def letter_of(code: str) -> str:
    """The letter for a table entry, which is hexadecimal ("f0770")."""
    return chr(int(code, 16)) if len(code) > 1 else code


def known(name: str) -> bool:
    return name.removeprefix("mdi6.") in _font()[1]
