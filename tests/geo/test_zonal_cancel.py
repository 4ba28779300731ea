"""A cancel ends what is going on, wherever it is, and leaves no thread."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import pytest
import shapely
from made_rasters import raster_of
from test_zonal_many import FROM_1, TWO, zones_around

from migmap.api import Cancelled
from migmap.geo.tiles import checkpoint, over_tiles
from migmap.geo.zonal import tabulate, tabulate_many

UTM = pyproj.CRS.from_epsg(32642)


def threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("tiles-")]


@pytest.mark.parametrize("rule", ["exact", "centre"])
def test_at_every_single_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rule: str) -> None:
    monkeypatch.setattr("migmap.geo.zonal._VERTICES", 40)
    monkeypatch.setattr("migmap.geo.zonal._EFFORT", 500)
    monkeypatch.setattr("migmap.geo.rings._VERTICES", 40)
    monkeypatch.setattr("migmap.geo.layered.TILE_CELLS", 300)
    hazard = raster_of(
        tmp_path / "h.tif", np.ones((40, 40), np.uint8), crs="EPSG:32642", west=6e5, north=3.3e6, cell=2e3
    )
    zones = zones_around(1, 12, 70, 30, 1.0)
    asked: dict[str, Any] = {
        "hazards": [hazard] * 2,
        "classes": [TWO] * 2,
        "exposed": [FROM_1] * 2,
        "rule": rule,
    }
    texts: list[str] = []
    whole = tabulate_many(zones, **asked, progress=lambda _, text: texts.append(text))
    # each step has its calls: placing zones, adding up, measuring what lies beyond
    assert all(
        sum(text.startswith(step) for text in texts) > 2 for step in ("Preparing", "Adding", "Measuring")
    )
    for after in range(0, len(texts), 3):
        left = [after]

        def stop(_: float, __: str, left: list[int] = left) -> None:
            left[0] -= 1
            if left[0] < 0:
                raise Cancelled

        try:
            again = tabulate_many(zones, **asked, progress=stop)
        except Cancelled:
            assert not threads()
        else:
            # waiting for a tile takes more calls at one time than at another
            assert np.array_equal(again.joint_zones, whole.joint_zones)


def test_lots_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(2)
    hazard = raster_of(tmp_path / "h.tif", random.integers(0, 3, (40, 40)).astype(np.uint8), cell=0.03)
    zones = zones_around(1, 12, 70, 30, 1.2)
    there = pyproj.Transformer.from_crs(4326, 32642, always_xy=True)
    moved = shapely.transform(zones, lambda p: np.column_stack(there.transform(p[:, 0], p[:, 1])))
    one = [
        tabulate(zones, hazard=hazard, classes=TWO),
        tabulate(moved, hazard=hazard, classes=TWO, zones_crs=UTM),
    ]
    monkeypatch.setattr("migmap.geo.zonal._VERTICES", 40)
    monkeypatch.setattr("migmap.geo.zonal._EFFORT", 500)
    monkeypatch.setattr("migmap.geo.rings._VERTICES", 40)
    many = [
        tabulate(zones, hazard=hazard, classes=TWO),
        tabulate(moved, hazard=hazard, classes=TWO, zones_crs=UTM),
    ]
    for before, after in zip(one, many, strict=True):
        assert np.array_equal(before.zones, after.zones)
        assert np.array_equal(before.beyond, after.beyond)


def test_inside_a_long_tile(tmp_path: Path) -> None:
    raster = raster_of(tmp_path / "h.tif", np.ones((4, 4), np.uint8))
    begun = threading.Event()
    checkpoint()  # outside a loop it does nothing

    def work(_: Sequence[Any], __: int) -> None:
        begun.set()
        while True:
            checkpoint()

    def stop(_: float, __: str) -> None:
        if begun.is_set():
            raise Cancelled

    with pytest.raises(Cancelled):
        list(over_tiles([raster], [0, 1, 2], work, stop, "working"))
    assert not threads()
