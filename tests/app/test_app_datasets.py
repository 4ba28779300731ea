"""Loaded once, read again when the file changes, dropped when memory is short."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from migmap.api import Guess, Problem, Style, VectorData
from migmap.app.datasets import Datasets
from migmap.app.registry import Registry
from migmap.app.workbench import Workbench

Small = Callable[[], Path]


@pytest.fixture
def datasets() -> Datasets:
    return Datasets(Registry.load())


def test_the_same_file_is_read_once(datasets: Datasets, small: Small) -> None:
    text = str(small() / "sites.geojson")
    assert datasets.peek(text) is None
    first = datasets.load(text)
    assert datasets.load(text) is first
    assert datasets.peek(text) is first


def test_a_file_that_changed_is_read_again(datasets: Datasets, small: Small) -> None:
    path = small() / "sites.geojson"
    first = datasets.load(str(path))
    document = json.loads(path.read_text(encoding="utf-8"))
    del document["features"][0]
    path.write_text(json.dumps(document), encoding="utf-8")
    os.utime(path, ns=(1, 1))
    again = datasets.load(str(path))
    assert isinstance(first, VectorData)
    assert isinstance(again, VectorData)
    assert (len(first.frame), len(again.frame)) == (4, 3)


def test_a_relative_path_and_an_absolute_one_are_the_same_file(
    datasets: Datasets, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = small()
    monkeypatch.chdir(folder)
    assert datasets.load("sites.geojson") is datasets.load("sites.geojson")
    assert isinstance(datasets.load(str(folder / "sites.geojson")), VectorData)


def test_the_kind_and_its_columns_are_recognised(datasets: Datasets, small: Small) -> None:
    areas = datasets.load(str(small() / "areas.geojson"))
    assert areas.kind == "boundary"
    assert set(areas.roles.values()) <= set(areas.frame.columns)  # type: ignore[union-attr]
    assert "areas.geojson" in areas.meta.boundary_note


def test_the_oldest_goes_when_memory_is_short(small: Small) -> None:
    folder = small()
    tight = Datasets(Registry.load(), budget_bytes=1)
    first, second = str(folder / "sites.geojson"), str(folder / "areas.geojson")
    tight.load(first)
    kept = tight.load(second)
    assert tight.peek(first) is None
    assert tight.peek(second) is kept


def test_two_threads_wait_for_one_reading(
    datasets: Datasets, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    from migmap.io import read as read_module

    real, calls = read_module.read, []

    def counted(*args: object, **more: object) -> object:
        calls.append(args)
        return real(*args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(read_module, "read", counted)
    text = str(small() / "sites.geojson")
    found: list[object] = []
    threads = [threading.Thread(target=lambda: found.append(datasets.load(text))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(calls) == 1
    assert len({id(one) for one in found}) == 1


def test_what_cannot_be_read_is_a_problem_each_time(datasets: Datasets, tmp_path: Path) -> None:
    for _ in range(2):
        with pytest.raises(Problem, match=r"nothing\.gpkg"):
            datasets.load(str(tmp_path / "nothing.gpkg"))


def test_a_registered_result_is_found_and_another_is_a_problem(workbench: Workbench, small: Small) -> None:
    data = workbench.datasets.load(str(small() / "sites.geojson"))
    workbench.datasets.register("run:abc/sites", data)
    assert workbench.datasets.load("run:abc/sites") is data
    with pytest.raises(Problem, match="run:abc/areas"):
        workbench.datasets.load("run:abc/areas")


def test_a_strangers_kind_that_fails_does_not_stop_a_file(
    datasets: Datasets, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken:
        name = "broken"
        title = "Broken"

        def guess(self, _probe: object) -> Guess:
            raise ZeroDivisionError

        def style(self) -> Style:
            return Style()

    kinds = {**datasets._registry.kinds(), "broken": Broken()}
    monkeypatch.setattr(datasets._registry, "kinds", lambda: kinds)
    assert datasets.load(str(small() / "areas.geojson")).kind == "boundary"
