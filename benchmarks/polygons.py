"""Reading a GeoPackage of 200,000 polygons, every one checked, against pyogrio.read_dataframe.

    python benchmarks/polygons.py [--rows N]

Makes the file (always the same: 48 corners a polygon, 9.8 million vertices), then reads it with each
contender in a process of its own. CPU seconds are those of reading alone, after the imports and a first call
of the compiled code; memory is the peak of the process. The peer only reads; migmap also checks rings,
coordinates, personal data and positions.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

TARGET = 1.5
CORNERS = 48

PEER = """
import json, resource, sys, time
import pyogrio
start = time.process_time()
pyogrio.read_dataframe(sys.argv[1])
spent = time.process_time() - start
print(json.dumps({"cpu_s": spent, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3}))
"""

OURS = """
import json, resource, sys, time
from migmap.geo.repair import repaired
from migmap.io.read import read
from migmap.io.reference import parse_reference
import numpy, migmap.kernels.rings
migmap.kernels.rings.surely_simple(numpy.zeros((4, 2)), numpy.array([0, 4]))
start = time.process_time()
repaired(read(parse_reference(sys.argv[1])))
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


def measured(code: str, path: Path) -> dict[str, float]:
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000)
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "villages.gpkg"
        make(path, rows)
        peer, ours = measured(PEER, path), measured(OURS, path)
    ratio = ours["cpu_s"] / peer["cpu_s"]
    print(f"pyogrio {peer['cpu_s']:.2f} s, {peer['peak_mb']:,.0f} MB")
    print(f"migmap  {ours['cpu_s']:.2f} s, {ours['peak_mb']:,.0f} MB: {ratio:.2f} times (target {TARGET})")


if __name__ == "__main__":
    main()
