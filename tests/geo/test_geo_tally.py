"""Tallies and the order of their rows."""

from __future__ import annotations

import numpy as np
import pytest
from handles import vector
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import box

from migmap.geo.areas import area_set
from migmap.geo.tally import area_columns, metric_rows, tally_rows, typical_rows

LABELS = ("not_exposed", "1", "unknown")


@settings(max_examples=40, deadline=None)
@given(st.data(), st.integers(1, 20), st.integers(0, 4))
def test_areas_outside_and_overlap_make_everything(data: st.DataObject, rows: int, areas: int) -> None:
    codes = np.array(data.draw(st.lists(st.integers(0, 2), min_size=rows, max_size=rows)))
    weights = np.array(data.draw(st.lists(st.floats(0, 1e6), min_size=rows, max_size=rows)))
    pairs = [(i, j) for i in range(rows) for j in range(areas) if data.draw(st.booleans())]
    members = (np.array([p[0] for p in pairs], dtype=int), np.array([p[1] for p in pairs], dtype=int))
    tally = tally_rows("people", "people", LABELS, codes, weights, members, areas)
    assert tally.everything.sum() == pytest.approx(weights.sum())
    assert tally.areas.sum(axis=0) + tally.outside + tally.overlap == pytest.approx(
        tally.everything, rel=1e-12, abs=1e-6
    )
    assert (tally.overlap <= 0).all()


def test_rows_come_in_reading_order_with_every_class() -> None:
    areas = area_set(vector([box(0, 0, 1, 1), box(0.5, 0, 2, 1)], {"id": ["B", "A"]}), "id")
    members = (np.array([0, 0, 1]), np.array([0, 1, 1]))
    codes = np.array([1, 0, 2])
    sites = tally_rows("sites", "sites", LABELS, codes, None, members, 2)
    typical = typical_rows("distance_m", "m", np.array([5.0, 7.0, np.nan]), members, 2)
    rows = metric_rows([sites, typical], "flood", areas)
    assert [row.area for row in rows if row.class_ == "1"] == [None, "B", "A", "outside", "overlap"]
    assert [(r.class_, r.value) for r in rows[:4]] == [
        ("not_exposed", 1),
        ("1", 1),
        ("unknown", 1),
        (None, 6),
    ]
    assert rows[0].level is None
    assert {row.level for row in rows[4:]} == {"id"}
    assert [(r.area, r.value) for r in rows if r.metric == "distance_m"] == [
        (None, 6.0),
        ("B", 5.0),
        ("A", 6.0),
        ("outside", None),
    ]
    assert [r.value for r in rows if r.area == "overlap"] == [0.0, -1.0, 0.0]
    assert set(area_columns([sites, typical])) == {
        "sites_not_exposed",
        "sites_1",
        "sites_unknown",
        "distance_m_median",
    }


def test_without_areas_there_is_only_everything() -> None:
    rows = metric_rows([tally_rows("sites", "sites", LABELS, np.array([0, 2]))], None, None)
    assert [(row.area, row.class_, row.value) for row in rows] == [
        (None, "not_exposed", 1),
        (None, "1", 0),
        (None, "unknown", 1),
    ]
