"""Small questions: which layers of a file, in which coordinate system, save before closing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListWidget,
    QListWidgetItem,
    QWidget,
)

from .. import look
from ..docks.parts import button, label
from ..reading.places import CrsField
from ..words import isolated
from .messages import MessageDialog


class LayerChoice(MessageDialog):
    """Which parts of a file with several: sheets of a workbook, layers, variables and their times.

    likely: the parts that hold more than notes; the first of them is ticked at first."""

    def __init__(
        self,
        file: str,
        layers: Sequence[str],
        parent: QWidget | None = None,
        *,
        sheets: bool = False,
        likely: Sequence[str] = (),
    ) -> None:
        super().__init__("", "mdi6.layers-search-outline", look.ACCENT, parent)
        heading = self.tr("{0} holds {1} sheets.") if sheets else self.tr("{0} holds {1} layers.")
        self.setWindowTitle(self.tr("Choose sheets") if sheets else self.tr("Choose layers"))
        self.heading.setText(heading.format(isolated(file), len(layers)))
        self.words.addWidget(label(self.tr("Which shall be added to the map?"), "soft"))
        self.list = QListWidget()
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.list.setAccessibleName(self.windowTitle())
        self.list.setStyleSheet(f"QListWidget {{ border: 1px solid {look.LINE}; border-radius: 5px; }}")
        ticked = next((name for name in layers if name in likely), layers[0] if layers else "")
        for name in layers:
            # A NetCDF file names a variable and its time as "precip@2022-08-01".
            item = QListWidgetItem(name.replace("@", ", "))
            item.setData(Qt.ItemDataRole.UserRole, name)
            item.setFlags(Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsEnabled)
            item.setCheckState(Qt.CheckState.Checked if name == ticked else Qt.CheckState.Unchecked)
            self.list.addItem(item)
        self.list.setMinimumSize(380, min(60 + 24 * len(layers), 300))
        self.list.itemChanged.connect(lambda _: self._show())
        self.words.addWidget(self.list, 1)
        self._add = button(self.tr("Add"), self.accept, primary=True)
        self._add.setDefault(True)
        self._everything = button(self.tr("Choose all"), self._all, flat=True)
        self.buttons.insertWidget(0, self._everything)
        self.buttons.addWidget(button(self.tr("Cancel"), self.reject))
        self.buttons.addWidget(self._add)
        self._show()

    def chosen(self) -> list[str]:
        items = [self.list.item(row) for row in range(self.list.count())]
        return [
            str(item.data(Qt.ItemDataRole.UserRole))
            for item in items
            if item.checkState() == Qt.CheckState.Checked
        ]

    def _all(self) -> None:
        """All of them, or none where all are chosen."""
        every = len(self.chosen()) == self.list.count()
        for row in range(self.list.count()):
            self.list.item(row).setCheckState(Qt.CheckState.Unchecked if every else Qt.CheckState.Checked)

    def _show(self) -> None:
        chosen = self.chosen()
        self._add.setEnabled(bool(chosen))
        every = len(chosen) == self.list.count()
        self._everything.setText(self.tr("Choose none") if every else self.tr("Choose all"))


class CrsChoice(MessageDialog):
    """The coordinate system of a file that names none."""

    def __init__(self, file: str, parent: QWidget | None = None) -> None:
        super().__init__("", "mdi6.crosshairs-question", look.WARN, parent)
        self.setWindowTitle(self.tr("Coordinate system"))
        self.heading.setText(
            self.tr("{0} does not say in which coordinate system it is.").format(isolated(file))
        )
        self.words.addWidget(
            label(
                self.tr(
                    "Ask whoever made the file. Values like 73.05 and 33.68 are degrees; values with six or "
                    "seven digits are metres. A wrong choice puts everything in the wrong place."
                ),
                "soft",
                wrap=True,
            )
        )
        self.field = CrsField()
        self.field.changed.connect(self._show)
        self.words.addWidget(self.field)
        self._use = button(self.tr("Use it"), self.accept, primary=True)
        self._use.setDefault(True)
        self.buttons.addWidget(button(self.tr("Cancel"), self.reject))
        self.buttons.addWidget(self._use)
        self._show()

    def crs(self) -> str:
        """ "EPSG:n", "" where nothing usable stands."""
        return self.field.crs() or ""

    def _show(self) -> None:
        self._use.setEnabled(bool(self.crs()))


Answer = Literal["save", "discard", "cancel"]


class SaveQuestion(MessageDialog):
    """Save before the project goes?"""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__("", "mdi6.content-save-alert-outline", look.ACCENT, parent)
        self.setWindowTitle(self.tr("Unsaved changes"))
        self.heading.setText(self.tr("Save the changes to “{0}”?").format(isolated(title)))
        self.words.addWidget(
            label(
                self.tr("Layers, their order and results of analyses are lost otherwise."), "soft", wrap=True
            )
        )
        self.answer: Answer = "cancel"
        discard = button(self.tr("Do not save"), lambda: self._give("discard"))
        cancel = button(self.tr("Cancel"), self.reject)
        save = button(self.tr("Save"), lambda: self._give("save"), primary=True)
        save.setDefault(True)
        self.buttons.insertWidget(0, discard)
        self.buttons.addWidget(cancel)
        self.buttons.addWidget(save)

    def _give(self, answer: Answer) -> None:
        self.answer = answer
        self.accept()


class DamagedNotice(MessageDialog):
    """What of a project could not be read. save_as: the person wants to keep what there is elsewhere."""

    def __init__(
        self, file: str, problems: Sequence[str], *, damaged: bool, parent: QWidget | None = None
    ) -> None:
        super().__init__("", "mdi6.file-alert-outline", look.WARN, parent)
        self.save_as = False
        self.setWindowTitle(self.tr("Project opened in part") if damaged else self.tr("Files are missing"))
        if damaged:
            heading = self.tr("{0} is damaged. What could be read is open.").format(isolated(file))
        else:
            heading = self.tr("Some data of {0} is not where it was.").format(isolated(file))
        self.heading.setText(heading)
        lines = "\n".join(f"• {isolated(problem)}" for problem in problems[:20])
        self.words.addWidget(label(lines, wrap=True, selectable=True))
        if damaged:
            rest = self.tr(
                "The damaged file is left as it is; migmap asks before it is ever replaced. "
                "Save what there is under another name."
            )
            self.buttons.addWidget(button(self.tr("Close"), self.reject))
            save = button(self.tr("Save under another name…"), self._save_as, primary=True)
            save.setDefault(True)
            self.buttons.addWidget(save)
        else:
            rest = self.tr("Put the files back, or remove these layers. Everything else is open.")
            close = button(self.tr("Close"), self.reject, primary=True)
            close.setDefault(True)
            self.buttons.addWidget(close)
        self.words.addWidget(label(rest, "soft", wrap=True))

    def _save_as(self) -> None:
        self.save_as = True
        self.accept()


class ReplaceQuestion(MessageDialog):
    """A project file that holds something unreadable would be replaced."""

    def __init__(self, title: str, detail: str, parent: QWidget | None = None) -> None:
        super().__init__(title, "mdi6.file-alert-outline", look.BAD, parent)
        self.setWindowTitle(self.tr("Replace the file?"))
        self.words.addWidget(label(detail, wrap=True))
        self.answer: Literal["replace", "elsewhere", "cancel"] = "cancel"
        replace = button(self.tr("Replace it"), lambda: self._give("replace"))
        elsewhere = button(self.tr("Save under another name…"), lambda: self._give("elsewhere"), primary=True)
        elsewhere.setDefault(True)
        self.buttons.insertWidget(0, replace)
        self.buttons.addWidget(button(self.tr("Cancel"), self.reject))
        self.buttons.addWidget(elsewhere)

    def _give(self, answer: Literal["replace", "elsewhere"]) -> None:
        self.answer = answer
        self.accept()
