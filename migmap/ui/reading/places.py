"""Coordinate systems a person may choose, in words."""

from __future__ import annotations

import re

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox, QLineEdit, QVBoxLayout, QWidget


class CrsField(QWidget):
    """A choice of coordinate systems and a line for others. changed(): another one is meant.

    blank: what the first entry says when no choice is needed; "" where one must be made.
    """

    changed = Signal()

    def __init__(self, blank: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.combo = _Combo()
        if blank:
            self.combo.addItem(blank, None)
        for title, code in (
            (self.tr("Longitude and latitude in degrees, WGS 84 (EPSG:4326)"), "EPSG:4326"),
            (self.tr("Metres, UTM zone 41 north: far west of Balochistan (EPSG:32641)"), "EPSG:32641"),
            (self.tr("Metres, UTM zone 42 north: Karachi, Quetta, Peshawar (EPSG:32642)"), "EPSG:32642"),
            (self.tr("Metres, UTM zone 43 north: Islamabad, Lahore (EPSG:32643)"), "EPSG:32643"),
            (self.tr("Web map metres (EPSG:3857)"), "EPSG:3857"),
            (self.tr("Another one…"), ""),
        ):
            self.combo.addItem(title, code)
        self.combo.setAccessibleName(self.tr("Coordinate system"))
        self.combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.combo.setMinimumContentsLength(8)
        self.line = QLineEdit()
        self.line.setPlaceholderText(self.tr("EPSG:24313, or a UTM zone: 36N"))
        self.line.setAccessibleName(self.tr("EPSG code or UTM zone"))
        self.line.hide()
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(4)
        box.addWidget(self.combo)
        box.addWidget(self.line)
        self.combo.currentIndexChanged.connect(lambda _: self._edited())
        self.line.textChanged.connect(lambda _: self.changed.emit())

    def crs(self) -> str | None:
        """ "EPSG:n"; None for the first entry of a field that may stay blank; "" where nothing usable
        stands."""
        code = self.combo.currentData()
        if code is None or code:
            return code if code is None else str(code)
        return crs_typed(self.line.text())

    def show_crs(self, crs: str | None) -> None:
        """Show a choice without saying that it changed."""
        blocked = self.blockSignals(True)
        place = self.combo.findData(crs) if crs else 0
        if place < 0:
            self.line.setText(crs or "")
            place = self.combo.count() - 1
        self.combo.setCurrentIndex(place)
        self.line.setVisible(self.combo.currentData() == "")
        self.blockSignals(blocked)

    def _edited(self) -> None:
        self.line.setVisible(self.combo.currentData() == "")
        self.changed.emit()


class _Combo(QComboBox):
    def __init__(self) -> None:
        super().__init__()
        # In a form that scrolls, the wheel must not change what it passes over.
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


def crs_typed(text: str) -> str:
    """ "EPSG:n" of "24313", "epsg:24313", "36N" or "UTM 36 north"; "" for anything else."""
    code = re.fullmatch(r"\s*(?:EPSG:)?\s*(\d{4,6})\s*", text, re.IGNORECASE)
    if code:
        return f"EPSG:{code.group(1)}"
    zone = re.fullmatch(
        r"\s*(?:WGS ?84\s*/?\s*)?(?:UTM)?\s*(?:zone)?\s*(\d{1,2})\s*(N|S|north|south)\s*", text, re.IGNORECASE
    )
    if zone and 1 <= int(zone.group(1)) <= 60:
        return f"EPSG:{326 if zone.group(2)[0] in 'nN' else 327}{int(zone.group(1)):02d}"
    return ""
