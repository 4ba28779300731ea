"""Values that fit no class of a strict scheme end a run; they are never unknown in silence."""

from __future__ import annotations

import dataclasses
import threading
from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely
from made_rasters import raster_of
from test_zonal_many import FROM_1, TWO

from migmap.api import Problem
from migmap.geo.zonal import tabulate, tabulate_many

STRICT = dataclasses.replace(TWO, strict=True)
ZONES = [shapely.box(70, 29, 71, 30)]


@pytest.mark.parametrize("kind", [np.uint8, np.int16, np.int32, np.float32, np.float64])
@pytest.mark.parametrize("rule", ["exact", "centre"])
def test_the_problem_counts_the_cells_and_shows_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: type, rule: str
) -> None:
    monkeypatch.setattr("migmap.geo.tiles.cut.__defaults__", (100,))
    monkeypatch.setattr("migmap.geo.tiles.tiles_of.__defaults__", (100,))
    values = np.random.default_rng(1).integers(0, 3, (40, 30)).astype(kind)
    values[::4, 3] = 7
    values[5:8, 5:8] = 200 if kind is np.uint8 else -9999
    raster = raster_of(tmp_path / "h.tif", values, nodata=200 if kind is np.uint8 else None)
    people = raster_of(tmp_path / "p.tif", np.ones((25, 26)), cell=0.11)
    for with_people in (people, None):
        with pytest.raises(Problem, match=r"10 cells.*example 7\."):
            tabulate(ZONES, hazard=raster, classes=STRICT, people=with_people, rule=rule)
    fitting = raster_of(
        tmp_path / "f.tif", np.where(values == 7, 1, values).astype(kind), nodata=raster.nodata
    )
    with pytest.raises(Problem, match="10 cells"):
        tabulate_many(
            ZONES,
            hazards=[fitting, raster],
            classes=[STRICT] * 2,
            exposed=[FROM_1] * 2,
            people=people,
            rule=rule,
        )
    assert not [t for t in threading.enumerate() if t.name.startswith("tiles-")]
    # neither no data, declared or not, nor values of lenient classes are an error
    strict = tabulate(ZONES, hazard=fitting, classes=STRICT, people=people, rule=rule)
    lenient = tabulate(ZONES, hazard=fitting, classes=TWO, people=people, rule=rule)
    assert np.array_equal(strict.zones, lenient.zones)
    assert strict.total[-1] > 0
    assert tabulate(ZONES, hazard=raster, classes=TWO, people=people, rule=rule).total[-1] > strict.total[-1]


def test_what_a_mask_hides_fits(tmp_path: Path) -> None:
    values = np.ones((3, 3), np.uint8)
    values[1, 1] = 7
    raster = raster_of(tmp_path / "h.tif", values)
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), rasterio.open(tmp_path / "h.tif", "r+") as dataset:
        dataset.write_mask(np.where(values == 7, 0, 255).astype(np.uint8))
    people = raster_of(tmp_path / "p.tif", np.ones((3, 3)))
    assert tabulate([], hazard=raster, classes=STRICT, people=people).total.tolist() == [0, 8, 0, 1]
