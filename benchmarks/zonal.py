"""Job A: people by hazard class and zone with exact pixel coverage, against exactextract.

    python benchmarks/zonal.py [small|full]... [--runs N] [--keep DIR] [--json FILE]

Makes two rasters and a layer of zones (always the same), then runs each contender as a process of its own,
one after the other, and compares CPU seconds (user and system, start-up and imports included), peak memory
and results. Wall time on a busy machine says little; CPU seconds and their ratio say more.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

SIZES = {"small": (5_000, 3_750, 25, 20), "full": (20_000, 15_000, 93, 85)}
"""columns and rows of the rasters, columns and rows of zones: 500 and 7,905 zones."""

SIDE = 36
"""Edges on each of a zone's four sides: 145 vertices with the closing one."""

CLASSES = 5
WEST, NORTH, CELL = 60.5, 37.5, 1 / 1200
SEED = 20_220_826
SYSTEM_PYTHON = "/usr/bin/python3"
"""Where Debian installs QGIS."""


def make(folder: Path) -> None:
    """Write hazard.tif, people.tif and zones.gpkg of the size the folder is named after."""
    import geopandas
    import numpy as np
    import rasterio
    import shapely
    from rasterio.transform import Affine
    from rasterio.windows import Window

    columns, rows, across, down = SIZES[folder.name]
    random = np.random.default_rng(SEED)
    profile = {
        "driver": "GTiff",
        "width": columns,
        "height": rows,
        "count": 1,
        "crs": "EPSG:4326",
        "transform": Affine(CELL, 0, WEST, 0, -CELL, NORTH),
        "tiled": True,
        "blockxsize": 512,
        "blockysize": 512,
        "compress": "deflate",
        "zlevel": 3,
        "BIGTIFF": "IF_SAFER",
    }
    with (
        rasterio.open(folder / "hazard.tif", "w", dtype="uint8", nodata=255, **profile) as hazard,
        rasterio.open(folder / "people.tif", "w", dtype="float32", nodata=-9999, **profile) as people,
    ):
        for top in range(0, rows, 512):
            height = min(512, rows - top)
            window = Window(0, top, columns, height)
            y, x = np.ogrid[top : top + height, 0:columns]
            wave = np.sin(x / 310) * np.cos(y / 270) + 0.5 * np.sin((x + 2 * y) / 97)
            depth = np.clip(np.floor((wave + 1.5) / 3 * CLASSES), 0, CLASSES - 1)
            hazard.write((depth + 1).astype(np.uint8), 1, window=window)
            # as in modelled population rasters: somebody everywhere, and no two cells alike
            heads = random.gamma(1.5, 2.0, (height, columns)).astype(np.float32)
            people.write(heads, 1, window=window)
    lines = _borders(across, down, random)
    polygons = []
    for j in range(down):
        for i in range(across):
            ring = np.concatenate(
                [
                    lines["h"][j, i],
                    lines["v"][j, i + 1][1:],
                    lines["h"][j + 1, i][::-1][1:],
                    lines["v"][j, i][::-1][1:],
                ]
            )
            ring = ring * [columns * CELL / across, -rows * CELL / down] + [WEST, NORTH]
            polygons.append(shapely.Polygon(ring))
    frame = geopandas.GeoDataFrame({"zone": range(len(polygons))}, geometry=polygons, crs=4326)
    frame.to_file(folder / "zones.gpkg")


def _borders(across: int, down: int, random: Any) -> dict[str, Any]:
    """Wavy borders that neighbouring zones share, straight along the outside; unit: one zone."""
    import numpy as np

    along = np.linspace(0, 1, SIDE + 1)
    sway = _bridges(down + 1, across, random)
    sway[[0, -1]] = 0
    horizontal = np.empty((down + 1, across, SIDE + 1, 2))
    horizontal[..., 0] = np.arange(across)[None, :, None] + along
    horizontal[..., 1] = np.arange(down + 1)[:, None, None] + sway
    sway = _bridges(down, across + 1, random)
    sway[:, [0, -1]] = 0
    vertical = np.empty((down, across + 1, SIDE + 1, 2))
    vertical[..., 0] = np.arange(across + 1)[None, :, None] + sway
    vertical[..., 1] = np.arange(down)[:, None, None] + along
    # near the corners borders could cross each other: there they run straight
    for border, axis in ((horizontal, 1), (vertical, 0)):
        straight = np.round(border[..., axis])
        close = (along < 0.15) | (along > 0.85)
        border[..., axis] = np.where(close, straight, border[..., axis])
    return {"h": horizontal, "v": vertical}


