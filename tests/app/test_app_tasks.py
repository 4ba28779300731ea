"""Work away from the window: progress, cancel, latest wins, and no thread left behind."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from migmap.api import Cancelled, Problem, Progress
from migmap.app.tasks import Task, Tasks

WAIT = 10.0


@pytest.fixture
def tasks() -> Iterator[Tasks]:
    made = Tasks()
    yield made
    made.shutdown()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("migmap-")]


class Ends:
    """Collects how a task ended."""

    def __init__(self) -> None:
        self.said: list[object] = []
        self.happened = threading.Event()

    def listen(self, task: Task[object]) -> None:
        for name in ("finished", "failed", "cancelled"):
            getattr(task, name).connect(lambda *values, name=name: self._note(name, *values))

    def _note(self, *words: object) -> None:
        self.said.append(words)
        self.happened.set()


def test_a_job_reports_progress_and_its_result(tasks: Tasks) -> None:
    seen: list[tuple[float, str]] = []
    ends = Ends()

    def job(progress: Progress) -> int:
        progress(0.5, "half")
        progress(7.0, "beyond the end")
        return 3

    def listen(task: Task[int]) -> None:
        ends.listen(task)
        task.progress.connect(lambda fraction, text: seen.append((fraction, text)))

    task = tasks.submit("Count", job, listen=listen)
    assert task.result(WAIT) == 3
    assert ends.happened.wait(WAIT)
    assert seen == [(0.5, "half"), (1.0, "beyond the end")]
    assert ends.said == [("finished", 3)]


def test_a_cancelled_job_stops_at_its_next_progress(tasks: Tasks) -> None:
    reached, go_on = threading.Event(), threading.Event()
    ends = Ends()

    def job(progress: Progress) -> None:
        reached.set()
        go_on.wait(WAIT)
        progress(0.5, "never seen")
        raise AssertionError("went on after cancel")

    task = tasks.submit("Long", job, listen=ends.listen)
    assert reached.wait(WAIT)
    task.cancel()
    go_on.set()
    with pytest.raises(Cancelled):
        task.result(WAIT)
    assert ends.happened.wait(WAIT)
    assert ends.said == [("cancelled",)]


def test_a_result_that_comes_after_cancel_does_not_land(tasks: Tasks) -> None:
    reached, go_on = threading.Event(), threading.Event()
    ends = Ends()

    def job(_progress: Progress) -> str:
        reached.set()
        go_on.wait(WAIT)
        return "too late"

    task = tasks.submit("Late", job, listen=ends.listen)
    reached.wait(WAIT)
    task.cancel()
    go_on.set()
    with pytest.raises(Cancelled):
        task.result(WAIT)
    assert ends.happened.wait(WAIT)
    assert ends.said == [("cancelled",)]


def test_the_latest_of_a_key_wins_and_the_waiting_one_never_starts(tasks: Tasks) -> None:
    reached, go_on = threading.Event(), threading.Event()
    started: list[str] = []

    def hold(_progress: Progress) -> None:
        reached.set()
        go_on.wait(WAIT)

    def draw(name: str) -> object:
        def job(_progress: Progress) -> str:
            started.append(name)
            return name

        return job

    tasks.submit("Block the lane", hold)
    reached.wait(WAIT)
    ends = [Ends(), Ends()]
    first = tasks.submit("Draw", draw("first"), replaces="layer-1", listen=ends[0].listen)
    second = tasks.submit("Draw", draw("second"), replaces="layer-1", listen=ends[1].listen)
    assert ends[0].said == [("cancelled",)]
    go_on.set()
    assert second.result(WAIT) == "second"
    with pytest.raises(Cancelled):
        first.result(WAIT)
    assert started == ["second"]


def test_a_problem_and_a_bug_both_arrive_as_failed(tasks: Tasks) -> None:
    for error in (Problem("Wrong file"), ZeroDivisionError("bug")):
        ends = Ends()

        def job(_progress: Progress, error: Exception = error) -> None:
            raise error

        task = tasks.submit("Fail", job, listen=ends.listen)
        with pytest.raises(type(error)):
            task.result(WAIT)
        assert ends.happened.wait(WAIT)
        assert ends.said == [("failed", error)]


def test_work_is_one_at_a_time_in_order_and_draw_does_not_wait_for_it(tasks: Tasks) -> None:
    reached, go_on = threading.Event(), threading.Event()
    order: list[int] = []

    def hold(_progress: Progress) -> None:
        reached.set()
        go_on.wait(WAIT)

    tasks.submit("Hold", hold)
    reached.wait(WAIT)
    waiting = [tasks.submit(f"{n}", lambda _progress, n=n: order.append(n)) for n in range(5)]
    assert tasks.submit("Draw", lambda _progress: "drawn", lane="draw").result(WAIT) == "drawn"
    assert order == []
    go_on.set()
    for task in waiting:
        task.result(WAIT)
    assert order == [0, 1, 2, 3, 4]


def test_shutdown_cancels_what_waits_and_refuses_more() -> None:
    tasks = Tasks()
    reached = threading.Event()

    def spin(progress: Progress) -> None:
        reached.set()
        while True:
            progress(0.0, "spinning")

    running = tasks.submit("Spin", spin)
    waiting = tasks.submit("Wait", lambda _progress: None)
    reached.wait(WAIT)
    tasks.shutdown()
    for task in (running, waiting):
        with pytest.raises(Cancelled):
            task.result(0)
    with pytest.raises(RuntimeError):
        tasks.submit("Late", lambda _progress: None)
