"""What the values of a raster give away: marks of no data, impossible values, units."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from hypothesis import given, settings
from hypothesis import strategies as st
from rasterio import Affine

from migmap.api import Finding, Reading
from migmap.io.probe import probe
from migmap.io.rasters.cellvalues import CellTally
from migmap.io.rasters.raster import open_raster, valid_cells
from migmap.io.reference import Reference

DEPTHS = np.random.default_rng(5).random((50, 60)).astype("float32") * 4


def findings(
    tmp_path: Path, name: str, values: np.ndarray, *fixes: str, **options: Any
) -> dict[str, Finding]:
    path = tmp_path / name
    if not path.exists():
        unit = options.pop("unit", "")
        with rasterio.open(
            path, "w", driver="GTiff", width=values.shape[1], height=values.shape[0], count=1,
            dtype=values.dtype.name, crs="EPSG:4326", transform=Affine(0.01, 0, 70, 0, -0.01, 31), **options,
        ) as out:  # fmt: skip
            out.write(values, 1)
            out.units = (unit,)
    reading = Reading(fixes=fixes)
    seen = {one.code: one for one in probe(Reference(path), reading=reading).findings}
    handle = {one.code: one for one in open_raster(Reference(path), reading).findings}
    assert handle == seen
    return seen


def test_marks_of_no_data_that_are_not_declared(tmp_path: Path) -> None:
    values = DEPTHS.copy()
    values[0, :7] = -9999
    said = findings(tmp_path, "a.tif", values)["nodata-undeclared"]
    assert (said.count, said.severity) == (7, "warning")
    values[values == -9999] = -999900
    assert findings(tmp_path, "b.tif", values, nodata=-9999)["nodata-undeclared"].count == 7
    values[values == -999900] = 3e38
    assert findings(tmp_path, "c.tif", values)["nodata-undeclared"].count == 7
    values[values > 1e30] = np.nan
    assert findings(tmp_path, "d.tif", values)["nan-undeclared"].count == 7
    assert "nan-undeclared" not in findings(tmp_path, "e.tif", values, nodata=np.nan)


@pytest.mark.parametrize(
    ("mark", "dtype"), [(255, "uint8"), (9999, "float32"), (-99, "float32"), (32767, "int16")]
)
def test_a_value_far_from_all_others_is_suspected_and_can_be_hidden(
    tmp_path: Path, mark: float, dtype: str
) -> None:
    values = DEPTHS.astype(dtype)
    values[:2] = mark
    said = findings(tmp_path, "a.tif", values)["nodata-suspected"]
    assert (said.count, said.applied) == (120, False)
    assert said.fix
    assert open_raster(Reference(tmp_path / "a.tif")).nodata is None
    done = findings(tmp_path, "a.tif", values, "nodata-suspected")["nodata-suspected"]
    assert (done.count, done.applied, done.severity) == (120, True, "info")
    assert open_raster(Reference(tmp_path / "a.tif"), Reading(fixes=("nodata-suspected",))).nodata == mark


def test_what_is_no_mark(tmp_path: Path) -> None:
    mask = (DEPTHS > 2).astype("uint8") * 255
    assert "nodata-suspected" not in findings(tmp_path, "mask.tif", mask)
    grey = (DEPTHS * 63.9).astype("uint8")
    assert "nodata-suspected" not in findings(tmp_path, "grey.tif", grey)
    cold = np.round(DEPTHS * 10 - 5)
    assert "nodata-suspected" not in findings(tmp_path, "cold.tif", cold)


def test_values_that_cannot_be(tmp_path: Path) -> None:
    values = DEPTHS.copy()
    values[0, :3] = [-0.5, -1.25, -2.5]
    assert findings(tmp_path, "flood_depth.tif", values)["values-impossible"].count == 3
    assert findings(tmp_path, "population.tif", values)["negative-people"].count == 3
    assert not {"values-impossible", "negative-people"} & set(findings(tmp_path, "height.tif", values))
    share = DEPTHS * 30
    assert findings(tmp_path, "share.tif", share, unit="%")["values-impossible"].count == int(
        (share > 100).sum()
    )


def test_nothing_there(tmp_path: Path) -> None:
    empty = np.full((5, 5), -9, dtype="float32")
    assert findings(tmp_path, "a.tif", empty, nodata=-9)["no-data-everywhere"].severity == "error"
    assert findings(tmp_path, "b.tif", empty)["one-value-everywhere"].count == 25


def test_units_are_guessed_aloud_and_never_applied(tmp_path: Path) -> None:
    metres = findings(tmp_path, "flood_depth_rp100.tif", DEPTHS)["unit-not-stated"]
    assert "metres" in metres.message
    cells = (DEPTHS * 100).astype("int16")
    assert "centimetres" in findings(tmp_path, "1in100.tif", cells)["unit-not-stated"].message
    assert "“ft”" in findings(tmp_path, "depth_ft.tif", DEPTHS)["unit-not-stated"].message
    assert "unit-not-stated" not in findings(tmp_path, "depth.tif", DEPTHS, unit="m")
    assert "cm" in findings(tmp_path, "depth_2.tif", cells, unit="m")["unit-doubtful"].message
    assert "unit-not-stated" not in findings(tmp_path, "classes.tif", DEPTHS.astype("uint8"))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from([-9999.0, -1.0, 0.0, 0.5, 7.0, 300.0, np.nan, np.inf, 3e38, -32768.0]),
        min_size=1,
        max_size=40,
    ),
    st.sampled_from([None, -9999.0, 0.0, 7.0, np.nan]),
    st.integers(1, 5),
)
def test_every_cell_is_counted_once(values: list[float], nodata: float | None, parts: int) -> None:
    cells = np.array(values, dtype=np.float32)
    tally = CellTally(nodata, len(cells))
    for part in np.array_split(cells, parts):
        tally.add(part)
    assert tally.cells == len(cells)
    assert tally.hidden + tally.nan + tally.infinite + tally.marked + tally.valid == len(cells)
    assert tally.valid + tally.marked == int(valid_cells(cells, nodata).sum())
    whole = CellTally(nodata, len(cells))
    whole.add(cells)
    assert (whole.low, whole.high, whole.negative, whole.zeros) == (
        tally.low,
        tally.high,
        tally.negative,
        tally.zeros,
    )
