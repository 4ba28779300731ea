"""However a raster is damaged, nothing but a Problem comes out of looking at it."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path
from types import TracebackType

import numpy as np
import pytest
import rasterio
import rasterio.shutil
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_netcdf import netcdf_of
from rasterio import Affine

from migmap.api import Problem
from migmap.io.probe import probe
from migmap.io.rasters.oddwords import take_odd_words
from migmap.io.read import read
from migmap.io.reference import Reference


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("sound")
    values = np.random.default_rng(2).random((40, 30)).astype("float32")
    with rasterio.open(
        folder / "a.tif", "w", driver="GTiff", width=30, height=40, count=1, dtype="float32", crs="EPSG:4326",
        transform=Affine(0.1, 0, 70, 0, -0.1, 30), compress="deflate", nodata=-9999,
    ) as out:  # fmt: skip
        out.write(values, 1)
    rasterio.shutil.copy(folder / "a.tif", folder / "a.img", driver="HFA")
    rasterio.shutil.copy(folder / "a.tif", folder / "a.asc", driver="AAIGrid")
    netcdf_of(folder / "a.nc", variables=("a", "b"), days=(0, 1))
    (folder / "a.vrt").write_text(
        '<VRTDataset rasterXSize="9" rasterYSize="9"><GeoTransform>70,0.1,0,31,0,-0.1</GeoTransform>'
        '<VRTRasterBand dataType="Float32" band="1"><SimpleSource><SourceFilename relativeToVRT="1">a.tif'
        "</SourceFilename><SourceBand>1</SourceBand></SimpleSource></VRTRasterBand></VRTDataset>"
    )
    return {end: (folder / f"a.{end}").read_bytes() for end in ("tif", "img", "asc", "nc", "vrt")}


@pytest.mark.parametrize("ending", ["tif", "img", "asc", "nc", "vrt"])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damage(tmp_path: Path, sound: dict[str, bytes], ending: str, data: st.DataObject) -> None:
    whole = bytearray(sound[ending])
    near = st.integers(0, min(len(whole), 400) - 1) | st.integers(0, len(whole) - 1)
    for at, value in data.draw(st.lists(st.tuples(near, st.integers(0, 255)), max_size=6)):
        whole[at] = value
    cut = data.draw(st.just(len(whole)) | st.integers(0, len(whole)))
    (tmp_path / "a.tif").write_bytes(sound["tif"])
    path = tmp_path / f"f.{ending}"
    path.write_bytes(bytes(whole[:cut]))
    for look in (probe, read):
        with suppress(Problem):
            look(Reference(path))


def test_words_of_gdal_that_are_no_text_are_no_error(
    tmp_path: Path, sound: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its message repeats the damaged byte, which is no UTF-8."""
    shown: list[object] = []
    monkeypatch.setattr(sys, "excepthook", lambda *error: shown.append(error))
    monkeypatch.setattr(sys, "unraisablehook", shown.append)
    whole = bytearray(sound["img"])
    place = whole.index(b"{1:lversion")
    whole[place] = 0xFE
    path = tmp_path / "f.img"
    path.write_bytes(bytes(whole))
    with suppress(Problem):
        probe(Reference(path))
    assert shown == []


def test_errors_that_nobody_caught_are_still_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[object] = []
    monkeypatch.setattr(sys, "excepthook", lambda *error: shown.append(error))
    take_odd_words()
    try:
        b"\xfe".decode("utf-8")
    except UnicodeDecodeError as error:
        caught, trace = error, error.__traceback__
    uncaught(caught, trace)
    assert len(shown) == 1


def uncaught(error: BaseException, trace: TracebackType | None) -> None:
    """As the interpreter shows it: no frame of the error is at work any more."""
    sys.excepthook(type(error), error, trace)
