"""Job B: the value of a raster under many points, against rasterio.sample and QGIS.

    python benchmarks/points.py [small|full]... [--runs N] [--keep DIR] [--json FILE] [--qgis PYTHON]

Makes a raster and points (always the same), then runs each contender as a process of its own, one after the
other, and compares CPU seconds (user and system, start-up and imports included), peak memory and results.
QGIS is run with the Python it comes with (--qgis, /usr/bin/python3) and left out, and said so, where that has
no qgis.core.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

SIZES = {"small": (5_000, 3_750, 200_000), "full": (20_000, 15_000, 1_000_000)}
"""columns and rows of the raster, points."""

WEST, NORTH, CELL = 60.5, 37.5, 1 / 1200
SEED = 20_220_826
TARGETS = {"rasterio": 1 / 40, "qgis": 1 / 3}


def make(folder: Path) -> None:
    """Write depth.tif and points.npy of the size the folder is named after."""
    import numpy as np
    import rasterio
    from rasterio.transform import Affine
    from rasterio.windows import Window

    columns, rows, count = SIZES[folder.name]
    random = np.random.default_rng(SEED)
    with rasterio.open(
        folder / "depth.tif",
        "w",
        driver="GTiff",
        dtype="float32",
        width=columns,
        height=rows,
        count=1,
        crs="EPSG:4326",
        nodata=-9999,
        transform=Affine(CELL, 0, WEST, 0, -CELL, NORTH),
        tiled=True,
        blockxsize=512,
        blockysize=512,
        compress="deflate",
        zlevel=3,
        BIGTIFF="IF_SAFER",
    ) as depth:
        for top in range(0, rows, 512):
            height = min(512, rows - top)
            y, x = np.ogrid[top : top + height, 0:columns]
            wave = np.sin(x / 310) * np.cos(y / 270) + 0.5 * np.sin((x + 2 * y) / 97)
            values = np.where(wave < 0, -9999, np.round(wave, 2)).astype(np.float32)
            depth.write(values, 1, window=Window(0, top, columns, height))
    points = random.random((count, 2)) * [columns * CELL, -rows * CELL] + [WEST, NORTH]
    np.save(folder / "points.npy", points)


def run_migmap(folder: Path) -> None:
    """Through migmap's own reader of rasters and `sample_at`."""
    import numpy as np

    from migmap.geo.sampling import sample_at
    from migmap.io.rasters.raster import open_raster
    from migmap.io.reference import parse_reference

    raster = open_raster(parse_reference(str(folder / "depth.tif")))
    np.save(folder / "migmap.npy", sample_at(raster, np.load(folder / "points.npy")).values)


def run_rasterio(folder: Path) -> None:
    """`DatasetReader.sample`, as its documentation shows it."""
    import numpy as np
    import rasterio

    points = np.load(folder / "points.npy")
    with rasterio.open(folder / "depth.tif") as dataset:
        values = np.fromiter((value[0] for value in dataset.sample(points)), np.float64, len(points))
    values[values == -9999] = np.nan
    np.save(folder / "rasterio.npy", values)


def run_decode(folder: Path) -> None:
    """Only decode the raster, in strips of blocks."""
    import rasterio
    from rasterio.windows import Window

    with rasterio.Env(GDAL_CACHEMAX=64), rasterio.open(folder / "depth.tif") as dataset:
        for top in range(0, dataset.height, 512):
            height = min(512, dataset.height - top)
            dataset.read(1, window=Window(0, top, dataset.width, height))


QGIS = """
import sys
import numpy as np
from qgis.core import QgsApplication, QgsPointXY, QgsRasterLayer
application = QgsApplication([], False)
application.initQgis()
folder = sys.argv[1]
points = np.load(folder + "/points.npy")
layer = QgsRasterLayer(folder + "/depth.tif", "depth")
provider = layer.dataProvider()
values = np.full(len(points), np.nan)
for i, (x, y) in enumerate(points.tolist()):
    value, good = provider.sample(QgsPointXY(x, y), 1)
    if good:
        values[i] = value
np.save(folder + "/qgis.npy", values)
del provider, layer
application.exitQgis()
"""


