"""Job C: greatest and mean value within 1 km of many points, against QGIS, exactextract and rasterstats.

    python benchmarks/buffers.py [small|full]... [--runs N] [--keep DIR] [--json FILE] [--qgis PYTHON]

Makes a raster and points (always the same), then runs each contender as a process of its own, one after the
other, and compares CPU seconds (user and system, start-up and imports included), peak memory and results. Two
baselines do all but the statistics: "read" starts, imports and reads the whole raster with migmap, "qgis
start" starts QGIS and makes its layer of buffers. What a contender takes beyond its baseline is its marginal
cost. Peers do a part of the buffers where all would take too long; their cost is then extrapolated, and it
says so.

QGIS is run with the Python it comes with (--qgis, /usr/bin/python3). What is not installed is left out.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

from points import has_qgis, measure

SIZES = {"small": (3_000, 3_000, 10_000), "full": (12_000, 12_000, 100_000)}
"""columns and rows of the raster, buffers."""

PART = {"qgis": 1, "exactextract": 20, "rasterstats": 100}
"""A peer does every n-th buffer."""

WEST, NORTH, CELL, RADIUS = 2e5, 40e5, 100.0, 1_000.0
SEED = 20_220_826
TARGET = 1 / 30


def make(folder: Path) -> None:
    """Write depth.tif (UTM 42N, cells of 100 m) and points.npy of the size the folder is named after."""
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
        crs="EPSG:32642",
        nodata=-9999,
        transform=Affine(CELL, 0, WEST, 0, -CELL, NORTH),
        tiled=True,
        blockxsize=512,
        blockysize=512,
        compress="deflate",
        zlevel=3,
    ) as depth:
        for top in range(0, rows, 512):
            height = min(512, rows - top)
            y, x = np.ogrid[top : top + height, 0:columns]
            wave = np.sin(x / 310) * np.cos(y / 270) + 0.5 * np.sin((x + 2 * y) / 97)
            values = np.where(wave < -0.7, -9999, np.round(wave + 0.7, 2)).astype(np.float32)
            depth.write(values, 1, window=Window(0, top, columns, height))
    inner = np.array([columns, -rows]) * CELL - np.array([4, -4]) * RADIUS
    points = random.random((count, 2)) * inner + [WEST + 2 * RADIUS, NORTH - 2 * RADIUS]
    np.save(folder / "points.npy", points)


def _open(folder: Path) -> Any:
    from migmap.io.rasters.raster import open_raster
    from migmap.io.reference import parse_reference

    return open_raster(parse_reference(str(folder / "depth.tif")))


def run_read(folder: Path) -> None:
    """All that `run_migmap` does but the discs."""
    import numpy as np

    from migmap.api import no_progress
    from migmap.geo.discs import disc_stats
    from migmap.geo.tiles import over_tiles, read_values, tiles_of

    raster = _open(folder)
    points = np.load(folder / "points.npy")
    disc_stats(raster, points[:1], 1.0, crs=raster.crs)
    tiles = tiles_of(raster)
    for _ in over_tiles([raster], tiles, lambda d, t: read_values(raster, d[0], t), no_progress, ""):
        pass
    np.save(folder / "read.npy", np.zeros((len(points), 2)))


def run_migmap(folder: Path) -> None:
    """Cells whose centre lies in the disc, as QGIS counts them."""
    import numpy as np

    from migmap.geo.discs import disc_stats

    raster = _open(folder)
    found = disc_stats(raster, np.load(folder / "points.npy"), RADIUS, crs=raster.crs, rule="centre")
    np.save(folder / "migmap.npy", np.column_stack([found.maximum, found.mean]))


def run_exactextract(folder: Path) -> None:
    """Polygons of 32 corners, exact coverage."""
    import exactextract
    import geopandas
    import numpy as np

    points = np.load(folder / "points.npy")[:: PART["exactextract"]]
    buffers = geopandas.GeoSeries.from_xy(*points.T, crs=32642).buffer(RADIUS, quad_segs=8)
    found = exactextract.exact_extract(
        str(folder / "depth.tif"),
        geopandas.GeoDataFrame(geometry=buffers),
        ["max", "mean"],
        output="pandas",
    )
    np.save(folder / "exactextract.npy", found[["max", "mean"]].to_numpy())


def run_rasterstats(folder: Path) -> None:
    """Polygons of 32 corners, cell centres."""
    import geopandas
    import numpy as np
    import rasterstats

    points = np.load(folder / "points.npy")[:: PART["rasterstats"]]
    buffers = geopandas.GeoSeries.from_xy(*points.T, crs=32642).buffer(RADIUS, quad_segs=8)
    found = rasterstats.zonal_stats(buffers, str(folder / "depth.tif"), stats=["max", "mean"])
    np.save(folder / "rasterstats.npy", np.array([[row["max"], row["mean"]] for row in found], dtype=float))


QGIS = """
import sys
import numpy as np
from qgis.core import (
    QgsApplication, QgsFeature, QgsGeometry, QgsPointXY, QgsRasterLayer, QgsVectorLayer
)
from qgis.analysis import QgsZonalStatistics
application = QgsApplication([], False)
application.initQgis()
folder, step, work = sys.argv[1], int(sys.argv[2]), sys.argv[3]
raster = QgsRasterLayer(folder + "/depth.tif", "depth")
buffers = QgsVectorLayer("Polygon?crs=EPSG:32642", "buffers", "memory")
features = []
for x, y in np.load(folder + "/points.npy")[::step].tolist():
    feature = QgsFeature()
    feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(x, y)).buffer(1000.0, 8))
    features.append(feature)
