"""What must not be in the repository: leftovers, other people's files, one machine's paths."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEXT = {
    ".py",
    ".md",
    ".toml",
    ".txt",
    ".cfg",
    ".json",
    ".geojson",
    ".csv",
    ".yml",
    ".yaml",
    ".qss",
    ".svg",
    "",
}
# Spelled in pieces, so that this file does not find itself.
FORBIDDEN = {
    "a path of one machine": re.compile(
        r"(?<![\w.~$}])/(?:wo" + r"rk|ro" + r"ot|ho" + r"me/\w+|Us" + r"ers/\w+)/\w"
    ),
    "a merge left open": re.compile(r"^(?:<{7}|>{7}) ", re.MULTILINE),
    "work left for later": re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X)\b"),
    "a secret": re.compile(
        r"-----BEGIN [A-Z ]*PRIVATE " + r"KEY-----|ghp" + r"_\w{20}|AKIA" + r"[0-9A-Z]{16}"
    ),
}
LARGEST = 2_000_000


@pytest.fixture(scope="module")
def tracked() -> list[Path]:
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout, so nothing says which files belong to it")
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True
    )
    names = [name for name in listed.stdout.decode().split("\0") if name]
    return [ROOT / name for name in names if (ROOT / name).is_file()]


def test_no_tracked_text_holds_what_must_not_leave(tracked: list[Path]) -> None:
    found = []
    for path in tracked:
        if path.suffix not in TEXT:
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        for what, pattern in FORBIDDEN.items():
            hit = pattern.search(text)
            if hit:
                line = text.count("\n", 0, hit.start()) + 1
                found.append(f"{path.relative_to(ROOT)}:{line}: {what}: {hit.group()!r}")
    assert not found, "\n".join(found)


def test_no_minified_script_or_font_is_tracked(tracked: list[Path]) -> None:
    endings = {".ttf", ".otf", ".woff", ".woff2"}
    assert not [
        path for path in tracked if path.suffix in endings or path.name.endswith((".min.js", ".min.css"))
    ]


def test_tracked_files_are_small(tracked: list[Path]) -> None:
    assert not [path for path in tracked if path.stat().st_size > LARGEST]
