"""The figures of a run as a chart: bars by class and area, or people exposed by return period."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QGuiApplication,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QCheckBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QStackedLayout,
    QToolTip,
    QVBoxLayout,
    QWidget,
)

from migmap.api import Metric

from .. import look
from ..models.charts import (
    Drawn,
    Facts,
    bar_chart,
    choices,
    curve_areas,
    curve_chart,
    ladder_of,
)
from ..models.metrics import CALM, class_title, metric_title
from ..words import isolated
from .parts import Elided, button, icon_label, label, page

if TYPE_CHECKING:
    from migmap.paint.charts import BarChart, CurveChart, Spot

MOST_LINES = 8
"""More curves than this cannot be told apart."""


class ChartView(QAbstractScrollArea):
    """Draws a chart. Pointing says what is there, and so do the arrow keys. pointed(text): what is pointed
    to, "" for nothing."""

    pointed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._chart: BarChart | CurveChart | None = None
        self._spots: tuple[Spot, ...] = ()
        self._current = -1
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setMouseTracking(True)
        self.setMinimumSize(260, 120)
        self.setAccessibleName(self.tr("Chart"))

    @property
    def chart(self) -> BarChart | CurveChart | None:
        return self._chart

    def show_chart(self, chart: BarChart | CurveChart | None) -> None:
        self._chart = chart
        self._current = -1
        self._spots = ()
        self.setAccessibleDescription(chart.title if chart is not None else "")
        self.verticalScrollBar().setValue(0)
        self._range()
        self.viewport().update()

    def tips(self) -> list[str]:
        """What can be pointed to, in reading order."""
        from migmap.paint.charts import BarChart

        if isinstance(self._chart, BarChart):
            return [
                tip
                for bar in self._chart.bars
                for value, tip in zip(bar.values, bar.tips, strict=True)
                if value
            ]
        if self._chart is not None:
            return [
                tip
                for line in self._chart.lines
                for (_, value), tip in zip(line.points, line.tips, strict=True)
                if value is not None
            ]
        return []

    def sizeHint(self) -> QSize:
        return QSize(640, 240)

    def paintEvent(self, _event: QPaintEvent) -> None:
        from migmap.paint.charts import draw_chart

        painter = QPainter(self.viewport())
        if self._chart is None:
            painter.fillRect(self.viewport().rect(), QColor(look.PAPER))
        else:
            self._spots = draw_chart(
                painter,
                self._chart,
                self.viewport().width(),
                self.viewport().height(),
                scroll=self.verticalScrollBar().value(),
                rtl=self.isRightToLeft(),
            )
            tips = self.tips()
            if 0 <= self._current < len(tips):
                for spot in self._spots:
                    if spot.tip == tips[self._current]:
                        painter.setBrush(Qt.BrushStyle.NoBrush)
                        painter.setPen(QPen(QColor(look.INK), 2))
                        painter.drawRect(spot.box.adjusted(-1, -1, 1, 1))
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._range()

    def scrollContentsBy(self, _dx: int, _dy: int) -> None:
        self.viewport().update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        tip = self._tip_at(event.position())
        self.pointed.emit(tip)
        if tip:
            QToolTip.showText(event.globalPosition().toPoint(), tip, self.viewport())
        else:
            QToolTip.hideText()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        forward = {Qt.Key.Key_Down, Qt.Key.Key_Left if self.isRightToLeft() else Qt.Key.Key_Right}
        back = {Qt.Key.Key_Up, Qt.Key.Key_Right if self.isRightToLeft() else Qt.Key.Key_Left}
        ends = {Qt.Key.Key_Home: 0, Qt.Key.Key_End: len(self.tips()) - 1}
        key = event.key()
        if key in forward:
            self.point(self._current + 1)
        elif key in back:
            self.point(self._current - 1)
        elif key in ends:
            self.point(ends[Qt.Key(key)])
        else:
            super().keyPressEvent(event)

    def point(self, index: int) -> None:
        """Mark the index-th thing that can be pointed to, and bring it into view."""
        tips = self.tips()
        if not tips:
            return
        self._current = max(0, min(index, len(tips) - 1))
        self._bring(self._current)
        self.pointed.emit(tips[self._current])
        self.viewport().update()

    def _bring(self, index: int) -> None:
        from migmap.paint.charts import ROW, BarChart, bars_top

        if not isinstance(self._chart, BarChart):
            return
        seen = 0
        for row, bar in enumerate(self._chart.bars):
            seen += sum(1 for value in bar.values if value)
            if index < seen:
                room = self.viewport().height() - bars_top(self._chart, self.viewport().width())
                scroll = self.verticalScrollBar()
                if row * ROW < scroll.value():
                    scroll.setValue(int(row * ROW))
                elif (row + 1) * ROW > scroll.value() + room:
                    scroll.setValue(int((row + 1) * ROW - room) + 1)
                return

    def _tip_at(self, at: QPointF) -> str:
        # The last drawn lies on top.
        hit = [spot.tip for spot in self._spots if QRectF(spot.box).contains(at)]
        return hit[-1] if hit else ""

    def _range(self) -> None:
        from migmap.paint.charts import ROW, BarChart, bars_height

        over = 0
        if isinstance(self._chart, BarChart):
            over = round(bars_height(self._chart, self.viewport().width()) - self.viewport().height())
        self.verticalScrollBar().setRange(0, max(0, over))
        self.verticalScrollBar().setSingleStep(int(ROW))
        self.verticalScrollBar().setPageStep(max(int(ROW), self.viewport().height() - 120))


class ChartPanel(QWidget):
    """save_asked(run id): the chart on show is to be written to a file. copy_asked: it is to be copied."""

    save_asked = Signal(str)
    copy_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        page(self)
        self.run_id = ""
        self._metrics: tuple[Metric, ...] = ()
        self._facts = Facts()
        self.kind = self._combo(self.tr("Kind of chart"), 120)
        self.measure = self._combo(self.tr("What is counted"), 90)
        self.hazard = self._combo(self.tr("Hazard"), 110)
        self.group = self._combo(self.tr("Group of people"), 90)
        self.level = self._combo(self.tr("Level of areas"), 90)
        self.kind.addItem(self.tr("Bars by class"), "bars")
        self.kind.addItem(self.tr("Exceedance curve"), "curve")
        self.calm = QCheckBox(self.tr("Not exposed"))
        self.calm.setToolTip(self.tr("Draw those, too, whom nothing reaches"))
        self.unknown = QCheckBox(self.tr("Unknown"))
        self.unknown.setToolTip(self.tr("Draw those, too, of whom it is not known"))
        self.unknown.setChecked(True)
        for tick in (self.calm, self.unknown):
            tick.toggled.connect(lambda _: self._draw())
        for combo in (self.kind, self.measure, self.hazard, self.group, self.level):
            combo.currentIndexChanged.connect(lambda _: self._chosen())
        copy = button(self.tr("Copy picture"), self.copy_asked.emit, icon_name="mdi6.content-copy")
        copy.setToolTip(self.tr("Copy the whole chart as a picture"))
        save = button(
            self.tr("Save…"), lambda: self.save_asked.emit(self.run_id), icon_name="mdi6.content-save"
        )
        save.setToolTip(self.tr("Save the whole chart as a PNG or SVG file"))
        bar = QHBoxLayout()
        bar.setContentsMargins(look.GAP, 6, look.GAP, 6)
        bar.setSpacing(6)
        for widget in (self.kind, self.measure, self.hazard, self.group, self.level, self.calm, self.unknown):
            bar.addWidget(widget)
        bar.addStretch(1)
        bar.addWidget(copy)
        bar.addWidget(save)

        self.view = ChartView()
        self.areas = QListWidget()
        self.areas.setAccessibleName(self.tr("Areas with a curve"))
        self.areas.setToolTip(self.tr("Tick the areas whose curves are drawn"))
        self.areas.setFixedWidth(200)
        self.areas.itemChanged.connect(self._ticked)
        self.said = Elided("soft")
        self.said.setAccessibleName(self.tr("What is pointed to"))
        self.view.pointed.connect(self.said.setText)
        middle = QHBoxLayout()
        middle.setContentsMargins(0, 0, 0, 0)
        middle.setSpacing(0)
        middle.addWidget(self.view, 1)
        middle.addWidget(self.areas)
        content = QWidget()
        box = QVBoxLayout(content)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addLayout(bar)
        box.addLayout(middle, 1)
        foot = QHBoxLayout()
        foot.setContentsMargins(look.GAP + 6, 0, look.GAP, 4)
        foot.addWidget(self.said)
        box.addLayout(foot)

        empty = QWidget()
        centre = QVBoxLayout(empty)
        centre.addStretch(1)
        centre.addWidget(icon_label("mdi6.chart-bar", look.FAINT_INK, 32), 0, Qt.AlignmentFlag.AlignHCenter)
        self.nothing = label("", "soft", wrap=True)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        centre.addWidget(self.nothing)
        centre.addStretch(1)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(empty)
        self._stack.addWidget(content)
        self.clear()

    def clear(self) -> None:
        """No run is on show."""
        self.run_id = ""
        self._metrics = ()
        self.view.show_chart(None)
        self.nothing.setText(self.tr("A chart appears here after an analysis."))
        self._stack.setCurrentIndex(0)

    def show_run(self, run_id: str, metrics: tuple[Metric, ...], facts: Facts) -> None:
        """The figures of a run. What was chosen stays where it can."""
        self.run_id = run_id
        self._metrics = metrics
        self._facts = facts
        found = choices(metrics)
        if not found.measures:
            self.view.show_chart(None)
            self.nothing.setText(self.tr("This run has no figures by class to draw."))
            self._stack.setCurrentIndex(0)
            return
        calm = next((one.class_ for one in metrics if one.class_ in CALM), CALM[0])
        self.calm.setText(class_title(calm).capitalize())
        several = len(found.hazards) > 1
        self._offer(self.measure, [(metric_title(one), one) for one in found.measures])
        rarest = max(facts.periods, key=lambda one: facts.periods[one]) if facts.periods else None
        self._offer(self.hazard, [(one or "", one) for one in found.hazards], shown=several, likely=rarest)
        self._offer(
            self.group,
            [(one or self.tr("Everybody"), one) for one in found.groups],
            shown=len(found.groups) > 1,
        )
        self._offer(self.level, [(one or "", one) for one in found.levels], shown=len(found.levels) > 1)
        curves = any(len(ladder_of(one, facts)) > 1 for one in found.hazards)
        self.kind.setVisible(curves)
        if not curves:
            self.kind.blockSignals(True)
            self.kind.setCurrentIndex(0)
            self.kind.blockSignals(False)
        self._stack.setCurrentIndex(1)
        self._fill_areas()
        self._draw()

    @property
    def drawn(self) -> Drawn:
        """What is on show."""
        return Drawn(
            self.measure.currentData(),
            self.hazard.currentData(),
            self.group.currentData(),
            self.level.currentData(),
            self.calm.isChecked(),
            self.unknown.isChecked(),
        )

    @property
    def curve(self) -> bool:
        return bool(self.kind.currentData() == "curve")

    def maker(self) -> Callable[[Sequence[Metric]], BarChart | CurveChart]:
        """What makes the chart on show of figures; it may be called from any thread."""
        drawn, facts, areas, curve = self.drawn, self._facts, self.ticked(), self.curve

        def made(metrics: Sequence[Metric]) -> BarChart | CurveChart:
            if curve:
                return curve_chart(metrics, drawn, facts, areas)
            return bar_chart(metrics, drawn, facts)

        return made

    def copy(self) -> None:
        """The whole chart as a picture, as large as it is seen."""
        from migmap.paint.charts import chart_image

        if self.view.chart is not None:
            wide = max(600, self.view.viewport().width())
            image = chart_image(self.view.chart, width=wide, rtl=self.isRightToLeft())
            QGuiApplication.clipboard().setImage(image)

    def ticked(self) -> list[str | None]:
        """The areas whose curves are drawn; None is everything."""
        items = [self.areas.item(row) for row in range(self.areas.count())]
        return [
            item.data(Qt.ItemDataRole.UserRole)
            for item in items
            if item.checkState() == Qt.CheckState.Checked
        ]

    def _combo(self, name: str, least: int) -> QComboBox:
        combo = QComboBox()
        combo.setAccessibleName(name)
        combo.setToolTip(name)
        combo.setMinimumContentsLength(8)
        combo.setMinimumWidth(least)
        combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        combo.setMaximumWidth(240)
        return combo

    def _offer(
        self,
        combo: QComboBox,
        entries: Iterable[tuple[str, str | None]],
        *,
        shown: bool = True,
        likely: str | None = None,
    ) -> None:
        kept = combo.currentData() if combo.currentIndex() >= 0 else likely
        combo.blockSignals(True)
        combo.clear()
        for words, value in entries:
            combo.addItem(isolated(words), value)
        held = [combo.itemData(row) for row in range(combo.count())]
        places = [held.index(one) for one in (kept, likely) if one in held]
        combo.setCurrentIndex(places[0] if places else 0)
        combo.blockSignals(False)
        combo.setVisible(shown and combo.count() > 1)

    def _chosen(self) -> None:
        self._fill_areas()
        self._draw()

    def _fill_areas(self) -> None:
        """The areas in order of size, everything ticked at first."""
        kept = set(self.ticked()) if self.areas.count() else {None}
        entries = curve_areas(self._metrics, self.drawn, self._facts) if self.curve else []
        if not kept.intersection(area for area, _ in entries):
            kept = {None}
        self.areas.blockSignals(True)
        self.areas.clear()
        for area, name in entries:
            item = QListWidgetItem(name)
            item.setData(Qt.ItemDataRole.UserRole, area)
            item.setFlags(
                Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
            )
            item.setCheckState(Qt.CheckState.Checked if area in kept else Qt.CheckState.Unchecked)
            self.areas.addItem(item)
        self.areas.blockSignals(False)
        self.areas.setVisible(self.curve and len(entries) > 1)

    def _ticked(self, item: QListWidgetItem) -> None:
        if len(self.ticked()) > MOST_LINES:
            self.areas.blockSignals(True)
            item.setCheckState(Qt.CheckState.Unchecked)
            self.areas.blockSignals(False)
            self.said.setText(self.tr("At most {0} curves can be told apart.").format(MOST_LINES))
            return
        self._draw()

    def _draw(self) -> None:
        if not self._metrics or self.measure.currentData() is None:
            return
        self.calm.setVisible(not self.curve)
        self.unknown.setVisible(not self.curve)
        self.said.setText("")
        self.view.show_chart(self.maker()(self._metrics))
