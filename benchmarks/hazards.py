"""Ten hazards at once, with how many of them reach whom, against ten runs of one hazard each.

    python benchmarks/hazards.py [small|full]... [--runs N] [--keep DIR] [--json FILE]

Population and zones are those of `zonal.py`; the ten hazards lie on the grid of the population. The ten runs
take place in one process, so that they start up once, too. `one` is a single run, for what that costs.
CPU seconds (user and system) and peak memory of whole processes.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import zonal

COUNT = 10
CLASSES = zonal.CLASSES


def make(folder: Path) -> None:
    """Write people.tif, zones.gpkg and hazard0.tif to hazard9.tif."""
    import numpy as np
    import rasterio
    from rasterio.windows import Window

    if not (folder / "zones.gpkg").exists():
        zonal.make(folder)
    with rasterio.open(folder / "hazard.tif") as dataset:
        profile = dataset.profile
    columns, rows = profile["width"], profile["height"]
    for number in range(COUNT):
        with rasterio.open(folder / f"hazard{number}.tif", "w", **profile) as hazard:
            for top in range(0, rows, 512):
                height = min(512, rows - top)
                y, x = np.ogrid[top : top + height, 0:columns]
                wave = np.sin(x / (310 - 17 * number)) * np.cos(y / (270 + 13 * number))
                wave = wave + 0.5 * np.sin((x + (2 + 0.3 * number) * y) / 97 + number)
                depth = np.clip(np.floor((wave + 1.5) / 3 * CLASSES), 0, CLASSES - 1)
                hazard.write((depth + 1).astype(np.uint8), 1, window=Window(0, top, columns, height))


def asked(folder: Path) -> dict[str, Any]:
    """Zones, hazards, classes and people."""
    import shapely

    from migmap.geo.classes import Classes
    from migmap.io.rasters.raster import open_raster
    from migmap.io.reference import parse_reference

    values = tuple(float(c + 1) for c in range(CLASSES))
    hazards = [open_raster(parse_reference(str(folder / f"hazard{number}.tif"))) for number in range(COUNT)]
    return {
        "zones": shapely.from_wkb(zonal.wkb_of(folder / "zones.gpkg")),
        "hazards": hazards,
        "classes": [Classes(tuple(str(c + 1) for c in range(CLASSES)), values=values)] * COUNT,
        "people": open_raster(parse_reference(str(folder / "people.tif"))),
    }


def run_together(folder: Path) -> None:
    """One pass for all ten."""
    import numpy as np

    from migmap.geo.zonal import tabulate_many

    # the two worst classes are an exposure
    exposed = [np.arange(CLASSES + 1) >= CLASSES - 2 for _ in range(COUNT)]
    for flags in exposed:
        flags[-1] = False
    found = tabulate_many(**asked(folder), exposed=exposed)
    np.savez(folder / "together.npz", zones=np.array([one.zones for one in found.by_hazard]))


def run_apart(folder: Path, count: int = COUNT) -> None:
    """One after the other."""
    import numpy as np

    from migmap.geo.zonal import tabulate

    words = asked(folder)
    zones = [
        tabulate(words["zones"], hazard=hazard, classes=classes, people=words["people"]).zones
        for hazard, classes in zip(words["hazards"][:count], words["classes"], strict=False)
    ]
    np.savez(folder / ("apart.npz" if count == COUNT else "one.npz"), zones=np.array(zones))


def run_one(folder: Path) -> None:
    """The first alone."""
    run_apart(folder, 1)


def compare(folder: Path) -> None:
    """Write same.json: the greatest difference of a zone and class, as a share of the zone's people."""
    import numpy as np

    ours, theirs = (np.load(folder / f"{name}.npz")["zones"] for name in ("together", "apart"))
    share = float(np.max(np.abs(ours - theirs) / theirs.sum(axis=2, keepdims=True)))
    (folder / "same.json").write_text(json.dumps(share))


CONTENDERS = {"together": run_together, "apart": run_apart, "one": run_one}
STEPS = {"make": make, **CONTENDERS, "compare": compare}


def run_size(folder: Path, size: str, runs: int) -> dict[str, Any]:
    """Every contender in turn, `runs` times; prints and returns the least of each."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / f"hazard{COUNT - 1}.tif").exists():
        print(f"{size}: making the data", file=sys.stderr)
        zonal.measure("make", folder, __file__)
    subprocess.run([sys.executable, "-m", "migmap.kernels"], check=True, stdout=subprocess.DEVNULL)
    seen: dict[str, dict[str, float]] = {}
    for _ in range(runs):
        for name in CONTENDERS:
            figures = zonal.measure(name, folder, __file__)
            best = seen.setdefault(name, figures)
            seen[name] = {key: min(best[key], figures[key]) for key in figures}
            seen[name]["peak_mb"] = max(best["peak_mb"], figures["peak_mb"])
    zonal.measure("compare", folder, __file__)
    difference = json.loads((folder / "same.json").read_text())
    columns, rows, across, down = zonal.SIZES[size]
    print(f"\n{size}: {COUNT} hazards, {columns:,} x {rows:,} cells, {across * down:,} zones")
    for name, figures in seen.items():
        cpu, wall, peak = figures["cpu_s"], figures["wall_s"], figures["peak_mb"]
        print(f"  {name:9} {cpu:7.2f} CPU s  {wall:7.2f} s  {peak:6.0f} MB")
    print(f"  together / apart  {seen['together']['cpu_s'] / seen['apart']['cpu_s']:.3f} (target below 1)")
    print(f"  difference        {difference:.1e} of a zone's people")
    return {"size": size, "seen": seen, "difference": difference}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("sizes", nargs="*", choices=[[], *zonal.SIZES], help="default: both")
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
        for size in words.sizes or list(zonal.SIZES):
            results.append(run_size((words.keep or Path(temporary)) / size, size, words.runs))
    if words.json:
        words.json.write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
