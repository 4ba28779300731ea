"""Small counts of households: what is hidden, and that nothing hidden can be found by subtraction."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from migmap.api import Metric
from migmap.geo.smallcounts import FEWEST, hidden, masked_metrics, without_figures


def one(area: str | None, class_: str | None, value: float, metric: str = "sites") -> Metric:
    unit = "m" if metric == "distance_m" else metric
    return Metric(metric, "flood", area, area, area and "code", class_, None, value, unit)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.integers(0, 30), min_size=1, max_size=12))
def test_what_is_hidden_cannot_be_found_from_the_sum(counts: list[int]) -> None:
    values = np.array(counts, dtype=float)
    out = hidden(values)
    assert not (out & (values == 0)).any()
    assert not ((values > 0) & (values < FEWEST) & ~out).any()
    if out.any():
        together = values[out].sum()
        everybody = out.sum() == (values > 0).sum()
        assert everybody or (out.sum() >= 2 and together >= FEWEST)
    else:
        assert values[values > 0].min(initial=FEWEST) >= FEWEST


def test_figures_of_a_run_and_its_people() -> None:
    metrics = (
        one(None, "deep", 13),
        one("A", "deep", 2),
        one("B", "deep", 11),
        one("C", "deep", 0),
        one("A", "deep", 9, "people"),
        one("B", "deep", 50, "people"),
        one("A", None, 120, "distance_m"),
        one("B", None, 140, "distance_m"),
    )
    masked, lost = masked_metrics(metrics)
    # A is small, and B would tell it: both go, with their people; the sum and the zero stay.
    assert [m.value for m in masked] == [13, None, None, 0, None, None, None, 140]
    assert len(lost) == 5
    assert without_figures(["Most: A (2 sites), C (0 sites)."], lost) == (
        "Most: A (not shown), C (0 sites).",
    )


def test_large_counts_stay_as_they_are() -> None:
    metrics = (one(None, "deep", 13), one("A", "deep", 6), one("B", "deep", 7))
    assert masked_metrics(metrics) == (metrics, ())
