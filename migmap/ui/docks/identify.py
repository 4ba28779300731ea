"""The card of a clicked feature: its layer, its row, and all it carries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFormLayout, QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from migmap.api import RasterData, VectorData

from .. import look
from ..desk import Desk
from ..models.attributes import python
from ..words import cell, isolated, number
from .parts import icon_label, label, page, tool

if TYPE_CHECKING:
    from migmap.app.project import Layer


class IdentifyPanel(QScrollArea):
    """zoom_asked(layer id, frame row); table_asked(layer id, frame row)."""

    table_asked = Signal(str, int)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._layer_id = ""
        self._row = -1
        self._pairs: list[tuple[str, str]] = []
        self._form: QFormLayout | None = None
        self.heading: QLabel | None = None
        self._lonlat: tuple[float, float] | None = None
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(self.tr("Feature"))
        self.show_hint()
        desk.project_changed.connect(lambda *_: self._check())

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Column and value as shown."""
        return list(self._pairs)

    def show_hint(self) -> None:
        self._layer_id, self._row, self._pairs, self._form = "", -1, [], None
        body = page(QWidget())
        layout = QVBoxLayout(body)
        layout.setContentsMargins(2 * look.GAP, 2 * look.GAP, 2 * look.GAP, 2 * look.GAP)
        layout.addStretch(1)
        layout.addWidget(
            icon_label("mdi6.cursor-default-click-outline", look.FAINT_INK, 28),
            0,
            Qt.AlignmentFlag.AlignHCenter,
        )
        hint = label(self.tr("Click something on the map to see what is known about it."), "soft", wrap=True)
        hint.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        layout.addWidget(hint)
        layout.addStretch(2)
        self.setWidget(body)

    def show_feature(
        self, layer: Layer, data: VectorData, row: int, lonlat: tuple[float, float] | None
    ) -> None:
        """row: position in the frame."""
        self._layer_id, self._row = layer.id, row
        frame = data.frame
        record = {
            str(name): cell(python(frame[name].array[row]))
            for name in frame.columns
            if name != frame.geometry.name
        }
        roles = {column: role for role, column in data.roles.items()}
        self._pairs = list(record.items())
        name = record.get(data.roles.get("name", ""), "") or next(
            (text for column, text in record.items() if "name" in column.lower() and text), ""
        )
        body = page(QWidget())
        layout = QVBoxLayout(body)
        layout.setContentsMargins(look.GAP + 4, look.GAP, look.GAP + 4, look.GAP)
        layout.setSpacing(6)
        head = QHBoxLayout()
        head.setSpacing(4)
        urdu = record.get(urdu_column(data) or "", "")
        names = [isolated(text) for text in dict.fromkeys((name, urdu)) if text]
        self.heading = label(
            "\n".join(names) or self.tr("Row {0}").format(data.row_numbers[row]),
            "heading",
            wrap=True,
            selectable=True,
        )
        head.addWidget(self.heading, 1)
        head.addWidget(
            tool("mdi6.table-row", self.tr("Show this row in the table"), self._ask_table, look.SOFT_INK),
            0,
            Qt.AlignmentFlag.AlignTop,
        )
        head.addWidget(
            tool("mdi6.content-copy", self.tr("Copy these values"), self.copy, look.SOFT_INK),
            0,
            Qt.AlignmentFlag.AlignTop,
        )
        layout.addLayout(head)
        where = self.tr("{0}, row {1}").format(isolated(layer.title), number(int(data.row_numbers[row])))
        layout.addWidget(label(where, "soft", wrap=True))
        if lonlat is not None:
            layout.addWidget(label(coordinates(*lonlat), "soft", selectable=True))
        line = QFrame()
        line.setProperty("role", "rule")
        layout.addWidget(line)
        form = QFormLayout()
        form.setHorizontalSpacing(look.GAP + 4)
        form.setVerticalSpacing(5)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for column, text in record.items():
            form.addRow(self._key(column, roles.get(column, "")), self._value(text))
        layout.addLayout(form)
        self._form, self._lonlat = form, lonlat
        layout.addStretch(1)
        self.setWidget(body)

    def show_cell(
        self, layer: Layer, data: RasterData, value: float | None, lonlat: tuple[float, float]
    ) -> None:
        """The value of a raster at a place; None outside its cells, NaN where it has no data."""
        if value is None:
            shown = self.tr("outside the raster")
        elif value != value:
            shown = self.tr("no data")
        else:
            # Cells are often single precision: more digits would only print its rounding.
            shown = f"{value:.6g} {data.unit}".strip()
        if self._row >= 0 and self._lonlat == lonlat and self._form is not None:
            # The feature under the same click keeps the card; the cell adds a line to it.
            self._pairs.append((layer.title, shown))
            self._form.addRow(self._key(layer.title, ""), self._value(shown))
            return
        self._form, self._lonlat = None, lonlat
        self._layer_id, self._row = layer.id, -1
        self._pairs = [(self.tr("Value"), shown)]
        body = page(QWidget())
        layout = QVBoxLayout(body)
        layout.setContentsMargins(look.GAP + 4, look.GAP, look.GAP + 4, look.GAP)
        layout.setSpacing(6)
        layout.addWidget(label(shown, "heading", wrap=True, selectable=True))
        layout.addWidget(label(layer.title, "soft", wrap=True))
        layout.addWidget(label(coordinates(*lonlat), "soft", selectable=True))
        layout.addStretch(1)
        self.setWidget(body)

    def copy(self) -> None:
        text = "".join(f"{column}\t{value}\n" for column, value in self._pairs)
        QGuiApplication.clipboard().setText(text)

    def _key(self, column: str, role: str) -> QLabel:
        # A place to break the line, without which a long name is cut.
        made = label(column.replace("_", "_\u200b"), "soft", wrap=True)
        made.setFixedWidth(104)
        made.setToolTip(self.tr("{0} (used as {1})").format(column, role) if role else column)
        return made

    def _value(self, text: str) -> QLabel:
        made = label(text or "–", "" if text else "soft", wrap=True, selectable=True)
        # Left, also for Urdu: the values of a card stand in one column; letters keep their order.
        made.setAlignment(
            Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
        )
        return made

    def _ask_table(self) -> None:
        if self._layer_id:
            self.table_asked.emit(self._layer_id, self._row)

    def _check(self) -> None:
        if self._layer_id and all(layer.id != self._layer_id for layer in self._desk.project.layers):
            self.show_hint()


def urdu_column(data: VectorData) -> str | None:
    """The column with the name in Urdu: by its role, or by how such columns are called."""
    columns = [str(name) for name in data.frame.columns]
    if data.roles.get("name_ur") in columns:
        return data.roles["name_ur"]
    # The most local first: ADM1_UR stands beside ADM2_UR in the district's row.
    beside = data.roles.get("name", "").casefold().removesuffix("_en")
    ends = ("name_ur", "_ur", "_urdu", "name:ur")
    found = [name for name in columns if name.casefold().endswith(ends)]
    own = [name for name in found if beside and name.casefold().startswith(beside)]
    return next(iter([*own, *found]), None)


def coordinates(longitude: float, latitude: float) -> str:
    """Degrees with the letters people know: 33.68440° N, 73.04790° E."""
    north = "N" if latitude >= 0 else "S"
    east = "E" if longitude >= 0 else "W"
    return f"{abs(latitude):.5f}° {north}, {abs(longitude):.5f}° {east}"
