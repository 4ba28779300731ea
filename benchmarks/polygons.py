"""Reading a GeoPackage of polygons, every one checked, against pyogrio.read_dataframe.

    python benchmarks/polygons.py [--rows N]... [--runs N]

Makes the file (always the same: 48 corners a polygon, 9.8 million vertices in 200,000), then reads it with
each contender in a process of its own, one after the other. CPU seconds are those of reading alone, after the
imports and one small file that loads compiled code; memory is the peak of the process; medians of the runs.
The peer only reads. migmap also checks rings, coordinates, personal data and positions ("migmap"), and
recognises what the layer is about and whom it counts ("loaded", what every command and the window do).
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

TARGET = 1.5
CORNERS = 48

PEER = """
import pyogrio
read = pyogrio.read_dataframe
"""

OURS = """
from migmap.geo.repair import repaired
from migmap.io.read import read as read_file
from migmap.io.reference import parse_reference
def read(path):
    repaired(read_file(parse_reference(path)))
"""

LOADED = """
from migmap.app.workbench import Workbench
workbench = Workbench()
read = workbench.datasets.load
"""

CONTENDERS = {"pyogrio": PEER, "migmap": OURS, "loaded": LOADED}
MEASURE = """
import json, resource, sys, time
read(sys.argv[2])
start = time.process_time()
read(sys.argv[1])
spent = time.process_time() - start
print(json.dumps({"cpu_s": spent, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3}))
"""


def make(path: Path, rows: int) -> None:
    """Write the file: star-shaped villages over Pakistan."""
    import geopandas
    import numpy as np
    import shapely

    random = np.random.default_rng(20_220_826)
    middle = np.stack([random.uniform(66, 74, rows), random.uniform(25, 35, rows)], axis=-1)
    angle = np.linspace(0, 2 * np.pi, CORNERS, endpoint=False)
    reach = 0.004 * (1 + 0.2 * random.random((rows, CORNERS)))
    corners = middle[:, None, :] + reach[..., None] * np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    rings = np.concatenate([corners, corners[:, :1]], axis=1)
    table = {"id": np.arange(rows), "name": [f"village {n}" for n in range(rows)]}
    people = {"people": random.integers(10, 5_000, rows)}
    shapes = shapely.polygons(rings)
    geopandas.GeoDataFrame({**table, **people}, geometry=shapes, crs="EPSG:4326").to_file(path)


def measured(name: str, path: Path, small: Path) -> dict[str, float]:
    code = CONTENDERS[name] + MEASURE
    words = [sys.executable, "-c", code, str(path), str(small)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def run_size(rows: int, runs: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path, small = Path(folder) / "villages.gpkg", Path(folder) / "few.gpkg"
        # In a process of its own: the peak memory of a process starts with that of its parent.
        for target, count in ((path, rows), (small, 2_000)):
            subprocess.run(
                [sys.executable, __file__, "--make", str(target), "--rows", str(count)], check=True
            )
        rounds = [{name: measured(name, path, small) for name in CONTENDERS} for _ in range(runs)]
    print(f"\n{rows:,} polygons")
    peer = statistics.median(each["pyogrio"]["cpu_s"] for each in rounds)
    for name in CONTENDERS:
        cpu = statistics.median(each[name]["cpu_s"] for each in rounds)
        peak = statistics.median(each[name]["peak_mb"] for each in rounds)
        print(f"  {name:8} {cpu:6.2f} CPU s  {peak:6,.0f} MB  {cpu / peer:.2f} times (target {TARGET})")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rows", type=int, action="append", help="default: 50,000 and 200,000")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--make", type=Path, help=argparse.SUPPRESS)
    words = parser.parse_args()
    if words.make:
        make(words.make, words.rows[0])
        return
    for rows in words.rows or [50_000, 200_000]:
        run_size(rows, words.runs)


if __name__ == "__main__":
    main()
