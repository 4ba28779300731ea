"""Positions of single households leave only as totals by area, in every format."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from handles import vector

from migmap.api import ExportDocument, MapLayer, Meta, Metric, Problem, Reading, Style, VectorData
from migmap.app.disclosure import guarded
from migmap.app.workbench import Workbench

CODE = "household-positions-withheld"
HOMES = [shapely.Point(70.12345 + i / 1000, 30.23456) for i in range(7)]


def homes() -> VectorData:
    shapes = [*HOMES, None, shapely.Point(75.5, 35.5)]
    data = vector(shapes, {"hh": list(range(9)), "size": [4, 5, 6, 7, None, 3, 2, 8, 1]}, name="homes")
    return replace(data, roles={"people": "size"}, meta=Meta(sensitivity="confidential", households=True))


def blocks() -> VectorData:
    shapes = [shapely.box(70, 30, 70.1255, 31), shapely.box(70.1255, 30, 71, 31)]
    return vector(
        shapes, {"code": ["A", "B"]}, name="blocks", kind="boundary", roles={"pcode": "code", "name": "code"}
    )


def document(*layers: VectorData, **more: object) -> ExportDocument:
    made = tuple(MapLayer(one.name, one.title, one, Style()) for one in layers)
    return ExportDocument(title="Homes", layers=made, **more)  # type: ignore[arg-type]


def test_totals_take_the_place_of_positions() -> None:
    out, findings = guarded(document(blocks(), replace(homes(), reading=Reading(keep=("small-counts",)))))
    assert [one.code for one in findings] == [CODE]
    assert findings[0].count == 9
    totals = out.layers[1].data
    assert isinstance(totals, VectorData)
    assert totals.frame["id"].tolist() == ["A", "B", "outside"]
    assert totals.frame["households"].tolist() == [3, 4, 2]
    assert totals.frame["people"].tolist() == [15, 12, 9]
    assert out.sensitivity == "confidential"
    assert totals.meta.sensitivity == "confidential"


def test_small_counts_are_not_shown_and_the_sum_is_said() -> None:
    many = homes()
    frame = pd.concat([many.frame.iloc[:3], *[many.frame.iloc[3:7]] * 3, many.frame.iloc[7:]])
    many = replace(many, frame=frame.reset_index(drop=True), row_numbers=np.arange(len(frame)))
    out, findings = guarded(document(blocks(), many))
    totals = out.layers[1].data
    assert isinstance(totals, VectorData)
    # Three and two are small; twelve need not be hidden, because three and two are told apart by no sum.
    assert totals.frame["households"].isna().tolist() == [True, False, True]
    assert totals.frame["households_shown"].tolist() == ["<5", "12", "<5"]
    assert totals.frame["people"].isna().tolist() == [True, False, True]
    assert [one.code for one in findings] == [CODE, "small-counts-suppressed"]
    assert "of 17 households in all" in findings[1].message


def test_without_areas_one_total_in_a_coarse_box_remains() -> None:
    out, _ = guarded(document(replace(homes(), frame=homes().frame.iloc[:8])))
    totals = out.layers[0].data
    assert isinstance(totals, VectorData)
    # One household without a position: it is hidden, and so is what it could be found from.
    assert totals.frame["households"].isna().tolist() == [True, True]
    assert totals.frame["households_shown"].tolist() == ["hidden", "<5"]
    west, south, east, north = totals.frame.geometry[0].bounds
    assert np.allclose([west, south, east, north], [70.1, 30.2, 70.15, 30.25])


def test_a_run_that_gives_its_figures_by_area_leaves_them_out() -> None:
    metric = Metric("sites", None, "A", "A", "code", "exposed", None, 3.0, "sites")
    out, findings = guarded(document(blocks(), homes(), metrics=(metric,)))
    assert [one.name for one in out.layers] == ["blocks"]
    assert "left out" in findings[0].message


def test_other_layers_are_not_touched() -> None:
    plain = document(blocks(), replace(homes(), meta=Meta()))
    assert guarded(plain) == (plain, ())


@pytest.mark.parametrize("ending", [".gpkg", ".geojson", ".csv", ".xlsx", ".kml", ".html", ".zip"])
def test_no_product_holds_a_position(tmp_path: Path, ending: str) -> None:
    target = tmp_path / f"homes{ending}"
    layers = (homes(),) if ending == ".csv" else (blocks(), homes())
    done = Workbench().export(document(*layers), target)
    assert CODE in [one.code for one in done.findings]
    for path in done.paths:
        raw = path.read_bytes()
        assert b"70.123" not in raw
        assert b"30.234" not in raw
        if ending in (".gpkg", ".geojson", ".kml"):
            import pyogrio

            for name, _ in pyogrio.list_layers(path):
                frame = pyogrio.read_dataframe(path, layer=name)
                if "geometry" in frame:
                    assert "Point" not in set(frame.geometry.geom_type)


def test_households_are_no_areas_to_sum_by(tmp_path: Path) -> None:
    import geopandas

    shapes = [shapely.box(70 + k / 1000, 30, 70 + k / 1000 + 0.0005, 30.0005) for k in range(9)]
    for name, column in (("houses", "hh_id"), ("sites", "site")):
        frame = geopandas.GeoDataFrame({column: [f"H{k}" for k in range(9)]}, geometry=shapes, crs=4326)
        frame.to_file(tmp_path / f"{name}.geojson")
    paths = {name: str(tmp_path / f"{name}.geojson") for name in ("houses", "sites")}
    given = {"sites": paths["sites"], "services": paths["sites"], "areas": paths["houses"]}
    with pytest.raises(Problem, match="not areas"):
        Workbench().run("service-gap", given)