buffers.dataProvider().addFeatures(features)
if work == "all":
    wanted = QgsZonalStatistics.Max | QgsZonalStatistics.Mean
    zonal = QgsZonalStatistics(buffers, raster, "_", 1, QgsZonalStatistics.Statistics(wanted))
    assert zonal.calculateStatistics(None) == 0
    values = [[found.attribute("_max"), found.attribute("_mean")] for found in buffers.getFeatures()]
    values = [[float(value) if value else np.nan for value in row] for row in values]
    np.save(folder + "/qgis.npy", np.array(values))
    del zonal
del raster, buffers
application.exitQgis()
"""

STEPS = {
    "make": make,
    "read": run_read,
    "migmap": run_migmap,
    "exactextract": run_exactextract,
    "rasterstats": run_rasterstats,
}


def commands_of(folder: Path, qgis: str | None) -> dict[str, list[str]]:
    """The command of each contender that is installed."""
    own = {name: [sys.executable, __file__, "--run", name, "--keep", str(folder)] for name in STEPS}
    found = {"read": own["read"], "migmap": own["migmap"]}
    if qgis:
        found["qgis start"] = [qgis, "-c", QGIS, str(folder), str(PART["qgis"]), "start"]
        found["qgis"] = [qgis, "-c", QGIS, str(folder), str(PART["qgis"]), "all"]
    for name in ("exactextract", "rasterstats"):
        if importlib.util.find_spec(name):
            found[name] = own[name]
    return found


def run_size(folder: Path, size: str, runs: int, qgis: str | None) -> dict[str, Any]:
    """Every contender in turn, `runs` times, on one size; prints and returns the least of each."""
    import numpy as np

    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "points.npy").exists():
        print(f"{size}: making the data", file=sys.stderr)
        measure([sys.executable, __file__, "--run", "make", "--keep", str(folder)])
    # the kernels come compiled with the set-up
    subprocess.run([sys.executable, "-m", "migmap.kernels"], check=True, stdout=subprocess.DEVNULL)
    seen: dict[str, dict[str, float]] = {}
    for _ in range(runs):
        for name, command in commands_of(folder, qgis).items():
            figures = measure(command)
            best = seen.setdefault(name, figures)
            # other programs can only add to the time; memory is what it is at its worst
            seen[name] = {key: min(best[key], figures[key]) for key in figures}
            seen[name]["peak_mb"] = max(best["peak_mb"], figures["peak_mb"])
    columns, rows, count = SIZES[size]
    print(f"\n{size}: {count:,} buffers of {RADIUS:,.0f} m on {columns:,} x {rows:,} cells of {CELL:.0f} m")
    for name, figures in seen.items():
        cpu, wall, peak = figures["cpu_s"], figures["wall_s"], figures["peak_mb"]
        part = PART.get(name, 1)
        some = f", every {part}th buffer" if part > 1 else ""
        print(f"  {name:13} {cpu:7.2f} CPU s  {wall:7.2f} s  {peak:6.0f} MB{some}")
    ours = np.load(folder / "migmap.npy")
    marginal = max(seen["migmap"]["cpu_s"] - seen["read"]["cpu_s"], 0.01)
    print(f"  migmap beyond reading: {marginal:.2f} CPU s")
    for name, part in PART.items():
        if name not in seen:
            print(f"  {name} is not installed and was left out")
            continue
        start = seen["qgis start"]["cpu_s"] if name == "qgis" else 0.0
        theirs = (seen[name]["cpu_s"] - start) * part
        how = f"extrapolated from every {part}th" if part > 1 else "beyond its start"
        target = f" (target 1/{1 / TARGET:.0f})" if name == "qgis" else ""
        print(f"  {name} {theirs:.1f} CPU s {how}; migmap 1/{theirs / marginal:.0f}{target}")
        found = np.load(folder / f"{name}.npy")
        apart = np.abs(found - ours[::part])
        print(
            f"    greatest differs in {np.mean(apart[:, 0] > 1e-6):.1%} of buffers, mean by "
            f"{np.nanmedian(apart[:, 1]):.1g} in the middle, {np.nanmax(apart[:, 1]):.1g} at most"
        )
        seen[name]["marginal_s"] = theirs
    seen["migmap"]["marginal_s"] = marginal
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
    print(f"rasterio {version('rasterio')}, numpy {version('numpy')}, numba {version('numba')}")
    for name in ("exactextract", "rasterstats"):
        if importlib.util.find_spec(name):
            print(f"{name} {version(name)}")
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
