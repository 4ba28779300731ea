"""Colours, type and spacing of the window: one light, quiet look on every platform."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtWidgets import QApplication

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

ICON = """
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">
<rect x="2" y="2" width="60" height="60" rx="14" fill="#12667a"/>
<path d="M8 44 C18 36 24 50 34 43 S50 38 56 43 V52 A8 8 0 0 1 48 60 H16 A8 8 0 0 1 8 52 Z" fill="#6db6c7"/>
<path d="M32 10 C23 10 17 16.5 17 24.5 C17 35 32 48 32 48 S47 35 47 24.5 C47 16.5 41 10 32 10 Z" fill="#ffffff"/>
<path d="M24.5 26 L32 18.5 L39.5 26 H37.5 V33 H26.5 V26 Z" fill="#12667a"/>
</svg>
"""


def app_icon() -> QIcon:
    """The program's icon: a house in a map pin above water."""
    from PySide6.QtSvg import QSvgRenderer

    renderer = QSvgRenderer(QByteArray(ICON.encode()))
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


STYLE = f"""
QMainWindow::separator {{ background: {SOFT_LINE}; width: 5px; height: 5px; }}
QMainWindow::separator:hover {{ background: {ACCENT_SOFT}; }}
QMenuBar {{ background: {PAPER}; border-bottom: 1px solid {SOFT_LINE}; padding: 2px 4px; }}
QMenuBar::item {{ padding: 4px 10px; border-radius: 4px; background: transparent; }}
QMenuBar::item:selected {{ background: {ACCENT_SOFT}; color: {INK}; }}
QMenu {{ background: {PAPER}; border: 1px solid {LINE}; padding: 4px; }}
QMenu::item {{ padding: 5px 28px 5px 10px; border-radius: 4px; }}
QMenu::icon {{ padding-left: 8px; }}
QMenu::item:selected {{ background: {ACCENT_SOFT}; color: {INK}; }}
QMenu::item:disabled {{ color: #a3adb3; }}
QMenu::separator {{ height: 1px; background: {SOFT_LINE}; margin: 4px 8px; }}
QToolBar {{ background: {PAPER}; border: none; border-bottom: 1px solid {LINE}; padding: 3px 6px; spacing: 2px; }}
QToolBar::separator {{ background: {SOFT_LINE}; width: 1px; margin: 5px 5px; }}
QToolButton {{ border: 1px solid transparent; border-radius: 5px; padding: 4px 6px; background: transparent; }}
QToolButton:hover {{ background: {ACCENT_SOFT}; }}
QToolButton:pressed, QToolButton:checked {{ background: #cfe4e9; }}
QToolButton:focus {{ border-color: {ACCENT}; }}
QToolButton::menu-indicator {{ image: none; }}
QDockWidget {{ titlebar-close-icon: none; titlebar-normal-icon: none; font-weight: 600; }}
QDockWidget::title {{ background: {DESK}; padding: 7px 10px; text-align: left; }}
QTabBar::tab {{ padding: 6px 14px; border: none; border-bottom: 2px solid transparent; color: {SOFT_INK};
  background: transparent; }}
QTabBar::tab:selected {{ color: {ACCENT}; border-bottom-color: {ACCENT}; }}
QTabBar::tab:hover {{ color: {INK}; }}
QTabWidget::pane {{ border: none; border-top: 1px solid {SOFT_LINE}; }}
QPushButton {{ background: {PAPER}; border: 1px solid {LINE}; border-radius: 5px; padding: 5px 14px;
  min-height: 18px; }}
QPushButton:hover {{ border-color: {ACCENT}; background: #fafdfd; }}
QPushButton:pressed {{ background: {ACCENT_SOFT}; }}
QPushButton:focus {{ border-color: {ACCENT}; }}
QPushButton:disabled {{ color: #a3adb3; background: {DESK}; border-color: {SOFT_LINE}; }}
QPushButton[primary="true"] {{ background: {ACCENT}; border-color: {ACCENT}; color: {PAPER}; font-weight: 600; }}
QPushButton[primary="true"]:hover {{ background: {ACCENT_DARK}; }}
QPushButton[primary="true"]:disabled {{ background: #b8cdd2; border-color: #b8cdd2; color: {PAPER}; }}
QPushButton[flat="true"] {{ border-color: transparent; background: transparent; color: {ACCENT}; padding: 3px 8px; }}
QPushButton[flat="true"]:hover {{ background: {ACCENT_SOFT}; }}
QPushButton[flat="true"]:focus {{ border-color: {ACCENT}; }}
QPushButton[flat="true"]:disabled {{ color: #a3adb3; }}
QLineEdit, QComboBox, QPlainTextEdit, QTextEdit {{ background: {PAPER}; border: 1px solid {LINE};
  border-radius: 5px; padding: 4px 7px; min-height: 18px; selection-background-color: {ACCENT};
  selection-color: {PAPER}; }}
QLineEdit:focus, QComboBox:focus, QPlainTextEdit:focus, QTextEdit:focus {{ border-color: {ACCENT}; }}
QLineEdit[bad="true"], QComboBox[bad="true"] {{ border-color: {BAD}; background: {BAD_SOFT}; }}
QLineEdit:disabled, QComboBox:disabled {{ background: {DESK}; color: #a3adb3; }}
QComboBox::drop-down {{ border: none; width: 22px; }}
QComboBox QAbstractItemView {{ background: {PAPER}; border: 1px solid {LINE}; outline: none;
  selection-background-color: {ACCENT_SOFT}; selection-color: {INK}; padding: 2px; }}
QListView, QTreeView, QTableView {{ background: {PAPER}; border: none; outline: none;
  alternate-background-color: #f8fafa; gridline-color: {SOFT_LINE}; }}
QTableView::item {{ padding: 2px 6px; }}
QTableView::item:selected {{ background: {ACCENT_SOFT}; color: {INK}; }}
QHeaderView {{ background: {DESK}; border: none; }}
QHeaderView::section {{ background: {DESK}; border: none; border-right: 1px solid {SOFT_LINE};
  border-bottom: 1px solid {LINE}; padding: 5px 8px; color: {SOFT_INK}; font-weight: 600; }}
QTableCornerButton::section {{ background: {DESK}; border: none; border-bottom: 1px solid {LINE}; }}
QProgressBar {{ background: {SOFT_LINE}; border: none; border-radius: 3px; max-height: 6px; min-height: 6px; }}
QProgressBar::chunk {{ background: {ACCENT}; border-radius: 3px; }}
QStatusBar {{ background: {PAPER}; border-top: 1px solid {LINE}; color: {SOFT_INK}; }}
QStatusBar::item {{ border: none; }}
QScrollArea {{ border: none; background: transparent; }}
QScrollBar:vertical {{ background: transparent; width: 11px; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: 11px; margin: 0; }}
QScrollBar::handle {{ background: #c3ccd1; border-radius: 4px; margin: 2px; }}
QScrollBar::handle:vertical {{ min-height: 28px; }}
QScrollBar::handle:horizontal {{ min-width: 28px; }}
QScrollBar::handle:hover {{ background: {FAINT_INK}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QSlider::groove:horizontal {{ height: 4px; background: {LINE}; border-radius: 2px; }}
QSlider::sub-page:horizontal {{ background: {ACCENT}; border-radius: 2px; }}
QSlider::handle:horizontal {{ width: 14px; height: 14px; margin: -5px 0; border-radius: 7px;
  background: {PAPER}; border: 1px solid {ACCENT}; }}
QSlider::handle:horizontal:focus, QSlider::handle:horizontal:hover {{ background: {ACCENT_SOFT}; }}
QSlider::sub-page:horizontal:disabled {{ background: {LINE}; }}
QSlider::handle:horizontal:disabled {{ border-color: {LINE}; }}
QToolTip {{ background: {INK}; color: {PAPER}; border: none; padding: 4px 7px; }}
QLabel[role="title"] {{ font-size: 15pt; font-weight: 600; color: {INK}; }}
QLabel[role="heading"] {{ font-size: 11pt; font-weight: 600; color: {INK}; }}
QLabel[role="soft"] {{ color: {SOFT_INK}; }}
QLabel[role="bad"] {{ color: {BAD}; }}
QLabel[role="good"] {{ color: {GOOD}; }}
QLabel[role="warn"] {{ color: {WARN}; }}
QFrame[role="card"] {{ background: {PAPER}; border: 1px solid {SOFT_LINE}; border-radius: 8px; }}
QFrame[role="note"] {{ background: {ACCENT_SOFT}; border: none; border-radius: 6px; }}
QFrame[role="warnbar"] {{ background: {WARN_SOFT}; border: none; border-bottom: 1px solid #f0dcb4; }}
QFrame[role="infobar"] {{ background: {ACCENT_SOFT}; border: none; border-bottom: 1px solid #c4dde3; }}
QFrame[role="rule"] {{ background: {SOFT_LINE}; max-height: 1px; min-height: 1px; border: none; }}
QWidget[role="page"] {{ background: {PAPER}; }}
"""


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
    app.setStyleSheet(STYLE)
    app.setWindowIcon(app_icon())
