"""Checks between features: what is found, counted and offered, and what is left alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from handles import vector
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Point, Polygon, box

from migmap.api import AS_FOUND, Cancelled, Finding, VectorData
from migmap.geo.accounting import accounting
from migmap.geo.checks import checked, mended


def found(data: VectorData, areas: VectorData | None = None) -> dict[str, Finding]:
    return {one.code: one for one in checked(data, areas).findings}


def sites(count: int, **more: Any) -> VectorData:
    """Sites a kilometre apart, each with its own name and id."""
    points = [Point(70 + 0.01 * k, 30) for k in range(count)]
    columns = {"site_id": [f"S{k:03}" for k in range(count)], "name": [_name(k) for k in range(count)]}
    return vector(points, columns, roles={"name": "name", "code": "site_id"}, kind="dtm_site", **more)


def _name(k: int) -> str:
    return "".join("abcdefghij"[int(digit)] * 3 for digit in f"{k:04}")


def changed(data: VectorData, row: int, **values: Any) -> VectorData:
    frame = data.frame.copy()
    for column, value in values.items():
        frame.loc[row, column] = value
    return replace(data, frame=frame)


def test_a_clean_layer_has_nothing_to_say() -> None:
    assert found(sites(30)) == {}


# -- rows --------------------------------------------------------------------------------------------


def twice() -> VectorData:
    """Five rows, the fourth and fifth equal to the second."""
    return vector(
        [Point(70, 30), Point(71, 30), Point(72, 30), Point(71, 30), Point(71, 30)],
        {"name": ["a", "b", "c", "b", "b"], "people": [1.0, 2.0, 3.0, 2.0, 2.0]},
        roles={"people": "people"},
    )


def test_equal_rows_are_offered_and_stay() -> None:
    data = checked(twice())
    said = next(one for one in data.findings if one.code == "duplicate-rows")
    assert (said.count, said.rows, said.severity, said.applied) == (2, (4, 5), "warning", False)
    assert said.fix
    assert [(one.row, one.reason) for one in said.changes] == [
        (4, "the same as row 2"),
        (5, "the same as row 2"),
    ]
    assert len(data.frame) == 5


def test_the_mend_keeps_the_first_and_loses_nobody() -> None:
    data = mended(twice(), ("duplicate-rows",))
    assert list(data.frame["name"]) == ["a", "b", "c"]
    assert list(data.row_numbers) == [1, 2, 3]
    assert list(data.aside[0].row_numbers) == [4, 5]
    said = next(one for one in data.findings if one.code == "duplicate-rows")
    assert said.applied
    assert said.severity == "info"
    assert len(said.changes) == 2
    counts = accounting(data)
    assert (counts.rows, counts.used, counts.set_aside) == (5, 3, 2)
    assert (counts.people, counts.people_used, counts.people_set_aside) == (10, 6, 4)
    assert "duplicate-rows" not in {one.code for one in checked(data).findings[1:]}


def test_nothing_is_mended_that_nobody_asked_for() -> None:
    data = twice()
    assert mended(data) is data
    assert mended(data, ("swapped-coordinates",)).frame is data.frame


def test_rows_that_differ_in_position_or_in_a_blank_are_not_equal() -> None:
    data = vector(
        [Point(70, 30), Point(70.1, 30), None, None],
        {"name": ["a", "a", "b", None], "n": [1, 1, 2, 2]},
    )
    assert "duplicate-rows" not in found(data)


def test_equal_rows_without_position_are_equal() -> None:
    data = vector([None, None], {"name": ["a", "a"], "n": [np.nan, np.nan]})
    assert found(data)["duplicate-rows"].rows == (2,)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.sampled_from(["x", "y", None])), min_size=1, max_size=12))
def test_mending_keeps_one_of_each_and_all_rows(rows: list[tuple[int, str | None]]) -> None:
    data = vector([Point(70 + k, 30) for k, _ in rows], {"name": [name for _, name in rows]})
    after = mended(data, ("duplicate-rows",))
    assert len(after.frame) == len(set(rows))
    assert sorted([*after.row_numbers, *(r for one in after.aside for r in one.row_numbers)]) == list(
        range(1, len(rows) + 1)
    )


def test_repeated_ids_are_counted_beyond_the_first() -> None:
    data = changed(changed(sites(30), 7, site_id="S003"), 9, site_id="S003")
    said = found(data)["duplicate-ids"]
    assert (said.count, said.rows) == (2, (8, 10))


def test_blank_ids_are_missing_and_not_repeated() -> None:
    data = changed(changed(sites(30), 7, site_id=None), 9, site_id=" ")
    codes = found(data)
    assert codes["id-missing"].rows == (8, 10)
    assert "duplicate-ids" not in codes


def test_ids_of_a_table_over_time_are_told_apart_by_round() -> None:
    ids = [f"S{k:02}" for k in range(10)] * 3
    rounds = [1] * 10 + [2] * 10 + [3] * 10
    data = vector(
        [None] * 30, {"id": ids, "round": rounds, "n": range(30)}, roles={"code": "id", "round": "round"}
    )
    assert "duplicate-ids" not in found(data)
    again = changed(data, 29, id="S08")
    assert found(again)["duplicate-ids"].rows == (30,)


def test_an_id_column_is_known_without_a_role_and_a_foreign_key_is_none() -> None:
    houses = [f"H{k}" for k in range(40)]
    houses[20] = "H3"
    data = vector(
        [Point(70 + 0.1 * k, 30) for k in range(40)],
        {"fid": range(1, 41), "house_id": houses, "tank_id": [f"T{k // 5}" for k in range(40)]},
    )
    said = found(data)["duplicate-ids"]
    assert "house_id" in said.message
    assert said.rows == (21,)


def test_a_column_of_displaced_people_is_no_id() -> None:
    data = vector(
        [Point(70 + 0.1 * k, 30) for k in range(40)], {"IDPs / HH": [10 + k // 2 * 2 for k in range(40)]}
    )
    assert "duplicate-ids" not in found(data)
    distinct = vector([Point(70 + 0.1 * k, 30) for k in range(40)], {"IDPs": [*range(39), 3]})
    assert "duplicate-ids" not in found(distinct)


def test_many_places_at_one_point_may_be_the_middle_of_a_district() -> None:
    data = sites(60)
    frame = data.frame.copy()
    frame.loc[range(30), "geometry"] = Point(70.5, 30.5)
    said = found(replace(data, frame=frame))["position-repeated"]
    assert (said.count, said.severity) == (30, "warning")
    frame.loc[range(2, 30), "geometry"] = [Point(71 + 0.01 * k, 30) for k in range(28)]
    assert found(replace(data, frame=frame))["position-repeated"].severity == "info"


# -- near ---------------------------------------------------------------------------------------------


def near(*names: str, metres: float = 40.0) -> VectorData:
    step = metres / 111_320.0
    return vector(
        [Point(70, 30 + k * step) for k in range(len(names))],
        {"name": names, "code": [f"c{k}" for k in range(len(names))]},
        roles={"name": "name", "code": "code"},
    )


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Basic Health Unit Sariab", "Basic Health Unit Saryab"),
        ("Jalozai Camp", "JALOZAI  camp"),
        ("Camp Jalozai", "Jalozai Camp"),
        ("Ghazi Abad", "Ghāzi Ābad"),
        ("سریاب بنیادی مرکز صحت", "سریاب بنیادی مرکزصحت"),
    ],
)
def test_one_place_entered_twice(a: str, b: str) -> None:
    said = found(near(a, b))["near-duplicates"]
    assert (said.count, said.rows) == (1, (1, 2))


@pytest.mark.parametrize(
    ("a", "b"),
    [("Block 2", "Block 3"), ("Site A", "Site B"), ("Ward II", "Ward III"), ("Sariab", "Pishin"), ("a", "")],
)
def test_neighbours_with_other_names_are_two_places(a: str, b: str) -> None:
    assert "near-duplicates" not in found(near(a, b))


def test_far_places_of_one_name_are_two_places() -> None:
    assert "near-duplicates" not in found(near("Ghazi Abad", "Ghazi Abad", metres=150))


def test_very_dense_points_end_and_are_compared_nearer() -> None:
    rng = np.random.default_rng(4)
    spots = rng.normal((70, 30), 30 / 111_320.0, (4_000, 2))
    names = [f"house {k}" for k in range(4_000)]
    data = vector(list(shapely.points(spots)), {"name": names}, roles={"name": "name"})
    assert "near-duplicates" not in found(data)


# -- ground --------------------------------------------------------------------------------------------


def areas(shapes: list[Any], **columns: Any) -> VectorData:
    columns = columns or {"code": [f"PK{k}" for k in range(len(shapes))]}
    names = [f"District {_name(k)}" for k in range(len(shapes))]
    return vector(
        shapes,
        {"name": names, **columns},
        name="districts",
        roles={"name": "name", "pcode": "code"},
        kind="boundary",
    )


def test_areas_side_by_side_have_no_overlap_and_no_gap() -> None:
    assert found(areas([box(70 + k, 30, 71 + k, 31) for k in range(4)])) == {}


def test_overlap_with_its_ground() -> None:
    said = found(areas([box(70, 30, 71, 31), box(70.9, 30, 72, 31)]))["areas-overlap"]
    assert said.severity == "warning"
    assert said.rows == (1, 2)
    # 0.1 degree by 1 degree at 30 to 31 north: 9.58 km wide on average, 110.86 km high.
    assert "1,0" in said.message
    km2 = float(said.message.split("by ")[1].split(" km²")[0].replace(",", ""))
    assert km2 == pytest.approx(1_062, rel=5e-3)


def test_strips_along_a_border_are_kept_apart() -> None:
    sliver = 5 / 96_000  # five metres
    codes = found(areas([box(70, 30, 71, 31), box(71 - sliver, 30, 72, 31)]))
    assert codes["areas-overlap"].severity == "info"
    assert "strips narrower" in codes["areas-overlap"].message


def test_a_hole_between_areas_is_named_with_its_neighbours() -> None:
    ring = [box(70, 30, 71, 31), box(71, 30, 72, 31), box(70, 31, 72, 32)]
    ring[0] = Polygon([(70, 30), (71, 30), (71, 30.4), (70.8, 30.5), (71, 30.6), (71, 31), (70, 31)])
    said = found(areas(ring))["areas-gaps"]
    assert said.count == 1
    assert said.rows == (1, 2)
    assert "70.9" in said.message


def test_an_island_in_a_hole_fills_it() -> None:
    outer = Polygon([(70, 30), (74, 30), (74, 34), (70, 34)], [[(71, 31), (73, 31), (73, 33), (71, 33)]])
    assert "areas-gaps" not in found(areas([outer, box(71, 31, 73, 33)]))
    assert found(areas([outer, box(71.5, 31.5, 72.5, 32.5)]))["areas-gaps"].count == 1


def test_one_place_drawn_twice() -> None:
    data = areas([box(70, 30, 71, 31), box(70.001, 30, 71.001, 31), box(75, 30, 76, 31)])
    codes = found(data)
    assert codes["near-duplicate-shapes"].rows == (1, 2)
    assert "areas-overlap" not in codes


def test_a_district_may_lie_in_its_province() -> None:
    data = vector(
        [box(70, 30, 72, 31), box(70, 30, 71, 31), box(71, 30, 72.5, 31)],
        {"code": ["PK1", "PK11", "PK12"], "parent": [None, "PK1", "PK1"]},
        roles={"pcode": "code", "parent_pcode": "parent"},
        kind="boundary",
    )
    codes = found(data)
    assert "areas-overlap" not in codes
    assert codes["outside-parent"].rows == (3,)
    assert "33%" in codes["outside-parent"].message


def test_a_code_that_is_not_its_parents() -> None:
    data = areas(
        [box(70 + k, 30, 71 + k, 31) for k in range(6)],
        code=["PK11", "PK12", "PK13", "PK21", "PK22", "PK91"],
        parent=["PK1", "PK1", "PK1", "PK2", "PK2", "PK2"],
    )
    data = replace(data, roles={**data.roles, "parent_pcode": "parent"})
    assert found(data)["pcode-parent-differs"].rows == (6,)


def test_polygons_that_are_points() -> None:
    dots = [Point(70 + k, 30).buffer(0.01) for k in range(6)]
    assert found(vector(dots))["polygon-as-point"].count == 6
    assert found(vector([box(70, 30, 70 + 1e-6, 30 + 1e-6)]))["polygon-as-point"].count == 1
    grid = [box(70 + k, 30, 71 + k, 31) for k in range(6)]
    assert "polygon-as-point" not in found(vector(grid))


def test_overlaps_do_not_depend_on_the_order_of_rows() -> None:
    rng = np.random.default_rng(7)
    shapes = [Point(*xy).buffer(0.2) for xy in rng.uniform(70, 72, (40, 2))]
    one, other = found(areas(shapes)), found(areas(shapes[::-1]))
    assert one["areas-overlap"].count == other["areas-overlap"].count > 10
    assert (
        one["areas-overlap"].message.split(" in all")[0] == other["areas-overlap"].message.split(" in all")[0]
    )


# -- against areas --------------------------------------------------------------------------------------


def districts() -> VectorData:
    return areas([box(70, 30, 71, 31), box(71, 30, 72, 31)], code=["PK1", "PK2"])


def test_rows_outside_all_areas() -> None:
    data = vector([Point(70.5, 30.5), Point(69.5, 30.5), None, Point(69.999, 30.5)], {"n": [1, 2, 3, 4]})
    said = found(data, districts())["outside-areas"]
    assert said.rows == (2, 4)
    assert "48 km" in said.message
    assert "1 of them within 500 m" in said.message


@pytest.mark.parametrize(
    ("column", "values", "role"),
    [
        ("code", ["PK1", "pk2", "PK1", None], "adm2_pcode"),
        (
            "district",
            [f"District {_name(0)}", f"district {_name(1)}", f"District {_name(0)}", None],
            "adm2_name",
        ),
    ],
)
def test_rows_that_lie_elsewhere_than_they_say(column: str, values: list[Any], role: str) -> None:
    points = [Point(70.5, 30.5), Point(71.5, 30.5), Point(71.4, 30.5), Point(71.5, 30.2)]
    data = vector(points, {column: values}, roles={role: column})
    said = found(data, districts())["place-contradicts-area"]
    assert said.rows == (3,)
    assert "38 km" in said.message


def test_a_place_just_over_the_border_is_not_called_wrong() -> None:
    data = vector(
        [Point(71.001, 30.5), Point(71.5, 30.5)], {"code": ["PK1", "PK2"]}, roles={"adm2_pcode": "code"}
    )
    assert "place-contradicts-area" not in found(data, districts())


# -- all together ----------------------------------------------------------------------------------------


def test_lines_and_empty_layers_pass() -> None:
    assert found(vector([LineString([(70, 30), (71, 31)]), None])) == {}
    assert found(vector([None])) == {}


def test_every_check_can_be_cancelled() -> None:
    def stop(fraction: float, _: str = "") -> None:
        if fraction > 0.5:
            raise Cancelled

    with pytest.raises(Cancelled):
        checked(areas([box(70, 30, 71, 31), box(70.9, 30, 72, 31)]), None, stop)


def test_the_same_data_again_says_the_same() -> None:
    data = twice()
    assert data.reading == AS_FOUND
    assert checked(data).findings == checked(data).findings


# -- real files -------------------------------------------------------------------------------------------

Folder = Callable[[str], Path]


def real(path: Path) -> VectorData:
    from migmap.app.workbench import Workbench

    data = Workbench().datasets.load(str(path))
    assert isinstance(data, VectorData)
    return data


def test_households_of_zaatari(shared_data: Folder) -> None:
    codes = found(real(shared_data("jor-zaatari") / "Households_2017_04.csv"))
    assert codes["duplicate-ids"].count == 477
    assert codes["position-far-away"].count == 3
    assert "duplicate-rows" not in codes


def test_districts_of_pakistan(shared_data: Folder) -> None:
    codes = found(real(shared_data("pk-codab-adm2") / "districts_simplified_5p.geojson"))
    overlap = codes["areas-overlap"]
    assert overlap.count == 13
    assert "464.2 km²" in overlap.message
    assert codes["id-missing"].rows == (161,)


def test_health_sites_of_pakistan(shared_data: Folder) -> None:
    data = real(shared_data("pk-healthsites") / "pakistan.geojson")
    codes = found(data)
    assert codes["duplicate-rows"].count == 733
    assert codes["duplicate-ids"].count == 746
    assert len(mended(data, ("duplicate-rows",)).frame) == 3_379 - 733
