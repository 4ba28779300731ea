"""The pages in docs/ are true: made pages are current, links lead somewhere, commands and figures hold."""

from __future__ import annotations

import importlib.util
import io
import re
import shlex
import sys
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

from migmap.api import Problem
from migmap.app.sample import (
    DISTRICTS,
    EDGES,
    FLOOD,
    HEALTH_LIMIT_KM,
    SERVICES,
    VILLAGES,
    sample_file,
)
from migmap.app.workbench import Workbench
from migmap.cli import commands, window

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.glob("*.md"), ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "CONTRIBUTING.md"])


@cache
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_generate", DOCS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # Dataclasses look their module up by name.
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["commands.md", "findings.md", "columns.md"])
def test_made_pages_are_current(name: str, tmp_path: Path) -> None:
    generator().write(tmp_path)
    made, there = (tmp_path / name).read_text(encoding="utf-8"), (DOCS / name).read_text(encoding="utf-8")
    assert made == there, f"run: python docs/generate.py, and commit {name}"


def test_every_finding_of_the_source_is_on_its_page() -> None:
    page = (DOCS / "findings.md").read_text(encoding="utf-8")
    codes = {one.code for one in generator().codes_in_source()}
    assert len(codes) > 40
    assert not [code for code in codes if f"| `{code}` |" not in page]


def test_a_code_that_cannot_be_seen_is_refused(tmp_path: Path) -> None:
    (tmp_path / "io").mkdir()
    (tmp_path / "io" / "odd.py").write_text(
        "def f(code):\n    return Finding(code, 'info', 'x')\n\nf('seen')\nf(any_word())\n", encoding="utf-8"
    )
    with pytest.raises(ValueError, match="cannot be read"):
        generator().codes_in_source(tmp_path)


LINK = re.compile(r"""(?:\]\(|\b(?:href|src)=")([^)"\s]+)""")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files_and_headings(page: Path) -> None:
    lost = []
    for target in LINK.findall(without_code(page.read_text(encoding="utf-8"))):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        other = (page.parent / file).resolve() if file else page
        if not other.exists() or (anchor and anchor not in anchors(other)):
            lost.append(target)
    assert not lost


def test_every_page_is_in_the_index() -> None:
    index = (DOCS / "README.md").read_text(encoding="utf-8")
    assert not [
        page.name for page in DOCS.glob("*.md") if page.name != "README.md" and f"({page.name})" not in index
    ]


def test_pictures_are_small() -> None:
    assert not [path for path in (DOCS / "images").iterdir() if path.stat().st_size > 200_000]


def without_code(text: str) -> str:
    return re.sub(r"```.*?```", "", text, flags=re.DOTALL)


def anchors(page: Path) -> set[str]:
    """The headings of a page as links spell them."""
    heads = re.findall(r"^#+ (.*)$", without_code(page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-") for head in heads}


def command_lines() -> list[tuple[str, str]]:
    """(page, command) for every line in a code block that starts with migmap, joined where it goes on."""
    found = []
    for page in PAGES:
        for block in re.findall(r"^```[^\n]*\n(.*?)^```", page.read_text(encoding="utf-8"), re.DOTALL | re.M):
            for line in re.sub(r"\\\n\s*", " ", block).splitlines():
                shown = re.match(r"(?:\$ )?(?:\S*[/\\])?(migmap .*)", line.strip())
                # "[FILE]..." is a pattern of a command, not a command.
                if shown and "[" not in shown.group(1):
                    found.append((page.name, shown.group(1)))
    return found


def test_there_are_commands_to_check() -> None:
    assert len(command_lines()) > 25


@pytest.mark.parametrize(("page", "line"), command_lines())
def test_commands_shown_are_commands(page: str, line: str) -> None:
    words = shlex.split(line)[1:]
    if window.files_in(words) is not None:
        return
    try:
        commands.parsed(words, io.StringIO())
    except Problem as problem:
        pytest.fail(f"{page}: {line}\n{problem}")


CLASSES = ("not_exposed", "0.1-0.5", "0.5-1.5", "1.5+", "unknown")


@pytest.fixture(scope="module")
def flooded() -> dict[str | None, dict[str, float]]:
    """People of the sample's refugee villages: area name (None: everything) -> class -> people."""
    found: dict[str | None, dict[str, float]] = {}
    run = Workbench().run(
        "exposure",
        {
            "hazard": str(sample_file(FLOOD)),
            "classes": EDGES,
            "exposed": str(sample_file(VILLAGES)),
            "people": "population",
            "areas": str(sample_file(DISTRICTS)),
        },
    )
    for row in run.result.metrics:
        if row.metric == "people":
            assert row.class_ is not None
            found.setdefault(row.area_name, {})[row.class_] = row.value or 0.0
    return found


def test_the_worked_example_is_the_sample(flooded: dict[str | None, dict[str, float]]) -> None:
    """Every line of the table in reading-the-tables.md, and the figures first-map.md tells."""
    page = (DOCS / "reading-the-tables.md").read_text(encoding="utf-8")
    named = ["Peshawar", "Nowshera", "Swabi", "Chitral"]
    others: list[str | None] = [name for name in flooded if name not in (None, "outside all areas", *named)]
    lines: dict[str, list[str | None]] = {
        "*(everything)*": [None],
        **{name: [name] for name in named},
        f"*{len(others)} more districts*": others,
        "outside": ["outside all areas"],
    }
    for title, areas in lines.items():
        figures = [sum(flooded[area][label] for area in areas) for label in CLASSES]
        cells = " | ".join(f"{figure:,.0f}" for figure in (*figures, sum(figures)))
        assert f"| {title} | {cells} |" in page
    whole = flooded[None]
    exposed = sum(whole[label] for label in CLASSES[1:4])
    assert f"= **{exposed:,.0f}**" in page
    told = (DOCS / "first-map.md").read_text(encoding="utf-8")
    for figure in (sum(whole.values()), exposed, whole["not_exposed"], whole["unknown"]):
        assert f"{figure:,.0f}" in told


def test_the_service_gap_told_is_the_sample() -> None:
    run = Workbench().run(
        "service-gap",
        {
            "sites": str(sample_file(VILLAGES)),
            "services": str(sample_file(SERVICES)),
            "services_where": ["sector=health"],
            "limit_km": HEALTH_LIMIT_KM,
            "people": "population",
        },
    )
    value = {(row.metric, row.class_): row.value or 0.0 for row in run.result.metrics}
    page = (DOCS / "service-gap.md").read_text(encoding="utf-8")
    sites = sum(figure for (metric, _), figure in value.items() if metric == "sites")
    people = sum(figure for (metric, _), figure in value.items() if metric == "people")
    said = (
        f"{value['sites', 'beyond']:.0f} of {sites:.0f} villages, with {value['people', 'beyond']:,.0f} of "
        f"{people:,.0f} people, are more than {HEALTH_LIMIT_KM:g} km from a health unit; "
        f"half of the villages are within {value['distance_m', None]:,.0f} m of one."
    )
    assert said in " ".join(page.split())
