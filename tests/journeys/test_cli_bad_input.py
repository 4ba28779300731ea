"""Exit 2, a clear message, an empty standard output and nothing left behind."""

from __future__ import annotations

import errno
import json
import os
import signal
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from migmap.api import Problem
from migmap.cli import main

Small = Callable[[], Path]
Complain = Callable[..., str]


@pytest.fixture
def complaint(capsys: pytest.CaptureFixture[str]) -> Complain:
    """Run words that must end with exit 2; what was said on standard error."""

    def run(*words: object) -> str:
        code = main([str(word) for word in words])
        said = capsys.readouterr()
        assert (code, said.out) == (2, ""), said.err
        assert "Traceback" not in said.err
        return said.err

    return run


def everything_in(folder: Path) -> dict[str, bytes | None]:
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
    }


def write_geojson(path: Path, features: list[object], **more: object) -> Path:
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features, **more}), encoding="utf-8")
    return path


def test_every_bad_input_is_named_and_leaves_nothing(
    complaint: Complain, small: Small, tmp_path: Path
) -> None:
    data = small()
    sites = data / "sites.geojson"
    broken = tmp_path / "broken.gpkg"
    broken.write_bytes(b"SQLite format 3\0 and then nothing")
    two_bytes = tmp_path / "two_bytes.tif"
    two_bytes.write_bytes(b"II")
    empty = write_geojson(tmp_path / "empty.geojson", [])
    out = tmp_path / "out"
    out.mkdir()
    hazard = ("--hazard", data / "flood.tif", "--classes", "0.5")
    run = ("run", "exposure")
    gap = ("run", "service-gap", "--sites", sites, "--services", sites)
    to = ("--out", out / "a.gpkg", "--out", out / "b.csv")
    cases: list[tuple[str, tuple[object, ...]]] = [
        ("nothing_here.tif", (*run, "--hazard", tmp_path / "nothing_here.tif", *to)),
        ("broken.gpkg", (*run, *hazard, "--exposed", broken, *to)),
        ("two_bytes.tif", (*run, "--hazard", two_bytes, "--classes", "1", *to)),
        ("empty.geojson", (*run, *hazard, "--exposed", empty, *to)),
        ("flood.tif", ("run", "service-gap", "--sites", data / "flood.tif", "--services", sites, *to)),
        ("flood.tif", (*run, *hazard, "--areas", data / "flood.tif", *to)),
        ("nope", (*run, *hazard, "--exposed", data / "sites.geojson", "--people", "nope", *to)),
        ("nope", (*run, *hazard, "--areas", data / "areas.geojson", "--area-id", "nope", *to)),
        ("classes", (*run, "--hazard", data / "flood.tif", "--classes", "1,0.5", *to)),
        ("classes", (*run, "--hazard", data / "flood.tif", "--classes", "0.5,0.5", *to)),
        ("“deep”", (*run, "--hazard", data / "flood.tif", "--classes", "0.1,deep", *to)),
        ("“”", (*run, "--hazard", data / "flood.tif", "--classes", "0.1,", *to)),
        ("--classes", (*run, "--hazard", data / "flood.tif", "--classes", "nan", *to)),
        ("0", (*run, "--hazard", data / "flood.tif", *to)),
        ("missing", (*run, *hazard, "--out", tmp_path / "missing" / "a.gpkg")),
        (".docx", (*run, *hazard, "--out", out / "a.docx")),
        ("ending", (*run, *hazard, "--out", out / "a")),
        ("twice", (*run, *hazard, "--out", out / "a.csv", "--out", out / "a.csv")),
        ("folder", (*run, *hazard, "--out", out)),
        ("--limit-km", (*gap, "--limit-km", "far", *to)),
        ("--limit-km", (*gap, "--limit-km=-1", *to)),
        ("EPSG:99999999", (*run, *hazard, "--exposed", _csv(tmp_path), "--crs", "EPSG:99999999", *to)),
        ("no-such-layer", (*run, *hazard, "--exposed", f"{data / 'sites.geojson'}::no-such-layer", *to)),
        ("xlsx", ("export", "geojson", "--in", data / "sites.geojson", "--out", out / "a.xlsx")),
        ("nothing.gpkg", ("info", tmp_path / "nothing.gpkg")),
    ]
    before = everything_in(tmp_path)
    for word, words in cases:
        said = complaint(*words)
        assert word in said, f"{words}: {said}"
        assert everything_in(tmp_path) == before, words


