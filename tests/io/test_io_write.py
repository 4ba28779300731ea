"""What is written is there whole, or not at all."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from migmap.api import Cancelled, Problem
from migmap.io.write import replacing


def names(folder: Path) -> set[str]:
    return {p.name for p in folder.iterdir()}


def test_files_written_together_arrive_together(tmp_path: Path) -> None:
    target = tmp_path / "out.shp"
    with replacing(target) as temporary:
        assert temporary.name == "out.shp"
        assert temporary.parent.parent == tmp_path
        for ending in ("shp", "dbf", "prj"):
            temporary.with_suffix("." + ending).write_text(ending)
        assert names(tmp_path) == {temporary.parent.name}
    assert names(tmp_path) == {"out.shp", "out.dbf", "out.prj"}


@pytest.mark.parametrize("blow", [KeyboardInterrupt, Cancelled, ValueError, SystemExit])
def test_an_interrupted_write_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, blow: type[BaseException]
) -> None:
    target = tmp_path / "map.html"
    target.write_text("old")

    def interrupted() -> None:
        with replacing(target) as temporary:
            temporary.write_text("half")
            raise blow

    with pytest.raises(blow):
        interrupted()
    assert target.read_text() == "old"
    assert names(tmp_path) == {"map.html"}


def test_a_move_that_fails_half_way_puts_the_old_files_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for ending in ("dbf", "prj", "shp"):
        (tmp_path / f"a.{ending}").write_text("old")
    real, moves = os.replace, []

    def failing(source: Path, place: Path) -> None:
        moves.append(place)
        if len(moves) == 3:
            raise OSError(errno.EIO, "input/output error")
        real(source, place)

    def write() -> None:
        with replacing(tmp_path / "a.shp") as temporary:
            for ending in ("dbf", "prj", "shp", "cpg"):
                temporary.with_suffix("." + ending).write_text("new")
            monkeypatch.setattr(os, "replace", failing)

    with pytest.raises(Problem, match="cannot be written"):
        write()
    assert names(tmp_path) == {"a.dbf", "a.prj", "a.shp"}
    assert {p.read_text() for p in tmp_path.iterdir()} == {"old"}


def test_a_full_disk_is_a_problem_with_a_way_out(tmp_path: Path) -> None:
    target = tmp_path / "a.csv"
    target.write_text("old")

    def write() -> None:
        with replacing(target):
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(Problem, match="disk is full") as caught:
        write()
    assert caught.value.fix
    assert target.read_text() == "old"
    assert names(tmp_path) == {"a.csv"}


def test_a_library_that_hides_the_full_disk_is_still_understood(tmp_path: Path) -> None:
    def write() -> None:
        with replacing(tmp_path / "a.gpkg"):
            raise RuntimeError("sqlite3: No space left on device")

    with pytest.raises(Problem, match="disk is full"):
        write()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_a_really_full_device(tmp_path: Path) -> None:
    def write() -> None:
        with replacing(tmp_path / "a.csv"), open("/dev/full", "wb", buffering=0) as stream:
            stream.write(b"x")

    with pytest.raises(Problem, match="disk is full"):
        write()


def test_a_bug_of_the_writer_stays_a_bug(tmp_path: Path) -> None:
    def write() -> None:
        with replacing(tmp_path / "a.csv"):
            (tmp_path / "not here").read_text()

    with pytest.raises(FileNotFoundError):
        write()


def test_places_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder").mkdir()

    def attempt(target: Path) -> None:
        with replacing(target):
            pass

    with pytest.raises(Problem, match="does not exist"):
        attempt(tmp_path / "none" / "a.csv")
    with pytest.raises(Problem, match="is a file, not a folder"):
        attempt(tmp_path / "file" / "a.csv")
    with pytest.raises(Problem, match="is a folder"):
        attempt(tmp_path / "folder")


def test_leftovers_of_a_killed_process_go_after_a_day(tmp_path: Path) -> None:
    old, fresh = tmp_path / ".migmap-writing-old", tmp_path / ".migmap-writing-fresh"
    for left in (old, fresh):
        left.mkdir()
        (left / "half.gpkg").write_text("half")
    os.utime(old, (1, 1))
    with replacing(tmp_path / "a.csv") as temporary:
        temporary.write_text("x")
    assert names(tmp_path) == {"a.csv", fresh.name}


def test_a_link_still_leads_to_the_file_after_it_was_written_through(tmp_path: Path) -> None:
    kept = tmp_path / "archive"
    kept.mkdir()
    (kept / "today.csv").write_text("old")
    link = tmp_path / "latest.csv"
    link.symlink_to(kept / "today.csv")
    with replacing(link) as temporary:
        temporary.write_text("new")
    assert link.is_symlink()
    assert (kept / "today.csv").read_text() == "new"
    assert names(tmp_path) == {"archive", "latest.csv"}
    assert names(kept) == {"today.csv"}


def test_a_link_to_another_kind_of_file_is_replaced_and_that_file_kept(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    link = tmp_path / "map.html"
    link.symlink_to(tmp_path / "notes.txt")
    with replacing(link) as temporary:
        temporary.write_text("page")
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert link.read_text() == "page"
