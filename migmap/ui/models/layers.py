"""The layers of the project as a Qt list, the one drawn on top first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from PySide6.QtCore import (
    QAbstractListModel,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from migmap.api import Sensitivity

from ..words import counted, isolated

if TYPE_CHECKING:
    from migmap.app.project import Layer

Index = QModelIndex | QPersistentModelIndex
LAYER_ROLE = Qt.ItemDataRole.UserRole + 1
FACTS_ROLE = Qt.ItemDataRole.UserRole + 2
MIME = "application/x-migmap-layer"


@dataclass(frozen=True, slots=True)
class LayerFacts:
    """What the list says of a layer beside its name. rows: None until known. icon: of its kind.
    problem: why it could not be read, with what to do."""

    state: Literal["waiting", "ready", "failed"] = "waiting"
    icon: str = "mdi6.layers-outline"
    kind: str = ""
    size: str = ""
    rows: int | None = None
    findings: int = 0
    worst: Literal["info", "warning", "error"] = "info"
    sensitivity: Sensitivity | None = None
    synthetic: bool = False
    problem: str = ""


class LayerListModel(QAbstractListModel):
    """Holds no state of its own: edits leave as signals and come back through show().

    visibility_asked(layer id, visible); move_asked(layer id, position counted from the bottom).
    """

    visibility_asked = Signal(str, bool)
    rename_asked = Signal(str, str)
    move_asked = Signal(str, int)

    def __init__(self, facts: Callable[[Layer], LayerFacts], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._facts = facts
        self._layers: list[Layer] = []

    def show(self, layers: Sequence[Layer]) -> None:
        """Show these layers (the first is drawn at the bottom)."""
        new = list(reversed(layers))
        if [layer.id for layer in new] == [layer.id for layer in self._layers]:
            changed = [row for row, (a, b) in enumerate(zip(self._layers, new, strict=True)) if a is not b]
            self._layers = new
            for row in changed:
                self.dataChanged.emit(self.index(row), self.index(row))
            return
        self.beginResetModel()
        self._layers = new
        self.endResetModel()

    def refresh(self, layer_id: str) -> None:
        """The facts of this layer changed."""
        row = self.row_of(layer_id)
        if row is not None:
            self.dataChanged.emit(self.index(row), self.index(row))

    def row_of(self, layer_id: str | None) -> int | None:
        for row, layer in enumerate(self._layers):
            if layer.id == layer_id:
                return row
        return None

    def layer_at(self, index: Index) -> Layer | None:
        if index.isValid() and 0 <= index.row() < len(self._layers):
            return self._layers[index.row()]
        return None

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._layers)

    def flags(self, index: Index) -> Qt.ItemFlag:
        flag = Qt.ItemFlag
        if not index.isValid():
            return flag.ItemIsDropEnabled
        return (
            flag.ItemIsEnabled
            | flag.ItemIsSelectable
            | flag.ItemIsUserCheckable
            | flag.ItemIsDragEnabled
            | flag.ItemIsEditable
        )

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        layer = self.layer_at(index)
        if layer is None:
            return None
        roles = Qt.ItemDataRole
        if role in (roles.DisplayRole, roles.EditRole):
            return layer.title
        if role == roles.CheckStateRole:
            return Qt.CheckState.Checked if layer.visible else Qt.CheckState.Unchecked
        if role == LAYER_ROLE:
            return layer
        if role == FACTS_ROLE:
            return self._facts(layer)
        if role == roles.ToolTipRole:
            return self._tip(layer)
        if role == roles.AccessibleTextRole:
            shown = self.tr("shown") if layer.visible else self.tr("hidden")
            return f"{layer.title}, {self.subtitle(layer)}, {shown}"
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        layer = self.layer_at(index)
        if layer is None:
            return False
        if role == Qt.ItemDataRole.CheckStateRole:
            self.visibility_asked.emit(layer.id, Qt.CheckState(value) == Qt.CheckState.Checked)
            return True
        if role == Qt.ItemDataRole.EditRole and str(value).strip():
            self.rename_asked.emit(layer.id, str(value).strip())
            return True
        return False

    def subtitle(self, layer: Layer) -> str:
        """The second line: size and kind (which may be long), or what is the matter."""
        facts = self._facts(layer)
        if facts.state == "waiting":
            return self.tr("reading…")
        if facts.state == "failed":
            return self.tr("could not be read")
        if facts.rows is not None:
            size = counted(self.tr("1 row"), self.tr("{0} rows"), facts.rows)
        else:
            size = facts.size
        return " · ".join(part for part in (size, facts.kind) if part)

    def _tip(self, layer: Layer) -> str:
        facts = self._facts(layer)
        lines = [isolated(layer.title), self.subtitle(layer)]
        if facts.problem:
            lines.append(facts.problem)
        lines.append(isolated(layer.source))
        sensitivity = facts.sensitivity or self.tr("not stated, treated as restricted")
        lines.append(self.tr("Sensitivity: {0}").format(sensitivity))
        if facts.synthetic:
            lines.append(self.tr("Made-up data, for practice only"))
        if facts.findings:
            lines.append(counted(self.tr("1 finding"), self.tr("{0} findings"), facts.findings))
        return "\n".join(lines)

    def supportedDropActions(self) -> Qt.DropAction:
        return Qt.DropAction.MoveAction

    def mimeTypes(self) -> list[str]:
        return [MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        data = QMimeData()
        layer = self.layer_at(indexes[0]) if indexes else None
        if layer is not None:
            data.setData(MIME, layer.id.encode())
        return data

    def dropMimeData(
        self, data: QMimeData, action: Qt.DropAction, row: int, _column: int, parent: Index
    ) -> bool:
        if action != Qt.DropAction.MoveAction or not data.hasFormat(MIME):
            return False
        layer_id = bytes(data.data(MIME).data()).decode()
        source = self.row_of(layer_id)
        if source is None:
            return False
        target = row if row >= 0 else parent.row() if parent.isValid() else len(self._layers)
        # Rows count from the top and include the dragged layer; the project counts from the bottom.
        if source < target:
            target -= 1
        self.move_asked.emit(layer_id, len(self._layers) - 1 - target)
        # False: the view must not remove the row itself, the project's change will.
        return False
