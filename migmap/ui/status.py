"""The status bar: what is going on, where the cursor is, the scale, the map's coordinate system."""

from __future__ import annotations

from math import cos, radians
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QStatusBar, QWidget

from . import look
from .docks.identify import coordinates
from .docks.parts import Elided, icon_label, label, tool
from .words import number

if TYPE_CHECKING:
    from migmap.geo.viewport import View

    from .canvas import MapCanvas

MESSAGE_MS = 12_000
METRES_PER_PIXEL_AT_96_DPI = 0.0254 / 96


class Status(QStatusBar):
    activity_asked = Signal()
    cancel_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self._words = Elided()
        self._clear = QTimer(self)
        self._clear.setSingleShot(True)
        self._clear.timeout.connect(lambda: self._words.setText(""))
        left = QWidget()
        row = QHBoxLayout(left)
        row.setContentsMargins(look.GAP, 2, 0, 2)
        row.setSpacing(look.GAP)
        self._busy = icon_label("mdi6.progress-clock", look.ACCENT, 16)
        self._bar = QProgressBar()
        self._bar.setRange(0, 1000)
        self._bar.setFixedWidth(120)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(self.tr("Progress"))
        self._cancel = tool(
            "mdi6.close-circle-outline", self.tr("Cancel"), self.cancel_asked.emit, look.SOFT_INK
        )
        self._words.setAccessibleName(self.tr("Message"))
        for widget in (self._busy, self._bar, self._cancel):
            row.addWidget(widget)
            widget.hide()
        row.addWidget(self._words, 1)
        self.addWidget(left, 1)
        self._place = label("", "soft", selectable=True)
        self._place.setMinimumWidth(self._width("00.00000° N, 000.00000° E"))
        self._place.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._place.setToolTip(self.tr("Where the cursor is: latitude and longitude, WGS 84"))
        self._scale = label("", "soft")
        self._scale.setMinimumWidth(self._width("1:000,000,000"))
        self._scale.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._scale.setToolTip(self.tr("Scale of the map in its middle, on a screen of 96 dots an inch"))
        self._crs = label("", "soft")
        self._crs.setContentsMargins(look.GAP, 0, look.GAP, 0)
        self._crs.setToolTip(self.tr("The map is drawn in Web Mercator; numbers are measured on the ground"))
        for widget in (self._place, self._scale, self._crs):
            self.addPermanentWidget(widget)

    def say(self, text: str) -> None:
        """A message for some seconds."""
        self._words.setText(text)
        self._clear.start(MESSAGE_MS)

    def text(self) -> str:
        return self._words.text()

    def show_busy(self, jobs: int, text: str, fraction: float) -> None:
        for widget in (self._busy, self._bar, self._cancel):
            widget.setVisible(jobs > 0)
        if jobs:
            self._clear.stop()
            self._bar.setValue(round(fraction * 1000))
            self._words.setText(text if jobs == 1 else self.tr("{0} (and {1} more)").format(text, jobs - 1))
        elif self._bar.value() >= 0 and not self._clear.isActive():
            self._words.setText("")

    def watch(self, canvas: MapCanvas) -> None:
        canvas.cursor_moved.connect(lambda lon, lat: self._place.setText(coordinates(lon, lat)))
        canvas.cursor_left.connect(lambda: self._place.setText(""))
        canvas.view_changed.connect(self._show_view)
        self._crs.setText("EPSG:3857")
        self._show_view(canvas.view)

    def _show_view(self, view: View) -> None:
        from migmap.geo.viewport import to_lonlat

        latitude = to_lonlat(view.centre_x, view.centre_y)[1]
        # Mercator stretches by 1/cos(latitude).
        metres = view.units_per_px * cos(radians(latitude))
        self._scale.setText(f"1:{number(nice(metres / METRES_PER_PIXEL_AT_96_DPI), 0)}")

    def _width(self, text: str) -> int:
        return self.fontMetrics().horizontalAdvance(text) + 12


def nice(scale: float) -> float:
    """The scale with three digits that count: the rest changes with every pixel."""
    from math import floor, log10

    if scale <= 0:
        return 0
    unit = 10.0 ** max(0, floor(log10(scale)) - 2)
    return round(scale / unit) * unit