def _csv(folder: Path) -> Path:
    path = folder / "table.csv"
    path.write_text("name,lon,lat\na,70.1,29.9\n", encoding="utf-8")
    return path


def test_no_crs_is_asked_for_and_crs_answers(complaint: Complain, small: Small, tmp_path: Path) -> None:
    import geopandas

    data = small()
    bare = tmp_path / "bare.shp"
    geopandas.read_file(data / "sites.geojson").to_file(bare)
    bare.with_suffix(".prj").unlink()
    words = ("run", "exposure", "--hazard", data / "flood.tif", "--classes", "0.5", "--exposed", bare)
    said = complaint(*words)
    assert "bare.shp" in said
    assert "--crs" in said
    assert main([*map(str, words), "--crs", "EPSG:4326"]) == 0


def test_info_shows_what_the_header_says_of_a_file_without_crs(
    capsys: pytest.CaptureFixture[str], small: Small, tmp_path: Path
) -> None:
    import geopandas

    def info(*words: object) -> dict[str, Any]:
        assert main(["info", *map(str, words), "--json"]) == 0
        said: dict[str, Any] = json.loads(capsys.readouterr().out)
        return said

    data = small()
    bare = tmp_path / "bare.shp"
    geopandas.read_file(data / "sites.geojson").to_file(bare)
    bare.with_suffix(".prj").unlink()
    about = info(bare)
    assert (about["crs"], about["rows"]) == (None, 4)
    assert about["columns"] == ["name", "population"]
    assert about["bounds"] == pytest.approx([70.1, 29.5, 75.0, 29.9])
    (said,) = about["findings"]
    assert said["code"] == "no-crs"
    # A finding goes into products that travel: the file's name, not its folder.
    assert str(tmp_path) not in said["message"]
    assert [one["code"] for one in info(bare, "--crs", "EPSG:4326")["findings"]] == ["crs-stated"]
    raster = tmp_path / "bare.asc"
    raster.write_text("ncols 2\nnrows 2\nxllcorner 70\nyllcorner 29\ncellsize 1\n0 1\n1 0\n")
    about = info(raster)
    assert (about["crs"], about["width"], about["bounds"]) == (None, 2, [70, 29, 72, 31])
    assert "no-crs" in [one["code"] for one in about["findings"]]


