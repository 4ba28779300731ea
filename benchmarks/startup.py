"""How long migmap takes to start, and whether anything heavy is loaded by then.

    python benchmarks/startup.py [--runs 5] [--json FILE]

Measures `migmap --version`, `migmap --help` and the window until it is painted and until it is usable, each
several times, in a fresh settings folder; the least CPU seconds and the least wall seconds count, since
other programs can only add to them. Beside them, in the same minute: an interpreter that does nothing,
and a bare Qt window. Without a display the window is drawn offscreen.
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

from migmap.ui.startup import HEAVY

WINDOW_TARGET_S = 0.54
"""A fifth of QGIS Desktop 3.22 on the machine the targets were set on (2.7 s from a cold call)."""

BARE_WINDOW = """
from PySide6.QtWidgets import QApplication, QMainWindow
application = QApplication([])
window = QMainWindow()
window.show()
application.processEvents()
"""

LOADED = """
import sys, contextlib, io
from migmap.__main__ import main
sys.argv = ["migmap", {word!r}]
with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
    main()
print(" ".join(name for name in {heavy!r} if name in sys.modules))
"""


def run(words: list[str], environment: dict[str, str]) -> tuple[float, float, str]:
    """(CPU seconds, wall seconds, standard output) of a Python process."""
    started = time.perf_counter()
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(
            [sys.executable, *words], stdout=output, stderr=subprocess.DEVNULL, env=environment
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        wall = time.perf_counter() - started
        output.seek(0)
        if process.returncode:
            raise SystemExit(f"{words} ended with code {process.returncode}")
        return usage.ru_utime + usage.ru_stime, wall, output.read()


def least(words: list[str], environment: dict[str, str], runs: int) -> dict[str, float]:
    """The least of several runs after one that warms the disk cache."""
    run(words, environment)
    seen = [run(words, environment) for _ in range(runs)]
    return {"cpu_s": min(s[0] for s in seen), "wall_s": min(s[1] for s in seen)}


def window(environment: dict[str, str], runs: int) -> dict[str, Any]:
    """The window's own account of its start: see MIGMAP_STARTUP_PROBE in migmap/ui/startup.py."""
    asked = environment | {"MIGMAP_STARTUP_PROBE": "1"}
    seen = [json.loads(run(["-m", "migmap"], asked)[2].splitlines()[-1]) for _ in range(runs + 1)][1:]
    return {
        "painted_s": min(s["painted_s"] for s in seen),
        "ready_s": min(s["ready_s"] for s in seen),
        "cpu_s": min(s["cpu_s"] for s in seen),
        "heavy": sorted({name for s in seen for name in s["heavy"]}),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", type=Path, help="write the figures to this file, too")
    words = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        environment = os.environ | {"MIGMAP_HOME": home}
        if not (environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY")):
            environment.setdefault("QT_QPA_PLATFORM", "offscreen")
        seen: dict[str, Any] = {
            "python, doing nothing": least(["-c", "pass"], environment, words.runs),
            "migmap --version": least(["-m", "migmap", "--version"], environment, words.runs),
            "migmap --help": least(["-m", "migmap", "--help"], environment, words.runs),
            "bare Qt window": least(["-c", BARE_WINDOW], environment, words.runs),
        }
        for name, figures in seen.items():
            print(f"{name:24} {figures['cpu_s']:.2f} CPU s  {figures['wall_s']:.2f} s")
        for word in ("--version", "--help"):
            loaded = run(["-c", LOADED.format(word=word, heavy=HEAVY)], environment)[2].strip()
            print(f"heavy libraries loaded by migmap {word}: {loaded or 'none'}")
            seen[f"migmap {word}"]["heavy"] = loaded.split()
        shown = window(environment, words.runs)
        seen["window"] = shown
        print(
            f"{'window':24} {shown['cpu_s']:.2f} CPU s  painted {shown['painted_s']:.2f} s  "
            f"usable {shown['ready_s']:.2f} s (target {WINDOW_TARGET_S} s)"
        )
        print(f"heavy libraries loaded by the window: {', '.join(shown['heavy']) or 'none'}")
    if words.json:
        words.json.write_text(json.dumps(seen, indent=1))


if __name__ == "__main__":
    main()
