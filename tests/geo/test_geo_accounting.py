"""Rows and people of a file are all accounted for, whatever was set aside."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import shapely
from handles import vector
from hypothesis import given, settings
from hypothesis import strategies as st

from migmap.api import RowsAside, VectorData
from migmap.geo.accounting import accounting, set_aside


def _layer(people: list[float | None], aside: list[str]) -> VectorData:
    here = [shapely.Point(67.0, 30.0)] * len(people)
    data = vector(here, {"people": np.array(people, dtype=np.float64)})
    rows = np.arange(100, 100 + len(aside), dtype=np.int64)
    frame = pd.DataFrame({"people": pd.array(aside, dtype="str")})
    kept = (RowsAside("total-row", "total of the rows above", frame, rows),) if aside else ()
    return dataclasses.replace(data, roles={"people": "people"}, aside=kept)


def test_text_numbers_of_rows_set_aside_are_counted() -> None:
    found = accounting(_layer([100, None, 50], ["1,150", "-", "no idea", "١٢"]))
    assert found.as_json() == {
        "rows": 7,
        "used": 3,
        "set_aside": 4,
        "people": 1312,
        "people_used": 150,
        "people_set_aside": 1162,
    }


def test_without_a_people_column_nobody_is_claimed() -> None:
    data = dataclasses.replace(_layer([1, 2], ["3"]), roles={})
    found = accounting(data)
    assert (found.rows, found.people, found.people_used, found.people_set_aside) == (3, None, None, None)
    assert set_aside(data)[0]["people"] is None


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.one_of(st.none(), st.integers(0, 10**6)), min_size=1, max_size=12),
    st.lists(st.integers(0, 10**6), max_size=6),
)
def test_the_sums_always_fit(people: list[int | None], aside: list[int]) -> None:
    data = _layer([None if p is None else float(p) for p in people], [f"{a:,}" for a in aside])
    found = accounting(data)
    assert found.rows == found.used + found.set_aside == len(people) + len(aside)
    assert found.people == sum(p or 0 for p in people) + sum(aside)
    assert sum(one["count"] for one in set_aside(data)) == found.set_aside
