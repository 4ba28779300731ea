"""The one place where the project changes: apply, undo, redo, and who wants to know."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from psygnal import Signal

from .project import Project

HISTORY = 200


@dataclass(frozen=True, slots=True)
class _Step:
    title: str
    before: Project
    after: Project


class Store:
    """Holds the project. Use it from one thread (the window's); `changed(old, new)` is emitted there.

    `titles(undo, redo)` is emitted when what the Edit menu says may have changed.
    """

    changed = Signal(Project, Project)
    titles = Signal(str, str)

    def __init__(self, project: Project | None = None, history: int = HISTORY) -> None:
        self._project = project or Project()
        self._done: list[_Step] = []
        self._undone: list[_Step] = []
        self._history = history
        self._saved = self._project
        self._lock = threading.RLock()

    @property
    def project(self) -> Project:
        return self._project

    @property
    def modified(self) -> bool:
        """True when the project is not the one last saved or opened; where the map was moved to and
        what the log says do not count."""
        now, saved = self._project, self._saved
        return now is not saved and now.changed(view=saved.view, log=saved.log) != saved

    @property
    def undo_title(self) -> str:
        """What undo would take back, "" when there is nothing."""
        return self._done[-1].title if self._done else ""

    @property
    def redo_title(self) -> str:
        """What redo would do again, "" when there is nothing."""
        return self._undone[-1].title if self._undone else ""

    def apply(self, title: str, change: Callable[[Project], Project]) -> Project:
        """Replace the project by change(project) and remember the step under `title`. A change that
        gives the same value back is no step. A change of what the figures rest on, or of who may see
        them, that says nothing in the log itself is logged under the title."""
        with self._lock:
            before = self._project
            after = change(before)
            if after is before or after == before:
                return before
            if after.log == before.log:
                after = _logged(title, before, after)
            self._done.append(_Step(title, before, after))
            del self._done[: -self._history]
            self._undone.clear()
            self._project = after
        self._tell(before, after)
        return after

    def adjust(self, change: Callable[[Project], Project]) -> Project:
        """Change without a step to undo: the view, the log. Undo keeps what was adjusted since only
        if nothing else was undone over it."""
        with self._lock:
            before = self._project
            after = change(before)
            if after is before or after == before:
                return before
            self._project = after
        self._tell(before, after)
        return after

    def undo(self) -> bool:
        """Take back the last step; False when there is none. View and log stay as they are."""
        with self._lock:
            if not self._done:
                return False
            step = self._done.pop()
            self._undone.append(step)
            before = self._project
            after = step.before.changed(view=before.view, log=before.log)
            self._project = after = _logged(f"Undone: {step.title}", before, after)
        self._tell(before, after)
        return True

    def redo(self) -> bool:
        """Do the last undone step again; False when there is none."""
        with self._lock:
            if not self._undone:
                return False
            step = self._undone.pop()
            self._done.append(step)
            before = self._project
            after = step.after.changed(view=before.view, log=before.log)
            self._project = after = _logged(f"Done again: {step.title}", before, after)
        self._tell(before, after)
        return True

    def replace(self, project: Project) -> None:
        """Another project (new, opened): history starts anew and nothing is modified."""
        with self._lock:
            before = self._project
            self._done.clear()
            self._undone.clear()
            self._project = self._saved = project
        self._tell(before, project)

    def mark_saved(self, project: Project) -> None:
        """`project` is what now lies on disk."""
        with self._lock:
            self._saved = project
        self.titles.emit(self.undo_title, self.redo_title)

    def _tell(self, before: Project, after: Project) -> None:
        self.changed.emit(before, after)
        self.titles.emit(self.undo_title, self.redo_title)


_OF_WEIGHT = ("source", "crs", "kind", "roles", "reading", "sensitivity", "stated")


def _logged(title: str, before: Project, after: Project) -> Project:
    """`after` with a line in its log where layers came, went, or are read or stated otherwise; how the map
    looks is nothing to log."""
    was, now = ({layer.id: layer for layer in one.layers} for one in (before, after))
    changed = [
        layer
        for key, layer in now.items()
        if key in was and any(getattr(layer, name) != getattr(was[key], name) for name in _OF_WEIGHT)
    ]
    if was.keys() == now.keys() and not changed:
        return after
    said = []
    for layer in changed:
        old = was[layer.id]
        if layer.sensitivity != old.sensitivity:
            said.append(f"sensitivity: {layer.sensitivity or 'not stated'}")
        names = dict.fromkeys((*old.stated, *layer.stated))
        said += [
            f"{name}: {layer.stated.get(name) or 'as in the file'}"
            for name in names
            if layer.stated.get(name) != old.stated.get(name)
        ]
    # Without the marks of direction that titles carry for the screen.
    plain = "".join(ch for ch in title if ch not in "\u2066\u2067\u2068\u2069")
    return after.logged(f"{plain} ({'; '.join(said)})" if said else plain)