def _bridges(rows: int, columns: int, random: Any) -> Any:
    """Random walks that end where they began, up to 0.14 aside: what a border of a district looks like."""
    import numpy as np

    walk = np.zeros((rows, columns, SIDE + 1))
    walk[..., 1:] = np.cumsum(random.normal(0, 0.025, (rows, columns, SIDE)), axis=2)
    walk -= walk[..., -1:] * np.linspace(0, 1, SIDE + 1)
    return np.clip(walk, -0.14, 0.14)


def wkb_of(file: Path) -> list[bytes]:
    """Geometries of the zones, taken out of the GeoPackage as they stand there. Through pyogrio this costs
    0.4 s for pandas and pyarrow, which `tabulate` has no need of."""
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(file)) as database:
        blobs = [row[0] for row in database.execute("SELECT geom FROM zones ORDER BY fid")]
    # GeoPackage 1.4, 2.1.3: a header of 8 bytes and an envelope come before the WKB
    envelope = (0, 32, 48, 48, 64)
    return [blob[8 + envelope[blob[3] >> 1 & 7] :] for blob in blobs]


def run_migmap(folder: Path) -> None:
    """Through migmap's own reader of rasters and `tabulate`."""
    import numpy as np
    import shapely

    from migmap.geo.classes import Classes
    from migmap.geo.zonal import tabulate
    from migmap.io.rasters.raster import open_raster
    from migmap.io.reference import parse_reference

    result = tabulate(
        shapely.from_wkb(wkb_of(folder / "zones.gpkg")),
        hazard=open_raster(parse_reference(str(folder / "hazard.tif"))),
        classes=Classes(
            tuple(str(c + 1) for c in range(CLASSES)), values=tuple(float(c + 1) for c in range(CLASSES))
        ),
        people=open_raster(parse_reference(str(folder / "people.tif"))),
    )
    np.savez(folder / "migmap.npz", zones=result.zones[:, :CLASSES], total=result.total[:CLASSES])


def run_exactextract(folder: Path) -> None:
    """People by class = the class's share of the zone's people times the zone's people, in one pass."""
    import exactextract
    import geopandas
    import numpy as np

    zones = geopandas.read_file(folder / "zones.gpkg")
    found = exactextract.exact_extract(
        str(folder / "hazard.tif"),
        zones,
        ["unique", "weighted_frac", "weighted_sum", "weighted_mean"],
        weights=str(folder / "people.tif"),
        strategy="raster-sequential",
    )
    out = np.zeros((len(zones), CLASSES))
    for index, feature in enumerate(found):
        row = feature["properties"]
        people = row["weighted_sum"] / row["weighted_mean"]
        for value, share in zip(row["unique"], row["weighted_frac"], strict=True):
            out[index, int(value) - 1] = share * people
    np.savez(folder / "exactextract.npz", zones=out, total=out.sum(axis=0))


def run_decode(folder: Path) -> None:
    """Only decode both rasters, in strips of blocks: what no contender can do without."""
    import rasterio
    from rasterio.windows import Window

    with rasterio.Env(GDAL_CACHEMAX=64):
        for name in ("hazard.tif", "people.tif"):
            with rasterio.open(folder / name) as dataset:
                for top in range(0, dataset.height, 512):
                    height = min(512, dataset.height - top)
                    dataset.read(1, window=Window(0, top, dataset.width, height))


def measure(name: str, folder: Path, script: str = __file__) -> dict[str, float]:
    """CPU seconds, wall seconds and peak memory in MB of one contender, from start to end."""
    started = time.perf_counter()
    process = subprocess.Popen([sys.executable, script, "--run", name, "--keep", str(folder)])
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{name} ended with code {process.returncode}")
    unit = 1024 if sys.platform == "linux" else 1024 * 1024
    return {
        "cpu_s": usage.ru_utime + usage.ru_stime,
        "wall_s": time.perf_counter() - started,
        "peak_mb": usage.ru_maxrss / unit,
    }


def compare(folder: Path) -> None:
    """Write difference.json: the greatest relative difference of the totals and of any zone and class."""
    import numpy as np

    ours, theirs = np.load(folder / "migmap.npz"), np.load(folder / "exactextract.npz")
    scale = theirs["zones"].sum(axis=1, keepdims=True)
    difference = {
        "total": float(np.max(np.abs(ours["total"] / theirs["total"] - 1))),
        "zone": float(np.max(np.abs(ours["zones"] - theirs["zones"]) / scale)),
    }
    (folder / "difference.json").write_text(json.dumps(difference))


