"""One command, and the main job is done on the sample project."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from migmap.app.sample import PRODUCTS
from migmap.app.workbench import Workbench
from migmap.cli import main
from migmap.cli import window as window_words


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The windows that would have opened."""
    opened: list[list[str]] = []

    def open_on(files: list[str]) -> int:
        opened.append(files)
        return 0

    monkeypatch.setattr(window_words, "open_on", open_on)
    return opened


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., tuple[Path, str]]:
    """Run the demo once for all tests that only look at what it left."""
    import contextlib
    import io

    folder = tmp_path_factory.mktemp("demo") / "out"
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        assert main(["demo", "--out", str(folder), "--no-window"]) == 0
    return lambda: (folder, said.getvalue())


def test_it_leaves_every_product_and_says_so_in_ten_lines(demo: Callable[..., tuple[Path, str]]) -> None:
    folder, said = demo()
    for name in PRODUCTS:
        assert (folder / name).stat().st_size > 0, name
    lines = said.strip().splitlines()
    assert 8 <= len(lines) <= 12
    assert "synthetic" in said
    assert "of 54 refugee villages" in said
    assert "of 147 katchi abadis" in said
    assert str(folder) in said


def test_every_oddity_it_counts_is_listed_where_it_says(demo: Callable[..., tuple[Path, str]]) -> None:
    folder, said = demo()
    documents = [folder / "run.json", *sorted((folder / "more").glob("*.json"))]
    listed = [
        one
        for path in documents
        for one in json.loads(path.read_text(encoding="utf-8"))["findings"]
        if one["severity"] != "info"
    ]
    assert f"The data has {len(listed)} oddities; each is listed with its rows in run.json or" in said
    recipes = [json.loads(path.read_text(encoding="utf-8"))["recipe"] for path in documents]
    marks = {(one["synthetic"], one["sensitivity"]) for one in recipes}
    assert marks <= {(True, "restricted"), (True, "public")}


def test_a_folder_that_cannot_be_made_is_the_one_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("x")
    assert main(["demo", "--out", str(tmp_path / "file" / "here")]) == 2
    said = capsys.readouterr().err
    assert f"The folder {tmp_path / 'file' / 'here'} cannot be made." in said
    assert f"{tmp_path / 'file'}: Not a directory." in said


def test_its_run_document_can_be_run_again(demo: Callable[..., tuple[Path, str]]) -> None:
    folder, _ = demo()
    first = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    again = Workbench().recipe(str(folder / "run.json"))
    assert again.id == first["run"]
    assert again.document()["metrics"] == first["metrics"]


def test_its_project_opens_whole(demo: Callable[..., tuple[Path, str]]) -> None:
    folder, _ = demo()
    bench = Workbench()
    opened = bench.open_project(folder / "sample.migmap")
    assert (opened.damaged, opened.missing, opened.problems) == (False, (), ())
    assert len(opened.project.runs) == 4
    for layer in opened.project.layers:
        assert bench.data_of(layer)
    titles = [layer.title for layer in opened.project.layers]
    assert len(titles) == len(set(titles)), titles


def test_everything_says_that_it_is_synthetic(demo: Callable[..., tuple[Path, str]]) -> None:
    folder, _ = demo()
    bench = Workbench()
    opened = bench.open_project(folder / "sample.migmap")
    document = bench.document_of_layers(opened.project.layers)
    assert all(layer.data.meta.synthetic for layer in document.layers)
    assert all("synthetic" in line for line in document.sources)


@pytest.mark.parametrize(
    ("words", "environment", "opens"),
    [
        ([], {"DISPLAY": ":0"}, True),
        ([], {}, False),
        ([], {"DISPLAY": ":0", "QT_QPA_PLATFORM": "offscreen"}, False),
        (["--no-window"], {"DISPLAY": ":0"}, False),
        (["--out", "here"], {"DISPLAY": ":0"}, False),
        (["--out", "here", "--window"], {"DISPLAY": ":0"}, True),
        (["--out", "here", "--window"], {}, False),
    ],
)
def test_when_the_window_opens(
    words: list[str],
    environment: dict[str, str],
    opens: bool,
    windows: list[list[str]],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from migmap.app.sample import Demo

    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.chdir(tmp_path)

    def quick(_bench: Workbench, out: str, **_: object) -> Demo:
        return Demo(Path(out), Path(out) / "sample.migmap", (), (), (f"in {out}",))

    monkeypatch.setattr(Workbench, "demo", quick)
    assert main(["demo", *words]) == 0
    folder = "here" if "here" in words else "migmap-demo"
    assert windows == ([[str(Path(folder) / "sample.migmap")]] if opens else [])
    assert capsys.readouterr().out == f"in {folder}\n"


def test_a_place_that_cannot_be_made_is_said_before_the_work(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("in the way")
    assert main(["demo", "--no-window", "--out", str(tmp_path / "file")]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "file" in said.err


def test_files_and_projects_open_the_window(
    small: Callable[[], Path], windows: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = small()
    sites = str(folder / "sites.geojson")
    assert main([]) == 0
    assert main([sites, f"{sites}::sites"]) == 0
    monkeypatch.chdir(folder)
    (folder / "run").write_text("a file called like a command")
    assert main(["./run"]) == 0
    (folder / "notes").write_text("a file without an ending")
    assert main(["notes"]) == 0
    assert windows == [[], [sites, f"{sites}::sites"], ["./run"], ["notes"]]
