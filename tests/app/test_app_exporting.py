"""Products written side by side."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from migmap.api import Problem
from migmap.app.workbench import Workbench


def test_two_outputs_never_share_a_file(
    workbench: Workbench, small: Callable[[], Path], tmp_path: Path
) -> None:
    folder = small()
    run = workbench.run(
        "exposure",
        {"hazard": str(folder / "flood.tif"), "exposed": str(folder / "sites.geojson"), "classes": (0.5,)},
    )
    out = tmp_path / "out"
    out.mkdir()
    with pytest.raises(Problem, match="table_codebook"):
        workbench.export_run(run, [out / "table.shp", out / "table_codebook.csv"])
    assert not list(out.iterdir())


def test_cells_without_data_are_hatched_in_the_classes_of_a_run(
    workbench: Workbench, small: Callable[[], Path]
) -> None:
    folder = small()
    run = workbench.run("exposure", {"hazard": str(folder / "flood.tif"), "classes": (0.5,)})
    (hazard,) = (layer for layer in workbench.document_of(run).layers if layer.name == "hazard")
    dry = next(rule for rule in hazard.style.rules if rule.label == "not exposed")
    assert hazard.style.unknown.hatch
    assert not dry.symbol.hatch
