"""What GDAL says of a damaged file may hold bytes of it that are no text."""

from __future__ import annotations

import logging
import sys
from types import TracebackType
from typing import Any

_log = logging.getLogger(__name__)
_MARK = "takes_odd_words"


def take_odd_words() -> None:
    """Let such words pass: rasterio fails to decode them inside a call from C, where nothing can be caught,
    and Python would show that to the user as an error nobody dealt with. The fault of the file itself is
    raised all the same. May be called as often as one likes, and has to be where others put hooks of their
    own in place meanwhile."""
    if not hasattr(sys.excepthook, _MARK):
        _wrap_uncaught()
    if not hasattr(sys.unraisablehook, _MARK):
        _wrap_unraisable()


def _wrap_uncaught() -> None:
    before = sys.excepthook

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        # An error nobody caught has left all its frames; this one has none, or its frame is still at work.
        running = trace is None or trace.tb_frame is sys._getframe().f_back
        if running and isinstance(error, UnicodeDecodeError):
            _log.debug("a message of GDAL was no text: %r", error.object)
        else:
            before(kind, error, trace)

    setattr(hook, _MARK, True)
    sys.excepthook = hook


def _wrap_unraisable() -> None:
    before = sys.unraisablehook

    def hook(unraisable: Any) -> None:
        words = isinstance(unraisable.exc_value, UnicodeDecodeError)
        if not (words and "rasterio" in str(unraisable.object)):
            before(unraisable)

    setattr(hook, _MARK, True)
    sys.unraisablehook = hook
