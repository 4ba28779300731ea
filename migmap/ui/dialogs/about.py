"""What this is, and what is installed."""

from __future__ import annotations

import platform
from collections.abc import Sequence

from PySide6.QtCore import qVersion
from PySide6.QtWidgets import QWidget

from migmap import __version__
from migmap.app.registry import PluginRow

from .. import look
from ..docks.parts import button, label
from ..docks.table import table_widget
from ..models.table import Column, Table
from .messages import MessageDialog


class AboutDialog(MessageDialog):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", "mdi6.home-map-marker", look.ACCENT, parent)
        self.setWindowTitle(self.tr("About migmap"))
        self.heading.setText(f"migmap {__version__}")
        self.words.addWidget(
            label(
                self.tr(
                    "Who is exposed to a hazard, and where services fall short, for refugee villages, "
                    "informal settlements and displacement sites. Everything happens on this computer; "
                    "nothing is sent anywhere."
                ),
                wrap=True,
            )
        )
        versions = f"Python {platform.python_version()} · Qt {qVersion()} · {platform.system()}"
        self.words.addWidget(label(versions, "soft", selectable=True))
        self.words.addWidget(label(self.tr("Free software under the MIT licence."), "soft"))
        close = button(self.tr("Close"), self.accept, primary=True)
        close.setDefault(True)
        self.buttons.addWidget(close)


class PluginsDialog(MessageDialog):
    def __init__(self, rows: Sequence[PluginRow], parent: QWidget | None = None) -> None:
        super().__init__("", "mdi6.puzzle-outline", look.ACCENT, parent)
        self.setWindowTitle(self.tr("Plugins"))
        self.setMaximumWidth(900)
        self.heading.setText(self.tr("What is installed"))
        columns = (
            Column(self.tr("Plugin")),
            Column(self.tr("Version")),
            Column(self.tr("From")),
            Column(self.tr("Adds")),
            Column(self.tr("State")),
        )
        cells = tuple(
            (
                row.title,
                row.version,
                row.origin,
                ", ".join((*row.kinds, *row.analyses, *row.exporters)),
                self.tr("in use") if row.enabled else row.reason,
            )
            for row in rows
        )
        table = table_widget(Table(columns, cells), self.tr("Plugins"))
        table.setMinimumSize(800, 200)
        self.words.addWidget(table, 1)
        close = button(self.tr("Close"), self.accept, primary=True)
        close.setDefault(True)
        self.buttons.addWidget(close)
