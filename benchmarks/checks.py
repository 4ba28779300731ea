"""Checks between features: how long they take beside reading, for points and for polygons.

    python benchmarks/checks.py [points|dense|polygons|messy|all] [--count N]

Each case is made from a fixed seed in memory and checked in this process; what is printed are CPU seconds
of `migmap.geo.checks.checked` and, as a measure of the machine, those of building the same layer.
`dense` has a tenth of the points, all within a kilometre or so, where every point has thousands of
neighbours; `messy` has polygons whose borders all miss each other, the worst there is.
"""

from __future__ import annotations

import argparse
import resource
import time
from typing import Any

import geopandas
import numpy as np
import shapely

from migmap.api import Source, VectorData
from migmap.geo.checks import checked

WORDS = ("Ghazi", "Killa", "Jalozai", "Sariab", "Pishin", "Kot", "Mir", "Shah")
ENDS = ("Abad", "Pur", "Camp", "Village", "Goth", "Kalan", "Khurd")


def layer(shapes: Any, columns: dict[str, Any], roles: dict[str, str], kind: str) -> VectorData:
    frame = geopandas.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4326")
    rows = np.arange(1, len(frame) + 1, dtype=np.int64)
    return VectorData(frame, "made", Source("made.gpkg"), rows, kind=kind, roles=roles)


def points(count: int, *, dense: bool) -> VectorData:
    random = np.random.default_rng(1)
    if dense:
        count //= 10
        where = random.normal((36.3, 32.3), 0.005, (count, 2))
    else:
        where = random.uniform((61, 24), (75, 36), (count, 2))
    names = [f"{a} {b}" for a, b in zip(random.choice(WORDS, count), random.choice(ENDS, count), strict=True)]
    columns = {
        "id": [f"S{k}" for k in range(count)],
        "name": names,
        "people": random.integers(1, 5000, count),
    }
    roles = {"code": "id", "name": "name", "people": "people"}
    return layer(shapely.points(where), columns, roles, "dtm_site")


def polygons(count: int, *, messy: bool) -> VectorData:
    random = np.random.default_rng(2)
    side = int(count**0.5)
    x, y = (grid.ravel() * 0.01 for grid in np.meshgrid(np.arange(side) + 6100, np.arange(side) + 2400))
    off = random.uniform(-0.0003, 0.0003, (4, len(x))) if messy else np.zeros((4, len(x)))
    shapes = shapely.box(x + off[0], y + off[1], x + 0.01 + off[2], y + 0.01 + off[3])
    if not messy:
        # Neighbours computed apart differ in the last digit; real ones share their vertices.
        shapes = shapely.set_precision(shapes, 1e-6)
    return layer(shapes, {"code": [f"PK{k}" for k in range(len(x))]}, {"pcode": "code"}, "boundary")


CASES = {
    "points": lambda count: points(count, dense=False),
    "dense": lambda count: points(count, dense=True),
    "polygons": lambda count: polygons(count, messy=False),
    "messy": lambda count: polygons(count, messy=True),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("case", nargs="*", default=["all"], choices=[*CASES, "all"])
    parser.add_argument("--count", type=int, default=200_000)
    given = parser.parse_args()
    for name in CASES if "all" in given.case else given.case:
        start = time.process_time()
        data = CASES[name](given.count)
        made = time.process_time() - start
        start = time.process_time()
        found = checked(data)
        seconds = time.process_time() - start
        said = ", ".join(f"{one.code} {one.count:,}" for one in found.findings) or "nothing odd"
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{name}: {len(data.frame):,} rows checked in {seconds:.1f} s of CPU "
            f"(made in {made:.1f} s), peak {peak:,.0f} MB: {said}"
        )


if __name__ == "__main__":
    main()
