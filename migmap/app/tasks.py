"""Work away from the window: two lanes of threads, progress, cancel, and latest-wins."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Generic, Literal, TypeVar

from psygnal import Signal

from migmap.api import Cancelled, Problem, Progress

Lane = Literal["work", "draw"]
T = TypeVar("T")
_log = logging.getLogger(__name__)


class Task(Generic[T]):
    """One job. Exactly one of `finished`, `failed`, `cancelled` is emitted, once, from the worker's
    thread (`cancelled` from the canceller's when the job never started); a face that lives in another
    thread bridges them.

    progress(fraction, text); finished(result); failed(exception): a Problem, or a bug.
    """

    progress = Signal(float, str)
    finished = Signal(object)
    failed = Signal(object)
    cancelled = Signal()

    def __init__(self, title: str, lane: Lane) -> None:
        self.title = title
        self.lane: Lane = lane
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._ended = False
        self._future: Future[T] = Future()

    def cancel(self) -> None:
        """Ask the job to stop. It stops at its next progress call; its result never lands."""
        self._stop.set()
        # Not started yet: nobody else will say that it ended.
        if self._future.cancel():
            self._end(self.cancelled)

    @property
    def stopping(self) -> bool:
        return self._stop.is_set()

    @property
    def done(self) -> bool:
        return self._ended

    def result(self, timeout: float | None = None) -> T:
        """Wait for the result; raises what the job raised, Cancelled when it was cancelled."""
        from concurrent.futures import CancelledError

        try:
            return self._future.result(timeout)
        except CancelledError:
            raise Cancelled from None

    def report(self, fraction: float, text: str = "") -> None:
        """The `progress` the job is given."""
        if self._stop.is_set():
            raise Cancelled
        self.progress.emit(min(max(float(fraction), 0.0), 1.0), text)

    def run(self, job: Callable[[Progress], T]) -> None:
        """Called by the lane."""
        if not self._future.set_running_or_notify_cancel():
            return
        try:
            value = job(self.report)
            # A result that comes after cancel must not land.
            if self._stop.is_set():
                raise Cancelled
        except Cancelled as error:
            self._future.set_exception(error)
            self._end(self.cancelled)
        except BaseException as error:  # the thread's boundary: whoever waits gets it
            if not isinstance(error, Problem):
                _log.error("task %r failed", self.title, exc_info=error)
            self._future.set_exception(error)
            self._end(self.failed, error)
        else:
            self._future.set_result(value)
            self._end(self.finished, value)

    def _end(self, signal: Any, *values: Any) -> None:
        with self._lock:
            if self._ended:
                return
            self._ended = True
        signal.emit(*values)


class Tasks:
    """The lanes: `work` runs one job at a time in the order given, `draw` two at once.

    started(task): emitted by submit, in the caller's thread, before the job can run.
    """

    started = Signal(object)

    def __init__(self) -> None:
        self._lanes: dict[Lane, ThreadPoolExecutor] = {
            "work": ThreadPoolExecutor(1, thread_name_prefix="migmap-work"),
            "draw": ThreadPoolExecutor(2, thread_name_prefix="migmap-draw"),
        }
        self._open: set[Task[Any]] = set()
        self._latest: dict[str, Task[Any]] = {}
        self._lock = threading.Lock()
        self._closed = False

    def submit(
        self,
        title: str,
        job: Callable[[Progress], T],
        *,
        lane: Lane = "work",
        replaces: str | None = None,
        listen: Callable[[Task[T]], None] | None = None,
    ) -> Task[T]:
        """Queue `job(progress)`. replaces: a key; an earlier job with the same key is cancelled and
        its result can never land. listen: called with the task before it can run, to connect signals
        without missing one."""
        task: Task[T] = Task(title, lane)
        if listen is not None:
            listen(task)
        with self._lock:
            if self._closed:
                raise RuntimeError("tasks were shut down")
            self._open.add(task)
            earlier = None
            if replaces is not None:
                earlier = self._latest.get(replaces)
                self._latest[replaces] = task
        if earlier is not None and not earlier.done:
            earlier.cancel()
        self.started.emit(task)
        self._lanes[lane].submit(self._run, task, job, replaces)
        return task

    def running(self) -> tuple[Task[Any], ...]:
        """Jobs that wait or run, in no order."""
        with self._lock:
            return tuple(task for task in self._open if not task.done)

    def cancel_all(self) -> None:
        for task in self.running():
            task.cancel()

    def shutdown(self) -> None:
        """Cancel everything and wait for the threads to end."""
        with self._lock:
            self._closed = True
        self.cancel_all()
        for lane in self._lanes.values():
            lane.shutdown(wait=True)

    def _run(self, task: Task[T], job: Callable[[Progress], T], key: str | None) -> None:
        try:
            task.run(job)
        finally:
            with self._lock:
                self._open.discard(task)
                if key is not None and self._latest.get(key) is task:
                    del self._latest[key]
