"""Words on a map: fonts for both scripts, isolated values, halos."""

from __future__ import annotations

import math
import re
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPainterPath, QPen, QTextOption

from .surface import blank

LATIN = ("Noto Sans", "Segoe UI", "DejaVu Sans")
# Naskh before Nastaliq: Nastaliq needs twice the line height and blurs at label size. Both before
# DejaVu, which has the letters but not the joins Urdu wants.
ARABIC = ("Noto Naskh Arabic", "Urdu Typesetting", "Noto Nastaliq Urdu")

_ARABIC_LETTER = re.compile("[\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufeff]")


def has_arabic(text: str) -> bool:
    """True where a letter of the Arabic script (Urdu, Pashto, Sindhi, ...) occurs."""
    return _ARABIC_LETTER.search(text) is not None


def isolated(text: str) -> str:
    """The value between U+2068 and U+2069, so that its direction stays its own business."""
    return f"\u2068{text}\u2069"


def font(px: float, text: str = "", *, bold: bool = False) -> QFont:
    """A font `px` pixels high that has the letters of `text`."""
    made = QFont()
    made.setFamilies([*ARABIC, *LATIN] if has_arabic(text) else [*LATIN, *ARABIC])
    made.setPixelSize(max(round(px), 1))
    made.setBold(bold)
    made.setStyleHint(QFont.StyleHint.SansSerif)
    return made


def measured(text: str, made: QFont) -> tuple[float, float]:
    """Width and height of one line in pixels."""
    metrics = QFontMetricsF(made)
    return metrics.horizontalAdvance(text), metrics.height()


def elided(text: str, made: QFont, width: float) -> str:
    """The text, cut with an ellipsis where it is wider than `width` pixels."""
    return QFontMetricsF(made).elidedText(text, Qt.TextElideMode.ElideRight, width)


def paragraph_height(text: str, made: QFont, width: float) -> float:
    """Height of the text wrapped to `width` pixels."""
    flags = int(Qt.TextFlag.TextWordWrap)
    return QFontMetricsF(made).boundingRect(QRectF(0, 0, width, 100_000), flags, text).height()


def draw_paragraph(
    painter: QPainter, rect: QRectF, text: str, made: QFont, colour: QColor, *, centred: bool = False
) -> float:
    """Draw wrapped text from the top of `rect`; what does not fit is cut. Returns the height it used.
    Lines start at the left, Urdu ones at the right."""
    rtl = text.lstrip("\u2068").strip()[:1] != "" and has_arabic(text.lstrip("\u2068").strip()[:1])
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WordWrap)
    option.setTextDirection(Qt.LayoutDirection.RightToLeft if rtl else Qt.LayoutDirection.LeftToRight)
    if centred:
        option.setAlignment(Qt.AlignmentFlag.AlignHCenter)
    painter.setFont(made)
    painter.setPen(colour)
    painter.drawText(rect, text, option)
    return min(paragraph_height(text, made, rect.width()), rect.height())


def draw_line(painter: QPainter, x: float, baseline: float, text: str, made: QFont, colour: QColor) -> None:
    """One line of text from its left end."""
    painter.setFont(made)
    painter.setPen(colour)
    painter.drawText(QPointF(x, baseline), text)


def draw_halo(
    painter: QPainter,
    x: float,
    baseline: float,
    text: str,
    made: QFont,
    colour: QColor,
    *,
    halo: QColor,
    halo_px: float = 2.4,
) -> None:
    """One line of text with a rim that keeps it legible on any ground, on whole pixels."""
    ratio = painter.device().devicePixelRatio()
    image, left, up = _with_halo(
        text, made.pixelSize(), made.bold(), colour.rgba(), halo.rgba(), halo_px, ratio
    )
    painter.drawImage(
        QPointF(round((x - left) * ratio) / ratio, round((baseline - up) * ratio) / ratio), image
    )


@lru_cache(maxsize=1024)
def _with_halo(
    text: str, px: int, bold: bool, colour: int, halo: int, halo_px: float, ratio: float
) -> tuple[QImage, float, float]:
    """The words as a picture, and where in it the left end of the baseline lies. Stroking letters takes
    most of a millisecond, and the same words are drawn at every movement of the hand."""
    path = QPainterPath()
    path.addText(0, 0, font(px, text, bold=bold), text)
    box = path.boundingRect().adjusted(-halo_px - 1, -halo_px - 1, halo_px + 1, halo_px + 1)
    left, up = math.ceil(-box.left()), math.ceil(-box.top())
    image = blank(math.ceil((box.right() + left + 1) * ratio), math.ceil((box.bottom() + up + 1) * ratio))
    image.setDevicePixelRatio(ratio)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(left, up)
    pen = QPen(QColor.fromRgba(halo), halo_px)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.strokePath(path, pen)
    painter.fillPath(path, QColor.fromRgba(colour))
    painter.end()
    return image, float(left), float(up)
