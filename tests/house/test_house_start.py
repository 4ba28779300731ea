"""What start-up loads, and that the walls between the rooms stand."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HEAVY = {
    "pandas",
    "geopandas",
    "shapely",
    "rasterio",
    "pyogrio",
    "numba",
    "scipy",
    "folium",
    "pyarrow",
    "pyproj",
}
QT = {"PySide6", "shiboken6", "qtawesome"}


def loaded_after(code: str) -> set[str]:
    """Top-level packages in sys.modules of a fresh Python that ran `code`."""
    script = (
        "import contextlib, io, json, sys\n"
        "with contextlib.redirect_stdout(io.StringIO()):\n"
        + "".join(f"    {line}\n" for line in code.splitlines())
        + "print(json.dumps(sorted({name.split('.')[0] for name in sys.modules})))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT, env=os.environ
    )
    return set(json.loads(done.stdout))


@pytest.mark.parametrize(
    "words",
    ["--version", "--help", "run --help", "run exposure --help", "export --help", "list", "demo --help"],
)
def test_help_and_lists_load_no_heavy_library(words: str) -> None:
    loaded = loaded_after(f"from migmap.cli import main\nassert main({words.split()!r}) == 0")
    assert not loaded & (HEAVY | QT)


def test_version_loads_not_even_numpy() -> None:
    loaded = loaded_after("from migmap.cli import main\nassert main(['--version']) == 0")
    assert "numpy" not in loaded


def test_the_window_starts_without_heavy_libraries() -> None:
    loaded = loaded_after("import migmap.ui.startup")
    assert not loaded & HEAVY


def test_the_contract_loads_nothing_of_the_house() -> None:
    loaded = loaded_after(
        "import sys, migmap.api\n"
        "rooms = {name for name in sys.modules if name.startswith('migmap.')}\n"
        "assert all(name.startswith('migmap.api') for name in rooms), rooms"
    )
    assert not loaded & (HEAVY | QT)


def test_imports_point_one_way() -> None:
    """The contracts in pyproject.toml; the output names the import that breaks one."""
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports; raise SystemExit(lint_imports())"],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_pyside_is_none_of_the_releases_that_lose_none() -> None:
    """6.11.0 and 6.11.1 are broken; 6.12 on Python 3.11 drops a reference to None on almost every call
    and the process dies after a few thousand. pyproject.toml refuses them; so must what is installed."""
    major, minor, *rest = (int(number) for number in version("PySide6-Essentials").split(".")[:3])
    assert (major, minor) >= (6, 8)
    assert (major, minor) < (6, 12)
    assert (major, minor, *rest) not in {(6, 11, 0), (6, 11, 1)}


def test_calls_into_qt_keep_the_references_to_none() -> None:
    """The fault itself, in a Python of its own because it ends in an abort."""
    code = (
        "import sys\n"
        "from PySide6.QtCore import QObject, QRectF\n"
        "one = QObject(); before = sys.getrefcount(None)\n"
        "for number in range(5000):\n"
        "    one.setObjectName('x'); one.setProperty('p', number); QRectF(0, 0, 1, 1).translate(1, 1)\n"
        "lost = before - sys.getrefcount(None)\n"
        "assert lost < 1000, lost\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