def has_qgis(python: str) -> bool:
    """Whether that Python has QGIS."""
    try:
        done = subprocess.run([python, "-c", "import qgis.core, numpy"], capture_output=True, check=False)
    except OSError:
        return False
    return done.returncode == 0


def measure(command: list[str]) -> dict[str, float]:
    """CPU seconds, wall seconds and peak memory in MB of one process, from start to end."""
    started = time.perf_counter()
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "QT_LOGGING_RULES": "*=false"}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command} ended with code {process.returncode}")
    unit = 1024 if sys.platform == "linux" else 1024 * 1024
    return {
        "cpu_s": usage.ru_utime + usage.ru_stime,
        "wall_s": time.perf_counter() - started,
        "peak_mb": usage.ru_maxrss / unit,
    }


STEPS = {"make": make, "decode": run_decode, "migmap": run_migmap, "rasterio": run_rasterio}


def own(step: str, folder: Path) -> list[str]:
    return [sys.executable, __file__, "--run", step, "--keep", str(folder)]


def run_size(folder: Path, size: str, runs: int, qgis: str | None) -> dict[str, Any]:
    """Every contender in turn, `runs` times, on one size; prints and returns the least of each."""
    import numpy as np

    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "points.npy").exists():
        print(f"{size}: making the data", file=sys.stderr)
        measure(own("make", folder))
    # the kernels come compiled with the set-up
    subprocess.run([sys.executable, "-m", "migmap.kernels"], check=True, stdout=subprocess.DEVNULL)
    commands = {name: own(name, folder) for name in STEPS if name != "make"}
    if qgis:
        commands["qgis"] = [qgis, "-c", QGIS, str(folder)]
    seen: dict[str, dict[str, float]] = {}
    for _ in range(runs):
        for name, command in commands.items():
            figures = measure(command)
            best = seen.setdefault(name, figures)
            # other programs can only add to the time; memory is what it is at its worst
            seen[name] = {key: min(best[key], figures[key]) for key in figures}
            seen[name]["peak_mb"] = max(best["peak_mb"], figures["peak_mb"])
    columns, rows, count = SIZES[size]
    print(f"\n{size}: {count:,} points on {columns:,} x {rows:,} cells")
    for name, figures in seen.items():
        cpu, wall, peak = figures["cpu_s"], figures["wall_s"], figures["peak_mb"]
        print(f"  {name:13} {cpu:7.2f} CPU s  {wall:7.2f} s  {peak:6.0f} MB")
    ours = np.load(folder / "migmap.npy")
    for name, target in TARGETS.items():
        if name not in seen:
            print(f"  {name} is not installed and was left out")
            continue
        ratio = seen[name]["cpu_s"] / seen["migmap"]["cpu_s"]
        theirs = np.load(folder / f"{name}.npy")
        differ = int((~((ours == theirs) | (np.isnan(ours) & np.isnan(theirs)))).sum())
        print(f"  migmap / {name:9} 1/{ratio:.1f} (target 1/{1 / target:.0f}); {differ} values differ")
        seen[name]["differ"] = differ
    return {"size": size, "seen": seen}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("sizes", nargs="*", choices=[[], *SIZES], help="default: both")
    parser.add_argument("--keep", type=Path, help="folder for the data, kept for the next run")
    parser.add_argument("--runs", type=int, default=1, help="rounds; the least of each contender counts")
    parser.add_argument("--json", type=Path, help="write the figures to this file, too")
    parser.add_argument("--qgis", default="/usr/bin/python3", help="the Python that has QGIS")
    parser.add_argument("--run", choices=STEPS, help=argparse.SUPPRESS)
    words = parser.parse_args()
    if words.run:
        STEPS[words.run](words.keep)
        return
    qgis = words.qgis if has_qgis(words.qgis) else None
    print(f"rasterio {version('rasterio')}, numpy {version('numpy')}")
    if qgis:
        said = "from qgis.core import Qgis; print(Qgis.QGIS_VERSION)"
        print("QGIS " + subprocess.run([qgis, "-c", said], capture_output=True, text=True).stdout.strip())
    results = []
    with tempfile.TemporaryDirectory() as temporary:
        for size in words.sizes or list(SIZES):
            results.append(run_size((words.keep or Path(temporary)) / size, size, words.runs, qgis))
    if words.json:
        words.json.write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
