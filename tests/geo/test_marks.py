"""What every product prints: never silent about sensitivity, origin or made-up data."""

from __future__ import annotations

import numpy as np
import pytest

from migmap.api import ExportDocument, MapLayer, Meta, Source, Style, VectorData
from migmap.geo.marks import SYNTHETIC, marks


def layer(**meta: object) -> MapLayer:
    import geopandas

    frame = geopandas.GeoDataFrame({"a": []}, geometry=[], crs=4326)
    data = VectorData(
        frame=frame,
        name="x",
        source=Source("C:\\data\\camps.shp"),
        row_numbers=np.array([], dtype=np.int64),
        meta=Meta(**meta),  # type: ignore[arg-type]
    )
    return MapLayer("x", "X", data, Style())


@pytest.mark.parametrize(
    ("stated", "printed"),
    [
        (("public", "public"), "Sensitivity: public"),
        (("public", "restricted"), "Sensitivity: restricted"),
        (("public", None), "Sensitivity: not stated – treat as restricted"),
        ((None, "confidential"), "Sensitivity: confidential"),
        ((), "Sensitivity: not stated – treat as restricted"),
    ],
)
def test_the_strictest_sensitivity_is_printed(stated: tuple[str | None, ...], printed: str) -> None:
    document = ExportDocument("T", layers=tuple(layer(sensitivity=one) for one in stated))
    assert marks(document).sensitivity == printed


def test_made_up_data_says_so_and_real_data_does_not() -> None:
    assert marks(ExportDocument("T", layers=(layer(), layer(synthetic=True)))).synthetic == SYNTHETIC
    assert marks(ExportDocument("T", layers=(layer(),))).synthetic == ""


def test_sources_fall_back_to_what_the_layers_say() -> None:
    said = marks(
        ExportDocument("T", layers=(layer(attribution="OCHA", date="2022", licence="CC BY"), layer()))
    )
    assert said.sources == ("OCHA, 2022, CC BY", "camps.shp")
    assert marks(ExportDocument("T")).sources == ("not stated",)
    assert marks(ExportDocument("T", sources=("one\nline",), layers=(layer(),))).sources == ("one line",)


def test_boundary_disclaimer_and_run_are_always_there() -> None:
    said = marks(ExportDocument("T", layers=(layer(boundary_note="As OCHA draws them."),), run_id="r1"))
    assert said.boundary.startswith("As OCHA draws them.")
    assert "legal status" in said.boundary
    assert said.run == "Run r1"
    assert all("\n" not in line for line in said.lines())
