from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from migmap.geo.jointcolumns import JointColumns, joint_columns


@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_every_column_has_its_own_place(count: int) -> None:
    columns = JointColumns(count)
    places = [columns.none, *(columns.exactly(e) for e in range(1, count + 1)), columns.unknown]
    places += [columns.pair(i, j) for i, j in columns.pairs]
    assert places == list(range(len(columns)))
    assert len(set(columns.labels)) == len(columns)
    assert all(columns.pair(j, i) == columns.pair(i, j) for i, j in columns.pairs)


def test_what_is_no_column_is_refused() -> None:
    columns = JointColumns(3)
    for wrong in (lambda: columns.exactly(0), lambda: columns.exactly(4), lambda: columns.pair(1, 1)):
        with pytest.raises(IndexError):
            wrong()
    with pytest.raises(ValueError, match="at least one"):
        JointColumns(0)


@given(st.data())
def test_columns_agree_with_counting_one_by_one(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 4))
    exposed = [
        np.array([*data.draw(st.lists(st.booleans(), max_size=3)), False], dtype=bool) for _ in range(count)
    ]
    rows = data.draw(
        st.lists(st.tuples(*(st.integers(-1, len(classes)) for classes in exposed)), min_size=1, max_size=20)
    )
    codes = np.array(rows, dtype=np.int16)
    columns = JointColumns(count)
    found = joint_columns(codes, exposed)
    for row, got in zip(rows, found, strict=True):
        states = []
        for code, classes in zip(row, exposed, strict=True):
            if code in (-1, len(classes) - 1):
                states.append("unknown")
            elif code == len(classes):
                states.append("outside")
            else:
                states.append("hit" if classes[code] else "spared")
        hits = states.count("hit")
        place = hits or (columns.unknown if "unknown" in states else columns.none)
        assert np.flatnonzero(got[: count + 2]).tolist() == [place]
        for i, j in columns.pairs:
            assert got[columns.pair(i, j)] == (states[i] == states[j] == "hit")
    # inclusion and exclusion
    several = found[:, 1 : count + 1] @ np.arange(1, count + 1)
    assert (found[:, count + 2 :].sum(axis=1) == several * (several - 1) // 2).all()


def test_codes_without_a_meaning_are_refused() -> None:
    exposed = [np.array([True, False])]
    for code in (-2, 3):
        with pytest.raises(ValueError, match="must lie within"):
            joint_columns(np.array([[code]]), exposed)
    with pytest.raises(ValueError, match="unknown cannot"):
        joint_columns(np.array([[0]]), [np.array([True, True])])
    with pytest.raises(ValueError, match="codes of 1 hazards"):
        joint_columns(np.array([0]), exposed)
