"""A small made-up run as every exporter meets it: Urdu names, gaps, two result layers, a raster below."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pandas
import pytest
import rasterio
import shapely
from affine import Affine

from migmap.api import (
    ExportDocument,
    Exporter,
    ExportTools,
    Finding,
    InputRecord,
    MapLayer,
    Meta,
    Metric,
    RasterData,
    Rule,
    Source,
    Style,
    Symbol,
    VectorData,
    no_progress,
)
from migmap.geo.symbology import class_style, range_style

LONG_URDU = "خیمہ بستی میں پانی کی فراہمی " * 12
MADE_UP = Meta(
    sensitivity=None,
    synthetic=True,
    attribution="migmap sample generator",
    date="2022-09",
    licence="CC0",
    boundary_note="Schematic districts.",
)


@dataclass
class PaintedNothing:
    """Stands in for the painter: the smallest picture, and what it was asked for."""

    asked: list[tuple[int, int]] = field(default_factory=list)

    def png(self, document: ExportDocument, width: int, height: int, progress: Any) -> bytes:
        self.asked.append((width, height))
        return b"\x89PNG\r\n\x1a\n"


def made_vector(
    name: str,
    columns: dict[str, Any],
    shapes: list[Any],
    *,
    meta: Meta = MADE_UP,
    crs: Any = 4326,
    roles: Any = None,
) -> VectorData:
    frame = geopandas.GeoDataFrame(pandas.DataFrame(columns), geometry=shapes, crs=crs)
    return VectorData(
        frame=frame,
        name=name,
        source=Source(path=f"{name}.gpkg"),
        row_numbers=np.arange(1, len(frame) + 1, dtype=np.int64),
        roles=roles or {},
        meta=meta,
    )


def sites_layer() -> MapLayer:
    point = shapely.Point
    data = made_vector(
        "sites",
        {
            "site_name": ["Camp One", "کیمپ دو", "Üç & <Kamp>", "No position", "Polygon camp"],
            "site_name_urdu": ["کیمپ ایک", "کیمپ دو", "کیمپ تین", None, "کیمپ پانچ"],
            "people": pandas.array([1200, 0, None, 55, 2**40], dtype="Int64"),
            "share_served": [0.1, 0.0, np.nan, 1 / 3, 1e-9],
            "has_school": pandas.array([True, False, None, True, False], dtype="boolean"),
            "surveyed": pandas.to_datetime(["2022-09-01", None, "2022-09-03", "2022-09-04", "2022-09-05"]),
            "remarks": ["short", LONG_URDU, None, "=1+1", "-"],
            "hazard_value": [0.05, 0.7, np.nan, np.nan, 2.5],
            "class": ["not_exposed", "0.5-1.5", "unknown", "unknown", "1.5+"],
        },
        [
            point(67.01, 30.2),
            point(67.1, 30.25),
            point(66.95, 30.1),
            None,
            shapely.box(67.02, 30.02, 67.06, 30.05),
        ],
        roles={"name": "site_name"},
    )
    labels = ["not_exposed", "0.1-0.5", "0.5-1.5", "1.5+"]
    return MapLayer(
        "sites", "Sites by flood depth", data, class_style("class", labels, title="Flood depth (m)")
    )


def areas_layer() -> MapLayer:
    data = made_vector(
        "areas",
        {
            "area_id": ["PK1", "PK2", "PK3"],
            "area_name": ["Quetta", "پشین", "Ziarat"],
            "people_not_exposed": [1200.0, 0.0, np.nan],
            "people_0.5-1.5": [0.0, 10.5, np.nan],
            "people_not_exposed_share": [1.0, 0.0, np.nan],
        },
        [
            shapely.box(66.8, 30.0, 67.05, 30.3),
            shapely.MultiPolygon([shapely.box(67.05, 30.0, 67.3, 30.3), shapely.box(67.4, 30.0, 67.5, 30.1)]),
            shapely.Polygon(
                [(66.8, 30.3), (67.3, 30.3), (67.3, 30.6), (66.8, 30.6)],
                [[(67.0, 30.4), (67.1, 30.4), (67.1, 30.5), (67.0, 30.5)]],
            ),
        ],
        roles={"name": "area_name"},
    )
    style = range_style("people_not_exposed", [100, 1000], title="People not exposed")
    return MapLayer("areas", "Districts", data, style)


def raster_layer(path: Path) -> MapLayer:
    values = np.fromfunction(lambda row, col: (row + col) / 40, (60, 80)).astype("float32")
    values[:20, :20] = -9999
    profile = {"driver": "GTiff", "width": 80, "height": 60, "count": 1, "dtype": "float32"}
    transform = Affine(0.01, 0.0, 66.8, 0.0, -0.01, 30.6)
    with rasterio.open(path, "w", crs="EPSG:4326", transform=transform, nodata=-9999, **profile) as file:
        file.write(values, 1)
        crs = file.crs.to_wkt()
    import pyproj

    data = RasterData(
        gdal_path=str(path),
        band=1,
        name="depth",
        source=Source(path=str(path)),
        crs=pyproj.CRS(crs),
        transform=tuple(transform)[:6],
        width=80,
        height=60,
        dtype="float32",
        nodata=-9999.0,
        unit="m",
        meta=MADE_UP,
    )
    rules = (
        Rule(label="under 0.5", maximum=0.5, symbol=Symbol(fill="#c6dbef")),
        Rule(label="0.5 to 1.5", minimum=0.5, maximum=1.5, symbol=Symbol(fill="#4292c6")),
        Rule(label="1.5 and more", minimum=1.5, symbol=Symbol(fill="#084594")),
    )
    return MapLayer("depth", "Flood depth", data, Style(rules=rules, title="Flood depth (m)"), result=False)


def metric_rows() -> tuple[Metric, ...]:
    def row(area: str | None, name: str | None, class_: str, value: float | None) -> Metric:
        level = None if area is None else "area_id"
        return Metric("people", "flood", area, name, level, class_, None, value, "people")

    return (
        row(None, None, "not_exposed", 1200.0),
        row(None, None, "0.5-1.5", 10.5),
        row(None, None, "unknown", None),
        row("PK1", "Quetta", "not_exposed", 1200.0),
        row("PK2", "پشین", "0.5-1.5", 10.5),
        row("PK3", "Ziarat", "unknown", 1 / 3),
        row("outside", None, "1.5+", 12345678.9),
        row("overlap", None, "not_exposed", -0.25),
    )


@pytest.fixture
def document(tmp_path: Path) -> ExportDocument:
    return ExportDocument(
        title="Exposure: sites in the flood",
        layers=(raster_layer(tmp_path / "depth.tif"), areas_layer(), sites_layer()),
        metrics=metric_rows(),
        findings=(Finding("no-position", "warning", "1 row has no position.", rows=(4,)),),
        notes=("Of 5 sites, 2 stand in water.", "Where people are missing, they are unknown."),
        inputs=(
            InputRecord("depth.tif", "ab" * 32, "EPSG:4326", None),
            InputRecord("sites.gpkg", "cd" * 32, None, 5),
        ),
        sources=("migmap sample generator, 2022-09, CC0",),
        run_id="run-0123",
        run={"run": "run-0123", "analysis": "exposure", "params": {}, "metrics": [], "outputs": []},
    )


@pytest.fixture
def plain(document: ExportDocument) -> ExportDocument:
    """Layers as they are, without a run."""
    layers = tuple(replace(layer, result=False) for layer in document.layers)
    return ExportDocument(title="Layers", layers=layers, sources=document.sources)


@pytest.fixture
def painter() -> PaintedNothing:
    return PaintedNothing()


@pytest.fixture
def export(painter: PaintedNothing) -> Any:
    """export(exporter, document, target, **params) -> findings."""

    def run(exporter: Exporter, document: ExportDocument, target: Path, **params: Any) -> tuple[Finding, ...]:
        return exporter.write(document, target, exporter.Params(**params), ExportTools(painter), no_progress)

    return run


@pytest.fixture
def vector() -> Any:
    """vector(name, columns, shapes, meta=, crs=, roles=) -> VectorData."""
    return made_vector
