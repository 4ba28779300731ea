"""Menus, toolbar and shortcuts, made from the table of actions and from what plugins declare."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, QSize, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu, QToolBar, QToolButton

from migmap.api import Analysis, Exporter

from .actions import ACTIONS, CONTEXT, MENUS, ActionSpec, When
from .icons import icon
from .words import isolated

GROUPS = ("file", "edit", "view", "run", "export")
"""The groups of the toolbar, in order; analyses join "run"."""


class CommandBar(QObject):
    """do(spec): what a triggered action asks for."""

    def __init__(self, window: QMainWindow, do: Callable[[ActionSpec], None]) -> None:
        super().__init__(window)
        self._window = window
        self._specs = {spec.id: spec for spec in ACTIONS}
        self.actions: dict[str, QAction] = {}
        self.menus: dict[str, QMenu] = {}
        for spec in ACTIONS:
            self.actions[spec.id] = self._made(spec, do)
        # Delete must reach text fields first; only the layer list gives it to the layer.
        self.actions["remove_layer"].setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self.recent = QMenu(self.tr("Open &recent"), window)
        self.recent.setIcon(icon("mdi6.history"))
        self.recent.setToolTipsVisible(True)
        self._fill_menus()
        self.toolbar, self._after_run = self._make_toolbar()

    def add_panels(self, toggles: list[QAction]) -> None:
        """Let the View menu show and hide the panels."""
        self.menus["view"].addSeparator()
        self.menus["view"].addActions(toggles)

    def add_analysis(self, analysis: Analysis, call: Callable[[], object]) -> None:
        action = self._plugged(f"run_{analysis.name}", analysis.icon, analysis.title, analysis.summary, call)
        menu = self.menus["run"]
        menu.insertAction(self.actions["stop_all"], action)
        self._add_tool(self.toolbar, action, words=True, before=self._after_run)

    def add_exporters(self, exporters: list[tuple[Exporter, Callable[[], object]]]) -> None:
        menu = self.menus["export"]
        menu.addSeparator()
        for exporter, call in exporters:
            endings = ", ".join(exporter.endings)
            menu.addAction(
                self._plugged(f"export_{exporter.name}", exporter.icon, exporter.title, endings, call)
            )

    def show_recent(self, paths: tuple[str, ...], call: Callable[[str], object]) -> None:
        self.recent.clear()
        for path in paths:
            action = self.recent.addAction(isolated(Path(path).name))
            action.setToolTip(path)
            action.triggered.connect(partial(_called, partial(call, path)))
        self.recent.setEnabled(bool(paths))

    def show_steps(self, undo: str, redo: str) -> None:
        """Say what undo and redo would do."""
        for name, step, words in (
            ("undo", undo, self.tr("&Undo: {0}")),
            ("redo", redo, self.tr("&Redo: {0}")),
        ):
            action = self.actions[name]
            text = words.format(step) if step else translated(self._specs[name].text)
            action.setText(text)
            action.setToolTip(f"{plain(text)} ({_keys(action)})")

    def enable(self, holds: Mapping[When, bool]) -> None:
        """Enable what has what it needs."""
        for name, spec in self._specs.items():
            self.actions[name].setEnabled(holds[spec.when])

    def _made(self, spec: ActionSpec, do: Callable[[ActionSpec], None]) -> QAction:
        action = QAction(icon(spec.icon), translated(spec.text), self._window)
        action.setObjectName(spec.id)
        action.setCheckable(spec.checkable)
        action.setChecked(spec.checkable)
        if spec.shortcut:
            action.setShortcut(QKeySequence(spec.shortcut))
        tip = translated(spec.tip)
        action.setToolTip(f"{tip} ({_keys(action)})" if spec.shortcut else tip)
        if spec.short:
            action.setIconText(translated(spec.short))
        action.triggered.connect(partial(_called, partial(do, spec)))
        return action

    def _plugged(
        self, name: str, icon_name: str, title: str, tip: str, call: Callable[[], object]
    ) -> QAction:
        action = QAction(icon(icon_name), f"{title}…", self._window)
        action.setObjectName(name)
        action.setToolTip(tip)
        action.setIconText(title)
        action.triggered.connect(partial(_called, call))
        self.actions[name] = action
        return action

    def _fill_menus(self) -> None:
        for name, title in MENUS:
            self.menus[name] = self._window.menuBar().addMenu(translated(title))
            self.menus[name].setToolTipsVisible(True)
        for spec in ACTIONS:
            menu = self.menus[spec.menu]
            if spec.break_before:
                menu.addSeparator()
            menu.addAction(self.actions[spec.id])
            if spec.id == "open_project":
                menu.addMenu(self.recent)

    def _make_toolbar(self) -> tuple[QToolBar, QAction]:
        """The bar, and the mark before which analyses are put in."""
        bar = QToolBar(self.tr("Tools"))
        bar.setObjectName("tools")
        bar.setMovable(False)
        bar.setIconSize(QSize(20, 20))
        bar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self._window.addToolBar(bar)
        mark = QAction()
        for group in GROUPS:
            if group != GROUPS[0]:
                mark = bar.addSeparator()
            for spec in ACTIONS:
                if spec.toolbar == group:
                    self._add_tool(bar, self.actions[spec.id], words=spec.words)
        return bar, mark

    @staticmethod
    def _add_tool(bar: QToolBar, action: QAction, *, words: bool, before: QAction | None = None) -> None:
        if before is not None:
            bar.insertAction(before, action)
        else:
            bar.addAction(action)
        made = bar.widgetForAction(action)
        made.setAccessibleName(plain(action.text()))
        if words and isinstance(made, QToolButton):
            made.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)


def _called(call: Callable[[], object], *_: object) -> None:
    """Qt hands `checked` to whoever listens; our calls take nothing."""
    call()


def _keys(action: QAction) -> str:
    return action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)


def translated(text: str) -> str:
    return QCoreApplication.translate(CONTEXT, text) if text else ""


def plain(text: str) -> str:
    """Menu words without the mark for the key and the dots."""
    return text.replace("&", "").rstrip("…")
