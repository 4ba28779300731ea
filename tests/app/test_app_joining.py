"""Tables onto areas: levels that do not fit, codes that lost something, areas with slips of their own."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import geopandas
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from migmap.api import Problem, Reading, VectorData
from migmap.app.datasets import Datasets
from migmap.app.joining import Joined, join
from migmap.app.registry import Registry

Rows = Sequence[Sequence[object]]


@pytest.fixture(scope="module")
def datasets() -> Datasets:
    return Datasets(Registry.load())


def table(folder: Path, header: Sequence[str], rows: Rows, name: str = "table.csv") -> str:
    path = folder / name
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
    return str(path)


def areas_of(folder: Path, **columns: list[object]) -> str:
    count = len(next(iter(columns.values())))
    boxes = [shapely.box(60 + k, 30, 61 + k, 31) for k in range(count)]
    path = folder / "areas.gpkg"
    geopandas.GeoDataFrame(columns, geometry=boxes, crs=4326).to_file(path)
    return str(path)


def tehsils(folder: Path) -> str:
    """Two districts; each has a tehsil of its own name."""
    return areas_of(
        folder,
        ADM3_EN=["Badin", "Matli", "Talhar", "Dadu", "Johi"],
        ADM3_PCODE=["PK70101", "PK70102", "PK70103", "PK70301", "PK70302"],
        ADM2_EN=["Badin", "Badin", "Badin", "Dadu", "Dadu"],
        ADM2_PCODE=["PK701", "PK701", "PK701", "PK703", "PK703"],
        ADM1_EN=["Sindh"] * 5,
        ADM1_PCODE=["PK7"] * 5,
    )


def joined(
    datasets: Datasets,
    text: str,
    areas: str,
    reading: Reading | None = None,
    area_roles: dict[str, str] | None = None,
) -> Joined:
    data, ground = datasets.load(text), datasets.load(areas, reading=Reading(roles=area_roles or {}))
    found = join(data, ground, reading=reading)
    document = found.document()
    parts = [document[status] for status in ("matched", "doubtful", "unmatched")]
    assert sum(one["rows"] for one in parts) == document["accounting"]["used"]
    if document["accounting"]["people_used"] is not None:
        assert sum(one["people"] for one in parts) == document["accounting"]["people_used"]
    return found


def placed(found: Joined) -> dict[str, str]:
    """What the rows say -> the code (or name) of the area they were put onto."""
    return {one.value: one.area for one in found.groups if one.status == "matched"}


@pytest.mark.parametrize(
    ("header", "rows"),
    [
        (["District", "P-Code", "IDPs"], [["Badin", "PK701", 70], ["Dadu", "PK703", 30]]),
        (["P-Code", "IDPs"], [["PK701", 70], ["PK703", 30]]),
        (["District", "Pcode", "IDPs"], [["Badin", "pk701 ", 70], ["Dadu", "PK703", 30]]),
    ],
)
def test_a_district_is_not_put_onto_the_tehsil_of_its_name(
    datasets: Datasets, tmp_path: Path, header: list[str], rows: Rows
) -> None:
    found = joined(datasets, table(tmp_path, header, rows), tehsils(tmp_path))
    assert placed(found) == {}
    assert found.document()["unmatched"]["people"] == 100
    said = next(one for one in found.findings if one.code == "area-larger")
    assert (said.count, said.rows) == (2, (2, 3))
    assert "100 people" in said.message
    assert all("larger area" in one.why for one in found.groups)


def test_names_of_districts_alone_are_known_to_be_those_of_larger_areas(
    datasets: Datasets, tmp_path: Path
) -> None:
    areas = areas_of(
        tmp_path,
        ADM3_EN=["Badin", "Matli", "Mehar", "Johi", "Sehwan"],
        ADM3_PCODE=["PK70101", "PK70102", "PK70301", "PK70302", "PK71001"],
        ADM2_EN=["Badin", "Badin", "Dadu", "Dadu", "Jamshoro"],
        ADM2_PCODE=["PK701", "PK701", "PK703", "PK703", "PK710"],
    )
    districts = table(tmp_path, ["District", "IDPs"], [["Badin", 10], ["Dadu", 20], ["Jamshoro", 30]])
    found = joined(datasets, districts, areas)
    assert placed(found) == {}
    # A table of tehsils of the same names is one of tehsils.
    rows = [["Badin", 1], ["Matli", 2], ["Mehar", 3], ["Johi", 4]]
    found = joined(datasets, table(tmp_path, ["Tehsil", "IDPs"], rows, "t.csv"), areas)
    assert placed(found) == {"Badin": "PK70101", "Matli": "PK70102", "Mehar": "PK70301", "Johi": "PK70302"}


def test_areas_that_hold_their_names_twice_are_not_larger_than_themselves(
    datasets: Datasets, tmp_path: Path
) -> None:
    names = ["Bannu", "Quetta", "Pishin"]
    areas = areas_of(
        tmp_path, province=["KP", "Balochistan", "Balochistan"], districts=names, district_agency=names
    )
    rows = [["Quetta", 10], ["Pishin", 20]]
    found = joined(datasets, table(tmp_path, ["adm2_name", "IDPs"], rows), areas)
    assert [one.status for one in found.groups] == ["matched", "matched"]


def test_a_table_with_both_is_joined_by_the_level_of_the_areas(datasets: Datasets, tmp_path: Path) -> None:
    rows = [["Badin", "Matlee", 5], ["Dadu", "Johi", 6]]
    text = table(tmp_path, ["District", "Tehsil", "IDPs"], rows)
    assert placed(joined(datasets, text, tehsils(tmp_path)))["Johi"] == "PK70302"
    both = [["Badin", "PK701", 5], ["Dadu", "PK703", 6]]
    text = table(tmp_path, ["District", "note", "IDPs"], [[row[0], "", row[2]] for row in both], "d.csv")
    assert placed(joined(datasets, text, tehsils(tmp_path))) == {}


def test_tehsils_are_put_onto_their_district_or_province_by_code(datasets: Datasets, tmp_path: Path) -> None:
    rows = [["PK70101", 1], ["PK70102", 2], ["PK60301", 4]]
    text = table(tmp_path, ["Pcode", "IDPs"], rows)
    provinces = areas_of(tmp_path, ADM1_EN=["Sindh", "Punjab"], ADM1_PCODE=["PK7", "PK6"])
    found = joined(datasets, text, provinces)
    assert placed(found) == {"PK70101": "PK7", "PK70102": "PK7", "PK60301": "PK6"}
    assert next(one for one in found.findings if one.code == "pcode-finer-level").count == 3


def test_numeric_codes_whose_zeros_a_spreadsheet_took(datasets: Datasets, tmp_path: Path) -> None:
    areas = areas_of(
        tmp_path, code=["05001", "05002", "11001"], name=["Medellín", "Abejorral", "Bogotá"], level=[2, 2, 2]
    )
    rows = [[5001, 10], [5002, 20], [11001, 40]]
    found = joined(
        datasets,
        table(tmp_path, ["codigo", "personas"], rows),
        areas,
        area_roles={"pcode": "code", "name": "name"},
    )
    assert placed(found) == {"5001": "05001", "5002": "05002", "11001": "11001"}
    assert next(one for one in found.findings if one.code == "code-zeros-lost").count == 2


def test_a_count_is_no_code(datasets: Datasets, tmp_path: Path) -> None:
    areas = areas_of(tmp_path, code=["1", "2", "3"], name=["Medellín", "Abejorral", "Bogotá"])
    rows = [["Medellin", 3, 10], ["Abejorral", 2, 20], ["Bogota", 1, 40]]
    text = table(tmp_path, ["municipio", "households", "people"], rows)
    found = joined(datasets, text, areas, area_roles={"pcode": "code", "name": "name"})
    assert found.placed.columns.code is None
    assert placed(found) == {"Medellin": "1", "Abejorral": "2", "Bogota": "3"}


@pytest.fixture
def slips(tmp_path: Path) -> str:
    """Two districts with one code, and one without."""
    return areas_of(
        tmp_path,
        ADM2_PCODE=["AF0101", "AF0101", "AF0102", None],
        ADM2_EN=["Kabul", "Paghman", "Bagrami", "Nuristan"],
        ADM1_EN=["Kabul"] * 4,
    )


def test_two_areas_with_one_code_are_told_apart_by_name(
    datasets: Datasets, tmp_path: Path, slips: str
) -> None:
    rows = [["Kabul", "AF0101", 1], ["Paghman", "AF0101", 2], ["", "AF0101", 4], ["Bagrami", "AF0102", 8]]
    found = joined(datasets, table(tmp_path, ["District", "Pcode", "people"], rows), slips)
    names = {one.value: (one.status, one.area_name) for one in found.groups}
    assert names["AF0101, Kabul"] == ("matched", "Kabul")
    assert names["AF0101, Paghman"] == ("matched", "Paghman")
    assert names["AF0101"][0] == "doubtful"
    frame = found.data().frame
    assert frame.geometry[0].centroid.x == 60.5
    assert frame.geometry[1].centroid.x == 61.5


def test_an_area_without_a_code_can_be_accepted_by_its_name(
    datasets: Datasets, tmp_path: Path, slips: str
) -> None:
    text = table(tmp_path, ["District", "people"], [["Kabul", 1], ["Bagrami", 2], ["Nooristaan", 16]])
    found = joined(datasets, text, slips, Reading(areas={"Nooristaan": "Nuristan"}))
    assert placed(found)["Nooristaan"] == "Nuristan"
    with pytest.raises(Problem, match="Several areas"):
        joined(datasets, text, slips, Reading(areas={"Nooristaan": "AF0101"}))
    with pytest.raises(Problem, match="no area with the code"):
        joined(datasets, text, slips, Reading(areas={"Nooristaan": "AF9999"}))


def test_several_rows_of_one_area_are_one_group_with_all_their_people(
    datasets: Datasets, tmp_path: Path
) -> None:
    rows = [["Johi", "Dadu", 3], ["JOHI", "Dadu", 4], ["Johi", "Dadu", 5]]
    found = joined(datasets, table(tmp_path, ["Tehsil", "District", "people"], rows), tehsils(tmp_path))
    document = found.document()["matched"]
    assert (document["rows"], document["people"]) == (3, 12)
    assert {one["area"] for one in document["values"]} == {"PK70302"}


def test_provinces_in_another_language_confirm_their_districts(datasets: Datasets, tmp_path: Path) -> None:
    areas = areas_of(
        tmp_path,
        ADM2_EN=["Delmas", "Gros Morne", "Aquin"],
        ADM2_PCODE=["HT0112", "HT0511", "HT0721"],
        ADM1_EN=["West", "North-West", "South"],
    )
    rows = [
        ["Ouest", "Delmas", 1],
        ["Nord-Ouest", "Gros-Morne", 2],
        ["Sud", "Aquin", 4],
        ["Nord", "Aquin", 8],
    ]
    found = joined(datasets, table(tmp_path, ["Departement", "Commune", "people"], rows), areas)
    document = found.document()
    assert (document["matched"]["people"], document["doubtful"]["people"]) == (7, 8)


CELLS = st.sampled_from(
    ["Badin", "badin", "Dist. Badin", "Matli", "Matly", "Talhar", "Dadu", "Johi", "Joh", "Kabul", "", "Sindh"]
)
CODES = st.sampled_from(["", "PK70101", "pk70102 ", "PK701", "PK703", "PK70399", "XX1", "PK7", "70101"])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.tuples(CELLS, CELLS, CODES, st.integers(0, 500)), min_size=1, max_size=12),
    order=st.randoms(use_true_random=False),
)
def test_everybody_is_in_one_list_whatever_the_order_of_rows(
    datasets: Datasets,
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[str, str, str, int]],
    order: object,
) -> None:
    folder = tmp_path_factory.mktemp("rows")
    header = ["Tehsil", "District", "Pcode", "people"]
    anchor = [("Matli", "Badin", "PK70102", 1), ("Johi", "Dadu", "PK70302", 1)]
    numbered = [(*row[:3], row[3] * 100 + k + 10) for k, row in enumerate([*anchor, *rows])]
    shuffled = list(numbered)
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    areas = tehsils(folder)

    def outcome(name: str, chosen: Rows) -> dict[tuple[object, ...], str]:
        found = joined(datasets, table(folder, header, chosen, name), areas)
        frame = found.data().frame
        assert len(frame) == found.document()["accounting"]["used"]
        people = frame["people"].tolist()
        return {
            (count,): f"{match} {code}"
            for count, match, code in zip(people, frame["area_match"], frame["area_code"], strict=True)
        }

    assert outcome("a.csv", numbered) == outcome("b.csv", shuffled)


def test_what_was_accepted_is_replayed_on_the_next_round(tmp_path: Path) -> None:
    from migmap.app.workbench import Workbench

    workbench = Workbench()
    areas = tehsils(tmp_path)
    header = ["Tehsil", "District", "people"]
    first = table(tmp_path, header, [["Matly", "Badin", 5], ["Johi", "Dadu", 6]])
    reading = Reading(areas={"Matly": "PK70102"})
    data = workbench.datasets.load(first, reading=reading)
    assert isinstance(data, VectorData)
    assert data.reading.areas == {"Matly": "PK70102"}
    second = table(tmp_path, header, [["Johi", "Dadu", 1], ["Matly", "Badin", 7]], "next.csv")
    again = workbench.datasets.load(second, reading=data.reading)
    ground = workbench.datasets.load(areas)
    found = join(again, ground, reading=data.reading)
    assert placed(found)["Matly"] == "PK70102"


def test_check_with_areas_says_what_joining_would(tmp_path: Path) -> None:
    from migmap.app.workbench import Workbench

    areas = tehsils(tmp_path)
    rows = [["Matli", "PK70101", 5], ["Johi", "PK70302", 6], ["Kabul", "XX999", 7], ["", "PK703", 8]]
    text = table(tmp_path, ["Tehsil", "Pcode", "people"], rows)
    found = {one.code: one for one in Workbench().check(text, areas=areas).findings}
    assert found["codes-and-names-disagree"].rows == (2,)
    assert "5 people" in found["codes-and-names-disagree"].message
    assert found["area-unmatched"].rows == (4,)
    assert found["area-larger"].rows == (5,)


def test_a_position_is_laid_against_a_name_in_another_spelling(tmp_path: Path) -> None:
    from migmap.app.workbench import Workbench

    areas = tehsils(tmp_path)
    # The boxes begin at 60 degrees east, one a degree; Dadu is the fourth.
    rows = [["a", "Dist. Dadoo", 63.5, 30.5], ["b", "DADU", 60.5, 30.5], ["c", "Matli", 61.5, 30.5]]
    text = table(tmp_path, ["Site name", "Tehsil", "Longitude", "Latitude"], rows)
    found = {one.code: one for one in Workbench().check(text, areas=areas).findings}
    assert found["place-contradicts-area"].rows == (3,)


def test_the_name_of_a_district_does_not_say_which_tehsil(tmp_path: Path) -> None:
    from migmap.app.workbench import Workbench

    rows = [["a", "Badin", 60.5, 30.5], ["b", "Badin", 61.5, 30.5], ["c", "Dadu", 64.5, 30.5]]
    text = table(tmp_path, ["Site name", "District", "Longitude", "Latitude"], rows)
    found = {one.code for one in Workbench().check(text, areas=tehsils(tmp_path)).findings}
    assert not {"place-contradicts-area", "area-larger"} & found
