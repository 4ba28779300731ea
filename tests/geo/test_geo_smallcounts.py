"""Small counts of households: what is hidden, and that nothing hidden can be found by subtraction."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from migmap.api import Metric
from migmap.geo.smallcounts import FEWEST, closed_areas, hidden, masked_metrics, without_figures


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


AREAS = ("A", "B", "C", "D")


def figures(cells: np.ndarray) -> list[tuple[Metric, np.ndarray]]:
    """The count figures of a run with two hazards and a column of kinds, each with the cells it sums.

    cells: int [area, class of x, class of y, kind], households.
    """
    made: list[tuple[Metric, np.ndarray]] = []

    def add(
        metric: str, hazard: str | None, area: str | None, class_: str, group: str | None, which: Any
    ) -> None:
        mask = np.zeros(cells.shape)
        mask[which] = 1.0
        value = float((cells * mask).sum())
        level = None if area is None else "code"
        made.append((Metric(metric, hazard, area, area, level, class_, group, value, "sites"), mask.ravel()))

    everything = slice(None)
    for place, area in [(everything, None), *enumerate(AREAS)]:
        for kind, group in [(everything, None), (0, "k0"), (1, "k1")]:
            for class_ in range(cells.shape[1]):
                label = ("not_exposed", "low", "high")[class_]
                add("sites", "x", area, label, group, (place, class_, everything, kind))
            for class_ in range(cells.shape[2]):
                label = ("not_exposed", "low")[class_]
                add("sites", "y", area, label, group, (place, everything, class_, kind))
        hit = [np.zeros(cells.shape, dtype=bool) for _ in range(3)]
        for one in np.ndindex(cells.shape):
            if place == everything or one[0] == place:
                hit[int(one[1] > 0) + int(one[2] > 0)][one] = True
        for e, mask in enumerate(hit):
            add("joint_sites", None, area, "none" if e == 0 else f"exactly {e}", None, mask)
    return made


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([4, 6, 9, 15, 40]))
def test_what_hangs_together_tells_no_small_count_either(seed: int, most: int) -> None:
    rng = np.random.default_rng(seed)
    cells = rng.integers(0, most, (4, 3, 2, 2)) * (rng.random((4, 3, 2, 2)) < 0.7)
    rows = figures(cells)
    masked, _ = masked_metrics([row for row, _ in rows])
    for row, shown in zip([row for row, _ in rows], masked, strict=True):
        small = row.area is not None and 0 < (row.value or 0) < FEWEST
        assert shown.hidden == (shown.value is None)
        assert not (small and not shown.hidden)
        assert row.value or not shown.hidden
    assert masked_metrics(masked)[0] == masked
    # Whoever has the product knows these sums of cells; of sums that are 0 every cell is 0.
    known = [mask for (_, mask), shown in zip(rows, masked, strict=True) if not shown.hidden]
    nothing = np.zeros(cells.size, dtype=bool)
    for (row, mask), shown in zip(rows, masked, strict=True):
        if not shown.hidden and row.value == 0:
            nothing |= mask > 0
    table = np.array(known)[:, ~nothing]
    rank = np.linalg.matrix_rank(table)
    whole = {(r.metric, r.hazard, r.class_, r.group): r.value for r, _ in rows if r.area is None}
    hidden_groups = {r.group for r in masked if r.area is None and r.hidden}
    for (row, mask), shown in zip(rows, masked, strict=True):
        if not shown.hidden or row.area is None or not 0 < (row.value or 0) < FEWEST:
            continue
        family = (row.metric, row.hazard, row.class_, row.group)
        # A small sum of everything, and a sum that all lies in one area, are told by the rule itself.
        if row.group in hidden_groups or (whole[family] or 0) < FEWEST or whole[family] == row.value:
            continue
        told = np.linalg.matrix_rank(np.vstack([table, mask[~nothing]])) == rank
        assert not told, (row, [one for one in masked if not one.hidden])


def test_what_follows_from_hidden_classes_is_hidden_with_them() -> None:
    def row(metric: str, area: str | None, class_: str | None, value: float, unit: str) -> Metric:
        return Metric(metric, "flood", area, area, area and "code", class_, None, value, unit)

    rows = []
    for area, low, high in ((None, 30, 22), ("A", 20, 12), ("B", 7, 2), ("C", 3, 8)):
        rows += [row("sites", area, "low", low, "sites"), row("sites", area, "high", high, "sites")]
        rows += [
            row("people", area, "low", 5 * low, "people"),
            row("people", area, "high", 5 * high, "people"),
        ]
        rows += [
            row("affected", area, None, 5 * high, "people"),
            row("displaced", area, None, 2 * high, "people"),
        ]
        rows += [
            row("people_min", area, None, low, "people"),
            row("people_max", area, None, 6 * low, "people"),
        ]
        rows += [row("need:water", area, None, 30 * high, "litres per day")]
    masked, lost = masked_metrics(rows)
    shown = {(m.metric, m.area, m.class_): m.value for m in masked}
    # B and C hold small counts; together they hold ten, so A can stay.
    for area in ("B", "C"):
        assert all(value is None for (_, where, _), value in shown.items() if where == area)
    assert shown["affected", "A", None] == 60
    assert shown["people_min", "A", None] is None
    assert shown["people_max", "A", None] is None
    assert all(value is not None for (_, where, _), value in shown.items() if where is None)
    assert len(lost) == 20
    assert masked_metrics(masked)[0] == masked
    assert closed_areas(rows) == {"B", "C"}
    notes = without_figures(["Most exposed: A (32 sites), B (9 sites), C (1,100 people)."], lost)
    assert notes == ("Most exposed: A (not shown), B (not shown), C (not shown).",)


def test_a_comparison_hides_both_figures_and_the_change() -> None:
    def row(area: str | None, before: float, after: float) -> Metric:
        return Metric(
            "sites", "h", area, area, area and "code", "low", None, after - before, "sites",
            before=before, after=after, compared=True,
        )  # fmt: skip

    rows = [row(None, 40, 41), row("A", 3, 9), row("B", 9, 10), row("C", 28, 22), row("D", 0, 0)]
    masked, _ = masked_metrics(rows)
    by_area = {m.area: (m.before, m.after, m.value, m.hidden) for m in masked}
    assert by_area["A"] == by_area["B"] == (None, None, None, True)
    assert by_area["C"] == (28, 22, -6, False)
    assert by_area["D"] == (0, 0, 0, False)
    assert by_area[None] == (40, 41, 1, False)


def test_areas_of_a_coarser_level_tell_nothing() -> None:
    def row(area: str | None, level: str | None, value: float) -> Metric:
        return Metric("sites", "h", area, area, level, "low", None, value, "sites")

    rows = [row(None, None, 50), row("A", "d", 2), row("B", "d", 28), row("C", "d", 20)]
    rows += [row("north", "p", 30), row("south", "p", 20)]
    masked, _ = masked_metrics(rows)
    assert [m.value for m in masked] == [50, None, 28, None, None, None]


def test_a_group_of_few_households_is_not_shown() -> None:
    def row(area: str | None, group: str | None, value: float) -> Metric:
        return Metric("sites", "h", area, area, area and "code", "low", group, value, "sites")

    rows = [row(None, None, 60), row("A", None, 60)]
    rows += [row(None, "one", 1), row(None, "two", 9), row(None, "three", 50)]
    rows += [row("A", "one", 1), row("A", "two", 9), row("A", "three", 50)]
    masked, _ = masked_metrics(rows)
    assert [m.value for m in masked if m.area is None] == [60, None, None, 50]
    assert all(m.value is None for m in masked if m.area == "A" and m.group)
