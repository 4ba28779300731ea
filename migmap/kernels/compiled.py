"""The one way a kernel is compiled: without the interpreter's lock, kept on disk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """The function as machine code, compiled once for each kind of arguments it meets."""
    return cast(F, njit(nogil=True, cache=True)(function))
