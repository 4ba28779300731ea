"""A table onto areas: what matched, what is doubtful and waits for a yes, what lies in none of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QComboBox,
    QCompleter,
    QDialog,
    QHBoxLayout,
    QTabWidget,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from migmap.api import Problem

from .. import look
from ..docks.parts import Elided, button, icon_label, label, page, rule
from ..forms.problem_bar import ProblemBar
from ..words import counted, isolated, number

if TYPE_CHECKING:
    from migmap.app.joining import Joined, JoinGroup

GROUP_ROLE = Qt.ItemDataRole.UserRole + 1
SURE = 0.9
"""Score from which all doubtful ones can be ticked at once."""
STATUSES = ("doubtful", "unmatched", "matched")


def key_of(group: JoinGroup) -> str:
    """What a decision about these rows is kept under."""
    return group.name or group.code


class JoinDialog(QDialog):
    """asked(areas layer id, by): match again; by: "code", "name" or "". wished(choices): join with these,
    value of the table -> code of the area."""

    asked = Signal(str, str)
    wished = Signal(object)

    def __init__(
        self,
        title: str,
        areas: Sequence[tuple[str, str]],
        choices: Mapping[str, str],
        parent: QWidget | None = None,
    ) -> None:
        """areas: (layer id, title) of the layers that could be the areas. choices: decided before."""
        super().__init__(parent)
        self._gone = False
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Join to areas"))
        self.setSizeGripEnabled(True)
        page(self)
        self._joined: Joined | None = None
        self.choices: dict[str, str] = dict(choices)
        self._everywhere: list[tuple[str, str]] = []
        self._names: dict[str, str] = {}
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addLayout(self._make_head(title, areas))
        outer.addWidget(rule())
        self._problem = ProblemBar()
        self._problem.hide()
        outer.addWidget(self._problem)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.lists = {status: self._make_list(status) for status in STATUSES}
        outer.addWidget(self.tabs, 1)
        outer.addLayout(self._make_choice())
        outer.addWidget(rule())
        outer.addLayout(self._make_buttons())
        room = self.screen().availableGeometry()
        self.resize(min(1000, room.width() - 60), min(620, room.height() - 70))
        self._picked(None)

    def sizeHint(self) -> QSize:
        return QSize(1000, 620)

    def ask(self) -> None:
        """Match with the areas and the way that are chosen."""
        self._summary.setText(self.tr("Looking for the areas…"))
        self.go.setEnabled(False)
        self.asked.emit(str(self.areas.currentData() or ""), str(self.by.currentData()))

    @property
    def open_still(self) -> bool:
        return not self._gone

    def done(self, result: int) -> None:
        self._gone = True
        super().done(result)

    def show_joined(self, joined: Joined) -> None:
        self._joined = joined
        self._problem.hide()
        everywhere = [(place.code or place.name, place.name) for place in joined.placed.gazetteer.places]
        known = {code for code, _ in everywhere}
        self.choices = {value: code for value, code in self.choices.items() if code in known}
        self._everywhere = sorted(everywhere, key=lambda one: one[1].casefold())
        self._names = dict(everywhere)
        # Columns that say nothing leave their room to the reasons.
        within = any(group.parents for group in joined.groups)
        people = any(group.people is not None for group in joined.groups)
        for status, tree in self.lists.items():
            tree.setColumnHidden(1, not within)
            tree.setColumnHidden(3, not people)
            tree.clear()
            tree.addTopLevelItems(
                [self._item(group, status) for group in joined.groups if group.status == status]
            )
            items = _items(tree)
            if items:
                tree.setCurrentItem(items[0])
        first = next((status for status in STATUSES if self.lists[status].topLevelItemCount()), "matched")
        self.tabs.setCurrentIndex(STATUSES.index(first))
        self._picked(self._current())
        self._show()
        self.go.setEnabled(True)

    def show_problem(self, problem: Problem) -> None:
        self._joined = None
        for tree in self.lists.values():
            tree.clear()
        self._problem.show_problem(problem.title, problem.detail, problem.fix)
        self._summary.setText("")
        self.go.setEnabled(False)

    def summary(self) -> str:
        return self._summary.text()

    def put(self, value: str, area: str) -> None:
        """Decide that `value` of the table means the area of this code; "" for none."""
        if area:
            self.choices[value] = area
        else:
            self.choices.pop(value, None)
        for tree in self.lists.values():
            for item in _items(tree):
                group: JoinGroup = item.data(0, GROUP_ROLE)
                if key_of(group) == value:
                    self._dress(item, group)
        self._show()

    def accept_sure(self) -> None:
        """Take the likeliest area of every doubtful one that is likely enough."""
        for item in _items(self.lists["doubtful"]):
            group: JoinGroup = item.data(0, GROUP_ROLE)
            if group.area and group.score >= SURE and not group.disagree:
                self.choices[key_of(group)] = group.area
                self._dress(item, group)
        self._show()

    def submit(self) -> None:
        if self.go.isEnabled():
            self.wished.emit(dict(self.choices))
            self.accept()

    # -- building -----------------------------------------------------------------------------

    def _make_head(self, title: str, areas: Sequence[tuple[str, str]]) -> QHBoxLayout:
        head = QHBoxLayout()
        head.setContentsMargins(2 * look.GAP, look.GAP + 2, 2 * look.GAP, look.GAP + 2)
        head.setSpacing(look.GAP + 4)
        head.addWidget(icon_label("mdi6.set-center", look.ACCENT, 28))
        words = QVBoxLayout()
        words.setSpacing(1)
        name = Elided("title")
        name.setText(isolated(title))
        words.addWidget(name)
        self._summary = label("", "soft", wrap=True)
        words.addWidget(self._summary)
        head.addLayout(words, 1)
        self.areas = QComboBox()
        self.areas.setAccessibleName(self.tr("Areas"))
        self.areas.setMinimumContentsLength(14)
        self.areas.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        for layer_id, text in areas:
            self.areas.addItem(isolated(text), layer_id)
        self.by = QComboBox()
        self.by.setAccessibleName(self.tr("What rows are matched by"))
        for text, value in (
            (self.tr("By code, then name"), ""),
            (self.tr("By code alone"), "code"),
            (self.tr("By name alone"), "name"),
        ):
            self.by.addItem(text, value)
        for combo in (self.areas, self.by):
            combo.activated.connect(lambda _: self.ask())
        head.addWidget(label(self.tr("onto"), "soft"))
        head.addWidget(self.areas)
        head.addWidget(self.by)
        return head

    def _make_list(self, status: str) -> QTreeWidget:
        tree = QTreeWidget()
        tree.setRootIsDecorated(False)
        tree.setUniformRowHeights(True)
        tree.setAlternatingRowColors(True)
        tree.setAllColumnsShowFocus(True)
        tree.setHeaderLabels(
            [
                self.tr("In the table"),
                self.tr("Within"),
                self.tr("Rows"),
                self.tr("People"),
                self.tr("Area"),
                self.tr("Likeness"),
                self.tr("Why"),
            ]
        )
        for section, width in enumerate((180, 130, 56, 84, 190, 84)):
            tree.setColumnWidth(section, width)
        titles = {
            "doubtful": self.tr("Doubtful"),
            "unmatched": self.tr("In no area"),
            "matched": self.tr("Matched"),
        }
        tree.setAccessibleName(titles[status])
        tree.currentItemChanged.connect(lambda item, _: self._picked(item))
        tree.itemChanged.connect(self._ticked)
        self.tabs.addTab(tree, titles[status])
        self.tabs.currentChanged.connect(lambda _: self._picked(self._current()))
        return tree

    def _make_choice(self) -> QHBoxLayout:
        """Where the rows gone to in the list shall be put."""
        row = QHBoxLayout()
        row.setContentsMargins(2 * look.GAP, look.GAP, 2 * look.GAP, look.GAP)
        row.setSpacing(look.GAP)
        self._about = Elided()
        row.addWidget(self._about, 1)
        self.place = QComboBox()
        self.place.setEditable(True)
        self.place.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        helper = self.place.completer()
        if helper is not None:
            helper.setFilterMode(Qt.MatchFlag.MatchContains)
            helper.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        self.place.setMinimumWidth(320)
        self.place.setAccessibleName(self.tr("The area it means"))
        row.addWidget(self.place)
        self._put = button(self.tr("Put it there"), self._put_there)
        self._leave = button(self.tr("Leave it"), self._leave_it, flat=True)
        row.addWidget(self._put)
        row.addWidget(self._leave)
        return row

    def _make_buttons(self) -> QHBoxLayout:
        buttons = QHBoxLayout()
        buttons.setContentsMargins(2 * look.GAP, look.GAP + 2, 2 * look.GAP, look.GAP + 4)
        buttons.setSpacing(look.GAP)
        sure = button(self.tr("Tick all doubtful from {0}").format(SURE), self.accept_sure)
        sure.setToolTip(self.tr("Codes and names that contradict each other are left to you."))
        buttons.addWidget(sure)
        buttons.addStretch(1)
        buttons.addWidget(button(self.tr("Cancel"), self.reject))
        self.go = button(self.tr("Join and save…"), self.submit, primary=True)
        self.go.setDefault(True)
        self.go.setEnabled(False)
        buttons.addWidget(self.go)
        return buttons

    # -- inside -------------------------------------------------------------------------------

    def _item(self, group: JoinGroup, status: str) -> QTreeWidgetItem:
        item = QTreeWidgetItem()
        item.setText(0, group.value)
        item.setText(1, ", ".join(group.parents))
        item.setText(2, number(group.count))
        item.setText(3, "" if group.people is None else number(group.people, 0))
        for section in (2, 3, 5):
            item.setTextAlignment(section, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        item.setText(5, f"{group.score:.2f}" if group.area else "")
        item.setText(6, group.why or group.how)
        for section in (0, 1, 4, 6):
            item.setToolTip(section, item.text(section))
        item.setData(0, GROUP_ROLE, group)
        if status == "doubtful":
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
        self._dress(item, group)
        return item

    def _dress(self, item: QTreeWidgetItem, group: JoinGroup) -> None:
        """Show what is decided about the rows of an item."""
        tree = item.treeWidget()
        blocked = tree.blockSignals(True) if tree is not None else False
        chosen = self.choices.get(key_of(group), "")
        if group.status == "matched" and group.how != "accepted":
            chosen = ""
        code = chosen or group.area
        title = self._names.get(code, group.area_name)
        item.setText(4, f"{title} ({code})" if code and code != title else title)
        item.setForeground(
            4, QColor(look.GOOD if chosen else look.INK if group.status == "matched" else look.SOFT_INK)
        )
        font = item.font(4)
        font.setBold(bool(chosen))
        item.setFont(4, font)
        if group.status == "doubtful":
            item.setCheckState(0, Qt.CheckState.Checked if chosen else Qt.CheckState.Unchecked)
        if tree is not None:
            tree.blockSignals(blocked)

    def _ticked(self, item: QTreeWidgetItem, section: int) -> None:
        group: JoinGroup | None = item.data(0, GROUP_ROLE)
        if section != 0 or group is None or group.status != "doubtful":
            return
        on = item.checkState(0) == Qt.CheckState.Checked
        if on and key_of(group) not in self.choices and group.area:
            self.put(key_of(group), group.area)
        elif not on:
            self.put(key_of(group), "")

    def _current(self) -> QTreeWidgetItem | None:
        tree = self.tabs.currentWidget()
        return tree.currentItem() if isinstance(tree, QTreeWidget) else None

    def _picked(self, item: QTreeWidgetItem | None) -> None:
        group: JoinGroup | None = item.data(0, GROUP_ROLE) if item is not None else None
        able = group is not None and bool(key_of(group)) and group.status != "matched"
        for widget in (self.place, self._put, self._leave):
            widget.setEnabled(able)
        self.place.clear()
        if group is None or not able:
            self._about.setText("")
            return
        self._about.setText(self.tr("{0} means").format(f"“{isolated(group.value)}”"))
        likely = [(code or name, name) for code, name, _, _ in group.candidates]
        for code, name in [*likely, *(one for one in self._everywhere if one not in likely)]:
            self.place.addItem(f"{name} ({code})" if code != name else name, code)
        chosen = self.choices.get(key_of(group), group.area)
        if chosen:
            self.place.setCurrentIndex(max(0, self.place.findData(chosen)))
        else:
            self.place.setCurrentIndex(-1)

    def _put_there(self) -> None:
        item = self._current()
        group: JoinGroup | None = item.data(0, GROUP_ROLE) if item is not None else None
        # What was typed may be the name of an area without having been picked from the list.
        row = self.place.findText(self.place.currentText(), Qt.MatchFlag.MatchFixedString)
        if row < 0:
            row = self.place.findText(self.place.currentText(), Qt.MatchFlag.MatchStartsWith)
        if group is not None and row >= 0 and self.place.currentText().strip():
            self.put(key_of(group), str(self.place.itemData(row)))

    def _leave_it(self) -> None:
        item = self._current()
        group: JoinGroup | None = item.data(0, GROUP_ROLE) if item is not None else None
        if group is not None:
            self.put(key_of(group), "")

    def _show(self) -> None:
        """Rows and people on areas, by what was found and by what was decided."""
        if self._joined is None:
            return
        rows = dict.fromkeys((*STATUSES, "chosen"), 0)
        people = dict.fromkeys((*STATUSES, "chosen"), 0.0)
        counts = any(group.people is not None for group in self._joined.groups)
        for group in self._joined.groups:
            status: str = group.status
            if status != "matched" and key_of(group) in self.choices:
                status = "chosen"
            rows[status] += group.count
            people[status] += group.people or 0
        every = sum(rows.values())
        on = rows["matched"] + rows["chosen"]
        text = self.tr("{0} = {1} on areas + {2} doubtful + {3} in no area").format(
            counted(self.tr("1 row"), self.tr("{0} rows"), every),
            number(on),
            number(rows["doubtful"]),
            number(rows["unmatched"]),
        )
        if rows["chosen"]:
            text += "  ·  " + self.tr("{0} of them by your choice").format(number(rows["chosen"]))
        if counts:
            text += "  ·  " + self.tr("{0} of {1} people on areas").format(
                number(people["matched"] + people["chosen"], 0), number(sum(people.values()), 0)
            )
        self._summary.setText(text)
        titles = (self.tr("Doubtful ({0})"), self.tr("In no area ({0})"), self.tr("Matched ({0})"))
        for place, (status, title) in enumerate(zip(STATUSES, titles, strict=True)):
            self.tabs.setTabText(place, title.format(number(self.lists[status].topLevelItemCount())))


def _items(tree: QTreeWidget) -> list[QTreeWidgetItem]:
    found = (tree.topLevelItem(row) for row in range(tree.topLevelItemCount()))
    return [item for item in found if item is not None]
