"""Numbers of people as people write them."""

from __future__ import annotations

import numpy as np
import pytest
from handles import codes, finding, vector
from shapely.geometry import Point

from migmap.api import Problem
from migmap.geo.figures import people_column


def people(*cells: object) -> object:
    return people_column(vector([Point(0, 0)] * len(cells), {"people": cells}, name="villages"), "people")


def test_numbers_as_they_are_and_zero_is_a_number() -> None:
    found = people(10, 0, 2.5)
    assert found.values.tolist() == [10, 0, 2.5]
    assert found.findings == ()


def test_text_with_thousands_marks_is_read() -> None:
    found = people("1,234", "12", " 1 234 567 ", "1'000.5", "٤٢")
    assert found.values.tolist() == [1234, 12, 1234567, 1000.5, 42]


def test_what_is_no_number_is_unknown_listed_and_never_zero() -> None:
    found = people("300", "about 300", None, "", "1,23", "nan")
    assert found.values[0] == 300
    assert np.isnan(found.values[1:]).all()
    assert finding(found, "people-unknown").rows == (2, 3, 4, 5, 6)
    unreadable = finding(found, "people-unreadable")
    assert unreadable.rows == (2, 5, 6)
    assert "“about 300”" in unreadable.message


def test_negative_and_infinite_people_are_unknown() -> None:
    found = people(5.0, -3.0, np.inf, np.nan)
    assert found.known.tolist() == [True, False, False, False]
    assert finding(found, "people-negative").rows == (2,)
    assert codes(found) == {"people-unknown", "people-unreadable", "people-negative"}


def test_a_column_that_is_not_there_or_holds_no_number_is_a_problem() -> None:
    data = vector([Point(0, 0)], {"name": ["x"], "pop": [3]})
    with pytest.raises(Problem, match="no column “people”") as caught:
        people_column(data, "people")
    assert "name, pop" in str(caught.value)
    with pytest.raises(Problem, match="holds no number"):
        people_column(data, "name")
