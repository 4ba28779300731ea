"""Pictures in memory: made blank, made from numbers, turned into PNG; and the Qt they need."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QColor, QGuiApplication, QImage, QImageWriter, QPainter

DOTS_PER_METRE = round(96 / 0.0254)


@contextmanager
def qt_for_drawing() -> Iterator[None]:
    """Fonts need an application object: make one where there is none, and close it afterwards, because a
    window opened later in the same process needs one of another kind. An existing one is left alone.

    On Linux it is Qt's offscreen platform by argument, so no display is needed, none is opened, and
    the environment stays as it was; elsewhere the offscreen platform would find no fonts.
    """
    if QGuiApplication.instance() is not None:
        yield
        return
    arguments = ["migmap"]
    if sys.platform.startswith("linux") and "QT_QPA_PLATFORM" not in os.environ:
        arguments += ["-platform", "offscreen"]
    made = QGuiApplication(arguments)
    try:
        yield
    finally:
        made.shutdown()


@contextmanager
def restored(painter: QPainter) -> Iterator[None]:
    """Within it the painter may be set up at will; afterwards it is as before, also where the drawing was
    cancelled. Ending a painter that still has a state saved is a warning of Qt's."""
    painter.save()
    try:
        yield
    finally:
        painter.restore()


def blank(width: int, height: int, colour: str = "") -> QImage:
    """An ARGB32_Premultiplied picture, clear or of one colour."""
    image = QImage(max(width, 1), max(height, 1), QImage.Format.Format_ARGB32_Premultiplied)
    image.setDotsPerMeterX(DOTS_PER_METRE)
    image.setDotsPerMeterY(DOTS_PER_METRE)
    image.fill(rgba(colour) if colour else QColor(0, 0, 0, 0))
    return image


def from_rgba(numbers: np.ndarray) -> QImage:
    """A picture of uint8 [height, width, 4] red, green, blue, alpha (not premultiplied)."""
    height, width = numbers.shape[:2]
    rows = np.ascontiguousarray(numbers)
    # Converting copies, so the picture does not hang on the array's memory.
    return QImage(rows.data, width, height, width * 4, QImage.Format.Format_RGBA8888).convertToFormat(
        QImage.Format.Format_ARGB32_Premultiplied
    )


def to_rgba(image: QImage) -> np.ndarray:
    """uint8 [height, width, 4] red, green, blue, alpha (not premultiplied) of a picture; a copy."""
    plain = image.convertToFormat(QImage.Format.Format_RGBA8888)
    numbers = np.frombuffer(plain.constBits(), dtype=np.uint8)
    return numbers.reshape(plain.height(), plain.bytesPerLine() // 4, 4)[:, : plain.width()].copy()


def to_png(image: QImage) -> bytes:
    """The picture as a PNG file."""
    held = QByteArray()
    buffer = QBuffer(held)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    buffer.close()
    return bytes(held.data())


def rgba(text: str) -> QColor:
    """QColor of "#rrggbb" or "#rrggbbaa"; clear for "". (Qt itself would read the latter as #aarrggbb.)"""
    if not text:
        return QColor(0, 0, 0, 0)
    colour = QColor(text[:7])
    if len(text) == 9:
        colour.setAlpha(int(text[7:9], 16))
    return colour


def channels(text: str) -> tuple[int, int, int, int]:
    """Red, green, blue, alpha (0 to 255) of a Symbol's colour."""
    colour = rgba(text)
    return colour.red(), colour.green(), colour.blue(), colour.alpha()
