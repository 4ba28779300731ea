"""Reading tables: a CSV with coordinates, every value looked at, against pandas and geopandas.

    python benchmarks/intake.py [small|full]... [--runs N] [--keep DIR] [--json FILE]

Writes a CSV (always the same), then runs each contender as a process of its own, one after the other.
CPU seconds (user and system) are those of reading alone, taken inside the process after the imports, which
are printed apart; peak memory is that of the whole process. The peer only reads and makes points; migmap
finds header, encoding and delimiter, looks at every value for numbers written as text, dates, personal
data, total rows and positions ("migmap"), and recognises what the layer is about, repairs it and looks for
stacked levels and rounds ("loaded", what every command and the window do).
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

SIZES = {"small": 200_000, "full": 1_000_000}
"""Rows of the table."""

SEED = 20_220_826
TARGET = 3.0
"""CPU seconds of migmap over those of the peer."""


def make(folder: Path) -> None:
    """Write sites.csv, and its first rows as few.csv: codes, names, coordinates, people, dates; quoted cells
    with commas among them."""
    import numpy as np
    import pandas as pd

    rows = SIZES[folder.name]
    random = np.random.default_rng(SEED)
    districts = np.array([f"District {i}" for i in range(120)])
    district = random.integers(0, 120, rows)
    people = random.integers(0, 2_000, rows)
    women = (people * random.uniform(0.4, 0.6, rows)).astype(int)
    frame = pd.DataFrame(
        {
            "site_id": [f"PK{n:08d}" for n in range(rows)],
            "site_name": [f"Village {n % 7919}, Union Council {n % 97}" for n in range(rows)],
            "district": districts[district],
            "adm2_pcode": [f"PK{d:04d}" for d in district],
            "longitude": random.uniform(61, 77, rows).round(6),
            "latitude": random.uniform(24, 37, rows).round(6),
            "idps": people,
            "women": women,
            "households": (people / 6.2).astype(int),
            "share": random.uniform(0, 1, rows).round(4),
            "survey_date": pd.to_datetime("2024-01-01") + pd.to_timedelta(random.integers(0, 300, rows), "D"),
        }
    )
    frame.to_csv(folder / "sites.csv", index=False)
    frame.head(50).to_csv(folder / "few.csv", index=False)


def run_pandas(folder: Path) -> Callable[[str], int]:
    import geopandas
    import pandas as pd

    def read(name: str) -> int:
        frame = pd.read_csv(folder / name)
        points = geopandas.points_from_xy(frame["longitude"], frame["latitude"], crs=4326)
        return len(geopandas.GeoDataFrame(frame, geometry=points))

    return read


def run_migmap(folder: Path) -> Callable[[str], int]:
    from migmap.api import VectorData
    from migmap.io.read import read as read_file
    from migmap.io.reference import parse_reference

    def read(name: str) -> int:
        data = read_file(parse_reference(str(folder / name)))
        assert isinstance(data, VectorData)
        return len(data.frame)

    return read


def run_loaded(folder: Path) -> Callable[[str], int]:
    from migmap.api import VectorData
    from migmap.app.workbench import Workbench

    workbench = Workbench()

    def read(name: str) -> int:
        data = workbench.datasets.load(str(folder / name))
        assert isinstance(data, VectorData)
        return len(data.frame)

    return read


CONTENDERS = {"pandas": run_pandas, "migmap": run_migmap, "loaded": run_loaded}


def work(name: str, folder: Path) -> None:
    """In a process of its own: one contender; its figures go to NAME.json."""
    read = CONTENDERS[name](folder)
    # What is loaded and compiled at the first file belongs to start-up, for either.
    read("few.csv")
    before, started = time.process_time(), time.perf_counter()
    rows = read("sites.csv")
    figures = {
        "cpu_s": time.process_time() - before,
        "wall_s": time.perf_counter() - started,
        "imports_s": before,
    }
    (folder / f"{name}.json").write_text(json.dumps({**figures, "rows": rows}))


def measure(name: str, folder: Path) -> dict[str, float]:
    """CPU and wall seconds of reading, of the imports before, and the peak memory in MB."""
    process = subprocess.Popen([sys.executable, __file__, "--run", name, "--keep", str(folder)])
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{name} ended with code {process.returncode}")
    unit = 1024 if sys.platform == "linux" else 1024 * 1024
    figures = json.loads((folder / f"{name}.json").read_text()) if name in CONTENDERS else {}
    return {**figures, "peak_mb": usage.ru_maxrss / unit}


def run_size(folder: Path, size: str, runs: int) -> dict[str, Any]:
    """All contenders in turn, `runs` times, on one size; prints and returns the median of each."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "sites.csv").exists():
        print(f"{size}: making the data", file=sys.stderr)
        measure("make", folder)
    rounds: dict[str, list[dict[str, float]]] = {name: [] for name in CONTENDERS}
    for _ in range(runs):
        for name in CONTENDERS:
            rounds[name].append(measure(name, folder))
    seen = {
        name: {key: statistics.median(figures[key] for figures in each) for key in each[0]}
        for name, each in rounds.items()
    }
    megabytes = (folder / "sites.csv").stat().st_size / 1e6
    print(f"\n{size}: {SIZES[size]:,} rows, {megabytes:.0f} MB")
    for name, figures in seen.items():
        cpu, wall, peak = figures["cpu_s"], figures["wall_s"], figures["peak_mb"]
        print(f"  {name:8} {cpu:6.2f} CPU s  {wall:6.2f} s  {peak:6.0f} MB  {int(figures['rows']):,} rows")
    peer = seen["pandas"]["cpu_s"]
    ratios = {name: figures["cpu_s"] / peer for name, figures in seen.items() if name != "pandas"}
    for name, ratio in ratios.items():
        print(f"  {name} / pandas {ratio:.2f} (target {TARGET:g})")
    return {"size": size, "seen": seen, "ratios": ratios}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("sizes", nargs="*", choices=[[], *SIZES], help="default: both")
    parser.add_argument("--keep", type=Path, help="folder for the data, kept for the next run")
    parser.add_argument("--runs", type=int, default=3, help="rounds; the median of each contender counts")
    parser.add_argument("--json", type=Path, help="write the figures to this file, too")
    parser.add_argument("--run", choices=["make", *CONTENDERS], help=argparse.SUPPRESS)
    words = parser.parse_args()
    if words.run == "make":
        make(words.keep)
        return
    if words.run:
        work(words.run, words.keep)
        return
    results = []
    with tempfile.TemporaryDirectory() as temporary:
        for size in words.sizes or list(SIZES):
            results.append(run_size((words.keep or Path(temporary)) / size, size, words.runs))
    if words.json:
        words.json.write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
