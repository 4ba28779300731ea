"""A document as a PNG: the whole sheet."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from handles import raster, vector
from PySide6.QtGui import QImage
from shapely.geometry import Point, box

from migmap.api import Cancelled, ExportDocument, MapLayer, Meta, Rule, Style, Symbol, VectorData, no_progress
from migmap.geo.symbology import class_style
from migmap.paint.picture import Painter, first_sentence
from migmap.paint.surface import to_rgba

pytestmark = pytest.mark.usefixtures("qapp")


def document(*, synthetic: bool = False, folder: Path | None = None) -> ExportDocument:
    shapes = [box(66, 29, 67, 30), box(67, 29, 68, 30)]
    areas = vector(shapes, {"flood": ["exposed", None]}, meta=Meta(synthetic=synthetic, attribution="OCHA"))
    sites = vector([Point(66.5, 29.5), Point(67.5, 29.5), None], {"name": ["کوئٹہ", "Sibi", "x"]})
    layers = [
        MapLayer("areas", "Districts", areas, class_style("flood", ["exposed"], title="Flood")),
        MapLayer(
            "sites",
            "Sites",
            sites,
            Style(rules=(Rule(label="s", symbol=Symbol(fill="#ff00ff", size=14)),), label_column="name"),
        ),
    ]
    if folder is not None:
        cells = np.ones((4, 4), dtype=np.uint8)
        below = raster(folder, cells, west=60, north=40, cell=5)
        layers.insert(0, MapLayer("r", "Flood", below, Style(), result=False, opacity=0.5))
    return ExportDocument(
        title="Sites in the flood",
        layers=tuple(layers),
        notes=("2 of 3 sites lie in the flood. The rest is unknown.", "One site has no position."),
        run_id="run-1",
    )


def opened(data: bytes) -> np.ndarray:
    image = QImage.fromData(data)
    assert not image.isNull()
    return to_rgba(image)


def has(numbers: np.ndarray, colour: tuple[int, int, int]) -> bool:
    return bool((numbers[:, :, :3] == colour).all(axis=2).any())


def test_a_document_becomes_a_sheet_of_the_size_asked_for(tmp_path: Path) -> None:
    numbers = opened(Painter().png(document(folder=tmp_path), 900, 640, no_progress))
    assert numbers.shape == (640, 900, 4)
    assert (numbers[:, :, 3] == 255).all()
    assert has(numbers, (255, 0, 255))
    # The margins are paper.
    assert (numbers[:5] == 255).all()
    assert (numbers[:, -5:] == 255).all()


def test_made_up_data_is_marked_and_other_data_is_not() -> None:
    banner = (255, 228, 200)

    def orange(numbers: np.ndarray) -> int:
        return int((np.abs(numbers[:, :, :3].astype(int) - banner).max(axis=2) <= 6).sum())

    assert orange(opened(Painter().png(document(synthetic=True), 900, 640))) > 1500
    assert orange(opened(Painter().png(document(), 900, 640))) < 50


def test_invisible_layers_are_left_out() -> None:
    full = document()
    hidden = ExportDocument(
        title="x",
        layers=(full.layers[0], MapLayer("s", "S", full.layers[1].data, full.layers[1].style, visible=False)),
    )
    assert not has(opened(Painter().png(hidden, 600, 500)), (255, 0, 255))


@pytest.mark.parametrize("size", [(400, 300), (300, 900), (2000, 500)])
def test_small_tall_and_wide_sheets(size: tuple[int, int]) -> None:
    numbers = opened(Painter().png(document(), *size))
    assert numbers.shape[:2] == (size[1], size[0])
    assert has(numbers, (255, 0, 255))


def test_a_document_without_layers_is_still_a_map() -> None:
    numbers = opened(Painter().png(ExportDocument(title="Nothing"), 600, 400))
    assert len(np.unique(numbers.reshape(-1, 4), axis=0)) > 10


def test_the_map_is_where_the_answer_is(tmp_path: Path) -> None:
    # The background raster covers 20 degrees, the result 2: the result fills the frame.
    numbers = opened(Painter().png(document(folder=tmp_path), 900, 640))
    columns = np.flatnonzero((numbers[:, :, :3] == (255, 0, 255)).all(axis=2).any(axis=0))
    assert np.ptp(columns) > 180


def test_a_cancelled_picture_is_given_up() -> None:
    def stop(fraction: float, _text: str) -> None:
        if fraction > 0.5:
            raise Cancelled

    with pytest.raises(Cancelled):
        Painter().png(document(), 600, 400, stop)


@pytest.mark.parametrize(
    ("note", "expected"),
    [
        ("69,014.6 km² are flooded. More.", "69,014.6 km² are flooded."),
        ("No full stop", "No full stop"),
        ("سیلاب میں 3 بستیاں ہیں۔ باقی نامعلوم", "سیلاب میں 3 بستیاں ہیں۔"),
    ],
)
def test_the_first_sentence(note: str, expected: str) -> None:
    assert first_sentence(note) == f"\u2068{expected}\u2069"


def test_a_process_without_a_display_writes_a_picture_and_may_open_a_window_later(tmp_path: Path) -> None:
    script = (
        "import os, sys\n"
        "from migmap.api import ExportDocument\n"
        "from migmap.paint.picture import Painter\n"
        "for _ in range(3):\n"
        "    open(sys.argv[1], 'wb').write(Painter().png(ExportDocument(title='x'), 400, 300))\n"
        "assert 'QT_QPA_PLATFORM' not in os.environ\n"
        "os.environ['QT_QPA_PLATFORM'] = 'offscreen'\n"
        "from PySide6.QtWidgets import QApplication\n"
        "assert QApplication([]).platformName() == 'offscreen'\n"
        "QApplication.processEvents()\n"
        "Painter().png(ExportDocument(title='x'), 400, 300)\n"
        "assert QApplication.instance() is not None\n"
    )
    display = ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY")
    bare = {key: value for key, value in os.environ.items() if key not in display}
    target = tmp_path / "map.png"
    done = subprocess.run(
        [sys.executable, "-c", script, str(target)], capture_output=True, text=True, env=bare
    )
    assert done.returncode == 0, done.stderr
    assert target.read_bytes().startswith(b"\x89PNG")


def test_the_flood_of_2022_over_the_districts(shared_data: Callable[[str], Path]) -> None:
    from migmap.geo.drawlist import prepared
    from migmap.geo.repair import repaired
    from migmap.geo.viewport import View, to_canvas
    from migmap.io.read import read
    from migmap.io.reference import Reference
    from migmap.paint.layers import layer_picture

    folder = shared_data("pk-unosat-viirs-2022")
    flood = read(Reference(folder / "VIIRS_20220825_20220831_FloodExtent_PAK.shp", None))
    assert isinstance(flood, VectorData)
    ready = prepared(repaired(flood))
    assert ready.extent is not None
    view = View.fit(ready.extent, 1366, 768)
    style = Style(rules=(Rule(label="flood", symbol=Symbol(fill="#0000ff", stroke="")),))
    numbers = to_rgba(layer_picture(ready, style, view, 1366, 768))

    def covered(lon: float, lat: float) -> bool:
        x, y = view.to_screen(*to_canvas(lon, lat), 1366, 768)
        return bool(numbers[round(y), round(x), 3] > 127)

    # Jacobabad and Khairpur Nathan Shah stood in water, Quetta and Lahore did not.
    assert covered(68.44, 28.2)
    assert covered(67.74, 27.1)
    assert not covered(66.99, 30.18)
    assert not covered(74.34, 31.55)
    # Painted ground, by the picture's own scale along each parallel, against the flood's 69,014.6 km2: a
    # map must not make a flood look larger than it is.
    down = view.centre_y + (384 - np.arange(768) - 0.5) * view.units_per_px
    latitude = 2 * np.arctan(np.exp(down / 6378137)) - np.pi / 2
    km2 = (view.units_per_px * np.cos(latitude) / 1000) ** 2
    assert (numbers[:, :, 3] / 255 * km2[:, None]).sum() == pytest.approx(69_014.6, rel=0.08)
