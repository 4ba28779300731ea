"""Colours, type and spacing of the window: one light, quiet look on every platform."""

from __future__ import annotations

import re

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtWidgets import QApplication

from migmap.app import places

INK = "#1d2b33"
SOFT_INK = "#5c6b74"
FAINT_INK = "#8a979e"
PAPER = "#ffffff"
DESK = "#f3f5f6"
LINE = "#d5dce0"
SOFT_LINE = "#e6eaec"
ACCENT = "#12667a"
ACCENT_DARK = "#0d4f5f"
ACCENT_SOFT = "#e1eff2"
WARN = "#9a5b00"
WARN_SOFT = "#fdf3e0"
BAD = "#b3261e"
BAD_SOFT = "#fcebea"
GOOD = "#2e7040"
GOOD_SOFT = "#e6f3e9"

GAP = 8
"""The distance between things, in pixels; margins are one or two of it."""

# Naskh for Urdu: Nastaliq needs twice the line height and breaks tables.
FAMILIES = ["Segoe UI", "Noto Sans", "Ubuntu", "DejaVu Sans", "Noto Naskh Arabic", "Noto Sans Arabic"]


def app_icon() -> QIcon:
    """The program's icon: a house in a map pin above water."""
    from PySide6.QtSvg import QSvgRenderer

    renderer = QSvgRenderer(str(places.resources() / "icons" / "migmap.svg"))
    icon = QIcon()
    for size in (16, 24, 32, 48, 64, 128, 256):
        pixmap = QPixmap(size, size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        renderer.render(painter)
        painter.end()
        icon.addPixmap(pixmap)
    return icon


def palette() -> QPalette:
    colours = QPalette()
    role = QPalette.ColorRole
    for which, colour in (
        (role.Window, DESK),
        (role.WindowText, INK),
        (role.Base, PAPER),
        (role.AlternateBase, "#f8fafa"),
        (role.Text, INK),
        (role.Button, PAPER),
        (role.ButtonText, INK),
        (role.BrightText, PAPER),
        (role.Highlight, ACCENT),
        (role.HighlightedText, PAPER),
        (role.ToolTipBase, INK),
        (role.ToolTipText, PAPER),
        (role.PlaceholderText, FAINT_INK),
        (role.Link, ACCENT),
        (role.LinkVisited, ACCENT_DARK),
        (role.Light, PAPER),
        (role.Midlight, SOFT_LINE),
        (role.Mid, LINE),
        (role.Dark, FAINT_INK),
        (role.Shadow, SOFT_INK),
        (role.Accent, ACCENT),
    ):
        colours.setColor(which, QColor(colour))
    for which in (role.WindowText, role.Text, role.ButtonText):
        colours.setColor(QPalette.ColorGroup.Disabled, which, QColor("#a3adb3"))
    colours.setColor(QPalette.ColorGroup.Disabled, role.Highlight, QColor(LINE))
    return colours


def style_sheet() -> str:
    """resources/window.qss with its @names filled in."""
    sheet = (places.resources() / "window.qss").read_text(encoding="utf-8")
    values = {
        "accent_dark": ACCENT_DARK,
        "accent_soft": ACCENT_SOFT,
        "accent": ACCENT,
        "bad_soft": BAD_SOFT,
        "bad": BAD,
        "desk": DESK,
        "faint_ink": FAINT_INK,
        "good": GOOD,
        "icons": (places.resources() / "icons").as_posix(),
        "ink": INK,
        "line": LINE,
        "paper": PAPER,
        "soft_ink": SOFT_INK,
        "soft_line": SOFT_LINE,
        "warn_soft": WARN_SOFT,
        "warn": WARN,
    }
    return re.sub(r"@([a-z_]+)", lambda found: values[found.group(1)], sheet)


def fonts() -> QFont:
    """The reading font: what the platform has, Naskh for Urdu behind it."""
    known = set(QFontDatabase.families())
    font = QFont()
    families = [family for family in FAMILIES if family in known]
    if families:
        font.setFamilies(families)
    font.setPointSizeF(9.5)
    return font


def dress(app: QApplication) -> None:
    """Give the whole application this look."""
    app.setStyle("Fusion")
    app.setPalette(palette())
    app.setFont(fonts())
    app.setStyleSheet(style_sheet())
    app.setWindowIcon(app_icon())
