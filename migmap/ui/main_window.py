"""Puts the window together; what its parts do lies in operations."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, Qt, QTimer, QUrl
from PySide6.QtGui import (
    QCloseEvent,
    QDesktopServices,
    QDragEnterEvent,
    QDropEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QDockWidget, QMainWindow, QTabWidget, QWidget

from . import look
from .actions import ActionSpec, When
from .command_bar import CommandBar
from .desk import Desk
from .docks.activity import ActivityPanel
from .docks.attributes import AttributesPanel
from .docks.chart import ChartPanel
from .docks.checks import ChecksPanel
from .docks.identify import IdentifyPanel
from .docks.layers import LayersPanel
from .docks.parts import tool
from .docks.results import ResultsPanel
from .icons import icon
from .map_area import MapArea
from .memory import Memory
from .operations.checks import Checks
from .operations.exports import Exports
from .operations.files import Files
from .operations.help import Help
from .operations.joins import Joins
from .operations.layers import Layers
from .operations.projects import Projects
from .operations.readings import Readings
from .operations.runs import Runs
from .operations.view import ViewMoves
from .status import Status
from .words import counted, isolated

if TYPE_CHECKING:
    from migmap.api import Problem
    from migmap.app.project import Project

    from .canvas import MapCanvas

BOTTOM_HEIGHT = 280
SMALL_SCREEN = 1500
SIDE_WIDTH = 284
PAGE_ICONS = {
    "results": "mdi6.chart-box-outline",
    "chart": "mdi6.chart-bar",
    "table": "mdi6.table",
    "checks": "mdi6.clipboard-check-outline",
    "activity": "mdi6.progress-clock",
}


class MainWindow(QMainWindow):
    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        desk.setParent(self)
        self.memory = Memory()
        self._closing = False
        self._empty = True
        self.area = MapArea(desk)
        self.notices = self.area.notices
        self.setCentralWidget(self.area)
        self.files = Files(self)
        self.readings = Readings(self)
        self.projects = Projects(self)
        self.layers = Layers(self)
        self.runs = Runs(self)
        self.exports = Exports(self)
        self.checks = Checks(self)
        self.joins = Joins(self)
        self.operations: dict[str, object] = {
            "files": self.files,
            "readings": self.readings,
            "projects": self.projects,
            "layers": self.layers,
            "runs": self.runs,
            "exports": self.exports,
            "checks": self.checks,
            "joins": self.joins,
            "view": ViewMoves(self),
            "help": Help(self),
        }
        self.bar = CommandBar(self, self._do)
        self.actions_by_id = self.bar.actions
        self._make_docks()
        self.bar.add_panels([dock.toggleViewAction() for dock in self.docks.values()])
        self.status = Status()
        self.setStatusBar(self.status)
        self._connect()
        self.setAcceptDrops(True)
        self.setDockNestingEnabled(False)
        self.setWindowIcon(look.app_icon())
        self.resize(1280, 740)
        self.show_title()
        self._show_recent()
        self._show_docks(False)
        self._enable()

    # -- what operations use ------------------------------------------------------------------

    def say(self, text: str) -> None:
        """A message in the status bar."""
        self.status.say(text)

    def show_dock(self, name: str) -> None:
        page = self._pages.get(name)
        if page is not None:
            if self.docks["bottom"].isHidden():
                self.docks["bottom"].show()
                # A dock takes a size only once it is laid out.
                QTimer.singleShot(0, self, self._size_bottom)
            self.tabs.setCurrentWidget(page)
        else:
            self.docks[name].show()

    def _size_bottom(self) -> None:
        self.resizeDocks([self.docks["bottom"]], [BOTTOM_HEIGHT], Qt.Orientation.Vertical)

    def show_title(self) -> None:
        self.setWindowTitle(f"{isolated(self.projects.title)}[*] – migmap")
        self.setWindowModified(self.desk.ready and self.desk.workbench.store.modified)

    def remember(self, path: str) -> None:
        """A project or file was used: it goes to the top of the recent ones."""
        self.memory.remember(path)
        self.memory.remember_folder(path)
        if self.memory.loaded:
            # At once: a session that ends badly is the one whose project is looked for.
            self.memory.save()
        self._show_recent()

    def remember_folder(self, path: str) -> None:
        self.memory.remember_folder(path)

    def open_folder(self, folder: Path) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))

    def show_problem(self, problem: Problem) -> None:
        from .dialogs.messages import ProblemDialog

        dialog = ProblemDialog(problem, self)
        dialog.setModal(True)
        dialog.open()

    def show_bug(self, error: BaseException) -> None:
        from migmap.app.logs import bug_report, record_bug

        from .dialogs.messages import BugDialog

        dialog = BugDialog(bug_report(error), str(record_bug(error)), self)
        dialog.setModal(True)
        dialog.open()

    # -- building -----------------------------------------------------------------------------

    def _do(self, spec: ActionSpec) -> None:
        call = self._handler(spec)
        if spec.when == "always":
            call()
        else:
            self.desk.when_ready(call)

    def _handler(self, spec: ActionSpec) -> Callable[[], None]:
        noun, _, verb = spec.handler.partition(".")
        handler: Callable[[], None] = getattr(self.operations[noun], verb)
        return handler

    def _make_docks(self) -> None:
        self.layers_panel = LayersPanel(self.desk, self.actions_by_id)
        self.layers_panel.view.addAction(self.actions_by_id["remove_layer"])
        self.identify = IdentifyPanel(self.desk)
        self.results = ResultsPanel()
        self.chart = ChartPanel()
        self.attributes = AttributesPanel(self.desk)
        self.checks_panel = ChecksPanel()
        self.activity = ActivityPanel(self.desk)
        left, right, bottom = (
            Qt.DockWidgetArea.LeftDockWidgetArea,
            Qt.DockWidgetArea.RightDockWidgetArea,
            Qt.DockWidgetArea.BottomDockWidgetArea,
        )
        self.docks: dict[str, QDockWidget] = {}
        for name, title, widget, area in (
            ("layers", self.tr("Layers"), self.layers_panel, left),
            ("identify", self.tr("Feature"), self.identify, right),
            ("bottom", self.tr("Results, chart, table, checks, activity"), self._make_tabs(), bottom),
        ):
            dock = QDockWidget(title, self)
            dock.setObjectName(name)
            dock.setWidget(widget)
            self.addDockWidget(area, dock)
            self.docks[name] = dock
        # Its tabs are its title.
        self.docks["bottom"].setTitleBarWidget(QWidget())
        self.setCorner(Qt.Corner.BottomLeftCorner, left)
        self.setCorner(Qt.Corner.BottomRightCorner, bottom)

    def _make_tabs(self) -> QTabWidget:
        """Results, chart, table, checks and activity share the room below the map."""
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self._pages: dict[str, QWidget] = {
            "results": self.results,
            "chart": self.chart,
            "table": self.attributes,
            "checks": self.checks_panel,
            "activity": self.activity,
        }
        titles = (
            self.tr("Results"),
            self.tr("Chart"),
            self.tr("Table"),
            self.tr("Checks"),
            self.tr("Activity"),
        )
        for (name, widget), title in zip(self._pages.items(), titles, strict=True):
            self.tabs.addTab(widget, icon(PAGE_ICONS[name], look.SOFT_INK), title)
        close = tool(
            "mdi6.chevron-down",
            self.tr("Hide this panel"),
            lambda: self.docks["bottom"].hide(),
            look.SOFT_INK,
        )
        self.tabs.setCornerWidget(close)
        return self.tabs

    def _connect(self) -> None:
        desk = self.desk
        desk.attached.connect(self._attached)
        desk.problem.connect(self.show_problem)
        desk.bug.connect(self.show_bug)
        desk.project_changed.connect(self.runs.refresh)
        desk.project_changed.connect(self.checks.refresh)
        desk.project_changed.connect(self.files.refresh)
        desk.data_changed.connect(self.files.arrived_again)
        desk.project_changed.connect(self._project_changed)
        desk.titles_changed.connect(self._show_steps)
        desk.chosen_changed.connect(lambda _: self._enable())
        desk.chosen_changed.connect(self._mark_chosen)
        self.activity.busy_changed.connect(self.status.show_busy)
        self.activity.busy_changed.connect(lambda *_: self._enable())
        self.status.cancel_asked.connect(self.runs.stop_all)
        model = self.layers_panel.model
        model.visibility_asked.connect(self.layers.set_visible)
        model.rename_asked.connect(self.layers.set_title)
        # Queued: the list is still inside the drop when it says so.
        model.move_asked.connect(self.layers.move, Qt.ConnectionType.QueuedConnection)
        self.layers_panel.opacity_asked.connect(self.layers.set_opacity)
        self.layers_panel.opened.connect(self.layers.zoom_to)
        self.identify.table_asked.connect(self.layers.show_row)
        self.attributes.picked.connect(self.layers.show_row_on_map)
        self.attributes.pointed.connect(self.layers.point_to)
        self.checks_panel.rows_asked.connect(self.checks.show_rows)
        self.checks_panel.apply_asked.connect(self.checks.apply)
        self.checks_panel.save_asked.connect(self.checks.save)
        self.checks_panel.again_asked.connect(self.checks.again)
        self.results.run_chosen.connect(self.runs.show)
        self.results.export_asked.connect(self.exports.run)
        self.results.copy_asked.connect(self.exports.copy_table)
        self.results.explain_asked.connect(self.runs.explain)
        self.chart.save_asked.connect(self.exports.chart)
        self.chart.copy_asked.connect(self.exports.copy_chart)
        self.area.start.sample_asked.connect(self.projects.sample)
        self.area.start.files_asked.connect(self.files.choose)
        self.area.start.project_asked.connect(self.projects.choose)
        self.area.start.recent_asked.connect(lambda path: self.files.open([path]))
        self.area.canvas_made.connect(self._watch)

    def _watch(self, canvas: MapCanvas) -> None:
        self.status.watch(canvas)
        canvas.feature_clicked.connect(self.layers.show_feature)
        canvas.cell_clicked.connect(self.layers.show_cell)
        canvas.layer_failed.connect(lambda _, text: self.notices.say(text, tone="warning"))

    def _attached(self) -> None:
        """The workbench is there: what plugins add gets its place."""
        if not self.memory.loaded:
            self.memory.load()
        self._show_recent()
        registry = self.desk.workbench.registry
        for analysis in registry.analyses().values():
            self.bar.add_analysis(analysis, partial(self.runs.form, analysis.name))
        self.bar.add_exporters(
            [
                (exporter, partial(self.exports.single, exporter.name))
                for exporter in registry.exporters().values()
            ]
        )
        broken = [row for row in registry.plugins() if not row.enabled]
        if broken:
            self.notices.say(
                counted(
                    self.tr("A plugin could not be loaded."),
                    self.tr("{0} plugins could not be loaded."),
                    len(broken),
                ),
                tone="warning",
                action=self.tr("Show"),
                call=self.actions_by_id["plugins"].trigger,
            )
        self._enable()

    # -- keeping it right ---------------------------------------------------------------------

    def _project_changed(self, _old: Project, new: Project) -> None:
        empty = not new.layers and not new.runs
        if empty != self._empty:
            self._empty = empty
            self._show_docks(not empty)
        self.show_title()
        self._enable()

    def _show_docks(self, filled: bool) -> None:
        """With nothing on the map the start page has the window to itself."""
        self.docks["layers"].setVisible(filled)
        self.resizeDocks([self.docks["layers"]], [SIDE_WIDTH], Qt.Orientation.Horizontal)
        if not filled:
            self.docks["identify"].hide()
            self.docks["bottom"].hide()

    def _show_steps(self, undo: str, redo: str) -> None:
        self.bar.show_steps(undo, redo)
        self.show_title()
        self._enable()

    def _enable(self) -> None:
        ready = self.desk.ready
        store = self.desk.workbench.store if ready else None
        holds: dict[When, bool] = {
            "always": True,
            "layers": store is not None and bool(store.project.layers),
            "layer": self.desk.chosen is not None,
            "undo": store is not None and bool(store.undo_title),
            "redo": store is not None and bool(store.redo_title),
            "run": bool(self.results.run_id),
            "busy": bool(self.activity.running()),
        }
        self.bar.enable(holds)
        layer = self.desk.chosen
        if layer is not None and store is not None:
            layers = store.project.layers
            self.actions_by_id["raise_layer"].setEnabled(layer is not layers[-1])
            self.actions_by_id["lower_layer"].setEnabled(layer is not layers[0])

    def _mark_chosen(self, layer_id: str) -> None:
        canvas = self.area.canvas
        if canvas is not None and canvas.selection is not None and canvas.selection[0] != layer_id:
            canvas.select(None)

    def _show_recent(self) -> None:
        self.bar.show_recent(self.memory.recent, lambda path: self.files.open([path]))
        self.area.start.show_recent(self.memory.recent)

    # -- Qt -----------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self.files.open(paths)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.area.start.sample.setFocus()

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self._closing and self.desk.ready and self.desk.workbench.store.modified:
            event.ignore()
            self.projects.leave(self.leave_for_good)
            return
        self._closing = True
        self._save_memory()
        self.hide()
        for form in list(self.runs.forms.values()):
            form.close()
        self.area.stop()
        self.desk.close()
        super().closeEvent(event)

    def leave_for_good(self) -> None:
        """Close without asking again."""
        self._closing = True
        self.close()

    def _save_memory(self) -> None:
        if not self.memory.loaded:
            return
        self.memory.window["geometry"] = bytes(self.saveGeometry().toHex().data()).decode()
        self.memory.save()

    def restore(self) -> None:
        """Size and place of the last session; at first most of the screen, all of a small one."""
        self.memory.load()
        self._show_recent()
        known = self.memory.window.get("geometry", "")
        if known and self.restoreGeometry(QByteArray.fromHex(known.encode())):
            return
        room = self.screen().availableGeometry()
        if room.width() < SMALL_SCREEN:
            # The size also for the desktops that do not maximise.
            self.resize(room.size())
            self.setWindowState(Qt.WindowState.WindowMaximized)
        else:
            self.resize(min(1600, round(room.width() * 0.85)), min(1000, round(room.height() * 0.85)))
