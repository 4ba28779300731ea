"""The item models: Qt's own checks, sorting, filtering, copying."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from handles import vector
from PySide6.QtCore import QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot
from shapely.geometry import Point

from migmap.api import Metric
from migmap.app.project import Layer
from migmap.ui.models.attributes import AttributeModel
from migmap.ui.models.layers import LayerFacts, LayerListModel
from migmap.ui.models.metrics import Shows, long_table, wide_table
from migmap.ui.models.table import Column, Table, TableModel, TableView, natural, tsv

STRICT = QAbstractItemModelTester.FailureReportingMode.Fatal


def metric(
    area: str | None, class_: str | None, value: float | None, *, name: str = "people", unit: str = "people"
) -> Metric:
    return Metric(
        name, "flood", area, area and area.title(), "code" if area else None, class_, None, value, unit
    )


METRICS = (
    metric(None, "exposed", 30.0),
    metric(None, "unknown", 12.5),
    metric("a", "exposed", 10.0),
    metric("a", "unknown", None),
    metric("b", "exposed", 25.0),
    metric("outside", "exposed", 0.0),
    metric("overlap", "exposed", -5.0),
)


def test_the_layer_list_shows_the_top_layer_first(qtbot: QtBot) -> None:
    model = LayerListModel(lambda _: LayerFacts("ready", rows=3, kind="Boundary"))
    QAbstractItemModelTester(model, STRICT)
    low, high = Layer(title="low", source="a"), Layer(title="high", source="b", visible=False)
    model.show((low, high))
    assert [model.index(row).data() for row in range(2)] == ["high", "low"]
    assert model.index(0).data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Unchecked
    assert model.subtitle(low) == "3 rows · Boundary"
    with qtbot.waitSignal(model.dataChanged):
        model.show((low.changed(title="lower"), high))
    model.show((high,))
    model.show(())
    assert model.rowCount() == 0


@pytest.mark.usefixtures("qtbot")
def test_every_number_has_its_row_and_missing_is_not_zero() -> None:
    model = TableModel(long_table(METRICS))
    QAbstractItemModelTester(model, STRICT)
    assert model.rowCount() == len(METRICS)
    shown = [model.index(row, 4).data() for row in range(model.rowCount())]
    assert shown == ["30", "12.5", "10", "unknown", "25", "0", "-5"]
    assert [model.index(row, 0).data() for row in (0, 2, 5, 6)] == [
        "Everything",
        "A",
        "Outside all areas",
        "Counted more than once",
    ]


def test_one_row_an_area_keeps_every_number() -> None:
    table = wide_table(METRICS)
    assert [row[0] for row in table.rows] == [
        "Everything",
        "A",
        "B",
        "Outside all areas",
        "Counted more than once",
    ]
    values = [row[2:] for row in table.rows]
    assert values[0] == (30.0, 12.5)
    # No row at all is blank, a number nobody knows is "unknown", neither is 0.
    assert values[1] == (10.0, None)
    assert values[2] == (25.0, "")
    model = TableModel(table)
    assert model.index(1, 3).data() == "unknown"
    assert model.index(2, 3).data() == ""


def test_a_comparison_shows_before_after_and_change() -> None:
    rows = [
        replace(metric(area, "exposed", value), before=before, after=after, compared=True)
        for area, before, after, value in ((None, 30.0, 20.0, -10.0), ("a", None, 20.0, None))
    ]
    table = long_table(rows)
    assert [column.title for column in table.columns[4:7]] == ["Before", "After", "Change"]
    assert [row[4:7] for row in table.rows] == [(30.0, 20.0, -10.0), (None, 20.0, None)]
    # No figure in one of the two is unknown, not 0.
    assert TableModel(table).index(1, 6).data() == "unknown"
    cases: list[tuple[Shows, tuple[float | None, float | None]]] = [
        ("change", (-10.0, None)),
        ("before", (30.0, None)),
        ("after", (20.0, 20.0)),
    ]
    for shows, values in cases:
        assert tuple(row[2] for row in wide_table(rows, shows).rows) == values


def test_every_cell_knows_its_number() -> None:
    assert long_table(METRICS).refs == tuple((i,) * 6 for i in range(len(METRICS)))
    wide = wide_table(METRICS)
    for cells, refs in zip(wide.rows, wide.refs, strict=True):
        assert refs[:2] == (None, None)
        for value, ref in zip(cells[2:], refs[2:], strict=True):
            assert (value == "") if ref is None else METRICS[ref].value == value


def test_levels_are_told_apart_and_everything_stands_once() -> None:
    upper = replace(metric("a", "exposed", 35.0), level="province")
    table = wide_table((*METRICS, upper))
    assert [column.title for column in table.columns][:3] == ["Area", "Code", "Level"]
    assert [row[:3] for row in table.rows if row[1] == "a"] == [("A", "a", "code"), ("A", "a", "province")]
    assert [row[0] for row in table.rows].count("Everything") == 1


def test_the_frameworks_of_a_number_stand_beside_it() -> None:
    said = long_table(METRICS, lambda name: {"people": "SDG 11, 13"}[name])
    assert said.columns[-1].title == "Frameworks"
    assert {row[-1] for row in said.rows} == {"SDG 11, 13"}
    assert long_table(METRICS, lambda _: "").columns == long_table(METRICS).columns


def test_totals_stay_on_top_and_missing_values_last_either_way() -> None:
    model = TableModel(wide_table(METRICS))
    view = TableView()
    view.setSourceModel(model)
    QAbstractItemModelTester(view, STRICT)
    view.sort(2, Qt.SortOrder.AscendingOrder)
    rising = [view.index(row, 2).data() for row in range(view.rowCount())]
    assert rising == ["30", "-5", "0", "10", "25"]
    view.sort(2, Qt.SortOrder.DescendingOrder)
    falling = [view.index(row, 2).data() for row in range(view.rowCount())]
    assert falling == ["30", "25", "10", "0", "-5"]


def test_rows_are_found_by_a_part_of_their_name() -> None:
    view = TableView()
    view.setSourceModel(TableModel(wide_table(METRICS)))
    view.contain_any((0, 1), "b")
    assert [view.index(row, 0).data() for row in range(view.rowCount())] == ["B"]
    view.contain_any((0, 1), "")
    assert view.rowCount() == 5


def test_copied_text_is_unrounded_and_has_no_stray_tabs() -> None:
    columns = (Column("Area"), Column("Value", numeric=True))
    text = tsv(columns, [("a\tb\n", 1234567.25), ("c", None)])
    assert text == "Area\tValue\na b \t1234567.25\nc\t\n"


def test_names_with_numbers_sort_as_people_do() -> None:
    assert sorted(["row:10", "row:9", "Row:1"], key=natural) == ["Row:1", "row:9", "row:10"]


def test_an_empty_table_is_a_table() -> None:
    QAbstractItemModelTester(TableModel(Table()), STRICT)


@pytest.mark.parametrize("order", [Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder])
@pytest.mark.usefixtures("qtbot")
def test_the_rows_of_a_layer_sort_and_keep_their_number(order: Qt.SortOrder) -> None:
    data = vector(
        [Point(1, 1), None, Point(2, 2)],
        {
            "name": ["b", None, "a"],
            "people": pd.array([5, None, 7], dtype="Int64"),
            "depth": [0.5, np.nan, 2.0],
        },
    )
    model = AttributeModel()
    QAbstractItemModelTester(model, STRICT)
    model.show(data)
    assert model.columnCount() == 4
    assert [model.index(1, column).data() for column in range(4)] == ["2", "", "", ""]
    rising = order == Qt.SortOrder.AscendingOrder
    marked = QPersistentModelIndex(model.index(0, 1))
    model.sort(2, order)
    assert marked.data() == "b"
    rows = [model.index(row, 0).data() for row in range(3)]
    assert rows == (["1", "3", "2"] if rising else ["3", "1", "2"])
    model.sort(0, order)
    assert [model.frame_row(row) for row in range(3)] == ([0, 1, 2] if rising else [2, 1, 0])
    assert model.table_row(2) == (2 if rising else 0)
    model.show(None)
    assert model.rowCount() == 0
