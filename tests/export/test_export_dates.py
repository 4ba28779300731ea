"""Days stay days, times stay times, and true, false and unknown stay three things, in every format."""

from __future__ import annotations

from pathlib import Path

import geopandas
import numpy as np
import pandas as pd
import pyogrio
import shapely

from migmap.api import VectorData, no_progress
from migmap.export.columns import kind_of, tidy
from migmap.export.csv_table import write_csv
from migmap.export.dbf import for_dbf
from migmap.export.vectors import write_layer
from migmap.io.read import read
from migmap.io.reference import Reference


def frame() -> pd.DataFrame:
    days = pd.to_datetime(pd.Series(["2022-03-01", None, "2023-12-31"]))
    return pd.DataFrame(
        {
            "day": days,
            "moment": pd.to_datetime(pd.Series(["2022-03-01T10:30:00", None, "2023-12-31T00:00:00"])),
            "zoned": days.dt.tz_localize("UTC"),
            "open": pd.array([True, None, False], dtype="boolean"),
        }
    )


def test_times_that_are_all_midnight_are_days() -> None:
    table = tidy(frame())
    assert [kind_of(table[name]) for name in table.columns] == ["date", "time", "time", "bool"]


def test_csv_shows_days_as_people_write_them(tmp_path: Path) -> None:
    write_csv(tidy(frame()), tmp_path / "t.csv", no_progress)
    lines = (tmp_path / "t.csv").read_text("utf-8-sig").splitlines()
    assert lines[1].startswith("2022-03-01,2022-03-01T10:30:00,")
    assert [line.rsplit(",", 1)[1] for line in lines[1:]] == ["true", "", "false"]
    assert lines[2] == ",,,"


def test_geopackage_declares_days_and_truth_values(tmp_path: Path) -> None:
    table = tidy(frame())
    shapes = geopandas.GeoSeries(shapely.points(np.arange(3), np.arange(3)), crs=4326)
    layer = geopandas.GeoDataFrame(table, geometry=shapes)
    write_layer(layer, tmp_path / "t.gpkg", driver="GPKG", layer="t")
    info = pyogrio.read_info(tmp_path / "t.gpkg")
    assert dict(zip(info["fields"], info["ogr_types"], strict=True))["day"] == "OFTDate"
    assert info["ogr_subtypes"][list(info["fields"]).index("open")] == "OFSTBoolean"
    again = read(Reference(tmp_path / "t.gpkg"))
    assert isinstance(again, VectorData)
    back = tidy(again.frame)
    assert kind_of(back["day"]) == "date"
    assert [None if pd.isna(v) else bool(v) for v in back["open"]] == [True, None, False]


def test_shapefiles_hold_days_as_dates() -> None:
    table, story = for_dbf(tidy(frame()))
    assert kind_of(table["day"]) == "date"
    assert story[0].note == ""
    assert table["moment"][0] == "2022-03-01T10:30:00"