QGIS = """
import os, sys
os.environ["QT_QPA_PLATFORM"] = "offscreen"
from qgis.analysis import QgsZonalStatistics
from qgis.core import QgsApplication, QgsFeatureRequest, QgsRasterLayer, QgsVectorLayer
application = QgsApplication([], False)
application.initQgis()
zones = QgsVectorLayer(sys.argv[1] + "/zones.gpkg", "zones", "ogr").materialize(QgsFeatureRequest())
people = QgsRasterLayer(sys.argv[1] + "/people.tif", "people")
failed = QgsZonalStatistics(zones, people, "_", 1, QgsZonalStatistics.Sum).calculateStatistics(None)
os._exit(int(failed))
"""


def run_qgis(folder: Path) -> None:
    """One single sum of people by zone, cells counted by their centre: a fifth of the question, without
    hazard. In the Python that QGIS was installed for."""
    os.execv(SYSTEM_PYTHON, [SYSTEM_PYTHON, "-c", QGIS, str(folder)])


CONTENDERS = {
    "decode": run_decode,
    "migmap": run_migmap,
    "exactextract": run_exactextract,
    "qgis": run_qgis,
}
STEPS = {"make": make, **CONTENDERS, "compare": compare}


def run_size(folder: Path, size: str, runs: int) -> dict[str, Any]:
    """Every contender in turn, `runs` times, on one size; prints and returns the least of each."""
    folder.mkdir(parents=True, exist_ok=True)
    # This process stays small: a child's peak memory counts from what its parent held.
    if not (folder / "zones.gpkg").exists():
        print(f"{size}: making the data", file=sys.stderr)
        measure("make", folder)
    # the kernels come compiled with the set-up
    subprocess.run([sys.executable, "-m", "migmap.kernels"], check=True, stdout=subprocess.DEVNULL)
    contenders = list(CONTENDERS)
    if (
        not Path(SYSTEM_PYTHON).exists()
        or subprocess.run([SYSTEM_PYTHON, "-c", "import qgis.core"]).returncode
    ):
        print("QGIS is not installed and left out", file=sys.stderr)
        contenders.remove("qgis")
    seen: dict[str, dict[str, float]] = {}
    for _ in range(runs):
        for name in contenders:
            figures = measure(name, folder)
            best = seen.setdefault(name, figures)
            # other programs can only add to the time; memory is what it is at its worst
            seen[name] = {key: min(best[key], figures[key]) for key in figures}
            seen[name]["peak_mb"] = max(best["peak_mb"], figures["peak_mb"])
    measure("compare", folder)
    difference = json.loads((folder / "difference.json").read_text())
    columns, rows, across, down = SIZES[size]
    print(f"\n{size}: {columns:,} x {rows:,} cells, {across * down:,} zones of {4 * SIDE + 1} vertices")
    for name, figures in seen.items():
        cpu, wall, peak = figures["cpu_s"], figures["wall_s"], figures["peak_mb"]
        print(f"  {name:13} {cpu:7.2f} CPU s  {wall:7.2f} s  {peak:6.0f} MB")
    ours = seen["migmap"]
    total, zone = difference["total"], difference["zone"]
    print(f"  migmap / exactextract {ours['cpu_s'] / seen['exactextract']['cpu_s']:.3f} (target 0.2)")
    print(f"  migmap / decoding     {ours['cpu_s'] / seen['decode']['cpu_s']:.2f} (target 1.7)")
    if "qgis" in seen:
        ratio = ours["cpu_s"] / seen["qgis"]["cpu_s"]
        print(f"  migmap / qgis         {ratio:.3f} (target 0.11; QGIS makes one sum, without a hazard)")
    print(f"  peak memory           {ours['peak_mb']:.0f} MB (target 700)")
    print(f"  difference            total {total:.1e}, zone {zone:.1e} (target 1e-7)")
    return {"size": size, "seen": seen, "difference": difference}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("sizes", nargs="*", choices=[[], *SIZES], help="default: both")
    parser.add_argument("--keep", type=Path, help="folder for the data, kept for the next run")
    parser.add_argument("--runs", type=int, default=1, help="rounds; the least of each contender counts")
    parser.add_argument("--json", type=Path, help="write the figures to this file, too")
    parser.add_argument("--run", choices=STEPS, help=argparse.SUPPRESS)
    words = parser.parse_args()
    if words.run:
        STEPS[words.run](words.keep)
        return
    results = []
    with tempfile.TemporaryDirectory() as temporary:
        for size in words.sizes or list(SIZES):
            results.append(run_size((words.keep or Path(temporary)) / size, size, words.runs))
    if words.json:
        words.json.write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