def test_info_of_a_table_in_metres_is_told_of_the_crs(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    table = tmp_path / "xy.csv"
    table.write_text("name,x,y\na,312000,3765000\n", encoding="utf-8")
    assert main(["info", str(table), "--crs", "EPSG:32643"]) == 0
    said = capsys.readouterr().out
    assert "read as EPSG:32643, as stated" in said
    assert "state their CRS" not in said
    assert "1 row, 3 columns" in said


def test_a_folder_shows_its_project_and_names_data_first(complaint: Complain, tmp_path: Path) -> None:
    for name in ("map.png", "results.gpkg", "sample.migmap", "table.csv"):
        (tmp_path / name).write_bytes(b"x")
    said = complaint("check", tmp_path)
    assert "It holds sample.migmap, results.gpkg, table.csv, map.png." in said
    assert f"for example {tmp_path / 'results.gpkg'}." in said


def test_the_code_book_beside_a_shapefile_is_not_offered_as_data(
    complaint: Complain, capsys: pytest.CaptureFixture[str], small: Small, tmp_path: Path
) -> None:
    data, product = small(), tmp_path / "v.zip"
    run = ("run", "exposure", "--hazard", data / "flood.tif", "--classes", "0.5")
    made = (*run, "--exposed", data / "sites.geojson", "--areas", data / "areas.geojson", "--out", product)
    assert main([str(word) for word in made]) == 0
    capsys.readouterr()
    said = complaint(*run, "--exposed", product)
    assert "holds 2 data sets" in said
    assert "codebook" not in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nonsense"], "nonsense"),
        (["inof"], "info"),
        (["run"], "exposure"),
        (["run", "nonsense"], "nonsense"),
        (["export"], "geopackage"),
        (["export", "docx"], "docx"),
        (["run", "exposure"], "--hazard"),
        (["run", "exposure", "--hazard"], "--hazard"),
        (["run", "exposure", "--hazard", "a", "--areas", "b", "--areas", "c"], "--areas"),
        (["run", "exposure", "--hazard", "a", "--nope"], "--nope"),
        (["run", "exposure", "--hazard", "a", "stray"], "stray"),
        (["list", "nonsense"], "nonsense"),
        (["info"], "FILE"),
        (["recipe", "nowhere.json"], "nowhere.json"),
        (["nosuchfile.gpkg"], "nosuchfile.gpkg"),
        (["./run"], "run"),
        (["--nope"], "--nope"),
        ([""], "file"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_a_bad_command_line(complaint: Complain, words: list[str], said: str) -> None:
    assert said in complaint(*words)


def test_a_project_of_a_newer_version_opens_no_window(complaint: Complain, tmp_path: Path) -> None:
    path = tmp_path / "tomorrow.migmap"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("project.json", '{"format": "migmap-project", "version": 99}')
    before = path.read_bytes()
    assert "newer" in complaint(path)
    assert path.read_bytes() == before


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written(complaint: Complain, small: Small, tmp_path: Path) -> None:
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    words = ("run", "exposure", "--hazard", small() / "flood.tif", "--classes", "0.5")
    assert "locked" in complaint(*words, "--out", locked / "a.csv")


def test_a_folder_that_refuses_is_found_before_the_work(
    complaint: Complain, small: Small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same for root, who may write anywhere: the system is made to say no."""
    from migmap.analysis.exposure import Exposure

    def never(*_: object) -> None:
        raise AssertionError("computed although the folder cannot be written")

    monkeypatch.setattr(Exposure, "run", never)
    monkeypatch.setattr("os.access", lambda *_: False)
    words = ("run", "exposure", "--hazard", small() / "flood.tif", "--classes", "0.5")
    assert "permission" in complaint(*words, "--out", tmp_path / "a.csv")


@pytest.mark.parametrize("ending", [".gpkg", ".zip", ".csv", ".xlsx", ".geojson", ".kml", ".json", ".html"])
def test_a_full_disk_leaves_the_old_file_and_nothing_else(
    complaint: Complain, small: Small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    data = small()
    out = tmp_path / "out"
    out.mkdir()
    target = out / f"old{ending}"
    target.write_bytes(b"what was there")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("os.fsync", full)
    said = complaint(
        *("run", "exposure", "--hazard", data / "flood.tif", "--classes", "0.5"),
        *("--exposed", data / "sites.geojson", "--out", target),
    )
    assert "full" in said
    assert everything_in(out) == {target.name: b"what was there"}


def test_when_a_later_file_fails_the_earlier_ones_stay_and_are_named(
    complaint: Complain, small: Small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from migmap.export.geojson import GeoJson

    def fail(*_: object) -> None:
        raise Problem("The second file failed.")

    monkeypatch.setattr(GeoJson, "write", fail)
    first, second = tmp_path / "first.csv", tmp_path / "second.geojson"
    said = complaint(
        *("run", "exposure", "--hazard", small() / "flood.tif", "--classes", "0.5", "--json"),
        *("--out", first, "--out", second),
    )
    assert "second file failed" in said
    assert str(first) in said
    assert first.stat().st_size > 0
    assert not second.exists()


# -- stopped, and bugs ----------------------------------------------------------------------------


@pytest.mark.parametrize(("error", "code"), [(KeyboardInterrupt(), 130), (ZeroDivisionError("zero"), 70)])
def test_stopped_or_broken_in_the_middle_of_writing(
    small: Small,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: BaseException,
    code: int,
) -> None:
    from migmap.app.logs import log_file
    from migmap.export.geojson import GeoJson

    def half(_self: object, _document: object, target: Path, *_: object) -> None:
        target.write_text("half a fi")
        raise error

    monkeypatch.setattr(GeoJson, "write", half)
    out = tmp_path / "out"
    out.mkdir()
    (out / "a.geojson").write_text("old")
    words = ["run", "exposure", "--hazard", small() / "flood.tif", "--classes", "0.5", "--json"]
    assert main([*map(str, words), "--out", str(out / "a.geojson")]) == code
    said = capsys.readouterr()
    assert said.out == ""
    assert "Traceback" not in said.err
    assert everything_in(out) == {"a.geojson": b"old"}
    if code == 70:
        assert str(log_file()) in said.err
        assert "ZeroDivisionError" in log_file().read_text(encoding="utf-8")


@pytest.mark.skipif(os.name == "nt", reason="Windows ends a process without asking it")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
@pytest.mark.parametrize("then", ["nothing", "swallowed", "turned into an error"])
def test_a_signal_leaves_nothing_half_written(
    small: Small,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    number: int,
    code: int,
    then: str,
) -> None:
    """C libraries may swallow what a signal raises inside them, or make an error of it."""
    from migmap.export.geojson import GeoJson

    def half(_self: object, _document: object, target: Path, *_: object) -> tuple[()]:
        target.write_text("half a fi")
        try:
            os.kill(os.getpid(), number)
            signal.sigtimedwait([], 0.01)
        except BaseException as error:
            if then == "nothing":
                raise
            if then == "turned into an error":
                raise SystemError("bad argument to internal function") from error
        return ()

    monkeypatch.setattr(GeoJson, "write", half)
    out = tmp_path / "out"
    out.mkdir()
    words = ["run", "exposure", "--hazard", small() / "flood.tif", "--classes", "0.5"]
    before = signal.getsignal(signal.SIGINT)
    assert main([*map(str, words), "--out", str(out / "a.geojson")]) == code
    assert everything_in(out) == {}
    assert capsys.readouterr().out == ""
    assert signal.getsignal(signal.SIGINT) is before


def test_hazard_and_sites_apart_are_no_mistake_but_a_finding(
    small: Small, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    points = [{"type": "Point", "coordinates": [10, 50 + n]} for n in range(3)]
    features = [{"type": "Feature", "properties": {"n": 1}, "geometry": point} for point in points]
    far = write_geojson(tmp_path / "far.geojson", features)
    words = ["run", "exposure", "--hazard", small() / "flood.tif", "--classes", "0.5", "--exposed", far]
    assert main([*map(str, words), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert "no-overlap" in {one["code"] for one in document["findings"]}
    by_class = {row["class"]: row["value"] for row in document["metrics"] if row["metric"] == "sites"}
    assert by_class["unknown"] == 3
    assert sum(by_class.values()) == 3


@pytest.mark.parametrize(
    "target", ["sites.geojson", "areas.geojson", "link.geojson", "./sub/../sites.geojson"]
)
def test_an_input_is_never_overwritten_by_an_output(complaint: Complain, small: Small, target: str) -> None:
    data = small()
    (data / "sub").mkdir()
    (data / "link.geojson").symlink_to(data / "areas.geojson")
    before = everything_in(data)
    words = ("--hazard", data / "flood.tif", "--classes", "0.5", "--exposed", data / "sites.geojson")
    said = complaint("run", "exposure", *words, "--areas", data / "areas.geojson", "--out", data / target)
    assert "is an input" in said
    said = complaint(
        "export",
        "geojson",
        "--in",
        data / "sites.geojson",
        "--in",
        data / "areas.geojson",
        "--out",
        data / target,
    )
    assert "is an input" in said
    assert everything_in(data) == before


def test_a_file_that_comes_along_does_not_overwrite_an_input_either(
    complaint: Complain, small: Small
) -> None:
    data = small()
    # A shapefile brings code_codebook.csv along.
    (data / "code_codebook.csv").write_text("lon,lat,name\n70.1,29.9,a\n", encoding="utf-8")
    before = everything_in(data)
    said = complaint("export", "shapefile", "--in", data / "code_codebook.csv", "--out", data / "code.shp")
    assert "code_codebook.csv is an input" in said
    assert everything_in(data) == before


def test_a_recipe_does_not_overwrite_what_it_reads(
    complaint: Complain, small: Small, capsys: pytest.CaptureFixture[str]
) -> None:
    data = small()
    words = ("--hazard", data / "flood.tif", "--classes", "0.5", "--exposed", data / "sites.geojson")
    assert main([str(word) for word in ("run", "exposure", *words, "--out", data / "run.json")]) == 0
    capsys.readouterr()
    before = everything_in(data)
    assert "is an input" in complaint("recipe", data / "run.json", "--out", data / "sites.geojson")
    assert everything_in(data) == before


@pytest.mark.parametrize("words", [("export", "doc", "--in", "a"), ("run", "nothing", "--hazard", "a")])
def test_an_unknown_tool_is_named_whatever_follows(complaint: Complain, words: tuple[str, ...]) -> None:
    said = complaint(*words)
    assert f"“{words[1]}”" in said
    assert "One of:" in said


def test_an_answer_that_cannot_be_delivered_is_no_bug(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import io

    import migmap.cli

    class Full(io.StringIO):
        def write(self, text: str) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(migmap.cli, "_mute", lambda: None)
    monkeypatch.setattr("sys.stdout", Full())
    assert main(["list", "kinds"]) == 2
    assert "No space left" in capsys.readouterr().err


def test_a_database_out_of_space_says_so(
    monkeypatch: pytest.MonkeyPatch, small: Small, complaint: Complain
) -> None:
    import pyogrio
    from pyogrio.errors import DataLayerError

    data = small()

    def fail(*_args: object, **_options: object) -> None:
        raise DataLayerError("sqlite3_exec(ROLLBACK) failed: cannot rollback - no transaction is active")

    monkeypatch.setattr(pyogrio, "write_dataframe", fail)
    monkeypatch.setattr(
        "migmap.export.vectors.shutil.disk_usage", lambda _: type("Use", (), {"free": 1 << 20})
    )
    said = complaint("export", "geopackage", "--in", data / "sites.geojson", "--out", data / "out.gpkg")
    assert "disk is full" in said
    assert not (data / "out.gpkg").exists()


@pytest.mark.skipif(os.name == "nt", reason="names are text on Windows")
def test_a_name_that_is_no_text_is_refused_in_words(complaint: Complain, small: Small) -> None:
    data = small()
    odd = os.fsdecode(os.fsencode(data) + b"/lat\xe9n.geojson")
    (data / "sites.geojson").rename(odd)
    assert "not valid text" in complaint("info", odd)
    assert "not valid text" in complaint("export", "csv", "--in", odd, "--out", data / "out.csv")
    odd_target = os.fsdecode(os.fsencode(data) + b"/\xff.gpkg")
    said = complaint("export", "geopackage", "--in", data / "areas.geojson", "--out", odd_target)
    assert "not valid text" in said


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps the folder a program runs in")
def test_a_working_folder_that_is_gone(
    complaint: Complain, small: Small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = small()
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    said = complaint("export", "csv", "--in", data / "sites.geojson", "--out", "out.csv")
    assert "does not exist any more" in said
