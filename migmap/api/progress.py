"""Progress is a plain callable; every call is also the place where a cancelled job stops."""

from collections.abc import Callable

Progress = Callable[[float, str], None]
"""progress(fraction from 0 to 1, what is being done). May raise Cancelled."""


def no_progress(fraction: float, text: str = "") -> None:
    """For callers that do not watch."""


def part(progress: Progress, start: float, stop: float) -> Progress:
    """The progress of one step that takes from `start` to `stop` of the whole."""

    def step(fraction: float, text: str = "") -> None:
        progress(start + (stop - start) * min(max(fraction, 0.0), 1.0), text)

    return step
