"""Pictures drawn by workers for the canvas, one plate a layer, and the rule for drawing one anew.

A plate keeps its last picture while the next is made, so the map moves at once and sharpens later. A
picture is larger than the widget by MARGIN on every side: small moves need no drawing at all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from migmap.api import Cancelled, Problem, Progress

if TYPE_CHECKING:
    from migmap.geo.viewport import View

MARGIN = 96
"""Logical pixels drawn beyond each edge of the widget."""


class Handle(Protocol):
    """A submitted job."""

    def cancel(self) -> Any:
        """Ask the job to stop at its next progress call."""


class Submit(Protocol):
    """How the canvas gets work done: run `work(progress)` in another thread; an earlier job with the same
    `replaces` is cancelled. `work` brings its own result home and never raises a Problem."""

    def __call__(self, title: str, work: Callable[[Progress], None], replaces: str) -> Handle:
        """Queue the job."""


@dataclass(frozen=True, slots=True)
class Glass:
    """What pictures are made for: a view, the widget's size in logical pixels, and its pixel ratio."""

    view: View
    width: int
    height: int
    ratio: float

    def close_to(self, other: Glass) -> bool:
        """Same scale and size, and more than half of what is seen in common."""
        apart_x = abs(self.view.centre_x - other.view.centre_x) / self.view.units_per_px
        apart_y = abs(self.view.centre_y - other.view.centre_y) / self.view.units_per_px
        return (
            self.view.units_per_px == other.view.units_per_px
            and (self.width, self.height, self.ratio) == (other.width, other.height, other.ratio)
            and apart_x < self.width / 2
            and apart_y < self.height / 2
        )

    def picture_size(self) -> tuple[int, int]:
        """Device pixels of a picture with its margins; even, so that its middle lies between pixels."""
        across = 2 * round((self.width + 2 * MARGIN) * self.ratio / 2)
        return across, 2 * round((self.height + 2 * MARGIN) * self.ratio / 2)

    def picture_view(self) -> View:
        """The view in device pixels, on the world's own pixel grid: pictures of one scale fit together
        without a blur."""
        fine = self.view.enlarged(self.ratio)
        unit = fine.units_per_px
        return type(fine)(round(fine.centre_x / unit) * unit, round(fine.centre_y / unit) * unit, unit)


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A finished picture. view: in its own pixels. look: what it shows."""

    image: QImage
    view: View
    ratio: float
    look: object

    def sharp(self, glass: Glass) -> bool:
        """True where a pixel of the picture is a pixel of the glass."""
        fine = glass.view.units_per_px / glass.ratio
        return self.ratio == glass.ratio and abs(self.view.units_per_px / fine - 1) < 1e-9

    def serves(self, glass: Glass) -> bool:
        """True while the picture is sharp on this glass and reaches well past its edges."""
        if not self.sharp(glass):
            return False
        fine = glass.view.enlarged(glass.ratio)
        spare = MARGIN / 3 * glass.ratio
        for off, have, need in (
            (self.view.centre_x - fine.centre_x, self.image.width(), glass.width * glass.ratio),
            (self.view.centre_y - fine.centre_y, self.image.height(), glass.height * glass.ratio),
        ):
            if have / 2 < need / 2 + abs(off) / fine.units_per_px + spare:
                return False
        return True


Draw = Callable[["View", int, int, float, Progress], QImage]
"""draw(view, width, height, scale, progress): a picture; all in device pixels."""


@dataclass(slots=True, eq=False)
class Plate:
    """One picture to keep up to date. look: what it should show, compared by value; draw: how to. asked: the
    look and glass the last job was started for. failed: do not try this look again."""

    key: str
    title: str
    look: object
    draw: Draw
    frame: Frame | None = None
    asked: tuple[object, Glass] | None = None
    failed: bool = False

    def serves(self, glass: Glass) -> bool:
        """True where the picture shows the right thing, sharp."""
        return self.frame is not None and self.frame.look == self.look and self.frame.serves(glass)

    def is_coming(self, glass: Glass) -> bool:
        """True where the job last started is for what is wanted, or near enough to be worth its end."""
        return self.asked is not None and self.asked[0] == self.look and self.asked[1].close_to(glass)


class Landing(QObject):
    """Where results come down, on the thread that made it (the window's), one by one. It has no parent and
    is held by the jobs: a job that ends after the canvas is gone finds it and lands nowhere."""

    landed = Signal(str, int, object, object)


@dataclass(slots=True, eq=False)
class Jobs:
    """Submits work and tells the latest result of a key from late ones."""

    submit: Submit
    prefix: str
    landing: Landing = field(default_factory=Landing)
    _tickets: dict[str, int] = field(default_factory=dict)
    _handles: dict[str, Handle] = field(default_factory=dict)
    _count: int = 0
    _closed: bool = False

    def start(self, key: str, title: str, make: Callable[[Progress], object]) -> int:
        """Run `make` in a worker; its result is emitted by `landing` with the ticket returned here. An
        earlier job of this key is cancelled and will not be `expected` any more."""
        self._count += 1
        ticket = self._tickets[key] = self._count
        landed = self.landing.landed
        if self._closed:
            return ticket

        def work(progress: Progress) -> None:
            try:
                found = make(progress)
            except Cancelled:
                raise
            except Problem as problem:
                landed.emit(key, ticket, None, problem)
            except Exception as bug:  # the thread's boundary: the canvas says so, the lane logs it
                landed.emit(key, ticket, None, bug)
                raise
            else:
                landed.emit(key, ticket, found, None)

        self._handles[key] = self.submit(title, work, f"{self.prefix}:{key}")
        return ticket

    def expected(self, key: str, ticket: int) -> bool:
        """Take a result in: True when it is the latest of its key, once."""
        if self._closed or self._tickets.get(key) != ticket:
            return False
        del self._tickets[key]
        self._handles.pop(key, None)
        return True

    def runs(self, key: str) -> bool:
        """True while a result of this key is awaited."""
        return key in self._tickets

    @property
    def busy(self) -> bool:
        return bool(self._tickets) and not self._closed

    def cancel(self, key: str) -> None:
        self._tickets.pop(key, None)
        handle = self._handles.pop(key, None)
        if handle is not None:
            handle.cancel()

    def close(self) -> None:
        """Cancel everything; nothing lands any more."""
        self._closed = True
        for key in list(self._handles):
            self.cancel(key)
        self._tickets.clear()
