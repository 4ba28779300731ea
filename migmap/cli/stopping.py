"""Ctrl-C and a polite kill: the work unwinds, temporary files go, the exit code says so."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

CODES = {signal.SIGINT: 130, signal.SIGTERM: 143}
_asked: list[int] = []


class Stopped(BaseException):
    """The process was asked to stop."""


def check() -> None:
    """Raise Stopped if someone asked. Called with every report of progress: C libraries may swallow
    what a signal raises inside them, or turn it into an error of their own."""
    if _asked:
        raise Stopped


def code() -> int | None:
    """The exit code that tells who asked to stop, None when nobody did."""
    return CODES.get(signal.Signals(_asked[-1]), 130) if _asked else None


@contextmanager
def listening() -> Iterator[None]:
    """Turn the two signals into Stopped while the block runs. Elsewhere than in the main thread, where
    Python delivers no signals, it does nothing."""
    _asked.clear()
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, _frame: FrameType | None) -> None:
        _asked.append(number)
        raise Stopped

    before = {number: signal.signal(number, stop) for number in CODES}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)
