"""By whom and where: groups of people, kinds of sites, levels of areas."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from handles import assert_adds_up, raster, vector
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely.geometry import Point, box
from test_analysis_consequences import ask

from migmap.api import PeopleColumn, Problem

FLOOD = np.array([[0.0, 0.2, 0.7], [0.0, 0.0, np.nan]])


def at(column: float, row: float) -> Point:
    return Point(70 + 0.1 * (column + 0.5), 30 - 0.1 * (row + 0.5))


def villages(**more: Any) -> Any:
    return vector(
        [at(0, 0), at(1, 0), at(2, 0), at(2, 1)],
        {
            "people": [10, 20, 40, 80],
            "women": [4, None, 20, 40],
            "men": [6, 12, 20, 30],
            "kind": ["camp", "host", None, "camp"],
        },
        roles={"people": "people"},
        people=(
            PeopleColumn("people", total=True),
            PeopleColumn("women", sex="female"),
            PeopleColumn("men", sex="male"),
        ),
        **more,
    )


@pytest.fixture
def flood(tmp_path: Path) -> Any:
    return raster(tmp_path, FLOOD)


def of_group(result: Any, metric: str, group: str | None) -> dict[str | None, float | None]:
    return {
        row.class_: row.value
        for row in result.metrics
        if row.metric == metric and row.group == group and row.area is None
    }


def test_groups_have_their_own_unknown(flood: Any) -> None:
    params = {"classes": (0.1,), "people": "people"}
    result = ask({**params, "groups": ("all",)}, hazard=flood, exposed=villages())
    assert of_group(result, "people", "female") == {"not_exposed": 4, "0.1+": 20, "unknown": 40}
    assert of_group(result, "people", "male") == {"not_exposed": 6, "0.1+": 32, "unknown": 30}
    # 8 of the second village and 10 of the last are told by neither column.
    assert of_group(result, "people", "sex unknown") == {"not_exposed": 0, "0.1+": 8, "unknown": 10}
    for label, value in of_group(result, "people", None).items():
        parts = [of_group(result, "people", name)[label] for name in ("female", "male", "sex unknown")]
        assert sum(part or 0 for part in parts) == value
    some = ask({**params, "groups": ("women",)}, hazard=flood, exposed=villages())
    assert {row.group for row in some.metrics} == {None, "female"}
    none = ask({**params, "groups": ("none",)}, hazard=flood, exposed=villages())
    assert none.metrics == ask(params, hazard=flood, exposed=villages()).metrics
    with pytest.raises(Problem, match="has no such group") as caught:
        ask({**params, "groups": ("elderly",)}, hazard=flood, exposed=villages())
    assert "female, male" in caught.value.fix


def test_kinds_of_sites_share_out_everything(flood: Any) -> None:
    result = ask({"classes": (0.1,), "people": "people", "by": "kind"}, hazard=flood, exposed=villages())
    assert of_group(result, "sites", "camp") == {"not_exposed": 1, "0.1+": 0, "unknown": 1}
    assert of_group(result, "people", "unknown") == {"not_exposed": 0, "0.1+": 40, "unknown": 0}
    for metric in ("sites", "people"):
        for label, value in of_group(result, metric, None).items():
            kinds = [of_group(result, metric, name)[label] or 0 for name in ("camp", "host", "unknown")]
            assert sum(kinds) == value


def test_levels_have_rows_of_their_own(flood: Any, tmp_path: Path) -> None:
    areas = vector(
        [box(70, 29.9, 70.1, 30), box(70.1, 29.9, 70.3, 30), box(70, 29.8, 70.3, 29.9)],
        {"code": ["a", "b", "c"], "division": ["N", "N", "S"], "country": ["PK"] * 3},
        roles={"pcode": "code"},
    )
    params = {"classes": (0.1,), "rollup": ("division", "country")}
    people = raster(tmp_path, np.array([[1.0, 2, 4], [8, 16, 32]]), name="people")
    for more, exposed, metric in (
        ({"people": "people"}, villages(), "people"),
        ({"population": "counts"}, people, "people"),
        ({}, None, "area_km2"),
    ):
        inputs = {"exposed": exposed} if exposed is not None else {}
        result = ask({**params, **more}, hazard=flood, areas=areas, **inputs)

        def level(name: str | None, metric: str = metric, result: Any = result) -> dict[Any, float]:
            found: dict[Any, float] = {}
            for row in result.metrics:
                if row.metric == metric and row.level == name:
                    found[row.area, row.class_] = row.value or 0
            return found

        assert {row.level for row in result.metrics} == {None, "code", "division", "country"}
        for label in ("not_exposed", "0.1+", "unknown"):
            by_code, by_division, by_country = level("code"), level("division"), level("country")
            assert by_division["N", label] == pytest.approx(by_code["a", label] + by_code["b", label])
            assert by_country["PK", label] == pytest.approx(by_division["N", label] + by_division["S", label])
            for found in (by_code, by_division, by_country):
                whole = sum(value for (_, own), value in found.items() if own == label)
                assert whole == pytest.approx(level(None)[None, label])
        plain = ask({"classes": (0.1,), **more}, hazard=flood, areas=areas, **inputs)
        kept = [row for row in result.metrics if row.level in (None, "code")]
        assert [row.value for row in kept] == pytest.approx([row.value for row in plain.metrics], abs=1e-9)
    with pytest.raises(Problem, match="names columns of the areas"):
        ask(params, hazard=flood)


def test_areas_put_together_have_their_own_name(flood: Any) -> None:
    areas = vector(
        [box(70, 29.9, 70.1, 30), box(70.1, 29.9, 70.3, 30), box(70, 29.8, 70.3, 29.9)],
        {
            "code": ["a", "b", "c"],
            "district": ["A-town", "B-town", "C-town"],
            "above": ["1", "1", "2"],
            "province": ["North", "North", "South"],
            "basin": ["Indus", "Indus", "Kabul"],
        },
        roles={"pcode": "code", "name": "district", "parent_pcode": "above", "adm1_name": "province"},
    )
    params = {"classes": (0.1,), "rollup": ("above", "basin")}
    result = ask(params, hazard=flood, areas=areas)
    called = {(row.level, row.area): row.area_name for row in result.metrics}
    assert (called["code", "a"], called["above", "1"], called["above", "2"]) == ("A-town", "North", "South")
    assert (called["basin", "Indus"], called["basin", "Kabul"]) == ("Indus", "Kabul")


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cut=st.floats(70.01, 70.29),
    order=st.permutations(range(4)),
    split=st.integers(1, 3),
    rule=st.sampled_from(["point", "share", "touch"]),
)
def test_neither_areas_nor_order_nor_splitting_change_the_total(
    flood: Any, cut: float, order: list[int], split: int, rule: str
) -> None:
    whole = villages()
    squares = [box(p.x - 0.03, p.y - 0.03, p.x + 0.03, p.y + 0.03) for p in whole.frame.geometry]
    frame = whole.frame.set_geometry(squares, crs=whole.frame.crs)
    whole = replace(whole, frame=frame)
    params = {"classes": (0.1, 0.5), "people": "people", "rule": rule}
    base = of_group(ask(params, hazard=flood, exposed=whole), "people", None)
    turned = replace(whole, frame=frame.iloc[list(order)].reset_index(drop=True))
    areas = vector([box(70, 29.8, cut, 30), box(cut, 29.8, 70.3, 30)])
    by_area = ask(params, hazard=flood, exposed=turned, areas=areas)
    assert_adds_up(by_area)
    assert list(of_group(by_area, "people", None).values()) == pytest.approx(list(base.values()))
    halves = [
        replace(
            whole,
            frame=part.reset_index(drop=True),
            row_numbers=np.arange(1, len(part) + 1),
        )
        for part in (frame.iloc[:split], frame.iloc[split:])
    ]
    found = [of_group(ask(params, hazard=flood, exposed=half), "people", None) for half in halves]
    for label, value in base.items():
        assert sum(part[label] or 0 for part in found) == pytest.approx(value)
