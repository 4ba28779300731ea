"""How sensitive a product of several things is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from migmap.api import Sensitivity, strictest

WORDS: tuple[Sensitivity | None, ...] = ("public", "restricted", "confidential", None)
# What each binds as: an unstated one as restricted, and it must still read "not stated".
RANK = {"public": 0, "restricted": 1, None: 1, "confidential": 2}


@given(st.lists(st.sampled_from(WORDS), min_size=1))
def test_it_is_never_laxer_than_any_of_them(stated: list[Sensitivity | None]) -> None:
    found = strictest(stated)
    assert RANK[found] == max(RANK[one] for one in stated)
    assert found == strictest(reversed(stated))
    if None in stated and "confidential" not in stated:
        assert found is None


def test_of_nothing_nothing_is_stated() -> None:
    assert strictest([]) is None
