"""Cells of two polygons by three rules, as rasterstats publishes them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from handles import real

from migmap.geo.zonecells import cell_counts

# rasterstats, tests/test_zonal.py: polygons.shp over slope.tif
CENTRE = [75, 50]
TOUCH = [95, 73]
MEAN = 14.66


@pytest.fixture(scope="module")
def files(shared_data: Callable[[str], Path]) -> Any:
    folder = shared_data("rasterstats")
    return real(folder / "polygons.shp").frame.geometry.to_numpy(), real(folder / "slope.tif")


def test_cells_whose_centre_lies_in_a_polygon(files: Any) -> None:
    counts = cell_counts(*files, "centre")
    assert counts.valid.tolist() == CENTRE
    assert counts.mean[0] == pytest.approx(MEAN, abs=0.005)


def test_cells_that_a_polygon_touches(files: Any) -> None:
    assert cell_counts(*files, "touch").valid.tolist() == TOUCH


def test_exact_cells_lie_between(files: Any) -> None:
    counts = cell_counts(*files)
    assert counts.valid.tolist() == TOUCH
    assert CENTRE[0] < counts.coverage[0] < TOUCH[0]
    assert CENTRE[1] < counts.coverage[1] < TOUCH[1]
