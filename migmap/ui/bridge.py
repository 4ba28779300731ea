"""From worker threads to the window's thread: psygnal signals in, plain calls on the GUI thread out."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal, Slot


class Bridge(QObject):
    """Make it on the GUI thread. After close() nothing is delivered any more, so a late result
    cannot reach a window that is gone."""

    _call = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._home = threading.get_ident()
        self._open = True
        self._links: list[tuple[Any, Callable[..., Any]]] = []
        self._call.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def post(self, call: Callable[..., Any], *values: Any) -> None:
        """Do `call(*values)` on the GUI thread, later. From any thread."""
        if self._open:
            self._call.emit(partial(call, *values))

    def listen(self, signal: Any, slot: Callable[..., Any]) -> None:
        """Connect a psygnal signal: at once when it is emitted on the GUI thread, else posted.
        Connections of long-lived objects are undone by close()."""
        call = self._relay(slot)
        signal.connect(call)
        self._links.append((signal, call))

    def follow(self, signal: Any, slot: Callable[..., Any]) -> None:
        """Like listen, for the signals of a task, which end with it."""
        signal.connect(self._relay(slot))

    def close(self) -> None:
        self._open = False
        for signal, call in self._links:
            signal.disconnect(call, missing_ok=True)
        self._links.clear()

    def _relay(self, slot: Callable[..., Any]) -> Callable[..., None]:
        def relay(*values: Any) -> None:
            if not self._open:
                return
            if threading.get_ident() == self._home:
                slot(*values)
            else:
                self.post(slot, *values)

        return relay

    @Slot(object)
    def _deliver(self, call: Callable[[], None]) -> None:
        if self._open:
            call()
