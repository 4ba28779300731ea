"""What the window says before anything is on the map: three ways to begin."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QEnterEvent, QFocusEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from . import look
from .docks.parts import button, icon_label, label, page
from .words import isolated


class Choice(QFrame):
    """A big button: icon, what it is, what comes of it."""

    chosen = Signal()

    def __init__(self, icon_name: str, title: str, text: str) -> None:
        super().__init__()
        self.setObjectName("choice")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(title)
        self.setAccessibleDescription(text)
        self.setFixedSize(236, 172)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 20, 20, 16)
        layout.setSpacing(6)
        layout.addWidget(icon_label(icon_name, look.ACCENT, 34))
        layout.addSpacing(6)
        layout.addWidget(label(title, "heading", wrap=True))
        layout.addWidget(label(text, "soft", wrap=True))
        layout.addStretch(1)
        self._paint(False)

    def _paint(self, lively: bool) -> None:
        edge = look.ACCENT if lively else look.LINE
        back = "#f4fafb" if lively else look.PAPER
        self.setStyleSheet(
            f"QFrame#choice {{ background: {back}; border: 1px solid {edge}; border-radius: 10px; }}"
        )

    def enterEvent(self, _event: QEnterEvent) -> None:
        self._paint(True)

    def leaveEvent(self, _event: object) -> None:
        self._paint(self.hasFocus())

    def focusInEvent(self, _event: QFocusEvent) -> None:
        self._paint(True)

    def focusOutEvent(self, _event: QFocusEvent) -> None:
        self._paint(False)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.chosen.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.chosen.emit()
        else:
            super().keyPressEvent(event)


class StartPage(QWidget):
    sample_asked = Signal()
    files_asked = Signal()
    project_asked = Signal()
    recent_asked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        page(self)
        self.sample = Choice(
            "mdi6.map-marker-star-outline",
            self.tr("Open the sample project"),
            self.tr("Made-up villages, settlements and a flood, to see how it works"),
        )
        self.files = Choice(
            "mdi6.layers-plus",
            self.tr("Open my files"),
            self.tr("Shapefile, GeoPackage, GeoTIFF, CSV, Excel, KML, GeoJSON"),
        )
        self.project = Choice(
            "mdi6.folder-open-outline",
            self.tr("Open a project"),
            self.tr("Go on with a .migmap file, your own or one you were sent"),
        )
        self.sample.chosen.connect(self.sample_asked)
        self.files.chosen.connect(self.files_asked)
        self.project.chosen.connect(self.project_asked)
        middle = QVBoxLayout()
        middle.setSpacing(6)
        mark = QLabel()
        mark.setPixmap(look.app_icon().pixmap(QSize(52, 52)))
        mark.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        title = label(self.tr("Who is exposed, and where do services fall short?"), "title")
        title.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        text = label(
            self.tr(
                "Lay settlements over a flood or another hazard, measure the way to the nearest clinic or "
                "school,\nand take the map and the table with you. Nothing leaves this computer."
            ),
            "soft",
        )
        text.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        middle.addWidget(mark)
        middle.addSpacing(4)
        middle.addWidget(title)
        middle.addWidget(text)
        middle.addSpacing(22)
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addStretch(1)
        for choice in (self.sample, self.files, self.project):
            row.addWidget(choice)
        row.addStretch(1)
        middle.addLayout(row)
        drop = label(self.tr("Or drop files anywhere in this window."), "soft")
        drop.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        middle.addSpacing(12)
        middle.addWidget(drop)
        middle.addSpacing(10)
        self._recent = QVBoxLayout()
        self._recent.setSpacing(0)
        middle.addLayout(self._recent)
        outer = QVBoxLayout(self)
        outer.addStretch(3)
        outer.addLayout(middle)
        outer.addStretch(4)

    def show_recent(self, paths: tuple[str, ...]) -> None:
        """The newest projects and files, to open again."""
        while self._recent.count():
            item = self._recent.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.setParent(None)
                widget.deleteLater()
        if not paths:
            return
        head = label(self.tr("Lately used"), "soft")
        head.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._recent.addWidget(head)
        for path in paths[:4]:
            made = button(isolated(Path(path).name), partial(self.recent_asked.emit, path), flat=True)
            made.setToolTip(path)
            self._recent.addWidget(made, 0, Qt.AlignmentFlag.AlignHCenter)
