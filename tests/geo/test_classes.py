"""Classes from edges and from rasters."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_rasters import raster_of

from migmap.api import Cancelled, Problem
from migmap.geo.classes import Classes, classes_from_edges, classes_of_raster


def test_labels_are_as_typed() -> None:
    classes = classes_from_edges([0.1, 0.5, 1.5])
    assert classes.labels == ("not_exposed", "0.1-0.5", "0.5-1.5", "1.5+")
    assert classes.not_exposed == 0
    assert classes_from_edges([1.0, 2.0]).labels == ("not_exposed", "1-2", "2+")
    assert classes_from_edges([-2.5, 1e6]).labels == ("not_exposed", "-2.5-1000000", "1000000+")


def test_classes_are_half_open_and_leave_no_gap() -> None:
    classes = classes_from_edges([0.1, 0.5, 1.5])
    values = np.array([-5.0, 0.0, 0.0999, 0.1, 0.4999, 0.5, 1.4999, 1.5, 1e9, math.inf, math.nan])
    assert classes.codes(values).tolist() == [0, 0, 0, 1, 1, 2, 2, 3, 3, 3, -1]
    valid = np.ones(len(values), dtype=bool)
    valid[1] = False
    assert classes.codes(values, valid)[1] == -1
    assert classes.codes(values).dtype == np.int16


@pytest.mark.parametrize("edge", [0.1, 0.3, 0.7, 1.1, 2.3])
def test_an_edge_stored_in_single_precision_is_still_that_edge(edge: float) -> None:
    stored = np.array([edge], dtype=np.float32)
    assert classes_from_edges([edge]).codes(stored)[0] == 1
    assert classes_from_edges([edge]).codes(stored.astype(np.float64))[0] == 1


@given(
    edges=st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=6, unique=True).map(sorted),
    value=st.floats(-2e6, 2e6),
)
def test_every_number_has_exactly_one_class_and_raising_the_lowest_edge_exposes_no_more(
    edges: list[float], value: float
) -> None:
    classes = classes_from_edges(edges)
    code = int(classes.codes(np.array([value]))[0])
    assert 0 <= code < len(classes)
    fewer = classes_from_edges([edges[0] + 1.0])
    exposed_fewer = int(fewer.codes(np.array([value]))[0]) > 0
    assert not exposed_fewer or code > 0


@pytest.mark.parametrize(
    ("edges", "words"),
    [
        ([], "empty"),
        ([1.0, 1.0], "does not rise"),
        ([2.0, 1.0], "1 follows 2"),
        ([math.nan], "not a number"),
        ([1.0, math.inf], "not a number"),
        (list(range(300)), "250"),
    ],
)
def test_a_class_list_that_cannot_be(edges: list[float], words: str) -> None:
    with pytest.raises(Problem) as problem:
        classes_from_edges(edges)
    assert words in problem.value.title
    assert problem.value.fix


def test_a_classified_raster_has_one_class_a_value(tmp_path: Path) -> None:
    values = np.array([[0, 3, 3], [1, 0, 255]], dtype=np.uint8)
    classes = classes_of_raster(raster_of(tmp_path / "a.tif", values, nodata=255))
    assert classes.labels == ("not_exposed", "1", "3")
    assert classes.not_exposed == 0
    assert classes.codes(values).tolist() == [[0, 2, 2], [1, 0, -1]]


def test_negative_values_come_first_and_without_zero_nothing_is_not_exposed(tmp_path: Path) -> None:
    classes = classes_of_raster(raster_of(tmp_path / "a.tif", np.array([[2, -1]], dtype=np.int16)))
    assert classes.labels == ("-1", "2")
    assert classes.not_exposed is None
    with_zero = classes_of_raster(raster_of(tmp_path / "b.tif", np.array([[0, -1]], dtype=np.int16)))
    assert (with_zero.labels, with_zero.not_exposed) == (("-1", "not_exposed"), 1)


def test_undeclared_marks_of_no_data_are_no_class(tmp_path: Path) -> None:
    values = np.array([[0, 1, -9999, -32768]], dtype=np.int16)
    assert classes_of_raster(raster_of(tmp_path / "a.tif", values)).labels == ("not_exposed", "1")


def test_twenty_values_are_classes_and_one_more_asks_for_edges(tmp_path: Path) -> None:
    twenty = np.arange(20, dtype=np.int32).reshape(4, 5) * 7
    assert len(classes_of_raster(raster_of(tmp_path / "a.tif", twenty))) == 20
    many = np.arange(1, 22, dtype=np.int32).reshape(3, 7)
    with pytest.raises(Problem, match="--classes") as problem:
        classes_of_raster(raster_of(tmp_path / "b.tif", many))
    assert problem.value.detail == "Minimum 1, median 11, maximum 21."


def test_measured_values_ask_for_edges_even_when_they_are_few(tmp_path: Path) -> None:
    values = np.array([[0.0, 1.0, np.nan, 2.5, -9999.0]], dtype=np.float32)
    with pytest.raises(Problem, match="--classes") as problem:
        classes_of_raster(raster_of(tmp_path / "a.tif", values))
    assert problem.value.detail == "Minimum 0, median 1, maximum 2.5."


def test_minimum_and_maximum_are_true_and_the_median_says_when_it_is_estimated(tmp_path: Path) -> None:
    values = np.arange(400 * 300, dtype=np.float32).reshape(400, 300)
    with pytest.raises(Problem) as problem:
        classes_of_raster(raster_of(tmp_path / "a.tif", values))
    assert "Minimum 0," in problem.value.detail
    assert "maximum 119999" in problem.value.detail
    assert "(from a sample)" in problem.value.detail
    median = float(problem.value.detail.split("median ")[1].split(" ")[0])
    assert median == pytest.approx(60_000, rel=0.01)


def test_a_raster_without_data_has_no_class(tmp_path: Path) -> None:
    empty = classes_of_raster(raster_of(tmp_path / "a.tif", np.full((3, 3), -1, np.int16), nodata=-1))
    assert len(empty) == 0
    assert empty.codes(np.array([0, 1])).tolist() == [-1, -1]
    nan = classes_of_raster(raster_of(tmp_path / "b.tif", np.full((3, 3), np.nan, np.float32)))
    assert len(nan) == 0


def test_reading_a_raster_can_be_cancelled(tmp_path: Path) -> None:
    def stop(*_: object) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        classes_of_raster(raster_of(tmp_path / "a.tif", np.zeros((9, 9), np.uint8)), stop)


def test_either_edges_or_values() -> None:
    with pytest.raises(ValueError, match="either"):
        Classes(("a",))
    with pytest.raises(ValueError, match="labels"):
        Classes(("a",), edges=(1.0, 2.0))
