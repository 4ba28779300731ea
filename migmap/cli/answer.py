"""What a command leaves to say and to do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

DONE = 0


def _done() -> int:
    return DONE


@dataclass(frozen=True, slots=True)
class Answer:
    """text: for standard output, printed only when the command succeeded. then: what to do after that
    (the demo opens its window); gives the exit code."""

    text: str = ""
    then: Callable[[], int] = _done
